//! Searches: what asks a filtered list for its first member, or whether it has any, looks no further than
//! the first that passes. The list is not made.

use reasmory_ir::{CmpOp, InstKind, Loc, Value};
use reasmory_ops::InlineOp;
use reasmory_types::Ty;

use super::Fx;
use crate::hir::{Expr, ExprKind, Lambda, LocalId};

/// A list written as the members of another that pass.
pub(super) struct Filtered<'e> {
    /// The list that is filtered.
    of: &'e Expr,
    /// The member in the condition.
    member: LocalId,
    cond: &'e Expr,
    /// What stands in the list for a member that passes; nothing: the member.
    element: Option<&'e Expr>,
}

impl<'e> Filtered<'e> {
    /// What `list` filters, if it is written as a filter.
    pub(super) fn new(list: &'e Expr) -> Option<Self> {
        match &list.kind {
            ExprKind::Inline { op: InlineOp::Filter, args, lambda: Some(l), .. } => {
                let Lambda { param, body, .. } = &**l;
                Some(Self { of: args.first()?, member: *param, cond: body, element: None })
            }
            ExprKind::Comprehension { local, list, cond: Some(cond), element } => {
                Some(Self { of: list, member: *local, cond, element: Some(element) })
            }
            _ => None,
        }
    }
}

impl Fx<'_, '_> {
    /// `first` of a filtered list.
    pub(super) fn first_of(
        &mut self,
        f: &Filtered<'_>,
        otherwise: Option<&Expr>,
        ty: &Ty,
        loc: Loc,
    ) -> Value {
        let list = self.value(f.of);
        let (join, result) = self.b.block(std::slice::from_ref(ty));
        self.depth += 1;
        self.each(list, loc, &[], |fx, m, _, _| {
            fx.locals.insert(f.member, m);
            let hit = fx.value(f.cond);
            fx.when(hit, loc, |fx| {
                let v = f.element.map_or(m, |e| fx.value(e));
                fx.b.jump(join, vec![v], loc);
            });
            vec![]
        });
        self.depth -= 1;
        if let Some(v) = self.alternative(otherwise, "`first` of an empty list", loc) {
            self.b.jump(join, vec![v], loc);
        }
        self.b.switch_to(join);
        self.note_inline(InlineOp::First, std::slice::from_ref(f.of), &[list]);
        result[0]
    }

    /// `is_empty` of a filtered list.
    pub(super) fn none_of(&mut self, f: &Filtered<'_>, loc: Loc) -> Value {
        let list = self.value(f.of);
        let start = self.bool(false, loc);
        self.depth += 1;
        let found = self.each_until(list, loc, &[start], |fx, m, _, _| {
            fx.locals.insert(f.member, m);
            let hit = fx.value(f.cond);
            (vec![hit], Some(hit))
        })[0];
        self.depth -= 1;
        let none = self.b.inst(InstKind::Not(found), Ty::Bool, loc);
        self.note_inline(InlineOp::IsEmpty, std::slice::from_ref(f.of), &[list]);
        none
    }

    /// Whether a list that was made is empty.
    pub(super) fn is_empty(&mut self, list: Value, loc: Loc) -> Value {
        let (len, zero) = (self.b.inst(InstKind::ListLen(list), Ty::Int, loc), self.int(0, loc));
        self.b.inst(InstKind::ICmp(CmpOp::Eq, len, zero), Ty::Bool, loc)
    }
}
