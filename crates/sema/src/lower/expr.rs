//! Expressions to values.

use reasmory_ir::{CmpOp, InstKind, Target, TermKind, Value};
use reasmory_ops::OpId;
use reasmory_types::Ty;

use super::marks::symbol;
use super::{Fx, Sort, mir_ty};
use crate::hir::{Arith, Cmp, Coercion, Expr, ExprKind};

impl Fx<'_, '_> {
    /// A value; [`Fx::value`] adds its mark.
    pub(super) fn unmarked(&mut self, e: &Expr) -> Value {
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
                let members: Vec<Value> = items.iter().map(|i| self.value(i)).collect();
                self.note_form("list", items.iter().zip(members.iter().copied()));
                self.b.inst(InstKind::ListNew(members), ty, loc)
            }
            ExprKind::Range(a, b) => {
                let (x, y) = (self.value(a), self.value(b));
                self.note_form("..", [(&**a, x), (&**b, y)]);
                self.b.inst(InstKind::ListRange(x, y), ty, loc)
            }
            ExprKind::Arith(op, a, b) => {
                let (x, y) = (self.value(a), self.value(b));
                self.note_form(symbol(&e.kind), [(&**a, x), (&**b, y)]);
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
                self.note_form("-", [(&**x, v)]);
                let kind = if e.ty == Ty::Int { InstKind::INeg(v) } else { InstKind::FNeg(v) };
                self.b.inst(kind, ty, loc)
            }
            ExprKind::Compare(op, a, b) => {
                let (x, y) = (self.value(a), self.value(b));
                self.note_form(symbol(&e.kind), [(&**a, x), (&**b, y)]);
                let doubt = a.facts.measured || b.facts.measured;
                self.compare(*op, x, y, doubt, loc)
            }
            ExprKind::And(a, b) => {
                let cond = self.value(a);
                let v = self.either(
                    cond,
                    &Ty::Bool,
                    loc,
                    |fx| Some(fx.value(b)),
                    |fx| Some(fx.bool(false, loc)),
                );
                self.note_form(symbol(&e.kind), [(&**a, cond)]);
                v
            }
            ExprKind::Or(a, b) => {
                let cond = self.value(a);
                let v = self.either(
                    cond,
                    &Ty::Bool,
                    loc,
                    |fx| Some(fx.bool(true, loc)),
                    |fx| Some(fx.value(b)),
                );
                self.note_form(symbol(&e.kind), [(&**a, cond)]);
                v
            }
            ExprKind::Not(x) => {
                let v = self.value(x);
                self.note_form("not", [(&**x, v)]);
                self.b.inst(InstKind::Not(v), Ty::Bool, loc)
            }
            ExprKind::If(c, a, b) => {
                let cond = self.value(c);
                let v = self.either(cond, &ty, loc, |fx| Some(fx.value(a)), |fx| Some(fx.value(b)));
                self.note_form("if", [(&**c, cond)]);
                v
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
                let given: Vec<_> = signature
                    .params
                    .iter()
                    .zip(args)
                    .zip(&values)
                    .filter_map(|((p, a), v)| Some((p.name.clone(), *v, a.as_ref()?.span)))
                    .collect();
                let v = match otherwise {
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
                };
                self.note(Sort::Operation, op.name(), given);
                v
            }
            ExprKind::Inline { op, args, lambda, otherwise } => {
                self.inline(*op, args, lambda.as_deref(), otherwise.as_deref(), &ty, loc)
            }
            ExprKind::Call(name, args) => {
                let values: Vec<Value> = args.iter().map(|a| self.value(a)).collect();
                let given = args
                    .iter()
                    .zip(&values)
                    .enumerate()
                    .map(|(i, (a, v))| (self.cx.parameter(name, i).to_owned(), *v, a.span));
                let given: Vec<_> = given.collect();
                self.note(Sort::Function, name, given);
                let id = self.cx.function(name);
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
                self.note_form("field", [(&**x, v)]);
                self.b.inst(InstKind::Field(v, *i), ty, loc)
            }
            ExprKind::GroupKey(x) => {
                let v = self.value(x);
                self.note_form("key", [(&**x, v)]);
                self.b.inst(InstKind::GroupKey(v), ty, loc)
            }
            ExprKind::GroupMembers(x) => {
                let v = self.value(x);
                self.note_form("members", [(&**x, v)]);
                self.b.inst(InstKind::GroupMembers(v), ty, loc)
            }
            ExprKind::Index(x, i) => {
                let (l, n) = (self.value(x), self.value(i));
                self.note_form("index", [(&**x, l), (&**i, n)]);
                self.b.inst(InstKind::ListGet(l, n), ty, loc)
            }
            ExprKind::Comprehension { local, list, cond, element } => {
                let l = self.value(list);
                let out = self.b.inst(InstKind::ListNew(vec![]), ty, loc);
                self.depth += 1;
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
                self.depth -= 1;
                self.note_form("comprehension", [(&**list, l)]);
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

    fn note_form<'e>(&mut self, what: &str, inputs: impl IntoIterator<Item = (&'e Expr, Value)>) {
        let inputs = inputs.into_iter().map(|(e, v)| (String::new(), v, e.span));
        self.note(Sort::Form, what, inputs);
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
        if !self.b.is_terminated() {
            self.b.jump(after, vec![], loc);
        }
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
