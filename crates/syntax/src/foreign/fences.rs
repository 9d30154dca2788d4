//! Markdown fences around a program, and the talk outside them.

use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Suggestion};
use reasmory_span::Span;

/// Lines of Markdown fences, and what stands outside them, as one report; the lexer leaves these out.
pub(crate) fn fences(text: &str) -> (Vec<Span>, Option<Diagnostic>) {
    if !text.contains('`') {
        return (Vec::new(), None);
    }
    let mut lines: Vec<(Span, bool)> = Vec::new();
    let mut at = 0u32;
    for line in text.split_inclusive('\n') {
        let end = at + line.len() as u32;
        lines.push((Span::new(at, end), line.trim_start().starts_with("```")));
        at = end;
    }
    let fences = lines.iter().filter(|l| l.1).count();
    if fences == 0 {
        return (Vec::new(), None);
    }
    let mut masked: Vec<Span> = Vec::new();
    let mut inside = fences == 1;
    let mut first = None;
    for (span, fence) in lines {
        if fence {
            first = first.or(Some(span));
            inside = fences == 1 || !inside;
        }
        if fence || !inside {
            match masked.last_mut() {
                Some(m) if m.end == span.start => m.end = span.end,
                _ => masked.push(span),
            }
        }
    }
    let at = first.unwrap_or_default();
    let shown = Span::new(at.start, at.start + at.text(text).trim_end().len() as u32);
    let d = Diagnostic::new(Code::ForeignSyntax, shown, "a program stands without Markdown fences")
        .label("a Markdown fence")
        .help("give only what is between the fences")
        .suggest(Suggestion {
            title: "keep only the program".into(),
            edits: masked.iter().map(|&span| Edit { span, insert: String::new() }).collect(),
            applicability: Applicability::Safe,
        });
    (masked, Some(d))
}
