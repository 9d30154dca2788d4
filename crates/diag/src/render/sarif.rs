//! SARIF 2.1.0: one run, the rules that it has results of, a result a finding.
//!
//! Nothing that JSON has is lost: facts, notes and the applicability of fixes stand in `properties`.

use std::collections::BTreeSet;

use reasmory_span::{LineIndex, Span};
use serde_json::{Map, Value, json};

use super::fingerprint::Fingerprints;
use super::{Report, Source};
use crate::{Code, Diagnostic, Note, Severity, Suggestion};

/// What relative addresses are relative to: the directory that the command ran in.
const ROOT: &str = "SRCROOT";

/// Renders a report as a SARIF log.
pub fn render(report: &Report<'_>) -> String {
    let used: BTreeSet<Code> =
        report.files.iter().flat_map(|f| f.diagnostics).map(|d| d.code).collect();
    let codes: Vec<Code> = used.into_iter().collect();
    let rules: Vec<Value> = codes.iter().map(|c| rule(*c)).collect();
    let results: Vec<Value> = report.files.iter().flat_map(|f| results(f, &codes)).collect();
    let artifacts: Vec<Value> =
        report.files.iter().map(|f| json!({ "location": artifact(f.name) })).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Reasmory",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {
                ROOT: { "description": { "text": "The directory that the command ran in." } },
            },
            "artifacts": artifacts,
            "results": results,
        }],
    });
    let mut out = serde_json::to_string_pretty(&document).unwrap_or_default();
    out.push('\n');
    out
}

fn level(severity: Severity) -> &'static str {
    severity.name()
}

fn rule(code: Code) -> Value {
    let info = code.info();
    let page = info.page.split_once('\n').map_or("", |p| p.1).trim();
    json!({
        "id": info.id,
        "name": info.name,
        "shortDescription": { "text": info.summary },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level(info.severity) },
        "properties": { "level": info.level.name() },
    })
}

fn results(file: &Source<'_>, codes: &[Code]) -> Vec<Value> {
    let index = LineIndex::new(file.text);
    let mut prints = Fingerprints::new(*file);
    file.diagnostics
        .iter()
        .map(|d| {
            let rule = codes.iter().position(|c| *c == d.code).unwrap_or(0);
            result(file, &index, d, rule, prints.next(d))
        })
        .collect()
}

fn result(
    file: &Source<'_>,
    index: &LineIndex,
    d: &Diagnostic,
    rule: usize,
    print: String,
) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
    put("ruleId", d.code.id().into());
    put("ruleIndex", rule.into());
    put("level", level(d.severity()).into());
    put("message", json!({ "text": d.message }));
    put("locations", json!([location(file, index, d.primary.span, &d.primary.message, None)]));
    if !d.secondary.is_empty() {
        let related: Vec<Value> = d
            .secondary
            .iter()
            .enumerate()
            .map(|(i, l)| location(file, index, l.span, &l.message, Some(i + 1)))
            .collect();
        put("relatedLocations", related.into());
    }
    if !d.suggestions.is_empty() {
        let fixes: Vec<Value> = d.suggestions.iter().map(|s| fix(file, index, s)).collect();
        put("fixes", fixes.into());
    }
    put("partialFingerprints", json!({ "snippet/v1": print }));
    let notes: Vec<Value> = d
        .notes
        .iter()
        .map(|n| match n {
            Note::Note(text) => json!({ "kind": "note", "message": text }),
            Note::Help(text) => json!({ "kind": "help", "message": text }),
        })
        .collect();
    put("properties", json!({ "notes": notes, "facts": d.facts }));
    Value::Object(out)
}

fn location(
    file: &Source<'_>,
    index: &LineIndex,
    span: Span,
    message: &str,
    id: Option<usize>,
) -> Value {
    let mut out = Map::new();
    if let Some(id) = id {
        out.insert("id".to_owned(), id.into());
    }
    let physical = json!({
        "artifactLocation": artifact(file.name),
        "region": region(file.text, index, span),
    });
    out.insert("physicalLocation".to_owned(), physical);
    if !message.is_empty() {
        out.insert("message".to_owned(), json!({ "text": message }));
    }
    Value::Object(out)
}

fn region(text: &str, index: &LineIndex, span: Span) -> Value {
    let start = index.line_col(text, span.start);
    let end = index.line_col(text, span.end.max(span.start));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

fn fix(file: &Source<'_>, index: &LineIndex, s: &Suggestion) -> Value {
    let replacements: Vec<Value> = s
        .edits
        .iter()
        .map(|e| {
            json!({
                "deletedRegion": region(file.text, index, e.span),
                "insertedContent": { "text": e.insert },
            })
        })
        .collect();
    json!({
        "description": { "text": s.title },
        "artifactChanges": [{
            "artifactLocation": artifact(file.name),
            "replacements": replacements,
        }],
        "properties": { "applicability": s.applicability.name() },
    })
}

/// Where a file is. A relative path stays relative to the root; one that was given absolute is a `file:`
/// address.
fn artifact(name: &str) -> Value {
    let path = if cfg!(windows) { name.replace('\\', "/") } else { name.to_owned() };
    let drive = cfg!(windows) && path.as_bytes().get(1) == Some(&b':');
    if path.starts_with('/') || drive {
        let slash = if drive { "/" } else { "" };
        return json!({ "uri": format!("file://{slash}{}", encode(&path)) });
    }
    let mut relative = path.as_str();
    while let Some(rest) = relative.strip_prefix("./") {
        relative = rest.trim_start_matches('/');
    }
    json!({ "uri": encode(relative), "uriBaseId": ROOT })
}

/// Percent-encodes all but unreserved characters and `/`.
fn encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for b in path.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~/".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(artifact("./a b/é.rsm")["uri"], "a%20b/%C3%A9.rsm");
        assert_eq!(artifact("../x:1.rsm")["uri"], "../x%3A1.rsm");
        assert_eq!(artifact("a.rsm")["uriBaseId"], ROOT);
        let absolute = artifact("/tmp/a.rsm");
        assert_eq!(absolute["uri"], "file:///tmp/a.rsm");
        assert!(absolute["uriBaseId"].is_null());
    }
}
