//! Values that do not fit a slot.

use std::sync::Arc;

use reasmory_geom::{Point3, View};
use reasmory_render::Mark;
use reasmory_types::Ty;

use crate::{Fault, Picture, Slot, fault::FaultKind};

/// The upper half of the slot of a place that is an object, a photo or a region; the lower half is its id.
/// A slot without one is a handle: to a list of objects, a point or a view. No handle reaches so high,
/// since a run may not make so many values, and an absent place keeps its slot under `tag | slot`.
pub const OBJECT_PLACE: Slot = 1 << 32;
/// The tag of a photo, see [`OBJECT_PLACE`].
pub const PHOTO_PLACE: Slot = 2 << 32;
/// The tag of a region, see [`OBJECT_PLACE`].
pub const REGION_PLACE: Slot = 3 << 32;

/// What turns the slot of a value of this type into the slot of the place it is at: this, or'ed to it.
/// `None` for what is no place.
pub fn place_tag(ty: &Ty) -> Option<Slot> {
    Some(match ty {
        Ty::Object => OBJECT_PLACE,
        Ty::Photo => PHOTO_PLACE,
        Ty::Region => REGION_PLACE,
        Ty::Place | Ty::List(_) | Ty::Point | Ty::View => 0,
        _ => return None,
    })
}

/// A value in the arena.
#[derive(Clone, Debug)]
pub enum Datum {
    /// Members.
    List(Vec<Slot>),
    /// Point, Vector, Local or Size.
    Record([f64; 3]),
    /// A view, apart, so that it does not make every value as large as itself.
    View(Box<View>),
    /// Marks: one value may stand for several (a list of objects flattens).
    Marks(Vec<Mark>),
    /// A way over the floor.
    Route(Vec<Point3>),
    /// A picture.
    Image(Arc<Picture>),
    /// A text.
    Text(Arc<str>),
    /// A group of `group_by`.
    Group {
        /// Key.
        key: Slot,
        /// List handle.
        members: Slot,
    },
}

impl Datum {
    /// What it spends of the limit on values; a list that is pushed to has spent as much in the end.
    fn cost(&self) -> usize {
        match self {
            Datum::List(l) => 1 + l.len(),
            _ => 1,
        }
    }
}

/// Handles are indices; the values of one run, freed together.
#[derive(Debug)]
pub struct Arena {
    data: Vec<Datum>,
    /// Values that may still be made.
    left: u64,
    limit: usize,
}

impl Arena {
    /// An arena that holds at most `limit` values.
    pub fn new(limit: usize) -> Arena {
        // Handles stay below the tags of places.
        let left = limit.min(u32::MAX as usize) as u64;
        Arena { data: Vec::new(), left, limit }
    }

    fn spend(&mut self, n: usize) -> Result<(), Fault> {
        match self.left.checked_sub(n as u64) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Fault::new(
                FaultKind::RunLimit,
                format!("the run made more than {} values", self.limit),
            )),
        }
    }

    /// How many more values may be made. Compiled code counts those here that it makes without the arena.
    pub fn left(&mut self) -> &mut u64 {
        &mut self.left
    }

    /// Stores a value.
    pub fn add(&mut self, datum: Datum) -> Result<Slot, Fault> {
        self.spend(datum.cost())?;
        self.data.push(datum);
        Ok(self.data.len() as Slot - 1)
    }

    /// Spends what adding a value that is no list spends.
    pub fn charge_one(&mut self) -> Result<(), Fault> {
        self.spend(1)
    }

    /// Spends what adding the value behind this handle spent.
    pub fn charge(&mut self, slot: Slot) -> Result<(), Fault> {
        let cost = self.get(slot)?.cost();
        self.spend(cost)
    }

    /// The value behind a handle.
    pub fn get(&self, slot: Slot) -> Result<&Datum, Fault> {
        usize::try_from(slot)
            .ok()
            .and_then(|i| self.data.get(i))
            .ok_or_else(|| Fault::new(FaultKind::Internal, format!("no value {slot} in the arena")))
    }

    /// The members of a list.
    pub fn list(&self, slot: Slot) -> Result<&[Slot], Fault> {
        match self.get(slot)? {
            Datum::List(l) => Ok(l),
            other => Err(wrong("a list", other)),
        }
    }

    /// Appends to a list.
    pub fn push(&mut self, list: Slot, value: Slot) -> Result<(), Fault> {
        self.spend(1)?;
        match usize::try_from(list).ok().and_then(|i| self.data.get_mut(i)) {
            Some(Datum::List(l)) => {
                l.push(value);
                Ok(())
            }
            _ => Err(Fault::new(FaultKind::Internal, "a push to something that is no list")),
        }
    }
}

/// The fault of a handle to another kind of value than its type says.
pub(crate) fn wrong(expected: &str, found: &Datum) -> Fault {
    Fault::new(FaultKind::Internal, format!("expected {expected} in the arena, found {found:?}"))
}
