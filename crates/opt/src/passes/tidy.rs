//! Control flow without detours: jumps to blocks that only jump on, blocks with one way in, parameters that
//! are given the same value on every way.
//!
//! **Legal because** nothing that is executed changes: a block without instructions does nothing, and a
//! jump cannot fault, so going straight to where it leads is the same; a parameter that only ever gets one
//! value *is* that value, which dominates the block since it reaches it on every way. Blocks that cannot be
//! reached are never executed. Loops keep their `fuel`, which is an instruction of a block that stays.

use reasmory_ir::{Function, Graph, TermKind, Value};

use crate::edit::{Substitution, compact, pushed};

pub(crate) fn run(f: &mut Function) {
    while thread(f) | parameters(f) | merge(f) {
        compact(f);
    }
}

/// Jumps to blocks that only jump on go where those go.
fn thread(f: &mut Function) -> bool {
    let mut read_outside = vec![false; f.values.len()];
    for block in &f.blocks {
        // What a block that only jumps reads, it passes on; everything else is read for good.
        let only_jumps = block.insts.is_empty() && matches!(block.term.kind, TermKind::Jump(_));
        let reads = block.insts.iter().flat_map(|i| i.kind.operands());
        let passed = block.term.kind.operands();
        for v in reads.chain(passed) {
            if !(only_jumps && block.params.contains(&v)) {
                read_outside[v.0 as usize] = true;
            }
        }
    }
    let pushed = pushed(f);
    let detour = |b: usize| {
        let block = &f.blocks[b];
        let TermKind::Jump(to) = &block.term.kind else { return None };
        let free = b > 0
            && block.insts.is_empty()
            && to.block.0 as usize != b
            && !block.params.iter().any(|p| read_outside[p.0 as usize])
            // A list is passed on where it is no longer pushed to; before the branch it may still be.
            && !to.args.iter().any(|v| pushed[v.0 as usize]);
        free.then(|| (block.params.clone(), to.clone()))
    };
    let detours: Vec<_> = (0..f.blocks.len()).map(detour).collect();
    let mut changed = false;
    for block in &mut f.blocks {
        // `try` gives its value to the block it names.
        let fixed = matches!(block.term.kind, TermKind::Try { .. });
        for (i, target) in block.term.kind.targets_mut().into_iter().enumerate() {
            if fixed && i == 0 {
                continue;
            }
            let Some((params, to)) = &detours[target.block.0 as usize] else { continue };
            let given = |v: Value| match params.iter().position(|p| *p == v) {
                Some(i) => target.args[i],
                None => v,
            };
            let args = to.args.iter().map(|v| given(*v)).collect();
            target.block = to.block;
            target.args = args;
            changed = true;
        }
    }
    changed
}

/// Parameters that are the same value on every way in.
fn parameters(f: &mut Function) -> bool {
    let graph = Graph::new(f);
    // What each parameter is given: nothing yet, one value, or several.
    let mut given: Vec<Option<Option<Value>>> = vec![None; f.values.len()];
    for &b in graph.order() {
        let term = &f.blocks[b].term.kind;
        for target in term.targets() {
            let params = &f.blocks[target.block.0 as usize].params;
            for (n, p) in params.iter().enumerate() {
                let slot = &mut given[p.0 as usize];
                match (target.args.get(n), &slot) {
                    (Some(v), _) if v == p => {}
                    (Some(v), None) => *slot = Some(Some(*v)),
                    (Some(v), Some(Some(w))) if v == w => {}
                    _ => *slot = Some(None),
                }
            }
        }
    }
    let mut same = Substitution::new(f);
    let mut changed = false;
    for b in graph.order().iter().copied().skip(1) {
        for p in &f.blocks[b].params {
            // Two parameters may be given each other.
            if let Some(v) = given[p.0 as usize].flatten()
                && same.get(v) != *p
            {
                same.set(*p, v);
            }
        }
        let dropped: Vec<bool> = f.blocks[b].params.iter().map(|p| same.get(*p) != *p).collect();
        if !dropped.contains(&true) {
            continue;
        }
        changed = true;
        remove(&mut f.blocks[b].params, &dropped);
        for block in &mut f.blocks {
            for target in block.term.kind.targets_mut() {
                if target.block.0 as usize == b {
                    remove(&mut target.args, &dropped);
                }
            }
        }
    }
    same.apply(f);
    changed
}

/// Leaves out the values that are flagged; flags go beyond the values where `try` adds its own.
pub(crate) fn remove(values: &mut Vec<Value>, flags: &[bool]) {
    let mut at = 0;
    values.retain(|_| {
        at += 1;
        !flags[at - 1]
    });
}

/// A block whose only way in is a jump becomes part of the block it is jumped to from.
fn merge(f: &mut Function) -> bool {
    let graph = Graph::new(f);
    let mut changed = false;
    let mut same = Substitution::new(f);
    // What was appended to whom: chains end in their first block.
    let mut into: Vec<usize> = (0..f.blocks.len()).collect();
    for &b in graph.order() {
        let home = into[b];
        let TermKind::Jump(to) = &f.blocks[home].term.kind else { continue };
        let next = to.block.0 as usize;
        if next == 0 || graph.predecessors(next).len() != 1 || next == home {
            continue;
        }
        let args = to.args.clone();
        for (p, v) in std::mem::take(&mut f.blocks[next].params).into_iter().zip(args) {
            same.set(p, v);
        }
        let block = &mut f.blocks[next];
        let insts = std::mem::take(&mut block.insts);
        let term = block.term.clone();
        // What is left behind cannot be reached; it must not name what it no longer has.
        block.term.kind = TermKind::Jump(reasmory_ir::Target {
            block: reasmory_ir::BlockId(next as u32),
            args: vec![],
        });
        f.blocks[home].insts.extend(insts);
        f.blocks[home].term = term;
        into[next] = home;
        changed = true;
    }
    same.apply(f);
    changed
}
