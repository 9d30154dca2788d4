//! What kind of answer a question asks for: the words of `type`, and the families of VSI-Bench.

use reasmory_types::{Dim, Direction, Ty};

use super::relation::Relation;

/// A kind of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number of things.
    Count,
    /// A plain number.
    Number,
    /// A measured quantity.
    Measure(Dim),
    /// A direction symbol.
    Direction,
    /// Yes or no.
    YesNo,
    /// A thing or a kind of thing.
    Object,
    /// Things in order.
    Order,
    /// A photo by its number.
    Photo,
    /// One of the options, of whatever type.
    Choice,
    /// Free text.
    Text,
}

/// The words of `type`, and what each asks for.
pub const KINDS: &[(&str, Kind)] = &[
    ("count", Kind::Count),
    ("number", Kind::Number),
    ("length", Kind::Measure(Dim::LENGTH)),
    ("distance", Kind::Measure(Dim::LENGTH)),
    ("area", Kind::Measure(Dim::AREA)),
    ("volume", Kind::Measure(Dim::VOLUME)),
    ("angle", Kind::Measure(Dim::ANGLE)),
    ("time", Kind::Measure(Dim::TIME)),
    ("speed", Kind::Measure(Dim::SPEED)),
    ("direction", Kind::Direction),
    ("yes_no", Kind::YesNo),
    ("bool", Kind::YesNo),
    ("object", Kind::Object),
    ("category", Kind::Object),
    ("order", Kind::Order),
    ("photo", Kind::Photo),
    ("choice", Kind::Choice),
    ("multiple_choice", Kind::Choice),
    ("text", Kind::Text),
];

impl Kind {
    /// The kind with this word, case and separators aside.
    pub fn named(name: &str) -> Option<Kind> {
        let folded = name.trim().to_ascii_lowercase().replace([' ', '-', '/'], "_");
        KINDS.iter().find(|k| k.0 == folded).map(|k| k.1)
    }

    /// As a message names it: "the question asks for …".
    pub fn asked(self) -> String {
        match self {
            Kind::Count => "a count".to_owned(),
            Kind::Number => "a number".to_owned(),
            Kind::Measure(d) => {
                let name = d.to_string().to_lowercase();
                let article = if name.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
                format!("{article} {name}")
            }
            Kind::Direction => "a direction".to_owned(),
            Kind::YesNo => "yes or no".to_owned(),
            Kind::Object => "an object".to_owned(),
            Kind::Order => "an order of things".to_owned(),
            Kind::Photo => "a photo".to_owned(),
            Kind::Choice => "one of its options".to_owned(),
            Kind::Text => "a text".to_owned(),
        }
    }

    /// Whether a program computes it: a person or a model who only looks at pictures cannot read it off.
    pub fn is_computed(self) -> bool {
        !matches!(self, Kind::Text | Kind::Choice)
    }

    /// Whether a value of this type is such an answer.
    pub fn takes(self, ty: &Ty) -> bool {
        match self {
            Kind::Count => *ty == Ty::Int,
            Kind::Number => matches!(ty, Ty::Int) || *ty == Ty::NUMBER,
            Kind::Measure(d) => *ty == Ty::Quantity(d),
            Kind::Direction => *ty == Ty::Direction,
            Kind::YesNo => *ty == Ty::Bool,
            Kind::Object => matches!(ty, Ty::Object | Ty::Category | Ty::Text | Ty::Region),
            Kind::Order => match ty {
                Ty::List(m) => {
                    matches!(**m, Ty::Object | Ty::Category | Ty::Text | Ty::Direction | Ty::Photo)
                }
                _ => false,
            },
            Kind::Photo => matches!(ty, Ty::Photo | Ty::Int),
            Kind::Choice | Kind::Text => true,
        }
    }
}

/// A family of VSI-Bench's questions.
#[derive(Debug, PartialEq)]
pub struct Family {
    /// As the benchmark writes it.
    pub name: &'static str,
    /// Kind of answer.
    pub kind: Kind,
    /// The unit that its answers are scored in.
    pub unit: Option<&'static str>,
    /// The directions among which its answers are decided.
    pub among: &'static [Direction],
    /// What it asks about.
    pub relation: Relation,
}

/// Yang et al., "Thinking in Space" (2024), table 1; the directions are those of its three grades.
pub static FAMILIES: &[Family] = &[
    family("object_counting", Kind::Count, None, Relation::Count),
    family("object_size_estimation", LENGTH, Some("cm"), Relation::Size),
    family("room_size_estimation", Kind::Measure(Dim::AREA), Some("m2"), Relation::Area),
    family("object_abs_distance", LENGTH, Some("m"), Relation::Distance),
    family("object_rel_distance", Kind::Object, None, Relation::Closest),
    Family {
        among: &[Direction::Left, Direction::Right],
        ..family("object_rel_direction_easy", Kind::Direction, None, Relation::Direction)
    },
    Family {
        among: &[Direction::Left, Direction::Right, Direction::Back],
        ..family("object_rel_direction_medium", Kind::Direction, None, Relation::Direction)
    },
    Family {
        among: &[
            Direction::FrontLeft,
            Direction::FrontRight,
            Direction::BackLeft,
            Direction::BackRight,
        ],
        ..family("object_rel_direction_hard", Kind::Direction, None, Relation::Direction)
    },
    family("route_planning", Kind::Choice, None, Relation::Turn),
    family("obj_appearance_order", Kind::Order, None, Relation::Order),
];

const LENGTH: Kind = Kind::Measure(Dim::LENGTH);

const fn family(
    name: &'static str,
    kind: Kind,
    unit: Option<&'static str>,
    relation: Relation,
) -> Family {
    Family { name, kind, unit, among: &[], relation }
}

impl Family {
    /// The family with this name.
    pub fn named(name: &str) -> Option<&'static Family> {
        let name = name.trim();
        FAMILIES.iter().find(|f| f.name.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_families() {
        assert_eq!(Kind::named("Yes/No"), Some(Kind::YesNo));
        assert_eq!(Kind::named("multiple choice"), Some(Kind::Choice));
        assert_eq!(Kind::named("conut"), None);
        assert_eq!(Kind::Measure(Dim::AREA).asked(), "an area");
        for f in FAMILIES {
            assert_eq!(Family::named(f.name), Some(f));
            if let (Kind::Measure(d), Some(u)) = (f.kind, f.unit) {
                assert_eq!(reasmory_types::Unit::named(u).map(|u| u.dim), Some(d), "{}", f.name);
            }
            assert!(Kind::named(f.name).is_none());
        }
    }
}
