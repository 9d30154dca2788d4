//! Statements.

use std::fmt;

use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Suggestion};
use reasmory_span::Span;
use reasmory_syntax::ast::{self, StmtKind};
use reasmory_types::Ty;

use super::Checker;
use super::coerce::is_answer;
use super::guess::repairable;
use super::repair::{leave_out, subject};
use crate::hir::{self, LocalId};

impl<'a> Checker<'a> {
    /// Statements of a block in a scope of their own.
    pub(super) fn block(&mut self, block: &ast::Block) -> Vec<hir::Stmt> {
        self.push_scope();
        let stmts = block.stmts.iter().filter_map(|s| self.stmt(s)).collect();
        self.pop_scope();
        stmts
    }

    pub(super) fn stmt(&mut self, s: &ast::Stmt) -> Option<hir::Stmt> {
        let kind = match &s.kind {
            StmtKind::Bind { name, value } => self.binding(name, value)?,
            StmtKind::Answer(e) => {
                if self.frame.result.is_some() {
                    self.misplaced(s, "answer", "a function gives its value with `return`");
                }
                if !self.frame.loops.is_empty() {
                    let mut d =
                        Diagnostic::new(Code::AnswerInLoop, s.span, "`answer` stands inside `for`")
                            .label("would answer once per member")
                            .note("a program answers once; `for` exists for `show` and `assert`")
                            .help(
                                "answer a list operation instead: `answer xs.filter(x => …)`, \
                                 `.count()`, `.min_by(x => …)`, `.any(x => …)`",
                            );
                    if let Some(list) = self.answered_once(s.span) {
                        d = d.suggest(list);
                    }
                    self.report(d);
                }
                let value = self.infer(e, None);
                let picture = value.ty == Ty::Image;
                let value = self.as_answer(value);
                if picture && let Some(d) = self.diagnostics.last_mut() {
                    let word = Span::new(s.span.start, s.span.start + "answer".len() as u32);
                    *d = d.clone().fix(Applicability::Safe, "show it", word, "show");
                }
                let unit = value.facts.unit;
                if !value.ty.has_error() {
                    self.answer = Some(value.ty.clone());
                }
                hir::StmtKind::Answer(value, unit)
            }
            StmtKind::Show(e) => {
                if self.frame.result.is_some() {
                    self.misplaced(s, "show", "a function has no effects; return the Image");
                }
                let value = self.infer(e, Some(&Ty::Image));
                let found = value.ty.clone();
                let before = self.diagnostics.len();
                let value = self.coerce(value, &Ty::Image, &"what `show` shows");
                if let Some(d) = self.diagnostics.get(before).filter(|d| !repairable(d)).cloned() {
                    // A value is answered; where the program answers already, it is not wanted.
                    self.diagnostics[before] = if self.answers_elsewhere(s.span) {
                        leave_out(
                            d,
                            Edit { span: self.whole_line(s.span), insert: String::new() },
                            false,
                        )
                    } else if is_answer(&found) {
                        let word = Span::new(s.span.start, s.span.start + "show".len() as u32);
                        d.fix(Applicability::Unsafe, "answer it", word, "answer")
                    } else {
                        d
                    };
                }
                hir::StmtKind::Show(value)
            }
            StmtKind::Assert { cond, why } => {
                let c = self.infer(cond, Some(&Ty::Bool));
                let c = self.coerce(c, &Ty::Bool, &"the condition of `assert`");
                let why = why.as_ref().map(|w| {
                    let w = self.infer(w, Some(&Ty::Text));
                    self.coerce(w, &Ty::Text, &"the reason of `assert`")
                });
                hir::StmtKind::Assert(c, why)
            }
            StmtKind::Return(e) => {
                let Some((ty, frame)) = self.frame.result.clone() else {
                    let keyword = reasmory_span::Span::new(s.span.start, s.span.start + 6);
                    self.report(
                        Diagnostic::new(
                            Code::MisplacedReturn,
                            keyword,
                            "`return` stands outside a function",
                        )
                        .label("a program gives its result with `answer`")
                        .fix(
                            Applicability::Safe,
                            "use `answer`",
                            keyword,
                            "answer",
                        ),
                    );
                    self.infer(e, None);
                    return None;
                };
                let value = self.infer(e, Some(&ty));
                let value = self.coerce(value, &ty, &"what the function returns");
                if let (Some((want, name)), Some((have, other))) = (&frame, &value.facts.frame)
                    && want != have
                {
                    let d = Diagnostic::new(
                        Code::FrameMismatch,
                        value.span,
                        format!("the result is promised in `{name}`, but is in `{other}`"),
                    )
                    .label(format!("coordinates of `{other}`"))
                    .help(format!("take it with `local(…, from={name})`"));
                    let d = self.in_one_frame(d, value.span, other, name);
                    self.report(d);
                }
                hir::StmtKind::Return(value)
            }
            StmtKind::If { cond, then, otherwise } => {
                let c = self.infer(cond, Some(&Ty::Bool));
                let c = self.coerce(c, &Ty::Bool, &"the condition of `if`");
                let a = self.block(then);
                let b = otherwise.as_ref().map(|b| self.block(b)).unwrap_or_default();
                hir::StmtKind::If(c, a, b)
            }
            StmtKind::For { name, list, body } => {
                let list = self.infer(list, None);
                let member = self.member_type(&list, &"`for` goes over");
                self.frame.loops.push(self.frame.scopes.len());
                self.push_scope();
                let id = self.local(&name.name, member, name.span, false);
                self.inherit_member(id, &list);
                self.bind(name, id);
                let body = self.block(body);
                self.frame.loops.pop();
                self.pop_scope();
                hir::StmtKind::For(id, list, body)
            }
            StmtKind::Expr(e) => {
                let value = self.infer(e, None);
                if value.ty != Ty::Error {
                    let start = reasmory_span::Span::at(s.span.start);
                    let mut d = Diagnostic::new(
                        Code::ExpressionStatement,
                        s.span,
                        format!("the value of `{}` goes nowhere", self.quote(s.span)),
                    )
                    .label(format!("a `{}` that nothing uses", value.ty));
                    d = if value.ty == Ty::View {
                        let of = subject(e).filter(|n| self.lookup(n).is_some()).unwrap_or("me");
                        let name = if self.lookup(of).is_some() {
                            self.free_name(of)
                        } else {
                            of.to_owned()
                        };
                        // What was said of the view after this was meant of the new one.
                        let later = self.later_uses(s.span, of).unwrap_or_default();
                        let sure = !later.is_empty();
                        let edits = [Edit { span: start, insert: format!("{name} = ") }]
                            .into_iter()
                            .chain(
                                later.into_iter().map(|span| Edit { span, insert: name.clone() }),
                            )
                            .collect();
                        d.note("a view never changes; an operation on it gives another view")
                            .help(format!("name the new view, and use it below: `{name} = …`"))
                            .suggest(Suggestion {
                                title: format!("name the new view `{name}`, and use it below"),
                                edits,
                                applicability: if sure {
                                    Applicability::Unsafe
                                } else {
                                    Applicability::Manual
                                },
                            })
                    } else if value.ty == Ty::Image {
                        d.help("show it").fix(
                            Applicability::Safe,
                            "show the picture",
                            start,
                            "show ",
                        )
                    } else if self.answers_elsewhere(s.span) {
                        let line = Edit { span: self.whole_line(s.span), insert: String::new() };
                        leave_out(d.help("use it, bind it, or leave it out"), line, false)
                    } else {
                        d.help("answer it, or bind it: `name = …`").fix(
                            Applicability::Unsafe,
                            "answer the value",
                            start,
                            "answer ",
                        )
                    };
                    self.report(d);
                }
                return None;
            }
            StmtKind::Error => {
                self.broken = true;
                return None;
            }
        };
        Some(hir::Stmt { kind, span: self.at(s.span) })
    }

    fn binding(&mut self, name: &ast::Ident, value: &ast::Expr) -> Option<hir::StmtKind> {
        // `n = n + 1` and `best = x` in a loop: the habit of languages with variables.
        if let Some(old) = self.lookup(&name.name)
            && let Some(inner) = self.frame.loops.last().copied()
            && (mentions(value, &name.name)
                || !self.frame.scopes[inner..].iter().any(|s| s.contains_key(&name.name)))
        {
            let first = self.frame.locals[old.0 as usize].span;
            let mut d = Diagnostic::new(
                Code::Accumulation,
                name.span,
                format!("`{}` cannot change in a loop", name.name),
            )
            .label("names are bound once")
            .also(first, "bound here")
            .help(
                "use the list operation: `xs.filter(x => …).count()`, `xs.map(x => …).sum()`, \
                 `xs.min_by(x => …)`, `xs.max_by(x => …)`",
            );
            if let Some(once) = self.accumulated(name).or_else(|| self.kept(name)) {
                d = d.suggest(once);
            }
            self.report(d);
            self.infer(value, None);
            self.info(old).used = true;
            return None;
        }
        let value = self.infer(value, None);
        let id = self.local(&name.name, value.ty.clone(), name.span, true);
        self.adopt(id, &value);
        self.bind(name, id);
        Some(hir::StmtKind::Bind(id, value))
    }

    /// A local takes over what is known of its value.
    pub(super) fn adopt(&mut self, id: LocalId, value: &hir::Expr) {
        let info = self.info(id);
        info.vn = value.vn;
        info.facts = value.facts.clone();
    }

    /// A loop or lambda variable takes over what is known of a list's members.
    pub(super) fn inherit_member(&mut self, id: LocalId, list: &hir::Expr) {
        let info = self.info(id);
        info.facts.nouns = list.facts.nouns.clone();
        info.facts.measured = list.facts.measured;
        info.facts.frame = list.facts.frame.clone();
        info.facts.unit = list.facts.unit;
    }

    /// Type of the members of a list, reporting what is no list.
    pub(super) fn member_type(&mut self, list: &hir::Expr, role: &dyn fmt::Display) -> Ty {
        match &list.ty {
            Ty::List(t) => (**t).clone(),
            Ty::Error => Ty::Error,
            other => {
                let mut d = Diagnostic::new(
                    Code::TypeMismatch,
                    list.span,
                    format!("{role} a list, not `{other}`"),
                )
                .label(format!("this is `{other}`"))
                .fact("expected", "List")
                .fact("found", other.to_string());
                if *other == Ty::Noun || *other == Ty::Category {
                    d = d.help("take its instances").suggest(reasmory_diag::Suggestion {
                        title: "use `objects(…)`".into(),
                        edits: vec![
                            reasmory_diag::Edit {
                                span: reasmory_span::Span::at(list.span.start),
                                insert: "objects(".into(),
                            },
                            reasmory_diag::Edit {
                                span: reasmory_span::Span::at(list.span.end),
                                insert: ")".into(),
                            },
                        ],
                        applicability: Applicability::Safe,
                    });
                } else if *other == Ty::Int {
                    d = d.help("for the numbers from 1 write `1..n`");
                    if self.text[..list.span.start as usize].trim_end().ends_with(" in") {
                        d = d.fix(
                            Applicability::Unsafe,
                            "go from 1 to it",
                            Span::at(list.span.start),
                            "1..",
                        );
                    }
                } else if matches!(other, Ty::Object | Ty::Photo | Ty::View) {
                    d = d.help("this is one thing already: use it as it is, or put it into a list");
                } else if let Some(record) = other.record() {
                    let fields: Vec<String> =
                        record.fields.iter().map(|f| format!("`.{}`", f.0)).collect();
                    d = d.help(format!("read one of its fields: {}", fields.join(", ")));
                }
                self.report(d);
                Ty::Error
            }
        }
    }

    fn misplaced(&mut self, s: &ast::Stmt, what: &str, help: &str) {
        // With the end of its line, where the line holds nothing else.
        let rest = &self.text[s.span.end as usize..];
        let line = rest.find('\n').filter(|n| rest[..*n].trim().is_empty()).map_or(0, |n| n + 1);
        let span = Span::new(s.span.start, s.span.end + line as u32);
        let d = Diagnostic::new(
            Code::MisplacedReturn,
            s.span,
            format!("`{what}` stands inside a function"),
        )
        .label("functions only compute")
        .help(help);
        self.report(leave_out(d, Edit { span, insert: String::new() }, false));
    }
}

fn mentions(e: &ast::Expr, name: &str) -> bool {
    use ast::ExprKind as K;
    match &e.kind {
        K::Name(n) => n == name,
        K::List(items) => items.iter().any(|i| mentions(i, name)),
        K::Range(a, b) | K::Index(a, b) => mentions(a, name) || mentions(b, name),
        K::Call { args, .. } => args.iter().any(|a| mentions(&a.value, name)),
        K::Method { receiver, args, .. } => {
            mentions(receiver, name) || args.iter().flatten().any(|a| mentions(&a.value, name))
        }
        K::Unary(_, x) | K::As { value: x, .. } | K::Lambda { body: x, .. } => mentions(x, name),
        K::Binary { left, right, .. } => mentions(left, name) || mentions(right, name),
        K::If { cond, then, otherwise } => {
            mentions(cond, name)
                || mentions(then, name)
                || otherwise.as_ref().is_some_and(|o| mentions(o, name))
        }
        K::Comprehension { element, list, cond, .. } => {
            mentions(element, name)
                || mentions(list, name)
                || cond.as_ref().is_some_and(|c| mentions(c, name))
        }
        _ => false,
    }
}

/// Where an expression reads a name, those places left out where an inner variable of the name hides it.
pub(super) fn uses(e: &ast::Expr, name: &str, text: &str, out: &mut Vec<reasmory_span::Span>) {
    use ast::ExprKind as K;
    let mut visit = |e: &ast::Expr| uses(e, name, text, out);
    match &e.kind {
        K::Name(n) if n == name => {
            // The span holds enclosing parentheses, too.
            let at = e.span.text(text).find(name).unwrap_or(0) as u32;
            let start = e.span.start + at;
            out.push(reasmory_span::Span::new(start, start + name.len() as u32));
        }
        K::List(items) => items.iter().for_each(visit),
        K::Range(a, b) | K::Index(a, b) => [a, b].into_iter().for_each(|x| visit(x)),
        K::Call { args, .. } => args.iter().for_each(|a| visit(&a.value)),
        K::Method { receiver, args, .. } => {
            visit(receiver);
            args.iter().flatten().for_each(|a| visit(&a.value));
        }
        K::Lambda { param, body } if param.name != name => visit(body),
        K::Unary(_, x) | K::As { value: x, .. } => visit(x),
        K::Binary { left, right, .. } => [left, right].into_iter().for_each(|x| visit(x)),
        K::If { cond, then, otherwise } => {
            visit(cond);
            visit(then);
            otherwise.iter().for_each(|o| visit(o));
        }
        K::Comprehension { element, name: member, list, cond } => {
            visit(list);
            if member.name != name {
                visit(element);
                cond.iter().for_each(|c| visit(c));
            }
        }
        _ => {}
    }
}
