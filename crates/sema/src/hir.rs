//! HIR: the typed program. Names are resolved to locals, calls to operations or functions, every implicit
//! conversion is a node, every argument stands at its parameter's place.

use std::sync::Arc;

use reasmory_ops::{InlineOp, OpId};
use reasmory_span::Span;
use reasmory_types::{Direction, Ty, Unit};

/// A local of a function (parameter, binding, loop or lambda variable).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalId(pub u32);

/// A value number: two expressions with the same one have the same value in every run. A view's identity,
/// and so a frame of reference, is its value number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vn(pub u32);

/// A checked program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// The main body.
    pub main: Body,
    /// Functions reachable from it; each calls only later ones.
    pub functions: Vec<Arc<Function>>,
}

/// A function.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Name.
    pub name: String,
    /// Parameters, in order.
    pub params: Vec<LocalId>,
    /// Result type.
    pub result: Ty,
    /// Body.
    pub body: Body,
    /// Whether it is the standard library's: its places are those of the user's call.
    pub std: bool,
}

/// Statements and their locals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// Locals by [`LocalId`].
    pub locals: Vec<Local>,
    /// Statements.
    pub stmts: Vec<Stmt>,
}

/// A local.
#[derive(Clone, Debug, PartialEq)]
pub struct Local {
    /// Name in the source.
    pub name: String,
    /// Type.
    pub ty: Ty,
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
    /// Binds a local.
    Bind(LocalId, Expr),
    /// Gives the answer, printed in a unit.
    Answer(Expr, Option<&'static Unit>),
    /// Shows an image.
    Show(Expr),
    /// Asserts a condition, with a reason.
    Assert(Expr, Option<Expr>),
    /// Returns from a function.
    Return(Expr),
    /// Branches.
    If(Expr, Vec<Stmt>, Vec<Stmt>),
    /// Iterates.
    For(LocalId, Expr, Vec<Stmt>),
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Ty,
    /// Where.
    pub span: Span,
    /// Value number.
    pub vn: Vn,
    /// What else the checker knows.
    pub facts: Facts,
}

/// Knowledge about a value that is not in its type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The view whose coordinates this is in, by value number, and how that view is written.
    pub frame: Option<(Vn, Arc<str>)>,
    /// The unit to print it in.
    pub unit: Option<&'static Unit>,
    /// Whether the memory's noise is in it.
    pub measured: bool,
    /// The literals a noun (or a list of nouns) can be.
    pub nouns: Vec<(String, Span)>,
    /// The instances it surely is (Object) or has (`List<Object>`), by id; needs a memory.
    pub instances: Option<Arc<[u32]>>,
    /// Number of members of a list, where known without running.
    pub len: Option<u64>,
    /// The Int it is, where known without running.
    pub int: Option<i64>,
    /// The category that a list holds every instance of: what `objects(category)` gave, by any name.
    pub all_of: Option<Box<Expr>>,
}

/// Binary arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arith {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
}

/// Comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cmp {
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
}

/// A conversion the checker inserts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coercion {
    /// Int to Number.
    IntToNumber,
    /// A thing to its place.
    ToPlace,
    /// A thing to its mark.
    ToMark,
    /// A noun to its category.
    NounToCategory,
    /// A noun to a direction.
    NounToDirection,
    /// A noun to text; a change of type only.
    NounToText,
    /// A value to the list of it.
    Singleton,
}

/// Kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// Int.
    Int(i64),
    /// Quantity in canonical units.
    Float(f64),
    /// Bool.
    Bool(bool),
    /// Text or noun.
    Text(String),
    /// Category constant.
    Category(String),
    /// Direction constant.
    Direction(Direction),
    /// Local.
    Local(LocalId),
    /// List.
    List(Vec<Expr>),
    /// Range of Ints.
    Range(Box<Expr>, Box<Expr>),
    /// Arithmetic on two Ints or two quantities (`ty` of the operands decides).
    Arith(Arith, Box<Expr>, Box<Expr>),
    /// Negation.
    Neg(Box<Expr>),
    /// Ordering or equality of two values of one type.
    Compare(Cmp, Box<Expr>, Box<Expr>),
    /// Short-circuit conjunction.
    And(Box<Expr>, Box<Expr>),
    /// Short-circuit disjunction.
    Or(Box<Expr>, Box<Expr>),
    /// Negation of a Bool.
    Not(Box<Expr>),
    /// Conditional.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// Intrinsic call; `None` is an absent optional argument.
    Op {
        /// Operation.
        op: OpId,
        /// One per parameter.
        args: Vec<Option<Expr>>,
        /// What to give where it has no value.
        otherwise: Option<Box<Expr>>,
    },
    /// Generic operation that lowering expands.
    Inline {
        /// Operation.
        op: InlineOp,
        /// Value arguments, in parameter order.
        args: Vec<Expr>,
        /// The function argument.
        lambda: Option<Box<Lambda>>,
        /// What to give where it has no value.
        otherwise: Option<Box<Expr>>,
    },
    /// Call of a function of [`Program::functions`], by name.
    Call(String, Vec<Expr>),
    /// Bindings around a value: a function expanded in place.
    Let(Vec<(LocalId, Expr)>, Box<Expr>),
    /// Field of a record.
    Field(Box<Expr>, u32),
    /// Key of a group.
    GroupKey(Box<Expr>),
    /// Members of a group.
    GroupMembers(Box<Expr>),
    /// Member at a 1-based index.
    Index(Box<Expr>, Box<Expr>),
    /// List comprehension.
    Comprehension {
        /// Variable.
        local: LocalId,
        /// List.
        list: Box<Expr>,
        /// Condition.
        cond: Option<Box<Expr>>,
        /// Element.
        element: Box<Expr>,
    },
    /// Conversion.
    Coerce(Coercion, Box<Expr>),
    /// Something already reported.
    Error,
}

/// A function argument, expanded where it is used.
#[derive(Clone, Debug, PartialEq)]
pub struct Lambda {
    /// Parameter.
    pub param: LocalId,
    /// Body.
    pub body: Expr,
}

impl Expr {
    /// Visits the direct sub-expressions, in evaluation order.
    pub fn for_each_child<'e>(&'e self, visit: &mut dyn FnMut(&'e Expr)) {
        use ExprKind as K;
        match &self.kind {
            K::Int(_)
            | K::Float(_)
            | K::Bool(_)
            | K::Text(_)
            | K::Category(_)
            | K::Direction(_)
            | K::Local(_)
            | K::Error => {}
            K::List(items) | K::Call(_, items) => items.iter().for_each(visit),
            K::Range(a, b)
            | K::Arith(_, a, b)
            | K::Compare(_, a, b)
            | K::And(a, b)
            | K::Or(a, b)
            | K::Index(a, b) => {
                visit(a);
                visit(b);
            }
            K::Neg(a)
            | K::Not(a)
            | K::Field(a, _)
            | K::GroupKey(a)
            | K::GroupMembers(a)
            | K::Coerce(_, a) => visit(a),
            K::If(a, b, c) => {
                visit(a);
                visit(b);
                visit(c);
            }
            K::Op { args, otherwise, .. } => {
                args.iter().flatten().for_each(&mut *visit);
                otherwise.iter().for_each(|o| visit(o));
            }
            K::Inline { args, lambda, otherwise, .. } => {
                args.iter().for_each(&mut *visit);
                lambda.iter().for_each(|l| visit(&l.body));
                otherwise.iter().for_each(|o| visit(o));
            }
            K::Let(bindings, body) => {
                bindings.iter().for_each(|b| visit(&b.1));
                visit(body);
            }
            K::Comprehension { list, cond, element, .. } => {
                visit(list);
                cond.iter().for_each(|c| visit(c));
                visit(element);
            }
        }
    }

    /// Direct sub-expressions, in evaluation order.
    pub fn children(&self) -> Vec<&Expr> {
        let mut out = Vec::new();
        self.for_each_child(&mut |e| out.push(e));
        out
    }
}
