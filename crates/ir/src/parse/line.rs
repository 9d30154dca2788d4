//! One line of MIR text and how its words are taken.

use std::str::FromStr;

use reasmory_types::{Dim, Ty};

use super::{ParseError, Parsed};

/// A place in the text, for errors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here {
    line: usize,
    column: usize,
}

impl Here {
    pub(super) fn error(self, message: impl Into<String>) -> ParseError {
        ParseError { line: self.line, column: self.column, message: message.into() }
    }
}

/// The rest of a line; blanks before it and a comment at its end do not count.
#[derive(Clone, Debug)]
pub(super) struct Line<'t> {
    full: &'t str,
    rest: &'t str,
    number: usize,
}

impl<'t> Line<'t> {
    pub(super) fn new(text: &'t str, number: usize) -> Line<'t> {
        let mut line = Line { full: text, rest: text, number };
        line.skip();
        line
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with(';') {
            self.rest = "";
        }
    }

    fn advance(&mut self, bytes: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        self.skip();
        taken
    }

    pub(super) fn is_blank(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn here(&self) -> Here {
        let before = &self.full[..self.full.len() - self.rest.len()];
        // At the end of a line: right after its last word, also before a comment.
        let before = if self.rest.is_empty() { self.full } else { before };
        Here { line: self.number, column: before.chars().count() + 1 }
    }

    pub(super) fn expected(&self, what: &str) -> ParseError {
        let found = match self.rest.chars().next() {
            None => "the end of the line".to_owned(),
            Some(_) => format!("`{}`", self.rest.split_whitespace().next().unwrap_or("")),
        };
        self.here().error(format!("expected {what}, found {found}"))
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest.starts_with(text);
        if found {
            self.advance(text.len());
        }
        found
    }

    pub(super) fn expect(&mut self, text: &str) -> Parsed<()> {
        if self.eat(text) { Ok(()) } else { Err(self.expected(&format!("`{text}`"))) }
    }

    pub(super) fn end(&self) -> Parsed<()> {
        if self.is_blank() { Ok(()) } else { Err(self.expected("the end of the line")) }
    }

    pub(super) fn at_value(&self) -> bool {
        self.rest.starts_with('%')
    }

    fn span_of(&self, is: impl Fn(char) -> bool) -> usize {
        self.rest.find(|c| !is(c)).unwrap_or(self.rest.len())
    }

    /// The word at hand, without taking it.
    pub(super) fn peek_word(&self) -> &'t str {
        &self.rest[..self.span_of(|c| c.is_alphanumeric() || c == '_')]
    }

    pub(super) fn word(&mut self, what: &str) -> Parsed<&'t str> {
        match self.peek_word().len() {
            0 => Err(self.expected(what)),
            n => Ok(self.advance(n)),
        }
    }

    /// Takes the word if it is this one.
    pub(super) fn word_is(&mut self, word: &str) -> bool {
        let found = self.peek_word() == word;
        if found {
            self.advance(word.len());
        }
        found
    }

    /// The name of a function.
    pub(super) fn name(&mut self, what: &str) -> Parsed<&'t str> {
        match self.span_of(|c| c.is_alphanumeric() || "_@.".contains(c)) {
            0 => Err(self.expected(what)),
            n => Ok(self.advance(n)),
        }
    }

    /// A unit: all up to the next blank.
    pub(super) fn unit(&mut self) -> &'t str {
        let n = self.span_of(|c| !c.is_whitespace());
        self.advance(n)
    }

    /// `b7`, if that is what comes.
    pub(super) fn label(&mut self) -> Option<u32> {
        let n = self.peek_word().strip_prefix('b')?.parse().ok()?;
        self.advance(self.peek_word().len());
        Some(n)
    }

    pub(super) fn number(&mut self, what: &str) -> Parsed<u32> {
        let at = self.here();
        let n = self.span_of(|c| c.is_ascii_digit());
        if n == 0 {
            return Err(self.expected(what));
        }
        let digits = self.advance(n);
        digits.parse().map_err(|_| at.error(format!("{digits} is too large")))
    }

    /// Something without blanks.
    pub(super) fn literal<T: FromStr>(&mut self, what: &str) -> Parsed<T> {
        let n = self.span_of(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        let parsed = self.rest[..n].parse().map_err(|_| self.expected(what));
        self.advance(n);
        parsed
    }

    pub(super) fn float(&mut self) -> Parsed<f64> {
        if self.word_is("bits") {
            let n = self.span_of(|c| c.is_ascii_alphanumeric());
            let bits = self.rest[..n].strip_prefix("0x").map(|h| u64::from_str_radix(h, 16));
            let Some(Ok(bits)) = bits else { return Err(self.expected("`0x` and 16 digits")) };
            self.advance(n);
            return Ok(f64::from_bits(bits));
        }
        self.literal("a number")
    }

    /// A quoted text.
    pub(super) fn text(&mut self) -> Parsed<String> {
        let start = self.here();
        if !self.rest.starts_with('"') {
            return Err(self.expected("a text"));
        }
        let mut out = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.advance(i + 1);
                    return Ok(out);
                }
                '\\' => match chars.next().map(|c| c.1) {
                    Some('n') => out.push('\n'),
                    Some('t') => out.push('\t'),
                    Some('r') => out.push('\r'),
                    Some(c @ ('"' | '\\')) => out.push(c),
                    Some('u') => {
                        let hex: String = chars
                            .by_ref()
                            .map(|c| c.1)
                            .skip_while(|c| *c == '{')
                            .take_while(|c| *c != '}')
                            .collect();
                        let code = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
                        out.push(code.ok_or_else(|| start.error("`\\u{…}` names no character"))?);
                    }
                    _ => return Err(start.error("an escape is \\\" \\\\ \\n \\t \\r or \\u{…}")),
                },
                c => out.push(c),
            }
        }
        Err(start.error("the text does not end on its line"))
    }

    /// A type.
    pub(super) fn ty(&mut self) -> Parsed<Ty> {
        self.ty_within(64)
    }

    fn ty_within(&mut self, depth: usize) -> Parsed<Ty> {
        let at = self.here();
        let Some(depth) = depth.checked_sub(1) else {
            return Err(at.error("the type is nested too deep"));
        };
        let name = self.peek_word();
        if name.is_empty() {
            return Err(self.expected("a type"));
        }
        match name {
            "List" => {
                self.advance(name.len());
                self.expect("<")?;
                let member = self.ty_within(depth)?;
                self.expect(">")?;
                return Ok(member.list());
            }
            "Group" => {
                self.advance(name.len());
                self.expect("<")?;
                let key = self.ty_within(depth)?;
                self.expect(",")?;
                let member = self.ty_within(depth)?;
                self.expect(">")?;
                return Ok(Ty::Group(Box::new(key), Box::new(member)));
            }
            _ => {}
        }
        let product = &self.rest[..self.span_of(|c| c.is_alphanumeric() || "^·-".contains(c))];
        let ty = match Ty::named(product) {
            Some(ty) => ty,
            None => Ty::Quantity(
                dimension(product)
                    .ok_or_else(|| at.error(format!("there is no type `{product}`")))?,
            ),
        };
        self.advance(product.len());
        Ok(ty)
    }
}

/// A product of powers, as a dimension without a name prints: `Length^4·Time^-1`.
fn dimension(text: &str) -> Option<Dim> {
    let mut dim = Dim::NONE;
    for factor in text.split('·') {
        let (base, power) = factor.split_once('^').unwrap_or((factor, "1"));
        let power: i8 = power.parse().ok()?;
        match base {
            "Length" => dim.length = power,
            "Angle" => dim.angle = power,
            "Time" => dim.time = power,
            _ => return None,
        }
    }
    Some(dim)
}
