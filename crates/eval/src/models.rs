//! Language models as planner and reasoner of a benchmark: the pipeline of `ask`, question by question.

use reasmory_driver::conclude::Setting;
use reasmory_driver::model::{Account, Model};
use reasmory_driver::pipeline::{
    Ablation, Answered, Bounds, Estimate, Mode, Pipeline, PlanOutcome, ToolsOutcome, TryOutcome,
    Verdict,
};
use reasmory_driver::prompts::Variant;
use reasmory_driver::{Config, Failure, RunOptions};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Item, Memories};

/// Who does what, and what is left out.
#[derive(Debug)]
pub struct Models {
    /// Writes programs; the planner `templates` without one.
    pub planner: Option<Model>,
    /// Takes questions apart first.
    pub decomposer: Option<Model>,
    /// Answers from pictures.
    pub reasoner: Option<Model>,
    /// Is asked by `pick`.
    pub pick: Option<Model>,
    /// The words of all prompts, and what names them: `built-in`, or the hash of a file.
    pub variant: (Variant, String),
    /// Whose answer is taken.
    pub mode: Mode,
    /// Whether `templates` answers where the planner has no program.
    pub fallback: bool,
    /// Limits.
    pub bounds: Bounds,
    /// What is left out.
    pub ablation: Ablation,
}

impl Models {
    /// The same models, each with an account of its own.
    pub(crate) fn fresh(&self) -> Models {
        Models {
            planner: self.planner.as_ref().map(Model::fresh),
            decomposer: self.decomposer.as_ref().map(Model::fresh),
            reasoner: self.reasoner.as_ref().map(Model::fresh),
            pick: self.pick.as_ref().map(Model::fresh),
            variant: self.variant.clone(),
            ..*self
        }
    }

    /// The same models with something left out. Without programs the reasoner alone answers.
    pub fn without(&self, ablation: Ablation) -> Models {
        let mut out = self.fresh();
        out.ablation = ablation;
        if ablation.dsl {
            out.mode = Mode::Evidence;
        }
        out
    }

    pub(crate) fn pipeline(&self) -> Pipeline<'_> {
        Pipeline {
            variant: &self.variant.0,
            planner: self.planner.as_ref(),
            decomposer: self.decomposer.as_ref(),
            reasoner: self.reasoner.as_ref(),
            mode: self.mode,
            fallback: self.fallback,
            bounds: self.bounds,
            ablation: self.ablation,
        }
    }

    /// As the report names the planner.
    pub fn name(&self) -> &str {
        self.planner.as_ref().map_or("templates", Model::name)
    }

    /// What a report says of them: all that its figures depend on.
    pub fn json(&self) -> Value {
        let name = |m: &Option<Model>| m.as_ref().map(|m| m.name().to_owned());
        let b = self.bounds;
        json!({
            "reasoner": name(&self.reasoner),
            "pick": name(&self.pick),
            "decompose": self.decomposer.is_some(),
            "mode": self.mode.name(),
            "fallback": self.fallback.then_some("templates"),
            "ablated": self.ablation.names(),
            "prompts": self.variant.1,
            "bounds": {
                "tries": b.tries, "tokens": b.tokens, "reply": b.reply, "prompt": b.prompt,
                "picture": b.picture, "photos": b.photos, "calls": b.calls,
            },
        })
    }

    pub(crate) fn account(&self) -> Account {
        let mut sum = Account::new();
        let all = [&self.planner, &self.decomposer, &self.reasoner, &self.pick];
        all.into_iter().flatten().for_each(|m| sum.add(&m.account()));
        sum
    }

    /// What a run over these items would take. Items without a memory, or that cannot be used, take nothing.
    pub fn estimate(
        &self,
        items: &[Item],
        memories: &Memories,
        options: RunOptions,
    ) -> Result<Estimate, Failure> {
        let config = Config::default();
        let pipeline = self.pipeline();
        let mut sum = Estimate::none();
        for item in items.iter().filter(|i| i.truth.is_ok()) {
            let Ok(scene) = memories.scene(item.scene.as_deref()) else { continue };
            let setting = Setting {
                scene: &scene,
                question: Some(&item.question),
                model: self.pick.as_ref(),
                config: &config,
                options,
                trace: false,
                out: None,
            };
            sum.add(&pipeline.estimate(&item.question, &setting)?);
        }
        Ok(sum)
    }
}

/// What the models took for an item, and whose answer it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Requests that were answered.
    pub calls: u64,
    /// Requests that were not.
    pub failed: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// US dollars; nothing where a price is not known.
    pub cost_usd: Option<f64>,
    /// `computed`, `reasoned` or `nobody`.
    pub by: String,
    /// Whether the program is the fallback's.
    pub fallback: bool,
}

impl Usage {
    pub(crate) fn of(models: &Models, done: &Answered) -> Usage {
        let a = models.account();
        Usage {
            calls: a.calls,
            failed: a.failed,
            input_tokens: a.input_tokens,
            output_tokens: a.output_tokens,
            cost_usd: a.cost,
            by: done.arbitration.taken.to_owned(),
            fallback: done.fallback.is_some(),
        }
    }
}

/// Why there is no program: the stage is the planner's, unless programs came that do not pass the check.
pub(crate) fn without_program(done: &Answered) -> (bool, String) {
    let Some(planned) = &done.planned else {
        let plan = done.plan.as_ref();
        let why = plan.and_then(|p| p["message"].as_str()).unwrap_or("there is no program");
        return (false, why.to_owned());
    };
    let checked = planned.tries.iter().any(|t| t.outcome == TryOutcome::Rejected);
    let why = match &planned.outcome {
        PlanOutcome::Unavailable(why) => why.clone(),
        other => {
            let tries: Vec<&str> = planned.tries.iter().map(|t| t.outcome.name()).collect();
            format!("{} after {}", other.name(), tries.join(", "))
        }
    };
    (checked && !unavailable(done), why)
}

/// Whether a model could not be asked: such an item is not done, and is asked again when the run goes on.
pub(crate) fn unavailable(done: &Answered) -> bool {
    let planner =
        done.planned.as_ref().is_some_and(|p| matches!(p.outcome, PlanOutcome::Unavailable(_)));
    let reasoner = done
        .reasoned
        .as_ref()
        .is_some_and(|r| r.tries == 0 && matches!(r.verdict, Verdict::None(_)));
    let tools =
        done.tooled.as_ref().is_some_and(|t| matches!(t.outcome, ToolsOutcome::Unavailable(_)));
    planner || reasoner || tools
}
