//! Compiled programs: who owns the code, who may call it, and when it is freed.
//!
//! # Safety
//!
//! The pages of a module are written while it is built, then made executable and not writable, and never
//! written again. The one pointer into them is private to [`Compiled`] and is called only through a
//! reference to it, so the code outlives every call; it is freed when the last owner drops it, which no
//! call can overlap.

use std::fmt;
use std::sync::{Arc, Mutex};

use cranelift_jit::JITModule;
use reasmory_ir::{Loc, Program, Verified};
use reasmory_runtime::{Fault, FaultKind, Run, Status};

use crate::link::Linked;
use crate::shims::{Ctx, Entry, Parts};
use crate::{JitError, Options, link};

/// A module that frees its memory when dropped (a `JITModule` by itself leaks it).
struct Owned(Option<JITModule>);

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(module) = self.0.take() {
            // SAFETY: pointers into the module are held by `Compiled` alone, which owns this, so none of
            // its functions is running and none is called again.
            unsafe { module.free_memory() };
        }
    }
}

/// A program as machine code. It can run on several threads at once, each with its own [`Run`].
pub struct Compiled {
    parts: Parts,
    program: Arc<Verified<Program>>,
    /// Held for its memory. The lock makes it shareable; nothing ever takes it.
    _module: Mutex<Owned>,
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let functions = self.program.functions.len();
        f.debug_struct("Compiled").field("functions", &functions).finish_non_exhaustive()
    }
}

/// Compiles a program for this machine.
pub fn compile(program: &Arc<Verified<Program>>, options: Options) -> Result<Compiled, JitError> {
    let mut owned = Owned(Some(link::module(options)?));
    let Some(module) = &mut owned.0 else {
        return Err(JitError::Codegen("the module is gone".into()));
    };
    let Linked { functions, batches, columns } = link::program(module, program, options)?;
    let entries = functions
        .iter()
        .map(|id| {
            let code = module.get_finalized_function((*id)?);
            // SAFETY: the function was compiled with this signature (`Callee::Function`: context, place,
            // arguments, and a status) and the calling convention of the host, which is that of
            // `extern "C"`.
            Some(unsafe { std::mem::transmute::<*const u8, Entry>(code) })
        })
        .collect();
    let parts = Parts { entries, batches, columns };
    Ok(Compiled { parts, program: program.clone(), _module: Mutex::new(owned) })
}

impl Compiled {
    /// The program this was compiled from.
    pub fn program(&self) -> &Arc<Verified<Program>> {
        &self.program
    }

    /// Runs the program to its end. The run must have been made for this program.
    pub fn run(&self, run: &mut Run<'_>) -> Status {
        if !std::ptr::eq(run.program(), &**self.program) && *run.program() != **self.program {
            let fault = Fault::new(FaultKind::Internal, "the run was made for another program");
            return run.fail(fault, Loc(0));
        }
        // SAFETY: the parts are those of a compiled program, whose code lives as long as self.
        match unsafe { Ctx::enter(run, &self.parts) } {
            0 => Status::Ok,
            2 => Status::NoValue,
            // A fault is recorded by whoever found it.
            _ if run.fault().is_some() => Status::Fault,
            other => {
                let what = format!("the program ended with status {other} and no fault");
                run.fail(Fault::new(FaultKind::Internal, what), Loc(0))
            }
        }
    }
}
