//! Expressions to values.

use reasmory_ir::{CmpOp, InstKind, Target, TermKind, Value};
use reasmory_ops::OpId;
use reasmory_types::Ty;

use super::{Fx, mir_ty};
use crate::hir::{Arith, Cmp, Coercion, Expr, ExprKind};

impl Fx<'_, '_> {
    pub(super) fn value(&mut self, e: &Expr) -> Value {
        let loc = self.at(e.span);
        let ty = mir_ty(&e.ty);
        match &e.kind {
            ExprKind::Int(i) => self.int(*i, loc),
            ExprKind::Float(x) => self.b.inst(InstKind::ConstFloat(*x), ty, loc),
            ExprKind::Bool(b) => self.bool(*b, loc),
            ExprKind::Text(t) => {
                let id = self.cx.text(t);
                self.b.inst(InstKind::ConstText(id), Ty::Text, loc)
            }
            ExprKind::Category(c) => {
                let id = self.cx.text(c);
                self.b.inst(InstKind::ConstCategory(id), Ty::Category, loc)
            }
            ExprKind::Direction(d) => self.b.inst(InstKind::ConstDirection(*d), Ty::Direction, loc),
            ExprKind::Local(id) => match self.locals.get(id) {
                Some(v) => *v,
                None => unreachable!("a local is bound before it is read"),
            },
            ExprKind::List(items) => {
                let members = items.iter().map(|i| self.value(i)).collect();
                self.b.inst(InstKind::ListNew(members), ty, loc)
            }
            ExprKind::Range(a, b) => {
                let (a, b) = (self.value(a), self.value(b));
                self.b.inst(InstKind::ListRange(a, b), ty, loc)
            }
            ExprKind::Arith(op, a, b) => {
                let (x, y) = (self.value(a), self.value(b));
                let int = e.ty == Ty::Int;
                let kind = match (op, int) {
                    (Arith::Add, true) => InstKind::IAdd(x, y),
                    (Arith::Sub, true) => InstKind::ISub(x, y),
                    (Arith::Mul, true) => InstKind::IMul(x, y),
                    (Arith::Add, false) => InstKind::FAdd(x, y),
                    (Arith::Sub, false) => InstKind::FSub(x, y),
                    (Arith::Mul, false) => InstKind::FMul(x, y),
                    (Arith::Div, _) => InstKind::FDiv(x, y),
                };
                self.b.inst(kind, ty, loc)
            }
            ExprKind::Neg(x) => {
                let v = self.value(x);
                let kind = if e.ty == Ty::Int { InstKind::INeg(v) } else { InstKind::FNeg(v) };
                self.b.inst(kind, ty, loc)
            }
            ExprKind::Compare(op, a, b) => {
                let (x, y) = (self.value(a), self.value(b));
                let doubt = a.facts.measured || b.facts.measured;
                self.compare(*op, x, y, doubt, loc)
            }
            ExprKind::And(a, b) => {
                let cond = self.value(a);
                self.either(
                    cond,
                    &Ty::Bool,
                    loc,
                    |fx| Some(fx.value(b)),
                    |fx| Some(fx.bool(false, loc)),
                )
            }
            ExprKind::Or(a, b) => {
                let cond = self.value(a);
                self.either(
                    cond,
                    &Ty::Bool,
                    loc,
                    |fx| Some(fx.bool(true, loc)),
                    |fx| Some(fx.value(b)),
                )
            }
            ExprKind::Not(x) => {
                let v = self.value(x);
                self.b.inst(InstKind::Not(v), Ty::Bool, loc)
            }
            ExprKind::If(c, a, b) => {
                let cond = self.value(c);
                self.either(cond, &ty, loc, |fx| Some(fx.value(a)), |fx| Some(fx.value(b)))
            }
            ExprKind::Op { op, args, otherwise } => {
                let signature = op.def().signature();
                let values: Vec<Value> = signature
                    .params
                    .iter()
                    .zip(args)
                    .map(|(p, a)| match a {
                        Some(a) => self.value(a),
                        None => self.b.inst(InstKind::Absent, mir_ty(&p.ty), loc),
                    })
                    .collect();
                match otherwise {
                    None => self.b.inst(InstKind::Op(*op, values), ty, loc),
                    Some(other) => {
                        let (some, got) = self.b.block(std::slice::from_ref(&ty));
                        let (none, _) = self.b.block(&[]);
                        let (join, result) = self.b.block(&[ty]);
                        self.b.terminate(
                            TermKind::Try {
                                op: *op,
                                args: values,
                                some: Target { block: some, args: vec![] },
                                none: Target { block: none, args: vec![] },
                            },
                            loc,
                        );
                        self.b.switch_to(some);
                        self.b.jump(join, got, loc);
                        self.b.switch_to(none);
                        let v = self.value(other);
                        self.b.jump(join, vec![v], loc);
                        self.b.switch_to(join);
                        result[0]
                    }
                }
            }
            ExprKind::Inline { op, args, lambda, otherwise } => {
                self.inline(*op, args, lambda.as_deref(), otherwise.as_deref(), &ty, loc)
            }
            ExprKind::Call(name, args) => {
                let values = args.iter().map(|a| self.value(a)).collect();
                let place = self.place.unwrap_or(e.span);
                let id = self.cx.instance(name, place);
                self.b.inst(InstKind::Call(id, values), ty, loc)
            }
            ExprKind::Let(bindings, body) => {
                for (id, v) in bindings {
                    let v = self.value(v);
                    self.locals.insert(*id, v);
                }
                self.value(body)
            }
            ExprKind::Field(x, i) => {
                let v = self.value(x);
                self.b.inst(InstKind::Field(v, *i), ty, loc)
            }
            ExprKind::GroupKey(x) => {
                let v = self.value(x);
                self.b.inst(InstKind::GroupKey(v), ty, loc)
            }
            ExprKind::GroupMembers(x) => {
                let v = self.value(x);
                self.b.inst(InstKind::GroupMembers(v), ty, loc)
            }
            ExprKind::Index(x, i) => {
                let (l, i) = (self.value(x), self.value(i));
                self.b.inst(InstKind::ListGet(l, i), ty, loc)
            }
            ExprKind::Comprehension { local, list, cond, element } => {
                let l = self.value(list);
                let out = self.b.inst(InstKind::ListNew(vec![]), ty, loc);
                self.each(l, loc, &[], |fx, x, _, _| {
                    fx.locals.insert(*local, x);
                    match cond {
                        None => {
                            let v = fx.value(element);
                            fx.b.effect(InstKind::ListPush(out, v), loc);
                        }
                        Some(c) => {
                            let c = fx.value(c);
                            fx.when(c, loc, |fx| {
                                let v = fx.value(element);
                                fx.b.effect(InstKind::ListPush(out, v), loc);
                            });
                        }
                    }
                    vec![]
                });
                out
            }
            ExprKind::Coerce(c, x) => {
                let v = self.value(x);
                let kind = match c {
                    Coercion::IntToNumber => InstKind::IntToFloat(v),
                    Coercion::ToPlace => InstKind::ToPlace(v),
                    Coercion::ToMark => InstKind::ToMark(v),
                    Coercion::NounToCategory => InstKind::CategoryOf(v),
                    Coercion::NounToDirection => InstKind::DirectionOf(v),
                    // A noun is a text already.
                    Coercion::NounToText => return v,
                    Coercion::Singleton => InstKind::ListNew(vec![v]),
                };
                self.b.inst(kind, ty, loc)
            }
            ExprKind::Error => unreachable!("only a program without errors is lowered"),
        }
    }

    /// Does something where a condition holds.
    pub(super) fn when(
        &mut self,
        cond: Value,
        loc: reasmory_ir::Loc,
        then: impl FnOnce(&mut Self),
    ) {
        let (inside, _) = self.b.block(&[]);
        let (after, _) = self.b.block(&[]);
        self.branch(cond, inside, after, loc);
        self.b.switch_to(inside);
        then(self);
        self.b.jump(after, vec![], loc);
        self.b.switch_to(after);
    }

    pub(super) fn compare(
        &mut self,
        op: Cmp,
        a: Value,
        b: Value,
        doubt: bool,
        loc: reasmory_ir::Loc,
    ) -> Value {
        let cmp = match op {
            Cmp::Eq => CmpOp::Eq,
            Cmp::Ne => CmpOp::Ne,
            Cmp::Lt => CmpOp::Lt,
            Cmp::Le => CmpOp::Le,
            Cmp::Gt => CmpOp::Gt,
            Cmp::Ge => CmpOp::Ge,
        };
        match self.b.ty(a).clone() {
            Ty::Quantity(_) => self.b.inst(InstKind::FCmp { op: cmp, a, b, doubt }, Ty::Bool, loc),
            Ty::Int => self.b.inst(InstKind::ICmp(cmp, a, b), Ty::Bool, loc),
            Ty::Photo if !matches!(op, Cmp::Eq | Cmp::Ne) => {
                let (a, b) = (self.photo_number(a, loc), self.photo_number(b, loc));
                self.b.inst(InstKind::ICmp(cmp, a, b), Ty::Bool, loc)
            }
            _ => {
                let same = self.b.inst(InstKind::Same(a, b), Ty::Bool, loc);
                if op == Cmp::Ne { self.b.inst(InstKind::Not(same), Ty::Bool, loc) } else { same }
            }
        }
    }

    pub(super) fn photo_number(&mut self, p: Value, loc: reasmory_ir::Loc) -> Value {
        self.b.inst(InstKind::Op(OpId::Number, vec![p]), Ty::Int, loc)
    }
}
