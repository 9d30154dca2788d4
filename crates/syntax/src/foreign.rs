//! Forms of other languages, found in the token stream before the parser sees it.
//!
//! Each gives one diagnostic, and the stream is rewritten to what was meant, so that nothing cascades.
//! What has one spelling and one meaning is a row of a table; what needs context is a pass of its own.
//! None of this is grammar: a decoding grammar must never learn these forms.

use std::collections::BTreeSet;

use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Suggestion};
use reasmory_span::Span;

use crate::lexer::unit_word;
use crate::token::{Sign, Tok, Token, Word};

/// A sign or word with one meaning here: found, replacement (`None`: nothing stands for it), help.
pub(crate) type Row = (&'static str, Option<&'static str>, &'static str);

/// Operators of other languages.
const SIGNS: &[Row] = &[
    ("&&", Some("and"), "write `and`"),
    ("||", Some("or"), "write `or`"),
    ("&", Some("and"), "write `and`"),
    ("|", Some("or"), "write `or`"),
    ("===", Some("=="), "write `==`"),
    ("!==", Some("!="), "write `!=`"),
    ("<>", Some("!="), "write `!=`"),
    ("...", Some(".."), "write `..`; both ends are included"),
    ("..=", Some(".."), "write `..`; both ends are included"),
    (":=", Some("="), "write `=`"),
];

/// Words for values.
pub(crate) const VALUES: &[Row] = &[
    ("True", Some("true"), "write `true`"),
    ("False", Some("false"), "write `false`"),
    ("TRUE", Some("true"), "write `true`"),
    ("FALSE", Some("false"), "write `false`"),
    ("None", None, "every value exists; give `else=` to an operation that may find none"),
    ("null", None, "every value exists; give `else=` to an operation that may find none"),
    ("nil", None, "every value exists; give `else=` to an operation that may find none"),
    ("undefined", None, "every value exists; give `else=` to an operation that may find none"),
];

/// Words before `name = value`.
const DECLARE: &[&str] = &["let", "var", "const", "val", "auto", "mut", "final", "set"];

/// Words that start a function.
pub(crate) const FUNCTION: &[&str] = &["def", "func", "function", "fun"];

/// Words that mean `else if`.
pub(crate) const ELSE_IF: &[&str] = &["elif", "elsif", "elseif"];

/// Statements without a counterpart: word, why, what to do.
pub(crate) const STATEMENTS: &[(&str, &str, &str)] = &[
    (
        "while",
        "there is no `while`; every program ends",
        "go over a list with `for` or a list operation",
    ),
    ("import", "there is nothing to import", "leave it out; every operation is in reach"),
    ("from", "there is nothing to import", "leave it out; every operation is in reach"),
    ("class", "there are no classes", "use a `fn`"),
    ("try", "there are no exceptions", "give `else=` to the operation that may have no value"),
    ("except", "there are no exceptions", "give `else=` to the operation that may have no value"),
    ("with", "there is no `with`", "bind the value with `name = value`"),
    ("pass", "there is no `pass`", "leave it out"),
    ("break", "there is no `break`", "filter the list before the loop"),
    ("continue", "there is no `continue`", "filter the list before the loop"),
];

/// Methods that change a list elsewhere.
pub(crate) const MUTATORS: &[&str] =
    &["append", "push", "extend", "insert", "remove", "pop", "add"];

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

/// Lines of Markdown fences, and what stands outside them, as one report; the lexer leaves these out.
pub(crate) fn fences(text: &str) -> (Vec<Span>, Option<Diagnostic>) {
    let mut lines: Vec<(Span, bool)> = Vec::new();
    let mut at = 0u32;
    for line in text.split_inclusive('\n') {
        let end = at + line.len() as u32;
        lines.push((Span::new(at, end), line.trim_start().starts_with("```")));
        at = end;
    }
    let fences = lines.iter().filter(|l| l.1).count();
    if fences == 0 {
        return (Vec::new(), None);
    }
    let mut masked: Vec<Span> = Vec::new();
    let mut inside = fences == 1;
    let mut first = None;
    for (span, fence) in lines {
        if fence {
            first = first.or(Some(span));
            inside = fences == 1 || !inside;
        }
        if fence || !inside {
            match masked.last_mut() {
                Some(m) if m.end == span.start => m.end = span.end,
                _ => masked.push(span),
            }
        }
    }
    let at = first.unwrap_or_default();
    let shown = Span::new(at.start, at.start + at.text(text).trim_end().len() as u32);
    let d = Diagnostic::new(Code::ForeignSyntax, shown, "a program stands without Markdown fences")
        .label("a Markdown fence")
        .help("give only what is between the fences")
        .suggest(Suggestion {
            title: "keep only the program".into(),
            edits: masked.iter().map(|&span| Edit { span, insert: String::new() }).collect(),
            applicability: Applicability::Safe,
        });
    (masked, Some(d))
}

/// Rewrites foreign forms in `tokens`.
pub(crate) fn rewrite<'s>(text: &'s str, tokens: Vec<Tok<'s>>) -> (Vec<Tok<'s>>, Found) {
    let mut p = Pass { text, toks: tokens, found: Found::default() };
    p.signs_and_words();
    p.spaced_units();
    p.statements();
    p.blocks();
    p.returns();
    p.conditionals();
    p.powers_and_remainders();
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

    // ---- one to one

    fn signs_and_words(&mut self) {
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
                // `lambda c: body`
                Token::Name("lambda") => {
                    if let (Some(Token::Name(n)), Some(colon)) =
                        (next.map(|n| &n.token), toks.get(i + 2))
                        && colon.token.is(Sign::Colon)
                    {
                        let whole = t.span.to(colon.span);
                        self.report(
                            foreign(whole, "a lambda is written `name => value`")
                                .label("from another language")
                                .help(format!("write `{n} => …`"))
                                .fix(
                                    Applicability::Safe,
                                    format!("write `{n} =>`"),
                                    whole,
                                    format!("{n} =>"),
                                ),
                        );
                        continue;
                    }
                }
                Token::Sign(Sign::Colon)
                    if i >= 2
                        && toks[i - 2].token == Token::Name("lambda")
                        && matches!(toks[i - 1].token, Token::Name(_)) =>
                {
                    out.push(t.with(Token::Sign(Sign::FatArrow)));
                    continue;
                }
                _ => {}
            }
            out.push(t.clone());
        }
        self.toks = out;
    }

    /// `2 m`: a number and a unit with a space between.
    fn spaced_units(&mut self) {
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
            let merged = Tok { token: Token::Measure(value, unit), span: whole, ..a.clone() };
            self.toks.splice(i..=last, [merged]);
            self.report(d);
            i += 1;
        }
    }

    // ---- statements

    fn statements(&mut self) {
        let depths = self.depths();
        let has_answer = self.toks.iter().any(|t| t.token.is_word(Word::Answer));
        let mut out: Vec<Tok<'s>> = Vec::with_capacity(self.toks.len());
        let mut i = 0;
        while i < self.toks.len() {
            let t = self.toks[i].clone();
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
                    let (name, line) = (self.toks[i].clone(), t.line);
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

    fn report_annotation(&mut self, i: usize, n: usize) {
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
    fn annotation(&self, i: usize, line: u32) -> usize {
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
    fn statement_with_body(&self, depths: &[u32], i: usize) -> usize {
        let mut end = self.line_end(depths, i);
        let indent = self.toks[i].col;
        if self.toks[end - 1].token.is(Sign::Colon) {
            while end < self.toks.len() && self.toks[end].col > indent {
                end = self.line_end(depths, end);
            }
        }
        end.max(i + 1)
    }

    // ---- `:` blocks and `def`

    fn blocks(&mut self) {
        let depths = self.depths();
        let mut out: Vec<Tok<'s>> = Vec::with_capacity(self.toks.len());
        let mut open: Vec<(u32, Diagnostic, Vec<Edit>)> = Vec::new();
        let mut i = 0;
        while i < self.toks.len() {
            let t = self.toks[i].clone();
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
                    out.push(t.clone());
                }
                _ => out.push(t.clone()),
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
                out.push(self.toks[i].clone());
                i += 1;
            }
            let c = self.toks[colon].clone();
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
            let spaced = self.text.as_bytes().get(c.span.start as usize - 1) == Some(&b' ');
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
                    out.push(self.toks[i].clone());
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

    fn close_block(
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
    fn header_colon(&self, depths: &[u32], i: usize) -> Option<usize> {
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

    /// `return` where there is no function.
    fn returns(&mut self) {
        let mut braces: Vec<bool> = Vec::new();
        let mut pending = false;
        for i in 0..self.toks.len() {
            let t = self.toks[i].clone();
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

    // ---- inside expressions

    /// `x if c else y`
    fn conditionals(&mut self) {
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
            let mut new: Vec<Tok<'s>> = vec![toks[i].clone()];
            new.extend_from_slice(&toks[i + 1..other]);
            new.push(brace(&toks[other - 1], Sign::LBrace));
            new.extend_from_slice(&toks[start..i]);
            new.push(brace(&toks[i - 1], Sign::RBrace));
            new.push(toks[other].clone());
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
    fn conditional_at(&self, i: usize) -> Option<(usize, usize, usize)> {
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
    fn powers_and_remainders(&mut self) {
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
            let here = |token: Token<'s>| Tok { token, span: at, ..toks[i].clone() };
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
                        let mut new = vec![toks[start].clone()];
                        for _ in 1..n {
                            new.push(here(Token::Sign(Sign::Star)));
                            new.push(toks[start].clone());
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
                    None => {
                        (d, vec![Tok { token: Token::Broken, span: whole, ..toks[start].clone() }])
                    }
                }
            };
            let n = new.len();
            self.report(d);
            self.toks.splice(start..end, new);
            i = start + n;
        }
    }

    /// `7%2` was lexed as the percentage `7%` and `2`.
    fn split_percent(&mut self, i: usize) {
        let t = self.toks[i].clone();
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
    fn operand_before(&self, i: usize) -> Option<usize> {
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
    fn operand_after(&self, i: usize) -> Option<usize> {
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
