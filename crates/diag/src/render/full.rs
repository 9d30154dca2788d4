//! For people: source quoted with labels, notes, repairs as changed lines, a closing count.

use codespan_reporting::diagnostic as cs;
use codespan_reporting::files::SimpleFile;
use codespan_reporting::term::{self, termcolor};

use super::{Report, Source, clamp, patch, plural, printable};
use crate::{Applicability, Diagnostic, Note, Severity, Suggestion};

/// The most suggestions shown of one diagnostic; JSON has all.
const SHOWN: usize = 3;

/// Renders a report for a terminal, with ANSI colours if asked.
pub fn render(report: &Report<'_>, colours: bool) -> String {
    let mut out = String::new();
    for file in report.files {
        let text = printable(file.text);
        let shown = SimpleFile::new(printable(file.name), text.as_str());
        for d in file.diagnostics {
            emit(&mut out, &shown, &convert(file, &text, d), colours);
            out.push('\n');
        }
    }
    let s = report.summary();
    if s.errors + s.warnings > 0 {
        out.push_str(&closing(s));
    }
    out
}

fn closing(s: super::Summary) -> String {
    let mut counts = Vec::new();
    if s.errors > 0 {
        counts.push(plural(s.errors, "error"));
    }
    if s.warnings > 0 {
        counts.push(plural(s.warnings, "warning"));
    }
    let mut line = counts.join(", ");
    let mut fixes = Vec::new();
    if s.safe > 0 {
        fixes.push(format!("{} with a safe fix", s.safe));
    }
    if s.unsafe_ > 0 {
        fixes.push(format!("{} with a fix that may change the meaning", s.unsafe_));
    }
    if !fixes.is_empty() {
        line.push_str(&format!(" ({})", fixes.join(", ")));
    }
    line.push('\n');
    line
}

fn emit(
    out: &mut String,
    file: &SimpleFile<String, &str>,
    diagnostic: &cs::Diagnostic<()>,
    colours: bool,
) {
    let config = term::Config::default();
    let mut bytes = Vec::new();
    // Writing to memory cannot fail, and every span was clamped to the text.
    let written = if colours {
        term::emit_to_write_style(&mut termcolor::Ansi::new(&mut bytes), &config, file, diagnostic)
    } else {
        term::emit_to_io_write(&mut bytes, &config, file, diagnostic)
    };
    match written {
        Ok(()) => out.push_str(String::from_utf8_lossy(&bytes).trim_end()),
        Err(_) => out.push_str(&diagnostic.message),
    }
    out.push('\n');
}

fn convert(file: &Source<'_>, text: &str, d: &Diagnostic) -> cs::Diagnostic<()> {
    let severity = match d.severity() {
        Severity::Error => cs::Severity::Error,
        Severity::Warning => cs::Severity::Warning,
    };
    let mut labels = vec![
        cs::Label::primary((), clamp(text, d.primary.span))
            .with_message(printable(&d.primary.message)),
    ];
    labels.extend(d.secondary.iter().map(|l| {
        cs::Label::secondary((), clamp(text, l.span)).with_message(printable(&l.message))
    }));
    let mut notes: Vec<String> = d
        .notes
        .iter()
        .map(|n| match n {
            Note::Note(text) => format!("note: {text}"),
            Note::Help(text) => format!("help: {text}"),
        })
        .map(|n| printable(&n))
        .collect();
    notes.extend(d.suggestions.iter().take(SHOWN).map(|s| suggestion(file.text, s)));
    cs::Diagnostic::new(severity)
        .with_code(format!("{} {}", d.code, d.code.name()))
        .with_message(printable(&d.message))
        .with_labels(labels)
        .with_notes(notes)
}

/// `help: title`, then the lines it changes.
fn suggestion(text: &str, s: &Suggestion) -> String {
    let safety = match s.applicability {
        Applicability::Safe => "",
        Applicability::Unsafe => " (may change the meaning)",
        Applicability::Manual => " (fill in the hole)",
    };
    let mut out = format!("help: {}{safety}", s.title);
    for h in patch::hunks(text, &s.edits) {
        for line in &h.before {
            out.push_str(&format!("\n- {line}"));
        }
        for line in &h.after {
            out.push_str(&format!("\n+ {line}"));
        }
    }
    printable(&out)
}
