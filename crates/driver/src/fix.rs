//! `fix`: applies suggestions, rechecks, and never makes a program worse.

use reasmory_diag::{Applicability, Diagnostic, apply};
use reasmory_sema::CheckOptions;
use reasmory_span::LineIndex;
use serde_json::{Value, json};

use crate::{Source, check};

/// Fixes that depend on each other need a round each; more than this is a loop.
const ROUNDS: usize = 8;

/// Largest table of line pairs a diff is computed with.
const MAX_TABLE: usize = 4 << 20;

/// One applied suggestion.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// `E0201`.
    pub code: &'static str,
    /// `unknown-operation`.
    pub name: &'static str,
    /// What it did.
    pub title: String,
    /// How far it may be trusted.
    pub applicability: Applicability,
    /// Line of its first edit, in the text it was applied to.
    pub line: u32,
    /// The round it was applied in, from 1.
    pub round: usize,
}

/// A repaired program.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The text after the last round that helped.
    pub text: String,
    /// What was applied, in order.
    pub applied: Vec<Applied>,
    /// What is left.
    pub remaining: Vec<Diagnostic>,
}

fn errors(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter(|d| d.is_error()).count()
}

/// Repairs a program: safe suggestions, and with `level` unsafe those that may change the meaning too. A
/// round that does not lower the number of errors is undone and ends the repair; a program without errors
/// is returned as it is.
pub fn fix(source: &Source, options: CheckOptions<'_>, level: Applicability) -> Fixed {
    let mut text = source.text.clone();
    let mut remaining = check(source, options).diagnostics;
    let mut applied = Vec::new();
    for round in 1..=ROUNDS {
        if errors(&remaining) == 0 {
            break;
        }
        // Only errors are repaired: a clean program is never changed.
        let broken: Vec<Diagnostic> = remaining.iter().filter(|d| d.is_error()).cloned().collect();
        // All that fits together first; where that does not help, one at a time.
        let (edits, from) = apply::select(&broken, level);
        let together: Vec<&Diagnostic> = from.iter().map(|i| &broken[*i]).collect();
        let mut step = attempt(source, options, &text, &edits, errors(&remaining));
        let mut used = together;
        if step.is_none() {
            for d in &broken {
                let (edits, from) = apply::select(std::slice::from_ref(d), level);
                if from.is_empty() {
                    continue;
                }
                step = attempt(source, options, &text, &edits, errors(&remaining));
                if step.is_some() {
                    used = vec![d];
                    break;
                }
            }
        }
        let Some((better, findings)) = step else { break };
        let index = LineIndex::new(&text);
        for d in used {
            if let Some(s) = d
                .suggestions
                .iter()
                .find(|s| s.applicability <= level && s.applicability != Applicability::Manual)
            {
                let start = s.edits.first().map_or(d.primary.span.start, |e| e.span.start);
                applied.push(Applied {
                    code: d.code.id(),
                    name: d.code.name(),
                    title: s.title.clone(),
                    applicability: s.applicability,
                    line: index.line_col(&text, start).line,
                    round,
                });
            }
        }
        text = better;
        remaining = findings;
    }
    Fixed { text, applied, remaining }
}

/// The text after edits and its findings, where there are fewer errors than before.
fn attempt(
    source: &Source,
    options: CheckOptions<'_>,
    text: &str,
    edits: &[reasmory_diag::Edit],
    before: usize,
) -> Option<(String, Vec<Diagnostic>)> {
    if edits.is_empty() {
        return None;
    }
    let (better, n) = apply::apply_edits(text, edits);
    if n == 0 || better == text {
        return None;
    }
    let findings = check(&Source::new(source.name.clone(), better.clone()), options).diagnostics;
    (errors(&findings) < before).then_some((better, findings))
}

impl Applied {
    /// As JSON.
    pub fn json(&self) -> Value {
        json!({
            "code": self.code,
            "name": self.name,
            "title": self.title,
            "applicability": self.applicability.name(),
            "line": self.line,
            "round": self.round,
        })
    }
}

/// A unified-style diff of whole lines, without a context library: programs are tens of lines.
pub fn diff(name: &str, before: &str, after: &str) -> String {
    use std::fmt::Write as _;
    let (a, b): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    if a.len().saturating_mul(b.len()) > MAX_TABLE {
        return format!("--- {name}\n+++ {name}\n (too long to compare line by line)\n");
    }
    // Longest common subsequence of lines.
    let mut common = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i][j] = if a[i] == b[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let mut out = format!("--- {name}\n+++ {name}\n");
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            let _ = writeln!(out, " {}", a[i]);
            (i, j) = (i + 1, j + 1);
        } else if i < a.len() && (j == b.len() || common[i + 1][j] >= common[i][j + 1]) {
            let _ = writeln!(out, "-{}", a[i]);
            i += 1;
        } else {
            let _ = writeln!(out, "+{}", b[j]);
            j += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(text: &str, level: Applicability) -> Fixed {
        fix(&Source::new("p.rsm", text), CheckOptions::default(), level)
    }

    #[test]
    fn several_rounds_and_a_record_each() {
        let f = fixed("let n = objects(\"chair\").len();\nanswer n && true\n", Applicability::Safe);
        assert!(f.text.starts_with("n = objects(\"chair\").count()\n"), "{}", f.text);
        assert!(f.text.contains("n and true"), "{}", f.text);
        // An Int is no condition: that is left for a person.
        assert_eq!(errors(&f.remaining), 1);
        assert_eq!(f.applied.len(), 4, "{:?}", f.applied);
    }

    #[test]
    fn unsafe_fixes_only_when_asked() {
        let text = "answer objects(\"chair\").filter(c => distance(c, to=floor()) < 2).count()\n";
        assert_eq!(fixed(text, Applicability::Safe).text, text);
        let f = fixed(text, Applicability::Unsafe);
        assert!(f.text.contains("< 2m"), "{}", f.text);
        assert!(f.remaining.is_empty());
    }

    #[test]
    fn a_clean_program_is_not_touched() {
        let text = "unused = 1\nanswer 2\n";
        let f = fixed(text, Applicability::Unsafe);
        assert_eq!((f.text.as_str(), f.applied.len()), (text, 0));
    }

    #[test]
    fn diffs_are_by_line() {
        assert_eq!(diff("p", "a\nb\nc\n", "a\nx\nc\n"), "--- p\n+++ p\n a\n-b\n+x\n c\n");
    }
}
