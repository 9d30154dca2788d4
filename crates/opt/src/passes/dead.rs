//! What nothing uses.
//!
//! **Legal because** only instructions go that neither fault nor spend nor do anything besides computing
//! their result (`legal::is_free`), and whose result reaches nothing that is executed for what it does: so
//! no run can tell. An operation whose value is not used stays where it might fault, decide, or make
//! values that count against a limit.

use reasmory_ir::{Function, Value};

use crate::Cx;
use crate::legal::{is_free, is_literal, name};
use crate::passes::tidy::remove;

pub(crate) fn run(f: &mut Function, cx: &mut Cx<'_>) {
    let live = live(f);
    let is_live = |v: &Value| live[v.0 as usize];
    for block in &mut f.blocks {
        block.insts.retain(|inst| {
            let keep = !is_free(&inst.kind) || inst.result.as_ref().is_none_or(is_live);
            if !keep && !is_literal(&inst.kind) {
                cx.remark(inst.loc, format!("nothing uses the result of `{}`", name(&inst.kind)));
            }
            keep
        });
    }
    // Parameters, with what they are given.
    for b in 1..f.blocks.len() {
        let tried = f.blocks.iter().any(|block| match &block.term.kind {
            reasmory_ir::TermKind::Try { some, .. } => some.block.0 as usize == b,
            _ => false,
        });
        let mut unused: Vec<bool> = f.blocks[b].params.iter().map(|p| !is_live(p)).collect();
        // The value of a `try` always comes last.
        if let (true, Some(last)) = (tried, unused.last_mut()) {
            *last = false;
        }
        if !unused.contains(&true) {
            continue;
        }
        remove(&mut f.blocks[b].params, &unused);
        for block in &mut f.blocks {
            for target in block.term.kind.targets_mut() {
                if target.block.0 as usize == b {
                    remove(&mut target.args, &unused);
                }
            }
        }
    }
}

/// Which values reach something that is executed for what it does.
fn live(f: &Function) -> Vec<bool> {
    let mut live = vec![false; f.values.len()];
    // What each value is made of: operands of its instruction, or what its parameter is given.
    let mut from: Vec<Vec<Value>> = vec![Vec::new(); f.values.len()];
    let mut work: Vec<Value> = Vec::new();
    for block in &f.blocks {
        for inst in &block.insts {
            match inst.result {
                Some(r) if is_free(&inst.kind) => from[r.0 as usize] = inst.kind.operands(),
                _ => work.extend(inst.kind.operands()),
            }
        }
        work.extend(block.term.kind.own_operands());
        for target in block.term.kind.targets() {
            let params = &f.blocks[target.block.0 as usize].params;
            for (p, v) in params.iter().zip(&target.args) {
                from[p.0 as usize].push(*v);
            }
        }
    }
    while let Some(v) = work.pop() {
        if !std::mem::replace(&mut live[v.0 as usize], true) {
            work.extend(&from[v.0 as usize]);
        }
    }
    live
}
