//! The report of a run: what its JSON, its Markdown and its page are made from.

mod html;
mod markdown;
mod spent;

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub use html::html;
pub use markdown::markdown;
pub(crate) use markdown::percent;
pub(crate) use spent::{Spent, spent};

use crate::stats::{Interval, bootstrap, of_mean};
use crate::{Benchmark, Outcome, Stage};

/// Stages that take score away, in the order of a run.
pub(crate) const STAGES: [Stage; 6] =
    [Stage::Skipped, Stage::Memory, Stage::Plan, Stage::Check, Stage::Run, Stage::Reason];

/// The figures of a group of items.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Name of the family; `all` for the whole.
    pub name: String,
    /// Items, skipped ones among them.
    pub items: usize,
    /// Items that ended with an answer.
    pub answered: usize,
    /// Of these, answers that the memory's noise could change.
    pub ties: usize,
    /// Runs in which an operation had no value.
    pub abstained: usize,
    /// Mean score over all items.
    pub score: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// Mean refined exact match, where answers are texts.
    pub refined: Option<f64>,
    /// Score lost at each of the stages, in items; wrong answers are lost at `reason`.
    pub lost: [f64; 6],
    /// Mean seconds an item, for the program and for the rest.
    pub seconds: [f64; 2],
}

fn group(name: &str, outcomes: &[&Outcome]) -> Group {
    let n = outcomes.len().max(1) as f64;
    let scores: Vec<f64> = outcomes.iter().map(|o| o.record.score).collect();
    let count = |f: &dyn Fn(&Outcome) -> bool| outcomes.iter().filter(|o| f(o)).count();
    let status = |s: &'static str| move |o: &Outcome| o.record.status.as_deref() == Some(s);
    let refined: Vec<f64> = outcomes.iter().filter_map(|o| o.record.refined).collect();
    let lost = STAGES.map(|stage| {
        let here = |o: &&&Outcome| match o.record.stage {
            Stage::Answered => stage == Stage::Reason,
            s => s == stage,
        };
        outcomes.iter().filter(here).map(|o| 1.0 - o.record.score).fold(0.0, |a, b| a + b)
    });
    Group {
        name: name.to_owned(),
        items: outcomes.len(),
        answered: count(&|o| o.record.stage == Stage::Answered),
        ties: count(&status("tie")),
        abstained: count(&status("abstained")),
        score: scores.iter().sum::<f64>() / n,
        interval: of_mean(&scores),
        refined: (!refined.is_empty()).then(|| refined.iter().sum::<f64>() / n),
        lost,
        seconds: [0, 1].map(|i| outcomes.iter().map(|o| o.seconds[i]).sum::<f64>() / n),
    }
}

/// A run in figures.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// Which benchmark.
    pub benchmark: Benchmark,
    /// What the figures depend on.
    pub settings: Value,
    /// Families by name.
    pub families: Vec<Group>,
    /// All items.
    pub all: Group,
    /// The figure that the benchmark publishes, and its interval.
    pub overall: (f64, Interval),
    /// What models took, where models were asked.
    pub(crate) spent: Option<Spent>,
    /// Why rows were skipped, and how often.
    pub skipped: BTreeMap<String, usize>,
    /// What came of each item.
    pub outcomes: &'a [Outcome],
    /// Whether times are reported.
    pub timings: bool,
}

/// The family under which VSI-Bench's overall figure counts a question type.
fn merged(family: &str) -> &str {
    if family.starts_with("object_rel_direction") { "object_rel_direction" } else { family }
}

impl<'a> Report<'a> {
    /// The report of outcomes.
    pub fn new(
        benchmark: Benchmark,
        settings: Value,
        outcomes: &'a [Outcome],
        timings: bool,
    ) -> Report<'a> {
        let mut by: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
        let mut skipped: BTreeMap<String, usize> = BTreeMap::new();
        for o in outcomes {
            by.entry(&o.record.family).or_default().push(o);
            if o.record.stage == Stage::Skipped {
                *skipped.entry(o.record.note.clone()).or_default() += 1;
            }
        }
        let families: Vec<Group> = by.iter().map(|(name, o)| group(name, o)).collect();
        let all = group("all", &outcomes.iter().collect::<Vec<_>>());
        let overall = match benchmark {
            Benchmark::VsiBench => of_types(&by),
            _ => (all.score, all.interval),
        };
        let spent = Spent::of(outcomes);
        Report { benchmark, settings, families, all, overall, spent, skipped, outcomes, timings }
    }

    /// The document `report.json`.
    pub fn json(&self) -> Value {
        let interval = |i: &Interval| json!({"low": i.low, "high": i.high, "kind": i.kind});
        let group = |g: &Group| {
            let lost: serde_json::Map<String, Value> =
                STAGES.iter().zip(g.lost).map(|(s, x)| (s.name().to_owned(), json!(x))).collect();
            let mut v = json!({
                "family": g.name,
                "items": g.items,
                "answered": g.answered,
                "ties": g.ties,
                "abstained": g.abstained,
                "score": g.score,
                "interval": interval(&g.interval),
                "lost": lost,
            });
            if let Some(r) = g.refined {
                v["refined"] = json!(r);
            }
            if self.timings {
                v["seconds"] = json!({"plan": g.seconds[0], "run": g.seconds[1]});
            }
            v
        };
        let skipped: Vec<Value> = self
            .skipped
            .iter()
            .map(|(reason, items)| json!({"reason": reason, "items": items}))
            .collect();
        let mut out = json!({
            "schema": 1,
            "settings": self.settings,
            "metric": self.benchmark.metric(),
            "overall": {
                "score": self.overall.0,
                "interval": interval(&self.overall.1),
                "formed": self.benchmark.overall(),
            },
            "families": self.families.iter().map(group).collect::<Vec<_>>(),
            "all": group(&self.all),
            "skipped": skipped,
        });
        if let Some(s) = &self.spent {
            out["models"] = s.json();
        }
        out
    }

    /// Lines of `eval --json`.
    pub fn rows(&self) -> String {
        self.outcomes.iter().map(|o| format!("{}\n", o.record.row())).collect()
    }
}

/// VSI-Bench's overall: the mean over question types, of which the difficulties of direction form one by
/// their mean (`vsibench_aggregate_results`). The published code counts a difficulty without a question as
/// zero; here it is left out, which is the same on the whole benchmark.
fn of_types(by: &BTreeMap<&str, Vec<&Outcome>>) -> (f64, Interval) {
    let names: Vec<&str> = by.keys().copied().collect();
    let scores: Vec<Vec<f64>> =
        by.values().map(|all| all.iter().map(|o| o.record.score).collect()).collect();
    let figure = |means: &[f64]| {
        let mut types: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for (name, mean) in names.iter().zip(means) {
            let t = types.entry(merged(name)).or_default();
            *t = (t.0 + mean, t.1 + 1.0);
        }
        types.values().map(|(sum, n)| sum / n).sum::<f64>() / types.len().max(1) as f64
    };
    let means: Vec<f64> = scores.iter().map(|s| s.iter().sum::<f64>() / s.len() as f64).collect();
    let groups: Vec<&[f64]> = scores.iter().map(Vec::as_slice).collect();
    (figure(&means), bootstrap(&groups, figure))
}

#[cfg(test)]
mod tests;
