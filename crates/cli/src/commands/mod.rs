//! One module per group of commands.

mod ask;
mod build;
mod eval;
mod grammar;
mod inspect;
mod lint;
mod many;
mod models;
mod program;
mod progress;
mod prompt;
mod scene;
mod serve;
mod synth;

use std::io::Write as _;

use reasmory_driver::Failure;
use serde_json::Value;

use crate::Ending;
use crate::args::Command;

pub(crate) fn dispatch(command: Command) -> Result<Ending, Failure> {
    match command {
        Command::Import(a) => scene::import(&a),
        Command::Build(a) => build::build(&a),
        Command::Export(a) => scene::export(&a),
        Command::Scene(a) => scene::scene(&a),
        Command::Render(a) => scene::render(&a),
        Command::Check(a) => program::check(&a),
        Command::Fix(a) => program::fix(&a),
        Command::Lint(a) => lint::lint(&a),
        Command::Run(a) => program::run(&a),
        Command::Translate(a) => program::translate(&a),
        Command::Ask(a) => ask::ask(&a),
        Command::Prompt(a) => prompt::prompt(&a),
        Command::Eval(a) => eval::eval(&a),
        Command::Synth(a) => synth::synth(&a),
        Command::Serve(a) => serve::serve(&a),
        Command::Grammar(a) => grammar::grammar(&a),
        Command::Emit(a) => program::emit(&a),
        Command::Bench(a) => inspect::bench(&a),
        Command::Ops(a) => inspect::ops(&a),
        Command::Explain(a) => inspect::explain(&a),
        Command::Demo(a) => inspect::demo(&a),
    }
}

/// Writes to standard output; a closed pipe is the reader's choice, not an error.
fn say(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| {
        if text.ends_with('\n') || text.is_empty() { out.flush() } else { out.write_all(b"\n") }
    });
    match written {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("standard output: {e}"), "check where it goes"))
        }
        _ => Ok(()),
    }
}

fn say_json(value: &Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| Failure::new(format!("JSON: {e}"), "report this"))?;
    say(&text)
}

/// A line on standard error.
fn mention(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A failure on standard error.
pub(crate) fn complain(failure: &Failure) {
    let _ = writeln!(std::io::stderr(), "error: {}\n  help: {}", failure.what, failure.remedy);
}
