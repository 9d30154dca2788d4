//! Question files: read with the place of every mistake, one of many chosen by its id, and an answer met
//! with an option by rule.

mod decomposition;
mod json;
mod meet;
mod read;

use reasmory_sema::question::Question as Asked;
use serde_json::Value;

use crate::Failure;

pub use meet::meet;

/// A row of a question file. VSI-Bench's own rows are accepted as they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// Id: a text or a number.
    pub id: Option<Value>,
    /// Scene it is about.
    pub scene: Option<String>,
    /// Video path, whose stem names the scene where `scene` is absent.
    pub path: Option<String>,
    /// The question.
    pub question: String,
    /// `A. …`
    pub options: Option<Vec<String>>,
    /// Kind of question, as it is written.
    pub kind: Option<String>,
    /// The true answer.
    pub answer: Option<Value>,
    /// What the checker holds a program to.
    pub asked: Asked,
}

impl Question {
    /// The scene it is about.
    pub fn scene_id(&self) -> Option<String> {
        self.scene.clone().or_else(|| {
            let stem = std::path::Path::new(self.path.as_deref()?).file_stem()?;
            Some(stem.to_string_lossy().into_owned())
        })
    }

    /// Its id as a text.
    pub fn id_text(&self) -> Option<String> {
        match self.id.as_ref()? {
            Value::String(s) => Some(s.clone()),
            other => Some(other.to_string()),
        }
    }

    /// A question of which nothing but its words is known.
    pub fn of_text(text: &str) -> Question {
        Question {
            question: text.to_owned(),
            asked: Asked { text: text.to_owned(), ..Asked::default() },
            ..Question::default()
        }
    }
}

/// Reads a question file: one object or a list.
pub fn read(path: &str) -> Result<Vec<Question>, Failure> {
    parse(path, &crate::files::read_text(path)?)
}

/// Reads the text of a question file; `path` is what findings call it.
pub fn parse(path: &str, text: &str) -> Result<Vec<Question>, Failure> {
    // A byte order mark is how some editors save text.
    let text = text.trim_start_matches('\u{feff}');
    let value: Value = serde_json::from_str(text).map_err(|e| {
        Failure::new(format!("{path}: is not JSON: {e}"), "write one object or a list of them")
    })?;
    read::questions(&value).map_err(|w| w.failure(path))
}

/// Reads one question that is JSON already; `name` is what findings call it.
pub fn of_value(name: &str, value: &Value) -> Result<Question, Failure> {
    read::question(&json::Node::root(value)).map_err(|w| w.failure(name))
}

/// The file and the id of `FILE` or `FILE#ID`. A file whose own name has a `#` is taken by that name.
pub fn split_id(spec: &str) -> (&str, Option<&str>) {
    if std::path::Path::new(spec).exists() {
        return (spec, None);
    }
    match spec.rsplit_once('#') {
        Some((file, id)) if !file.is_empty() => (file, Some(id)),
        _ => (spec, None),
    }
}

/// The question that `FILE` or `FILE#ID` names.
pub fn pick(spec: &str) -> Result<Question, Failure> {
    let (file, id) = split_id(spec);
    choose(file, read(file)?, id)
}

/// The question of an id; without one, the only one.
pub fn choose(file: &str, all: Vec<Question>, id: Option<&str>) -> Result<Question, Failure> {
    let count = all.len();
    let Some(id) = id else {
        let mut all = all.into_iter();
        return match (all.next(), count) {
            (Some(one), 1) => Ok(one),
            (None, _) => Err(Failure::new(format!("{file}: holds no question"), "put one into it")),
            (Some(first), _) => {
                let id = first.id_text().unwrap_or_else(|| "ID".to_owned());
                Err(Failure::new(
                    format!("{file}: holds {count} questions, and one is meant"),
                    format!("name it by its id: `{file}#{id}`"),
                ))
            }
        };
    };
    let mut hits = all.into_iter().filter(|q| q.id_text().as_deref() == Some(id));
    match (hits.next(), hits.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => Err(Failure::new(
            format!("{file}: holds several questions with the id `{id}`"),
            "give each an id of its own",
        )),
        (None, _) => Err(Failure::new(
            format!("{file}: has no question with the id `{id}`"),
            format!("choose one of its {count} by the `id` or `problem_id` that it has"),
        )),
    }
}

#[cfg(test)]
mod tests;
