//! A question as the checker knows it.

use reasmory_types::{Dim, Direction, Unit};

use super::decomposition::Decomposition;
use super::expected::{Family, Kind};
use super::options::{Options, Typed};
use super::relation::Relation;

/// A question. What it leaves out is not checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// As it was asked.
    pub text: String,
    /// The options; none where it is open.
    pub options: Options,
    /// The kind of answer.
    pub kind: Option<Kind>,
    /// The family of VSI-Bench.
    pub family: Option<&'static Family>,
    /// The unit of the answer.
    pub unit: Option<&'static Unit>,
    /// What it spells out.
    pub decomposition: Option<Decomposition>,
}

impl Question {
    /// Whether only a computed answer will do: a number, a choice, a truth value.
    pub fn wants_answer(&self) -> bool {
        !self.options.is_empty() || self.unit.is_some() || self.kind.is_some_and(Kind::is_computed)
    }

    /// What it asks about, where that is stated.
    pub fn relation(&self) -> Option<Relation> {
        let spelled = self.decomposition.as_ref().and_then(|d| {
            d.relation.or_else(|| {
                d.direction.map(|to| match to {
                    Direction::Up | Direction::Down => Relation::Vertical,
                    _ => Relation::Direction,
                })
            })
        });
        spelled.or_else(|| self.family.map(|f| f.relation))
    }

    /// The dimension of numbers in its options that have no unit of their own.
    pub(crate) fn dim(&self) -> Option<Dim> {
        match self.kind {
            Some(Kind::Measure(d)) => Some(d),
            _ => self.unit.map(|u| u.dim),
        }
    }

    /// The options as values; words that surely name a category of `known` are written as that.
    pub(crate) fn typed_options(&self, known: &[&str]) -> Typed {
        self.options.typed(self.dim(), self.unit, known)
    }
}
