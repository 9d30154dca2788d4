//! From tokens as written to the automaton: contextual words, the names that the pass over foreign forms
//! would report, layout, limits. What the other passes of the parser decide by looking ahead is decided
//! here when the next token comes: a word that may be a name waits, a name that must be called is
//! remembered.

use super::automaton::Automaton;
use super::kind::{Class, Kind};
use crate::limits::{MAX_CHAIN, MAX_NESTING};
use crate::token::Word;

const ANSWER: Kind = Kind::word(Word::Answer);
const SHOW: Kind = Kind::word(Word::Show);
const ASSERT: Kind = Kind::word(Word::Assert);
const RETURN: Kind = Kind::word(Word::Return);
const FOR: Kind = Kind::word(Word::For);
const FN: Kind = Kind::word(Word::Fn);
const IF: Kind = Kind::word(Word::If);
const ELSE: Kind = Kind::word(Word::Else);
const IN: Kind = Kind::word(Word::In);
const AND: Kind = Kind::word(Word::And);
const OR: Kind = Kind::word(Word::Or);
const NOT: Kind = Kind::word(Word::Not);
const AS: Kind = Kind::word(Word::As);
const DOT: Kind = Kind::sign(".");
const COMMA: Kind = Kind::sign(",");
const COLON: Kind = Kind::sign(":");
const ASSIGN: Kind = Kind::sign("=");
const ARROW: Kind = Kind::sign("=>");
const LPAREN: Kind = Kind::sign("(");
const LBRACE: Kind = Kind::sign("{");
const RBRACE: Kind = Kind::sign("}");

/// A token as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Lexeme {
    pub kind: Kind,
    pub class: Class,
    /// First on its line.
    pub first: bool,
    /// In column 0.
    pub margin: bool,
}

/// A token that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Seen {
    kind: Kind,
    class: Class,
    /// Where a statement could start, judging by what stands before it.
    starts: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Bracket {
    kind: Kind,
    /// Inside the body of a function or a test.
    inner: bool,
}

/// How a token may stand somewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Admission {
    /// As what it is.
    pub own: bool,
    /// A reserved word as a plain name.
    pub name: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Machine {
    automaton: Automaton,
    brackets: Vec<Bracket>,
    /// A `fn` or `test` waits for its body.
    heading: bool,
    /// Operations that build on each other, per open bracket; see [`crate::limits`].
    chains: Vec<usize>,
    chain: usize,
    /// The tokens taken last, the last one last.
    last: [Option<Seen>; 3],
    /// How many were taken, up to 3.
    taken: usize,
    /// A word that is a name if `=` or `:` follows, or `test`, which is a word if a text follows.
    waiting: Option<Lexeme>,
    /// The last token is an `as` that takes a unit.
    after_as: bool,
    /// Statements and functions at the top level that are finished, with another begun.
    finished: usize,
}

impl Machine {
    pub fn new() -> Self {
        Machine {
            automaton: Automaton::new(),
            brackets: Vec::new(),
            heading: false,
            chains: vec![0],
            chain: 0,
            last: [None; 3],
            taken: 0,
            waiting: None,
            after_as: false,
            finished: 0,
        }
    }

    pub fn finished(&self) -> usize {
        self.finished
    }

    pub fn after_as(&self) -> bool {
        self.after_as
    }

    fn prev(&self) -> Option<Seen> {
        self.last[2]
    }

    fn after(&self, kind: Kind) -> bool {
        self.prev().is_some_and(|p| p.kind == kind)
    }

    fn in_list(&self) -> bool {
        self.brackets.last().is_some_and(|b| b.kind != LBRACE)
    }

    /// Takes the word that waits, now that `next` is known.
    fn settle(&mut self, next: Option<Kind>) -> bool {
        let Some(t) = self.waiting.take() else { return true };
        if t.class == Class::Test {
            let word = next == Some(Kind::TEXT);
            return self.push(Lexeme { kind: if word { Kind::TEST } else { t.kind }, ..t });
        }
        let named = next == Some(ASSIGN) || next == Some(COLON);
        self.push(Lexeme { kind: if named { Kind::NAME } else { t.kind }, ..t })
    }

    /// Whether a word at this place is a name whatever follows, and whether it is one before `=` or `:`.
    fn context(&self) -> (bool, bool) {
        let framed = self.last[1].is_some_and(|t| t.kind == Kind::NAME && t.class == Class::Framed);
        let frame = self.after(IN) && framed && self.taken >= 3;
        (self.after(DOT) || frame, self.after(LPAREN) || self.after(COMMA))
    }

    /// How `t` may come next.
    pub fn admits(&self, t: Lexeme) -> Admission {
        let mut m = self.clone();
        let mut out = Admission::default();
        if !m.settle(Some(t.kind)) {
            return out;
        }
        if t.kind == Kind::TEST {
            out.own = t.first && m.push(t);
            return out;
        }
        if !t.kind.is_word() {
            out.own = m.push(t);
            return out;
        }
        let (always, named) = m.context();
        let name = Lexeme { kind: Kind::NAME, ..t };
        if always {
            out.name = m.push(name);
        } else if named {
            out.own = m.clone().push(t);
            let follows = |kind| {
                let mut m = m.clone();
                let next = Lexeme { kind, class: Class::Plain, first: false, margin: false };
                m.push(name) && m.push(next)
            };
            out.name = follows(ASSIGN) || follows(COLON);
        } else {
            out.own = m.push(t);
        }
        out
    }

    /// Takes a token; `false` when it cannot stand here, and then the machine is of no more use.
    pub fn take(&mut self, t: Lexeme) -> bool {
        if !self.settle(Some(t.kind)) {
            return false;
        }
        self.after_as = t.kind == AS && !self.context().0;
        if t.class == Class::Test && t.first {
            self.waiting = Some(t);
            return self.clone().push(t) || self.clone().push(Lexeme { kind: Kind::TEST, ..t });
        }
        if t.kind.is_word() {
            let (always, named) = self.context();
            if always {
                return self.push(Lexeme { kind: Kind::NAME, ..t });
            }
            if named {
                let how = self.admits(t);
                self.waiting = Some(t);
                return how.own || how.name;
            }
        }
        self.push(t) && (!self.owes() || self.can_pay())
    }

    /// Whether the last token is a name that is taken for a word of another language, unless it is called,
    /// bound or has a member.
    fn owes(&self) -> bool {
        self.prev().is_some_and(|p| {
            p.kind == Kind::NAME
                && (p.class == Class::Value || (p.class == Class::Statement && p.starts))
        })
    }

    fn can_pay(&self) -> bool {
        [false, true].into_iter().any(|first| {
            [LPAREN, ASSIGN, DOT].into_iter().any(|kind| {
                self.admits(Lexeme { kind, class: Class::Plain, first, margin: false }).own
            })
        })
    }

    fn push(&mut self, t: Lexeme) -> bool {
        let starts =
            self.taken == 0 || self.after(LBRACE) || (t.first && (!self.in_list() || t.margin));
        if self.foreign(t, starts) || !self.layout(t) || !self.count(t.kind) {
            return false;
        }
        if t.kind.opens() {
            let mut inner = self.brackets.last().is_some_and(|b| b.inner);
            if t.kind == LBRACE {
                inner |= std::mem::take(&mut self.heading);
            }
            self.brackets.push(Bracket { kind: t.kind, inner });
        } else if t.kind.closes() {
            self.brackets.pop();
        } else if t.kind == FN || t.kind == Kind::TEST {
            self.heading = true;
        }
        // What follows `.` is a member, whatever it is called.
        let member = self.after(DOT) && t.class == Class::Value;
        let class = if member { Class::Plain } else { t.class };
        self.last = [self.last[1], self.last[2], Some(Seen { kind: t.kind, class, starts })];
        self.taken = (self.taken + 1).min(3);
        self.automaton.shift(t.kind)
    }

    /// Whether the pass over foreign forms reports here what the grammar alone would take.
    fn foreign(&self, t: Lexeme, starts: bool) -> bool {
        let name = t.kind == Kind::NAME;
        if let Some(p) = self.prev().filter(|p| p.kind == Kind::NAME) {
            let bad = match p.class {
                Class::Value => t.kind != ASSIGN && t.kind != LPAREN,
                Class::Statement if p.starts => {
                    t.kind != ASSIGN && t.kind != LPAREN && t.kind != DOT
                }
                Class::Function if p.starts => name,
                Class::Print if p.starts => t.kind == LPAREN,
                Class::Mutator => {
                    t.kind == LPAREN
                        && self.last[1].is_some_and(|d| d.kind == DOT)
                        && self.last[0].is_some_and(|l| l.kind == Kind::NAME && l.starts)
                }
                _ => false,
            };
            if bad {
                return true;
            }
        }
        let after_brace = !self.in_list() && self.after(RBRACE);
        (name && t.class == Class::ElseIf && (starts || after_brace))
            || (name && t.class == Class::While && starts)
            || (t.kind == RETURN && !self.brackets.last().is_some_and(|b| b.inner))
    }

    /// The newline before a token that is first on its line, if it counts.
    fn layout(&mut self, t: Lexeme) -> bool {
        if !t.first {
            return true;
        }
        if t.margin {
            // These end every bracket that such a statement cannot stand in.
            let ends = match t.kind {
                ANSWER | SHOW => self.brackets.iter().any(|b| b.kind != LBRACE),
                FN | Kind::TEST => !self.brackets.is_empty(),
                _ => false,
            };
            if ends {
                return false;
            }
        }
        let Some(prev) = self.prev() else { return true };
        if matches!(t.kind, ELSE | AND | OR | DOT) || !self.breaks(prev.kind, t.kind) {
            return true;
        }
        if self.brackets.is_empty() {
            self.chains = vec![0];
            self.chain = 0;
            self.finished += 1;
        } else if let Some(level) = self.chains.last_mut() {
            self.chain -= std::mem::take(level);
        }
        self.automaton.shift(Kind::NEWLINE)
    }

    /// Whether a newline between two tokens counts, where `next` does not join.
    fn breaks(&self, prev: Kind, next: Kind) -> bool {
        let heads = matches!(next, ANSWER | SHOW | ASSERT | RETURN | FOR);
        let continues = prev == LBRACE || (!heads && continues(prev));
        let body = next == LBRACE && prev.ends_expr();
        let closes = next == RBRACE && !self.brackets.is_empty();
        !(continues || body || self.in_list() || closes)
    }

    /// Counts against the limits.
    fn count(&mut self, kind: Kind) -> bool {
        let Some(level) = self.chains.last_mut() else { return false };
        if kind == COMMA {
            self.chain -= std::mem::take(level);
        } else if kind.opens() {
            *level += 1;
            self.chain += 1;
            self.chains.push(0);
        } else if kind.closes() {
            self.chain -= self.chains.pop().unwrap_or(0);
        } else if operator(kind) || matches!(kind, ARROW | NOT | AND | OR | AS | IF | ELSE) {
            *level += 1;
            self.chain += 1;
        }
        self.chain <= MAX_CHAIN && !(kind.opens() && self.brackets.len() >= MAX_NESTING)
    }

    /// Whether a line break may stand here: whether some token may start the next line.
    pub fn admits_break(&self) -> bool {
        if self.in_list() && self.waiting.is_none() {
            return true;
        }
        let first = |kind| {
            let t = Lexeme { kind, class: Class::Plain, first: true, margin: false };
            let a = self.admits(t);
            a.own || a.name
        };
        self.is_whole() || Kind::all().any(first)
    }

    /// What nearly decides how it can go on: all but the counts and the tokens before the last.
    pub fn outline(&self) -> Machine {
        let last = [None, None, self.last[2]];
        Machine { chains: Vec::new(), chain: 0, finished: 0, last, ..self.clone() }
    }

    /// The fewest tokens that make it whole, or less.
    pub fn distance(&self) -> usize {
        if let Some(word) = self.waiting {
            // It may be a name, too, which takes one more to be told.
            let as_what = |kind| {
                let mut m = self.clone();
                m.waiting = None;
                m.push(Lexeme { kind, ..word }).then(|| m.automaton.distance())
            };
            let test = (word.class == Class::Test).then(|| as_what(Kind::TEST)).flatten();
            let all = [as_what(word.kind), as_what(Kind::NAME), test];
            return all.into_iter().flatten().min().unwrap_or(0);
        }
        self.automaton.distance()
    }

    /// Whether what was taken is a whole program.
    pub fn is_whole(&self) -> bool {
        if self.waiting.is_some() {
            let mut m = self.clone();
            return m.settle(None) && m.is_whole();
        }
        !self.owes() && self.brackets.is_empty() && self.automaton.accepts()
    }
}

fn operator(kind: Kind) -> bool {
    matches!(
        kind.text(),
        "." | ".." | "->" | "+" | "-" | "*" | "/" | "==" | "!=" | "<" | "<=" | ">" | ">="
    )
}

/// Whether a newline after it is dropped.
fn continues(kind: Kind) -> bool {
    operator(kind) || matches!(kind, COMMA | ASSIGN | ARROW | AND | OR | NOT | AS)
}
