//! A suggestion as the lines it changes.

use crate::{Edit, apply::apply_edits};

/// Lines before and after some edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hunk {
    /// 1-based number of the first line in `before`.
    pub line: usize,
    /// Lines as they are; empty for lines that are only added.
    pub before: Vec<String>,
    /// Lines as they would be; empty for lines that are only removed.
    pub after: Vec<String>,
}

/// The changed lines, in source order; edits that share lines share a hunk.
pub(super) fn hunks(text: &str, edits: &[Edit]) -> Vec<Hunk> {
    let mut order: Vec<&Edit> = edits.iter().collect();
    order.sort_by_key(|e| (e.span.start, e.span.end));
    let mut groups: Vec<(std::ops::Range<usize>, Vec<Edit>)> = Vec::new();
    for e in order {
        let range = super::clamp(text, e.span);
        let start = text[..range.start].rfind('\n').map_or(0, |i| i + 1);
        // A removed line end joins the next line, which belongs to the hunk too.
        let end = text[range.end..].find('\n').map_or(text.len(), |i| range.end + i);
        match groups.last_mut() {
            Some((lines, members)) if start <= lines.end => {
                lines.end = lines.end.max(end);
                members.push(e.clone());
            }
            _ => groups.push((start..end, vec![e.clone()])),
        }
    }
    groups.into_iter().filter_map(|(lines, members)| hunk(text, lines, &members)).collect()
}

fn hunk(text: &str, lines: std::ops::Range<usize>, edits: &[Edit]) -> Option<Hunk> {
    let shift = lines.start as u32;
    let local: Vec<Edit> = edits
        .iter()
        .map(|e| {
            let r = super::clamp(text, e.span);
            let span = reasmory_span::Span::new(r.start as u32 - shift, r.end as u32 - shift);
            Edit { span, insert: e.insert.clone() }
        })
        .collect();
    let old = &text[lines.clone()];
    let (new, _) = apply_edits(old, &local);
    let split = |s: &str| -> Vec<String> { s.split('\n').map(str::to_owned).collect() };
    let (mut before, mut after) = (split(old), split(&new));
    let mut line = text[..lines.start].matches('\n').count() + 1;
    while !before.is_empty() && before.first() == after.first() {
        before.remove(0);
        after.remove(0);
        line += 1;
    }
    while !before.is_empty() && before.last() == after.last() {
        before.pop();
        after.pop();
    }
    // A deleted line leaves nothing, not an empty line.
    if after.iter().all(String::is_empty) {
        after.clear();
    }
    (!before.is_empty() || !after.is_empty()).then_some(Hunk { line, before, after })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_span::Span;

    fn edit(a: u32, b: u32, s: &str) -> Edit {
        Edit { span: Span::new(a, b), insert: s.into() }
    }

    #[test]
    fn edits_of_one_line_share_a_hunk() {
        let text = "a = f(x)\nb = 2\nc = é";
        let h = hunks(text, &[edit(6, 6, "the("), edit(7, 7, ")"), edit(19, 21, "e")]);
        assert_eq!(h.len(), 2);
        assert_eq!((h[0].line, h[0].after[0].as_str()), (1, "a = f(the(x))"));
        assert_eq!(
            (h[1].line, h[1].before[0].as_str(), h[1].after[0].as_str()),
            (3, "c = é", "c = e")
        );
    }

    #[test]
    fn added_and_removed_lines() {
        let added = hunks("a\nb", &[edit(1, 1, "\nx")]);
        assert_eq!(added, [Hunk { line: 2, before: vec![], after: vec!["x".into()] }]);
        let removed = hunks("a\nb\nc", &[edit(2, 3, "")]);
        assert_eq!(removed, [Hunk { line: 2, before: vec!["b".into()], after: vec![] }]);
        assert!(hunks("a", &[edit(9, 12, "")]).is_empty());
    }
}
