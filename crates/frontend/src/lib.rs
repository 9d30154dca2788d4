//! Reconstruction and grounding as pluggable frontends: from photos, a video or RGB-D to a memory.
//!
//! A *reconstruction* frontend ([`Reconstruct`]) makes cameras with depth or points of an input; a *grounding*
//! frontend finds things, in the photos ([`Ground`]) or in the points ([`Segment`]). Both are rows of one
//! table ([`registry`]). [`build()`] runs them in stages, fuses what they give, writes the memory and its
//! report. The interfaces with worked examples: `spec/frontends.md`.
#![forbid(unsafe_code)]

mod assemble;
mod build;
mod cache;
pub mod colmap;
mod error;
pub mod frontends;
mod ground;
pub mod grounders;
mod input;
mod job;
pub mod neural;
pub mod payload;
pub mod protocol;
mod quality;
mod reconstruct;
pub mod registry;
mod report;
pub mod video;

pub use assemble::{Fusing, assemble};
pub use build::{Built, Request, build};
pub use error::{Fault, FrontendError};
pub use ground::{Detections, Ground, Grounder, Segment, Segments};
pub use input::{Input, Kind, LeftOut, Photo, digest_of, inspect, kind, read_photos};
pub use job::{Cancel, Job, Progress, Quiet};
pub use quality::{PhotoQuality, Quality, Warning};
pub use reconstruct::{Cloud, Identity, Reconstruct, Reconstructed, Reconstruction, View};
