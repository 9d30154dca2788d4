//! Forms inside expressions: conditions after their values, remainders and powers.

use reasmory_diag::Applicability;
use reasmory_span::Span;

use super::{MAX_REACH, MAX_REWRITES, Pass, foreign};
use crate::token::{Sign, Tok, Token, Word};

impl<'s> Pass<'s> {
    /// `x if c else y`
    pub(super) fn conditionals(&mut self) {
        let mut i = 1;
        while i < self.toks.len() && self.found.diagnostics.len() < MAX_REWRITES {
            let is_infix = self.toks[i].token.is_word(Word::If)
                && self.toks[i - 1].token.ends_expr()
                && !self.toks[i - 1].token.is(Sign::RBrace)
                && self.toks[i - 1].line == self.toks[i].line;
            if !is_infix {
                i += 1;
                continue;
            }
            let Some((start, other, end)) = self.conditional_at(i) else {
                i += 1;
                continue;
            };
            let (then, cond, otherwise) = (
                self.span_text(start, i - 1),
                self.span_text(i + 1, other - 1),
                self.span_text(other + 1, end - 1),
            );
            let whole = self.toks[start].span.to(self.toks[end - 1].span);
            self.report(
                foreign(self.toks[i].span, "a condition stands before its values")
                    .label("`value if condition else value` is another language's")
                    .help("write `if condition { value } else { value }`")
                    .fix(
                        Applicability::Safe,
                        "write `if … { … } else { … }`",
                        whole,
                        format!("if {cond} {{ {then} }} else {{ {otherwise} }}"),
                    ),
            );
            let brace =
                |t: &Tok<'s>, s: Sign| Tok { span: Span::at(t.span.end), ..t.with(Token::Sign(s)) };
            let toks = &self.toks;
            let mut new: Vec<Tok<'s>> = vec![toks[i]];
            new.extend_from_slice(&toks[i + 1..other]);
            new.push(brace(&toks[other - 1], Sign::LBrace));
            new.extend_from_slice(&toks[start..i]);
            new.push(brace(&toks[i - 1], Sign::RBrace));
            new.push(toks[other]);
            new.push(brace(&toks[other], Sign::LBrace));
            new.extend_from_slice(&toks[other + 1..end]);
            new.push(brace(&toks[end - 1], Sign::RBrace));
            // One line, as layout would otherwise see new statements.
            for t in &mut new {
                t.line = toks[i].line;
            }
            self.toks.splice(start..end, new);
            i = start + 1;
        }
    }

    /// For the infix `if` at `i`: where its first value starts, its `else`, and one past its end.
    pub(super) fn conditional_at(&self, i: usize) -> Option<(usize, usize, usize)> {
        let mut start = i;
        let mut depth = 0u32;
        while start > 0 {
            let t = &self.toks[start - 1];
            if i - start > MAX_REACH {
                return None;
            }
            if depth == 0 && t.line != self.toks[i].line {
                break;
            }
            match &t.token {
                Token::Sign(s) if s.closes() => depth += 1,
                Token::Sign(s) if s.closer().is_some() && depth == 0 => break,
                Token::Sign(s) if s.closer().is_some() => depth -= 1,
                Token::Sign(Sign::Comma | Sign::Assign | Sign::FatArrow) if depth == 0 => break,
                // The filter of a comprehension.
                Token::Word(Word::In | Word::For) if depth == 0 => return None,
                Token::Word(
                    Word::Answer | Word::Show | Word::Assert | Word::Return | Word::If | Word::Else,
                )
                | Token::Newline
                    if depth == 0 =>
                {
                    break;
                }
                _ => {}
            }
            start -= 1;
        }
        depth = 0;
        let mut other = None;
        let mut end = i + 1;
        while let Some(t) = self.toks.get(end) {
            if end - i > MAX_REACH {
                return None;
            }
            if depth == 0 && t.line != self.toks[i].line {
                break;
            }
            match &t.token {
                Token::Sign(Sign::LBrace) if depth == 0 => return None,
                Token::Sign(s) if s.closer().is_some() => depth += 1,
                Token::Sign(s) if s.closes() && depth == 0 => break,
                Token::Sign(s) if s.closes() => depth -= 1,
                Token::Sign(Sign::Comma) | Token::Word(Word::For) | Token::Newline
                    if depth == 0 =>
                {
                    break;
                }
                Token::Word(Word::Else) if depth == 0 && other.is_none() => other = Some(end),
                _ => {}
            }
            end += 1;
        }
        let other = other?;
        (start < i && other > i + 1 && end > other + 1).then_some((start, other, end))
    }

    /// `a % b` and `a ** b`.
    pub(super) fn powers_and_remainders(&mut self) {
        let mut i = 1;
        while i + 1 < self.toks.len() && self.found.diagnostics.len() < MAX_REWRITES {
            let glued_percent = matches!(self.toks[i].token, Token::Measure(_, u) if u.name == "%")
                && self.toks[i + 1].token.starts_operand()
                && !self.toks[i + 1].token.is(Sign::LBracket)
                && self.toks[i + 1].line == self.toks[i].line;
            if glued_percent {
                self.split_percent(i);
                i += 1;
            }
            let sign = match self.toks[i].token {
                Token::Foreign(s @ ("%" | "**" | "^")) => s,
                _ => {
                    i += 1;
                    continue;
                }
            };
            let (Some(start), Some(end)) = (self.operand_before(i), self.operand_after(i)) else {
                i += 1;
                continue;
            };
            let (a, b) = (self.span_text(start, i - 1), self.span_text(i + 1, end - 1));
            let whole = self.toks[start].span.to(self.toks[end - 1].span);
            let at = self.toks[i].span;
            let toks = &self.toks;
            let here = |token: Token<'s>| Tok { token, span: at, ..toks[i] };
            let (d, new) = if sign == "%" {
                let d = foreign(at, "there is no `%` operator")
                    .label("a remainder is meant here")
                    .help("write `mod(a, by=b)`")
                    .fix(Applicability::Safe, "write `mod`", whole, format!("mod({a}, by={b})"));
                let mut new = vec![
                    Tok { span: Span::at(whole.start), ..here(Token::Name("mod")) },
                    Tok { span: Span::at(whole.start), ..here(Token::Sign(Sign::LParen)) },
                ];
                new.extend_from_slice(&toks[start..i]);
                new.push(here(Token::Sign(Sign::Comma)));
                new.push(here(Token::Name("by")));
                new.push(here(Token::Sign(Sign::Assign)));
                new.extend_from_slice(&toks[i + 1..end]);
                new.push(Tok { span: Span::at(whole.end), ..here(Token::Sign(Sign::RParen)) });
                (d, new)
            } else {
                let times = match toks[i + 1].token {
                    Token::Int(n @ 2..=3) if end == i + 2 && start + 1 == i => Some(n as usize),
                    _ => None,
                };
                let d = foreign(at, format!("there is no `{sign}` operator"))
                    .label("a power is meant here")
                    .help("multiply, or take `sqrt`");
                match times {
                    Some(n) => {
                        let product = vec![a; n].join(" * ");
                        let mut new = vec![toks[start]];
                        for _ in 1..n {
                            new.push(here(Token::Sign(Sign::Star)));
                            new.push(toks[start]);
                        }
                        (
                            d.fix(
                                Applicability::Safe,
                                format!("write `{product}`"),
                                whole,
                                product,
                            ),
                            new,
                        )
                    }
                    None => (d, vec![Tok { token: Token::Broken, span: whole, ..toks[start] }]),
                }
            };
            let n = new.len();
            self.report(d);
            self.toks.splice(start..end, new);
            i = start + n;
        }
    }

    /// `7%2` was lexed as the percentage `7%` and `2`.
    pub(super) fn split_percent(&mut self, i: usize) {
        let t = self.toks[i];
        let Token::Measure(value, _) = t.token else { return };
        let number = Span::new(t.span.start, t.span.end - 1);
        let token = match number.text(self.text).parse::<i64>() {
            Ok(n) => Token::Int(n),
            Err(_) => Token::Number(value),
        };
        let sign =
            Tok { token: Token::Foreign("%"), span: Span::new(t.span.end - 1, t.span.end), ..t };
        self.toks[i] = Tok { token, span: number, ..t };
        self.toks.insert(i + 1, sign);
    }

    /// Where the postfix expression that ends before `i` starts.
    pub(super) fn operand_before(&self, i: usize) -> Option<usize> {
        let mut j = i;
        loop {
            let t = &self.toks[j.checked_sub(1)?].token;
            if let Token::Sign(s) = t {
                if !matches!(s, Sign::RParen | Sign::RBracket) {
                    return None;
                }
                let mut depth = 0u32;
                loop {
                    j = j.checked_sub(1)?;
                    match self.toks[j].token {
                        Token::Sign(s) if s.closes() => depth += 1,
                        Token::Sign(s) if s.closer().is_some() => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                }
                let called = j > 0 && self.toks[j - 1].token.ends_expr();
                if called {
                    continue;
                }
            } else if t.ends_expr() {
                j -= 1;
            } else {
                return None;
            }
            if j > 0 && self.toks[j - 1].token.is(Sign::Dot) {
                j -= 1;
                continue;
            }
            return Some(j);
        }
    }

    /// One past the postfix expression that starts after `i`.
    pub(super) fn operand_after(&self, i: usize) -> Option<usize> {
        let mut j = i + 1;
        if !self.toks.get(j)?.token.starts_operand() {
            return None;
        }
        if self.toks[j].token.is(Sign::LParen) || self.toks[j].token.is(Sign::LBracket) {
            j = self.partner(j)?;
        }
        j += 1;
        while let Some(t) = self.toks.get(j) {
            if t.token.is(Sign::LParen) || t.token.is(Sign::LBracket) {
                j = self.partner(j)? + 1;
            } else if t.token.is(Sign::Dot)
                && self.toks.get(j + 1).is_some_and(|n| n.token.ends_expr())
            {
                j += 2;
            } else {
                break;
            }
        }
        Some(j)
    }
}
