//! Habits of languages with variables, rewritten: loops that add up, answers in loops, names bound in
//! branches.

use reasmory_diag::{Applicability, Diagnostic, Edit, Suggestion};
use reasmory_span::Span;
use reasmory_syntax::ast::{self, BinaryOp, ExprKind, Item, Stmt, StmtKind};

use super::Checker;

/// A loop whose body is one statement, perhaps under a condition.
struct Loop<'s> {
    whole: Span,
    name: &'s str,
    list: &'s ast::Expr,
    cond: Option<&'s ast::Expr>,
    body: &'s Stmt,
}

fn as_loop(s: &Stmt) -> Option<Loop<'_>> {
    let StmtKind::For { name, list, body } = &s.kind else { return None };
    let [inner] = body.stmts.as_slice() else { return None };
    let (cond, body) = match &inner.kind {
        StmtKind::If { cond, then, otherwise: None } => {
            let [body] = then.stmts.as_slice() else { return None };
            (Some(cond), body)
        }
        _ => (None, inner),
    };
    Some(Loop { whole: s.span, name: &name.name, list, cond, body })
}

pub(super) fn is_name(e: &ast::Expr, name: &str) -> bool {
    matches!(&e.kind, ExprKind::Name(n) if n == name)
}

fn is_zero(e: &ast::Expr) -> bool {
    matches!(e.kind, ExprKind::Int(0))
        || matches!(e.kind, ExprKind::Number(x) if x == 0.0)
        || matches!(e.kind, ExprKind::Measure { written, .. } if written == 0.0)
}

impl Checker<'_> {
    /// A list's text, ready for a `.` after it.
    pub(super) fn receiver(&self, list: &ast::Expr) -> String {
        let text = list.span.text(self.text);
        let postfix = matches!(
            list.kind,
            ExprKind::Call { .. }
                | ExprKind::Method { .. }
                | ExprKind::Name(_)
                | ExprKind::List(_)
                | ExprKind::Index(..)
                | ExprKind::Comprehension { .. }
        );
        if postfix || text.starts_with('(') && text.ends_with(')') {
            text.to_owned()
        } else {
            format!("({text})")
        }
    }

    /// The members of a loop that its condition takes.
    fn members(&self, l: &Loop<'_>) -> String {
        let list = self.receiver(l.list);
        match l.cond {
            Some(c) => format!("{list}.filter({} => {})", l.name, c.span.text(self.text)),
            None => list,
        }
    }

    /// The members, each as `value`.
    fn each(&self, l: &Loop<'_>, value: &ast::Expr) -> String {
        let members = self.members(l);
        if is_name(value, l.name) {
            return members;
        }
        format!("{members}.map({} => {})", l.name, value.span.text(self.text))
    }

    /// A statement with the end of its line, where the line holds nothing else.
    pub(super) fn whole_line(&self, span: Span) -> Span {
        let before = &self.text[..span.start as usize];
        let alone = before.rfind('\n').map_or(before, |n| &before[n + 1..]).trim().is_empty();
        let rest = &self.text[span.end as usize..];
        let line = rest.find('\n').filter(|n| alone && rest[..*n].trim().is_empty());
        Span::new(span.start, span.end + line.map_or(0, |n| n as u32 + 1))
    }

    pub(super) fn statements(&self) -> impl Iterator<Item = &Stmt> {
        self.items.iter().filter_map(|i| if let Item::Stmt(s) = i { Some(s) } else { None })
    }

    /// `n = 0`, `for x in xs { n = n + 1 }` as `n = xs.count()`, and the like for sums, maxima and minima.
    pub(super) fn accumulated(&self, name: &ast::Ident) -> Option<Suggestion> {
        let mut init: Option<(&Stmt, &ast::Expr)> = None;
        let mut found = None;
        for s in self.statements() {
            if let StmtKind::Bind { name: n, value } = &s.kind
                && n.name == name.name
            {
                init = Some((s, value));
            }
            if s.span.start <= name.span.start && name.span.end <= s.span.end {
                found = as_loop(s);
                break;
            }
        }
        let ((first, init), l) = (init?, found?);
        let StmtKind::Bind { name: bound, value } = &l.body.kind else { return None };
        if bound.span != name.span {
            return None;
        }
        let n = name.name.as_str();
        let sum = |e: &ast::Expr| match e.kind {
            ExprKind::Int(1) => format!("{}.count()", self.members(&l)),
            _ => format!("{}.sum()", self.each(&l, e)),
        };
        let value = match &value.kind {
            ExprKind::Binary { op: BinaryOp::Add, left, right, .. } => {
                let more = match (is_name(left, n), is_name(right, n)) {
                    (true, false) => sum(right),
                    (false, true) => sum(left),
                    _ => return None,
                };
                if is_zero(init) { more } else { format!("{} + {more}", init.span.text(self.text)) }
            }
            ExprKind::Call { callee, args } if matches!(callee.name.as_str(), "max" | "min") => {
                let [a, b] = args.as_slice() else { return None };
                let other = match (is_name(&a.value, n), is_name(&b.value, n)) {
                    (true, false) => &b.value,
                    (false, true) => &a.value,
                    _ => return None,
                };
                let of = format!("{}.{}()", self.each(&l, other), callee.name);
                if is_zero(init) && callee.name == "max" {
                    of
                } else {
                    format!("{}({}, {of})", callee.name, init.span.text(self.text))
                }
            }
            _ => return None,
        };
        Some(Suggestion {
            title: format!("bind it once: `{n} = {value}`"),
            edits: vec![
                Edit { span: self.whole_line(first.span), insert: String::new() },
                Edit { span: l.whole, insert: format!("{n} = {value}") },
            ],
            applicability: Applicability::Unsafe,
        })
    }

    /// `for x in xs { answer x.f() }` as `answer xs.map(x => x.f())`.
    pub(super) fn answered_once(&self, answer: Span) -> Option<Suggestion> {
        let l = self.statements().filter_map(as_loop).find(|l| l.body.span == answer)?;
        let StmtKind::Answer(value) = &l.body.kind else { return None };
        let list = self.each(&l, value);
        Some(Suggestion {
            title: "answer the list of all".into(),
            edits: vec![Edit { span: l.whole, insert: format!("answer {list}") }],
            applicability: Applicability::Unsafe,
        })
    }

    /// A name that both branches of an `if` bind, as one binding of an `if` expression.
    pub(super) fn bound_in_branches(&self, name: &str) -> Option<Suggestion> {
        let (whole, value) = self.statements().find_map(|s| {
            let StmtKind::If { cond, then, otherwise: Some(otherwise) } = &s.kind else {
                return None;
            };
            let one = |b: &ast::Block| match b.stmts.as_slice() {
                [Stmt { kind: StmtKind::Bind { name: n, value }, .. }] if n.name == name => {
                    Some(value.span.text(self.text).to_owned())
                }
                _ => None,
            };
            let (a, b) = (one(then)?, one(otherwise)?);
            let cond = cond.span.text(self.text);
            Some((s.span, format!("{name} = if {cond} {{ {a} }} else {{ {b} }}")))
        })?;
        Some(Suggestion {
            title: format!("bind `{name}` once, outside"),
            edits: vec![Edit { span: whole, insert: value }],
            applicability: Applicability::Unsafe,
        })
    }

    /// Offers a last statement that returns: the one bound last, else a parameter of the type.
    pub(super) fn returning(&self, d: Diagnostic, f: &ast::FnDecl) -> Diagnostic {
        let unsafely = Applicability::Unsafe;
        if let Some(Stmt { kind: StmtKind::Bind { value, .. }, span }) = f.body.stmts.last() {
            let name = Span::new(span.start, value.span.start);
            return d.fix(unsafely, "return it", name, "return ");
        }
        let Some(p) = f.params.iter().rev().find(|p| p.ty.ty == f.result.ty) else { return d };
        let end = f.body.span.end.saturating_sub(1);
        let title = format!("return `{}` at the end", p.name.name);
        d.fix(unsafely, title, Span::at(end), format!("  return {}\n", p.name.name))
    }

    /// Whether the program answers in some statement of its own.
    pub(super) fn answers_elsewhere(&self, but: Span) -> bool {
        self.statements().any(|s| s.span != but && matches!(s.kind, StmtKind::Answer(_)))
    }

    /// Where functions of this name are called, in statements, functions and tests.
    pub(super) fn calls_of(&self, name: &str) -> Vec<Span> {
        let mut out = Vec::new();
        for item in self.items {
            match item {
                Item::Stmt(s) => in_stmt(s, name, &mut out),
                Item::Fn(f) => f.body.stmts.iter().for_each(|s| in_stmt(s, name, &mut out)),
                Item::Test(t) => t.body.stmts.iter().for_each(|s| in_stmt(s, name, &mut out)),
            }
        }
        out
    }
}

fn in_stmt(s: &Stmt, name: &str, out: &mut Vec<Span>) {
    match &s.kind {
        StmtKind::Bind { value: e, .. }
        | StmtKind::Answer(e)
        | StmtKind::Show(e)
        | StmtKind::Return(e)
        | StmtKind::Expr(e) => in_expr(e, name, out),
        StmtKind::Assert { cond, why } => {
            in_expr(cond, name, out);
            why.iter().for_each(|w| in_expr(w, name, out));
        }
        StmtKind::If { cond, then, otherwise } => {
            in_expr(cond, name, out);
            let blocks = [Some(then), otherwise.as_ref()];
            blocks.into_iter().flatten().flat_map(|b| &b.stmts).for_each(|s| in_stmt(s, name, out));
        }
        StmtKind::For { list, body, .. } => {
            in_expr(list, name, out);
            body.stmts.iter().for_each(|s| in_stmt(s, name, out));
        }
        StmtKind::Error => {}
    }
}

fn in_expr(e: &ast::Expr, name: &str, out: &mut Vec<Span>) {
    use ExprKind as K;
    let mut visit = |e: &ast::Expr| in_expr(e, name, out);
    match &e.kind {
        K::List(items) => items.iter().for_each(visit),
        K::Range(a, b) | K::Index(a, b) => [a, b].into_iter().for_each(|x| visit(x)),
        K::Call { callee, args } => {
            args.iter().for_each(|a| visit(&a.value));
            if callee.name == name {
                out.push(callee.span);
            }
        }
        K::Method { receiver, name: callee, args } => {
            visit(receiver);
            args.iter().flatten().for_each(|a| visit(&a.value));
            if callee.name == name && args.is_some() {
                out.push(callee.span);
            }
        }
        K::Unary(_, x) | K::As { value: x, .. } | K::Lambda { body: x, .. } => visit(x),
        K::Binary { left, right, .. } => [left, right].into_iter().for_each(|x| visit(x)),
        K::If { cond, then, otherwise } => {
            [cond, then].into_iter().for_each(|x| visit(x));
            otherwise.iter().for_each(|o| visit(o));
        }
        K::Comprehension { element, list, cond, .. } => {
            [element, list].into_iter().for_each(|x| visit(x));
            cond.iter().for_each(|c| visit(c));
        }
        _ => {}
    }
}
