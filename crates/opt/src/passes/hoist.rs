//! What is the same in every turn of a loop and cannot fault, moved before the loop.
//!
//! **Legal because** only instructions move that neither fault nor spend nor do anything besides computing
//! their result (`legal::is_free`), and whose operands are made before the loop: so it does not matter that
//! a loop without turns now executes them, or that they come before its `fuel`. A list that is read in a
//! loop is not pushed to in it, nor after (the verifier's rule), so reading it earlier sees the same.
//! What may fault is taken out of loops by `peel` instead. Literals move only where something that moves
//! needs them.

use reasmory_ir::{Function, Graph, Inst, Value};

use crate::Cx;
use crate::edit::defining_blocks;
use crate::legal::{is_free, is_literal, name};
use crate::loops::{self, Loop};

pub(crate) fn run(f: &mut Function, cx: &mut Cx<'_>) {
    let graph = Graph::new(f);
    let mut home = defining_blocks(f);
    for l in loops::find(f, &graph) {
        if let Some(preheader) = l.preheader {
            one(f, cx, &graph, &l, preheader, &mut home);
        }
    }
}

fn one(
    f: &mut Function,
    cx: &mut Cx<'_>,
    graph: &Graph,
    l: &Loop,
    preheader: usize,
    home: &mut [usize],
) {
    // Everything that could move, in an order in which operands come first.
    let mut invariant = vec![false; f.values.len()];
    let mut wanted = vec![false; f.values.len()];
    let blocks: Vec<usize> =
        graph.order().iter().copied().filter(|b| l.blocks.contains(b)).collect();
    let movable = |inst: &Inst, invariant: &[bool]| {
        let before = |v: &Value| invariant[v.0 as usize] || !l.blocks.contains(&home[v.0 as usize]);
        inst.result.filter(|_| is_free(&inst.kind) && inst.kind.operands().iter().all(before))
    };
    for inst in blocks.iter().flat_map(|b| &f.blocks[*b].insts) {
        if let Some(r) = movable(inst, &invariant) {
            invariant[r.0 as usize] = true;
            wanted[r.0 as usize] = !is_literal(&inst.kind);
        }
    }
    // Literals that what moves reads.
    for inst in blocks.iter().flat_map(|b| &f.blocks[*b].insts) {
        if inst.result.is_some_and(|r| wanted[r.0 as usize]) {
            for v in inst.kind.operands() {
                wanted[v.0 as usize] |= invariant[v.0 as usize];
            }
        }
    }
    let mut moved = Vec::new();
    for b in blocks {
        let (go, stay): (Vec<Inst>, Vec<Inst>) = std::mem::take(&mut f.blocks[b].insts)
            .into_iter()
            .partition(|i| i.result.is_some_and(|r| wanted[r.0 as usize]));
        f.blocks[b].insts = stay;
        moved.extend(go);
    }
    for inst in moved {
        if let Some(r) = inst.result {
            home[r.0 as usize] = preheader;
        }
        if !is_literal(&inst.kind) {
            let what = format!("`{}` is the same in every turn of the loop", name(&inst.kind));
            cx.remark(inst.loc, what);
        }
        f.blocks[preheader].insts.push(inst);
    }
}
