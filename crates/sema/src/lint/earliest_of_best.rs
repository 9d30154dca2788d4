//! `first_seen(best("lamp"))`: the photo that first shows the instance that is most certain, where the one
//! that first shows any is almost always meant.

use reasmory_diag::{Applicability, Code, Diagnostic, Edit};
use reasmory_ops::OpId;

use super::{Cx, Findings, arg, op};
use crate::hir::{Expr, ExprKind};

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let (id, args) = match &e.kind {
        ExprKind::Op { op: id @ (OpId::FirstSeen | OpId::LastSeen), args, .. } => (*id, args),
        _ => return,
    };
    let Some(given) = arg(args, 0) else { return };
    let best = cx.value(given);
    let Some(category) = op(best, OpId::Best).and_then(|a| arg(a, 0)) else { return };
    let which = if id == OpId::FirstSeen { "first" } else { "last" };
    let mut d = Diagnostic::new(
        Code::EarliestOfBest,
        given.span,
        format!("the photo that {which} shows the most certain instance, not any"),
    )
    .label("one instance of several")
    .note("`best` chooses by certainty, whatever the order of the photos")
    .help(format!("give the category: `{}(…)` of it means any instance", id.name()));
    // Only where `best(…)` stands in the call itself.
    if best.span == given.span && cx.quote(best.span).starts_with("best(") {
        d = super::repair(
            d,
            "mean any instance of the category",
            Applicability::Unsafe,
            Some(vec![Edit { span: best.span, insert: cx.quote(category.span).to_owned() }]),
        );
    }
    out.push(d);
}
