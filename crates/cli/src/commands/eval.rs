//! Benchmarks.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use reasmory_driver::{Failure, files};
use reasmory_eval::{Benchmark, Memories, Pictures, Planner, Report, Settings};

use super::{program, say};
use crate::Ending;
use crate::args;

pub(super) fn eval(a: &args::Eval) -> Result<Ending, Failure> {
    let benchmark = Benchmark::named(&a.name)?;
    let planner = Planner::named(&a.planner)?;
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
    let settings = Settings {
        benchmark,
        planner: &planner,
        memories: memories.as_ref(),
        memory,
        options: program::run_options(a.engine, None),
        jobs: a.jobs.map(usize::from),
        out: a.out.as_deref(),
        pictures: match (&a.out, a.pictures) {
            (None, _) | (_, args::Pictures::None) => Pictures::None,
            (_, args::Pictures::Misses) => Pictures::Misses,
            (_, args::Pictures::All) => Pictures::All,
        },
    };
    let watched = std::io::stderr().is_terminal();
    let progress = |n: usize| {
        if watched && (n.is_multiple_of(16) || n == items.len()) {
            let _ = write!(std::io::stderr(), "\r{n} of {}", items.len());
        }
    };
    let outcomes = reasmory_eval::evaluate(&items, &settings, &progress);
    if watched {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
    let outcomes = outcomes?;
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
