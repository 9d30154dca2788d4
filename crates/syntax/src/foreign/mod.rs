//! Forms of other languages, found in the token stream before the parser sees it.
//!
//! Each gives one diagnostic, and the stream is rewritten to what was meant, so that nothing cascades.
//! What has one spelling and one meaning is a row of a [`table`]; what needs context is a pass of its own.
//! None of this is grammar: a decoding grammar must never learn these forms.

mod blocks;
mod calls;
mod expressions;
mod fences;
mod lambdas;
mod operators;
mod plain;
mod statements;
mod table;
mod words;

use std::collections::BTreeSet;

use reasmory_diag::{Code, Diagnostic, Edit};
use reasmory_span::Span;

use crate::token::{Sign, Tok, Token, Word};

pub(crate) use fences::fences;
pub(crate) use table::{ELSE_IF, FUNCTION, MUTATORS, STATEMENTS, VALUES};

/// Words that may be read as forms of other languages where a name stands. A grammar that makes names leaves
/// them out.
pub fn foreign_names() -> Vec<&'static str> {
    let values = VALUES.iter().map(|r| r.0);
    let statements = STATEMENTS.iter().map(|r| r.0);
    let lists = [table::DECLARE, FUNCTION, ELSE_IF];
    let mut out: Vec<&str> =
        values.chain(statements).chain(lists.into_iter().flatten().copied()).collect();
    out.extend(["lambda", "print", "range", "is"]);
    out.sort_unstable();
    out.dedup();
    out
}

/// Methods that are read as changes of a list.
pub fn foreign_methods() -> &'static [&'static str] {
    MUTATORS
}

/// Rewrites after which the passes that move tokens stop: each moves the rest of the program.
const MAX_REWRITES: usize = 200;

/// Tokens that a search for the parts of one form looks at.
const MAX_REACH: usize = 512;

/// What the pass found besides rewriting.
#[derive(Default)]
pub(crate) struct Found {
    pub diagnostics: Vec<Diagnostic>,
    /// Positions of `fn` whose header is incomplete and already reported.
    pub quiet_headers: BTreeSet<u32>,
}

/// Rewrites foreign forms in `tokens`.
pub(crate) fn rewrite<'s>(text: &'s str, tokens: Vec<Tok<'s>>) -> (Vec<Tok<'s>>, Found) {
    let plain = plain::is_plain(&tokens);
    if plain && !cfg!(debug_assertions) {
        return (tokens, Found::default());
    }
    let before = plain.then(|| tokens.clone());
    let mut p = Pass { text, toks: tokens, found: Found::default() };
    p.lambdas();
    p.calls();
    p.signs_and_words();
    p.spaced_units();
    p.words_between();
    p.statements();
    p.blocks();
    p.returns();
    p.conditionals();
    p.powers_and_remainders();
    if let Some(before) = before {
        let found = &p.found;
        assert!(
            found.diagnostics.is_empty() && found.quiet_headers.is_empty(),
            "not plain: {text}"
        );
        assert_eq!(p.toks, before, "not plain: {text}");
    }
    (p.toks, p.found)
}

struct Pass<'s> {
    text: &'s str,
    toks: Vec<Tok<'s>>,
    found: Found,
}

fn foreign(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::ForeignSyntax, span, message)
}

fn edit(span: Span, insert: impl Into<String>) -> Edit {
    Edit { span, insert: insert.into() }
}

/// The token a replacement text of a table row stands for.
fn known<'s>(text: &'static str) -> Token<'s> {
    Word::named(text)
        .map(Token::Word)
        .or_else(|| Sign::named(text).map(Token::Sign))
        .unwrap_or(Token::Broken)
}

impl<'s> Pass<'s> {
    fn report(&mut self, d: Diagnostic) {
        self.found.diagnostics.push(d);
    }

    /// Depth in `(` and `[` before each token; `{` starts over.
    fn depths(&self) -> Vec<u32> {
        let mut stack: Vec<u32> = Vec::new();
        let mut depth = 0u32;
        let mut out = Vec::with_capacity(self.toks.len());
        for t in &self.toks {
            out.push(depth);
            match t.token {
                Token::Sign(Sign::LParen | Sign::LBracket) => depth += 1,
                Token::Sign(Sign::RParen | Sign::RBracket) => depth = depth.saturating_sub(1),
                Token::Sign(Sign::LBrace) => stack.push(std::mem::take(&mut depth)),
                Token::Sign(Sign::RBrace) => depth = stack.pop().unwrap_or(0),
                _ => {}
            }
        }
        out
    }

    /// Whether a statement can start at `i`, judging by what stands before it.
    fn starts_line(&self, depths: &[u32], i: usize) -> bool {
        if i == 0 {
            return true;
        }
        let prev = &self.toks[i - 1];
        prev.token.is(Sign::LBrace)
            || prev.token == Token::Newline
            || (depths[i] == 0 && prev.line != self.toks[i].line)
            || (self.toks[i].col == 0 && prev.line != self.toks[i].line)
    }

    /// One past the last token of the logical line that starts at `i`, bracketed lines included.
    fn line_end(&self, depths: &[u32], i: usize) -> usize {
        let base = depths[i];
        let mut j = i + 1;
        let mut braces = 0u32;
        while j < self.toks.len() {
            let t = &self.toks[j];
            if t.token == Token::Newline {
                break;
            }
            if braces == 0 && depths[j] <= base && t.line != self.toks[j - 1].line {
                break;
            }
            match t.token {
                Token::Sign(Sign::LBrace) => braces += 1,
                Token::Sign(Sign::RBrace) if braces == 0 => break,
                Token::Sign(Sign::RBrace) => braces -= 1,
                _ => {}
            }
            j += 1;
        }
        j
    }

    /// The index of the bracket that closes the one at `open`.
    fn partner(&self, open: usize) -> Option<usize> {
        let mut depth = 0u32;
        for (j, t) in self.toks.iter().enumerate().skip(open) {
            if let Token::Sign(s) = t.token {
                if s.closer().is_some() {
                    depth += 1;
                } else if s.closes() {
                    depth -= 1;
                    if depth == 0 {
                        return Some(j);
                    }
                }
            }
        }
        None
    }

    fn span_text(&self, from: usize, to: usize) -> &'s str {
        self.text
            .get(self.toks[from].span.start as usize..self.toks[to].span.end as usize)
            .unwrap_or("")
    }
}
