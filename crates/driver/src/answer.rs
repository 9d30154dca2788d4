//! Answers and run reports as JSON and as text.

use reasmory_runtime::AnswerValue;
use reasmory_types::{Dim, Ty, UNITS, Unit};
use serde_json::{Map, Value, json};

/// What an answer is printed with.
#[derive(Clone, Copy, Debug)]
pub struct Printing<'a> {
    /// Static type of the answer.
    pub ty: Option<&'a Ty>,
    /// Unit asked for.
    pub unit: Option<u32>,
    /// Whether the memory is metric.
    pub metric: bool,
}

/// The unit a quantity is printed in: the one asked for, else the default of its dimension; `None` for
/// numbers and for lengths of a relative memory.
fn unit_of(dim: Dim, p: Printing<'_>) -> Option<&'static Unit> {
    p.unit
        .and_then(|u| UNITS.get(u as usize))
        .filter(|u| u.dim == dim)
        .or_else(|| if p.metric || dim.length == 0 { Unit::default_for(dim) } else { None })
}

/// A number for people: at most four significant digits after the point's integer part, no trailing zeros.
pub fn number(x: f64) -> String {
    let magnitude = x.abs();
    let digits = if magnitude >= 1000.0 {
        1
    } else if magnitude >= 100.0 {
        2
    } else if magnitude >= 1.0 {
        3
    } else {
        4
    };
    let text = format!("{x:.digits$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// The value alone, as JSON; quantities in the printed unit.
pub fn value(v: &AnswerValue, p: Printing<'_>) -> Value {
    match v {
        AnswerValue::Bool(b) => json!(b),
        AnswerValue::Int(i) => json!(i),
        AnswerValue::Quantity(x, dim) => {
            json!(unit_of(*dim, p).map_or(*x, |u| u.from_canonical(*x)))
        }
        AnswerValue::Text(t) | AnswerValue::Category(t) | AnswerValue::Region(t) => json!(t),
        AnswerValue::Direction(d) => json!(d.name()),
        AnswerValue::Object { id, category, name } => {
            json!({"id": id, "category": category, "name": name})
        }
        AnswerValue::Photo(n) => json!(n),
        AnswerValue::Record(_, fields) => {
            let mut map = Map::new();
            for (name, x) in fields {
                let unit = unit_of(Dim::LENGTH, p);
                map.insert((*name).to_owned(), json!(unit.map_or(*x, |u| u.from_canonical(*x))));
            }
            Value::Object(map)
        }
        AnswerValue::View { eye, heading, pitch } => {
            json!({"eye": eye, "heading": heading, "pitch": pitch})
        }
        AnswerValue::List(members) => members.iter().map(|m| value(m, p)).collect(),
        AnswerValue::Group(key, members) => json!({
            "key": value(key, p),
            "members": members.iter().map(|m| value(m, p)).collect::<Vec<_>>(),
        }),
        AnswerValue::Image(i) => json!(i),
    }
}

/// The answer for people: with its unit, directions as questions spell them.
pub fn text(v: &AnswerValue, p: Printing<'_>) -> String {
    match v {
        AnswerValue::Bool(b) => if *b { "yes" } else { "no" }.to_owned(),
        AnswerValue::Int(i) => i.to_string(),
        AnswerValue::Quantity(x, dim) => match unit_of(*dim, p) {
            Some(u) if u.name == "%" => format!("{}%", number(u.from_canonical(*x))),
            Some(u) => format!("{} {}", number(u.from_canonical(*x)), u.name),
            None if *dim == Dim::NONE => number(*x),
            None => format!("{} scene units", number(*x)),
        },
        AnswerValue::Text(t) | AnswerValue::Category(t) | AnswerValue::Region(t) => t.clone(),
        AnswerValue::Direction(d) => d.spoken().to_owned(),
        AnswerValue::Object { name, .. } => name.clone(),
        AnswerValue::Photo(n) => format!("photo {n}"),
        AnswerValue::Record(_, fields) => fields
            .iter()
            .map(|(name, x)| format!("{name} {}", text(&AnswerValue::Quantity(*x, Dim::LENGTH), p)))
            .collect::<Vec<_>>()
            .join(", "),
        AnswerValue::View { eye, heading, pitch } => format!(
            "eye ({}, {}, {}), heading {}°, pitch {}°",
            number(eye[0]),
            number(eye[1]),
            number(eye[2]),
            number(*heading),
            number(*pitch)
        ),
        AnswerValue::List(members) => {
            members.iter().map(|m| text(m, p)).collect::<Vec<_>>().join(", ")
        }
        AnswerValue::Group(key, members) => format!(
            "{}: {}",
            text(key, p),
            members.iter().map(|m| text(m, p)).collect::<Vec<_>>().join(", ")
        ),
        AnswerValue::Image(i) => format!("picture {}", i + 1),
    }
}

/// The unit's name, for a quantity or a list of them.
fn unit_name(v: &AnswerValue, p: Printing<'_>) -> Option<String> {
    match v {
        AnswerValue::Quantity(_, dim) => match unit_of(*dim, p) {
            Some(u) => Some(u.name.to_owned()),
            None if *dim == Dim::NONE => None,
            None => Some("scene units".to_owned()),
        },
        AnswerValue::Record(..) => unit_name(&AnswerValue::Quantity(0.0, Dim::LENGTH), p),
        AnswerValue::List(members) => members.first().and_then(|m| unit_name(m, p)),
        _ => None,
    }
}

/// The `answer` object of a run.
pub fn answer(
    v: &AnswerValue,
    p: Printing<'_>,
    option: Option<&str>,
    margin: Option<f64>,
) -> Value {
    let mut map = Map::new();
    map.insert("type".into(), json!(p.ty.map_or_else(String::new, Ty::to_string)));
    map.insert("value".into(), value(v, p));
    if let Some(unit) = unit_name(v, p) {
        map.insert("unit".into(), json!(unit));
    }
    map.insert("text".into(), json!(text(v, p)));
    if let Some(option) = option {
        map.insert("option".into(), json!(option));
    }
    if let Some(margin) = margin {
        map.insert("margin".into(), json!(margin));
    }
    Value::Object(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        for (x, t) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.5, "1.5"),
            (0.123_456, "0.1235"),
            (1234.56, "1234.6"),
            (20.0, "20"),
            (-3.000_04, "-3"),
        ] {
            assert_eq!(number(x), t);
        }
    }

    #[test]
    fn units() {
        let p = |unit: Option<&str>, metric| Printing {
            ty: None,
            unit: unit.and_then(Unit::named).map(|u| u.index() as u32),
            metric,
        };
        let l = AnswerValue::Quantity(1.5, Dim::LENGTH);
        assert_eq!(text(&l, p(Some("cm"), true)), "150 cm");
        assert_eq!(text(&l, p(None, true)), "1.5 m");
        assert_eq!(text(&l, p(None, false)), "1.5 scene units");
        assert_eq!(value(&l, p(Some("cm"), true)), json!(150.0));
        let f = AnswerValue::Quantity(0.25, Dim::NONE);
        assert_eq!(text(&f, p(Some("%"), true)), "25%");
        assert_eq!(text(&f, p(None, true)), "0.25");
    }
}
