//! Standing over a thing and facing one that is at the same place on the floor, or looking at what is right
//! at the eye. The checker has reported what is one thing by name; here the manifest's boxes decide.

use reasmory_diag::{Code, Diagnostic};
use reasmory_ops::OpId;

use super::{Cx, Findings, arg};
use crate::hir::{Expr, ExprKind};

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let ExprKind::Op { op, args, otherwise: None } = &e.kind else { return };
    let (Some(m), Some(known)) = (cx.scene, cx.known()) else { return };
    let (Some(a), Some(b)) = (arg(args, 0), arg(args, 1)) else { return };
    let center = |x: &Expr| m.center(&known.place(x)?).ok();
    match op {
        OpId::Stand => {
            // One thing by name was reported where it was checked.
            let named = a.vn == b.vn
                || matches!(
                    (&a.facts.instances, &b.facts.instances),
                    (Some(x), Some(y)) if x.len() == 1 && x == y
                );
            let (Some(foot), Some(target)) = (center(a), center(b)) else { return };
            let eye = m.standing_eye(foot, None);
            if named || !m.is_above_or_below(eye, target) {
                return;
            }
            out.push(
                Diagnostic::new(Code::SamePlace, e.span, "the viewer stands at the place it faces")
                    .label("no direction to look in")
                    .also(a.span, "stands here")
                    .also(b.span, "at the same place on the floor")
                    .help("face another thing, or give `heading=` instead"),
            );
        }
        OpId::LookAt => {
            let (Some(view), Some(target)) = (known.view(a), center(b)) else { return };
            if m.look_at(&view, target).is_some() {
                return;
            }
            out.push(
                Diagnostic::new(Code::SamePlace, e.span, "the viewer looks at its own eye")
                    .label("no direction to look in")
                    .also(b.span, "right at the eye")
                    .help("take a step back first, or look at another thing"),
            );
        }
        _ => {}
    }
}
