//! The native back end: verified MIR to machine code with Cranelift.
//!
//! Compiled code computes and branches; everything else it asks of the runtime through one C ABI (see
//! the module `shims`). It holds no trapping instruction and no address of its own, every loop and call spends
//! fuel, every call returns a status, and the only symbols it can name are those of the registry. A
//! [`Compiled`] owns its code and frees it when dropped; no pointer to the code ever leaves it.
#![deny(unsafe_code)]

mod isa;
mod link;
mod plan;
mod print;
#[allow(unsafe_code)]
mod shims;
mod symbols;
mod translate;

#[allow(unsafe_code)]
mod code;

use std::fmt;

pub use code::{Compiled, compile};
pub use print::{print_asm, print_clif};

/// How much the compiler optimizes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OptLevel {
    /// As little as possible, the quickest to compile: control flow is native, and straight runs of
    /// instructions are stepped through. Programs over few objects spend their time in operations, so this
    /// is the default.
    #[default]
    None,
    /// For loops over many members: loops and what is called from them are native and optimized.
    Speed,
}

/// Options of [`compile`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// How much to optimize.
    pub opt: OptLevel,
    /// Whether all of it is native, code that runs once as well.
    pub whole: bool,
}

/// Why a program was not compiled. The interpreter runs every verified program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JitError {
    /// This machine has no back end.
    Host(String),
    /// The call stack of the program could exceed what a thread has.
    TooLarge {
        /// Bytes the deepest chain of calls needs.
        bytes: u64,
        /// Bytes it may need.
        limit: u64,
    },
    /// The code names something outside the registry.
    UnknownSymbol(String),
    /// The code generator refused; a bug of ours.
    Codegen(String),
}

impl fmt::Display for JitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JitError::Host(why) => write!(f, "no native code for this machine: {why}"),
            JitError::TooLarge { bytes, limit } => {
                write!(f, "the program needs {bytes} bytes of stack; {limit} are allowed")
            }
            JitError::UnknownSymbol(name) => {
                write!(f, "the code names `{name}`, which is not in the registry")
            }
            JitError::Codegen(why) => write!(f, "the code generator failed: {why}"),
        }
    }
}

impl std::error::Error for JitError {}
