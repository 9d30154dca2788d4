//! `look_at` a thing right below or above the eye: forward is parallel to up, and the view has no heading of
//! its own.

use reasmory_diag::{Code, Diagnostic};
use reasmory_ops::OpId;

use super::{Cx, Findings, arg, op};
use crate::hir::Expr;

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let Some(args) = op(e, OpId::LookAt) else { return };
    let (Some(v), Some(at)) = (arg(args, 0), arg(args, 1)) else { return };
    let known = cx.known().zip(cx.scene).and_then(|(known, m)| {
        let view = known.view(v)?;
        let (eye, target) = (view.eye, m.center(&known.place(at)?).ok()?);
        // What is right at the eye is an error.
        Some(
            (m.look_at(&view, target).is_some() && m.is_above_or_below(eye, target))
                .then_some(target.z < eye.z),
        )
    });
    // Without a memory: whoever stands at a thing and looks at it.
    let below = match known {
        Some(found) => found,
        None => op(cx.value(v), OpId::Stand)
            .and_then(|a| arg(a, 0))
            .is_some_and(|foot| foot.vn == at.vn)
            .then_some(true),
    };
    let Some(below) = below else { return };
    let (way, side) = if below { ("down", "below") } else { ("up", "above") };
    out.push(
        Diagnostic::new(
            Code::VerticalView,
            e.span,
            format!("this looks straight {way}: the thing is right {side} the eye"),
        )
        .label("has no heading of its own")
        .note("left, right and ahead stay those of the view before")
        .help("step back first, or look at another thing"),
    );
}
