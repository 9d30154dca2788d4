//! Operators by how tightly they bind, over what the grammar reads flat.
//!
//! Loosest first: `or`, `and`, `not`, comparisons, `..`, `+ -`, `* /`, `as`; `-` before an operand belongs to
//! the operand. Comparisons and ranges do not chain, which is reported.

use reasmory_span::Span;
use reasmory_types::Unit;

use crate::ast::*;
use crate::build::{Cx, binary, compare, expr, range, unary};

/// A part of an expression with operators. The grammar sees to their order: a chain starts with an operand
/// or a `not`, has an operand after every operator and every run of `not`, and `not` only at its start, after
/// `and`, after `or` and after `not`.
pub(crate) enum Link {
    Operand(Box<Expr>),
    Not(Span),
    Infix(BinaryOp, Span),
    /// `..`
    Range,
    /// `as` and a unit.
    As(&'static Unit, Span),
    /// `as` and what was reported already.
    AsBroken(Span),
}

pub(crate) fn link(mut chain: Vec<Link>, next: Link) -> Vec<Link> {
    chain.push(next);
    chain
}

/// The tree of a chain.
pub(crate) fn climb(cx: &mut Cx<'_>, chain: Vec<Link>) -> Box<Expr> {
    Climb { cx, links: chain.into_iter().peekable() }.or()
}

struct Climb<'a, 's> {
    cx: &'a mut Cx<'s>,
    links: std::iter::Peekable<std::vec::IntoIter<Link>>,
}

impl Climb<'_, '_> {
    /// The next operator if it is one of these.
    fn infix(&mut self, wanted: fn(BinaryOp) -> bool) -> Option<(BinaryOp, Span)> {
        match self.links.peek() {
            Some(Link::Infix(op, span)) if wanted(*op) => {
                let found = (*op, *span);
                self.links.next();
                Some(found)
            }
            _ => None,
        }
    }

    /// Operands of one level, joined from the left.
    fn level(
        &mut self,
        wanted: fn(BinaryOp) -> bool,
        operand: fn(&mut Self) -> Box<Expr>,
    ) -> Box<Expr> {
        let mut left = operand(self);
        while let Some((op, span)) = self.infix(wanted) {
            left = binary(left, op, span, operand(self));
        }
        left
    }

    fn or(&mut self) -> Box<Expr> {
        self.level(|op| op == BinaryOp::Or, Self::and)
    }

    fn and(&mut self) -> Box<Expr> {
        self.level(|op| op == BinaryOp::And, Self::not)
    }

    fn not(&mut self) -> Box<Expr> {
        match self.links.peek() {
            Some(Link::Not(s)) => {
                let start = s.start;
                self.links.next();
                let e = self.not();
                unary(UnaryOp::Not, start, e)
            }
            _ => self.comparison(),
        }
    }

    fn comparison(&mut self) -> Box<Expr> {
        let first = self.range();
        let Some((op, span)) = self.infix(BinaryOp::is_comparison) else { return first };
        let mut rest = vec![(op, span, self.range())];
        while let Some((op, span)) = self.infix(BinaryOp::is_comparison) {
            rest.push((op, span, self.range()));
        }
        compare(self.cx, first, rest)
    }

    fn range(&mut self) -> Box<Expr> {
        let first = self.sum();
        let mut rest = Vec::new();
        while matches!(self.links.peek(), Some(Link::Range)) {
            self.links.next();
            rest.push(self.sum());
        }
        if rest.is_empty() { first } else { range(self.cx, first, rest) }
    }

    fn sum(&mut self) -> Box<Expr> {
        self.level(|op| matches!(op, BinaryOp::Add | BinaryOp::Sub), Self::product)
    }

    fn product(&mut self) -> Box<Expr> {
        self.level(|op| matches!(op, BinaryOp::Mul | BinaryOp::Div), Self::with_unit)
    }

    fn with_unit(&mut self) -> Box<Expr> {
        let mut value = match self.links.next() {
            Some(Link::Operand(e)) => e,
            _ => unreachable!("the grammar puts an operand here"),
        };
        loop {
            match self.links.peek() {
                Some(Link::As(unit, unit_span)) => {
                    let (unit, unit_span) = (*unit, *unit_span);
                    let span = value.span.to(unit_span);
                    value = expr(ExprKind::As { value, unit, unit_span }, span);
                }
                // The value without its unit.
                Some(Link::AsBroken(broken)) => value.span.end = broken.end,
                _ => return value,
            }
            self.links.next();
        }
    }
}
