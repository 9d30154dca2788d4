//! Exit codes, outputs against their schemas, no absolute paths, the same bytes twice.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use reasmory_driver::diag::CODES;
use reasmory_driver::ops::OPS;
use reasmory_tests::binary::{Call, reasmory, with_input};
use reasmory_tests::{scenes, schema};
use serde_json::Value;
use tempfile::TempDir;

/// A plan of the paper: the way from the sofa to the TV, and where the TV is.
const PLAN: &str = "\
def plan_to_solve_problem(input_images: List[str]):
    s = build_static_spatial_memory(input_type=\"images\", image_paths=input_images)[\"session_id\"]
    found = query_3d_object_position(session_id=s, category_names=[\"sofa\", \"tv\"])
    set_viewpoint(session_id=s, origin=found[\"sofa\"][0], look_at=found[\"tv\"][0])
    found = query_3d_object_position(session_id=s, category_names=[\"tv\"])
    ego = render_ego_rgb(session_id=s)
    useful_observation = [ego, found[\"tv\"][0]]
    return useful_observation
";

/// A folder with the standard memories and a few programs.
fn folder() -> &'static Path {
    static DIR: OnceLock<TempDir> = OnceLock::new();
    let dir = DIR.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        for name in ["room", "relative", "boxes", "points"] {
            scenes::write(name, &dir.path().join(format!("{name}.mem")));
        }
        for (name, text) in [
            ("good.rsm", "answer objects(\"chair\").count()\n"),
            ("dead.rsm", "answer 1\nlet x = 2\n"),
            ("warned.rsm", "spare = 1\nanswer 2\n"),
            ("wrong.rsm", "answer objects(\"chairs\").count()\nanswer distence(1)\n"),
            ("shown.rsm", "show plan(mark=\"chair\")\nshow photo(1)\n"),
            ("failed.rsm", "assert 1 > 2, \"no\"\nanswer 1\n"),
            ("abstained.rsm", "answer objects().filter(o => height(o) > 9m).first()\n"),
            ("size.rsm", "answer the(\"tv\").longest_side() as cm\n"),
            ("good.py", PLAN),
            (
                "stale.py",
                &PLAN.replace(
                    "    ego =",
                    "    step_camera(session_id=s, direction=\"forward\")\n    ego =",
                ),
            ),
        ] {
            fs::write(dir.path().join(name), text).unwrap();
        }
        fs::write(
            dir.path().join("question.json"),
            "{\"question\": \"How long is the tv?\", \"options\": [\"A. 90 cm\", \"B. 118 cm\"]}",
        )
        .unwrap();
        fs::write(
            dir.path().join("colours.json"),
            "{\"question\": \"Which?\", \"options\": [\"A. red\", \"B. blue\"]}",
        )
        .unwrap();
        dir
    });
    dir.path()
}

fn call(args: &[&str]) -> Call {
    let c = reasmory(folder(), args);
    let place = folder().to_string_lossy().into_owned();
    assert!(!c.out.contains(&place), "{args:?} prints an absolute path:\n{}", c.out);
    assert!(!c.out.contains(env!("CARGO_MANIFEST_DIR")), "{args:?}:\n{}", c.out);
    c
}

/// The JSON of a call, valid against a schema, and the same bytes the second time.
fn json(name: &str, args: &[&str], code: i32) -> Value {
    let c = call(args);
    assert_eq!(c.code, code, "{args:?}\n{}{}", c.out, c.err);
    assert_eq!(c.err, "", "{args:?}");
    assert_eq!(call(args), c, "{args:?} differs the second time");
    valid(name, &c.out, args)
}

fn valid(name: &str, text: &str, args: &[&str]) -> Value {
    let v: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{args:?}: {e}\n{text}"));
    let bad = schema::violations(&schema::load(name), &v);
    assert!(bad.is_empty(), "{args:?}: {bad:#?}");
    v
}

#[test]
fn exit_codes() {
    let room = ["--scene", "room.mem"];
    for (args, code) in [
        (vec!["check", "good.rsm"], 0),
        (vec!["check", "good.rsm", "warned.rsm", "--scene", "room.mem"], 0),
        (vec!["check", "wrong.rsm", "--scene", "room.mem"], 1),
        (vec!["check", "good.rsm", "wrong.rsm"], 1),
        (vec!["check", "absent.rsm"], 2),
        (vec!["check", "good.rsm", "--scene", "absent.mem"], 2),
        (vec!["check", "good.rsm", "--format", "fancy"], 2),
        (vec!["check", "--prefix", "good.rsm", "wrong.rsm"], 0),
        (vec!["check", "--prefix", "good.rsm", "dead.rsm"], 1),
        (vec!["check", "--prefix", "good.rsm", "--format", "sarif"], 2),
        (vec!["check", "--prefix", "good.rsm", "--budget", "9"], 2),
        (vec!["check"], 2),
        (vec!["nonsense"], 2),
        ([&["run", "good.rsm"][..], &room].concat(), 0),
        ([&["run", "shown.rsm"][..], &room].concat(), 0),
        ([&["run", "abstained.rsm"][..], &room].concat(), 0),
        ([&["run", "failed.rsm"][..], &room].concat(), 1),
        ([&["run", "wrong.rsm"][..], &room].concat(), 1),
        (vec!["run", "good.rsm"], 2),
        (vec!["check", "--dialect", "paper", "good.py", "--scene", "room.mem"], 0),
        (vec!["check", "--dialect", "paper", "good.py"], 0),
        (vec!["check", "--dialect", "paper", "stale.py"], 1),
        (vec!["check", "good.py"], 1),
        (vec!["check", "--dialect", "latin", "good.py"], 2),
        (vec!["fix", "--dialect", "paper", "stale.py"], 2),
        (vec!["translate", "good.py"], 0),
        (vec!["translate", "stale.py"], 1),
        (vec!["translate", "absent.py"], 2),
        ([&["run", "--dialect", "paper", "stale.py"][..], &room].concat(), 1),
        (vec!["emit", "mir", "good.rsm"], 0),
        (vec!["emit", "mir", "wrong.rsm"], 1),
        (vec!["emit", "bytes", "good.rsm"], 2),
        (vec!["scene", "room.mem"], 0),
        (vec!["scene", "absent.mem"], 2),
        (vec!["ops"], 0),
        (vec!["ops", "distance"], 0),
        (vec!["ops", "distence"], 2),
        (vec!["explain", "E0501"], 0),
        (vec!["explain", "E0000"], 2),
        (vec!["render", "plan", "--scene", "room.mem", "-o", "plan.png", "--size", "64x64"], 0),
        (vec!["render", "ego", "--scene", "room.mem", "--photo", "9", "-o", "x.png"], 2),
        (vec!["--version"], 0),
        (vec!["--help"], 0),
    ] {
        let c = call(&args);
        assert_eq!(c.code, code, "{args:?}\n{}{}", c.out, c.err);
        if code == 2 {
            assert!(c.err.starts_with("error:"), "{args:?}: {}", c.err);
        }
    }
}

#[test]
fn trace() {
    let args = ["run", "size.rsm", "--scene", "room.mem"];
    let plain = json("run.v1", &[&args[..], &["--json"]].concat(), 0);
    let mut traced = json("run.v1", &[&args[..], &["--json", "--trace"]].concat(), 0);
    assert_eq!(traced["provenance"]["instances"][0]["name"], "tv", "{traced}");
    assert_eq!(traced["trace"][1]["operation"], "longest_side", "{traced}");
    let fields = traced.as_object_mut().unwrap();
    for more in ["trace", "trace_omitted", "provenance"] {
        assert!(fields.remove(more).is_some(), "{more}");
    }
    assert_eq!(traced, plain, "a trace adds to the output and changes nothing in it");
    let c = call(&[&args[..], &["--trace"]].concat());
    assert!(
        c.out.contains("the answer is #2, from tv") && c.out.ends_with("120 cm\n"),
        "{}",
        c.out
    );
    // As the manual shows it.
    let page = include_str!("../../../spec/trace.md");
    assert!(page.contains(&c.out), "{}", c.out);
}

#[test]
fn prefix() {
    let args = ["check", "--prefix", "good.rsm", "dead.rsm", "--format", "json"];
    let v = json("prefix.v1", &args, 1);
    assert_eq!(v["prefixes"][0]["status"], "complete");
    assert_eq!(v["prefixes"][1]["live"], 13, "{v}");
    let start = b"answer the(\"ch";
    let c = with_input(
        folder(),
        &["check", "--prefix", "-", "--scene", "room.mem", "--format", "json"],
        start,
    );
    assert_eq!(c.code, 0, "{}", c.err);
    let v = valid("prefix.v1", &c.out, &["check", "--prefix", "-"]);
    assert_eq!(v["prefixes"][0]["hints"][0]["texts"], serde_json::json!(["\"chair\""]));
    // As the manual shows it.
    let c = with_input(folder(), &["check", "--prefix", "-", "--scene", "room.mem"], start);
    let page = include_str!("../../../spec/prefix.md");
    assert!(page.contains(&c.out), "{}", c.out);
}

#[test]
fn check() {
    for args in [
        &["check", "good.rsm", "--format", "json"][..],
        &["check", "good.rsm", "warned.rsm", "--format", "json", "--scene", "room.mem"],
    ] {
        json("diagnostics.v1", args, 0);
    }
    let v = json(
        "diagnostics.v1",
        &["check", "wrong.rsm", "--scene", "room.mem", "--format", "json"],
        1,
    );
    assert_eq!(v["diagnostics"][0]["code"], "E0501");
    assert_eq!(v["diagnostics"][0]["file"], "wrong.rsm");
    assert_eq!(
        v["summary"]["errors"].as_u64(),
        v["diagnostics"].as_array().map(|d| d.len() as u64)
    );
    // A record a line, then the summary.
    let args = ["check", "wrong.rsm", "good.rsm", "--scene", "room.mem", "--format", "jsonl"];
    let c = call(&args);
    assert_eq!(c.code, 1);
    for line in c.out.lines() {
        valid("diagnostics-line.v1", line, &args);
    }
    assert!(c.out.lines().count() >= 3);
}

#[test]
fn every_defect_is_valid_json() {
    // Every example of a page, through the schema.
    let s = schema::load("diagnostics.v1");
    for c in CODES {
        for f in reasmory_driver::diag::page_fences(c.page) {
            let source = reasmory_driver::Source::new("page.rsm", f.text.as_str());
            let place = f.scene().map(scenes::scene);
            let d = reasmory_tests::programs::check(&f.text, place).diagnostics;
            let files = [reasmory_driver::diag::render::Source {
                name: &source.name,
                text: &source.text,
                diagnostics: &d,
            }];
            let report = reasmory_driver::diag::render::Report { files: &files };
            let text = reasmory_driver::diag::render::json::render(&report);
            let v: Value = serde_json::from_str(&text).unwrap();
            let bad = schema::violations(&s, &v);
            assert!(bad.is_empty(), "{}: {bad:#?}", c.name);
        }
    }
}

#[test]
fn run() {
    let v = json("run.v1", &["run", "size.rsm", "--scene", "room.mem", "--json"], 0);
    assert_eq!((&v["status"], &v["answer"]["text"]), (&"answered".into(), &"120 cm".into()));
    assert_eq!(v["answer"]["unit"], "cm");
    for (file, status, code) in [
        ("abstained.rsm", "abstained", 0),
        ("failed.rsm", "failed", 1),
        ("wrong.rsm", "rejected", 1),
        ("shown.rsm", "shown", 0),
        ("warned.rsm", "answered", 0),
    ] {
        for engine in ["jit", "interp"] {
            let args = ["run", file, "--scene", "room.mem", "--json", "--engine", engine];
            assert_eq!(json("run.v1", &args, code)["status"], status, "{file} {engine}");
        }
    }
}

#[test]
fn run_writes_its_evidence() {
    let args = ["run", "shown.rsm", "--scene", "room.mem", "--json", "--out", "evidence"];
    let v = json("run.v1", &args, 0);
    let records = v["evidence"].as_array().cloned().unwrap_or_default();
    assert_eq!(records.len(), 2);
    for r in &records {
        let file = folder().join("evidence").join(r["file"].as_str().unwrap_or("?"));
        let png = fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        assert_eq!(&png[1..4], b"PNG");
        assert!(r["caption"].as_str().is_some_and(|c| c.len() > 10), "{r}");
    }
    let stored = fs::read_to_string(folder().join("evidence/run.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&stored).unwrap(), v);
}

#[test]
fn run_meets_the_options() {
    let with = |q: &str, code| {
        let args = ["run", "size.rsm", "--scene", "room.mem", "--json", "--question", q];
        json("run.v1", &args, code)
    };
    assert_eq!(with("question.json", 0)["answer"]["option"], "B");
    // A length is no colour: that is known before anything runs.
    let v = with("colours.json", 1);
    assert_eq!(v["status"], "rejected");
    assert_eq!(v["diagnostics"][0]["code"], "E0701");
}

/// `--question`: findings of `check`, repairs of `fix`, `options()` in `run` and `emit`, one of many by its
/// id, and lines of `lint`.
#[test]
fn questions() {
    let dir = folder();
    fs::write(
        dir.join("questions.json"),
        r#"[{"id": "long", "question": "How long is the tv?", "type": "length", "unit": "cm"},
            {"id": 2, "question": "Which is closer to the tv?", "options": ["A. sofa", "B. bed"]}]"#,
    )
    .unwrap();
    fs::write(dir.join("metres.rsm"), "answer the(\"tv\").longest_side()\n").unwrap();
    fs::write(dir.join("choice.rsm"), "answer options().min_by(c => distance(c, to=\"tv\"))\n")
        .unwrap();
    let on = ["--scene", "room.mem", "--question"];
    let with = |command: &[&'static str], question: &'static str, rest: &[&'static str]| {
        [command, &on, &[question], rest].concat()
    };
    let json_format = ["--format", "json"];
    let v = json(
        "diagnostics.v1",
        &with(&["check", "metres.rsm"], "questions.json#long", &json_format),
        1,
    );
    assert_eq!(v["diagnostics"][0]["code"], "E0703");
    assert_eq!(v["diagnostics"][0]["level"], "question");
    assert_eq!(call(&with(&["check", "size.rsm"], "questions.json#long", &[])).code, 0);
    let c = call(&with(&["fix", "metres.rsm"], "questions.json#long", &["--diff"]));
    assert!(c.out.contains("+answer the(\"tv\").longest_side() as cm\n"), "{}{}", c.out, c.err);
    let c = call(&with(&["run", "choice.rsm"], "questions.json#2", &[]));
    assert_eq!((c.code, c.out.as_str()), (0, "bed   (option B)\n"));
    let c = call(&with(&["emit", "mir", "choice.rsm"], "questions.json#2", &[]));
    assert!(c.code == 0 && c.out.contains("\"bed\""), "{}", c.out);
    let c = call(&["check", "choice.rsm", "--scene", "room.mem"]);
    assert!(c.code == 1 && c.out.contains("E0705"), "{}", c.out);
    for (question, why) in [
        ("questions.json", "name it by its id: `questions.json#long`"),
        ("questions.json#3", "has no question with the id `3`"),
    ] {
        let c = call(&with(&["check", "size.rsm"], question, &[]));
        assert!(c.code == 2 && c.err.contains(why), "{}{}", c.out, c.err);
    }
    let program = "answer the(\"tv\").longest_side()";
    let lines = [
        serde_json::json!({"id": 1, "program": program, "question": "questions.json#long"}),
        serde_json::json!({"id": 2, "program": program, "question": {"question": "?", "unit": "m"}}),
        serde_json::json!({"id": 3, "program": program, "question": "How long is the tv?"}),
        serde_json::json!({"id": 4, "program": program, "question": {"question": "?", "unit": "mm2"}}),
        serde_json::json!({"id": 5, "program": program, "question": "absent.json"}),
        serde_json::json!({"id": 6, "program": program, "question": null}),
    ];
    let lines: String = lines.iter().map(|l| format!("{l}\n")).collect();
    fs::write(dir.join("asked.jsonl"), lines).unwrap();
    let c = call(&["lint", "asked.jsonl", "--scene", "room.mem"]);
    let rows: Vec<Value> = c.out.lines().map(|l| valid("lint-line.v1", l, &["lint"])).collect();
    let ok: Vec<bool> = rows[..6].iter().map(|r| r["ok"] == true).collect();
    assert_eq!((c.code, ok), (1, vec![false, true, true, false, false, true]), "{}", c.out);
    assert_eq!(rows[0]["diagnostics"][0]["code"], "E0703");
    let why = |i: usize| rows[i]["error"]["message"].as_str().unwrap_or("").to_owned();
    assert!(why(3).starts_with("question: $.unit: `mm2` is no unit; "), "{}", why(3));
    assert!(why(4).starts_with("absent.json: "), "{}", why(4));
}

#[test]
fn scene() {
    for name in ["room.mem", "relative.mem", "boxes.mem", "points.mem"] {
        let v = json("scene.v1", &["scene", name, "--json"], 0);
        let metric = if name == "relative.mem" { "relative" } else { "metric" };
        assert_eq!(v["scale"]["kind"], metric);
        if name != "points.mem" {
            assert_eq!(v["instances"].as_array().map(Vec::len), Some(15), "{name}");
            assert_eq!(v["room"]["area"].as_f64(), Some(20.0));
        }
        let v = json("verify.v1", &["scene", "verify", name, "--json"], 0);
        assert_eq!(v["intact"], true);
    }
}

#[test]
fn import() {
    let dir = tempfile::tempdir().unwrap();
    let scene = r#"{"room_size": 20.5, "room_center": [0, 0, 1], "object_counts": {"chair": 1},
        "object_bbox": {"chair": [{"centroid": [1, 2, 0.5], "axesLengths": [0.4, 0.6, 1.0],
        "normalizedAxes": [1, 0, 0, 0, 1, 0, 0, 0, 1]}]}}"#;
    let file = dir.path().join("two_meta_info_val.json");
    fs::write(&file, format!("{{\"a\": {scene}, \"b\": {scene}}}")).unwrap();
    let run = |args: &[&str]| reasmory(dir.path(), args);
    let args = ["import", "two_meta_info_val.json", "-o", "out", "--all", "--json"];
    let c = run(&args);
    assert_eq!(c.code, 0, "{}", c.err);
    let v = valid("import.v1", &c.out, &args);
    assert_eq!(v["scenes"].as_array().map(Vec::len), Some(2));
    assert!(!c.out.contains(&*dir.path().to_string_lossy()), "{}", c.out);
    assert_eq!(run(&["scene", "verify", "out/a.mem"]).code, 0);
    let several = run(&["import", "two_meta_info_val.json", "-o", "one.mem"]);
    assert_eq!(several.code, 2);
    assert!(several.err.contains("a, b") && several.err.contains("--scene"), "{}", several.err);
    assert_eq!(run(&["import", "two_meta_info_val.json", "-o", "one.mem", "--scene", "b"]).code, 0);
    assert_eq!(run(&["scene", "one.mem"]).code, 0);
}

#[test]
fn memories_are_changed_with_a_journal() {
    let dir = tempfile::tempdir().unwrap();
    scenes::write("points", &dir.path().join("a.mem"));
    scenes::write("relative", &dir.path().join("r.mem"));
    let run = |args: &[&str]| reasmory(dir.path(), args);
    let describe = |mem: &str| {
        let args = ["scene", "show", mem, "--json"];
        valid("scene.v1", &run(&args).out, &args)
    };
    let before = describe("a.mem");
    let first = before["instances"][0].clone();
    let category = first["category"].as_str().unwrap();
    // To a copy: the old memory stays.
    let args = ["scene", "rename", "a.mem", category, "thing", "-o", "b.mem", "--json"];
    let c = run(&args);
    assert_eq!(c.code, 0, "{}", c.err);
    let renamed = valid("scene.v1", &c.out, &args);
    assert_eq!(renamed["instances"][0]["category"], "thing");
    assert_eq!(renamed["journal"][0]["action"], "rename");
    assert_eq!(describe("a.mem"), before);
    // In place: whole, with both entries.
    let count = before["instances"].as_array().unwrap().len();
    assert_eq!(run(&["scene", "drop", "b.mem", "1"]).code, 0);
    let dropped = describe("b.mem");
    assert_eq!(dropped["instances"].as_array().unwrap().len(), count - 1);
    assert_eq!(dropped["journal"].as_array().unwrap().len(), 2);
    assert_eq!(dropped["points"], before["points"]);
    assert_eq!(run(&["scene", "merge", "b.mem", "1", "2"]).code, 0);
    assert_eq!(describe("b.mem")["instances"].as_array().unwrap().len(), count - 2);
    assert_eq!(run(&["scene", "verify", "b.mem"]).code, 0);
    // What became of it, seen from what it was.
    let diff = |a: &str, b: &str, code: i32| {
        let args = ["scene", "diff", a, b, "--json"];
        let c = run(&args);
        assert_eq!(c.code, code, "{}", c.err);
        valid("scene-diff.v1", &c.out, &args)
    };
    let d = diff("a.mem", "b.mem", 1);
    let kinds = |d: &serde_json::Value, kind: &str| {
        d["differences"].as_array().unwrap().iter().filter(|x| x["kind"] == kind).count()
    };
    assert!(kinds(&d, "removed") >= 2 && kinds(&d, "added") <= 1, "{d}");
    assert_eq!(diff("a.mem", "a.mem", 0)["same"], true);
    // Another way and back.
    let crop =
        ["scene", "crop", "a.mem", "--min", "-99,-99,-99", "--max", "99,99,99", "-o", "c.mem"];
    assert_eq!(run(&crop).code, 0);
    assert_eq!(run(&["scene", "diff", "a.mem", "c.mem"]).code, 0);
    let room =
        ["scene", "set-room", "c.mem", "--outline", "-1,0 2,0 2,2 -1,2", "--ceiling", "2.75"];
    assert_eq!(run(&room).code, 0);
    assert_eq!(describe("c.mem")["room"]["area"], 6.0);
    assert_eq!(run(&["export", "c.mem", "-o", "c.json"]).code, 0);
    assert_eq!(run(&["import", "c.json", "-o", "d.mem"]).code, 0);
    assert_eq!(describe("d.mem")["categories"], describe("c.mem")["categories"]);
    for file in ["c.ply", "c.glb"] {
        assert_eq!(run(&["export", "c.mem", "-o", file]).code, 0);
        assert!(dir.path().join(file).metadata().unwrap().len() > 100);
    }
    // A relative memory becomes metric.
    let length = describe("r.mem")["instances"][0]["size"]["height"].as_f64().unwrap();
    let name = describe("r.mem")["instances"][0]["name"].as_str().unwrap().to_owned();
    let c = run(&["scene", "calibrate", "r.mem", "--metres", "3", "--height-of", &name]);
    assert_eq!(c.code, 0, "{}", c.err);
    let metric = describe("r.mem");
    assert_eq!(metric["scale"]["kind"], "metric");
    let now = metric["instances"][0]["size"]["height"].as_f64().unwrap();
    assert!((now - 3.0).abs() < 1e-9 && length > 0.0, "{now}");
    for (args, words) in [
        (&["scene", "rename", "a.mem", "unicorn", "x"][..], "unicorn"),
        (&["scene", "merge", "a.mem", "1", "999"], "999"),
        (&["scene", "drop", "a.mem", "nothing"], "nothing"),
        (&["scene", "calibrate", "a.mem"], "--metres"),
        (&["scene", "calibrate", "a.mem", "--metres", "-1", "--length", "2"], "-1"),
        (&["scene", "calibrate", "a.mem", "--metres", "1", "--between", "1,99"], "99"),
        (&["scene", "frobnicate", "a.mem"], "scene"),
        (&["scene", "split", "a.mem", "nothing"], "nothing"),
        (&["scene", "split", "a.mem", "1", "--gap", "99"], "99"),
        (&["scene", "crop", "a.mem", "--min", "0,0,0"], "--max"),
        (&["scene", "crop", "a.mem", "--min", "0,0,0", "--max", "-1,1,1"], "hold nothing"),
        (&["scene", "set-room", "a.mem"], "nothing is said"),
        (&["scene", "set-room", "a.mem", "--outline", "0,0 1,1"], "outline"),
        (&["export", "a.mem", "-o", "a.rrd"], "export_rrd.py"),
        (&["export", "a.mem", "-o", "a.obj"], "a.obj"),
        (&["export", "a.mem", "-o", "x", "--format", "stl"], "stl"),
    ] {
        let c = run(args);
        assert_eq!(c.code, 2, "{args:?}");
        assert!(c.err.contains(words), "{args:?}: {}", c.err);
    }
    assert_eq!(describe("a.mem"), before);
}

#[test]
fn ops_and_explain() {
    let v = json("ops.v1", &["ops", "--json"], 0);
    let listed = v["operations"].as_array().map_or(0, Vec::len);
    assert!(listed >= OPS.len(), "{listed}");
    for c in CODES {
        let c2 = call(&["explain", c.id, "--json"]);
        let v = valid("explain.v1", &c2.out, &["explain", c.id]);
        assert_eq!((c2.code, &v["name"]), (0, &c.name.into()));
    }
    for o in &OPS {
        let c = call(&["ops", o.name]);
        assert!(c.code == 0 && c.out.contains(o.example), "{}", o.name);
    }
}

#[test]
fn fix() {
    let dir = tempfile::tempdir().unwrap();
    scenes::write("room", &dir.path().join("room.mem"));
    let file = dir.path().join("p.rsm");
    let broken = "let n = objects(\"chairs\").len()\nanswer n\n";
    fs::write(&file, broken).unwrap();
    let run = |args: &[&str]| reasmory(dir.path(), args);
    let diff = run(&["fix", "p.rsm", "--scene", "room.mem", "--diff"]);
    assert!(diff.out.contains("-let n") && diff.out.contains("+n = "), "{}", diff.out);
    assert_eq!(fs::read_to_string(&file).unwrap(), broken, "a diff writes nothing");
    let args = ["fix", "p.rsm", "--scene", "room.mem", "--json"];
    let c = run(&args);
    valid("fix.v1", &c.out, &args);
    assert_eq!(c.code, 0, "{}{}", c.out, c.err);
    assert_eq!(fs::read_to_string(&file).unwrap(), "n = objects(\"chair\").count()\nanswer n\n");
    assert_eq!(run(&["check", "p.rsm", "--scene", "room.mem"]).code, 0);
    assert_eq!(run(&["fix", "absent.rsm"]).code, 2);
}

#[test]
fn bench() {
    for subject in ["check", "open", "render"] {
        let args = ["bench", subject, "--points", "2000", "--size", "48x48", "--json"];
        let c = call(&args);
        assert_eq!(c.code, 0, "{}", c.err);
        let v = valid("bench.v1", &c.out, &args);
        assert!(v["rows"][0]["median_ms"].as_f64().is_some_and(|x| x > 0.0), "{v}");
    }
}

#[test]
fn text_outputs_are_deterministic() {
    for args in [
        &["scene", "room.mem"][..],
        &["check", "wrong.rsm", "--scene", "room.mem"],
        &["check", "wrong.rsm", "--scene", "room.mem", "--format", "llm"],
        &["check", "wrong.rsm", "--scene", "room.mem", "--format", "concise"],
        &["run", "shown.rsm", "--scene", "room.mem"],
        &["emit", "asm", "good.rsm", "--scene", "room.mem"],
        &["ops"],
        &["explain"],
    ] {
        assert_eq!(call(args), call(args), "{args:?}");
    }
    let draw = |file: &str| {
        let args = [
            "render",
            "ego",
            "--scene",
            "points.mem",
            "--photo",
            "1",
            "--size",
            "96x72",
            "-o",
            file,
        ];
        assert_eq!(call(&args).code, 0);
        fs::read(folder().join(file)).unwrap()
    };
    assert_eq!(draw("one.png"), draw("two.png"));
}

#[test]
fn standard_input_is_a_program() {
    let c = with_input(folder(), &["check", "-", "--format", "json"], b"answer 1\n");
    assert_eq!(c.code, 0, "{}", c.err);
    valid("diagnostics.v1", &c.out, &["check", "-"]);
    let c = with_input(
        folder(),
        &["run", "-", "--scene", "room.mem"],
        b"answer objects(\"chair\").count() + 1\n",
    );
    assert_eq!((c.code, c.out.as_str()), (0, "5\n"));
}

/// A schema's own examples are valid; so are the shapes of commands that are not there yet.
#[test]
fn examples_of_schemas_are_valid() {
    let folder = reasmory_tests::corpus::root().join("spec/json");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".json") else { continue };
        let s = schema::load(stem);
        for example in s["examples"].as_array().into_iter().flatten() {
            let bad = schema::violations(&s, example);
            assert!(bad.is_empty(), "{stem}: {bad:?}");
            seen += 1;
        }
    }
    assert!(seen >= 5, "only {seen} examples");
}

/// What the schema of questions accepts is read, and what it refuses for want of a question is refused.
#[test]
fn questions_are_read_as_the_schema_says() {
    let s = schema::load("question.v1");
    for example in s["examples"].as_array().unwrap() {
        let read = reasmory_driver::question::parse("q.json", &example.to_string()).unwrap();
        assert!(!read[0].question.is_empty());
        assert_eq!(read[0].scene_id().as_deref(), Some("41159572"));
    }
    let bad = serde_json::json!({"id": 1, "answer": 4});
    assert!(!schema::violations(&s, &bad).is_empty());
    assert!(reasmory_driver::question::parse("q.json", &bad.to_string()).is_err());
}

/// `run --scenes`: a valid line for each memory, named, in order; a scene that refuses the program says so.
#[test]
fn one_program_over_a_folder_of_memories() {
    let dir = TempDir::new().unwrap();
    scenes::write("boxes", &dir.path().join("b.mem"));
    scenes::write("room", &dir.path().join("a.mem"));
    fs::write(dir.path().join("p.rsm"), "answer photos().count()\nshow photo(1).view().ego()\n")
        .unwrap();
    let c = reasmory(dir.path(), &["run", "p.rsm", "--scenes", "."]);
    assert_eq!(c.code, 1, "{}{}", c.out, c.err);
    let s = schema::load("run.v1");
    let lines: Vec<Value> = c.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    for line in &lines {
        let bad = schema::violations(&s, line);
        assert!(bad.is_empty(), "{bad:?}");
    }
    let said: Vec<(&str, &str)> = lines
        .iter()
        .map(|l| (l["scene"].as_str().unwrap(), l["status"].as_str().unwrap()))
        .collect();
    // The second memory has no photos, so the program is refused there and nowhere else.
    assert_eq!(said, [("a", "answered"), ("b", "rejected")]);
    // However many at once, the lines are the same and in the same order.
    for jobs in ["1", "2", "7"] {
        let again = reasmory(dir.path(), &["run", "p.rsm", "--scenes", ".", "--jobs", jobs]);
        assert_eq!((again.code, &again.out), (1, &c.out), "--jobs {jobs}: {}", again.err);
        assert!(again.err.is_empty(), "no bar where there is no terminal: {}", again.err);
    }
}

/// A run that would go on ends at its deadline, at the line it has reached; both engines.
#[test]
fn a_deadline_ends_a_run() {
    let text = "answer (1..3000).filter(i => i > 0).map(i => (1..3000).map(j => mod(i * j, by=7)).sum()).sum()\n";
    for engine in ["jit", "interp"] {
        let run = |deadline| {
            let args = ["run", "-", "--scene", "boxes.mem", "--json", "--engine", engine];
            with_input(folder(), &[&args[..], &["--deadline", deadline]].concat(), text.as_bytes())
        };
        let c = run("0.001");
        assert_eq!(c.code, 1, "{}{}", c.out, c.err);
        let v: Value = serde_json::from_str(&c.out).unwrap();
        assert_eq!(v["status"], "failed", "{v}");
        let found = v["diagnostics"].as_array().unwrap();
        let d = found.iter().find(|d| d["severity"] == "error").unwrap();
        assert_eq!(d["name"], "run-limit", "{d}");
        assert_eq!(d["message"], "the run took longer than 0.001 s");
        assert_eq!(d["span"]["start"]["line"], 1, "{d}");
        assert_eq!(run("-1").code, 2);
    }
    let c = with_input(
        folder(),
        &["run", "-", "--scene", "boxes.mem", "--deadline", "600"],
        b"answer 2\n",
    );
    assert!(c.code == 0 && c.out.ends_with("\n2\n"), "{}{}", c.out, c.err);
}

/// What would take hours ends when its steps are spent, naming the line; what would make ten thousand
/// pictures is refused before it starts.
#[test]
fn endless_work_is_stopped() {
    let text = "xs = (1..4000).filter(i => i > 0)\nanswer xs.map(i => xs.filter(j => i == j).count()).sum()\n";
    let c = with_input(folder(), &["run", "-", "--scene", "boxes.mem"], text.as_bytes());
    assert_eq!(c.code, 1);
    assert!(c.out.contains("out-of-fuel") && c.out.contains("-:2:"), "{}", c.out);
    let text = "me = stand(at=best(\"sofa\"), facing=best(\"tv\"))\nfor i in 1..10000 {\n  show me.turn(left, by=1deg).ego()\n}\n";
    let c = with_input(folder(), &["run", "-", "--scene", "room.mem", "--json"], text.as_bytes());
    let v: Value = serde_json::from_str(&c.out).unwrap();
    assert_eq!((c.code, &v["status"]), (1, &Value::from("rejected")), "{v}");
    assert!(c.out.contains("render-limit"), "{}", c.out);
}

/// `check --photos`: photo numbers are checked before there is a memory.
#[test]
fn photo_numbers_without_a_memory() {
    let text = "answer photo(5).number()\n";
    for (n, code) in [("4", 1), ("5", 0)] {
        let c = with_input(folder(), &["check", "-", "--photos", n], text.as_bytes());
        assert_eq!(c.code, code, "{}{}", c.out, c.err);
    }
}

/// Plans of the paper: every format has the findings, a plan runs as what it is translated to, and lines of
/// `lint` say their dialect.
#[test]
fn plans_of_the_paper() {
    let paper = ["--dialect", "paper"];
    let c = call(&["translate", "good.py", "--scene", "room.mem"]);
    assert_eq!(
        (c.code, c.out.as_str()),
        (
            0,
            "me = stand(at=the(\"sofa\"), facing=the(\"tv\"))\nshow ego(me)\n\
             answer local(objects(\"tv\")[1], from=me)\n"
        )
    );
    let dir = tempfile::tempdir().unwrap();
    scenes::write("room", &dir.path().join("room.mem"));
    fs::write(dir.path().join("plan.rsm"), &c.out).unwrap();
    let direct = json(
        "run.v1",
        &[&["run", "good.py", "--scene", "room.mem", "--json"][..], &paper].concat(),
        0,
    );
    let through = reasmory(dir.path(), &["run", "plan.rsm", "--scene", "room.mem", "--json"]);
    let through = valid("run.v1", &through.out, &["run", "plan.rsm"]);
    assert_eq!(direct["status"], "answered");
    assert_eq!(
        (&direct["answer"], &direct["evidence"]),
        (&through["answer"], &through["evidence"])
    );
    for engine in ["jit", "interp"] {
        let args = ["run", "stale.py", "--scene", "room.mem", "--json", "--engine", engine];
        let v = json("run.v1", &[&args[..], &paper].concat(), 1);
        assert_eq!(
            (&v["status"], &v["diagnostics"][0]["code"]),
            (&"rejected".into(), &"E1003".into())
        );
    }
    let v = json(
        "diagnostics.v1",
        &[&["check", "stale.py", "--scene", "room.mem", "--format", "json"][..], &paper].concat(),
        1,
    );
    assert_eq!(v["diagnostics"][0]["name"], "stale-coordinates");
    for format in
        ["full", "concise", "jsonl", "sarif", "github", "gitlab", "junit", "rdjson", "llm"]
    {
        let c = call(&[&["check", "stale.py", "--format", format][..], &paper].concat());
        assert_eq!((c.code, c.err.as_str()), (1, ""), "{format}");
        let named = c.out.contains("E1003") || c.out.contains("stale-coordinates");
        assert!(named && c.out.contains("found"), "{format}:\n{}", c.out);
    }
    let c = call(&["fix", "--dialect", "paper", "good.py"]);
    assert!(c.err.contains("not plans") && c.err.contains("translate"), "{}", c.err);

    let line = |id: u32, dialect: Option<&str>, text: &str| {
        let mut v = serde_json::json!({"id": id, "program": text});
        if let Some(d) = dialect {
            v["dialect"] = d.into();
        }
        format!("{v}\n")
    };
    let stale = fs::read_to_string(folder().join("stale.py")).unwrap();
    let lines = [
        line(1, Some("paper"), PLAN),
        line(2, Some("paper"), &stale),
        line(3, None, "answer 1\n"),
        line(4, Some("reasmory"), PLAN),
    ]
    .concat();
    let ok = |args: &[&str], text: &str| -> Vec<bool> {
        let c = with_input(folder(), args, text.as_bytes());
        assert_eq!(c.err, "", "{args:?}");
        let rows: Vec<Value> = c.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let s = schema::load("lint-line.v1");
        for r in &rows {
            let bad = schema::violations(&s, r);
            assert!(bad.is_empty(), "{bad:?}");
        }
        rows.iter().filter_map(|r| r["ok"].as_bool()).take(4).collect()
    };
    assert_eq!(ok(&["lint", "-", "--scene", "room.mem"], &lines), [true, false, true, false]);
    let unsaid = line(1, None, PLAN) + &line(2, Some("reasmory"), "answer 1\n");
    assert_eq!(ok(&["lint", "-", "--dialect", "paper"], &unsaid)[..2], [true, true]);
}

#[test]
fn optimisation_changes_no_output() {
    let program = "answer objects(\"chair\").filter(c => distance(c, to=the(\"tv\")) < \
                   distance(the(\"bed\"), to=the(\"tv\"))).count()\n";
    fs::write(folder().join("twice.rsm"), program).unwrap();
    let run = ["run", "twice.rsm", "--scene", "room.mem", "--json"];
    let with = |more: &[&'static str]| call(&[&run[..], more].concat());
    let (plain, fast) = (with(&["-O0"]), with(&["-O1"]));
    assert_eq!((plain.code, &plain.err), (0, &String::new()));
    assert_eq!(plain, fast);
    assert_eq!(plain, with(&[]));
    let told = with(&["--explain-opt"]);
    assert_eq!(told.out, plain.out);
    let line = told.err.lines().find(|l| l.contains("number: `the`")).unwrap_or_default();
    assert!(line.starts_with("twice.rsm:1:"), "{}", told.err);
    assert_eq!(with(&["--explain-opt", "-O0"]).err, "");
    let mir = |more: &[&'static str]| call(&[&["emit", "mir", "twice.rsm"], more].concat());
    assert_eq!(mir(&[]), mir(&["-O0"]));
    assert_ne!(mir(&[]).out, mir(&["-O1"]).out);
    let told = mir(&["--explain-opt"]);
    assert!(told.out == mir(&["-O1"]).out && told.err.contains("peel: `distance`"), "{}", told.err);
    assert_eq!(call(&["emit", "mir", "twice.rsm", "-O2"]).code, 2);
}
