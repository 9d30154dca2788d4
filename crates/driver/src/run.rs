//! Running a program over a memory.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reasmory_diag::{Code, Diagnostic};
use reasmory_ir::Loc;
use reasmory_render::Cloud;
use reasmory_runtime::{
    AnswerValue, Chooser, Evidence, Fault, FaultKind, Index, Limits, Outcome, Run, Stop,
};
use reasmory_scene::{Memory, apart};
use reasmory_sema::Profile;
use reasmory_span::Span;

use crate::watchdog::Watchdog;
use crate::{OptLevel, Optimise, Program};

/// A memory and what is prepared from it once.
#[derive(Debug)]
pub struct Scene {
    /// The memory.
    pub memory: Memory,
    cloud: OnceLock<Cloud>,
    index: Arc<Index>,
    pub(crate) profile: Profile,
}

impl Scene {
    /// A scene over a memory.
    pub fn new(memory: Memory) -> Scene {
        let index = Arc::new(Index::new(&memory));
        let profile = Profile::new(memory.manifest());
        Scene { memory, cloud: OnceLock::new(), index, profile }
    }

    /// Where the prepared points are kept.
    pub(crate) fn cloud_cell(&self) -> &OnceLock<Cloud> {
        &self.cloud
    }

    /// The index of the instances' points.
    pub(crate) fn index(&self) -> Arc<Index> {
        Arc::clone(&self.index)
    }

    /// The prepared points, made on first use.
    pub fn cloud(&self) -> &Cloud {
        self.cloud.get_or_init(|| apart(|| Cloud::new(&self.memory)))
    }
}

/// Which engine runs the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// Native code.
    #[default]
    Jit,
    /// The reference interpreter.
    Interp,
}

/// How to run.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunOptions {
    /// Engine.
    pub engine: Engine,
    /// Limits.
    pub limits: Limits,
    /// Optimisation.
    pub optimise: Optimise,
    /// The time it may take, checks of the noise included.
    pub deadline: Option<Duration>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// With an answer.
    Answered,
    /// With evidence only.
    Shown,
    /// With an answer that the memory's noise could change.
    Tie,
    /// Without an answer: an operation has no value here.
    Abstained,
    /// Not at all: the program has errors.
    Rejected,
    /// With a fault.
    Failed,
}

impl RunStatus {
    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            RunStatus::Answered => "answered",
            RunStatus::Shown => "shown",
            RunStatus::Tie => "tie",
            RunStatus::Abstained => "abstained",
            RunStatus::Rejected => "rejected",
            RunStatus::Failed => "failed",
        }
    }

    /// Whether the exit code is 0.
    pub const fn is_success(self) -> bool {
        !matches!(self, RunStatus::Rejected | RunStatus::Failed)
    }
}

/// The result of a run.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// How it ended.
    pub status: RunStatus,
    /// The answer and its printed unit (an index in `types::UNITS`).
    pub answer: Option<(AnswerValue, Option<u32>)>,
    /// For a tie: the margin of the decision that turns the answer, canonical unit.
    pub margin: Option<f64>,
    /// What was shown.
    pub evidence: Vec<Evidence>,
    /// Warnings, and the fault as a diagnostic.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a run may be given besides a memory.
#[derive(Clone, Copy, Default)]
pub struct Aids<'a> {
    /// Who makes choices in words; repetitions of the run ask the same one.
    pub chooser: Option<&'a dyn Chooser>,
    /// What may end it.
    pub stop: Option<&'a Arc<Stop>>,
}

impl RunReport {
    /// The report of a program that has errors, or that could not be compiled.
    pub fn rejected(diagnostics: Vec<Diagnostic>) -> RunReport {
        let ours = diagnostics.iter().any(|d| d.code == Code::OperationPanicked);
        RunReport {
            status: if ours { RunStatus::Failed } else { RunStatus::Rejected },
            answer: None,
            margin: None,
            evidence: vec![],
            diagnostics,
        }
    }
}

/// At most this many doubtful decisions are tried the other way; more do not fit a sensible answer time.
const MAX_FLIPS: usize = 64;

pub(crate) fn native_failure(e: &reasmory_jit::JitError) -> Diagnostic {
    Diagnostic::new(
        Code::OperationPanicked,
        Span::default(),
        format!("native compilation failed: {e}"),
    )
    .help("run with `--engine interp`, and report the program")
}

impl Program {
    /// Compiles to native code.
    pub fn jit(&self) -> Result<reasmory_jit::Compiled, Box<Diagnostic>> {
        reasmory_jit::compile(&self.mir, reasmory_jit::Options::default())
            .map_err(|e| Box::new(native_failure(&e)))
    }

    /// Optimises and runs over a scene.
    pub fn run(&self, scene: &Scene, options: RunOptions) -> RunReport {
        self.run_asking(scene, options, None)
    }

    /// Runs over a scene, with somebody who makes choices in words. Repetitions of the run ask the same one.
    pub fn run_asking(
        &self,
        scene: &Scene,
        options: RunOptions,
        chooser: Option<&dyn Chooser>,
    ) -> RunReport {
        if options.optimise.level != OptLevel::None {
            let (program, _) = self.optimised(options.optimise);
            return program.run_asking(
                scene,
                RunOptions { optimise: Optimise::NONE, ..options },
                chooser,
            );
        }
        let compiled = match options.engine {
            Engine::Interp => None,
            Engine::Jit => match reasmory_jit::compile(&self.mir, Default::default()) {
                Ok(c) => Some(c),
                // A call chain too deep for the native stack: the interpreter keeps its frames on the heap.
                Err(reasmory_jit::JitError::TooLarge { .. }) => None,
                Err(e) => return self.broken(native_failure(&e)),
            },
        };
        self.run_bound(scene, options, compiled.as_ref(), chooser)
    }

    /// Runs native code compiled earlier, or the interpreter without any, until the deadline.
    pub(crate) fn run_bound(
        &self,
        scene: &Scene,
        options: RunOptions,
        compiled: Option<&reasmory_jit::Compiled>,
        chooser: Option<&dyn Chooser>,
    ) -> RunReport {
        let watchdog = options.deadline.map(Watchdog::start);
        let stop = watchdog.as_ref().map(Watchdog::stop);
        self.run_until(scene, options.limits, compiled, Aids { chooser, stop: stop.as_ref() })
    }

    /// Runs native code compiled earlier, or the interpreter without any.
    pub fn run_with(
        &self,
        scene: &Scene,
        limits: Limits,
        compiled: Option<&reasmory_jit::Compiled>,
    ) -> RunReport {
        self.run_until(scene, limits, compiled, Aids::default())
    }

    /// [`Program::run_with`] with what the run may be given: the nominal run, and one for each doubtful
    /// decision of it until one changes the answer.
    pub fn run_until(
        &self,
        scene: &Scene,
        limits: Limits,
        compiled: Option<&reasmory_jit::Compiled>,
        aids: Aids<'_>,
    ) -> RunReport {
        let nominal = self.one(scene, limits, compiled, None, aids);
        let mut diagnostics = self.diagnostics.clone();
        if let Some(fault) = &nominal.fault {
            let status = if fault.kind == FaultKind::NoValue {
                RunStatus::Abstained
            } else {
                RunStatus::Failed
            };
            diagnostics.push(self.diagnose(fault));
            return RunReport {
                status,
                answer: None,
                margin: None,
                evidence: nominal.evidence,
                diagnostics,
            };
        }
        let mut status =
            if nominal.answer.is_some() { RunStatus::Answered } else { RunStatus::Shown };
        let mut margin = None;
        if nominal.answer.is_some() {
            // A tie is an answer that one doubtful decision, taken the other way, would change.
            for (ordinal, decision) in nominal.decisions.iter().enumerate().take(MAX_FLIPS) {
                let other = self.one(scene, limits, compiled, Some(ordinal), aids);
                if let Some(Err(fault)) = aids.stop.map(|s| s.check()) {
                    // Whether it is a tie is not known.
                    diagnostics.push(self.diagnose(other.fault.as_ref().unwrap_or(&fault)));
                    return RunReport {
                        status: RunStatus::Failed,
                        answer: None,
                        margin: None,
                        evidence: nominal.evidence,
                        diagnostics,
                    };
                }
                if other.fault.is_some() || other.answer != nominal.answer {
                    status = RunStatus::Tie;
                    margin = Some(decision.margin);
                    break;
                }
            }
        }
        RunReport {
            status,
            answer: nominal.answer,
            margin,
            evidence: nominal.evidence,
            diagnostics,
        }
    }

    /// One run, with one doubtful decision turned where `flip` says so.
    pub fn once(
        &self,
        scene: &Scene,
        limits: Limits,
        compiled: Option<&reasmory_jit::Compiled>,
        flip: Option<usize>,
    ) -> Outcome {
        self.one(scene, limits, compiled, flip, Aids::default())
    }

    fn one(
        &self,
        scene: &Scene,
        limits: Limits,
        compiled: Option<&reasmory_jit::Compiled>,
        flip: Option<usize>,
        aids: Aids<'_>,
    ) -> Outcome {
        // Code from a cache has its own copy of the same program.
        let mir = compiled.map_or(&self.mir, |c| c.program());
        let mut run = Run::new(&scene.memory, mir, &scene.cloud, limits, flip)
            .with_index(Arc::clone(&scene.index))
            .with_chooser(aids.chooser);
        if let Some(stop) = aids.stop {
            run = run.with_stop(Arc::clone(stop));
        }
        if flip.is_some() {
            // Only its answer is compared.
            run = run.blind();
        }
        match compiled {
            Some(c) => c.run(&mut run),
            None => reasmory_interp::run(mir, &mut run),
        };
        run.finish()
    }

    fn broken(&self, d: Diagnostic) -> RunReport {
        let mut diagnostics = self.diagnostics.clone();
        diagnostics.push(d);
        RunReport {
            status: RunStatus::Failed,
            answer: None,
            margin: None,
            evidence: vec![],
            diagnostics,
        }
    }

    /// The source place of a MIR location.
    pub fn span(&self, loc: Loc) -> Span {
        self.mir.locs.get(loc.0 as usize).copied().unwrap_or_default()
    }

    fn diagnose(&self, fault: &Fault) -> Diagnostic {
        let (code, help) = match fault.kind {
            FaultKind::AssertionFailed => {
                (Code::AssertionFailed, "the memory contradicts what the program assumes")
            }
            FaultKind::IndexOutOfRange => {
                (Code::IndexOutOfRange, "choose an index from 1 to `count()`")
            }
            FaultKind::NotANumber => (Code::NotANumber, "guard the division, root or measure"),
            FaultKind::IntegerOverflow => (Code::IntegerOverflow, "compute with smaller numbers"),
            FaultKind::OutOfFuel => (Code::OutOfFuel, "loop over shorter lists"),
            FaultKind::RunLimit => (Code::RunLimit, "ask for less in one program"),
            FaultKind::NoValue => (
                Code::NoValue,
                "give `else=` to the operation, or ask for something the memory can decide",
            ),
            FaultKind::Ambiguous => (
                Code::Ambiguous,
                "say which: `objects(…).nearest(to=…)`, `.largest()`, `.leftmost(from=…)`",
            ),
            FaultKind::CorruptMemory => {
                (Code::CorruptMemory, "check the memory with `reasmory scene verify`")
            }
            FaultKind::ModelUnavailable => (Code::ModelUnavailable, "run with a model"),
            FaultKind::ModelFailed => {
                (Code::ModelFailed, "choose by geometry instead, or see spec/models.md")
            }
            FaultKind::Internal => {
                (Code::OperationPanicked, "this is a bug of Reasmory: report the program")
            }
        };
        let span = fault.loc.map(|l| self.span(l)).unwrap_or_default();
        let mut message = fault.message.replace('\n', " ");
        while message.ends_with('.') {
            message.pop();
        }
        Diagnostic::new(code, span, message).label("while running this").help(help)
    }
}
