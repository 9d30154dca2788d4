//! The strict automaton: the LR tables of the grammar without its productions that report.

use super::distance::distance;
use super::kind::Kind;

mod tables {
    include!(concat!(env!("OUT_DIR"), "/automaton.rs"));
}

pub(super) use tables::TERMINALS;

fn reduction(action: i16) -> usize {
    -(i32::from(action) + 1) as usize
}

/// A stack of states. A token that was shifted is part of a sentence: the automaton finds an error
/// before it shifts, so every stack that it reaches can be continued to a whole program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Automaton {
    states: Vec<i16>,
}

impl Automaton {
    pub fn new() -> Self {
        Automaton { states: vec![0] }
    }

    /// The fewest tokens that make a whole program of what was shifted, as far as the grammar goes.
    pub fn distance(&self) -> usize {
        distance(&self.states)
    }

    /// How many states there are.
    pub(super) fn states() -> usize {
        tables::EOF_ACTION.len()
    }

    /// Where the tokens that can be written lead from a state.
    pub(super) fn shifts(state: usize) -> impl Iterator<Item = usize> {
        let row = &tables::ACTION[state * tables::WIDTH..(state + 1) * tables::WIDTH];
        Kind::all().map(|k| row[k.index()]).filter(|a| *a > 0).map(|a| (a - 1) as usize)
    }

    /// The productions that may end in a state: how many states they pop, and what they make.
    pub(super) fn reductions(state: usize) -> impl Iterator<Item = (usize, usize)> {
        let row = &tables::ACTION[state * tables::WIDTH..(state + 1) * tables::WIDTH];
        let all = row.iter().chain([&tables::EOF_ACTION[state]]).filter(|a| **a < 0);
        all.map(|a| reduction(*a)).filter(|r| *r != tables::ACCEPT).map(|r| {
            let (pop, made) = tables::REDUCE[r];
            (usize::from(pop), usize::from(made))
        })
    }

    /// Whether a whole program was read when this state is reached.
    pub(super) fn ends(state: usize) -> bool {
        let action = tables::EOF_ACTION[state];
        action < 0 && reduction(action) == tables::ACCEPT
    }

    /// The state after a nonterminal that was made on top of `state`.
    pub(super) fn goto(state: usize, made: usize) -> usize {
        tables::goto(state as i16, made) as usize
    }

    fn top(&self) -> usize {
        self.states.last().map_or(0, |s| *s as usize)
    }

    /// Takes one reduction; `false` when it accepts the whole.
    fn reduce(&mut self, action: i16) -> bool {
        let index = reduction(action);
        if index == tables::ACCEPT {
            return false;
        }
        let (pop, made) = tables::REDUCE[index];
        self.states.truncate(self.states.len().saturating_sub(usize::from(pop)));
        let state = tables::goto(self.top() as i16, usize::from(made));
        self.states.push(state);
        true
    }

    /// Shifts a token; `false` when it cannot stand here, and then the stack is of no more use.
    pub fn shift(&mut self, kind: Kind) -> bool {
        loop {
            match tables::ACTION[self.top() * tables::WIDTH + kind.index()] {
                0 => return false,
                shift @ 1.. => {
                    self.states.push(shift - 1);
                    return true;
                }
                reduce => {
                    if !self.reduce(reduce) {
                        return false;
                    }
                }
            }
        }
    }

    /// Whether what was shifted is a whole program.
    pub fn accepts(&self) -> bool {
        let mut a = self.clone();
        loop {
            match tables::EOF_ACTION[a.top()] {
                reduce @ ..0 => {
                    if !a.reduce(reduce) {
                        return true;
                    }
                }
                _ => return false,
            }
        }
    }
}
