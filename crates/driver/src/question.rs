//! Question files, and how an answer meets an option: by rule, not by luck.

use reasmory_runtime::AnswerValue;
use reasmory_types::{Direction, Unit};
use serde::Deserialize;
use serde_json::Value;

use crate::Failure;
use crate::answer::Printing;

/// A question. VSI-Bench's own rows are accepted as they are.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Question {
    /// Id.
    #[serde(default, alias = "problem_id")]
    pub id: Option<Value>,
    /// Scene it is about.
    #[serde(default)]
    pub scene: Option<String>,
    /// Video path, whose stem names the scene where `scene` is absent.
    #[serde(default)]
    pub path: Option<String>,
    /// The question.
    #[serde(alias = "problem")]
    pub question: String,
    /// `A. …`
    #[serde(default)]
    pub options: Option<Vec<String>>,
    /// Kind of question.
    #[serde(default, rename = "type", alias = "original_question_type")]
    pub kind: Option<String>,
    /// Unit of the answer.
    #[serde(default)]
    pub unit: Option<String>,
    /// The true answer.
    #[serde(default, alias = "solution")]
    pub answer: Option<Value>,
}

impl Question {
    /// The scene it is about.
    pub fn scene_id(&self) -> Option<String> {
        self.scene.clone().or_else(|| {
            let stem = std::path::Path::new(self.path.as_deref()?).file_stem()?;
            Some(stem.to_string_lossy().into_owned())
        })
    }
}

/// Reads a question file: one object or a list.
pub fn read(path: &str) -> Result<Vec<Question>, Failure> {
    parse(path, &crate::files::read_text(path)?)
}

/// Reads the text of a question file; `path` is what findings call it.
pub fn parse(path: &str, text: &str) -> Result<Vec<Question>, Failure> {
    let value: Value = serde_json::from_str(text).map_err(|e| {
        Failure::new(format!("{path}: is not JSON: {e}"), "write one object or a list of them")
    })?;
    let rows = match value {
        Value::Array(rows) => rows,
        one => vec![one],
    };
    rows.into_iter()
        .enumerate()
        .map(|(i, row)| {
            serde_json::from_value(row).map_err(|e| {
                Failure::new(
                    format!("{path}: question {}: {e}", i + 1),
                    "give it a `question` text (see spec/json)",
                )
            })
        })
        .collect()
}

/// The letter of an option (`A` of `A. left`), else its number from 1, and its body.
fn split(option: &str, index: usize) -> (String, &str) {
    let trimmed = option.trim();
    let mut chars = trimmed.chars();
    if let (Some(letter), Some(mark)) = (chars.next(), chars.next())
        && letter.is_ascii_alphabetic()
        && matches!(mark, '.' | ')' | ':')
    {
        return (letter.to_ascii_uppercase().to_string(), chars.as_str().trim());
    }
    (((b'A' + (index % 26) as u8) as char).to_string(), trimmed)
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

/// The letter of the option an answer meets; `None` when it fits none.
pub fn meet(v: &AnswerValue, p: Printing<'_>, options: &[String]) -> Option<String> {
    let split: Vec<(String, &str)> = options.iter().enumerate().map(|(i, o)| split(o, i)).collect();
    let by_text = |wanted: &str| {
        let wanted = fold(wanted);
        split.iter().find(|(_, body)| fold(body) == wanted).map(|s| s.0.clone())
    };
    match v {
        AnswerValue::Bool(b) => by_text(if *b { "yes" } else { "no" })
            .or_else(|| by_text(if *b { "true" } else { "false" })),
        AnswerValue::Direction(d) => split
            .iter()
            .find(|(_, body)| Direction::from_spoken(body) == Some(*d))
            .map(|s| s.0.clone())
            .or_else(|| by_text(d.spoken())),
        AnswerValue::Object { name, category, .. } => by_text(name).or_else(|| by_text(category)),
        AnswerValue::Category(t) | AnswerValue::Region(t) => by_text(t),
        AnswerValue::Text(t) => by_text(t).or_else(|| {
            // A letter is accepted.
            let letter = t.trim().to_ascii_uppercase();
            split.iter().find(|s| s.0 == letter).map(|s| s.0.clone())
        }),
        AnswerValue::List(members) => {
            let texts: Vec<String> =
                members.iter().map(|m| fold(&crate::answer::text(m, p))).collect();
            split
                .iter()
                .find(|(_, body)| {
                    let parts: Vec<String> = body
                        .split([',', '>', ';'])
                        .map(|s| fold(s.trim_start_matches("and ")))
                        .collect();
                    parts == texts
                })
                .map(|s| s.0.clone())
        }
        AnswerValue::Photo(n) => by_text(&n.to_string())
            .or_else(|| by_text(&format!("photo {n}")))
            .or_else(|| by_text(&format!("image {n}"))),
        AnswerValue::Int(i) => nearest(*i as f64, &split, None),
        AnswerValue::Quantity(x, dim) => nearest(*x, &split, Some((*dim, p))),
        AnswerValue::Record(..)
        | AnswerValue::View { .. }
        | AnswerValue::Group(..)
        | AnswerValue::Image(_) => None,
    }
}

/// The option with the nearest stated value.
fn nearest(
    x: f64,
    split: &[(String, &str)],
    quantity: Option<(reasmory_types::Dim, Printing<'_>)>,
) -> Option<String> {
    let mut best: Option<(f64, &String)> = None;
    for (letter, body) in split {
        let Some((number, rest)) = leading_number(body) else { continue };
        let stated = match quantity {
            None => number,
            Some((dim, p)) => {
                let unit = unit_word(rest)
                    .filter(|u| u.dim == dim)
                    .or_else(|| p.unit.and_then(|u| reasmory_types::UNITS.get(u as usize)))
                    .filter(|u| u.dim == dim);
                unit.map_or(number, |u| u.to_canonical(number))
            }
        };
        let d = (stated - x).abs();
        if best.is_none_or(|b| d < b.0) {
            best = Some((d, letter));
        }
    }
    best.map(|b| b.1.clone())
}

fn leading_number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text
        .char_indices()
        .find(|(i, c)| !(c.is_ascii_digit() || *c == '.' || (*i == 0 && *c == '-')))
        .map_or(text.len(), |(i, _)| i);
    let number = text[..end].trim_end_matches('.').parse().ok()?;
    Some((number, text[end..].trim()))
}

/// A unit as people write it.
fn unit_word(text: &str) -> Option<&'static Unit> {
    let word = text.split_whitespace().next()?.trim_end_matches('.').to_ascii_lowercase();
    Unit::named(match word.as_str() {
        "meter" | "meters" | "metre" | "metres" => "m",
        "centimeter" | "centimeters" | "centimetre" | "centimetres" => "cm",
        "millimeters" | "millimetres" => "mm",
        "feet" | "foot" => "ft",
        "inch" | "inches" => "in",
        "degree" | "degrees" | "°" => "deg",
        "second" | "seconds" => "s",
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_types::Dim;

    const P: Printing<'static> = Printing { ty: None, unit: None, metric: true };

    fn met(v: AnswerValue, options: &[&str]) -> Option<String> {
        let options: Vec<String> = options.iter().map(|s| (*s).to_owned()).collect();
        meet(&v, P, &options)
    }

    #[test]
    fn by_rule() {
        use AnswerValue as A;
        assert_eq!(met(A::Bool(true), &["A. No", "B. Yes"]).as_deref(), Some("B"));
        assert_eq!(
            met(A::Direction(Direction::FrontLeft), &["A. back-left", "B. Front-Left"]).as_deref(),
            Some("B")
        );
        assert_eq!(met(A::Category("tv".into()), &["A. chair", "B. TV"]).as_deref(), Some("B"));
        assert_eq!(
            met(A::Quantity(1.52, Dim::LENGTH), &["A. 90 cm", "B. 150 cm", "C. 2.1 m"]).as_deref(),
            Some("B")
        );
        assert_eq!(met(A::Int(4), &["3", "4", "5"]).as_deref(), Some("B"));
        let order = A::List(vec![A::Text("bed".into()), A::Text("trash bin".into())]);
        assert_eq!(met(order, &["A. trash bin, bed", "B. bed, trash bin"]).as_deref(), Some("B"));
        assert_eq!(met(A::Text("b".into()), &["A. x", "B. y"]).as_deref(), Some("B"));
        assert_eq!(met(A::Direction(Direction::Front), &["A. left", "B. right"]), None);
    }
}
