//! `prompt`: the whole, its parts, variants, against its schema; the same bytes twice.

use std::fs;

use reasmory_tests::binary::reasmory;
use reasmory_tests::{scenes, schema};
use serde_json::Value;

#[test]
fn prompts_parts_and_variants() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    scenes::write("room", &d.join("room.mem"));
    fs::write(
        d.join("q.json"),
        r#"{"question": "Where is the stove?", "options": ["A. left", "B. right"],
            "decomposition": {"stand": {"at": "the sofa", "facing": "the tv"}}}"#,
    )
    .unwrap();
    let call = |args: &[&str], code: i32| {
        let c = reasmory(d, args);
        assert_eq!(c.code, code, "{args:?}\n{}{}", c.out, c.err);
        assert_eq!(reasmory(d, args).out, c.out);
        assert!(!c.out.contains(&*d.to_string_lossy()));
        c
    };
    let scene = ["prompt", "--scene", "room.mem", "--question", "q.json"];
    let with = |more: &[&'static str]| [&scene[..], more].concat();
    let json = call(&with(&["--json", "--budget", "2000"]), 0);
    let v: Value = serde_json::from_str(&json.out).unwrap();
    let bad = schema::violations(&schema::load("prompt.v1"), &v);
    assert!(bad.is_empty(), "{bad:#?}");
    assert!(v["tokens"].as_u64().unwrap() <= 2000);
    let text = call(&scene, 0).out;
    assert!(text.starts_with("---- system\nYou write one program"), "{text}");
    assert!(text.contains("view: stand(at=the(\"sofa\"), facing=the(\"tv\"))"), "{text}");
    for (part, says) in [
        ("--card", "# Reasmory on one page"),
        ("--short-card", "Reasmory in short"),
        ("--catalogue", "stand(at=Place"),
        ("--inventory", "\"chair\": 4"),
        ("--examples", "Q: \""),
        ("--decomposition", "view: stand"),
    ] {
        let out = call(&with(&[part]), 0).out;
        assert!(out.contains(says), "{part}\n{out}");
    }
    // A variant starts from the built-in sections, and is compared with them.
    let sections = call(&["prompt", "--sections"], 0).out;
    fs::write(d.join("same.txt"), &sections).unwrap();
    let same = call(&with(&["--compare", "same.txt"]), 0).out;
    assert!(!same.lines().any(|l| l.starts_with('+')), "{same}");
    fs::write(d.join("terse.txt"), "== system\nWrite Reasmory.\n{{short_card}}\n").unwrap();
    let other = call(&with(&["--compare", "terse.txt"]), 0).out;
    assert!(other.contains("\n+Write Reasmory.\n"), "{other}");
    let terse = call(&with(&["--variant", "terse.txt"]), 0).out;
    assert!(terse.starts_with("---- system\nWrite Reasmory.\nReasmory in short"), "{terse}");
    // A question in words, without a scene.
    let words = call(&["prompt", "--ask", "How tall is it?", "--options", "A. 1 m", "B. 2 m"], 0);
    assert!(words.out.contains("Question: \"How tall is it?\"\n"), "{}", words.out);
}

#[test]
fn what_is_wrong_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    fs::write(d.join("bad.txt"), "== system\n{{question}}\n").unwrap();
    for (args, says) in [
        (&["prompt", "--variant", "bad.txt"][..], "bad.txt:2: the section `system` has no slot"),
        (&["prompt", "--variant", "absent.txt"], "absent.txt"),
        (&["prompt", "--budget", "10"], "give at least"),
        (&["prompt", "--scene", "absent.mem"], "absent.mem"),
        (&["prompt", "--card", "--json"], "cannot be used with"),
    ] {
        let c = reasmory(d, args);
        assert_eq!((c.code, c.out.as_str()), (2, ""), "{args:?}");
        assert!(c.err.contains(says), "{args:?}: {}", c.err);
    }
}
