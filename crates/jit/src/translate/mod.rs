//! One MIR function to one CLIF function.
//!
//! MIR values are CLIF values and MIR block parameters are CLIF block parameters, so the translation
//! walks the blocks once, in an order in which definitions come before uses. Checks branch to two shared
//! cold blocks: `exit` returns the status of a call, `fail` reports a fault of arithmetic first.

mod inst;

use std::collections::BTreeMap;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    self as clif, BlockArg, InstBuilder, MemFlagsData, StackSlot, StackSlotData, StackSlotKind,
    types,
};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use reasmory_ir::{
    Function, InstKind, Loc, Program, Target, TermKind, Terminator, Value, reachable_blocks,
};
use reasmory_runtime::Status;
use reasmory_runtime::engine::Trap;

use crate::JitError;
use crate::shims::{Ctx, Helper};
use crate::symbols::{Callee, Imports, clif_type};

/// Fills `out` with the code of one function of a program.
pub(crate) fn function(
    program: &Program,
    index: usize,
    target: TargetFrontendConfig,
    imports: &mut dyn Imports,
    context: &mut FunctionBuilderContext,
    out: &mut clif::Function,
) -> Result<(), JitError> {
    let mut builder = FunctionBuilder::new(out, context);
    let f = &program.functions[index];
    let slot = builder.create_sized_stack_slot(StackSlotData::new(
        StackSlotKind::ExplicitSlot,
        WORD as u32,
        3,
    ));
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    let params = builder.block_params(entry).to_vec();
    let mut t = Translator {
        ctx: params[0],
        builder,
        program,
        index,
        f,
        imports,
        values: vec![None; f.values.len()],
        blocks: BTreeMap::new(),
        callees: BTreeMap::new(),
        slot,
        words: 1,
        exit: None,
        fail: None,
        loc: Loc(0),
    };
    t.blocks.insert(0, entry);
    for (p, v) in f.blocks[0].params.iter().zip(&params[1..]) {
        t.values[p.0 as usize] = Some(*v);
    }
    t.body()?;
    let Translator { mut builder, words, .. } = t;
    builder.func.sized_stack_slots[slot].size = words * WORD as u32;
    builder.seal_all_blocks();
    builder.finalize(target);
    Ok(())
}

/// Bytes of a slot.
const WORD: i32 = 8;

struct Translator<'a> {
    builder: FunctionBuilder<'a>,
    program: &'a Program,
    index: usize,
    f: &'a Function,
    imports: &'a mut dyn Imports,
    /// The first parameter.
    ctx: clif::Value,
    values: Vec<Option<clif::Value>>,
    blocks: BTreeMap<u32, clif::Block>,
    callees: BTreeMap<Callee, clif::FuncRef>,
    /// `[out, arguments …]` of whatever call is being made; grown to the longest.
    slot: StackSlot,
    words: u32,
    exit: Option<clif::Block>,
    fail: Option<clif::Block>,
    /// The place of what is being translated.
    loc: Loc,
}

/// Memory that is there, aligned, and ours.
fn trusted() -> MemFlagsData {
    MemFlagsData::trusted()
}

impl Translator<'_> {
    fn body(&mut self) -> Result<(), JitError> {
        let order = reachable_blocks(self.f);
        for b in order.iter().skip(1) {
            let block = self.builder.create_block();
            self.blocks.insert(b.0, block);
            for p in &self.f.blocks[b.0 as usize].params {
                let ty = clif_type(&self.f.values[p.0 as usize]);
                let v = self.builder.append_block_param(block, ty);
                self.values[p.0 as usize] = Some(v);
            }
        }
        for b in order {
            let block = &self.f.blocks[b.0 as usize];
            self.builder.switch_to_block(self.blocks[&b.0]);
            for inst in &block.insts {
                self.loc = inst.loc;
                let value = match (&inst.kind, inst.result) {
                    (InstKind::Absent, Some(r)) => Some(self.absent(&self.f.values[r.0 as usize])),
                    (kind, _) => self.inst(kind)?,
                };
                if let Some(result) = inst.result {
                    self.values[result.0 as usize] = value;
                }
            }
            self.terminator(&block.term)?;
        }
        self.cold_blocks()
    }

    fn get(&self, v: Value) -> Result<clif::Value, JitError> {
        self.values[v.0 as usize]
            .ok_or_else(|| JitError::Codegen(format!("%{} is used before it is defined", v.0)))
    }

    fn iconst(&mut self, x: i64) -> clif::Value {
        self.builder.ins().iconst(types::I64, x)
    }

    /// The run-time number of a value's type.
    fn type_of(&mut self, v: Value) -> clif::Value {
        self.iconst((self.index as i64) << 32 | i64::from(v.0))
    }

    // Calls.

    fn callee(&mut self, callee: Callee) -> Result<clif::FuncRef, JitError> {
        if let Some(r) = self.callees.get(&callee) {
            return Ok(*r);
        }
        let r = self.imports.import(callee, self.builder.func)?;
        self.callees.insert(callee, r);
        Ok(r)
    }

    /// Calls the runtime and gives the status.
    fn status_of(&mut self, callee: Callee, args: &[clif::Value]) -> Result<clif::Value, JitError> {
        let func = self.callee(callee)?;
        self.words = self.words.max(args.len() as u32 + 1);
        let out = self.builder.ins().stack_addr(types::I64, self.slot, 0);
        let base = self.builder.ins().stack_addr(types::I64, self.slot, WORD);
        for (i, a) in args.iter().enumerate() {
            self.builder.ins().store(trusted(), *a, base, i as i32 * WORD);
        }
        let loc = self.builder.ins().iconst(types::I32, i64::from(self.loc.0));
        let call = self.builder.ins().call(func, &[self.ctx, loc, base, out]);
        Ok(self.builder.inst_results(call)[0])
    }

    /// What the last successful call wrote.
    fn output(&mut self, ty: clif::Type) -> clif::Value {
        let out = self.builder.ins().stack_addr(types::I64, self.slot, 0);
        self.builder.ins().load(ty, trusted(), out, 0)
    }

    /// Leaves with the status unless it is 0.
    fn check_status(&mut self, status: clif::Value) {
        let exit = self.exit();
        let next = self.builder.create_block();
        self.builder.ins().brif(status, exit, &[status.into()], next, &[]);
        self.builder.switch_to_block(next);
    }

    /// Calls the runtime; a status that is not 0 ends the run.
    fn call(&mut self, callee: Callee, args: &[clif::Value]) -> Result<(), JitError> {
        let status = self.status_of(callee, args)?;
        self.check_status(status);
        Ok(())
    }

    fn helper(&mut self, helper: Helper, args: &[clif::Value]) -> Result<clif::Value, JitError> {
        self.call(Callee::Helper(helper), args)?;
        Ok(self.output(types::I64))
    }

    // Checks.

    fn exit(&mut self) -> clif::Block {
        let builder = &mut self.builder;
        *self.exit.get_or_insert_with(|| {
            let block = builder.create_block();
            builder.append_block_param(block, types::I32);
            builder.set_cold_block(block);
            block
        })
    }

    /// Ends the run with a fault of arithmetic where the condition is not 0.
    fn fail_if(&mut self, condition: clif::Value, trap: Trap) {
        let next = self.builder.create_block();
        let (fail, what) = self.failing(trap);
        self.builder.ins().brif(condition, fail, &[what], next, &[]);
        self.builder.switch_to_block(next);
    }

    /// Ends the run with a fault of arithmetic where the condition is 0.
    fn fail_unless(&mut self, condition: clif::Value, trap: Trap) {
        let next = self.builder.create_block();
        let (fail, what) = self.failing(trap);
        self.builder.ins().brif(condition, next, &[], fail, &[what]);
        self.builder.switch_to_block(next);
    }

    /// The block that reports, and its argument: place and trap packed into one constant.
    fn failing(&mut self, trap: Trap) -> (clif::Block, BlockArg) {
        let builder = &mut self.builder;
        let fail = *self.fail.get_or_insert_with(|| {
            let block = builder.create_block();
            builder.append_block_param(block, types::I64);
            builder.set_cold_block(block);
            block
        });
        let what = self.iconst(i64::from(self.loc.0) << 32 | trap as i64);
        (fail, what.into())
    }

    /// The blocks that checks branch to, where any does.
    fn cold_blocks(&mut self) -> Result<(), JitError> {
        if let Some(fail) = self.fail {
            let exit = self.exit();
            let func = self.callee(Callee::Helper(Helper::Fail))?;
            self.builder.switch_to_block(fail);
            let packed = self.builder.block_params(fail)[0];
            let ins = self.builder.ins();
            let trap = ins.ireduce(types::I32, packed);
            let trap = self.builder.ins().uextend(types::I64, trap);
            let shift = self.iconst(32);
            let loc = self.builder.ins().ushr(packed, shift);
            let loc = self.builder.ins().ireduce(types::I32, loc);
            self.words = self.words.max(2);
            let out = self.builder.ins().stack_addr(types::I64, self.slot, 0);
            let base = self.builder.ins().stack_addr(types::I64, self.slot, WORD);
            self.builder.ins().store(trusted(), trap, base, 0);
            let call = self.builder.ins().call(func, &[self.ctx, loc, base, out]);
            let status = self.builder.inst_results(call)[0];
            self.builder.ins().jump(exit, &[status.into()]);
        }
        if let Some(exit) = self.exit {
            self.builder.switch_to_block(exit);
            let status = self.builder.block_params(exit)[0];
            self.builder.ins().return_(&[status]);
        }
        Ok(())
    }

    /// Spends one unit of fuel.
    fn fuel(&mut self) {
        let at = self.builder.ins().load(types::I64, trusted(), self.ctx, Ctx::FUEL);
        let fuel = self.builder.ins().load(types::I64, trusted(), at, 0);
        self.fail_unless(fuel, Trap::OutOfFuel);
        let one = self.iconst(1);
        let less = self.builder.ins().isub(fuel, one);
        self.builder.ins().store(trusted(), less, at, 0);
    }

    // Control flow.

    fn target(&self, target: &Target) -> Result<(clif::Block, Vec<BlockArg>), JitError> {
        let args = target.args.iter().map(|v| Ok(self.get(*v)?.into()));
        Ok((self.blocks[&target.block.0], args.collect::<Result<_, JitError>>()?))
    }

    fn terminator(&mut self, term: &Terminator) -> Result<(), JitError> {
        self.loc = term.loc;
        match &term.kind {
            TermKind::Jump(t) => {
                let (block, args) = self.target(t)?;
                self.builder.ins().jump(block, &args);
            }
            TermKind::Branch { cond, then, otherwise } => {
                let cond = self.get(*cond)?;
                let (then, then_args) = self.target(then)?;
                let (otherwise, otherwise_args) = self.target(otherwise)?;
                self.builder.ins().brif(cond, then, &then_args, otherwise, &otherwise_args);
            }
            TermKind::Try { op, args, some, none } => {
                let args = args.iter().map(|v| self.get(*v)).collect::<Result<Vec<_>, _>>()?;
                let status = self.status_of(Callee::Op(*op), &args)?;
                let (good, bad) = (self.builder.create_block(), self.builder.create_block());
                self.builder.ins().brif(status, bad, &[], good, &[]);

                self.builder.switch_to_block(good);
                let value = self.output(clif_type(&op.def().signature().result));
                let (block, mut some_args) = self.target(some)?;
                some_args.push(value.into());
                self.builder.ins().jump(block, &some_args);

                self.builder.switch_to_block(bad);
                let forgive = self.builder.create_block();
                let none_status = i64::from(Status::NoValue as i32);
                let code = self.builder.ins().iconst(types::I32, none_status);
                let no_value = self.builder.ins().icmp(IntCC::Equal, status, code);
                let exit = self.exit();
                self.builder.ins().brif(no_value, forgive, &[], exit, &[status.into()]);

                self.builder.switch_to_block(forgive);
                self.call(Callee::Helper(Helper::Forgive), &[])?;
                let (block, none_args) = self.target(none)?;
                self.builder.ins().jump(block, &none_args);
            }
            TermKind::NoValue(text) => {
                let text = self.iconst(i64::from(text.0));
                let status = self.status_of(Callee::Helper(Helper::NoValue), &[text])?;
                self.builder.ins().return_(&[status]);
            }
            TermKind::Return(value) => {
                if let Some(v) = value {
                    let v = self.get(*v)?;
                    self.builder.ins().store(trusted(), v, self.ctx, Ctx::RESULT);
                }
                let ok = self.builder.ins().iconst(types::I32, i64::from(Status::Ok as i32));
                self.builder.ins().return_(&[ok]);
            }
        }
        Ok(())
    }
}
