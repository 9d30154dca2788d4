//! The strict automaton: the LR tables of the grammar without its productions that report.

use super::kind::Kind;

mod tables {
    include!(concat!(env!("OUT_DIR"), "/automaton.rs"));
}

pub(super) use tables::TERMINALS;

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

    /// States on the stack.
    pub fn depth(&self) -> usize {
        self.states.len()
    }

    fn top(&self) -> usize {
        self.states.last().map_or(0, |s| *s as usize)
    }

    /// Takes one reduction; `false` when it accepts the whole.
    fn reduce(&mut self, action: i16) -> bool {
        let index = -(i32::from(action) + 1) as usize;
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
