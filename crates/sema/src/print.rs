//! HIR as text, for `reasmory emit hir` and for snapshots.

use std::fmt::Write as _;

use crate::hir::{Arith, Body, Cmp, Expr, ExprKind, LocalId, Program, Stmt, StmtKind};

/// The program as text: every expression with its type where it is not obvious, every conversion visible.
pub fn print_hir(p: &Program) -> String {
    let mut out = String::new();
    stmts(&mut out, &p.main, &p.main.stmts, 0);
    for f in &p.functions {
        let params: Vec<String> = f
            .params
            .iter()
            .map(|id| format!("{}: {}", local(&f.body, *id), f.body.locals[id.0 as usize].ty))
            .collect();
        let std = if f.std { "std " } else { "" };
        let _ = writeln!(out, "\n{std}fn {}({}) -> {} {{", f.name, params.join(", "), f.result);
        stmts(&mut out, &f.body, &f.body.stmts, 1);
        out.push_str("}\n");
    }
    out
}

fn local(b: &Body, id: LocalId) -> String {
    b.locals.get(id.0 as usize).map_or_else(
        || format!("?{}", id.0),
        |l| {
            // Two locals may share a name (lambda variables): the id tells them apart.
            let shared = b.locals.iter().filter(|m| m.name == l.name).count() > 1;
            if shared { format!("{}.{}", l.name, id.0) } else { l.name.clone() }
        },
    )
}

fn stmts(out: &mut String, b: &Body, list: &[Stmt], depth: usize) {
    for s in list {
        let pad = "  ".repeat(depth);
        match &s.kind {
            StmtKind::Bind(id, e) => {
                let ty = &b.locals[id.0 as usize].ty;
                let _ = writeln!(out, "{pad}{}: {ty} = {}", local(b, *id), expr(b, e));
            }
            StmtKind::Answer(e, unit) => {
                let unit = unit.map_or(String::new(), |u| format!(" as {}", u.name));
                let _ = writeln!(out, "{pad}answer {}{unit} : {}", expr(b, e), e.ty);
            }
            StmtKind::Show(e) => {
                let _ = writeln!(out, "{pad}show {}", expr(b, e));
            }
            StmtKind::Assert(c, w) => {
                let why = w.as_ref().map_or(String::new(), |w| format!(", {}", expr(b, w)));
                let _ = writeln!(out, "{pad}assert {}{why}", expr(b, c));
            }
            StmtKind::Return(e) => {
                let _ = writeln!(out, "{pad}return {}", expr(b, e));
            }
            StmtKind::If(c, x, y) => {
                let _ = writeln!(out, "{pad}if {} {{", expr(b, c));
                stmts(out, b, x, depth + 1);
                if !y.is_empty() {
                    let _ = writeln!(out, "{pad}}} else {{");
                    stmts(out, b, y, depth + 1);
                }
                let _ = writeln!(out, "{pad}}}");
            }
            StmtKind::For(id, l, body) => {
                let _ = writeln!(out, "{pad}for {} in {} {{", local(b, *id), expr(b, l));
                stmts(out, b, body, depth + 1);
                let _ = writeln!(out, "{pad}}}");
            }
        }
    }
}

fn join(b: &Body, items: &[Expr]) -> String {
    items.iter().map(|i| expr(b, i)).collect::<Vec<_>>().join(", ")
}

fn expr(b: &Body, e: &Expr) -> String {
    let or_else = |o: &Option<Box<Expr>>| {
        o.as_ref().map_or(String::new(), |o| format!(" else {}", expr(b, o)))
    };
    match &e.kind {
        ExprKind::Int(i) => i.to_string(),
        ExprKind::Float(x) => format!("{x:?}:{}", e.ty),
        ExprKind::Bool(v) => v.to_string(),
        ExprKind::Text(t) => format!("{t:?}"),
        ExprKind::Category(c) => format!("category {c:?}"),
        ExprKind::Direction(d) => d.to_string(),
        ExprKind::Local(id) => local(b, *id),
        ExprKind::List(items) => format!("[{}]", join(b, items)),
        ExprKind::Range(x, y) => format!("{}..{}", expr(b, x), expr(b, y)),
        ExprKind::Arith(op, x, y) => {
            let op = match op {
                Arith::Add => "+",
                Arith::Sub => "-",
                Arith::Mul => "*",
                Arith::Div => "/",
            };
            format!("({} {op} {}):{}", expr(b, x), expr(b, y), e.ty)
        }
        ExprKind::Neg(x) => format!("-{}", expr(b, x)),
        ExprKind::Compare(op, x, y) => {
            let op = match op {
                Cmp::Eq => "==",
                Cmp::Ne => "!=",
                Cmp::Lt => "<",
                Cmp::Le => "<=",
                Cmp::Gt => ">",
                Cmp::Ge => ">=",
            };
            format!("({} {op} {})", expr(b, x), expr(b, y))
        }
        ExprKind::And(x, y) => format!("({} and {})", expr(b, x), expr(b, y)),
        ExprKind::Or(x, y) => format!("({} or {})", expr(b, x), expr(b, y)),
        ExprKind::Not(x) => format!("not {}", expr(b, x)),
        ExprKind::If(c, x, y) => {
            format!("if {} {{ {} }} else {{ {} }}", expr(b, c), expr(b, x), expr(b, y))
        }
        ExprKind::Op { op, args, otherwise } => {
            let args: Vec<String> = op
                .def()
                .signature()
                .params
                .iter()
                .zip(args)
                .filter_map(|(p, a)| Some(format!("{}={}", p.name, expr(b, a.as_ref()?))))
                .collect();
            format!("{}({}){}", op.name(), args.join(", "), or_else(otherwise))
        }
        ExprKind::Inline { op, args, lambda, otherwise } => {
            let mut parts: Vec<String> = args.iter().map(|a| expr(b, a)).collect();
            if let Some(l) = lambda {
                parts.push(format!("{} => {}", local(b, l.param), expr(b, &l.body)));
            }
            format!("{op:?}({}){}", parts.join(", "), or_else(otherwise))
        }
        ExprKind::Call(name, args) => format!("{name}({})", join(b, args)),
        ExprKind::Let(bindings, body) => {
            let bound: Vec<String> = bindings
                .iter()
                .map(|(id, v)| format!("{} = {}", local(b, *id), expr(b, v)))
                .collect();
            format!("let {{ {} }} in {}", bound.join("; "), expr(b, body))
        }
        ExprKind::Field(x, i) => {
            let name = x.ty.record().and_then(|r| r.fields.get(*i as usize).map(|f| f.0));
            format!("{}.{}", expr(b, x), name.unwrap_or("?"))
        }
        ExprKind::GroupKey(x) => format!("{}.key", expr(b, x)),
        ExprKind::GroupMembers(x) => format!("{}.members", expr(b, x)),
        ExprKind::Index(x, i) => format!("{}[{}]", expr(b, x), expr(b, i)),
        ExprKind::Comprehension { local: id, list, cond, element } => {
            let cond = cond.as_ref().map_or(String::new(), |c| format!(" if {}", expr(b, c)));
            format!("[{} for {} in {}{cond}]", expr(b, element), local(b, *id), expr(b, list))
        }
        ExprKind::Coerce(c, x) => format!("{c:?}({})", expr(b, x)),
        ExprKind::Error => "<error>".to_owned(),
    }
}
