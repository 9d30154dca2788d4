//! One renderer per output format, all over [`crate::Diagnostic`] and all pure functions to text.

pub mod concise;
mod fingerprint;
pub mod full;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod jsonl;
pub mod junit;
pub mod llm;
mod patch;
pub mod rdjson;
pub mod sarif;

use crate::shown::printable;
use std::str::FromStr;

use crate::{Applicability, Diagnostic};

/// A program and what was found in it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Its name as the user gave it; `-` is standard input.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Findings, in the order of [`crate::sort`].
    pub diagnostics: &'a [Diagnostic],
}

/// What every renderer renders: programs in the order they were given.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The programs.
    pub files: &'a [Source<'a>],
}

/// Counts over a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Programs.
    pub files: usize,
    /// Diagnostics at error level.
    pub errors: usize,
    /// Lints.
    pub warnings: usize,
    /// Diagnostics whose best applicable suggestion is safe.
    pub safe: usize,
    /// Diagnostics whose best applicable suggestion may change the meaning.
    pub unsafe_: usize,
}

impl Report<'_> {
    /// Counts of findings and of suggestions that can be applied.
    pub fn summary(&self) -> Summary {
        let mut s = Summary { files: self.files.len(), ..Summary::default() };
        for d in self.files.iter().flat_map(|f| f.diagnostics) {
            if d.is_error() {
                s.errors += 1;
            } else {
                s.warnings += 1;
            }
            match d.suggestions.iter().map(|x| x.applicability).min() {
                Some(Applicability::Safe) => s.safe += 1,
                Some(Applicability::Unsafe) => s.unsafe_ += 1,
                Some(Applicability::Manual) | None => {}
            }
        }
        s
    }
}

/// An output format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people: quoted source, labels, repairs.
    #[default]
    Full,
    /// One line a diagnostic.
    Concise,
    /// One JSON document.
    Json,
    /// One JSON record a diagnostic, then a summary record.
    Jsonl,
    /// The least text a model needs for a repair.
    Llm,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// A code quality report of GitLab.
    Gitlab,
    /// JUnit XML.
    Junit,
    /// The diagnostic format of reviewdog.
    Rdjson,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 10] = [
        Format::Full,
        Format::Concise,
        Format::Json,
        Format::Jsonl,
        Format::Llm,
        Format::Sarif,
        Format::Github,
        Format::Gitlab,
        Format::Junit,
        Format::Rdjson,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Full => "full",
            Format::Concise => "concise",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Llm => "llm",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Gitlab => "gitlab",
            Format::Junit => "junit",
            Format::Rdjson => "rdjson",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        if let Some(f) = Format::ALL.into_iter().find(|f| f.name() == text) {
            return Ok(f);
        }
        let names = Format::ALL.map(Format::name).join(", ");
        Err(format!("there is no format `{text}`; formats are {names}"))
    }
}

/// What a caller may choose besides the format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// ANSI colours in the full format.
    pub colours: bool,
    /// The most characters of the llm format; without one, everything is written.
    pub budget: Option<usize>,
}

/// Renders a report. Every format ends with a newline unless it is empty.
pub fn render(report: &Report<'_>, format: Format, options: Options) -> String {
    match format {
        Format::Full => full::render(report, options.colours),
        Format::Concise => concise::render(report),
        Format::Json => json::render(report),
        Format::Jsonl => jsonl::render(report),
        Format::Llm => llm::render(report, options.budget),
        Format::Sarif => sarif::render(report),
        Format::Github => github::render(report),
        Format::Gitlab => gitlab::render(report),
        Format::Junit => junit::render(report),
        Format::Rdjson => rdjson::render(report),
    }
}

/// `1 error`, `2 errors`.
fn plural(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}

/// A span as a range of whole characters inside `text`.
fn clamp(text: &str, span: reasmory_span::Span) -> std::ops::Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start as usize);
    start..floor(span.end as usize).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_name() {
        for f in Format::ALL {
            assert_eq!(f.name().parse(), Ok(f));
        }
        assert!("xml".parse::<Format>().unwrap_err().contains("no format `xml`"));
    }

    #[test]
    fn control_characters_keep_their_place() {
        assert_eq!(printable("a\u{1b}[1mé\u{85}\r\n\tb"), "a?[1mé?? \n\tb");
    }
}
