//! The operation table: every operation of the language that is not written in the language.
//!
//! The source is `table/*.toml`; the build script turns it into [`OPS`], [`OpId`], [`InlineOp`] and the
//! x-macro [`for_each_intrinsic!`]. The checker, the command-line listing, the documentation, the runtime
//! trait, the interpreter's dispatch and the JIT's symbols all derive from here.
#![forbid(unsafe_code)]

use std::sync::OnceLock;

use reasmory_types::Signature;

include!(concat!(env!("OUT_DIR"), "/generated.rs"));

/// What an operation does besides computing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Nothing: geometry over the memory.
    Pure,
    /// Makes a picture.
    Render,
    /// Asks a model.
    Model,
}

impl Effect {
    /// `pure`, `render`, `model`.
    pub const fn name(self) -> &'static str {
        match self {
            Effect::Pure => "pure",
            Effect::Render => "render",
            Effect::Model => "model",
        }
    }
}

/// What an operation reads that a memory may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// Photos with cameras.
    Photos,
    /// Points.
    Points,
    /// A room.
    Room,
    /// Times of photos.
    Times,
}

/// How an operation is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By a function of the runtime.
    Intrinsic(OpId),
    /// By MIR instructions.
    Inline(InlineOp),
}

/// A row of the table.
#[derive(Debug)]
pub struct OpDef {
    /// Name.
    pub name: &'static str,
    /// Signature text.
    pub sig: &'static str,
    /// How it is executed.
    pub kind: Kind,
    /// Effect.
    pub effect: Effect,
    /// Family, for listings.
    pub family: &'static str,
    /// How many leading arguments may be given without their name.
    pub positional: usize,
    /// Whether further positional arguments join the first into a list.
    pub variadic: bool,
    /// Whether it may have no value (so a call may give `else=`).
    pub abstains: bool,
    /// Whether it takes decisions that a memory's noise could turn, which the run records: two calls are
    /// then never one.
    pub decides: bool,
    /// What the memory must have.
    pub needs: &'static [Need],
    /// Parameters of which a call gives exactly one.
    pub one_of: &'static [&'static str],
    /// What other languages and tools call it.
    pub foreign: &'static [&'static str],
    /// One line.
    pub summary: &'static str,
    /// More lines, or empty.
    pub doc: &'static str,
    /// A program that uses it.
    pub example: &'static str,
    parsed: OnceLock<Signature>,
}

impl OpDef {
    /// The signature. The build script parsed the same text, so it is well-formed.
    pub fn signature(&self) -> &Signature {
        self.parsed.get_or_init(|| match Signature::parse(self.sig) {
            Ok(s) => s,
            Err(e) => unreachable!("the build script accepted `{}`: {e}", self.sig),
        })
    }
}

impl OpId {
    /// The row of the table.
    pub fn def(self) -> &'static OpDef {
        &OPS[BY_ID[self as usize]]
    }

    /// Name of the operation.
    pub fn name(self) -> &'static str {
        self.def().name
    }

    /// Every intrinsic, in order.
    pub fn all() -> impl Iterator<Item = OpId> {
        OPS.iter().filter_map(|o| match o.kind {
            Kind::Intrinsic(id) => Some(id),
            Kind::Inline(_) => None,
        })
    }

    /// The intrinsic of this name.
    pub fn named(name: &str) -> Option<OpId> {
        match find(name)?.kind {
            Kind::Intrinsic(id) => Some(id),
            Kind::Inline(_) => None,
        }
    }
}

/// The operation of this name.
pub fn find(name: &str) -> Option<&'static OpDef> {
    // By first byte: a checker asks for every name of a program.
    static RUNS: std::sync::OnceLock<[(u16, u16); 128]> = std::sync::OnceLock::new();
    let runs = RUNS.get_or_init(|| {
        let mut runs = [(0, 0); 128];
        for (i, o) in (0..).zip(&OPS) {
            if let Some(run) = o.name.bytes().next().and_then(|b| runs.get_mut(usize::from(b))) {
                *run = (if run.1 == 0 { i } else { run.0 }, i + 1);
            }
        }
        runs
    });
    let (from, to) = *runs.get(usize::from(*name.as_bytes().first()?))?;
    OPS.get(usize::from(from)..usize::from(to))?.iter().find(|o| o.name == name)
}

/// The names of the planned operations, sorted.
pub fn all_planned() -> impl Iterator<Item = &'static str> {
    PLANNED.iter().map(|p| p.0)
}

/// What a planned operation will do.
pub fn planned(name: &str) -> Option<&'static str> {
    PLANNED.binary_search_by(|p| p.0.cmp(name)).ok().map(|i| PLANNED[i].1)
}

/// The operation that another language or tool calls `name`.
pub fn foreign(name: &str) -> Option<&'static OpDef> {
    OPS.iter().find(|o| o.foreign.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_name() {
        for o in &OPS {
            assert!(find(o.name).is_some_and(|f| std::ptr::eq(f, o)), "{}", o.name);
        }
        for none in ["", "z", "counts", "coun", "é", "\u{7f}"] {
            assert!(find(none).is_none(), "{none}");
        }
    }

    #[test]
    fn ids_match_rows() {
        for (i, id) in OpId::all().enumerate() {
            assert_eq!(id as usize, i);
            assert_eq!(OpId::named(id.name()), Some(id));
        }
        assert!(OpId::all().count() >= 40);
    }

    #[test]
    fn every_row_is_documented_and_foreign_names_are_free() {
        let mut foreign: Vec<&str> = Vec::new();
        for o in &OPS {
            assert!(o.summary.ends_with('.') && o.summary.len() > 15, "{}", o.name);
            assert!(o.example.contains(o.name), "{}", o.name);
            foreign.extend(o.foreign);
        }
        for f in &foreign {
            assert!(find(f).is_none(), "`{f}` is both an operation and a foreign name");
        }
        let n = foreign.len();
        foreign.sort_unstable();
        foreign.dedup();
        assert_eq!(foreign.len(), n, "a foreign name leads to two operations");
    }
}
