//! Generic operations: those over lists of anything and numbers of any dimension, which lowering expands.

use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Suggestion};
use reasmory_ops::{InlineOp, OpDef, OpId};
use reasmory_span::Span;
use reasmory_syntax::ast;
use reasmory_types::{Dim, Ty};

use super::Checker;
use super::arguments::{Arranged, Given};
use super::number::Tag;
use crate::catalogue;
use crate::hir::{Expr, ExprKind, Facts, Lambda};

impl<'a> Checker<'a> {
    pub(super) fn inline(
        &mut self,
        op: InlineOp,
        def: &'static OpDef,
        mut arranged: Arranged<'_>,
        span: Span,
        expected: Option<&Ty>,
    ) -> Expr {
        let param = |p: usize| def.signature().params[p].name.as_str();
        let otherwise_ast = arranged.otherwise;
        if def.variadic && !arranged.rest.is_empty() {
            return self.variadic(op, def, arranged, span);
        }
        if op == InlineOp::Options {
            return self.options(span);
        }
        // Scalars: everything but the list operations.
        if matches!(
            op,
            InlineOp::Abs
                | InlineOp::Sqrt
                | InlineOp::Mod
                | InlineOp::Near
                | InlineOp::Round
                | InlineOp::RoundDown
                | InlineOp::RoundUp
        ) {
            return self.scalar(op, def, arranged, span, expected);
        }
        let list = match arranged.slots[0].take() {
            Some(Given::Typed(x)) => *x,
            Some(Given::Ast(e)) => self.infer(e, None),
            None => return self.error(span),
        };
        // A single object where objects are meant is a list of one; a noun is its instances.
        let list = match &list.ty {
            Ty::Object if op == InlineOp::Count => self.coerce(
                list,
                &Ty::Object.list(),
                &format_args!("`{}` of `{}`", param(0), def.name),
            ),
            _ => list,
        };
        if op == InlineOp::Count && list.ty == Ty::Int {
            // `xs.count().count()`
            let d = Diagnostic::new(
                Code::TypeMismatch,
                list.span,
                "`count` takes a list, and this is a number already",
            )
            .label("this is `Int`")
            .help("leave `count` out")
            .fact("expected", "List")
            .fact("found", "Int");
            let method = span.start == list.span.start;
            let tail = Span::new(list.span.end, span.end);
            self.report(if method && !tail.is_empty() {
                d.fix(Applicability::Safe, "leave it out", tail, "")
            } else {
                d
            });
            return self.finish_broken(arranged, span);
        }
        let member = self.member_type(&list, &format_args!("`{}` takes", def.name));
        if member == Ty::Error || (op != InlineOp::Count && self.stated_only(&list)) {
            return self.finish_broken(arranged, span);
        }
        let mut args = Vec::new();
        let mut lambda = None;
        let mut key = Ty::Error;
        if let Some(slot) = arranged.slots.get_mut(1).and_then(Option::take) {
            let sig = &def.signature().params[1];
            match &sig.ty {
                Ty::Fn(_, result) => {
                    let Some(l) = self.lambda(slot, &list, &member, result, def, span) else {
                        return self.error(span);
                    };
                    key = l.body.ty.clone();
                    if l.body.ty == Ty::Error {
                        return self.error(span);
                    }
                    lambda = Some(Box::new(l));
                }
                _ => {
                    let x =
                        self.give(slot, &member, &format_args!("`{}` of `{}`", param(1), def.name));
                    if x.ty == Ty::Error {
                        return self.error(span);
                    }
                    args.push(x);
                }
            }
        }
        let mut facts = Facts {
            measured: list.facts.measured,
            nouns: list.facts.nouns.clone(),
            frame: list.facts.frame.clone(),
            // Sums and means are arithmetic.
            unit: list.facts.unit.filter(|_| !matches!(op, InlineOp::Sum | InlineOp::Mean)),
            ..Facts::default()
        };
        let one = list.facts.len == Some(1);
        if let Some((x, what)) = match op {
            InlineOp::Contains => Some((&member, "looks for a value among members")),
            InlineOp::GroupBy => Some((&key, "groups by a value")),
            _ => None,
        } && !x.has_identity()
            && !x.has_error()
        {
            let d = Diagnostic::new(
                Code::NotComparable,
                span,
                format!("`{}` {what}, and no two `{x}` can be compared", def.name),
            )
            .label(format!("this compares `{x}`"))
            .help("use something measured from it, or the object or photo it belongs to");
            self.report(d);
            return self.error(span);
        }
        let ty = match op {
            InlineOp::Filter => list.ty.clone(),
            InlineOp::SortBy | InlineOp::Reverse => {
                facts.len = list.facts.len;
                facts.instances = list.facts.instances.clone();
                list.ty.clone()
            }
            InlineOp::Map => {
                let body = &lambda.as_ref().map(|l| l.body.facts.clone()).unwrap_or_default();
                facts = Facts {
                    measured: body.measured,
                    nouns: body.nouns.clone(),
                    frame: body.frame.clone(),
                    unit: body.unit,
                    len: list.facts.len,
                    ..Facts::default()
                };
                key.list()
            }
            InlineOp::MinBy | InlineOp::MaxBy | InlineOp::First | InlineOp::Last => {
                if one {
                    facts.instances = list.facts.instances.clone();
                }
                self.empty_list(&list, def, otherwise_ast);
                member.clone()
            }
            InlineOp::GroupBy => {
                facts = Facts::default();
                Ty::Group(Box::new(key), Box::new(member.clone())).list()
            }
            InlineOp::Any | InlineOp::All | InlineOp::IsEmpty | InlineOp::Contains => {
                facts = Facts::default();
                Ty::Bool
            }
            InlineOp::Count => {
                // The source's own count, where it states one, is the truth for counting.
                let direct = match &list.kind {
                    ExprKind::Op { op: OpId::Objects, args, .. } => args.first(),
                    _ => None,
                };
                let all = direct.and_then(Option::as_ref).or(list.facts.all_of.as_deref());
                if let Some(category) = all {
                    let (category, of) = (category.clone(), [category.vn]);
                    let kind = ExprKind::Op {
                        op: OpId::CountOf,
                        args: vec![Some(category)],
                        otherwise: None,
                    };
                    return self.expr(kind, Ty::Int, span, "count_of", &of);
                }
                facts = Facts {
                    int: list.facts.len.and_then(|n| i64::try_from(n).ok()),
                    ..Facts::default()
                };
                if !matches!(list.kind, ExprKind::List(_)) {
                    facts.int = None;
                }
                Ty::Int
            }
            InlineOp::Min | InlineOp::Max | InlineOp::Sum | InlineOp::Mean => {
                let number = match &member {
                    Ty::Int if op == InlineOp::Mean => Ty::NUMBER,
                    Ty::Int | Ty::Quantity(_) => member.clone(),
                    other => {
                        let d = Diagnostic::new(
                            Code::TypeMismatch,
                            list.span,
                            format!("`{}` takes numbers, not `List<{other}>`", def.name),
                        )
                        .label(format!("this is `List<{other}>`"))
                        .help("map the members to numbers first: `.map(x => …)`");
                        let tail = Span::new(list.span.end, span.end);
                        let method = span.start == list.span.start && !tail.is_empty();
                        let d = if op == InlineOp::Sum && method {
                            d.fix(Applicability::Unsafe, "count the members", tail, ".count()")
                        } else {
                            d
                        };
                        self.report(d);
                        return self.error(span);
                    }
                };
                if op != InlineOp::Sum {
                    self.empty_list(&list, def, otherwise_ast);
                }
                facts.nouns = vec![];
                number
            }
            _ => return self.error(span),
        };
        let list = if op == InlineOp::Mean && member == Ty::Int {
            self.coerce(list, &Ty::NUMBER.list(), &format_args!("`{}` of `{}`", param(0), def.name))
        } else {
            list
        };
        let otherwise = self.otherwise(otherwise_ast, &ty, def.abstains, def.name);
        args.insert(0, list);
        let vn = match &lambda {
            Some(_) => self.fresh(),
            None => {
                let of: Vec<_> = args.iter().chain(&otherwise).map(|a| a.vn).collect();
                self.numbers.of(Tag::Op(def.name), &of)
            }
        };
        let kind = ExprKind::Inline { op, args, lambda, otherwise: otherwise.map(Box::new) };
        Expr { kind, ty, span: self.at(span), vn, facts }
    }

    /// Choosing from a list that is surely empty.
    fn empty_list(&mut self, list: &Expr, def: &OpDef, otherwise: Option<&ast::Expr>) {
        if list.facts.len == Some(0) && otherwise.is_none() {
            let d = Diagnostic::new(
                Code::IndexOutOfRange,
                list.span,
                format!("`{}` of a list that is empty", def.name),
            )
            .label("has no members")
            .help("give `else=`, or choose from another list");
            self.report(d);
        }
    }

    fn lambda(
        &mut self,
        slot: Given<'_>,
        list: &Expr,
        member: &Ty,
        result: &Ty,
        def: &OpDef,
        span: Span,
    ) -> Option<Lambda> {
        let (param, body) = match &slot {
            Given::Ast(ast::Expr { kind: ast::ExprKind::Lambda { param, body }, .. }) => {
                (param, body)
            }
            Given::Ast(ast::Expr { kind: ast::ExprKind::Name(n), .. }) if self.is_broken(n) => {
                return None;
            }
            Given::Ast(ast::Expr { kind: ast::ExprKind::Error, .. }) => {
                self.broken = true;
                return None;
            }
            other => {
                let at = other.span();
                let mut d = Diagnostic::new(
                    Code::TypeMismatch,
                    at,
                    format!("`{}` takes a function here", def.name),
                )
                .label("no function")
                .note(format!("`{}{}`", def.name, def.sig));
                let quoted = self.quote(at);
                let given = catalogue::find(&quoted);
                d = match given {
                    // A condition spelt out from what gives a length is none.
                    Some(c) if *result == Ty::Bool && c.signature().result != Ty::Bool => {
                        let d = d.help(format!(
                            "a condition is needed: compare, as in `x => {quoted}(x) < …`"
                        ));
                        match self.guess(&c.signature().result, self.text) {
                            Some(g) => d.fix(
                                Applicability::Unsafe,
                                format!("ask whether it is less than `{g}`, if that is meant"),
                                at,
                                format!("x => {quoted}(x) < {g}"),
                            ),
                            None => d,
                        }
                    }
                    Some(_) => d.help("spell the function out").fix(
                        Applicability::Safe,
                        "spell it out",
                        at,
                        format!("x => {quoted}(x)"),
                    ),
                    None => d.help("write `x => …`, where `x` is a member"),
                };
                self.report(d);
                return None;
            }
        };
        self.push_scope();
        let id = self.local(&param.name, member.clone(), param.span, false);
        self.inherit_member(id, list);
        self.bind_member(param, id, &[body]);
        let wanted = match result {
            Ty::Bool => Some(Ty::Bool),
            _ => None,
        };
        let mut value = self.infer(body, wanted.as_ref());
        self.pop_scope();
        match result {
            Ty::Bool => {
                value =
                    self.coerce(value, &Ty::Bool, &format_args!("the condition of `{}`", def.name));
            }
            Ty::Var('K') => {
                let ordered = matches!(value.ty, Ty::Int | Ty::Quantity(_) | Ty::Photo | Ty::Error);
                if !ordered {
                    let d = Diagnostic::new(
                        Code::NotComparable,
                        value.span,
                        format!("`{}` orders by numbers, not by `{}`", def.name, value.ty),
                    )
                    .label(format!("this is `{}`", value.ty))
                    .help("give a number, a measured quantity or a photo");
                    let by = match value.ty {
                        Ty::Object => Some(("volume(", "size")),
                        Ty::Category => Some(("count_of(", "how many there are")),
                        _ => None,
                    };
                    let d = match by {
                        Some((call, what)) => d.suggest(Suggestion {
                            title: format!("order by {what}, if that is meant"),
                            edits: vec![
                                Edit { span: Span::at(value.span.start), insert: call.into() },
                                Edit { span: Span::at(value.span.end), insert: ")".into() },
                            ],
                            applicability: Applicability::Unsafe,
                        }),
                        None => d,
                    };
                    self.report(d);
                    value = self.error(span);
                }
            }
            _ => {
                // A noun has no run-time type of its own.
                if value.ty == Ty::Noun {
                    value = self.coerce(value, &Ty::Text, &"the result of a function");
                }
            }
        }
        Some(Lambda { param: id, body: value })
    }

    /// `min(a, b, …)` and `max(a, b, …)`.
    fn variadic(&mut self, op: InlineOp, def: &OpDef, arranged: Arranged<'_>, span: Span) -> Expr {
        let given: Vec<Given<'_>> =
            arranged.slots.into_iter().flatten().chain(arranged.rest).collect();
        let mut members: Vec<Expr> = given
            .into_iter()
            .map(|g| match g {
                Given::Typed(x) => *x,
                Given::Ast(e) => self.infer(e, None),
            })
            .collect();
        if members.iter().any(|m| m.ty == Ty::Error) {
            return self.error(span);
        }
        if members.iter().any(|m| matches!(m.ty, Ty::Quantity(_))) {
            members =
                members
                    .into_iter()
                    .map(|m| {
                        if m.ty == Ty::Int {
                            self.coerce(m, &Ty::NUMBER, &"an argument")
                        } else {
                            m
                        }
                    })
                    .collect();
        }
        let ty = members[0].ty.clone();
        let framed = members.iter().find(|m| m.facts.frame.is_some()).cloned();
        for m in &members {
            if let Some(first) = &framed {
                self.same_frame(first, m, def.name, span);
            }
        }
        for m in &members {
            if m.ty != ty || !matches!(ty, Ty::Int | Ty::Quantity(_)) {
                // A bare number beside measured ones most likely lost its unit.
                if let (Ty::Quantity(d), Ty::Quantity(n)) = (&ty, &m.ty)
                    && *n == Dim::NONE
                    && super::arith::is_literal(m)
                {
                    let d = *d;
                    self.missing_unit(m, d, &format_args!("for `{}`", def.name));
                    return self.error(span);
                }
                let measured = matches!(ty, Ty::Int | Ty::Quantity(_));
                let (said, help) = if measured {
                    let said = format!("`{}` compares `{ty}` with `{}`", def.name, m.ty);
                    (said, "give numbers of one dimension".to_owned())
                } else {
                    let said = format!("`{}` compares numbers, not `{ty}`", def.name);
                    let by = format!("{}_by", def.name);
                    let help = match ty {
                        Ty::Size => {
                            "compare one measure of each: `volume(…)`, `longest_side(…)`".into()
                        }
                        _ => format!(
                            "compare one measure of each, or choose with `[…].{by}(x => …)`"
                        ),
                    };
                    (said, help)
                };
                let d = Diagnostic::new(Code::DimensionMismatch, m.span, said)
                    .label(format!("this is `{}`", m.ty))
                    .help(help);
                let d = if m.span == members[0].span {
                    d
                } else {
                    d.also(members[0].span, format!("this is `{ty}`"))
                };
                let d = match &ty {
                    Ty::Quantity(dim) if super::arith::is_measure(m) => self.other_unit(d, m, *dim),
                    _ => d,
                };
                self.report(d);
                return self.error(span);
            }
        }
        let facts = Facts {
            measured: members.iter().any(|m| m.facts.measured),
            frame: framed.and_then(|m| m.facts.frame),
            ..Facts::default()
        };
        let of: Vec<_> = members.iter().map(|m| m.vn).collect();
        let mut list = self.expr(ExprKind::List(members), ty.clone().list(), span, "list", &of);
        list.facts.measured = facts.measured;
        let of = [list.vn];
        let kind = ExprKind::Inline { op, args: vec![list], lambda: None, otherwise: None };
        let mut x = self.expr(kind, ty, span, def.name, &of);
        x.facts = facts;
        x
    }

    fn scalar(
        &mut self,
        op: InlineOp,
        def: &OpDef,
        arranged: Arranged<'_>,
        span: Span,
        expected: Option<&Ty>,
    ) -> Expr {
        let mut values: Vec<Expr> = Vec::new();
        for slot in arranged.slots.into_iter().flatten() {
            let x = match slot {
                Given::Typed(x) => *x,
                Given::Ast(e) => self.infer(e, expected.filter(|_| op != InlineOp::Near)),
            };
            if x.ty == Ty::Error {
                return self.error(span);
            }
            if !matches!(x.ty, Ty::Int | Ty::Quantity(_)) {
                let d = Diagnostic::new(
                    Code::TypeMismatch,
                    x.span,
                    format!("`{}` takes a number, not `{}`", def.name, x.ty),
                )
                .label(format!("this is `{}`", x.ty))
                .help("give a number or a measured quantity");
                self.report(d);
                return self.error(span);
            }
            values.push(x);
        }
        let rounding = matches!(op, InlineOp::Round | InlineOp::RoundDown | InlineOp::RoundUp);
        let all_int = values.iter().all(|v| v.ty == Ty::Int);
        if !all_int || matches!(op, InlineOp::Sqrt | InlineOp::Near) || rounding {
            values =
                values
                    .into_iter()
                    .map(|v| {
                        if v.ty == Ty::Int {
                            self.coerce(v, &Ty::NUMBER, &"an argument")
                        } else {
                            v
                        }
                    })
                    .collect();
        }
        let ty = values[0].ty.clone();
        let dim = |t: &Ty| match t {
            Ty::Quantity(d) => *d,
            _ => Dim::NONE,
        };
        for v in &values[1..] {
            if dim(&v.ty) != dim(&ty) {
                let (a, b) = (dim(&ty), dim(&v.ty));
                if b == Dim::NONE && super::arith::is_literal(v) {
                    self.missing_unit(v, a, &format_args!("for `{}`", def.name));
                } else {
                    let d = Diagnostic::new(
                        Code::DimensionMismatch,
                        v.span,
                        format!("`{}` of `{a}` and `{b}`", def.name),
                    )
                    .label(format!("this is `{b}`"))
                    .also(values[0].span, format!("this is `{a}`"))
                    .help("give numbers of one dimension");
                    let literal = super::arith::is_measure(v);
                    let d = if literal { self.other_unit(d, v, a) } else { d };
                    self.report(d);
                }
                return self.error(span);
            }
        }
        if values.len() > 1 {
            let (a, b) = (values[0].clone(), values[1].clone());
            self.same_frame(&a, &b, def.name, span);
        }
        let result = match op {
            InlineOp::Sqrt => match dim(&ty).sqrt() {
                Some(d) => Ty::Quantity(d),
                None => {
                    let d = Diagnostic::new(
                        Code::DimensionMismatch,
                        values[0].span,
                        format!("`{}` has no square root", dim(&ty)),
                    )
                    .label(format!("this is `{}`", dim(&ty)))
                    .help("take the root of an Area, or of a Number");
                    self.report(d);
                    return self.error(span);
                }
            },
            _ if rounding => {
                if dim(&ty) != Dim::NONE {
                    let unit =
                        reasmory_types::Unit::default_for(dim(&ty)).map_or("…", |u| u.name);
                    let d = Diagnostic::new(
                        Code::DimensionMismatch,
                        values[0].span,
                        format!("`{}` takes a Number, not `{}`", def.name, dim(&ty)),
                    )
                    .label(format!("this is `{}`", dim(&ty)))
                    .help(format!("divide by a unit first: `… / 1{unit}`"));
                    let end = Span::at(values[0].span.end);
                    let d = if unit == "…" || !crate::question::is_postfix(&values[0]) {
                        d
                    } else {
                        let title = format!("count in `{unit}`");
                        d.fix(Applicability::Unsafe, title, end, format!(" / 1{unit}"))
                    };
                    self.report(d);
                    return self.error(span);
                }
                Ty::Int
            }
            InlineOp::Near => Ty::Bool,
            _ => ty,
        };
        let facts = Facts {
            measured: values.iter().any(|v| v.facts.measured),
            frame: values[0].facts.frame.clone().filter(|_| op == InlineOp::Abs),
            unit: values[0].facts.unit.filter(|_| op == InlineOp::Abs),
            ..Facts::default()
        };
        let of: Vec<_> = values.iter().map(|v| v.vn).collect();
        let kind = ExprKind::Inline { op, args: values, lambda: None, otherwise: None };
        let mut x = self.expr(kind, result, span, def.name, &of);
        x.facts = facts;
        x
    }
}

/// Whether a generic operation may have no value.
pub(crate) fn inline_abstains(op: InlineOp) -> bool {
    matches!(
        op,
        InlineOp::First
            | InlineOp::Last
            | InlineOp::MinBy
            | InlineOp::MaxBy
            | InlineOp::Min
            | InlineOp::Max
            | InlineOp::Mean
    )
}
