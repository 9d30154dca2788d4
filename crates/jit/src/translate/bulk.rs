//! Operations on single objects in hot code: loads from the memory's columns instead of a call each, the
//! members of a list read where they lie.
//!
//! # Invariant
//!
//! The context holds the number of rows and the address of each column; a column has that many words, and
//! neither moves or changes while the code runs (the run borrows the memory's index). An object `x` is read
//! at row `x - 1` after `x - 1 < rows` was tested, unsigned. A list is never changed once it was read (the
//! verifier's rule), so its members stay where `list_view` found them; member `i` is read after
//! `i - 1 < length` was tested. Whatever fails a test is left to the operation itself, which gives the value
//! or the fault it always gives. So is every object of a memory without columns, which has no rows.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self as clif, BlockArg, InstBuilder, MemFlagsData, StackSlot, types};
use cranelift_codegen::ir::{StackSlotData, StackSlotKind};
use reasmory_ir::{BlockId, Inst, InstKind, Value};
use reasmory_ops::OpId;
use reasmory_runtime::Column;
use reasmory_runtime::engine::Trap;
use reasmory_types::Ty;

use super::{Translator, WORD, trusted};
use crate::JitError;
use crate::shims::{Ctx, Helper};
use crate::symbols::{Callee, clif_type};

/// Where the members of a list lie.
#[derive(Clone, Copy)]
pub(super) struct View {
    pub(super) at: clif::Value,
    pub(super) len: clif::Value,
    /// The block that found out.
    pub(super) block: BlockId,
}

/// Memory that does not change while the code runs.
fn constant() -> MemFlagsData {
    trusted().with_readonly().with_can_move()
}

impl Translator<'_> {
    /// Translates an operation of hot code that has a way of its own; whether it has.
    pub(super) fn bulk(&mut self, inst: &Inst) -> Result<bool, JitError> {
        if let InstKind::Charge(v) = &inst.kind {
            let split = self.parts.contains_key(v);
            if split {
                self.call(Callee::Helper(Helper::ChargeOne), &[])?;
            }
            return Ok(split);
        }
        let Some(result) = inst.result else { return Ok(false) };
        match &inst.kind {
            InstKind::Field(record, index) => {
                let Some(parts) = self.parts.get(record) else { return Ok(false) };
                let part = parts[*index as usize];
                self.define(result, part);
            }
            InstKind::ListLen(list) => {
                let list_value = self.get(*list)?;
                self.call(Callee::Helper(Helper::ListView), &[list_value])?;
                let len = self.output(types::I64);
                let at = self.argument(0, types::I64);
                self.views.insert(*list, View { at, len, block: self.current });
                self.define(result, len);
            }
            InstKind::ListGet(list, index) => {
                let Some(view) = self.view(*list) else { return Ok(false) };
                self.member(*list, *index, view, result)?;
            }
            InstKind::Op(op, args) => return self.operation(*op, args, result),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn define(&mut self, result: Value, value: clif::Value) {
        self.values[result.0 as usize] = Some(value);
        self.keep(result);
    }

    /// A word that a helper left among the arguments.
    fn argument(&mut self, index: i32, ty: clif::Type) -> clif::Value {
        self.builder.ins().load(ty, trusted(), self.ctx, Ctx::ARGUMENTS + index * WORD)
    }

    /// Where a list lies, if that was found out on every way to here.
    fn view(&self, list: Value) -> Option<View> {
        let view = self.views.get(&list).copied()?;
        let (from, to) = (view.block.0 as usize, self.current.0 as usize);
        let dominates = self.graph.as_ref().is_some_and(|g| g.dominates(from, to));
        (from == to || dominates).then_some(view)
    }

    fn member(
        &mut self,
        list: Value,
        index: Value,
        view: View,
        result: Value,
    ) -> Result<(), JitError> {
        let ty = clif_type(&self.f.values[result.0 as usize]);
        let (list, index) = (self.get(list)?, self.get(index)?);
        let (slow, done) = self.two_ways(&[ty]);
        let row = self.builder.ins().iadd_imm_s(index, -1);
        let offset = self.within(row, view.len, slow);
        let at = self.builder.ins().iadd(view.at, offset);
        let value = self.builder.ins().load(ty, trusted(), at, 0);
        self.builder.ins().jump(done, &[value.into()]);
        self.builder.switch_to_block(slow);
        self.call(Callee::Helper(Helper::ListGet), &[list, index])?;
        let value = self.output(ty);
        self.builder.ins().jump(done, &[value.into()]);
        self.builder.switch_to_block(done);
        let value = self.builder.block_params(done)[0];
        self.define(result, value);
        Ok(())
    }

    fn operation(&mut self, op: OpId, args: &[Value], result: Value) -> Result<bool, JitError> {
        let object = |t: &Self, at: usize| match &t.f.values[args[at].0 as usize] {
            Ty::Object => Some(args[at]),
            _ => t.plan.object_at[args[at].0 as usize],
        };
        let first = if args.is_empty() { None } else { object(self, 0) };
        match (op, first) {
            (OpId::CenterDistance, _) => self.apart(op, args, result, 3)?,
            (OpId::HorizontalDistance, _) => self.apart(op, args, result, 2)?,
            (OpId::Volume, Some(x)) => self.number(op, args, x, result, Column::Volume)?,
            (OpId::TopHeight, Some(x)) => self.number(op, args, x, result, Column::TopHeight)?,
            (OpId::Confidence, Some(x)) => self.number(op, args, x, result, Column::Confidence)?,
            (OpId::Category, Some(x)) => self.number(op, args, x, result, Column::Category)?,
            (OpId::Size, Some(x)) if self.plan.split[result.0 as usize] => {
                self.record(op, args, x, result, Column::Length)?;
            }
            (OpId::Center, Some(x)) if self.plan.split[result.0 as usize] => {
                self.record(op, args, x, result, Column::CenterX)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn all(&mut self, args: &[Value]) -> Result<Vec<clif::Value>, JitError> {
        args.iter().map(|v| self.get(*v)).collect()
    }

    /// A cold block for what fails a test, and the block where both ways meet.
    fn two_ways(&mut self, meet: &[clif::Type]) -> (clif::Block, clif::Block) {
        let (slow, done) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(slow);
        for ty in meet {
            self.builder.append_block_param(done, *ty);
        }
        (slow, done)
    }

    /// Goes on where `row < rows`, else to `slow`. Gives the offset of the row.
    fn within(&mut self, row: clif::Value, rows: clif::Value, slow: clif::Block) -> clif::Value {
        let next = self.builder.create_block();
        let is_row = self.builder.ins().icmp(IntCC::UnsignedLessThan, row, rows);
        self.builder.ins().brif(is_row, next, &[], slow, &[]);
        self.builder.switch_to_block(next);
        self.builder.ins().ishl_imm_u(row, 3)
    }

    /// The offset of an object's row, else to `slow`.
    fn row(&mut self, object: clif::Value, slow: clif::Block) -> clif::Value {
        self.columns = true;
        let row = self.builder.ins().iadd_imm_s(object, -1);
        let rows = self.builder.ins().load(types::I64, constant(), self.ctx, Ctx::ROWS);
        self.within(row, rows, slow)
    }

    /// A word of the row at an offset.
    fn cell(&mut self, offset: clif::Value, column: i32, ty: clif::Type) -> clif::Value {
        let at = Ctx::COLUMNS + column * WORD;
        let base = self.builder.ins().load(types::I64, constant(), self.ctx, at);
        let at = self.builder.ins().iadd(base, offset);
        self.builder.ins().load(ty, trusted().with_readonly(), at, 0)
    }

    /// An operation whose value is a column.
    fn number(
        &mut self,
        op: OpId,
        args: &[Value],
        object: Value,
        result: Value,
        column: Column,
    ) -> Result<(), JitError> {
        let ty = clif_type(&self.f.values[result.0 as usize]);
        let (object, args) = (self.get(object)?, self.all(args)?);
        let (slow, done) = self.two_ways(&[ty]);
        let offset = self.row(object, slow);
        let value = self.cell(offset, column as i32, ty);
        self.builder.ins().jump(done, &[value.into()]);
        self.builder.switch_to_block(slow);
        self.call(Callee::Op(op), &args)?;
        let value = self.output(ty);
        self.builder.ins().jump(done, &[value.into()]);
        self.builder.switch_to_block(done);
        let value = self.builder.block_params(done)[0];
        self.define(result, value);
        Ok(())
    }

    /// A record of which only components are used: three columns, and no value in the arena. It counts
    /// against the run's limit all the same, so that both engines reach that at the same place.
    fn record(
        &mut self,
        op: OpId,
        args: &[Value],
        object: Value,
        result: Value,
        first: Column,
    ) -> Result<(), JitError> {
        let (object, args) = (self.get(object)?, self.all(args)?);
        let (slow, done) = self.two_ways(&[types::F64; 3]);
        let offset = self.row(object, slow);
        let at = self.builder.ins().load(types::I64, constant(), self.ctx, Ctx::LEFT);
        let left = self.builder.ins().load(types::I64, trusted(), at, 0);
        let next = self.builder.create_block();
        self.builder.ins().brif(left, next, &[], slow, &[]);
        self.builder.switch_to_block(next);
        let less = self.builder.ins().iadd_imm_s(left, -1);
        self.builder.ins().store(trusted(), less, at, 0);
        let parts: Vec<BlockArg> =
            (0..3).map(|i| self.cell(offset, first as i32 + i, types::F64).into()).collect();
        self.builder.ins().jump(done, &parts);
        self.builder.switch_to_block(slow);
        self.call(Callee::Op(op), &args)?;
        let handle = self.output(types::I64);
        self.call(Callee::Helper(Helper::Record), &[handle])?;
        let parts: Vec<BlockArg> = (0..3).map(|i| self.argument(i, types::F64).into()).collect();
        self.builder.ins().jump(done, &parts);
        self.builder.switch_to_block(done);
        let parts = self.builder.block_params(done);
        let parts = [parts[0], parts[1], parts[2]];
        self.parts.insert(result, parts);
        Ok(())
    }

    /// The distance of two centres along the first `axes` axes: the operations of `Vec3::norm`, in their
    /// order.
    fn apart(
        &mut self,
        op: OpId,
        args: &[Value],
        result: Value,
        axes: usize,
    ) -> Result<(), JitError> {
        let ends: Vec<Option<Value>> =
            args.iter().map(|v| self.plan.object_at[v.0 as usize]).collect();
        let places = self.all(args)?;
        let objects = ends
            .iter()
            .map(|e| e.map(|v| self.get(v)).transpose())
            .collect::<Result<Vec<_>, JitError>>()?;
        let (slow, done) = self.two_ways(&[types::F64]);
        let mut centers: Vec<Vec<clif::Value>> = Vec::new();
        for (i, object) in objects.iter().enumerate() {
            centers.push(match object {
                Some(x) => {
                    let offset = self.row(*x, slow);
                    let first = Column::CenterX as i32;
                    (0..axes as i32).map(|a| self.cell(offset, first + a, types::F64)).collect()
                }
                None => self.anchor(args[i], places[i], op, axes)?,
            });
        }
        let [from, to] = centers.as_slice() else {
            return Err(JitError::Codegen("a distance has two ends".into()));
        };
        let mut sum: Option<clif::Value> = None;
        for (a, b) in from.iter().zip(to) {
            let d = self.builder.ins().fsub(*a, *b);
            let square = self.builder.ins().fmul(d, d);
            sum = Some(match sum {
                None => square,
                Some(s) => self.builder.ins().fadd(s, square),
            });
        }
        let Some(sum) = sum else { return Err(JitError::Codegen("no axes".into())) };
        let norm = self.builder.ins().sqrt(sum);
        let norm = self.finite(norm, Trap::NotFinite);
        self.builder.ins().jump(done, &[norm.into()]);
        self.builder.switch_to_block(slow);
        self.call(Callee::Op(op), &places)?;
        let value = self.output(types::F64);
        self.builder.ins().jump(done, &[value.into()]);
        self.builder.switch_to_block(done);
        let value = self.builder.block_params(done)[0];
        self.define(result, value);
        Ok(())
    }

    /// The centre of a place of any kind, asked for once while the value is the same: the frame holds
    /// whether it was asked for, and the answer.
    fn anchor(
        &mut self,
        place: Value,
        value: clif::Value,
        op: OpId,
        axes: usize,
    ) -> Result<Vec<clif::Value>, JitError> {
        let Some(slot) = self.anchors.get(&place).copied() else {
            return Err(JitError::Codegen(format!("%{} has no anchor", place.0)));
        };
        let (ask, have) = (self.builder.create_block(), self.builder.create_block());
        let asked = self.builder.ins().stack_load(types::I64, types::I64, slot, 0);
        self.builder.ins().brif(asked, have, &[], ask, &[]);
        self.builder.switch_to_block(ask);
        self.builder.set_cold_block(ask);
        let op = self.iconst(op as i64);
        self.call(Callee::Helper(Helper::PlaceCenter), &[value, op])?;
        for i in 0..3 {
            let x = self.argument(i, types::F64);
            self.builder.ins().stack_store(types::I64, x, slot, (i + 1) * WORD);
        }
        let one = self.iconst(1);
        self.builder.ins().stack_store(types::I64, one, slot, 0);
        self.builder.ins().jump(have, &[]);
        self.builder.switch_to_block(have);
        Ok((0..axes as i32)
            .map(|i| self.builder.ins().stack_load(types::I64, types::F64, slot, (i + 1) * WORD))
            .collect())
    }

    /// Frame words for the centres that hot code may ask for, one set for each place.
    pub(super) fn make_anchors(&mut self) {
        for v in self.plan.anchors.clone() {
            let slot = self.anchor_slot();
            self.anchors.insert(v, slot);
        }
    }

    fn anchor_slot(&mut self) -> StackSlot {
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, 4 * WORD as u32, 3);
        self.builder.create_sized_stack_slot(data)
    }

    /// A place has a new value: its centre was not asked for.
    pub(super) fn forget_anchor(&mut self, v: Value) {
        if let Some(slot) = self.anchors.get(&v).copied() {
            let no = self.iconst(0);
            self.builder.ins().stack_store(types::I64, no, slot, 0);
        }
    }
}
