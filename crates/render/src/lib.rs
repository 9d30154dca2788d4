//! Pictures of a memory: what one would see from a viewpoint, and views from above.
//!
//! Points become surfaces by splatting (no pinholes, colours kept exactly); memories without points show
//! shaded boxes. Unknown space is hatched, so it is never mistaken for a surface. Labels never lie on one
//! another and none is lost. The same input gives the same bytes on any number of threads. Nothing here
//! reads or writes files. Conventions: `spec/rendering.md`.
#![deny(unsafe_code)]

mod antialias;
mod boxes;
mod canvas;
mod cloud;
mod color;
mod compose;
#[cfg(test)]
mod degenerate;
mod ego;
mod error;
mod facing;
mod labels;
mod marks;
mod overlay;
#[cfg(test)]
mod quality;
#[allow(unsafe_code)]
mod simd;
mod splat;
mod tally;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod text;
mod top;
mod visibility;

pub use canvas::Rect;
pub use cloud::Cloud;
pub use compose::{depth_image, encode_jpeg, encode_png, resize, sheet, side_by_side};
pub use ego::{
    EgoOptions, EgoRender, VisibleInstance, check_ego, ego, ego_into, egos, egos_each, egos_into,
};
pub use error::{MAX_SIDE, RenderError};
pub use labels::{LegendEntry, PlacedLabel};
pub use overlay::{overlay, overlay_of};
pub use splat::DrawStats;
pub use top::{Mark, TopOptions, TopRegion, TopRender, top, top_into};
pub use visibility::{occluders, visible_fraction};
