//! Kinds of token: the terminals of the grammar.

use std::fmt;

use super::automaton::TERMINALS;
use crate::foreign::{ELSE_IF, FUNCTION, MUTATORS, STATEMENTS, VALUES};
use crate::token::Word;

/// A kind of token: `name`, `int`, `number`, `measure`, `text` and `unit` stand for many tokens, every
/// other kind is the reserved word or sign that it is written as.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(u8);

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

const fn terminal(name: &str) -> Kind {
    let mut i = 0;
    while i < TERMINALS.len() {
        if same(TERMINALS[i].as_bytes(), name.as_bytes()) {
            return Kind(i as u8);
        }
        i += 1;
    }
    panic!("a terminal of the grammar")
}

impl Kind {
    /// A name.
    pub const NAME: Kind = terminal("name");
    /// A whole number.
    pub const INT: Kind = terminal("int");
    /// A number with a fraction.
    pub const NUMBER: Kind = terminal("number");
    /// A number with a unit.
    pub const MEASURE: Kind = terminal("measure");
    /// A text.
    pub const TEXT: Kind = terminal("text");
    /// A unit after `as`.
    pub const UNIT: Kind = terminal("unit");
    pub(super) const NEWLINE: Kind = terminal("newline");
    pub(super) const TEST: Kind = terminal("test");

    /// Every kind that can be written, in the order of lists.
    pub fn all() -> impl Iterator<Item = Kind> {
        (0..TERMINALS.len() as u8).map(Kind).filter(|k| {
            *k != Kind::NEWLINE && *k != terminal("broken") && *k != terminal("foreign")
        })
    }

    /// The kind of this name: a literal's kind, or the word or sign.
    pub fn named(text: &str) -> Option<Kind> {
        Kind::all().find(|k| k.text() == text)
    }

    /// `name`, `int`, …, or the word or sign as written.
    pub fn text(self) -> &'static str {
        TERMINALS[self.index()]
    }

    /// Whether it is one token, written as [`text`](Kind::text) says.
    pub fn is_literal(self) -> bool {
        !matches!(
            self,
            Kind::NAME | Kind::INT | Kind::NUMBER | Kind::MEASURE | Kind::TEXT | Kind::UNIT
        )
    }

    /// A token of this kind.
    pub fn sample(self) -> &'static str {
        super::finish::sample(self)
    }

    /// Whether it is a reserved word.
    pub fn is_word(self) -> bool {
        self.is_literal() && self.text().starts_with(|c: char| c.is_ascii_lowercase())
    }

    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }

    pub(super) const fn sign(text: &str) -> Kind {
        terminal(text)
    }

    pub(super) const fn word(word: Word) -> Kind {
        terminal(word.text())
    }

    /// Whether an expression can end with it.
    pub(super) fn ends_expr(self) -> bool {
        !self.is_literal() || matches!(self.text(), "true" | "false" | ")" | "]" | "}")
    }

    /// The partner of an opening bracket.
    pub(super) fn opens(self) -> bool {
        matches!(self.text(), "(" | "[" | "{")
    }

    /// Whether it closes a bracket.
    pub(super) fn closes(self) -> bool {
        matches!(self.text(), ")" | "]" | "}")
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// What a name is to the pass over foreign forms, which takes some names for words of other languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Class {
    Plain,
    /// `None`: a value, unless it is called or bound.
    Value,
    /// `import`: a statement, unless it is called, bound or has a member.
    Statement,
    /// `while`: a statement.
    While,
    /// `def`: starts a function before a name.
    Function,
    /// `print`: a statement when it is called.
    Print,
    /// `append`: changes a list.
    Mutator,
    /// `elif`
    ElseIf,
    /// `Point`: after it `in` names a frame.
    Framed,
    /// `test`: a word before a text.
    Test,
}

impl Class {
    pub fn of(name: &str) -> Class {
        match name {
            "test" => Class::Test,
            "while" => Class::While,
            "print" => Class::Print,
            "Local" | "Point" | "Vector" => Class::Framed,
            _ if VALUES.iter().any(|r| r.0 == name) => Class::Value,
            _ if STATEMENTS.iter().any(|r| r.0 == name) => Class::Statement,
            _ if FUNCTION.contains(&name) => Class::Function,
            _ if MUTATORS.contains(&name) => Class::Mutator,
            _ if ELSE_IF.contains(&name) => Class::ElseIf,
            _ => Class::Plain,
        }
    }
}
