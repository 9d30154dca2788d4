//! Motion that nothing observes: a turn that the next step makes good, a pitch before an operation that
//! reads only the heading, a turn to the front.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_ops::OpId;
use reasmory_types::{Direction, Ty};

use super::{Cx, Findings, arg};
use crate::hir::{Coercion, Expr, ExprKind};

/// What of a view is read or changed, a bit each.
type Parts = u8;
/// Where the eye is.
const EYE: Parts = 1;
/// Which way it looks in the floor plane.
const HEADING: Parts = 2;
/// How far up or down it looks, and its roll.
const TILT: Parts = 4;
const ALL: Parts = EYE | HEADING | TILT;

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    match &e.kind {
        // As a place a view is its eye.
        ExprKind::Coerce(Coercion::ToPlace, v) if v.ty == Ty::View => {
            unobserved(cx, v, EYE, "only where the view is matters here", out);
        }
        ExprKind::Op { op, args, .. } => {
            if *op == OpId::Turn
                && let (Some(v), Some(to)) = (arg(args, 0), arg(args, 1))
                && let ExprKind::Direction(d) = cx.value(to).kind
                && d.sector_center() == Some(0.0)
            {
                let way = d.name();
                report(cx, e, v, &format!("turning {way} leaves the view as it is"), out);
            }
            // Straight down and up the heading of before stays.
            if *op == OpId::LookAt
                && let (Some(v), Some(at)) = (arg(args, 0), arg(args, 1))
                && stands_at(cx, v, at)
            {
                return;
            }
            for (i, parts, why) in reads(*op) {
                if let Some(v) = arg(args, *i) {
                    unobserved(cx, v, *parts, why, out);
                }
            }
        }
        _ => {}
    }
}

/// Whether a chain of motions may start where its viewer stands at a place.
fn stands_at(cx: &Cx<'_>, v: &Expr, at: &Expr) -> bool {
    let mut v = v;
    loop {
        let ExprKind::Op { op, args, .. } = &cx.value(v).kind else { return true };
        let Some(first) = arg(args, 0) else { return false };
        match op {
            OpId::Stand => return first.vn == at.vn,
            OpId::Turn | OpId::Step | OpId::Orbit | OpId::LookAt => v = first,
            _ => return false,
        }
    }
}

/// Which parts of which argument an operation reads; all of the others.
fn reads(op: OpId) -> &'static [(usize, Parts, &'static str)] {
    const EYE_ONLY: &str = "only where the view is matters here";
    const LEVEL: &str = "looking up or down does not matter here";
    match op {
        // What it looks at decides heading and pitch.
        OpId::LookAt => &[(0, EYE, "`look_at` decides where it looks")],
        OpId::Eye => &[(0, EYE, EYE_ONLY)],
        OpId::Elevation => &[(1, EYE, EYE_ONLY)],
        OpId::ViewHeading => &[(0, HEADING, "only the heading matters here")],
        OpId::Side | OpId::Bearing | OpId::Local => &[(1, EYE | HEADING, LEVEL)],
        OpId::TurnNeeded => &[(0, EYE | HEADING, LEVEL)],
        OpId::HeadingChange => &[
            (0, HEADING, "only the heading matters here"),
            (1, HEADING, "only the heading matters here"),
        ],
        OpId::IsLeftOf | OpId::IsRightOf | OpId::IsInFrontOf | OpId::IsBehind => {
            &[(2, EYE | HEADING, LEVEL)]
        }
        _ => &[],
    }
}

/// Reports the motions of a chain whose effect is not among `parts`. Only motions written where they are
/// used: a view with a name may be used elsewhere.
fn unobserved(cx: &Cx<'_>, v: &Expr, parts: Parts, why: &str, out: &mut Findings) {
    let (op, args) = match &v.kind {
        ExprKind::Op { op, args, .. } => (*op, args),
        _ => return,
    };
    let Some(receiver) = arg(args, 0) else { return };
    let way = arg(args, 1).and_then(|to| match cx.value(to).kind {
        ExprKind::Direction(d) => Some(d),
        _ => None,
    });
    let vertical = matches!(way, Some(Direction::Up | Direction::Down));
    let (changes, needs) = match op {
        OpId::Turn if way.is_none() => (HEADING | TILT, 0),
        OpId::Turn if vertical => (TILT, 0),
        OpId::Turn => (HEADING, 0),
        OpId::Step if way.is_none() => (EYE, HEADING),
        OpId::Step if vertical => (EYE, 0),
        OpId::Step => (EYE, HEADING),
        OpId::Orbit => (EYE | HEADING, 0),
        // It keeps the heading where it looks straight down, so all that comes before may matter.
        _ => return,
    };
    if changes & parts == 0 {
        let what = match op {
            OpId::Turn => "turn",
            OpId::Step => "step",
            _ => "walk",
        };
        let message = format!("nothing observes this {what}");
        report_with(cx, v, receiver, &message, why, out);
        return unobserved(cx, receiver, parts, why, out);
    }
    let parts = if changes & parts == EYE { parts | needs } else { parts };
    if parts != ALL {
        unobserved(cx, receiver, parts, why, out);
    }
}

fn report(cx: &Cx<'_>, e: &Expr, receiver: &Expr, what: &str, out: &mut Findings) {
    report_with(cx, e, receiver, what, "the view is the same before and after", out);
}

fn report_with(cx: &Cx<'_>, e: &Expr, receiver: &Expr, what: &str, why: &str, out: &mut Findings) {
    let edit = cx.without_call(e, receiver);
    let place = edit.as_ref().map_or(e.span, |x| x.span);
    let d = Diagnostic::new(Code::IdleMotion, place, what)
        .label(why.to_owned())
        .help("leave it out, or use the view that was meant");
    out.push(super::repair(d, "leave it out", Applicability::Safe, edit.map(|e| vec![e])));
}
