//! Relations between things: sides, bearings, left and right, above and on, facing and turning.
//!
//! A relation that holds by a margin within the memory's noise is decided by [`Run::decide`], so that a
//! run can tell which decisions its answer hangs on.

use reasmory_geom::{NO_TURN, Point3, Vec3, choose_sector, math, polygon};
use reasmory_types::Dim;

use super::measurement;
use crate::abi::{Direction, Local, Object, Place, View};
use crate::place::{center, describe, instance, shared_footprint};
use crate::{Fault, Run};

/// Slack of `is_above`, metres, and the same as a fraction of the diagonal of a relative memory.
const ABOVE: (f64, f64) = (0.05, 0.005);
/// Largest gap of `is_on`.
const ON: (f64, f64) = (0.10, 0.01);
/// Share of a footprint that must lie over what it rests on.
const ON_SHARE: f64 = 0.5;
/// Largest gap of `is_touching`.
const TOUCHING: (f64, f64) = (0.05, 0.005);
/// Samples of nine (eight corners and the centre) that `is_inside` asks for: 80 %, rounded up.
const INSIDE_SAMPLES: usize = 8;
/// Half the width of the sector that an object faces, degrees.
const FACING: f64 = 45.0;

/// A threshold in the memory's length unit.
fn threshold(run: &Run<'_>, (metres, fraction): (f64, f64)) -> f64 {
    let m = run.manifest();
    if m.scale.is_metric() { metres } else { fraction * m.diagonal() }
}

/// What a length in the scene may be off by rounding, as a fraction of the diagonal. Scenes reach borders exactly
/// (two things stand on one floor, two stand flush), and where they do, the answer may not hang on where the
/// world's origin is.
const ROUNDING: f64 = 1e-9;

/// The same as a length of the memory.
fn rounding(run: &Run<'_>) -> f64 {
    ROUNDING * run.manifest().diagonal()
}

/// Decides whether a signed length margin is on its positive side; 0, to rounding, counts as positive.
fn decide_length(run: &mut Run<'_>, margin: f64) -> bool {
    let sigma = run.sigma(Dim::LENGTH, margin);
    run.decide(margin >= -rounding(run), margin.abs(), sigma)
}

/// Bearing of a thing, or the fault of one that is too near to have any.
fn bearing_of(run: &Run<'_>, x: &Place, from: &View, op: &str) -> Result<f64, Fault> {
    let target = center(run, x, op)?;
    from.bearing(target, run.manifest().no_side()).ok_or_else(|| {
        let who = describe(run, x);
        Fault::no_value(format!(
            "`{op}` has no value: {who} is right at, above or below the viewer's eye; stand somewhere else, or give `else=`"
        ))
    })
}

/// The direction among the horizontal ones given that is nearest in angle.
fn nearest_direction(
    run: &mut Run<'_>,
    bearing: f64,
    among: &[Direction],
    op: &str,
) -> Result<Direction, Fault> {
    let candidates: Vec<(Direction, f64)> =
        among.iter().filter_map(|d| d.sector_center().map(|c| (*d, c))).collect();
    let centers: Vec<f64> = candidates.iter().map(|c| c.1).collect();
    let Some(choice) = choose_sector(bearing, &centers) else {
        return Err(Fault::no_value(format!(
            "`{op}` has no value: `among` holds no horizontal direction; use front, right, back, left or their diagonals"
        )));
    };
    let sigma = run.sigma(Dim::ANGLE, bearing);
    let best = match choice.second {
        Some(second) if !run.decide(true, choice.margin, sigma) => second,
        _ => choice.best,
    };
    Ok(candidates[best].0)
}

pub(super) fn side(
    run: &mut Run<'_>,
    x: Place,
    from: View,
    among: Vec<Direction>,
) -> Result<Direction, Fault> {
    let b = bearing_of(run, &x, &from, "side")?;
    nearest_direction(run, b, &among, "side")
}

pub(super) fn bearing(run: &mut Run<'_>, x: Place, from: View) -> Result<f64, Fault> {
    bearing_of(run, &x, &from, "bearing")
}

pub(super) fn elevation(run: &mut Run<'_>, x: Place, from: View) -> Result<f64, Fault> {
    let target = center(run, &x, "elevation")?;
    if (target - from.eye).norm() < run.manifest().no_side() {
        let who = describe(run, &x);
        return Err(Fault::no_value(format!(
            "`elevation` has no value: {who} is right at the viewer's eye; stand somewhere else, or give `else=`"
        )));
    }
    Ok(from.elevation(target))
}

pub(super) fn local(run: &mut Run<'_>, x: Place, from: View) -> Result<Local, Fault> {
    Ok(Local(from.local(center(run, &x, "local")?)))
}

/// Horizontal axes that relations are told in.
struct Frame {
    right: Vec3,
    forward: Vec3,
    /// Whether what lies further forward is *in front* (an object's own sense) or *behind* (a viewer's).
    own: bool,
}

impl Frame {
    fn towards(forward: Vec3, own: bool) -> Frame {
        Frame { right: Vec3::new(forward.y, -forward.x, 0.0), forward, own }
    }
}

/// Horizontal unit direction of an object's front.
fn front(run: &Run<'_>, x: Object, op: &str) -> Result<Vec3, Fault> {
    let known = instance(run, x.0)?.front.map(|f| Vec3::new(f[0], f[1], 0.0));
    let unit = known.and_then(|f| f.try_normalize(1e-9));
    unit.ok_or_else(|| {
        let who = describe(run, &Place::Object(x.0));
        Fault::no_value(format!(
            "`{op}` has no value: the memory does not know which way {who} faces; use `from=` with a view, or give `else=`"
        ))
    })
}

/// The frame that one of `from=`, `as_seen_facing=` and `own=` names.
fn frame(
    run: &Run<'_>,
    from: Option<View>,
    as_seen_facing: Option<Object>,
    own: Option<Object>,
    op: &str,
) -> Result<Frame, Fault> {
    match (from, as_seen_facing, own) {
        (Some(v), ..) => Ok(Frame::towards(v.forward_level(), false)),
        // An observer who looks at the front of a thing looks against the way it faces.
        (None, Some(o), _) => Ok(Frame::towards(-front(run, o, op)?, false)),
        (None, None, Some(o)) => Ok(Frame::towards(front(run, o, op)?, true)),
        (None, None, None) => Err(Fault::no_value(format!(
            "`{op}` depends on the point of view: give `from=` a view, `as_seen_facing=` or `own=` an object"
        ))),
    }
}

/// From the centre of `b` to the centre of `a`.
fn offset(run: &Run<'_>, a: &Place, b: &Place, op: &str) -> Result<Vec3, Fault> {
    Ok(center(run, a, op)? - center(run, b, op)?)
}

/// Decides whether a margin is strictly positive: equal places are on no side of each other.
fn decide_strictly(run: &mut Run<'_>, margin: f64) -> bool {
    let sigma = run.sigma(Dim::LENGTH, margin);
    run.decide(margin > 0.0, margin.abs(), sigma)
}

/// The frame of reference of a relation: exactly one is given.
type Reference = (Option<View>, Option<Object>, Option<Object>);

/// Whether one thing lies beyond another along an axis of the frame; `margin` gives how far, from the
/// offset between them.
fn lies(
    run: &mut Run<'_>,
    (a, b): (&Place, &Place),
    (from, as_seen_facing, own): Reference,
    op: &str,
    margin: impl Fn(&Frame, Vec3) -> f64,
) -> Result<bool, Fault> {
    let frame = frame(run, from, as_seen_facing, own, op)?;
    let margin = margin(&frame, offset(run, a, b, op)?);
    Ok(decide_strictly(run, margin))
}

/// How far an offset leads to the front: towards the viewer, or the way an object itself faces.
fn in_front(frame: &Frame, offset: Vec3) -> f64 {
    let ahead = offset.dot(&frame.forward);
    if frame.own { ahead } else { -ahead }
}

pub(super) fn is_left_of(
    run: &mut Run<'_>,
    a: Place,
    b: Place,
    from: Option<View>,
    as_seen_facing: Option<Object>,
    own: Option<Object>,
) -> Result<bool, Fault> {
    lies(run, (&a, &b), (from, as_seen_facing, own), "is_left_of", |f, d| -d.dot(&f.right))
}

pub(super) fn is_right_of(
    run: &mut Run<'_>,
    a: Place,
    b: Place,
    from: Option<View>,
    as_seen_facing: Option<Object>,
    own: Option<Object>,
) -> Result<bool, Fault> {
    lies(run, (&a, &b), (from, as_seen_facing, own), "is_right_of", |f, d| d.dot(&f.right))
}

pub(super) fn is_in_front_of(
    run: &mut Run<'_>,
    a: Place,
    b: Place,
    from: Option<View>,
    as_seen_facing: Option<Object>,
    own: Option<Object>,
) -> Result<bool, Fault> {
    lies(run, (&a, &b), (from, as_seen_facing, own), "is_in_front_of", in_front)
}

pub(super) fn is_behind(
    run: &mut Run<'_>,
    a: Place,
    b: Place,
    from: Option<View>,
    as_seen_facing: Option<Object>,
    own: Option<Object>,
) -> Result<bool, Fault> {
    lies(run, (&a, &b), (from, as_seen_facing, own), "is_behind", |f, d| -in_front(f, d))
}

fn above(run: &mut Run<'_>, a: Object, b: Object) -> Result<bool, Fault> {
    let bottom = instance(run, a.0)?.obb.bounds().0.z;
    let (_, top) = instance(run, b.0)?.obb.bounds();
    let center = instance(run, a.0)?.obb.center.xy();
    // A thing without a footprint of its own (a wire, a wall lamp's line) is over what its centre is over.
    // Footprints that are flush share nothing, to rounding.
    let over = shared_footprint(run, a, b)? > rounding(run) * run.manifest().diagonal()
        || polygon::contains(&instance(run, b.0)?.obb.footprint(), center);
    if a == b || !over {
        return Ok(false);
    }
    let slack = threshold(run, ABOVE);
    Ok(decide_length(run, bottom - (top.z - slack)))
}

pub(super) fn is_above(run: &mut Run<'_>, a: Object, b: Object) -> Result<bool, Fault> {
    above(run, a, b)
}

pub(super) fn is_below(run: &mut Run<'_>, a: Object, b: Object) -> Result<bool, Fault> {
    above(run, b, a)
}

pub(super) fn is_on(run: &mut Run<'_>, a: Object, b: Object) -> Result<bool, Fault> {
    let bottom = instance(run, a.0)?.obb.bounds().0.z;
    let top = instance(run, b.0)?.obb.bounds().1.z;
    let shared = shared_footprint(run, a, b)?;
    let own = polygon::area(&instance(run, a.0)?.obb.footprint()).abs();
    if a == b || shared <= 0.0 {
        return Ok(false);
    }
    let slack = threshold(run, ON);
    let rests = decide_length(run, slack - (bottom - top).abs());
    let margin = shared - ON_SHARE * own;
    let sigma = run.sigma(Dim::AREA, shared);
    Ok(rests && run.decide(margin >= 0.0, margin.abs(), sigma))
}

pub(super) fn is_inside(run: &mut Run<'_>, a: Object, b: Object) -> Result<bool, Fault> {
    let (inner, outer) = (instance(run, a.0)?.obb, instance(run, b.0)?.obb);
    if a == b {
        return Ok(false);
    }
    // How deep a sample lies inside the outer box; negative outside.
    let depth = |p: Point3| {
        let l = outer.local(p);
        (0..3).map(|i| outer.half[i] - l[i].abs()).fold(f64::INFINITY, f64::min)
    };
    let center = depth(inner.center);
    let mut samples: Vec<f64> = inner.corners().map(depth).to_vec();
    samples.push(center);
    samples.sort_by(|x, y| y.total_cmp(x));
    // The depth of the last sample that has to be inside decides, or the centre's.
    let margin = center.min(samples[INSIDE_SAMPLES - 1]);
    Ok(decide_length(run, margin))
}

pub(super) fn is_touching(run: &mut Run<'_>, a: Object, b: Object) -> Result<bool, Fault> {
    let (a, b) = (Place::Object(a.0), Place::Object(b.0));
    let gap = measurement::closest(run, &a, &b, "is_touching")?;
    let slack = threshold(run, TOUCHING);
    Ok(decide_length(run, slack - gap))
}

pub(super) fn is_facing(run: &mut Run<'_>, a: Object, b: Place) -> Result<bool, Fault> {
    let op = "is_facing";
    let front = front(run, a, op)?;
    let d = center(run, &b, op)? - instance(run, a.0)?.obb.center;
    let (x, y) = (d.dot(&front), front.x * d.y - front.y * d.x);
    if x.hypot(y) < run.manifest().no_side() {
        let (who, what) = (describe(run, &Place::Object(a.0)), describe(run, &b));
        return Err(Fault::no_value(format!(
            "`{op}` has no value: {who} and {what} are at the same place on the floor"
        )));
    }
    let margin = FACING - math::atan2_deg(y, x).abs();
    let sigma = run.sigma(Dim::ANGLE, margin);
    Ok(run.decide(margin >= 0.0, margin.abs(), sigma))
}

pub(super) fn turn_needed(
    run: &mut Run<'_>,
    from: View,
    toward: Place,
    among: Vec<Direction>,
) -> Result<Direction, Fault> {
    let op = "turn_needed";
    let b = bearing_of(run, &toward, &from, op)?;
    if among.contains(&Direction::None) {
        let margin = NO_TURN - b.abs();
        let sigma = run.sigma(Dim::ANGLE, b);
        if run.decide(margin > 0.0, margin.abs(), sigma) {
            return Ok(Direction::None);
        }
    }
    nearest_direction(run, b, &among, op)
}
