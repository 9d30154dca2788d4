//! What a run tells of itself.

use reasmory_ir::{Inst, Intrinsic, Target, Value};
use reasmory_runtime::{Run, Slot};

/// Is told of every step of a run, in order. `values` are those of the frame on top, by [`Value`]. The run
/// starts in a frame of function 0, at block 0.
pub trait Observer {
    /// Before instruction `next` of the current block, or its terminator.
    fn before(&mut self, _run: &Run<'_>, _next: usize, _values: &[Slot]) {}

    /// After an instruction that is no call.
    fn after(&mut self, _run: &Run<'_>, _inst: &Inst, _values: &[Slot]) {}

    /// A call: a frame of `function` is on top now.
    fn call(&mut self, _function: usize, _inst: &Inst) {}

    /// A branch on `cond`; the jump follows.
    fn branch(&mut self, _cond: Value) {}

    /// An operation that may have no value had none; the jump follows.
    fn refused(&mut self, _op: Intrinsic, _args: &[Value]) {}

    /// After a jump; `made` is the operation whose result is the last parameter.
    fn jump(
        &mut self,
        _run: &Run<'_>,
        _target: &Target,
        _made: Option<(Intrinsic, &[Value])>,
        _values: &[Slot],
    ) {
    }

    /// The frame on top has returned; the one below gets the value at `result`.
    fn leave(&mut self, _returned: Option<Value>, _result: Option<Value>) {}
}

/// Watches nothing.
impl Observer for () {}
