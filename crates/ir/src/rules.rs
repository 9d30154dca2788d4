//! The typing rules: what each instruction takes and defines.

use reasmory_types::{Dim, Ty, UNITS};

use crate::{ConstText, FuncId, Function, Inst, InstKind, Intrinsic, Program, Value};

/// Whether values of this type exist at run time.
pub(crate) fn is_value(ty: &Ty) -> bool {
    match ty {
        Ty::Error | Ty::Noun | Ty::Extent | Ty::Fn(..) | Ty::Var(_) => false,
        Ty::List(t) => is_value(t),
        Ty::Group(k, t) => is_value(k) && is_value(t),
        _ => true,
    }
}

fn is_place(ty: &Ty) -> bool {
    match ty {
        Ty::List(t) => **t == Ty::Object,
        other => {
            matches!(other, Ty::Object | Ty::Point | Ty::View | Ty::Photo | Ty::Region | Ty::Place)
        }
    }
}

fn is_mark(ty: &Ty) -> bool {
    match ty {
        Ty::List(t) => is_mark(t),
        Ty::Route | Ty::Mark => true,
        other => is_place(other) && *other != Ty::Place,
    }
}

/// Whether values of this type stand in the arena, and so spend of the limit on values.
pub fn is_made(ty: &Ty) -> bool {
    matches!(
        ty,
        Ty::Text
            | Ty::Point
            | Ty::Vector
            | Ty::Local
            | Ty::Size
            | Ty::Box
            | Ty::View
            | Ty::Route
            | Ty::Mark
            | Ty::Place
            | Ty::Image
            | Ty::List(_)
    )
}

fn is_answer(ty: &Ty) -> bool {
    match ty {
        Ty::List(t) => is_answer(t),
        Ty::Group(k, t) => is_answer(k) && is_answer(t),
        other => {
            other.has_identity()
                || matches!(other, Ty::Point | Ty::Vector | Ty::Local | Ty::Size | Ty::View)
        }
    }
}

/// The type that an argument for a parameter of an operation has in MIR.
fn param_ty(declared: &Ty) -> &Ty {
    match declared {
        // Percentages are resolved by the lowering.
        Ty::Extent => &Ty::LENGTH,
        other => other,
    }
}

/// Arguments against the operation's signature.
pub(crate) fn check_op(f: &Function, op: Intrinsic, args: &[Value]) -> Result<(), String> {
    let params = &op.def().signature().params;
    if params.len() != args.len() {
        return Err(format!("the operation takes {} arguments", params.len()));
    }
    for (a, p) in args.iter().zip(params) {
        let (found, want) = (&f.values[a.0 as usize], param_ty(&p.ty));
        if found != want {
            return Err(format!("`{}` is `{want}`, but %{} is `{found}`", p.name, a.0));
        }
    }
    Ok(())
}

/// Which values of a function `ListNew` makes.
pub(crate) fn lists_made(f: &Function) -> Vec<bool> {
    let mut made = vec![false; f.values.len()];
    for inst in f.blocks.iter().flat_map(|b| &b.insts) {
        if let (InstKind::ListNew(_), Some(r)) = (&inst.kind, inst.result) {
            made[r.0 as usize] = true;
        }
    }
    made
}

/// Checks the instructions of one function.
pub(crate) struct Rules<'p> {
    pub(crate) program: &'p Program,
    pub(crate) index: usize,
    pub(crate) f: &'p Function,
    pub(crate) made: Vec<bool>,
}

type Checked = Result<(), String>;

impl Rules<'_> {
    fn ty(&self, v: Value) -> &Ty {
        &self.f.values[v.0 as usize]
    }

    fn expect(&self, v: Value, want: &Ty) -> Checked {
        if self.ty(v) == want {
            Ok(())
        } else {
            Err(format!("%{} is `{}`, not `{want}`", v.0, self.ty(v)))
        }
    }

    fn expect_all(&self, values: &[Value], want: &Ty) -> Checked {
        values.iter().try_for_each(|v| self.expect(*v, want))
    }

    fn dim(&self, v: Value) -> Result<Dim, String> {
        match self.ty(v) {
            Ty::Quantity(d) => Ok(*d),
            other => Err(format!("%{} is `{other}`, not a quantity", v.0)),
        }
    }

    fn member(&self, v: Value) -> Result<&Ty, String> {
        match self.ty(v) {
            Ty::List(t) => Ok(t),
            other => Err(format!("%{} is `{other}`, not a list", v.0)),
        }
    }

    fn text(&self, t: ConstText) -> Checked {
        if (t.0 as usize) < self.program.texts.len() {
            Ok(())
        } else {
            Err(format!("there is no text {}", t.0))
        }
    }

    fn identity(&self, ty: &Ty) -> Checked {
        if ty.has_identity() { Ok(()) } else { Err(format!("`{ty}` has no `same`")) }
    }

    /// The instruction's operands, and its result against the type that follows from them.
    pub(crate) fn check(&self, inst: &Inst) -> Checked {
        let found = inst.result.map(|r| self.ty(r));
        let expected = self.result(&inst.kind, found)?;
        match (found, expected) {
            (None, None) => Ok(()),
            (Some(f), Some(e)) if *f == e => Ok(()),
            (Some(f), Some(e)) => Err(format!("the result is `{e}`, not `{f}`")),
            (Some(_), None) => Err("the instruction defines nothing".into()),
            (None, Some(e)) => Err(format!("the result, a `{e}`, is not named")),
        }
    }

    /// The type of the result; `found` is given back where the instruction does not determine it.
    fn result(&self, kind: &InstKind, found: Option<&Ty>) -> Result<Option<Ty>, String> {
        use InstKind as I;
        Ok(Some(match kind {
            I::ConstInt(_) => Ty::Int,
            I::ConstFloat(x) => {
                if !x.is_finite() {
                    return Err("the constant is not a finite number".into());
                }
                match found {
                    Some(Ty::Quantity(d)) => Ty::Quantity(*d),
                    _ => return Err("a float constant is a quantity".into()),
                }
            }
            I::ConstBool(_) => Ty::Bool,
            I::ConstText(t) => {
                self.text(*t)?;
                Ty::Text
            }
            I::ConstCategory(t) => {
                self.text(*t)?;
                Ty::Category
            }
            I::ConstDirection(_) => Ty::Direction,
            I::Absent => found.ok_or("an absent argument has a type")?.clone(),

            I::FAdd(a, b) | I::FSub(a, b) | I::FMod(a, b) | I::FMin(a, b) | I::FMax(a, b) => {
                let ty = Ty::Quantity(self.dim(*a)?);
                self.expect(*b, &ty)?;
                ty
            }
            I::FMul(a, b) => Ty::Quantity(self.dim(*a)?.times(self.dim(*b)?)),
            I::FDiv(a, b) => Ty::Quantity(self.dim(*a)?.over(self.dim(*b)?)),
            I::FNeg(a) | I::FAbs(a) => Ty::Quantity(self.dim(*a)?),
            I::FSqrt(a) => match self.dim(*a)?.sqrt() {
                Some(d) => Ty::Quantity(d),
                None => return Err(format!("`{}` has no square root", self.ty(*a))),
            },
            I::FRound(_, a) => {
                self.expect(*a, &Ty::NUMBER)?;
                Ty::Int
            }
            I::IntToFloat(a) => {
                self.expect(*a, &Ty::Int)?;
                Ty::NUMBER
            }
            I::IAdd(a, b)
            | I::ISub(a, b)
            | I::IMul(a, b)
            | I::IMod(a, b)
            | I::IMin(a, b)
            | I::IMax(a, b) => {
                self.expect_all(&[*a, *b], &Ty::Int)?;
                Ty::Int
            }
            I::INeg(a) | I::IAbs(a) => {
                self.expect(*a, &Ty::Int)?;
                Ty::Int
            }
            I::FCmp { a, b, .. } => {
                self.expect(*b, &Ty::Quantity(self.dim(*a)?))?;
                Ty::Bool
            }
            I::ICmp(_, a, b) => {
                self.expect_all(&[*a, *b], &Ty::Int)?;
                Ty::Bool
            }
            I::Same(a, b) => {
                self.expect(*b, self.ty(*a))?;
                self.identity(self.ty(*a))?;
                Ty::Bool
            }
            I::Not(a) => {
                self.expect(*a, &Ty::Bool)?;
                Ty::Bool
            }

            I::ListNew(members) => {
                let Some(Ty::List(t)) = found else {
                    return Err("a list has a list type".into());
                };
                self.expect_all(members, t)?;
                Ty::List(t.clone())
            }
            I::ListPush(list, member) => {
                self.expect(*member, self.member(*list)?)?;
                if !self.made[list.0 as usize] {
                    return Err(format!("%{} is not a list made in this function", list.0));
                }
                return Ok(None);
            }
            I::ListLen(list) => {
                self.member(*list)?;
                Ty::Int
            }
            I::ListGet(list, index) => {
                self.expect(*index, &Ty::Int)?;
                self.member(*list)?.clone()
            }
            I::ListRange(a, b) => {
                self.expect_all(&[*a, *b], &Ty::Int)?;
                Ty::Int.list()
            }
            I::ListSortBy { list, keys, .. } => {
                let key = self.member(*keys)?;
                if !matches!(key, Ty::Quantity(_) | Ty::Int | Ty::Photo | Ty::Bool) {
                    return Err(format!("`{key}` has no order"));
                }
                self.member(*list)?.clone().list()
            }
            I::ListContains(list, x) => {
                let member = self.member(*list)?;
                self.expect(*x, member)?;
                self.identity(member)?;
                Ty::Bool
            }
            I::ListReverse(list) => self.member(*list)?.clone().list(),
            I::ListConcat(a, b) => {
                let ty = self.member(*a)?.clone().list();
                self.expect(*b, &ty)?;
                ty
            }
            I::Field(a, index) => {
                let record = self.ty(*a).record();
                match record.and_then(|r| r.fields.get(*index as usize)) {
                    Some((_, dim)) => Ty::Quantity(*dim),
                    None => return Err(format!("`{}` has no field {index}", self.ty(*a))),
                }
            }
            I::GroupKey(g) | I::GroupMembers(g) => match self.ty(*g) {
                Ty::Group(k, _) if matches!(kind, I::GroupKey(_)) => (**k).clone(),
                Ty::Group(_, t) => t.as_ref().clone().list(),
                other => return Err(format!("%{} is `{other}`, not a group", g.0)),
            },
            I::GroupBy(list, keys) => {
                let (member, key) = (self.member(*list)?, self.member(*keys)?);
                self.identity(key)?;
                Ty::Group(Box::new(key.clone()), Box::new(member.clone())).list()
            }

            I::CategoryOf(a) => {
                self.expect(*a, &Ty::Text)?;
                Ty::Category
            }
            I::DirectionOf(a) => {
                self.expect(*a, &Ty::Text)?;
                Ty::Direction
            }
            I::ToPlace(a) => {
                if !is_place(self.ty(*a)) {
                    return Err(format!("`{}` is no place", self.ty(*a)));
                }
                Ty::Place
            }
            I::ToMark(a) => {
                if !is_mark(self.ty(*a)) {
                    return Err(format!("`{}` is no mark", self.ty(*a)));
                }
                Ty::Mark
            }

            I::Op(op, args) => {
                check_op(self.f, *op, args)?;
                op.def().signature().result.clone()
            }
            I::Call(callee, args) => return self.call(*callee, args),

            I::Fuel => return Ok(None),
            I::Charge(v) => {
                if !is_made(self.ty(*v)) {
                    return Err(format!("making a `{}` spends nothing", self.ty(*v)));
                }
                return Ok(None);
            }
            I::Assert { cond, why } => {
                self.expect(*cond, &Ty::Bool)?;
                why.iter().try_for_each(|w| self.expect(*w, &Ty::Text))?;
                return Ok(None);
            }
            I::Show(image) => {
                self.expect(*image, &Ty::Image)?;
                return Ok(None);
            }
            I::Answer { value, unit } => {
                self.answer(*value, *unit)?;
                return Ok(None);
            }
        }))
    }

    fn call(&self, callee: FuncId, args: &[Value]) -> Result<Option<Ty>, String> {
        let Some(f) = self.program.functions.get(callee.0 as usize) else {
            return Err(format!("there is no function {}", callee.0));
        };
        if callee.0 as usize <= self.index {
            return Err("a function calls only functions after it".into());
        }
        let params = &f.blocks[0].params;
        if params.len() != args.len() {
            return Err(format!("the function takes {} arguments", params.len()));
        }
        for (a, p) in args.iter().zip(params) {
            self.expect(*a, &f.values[p.0 as usize])?;
        }
        Ok(f.result.clone())
    }

    fn answer(&self, value: Value, unit: Option<u32>) -> Checked {
        let ty = self.ty(value);
        if !is_answer(ty) {
            return Err(format!("`{ty}` is no answer"));
        }
        let Some(unit) = unit else { return Ok(()) };
        match (UNITS.get(unit as usize), ty) {
            (None, _) => Err(format!("there is no unit {unit}")),
            (Some(u), Ty::Quantity(d)) if u.dim != *d => {
                Err(format!("a `{ty}` cannot be printed in {}", u.name))
            }
            _ => Ok(()),
        }
    }
}
