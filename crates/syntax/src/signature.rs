//! Signature text through the grammar's own entry point, so that the operation table and the language
//! cannot drift apart.

use reasmory_diag::{Code, Diagnostic};
use reasmory_span::Span;
use reasmory_types::{Default as Value, Direction, Param, Signature, Ty};

use crate::ast::{Expr, ExprKind, TypeExpr};
use crate::build::Cx;
use crate::parser::grammar::HeaderParser;
use crate::{expected, prepare};

/// Parses `(name: Type = default, …) -> Type`, with `List<T>`, `Group<K, T>`, `fn(T) -> Bool`, `T?` and
/// `-> Local in v`.
pub fn parse_signature(text: &str) -> Result<Signature, Vec<Diagnostic>> {
    let prepared = prepare(text).map_err(|d| vec![*d])?;
    if !prepared.diagnostics.is_empty() {
        return Err(prepared.diagnostics);
    }
    let mut cx = Cx::new(text);
    let stream = prepared.items.iter().flatten().map(|t| Ok((t.span.start, *t, t.span.end)));
    let (params, result) = HeaderParser::new().parse(&mut cx, stream).map_err(|e| {
        use lalrpop_util::ParseError as E;
        let (span, wanted) = match e {
            E::UnrecognizedToken { token: (a, _, b), expected } => (Span::new(a, b), expected),
            E::UnrecognizedEof { location, expected } => (Span::at(location), expected),
            E::ExtraToken { token: (a, _, b) } => (Span::new(a, b), Vec::new()),
            E::InvalidToken { location } => (Span::at(location), Vec::new()),
            E::User { .. } => (Span::default(), Vec::new()),
        };
        let wanted = expected::join(&expected::describe(&wanted));
        vec![
            Diagnostic::new(Code::UnexpectedToken, span, "not a signature")
                .label(format!("expected {wanted}"))
                .help("write `(name: Type, …) -> Type`"),
        ]
    })?;
    let (result, result_in) = *result;
    let mut out = cx.take_untyped();
    out.append(&mut cx.found);
    let mut sound = Vec::new();
    for p in params {
        check(&p.ty, &mut out);
        let default = match &p.default {
            None => None,
            Some(e) => match value(text, e, &p.ty.ty) {
                Some(v) => Some(v),
                None => {
                    out.push(
                        Diagnostic::new(Code::UnexpectedToken, e.span, "a default is a literal")
                            .label("not a literal")
                            .help("write a direction word, a number, a truth value or a list of directions"),
                    );
                    None
                }
            },
        };
        sound.push(Param { name: p.name.name, ty: p.ty.ty, optional: p.optional, default });
    }
    check(&result, &mut out);
    if out.is_empty() {
        Ok(Signature { params: sound, result: result.ty, result_in: result_in.map(|v| v.name) })
    } else {
        Err(out)
    }
}

fn check(t: &TypeExpr, out: &mut Vec<Diagnostic>) {
    if let Some(u) = &t.unknown {
        out.push(
            Diagnostic::new(Code::UnknownType, u.span, format!("there is no type `{}`", u.name))
                .label("not a type")
                .help(format!("the types are {}", Ty::NAMES.join(" "))),
        );
    }
}

fn value(text: &str, e: &Expr, ty: &Ty) -> Option<Value> {
    let written = || e.span.text(text).to_owned();
    Some(match &e.kind {
        ExprKind::Name(n) => Value::Direction(Direction::named(n)?),
        ExprKind::List(list) if list.is_empty() => Value::EmptyList,
        ExprKind::List(list) => Value::Directions(
            list.iter()
                .map(|e| match &e.kind {
                    ExprKind::Name(n) => Direction::named(n),
                    _ => None,
                })
                .collect::<Option<_>>()?,
        ),
        ExprKind::Int(i) if *ty == Ty::Int => Value::Int(*i),
        ExprKind::Int(i) => Value::Quantity(*i as f64, written()),
        ExprKind::Number(v) => Value::Quantity(*v, written()),
        ExprKind::Measure { written: v, unit } => Value::Quantity(unit.to_canonical(*v), written()),
        ExprKind::Bool(b) => Value::Bool(*b),
        _ => return None,
    })
}
