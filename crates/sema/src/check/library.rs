//! Functions of the standard library: checked once in a process, for every program and every memory.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

use super::{CheckOptions, Checker, FnState};
use crate::catalogue;
use crate::hir;

/// A library function that has been checked, with those that it reaches.
struct Checked {
    functions: Vec<Arc<hir::Function>>,
}

thread_local! {
    /// What this thread is checking, innermost last.
    static CHECKING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// The checked form of the library function of this index. Library functions do not reach themselves: one
/// that did would wait for itself for ever, so that is refused first.
fn checked(index: usize) -> &'static Checked {
    static ALL: OnceLock<Vec<OnceLock<Checked>>> = OnceLock::new();
    let functions = catalogue::std_functions();
    let all = ALL.get_or_init(|| functions.iter().map(|_| OnceLock::new()).collect());
    let circular = CHECKING.with_borrow(|c| c.contains(&index));
    assert!(!circular, "library function `{}` reaches itself", functions[index].decl.name.name);
    all[index].get_or_init(|| {
        CHECKING.with_borrow_mut(|c| c.push(index));
        let f = &functions[index];
        let mut cx = Checker::new("", CheckOptions { model: true, ..CheckOptions::default() });
        cx.target(catalogue::Callable::Std(f));
        let name = &f.decl.name.name;
        cx.check_body(name);
        CHECKING.with_borrow_mut(Vec::pop);
        Checked { functions: cx.functions }
    })
}

impl Checker<'_> {
    /// Takes over a library function and those that it reaches.
    pub(super) fn adopt_library_function(&mut self, name: &str) {
        let all = catalogue::std_functions();
        let Ok(index) = all.binary_search_by(|f| f.decl.name.name.as_str().cmp(name)) else {
            return;
        };
        let checked = checked(index);
        for f in &checked.functions {
            if !self.functions.iter().any(|have| Arc::ptr_eq(have, f) || have.name == f.name) {
                self.functions.push(Arc::clone(f));
            }
        }
        if let Some(info) = self.fns.get_mut(name) {
            info.state = FnState::Done;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_library_function_reaches_itself() {
        for (i, f) in catalogue::std_functions().iter().enumerate() {
            // A function comes after what it calls; one that reached itself would not end here.
            let last = checked(i).functions.last().map(|f| f.name.as_str());
            assert_eq!(last, Some(f.decl.name.name.as_str()));
        }
    }
}
