//! The command line: arguments, terminal, exit codes. Everything else is `reasmory_driver`.
//!
//! Exit codes: 0 clean, 1 diagnostics at error level or a run that failed, 2 usage or I/O, 101 a bug.
#![forbid(unsafe_code)]

mod args;
mod commands;

use std::process::ExitCode;

use clap::Parser as _;

/// Checking makes many small trees; this allocator takes a sixth off its time (`spec/performance.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How a command ended, when it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Exit 0.
    Clean,
    /// Exit 1.
    Findings,
}

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    match commands::dispatch(cli.command) {
        Ok(Ending::Clean) => ExitCode::SUCCESS,
        Ok(Ending::Findings) => ExitCode::from(1),
        Err(failure) => {
            commands::complain(&failure);
            ExitCode::from(2)
        }
    }
}
