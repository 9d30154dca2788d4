//! The least text a language model needs to repair a program: each faulty line once, under it what is
//! wrong and one repair.

use reasmory_span::LineIndex;

use super::{Report, Source, clamp, patch, plural, printable};
use crate::{Applicability, Diagnostic, Note};

/// How much to write of each diagnostic; tried in order until the budget holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// Everything below.
    Full,
    /// Errors only.
    Errors,
    /// Errors only, without facts and nearest names.
    Short,
}

/// Renders a report within `budget` characters, if one is given. What does not fit is left out from the
/// end and counted; warnings and facts go first.
pub fn render(report: &Report<'_>, budget: Option<usize>) -> String {
    let mut out = String::new();
    for detail in [Detail::Full, Detail::Errors, Detail::Short] {
        let text = write(report, detail, None);
        if budget.is_none_or(|b| text.chars().count() <= b) {
            return text;
        }
        out = text;
    }
    let Some(budget) = budget else { return out };
    let text = write(report, Detail::Short, Some(budget));
    if text.chars().count() <= budget {
        return text;
    }
    let mut cut: String = text.chars().take(budget.saturating_sub(2)).collect();
    cut.push_str("…\n");
    cut.chars().take(budget).collect()
}

fn write(report: &Report<'_>, detail: Detail, budget: Option<usize>) -> String {
    let s = report.summary();
    let mut counts = vec![plural(s.errors, "error")];
    if s.warnings > 0 {
        counts.push(plural(s.warnings, "warning"));
    }
    let mut out = format!("{}\n", counts.join(", "));
    let mut left = 0;
    for file in report.files {
        let index = LineIndex::new(file.text);
        let mut quoted = None;
        let mut header = report.files.len() > 1;
        for d in file.diagnostics {
            if detail != Detail::Full && !d.is_error() {
                left += 1;
                continue;
            }
            let at = index.line_col(file.text, d.primary.span.start);
            let mut block = String::new();
            if header {
                block.push_str(&format!("in {}:\n", printable(file.name)));
            }
            if quoted != Some(at.line) {
                let line = file.text.lines().nth(at.line as usize - 1).unwrap_or("");
                block.push_str(&printable(&format!("line {}: {}", at.line, line.trim())));
                block.push('\n');
            }
            block.push_str(&one(file, d, detail));
            // Room is kept for the closing count.
            let size = out.chars().count() + block.chars().count() + 16;
            if budget.is_some_and(|b| size > b) {
                left += 1;
                continue;
            }
            quoted = Some(at.line);
            header = false;
            out.push_str(&block);
        }
    }
    if left > 0 {
        out.push_str(&format!("({left} more)\n"));
    }
    out
}

fn one(file: &Source<'_>, d: &Diagnostic, detail: Detail) -> String {
    let found = &file.text[clamp(file.text, d.primary.span)];
    let place = match found.lines().next() {
        Some(t) if t.len() == found.len() && t.chars().count() <= 40 => format!(" at `{t}`"),
        _ => String::new(),
    };
    let mut out = format!("  {} {}{place}: {}", d.code, d.code.name(), d.message);
    let mut line = |label: &str, text: &str| {
        out.push_str(&format!("\n    {label}: {}", text.replace('\n', " ")));
    };
    let fact = |key: &str| d.facts.get(key).and_then(|v| v.as_str());
    if detail != Detail::Short
        && let (Some(expected), Some(found)) = (fact("expected"), fact("found"))
        && !(d.message.contains(expected) && d.message.contains(found))
    {
        line("expected", &format!("{expected}, found {found}"));
    }
    let best = d.suggestions.first();
    let sure = best.is_some_and(|s| s.applicability != Applicability::Manual);
    if !sure {
        for note in d.notes.iter().take(if detail == Detail::Short { 0 } else { 8 }) {
            if let Note::Note(text) = note {
                line("note", text);
            }
        }
        if let Some(help) = d.notes.iter().find_map(|n| match n {
            Note::Help(text) => Some(text),
            Note::Note(_) => None,
        }) {
            line("help", help);
        }
    }
    if let Some(s) = best {
        line("fix", &repair(file.text, s));
    }
    let near: Vec<&str> = d
        .facts
        .get("candidates")
        .and_then(|v| v.as_array())
        .map(|names| names.iter().filter_map(|n| n.as_str()).take(3).collect())
        .unwrap_or_default();
    if detail != Detail::Short && near.len() > 1 {
        line("near", &near.join(", "));
    }
    out.push('\n');
    printable(&out)
}

/// A repair in one line: a replacement as such, anything else as the line it makes.
fn repair(text: &str, s: &crate::Suggestion) -> String {
    if let [e] = s.edits.as_slice() {
        let old = &text[clamp(text, e.span)];
        let short = |t: &str| !t.contains('\n') && t.chars().count() <= 60;
        if !old.is_empty() && short(old) && short(&e.insert) {
            return if e.insert.is_empty() {
                format!("delete `{old}`")
            } else {
                format!("`{old}` -> `{}`", e.insert)
            };
        }
    }
    let hunks = patch::hunks(text, &s.edits);
    let lines: Vec<&str> = hunks.iter().flat_map(|h| &h.after).map(|l| l.trim()).collect();
    if lines.is_empty() || lines.len() > 3 { s.title.clone() } else { lines.join(" ⏎ ") }
}
