//! What is wrong with the views and masks given.

use std::fmt;

/// Why views could not be grounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroundError {
    /// Which view or mask (`view 3, mask 2`).
    pub place: String,
    /// What is wrong.
    pub what: String,
}

impl GroundError {
    pub(crate) fn new(place: impl Into<String>, what: impl Into<String>) -> GroundError {
        GroundError { place: place.into(), what: what.into() }
    }
}

impl fmt::Display for GroundError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl std::error::Error for GroundError {}
