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
mod compare;
mod compose;
#[cfg(test)]
mod degenerate;
mod edges;
mod ego;
mod error;
mod facing;
#[cfg(test)]
mod golden;
mod labels;
#[cfg(test)]
mod legible;
mod marks;
mod overlay;
#[cfg(test)]
mod quality;
mod side;
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
pub use compare::{psnr, ssim};
pub use compose::{
    Format, depth_image, encode_jpeg, encode_png, encode_webp, normal_image, resize, sheet,
    side_by_side,
};
pub use ego::{
    Antialias, EgoOptions, EgoRender, VisibleInstance, check_ego, ego, ego_into, egos, egos_each,
    egos_into,
};
pub use error::{MAX_SIDE, RenderError};
pub use labels::{LegendEntry, PlacedLabel};
pub use overlay::{overlay, overlay_of};
pub use side::{SideOptions, SideRender, side};
pub use splat::DrawStats;
pub use top::{Mark, TopOptions, TopRegion, TopRender, top, top_into};
pub use visibility::{occluders, visible_fraction};
