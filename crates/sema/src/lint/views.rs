//! What surely is or is not in a rendered view, from the boxes and bounds of the manifest.

use reasmory_geom::{Obb, Pinhole, Point3, Pose, Vec3, View};
use reasmory_ops::OpId;
use reasmory_scene::{Manifest, Place};

use super::{Cx, arg};
use crate::hir::{Expr, ExprKind};

/// Side of a rendered picture; only its being square matters here.
const SIDE: u32 = 960;

/// The views that an operation draws.
pub(super) fn drawn(e: &Expr) -> Vec<&Expr> {
    let ExprKind::Op { op, args, .. } = &e.kind else { return vec![] };
    match (op, arg(args, 0)) {
        (OpId::Ego | OpId::Depth, Some(v)) => vec![v],
        (OpId::Strip, Some(list)) => match &list.kind {
            ExprKind::List(views) => views.iter().collect(),
            _ => vec![],
        },
        _ => vec![],
    }
}

/// How far the boxes of the memory may be off, and what stands out of them: two standard deviations of a
/// position and a tenth of a metre (1 % of the diagonal without a scale).
pub(super) fn slack(m: &Manifest) -> f64 {
    let own = if m.scale.is_metric() { 0.1 } else { 0.01 * m.diagonal() };
    2.0 * m.uncertainty.position + own
}

/// A camera that asks whether boxes surely lie outside its picture.
pub(super) struct Camera {
    pose: Pose,
    pinhole: Pinhole,
    slack: f64,
}

impl Camera {
    pub(super) fn new(view: &View, m: &Manifest) -> Camera {
        Camera { pose: view.pose(), pinhole: view.pinhole(SIDE, SIDE), slack: slack(m) }
    }

    /// Whether a box, somewhat enlarged, surely is not in the picture.
    pub(super) fn misses(&self, b: &Obb) -> bool {
        let larger = Obb { half: b.half.add_scalar(self.slack), ..*b };
        self.pinhole.misses(&self.pose, &larger.corners())
    }
}

/// The box of the scene's bounds, photos' cameras included.
pub(super) fn bounds(m: &Manifest) -> Option<Obb> {
    let b = m.bounds?;
    let (mut lo, mut hi) = (Point3::from(b.min), Point3::from(b.max));
    for p in &m.photos {
        lo = lo.inf(&p.camera_to_world.center);
        hi = hi.sup(&p.camera_to_world.center);
    }
    Some(Obb::from_min_max(lo, hi))
}

/// The instances that an expression surely is or holds.
pub(super) fn instances(cx: &Cx<'_>, e: &Expr) -> Option<Vec<u32>> {
    match cx.known()?.place(e)? {
        Place::Object(id) => Some(vec![id]),
        Place::Objects(ids) => Some(ids),
        _ => None,
    }
}

/// Half a diagonal is far out of a scene; this is how far a viewer may step out of its bounds before it is
/// said to have left it.
pub(super) fn margin(m: &Manifest) -> f64 {
    let least = if m.scale.is_metric() { 1.0 } else { 0.1 * m.diagonal() };
    least + 2.0 * m.uncertainty.position
}

/// Whether a point is outside a box by more than a margin.
pub(super) fn is_outside(b: &Obb, p: Point3, margin: f64) -> bool {
    let out: Vec3 = b.local(p).abs() - b.half;
    out.max() > margin
}
