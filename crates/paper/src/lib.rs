//! The second frontend: plans in the form that the paper publishes, one Python function
//! `plan_to_solve_problem` that calls tools, read into the syntax tree of the language.
//!
//! [`translate`] is total: every text gives a tree and findings, and never a panic. The tree's spans are
//! places of the Python text, so that what the checker finds in it lands where the plan says it.
//! `spec/paper-dialect.md` has the mapping.
#![forbid(unsafe_code)]

mod arguments;
mod criteria;
mod emit;
mod eval;
mod extract;
mod forms;
mod fuzz;
mod limits;
mod plan;
mod queries;
mod render;
mod result;
mod shape;
mod subscript;
mod syntax;
mod tools;
mod value;
mod vector;
mod viewpoint;
mod wording;

use std::collections::{BTreeMap, BTreeSet};

use reasmory_diag::Diagnostic;
use reasmory_span::Span;
use reasmory_syntax::ast::{Item, Program, Stmt, StmtKind};

pub use extract::extract;
pub use fuzz::fuzz_paper;
pub use wording::adapt;

/// What the translation may know of the memory and of the run.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The most pictures a run may make.
    pub renders: u64,
    /// How many instances of a category the memory has, where that is known.
    pub instances: &'a dyn Fn(&str) -> Option<usize>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options { renders: 64, instances: &|_| None }
    }
}

/// A plan as read.
#[derive(Clone, Debug, Default)]
pub struct Translation {
    /// The equivalent program, with spans of the Python text. `Error` statements stand where something was
    /// reported.
    pub program: Program,
    /// A program that names every photo and category the plan asks for, whether or not its result needs
    /// them: to be checked against the memory, never run.
    pub probes: Program,
    /// What was found, in the order of every output.
    pub diagnostics: Vec<Diagnostic>,
    /// Literals that mean in the plan what they mean in the translation: a repair may replace them.
    pub literals: BTreeSet<Span>,
    /// What to add to findings at a place.
    pub notes: BTreeMap<Span, String>,
    /// The plan's statements, in order.
    pub statements: Vec<Span>,
    /// Where the result stands.
    pub result: Span,
}

impl Translation {
    /// The plan's statements as a tree that holds nothing else: for what asks where statements stand.
    pub fn outline(&self) -> Program {
        let items = self
            .statements
            .iter()
            .map(|span| Item::Stmt(Stmt { kind: StmtKind::Error, span: *span }))
            .collect();
        Program { items }
    }
}

/// Reads a plan.
pub fn translate(text: &str, options: Options<'_>) -> Translation {
    let span = if text.len() > reasmory_syntax::limits::MAX_BYTES {
        Span::default()
    } else {
        extract(text)
    };
    if let Err(d) = limits::check(text, span) {
        return Translation {
            program: emit::program(vec![emit::gap(Span::new(0, text.len() as u32))]),
            diagnostics: vec![*d],
            ..Translation::default()
        };
    }
    let source = syntax::parse(text, span);
    let mut cx = plan::Cx::new(text, options, source.errors.iter().map(|e| e.0).collect());
    for (_, d) in source.errors {
        cx.found(d);
    }
    let shape = shape::find(&mut cx, &source.body, span);
    cx.body(shape.body, shape.end);
    cx.finish()
}
