//! Python's forms by name: what a plan cannot use, called what people call it.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprContext, Stmt, UnaryOp};

/// The name of an expression's form, and what to write instead.
pub(crate) fn expression(e: &Expr) -> (String, &'static str) {
    let bind = "write the value out, or leave it out";
    let tools = "a plan cannot compute: call a tool, or leave the work to who reads the pictures";
    match e {
        Expr::BoolOp(b) => (format!("a condition (`{}`)", b.op.as_str()), tools),
        Expr::Named(_) => {
            ("an assignment inside an expression (`:=`)".into(), "bind it on a line of its own")
        }
        Expr::BinOp(b) => match b.op {
            ruff_python_ast::Operator::Add if joins(&b.left) || joins(&b.right) => (
                "joining lists (`+`)".into(),
                "write one list: `[a, b]`; lists inside it are read too",
            ),
            op => (format!("arithmetic (`{}`)", op.as_str()), tools),
        },
        Expr::UnaryOp(u) => match u.op {
            UnaryOp::Not => ("a condition (`not`)".into(), tools),
            UnaryOp::Invert => ("arithmetic (`~`)".into(), tools),
            UnaryOp::USub => ("arithmetic (`-`)".into(), tools),
            UnaryOp::UAdd => ("arithmetic (`+`)".into(), tools),
        },
        Expr::Lambda(_) => ("a lambda".into(), tools),
        Expr::If(_) => ("a conditional expression (`if`)".into(), tools),
        Expr::Set(_) => ("a set".into(), "write a list: `[a, b]`"),
        Expr::ListComp(_) => ("a list comprehension".into(), "write the members out"),
        Expr::SetComp(_) => ("a set comprehension".into(), "write the members out"),
        Expr::DictComp(_) => ("a dictionary comprehension".into(), "write the members out"),
        Expr::Generator(_) => ("a generator expression".into(), "write the members out"),
        Expr::Await(_) => ("`await`".into(), "call the tool without it"),
        Expr::Yield(_) | Expr::YieldFrom(_) => {
            ("`yield`".into(), "put it in the list that is returned")
        }
        Expr::Compare(c) => {
            (format!("a comparison (`{}`)", c.ops.first().map_or("==", |o| o.as_str())), tools)
        }
        Expr::FString(_) => ("an f-string".into(), "write the text out"),
        Expr::TString(_) => ("a template string".into(), "write the text out"),
        Expr::BytesLiteral(_) => ("a bytes literal".into(), "write a text"),
        Expr::EllipsisLiteral(_) => ("an ellipsis (`...`)".into(), bind),
        Expr::NumberLiteral(_) => ("a complex number".into(), "write a plain number"),
        Expr::Attribute(a) => (
            format!("attribute access (`.{}`)", a.attr.id),
            "results are read by key: `pose[\"position\"]`",
        ),
        Expr::Starred(_) => ("unpacking (`*`)".into(), "write the members out"),
        Expr::Slice(_) => ("a slice".into(), "choose one member: `[0]`"),
        Expr::Call(_) => ("a call of a computed value".into(), "call a tool by its name"),
        Expr::IpyEscapeCommand(_) => ("a shell escape".into(), "leave it out"),
        Expr::Dict(_) => ("a dictionary".into(), bind),
        Expr::List(_) | Expr::Tuple(_) => ("a list".into(), bind),
        Expr::Subscript(_) => ("a subscript".into(), bind),
        Expr::StringLiteral(_) | Expr::BooleanLiteral(_) | Expr::NoneLiteral(_) | Expr::Name(_) => {
            ("a value".into(), bind)
        }
    }
}

fn joins(e: &Expr) -> bool {
    match e {
        Expr::List(_) | Expr::Call(_) | Expr::Tuple(_) => true,
        Expr::BinOp(b) => joins(&b.left) || joins(&b.right),
        _ => false,
    }
}

/// The name of a statement's form, and what to write instead; `None` for those a plan may have.
pub(crate) fn statement(s: &Stmt) -> Option<(String, &'static str)> {
    let straight = "write the calls one after another: a plan is a straight line";
    Some(match s {
        Stmt::FunctionDef(_) => ("a function inside the plan".into(), straight),
        Stmt::ClassDef(_) => ("a class".into(), straight),
        Stmt::Delete(_) => ("`del`".into(), "leave it out"),
        Stmt::TypeAlias(_) => ("a type alias".into(), "leave it out"),
        Stmt::AugAssign(a) => (
            format!("augmented assignment (`{}=`)", a.op.as_str()),
            "write the whole list where it is returned",
        ),
        Stmt::For(f) if f.is_async => ("an `async for` loop".into(), straight),
        Stmt::For(_) => ("a `for` loop".into(), straight),
        Stmt::While(_) => ("a `while` loop".into(), straight),
        Stmt::If(_) => ("an `if` statement".into(), straight),
        Stmt::With(_) => ("a `with` block".into(), straight),
        Stmt::Match(_) => ("a `match` statement".into(), straight),
        Stmt::Raise(_) => ("`raise`".into(), "leave it out"),
        Stmt::Try(_) => ("a `try` block".into(), straight),
        Stmt::Assert(_) => ("`assert`".into(), "leave it out"),
        Stmt::Import(_) | Stmt::ImportFrom(_) => {
            ("an import".into(), "leave it out: the tools are there")
        }
        Stmt::Global(_) => ("`global`".into(), "leave it out"),
        Stmt::Nonlocal(_) => ("`nonlocal`".into(), "leave it out"),
        Stmt::Break(_) => ("`break`".into(), "leave it out"),
        Stmt::Continue(_) => ("`continue`".into(), "leave it out"),
        Stmt::IpyEscapeCommand(_) => ("a shell escape".into(), "leave it out"),
        Stmt::Return(_) | Stmt::Assign(_) | Stmt::AnnAssign(_) | Stmt::Expr(_) | Stmt::Pass(_) => {
            return None;
        }
    })
}

/// The names that a part of a plan reads, binds and calls.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) read: BTreeSet<String>,
    pub(crate) bound: BTreeSet<String>,
    pub(crate) called: BTreeSet<String>,
}

impl Names {
    pub(crate) fn of_statement(s: &Stmt) -> Names {
        let mut names = Names::default();
        names.visit_stmt(s);
        names
    }

    pub(crate) fn of_expression(e: &Expr) -> Names {
        let mut names = Names::default();
        names.visit_expr(e);
        names
    }
}

impl<'a> Visitor<'a> for Names {
    fn visit_expr(&mut self, e: &'a Expr) {
        match e {
            Expr::Name(n) if n.ctx == ExprContext::Load => {
                self.read.insert(n.id.to_string());
            }
            Expr::Name(n) => {
                self.bound.insert(n.id.to_string());
            }
            Expr::Call(c) => {
                if let Expr::Name(n) = &*c.func {
                    self.called.insert(n.id.to_string());
                }
            }
            _ => {}
        }
        visitor::walk_expr(self, e);
    }
}
