//! The grounding frontends that are part of this program.

mod boxes;
mod geometry;
mod masks;
mod synthetic;
mod vlm;

pub use boxes::{fuzz_boxes, parse_boxes};
pub use geometry::Geometry;
pub use masks::Masks;
pub use synthetic::SyntheticMasks;
pub use vlm::VlmBoxes;
