//! Ways over the free floor: routes, their lengths and turns, what can be reached.

use reasmory_geom::{Point2, Point3};
use reasmory_scene::index::{End, Ways, corners, from_segment, way_length};
use reasmory_types::Dim;

use crate::abi::{Direction, Place, Region, Route};
use crate::place::{self, center, describe, instance};
use crate::{Fault, Run};

/// How far from a thing one has got to it, as a part of the eye height: 60 cm of 1.5 m, an arm's length.
const REACH: f64 = 0.4;
/// Width of what walks, as a part of the eye height: 50 cm of 1.5 m.
const WIDTH: f64 = 1.0 / 3.0;
/// How far a way may be from a straight line, as a part of the eye height: 30 cm of 1.5 m.
const SLACK: f64 = 0.2;
/// Least turn, degrees.
const TURN: f64 = 30.0;
/// From here on a turn is one back, degrees.
const BACK: f64 = 135.0;
/// What a route passes is this near, metres, and the same as a part of the diagonal of a relative memory.
const NEAR: (f64, f64) = (1.0, 0.2);

fn outline(run: &Run<'_>, id: u32) -> Result<Vec<Point2>, Fault> {
    Ok(instance(run, id)?.obb.footprint())
}

/// What of a place counts in the floor plane: footprints, or a single point.
fn outlines(run: &Run<'_>, place: &Place, op: &str) -> Result<Vec<Vec<Point2>>, Fault> {
    match place {
        Place::Object(id) => Ok(vec![outline(run, *id)?]),
        Place::Objects(ids) if ids.is_empty() => Err(place::empty(op)),
        Place::Objects(ids) => ids.iter().map(|id| outline(run, *id)).collect(),
        Place::Region(Region::Room | Region::Floor) => Err(Fault::no_value(format!(
            "`{op}` to {} has no value, for it is all around: name an object, a photo or a view",
            describe(run, place)
        ))),
        Place::Point(_) | Place::View(_) | Place::Photo(_) => {
            Ok(vec![vec![center(run, place, op)?.xy()]])
        }
    }
}

/// The end of a way at a place. A point or viewer that is within the footprint of something that stands in the way
/// is at that thing, of several at the smallest.
fn end(run: &Run<'_>, place: &Place, op: &str) -> Result<End, Fault> {
    let mut all = outlines(run, place, op)?;
    let m = run.manifest();
    let reach = REACH * m.eye_height();
    if let (Place::Point(_) | Place::View(_) | Place::Photo(_), [p]) = (place, all[0].as_slice()) {
        let p = *p;
        let holds = |id: u32| {
            let inside = m.instance(id)?.obb.footprint();
            reasmory_geom::polygon::contains(&inside, p)
                .then(|| (reasmory_geom::polygon::area(&inside).abs(), inside))
        };
        let mut at: Option<(f64, Vec<Point2>)> = None;
        for i in m.instances.iter().filter(|i| {
            let (lo, hi) = i.obb.bounds();
            reasmory_scene::index::in_the_way(m, lo.z, hi.z)
        }) {
            if let Some(found) = holds(i.id)
                && at.as_ref().is_none_or(|a| found.0 < a.0)
            {
                at = Some(found);
            }
        }
        match at {
            Some((_, footprint)) => all = vec![footprint],
            None => return Ok(End::At(p, reach)),
        }
    }
    Ok(End::Near(all, reach))
}

/// Half the width of what walks.
fn radius(run: &Run<'_>, width: Option<f64>, op: &str) -> Result<f64, Fault> {
    let width = width.unwrap_or(WIDTH * run.manifest().eye_height());
    if width < 0.0 {
        return Err(Fault::no_value(format!(
            "`{op}` has no value: nothing has a negative width; give `width=` a length of 0 or more"
        )));
    }
    Ok(width / 2.0)
}

/// A length in words.
fn in_words(run: &Run<'_>, length: f64) -> String {
    if run.manifest().scale.is_metric() {
        format!("{length:.2} m")
    } else {
        format!("{length:.3} scene units")
    }
}

/// The shortest way, or the fault that says how wide the widest is.
fn way(
    run: &Run<'_>,
    from: &Place,
    to: &Place,
    width: Option<f64>,
    op: &str,
) -> Result<Vec<Point2>, Fault> {
    run.poll()?;
    let radius = radius(run, width, op)?;
    let ends = [end(run, from, op)?, end(run, to, op)?];
    let ways = Ways::new(run.memory().floor_map());
    ways.shortest(&ends[0], &ends[1], radius).ok_or_else(|| {
        let widest = ways.widest(&ends[0], &ends[1], radius).unwrap_or(0.0);
        let so = if widest > 0.0 {
            format!(
                "the widest is {} wide: give a smaller `width=`",
                in_words(run, 2.0 * widest.min(radius))
            )
        } else {
            "there is no free floor between them in this memory".to_owned()
        };
        Fault::no_value(format!(
            "`{op}` has no value: no way {} wide leads from {} to {}; {so}, or give `else=`",
            in_words(run, 2.0 * radius),
            describe(run, from),
            describe(run, to),
        ))
    })
}

pub(super) fn route(
    run: &mut Run<'_>,
    from: Place,
    to: Place,
    width: Option<f64>,
) -> Result<Route, Fault> {
    let floor = run.manifest().floor();
    let way = way(run, &from, &to, width, "route")?;
    Ok(Route(way.into_iter().map(|p| Point3::new(p.x, p.y, floor)).collect()))
}

fn flat(r: &Route) -> Vec<Point2> {
    r.0.iter().map(Point3::xy).collect()
}

pub(super) fn path_length(_: &mut Run<'_>, r: Route) -> Result<f64, Fault> {
    Ok(way_length(&flat(&r)))
}

pub(super) fn walking_distance(
    run: &mut Run<'_>,
    a: Place,
    to: Place,
    width: Option<f64>,
) -> Result<f64, Fault> {
    Ok(way_length(&way(run, &a, &to, width, "walking_distance")?))
}

pub(super) fn reachable(
    run: &mut Run<'_>,
    to: Place,
    from: Place,
    width: Option<f64>,
) -> Result<bool, Fault> {
    let op = "reachable";
    run.poll()?;
    let radius = radius(run, width, op)?;
    let ends = [end(run, &from, op)?, end(run, &to, op)?];
    let ways = Ways::new(run.memory().floor_map());
    let widest = ways.widest(&ends[0], &ends[1], radius);
    let nominal = ways.fit(widest, radius);
    let margin = 2.0 * (widest.unwrap_or(0.0) - radius).abs();
    let sigma = run.sigma(Dim::LENGTH, margin);
    Ok(run.decide(nominal, margin, sigma))
}

pub(super) fn passage_width(run: &mut Run<'_>, from: Place, to: Place) -> Result<f64, Fault> {
    let op = "passage_width";
    run.poll()?;
    let ends = [end(run, &from, op)?, end(run, &to, op)?];
    let ways = Ways::new(run.memory().floor_map());
    match ways.widest(&ends[0], &ends[1], 0.0) {
        Some(r) if r > 0.0 => Ok(2.0 * r),
        _ => Err(Fault::no_value(format!(
            "`{op}` has no value: no free floor leads from {} to {} in this memory; give `else=`",
            describe(run, &from),
            describe(run, &to),
        ))),
    }
}

pub(super) fn turns(run: &mut Run<'_>, r: Route) -> Result<Vec<Direction>, Fault> {
    let slack = SLACK * run.manifest().eye_height();
    let direction = |(_, turn): (Point2, f64)| match turn {
        t if t.abs() >= BACK => Direction::Back,
        t if t > 0.0 => Direction::Right,
        _ => Direction::Left,
    };
    Ok(corners(&flat(&r), slack, TURN).into_iter().map(direction).collect())
}

/// Distance between a segment and an outline in the plane; 0 where the segment is inside.
fn gap(a: Point2, b: Point2, outline: &[Point2]) -> f64 {
    if outline.len() >= 3 && reasmory_geom::polygon::contains(outline, a) {
        return 0.0;
    }
    let cross =
        |o: Point2, p: Point2, q: Point2| (p.x - o.x) * (q.y - o.y) - (p.y - o.y) * (q.x - o.x);
    let mut least = f64::INFINITY;
    for (i, p) in outline.iter().enumerate() {
        let q = outline[(i + 1) % outline.len()];
        if cross(a, b, *p) * cross(a, b, q) < 0.0 && cross(*p, q, a) * cross(*p, q, b) < 0.0 {
            return 0.0;
        }
        least = least
            .min(from_segment(*p, a, b))
            .min(from_segment(a, *p, q))
            .min(from_segment(b, *p, q));
    }
    least
}

pub(super) fn passes(
    run: &mut Run<'_>,
    r: Route,
    by: Place,
    within: Option<f64>,
) -> Result<bool, Fault> {
    let op = "passes";
    let m = run.manifest();
    let near = if m.scale.is_metric() { NEAR.0 } else { NEAR.1 * m.diagonal() };
    let (within, way) = (within.unwrap_or(near), flat(&r));
    let mut least = f64::INFINITY;
    for o in outlines(run, &by, op)? {
        run.poll()?;
        for w in way.windows(2) {
            least = least.min(gap(w[0], w[1], &o));
        }
        if let [only] = way.as_slice() {
            least = least.min(gap(*only, *only, &o));
        }
    }
    let sigma = run.sigma(Dim::LENGTH, least);
    Ok(run.decide(least <= within, (least - within).abs(), sigma))
}
