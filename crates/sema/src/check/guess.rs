//! What may have been meant where a program does not say it: a value of a type, from what is at hand.
//!
//! A guess is only ever offered as a suggestion that may change the meaning, and its title says what it
//! takes. A name that nothing has used yet is the best guess, then the last one bound, then a thing that the
//! program speaks of elsewhere and of which there is one, then the first such thing of the memory.

use std::fmt;

use reasmory_diag::{Applicability, Diagnostic};
use reasmory_scene::Manifest;
use reasmory_span::Span;
use reasmory_types::{Dim, Ty, Unit};

use super::Checker;
use crate::hir::LocalId;

/// Past so many findings nobody reads a guess, and each costs a search of the program.
const FINDINGS: usize = 40;

/// Diagonal of a room that lengths are compared with where the scale is not known, metres.
const DIAGONAL: f64 = 6.0;

/// How near measured quantities of a dimension count as equal, as a literal.
pub(super) fn tolerance(dim: Dim) -> Option<&'static str> {
    Some(match dim {
        Dim::LENGTH => "1cm",
        Dim::AREA => "0.01m2",
        Dim::VOLUME => "0.001m3",
        Dim::ANGLE => "1deg",
        Dim::TIME => "1ms",
        Dim::NONE => "0.001",
        _ => return None,
    })
}

/// A length, area or volume in metres as a share of the room's diagonal.
pub(super) fn of_diagonal(metres: f64, dim: Dim) -> Option<String> {
    let power = match dim {
        Dim::LENGTH => 1,
        Dim::AREA => 2,
        Dim::VOLUME => 3,
        _ => return None,
    };
    let percent = 100.0 * metres / DIAGONAL.powi(power);
    // Two digits; more would pretend to know the room.
    let digits = if percent == 0.0 { 0 } else { (1 - percent.abs().log10().floor() as i32).max(0) };
    let share = format!("{percent:.*}", digits.min(6) as usize);
    Some(format!("{share}%{}", " * diagonal()".repeat(power as usize)))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where a text has another as whole words.
pub(super) fn whole_words<'t>(text: &'t str, words: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices(words).map(|m| m.0).filter(move |at| {
        !text[..*at].ends_with(is_word) && !text[*at + words.len()..].starts_with(is_word)
    })
}

impl Checker<'_> {
    fn may_guess(&self) -> bool {
        self.std_span.is_none() && self.diagnostics.len() < FINDINGS
    }

    /// Locals in reach of a type that `fits` takes, in the order they were bound.
    fn in_reach(&self, fits: impl Fn(&Ty) -> bool) -> Vec<(&str, LocalId)> {
        let mut all: Vec<(&str, LocalId)> = self
            .frame
            .scopes
            .iter()
            .flatten()
            .map(|(name, id)| (name.as_str(), *id))
            .filter(|(_, id)| fits(&self.frame.locals[id.0 as usize].ty))
            .collect();
        all.sort_by_key(|(_, id)| id.0);
        all
    }

    /// The name that is most likely meant, but for those in `not`.
    fn likely_local(&self, fits: impl Fn(&Ty) -> bool, not: &str) -> Option<String> {
        let mut all = self.in_reach(fits);
        all.retain(|(name, _)| whole_words(not, name).next().is_none());
        let unused = all.iter().rev().find(|(_, id)| !self.frame.locals[id.0 as usize].used);
        unused.or(all.last()).map(|(name, _)| (*name).to_owned())
    }

    /// A category of one instance, in quotes, but for those in `not`.
    fn likely_category(&self, not: &str) -> Option<String> {
        let scene: &Manifest = self.scene()?;
        let quoted = scene
            .categories
            .iter()
            .filter(|c| c.instances.len() == 1 && !c.name.contains(['"', '\\', '\n', '\r']))
            .map(|c| format!("\"{}\"", c.name))
            .filter(|q| !not.contains(q.as_str()));
        let (mut first, mut spoken_of) = (None, None);
        for q in quoted {
            if let Some(at) = self.text.find(q.as_str())
                && spoken_of.as_ref().is_none_or(|(best, _)| at < *best)
            {
                spoken_of = Some((at, q.clone()));
            }
            first.get_or_insert(q);
        }
        spoken_of.map(|s| s.1).or(first)
    }

    /// An expression of a type that may be meant; `not` is text whose names and things are not.
    pub(super) fn guess(&self, ty: &Ty, not: &str) -> Option<String> {
        if !self.may_guess() {
            return None;
        }
        let local = |wanted: &[&Ty]| self.likely_local(|t| wanted.contains(&t), not);
        let thing = || self.likely_category(not).map(|c| format!("the({c})"));
        match ty {
            Ty::Object => local(&[&Ty::Object]).or_else(thing),
            Ty::Place => local(&[&Ty::Object, &Ty::Point]).or_else(thing),
            Ty::View => local(&[&Ty::View, &Ty::Photo]).or_else(|| {
                if self.options.scene.is_none_or(|s| !s.photos.is_empty()) {
                    return Some("photo(1)".to_owned());
                }
                self.stand_somewhere(not)
            }),
            Ty::Photo => local(&[&Ty::Photo]).or_else(|| Some("photo(1)".to_owned())),
            Ty::Category => local(&[&Ty::Category]).or_else(|| self.likely_category(not)),
            Ty::List(m) if **m == Ty::Object => local(&[ty]).or_else(|| {
                let c = self.likely_category(not)?;
                Some(format!("objects({c})"))
            }),
            Ty::List(m) if **m == Ty::Direction => Some("[left, right]".to_owned()),
            Ty::Direction => local(&[ty]).or_else(|| Some("left".to_owned())),
            Ty::Int => local(&[ty]).or_else(|| Some("1".to_owned())),
            Ty::Quantity(d) => local(&[ty]).or_else(|| self.measure_of(*d)),
            Ty::Extent => local(&[&Ty::LENGTH]).or_else(|| self.measure_of(Dim::LENGTH)),
            _ => None,
        }
    }

    /// A view from one thing towards another.
    pub(super) fn stand_somewhere(&self, not: &str) -> Option<String> {
        let at = self.guess(&Ty::Place, not)?;
        let facing = self.guess(&Ty::Place, &format!("{not} {at}"))?;
        Some(format!("stand(at={at}, facing={facing})"))
    }

    /// One of a dimension's usual unit; where the scale is not known, a share of the diagonal.
    pub(super) fn measure_of(&self, dim: Dim) -> Option<String> {
        if dim == Dim::NONE {
            return Some("1".to_owned());
        }
        if dim.length != 0 && self.relative() {
            return of_diagonal(1.0, dim);
        }
        Unit::default_for(dim).map(|u| format!("1{}", u.name))
    }

    /// Whether the memory's scale is unknown.
    pub(super) fn relative(&self) -> bool {
        self.profile_of().is_some_and(|s| !s.scale.is_metric())
    }

    /// What stands for a missing value of a type where nothing else is said: "none", 0, false.
    pub(super) fn nothing(&self, ty: &Ty) -> Option<String> {
        Some(match ty {
            Ty::Noun | Ty::Text => "\"none\"".to_owned(),
            Ty::Bool => "false".to_owned(),
            Ty::Int => "0".to_owned(),
            Ty::Direction => "none".to_owned(),
            Ty::Quantity(d) if *d == Dim::NONE => "0".to_owned(),
            Ty::Quantity(d) if d.length != 0 && self.relative() => of_diagonal(0.0, *d)?,
            Ty::Quantity(d) => format!("0{}", Unit::default_for(*d)?.name),
            _ => return None,
        })
    }

    /// Offers to take a coordinate in another view's frame: `from=` is exchanged where it is written, in the
    /// expression or, where that is a name, in the one place that the view is given.
    pub(super) fn in_one_frame(&self, d: Diagnostic, at: Span, old: &str, new: &str) -> Diagnostic {
        let given = format!("from={old}");
        let inside = whole_words(at.text(self.text), &given).next().map(|i| at.start as usize + i);
        let place = inside.or_else(|| {
            let mut all = whole_words(self.text, &given);
            all.next().filter(|_| all.next().is_none())
        });
        let Some(start) = place.filter(|_| self.may_guess()) else { return d };
        let end = start + given.len();
        // `from=me` of `from=me.turn(left)` is another view.
        if !self.text[end..].trim_start().starts_with([',', ')']) || new.contains('…') {
            return d;
        }
        let span = Span::new((end - old.len()) as u32, end as u32);
        d.fix(Applicability::Unsafe, format!("take both from `{new}`"), span, new)
    }

    /// Offers to take a coordinate of the world, `center(x).z`, in a view's frame.
    pub(super) fn out_of_world(&self, d: Diagnostic, at: Span, view: &str) -> Diagnostic {
        let text = at.text(self.text);
        let split = text.strip_prefix("center(").and_then(|t| t.rsplit_once(")."));
        let axis = |a| {
            Some(match a {
                "x" => "right",
                "y" => "forward",
                "z" => "up",
                _ => return None,
            })
        };
        let Some((of, axis)) = split.and_then(|(of, a)| Some((of, axis(a)?))) else { return d };
        if view.contains('…') || !self.may_guess() {
            return d;
        }
        let insert = format!("local({of}, from={view}).{axis}");
        d.fix(Applicability::Unsafe, format!("take both from `{view}`"), at, insert)
    }

    /// The line that a place is on: what is named there is rarely what is missing there.
    fn line_of(&self, span: Span) -> &str {
        let (Some(before), Some(after)) =
            (self.text.get(..span.start as usize), self.text.get(span.end as usize..))
        else {
            return "";
        };
        let start = before.rfind('\n').map_or(0, |n| n + 1);
        let end = span.end as usize + after.find('\n').unwrap_or(after.len());
        &self.text[start..end]
    }

    /// A guess for what stands at `span`: rather nothing that its line names.
    pub(super) fn guess_at(&self, ty: &Ty, span: Span) -> Option<String> {
        self.guess(ty, self.line_of(span)).or_else(|| self.guess(ty, span.text(self.text)))
    }

    /// Offers a guess in place of what stands at `span`.
    pub(super) fn instead(&self, d: Diagnostic, ty: &Ty, span: Span) -> Diagnostic {
        match self.guess_at(ty, span) {
            Some(g) => {
                let title = format!("put `{g}` there, if that is meant");
                d.fix(Applicability::Unsafe, title, span, g)
            }
            None => d,
        }
    }
}

/// Whether a diagnostic has a repair that can be applied.
pub(super) fn repairable(d: &Diagnostic) -> bool {
    d.suggestions.iter().any(|s| s.applicability != Applicability::Manual)
}

/// A title for what a call is given by a guess.
pub(super) fn given(what: &dyn fmt::Display) -> String {
    format!("give `{what}`, if that is meant")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_become_shares_of_a_room() {
        assert_eq!(of_diagonal(2.0, Dim::LENGTH).as_deref(), Some("33% * diagonal()"));
        assert_eq!(of_diagonal(0.5, Dim::LENGTH).as_deref(), Some("8.3% * diagonal()"));
        assert_eq!(of_diagonal(0.0, Dim::AREA).as_deref(), Some("0% * diagonal() * diagonal()"));
        assert_eq!(
            of_diagonal(1.0, Dim::VOLUME).as_deref(),
            Some("0.46% * diagonal() * diagonal() * diagonal()")
        );
        assert_eq!(of_diagonal(1.0, Dim::ANGLE), None);
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(whole_words("from=me, from=me2", "from=me").collect::<Vec<_>>(), [0]);
        assert_eq!(whole_words("some me", "me").collect::<Vec<_>>(), [5]);
    }
}
