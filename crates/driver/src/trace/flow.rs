//! Which decisions a block depends on: post-dominators of a function's blocks.

use std::collections::BTreeSet;

use reasmory_ir::{Function, InstKind, TermKind, Value};

/// What the recorder asks of a function.
#[derive(Debug)]
pub(super) struct Flow {
    /// Where the ways out of a block meet again, if they do before the end.
    pub meets: Vec<Option<usize>>,
    /// Whether a branch decides about another turn of a loop around it.
    pub turns: Vec<bool>,
    /// Lists that grow between a branch and where its ways meet.
    pub grows: Vec<Vec<Value>>,
    /// Values that count the turns of a loop over a list.
    pub counters: BTreeSet<Value>,
}

fn targets(kind: &TermKind) -> Vec<usize> {
    match kind {
        TermKind::Jump(t) => vec![t.block.0 as usize],
        TermKind::Branch { then, otherwise, .. } => {
            vec![then.block.0 as usize, otherwise.block.0 as usize]
        }
        TermKind::Try { some, none, .. } => vec![some.block.0 as usize, none.block.0 as usize],
        TermKind::NoValue(_) | TermKind::Return(_) => vec![],
    }
}

impl Flow {
    pub fn of(f: &Function) -> Flow {
        let next: Vec<Vec<usize>> = f.blocks.iter().map(|b| targets(&b.term.kind)).collect();
        let meets = meets(f, &next);
        let mut turns = vec![false; next.len()];
        let mut grows = vec![Vec::new(); next.len()];
        for b in (0..next.len()).filter(|b| next[*b].len() > 1) {
            let region = region(&next, b, meets[b]);
            turns[b] = region.contains(&b);
            let pushes =
                region.iter().flat_map(|r| &f.blocks[*r].insts).filter_map(|i| match i.kind {
                    InstKind::ListPush(list, _) => Some(list),
                    _ => None,
                });
            grows[b] = pushes.collect::<BTreeSet<_>>().into_iter().collect();
        }
        let headers = f
            .blocks
            .iter()
            .filter(|b| matches!(b.insts.first().map(|i| &i.kind), Some(InstKind::Fuel)));
        let counters = headers.filter_map(|b| b.params.first().copied()).collect();
        Flow { meets, turns, grows, counters }
    }
}

/// Blocks on the ways from `from` to `end`, neither included unless a way comes back.
fn region(next: &[Vec<usize>], from: usize, end: Option<usize>) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<usize> = next[from].clone();
    while let Some(b) = open.pop() {
        if Some(b) != end && seen.insert(b) {
            open.extend(&next[b]);
        }
    }
    seen
}

/// The nearest post-dominator of each block. A block that ends the run without a value is on no way.
fn meets(f: &Function, next: &[Vec<usize>]) -> Vec<Option<usize>> {
    let n = next.len();
    let words = n.div_ceil(64);
    let all = vec![u64::MAX; words];
    let one = |b: usize| {
        let mut w = vec![0u64; words];
        w[b / 64] |= 1 << (b % 64);
        w
    };
    let mut after: Vec<Vec<u64>> = (0..n)
        .map(|b| match f.blocks[b].term.kind {
            TermKind::Return(_) => one(b),
            _ => all.clone(),
        })
        .collect();
    loop {
        let mut changed = false;
        for b in (0..n).rev().filter(|b| !next[*b].is_empty()) {
            let mut set = all.clone();
            for t in &next[b] {
                set.iter_mut().zip(&after[*t]).for_each(|(a, b)| *a &= b);
            }
            set[b / 64] |= 1 << (b % 64);
            if set != after[b] {
                after[b] = set;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let has = |b: usize, x: usize| after[b][x / 64] >> (x % 64) & 1 == 1;
    let sizes: Vec<usize> = (0..n).map(|b| (0..n).filter(|x| has(b, *x)).count()).collect();
    (0..n)
        .map(|b| {
            // Every other post-dominator post-dominates the nearest one, so that one has the most.
            let others = (0..n).filter(|x| !next[b].is_empty() && *x != b && has(b, *x));
            others.max_by_key(|x| sizes[*x])
        })
        .collect()
}
