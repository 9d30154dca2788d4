//! One JSON document: `spec/json/diagnostics.v1.json`.

use reasmory_span::{LineIndex, Span};
use serde_json::{Map, Value, json};

use super::{Report, Source, Summary};
use crate::{Diagnostic, Note};

/// Renders a report as one document.
pub fn render(report: &Report<'_>) -> String {
    let names: Vec<&str> = report.files.iter().map(|f| f.name).collect();
    let diagnostics: Vec<Value> = report.files.iter().flat_map(diagnostics).collect();
    let document = json!({
        "schema": 1,
        "files": names,
        "diagnostics": diagnostics,
        "summary": summary(report.summary()),
    });
    let mut out = serde_json::to_string_pretty(&document).unwrap_or_default();
    out.push('\n');
    out
}

/// The diagnostics of one program as JSON objects, for documents that hold diagnostics among other
/// things.
pub fn diagnostics(file: &Source<'_>) -> Vec<Value> {
    let index = LineIndex::new(file.text);
    file.diagnostics.iter().map(|d| Value::Object(diagnostic(file, &index, d))).collect()
}

/// Counts as JSON.
pub(super) fn summary(s: Summary) -> Value {
    json!({
        "files": s.files,
        "errors": s.errors,
        "warnings": s.warnings,
        "fixable": { "safe": s.safe, "unsafe": s.unsafe_ },
    })
}

pub(super) fn diagnostic(
    file: &Source<'_>,
    index: &LineIndex,
    d: &Diagnostic,
) -> Map<String, Value> {
    let span = |s: Span| {
        json!({
            "start": index.line_col(file.text, s.start),
            "end": index.line_col(file.text, s.end.max(s.start)),
        })
    };
    let labels: Vec<Value> = std::iter::once((&d.primary, true))
        .chain(d.secondary.iter().map(|l| (l, false)))
        .map(|(l, primary)| json!({ "span": span(l.span), "message": l.message, "primary": primary }))
        .collect();
    let notes: Vec<Value> = d
        .notes
        .iter()
        .map(|n| match n {
            Note::Note(text) => json!({ "kind": "note", "message": text }),
            Note::Help(text) => json!({ "kind": "help", "message": text }),
        })
        .collect();
    let suggestions: Vec<Value> = d
        .suggestions
        .iter()
        .map(|s| {
            let edits: Vec<Value> = s
                .edits
                .iter()
                .map(|e| json!({ "span": span(e.span), "insert": e.insert }))
                .collect();
            json!({
                "title": s.title,
                "applicability": s.applicability.name(),
                "edits": edits,
            })
        })
        .collect();
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
    put("name", d.code.name().into());
    put("code", d.code.id().into());
    put("severity", d.severity().name().into());
    put("level", d.code.info().level.name().into());
    put("message", d.message.as_str().into());
    put("file", file.name.into());
    put("span", span(d.primary.span));
    put("labels", labels.into());
    put("notes", notes.into());
    put("suggestions", suggestions.into());
    put("facts", Value::Object(d.facts.clone()));
    out
}
