//! The reference interpreter: what a verified program means, in the plainest form. Compiled code must
//! give the same outcome, bit for bit; tests compare the two.
//!
//! Calls use a stack of frames on the heap, so no program can exhaust the host's stack.
#![forbid(unsafe_code)]

mod step;

use reasmory_ir::{Block, BlockId, Function, Loc, Program, Target, TermKind, Value, Verified};
use reasmory_runtime::engine::{guard, no_value};
use reasmory_runtime::{Fault, FaultKind, Run, Slot, Status};

/// Calls go to higher indices only, so this is beyond any verified program; a deeper stack is our bug.
const MAX_DEPTH: usize = 1 << 20;

/// Runs a program to its end. The run must have been made for this program.
pub fn run(program: &Verified<Program>, run: &mut Run<'_>) -> Status {
    if !std::ptr::eq(run.program(), &**program) && *run.program() != **program {
        let fault = Fault::new(FaultKind::Internal, "the run was made for another program");
        return run.fail(fault, Loc(0));
    }
    match Machine::new(program).run(run) {
        Ok(()) => Status::Ok,
        Err(status) => status,
    }
}

/// One call in progress.
struct Frame<'p> {
    index: usize,
    function: &'p Function,
    block: &'p Block,
    /// Index of the next instruction.
    next: usize,
    values: Vec<Slot>,
    /// Where the caller wants the result.
    result: Option<Value>,
}

struct Machine<'p> {
    program: &'p Program,
    frames: Vec<Frame<'p>>,
}

impl<'p> Frame<'p> {
    fn new(program: &'p Program, index: usize, args: &[Slot], result: Option<Value>) -> Frame<'p> {
        let function = &program.functions[index];
        let block = &function.blocks[0];
        let mut values = vec![0; function.values.len()];
        for (p, a) in block.params.iter().zip(args) {
            values[p.0 as usize] = *a;
        }
        Frame { index, function, block, next: 0, values, result }
    }

    fn get(&self, v: Value) -> Slot {
        self.values[v.0 as usize]
    }

    fn all(&self, values: &[Value]) -> Vec<Slot> {
        values.iter().map(|v| self.get(*v)).collect()
    }

    /// Goes to a block. All arguments are read before any parameter is written.
    fn jump(&mut self, target: &Target, extra: Option<Slot>) {
        let args = self.all(&target.args);
        let BlockId(b) = target.block;
        self.block = &self.function.blocks[b as usize];
        self.next = 0;
        for (p, a) in self.block.params.iter().zip(args.into_iter().chain(extra)) {
            self.values[p.0 as usize] = a;
        }
    }
}

impl<'p> Machine<'p> {
    fn new(program: &'p Program) -> Self {
        Machine { program, frames: vec![Frame::new(program, 0, &[], None)] }
    }

    fn run(&mut self, run: &mut Run<'_>) -> Result<(), Status> {
        while let Some(frame) = self.frames.last_mut() {
            let block = frame.block;
            if let Some(inst) = block.insts.get(frame.next) {
                frame.next += 1;
                if let Some(call) = step::inst(self.program, frame, inst, run)? {
                    if self.frames.len() >= MAX_DEPTH {
                        let fault = Fault::new(FaultKind::Internal, "the calls are too deep");
                        return Err(run.fail(fault, inst.loc));
                    }
                    self.frames.push(call);
                }
                continue;
            }
            match &block.term.kind {
                TermKind::Jump(t) => frame.jump(t, None),
                TermKind::Branch { cond, then, otherwise } => {
                    frame.jump(if frame.get(*cond) != 0 { then } else { otherwise }, None);
                }
                TermKind::Try { op, args, some, none } => {
                    let args = frame.all(args);
                    let loc = block.term.loc;
                    match guard(run, loc, op.name(), |run| run.op(*op, &args, loc)) {
                        Ok(value) => frame.jump(some, Some(value)),
                        Err(Status::NoValue) => {
                            run.forgive();
                            frame.jump(none, None);
                        }
                        Err(status) => return Err(status),
                    }
                }
                TermKind::NoValue(text) => {
                    let fault = no_value(run, text.0);
                    return Err(run.fail(fault, block.term.loc));
                }
                TermKind::Return(value) => {
                    let value = value.map(|v| frame.get(v));
                    let result = frame.result;
                    self.frames.pop();
                    if let (Some(caller), Some(result), Some(value)) =
                        (self.frames.last_mut(), result, value)
                    {
                        caller.values[result.0 as usize] = value;
                    }
                }
            }
        }
        Ok(())
    }
}
