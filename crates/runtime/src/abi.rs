//! How slots become the arguments of intrinsics, and results become slots.

use std::sync::Arc;

use reasmory_geom::{Point3, Vec3};
use reasmory_types::Direction as DirectionSymbol;

use crate::arena::{OBJECT_PLACE, PHOTO_PLACE, REGION_PLACE, wrong};
use crate::fault::FaultKind;
use crate::{ABSENT, Arena, Datum, Fault, Picture, Slot};

/// Text argument.
pub type Text = Arc<str>;
/// Direction argument.
pub type Direction = DirectionSymbol;
/// View argument.
pub type View = reasmory_geom::View;
/// Place argument.
pub type Place = crate::Place;
/// Image argument.
pub type Image = Arc<Picture>;
/// A length, percentages already resolved.
pub type Extent = f64;

/// An instance id, 1-based.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object(pub u32);
/// A photo number, 1-based.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Photo(pub u32);
/// A category: an index into the manifest's categories, or beyond them a name of the program that the
/// memory does not have (see `Run::category_name`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Category(pub u32);
/// A point in the world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point(pub Point3);
/// A vector in the world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vector(pub Vec3);
/// A point in a view: right, up, forward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Local(pub Vec3);
/// Length, width, height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size(pub [f64; 3]);
/// Marks of one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark(pub Vec<reasmory_render::Mark>);

/// A way over the floor, from corner to corner.
#[derive(Clone, Debug, PartialEq)]
pub struct Route(pub Vec<Point3>);

/// Region argument.
pub type Region = reasmory_scene::Region;

/// Reads an argument.
pub trait FromSlot: Sized {
    /// The value of a slot.
    fn from_slot(slot: Slot, arena: &Arena) -> Result<Self, Fault>;
}

/// Writes a result.
pub trait IntoSlot {
    /// The slot of a value.
    fn into_slot(self, arena: &mut Arena) -> Result<Slot, Fault>;
}

fn bad(what: &str, slot: Slot) -> Fault {
    Fault::new(FaultKind::Internal, format!("slot {slot:#x} is no {what}"))
}

fn id(slot: Slot, what: &str) -> Result<u32, Fault> {
    u32::try_from(slot).map_err(|_| bad(what, slot))
}

macro_rules! id_slot {
    ($($t:ident),*) => {$(
        impl FromSlot for $t {
            fn from_slot(slot: Slot, _: &Arena) -> Result<Self, Fault> {
                Ok($t(id(slot, stringify!($t))?))
            }
        }
        impl IntoSlot for $t {
            fn into_slot(self, _: &mut Arena) -> Result<Slot, Fault> {
                Ok(Slot::from(self.0))
            }
        }
    )*};
}
id_slot!(Object, Photo, Category);

impl FromSlot for f64 {
    fn from_slot(slot: Slot, _: &Arena) -> Result<Self, Fault> {
        Ok(f64::from_bits(slot))
    }
}

impl IntoSlot for f64 {
    /// No NaN and no infinity is ever observable.
    fn into_slot(self, _: &mut Arena) -> Result<Slot, Fault> {
        if self.is_finite() {
            Ok(self.to_bits())
        } else {
            Err(Fault::new(FaultKind::NotANumber, "the result is not a finite number"))
        }
    }
}

impl FromSlot for i64 {
    fn from_slot(slot: Slot, _: &Arena) -> Result<Self, Fault> {
        Ok(slot as i64)
    }
}

impl IntoSlot for i64 {
    fn into_slot(self, _: &mut Arena) -> Result<Slot, Fault> {
        Ok(self as Slot)
    }
}

impl FromSlot for bool {
    fn from_slot(slot: Slot, _: &Arena) -> Result<Self, Fault> {
        match slot {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(bad("Bool", slot)),
        }
    }
}

impl IntoSlot for bool {
    fn into_slot(self, _: &mut Arena) -> Result<Slot, Fault> {
        Ok(Slot::from(self))
    }
}

impl FromSlot for Direction {
    fn from_slot(slot: Slot, _: &Arena) -> Result<Self, Fault> {
        DirectionSymbol::from_index(slot).ok_or_else(|| bad("Direction", slot))
    }
}

impl IntoSlot for Direction {
    fn into_slot(self, _: &mut Arena) -> Result<Slot, Fault> {
        Ok(self as Slot)
    }
}

impl FromSlot for Region {
    fn from_slot(slot: Slot, _: &Arena) -> Result<Self, Fault> {
        match slot {
            0 => Ok(Region::Room),
            1 => Ok(Region::Floor),
            _ => Err(bad("Region", slot)),
        }
    }
}

impl IntoSlot for Region {
    fn into_slot(self, _: &mut Arena) -> Result<Slot, Fault> {
        Ok(self as Slot)
    }
}

macro_rules! record_slot {
    ($($t:ident, $read:expr, $write:expr;)*) => {$(
        impl FromSlot for $t {
            fn from_slot(slot: Slot, arena: &Arena) -> Result<Self, Fault> {
                match arena.get(slot)? {
                    Datum::Record(r) => Ok($t($read(*r))),
                    other => Err(wrong(stringify!($t), other)),
                }
            }
        }
        impl IntoSlot for $t {
            fn into_slot(self, arena: &mut Arena) -> Result<Slot, Fault> {
                let r: [f64; 3] = $write(self.0);
                if r.iter().any(|x| !x.is_finite()) {
                    return Err(Fault::new(
                        FaultKind::NotANumber,
                        "a coordinate is not a finite number",
                    ));
                }
                arena.add(Datum::Record(r))
            }
        }
    )*};
}
record_slot! {
    Point, Point3::from, |p: Point3| p.coords.into();
    Vector, Vec3::from, |v: Vec3| v.into();
    Local, Vec3::from, |v: Vec3| v.into();
    Size, |r: [f64; 3]| r, |r: [f64; 3]| r;
}

impl FromSlot for View {
    fn from_slot(slot: Slot, arena: &Arena) -> Result<Self, Fault> {
        match arena.get(slot)? {
            Datum::View(v) => Ok(**v),
            other => Err(wrong("a View", other)),
        }
    }
}

impl IntoSlot for View {
    fn into_slot(self, arena: &mut Arena) -> Result<Slot, Fault> {
        let finite = self.eye.iter().all(|x| x.is_finite())
            && [self.residual, self.pitch, self.roll].iter().all(|x| x.is_finite());
        if !finite {
            return Err(Fault::new(FaultKind::NotANumber, "the view is not finite"));
        }
        arena.add(Datum::View(Box::new(self)))
    }
}

impl FromSlot for Place {
    fn from_slot(slot: Slot, arena: &Arena) -> Result<Self, Fault> {
        let id = slot as u32;
        match slot & !u64::from(u32::MAX) {
            0 => match arena.get(slot)? {
                Datum::List(_) => Vec::<Object>::from_slot(slot, arena)
                    .map(|l| Place::Objects(l.into_iter().map(|o| o.0).collect())),
                Datum::Record(p) => Ok(Place::Point(Point3::from(*p))),
                Datum::View(v) => Ok(Place::View(**v)),
                other => Err(wrong("a Place", other)),
            },
            OBJECT_PLACE => Ok(Place::Object(id)),
            PHOTO_PLACE => Ok(Place::Photo(id)),
            REGION_PLACE => Region::from_slot(u64::from(id), arena).map(Place::Region),
            _ => Err(bad("Place", slot)),
        }
    }
}

impl FromSlot for Route {
    fn from_slot(slot: Slot, arena: &Arena) -> Result<Self, Fault> {
        match arena.get(slot)? {
            Datum::Route(r) => Ok(Route(r.clone())),
            other => Err(wrong("a Route", other)),
        }
    }
}

impl IntoSlot for Route {
    fn into_slot(self, arena: &mut Arena) -> Result<Slot, Fault> {
        arena.add(Datum::Route(self.0))
    }
}

impl FromSlot for Mark {
    fn from_slot(slot: Slot, arena: &Arena) -> Result<Self, Fault> {
        match arena.get(slot)? {
            Datum::Marks(m) => Ok(Mark(m.clone())),
            other => Err(wrong("a Mark", other)),
        }
    }
}

impl FromSlot for Text {
    fn from_slot(slot: Slot, arena: &Arena) -> Result<Self, Fault> {
        match arena.get(slot)? {
            Datum::Text(t) => Ok(t.clone()),
            other => Err(wrong("a Text", other)),
        }
    }
}

impl IntoSlot for Text {
    fn into_slot(self, arena: &mut Arena) -> Result<Slot, Fault> {
        arena.add(Datum::Text(self))
    }
}

impl FromSlot for Image {
    fn from_slot(slot: Slot, arena: &Arena) -> Result<Self, Fault> {
        match arena.get(slot)? {
            Datum::Image(i) => Ok(i.clone()),
            other => Err(wrong("an Image", other)),
        }
    }
}

impl IntoSlot for Image {
    fn into_slot(self, arena: &mut Arena) -> Result<Slot, Fault> {
        arena.add(Datum::Image(self))
    }
}

impl<T: FromSlot> FromSlot for Vec<T> {
    fn from_slot(slot: Slot, arena: &Arena) -> Result<Self, Fault> {
        arena.list(slot)?.iter().map(|s| T::from_slot(*s, arena)).collect()
    }
}

impl<T: IntoSlot> IntoSlot for Vec<T> {
    fn into_slot(self, arena: &mut Arena) -> Result<Slot, Fault> {
        let members =
            self.into_iter().map(|x| x.into_slot(arena)).collect::<Result<Vec<_>, _>>()?;
        arena.add(Datum::List(members))
    }
}

impl<T: FromSlot> FromSlot for Option<T> {
    fn from_slot(slot: Slot, arena: &Arena) -> Result<Self, Fault> {
        if slot == ABSENT { Ok(None) } else { T::from_slot(slot, arena).map(Some) }
    }
}
