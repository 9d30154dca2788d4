//! The first turn of a loop taken out of it, where that lets `number` compute things once.
//!
//! **Legal because** the first turn is executed before the others anyway: the loop's blocks are copied, the
//! way in leads to the copy, and the copy's ways back lead to the loop. Every instruction is executed as
//! often as before, in the same order, with the same values; fuel, faults and decisions are untouched. What
//! it is good for: an operation of the loop that does not depend on the turn is now dominated by its copy
//! in the first turn, so `number` may use that value, which no `hoist` could compute beforehand because it
//! may fault and the loop may have no turns.
//!
//! A loop is peeled once, and only if it has such an operation that every turn executes, is small, and
//! hands nothing out of itself but what it passes to blocks. Its code is compiled twice then, so it has to be
//! worth it: the operation works on geometry (a look into the memory's tables takes less than a tenth of a
//! microsecond), or the loop has another in it or around it.

use std::collections::BTreeMap;

use reasmory_ir::{BlockId, Function, Graph, InstKind as I, Loc, TermKind, Value};
use reasmory_ops::OpId;

use crate::Cx;
use crate::edit::{defining_blocks, new_value, pushed};
use crate::legal::{is_free, shares};
use crate::loops::{self, Loop};

/// Instructions of a loop that is copied.
const LOOP: usize = 120;
/// Families of the operations that take longer than a look into a table.
const GEOMETRY: [&str; 3] = ["measurement", "relations", "visibility"];
/// Instructions of a function that grows.
const FUNCTION: usize = 600;

pub(crate) fn run(f: &mut Function, cx: &mut Cx<'_>) {
    // By header: block numbers stay, copies come after.
    let mut done = vec![false; f.blocks.len()];
    loop {
        let graph = Graph::new(f);
        let size: usize = f.blocks.iter().map(|b| b.insts.len()).sum();
        let loops = loops::find(f, &graph);
        let nested = |l: &Loop| {
            loops.iter().any(|o| {
                o.header != l.header
                    && (o.blocks.is_subset(&l.blocks) || l.blocks.is_subset(&o.blocks))
            })
        };
        let next = loops.iter().find(|l| {
            !done[l.header]
                && l.preheader.is_some()
                && size < FUNCTION
                && l.blocks.iter().map(|b| f.blocks[*b].insts.len()).sum::<usize>() <= LOOP
                && keeps_to_itself(f, l)
                && invariant_op(f, cx, &graph, l, nested(l)).is_some()
        });
        let Some(l) = next else { return };
        if let Some((op, loc)) = invariant_op(f, cx, &graph, l, nested(l)) {
            let what =
                format!("`{}` may fault, so the first turn of the loop computes it", op.name());
            cx.remark(loc, what);
        }
        done[l.header] = true;
        let copies = copy(f, l);
        done.resize(f.blocks.len(), false);
        for (from, to) in copies {
            done[to] = done[from];
        }
    }
}

/// Whether nothing outside reads a value of the loop that it was not passed.
fn keeps_to_itself(f: &Function, l: &Loop) -> bool {
    let home = defining_blocks(f);
    f.blocks.iter().enumerate().filter(|(b, _)| !l.blocks.contains(b)).all(|(_, block)| {
        let reads = block.insts.iter().flat_map(|i| i.kind.operands());
        let mut all = reads.chain(block.term.kind.operands());
        all.all(|v| !l.blocks.contains(&home[v.0 as usize]))
    })
}

/// An operation that is the same in every turn, that every turn executes, and that `number` can share.
fn invariant_op(
    f: &Function,
    cx: &Cx<'_>,
    graph: &Graph,
    l: &Loop,
    nested: bool,
) -> Option<(OpId, Loc)> {
    let home = defining_blocks(f);
    let pushed = pushed(f);
    let mut invariant = vec![false; f.values.len()];
    let mut found = None;
    for &b in graph.order().iter().filter(|b| l.blocks.contains(b)) {
        let every_turn = l.latches.iter().all(|latch| graph.dominates(b, *latch));
        for inst in &f.blocks[b].insts {
            let before =
                |v: &Value| invariant[v.0 as usize] || !l.blocks.contains(&home[v.0 as usize]);
            let shared = shares(&inst.kind, inst.result, f, &pushed, cx).is_some();
            if !inst.kind.operands().iter().all(before)
                || !(is_free(&inst.kind) || every_turn && shared)
            {
                continue;
            }
            if let Some(r) = inst.result {
                invariant[r.0 as usize] = true;
            }
            let I::Op(op, _) = &inst.kind else { continue };
            let worth = nested || GEOMETRY.contains(&op.def().family);
            if worth && every_turn && found.is_none() {
                found = Some((*op, inst.loc));
            }
        }
    }
    found
}

/// Copies the loop's blocks to be its first turn; gives which block became which.
fn copy(f: &mut Function, l: &Loop) -> Vec<(usize, usize)> {
    let first = f.blocks.len();
    let copies: BTreeMap<usize, usize> = l.blocks.iter().copied().zip(first..).collect();
    let mut values: BTreeMap<Value, Value> = BTreeMap::new();
    for &b in &l.blocks {
        let results = f.blocks[b].insts.iter().filter_map(|i| i.result);
        let defined: Vec<Value> = f.blocks[b].params.iter().copied().chain(results).collect();
        for v in defined {
            let ty = f.values[v.0 as usize].clone();
            values.insert(v, new_value(f, ty));
        }
    }
    let value = |v: Value| values.get(&v).copied().unwrap_or(v);
    for &b in &l.blocks {
        let mut block = f.blocks[b].clone();
        block.params.iter_mut().for_each(|p| *p = value(*p));
        for inst in &mut block.insts {
            inst.result = inst.result.map(value);
            inst.kind.map_operands(value);
        }
        block.term.kind.map_operands(value);
        for target in block.term.kind.targets_mut() {
            let to = target.block.0 as usize;
            // Back to the header: the other turns.
            if to != l.header
                && let Some(copy) = copies.get(&to)
            {
                target.block = BlockId(*copy as u32);
            }
        }
        f.blocks.push(block);
    }
    if let (Some(p), Some(header)) = (l.preheader, copies.get(&l.header))
        && let TermKind::Jump(target) = &mut f.blocks[p].term.kind
    {
        target.block = BlockId(*header as u32);
    }
    copies.into_iter().collect()
}
