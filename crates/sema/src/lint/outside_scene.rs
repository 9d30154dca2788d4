//! A motion that leaves the scene.

use reasmory_diag::{Code, Diagnostic};
use reasmory_ops::OpId;

use super::views::{bounds, is_outside, margin};
use super::{Cx, Findings, arg, magnitude};
use crate::hir::{Expr, ExprKind};

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let ExprKind::Op { op: OpId::Step | OpId::Orbit, args, .. } = &e.kind else { return };
    let (Some(m), Some(known), Some(before)) = (cx.scene, cx.known(), arg(args, 0)) else { return };
    let (Some(old), Some(new)) = (known.view(before), known.view(e)) else { return };
    let (Some(all), room) = (bounds(m), margin(m)) else { return };
    if !is_outside(&all, new.eye, room) || is_outside(&all, old.eye, room) {
        return;
    }
    // A step longer than the scene is said so where its length stands.
    if arg(args, 2).is_some_and(|by| magnitude::beyond_scene(cx, by)) {
        return;
    }
    let place = cx.without_call(e, before).map_or(e.span, |x| x.span);
    let unit = if m.scale.is_metric() { " m" } else { " units" };
    let outside = (all.local(new.eye).abs() - all.half).max();
    out.push(
        Diagnostic::new(Code::OutsideScene, place, "this motion leaves the scene")
            .label(format!("ends {outside:.1}{unit} outside"))
            .note(format!("the eye is at ({:.2}, {:.2}, {:.2})", new.eye.x, new.eye.y, new.eye.z))
            .help("walk less far, or turn first: the view may look another way than was meant"),
    );
}
