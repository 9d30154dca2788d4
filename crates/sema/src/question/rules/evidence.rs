//! E0704: pictures where an answer is wanted.

use reasmory_diag::{Code, Diagnostic};

use crate::question::Cx;

/// A program may only show evidence where somebody reads it: a model, or whoever asked an open question.
pub(super) fn check(cx: &mut Cx<'_>) {
    let Some(shown) = cx.shown else { return };
    if !cx.answers.is_empty() || cx.broken || cx.model || !cx.question.wants_answer() {
        return;
    }
    let wanted = match cx.question.kind {
        Some(kind) if kind.is_computed() => kind.asked(),
        _ if !cx.question.options.is_empty() => "one of its options".to_owned(),
        _ => "an answer".to_owned(),
    };
    let mut d = Diagnostic::new(
        Code::EvidenceOnly,
        shown,
        format!("the question asks for {wanted}, and the program only shows pictures"),
    )
    .label("nothing is answered")
    .help("compute it, and end the program with `answer …`; or check with `--model NAME`, where a model reads them");
    if !cx.question.options.is_empty() {
        d = d.note(format!("the options are {}", cx.question.options.listed()));
    }
    cx.out.push(d);
}
