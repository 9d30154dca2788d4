//! Why a question has no program.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::families;
use crate::matching::Env;

/// Why the planner writes no program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The question is none of the families.
    Outside,
    /// The question is too long or too tangled to be read.
    TooLong,
    /// The memory has no such thing.
    UnknownNoun {
        /// As the question writes it.
        noun: String,
        /// Categories it may mean.
        candidates: Vec<String>,
    },
    /// One thing is meant, and the memory has several.
    Several {
        /// The category.
        category: String,
        /// Their names.
        names: Vec<String>,
    },
    /// The memory counts a thing and knows no place of one.
    NoPlace {
        /// The category.
        category: String,
    },
    /// Left, right, front or back of a thing whose front the memory does not know, without a viewer.
    NoFront {
        /// The expression of the thing.
        thing: String,
    },
    /// The question needs an operation that the language does not have yet.
    MissingOperation {
        /// Its name.
        operation: String,
    },
}

impl Refusal {
    pub(crate) fn missing(what: &str, env: &Env) -> Refusal {
        match what.strip_prefix("front ") {
            Some(slot) => Refusal::NoFront { thing: env.text(slot).unwrap_or_default().to_owned() },
            None => Refusal::MissingOperation { operation: what.to_owned() },
        }
    }

    /// A name for programs.
    pub const fn name(&self) -> &'static str {
        match self {
            Refusal::Outside => "outside",
            Refusal::TooLong => "too_long",
            Refusal::UnknownNoun { .. } => "unknown_noun",
            Refusal::Several { .. } => "several",
            Refusal::NoPlace { .. } => "no_place",
            Refusal::NoFront { .. } => "no_front",
            Refusal::MissingOperation { .. } => "missing_operation",
        }
    }

    /// What to do, for people.
    pub fn remedy(&self) -> String {
        match self {
            Refusal::Outside | Refusal::TooLong => {
                let rows: Vec<String> =
                    families().iter().map(|f| format!("  {:<24} {}", f.name, f.example)).collect();
                format!("ask a question of one of these families:\n{}", rows.join("\n"))
            }
            Refusal::UnknownNoun { candidates, .. } if !candidates.is_empty() => {
                format!("did you mean {}?", candidates.join(" or "))
            }
            Refusal::UnknownNoun { .. } => {
                "`reasmory scene DIR` lists what the memory has".to_owned()
            }
            Refusal::Several { category, names } => format!(
                "say which: the largest {category}, the {category} closest to something, or `{}`",
                names.first().map_or("", String::as_str)
            ),
            Refusal::NoPlace { .. } => "it can be counted, and nothing else".to_owned(),
            Refusal::NoFront { .. } => {
                "say where the viewer stands and what it faces, or from which photo it looks"
                    .to_owned()
            }
            Refusal::MissingOperation { .. } => {
                "a memory is of one moment: ask where things are, not how they move".to_owned()
            }
        }
    }

    /// As part of the plan in the output of `ask`.
    pub fn json(&self) -> Value {
        let mut map = Map::new();
        map.insert("outcome".into(), json!(self.name()));
        map.insert("message".into(), json!(self.to_string()));
        match self {
            Refusal::UnknownNoun { noun, candidates } => {
                map.insert("noun".into(), json!(noun));
                map.insert("candidates".into(), json!(candidates));
            }
            Refusal::Several { category, names } => {
                map.insert("category".into(), json!(category));
                map.insert("instances".into(), json!(names));
            }
            Refusal::NoPlace { category } => {
                map.insert("category".into(), json!(category));
            }
            Refusal::NoFront { thing } => {
                map.insert("thing".into(), json!(thing));
            }
            Refusal::MissingOperation { operation } => {
                map.insert("operation".into(), json!(operation));
            }
            Refusal::Outside | Refusal::TooLong => {
                let rows: Vec<Value> = families()
                    .iter()
                    .map(|f| json!({"name": f.name, "example": f.example}))
                    .collect();
                map.insert("families".into(), Value::Array(rows));
            }
        }
        Value::Object(map)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Outside => {
                f.write_str("the question is outside the families of the planner `templates`")
            }
            Refusal::TooLong => f.write_str("the question is too long for the planner `templates`"),
            Refusal::UnknownNoun { noun, .. } => write!(f, "the memory has no `{noun}`"),
            Refusal::Several { category, names } => write!(
                f,
                "the question means one {category}, and the memory has {}: {}",
                names.len(),
                names.join(", ")
            ),
            Refusal::NoPlace { category } => {
                write!(
                    f,
                    "the memory states how many {category} there are and knows no place of one"
                )
            }
            Refusal::NoFront { thing } => write!(
                f,
                "left, right, front and back of `{thing}` depend on the viewer, and the memory does not \
                 know which way it faces"
            ),
            Refusal::MissingOperation { operation } => write!(
                f,
                "the question needs the operation `{operation}`, which this version does not have yet"
            ),
        }
    }
}
