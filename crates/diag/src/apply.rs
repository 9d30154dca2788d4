//! Applying suggestions to program text.

use crate::{Applicability, Diagnostic, Edit};

/// The text after `edits`; edits that overlap an earlier-starting one, or lie outside the text, are left
/// out. Returns the new text and how many edits were applied.
pub fn apply_edits(text: &str, edits: &[Edit]) -> (String, usize) {
    let mut order: Vec<&Edit> = edits.iter().collect();
    order.sort_by_key(|e| (e.span.start, e.span.end));
    let mut out = String::with_capacity(text.len());
    let (mut at, mut applied) = (0usize, 0);
    for e in order {
        let range = e.span.range();
        if range.start < at || text.get(range.clone()).is_none() {
            continue;
        }
        out.push_str(&text[at..range.start]);
        out.push_str(&e.insert);
        at = range.end;
        applied += 1;
    }
    out.push_str(&text[at..]);
    (out, applied)
}

/// The first suggestion of each diagnostic that is at least as safe as `level`, with overlapping
/// suggestions left out whole (a suggestion is applied entirely or not at all). Returns the edits and the
/// indices of the diagnostics they come from.
pub fn select(diagnostics: &[Diagnostic], level: Applicability) -> (Vec<Edit>, Vec<usize>) {
    let mut edits: Vec<Edit> = Vec::new();
    let mut from = Vec::new();
    for (i, d) in diagnostics.iter().enumerate() {
        let Some(s) = d
            .suggestions
            .iter()
            .find(|s| s.applicability <= level && s.applicability != Applicability::Manual)
        else {
            continue;
        };
        let clash = s.edits.iter().any(|e| {
            edits.iter().any(|f| {
                e.span == f.span || (e.span.start < f.span.end && f.span.start < e.span.end)
            })
        });
        if !clash {
            edits.extend(s.edits.iter().cloned());
            from.push(i);
        }
    }
    (edits, from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_span::Span;

    #[test]
    fn overlapping_and_foreign_edits_are_skipped() {
        let e = |a, b, s: &str| Edit { span: Span::new(a, b), insert: s.into() };
        let (text, n) =
            apply_edits("abcdef", &[e(4, 5, "X"), e(0, 2, "Y"), e(1, 3, "Z"), e(90, 91, "!")]);
        assert_eq!((text.as_str(), n), ("YcdXf", 2));
        assert_eq!(apply_edits("é", &[e(1, 1, "x")]), ("é".into(), 0));
    }
}
