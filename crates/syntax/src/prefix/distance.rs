//! How far a stack of the automaton is from a whole program, in tokens.
//!
//! Exact for the grammar alone: Knuth's generalisation of Dijkstra's algorithm (*A generalization of
//! Dijkstra's algorithm*, 1977) gives, for each state, the fewest tokens after which it is popped, once for
//! all stacks; a shortest path down the stack then gives the rest. What the machine asks beside the grammar
//! (layout, names of other languages, limits) can only make it more, so that it is a bound from below.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::LazyLock;

use super::automaton::Automaton;

/// A reduction that pops a state and `more` states below it, and makes `made`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pop {
    more: usize,
    made: usize,
}

/// Per state: the fewest tokens to each way in which it may be popped, and to each nonterminal made on top
/// of it.
#[derive(Default)]
struct Costs {
    pops: Vec<BTreeMap<Pop, usize>>,
    made: Vec<BTreeMap<usize, usize>>,
}

static COSTS: LazyLock<Costs> = LazyLock::new(Costs::new);

impl Costs {
    fn new() -> Self {
        let n = Automaton::states();
        let mut costs = Costs { pops: vec![BTreeMap::new(); n], made: vec![BTreeMap::new(); n] };
        let shifts: Vec<Vec<usize>> = (0..n).map(|s| Automaton::shifts(s).collect()).collect();
        for state in 0..n {
            for (pop, made) in Automaton::reductions(state) {
                costs.reduces(state, pop, made, 0);
            }
        }
        // Each round lowers what it can; costs are whole numbers that only fall, so it ends.
        loop {
            let mut changed = false;
            for (state, shifts) in shifts.iter().enumerate() {
                let made = costs.made[state].iter();
                let gotos = made.map(|(nt, c)| (Automaton::goto(state, *nt), *c));
                let above: Vec<_> = gotos.chain(shifts.iter().map(|t| (*t, 1))).collect();
                for (next, cost) in above {
                    let pops: Vec<_> = costs.pops[next].iter().map(|(p, c)| (*p, *c)).collect();
                    for (pop, c) in pops {
                        changed |= costs.reduces(state, pop.more, pop.made, cost + c);
                    }
                }
            }
            if !changed {
                return costs;
            }
        }
    }

    /// A reduction that pops `pop` states from `state` downwards; whether that is news.
    fn reduces(&mut self, state: usize, pop: usize, made: usize, cost: usize) -> bool {
        let known = match pop.checked_sub(1) {
            Some(more) => self.pops[state].entry(Pop { more, made }).or_insert(usize::MAX),
            None => self.made[state].entry(made).or_insert(usize::MAX),
        };
        let news = cost < *known;
        if news {
            *known = cost;
        }
        news
    }
}

/// The fewest tokens that make a whole program of what was shifted.
pub(super) fn distance(stack: &[i16]) -> usize {
    let costs = &*COSTS;
    let state = |n: usize| stack[n] as usize;
    let top = stack.len() - 1;
    // Places are a number of states that are left of the stack, and the state above them.
    let mut queue = BinaryHeap::from([Reverse((0, top, state(top)))]);
    let mut known: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    while let Some(Reverse((cost, left, above))) = queue.pop() {
        if left <= 1 && Automaton::ends(above) {
            return cost;
        }
        let mut reach = |cost: usize, left: usize, above: usize| {
            let best = known.entry((left, above)).or_insert(usize::MAX);
            if cost < *best {
                *best = cost;
                queue.push(Reverse((cost, left, above)));
            }
        };
        if left == 0 {
            for (made, c) in &costs.made[above] {
                reach(cost + c, 1, Automaton::goto(above, *made));
            }
            continue;
        }
        for (pop, c) in &costs.pops[above] {
            // A state that is popped to is one that the nonterminal was begun on.
            if let Some(below) = left.checked_sub(pop.more + 1) {
                reach(cost + c, below + 1, Automaton::goto(state(below), pop.made));
            }
        }
    }
    usize::MAX / 4
}
