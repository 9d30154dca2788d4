//! `pick(chairs, "the largest")`: a model is asked what geometry knows.

use reasmory_diag::{Applicability, Code, Diagnostic, Edit};
use reasmory_ops::OpId;

use super::{Cx, Findings, arg, op};
use crate::hir::{Expr, ExprKind};

/// What a word of the phrase says, and the selection that gives it; `…` is for the author to fill in.
const WORDS: [(&[&str], &str); 8] = [
    (&["nearest", "closest"], "nearest(to=…)"),
    (&["farthest", "furthest"], "farthest(to=…)"),
    (&["largest", "biggest"], "largest()"),
    (&["smallest", "tiniest"], "smallest()"),
    (&["highest", "topmost", "tallest"], "highest()"),
    (&["lowest"], "lowest()"),
    (&["leftmost"], "leftmost(from=…)"),
    (&["rightmost"], "rightmost(from=…)"),
];

/// Words that say nothing more about the thing.
const EMPTY: [&str; 12] =
    ["the", "a", "one", "object", "thing", "item", "of", "them", "all", "that", "is", "instance"];

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let Some(args) = op(e, OpId::Pick) else { return };
    let (Some(list), Some(which)) = (arg(args, 0), arg(args, 1)) else { return };
    let ExprKind::Text(phrase) = &cx.value(which).kind else { return };
    let words: Vec<String> = phrase
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .collect();
    let Some((word, call)) = words.iter().find_map(|w| {
        WORDS.iter().find(|(names, _)| names.contains(&w.as_str())).map(|g| (w, g.1))
    }) else {
        return;
    };
    let mut d = Diagnostic::new(
        Code::ModelForGeometry,
        e.span,
        format!("a model is asked for the {word} one, which geometry knows"),
    )
    .label("a model call")
    .note("a model can err and can differ from run to run; the memory does not")
    .help(format!("choose by geometry: `.{call}`"));
    // What else the phrase says is about the list, or would be lost.
    let category = list.facts.nouns.first().map(|n| n.0.to_lowercase()).or_else(|| {
        list.facts.all_of.as_deref().and_then(|c| c.facts.nouns.first()).map(|n| n.0.to_lowercase())
    });
    let about = |w: &String| {
        w == word
            || EMPTY.contains(&w.as_str())
            || category
                .as_ref()
                .is_some_and(|c| c.split(' ').any(|part| *w == part || *w == format!("{part}s")))
    };
    let applicability = match (words.iter().all(about), call.contains('…')) {
        (true, false) => Applicability::Unsafe,
        _ => Applicability::Manual,
    };
    let written = cx.quote(list.span);
    if !written.is_empty() && list.span.end <= e.span.end && list.span.start >= e.span.start {
        d = super::repair(
            d,
            "choose by geometry",
            applicability,
            Some(vec![Edit { span: e.span, insert: format!("{written}.{call}") }]),
        );
    }
    out.push(d);
}
