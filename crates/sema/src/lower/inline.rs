//! Generic operations to loops and instructions.

use reasmory_ir::{CmpOp, InstKind, Loc, Rounding, Value};
use reasmory_ops::InlineOp;
use reasmory_types::Ty;

use super::Fx;
use super::search::Filtered;
use crate::hir::{Cmp, Expr, ExprKind, Lambda};

impl Fx<'_, '_> {
    pub(super) fn inline(
        &mut self,
        op: InlineOp,
        args: &[Expr],
        lambda: Option<&Lambda>,
        otherwise: Option<&Expr>,
        ty: &Ty,
        loc: Loc,
    ) -> Value {
        if let (InlineOp::Min | InlineOp::Max, ExprKind::List(items)) = (op, &args[0].kind)
            && !items.is_empty()
        {
            return self.least_of(op, items, ty, loc);
        }
        if let (InlineOp::First | InlineOp::IsEmpty, Some(f)) = (op, Filtered::new(&args[0])) {
            return match op {
                InlineOp::First => self.first_of(&f, otherwise, ty, loc),
                _ => self.none_of(&f, loc),
            };
        }
        let values: Vec<Value> = args.iter().map(|a| self.value(a)).collect();
        let x = values[0];
        let measured = args.iter().any(|a| a.facts.measured);
        let made = match op {
            InlineOp::Filter => {
                let out = self.b.inst(InstKind::ListNew(vec![]), ty.clone(), loc);
                self.each(x, loc, &[], |fx, m, _, _| {
                    let keep = fx.apply(lambda, m);
                    fx.when(keep, loc, |fx| fx.b.effect(InstKind::ListPush(out, m), loc));
                    vec![]
                });
                out
            }
            InlineOp::Map => {
                let out = self.b.inst(InstKind::ListNew(vec![]), ty.clone(), loc);
                self.each(x, loc, &[], |fx, m, _, _| {
                    let v = fx.apply(lambda, m);
                    fx.b.effect(InstKind::ListPush(out, v), loc);
                    vec![]
                });
                out
            }
            InlineOp::Any => {
                let start = self.bool(false, loc);
                self.each_until(x, loc, &[start], |fx, m, _, _| {
                    let hit = fx.apply(lambda, m);
                    (vec![hit], Some(hit))
                })[0]
            }
            InlineOp::All => {
                let start = self.bool(true, loc);
                self.each_until(x, loc, &[start], |fx, m, _, _| {
                    let holds = fx.apply(lambda, m);
                    let miss = fx.b.inst(InstKind::Not(holds), Ty::Bool, loc);
                    (vec![holds], Some(miss))
                })[0]
            }
            InlineOp::MinBy | InlineOp::MaxBy => self.extreme(op, x, lambda, otherwise, ty, loc),
            InlineOp::SortBy | InlineOp::GroupBy => {
                let Some(l) = lambda else { unreachable!("a key function") };
                let key = super::mir_ty(&l.body.ty);
                let keys = self.b.inst(InstKind::ListNew(vec![]), key.list(), loc);
                self.each(x, loc, &[], |fx, m, _, _| {
                    let v = fx.apply(lambda, m);
                    fx.b.effect(InstKind::ListPush(keys, v), loc);
                    vec![]
                });
                let kind = if op == InlineOp::SortBy {
                    InstKind::ListSortBy { list: x, keys, doubt: l.body.facts.measured }
                } else {
                    InstKind::GroupBy(x, keys)
                };
                self.b.inst(kind, ty.clone(), loc)
            }
            InlineOp::Count => self.b.inst(InstKind::ListLen(x), Ty::Int, loc),
            InlineOp::IsEmpty => self.is_empty(x, loc),
            InlineOp::Contains => self.b.inst(InstKind::ListContains(x, values[1]), Ty::Bool, loc),
            InlineOp::Reverse => self.b.inst(InstKind::ListReverse(x), ty.clone(), loc),
            InlineOp::First | InlineOp::Last => {
                let name = if op == InlineOp::First { "first" } else { "last" };
                let ty2 = ty.clone();
                self.of_members(x, name, otherwise, ty, loc, |fx, len| {
                    let i = if op == InlineOp::First { fx.int(1, loc) } else { len };
                    fx.b.inst(InstKind::ListGet(x, i), ty2, loc)
                })
            }
            InlineOp::Sum => {
                let zero = if *ty == Ty::Int {
                    self.int(0, loc)
                } else {
                    self.b.inst(InstKind::ConstFloat(0.0), ty.clone(), loc)
                };
                self.total(x, zero, ty, loc)
            }
            InlineOp::Mean => {
                let ty2 = ty.clone();
                self.of_members(x, "mean", otherwise, ty, loc, |fx, len| {
                    let zero = fx.b.inst(InstKind::ConstFloat(0.0), ty2.clone(), loc);
                    let total = fx.total(x, zero, &ty2, loc);
                    let n = fx.b.inst(InstKind::IntToFloat(len), Ty::NUMBER, loc);
                    fx.b.inst(InstKind::FDiv(total, n), ty2, loc)
                })
            }
            InlineOp::Min | InlineOp::Max => {
                let name = if op == InlineOp::Min { "min" } else { "max" };
                let ty2 = ty.clone();
                self.of_members(x, name, otherwise, ty, loc, |fx, _| {
                    let one = fx.int(1, loc);
                    let start = fx.b.inst(InstKind::ListGet(x, one), ty2.clone(), loc);
                    fx.each(x, loc, &[start], |fx, m, _, best| {
                        let kind = fx.better(op, &ty2, best[0], m);
                        vec![fx.b.inst(kind, ty2.clone(), loc)]
                    })[0]
                })
            }
            InlineOp::Abs => {
                let kind = if *ty == Ty::Int { InstKind::IAbs(x) } else { InstKind::FAbs(x) };
                self.b.inst(kind, ty.clone(), loc)
            }
            InlineOp::Sqrt => self.b.inst(InstKind::FSqrt(x), ty.clone(), loc),
            InlineOp::Mod => {
                let kind = if *ty == Ty::Int {
                    InstKind::IMod(x, values[1])
                } else {
                    InstKind::FMod(x, values[1])
                };
                self.b.inst(kind, ty.clone(), loc)
            }
            InlineOp::Round => self.b.inst(InstKind::FRound(Rounding::Nearest, x), Ty::Int, loc),
            InlineOp::RoundDown => self.b.inst(InstKind::FRound(Rounding::Floor, x), Ty::Int, loc),
            InlineOp::RoundUp => self.b.inst(InstKind::FRound(Rounding::Ceil, x), Ty::Int, loc),
            InlineOp::Near => {
                let q = self.b.ty(x).clone();
                let d = self.b.inst(InstKind::FSub(x, values[1]), q.clone(), loc);
                let d = self.b.inst(InstKind::FAbs(d), q, loc);
                self.compare(Cmp::Le, d, values[2], measured, loc)
            }
            // The checker writes the list out.
            InlineOp::Options => unreachable!("`options()` is a list"),
        };
        self.note_inline(op, args, &values);
        made
    }

    /// `min(a, b, …)` and `max(a, b, …)` of written values: no list is made.
    fn least_of(&mut self, op: InlineOp, items: &[Expr], ty: &Ty, loc: Loc) -> Value {
        let values: Vec<Value> = items.iter().map(|i| self.value(i)).collect();
        let mut best = values[0];
        for v in &values[1..] {
            let kind = self.better(op, ty, best, *v);
            best = self.b.inst(kind, ty.clone(), loc);
        }
        self.note_members(op, items, &values);
        best
    }

    fn better(&self, op: InlineOp, ty: &Ty, best: Value, v: Value) -> InstKind {
        match (op, ty) {
            (InlineOp::Min, Ty::Int) => InstKind::IMin(best, v),
            (InlineOp::Min, _) => InstKind::FMin(best, v),
            (_, Ty::Int) => InstKind::IMax(best, v),
            _ => InstKind::FMax(best, v),
        }
    }

    /// The body of a lambda for one member.
    fn apply(&mut self, lambda: Option<&Lambda>, member: Value) -> Value {
        let Some(l) = lambda else { unreachable!("the checker gave the operation its function") };
        self.locals.insert(l.param, member);
        self.depth += 1;
        let value = self.value(&l.body);
        self.depth -= 1;
        value
    }

    /// A value that a list has only when it has members.
    fn of_members(
        &mut self,
        list: Value,
        name: &str,
        otherwise: Option<&Expr>,
        ty: &Ty,
        loc: Loc,
        value: impl FnOnce(&mut Self, Value) -> Value,
    ) -> Value {
        let len = self.b.inst(InstKind::ListLen(list), Ty::Int, loc);
        let zero = self.int(0, loc);
        let some = self.b.inst(InstKind::ICmp(CmpOp::Gt, len, zero), Ty::Bool, loc);
        self.either(
            some,
            ty,
            loc,
            |fx| Some(value(fx, len)),
            |fx| fx.alternative(otherwise, &format!("`{name}` of an empty list"), loc),
        )
    }

    fn total(&mut self, list: Value, zero: Value, ty: &Ty, loc: Loc) -> Value {
        self.each(list, loc, &[zero], |fx, m, _, sum| {
            let kind =
                if *ty == Ty::Int { InstKind::IAdd(sum[0], m) } else { InstKind::FAdd(sum[0], m) };
            vec![fx.b.inst(kind, ty.clone(), loc)]
        })[0]
    }

    /// `min_by` and `max_by`: one pass; the first of equal keys wins.
    fn extreme(
        &mut self,
        op: InlineOp,
        list: Value,
        lambda: Option<&Lambda>,
        otherwise: Option<&Expr>,
        ty: &Ty,
        loc: Loc,
    ) -> Value {
        let Some(l) = lambda else { unreachable!("a key function") };
        let (name, cmp) =
            if op == InlineOp::MinBy { ("min_by", Cmp::Lt) } else { ("max_by", Cmp::Gt) };
        let photo = l.body.ty == Ty::Photo;
        let key_ty = if photo { Ty::Int } else { super::mir_ty(&l.body.ty) };
        let ty = ty.clone();
        self.of_members(list, name, otherwise, &ty.clone(), loc, |fx, _| {
            let one = fx.int(1, loc);
            let best = fx.b.inst(InstKind::ListGet(list, one), ty.clone(), loc);
            // The first member's key replaces this in the first turn.
            let key = if key_ty == Ty::Int {
                fx.int(0, loc)
            } else {
                fx.b.inst(InstKind::ConstFloat(0.0), key_ty.clone(), loc)
            };
            fx.each(list, loc, &[best, key], |fx, m, i, state| {
                let mut k = fx.apply(lambda, m);
                if photo {
                    k = fx.photo_number(k, loc);
                }
                let one = fx.int(1, loc);
                let first = fx.b.inst(InstKind::ICmp(CmpOp::Eq, i, one), Ty::Bool, loc);
                let doubt = l.body.facts.measured;
                let take = fx.either(
                    first,
                    &Ty::Bool,
                    loc,
                    |fx| Some(fx.bool(true, loc)),
                    |fx| Some(fx.compare(cmp, k, state[1], doubt, loc)),
                );
                let (yes, _) = fx.b.block(&[]);
                let (join, out) = fx.b.block(&[ty.clone(), key_ty.clone()]);
                fx.b.terminate(
                    reasmory_ir::TermKind::Branch {
                        cond: take,
                        then: reasmory_ir::Target { block: yes, args: vec![] },
                        otherwise: reasmory_ir::Target { block: join, args: state.to_vec() },
                    },
                    loc,
                );
                fx.b.switch_to(yes);
                fx.b.jump(join, vec![m, k], loc);
                fx.b.switch_to(join);
                out
            })[0]
        })
    }
}
