//! A thing that is marked in a view which surely does not have it: the evidence cannot show what is asked.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_ops::OpId;
use reasmory_span::Span;

use super::views::{Camera, instances};
use super::{Cx, Findings, arg, op};
use crate::hir::{Expr, ExprKind};

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let Some(args) = op(e, OpId::Ego) else { return };
    let (Some(v), Some(marks)) = (arg(args, 0), arg(args, 1)) else { return };
    let (Some(m), Some(known)) = (cx.scene, cx.known()) else { return };
    let Some(view) = known.view(v) else { return };
    let camera = Camera::new(&view, m);
    if super::nothing_in_view::is_empty(m, &camera) {
        return;
    }
    let members: Vec<&Expr> = match &marks.kind {
        ExprKind::List(items) => items.iter().collect(),
        _ => vec![marks],
    };
    for mark in members {
        let Some(ids) = instances(cx, mark).filter(|ids| !ids.is_empty()) else { continue };
        let boxes = ids.iter().map(|id| m.instance(*id));
        if !boxes.into_iter().all(|i| i.is_some_and(|i| camera.misses(&i.obb))) {
            continue;
        }
        let written = cx.quote(mark.span);
        let message = match ids.as_slice() {
            [id] => format!("the {} is not in this view", m.instance_name(*id)),
            many => format!("none of the {} marked objects is in this view", many.len()),
        };
        let mut d = Diagnostic::new(Code::MarkOutOfView, mark.span, message)
            .label("marked, but out of the picture")
            .also(v.span, "seen from here")
            .help("look at it first (`.look_at(…)`), mark it in `top(…)`, or leave it out");
        let one = ids.len() == 1 && !written.is_empty() && !written.contains(['\n', '\r']);
        if one && v.span.end < mark.span.start && written.starts_with("the(") {
            d = d.fix(
                Applicability::Unsafe,
                "look at it",
                Span::at(v.span.end),
                format!(".look_at({written})"),
            );
        }
        out.push(d);
    }
}
