//! `:` blocks with indentation, and functions that other words start.

use reasmory_diag::{Applicability, Diagnostic, Edit, Suggestion};
use reasmory_span::Span;

use super::table::{ELSE_IF, FUNCTION};
use super::{MAX_REACH, Pass, edit, foreign};
use crate::token::{Sign, Tok, Token, Word};

impl<'s> Pass<'s> {
    pub(super) fn blocks(&mut self) {
        let depths = self.depths();
        let mut out: Vec<Tok<'s>> = Vec::with_capacity(self.toks.len());
        let mut open: Vec<(u32, Diagnostic, Vec<Edit>)> = Vec::new();
        let mut i = 0;
        while i < self.toks.len() {
            let t = self.toks[i];
            let starts = self.starts_line(&depths, i);
            let first_on_line = i == 0 || self.toks[i - 1].line != t.line;
            if starts && first_on_line {
                while open.last().is_some_and(|o| t.col <= o.0) {
                    self.close_block(&mut out, &mut open, true);
                }
            }
            let after_brace = i > 0 && depths[i] == 0 && self.toks[i - 1].token.is(Sign::RBrace);
            let mut edits = Vec::new();
            let mut header = false;
            let mut is_fn = false;
            match &t.token {
                Token::Name(w) if ELSE_IF.contains(w) && (starts || after_brace) => {
                    header = true;
                    edits.push(edit(t.span, "else if"));
                    out.push(t.with(Token::Word(Word::Else)));
                    out.push(t.with(Token::Word(Word::If)));
                }
                Token::Name(w)
                    if starts
                        && FUNCTION.contains(w)
                        && matches!(
                            self.toks.get(i + 1).map(|t| &t.token),
                            Some(Token::Name(_))
                        ) =>
                {
                    header = true;
                    is_fn = true;
                    edits.push(edit(t.span, "fn"));
                    out.push(t.with(Token::Word(Word::Fn)));
                }
                Token::Word(w @ (Word::If | Word::For | Word::Else | Word::Fn | Word::Test))
                    if starts || after_brace =>
                {
                    header = true;
                    is_fn = *w == Word::Fn;
                    out.push(t);
                }
                _ => out.push(t),
            }
            i += 1;
            if !header {
                continue;
            }
            let colon = self.header_colon(&depths, i - 1);
            let Some(colon) = colon else {
                if let (Some(e), false) = (edits.first(), edits.is_empty()) {
                    let right = e.insert.clone();
                    let complete = !is_fn
                        || header_is_typed(&self.toks[i - 1..self.toks.len().min(i + MAX_REACH)]);
                    if !complete {
                        self.found.quiet_headers.insert(t.span.start);
                    }
                    let d = foreign(
                        t.span,
                        format!("`{}` is written `{right}`", t.span.text(self.text)),
                    )
                    .label("from another language")
                    .help(if complete {
                        format!("write `{right}`")
                    } else {
                        "write `fn name(parameter: Type) -> Type { … }`".to_owned()
                    })
                    .suggest(Suggestion {
                        title: format!("write `{right}`"),
                        edits,
                        applicability: if complete {
                            Applicability::Safe
                        } else {
                            Applicability::Manual
                        },
                    });
                    self.report(d);
                }
                continue;
            };
            while i < colon {
                out.push(self.toks[i]);
                i += 1;
            }
            let c = self.toks[colon];
            i += 1;
            let start = out.iter().rposition(|o| o.token.is_word(Word::Fn)).unwrap_or(0);
            let complete = !is_fn || header_is_typed(&out[start..]);
            let mut d = if is_fn && !edits.is_empty() {
                foreign(t.span, format!("`{}` is written `fn`", t.span.text(self.text)))
                    .label("a function of another language")
            } else {
                foreign(c.span, "a block is written in braces").label("`:` starts no block")
            };
            d = if complete {
                d.help("write `{` and close the block with `}`")
            } else {
                self.found.quiet_headers.insert(t.span.start);
                d.help("write `fn name(parameter: Type) -> Type { … }`")
            };
            let spaced = self.text[..c.span.start as usize].ends_with(' ');
            edits.push(edit(c.span, if spaced { "{" } else { " {" }));
            if !complete {
                d = d.fact("incomplete", true);
            }
            out.push(c.with(Token::Sign(Sign::LBrace)));
            open.push((t.col, d, edits));
            // A body on the same line ends with the line.
            if self.toks.get(i).is_some_and(|n| n.line == c.line) {
                let end = self.line_end(&depths, i);
                while i < end {
                    out.push(self.toks[i]);
                    i += 1;
                }
                self.close_block(&mut out, &mut open, false);
            }
        }
        while !open.is_empty() {
            self.close_block(&mut out, &mut open, true);
        }
        self.toks = out;
    }

    pub(super) fn close_block(
        &mut self,
        out: &mut Vec<Tok<'s>>,
        open: &mut Vec<(u32, Diagnostic, Vec<Edit>)>,
        own_line: bool,
    ) {
        let (Some((col, d, mut edits)), Some(last)) = (open.pop(), out.last().cloned()) else {
            return;
        };
        let insert =
            if own_line { format!("\n{}}}", " ".repeat(col as usize)) } else { " }".to_owned() };
        edits.push(edit(Span::at(last.span.end), insert));
        out.push(last.after(Token::Sign(Sign::RBrace)));
        let manual = d.facts.contains_key("incomplete");
        self.report(d.suggest(Suggestion {
            title: "write the block in braces".into(),
            edits,
            applicability: if manual { Applicability::Manual } else { Applicability::Safe },
        }));
    }

    /// The `:` that ends the header at `i`, if the header has no brace.
    pub(super) fn header_colon(&self, depths: &[u32], i: usize) -> Option<usize> {
        let base = depths[i];
        let mut j = i + 1;
        while let Some(t) = self.toks.get(j) {
            if depths[j] < base {
                return None;
            }
            if depths[j] == base {
                if t.token.is(Sign::LBrace) || t.token == Token::Newline {
                    return None;
                }
                if t.token.is(Sign::Colon) {
                    return Some(j);
                }
                if t.line != self.toks[j - 1].line {
                    return None;
                }
            }
            j += 1;
        }
        None
    }
}

/// Whether every parameter of a header has a type and the result is stated.
fn header_is_typed(header: &[Tok<'_>]) -> bool {
    let mut depth = 0u32;
    let mut arrow = false;
    for (k, t) in header.iter().enumerate() {
        match &t.token {
            Token::Sign(Sign::LParen) => depth += 1,
            Token::Sign(Sign::RParen) => depth = depth.saturating_sub(1),
            Token::Sign(Sign::Arrow) => arrow = true,
            Token::Sign(Sign::LBrace) => break,
            Token::Name(_) if depth == 1 => {
                let starts =
                    k > 0 && matches!(header[k - 1].token, Token::Sign(Sign::LParen | Sign::Comma));
                let typed = header.get(k + 1).is_some_and(|n| {
                    !matches!(n.token, Token::Sign(Sign::Comma | Sign::RParen | Sign::Assign))
                });
                if starts && !typed {
                    return false;
                }
            }
            _ => {}
        }
    }
    arrow
}
