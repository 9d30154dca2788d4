//! Code quality reports of GitLab: a JSON array, an object a finding.

use reasmory_span::LineIndex;
use serde_json::{Value, json};

use super::Report;
use super::fingerprint::Fingerprints;
use crate::Severity;

/// Renders a report as a code quality report.
pub fn render(report: &Report<'_>) -> String {
    let mut rows: Vec<Value> = Vec::new();
    for file in report.files {
        let index = LineIndex::new(file.text);
        let mut prints = Fingerprints::new(*file);
        for d in file.diagnostics {
            let span = d.primary.span;
            let start = index.line_col(file.text, span.start);
            let end = index.line_col(file.text, span.end.max(span.start));
            let severity = match d.severity() {
                Severity::Error => "major",
                Severity::Warning => "minor",
            };
            rows.push(json!({
                "description": format!("{}: {}", d.code, d.message),
                "check_name": d.code.name(),
                "fingerprint": prints.next(d),
                "severity": severity,
                "location": {
                    "path": file.name,
                    "lines": { "begin": start.line, "end": end.line },
                    "positions": {
                        "begin": { "line": start.line, "column": start.column },
                        "end": { "line": end.line, "column": end.column },
                    },
                },
            }));
        }
    }
    let mut out = serde_json::to_string_pretty(&Value::Array(rows)).unwrap_or_default();
    out.push('\n');
    out
}
