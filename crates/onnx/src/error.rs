//! What went wrong with a model.

use std::fmt;

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// What was given cannot be used: a path, the sidecar, the library.
    Given,
    /// The model did not do what its sidecar says.
    Model,
}

/// Why a model gives nothing: what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnnxError {
    /// Whose fault it is.
    pub cause: Cause,
    /// What is wrong, naming the file.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl OnnxError {
    pub(crate) fn given(what: impl Into<String>, remedy: impl Into<String>) -> OnnxError {
        OnnxError { cause: Cause::Given, what: what.into(), remedy: remedy.into() }
    }

    pub(crate) fn model(what: impl Into<String>, remedy: impl Into<String>) -> OnnxError {
        OnnxError { cause: Cause::Model, what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for OnnxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.remedy)
    }
}

impl std::error::Error for OnnxError {}
