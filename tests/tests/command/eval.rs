//! `eval`: rows and report against their schemas; the same report with one worker and two, and after a run
//! that was killed; every row of the question file counts.

use std::fs;
use std::path::Path;

use reasmory_tests::binary::{Call, reasmory};
use reasmory_tests::{scenes, schema};
use serde_json::Value;

/// Questions over `room`; the last ones cannot be used, or end at each of the stages.
const QUESTIONS: &str = r#"{"id": "count", "scene": "room", "type": "count", "question": "How many chairs are in this room?", "answer": 4}
{"id": "near", "scene": "room", "type": "count", "question": "How many chairs are in this room?", "answer": 5}
{"id": "side", "scene": "room", "type": "direction", "question": "Standing at the sofa and facing the tv, is the stove to my left or right?", "options": ["A. left", "B. right"], "answer": "B"}
{"id": "far", "scene": "room", "type": "length", "question": "How far is the sofa from the tv?", "unit": "m", "answer": 2.9}
{"id": "most", "scene": "room", "question": "Which is taller, the sofa or the tv?", "options": ["A. tv", "B. sofa"], "answer": "A"}
{"id": "piano", "scene": "room", "type": "length", "question": "How far is the piano from the tv?", "unit": "m", "answer": 1}
{"id": "poem", "scene": "room", "question": "Write me a poem.", "answer": "no"}
{"id": "away", "scene": "attic", "type": "count", "question": "How many chairs are in this room?", "answer": 5}
{"id": "untold", "scene": "room", "type": "count", "question": "How many chairs are in this room?"}
this is no row
"#;

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("scenes")).unwrap();
    scenes::write("room", &dir.path().join("scenes/room.mem"));
    fs::write(dir.path().join("q.jsonl"), QUESTIONS).unwrap();
    dir
}

fn eval(dir: &Path, more: &[&str]) -> Call {
    let mut args = vec!["eval", "jsonl", "--questions", "q.jsonl", "--scenes", "scenes"];
    args.extend(more);
    let c = reasmory(dir, &args);
    assert_eq!(c.code, 0, "{args:?}\n{}{}", c.out, c.err);
    c
}

fn files(dir: &Path, out: &str) -> Vec<String> {
    ["rows.jsonl", "report.json", "report.md", "report.html"]
        .iter()
        .map(|f| fs::read_to_string(dir.join(out).join(f)).unwrap())
        .collect()
}

#[test]
fn every_row_counts_where_it_ended() {
    let dir = folder();
    let c = eval(dir.path(), &["--json", "--out", "out"]);
    let row = schema::load("eval-row.v1");
    let rows: Vec<Value> = c.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    for v in &rows {
        let bad = schema::violations(&row, v);
        assert!(bad.is_empty(), "{bad:#?}\n{v}");
    }
    let ended: Vec<(&str, &str, f64)> = rows
        .iter()
        .map(|r| {
            let text = |k: &str| r[k].as_str().unwrap();
            (text("id"), text("stage"), r["score"].as_f64().unwrap())
        })
        .collect();
    assert_eq!(
        ended,
        [
            ("count", "answered", 1.0),
            ("near", "answered", 0.6),
            ("side", "answered", 1.0),
            ("far", "answered", 1.0),
            ("most", "answered", 0.0),
            ("piano", "memory", 0.0),
            ("poem", "plan", 0.0),
            ("away", "memory", 0.0),
            ("untold", "skipped", 0.0),
            ("row-10", "skipped", 0.0),
        ]
    );
    let report = fs::read_to_string(dir.path().join("out/report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    let bad = schema::violations(&schema::load("eval-report.v1"), &report);
    assert!(bad.is_empty(), "{bad:#?}");
    assert_eq!(report["all"]["items"], 10);
    let lost = &report["all"]["lost"];
    assert_eq!(
        (&lost["memory"], &lost["plan"], &lost["skipped"]),
        (&2.0.into(), &1.0.into(), &2.0.into())
    );
    // Pictures of what missed, within the page.
    let page = fs::read_to_string(dir.path().join("out/report.html")).unwrap();
    assert_eq!(page.matches("data:image/png;base64,").count(), 2);
    assert!(!page.contains(&*dir.path().to_string_lossy()));
}

#[test]
fn killed_or_parallel_the_report_is_the_same() {
    let dir = folder();
    eval(dir.path(), &["--out", "one", "--jobs", "1", "--pictures", "none"]);
    eval(dir.path(), &["--out", "two", "--jobs", "2", "--pictures", "none"]);
    let whole = files(dir.path(), "one");
    assert!(whole == files(dir.path(), "two"));
    // A run that was killed left some lines, the last one torn; what is there is not done again.
    let journal = fs::read_to_string(dir.path().join("one/journal.jsonl")).unwrap();
    // The first done is one of `room`.
    let first = journal.lines().find(|l| l.contains("\"id\":\"count\"")).unwrap();
    let mut done: Value = serde_json::from_str(first).unwrap();
    done["record"]["note"] = "from the journal".into();
    fs::create_dir(dir.path().join("cut")).unwrap();
    fs::write(
        dir.path().join("cut/journal.jsonl"),
        format!("{first}\n{}", &journal[..journal.len() / 2]),
    )
    .unwrap();
    eval(dir.path(), &["--out", "cut", "--pictures", "none"]);
    assert!(whole == files(dir.path(), "cut"));
    fs::write(dir.path().join("cut/journal.jsonl"), format!("{done}\n")).unwrap();
    eval(dir.path(), &["--out", "cut", "--pictures", "none"]);
    let page = fs::read_to_string(dir.path().join("cut/report.html")).unwrap();
    assert!(page.contains("from the journal"));
    // Other settings are another run.
    eval(dir.path(), &["--out", "cut", "--engine", "interp", "--pictures", "none"]);
    let page = fs::read_to_string(dir.path().join("cut/report.html")).unwrap();
    assert!(!page.contains("from the journal"));
}

#[test]
fn programs_and_replies_of_others() {
    let dir = folder();
    let programs = r#"{"id": "count", "program": "answer objects(\"chair\").count()\n"}
{"id": "near", "program": "answer objects(\"chiar\").count()\n"}
{"id": "side", "program": "show plan()\n"}
{"id": "far", "program": "high = objects(\"chair\").filter(o => height(o) > 0.95m and volume(o) > 2m3).first()\nanswer distance(the(\"sofa\"), to=high) as m\n"}
"#;
    fs::write(dir.path().join("p.jsonl"), programs).unwrap();
    let c = eval(dir.path(), &["--json", "--planner", "programs:p.jsonl"]);
    let stages: Vec<String> = c
        .out
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap()["stage"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(stages[..5], ["answered", "check", "check", "run", "plan"], "{}", c.out);
    fs::write(dir.path().join("r.jsonl"), "{\"id\": \"side\", \"reply\": \"B. right\"}\n").unwrap();
    let c = eval(dir.path(), &["--json", "--planner", "replies:r.jsonl"]);
    let row: Value = serde_json::from_str(c.out.lines().nth(2).unwrap()).unwrap();
    assert_eq!((row["score"].as_f64(), row["answer"]["option"].as_str()), (Some(1.0), Some("B")));
}

#[test]
fn mistakes_are_named() {
    let dir = folder();
    for (args, wanted) in [
        (vec!["eval", "vsi", "--questions", "q.jsonl"], "no benchmark is called `vsi`"),
        (vec!["eval", "jsonl", "--questions", "q.jsonl"], "programs need memories"),
        (vec!["eval", "jsonl", "--questions", "none.jsonl", "--scenes", "scenes"], "none.jsonl: "),
        (vec!["eval", "jsonl", "--questions", "q.jsonl", "--scenes", "nowhere"], "nowhere"),
        (
            vec!["eval", "jsonl", "--questions", "q.jsonl", "--scenes", "scenes", "--planner", "x"],
            "`programs:FILE` and `replies:FILE` take what another system wrote",
        ),
    ] {
        let c = reasmory(dir.path(), &args);
        assert_eq!(c.code, 2, "{args:?}\n{}", c.out);
        assert!(c.err.contains(wanted) && c.err.contains("help: "), "{args:?}\n{}", c.err);
    }
}
