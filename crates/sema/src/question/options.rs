//! The options of a question: their letters, what they say, and which one an answer meets.
//!
//! The rules are one for the checker, which asks about every value a program can give, and for a run, which
//! asks about the one it gave.

use reasmory_types::{Dim, Direction, Ty, Unit};

use super::units::{leading_number, unit_word};
use super::words::{bare, category_of, names, same};

/// One option.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Its letter: the one it is written with, else the one of its place.
    pub letter: char,
    /// What it says, without the letter.
    pub text: String,
}

/// The options of a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options(Vec<Choice>);

/// An answer, as far as options are concerned.
#[derive(Clone, Debug, PartialEq)]
pub enum Met<'a> {
    /// Truth value.
    Bool(bool),
    /// Direction.
    Direction(Direction),
    /// What a thing is called, the closest name first.
    Noun(Vec<&'a str>),
    /// Text.
    Text(&'a str),
    /// Members of a list, as they are printed.
    List(Vec<String>),
    /// Photo by number.
    Photo(u32),
    /// Whole number.
    Int(i64),
    /// Quantity in canonical units, and the unit it is printed in.
    Quantity(f64, Dim, Option<&'static Unit>),
}

/// The options as values of one type.
#[derive(Clone, Debug, PartialEq)]
pub enum Typed {
    /// Yes and no.
    Bools(Vec<bool>),
    /// Directions.
    Directions(Vec<Direction>),
    /// Whole numbers.
    Ints(Vec<i64>),
    /// Quantities in canonical units.
    Quantities(Vec<f64>, Dim, Option<&'static Unit>),
    /// Nouns and other texts.
    Words(Vec<String>),
}

fn split(option: &str, index: usize) -> Choice {
    let trimmed = option.trim();
    let mut chars = trimmed.chars();
    if let (Some(letter), Some('.' | ')' | ':')) = (chars.next(), chars.next())
        && letter.is_ascii_alphabetic()
    {
        let text = chars.as_str().trim().to_owned();
        return Choice { letter: letter.to_ascii_uppercase(), text };
    }
    let letter = (b'A' + (index % 26) as u8) as char;
    Choice { letter, text: trimmed.to_owned() }
}

fn fold(text: &str) -> String {
    text.trim()
        .trim_matches(|c: char| c == '.' || c == '"' || c == '\'')
        .chars()
        .map(|c| if c == '-' || c == '_' { ' ' } else { c.to_ascii_lowercase() })
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn noun(text: &str) -> String {
    let folded = fold(text);
    bare(&folded).to_owned()
}

fn parts(text: &str) -> Vec<String> {
    text.split([',', '>', ';', '→']).map(|s| noun(s.trim().trim_start_matches("and "))).collect()
}

/// Words beside a direction that say nothing about it.
const FILLERS: [&str; 13] = [
    "turn",
    "to",
    "the",
    "my",
    "your",
    "directly",
    "straight",
    "diagonally",
    "on",
    "go",
    "move",
    "side",
    "and",
];

/// The direction that people mean by a text: `front-left`, `behind`, `to the right`, `Turn Left`,
/// `Diagonally forward and left`.
pub fn spoken(text: &str) -> Option<Direction> {
    let plain = text.trim().trim_end_matches('.');
    Direction::from_spoken(plain)
        .or_else(|| crate::check::spoken_alias(plain).and_then(Direction::named))
        .or_else(|| composed(plain))
}

/// A direction of at most one word for front or back and one for left or right, and fillers.
fn composed(text: &str) -> Option<Direction> {
    let (mut ahead, mut aside) = (None, None);
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| c.is_whitespace() || c == '-' || c == '_');
    for word in words.filter(|w| !w.is_empty() && !FILLERS.contains(w)) {
        let (slot, d) = match word {
            "front" | "forward" | "forwards" | "ahead" => (&mut ahead, Direction::Front),
            "back" | "backward" | "backwards" | "behind" | "around" => {
                (&mut ahead, Direction::Back)
            }
            "left" => (&mut aside, Direction::Left),
            "right" => (&mut aside, Direction::Right),
            _ => return None,
        };
        if slot.replace(d).is_some() {
            return None;
        }
    }
    match (ahead, aside) {
        (Some(Direction::Front), Some(Direction::Left)) => Some(Direction::FrontLeft),
        (Some(Direction::Front), Some(Direction::Right)) => Some(Direction::FrontRight),
        (Some(Direction::Back), Some(Direction::Left)) => Some(Direction::BackLeft),
        (Some(Direction::Back), Some(Direction::Right)) => Some(Direction::BackRight),
        (one, None) | (None, one) => one,
        _ => None,
    }
}

fn truth(text: &str) -> Option<bool> {
    match fold(text).as_str() {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

impl Options {
    /// Options as a question writes them.
    pub fn new<S: AsRef<str>>(written: &[S]) -> Options {
        Options(written.iter().enumerate().map(|(i, o)| split(o.as_ref(), i)).collect())
    }

    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = &Choice> {
        self.0.iter()
    }

    /// Whether the question is open.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The option at a place.
    pub fn get(&self, index: usize) -> Option<&Choice> {
        self.0.get(index)
    }

    /// For messages: `A. chair; B. sofa`.
    pub fn listed(&self) -> String {
        self.0.iter().map(|c| format!("{}. {}", c.letter, c.text)).collect::<Vec<_>>().join("; ")
    }

    /// The directions that its options name, where they all do.
    pub fn directions(&self) -> Option<Vec<Direction>> {
        let all: Option<Vec<Direction>> = self.0.iter().map(|c| spoken(&c.text)).collect();
        all.filter(|d| !d.is_empty())
    }

    /// The option that an answer meets, by its place; `None` where it meets none.
    pub fn meet(&self, answer: &Met<'_>) -> Option<usize> {
        let by_text = |wanted: &str| {
            let wanted = fold(wanted);
            self.0.iter().position(|c| fold(&c.text) == wanted)
        };
        match answer {
            Met::Bool(b) => self.0.iter().position(|c| truth(&c.text) == Some(*b)),
            Met::Direction(d) => self.0.iter().position(|c| spoken(&c.text) == Some(*d)),
            Met::Noun(names) => self.noun(names),
            Met::Text(t) => by_text(t)
                .or_else(|| {
                    // A letter is accepted.
                    let letter = t.trim().to_ascii_uppercase();
                    self.0.iter().position(|c| letter.len() == 1 && letter.starts_with(c.letter))
                })
                .or_else(|| self.noun(&[t])),
            Met::List(members) => {
                let wanted: Vec<String> = members.iter().map(|m| noun(m)).collect();
                let one = |a: &str, b: &str| {
                    same(a, b) || spoken(a).is_some_and(|d| spoken(b) == Some(d))
                };
                let kinds = |p: &[String]| {
                    p.len() == wanted.len() && p.iter().zip(&wanted).all(|(a, b)| one(a, b))
                };
                self.0
                    .iter()
                    .position(|c| parts(&c.text) == wanted)
                    .or_else(|| self.0.iter().position(|c| kinds(&parts(&c.text))))
            }
            Met::Photo(n) => by_text(&n.to_string())
                .or_else(|| by_text(&format!("photo {n}")))
                .or_else(|| by_text(&format!("image {n}"))),
            Met::Int(i) => self.nearest(*i as f64, Dim::NONE, None),
            Met::Quantity(x, dim, unit) => self.nearest(*x, *dim, *unit),
        }
    }

    /// The option that a thing meets: by its own word, else the only one that is a synonym of it, else the
    /// only one that speaks of it in more or fewer words.
    fn noun(&self, called: &[&str]) -> Option<usize> {
        let only = |fits: &dyn Fn(&str, &str) -> bool| {
            called.iter().find_map(|n| {
                let mut hits = self.0.iter().enumerate().filter(|(_, c)| fits(&c.text, n));
                let first = hits.next()?.0;
                hits.next().is_none().then_some(first)
            })
        };
        called
            .iter()
            .find_map(|n| {
                let wanted = noun(n);
                self.0.iter().position(|c| noun(&c.text) == wanted)
            })
            .or_else(|| only(&same))
            .or_else(|| only(&names))
    }

    /// The option with the nearest stated value.
    fn nearest(&self, x: f64, dim: Dim, unit: Option<&'static Unit>) -> Option<usize> {
        let mut best: Option<(f64, usize)> = None;
        for (i, c) in self.0.iter().enumerate() {
            let Some(stated) = stated(&c.text, dim, unit) else { continue };
            let d = (stated - x).abs();
            if best.is_none_or(|b| d < b.0) {
                best = Some((d, i));
            }
        }
        best.map(|b| b.1)
    }

    /// Whether some value of a type can meet some option.
    pub(crate) fn can_meet(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Error | Ty::Text | Ty::Noun | Ty::Object | Ty::Category | Ty::Region => true,
            Ty::Bool => self.0.iter().any(|c| truth(&c.text).is_some()),
            Ty::Direction => self.0.iter().any(|c| spoken(&c.text).is_some()),
            Ty::Int | Ty::Quantity(_) => self.0.iter().any(|c| leading_number(&c.text).is_some()),
            Ty::Photo => self.0.iter().any(|c| c.text.chars().any(|c| c.is_ascii_digit())),
            Ty::List(_) => true,
            _ => false,
        }
    }

    /// Whether some option lists this many things.
    pub(crate) fn has_parts(&self, n: u64) -> bool {
        self.0.iter().any(|c| parts(&c.text).len() as u64 == n)
    }

    /// Whether some option lists only what `known` names.
    pub(crate) fn has_parts_of(&self, known: &[&str]) -> bool {
        let one = |k: &str, p: &str| {
            noun(k) == p || same(k, p) || spoken(k).is_some_and(|d| spoken(p) == Some(d))
        };
        self.0.iter().any(|c| parts(&c.text).iter().all(|p| known.iter().any(|k| one(k, p))))
    }

    /// Two options that no answer of this type tells apart, where there are such.
    pub(crate) fn alike(&self, ty: &Ty, unit: Option<&'static Unit>) -> Option<(usize, usize)> {
        let alike = |a: &Choice, b: &Choice| match ty {
            Ty::Direction => spoken(&a.text).is_some() && spoken(&a.text) == spoken(&b.text),
            Ty::Bool => truth(&a.text).is_some() && truth(&a.text) == truth(&b.text),
            Ty::Int => {
                leading_number(&a.text).map(|n| n.0) == leading_number(&b.text).map(|n| n.0)
                    && leading_number(&a.text).is_some()
            }
            Ty::Quantity(d) => match (stated(&a.text, *d, unit), stated(&b.text, *d, unit)) {
                (Some(x), Some(y)) => (x - y).abs() <= 1e-9 * x.abs().max(y.abs()),
                _ => false,
            },
            Ty::List(_) => parts(&a.text) == parts(&b.text),
            _ => noun(&a.text) == noun(&b.text),
        };
        (0..self.0.len())
            .flat_map(|j| (0..j).map(move |i| (i, j)))
            .find(|(i, j)| alike(&self.0[*i], &self.0[*j]))
    }

    /// The options as values of one type: truth values, directions, numbers (in `unit` where they have none
    /// of their own and `dim` is what is asked for), else words.
    pub(crate) fn typed(
        &self,
        dim: Option<Dim>,
        unit: Option<&'static Unit>,
        known: &[&str],
    ) -> Typed {
        let bools: Option<Vec<bool>> = self.0.iter().map(|c| truth(&c.text)).collect();
        if let Some(b) = bools {
            return Typed::Bools(b);
        }
        if let Some(d) = self.directions() {
            return Typed::Directions(d);
        }
        if let Some(numbers) = self.numbers(dim, unit) {
            return numbers;
        }
        // The memory's word for an option, where it leads back to that option.
        let word = |(i, c): (usize, &Choice)| {
            category_of(&c.text, known)
                .filter(|word| self.meet(&Met::Text(word)) == Some(i))
                .unwrap_or(&c.text)
                .to_owned()
        };
        Typed::Words(self.0.iter().enumerate().map(word).collect())
    }

    fn numbers(&self, dim: Option<Dim>, unit: Option<&'static Unit>) -> Option<Typed> {
        let mut out = Vec::new();
        for c in &self.0 {
            let (x, rest) = leading_number(&c.text)?;
            let own = unit_word(rest);
            if !rest.is_empty() && own.is_none() {
                return None;
            }
            out.push((x, own));
        }
        let dims: Vec<Option<Dim>> = out.iter().map(|o| o.1.map(|u| u.dim)).collect();
        let stated = dims.iter().flatten().next().copied().or(dim);
        match stated {
            Some(d) if d != Dim::NONE => {
                let fallback = unit.filter(|u| u.dim == d).or_else(|| Unit::default_for(d))?;
                if out.iter().any(|o| o.1.is_some_and(|u| u.dim != d)) {
                    return None;
                }
                let values = out.iter().map(|(x, own)| own.unwrap_or(fallback).to_canonical(*x));
                let shown = out[0].1.or(unit.filter(|u| u.dim == d));
                Some(Typed::Quantities(values.collect(), d, shown))
            }
            _ if out.iter().all(|(x, own)| own.is_none() && x.fract() == 0.0 && x.abs() < 1e15) => {
                Some(Typed::Ints(out.iter().map(|o| o.0 as i64).collect()))
            }
            _ => {
                let values = out.iter().map(|(x, own)| own.map_or(*x, |u| u.to_canonical(*x)));
                let shown = out[0].1;
                Some(Typed::Quantities(values.collect(), Dim::NONE, shown))
            }
        }
    }
}

/// The value that an option states, in canonical units.
fn stated(text: &str, dim: Dim, printed: Option<&'static Unit>) -> Option<f64> {
    let (number, rest) = leading_number(text)?;
    let unit = unit_word(rest).filter(|u| u.dim == dim).or(printed).filter(|u| u.dim == dim);
    Some(unit.map_or(number, |u| u.to_canonical(number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(answer: Met<'_>, options: &[&str]) -> Option<char> {
        let options = Options::new(options);
        options.meet(&answer).and_then(|i| options.get(i)).map(|c| c.letter)
    }

    #[test]
    fn directions_in_many_words() {
        for (text, name) in [
            ("left", Some("left")),
            ("Front-Left", Some("front_left")),
            ("Turn Back", Some("back")),
            ("To my right", Some("right")),
            ("Directly left", Some("left")),
            ("Diagonally forward and right", Some("front_right")),
            ("behind", Some("back")),
            ("none", Some("none")),
            ("left right", None),
            ("Turn Left, Turn Right", None),
            ("sofa", None),
            ("", None),
        ] {
            assert_eq!(spoken(text).map(Direction::name), name, "{text}");
        }
        let turns = Options::new(&["Turn Left, Turn Back", "Turn Back, Turn Left"]);
        let made = ["back", "left"].map(str::to_owned).to_vec();
        assert_eq!(turns.meet(&Met::List(made)), Some(1));
        assert!(turns.has_parts_of(&["left", "right", "back"]) && !turns.has_parts_of(&["left"]));
    }

    #[test]
    fn by_rule() {
        assert_eq!(met(Met::Bool(true), &["A. No", "B. Yes"]), Some('B'));
        let quadrants = ["A. back-left", "B. Front-Left."];
        assert_eq!(met(Met::Direction(Direction::FrontLeft), &quadrants), Some('B'));
        assert_eq!(met(Met::Direction(Direction::Back), &["A. left", "B. behind"]), Some('B'));
        assert_eq!(met(Met::Direction(Direction::Front), &["A. left", "B. right"]), None);
        assert_eq!(met(Met::Noun(vec!["tv"]), &["A. chair", "B. TV"]), Some('B'));
        assert_eq!(met(Met::Noun(vec!["sofa"]), &["A. the couch", "B. TV"]), Some('A'));
        assert_eq!(met(Met::Noun(vec!["chair #2", "chair"]), &["A. chair", "B. bed"]), Some('A'));
        let lengths = ["A. 90 cm", "B. 150 cm", "C. 2.1 m"];
        assert_eq!(met(Met::Quantity(1.52, Dim::LENGTH, None), &lengths), Some('B'));
        assert_eq!(met(Met::Int(4), &["3", "4", "5"]), Some('B'));
        let order = || Met::List(vec!["bed".into(), "trash bin".into()]);
        assert_eq!(met(order(), &["A. trash bin, bed", "B. bed, trash bin"]), Some('B'));
        assert_eq!(met(order(), &["A. trash can, bed", "B. bed, and trash can"]), Some('B'));
        assert_eq!(met(Met::Text("b"), &["A. x", "B. y"]), Some('B'));
        assert_eq!(met(Met::Text("sofa"), &["A. bed", "B. the red couch"]), None);
        assert_eq!(met(Met::Text("chair"), &["A. bed", "B. the red chair"]), Some('B'));
        assert_eq!(met(Met::Noun(vec!["chair"]), &["A. big chair", "B. red chair"]), None);
        assert_eq!(met(Met::Photo(2), &["A. image 1", "B. Image 2"]), Some('B'));
    }

    #[test]
    fn typed() {
        let of = |o: &[&str]| Options::new(o).typed(None, None, &["sofa", "tv"]);
        assert_eq!(of(&["A. Yes", "B. No"]), Typed::Bools(vec![true, false]));
        assert_eq!(
            of(&["A. left", "B. behind"]),
            Typed::Directions(vec![Direction::Left, Direction::Back])
        );
        assert_eq!(of(&["3", "4"]), Typed::Ints(vec![3, 4]));
        assert_eq!(
            of(&["A. 90 cm", "B. 1.5 m"]),
            Typed::Quantities(vec![0.9, 1.5], Dim::LENGTH, Unit::named("cm"))
        );
        assert_eq!(of(&["1.5", "2"]), Typed::Quantities(vec![1.5, 2.0], Dim::NONE, None));
        assert_eq!(of(&["A. the couch", "B. TV"]), Typed::Words(vec!["sofa".into(), "tv".into()]));
        assert_eq!(of(&["A. 2 apples", "B. 3"]), Typed::Words(vec!["2 apples".into(), "3".into()]));
        // Two options of one kind stay apart.
        let kinds = of(&["A. couch", "B. sofa", "C. big tv"]);
        assert_eq!(kinds, Typed::Words(vec!["couch".into(), "sofa".into(), "tv".into()]));
        let cm = Options::new(&["90", "120"]).typed(Some(Dim::LENGTH), Unit::named("cm"), &[]);
        assert_eq!(cm, Typed::Quantities(vec![0.9, 1.2], Dim::LENGTH, Unit::named("cm")));
    }

    #[test]
    fn alike() {
        let pair = |o: &[&str], ty: Ty| Options::new(o).alike(&ty, None);
        assert_eq!(
            pair(&["A. front-left", "B. left", "C. front left"], Ty::Direction),
            Some((0, 2))
        );
        assert_eq!(pair(&["A. 90 cm", "B. 0.9 m"], Ty::LENGTH), Some((0, 1)));
        assert_eq!(pair(&["A. 90 cm", "B. 0.9 m"], Ty::Text), None);
        assert_eq!(pair(&["A. TV", "B. the tv"], Ty::Category), Some((0, 1)));
        assert_eq!(pair(&["A. left", "B. right"], Ty::Direction), None);
    }
}
