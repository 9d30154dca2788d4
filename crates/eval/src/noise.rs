//! The noise study: the same questions over memories with one error each, of known size. It says what errors do
//! to the score, how far stated uncertainty is to be believed, and whether answers are withheld where they should be.

use std::collections::BTreeMap;

use reasmory_driver::synth::Degradation;
use serde_json::{Value, json};

use crate::report::percent;
use crate::{Outcome, Stage, Truth};

/// The errors of the study, each an arm.
pub const ERRORS: [&str; 28] = [
    "",
    "position=0.02",
    "position=0.05",
    "position=0.1",
    "position=0.2",
    "extent=0.02",
    "extent=0.05",
    "extent=0.1",
    "extent=0.2",
    "yaw=5",
    "yaw=15",
    "yaw=45",
    "place-noise=0.05",
    "place-noise=0.2",
    "turn-noise=2",
    "turn-noise=10",
    "mislabelled=0.05",
    "mislabelled=0.2",
    "missing=0.05",
    "missing=0.2",
    "duplicated=0.05",
    "duplicated=0.2",
    "unscaled=1",
    "position=0.1,stated=0",
    "position=0.1,stated=0.5",
    "position=0.1,stated=2",
    "position=0.05,extent=0.05,yaw=5,mislabelled=0.02,missing=0.05,duplicated=0.02",
    "position=0.1,extent=0.1,yaw=10,mislabelled=0.1,missing=0.1,duplicated=0.1",
];

/// The arms of the built-in study.
pub fn errors() -> Vec<Degradation> {
    // The text is part of the program; a test reads it.
    ERRORS.iter().filter_map(|e| Degradation::parse(e).ok()).collect()
}

/// An arm and what came of it.
#[derive(Debug)]
pub struct Noisy<'a> {
    /// Its errors, as `--degrade` takes them; empty for none.
    pub errors: String,
    /// What came of the questions.
    pub outcomes: &'a [Outcome],
}

/// Shares of an arm. A share of nothing is null.
#[derive(Clone, Debug, PartialEq)]
struct Figures {
    items: usize,
    score: f64,
    answered: f64,
    /// No answer: nothing that the question is about, or a run that ended without a value, or refused by the
    /// check (lengths of a memory without scale).
    withheld: f64,
    /// Score of what was answered.
    when_answered: Option<f64>,
    ties: f64,
    /// Accuracy of choices that are no ties, and of those that are.
    clear: Option<f64>,
    tied: Option<f64>,
    /// Part of the wrong choices that are ties.
    warned: Option<f64>,
    /// Numbers with a stated deviation, and the parts of them within one and two of these of the truth.
    measured: usize,
    within: [Option<f64>; 2],
    /// Median of the absolute error over the stated deviation; 0.67 where errors are normal and honest.
    median: Option<f64>,
    by_family: BTreeMap<String, f64>,
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0usize);
    for v in values {
        (sum, n) = (sum + v, n + 1);
    }
    (n > 0).then(|| sum / n as f64)
}

fn figures(outcomes: &[Outcome]) -> Figures {
    let records = || outcomes.iter().map(|o| &o.record);
    let n = outcomes.len().max(1) as f64;
    let part = |f: &dyn Fn(&crate::Record) -> bool| records().filter(|r| f(r)).count() as f64 / n;
    let answered = |r: &crate::Record| r.stage == Stage::Answered;
    let tie = |r: &crate::Record| r.status.as_deref() == Some("tie");
    let choice = |r: &&crate::Record| answered(r) && !r.options.is_empty();
    let mut ratios: Vec<f64> = records()
        .filter(|r| answered(r))
        .filter_map(|r| Some(r.error?.abs() / r.deviation.filter(|d| *d > 0.0)?))
        .collect();
    ratios.sort_by(f64::total_cmp);
    let within = |k: f64| mean(ratios.iter().map(|r| f64::from(u8::from(*r <= k))));
    let mut families: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    records().for_each(|r| families.entry(r.family.clone()).or_default().push(r.score));
    Figures {
        items: outcomes.len(),
        score: mean(records().map(|r| r.score)).unwrap_or(0.0),
        answered: part(&answered),
        withheld: part(&|r| matches!(r.stage, Stage::Memory | Stage::Check | Stage::Run)),
        when_answered: mean(records().filter(|r| answered(r)).map(|r| r.score)),
        ties: part(&tie),
        clear: mean(records().filter(choice).filter(|r| !tie(r)).map(|r| r.score)),
        tied: mean(records().filter(choice).filter(|r| tie(r)).map(|r| r.score)),
        warned: mean(
            records().filter(choice).filter(|r| r.score < 1.0).map(|r| f64::from(u8::from(tie(r)))),
        ),
        measured: ratios.len(),
        within: [within(1.0), within(2.0)],
        median: (!ratios.is_empty()).then(|| ratios[ratios.len() / 2]),
        by_family: families
            .into_iter()
            .map(|(k, v)| (k, mean(v.into_iter()).unwrap_or(0.0)))
            .collect(),
    }
}

/// The error of a number and its truth, where there are two.
pub(crate) fn error(truth: &Truth, number: Option<f64>) -> Option<f64> {
    match (truth, number) {
        (Truth::Number(t), Some(x)) => Some(x - t),
        _ => None,
    }
}

/// The document `noise.json` (`spec/json/eval-noise.v1.json`).
pub fn noise_json(arms: &[Noisy<'_>]) -> Value {
    let row = |a: &Noisy<'_>| {
        let f = figures(a.outcomes);
        json!({
            "errors": a.errors,
            "items": f.items,
            "score": f.score,
            "answered": f.answered,
            "withheld": f.withheld,
            "score_when_answered": f.when_answered,
            "ties": f.ties,
            "accuracy_clear": f.clear,
            "accuracy_tied": f.tied,
            "wrong_choices_tied": f.warned,
            "measured": f.measured,
            "within_1_deviation": f.within[0],
            "within_2_deviations": f.within[1],
            "median_error_in_deviations": f.median,
            "families": f.by_family,
        })
    };
    json!({"schema": 1, "arms": arms.iter().map(row).collect::<Vec<_>>()})
}

/// The arms as tables: figures, then scores by family.
pub fn noise_markdown(arms: &[Noisy<'_>]) -> String {
    let all: Vec<(&str, Figures)> =
        arms.iter().map(|a| (a.errors.as_str(), figures(a.outcomes))).collect();
    let maybe = |x: Option<f64>| x.map_or("–".to_owned(), percent);
    let mut out = String::from(
        "# Noise\n\n| errors | score % | answered % | withheld % | score of answered % | ties % | clear choices \
         right % | tied choices right % | wrong choices tied % | numbers | within 1 σ % | within 2 σ % | median \
         error, σ |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for (errors, f) in &all {
        let errors = if errors.is_empty() { "none" } else { errors };
        out.push_str(&format!(
            "| {errors} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
            percent(f.score),
            percent(f.answered),
            percent(f.withheld),
            maybe(f.when_answered),
            percent(f.ties),
            maybe(f.clear),
            maybe(f.tied),
            maybe(f.warned),
            f.measured,
            maybe(f.within[0]),
            maybe(f.within[1]),
            f.median.map_or("–".to_owned(), |m| format!("{m:.2}")),
        ));
    }
    let mut families: Vec<&String> = all.iter().flat_map(|a| a.1.by_family.keys()).collect();
    families.sort_unstable();
    families.dedup();
    out.push_str(
        "\n## Score by family, %\n\nColumns are the arms above, in their order.\n\n| family |",
    );
    (1..=all.len()).for_each(|i| out.push_str(&format!(" {i} |")));
    out.push_str(&format!("\n|---|{}\n", "---:|".repeat(all.len())));
    for family in families {
        out.push_str(&format!("| {family} |"));
        for (_, f) in &all {
            let score =
                f.by_family.get(family).map_or("–".into(), |s| format!("{:.0}", 100.0 * s));
            out.push_str(&format!(" {score} |"));
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::record;

    #[test]
    fn every_arm_reads() {
        assert_eq!(errors().len(), ERRORS.len());
        let printed: Vec<String> = errors().iter().map(ToString::to_string).collect();
        assert_eq!(printed, ERRORS);
    }

    #[test]
    fn figures_of_a_few() {
        let outcome = |score, stage, status: &str, options: usize, error, deviation| {
            let mut r = record();
            (r.score, r.stage, r.status) = (score, stage, Some(status.to_owned()));
            r.options = vec!["A. x".to_owned(); options];
            (r.error, r.deviation) = (error, deviation);
            Outcome { record: r, seconds: [0.0; 2] }
        };
        let all = [
            outcome(1.0, Stage::Answered, "answered", 2, None, None),
            outcome(0.0, Stage::Answered, "tie", 2, None, None),
            outcome(0.0, Stage::Answered, "answered", 2, None, None),
            outcome(0.9, Stage::Answered, "answered", 0, Some(-0.1), Some(0.05)),
            outcome(1.0, Stage::Answered, "answered", 0, Some(0.02), Some(0.05)),
            outcome(0.0, Stage::Run, "abstained", 2, None, None),
        ];
        let f = figures(&all);
        assert!((f.score - 2.9 / 6.0).abs() < 1e-12 && (f.answered - 5.0 / 6.0).abs() < 1e-12);
        assert!((f.withheld - 1.0 / 6.0).abs() < 1e-12 && (f.ties - 1.0 / 6.0).abs() < 1e-12);
        assert_eq!((f.clear, f.tied, f.warned), (Some(0.5), Some(0.0), Some(0.5)));
        assert_eq!((f.measured, f.within), (2, [Some(0.5), Some(1.0)]));
        let arms = [Noisy { errors: "position=0.1".into(), outcomes: &all }];
        let text = noise_markdown(&arms);
        assert!(text.contains("| position=0.1 | 48.33 | 83.33 |"), "{text}");
        assert_eq!(noise_json(&arms)["arms"][0]["measured"], 2);
    }
}
