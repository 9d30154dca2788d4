//! The reconstruction frontends that are part of this program.

mod import;
mod odometry;
mod rgbd;
mod synthetic;

pub use import::Import;
pub use rgbd::Rgbd;
pub use synthetic::{Degraded, Synthetic};
