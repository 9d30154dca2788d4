//! The one diagnostic type; every stage makes it, every output format reads it.

use reasmory_span::Span;
use serde_json::{Map, Value};

use crate::Code;

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The program does not run.
    Error,
    /// A lint: the program runs.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A span with words.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// The reason, a short phrase; may be empty on a primary label.
    pub message: String,
}

/// Words that belong to the whole diagnostic.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A fact.
    Note(String),
    /// What to do, in the imperative.
    Help(String),
}

/// How far a suggestion may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// Means the same; applied by `reasmory fix`.
    Safe,
    /// May change the meaning; applied by `reasmory fix --unsafe`.
    Unsafe,
    /// Has a hole to fill; shown, never applied.
    Manual,
}

impl Applicability {
    /// `safe`, `unsafe` or `manual`.
    pub const fn name(self) -> &'static str {
        match self {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
            Applicability::Manual => "manual",
        }
    }
}

/// Replace the text under a span.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// What to replace; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub insert: String,
}

/// A repair as data.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// What it does, in the imperative.
    pub title: String,
    /// Edits that belong together; they do not overlap.
    pub edits: Vec<Edit>,
    /// How far to trust it.
    pub applicability: Applicability,
}

/// Words on one line: what they quote of a program or a memory may hold line ends.
fn one_line(text: impl Into<String>) -> String {
    let text = text.into();
    if text.contains(['\n', '\r']) { text.replace(['\n', '\r'], " ") } else { text }
}

/// One finding about one program.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Its code; severity, name and page come from the registry.
    pub code: Code,
    /// One line, no full stop at the end, names in backticks.
    pub message: String,
    /// The one primary place.
    pub primary: Label,
    /// Other places, in source order.
    pub secondary: Vec<Label>,
    /// Notes and help.
    pub notes: Vec<Note>,
    /// Repairs, best first.
    pub suggestions: Vec<Suggestion>,
    /// Facts for a repair loop (`expected`, `found`, `candidates`, `signature` …); never parsed out of
    /// the message.
    pub facts: Map<String, Value>,
    /// Whether a lint was raised to an error (`-D`).
    pub denied: bool,
}

impl Diagnostic {
    /// A diagnostic with a message and a primary place.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        let message = one_line(message);
        debug_assert!(!message.ends_with('.'), "house style: {message}");
        Self {
            code,
            message,
            primary: Label { span, message: String::new() },
            secondary: Vec::new(),
            notes: Vec::new(),
            suggestions: Vec::new(),
            facts: Map::new(),
            denied: false,
        }
    }

    /// Words at the primary place.
    #[must_use]
    pub fn label(mut self, message: impl Into<String>) -> Self {
        self.primary.message = one_line(message);
        self
    }

    /// Another place.
    #[must_use]
    pub fn also(mut self, span: Span, message: impl Into<String>) -> Self {
        self.secondary.push(Label { span, message: one_line(message) });
        self
    }

    /// A fact in words.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note::Note(one_line(text)));
        self
    }

    /// What to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note::Help(one_line(text)));
        self
    }

    /// A fact as data.
    #[must_use]
    pub fn fact(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(key.to_owned(), value.into());
        self
    }

    /// A repair of one edit.
    #[must_use]
    pub fn fix(
        self,
        applicability: Applicability,
        title: impl Into<String>,
        span: Span,
        insert: impl Into<String>,
    ) -> Self {
        self.suggest(Suggestion {
            title: title.into(),
            edits: vec![Edit { span, insert: insert.into() }],
            applicability,
        })
    }

    /// A repair.
    #[must_use]
    pub fn suggest(mut self, mut suggestion: Suggestion) -> Self {
        suggestion.title = one_line(suggestion.title);
        self.suggestions.push(suggestion);
        self
    }

    /// Its severity: that of the registry, unless the lint was denied.
    pub fn severity(&self) -> Severity {
        if self.denied { Severity::Error } else { self.code.info().severity }
    }

    /// Whether it stops the program from running.
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }
}

/// Sorts by place, then severity, then code, and drops exact repetitions: the order of every output.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| {
        (a.primary.span, a.severity(), a.code)
            .cmp(&(b.primary.span, b.severity(), b.code))
            .then_with(|| a.message.cmp(&b.message))
    });
    diagnostics.dedup();
}
