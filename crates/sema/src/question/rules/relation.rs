//! E0717: nothing in the program can tell what is asked.

use reasmory_diag::{Code, Diagnostic};

use crate::question::Cx;
use crate::question::uses::Uses;

pub(super) fn check(cx: &mut Cx<'_>, uses: &Uses<'_>) {
    let Some(relation) = cx.question.relation() else { return };
    // Pictures are read by somebody, and a model decides by its own lights.
    if cx.answers.is_empty() || uses.operations.contains("pick") || cx.flow.exhausted() {
        return;
    }
    let telling = relation.operations();
    if telling.iter().any(|o| uses.operations.contains(o)) {
        return;
    }
    let used: Vec<&str> = uses.operations.iter().copied().collect();
    let names: Vec<String> = telling.iter().take(4).map(|o| format!("`{o}`")).collect();
    let d = Diagnostic::new(
        Code::RelationNotAsked,
        cx.place(),
        format!("the question asks about {}, and nothing in the program tells it", relation.name()),
    )
    .label(match used.is_empty() {
        true => "computed from nothing".to_owned(),
        false => format!("computed with {}", quoted(&used)),
    })
    .help(format!("use {}", names.join(", ")))
    .fact("expected", telling.iter().map(|o| (*o).to_owned()).collect::<Vec<String>>())
    .fact("found", used.iter().map(|o| (*o).to_owned()).collect::<Vec<String>>());
    cx.out.push(d);
}

fn quoted(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(4).map(|n| format!("`{n}`")).collect();
    let more = if names.len() > 4 { " …" } else { "" };
    shown.join(", ") + more
}
