//! A plan's statements in order: names, the viewpoint as a value, and what was observed.

use std::collections::{BTreeMap, BTreeSet};

use reasmory_diag::{Code, Diagnostic, Suggestion};
use reasmory_span::Span;
use reasmory_syntax::ast::{self, Expr as Tree};
use ruff_python_ast::{Expr, Stmt};

use crate::forms::Names;
use crate::shape::refused;
use crate::syntax::span;
use crate::value::{Item, Origin, Value};
use crate::{Options, Translation, emit, tools};

/// A name of the plan.
pub(crate) struct Var {
    pub(crate) value: Value,
    pub(crate) span: Span,
    pub(crate) read: bool,
}

/// The viewpoint.
pub(crate) enum View {
    /// None was set.
    Unset,
    /// One was set by something that was reported.
    Unknown,
    /// A view: a name, or what is bound to one when it is first read.
    Known(Tree),
}

/// A move of the viewpoint.
#[derive(Clone, Copy)]
pub(crate) struct Move {
    pub(crate) span: Span,
    pub(crate) tool: &'static str,
}

/// The translation in progress.
pub(crate) struct Cx<'a> {
    pub(crate) text: &'a str,
    pub(crate) options: Options<'a>,
    pub(crate) out: Translation,
    pub(crate) vars: BTreeMap<String, Var>,
    /// Statements of the translation so far.
    pub(crate) stmts: Vec<ast::Stmt>,
    /// Names of the translation.
    pub(crate) names: BTreeSet<String>,
    pub(crate) view: View,
    pub(crate) moves: Vec<Move>,
    /// Moves that nothing has observed yet.
    pub(crate) unseen: Vec<Move>,
    pub(crate) memory: Option<Span>,
    /// How many pictures, and the one over the limit.
    pub(crate) renders: u64,
    pub(crate) over: Option<Span>,
    /// The statement being read.
    pub(crate) statement: Span,
    /// Whether what is found now follows from what was reported already.
    pub(crate) quiet: bool,
    /// Set where the plan does something that is not understood: what is missing may be there.
    pub(crate) uncertain: bool,
    probes: Vec<ast::Stmt>,
    syntax_errors: Vec<Span>,
    stale: BTreeSet<(Span, usize)>,
    unread: Vec<(String, Span)>,
    /// What is returned, and whether its statement does not parse.
    result: Option<(Item, bool)>,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(text: &'a str, options: Options<'a>, syntax_errors: Vec<Span>) -> Self {
        Cx {
            text,
            options,
            out: Translation::default(),
            vars: BTreeMap::new(),
            stmts: Vec::new(),
            names: BTreeSet::new(),
            view: View::Unset,
            moves: Vec::new(),
            unseen: Vec::new(),
            memory: None,
            renders: 0,
            over: None,
            statement: Span::default(),
            quiet: false,
            uncertain: !syntax_errors.is_empty(),
            probes: Vec::new(),
            syntax_errors,
            stale: BTreeSet::new(),
            unread: Vec::new(),
            result: None,
        }
    }

    // ---- findings ----

    /// Records a finding, whatever was found around it.
    pub(crate) fn found(&mut self, d: Diagnostic) {
        self.out.diagnostics.push(d);
    }

    /// Records a finding, but in a statement that does not parse.
    pub(crate) fn report(&mut self, d: Diagnostic) {
        if !self.quiet {
            self.found(d);
        }
    }

    /// A form that plans cannot use.
    pub(crate) fn unsupported(&mut self, at: Span, what: impl AsRef<str>, help: &str) {
        let what = what.as_ref();
        self.report(
            Diagnostic::new(Code::UnsupportedPython, at, format!("a plan cannot use {what}"))
                .label("not part of the plan dialect")
                .help(help)
                .fact("found", what),
        );
    }

    pub(crate) fn clean_syntax(&self) -> bool {
        self.syntax_errors.is_empty()
    }

    /// Whether a name that is bound nowhere may be bound in what does not parse.
    pub(crate) fn may_be_bound(&self, name: &str) -> bool {
        !self.clean_syntax()
            && self.text.lines().any(|l| {
                l.trim_start().strip_prefix(name).is_some_and(|r| {
                    r.trim_start().starts_with('=') && !r.trim_start().starts_with("==")
                })
            })
    }

    /// The first word of a place.
    pub(crate) fn head(&self, at: Span) -> Span {
        let word = at.text(self.text);
        let n = word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len());
        if n == 0 { at } else { Span::new(at.start, at.start + n as u32) }
    }

    /// The place as written, for messages.
    pub(crate) fn quote(&self, at: Span) -> String {
        let t = at.text(self.text);
        let line = t.lines().next().unwrap_or("");
        if line.len() < t.len() || line.chars().count() > 40 {
            let head: String = line.chars().take(39).collect();
            format!("{head}…")
        } else {
            line.to_owned()
        }
    }

    /// Starts a statement: findings in one that does not parse follow from that.
    pub(crate) fn in_statement(&mut self, s: &Stmt) {
        self.statement = span(s);
        // By lines: what stands beside something that does not parse follows from it, too.
        let (start, end) = (self.statement.start as usize, self.statement.end as usize);
        let from = self.text.get(..start).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1) as u32;
        let rest = self.text.get(end..).and_then(|t| t.find('\n'));
        let to = rest.map_or(self.text.len(), |i| end + i) as u32;
        self.quiet = self.syntax_errors.iter().any(|e| e.start <= to && from <= e.end);
    }

    // ---- names ----

    pub(crate) fn define(&mut self, name: &str, value: Value) {
        let var = Var { value, span: Span::default(), read: true };
        self.vars.insert(name.to_owned(), var);
    }

    fn assign(&mut self, name: &str, at: Span, value: Value) {
        // Moving the viewpoint and building the memory are worth doing for themselves.
        let read = matches!(value, Value::Moved | Value::Error | Value::Memory);
        if let Some(old) = self.vars.insert(name.to_owned(), Var { value, span: at, read })
            && !old.read
        {
            self.unread.push((name.to_owned(), old.span));
        }
    }

    fn forget(&mut self, names: &Names) {
        for name in &names.read {
            if let Some(var) = self.vars.get_mut(name) {
                var.read = true;
            }
        }
        for name in &names.bound {
            self.assign(name, Span::default(), Value::Error);
        }
        if names.called.iter().any(|n| tools::find(n).is_some()) {
            self.uncertain = true;
            self.view = View::Unknown;
            self.unseen.clear();
        }
    }

    /// Marks what a form that is not read would have read and done.
    pub(crate) fn skip(&mut self, e: &Expr) {
        let names = Names::of_expression(e);
        self.forget(&names);
    }

    /// A name of the translation that is free, as near to `wanted` as may be.
    pub(crate) fn fresh(&mut self, wanted: &str) -> String {
        let usable = wanted.starts_with(|c: char| c.is_ascii_lowercase())
            && wanted.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && reasmory_types::Direction::named(wanted).is_none()
            && reasmory_ops::find(wanted).is_none()
            && ![
                "answer", "show", "assert", "return", "if", "else", "for", "in", "fn", "and", "or",
                "not", "as", "true", "false", "test",
            ]
            .contains(&wanted);
        let base = if usable { wanted } else { "chosen" };
        let mut name = base.to_owned();
        let mut n = 2;
        while !self.names.insert(name.clone()) {
            name = format!("{base}{n}");
            n += 1;
        }
        name
    }

    // ---- time ----

    /// The origin of coordinates queried now.
    pub(crate) fn origin(&self, query: Span) -> Origin {
        Origin { epoch: self.moves.len(), query, statement: self.statement }
    }

    /// The viewpoint moved.
    pub(crate) fn moved(&mut self, m: Move, view: View) {
        self.moves.push(m);
        self.unseen.push(m);
        self.view = view;
    }

    /// Something looked from the viewpoint.
    pub(crate) fn observed(&mut self) {
        self.unseen.clear();
    }

    /// Reports moves that were taken back or never looked from.
    pub(crate) fn unobserved(&mut self, by: Option<Span>) {
        let unseen = std::mem::take(&mut self.unseen);
        let Some(first) = unseen.first() else { return };
        if self.uncertain {
            return;
        }
        let n = unseen.len();
        let mut d = Diagnostic::new(
            Code::UnobservedMotion,
            first.span,
            if n == 1 {
                format!("nothing looks from where `{}` leads", first.tool)
            } else {
                format!("nothing looks from where these {n} moves lead")
            },
        )
        .label("moves the viewpoint");
        for m in &unseen[1..] {
            d = d.also(m.span, "and this");
        }
        d = match by {
            Some(next) => d
                .also(next, "the viewpoint is set anew before anything was seen")
                .help("render before it moves on, or leave the move out"),
            None => d.help("render after the last move (`render_ego_rgb`), or leave the move out"),
        };
        self.report(d);
    }

    /// Reports coordinates that were queried before the viewpoint moved.
    pub(crate) fn current(&mut self, item: &Item) {
        if let Some(members) = item.value.members() {
            for m in members {
                self.current(m);
            }
            return;
        }
        if let Value::Dict(entries) = &item.value {
            for (_, m) in entries {
                self.current(m);
            }
            return;
        }
        let Some(origin) = item.value.origin() else { return };
        let Some(moved) = self.moves.get(origin.epoch).copied() else { return };
        if self.uncertain || !self.stale.insert((origin.query, self.moves.len())) {
            return;
        }
        let later = self.moves.len() - origin.epoch - 1;
        let what = self.quote(item.span);
        let also = match later {
            0 => String::new(),
            1 => ", and once more after it".to_owned(),
            n => format!(", and {n} times more after it"),
        };
        let mut d = Diagnostic::new(
            Code::StaleCoordinates,
            item.span,
            format!("`{what}` is in the frame before `{}` moved the viewpoint", moved.tool),
        )
        .label("used after the move")
        .also(origin.query, "queried here")
        .also(moved.span, format!("the viewpoint moves here{also}"))
        .note("every move changes the frame that positions and directions are given in")
        .help(match self.moves.last() {
            Some(last) => {
                let before = self.text.get(..last.span.start as usize).unwrap_or("");
                format!(
                    "query it again after the last move (line {})",
                    before.matches('\n').count() + 1
                )
            }
            None => "query it again".to_owned(),
        })
        .fact("moves", self.moves.len() - origin.epoch);
        if let Some(s) = self.requery(origin, item.span) {
            d = d.suggest(s);
        }
        self.report(d);
    }

    /// How many coordinates were said to be stale so far.
    pub(crate) fn stale_count(&self) -> usize {
        self.stale.len()
    }

    /// The query's statement again, before the statement that needs it.
    fn requery(&self, origin: Origin, place: Span) -> Option<Suggestion> {
        let again = origin.statement.text(self.text);
        let here = self.statement.start <= place.start && place.end <= self.statement.end;
        if again.is_empty() || again.contains('\n') || self.statement == origin.statement || !here {
            return None;
        }
        let start = self.statement.start as usize;
        let line = self.text[..start].rfind('\n').map_or(0, |i| i + 1);
        let indent = self.text.get(line..start)?;
        if !indent.chars().all(char::is_whitespace) {
            return None;
        }
        Some(Suggestion {
            title: "query it again after the move".to_owned(),
            edits: vec![reasmory_diag::Edit {
                span: Span::at(start as u32),
                insert: format!("{again}\n{indent}"),
            }],
            // What was derived from the query in between is not derived again.
            applicability: reasmory_diag::Applicability::Unsafe,
        })
    }

    /// The current view, bound to a name. `None` where there is none to be had.
    pub(crate) fn here(&mut self, at: Span) -> Option<Tree> {
        let View::Known(view) = &self.view else { return None };
        if let ast::ExprKind::Name(n) = &view.kind {
            return Some(emit::name(n, at));
        }
        let view = view.clone();
        let name = self.fresh("me");
        let bound = emit::name(&name, view.span);
        self.stmts.push(emit::bind(&name, view));
        self.view = View::Known(bound);
        Some(emit::name(&name, at))
    }

    /// Counts a picture.
    pub(crate) fn picture(&mut self, at: Span) {
        self.renders += 1;
        if self.renders == self.options.renders + 1 {
            self.over = Some(at);
        }
        self.observed();
    }

    /// Has the memory asked for something, used or not.
    pub(crate) fn probe(&mut self, asked: Tree) {
        let name = format!("_q{}", self.probes.len() + 1);
        self.probes.push(emit::bind(&name, asked));
    }

    // ---- statements ----

    pub(crate) fn body(&mut self, body: Vec<&Stmt>, end: Span) {
        let mut result: Option<Span> = None;
        for (i, s) in body.iter().enumerate() {
            self.in_statement(s);
            self.out.statements.push(self.statement);
            if let (Some(at), false) = (result, matches!(s, Stmt::Return(_))) {
                // Said once; the rest is read all the same.
                result = None;
                self.report(
                    Diagnostic::new(
                        Code::PlanShape,
                        at,
                        "the plan returns before its last statement",
                    )
                    .label("ends the plan")
                    .also(self.head(self.statement), "never reached")
                    .help("return once, at the end"),
                );
            }
            self.stmt(s, i == 0);
            if let Stmt::Return(_) = s
                && i + 1 < body.len()
            {
                result = Some(self.head(self.statement));
            }
        }
        self.quiet = false;
        self.unobserved(None);
        match self.result.take() {
            Some((item, quiet)) => {
                self.statement = self.out.result;
                self.quiet = quiet;
                self.deliver(&item);
            }
            None if self.uncertain && !self.clean_syntax() => {}
            None => self.report(
                Diagnostic::new(Code::PlanShape, end, "the plan returns nothing")
                    .label("has no `return`")
                    .help("end it with `return useful_observation`"),
            ),
        }
    }

    fn stmt(&mut self, s: &Stmt, first: bool) {
        match s {
            Stmt::Assign(a) => {
                let value = self.eval(&a.value);
                for target in &a.targets {
                    self.bind_target(target, &value);
                }
            }
            Stmt::AnnAssign(a) => {
                let Some(value) = &a.value else { return };
                let value = self.eval(value);
                self.bind_target(&a.target, &value);
            }
            Stmt::Expr(e) => self.bare(&e.value, first),
            Stmt::Return(r) => {
                let at = span(r);
                let item = match &r.value {
                    Some(e) => self.eval(e),
                    None => Item { value: Value::None, span: at },
                };
                if self.result.is_none() {
                    self.out.result = at;
                    self.result = Some((item, self.quiet));
                }
            }
            s => {
                if let Some((what, help)) = refused(s) {
                    let at =
                        if matches!(s, Stmt::AugAssign(_)) { span(s) } else { self.head(span(s)) };
                    self.unsupported(at, what, help);
                    self.forget(&Names::of_statement(s));
                    if let Stmt::AugAssign(a) = s
                        && let Expr::Name(n) = &*a.target
                    {
                        self.assign(&n.id, span(n), Value::Error);
                    }
                }
            }
        }
    }

    fn bind_target(&mut self, target: &Expr, value: &Item) {
        match target {
            Expr::Name(n) if n.id.is_empty() => {}
            Expr::Name(n) => {
                let at = span(n);
                if tools::find(&n.id).is_some() {
                    self.report(
                        Diagnostic::new(
                            Code::ReservedName,
                            at,
                            format!("`{}` is a tool and cannot be bound", n.id),
                        )
                        .label("a tool's name")
                        .help("choose another name"),
                    );
                    return;
                }
                self.assign(&n.id, at, value.value.clone());
            }
            other => {
                let (what, help) = match other {
                    Expr::Tuple(_) | Expr::List(_) => {
                        ("unpacking in an assignment", "read members by index: `poses[0]`")
                    }
                    _ => ("changing a value in place", "bind a new name"),
                };
                self.unsupported(span(other), what, help);
                self.skip(other);
            }
        }
    }

    /// An expression on a line of its own.
    fn bare(&mut self, e: &Expr, first: bool) {
        if matches!(e, Expr::StringLiteral(_)) && first || matches!(e, Expr::EllipsisLiteral(_)) {
            return;
        }
        let before = self.out.diagnostics.len();
        let item = self.eval(e);
        if matches!(item.value, Value::Error) || self.out.diagnostics.len() > before {
            return;
        }
        let called = if let Expr::Call(c) = e { Some(&c.func) } else { None };
        match (called, &item.value) {
            (Some(_), Value::Moved | Value::Memory) => {}
            (Some(f), _) => {
                let at = span(&**f);
                let name = self.quote(at);
                self.report(
                    Diagnostic::new(
                        Code::UnusedResult,
                        at,
                        format!("nothing reads what `{name}` gives"),
                    )
                    .label("its result goes nowhere")
                    .help("bind it and put it in the list that is returned, or leave it out"),
                );
            }
            (None, _) => self.report(
                Diagnostic::new(Code::ExpressionStatement, item.span, "a value that goes nowhere")
                    .label("neither bound nor returned")
                    .help("leave it out, or bind it to a name"),
            ),
        }
    }

    // ---- the end ----

    pub(crate) fn finish(mut self) -> Translation {
        if let Some(at) = self.over {
            let (n, limit) = (self.renders, self.options.renders);
            self.found(
                Diagnostic::new(
                    Code::RenderLimit,
                    at,
                    format!("the plan makes {n} pictures; a run may make {limit}"),
                )
                .label("this one is over the limit")
                .help("render fewer views")
                .fact("count", n)
                .fact("limit", limit),
            );
        }
        let broken = self.out.diagnostics.iter().any(Diagnostic::is_error);
        if broken {
            self.stmts.push(emit::gap(Span::default()));
        } else {
            let mut unread = std::mem::take(&mut self.unread);
            unread.extend(self.vars.iter().filter(|v| !v.1.read).map(|(n, v)| (n.clone(), v.span)));
            for (name, at) in unread.into_iter().filter(|u| !u.0.starts_with('_')) {
                self.found(
                    Diagnostic::new(Code::UnusedBinding, at, format!("`{name}` is never used"))
                        .label("bound here, read nowhere")
                        .help("put it in the list that is returned, or remove the line"),
                );
            }
        }
        let mut out = self.out;
        reasmory_diag::sort(&mut out.diagnostics);
        out.program = emit::program(self.stmts);
        self.probes.push(ast::Stmt {
            kind: ast::StmtKind::Answer(emit::int(0, Span::default())),
            span: Span::default(),
        });
        out.probes = emit::program(self.probes);
        out
    }
}
