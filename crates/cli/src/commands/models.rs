//! The models of `ask` and `eval`, and what their options mean.

use std::io::Write as _;
use std::ops::ControlFlow;

use reasmory_driver::Failure;
use reasmory_driver::diag::shown::printable;
use reasmory_driver::model::{Heard, Model};
use reasmory_driver::pipeline::{Ablation, Bounds, Mode};

use crate::args::{self, AskPipeline};

/// The models of the stages.
pub(super) struct Models {
    pub planner: Option<Model>,
    pub decomposer: Option<Model>,
    pub reasoner: Option<Model>,
    pub pick: Option<Model>,
}

impl Models {
    /// Opens them, each by itself, so that each stage has an account of its own.
    pub fn open(name: &str, p: &AskPipeline) -> Result<Models, Failure> {
        let environment = |name: &str| std::env::var(name).ok();
        let open = |name: &str| -> Result<Model, Failure> {
            let model = Model::open(name, p.record.as_deref(), &environment)
                .map_err(|e| Failure::new(e.to_string(), e.remedy()))?;
            Ok(if p.live { model.heard_by(live) } else { model })
        };
        let asks = name != "templates";
        let usage = |what: &str, remedy: &str| Err(Failure::new(what, remedy));
        if p.decompose && !asks {
            return usage(
                "`--decompose` needs a model as planner",
                "name one with `--planner NAME`",
            );
        }
        if p.fallback.is_some() && !asks {
            return usage(
                "`--fallback` needs a model as planner",
                "name one with `--planner NAME`",
            );
        }
        if p.ablate.contains(&args::Ablate::Language) && !asks {
            return usage(
                "`--ablate language` needs a model as planner: it calls the tools",
                "name one with `--planner NAME`",
            );
        }
        let eyes = p.mode.is_some_and(|m| m != args::Mode::Computed)
            || p.ablate.contains(&args::Ablate::Dsl);
        if eyes && p.reasoner.is_none() {
            return usage("no reasoner is named", "name one with `--reasoner NAME`");
        }
        let planner = asks.then(|| open(name)).transpose().map_err(|e| {
            let remedy = format!("{}; or use `--planner templates`, which is built in", e.remedy);
            Failure::new(e.what, remedy)
        })?;
        Ok(Models {
            planner,
            decomposer: p.decompose.then(|| open(name)).transpose()?,
            reasoner: p.reasoner.as_deref().map(open).transpose()?,
            pick: p.model.as_deref().map(open).transpose()?,
        })
    }
}

/// Prints what a model says. Its words are data: nothing in them reaches the terminal as a command.
fn live(heard: Heard<'_>) -> ControlFlow<()> {
    let mut err = std::io::stderr().lock();
    // Who does not read it any more does not end the answer.
    let _ = match heard {
        Heard::Begin => err.write_all(b"\n"),
        Heard::Text(t) => err.write_all(printable(t).as_bytes()),
    };
    let _ = err.flush();
    ControlFlow::Continue(())
}

/// Whose answer is taken.
pub(super) fn mode(p: &AskPipeline) -> Mode {
    match p.mode {
        Some(args::Mode::Computed) => Mode::Computed,
        Some(args::Mode::Evidence) => Mode::Evidence,
        Some(args::Mode::Both) => Mode::Both,
        None if ablation(p).dsl => Mode::Evidence,
        None if p.reasoner.is_some() => Mode::Both,
        None => Mode::Computed,
    }
}

/// The limits.
pub(super) fn bounds(p: &AskPipeline) -> Bounds {
    Bounds {
        tries: p.tries,
        tokens: p.tokens,
        prompt: p.budget.unwrap_or(Bounds::default().prompt),
        picture: p.model_picture,
        ..Bounds::default()
    }
}

/// What is left out.
pub(super) fn ablation(p: &AskPipeline) -> Ablation {
    let leaves = |what| p.ablate.contains(&what);
    Ablation {
        validation: leaves(args::Ablate::Validation),
        instances: leaves(args::Ablate::Instances),
        dsl: leaves(args::Ablate::Dsl),
        language: leaves(args::Ablate::Language),
    }
}
