//! Questions in words.

use reasmory_driver::ask::ask as answer;
use reasmory_driver::conclude::Setting;
use reasmory_driver::{Config, Failure, files, question};
use serde_json::json;

use super::{program, say, say_json};
use crate::Ending;
use crate::args;

pub(super) fn ask(a: &args::Ask) -> Result<Ending, Failure> {
    if a.planner != "templates" {
        return Err(Failure::new(
            format!("no planner is called {:?}", a.planner),
            "use `--planner templates`, which is built in",
        ));
    }
    let options = (!a.options.is_empty()).then_some(&a.options);
    let asked = json!({"question": a.question, "options": options});
    let question = question::of_value("question", &asked)?;
    let scene = super::scene::open(&a.scene)?;
    let config = Config::default();
    let setting = Setting {
        config: &config,
        trace: false,
        scene: &scene,
        question: None,
        model: None,
        options: program::run_options(a.engine, None),
        out: a.out.as_deref(),
    };
    let done = answer(&question, setting, true)?;
    if let (Some(dir), Some((source, _))) = (&a.out, &done.run) {
        files::write_atomic(&dir.join("plan.rsm"), source.text.as_bytes())?;
    }
    if a.json {
        say_json(&done.document)?;
        if let Some(dir) = &a.out {
            let text = serde_json::to_string_pretty(&done.document).unwrap_or_default();
            files::write_atomic(&dir.join("ask.json"), format!("{text}\n").as_bytes())?;
        }
    }
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
