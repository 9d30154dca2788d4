//! Drives the generated parser: over a whole program, and where that fails over one top-level item at a
//! time, to recover.
//!
//! Recovery works on statements: the one that does not parse is reported and replaced by a form that
//! does (`name = <broken>`), and the item is parsed again. So one statement gives one report, names stay
//! bound, and everything around stays intact.

use std::cell::Cell;
use std::collections::BTreeSet;

use lalrpop_util::ParseError;
use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_span::Span;

use crate::ast::{Item, Stmt, StmtKind};
use crate::build::Cx;
use crate::token::{Sign, Tok, Token, Word};
use crate::{expected, layout};

lalrpop_util::lalrpop_mod!(
    #[allow(clippy::all, clippy::pedantic, unused, missing_docs)]
    pub(crate) grammar,
    "/reasmory.rs"
);

/// Broken statements in one item after which the whole item counts as broken.
const MAX_BROKEN: usize = 50;

/// Parses the items of a program.
pub(crate) struct Items<'a, 's> {
    pub cx: &'a mut Cx<'s>,
    /// Lines on which the lexer reported something.
    pub tainted: &'a BTreeSet<u32>,
    pub parser: grammar::WholeParser,
    pub out: Vec<Diagnostic>,
}

/// A token as the generated parser takes it.
fn located(t: Tok<'_>) -> Result<(u32, Tok<'_>, u32), ()> {
    let span = t.span;
    Ok((span.start, t, span.end))
}

/// A parse that stopped.
struct Stop {
    /// Index of the offending token; the number of tokens when they ran out.
    at: usize,
    expected: Vec<String>,
}

impl<'s> Items<'_, 's> {
    /// Parses the items of a program.
    pub fn program(&mut self, items: &layout::Items<'s>) -> Vec<Item> {
        if let Some(whole) = self.whole(&items.tokens) {
            return whole;
        }
        let mut items = items.iter().peekable();
        let mut out = Vec::new();
        while let Some(toks) = items.next() {
            out.push(self.item(toks.to_vec(), items.peek().is_none()));
        }
        out
    }

    /// All items in one go, if every one parses.
    fn whole(&mut self, tokens: &[Tok<'s>]) -> Option<Vec<Item>> {
        self.cx.reset();
        let parsed = self.parser.parse(self.cx, tokens.iter().copied().map(located)).ok()?;
        self.out.append(&mut self.cx.found);
        Some(parsed)
    }

    /// Parses one item; `last` says that nothing follows it.
    fn item(&mut self, mut toks: Vec<Tok<'s>>, last: bool) -> Item {
        let whole = match (toks.first(), toks.last()) {
            (Some(a), Some(b)) => a.span.to(b.span),
            _ => Span::default(),
        };
        for _ in 0..MAX_BROKEN {
            match self.attempt(&toks) {
                Ok(item) => {
                    self.out.append(&mut self.cx.found);
                    return item;
                }
                Err(stop) => {
                    if let Some(fixed) = self.comma(&toks, &stop) {
                        toks = fixed;
                        continue;
                    }
                    self.report(&toks, &stop, last);
                    toks = broken_at(toks, stop.at);
                }
            }
        }
        self.cx.reset();
        Item::Stmt(Stmt { kind: StmtKind::Error, span: whole })
    }

    fn attempt(&mut self, toks: &[Tok<'s>]) -> Result<Item, Stop> {
        self.cx.reset();
        let seen = Cell::new(0usize);
        let stream = toks.iter().map(|t| {
            seen.set(seen.get() + 1);
            located(*t)
        });
        let parsed = self.parser.parse(self.cx, stream);
        let (at, expected) = match parsed {
            Ok(mut items) => match items.pop() {
                Some(item) => return Ok(item),
                None => (0, Vec::new()),
            },
            Err(ParseError::UnrecognizedToken { expected, .. }) => {
                (seen.get().saturating_sub(1), expected)
            }
            Err(ParseError::UnrecognizedEof { expected, .. }) => (toks.len(), expected),
            Err(
                ParseError::ExtraToken { .. }
                | ParseError::InvalidToken { .. }
                | ParseError::User { .. },
            ) => (seen.get().saturating_sub(1), Vec::new()),
        };
        Err(self.stop(toks, at, expected))
    }

    /// The parser would take another item, where this is all there is of one.
    fn stop(&self, toks: &[Tok<'s>], at: usize, mut expected: Vec<String>) -> Stop {
        if braces_around(toks, at).is_empty() {
            expected.retain(|e| e != "\"newline\"");
        }
        Stop { at, expected }
    }

    /// Puts a missing `,` in where the parse then gets past the place.
    fn comma(&mut self, toks: &[Tok<'s>], stop: &Stop) -> Option<Vec<Tok<'s>>> {
        let (prev, found) = (toks.get(stop.at.checked_sub(1)?)?, toks.get(stop.at)?);
        let word = matches!(found.token, Token::Name(_) | Token::Text(_) | Token::Measure(..));
        if !stop.expected.iter().any(|e| e == "\",\"") || !prev.token.ends_expr() {
            return None;
        }
        if !(word || found.token.starts_operand()) || self.tainted.contains(&found.line) {
            return None;
        }
        let mut fixed = toks.to_vec();
        fixed.insert(stop.at, prev.after(Token::Sign(Sign::Comma)));
        let passes = match self.attempt(&fixed) {
            Ok(_) => true,
            Err(next) => next.at >= stop.at + 2,
        };
        self.cx.reset();
        if !passes {
            return None;
        }
        let at = Span::at(prev.span.end);
        self.out.push(
            Diagnostic::new(
                Code::UnexpectedToken,
                found.span,
                format!("`,` is missing before {}", found.token.describe()),
            )
            .label("another member starts here")
            .help("separate members with `,`")
            .fix(Applicability::Safe, "add `,`", at, ","),
        );
        Some(fixed)
    }

    fn report(&mut self, toks: &[Tok<'s>], stop: &Stop, last: bool) {
        let near = toks.get(stop.at).or(toks.last());
        if near.is_some_and(|t| self.tainted.contains(&t.line) || t.token == Token::Broken) {
            return;
        }
        self.out.push(explain(toks, stop, last));
    }
}

fn explain(toks: &[Tok<'_>], stop: &Stop, last: bool) -> Diagnostic {
    let prev = stop.at.checked_sub(1).and_then(|i| toks.get(i));
    let mut wanted = expected::describe(&stop.expected);
    if wanted == ["an operator"] {
        wanted.push("the end of the line".into());
    }
    let ends = toks.get(stop.at).is_none_or(|t| t.token == Token::Newline);
    if ends {
        let at = Span::at(prev.map_or(0, |p| p.span.end));
        let (code, place) = if last && stop.at >= toks.len() {
            (Code::UnexpectedEnd, "the program")
        } else {
            (Code::UnexpectedToken, "the line")
        };
        let after = prev.map_or(String::new(), |p| format!(" after {}", p.token.describe()));
        return Diagnostic::new(code, at, format!("{place} ends too early{after}"))
            .label(format!("{} is needed here", expected::join(&wanted)))
            .help(format!("add {}", expected::join(&wanted)))
            .fact("expected", wanted);
    }
    let found = &toks[stop.at];
    let next = toks.get(stop.at + 1).map(|t| &t.token);
    let d = |code, message: String| {
        Diagnostic::new(code, found.span, message).fact("found", found.token.describe())
    };
    let unexpected = |message: &str| d(Code::UnexpectedToken, message.to_owned());
    match (&found.token, prev.map(|p| &p.token)) {
        (Token::Word(w), p)
            if next.is_some_and(|n| n.is(Sign::Assign))
                && p.is_none_or(|p| matches!(p, Token::Newline) || p.is(Sign::LBrace)) =>
        {
            d(Code::UnexpectedToken, format!("`{}` is a reserved word", w.text()))
                .label("cannot be bound")
                .help(format!("choose another name, as in `{}_`", w.text()))
        }
        (Token::Sign(Sign::Assign), Some(Token::Word(w))) => {
            let word = prev.map_or(found.span, |p| p.span);
            Diagnostic::new(
                Code::UnexpectedToken,
                word,
                format!("`{}` is a reserved word", w.text()),
            )
            .label("cannot be bound")
            .help(format!("choose another name, as in `{}_`", w.text()))
        }
        (Token::Sign(Sign::Assign), _) if in_value_brace(toks, stop.at) => {
            unexpected("an `if` expression holds one expression in each brace")
                .label("a statement stands here")
                .help("bind names before the `if`")
        }
        (Token::Newline, _) | (Token::Sign(Sign::Comma), _) if in_value_brace(toks, stop.at) => {
            unexpected("an `if` expression holds one expression in each brace")
                .label("more than one")
                .help("bind names before the `if`")
        }
        (Token::Sign(Sign::Assign), _) => unexpected("only a plain name can be bound")
            .label("no plain name stands before it")
            .help("write `name = value`"),
        (Token::Sign(Sign::FatArrow), _) => {
            d(Code::MisplacedLambda, "a lambda takes one plain name".to_owned())
                .label("no plain name stands before it")
                .help("write `name => value` as an argument")
        }
        (Token::Sign(Sign::LBrace), Some(p)) if !p.ends_expr() => {
            unexpected("`{` starts a block, not a value")
                .label("a value is needed here")
                .help("lists are written `[a, b]`; there are no other literals of several values")
        }
        (Token::Word(Word::If), Some(p))
            if !p.ends_expr() && wanted.iter().any(|w| w == "an expression") =>
        {
            unexpected("an `if` expression is not an operand")
                .label("it is a whole value")
                .help("put it in parentheses, or bind it to a name")
        }
        (Token::Word(w), _)
            if matches!(wanted.first().map(String::as_str), Some("a name"))
                && !wanted.iter().any(|x| x == "an expression") =>
        {
            d(Code::UnexpectedToken, format!("`{}` is a reserved word", w.text()))
                .label("a name is needed here")
                .help(format!("choose another name, as in `{}_`", w.text()))
        }
        (Token::Word(Word::In), Some(p)) if p.ends_expr() => {
            unexpected("`in` stands only between the name and the list of a `for`")
                .label("no operator")
                .help("ask whether a list has a member: `xs.contains(x)`")
        }
        (Token::Name(n), Some(p)) if *n == "is" && p.ends_expr() => {
            unexpected("there is no operator `is`")
                .label("from another language")
                .help("compare with `==`, or with `!=`")
        }
        (Token::Sign(Sign::Colon), Some(p)) if p.ends_expr() && in_index(toks, stop.at) => {
            unexpected("an index reads one member; there are no slices")
                .label("a slice of another language")
                .help("for several members write `[xs[i] for i in 1..3]`")
        }
        (
            Token::Sign(Sign::Lt | Sign::Le | Sign::Gt | Sign::Ge | Sign::EqEq | Sign::NotEq),
            Some(Token::Word(Word::And | Word::Or)),
        ) => unexpected("a comparison needs both its sides")
            .label("the left side is missing")
            .help("write it again: `1m < d and d < 2m`"),
        (Token::Foreign(s), _) => d(Code::ForeignSyntax, format!("there is no `{s}`"))
            .label("from another language")
            .help(format!("write {}", expected::join(&wanted))),
        _ => d(Code::UnexpectedToken, format!("{} cannot stand here", found.token.describe()))
            .label(format!("expected {}", expected::join(&wanted)))
            .help(format!("write {} here", expected::join(&wanted)))
            .fact("expected", wanted),
    }
}

/// Whether the innermost bracket open at `at` is a `[` after a value.
fn in_index(toks: &[Tok<'_>], at: usize) -> bool {
    let mut depth = 0u32;
    for (k, t) in toks[..at].iter().enumerate().rev() {
        match t.token {
            Token::Sign(s) if s.closes() => depth += 1,
            Token::Sign(s) if s.closer().is_some() => {
                if depth == 0 {
                    return s == Sign::LBracket
                        && k.checked_sub(1).is_some_and(|p| toks[p].token.ends_expr());
                }
                depth -= 1;
            }
            _ => {}
        }
    }
    false
}

/// Whether the innermost brace around `at` belongs to an `if` that is part of a value.
fn in_value_brace(toks: &[Tok<'_>], at: usize) -> bool {
    let Some(open) = braces_around(toks, at).last().copied() else { return false };
    // The statement that holds the brace: an `if` that starts it is the statement form.
    let mut depth = 0u32;
    for (k, t) in toks[..open].iter().enumerate().rev() {
        match t.token {
            Token::Sign(s) if s.closes() => depth += 1,
            Token::Sign(Sign::LBrace) | Token::Newline if depth == 0 => {
                return !toks.get(k + 1).is_some_and(|t| heads_block(&t.token));
            }
            Token::Sign(s) if s.closer().is_some() => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    !toks.first().is_some_and(|t| heads_block(&t.token))
}

fn heads_block(t: &Token<'_>) -> bool {
    matches!(t, Token::Word(Word::If | Word::For | Word::Fn | Word::Test))
}

/// Indices of the `{` that are open at `at`, outermost first.
fn braces_around(toks: &[Tok<'_>], at: usize) -> Vec<usize> {
    let mut open = Vec::new();
    for (k, t) in toks.iter().enumerate().take(at) {
        if t.token.is(Sign::LBrace) {
            open.push(k);
        } else if t.token.is(Sign::RBrace) {
            open.pop();
        }
    }
    open
}

/// The tokens with the statement around `at` replaced by a form that parses; each call changes them, so
/// repeating it ends.
fn broken_at<'s>(toks: Vec<Tok<'s>>, at: usize) -> Vec<Tok<'s>> {
    let mut levels: Vec<Option<usize>> = vec![None];
    levels.extend(braces_around(&toks, at).into_iter().map(Some));
    for level in levels.into_iter().rev() {
        let floor = level.map_or(0, |k| k + 1);
        let (start, end) = statement(&toks, floor, at);
        if start >= end {
            continue;
        }
        let form = broken_form(&toks[start..end], at - start);
        if form[..] != toks[start..end] {
            let mut out = toks[..start].to_vec();
            out.extend(form);
            out.extend_from_slice(&toks[end..]);
            return out;
        }
    }
    // Not even a plain form parses; give the item up.
    let span = match (toks.first(), toks.last()) {
        (Some(a), Some(b)) => a.span.to(b.span),
        _ => Span::default(),
    };
    toks.first().map(|t| Tok { token: Token::Broken, span, ..*t }).into_iter().collect()
}

/// The statement around `at` in the block whose first token is at `floor`.
fn statement(toks: &[Tok<'_>], floor: usize, at: usize) -> (usize, usize) {
    let mut start = floor;
    let mut depth = 0i64;
    let mut k = floor;
    while k < toks.len() {
        match toks[k].token {
            Token::Sign(Sign::LBrace) => depth += 1,
            Token::Sign(Sign::RBrace) => {
                depth -= 1;
                if depth < 0 {
                    return (start, k);
                }
            }
            Token::Newline if depth == 0 => {
                if k >= at {
                    return (start, k);
                }
                start = k + 1;
            }
            _ => {}
        }
        k += 1;
    }
    (start, k)
}

/// A form of a statement that keeps what later stages need of it: the name it binds, what kind it is,
/// the blocks it holds.
fn broken_form<'s>(toks: &[Tok<'s>], at: usize) -> Vec<Tok<'s>> {
    let whole = toks[0].span.to(toks[toks.len() - 1].span);
    let all = || vec![Tok { token: Token::Broken, span: whole, ..toks[0] }];
    let rest = |n: usize| {
        let last = &toks[toks.len() - 1];
        let span = toks.get(n).map_or(Span::at(last.span.end), |t| t.span.to(last.span));
        Tok { token: Token::Broken, span, ..toks[n.min(toks.len() - 1)] }
    };
    match (&toks[0].token, toks.get(1).map(|t| &t.token)) {
        (Token::Name(_), Some(t)) if t.is(Sign::Assign) => {
            vec![toks[0], toks[1], rest(2)]
        }
        (Token::Word(Word::Answer | Word::Show | Word::Return | Word::Assert), _) => {
            vec![toks[0], rest(1)]
        }
        (Token::Word(word @ (Word::If | Word::For | Word::Fn)), next) => {
            let Some(brace) = toks.iter().position(|t| t.token.is(Sign::LBrace)) else {
                return all();
            };
            if at > brace || brace < 2 {
                return all();
            }
            let span = toks[1].span.to(toks[brace - 1].span);
            let mut out = vec![toks[0]];
            match (word, next) {
                (Word::If, _) => out.push(Tok { token: Token::Broken, span, ..toks[1] }),
                (Word::For, Some(Token::Name(_))) => {
                    out.push(toks[1]);
                    out.push(toks[1].after(Token::Word(Word::In)));
                    out.push(toks[1].after(Token::Broken));
                }
                (Word::Fn, Some(Token::Name(_))) => {
                    out.push(toks[1]);
                    out.extend(broken_header(&toks[1..brace]));
                }
                _ => return all(),
            }
            out.extend_from_slice(&toks[brace..]);
            out
        }
        _ => all(),
    }
}

/// `(a: <broken>, b: <broken>) -> <broken>` with the parameter names that can be made out.
fn broken_header<'s>(toks: &[Tok<'s>]) -> Vec<Tok<'s>> {
    let last = &toks[toks.len() - 1];
    let mut out = vec![toks[0].after(Token::Sign(Sign::LParen))];
    let mut depth = 0u32;
    for (k, t) in toks.iter().enumerate().skip(1) {
        match &t.token {
            Token::Sign(s) if s.closer().is_some() => depth += 1,
            Token::Sign(s) if s.closes() => depth = depth.saturating_sub(1),
            Token::Name(_)
                if depth == 1
                    && matches!(toks[k - 1].token, Token::Sign(Sign::LParen | Sign::Comma)) =>
            {
                out.push(*t);
                for token in [Token::Sign(Sign::Colon), Token::Broken, Token::Sign(Sign::Comma)] {
                    out.push(t.after(token));
                }
            }
            _ => {}
        }
    }
    for token in [Token::Sign(Sign::RParen), Token::Sign(Sign::Arrow), Token::Broken] {
        out.push(last.after(token));
    }
    out
}
