//! Lambdas of other languages: `lambda c: …`, `c -> …`, `(c) => …`, `|c| …`.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_span::Span;

use super::{MAX_REWRITES, Pass, foreign};
use crate::token::{Sign, Tok, Token};

/// The head of a lambda: where it starts, one past its end, its parameters.
struct Head<'s> {
    start: usize,
    end: usize,
    params: Vec<&'s str>,
    /// Index of the token that the finding is at; the whole head without.
    at: Option<usize>,
}

impl<'s> Pass<'s> {
    /// Rewrites every head of a lambda to `name =>`.
    pub(super) fn lambdas(&mut self) {
        let mut i = 0;
        while i < self.toks.len() && self.found.diagnostics.len() < MAX_REWRITES {
            let Some(head) = self.lambda_head(i) else {
                i += 1;
                continue;
            };
            let (start, end) = (head.start, head.end);
            let whole = self.toks[start].span.to(self.toks[end - 1].span);
            let place = head.at.map_or(whole, |k| self.toks[k].span);
            let first = self.toks[start];
            match head.params.as_slice() {
                [name] => {
                    self.report(
                        foreign(place, "a lambda is written `name => value`")
                            .label("from another language")
                            .help(format!("write `{name} => …`"))
                            .fix(
                                Applicability::Safe,
                                format!("write `{name} =>`"),
                                whole,
                                format!("{name} =>"),
                            ),
                    );
                    let param = Tok {
                        token: Token::Name(name),
                        span: self.name_span(name, whole),
                        ..first
                    };
                    let arrow = param.after(Token::Sign(Sign::FatArrow));
                    self.toks.splice(start..end, [param, arrow]);
                }
                _ => {
                    self.report(
                        Diagnostic::new(
                            Code::MisplacedLambda,
                            place,
                            "a lambda takes one plain name",
                        )
                        .label(format!("{} names", head.params.len()))
                        .help("write `name => value`; other values are in reach by their names"),
                    );
                    // The body is read with the first name; what it says of the others is not reported.
                    let end = self.argument_end(end);
                    let span = whole.to(self.toks[end - 1].span);
                    self.toks.splice(start..end, [Tok { token: Token::Broken, span, ..first }]);
                }
            }
            i = start + 1;
        }
    }

    /// The place of a name inside the text of a lambda's head.
    fn name_span(&self, name: &str, whole: Span) -> Span {
        let text = whole.text(self.text);
        let word = |i: usize| {
            let around = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            !around(text[..i].chars().next_back()) && !around(text[i + name.len()..].chars().next())
        };
        // `lambda lambda:` names what it starts with.
        let from = if text.starts_with("lambda") { 6 } else { 0 };
        let found = text[from..].match_indices(name).map(|m| m.0 + from).find(|i| word(*i));
        let start = whole.start + found.unwrap_or(0) as u32;
        Span::new(start, start + name.len() as u32)
    }

    fn lambda_head(&self, i: usize) -> Option<Head<'s>> {
        let token = |k: usize| self.toks.get(k).map(|t| &t.token);
        let name = |k: usize| match token(k) {
            Some(Token::Name(n)) => Some(*n),
            _ => None,
        };
        let sign = |k: usize, s: Sign| token(k).is_some_and(|t| t.is(s));
        // What a lambda can follow: an argument starts here.
        let argument = i
            .checked_sub(1)
            .and_then(token)
            .is_some_and(|t| matches!(t, Token::Sign(Sign::LParen | Sign::Comma | Sign::Assign)));
        // `lambda c, d:`
        if name(i) == Some("lambda") {
            let mut params = vec![name(i + 1)?];
            let mut end = i + 2;
            while sign(end, Sign::Comma) {
                params.push(name(end + 1)?);
                end += 2;
            }
            return sign(end, Sign::Colon).then(|| Head {
                start: i,
                end: end + 1,
                params,
                at: None,
            });
        }
        if !argument {
            return None;
        }
        // `c -> …`
        if let (Some(n), true) = (name(i), sign(i + 1, Sign::Arrow)) {
            return Some(Head { start: i, end: i + 2, params: vec![n], at: Some(i + 1) });
        }
        // `|c| …`, and `(c, d) => …`
        let bar = |k: usize| matches!(token(k), Some(Token::Foreign("|")));
        if !bar(i) && !sign(i, Sign::LParen) {
            return None;
        }
        let mut params = vec![name(i + 1)?];
        let mut end = i + 2;
        while sign(end, Sign::Comma) {
            params.push(name(end + 1)?);
            end += 2;
        }
        if bar(i) {
            return bar(end).then(|| Head { start: i, end: end + 1, params, at: None });
        }
        let arrow = sign(end + 1, Sign::FatArrow) || sign(end + 1, Sign::Arrow);
        (sign(end, Sign::RParen) && arrow).then(|| Head {
            start: i,
            end: end + 2,
            params,
            at: None,
        })
    }

    /// One past the argument that starts at `i`: the `,` or the bracket that ends it.
    fn argument_end(&self, i: usize) -> usize {
        let mut depth = 0u32;
        let mut k = i;
        while let Some(t) = self.toks.get(k) {
            match t.token {
                Token::Sign(s) if s.closer().is_some() => depth += 1,
                Token::Sign(s) if s.closes() && depth == 0 => break,
                Token::Sign(s) if s.closes() => depth -= 1,
                Token::Sign(Sign::Comma) if depth == 0 => break,
                _ => {}
            }
            k += 1;
        }
        k.max(i)
    }
}
