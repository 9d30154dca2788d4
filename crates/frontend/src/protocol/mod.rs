//! Frontends that are other programs: a child process that speaks line-delimited JSON on standard input and
//! output and leaves arrays in files. `spec/frontends.md` describes the protocol.

mod child;
mod exec;
mod message;

pub use exec::{Exec, External};
pub use message::{Hello, Message, PROTOCOL, fuzz_message};
