//! From a question to an answer with a language model: decomposer, planner with its repairs, run, reasoner;
//! each stage bounded, each can be left out, and everything that was said is kept.
//!
//! A model's program is never taken as it is: it is checked against the scene and the question, safe fixes are
//! applied here, and what is left goes back to the model as the diagnostics of that one try. Tries and tokens are
//! bounded. Where no program comes of it, that is the outcome, or a fallback that was asked for answers, and
//! the output says so. `spec/asking.md` states the rules.

mod arbitrate;
mod decompose;
mod document;
mod estimate;
mod extract;
mod planning;
mod reason;
mod talk;
mod tools;

use reasmory_model::Model;
use reasmory_planner::{Plan, Refusal};
use reasmory_prompt::{Prompts, Subject, Variant};
use reasmory_scene::Manifest;
use serde_json::Value;

use crate::ask;
use crate::conclude::{Conclusion, Setting};
use crate::question::Question;
use crate::{Failure, Source, evidence};

pub use arbitrate::Arbitration;
pub use decompose::Decomposed;
pub use estimate::Estimate;
pub use extract::{Extracted, extract, fuzz as fuzz_extract};
pub use planning::{PlanOutcome, Planned, Try, TryOutcome};
pub use reason::{Reasoned, Verdict};
pub use talk::{Said, Talk};
pub use tools::{Called, Tooled, ToolsOutcome, fuzz_call};

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The program computes it.
    #[default]
    Computed,
    /// A reasoner answers from the program's pictures and what it computed.
    Evidence,
    /// Both, and a rule decides where they differ.
    Both,
}

impl Mode {
    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Computed => "computed",
            Mode::Evidence => "evidence",
            Mode::Both => "both",
        }
    }
}

/// What is left out on purpose, to see what it is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ablation {
    /// No repairs: the first program runs as it is, or not at all.
    pub validation: bool,
    /// The planner is not told what the scene holds.
    pub instances: bool,
    /// No program: the reasoner answers from the scene's photos.
    pub dsl: bool,
    /// No program: the planner's model calls operations one by one, as free-form tools, and answers.
    pub language: bool,
}

impl Ablation {
    /// The names of what is left out.
    pub fn names(self) -> Vec<&'static str> {
        let all = [
            (self.validation, "validation"),
            (self.instances, "instances"),
            (self.dsl, "dsl"),
            (self.language, "language"),
        ];
        all.into_iter().filter(|a| a.0).map(|a| a.1).collect()
    }
}

/// Limits of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Programs that a planner may write.
    pub tries: u32,
    /// Tokens that the planner may read and write, in all.
    pub tokens: u64,
    /// Tokens of one reply.
    pub reply: u32,
    /// Tokens of its prompt.
    pub prompt: usize,
    /// Side of a picture for the reasoner, pixels.
    pub picture: u32,
    /// Photos that the reasoner gets where there is no program.
    pub photos: usize,
    /// Calls of tools, where the planner's model calls them one by one.
    pub calls: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            tries: 3,
            tokens: 40_000,
            reply: 2048,
            prompt: reasmory_prompt::BUDGET,
            picture: 768,
            photos: 8,
            calls: 12,
        }
    }
}

/// Who does what.
#[derive(Clone, Copy, Debug)]
pub struct Pipeline<'a> {
    /// The words of all prompts.
    pub variant: &'a Variant,
    /// Writes programs; the planner `templates` without one.
    pub planner: Option<&'a Model>,
    /// Takes the question apart first, where it is given.
    pub decomposer: Option<&'a Model>,
    /// Answers from pictures, where the mode asks for it.
    pub reasoner: Option<&'a Model>,
    /// Where the answer comes from.
    pub mode: Mode,
    /// Whether the planner `templates` answers where the model gives no program.
    pub fallback: bool,
    /// Limits.
    pub bounds: Bounds,
    /// What is left out.
    pub ablation: Ablation,
}

/// What became of the fallback.
#[derive(Clone, Debug)]
pub struct Fallback {
    /// Why it was needed: the outcome of the planner.
    pub why: &'static str,
    /// Its plan.
    pub plan: Result<Plan, Refusal>,
}

/// What came of a question.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The document of `ask --json`.
    pub document: Value,
    /// What the question was taken apart into.
    pub decomposed: Option<Decomposed>,
    /// The conversation with the planner; none where no model wrote a program.
    pub planned: Option<Planned>,
    /// The calls of tools, where programs are left out for them.
    pub tooled: Option<Tooled>,
    /// The plan of `templates`, where that is the planner.
    pub plan: Option<Value>,
    /// The fallback, where it was needed.
    pub fallback: Option<Fallback>,
    /// The program that was run and what came of it.
    pub run: Option<(Source, Conclusion)>,
    /// What the reasoner said.
    pub reasoned: Option<Reasoned>,
    /// Whose answer it is.
    pub arbitration: Arbitration,
    /// The answer for people: text and option; nothing where there is none.
    pub answer: Option<(String, Option<String>)>,
    /// The status in the document.
    pub status: &'static str,
}

impl Pipeline<'_> {
    fn prompts<'p>(&'p self, q: &'p Question, setting: &Setting<'p>) -> Prompts<'p> {
        let manifest: &Manifest = setting.scene.memory.manifest();
        let subject = Subject {
            scene: (!self.ablation.instances).then_some(manifest),
            question: Some(&q.asked),
            synonyms: Some(&setting.config.synonyms),
            model: setting.model.is_some(),
        };
        Prompts { variant: self.variant, subject, budget: self.bounds.prompt }
    }

    /// Whether a model calls tools instead of writing a program.
    fn calls_tools(&self) -> bool {
        self.ablation.language && !self.ablation.dsl && self.planner.is_some()
    }

    /// Answers a question. The setting's own question is not looked at.
    pub fn ask(&self, q: &Question, setting: Setting<'_>) -> Result<Answered, Failure> {
        let mut talk = Talk::default();
        let models = [self.planner, self.decomposer, self.reasoner];
        models.into_iter().flatten().for_each(Model::start);
        let decomposed = match self.decomposer {
            Some(model) if q.asked.decomposition.is_none() => {
                Some(decompose::decompose(self, model, q, &setting, &mut talk)?)
            }
            _ => None,
        };
        let q = decomposed.as_ref().and_then(|d| d.question.as_ref()).unwrap_or(q);
        let (mut planned, mut plan, mut fallback, mut run) = (None, None, None, None);
        let mut tooled = None;
        let traced = Setting { trace: true, ..setting };
        match self.planner {
            _ if self.ablation.dsl => {}
            Some(model) if self.calls_tools() => {
                tooled = Some(tools::answer(self, model, q, &setting, &mut talk)?);
            }
            None => {
                let done = ask::ask(q, traced, true)?;
                plan = Some(done.document["plan"].clone());
                run = done.run;
            }
            Some(model) => {
                let found = planning::plan(self, model, q, &setting, &mut talk)?;
                run = found.run.clone();
                if let Some((_, done)) = &mut run {
                    // Those of a program that was not taken are written nowhere.
                    done.records = evidence::records(&done.report, setting.out)?;
                    done.document["evidence"] = Value::Array(done.records.clone());
                }
                if !found.outcome.has_answer() && self.fallback {
                    let why = found.outcome.name();
                    let done = ask::ask(q, traced, true)?;
                    // A fallback that has nothing leaves what the model had.
                    if let Some(r) = done.run {
                        run = Some(r);
                    }
                    fallback = Some(Fallback { why, plan: done.plan });
                }
                planned = Some(found);
            }
        }
        let (tooled, said) = tooled.unzip();
        let reasoned = match self.reasoner {
            _ if said.is_some() => said,
            Some(model) if self.mode != Mode::Computed => {
                let done = run.as_ref().map(|r| &r.1);
                Some(reason::reason(self, model, q, &setting, done, &mut talk)?)
            }
            _ => None,
        };
        if let Some((_, done)) = &mut run {
            // Runs are traced for the reasoner; whoever wants to see a trace asks `run`.
            done.trace = None;
        }
        let computed = run.as_ref().map(|r| &r.1);
        // Where there is no program, whoever called the tools is the one who answers.
        let mode = if tooled.is_some() { Mode::Evidence } else { self.mode };
        let arbitration = arbitrate::arbitrate(mode, computed, reasoned.as_ref());
        let mut answered = Answered {
            document: Value::Null,
            decomposed,
            planned,
            tooled,
            plan,
            fallback,
            run,
            reasoned,
            arbitration,
            answer: None,
            status: "failed",
        };
        document::write(self, &mut answered, &talk);
        Ok(answered)
    }
}
