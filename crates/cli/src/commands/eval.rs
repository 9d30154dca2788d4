//! Benchmarks.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use reasmory_driver::pipeline::Estimate;
use reasmory_driver::synth::Degradation;
use reasmory_driver::{Failure, files, prompt};
use reasmory_eval::{
    Arm, Benchmark, Item, Memories, Models, Noisy, Outcome, Pictures, Planner, Report, Settings,
    arms, noise_json, noise_markdown, study_json, study_markdown,
};

use super::models;
use super::{program, say};
use crate::Ending;
use crate::args;

pub(super) fn eval(a: &args::Eval) -> Result<Ending, Failure> {
    let benchmark = Benchmark::named(&a.name)?;
    let planner = planner(a)?;
    let (place, memory) = match (a.memory.as_str(), &a.scenes) {
        ("oracle", scenes) => (scenes.clone(), "oracle"),
        (dir, _) => (Some(PathBuf::from(dir)), "given"),
    };
    let memories = match (&planner, &place) {
        (Planner::Replies(..), _) => None,
        (_, Some(path)) => Some(Memories::at(path)?),
        (_, None) => {
            return Err(Failure::new(
                "programs need memories, and none are named",
                "name them with `--scenes PATH` or `--memory DIR`",
            ));
        }
    };
    let items = reasmory_eval::read(benchmark, &a.questions)?;
    let run = Run { a, benchmark, memories: memories.as_ref(), memory, items: &items };
    match &planner {
        _ if a.noise => run.noise(&planner),
        Planner::Models(m) if a.ablations => run.ablations(m),
        Planner::Models(m) if a.estimate => run.estimates(&[("as given", m.as_ref())]),
        _ if a.ablations || a.estimate => Err(Failure::new(
            format!("`{}` asks no model", a.planner),
            "name a model with `--planner NAME`",
        )),
        _ => {
            let outcomes = run.evaluate(&planner, a.out.as_deref())?;
            let settings = run.settings(&planner, a.out.as_deref());
            let report = Report::new(benchmark, settings.json(), &outcomes, a.timings);
            if let Some(out) = &a.out {
                write(&report, out)?;
            }
            if a.json {
                say(&report.rows())?
            } else {
                say(&reasmory_eval::markdown(&report))?
            }
            Ok(Ending::Clean)
        }
    }
}

/// The planner of the command line, with its models opened.
fn planner(a: &args::Eval) -> Result<Planner, Failure> {
    let p = &a.pipeline;
    let offline = Planner::is_offline(&a.planner);
    let plain = offline && (p.reasoner.is_none() || a.planner != "templates");
    if plain && p.model.is_none() {
        let stages = p.reasoner.is_some() || p.mode.is_some() || !p.ablate.is_empty();
        if stages || p.decompose || p.fallback.is_some() {
            return Err(Failure::new(
                format!("`{}` asks no model, and the options of models are given", a.planner),
                "name a model with `--planner NAME` or `--reasoner NAME`",
            ));
        }
        return Planner::named(&a.planner);
    }
    if offline && a.planner != "templates" {
        return Err(Failure::new(
            format!("`{}` is a file: no model is asked beside it", a.planner),
            "leave the options of models out",
        ));
    }
    let opened = models::Models::open(&a.planner, p).map_err(|e| {
        let more = "`programs:FILE` and `replies:FILE` take what another system wrote";
        Failure::new(e.what, format!("{}; {more}", e.remedy))
    })?;
    let words = prompt::variant(p.variant.as_deref())?;
    let named = match &p.variant {
        None => "built-in".to_owned(),
        Some(path) => files::digest(&path.to_string_lossy())?,
    };
    Ok(Planner::Models(Box::new(Models {
        planner: opened.planner,
        decomposer: opened.decomposer,
        reasoner: opened.reasoner,
        pick: opened.pick,
        variant: (words, named),
        mode: models::mode(p),
        fallback: p.fallback.is_some(),
        bounds: models::bounds(p),
        ablation: models::ablation(p),
    })))
}

/// The questions over their memories, for any planner.
struct Run<'a> {
    a: &'a args::Eval,
    benchmark: Benchmark,
    memories: Option<&'a Memories>,
    memory: &'a str,
    items: &'a [Item],
}

impl Run<'_> {
    fn settings<'s>(&'s self, planner: &'s Planner, out: Option<&'s Path>) -> Settings<'s> {
        Settings {
            benchmark: self.benchmark,
            planner,
            memories: self.memories,
            memory: self.memory,
            options: program::run_options(self.a.engine, Some(self.a.pipeline.model_picture)),
            jobs: self.a.jobs.map(usize::from),
            out,
            pictures: match (out, self.a.pictures) {
                _ if self.a.noise => Pictures::None,
                (None, _) | (_, args::Pictures::None) => Pictures::None,
                (_, args::Pictures::Misses) => Pictures::Misses,
                (_, args::Pictures::All) => Pictures::All,
            },
        }
    }

    fn evaluate(&self, planner: &Planner, out: Option<&Path>) -> Result<Vec<Outcome>, Failure> {
        let watched = std::io::stderr().is_terminal();
        let n = self.items.len();
        let progress = |done: usize| {
            if watched && (done.is_multiple_of(16) || done == n) {
                let _ = write!(std::io::stderr(), "\r{done} of {n}");
            }
        };
        let outcomes = reasmory_eval::evaluate(self.items, &self.settings(planner, out), &progress);
        if watched {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
        outcomes
    }

    /// The arms of the study, each in a folder of its own, and the table of them.
    fn ablations(&self, models: &Models) -> Result<Ending, Failure> {
        let arms = arms(models);
        if self.a.estimate {
            let asked: Vec<(&str, &Models)> = arms
                .iter()
                .filter_map(|arm| match &arm.planner {
                    Ok(Planner::Models(m)) => Some((arm.name, m.as_ref())),
                    _ => None,
                })
                .collect();
            return self.estimates(&asked);
        }
        let Some(out) = &self.a.out else {
            return Err(Failure::new("`--ablations` needs a folder", "name one with `--out DIR`"));
        };
        let mut ran: Vec<(&Arm, Result<Vec<Outcome>, &str>)> = Vec::new();
        for arm in &arms {
            let outcomes = match &arm.planner {
                Ok(planner) => Ok(self.evaluate(planner, Some(&out.join(arm.name)))?),
                Err(why) => Err(*why),
            };
            ran.push((arm, outcomes));
        }
        let mut done: Vec<(&Arm, Result<Report<'_>, &str>)> = Vec::new();
        for (arm, outcomes) in &ran {
            let report = match (&arm.planner, outcomes) {
                (Ok(planner), Ok(outcomes)) => {
                    let dir = out.join(arm.name);
                    let settings = self.settings(planner, Some(&dir)).json();
                    let report = Report::new(self.benchmark, settings, outcomes, self.a.timings);
                    write(&report, &dir)?;
                    Ok(report)
                }
                (_, Err(why)) | (Err(why), _) => Err(*why),
            };
            done.push((*arm, report));
        }
        let document = serde_json::to_string_pretty(&study_json(&done))
            .map_err(|e| Failure::new(format!("JSON: {e}"), "report this"))?;
        files::write_atomic(&out.join("ablations.json"), format!("{document}\n").as_bytes())?;
        let table = study_markdown(&done);
        files::write_atomic(&out.join("ablations.md"), table.as_bytes())?;
        say(&table)?;
        Ok(Ending::Clean)
    }

    /// The questions over memories with errors, an arm each, and the table of them.
    fn noise(&self, planner: &Planner) -> Result<Ending, Failure> {
        let (Some(memories), Some(out)) = (self.memories, &self.a.out) else {
            let what = "`--noise` needs memories and a folder";
            return Err(Failure::new(what, "name them with `--scenes PATH` and `--out DIR`"));
        };
        let asked: Result<Vec<Degradation>, Failure> = self
            .a
            .degrade
            .iter()
            .map(|text| {
                Degradation::parse(text)
                    .map_err(|e| Failure::new(format!("--degrade: {e}"), "see spec/synth.md"))
            })
            .collect();
        let arms = if self.a.degrade.is_empty() { reasmory_eval::errors() } else { asked? };
        let mut ran: Vec<(String, Vec<Outcome>)> = Vec::new();
        for errors in arms {
            let memories = memories.with_errors(errors);
            let name = errors.to_string();
            let label = if name.is_empty() { self.memory.to_owned() } else { name.clone() };
            // Arms are not told apart by their folders: one journal has them all.
            let arm = Run { memories: Some(&memories), memory: &label, ..*self };
            ran.push((name, arm.evaluate(planner, Some(&out.join("arms")))?));
        }
        let arms: Vec<Noisy<'_>> = ran
            .iter()
            .map(|(errors, outcomes)| Noisy { errors: errors.clone(), outcomes })
            .collect();
        let document = serde_json::to_string_pretty(&noise_json(&arms))
            .map_err(|e| Failure::new(format!("JSON: {e}"), "report this"))?;
        files::write_atomic(&out.join("noise.json"), format!("{document}\n").as_bytes())?;
        let table = noise_markdown(&arms);
        files::write_atomic(&out.join("noise.md"), table.as_bytes())?;
        say(&table)?;
        Ok(Ending::Clean)
    }

    /// What would be asked. Nothing is.
    fn estimates(&self, asked: &[(&str, &Models)]) -> Result<Ending, Failure> {
        let Some(memories) = self.memories else { return Ok(Ending::Clean) };
        let options = program::run_options(self.a.engine, Some(self.a.pipeline.model_picture));
        let mut sum = Estimate::none();
        let mut text = String::from(
            "| run | requests | tokens read | tokens written | US dollars |\n\
             |---|---:|---:|---:|---:|\n",
        );
        for (name, models) in asked {
            let one = models.estimate(self.items, memories, options)?;
            text.push_str(&estimate_row(name, &one));
            sum.add(&one);
        }
        if asked.len() > 1 {
            text.push_str(&estimate_row("all", &sum));
        }
        text.push_str(
            "\nFrom the least (every stage answers at once and briefly) to the most (every try and token is \
             used). A token is three characters, or 750 pixels of a picture. Prices: \
             REASMORY_MODEL_PRICES. Nothing was asked.\n",
        );
        say(&text)?;
        Ok(Ending::Clean)
    }
}

fn estimate_row(name: &str, e: &Estimate) -> String {
    let range = |x: [u64; 2]| format!("{} – {}", x[0], x[1]);
    let cost =
        e.cost.map_or("a price is missing".to_owned(), |c| format!("{:.2} – {:.2}", c[0], c[1]));
    format!("| {name} | {} | {} | {} | {cost} |\n", range(e.calls), range(e.input), range(e.output))
}

fn write(report: &Report<'_>, out: &Path) -> Result<(), Failure> {
    let document = serde_json::to_string_pretty(&report.json())
        .map_err(|e| Failure::new(format!("JSON: {e}"), "report this"))?;
    for (name, text) in [
        ("rows.jsonl", report.rows()),
        ("report.json", format!("{document}\n")),
        ("report.md", reasmory_eval::markdown(report)),
        ("report.html", reasmory_eval::html(report, Some(out))),
    ] {
        files::write_atomic(&out.join(name), text.as_bytes())?;
    }
    Ok(())
}
