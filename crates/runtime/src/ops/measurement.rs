//! Distances, sizes, angles.

use reasmory_geom::{Point3, Vec3, math, polygon};
use reasmory_scene::Manifest;
use reasmory_types::Dim;

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
/// is symmetric to the last bit; and the way from one to the other, where it is known.
fn between(run: &Run<'_>, a: Solid, b: Solid) -> Result<(f64, Option<Vec3>), Fault> {
    let (memory, index) = (run.memory(), run.index());
    Ok(match (a, b) {
        (Solid::Object(i), Solid::Object(j)) if i == j => {
            instance(run, i)?;
            (0.0, None)
        }
        (Solid::Object(i), Solid::Object(j)) => {
            let (i, j) = (i.min(j), i.max(j));
            match (index.tree(memory, i), index.tree(memory, j)) {
                (Some(s), Some(t)) => match s.closest(t) {
                    Some(c) => (c.distance, Some(c.points[1] - c.points[0])),
                    None => (f64::INFINITY, None),
                },
                _ => (instance(run, i)?.obb.distance(&instance(run, j)?.obb), None),
            }
        }
        (Solid::Object(i), Solid::Point(p)) | (Solid::Point(p), Solid::Object(i)) => {
            match index.tree(memory, i) {
                Some(t) => (t.distance_to_point(p), None),
                None => (instance(run, i)?.obb.distance_to_point(p), None),
            }
        }
        (Solid::Object(i), Solid::Floor(z)) | (Solid::Floor(z), Solid::Object(i)) => {
            let (lo, hi) = match index.tree(memory, i) {
                Some(t) => t.bounds(),
                None => instance(run, i)?.obb.bounds(),
            };
            ((lo.z - z).max(z - hi.z).max(0.0), Some(Vec3::z()))
        }
        (Solid::Point(p), Solid::Point(q)) => ((p - q).norm(), Some(p - q)),
        (Solid::Point(p), Solid::Floor(z)) | (Solid::Floor(z), Solid::Point(p)) => {
            ((p.z - z).abs(), Some(Vec3::z()))
        }
        (Solid::Floor(z), Solid::Floor(w)) => ((z - w).abs(), Some(Vec3::z())),
    })
}

/// Distance between the closest points of two places; of a list, of its nearest member.
pub(super) fn closest(run: &Run<'_>, a: &Place, b: &Place, op: &str) -> Result<f64, Fault> {
    Ok(closest_pair(run, a, b, op)?.0)
}

/// What a distance lies between, and the way from one to the other where it is known.
type Ends = Option<(Solid, Solid, Option<Vec3>)>;

/// The same, with what it lies between and the way from one to the other.
fn closest_pair(run: &Run<'_>, a: &Place, b: &Place, op: &str) -> Result<(f64, Ends), Fault> {
    let (a, b) = (solids(run, a, op)?, solids(run, b, op)?);
    let (mut least, mut pair) = (f64::INFINITY, None);
    for x in &a {
        run.poll()?;
        for y in &b {
            let (d, way) = between(run, *x, *y)?;
            if d < least {
                (least, pair) = (d, Some((*x, *y, way)));
            }
        }
    }
    Ok((least, pair))
}

/// Variance along a way of where an instance is, or the most along any where the way is not known; `None` where
/// its covariance is not known.
fn variance(m: &Manifest, id: u32, way: Option<Vec3>) -> Option<f64> {
    let c = &m.grounding.iter().find(|g| g.id == id)?.covariance;
    Some(match way.and_then(|w| w.try_normalize(0.0)) {
        Some(u) => (0..3).map(|r| u[r] * (0..3).map(|k| c[r][k] * u[k]).sum::<f64>()).sum::<f64>(),
        // Not less than the largest along any way.
        None => c[0][0] + c[1][1] + c[2][2],
    })
}

/// Keeps the standard deviation of a length between surfaces: the noise of both, and where the things are.
fn of_surfaces(run: &mut Run<'_>, length: f64, ids: &[u32], way: Option<Vec3>) {
    let m = run.manifest();
    if m.grounding.is_empty() {
        return;
    }
    let places: f64 = ids.iter().filter_map(|id| variance(m, *id, way)).sum();
    let noise = m.sigma(Dim::LENGTH, length);
    run.measured(length, (noise * noise + places.max(0.0)).sqrt());
}

/// Keeps the standard deviation of a length between centres; what has no covariance is known as well as a point.
fn of_centres(run: &mut Run<'_>, length: f64, ends: [&Place; 2], way: Option<Vec3>) {
    let m = run.manifest();
    if m.grounding.is_empty() {
        return;
    }
    let point = m.uncertainty.position * m.uncertainty.position;
    let of = |p: &Place| match p {
        Place::Object(id) => variance(m, *id, way).unwrap_or(point),
        // The mean of the members' centres; they are independent.
        Place::Objects(ids) if !ids.is_empty() => {
            let n = ids.len() as f64;
            ids.iter().map(|id| variance(m, *id, way).unwrap_or(point)).sum::<f64>() / (n * n)
        }
        _ => point,
    };
    let sigma = (of(ends[0]) + of(ends[1])).max(0.0).sqrt();
    run.measured(length, sigma);
}

/// The instances that a place consists of.
fn members(place: &Place) -> Vec<u32> {
    match place {
        Place::Object(id) => vec![*id],
        Place::Objects(ids) => ids.clone(),
        _ => Vec::new(),
    }
}

pub(super) fn distance(run: &mut Run<'_>, a: Place, to: Place) -> Result<f64, Fault> {
    let (length, pair) = closest_pair(run, &a, &to, "distance")?;
    if let Some((x, y, way)) = pair {
        let id = |s| if let Solid::Object(id) = s { Some(id) } else { None };
        let ids: Vec<u32> = [id(x), id(y)].into_iter().flatten().collect();
        of_surfaces(run, length, &ids, way);
    }
    Ok(length)
}

pub(super) fn center_distance(run: &mut Run<'_>, a: Place, to: Place) -> Result<f64, Fault> {
    let m = run.manifest();
    let length = m.center_distance(&a, &to).map_err(|why| nowhere(run, why, "center_distance"))?;
    let way = m.center(&a).ok().zip(m.center(&to).ok()).map(|(p, q)| q - p);
    of_centres(run, length, [&a, &to], way);
    Ok(length)
}

pub(super) fn horizontal_distance(run: &mut Run<'_>, a: Place, to: Place) -> Result<f64, Fault> {
    let m = run.manifest();
    let length =
        m.horizontal_distance(&a, &to).map_err(|why| nowhere(run, why, "horizontal_distance"))?;
    let way = m
        .center(&a)
        .ok()
        .zip(m.center(&to).ok())
        .map(|(p, q)| Vec3::new(q.x - p.x, q.y - p.y, 0.0));
    of_centres(run, length, [&a, &to], way);
    Ok(length)
}

pub(super) fn center(run: &mut Run<'_>, x: Place) -> Result<Point, Fault> {
    Ok(Point(center_of(run, &x, "center")?))
}

pub(super) fn height_above(run: &mut Run<'_>, x: Place, of: Place) -> Result<f64, Fault> {
    let m = run.manifest();
    let length = m.height_above(&x, &of).map_err(|why| nowhere(run, why, "height_above"))?;
    let ids = [members(&x), members(&of)].concat();
    of_surfaces(run, length, &ids, Some(Vec3::z()));
    Ok(length)
}

pub(super) fn top_height(run: &mut Run<'_>, x: Place) -> Result<f64, Fault> {
    let m = run.manifest();
    let length = m.top_height(&x).map_err(|why| nowhere(run, why, "top_height"))?;
    of_surfaces(run, length, &members(&x), Some(Vec3::z()));
    Ok(length)
}

pub(super) fn sigma(run: &mut Run<'_>, x: f64) -> Result<f64, Fault> {
    Ok(run.sigma_of(Dim::LENGTH, x))
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
