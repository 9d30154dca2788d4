//! Neural models in process: depth of single photos, things in photos. Models are ONNX files that a user gives
//! (`spec/frontends.md`); builds without the feature `onnx` say how to get one with it.

#[cfg_attr(feature = "onnx", path = "onnx.rs")]
#[cfg_attr(not(feature = "onnx"), path = "absent.rs")]
mod onnx;

use std::fmt::Debug;
use std::sync::Arc;

pub use reasmory_reconstruct::monocular::Guess;
use reasmory_scene::Rgb8;

use crate::registry::Settings;
use crate::{FrontendError, Ground, Identity};

/// Options of a depth model.
pub(crate) const DEPTH_OPTIONS: [&str; 2] = ["depth-model", "onnxruntime"];
/// Options of a model that finds things.
pub(crate) const THINGS_OPTIONS: &[&str] = &["things-model", "onnxruntime"];

/// What the numbers of a depth model are, over a picture of some size.
#[derive(Clone, Debug, PartialEq)]
pub struct Guesses {
    /// Numbers, row-major.
    pub numbers: Vec<f32>,
    /// What they are. [`Guess::Scaled`] are metres: a factor is what a photo differs from them by.
    pub guess: Guess,
}

/// A model that guesses depth from one photo.
pub trait DepthModel: Debug + Send + Sync {
    /// Which it is; its version changes with its weights.
    fn identity(&self) -> Identity;

    /// Guesses the depth of a picture, over `to` columns and rows.
    fn guess(&self, picture: &Rgb8, to: (u32, u32)) -> Result<Guesses, FrontendError>;
}

/// The depth model that a build names.
pub(crate) fn depth(s: &Settings) -> Result<Arc<dyn DepthModel>, FrontendError> {
    onnx::depth(s)
}

/// The model of things that a build names.
pub(crate) fn things(s: &Settings) -> Result<Box<dyn Ground>, FrontendError> {
    onnx::things(s)
}
