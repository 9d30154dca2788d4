//! What both engines run against: the state of one run, the values in its arena, limits and faults, and
//! the operations over the memory.
#![forbid(unsafe_code)]

pub mod abi;
mod answer;
mod arena;
mod caption;
mod choose;
mod columns;
pub mod engine;
mod fault;
mod history;
mod judge;
mod near;
mod ops;
mod picture;
mod place;
mod run;
mod step;
mod stop;
#[cfg(test)]
mod testing;

pub use abi::{FromSlot, IntoSlot};
pub use answer::{AnswerValue, Evidence, EvidenceImage, Located, Missing};
pub use arena::{Arena, Datum, OBJECT_PLACE, place_tag};
pub use choose::{Asked, Candidate, Choice, Chooser, Shown};
pub use columns::{Column, Columns};
pub use fault::{Fault, FaultKind, Status};
pub use near::{Index, LEAST_POINTS};
pub use ops::{Operations, direct, dispatch};
pub use picture::Picture;
pub use reasmory_ir::Limits;
pub use reasmory_scene::Place;
pub use run::{Decision, FUEL_SLICE, Outcome, Run, compare_floats};
pub use step::step;
pub use stop::Stop;

/// One run-time value: 64 bits whose meaning is given by its static type. Quantities are `f64` bits,
/// `Bool` is 0 or 1, `Int` is the bits of an `i64`, Direction its discriminant, Object, Photo and Category
/// an id, everything else a handle into the run's [`Arena`].
pub type Slot = u64;

/// The slot of an absent optional argument. No handle or id reaches it, and as an `f64` it is a NaN, which
/// no quantity ever is; as a direction or a Bool it is out of range.
pub const ABSENT: Slot = u64::MAX;
