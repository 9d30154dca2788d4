//! Something compared with, or measured to, itself.

use reasmory_diag::{Code, Diagnostic};
use reasmory_ops::OpId;

use super::{Cx, Findings};
use crate::hir::{Cmp, Expr, ExprKind};

/// Arguments of operations that are about two different things.
const PAIRS: &[(OpId, usize, usize)] = &[
    (OpId::Distance, 0, 1),
    (OpId::CenterDistance, 0, 1),
    (OpId::HorizontalDistance, 0, 1),
    (OpId::HeightAbove, 0, 1),
    (OpId::AngleAt, 0, 1),
    (OpId::AngleAt, 0, 2),
    (OpId::AngleAt, 1, 2),
    (OpId::FootprintOverlap, 0, 1),
    (OpId::IsLeftOf, 0, 1),
    (OpId::IsRightOf, 0, 1),
    (OpId::IsInFrontOf, 0, 1),
    (OpId::IsBehind, 0, 1),
    (OpId::IsAbove, 0, 1),
    (OpId::IsBelow, 0, 1),
    (OpId::IsOn, 0, 1),
    (OpId::IsInside, 0, 1),
    (OpId::IsTouching, 0, 1),
    (OpId::IsFacing, 0, 1),
    (OpId::Midway, 0, 1),
];

/// The same of functions of the library.
const LIBRARY: &[(&str, usize, usize)] = &[
    ("is_near", 0, 1),
    ("is_between", 0, 1),
    ("is_between", 0, 2),
    ("is_between", 1, 2),
    ("photos_of_both", 0, 1),
];

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    match &e.kind {
        ExprKind::Compare(cmp, a, b) if a.vn == b.vn && !is_literal(a) => {
            let always = matches!(cmp, Cmp::Eq | Cmp::Le | Cmp::Ge);
            report(
                e,
                a,
                b,
                format!("`{}` is compared with itself", cx.quote(a.span)),
                &format!("always {always}"),
                out,
            );
        }
        ExprKind::Op { op, args, .. } => {
            for (_, i, j) in PAIRS.iter().filter(|p| p.0 == *op) {
                if let (Some(Some(a)), Some(Some(b))) = (args.get(*i), args.get(*j))
                    && same(a, b)
                {
                    let what = format!("`{}` is given one thing twice", op.name());
                    return report(e, a, b, what, "both are the same", out);
                }
            }
        }
        ExprKind::Call(name, args) => {
            for (_, i, j) in LIBRARY.iter().filter(|p| p.0 == name) {
                if let (Some(a), Some(b)) = (args.get(*i), args.get(*j))
                    && same(a, b)
                    && cx.function(name).is_some_and(|f| f.std)
                {
                    let what = format!("`{name}` is given one thing twice");
                    return report(e, a, b, what, "both are the same", out);
                }
            }
        }
        _ => {}
    }
}

/// One value in every run, or one instance.
fn same(a: &Expr, b: &Expr) -> bool {
    a.vn == b.vn
        || matches!(
            (&a.facts.instances, &b.facts.instances),
            (Some(x), Some(y)) if x.len() == 1 && x == y
        )
}

fn is_literal(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Bool(_)
        | ExprKind::Text(_)
        | ExprKind::Category(_)
        | ExprKind::Direction(_) => true,
        ExprKind::Coerce(_, x) | ExprKind::Neg(x) => is_literal(x),
        _ => false,
    }
}

fn report(e: &Expr, a: &Expr, b: &Expr, what: String, label: &str, out: &mut Findings) {
    let mut d = Diagnostic::new(Code::SelfComparison, e.span, what)
        .label(label)
        .help("name the other thing that was meant");
    if a.span != b.span && a.span != e.span && b.span != e.span {
        d = d.also(a.span, "this").also(b.span, "and this");
    }
    out.push(d);
}
