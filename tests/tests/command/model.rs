//! Programs that ask a model: by a command, recorded, replayed.

use std::fs;
use std::path::Path;

use reasmory_tests::binary::{Call, reasmory};
use reasmory_tests::{scenes, schema};
use serde_json::Value;

const PROGRAM: &str =
    "seat = pick(objects(\"chair\"), \"the one with the red cushion\")\nanswer seat\n";

fn folder(program: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    scenes::write("room", &dir.path().join("room.mem"));
    fs::write(dir.path().join("p.rsm"), program).unwrap();
    dir
}

fn call(dir: &Path, model: &str, more: &[&str]) -> Call {
    let mut args = vec!["run", "p.rsm", "--scene", "room.mem", "--model", model];
    args.extend_from_slice(&["--model-picture", "96"]);
    args.extend_from_slice(more);
    let c = reasmory(dir, &args);
    assert!(c.code != 101 && c.code != -1, "{args:?} panicked\n{}", c.err);
    c
}

fn json(c: &Call) -> Value {
    let v: Value =
        serde_json::from_str(&c.out).unwrap_or_else(|e| panic!("{e}\n{}{}", c.out, c.err));
    let bad = schema::violations(&schema::load("run.v1"), &v);
    assert!(bad.is_empty(), "{bad:#?}\n{}", c.out);
    v
}

/// A command that says these replies in turn: one for each line of the file `replies`.
#[cfg(unix)]
fn in_turn(dir: &Path, replies: &[&str]) -> &'static str {
    fs::write(dir.join("replies"), replies.join("\n")).unwrap();
    fs::write(dir.join("asked"), "").unwrap();
    "exec:cat > last.json; cat last.json >> asked; echo >> asked; \
     printf '{\"text\": \"%s\"}' \"$(sed -n \"$(wc -l < asked | tr -d ' ')p\" replies)\""
}

#[cfg(unix)]
fn requests(dir: &Path) -> Vec<Value> {
    let text = fs::read_to_string(dir.join("asked")).unwrap();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[cfg(unix)]
#[test]
fn a_command_chooses() {
    let dir = folder(PROGRAM);
    let dir = dir.path();
    let model = in_turn(dir, &["3"]);
    let v = json(&call(dir, model, &["--json"]));
    assert_eq!(v["status"], "answered");
    // Chairs are the instances 2 to 5.
    assert_eq!(v["answer"]["value"]["id"], 4);
    assert_eq!(v["model"]["name"], "exec");
    assert_eq!(v["model"]["calls"], 1);
    let asked = &v["model"]["asked"][0];
    assert_eq!((asked["line"].as_u64(), asked["chosen"].as_u64()), (Some(1), Some(4)));
    let requests = requests(dir);
    let bad = schema::violations(&schema::load("model-request.v1"), &requests[0]);
    assert!(bad.is_empty(), "{bad:#?}");
    let parts = requests[0]["messages"][0]["parts"].as_array().unwrap();
    let text = parts[0]["text"].as_str().unwrap();
    assert!(text.contains("Description: \"the one with the red cushion\""), "{text}");
    assert!(text.contains("3: \"chair #3\""), "{text}");
    assert!(parts.len() >= 3, "pictures from above and of the candidates");
    for p in &parts[1..] {
        assert!(p["image"]["width"].as_u64().unwrap() <= 96);
    }
    // For people, too, a run that asked says so.
    in_turn(dir, &["3"]);
    assert!(call(dir, model, &[]).out.contains("(asked exec, 1 calls)"));
}

#[cfg(unix)]
#[test]
fn a_bad_reply_is_asked_again_once() {
    let dir = folder(PROGRAM);
    let dir = dir.path();
    let model = in_turn(dir, &["the second one", "2"]);
    let v = json(&call(dir, model, &["--json"]));
    assert_eq!(
        (v["answer"]["value"]["id"].as_u64(), v["model"]["calls"].as_u64()),
        (Some(3), Some(2))
    );
    assert_eq!(v["model"]["asked"][0]["tries"], 2);
    let again = &requests(dir)[1]["messages"];
    assert_eq!(again[1]["parts"][0]["text"], "the second one");
    let more = again[2]["parts"][0]["text"].as_str().unwrap();
    assert!(more.contains("0 to 4"), "{more}");
    // Twice unusable: a fault that says what the model said.
    let model = in_turn(dir, &["5", "none of them"]);
    let c = call(dir, model, &["--json"]);
    let v = json(&c);
    assert_eq!((c.code, v["status"].as_str(), v["answer"].is_null()), (1, Some("failed"), true));
    let d = &v["diagnostics"][0];
    assert_eq!(d["code"], "E0910");
    assert!(d["message"].as_str().unwrap().contains("\"none of them\""), "{d}");
    assert_eq!(v["model"]["asked"][0]["outcome"], "failed");
    assert_eq!(requests(dir).len(), 2);
}

#[cfg(unix)]
#[test]
fn none_of_them_abstains_and_else_is_taken() {
    let dir = folder(PROGRAM);
    let dir = dir.path();
    let model = in_turn(dir, &["0"]);
    let c = call(dir, model, &["--json"]);
    let v = json(&c);
    assert_eq!((c.code, v["status"].as_str()), (0, Some("abstained")));
    assert_eq!(v["diagnostics"][0]["code"], "E0907");
    assert_eq!(v["model"]["asked"][0]["outcome"], "none");
    let with_else = "answer pick(objects(\"chair\"), \"the red one\", else=the(\"sofa\"))\n";
    fs::write(dir.join("p.rsm"), with_else).unwrap();
    in_turn(dir, &["0"]);
    let v = json(&call(dir, model, &["--json"]));
    assert_eq!(v["answer"]["value"]["category"], "sofa");
}

/// What was recorded answers without the model, the same on both engines, byte for byte; another program is
/// another request.
#[cfg(unix)]
#[test]
fn what_is_recorded_is_replayed() {
    let dir = folder(PROGRAM);
    let dir = dir.path();
    let model = in_turn(dir, &["1"]);
    assert_eq!(call(dir, model, &["--record", "t.jsonl", "--json"]).code, 0);
    let line: Value =
        serde_json::from_str(&fs::read_to_string(dir.join("t.jsonl")).unwrap()).unwrap();
    let bad = schema::violations(&schema::load("transcript-line.v1"), &line);
    assert!(bad.is_empty(), "{bad:#?}");
    let first = call(dir, "replay:t.jsonl", &["--json"]);
    let v = json(&first);
    assert_eq!(
        (v["answer"]["value"]["id"].as_u64(), v["model"]["replayed"].as_u64()),
        (Some(2), Some(1))
    );
    assert_eq!(v["model"]["cost_usd"], 0.0);
    for engine in ["jit", "interp"] {
        let again = call(dir, "replay:t.jsonl", &["--json", "--engine", engine]);
        assert_eq!(again.out, first.out, "{engine}");
    }
    fs::write(dir.join("p.rsm"), PROGRAM.replace("red", "blue")).unwrap();
    let c = call(dir, "replay:t.jsonl", &["--json"]);
    let v = json(&c);
    assert_eq!((c.code, v["diagnostics"][0]["code"].as_str()), (1, Some("E0910")));
    let message = v["diagnostics"][0]["message"].as_str().unwrap();
    assert!(message.contains("t.jsonl: does not hold this request"), "{message}");
}

/// Repetitions of a run for its doubtful decisions do not ask again, and a choice made twice is asked once.
#[cfg(unix)]
#[test]
fn doubt_does_not_ask_again() {
    let dir = folder(
        "a = pick(objects(\"chair\"), \"the red one\")\nb = pick(objects(\"chair\"), \"the red one\")\n\
         near = objects().without(a).sort_by(o => center_distance(o, to=a))\n\
         answer near.first().category()\nassert a == b\n",
    );
    let dir = dir.path();
    scenes::write("noisy", &dir.join("room.mem"));
    let model = in_turn(dir, &["2", "3", "4"]);
    let c = call(dir, model, &["--json"]);
    let v = json(&c);
    assert!(matches!(v["status"].as_str(), Some("answered" | "tie")), "{}", c.out);
    assert_eq!(v["model"]["calls"], 1, "{}", c.out);
    assert_eq!(requests(dir).len(), 1);
}

#[test]
fn without_a_model_a_choice_in_words_is_rejected() {
    let dir = folder(PROGRAM);
    let dir = dir.path();
    let c = reasmory(dir, &["run", "p.rsm", "--scene", "room.mem", "--json"]);
    let v = json(&c);
    assert_eq!((c.code, v["diagnostics"][0]["code"].as_str()), (1, Some("E0602")));
    assert!(v.get("model").is_none());
    // A program that does not ask is not marked, whatever model there might be.
    fs::write(dir.join("p.rsm"), "answer 1\n").unwrap();
    assert!(json(&call(dir, "exec:exit 3", &["--json"])).get("model").is_none());
    assert_eq!(reasmory(dir, &["check", "p.rsm", "--model", "any"]).code, 0);
}

/// What is wrong with the model is said before anything runs, with a remedy and without the key.
#[test]
fn wrong_models_are_refused() {
    let dir = folder(PROGRAM);
    let dir = dir.path();
    fs::write(dir.join("bad.jsonl"), "{}\n").unwrap();
    for (model, names) in [
        ("replay:absent.jsonl", "absent.jsonl"),
        ("replay:bad.jsonl", "bad.jsonl:1"),
        ("replay:room.mem", "room.mem"),
        ("mystery", "mystery"),
        ("exec:", "exec:"),
        ("record:x", "record:"),
    ] {
        let c = call(dir, model, &[]);
        assert_eq!((c.code, c.out.as_str()), (2, ""), "{model}: {}", c.err);
        assert!(c.err.contains(names) && c.err.contains("help: "), "{model}: {}", c.err);
    }
    let c = call(dir, "exec:true", &["--record", "no/such/folder/t.jsonl"]);
    assert_eq!(c.code, 2, "{}", c.err);
    assert!(c.err.contains("no/such/folder/t.jsonl"), "{}", c.err);
}
