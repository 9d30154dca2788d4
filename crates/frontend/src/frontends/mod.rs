//! The reconstruction frontends that are part of this program.

mod import;
mod rgbd;

pub use import::Import;
pub use rgbd::Rgbd;
