//! The reference interpreter: what a verified program means, in the plainest form. Compiled code must
//! give the same outcome, bit for bit; tests compare the two.
//!
//! Calls use a stack of frames on the heap, so no program can exhaust the host's stack.
#![forbid(unsafe_code)]

mod observe;
mod step;

use reasmory_ir::{Block, BlockId, Function, Loc, Program, Target, TermKind, Value, Verified};
use reasmory_runtime::engine::{guard, no_value};
use reasmory_runtime::{Fault, FaultKind, Run, Slot, Status};

/// Calls go to higher indices only, so this is beyond any verified program; a deeper stack is our bug.
const MAX_DEPTH: usize = 1 << 20;

pub use observe::Observer;

/// Runs a program to its end. The run must have been made for this program.
pub fn run(program: &Verified<Program>, run: &mut Run<'_>) -> Status {
    run_observed(program, run, &mut ())
}

/// [`run`], telling an observer of every step. It cannot change what happens; `()` costs nothing.
pub fn run_observed<O: Observer>(
    program: &Verified<Program>,
    run: &mut Run<'_>,
    observer: &mut O,
) -> Status {
    if !std::ptr::eq(run.program(), &**program) && *run.program() != **program {
        let fault = Fault::new(FaultKind::Internal, "the run was made for another program");
        return run.fail(fault, Loc(0));
    }
    match Machine::new(program, observer).run(run) {
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
    /// Where everything in this call happens, for a function placed at its call.
    place: Option<Loc>,
    /// Where the caller wants the result.
    result: Option<Value>,
}

struct Machine<'p, 'o, O> {
    program: &'p Program,
    frames: Vec<Frame<'p>>,
    observer: &'o mut O,
}

impl<'p> Frame<'p> {
    /// A call made at `at`.
    fn new(
        program: &'p Program,
        index: usize,
        args: &[Slot],
        result: Option<Value>,
        at: Loc,
    ) -> Frame<'p> {
        let function = &program.functions[index];
        let place = function.at_call.then_some(at);
        let block = &function.blocks[0];
        let mut values = vec![0; function.values.len()];
        for (p, a) in block.params.iter().zip(args) {
            values[p.0 as usize] = *a;
        }
        Frame { index, function, block, next: 0, values, place, result }
    }

    /// The place of an instruction that says it is at `loc`.
    fn at(&self, loc: Loc) -> Loc {
        self.place.unwrap_or(loc)
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

impl<'p, 'o, O: Observer> Machine<'p, 'o, O> {
    fn new(program: &'p Program, observer: &'o mut O) -> Self {
        Machine { program, frames: vec![Frame::new(program, 0, &[], None, Loc(0))], observer }
    }

    fn run(&mut self, run: &mut Run<'_>) -> Result<(), Status> {
        while let Some(frame) = self.frames.last_mut() {
            let block = frame.block;
            self.observer.before(run, frame.next, &frame.values);
            if let Some(inst) = block.insts.get(frame.next) {
                frame.next += 1;
                let at = frame.at(inst.loc);
                if let Some(call) = step::inst(self.program, frame, inst, run)? {
                    if self.frames.len() >= MAX_DEPTH {
                        let fault = Fault::new(FaultKind::Internal, "the calls are too deep");
                        return Err(run.fail(fault, at));
                    }
                    self.observer.call(call.index, inst);
                    self.frames.push(call);
                } else {
                    self.observer.after(run, inst, &frame.values);
                }
                continue;
            }
            match &block.term.kind {
                TermKind::Jump(t) => {
                    frame.jump(t, None);
                    self.observer.jump(run, t, None, &frame.values);
                }
                TermKind::Branch { cond, then, otherwise } => {
                    let target = if frame.get(*cond) != 0 { then } else { otherwise };
                    frame.jump(target, None);
                    self.observer.branch(*cond);
                    self.observer.jump(run, target, None, &frame.values);
                }
                TermKind::Try { op, args: given, some, none } => {
                    let args = frame.all(given);
                    let loc = frame.at(block.term.loc);
                    match guard(run, loc, op.name(), |run| run.op(*op, &args, loc)) {
                        Ok(value) => {
                            frame.jump(some, Some(value));
                            self.observer.jump(run, some, Some((*op, given)), &frame.values);
                        }
                        Err(Status::NoValue) => {
                            run.forgive();
                            frame.jump(none, None);
                            self.observer.refused(*op, given);
                            self.observer.jump(run, none, None, &frame.values);
                        }
                        Err(status) => return Err(status),
                    }
                }
                TermKind::NoValue(text) => {
                    let fault = no_value(run, text.0);
                    let at = frame.at(block.term.loc);
                    return Err(run.fail(fault, at));
                }
                TermKind::Return(returned) => {
                    let value = returned.map(|v| frame.get(v));
                    let result = frame.result;
                    self.frames.pop();
                    self.observer.leave(*returned, result);
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
