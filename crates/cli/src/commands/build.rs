//! `build`: photos, video, RGB-D to a memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reasmory_driver::frontends::registry::{self, Does, Settings};
use reasmory_driver::frontends::{
    Built, Cancel, Fault, FrontendError, Fusing, Job, Progress, Quiet, Request, build as run,
    colmap,
};
use reasmory_driver::importers::ImportOptions;
use reasmory_driver::model::Model;
use reasmory_driver::scene::Manifest;
use reasmory_driver::{Config, Failure};

use super::progress::Bar;
use super::{mention, say, say_json};
use crate::Ending;
use crate::args;

pub(super) fn build(a: &args::Build) -> Result<Ending, Failure> {
    let config = Config::of("-", a.config.as_deref())?;
    if a.list_frontends {
        say(&list(&config))?;
        return Ok(Ending::Clean);
    }
    if let Some(name) = &a.setup {
        return setup(name, a.quiet);
    }
    let (Some(input), Some(out)) = (&a.input, &a.out) else {
        return Err(Failure::new("`build` takes an input and `-o DIR`", "give both"));
    };
    let request = Request {
        input: input.clone(),
        out: out.clone(),
        frontend: a.frontend.clone(),
        ground: a.ground.clone(),
        prompts: prompts(&a.prompts),
        settings: Settings {
            options: options(&a.set)?,
            import: ImportOptions {
                metric: a.metric,
                voxel: a.voxel,
                synonyms: config.labels.clone(),
                ..ImportOptions::default()
            },
            masks: a.masks.clone(),
            external: config.frontends.clone(),
            limit: limit(a.time_limit)?,
            model: model(a.model.as_deref(), a.record.as_deref())?,
            ..Settings::default()
        },
        fusing: Fusing { voxel: a.voxel, ..Fusing::default() },
        work: a.work.clone(),
        fresh: a.fresh,
    };
    let cancel = Cancel::default();
    listen(&cancel)?;
    let bar = (!a.quiet).then(Bar::new);
    let progress: &dyn Progress = match &bar {
        Some(bar) => bar,
        None => &Quiet,
    };
    let threads = usize::from(a.jobs.unwrap_or(0));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|e| {
        Failure::new(format!("threads could not be started: {e}"), "give a smaller `--jobs`")
    })?;
    let built = pool.install(|| run(&request, progress, &cancel));
    if let Some(bar) = &bar {
        bar.clear();
    }
    match built {
        Ok(built) => {
            report(a, &request, &built)?;
            Ok(Ending::Clean)
        }
        Err(e) => end(e),
    }
}

fn setup(name: &str, quiet: bool) -> Result<Ending, Failure> {
    if name != "colmap" {
        return Err(Failure::new(
            format!("`{name}` has nothing to set up"),
            "`--setup colmap` is the only one",
        ));
    }
    let cancel = Cancel::default();
    listen(&cancel)?;
    let bar = (!quiet).then(Bar::new);
    let progress: &dyn Progress = match &bar {
        Some(bar) => bar,
        None => &Quiet,
    };
    progress.stage("setup", 1, 1);
    let done = colmap::setup(&Job::new(progress, &cancel, std::path::PathBuf::new()));
    if let Some(bar) = &bar {
        bar.clear();
    }
    match done {
        Ok(line) => {
            say(&format!("{line}\n"))?;
            Ok(Ending::Clean)
        }
        Err(e) => end(e),
    }
}

/// A frontend that failed and a build that was stopped are runs that failed (1); all else is usage (2).
fn end(e: FrontendError) -> Result<Ending, Failure> {
    let failure = Failure::new(e.what, e.remedy);
    match e.fault {
        Fault::Frontend | Fault::Cancelled => {
            super::complain(&failure);
            Ok(Ending::Findings)
        }
        Fault::Input | Fault::Io => Err(failure),
    }
}

/// The first Ctrl-C (or a polite request to end) stops the build at the next step, a second one ends it.
pub(super) fn listen(cancel: &Cancel) -> Result<(), Failure> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;
    for signal in [SIGINT, SIGTERM] {
        // In this order: the second signal finds the flag set by the first.
        flag::register_conditional_shutdown(signal, 130, cancel.flag())
            .and_then(|_| flag::register(signal, cancel.flag()))
            .map_err(|e| Failure::new(format!("signals: {e}"), "report this"))?;
    }
    Ok(())
}

fn limit(seconds: Option<f64>) -> Result<Option<Duration>, Failure> {
    match seconds {
        None => Ok(None),
        Some(s) if (0.001..=1e7).contains(&s) => Ok(Some(Duration::from_secs_f64(s))),
        Some(s) => Err(Failure::new(
            format!("`--time-limit {s}` is no number of seconds"),
            "give a positive number",
        )),
    }
}

/// The model of `--model`, recorded by `--record`.
pub(super) fn model(
    name: Option<&str>,
    record: Option<&Path>,
) -> Result<Option<Arc<Model>>, Failure> {
    let environment = |name: &str| std::env::var(name).ok();
    let Some(name) = name else { return Ok(None) };
    let model = Model::open(name, record, &environment);
    model.map(|m| Some(Arc::new(m))).map_err(|e| Failure::new(e.to_string(), e.remedy()))
}

pub(super) fn prompts(given: &[String]) -> Vec<String> {
    let mut all: Vec<String> =
        given.iter().map(|p| p.trim().to_lowercase()).filter(|p| !p.is_empty()).collect();
    all.dedup();
    all
}

pub(super) fn options(given: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut all = BTreeMap::new();
    for text in given {
        let Some((name, value)) = text.split_once('=').filter(|(n, _)| !n.trim().is_empty()) else {
            return Err(Failure::new(
                format!("`--set {text}` has no name and value"),
                "write `--set NAME=VALUE`",
            ));
        };
        if all.insert(name.trim().to_owned(), value.trim().to_owned()).is_some() {
            return Err(Failure::new(
                format!("`--set {}` is given twice", name.trim()),
                "give it once",
            ));
        }
    }
    Ok(all)
}

fn report(a: &args::Build, request: &Request, built: &Built) -> Result<(), Failure> {
    if a.json {
        return say_json(&built.report);
    }
    for w in &built.quality.warnings {
        mention(&format!("warning: {} ({})\n  help: {}", w.what, w.name, w.remedy));
    }
    say(&format!(
        "{}\nreport: {}\n",
        line(&request.out.display().to_string(), built.memory.manifest()),
        request.work().join("report.html").display()
    ))
}

fn line(out: &str, m: &Manifest) -> String {
    format!(
        "{out}: {}, {} instances of {} categories, {} photos, {} points, {}",
        m.name,
        m.instances.len(),
        m.categories.len(),
        m.photos.len(),
        m.points,
        if m.scale.is_metric() { "metric" } else { "relative scale" },
    )
}

fn list(config: &Config) -> String {
    let mut out = String::new();
    for (title, does) in
        [("reconstruction (--frontend)", Does::Reconstruct), ("grounding (--ground)", Does::Ground)]
    {
        out.push_str(&format!("{title}\n"));
        for e in registry::TABLE.iter().filter(|e| e.does() == does) {
            out.push_str(&format!("  {:<12} {}: {}\n", e.name, e.takes, e.summary));
            if !e.options.is_empty() {
                out.push_str(&format!("  {:<12} --set {}\n", "", e.options.join(", ")));
            }
        }
    }
    out.push_str("other programs (--frontend, --ground; spec/frontends.md)\n");
    out.push_str("  exec:COMMAND a program that speaks the protocol\n");
    for (name, e) in &config.frontends {
        out.push_str(&format!("  {name:<12} {} (reasmory.toml)\n", e.command));
    }
    out
}
