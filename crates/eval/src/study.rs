//! Ablations: the same questions with parts of the pipeline left out, each arm a run of its own, side by side.

use reasmory_driver::pipeline::Ablation;
use serde_json::{Value, json};

use crate::report::{percent, spent};
use crate::{Models, Planner, Report};

/// An arm of a study.
#[derive(Debug)]
pub struct Arm {
    /// Its name, and that of its folder.
    pub name: &'static str,
    /// What it leaves out, in words.
    pub what: &'static str,
    /// What answers, or why it cannot be run.
    pub planner: Result<Planner, &'static str>,
}

/// The arms of the study: the whole pipeline, each part left out, and the planner that needs no model.
pub fn arms(models: &Models) -> Vec<Arm> {
    let whole = models.ablation;
    let of = |ablation: Ablation| Planner::Models(Box::new(models.without(ablation)));
    let dsl = match &models.reasoner {
        Some(_) => Ok(of(Ablation { dsl: true, ..whole })),
        None => Err("needs a reasoner: name one with `--reasoner NAME`"),
    };
    let language = match &models.planner {
        Some(_) => Ok(of(Ablation { language: true, ..whole })),
        None => Err("needs a model as planner: name one with `--planner NAME`"),
    };
    vec![
        Arm { name: "full", what: "nothing", planner: Ok(of(whole)) },
        Arm {
            name: "no-validation",
            what: "checks and repairs: the first program runs as it is, or not at all",
            planner: Ok(of(Ablation { validation: true, ..whole })),
        },
        Arm {
            name: "no-instances",
            what: "what the scene holds, in the planner's prompt",
            planner: Ok(of(Ablation { instances: true, ..whole })),
        },
        Arm {
            name: "no-language",
            what: "the language: the planner's model calls the operations one by one, as free-form tools",
            planner: language,
        },
        Arm {
            name: "no-dsl",
            what: "programs and tools: the reasoner answers from photos of the scene",
            planner: dsl,
        },
        Arm {
            name: "templates",
            what: "models: the embedded planner",
            planner: Ok(Planner::Templates),
        },
    ]
}

/// The document `ablations.json`. `done` has the report of each arm, or why there is none.
pub fn study_json(done: &[(&Arm, Result<Report<'_>, &str>)]) -> Value {
    let row = |(arm, report): &(&Arm, Result<Report<'_>, &str>)| match report {
        Ok(r) => json!({"arm": arm.name, "leaves_out": arm.what, "report": r.json()}),
        Err(why) => json!({"arm": arm.name, "leaves_out": arm.what, "report": null, "why": why}),
    };
    json!({"schema": 1, "arms": done.iter().map(row).collect::<Vec<_>>()})
}

/// The arms side by side.
pub fn study_markdown(done: &[(&Arm, Result<Report<'_>, &str>)]) -> String {
    let mut families: Vec<&str> = done
        .iter()
        .filter_map(|d| d.1.as_ref().ok())
        .flat_map(|r| r.families.iter().map(|f| f.name.as_str()))
        .collect();
    families.sort_unstable();
    families.dedup();
    let mut out =
        String::from("# Ablations\n\n| arm | leaves out | overall % | 95 % interval | answered |");
    for f in &families {
        out.push_str(&format!(" {f} |"));
    }
    out.push_str("\n|---|---|---:|---:|---:|");
    out.push_str(&"---:|".repeat(families.len()));
    out.push('\n');
    for (arm, report) in done {
        match report {
            Err(why) => {
                out.push_str(&format!("| {} | {} | not run: {why} |\n", arm.name, arm.what))
            }
            Ok(r) => {
                let (score, interval) = &r.overall;
                out.push_str(&format!(
                    "| {} | {} | {} | {} – {} | {} of {} |",
                    arm.name,
                    arm.what,
                    percent(*score),
                    percent(interval.low),
                    percent(interval.high),
                    r.all.answered,
                    r.all.items
                ));
                for f in &families {
                    let g = r.families.iter().find(|g| g.name == *f);
                    out.push_str(&format!(" {} |", g.map_or(String::new(), |g| percent(g.score))));
                }
                out.push('\n');
            }
        }
    }
    out.push('\n');
    for (arm, report) in done {
        if let Some(line) = report.as_ref().ok().and_then(spent) {
            out.push_str(&format!("- {}: {line}\n", arm.name));
        }
    }
    out
}
