//! E0701, W0706 and W0707: answers that meet no option, answers that may meet none, options that are never
//! met.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_types::{Direction, Ty};

use super::sectors;
use crate::hir::ExprKind;
use crate::question::Cx;
use crate::question::context::Answer;
use crate::question::options::{Met, Typed};
use crate::question::values::{Value, Values, members, values};

/// `decided` says that directions were dealt with.
pub(super) fn check(cx: &mut Cx<'_>, decided: bool) {
    if cx.question.options.is_empty() {
        return;
    }
    let mut reached = vec![false; cx.question.options.len()];
    let mut all_known = !cx.answers.is_empty() && !cx.broken;
    let mut chosen = None;
    for answer in cx.answers.clone() {
        match one(cx, answer, decided, &mut reached) {
            Some(choice) => chosen = chosen.or(choice),
            None => all_known = false,
        }
    }
    if let Some(span) = chosen.filter(|_| all_known && !decided && cx.is_clean()) {
        unreachable_options(cx, span, &reached);
    }
}

/// Checks one answer and marks the options it can meet. `None` where its values are not known; else the
/// place of the list that it is chosen from, where it is.
fn one<'h>(
    cx: &mut Cx<'h>,
    answer: Answer<'h>,
    decided: bool,
    reached: &mut [bool],
) -> Option<Option<reasmory_span::Span>> {
    let x = answer.value;
    if !cx.question.options.can_meet(&x.ty) {
        mismatch(cx, answer, &format!("a `{}`", x.ty));
        return None;
    }
    if matches!(x.ty, Ty::List(_)) {
        list(cx, answer);
        return None;
    }
    let found = values(&cx.flow, cx.scene, (x, 0))?;
    let mut outside = Vec::new();
    for v in &found.all {
        match meet(cx, v, &x.ty) {
            Some(i) => reached[i] = true,
            None => outside.push(word(v)),
        }
    }
    if outside.len() == found.all.len() {
        let what = match outside.as_slice() {
            [one] => format!("`{one}`"),
            many => format!("any of {}", quoted(many)),
        };
        if !decided {
            let d = mismatched(cx, answer, &what);
            let d = repair(cx, d, &found);
            cx.out.push(d);
        }
        return None;
    }
    if !outside.is_empty() && !decided {
        let d = Diagnostic::new(
            Code::AnswerOutsideOptions,
            found.deciders.first().map_or(x.span, |at| sectors::place(cx, *at)),
            format!("the answer can be {}, which is no option", quoted(&outside)),
        )
        .label("can have values outside the options")
        .note(format!("the options are {}", cx.question.options.listed()))
        .fact("outside", outside.clone());
        let d = repair(cx, d, &found);
        cx.out.push(d);
    }
    let choice = found
        .deciders
        .first()
        .map(|at| sectors::place(cx, *at))
        .or_else(|| found.lists.first().map(|at| cx.flow.span(*at)));
    Some(choice.filter(|_| found.all.len() > 1))
}

fn meet(cx: &Cx<'_>, v: &Value, ty: &Ty) -> Option<usize> {
    let options = &cx.question.options;
    match v {
        Value::Bool(b) => options.meet(&Met::Bool(*b)),
        Value::Direction(d) => options.meet(&Met::Direction(*d)),
        Value::Text(t) => options.meet(&Met::Text(t)),
        Value::Noun(n) => options.meet(&Met::Noun(vec![n])).or_else(|| {
            // One of several is told apart by its number: `chair #2`.
            let numbered = |t: &str| t.to_ascii_lowercase().starts_with(&format!("{n} "));
            (*ty == Ty::Object).then(|| options.iter().position(|c| numbered(&c.text))).flatten()
        }),
    }
}

fn word(v: &Value) -> String {
    match v {
        Value::Bool(b) => if *b { "yes" } else { "no" }.to_owned(),
        Value::Direction(d) => d.name().to_owned(),
        Value::Noun(t) | Value::Text(t) => t.clone(),
    }
}

fn quoted(words: &[String]) -> String {
    let mut out: Vec<String> = words.iter().take(6).map(|w| format!("`{w}`")).collect();
    if words.len() > 6 {
        out.push(format!("{} more", words.len() - 6));
    }
    out.join(", ")
}

fn mismatched(cx: &Cx<'_>, answer: Answer<'_>, what: &str) -> Diagnostic {
    Diagnostic::new(
        Code::OptionMismatch,
        answer.value.span,
        format!("the answer is {what}, which fits none of the options"),
    )
    .label("meets no option")
    .note(format!("the options are {}", cx.question.options.listed()))
    .fact("options", cx.question.options.iter().map(|c| c.text.clone()).collect::<Vec<_>>())
}

fn mismatch(cx: &mut Cx<'_>, answer: Answer<'_>, what: &str) {
    let d = mismatched(cx, answer, what)
        .help("answer one of them: `options().min_by(o => …)` always does");
    cx.out.push(d);
}

/// An order: as many things as an option lists, and the same ones.
fn list<'h>(cx: &mut Cx<'h>, answer: Answer<'h>) {
    let x = answer.value;
    if let Some(n) = x.facts.len
        && !cx.question.options.has_parts(n)
    {
        return mismatch(cx, answer, &format!("a list of {n}"));
    }
    let Some(found) = members(&cx.flow, cx.scene, (x, 0)) else { return };
    let words: Vec<String> = found.all.iter().map(word).collect();
    let known: Vec<&str> = words.iter().map(String::as_str).collect();
    if !words.is_empty() && !cx.question.options.has_parts_of(&known) {
        mismatch(cx, answer, &format!("a list of {}", quoted(&words)));
    }
}

/// The repair that keeps an answer within the options, where there is one.
fn repair<'h>(cx: &Cx<'h>, d: Diagnostic, found: &Values<'h>) -> Diagnostic {
    if let ([at], Some(wanted)) = (found.deciders.as_slice(), cx.question.options.directions()) {
        return sectors::choose(cx, d, *at, &wanted);
    }
    if let ([at], [], Typed::Words(_)) =
        (found.lists.as_slice(), found.deciders.as_slice(), cx.question.typed_options(&[]))
        && matches!(at.0.kind, ExprKind::List(_))
        && cx.flow.is_users(*at)
        && cx.quote(*at).starts_with('[')
    {
        return d.fix(Applicability::Unsafe, "choose among `options()`", at.0.span, "options()");
    }
    let directions = found.all.iter().any(|v| matches!(v, Value::Direction(_)));
    d.help(if directions {
        "decide among the options: `among=options()`"
    } else {
        "choose among the options: `options().min_by(o => …)`, `.max_by(o => …)`"
    })
}

fn unreachable_options(cx: &mut Cx<'_>, span: reasmory_span::Span, reached: &[bool]) {
    let missed: Vec<String> = cx
        .question
        .options
        .iter()
        .zip(reached)
        .filter(|(_, r)| !**r)
        .map(|(c, _)| format!("{}. {}", c.letter, c.text))
        .collect();
    if missed.is_empty() {
        return;
    }
    let d = Diagnostic::new(
        Code::UnreachableOption,
        span,
        format!("the program can never answer {}", quoted(&missed)),
    )
    .label("leaves out an option")
    .help(match cx.question.options.directions() {
        Some(wanted) if wanted.iter().all(|d: &Direction| d.sector_center().is_some()) => {
            format!("decide among all of them: `among={}`", sectors::listed(&wanted))
        }
        _ => "choose among all of them: `options()`".to_owned(),
    })
    .fact("options", missed);
    cx.out.push(d);
}
