//! One picture shown twice.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_span::Span;

use super::{Cx, Findings};
use crate::hir::{Expr, ExprKind, LocalId, Stmt, StmtKind, Vn};

pub(super) fn program(cx: &Cx<'_>, out: &mut Findings) {
    block(cx, &cx.program.main.stmts, &mut Vec::new(), out);
}

/// `shown`: what was surely shown before.
fn block(cx: &Cx<'_>, stmts: &[Stmt], shown: &mut Vec<(Vn, Span)>, out: &mut Findings) {
    for s in stmts {
        match &s.kind {
            StmtKind::Show(e) => {
                if let Some((_, first)) = shown.iter().find(|x| x.0 == e.vn) {
                    let d = Diagnostic::new(
                        Code::DuplicateEvidence,
                        s.span,
                        "this picture is shown already",
                    )
                    .label("the same picture again")
                    .also(*first, "shown here")
                    .help("leave it out, or show another view");
                    let edits = cx.without_lines(s.span).map(|e| vec![e]);
                    out.push(super::repair(d, "leave it out", Applicability::Safe, edits));
                } else {
                    shown.push((e.vn, s.span));
                }
            }
            StmtKind::If(_, a, b) => {
                let before = shown.len();
                let (mut x, mut y) = (shown.clone(), shown.clone());
                block(cx, a, &mut x, out);
                block(cx, b, &mut y, out);
                // Sure is what both branches show.
                let both = x[before..].iter().filter(|s| y[before..].iter().any(|t| t.0 == s.0));
                shown.extend(both.copied());
            }
            StmtKind::For(member, list, body) => {
                if list.facts.len.is_none_or(|n| n > 1) {
                    let mut inside = vec![*member];
                    bound_in(body, &mut inside);
                    invariant(body, &inside, out);
                }
                block(cx, body, &mut shown.clone(), out);
            }
            _ => {}
        }
    }
}

/// Locals that differ from one turn of a loop to the next.
fn bound_in(stmts: &[Stmt], out: &mut Vec<LocalId>) {
    for s in stmts {
        match &s.kind {
            StmtKind::Bind(id, e) if mentions(e, out) => out.push(*id),
            StmtKind::If(_, a, b) => {
                bound_in(a, out);
                bound_in(b, out);
            }
            StmtKind::For(id, _, b) => {
                out.push(*id);
                bound_in(b, out);
            }
            _ => {}
        }
    }
}

/// Pictures of a loop's body that are the same in every turn.
fn invariant(stmts: &[Stmt], inside: &[LocalId], out: &mut Findings) {
    for s in stmts {
        match &s.kind {
            StmtKind::Show(e) if !mentions(e, inside) => out.push(
                Diagnostic::new(
                    Code::DuplicateEvidence,
                    s.span,
                    "every turn of the loop shows the same picture",
                )
                .label("does not depend on the loop's variable")
                .help("show it once, outside the loop, or use the variable"),
            ),
            // A branch may be taken in one turn alone.
            _ => {}
        }
    }
}

fn mentions(e: &Expr, locals: &[LocalId]) -> bool {
    match &e.kind {
        ExprKind::Local(id) => locals.contains(id),
        _ => {
            let mut found = false;
            e.for_each_child(&mut |c| found = found || mentions(c, locals));
            found
        }
    }
}
