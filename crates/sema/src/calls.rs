//! Which names a piece of syntax calls.

use reasmory_syntax::ast::{Block, Expr, ExprKind, StmtKind};

/// Names called anywhere in a block, in source order, with repetitions.
pub fn of_block(block: &Block, out: &mut Vec<String>) {
    for s in &block.stmts {
        match &s.kind {
            StmtKind::Bind { value, .. } => of_expr(value, out),
            StmtKind::Answer(e) | StmtKind::Show(e) | StmtKind::Return(e) | StmtKind::Expr(e) => {
                of_expr(e, out);
            }
            StmtKind::Assert { cond, why } => {
                of_expr(cond, out);
                why.iter().for_each(|w| of_expr(w, out));
            }
            StmtKind::If { cond, then, otherwise } => {
                of_expr(cond, out);
                of_block(then, out);
                otherwise.iter().for_each(|b| of_block(b, out));
            }
            StmtKind::For { list, body, .. } => {
                of_expr(list, out);
                of_block(body, out);
            }
            StmtKind::Error => {}
        }
    }
}

/// Names called anywhere in an expression.
pub fn of_expr(e: &Expr, out: &mut Vec<String>) {
    match &e.kind {
        ExprKind::Call { callee, args } => {
            out.push(callee.name.clone());
            args.iter().for_each(|a| of_expr(&a.value, out));
        }
        ExprKind::Method { receiver, name, args } => {
            of_expr(receiver, out);
            out.push(name.name.clone());
            args.iter().flatten().for_each(|a| of_expr(&a.value, out));
        }
        ExprKind::List(items) => items.iter().for_each(|i| of_expr(i, out)),
        ExprKind::Range(a, b) | ExprKind::Index(a, b) => {
            of_expr(a, out);
            of_expr(b, out);
        }
        ExprKind::Binary { left, right, .. } => {
            of_expr(left, out);
            of_expr(right, out);
        }
        ExprKind::Unary(_, x)
        | ExprKind::As { value: x, .. }
        | ExprKind::Lambda { body: x, .. } => {
            of_expr(x, out);
        }
        ExprKind::If { cond, then, otherwise } => {
            of_expr(cond, out);
            of_expr(then, out);
            otherwise.iter().for_each(|o| of_expr(o, out));
        }
        ExprKind::Comprehension { element, list, cond, .. } => {
            of_expr(list, out);
            cond.iter().for_each(|c| of_expr(c, out));
            of_expr(element, out);
        }
        ExprKind::Int(_)
        | ExprKind::Number(_)
        | ExprKind::Measure { .. }
        | ExprKind::Text(_)
        | ExprKind::Bool(_)
        | ExprKind::Name(_)
        | ExprKind::Error => {}
    }
}
