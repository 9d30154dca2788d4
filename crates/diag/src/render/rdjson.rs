//! The diagnostic format of reviewdog (`rdjson`). Its columns count UTF-8 bytes, and a suggestion of its
//! is one replacement: edits that belong together become one over the lines between them. Suggestions
//! with a hole are left out, since a reviewer may apply what stands here with one click.

use reasmory_span::{LineIndex, Span};
use serde_json::{Map, Value, json};

use super::{Report, Source, clamp};
use crate::apply::apply_edits;
use crate::{Applicability, Diagnostic, Edit, Severity, Suggestion};

/// Renders a report as one document.
pub fn render(report: &Report<'_>) -> String {
    let mut rows: Vec<Value> = Vec::new();
    for file in report.files {
        let index = LineIndex::new(file.text);
        rows.extend(file.diagnostics.iter().map(|d| diagnostic(file, &index, d)));
    }
    let document = json!({ "source": { "name": "reasmory" }, "diagnostics": rows });
    let mut out = serde_json::to_string_pretty(&document).unwrap_or_default();
    out.push('\n');
    out
}

fn diagnostic(file: &Source<'_>, index: &LineIndex, d: &Diagnostic) -> Value {
    let severity = match d.severity() {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
    };
    let place = |s: Span| json!({ "path": file.name, "range": range(file.text, index, s) });
    let mut out = Map::new();
    out.insert("message".to_owned(), d.message.as_str().into());
    out.insert("location".to_owned(), place(d.primary.span));
    out.insert("severity".to_owned(), severity.into());
    out.insert("code".to_owned(), json!({ "value": d.code.id() }));
    let suggestions: Vec<Value> = d
        .suggestions
        .iter()
        .filter(|s| s.applicability != Applicability::Manual && !s.edits.is_empty())
        .map(|s| suggestion(file.text, index, s))
        .collect();
    if !suggestions.is_empty() {
        out.insert("suggestions".to_owned(), suggestions.into());
    }
    let at = index.line_col(file.text, d.primary.span.start);
    let original = format!(
        "{}:{}:{}: {}[{} {}]: {}",
        file.name,
        at.line,
        at.column,
        d.severity().name(),
        d.code,
        d.code.name(),
        d.message
    );
    out.insert("original_output".to_owned(), original.into());
    if !d.secondary.is_empty() {
        let related: Vec<Value> = d
            .secondary
            .iter()
            .map(|l| json!({ "message": l.message, "location": place(l.span) }))
            .collect();
        out.insert("related_locations".to_owned(), related.into());
    }
    Value::Object(out)
}

fn range(text: &str, index: &LineIndex, span: Span) -> Value {
    let at = |offset: u32| {
        let place = index.line_col(text, offset);
        let end = place.offset as usize;
        let start = text[..end].rfind('\n').map_or(0, |i| i + 1);
        json!({ "line": place.line, "column": end - start + 1 })
    };
    json!({ "start": at(span.start), "end": at(span.end.max(span.start)) })
}

/// All edits as one replacement.
fn suggestion(text: &str, index: &LineIndex, s: &Suggestion) -> Value {
    let ranges: Vec<_> = s.edits.iter().map(|e| clamp(text, e.span)).collect();
    let start = ranges.iter().map(|r| r.start).min().unwrap_or(0);
    let end = ranges.iter().map(|r| r.end).max().unwrap_or(start);
    let shift = |at: usize| (at - start) as u32;
    let local: Vec<Edit> = s
        .edits
        .iter()
        .zip(&ranges)
        .map(|(e, r)| Edit {
            span: Span::new(shift(r.start), shift(r.end)),
            insert: e.insert.clone(),
        })
        .collect();
    let (new, _) = apply_edits(&text[start..end], &local);
    json!({ "range": range(text, index, Span::new(start as u32, end as u32)), "text": new })
}
