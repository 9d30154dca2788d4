//! From a question to an answer: a program by a planner, run like any other.

use reasmory_planner::{Plan, Refusal, plan};
use serde_json::{Map, Value, json};

use crate::conclude::{Conclusion, Setting, conclude};
use crate::question::Question;
use crate::{Failure, Source};

/// What came of a question.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The document of `ask --json`.
    pub document: Value,
    /// The plan, or why there is none.
    pub plan: Result<Plan, Refusal>,
    /// The program that was run and what came of it; nothing where there is none.
    pub run: Option<(Source, Conclusion)>,
}

/// The planner's answer to a question.
pub fn planned(q: &Question, setting: &Setting<'_>) -> Result<Plan, Refusal> {
    let options: Vec<String> = q.asked.options.iter().map(|o| o.text.clone()).collect();
    plan(&q.question, &options, setting.scene.memory.manifest())
}

/// Answers a question with the planner `templates`. The setting's own question is not looked at. With
/// `evidence`, the program also shows what it is about.
pub fn ask(q: &Question, setting: Setting<'_>, evidence: bool) -> Result<Answered, Failure> {
    let plan = planned(q, &setting);
    let mut made = Map::new();
    made.insert("planner".into(), json!("templates"));
    let mut run = None;
    let mut document = match &plan {
        Ok(p) => {
            made.insert("outcome".into(), json!("planned"));
            made.insert("family".into(), json!(p.family));
            let slots: Map<String, Value> =
                p.slots.iter().map(|(name, text)| (name.clone(), json!(text))).collect();
            made.insert("slots".into(), Value::Object(slots));
            let text = if evidence { p.illustrated() } else { p.program.clone() };
            let source = Source::new("plan.rsm", text);
            let setting = Setting { question: Some(q), ..setting };
            let done = conclude(&source, setting)?;
            let mut document = done.document.clone();
            document["program"] = json!(source.text);
            document["transcript"] = json!(done.transcript);
            run = Some((source, done));
            document
        }
        Err(refusal) => {
            if let Value::Object(why) = refusal.json() {
                made.extend(why);
            }
            json!({
                "schema": 1,
                "status": "rejected",
                "answer": null,
                "evidence": [],
                "diagnostics": [],
                "program": "",
                "transcript": [],
            })
        }
    };
    document["plan"] = Value::Object(made);
    Ok(Answered { document, plan, run })
}
