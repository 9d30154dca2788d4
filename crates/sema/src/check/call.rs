//! Calls: resolving the name, putting arguments at their parameters, typing the result.

use reasmory_diag::{Applicability, Code, Diagnostic, similar};
use reasmory_ops::{Effect, InlineOp, Kind, OpDef, OpId};
use reasmory_span::Span;
use reasmory_syntax::ast::{self, Arg, Ident};
use reasmory_types::{Default, Dim, Param, Signature, Ty};

use super::{Checker, FnInfo, FnState};
use crate::catalogue::{self, Callable};
use crate::hir::{Expr, ExprKind, Facts, Lambda};

/// Most functions that calls with `else=` put in where they stand.
const MAX_EXPANSIONS: u32 = 1000;

/// What a name calls.
enum Target {
    Op(&'static OpDef),
    /// A function by name, in [`Checker::fns`].
    Fn(String),
}

/// An argument before its parameter is known.
enum Given<'e> {
    Typed(Box<Expr>),
    Ast(&'e ast::Expr),
}

impl Given<'_> {
    fn span(&self) -> Span {
        match self {
            Given::Typed(e) => e.span,
            Given::Ast(e) => e.span,
        }
    }
}

/// Arguments at their parameters.
struct Arranged<'e> {
    slots: Vec<Option<Given<'e>>>,
    /// Positional arguments beyond the first of a variadic operation.
    rest: Vec<Given<'e>>,
    otherwise: Option<&'e ast::Expr>,
    broken: bool,
}

/// What arranging needs to know of a callee.
struct Shape<'s> {
    name: &'s str,
    signature: &'s Signature,
    positional: usize,
    variadic: bool,
    one_of: &'s [&'s str],
}

impl<'a> Checker<'a> {
    /// `receiver.name` and `receiver.name(args)`.
    pub(super) fn method(
        &mut self,
        receiver: &ast::Expr,
        name: &Ident,
        args: Option<&[Arg]>,
        span: Span,
        expected: Option<&Ty>,
    ) -> Expr {
        let r = self.infer(receiver, None);
        if let Some(record) = r.ty.record()
            && let Some(i) = record.fields.iter().position(|f| f.0 == name.name)
            && args.is_none_or(<[Arg]>::is_empty)
        {
            let (facts, of) = (r.facts.clone(), [r.vn]);
            let (ty, r_ty) = (Ty::Quantity(record.fields[i].1), r.ty.clone());
            let kind = ExprKind::Field(Box::new(r), i as u32);
            let mut x = self.expr(kind, ty, span, &name.name, &of);
            x.facts.frame = match r_ty {
                // Not fresh numbers: every point is in the one frame of the world.
                Ty::Point => Some((super::WORLD, "the world".to_owned())),
                _ => facts.frame,
            };
            x.facts.measured = true;
            return x;
        }
        if let Ty::Group(k, t) = &r.ty {
            let (k, t) = ((**k).clone(), (**t).clone());
            let of = [r.vn];
            match name.name.as_str() {
                "key" => {
                    let kind = ExprKind::GroupKey(Box::new(r));
                    return self.expr(kind, k, span, "key", &of);
                }
                "members" => {
                    let kind = ExprKind::GroupMembers(Box::new(r));
                    return self.expr(kind, t.list(), span, "members", &of);
                }
                _ => {}
            }
        }
        let resolvable = self.fns.contains_key(&name.name)
            || catalogue::find(&name.name).is_some()
            || reasmory_ops::planned(&name.name).is_some()
            || catalogue::foreign(&name.name).is_some();
        if !resolvable && args.is_none() && r.ty != Ty::Error {
            self.unknown_field(&r, name);
            return self.error(span);
        }
        self.call(name, Some(r), args.unwrap_or(&[]), span, expected)
    }

    /// Whether a value may be the receiver of a callable.
    fn takes(&self, c: &Callable, r: &Expr) -> bool {
        c.signature().params.first().is_some_and(|p| match &p.ty {
            Ty::Var(_) => matches!(r.ty, Ty::Int | Ty::Quantity(_)),
            Ty::List(m) if matches!(**m, Ty::Var(_)) => matches!(r.ty, Ty::List(_)),
            t => self.fits(r, t),
        })
    }

    fn unknown_field(&mut self, r: &Expr, name: &Ident) {
        let fields: Vec<&str> =
            r.ty.record().map(|f| f.fields.iter().map(|f| f.0).collect()).unwrap_or_default();
        let mut known: Vec<&str> = fields.clone();
        // Only what takes such a receiver can be meant.
        known.extend(catalogue::all().iter().filter(|c| self.takes(c, r)).map(Callable::name));
        let near = similar::candidates(&name.name, known);
        let mut d = Diagnostic::new(
            Code::UnknownField,
            name.span,
            format!("`{}` has no `{}`", r.ty, name.name),
        )
        .label("neither a field nor an operation")
        .fact("candidates", near.clone());
        d = match near.first() {
            Some(best) => d.help(format!("did you mean `{best}`?")).fix(
                if near.len() == 1 { Applicability::Safe } else { Applicability::Unsafe },
                format!("use `{best}`"),
                name.span,
                *best,
            ),
            None if !fields.is_empty() => d.help(format!("its fields are {}", fields.join(", "))),
            None => d.help("`reasmory ops` lists the operations"),
        };
        self.report(d);
    }

    /// `name(args)`; a receiver is the first argument.
    pub(super) fn call(
        &mut self,
        callee: &Ident,
        receiver: Option<Expr>,
        args: &[Arg],
        span: Span,
        expected: Option<&Ty>,
    ) -> Expr {
        let Some(target) = self.resolve(callee) else {
            for a in args {
                // Lambdas of an unknown operation have no types to check with.
                if !matches!(a.value.kind, ast::ExprKind::Lambda { .. }) {
                    self.infer(&a.value, None);
                }
            }
            return self.error(span);
        };
        match target {
            Target::Op(def) => self.call_op(def, callee, receiver, args, span, expected),
            Target::Fn(name) => self.call_fn(&name, callee, receiver, args, span),
        }
    }

    /// Whether a name is bound to what was reported already, such as a lambda.
    fn is_broken(&self, name: &str) -> bool {
        self.lookup(name).is_some_and(|id| self.frame.locals[id.0 as usize].ty == Ty::Error)
    }

    fn resolve(&mut self, callee: &Ident) -> Option<Target> {
        let name = callee.name.as_str();
        if self.fns.contains_key(name) {
            return Some(Target::Fn(name.to_owned()));
        }
        if let Some(c) = catalogue::find(name) {
            return Some(self.target(c));
        }
        if let Some(what) = reasmory_ops::planned(name) {
            self.report(
                Diagnostic::new(
                    Code::PlannedOperation,
                    callee.span,
                    format!("`{name}` is planned, but this version does not have it"),
                )
                .label(format!("will give {what}"))
                .help("`reasmory ops` lists the operations there are"),
            );
            return None;
        }
        if let Some(c) = catalogue::foreign(name) {
            let here = c.name();
            self.report(
                Diagnostic::new(
                    Code::UnknownOperation,
                    callee.span,
                    format!("`{name}` is called `{here}` here"),
                )
                .label("another language's name")
                .note(format!("`{here}{}`", c.signature()))
                .fact("found", name)
                .fact("candidates", vec![here])
                .fix(
                    Applicability::Safe,
                    format!("use `{here}`"),
                    callee.span,
                    here,
                ),
            );
            return Some(self.target(c));
        }
        if self.is_broken(name) {
            return None;
        }
        let mut known: Vec<String> = catalogue::all().iter().map(|c| c.name().to_owned()).collect();
        known.extend(self.fns.keys().cloned());
        known.sort();
        known.dedup();
        let near: Vec<String> = similar::candidates(name, known.iter().map(String::as_str))
            .into_iter()
            .map(str::to_owned)
            .collect();
        let mut d = Diagnostic::new(
            Code::UnknownOperation,
            callee.span,
            format!("there is no operation `{name}`"),
        )
        .label("unknown operation")
        .fact("found", name)
        .fact("candidates", near.clone());
        let Some(best) = near.first().cloned() else {
            self.report(d.help("`reasmory ops` lists the operations"));
            return None;
        };
        let sure = near.len() == 1;
        d = d.help(format!("did you mean `{best}`?")).fix(
            if sure { Applicability::Safe } else { Applicability::Unsafe },
            format!("use `{best}`"),
            callee.span,
            best.clone(),
        );
        self.report(d);
        if !sure {
            return None;
        }
        if self.fns.contains_key(&best) {
            return Some(Target::Fn(best));
        }
        let c = catalogue::find(&best)?;
        Some(self.target(c))
    }

    fn target(&mut self, c: Callable) -> Target {
        match c {
            Callable::Op(def) => Target::Op(def),
            Callable::Std(f) => {
                let name = f.decl.name.name.clone();
                self.fns.entry(name.clone()).or_insert_with(|| FnInfo {
                    decl: &f.decl,
                    signature: f.signature.clone(),
                    std: true,
                    state: FnState::New,
                });
                Target::Fn(name)
            }
        }
    }

    fn arrange<'e>(
        &mut self,
        shape: &Shape<'_>,
        callee: &Ident,
        receiver: Option<Expr>,
        args: &'e [Arg],
        span: Span,
    ) -> Arranged<'e> {
        let params = &shape.signature.params;
        let name = shape.name;
        let mut out = Arranged {
            slots: params.iter().map(|_| None).collect(),
            rest: Vec::new(),
            otherwise: None,
            broken: false,
        };
        let text = format!("`{name}{}`", shape.signature);
        let mut next = 0;
        if let Some(r) = receiver {
            if params.is_empty() {
                out.broken = true;
                let d = Diagnostic::new(
                    Code::PositionalArgument,
                    r.span,
                    format!("`{name}` takes no arguments"),
                )
                .label("is given a receiver")
                .help(format!("call it alone: `{name}()`"));
                self.report(d);
            } else {
                out.slots[0] = Some(Given::Typed(Box::new(r)));
                next = 1;
            }
        }
        for a in args {
            let Some(given) = &a.name else {
                // The next free parameter, in order.
                while next < params.len() && out.slots[next].is_some() {
                    next += 1;
                }
                if next < params.len() && next < shape.positional {
                    out.slots[next] = Some(Given::Ast(&a.value));
                    next += 1;
                    continue;
                }
                if shape.variadic {
                    out.rest.push(Given::Ast(&a.value));
                    continue;
                }
                out.broken = true;
                let mut d = Diagnostic::new(
                    Code::PositionalArgument,
                    a.value.span,
                    match shape.positional {
                        _ if params.is_empty() => format!("`{name}` takes no arguments"),
                        1 => format!("`{name}` takes only its first argument without a name"),
                        n => format!("`{name}` takes only {n} arguments without a name"),
                    },
                )
                .note(text.clone());
                if let Some(p) = params.get(next).filter(|p| p.name != "else") {
                    d = d.label(format!("most likely `{}=`", p.name)).fix(
                        Applicability::Safe,
                        format!("name it `{}`", p.name),
                        Span::at(a.value.span.start),
                        format!("{}=", p.name),
                    );
                    out.slots[next] = Some(Given::Ast(&a.value));
                    out.broken = false;
                    next += 1;
                } else {
                    d = d.label("one too many").help("leave it out");
                }
                self.report(d);
                continue;
            };
            if given.name == "else" {
                if out.otherwise.replace(&a.value).is_some() {
                    self.duplicate_argument(given, name);
                }
                continue;
            }
            match shape.signature.param(&given.name) {
                Some((i, _)) if out.slots[i].is_some() => self.duplicate_argument(given, name),
                Some((i, _)) => out.slots[i] = Some(Given::Ast(&a.value)),
                None if given.name == "key" && matches!(name, "min" | "max") => {
                    out.broken = true;
                    let by = format!("{name}_by");
                    self.report(
                        Diagnostic::new(
                            Code::UnknownArgument,
                            given.span,
                            format!("`{name}` takes numbers and no `key`"),
                        )
                        .label("unknown argument")
                        .help(format!("the member with the least or greatest key is `{by}`"))
                        .fact("found", "key")
                        .fix(
                            Applicability::Safe,
                            format!("use `{by}`"),
                            callee.span,
                            by,
                        ),
                    );
                }
                None => {
                    let free: Vec<&str> = params
                        .iter()
                        .zip(&out.slots)
                        .filter(|(_, s)| s.is_none())
                        .map(|(p, _)| p.name.as_str())
                        .collect();
                    let near = similar::candidates(&given.name, free.iter().copied());
                    // The only required parameter still free is what was meant.
                    let required: Vec<(usize, &Param)> = params
                        .iter()
                        .enumerate()
                        .filter(|(i, p)| {
                            out.slots[*i].is_none()
                                && p.required()
                                && !args
                                    .iter()
                                    .any(|a| a.name.as_ref().is_some_and(|n| n.name == p.name))
                        })
                        .collect();
                    let best = near
                        .first()
                        .map(|n| (*n).to_owned())
                        .or_else(|| (required.len() == 1).then(|| required[0].1.name.clone()));
                    let mut d = Diagnostic::new(
                        Code::UnknownArgument,
                        given.span,
                        format!("`{name}` takes no argument `{}`", given.name),
                    )
                    .label("unknown argument")
                    .note(text.clone())
                    .fact("found", given.name.as_str())
                    .fact("candidates", free.clone());
                    match best.and_then(|b| shape.signature.param(&b).map(|(i, _)| (b, i))) {
                        Some((best, i)) => {
                            d = d.help(format!("did you mean `{best}`?")).fix(
                                Applicability::Safe,
                                format!("use `{best}`"),
                                given.span,
                                best,
                            );
                            out.slots[i] = Some(Given::Ast(&a.value));
                        }
                        None => {
                            out.broken = true;
                            d = if free.is_empty() {
                                d.help("leave it out")
                            } else {
                                d.help(format!("it takes {}", free.join(", ")))
                            };
                        }
                    }
                    self.report(d);
                }
            }
        }
        let missing: Vec<&Param> = params
            .iter()
            .zip(&out.slots)
            .filter(|(p, s)| p.required() && s.is_none())
            .map(|(p, _)| p)
            .collect();
        if !missing.is_empty() && !out.broken {
            out.broken = true;
            let names: Vec<String> = missing.iter().map(|p| format!("`{}`", p.name)).collect();
            let hole: Vec<String> = missing.iter().map(|p| format!("{}=…", p.name)).collect();
            let given = out.slots.iter().any(Option::is_some) && !args.is_empty();
            let has_parens =
                self.text.as_bytes().get(span.end.saturating_sub(1) as usize) == Some(&b')');
            let at = if has_parens { span.end - 1 } else { span.end };
            let insert = format!("{}{}", if given { ", " } else { "" }, hole.join(", "));
            let insert = if has_parens { insert } else { format!("({insert})") };
            self.report(
                Diagnostic::new(
                    Code::MissingArgument,
                    callee.span,
                    format!("`{name}` needs {}", names.join(" and ")),
                )
                .label("called without it")
                .note(text.clone())
                .fact("missing", missing.iter().map(|p| p.name.clone()).collect::<Vec<_>>())
                .fix(Applicability::Manual, "give it", Span::at(at), insert),
            );
        }
        if !shape.one_of.is_empty() && !out.broken {
            let given: Vec<(&str, Span)> = shape
                .one_of
                .iter()
                .filter_map(|n| {
                    let (i, _) = shape.signature.param(n)?;
                    Some((*n, out.slots[i].as_ref()?.span()))
                })
                .collect();
            let all: Vec<String> = shape.one_of.iter().map(|n| format!("`{n}`")).collect();
            if given.is_empty() {
                out.broken = true;
                self.report(
                    Diagnostic::new(
                        Code::ArgumentGroup,
                        callee.span,
                        format!("`{name}` needs one of {}", all.join(", ")),
                    )
                    .label(if shape.one_of.contains(&"facing") {
                        "which way does it look?"
                    } else {
                        "whose left, right, front and back?"
                    })
                    .note(text.clone())
                    .help(format!("give exactly one of {}", all.join(", "))),
                );
            } else if let [first, second, ..] = given.as_slice() {
                out.broken = true;
                self.report(
                    Diagnostic::new(
                        Code::ArgumentGroup,
                        second.1,
                        format!("`{}` and `{}` exclude each other", first.0, second.0),
                    )
                    .label("one too many")
                    .also(first.1, "already given")
                    .help(format!("give exactly one of {}", all.join(", "))),
                );
            }
        }
        out
    }

    fn duplicate_argument(&mut self, given: &Ident, name: &str) {
        self.report(
            Diagnostic::new(
                Code::DuplicateArgument,
                given.span,
                format!("`{}` is given twice to `{name}`", given.name),
            )
            .label("given again")
            .help("keep one (the receiver is the first parameter)"),
        );
    }

    fn give(&mut self, given: Given<'_>, ty: &Ty, role: &str) -> Expr {
        let x = match given {
            Given::Typed(x) => *x,
            Given::Ast(e) => self.infer(e, Some(ty)),
        };
        self.coerce(x, ty, role)
    }

    fn finish_broken(&mut self, arranged: Arranged<'_>, span: Span) -> Expr {
        for g in arranged.slots.into_iter().flatten().chain(arranged.rest) {
            if let Given::Ast(e) = g
                && !matches!(e.kind, ast::ExprKind::Lambda { .. })
            {
                self.infer(e, None);
            }
        }
        self.error(span)
    }

    fn default(&mut self, p: &Param, span: Span) -> Option<Expr> {
        let (kind, ty, tag) = match p.default.as_ref()? {
            Default::Direction(d) => (ExprKind::Direction(*d), Ty::Direction, d.name().to_owned()),
            Default::Int(i) => (ExprKind::Int(*i), Ty::Int, format!("int {i}")),
            Default::Bool(b) => (ExprKind::Bool(*b), Ty::Bool, format!("{b}")),
            Default::Quantity(x, text) => {
                let mut e = self.expr(
                    ExprKind::Float(*x),
                    p.ty.clone(),
                    span,
                    &format!("default {text}"),
                    &[],
                );
                if text.ends_with('%') {
                    e.ty = Ty::NUMBER;
                    e.facts.unit = reasmory_types::Unit::named("%");
                }
                return Some(self.coerce(e, &p.ty, "a default"));
            }
            Default::EmptyList => (ExprKind::List(vec![]), p.ty.clone(), "list".to_owned()),
            Default::Directions(ds) => {
                let members = ds
                    .iter()
                    .map(|d| self.expr(ExprKind::Direction(*d), Ty::Direction, span, d.name(), &[]))
                    .collect::<Vec<_>>();
                let of: Vec<_> = members.iter().map(|m| m.vn).collect();
                let ty = Ty::Direction.list();
                return Some(self.expr(ExprKind::List(members), ty, span, "list", &of));
            }
        };
        let x = self.expr(kind, ty, span, &tag, &[]);
        // What does not fit was reported where the function is declared.
        Some(if self.fits(&x, &p.ty) {
            self.coerce(x, &p.ty, "a default")
        } else {
            self.error(span)
        })
    }

    fn call_op(
        &mut self,
        def: &'static OpDef,
        callee: &Ident,
        receiver: Option<Expr>,
        args: &[Arg],
        span: Span,
        expected: Option<&Ty>,
    ) -> Expr {
        let signature = def.signature();
        let shape = Shape {
            name: def.name,
            signature,
            positional: def.positional,
            variadic: def.variadic,
            one_of: def.one_of,
        };
        let arranged = self.arrange(&shape, callee, receiver, args, span);
        if arranged.broken {
            return self.finish_broken(arranged, span);
        }
        self.needs(def, callee.span);
        match def.effect {
            Effect::Pure => {}
            Effect::Render => self.picture(span),
            Effect::Model => {
                if !self.options.model {
                    self.report(
                        Diagnostic::new(
                            Code::ModelUnavailable,
                            callee.span,
                            format!("`{}` asks a model, and none is configured", def.name),
                        )
                        .label("a model call")
                        .help(
                            "choose by geometry instead (`nearest`, `largest`, `leftmost`, `filter`), \
                             or run with a model",
                        ),
                    );
                }
            }
        }
        match def.kind {
            Kind::Intrinsic(id) => self.intrinsic(id, def, arranged, span),
            Kind::Inline(op) => self.inline(op, def, arranged, span, expected),
        }
    }

    /// Counts a picture, as often as the place may be reached.
    pub(super) fn picture(&mut self, span: Span) {
        let before = self.renders;
        self.renders = self.renders.saturating_add(self.frame.times);
        if before <= self.options.renders && self.renders > self.options.renders {
            self.render_span = Some(span);
        }
    }

    fn intrinsic(&mut self, id: OpId, def: &OpDef, arranged: Arranged<'_>, span: Span) -> Expr {
        let signature = def.signature();
        let mut values: Vec<Option<Expr>> = Vec::new();
        for (p, slot) in signature.params.iter().zip(arranged.slots) {
            let role = format!("`{}` of `{}`", p.name, def.name);
            values.push(match slot {
                Some(g) => Some(self.give(g, &p.ty, &role)),
                None => self.default(p, span),
            });
        }
        if values.iter().flatten().any(|v| v.ty == Ty::Error) {
            return self.error(span);
        }
        let arg = |i: usize| values.get(i).and_then(Option::as_ref);
        let mut facts = Facts {
            measured: matches!(signature.result, Ty::Quantity(_)) && def.family != "query",
            ..Facts::default()
        };
        match id {
            OpId::Objects => {
                facts.instances = match arg(0) {
                    Some(c) => self.instances_of(c),
                    None => self.scene().map(|s| (1..=s.instances.len() as u32).collect()),
                };
                facts.len = facts.instances.as_ref().map(|i| i.len() as u64);
                facts.all_of = arg(0).and_then(super::coerce::known_category);
            }
            OpId::The => {
                if let Some(c) = arg(0).cloned() {
                    if arranged.otherwise.is_none() {
                        self.exactly_one(&c, span);
                    }
                    facts.instances = self.instances_of(&c).filter(|i| i.len() == 1);
                }
            }
            OpId::Photo => {
                if let Some(n) = arg(0).cloned() {
                    self.photo_number(&n);
                }
            }
            OpId::Photos => {
                facts.len = self.scene().map(|s| s.photos.len() as u64);
            }
            OpId::Categories => {
                facts.len = self.scene().map(|s| s.categories.len() as u64);
            }
            OpId::Stand => {
                if let (Some(at), Some(facing)) = (arg(0).cloned(), arg(1).cloned()) {
                    self.same_place(&at, &facing, span);
                }
            }
            _ => {}
        }
        if let Some(view) = &signature.result_in
            && let Some((i, _)) = signature.param(view)
            && let Some(v) = arg(i)
        {
            facts.frame = Some((v.vn, self.quote(v.span)));
        }
        let of: Vec<_> =
            values.iter().map(|v| v.as_ref().map_or(crate::hir::Vn(0), |v| v.vn)).collect();
        let ty = signature.result.clone();
        let otherwise = self.otherwise(arranged.otherwise, &ty, def.abstains, def.name);
        let of: Vec<_> = of.into_iter().chain(otherwise.as_ref().map(|o| o.vn)).collect();
        let kind = ExprKind::Op { op: id, args: values, otherwise: otherwise.map(Box::new) };
        let mut x = self.expr(kind, ty, span, def.name, &of);
        x.facts = facts;
        x
    }

    /// The value of `else=`.
    fn otherwise(
        &mut self,
        given: Option<&ast::Expr>,
        ty: &Ty,
        abstains: bool,
        name: &str,
    ) -> Option<Expr> {
        let e = given?;
        let x = self.infer(e, Some(ty));
        let x = self.coerce(x, ty, &format!("`else` of `{name}`"));
        if !abstains {
            self.report(
                Diagnostic::new(
                    Code::UnknownArgument,
                    e.span,
                    format!("`{name}` always has a value, so `else` is never used"),
                )
                .label("never used")
                .help("leave it out"),
            );
            return None;
        }
        Some(x)
    }

    fn call_fn(
        &mut self,
        name: &str,
        callee: &Ident,
        receiver: Option<Expr>,
        args: &[Arg],
        span: Span,
    ) -> Expr {
        let Some(info) = self.fns.get(name) else { return self.error(span) };
        let (signature, decl) = (info.signature.clone(), info.decl);
        let shape = Shape {
            name,
            signature: &signature,
            positional: catalogue::positional_of(&signature),
            variadic: false,
            one_of: &[],
        };
        let arranged = self.arrange(&shape, callee, receiver, args, span);
        if arranged.broken {
            return self.finish_broken(arranged, span);
        }
        let otherwise = arranged.otherwise;
        let mut values = Vec::new();
        for (p, slot) in signature.params.iter().zip(arranged.slots) {
            let role = format!("`{}` of `{name}`", p.name);
            values.push(match slot {
                Some(g) => self.give(g, &p.ty, &role),
                None => match self.default(p, span) {
                    Some(x) => x,
                    None => {
                        // `?` without a default: nothing in the language can tell that it is absent.
                        self.report(
                            Diagnostic::new(
                                Code::MissingArgument,
                                callee.span,
                                format!("`{name}` needs `{}`", p.name),
                            )
                            .label("called without it")
                            .note(format!("`{name}{signature}`"))
                            .help(
                                "give it; a function's parameter is left out only where it has a \
                                 default",
                            ),
                        );
                        self.error(span)
                    }
                },
            });
        }
        self.check_fn(name, Some(callee.span));
        if signature.result.has_error() || values.iter().any(|v| v.ty == Ty::Error) {
            return self.error(span);
        }
        let mut facts =
            Facts { measured: matches!(signature.result, Ty::Quantity(_)), ..Facts::default() };
        if let Some(view) = &signature.result_in
            && let Some((i, _)) = signature.param(view)
        {
            facts.frame = Some((values[i].vn, self.quote(values[i].span)));
        }
        if let Some(e) = otherwise {
            return self.expand_with_else(name, decl, &signature, values, e, span);
        }
        let of: Vec<_> = values.iter().map(|v| v.vn).collect();
        let kind = ExprKind::Call(name.to_owned(), values);
        let mut x = self.expr(kind, signature.result.clone(), span, name, &of);
        x.facts = facts;
        x
    }

    /// A function called with `else=` is expanded in place, so that `else` reaches the operation that has
    /// no value.
    fn expand_with_else(
        &mut self,
        name: &str,
        decl: &'a ast::FnDecl,
        signature: &Signature,
        values: Vec<Expr>,
        otherwise: &ast::Expr,
        span: Span,
    ) -> Expr {
        let alternative = self.infer(otherwise, Some(&signature.result));
        let alternative =
            self.coerce(alternative, &signature.result, &format!("`else` of `{name}`"));
        let refuse = |cx: &mut Self| {
            let mut d = Diagnostic::new(
                Code::UnknownArgument,
                otherwise.span,
                format!("`{name}` takes no `else`"),
            )
            .label("only a function that returns one operation's value does");
            // The library's functions cannot be edited: name what to call instead.
            d = match inner_abstaining(decl) {
                Some(inner) => d.help(format!(
                    "`{name}` computes with `{inner}`: call `{inner}(…, else=…)` yourself and compute \
                     from it, or leave `else` out: the run then abstains"
                )),
                None => d.help("leave it out: the run then abstains where there is no value"),
            };
            cx.report(d);
            cx.error(span)
        };
        let [ast::Stmt { kind: ast::StmtKind::Return(body), .. }] = decl.body.stmts.as_slice()
        else {
            return refuse(self);
        };
        // A function that reaches itself was reported when it was checked.
        if self.expanding.iter().any(|n| n == name) || !self.may_expand(span) {
            return self.error(span);
        }
        self.expanding.push(name.to_owned());
        let outer_std = self.std_span.replace(self.at(span));
        let outer_scopes = std::mem::take(&mut self.frame.scopes);
        self.push_scope();
        let mut bindings = Vec::new();
        for (p, v) in decl.params.iter().zip(values) {
            let id = self.local(&p.name.name, v.ty.clone(), p.name.span, false);
            self.adopt(id, &v);
            self.bind(&p.name, id);
            bindings.push((id, v));
        }
        let value = self.infer(body, Some(&signature.result));
        let mut value = self.coerce(value, &signature.result, "the result");
        self.frame.scopes = outer_scopes;
        self.std_span = outer_std;
        self.expanding.pop();
        if value.ty == Ty::Error {
            return self.error(span);
        }
        let attached = match &mut value.kind {
            ExprKind::Op { op, otherwise, .. } if op.def().abstains && otherwise.is_none() => {
                *otherwise = Some(Box::new(alternative));
                true
            }
            ExprKind::Inline { op, otherwise, .. }
                if inline_abstains(*op) && otherwise.is_none() =>
            {
                *otherwise = Some(Box::new(alternative));
                true
            }
            _ => false,
        };
        if !attached {
            return refuse(self);
        }
        let (ty, facts, vn) = (value.ty.clone(), value.facts.clone(), self.fresh());
        let kind = ExprKind::Let(bindings, Box::new(value));
        Expr { kind, ty, span: self.at(span), vn, facts }
    }

    /// Counts an expansion. A function that calls another twice doubles it, so the number is bounded.
    fn may_expand(&mut self, span: Span) -> bool {
        self.expansions = self.expansions.saturating_add(1);
        if self.expansions == MAX_EXPANSIONS + 1 {
            let at = self.at(span);
            // Said even while an expansion hides its own findings.
            self.diagnostics.push(
                Diagnostic::new(
                    Code::ProgramLimit,
                    at,
                    format!("calls with `else` put in more than {MAX_EXPANSIONS} functions"),
                )
                .label("over the limit here")
                .help("give `else=` to fewer calls, or bind their values to names first")
                .fact("limit", u64::from(MAX_EXPANSIONS)),
            );
        }
        self.expansions <= MAX_EXPANSIONS
    }

    // ---- generic operations ----

    fn inline(
        &mut self,
        op: InlineOp,
        def: &'static OpDef,
        mut arranged: Arranged<'_>,
        span: Span,
        expected: Option<&Ty>,
    ) -> Expr {
        let role = |p: usize| format!("`{}` of `{}`", def.signature().params[p].name, def.name);
        let otherwise_ast = arranged.otherwise;
        if def.variadic && !arranged.rest.is_empty() {
            return self.variadic(op, def, arranged, span);
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
            Ty::Object if op == InlineOp::Count => self.coerce(list, &Ty::Object.list(), &role(0)),
            _ => list,
        };
        let member = self.member_type(&list, &format!("`{}` takes", def.name));
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
                    let x = self.give(slot, &member, &role(1));
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
            self.coerce(list, &Ty::NUMBER.list(), &role(0))
        } else {
            list
        };
        let otherwise = self.otherwise(otherwise_ast, &ty, def.abstains, def.name);
        args.insert(0, list);
        let vn = match &lambda {
            Some(_) => self.fresh(),
            None => {
                let of: Vec<_> = args.iter().chain(&otherwise).map(|a| a.vn).collect();
                self.number(def.name, &of)
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
                d = if catalogue::find(&quoted).is_some() {
                    d.help("spell the function out").fix(
                        Applicability::Safe,
                        "spell it out",
                        at,
                        format!("x => {quoted}(x)"),
                    )
                } else {
                    d.help("write `x => …`, where `x` is a member")
                };
                self.report(d);
                return None;
            }
        };
        self.push_scope();
        let id = self.local(&param.name, member.clone(), param.span, false);
        self.inherit_member(id, list);
        self.bind_member(param, id, &[body]);
        let times = self.frame.times;
        self.frame.times = times.saturating_mul(list.facts.len.unwrap_or(1));
        let wanted = match result {
            Ty::Bool => Some(Ty::Bool),
            _ => None,
        };
        let mut value = self.infer(body, wanted.as_ref());
        self.frame.times = times;
        self.pop_scope();
        match result {
            Ty::Bool => {
                value = self.coerce(value, &Ty::Bool, &format!("the condition of `{}`", def.name));
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
                    self.report(d);
                    value = self.error(span);
                }
            }
            _ => {
                // A noun has no run-time type of its own.
                if value.ty == Ty::Noun {
                    value = self.coerce(value, &Ty::Text, "the result of a function");
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
                        if m.ty == Ty::Int { self.coerce(m, &Ty::NUMBER, "an argument") } else { m }
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
                    self.missing_unit(m, d, &format!("for `{}`", def.name));
                    return self.error(span);
                }
                let d = Diagnostic::new(
                    Code::DimensionMismatch,
                    m.span,
                    format!("`{}` compares `{ty}` with `{}`", def.name, m.ty),
                )
                .label(format!("this is `{}`", m.ty))
                .also(members[0].span, format!("this is `{ty}`"))
                .help("give numbers of one dimension");
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
                        if v.ty == Ty::Int { self.coerce(v, &Ty::NUMBER, "an argument") } else { v }
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
                    self.missing_unit(v, a, &format!("for `{}`", def.name));
                } else {
                    let d = Diagnostic::new(
                        Code::DimensionMismatch,
                        v.span,
                        format!("`{}` of `{a}` and `{b}`", def.name),
                    )
                    .label(format!("this is `{b}`"))
                    .also(values[0].span, format!("this is `{a}`"))
                    .help("give numbers of one dimension");
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

/// The first operation in a function's body that may have no value.
fn inner_abstaining(decl: &ast::FnDecl) -> Option<&'static str> {
    fn within(e: &ast::Expr) -> Option<&'static str> {
        use ast::ExprKind as K;
        match &e.kind {
            K::Call { callee, args } => {
                called(callee).or_else(|| args.iter().find_map(|a| within(&a.value)))
            }
            K::Method { receiver, name, args } => called(name)
                .or_else(|| within(receiver))
                .or_else(|| args.iter().flatten().find_map(|a| within(&a.value))),
            K::Binary { left, right, .. } => within(left).or_else(|| within(right)),
            K::Unary(_, x) | K::As { value: x, .. } | K::Lambda { body: x, .. } => within(x),
            _ => None,
        }
    }
    fn called(name: &Ident) -> Option<&'static str> {
        reasmory_ops::find(&name.name).filter(|d| d.abstains).map(|d| d.name)
    }
    decl.body.stmts.iter().find_map(|s| match &s.kind {
        ast::StmtKind::Bind { value: e, .. } | ast::StmtKind::Return(e) => within(e),
        _ => None,
    })
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
