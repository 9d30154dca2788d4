//! Conditions that are always true or always false, in every memory.

use reasmory_diag::{Code, Diagnostic};
use reasmory_ops::InlineOp;
use reasmory_types::Ty;

use super::ranges::{directions, interval, truth};
use super::{Cx, Findings};
use crate::hir::{Expr, ExprKind, Stmt, StmtKind};

pub(super) fn stmt(cx: &Cx<'_>, s: &Stmt, out: &mut Findings) {
    match &s.kind {
        StmtKind::If(c, ..) | StmtKind::Assert(c, _) => condition(cx, c, out),
        _ => {}
    }
}

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    match &e.kind {
        ExprKind::If(c, ..) => condition(cx, c, out),
        ExprKind::Comprehension { cond: Some(c), .. } => condition(cx, c, out),
        ExprKind::Inline {
            op: InlineOp::Filter | InlineOp::Any | InlineOp::All,
            lambda: Some(l),
            ..
        } => condition(cx, &l.body, out),
        // Elsewhere a comparison of two constants is an answer that is known; one that an operation can
        // never meet is a mistake wherever it stands.
        ExprKind::Compare(_, a, b) if !(fixed(cx, a) && fixed(cx, b)) => report(cx, e, out),
        _ => {}
    }
}

/// Reports the smallest parts of a condition that are constant.
fn condition(cx: &Cx<'_>, c: &Expr, out: &mut Findings) {
    match &c.kind {
        ExprKind::And(a, b) | ExprKind::Or(a, b) => {
            condition(cx, a, out);
            condition(cx, b, out);
        }
        ExprKind::Not(x) => condition(cx, x, out),
        _ => report(cx, c, out),
    }
}

fn fixed(cx: &Cx<'_>, e: &Expr) -> bool {
    let i = interval(cx, e);
    i.least == i.most || matches!(directions(cx, e), Some(d) if d.count_ones() == 1)
}

fn report(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let Some(value) = truth(cx, e) else { return };
    let mut d = Diagnostic::new(
        Code::ConstantCondition,
        e.span,
        format!("this is always {value}, in every memory"),
    )
    .label(format!("always {value}"))
    .fact("value", value);
    if let ExprKind::Compare(_, a, b) = &cx.value(e).kind {
        if a.ty == Ty::Direction {
            let subject = if matches!(cx.value(a).kind, ExprKind::Direction(_)) { b } else { a };
            d = d.note(format!("`{}` can be {}", cx.quote(subject.span), words(cx, subject)));
        } else {
            for x in [a, b] {
                let i = interval(cx, x);
                if i.least != i.most {
                    d = d.note(bounds(cx.quote(x.span), i.least, i.most));
                }
            }
        }
    }
    out.push(d.help("give the bound that was meant, or leave the condition out"));
}

fn bounds(what: &str, least: f64, most: f64) -> String {
    match (least.is_finite(), most.is_finite()) {
        (true, true) => format!("`{what}` is from {least} to {most}"),
        (true, false) => format!("`{what}` is never below {least}"),
        _ => format!("`{what}` is never above {most}"),
    }
}

fn words(cx: &Cx<'_>, e: &Expr) -> String {
    let set = directions(cx, e).unwrap_or(0);
    reasmory_types::Direction::ALL
        .iter()
        .filter(|d| set >> (**d as u32) & 1 == 1)
        .map(|d| d.name())
        .collect::<Vec<_>>()
        .join(", ")
}
