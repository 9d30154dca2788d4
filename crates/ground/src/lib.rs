//! Masks of photos to instances of the scene.
//!
//! A detector says, picture by picture, which pixels belong to one thing and what it may be called.
//! [`ground`] lifts those masks to 3D, finds out which of them show the same thing, and describes each
//! thing once: its points, box, label distribution, the photos that show it and how sure all of that is.
//! Nothing is in absolute units, and the order of views does not matter. `spec/grounding.md` says how.
#![forbid(unsafe_code)]

mod assign;
mod cluster;
mod covariance;
mod depth;
mod error;
mod evidence;
mod extent;
mod fragments;
pub mod geometry;
mod label;
pub mod layout;
mod paint;
mod pipeline;
mod prepare;
mod refine;
mod region;
mod shape;
#[cfg(test)]
mod testing;
mod view;

pub use assign::Assigner;
pub use error::GroundError;
pub use extent::{box_of, upright_iou};
pub use label::{Canonical, Naming};
pub use pipeline::{Fate, Found, Grounding, Noise, ground};
pub use region::{Region, RegionError};
pub use view::{Mask, Options, View};
