//! Reconstruction from pictures: pure algorithms over what is given, in the fixed conventions of
//! [`reasmory_geom`] (camera-to-world poses, OpenCV axes, pixel centres at halves).
//!
//! - [`stereo`]: dense depth from posed photos.
//! - [`gate`]: whether the cameras of a sparse model belong together.
//! - [`icp`]: poses of depth sequences.
//! - [`monocular`]: depth that a network guesses, brought to scale and held against other photos.
//! - [`align`]: similarities between point sets, trajectory errors.
#![forbid(unsafe_code)]

pub mod align;
mod epipolar;
pub mod gate;
mod grey;
pub mod icp;
pub mod monocular;
mod random;
pub mod stereo;

pub use grey::Grey;
