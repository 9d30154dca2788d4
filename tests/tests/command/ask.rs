//! `ask`: exit codes, the document against its schema, files, the same bytes twice.

use std::fs;

use reasmory_tests::binary::reasmory;
use reasmory_tests::{scenes, schema};
use serde_json::Value;

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    scenes::write("room", &dir.path().join("room.mem"));
    dir
}

fn json(dir: &tempfile::TempDir, args: &[&str], code: i32) -> Value {
    let c = reasmory(dir.path(), args);
    assert_eq!(c.code, code, "{args:?}\n{}{}", c.out, c.err);
    let v: Value = serde_json::from_str(&c.out).unwrap();
    let bad = schema::violations(&schema::load("ask.v1"), &v);
    assert!(bad.is_empty(), "{bad:#?}\n{}", c.out);
    assert_eq!(reasmory(dir.path(), args).out, c.out);
    assert!(!c.out.contains(&*dir.path().to_string_lossy()));
    v
}

#[test]
fn a_question_is_answered_with_its_program_and_evidence() {
    let dir = folder();
    let question = "Standing at the sofa and facing the tv, is the stove to my left or right?";
    let v = json(
        &dir,
        &[
            "ask",
            "room.mem",
            question,
            "--options",
            "A. left",
            "B. right",
            "--json",
            "--out",
            "out",
        ],
        0,
    );
    assert_eq!(
        (v["status"].as_str(), v["answer"]["option"].as_str()),
        (Some("answered"), Some("B"))
    );
    assert_eq!(v["plan"]["planner"], "templates");
    assert_eq!(v["plan"]["family"], "object_rel_direction");
    assert_eq!(v["plan"]["slots"]["x"], "the(\"stove\")");
    let out = dir.path().join("out");
    let program = fs::read_to_string(out.join("plan.rsm")).unwrap();
    assert_eq!(v["program"].as_str(), Some(program.as_str()));
    assert!(out.join(v["evidence"][0]["file"].as_str().unwrap()).exists());
    assert!(out.join("ask.json").exists());
    // For people.
    let c = reasmory(dir.path(), &["ask", "room.mem", "How many chairs are there?"]);
    assert_eq!(c.code, 0, "{}", c.err);
    assert!(
        c.out.starts_with("4\n") && c.out.contains("\nanswer objects(\"chair\").count()\n"),
        "{}",
        c.out
    );
    // The program stands by itself.
    fs::write(dir.path().join("p.rsm"), program).unwrap();
    let c = reasmory(dir.path(), &["run", "p.rsm", "--scene", "room.mem"]);
    assert!(c.code == 0 && c.out.starts_with("right\n"), "{}{}", c.out, c.err);
}

#[test]
fn what_is_refused_says_why() {
    let dir = folder();
    for (question, outcome) in [
        ("What is the meaning of life?", "outside"),
        ("How tall is the piano?", "unknown_noun"),
        ("How far is the bed from the lamp?", "several"),
        ("Is the bed to the left of the tv?", "no_front"),
    ] {
        let v = json(&dir, &["ask", "room.mem", question, "--json"], 1);
        assert_eq!((v["status"].as_str(), v["program"].as_str()), (Some("rejected"), Some("")));
        assert_eq!(v["plan"]["outcome"], outcome);
        let c = reasmory(dir.path(), &["ask", "room.mem", question]);
        assert_eq!(c.code, 1);
        assert!(c.out.contains("rejected: ") && c.out.contains("help: "), "{}", c.out);
    }
    let v = json(&dir, &["ask", "room.mem", "Why?", "--json"], 1);
    let families = v["plan"]["families"].as_array().unwrap();
    assert!(families.iter().any(|f| f["name"] == "route_planning"), "{families:?}");
    let c = reasmory(dir.path(), &["ask", "room.mem", "Why?"]);
    assert!(c.out.contains("object_counting          How many chairs"), "{}", c.out);
    // Usage.
    let c = reasmory(dir.path(), &["ask", "absent.mem", "How many chairs are there?"]);
    assert_eq!((c.code, c.out.as_str()), (2, ""));
    let c = reasmory(dir.path(), &["ask", "room.mem", "x", "--planner", "oracle"]);
    assert!(c.code == 2 && c.err.contains("templates"), "{}", c.err);
}

/// A model as planner on the command line: a command that writes programs, recorded and replayed.
#[cfg(unix)]
#[test]
fn models_plan() {
    let dir = folder();
    let d = dir.path();
    fs::write(
        d.join("say.json"),
        "{\"text\": \"```\\nanswer objects(\\\"chairs\\\").len()\\n```\"}",
    )
    .unwrap();
    let ask = |more: &[&'static str]| {
        let mut args = vec!["ask", "room.mem", "How many chairs are there?", "--planner"];
        args.extend_from_slice(more);
        args
    };
    let c = reasmory(d, &ask(&["record:t.jsonl:exec:cat say.json"]));
    assert!(c.code == 0 && c.out.starts_with("4\n"), "{}{}", c.out, c.err);
    assert!(c.out.contains("# exec: fixed after answered\n# planner: 1 calls"), "{}", c.out);
    assert!(c.out.ends_with("answer objects(\"chair\").count()\n"), "{}", c.out);
    let v = json(&dir, &ask(&["replay:t.jsonl", "--json", "--out", "out"]), 0);
    assert_eq!(
        (v["answer"]["value"].as_u64(), v["plan"]["outcome"].as_str()),
        (Some(4), Some("fixed"))
    );
    assert!(d.join("out/plan.rsm").exists() && d.join("out/ask.json").exists());
    // Heard as it comes, with nothing in it that a terminal obeys.
    fs::write(d.join("loud.json"), "{\"text\": \"\\u001b[2Janswer 1\"}").unwrap();
    let c = reasmory(d, &ask(&["exec:cat loud.json", "--live"]));
    assert!(c.err.contains("answer 1") && !c.err.contains('\u{1b}'), "{:?}", c.err);
    // The same question from a file, another try where the first is no program, a fallback that says so.
    fs::write(d.join("q.json"), r#"{"question": "How many chairs are there?"}"#).unwrap();
    let c =
        reasmory(d, &["ask", "room.mem", "--question", "q.json", "--planner", "replay:t.jsonl"]);
    assert!(c.code == 0 && c.out.starts_with("4\n"), "{}{}", c.out, c.err);
    let none = ["exec:echo '{\"text\": \"no\"}'", "--tries", "2", "--json"];
    let v = json(&dir, &ask(&none), 1);
    assert_eq!(
        (v["status"].as_str(), v["plan"]["outcome"].as_str()),
        (Some("rejected"), Some("exhausted"))
    );
    let v = json(&dir, &ask(&[&none[..], &["--fallback", "templates"]].concat()), 0);
    assert_eq!(v["plan"]["fallback"]["outcome"], "planned");
    let people = ask(&["exec:echo '{\"text\": \"no\"}'", "--fallback", "templates"]);
    let c = reasmory(d, &people);
    assert!(c.out.contains("# fallback, because of `exhausted`: templates: planned"), "{}", c.out);
    // A reasoner beside the embedded planner.
    let seen = ask(&["templates", "--reasoner", "exec:echo '{\"text\": \"4\"}'", "--json"]);
    let v = json(&dir, &seen, 0);
    assert_eq!(
        (v["arbitration"]["mode"].as_str(), v["arbitration"]["agree"].as_bool()),
        (Some("both"), Some(true))
    );
    // Usage.
    for (more, says) in [
        (&["templates", "--decompose"][..], "needs a model as planner"),
        (&["templates", "--fallback", "templates"], "needs a model as planner"),
        (&["templates", "--mode", "both"], "no reasoner is named"),
        (&["replay:absent.jsonl"], "absent.jsonl"),
        (&["exec:true", "--budget", "5"], "give at least"),
    ] {
        let c = reasmory(d, &ask(more));
        assert_eq!((c.code, c.out.as_str()), (2, ""), "{more:?}");
        assert!(c.err.contains(says), "{more:?}: {}", c.err);
    }
}
