//! Everything a program can call: the operation table and the standard library, seen as one. Outward
//! consumers (checker, listing, documentation) read this, so a function that moves from Rust to the
//! language changes nothing outside.

use std::sync::{Arc, OnceLock};

use reasmory_ops::{Effect, OPS, OpDef};
use reasmory_syntax::ast;
use reasmory_types::{Default, Direction, Param, Signature};

/// A function of the standard library.
#[derive(Debug)]
pub struct StdFn {
    /// Module (`selection`).
    pub module: &'static str,
    /// Declaration.
    pub decl: ast::FnDecl,
    /// Its source text, for documentation.
    pub source: &'static str,
    /// Signature.
    pub signature: Arc<Signature>,
}

/// One callable.
#[derive(Clone, Copy, Debug)]
pub enum Callable {
    /// Of the table.
    Op(&'static OpDef),
    /// Of the standard library.
    Std(&'static StdFn),
}

impl Callable {
    /// Name.
    pub fn name(&self) -> &'static str {
        match self {
            Callable::Op(o) => o.name,
            Callable::Std(f) => &f.decl.name.name,
        }
    }

    /// Signature.
    pub fn signature(&self) -> &'static Signature {
        match self {
            Callable::Op(o) => o.signature(),
            Callable::Std(f) => &f.signature,
        }
    }

    /// Family (of the table) or module (of the library).
    pub fn family(&self) -> &'static str {
        match self {
            Callable::Op(o) => o.family,
            Callable::Std(f) => f.module,
        }
    }

    /// One line of documentation.
    pub fn summary(&self) -> &'static str {
        match self {
            Callable::Op(o) => o.summary,
            Callable::Std(f) => f.decl.doc.lines().next().unwrap_or(""),
        }
    }

    /// How many leading arguments may be given without their name. A function written in the language
    /// takes its required parameters so.
    pub fn positional(&self) -> usize {
        match self {
            Callable::Op(o) => o.positional,
            Callable::Std(f) => positional_of(&f.signature),
        }
    }

    /// Effect; a library function has the gravest effect of what it calls.
    pub fn effect(&self) -> Effect {
        match self {
            Callable::Op(o) => o.effect,
            Callable::Std(f) => library().effect_of(f),
        }
    }
}

/// Required parameters may be positional in functions written in the language.
pub fn positional_of(signature: &Signature) -> usize {
    signature.params.iter().take_while(|p| p.required()).count().max(1)
}

struct Library {
    functions: Vec<StdFn>,
}

impl Library {
    fn effect_of(&self, f: &StdFn) -> Effect {
        let mut effect = Effect::Pure;
        let mut names = Vec::new();
        crate::calls::of_block(&f.decl.body, &mut names);
        for name in names {
            if let Some(op) = reasmory_ops::find(&name) {
                effect = effect.max(op.effect);
            } else if let Some(g) = self
                .functions
                .iter()
                .find(|g| g.decl.name.name == name && g.decl.name != f.decl.name)
            {
                effect = effect.max(self.effect_of(g));
            }
        }
        effect
    }
}

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let mut functions = Vec::new();
        for (module, text) in reasmory_stdlib::MODULES {
            let parsed = reasmory_syntax::parse(text);
            debug_assert!(
                parsed.diagnostics.is_empty(),
                "stdlib/{module}: {:?}",
                parsed.diagnostics
            );
            for item in parsed.program.items {
                if let ast::Item::Fn(decl) = item {
                    let signature = Arc::new(signature_of(&decl));
                    let source = decl.span.text(text);
                    functions.push(StdFn { module, decl, source, signature });
                }
            }
        }
        functions.sort_by(|a, b| a.decl.name.name.cmp(&b.decl.name.name));
        Library { functions }
    })
}

/// Functions of the standard library, sorted by name.
pub fn std_functions() -> &'static [StdFn] {
    &library().functions
}

/// The standard-library function of this name.
pub fn std_function(name: &str) -> Option<&'static StdFn> {
    let all = std_functions();
    all.binary_search_by(|f| f.decl.name.name.as_str().cmp(name)).ok().map(|i| &all[i])
}

/// The callable of this name.
pub fn find(name: &str) -> Option<Callable> {
    reasmory_ops::find(name).map(Callable::Op).or_else(|| std_function(name).map(Callable::Std))
}

/// What other languages and tools call the functions of the library; those of the table are in the table.
const FOREIGN: &str = include_str!("../data/foreign.txt");

/// What a name of another language means here.
#[derive(Clone, Copy, Debug)]
pub struct Meant {
    /// The callable.
    pub callable: Callable,
    /// An argument that the name says, too: `left` of `rotate_left`.
    pub argument: Option<&'static str>,
}

type Rows = std::collections::BTreeMap<&'static str, (&'static str, Option<&'static str>)>;

/// The rows of [`FOREIGN`] by name: the function here, and the argument that is said.
fn foreign_rows() -> &'static Rows {
    static ROWS: OnceLock<Rows> = OnceLock::new();
    ROWS.get_or_init(|| {
        let lines = FOREIGN.lines().filter(|l| !l.starts_with('#'));
        lines
            .filter_map(|l| l.split_once(':'))
            .flat_map(|(here, names)| {
                let (here, argument) = match here.split_once('(') {
                    Some((here, rest)) => (here, rest.strip_suffix(')')),
                    None => (here, None),
                };
                names.split(',').map(move |n| (n.trim(), (here, argument)))
            })
            .collect()
    })
}

/// The callable that another language or tool calls `name`.
pub fn foreign(name: &str) -> Option<Meant> {
    if let Some(op) = reasmory_ops::foreign(name) {
        return Some(Meant { callable: Callable::Op(op), argument: None });
    }
    let (here, argument) = foreign_rows().get(name)?;
    Some(Meant { callable: find(here)?, argument: *argument })
}

/// Every callable, sorted by name.
pub fn all() -> Vec<Callable> {
    let mut out: Vec<Callable> =
        OPS.iter().map(Callable::Op).chain(std_functions().iter().map(Callable::Std)).collect();
    out.sort_by_key(Callable::name);
    out
}

/// The signature of a declaration. Defaults that are not literals of a signature stay as required to be
/// checked at the call; the checker reads them from the declaration.
pub fn signature_of(decl: &ast::FnDecl) -> Signature {
    Signature {
        params: decl
            .params
            .iter()
            .map(|p| Param {
                name: p.name.name.clone(),
                ty: p.ty.ty.clone(),
                optional: p.optional,
                default: p.default.as_ref().map(default_of),
            })
            .collect(),
        result: decl.result.ty.clone(),
        result_in: decl.result_in.as_ref().map(|i| i.name.clone()),
    }
}

/// Whether an expression can be a default: what [`signature_of`] keeps of it is all there is to it.
pub fn is_constant(e: &ast::Expr) -> bool {
    use ast::ExprKind as K;
    let direction = |e: &ast::Expr| matches!(&e.kind, K::Name(n) if Direction::named(n).is_some());
    match &e.kind {
        K::Int(_) | K::Number(_) | K::Measure { .. } | K::Bool(_) | K::Error => true,
        K::List(items) => items.iter().all(direction),
        _ => direction(e),
    }
}

fn default_of(e: &ast::Expr) -> Default {
    use ast::ExprKind as K;
    match &e.kind {
        K::Int(i) => Default::Int(*i),
        K::Number(x) => Default::Quantity(*x, format!("{x}")),
        K::Measure { written, unit } => {
            Default::Quantity(unit.to_canonical(*written), format!("{written}{}", unit.name))
        }
        K::Bool(b) => Default::Bool(*b),
        K::Name(n) => Direction::named(n).map_or(Default::EmptyList, Default::Direction),
        K::List(items) => {
            let directions: Option<Vec<Direction>> = items
                .iter()
                .map(|i| match &i.kind {
                    K::Name(n) => Direction::named(n),
                    _ => None,
                })
                .collect();
            match directions {
                Some(d) if !d.is_empty() => Default::Directions(d),
                _ => Default::EmptyList,
            }
        }
        _ => Default::EmptyList,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_names_are_free_and_lead_somewhere() {
        let mut n = 0;
        for (name, (here, argument)) in foreign_rows() {
            assert!(find(name).is_none(), "`{name}` is a name of the language");
            assert!(reasmory_ops::foreign(name).is_none(), "`{name}` is in the table, too");
            assert!(reasmory_ops::planned(name).is_none(), "`{name}` is planned");
            assert!(find(here).is_some(), "there is no `{here}`");
            assert!(argument.is_none_or(|a| Direction::named(a).is_some()), "{argument:?}");
            n += 1;
        }
        let listed: usize = FOREIGN
            .lines()
            .filter(|l| !l.starts_with('#'))
            .map(|l| l.split_once(':').map_or(0, |x| x.1.split(',').count()))
            .sum();
        assert_eq!(n, listed, "a name stands twice");
    }
}
