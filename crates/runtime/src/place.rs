//! Where places are: centres, extents, names for messages.

use reasmory_geom::{Point3, polygon};
use reasmory_scene::{Instance, Nowhere, Photo};

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

/// The fault of an operation on a place that is nowhere.
pub(crate) fn nowhere(run: &Run<'_>, why: Nowhere, op: &str) -> Fault {
    match why {
        Nowhere::NoInstance(id) => {
            Fault::new(FaultKind::CorruptMemory, format!("the memory has no instance {id}"))
        }
        Nowhere::NoPhoto(number) => no_photo(run, i64::from(number)),
        Nowhere::Empty => empty(op),
        Nowhere::NoRoom => no_room(op),
        Nowhere::NoCeiling => Fault::no_value(format!(
            "`{op}` needs the ceiling, and this memory does not know it: measure from floor(), or give `else=`"
        )),
    }
}

/// Centre of a place. `op` is the operation that asks.
pub(crate) fn center(run: &Run<'_>, place: &Place, op: &str) -> Result<Point3, Fault> {
    run.manifest().center(place).map_err(|why| nowhere(run, why, op))
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
