//! Paths through statements: returns, answers, calls.

use reasmory_diag::{Applicability, Code, Diagnostic, Edit};
use reasmory_span::Span;
use reasmory_syntax::ast::{Block, Stmt, StmtKind};

use super::Checker;
use super::repair::leave_out;
use crate::hir;

/// Whether every path through a block ends in `return`.
pub(super) fn always_returns(block: &Block) -> bool {
    block.stmts.iter().any(|s| match &s.kind {
        StmtKind::Return(_) | StmtKind::Error => true,
        StmtKind::If { then, otherwise: Some(e), .. } => always_returns(then) && always_returns(e),
        _ => false,
    })
}

/// Least and most answers on the paths through statements, and whether something is shown.
struct Paths {
    least: usize,
    most: usize,
    shows: bool,
    broken: bool,
}

fn paths<'s>(stmts: impl IntoIterator<Item = &'s Stmt>) -> Paths {
    let mut p = Paths { least: 0, most: 0, shows: false, broken: false };
    for s in stmts {
        match &s.kind {
            StmtKind::Answer(_) => {
                p.least += 1;
                p.most += 1;
            }
            StmtKind::Show(_) => p.shows = true,
            StmtKind::If { then, otherwise, .. } => {
                let a = paths(&then.stmts);
                let b = otherwise
                    .as_ref()
                    .map_or(Paths { least: 0, most: 0, shows: false, broken: false }, |b| {
                        paths(&b.stmts)
                    });
                p.least += a.least.min(b.least);
                p.most += a.most.max(b.most);
                p.shows |= a.shows | b.shows;
                p.broken |= a.broken | b.broken;
            }
            StmtKind::For { body, .. } => {
                let b = paths(&body.stmts);
                p.shows |= b.shows;
                // An answer in a loop was reported where it stands.
                p.broken |= b.broken || b.most > 0;
            }
            StmtKind::Error | StmtKind::Expr(_) => p.broken = true,
            StmtKind::Bind { .. } | StmtKind::Assert { .. } | StmtKind::Return(_) => {}
        }
    }
    p
}

/// Every answer, in source order, and the first that comes after another on its path.
#[derive(Default)]
struct Answers {
    all: Vec<Span>,
    again: Option<Span>,
}

/// Collects the answers of statements; `before` says whether a path that reaches them has answered. Gives
/// whether a path that leaves them has.
fn answers<'s>(
    stmts: impl IntoIterator<Item = &'s Stmt>,
    mut before: bool,
    out: &mut Answers,
) -> bool {
    for s in stmts {
        match &s.kind {
            StmtKind::Answer(_) => {
                out.all.push(s.span);
                if before && out.again.is_none() {
                    out.again = Some(s.span);
                }
                before = true;
            }
            StmtKind::If { then, otherwise, .. } => {
                let a = answers(&then.stmts, before, out);
                let b = otherwise.as_ref().is_some_and(|b| answers(&b.stmts, before, out));
                before |= a | b;
            }
            _ => {}
        }
    }
    before
}

impl Checker<'_> {
    /// `answer` exactly once on every path, unless the program only shows evidence.
    pub(super) fn check_answers(&mut self, stmts: &[&Stmt]) {
        let p = paths(stmts.iter().copied());
        let mut found = Answers::default();
        answers(stmts.iter().copied(), false, &mut found);
        let Answers { all, again } = found;
        let end = Span::at(self.text.trim_end().len() as u32);
        if p.most > 1 {
            let mut d = Diagnostic::new(
                Code::AnswerCount,
                again.unwrap_or_default(),
                "a program answers once",
            )
            .label("a second answer on the same path")
            .help("keep one `answer`; join several values in a list: `answer [a, b]`");
            if let (Some(first), Some(again)) = (all.first(), again) {
                d = d.also(*first, "the first answer");
                let same = first.text(self.text) == again.text(self.text);
                let before = self.text[..again.start as usize].trim_end().len() as u32;
                let edit = Edit { span: Span::new(before, again.end), insert: String::new() };
                d = leave_out(d, edit, same);
            }
            self.report(d);
        } else if p.least == 0 && p.most > 0 {
            let mut d = Diagnostic::new(
                Code::AnswerCount,
                all.first().copied().unwrap_or_default(),
                "some paths end without an answer",
            )
            .label("answered only on this path")
            .help("answer in every branch, or answer an `if … { } else { }` expression");
            let nothing = self.answer.as_ref().and_then(|ty| self.nothing(ty));
            if let (Some(end), Some(nothing)) = (open_end(stmts), nothing) {
                d = d.fix(
                    Applicability::Unsafe,
                    format!("answer `{nothing}` on the others"),
                    Span::at(end),
                    format!(" else {{\n  answer {nothing}\n}}"),
                );
            }
            self.report(d);
        } else if p.most == 0 && !p.shows && !p.broken {
            let mut d = Diagnostic::new(
                Code::AnswerCount,
                end,
                "the program answers nothing and shows nothing",
            )
            .label("expected `answer …` or `show …`")
            .help("end the program with `answer …`");
            if let Some(Stmt { kind: StmtKind::Bind { name, .. }, .. }) = stmts.last() {
                d = d.fix(
                    Applicability::Unsafe,
                    format!("answer `{}`", name.name),
                    end,
                    format!("\nanswer {}", name.name),
                );
            }
            if let Some(Stmt { kind: StmtKind::Assert { why: None, .. }, span }) = stmts.last() {
                let word = Span::new(span.start, span.start + "assert".len() as u32);
                d = d.fix(Applicability::Unsafe, "answer the condition", word, "answer");
            }
            self.report(d);
        }
    }
}

/// Where an `else` may follow the `if` at the end of a program, or the last of a chain of them.
fn open_end(stmts: &[&Stmt]) -> Option<u32> {
    fn of(s: &Stmt) -> Option<u32> {
        match &s.kind {
            StmtKind::If { otherwise: None, .. } => Some(s.span.end),
            StmtKind::If { otherwise: Some(b), .. } => match b.stmts.as_slice() {
                // `else if`; in braces, what follows them is no `else` of the inner one.
                [inner] if inner.span.end == b.span.end => of(inner),
                _ => None,
            },
            _ => None,
        }
    }
    of(stmts.last()?)
}

/// Names of the functions a statement calls.
pub(super) fn calls_in_stmt<'h>(s: &'h hir::Stmt, out: &mut Vec<&'h str>) {
    use hir::StmtKind as K;
    match &s.kind {
        K::Bind(_, e) | K::Answer(e, _) | K::Show(e) | K::Return(e) => calls_in(e, out),
        K::Assert(c, w) => {
            calls_in(c, out);
            w.iter().for_each(|w| calls_in(w, out));
        }
        K::If(c, a, b) => {
            calls_in(c, out);
            a.iter().chain(b).for_each(|s| calls_in_stmt(s, out));
        }
        K::For(_, l, b) => {
            calls_in(l, out);
            b.iter().for_each(|s| calls_in_stmt(s, out));
        }
    }
}

fn calls_in<'h>(e: &'h hir::Expr, out: &mut Vec<&'h str>) {
    if let hir::ExprKind::Call(name, _) = &e.kind {
        out.push(name);
    }
    e.for_each_child(&mut |c| calls_in(c, out));
}
