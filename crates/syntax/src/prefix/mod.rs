//! The prefix check: whether the first characters of a program can still become one, and what may come
//! next. For decoders that constrain a model while it writes; see `spec/prefix.md`.
//!
//! The language here is that of [`is_program`]. A text is *complete* when it is one, *live* when some
//! continuation is one, and *dead* otherwise, save that a text a few operations short of a limit counts as
//! live.
//!
//! ```
//! use reasmory_syntax::prefix::{Prefix, Status};
//!
//! let mut p = Prefix::new();
//! assert!(p.feed("answer the(\"ch"));
//! assert!(p.admits("air\").") && !p.admits("air\") 3"));
//! assert_eq!(p.status(), Status::Live);
//! assert_eq!(p.finish().as_deref(), Some("\" )"));
//! ```

mod automaton;
mod context;
mod distance;
mod finish;
mod kind;
mod machine;
mod reference;
mod scan;
#[cfg(test)]
mod tests;

pub use context::{Argument, Context, Place, context};
pub use kind::Kind;
pub use reference::is_program;

use crate::limits::MAX_BYTES;
use kind::Class;
use machine::{Lexeme, Machine};
use scan::{Open, Scan, Text, scan};

/// What a text is to the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// No program starts like this.
    Dead,
    /// Not a program, but the start of one.
    Live,
    /// A program; more may follow.
    Complete,
}

impl Status {
    /// In lower case.
    pub fn text(self) -> &'static str {
        match self {
            Status::Dead => "dead",
            Status::Live => "live",
            Status::Complete => "complete",
        }
    }
}

/// The start of a program, fed piece by piece. Cloning it is cheap, so that a decoder can try tokens.
#[derive(Clone, Debug)]
pub struct Prefix {
    machine: Machine,
    mode: Mode,
    /// Bytes read while it was live.
    at: usize,
    dead: bool,
    /// No token stands on this line yet.
    first: bool,
    /// Nothing at all stands on this line yet.
    margin: bool,
    /// Byte after the last token that was taken, and after the last one of what is finished.
    ended: usize,
    finished: usize,
}

#[derive(Clone, Debug)]
enum Mode {
    Between,
    Comment { start: usize },
    Text { start: usize, state: Text, first: bool, margin: bool },
    Token(Partial),
}

/// A token that may go on.
#[derive(Clone, Debug)]
struct Partial {
    start: usize,
    text: String,
    unit: bool,
    /// It is a word, and any name may stand here: whatever letters follow, it is live.
    name: bool,
    first: bool,
    margin: bool,
}

impl Partial {
    fn lexeme(&self, token: (Kind, Class), nth: usize) -> Lexeme {
        let (first, margin) = (self.first && nth == 0, self.margin && nth == 0);
        Lexeme { kind: token.0, class: token.1, first, margin }
    }
}

/// Kinds of token that may stand somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// As what they are.
    pub own: Vec<Kind>,
    /// Reserved words that are plain names there: members, and names of arguments and parameters.
    pub as_names: Vec<Kind>,
}

impl Kinds {
    /// Whether none may.
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.as_names.is_empty()
    }

    /// Whether a token of this kind may.
    pub fn contains(&self, kind: Kind) -> bool {
        self.own.contains(&kind) || self.as_names.contains(&kind)
    }
}

/// What may follow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Next {
    /// After a space on the same line.
    pub here: Kinds,
    /// After a line break; empty when no line break may stand here.
    pub line: Kinds,
}

/// What a text ends inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// A comment.
    Comment,
    /// A text literal.
    Text,
    /// A name or reserved word.
    Word,
    /// A number.
    Number,
    /// A unit after `as`.
    Unit,
    /// A sign that may be longer.
    Sign,
}

impl Inside {
    /// In lower case.
    pub fn text(self) -> &'static str {
        match self {
            Inside::Comment => "comment",
            Inside::Text => "text",
            Inside::Word => "word",
            Inside::Number => "number",
            Inside::Unit => "unit",
            Inside::Sign => "sign",
        }
    }
}

/// The token, text or comment that a text ends inside of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// What.
    pub inside: Inside,
    /// Byte at which it starts.
    pub start: usize,
    /// Whether it may end here.
    pub whole: bool,
    /// Characters that may be added to it one by one.
    pub more: &'static str,
    /// Texts that complete it, to be added as they stand.
    pub rest: Vec<String>,
}

impl Default for Prefix {
    fn default() -> Self {
        Prefix::new()
    }
}

impl Prefix {
    /// The empty text.
    pub fn new() -> Self {
        Prefix {
            machine: Machine::new(),
            mode: Mode::Between,
            at: 0,
            dead: false,
            first: true,
            margin: true,
            ended: 0,
            finished: 0,
        }
    }

    /// A whole text at once.
    pub fn of(text: &str) -> Self {
        let mut p = Prefix::new();
        p.feed(text);
        p
    }

    /// Adds text; whether it is still live. Once dead it stays so, and what is added is not read.
    pub fn feed(&mut self, text: &str) -> bool {
        for c in text.chars() {
            if self.dead || self.at + c.len_utf8() > MAX_BYTES || !self.step(c) {
                self.dead = true;
                return false;
            }
            self.at += c.len_utf8();
        }
        !self.dead
    }

    /// A short text that makes a whole program of a live one, which says nothing about what the program
    /// means: what to write when there is room for no more. `None` when it is dead, or a few operations
    /// short of a limit.
    pub fn finish(&self) -> Option<String> {
        if self.dead { None } else { finish::finish(self) }
    }

    /// The fewest steps to a whole program, or less: tokens, and what is left of the one being read.
    fn distance(&self) -> usize {
        match (&self.mode, self.ended()) {
            (Mode::Between | Mode::Comment { .. }, _) => self.machine.distance(),
            (_, Some(ended)) => ended.distance(),
            _ => self.machine.distance().max(1),
        }
    }

    /// What nearly decides the future: the machine's outline, what is unread, and whether a line is new.
    fn key(&self) -> (Machine, String, bool) {
        let unread = match &self.mode {
            Mode::Between => String::new(),
            Mode::Comment { .. } => "#".into(),
            Mode::Text { state, .. } => format!("{state:?}"),
            Mode::Token(p) => p.text.clone(),
        };
        (self.machine.outline(), unread, self.first)
    }

    /// Whether `text` could be added.
    pub fn admits(&self, text: &str) -> bool {
        self.clone().feed(text)
    }

    /// Bytes of the longest live start of what was fed.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Bytes of the statements and functions at the top level that are finished: another has begun, so that
    /// nothing that follows belongs to them.
    pub fn finished(&self) -> usize {
        self.finished
    }

    /// Takes the machine after a token that ends at `end`.
    fn took(&mut self, machine: Machine, end: usize) {
        if machine.finished() > self.machine.finished() {
            self.finished = self.ended;
        }
        (self.machine, self.ended) = (machine, end);
    }

    /// What the text is.
    pub fn status(&self) -> Status {
        if self.dead {
            Status::Dead
        } else if self.ended().is_some_and(|m| m.is_whole()) {
            Status::Complete
        } else {
            Status::Live
        }
    }

    /// Reads a character; `false` when it cannot stand here, and then nothing has changed.
    fn step(&mut self, c: char) -> bool {
        match &mut self.mode {
            Mode::Between => self.start(c, self.at),
            Mode::Comment { .. } => c != '\n' || self.line_break(),
            Mode::Text { state, first, margin, .. } => match state.step(c) {
                Ok(Some(next)) => {
                    *state = next;
                    true
                }
                Ok(None) => {
                    let (first, margin) = (*first, *margin);
                    let text = Lexeme { kind: Kind::TEXT, class: Class::Plain, first, margin };
                    let mut machine = self.machine.clone();
                    let fine = machine.take(text);
                    if fine {
                        self.mode = Mode::Between;
                        self.took(machine, self.at + 1);
                    }
                    fine
                }
                Err(()) => false,
            },
            Mode::Token(partial) => {
                if partial.name && scan::word_char(c) {
                    partial.text.push(c);
                    return true;
                }
                let mut partial = partial.clone();
                partial.text.push(c);
                self.token(partial)
            }
        }
    }

    /// Reads a character between tokens; `at` is its place.
    fn start(&mut self, c: char, at: usize) -> bool {
        match c {
            ' ' | '\t' | '\r' | '\u{c}' => {
                self.margin = false;
                true
            }
            // How some editors save text.
            '\u{FEFF}' if at == 0 => {
                self.margin = false;
                true
            }
            '\n' => self.line_break(),
            '#' => {
                // Only a line break ends it, so one must be possible, unless the program ends here.
                let fine = self.machine.is_whole() || self.machine.admits_break();
                if fine {
                    self.mode = Mode::Comment { start: at };
                }
                fine
            }
            '"' => {
                let (first, margin) = (self.first, self.margin);
                let text = Lexeme { kind: Kind::TEXT, class: Class::Plain, first, margin };
                let fine = self.machine.admits(text).own;
                if fine {
                    self.mode = Mode::Text { start: at, state: Text::Plain, first, margin };
                    (self.first, self.margin) = (false, false);
                }
                fine
            }
            _ => self.token(Partial {
                start: at,
                text: c.to_string(),
                unit: self.machine.after_as(),
                name: false,
                first: self.first,
                margin: self.margin,
            }),
        }
    }

    fn line_break(&mut self) -> bool {
        let fine = self.first || self.machine.admits_break();
        if fine {
            (self.mode, self.first, self.margin) = (Mode::Between, true, true);
        }
        fine
    }

    /// Goes on inside a token.
    fn token(&mut self, mut partial: Partial) -> bool {
        match scan(&partial.text, partial.unit) {
            Scan::Dead => false,
            Scan::Open(open) => {
                partial.name = open.letters && self.admits_kind(&partial, Kind::NAME);
                let fine = partial.name || open.may.iter().any(|k| self.admits_kind(&partial, *k));
                if fine {
                    (self.first, self.margin) = (false, false);
                    self.mode = Mode::Token(partial);
                }
                fine
            }
            Scan::Done(tokens, len) => {
                let mut next = self.clone();
                for (n, token) in tokens.iter().enumerate() {
                    let mut machine = next.machine.clone();
                    if !machine.take(partial.lexeme(*token, n)) {
                        return false;
                    }
                    next.took(machine, partial.start + len);
                }
                next.mode = Mode::Between;
                (next.first, next.margin) = (false, false);
                let mut at = partial.start + len;
                for c in partial.text[len..].chars() {
                    let fine = match &next.mode {
                        Mode::Between => next.start(c, at),
                        _ => next.step(c),
                    };
                    if !fine {
                        return false;
                    }
                    at += c.len_utf8();
                }
                *self = next;
                true
            }
        }
    }

    fn admits_kind(&self, partial: &Partial, kind: Kind) -> bool {
        let a = self.machine.admits(partial.lexeme((kind, Class::Plain), 0));
        a.own || a.name
    }

    fn open(&self) -> Option<(&Partial, Open)> {
        let Mode::Token(partial) = &self.mode else { return None };
        match scan(&partial.text, partial.unit) {
            Scan::Open(open) => Some((partial, open)),
            _ => None,
        }
    }

    /// The machine after the last token, if that may end here.
    fn ended(&self) -> Option<Machine> {
        let mut machine = self.machine.clone();
        match &self.mode {
            Mode::Between | Mode::Comment { .. } => Some(machine),
            Mode::Text { .. } => None,
            Mode::Token(_) => {
                let (partial, open) = self.open()?;
                let tokens = open.now?;
                let fine =
                    tokens.iter().enumerate().all(|(n, t)| machine.take(partial.lexeme(*t, n)));
                fine.then_some(machine)
            }
        }
    }

    /// What may follow the longest live start, after the token that it ends with.
    pub fn next(&self) -> Next {
        let mut out = Next::default();
        let Some(machine) = self.ended() else { return out };
        let kinds = |first: bool, margin: bool| {
            let mut kinds = Kinds::default();
            for kind in Kind::all() {
                let a = machine.admits(Lexeme { kind, class: Class::Plain, first, margin });
                if a.own {
                    kinds.own.push(kind);
                }
                if a.name {
                    kinds.as_names.push(kind);
                }
            }
            kinds
        };
        if !matches!(self.mode, Mode::Comment { .. }) {
            out.here = kinds(self.first, false);
        }
        out.line = kinds(true, false);
        out
    }

    /// What the longest live start ends inside of.
    pub fn tail(&self) -> Option<Tail> {
        match &self.mode {
            Mode::Between => None,
            Mode::Comment { start } => Some(Tail {
                inside: Inside::Comment,
                start: *start,
                whole: true,
                more: "any",
                rest: Vec::new(),
            }),
            Mode::Text { start, state, .. } => Some(Tail {
                inside: Inside::Text,
                start: *start,
                whole: false,
                more: match state {
                    Text::Plain => "any",
                    Text::Hex(..) => "hex",
                    _ => "none",
                },
                rest: state.rest(),
            }),
            Mode::Token(_) => self.token_tail(),
        }
    }

    fn token_tail(&self) -> Option<Tail> {
        let (partial, open) = self.open()?;
        let name = open.letters && self.admits_kind(partial, Kind::NAME);
        Some(Tail {
            inside: match partial.text.chars().next() {
                _ if partial.unit => Inside::Unit,
                Some('0'..='9') => Inside::Number,
                Some(c) if c.is_ascii_alphabetic() || c == '_' => Inside::Word,
                _ => Inside::Sign,
            },
            start: partial.start,
            whole: self.ended().is_some(),
            more: if name {
                "name"
            } else if open.digits {
                "digits"
            } else {
                "none"
            },
            rest: open
                .rest
                .iter()
                .filter(|r| self.admits_kind(partial, r.1))
                .map(|r| r.0.clone())
                .collect(),
        })
    }
}
