//! Statements that no run reaches: what follows a `return` on every path, and a branch whose condition an
//! earlier branch of the chain has taken already.

use reasmory_diag::{Code, Diagnostic};

use super::{Cx, Findings};
use crate::hir::{Expr, Stmt, StmtKind};

pub(super) fn block(_: &Cx<'_>, stmts: &[Stmt], out: &mut Findings) {
    if let Some(end) = stmts.iter().position(returns)
        && let Some(next) = stmts.get(end + 1)
    {
        out.push(
            Diagnostic::new(Code::Unreachable, next.span, "this is never reached")
                .label("stands after the end of the function")
                .also(stmts[end].span, "every path returns here")
                .help("move it before the `return`, or remove it"),
        );
    }
    for s in stmts {
        chain(s, &mut Vec::new(), out);
    }
}

fn returns(s: &Stmt) -> bool {
    match &s.kind {
        StmtKind::Return(_) => true,
        StmtKind::If(_, a, b) => a.iter().any(returns) && b.iter().any(returns),
        _ => false,
    }
}

/// The conditions of `if … else if …`, each with those before it.
fn chain<'s>(s: &'s Stmt, before: &mut Vec<&'s Expr>, out: &mut Findings) {
    let StmtKind::If(c, _, otherwise) = &s.kind else { return };
    if let Some(first) = before.iter().find(|b| b.vn == c.vn) {
        out.push(
            Diagnostic::new(Code::Unreachable, c.span, "this branch is never taken")
                .label("the same condition again")
                .also(first.span, "where it holds, this branch was taken")
                .help("give the condition that was meant, or remove the branch"),
        );
    }
    // Only a chain: in `else { if … }` with more statements the walk comes by on its own.
    if let [inner] = otherwise.as_slice()
        && matches!(inner.kind, StmtKind::If(..))
    {
        before.push(c);
        chain(inner, before, out);
    }
}
