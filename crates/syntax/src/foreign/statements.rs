//! Statements of other languages.

use reasmory_diag::Applicability;
use reasmory_span::Span;

use super::table::{DECLARE, MUTATORS, STATEMENTS};
use super::{Pass, foreign};
use crate::token::{Sign, Tok, Token, Word};

impl<'s> Pass<'s> {
    pub(super) fn statements(&mut self) {
        let depths = self.depths();
        let has_answer = self.toks.iter().any(|t| t.token.is_word(Word::Answer));
        let mut out: Vec<Tok<'s>> = Vec::with_capacity(self.toks.len());
        let mut i = 0;
        while i < self.toks.len() {
            let t = self.toks[i];
            if !self.starts_line(&depths, i) {
                out.push(t);
                i += 1;
                continue;
            }
            let at = |k: usize| self.toks.get(i + k).map(|t| &t.token);
            let same_line = |k: usize| self.toks.get(i + k).is_some_and(|o| o.line == t.line);
            let sign = |k: usize, s: Sign| at(k).is_some_and(|t| t.is(s));
            match &t.token {
                // `let x = …`
                Token::Name(w)
                    if DECLARE.contains(w)
                        && matches!(at(1), Some(Token::Name(_)))
                        && same_line(1) =>
                {
                    let drop = Span::new(t.span.start, self.toks[i + 1].span.start);
                    self.report(
                        foreign(t.span, format!("a binding has no `{w}`"))
                            .label("from another language")
                            .help("write `name = value`")
                            .fix(Applicability::Safe, format!("leave `{w}` out"), drop, ""),
                    );
                    i += 1;
                    let (name, line) = (self.toks[i], t.line);
                    i += 1 + self.annotation(i, line);
                    out.push(name);
                    continue;
                }
                // `int x = …`
                Token::Name(_)
                    if matches!(at(1), Some(Token::Name(_)))
                        && same_line(1)
                        && sign(2, Sign::Assign) =>
                {
                    let drop = Span::new(t.span.start, self.toks[i + 1].span.start);
                    self.report(
                        foreign(t.span, "a binding states no type")
                            .label("the type is inferred")
                            .help("write `name = value`")
                            .fix(Applicability::Safe, "leave the type out", drop, ""),
                    );
                    i += 1;
                    continue;
                }
                // `x: Length = …`
                Token::Name(_)
                    if sign(1, Sign::Colon)
                        && !self.parameter(&depths, i)
                        && self.annotation(i, t.line) > 0 =>
                {
                    let n = self.annotation(i, t.line);
                    self.report_annotation(i, n);
                    out.push(t);
                    i += 1 + n;
                    continue;
                }
                // `@decorator`
                Token::Foreign("@") if matches!(at(1), Some(Token::Name(_))) && same_line(1) => {
                    let end = self.line_end(&depths, i);
                    let whole = t.span.to(self.toks[end - 1].span);
                    self.report(
                        foreign(t.span, "there are no decorators")
                            .label("from another language")
                            .help("leave it out")
                            .fix(Applicability::Safe, "leave it out", whole, ""),
                    );
                    i = end;
                    continue;
                }
                Token::Name("print") if sign(1, Sign::LParen) => {
                    let end = self.line_end(&depths, i);
                    let close = self.partner(i + 1);
                    let one = close.is_some_and(|c| {
                        c + 1 == end
                            && c > i + 2
                            && !(i + 2..c).any(|k| {
                                depths[k] == depths[i] + 1 && self.toks[k].token.is(Sign::Comma)
                            })
                    });
                    let d = foreign(t.span, "nothing is printed; a program answers or shows")
                        .label("from another language");
                    if one && !has_answer {
                        self.report(d.help("write `answer`").fix(
                            Applicability::Safe,
                            "answer the value",
                            t.span,
                            "answer ",
                        ));
                        out.push(t.with(Token::Word(Word::Answer)));
                        i += 1;
                    } else {
                        let whole = t.span.to(self.toks[end - 1].span);
                        self.report(d.help("leave it out, or `answer` the value").fix(
                            Applicability::Unsafe,
                            "leave it out",
                            whole,
                            "",
                        ));
                        out.push(Tok { token: Token::Broken, span: whole, ..t });
                        i = end;
                    }
                    continue;
                }
                Token::Name(list)
                    if sign(1, Sign::Dot)
                        && sign(3, Sign::LParen)
                        && matches!(at(2), Some(Token::Name(m)) if MUTATORS.contains(m)) =>
                {
                    let end = self.line_end(&depths, i);
                    let whole = t.span.to(self.toks[end - 1].span);
                    self.report(
                        foreign(whole, "lists do not change")
                            .label(format!("`{list}` keeps its members"))
                            .help("build the list at once, as in `[f(x) for x in xs if test(x)]`"),
                    );
                    out.push(Tok { token: Token::Broken, span: whole, ..t });
                    i = end;
                    continue;
                }
                // `n += 1`
                Token::Name(name)
                    if matches!(
                        at(1),
                        Some(Token::Foreign("+=" | "-=" | "*=" | "/=" | "++" | "--"))
                    ) =>
                {
                    let end = self.line_end(&depths, i);
                    let whole = t.span.to(self.toks[end - 1].span);
                    self.report(
                        foreign(whole, format!("`{name}` is bound once and does not change"))
                            .label("an assignment that adds up")
                            .help(
                                "use a list operation, as in `sum`, `count` or `filter(…).count()`",
                            ),
                    );
                    out.push(Tok { token: Token::Broken, span: whole, ..t });
                    i = end;
                    continue;
                }
                // `answer = x`, `answer: x`
                Token::Word(w @ (Word::Answer | Word::Show))
                    if sign(1, Sign::Assign) || sign(1, Sign::Colon) =>
                {
                    let s = self.toks[i + 1].span;
                    let word = w.text();
                    let gap =
                        Span::new(t.span.end, self.toks.get(i + 2).map_or(s.end, |n| n.span.start));
                    self.report(
                        foreign(s, format!("`{word}` takes its value without a sign"))
                            .label("nothing stands here")
                            .help(format!("write `{word} value`"))
                            .fix(Applicability::Safe, "leave the sign out", gap, " "),
                    );
                    out.push(t);
                    i += 2;
                    continue;
                }
                Token::Name(w)
                    if !sign(1, Sign::Assign) && !sign(1, Sign::LParen) && !sign(1, Sign::Dot) =>
                {
                    if let Some((word, why, help)) = STATEMENTS.iter().find(|s| s.0 == *w) {
                        let end = self.statement_with_body(&depths, i);
                        let whole = t.span.to(self.toks[end - 1].span);
                        let mut d =
                            foreign(t.span, *why).label("from another language").help(*help);
                        if matches!(*word, "import" | "from" | "pass") {
                            d = d.fix(Applicability::Safe, "leave it out", whole, "");
                        }
                        self.report(d);
                        // Nothing stands for what has no effect; anything else leaves a hole.
                        if !matches!(*word, "import" | "from" | "pass") {
                            out.push(Tok { token: Token::Broken, span: whole, ..t });
                        }
                        i = end;
                        continue;
                    }
                }
                // `while (…)`: a call by its looks.
                Token::Name("while") => {
                    let end = self.statement_with_body(&depths, i);
                    let whole = t.span.to(self.toks[end - 1].span);
                    self.report(
                        foreign(t.span, STATEMENTS[0].1)
                            .label("from another language")
                            .help(STATEMENTS[0].2),
                    );
                    out.push(Tok { token: Token::Broken, span: whole, ..t });
                    i = end;
                    continue;
                }
                _ => {}
            }
            out.push(t);
            i += 1;
        }
        self.toks = out;
    }

    pub(super) fn report_annotation(&mut self, i: usize, n: usize) {
        let span = self.toks[i + 1].span.to(self.toks[i + n].span);
        self.report(
            foreign(span, "a binding states no type")
                .label("the type is inferred")
                .help("write `name = value`")
                .fix(Applicability::Safe, "leave the type out", span, ""),
        );
    }

    /// Whether the name at `i`, at the start of a line, is the parameter of a header written over lines.
    fn parameter(&self, depths: &[u32], i: usize) -> bool {
        let before = i.checked_sub(1).map(|p| &self.toks[p].token);
        depths[i] > 0 && before.is_some_and(|t| t.is(Sign::LParen) || t.is(Sign::Comma))
    }

    /// How many tokens after the name at `i` are a type annotation before `=`.
    pub(super) fn annotation(&self, i: usize, line: u32) -> usize {
        if !self.toks.get(i + 1).is_some_and(|t| t.token.is(Sign::Colon)) {
            return 0;
        }
        let mut j = i + 2;
        while let Some(t) = self.toks.get(j) {
            if t.line != line || j > i + 12 {
                return 0;
            }
            match &t.token {
                Token::Sign(Sign::Assign) => break,
                Token::Name(_)
                | Token::Sign(
                    Sign::Lt | Sign::Gt | Sign::LBracket | Sign::RBracket | Sign::Comma,
                ) => {}
                _ => return 0,
            }
            j += 1;
        }
        if j >= self.toks.len() || j == i + 2 {
            return 0;
        }
        j - i - 1
    }

    /// One past the statement at `i` with its `:` block or brace block.
    pub(super) fn statement_with_body(&self, depths: &[u32], i: usize) -> usize {
        let mut end = self.line_end(depths, i);
        let indent = self.toks[i].col;
        if self.toks[end - 1].token.is(Sign::Colon) {
            while end < self.toks.len() && self.toks[end].col > indent {
                end = self.line_end(depths, end);
            }
        }
        end.max(i + 1)
    }

    /// `return` where there is no function.
    pub(super) fn returns(&mut self) {
        let mut braces: Vec<bool> = Vec::new();
        let mut pending = false;
        for i in 0..self.toks.len() {
            let t = self.toks[i];
            match t.token {
                Token::Word(Word::Fn | Word::Test) => pending = true,
                Token::Sign(Sign::LBrace) => {
                    let inner = pending || braces.last().copied().unwrap_or(false);
                    braces.push(inner);
                    pending = false;
                }
                Token::Sign(Sign::RBrace) => {
                    braces.pop();
                }
                Token::Word(Word::Return) if !braces.last().copied().unwrap_or(false) => {
                    let bare = self.toks.get(i + 1).is_none_or(|n| n.line != t.line);
                    if bare {
                        continue;
                    }
                    self.report(
                        foreign(t.span, "`return` stands in a function; a program answers")
                            .label("not in a function")
                            .help("write `answer`")
                            .fix(Applicability::Safe, "write `answer`", t.span, "answer"),
                    );
                    self.toks[i].token = Token::Word(Word::Answer);
                }
                _ => {}
            }
        }
    }
}
