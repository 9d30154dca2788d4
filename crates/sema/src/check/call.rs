//! Calls: resolving the name, typing the result.

use std::sync::Arc;

use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Suggestion, similar};
use reasmory_ops::{Effect, Kind, OpDef, OpId};
use reasmory_span::Span;
use reasmory_syntax::ast::{self, Arg, Ident};
use reasmory_types::{Signature, Ty};

use super::arguments::{Arranged, Shape};
use super::generic::inline_abstains;
use super::number::Tag;
use super::repair::leave_out;
use super::{Checker, FnInfo, FnState};
use crate::catalogue::{self, Callable};
use crate::hir::{Expr, ExprKind, Facts};

/// Most functions that calls with `else=` put in where they stand.
const MAX_EXPANSIONS: u32 = 1000;

/// What a name calls.
pub(super) enum Target {
    Op(&'static OpDef),
    /// A function by name, in [`Checker::fns`].
    Fn(String),
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
            let mut x = self.expr(kind, ty, span, Tag::Field(&name.name), &of);
            x.facts.frame = match r_ty {
                // Not fresh numbers: every point is in the one frame of the world.
                Ty::Point => Some((super::WORLD, "the world".into())),
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
                    return self.expr(kind, k, span, Tag::Field("key"), &of);
                }
                "members" => {
                    let kind = ExprKind::GroupMembers(Box::new(r));
                    return self.expr(kind, t.list(), span, Tag::Field("members"), &of);
                }
                _ => {}
            }
        }
        if args.is_none() {
            let found = catalogue::find(&name.name)
                .or_else(|| catalogue::foreign(&name.name).map(|m| m.callable));
            let resolvable = self.fns.contains_key(&name.name)
                || found.is_some()
                || reasmory_ops::planned(&name.name).is_some();
            // `size(x).depth`: a field is meant, though there is an operation of that name for other values.
            let plain = r.ty.record().is_some() || r.ty == Ty::Object;
            let field = plain && found.is_some_and(|c| !self.takes(&c, &r));
            if !resolvable || field {
                // What it is read from was reported.
                if r.ty != Ty::Error {
                    self.unknown_field(&r, name);
                }
                return self.error(span);
            }
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
        if matches!(r.ty, Ty::Group(..)) {
            known.extend(["key", "members"]);
        }
        // Only what takes such a receiver can be meant.
        known.extend(catalogue::all().iter().filter(|c| self.takes(c, r)).map(Callable::name));
        let mut near = similar::candidates(&name.name, known.iter().copied());
        if near.is_empty() {
            // The extent that other tools call so.
            let word = match name.name.as_str() {
                "depth" | "wide" | "breadth" => "width",
                "tall" | "elevation" => "height",
                "long" => "length",
                _ => "",
            };
            near.extend(known.iter().copied().filter(|k| *k == word));
        }
        let of_each = match &r.ty {
            Ty::List(m) if **m == Ty::Object && near.is_empty() => similar::candidates(
                &name.name,
                catalogue::all()
                    .iter()
                    .filter(|c| {
                        let p = &c.signature().params;
                        p.iter().filter(|p| p.required()).count() == 1 && p[0].ty == Ty::Object
                    })
                    .map(Callable::name),
            ),
            _ => vec![],
        };
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
            None if !of_each.is_empty() => {
                let each = format!("map(o => {}(o))", of_each[0]);
                d.help(format!("a list has no sizes; take that of each member: `.{each}`")).fix(
                    Applicability::Unsafe,
                    format!("take `{}` of each", of_each[0]),
                    name.span,
                    each,
                )
            }
            None if !fields.is_empty() => d.help(format!("its fields are {}", fields.join(", "))),
            None if r.ty == Ty::Object => d.help(
                "an object has `length`, `width`, `height`, `longest_side`, `volume`, `center`, \
                 `category`, `name` and `confidence`",
            ),
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
        let said = self.said_argument(callee, receiver.is_some(), args);
        let args = said.as_deref().unwrap_or(args);
        let Some(target) = self.resolve(callee, receiver.is_some(), args, said.is_some()) else {
            for a in args {
                // Lambdas of an unknown operation have no types to check with.
                if !matches!(a.value.kind, ast::ExprKind::Lambda { .. }) {
                    self.infer(&a.value, None);
                }
            }
            return self.error(span);
        };
        let before = self.diagnostics.len();
        let list = receiver.as_ref().filter(|r| matches!(r.ty, Ty::List(_))).map(|r| r.span);
        let x = match &target {
            Target::Op(def) => self.call_op(def, callee, receiver, args, span, expected),
            Target::Fn(name) => self.call_fn(name, callee, receiver, args, span),
        };
        if let Some(list) = list {
            self.of_each_member(list, callee, args, &target, span, before);
        }
        x
    }

    /// The arguments of a call whose foreign name says one: `rotate_left(v)` is `turn(v, left)`. Reports it.
    fn said_argument(&mut self, callee: &Ident, method: bool, args: &[Arg]) -> Option<Vec<Arg>> {
        let name = callee.name.as_str();
        if self.fns.contains_key(name) || catalogue::find(name).is_some() {
            return None;
        }
        let meant = catalogue::foreign(name)?;
        let (here, word) = (meant.callable.name(), meant.argument?);
        // After the subject: the receiver, else the first argument.
        let at = usize::from(!method).min(args.len());
        let place = match args.get(at.wrapping_sub(1)) {
            Some(a) => Span::at(a.span.end),
            None => {
                let open = self.text[callee.span.end as usize..].find('(').map_or(0, |i| i + 1);
                Span::at(callee.span.end + open as u32)
            }
        };
        let called = self.text[callee.span.end as usize..].starts_with('(');
        let insert = match (called, at, args.is_empty()) {
            (false, ..) => format!("({word})"),
            (true, 0, true) => word.to_owned(),
            (true, 0, false) => format!("{word}, "),
            (true, ..) => format!(", {word}"),
        };
        self.report(
            Diagnostic::new(
                Code::UnknownOperation,
                callee.span,
                format!("`{name}` is written `{here}` with `{word}` here"),
            )
            .label("another language's name")
            .note(format!("`{here}{}`", meant.callable.signature()))
            .help(format!("write `v.{here}({word})`"))
            .fact("found", name)
            .fact("candidates", vec![here])
            .suggest(Suggestion {
                title: format!("use `{here}` with `{word}`"),
                edits: vec![
                    Edit { span: callee.span, insert: here.to_owned() },
                    Edit { span: place, insert },
                ],
                applicability: Applicability::Safe,
            }),
        );
        let mut given = args.to_vec();
        let value = ast::Expr { kind: ast::ExprKind::Name(word.to_owned()), span: callee.span };
        given.insert(at, Arg { name: None, span: value.span, value });
        Some(given)
    }

    /// Whether a name is bound to what was reported already, such as a lambda.
    pub(super) fn is_broken(&self, name: &str) -> bool {
        self.lookup(name).is_some_and(|id| self.frame.locals[id.0 as usize].ty == Ty::Error)
    }

    /// What a name calls; `reported` says that its being foreign was said.
    fn resolve(
        &mut self,
        callee: &Ident,
        method: bool,
        args: &[Arg],
        reported: bool,
    ) -> Option<Target> {
        let name = callee.name.as_str();
        if self.std_span.is_none() && self.taken.contains(name) {
            return None;
        }
        if self.fns.contains_key(name) {
            return Some(Target::Fn(name.to_owned()));
        }
        if let Some(c) = catalogue::find(name) {
            return Some(self.target(c));
        }
        if reasmory_ops::planned(name).is_some() {
            self.planned(callee, name);
            return None;
        }
        if let Some(catalogue::Meant { callable: c, .. }) = catalogue::foreign(name) {
            if reported {
                return Some(self.target(c));
            }
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
        known.extend(reasmory_ops::all_planned().map(str::to_owned));
        known.sort();
        known.dedup();
        let near: Vec<String> = similar::candidates(name, known.iter().map(String::as_str))
            .into_iter()
            .map(str::to_owned)
            .collect();
        // Of several like it, those that cannot be called like this are not meant.
        let fit: Vec<String> =
            near.iter().filter(|n| self.callable_with(n, method, args)).cloned().collect();
        let fits = !fit.is_empty();
        let near = if fits { fit } else { near };
        if near.first().is_some_and(|n| reasmory_ops::planned(n).is_some()) {
            self.planned(callee, &near[0]);
            return None;
        }
        let mut d = Diagnostic::new(
            Code::UnknownOperation,
            callee.span,
            format!("there is no operation `{name}`"),
        )
        .label("unknown operation")
        .fact("found", name)
        .fact("candidates", near.clone());
        let Some(best) = near.first().cloned() else {
            let noun = match args {
                [Arg { name: None, value, .. }] if !method => match &value.kind {
                    ast::ExprKind::Text(t) if self.is_category(t) => Some(value.span),
                    _ => None,
                },
                _ => None,
            };
            d = match noun {
                Some(noun) => {
                    let noun = noun.text(self.text);
                    d.help(format!(
                        "for the one `the({noun})`, for all `objects({noun})`; `reasmory ops` lists the \
                         operations"
                    ))
                    .fix(Applicability::Unsafe, "take the one", callee.span, "the")
                }
                None => d.help("`reasmory ops` lists the operations"),
            };
            self.report(d);
            return None;
        };
        let sure = near.len() == 1 && fits;
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

    fn planned(&mut self, callee: &Ident, meant: &str) {
        let what = reasmory_ops::planned(meant).unwrap_or_default();
        self.report(
            Diagnostic::new(
                Code::PlannedOperation,
                callee.span,
                format!("`{meant}` is planned, but this version does not have it"),
            )
            .label(format!("will give {what}"))
            .help("`reasmory ops` lists the operations there are"),
        );
    }

    /// Whether what is called `name` can be given these arguments, by how many there are; what is planned
    /// can.
    fn callable_with(&self, name: &str, method: bool, args: &[Arg]) -> bool {
        let signature = match self.fns.get(name) {
            Some(f) => f.signature.as_ref(),
            None => match catalogue::find(name) {
                Some(c) => c.signature(),
                None => return true,
            },
        };
        let needed = |p: &&reasmory_types::Param| !p.optional && p.default.is_none();
        let named = |p: &reasmory_types::Param| {
            args.iter().any(|a| a.name.as_ref().is_some_and(|n| n.name == p.name))
        };
        let subject = usize::from(method);
        let positional = args.iter().filter(|a| a.name.is_none()).count() + subject;
        let open = signature.params.iter().filter(needed).filter(|p| !named(p)).count();
        args.len() + subject <= signature.params.len() && open <= positional
    }

    pub(super) fn target(&mut self, c: Callable) -> Target {
        match c {
            Callable::Op(def) => Target::Op(def),
            Callable::Std(f) => {
                let name = f.decl.name.name.clone();
                self.fns.entry(name.clone()).or_insert_with(|| FnInfo {
                    decl: &f.decl,
                    signature: Arc::clone(&f.signature),
                    std: true,
                    state: FnState::New,
                });
                Target::Fn(name)
            }
        }
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
        self.needs(def, callee.span, span);
        match def.effect {
            Effect::Pure | Effect::Render => {}
            Effect::Model => {
                if !self.options.model {
                    let mut d = Diagnostic::new(
                        Code::ModelUnavailable,
                        callee.span,
                        format!("`{}` asks a model, and none is configured", def.name),
                    )
                    .label("a model call")
                    .help(
                        "choose by geometry instead (`nearest`, `largest`, `leftmost`, `filter`), \
                         or run with a model",
                    );
                    if let Some(list) = arranged.slots.first().and_then(Option::as_ref) {
                        let list = list.span().text(self.text);
                        d = d.fix(
                            Applicability::Unsafe,
                            "choose the largest, without a model",
                            span,
                            format!("{list}.largest()"),
                        );
                    }
                    self.report(d);
                }
            }
        }
        match def.kind {
            Kind::Intrinsic(id) => self.intrinsic(id, def, arranged, span),
            Kind::Inline(op) => self.inline(op, def, arranged, span, expected),
        }
    }

    fn intrinsic(&mut self, id: OpId, def: &OpDef, arranged: Arranged<'_>, span: Span) -> Expr {
        let signature = def.signature();
        let mut values: Vec<Option<Expr>> = Vec::new();
        for (p, slot) in signature.params.iter().zip(arranged.slots) {
            values.push(match slot {
                Some(g) => {
                    Some(self.give(g, &p.ty, &format_args!("`{}` of `{}`", p.name, def.name)))
                }
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
                    None => self.profile_of().map(|s| (1..=s.instances.len() as u32).collect()),
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
                facts.len = self.profile_of().map(|s| s.photos.len() as u64);
            }
            OpId::Categories => {
                facts.len = self.profile_of().map(|s| s.categories.len() as u64);
                self.reads.get_mut().need_numbers();
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
            facts.frame = Some((v.vn, self.quote(v.span).into()));
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
    pub(super) fn otherwise(
        &mut self,
        given: Option<&ast::Expr>,
        ty: &Ty,
        abstains: bool,
        name: &str,
    ) -> Option<Expr> {
        let e = given?;
        let x = self.infer(e, Some(ty));
        let x = self.coerce(x, ty, &format_args!("`else` of `{name}`"));
        if !abstains {
            let d = Diagnostic::new(
                Code::UnknownArgument,
                e.span,
                format!("`{name}` always has a value, so `else` is never used"),
            )
            .label("never used")
            .help("leave it out");
            let before = self.text.get(..e.span.start as usize).unwrap_or("");
            let d = match before.rfind("else") {
                Some(word) if matches!(before[word + 4..].trim(), "=") => {
                    let argument = Span::new(word as u32, e.span.end);
                    leave_out(d, self.without_argument(argument), true)
                }
                _ => d,
            };
            self.report(d);
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
        let (signature, decl) = (Arc::clone(&info.signature), info.decl);
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
            values.push(match slot {
                Some(g) => self.give(g, &p.ty, &format_args!("`{}` of `{name}`", p.name)),
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
            facts.frame = Some((values[i].vn, self.quote(values[i].span).into()));
        }
        if let Some(e) = otherwise {
            return self.expand_with_else(name, decl, &signature, values, e, span);
        }
        let of: Vec<_> = values.iter().map(|v| v.vn).collect();
        let kind = ExprKind::Call(name.to_owned(), values);
        let mut x = self.expr(kind, signature.result.clone(), span, Tag::Call(name), &of);
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
            self.coerce(alternative, &signature.result, &format_args!("`else` of `{name}`"));
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
        let mut value = self.coerce(value, &signature.result, &"the result");
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
