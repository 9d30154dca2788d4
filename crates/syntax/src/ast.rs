//! The syntax tree: what was written, with a span on every node. Nothing is resolved.
//!
//! `Error` nodes stand where recovery skipped something that was already reported; later stages stay
//! silent about them.

use reasmory_span::Span;
use reasmory_types::{Ty, Unit};

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    /// The name.
    pub name: String,
    /// Where.
    pub span: Span,
}

/// A whole program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// Functions, tests and statements in source order.
    pub items: Vec<Item>,
}

/// A top-level item.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `fn`
    Fn(FnDecl),
    /// `test "name" { … }`
    Test(TestDecl),
    /// A statement.
    Stmt(Stmt),
}

/// `fn name(params) -> Type { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct FnDecl {
    /// Name.
    pub name: Ident,
    /// Parameters.
    pub params: Vec<ParamDecl>,
    /// Result type.
    pub result: TypeExpr,
    /// `in v` after the result: the view parameter whose frame the result is in.
    pub result_in: Option<Ident>,
    /// Body.
    pub body: Block,
    /// `##` documentation, lines joined by newlines, without the marker.
    pub doc: String,
    /// The whole declaration.
    pub span: Span,
}

/// `name: Type`, `name: Type?`, `name: Type = default`
#[derive(Clone, Debug, PartialEq)]
pub struct ParamDecl {
    /// Name.
    pub name: Ident,
    /// Type.
    pub ty: TypeExpr,
    /// `?`
    pub optional: bool,
    /// Default.
    pub default: Option<Expr>,
}

/// A written type. An unknown name is `Ty::Error` here and its spelling is kept for the message.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeExpr {
    /// The type, `Ty::Error` where a name in it is unknown.
    pub ty: Ty,
    /// The first unknown name, if any.
    pub unknown: Option<Ident>,
    /// Where.
    pub span: Span,
}

impl TypeExpr {
    /// The type as it is written.
    pub fn written(&self) -> String {
        match &self.unknown {
            // The unknown part displays as `?`.
            Some(u) => self.ty.to_string().replace('?', &u.name),
            None => self.ty.to_string(),
        }
    }
}

/// `test "name" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct TestDecl {
    /// Name, unescaped.
    pub name: String,
    /// Body.
    pub body: Block,
    /// The whole item.
    pub span: Span,
}

/// `{ statements }`
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Statements.
    pub stmts: Vec<Stmt>,
    /// With the braces.
    pub span: Span,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// Where.
    pub span: Span,
}

/// Kinds of statement.
#[derive(Clone, Debug, PartialEq)]
pub enum StmtKind {
    /// `name = expr`
    Bind {
        /// Name.
        name: Ident,
        /// Value.
        value: Expr,
    },
    /// `answer expr`
    Answer(Expr),
    /// `show expr`
    Show(Expr),
    /// `assert expr, "why"`
    Assert {
        /// Condition.
        cond: Expr,
        /// Reason: a text expression.
        why: Option<Expr>,
    },
    /// `return expr`
    Return(Expr),
    /// `if cond { … } else …`
    If {
        /// Condition.
        cond: Expr,
        /// Then.
        then: Block,
        /// `else { … }`, or a block that holds the one `if` of `else if`.
        otherwise: Option<Block>,
    },
    /// `for name in list { … }`
    For {
        /// Loop variable.
        name: Ident,
        /// List.
        list: Expr,
        /// Body.
        body: Block,
    },
    /// An expression whose value goes nowhere; the parser keeps it, the checker reports it.
    Expr(Expr),
    /// Skipped by recovery.
    Error,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where, with enclosing parentheses: what is put before or after it keeps its meaning.
    pub span: Span,
}

/// Kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `3`
    Int(i64),
    /// `2.5`
    Number(f64),
    /// `2.5m`: the value in canonical units and the unit written.
    Measure {
        /// As written, before the unit.
        written: f64,
        /// The unit.
        unit: &'static Unit,
    },
    /// `"text"`, unescaped
    Text(String),
    /// `true`, `false`
    Bool(bool),
    /// A name.
    Name(String),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `a..b`
    Range(Box<Expr>, Box<Expr>),
    /// `f(args)`
    Call {
        /// Function.
        callee: Ident,
        /// Arguments in source order.
        args: Vec<Arg>,
    },
    /// `x.f(args)`, or `x.f` (`args` is `None`)
    Method {
        /// Receiver.
        receiver: Box<Expr>,
        /// Function or field.
        name: Ident,
        /// Arguments; `None` when written without parentheses.
        args: Option<Vec<Arg>>,
    },
    /// `x[i]`
    Index(Box<Expr>, Box<Expr>),
    /// `-x`, `not x`
    Unary(UnaryOp, Box<Expr>),
    /// `a + b` …
    Binary {
        /// Operator.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `if c { a } else { b }`
    If {
        /// Condition.
        cond: Box<Expr>,
        /// Then.
        then: Box<Expr>,
        /// Else; `None` is reported by the checker.
        otherwise: Option<Box<Expr>>,
    },
    /// `[expr for name in list if cond]`
    Comprehension {
        /// Element.
        element: Box<Expr>,
        /// Variable.
        name: Ident,
        /// List.
        list: Box<Expr>,
        /// Condition.
        cond: Option<Box<Expr>>,
    },
    /// `name => expr`; only as an argument.
    Lambda {
        /// Parameter.
        param: Ident,
        /// Body.
        body: Box<Expr>,
    },
    /// `expr as unit`
    As {
        /// Value.
        value: Box<Expr>,
        /// Unit.
        unit: &'static Unit,
        /// Where the unit stands.
        unit_span: Span,
    },
    /// Skipped by recovery.
    Error,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// `name =`
    pub name: Option<Ident>,
    /// Value.
    pub value: Expr,
    /// With the name.
    pub span: Span,
}

/// Prefix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `not`
    Not,
}

/// Infix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `and`
    And,
    /// `or`
    Or,
}

impl BinaryOp {
    /// As written.
    pub const fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
            BinaryOp::And => "and",
            BinaryOp::Or => "or",
        }
    }

    /// Whether it compares.
    pub const fn is_comparison(self) -> bool {
        use BinaryOp::*;
        matches!(self, Eq | Ne | Lt | Le | Gt | Ge)
    }
}
