//! Making syntax trees, with the spans of the Python text.

use reasmory_span::Span;
use reasmory_syntax::ast::{Arg, Expr, ExprKind, Ident, Item, Program, Stmt, StmtKind, UnaryOp};
use reasmory_types::Unit;

pub(crate) fn expr(kind: ExprKind, span: Span) -> Expr {
    Expr { kind, span }
}

pub(crate) fn ident(name: &str, span: Span) -> Ident {
    Ident { name: name.to_owned(), span }
}

pub(crate) fn name(name: &str, span: Span) -> Expr {
    expr(ExprKind::Name(name.to_owned()), span)
}

/// A whole number; a negative one is the negation of its size, as the grammar has it.
pub(crate) fn int(value: i64, span: Span) -> Expr {
    match i64::try_from(value.unsigned_abs()) {
        Ok(size) if value < 0 => {
            let size = Box::new(expr(ExprKind::Int(size), span));
            expr(ExprKind::Unary(UnaryOp::Neg, size), span)
        }
        _ => expr(ExprKind::Int(value), span),
    }
}

pub(crate) fn text(value: &str, span: Span) -> Expr {
    expr(ExprKind::Text(value.to_owned()), span)
}

pub(crate) fn list(members: Vec<Expr>, span: Span) -> Expr {
    expr(ExprKind::List(members), span)
}

/// A measure that is not negative.
pub(crate) fn measure(written: f64, unit: &str, span: Span) -> Expr {
    match Unit::named(unit) {
        Some(unit) => expr(ExprKind::Measure { written, unit }, span),
        None => expr(ExprKind::Error, span),
    }
}

/// A positional argument.
pub(crate) fn first(value: Expr) -> Arg {
    Arg { name: None, span: value.span, value }
}

/// A named argument.
pub(crate) fn named(name: &str, value: Expr) -> Arg {
    Arg { name: Some(ident(name, value.span)), span: value.span, value }
}

/// `callee(args)`; `at` is where the callee's name is reported.
pub(crate) fn call(callee: &str, at: Span, args: Vec<Arg>, span: Span) -> Expr {
    expr(ExprKind::Call { callee: ident(callee, at), args }, span)
}

/// `receiver.name(args)`
pub(crate) fn method(receiver: Expr, name: &str, at: Span, args: Vec<Arg>, span: Span) -> Expr {
    let receiver = Box::new(receiver);
    expr(ExprKind::Method { receiver, name: ident(name, at), args: Some(args) }, span)
}

pub(crate) fn bind(name: &str, value: Expr) -> Stmt {
    let span = value.span;
    Stmt { kind: StmtKind::Bind { name: ident(name, span), value }, span }
}

pub(crate) fn show(value: Expr) -> Stmt {
    let span = value.span;
    Stmt { kind: StmtKind::Show(value), span }
}

pub(crate) fn program(statements: Vec<Stmt>) -> Program {
    Program { items: statements.into_iter().map(Item::Stmt).collect() }
}

/// What the translation knows it lacks; nothing is said about it.
pub(crate) fn gap(span: Span) -> Stmt {
    Stmt { kind: StmtKind::Error, span }
}
