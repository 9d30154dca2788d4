//! A rendered view whose eye is inside an object: what it shows is the inside of a box, or points in the face.

use reasmory_diag::{Code, Diagnostic};
use reasmory_geom::{Obb, Point3};
use reasmory_ops::OpId;
use reasmory_scene::{Manifest, Place};

use super::views::drawn;
use super::{Cx, Findings, arg, op};
use crate::hir::Expr;

/// An instance whose shadow is more of the scene than this is part of the room (a rug, a ceiling), not a
/// solid in it.
const ROOM_SIZED: f64 = 0.25;

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let (Some(m), Some(known)) = (cx.scene, cx.known()) else { return };
    for v in drawn(e) {
        // A camera took a photo where it was.
        if op(cx.value(v), OpId::View).is_some() {
            continue;
        }
        let Some(view) = known.view(v) else { continue };
        let own = standing_at(cx, v);
        let Some(id) = solid_at(m, view.eye, &own) else { continue };
        let name = m.instance_name(id);
        out.push(
            Diagnostic::new(Code::InsideSolid, v.span, format!("the eye is inside the {name}"))
                .label(format!("inside the box of the {name}"))
                .note(format!(
                    "the eye is at ({:.2}, {:.2}, {:.2})",
                    view.eye.x, view.eye.y, view.eye.z
                ))
                .help("take a step back or to the side, or raise the eye above it: `step(up)`"),
        );
    }
}

/// What the viewer stands at by its own words: standing at a wardrobe is standing in its box.
fn standing_at(cx: &Cx<'_>, v: &Expr) -> Vec<u32> {
    let at = op(cx.value(v), OpId::Stand).and_then(|a| arg(a, 0));
    match at.and_then(|at| cx.known()?.place(at)) {
        Some(Place::Object(id)) => vec![id],
        Some(Place::Objects(ids)) => ids,
        _ => vec![],
    }
}

fn solid_at(m: &Manifest, eye: Point3, own: &[u32]) -> Option<u32> {
    // Inside by more than the boxes may be off.
    let slack = 0.01 * m.step_length() + 2.0 * m.uncertainty.position;
    let whole = m.bounds.map(|b| (b.max[0] - b.min[0]) * (b.max[1] - b.min[1]));
    let is_solid = |b: &Obb| {
        let [length, width, _] = b.size();
        whole.is_none_or(|w| length * width <= ROOM_SIZED * w)
    };
    m.instances
        .iter()
        .find(|i| i.obb.contains(eye, -slack) && is_solid(&i.obb) && !own.contains(&i.id))
        .map(|i| i.id)
}
