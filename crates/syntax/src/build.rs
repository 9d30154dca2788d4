//! What the grammar's productions build, and the mistakes they report while going on.

use std::collections::{BTreeMap, BTreeSet};

use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Suggestion};
use reasmory_span::Span;
use reasmory_types::Ty;

use crate::ast::*;
pub(crate) use crate::climb::{Link, climb, link};

/// What the productions need besides the tokens.
pub(crate) struct Cx<'s> {
    /// The program text, for suggestions that quote it.
    pub text: &'s str,
    /// Documentation by the position of its `fn`.
    pub docs: BTreeMap<u32, String>,
    /// Positions of `fn` whose header was already reported as foreign.
    pub quiet_headers: BTreeSet<u32>,
    /// Mistakes the productions found.
    pub found: Vec<Diagnostic>,
    /// Parameters without a type, waiting for the header that says whether it was reported.
    untyped: Vec<Diagnostic>,
}

impl<'s> Cx<'s> {
    pub fn new(text: &'s str) -> Self {
        Cx {
            text,
            docs: BTreeMap::new(),
            quiet_headers: BTreeSet::new(),
            found: Vec::new(),
            untyped: Vec::new(),
        }
    }

    /// Parameters without a type in a header that stands alone.
    pub fn take_untyped(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.untyped)
    }

    /// Forgets what an abandoned attempt found.
    pub fn reset(&mut self) {
        self.found.clear();
        self.untyped.clear();
    }

    /// The documentation of the `fn` at `at`; reports the header's untyped parameters on the way,
    /// because only here is it known which `fn` they belong to.
    pub fn doc(&mut self, at: u32) -> String {
        let untyped = std::mem::take(&mut self.untyped);
        if !self.quiet_headers.contains(&at) {
            self.found.extend(untyped);
        }
        self.docs.get(&at).cloned().unwrap_or_default()
    }
}

pub(crate) fn expr(kind: ExprKind, span: Span) -> Box<Expr> {
    Box::new(Expr { kind, span })
}

/// The members of a list that was on the parser's stack.
pub(crate) fn unboxed<T>(items: Vec<Box<T>>) -> Vec<T> {
    items.into_iter().map(|i| *i).collect()
}

pub(crate) fn in_parentheses(mut e: Box<Expr>, span: Span) -> Box<Expr> {
    e.span = span;
    e
}

/// Arguments that were on the parser's stack.
pub(crate) fn args(args: Vec<(Option<Ident>, Box<Expr>)>) -> Vec<Arg> {
    let arg = |(name, value): (Option<Ident>, Box<Expr>)| {
        let span = name.as_ref().map_or(value.span, |n| n.span.to(value.span));
        Arg { name, value: *value, span }
    };
    args.into_iter().map(arg).collect()
}

pub(crate) fn binary(left: Box<Expr>, op: BinaryOp, op_span: Span, right: Box<Expr>) -> Box<Expr> {
    let span = left.span.to(right.span);
    let kind = ExprKind::Binary { op, op_span, left, right };
    expr(kind, span)
}

pub(crate) fn unary(op: UnaryOp, start: u32, e: Box<Expr>) -> Box<Expr> {
    let span = Span::at(start).to(e.span);
    expr(ExprKind::Unary(op, e), span)
}

pub(crate) fn compare(
    cx: &mut Cx<'_>,
    first: Box<Expr>,
    rest: Vec<(BinaryOp, Span, Box<Expr>)>,
) -> Box<Expr> {
    if rest.len() > 1 {
        let span = first.span.to(rest[rest.len() - 1].2.span);
        let mut d = Diagnostic::new(Code::NonAssociative, rest[1].1, "comparisons do not chain")
            .label("the second comparison")
            .also(rest[0].1, "the first")
            .help("compare twice and join with `and`");
        // The middle operands are pure, so repeating them keeps the meaning.
        let edits: Vec<Edit> = rest
            .windows(2)
            .map(|w| Edit {
                span: Span::at(w[1].1.start),
                insert: format!("and {} ", w[0].2.span.text(cx.text)),
            })
            .collect();
        d = d.suggest(Suggestion {
            title: "compare twice".into(),
            edits,
            applicability: Applicability::Safe,
        });
        cx.found.push(d);
        // The operands are checked as they stand, each once.
        let mut all: Option<Box<Expr>> = None;
        let mut left = first;
        for (op, at, right) in rest {
            let next = expr(ExprKind::Error, right.span);
            let part = binary(std::mem::replace(&mut left, next), op, at, right);
            all = Some(match all {
                Some(a) => binary(a, BinaryOp::And, at, part),
                None => part,
            });
        }
        return all.unwrap_or_else(|| expr(ExprKind::Error, span));
    }
    rest.into_iter().fold(first, |a, (op, at, b)| binary(a, op, at, b))
}

pub(crate) fn range(cx: &mut Cx<'_>, first: Box<Expr>, rest: Vec<Box<Expr>>) -> Box<Expr> {
    let Some(last) = rest.last() else { return first };
    let span = first.span.to(last.span);
    if rest.len() > 1 {
        cx.found.push(
            Diagnostic::new(Code::NonAssociative, span, "ranges do not chain")
                .label("two `..` in one range")
                .help("write one range, `first..last`"),
        );
        return expr(ExprKind::Error, span);
    }
    match rest.into_iter().next() {
        Some(last) => expr(ExprKind::Range(first, last), span),
        None => first,
    }
}

pub(crate) fn method(receiver: Box<Expr>, name: Ident, args: Option<(Vec<Arg>, u32)>) -> Box<Expr> {
    let end = args.as_ref().map_or(name.span.end, |a| a.1);
    let span = Span::new(receiver.span.start, end);
    let kind = ExprKind::Method { receiver, name, args: args.map(|a| a.0) };
    expr(kind, span)
}

pub(crate) fn call(callee: Ident, args: (Vec<Arg>, u32)) -> Box<Expr> {
    let span = Span::new(callee.span.start, args.1);
    expr(ExprKind::Call { callee, args: args.0 }, span)
}

pub(crate) fn index(list: Box<Expr>, at: Box<Expr>, end: u32) -> Box<Expr> {
    let span = Span::new(list.span.start, end);
    expr(ExprKind::Index(list, at), span)
}

pub(crate) fn lambda(param: Ident, body: Box<Expr>) -> Box<Expr> {
    let span = param.span.to(body.span);
    expr(ExprKind::Lambda { param, body }, span)
}

pub(crate) fn misplaced_lambda(cx: &mut Cx<'_>, lambda: Box<Expr>) -> Box<Expr> {
    cx.found.push(
        Diagnostic::new(Code::MisplacedLambda, lambda.span, "a lambda stands only as an argument")
            .label("not an argument of a call")
            .help("pass it to an operation, as in `filter(c => …)`, or declare a `fn`"),
    );
    expr(ExprKind::Error, lambda.span)
}

pub(crate) fn assign_for_equal(
    cx: &mut Cx<'_>,
    left: Box<Expr>,
    at: Span,
    right: Box<Expr>,
) -> Box<Expr> {
    cx.found.push(
        Diagnostic::new(Code::UnexpectedToken, at, "`=` binds a name; `==` compares")
            .label("a comparison is meant here")
            .help("write `==`")
            .fix(Applicability::Safe, "write `==`", at, "=="),
    );
    equal_within(left, at, right)
}

/// `left == right`, binding as tightly as `==` does: `a and b = c` is `a and (b == c)`.
fn equal_within(left: Box<Expr>, at: Span, right: Box<Expr>) -> Box<Expr> {
    let (left_span, right_span) = (left.span, right.span);
    match (left.kind, right.kind) {
        (
            ExprKind::Binary {
                op: op @ (BinaryOp::And | BinaryOp::Or),
                op_span,
                left: a,
                right: b,
            },
            r,
        ) if left_span.end == b.span.end => {
            let b = equal_within(b, at, expr(r, right_span));
            binary(a, op, op_span, b)
        }
        (ExprKind::Unary(UnaryOp::Not, x), r) if left_span.end == x.span.end => {
            let x = equal_within(x, at, expr(r, right_span));
            unary(UnaryOp::Not, left_span.start, x)
        }
        (
            l,
            ExprKind::Binary {
                op: op @ (BinaryOp::And | BinaryOp::Or),
                op_span,
                left: a,
                right: b,
            },
        ) if right_span.start == a.span.start => {
            let a = equal_within(expr(l, left_span), at, a);
            binary(a, op, op_span, b)
        }
        (l, r) => binary(expr(l, left_span), BinaryOp::Eq, at, expr(r, right_span)),
    }
}

pub(crate) fn expr_stmt(e: Expr) -> StmtKind {
    match e.kind {
        ExprKind::Error => StmtKind::Error,
        _ => StmtKind::Expr(e),
    }
}

pub(crate) fn missing_type(cx: &mut Cx<'_>, name: Ident) -> ParamDecl {
    let end = Span::at(name.span.end);
    cx.untyped.push(
        Diagnostic::new(
            Code::UnexpectedToken,
            name.span,
            format!("parameter `{}` has no type", name.name),
        )
        .label("a type is needed after it")
        .help(format!("write its type, as in `{}: Object`", name.name))
        .fix(Applicability::Manual, "write its type", end, ": Object"),
    );
    ParamDecl { name, ty: broken_type(end), optional: false, default: None }
}

pub(crate) fn missing_result(cx: &mut Cx<'_>, start: u32, name: &Ident, at: u32) -> TypeExpr {
    if !cx.quiet_headers.contains(&start) {
        cx.found.push(
            Diagnostic::new(
                Code::UnexpectedToken,
                name.span,
                format!("function `{}` does not say what it returns", name.name),
            )
            .label("`-> Type` is missing after its parameters")
            .help("write the result's type, as in `-> Length`")
            .fix(
                Applicability::Manual,
                "write the result's type",
                Span::at(at),
                " -> Length",
            ),
        );
    }
    broken_type(Span::at(at))
}

pub(crate) fn broken_type(span: Span) -> TypeExpr {
    TypeExpr { ty: Ty::Error, unknown: None, span }
}

pub(crate) fn named_type(name: &str, span: Span) -> TypeExpr {
    let ty = match name.as_bytes() {
        [c] if c.is_ascii_uppercase() => Some(Ty::Var(*c as char)),
        _ => Ty::named(name),
    };
    match ty {
        Some(ty) => TypeExpr { ty, unknown: None, span },
        None => {
            TypeExpr { ty: Ty::Error, unknown: Some(Ident { name: name.to_owned(), span }), span }
        }
    }
}

pub(crate) fn applied_type(name: Ident, args: Vec<TypeExpr>, end: u32) -> TypeExpr {
    let span = Span::new(name.span.start, end);
    let first_unknown = args.iter().find_map(|a| a.unknown.clone());
    // Of `Object<Int>` the whole is unknown, for `Object` alone is a type.
    let whole = (matches!(name.name.as_str(), "List" | "Group")
        || named_type(&name.name, name.span).unknown.is_none())
    .then(|| {
        let of: Vec<String> = args.iter().map(TypeExpr::written).collect();
        Ident { name: format!("{}<{}>", name.name, of.join(", ")), span }
    });
    let mut tys = args.into_iter().map(|a| a.ty);
    let built = match (name.name.as_str(), tys.next(), tys.next(), tys.next()) {
        ("List", Some(t), None, _) => Some(t.list()),
        ("Group", Some(k), Some(t), None) => Some(Ty::Group(Box::new(k), Box::new(t))),
        _ => None,
    };
    match built {
        Some(ty) => TypeExpr { ty, unknown: first_unknown, span },
        None => TypeExpr { ty: Ty::Error, unknown: Some(whole.unwrap_or(name)), span },
    }
}

pub(crate) fn fn_type(params: Vec<TypeExpr>, result: TypeExpr, span: Span) -> TypeExpr {
    let unknown = params.iter().find_map(|p| p.unknown.clone()).or_else(|| result.unknown.clone());
    let ty = Ty::Fn(params.into_iter().map(|p| p.ty).collect(), Box::new(result.ty));
    TypeExpr { ty, unknown, span }
}
