//! `eval` with models: commands that stand for them answer by what they are asked, so that runs with any number
//! of workers ask the same.

use std::fs;
use std::path::Path;

use reasmory_tests::binary::{Call, reasmory};
use reasmory_tests::{scenes, schema};
use serde_json::Value;

const QUESTIONS: &str = r#"{"id": "count", "scene": "room", "type": "count", "question": "How many chairs are in this room?", "answer": 4}
{"id": "side", "scene": "room", "type": "direction", "question": "Standing at the sofa and facing the tv, is the stove to my left or right?", "options": ["A. left", "B. right"], "answer": "B"}
{"id": "far", "scene": "room", "type": "length", "question": "How far is the sofa from the tv?", "unit": "m", "answer": 2.9}
{"id": "area", "scene": "room", "type": "area", "question": "How large is the room?", "unit": "m2", "answer": 20}
{"id": "away", "scene": "attic", "type": "count", "question": "How many chairs are in this room?", "answer": 5}
"#;

/// A planner: right at once, right after a safe fix, right after feedback, hopeless.
const PLANNER: &str = r#"asked=$(cat)
say() { printf '{"text": "%s", "model": "stand-in", "usage": {"input_tokens": 1000, "output_tokens": 50}}' "$1"; }
case "$asked" in
  *'How many chairs are in this room'*) say '```\nanswer objects(\"chair\").count()\n```' ;;
  *'How far is the sofa'*) say '```\nanswer distance(the(\"sofa\"), to=the(\"tv\")).abs() as meters\n```' ;;
  *'is the stove to my left'*)
    case "$asked" in
      *E02*) say '```\nme = stand(at=the(\"sofa\"), facing=the(\"tv\"))\nanswer side(the(\"stove\"), from=me, among=[left, right])\n```' ;;
      *) say '```\nme = stand(at=the(\"sofa\"), facing=the(\"tv\"))\nanswer sidedness(the(\"stove\"), from=me)\n```' ;;
    esac ;;
  *) say 'I do not know.' ;;
esac
"#;

/// A reasoner that says B to choices and 2.9 to lengths.
const REASONER: &str = r#"case "$(cat)" in
  *'to my left or right'*) printf '{"text": "B"}' ;;
  *'How far is'*) printf '{"text": "2.9 m"}' ;;
  *) printf '{"text": "ABSTAIN"}' ;;
esac
"#;

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("scenes")).unwrap();
    scenes::write("room", &dir.path().join("scenes/room.mem"));
    for (name, text) in [("q.jsonl", QUESTIONS), ("planner.sh", PLANNER), ("reasoner.sh", REASONER)]
    {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn eval(dir: &Path, more: &[&str]) -> Call {
    let mut args = vec!["eval", "jsonl", "--questions", "q.jsonl", "--scenes", "scenes"];
    args.extend(more);
    let c = reasmory(dir, &args);
    assert_eq!(c.code, 0, "{args:?}\n{}{}", c.out, c.err);
    c
}

fn document(dir: &Path, file: &str, name: &str) -> Value {
    let text = fs::read_to_string(dir.join(file)).unwrap();
    let v: Value = serde_json::from_str(&text).unwrap();
    let bad = schema::violations(&schema::load(name), &v);
    assert!(bad.is_empty(), "{bad:#?}\n{text}");
    v
}

fn stages(c: &Call) -> Vec<(String, String, f64)> {
    let row = |l: &str| {
        let v: Value = serde_json::from_str(l).unwrap();
        let text = |k: &str| v[k].as_str().unwrap().to_owned();
        (text("id"), text("stage"), v["score"].as_f64().unwrap())
    };
    c.out.lines().map(row).collect()
}

#[cfg(unix)]
#[test]
fn a_model_plans_the_questions_of_a_benchmark() {
    let dir = folder();
    let d = dir.path();
    let model = ["--planner", "exec:sh planner.sh", "--pictures", "none"];
    let c = eval(d, &[&model[..], &["--json", "--out", "one", "--jobs", "1"]].concat());
    let want = [
        ("count", "answered", 1.0),
        ("side", "answered", 1.0),
        ("far", "answered", 1.0),
        ("area", "plan", 0.0),
        ("away", "memory", 0.0),
    ];
    let want = want.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c));
    assert_eq!(stages(&c), want);
    let report = document(d, "one/report.json", "eval-report.v1");
    let models = &report["models"];
    // One, two and one programs; three replies without one.
    assert_eq!((&models["calls"], &models["failed"]), (&7.into(), &0.into()));
    assert_eq!(models["input_tokens"], 7000);
    assert_eq!(models["taken"]["computed"], 3);
    assert_eq!(models["cost_usd"], Value::Null, "no price is known");
    assert_eq!(report["settings"]["models"]["prompts"], "built-in");
    // The same with two workers, and when nothing is left to do.
    eval(d, &[&model[..], &["--out", "two", "--jobs", "2"]].concat());
    fs::write(d.join("planner.sh"), "exit 1").unwrap();
    eval(d, &[&model[..], &["--out", "one", "--jobs", "1"]].concat());
    for file in ["report.json", "report.md", "report.html", "rows.jsonl"] {
        let read = |run: &str| fs::read_to_string(d.join(run).join(file)).unwrap();
        assert!(read("one") == read("two"), "{file}");
    }
}

#[cfg(unix)]
#[test]
fn what_could_not_be_asked_is_not_done() {
    let dir = folder();
    let d = dir.path();
    let args = [
        "--planner",
        "exec:sh planner.sh",
        "--fallback",
        "templates",
        "--out",
        "out",
        "--pictures",
        "none",
    ];
    fs::write(d.join("planner.sh"), "cat > /dev/null; exit 3").unwrap();
    let c = eval(d, &args);
    assert!(c.out.contains("4 items are not done"), "{}", c.out);
    let report = document(d, "out/report.json", "eval-report.v1");
    // The fallback answers, and is told apart.
    assert_eq!(report["models"]["fallback"]["items"], 4);
    assert_eq!(report["models"]["unasked"], 4);
    fs::write(d.join("planner.sh"), PLANNER).unwrap();
    eval(d, &args);
    let report = document(d, "out/report.json", "eval-report.v1");
    assert_eq!(report["models"]["unasked"], 0);
    assert_eq!(report["models"]["fallback"]["items"], 1);
}

#[cfg(unix)]
#[test]
fn ablations_stand_side_by_side() {
    let dir = folder();
    let d = dir.path();
    let args =
        ["--planner", "exec:sh planner.sh", "--ablations", "--out", "study", "--pictures", "none"];
    let c = eval(d, &args);
    assert!(
        c.out.contains("| no-dsl | ") && c.out.contains("not run: needs a reasoner"),
        "{}",
        c.out
    );
    let more = ["--reasoner", "exec:sh reasoner.sh", "--mode", "both"];
    let c = eval(d, &[&args[..], &more[..]].concat());
    let study = document(d, "study/ablations.json", "eval-ablations.v1");
    let score = |arm: usize| study["arms"][arm]["report"]["all"]["score"].as_f64().unwrap();
    let names: Vec<&str> =
        study["arms"].as_array().unwrap().iter().map(|a| a["arm"].as_str().unwrap()).collect();
    let arms = ["full", "no-validation", "no-instances", "no-language", "no-dsl", "templates"];
    assert_eq!(names, arms);
    for arm in study["arms"].as_array().unwrap() {
        let bad = schema::violations(&schema::load("eval-report.v1"), &arm["report"]);
        assert!(bad.is_empty(), "{bad:#?}");
    }
    // Without checks the misnamed operation and the misspelt unit are lost, and the reasoner answers for them.
    assert!((score(0) - 0.6).abs() < 1e-9 && (score(4) - 0.4).abs() < 1e-9, "{}", c.out);
    // A planner that writes programs calls no tool.
    assert_eq!(score(3), 0.0);
    let full = &study["arms"][0]["report"];
    assert_eq!(full["settings"]["models"]["ablated"], Value::Array(vec![]));
    let taken = |arm: usize| &study["arms"][arm]["report"]["models"]["taken"];
    assert_eq!((&taken(0)["computed"], &taken(1)["computed"]), (&3.into(), &1.into()));
    assert_eq!(taken(4)["reasoned"], 2);
    for name in names {
        assert!(d.join("study").join(name).join("report.html").is_file(), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn estimates_ask_nothing() {
    let dir = folder();
    let d = dir.path();
    fs::write(d.join("planner.sh"), "touch asked; exit 1").unwrap();
    let args = ["--planner", "exec:sh planner.sh", "--ablations", "--out", "study", "--estimate"];
    let c = eval(d, &args);
    assert!(!d.join("asked").exists() && !d.join("study").exists());
    let row = |name: &str| {
        let l = c.out.lines().find(|l| l.starts_with(&format!("| {name} |"))).unwrap();
        l.split('|').map(str::trim).skip(2).map(str::to_owned).collect::<Vec<_>>()
    };
    // Four questions have a memory; a try without validation is the only one.
    assert_eq!((row("full")[0].as_str(), row("no-validation")[0].as_str()), ("4 – 12", "4 – 4"));
    assert_eq!(row("full")[3], "a price is missing");
    let least = |name: &str| -> u64 { row(name)[1].split(' ').next().unwrap().parse().unwrap() };
    assert!(least("no-instances") < least("full"), "{}", c.out);
}

#[test]
fn options_of_models_need_a_model() {
    let dir = folder();
    for (args, says) in [
        (&["--ablations", "--out", "s"][..], "`templates` asks no model"),
        (&["--estimate"], "`templates` asks no model"),
        (&["--fallback", "templates"], "asks no model, and the options of models are given"),
        (&["--planner", "replies:q.jsonl", "--reasoner", "exec:cat"], "asks no model"),
    ] {
        let mut all = vec!["eval", "jsonl", "--questions", "q.jsonl", "--scenes", "scenes"];
        all.extend(args);
        let c = reasmory(dir.path(), &all);
        assert_eq!(c.code, 2, "{args:?} {}{}", c.out, c.err);
        assert!(c.err.contains(says), "{args:?} {}", c.err);
    }
}
