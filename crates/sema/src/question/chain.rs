//! How a view came about: where it starts, what it faces, which moves it made, in order.

use reasmory_ops::{InlineOp, OpId};
use reasmory_types::{Dim, Direction, Ty};

use super::decomposition::Motion;
use super::flow::{Flow, Origin, Place};
use crate::hir::{Coercion, Expr, ExprKind};

/// Most ways one view can have come about that are told apart.
const MOST: usize = 64;

/// Deepest that is followed through names and calls.
const DEEPEST: u32 = 200;

/// Where a view starts.
#[derive(Clone, Copy)]
pub(crate) enum Start<'h> {
    /// Over this place.
    At(Place<'h>),
    /// At this photo; its number, where that is known, and the argument.
    Photo(Option<i64>, Place<'h>),
    /// Not known.
    Unknown,
}

/// What a view looked at when it started.
#[derive(Clone, Copy)]
pub(crate) enum Facing<'h> {
    /// This place.
    Thing(Place<'h>),
    /// The way the photo looks that it starts from.
    Photo,
    /// Not known.
    Unknown,
}

/// A move.
#[derive(Clone, Copy)]
pub(crate) struct Move<'h> {
    /// A turn; else a step.
    pub(crate) turn: bool,
    /// Which way, after the sign and size of its amount.
    pub(crate) to: Direction,
    /// How far in canonical units, where that is known.
    pub(crate) by: Option<f64>,
    /// The whole call.
    pub(crate) call: Place<'h>,
}

impl<'h> Move<'h> {
    fn args(&self) -> &'h [Option<Expr>] {
        match &self.call.0.kind {
            ExprKind::Op { args, .. } => args,
            _ => &[],
        }
    }

    /// The view that moved.
    pub(crate) fn receiver(&self) -> Option<&'h Expr> {
        self.args().first()?.as_ref()
    }

    /// The direction, as it is written.
    pub(crate) fn direction(&self) -> Option<&'h Expr> {
        self.args().get(1)?.as_ref()
    }

    /// The amount, as it is written.
    pub(crate) fn amount(&self) -> Option<&'h Expr> {
        self.args().get(2)?.as_ref()
    }

    /// `turn left`.
    pub(crate) fn words(&self) -> String {
        format!("{} {}", if self.turn { "turn" } else { "step" }, self.to.name())
    }

    /// Whether it goes the way of a motion, however far.
    pub(crate) fn goes(&self, m: &Motion) -> bool {
        self.turn == m.turn && self.to == m.to
    }
}

/// One way a view can have come about.
#[derive(Clone)]
pub(crate) struct Chain<'h> {
    pub(crate) start: Start<'h>,
    pub(crate) facing: Facing<'h>,
    pub(crate) moves: Vec<Move<'h>>,
    /// Whether every move is known.
    pub(crate) known: bool,
    /// The outermost call that made it.
    pub(crate) last: Place<'h>,
}

impl<'h> Chain<'h> {
    fn unknown(at: Place<'h>) -> Chain<'h> {
        let (start, facing) = (Start::Unknown, Facing::Unknown);
        Chain { start, facing, moves: vec![], known: false, last: at }
    }
}

/// The ways a view can have come about.
pub(crate) fn chains<'h>(flow: &Flow<'h>, at: Place<'h>) -> Vec<Chain<'h>> {
    let mut out = follow(flow, at, 0);
    out.truncate(MOST);
    out
}

fn follow<'h>(flow: &Flow<'h>, at: Place<'h>, depth: u32) -> Vec<Chain<'h>> {
    let (e, frame) = at;
    if depth > DEEPEST || !flow.step() {
        return vec![Chain::unknown(at)];
    }
    let next = |x: &'h Expr| follow(flow, (x, frame), depth + 1);
    match &e.kind {
        ExprKind::Local(id) => match flow.resolve(*id, frame) {
            Some((Origin::Value(x), f)) => follow(flow, (x, f), depth + 1),
            Some((Origin::Member(x), f)) => listed(flow, (x, f), depth + 1),
            None => vec![Chain::unknown(at)],
        },
        ExprKind::Let(_, x) => next(x),
        ExprKind::If(_, a, b) => {
            let mut out = next(a);
            out.extend(next(b));
            out.truncate(MOST);
            out
        }
        ExprKind::Call(..) => {
            let returns = flow.returns(e, frame);
            if returns.is_empty() {
                return vec![Chain::unknown(at)];
            }
            let mut out: Vec<Chain<'h>> =
                returns.into_iter().flat_map(|r| follow(flow, r, depth + 1)).collect();
            out.truncate(MOST);
            out
        }
        ExprKind::Index(list, _) => listed(flow, (list, frame), depth + 1),
        ExprKind::Inline {
            op: InlineOp::First | InlineOp::Last | InlineOp::MinBy | InlineOp::MaxBy,
            args,
            ..
        } => args.first().map_or_else(Vec::new, |l| listed(flow, (l, frame), depth + 1)),
        ExprKind::Op { op, args, .. } => {
            let arg = |i: usize| args.get(i).and_then(Option::as_ref);
            match (op, arg(0)) {
                (OpId::Stand, Some(place)) => stand(flow, at, place, arg(1), depth),
                (OpId::View, Some(photo)) => vec![Chain {
                    start: Start::Photo(photo_number(flow, (photo, frame), 0), (photo, frame)),
                    facing: Facing::Photo,
                    moves: vec![],
                    known: true,
                    last: at,
                }],
                (OpId::Turn | OpId::Step, Some(v)) => {
                    let mut out = next(v);
                    for c in &mut out {
                        c.last = at;
                        moved(flow, c, at, *op == OpId::Turn, arg(1), arg(2));
                    }
                    out
                }
                (OpId::LookAt, Some(v)) => {
                    let mut out = next(v);
                    for c in &mut out {
                        c.last = at;
                        match arg(1) {
                            Some(x) if c.moves.is_empty() => c.facing = Facing::Thing((x, frame)),
                            _ => c.known = false,
                        }
                    }
                    out
                }
                _ => vec![Chain::unknown(at)],
            }
        }
        _ => vec![Chain::unknown(at)],
    }
}

/// The ways the members of a list of views can have come about.
fn listed<'h>(flow: &Flow<'h>, at: Place<'h>, depth: u32) -> Vec<Chain<'h>> {
    let (e, frame) = at;
    if depth > DEEPEST || !flow.step() {
        return vec![Chain::unknown(at)];
    }
    let mut out = match &e.kind {
        ExprKind::List(items) => {
            items.iter().flat_map(|i| follow(flow, (i, frame), depth + 1)).collect()
        }
        ExprKind::Local(id) => match flow.resolve(*id, frame) {
            Some((Origin::Value(x), f)) => listed(flow, (x, f), depth + 1),
            _ => vec![Chain::unknown(at)],
        },
        ExprKind::Let(_, x) => listed(flow, (x, frame), depth + 1),
        ExprKind::Comprehension { element, .. } if element.ty == Ty::View => {
            follow(flow, (element, frame), depth + 1)
        }
        ExprKind::Inline { op: InlineOp::Map, lambda: Some(l), .. } if l.body.ty == Ty::View => {
            follow(flow, (&l.body, frame), depth + 1)
        }
        ExprKind::Inline {
            op: InlineOp::Filter | InlineOp::SortBy | InlineOp::Reverse,
            args,
            ..
        } => args.first().map_or_else(Vec::new, |l| listed(flow, (l, frame), depth + 1)),
        ExprKind::Call(..) => {
            let returns = flow.returns(e, frame);
            returns.into_iter().flat_map(|r| listed(flow, r, depth + 1)).collect()
        }
        _ => vec![],
    };
    if out.is_empty() {
        out.push(Chain::unknown(at));
    }
    out.truncate(MOST);
    out
}

fn stand<'h>(
    flow: &Flow<'h>,
    at: Place<'h>,
    place: &'h Expr,
    facing: Option<&'h Expr>,
    depth: u32,
) -> Vec<Chain<'h>> {
    let frame = at.1;
    let facing = facing.map_or(Facing::Unknown, |x| Facing::Thing((x, frame)));
    let inner = match &place.kind {
        ExprKind::Coerce(Coercion::ToPlace, x) => x,
        _ => place,
    };
    let fresh = |start| Chain { start, facing, moves: vec![], known: true, last: at };
    match inner.ty {
        // To stand where another view is: its moves brought it there.
        Ty::View => follow(flow, (inner, frame), depth + 1)
            .into_iter()
            .map(|c| Chain { facing, known: c.known && c.moves.is_empty(), last: at, ..c })
            .collect(),
        Ty::Photo => {
            let number = photo_number(flow, (inner, frame), 0);
            vec![fresh(Start::Photo(number, (inner, frame)))]
        }
        _ => vec![fresh(Start::At((inner, frame)))],
    }
}

/// The number of a photo, where it is known.
fn photo_number<'h>(flow: &Flow<'h>, at: Place<'h>, depth: u32) -> Option<i64> {
    if depth > DEEPEST || !flow.step() {
        return None;
    }
    let (e, frame) = at;
    match &e.kind {
        ExprKind::Op { op: OpId::Photo, args, .. } => {
            photo_number(flow, (args.first()?.as_ref()?, frame), depth + 1)
        }
        ExprKind::Int(i) => Some(*i),
        ExprKind::Local(id) => match flow.resolve(*id, frame)? {
            (Origin::Value(x), f) => photo_number(flow, (x, f), depth + 1),
            (Origin::Member(_), _) => None,
        },
        _ => e.facts.int,
    }
}

fn moved<'h>(
    flow: &Flow<'h>,
    chain: &mut Chain<'h>,
    call: Place<'h>,
    turn: bool,
    to: Option<&'h Expr>,
    by: Option<&'h Expr>,
) {
    let Some(to) = to.and_then(|d| direction(flow, (d, call.1))) else {
        chain.known = false;
        return;
    };
    let amount = by.map(|b| quantity(flow, (b, call.1)));
    let written = amount.flatten();
    let (to, by) = if turn {
        let stated = match (by, to) {
            (Some(_), _) => written,
            (None, Direction::Back) => Some(180.0),
            (None, Direction::Up | Direction::Down) => Some(45.0),
            (None, _) => Some(90.0),
        };
        turned(to, stated)
    } else {
        let to = match to {
            Direction::Front => Direction::Forward,
            Direction::Back => Direction::Backward,
            other => other,
        };
        (to, written)
    };
    chain.moves.push(Move { turn, to, by, call });
}

/// The way a turn goes: half a turn is back whichever way it goes, a negative one the other way.
fn turned(to: Direction, by: Option<f64>) -> (Direction, Option<f64>) {
    let Some(by) = by else { return (to, None) };
    let signed = match to {
        Direction::Left => -by,
        Direction::Right => by,
        Direction::Up | Direction::Down if by < 0.0 => {
            let other = if to == Direction::Up { Direction::Down } else { Direction::Up };
            return (other, Some(-by));
        }
        other => return (other, Some(by)),
    };
    let signed = signed - 360.0 * (signed / 360.0).round();
    if (signed.abs() - 180.0).abs() < 1e-6 {
        (Direction::Back, Some(180.0))
    } else if signed < 0.0 {
        (Direction::Left, Some(-signed))
    } else {
        (Direction::Right, Some(signed))
    }
}

fn direction<'h>(flow: &Flow<'h>, at: Place<'h>) -> Option<Direction> {
    let found = super::values::values(flow, None, at)?;
    match found.all.as_slice() {
        [super::values::Value::Direction(d)] => Some(*d),
        _ => None,
    }
}

/// A quantity that is written out.
fn quantity<'h>(flow: &Flow<'h>, at: Place<'h>) -> Option<f64> {
    let (mut e, mut frame) = at;
    for _ in 0..DEEPEST {
        match &e.kind {
            ExprKind::Float(x) if matches!(e.ty, Ty::Quantity(d) if d != Dim::NONE) => {
                return Some(*x);
            }
            ExprKind::Neg(x) => return quantity(flow, (x, frame)).map(|x| -x),
            ExprKind::Local(id) => match flow.resolve(*id, frame)? {
                (Origin::Value(x), f) => (e, frame) = (x, f),
                (Origin::Member(_), _) => return None,
            },
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_go_one_way() {
        use Direction as D;
        assert_eq!(turned(D::Left, Some(180.0)), (D::Back, Some(180.0)));
        assert_eq!(turned(D::Left, Some(-90.0)), (D::Right, Some(90.0)));
        assert_eq!(turned(D::Right, Some(270.0)), (D::Left, Some(90.0)));
        assert_eq!(turned(D::Right, Some(30.0)), (D::Right, Some(30.0)));
        assert_eq!(turned(D::Up, Some(-10.0)), (D::Down, Some(10.0)));
        assert_eq!(turned(D::Back, Some(180.0)), (D::Back, Some(180.0)));
    }
}
