//! A rendered view in which nothing of the memory is.

use reasmory_diag::{Code, Diagnostic};
use reasmory_scene::Manifest;

use super::views::{Camera, bounds, drawn, is_outside, margin};
use super::{Cx, Findings};
use crate::hir::Expr;

/// Whether nothing of the memory is in a picture. Points may show what no box holds; where there are none,
/// boxes are all there is to draw.
pub(super) fn is_empty(m: &Manifest, camera: &Camera) -> bool {
    if m.points > 0 {
        bounds(m).is_some_and(|b| camera.misses(&b))
    } else {
        !m.instances.is_empty() && m.instances.iter().all(|i| camera.misses(&i.obb))
    }
}

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let (Some(m), Some(known)) = (cx.scene, cx.known()) else { return };
    for v in drawn(e) {
        let Some(view) = known.view(v) else { continue };
        let camera = Camera::new(&view, m);
        // From outside the scene: that it was left is what is reported.
        if bounds(m).is_some_and(|b| is_outside(&b, view.eye, margin(m))) {
            continue;
        }
        if is_empty(m, &camera) {
            out.push(
                Diagnostic::new(
                    Code::NothingInView,
                    v.span,
                    "nothing of the memory is in this view",
                )
                .label("looks past everything")
                .note(format!(
                    "the eye is at ({:.2}, {:.2}, {:.2}), heading {:.0}°, pitch {:.0}°",
                    view.eye.x,
                    view.eye.y,
                    view.eye.z,
                    view.heading(),
                    view.pitch
                ))
                .help("look at a thing: `.look_at(the(\"…\"))`, or face one: `stand(…, facing=…)`"),
            );
        }
    }
}
