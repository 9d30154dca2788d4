//! Distances, sizes, angles.

use reasmory_geom::{Point3, math, polygon};

use crate::abi::{Object, Place, Point, Region, Size};
use crate::place::{self, center as center_of, instance, nowhere, shared_footprint};
use crate::{Fault, Run};

/// One thing to measure from: what a place is made of.
#[derive(Clone, Copy)]
enum Solid {
    Object(u32),
    Point(Point3),
    /// The horizontal plane at this height.
    Floor(f64),
}

fn solids(run: &Run<'_>, place: &Place, op: &str) -> Result<Vec<Solid>, Fault> {
    Ok(match place {
        Place::Object(id) => vec![Solid::Object(*id)],
        Place::Objects(ids) if ids.is_empty() => return Err(place::empty(op)),
        Place::Objects(ids) => ids.iter().map(|id| Solid::Object(*id)).collect(),
        Place::Point(_) | Place::View(_) | Place::Photo(_) => {
            vec![Solid::Point(center_of(run, place, op)?)]
        }
        Place::Region(Region::Floor) => vec![Solid::Floor(run.manifest().floor())],
        Place::Region(Region::Room) => {
            return Err(Fault::no_value(format!(
                "`{op}` to the room has no value, for the room is all around: measure to floor() or to an object"
            )));
        }
    })
}

/// Distance between the closest points of two things, in one order whichever way it is asked, so that it
/// is symmetric to the last bit.
fn between(run: &Run<'_>, a: Solid, b: Solid) -> Result<f64, Fault> {
    let (memory, index) = (run.memory(), run.index());
    Ok(match (a, b) {
        (Solid::Object(i), Solid::Object(j)) if i == j => {
            instance(run, i)?;
            0.0
        }
        (Solid::Object(i), Solid::Object(j)) => {
            let (i, j) = (i.min(j), i.max(j));
            match (index.tree(memory, i), index.tree(memory, j)) {
                (Some(s), Some(t)) => s.distance(t),
                _ => instance(run, i)?.obb.distance(&instance(run, j)?.obb),
            }
        }
        (Solid::Object(i), Solid::Point(p)) | (Solid::Point(p), Solid::Object(i)) => {
            match index.tree(memory, i) {
                Some(t) => t.distance_to_point(p),
                None => instance(run, i)?.obb.distance_to_point(p),
            }
        }
        (Solid::Object(i), Solid::Floor(z)) | (Solid::Floor(z), Solid::Object(i)) => {
            let (lo, hi) = match index.tree(memory, i) {
                Some(t) => t.bounds(),
                None => instance(run, i)?.obb.bounds(),
            };
            (lo.z - z).max(z - hi.z).max(0.0)
        }
        (Solid::Point(p), Solid::Point(q)) => (p - q).norm(),
        (Solid::Point(p), Solid::Floor(z)) | (Solid::Floor(z), Solid::Point(p)) => (p.z - z).abs(),
        (Solid::Floor(z), Solid::Floor(w)) => (z - w).abs(),
    })
}

/// Distance between the closest points of two places; of a list, of its nearest member.
pub(super) fn closest(run: &Run<'_>, a: &Place, b: &Place, op: &str) -> Result<f64, Fault> {
    let (a, b) = (solids(run, a, op)?, solids(run, b, op)?);
    let mut least = f64::INFINITY;
    for x in &a {
        run.poll()?;
        for y in &b {
            least = least.min(between(run, *x, *y)?);
        }
    }
    Ok(least)
}

pub(super) fn distance(run: &mut Run<'_>, a: Place, to: Place) -> Result<f64, Fault> {
    closest(run, &a, &to, "distance")
}

pub(super) fn center_distance(run: &mut Run<'_>, a: Place, to: Place) -> Result<f64, Fault> {
    run.manifest().center_distance(&a, &to).map_err(|why| nowhere(run, why, "center_distance"))
}

pub(super) fn horizontal_distance(run: &mut Run<'_>, a: Place, to: Place) -> Result<f64, Fault> {
    run.manifest()
        .horizontal_distance(&a, &to)
        .map_err(|why| nowhere(run, why, "horizontal_distance"))
}

pub(super) fn center(run: &mut Run<'_>, x: Place) -> Result<Point, Fault> {
    Ok(Point(center_of(run, &x, "center")?))
}

pub(super) fn height_above(run: &mut Run<'_>, x: Place, of: Place) -> Result<f64, Fault> {
    run.manifest().height_above(&x, &of).map_err(|why| nowhere(run, why, "height_above"))
}

pub(super) fn top_height(run: &mut Run<'_>, x: Place) -> Result<f64, Fault> {
    run.manifest().top_height(&x).map_err(|why| nowhere(run, why, "top_height"))
}

pub(super) fn size(run: &mut Run<'_>, x: Object) -> Result<Size, Fault> {
    Ok(Size(instance(run, x.0)?.obb.size()))
}

pub(super) fn volume(run: &mut Run<'_>, x: Object) -> Result<f64, Fault> {
    Ok(instance(run, x.0)?.obb.volume())
}

pub(super) fn footprint(run: &mut Run<'_>, x: Object) -> Result<f64, Fault> {
    Ok(polygon::area(&instance(run, x.0)?.obb.footprint()).abs())
}

pub(super) fn footprint_overlap(run: &mut Run<'_>, a: Object, b: Object) -> Result<f64, Fault> {
    shared_footprint(run, a, b)
}

pub(super) fn floor_area(run: &mut Run<'_>, _: Region) -> Result<f64, Fault> {
    let room = run.manifest().room.as_ref();
    room.and_then(|r| r.area()).ok_or_else(|| {
        Fault::no_value(
            "`floor_area` has no value: this memory knows neither an area nor an outline of the floor; import it with one, or give `else=`",
        )
    })
}

pub(super) fn room_height(run: &mut Run<'_>, _: Region) -> Result<f64, Fault> {
    let room = run.manifest().room.as_ref();
    room.and_then(|r| r.height()).ok_or_else(|| {
        Fault::no_value(
            "`room_height` has no value: this memory does not know where the ceiling is; give `else=`",
        )
    })
}

pub(super) fn angle_at(run: &mut Run<'_>, x: Place, a: Place, b: Place) -> Result<f64, Fault> {
    let op = "angle_at";
    let at = center_of(run, &x, op)?;
    let (u, v) = (center_of(run, &a, op)? - at, center_of(run, &b, op)? - at);
    for (arm, end) in [(u, &a), (v, &b)] {
        if arm.norm() < run.manifest().no_side() {
            return Err(Fault::no_value(format!(
                "`{op}` has no value: {} and {} are at the same place; name three different places",
                place::describe(run, &x),
                place::describe(run, end)
            )));
        }
    }
    // Both the cross product and the dot product: an arc cosine alone is blind near 0° and 180°.
    Ok(math::atan2_deg(u.cross(&v).norm(), u.dot(&v)))
}

pub(super) fn diagonal(run: &mut Run<'_>) -> Result<f64, Fault> {
    Ok(run.manifest().diagonal())
}
