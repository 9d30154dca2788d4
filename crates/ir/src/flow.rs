//! Control flow of a function: successors, dominators, and the two rules that need them.

use std::collections::BTreeMap;

use crate::{BlockId, Function, InstKind, Target, TermKind, Value};

/// The blocks that can be reached, each after all blocks that dominate it (reverse postorder).
pub fn reachable_blocks(f: &Function) -> Vec<BlockId> {
    let successors: Vec<Vec<usize>> = f.blocks.iter().map(|b| successors(&b.term.kind)).collect();
    order_of(&successors).into_iter().map(|b| BlockId(b as u32)).collect()
}

/// Which blocks lie on a cycle, so may run many times in one call (Tarjan's strongly connected components).
pub fn cyclic_blocks(f: &Function) -> Vec<bool> {
    let next: Vec<Vec<usize>> = f.blocks.iter().map(|b| successors(&b.term.kind)).collect();
    let n = next.len();
    let mut cyclic = vec![false; n];
    let (mut number, mut low) = (vec![usize::MAX; n], vec![0; n]);
    let mut open: Vec<usize> = Vec::new();
    let mut is_open = vec![false; n];
    let mut count = 0;
    let mut walk: Vec<(usize, usize)> = vec![(0, 0)];
    while let Some((b, i)) = walk.last_mut() {
        let b = *b;
        if *i == 0 {
            (number[b], low[b]) = (count, count);
            count += 1;
            open.push(b);
            is_open[b] = true;
        }
        if let Some(&s) = next[b].get(*i) {
            *i += 1;
            if number[s] == usize::MAX {
                walk.push((s, 0));
            } else if is_open[s] {
                low[b] = low[b].min(number[s]);
                cyclic[b] |= s == b;
            }
            continue;
        }
        walk.pop();
        if let Some((parent, _)) = walk.last() {
            low[*parent] = low[*parent].min(low[b]);
        }
        if low[b] == number[b] {
            let at = open.iter().rposition(|x| *x == b).unwrap_or(0);
            let component = open.split_off(at);
            for x in &component {
                is_open[*x] = false;
                cyclic[*x] |= component.len() > 1;
            }
        }
    }
    cyclic
}

fn successors(kind: &TermKind) -> Vec<usize> {
    kind.targets().into_iter().map(|t| t.block.0 as usize).collect()
}

fn order_of(successors: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![false; successors.len()];
    let mut post = Vec::new();
    let mut stack = vec![(0, 0)];
    seen[0] = true;
    while let Some((b, next)) = stack.last_mut() {
        match successors[*b].get(*next) {
            Some(&s) => {
                *next += 1;
                if !seen[s] {
                    seen[s] = true;
                    stack.push((s, 0));
                }
            }
            None => {
                post.push(*b);
                stack.pop();
            }
        }
    }
    post.reverse();
    post
}

/// The control-flow graph of a function, with dominators. It holds for the function as it was given.
#[derive(Clone, Debug)]
pub struct Graph {
    order: Vec<usize>,
    successors: Vec<Vec<usize>>,
    predecessors: Vec<Vec<usize>>,
    reachable: Vec<bool>,
    parent: Vec<usize>,
    /// Interval of each block in a depth-first walk of the dominator tree: a block dominates those whose
    /// interval lies inside its own.
    interval: Vec<(usize, usize)>,
}

impl Graph {
    /// The graph of a function whose jumps go to blocks that exist.
    pub fn new(f: &Function) -> Graph {
        let n = f.blocks.len();
        let successors: Vec<Vec<usize>> =
            f.blocks.iter().map(|b| successors(&b.term.kind)).collect();
        let order = order_of(&successors);
        let mut reachable = vec![false; n];
        for &b in &order {
            reachable[b] = true;
        }
        let mut predecessors = vec![Vec::new(); n];
        for &b in &order {
            for &s in &successors[b] {
                predecessors[s].push(b);
            }
        }
        let parent = dominators(&order, &predecessors);
        let interval = intervals(&order, &parent);
        Graph { order, successors, predecessors, reachable, parent, interval }
    }

    /// The blocks that can be reached, each after those that dominate it.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Blocks that may come next, as often as the terminator names them.
    pub fn successors(&self, block: usize) -> &[usize] {
        &self.successors[block]
    }

    /// Reachable blocks that may come before, as often as their terminators name the block.
    pub fn predecessors(&self, block: usize) -> &[usize] {
        &self.predecessors[block]
    }

    /// The nearest other block on every way to this one; the entry and blocks that cannot be reached have
    /// themselves.
    pub fn immediate_dominator(&self, block: usize) -> usize {
        self.parent[block]
    }

    /// Whether the block can be reached.
    pub fn is_reachable(&self, block: usize) -> bool {
        self.reachable[block]
    }

    /// Whether every way to `b` passes `a`; both must be reachable.
    pub fn dominates(&self, a: usize, b: usize) -> bool {
        let ((a0, a1), (b0, b1)) = (self.interval[a], self.interval[b]);
        self.reachable[a] && self.reachable[b] && a0 <= b0 && b1 <= a1
    }

    /// A block of a cycle on which no block has a `fuel` instruction.
    pub(crate) fn loop_without_fuel(&self, f: &Function) -> Option<usize> {
        let free: Vec<bool> = f
            .blocks
            .iter()
            .zip(&self.reachable)
            .map(|(b, r)| *r && !b.insts.iter().any(|i| i.kind == InstKind::Fuel))
            .collect();
        // What remains of the graph without the blocks that spend fuel must have no cycle.
        let mut waiting: Vec<usize> =
            self.predecessors.iter().map(|p| p.iter().filter(|p| free[**p]).count()).collect();
        let mut ready: Vec<usize> =
            (0..free.len()).filter(|b| free[*b] && waiting[*b] == 0).collect();
        let mut done = vec![false; free.len()];
        while let Some(b) = ready.pop() {
            done[b] = true;
            for &s in self.successors[b].iter().filter(|s| free[**s]) {
                waiting[s] -= 1;
                if waiting[s] == 0 {
                    ready.push(s);
                }
            }
        }
        // Blocks behind a cycle wait as well; going back along waiting blocks ends in the cycle.
        let stuck = |b: &usize| free[*b] && !done[*b];
        let mut b = (0..free.len()).find(stuck)?;
        for _ in 0..free.len() {
            b = self.predecessors[b].iter().copied().find(|p| stuck(p))?;
        }
        Some(b)
    }

    /// The first read (block, instruction, list) of a list after which a push to it can be reached
    /// without making the list anew.
    pub(crate) fn push_after_read(&self, f: &Function) -> Option<(usize, usize, Value)> {
        let mut pushed: BTreeMap<Value, Vec<usize>> = BTreeMap::new();
        for (b, block) in f.blocks.iter().enumerate().filter(|(b, _)| self.reachable[*b]) {
            for inst in &block.insts {
                if let InstKind::ListPush(list, _) = inst.kind {
                    pushed.entry(list).or_default().push(b);
                }
            }
        }
        if pushed.is_empty() {
            return None;
        }
        let mut reads: BTreeMap<Value, Vec<(usize, usize)>> = BTreeMap::new();
        for (b, block) in f.blocks.iter().enumerate().filter(|(b, _)| self.reachable[*b]) {
            for (i, inst) in block.insts.iter().enumerate() {
                let read = match &inst.kind {
                    InstKind::ListPush(_, member) => vec![*member],
                    other => other.operands(),
                };
                for v in read.into_iter().filter(|v| pushed.contains_key(v)) {
                    reads.entry(v).or_default().push((b, i));
                }
            }
            for v in block.term.kind.own_operands() {
                if pushed.contains_key(&v) {
                    reads.entry(v).or_default().push((b, block.insts.len()));
                }
            }
        }
        for (list, blocks) in &pushed {
            let ahead = self.ahead(f, *list, blocks);
            for &(b, i) in reads.get(list).into_iter().flatten() {
                let rest = f.blocks[b].insts.get(i + 1..).unwrap_or_default();
                let here = rest.iter().find_map(|x| event(x, *list));
                if here.unwrap_or_else(|| self.successors[b].iter().any(|s| ahead[*s])) {
                    return Some((b, i, *list));
                }
            }
            // What is passed to a block is read on the way there, and on no other.
            for (b, block) in f.blocks.iter().enumerate().filter(|(b, _)| self.reachable[*b]) {
                let late = |t: &&Target| t.args.contains(list) && ahead[t.block.0 as usize];
                if block.term.kind.targets().iter().any(late) {
                    return Some((b, block.insts.len(), *list));
                }
            }
        }
        None
    }

    /// From the start of which blocks a push can be reached before the list is made.
    fn ahead(&self, f: &Function, list: Value, pushes: &[usize]) -> Vec<bool> {
        let first = |b: usize| f.blocks[b].insts.iter().find_map(|x| event(x, list));
        let mut ahead = vec![false; f.blocks.len()];
        let mut work: Vec<usize> =
            pushes.iter().copied().filter(|b| first(*b) == Some(true)).collect();
        // Blocks that make the list and then push to it do so whatever comes before them.
        while let Some(b) = work.pop() {
            if std::mem::replace(&mut ahead[b], true) {
                continue;
            }
            work.extend(self.predecessors[b].iter().filter(|p| first(**p).is_none()));
        }
        ahead
    }
}

/// Whether an instruction pushes to the list (true) or makes it (false).
fn event(inst: &crate::Inst, list: Value) -> Option<bool> {
    match inst.kind {
        InstKind::ListPush(l, _) if l == list => Some(true),
        _ if inst.result == Some(list) => Some(false),
        _ => None,
    }
}

/// Immediate dominators (Cooper, Harvey, Kennedy: "A Simple, Fast Dominance Algorithm", 2001). The entry
/// and blocks that cannot be reached have themselves.
fn dominators(order: &[usize], predecessors: &[Vec<usize>]) -> Vec<usize> {
    let n = predecessors.len();
    let mut rank = vec![usize::MAX; n];
    for (i, &b) in order.iter().enumerate() {
        rank[b] = i;
    }
    let mut parent: Vec<Option<usize>> = vec![None; n];
    parent[0] = Some(0);
    let mut changed = true;
    while changed {
        changed = false;
        for &b in order.iter().skip(1) {
            let mut new: Option<usize> = None;
            for &p in &predecessors[b] {
                if parent[p].is_none() {
                    continue;
                }
                new = Some(match new {
                    None => p,
                    Some(mut q) => {
                        let mut p = p;
                        while p != q {
                            while rank[p] > rank[q] {
                                p = parent[p].unwrap_or(0);
                            }
                            while rank[q] > rank[p] {
                                q = parent[q].unwrap_or(0);
                            }
                        }
                        p
                    }
                });
            }
            if parent[b] != new {
                parent[b] = new;
                changed = true;
            }
        }
    }
    parent.iter().enumerate().map(|(b, p)| p.unwrap_or(b)).collect()
}

fn intervals(order: &[usize], parent: &[usize]) -> Vec<(usize, usize)> {
    let mut children = vec![Vec::new(); parent.len()];
    for &b in order.iter().skip(1) {
        children[parent[b]].push(b);
    }
    let mut interval = vec![(0, 0); parent.len()];
    let mut clock = 0;
    let mut stack = vec![(0, 0)];
    while let Some((b, next)) = stack.last_mut() {
        if *next == 0 {
            interval[*b].0 = clock;
            clock += 1;
        }
        match children[*b].get(*next) {
            Some(&c) => {
                *next += 1;
                stack.push((c, 0));
            }
            None => {
                interval[*b].1 = clock;
                clock += 1;
                stack.pop();
            }
        }
    }
    interval
}
