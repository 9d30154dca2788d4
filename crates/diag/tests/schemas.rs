//! The JSON Schemas under `spec/json/`: well-formed, closed, alike where they share definitions, and in
//! step with the renderers. Whole outputs are validated by the whole-system tests.

use reasmory_diag::render::{Format, Options, Report, Source, render};
use reasmory_diag::{Applicability, CODES, Code, Diagnostic};
use reasmory_span::Span;
use serde_json::Value;

const SCHEMAS: &[(&str, &str)] = &[
    ("build.v1", include_str!("../../../spec/json/build.v1.json")),
    ("bench-quality.v1", include_str!("../../../spec/json/bench-quality.v1.json")),
    ("bench.v1", include_str!("../../../spec/json/bench.v1.json")),
    ("diagnostics-line.v1", include_str!("../../../spec/json/diagnostics-line.v1.json")),
    ("diagnostics.v1", include_str!("../../../spec/json/diagnostics.v1.json")),
    ("explain.v1", include_str!("../../../spec/json/explain.v1.json")),
    ("fix.v1", include_str!("../../../spec/json/fix.v1.json")),
    ("frames.v1", include_str!("../../../spec/json/frames.v1.json")),
    ("import.v1", include_str!("../../../spec/json/import.v1.json")),
    ("lint-line.v1", include_str!("../../../spec/json/lint-line.v1.json")),
    ("onnx-model.v1", include_str!("../../../spec/json/onnx-model.v1.json")),
    ("ops.v1", include_str!("../../../spec/json/ops.v1.json")),
    ("run.v1", include_str!("../../../spec/json/run.v1.json")),
    ("scene.v1", include_str!("../../../spec/json/scene.v1.json")),
    ("ask.v1", include_str!("../../../spec/json/ask.v1.json")),
    ("eval-row.v1", include_str!("../../../spec/json/eval-row.v1.json")),
    ("question.v1", include_str!("../../../spec/json/question.v1.json")),
    ("verify.v1", include_str!("../../../spec/json/verify.v1.json")),
    ("scene-diff.v1", include_str!("../../../spec/json/scene-diff.v1.json")),
];

fn schema(name: &str) -> Value {
    let text = SCHEMAS.iter().find(|s| s.0 == name).map(|s| s.1).unwrap_or_default();
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn keys(v: &Value) -> Vec<&str> {
    v.as_object().into_iter().flatten().map(|(k, _)| k.as_str()).collect()
}

fn required(v: &Value) -> Vec<&str> {
    v["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Every schema of an object says whether it is open, and names only properties it has.
fn closed(name: &str, v: &Value) {
    if v.get("properties").is_some() {
        assert_eq!(v["additionalProperties"], Value::Bool(false), "{name}: {v}");
        let known = keys(&v["properties"]);
        assert!(required(v).iter().all(|r| known.contains(r)), "{name}: {v}");
    }
    match v {
        Value::Object(map) => map.values().for_each(|x| closed(name, x)),
        Value::Array(items) => items.iter().for_each(|x| closed(name, x)),
        _ => {}
    }
}

#[test]
fn schemas_are_named_and_closed() {
    for (name, _) in SCHEMAS {
        let s = schema(name);
        assert_eq!(s["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        assert_eq!(s["$id"], format!("{name}.json"));
        assert!(s["title"].is_string(), "{name}");
        closed(name, &s);
    }
}

#[test]
fn shared_definitions_are_alike() {
    let whole = schema("diagnostics.v1");
    for other in ["diagnostics-line.v1", "lint-line.v1", "run.v1"] {
        let s = schema(other);
        for (name, definition) in whole["$defs"].as_object().into_iter().flatten() {
            let theirs = &s["$defs"][name];
            assert!(theirs.is_null() || theirs == definition, "{other}: {name}");
        }
    }
    let line = schema("diagnostics-line.v1");
    let mut record = line["oneOf"][0]["properties"].clone();
    if let Some(map) = record.as_object_mut() {
        map.shift_remove("schema");
        map.shift_remove("type");
    }
    assert_eq!(record, whole["$defs"]["diagnostic"]["properties"]);
}

#[test]
fn renderers_write_what_the_schemas_say() {
    let text = "answer 1";
    let diagnostics =
        [Diagnostic::new(Code::MissingUnit, Span::new(7, 8), "a number without a unit")
            .note("n")
            .fix(Applicability::Unsafe, "add `m`", Span::at(8), "m")];
    let files = [Source { name: "-", text, diagnostics: &diagnostics }];
    let report = Report { files: &files };
    let document: Value = serde_json::from_str(&render(&report, Format::Json, Options::default()))
        .unwrap_or_default();
    let s = schema("diagnostics.v1");
    assert_eq!(keys(&document), required(&s));
    assert_eq!(keys(&document["summary"]), required(&s["properties"]["summary"]));
    let d = &document["diagnostics"][0];
    assert_eq!(keys(d), required(&s["$defs"]["diagnostic"]));
    for (list, name) in [("labels", "label"), ("notes", "note"), ("suggestions", "suggestion")] {
        assert_eq!(keys(&d[list][0]), required(&s["$defs"][name]));
    }
    assert_eq!(keys(&d["suggestions"][0]["edits"][0]), required(&s["$defs"]["edit"]));
    assert_eq!(keys(&d["span"]["start"]), required(&s["$defs"]["place"]));
    let lines = render(&report, Format::Jsonl, Options::default());
    let line = schema("diagnostics-line.v1");
    for (record, variant) in lines.lines().zip(line["oneOf"].as_array().into_iter().flatten()) {
        let record: Value = serde_json::from_str(record).unwrap_or_default();
        assert_eq!(keys(&record), required(variant));
    }
}

#[test]
fn schemas_name_every_level_and_severity() {
    let s = schema("diagnostics.v1");
    let p = &s["$defs"]["diagnostic"]["properties"];
    let holds =
        |list: &Value, x: &str| list["enum"].as_array().is_some_and(|v| v.contains(&x.into()));
    for c in CODES {
        assert!(holds(&p["level"], c.level.name()), "{}", c.level.name());
        assert!(holds(&p["severity"], c.severity.name()), "{}", c.severity.name());
    }
}
