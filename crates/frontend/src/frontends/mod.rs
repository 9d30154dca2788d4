//! The reconstruction frontends that are part of this program.

mod import;
mod odometry;
mod rgbd;

pub use import::Import;
pub use rgbd::Rgbd;
