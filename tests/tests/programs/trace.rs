//! Traces: what they say, and that they change nothing.

use std::fmt::Write as _;

use reasmory_driver::runtime::Limits;
use reasmory_driver::trace::{MAX_ENTRIES, Trace, json, provenance, text, trace};
use reasmory_driver::{Engine, RunOptions};
use reasmory_tests::{corpus, programs, scenes, schema};

fn traced(program: &str, scene: &str) -> Trace {
    let scene = scenes::scene(scene);
    let source = programs::source(program);
    trace(&source, programs::options(Some(scene)), scene, programs::small(), None)
        .unwrap_or_else(|r| panic!("{program}\n{}", source.render(&r.diagnostics)))
}

/// Names of the instances that the answer came from.
fn came_from(program: &str, scene: &str) -> Vec<String> {
    let t = traced(program, scene);
    let manifest = scenes::scene(scene).memory.manifest();
    let from = t.answer.unwrap_or_else(|| panic!("no answer: {program}"));
    from.instances.iter().map(|i| manifest.instance_name(*i)).collect()
}

#[test]
fn a_traced_run_is_the_run() {
    let (mut ran, mut entries) = (0, 0);
    for case in corpus::all() {
        for name in ["room", "noisy"] {
            let scene = scenes::scene(name);
            let source = programs::source(&case.text);
            let options = programs::options(Some(scene));
            let Ok(program) = reasmory_driver::compile(&source, options) else { continue };
            // Pictures take long and are compared elsewhere: here their limit is one more way to end.
            let limits = Limits { renders: 0, fuel: 20_000, ..Limits::default() };
            let plain = program.once(scene, limits, None, None);
            let t = trace(&source, options, scene, limits, None).unwrap();
            let o = &t.outcome;
            assert_eq!(format!("{:?}", plain.answer), format!("{:?}", o.answer), "{}", case.name);
            let faults =
                [&plain.fault, &o.fault].map(|f| f.as_ref().map(|f| (f.kind, f.message.clone())));
            assert_eq!(faults[0], faults[1], "{}", case.name);
            assert!(plain.evidence == o.evidence, "{}: other pictures", case.name);
            let margins = |d: &[reasmory_driver::runtime::Decision]| -> Vec<u64> {
                d.iter().map(|d| d.margin.to_bits()).collect()
            };
            assert_eq!(margins(&plain.decisions), margins(&o.decisions), "{}", case.name);
            assert_eq!(t.answer.is_some(), o.answer.is_some(), "{}", case.name);
            for e in &t.entries {
                assert!(!e.span.text(&case.text).is_empty(), "{}: {e:?}", case.name);
                assert!(e.inputs.iter().all(|i| i.entry.is_none_or(|x| x < e.id)), "{e:?}");
            }
            ran += 1;
            entries += t.entries.len();
        }
    }
    assert!(ran > 250 && entries > 2000, "{ran} runs, {entries} entries");
}

#[test]
fn provenance_follows_data() {
    assert_eq!(came_from("answer the(\"sofa\").height() as cm", "room"), ["sofa"]);
    assert_eq!(
        came_from("answer distance(the(\"sofa\"), to=the(\"bed\")) as m", "room"),
        ["bed", "sofa"]
    );
    // What is not used takes no part.
    assert_eq!(
        came_from("t = the(\"tv\")\nh = t.height()\nanswer the(\"sofa\").height() as cm", "room"),
        ["sofa"]
    );
    // One member of a list of values, each from its own instance.
    let members = "xs = [the(\"sofa\"), the(\"bed\")]\nanswer xs.map(o => o.height()).count()";
    assert_eq!(came_from(members, "room"), ["bed", "sofa"]);
    assert_eq!(came_from("answer 1 + 2", "room"), [""; 0]);
}

#[test]
fn provenance_follows_decisions() {
    // No chair is that near, so nothing was ever put into the list; still the table decided that.
    let none = "answer objects(\"chair\").filter(c => distance(c, to=the(\"table\")) < 0m).count()";
    let from = came_from(none, "room");
    assert!(from.contains(&"table".to_owned()), "{from:?}");
    assert!(from.iter().any(|n| n.starts_with("chair")), "{from:?}");
    // The branch not taken gives nothing; its condition does.
    let branch = "x = if the(\"tv\").height() > 9m { the(\"bed\") } else { the(\"sofa\") }\nanswer x.height() as m";
    assert_eq!(came_from(branch, "room"), ["sofa", "tv"]);
    // All that competed.
    let nearest = "answer [\"sofa\", \"bed\"].min_by(c => distance(c, to=the(\"table\")))";
    assert_eq!(came_from(nearest, "room"), ["bed", "sofa", "table"]);
    // After the branch is over it decides nothing.
    let over = "if the(\"tv\").height() > 9m { assert true }\nanswer the(\"sofa\").height() as m";
    assert_eq!(came_from(over, "room"), ["sofa"]);
    // A turn of a loop comes from its own member.
    let t = traced("answer objects(\"chair\").map(c => c.height()).max() as m", "room");
    let heights: Vec<_> = t.entries.iter().filter(|e| e.what == "height").collect();
    assert!(
        heights.len() > 1 && heights.iter().all(|e| e.from.instances.len() == 1),
        "{heights:?}"
    );
}

#[test]
fn photos_and_operations() {
    let t = traced("v = photo(2).view().turn(right)\nanswer ahead(of=v).count()", "room");
    let from = t.answer.unwrap();
    assert_eq!(from.photos, [2]);
    for op in ["photo", "view", "turn", "ahead", "count"] {
        assert!(from.operations.iter().any(|o| o == op), "{op}: {from:?}");
    }
    assert!(from.reads.contains(&"photos"), "{from:?}");
}

#[test]
fn a_fault_leaves_what_came_before() {
    let t = traced("x = the(\"sofa\").height()\nassert x > 9m, \"no\"\nanswer 1", "room");
    assert!(t.outcome.fault.is_some() && t.answer.is_none());
    assert!(t.entries.iter().any(|e| e.what == "height"));
    let t = traced(
        "xs = objects().filter(o => o.height() > 9m)\nanswer xs.first(else=the(\"bed\"))",
        "room",
    );
    assert!(t.answer.unwrap().instances.len() > 10);
}

#[test]
fn a_trace_is_bounded() {
    let t = traced("answer [[y + x for y in 1..60].sum() for x in 1..60]", "room");
    assert_eq!(t.entries.len(), MAX_ENTRIES);
    assert!(t.omitted > 1000, "{}", t.omitted);
    assert!(t.entries.iter().all(|e| e.text.chars().count() <= 96));
}

#[test]
fn traces_fit_the_schema() {
    let schema = schema::load("run.v1");
    let scene = scenes::scene("room");
    for case in corpus::filetests() {
        let source = programs::source(&case.text);
        let options = programs::options(Some(scene));
        let Ok(t) = trace(&source, options, scene, programs::small(), None) else { continue };
        let manifest = scene.memory.manifest();
        let document = serde_json::json!({
            "schema": 1,
            "status": "answered",
            "answer": null,
            "evidence": [],
            "diagnostics": [],
            "trace": json(&source, &t),
            "trace_omitted": t.omitted,
            "provenance": t.answer.as_ref().map(|f| provenance(f, manifest)),
        });
        let bad = schema::violations(&schema, &document);
        assert!(bad.is_empty(), "{}: {bad:#?}", case.name);
    }
}

#[test]
fn traces_in_full() {
    let mut out = String::new();
    for (scene, program) in [
        (
            "room",
            "me = stand(at=the(\"sofa\"), facing=the(\"stove\"))\nanswer side(the(\"tv\"), from=me, among=[left, right, back])",
        ),
        (
            "room",
            "answer objects(\"chair\").filter(c => distance(c, to=the(\"table\")) < 1.5m).count()",
        ),
        (
            "room",
            "answer [\"chair\", \"tv\", \"sofa\"].min_by(c => distance(objects(c), to=the(\"stove\")))",
        ),
        (
            "room",
            "fn tall(x: Object, than: Length) -> Bool {\n  return height(x) > than\n}\nanswer [tall(the(c), 80cm) for c in [\"sofa\", \"bed\"]]",
        ),
        (
            "room",
            "v = photo(1).view().turn(right)\nshow ego(v)\nx = if sees(v, the(\"bed\")) { v } else { photo(2).view() }\nanswer bearing(the(\"door\"), from=x)",
        ),
        ("relative", "answer the(\"sofa\").size().width / the(\"bed\").longest_side()"),
        ("room", "answer objects().filter(o => height(o) > 9m).first()"),
    ] {
        let t = traced(program, scene);
        let source = programs::source(program);
        let manifest = scenes::scene(scene).memory.manifest();
        let _ = writeln!(out, "{program}\n\n{}\n", text(&source, &t, manifest));
    }
    insta::assert_snapshot!("traces", out);
}

#[test]
fn runs_by_either_engine_agree_with_the_trace() {
    for case in corpus::filetests() {
        let scene = scenes::scene(case.scene.as_deref().unwrap_or("room"));
        let source = programs::source(&case.text);
        let options = programs::options(Some(scene));
        let Ok(program) = reasmory_driver::compile(&source, options) else { continue };
        let run = program.run(
            scene,
            RunOptions { engine: Engine::Jit, limits: programs::small(), ..RunOptions::default() },
        );
        let t = trace(&source, options, scene, programs::small(), None).unwrap();
        assert_eq!(format!("{:?}", run.answer), format!("{:?}", t.outcome.answer), "{}", case.name);
    }
}
