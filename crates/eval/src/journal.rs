//! The journal of a run: a line for each item that is done, appended at once, so that a run that was killed
//! goes on where it stopped.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use reasmory_driver::Failure;
use serde::{Deserialize, Serialize};

use crate::{Outcome, Record};

/// The file's name in the folder of a run.
pub(crate) const NAME: &str = "journal.jsonl";

#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    record: Record,
    seconds: [f64; 2],
}

/// What is done already, and where more is written.
#[derive(Debug)]
pub(crate) struct Journal {
    done: BTreeMap<String, Outcome>,
    file: Option<Mutex<File>>,
}

fn fail(path: &Path, e: &std::io::Error) -> Failure {
    Failure::new(format!("{}: {e}", path.display()), "check the directory and the disk")
}

impl Journal {
    /// Nothing done, and nothing written.
    pub fn none() -> Journal {
        Journal { done: BTreeMap::new(), file: None }
    }

    /// The journal of a folder. A line that is no record, as the last one of a killed run, is passed over.
    pub fn open(dir: &Path) -> Result<Journal, Failure> {
        let path = dir.join(NAME);
        std::fs::create_dir_all(dir).map_err(|e| fail(dir, &e))?;
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(&path)
            .map_err(|e| fail(&path, &e))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| fail(&path, &e))?;
        if bytes.last().is_some_and(|b| *b != b'\n') {
            file.write_all(b"\n").map_err(|e| fail(&path, &e))?;
        }
        let mut done = BTreeMap::new();
        for line in bytes.split(|b| *b == b'\n') {
            // Whose pictures are gone is done again.
            let whole = |l: &Line| l.record.pictures.iter().all(|p| dir.join(&p.file).is_file());
            if let Some(l) = serde_json::from_slice::<Line>(line).ok().filter(whole) {
                done.insert(l.key, Outcome { record: l.record, seconds: l.seconds });
            }
        }
        Ok(Journal { done, file: Some(Mutex::new(file)) })
    }

    /// What came of an item earlier.
    pub fn get(&self, key: &str) -> Option<&Outcome> {
        self.done.get(key)
    }

    /// Writes what came of an item: the whole line, or an error.
    pub fn add(&self, key: &str, outcome: &Outcome) -> Result<(), Failure> {
        let Some(file) = &self.file else { return Ok(()) };
        let line =
            Line { key: key.to_owned(), record: outcome.record.clone(), seconds: outcome.seconds };
        let mut text = serde_json::to_string(&line)
            .map_err(|e| Failure::new(format!("{NAME}: {e}"), "report this"))?;
        text.push('\n');
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(text.as_bytes()).map_err(|e| fail(Path::new(NAME), &e))
    }
}
