//! Every stage of every program of `tests/cases/pipeline`, as snapshots beside the programs.

use std::panic::{AssertUnwindSafe, catch_unwind};

use reasmory_driver::diag::render;
use reasmory_driver::{RunOptions, Stage, answer, emit, evidence};
use reasmory_tests::corpus::{Case, pipeline};
use reasmory_tests::programs::{compile, options, printing, source};
use reasmory_tests::scenes::scene;
use serde_json::json;

const STAGES: [(&str, Stage); 5] = [
    ("tokens", Stage::Tokens),
    ("ast", Stage::Ast),
    ("hir", Stage::Hir),
    ("mir", Stage::Mir),
    ("clif", Stage::Clif),
];

fn scene_of(case: &Case) -> &'static reasmory_driver::Scene {
    scene(case.scene.as_deref().unwrap_or("room"))
}

fn stage(case: &Case, stage: Stage) -> String {
    let s = source(&case.text);
    emit(stage, &s, options(Some(scene_of(case))))
        .unwrap_or_else(|r| panic!("{}: {}", case.name, s.render(&r.diagnostics)))
}

/// What `run --json` says, without the pictures' files.
fn result(case: &Case) -> String {
    let scene = scene_of(case);
    let program = compile(&case.text, scene);
    let report = program.run(scene, RunOptions::default());
    let given = report
        .answer
        .as_ref()
        .map(|(v, unit)| answer::answer(v, printing(&program, *unit, scene), None, report.margin));
    let records = evidence::records(&report, None).unwrap_or_else(|e| panic!("{}: {e}", case.name));
    let s = source(&case.text);
    let file = render::Source { name: &s.name, text: &s.text, diagnostics: &report.diagnostics };
    let document = json!({
        "status": report.status.name(),
        "answer": given,
        "evidence": records,
        "diagnostics": render::json::diagnostics(&file),
    });
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn snapshot(case: &Case, what: &str, text: String) -> bool {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../cases/pipeline/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let name = format!("{}.{what}", case.name);
    catch_unwind(AssertUnwindSafe(|| {
        settings.bind(|| insta::assert_snapshot!(name, text));
    }))
    .is_ok()
}

fn all(what: &str, make: impl Fn(&Case) -> String) {
    let cases = pipeline();
    assert!(cases.len() >= 12);
    let bad: Vec<String> = cases
        .iter()
        .filter(|c| {
            let text = catch_unwind(AssertUnwindSafe(|| make(c)));
            !text.is_ok_and(|t| snapshot(c, what, t))
        })
        .map(|c| c.name.clone())
        .collect();
    assert!(bad.is_empty(), "{what} of {bad:?}");
}

#[test]
fn tokens() {
    all(STAGES[0].0, |c| stage(c, STAGES[0].1));
}

#[test]
fn ast() {
    all(STAGES[1].0, |c| stage(c, STAGES[1].1));
}

#[test]
fn hir() {
    all(STAGES[2].0, |c| stage(c, STAGES[2].1));
}

#[test]
fn mir() {
    all(STAGES[3].0, |c| stage(c, STAGES[3].1));
}

#[test]
fn clif() {
    all(STAGES[4].0, |c| stage(c, STAGES[4].1));
}

#[test]
fn run() {
    all("run", result);
}

#[test]
fn every_stage_is_deterministic() {
    for c in pipeline() {
        for s in STAGES.iter().map(|s| s.1).chain([Stage::Asm]) {
            let text = stage(&c, s);
            assert_eq!(text, stage(&c, s), "{} {s:?}", c.name);
            assert!(!text.is_empty(), "{} {s:?}", c.name);
        }
    }
}

/// The textual MIR is itself a language: parsing what was printed gives the same text.
#[test]
fn mir_verifies_again() {
    for c in pipeline() {
        let program = compile(&c.text, scene_of(&c));
        let again = reasmory_driver::ir::verify((**program.mir).clone());
        assert!(again.is_ok(), "{}: {:?}", c.name, again.err());
    }
}
