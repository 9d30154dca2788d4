//! Arguments: putting what a call gives at the callee's parameters.

use std::fmt;

use reasmory_diag::{Applicability, Code, Diagnostic, similar};
use reasmory_span::Span;
use reasmory_syntax::ast::{self, Arg, Ident};
use reasmory_types::{Default, Dim, Param, Signature, Ty};

use super::number::Tag;
use super::repair::{leave_out, meant_argument};
use super::{Checker, guess};
use crate::hir::{Expr, ExprKind};

/// An argument before its parameter is known.
pub(super) enum Given<'e> {
    Typed(Box<Expr>),
    Ast(&'e ast::Expr),
}

impl Given<'_> {
    pub(super) fn span(&self) -> Span {
        match self {
            Given::Typed(e) => e.span,
            Given::Ast(e) => e.span,
        }
    }
}

/// Arguments at their parameters.
pub(super) struct Arranged<'e> {
    pub(super) slots: Vec<Option<Given<'e>>>,
    /// Positional arguments beyond the first of a variadic operation.
    pub(super) rest: Vec<Given<'e>>,
    pub(super) otherwise: Option<&'e ast::Expr>,
    pub(super) broken: bool,
}

/// What arranging needs to know of a callee.
pub(super) struct Shape<'s> {
    pub(super) name: &'s str,
    pub(super) signature: &'s Signature,
    pub(super) positional: usize,
    pub(super) variadic: bool,
    pub(super) one_of: &'s [&'s str],
}

impl<'a> Checker<'a> {
    pub(super) fn arrange<'e>(
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
        let text = || format!("`{name}{}`", shape.signature);
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
                .note(text());
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
                    d = leave_out(d, self.without_argument(a.span), false);
                }
                self.report(d);
                continue;
            };
            if given.name == "else" {
                if let Some(first) = out.otherwise.replace(&a.value) {
                    self.duplicate_argument(given, a, first.span, name);
                }
                continue;
            }
            match shape.signature.param(&given.name) {
                Some((i, _)) if out.slots[i].is_some() => {
                    let first = out.slots[i].as_ref().map_or(a.span, Given::span);
                    self.duplicate_argument(given, a, first, name);
                }
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
                        .or_else(|| meant_argument(&given.name, &free).map(str::to_owned))
                        .or_else(|| (required.len() == 1).then(|| required[0].1.name.clone()));
                    let mut d = Diagnostic::new(
                        Code::UnknownArgument,
                        given.span,
                        format!("`{name}` takes no argument `{}`", given.name),
                    )
                    .label("unknown argument")
                    .note(text())
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
                                d.help(format!("leave it out, or give {}", free.join(", ")))
                            };
                            d = leave_out(d, self.without_argument(a.span), false);
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
            // The one value of that type in reach is most likely meant.
            let only = match missing.as_slice() {
                [p] if p.ty == Ty::View => self.only_local(&p.ty).map(|l| (p.name.clone(), l)),
                _ => None,
            };
            let (applicability, title, insert) = match only {
                Some((p, l)) => {
                    let insert = insert.replace(&format!("{p}=…"), &format!("{p}={l}"));
                    (Applicability::Unsafe, format!("give `{p}={l}`"), insert)
                }
                None => (Applicability::Manual, "give it".to_owned(), insert),
            };
            let guessed = (applicability == Applicability::Manual)
                .then(|| self.guessed(&missing, &out, span))
                .flatten();
            let mut d = Diagnostic::new(
                Code::MissingArgument,
                callee.span,
                format!("`{name}` needs {}", names.join(" and ")),
            )
            .label("called without it")
            .note(text())
            .fact("missing", missing.iter().map(|p| p.name.clone()).collect::<Vec<_>>())
            .fix(applicability, title, Span::at(at), insert.clone());
            if let Some(given) = guessed {
                let filled = insert.replace(&hole.join(", "), &given);
                let title = guess::given(&given);
                d = d.fix(Applicability::Unsafe, title, Span::at(at), filled);
            }
            self.report(d);
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
                let viewer = match shape.one_of {
                    [first, ..] => shape.signature.param(first).and_then(|(_, p)| {
                        let not = span.text(self.text);
                        let l = self.only_local(&p.ty).filter(|_| p.ty == Ty::View);
                        let g = l.or_else(|| self.guess(&p.ty, not))?;
                        Some(format!(", {first}={g}"))
                    }),
                    _ => None,
                };
                let mut d = Diagnostic::new(
                    Code::ArgumentGroup,
                    callee.span,
                    format!("`{name}` needs one of {}", all.join(", ")),
                )
                .label(if shape.one_of.contains(&"facing") {
                    "which way does it look?"
                } else {
                    "whose left, right, front and back?"
                })
                .note(text())
                .help(format!("give exactly one of {}", all.join(", ")));
                if let Some(insert) =
                    viewer.filter(|_| self.text[..span.end as usize].ends_with(')'))
                {
                    let title = guess::given(&&insert[2..]);
                    d = d.fix(Applicability::Unsafe, title, Span::at(span.end - 1), insert);
                }
                self.report(d);
            } else if let [first, second, ..] = given.as_slice() {
                out.broken = true;
                let mut d = Diagnostic::new(
                    Code::ArgumentGroup,
                    second.1,
                    format!("`{}` and `{}` exclude each other", first.0, second.0),
                )
                .label("one too many")
                .also(first.1, "already given")
                .help(format!("give exactly one of {}", all.join(", ")));
                if let Some(a) = args.iter().find(|a| a.value.span == second.1) {
                    d = leave_out(d, self.without_argument(a.span), false);
                }
                self.report(d);
            }
        }
        out
    }

    /// What a call may be given for the parameters that it lacks.
    fn guessed(&self, missing: &[&Param], out: &Arranged<'_>, span: Span) -> Option<String> {
        let mut not = span.text(self.text).to_owned();
        let mut given = Vec::new();
        for p in missing {
            let value = match &p.ty {
                // A tolerance is of the kind of what it is for.
                Ty::Var(_) => out.slots.iter().flatten().find_map(|g| match g {
                    Given::Ast(ast::Expr { kind: ast::ExprKind::Measure { unit, .. }, .. }) => {
                        guess::tolerance(unit.dim).map(str::to_owned)
                    }
                    _ => None,
                })?,
                ty => self.guess(ty, &not)?,
            };
            not.push_str(&value);
            given.push(format!("{}={value}", p.name));
        }
        Some(given.join(", "))
    }

    pub(super) fn duplicate_argument(&mut self, given: &Ident, a: &Arg, first: Span, name: &str) {
        let same = first.text(self.text) == a.value.span.text(self.text);
        let d = Diagnostic::new(
            Code::DuplicateArgument,
            given.span,
            format!("`{}` is given twice to `{name}`", given.name),
        )
        .label("given again")
        .also(first, "already given")
        .help("keep one (the receiver is the first parameter)");
        let edit = self.without_argument(a.span);
        self.report(leave_out(d, edit, same));
    }

    pub(super) fn give(&mut self, given: Given<'_>, ty: &Ty, role: &dyn fmt::Display) -> Expr {
        let x = match given {
            Given::Typed(x) => *x,
            Given::Ast(e) => self.infer(e, Some(ty)),
        };
        let counted = x.facts.all_of.is_some() && matches!(x.ty, Ty::List(_));
        if counted && !matches!(ty, Ty::Var(_)) && self.stated_only(&x) {
            return self.error(x.span);
        }
        self.coerce(x, ty, role)
    }

    pub(super) fn finish_broken(&mut self, arranged: Arranged<'_>, span: Span) -> Expr {
        for g in arranged.slots.into_iter().flatten().chain(arranged.rest) {
            if let Given::Ast(e) = g
                && !matches!(e.kind, ast::ExprKind::Lambda { .. })
            {
                self.infer(e, None);
            }
        }
        self.error(span)
    }

    pub(super) fn default(&mut self, p: &Param, span: Span) -> Option<Expr> {
        let (kind, ty, tag) = match p.default.as_ref()? {
            Default::Direction(d) => (ExprKind::Direction(*d), Ty::Direction, Tag::Direction(*d)),
            Default::Int(i) => (ExprKind::Int(*i), Ty::Int, Tag::Int(*i)),
            Default::Bool(b) => (ExprKind::Bool(*b), Ty::Bool, Tag::Bool(*b)),
            Default::Quantity(x, text) => {
                // A percentage and an extent have no dimension of their own yet.
                let dim = if let Ty::Quantity(d) = p.ty { d } else { Dim::NONE };
                let tag = Tag::Quantity(x.to_bits(), dim);
                let mut e = self.expr(ExprKind::Float(*x), p.ty.clone(), span, tag, &[]);
                if text.ends_with('%') {
                    e.ty = Ty::NUMBER;
                    e.facts.unit = reasmory_types::Unit::named("%");
                }
                return Some(self.coerce(e, &p.ty, &"a default"));
            }
            Default::EmptyList => (ExprKind::List(vec![]), p.ty.clone(), Tag::Op("list")),
            Default::Directions(ds) => {
                let members = ds
                    .iter()
                    .map(|d| {
                        let tag = Tag::Direction(*d);
                        self.expr(ExprKind::Direction(*d), Ty::Direction, span, tag, &[])
                    })
                    .collect::<Vec<_>>();
                let of: Vec<_> = members.iter().map(|m| m.vn).collect();
                let ty = Ty::Direction.list();
                return Some(self.expr(ExprKind::List(members), ty, span, "list", &of));
            }
        };
        let x = self.expr(kind, ty, span, tag, &[]);
        // What does not fit was reported where the function is declared.
        Some(if self.fits(&x, &p.ty) {
            self.coerce(x, &p.ty, &"a default")
        } else {
            self.error(span)
        })
    }
}
