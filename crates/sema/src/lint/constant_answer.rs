//! An answer that does not depend on the memory: whatever the scene, the program says the same. Only with a
//! memory at hand; without one a program may be arithmetic.

use reasmory_diag::{Code, Diagnostic};

use super::{Cx, Findings};
use crate::hir::{Expr, ExprKind, Stmt, StmtKind};

pub(super) fn program(cx: &Cx<'_>, out: &mut Findings) {
    if cx.scene.is_some() {
        block(cx, &cx.program.main.stmts, out);
    }
}

fn block(cx: &Cx<'_>, stmts: &[Stmt], out: &mut Findings) {
    for s in stmts {
        match &s.kind {
            // An answer below a condition on the memory depends on it; so does one after an assertion.
            StmtKind::If(c, ..) | StmtKind::Assert(c, _) if reads(cx, c) => return,
            StmtKind::If(_, a, b) => {
                block(cx, a, out);
                block(cx, b, out);
            }
            StmtKind::For(_, list, body) if reads(cx, list) && asserts(body) => return,
            StmtKind::Answer(e, _) if !reads(cx, e) => out.push(
                Diagnostic::new(
                    Code::ConstantAnswer,
                    e.span,
                    "the answer does not depend on the memory",
                )
                .label("the same for every scene")
                .help("compute it: count, measure or choose among the objects of the memory"),
            ),
            _ => {}
        }
    }
}

fn asserts(stmts: &[Stmt]) -> bool {
    stmts.iter().any(|s| match &s.kind {
        StmtKind::Assert(..) => true,
        StmtKind::If(_, a, b) => asserts(a) || asserts(b),
        StmtKind::For(_, _, b) => asserts(b),
        _ => false,
    })
}

/// Whether the memory has a part in a value: some operation reads it. What cannot be followed may read it.
fn reads(cx: &Cx<'_>, e: &Expr) -> bool {
    cx.look(true, || match &e.kind {
        ExprKind::Op { .. } => true,
        ExprKind::Local(id) => cx.bound(*id).is_some_and(|v| reads(cx, v)),
        ExprKind::Call(name, args) => args.iter().any(|a| reads(cx, a)) || function(cx, name),
        _ => {
            let mut found = false;
            e.for_each_child(&mut |c| found = found || reads(cx, c));
            found
        }
    })
}

/// Whether a function reads the memory itself; what its parameters bring counts at the call.
fn function(cx: &Cx<'_>, name: &str) -> bool {
    cx.function(name).is_none_or(|f| f.body.stmts.iter().any(|s| statement(cx, s)))
}

fn statement(cx: &Cx<'_>, s: &Stmt) -> bool {
    match &s.kind {
        StmtKind::Bind(_, e)
        | StmtKind::Answer(e, _)
        | StmtKind::Show(e)
        | StmtKind::Return(e)
        | StmtKind::Assert(e, _) => inside(cx, e),
        StmtKind::If(c, a, b) => inside(cx, c) || a.iter().chain(b).any(|s| statement(cx, s)),
        StmtKind::For(_, l, b) => inside(cx, l) || b.iter().any(|s| statement(cx, s)),
    }
}

/// Whether an expression of a function reads the memory, its locals left out: each is visited where it is
/// bound.
fn inside(cx: &Cx<'_>, e: &Expr) -> bool {
    cx.look(true, || {
        let mut found = match &e.kind {
            ExprKind::Op { .. } => true,
            ExprKind::Call(name, _) => function(cx, name),
            _ => false,
        };
        e.for_each_child(&mut |c| found = found || inside(cx, c));
        found
    })
}
