//! What a question spells out: where to stand, which way to look, how to move, what to tell.

use reasmory_types::{Dim, Direction, Unit};

use super::relation::Relation;

/// What stands for a place in a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Anchor {
    /// An input photo, by number from 1.
    Photo(u32),
    /// A noun phrase.
    Thing(String),
}

/// Whom or what a relation is relative to.
#[derive(Clone, Debug, PartialEq)]
pub enum Reference {
    /// The viewer.
    Viewer,
    /// A noun phrase.
    Thing(String),
}

/// A move that the question asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Motion {
    /// A turn; else a step.
    pub turn: bool,
    /// Which way.
    pub to: Direction,
    /// How far, in the unit it was written in; the default of the operation where the question says none.
    pub by: Option<(f64, &'static Unit)>,
    /// The words of the question.
    pub quote: Option<String>,
}

impl Motion {
    /// The words of the motions there are: `turn left`, `step forward` ….
    pub const WORDS: [&'static str; 11] = [
        "turn left",
        "turn right",
        "turn up",
        "turn down",
        "turn back",
        "step forward",
        "step backward",
        "step left",
        "step right",
        "step up",
        "step down",
    ];

    /// The motion with these words.
    pub fn named(words: &str) -> Option<Motion> {
        let (verb, to) = words.split_once(' ')?;
        if !Motion::WORDS.contains(&words) {
            return None;
        }
        Some(Motion { turn: verb == "turn", to: Direction::named(to)?, by: None, quote: None })
    }

    /// `turn left`.
    pub fn words(&self) -> String {
        format!("{} {}", self.verb(), self.to.name())
    }

    /// `turn` or `step`.
    pub fn verb(&self) -> &'static str {
        if self.turn { "turn" } else { "step" }
    }

    /// The call as a method: `.turn(left, by=30deg)`.
    pub fn call(&self) -> String {
        let by = self.by.map_or(String::new(), |(x, u)| format!(", by={x}{}", u.name));
        format!(".{}({}{by})", self.verb(), self.to.name())
    }

    /// The dimension of its amount.
    pub fn dim(turn: bool) -> Dim {
        if turn { Dim::ANGLE } else { Dim::LENGTH }
    }
}

/// What a question spells out. An absent part constrains nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decomposition {
    /// Where the answer is judged from.
    pub at: Option<Anchor>,
    /// What the viewer faces; a photo means the way it looks.
    pub facing: Option<Anchor>,
    /// Moves after that, in order.
    pub motions: Vec<Motion>,
    /// The one direction that is asked about.
    pub direction: Option<Direction>,
    /// What is to be told.
    pub relation: Option<Relation>,
    /// What it is relative to.
    pub reference: Option<Reference>,
    /// The things asked about.
    pub targets: Vec<String>,
}

impl Decomposition {
    /// The chain of views it asks for, as a program writes it; `spelled` is how things are called there.
    pub fn chain(&self, spelled: &dyn Fn(&str) -> String) -> String {
        let place = |a: &Anchor| match a {
            Anchor::Photo(n) => format!("photo({n})"),
            Anchor::Thing(t) => format!("the(\"{}\")", spelled(t)),
        };
        let start = match (&self.at, &self.facing) {
            (Some(Anchor::Photo(n)), None) => format!("photo({n}).view()"),
            (Some(Anchor::Photo(a)), Some(Anchor::Photo(b))) if a == b => {
                format!("photo({a}).view()")
            }
            (at, Some(Anchor::Photo(n))) => {
                let at = at.as_ref().map_or("…".to_owned(), place);
                format!("stand(at={at}, heading=photo({n}).view().view_heading())")
            }
            (None, None) => "…".to_owned(),
            (at, facing) => {
                let [at, facing] = [at, facing].map(|a| a.as_ref().map_or("…".to_owned(), place));
                format!("stand(at={at}, facing={facing})")
            }
        };
        self.motions.iter().fold(start, |out, m| out + &m.call())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_chains() {
        for w in Motion::WORDS {
            assert_eq!(Motion::named(w).map(|m| m.words()).as_deref(), Some(w));
        }
        assert_eq!(Motion::named("turn forward"), None);
        let mut turn = Motion::named("turn right").unwrap();
        turn.by = Unit::named("deg").map(|u| (30.0, u));
        let d = Decomposition {
            at: Some(Anchor::Thing("the sofa".into())),
            facing: Some(Anchor::Thing("tv".into())),
            motions: vec![turn, Motion::named("step forward").unwrap()],
            ..Decomposition::default()
        };
        assert_eq!(
            d.chain(&|t| super::super::bare(t).to_owned()),
            "stand(at=the(\"sofa\"), facing=the(\"tv\")).turn(right, by=30deg).step(forward)"
        );
    }
}
