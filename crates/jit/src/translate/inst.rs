//! Instructions.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{self as clif, InstBuilder, StackSlotData, StackSlotKind, types};
use reasmory_ir::{CmpOp, InstKind, Value};
use reasmory_runtime::engine::Trap;
use reasmory_runtime::{ABSENT, place_tag};
use reasmory_types::Ty;

use super::{Translator, WORD, trusted};
use crate::JitError;
use crate::shims::{ARGS, Ctx, Helper, cmp_code, rounding_code};
use crate::symbols::{Callee, clif_type};

impl Translator<'_> {
    /// Translates an instruction; gives its result where it has one.
    pub(super) fn inst(&mut self, kind: &InstKind) -> Result<Option<clif::Value>, JitError> {
        use InstKind as I;
        Ok(Some(match kind {
            I::ConstInt(x) => self.iconst(*x),
            I::ConstFloat(x) => self.builder.ins().f64const(*x),
            I::ConstBool(b) => self.iconst(i64::from(*b)),
            // Constant texts sit in the arena at the handles of their indices.
            I::ConstText(t) => self.iconst(i64::from(t.0)),
            I::ConstCategory(t) => {
                // Resolved when the run was made, one word for each text; the verifier has checked the index.
                let all = self.builder.ins().load(types::I64, trusted(), self.ctx, Ctx::CATEGORIES);
                self.builder.ins().load(types::I64, trusted(), all, t.0 as i32 * WORD)
            }
            I::ConstDirection(d) => self.iconst(*d as i64),

            I::FAdd(a, b) => {
                let (a, b) = (self.get(*a)?, self.get(*b)?);
                let x = self.builder.ins().fadd(a, b);
                self.finite(x, Trap::NotFinite)
            }
            I::FSub(a, b) => {
                let (a, b) = (self.get(*a)?, self.get(*b)?);
                let x = self.builder.ins().fsub(a, b);
                self.finite(x, Trap::NotFinite)
            }
            I::FMul(a, b) => {
                let (a, b) = (self.get(*a)?, self.get(*b)?);
                let x = self.builder.ins().fmul(a, b);
                self.finite(x, Trap::NotFinite)
            }
            I::FDiv(a, b) => {
                let (a, b) = (self.get(*a)?, self.get(*b)?);
                let zero = self.builder.ins().f64const(0.0);
                let is_zero = self.builder.ins().fcmp(FloatCC::Equal, b, zero);
                self.fail_if(is_zero, Trap::ZeroDivisor);
                let x = self.builder.ins().fdiv(a, b);
                self.finite(x, Trap::NotFinite)
            }
            I::FMod(a, b) => {
                let args = [self.get(*a)?, self.get(*b)?];
                self.call(Callee::Helper(Helper::FloatMod), &args)?;
                self.output(types::F64)
            }
            I::FNeg(a) => {
                let a = self.get(*a)?;
                self.builder.ins().fneg(a)
            }
            I::FAbs(a) => {
                let a = self.get(*a)?;
                self.builder.ins().fabs(a)
            }
            I::FMin(a, b) => self.float_pick(FloatCC::LessThanOrEqual, *a, *b)?,
            I::FMax(a, b) => self.float_pick(FloatCC::GreaterThanOrEqual, *a, *b)?,
            I::FSqrt(a) => {
                // The root of a finite number is finite unless the number is negative.
                let a = self.get(*a)?;
                let x = self.builder.ins().sqrt(a);
                self.finite(x, Trap::NegativeRoot)
            }
            I::FRound(how, a) => {
                let how = self.iconst(rounding_code(*how));
                let a = self.get(*a)?;
                self.helper(Helper::Round, &[how, a])?
            }
            I::IntToFloat(a) => {
                let a = self.get(*a)?;
                self.builder.ins().fcvt_from_sint(types::F64, a)
            }

            I::IAdd(a, b) => {
                let (a, b) = (self.get(*a)?, self.get(*b)?);
                let (x, over) = self.builder.ins().sadd_overflow(a, b);
                self.fail_if(over, Trap::Overflow);
                x
            }
            I::ISub(a, b) => {
                let (a, b) = (self.get(*a)?, self.get(*b)?);
                let (x, over) = self.builder.ins().ssub_overflow(a, b);
                self.fail_if(over, Trap::Overflow);
                x
            }
            I::IMul(a, b) => {
                // No overflow where the high half only repeats the sign.
                let (a, b) = (self.get(*a)?, self.get(*b)?);
                let x = self.builder.ins().imul(a, b);
                let high = self.builder.ins().smulhi(a, b);
                let last_bit = self.iconst(63);
                let sign = self.builder.ins().sshr(x, last_bit);
                let over = self.builder.ins().icmp(IntCC::NotEqual, high, sign);
                self.fail_if(over, Trap::Overflow);
                x
            }
            I::IMod(a, b) => {
                let args = [self.get(*a)?, self.get(*b)?];
                self.helper(Helper::IntMod, &args)?
            }
            I::INeg(a) => {
                let a = self.get(*a)?;
                self.fail_if_least(a);
                self.builder.ins().ineg(a)
            }
            I::IAbs(a) => {
                let a = self.get(*a)?;
                self.fail_if_least(a);
                let zero = self.iconst(0);
                let negative = self.builder.ins().icmp(IntCC::SignedLessThan, a, zero);
                let negated = self.builder.ins().ineg(a);
                self.builder.ins().select(negative, negated, a)
            }
            I::IMin(a, b) => self.int_pick(IntCC::SignedLessThanOrEqual, *a, *b)?,
            I::IMax(a, b) => self.int_pick(IntCC::SignedGreaterThanOrEqual, *a, *b)?,
            I::FCmp { op, a, b, doubt } => self.float_compare(*op, *a, *b, *doubt)?,
            I::ICmp(op, a, b) => self.int_compare(int_cc(*op), *a, *b)?,
            I::Same(a, b) => match self.f.values[a.0 as usize] {
                Ty::Text | Ty::Quantity(_) | Ty::List(_) => {
                    let args = [self.get(*a)?, self.get(*b)?, self.type_of(*a)];
                    self.helper(Helper::Same, &args)?
                }
                // Identity of the slot is identity of the meaning.
                _ => self.int_compare(IntCC::Equal, *a, *b)?,
            },
            I::Not(a) => {
                let a = self.get(*a)?;
                let one = self.iconst(1);
                self.builder.ins().bxor(a, one)
            }

            I::ListNew(members) => {
                let count = self.iconst(members.len() as i64);
                let members =
                    members.iter().map(|m| self.get(*m)).collect::<Result<Vec<_>, _>>()?;
                let args = if members.len() < ARGS {
                    std::iter::once(count).chain(members).collect()
                } else {
                    vec![count, self.in_frame(&members)]
                };
                self.helper(Helper::ListNew, &args)?
            }
            I::ListPush(list, member) => {
                let args = [self.get(*list)?, self.get(*member)?];
                self.call(Callee::Helper(Helper::ListPush), &args)?;
                return Ok(None);
            }
            I::ListLen(list) => {
                let list = self.get(*list)?;
                self.helper(Helper::ListLen, &[list])?
            }
            I::ListGet(list, index) => {
                let args = [self.get(*list)?, self.get(*index)?];
                self.call(Callee::Helper(Helper::ListGet), &args)?;
                let member = match &self.f.values[list.0 as usize] {
                    Ty::List(t) => clif_type(t),
                    _ => types::I64,
                };
                self.output(member)
            }
            I::ListRange(a, b) => {
                let args = [self.get(*a)?, self.get(*b)?];
                self.helper(Helper::ListRange, &args)?
            }
            I::ListSortBy { list, keys, doubt } => {
                let (list, slots) = (self.get(*list)?, self.get(*keys)?);
                let args = [list, slots, self.iconst(i64::from(*doubt)), self.type_of(*keys)];
                self.helper(Helper::ListSortBy, &args)?
            }
            I::ListContains(list, x) => {
                let args = [self.get(*list)?, self.get(*x)?, self.type_of(*list)];
                self.helper(Helper::ListContains, &args)?
            }
            I::ListReverse(list) => {
                let list = self.get(*list)?;
                self.helper(Helper::ListReverse, &[list])?
            }
            I::ListConcat(a, b) => {
                let args = [self.get(*a)?, self.get(*b)?];
                self.helper(Helper::ListConcat, &args)?
            }
            I::Field(record, index) => {
                let args = [self.get(*record)?, self.iconst(i64::from(*index))];
                self.call(Callee::Helper(Helper::Field), &args)?;
                self.output(types::F64)
            }
            I::GroupKey(group) => {
                let args = [self.get(*group)?, self.iconst(0)];
                self.call(Callee::Helper(Helper::GroupPart), &args)?;
                let key = match &self.f.values[group.0 as usize] {
                    Ty::Group(k, _) => clif_type(k),
                    _ => types::I64,
                };
                self.output(key)
            }
            I::GroupMembers(group) => {
                let args = [self.get(*group)?, self.iconst(1)];
                self.helper(Helper::GroupPart, &args)?
            }
            I::GroupBy(list, keys) => {
                let args = [self.get(*list)?, self.get(*keys)?, self.type_of(*keys)];
                self.helper(Helper::GroupBy, &args)?
            }

            I::CategoryOf(text) => {
                let text = self.get(*text)?;
                self.helper(Helper::CategoryOf, &[text])?
            }
            I::DirectionOf(text) => {
                let text = self.get(*text)?;
                self.helper(Helper::DirectionOf, &[text])?
            }
            I::ToPlace(a) => {
                let ty = &self.f.values[a.0 as usize];
                let tag = place_tag(ty)
                    .ok_or_else(|| JitError::Codegen(format!("`{ty}` is no place")))?;
                let a = self.get(*a)?;
                if tag == 0 { a } else { self.builder.ins().bor_imm_u(a, tag as i64) }
            }
            I::ToMark(a) => {
                let args = [self.get(*a)?, self.type_of(*a)];
                self.helper(Helper::ToMark, &args)?
            }
            I::Op(op, args) => {
                let args = args.iter().map(|v| self.get(*v)).collect::<Result<Vec<_>, _>>()?;
                self.call(Callee::Op(*op), &args)?;
                self.output(clif_type(&op.def().signature().result))
            }
            other => return self.effect(other),
        }))
    }

    /// The instructions whose result, if any, depends on more than their kind.
    fn effect(&mut self, kind: &InstKind) -> Result<Option<clif::Value>, JitError> {
        use InstKind as I;
        match kind {
            I::Call(callee, args) => {
                let func = self.callee(Callee::Function(callee.0))?;
                let f = &self.program.functions[callee.0 as usize];
                let args = args.iter().map(|a| self.get(*a)).collect::<Result<Vec<_>, _>>()?;
                let words = if args.len() <= ARGS {
                    for (i, a) in args.iter().enumerate() {
                        let at = Ctx::ARGUMENTS + i as i32 * WORD;
                        self.builder.ins().store(trusted(), *a, self.ctx, at);
                    }
                    self.builder.ins().iadd_imm_s(self.ctx, i64::from(Ctx::ARGUMENTS))
                } else {
                    self.in_frame(&args)
                };
                // The callee spends the fuel of the call.
                let loc = self.loc_value();
                let call = self.builder.ins().call(func, &[self.ctx, loc, words]);
                let status = self.builder.inst_results(call)[0];
                self.check_status(status);
                return Ok(f.result.as_ref().map(|ty| self.output(clif_type(ty))));
            }
            I::Fuel => self.fuel()?,
            I::Assert { cond, why } => {
                let cond = self.get(*cond)?;
                let why = why.map(|w| self.get(w)).transpose()?;
                let (next, broken) = (self.builder.create_block(), self.builder.create_block());
                self.builder.ins().brif(cond, next, &[], broken, &[]);
                self.builder.set_cold_block(broken);
                self.builder.switch_to_block(broken);
                let args = match why {
                    Some(why) => [self.iconst(1), why],
                    None => [self.iconst(0), self.iconst(0)],
                };
                let status = self.status_of(Callee::Helper(Helper::Assert), &args)?;
                self.builder.ins().return_(&[status]);
                self.builder.switch_to_block(next);
            }
            I::Charge(value) => {
                let value = self.get(*value)?;
                self.call(Callee::Helper(Helper::Charge), &[value])?;
                return Ok(None);
            }
            I::Show(image) => {
                let image = self.get(*image)?;
                self.call(Callee::Helper(Helper::Show), &[image])?;
            }
            I::Answer { value, unit } => {
                let unit = i64::from(unit.unwrap_or(u32::MAX));
                let args = [self.get(*value)?, self.type_of(*value), self.iconst(unit)];
                self.call(Callee::Helper(Helper::Answer), &args)?;
            }
            other => return Err(JitError::Codegen(format!("{other:?} is not translated"))),
        }
        Ok(None)
    }

    /// Writes words to the frame and gives their address.
    fn in_frame(&mut self, words: &[clif::Value]) -> clif::Value {
        let bytes = words.len() as u32 * WORD as u32;
        let builder = &mut self.builder;
        let slot = *self.members.get_or_insert_with(|| {
            builder.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 0, 3))
        });
        let size = &mut self.builder.func.sized_stack_slots[slot].size;
        *size = bytes.max(*size);
        let base = self.builder.ins().stack_addr(types::I64, slot, 0);
        for (i, w) in words.iter().enumerate() {
            self.builder.ins().store(trusted(), *w, base, i as i32 * WORD);
        }
        base
    }

    /// The value, unless it is not finite: `x - x` is 0 for finite numbers and NaN for all others.
    pub(super) fn finite(&mut self, x: clif::Value, trap: Trap) -> clif::Value {
        let zero = self.builder.ins().fsub(x, x);
        let ordered = self.builder.ins().fcmp(FloatCC::Ordered, zero, zero);
        self.fail_unless(ordered, trap);
        x
    }

    fn fail_if_least(&mut self, x: clif::Value) {
        let least = self.iconst(i64::MIN);
        let is_least = self.builder.ins().icmp(IntCC::Equal, x, least);
        self.fail_if(is_least, Trap::Overflow);
    }

    /// The first operand where the comparison holds, else the second.
    fn float_pick(&mut self, cc: FloatCC, a: Value, b: Value) -> Result<clif::Value, JitError> {
        let (a, b) = (self.get(a)?, self.get(b)?);
        let first = self.builder.ins().fcmp(cc, a, b);
        Ok(self.builder.ins().select(first, a, b))
    }

    fn int_pick(&mut self, cc: IntCC, a: Value, b: Value) -> Result<clif::Value, JitError> {
        let (a, b) = (self.get(a)?, self.get(b)?);
        let first = self.builder.ins().icmp(cc, a, b);
        Ok(self.builder.ins().select(first, a, b))
    }

    fn int_compare(&mut self, cc: IntCC, a: Value, b: Value) -> Result<clif::Value, JitError> {
        let (a, b) = (self.get(a)?, self.get(b)?);
        let truth = self.builder.ins().icmp(cc, a, b);
        Ok(self.builder.ins().uextend(types::I64, truth))
    }

    /// Compares floats; measured ones go through the run where the memory is noisy.
    fn float_compare(
        &mut self,
        op: CmpOp,
        a: Value,
        b: Value,
        doubt: bool,
    ) -> Result<clif::Value, JitError> {
        let ty = a;
        let (a, b) = (self.get(a)?, self.get(b)?);
        let truth = self.builder.ins().fcmp(float_cc(op), a, b);
        let nominal = self.builder.ins().uextend(types::I64, truth);
        if !doubt {
            return Ok(nominal);
        }
        let (ask, done) = (self.builder.create_block(), self.builder.create_block());
        let decided = self.builder.append_block_param(done, types::I64);
        let noisy = self.builder.ins().load(types::I64, trusted(), self.ctx, Ctx::NOISY);
        self.builder.ins().brif(noisy, ask, &[], done, &[nominal.into()]);
        self.builder.switch_to_block(ask);
        let args = [self.iconst(cmp_code(op)), a, b, self.type_of(ty)];
        let asked = self.helper(Helper::Compare, &args)?;
        self.builder.ins().jump(done, &[asked.into()]);
        self.builder.switch_to_block(done);
        Ok(decided)
    }

    /// The slot of an absent argument, in the register its type lives in.
    pub(super) fn absent(&mut self, ty: &Ty) -> clif::Value {
        if ty.is_float() {
            self.builder.ins().f64const(f64::from_bits(ABSENT))
        } else {
            self.iconst(ABSENT as i64)
        }
    }
}

fn int_cc(op: CmpOp) -> IntCC {
    match op {
        CmpOp::Eq => IntCC::Equal,
        CmpOp::Ne => IntCC::NotEqual,
        CmpOp::Lt => IntCC::SignedLessThan,
        CmpOp::Le => IntCC::SignedLessThanOrEqual,
        CmpOp::Gt => IntCC::SignedGreaterThan,
        CmpOp::Ge => IntCC::SignedGreaterThanOrEqual,
    }
}

fn float_cc(op: CmpOp) -> FloatCC {
    match op {
        CmpOp::Eq => FloatCC::Equal,
        CmpOp::Ne => FloatCC::NotEqual,
        CmpOp::Lt => FloatCC::LessThan,
        CmpOp::Le => FloatCC::LessThanOrEqual,
        CmpOp::Gt => FloatCC::GreaterThan,
        CmpOp::Ge => FloatCC::GreaterThanOrEqual,
    }
}
