//! The question layer: whether a checked program answers the question that was asked.
//!
//! It runs over the typed HIR, after every other layer. A rule that needs what a mistake has hidden stays
//! silent; nothing is guessed from the free text of a question. `spec/questions.md` says what each rule
//! holds against a program.

mod chain;
mod context;
mod decomposition;
mod expected;
mod flow;
mod model;
mod options;
mod relation;
mod rules;
mod units;
mod uses;
mod values;
mod words;

pub use decomposition::{Anchor, Decomposition, Motion, Reference};
pub use expected::{FAMILIES, Family, KINDS, Kind};
pub use model::Question;
pub use options::{Choice, Met, Options, Typed, spoken};
pub use relation::Relation;
pub use units::{leading_number, unit_word};
pub use words::bare;

pub(crate) use context::{Cx, is_postfix};
pub(crate) use rules::check;
