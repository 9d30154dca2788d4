//! The languages a program can be written in: Reasmory's own, and the paper's plans.

use std::str::FromStr;

use reasmory_diag::Code;
use reasmory_paper::Translation;
use reasmory_sema::CheckOptions;

use crate::source::finish;
use crate::{CheckReport, Source};

/// What a text is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The language of `spec/language.md`.
    #[default]
    Reasmory,
    /// The paper's plans (`spec/paper-dialect.md`).
    Paper,
}

impl Dialect {
    /// As on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Dialect::Reasmory => "reasmory",
            Dialect::Paper => "paper",
        }
    }
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(s: &str) -> Result<Dialect, String> {
        match s {
            "reasmory" => Ok(Dialect::Reasmory),
            "paper" => Ok(Dialect::Paper),
            other => {
                let shown: String = other.chars().take(60).collect();
                Err(format!("there is no dialect {shown:?}"))
            }
        }
    }
}

/// Findings about the memory; the probes of a plan are made for nothing else.
const ABOUT_THE_MEMORY: [Code; 3] =
    [Code::UnknownCategory, Code::PhotoOutOfRange, Code::MissingData];

fn read(source: &Source, options: CheckOptions<'_>) -> Translation {
    let instances =
        |c: &str| options.scene.and_then(|m| m.category(c)).map(|entry| entry.instances.len());
    let renders = u64::from(options.limits.renders);
    let options = reasmory_paper::Options { renders, instances: &instances };
    reasmory_paper::translate(&source.text, options)
}

/// Checks a plan: its own findings, and those of the checker about what it means.
pub(crate) fn check_plan(source: &Source, options: CheckOptions<'_>) -> CheckReport {
    let plan = read(source, options);
    // Lints speak of the language's own forms; a plan has findings of its own of that kind.
    let options = CheckOptions { broken: true, ..options };
    let checked = reasmory_sema::check(&plan.program, &source.text, options);
    let unasked = CheckOptions { question: None, ..options };
    let probed = reasmory_sema::check(&plan.probes, &source.text, unasked);
    let asked = probed.diagnostics.into_iter().filter(|d| ABOUT_THE_MEMORY.contains(&d.code));
    let mut diagnostics = plan.diagnostics.clone();
    for d in checked.diagnostics.into_iter().chain(asked) {
        // A plan only shows: a model reads its pictures.
        if d.code == Code::EvidenceOnly {
            continue;
        }
        let Some(d) = reasmory_paper::adapt(d, &plan) else { continue };
        let said = diagnostics.iter().any(|x| {
            x.code == d.code && (x.primary.span == d.primary.span || d.code == Code::MissingData)
        });
        if !said {
            diagnostics.push(d);
        }
    }
    finish(&source.text, &plan.outline(), &mut diagnostics);
    let mut reads = checked.reads;
    reads.need_all();
    CheckReport { diagnostics, hir: checked.hir, answer: checked.answer, reads }
}

/// The Reasmory program that a plan means, in canonical form; the findings where there are errors.
pub fn translate(source: &Source, options: CheckOptions<'_>) -> Result<String, Box<CheckReport>> {
    let report = check_plan(source, options);
    if !report.is_ok() {
        return Err(Box::new(report));
    }
    Ok(reasmory_syntax::unparse(&read(source, options).program))
}

/// Where a plan returns: the place of what is said about the answer as a whole.
pub(crate) fn plan_result(text: &str) -> reasmory_span::Span {
    reasmory_paper::translate(text, reasmory_paper::Options::default()).result
}
