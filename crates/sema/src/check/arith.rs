//! Operators: arithmetic with dimensions, comparison, logic.

use std::fmt;

use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Suggestion};
use reasmory_ops::OpId;
use reasmory_span::Span;
use reasmory_syntax::ast::{self, BinaryOp};
use reasmory_types::{Dim, Ty, Unit};

use super::repair::unquoted;
use super::{Checker, expr::join, guess, number::Tag};
use crate::hir::{Arith, Cmp, Expr, ExprKind};

impl<'a> Checker<'a> {
    pub(super) fn negate(&mut self, x: Expr, span: Span) -> Expr {
        let facts = x.facts.clone();
        match x.ty {
            Ty::Int | Ty::Quantity(_) => {
                let (ty, of) = (x.ty.clone(), [x.vn]);
                let mut n = self.expr(ExprKind::Neg(Box::new(x)), ty, span, "neg", &of);
                n.facts.measured = facts.measured;
                n.facts.unit = facts.unit;
                n.facts.frame = facts.frame;
                n.facts.int = facts.int.and_then(i64::checked_neg);
                n
            }
            Ty::Error => x,
            ref other => {
                let d = Diagnostic::new(
                    Code::TypeMismatch,
                    span,
                    format!("`-` takes a number, not `{other}`"),
                )
                .label(format!("this is `{other}`"));
                let d =
                    if *other == Ty::Bool { d.help("negate a condition with `not`") } else { d };
                self.report(d);
                self.error(span)
            }
        }
    }

    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Expr {
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let a = self.infer(left, Some(&Ty::Bool));
                let a =
                    self.coerce(a, &Ty::Bool, &format_args!("the left side of `{}`", op.symbol()));
                let b = self.infer(right, Some(&Ty::Bool));
                let b =
                    self.coerce(b, &Ty::Bool, &format_args!("the right side of `{}`", op.symbol()));
                let of = [a.vn, b.vn];
                let (a, b) = (Box::new(a), Box::new(b));
                let kind =
                    if op == BinaryOp::And { ExprKind::And(a, b) } else { ExprKind::Or(a, b) };
                self.expr(kind, Ty::Bool, span, op.symbol(), &of)
            }
            _ if op.is_comparison() => {
                let a = self.infer(left, None);
                let b = self.infer(right, Some(&a.ty.clone()));
                self.compare(op, op_span, a, b, span)
            }
            _ => {
                let a = self.infer(left, None);
                let before = self.diagnostics.len();
                let b = self.infer(right, None);
                self.unit_of_whole(op, &a, right, &b, span, before);
                self.lost_unit(op, right, &b, span);
                self.arithmetic(op, op_span, a, b, span)
            }
        }
    }

    /// `a / b as %` where `b as %` has no meaning: offers the unit to the whole, if it is one of that.
    /// `before`: how many diagnostics there were before the right side.
    fn unit_of_whole(
        &mut self,
        op: BinaryOp,
        a: &Expr,
        right: &ast::Expr,
        b: &Expr,
        span: Span,
        before: usize,
    ) {
        let ast::ExprKind::As { value, unit, unit_span } = &right.kind else { return };
        let dim = |ty: &Ty| match ty {
            Ty::Int => Some(Dim::NONE),
            Ty::Quantity(d) => Some(*d),
            _ => None,
        };
        let (Some(x), Some(y)) = (dim(&a.ty), dim(&b.ty)) else { return };
        let whole = match op {
            BinaryOp::Mul => Some(x.times(y)),
            BinaryOp::Div => Some(x.over(y)),
            _ => (x == y).then_some(x),
        };
        let reported = self.diagnostics[before..]
            .iter_mut()
            .find(|d| d.code == Code::UnitMismatch && d.primary.span == *unit_span);
        if let (Some(d), true) = (reported, whole == Some(unit.dim)) {
            d.suggestions.push(Suggestion {
                title: "put the whole in parentheses".into(),
                edits: vec![
                    Edit { span: Span::at(span.start), insert: "(".into() },
                    Edit { span: Span::at(value.span.end), insert: ")".into() },
                ],
                applicability: Applicability::Safe,
            });
        }
    }

    /// `a + b as cm` prints no centimetres: `as` binds tighter, and arithmetic drops the unit.
    fn lost_unit(&mut self, op: BinaryOp, right: &ast::Expr, b: &Expr, span: Span) {
        let ast::ExprKind::As { value, unit, unit_span } = &right.kind else { return };
        // In parentheses it was meant.
        if right.span.end != unit_span.end || b.ty != Ty::Quantity(unit.dim) {
            return;
        }
        self.report(
            Diagnostic::new(
                Code::UnitMismatch,
                *unit_span,
                format!(
                    "`as {}` belongs to the right side of `{}` alone, and arithmetic drops it",
                    unit.name,
                    op.symbol()
                ),
            )
            .label("never printed")
            .also(value.span, "given to this")
            .help(format!("for the unit of the whole write `(…) as {}`", unit.name))
            .suggest(Suggestion {
                title: "put the whole in parentheses".into(),
                edits: vec![
                    Edit { span: Span::at(span.start), insert: "(".into() },
                    Edit { span: Span::at(value.span.end), insert: ")".into() },
                ],
                applicability: if matches!(op, BinaryOp::Add | BinaryOp::Sub) {
                    Applicability::Safe
                } else {
                    Applicability::Unsafe
                },
            }),
        );
    }

    fn arithmetic(&mut self, op: BinaryOp, op_span: Span, a: Expr, b: Expr, span: Span) -> Expr {
        if a.ty == Ty::Error || b.ty == Ty::Error {
            return self.error(span);
        }
        let arith = match op {
            BinaryOp::Add => Arith::Add,
            BinaryOp::Sub => Arith::Sub,
            BinaryOp::Mul => Arith::Mul,
            _ => Arith::Div,
        };
        for x in [&a, &b] {
            if !matches!(x.ty, Ty::Int | Ty::Quantity(_)) {
                let found = x.ty.to_string();
                let mut d = Diagnostic::new(
                    Code::TypeMismatch,
                    x.span,
                    format!(
                        "`{}` takes numbers and measured quantities, not `{found}`",
                        op.symbol()
                    ),
                )
                .label(format!("this is `{found}`"))
                .also(op_span, "of this operator")
                .fact("found", found);
                if matches!(x.ty, Ty::Noun | Ty::Text) && op == BinaryOp::Add {
                    d = d.help("texts are not joined; answer the value alone, or a list of values");
                    // The other side is the value, unless it is text, too.
                    let other = if x.span == a.span { &b } else { &a };
                    if !matches!(other.ty, Ty::Noun | Ty::Text) {
                        let outside = if x.span == a.span {
                            Span::new(a.span.start, b.span.start)
                        } else {
                            Span::new(a.span.end, b.span.end)
                        };
                        d = d.fix(Applicability::Unsafe, "keep the value alone", outside, "");
                    }
                } else if matches!(x.ty, Ty::List(_)) {
                    d = d
                        .help("for a total call `sum()`, for the number of members `count()`")
                        .fix(
                            Applicability::Unsafe,
                            "count the members",
                            Span::at(x.span.end),
                            ".count()",
                        );
                }
                if !guess::repairable(&d) && matches!(x.ty, Ty::Noun | Ty::Text) {
                    // Of two texts the one that was computed is the value.
                    let (keep, a_side) =
                        if x.span == a.span && a.ty == Ty::Noun { (&b, true) } else { (&a, false) };
                    let outside = if a_side {
                        Span::new(a.span.start, keep.span.start)
                    } else {
                        Span::new(keep.span.end, b.span.end)
                    };
                    d = d.fix(Applicability::Unsafe, "keep the value alone", outside, "");
                }
                self.report(d);
                return self.error(span);
            }
        }
        if matches!((&a.ty, &b.ty), (Ty::Int, Ty::Int)) && arith != Arith::Div {
            let int = match (a.facts.int, b.facts.int) {
                (Some(x), Some(y)) => match arith {
                    Arith::Add => x.checked_add(y),
                    Arith::Sub => x.checked_sub(y),
                    _ => x.checked_mul(y),
                },
                _ => None,
            };
            let of = [a.vn, b.vn];
            let kind = ExprKind::Arith(arith, Box::new(a), Box::new(b));
            let mut x = self.expr(kind, Ty::Int, span, op.symbol(), &of);
            x.facts.int = int;
            return x;
        }
        let a = if a.ty == Ty::Int { self.coerce(a, &Ty::NUMBER, &"an operand") } else { a };
        let b = if b.ty == Ty::Int { self.coerce(b, &Ty::NUMBER, &"an operand") } else { b };
        let (Ty::Quantity(da), Ty::Quantity(db)) = (&a.ty, &b.ty) else { return self.error(span) };
        let (da, db) = (*da, *db);
        let dim = match arith {
            Arith::Mul => da.times(db),
            Arith::Div => da.over(db),
            Arith::Add | Arith::Sub => {
                if da != db {
                    self.dimensions_differ(op, op_span, &a, &b, da, db);
                    return self.error(span);
                }
                da
            }
        };
        let frame = if matches!(arith, Arith::Add | Arith::Sub) {
            self.same_frame(&a, &b, op.symbol(), op_span);
            a.facts.frame.clone().or_else(|| b.facts.frame.clone())
        } else {
            None
        };
        let measured = a.facts.measured || b.facts.measured;
        let of = [a.vn, b.vn];
        let kind = ExprKind::Arith(arith, Box::new(a), Box::new(b));
        let mut x = self.expr(kind, Ty::Quantity(dim), span, op.symbol(), &of);
        x.facts.measured = measured;
        x.facts.frame = frame;
        x
    }

    /// Coordinates of two views do not mix.
    pub(super) fn same_frame(&mut self, a: &Expr, b: &Expr, what: &str, at: Span) {
        if let (Some((x, nx)), Some((y, ny))) = (&a.facts.frame, &b.facts.frame)
            && x != y
        {
            let (nx, ny) = (nx.clone(), ny.clone());
            let worlds = (*x == super::WORLD, *y == super::WORLD);
            let d = Diagnostic::new(
                Code::FrameMismatch,
                at,
                format!("`{what}` mixes coordinates of two frames, `{nx}` and `{ny}`"),
            )
            .label("two frames of reference meet here")
            .also(a.span, format!("in `{nx}`"))
            .also(b.span, format!("in `{ny}`"))
            .help("take both with `local(…, from=…)` of the same view")
            .fact("expected", &*nx)
            .fact("found", &*ny);
            let d = match worlds {
                (false, true) => self.out_of_world(d, b.span, &nx),
                (true, false) => self.out_of_world(d, a.span, &ny),
                _ => self.in_one_frame(d, b.span, &ny, &nx),
            };
            self.report(d);
        }
    }

    fn dimensions_differ(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        a: &Expr,
        b: &Expr,
        da: Dim,
        db: Dim,
    ) {
        // A bare number beside a measured quantity most likely lost its unit.
        for (x, d, other) in [(a, da, db), (b, db, da)] {
            if d == Dim::NONE && is_literal(x) {
                self.missing_unit(x, other, &format_args!("beside a `{other}`"));
                return;
            }
            // A percentage of a length is of the diagonal, as in `step(by=10%)`.
            if d == Dim::NONE && other == Dim::LENGTH && super::coerce::is_percentage(x) {
                self.report(
                    Diagnostic::new(
                        Code::DimensionMismatch,
                        x.span,
                        format!("a percentage beside a `{other}`: a percentage of what?"),
                    )
                    .label("this is `Number`")
                    .help("of the room's diagonal: `10% * diagonal()`")
                    .fact("expected", other.to_string())
                    .fact("found", d.to_string())
                    .fix(
                        Applicability::Unsafe,
                        "take it of the room's diagonal",
                        Span::at(x.span.end),
                        " * diagonal()",
                    ),
                );
                return;
            }
        }
        let d = Diagnostic::new(
            Code::DimensionMismatch,
            op_span,
            format!("`{}` of `{da}` and `{db}`", op.symbol()),
        )
        .label("the dimensions differ")
        .also(a.span, format!("this is `{da}`"))
        .also(b.span, format!("this is `{db}`"))
        .help(format!("bring both sides to one dimension: `{da}` or `{db}`"))
        .fact("expected", da.to_string())
        .fact("found", db.to_string());
        // A literal is the easier of the two to have got wrong.
        let literal = [(b, da), (a, db)].into_iter().find(|(x, _)| is_measure(x));
        let d = match literal {
            Some((x, dim)) => self.other_unit(d, x, dim),
            None => d,
        };
        self.report(d);
    }

    /// Suggests the usual unit for the bare number of two values that have to be of one type.
    pub(super) fn one_unit(&self, d: Diagnostic, a: &Expr, b: &Expr) -> Diagnostic {
        for (x, other) in [(a, b), (b, a)] {
            if let Ty::Quantity(dim) = other.ty
                && dim != Dim::NONE
                && is_literal(x)
                && let Some(unit) = Unit::default_for(dim)
            {
                let title = format!("add `{}`", unit.name);
                return d.fix(Applicability::Unsafe, title, Span::at(x.span.end), unit.name);
            }
        }
        d
    }

    /// Suggests the usual unit of a dimension for a literal with another.
    pub(super) fn other_unit(&self, d: Diagnostic, x: &Expr, dim: Dim) -> Diagnostic {
        let (Some(unit), Some(written)) = (Unit::default_for(dim), x.facts.unit) else { return d };
        let text = x.span.text(self.text);
        let Some(number) = text.strip_suffix(written.name) else { return d };
        d.fix(
            Applicability::Unsafe,
            format!("write `{number}{}`", unit.name),
            x.span,
            format!("{number}{}", unit.name),
        )
    }

    /// A bare number where a measured quantity is meant.
    pub(super) fn missing_unit(&mut self, x: &Expr, dim: Dim, place: &dyn fmt::Display) {
        let unit = Unit::default_for(dim);
        let mut d =
            Diagnostic::new(Code::MissingUnit, x.span, format!("a number without a unit {place}"))
                .label(format!("expected `{dim}`"))
                .fact("expected", dim.to_string())
                .fact("found", "Number");
        match unit {
            Some(u) if is_literal(x) => {
                d = d.help(format!(
                    "write the unit, for instance `{}{}`",
                    self.quote(x.span),
                    u.name
                ));
                d = d.fix(
                    Applicability::Unsafe,
                    format!("add `{}`", u.name),
                    Span::at(x.span.end),
                    u.name,
                );
            }
            Some(u) => d = d.help(format!("multiply it by a unit, for instance `* 1{}`", u.name)),
            None => {}
        }
        self.report(d);
    }

    fn compare(&mut self, op: BinaryOp, op_span: Span, a: Expr, b: Expr, span: Span) -> Expr {
        if a.ty == Ty::Error || b.ty == Ty::Error {
            return self.expr_bool_error(span);
        }
        let cmp = match op {
            BinaryOp::Eq => Cmp::Eq,
            BinaryOp::Ne => Cmp::Ne,
            BinaryOp::Lt => Cmp::Lt,
            BinaryOp::Le => Cmp::Le,
            BinaryOp::Gt => Cmp::Gt,
            _ => Cmp::Ge,
        };
        let equality = matches!(cmp, Cmp::Eq | Cmp::Ne);
        let quantity = |t: &Ty| matches!(t, Ty::Int | Ty::Quantity(_));
        if quantity(&a.ty) && quantity(&b.ty) && !(a.ty == Ty::Int && b.ty == Ty::Int) {
            let a = if a.ty == Ty::Int { self.coerce(a, &Ty::NUMBER, &"an operand") } else { a };
            let b = if b.ty == Ty::Int { self.coerce(b, &Ty::NUMBER, &"an operand") } else { b };
            let (Ty::Quantity(da), Ty::Quantity(db)) = (&a.ty, &b.ty) else {
                return self.expr_bool_error(span);
            };
            let (da, db) = (*da, *db);
            if da != db {
                self.dimensions_differ(op, op_span, &a, &b, da, db);
                return self.expr_bool_error(span);
            }
            if equality {
                self.measured_equality(op, op_span, &a, &b, span);
                return self.expr_bool_error(span);
            }
            self.same_frame(&a, &b, op.symbol(), op_span);
            return self.comparison(cmp, a, b, span);
        }
        if equality && self.no_such_name(&a, &b) {
            return self.expr_bool_error(span);
        }
        let join_ty = match (&a.ty, &b.ty) {
            // A text beside a symbol is that symbol.
            (Ty::Noun, Ty::Noun) => Some(Ty::Text),
            (x, y) => join(x, y),
        };
        let comparable = |t: &Ty| {
            matches!(
                t,
                Ty::Bool
                    | Ty::Int
                    | Ty::Text
                    | Ty::Category
                    | Ty::Direction
                    | Ty::Object
                    | Ty::Photo
                    | Ty::Region
            )
        };
        match join_ty {
            Some(ty) if equality && comparable(&ty) || matches!(ty, Ty::Int | Ty::Photo) => {
                // `object == "chair"` compares an instance with a category.
                let noun_vs_object = ty == Ty::Object && (a.ty == Ty::Noun || b.ty == Ty::Noun);
                if noun_vs_object {
                    let object = if a.ty == Ty::Object { &a } else { &b };
                    let at = Span::at(object.span.end);
                    self.report(
                        Diagnostic::new(
                            Code::NotComparable,
                            op_span,
                            "an object is compared with a category",
                        )
                        .label("one side is an instance, the other a name")
                        .help("compare its category")
                        .fix(
                            Applicability::Safe,
                            "compare the category",
                            at,
                            ".category()",
                        ),
                    );
                    return self.expr_bool_error(span);
                }
                let a = self.coerce(a, &ty, &"the left side");
                let b = self.coerce(b, &ty, &"the right side");
                self.comparison(cmp, a, b, span)
            }
            _ => {
                let mut d = Diagnostic::new(
                    Code::NotComparable,
                    op_span,
                    format!("`{}` of `{}` and `{}`", op.symbol(), a.ty, b.ty),
                )
                .label("these cannot be compared")
                .also(a.span, format!("this is `{}`", a.ty))
                .also(b.span, format!("this is `{}`", b.ty));
                d = if !equality && a.ty == b.ty {
                    let d = d.help("only numbers, measured quantities and photos are ordered");
                    match a.ty {
                        Ty::Object => d.suggest(both(
                            "compare their volumes, if size is meant",
                            [&a, &b],
                            ("volume(", ")"),
                        )),
                        Ty::List(_) => {
                            d.suggest(both("compare their counts", [&a, &b], ("", ".count()")))
                        }
                        Ty::Direction | Ty::Category | Ty::Noun | Ty::Text | Ty::Bool => d.fix(
                            Applicability::Unsafe,
                            "ask whether they are equal",
                            op_span,
                            "==",
                        ),
                        _ => d,
                    }
                } else if a.ty == b.ty && matches!(a.ty, Ty::List(_)) {
                    d.help("compare their `.count()`, or ask `xs.all(x => ys.contains(x))`")
                        .suggest(both("compare their counts", [&a, &b], ("", ".count()")))
                } else if a.ty == b.ty {
                    d.help("compare something measured from them, for instance a distance")
                } else if let (Ty::Photo, Ty::Int) | (Ty::Int, Ty::Photo) = (&a.ty, &b.ty) {
                    let photo = if a.ty == Ty::Photo { &a } else { &b };
                    d.help("compare the photo's number").fix(
                        Applicability::Safe,
                        "take its number",
                        Span::at(photo.span.end),
                        ".number()",
                    )
                } else if matches!(
                    (&a.ty, &b.ty),
                    (Ty::Noun, Ty::Int | Ty::Quantity(_) | Ty::Bool)
                        | (Ty::Int | Ty::Quantity(_) | Ty::Bool, Ty::Noun)
                ) {
                    let noun = if a.ty == Ty::Noun { &a } else { &b };
                    let plain = match &noun.kind {
                        ExprKind::Text(t) => unquoted(t),
                        _ => None,
                    };
                    let d = d.help("write the value without quotes: `3`, `1.5m`, `true`");
                    match plain {
                        Some(plain) => {
                            d.fix(Applicability::Safe, "leave the quotes out", noun.span, plain)
                        }
                        None => d,
                    }
                } else if matches!(a.ty, Ty::List(_)) != matches!(b.ty, Ty::List(_)) {
                    let d = d.help("for the number of members call `count()`");
                    let (list, other) =
                        if matches!(a.ty, Ty::List(_)) { (&a, &b) } else { (&b, &a) };
                    if other.ty == Ty::Int {
                        let end = Span::at(list.span.end);
                        d.fix(Applicability::Safe, "count the members", end, ".count()")
                    } else {
                        d
                    }
                } else {
                    d.help("compare values of one type")
                };
                self.report(d);
                self.expr_bool_error(span)
            }
        }
    }

    /// `o.name == "chair"` where the chairs are called `chair #1` and `chair #2`: false for every object.
    fn no_such_name(&mut self, a: &Expr, b: &Expr) -> bool {
        let is_name = |x: &Expr| matches!(&x.kind, ExprKind::Op { op: OpId::Name, .. });
        let (call, noun) = match (is_name(a), is_name(b)) {
            (true, false) => (a, b),
            (false, true) => (b, a),
            _ => return false,
        };
        let Some(scene) = self.scene() else { return false };
        let known = |n: &str| scene.instances.iter().any(|i| scene.instance_name(i.id) == n);
        let Some((word, at)) = noun.facts.nouns.iter().find(|(n, _)| !known(n)).cloned() else {
            return false;
        };
        let mut d =
            Diagnostic::new(Code::NotComparable, at, format!("no object is named `{word}`"))
                .label("never equal")
                .also(call.span, "a name such as `chair #2`")
                .help("compare the category: `o.category == \"…\"`");
        let text = call.span.text(self.text);
        let tail = ["name()", "name"].into_iter().find(|t| text.ends_with(t));
        if tail.is_none() && text.starts_with("name(") && self.is_category(&word) {
            let callee = Span::new(call.span.start, call.span.start + "name".len() as u32);
            d = d.fix(Applicability::Safe, "compare the category", callee, "category");
        }
        if let (Some(tail), true) = (tail, self.is_category(&word)) {
            d = d.fix(
                Applicability::Safe,
                "compare the category",
                Span::new(call.span.end - tail.len() as u32, call.span.end),
                "category()",
            );
        }
        self.report(d);
        true
    }

    fn comparison(&mut self, cmp: Cmp, a: Expr, b: Expr, span: Span) -> Expr {
        let of = [a.vn, b.vn];
        let tag = Tag::Compare(cmp);
        self.expr(ExprKind::Compare(cmp, Box::new(a), Box::new(b)), Ty::Bool, span, tag, &of)
    }

    /// A comparison that was reported is still a Bool, so that its uses say nothing more.
    fn expr_bool_error(&mut self, span: Span) -> Expr {
        let mut x = self.error(span);
        x.ty = Ty::Bool;
        x
    }

    fn measured_equality(&mut self, op: BinaryOp, op_span: Span, a: &Expr, b: &Expr, span: Span) {
        let dim = match &a.ty {
            Ty::Quantity(d) => *d,
            _ => Dim::NONE,
        };
        let tolerance = match guess::tolerance(dim) {
            Some(_) if dim.length != 0 && self.relative() => {
                guess::of_diagonal(0.01, dim).unwrap_or_else(|| "…".to_owned())
            }
            Some(t) => t.to_owned(),
            None => "…".to_owned(),
        };
        let call = format!(
            "{}near({}, {}, within={tolerance})",
            if op == BinaryOp::Ne { "not " } else { "" },
            a.span.text(self.text),
            b.span.text(self.text),
        );
        let applicability =
            if tolerance == "…" { Applicability::Manual } else { Applicability::Unsafe };
        self.report(
            Diagnostic::new(
                Code::MeasuredEquality,
                op_span,
                format!("`{}` between measured quantities", op.symbol()),
            )
            .label("never exactly equal")
            .help("say how near is equal: `near(a, b, within=…)`")
            .suggest(Suggestion {
                title: format!("use `near` within {tolerance}"),
                edits: vec![Edit { span, insert: call }],
                applicability,
            }),
        );
    }
}

/// A repair that puts the same around both of two values.
fn both(title: &str, values: [&Expr; 2], (before, after): (&str, &str)) -> Suggestion {
    let mut edits = Vec::new();
    for v in values {
        for (at, insert) in [(v.span.start, before), (v.span.end, after)] {
            if !insert.is_empty() {
                edits.push(Edit { span: Span::at(at), insert: insert.to_owned() });
            }
        }
    }
    Suggestion { title: title.to_owned(), edits, applicability: Applicability::Unsafe }
}

/// Whether an expression is a number with a unit in the source.
pub(super) fn is_measure(x: &Expr) -> bool {
    matches!(x.kind, ExprKind::Float(_)) && x.facts.unit.is_some()
}

/// Whether an expression is a bare number in the source.
pub(super) fn is_literal(x: &Expr) -> bool {
    match &x.kind {
        ExprKind::Int(_) | ExprKind::Float(_) => x.facts.unit.is_none(),
        ExprKind::Neg(y) | ExprKind::Coerce(_, y) => is_literal(y),
        _ => false,
    }
}
