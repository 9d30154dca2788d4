//! Every file of `tests/filetests`: what it asks for is printed and compared with what it expects.
//! `BLESS=1` writes what was printed into the files.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;
use reasmory_driver::diag::render;
use reasmory_driver::{
    OptLevel, Optimise, Program, RunOptions, RunReport, Scene, Stage, answer, emit, emit_optimised,
    evidence, fix, ir, opt,
};
use reasmory_tests::corpus;
use reasmory_tests::filetest::{self, FileTest, Test};
use reasmory_tests::programs::{check, compile, findings, options, outcome, printing, source};
use reasmory_tests::scenes::{NAMES, scene};
use serde_json::{Map, Value, json};

/// The options of a test: `opt=0`, `opt=1`, `reuse-photos`, `passes=…`.
fn optimise(test: &Test) -> Optimise {
    for option in &test.options {
        let known = ["opt=0", "opt=1", "reuse-photos"].contains(&option.as_str());
        assert!(known || option.starts_with("passes="), "there is no option `{option}`");
    }
    let reuse_photos = test.options.iter().any(|o| o == "reuse-photos");
    let full = test.option("opt") == Some("1") || test.stage == "explain";
    let level = if full { OptLevel::Full } else { OptLevel::None };
    Optimise { level, reuse_photos }
}

/// What a test prints.
fn printed(file: &FileTest, test: &Test) -> String {
    let how = optimise(test);
    if file.name.ends_with(".mir") {
        return of_mir(file, test);
    }
    let s = scene(&file.scene);
    match test.stage.as_str() {
        "check" => findings(&file.program, &check(&file.program, Some(s)).diagnostics),
        "run" => run(file, s, how),
        "explain" => compile(&file.program, s).optimised(how).1.join("\n"),
        name => {
            let stage: Stage =
                name.parse().unwrap_or_else(|e| panic!("{e}, check, explain or run"));
            let program = source(&file.program);
            emit_optimised(stage, &program, options(Some(s)), how)
                .unwrap_or_else(|r| panic!("{}", program.render(&r.diagnostics)))
                .0
        }
    }
}

/// What a test of a file of MIR prints.
fn of_mir(file: &FileTest, test: &Test) -> String {
    let program = ir::parse(&file.program).unwrap_or_else(|e| panic!("{e}"));
    match (test.stage.as_str(), ir::verify(program)) {
        ("verify", Ok(_)) => "fine".to_owned(),
        ("verify", Err(e)) => e.to_string(),
        (_, Err(e)) => panic!("{e}"),
        ("opt", Ok(program)) => passes(file, test, program),
        (other, Ok(_)) => panic!("`{other}` is no test of MIR: verify or opt"),
    }
}

/// A program after the passes that a test names; it still does the same, in both engines.
fn passes(file: &FileTest, test: &Test, program: ir::Verified<ir::Program>) -> String {
    let named = |name: &str| {
        let pass = opt::Pass::ALL.into_iter().find(|p| p.name() == name);
        pass.unwrap_or_else(|| panic!("there is no pass `{name}`"))
    };
    let list = test.option("passes").unwrap_or_else(|| panic!("name the passes: `passes=fold`"));
    let passes: Vec<opt::Pass> = list.split('+').map(named).collect();
    let after = opt::run_passes(&program, &passes).unwrap_or_else(|e| panic!("{e}")).program;
    let text = ir::print_with_places(&after);
    let [before, after] = [program, after].map(|mir| Program {
        source: source(&file.program),
        mir: Arc::new(mir),
        answer: None,
        diagnostics: vec![],
        reads: Default::default(),
    });
    let s = scene(&file.scene);
    let expected = outcome(&before, s, false).1;
    assert!(!expected.contains("Internal"), "{expected}");
    for (program, jit) in [(&before, true), (&after, false), (&after, true)] {
        assert_eq!(outcome(program, s, jit).1, expected, "jit: {jit}");
    }
    text
}

/// What `run --json` says, without what is empty; the same from both engines, optimised or not.
fn run(file: &FileTest, scene: &Scene, how: Optimise) -> String {
    let program = compile(&file.program, scene);
    let expected = outcome(&program, scene, false).1;
    let (fast, _) = program.optimised(Optimise::default());
    for (what, found) in [
        ("native code", outcome(&program, scene, true)),
        ("optimised native code", outcome(&fast, scene, true)),
    ] {
        assert_eq!(found.1, expected, "{what} differs from the interpreter");
    }
    let report = program.run(scene, RunOptions { optimise: how, ..RunOptions::default() });
    let mut document = Map::new();
    document.insert("status".into(), json!(report.status.name()));
    if let Some((v, unit)) = &report.answer {
        let p = printing(&program, *unit, scene);
        document.insert("answer".into(), answer::answer(v, p, None, report.margin));
    }
    let lists =
        [("evidence", Value::from(records(&report))), ("diagnostics", found(file, &report))];
    for (name, list) in lists {
        if list.as_array().is_some_and(|l| !l.is_empty()) {
            document.insert(name.into(), list);
        }
    }
    serde_json::to_string_pretty(&Value::from(document)).unwrap_or_default()
}

fn records(report: &RunReport) -> Vec<Value> {
    evidence::records(report, None).unwrap_or_else(|e| panic!("{e}"))
}

fn found(file: &FileTest, report: &RunReport) -> Value {
    let s = source(&file.program);
    let one = render::Source { name: &s.name, text: &s.text, diagnostics: &report.diagnostics };
    json!(render::json::diagnostics(&one))
}

/// The results of a file's tests, or why there are none.
fn results(file: &FileTest) -> Result<Vec<(Test, String)>, String> {
    if file.tests.is_empty() {
        return Err("names no test: begin with a line `# test: mir, run`".into());
    }
    let one = |t: &Test| {
        let text = catch_unwind(AssertUnwindSafe(|| printed(file, t))).map_err(|panic| {
            let words = panic.downcast_ref::<String>().map_or("it panicked", String::as_str);
            format!("{}: {words}", t.name())
        })?;
        Ok((t.clone(), text.trim_end().to_owned()))
    };
    file.tests.iter().map(one).collect()
}

#[test]
fn every_file_prints_what_it_expects() {
    let files = filetest::all();
    assert!(files.len() >= 20, "{}", files.len());
    let bless = std::env::var_os("BLESS").is_some_and(|v| v == "1");
    let bad: Vec<String> = files
        .par_iter()
        .filter_map(|file| {
            let results = match results(file) {
                Ok(r) => r,
                Err(e) => return Some(format!("{}: {e}", file.name)),
            };
            let same = file.expected.len() == results.len()
                && results.iter().all(|(t, text)| file.expected(t) == Some(text));
            if same {
                return None;
            }
            if bless {
                file.bless(&results);
                return None;
            }
            let expected: Vec<(Test, String)> = results
                .iter()
                .map(|(t, _)| (t.clone(), file.expected(t).unwrap_or_default().to_owned()))
                .collect();
            Some(fix::diff(&file.name, &file.text(&expected), &file.text(&results)))
        })
        .collect();
    assert!(bad.is_empty(), "BLESS=1 accepts what is right of this:\n{}", bad.join("\n"));
}

#[test]
fn every_stage_is_deterministic() {
    let stages = [Stage::Tokens, Stage::Ast, Stage::Hir, Stage::Mir, Stage::Clif, Stage::Asm];
    corpus::filetests().par_iter().for_each(|c| {
        let s = source(&c.text);
        let scene = c.scene.as_deref().map(scene);
        if !check(&c.text, scene).is_ok() {
            return;
        }
        for stage in stages {
            let text = || emit(stage, &s, options(scene)).unwrap_or_default();
            assert_eq!(text(), text(), "{} {stage:?}", c.name);
            assert!(!text().is_empty(), "{} {stage:?}", c.name);
        }
    });
}

/// The text of MIR is the whole program: what is printed of any program in the tree reads back as the same,
/// and verifies.
#[test]
fn mir_reads_back() {
    let cases = corpus::all();
    let read: usize = cases
        .par_iter()
        .flat_map(|c| NAMES.par_iter().map(move |n| (c, scene(n))))
        .filter(|(c, s)| {
            if !check(&c.text, Some(s)).is_ok() {
                return false;
            }
            let mir = compile(&c.text, s).mir;
            let text = ir::print_with_places(&mir);
            let again = ir::parse(&text).unwrap_or_else(|e| panic!("{}: {e}\n{text}", c.name));
            assert_eq!(again, **mir, "{}\n{text}", c.name);
            assert!(ir::verify(again).is_ok(), "{}", c.name);
            true
        })
        .count();
    assert!(read > 300, "{read}");
}
