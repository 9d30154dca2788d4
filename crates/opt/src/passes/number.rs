//! What was computed already: global value numbering over dominators.
//!
//! **Legal because** an instruction is replaced by the value of an equal one (same instruction, same
//! operands) that dominates it, so that one was executed before and did not fault; the memory does not
//! change during a run, and `legal::shares` admits only what depends on its operands and the memory alone.
//! The second cannot fault where the first did not, except by spending: a `charge` at the place of the
//! second spends what it would have spent, and faults where it would have. Operations that take doubtful
//! decisions, doubtful comparisons and sorts are never merged, so decisions keep their order and number.
//! Making a view is remembered for captions, so views are merged only in programs without pictures. A list
//! that is pushed to is its own; any other list is immutable once it is read.
//!
//! Literals count as equal operands wherever they stand, but each block keeps its own: a register that holds
//! one from the function's start costs more than making it anew.
//!
//! A `try` whose operation gave a value before gives it again: it becomes a jump.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};

use reasmory_ir::{
    Function, Graph, Inst, InstKind as I, Loc, Rounding, Target, TermKind, Terminator, Value,
};
use reasmory_ops::OpId;
use reasmory_types::Ty;

use crate::Cx;
use crate::edit::{Substitution, pushed};
use crate::legal::{Sharing, is_literal, name, shares, shares_op};

/// What makes two instructions equal: the instruction, its constants and its operands, and its type where
/// these do not give it.
type Key = (Discriminant<I>, Vec<u64>, Option<Ty>);

/// A value that was computed: in which block, and where the program asked for it.
struct Known {
    block: usize,
    value: Value,
    loc: Loc,
}

pub(crate) fn run(f: &mut Function, cx: &mut Cx<'_>) {
    let graph = Graph::new(f);
    let pushed = pushed(f);
    let mut same = Substitution::new(f);
    // Literals by the first equal one.
    let mut class = Substitution::new(f);
    // Looked up, never walked: nothing depends on the order of hashes.
    let mut known: HashMap<Key, Vec<Known>> = HashMap::new();
    for &b in graph.order() {
        let mut insts = Vec::with_capacity(f.blocks[b].insts.len());
        for mut inst in std::mem::take(&mut f.blocks[b].insts) {
            inst.kind.map_operands(|v| same.get(v));
            let sharing = shares(&inst.kind, inst.result, f, &pushed, cx);
            let (Some(sharing), Some(result)) = (sharing, inst.result) else {
                insts.push(inst);
                continue;
            };
            let key = key(&inst.kind, &f.values[result.0 as usize], &class);
            let entries = known.entry(key).or_default();
            if is_literal(&inst.kind) {
                match entries.iter().rev().find(|k| k.block == b) {
                    Some(k) => same.set(result, k.value),
                    None => {
                        if let Some(first) = entries.first() {
                            class.set(result, first.value);
                        }
                        entries.push(Known { block: b, value: result, loc: inst.loc });
                        insts.push(inst);
                    }
                }
                continue;
            }
            let before = entries.iter().rev().find(|k| graph.dominates(k.block, b));
            match before {
                Some(k) => {
                    let what = format!("`{}` was computed already", name(&inst.kind));
                    cx.remark_with(inst.loc, what, Some(k.loc));
                    same.set(result, k.value);
                    if sharing == Sharing::Charge {
                        insts.push(Inst { result: None, kind: I::Charge(k.value), ..inst });
                    }
                }
                None => {
                    entries.push(Known { block: b, value: result, loc: inst.loc });
                    insts.push(inst);
                }
            }
        }
        f.blocks[b].insts = insts;
        f.blocks[b].term.kind.map_operands(|v| same.get(v));
        let Terminator { kind, loc } = &f.blocks[b].term;
        let (loc, TermKind::Try { op, args, some, .. }) = (*loc, kind) else { continue };
        let Some(sharing) = shares_op(*op, cx) else { continue };
        let entries = known.entry(op_key(*op, args, &class)).or_default();
        match entries.iter().rev().find(|k| graph.dominates(k.block, b)) {
            Some(k) => {
                let mut to = some.clone();
                to.args.push(k.value);
                cx.remark_with(loc, format!("`{}` was computed already", op.name()), Some(k.loc));
                if sharing == Sharing::Charge {
                    let charge = Inst { result: None, kind: I::Charge(k.value), loc };
                    f.blocks[b].insts.push(charge);
                }
                f.blocks[b].term.kind = TermKind::Jump(Target { block: to.block, args: to.args });
            }
            None => {
                // Where nothing else leads to the block with the value, it has the value.
                let at = some.block.0 as usize;
                if graph.predecessors(at).len() == 1
                    && let Some(value) = f.blocks[at].params.last()
                {
                    entries.push(Known { block: at, value: *value, loc });
                }
            }
        }
    }
    same.apply(f);
}

fn op_key(op: OpId, args: &[Value], class: &Substitution) -> Key {
    key(&I::Op(op, args.to_vec()), &Ty::Bool, class)
}

fn key(kind: &I, ty: &Ty, class: &Substitution) -> Key {
    let mut words: Vec<u64> = Vec::new();
    let mut typed = None;
    match kind {
        I::ConstInt(x) => words.push(*x as u64),
        I::ConstFloat(x) => {
            words.push(x.to_bits());
            typed = Some(ty.clone());
        }
        I::ConstBool(x) => words.push(u64::from(*x)),
        I::ConstText(t) | I::ConstCategory(t) => words.push(u64::from(t.0)),
        I::ConstDirection(d) => words.push(*d as u64),
        I::Absent | I::ListNew(_) => typed = Some(ty.clone()),
        I::FRound(how, _) => words.push(match how {
            Rounding::Nearest => 0,
            Rounding::Floor => 1,
            Rounding::Ceil => 2,
        }),
        I::FCmp { op, .. } | I::ICmp(op, ..) => words.push(*op as u64),
        I::Field(_, index) => words.push(u64::from(*index)),
        I::Op(op, _) => words.push(*op as u64),
        _ => {}
    }
    let mut operands: Vec<u64> =
        kind.operands().iter().map(|v| u64::from(class.get(*v).0)).collect();
    // The same bits in either order.
    if matches!(kind, I::FAdd(..) | I::FMul(..) | I::IAdd(..) | I::IMul(..)) {
        operands.sort_unstable();
    }
    words.extend(operands);
    (discriminant(kind), words, typed)
}
