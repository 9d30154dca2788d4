//! One MIR function to one CLIF function.
//!
//! MIR values are CLIF values and MIR block parameters are CLIF block parameters, so the translation
//! walks the blocks once, in an order in which definitions come before uses. Checks branch to two shared
//! cold blocks: `exit` returns the status of the call that failed, `fail` reports a fault of arithmetic.

mod bulk;
mod inline;
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
    BlockId, Function, Graph, Inst, InstKind, Loc, Program, Target, TermKind, Terminator, Value,
    reachable_blocks,
};
use reasmory_runtime::Status;
use reasmory_runtime::engine::Trap;

use crate::JitError;
use crate::plan::{Batch, Plan};
use crate::shims::{Ctx, HERE, Helper};
use crate::symbols::{Callee, Imports, clif_type};

/// What a function is translated from.
pub(crate) struct Source<'a> {
    pub(crate) program: &'a Program,
    pub(crate) index: usize,
    /// Of every function.
    pub(crate) plans: &'a [Plan],
    pub(crate) target: TargetFrontendConfig,
}

/// Fills `out` with the code of one function of a program, and `batches` with the runs of instructions that
/// it does not compile. Gives whether the code reads columns.
pub(crate) fn function(
    source: &Source<'_>,
    imports: &mut dyn Imports,
    context: &mut FunctionBuilderContext,
    batches: &mut Vec<Batch>,
    out: &mut clif::Function,
) -> Result<bool, JitError> {
    let &Source { program, index, plans, target } = source;
    let plan = &plans[index];
    let mut builder = FunctionBuilder::new(out, context);
    let f = &program.functions[index];
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    let params = builder.block_params(entry).to_vec();
    let frame = plan.has_batches().then(|| {
        let bytes = f.values.len() as u32 * WORD as u32;
        let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 3);
        builder.create_sized_stack_slot(slot)
    });
    let mut t = Translator {
        ctx: params[0],
        place: params.get(1).copied().filter(|_| f.at_call),
        builder,
        program,
        index,
        f,
        plan,
        plans,
        imports,
        batches,
        values: vec![None; f.values.len()],
        borrowed: Vec::new(),
        blocks: vec![None; f.blocks.len()],
        callees: BTreeMap::new(),
        frame,
        members: None,
        parts: BTreeMap::new(),
        views: BTreeMap::new(),
        anchors: BTreeMap::new(),
        graph: plan.walked.contains(&true).then(|| Graph::new(f)),
        current: BlockId(0),
        columns: false,
        exit: None,
        fail: None,
        loc: Loc(0),
        pinned: None,
        inlined: 0,
    };
    t.blocks[0] = Some(entry);
    t.builder.switch_to_block(entry);
    for (i, p) in f.blocks[0].params.iter().enumerate() {
        let ty = clif_type(&f.values[p.0 as usize]);
        let value = t.builder.ins().load(ty, trusted(), params[2], i as i32 * WORD);
        t.values[p.0 as usize] = Some(value);
    }
    if index > 0 {
        // A call spends fuel at its own place, which is the second parameter.
        let own = t.place.replace(params[1]);
        t.fuel()?;
        if !f.at_call {
            t.place = own;
        }
    }
    t.make_anchors();
    t.body()?;
    let Translator { mut builder, columns, .. } = t;
    builder.seal_all_blocks();
    builder.finalize(target);
    Ok(columns)
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
    /// The second of a function that is placed at its call: where that is.
    place: Option<clif::Value>,
    plan: &'a Plan,
    plans: &'a [Plan],
    batches: &'a mut Vec<Batch>,
    values: Vec<Option<clif::Value>>,
    /// Values that were loaded from the frame, or made anew, for the block being translated only.
    borrowed: Vec<Value>,
    blocks: Vec<Option<clif::Block>>,
    callees: BTreeMap<Callee, clif::FuncRef>,
    /// One word for each MIR value: those that batches read or make are there.
    frame: Option<StackSlot>,
    /// The members of a list too long for the argument words; grown to the longest.
    members: Option<StackSlot>,
    /// Components of records that are not made.
    parts: BTreeMap<Value, [clif::Value; 3]>,
    /// Where the members of lists lie.
    views: BTreeMap<Value, bulk::View>,
    /// Centres of places: `[asked for, x, y, z]`.
    anchors: BTreeMap<Value, StackSlot>,
    /// Where lists are walked.
    graph: Option<Graph>,
    /// The block being translated.
    current: BlockId,
    /// Whether columns are read.
    columns: bool,
    exit: Option<clif::Block>,
    fail: Option<clif::Block>,
    /// The place of what is being translated.
    loc: Loc,
    /// In a function put in where it is called: the place of that call.
    pinned: Option<Loc>,
    /// How many functions are being put in inside each other.
    inlined: u32,
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
            self.blocks[b.0 as usize] = Some(block);
            for p in &self.f.blocks[b.0 as usize].params {
                let ty = clif_type(&self.f.values[p.0 as usize]);
                let v = self.builder.append_block_param(block, ty);
                self.values[p.0 as usize] = Some(v);
            }
        }
        for b in order {
            if b.0 > 0 {
                self.builder.switch_to_block(self.block(b)?);
            }
            self.mir_block(b)?;
        }
        self.cold_blocks()
    }

    fn mir_block(&mut self, b: BlockId) -> Result<(), JitError> {
        let block = &self.f.blocks[b.0 as usize];
        self.current = b;
        for p in &block.params {
            self.keep(*p);
        }
        let mut next = 0;
        while let Some(inst) = block.insts.get(next) {
            if let Some(batch) = self.plan.batch_at(b.0, next as u32) {
                self.batch(batch)?;
                next = batch.to as usize;
                continue;
            }
            next += 1;
            self.native(inst)?;
        }
        self.terminator(&block.term)?;
        for v in std::mem::take(&mut self.borrowed) {
            self.values[v.0 as usize] = None;
        }
        Ok(())
    }

    /// One instruction as native code.
    fn native(&mut self, inst: &Inst) -> Result<(), JitError> {
        self.loc = self.pinned.unwrap_or(inst.loc);
        if self.has_own_way(inst) && self.bulk(inst)? {
            return Ok(());
        }
        let value = match (&inst.kind, inst.result) {
            (InstKind::Absent, Some(r)) => Some(self.absent(&self.f.values[r.0 as usize])),
            (InstKind::Call(callee, args), _) if self.fits_in(*callee) => {
                self.put_in(*callee, args)?
            }
            (kind, _) => self.inst(kind)?,
        };
        if let Some(result) = inst.result {
            self.values[result.0 as usize] = value;
            self.keep(result);
        }
        Ok(())
    }

    /// Whether hot code, or code that hot code relies on, may do this in a way of its own.
    fn has_own_way(&self, inst: &Inst) -> bool {
        match &inst.kind {
            InstKind::ListLen(list) => self.plan.walked[list.0 as usize],
            _ => self.plan.hot[self.current.0 as usize],
        }
    }

    fn block(&self, b: BlockId) -> Result<clif::Block, JitError> {
        self.blocks[b.0 as usize]
            .ok_or_else(|| JitError::Codegen(format!("b{} cannot be reached", b.0)))
    }

    /// The value, from a register or from the frame.
    fn get(&mut self, v: Value) -> Result<clif::Value, JitError> {
        let at = v.0 as usize;
        if let Some(value) = self.values[at] {
            return Ok(value);
        }
        let Some(frame) = self.frame.filter(|_| self.plan.made[at]) else {
            return Err(JitError::Codegen(format!("%{} is used before it is defined", v.0)));
        };
        let base = self.builder.ins().stack_addr(types::I64, frame, 0);
        let ty = clif_type(&self.f.values[at]);
        let value = self.builder.ins().load(ty, trusted(), base, v.0 as i32 * WORD);
        self.values[at] = Some(value);
        self.borrowed.push(v);
        Ok(value)
    }

    /// Stores a value that batches read.
    fn keep(&mut self, v: Value) {
        let at = v.0 as usize;
        if let (true, Some(frame), Some(value)) =
            (self.plan.stored[at], self.frame, self.values[at])
        {
            let base = self.builder.ins().stack_addr(types::I64, frame, 0);
            self.builder.ins().store(trusted(), value, base, v.0 as i32 * WORD);
        }
        self.forget_anchor(v);
    }

    /// One call that executes a run of instructions.
    fn batch(&mut self, batch: Batch) -> Result<(), JitError> {
        let Some(frame) = self.frame else {
            return Err(JitError::Codegen("a batch without a frame".into()));
        };
        let func = self.callee(Callee::Helper(Helper::Steps))?;
        if let Some(place) = self.place {
            self.builder.ins().store(trusted(), place, self.ctx, Ctx::PLACE);
        }
        let base = self.builder.ins().stack_addr(types::I64, frame, 0);
        let index = self.builder.ins().iconst(types::I32, self.batches.len() as i64);
        self.batches.push(batch);
        let block = &self.f.blocks[batch.block as usize];
        for inst in &block.insts[batch.from as usize..batch.to as usize] {
            if let Some(made) = inst.result {
                self.forget_anchor(made);
            }
        }
        let call = self.builder.ins().call(func, &[self.ctx, index, base]);
        let status = self.builder.inst_results(call)[0];
        self.check_status(status);
        Ok(())
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

    /// The place of what is being translated.
    fn loc_value(&mut self) -> clif::Value {
        match self.place {
            Some(place) => place,
            None => self.builder.ins().iconst(types::I32, i64::from(self.loc.0)),
        }
    }

    /// Calls the runtime and gives the status.
    fn status_of(&mut self, callee: Callee, args: &[clif::Value]) -> Result<clif::Value, JitError> {
        let func = self.callee(callee)?;
        for (i, a) in args.iter().enumerate() {
            let at = Ctx::ARGUMENTS + i as i32 * WORD;
            self.builder.ins().store(trusted(), *a, self.ctx, at);
        }
        let loc = self.loc_value();
        let call = self.builder.ins().call(func, &[self.ctx, loc]);
        Ok(self.builder.inst_results(call)[0])
    }

    /// What the last successful call left.
    fn output(&mut self, ty: clif::Type) -> clif::Value {
        self.builder.ins().load(ty, trusted(), self.ctx, Ctx::RESULT)
    }

    /// Leaves with the status unless it is 0.
    fn check_status(&mut self, status: clif::Value) {
        let exit = self.exit();
        let next = self.builder.create_block();
        self.builder.ins().brif(status, exit, &[], next, &[]);
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
        let place = if self.place.is_some() { HERE } else { self.loc.0 };
        let what = self.iconst(i64::from(place) << 32 | trap as i64);
        (fail, what.into())
    }

    /// The blocks that checks branch to, where any does.
    fn cold_blocks(&mut self) -> Result<(), JitError> {
        if let Some(fail) = self.fail {
            self.builder.switch_to_block(fail);
            let packed = self.builder.block_params(fail)[0];
            let status = self.status_of(Callee::Helper(Helper::Fail), &[packed])?;
            self.builder.ins().return_(&[status]);
        }
        if let Some(exit) = self.exit {
            self.builder.switch_to_block(exit);
            let status = self.builder.ins().load(types::I32, trusted(), self.ctx, Ctx::STATUS);
            self.builder.ins().return_(&[status]);
        }
        Ok(())
    }

    /// Spends one unit of fuel: of what was drawn, or of what a call draws.
    fn fuel(&mut self) -> Result<(), JitError> {
        let fuel = self.builder.ins().load(types::I64, trusted(), self.ctx, Ctx::FUEL);
        let less = self.builder.ins().iadd_imm_s(fuel, -1);
        self.builder.ins().store(trusted(), less, self.ctx, Ctx::FUEL);
        let (next, empty) = (self.builder.create_block(), self.builder.create_block());
        let none = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, less, 0);
        self.builder.ins().brif(none, empty, &[], next, &[]);
        self.builder.set_cold_block(empty);
        self.builder.switch_to_block(empty);
        let status = self.status_of(Callee::Helper(Helper::Refuel), &[])?;
        let exit = self.exit();
        self.builder.ins().brif(status, exit, &[], next, &[]);
        self.builder.switch_to_block(next);
        Ok(())
    }

    // Control flow.

    fn target(&mut self, target: &Target) -> Result<(clif::Block, Vec<BlockArg>), JitError> {
        let args = target.args.iter().map(|v| Ok(self.get(*v)?.into()));
        let args = args.collect::<Result<_, JitError>>()?;
        Ok((self.block(target.block)?, args))
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

                // What was loaded for the other way is not there on this one.
                for v in std::mem::take(&mut self.borrowed) {
                    self.values[v.0 as usize] = None;
                }
                self.builder.switch_to_block(bad);
                let forgive = self.builder.create_block();
                let none_status = i64::from(Status::NoValue as i32);
                let code = self.builder.ins().iconst(types::I32, none_status);
                let no_value = self.builder.ins().icmp(IntCC::Equal, status, code);
                let exit = self.exit();
                self.builder.ins().brif(no_value, forgive, &[], exit, &[]);

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
