//! What a run did: for each expression of the program and each time it was computed, its operation, inputs,
//! value and place, and the instances and photos it came from; and the same for the answer. See
//! `spec/trace.md`.
//!
//! A trace is a run of its own, by the interpreter over MIR lowered with marks. Other runs know nothing of it.

mod flow;
mod origin;
mod print;
mod record;

use reasmory_runtime::{Chooser, Limits, Outcome, Run};
use reasmory_sema::CheckOptions;
use reasmory_span::Span;
use serde_json::Value;

pub use print::{json, provenance, text};

use crate::{CheckReport, Scene, Source};

/// Most entries of a trace; what is computed after that is counted.
pub const MAX_ENTRIES: usize = 1000;

/// What a value came from.
#[derive(Clone, Debug, PartialEq)]
pub struct From {
    /// The entry that has the value itself.
    pub entry: Option<u32>,
    /// Ids of instances, ascending.
    pub instances: Vec<u32>,
    /// Numbers of photos, ascending.
    pub photos: Vec<u32>,
    /// Operations and functions, in the order in which they were first used.
    pub operations: Vec<String>,
    /// Parts of the memory that those operations read by themselves.
    pub reads: Vec<&'static str>,
}

/// An operand of an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Name of the parameter; empty for operands of operators.
    pub name: String,
    /// Where it is written.
    pub span: Span,
    /// The entry that computed it; `None` for literals and members of lists.
    pub entry: Option<u32>,
    /// Its value, for people.
    pub text: String,
}

/// One expression, computed once.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// From 1, in the order in which they were complete.
    pub id: u32,
    /// Loops, calls and functions as arguments around it.
    pub depth: u32,
    /// Operation, function or operator.
    pub what: String,
    /// Where it is written.
    pub span: Span,
    /// Operands.
    pub inputs: Vec<Input>,
    /// Type of the value.
    pub ty: String,
    /// The value, for people.
    pub text: String,
    /// The value, as in an answer; null for what cannot be one.
    pub value: Value,
    /// What it came from.
    pub from: From,
}

/// A traced run.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Entries.
    pub entries: Vec<Entry>,
    /// How many more there were.
    pub omitted: u64,
    /// What the answer came from.
    pub answer: Option<From>,
    /// How the run ended; the same as without a trace.
    pub outcome: Outcome,
}

/// Runs a program and records it.
pub fn trace(
    source: &Source,
    options: CheckOptions<'_>,
    scene: &Scene,
    limits: Limits,
    chooser: Option<&dyn Chooser>,
) -> Result<Trace, Box<CheckReport>> {
    let report = crate::check(source, options);
    if !report.is_ok() {
        return Err(Box::new(report));
    }
    let (mir, mut marks) = reasmory_sema::lower::lower_marked(&report.hir);
    // A default that is a list stands where the call does; it is not written there.
    marks.retain(|m| m.what != "list" || m.span.text(&source.text).starts_with('['));
    let mir = match reasmory_ir::verify(mir) {
        Ok(mir) => mir,
        Err(e) => return Err(Box::new(report.unverified(&e))),
    };
    let mut run = Run::new(&scene.memory, &mir, scene.cloud_cell(), limits, None)
        .with_index(scene.index())
        .with_chooser(chooser);
    let metric = scene.memory.manifest().scale.is_metric();
    let mut recorder = record::Recorder::new(&mir, &marks, metric);
    reasmory_interp::run_observed(&mir, &mut run, &mut recorder);
    let record::Recorder { entries, omitted, answer, .. } = recorder;
    Ok(Trace { entries, omitted, answer, outcome: run.finish() })
}
