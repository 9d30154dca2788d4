//! Conversions: what a value becomes where another type is asked for.

use std::fmt;

use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Suggestion, similar};
use reasmory_ops::{InlineOp, OpId};
use reasmory_span::Span;
use reasmory_types::{Dim, Direction, Ty};

use super::arith::is_measure;
use super::number::Tag;
use super::repair::unquoted;
use super::{Checker, guess};
use crate::hir::{Arith, Coercion, Expr, ExprKind, Facts};

impl<'a> Checker<'a> {
    /// Whether [`Checker::coerce`] would accept the value without a report.
    pub(super) fn fits(&self, x: &Expr, ty: &Ty) -> bool {
        let singular = |t: &Ty| {
            matches!(t, Ty::Object | Ty::Noun | Ty::Photo | Ty::View | Ty::Region | Ty::Point)
        };
        match (&x.ty, ty) {
            (a, b) if a == b => true,
            (Ty::Error, _) | (_, Ty::Error) => true,
            (Ty::Int, Ty::Quantity(d)) => *d == Dim::NONE,
            (Ty::Noun, Ty::Category | Ty::Text | Ty::Object) => true,
            (Ty::Noun, Ty::Direction) => true,
            (t, Ty::Place) => singular(t) || matches!(t, Ty::List(m) if **m == Ty::Object),
            (Ty::Route, Ty::Mark) => true,
            (t, Ty::Mark) => singular(t) || matches!(t, Ty::List(m) if singular(m)),
            (Ty::Photo, Ty::View | Ty::Image) => true,
            (Ty::Quantity(d), Ty::Extent) => *d == Dim::LENGTH || *d == Dim::NONE,
            (Ty::Int, Ty::Extent) => false,
            (Ty::Object | Ty::Noun | Ty::Category, Ty::List(m)) if **m == Ty::Object => true,
            (t, Ty::List(m)) if **m == Ty::Mark && (singular(t) || *t == Ty::Route) => true,
            (Ty::List(a), Ty::List(b)) => self.fits(&self.member_probe(a, x), b),
            _ => false,
        }
    }

    fn member_probe(&self, ty: &Ty, list: &Expr) -> Expr {
        Expr {
            kind: ExprKind::Error,
            ty: ty.clone(),
            span: list.span,
            vn: list.vn,
            facts: Facts { nouns: list.facts.nouns.clone(), ..Facts::default() },
        }
    }

    /// The value as a `ty`, with the conversion spelled out; reports and gives the error value when it is
    /// none. `role` says what it is for: "the condition of `if`".
    pub(super) fn coerce(&mut self, x: Expr, ty: &Ty, role: &dyn fmt::Display) -> Expr {
        if x.ty == *ty || x.ty.has_error() || ty.has_error() || matches!(ty, Ty::Var(_)) {
            return x;
        }
        let span = x.span;
        match (&x.ty, ty) {
            (Ty::Int, Ty::Quantity(d)) if *d == Dim::NONE => {
                self.converted(x, Coercion::IntToNumber, ty.clone())
            }
            (Ty::Int, Ty::Quantity(d)) => {
                self.missing_unit(&x, *d, &format_args!("for {role}"));
                self.error(span)
            }
            (Ty::Quantity(n), Ty::Quantity(d)) if *n == Dim::NONE => {
                self.missing_unit(&x, *d, &format_args!("for {role}"));
                self.error(span)
            }
            (Ty::Quantity(n), Ty::Quantity(d)) => {
                let (n, d) = (*n, *d);
                let found = Diagnostic::new(
                    Code::DimensionMismatch,
                    span,
                    format!("{role} is `{d}`, not `{n}`"),
                )
                .label(format!("this is `{n}`"))
                .help(format!("give a `{d}`"))
                .fact("expected", d.to_string())
                .fact("found", n.to_string());
                let found = if is_measure(&x) { self.other_unit(found, &x, d) } else { found };
                self.report(found);
                self.error(span)
            }
            (Ty::Quantity(d), Ty::Extent) if *d == Dim::LENGTH => x,
            (Ty::Quantity(d), Ty::Extent) if *d == Dim::NONE && is_percentage(&x) => {
                let diagonal = self.operation(OpId::Diagonal, vec![], span);
                let of = [x.vn, diagonal.vn];
                let kind = ExprKind::Arith(Arith::Mul, Box::new(x), Box::new(diagonal));
                self.expr(kind, Ty::LENGTH, span, "*", &of)
            }
            (Ty::Quantity(n), Ty::Extent) if *n != Dim::NONE => {
                let n = *n;
                let found = Diagnostic::new(
                    Code::DimensionMismatch,
                    span,
                    format!("{role} is a length or a percentage, not `{n}`"),
                )
                .label(format!("this is `{n}`"))
                .help("give a length (`1m`), or a percentage of the room's diagonal (`10%`)")
                .fact("expected", Dim::LENGTH.to_string())
                .fact("found", n.to_string());
                let found =
                    if is_measure(&x) { self.other_unit(found, &x, Dim::LENGTH) } else { found };
                self.report(found);
                self.error(span)
            }
            (Ty::Int | Ty::Quantity(_), Ty::Extent) => {
                self.missing_unit(&x, Dim::LENGTH, &format_args!("for {role}"));
                self.error(span)
            }
            (Ty::Noun, Ty::Text) => self.converted(x, Coercion::NounToText, Ty::Text),
            (Ty::Noun, Ty::Category) => self.noun_to_category(x),
            (Ty::Noun, Ty::Direction) => self.noun_to_direction(x, role),
            (Ty::Noun, Ty::Object) => {
                let category = self.noun_to_category(x);
                self.the(category, span)
            }
            (Ty::Noun, Ty::Place | Ty::Mark) => {
                let object = if *ty == Ty::Place {
                    self.coerce(x, &Ty::Object, role)
                } else {
                    self.coerce(x, &Ty::Object.list(), role)
                };
                self.coerce(object, ty, role)
            }
            (Ty::Noun | Ty::Category, Ty::List(m)) if **m == Ty::Object => {
                let category = self.coerce(x, &Ty::Category, role);
                self.objects(category, span)
            }
            (
                Ty::Noun | Ty::Object | Ty::Photo | Ty::View | Ty::Region | Ty::Point | Ty::Route,
                Ty::List(m),
            ) if **m == Ty::Mark || (**m == Ty::Object && x.ty == Ty::Object) => {
                let member = self.coerce(x, &m.clone(), role);
                let facts = Facts {
                    instances: member.facts.instances.clone(),
                    len: Some(1),
                    ..Facts::default()
                };
                let mut l = self.converted(member, Coercion::Singleton, ty.clone());
                l.facts = facts;
                l
            }
            (Ty::Object | Ty::Point | Ty::View | Ty::Photo | Ty::Region, Ty::Place) => {
                self.converted(x, Coercion::ToPlace, Ty::Place)
            }
            (Ty::List(m), Ty::Place) if **m == Ty::Object => {
                self.converted(x, Coercion::ToPlace, Ty::Place)
            }
            (Ty::List(m), Ty::Place) if **m == Ty::Noun => {
                let objects = self.map_members(x, &Ty::Object, role);
                self.coerce(objects, ty, role)
            }
            (Ty::Object | Ty::Point | Ty::View | Ty::Photo | Ty::Region | Ty::Route, Ty::Mark) => {
                self.converted(x, Coercion::ToMark, Ty::Mark)
            }
            (Ty::List(m), Ty::Mark)
                if matches!(**m, Ty::Object | Ty::Point | Ty::View | Ty::Photo | Ty::Region) =>
            {
                self.converted(x, Coercion::ToMark, Ty::Mark)
            }
            (Ty::Photo, Ty::View) => self.operation(OpId::View, vec![Some(x)], span),
            (Ty::Photo, Ty::Image) => self.operation(OpId::Picture, vec![Some(x)], span),
            (Ty::List(m), Ty::Object) if **m == Ty::Object => self.one_of_list(x, role),
            (Ty::List(m), Ty::View) if **m == Ty::View && x.facts.len == Some(1) => self.first(x),
            (Ty::List(a), Ty::List(b)) if self.fits(&self.member_probe(a, &x), b) => {
                let member = (**b).clone();
                self.map_members(x, &member, role)
            }
            _ => {
                self.mismatch(&x, ty, role);
                self.error(span)
            }
        }
    }

    fn converted(&mut self, x: Expr, coercion: Coercion, ty: Ty) -> Expr {
        let (span, of, facts) = (x.span, [x.vn], x.facts.clone());
        let tag = Tag::Convert(coercion);
        let mut y = self.expr(ExprKind::Coerce(coercion, Box::new(x)), ty, span, tag, &of);
        // A place keeps the identity of what is there.
        if matches!(coercion, Coercion::ToPlace | Coercion::NounToText | Coercion::IntToNumber) {
            y.vn = of[0];
        }
        y.facts = facts;
        y
    }

    /// A list whose members are converted one by one.
    fn map_members(&mut self, x: Expr, member: &Ty, role: &dyn fmt::Display) -> Expr {
        let Ty::List(from) = x.ty.clone() else { return x };
        let span = x.span;
        let id = self.local("member", (*from).clone(), span, false);
        self.inherit_member(id, &x);
        let info = self.info(id);
        let local = Expr {
            kind: ExprKind::Local(id),
            ty: (*from).clone(),
            span,
            vn: info.vn,
            facts: info.facts.clone(),
        };
        let element = self.coerce(local, member, role);
        let facts = Facts { len: x.facts.len, nouns: x.facts.nouns.clone(), ..Facts::default() };
        let of = [x.vn];
        let kind = ExprKind::Comprehension {
            local: id,
            list: Box::new(x),
            cond: None,
            element: Box::new(element),
        };
        let tag = format!("each {member}");
        let mut y = self.expr(kind, member.clone().list(), span, tag.as_str(), &of);
        y.facts = facts;
        y
    }

    fn noun_to_category(&mut self, x: Expr) -> Expr {
        for (name, span) in x.facts.nouns.clone() {
            self.known_category(&name, span);
        }
        match x.kind {
            ExprKind::Text(name) => {
                let vn = self.numbers.of(Tag::Category(&name), &[]);
                let facts = Facts { nouns: x.facts.nouns, ..Facts::default() };
                let kind = ExprKind::Category(name);
                Expr { kind, ty: Ty::Category, span: self.at(x.span), vn, facts }
            }
            _ => self.converted(x, Coercion::NounToCategory, Ty::Category),
        }
    }

    fn noun_to_direction(&mut self, x: Expr, role: &dyn fmt::Display) -> Expr {
        for (word, span) in x.facts.nouns.clone() {
            if Direction::from_spoken(&word).is_some() {
                continue;
            }
            let names: Vec<&str> = Direction::ALL.iter().map(|d| d.name()).collect();
            let meant = spoken_alias(&word);
            let near = match meant {
                Some(name) => vec![name],
                None => similar::candidates(&word, names.iter().copied()),
            };
            let mut d = Diagnostic::new(
                Code::NotASymbol,
                span,
                format!("`{word}` is no direction, and {role} is one"),
            )
            .label("none of the direction words")
            .fact("candidates", near.clone());
            d = match near.first() {
                Some(best) => d.help(format!("did you mean `{best}`?")).fix(
                    if meant.is_some() { Applicability::Safe } else { Applicability::Unsafe },
                    format!("use `{best}`"),
                    span,
                    *best,
                ),
                None => d.help(format!("directions are {}", names.join(", "))),
            };
            self.report(d);
            return self.error(x.span);
        }
        if let ExprKind::Text(t) = &x.kind
            && let Some(dir) = Direction::from_spoken(t)
        {
            let tag = Tag::Direction(dir);
            return self.expr(ExprKind::Direction(dir), Ty::Direction, x.span, tag, &[]);
        }
        self.converted(x, Coercion::NounToDirection, Ty::Direction)
    }

    /// A call of an intrinsic that the checker inserts.
    pub(super) fn operation(&mut self, op: OpId, args: Vec<Option<Expr>>, span: Span) -> Expr {
        let def = op.def();
        let of: Vec<_> = args.iter().flatten().map(|a| a.vn).collect();
        self.needs(def, span, span);
        let kind = ExprKind::Op { op, args, otherwise: None };
        let ty = def.signature().result.clone();
        let measured = matches!(ty, Ty::Quantity(_));
        let mut x = self.expr(kind, ty, span, def.name, &of);
        x.facts.measured = measured;
        x
    }

    pub(super) fn objects(&mut self, category: Expr, span: Span) -> Expr {
        let facts = self.instances_of(&category);
        let mut x = self.operation(OpId::Objects, vec![Some(category.clone())], span);
        x.facts.all_of = known_category(&category);
        x.facts.instances = facts.clone();
        x.facts.len = facts.map(|f| f.len() as u64);
        x
    }

    pub(super) fn the(&mut self, category: Expr, span: Span) -> Expr {
        self.exactly_one(&category, span);
        let facts = self.instances_of(&category).filter(|ids| ids.len() == 1);
        let mut x = self.operation(OpId::The, vec![Some(category)], span);
        x.facts.instances = facts;
        x
    }

    fn first(&mut self, x: Expr) -> Expr {
        let Ty::List(m) = x.ty.clone() else { return x };
        let (span, of, facts) = (x.span, [x.vn], x.facts.clone());
        let kind =
            ExprKind::Inline { op: InlineOp::First, args: vec![x], lambda: None, otherwise: None };
        let mut y = self.expr(kind, *m, span, "first", &of);
        y.facts.instances = facts.instances;
        y
    }

    /// A list where one object is meant: fine when it surely has exactly one.
    fn one_of_list(&mut self, x: Expr, role: &dyn fmt::Display) -> Expr {
        let span = x.span;
        if x.facts.instances.as_ref().is_some_and(|i| i.len() == 1) {
            return self.first(x);
        }
        let mut d = match &x.facts.instances {
            Some(ids) if ids.len() > 1 => {
                let mut d = Diagnostic::new(
                    Code::SeveralInstances,
                    span,
                    format!("{role} is one object, and there are {}", ids.len()),
                )
                .label(format!("{} instances", ids.len()))
                .fact("count", ids.len() as u64);
                for line in self.describe_instances(ids) {
                    d = d.note(line);
                }
                d
            }
            _ => Diagnostic::new(
                Code::TypeMismatch,
                span,
                format!("{role} is one `Object`, not a list"),
            )
            .label("this is `List<Object>`")
            .fact("expected", "Object")
            .fact("found", "List<Object>"),
        };
        d = d.help(
            "choose one: `.nearest(to=…)`, `.largest()`, `.leftmost(from=…)`, `.min_by(o => …)`, or \
             filter to one and take `.first()`",
        );
        d = d
            .fix(Applicability::Manual, "choose the nearest", Span::at(span.end), ".nearest(to=…)")
            .fix(Applicability::Unsafe, "choose the largest", Span::at(span.end), ".largest()");
        self.report(d);
        self.error(span)
    }

    /// The value of `answer`: a noun is text, a photo stays a photo.
    pub(super) fn as_answer(&mut self, x: Expr) -> Expr {
        match &x.ty {
            Ty::Noun => self.coerce(x, &Ty::Text, &"the answer"),
            Ty::List(m) if **m == Ty::Noun => self.coerce(x, &Ty::Text.list(), &"the answer"),
            Ty::Image => {
                let d = Diagnostic::new(Code::TypeMismatch, x.span, "a picture is no answer")
                    .label("this is `Image`")
                    .help("show it with `show …`, and answer a value");
                self.report(d);
                x
            }
            Ty::Place | Ty::Mark | Ty::Box | Ty::Fn(..) | Ty::Route | Ty::Track => {
                let d = Diagnostic::new(
                    Code::TypeMismatch,
                    x.span,
                    format!("a `{}` is no answer", x.ty),
                )
                .label(format!("this is `{}`", x.ty))
                .help("answer something measured from it");
                self.report(d);
                x
            }
            Ty::List(_) | Ty::Group(..) if !is_answer(&x.ty) => {
                let d = Diagnostic::new(
                    Code::TypeMismatch,
                    x.span,
                    format!("a `{}` is no answer", x.ty),
                )
                .label(format!("this is `{}`", x.ty))
                .help("answer values: show pictures, and measure something from the rest");
                self.report(d);
                x
            }
            _ => x,
        }
    }

    fn mismatch(&mut self, x: &Expr, ty: &Ty, role: &dyn fmt::Display) {
        let (found, wanted) = (x.ty.to_string(), ty.to_string());
        let mut d = Diagnostic::new(
            Code::TypeMismatch,
            x.span,
            format!("{role} is `{wanted}`, not `{found}`"),
        )
        .label(format!("this is `{found}`"))
        .fact("expected", wanted.clone())
        .fact("found", found.clone());
        let wrap = |title: &str, before: &str, after: &str, applicability| Suggestion {
            title: title.to_owned(),
            edits: vec![
                Edit { span: Span::at(x.span.start), insert: before.to_owned() },
                Edit { span: Span::at(x.span.end), insert: after.to_owned() },
            ],
            applicability,
        };
        d = match (&x.ty, ty) {
            (Ty::Category, Ty::Object | Ty::Place) => d
                .help("a category names a kind; take the instance: `the(…)`, or all: `objects(…)`")
                .suggest(wrap("take its only instance", "the(", ")", Applicability::Unsafe)),
            (Ty::Object, Ty::Category) => d.help("take its category").suggest(Suggestion {
                title: "take its category".into(),
                edits: vec![Edit { span: Span::at(x.span.end), insert: ".category()".into() }],
                applicability: Applicability::Safe,
            }),
            (Ty::Object | Ty::Place | Ty::Point | Ty::Region, Ty::View) => {
                let d = d
                    .help("a view needs a place to stand and a direction: `stand(at=…, facing=…)`")
                    .suggest(wrap("stand there", "stand(at=", ", facing=…)", Applicability::Manual));
                match self.guess_at(&Ty::Place, x.span) {
                    Some(g) => d.suggest(wrap(
                        &format!("stand there facing `{g}`, if that is meant"),
                        "stand(at=",
                        &format!(", facing={g})"),
                        Applicability::Unsafe,
                    )),
                    None => d,
                }
            }
            (Ty::List(_), Ty::Int) if matches!(x.kind, ExprKind::Range(..)) => d.help(
                "one number is meant; for each of several write `[photo(i) for i in 1..3]`",
            ),
            (Ty::List(m), Ty::Int) if **m != Ty::Error => {
                d.help("take its number of members").suggest(Suggestion {
                    title: "count the members".into(),
                    edits: vec![Edit { span: Span::at(x.span.end), insert: ".count()".into() }],
                    applicability: Applicability::Safe,
                })
            }
            (Ty::List(m), Ty::Bool) if **m != Ty::Error => {
                d.help("ask whether it has members").suggest(Suggestion {
                    title: "ask whether it is empty".into(),
                    edits: vec![
                        Edit { span: Span::at(x.span.start), insert: "not ".into() },
                        Edit { span: Span::at(x.span.end), insert: ".is_empty()".into() },
                    ],
                    applicability: Applicability::Unsafe,
                })
            }
            (Ty::Object, Ty::Bool) => {
                let d = d.help(
                    "a thing is no condition: ask whether there is one, or something of it, as in \
                     `sees(me, x)` or `distance(x, to=y) < 1m`",
                );
                let asked = self.text.get(x.span.range()).and_then(|t| {
                    let noun = t.strip_prefix("the(")?.strip_suffix(')')?;
                    Some(format!("not objects({noun}).is_empty()"))
                });
                match asked {
                    Some(asked) => {
                        d.fix(Applicability::Unsafe, "ask whether there is one", x.span, asked)
                    }
                    None => d,
                }
            }
            (Ty::List(m), Ty::Image) if matches!(**m, Ty::View | Ty::Photo) => d
                .help("show several views side by side: `strip(…)`, or one by one with `for`")
                .suggest(wrap("side by side", "strip(", ")", Applicability::Safe)),
            (Ty::View, Ty::Image) => d.help("render what is seen from it").suggest(wrap(
                "render it",
                "ego(",
                ")",
                Applicability::Safe,
            )),
            (Ty::Object | Ty::List(_) | Ty::Region, Ty::Image) => d
                .help("show it on a picture, for instance `top(mark=[…])`")
                .suggest(wrap("mark it in a top view", "top(mark=[", "])", Applicability::Unsafe)),
            (_, Ty::Image) => d.help("`show` takes a picture; to give a value use `answer`"),
            (Ty::Quantity(n), Ty::Int) => {
                let d = d.help("round it: `round(…)`");
                if *n == Dim::NONE {
                    d.suggest(wrap("round it", "round(", ")", Applicability::Unsafe))
                } else {
                    d
                }
            }
            (Ty::Quantity(_), Ty::Bool) => {
                let d = d.help("a quantity is no condition: compare it");
                match self.guess(&x.ty, self.text) {
                    Some(g) => {
                        let title = format!("ask whether it is less than `{g}`");
                        d.fix(Applicability::Unsafe, title, Span::at(x.span.end), format!(" < {g}"))
                    }
                    None => d,
                }
            }
            (Ty::Photo, Ty::Int) => d
                .help("this is a photo already; where its number is meant, take `.number()`")
                .fix(Applicability::Unsafe, "take its number", Span::at(x.span.end), ".number()"),
            (Ty::Int, Ty::Photo | Ty::View) => d
                .help("a number is no photo: write `photo(…)`")
                .suggest(wrap("take the photo of that number", "photo(", ")", Applicability::Safe)),
            (Ty::Int | Ty::Quantity(_), Ty::Direction) => {
                let d = d.help(
                    "the direction comes first, the amount after it: `turn(left, by=90deg)`, \
                     `step(forward, by=1m)`",
                );
                let before = self.text.get(..x.span.start as usize).unwrap_or("").trim_end();
                let way = match () {
                    () if before.ends_with("turn(") => Some("right"),
                    () if before.ends_with("step(") => Some("forward"),
                    () => None,
                };
                match way {
                    Some(way) => d.fix(
                        Applicability::Unsafe,
                        format!("say which way: `{way}`, if that is meant"),
                        Span::at(x.span.start),
                        format!("{way}, by="),
                    ),
                    None => d,
                }
            }
            (Ty::Direction, Ty::Int | Ty::Quantity(_) | Ty::Extent) => d.help(
                "the amount comes after the direction: `turn(left, by=90deg)`, `step(forward, by=1m)`",
            ),
            (Ty::List(_) | Ty::Int | Ty::Quantity(_) | Ty::Vector | Ty::Local, Ty::Place) => {
                d.help(
                    "a place is an object (`the(\"…\")`), a list of objects, a view, a photo, \
                     `floor()` or a point such as `center(…)`; coordinates are not typed in",
                )
            }
            (Ty::Noun | Ty::Direction | Ty::Category, Ty::List(m)) if self.fits(x, m) => d
                .help("put it into a list")
                .suggest(wrap("put it into a list", "[", "]", Applicability::Safe)),
            (Ty::List(_), Ty::Category) => {
                d.help("this takes one category; for several write `[\"a\", \"b\"].map(c => …)`")
            }
            (Ty::Noun, Ty::Int | Ty::Quantity(_) | Ty::Bool) => {
                let d = d.help("write it without quotes, with its unit: `2`, `1.5m`, `90deg`");
                match &x.kind {
                    ExprKind::Text(t) if unquoted(t).is_some() => d.fix(
                        Applicability::Safe,
                        "leave the quotes out",
                        x.span,
                        unquoted(t).unwrap_or(t),
                    ),
                    _ => d,
                }
            }
            (Ty::Int, Ty::Bool) => d
                .help("a number is no condition: compare it")
                .fix(Applicability::Unsafe, "ask whether it is more than 0", Span::at(x.span.end), " > 0"),
            (Ty::Photo | Ty::View, Ty::Category) => {
                let view = if x.ty == Ty::Photo { ".view()" } else { "" };
                d.help(format!("what stands in its picture is `{}{view}.in_view()`", self.quote(x.span)))
            }
            (Ty::Direction, Ty::Object | Ty::Place) => {
                d.help("a direction is no place; choose a thing there, for instance `ahead(of=me)`")
            }
            _ => d.help(format!("give a `{wanted}`")),
        };
        if !guess::repairable(&d) {
            d = self.instead(d, ty, x.span);
        }
        self.report(d);
    }
}

/// Whether an answer can hold values of this type.
pub(super) fn is_answer(ty: &Ty) -> bool {
    match ty {
        Ty::List(t) => is_answer(t),
        Ty::Group(k, t) => is_answer(k) && is_answer(t),
        Ty::Image | Ty::Place | Ty::Mark | Ty::Box | Ty::Fn(..) | Ty::Route | Ty::Track => false,
        _ => true,
    }
}

/// A literal written in percent.
pub(super) fn is_percentage(x: &Expr) -> bool {
    x.facts.unit.is_some_and(|u| u.name == "%")
}

/// Words of everyday speech that mean one direction.
pub(crate) fn spoken_alias(word: &str) -> Option<&'static str> {
    Some(match word.trim().to_ascii_lowercase().replace(['-', '_'], " ").as_str() {
        "behind" | "rear" | "backwards" | "to the back" => "back",
        "ahead" | "in front" | "straight ahead" | "straight" => "front",
        "forwards" => "forward",
        "to the left" | "left side" | "leftward" => "left",
        "to the right" | "right side" | "rightward" | "clockwise" => "right",
        "counterclockwise" | "counter clockwise" | "anticlockwise" => "left",
        "above" | "upward" | "upwards" => "up",
        "below" | "downward" | "downwards" => "down",
        "behind left" | "left behind" | "left back" => "back_left",
        "behind right" | "right behind" | "right back" => "back_right",
        "left front" => "front_left",
        "right front" => "front_right",
        _ => return None,
    })
}

/// A category to remember a list by: a literal or a name, so that what is remembered stays small.
pub(super) fn known_category(category: &Expr) -> Option<Box<Expr>> {
    let small = |x: &Expr| matches!(x.kind, ExprKind::Category(_) | ExprKind::Local(_));
    let known = match &category.kind {
        ExprKind::Coerce(_, x) => small(x),
        _ => small(category),
    };
    known.then(|| Box::new(category.clone()))
}
