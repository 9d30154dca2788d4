//! Expressions.

use std::fmt;

use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Suggestion, similar};
use reasmory_span::Span;
use reasmory_syntax::ast::{self, UnaryOp};
use reasmory_types::{Dim, Direction, Ty, Unit};

use super::arith::{is_literal, is_measure};
use super::number::Tag;
use super::repair::leave_out;
use super::{Checker, guess};
use crate::catalogue;
use crate::hir::{Expr, ExprKind, Facts};

impl<'a> Checker<'a> {
    /// The typed form of an expression. `expected` guides literals and lists; it is not enforced.
    pub(super) fn infer(&mut self, e: &ast::Expr, expected: Option<&Ty>) -> Expr {
        use ast::ExprKind as K;
        match &e.kind {
            K::Int(i) => {
                let mut x = self.expr(ExprKind::Int(*i), Ty::Int, e.span, Tag::Int(*i), &[]);
                x.facts.int = Some(*i);
                x
            }
            K::Number(x) => {
                let tag = Tag::Quantity(x.to_bits(), Dim::NONE);
                self.expr(ExprKind::Float(*x), Ty::NUMBER, e.span, tag, &[])
            }
            K::Measure { written, unit } => self.measure(*written, unit, e.span),
            K::Text(t) => {
                let kind = ExprKind::Text(t.clone());
                let mut x = self.expr(kind, Ty::Noun, e.span, Tag::Text(t), &[]);
                x.facts.nouns = vec![(t.clone(), self.at(e.span))];
                x
            }
            K::Bool(b) => self.expr(ExprKind::Bool(*b), Ty::Bool, e.span, Tag::Bool(*b), &[]),
            K::Name(name) => self.name(name, e.span, expected),
            K::List(items) => self.list(items, e.span, expected),
            K::Range(a, b) => {
                let a = self.infer(a, Some(&Ty::Int));
                let a = self.coerce(a, &Ty::Int, &"the start of a range");
                let b = self.infer(b, Some(&Ty::Int));
                let b = self.coerce(b, &Ty::Int, &"the end of a range");
                let len = match (a.facts.int, b.facts.int) {
                    (Some(x), Some(y)) => {
                        Some(if x > y { 0 } else { y.abs_diff(x).saturating_add(1) })
                    }
                    _ => None,
                };
                let of = [a.vn, b.vn];
                let kind = ExprKind::Range(Box::new(a), Box::new(b));
                let mut x = self.expr(kind, Ty::Int.list(), e.span, "range", &of);
                x.facts.len = len;
                x
            }
            K::Call { callee, args } => self.call(callee, None, args, e.span, expected),
            K::Method { receiver, name, args } => {
                self.method(receiver, name, args.as_deref(), e.span, expected)
            }
            K::Index(list, index) => self.index(list, index, e.span),
            K::Unary(UnaryOp::Neg, x) => {
                let x = self.infer(x, expected);
                self.negate(x, e.span)
            }
            K::Unary(UnaryOp::Not, x) => {
                let x = self.infer(x, Some(&Ty::Bool));
                let x = self.coerce(x, &Ty::Bool, &"the operand of `not`");
                let of = [x.vn];
                self.expr(ExprKind::Not(Box::new(x)), Ty::Bool, e.span, "not", &of)
            }
            K::Binary { op, op_span, left, right } => {
                self.binary(*op, *op_span, left, right, e.span)
            }
            K::If { cond, then, otherwise } => {
                self.conditional(cond, then, otherwise.as_deref(), e.span, expected)
            }
            K::Comprehension { element, name, list, cond } => {
                let list = self.infer(list, None);
                let member = self.member_type(&list, &"a comprehension goes over");
                self.push_scope();
                let id = self.local(&name.name, member, name.span, false);
                self.inherit_member(id, &list);
                let bodies: Vec<&ast::Expr> =
                    [&**element].into_iter().chain(cond.as_deref()).collect();
                self.bind_member(name, id, &bodies);
                let cond = cond.as_ref().map(|c| {
                    let c = self.infer(c, Some(&Ty::Bool));
                    Box::new(self.coerce(c, &Ty::Bool, &"the condition of a comprehension"))
                });
                let wanted = match expected {
                    Some(Ty::List(t)) => Some((**t).clone()),
                    _ => None,
                };
                let element = self.infer(element, wanted.as_ref());
                self.pop_scope();
                let facts = Facts {
                    measured: element.facts.measured,
                    nouns: element.facts.nouns.clone(),
                    frame: element.facts.frame.clone(),
                    unit: element.facts.unit,
                    len: if cond.is_none() { list.facts.len } else { None },
                    ..Facts::default()
                };
                let ty = element.ty.clone().list();
                let vn = self.fresh();
                let kind = ExprKind::Comprehension {
                    local: id,
                    list: Box::new(list),
                    cond,
                    element: Box::new(element),
                };
                Expr { kind, ty, span: self.at(e.span), vn, facts }
            }
            K::Lambda { param, body } => {
                self.report(
                    Diagnostic::new(
                        Code::MisplacedLambda,
                        e.span,
                        "a lambda stands only as an argument",
                    )
                    .label("no operation takes it here")
                    .help(
                        "pass it to a list operation (`xs.filter(x => …)`), or declare `fn` for \
                             a function with a name",
                    ),
                );
                self.push_scope();
                let id = self.local(&param.name, Ty::Error, param.span, false);
                self.bind(param, id);
                self.infer(body, None);
                self.pop_scope();
                self.error(e.span)
            }
            K::As { value, unit, unit_span } => self.cast(value, unit, *unit_span, e.span),
            K::Error => self.error(e.span),
        }
    }

    fn measure(&mut self, written: f64, unit: &'static Unit, span: Span) -> Expr {
        let value = unit.to_canonical(written);
        let tag = Tag::Quantity(value.to_bits(), unit.dim);
        let mut x = self.expr(ExprKind::Float(value), Ty::Quantity(unit.dim), span, tag, &[]);
        x.facts.unit = Some(unit);
        if unit.dim.length != 0 {
            let quoted = self.quote(span);
            let before = self.diagnostics.len();
            self.require_metric(span, &format_args!("`{quoted}`"));
            if let Some(d) = self.diagnostics.get(before).cloned()
                && let Some(share) = guess::of_diagonal(value, unit.dim)
            {
                let divides =
                    self.text.get(..span.start as usize).unwrap_or("").trim_end().ends_with('/');
                let share = if divides { format!("({share})") } else { share };
                self.diagnostics[before] = d.fix(
                    Applicability::Unsafe,
                    "say it as a share of the room's diagonal, taken to be some 6 m",
                    span,
                    share,
                );
            }
        }
        x
    }

    /// Metres need a metric memory.
    pub(super) fn require_metric(&mut self, span: Span, what: &dyn fmt::Display) {
        let Some(scene) = self.profile_of() else { return };
        if scene.scale.is_metric() {
            return;
        }
        let source = scene.scale.source.clone();
        self.report(
            Diagnostic::new(
                Code::MetricRequired,
                span,
                format!("{what} needs a metric memory, and the scale of this one is unknown"),
            )
            .label("metric")
            .note(format!("lengths here are scene units ({source}); comparing and ordering them works"))
            .help(
                "compare with a percentage of the room's diagonal (`10% * diagonal()`), or calibrate \
                 the memory from one known length",
            ),
        );
    }

    fn cast(
        &mut self,
        value: &ast::Expr,
        unit: &'static Unit,
        unit_span: Span,
        span: Span,
    ) -> Expr {
        let mut x = self.infer(value, Some(&Ty::Quantity(unit.dim)));
        if x.ty == Ty::Int && unit.dim == Dim::NONE {
            x = self.coerce(x, &Ty::NUMBER, &"a number printed in a unit");
        }
        match &x.ty {
            Ty::Quantity(d) if *d == unit.dim => {
                if unit.dim.length != 0 {
                    let before = self.diagnostics.len();
                    self.require_metric(unit_span, &format_args!("`as {}`", unit.name));
                    if self.diagnostics.len() > before
                        && let Some(d) = self.diagnostics.last_mut()
                    {
                        *d = d.clone().fix(
                            Applicability::Unsafe,
                            "leave out the unit",
                            Span::new(x.span.end, unit_span.end),
                            "",
                        );
                    }
                }
                x.facts.unit = Some(unit);
                x.span = self.at(span);
            }
            Ty::Error => {}
            other => {
                let found = other.to_string();
                let better = match other {
                    Ty::Quantity(d) => Unit::default_for(*d),
                    _ => None,
                };
                let mut d = Diagnostic::new(
                    Code::UnitMismatch,
                    unit_span,
                    format!(
                        "`{}` is a unit of {}, and the value is `{found}`",
                        unit.name, unit.dim
                    ),
                )
                .label(format!("a unit of {}", unit.dim))
                .also(x.span, format!("this is `{found}`"))
                .fact("expected", unit.dim.to_string())
                .fact("found", found.clone());
                // `a / b as %`: the unit was meant for the whole.
                let before = self.text[..x.span.start as usize].trim_end();
                d = match better {
                    _ if before.ends_with(['+', '-', '*', '/']) => d.help(format!(
                        "`as` binds tighter than arithmetic; for the unit of the whole write `(…) as {}`",
                        unit.name
                    )),
                    Some(u) => d.help(format!("print it in `{}`", u.name)).fix(
                        Applicability::Unsafe,
                        format!("use `{}`", u.name),
                        unit_span,
                        u.name,
                    ),
                    None => d.help(format!("`{found}` has no unit: leave out `as`")).fix(
                        Applicability::Unsafe,
                        "leave out the unit",
                        Span::new(x.span.end, unit_span.end),
                        "",
                    ),
                };
                self.report(d);
            }
        }
        x
    }

    fn name(&mut self, name: &str, span: Span, expected: Option<&Ty>) -> Expr {
        if let Some(id) = self.lookup(name) {
            let span = self.at(span);
            let info = self.info(id);
            info.used = true;
            return Expr {
                kind: ExprKind::Local(id),
                ty: info.ty.clone(),
                span,
                vn: info.vn,
                facts: info.facts.clone(),
            };
        }
        if let Some(d) = Direction::named(name) {
            return self.expr(ExprKind::Direction(d), Ty::Direction, span, Tag::Direction(d), &[]);
        }
        // One report per name: a misspelt binding is used many times.
        if self.unknown_reported.insert(name.to_owned(), ()).is_some() {
            return self.error(span);
        }
        let mut d = Diagnostic::new(
            Code::UnknownName,
            span,
            format!("`{name}` is bound nowhere before this"),
        )
        .label("unknown name")
        .fact("found", name);
        if catalogue::find(name).is_some_and(|c| c.signature().params.iter().all(|p| !p.required()))
        {
            d = d.help(format!("`{name}` is an operation: call it")).fix(
                Applicability::Safe,
                "call it",
                Span::at(span.end),
                "()",
            );
            self.report(d);
            let ident = ast::Ident { name: name.to_owned(), span };
            return self.call(&ident, None, &[], span, None);
        }
        // Each search compares with every name in reach: past a hundred findings nobody reads a guess, and
        // the work would grow with the square of the program.
        let searched = self.unknown_reported.len() <= 100;
        let mut known: Vec<String> = self
            .frame
            .scopes
            .iter()
            .filter(|_| searched)
            .flat_map(|s| s.keys().cloned())
            .chain(Direction::ALL.iter().map(|d| d.name().to_owned()))
            .collect();
        known.sort();
        let near = similar::candidates(name, known.iter().map(String::as_str));
        if self.is_category(name) {
            // One instance of several cannot be meant by the category alone.
            let one = !matches!(expected, Some(Ty::Object | Ty::Place)) || self.has_one(name);
            d = d.help(format!("a category is written in quotes: `\"{name}\"`")).fix(
                if one { Applicability::Safe } else { Applicability::Unsafe },
                "put it in quotes",
                span,
                format!("\"{name}\""),
            );
            if let (false, Some(member)) = (one, self.only_local(&Ty::Object)) {
                // In a lambda over the category, its member.
                d.suggestions.insert(
                    0,
                    Suggestion {
                        title: format!("use `{member}`"),
                        edits: vec![Edit { span, insert: member }],
                        applicability: Applicability::Unsafe,
                    },
                );
            }
        } else if let Some(best) = near.first() {
            let safe = if near.len() == 1 { Applicability::Safe } else { Applicability::Unsafe };
            d = d.help(format!("did you mean `{best}`?")).fact("candidates", near.clone()).fix(
                safe,
                format!("use `{best}`"),
                span,
                *best,
            );
        } else if matches!(name, "north" | "south" | "east" | "west") {
            d = d.help(
                "the memory has no compass: face a thing (`facing=the(\"…\")`), or turn from a heading \
                 (`heading=90deg`, counter-clockwise from the memory's x axis)",
            );
        } else if Unit::named(name).is_some() {
            d = d.help(format!("a unit is glued to its number: `3{name}`, or `x * 1{name}`"));
        } else if let Some(inside) = self.frame.closed.get(name).copied() {
            d = d.also(inside, "bound inside a block, and known only there").help(format!(
                "bind it outside: `{name} = if … {{ … }} else {{ … }}`, or use it inside the block"
            ));
            if let Some(outside) = self.bound_in_branches(name) {
                d = d.suggest(outside);
            }
        } else if let Some(c) = catalogue::find(name) {
            d = d.note(format!("`{name}{}`", c.signature()));
            d = d.help(format!("`{name}` is an operation: call it with its arguments"));
        } else {
            d = d.help(format!("bind it first: `{name} = …`, or write a text in quotes"));
        }
        if let (false, Some(ty)) = (guess::repairable(&d), expected) {
            d = self.instead(d, ty, span);
        }
        self.report(d);
        self.error(span)
    }

    fn list(&mut self, items: &[ast::Expr], span: Span, expected: Option<&Ty>) -> Expr {
        let wanted = match expected {
            Some(Ty::List(t)) if !matches!(**t, Ty::Var(_)) => Some((**t).clone()),
            _ => None,
        };
        // Marks flatten: a list in a list of marks is its members.
        let items: Vec<&ast::Expr> = match &wanted {
            Some(Ty::Mark) => flat(items),
            _ => items.iter().collect(),
        };
        let mut members: Vec<Expr> = items
            .into_iter()
            .map(|i| {
                let x = self.infer(i, wanted.as_ref());
                match &wanted {
                    Some(t) if self.fits(&x, t) => self.coerce(x, t, &"a member of the list"),
                    _ => x,
                }
            })
            .collect();
        let mut ty = members.first().map(|m| m.ty.clone()).or(wanted).unwrap_or(Ty::Object);
        for m in &members {
            if ty == m.ty || m.ty == Ty::Error {
                continue;
            }
            if ty == Ty::Error {
                ty = m.ty.clone();
            } else if let Some(t) = join(&ty, &m.ty) {
                ty = t;
            } else {
                let first = members[0].span;
                let d = Diagnostic::new(
                    Code::MixedList,
                    m.span,
                    format!("a list of `{ty}` cannot hold `{}`", m.ty),
                )
                .label(format!("this is `{}`", m.ty))
                .also(first, format!("the list is of `{ty}`"))
                .help("give all members one type");
                let mut d = self.one_unit(d, &members[0], m);
                if !guess::repairable(&d) {
                    d = leave_out(d, self.without_argument(m.span), false);
                }
                self.report(d);
                ty = Ty::Error;
                break;
            }
        }
        if !ty.has_error() {
            members =
                members.into_iter().map(|m| self.coerce(m, &ty, &"a member of the list")).collect();
        }
        let framed = members.iter().find(|m| m.facts.frame.is_some()).cloned();
        if let Some(first) = &framed {
            for m in &members {
                self.same_frame(first, m, "[…]", m.span);
            }
        }
        let unit = members.first().and_then(|m| m.facts.unit);
        let facts = Facts {
            nouns: members.iter().flat_map(|m| m.facts.nouns.clone()).collect(),
            measured: members.iter().any(|m| m.facts.measured),
            len: Some(members.len() as u64),
            frame: framed.and_then(|m| m.facts.frame),
            unit: unit.filter(|_| members.iter().all(|m| m.facts.unit == unit)),
            instances: members
                .iter()
                .map(|m| match (&m.ty, &m.facts.instances) {
                    (Ty::Object, Some(ids)) => Some(&**ids),
                    _ => None,
                })
                .collect::<Option<Vec<&[u32]>>>()
                .map(|ids| ids.concat().into()),
            ..Facts::default()
        };
        let of: Vec<_> = members.iter().map(|m| m.vn).collect();
        let mut x = self.expr(ExprKind::List(members), ty.list(), span, "list", &of);
        x.facts = facts;
        x
    }

    fn index(&mut self, list: &ast::Expr, index: &ast::Expr, span: Span) -> Expr {
        let list = self.infer(list, None);
        let member = self.member_type(&list, &"an index reads");
        if self.stated_only(&list) {
            self.infer(index, Some(&Ty::Int));
            return self.error(span);
        }
        let i = self.infer(index, Some(&Ty::Int));
        let i = self.coerce(i, &Ty::Int, &"an index");
        if let Some(n) = i.facts.int {
            let len = list.facts.len;
            if len.is_some() {
                self.reads.get_mut().need_numbers();
            }
            if n < 1 || len.is_some_and(|l| n.unsigned_abs() > l) {
                let mut d = Diagnostic::new(
                    Code::IndexOutOfRange,
                    i.span,
                    match len {
                        Some(l) => format!("index {n} of a list of {l}"),
                        None => format!("index {n}; the first member is 1"),
                    },
                )
                .label("no such member");
                d = if n == 0 {
                    d.help("indices count from 1").fix(
                        Applicability::Unsafe,
                        "use the first member",
                        i.span,
                        "1",
                    )
                } else if n == -1 {
                    let brackets = Span::new(list.span.end, span.end);
                    d.help("the last member is `last()`").fix(
                        Applicability::Safe,
                        "take the last member",
                        brackets,
                        ".last()",
                    )
                } else if n < 0 {
                    d.help("for the last member call `last()`")
                } else {
                    let brackets = Span::new(list.span.end, span.end);
                    d.help("choose an index within the list").fix(
                        Applicability::Unsafe,
                        "take the last member",
                        brackets,
                        ".last()",
                    )
                };
                self.report(d);
            }
        }
        let facts = Facts {
            nouns: list.facts.nouns.clone(),
            measured: list.facts.measured,
            frame: list.facts.frame.clone(),
            unit: list.facts.unit,
            ..Facts::default()
        };
        let of = [list.vn, i.vn];
        let mut x =
            self.expr(ExprKind::Index(Box::new(list), Box::new(i)), member, span, "index", &of);
        x.facts = facts;
        x
    }

    fn conditional(
        &mut self,
        cond: &ast::Expr,
        then: &ast::Expr,
        otherwise: Option<&ast::Expr>,
        span: Span,
        expected: Option<&Ty>,
    ) -> Expr {
        let c = self.infer(cond, Some(&Ty::Bool));
        let c = self.coerce(c, &Ty::Bool, &"the condition of `if`");
        let a = self.infer(then, expected);
        let Some(otherwise) = otherwise else {
            // Where an `else` was looked for is no part of it.
            let written = self.text.get(span.range()).map_or("", |t| t.trim_end());
            let span = Span::new(span.start, span.start + written.len() as u32);
            let end = Span::at(span.end);
            let mut d = Diagnostic::new(Code::MissingElse, span, "an `if` expression needs `else`")
                .label("has no value where the condition does not hold")
                .fix(Applicability::Manual, "add `else`", end, " else { … }");
            if let Some(nothing) = self.nothing(&a.ty) {
                d = d.fix(
                    Applicability::Unsafe,
                    format!("take `{nothing}` where it does not hold, if that is meant"),
                    end,
                    format!(" else {{ {nothing} }}"),
                );
            }
            self.report(d);
            return self.error(span);
        };
        let b = self.infer(otherwise, expected);
        let Some(ty) = join(&a.ty, &b.ty) else {
            let d = Diagnostic::new(
                Code::BranchMismatch,
                b.span,
                format!("one branch is `{}`, the other `{}`", a.ty, b.ty),
            )
            .label(format!("this is `{}`", b.ty))
            .also(a.span, format!("this is `{}`", a.ty))
            .help("give both branches one type");
            let mut d = self.one_unit(d, &a, &b);
            for (x, other) in [(&b, &a), (&a, &b)] {
                match &other.ty {
                    _ if guess::repairable(&d) => {}
                    Ty::Quantity(dim) if is_measure(x) => d = self.other_unit(d, x, *dim),
                    Ty::Noun if is_measure(x) || is_literal(x) => {
                        let text = format!("\"{}\"", x.span.text(self.text));
                        d = d.fix(Applicability::Unsafe, "put it in quotes", x.span, text);
                    }
                    _ => {}
                }
            }
            self.report(d);
            return self.error(span);
        };
        let a = self.coerce(a, &ty, &"a branch");
        let b = self.coerce(b, &ty, &"a branch");
        let facts = Facts {
            measured: a.facts.measured || b.facts.measured,
            unit: if a.facts.unit == b.facts.unit { a.facts.unit } else { None },
            frame: if a.facts.frame == b.facts.frame { a.facts.frame.clone() } else { None },
            nouns: a.facts.nouns.iter().chain(&b.facts.nouns).cloned().collect(),
            ..Facts::default()
        };
        let of = [c.vn, a.vn, b.vn];
        let kind = ExprKind::If(Box::new(c), Box::new(a), Box::new(b));
        let mut x = self.expr(kind, ty, span, "if", &of);
        x.facts = facts;
        x
    }
}

/// The members of a list literal, those of lists in it among them.
fn flat(items: &[ast::Expr]) -> Vec<&ast::Expr> {
    items
        .iter()
        .flat_map(|i| match &i.kind {
            ast::ExprKind::List(inner) => flat(inner),
            _ => vec![i],
        })
        .collect()
}

/// The type that values of both types have after conversion, if any.
pub(super) fn join(a: &Ty, b: &Ty) -> Option<Ty> {
    Some(match (a, b) {
        (a, b) if a == b => a.clone(),
        (Ty::Error, t) | (t, Ty::Error) => t.clone(),
        (Ty::Int, n @ Ty::Quantity(d)) | (n @ Ty::Quantity(d), Ty::Int) if *d == Dim::NONE => {
            n.clone()
        }
        (Ty::Noun, t @ (Ty::Category | Ty::Direction | Ty::Text | Ty::Object))
        | (t @ (Ty::Category | Ty::Direction | Ty::Text | Ty::Object), Ty::Noun) => t.clone(),
        (Ty::List(x), Ty::List(y)) => join(x, y)?.list(),
        _ => return None,
    })
}
