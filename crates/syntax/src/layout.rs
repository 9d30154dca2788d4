//! Layout: balanced brackets, and the newlines that end statements.
//!
//! A newline counts only outside `()` and `[]`; inside `{` it counts again. It is dropped after an
//! operator, `,`, `=`, `=>` and before `.`, `else`, `and`, `or`. An unclosed bracket ends at a line that
//! starts in column 0 with `answer`, `show`, `fn`, `test` or `name =`.
//!
//! After this pass brackets are balanced, so the parser never loses what follows a missing one.

use std::cell::OnceCell;

use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Suggestion};
use reasmory_span::Span;

use crate::token::{Sign, Tok, Token, Word};

/// Balances brackets and puts [`Token::Newline`] between statements.
pub(crate) fn layout<'s>(text: &'s str, tokens: &[Tok<'s>]) -> (Items<'s>, Vec<Diagnostic>) {
    let mut l = Layout {
        text,
        unclosed: OnceCell::new(),
        stack: Vec::new(),
        items: Items {
            tokens: Vec::with_capacity(tokens.len() + tokens.len() / 4),
            starts: Vec::new(),
        },
        out: Vec::new(),
    };
    for i in 0..tokens.len() {
        l.token(tokens, i);
    }
    l.close_from(0, None);
    (l.items, l.out)
}

/// The tokens of a program with newlines between its statements, and where its top-level items start.
pub(crate) struct Items<'s> {
    pub tokens: Vec<Tok<'s>>,
    /// The first token of each item but the first; a newline stands before it.
    starts: Vec<usize>,
}

impl<'s> Items<'s> {
    /// The tokens of each item.
    pub fn iter(&self) -> impl Iterator<Item = &[Tok<'s>]> {
        let starts = std::iter::once(0).chain(self.starts.iter().copied());
        let ends = self.starts.iter().map(|s| s - 1).chain([self.tokens.len()]);
        starts.zip(ends).map(|(a, b)| &self.tokens[a..b]).filter(|item| !item.is_empty())
    }

    fn start(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }
}

/// Whether the token at `i` starts a line in column 0 that ends brackets, and if so whether it does even
/// when the bracket has a partner later.
fn starter(tokens: &[Tok<'_>], i: usize) -> Option<bool> {
    let t = &tokens[i];
    if t.col != 0 || (i > 0 && tokens[i - 1].line == t.line) {
        return None;
    }
    match t.token {
        Token::Word(Word::Answer | Word::Show | Word::Fn | Word::Test) => Some(true),
        // Inside a bracket that is closed these can only continue it, so they end no other.
        Token::Word(Word::If | Word::For | Word::Assert) => Some(false),
        Token::Name(_) if tokens.get(i + 1).is_some_and(|n| n.token.is(Sign::Assign)) => {
            Some(false)
        }
        _ => None,
    }
}

/// Whether the token at `i` starts a statement and can stand nowhere else outside `(` and `[`.
fn heads_statement(tokens: &[Tok<'_>], i: usize) -> bool {
    match tokens[i].token {
        Token::Word(Word::Answer | Word::Show | Word::Assert | Word::Return | Word::For) => true,
        Token::Name(_) => tokens.get(i + 1).is_some_and(|n| n.token.is(Sign::Assign)),
        _ => false,
    }
}

/// The lowest stack entry a starter at `i` ends for certain: statements cannot stand in `(` or `[`, and
/// functions and tests cannot stand in `{` either.
fn ended_by(tokens: &[Tok<'_>], i: usize, stack: &[(usize, Sign)]) -> Option<usize> {
    if starter(tokens, i) != Some(true) {
        return None;
    }
    if matches!(tokens[i].token, Token::Word(Word::Fn | Word::Test)) {
        return (!stack.is_empty()).then_some(0);
    }
    stack.iter().position(|s| s.1 != Sign::LBrace)
}

/// Which stack entry a closing bracket closes. A `)` or `]` does not reach out of a `{`.
fn closes(stack: &[(usize, Sign)], closer: Sign) -> Option<usize> {
    for (k, (_, open)) in stack.iter().enumerate().rev() {
        if open.closer() == Some(closer) {
            return Some(k);
        }
        if *open == Sign::LBrace && closer != Sign::RBrace {
            return None;
        }
    }
    None
}

/// The bracket that the closer at `i` closes although it is the wrong one, as in `(a]`: only on one line,
/// where nothing else can be meant.
fn wrong_closer(tokens: &[Tok<'_>], stack: &[(usize, Sign)], i: usize, s: Sign) -> Option<Sign> {
    let (j, open) = *stack.last()?;
    let meant = open != Sign::LBrace && s != Sign::RBrace && tokens[j].line == tokens[i].line;
    meant.then_some(open)
}

/// For each token, whether it is an opening bracket without a partner.
fn unclosed(tokens: &[Tok<'_>]) -> Vec<bool> {
    let mut out = vec![false; tokens.len()];
    let mut stack: Vec<(usize, Sign)> = Vec::new();
    for (i, t) in tokens.iter().enumerate() {
        if let Some(k) = ended_by(tokens, i, &stack) {
            for (j, _) in stack.drain(k..) {
                out[j] = true;
            }
        }
        let Token::Sign(s) = t.token else { continue };
        if s.closer().is_some() {
            stack.push((i, s));
        } else if s.closes() {
            if let Some(k) = closes(&stack, s) {
                for (j, _) in stack.drain(k..).skip(1) {
                    out[j] = true;
                }
            } else if wrong_closer(tokens, &stack, i, s).is_some() {
                stack.pop();
            }
        }
    }
    for (j, _) in stack {
        out[j] = true;
    }
    out
}

struct Layout<'s> {
    text: &'s str,
    /// Looked for when it is first asked: most programs close what they open.
    unclosed: OnceCell<Vec<bool>>,
    /// Open brackets: index of the token and the sign.
    stack: Vec<(usize, Sign)>,
    items: Items<'s>,
    out: Vec<Diagnostic>,
}

impl<'s> Layout<'s> {
    /// The tokens of the item being read.
    fn item(&self) -> &[Tok<'s>] {
        &self.items.tokens[self.items.start()..]
    }

    fn push(&mut self, t: Tok<'s>) {
        self.items.tokens.push(t);
    }

    fn token(&mut self, tokens: &[Tok<'s>], i: usize) {
        let t = &tokens[i];
        if starter(tokens, i).is_some() {
            let certain = ended_by(tokens, i, &self.stack);
            let unclosed = || self.unclosed.get_or_init(|| unclosed(tokens));
            let open = self.stack.iter().position(|(j, _)| unclosed()[*j]);
            let lowest = match (certain, open) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            if let Some(k) = lowest {
                self.close_from(k, None);
            }
        }
        let first = i == 0 || tokens[i - 1].line != t.line;
        if t.token == Token::Newline {
            self.newline(t, false);
            return;
        }
        if first {
            let joins = matches!(t.token, Token::Word(Word::Else | Word::And | Word::Or))
                || t.token.is(Sign::Dot);
            if !joins {
                self.newline(t, heads_statement(tokens, i));
            }
        } else if self.second_statement(tokens, i) {
            let gap = Span::new(tokens[i - 1].span.end, t.span.start);
            self.out.push(
                Diagnostic::new(Code::UnexpectedToken, t.span, "two statements on one line")
                    .label("a second statement starts here")
                    .help("start a new line")
                    .fix(Applicability::Safe, "start a new line", gap, "\n"),
            );
            self.newline(t, false);
        }
        let Token::Sign(s) = t.token else {
            self.push(*t);
            return;
        };
        if s.closer().is_some() {
            self.stack.push((i, s));
            self.push(*t);
        } else if s.closes() {
            self.closer(tokens, i, s);
        } else {
            self.push(*t);
        }
    }

    fn in_list(&self) -> bool {
        self.stack.last().is_some_and(|s| s.1 != Sign::LBrace)
    }

    /// A newline before `t`, if it counts. It always does before what only a statement starts with, so
    /// that `x = 1 +` does not swallow the line after it.
    fn newline(&mut self, t: &Tok<'s>, heads: bool) {
        let Some(prev) = self.item().last().copied() else { return };
        let continues = match &prev.token {
            Token::Sign(s) => {
                let joins =
                    s.is_operator() || matches!(s, Sign::Comma | Sign::Assign | Sign::FatArrow);
                (joins && !heads) || *s == Sign::LBrace
            }
            Token::Word(w) => !heads && matches!(w, Word::And | Word::Or | Word::Not | Word::As),
            Token::Newline => true,
            _ => false,
        };
        // A `{` that waits on its own line belongs to the header before it.
        let body = t.token.is(Sign::LBrace) && prev.token.ends_expr();
        if continues
            || body
            || self.in_list()
            || (t.token.is(Sign::RBrace) && !self.stack.is_empty())
        {
            return;
        }
        self.push(prev.after(Token::Newline));
        if self.stack.is_empty() {
            self.items.starts.push(self.items.tokens.len());
        }
    }

    /// Whether the token at `i`, in the middle of a line, starts another statement.
    fn second_statement(&self, tokens: &[Tok<'_>], i: usize) -> bool {
        let prev = &tokens[i - 1].token;
        if self.in_list() || !prev.ends_expr() || self.item().is_empty() {
            return false;
        }
        match tokens[i].token {
            Token::Word(Word::Answer | Word::Show | Word::Assert | Word::Return | Word::Fn) => true,
            Token::Word(Word::If | Word::For) => prev.is(Sign::RBrace),
            Token::Name(_) => tokens.get(i + 1).is_some_and(|n| n.token.is(Sign::Assign)),
            _ => false,
        }
    }

    fn closer(&mut self, tokens: &[Tok<'s>], i: usize, s: Sign) {
        let t = &tokens[i];
        if let Some(k) = closes(&self.stack, s) {
            self.close_from(k + 1, Some(t));
            self.stack.pop();
            self.push(*t);
            return;
        }
        if let Some(open) = wrong_closer(tokens, &self.stack, i, s) {
            let right = open.closer().unwrap_or(s);
            self.out.push(
                Diagnostic::new(
                    Code::UnexpectedToken,
                    t.span,
                    format!("`{}` is closed by `{}`", open.text(), s.text()),
                )
                .label(format!("`{}` is needed here", right.text()))
                .help(format!("write `{}`", right.text()))
                .fix(
                    Applicability::Safe,
                    format!("write `{}`", right.text()),
                    t.span,
                    right.text(),
                ),
            );
            self.stack.pop();
            self.push(t.with(Token::Sign(right)));
            return;
        }
        let last = tokens.get(i + 1).is_none_or(|n| n.line != t.line)
            && self.item().last().is_none_or(|p| p.token.ends_expr());
        self.out.push(
            Diagnostic::new(
                Code::UnexpectedToken,
                t.span,
                format!("`{}` closes nothing", s.text()),
            )
            .label("no bracket is open here")
            .help("remove it, or open the bracket")
            .fix(
                if last { Applicability::Safe } else { Applicability::Unsafe },
                "remove it",
                t.span,
                "",
            ),
        );
        // What is missing before it was reported with it.
        if !self.item().last().is_some_and(|p| p.token.ends_expr()) {
            self.push(t.with(Token::Broken));
        }
    }

    /// Ends every open bracket from stack entry `k` up, before the closer `before` or at this place.
    fn close_from(&mut self, k: usize, before: Option<&Tok<'s>>) {
        if k >= self.stack.len() {
            return;
        }
        let ended: Vec<Sign> = self.stack.drain(k..).map(|s| s.1).collect();
        // The token that opened each, from the item's own tail.
        let mut spans = Vec::new();
        let mut depth = 0u32;
        let mut operators = false;
        for t in self.item().iter().rev() {
            if let Token::Sign(s) = t.token {
                if s.closes() {
                    depth += 1;
                } else if s.closer().is_some() {
                    if depth > 0 {
                        depth -= 1;
                    } else {
                        spans.push(t.span);
                        if spans.len() == ended.len() {
                            break;
                        }
                    }
                } else if depth == 0 && s.is_operator() {
                    operators = true;
                }
            } else if depth == 0 && matches!(t.token, Token::Word(_)) {
                operators = true;
            }
        }
        let Some(last) = self.item().last().copied() else { return };
        let braces = ended.contains(&Sign::LBrace);
        let early = if braces || before.is_some() { None } else { self.meant_outside() };
        let mut insert = String::new();
        let mut edits = Vec::new();
        for s in ended.iter().rev() {
            let c = s.closer().unwrap_or(Sign::RParen);
            if c == Sign::RBrace {
                insert.push('\n');
            }
            if last.token == Token::Newline {
                self.items.tokens.pop();
            }
            match early {
                // `as cm` and a comparison belong to the call; with `as` so do the calls around it.
                Some(at)
                    if edits.is_empty()
                        || self.item()[at + edits.len()].token.is_word(Word::As) =>
                {
                    let prev = self.item()[at + edits.len() - 1];
                    let span = Span::at(prev.span.end);
                    let at = self.items.start() + at + edits.len();
                    self.items.tokens.insert(at, prev.after(Token::Sign(c)));
                    edits.push(Edit { span, insert: c.text().to_owned() });
                }
                _ => {
                    self.push(last.after(Token::Sign(c)));
                    insert.push_str(c.text());
                }
            }
        }
        let one_line = spans
            .last()
            .and_then(|s| self.text.get(s.start as usize..last.span.end as usize))
            .is_some_and(|t| !t.contains('\n'));
        let sure = early.is_some_and(|_| insert.is_empty() && last.token.is_unit());
        let clear = !braces && (!operators || sure) && one_line && ended.len() == 1;
        let innermost = *ended.last().unwrap_or(&Sign::LParen);
        let at = spans.first().copied().unwrap_or(last.span);
        let missing = innermost.closer().unwrap_or(Sign::RParen).text();
        let mut d = match before {
            Some(b) => Diagnostic::new(
                Code::UnexpectedToken,
                b.span,
                format!("`{missing}` is missing before {}", b.token.describe()),
            )
            .label("too early")
            .also(at, "opened here"),
            None => Diagnostic::new(
                Code::UnexpectedEnd,
                at,
                format!("`{}` is never closed", innermost.text()),
            )
            .label("opened here")
            .also(Span::at(last.span.end), format!("`{missing}` is missing")),
        };
        for s in spans.iter().skip(1) {
            d = d.also(*s, "not closed either");
        }
        let title: String =
            edits.iter().map(|e| e.insert.as_str()).chain([insert.as_str()]).collect();
        if !insert.is_empty() {
            edits.push(Edit { span: Span::at(last.span.end), insert });
        }
        let shown = title.trim_start().replace('\n', "");
        self.out.push(d.help(format!("add `{shown}`")).suggest(Suggestion {
            title: format!("add `{shown}`"),
            edits,
            applicability: if clear { Applicability::Safe } else { Applicability::Unsafe },
        }));
    }

    /// In the bracket that is open at the end of the item, the token that most likely stands after it: `as`
    /// with its unit at the end, or a comparison where the bracket holds no lambda.
    fn meant_outside(&self) -> Option<usize> {
        let mut depth = 0u32;
        let mut found = None;
        for (i, t) in self.item().iter().enumerate().rev() {
            match t.token {
                Token::Sign(s) if s.closes() => depth += 1,
                Token::Sign(s) if s.closer().is_some() && depth > 0 => depth -= 1,
                // Nothing stands before it in the bracket.
                Token::Sign(s) if s.closer().is_some() => return found.filter(|at| *at > i + 1),
                Token::Sign(Sign::FatArrow) if depth == 0 => return None,
                Token::Sign(
                    Sign::Lt | Sign::Le | Sign::Gt | Sign::Ge | Sign::EqEq | Sign::NotEq,
                ) if depth == 0 => {
                    found = Some(i);
                }
                Token::Word(Word::As) if depth == 0 && i + 2 == self.item().len() => {
                    found = Some(i)
                }
                // A condition of several parts is an argument of its own.
                Token::Word(Word::And | Word::Or | Word::Not | Word::If) if depth == 0 => {
                    return None;
                }
                _ => {}
            }
        }
        None
    }
}
