//! A comparison closer than the memory's stated uncertainty: it would be a tie in every run.

use reasmory_diag::{Code, Diagnostic};
use reasmory_ops::InlineOp;
use reasmory_scene::Manifest;
use reasmory_types::{Dim, Ty, Unit};

use super::{Cx, Findings};
use crate::hir::{Expr, ExprKind};

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let Some(m) = cx.scene.filter(|m| m.uncertainty.position > 0.0) else { return };
    match &e.kind {
        ExprKind::Compare(_, a, b) if a.facts.measured || b.facts.measured => {
            let (Some(dim), Some((x, y))) = (dimension(a), values(cx, a, b)) else { return };
            let sigma = m.sigma(dim, x).max(m.sigma(dim, y));
            doubt(e, m, dim, (x - y).abs(), sigma, out);
        }
        ExprKind::Inline { op: InlineOp::Near, args, .. } => {
            let [a, b, within] = args.as_slice() else { return };
            if !(a.facts.measured || b.facts.measured) {
                return;
            }
            let (Some(dim), Some(w)) = (dimension(a), cx.known().and_then(|k| k.number(within)))
            else {
                return;
            };
            match values(cx, a, b) {
                Some((x, y)) => {
                    let d = (x - y).abs();
                    let sigma = m.sigma(dim, d).max(m.sigma(dim, w));
                    doubt(e, m, dim, (d - w).abs(), sigma, out);
                }
                // Two equal things differ by more than this in the memory.
                None if matches!(dim, Dim::LENGTH | Dim::ANGLE) && 2.0 * m.sigma(dim, w) > w => {
                    let two = amount(m, dim, 2.0 * m.sigma(dim, w));
                    out.push(
                        Diagnostic::new(
                            Code::WithinNoise,
                            within.span,
                            "this tolerance is finer than the memory",
                        )
                        .label("below what the memory can tell apart")
                        .note(format!("two standard deviations are {two}"))
                        .help(format!("allow for {two} at least")),
                    );
                }
                None => {}
            }
        }
        _ => {}
    }
}

fn dimension(e: &Expr) -> Option<Dim> {
    match &e.ty {
        Ty::Quantity(d) if *d != Dim::NONE => Some(*d),
        _ => None,
    }
}

fn values(cx: &Cx<'_>, a: &Expr, b: &Expr) -> Option<(f64, f64)> {
    let known = cx.known()?;
    Some((known.number(a)?, known.number(b)?))
}

fn doubt(e: &Expr, m: &Manifest, dim: Dim, margin: f64, sigma: f64, out: &mut Findings) {
    // As the run decides it.
    if !(sigma > 0.0 && margin < 2.0 * sigma) {
        return;
    }
    out.push(
        Diagnostic::new(
            Code::WithinNoise,
            e.span,
            "the two sides are closer than the memory's noise",
        )
        .label("a tie in this memory")
        .note(format!(
            "they differ by {}, and two standard deviations are {}",
            amount(m, dim, margin),
            amount(m, dim, 2.0 * sigma)
        ))
        .help("compare what differs by more, or ask for what the memory can decide"),
    );
}

fn amount(m: &Manifest, dim: Dim, x: f64) -> String {
    let unit = if m.scale.is_metric() || dim.length == 0 {
        Unit::default_for(dim).map_or("", |u| u.name)
    } else {
        " scene units"
    };
    format!("{x:.3}{unit}")
}
