//! Where the programs, or the answers, come from.

use std::collections::BTreeMap;

use reasmory_driver::{Dialect, Failure, files};
use serde_json::Value;

use crate::Models;

/// What answers the questions.
#[derive(Debug)]
pub enum Planner {
    /// The built-in planner.
    Templates,
    /// Programs from a file of JSON lines, by the question's id.
    Programs(BTreeMap<String, Program>, Digest),
    /// Replies of another system, scored as the benchmark's own code does.
    Replies(BTreeMap<String, String>, Digest),
    /// Language models.
    Models(Box<Models>),
}

/// A program of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// Text.
    pub text: String,
    /// What it is written in.
    pub dialect: Dialect,
}

/// Hash of the file.
pub type Digest = String;

impl Planner {
    /// Whether a name is one of a planner without a model.
    pub fn is_offline(name: &str) -> bool {
        name == "templates" || name.starts_with("programs:") || name.starts_with("replies:")
    }

    /// `templates`, `programs:FILE` or `replies:FILE`.
    pub fn named(name: &str) -> Result<Planner, Failure> {
        if name == "templates" {
            return Ok(Planner::Templates);
        }
        let known = "use `templates`, `programs:FILE` (lines {\"id\", \"program\"}) or \
                     `replies:FILE` (lines {\"id\", \"reply\"})";
        let Some((kind, path)) = name.split_once(':') else {
            return Err(Failure::new(format!("no planner is called {name:?}"), known));
        };
        let text = || files::read_text(path);
        match kind {
            "programs" => Planner::programs(path, &text()?),
            "replies" => Planner::replies(path, &text()?),
            _ => Err(Failure::new(format!("no planner is called {kind:?}"), known)),
        }
    }

    fn programs(path: &str, text: &str) -> Result<Planner, Failure> {
        let mut all = BTreeMap::new();
        for (place, id, row) in rows(path, text)? {
            let program = row.get("program").and_then(Value::as_str).ok_or_else(|| {
                Failure::new(format!("{place}: `program` is missing"), "give the program's text")
            })?;
            let dialect = match row.get("dialect").and_then(Value::as_str) {
                None | Some("reasmory") => Dialect::Reasmory,
                Some("paper") => Dialect::Paper,
                Some(other) => {
                    return Err(Failure::new(
                        format!("{place}: there is no dialect `{other}`"),
                        "write `reasmory` or `paper`",
                    ));
                }
            };
            insert(&mut all, &place, id, Program { text: program.to_owned(), dialect })?;
        }
        Ok(Planner::Programs(all, digest(text)))
    }

    fn replies(path: &str, text: &str) -> Result<Planner, Failure> {
        let mut all = BTreeMap::new();
        for (place, id, row) in rows(path, text)? {
            let reply = match row.get("reply") {
                Some(Value::String(s)) => s.clone(),
                Some(Value::Number(n)) => n.to_string(),
                _ => {
                    return Err(Failure::new(
                        format!("{place}: `reply` is missing"),
                        "give what the system replied, as a text",
                    ));
                }
            };
            insert(&mut all, &place, id, reply)?;
        }
        Ok(Planner::Replies(all, digest(text)))
    }

    /// As the report names it: the hash of a file stands for the file.
    pub fn name(&self) -> String {
        match self {
            Planner::Templates => "templates".to_owned(),
            Planner::Programs(_, d) => format!("programs {d}"),
            Planner::Replies(_, d) => format!("replies {d}"),
            Planner::Models(m) => m.name().to_owned(),
        }
    }
}

fn digest(text: &str) -> Digest {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

fn insert<T>(
    all: &mut BTreeMap<String, T>,
    place: &str,
    id: String,
    value: T,
) -> Result<(), Failure> {
    if all.contains_key(&id) {
        return Err(Failure::new(
            format!("{place}: the id `{id}` stands here for the second time"),
            "give one line for each question",
        ));
    }
    all.insert(id, value);
    Ok(())
}

/// The rows of a file of JSON lines: place, id, row.
fn rows(path: &str, text: &str) -> Result<Vec<(String, String, Value)>, Failure> {
    let mut out = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let place = format!("{path}: line {}", i + 1);
        let row: Value = serde_json::from_str(line).map_err(|e| {
            Failure::new(format!("{place}: is not JSON: {e}"), "write a row a line")
        })?;
        let id = match row.get("id") {
            Some(Value::String(s)) => s.clone(),
            Some(Value::Number(n)) => n.to_string(),
            _ => {
                return Err(Failure::new(
                    format!("{place}: `id` is missing"),
                    "give the id of the question",
                ));
            }
        };
        out.push((place, id, row));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_with_the_place_of_every_mistake() {
        let p = Planner::programs("p", "{\"id\": 3, \"program\": \"answer 1\"}\n\n").unwrap();
        let Planner::Programs(all, _) = &p else { panic!("{p:?}") };
        assert_eq!(all["3"].text, "answer 1");
        for (text, wanted) in [
            ("{", "p: line 1: is not JSON"),
            ("{\"program\": \"\"}", "p: line 1: `id` is missing"),
            ("\n{\"id\": 1}", "p: line 2: `program` is missing"),
            (
                "{\"id\": 1, \"program\": \"\", \"dialect\": \"c\"}",
                "p: line 1: there is no dialect `c`",
            ),
            (
                "{\"id\": 1, \"program\": \"\"}\n{\"id\": \"1\", \"program\": \"\"}",
                "p: line 2: the id `1` stands here for the second time",
            ),
        ] {
            let e = Planner::programs("p", text).unwrap_err().to_string();
            assert!(e.starts_with(wanted), "{e}");
        }
        assert!(Planner::replies("p", "{\"id\": 1}").is_err());
        assert!(Planner::named("other").is_err() && Planner::named("model:x").is_err());
    }
}
