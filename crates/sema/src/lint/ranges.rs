//! What a value can be in any memory: an interval for numbers, a set for directions, and from these what a
//! condition surely is. Only what the operations promise, never what one memory holds.

use reasmory_ops::{InlineOp, OpId};
use reasmory_types::{Direction, Ty};

use super::{Cx, arg};
use crate::hir::{Arith, Cmp, Expr, ExprKind};

/// A closed interval, canonical units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Interval {
    const ALL: Interval = Interval { least: f64::NEG_INFINITY, most: f64::INFINITY };

    const fn of(least: f64, most: f64) -> Interval {
        Interval { least, most }
    }

    const fn from(least: f64) -> Interval {
        Interval { least, most: f64::INFINITY }
    }

    fn join(self, o: Interval) -> Interval {
        Interval::of(self.least.min(o.least), self.most.max(o.most))
    }

    /// An interval whose ends are numbers; rounding may have moved them.
    fn new(least: f64, most: f64) -> Interval {
        if least.is_nan() || most.is_nan() { Interval::ALL } else { Interval::of(least, most) }
    }
}

/// The numbers that an expression can be.
pub(super) fn interval(cx: &Cx<'_>, e: &Expr) -> Interval {
    cx.look(Interval::ALL, || within(cx, e))
}

fn within(cx: &Cx<'_>, e: &Expr) -> Interval {
    let inner = |x: &Expr| interval(cx, x);
    match &e.kind {
        ExprKind::Int(i) => Interval::of(*i as f64, *i as f64),
        ExprKind::Float(x) => Interval::of(*x, *x),
        ExprKind::Coerce(_, x) => inner(x),
        ExprKind::Local(id) => cx.bound(*id).map_or(Interval::ALL, inner),
        ExprKind::Neg(x) => {
            let x = inner(x);
            Interval::new(-x.most, -x.least)
        }
        ExprKind::If(_, a, b) => inner(a).join(inner(b)),
        ExprKind::Arith(op, a, b) => {
            let (a, b) = (inner(a), inner(b));
            match op {
                Arith::Add => Interval::new(a.least + b.least, a.most + b.most),
                Arith::Sub => Interval::new(a.least - b.most, a.most - b.least),
                // Scaling by a positive number keeps the order of the ends.
                Arith::Mul if a.least == a.most && a.least > 0.0 => {
                    Interval::new(a.least * b.least, a.least * b.most)
                }
                Arith::Mul if b.least == b.most && b.least > 0.0 => {
                    Interval::new(a.least * b.least, a.most * b.least)
                }
                Arith::Div if b.least == b.most && b.least > 0.0 => {
                    Interval::new(a.least / b.least, a.most / b.least)
                }
                _ => Interval::ALL,
            }
        }
        ExprKind::Op { op, args, otherwise } => {
            let own = operation(*op, args);
            otherwise.as_deref().map_or(own, |o| own.join(inner(o)))
        }
        ExprKind::Inline { op, args, otherwise, .. } => {
            let own = match (op, args.first()) {
                (InlineOp::Count, _) => Interval::from(0.0),
                (InlineOp::Abs, Some(x)) => {
                    let x = inner(x);
                    let most = x.least.abs().max(x.most.abs());
                    let least = if x.least > 0.0 {
                        x.least
                    } else if x.most < 0.0 {
                        -x.most
                    } else {
                        0.0
                    };
                    Interval::new(least, most)
                }
                (InlineOp::Sqrt, _) => Interval::from(0.0),
                _ => Interval::ALL,
            };
            otherwise.as_deref().map_or(own, |o| own.join(inner(o)))
        }
        // The components of a size; those of points and locals are signed.
        ExprKind::Field(x, _) if x.ty == Ty::Size => Interval::from(0.0),
        ExprKind::Call(name, _) if cx.function(name).is_some_and(|f| f.std) => {
            match name.as_str() {
                "length" | "width" | "height" | "longest_side" | "shortest_side" | "clearance" => {
                    Interval::from(0.0)
                }
                "clock" => Interval::of(1.0, 12.0),
                _ => Interval::ALL,
            }
        }
        _ => Interval::ALL,
    }
}

/// What an operation promises of its result.
fn operation(op: OpId, _: &[Option<Expr>]) -> Interval {
    match op {
        OpId::Distance
        | OpId::CenterDistance
        | OpId::HorizontalDistance
        | OpId::Volume
        | OpId::Footprint
        | OpId::FootprintOverlap
        | OpId::FloorArea
        | OpId::PathLength
        | OpId::WalkingDistance
        | OpId::PassageWidth
        | OpId::Diagonal
        | OpId::CountOf => Interval::from(0.0),
        OpId::Number => Interval::from(1.0),
        OpId::AngleAt => Interval::of(0.0, 180.0),
        OpId::Bearing | OpId::ViewHeading | OpId::HeadingChange => Interval::of(-180.0, 180.0),
        OpId::Elevation => Interval::of(-90.0, 90.0),
        OpId::VisibleFraction | OpId::Confidence => Interval::of(0.0, 1.0),
        _ => Interval::ALL,
    }
}

/// The directions that an expression can be, a bit each; `None` where that is not known.
pub(super) fn directions(cx: &Cx<'_>, e: &Expr) -> Option<u32> {
    cx.look(None, || set(cx, e))
}

fn set(cx: &Cx<'_>, e: &Expr) -> Option<u32> {
    let bit = |d: Direction| 1u32 << d as u32;
    match &cx.value(e).kind {
        ExprKind::Direction(d) => Some(bit(*d)),
        ExprKind::If(_, a, b) => Some(directions(cx, a)? | directions(cx, b)?),
        ExprKind::Op { op: OpId::Side | OpId::TurnNeeded, args, otherwise } => {
            let ExprKind::List(among) = &cx.value(arg(args, 2)?).kind else { return None };
            let mut all = 0;
            for d in among {
                all |= directions(cx, d)?;
            }
            match otherwise {
                Some(o) => Some(all | directions(cx, o)?),
                None => Some(all),
            }
        }
        ExprKind::Call(name, _)
            if name == "quadrant" && cx.function(name).is_some_and(|f| f.std) =>
        {
            use Direction::{BackLeft, BackRight, FrontLeft, FrontRight};
            Some(bit(FrontLeft) | bit(FrontRight) | bit(BackLeft) | bit(BackRight))
        }
        _ => None,
    }
}

/// What a condition surely is, in every memory.
pub(super) fn truth(cx: &Cx<'_>, e: &Expr) -> Option<bool> {
    cx.look(None, || decide(cx, e))
}

fn decide(cx: &Cx<'_>, e: &Expr) -> Option<bool> {
    match &cx.value(e).kind {
        ExprKind::Bool(b) => Some(*b),
        ExprKind::Not(x) => truth(cx, x).map(|b| !b),
        ExprKind::And(a, b) => match (truth(cx, a), truth(cx, b)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        ExprKind::Or(a, b) => match (truth(cx, a), truth(cx, b)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        ExprKind::Compare(cmp, a, b) => comparison(cx, *cmp, a, b),
        _ => None,
    }
}

fn comparison(cx: &Cx<'_>, cmp: Cmp, a: &Expr, b: &Expr) -> Option<bool> {
    match &a.ty {
        Ty::Int | Ty::Quantity(_) => {
            let (x, y) = (interval(cx, a), interval(cx, b));
            match cmp {
                Cmp::Lt => decided(x.most < y.least, x.least >= y.most),
                Cmp::Le => decided(x.most <= y.least, x.least > y.most),
                Cmp::Gt => decided(x.least > y.most, x.most <= y.least),
                Cmp::Ge => decided(x.least >= y.most, x.most < y.least),
                Cmp::Eq | Cmp::Ne => {
                    let apart = x.most < y.least || y.most < x.least;
                    let one = x.least == x.most && y.least == y.most && x.least == y.least;
                    decided(one, apart).map(|equal| equal == (cmp == Cmp::Eq))
                }
            }
        }
        Ty::Direction => {
            let (x, y) = (directions(cx, a)?, directions(cx, b)?);
            let one = x == y && x.count_ones() == 1;
            decided(one, x & y == 0).map(|equal| equal == (cmp == Cmp::Eq))
        }
        _ => None,
    }
}

fn decided(yes: bool, no: bool) -> Option<bool> {
    match (yes, no) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}
