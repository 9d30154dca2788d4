//! Native code against the interpreter, bit for bit, for every program in the tree that checks; and every
//! operation of the table at work.

use std::collections::BTreeMap;

use rayon::prelude::*;
use reasmory_driver::diag::Code;
use reasmory_driver::jit::{OptLevel as Tier, Options as Native};
use reasmory_driver::runtime::{FaultKind, Limits};
use reasmory_driver::{Optimise, ops};
use reasmory_tests::corpus::{Case, all, demo, examples, stdlib};
use reasmory_tests::programs::{
    check, compile, findings, outcome, outcome_compiled, outcome_within, small,
};
use reasmory_tests::scenes::{NAMES, scene};

/// The limits of a run. Programs that run to a limit get small ones, since the unoptimised interpreter is
/// slow; both engines must still reach the same limit at the same place.
fn limits(case: &Case) -> Limits {
    if ["out-of-fuel", "run-limit"].iter().any(|n| case.name.starts_with(n)) {
        Limits { fuel: 20_000, values: 100_000, ..small() }
    } else {
        small()
    }
}

/// How code for a large memory is compiled.
const LARGE: Native = Native { opt: Tier::Speed, whole: false };

#[test]
fn native_code_and_interpreter_agree() {
    let cases = all();
    let results: Vec<(&str, Option<String>)> = cases
        .par_iter()
        .flat_map(|c| NAMES.par_iter().map(move |n| (c, *n)))
        .filter_map(|(c, name)| {
            let s = scene(name);
            if !check(&c.text, Some(s)).is_ok() {
                return None;
            }
            let program = compile(&c.text, s);
            let (fast, _) = program.optimised(Optimise::default());
            let (a, native) = outcome_within(&program, s, true, limits(c));
            let (_, interpreted) = outcome_within(&program, s, false, limits(c));
            // As a large memory has it: loops native, short functions put into them.
            let (_, optimised) = outcome_compiled(&fast, s, Some(LARGE), limits(c));
            let mut bad = None;
            for (what, found) in [("native", native), ("optimised", optimised)] {
                if found != interpreted {
                    let name = &c.name;
                    bad = Some(format!("{name}, {what}:\n{found}\nagainst\n{interpreted}"));
                }
            }
            if let Some(f) = a.fault.filter(|f| f.kind == FaultKind::Internal) {
                bad = Some(format!("{} on {name}: a bug of ours: {}", c.name, f.message));
            }
            Some((name, bad))
        })
        .collect();
    let mut runs: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, _) in &results {
        *runs.entry(name).or_default() += 1;
    }
    eprintln!("{} programs; runs by scene: {runs:?}", cases.len());
    let bad: Vec<&String> = results.iter().filter_map(|r| r.1.as_ref()).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert!(runs["room"] >= 120 && runs["noisy"] >= 120, "{runs:?}");
    assert!(runs["relative"] >= 40 && runs["boxes"] >= 40 && runs["points"] >= 8, "{runs:?}");
}

/// What a program does under limits that it reaches, with as many of them as it takes to go through the
/// program: the fault and its place are the same, optimised or not.
#[test]
fn limits_are_reached_at_the_same_place() {
    // Pictures take long and are limited by their number, which the others' limits do not touch.
    let cases: Vec<Case> = all().into_iter().filter(|c| !c.text.contains("show ")).collect();
    let reached: usize = cases
        .par_iter()
        .filter(|c| check(&c.text, Some(scene("room"))).is_ok())
        .map(|c| {
            let s = scene("room");
            let program = compile(&c.text, s);
            let (fast, _) = program.optimised(Optimise::default());
            let mut reached = 0;
            let tight = (0..6).map(|n| Limits { fuel: n, ..limits(c) });
            // The program's texts count as well, and are there before it starts.
            let texts = program.mir.texts.len();
            let small = (0..8).map(|n| Limits { values: texts + n * n, ..limits(c) });
            for limits in tight.chain(small) {
                let (a, expected) = outcome_within(&program, s, false, limits);
                let (_, found) = outcome_within(&fast, s, false, limits);
                assert_eq!(found, expected, "{} under {limits:?}", c.name);
                let (_, native) = outcome_compiled(&fast, s, Some(LARGE), limits);
                assert_eq!(native, expected, "{}, native, under {limits:?}", c.name);
                reached += usize::from(a.fault.is_some());
            }
            reached
        })
        .sum();
    assert!(reached > 500, "{reached}");
}

/// Operations whose example cannot run on `room`, and the code that says why.
const NOT_ON_ROOM: [(&str, &str, &str); 9] = [
    ("footprint_overlap", "E0503", "there are two lamps"),
    ("is_above", "E0503", "there are two lamps"),
    ("is_below", "E0503", "there are two lamps"),
    ("is_on", "E0503", "there are two lamps"),
    ("is_inside", "E0501", "there is no wardrobe"),
    ("is_touching", "E0503", "there are four chairs"),
    ("turn_needed", "E0503", "there are four chairs"),
    ("view_at", "E0506", "the photos have no times"),
    ("pick", "E0602", "no model is configured"),
];

#[test]
fn every_example_runs_on_room() {
    let s = scene("room");
    let mut bad = String::new();
    for (o, case) in ops::OPS.iter().zip(examples()) {
        let mut report = check(&case.text, Some(s));
        // An example of arithmetic shows it on numbers.
        report.diagnostics.retain(|d| d.code != Code::ConstantAnswer);
        let codes: Vec<&str> = report.diagnostics.iter().map(|d| d.code.id()).collect();
        let expected = NOT_ON_ROOM.iter().find(|n| n.0 == o.name);
        match expected {
            Some((_, code, why)) => {
                if codes.is_empty() || codes.iter().any(|c| c != code) {
                    bad += &format!("{}: {codes:?}, though {why}\n", o.name);
                }
            }
            None if !codes.is_empty() => {
                bad += &format!("{}: {}", o.name, findings(&case.text, &report.diagnostics));
            }
            None => {
                let fault = outcome(&compile(&case.text, s), s, true).0.fault;
                if let Some(f) = fault {
                    bad += &format!("{}: {:?} {}\n", o.name, f.kind, f.message);
                }
            }
        }
    }
    assert!(bad.is_empty(), "{bad}");
}

#[test]
fn library_and_demonstration_run_on_room() {
    let s = scene("room");
    let mut bad = String::new();
    for case in stdlib().iter().chain(&demo()) {
        let report = check(&case.text, Some(s));
        if !report.diagnostics.is_empty() {
            bad += &format!("{}: {}", case.name, findings(&case.text, &report.diagnostics));
            continue;
        }
        if let Some(f) = outcome(&compile(&case.text, s), s, true).0.fault {
            bad += &format!("{}: {:?} {}\n", case.name, f.kind, f.message);
        }
    }
    assert!(bad.is_empty(), "{bad}");
}

/// Every function of the library is used by a program above.
#[test]
fn the_library_is_covered() {
    let cases = stdlib();
    for c in reasmory_driver::sema::catalogue::all() {
        if ops::find(c.name()).is_none() {
            assert!(cases.iter().any(|x| x.text.contains(c.name())), "{}", c.name());
        }
    }
}
