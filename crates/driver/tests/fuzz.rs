//! Bounded replays of the fuzz bodies, and a long run for people (`REASMORY_FUZZ_SECONDS`).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use reasmory_driver::fuzz::{
    Generator, Mutator, RunCounts, corpus, fuzz_check, fuzz_question, fuzz_run,
};

/// What a series of runs came to.
#[derive(Debug, Default)]
struct Total {
    programs: u32,
    accepted: u32,
    runs: u32,
    ended: u32,
    abstained: u32,
}

impl Total {
    fn add(&mut self, c: RunCounts) {
        self.programs += 1;
        self.accepted += u32::from(c.accepted > 0);
        self.runs += c.accepted;
        self.ended += c.ended;
        self.abstained += c.abstained;
    }
}

#[test]
fn corpus_replays() {
    let corpus = corpus();
    assert!(corpus.len() > 150, "{}", corpus.len());
    for text in &corpus {
        fuzz_check(text.as_bytes());
        fuzz_run(text.as_bytes());
    }
}

/// What the bodies have found; each text broke one once.
#[test]
fn findings_stay_fixed() {
    for (text, checks) in FOUND {
        reasmory_driver::syntax::fuzz_parse(text.as_bytes());
        fuzz_check(text.as_bytes());
        assert_eq!(fuzz_run(text.as_bytes()).accepted > 0, *checks, "{text}");
    }
}

/// A text that broke a body, and whether it is a program that checks.
const FOUND: &[(&str, bool)] = &[
    // MIR without a single place.
    ("fn f(a: Int) -> Int {\n  return a\n}\n", true),
    // Values without identity.
    ("answer [center(\"sofa\")].contains(center(\"bed\"))\n", false),
    ("answer objects().group_by(o => center(o)).count()\n", false),
    ("answer [0.5].contains(1)\n", true),
    // Pictures in an answer.
    ("answer [plan()]\n", false),
    // Two instances of a library function whose calls start at one place.
    ("v = photo(1).view()\nanswer view_heading(v.turned_to(\"sofa\").turned_to(\"bed\"))\n", true),
    // A finding that quotes a text with a line end.
    ("answer the(\"a\\nb\")\n", false),
    // A repair that changed nothing.
    ("fn f(x: List) -> Int {\n  return 1\n}\nanswer 1\n", false),
    // A type that takes no type, whose canonical text was another one.
    ("fn f(x: Object<Object>) -> Int {\n  return 1\n}\nanswer 1\n", false),
];

#[test]
fn damaged_programs_replay() {
    let mut mutator = Mutator::new(1);
    for _ in 0..200 {
        fuzz_check(&mutator.program());
    }
    let mut mutator = Mutator::new(2);
    for _ in 0..300 {
        fuzz_run(&mutator.program());
    }
}

#[test]
fn starts_of_damaged_programs_replay() {
    let mut mutator = Mutator::new(5);
    for _ in 0..20 {
        reasmory_driver::syntax::fuzz_prefix(&mutator.program());
    }
}

#[test]
fn composed_programs_replay() {
    let mut generator = Generator::new(3);
    let mut total = Total::default();
    for _ in 0..120 {
        total.add(fuzz_run(generator.program().as_bytes()));
    }
    assert!(total.accepted * 2 > total.programs, "too few programs check: {total:?}");
    assert!(total.ended * 3 > total.runs, "too few runs end: {total:?}");
}

#[test]
fn question_files_replay() {
    let mut mutator = Mutator::new(4);
    for _ in 0..800 {
        fuzz_question(&mutator.question());
    }
}

#[test]
fn streams_do_not_change_between_calls() {
    let (mut a, mut b) = (Mutator::new(9), Mutator::new(9));
    assert!((0..50).all(|_| a.program() == b.program()));
    let (mut a, mut b) = (Generator::new(9), Generator::new(9));
    assert!((0..50).all(|_| a.program() == b.program()));
}

/// Runs for `REASMORY_FUZZ_SECONDS` (60 without) from the seed `REASMORY_FUZZ_SEED`, over every body, and
/// prints each input that breaks one.
#[test]
#[ignore = "runs as long as REASMORY_FUZZ_SECONDS says"]
fn long_run() {
    let number =
        |name: &str, or: u64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(or);
    let seed = number("REASMORY_FUZZ_SEED", 1000);
    let end = Instant::now() + Duration::from_secs(number("REASMORY_FUZZ_SECONDS", 60));
    let (mut mutator, mut generator) = (Mutator::new(seed), Generator::new(seed));
    let (mut damaged, mut composed) = (Total::default(), Total::default());
    let (mut checks, mut questions, mut broken) = (0u32, 0u32, 0u32);
    let mut slowest = Duration::ZERO;
    while Instant::now() < end && broken < 20 {
        let program = generator.program().into_bytes();
        let (data, other, question) = (mutator.program(), mutator.program(), mutator.question());
        let mut one = |name: &str, data: &[u8], body: &mut dyn FnMut(&[u8])| {
            let start = Instant::now();
            if catch_unwind(AssertUnwindSafe(|| body(data))).is_err() {
                broken += 1;
                eprintln!("BROKEN {name}: {:?}\n", String::from_utf8_lossy(data));
            }
            let took = start.elapsed();
            if took > slowest {
                slowest = took;
                eprintln!("slowest {name} {took:?}: {:?}", String::from_utf8_lossy(data));
            }
        };
        one("run", &program, &mut |d| composed.add(fuzz_run(d)));
        one("run", &data, &mut |d| damaged.add(fuzz_run(d)));
        one("check", &program, &mut |d| fuzz_check(d));
        one("check", &other, &mut |d| fuzz_check(d));
        one("parse", &other, &mut |d| reasmory_driver::syntax::fuzz_parse(d));
        one("prefix", &data, &mut |d| reasmory_driver::syntax::fuzz_prefix(d));
        one("question", &question, &mut |d| fuzz_question(d));
        checks += 2;
        questions += 1;
    }
    eprintln!("composed {composed:?}\ndamaged {damaged:?}\n{checks} checks, {questions} questions");
    assert_eq!(broken, 0, "inputs broke a body");
}
