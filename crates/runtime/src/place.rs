//! Where places are: centres, extents, names for messages.

use reasmory_geom::{Point2, Point3, polygon};
use reasmory_scene::{Instance, Photo};

use crate::abi::Region;
use crate::fault::FaultKind;
use crate::{Fault, Place, Run};

/// The instance of an id.
pub(crate) fn instance<'m>(run: &Run<'m>, id: u32) -> Result<&'m Instance, Fault> {
    run.manifest().instance(id).ok_or_else(|| {
        Fault::new(FaultKind::CorruptMemory, format!("the memory has no instance {id}"))
    })
}

/// The photo of a number.
pub(crate) fn photo<'m>(run: &Run<'m>, number: u32) -> Result<&'m Photo, Fault> {
    run.manifest().photo(number).ok_or_else(|| no_photo(run, i64::from(number)))
}

/// The fault of a photo number outside the memory's.
pub(crate) fn no_photo(run: &Run<'_>, number: i64) -> Fault {
    let have = match run.manifest().photos.len() {
        0 => "it has none".to_owned(),
        1 => "it has photo 1 alone".to_owned(),
        n => format!("it has photos 1 to {n}"),
    };
    Fault::new(
        FaultKind::IndexOutOfRange,
        format!("there is no photo {number} in this memory: {have}"),
    )
}

/// How messages and captions call a place.
pub(crate) fn describe(run: &Run<'_>, place: &Place) -> String {
    match place {
        Place::Object(id) => format!("the {}", run.manifest().instance_name(*id)),
        Place::Objects(ids) => match ids.as_slice() {
            [] => "an empty list".into(),
            [id] => format!("the {}", run.manifest().instance_name(*id)),
            _ => format!("the list of {} objects", ids.len()),
        },
        Place::Point(p) => format!("the point ({:.2}, {:.2}, {:.2})", p.x, p.y, p.z),
        Place::View(_) => "the view".into(),
        Place::Photo(n) => format!("photo {n}"),
        Place::Region(Region::Room) => "the room".into(),
        Place::Region(Region::Floor) => "the floor".into(),
    }
}

/// The fault of an operation that is given an empty list as a place.
pub(crate) fn empty(op: &str) -> Fault {
    Fault::no_value(format!(
        "`{op}` of an empty list has no value: name a category that the memory has, or give `else=`"
    ))
}

/// The fault of an operation on a room that the memory does not know.
pub(crate) fn no_room(op: &str) -> Fault {
    Fault::no_value(format!(
        "`{op}` needs a room, and this memory does not know one: import it with its floor outline, or give `else=`"
    ))
}

/// Centre of a place. `op` is the operation that asks.
pub(crate) fn center(run: &Run<'_>, place: &Place, op: &str) -> Result<Point3, Fault> {
    Ok(match place {
        Place::Object(id) => instance(run, *id)?.obb.center,
        Place::Objects(ids) => {
            let mut sum = Point3::origin();
            for id in ids {
                sum += instance(run, *id)?.obb.center.coords;
            }
            if ids.is_empty() {
                return Err(empty(op));
            }
            sum / ids.len() as f64
        }
        Place::Point(p) => *p,
        Place::View(v) => v.eye,
        Place::Photo(n) => photo(run, *n)?.camera_to_world.center,
        Place::Region(region) => {
            let m = run.manifest();
            let xy = plan_center(run).ok_or_else(|| no_room(op))?;
            let height = match (region, &m.room, &m.bounds) {
                (Region::Floor, ..) | (Region::Room, None, None) => 0.0,
                (Region::Room, Some(r), _) => r.height().unwrap_or(0.0),
                (Region::Room, None, Some(b)) => b.max[2] - b.min[2],
            };
            Point3::new(xy.x, xy.y, m.floor() + 0.5 * height)
        }
    })
}

/// Middle of the room in the floor plane: the centroid of its outline, else the middle of the bounds.
fn plan_center(run: &Run<'_>) -> Option<Point2> {
    let m = run.manifest();
    let outline = m.room.as_ref().map(|r| r.polygon()).unwrap_or_default();
    if outline.len() >= 3 {
        let (mut area, mut x, mut y) = (0.0, 0.0, 0.0);
        // Relative to the first corner, so that rooms far from the origin keep their precision.
        let o = outline[0];
        for (i, p) in outline.iter().enumerate() {
            let q = outline[(i + 1) % outline.len()];
            let (p, q) = (p - o, q - o);
            let c = p.x * q.y - q.x * p.y;
            area += 0.5 * c;
            x += c * (p.x + q.x);
            y += c * (p.y + q.y);
        }
        if area != 0.0 {
            return Some(Point2::new(o.x + x / (6.0 * area), o.y + y / (6.0 * area)));
        }
    }
    let b = m.bounds?;
    Some(Point2::new(0.5 * (b.min[0] + b.max[0]), 0.5 * (b.min[1] + b.max[1])))
}

/// Heights of the lowest and the highest point of a place, by the boxes of objects.
pub(crate) fn heights(run: &Run<'_>, place: &Place, op: &str) -> Result<(f64, f64), Fault> {
    let of = |id: u32| -> Result<(f64, f64), Fault> {
        let (lo, hi) = instance(run, id)?.obb.bounds();
        Ok((lo.z, hi.z))
    };
    Ok(match place {
        Place::Object(id) => of(*id)?,
        Place::Objects(ids) => {
            let mut all = (f64::INFINITY, f64::NEG_INFINITY);
            for id in ids {
                let (lo, hi) = of(*id)?;
                all = (all.0.min(lo), all.1.max(hi));
            }
            if ids.is_empty() {
                return Err(empty(op));
            }
            all
        }
        Place::Region(Region::Floor) => (run.manifest().floor(), run.manifest().floor()),
        Place::Region(Region::Room) => {
            let room = run.manifest().room.as_ref().ok_or_else(|| no_room(op))?;
            let ceiling = room.ceiling.ok_or_else(|| {
                Fault::no_value(format!(
                    "`{op}` needs the ceiling, and this memory does not know it: measure from floor(), or give `else=`"
                ))
            })?;
            (room.floor, ceiling)
        }
        Place::Point(_) | Place::View(_) | Place::Photo(_) => {
            let z = center(run, place, op)?.z;
            (z, z)
        }
    })
}

/// Area that the footprints of two objects share.
pub(crate) fn shared_footprint(
    run: &Run<'_>,
    a: crate::abi::Object,
    b: crate::abi::Object,
) -> Result<f64, Fault> {
    let (p, q) = (instance(run, a.0)?.obb.footprint(), instance(run, b.0)?.obb.footprint());
    Ok(polygon::area(&polygon::intersect(&p, &q)).abs())
}
