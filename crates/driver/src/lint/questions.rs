//! The questions of a batch: each line has its own, or names one in a file that is read once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::question::{self, Question};

type File = Result<Arc<Vec<Question>>, String>;

/// Question files met so far.
#[derive(Debug, Default)]
pub(super) struct Questions {
    files: Mutex<BTreeMap<String, File>>,
}

impl Questions {
    /// The question of a line: an object, a file (`FILE.json` or `FILE.json#ID`), or its words.
    pub(super) fn find(&self, value: &Value) -> Result<Question, String> {
        let Value::String(text) = value else {
            return match value {
                Value::Object(_) => {
                    question::of_value("question", value).map_err(|e| e.to_string())
                }
                _ => Err("`question` is neither an object nor a text".to_owned()),
            };
        };
        let (file, id) = question::split_id(text);
        if !std::path::Path::new(file).extension().is_some_and(|e| e.eq_ignore_ascii_case("json")) {
            return Ok(Question::of_text(text));
        }
        let all = self.read(file)?;
        // Of a large file only what matters is copied.
        let fits = |q: &&Question| id.is_none() || q.id_text().as_deref() == id;
        let hits: Vec<&Question> = all.iter().filter(fits).collect();
        match hits.as_slice() {
            [one] => Ok((*one).clone()),
            _ => question::choose(file, all.to_vec(), id).map_err(|e| e.to_string()),
        }
    }

    fn read(&self, file: &str) -> File {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || question::read(file).map(Arc::new).map_err(|e| e.to_string());
        files.entry(file.to_owned()).or_insert_with(read).clone()
    }
}
