//! The grounding frontends that are part of this program.

mod masks;

pub use masks::Masks;
