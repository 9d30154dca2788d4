//! Questions in words.

use reasmory_driver::ask::ask as answer;
use reasmory_driver::conclude::{Conclusion, Setting};
use reasmory_driver::pipeline::{Answered, Pipeline};
use reasmory_driver::question::{self, Question};
use reasmory_driver::{Config, Failure, Source, files, prompt};
use serde_json::{Value, json};

use super::models::{self, Models};
use super::{program, say, say_json};
use crate::Ending;
use crate::args;

pub(super) fn ask(a: &args::Ask) -> Result<Ending, Failure> {
    let question = match &a.file {
        Some(spec) => question::pick(spec)?,
        None => {
            let options = (!a.options.is_empty()).then_some(&a.options);
            let asked = json!({"question": a.question, "options": options});
            question::of_value("question", &asked)?
        }
    };
    let p = &a.pipeline;
    let models = Models::open(&a.planner, p)?;
    let scene = super::scene::open(&a.scene)?;
    let config = Config::default();
    let setting = Setting {
        config: &config,
        trace: false,
        scene: &scene,
        question: None,
        model: models.pick.as_ref(),
        options: program::run_options(a.engine, Some(p.model_picture)),
        out: a.out.as_deref(),
    };
    if models.planner.is_none() && models.reasoner.is_none() {
        return templates(a, &question, setting);
    }
    let variant = prompt::variant(p.variant.as_deref())?;
    let pipeline = Pipeline {
        variant: &variant,
        planner: models.planner.as_ref(),
        decomposer: models.decomposer.as_ref(),
        reasoner: models.reasoner.as_ref(),
        mode: models::mode(p),
        fallback: p.fallback.is_some(),
        bounds: models::bounds(p),
        ablation: models::ablation(p),
    };
    let done = pipeline.ask(&question, setting)?;
    written(a, &done.document, done.run.as_ref())?;
    if !a.json {
        people(a, &done)?;
    }
    let failed = matches!(done.status, "rejected" | "failed");
    Ok(if failed { Ending::Findings } else { Ending::Clean })
}

/// Program, document and files.
fn written(
    a: &args::Ask,
    document: &Value,
    run: Option<&(Source, Conclusion)>,
) -> Result<(), Failure> {
    if let (Some(dir), Some((source, _))) = (&a.out, run) {
        files::write_atomic(&dir.join("plan.rsm"), source.text.as_bytes())?;
    }
    if a.json {
        say_json(document)?;
        if let Some(dir) = &a.out {
            let text = serde_json::to_string_pretty(document).unwrap_or_default();
            files::write_atomic(&dir.join("ask.json"), format!("{text}\n").as_bytes())?;
        }
    }
    Ok(())
}

/// The embedded planner alone.
fn templates(a: &args::Ask, q: &Question, setting: Setting<'_>) -> Result<Ending, Failure> {
    let done = answer(q, setting, true)?;
    written(a, &done.document, done.run.as_ref())?;
    let success = match (&done.plan, &done.run) {
        (Ok(plan), Some((source, run))) => {
            if !a.json {
                program::people(a.out.as_deref(), source, run)?;
                say(&format!("\n# {}\n{}", plan.family, source.text))?;
            }
            run.report.status.is_success()
        }
        (Err(refusal), _) => {
            if !a.json {
                say(&format!("rejected: {refusal}\n  help: {}\n", refusal.remedy()))?;
            }
            false
        }
        (Ok(_), None) => false,
    };
    Ok(if success { Ending::Clean } else { Ending::Findings })
}

/// The answer, whose it is, the program and what it took.
fn people(a: &args::Ask, done: &Answered) -> Result<(), Failure> {
    let taken = done.arbitration.taken;
    if let Some((source, run)) = &done.run {
        program::people(a.out.as_deref(), source, run)?;
    }
    match &done.answer {
        Some((text, option)) if taken == "reasoned" => {
            let option = option.as_ref().map_or(String::new(), |o| format!("   (option {o})"));
            say(&format!("{text}{option}   (the reasoner; {})\n", done.arbitration.why))?;
        }
        Some(_) if done.reasoned.is_some() => {
            say(&format!("taken: the computed answer; {}\n", done.arbitration.why))?;
        }
        None if done.run.is_none() || done.reasoned.is_some() => {
            say(&format!("{}\n", done.status))?;
        }
        _ => {}
    }
    let plan = &done.document["plan"];
    let word = |v: &Value| v.as_str().unwrap_or("").to_owned();
    let tries = plan["tries"].as_array().map_or(String::new(), |t| {
        let all: Vec<String> = t.iter().map(|t| word(&t["outcome"])).collect();
        format!(" after {}", all.join(", "))
    });
    let mut line = format!("\n# {}: {}{tries}", word(&plan["planner"]), word(&plan["outcome"]));
    if let Some(why) = plan["why"].as_str() {
        line.push_str(&format!(" ({why})"));
    }
    if let Some(f) = plan["fallback"].as_object() {
        line.push_str(&format!(
            "\n# fallback, because of `{}`: templates: {}",
            f.get("why").and_then(Value::as_str).unwrap_or(""),
            f.get("outcome").and_then(Value::as_str).unwrap_or("")
        ));
    }
    for s in done.document["stages"].as_array().into_iter().flatten() {
        line.push_str(&format!(
            "\n# {}: {} calls, {} tokens read, {} written",
            word(&s["stage"]),
            s["calls"],
            s["input_tokens"],
            s["output_tokens"]
        ));
    }
    let program = done.run.as_ref().map_or("", |r| r.0.text.as_str());
    say(&format!("{line}\n{program}"))
}
