//! The body of the fuzz target of plans, also replayed by tests.

use reasmory_syntax::{parse, print_ast, print_ast_without_spans, unparse};

use crate::{Options, extract, translate};

/// Reads arbitrary bytes as a plan and checks what holds for every input: it ends, places and repairs lie in
/// the text on character boundaries, and the translation of a plan without findings reads back as itself.
///
/// # Panics
/// When one of these does not hold.
pub fn fuzz_paper(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let inside = extract(&text);
    assert!(text.get(inside.range()).is_some(), "the plan is outside the text");
    let one = |_: &str| Some(1);
    for instances in [&(|_: &str| None) as &dyn Fn(&str) -> Option<usize>, &one] {
        let t = translate(&text, Options { renders: 4, instances });
        for d in &t.diagnostics {
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
        let _ = (print_ast(&t.program), print_ast(&t.probes), print_ast(&t.outline()));
        if t.diagnostics.iter().any(reasmory_diag::Diagnostic::is_error) {
            continue;
        }
        for program in [&t.program, &t.probes] {
            let canonical = unparse(program);
            let again = parse(&canonical);
            assert!(again.diagnostics.is_empty(), "{canonical}\n{:?}", again.diagnostics);
            assert_eq!(
                print_ast_without_spans(program),
                print_ast_without_spans(&again.program),
                "the canonical text means something else:\n{canonical}"
            );
        }
    }
}
