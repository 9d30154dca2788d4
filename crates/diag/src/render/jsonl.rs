//! One JSON record a diagnostic, then a summary record: `spec/json/diagnostics-line.v1.json`.

use reasmory_span::LineIndex;
use serde_json::{Map, Value};

use super::{Report, json};

/// Renders a report as lines of JSON.
pub fn render(report: &Report<'_>) -> String {
    let mut out = String::new();
    let mut line = |kind: &str, rest: Map<String, Value>| {
        let mut record = Map::new();
        record.insert("schema".to_owned(), 1.into());
        record.insert("type".to_owned(), kind.into());
        record.extend(rest);
        out.push_str(&Value::Object(record).to_string());
        out.push('\n');
    };
    for file in report.files {
        let index = LineIndex::new(file.text);
        for d in file.diagnostics {
            line("diagnostic", json::diagnostic(file, &index, d));
        }
    }
    if let Value::Object(summary) = json::summary(report.summary()) {
        line("summary", summary);
    }
    out
}
