//! The types of the language as plain data: dimensions, units, direction symbols, types, signatures.
//!
//! Nothing here knows about syntax trees, scenes or diagnostics; every later stage shares these.
#![forbid(unsafe_code)]

mod dim;
mod direction;
mod signature;
mod ty;
mod unit;

pub use dim::Dim;
pub use direction::Direction;
pub use signature::{Default, Param, Signature, SignatureError};
pub use ty::{Record, Ty};
pub use unit::{UNITS, Unit};
