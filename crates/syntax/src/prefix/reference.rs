//! What a program is, by the parser that recovers: the definition that the prefix check is tested against.

use crate::ast::{Block, Expr, ExprKind, Item, Program, Stmt, StmtKind};
use crate::parse;

/// Whether a text is a program to the prefix check: it parses without a diagnostic, and it has neither an
/// expression statement nor an `if` value without `else`, which the checker refuses in every program.
pub fn is_program(text: &str) -> bool {
    let parsed = parse(text);
    parsed.diagnostics.is_empty() && program(&parsed.program)
}

fn program(p: &Program) -> bool {
    p.items.iter().all(|i| match i {
        Item::Stmt(s) => stmt(s),
        Item::Test(t) => block(&t.body),
        Item::Fn(f) => {
            f.params.iter().all(|p| p.default.as_ref().is_none_or(expr)) && block(&f.body)
        }
    })
}

fn block(b: &Block) -> bool {
    b.stmts.iter().all(stmt)
}

fn stmt(s: &Stmt) -> bool {
    match &s.kind {
        StmtKind::Bind { value, .. } => expr(value),
        StmtKind::Answer(e) | StmtKind::Show(e) | StmtKind::Return(e) => expr(e),
        StmtKind::Assert { cond, why } => expr(cond) && why.as_ref().is_none_or(expr),
        StmtKind::If { cond, then, otherwise } => {
            expr(cond) && block(then) && otherwise.as_ref().is_none_or(block)
        }
        StmtKind::For { list, body, .. } => expr(list) && block(body),
        StmtKind::Expr(_) | StmtKind::Error => false,
    }
}

fn expr(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Int(_)
        | ExprKind::Number(_)
        | ExprKind::Measure { .. }
        | ExprKind::Text(_)
        | ExprKind::Bool(_)
        | ExprKind::Name(_) => true,
        ExprKind::List(members) => members.iter().all(expr),
        ExprKind::Range(a, b) | ExprKind::Index(a, b) => expr(a) && expr(b),
        ExprKind::Binary { left, right, .. } => expr(left) && expr(right),
        ExprKind::Unary(_, e) => expr(e),
        ExprKind::As { value, .. } => expr(value),
        ExprKind::Lambda { body, .. } => expr(body),
        ExprKind::Call { args, .. } => args.iter().all(|a| expr(&a.value)),
        ExprKind::Method { receiver, args, .. } => {
            expr(receiver) && args.iter().flatten().all(|a| expr(&a.value))
        }
        ExprKind::If { cond, then, otherwise } => {
            expr(cond) && expr(then) && otherwise.as_ref().is_some_and(|o| expr(o))
        }
        ExprKind::Comprehension { element, list, cond, .. } => {
            expr(element) && expr(list) && cond.as_ref().is_none_or(|c| expr(c))
        }
        ExprKind::Error => false,
    }
}
