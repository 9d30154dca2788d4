//! Operators that are words in other languages: `x in xs`, `x not in xs`, `a is b`; and `c ? a : b`.

use reasmory_diag::Applicability;
use reasmory_span::Span;

use super::table::BETWEEN;
use super::{MAX_REACH, MAX_REWRITES, Pass, foreign};
use crate::token::{Sign, Tok, Token, Word};

impl<'s> Pass<'s> {
    pub(super) fn words_between(&mut self) {
        let mut i = 1;
        while i + 1 < self.toks.len() && self.found.diagnostics.len() < MAX_REWRITES {
            let after_value =
                self.toks[i - 1].token.ends_expr() && self.toks[i - 1].line == self.toks[i].line;
            if after_value
                && !self.in_a_loop_head(i)
                && let Some(row) = BETWEEN.iter().find(|row| self.reads(i, row.0))
            {
                self.word_between(i, row.0.len(), row.1, row.2);
            }
            if after_value && self.toks[i].token.is(Sign::Question) {
                self.ternary(i);
            }
            i += 1;
        }
    }

    /// Whether the words stand at `i`.
    fn reads(&self, i: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(k, w)| match self.toks.get(i + k).map(|t| &t.token) {
            Some(Token::Name(n)) => n == w,
            Some(Token::Word(word)) => word.text() == *w,
            _ => false,
        })
    }

    /// Whether the `in` at `i` is that of `for name in`, or the frame of a type (`Local in v`).
    fn in_a_loop_head(&self, i: usize) -> bool {
        // `for a, b in` has several names.
        let mut k = i;
        while k > 0 && matches!(self.toks[k - 1].token, Token::Name(_) | Token::Sign(Sign::Comma)) {
            k -= 1;
        }
        k.checked_sub(1).is_some_and(|k| self.toks[k].token.is_word(Word::For))
            || matches!(self.toks[i - 1].token, Token::Name(n) if n.starts_with(char::is_uppercase))
    }

    fn word_between(&mut self, i: usize, words: usize, to: &'static str, turned: bool) {
        let at = self.toks[i].span.to(self.toks[i + words - 1].span);
        let found = at.text(self.text).to_owned();
        if to != "contains" {
            // `x is None`: that there is no `None` was said.
            if self.toks.get(i + words).is_none_or(|t| t.token != Token::Broken) {
                self.report(
                    foreign(at, format!("`{found}` is written `{to}`"))
                        .label("from another language")
                        .help(format!("write `{to}`"))
                        .fix(Applicability::Safe, format!("write `{to}`"), at, to),
                );
            }
            let sign = if to == "==" { Sign::EqEq } else { Sign::NotEq };
            let t = Tok { token: Token::Sign(sign), span: at, ..self.toks[i] };
            self.toks.splice(i..i + words, [t]);
            return;
        }
        let (Some(start), Some(end)) = (self.operand_before(i), self.operand_after(i + words - 1))
        else {
            return;
        };
        let (x, xs) = (self.span_text(start, i - 1), self.span_text(i + words, end - 1));
        let whole = self.toks[start].span.to(self.toks[end - 1].span);
        let text = format!("{}{xs}.contains({x})", if turned { "not " } else { "" });
        self.report(
            foreign(at, format!("there is no operator `{found}`"))
                .label("from another language")
                .help("ask whether a list has a member: `xs.contains(x)`")
                .fix(Applicability::Safe, "write `contains`", whole, text),
        );
        let here = |token: Token<'s>, at: u32| Tok { token, span: Span::at(at), ..self.toks[i] };
        let mut new = Vec::new();
        if turned {
            new.push(here(Token::Word(Word::Not), whole.start));
        }
        new.extend_from_slice(&self.toks[i + words..end]);
        new.push(here(Token::Sign(Sign::Dot), whole.end));
        new.push(here(Token::Name("contains"), whole.end));
        new.push(here(Token::Sign(Sign::LParen), whole.end));
        new.extend_from_slice(&self.toks[start..i]);
        new.push(here(Token::Sign(Sign::RParen), whole.end));
        for t in &mut new {
            t.line = self.toks[i].line;
        }
        self.toks.splice(start..end, new);
    }

    /// `c ? a : b`
    fn ternary(&mut self, i: usize) {
        let mut start = i;
        let mut depth = 0u32;
        while start > 0 && i - start < MAX_REACH {
            let t = &self.toks[start - 1];
            match &t.token {
                Token::Sign(s) if s.closes() => depth += 1,
                Token::Sign(s) if s.closer().is_some() && depth == 0 => break,
                Token::Sign(s) if s.closer().is_some() => depth -= 1,
                Token::Sign(Sign::Comma | Sign::Assign | Sign::FatArrow) | Token::Newline
                    if depth == 0 =>
                {
                    break;
                }
                Token::Word(Word::Answer | Word::Show | Word::Assert | Word::Return)
                    if depth == 0 =>
                {
                    break;
                }
                _ if depth == 0 && t.line != self.toks[i].line => break,
                _ => {}
            }
            start -= 1;
        }
        depth = 0;
        let mut colon = None;
        let mut end = i + 1;
        while let Some(t) = self.toks.get(end) {
            if depth == 0 && t.line != self.toks[i].line || end - i > MAX_REACH {
                break;
            }
            match &t.token {
                Token::Sign(s) if s.closer().is_some() => depth += 1,
                Token::Sign(s) if s.closes() && depth == 0 => break,
                Token::Sign(s) if s.closes() => depth -= 1,
                Token::Sign(Sign::Comma) | Token::Newline if depth == 0 => break,
                Token::Sign(Sign::Colon) if depth == 0 && colon.is_none() => colon = Some(end),
                _ => {}
            }
            end += 1;
        }
        let Some(colon) = colon.filter(|c| *c > i + 1 && *c + 1 < end && start < i) else { return };
        let (c, a, b) = (
            self.span_text(start, i - 1),
            self.span_text(i + 1, colon - 1),
            self.span_text(colon + 1, end - 1),
        );
        let whole = self.toks[start].span.to(self.toks[end - 1].span);
        self.report(
            foreign(self.toks[i].span, "a condition is not written with `?`")
                .label("`condition ? value : value` is another language's")
                .help("write `if condition { value } else { value }`")
                .fix(
                    Applicability::Safe,
                    "write `if … { … } else { … }`",
                    whole,
                    format!("if {c} {{ {a} }} else {{ {b} }}"),
                ),
        );
        let toks = &self.toks;
        let line = toks[i].line;
        let here = |token: Token<'s>, at: u32| Tok { token, span: Span::at(at), ..toks[i] };
        let mut new = vec![here(Token::Word(Word::If), whole.start)];
        new.extend_from_slice(&toks[start..i]);
        new.push(here(Token::Sign(Sign::LBrace), toks[i].span.start));
        new.extend_from_slice(&toks[i + 1..colon]);
        new.push(here(Token::Sign(Sign::RBrace), toks[colon].span.start));
        new.push(here(Token::Word(Word::Else), toks[colon].span.start));
        new.push(here(Token::Sign(Sign::LBrace), toks[colon].span.start));
        new.extend_from_slice(&toks[colon + 1..end]);
        new.push(here(Token::Sign(Sign::RBrace), whole.end));
        for t in &mut new {
            t.line = line;
        }
        self.toks.splice(start..end, new);
    }
}
