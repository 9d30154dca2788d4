//! The scene model: the explicit 3D memory that programs query.
//!
//! A [`Manifest`] is all that the checker reads; a [`Memory`] adds points and pixels. Nothing here does
//! I/O; `reasmory_store` writes memories and maps them back.
#![deny(unsafe_code)]

mod apart;
mod column;
mod diff;
pub mod edit;
pub mod index;
mod layout;
mod manifest;
mod memory;
mod place;
pub mod regroup;
#[allow(unsafe_code)]
mod simd;
mod validate;
pub mod viewpoint;

pub use apart::apart;
pub use column::Column;
pub use diff::{Difference, diff};
pub use layout::{Layout, Space, Sure};
pub use manifest::{
    Bounds, CategoryEntry, Grounded, Instance, JournalEntry, Manifest, OLDEST_SCHEMA, Photo,
    Provenance, Room, SCHEMA, Scale, ScaleKind, Uncertainty,
};
pub use memory::{InstanceRows, Memory, PhotoPixels, Points, Rgb8};
pub use place::{Nowhere, Place, Region};
pub use validate::ManifestError;
