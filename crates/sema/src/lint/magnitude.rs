//! Amounts that nothing in a room has: an eye 30 m up, a turn by 9999°, a step across the building.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_ops::OpId;
use reasmory_scene::Manifest;
use reasmory_types::{Dim, Direction, Ty};

use super::ranges::interval;
use super::{Cx, Findings, arg};
use crate::hir::{Cmp, Expr, ExprKind};

/// The highest eye of a viewer in a memory whose ceiling is not known, metres.
const EYE: f64 = 10.0;
/// The longest step where no memory says how large the scene is, metres.
const STEP: f64 = 100.0;
/// A length that no distance in a room reaches, in diagonals of the scene.
pub(crate) const REACH: f64 = 5.0;

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    match &e.kind {
        ExprKind::Op { op: OpId::Stand, args, .. } => {
            if let Some(h) = arg(args, 2) {
                full_turn(cx, h, "a heading", out);
            }
            if let Some(eye) = arg(args, 3) {
                eye_height(cx, eye, out);
            }
        }
        ExprKind::Op { op: OpId::Turn, args, .. } => {
            let vertical = arg(args, 1).is_some_and(|to| {
                matches!(cx.value(to).kind, ExprKind::Direction(Direction::Up | Direction::Down))
            });
            match arg(args, 2) {
                Some(by) if vertical => tilt(cx, by, out),
                Some(by) => full_turn(cx, by, "a turn", out),
                None => {}
            }
        }
        ExprKind::Op { op: OpId::Orbit, args, .. } => {
            if let Some(by) = arg(args, 2) {
                full_turn(cx, by, "a walk around a thing", out);
            }
        }
        ExprKind::Op { op: OpId::Step, args, .. } => {
            if let Some(by) = arg(args, 2) {
                step(cx, by, out);
            }
        }
        // That nothing is so far away may be what is asked; that everything is nearer is no question.
        ExprKind::Compare(cmp, a, b) => {
            let (measured, bound) = match cmp {
                Cmp::Lt | Cmp::Le => (a, b),
                Cmp::Gt | Cmp::Ge => (b, a),
                Cmp::Eq | Cmp::Ne => return,
            };
            if matches!(measured.ty, Ty::Quantity(Dim::LENGTH)) && measured.facts.measured {
                length(cx, bound, out);
            }
        }
        _ => {}
    }
}

/// The value of a literal, or of arithmetic on some.
fn number(cx: &Cx<'_>, e: &Expr) -> Option<f64> {
    let i = interval(cx, e);
    (i.least == i.most && i.least.is_finite()).then_some(i.least)
}

fn report(e: &Expr, what: String, label: &str, help: &str) -> Diagnostic {
    Diagnostic::new(Code::NonsenseMagnitude, e.span, what).label(label).help(help)
}

fn full_turn(cx: &Cx<'_>, by: &Expr, what: &str, out: &mut Findings) {
    let Some(angle) = number(cx, by).filter(|a| a.abs() > 360.0) else { return };
    let rest = reasmory_geom::math::wrap_deg(angle);
    let mut d = report(
        by,
        format!("{what} by more than a full turn"),
        "over 360°",
        "give the angle that was meant; the rest of a full turn is all that remains",
    );
    if matches!(by.kind, ExprKind::Float(_) | ExprKind::Neg(_)) && rest.fract() == 0.0 {
        d = d.fix(Applicability::Safe, "leave out full turns", by.span, format!("{rest}deg"));
    }
    out.push(d);
}

/// Looking up and down ends at straight up and straight down.
fn tilt(cx: &Cx<'_>, by: &Expr, out: &mut Findings) {
    if number(cx, by).is_some_and(|a| a.abs() > 180.0) {
        out.push(report(
            by,
            "a turn up or down by more than half a turn".into(),
            "over 180°",
            "looking up ends at straight up, looking down at straight down: at most 180°",
        ));
    }
}

fn eye_height(cx: &Cx<'_>, eye: &Expr, out: &mut Findings) {
    let Some(h) = number(cx, eye) else { return };
    let help = "`eye` is the height above the floor, in metres for a person about 1.5m";
    if h < 0.0 {
        out.push(report(eye, "the eye is below the floor".into(), "under the floor", help));
        return;
    }
    cx.looks_closer();
    let room = cx.scene.and_then(|m| m.room.as_ref()?.height());
    // In a memory of unknown scale a literal length is no length at all.
    let metric = cx.scene.is_none_or(|m| m.scale.is_metric());
    match room {
        Some(room) if h > room && metric => out.push(report(
            eye,
            format!("the eye is above the ceiling, which is {room:.2} m high"),
            "over the ceiling",
            help,
        )),
        None if h > EYE && metric => {
            out.push(report(eye, format!("the eye is {h} m above the floor"), "no viewer", help));
        }
        _ => {}
    }
}

/// The length that a literal step is longer than: the scene's diagonal, or what no room has.
fn longest(cx: &Cx<'_>) -> Option<(f64, bool)> {
    cx.looks_closer();
    match cx.scene {
        None => Some((STEP, false)),
        Some(m) => (m.scale.is_metric() && known_extent(cx)).then(|| (m.diagonal(), true)),
    }
}

/// The share of the diagonal, where a step is given as a percentage: it has become a product.
fn share(cx: &Cx<'_>, by: &Expr) -> Option<f64> {
    match &by.kind {
        ExprKind::Arith(_, share, diagonal) if super::op(diagonal, OpId::Diagonal).is_some() => {
            number(cx, share)
        }
        _ => None,
    }
}

/// Whether a step's length is reported here.
pub(super) fn beyond_scene(cx: &Cx<'_>, by: &Expr) -> bool {
    if let Some(share) = share(cx, by) {
        return share.abs() > 1.0;
    }
    match (number(cx, by), longest(cx)) {
        (Some(length), Some((most, _))) => length.abs() > most,
        _ => false,
    }
}

fn step(cx: &Cx<'_>, by: &Expr, out: &mut Findings) {
    if !beyond_scene(cx, by) {
        return;
    }
    out.push(match (share(cx, by), longest(cx)) {
        (None, Some((diagonal, true))) => report(
            by,
            "a step longer than the whole room".into(),
            "out of the scene",
            &format!("the diagonal is {diagonal:.1} m; a step is usually under a metre"),
        ),
        (None, _) => report(
            by,
            "a step out of any room".into(),
            "too far",
            "a step is usually under a metre",
        ),
        (Some(_), _) => report(
            by,
            "a step longer than the whole room".into(),
            "over 100 % of the diagonal",
            "`by=` takes a length or a percentage of the room's diagonal",
        ),
    });
}

fn known_extent(cx: &Cx<'_>) -> bool {
    cx.scene.is_some_and(has_extent)
}

/// Whether a memory says how far it reaches.
pub(crate) fn has_extent(m: &Manifest) -> bool {
    m.bounds.is_some() || m.room.as_ref().is_some_and(|r| r.outline.len() >= 3)
}

/// A measured length beside a literal that none can reach: a unit slipped.
fn length(cx: &Cx<'_>, bound: &Expr, out: &mut Findings) {
    let Some(unit) = bound.facts.unit.filter(|u| u.dim == Dim::LENGTH) else { return };
    let Some(x) = number(cx, bound) else { return };
    cx.reads_extent(x);
    let Some(m) = cx.scene.filter(|m| m.scale.is_metric() && known_extent(cx)) else { return };
    let d = m.diagonal();
    if x <= REACH * d {
        return;
    }
    let written = x / unit.to_canonical(1.0);
    out.push(report(
        bound,
        format!("no length in this memory comes near {written}{}", unit.name),
        "the wrong unit?",
        &format!("the diagonal is {d:.1} m"),
    ));
}
