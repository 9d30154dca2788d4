//! E0709: a direction decided among others than the question's family decides among.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_ops::OpId;
use reasmory_span::Span;
use reasmory_types::Direction;

use crate::hir::{Expr, ExprKind};
use crate::question::Cx;
use crate::question::flow::Place;
use crate::question::values::{Value, members, values};

/// Directions share out the circle, so a direction more or less moves the borders of the others. Gives
/// whether the directions are settled here, so that the options need not speak of them again.
pub(super) fn check(cx: &mut Cx<'_>) -> bool {
    let Some(family) = cx.question.family.filter(|f| !f.among.is_empty()) else { return false };
    let wanted = cx.question.options.directions().unwrap_or_else(|| family.among.to_vec());
    let mut reported = false;
    for answer in cx.answers.clone() {
        let Some(found) = values(&cx.flow, cx.scene, (answer.value, 0)) else { continue };
        for at in found.deciders {
            if !matches!(at.0.kind, ExprKind::Op { op: OpId::Side, .. }) {
                continue;
            }
            let Some(among) = among(cx, at) else { continue };
            let same = among.len() == wanted.len() && wanted.iter().all(|d| among.contains(d));
            if same {
                continue;
            }
            let d = Diagnostic::new(
                Code::DirectionSectors,
                place(cx, at),
                format!(
                    "`{}` decides among {}, and this among {}",
                    family.name,
                    listed(&wanted),
                    listed(&among)
                ),
            )
            .label("other directions, so other borders between them")
            .fact("expected", listed(&wanted))
            .fact("found", listed(&among));
            let d = choose(cx, d, at, &wanted);
            cx.out.push(d);
            reported = true;
        }
    }
    reported
}

/// The directions an operation decides among, where they are known.
fn among<'h>(cx: &Cx<'h>, at: Place<'h>) -> Option<Vec<Direction>> {
    let list = argument(at.0)?;
    let found = members(&cx.flow, cx.scene, (list, at.1))?;
    found
        .all
        .iter()
        .map(|v| match v {
            Value::Direction(d) => Some(*d),
            _ => None,
        })
        .collect()
}

fn argument(op: &Expr) -> Option<&Expr> {
    let ExprKind::Op { args, .. } = &op.kind else { return None };
    args.get(2)?.as_ref()
}

/// Whether the call says what it decides among.
fn is_explicit(op: &Expr) -> bool {
    argument(op).is_some_and(|a| a.span != op.span)
}

/// Where the directions stand: the list, or the call that leaves it out.
pub(super) fn place(cx: &Cx<'_>, at: Place<'_>) -> Span {
    match argument(at.0) {
        Some(list) if is_explicit(at.0) => cx.flow.span((list, at.1)),
        _ => cx.flow.span(at),
    }
}

/// Adds the repair that makes a call decide among some directions.
pub(super) fn choose(
    cx: &Cx<'_>,
    d: Diagnostic,
    at: Place<'_>,
    wanted: &[Direction],
) -> Diagnostic {
    let list = listed(wanted);
    let told = format!("decide among the question's: `among={list}`");
    // Half the circle has no centre: `up`, `none` and their like are no sectors of `side`.
    let sectors = wanted.iter().all(|d| d.sector_center().is_some());
    let turn = matches!(at.0.kind, ExprKind::Op { op: OpId::TurnNeeded, .. });
    if !cx.flow.is_users(at) || !(sectors || turn) {
        return d.help(told);
    }
    let title = format!("decide among {list}");
    match argument(at.0) {
        Some(given) if is_explicit(at.0) => {
            // A name may stand for the list, and be used elsewhere.
            let literal = matches!(given.kind, ExprKind::List(_));
            let applicability = if literal { Applicability::Safe } else { Applicability::Unsafe };
            d.fix(applicability, title, given.span, list)
        }
        _ => {
            let text = at.0.span.text(cx.text);
            if !text.ends_with(')') || text.starts_with('(') {
                return d.help(told);
            }
            let end = Span::at(at.0.span.end - 1);
            d.fix(Applicability::Safe, title, end, format!(", among={list}"))
        }
    }
}

/// `[left, right]`.
pub(super) fn listed(directions: &[Direction]) -> String {
    let names: Vec<&str> = directions.iter().map(|d| d.name()).collect();
    format!("[{}]", names.join(", "))
}
