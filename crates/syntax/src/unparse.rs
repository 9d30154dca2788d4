//! The canonical text of a tree: one statement a line, two spaces a level, no parentheses but needed
//! ones. Parsing it gives the tree again.

use crate::ast::*;
use crate::print::number;
use crate::text::quote;

/// How tightly an expression's outermost form binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tight {
    /// `if` and lambdas, which are whole values.
    Whole,
    Or,
    And,
    Not,
    Compare,
    Range,
    Add,
    Mul,
    As,
    Unary,
    Postfix,
}

/// The canonical text of a program.
pub fn unparse(program: &Program) -> String {
    let mut out = String::new();
    for item in &program.items {
        match item {
            Item::Fn(f) => function(&mut out, f),
            Item::Test(t) => {
                out.push_str("test ");
                out.push_str(&quote(&t.name));
                out.push(' ');
                block(&mut out, &t.body, 0);
                out.push('\n');
            }
            Item::Stmt(s) => stmt(&mut out, s, 0),
        }
    }
    out
}

/// The canonical text of an expression.
pub fn format_expr(e: &Expr) -> String {
    let mut out = String::new();
    expr(&mut out, e, Tight::Whole);
    out
}

fn function(out: &mut String, f: &FnDecl) {
    if !f.doc.is_empty() {
        for line in f.doc.split('\n') {
            out.push_str("##");
            if !line.is_empty() {
                out.push(' ');
                out.push_str(line);
            }
            out.push('\n');
        }
    }
    out.push_str("fn ");
    out.push_str(&f.name.name);
    out.push('(');
    for (i, p) in f.params.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(&p.name.name);
        out.push_str(": ");
        out.push_str(&p.ty.written());
        if p.optional {
            out.push('?');
        }
        if let Some(e) = &p.default {
            out.push_str(" = ");
            expr(out, e, Tight::Whole);
        }
    }
    out.push_str(") -> ");
    out.push_str(&f.result.written());
    if let Some(v) = &f.result_in {
        out.push_str(" in ");
        out.push_str(&v.name);
    }
    out.push(' ');
    block(out, &f.body, 0);
    out.push('\n');
}

fn indent(out: &mut String, level: usize) {
    for _ in 0..level {
        out.push_str("  ");
    }
}

/// A block, without a newline after it.
fn block(out: &mut String, b: &Block, level: usize) {
    if b.stmts.is_empty() {
        out.push_str("{ }");
        return;
    }
    out.push_str("{\n");
    for s in &b.stmts {
        stmt(out, s, level + 1);
    }
    indent(out, level);
    out.push('}');
}

fn stmt(out: &mut String, s: &Stmt, level: usize) {
    indent(out, level);
    match &s.kind {
        StmtKind::Bind { name, value } => {
            out.push_str(&name.name);
            out.push_str(" = ");
            expr(out, value, Tight::Whole);
        }
        StmtKind::Answer(e) => keyword(out, "answer ", e),
        StmtKind::Show(e) => keyword(out, "show ", e),
        StmtKind::Return(e) => keyword(out, "return ", e),
        StmtKind::Assert { cond, why } => {
            keyword(out, "assert ", cond);
            if let Some(why) = why {
                out.push_str(", ");
                expr(out, why, Tight::Whole);
            }
        }
        StmtKind::If { .. } => if_stmt(out, s, level),
        StmtKind::For { name, list, body } => {
            out.push_str("for ");
            out.push_str(&name.name);
            out.push_str(" in ");
            expr(out, list, Tight::Or);
            out.push(' ');
            block(out, body, level);
        }
        // An `if` that starts a statement would be the statement form.
        StmtKind::Expr(e) => expr(out, e, Tight::Or),
        StmtKind::Error => out.push_str("# (not understood)"),
    }
    out.push('\n');
}

fn if_stmt(out: &mut String, s: &Stmt, level: usize) {
    let StmtKind::If { cond, then, otherwise } = &s.kind else { return };
    keyword(out, "if ", cond);
    out.push(' ');
    block(out, then, level);
    let Some(other) = otherwise else { return };
    out.push_str(" else ");
    match &other.stmts[..] {
        [one] if matches!(one.kind, StmtKind::If { .. }) && one.span == other.span => {
            if_stmt(out, one, level);
        }
        _ => block(out, other, level),
    }
}

fn keyword(out: &mut String, word: &str, e: &Expr) {
    out.push_str(word);
    expr(out, e, Tight::Whole);
}

fn args(out: &mut String, args: &[Arg]) {
    out.push('(');
    for (i, a) in args.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        if let Some(n) = &a.name {
            out.push_str(&n.name);
            out.push('=');
        }
        if let ExprKind::Lambda { param, body } = &a.value.kind {
            out.push_str(&param.name);
            out.push_str(" => ");
            expr(out, body, Tight::Whole);
        } else {
            expr(out, &a.value, Tight::Whole);
        }
    }
    out.push(')');
}

fn tight(e: &Expr) -> Tight {
    match &e.kind {
        ExprKind::If { .. } | ExprKind::Lambda { .. } => Tight::Whole,
        ExprKind::Binary { op, .. } => match op {
            BinaryOp::Or => Tight::Or,
            BinaryOp::And => Tight::And,
            BinaryOp::Add | BinaryOp::Sub => Tight::Add,
            BinaryOp::Mul | BinaryOp::Div => Tight::Mul,
            _ => Tight::Compare,
        },
        ExprKind::Unary(UnaryOp::Not, _) => Tight::Not,
        ExprKind::Unary(UnaryOp::Neg, _) => Tight::Unary,
        ExprKind::Range(..) => Tight::Range,
        ExprKind::As { .. } => Tight::As,
        _ => Tight::Postfix,
    }
}

fn expr(out: &mut String, e: &Expr, least: Tight) {
    let own = tight(e);
    if own < least {
        out.push('(');
        expr(out, e, Tight::Whole);
        out.push(')');
        return;
    }
    match &e.kind {
        ExprKind::Int(v) => out.push_str(&v.to_string()),
        ExprKind::Number(v) => out.push_str(&number(*v)),
        ExprKind::Measure { written, unit } => {
            out.push_str(&written.to_string());
            out.push_str(unit.name);
        }
        ExprKind::Text(s) => out.push_str(&quote(s)),
        ExprKind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        ExprKind::Name(n) => out.push_str(n),
        ExprKind::List(es) => {
            out.push('[');
            for (i, e) in es.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                expr(out, e, Tight::Whole);
            }
            out.push(']');
        }
        ExprKind::Range(a, b) => {
            expr(out, a, Tight::Add);
            out.push_str("..");
            expr(out, b, Tight::Add);
        }
        ExprKind::Call { callee, args: list } => {
            out.push_str(&callee.name);
            args(out, list);
        }
        ExprKind::Method { receiver, name, args: list } => {
            expr(out, receiver, Tight::Postfix);
            out.push('.');
            out.push_str(&name.name);
            if let Some(list) = list {
                args(out, list);
            }
        }
        ExprKind::Index(list, at) => {
            expr(out, list, Tight::Postfix);
            out.push('[');
            expr(out, at, Tight::Whole);
            out.push(']');
        }
        ExprKind::Unary(UnaryOp::Not, e) => {
            out.push_str("not ");
            expr(out, e, Tight::Not);
        }
        ExprKind::Unary(UnaryOp::Neg, inner) => {
            out.push('-');
            // `--` is another language's sign.
            if matches!(inner.kind, ExprKind::Unary(UnaryOp::Neg, _)) {
                out.push(' ');
            }
            expr(out, inner, Tight::Unary);
        }
        ExprKind::Binary { op, left, right, .. } => {
            let (l, r) = match own {
                Tight::Or => (Tight::Or, Tight::And),
                Tight::And => (Tight::And, Tight::Not),
                Tight::Add => (Tight::Add, Tight::Mul),
                Tight::Mul => (Tight::Mul, Tight::As),
                _ => (Tight::Range, Tight::Range),
            };
            expr(out, left, l);
            out.push(' ');
            out.push_str(op.symbol());
            out.push(' ');
            expr(out, right, r);
        }
        ExprKind::If { cond, then, otherwise } => {
            keyword(out, "if ", cond);
            keyword(out, " { ", then);
            out.push_str(" }");
            match otherwise.as_deref() {
                Some(e) if matches!(e.kind, ExprKind::If { .. }) => keyword(out, " else ", e),
                Some(e) => {
                    keyword(out, " else { ", e);
                    out.push_str(" }");
                }
                None => {}
            }
        }
        ExprKind::Comprehension { element, name, list, cond } => {
            out.push('[');
            expr(out, element, Tight::Whole);
            out.push_str(" for ");
            out.push_str(&name.name);
            out.push_str(" in ");
            expr(out, list, Tight::Or);
            if let Some(c) = cond {
                keyword(out, " if ", c);
            }
            out.push(']');
        }
        ExprKind::Lambda { param, body } => {
            out.push_str(&param.name);
            keyword(out, " => ", body);
        }
        ExprKind::As { value, unit, .. } => {
            expr(out, value, Tight::As);
            out.push_str(" as ");
            out.push_str(unit.name);
        }
        ExprKind::Error => out.push_str("(not understood)"),
    }
}
