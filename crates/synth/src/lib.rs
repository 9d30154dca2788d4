//! Seeded furnished rooms with exact ground truth, and what a camera would record in them.
//!
//! A [`Room`] is made of solid primitives, so everything about it is known: boxes, fronts, outline,
//! distances. [`render`] ray-casts colour, depth and instance masks from it; [`memory`] turns such views
//! into memories; [`truth`] answers questions from the primitives. Nothing here shares code with the
//! renderers or the operations, so that each can be tested against the other.
#![forbid(unsafe_code)]

pub mod bench;
pub mod cameras;
pub mod degrade;
mod fit;
pub mod flat;
pub mod furniture;
pub mod material;
pub mod memory;
mod place;
pub mod questions;
mod raycast;
mod recipes;
mod rng;
pub mod room;
pub mod solid;
pub mod structure;
pub mod truth;
pub mod walk;

#[cfg(test)]
mod flat_tests;
#[cfg(test)]
mod tests;

pub use bench::{synthetic_points, synthetic_scene};
pub use cameras::{Camera, arc, photo_set, video_path};
pub use degrade::{Degradation, degraded};
pub use memory::{FusionOptions, Label, from_frames, labels, oracle, oracle_seen, seen_pixels};
pub use raycast::{Frame, masks, render, render_all};
pub use rng::Rng;
pub use room::{Piece, Room, RoomOptions, Style};
pub use structure::{Chamber, Doorway, Layout};
