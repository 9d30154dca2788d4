//! The checker and the lowering: names, types, units, frames of reference and the scene in one pass over
//! the syntax tree, giving typed [`hir`] and diagnostics; then [`lower`] to MIR.
//!
//! Phases do not hide each other: what is wrong becomes `Ty::Error`, which fits everywhere, and the rest of
//! the program is checked as usual. Only a program without errors is lowered.
#![forbid(unsafe_code)]

mod calls;
pub mod catalogue;
mod check;
pub mod hir;
mod known;
mod limits;
pub mod lint;
pub mod lower;
mod print;
pub mod question;
mod reads;
mod vocabulary;

pub use check::{CheckOptions, Checked, check};
pub use lint::close_findings;
pub use print::print_hir;
pub use reads::{Fit, Profile, Reads};
pub use vocabulary::{Synonyms, nearest as nearest_categories};
