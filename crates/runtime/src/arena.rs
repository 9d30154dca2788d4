//! Values that do not fit a slot.

use std::sync::Arc;

use reasmory_geom::{Point3, View};
use reasmory_render::Mark;

use crate::{EvidenceImage, Fault, Slot, fault::FaultKind};

/// Anything that is somewhere: the run-time form of `Place`.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// An instance id.
    Object(u32),
    /// Instance ids.
    Objects(Vec<u32>),
    /// A point.
    Point(Point3),
    /// A view: its eye.
    View(View),
    /// A photo: its camera centre.
    Photo(u32),
    /// A region.
    Region(crate::abi::Region),
}

/// A value in the arena.
#[derive(Clone, Debug)]
pub enum Datum {
    /// Members.
    List(Vec<Slot>),
    /// Point, Vector, Local or Size.
    Record([f64; 3]),
    /// A view.
    View(View),
    /// An oriented box.
    Box(reasmory_geom::Obb),
    /// A place.
    Place(Place),
    /// Marks: one value may stand for several (a list of objects flattens).
    Marks(Vec<Mark>),
    /// A picture.
    Image(Arc<EvidenceImage>),
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
    spent: usize,
    limit: usize,
}

impl Arena {
    /// An arena that holds at most `limit` values.
    pub fn new(limit: usize) -> Arena {
        Arena { data: Vec::new(), spent: 0, limit }
    }

    fn spend(&mut self, n: usize) -> Result<(), Fault> {
        self.spent = self.spent.saturating_add(n);
        if self.spent > self.limit {
            return Err(Fault::new(
                FaultKind::RunLimit,
                format!("the run made more than {} values", self.limit),
            ));
        }
        Ok(())
    }

    /// Stores a value.
    pub fn add(&mut self, datum: Datum) -> Result<Slot, Fault> {
        self.spend(datum.cost())?;
        self.data.push(datum);
        Ok(self.data.len() as Slot - 1)
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
