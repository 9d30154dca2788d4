//! The rules. Each is a function from the repository to findings.

mod layers;
mod sources;
mod tables;

use std::fmt;

use crate::repo::Repo;

/// Something that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path relative to the root.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl Finding {
    fn new(file: &str, line: usize, message: impl Into<String>) -> Finding {
        Finding { file: file.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// A rule.
pub type Rule = fn(&Repo) -> Vec<Finding>;

/// Every rule.
pub const RULES: &[Rule] = &[
    layers::layers,
    layers::confined,
    layers::documented,
    sources::unsafe_code,
    sources::io_in_core,
    sources::length,
    sources::markers,
    sources::machine_paths,
    tables::pages,
    tables::operations,
    tables::library,
    tables::changelog,
];

/// What every rule finds, sorted by place.
pub fn all(repo: &Repo) -> Vec<Finding> {
    let mut out: Vec<Finding> = RULES.iter().flat_map(|rule| rule(repo)).collect();
    out.sort();
    out
}
