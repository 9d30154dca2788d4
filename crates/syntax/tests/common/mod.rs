//! Helpers of the syntax tests.
#![allow(dead_code)]

use reasmory_diag::{Applicability, Diagnostic, apply};
use reasmory_syntax::{Parsed, parse, print_ast_without_spans};

/// Diagnostics in one line each: code, the text under the primary span, message, suggestions.
pub fn brief(text: &str, diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for d in diagnostics {
        out.push_str(&format!(
            "{} `{}` {} ({})",
            d.code,
            d.primary.span.text(text).escape_debug(),
            d.message,
            d.primary.message
        ));
        for s in &d.suggestions {
            out.push_str(&format!(" | {}: {}", s.applicability.name(), s.title));
        }
        out.push('\n');
    }
    out
}

/// Parses a program that must be clean.
#[track_caller]
pub fn clean(text: &str) -> Parsed {
    let p = parse(text);
    assert!(p.diagnostics.is_empty(), "{text}\n{}", brief(text, &p.diagnostics));
    p
}

/// The tree of a program that must be clean, without spans.
#[track_caller]
pub fn tree(text: &str) -> String {
    print_ast_without_spans(&clean(text).program)
}

/// The codes of a program.
pub fn codes(text: &str) -> Vec<&'static str> {
    parse(text).diagnostics.iter().map(|d| d.code.id()).collect()
}

/// A program with its safe fixes applied once.
pub fn fixed(text: &str) -> String {
    let p = parse(text);
    let (edits, _) = apply::select(&p.diagnostics, Applicability::Safe);
    apply::apply_edits(text, &edits).0
}
