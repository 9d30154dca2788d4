//! The body of the parser's fuzz target, also replayed by tests.

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
