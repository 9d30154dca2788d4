//! The grounding frontends that are part of this program.

mod geometry;
mod boxes;
mod masks;
mod synthetic;
mod vlm;

pub use geometry::Geometry;
pub use boxes::{fuzz_boxes, parse_boxes};
pub use masks::Masks;
pub use synthetic::SyntheticMasks;
pub use vlm::VlmBoxes;
