//! A row of a question file.

use reasmory_driver::question::Question;
use serde_json::Value;

use crate::clean::exact_match;
use crate::metric::{Score, mean_relative_accuracy};

/// What is right.
#[derive(Clone, Debug, PartialEq)]
pub enum Truth {
    /// The letter of an option.
    Letter(char),
    /// A number in the unit of the question.
    Number(f64),
    /// One of these texts.
    Text(Vec<String>),
}

/// An answer as it is scored.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// The letter of an option.
    Letter(char),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

impl Truth {
    /// The score of an answer; `None` where the two cannot be compared.
    pub fn score(&self, given: &Given) -> Option<Score> {
        let plain = |value| Some(Score { value, refined: None });
        match (self, given) {
            (Truth::Letter(t), Given::Letter(g)) => plain(f64::from(t == g)),
            (Truth::Number(t), Given::Number(g)) => plain(mean_relative_accuracy(*g, *t)),
            (Truth::Text(t), Given::Text(g)) => {
                let (exact, refined) = exact_match(g, t);
                Some(Score { value: f64::from(exact), refined: Some(f64::from(refined)) })
            }
            _ => None,
        }
    }
}

/// A row of a question file, whatever became of it.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its id: the row's own, else `row-` and its number from 1.
    pub id: Value,
    /// The family that it is reported under.
    pub family: String,
    /// The scene it is about.
    pub scene: Option<String>,
    /// The question.
    pub question: Question,
    /// What is right, or why the row cannot be scored.
    pub truth: Result<Truth, String>,
    /// The truth as the file states it: a text, a number, or null.
    pub stated: Value,
    /// Hash of the row and of its place in the file.
    pub digest: String,
}

impl Item {
    /// Its id as a text.
    pub fn id_text(&self) -> String {
        self.id.as_str().map_or_else(|| self.id.to_string(), str::to_owned)
    }
}
