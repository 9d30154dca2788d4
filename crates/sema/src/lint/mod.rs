//! Lints: likely mistakes in programs that check; and the errors that are found on the typed program, from
//! what the memory's boxes say. Each is one file here, one row of `LINTS`, one code and its page.
//!
//! All share one walk over the typed program: a lint is called for every expression, every statement or once
//! for the program, and reads what it needs from `Cx`. Warnings run only where there is no error: what a
//! program means is not known before.

mod conditions;
mod constant_answer;
mod duplicate_evidence;
mod earliest_of_best;
mod inside_solid;
mod magnitude;
mod mark_out_of_view;
mod model_call;
mod model_for_geometry;
mod motion;
mod nothing_in_view;
mod outside_scene;
mod ranges;
mod same_branches;
mod same_place;
mod selects_itself;
mod self_comparison;
mod time_out_of_range;
mod unreachable;
mod unrelated_evidence;
mod vertical_view;
mod view_of_photo;
mod views;
mod within_noise;

use std::cell::{Cell, OnceCell};

use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Severity, Suggestion};
use reasmory_ops::OpId;
use reasmory_scene::Manifest;
use reasmory_span::Span;

use crate::hir::{Body, Expr, ExprKind, Function, LocalId, Program, Stmt, StmtKind};
use crate::known::Known;
pub(crate) use magnitude::{REACH, has_extent};

/// Where a lint looks.
#[derive(Clone, Copy)]
enum Hook {
    /// At every expression of the program's own code.
    Expr(fn(&Cx<'_>, &Expr, &mut Findings)),
    /// At every statement.
    Stmt(fn(&Cx<'_>, &Stmt, &mut Findings)),
    /// At a list of statements: of the program, a function, a branch or a loop.
    Block(fn(&Cx<'_>, &[Stmt], &mut Findings)),
    /// Once, at the program.
    Program(fn(&Cx<'_>, &mut Findings)),
}

/// A row of the table.
struct Lint {
    /// What it reports.
    code: Code,
    /// Whether it runs unless it is asked for by name.
    default: bool,
    /// Whether it reads of a memory what [`crate::Profile`] does not say: boxes, bounds, photos.
    closer: bool,
    hook: Hook,
}

const fn lint(code: Code, hook: Hook) -> Lint {
    Lint { code, default: true, closer: false, hook }
}

const fn close(code: Code, hook: Hook) -> Lint {
    Lint { closer: true, ..lint(code, hook) }
}

/// Every lint but those that the checker itself finds on its way (unused bindings).
static LINTS: &[Lint] = &[
    lint(Code::ConstantAnswer, Hook::Program(constant_answer::program)),
    lint(Code::ConstantCondition, Hook::Expr(conditions::expr)),
    lint(Code::ConstantCondition, Hook::Stmt(conditions::stmt)),
    lint(Code::DuplicateEvidence, Hook::Program(duplicate_evidence::program)),
    lint(Code::EarliestOfBest, Hook::Expr(earliest_of_best::expr)),
    close(Code::NonsenseMagnitude, Hook::Expr(magnitude::expr)),
    lint(Code::ModelForGeometry, Hook::Expr(model_for_geometry::expr)),
    Lint { default: false, ..lint(Code::ModelCall, Hook::Expr(model_call::expr)) },
    lint(Code::IdleMotion, Hook::Expr(motion::expr)),
    lint(Code::SameBranches, Hook::Expr(same_branches::expr)),
    lint(Code::SelectsItself, Hook::Expr(selects_itself::expr)),
    lint(Code::SelfComparison, Hook::Expr(self_comparison::expr)),
    lint(Code::Unreachable, Hook::Block(unreachable::block)),
    close(Code::ViewOfPhoto, Hook::Expr(view_of_photo::expr)),
    // From the memory's boxes and bounds.
    close(Code::SamePlace, Hook::Expr(same_place::expr)),
    close(Code::TimeOutOfRange, Hook::Expr(time_out_of_range::expr)),
    close(Code::InsideSolid, Hook::Expr(inside_solid::expr)),
    close(Code::OutsideScene, Hook::Expr(outside_scene::expr)),
    close(Code::NothingInView, Hook::Expr(nothing_in_view::expr)),
    close(Code::VerticalView, Hook::Expr(vertical_view::expr)),
    close(Code::WithinNoise, Hook::Expr(within_noise::expr)),
    close(Code::MarkOutOfView, Hook::Expr(mark_out_of_view::expr)),
    close(Code::UnrelatedEvidence, Hook::Program(unrelated_evidence::program)),
];

/// Whether a lint is left out unless it is asked for by name.
pub fn is_off_by_default(code: Code) -> bool {
    LINTS.iter().any(|l| l.code == code && !l.default)
}

/// What lints find.
pub(crate) type Findings = Vec<Diagnostic>;

/// What a lint may read.
pub(crate) struct Cx<'h> {
    pub(crate) program: &'h Program,
    /// The source.
    pub(crate) text: &'h str,
    /// The memory. Who reads more of it than [`crate::Profile`] says and [`Cx::known`] gives says so:
    /// [`Cx::looks_closer`], [`Cx::reads_extent`].
    pub(crate) scene: Option<&'h Manifest>,
    looked: &'h Cell<Looked>,
    body: &'h Body,
    /// The value of each bound local of the body being walked; loop, lambda and function variables have
    /// none.
    values: Vec<Option<&'h Expr>>,
    known: OnceCell<Known<'h>>,
    /// Expressions looked at through names so far.
    work: &'h Cell<u32>,
    /// Looks inside each other.
    depth: Cell<u32>,
}

/// Most looks inside each other: names lead to values that lead to names.
const DEPTH: u32 = 64;

/// Most expressions that lints look at through names: `b = a + a`, `c = b + b` and so on double each time.
/// Beyond it nothing is known of a value, and nothing is reported of it.
const WORK: u32 = 200_000;

/// What lints read of a memory besides its [`crate::Profile`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Looked {
    /// Perhaps anything, by lints that look closer.
    pub(crate) closer: bool,
    /// So much that the rest was not looked at.
    pub(crate) exhausted: bool,
    /// The longest literal length that was compared with the memory's extent.
    pub(crate) length: f64,
}

/// Which rows run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Errors alone: the program has some already.
    Errors,
    /// Also the warnings that are on by default.
    Default,
    /// All.
    All,
}

/// What the lints find that look closer at a memory than its [`crate::Profile`]: of two memories that read
/// the same otherwise, all that a check can find different. `all`: also those that are off by default.
pub fn close_findings(
    program: &Program,
    text: &str,
    scene: &Manifest,
    all: bool,
) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    rows(program, text, Some(scene), |l| l.closer && (all || l.default), &mut out);
    out
}

/// Runs the table over a program.
pub(crate) fn run(
    program: &Program,
    text: &str,
    scene: Option<&Manifest>,
    which: Which,
    out: &mut Findings,
) -> Looked {
    let runs = |l: &Lint| match which {
        Which::Errors => l.code.info().severity == Severity::Error,
        Which::Default => l.default,
        Which::All => true,
    };
    rows(program, text, scene, runs, out)
}

fn rows(
    program: &Program,
    text: &str,
    scene: Option<&Manifest>,
    runs: impl Fn(&Lint) -> bool,
    out: &mut Findings,
) -> Looked {
    let looked = Cell::new(Looked::default());
    let mut walk = Walk { expr: vec![], stmt: vec![], block: vec![] };
    let work = Cell::new(0);
    let mut cx = Cx::new(program, text, scene, &program.main, &work, &looked);
    for l in LINTS.iter().filter(|l| runs(l)) {
        match l.hook {
            Hook::Expr(f) => walk.expr.push(f),
            Hook::Stmt(f) => walk.stmt.push(f),
            Hook::Block(f) => walk.block.push(f),
            Hook::Program(f) => f(&cx, out),
        }
    }
    walk.statements(&cx, &program.main.stmts, out);
    cx.conclude();
    for f in program.functions.iter().filter(|f| !f.std) {
        cx = Cx::new(program, text, scene, &f.body, &work, &looked);
        walk.statements(&cx, &f.body.stmts, out);
        cx.conclude();
    }
    if work.get() > WORK {
        looked.set(Looked { exhausted: true, ..looked.get() });
    }
    looked.get()
}

/// The hooks of the shared walk.
struct Walk {
    expr: Vec<fn(&Cx<'_>, &Expr, &mut Findings)>,
    stmt: Vec<fn(&Cx<'_>, &Stmt, &mut Findings)>,
    block: Vec<fn(&Cx<'_>, &[Stmt], &mut Findings)>,
}

impl Walk {
    fn statements(&self, cx: &Cx<'_>, stmts: &[Stmt], out: &mut Findings) {
        for f in &self.block {
            f(cx, stmts, out);
        }
        for s in stmts {
            for f in &self.stmt {
                f(cx, s, out);
            }
            match &s.kind {
                StmtKind::Bind(_, e)
                | StmtKind::Answer(e, _)
                | StmtKind::Show(e)
                | StmtKind::Return(e) => self.expression(cx, e, out),
                StmtKind::Assert(c, why) => {
                    self.expression(cx, c, out);
                    if let Some(why) = why {
                        self.expression(cx, why, out);
                    }
                }
                StmtKind::If(c, a, b) => {
                    self.expression(cx, c, out);
                    self.statements(cx, a, out);
                    self.statements(cx, b, out);
                }
                StmtKind::For(_, l, b) => {
                    self.expression(cx, l, out);
                    self.statements(cx, b, out);
                }
            }
        }
    }

    fn expression(&self, cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
        if matches!(
            e.kind,
            ExprKind::Int(_)
                | ExprKind::Float(_)
                | ExprKind::Local(_)
                | ExprKind::Text(_)
                | ExprKind::Category(_)
                | ExprKind::Direction(_)
        ) {
            return;
        }
        for f in &self.expr {
            f(cx, e, out);
        }
        match &e.kind {
            // The body of a function put in where it is called was written elsewhere.
            ExprKind::Let(bindings, _) => {
                bindings.iter().for_each(|b| self.expression(cx, &b.1, out));
            }
            _ => e.for_each_child(&mut |c| self.expression(cx, c, out)),
        }
    }
}

impl<'h> Cx<'h> {
    fn new(
        program: &'h Program,
        text: &'h str,
        scene: Option<&'h Manifest>,
        body: &'h Body,
        work: &'h Cell<u32>,
        looked: &'h Cell<Looked>,
    ) -> Cx<'h> {
        let mut values = vec![None; body.locals.len()];
        bindings(&body.stmts, &mut values);
        let (known, depth) = (OnceCell::new(), Cell::new(0));
        Cx { program, text, scene, looked, body, values, known, work, depth }
    }

    /// A lint read something of the memory that is said nowhere else; its row says that it looks closer.
    pub(crate) fn looks_closer(&self) {
        self.looked.set(Looked { closer: true, ..self.looked.get() });
    }

    /// A lint compared a literal length with the extent of the memory.
    pub(crate) fn reads_extent(&self, length: f64) {
        let looked = self.looked.get();
        self.looked.set(Looked { length: looked.length.max(length), ..looked });
    }

    /// Takes along what the evaluator of this body was asked.
    fn conclude(&self) {
        if self.known.get().is_some_and(Known::was_asked) {
            self.looks_closer();
        }
    }

    /// A look at an expression from inside another; `otherwise` where there were too many.
    pub(crate) fn look<T>(&self, otherwise: T, look: impl FnOnce() -> T) -> T {
        self.work.set(self.work.get().saturating_add(1));
        if self.work.get() > WORK || self.depth.get() >= DEPTH {
            return otherwise;
        }
        self.depth.set(self.depth.get() + 1);
        let found = look();
        self.depth.set(self.depth.get() - 1);
        found
    }

    /// What is known of values before the run; with a memory.
    pub(crate) fn known(&self) -> Option<&Known<'h>> {
        let m = self.scene?;
        Some(self.known.get_or_init(|| Known::new(self.program, m, self.body)))
    }

    /// The value that a local is bound to, where a statement binds it.
    pub(crate) fn bound(&self, id: LocalId) -> Option<&'h Expr> {
        self.values.get(id.0 as usize).copied().flatten()
    }

    /// What an expression is once names are replaced by their values and conversions left out.
    pub(crate) fn value<'e>(&self, e: &'e Expr) -> &'e Expr
    where
        'h: 'e,
    {
        let mut e = e;
        loop {
            match &e.kind {
                ExprKind::Coerce(_, x) => e = x,
                ExprKind::Local(id) => match self.bound(*id) {
                    Some(v) => e = v,
                    None => return e,
                },
                _ => return e,
            }
        }
    }

    /// The function of a name.
    pub(crate) fn function(&self, name: &str) -> Option<&'h Function> {
        self.program.functions.iter().find(|f| f.name == name).map(|f| &**f)
    }

    /// The source under a span.
    pub(crate) fn quote(&self, span: Span) -> &'h str {
        span.text(self.text)
    }

    /// The edit that takes a method call off its receiver: `v.turn(left)` becomes `v`. `None` where it is
    /// not written so.
    pub(crate) fn without_call(&self, call: &Expr, receiver: &Expr) -> Option<Edit> {
        let written = call.span.start == receiver.span.start
            && receiver.span.end < call.span.end
            && self.text.get(receiver.span.end as usize..)?.trim_start().starts_with('.');
        written.then(|| Edit {
            span: Span::new(receiver.span.end, call.span.end),
            insert: String::new(),
        })
    }

    /// The edit that removes a statement that has its lines to itself.
    pub(crate) fn without_lines(&self, span: Span) -> Option<Edit> {
        let (start, end) = (span.start as usize, span.end as usize);
        let head = self.text.get(..start)?;
        let line = head.rfind('\n').map_or(0, |i| i + 1);
        let tail = self.text.get(end..)?;
        let stop = tail.find('\n').map_or(tail.len(), |i| i + 1);
        let alone = head[line..].trim().is_empty() && tail[..stop].trim().is_empty();
        alone.then(|| Edit {
            span: Span::new(line as u32, (end + stop) as u32),
            insert: String::new(),
        })
    }
}

fn bindings<'h>(stmts: &'h [Stmt], values: &mut [Option<&'h Expr>]) {
    for s in stmts {
        match &s.kind {
            StmtKind::Bind(id, e) => {
                if let Some(v) = values.get_mut(id.0 as usize) {
                    *v = Some(e);
                }
            }
            StmtKind::If(_, a, b) => {
                bindings(a, values);
                bindings(b, values);
            }
            StmtKind::For(_, _, b) => bindings(b, values),
            _ => {}
        }
    }
}

/// The arguments of an operation, where an expression is a call of it.
pub(crate) fn op(e: &Expr, id: OpId) -> Option<&[Option<Expr>]> {
    match &e.kind {
        ExprKind::Op { op, args, .. } if *op == id => Some(args),
        _ => None,
    }
}

/// An argument that is given.
pub(crate) fn arg(args: &[Option<Expr>], i: usize) -> Option<&Expr> {
    args.get(i)?.as_ref()
}

/// A repair of these edits, added where they could be made.
pub(crate) fn repair(
    d: Diagnostic,
    title: &str,
    applicability: Applicability,
    edits: Option<Vec<Edit>>,
) -> Diagnostic {
    match edits {
        Some(edits) => d.suggest(Suggestion { title: title.to_owned(), edits, applicability }),
        None => d,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_off_by_default_is_a_lint() {
        for l in LINTS.iter().filter(|l| !l.default) {
            assert_eq!(l.code.info().severity, Severity::Warning, "{}", l.code);
        }
        assert!(is_off_by_default(Code::ModelCall) && !is_off_by_default(Code::UnusedBinding));
    }
}
