//! The prefix check over every program in the tree, with and without a memory.

use std::fmt::Write as _;

use reasmory_driver::prefix::{PrefixReport, check_prefix, json, text};
use reasmory_driver::sema::CheckOptions;
use reasmory_driver::syntax::check_prefixes;
use reasmory_driver::syntax::prefix::{Prefix, Status, is_program};
use reasmory_driver::{Source, check};
use reasmory_tests::{corpus, programs, scenes, schema};

#[test]
fn every_start_of_every_program_is_live() {
    let mut n = 0;
    for case in corpus::all().iter().filter(|c| is_program(&c.text)) {
        let mut prefix = Prefix::new();
        for (at, c) in case.text.char_indices() {
            assert!(prefix.feed(c.encode_utf8(&mut [0; 4])), "{}: dead at {at}", case.name);
        }
        assert_eq!(prefix.status(), Status::Complete, "{}", case.name);
        n += 1;
    }
    assert!(n > 250, "{n}");
}

#[test]
fn every_start_agrees_with_the_parser() {
    // What is no program takes part: it has to die, and at once.
    for case in corpus::all() {
        check_prefixes(&case.text, 67);
    }
}

#[test]
fn the_library_is_live() {
    for file in corpus::files("stdlib", "rsm") {
        let module = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let mut prefix = Prefix::new();
        for (at, c) in text.char_indices() {
            assert!(prefix.feed(c.encode_utf8(&mut [0; 4])), "{module}: dead at {at}");
            // Between two functions.
            if text[..at].ends_with("}\n") && c == '\n' {
                assert_eq!(
                    prefix.status() == Status::Complete,
                    is_program(&text[..=at]),
                    "{module}"
                );
            }
        }
        assert_eq!(prefix.status(), Status::Complete, "{module}");
    }
}

fn report(name: &str, text: &str) -> PrefixReport {
    check_prefix(&programs::source(text), programs::options(Some(scenes::scene(name))))
}

#[test]
fn findings_of_a_start_stay() {
    let mut found = 0;
    for case in corpus::all() {
        let options =
            programs::options(Some(scenes::scene(case.scene.as_deref().unwrap_or("room"))));
        let whole = check(&Source::new("-", case.text.as_str()), options);
        for (at, _) in case.text.match_indices('\n') {
            let start = check_prefix(&Source::new("-", &case.text[..at]), options);
            for d in &start.findings {
                assert!(
                    whole.diagnostics.iter().any(|w| w.is_error()),
                    "{}: {} {}",
                    case.name,
                    d.code,
                    d.message
                );
                found += 1;
            }
        }
    }
    assert!(found > 5, "{found}");
}

#[test]
fn hints_are_live() {
    for start in STARTS {
        let r = report("room", start);
        for h in &r.hints {
            for text in &h.texts {
                let with = format!("{}{text}", &start[..h.from]);
                assert!(Prefix::new().feed(&with), "{} `{with}`", h.sort);
            }
        }
    }
}

#[test]
fn reports_fit_the_schema() {
    let schema = schema::load("prefix.v1");
    for start in STARTS {
        let row = json(&Source::new("-", *start), &report("room", start));
        let whole = serde_json::json!({"schema": 1, "prefixes": [row]});
        let bad = schema::violations(&schema, &whole);
        assert!(bad.is_empty(), "{start}: {bad:#?}");
    }
}

#[test]
fn reports() {
    let mut out = String::new();
    for start in STARTS {
        let r = report("room", start);
        let _ = writeln!(out, "{}", text(&Source::new("-", *start), &r));
    }
    insta::assert_snapshot!("prefix_reports", out);
}

#[test]
fn without_a_memory() {
    let r = check_prefix(&Source::new("-", "answer photo("), CheckOptions::default());
    assert!(r.hints.iter().all(|h| h.sort != "category" && h.sort != "photo"));
    let photos = CheckOptions { photos: Some(2), ..CheckOptions::default() };
    let r = check_prefix(&Source::new("-", "answer photo("), photos);
    assert!(r.hints.iter().any(|h| h.sort == "photo" && h.texts == ["1", "2"]), "{:?}", r.hints);
    let relative = report("relative", "answer d as ");
    assert!(relative.hints.iter().all(|h| !h.texts.contains(&"m".to_owned())));
}

/// Starts of programs, some of which are dead.
const STARTS: &[&str] = &[
    "",
    "answer dist",
    "answer the(\"ch",
    "answer the(\"ch\\u{4",
    "answer 2.",
    "answer 2.5c",
    "answer 99999999999999999999",
    "fn",
    "fn between(x: Obj",
    "answer the(\"tv\").longest_side() as ",
    "answer the(\"tv\").lon",
    "me = stand(at=the(\"sofa\"), ",
    "me = stand(at=the(\"sofa\"), facing=the(\"tv\"))\nanswer side(the(\"bed\"), from=me, among=[le",
    "show photo(",
    "answer distance(the(\"sofa\"),\n",
    "answer 1 # one",
    "answer # one",
    "if objects(\"tv\").count() > 1 {\n  answer 1\n}\n",
    "x = the(\"couhc\")\ny = x.height() + 2deg\nanswer ",
    "def f(x):\n  return x",
    "let x = 1",
    "answer 3 4",
    "answer 1 // 2",
    "answer a < b < c",
    "answer (1 + 2]",
    "answer\n3",
    "import math",
];
