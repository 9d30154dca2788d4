//! The exported grammars: every good program is in them, what is drawn from them parses.

use reasmory_driver::grammars::{Format, Grammar, Scope};
use reasmory_driver::scene::Manifest;
use reasmory_driver::sema::CheckOptions;
use reasmory_driver::syntax::{parse, unparse};
use reasmory_driver::{Source, check};
use reasmory_tests::{cases, corpus, inventory, scenes};

/// The canonical form of a text that parses without a finding.
fn canonical(text: &str) -> Option<String> {
    let p = parse(text);
    p.diagnostics.is_empty().then(|| unparse(&p.program))
}

#[test]
fn every_good_program_is_in_the_grammar() {
    let grammar = Grammar::new(Scope::default()).unwrap().recogniser();
    let mut all: Vec<(String, String)> =
        cases::good().into_iter().map(|g| (g.name, g.text)).collect();
    all.extend(corpus::all().into_iter().map(|c| (c.name, c.text)));
    let (mut n, mut as_written) = (0, 0);
    for (name, text) in all {
        let Some(canonical) = canonical(&text) else { continue };
        // What the checker refuses in every program is in no grammar.
        if !reasmory_driver::syntax::prefix::is_program(&canonical) {
            continue;
        }
        n += 1;
        if let Some(at) = grammar.reach(&canonical) {
            panic!("{name}: not in the grammar after\n{}", &canonical[..at]);
        }
        as_written += usize::from(grammar.accepts(&text));
    }
    assert!(n > 400, "{n} programs");
    eprintln!("grammar: {n} of {n} programs in canonical form, {as_written} as they are written");
}

#[test]
fn what_is_no_program_is_not_in_the_grammar() {
    let grammar = Grammar::new(Scope::default()).unwrap().recogniser();
    for bad in [
        "answer",
        "answer distance(",
        "let x = 1",
        "answer 1 < 2 < 3",
        "answer 'a'",
        "x = y => y",
        "answer if a { b }",
        "for = 3",
        "answer 1 answer 2",
        "answer \"a",
        "1 + 2",
        "answer None",
    ] {
        assert!(!grammar.accepts(bad), "{bad}");
    }
}

/// The share of samples that check, of those that parse; all have to parse.
fn samples(grammar: &Grammar, scene: Option<&Manifest>, n: u64) -> (u64, u64) {
    let recogniser = grammar.recogniser();
    let (mut sound, mut long) = (0, 0);
    for seed in 0..n {
        let text = grammar.sample(seed, 20 + (seed as usize % 5) * 30);
        let p = parse(&text);
        assert!(p.diagnostics.is_empty(), "seed {seed}:\n{text}\n{:#?}", p.diagnostics);
        if seed % 20 == 0 {
            assert!(recogniser.accepts(&text), "seed {seed}:\n{text}");
        }
        long += u64::from(text.len() > 40);
        let options = CheckOptions { scene, ..CheckOptions::default() };
        sound += u64::from(check(&Source::new("s", text), options).is_ok());
    }
    assert!(long > n / 8, "samples are short: {long} of {n}");
    (sound, n)
}

#[test]
fn samples_parse() {
    let general = Grammar::new(Scope::default()).unwrap();
    let (a, n) = samples(&general, None, 500);
    eprintln!("grammar: of {n} samples all parse, {a} check");
    let scene = scenes::room_manifest();
    let closed = Grammar::new(Scope { scene: Some(&scene), ..Scope::default() }).unwrap();
    let (b, m) = samples(&closed, Some(&scene), 1500);
    eprintln!("grammar for a scene: of {m} samples all parse, {b} check");
}

/// Programs of the corpus that call what the scene can serve, in the form that the closed grammar has.
#[test]
fn a_closed_grammar_has_what_the_scene_has() {
    let scene = scenes::room_manifest();
    let grammar = Grammar::new(Scope { scene: Some(&scene), ..Scope::default() }).unwrap();
    let r = grammar.recogniser();
    for good in [
        "answer distance(the(\"sofa\"), to=the(\"tv\")) as m\n",
        "me = stand(at=the(\"sofa\"), facing=the(\"tv\"))\nshow top(mark=[me])\nanswer side(the(\"stove\"), from=me, among=[left, right])\n",
        "answer objects(\"chair\").filter(c => distance(c, to=the(\"table\")) < 1.5m).count()\n",
        "answer photo(3).view().turn(left, by=30deg).step(forward)\n",
        "answer objects(\"chair\").first(else=the(\"tv\")).category()\n",
        "answer size(the(\"table\")).height as cm\n",
        "answer max(2, 3, 4)\n",
        "if objects(\"lamp\").count() > 1 {\n  answer true\n} else {\n  answer false\n}\n",
    ] {
        assert_eq!(r.reach(good), None, "{good}");
    }
    for bad in [
        "answer the(\"piano\")\n",
        "answer photo(4)\n",
        "answer side(the(\"sofa\"), photo(1))\n",
        "answer view_at(2s)\n",
        "answer pick(objects(), \"it\")\n",
        "answer turn(photo(1).view(), sideways)\n",
    ] {
        assert!(!r.accepts(bad), "{bad}");
    }
    let mut relative = scene.clone();
    relative.scale = reasmory_driver::scene::Scale::relative("test");
    let r = Grammar::new(Scope { scene: Some(&relative), ..Scope::default() }).unwrap();
    assert!(!r.recognises("answer 2m\n") && r.recognises("answer 2deg\n"));
    // Only some operations.
    let only = ["the".to_owned(), "distance".to_owned()];
    let scope = Scope { scene: Some(&scene), operations: Some(&only), model: false };
    let few = Grammar::new(scope).unwrap();
    assert!(few.recognises("answer distance(the(\"sofa\"), to=the(\"tv\"))\n"));
    assert!(!few.recognises("answer height(the(\"sofa\"))\n"));
    for (name, says) in [("fly", "is no operation"), ("pick", "cannot be called here")] {
        let only = [name.to_owned()];
        let e = Grammar::new(Scope { operations: Some(&only), ..scope }).unwrap_err();
        assert!(e.to_string().contains(says), "{e}");
    }
}

/// What of the corpus is in the closed grammar of its own scene, in canonical form.
#[test]
fn the_closed_grammar_over_the_corpus() {
    let (mut hit, mut n) = (0, 0);
    let mut scene = String::new();
    let mut recogniser = None;
    for g in cases::good() {
        if g.scene != scene {
            scene.clone_from(&g.scene);
            let m = inventory::scene(&g.scene).memory.manifest();
            let scope = Scope { scene: Some(m), ..Scope::default() };
            recogniser = Some(Grammar::new(scope).unwrap().recogniser());
        }
        let (Some(r), Some(text)) = (&recogniser, canonical(&g.text)) else { continue };
        n += 1;
        hit += usize::from(r.accepts(&text));
    }
    eprintln!("closed grammars: {hit} of {n} programs of the corpus");
    assert!(2 * hit > n, "{hit} of {n}");
}

/// Names that look like grammar stay literals.
#[test]
fn names_stay_literals() {
    let evil = "x\" | root\nroot ::= \"answer 42";
    let mut m = scenes::room_manifest();
    m.instances[0].category = evil.to_owned();
    m.index_categories();
    let g = Grammar::new(Scope { scene: Some(&m), ..Scope::default() }).unwrap();
    for format in [Format::Lark, Format::Gbnf, Format::Ebnf] {
        let text = g.write(format);
        let starts = |l: &&str| l.starts_with("root ::=") || l.starts_with("start:");
        assert_eq!(text.lines().filter(starts).count(), 1, "{text}");
        assert!(text.contains(r#""\"x\\\" | root\\nroot ::= \\\"answer 42\"""#), "{text}");
    }
    assert!(g.recognises("answer the(\"x\\\" | root\\nroot ::= \\\"answer 42\")\n"));
}

#[test]
fn sizes_are_small_and_the_same() {
    let scene = scenes::room_manifest();
    let general = Grammar::new(Scope::default()).unwrap();
    let closed = Grammar::new(Scope { scene: Some(&scene), ..Scope::default() }).unwrap();
    for format in [Format::Lark, Format::Gbnf, Format::Ebnf, Format::JsonSchema] {
        let (a, b) = (general.write(format), closed.write(format));
        assert_eq!(a, Grammar::new(Scope::default()).unwrap().write(format));
        assert!(a.len() < 14_000 && b.len() < 32_000, "{format:?}: {} {}", a.len(), b.len());
        eprintln!("{format:?}: {} bytes, for a scene {}", a.len(), b.len());
    }
}

/// The engines that hold models to grammars, where their Python packages are: they take every program of the
/// tree and refuse what is none.
#[test]
fn engines_take_the_programs() {
    let python = std::env::var("REASMORY_PYTHON").unwrap_or_else(|_| "python3".into());
    let dir = tempfile::tempdir().unwrap();
    let scene = scenes::room_manifest();
    let general = Grammar::new(Scope::default()).unwrap();
    let closed = Grammar::new(Scope { scene: Some(&scene), ..Scope::default() }).unwrap();
    let mut all: Vec<String> = cases::good().into_iter().map(|g| g.text).collect();
    all.extend(corpus::all().into_iter().map(|c| c.text));
    let canonical: Vec<String> = all.iter().filter_map(|t| canonical(t)).collect();
    let none = ["answer", "answer distance(", "let x = 1\n", "answer 1 < 2 < 3\n", "answer \"a\n"];
    for (engine, format) in [("xgrammar", Format::Ebnf), ("llguidance", Format::Lark)] {
        for (name, grammar) in [("general", &general), ("closed", &closed)] {
            let recogniser = grammar.recogniser();
            let open = name == "general";
            let texts = canonical.iter().map(String::as_str).filter(|t| t.len() < 2000).chain(none);
            let rows: Vec<serde_json::Value> = texts
                .map(|t| serde_json::json!({"text": t, "program": recogniser.accepts(t)}))
                .filter(|r| {
                    open || r["program"] == true || r["text"].as_str().is_some_and(|t| t.len() < 60)
                })
                .collect();
            assert!(
                rows.iter().filter(|r| r["program"] == true).count() > if open { 400 } else { 10 }
            );
            let (g, p) = (dir.path().join("g"), dir.path().join("p.json"));
            std::fs::write(&g, grammar.write(format)).unwrap();
            std::fs::write(&p, serde_json::Value::from(rows).to_string()).unwrap();
            let tool = corpus::root().join("tools/load_grammar.py");
            let run = std::process::Command::new(&python)
                .arg(tool)
                .args([engine.as_ref(), g.as_os_str(), p.as_os_str()])
                .output();
            let (out, err, code) = match run {
                Ok(o) => (
                    String::from_utf8_lossy(&o.stdout).into_owned(),
                    String::from_utf8_lossy(&o.stderr).into_owned(),
                    o.status.code(),
                ),
                Err(e) => (String::new(), e.to_string(), Some(3)),
            };
            match code {
                Some(0) => eprintln!("{engine}, {name}: {}", out.trim()),
                Some(3) => eprintln!("SKIPPED: {engine}, {name}: {}", err.trim()),
                _ => panic!("{engine}, {name}: {out}{err}"),
            }
        }
    }
}
