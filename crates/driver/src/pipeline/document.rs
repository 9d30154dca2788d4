//! What is printed of an answer by models: the document of `ask --json`.

use serde_json::{Map, Value, json};

use super::{Answered, Pipeline, Talk, Verdict};
use crate::RunStatus;

/// Fills in the document, the answer for people and the status.
pub(super) fn write(pipeline: &Pipeline<'_>, a: &mut Answered, talk: &Talk) {
    let mut document = match &a.run {
        Some((source, done)) => {
            let mut d = done.document.clone();
            d["program"] = json!(source.text);
            // They were computed for the reasoner; `run --trace` prints them.
            if let Some(map) = d.as_object_mut() {
                for key in ["trace", "trace_omitted", "provenance"] {
                    map.remove(key);
                }
            }
            d
        }
        None => json!({
            "schema": 1,
            "status": "rejected",
            "answer": null,
            "evidence": [],
            "diagnostics": [],
            "program": "",
        }),
    };
    let computed = a.run.as_ref().map(|r| r.1.report.status);
    let verdict = a.reasoned.as_ref().map(|r| &r.verdict);
    let status = match (a.arbitration.taken, verdict, computed) {
        ("computed", _, Some(status)) => status.name(),
        ("reasoned", ..) => RunStatus::Answered.name(),
        // Nobody answers: a reasoner that says so, else what the run says of itself.
        (_, Some(Verdict::Abstained), _) => RunStatus::Abstained.name(),
        (_, Some(Verdict::None(_)), _) => RunStatus::Failed.name(),
        (_, None, Some(status)) => status.name(),
        _ => RunStatus::Rejected.name(),
    };
    let answer = match a.arbitration.taken {
        "reasoned" => verdict.map_or(Value::Null, Verdict::answer),
        "computed" => document["answer"].clone(),
        _ => Value::Null,
    };
    a.status = status;
    a.answer = answer["text"]
        .as_str()
        .map(|t| (t.to_owned(), answer["option"].as_str().map(str::to_owned)));
    document["status"] = json!(status);
    document["answer"] = answer;
    document["plan"] = plan(pipeline, a);
    document["stages"] = Value::Array(stages(pipeline, a));
    document["arbitration"] = a.arbitration.json();
    let mut said = talk.json();
    if let Some((_, done)) = &a.run {
        said.extend(done.transcript.iter().cloned());
    }
    document["transcript"] = Value::Array(said);
    if let Some(r) = &a.reasoned {
        document["reasoned"] = r.json();
    }
    a.document = document;
}

fn plan(pipeline: &Pipeline<'_>, a: &Answered) -> Value {
    let mut out = Map::new();
    if let Some(Value::Object(own)) = &a.plan {
        out.extend(own.clone());
    } else {
        let name = pipeline.planner.map_or("templates", |m| m.name());
        out.insert("planner".into(), json!(name));
        let own = a.tooled.as_ref().map(super::Tooled::json);
        match own.or_else(|| a.planned.as_ref().map(super::Planned::json)) {
            Some(Value::Object(own)) => out.extend(own),
            _ => {
                out.insert("outcome".into(), json!("left_out"));
            }
        }
    }
    if let Some(d) = &a.decomposed {
        out.insert("decomposition".into(), d.json());
    }
    let fallback = a.fallback.as_ref().map(|f| match &f.plan {
        Ok(p) => json!({
            "planner": "templates", "why": f.why, "outcome": "planned", "family": p.family,
        }),
        Err(r) => json!({
            "planner": "templates",
            "why": f.why,
            "outcome": r.name(),
            "message": r.to_string(),
        }),
    });
    out.insert("fallback".into(), json!(fallback));
    out.insert("ablated".into(), json!(pipeline.ablation.names()));
    Value::Object(out)
}

/// What each stage's model cost.
fn stages(pipeline: &Pipeline<'_>, a: &Answered) -> Vec<Value> {
    let row = |stage: &str, model: &reasmory_model::Model| {
        let mut v = model.account().json(model.name());
        v["stage"] = json!(stage);
        v
    };
    let mut out = Vec::new();
    if let (Some(_), Some(m)) = (&a.decomposed, pipeline.decomposer) {
        out.push(row("decomposer", m));
    }
    if let (true, Some(m)) = (a.planned.is_some() || a.tooled.is_some(), pipeline.planner) {
        out.push(row("planner", m));
    }
    if let (Some(_), None, Some(m)) = (&a.reasoned, &a.tooled, pipeline.reasoner) {
        out.push(row("reasoner", m));
    }
    out
}
