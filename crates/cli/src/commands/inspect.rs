//! The system itself: operations, diagnostics, measurements, demonstration.

use reasmory_driver::bench::{self, Load};
use reasmory_driver::{Failure, demo as demonstration, diag, explain as explaining, listing, sema};

use super::{say, say_json};
use crate::Ending;
use crate::args;

pub(super) fn ops(a: &args::Ops) -> Result<Ending, Failure> {
    if a.json {
        say_json(&listing::json())?;
        return Ok(Ending::Clean);
    }
    match &a.name {
        None => say(&listing::text())?,
        Some(name) => match listing::describe(name) {
            Some(text) => say(&text)?,
            None => {
                let all = sema::catalogue::all();
                let near = diag::similar::candidates(
                    name,
                    all.iter().map(sema::catalogue::Callable::name),
                );
                let remedy = if near.is_empty() {
                    "`reasmory ops` lists them".to_owned()
                } else {
                    format!("did you mean {}?", near.join(", "))
                };
                return Err(Failure::new(format!("there is no operation `{name}`"), remedy));
            }
        },
    }
    Ok(Ending::Clean)
}

pub(super) fn explain(a: &args::Explain) -> Result<Ending, Failure> {
    match &a.code {
        None => say(&explaining::list())?,
        Some(code) => {
            let code = explaining::find(code)?;
            if a.json {
                say_json(&explaining::json(code))?;
            } else {
                say(code.info().page)?;
            }
        }
    }
    Ok(Ending::Clean)
}

pub(super) fn bench(a: &args::Bench) -> Result<Ending, Failure> {
    let subject = match a.subject {
        args::Subject::Quality => {
            let path = a.scene.as_deref().unwrap_or_else(|| std::path::Path::new(""));
            let quality = bench::quality(&super::scene::open(path)?)?;
            if a.json {
                say_json(&quality.json())?;
            } else {
                say(&quality.text())?;
            }
            return Ok(Ending::Clean);
        }
        args::Subject::Check => bench::Subject::Check,
        args::Subject::Compile => bench::Subject::Compile,
        args::Subject::Run => bench::Subject::Run,
        args::Subject::Render => bench::Subject::Render,
        args::Subject::Query => bench::Subject::Query,
        args::Subject::Open => bench::Subject::Open,
        args::Subject::Bind => bench::Subject::Bind,
        args::Subject::Many => bench::Subject::Many,
        args::Subject::Call => bench::Subject::Call,
        args::Subject::Bulk => bench::Subject::Bulk,
        args::Subject::Closest => bench::Subject::Closest,
        args::Subject::Import => bench::Subject::Import,
    };
    let load = Load { points: a.points, size: (a.size.0, a.size.1), keep: a.keep.clone() };
    let rows = bench::bench(subject, load)?;
    if a.json {
        say_json(&bench::json(&rows))?;
    } else {
        say(&bench::text(&rows))?;
    }
    Ok(Ending::Clean)
}

pub(super) fn demo(a: &args::Demo) -> Result<Ending, Failure> {
    let log = demonstration::demo(&a.out, a.seed)?;
    say(&log)?;
    say(&format!("\npictures, memory and transcript are in {}\n", a.out.display()))?;
    Ok(Ending::Clean)
}
