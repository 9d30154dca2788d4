//! Raw tokens to tokens: values of literals, units, escapes, documentation, contextual words.
//!
//! The lexer reports and goes on: every character of the program is covered by a token, by trivia or by
//! a diagnostic.

use std::collections::{BTreeMap, BTreeSet};

use logos::Logos;
use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Suggestion, similar};
use reasmory_span::Span;
use reasmory_types::{Dim, UNITS, Unit};

use crate::scan::{Raw, foreign_sign, look_alike};
use crate::text::{self, Text, quote};
use crate::token::{Sign, Tok, Token, Word};

/// What the lexer made of a program.
pub(crate) struct Lexed<'s> {
    pub tokens: Vec<Tok<'s>>,
    /// Documentation by the position of the token it precedes.
    pub docs: BTreeMap<u32, String>,
    pub diagnostics: Vec<Diagnostic>,
    /// Lines on which something was reported that the parser may stumble over again.
    pub tainted: BTreeSet<u32>,
}

/// Spellings of units that models write, and the unit each means.
const UNIT_WORDS: &[(&str, &str)] = &[
    ("meter", "m"),
    ("meters", "m"),
    ("metre", "m"),
    ("metres", "m"),
    ("millimeter", "mm"),
    ("millimeters", "mm"),
    ("millimetre", "mm"),
    ("millimetres", "mm"),
    ("centimeter", "cm"),
    ("centimeters", "cm"),
    ("centimetre", "cm"),
    ("centimetres", "cm"),
    ("kilometer", "km"),
    ("kilometers", "km"),
    ("kilometre", "km"),
    ("kilometres", "km"),
    ("inch", "in"),
    ("inches", "in"),
    ("foot", "ft"),
    ("feet", "ft"),
    ("degree", "deg"),
    ("degrees", "deg"),
    ("degs", "deg"),
    ("°", "deg"),
    ("radian", "rad"),
    ("radians", "rad"),
    ("rads", "rad"),
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("millisecond", "ms"),
    ("milliseconds", "ms"),
    ("minute", "min"),
    ("minutes", "min"),
    ("mins", "min"),
    ("sqm", "m2"),
    ("m²", "m2"),
    ("m³", "m3"),
    ("cm²", "cm2"),
    ("square_meters", "m2"),
    ("mps", "m/s"),
    ("kmh", "km/h"),
    ("kph", "km/h"),
    ("percent", "%"),
    ("pct", "%"),
];

/// The unit a word stands for, spelt right or not.
pub(crate) fn unit_word(word: &str) -> Option<&'static Unit> {
    Unit::named(word).or_else(|| {
        let lower = word.to_lowercase();
        UNIT_WORDS.iter().find(|(w, _)| *w == lower).and_then(|(_, u)| Unit::named(u))
    })
}

/// Lexes `text`, leaving out the byte ranges in `masked` (sorted, on line boundaries).
pub(crate) fn lex<'s>(text: &'s str, masked: &[Span]) -> Lexed<'s> {
    let mut lx = Lexer {
        text,
        raw: Raw::lexer(text),
        out: Lexed {
            // One token for three bytes is more than a program has.
            tokens: Vec::with_capacity(text.len() / 3),
            docs: BTreeMap::new(),
            diagnostics: Vec::new(),
            tainted: BTreeSet::new(),
        },
        line: 0,
        line_start: 0,
        doc: Vec::new(),
        bad: None,
    };
    lx.run(masked);
    contextual(&mut lx.out.tokens);
    lx.out
}

struct Lexer<'s> {
    text: &'s str,
    raw: logos::Lexer<'s, Raw>,
    out: Lexed<'s>,
    line: u32,
    line_start: usize,
    doc: Vec<&'s str>,
    /// A run of characters no token starts with, reported as one.
    bad: Option<Span>,
}

impl<'s> Lexer<'s> {
    fn run(&mut self, masked: &[Span]) {
        let mut masked = masked.iter().peekable();
        while let Some(raw) = self.raw.next() {
            let range = self.raw.span();
            while masked.peek().is_some_and(|m| m.range().end <= range.start) {
                masked.next();
            }
            if raw != Ok(Raw::Newline)
                && masked.peek().is_some_and(|m| m.range().start <= range.start)
            {
                continue;
            }
            let span = Span::new(range.start as u32, range.end as u32);
            match raw {
                Ok(raw) => {
                    self.flush_bad();
                    self.token(raw, span);
                }
                Err(()) => {
                    self.bad = Some(match self.bad {
                        Some(b) if b.end == span.start => b.to(span),
                        Some(_) => {
                            self.flush_bad();
                            span
                        }
                        None => span,
                    });
                }
            }
        }
        self.flush_bad();
    }

    #[inline]
    fn flush_bad(&mut self) {
        if let Some(span) = self.bad.take() {
            self.report_bad(span);
        }
    }

    #[cold]
    fn report_bad(&mut self, span: Span) {
        let shown: String = span.text(self.text).chars().take(8).collect();
        let letters = shown.chars().all(char::is_alphabetic);
        let mut d = Diagnostic::new(
            Code::InvalidCharacter,
            span,
            format!("`{}` does not belong in a program", shown.escape_debug()),
        );
        d = if letters {
            d.label("not an ASCII letter").help("use ASCII letters in names; text may hold any")
        } else {
            d.label("no token starts like this")
                .help("remove it, or put it inside a text literal")
                .fix(Applicability::Unsafe, "remove it", span, "")
        };
        self.report(d);
    }

    fn report(&mut self, d: Diagnostic) {
        self.out.tainted.insert(self.line);
        self.out.diagnostics.push(d);
    }

    fn push(&mut self, token: Token<'s>, span: Span) {
        self.attach_doc(span);
        let col = (span.start as usize).saturating_sub(self.line_start) as u32;
        self.out.tokens.push(Tok { token, span, line: self.line, col });
    }

    /// Documentation belongs to whatever follows; only a `fn` asks for it.
    fn attach_doc(&mut self, span: Span) {
        if !self.doc.is_empty() {
            let doc = std::mem::take(&mut self.doc).join("\n");
            self.out.docs.insert(span.start, doc);
        }
    }

    /// Extends the current raw token by `n` bytes.
    fn bump(&mut self, n: usize, span: Span) -> Span {
        self.raw.bump(n);
        Span::new(span.start, span.end + n as u32)
    }

    fn token(&mut self, raw: Raw, span: Span) {
        let text = span.text(self.text);
        match raw {
            Raw::Newline => {
                self.line += 1;
                self.line_start = span.end as usize;
            }
            Raw::Comment => {
                if let Some(doc) = text.strip_prefix("##") {
                    self.doc.push(doc.strip_prefix(' ').unwrap_or(doc).trim_end());
                }
            }
            Raw::SlashComment => self.slash_comment(text, span),
            Raw::BlockComment => self.block_comment(span),
            Raw::BacktickText => self.backtick_text(text, span),
            Raw::Name => self.name(text, None, span),
            Raw::Word(word) => self.name(text, Some(word), span),
            Raw::Number => self.number(text, span),
            Raw::Text => {
                let body = &text[1..text.len() - 1];
                if body.contains('\\') {
                    self.escapes(body, span.start + 1);
                }
                self.push(Token::Text(Text { body, escapes: true }), span);
            }
            Raw::OpenText => self.open_text(text, span),
            Raw::TripleQuote => self.triple_quote(span),
            Raw::SingleText => self.single_text(text, span),
            Raw::PrefixedText => self.prefixed_text(text, span),
            Raw::SmartText => self.smart_text(text, span),
            Raw::Sign(sign) => self.sign(sign, span),
            Raw::Foreign => self.foreign(text, span),
            Raw::LookAlike => {
                let real = look_alike(text);
                self.out.diagnostics.push(
                    Diagnostic::new(
                        Code::InvalidCharacter,
                        span,
                        format!("`{text}` only looks like `{real}`"),
                    )
                    .label("another character")
                    .help(format!("write `{real}`"))
                    .fix(
                        Applicability::Safe,
                        format!("write `{real}`"),
                        span,
                        real,
                    ),
                );
                match Sign::named(real) {
                    Some(sign) => self.sign(sign, span),
                    None => self.foreign(real, span),
                }
            }
            Raw::OddSpace => {
                // A byte order mark at the start is how some editors save text.
                if span.start > 0 || text != "\u{FEFF}" {
                    self.out.diagnostics.push(
                        Diagnostic::new(
                            Code::InvalidCharacter,
                            span,
                            "an invisible character that is not a plain space",
                        )
                        .label(format!("U+{:04X}", text.chars().next().map_or(0, u32::from)))
                        .help("write a plain space")
                        .fix(
                            Applicability::Safe,
                            "write a plain space",
                            span,
                            " ",
                        ),
                    );
                }
            }
        }
    }

    fn sign(&mut self, sign: Sign, span: Span) {
        // `.5` where no value ends before it.
        if sign == Sign::Dot
            && self.raw.remainder().starts_with(|c: char| c.is_ascii_digit())
            && !self
                .out
                .tokens
                .last()
                .is_some_and(|t| t.span.end == span.start && t.token.ends_expr())
        {
            let digits = digits_at(self.raw.remainder());
            let value = format!("0.{}", &self.raw.remainder()[..digits]);
            let span = self.bump(digits, span);
            self.out.diagnostics.push(
                Diagnostic::new(Code::InvalidNumber, span, "a number starts with a digit")
                    .label("no digit before the point")
                    .help("write a `0` before the point")
                    .fix(Applicability::Safe, "write the `0`", Span::at(span.start), "0"),
            );
            self.number(&value, span);
            return;
        }
        self.push(Token::Sign(sign), span);
    }

    fn after_as(&self) -> bool {
        let last = self.out.tokens.len().saturating_sub(1);
        self.out.tokens.last().is_some_and(|t| t.token.is_word(Word::As))
            && !always_name(&self.out.tokens, last)
    }

    fn foreign(&mut self, text: &str, span: Span) {
        if text.starts_with('%')
            && self.after_as()
            && let Some(unit) = Unit::named("%")
        {
            // In `as %==` the scanner saw `%=`: read on after the unit.
            let span = Span::new(span.start, span.start + 1);
            self.raw = Raw::lexer(self.text);
            self.raw.bump(span.end as usize);
            self.push(Token::Unit(unit), span);
            return;
        }
        self.push(Token::Foreign(foreign_sign(text)), span);
    }

    fn name(&mut self, text: &'s str, word: Option<Word>, span: Span) {
        if self.after_as() {
            self.unit_after_as(text, span);
            return;
        }
        let token = match word {
            // `test` is a word only where a test starts; see `contextual`.
            Some(Word::Test) | None => Token::Name(text),
            Some(word) => Token::Word(word),
        };
        self.push(token, span);
    }

    fn unit_after_as(&mut self, text: &str, span: Span) {
        let rest = &self.text[span.start as usize..];
        // `m²` starts with the unit `m`, but means another.
        if let Some(unit) =
            Unit::longest_prefix(rest).filter(|u| !rest[u.name.len()..].starts_with(['²', '³']))
        {
            let span = self.bump(unit.name.len().saturating_sub(text.len()), span);
            self.push(Token::Unit(unit), span);
            return;
        }
        let more = unit_tail(self.raw.remainder());
        let span = self.bump(more, span);
        let word = span.text(self.text);
        let (d, unit) = unknown_unit(word, span, span);
        self.report(d);
        self.push(unit.map_or(Token::Broken, Token::Unit), span);
    }

    fn number(&mut self, digits: &str, span: Span) {
        let value: f64 = digits.parse().unwrap_or(f64::INFINITY);
        let is_int = !digits.contains('.');
        let rest = self.raw.remainder();
        let tail = unit_tail(rest);
        if tail == 0 && !rest.starts_with('%') {
            let token = match digits.parse::<i64>() {
                Ok(i) if is_int => Token::Int(i),
                _ if is_int || !value.is_finite() => {
                    let mut d = Diagnostic::new(
                        Code::InvalidNumber,
                        span,
                        if is_int {
                            "an Int of more than 64 bits"
                        } else {
                            "a number out of range"
                        },
                    )
                    .label("too large");
                    d = if is_int {
                        d.help(format!("the largest Int is {}", i64::MAX))
                    } else {
                        d.help("write a smaller number")
                    };
                    self.report(d);
                    Token::Broken
                }
                _ => Token::Number(value),
            };
            self.push(token, span);
            return;
        }
        if let Some(unit) = Unit::longest_prefix(rest).filter(|u| {
            // `m²` starts with the unit `m`, but means another.
            !rest[u.name.len()..].starts_with(['²', '³'])
        }) {
            let span = self.bump(unit.name.len(), span);
            let token = if value.is_finite() {
                Token::Measure(value, unit)
            } else {
                self.report(
                    Diagnostic::new(Code::InvalidNumber, span, "a number out of range")
                        .label("too large")
                        .help("write a smaller number"),
                );
                Token::Broken
            };
            self.push(token, span);
            return;
        }
        self.bad_tail(digits, value, tail, span);
    }

    /// A number glued to something that is no unit.
    fn bad_tail(&mut self, digits: &str, value: f64, tail: usize, span: Span) {
        let number_end = span.end;
        let mut span = self.bump(tail, span);
        let word = Span::new(number_end, span.end).text(self.text).to_owned();
        let lower = word.to_lowercase();
        let grouped =
            lower.starts_with('_') && lower.chars().all(|c| c == '_' || c.is_ascii_digit());
        let exponent = lower == "e"
            || (lower.starts_with('e') && lower[1..].chars().all(|c| c.is_ascii_digit()));
        let radix = digits == "0"
            && lower.starts_with(['x', 'b', 'o'])
            && lower.len() > 1
            && lower[1..].chars().all(|c| c.is_ascii_hexdigit());
        if grouped || exponent || radix {
            if lower == "e" && self.raw.remainder().starts_with(['+', '-']) {
                let n = 1 + digits_at(&self.raw.remainder()[1..]);
                span = self.bump(n, span);
            }
            let plain = if grouped {
                Some(format!("{digits}{}", lower.replace('_', "")))
            } else if exponent {
                plain_exponent(span.text(self.text))
            } else {
                radix_value(&lower)
            };
            let what = if grouped {
                "digits are not grouped with `_`"
            } else if exponent {
                "numbers have no exponent"
            } else {
                "numbers are decimal"
            };
            let mut d = Diagnostic::new(Code::InvalidNumber, span, what)
                .label("not a number of this language")
                .help("write the digits out");
            if let Some(plain) = &plain {
                d = d.fix(Applicability::Safe, format!("write `{plain}`"), span, plain.clone());
            }
            self.report(d);
            self.push(Token::Broken, span);
            return;
        }
        let (d, unit) = unknown_unit(&word, Span::new(number_end, span.end), span);
        self.report(d);
        self.push(unit.map_or(Token::Broken, |u| Token::Measure(value, u)), span);
    }

    fn slash_comment(&mut self, text: &'s str, span: Span) {
        let rest = text[2..].trim();
        let divides =
            self.out.tokens.last().is_some_and(|t| t.line == self.line && t.token.ends_expr())
                && !rest.is_empty()
                && (rest.starts_with(|c: char| c.is_ascii_digit() || c == '(')
                    || !rest.contains(' '));
        let slashes = Span::new(span.start, span.start + 2);
        if divides {
            // Read on after the slashes.
            self.raw = Raw::lexer(self.text);
            self.raw.bump(slashes.end as usize);
            self.out.diagnostics.push(
                Diagnostic::new(Code::ForeignSyntax, slashes, "there is no `//` operator")
                    .label("floor division is written `floor(a / b)`")
                    .help("write `/`, or `#` if a comment is meant")
                    .fix(Applicability::Unsafe, "divide with `/`", slashes, "/"),
            );
            self.push(Token::Sign(Sign::Slash), slashes);
            return;
        }
        self.out.diagnostics.push(
            Diagnostic::new(Code::ForeignSyntax, slashes, "`//` does not start a comment")
                .label("a comment starts with `#`")
                .help("write `#`")
                .fix(Applicability::Safe, "write `#`", slashes, "#"),
        );
    }

    /// Reports the escapes in `body`, which starts at `start`, that are none.
    fn escapes(&mut self, body: &str, start: u32) {
        let found = &mut self.out.diagnostics;
        text::unescape(body, &mut |range| {
            let span = Span::new(start + range.start as u32, start + range.end as u32);
            let at = Span::at(span.start);
            let shown = body[range].escape_debug().to_string().replace("\\\\", "\\");
            found.push(
                Diagnostic::new(
                    Code::InvalidCharacter,
                    span,
                    format!("`{shown}` is not an escape"),
                )
                .label("unknown escape")
                .help("the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{…}`")
                .fix(Applicability::Unsafe, "write the backslash twice", at, "\\"),
            );
        });
    }

    fn open_text(&mut self, text: &'s str, span: Span) {
        // Words up to a bracket, a comma or the end of the line are the text; what follows is the program's.
        let body = text[1..].trim_end();
        let word = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-');
        let bare = &body[..body.find(|c| !word(c)).unwrap_or(body.len())];
        let rest = &body[bare.len()..];
        let in_brackets = || !self.unclosed_on_line().is_empty();
        let clear = !bare.trim().is_empty()
            && (rest.is_empty() || rest.starts_with([')', ']', ',']) && in_brackets());
        let at = Span::at(span.start + 1 + if clear { bare.len() } else { body.len() } as u32);
        let place = Span::new(span.start, at.start);
        let d = Diagnostic::new(Code::UnterminatedText, place, "a text literal that does not end")
            .label("no closing `\"` on this line")
            .help("close it with `\"`")
            .fix(
                if clear { Applicability::Safe } else { Applicability::Manual },
                "close the text",
                at,
                "\"",
            );
        if clear {
            self.raw = Raw::lexer(self.text);
            self.raw.bump(at.start as usize);
            self.out.diagnostics.push(d);
            self.push(Token::Text(Text { body: bare, escapes: false }), place);
            return;
        }
        self.report(d);
        // What the text swallowed may be the closers of this line's brackets.
        let unclosed = self.unclosed_on_line();
        self.push(Token::Broken, place);
        for sign in unclosed {
            self.push(Token::Sign(sign), Span::at(span.end));
        }
    }

    /// Closers, innermost first, of the `(` and `[` that this line opened.
    fn unclosed_on_line(&self) -> Vec<Sign> {
        let mut closed = 0usize;
        let mut out = Vec::new();
        for t in self.out.tokens.iter().rev().take_while(|t| t.line == self.line) {
            if let Token::Sign(s) = t.token {
                match s.closer() {
                    Some(Sign::RBrace) => break,
                    Some(_) if closed > 0 => closed -= 1,
                    Some(c) => out.push(c),
                    None if s == Sign::RBrace => break,
                    None if s.closes() => closed += 1,
                    None => {}
                }
            }
        }
        out
    }

    fn triple_quote(&mut self, span: Span) {
        let rest = self.raw.remainder();
        let n = rest.find("\"\"\"").map_or(rest.len(), |i| i + 3);
        let lines = rest[..n].matches('\n').count() as u32;
        let span = self.bump(n, span);
        self.out.diagnostics.push(
            Diagnostic::new(Code::ForeignSyntax, span, "there are no triple-quoted texts")
                .label("a comment starts with `#`, documentation with `##`")
                .help("write a comment")
                .fix(
                    Applicability::Safe,
                    "write a comment",
                    span,
                    comment_of(span.text(self.text)),
                ),
        );
        self.line += lines;
        if let Some(i) = span.text(self.text).rfind('\n') {
            self.line_start = span.start as usize + i + 1;
        }
    }

    /// `/* … */`: a comment where it ends its line, else nothing.
    fn block_comment(&mut self, span: Span) {
        let rest = self.raw.remainder();
        let n = rest.find("*/").map_or(rest.len(), |i| i + 2);
        let after = rest[n..].split('\n').next().unwrap_or("");
        let lines = rest[..n].matches('\n').count() as u32;
        let span = self.bump(n, span);
        let text = span.text(self.text);
        let alone = after.trim().is_empty();
        let body = text.trim_start_matches("/*").trim_end_matches("*/");
        let comment: Vec<String> = body
            .lines()
            .map(|l| l.trim().trim_start_matches('*').trim())
            .filter(|l| !l.is_empty())
            .map(|l| format!("# {l}"))
            .collect();
        self.out.diagnostics.push(
            Diagnostic::new(Code::ForeignSyntax, span, "`/* … */` is no comment")
                .label("a comment starts with `#`")
                .help(if alone { "write `#`" } else { "leave it out, or write `#` at the end" })
                .fix(
                    Applicability::Safe,
                    if alone { "write `#`" } else { "leave it out" },
                    span,
                    if alone { comment.join("\n") } else { String::new() },
                ),
        );
        self.line += lines;
        if let Some(i) = text.rfind('\n') {
            self.line_start = span.start as usize + i + 1;
        }
    }

    fn backtick_text(&mut self, text: &'s str, span: Span) {
        let body = &text[1..text.len() - 1];
        let holes = body.contains("${");
        let d = Diagnostic::new(Code::ForeignSyntax, span, "text is written in double quotes")
            .label(if holes { "text is not assembled from values" } else { "backticks" });
        let d = if holes {
            d.help("answer the value itself; the answer is put into words for you")
        } else {
            d.help("write `\"` on both sides").fix(
                Applicability::Safe,
                "use double quotes",
                span,
                quote(body),
            )
        };
        self.out.diagnostics.push(d);
        self.push(
            if holes { Token::Broken } else { Token::Text(Text { body, escapes: false }) },
            span,
        );
    }

    fn single_text(&mut self, text: &'s str, span: Span) {
        let body = &text[1..text.len() - 1];
        self.escapes(body, span.start + 1);
        let text = Text { body, escapes: true };
        self.out.diagnostics.push(
            Diagnostic::new(Code::ForeignSyntax, span, "text is written in double quotes")
                .label("single quotes")
                .help("write `\"` on both sides")
                .fix(Applicability::Safe, "use double quotes", span, quote(&text.value())),
        );
        self.push(Token::Text(text), span);
    }

    fn prefixed_text(&mut self, text: &'s str, span: Span) {
        let prefix = &text[..1];
        let body = &text[2..text.len() - 1];
        let holes = prefix.eq_ignore_ascii_case("f") && body.contains('{');
        self.escapes(body, span.start + 2);
        let text = Text { body, escapes: true };
        let d = Diagnostic::new(
            Code::ForeignSyntax,
            span,
            format!("a text literal has no prefix `{prefix}`"),
        )
        .label(if holes {
            "text is not assembled from values"
        } else {
            "the prefix has no meaning"
        });
        let d = if holes {
            d.help("answer the value itself; the answer is put into words for you")
        } else {
            d.help("leave the prefix out").fix(
                Applicability::Safe,
                "leave the prefix out",
                span,
                quote(&text.value()),
            )
        };
        self.out.diagnostics.push(d);
        self.push(if holes { Token::Broken } else { Token::Text(text) }, span);
    }

    fn smart_text(&mut self, text: &'s str, span: Span) {
        let mut chars = text.chars();
        chars.next();
        chars.next_back();
        let body = chars.as_str();
        self.out.diagnostics.push(
            Diagnostic::new(Code::InvalidCharacter, span, "typographic quotes do not delimit text")
                .label("curly quotes")
                .help("write `\"` on both sides")
                .fix(Applicability::Safe, "use plain quotes", span, quote(body)),
        );
        self.push(Token::Text(Text { body, escapes: false }), span);
    }
}

/// A triple-quoted text as comment lines.
fn comment_of(text: &str) -> String {
    let body = text.trim_matches('"').trim();
    let lines: Vec<String> = body.lines().map(|l| format!("# {}", l.trim())).collect();
    if lines.is_empty() { "#".into() } else { lines.join("\n") }
}

fn digits_at(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// How much of `text` reads as one word glued to a number.
fn unit_tail(text: &str) -> usize {
    text.char_indices()
        .find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '_' | '°' | '²' | '³')))
        .map_or(text.len(), |(i, _)| i)
}

/// `1.5e3` written out, when that is exact and short.
fn plain_exponent(text: &str) -> Option<String> {
    let value: f64 = text.parse().ok()?;
    let plain = format!("{value}");
    (value.is_finite() && plain.len() <= 24).then_some(plain)
}

fn radix_value(lower: &str) -> Option<String> {
    let radix = match lower.as_bytes().first()? {
        b'x' => 16,
        b'o' => 8,
        _ => 2,
    };
    i64::from_str_radix(&lower[1..], radix).ok().map(|v| v.to_string())
}

/// Area or volume for a word that says one: `ft2`, `in3`, `sqft`, `cubic_feet`.
fn power_of_length(word: &str) -> Option<Dim> {
    let lower = word.to_lowercase().replace('_', "");
    let length = |w: &str| unit_word(w).is_some_and(|u| u.dim == Dim::LENGTH);
    let area = |w: &str| {
        w.strip_suffix(['2', '²'])
            .or(w.strip_prefix("square"))
            .or(w.strip_prefix("sq"))
            .is_some_and(length)
    };
    let volume = |w: &str| {
        w.strip_suffix(['3', '³'])
            .or(w.strip_prefix("cubic"))
            .or(w.strip_prefix("cu"))
            .is_some_and(length)
    };
    match lower.as_str() {
        w if area(w) => Some(Dim::AREA),
        w if volume(w) => Some(Dim::VOLUME),
        _ => None,
    }
}

/// The report of a word that is not a unit, and the unit it certainly means, if any.
fn unknown_unit(word: &str, at: Span, whole: Span) -> (Diagnostic, Option<&'static Unit>) {
    let shown: String = word.chars().take(24).collect();
    let meant = unit_word(word);
    // `ft2`: of what is meant there may be other units, and `ft` is not one of them.
    let near = match power_of_length(word) {
        Some(dim) => UNITS.iter().filter(|u| u.dim == dim).map(|u| u.name).collect(),
        None => similar::candidates(word, UNITS.iter().map(|u| u.name)),
    };
    let all: Vec<&str> = UNITS.iter().map(|u| u.name).collect();
    let mut d = Diagnostic::new(Code::UnknownUnit, whole, format!("`{shown}` is not a unit"))
        .label("a unit is needed here")
        .fact("found", shown.as_str());
    if let Some(unit) = meant {
        d = d.fact("candidates", vec![unit.name]).help(format!("write `{}`", unit.name)).fix(
            Applicability::Safe,
            format!("write `{}`", unit.name),
            at,
            unit.name,
        );
    } else if near.is_empty() {
        d = d.help(format!("the units are {}", all.join(" ")));
    } else {
        d = d.help(format!("did you mean `{}`?", near.join("`, `")));
        for unit in &near {
            d = d.suggest(Suggestion {
                title: format!("write `{unit}`"),
                edits: vec![Edit { span: at, insert: (*unit).to_owned() }],
                applicability: Applicability::Unsafe,
            });
        }
        d = d.fact("candidates", near);
    }
    (d, meant)
}

/// Whether a word at `i` is a name whatever follows: a member, or the view after `Local in`.
fn always_name(tokens: &[Tok<'_>], i: usize) -> bool {
    let before = |n: usize| i.checked_sub(n).map(|p| &tokens[p].token);
    let framed = matches!(before(2), Some(Token::Name("Local" | "Point" | "Vector")));
    before(1).is_some_and(|t| t.is(Sign::Dot))
        || (i >= 3 && framed && before(1).is_some_and(|t| t.is_word(Word::In)))
}

/// Words that are words only in some places: `test` before a text, and any word as a member, as the name
/// of an argument (`else=`) or of a parameter (`in:`).
fn contextual(tokens: &mut [Tok<'_>]) {
    for i in 0..tokens.len() {
        let next = || tokens.get(i + 1).map(|t| &t.token);
        match &tokens[i].token {
            Token::Name("test")
                if matches!(next(), Some(Token::Text(_)))
                    && (i == 0 || tokens[i - 1].line != tokens[i].line) =>
            {
                tokens[i].token = Token::Word(Word::Test);
            }
            Token::Word(w) => {
                let prev = i.checked_sub(1).map(|p| &tokens[p].token);
                let in_list = prev.is_some_and(|t| t.is(Sign::LParen) || t.is(Sign::Comma));
                let named = next().is_some_and(|t| t.is(Sign::Assign) || t.is(Sign::Colon));
                if (in_list && named) || always_name(tokens, i) {
                    tokens[i].token = Token::Name(w.text());
                }
            }
            _ => {}
        }
    }
}
