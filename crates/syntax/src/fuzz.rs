//! The bodies of the fuzz targets of the parser and the prefix check, also replayed by tests.

use crate::limits::MAX_NESTING;
use crate::prefix::{Kind, Prefix, Status, is_program};
use crate::{parse, print_ast, print_ast_without_spans, print_tokens, unparse};

/// Parses arbitrary bytes and checks what holds for every input: it ends, spans lie in the text on
/// character boundaries, suggestions apply, and a clean program survives its canonical text.
///
/// # Panics
/// When one of these does not hold.
pub fn fuzz_parse(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let parsed = parse(&text);
    for d in &parsed.diagnostics {
        let labels = std::iter::once(&d.primary).chain(&d.secondary).map(|l| l.span);
        let edits = d.suggestions.iter().flat_map(|s| &s.edits).map(|e| e.span);
        for span in labels.chain(edits) {
            assert!(
                span.start <= span.end && text.get(span.range()).is_some(),
                "{} has a span outside the text: {span:?}",
                d.message
            );
        }
        assert!(!d.message.is_empty() && !d.primary.message.is_empty(), "{}: bare", d.code);
    }
    let _ = (print_tokens(&text), print_ast(&parsed.program));
    if parsed.diagnostics.is_empty() {
        let again = parse(&unparse(&parsed.program));
        assert!(
            again.diagnostics.is_empty(),
            "canonical text is rejected: {:?}",
            again.diagnostics
        );
        assert_eq!(
            print_ast_without_spans(&parsed.program),
            print_ast_without_spans(&again.program),
            "canonical text means something else"
        );
    }
}

/// Feeds arbitrary bytes, as text, to the prefix check and compares with the parser at every character of
/// the first few hundred: complete says that the parser reads the text without a diagnostic, and the other
/// way round; what is live can be finished; what may follow is not dead, and what is not listed is.
///
/// # Panics
/// When one of these does not hold.
pub fn fuzz_prefix(data: &[u8]) {
    let text: String = String::from_utf8_lossy(data).chars().take(400).collect();
    check_prefixes(&text, 7);
}

/// [`fuzz_prefix`] for a text of any length. `stride`: every how many characters what may follow is tried
/// token by token, which is slow.
///
/// # Panics
/// As there.
pub fn check_prefixes(text: &str, stride: usize) {
    let mut prefix = Prefix::new();
    for (n, (at, c)) in text.char_indices().enumerate() {
        let before = prefix.clone();
        let (start, end) = (&text[..at], at + c.len_utf8());
        let live = prefix.feed(&text[at..end]);
        let upto = &text[..end];
        let clean = is_program(upto);
        assert_eq!(
            prefix.status() == Status::Complete,
            clean,
            "{:?}, but the parser says otherwise: {upto:?}",
            prefix.status()
        );
        if !live {
            assert!(prefix.at() == at, "died at {} in {upto:?}", prefix.at());
            assert_eq!(prefix.next(), before.next(), "{start:?}");
            // Nothing after it lives again.
            let mut longer = prefix.clone();
            assert!(!longer.feed(&text[end..]) && longer.at() == at, "{start:?}");
            assert!(!is_program(text), "dead at {at}, but a program: {text:?}");
            return;
        }
        if n % stride == 0 {
            check_next(&prefix, upto);
        }
        if n % (4 * stride) == 0 {
            check_end(&prefix, upto);
        }
    }
}

/// What is listed may follow and nothing else may, and there is a way to the end.
fn check_next(prefix: &Prefix, text: &str) {
    let next = prefix.next();
    let tail = prefix.tail();
    let ends = tail.as_ref().is_none_or(|t| t.whole);
    if let Some(tail) = &tail {
        for rest in &tail.rest {
            assert!(prefix.admits(rest), "{rest:?} is offered after {text:?}");
        }
        for (more, c) in [("name", "x"), ("digits", "0"), ("any", "a")] {
            assert!(tail.more != more || prefix.admits(c), "{c:?} is offered after {text:?}");
        }
    }
    let comment = tail.as_ref().is_some_and(|t| t.inside == crate::prefix::Inside::Comment);
    for (kinds, gap) in [(&next.here, " "), (&next.line, "\n ")] {
        if !ends || (comment && gap == " ") {
            assert!(kinds.is_empty(), "{text:?}");
            continue;
        }
        for kind in Kind::all() {
            // A unit not after `as` is a name, and the word `in` after it is a unit.
            let named = kind == Kind::UNIT && kinds.contains(Kind::NAME);
            if named || (kind.text() == "in" && kinds.contains(Kind::UNIT)) {
                continue;
            }
            let admits = |k: Kind| prefix.admits(&format!("{gap}{} ", k.sample()));
            // `test` is a word before a text only; elsewhere it is a name like others.
            let found = if kind.text() == "test" {
                prefix.admits(&format!("{gap}test \"x\" "))
            } else {
                admits(kind)
            };
            assert_eq!(kinds.contains(kind), found, "{kind:?} after {text:?} and {gap:?}");
        }
    }
}

/// There is a way to the end of a program.
fn check_end(prefix: &Prefix, text: &str) {
    if let Some(end) = prefix.finish() {
        let whole = format!("{text}{end}");
        assert!(is_program(&whole), "finished, but no program: {whole:?}");
    } else {
        // A text a few brackets or operations short of a limit counts as live and has none.
        let opened = text.matches(['(', '[', '{']).count();
        assert!(text.len() > 400 || opened + 8 > MAX_NESTING, "no end of {text:?}");
    }
}
