//! The planner and its repairs: prompt, program, check, safe fixes, feedback, run, and again within bounds.

use std::sync::Arc;

use reasmory_diag::{Applicability, Diagnostic, render};
use reasmory_grammar::{Format, Grammar, Scope};
use reasmory_model::{GrammarFormat, Model};
use reasmory_sema::CheckOptions;
use serde_json::{Value, json};

use super::decompose::unasked;
use super::extract::{Extracted, extract};
use super::talk::{Exchange, Talk};
use super::{Mode, Pipeline};
use crate::conclude::{Conclusion, Setting, conclude};
use crate::fix::{Applied, fix};
use crate::question::Question;
use crate::{Failure, RunReport, RunStatus, Source, check};

/// Most characters of the findings that are fed back.
const FEEDBACK: usize = 3000;

/// How one try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TryOutcome {
    /// There is no program in the reply.
    Unreadable(&'static str),
    /// The program has errors that no safe fix repairs.
    Rejected,
    /// It ran.
    Ran(RunStatus),
    /// It ran and shows nothing, where pictures are wanted.
    NoEvidence,
}

impl TryOutcome {
    /// As in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            TryOutcome::Unreadable(_) => "unreadable",
            TryOutcome::Rejected => "rejected",
            TryOutcome::Ran(status) => status.name(),
            TryOutcome::NoEvidence => "no_evidence",
        }
    }
}

/// One try.
#[derive(Clone, Debug)]
pub struct Try {
    /// The program as the model wrote it.
    pub written: Option<String>,
    /// Safe fixes that were applied to it.
    pub fixed: Vec<Applied>,
    /// Codes of the errors that were left, or of what the run reports.
    pub findings: Vec<&'static str>,
    /// How it ended.
    pub outcome: TryOutcome,
    /// Whether it was fed back.
    pub fed_back: bool,
}

/// How the conversation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanOutcome {
    /// The first program was taken as it is.
    Planned,
    /// The first program was taken with safe fixes.
    Fixed,
    /// A later program was taken.
    Repaired,
    /// The program that was taken has no answer in this scene.
    Abstained,
    /// The last program that ran failed.
    Failed,
    /// No program passed the check within the tries.
    Exhausted,
    /// The next try would have exceeded the tokens.
    OverTokens,
    /// The model could not be asked.
    Unavailable(String),
}

impl PlanOutcome {
    /// As in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            PlanOutcome::Planned => "planned",
            PlanOutcome::Fixed => "fixed",
            PlanOutcome::Repaired => "repaired",
            PlanOutcome::Abstained => "abstained",
            PlanOutcome::Failed => "failed",
            PlanOutcome::Exhausted => "exhausted",
            PlanOutcome::OverTokens => "over_tokens",
            PlanOutcome::Unavailable(_) => "unavailable",
        }
    }

    /// Whether a program was taken; that there is no answer is one, too.
    pub const fn has_answer(&self) -> bool {
        matches!(
            self,
            PlanOutcome::Planned
                | PlanOutcome::Fixed
                | PlanOutcome::Repaired
                | PlanOutcome::Abstained
        )
    }
}

/// The conversation with a planner.
#[derive(Clone, Debug)]
pub struct Planned {
    /// How it ended.
    pub outcome: PlanOutcome,
    /// All tries, in order.
    pub tries: Vec<Try>,
    /// The program that was taken, or the last that ran, and what came of it.
    pub run: Option<(Source, Conclusion)>,
    /// Operations that the prompt described.
    pub described: Vec<&'static str>,
    /// Tokens of the first prompt, estimated.
    pub prompt_tokens: usize,
}

fn findings(diagnostics: &[Diagnostic]) -> Vec<&'static str> {
    diagnostics.iter().filter(|d| d.is_error()).map(|d| d.code.id()).collect()
}

fn llm(source: &Source, diagnostics: &[Diagnostic]) -> String {
    let files = [render::Source { name: &source.name, text: &source.text, diagnostics }];
    render::llm::render(&render::Report { files: &files }, Some(FEEDBACK))
}

/// Whether pictures of a run show anything.
fn shows(report: &RunReport) -> bool {
    report.evidence.iter().any(|e| e.image.coverage > 0.0)
}

/// What is wrong with a run, to be fed back; `None` where it is taken.
fn complaint(source: &Source, report: &RunReport, mode: Mode) -> Option<(TryOutcome, String)> {
    let status = report.status;
    let wants_pictures = mode != Mode::Computed;
    match status {
        RunStatus::Abstained | RunStatus::Failed | RunStatus::Rejected => {
            Some((TryOutcome::Ran(status), llm(source, &report.diagnostics)))
        }
        RunStatus::Shown if !wants_pictures => {
            let why = "It only shows pictures; nobody looks at them. Compute the answer and give it \
                       with `answer`.";
            Some((TryOutcome::Ran(status), why.to_owned()))
        }
        RunStatus::Shown if !shows(report) => {
            let why = "Its pictures show no known surface. Show what the question is about, for \
                       instance with `show top(mark=[…])`.";
            Some((TryOutcome::NoEvidence, why.to_owned()))
        }
        RunStatus::Answered | RunStatus::Tie | RunStatus::Shown => None,
    }
}

/// Which of two runs says more: an answer before none, none before a fault.
fn better(new: &Conclusion, old: &Conclusion) -> bool {
    let rank = |c: &Conclusion| match c.report.status {
        RunStatus::Answered | RunStatus::Tie | RunStatus::Shown => 3,
        RunStatus::Abstained => 2,
        RunStatus::Failed => 1,
        RunStatus::Rejected => 0,
    };
    rank(new) >= rank(old)
}

/// The grammar of programs over the scene, where the model's server can hold a reply to one. A reply is then
/// a program alone.
fn constraint(pipeline: &Pipeline<'_>, model: &Model, setting: &Setting<'_>) -> Option<Arc<str>> {
    let format = match model.grammar()? {
        GrammarFormat::Gbnf => Format::Gbnf,
        GrammarFormat::Ebnf => Format::Ebnf,
    };
    let scope = Scope {
        // Where the planner is not told what the scene holds, the grammar does not tell it either.
        scene: (!pipeline.ablation.instances).then(|| &**setting.scene.memory.manifest()),
        operations: None,
        model: setting.model.is_some(),
    };
    Some(Grammar::new(scope).ok()?.write(format).into())
}

pub(super) fn plan(
    pipeline: &Pipeline<'_>,
    model: &Model,
    q: &Question,
    setting: &Setting<'_>,
    talk: &mut Talk,
) -> Result<Planned, Failure> {
    let prompts = pipeline.prompts(q, setting);
    let prompt = prompts.planner().map_err(|e| crate::prompt::failure(&e))?;
    let prompt_tokens = prompt.tokens();
    let mut exchange = Exchange {
        stage: "planner",
        model,
        system: prompt.system,
        user: prompt.user,
        pictures: vec![],
        last: None,
        max_tokens: pipeline.bounds.reply,
        grammar: constraint(pipeline, model, setting),
    };
    let options = setting.config.apply(CheckOptions {
        scene: Some(setting.scene.memory.manifest()),
        model: setting.model.is_some(),
        question: Some(&q.asked),
        ..CheckOptions::default()
    });
    // Pictures are written once it is known whose they are.
    let running = Setting { question: Some(q), out: None, trace: true, ..*setting };
    let validates = !pipeline.ablation.validation;
    let most = if validates { pipeline.bounds.tries.max(1) } else { 1 };
    let mut tries: Vec<Try> = Vec::new();
    let mut run: Option<(Source, Conclusion)> = None;
    let mut outcome = PlanOutcome::Exhausted;
    let mut abstained = 0;
    let mut spent = 0;
    for n in 1..=most {
        if spent + exchange.tokens() + u64::from(exchange.max_tokens) > pipeline.bounds.tokens {
            outcome = PlanOutcome::OverTokens;
            break;
        }
        let asked = exchange.tokens();
        let reply = match exchange.ask(talk) {
            Ok(reply) => reply,
            Err(e) => {
                outcome = PlanOutcome::Unavailable(unasked(&e));
                break;
            }
        };
        spent += match reply.usage {
            Some(u) => u.input + u.output,
            None => asked + reasmory_prompt::tokens(&reply.text) as u64,
        };
        let again = n < most;
        let written = match extract(&reply.text) {
            Extracted::Program(text) => text,
            Extracted::Nothing(why) => {
                let why = if reply.complete {
                    why.to_owned()
                } else {
                    format!("{why} It was cut off at the limit of tokens.")
                };
                exchange.last = Some((reply.text, prompts.unreadable(&why)));
                tries.push(Try {
                    written: None,
                    fixed: vec![],
                    findings: vec![],
                    outcome: TryOutcome::Unreadable("there is no program in the reply"),
                    fed_back: again,
                });
                continue;
            }
        };
        let mut source = Source::new("plan.rsm", written.clone());
        let mut one = Try {
            written: Some(written),
            fixed: vec![],
            findings: vec![],
            outcome: TryOutcome::Rejected,
            fed_back: again,
        };
        if validates && !check(&source, options).is_ok() {
            let fixed = fix(&source, options, Applicability::Safe);
            one.fixed = fixed.applied;
            source.text = fixed.text;
            if fixed.remaining.iter().any(Diagnostic::is_error) {
                one.findings = findings(&fixed.remaining);
                let feedback = prompts.repair(&source.text, &llm(&source, &fixed.remaining));
                exchange.last = Some((reply.text, feedback));
                tries.push(one);
                continue;
            }
        }
        let done = conclude(&source, running)?;
        let wrong = complaint(&source, &done.report, pipeline.mode);
        one.findings = findings(&done.report.diagnostics);
        one.outcome = wrong.as_ref().map_or(TryOutcome::Ran(done.report.status), |w| w.0.clone());
        let status = done.report.status;
        let touched = !one.fixed.is_empty();
        if run.as_ref().is_none_or(|r| better(&done, &r.1)) {
            run = Some((source.clone(), done));
        }
        let Some((_, why)) = wrong else {
            one.fed_back = false;
            tries.push(one);
            outcome = match (n, touched) {
                (1, false) => PlanOutcome::Planned,
                (1, true) => PlanOutcome::Fixed,
                _ => PlanOutcome::Repaired,
            };
            break;
        };
        if status == RunStatus::Abstained {
            abstained += 1;
            outcome = PlanOutcome::Abstained;
            // That the scene has no answer is one; it is doubted once.
            if abstained > 1 || !validates {
                one.fed_back = false;
                tries.push(one);
                break;
            }
        } else if abstained == 0 {
            outcome = if status == RunStatus::Rejected {
                PlanOutcome::Exhausted
            } else {
                PlanOutcome::Failed
            };
        }
        tries.push(one);
        exchange.last = Some((reply.text, prompts.rerun(&source.text, &why)));
    }
    Ok(Planned { outcome, tries, run, described: prompt.described, prompt_tokens })
}

impl Planned {
    /// As part of the plan in the output.
    pub fn json(&self) -> Value {
        let rows: Vec<Value> = self
            .tries
            .iter()
            .map(|t| {
                json!({
                    "outcome": t.outcome.name(),
                    "program": t.written,
                    "fixed": t.fixed.iter().map(Applied::json).collect::<Vec<_>>(),
                    "findings": t.findings,
                    "fed_back": t.fed_back,
                })
            })
            .collect();
        let why = match &self.outcome {
            PlanOutcome::Unavailable(why) => Some(why),
            _ => None,
        };
        json!({
            "outcome": self.outcome.name(),
            "why": why,
            "prompt_tokens": self.prompt_tokens,
            "operations": self.described,
            "tries": rows,
        })
    }
}
