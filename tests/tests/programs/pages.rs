//! The pages of the diagnostics: each example gives its code, each repair is clean.

use reasmory_driver::asking::Asker;
use reasmory_driver::diag::{CODES, Diagnostic, Fence, page_fences};
use reasmory_driver::model::{Model, ModelError, Prices, Provider, Reply, Request};
use reasmory_driver::sema::CheckOptions;
use reasmory_driver::{
    Dialect, RunOptions, Scene, Source, check as driver_check, compile as driver_compile,
};
use reasmory_tests::programs::{check, compile, findings, options, question, small, source};
use reasmory_tests::scenes::scene;

/// A model that never answers.
struct Silent;

impl Provider for Silent {
    fn name(&self) -> &str {
        "silent"
    }

    fn ask(&self, _: &Request) -> Result<Reply, ModelError> {
        Err(ModelError::Unreachable { provider: "silent".into(), why: "nobody is there".into() })
    }
}

fn drawing_small() -> RunOptions {
    RunOptions { limits: small(), ..RunOptions::default() }
}

/// What a run gives whose model never answers.
fn with_a_silent_model(text: &str, scene: &Scene) -> Vec<Diagnostic> {
    let options = CheckOptions {
        scene: Some(scene.memory.manifest()),
        model: true,
        ..CheckOptions::default()
    };
    let program = match driver_compile(&Source::new("page", text), options) {
        Ok(program) => program,
        Err(report) => return report.diagnostics,
    };
    let model = Model::new(Box::new(Silent), Prices::default());
    let asker = Asker::new(&model, 64);
    program.run_asking(scene, drawing_small(), Some(&asker)).diagnostics
}

/// The findings about a fenced program, or plan: `allow-model` allows model calls, `all` runs the lints that
/// are off by default.
fn checked(f: &Fence, place: Option<&Scene>) -> Vec<Diagnostic> {
    let asked = question(&f.text);
    let options = CheckOptions {
        model: f.has("allow-model"),
        all_lints: f.has("all"),
        question: asked.as_ref().map(|q| &q.asked),
        ..options(place)
    };
    let source = match f.language() {
        "python" => Source::new("plan.py", f.text.as_str()).in_dialect(Dialect::Paper),
        _ => source(&f.text),
    };
    driver_check(&source, options).diagnostics
}

#[test]
fn examples_give_their_code() {
    let mut bad = String::new();
    for c in CODES {
        for f in page_fences(c.page).iter().filter(|f| f.section == "Example") {
            if f.language() == "text" {
                continue;
            }
            let place = f.scene().map(scene);
            let diagnostics = if f.has("model") {
                with_a_silent_model(&f.text, place.unwrap_or(scene("room")))
            } else if f.has("run") {
                let s = place.unwrap_or(scene("room"));
                let checked = check(&f.text, Some(s));
                if checked.is_ok() {
                    compile(&f.text, s).run(s, drawing_small()).diagnostics
                } else {
                    checked.diagnostics
                }
            } else {
                checked(f, place)
            };
            let found: Vec<&str> = diagnostics.iter().map(|d| d.code.id()).collect();
            if found.is_empty() || found.iter().any(|x| *x != c.id) {
                bad += &format!("{}: {}", c.name, findings(&f.text, &diagnostics));
                if found.is_empty() {
                    bad += "nothing\n";
                }
            }
        }
    }
    assert!(bad.is_empty(), "{bad}");
}

#[test]
fn repairs_are_clean() {
    let mut bad = String::new();
    for c in CODES {
        for f in page_fences(c.page).iter().filter(|f| f.section == "Fixed") {
            let diagnostics = checked(f, f.scene().map(scene));
            if !diagnostics.is_empty() {
                bad += &format!("{}: {}", c.name, findings(&f.text, &diagnostics));
            }
        }
    }
    assert!(bad.is_empty(), "{bad}");
}

/// Repairs of pages without a scene are about `room`-like memories: they also run there or say why not.
#[test]
fn repairs_run_without_a_bug_of_ours() {
    for c in CODES {
        for f in page_fences(c.page)
            .iter()
            .filter(|f| f.section == "Fixed" && f.language() == "reasmory")
        {
            let s = scene(f.scene().unwrap_or("room"));
            if !check(&f.text, Some(s)).is_ok() {
                continue;
            }
            let report = compile(&f.text, s).run(s, drawing_small());
            for d in &report.diagnostics {
                assert_ne!(d.code.id(), "E9901", "{}: {}", c.name, d.message);
            }
        }
    }
}
