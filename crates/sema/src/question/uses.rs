//! What a program uses: categories, operations, views.

use std::collections::{BTreeMap, BTreeSet};

use reasmory_ops::OpId;
use reasmory_span::Span;
use reasmory_types::Ty;

use super::flow::{Flow, Place};
use super::words;
use crate::hir::{Coercion, ExprKind};

/// What some expressions are computed from.
#[derive(Default)]
pub(crate) struct Uses<'h> {
    /// Categories and other nouns, sorted.
    pub(crate) nouns: BTreeSet<String>,
    /// Where a noun is written, for those that are written once.
    pub(crate) literals: BTreeMap<String, Span>,
    /// Operations, library functions, and `field` for what is read off a value.
    pub(crate) operations: BTreeSet<&'h str>,
    /// Whether every instance is looked at, whatever its category.
    pub(crate) everything: bool,
    /// Views from which something is told or shown.
    pub(crate) views: Vec<Place<'h>>,
}

/// Operations that make a view of a view: what they take is a step on the way.
pub(super) fn makes_view(op: OpId) -> bool {
    op.def().signature().result == Ty::View
}

impl<'h> Uses<'h> {
    /// Of everything that `roots` are computed from.
    pub(crate) fn of(flow: &Flow<'h>, roots: Vec<Place<'h>>) -> Uses<'h> {
        let mut uses = Uses::default();
        let mut written: BTreeMap<String, BTreeSet<Span>> = BTreeMap::new();
        for (e, _) in &roots {
            if e.ty == Ty::View {
                uses.views.push((e, 0));
            }
        }
        for (e, frame) in flow.reach(roots) {
            match &e.kind {
                ExprKind::Category(c) | ExprKind::Text(c) => {
                    uses.nouns.insert(c.clone());
                    if flow.is_users((e, frame)) {
                        written.entry(c.clone()).or_default().insert(e.span);
                    }
                }
                ExprKind::Call(name, _) => {
                    uses.operations.insert(name);
                }
                ExprKind::Inline { op, .. } => {
                    uses.operations.insert(inline_name(*op));
                }
                ExprKind::Op { op, args, .. } => {
                    uses.operations.insert(op.name());
                    uses.everything |= match op {
                        OpId::Objects => args.first().is_none_or(Option::is_none),
                        OpId::Categories => true,
                        _ => false,
                    };
                    if !makes_view(*op) {
                        let views = args.iter().flatten().filter_map(|a| view_in(a));
                        uses.views.extend(views.map(|v| (v, frame)));
                    }
                }
                ExprKind::List(items) => {
                    uses.views
                        .extend(items.iter().filter(|i| i.ty == Ty::View).map(|i| (i, frame)));
                }
                _ => {}
            }
        }
        let once = written.into_iter().filter(|w| w.1.len() == 1);
        uses.literals = once.filter_map(|(n, at)| Some((n, at.into_iter().next()?))).collect();
        uses
    }

    /// Whether an entity of a question is among what is used.
    pub(crate) fn names(&self, entity: &str) -> bool {
        self.nouns.iter().any(|n| words::names(entity, n))
    }
}

/// The view that an argument is, as itself or as the place where somebody stands.
fn view_in(arg: &crate::hir::Expr) -> Option<&crate::hir::Expr> {
    match &arg.kind {
        _ if arg.ty == Ty::View => Some(arg),
        ExprKind::Coerce(Coercion::ToPlace | Coercion::ToMark, x) if x.ty == Ty::View => Some(x),
        _ => None,
    }
}

fn inline_name(op: reasmory_ops::InlineOp) -> &'static str {
    reasmory_ops::OPS
        .iter()
        .find(|o| o.kind == reasmory_ops::Kind::Inline(op))
        .map_or("", |o| o.name)
}
