//! The grounding frontends that are part of this program.

mod geometry;
mod masks;

pub use geometry::Geometry;
pub use masks::Masks;
