//! Families about ways over the floor. Truths are of [`super::paths`]; a question is asked where a disc of a little
//! more and of a little less radius tells the same.

use super::paths::Paths;
use super::{Asked, Maker, number};
use crate::room::Piece;

/// What a radius is off by, in metres, and the question stays clear.
const OFF: f64 = 0.07;
/// The part of a length that it may change by then.
const PART: f64 = 0.03;
/// Least length asked for, metres.
const LEAST: f64 = 1.2;
/// Half the width of who is not said to have any.
const PERSON: f64 = 0.25;

/// Ways for some radii, made once a room.
#[derive(Default)]
pub(super) struct Floors<'r> {
    made: Vec<(u64, Option<Paths<'r>>)>,
}

impl<'r> Maker<'r> {
    /// As `Maker::ask`, of the families of this module.
    pub(super) fn ask_walks(&mut self, family: &'static str) -> Option<Asked> {
        match family {
            "path_length" => self.path_length(),
            "reachable" => self.reachable(),
            "reachable_width" => self.reachable_width(),
            "walk_closest" => self.walk_closest(),
            _ => None,
        }
    }

    /// The shortest way between two pieces for a radius.
    fn walk(&mut self, radius: f64, a: &Piece, b: &Piece) -> Option<Option<f64>> {
        let key = radius.to_bits();
        if self.floors.made.iter().all(|m| m.0 != key) {
            self.floors.made.push((key, Paths::new(self.room, radius)));
        }
        let (_, paths) = self.floors.made.iter().find(|m| m.0 == key)?;
        Some(paths.as_ref()?.length(a, b))
    }

    /// The same, where a little more and a little less changes nothing: its length, or that there is none.
    fn clear_walk(&mut self, radius: f64, a: &Piece, b: &Piece) -> Option<Option<f64>> {
        let some = self.walk(radius, a, b)?;
        let (less, more) = (self.walk(radius - OFF, a, b)?, self.walk(radius + OFF, a, b)?);
        match (less, some, more) {
            (None, None, None) => Some(None),
            (Some(x), Some(y), Some(z)) if (z - x).abs() <= PART * y.max(LEAST) => Some(Some(y)),
            _ => None,
        }
    }

    fn path_length(&mut self) -> Option<Asked> {
        let [a, b]: [&Piece; 2] = self.some()?;
        let x = self.clear_walk(PERSON, a, b)??;
        let text = format!(
            "How long is the shortest walk from the {} to the {} in meters?",
            a.category, b.category
        );
        (x >= LEAST).then(|| number("path_length", text, x, Some("m")))
    }

    fn reachable(&mut self) -> Option<Asked> {
        let [a, b]: [&Piece; 2] = self.some()?;
        let there = self.clear_walk(PERSON, a, b)?.is_some();
        // Half of the answers are no.
        if there && !self.rng.chance(0.2) {
            return None;
        }
        let text = format!("Can a person walk from the {} to the {}?", a.category, b.category);
        Some(self.yes_no("reachable", text, there))
    }

    fn reachable_width(&mut self) -> Option<Asked> {
        let [a, b]: [&Piece; 2] = self.some()?;
        let width = [60, 80, 100][self.rng.below(3)];
        let there = self.clear_walk(f64::from(width) / 200.0, a, b)?.is_some();
        // Most things cannot be reached by what is wide.
        if !there && !self.rng.chance(0.15) {
            return None;
        }
        let text = format!(
            "Can a robot that is {width} cm wide get from the {} to the {}?",
            a.category, b.category
        );
        Some(self.yes_no("reachable_width", text, there))
    }

    fn walk_closest(&mut self) -> Option<Asked> {
        let [from, a, b, c]: [&Piece; 4] = self.some()?;
        let mut by = Vec::new();
        for p in [a, b, c] {
            by.push((self.clear_walk(PERSON, from, p)??, p.category));
        }
        by.sort_by(|a, b| a.0.total_cmp(&b.0));
        if by[1].0 < by[0].0 + 0.2_f64.max(0.1 * by[1].0) {
            return None;
        }
        let text = format!(
            "Which of these objects ({}, {}, {}) is the shortest walk from the {}?",
            a.category, b.category, c.category, from.category
        );
        Some(self.choice("walk_closest", text, by[0].1, &[by[1].1, by[2].1]))
    }
}
