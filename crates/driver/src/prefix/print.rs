//! A report as JSON and for people.

use std::fmt::Write as _;

use reasmory_diag::render;
use reasmory_span::LineIndex;
use reasmory_syntax::prefix::{Inside, Kinds, Status, Tail};
use serde_json::{Value, json};

use super::{PrefixReport, shown};
use crate::Source;

fn kinds(kinds: &Kinds) -> Value {
    let list =
        |l: &[reasmory_syntax::prefix::Kind]| -> Vec<&str> { l.iter().map(|k| k.text()).collect() };
    json!({"tokens": list(&kinds.own), "words_as_names": list(&kinds.as_names)})
}

/// One program of the output of `check --prefix --format json`.
pub fn json(source: &Source, r: &PrefixReport) -> Value {
    let file = render::Source { name: &source.name, text: &source.text, diagnostics: &r.findings };
    json!({
        "file": source.name,
        "status": r.status.text(),
        "bytes": source.text.len(),
        "live": r.at,
        "inside": r.tail.as_ref().map(|t| json!({
            "token": t.inside.text(),
            "start": t.start,
            "whole": t.whole,
            "more": t.more,
            "rest": t.rest,
        })),
        "next": kinds(&r.next.here),
        "next_line": kinds(&r.next.line),
        "finish": r.finish,
        "finished": r.finished,
        "findings": render::json::diagnostics(&file),
        "hints": r.hints.iter().map(|h| json!({
            "sort": h.sort,
            "from": h.from,
            "texts": h.texts,
        })).collect::<Vec<_>>(),
    })
}

/// The report for people.
pub fn text(source: &Source, r: &PrefixReport) -> String {
    let mut out = String::new();
    let lines = LineIndex::new(&source.text);
    let place = lines.line_col(&source.text, r.at as u32);
    let _ = write!(out, "{}: {}", source.name, r.status.text());
    if r.status == Status::Dead {
        let _ = write!(out, " at line {}, column {}", place.line, place.column);
    }
    out.push('\n');
    quote(&mut out, source, r, &lines);
    if let Some(tail) = &r.tail {
        let _ = writeln!(out, "  it ends inside {}{}", a(tail.inside), goes_on(tail));
    }
    let ends = if r.tail.is_some() { "after it" } else { "next" };
    list(&mut out, ends, &r.next.here);
    list(&mut out, "next line", &r.next.line);
    for h in &r.hints {
        let shown: Vec<&str> = h.texts.iter().take(12).map(String::as_str).collect();
        let more = h.texts.len() - shown.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(out, "  {} (a hint): {}{more}", h.sort, shown.join(" "));
    }
    if let Some(end) = r.finish.as_ref().filter(|f| !f.is_empty()) {
        let _ = writeln!(out, "  shortest end found: `{}`", end.escape_debug());
    }
    if !r.findings.is_empty() {
        out.push_str("  errors that stay whatever follows:\n");
        out.push_str(&source.render(&r.findings));
    }
    out
}

/// The line that holds the end of the live text, with a mark under it.
fn quote(out: &mut String, source: &Source, r: &PrefixReport, lines: &LineIndex) {
    let place = lines.line_col(&source.text, r.at as u32);
    let line = source.text.lines().nth(place.line as usize - 1).unwrap_or("");
    let number = place.line.to_string();
    let gap = " ".repeat(number.len());
    // Tabs stay, so that the mark stands under its character.
    let before: String = line
        .chars()
        .take(place.column as usize - 1)
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let what = match r.status {
        Status::Dead => "nothing that is written here can become a program",
        Status::Live => "more is needed here",
        Status::Complete => "a program ends here; more may follow",
    };
    let _ = writeln!(out, "  {number} | {line}\n  {gap} | {before}^ {what}");
}

fn a(inside: Inside) -> &'static str {
    match inside {
        Inside::Comment => "a comment",
        Inside::Text => "a text",
        Inside::Word => "a word",
        Inside::Number => "a number",
        Inside::Unit => "a unit",
        Inside::Sign => "a sign",
    }
}

fn goes_on(tail: &Tail) -> String {
    let mut ways: Vec<String> = Vec::new();
    match tail.more {
        "name" => ways.push("letters".into()),
        "digits" => ways.push("digits".into()),
        "hex" => ways.push("hexadecimal digits".into()),
        "any" => ways.push("any character".into()),
        _ => {}
    }
    ways.extend(tail.rest.iter().map(|r| format!("`{r}`")));
    let whole = if tail.whole { ", which may end here" } else { "" };
    if ways.is_empty() {
        return whole.to_owned();
    }
    format!("{whole}; it may go on with {}", ways.join(" "))
}

fn list(out: &mut String, title: &str, kinds: &Kinds) {
    if kinds.is_empty() {
        return;
    }
    let mut all: Vec<String> = kinds.own.iter().map(|k| shown(*k)).collect();
    if !kinds.as_names.is_empty() {
        all.push("a reserved word as a name".into());
    }
    let _ = writeln!(out, "  {title}: {}", all.join(" "));
}
