//! MIR: the middle representation. SSA over basic blocks with parameters, typed, effects on
//! instructions, a verifier, and a textual form.
//!
//! Every value is one 64-bit slot at run time: quantities are `f64` bits, `Bool` is 0 or 1, `Int` is an
//! `i64`, everything else is an index or a handle into the run's arena. Control flow is structured by the
//! lowering but nothing here relies on it.
#![forbid(unsafe_code)]

mod build;
mod flow;
mod limits;
mod mir;
mod parse;
mod print;
mod rules;
mod verify;

pub use build::FunctionBuilder;
pub use flow::{Graph, cyclic_blocks, reachable_blocks};
pub use limits::Limits;
pub use mir::{
    Block, BlockId, CmpOp, ConstText, FuncId, Function, Inst, InstKind, Intrinsic, Loc, Program,
    Rounding, Target, TermKind, Terminator, Value,
};
pub use parse::{ParseError, fuzz_parse, parse};
pub use print::{print, print_with_places};
pub use rules::is_made;
pub use verify::{Verified, VerifyError, verify};
