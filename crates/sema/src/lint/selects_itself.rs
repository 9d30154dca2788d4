//! `objects().min_by(o => distance(o, to=tv))` is the tv itself, at distance 0.

use reasmory_diag::{Applicability, Code, Diagnostic, Edit};
use reasmory_ops::{InlineOp, OpId};
use reasmory_span::Span;
use reasmory_types::Ty;

use super::{Cx, Findings, arg, op};
use crate::hir::{Expr, ExprKind};

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let ExprKind::Inline { op: InlineOp::MinBy, args, lambda: Some(l), .. } = &e.kind else {
        return;
    };
    let Some(list) = args.first() else { return };
    let (a, b) = match &l.body.kind {
        ExprKind::Op {
            op: OpId::Distance | OpId::CenterDistance | OpId::HorizontalDistance,
            args,
            ..
        } => match (arg(args, 0), arg(args, 1)) {
            (Some(a), Some(b)) => (a, b),
            _ => return,
        },
        _ => return,
    };
    let is_member = |x: &Expr| matches!(cx.value(x).kind, ExprKind::Local(id) if id == l.param);
    let target = match (is_member(a), is_member(b)) {
        (true, false) => b,
        (false, true) => a,
        _ => return,
    };
    if !holds(cx, list, target) {
        return;
    }
    let written = cx.quote(target.span);
    let mut d = Diagnostic::new(
        Code::SelectsItself,
        e.span,
        format!("the nearest to `{written}` in this list is `{written}` itself"),
    )
    .label("its distance to itself is 0")
    .also(list.span, format!("`{written}` is among these"))
    .help("leave it out: `.nearest(to=…)` does, or `.without(…)`");
    let inside = e.span.start <= list.span.start && target.span.end <= e.span.end;
    if inside && list.span.end > list.span.start && !written.is_empty() {
        d = super::repair(
            d,
            "leave it out",
            Applicability::Unsafe,
            Some(vec![Edit {
                span: Span::at(list.span.end),
                insert: format!(".without({written})"),
            }]),
        );
    }
    out.push(d);
}

/// Whether a list surely holds the one object.
fn holds(cx: &Cx<'_>, list: &Expr, target: &Expr) -> bool {
    if let (Some(all), Some(one)) = (&list.facts.instances, instances(target)) {
        return one.len() == 1 && all.contains(&one[0]);
    }
    let bare = match &target.kind {
        ExprKind::Coerce(_, x) => x,
        _ => target,
    };
    // A variable's value differs from member to member; the list does not.
    bare.ty == Ty::Object
        && match op(cx.value(list), OpId::Objects) {
            Some([None]) => true,
            Some([Some(category)]) => op(cx.value(target), OpId::The)
                .and_then(|a| arg(a, 0))
                .is_some_and(|c| c.vn == category.vn),
            _ => false,
        }
}

fn instances(e: &Expr) -> Option<&[u32]> {
    match &e.kind {
        ExprKind::Coerce(_, x) => instances(x),
        _ if e.ty == Ty::Object => e.facts.instances.as_deref(),
        _ => None,
    }
}
