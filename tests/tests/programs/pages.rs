//! The pages of the diagnostics: each example gives its code, each repair is clean.

use reasmory_driver::RunOptions;
use reasmory_driver::diag::{CODES, page_fences};
use reasmory_tests::programs::{check, compile, findings};
use reasmory_tests::scenes::scene;

#[test]
fn examples_give_their_code() {
    let mut bad = String::new();
    for c in CODES {
        for f in page_fences(c.page).iter().filter(|f| f.section == "Example") {
            if f.language() != "reasmory" {
                continue;
            }
            let place = f.scene().map(scene);
            let diagnostics = if f.has("run") {
                let s = place.unwrap_or(scene("room"));
                let checked = check(&f.text, Some(s));
                if checked.is_ok() {
                    compile(&f.text, s).run(s, RunOptions::default()).diagnostics
                } else {
                    checked.diagnostics
                }
            } else {
                check(&f.text, place).diagnostics
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
            let report = check(&f.text, f.scene().map(scene));
            if !report.diagnostics.is_empty() {
                bad += &format!("{}: {}", c.name, findings(&f.text, &report.diagnostics));
            }
        }
    }
    assert!(bad.is_empty(), "{bad}");
}

/// Repairs of pages without a scene are about `room`-like memories: they also run there or say why not.
#[test]
fn repairs_run_without_a_bug_of_ours() {
    for c in CODES {
        for f in page_fences(c.page).iter().filter(|f| f.section == "Fixed") {
            let s = scene(f.scene().unwrap_or("room"));
            if !check(&f.text, Some(s)).is_ok() {
                continue;
            }
            let report = compile(&f.text, s).run(s, RunOptions::default());
            for d in &report.diagnostics {
                assert_ne!(d.code.id(), "E9901", "{}: {}", c.name, d.message);
            }
        }
    }
}
