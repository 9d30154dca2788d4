//! E0703: an answer printed in another unit than the question asks for.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_span::Span;
use reasmory_types::{Ty, Unit};

use crate::question::Cx;
use crate::question::context::{Answer, around, is_postfix, suggestion};

/// Options that state values are met in whatever unit, so only open questions have a unit to print in.
pub(super) fn check(cx: &mut Cx<'_>, answer: Answer<'_>) {
    let Some(wanted) = cx.question.unit else { return };
    let x = answer.value;
    if !cx.question.options.is_empty() {
        return;
    }
    let Ty::Quantity(dim) = x.ty else { return };
    if dim != wanted.dim {
        let d = Diagnostic::new(
            Code::AnswerKind,
            x.span,
            format!("the question asks for {}, and the answer is `{}`", wanted.name, x.ty),
        )
        .label(format!("no `{}`", wanted.dim))
        .help(format!("answer a `{}`", wanted.dim))
        .fact("expected", wanted.dim.to_string())
        .fact("found", x.ty.to_string());
        cx.out.push(d);
        return;
    }
    if wanted.dim.length != 0 && cx.scene.is_some_and(|s| !s.scale.is_metric()) {
        let d = Diagnostic::new(
            Code::MetricRequired,
            x.span,
            format!(
                "the question asks for {}, and the scale of this memory is unknown",
                wanted.name
            ),
        )
        .label("in scene units")
        .help("calibrate the memory from one known length, or use a metric reconstruction");
        cx.out.push(d);
        return;
    }
    let printed = answer.unit.filter(|u| u.dim == dim).or_else(|| Unit::default_for(dim));
    if printed.is_some_and(|u| u.name == wanted.name) {
        return;
    }
    let now = printed.map_or("as a plain number".to_owned(), |u| format!("in `{}`", u.name));
    let title = format!("print it in `{}`", wanted.name);
    let mut d = Diagnostic::new(
        Code::AnswerUnit,
        x.span,
        format!("the question asks for `{}`, and the answer is printed {now}", wanted.name),
    )
    .label(format!("printed {now}"))
    .fact("expected", wanted.name)
    .fact("found", printed.map_or("", |u| u.name));
    d = match written(cx.text, x.span, answer.unit) {
        Some(at) => d.fix(Applicability::Safe, title, at, wanted.name),
        None => {
            let unit = format!(" as {}", wanted.name);
            let edits = if is_postfix(x) {
                around(x.span, "", &unit)
            } else {
                around(x.span, "(", &format!("){unit}"))
            };
            d.suggest(suggestion(title, edits, Applicability::Safe))
        }
    };
    cx.out.push(d);
}

/// The place of the unit in `… as unit`, where the answer itself says it.
fn written(text: &str, value: Span, unit: Option<&Unit>) -> Option<Span> {
    let unit = unit?;
    let before = value.text(text).strip_suffix(unit.name)?;
    let cast = before.trim_end().strip_suffix("as")?;
    // `as` is a word of its own there.
    if !cast.ends_with([' ', ')', '\n', '\t']) || before.len() == before.trim_end().len() {
        return None;
    }
    Some(Span::new(value.end - unit.name.len() as u32, value.end))
}
