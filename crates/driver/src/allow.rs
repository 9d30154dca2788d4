//! `# reasmory: allow(unused-binding): reason`: lints that the next statement may have.

use std::collections::{BTreeMap, BTreeSet};

use reasmory_diag::{Applicability, CODES, Code, Diagnostic, Severity, similar};
use reasmory_span::Span;
use reasmory_syntax::ast::{Block, Item, Program, Stmt, StmtKind};
use reasmory_syntax::limits;

/// An allow comment.
#[derive(Debug)]
struct Allow {
    /// The whole line with its newline.
    line: Span,
    /// The comment.
    span: Span,
    /// What is allowed, and where it is named.
    names: Vec<(String, Span)>,
    /// Whether a reason follows.
    reason: bool,
}

/// The most reports about comments of one program.
const MAX_REPORTS: usize = 100;

/// Takes away the lints that comments allow, and adds what is wrong with the comments. Findings are left
/// sorted.
pub(crate) fn apply(text: &str, program: &Program, diagnostics: &mut Vec<Diagnostic>) {
    if !text.contains("reasmory:") || text.len() > limits::MAX_BYTES {
        return;
    }
    let comments = comments(text);
    if comments.is_empty() {
        return;
    }
    let broken = diagnostics.iter().any(Diagnostic::is_error);
    let statements = statements(program);
    let mut lints = Lints::new(diagnostics);
    let mut reports = Vec::new();
    for allow in comments {
        let next = statements.partition_point(|s| s.start < allow.span.end);
        let target = statements.get(next).copied();
        let mut unused = Vec::new();
        for (i, (name, span)) in allow.names.iter().enumerate() {
            let Some(code) = Code::find(name).filter(|c| is_lint(*c)) else {
                if reports.len() < MAX_REPORTS {
                    reports.push(unknown(name, *span));
                }
                continue;
            };
            if !(allow.reason && target.is_some_and(|t| lints.take(code, t))) {
                unused.push(i);
            }
        }
        if reports.len() >= MAX_REPORTS {
            continue;
        }
        if !allow.reason {
            reports.push(without_reason(&allow));
        } else if !broken {
            // A program with errors has no lints yet that a comment could be about.
            report_unused(&allow, &unused, target.is_some(), &mut reports);
        }
    }
    let mut index = 0;
    diagnostics.retain(|_| {
        index += 1;
        !lints.taken.contains(&(index - 1))
    });
    reports.truncate(MAX_REPORTS);
    diagnostics.extend(reports);
    reasmory_diag::sort(diagnostics);
}

/// The lints of a program by place, and which of them were allowed.
#[derive(Debug, Default)]
struct Lints {
    by_code: BTreeMap<Code, BTreeSet<(u32, u32, usize)>>,
    taken: BTreeSet<usize>,
}

impl Lints {
    fn new(diagnostics: &[Diagnostic]) -> Lints {
        let mut out = Lints::default();
        for (i, d) in diagnostics.iter().enumerate().filter(|(_, d)| is_lint(d.code)) {
            let span = d.primary.span;
            out.by_code.entry(d.code).or_default().insert((span.start, span.end, i));
        }
        out
    }

    /// Allows those of a code inside a statement; says whether there were any.
    fn take(&mut self, code: Code, target: Span) -> bool {
        let Some(places) = self.by_code.get_mut(&code) else { return false };
        let inside: Vec<_> = places
            .range((target.start, 0, 0)..=(target.end, u32::MAX, usize::MAX))
            .filter(|p| p.1 <= target.end)
            .copied()
            .collect();
        for p in &inside {
            places.remove(p);
            self.taken.insert(p.2);
        }
        !inside.is_empty()
    }
}

/// Whether a code is a lint: only those can be allowed.
pub(crate) fn is_lint(code: Code) -> bool {
    code.info().severity == Severity::Warning
}

/// The names of lints near a text.
pub(crate) fn near(name: &str) -> Vec<&'static str> {
    similar::candidates(name, CODES.iter().filter(|c| is_lint(c.code)).map(|c| c.name))
}

fn unknown(name: &str, span: Span) -> Diagnostic {
    if let Some(code) = Code::find(name) {
        let message = format!("`{}` is an error, and errors cannot be allowed", code.name());
        return Diagnostic::new(Code::UnknownLint, span, message)
            .label("not a lint")
            .help("repair what it reports, and take the name out of the comment");
    }
    let near = near(name);
    let shown: String =
        name.chars().take(60).map(|c| if c.is_control() { '?' } else { c }).collect();
    let d = Diagnostic::new(Code::UnknownLint, span, format!("there is no lint `{shown}`"))
        .label("unknown lint")
        .fact("found", shown)
        .fact("candidates", near.clone());
    match near.as_slice() {
        [one] => d.help(format!("did you mean `{one}`?")).fix(
            Applicability::Safe,
            format!("use `{one}`"),
            span,
            *one,
        ),
        [] => d.help("`reasmory explain` lists the lints: codes that start with W"),
        many => d.help(format!("did you mean one of {}?", many.join(", "))),
    }
}

fn without_reason(allow: &Allow) -> Diagnostic {
    Diagnostic::new(Code::UnusedAllow, allow.span, "an allow without a reason allows nothing")
        .label("the reason is missing")
        .help("end the comment with `: ` and why the finding is all right")
        .fix(Applicability::Manual, "give the reason", Span::at(allow.span.end), ": …")
}

fn report_unused(allow: &Allow, unused: &[usize], target: bool, out: &mut Vec<Diagnostic>) {
    if unused.is_empty() {
        return;
    }
    let why =
        if target { "the next statement has no such finding" } else { "no statement follows" };
    if unused.len() == allow.names.len() {
        out.push(
            Diagnostic::new(Code::UnusedAllow, allow.span, "this allow comment allows nothing")
                .label(why)
                .help("remove the comment")
                .fix(Applicability::Safe, "remove the comment", allow.line, ""),
        );
        return;
    }
    for &i in unused {
        let (name, span) = &allow.names[i];
        // With the comma after it, or the one before it where it is the last.
        let cut = match (allow.names.get(i + 1), i.checked_sub(1).map(|j| &allow.names[j])) {
            (Some((_, next)), _) => Span::new(span.start, next.start),
            (None, Some((_, before))) => Span::new(before.end, span.end),
            (None, None) => *span,
        };
        out.push(
            Diagnostic::new(Code::UnusedAllow, *span, format!("`{name}` is allowed for nothing"))
                .label(why)
                .help("take the name out of the comment")
                .fix(Applicability::Safe, "take the name out", cut, ""),
        );
    }
}

/// The allow comments of a text: lines that hold nothing else. No text literal spans lines, so a line
/// that starts with `#` is a comment.
fn comments(text: &str) -> Vec<Allow> {
    let mut out = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(allow) = comment(line, start) {
            out.push(allow);
        }
        start += line.len();
    }
    out
}

fn comment(line: &str, start: usize) -> Option<Allow> {
    let at = |offset: usize| (start + offset) as u32;
    let body = line.trim_start();
    let rest = body.strip_prefix('#')?.trim_start().strip_prefix("reasmory:")?.trim_start();
    let list = rest.strip_prefix("allow")?.trim_start().strip_prefix('(')?;
    let (names, after) = list.split_once(')')?;
    let first = line.len() - list.len();
    let mut offset = first;
    let mut found = Vec::new();
    for part in names.split(',') {
        let name = part.trim();
        if !name.is_empty() {
            let begin = offset + (part.len() - part.trim_start().len());
            found.push((name.to_owned(), Span::new(at(begin), at(begin + name.len()))));
        }
        offset += part.len() + 1;
    }
    let reason = after.trim_start().strip_prefix(':').is_some_and(|r| !r.trim().is_empty());
    if found.is_empty() {
        // `allow()` names nothing: what stands between the brackets is the unknown name.
        found.push((String::new(), Span::new(at(first), at(first + names.len()))));
    }
    Some(Allow {
        line: Span::new(at(0), at(line.len())),
        span: Span::new(at(line.len() - body.len()), at(line.trim_end().len())),
        names: found,
        reason,
    })
}

/// The spans of all statements and declarations, in source order, the outermost of a place first.
fn statements(program: &Program) -> Vec<Span> {
    let mut out = Vec::new();
    for item in &program.items {
        match item {
            Item::Fn(f) => {
                out.push(f.span);
                block(&f.body, &mut out);
            }
            Item::Test(t) => {
                out.push(t.span);
                block(&t.body, &mut out);
            }
            Item::Stmt(s) => statement(s, &mut out),
        }
    }
    out.sort_by_key(|s| (s.start, std::cmp::Reverse(s.end)));
    out
}

fn block(b: &Block, out: &mut Vec<Span>) {
    b.stmts.iter().for_each(|s| statement(s, out));
}

fn statement(s: &Stmt, out: &mut Vec<Span>) {
    out.push(s.span);
    match &s.kind {
        StmtKind::If { then, otherwise, .. } => {
            block(then, out);
            if let Some(b) = otherwise {
                block(b, out);
            }
        }
        StmtKind::For { body, .. } => block(body, out),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::{Source, check};
    use reasmory_diag::{Code, apply};
    use reasmory_sema::CheckOptions;

    fn found(text: &str) -> Vec<String> {
        let d = check(&Source::new("p.rsm", text), CheckOptions::default()).diagnostics;
        d.iter().map(|d| format!("{} {}", d.code, d.primary.span.text(text))).collect()
    }

    fn fixed(text: &str) -> String {
        let d = check(&Source::new("p.rsm", text), CheckOptions::default()).diagnostics;
        let (edits, _) = apply::select(&d, reasmory_diag::Applicability::Safe);
        apply::apply_edits(text, &edits).0
    }

    #[test]
    fn the_next_statement_only() {
        let allow = "# reasmory: allow(unused-binding): for later\n";
        assert!(found(&format!("{allow}\n# more\nx = 1\nanswer 2\n")).is_empty());
        assert_eq!(found(&format!("{allow}x = 1\ny = 1\nanswer 2\n")), ["W0801 y"]);
        assert!(found(&format!("{}x = 1\r\nanswer 2\r\n", allow.replace('\n', "\r\n"))).is_empty());
        // By its code, inside a block, and over a whole block.
        let f = |inner: &str| format!("fn f(x: Int) -> Int {{\n{inner}  y = x\n  return x\n}}\n");
        let inside = f("  # reasmory: allow(W0801): shown in the guide\n");
        assert!(found(&format!("{inside}answer f(1)\n")).is_empty());
        assert!(found(&format!("{allow}{}answer f(1)\n", f(""))).is_empty());
    }

    #[test]
    fn comments_that_allow_nothing() {
        let text = "# reasmory: allow(unused-binding): é\nanswer 2\n";
        assert_eq!(found(text), ["W0802 # reasmory: allow(unused-binding): é"]);
        assert_eq!(fixed(text), "answer 2\n");
        let text = "answer 2\n  # reasmory: allow(unused-binding): at the end";
        assert_eq!(found(text).len(), 1);
        assert_eq!(fixed(text), "answer 2\n");
        let text = "# reasmory: allow(unused-allow, unused-binding): why\nx = 1\nanswer 2\n";
        assert_eq!(found(text), ["W0802 unused-allow"]);
        assert_eq!(fixed(text), "# reasmory: allow(unused-binding): why\nx = 1\nanswer 2\n");
        // No reason, no effect.
        for end in ["", ":", ": \t"] {
            let text = format!("# reasmory: allow(unused-binding){end}\nx = 1\nanswer 2\n");
            assert_eq!(found(&text).len(), 2, "{text}");
        }
        // Said of clean programs only: with errors there are no lints to allow.
        assert_eq!(found("# reasmory: allow(unused-binding): x\nanswer y\n"), ["E0202 y"]);
    }

    #[test]
    fn any_comment_gives_places_and_repairs_inside_the_text() {
        let parts = [
            "#",
            " reasmory:",
            "allow(",
            "unused-binding",
            ",",
            "é🛋",
            ")",
            ": ",
            "why",
            "\r\n",
            "x = 1\n",
            "\t",
            "answer 1\n",
        ];
        let mut state = 1u32;
        for _ in 0..4000 {
            let mut text = String::from("# reasmory: allow(");
            for _ in 0..12 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                text += parts[(state >> 16) as usize % parts.len()];
            }
            let d =
                check(&Source::new("p.rsm", text.as_str()), CheckOptions::default()).diagnostics;
            for d in d.iter().filter(|d| matches!(d.code, Code::UnusedAllow | Code::UnknownLint)) {
                assert!(text.get(d.primary.span.range()).is_some(), "{text:?}: {d:?}");
                for s in &d.suggestions {
                    let (_, n) = apply::apply_edits(&text, &s.edits);
                    assert_eq!(n, s.edits.len(), "{text:?}: {s:?}");
                    assert!(s.edits.iter().all(|e| text.get(e.span.range()).is_some()), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn work_and_reports_are_bounded() {
        let names = vec!["unused-binding, no-such"; 2000].join(", ");
        let mut text = format!("# reasmory: allow({names}): why\n").repeat(4);
        text += "x = 1\nanswer 2\n";
        assert_eq!(found(&text).len(), super::MAX_REPORTS);
        let twice = "# reasmory: allow(W0801, unused-binding): why\nx = 1\nanswer 2\n";
        assert_eq!(found(twice), ["W0802 unused-binding"]);
        assert_eq!(fixed(twice), "# reasmory: allow(W0801): why\nx = 1\nanswer 2\n");
    }

    #[test]
    fn names_that_are_no_lints() {
        let text = "# reasmory: allow(unused-bindings): why\nx = 1\nanswer 2\n";
        assert_eq!(found(text), ["W0803 unused-bindings", "W0801 x"]);
        assert_eq!(fixed(text), "# reasmory: allow(unused-binding): why\nx = 1\nanswer 2\n");
        let text = "# reasmory: allow(unknown-name): why\nanswer y\n";
        assert_eq!(found(text), ["W0803 unknown-name", "E0202 y"]);
        assert_eq!(found("# reasmory: allow(): why\nanswer 1\n").len(), 1);
        // Words that are no directive.
        for text in ["# reasmory: counts chairs", "# allow(unused-binding): x", "# reasmory: allow"]
        {
            assert!(found(&format!("{text}\nanswer 1\n")).is_empty(), "{text}");
        }
    }
}
