//! `synth`: the same bytes twice; questions whose truth the generator computes, through planner and engine.

use std::collections::BTreeMap;
use std::fs;

use reasmory_tests::binary::reasmory;
use reasmory_tests::schema;
use serde_json::Value;

#[test]
fn a_room_is_a_memory() {
    let dir = tempfile::tempdir().unwrap();
    let c = reasmory(dir.path(), &["synth", "room", "--seed", "3", "-o", "room.mem"]);
    assert_eq!(c.code, 0, "{}", c.err);
    let c = reasmory(dir.path(), &["scene", "verify", "room.mem"]);
    assert_eq!(c.code, 0, "{}{}", c.out, c.err);
}

/// A flat as a memory, as a recording that is imported again, and with errors.
#[test]
fn a_flat_is_recorded_and_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let c = reasmory(dir.path(), args);
        assert_eq!(c.code, 0, "{args:?}: {}", c.err);
        c.out
    };
    run(&[
        "synth",
        "flat",
        "--seed",
        "5",
        "--flat-rooms",
        "2",
        "--photos",
        "6",
        "--size",
        "160x120",
        "--record",
        "rec",
        "-o",
        "flat.mem",
    ]);
    run(&["scene", "verify", "flat.mem"]);
    let truth = fs::read_to_string(dir.path().join("flat.truth.json")).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let bad = schema::violations(&schema::load("synth-truth.v1"), &truth);
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(truth["rooms"].as_array().unwrap().len(), 2);
    assert!(!truth["doorways"].as_array().unwrap().is_empty());
    // What was recorded gives most of what is there, where it is.
    run(&["import", "rec", "--masks", "rec/masks", "-o", "rec.mem"]);
    let scene =
        |name: &str| -> Value { serde_json::from_str(&run(&["scene", name, "--json"])).unwrap() };
    let (exact, read) = (scene("flat.mem"), scene("rec.mem"));
    let places = |v: &Value| -> Vec<(String, [f64; 3])> {
        let of = |i: &Value| {
            let c = &i["box"]["center"];
            (i["category"].as_str().unwrap().to_owned(), [0, 1, 2].map(|k| c[k].as_f64().unwrap()))
        };
        v["instances"].as_array().unwrap().iter().map(of).collect()
    };
    let (exact, read) = (places(&exact), places(&read));
    let there = |(category, c): &&(String, [f64; 3])| {
        let off = |d: &[f64; 3]| (0..3).map(|k| (c[k] - d[k]).powi(2)).sum::<f64>().sqrt();
        exact.iter().any(|(other, d)| other == category && off(d) < 0.3)
    };
    let right = read.iter().filter(there).count();
    assert!(
        right * 2 > exact.len() && right * 10 >= read.len() * 7,
        "{right} {} {}",
        read.len(),
        exact.len()
    );
    // Errors are named, and what is asked for wrongly is refused.
    run(&["synth", "room", "--seed", "5", "--degrade", "position=0.05,unscaled", "-o", "off.mem"]);
    let off = scene("off.mem");
    assert_eq!(off["scale"]["kind"], "relative");
    let c = reasmory(dir.path(), &["synth", "room", "--degrade", "positon=1", "-o", "no.mem"]);
    assert!(c.code == 2 && c.err.contains("there are place-noise"), "{}", c.err);
    assert!(!dir.path().join("no.mem").exists());
}

/// At least 99.5 % by family, and every miss is named.
#[test]
fn generated_questions_are_answered() {
    let dir = tempfile::tempdir().unwrap();
    for out in ["one", "two"] {
        let args = [
            "synth",
            "questions",
            "--seed",
            "40",
            "--rooms",
            "3",
            "--flats",
            "1",
            "--each",
            "3",
            "-o",
            out,
        ];
        let c = reasmory(dir.path(), &args);
        assert_eq!(c.code, 0, "{}", c.err);
    }
    let file =
        |out: &str| fs::read_to_string(dir.path().join(out).join("questions.jsonl")).unwrap();
    assert!(file("one") == file("two"));
    let args =
        ["eval", "jsonl", "--questions", "one/questions.jsonl", "--scenes", "one/scenes", "--json"];
    let c = reasmory(dir.path(), &args);
    assert_eq!(c.code, 0, "{}", c.err);
    let mut families: BTreeMap<String, (usize, f64)> = BTreeMap::new();
    let mut misses = String::new();
    for line in c.out.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let score = row["score"].as_f64().unwrap();
        let f = families.entry(row["family"].as_str().unwrap().to_owned()).or_default();
        *f = (f.0 + 1, f.1 + score);
        if score < 1.0 {
            misses += &format!("{line}\n");
        }
    }
    assert!(families.len() >= 38, "{families:?}");
    for (name, (n, sum)) in &families {
        assert!(sum / *n as f64 >= 0.995, "{name}: {sum} of {n}\n{misses}");
    }
}

/// The noise study: its document, its arms, and the same after it was stopped.
#[test]
fn noise_is_studied() {
    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let c = reasmory(dir.path(), args);
        assert_eq!(c.code, 0, "{args:?}: {}", c.err);
        c.out
    };
    run(&["synth", "questions", "--seed", "70", "--rooms", "1", "--each", "1", "-o", "q"]);
    let study = [
        "eval",
        "jsonl",
        "--questions",
        "q/questions.jsonl",
        "--scenes",
        "q/scenes",
        "--noise",
        "--degrade",
        "",
        "--degrade",
        "missing=0.5",
        "--degrade",
        "unscaled",
        "--out",
        "study",
    ];
    let first = run(&study);
    let text = fs::read_to_string(dir.path().join("study/noise.json")).unwrap();
    let v: Value = serde_json::from_str(&text).unwrap();
    let bad = schema::violations(&schema::load("eval-noise.v1"), &v);
    assert!(bad.is_empty(), "{bad:?}");
    let arm = |i: usize, key: &str| v["arms"][i][key].as_f64().unwrap();
    assert!(arm(0, "score") == 1.0 && arm(0, "withheld") == 0.0);
    // What is missing is said to be missing, and lengths without a scale are withheld.
    assert!(arm(1, "score") < 0.9 && arm(1, "withheld") > 0.2);
    assert!(arm(2, "withheld") > 0.1 && arm(2, "score_when_answered") == 1.0);
    // A journal that was cut gives the same.
    let journal = dir.path().join("study/arms/journal.jsonl");
    let lines = fs::read_to_string(&journal).unwrap();
    let half: String =
        lines.lines().take(lines.lines().count() / 2).map(|l| format!("{l}\n")).collect();
    fs::write(&journal, half).unwrap();
    assert_eq!(run(&study), first);
}
