//! Chains of turns and steps.
//!
//! A view keeps its heading as whole quarter turns and a residual. A turn by a multiple of 90° adds to the
//! quarters, modulo 4, and leaves the residual as it is, to the last bit (`geom::math::quarter`: a residual
//! is its own residual, never `-0`). So two such turns in a row are one by their sum, and a turn by 0, as
//! well as a turn ahead or a step nowhere, is the view itself.
//!
//! **Legal because** of that, and nothing more is folded: any other turn adds to the residual, and a step
//! to the eye, with a rounding each, so `turn(left, by=30deg)` twice is not a turn by 60°, up and down do
//! not cancel (pitch is clamped, too), and neither do a step forward and one back. Angles and directions
//! count only where they are literals. Turning cannot fault on a view, but each makes a value, which a
//! `charge` spends where a turn is left out. Captions tell every turn, so a program that makes pictures
//! keeps its chains.

use reasmory_ir::{Function, Graph, Inst, InstKind as I, Value};
use reasmory_ops::OpId;
use reasmory_types::{Direction, Ty};

use crate::Cx;
use crate::edit::{Definitions, Substitution, new_value};

pub(crate) fn run(f: &mut Function, cx: &mut Cx<'_>) {
    if cx.tells_views {
        return;
    }
    // A chain of n turns takes a round for each.
    while round(f, cx) {}
}

fn round(f: &mut Function, cx: &mut Cx<'_>) -> bool {
    let graph = Graph::new(f);
    let definitions = Definitions::new(f);
    let mut uses = vec![0usize; f.values.len()];
    for block in &f.blocks {
        let reads = block.insts.iter().flat_map(|i| i.kind.operands());
        for v in reads.chain(block.term.kind.operands()) {
            uses[v.0 as usize] += 1;
        }
    }
    for &b in graph.order() {
        for i in 0..f.blocks[b].insts.len() {
            let Inst { result: Some(result), kind: I::Op(op, args), loc } = &f.blocks[b].insts[i]
            else {
                continue;
            };
            let (result, loc) = (*result, *loc);
            let (Some(&view), Some(second)) = (args.first(), quarters(f, &definitions, *op, args))
            else {
                continue;
            };
            if second == 0 {
                cx.remark(loc, format!("this `{}` leaves the view as it is", op.name()));
                stands_for(f, b, i, result, view);
                return true;
            }
            // Another turn right before, whose view nothing else reads.
            let Some(I::Op(OpId::Turn, earlier)) = definitions.kind(f, view) else { continue };
            let Some(first) = quarters(f, &definitions, OpId::Turn, earlier) else { continue };
            if uses[view.0 as usize] != 1 {
                continue;
            }
            let start = earlier[0];
            cx.remark_with(loc, "this turn and the one before are one", definitions.loc(f, view));
            let sum = (first + second) % 4;
            // The first stands where it stood, and has spent a value.
            replace_first(f, view, start);
            let at = f.blocks[b].insts.iter().position(|x| x.result == Some(result)).unwrap_or(i);
            if sum == 0 {
                stands_for(f, b, at, result, start);
            } else {
                turn_once(f, b, at, start, sum);
            }
            return true;
        }
    }
    false
}

/// How many quarter turns to the right an operation on a view makes, 0 to 3, where it does nothing else.
fn quarters(f: &Function, definitions: &Definitions, op: OpId, args: &[Value]) -> Option<u8> {
    let literal = |v: Value| definitions.kind(f, v);
    let I::ConstDirection(direction) = literal(*args.get(1)?)? else { return None };
    let by = literal(*args.get(2)?)?;
    let center = direction.sector_center();
    match op {
        // A step in a direction that is none stays.
        OpId::Step => {
            (center.is_none() && !matches!(direction, Direction::Up | Direction::Down)).then_some(0)
        }
        OpId::Turn if matches!(direction, Direction::Up | Direction::Down) => None,
        OpId::Turn => {
            let center = center.unwrap_or(0.0);
            let right = match by {
                _ if center == 0.0 => 0.0,
                I::Absent => center,
                I::ConstFloat(angle) => angle * center.signum(),
                _ => return None,
            };
            // Beyond this a multiple of 90 is no whole number of quarters that a double tells apart.
            let whole = right % 90.0 == 0.0 && right.abs() < 1e9;
            whole.then(|| (right / 90.0).rem_euclid(4.0) as u8)
        }
        _ => None,
    }
}

/// The instruction becomes a charge, and `by` stands for its result.
fn stands_for(f: &mut Function, block: usize, inst: usize, result: Value, by: Value) {
    let slot = &mut f.blocks[block].insts[inst];
    *slot = Inst { result: None, kind: I::Charge(by), loc: slot.loc };
    let mut same = Substitution::new(f);
    same.set(result, by);
    same.apply(f);
}

/// The turn that made `view` from `start` becomes a charge.
fn replace_first(f: &mut Function, view: Value, start: Value) {
    let all = f.blocks.iter_mut().flat_map(|b| &mut b.insts);
    for inst in all.filter(|i| i.result == Some(view)) {
        *inst = Inst { result: None, kind: I::Charge(start), loc: inst.loc };
    }
}

/// The instruction becomes one turn of `start` to the right.
fn turn_once(f: &mut Function, block: usize, inst: usize, start: Value, quarters: u8) {
    let direction = match quarters {
        1 => Direction::Right,
        2 => Direction::Back,
        _ => Direction::Left,
    };
    let (to, by) = (new_value(f, Ty::Direction), new_value(f, Ty::ANGLE));
    let insts = &mut f.blocks[block].insts;
    let loc = insts[inst].loc;
    insts[inst].kind = I::Op(OpId::Turn, vec![start, to, by]);
    let literals = [
        Inst { result: Some(to), kind: I::ConstDirection(direction), loc },
        Inst { result: Some(by), kind: I::Absent, loc },
    ];
    insts.splice(inst..inst, literals);
}
