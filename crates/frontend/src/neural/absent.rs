//! A build without ONNX Runtime.

use std::sync::Arc;

use super::DepthModel;
use crate::registry::Settings;
use crate::{FrontendError, Ground};

fn absent() -> FrontendError {
    FrontendError::input(
        "this program was built without neural models",
        "build it with them: `cargo install --path crates/cli --features onnx`, or run the model by the protocol \
         (tools/frontends)",
    )
}

pub(super) fn depth(_: &Settings) -> Result<Arc<dyn DepthModel>, FrontendError> {
    Err(absent())
}

pub(super) fn things(_: &Settings) -> Result<Box<dyn Ground>, FrontendError> {
    Err(absent())
}
