//! A memory on disk: a directory with a JSON manifest, memory-mapped tensors and pictures.
//!
//! [`write()`] is atomic and its bytes depend on the memory alone; [`open`] checks the manifest and maps the
//! tensors without copying; [`open_manifest`] reads only what a checker needs; [`verify`] reads everything
//! and names damaged chunks. The layout is described in `spec/memory-format.md`.
#![deny(unsafe_code)]

mod chunks;
mod error;
mod fuzz;
mod layout;
#[allow(unsafe_code)]
mod map;
mod open;
mod pictures;
#[doc(hidden)]
pub mod steps;
mod tensors;
mod verify;
mod write;

pub use error::StoreError;
pub use fuzz::{fuzz_manifest, fuzz_tensors};
pub use layout::{CHUNK_BYTES, INDEX_FILE, MANIFEST_FILE, POINTS_FILE};
pub use open::{open, open_manifest};
pub use pictures::{MemoryPictures, NoPictures, Picture, PictureFiles, Pictures};
pub use verify::{Damage, VerifyReport, verify};
pub use write::write;

const _: () = assert!(cfg!(target_endian = "little"), "stored tensors are little-endian");
