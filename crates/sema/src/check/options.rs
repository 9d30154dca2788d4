//! `options()`: the options of the question, as a list of values of one type.

use reasmory_diag::{Code, Diagnostic};
use reasmory_span::Span;
use reasmory_types::{Direction, Ty, Unit};

use super::Checker;
use super::number::Tag;
use crate::hir::{Expr, ExprKind};
use crate::question::Typed;

impl Checker<'_> {
    /// The list, written out: what follows cannot tell it from one that the program holds itself.
    pub(super) fn options(&mut self, span: Span) -> Expr {
        let Some(question) = self.options.question.filter(|q| !q.options.is_empty()) else {
            let (message, help) = match self.options.question {
                None => (
                    "`options()` are those of a question, and none is given",
                    "give the question with `--question FILE`, or write the list out: `[\"…\", \"…\"]`",
                ),
                Some(_) => (
                    "`options()` are those of the question, and this one has none",
                    "answer without options, or write the list out: `[\"…\", \"…\"]`",
                ),
            };
            self.report(
                Diagnostic::new(Code::NoOptions, span, message).label("no options").help(help),
            );
            return self.error(span);
        };
        let known: Vec<&str> = self
            .scene()
            .map(|s| s.categories.iter().map(|c| c.name.as_str()).collect())
            .unwrap_or_default();
        let (members, ty): (Vec<Expr>, Ty) = match question.typed_options(&known) {
            Typed::Bools(all) => {
                (all.into_iter().map(|b| self.bool_value(b, span)).collect(), Ty::Bool)
            }
            Typed::Directions(all) => {
                (all.into_iter().map(|d| self.direction_value(d, span)).collect(), Ty::Direction)
            }
            Typed::Ints(all) => {
                (all.into_iter().map(|i| self.int_value(i, span)).collect(), Ty::Int)
            }
            Typed::Quantities(all, dim, unit) => {
                if dim.length != 0 {
                    self.require_metric(span, &"an option with a unit");
                }
                let ty = Ty::Quantity(dim);
                let value = |x| self.quantity_value(x, &ty, unit, span);
                (all.into_iter().map(value).collect(), ty.clone())
            }
            Typed::Words(all) => {
                (all.into_iter().map(|w| self.word_value(w, span)).collect(), Ty::Noun)
            }
        };
        let nouns = members.iter().flat_map(|m| m.facts.nouns.clone()).collect();
        let unit = members.first().and_then(|m| m.facts.unit);
        let len = members.len() as u64;
        let of: Vec<_> = members.iter().map(|m| m.vn).collect();
        let mut list = self.expr(ExprKind::List(members), ty.list(), span, "list", &of);
        list.facts.nouns = nouns;
        list.facts.unit = unit;
        list.facts.len = Some(len);
        list
    }

    fn bool_value(&mut self, b: bool, span: Span) -> Expr {
        self.expr(ExprKind::Bool(b), Ty::Bool, span, Tag::Bool(b), &[])
    }

    fn direction_value(&mut self, d: Direction, span: Span) -> Expr {
        self.expr(ExprKind::Direction(d), Ty::Direction, span, Tag::Direction(d), &[])
    }

    fn int_value(&mut self, i: i64, span: Span) -> Expr {
        let mut x = self.expr(ExprKind::Int(i), Ty::Int, span, Tag::Int(i), &[]);
        x.facts.int = Some(i);
        x
    }

    fn quantity_value(
        &mut self,
        value: f64,
        ty: &Ty,
        unit: Option<&'static Unit>,
        span: Span,
    ) -> Expr {
        let dim = if let Ty::Quantity(d) = ty { *d } else { reasmory_types::Dim::NONE };
        let tag = Tag::Quantity(value.to_bits(), dim);
        let mut x = self.expr(ExprKind::Float(value), ty.clone(), span, tag, &[]);
        x.facts.unit = unit;
        x
    }

    fn word_value(&mut self, word: String, span: Span) -> Expr {
        let text = ExprKind::Text(word.clone());
        let mut x = self.expr(text, Ty::Noun, span, Tag::Text(&word), &[]);
        x.facts.nouns = vec![(word, span)];
        x
    }
}
