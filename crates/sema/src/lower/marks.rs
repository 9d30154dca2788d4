//! Marks: which value of MIR is which expression of the user's text, and where it is complete. A trace reads
//! them; what is compiled and run otherwise has none.

use reasmory_ir::{BlockId, FuncId, Value};
use reasmory_ops::{InlineOp, Kind, OPS};
use reasmory_span::Span;
use reasmory_types::Ty;

use super::{Fx, Lowering};
use crate::hir::{Arith, Cmp, Expr, ExprKind};

/// What an expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// An operation of the table.
    Operation,
    /// A function of the program or the library.
    Function,
    /// An operator, a list, an `if`, an index or a field.
    Form,
}

/// An operand of a marked expression.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkInput {
    /// Name of the parameter; empty for operands of operators.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Where it is written.
    pub span: Span,
}

/// The value of `value`, once the instructions of `block` before `at` have run, is that of an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The function.
    pub function: FuncId,
    /// The block in which it is complete.
    pub block: BlockId,
    /// The number of instructions of the block before that.
    pub at: usize,
    /// The value.
    pub value: Value,
    /// What it is.
    pub sort: Sort,
    /// Name of the operation or function, or the operator.
    pub what: String,
    /// Where it is written.
    pub span: Span,
    /// The unit it is printed in, by its index in `types::UNITS`, where the program says so.
    pub unit: Option<u32>,
    /// Loops and functions as arguments around it, in its function.
    pub depth: u32,
    /// Operands, in evaluation order.
    pub inputs: Vec<MarkInput>,
}

impl Lowering<'_> {
    /// The name of a function's parameter.
    pub(super) fn parameter(&self, function: &str, index: usize) -> &str {
        self.program
            .functions
            .iter()
            .find(|f| f.name == function)
            .and_then(|f| f.body.locals.get(f.params.get(index)?.0 as usize))
            .map_or("", |l| &l.name)
    }

    pub(super) fn take_marks(&mut self) -> impl Iterator<Item = Mark> + use<> {
        self.marks.as_mut().map(std::mem::take).unwrap_or_default().into_iter()
    }
}

impl Fx<'_, '_> {
    /// Says what the expression being lowered is; called when its operands are.
    pub(super) fn note(
        &mut self,
        sort: Sort,
        what: &str,
        inputs: impl IntoIterator<Item = (String, Value, Span)>,
    ) {
        // What a library function does inside has no place of its own.
        if self.cx.marks.is_none() || self.at_call {
            return;
        }
        let inputs = inputs.into_iter().map(|(name, value, span)| MarkInput { name, value, span });
        self.noted = Some((sort, what.to_owned(), inputs.collect()));
    }

    /// [`Fx::note`] for an operation that lowering expands.
    pub(super) fn note_inline(&mut self, op: InlineOp, args: &[Expr], values: &[Value]) {
        if self.cx.marks.is_none() {
            return;
        }
        let Some(def) = OPS.iter().find(|o| o.kind == Kind::Inline(op)) else { return };
        let params = def.signature().params.iter().filter(|p| !matches!(p.ty, Ty::Fn(..)));
        let inputs = params.zip(args).zip(values);
        self.note(
            Sort::Operation,
            def.name,
            inputs.map(|((p, a), v)| (p.name.clone(), *v, a.span)).collect::<Vec<_>>(),
        );
    }

    /// [`Fx::note`] for an operation on the members of a written list, which is not made.
    pub(super) fn note_members(&mut self, op: InlineOp, items: &[Expr], values: &[Value]) {
        if self.cx.marks.is_none() {
            return;
        }
        let Some(def) = OPS.iter().find(|o| o.kind == Kind::Inline(op)) else { return };
        let members = items.iter().zip(values).map(|(i, v)| (String::new(), *v, i.span));
        self.note(Sort::Operation, def.name, members.collect::<Vec<_>>());
    }

    /// A value, with its mark.
    pub(super) fn value(&mut self, e: &Expr) -> Value {
        let outer = self.noted.take();
        let value = self.unmarked(e);
        let noted = std::mem::replace(&mut self.noted, outer);
        if let (Some((sort, what, inputs)), Some(marks)) = (noted, &mut self.cx.marks) {
            marks.push(Mark {
                function: FuncId(0),
                block: self.b.current(),
                at: self.b.position(),
                value,
                sort,
                what,
                span: e.span,
                unit: e.facts.unit.map(|u| u.index() as u32),
                depth: self.depth,
                inputs,
            });
        }
        value
    }
}

/// The operator.
pub(super) fn symbol(e: &ExprKind) -> &'static str {
    match e {
        ExprKind::Arith(op, ..) => match op {
            Arith::Add => "+",
            Arith::Sub => "-",
            Arith::Mul => "*",
            Arith::Div => "/",
        },
        ExprKind::Compare(op, ..) => match op {
            Cmp::Eq => "==",
            Cmp::Ne => "!=",
            Cmp::Lt => "<",
            Cmp::Le => "<=",
            Cmp::Gt => ">",
            Cmp::Ge => ">=",
        },
        ExprKind::Neg(_) => "-",
        ExprKind::Not(_) => "not",
        ExprKind::And(..) => "and",
        ExprKind::Or(..) => "or",
        _ => "",
    }
}
