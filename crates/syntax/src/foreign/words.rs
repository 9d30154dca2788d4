//! Signs and words one to one, lambdas, and units set apart from their number.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_span::Span;

use super::table::{SIGNS, VALUES};
use super::{MAX_REWRITES, Pass, foreign, known};
use crate::lexer::unit_word;
use crate::token::{Sign, Tok, Token, Word};

impl<'s> Pass<'s> {
    pub(super) fn signs_and_words(&mut self) {
        let toks = std::mem::take(&mut self.toks);
        let mut out: Vec<Tok<'s>> = Vec::with_capacity(toks.len());
        let mut braces: Vec<Sign> = Vec::new();
        for (i, t) in toks.iter().enumerate() {
            let next = toks.get(i + 1);
            let row = match &t.token {
                Token::Foreign(s) => SIGNS.iter().find(|r| r.0 == *s),
                // `f(None=…)` and `x.None` are names.
                Token::Name(n) => VALUES.iter().find(|r| r.0 == *n).filter(|_| {
                    !next.is_some_and(|n| n.token.is(Sign::Assign) || n.token.is(Sign::LParen))
                        && !out.last().is_some_and(|p: &Tok<'_>| p.token.is(Sign::Dot))
                }),
                _ => None,
            };
            if let Some((found, replacement, help)) = row {
                let mut d = match replacement {
                    Some(r) => foreign(t.span, format!("`{found}` is written `{r}`")),
                    None => foreign(t.span, format!("there is no `{found}`")),
                }
                .label("from another language")
                .help(*help);
                if let Some(r) = replacement {
                    // `a&&b` needs the spaces that `a and b` has.
                    let word = r.starts_with(|c: char| c.is_ascii_alphabetic());
                    let glued = |at: Option<&Tok<'_>>, end: bool| {
                        at.is_some_and(|o| {
                            if end {
                                o.span.end == t.span.start
                            } else {
                                o.span.start == t.span.end
                            }
                        })
                    };
                    let sign = matches!(t.token, Token::Foreign(_));
                    let before = if word && sign && glued(out.last(), true) { " " } else { "" };
                    let after = if word && sign && glued(next, false) { " " } else { "" };
                    d = d.fix(
                        Applicability::Safe,
                        format!("write `{r}`"),
                        t.span,
                        format!("{before}{r}{after}"),
                    );
                }
                self.report(d);
                out.push(t.with(replacement.map_or(Token::Broken, known)));
                continue;
            }
            match &t.token {
                Token::Sign(s) if s.closer().is_some() => braces.push(*s),
                Token::Sign(s) if s.closes() => {
                    braces.pop();
                }
                Token::Foreign("!") => {
                    self.report(
                        foreign(t.span, "`!` is written `not`")
                            .label("from another language")
                            .help("write `not`")
                            .fix(
                                if compares_later(&toks, i) {
                                    Applicability::Unsafe
                                } else {
                                    Applicability::Safe
                                },
                                "write `not`",
                                t.span,
                                "not ",
                            ),
                    );
                    out.push(t.with(Token::Word(Word::Not)));
                    continue;
                }
                Token::Foreign(";") => {
                    let ends = next.is_none_or(|n| n.line != t.line || n.token.is(Sign::RBrace));
                    let in_list = matches!(braces.last(), Some(Sign::LParen | Sign::LBracket));
                    if in_list {
                        self.report(
                            foreign(t.span, "`;` does not separate list members")
                                .label("a `,` is meant here")
                                .help("write `,`")
                                .fix(Applicability::Safe, "write `,`", t.span, ","),
                        );
                        out.push(t.with(Token::Sign(Sign::Comma)));
                        continue;
                    }
                    self.report(
                        foreign(t.span, "the end of the line ends a statement, not `;`")
                            .label("from another language")
                            .help(if ends { "leave it out" } else { "start a new line" })
                            .fix(
                                Applicability::Safe,
                                if ends { "leave it out" } else { "start a new line" },
                                t.span,
                                if ends { "" } else { "\n" },
                            ),
                    );
                    if !ends {
                        out.push(t.with(Token::Newline));
                    }
                    continue;
                }
                _ => {}
            }
            out.push(*t);
        }
        self.toks = out;
    }

    /// `2 m`: a number and a unit with a space between.
    pub(super) fn spaced_units(&mut self) {
        let mut i = 0;
        while i + 1 < self.toks.len() && self.found.diagnostics.len() < MAX_REWRITES {
            let (a, b) = (&self.toks[i], &self.toks[i + 1]);
            let value = match a.token {
                Token::Int(v) => v as f64,
                Token::Number(v) => v,
                _ => {
                    i += 1;
                    continue;
                }
            };
            let after = self.toks.get(i + 2);
            let word = match b.token {
                Token::Name(n) => Some(n),
                Token::Word(Word::In) => Some("in"),
                Token::Foreign("%") => Some("%"),
                _ => None,
            };
            let goes_on = after.is_some_and(|t| {
                t.line == b.line
                    && (t.token.starts_operand()
                        || t.token.is(Sign::Minus) && b.token == Token::Foreign("%"))
                    && !matches!(b.token, Token::Name(_))
            });
            let binds = after.is_some_and(|t| t.token.is(Sign::Assign));
            let unit = word.filter(|_| a.line == b.line && !goes_on && !binds).and_then(|w| {
                let rest = self.text.get(b.span.start as usize..).unwrap_or("");
                reasmory_types::Unit::longest_prefix(rest)
                    .filter(|u| u.name.starts_with(w))
                    .or_else(|| unit_word(w))
            });
            let Some(unit) = unit else {
                i += 1;
                continue;
            };
            // `m/s` spans three tokens.
            let mut last = i + 1;
            while last + 1 < self.toks.len()
                && self.toks[last].span.end < b.span.start + unit.name.len() as u32
                && unit.name.contains('/')
                && unit_word(b.span.text(self.text)).map(|u| u.name) != Some(unit.name)
            {
                last += 1;
            }
            let whole = a.span.to(self.toks[last].span);
            let d = Diagnostic::new(
                Code::UnknownUnit,
                whole,
                format!("a unit is glued to its number: `{}{}`", a.span.text(self.text), unit.name),
            )
            .label("a space between number and unit")
            .help("leave the space out")
            .fix(
                Applicability::Safe,
                "glue the unit to the number",
                Span::new(a.span.end, self.toks[last].span.end),
                unit.name,
            );
            let merged = Tok { token: Token::Measure(value, unit), span: whole, ..*a };
            self.toks.splice(i..=last, [merged]);
            self.report(d);
            i += 1;
        }
    }
}

/// Whether a comparison follows the operand after `i` on its line: `!a == b` is not `not a == b`.
fn compares_later(toks: &[Tok<'_>], i: usize) -> bool {
    let mut depth = 0u32;
    for t in toks.iter().skip(i + 1).take(64).take_while(|t| t.line == toks[i].line) {
        match &t.token {
            Token::Sign(s) if s.closer().is_some() => depth += 1,
            Token::Sign(s) if s.closes() && depth == 0 => return false,
            Token::Sign(s) if s.closes() => depth -= 1,
            Token::Sign(Sign::EqEq | Sign::NotEq | Sign::Lt | Sign::Le | Sign::Gt | Sign::Ge)
                if depth == 0 =>
            {
                return true;
            }
            Token::Sign(Sign::Comma) | Token::Word(_) | Token::Foreign(_) if depth == 0 => {
                return false;
            }
            _ => {}
        }
    }
    false
}
