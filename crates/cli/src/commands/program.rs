//! Programs: check, run, emit.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;

use reasmory_driver::conclude::{Conclusion, Setting, conclude_prepared};
use reasmory_driver::diag::render::{self, Format, Options, Report};
use reasmory_driver::diag::{Applicability, Diagnostic};
use reasmory_driver::fix as fixing;
use reasmory_driver::import::store_failure;
use reasmory_driver::model::Model;
use reasmory_driver::prefix;
use reasmory_driver::question::{self, Question};
use reasmory_driver::runtime::Limits;
use reasmory_driver::scene::Manifest;
use reasmory_driver::sema::CheckOptions;
use reasmory_driver::syntax::prefix::Status;
use reasmory_driver::{
    CodeCache, Config, Dialect, Engine, Failure, OptLevel, Optimise, Prepared, RunOptions,
    RunStatus, Scene, Source, check as check_source, emit_optimised, files, store,
    translate as translate_plan,
};
use serde_json::{Value, json};

use super::{mention, say, say_json};
use crate::Ending;
use crate::args;

fn source(file: &str, dialect: Dialect) -> Result<Source, Failure> {
    Ok(Source::new(file, files::read_text(file)?).in_dialect(dialect))
}

pub(super) fn manifest(dir: Option<&Path>) -> Result<Option<Manifest>, Failure> {
    dir.map(|d| store::open_manifest(d).map_err(store_failure)).transpose()
}

fn asked(spec: Option<&str>) -> Result<Option<Question>, Failure> {
    spec.map(question::pick).transpose()
}

/// What the project of a program says, with the levels of the arguments over it.
pub(super) fn project(
    file: &str,
    project: &args::Project,
    levels: Option<&args::Levels>,
) -> Result<Config, Failure> {
    let mut config = Config::of(file, project.config.as_deref())?;
    if let Some(l) = levels {
        config.levels = config.levels.with_arguments(&l.allow, &l.deny)?;
    }
    Ok(config)
}

fn render_report(
    sources: &[(Source, Vec<Diagnostic>)],
    format: Format,
    budget: Option<usize>,
) -> String {
    let rows: Vec<render::Source<'_>> = sources
        .iter()
        .map(|(s, d)| render::Source { name: &s.name, text: &s.text, diagnostics: d })
        .collect();
    let colours = format == Format::Full
        && std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none();
    render::render(&Report { files: &rows }, format, Options { colours, budget })
}

pub(super) fn check(a: &args::Check) -> Result<Ending, Failure> {
    let format: Format =
        a.format.parse().map_err(|e: String| Failure::new(e, "choose another `--format`"))?;
    let scene = manifest(a.scene.as_deref())?;
    let asked = asked(a.question.as_deref())?;
    let options = CheckOptions {
        scene: scene.as_ref(),
        model: a.model.is_some(),
        photos: a.photos,
        question: asked.as_ref().map(|q| &q.asked),
        ..CheckOptions::default()
    };
    if a.prefix {
        return prefixes(a, format, options);
    }
    let mut checked = Vec::new();
    for file in &a.files {
        let config = project(file, &a.project, Some(&a.levels))?;
        let s = source(file, a.dialect.into())?;
        let mut report = check_source(&s, config.apply(options));
        config.levels.apply(&mut report.diagnostics);
        checked.push((s, report.diagnostics));
    }
    say(&render_report(&checked, format, a.budget))?;
    let errors = checked.iter().flat_map(|c| &c.1).any(Diagnostic::is_error);
    if format == Format::Full && checked.iter().all(|c| c.1.is_empty()) {
        let n = checked.len();
        say(&format!("{n} {} clean\n", if n == 1 { "program is" } else { "programs are" }))?;
    }
    Ok(if errors { Ending::Findings } else { Ending::Clean })
}

fn prefixes(a: &args::Check, format: Format, options: CheckOptions<'_>) -> Result<Ending, Failure> {
    if !matches!(format, Format::Full | Format::Json) {
        return Err(Failure::new(
            format!("`--prefix` has no format `{}`", a.format),
            "choose `full` or `json`",
        ));
    }
    let mut rows = Vec::new();
    let mut dead = false;
    for file in &a.files {
        let s = source(file, Dialect::Reasmory)?;
        let report = prefix::check_prefix(&s, options);
        dead |= report.status == Status::Dead;
        if format == Format::Json {
            rows.push(prefix::json(&s, &report));
        } else {
            say(&prefix::text(&s, &report))?;
        }
    }
    if format == Format::Json {
        say_json(&json!({"schema": 1, "prefixes": rows}))?;
    }
    Ok(if dead { Ending::Findings } else { Ending::Clean })
}

pub(super) fn fix(a: &args::Fix) -> Result<Ending, Failure> {
    if Dialect::from(a.dialect) != Dialect::Reasmory {
        return Err(Failure::new(
            "`fix` repairs programs of the language itself, not plans",
            "see the repairs with `reasmory check --dialect paper`, or repair what \
             `reasmory translate` prints",
        ));
    }
    let scene = manifest(a.scene.as_deref())?;
    let asked = asked(a.question.as_deref())?;
    let options = CheckOptions {
        scene: scene.as_ref(),
        question: asked.as_ref().map(|q| &q.asked),
        ..CheckOptions::default()
    };
    let level = if a.unsafe_ { Applicability::Unsafe } else { Applicability::Safe };
    let mut left = false;
    let mut records = Vec::new();
    for file in &a.files {
        let config = project(file, &a.project, None)?;
        let s = source(file, Dialect::Reasmory)?;
        let fixed = fixing::fix(&s, config.apply(options), level);
        let errors = fixed.remaining.iter().filter(|d| d.is_error()).count();
        left |= errors > 0;
        let changed = fixed.text != s.text;
        if a.diff {
            if changed {
                say(&fixing::diff(file, &s.text, &fixed.text))?;
            }
        } else if file == "-" && !a.json {
            say(&fixed.text)?;
        } else if changed && file != "-" {
            files::write_atomic(Path::new(file), fixed.text.as_bytes())?;
        }
        if a.json {
            let applied: Vec<Value> = fixed.applied.iter().map(fixing::Applied::json).collect();
            records.push(json!({
                "file": file,
                "changed": changed,
                "errors_left": errors,
                "applied": applied,
                "text": fixed.text,
            }));
        } else if file != "-" {
            for f in &fixed.applied {
                say(&format!("{file}:{}: {} {}: {}\n", f.line, f.code, f.name, f.title))?;
            }
            if errors > 0 {
                let name = Source::new(file, fixed.text);
                say(&render_report(&[(name, fixed.remaining)], Format::Concise, None))?;
            }
        }
    }
    if a.json {
        say_json(&json!({"schema": 1, "files": records}))?;
    }
    Ok(if left { Ending::Findings } else { Ending::Clean })
}

/// The optimisation asked for.
fn optimise(a: args::Optimise, or: u8) -> Optimise {
    let level = if a.opt.unwrap_or(or) == 0 { OptLevel::None } else { OptLevel::Full };
    Optimise { level, reuse_photos: a.reuse_photos }
}

/// Says what the optimiser did, where that is asked for.
fn explain(a: args::Optimise, remarks: &[String]) {
    remarks.iter().filter(|_| a.explain_opt).for_each(|line| mention(line));
}

pub(super) fn emit(a: &args::Emit) -> Result<Ending, Failure> {
    let stage = a.stage.parse().map_err(|e: String| Failure::new(e, "name a stage"))?;
    let s = source(&a.file, Dialect::Reasmory)?;
    let scene = manifest(a.scene.as_deref())?;
    let asked = asked(a.question.as_deref())?;
    let options = CheckOptions {
        scene: scene.as_ref(),
        question: asked.as_ref().map(|q| &q.asked),
        ..CheckOptions::default()
    };
    let config = project(&a.file, &a.project, None)?;
    let explained = u8::from(a.optimise.explain_opt);
    let how = optimise(a.optimise, explained);
    match emit_optimised(stage, &s, config.apply(options), how) {
        Ok((text, remarks)) => {
            explain(a.optimise, &remarks);
            say(&text)?;
            Ok(Ending::Clean)
        }
        Err(report) => {
            say(&render_report(&[(s, report.diagnostics)], Format::Full, None))?;
            Ok(Ending::Findings)
        }
    }
}

/// The model that the arguments name.
fn open_model(a: &args::Asking) -> Result<Option<Model>, Failure> {
    let environment = |name: &str| std::env::var(name).ok();
    a.model
        .as_deref()
        .map(|name| Model::open(name, a.record.as_deref(), &environment))
        .transpose()
        .map_err(|e| Failure::new(e.to_string(), e.remedy()))
}

pub(super) fn translate(a: &args::Translate) -> Result<Ending, Failure> {
    let format: Format =
        a.format.parse().map_err(|e: String| Failure::new(e, "choose another `--format`"))?;
    let s = source(&a.file, Dialect::Paper)?;
    let scene = manifest(a.scene.as_deref())?;
    let options = CheckOptions {
        scene: scene.as_ref(),
        model: a.model.is_some(),
        photos: a.photos,
        ..CheckOptions::default()
    };
    match translate_plan(&s, options) {
        Ok(text) => {
            say(&text)?;
            Ok(Ending::Clean)
        }
        Err(report) => {
            say(&render_report(&[(s, report.diagnostics)], format, None))?;
            Ok(Ending::Findings)
        }
    }
}

pub(super) fn run(a: &args::Run) -> Result<Ending, Failure> {
    let s = source(&a.file, a.dialect.into())?;
    let asked = asked(a.question.as_deref())?;
    let model = open_model(&a.asking)?;
    let config = project(&a.file, &a.project, None)?;
    let check = config.apply(CheckOptions {
        model: model.is_some(),
        question: asked.as_ref().map(|q| &q.asked),
        ..CheckOptions::default()
    });
    let cache = Arc::new(CodeCache::default());
    let program = Prepared::new(s.clone(), cache, check).optimised(optimise(a.optimise, 1));
    if let Some(folder) = &a.scenes {
        return super::many::run(a, &program, &config, asked.as_ref(), model.as_ref(), folder);
    }
    let Some(dir) = &a.scene else {
        return Err(Failure::new("no memory is given", "give `--scene DIR` or `--scenes DIR`"));
    };
    let scene = super::scene::open(dir)?;
    let out = a.out.as_deref();
    let done = run_once(a, &program, &config, asked.as_ref(), model.as_ref(), &scene, out)?;
    if a.json {
        say_json(&done.document)?;
        if let Some(dir) = &a.out {
            let text = serde_json::to_string_pretty(&done.document).unwrap_or_default();
            files::write_atomic(&dir.join("run.json"), format!("{text}\n").as_bytes())?;
        }
    } else {
        people(a.out.as_deref(), &s, &done)?;
    }
    Ok(if done.report.status.is_success() { Ending::Clean } else { Ending::Findings })
}

/// Engine and limits of a run.
pub(super) fn run_options(engine: args::Engine, asked_picture: Option<u32>) -> RunOptions {
    let engine = match engine {
        args::Engine::Jit => Engine::Jit,
        args::Engine::Interp => Engine::Interp,
    };
    let mut limits = Limits::default();
    limits.asked_picture = asked_picture.unwrap_or(limits.asked_picture);
    let optimise = Optimise { level: OptLevel::Full, reuse_photos: false };
    RunOptions { engine, limits, optimise, deadline: None }
}

pub(super) fn run_once(
    a: &args::Run,
    program: &Prepared<'_>,
    config: &Config,
    question: Option<&Question>,
    model: Option<&Model>,
    scene: &Scene,
    out: Option<&Path>,
) -> Result<Conclusion, Failure> {
    let mut options = run_options(a.engine, Some(a.asking.model_picture));
    options.limits = Limits { asked_picture: options.limits.asked_picture, ..config.limits };
    options.deadline = a.deadline;
    let setting = Setting { scene, question, model, config, options, trace: a.trace, out };
    let done = conclude_prepared(program, setting)?;
    explain(a.optimise, &done.remarks);
    Ok(done)
}

/// A run for people.
pub(super) fn people(out: Option<&Path>, s: &Source, done: &Conclusion) -> Result<(), Failure> {
    let report = &done.report;
    if !report.diagnostics.is_empty() {
        say(&render_report(&[(s.clone(), report.diagnostics.clone())], Format::Full, None))?;
    }
    if let Some(trace) = &done.trace {
        say(trace)?;
    }
    match &done.text {
        Some(text) => {
            let option = done.option.as_ref().map_or(String::new(), |o| format!("   (option {o})"));
            let tie = if report.status == RunStatus::Tie {
                "   (a tie: within the memory's noise)"
            } else {
                ""
            };
            let model = match &done.document["model"] {
                Value::Object(m) => {
                    let word = |k: &str| m.get(k).map_or(String::new(), Value::to_string);
                    let name = m.get("name").and_then(Value::as_str).unwrap_or("");
                    format!("   (asked {name}, {} calls)", word("calls"))
                }
                _ => String::new(),
            };
            say(&format!("{text}{option}{tie}{model}\n"))?;
        }
        None => say(&format!("{}\n", report.status.name()))?,
    }
    for (i, r) in done.records.iter().enumerate() {
        let place = match (out, r["file"].as_str()) {
            (Some(dir), Some(file)) => dir.join(file).display().to_string(),
            _ => format!("picture {} (write it with --out DIR)", i + 1),
        };
        say(&format!("{place}\n    {}\n", r["caption"].as_str().unwrap_or("")))?;
    }
    Ok(())
}
