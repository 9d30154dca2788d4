//! An `if` expression whose branches give one value: the condition decides nothing.

use reasmory_diag::{Code, Diagnostic};

use super::{Cx, Findings};
use crate::hir::{Expr, ExprKind};

pub(super) fn expr(_: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let ExprKind::If(c, a, b) = &e.kind else { return };
    if a.vn != b.vn {
        return;
    }
    out.push(
        Diagnostic::new(Code::SameBranches, b.span, "both branches give the same value")
            .label("the same as above")
            .also(c.span, "decides nothing")
            .also(a.span, "this")
            .help("give one branch the value that was meant, or leave out the `if`"),
    );
}
