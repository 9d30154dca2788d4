//! Readable, deterministic dumps of tokens and trees.

use std::fmt::Write;

use reasmory_span::Span;

use crate::ast::*;
use crate::prepare;
use crate::token::Token;

/// The tokens of a program as the parser sees them, one a line, with byte ranges.
pub fn print_tokens(text: &str) -> String {
    let prepared = match prepare(text) {
        Ok(p) => p,
        Err(d) => return format!("{}: {}\n", d.code, d.message),
    };
    let mut out = String::new();
    for (i, item) in prepared.items.iter().enumerate() {
        if i > 0 {
            out.push_str("---\n");
        }
        for t in item {
            let shown = match &t.token {
                Token::Name(n) => format!("name {n}"),
                Token::Int(v) => format!("int {v}"),
                Token::Number(v) => format!("number {}", number(*v)),
                Token::Measure(v, u) => format!("measure {v} {}", u.name),
                Token::Text(s) => format!("text {}", crate::text::quote(&s.value())),
                Token::Unit(u) => format!("unit {}", u.name),
                Token::Word(w) => format!("word {}", w.text()),
                Token::Sign(s) => format!("sign {}", s.text()),
                Token::Newline => "newline".into(),
                Token::Broken => "broken".into(),
                Token::Foreign(s) => format!("foreign {s}"),
            };
            line(&mut out, format_args!("{}..{} {shown}", t.span.start, t.span.end));
        }
    }
    out
}

fn line(out: &mut String, args: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{args}");
}

/// A number with a fraction, as the language writes it.
pub(crate) fn number(v: f64) -> String {
    let s = format!("{v}");
    if s.contains('.') { s } else { format!("{s}.0") }
}

/// The tree of a program, one node a line, with byte ranges.
pub fn print_ast(program: &Program) -> String {
    dump(program, true)
}

/// The tree of a program without byte ranges: equal for programs that differ only in layout.
pub fn print_ast_without_spans(program: &Program) -> String {
    dump(program, false)
}

fn dump(program: &Program, spans: bool) -> String {
    let mut d = Dump { out: String::new(), depth: 0, spans };
    for item in &program.items {
        match item {
            Item::Fn(f) => d.function(f),
            Item::Test(t) => {
                d.node(&format!("test {}", crate::text::quote(&t.name)), t.span);
                d.inside(|d| d.block(&t.body));
            }
            Item::Stmt(s) => d.stmt(s),
        }
    }
    d.out
}

struct Dump {
    out: String,
    depth: usize,
    spans: bool,
}

impl Dump {
    fn node(&mut self, what: &str, span: Span) {
        for _ in 0..self.depth {
            self.out.push_str("  ");
        }
        if self.spans {
            line(&mut self.out, format_args!("{what} @{}..{}", span.start, span.end));
        } else {
            line(&mut self.out, format_args!("{what}"));
        }
    }

    fn inside(&mut self, f: impl FnOnce(&mut Self)) {
        self.depth += 1;
        f(self);
        self.depth -= 1;
    }

    fn function(&mut self, f: &FnDecl) {
        self.node(&format!("fn {}", f.name.name), f.span);
        self.inside(|d| {
            if !f.doc.is_empty() {
                d.node(&format!("doc {}", crate::text::quote(&f.doc)), f.span);
            }
            for p in &f.params {
                let q = if p.optional { "?" } else { "" };
                d.node(&format!("param {}: {}{q}", p.name.name, ty(&p.ty)), p.name.span);
                if let Some(e) = &p.default {
                    d.inside(|d| d.expr(e));
                }
            }
            let at = f.result_in.as_ref().map_or(String::new(), |v| format!(" in {}", v.name));
            d.node(&format!("result {}{at}", ty(&f.result)), f.result.span);
            d.block(&f.body);
        });
    }

    fn block(&mut self, b: &Block) {
        self.node("block", b.span);
        self.inside(|d| b.stmts.iter().for_each(|s| d.stmt(s)));
    }

    fn stmt(&mut self, s: &Stmt) {
        let head = match &s.kind {
            StmtKind::Bind { name, .. } => format!("bind {}", name.name),
            StmtKind::Answer(_) => "answer".into(),
            StmtKind::Show(_) => "show".into(),
            StmtKind::Assert { .. } => "assert".into(),
            StmtKind::Return(_) => "return".into(),
            StmtKind::If { .. } => "if".into(),
            StmtKind::For { name, .. } => format!("for {}", name.name),
            StmtKind::Expr(_) => "expression".into(),
            StmtKind::Error => "error".into(),
        };
        self.node(&head, s.span);
        self.inside(|d| match &s.kind {
            StmtKind::Bind { value: e, .. }
            | StmtKind::Answer(e)
            | StmtKind::Show(e)
            | StmtKind::Return(e)
            | StmtKind::Expr(e) => d.expr(e),
            StmtKind::Assert { cond, why } => {
                d.expr(cond);
                if let Some(why) = why {
                    d.expr(why);
                }
            }
            StmtKind::If { cond, then, otherwise } => {
                d.expr(cond);
                d.block(then);
                if let Some(b) = otherwise {
                    d.block(b);
                }
            }
            StmtKind::For { list, body, .. } => {
                d.expr(list);
                d.block(body);
            }
            StmtKind::Error => {}
        });
    }

    fn args(&mut self, args: &[Arg]) {
        for a in args {
            match &a.name {
                Some(n) => {
                    self.node(&format!("argument {}", n.name), a.span);
                    self.inside(|d| d.expr(&a.value));
                }
                None => self.expr(&a.value),
            }
        }
    }

    fn expr(&mut self, e: &Expr) {
        let head = match &e.kind {
            ExprKind::Int(v) => format!("int {v}"),
            ExprKind::Number(v) => format!("number {}", number(*v)),
            ExprKind::Measure { written, unit } => format!("measure {written} {}", unit.name),
            ExprKind::Text(s) => format!("text {}", crate::text::quote(s)),
            ExprKind::Bool(b) => format!("bool {b}"),
            ExprKind::Name(n) => format!("name {n}"),
            ExprKind::List(_) => "list".into(),
            ExprKind::Range(..) => "range".into(),
            ExprKind::Call { callee, .. } => format!("call {}", callee.name),
            ExprKind::Method { name, args: Some(_), .. } => format!("method {}", name.name),
            ExprKind::Method { name, args: None, .. } => format!("member {}", name.name),
            ExprKind::Index(..) => "index".into(),
            ExprKind::Unary(UnaryOp::Neg, _) => "unary -".into(),
            ExprKind::Unary(UnaryOp::Not, _) => "unary not".into(),
            ExprKind::Binary { op, .. } => format!("binary {}", op.symbol()),
            ExprKind::If { .. } => "if".into(),
            ExprKind::Comprehension { name, .. } => format!("comprehension {}", name.name),
            ExprKind::Lambda { param, .. } => format!("lambda {}", param.name),
            ExprKind::As { unit, .. } => format!("as {}", unit.name),
            ExprKind::Error => "error".into(),
        };
        self.node(&head, e.span);
        self.inside(|d| match &e.kind {
            ExprKind::List(es) => es.iter().for_each(|e| d.expr(e)),
            ExprKind::Range(a, b) | ExprKind::Index(a, b) => {
                d.expr(a);
                d.expr(b);
            }
            ExprKind::Binary { left, right, .. } => {
                d.expr(left);
                d.expr(right);
            }
            ExprKind::Call { args, .. } => d.args(args),
            ExprKind::Method { receiver, args, .. } => {
                d.expr(receiver);
                if let Some(args) = args {
                    d.args(args);
                }
            }
            ExprKind::Unary(_, e)
            | ExprKind::Lambda { body: e, .. }
            | ExprKind::As { value: e, .. } => {
                d.expr(e);
            }
            ExprKind::If { cond, then, otherwise } => {
                d.expr(cond);
                d.expr(then);
                if let Some(e) = otherwise {
                    d.expr(e);
                }
            }
            ExprKind::Comprehension { element, list, cond, .. } => {
                d.expr(element);
                d.expr(list);
                if let Some(c) = cond {
                    d.expr(c);
                }
            }
            _ => {}
        });
    }
}

fn ty(t: &TypeExpr) -> String {
    match &t.unknown {
        Some(u) => format!("{} (unknown {})", t.ty, u.name),
        None => t.ty.to_string(),
    }
}
