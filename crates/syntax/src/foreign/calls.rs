//! Forms inside calls: arguments named with `:`, and `range(…)`.

use reasmory_diag::{Applicability, Edit, Suggestion};
use reasmory_span::Span;

use super::{MAX_REWRITES, Pass, foreign};
use crate::token::{Sign, Tok, Token, Word};

impl<'s> Pass<'s> {
    /// `f(a, to: b)`, `range(n)` and `x?.f`.
    pub(super) fn calls(&mut self) {
        let mut open: Vec<bool> = Vec::new();
        let mut i = 0;
        while i < self.toks.len() && self.found.diagnostics.len() < MAX_REWRITES {
            let prev = i.checked_sub(1).map(|p| self.toks[p].token);
            let next = self.toks.get(i + 1).map(|t| t.token);
            match &self.toks[i].token {
                Token::Sign(Sign::LParen) => {
                    // The parentheses of a header hold parameters, with their types after `:`.
                    let header = i >= 2
                        && (matches!(self.toks[i - 2].token, Token::Word(Word::Fn))
                            || matches!(
                                self.toks[i - 2].token,
                                Token::Name("def" | "func" | "function" | "fun")
                            ));
                    let call = matches!(prev, Some(Token::Name(_)));
                    open.push(call && !header);
                }
                Token::Sign(s) if s.closer().is_some() => open.push(false),
                Token::Sign(s) if s.closes() => {
                    open.pop();
                }
                Token::Sign(Sign::Colon)
                    if open.last() == Some(&true)
                        && i >= 2
                        && matches!(prev, Some(Token::Name(_)))
                        && matches!(
                            self.toks[i - 2].token,
                            Token::Sign(Sign::LParen | Sign::Comma)
                        ) =>
                {
                    self.named_with_colon(i);
                }
                Token::Sign(Sign::Question) if next.as_ref().is_some_and(|n| n.is(Sign::Dot)) => {
                    let at = self.toks[i].span;
                    self.report(
                        foreign(at, "every value exists, so there is no `?.`")
                            .label("from another language")
                            .help("write `.`")
                            .fix(Applicability::Safe, "write `.`", at, ""),
                    );
                    self.toks.remove(i);
                    continue;
                }
                Token::Name("range")
                    if next.as_ref().is_some_and(|n| n.is(Sign::LParen))
                        && !prev.as_ref().is_some_and(|p| p.is(Sign::Dot)) =>
                {
                    self.range(i);
                }
                _ => {}
            }
            i += 1;
        }
    }

    fn named_with_colon(&mut self, i: usize) {
        let at = self.toks[i].span;
        let gap = Span::new(at.start, self.toks.get(i + 1).map_or(at.end, |n| n.span.start));
        self.report(
            foreign(at, "an argument is named with `=`")
                .label("`:` names no argument")
                .help("write `name=value`")
                .fix(Applicability::Safe, "write `=`", gap, "="),
        );
        self.toks[i].token = Token::Sign(Sign::Assign);
    }

    /// `range(n)` and `range(a, b)` of Python: one less than the end.
    fn range(&mut self, i: usize) {
        let Some(close) = self.partner(i + 1) else { return };
        let inside = i + 2..close;
        let mut depth = 0u32;
        let mut commas = Vec::new();
        for k in inside.clone() {
            match self.toks[k].token {
                Token::Sign(s) if s.closer().is_some() => depth += 1,
                Token::Sign(s) if s.closes() => depth = depth.saturating_sub(1),
                Token::Sign(Sign::Comma) if depth == 0 => commas.push(k),
                _ => {}
            }
        }
        let whole = self.toks[i].span.to(self.toks[close].span);
        let (first, last, sure) = match commas.as_slice() {
            // As many members, counted from 1 as everything here.
            [] if !inside.is_empty() => {
                ("1".to_owned(), self.span_text(i + 2, close - 1).to_owned(), false)
            }
            [c] if *c > i + 2 && *c + 1 < close => {
                let first = self.span_text(i + 2, *c - 1).to_owned();
                match self.toks[c + 1].token {
                    Token::Int(n) if *c + 2 == close => (first, (n - 1).to_string(), true),
                    _ => (first, format!("{} - 1", self.span_text(c + 1, close - 1)), true),
                }
            }
            _ => return,
        };
        let bare = self.toks.get(close + 1).is_none_or(|n| !n.token.is(Sign::Dot));
        let text = if bare { format!("{first}..{last}") } else { format!("({first}..{last})") };
        self.report(
            foreign(self.toks[i].span, "numbers from one to another are written `a..b`")
                .label("from another language")
                .help(format!("write `{text}`; both ends are included"))
                .suggest(Suggestion {
                    title: format!("write `{text}`"),
                    edits: vec![Edit { span: whole, insert: text.clone() }],
                    applicability: if sure { Applicability::Safe } else { Applicability::Unsafe },
                }),
        );
        let t = self.toks[i];
        let here = |token: Token<'s>, at: u32| Tok { token, span: Span::at(at), ..t };
        let mut new = vec![here(Token::Sign(Sign::LParen), whole.start)];
        match commas.as_slice() {
            [c] => {
                new.extend_from_slice(&self.toks[i + 2..*c]);
                new.push(here(Token::Sign(Sign::DotDot), self.toks[*c].span.start));
                new.extend_from_slice(&self.toks[c + 1..close]);
                new.push(here(Token::Sign(Sign::Minus), whole.end - 1));
                new.push(here(Token::Int(1), whole.end - 1));
            }
            _ => {
                new.push(here(Token::Int(1), whole.start));
                new.push(here(Token::Sign(Sign::DotDot), whole.start));
                new.extend_from_slice(&self.toks[i + 2..close]);
            }
        }
        new.push(here(Token::Sign(Sign::RParen), whole.end));
        self.toks.splice(i..=close, new);
    }
}
