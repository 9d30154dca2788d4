//! Bodies of the fuzz targets of the whole pipeline, and a seeded source of inputs for them.
//!
//! A body takes arbitrary bytes and panics where something does not hold that must hold for every input,
//! so that it serves cargo-fuzz, AFL and plain tests alike. [`Mutator`] makes inputs from a corpus and
//! [`Generator`] composes well-typed programs from the operation table. See `spec/fuzzing.md`.

mod generate;
mod mutate;
mod random;
mod scenes;

use reasmory_diag::apply::{apply_edits, select};
use reasmory_diag::render::{Format, Options, Report, Source as Rendered, render};
use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_runtime::{AnswerValue, FaultKind, Limits, Outcome};
use reasmory_scene::{Manifest, Scale};
use reasmory_sema::CheckOptions;
use reasmory_types::{Dim, Direction, UNITS};

pub use generate::Generator;
pub use mutate::{Mutator, corpus};
pub use random::Random;

use crate::answer::Printing;
use crate::{CheckReport, Optimise, Scene, Source, answer, check, compile, question};

/// Limits of a fuzzed run: small enough that no input takes long.
pub const LIMITS: Limits =
    Limits { fuel: 20_000, renders: 4, values: 50_000, picture: 64, asks: 4, asked_picture: 64 };

/// What became of an input of [`fuzz_run`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Memories over which the program checked.
    pub accepted: u32,
    /// Of these, runs that ended without a fault.
    pub ended: u32,
    /// Of these, runs that had no value.
    pub abstained: u32,
}

fn options(scene: Option<&Manifest>) -> CheckOptions<'_> {
    CheckOptions { scene, ..CheckOptions::default() }
}

/// Checks a text as a program over several memories and over none: no panic, places and repairs inside
/// the text, repairs that can be applied, and every output format.
///
/// # Panics
/// When one of these does not hold.
pub fn fuzz_check(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    let source = Source::new("fuzz.rsm", text);
    let empty = Manifest::empty("empty", "fuzz", Scale::metric("fuzz"));
    let manifests = [
        None,
        Some(scenes::metric().memory.manifest().as_ref()),
        Some(scenes::relative().memory.manifest().as_ref()),
        Some(&empty),
    ];
    for (n, manifest) in manifests.into_iter().enumerate() {
        let report = check(&source, options(manifest));
        inspect(&source, &report.diagnostics);
        // One memory is enough for what does not depend on it.
        if n == 1 {
            let printed = [
                crate::emit(crate::Stage::Hir, &source, options(manifest)),
                crate::emit(crate::Stage::Mir, &source, options(manifest)),
            ];
            assert!(printed.iter().all(|p| p.is_ok() == report.is_ok()), "{}", source.text);
        }
        let safe = report
            .diagnostics
            .iter()
            .flat_map(|d| &d.suggestions)
            .filter(|s| s.applicability == Applicability::Safe);
        for s in safe.take(16) {
            let (text, applied) = apply_edits(&source.text, &s.edits);
            assert_eq!(applied, s.edits.len(), "`{}` does not apply to {:?}", s.title, source.text);
            let repaired = Source::new("fuzz.rsm", text);
            inspect_places(&repaired, &check(&repaired, options(manifest)).diagnostics);
        }
        for level in [Applicability::Safe, Applicability::Unsafe] {
            let (edits, _) = select(&report.diagnostics, level);
            let (text, applied) = apply_edits(&source.text, &edits);
            assert_eq!(applied, edits.len(), "repairs clash in {:?}", source.text);
            let repaired = Source::new("fuzz.rsm", text);
            inspect_places(&repaired, &check(&repaired, options(manifest)).diagnostics);
        }
    }
}

/// Places and repairs lie inside the text.
fn inspect_places(source: &Source, diagnostics: &[Diagnostic]) {
    let text = &source.text;
    let inside =
        |span: reasmory_span::Span| span.start <= span.end && text.get(span.range()).is_some();
    for d in diagnostics {
        for label in std::iter::once(&d.primary).chain(&d.secondary) {
            assert!(inside(label.span), "{}: {:?} is outside {text:?}", d.message, label.span);
            assert!(!label.message.contains('\n'), "{}: {:?}", d.code, label.message);
        }
        assert!(!d.message.is_empty() && !d.message.contains('\n'), "{}: {:?}", d.code, d.message);
        assert!(d.code != Code::OperationPanicked, "{}: {text:?}", d.message);
        for s in &d.suggestions {
            assert!(!s.title.is_empty(), "{}: a repair without a title", d.message);
            let mut spans: Vec<_> = s.edits.iter().map(|e| e.span).collect();
            spans.sort();
            for span in &spans {
                assert!(inside(*span), "`{}`: {span:?} is outside {text:?}", s.title);
            }
            for pair in spans.windows(2) {
                assert!(pair[0].end <= pair[1].start, "`{}`: edits overlap in {text:?}", s.title);
            }
            let (repaired, _) = apply_edits(text, &s.edits);
            assert!(repaired != *text, "`{}` changes nothing in {text:?}", s.title);
        }
    }
}

/// Places, repairs and every output format.
fn inspect(source: &Source, diagnostics: &[Diagnostic]) {
    inspect_places(source, diagnostics);
    let files = [Rendered { name: &source.name, text: &source.text, diagnostics }];
    let report = Report { files: &files };
    for format in Format::ALL {
        for budget in [None, Some(0), Some(300)] {
            let plain = render(&report, format, Options { colours: false, budget });
            match format.name() {
                "json" | "sarif" | "gitlab" | "rdjson" => assert!(is_json(&plain), "{plain}"),
                "jsonl" => assert!(plain.lines().all(is_json), "{plain}"),
                _ => {}
            }
            if format != Format::Llm {
                break;
            }
        }
    }
    let _ = render(&report, Format::Full, Options { colours: true, budget: None });
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok()
}

/// Runs a text as a program over several small memories: what checks compiles to MIR that verifies, and
/// both engines give the same outcome to the last bit, without a fault of our own.
///
/// # Panics
/// When one of these does not hold.
pub fn fuzz_run(data: &[u8]) -> RunCounts {
    let text = String::from_utf8_lossy(data).into_owned();
    let source = Source::new("fuzz.rsm", text);
    let mut counts = RunCounts::default();
    for scene in [scenes::metric(), scenes::relative(), scenes::noisy(), scenes::points()] {
        let checked = check(&source, options(Some(scene.memory.manifest().as_ref())));
        if checked.is_ok() {
            counts.accepted += 1;
            let outcome = both(&source, scene, &checked);
            match outcome.fault.map(|f| f.kind) {
                None => counts.ended += 1,
                Some(FaultKind::NoValue) => counts.abstained += 1,
                Some(_) => {}
            }
        }
    }
    counts
}

fn both(source: &Source, scene: &Scene, checked: &CheckReport) -> Outcome {
    let text = &source.text;
    let program = compile(source, options(Some(scene.memory.manifest().as_ref())))
        .unwrap_or_else(|r| panic!("{text}\n{}", source.render(&r.diagnostics)));
    assert_eq!(program.answer, checked.answer, "{text}");
    let nominal = program.once(scene, LIMITS, None, None);
    if let Some(fault) = &nominal.fault {
        assert!(fault.kind != FaultKind::Internal, "{}\n{text}", fault.message);
    }
    let compiled = match reasmory_jit::compile(&program.mir, reasmory_jit::Options::default()) {
        Ok(c) => c,
        Err(reasmory_jit::JitError::TooLarge { .. }) => return nominal,
        Err(e) => panic!("native compilation failed: {e}\n{text}"),
    };
    let native = program.once(scene, LIMITS, Some(&compiled), None);
    let name = &scene.memory.manifest().name;
    assert_eq!(print(&nominal), print(&native), "the engines differ over {name}:\n{text}");
    let (fast, _) = program.optimised(Optimise::default());
    let optimised = match reasmory_jit::compile(&fast.mir, reasmory_jit::Options::default()) {
        Ok(c) => c,
        Err(reasmory_jit::JitError::TooLarge { .. }) => return nominal,
        Err(e) => panic!("native compilation failed after optimisation: {e}\n{text}"),
    };
    let same = |limits: Limits, flip: Option<usize>| {
        let expected = print(&program.once(scene, limits, None, flip));
        let engines =
            [("native code", &program, &compiled), ("optimised native code", &fast, &optimised)];
        for (what, program, compiled) in engines {
            let found = print(&program.once(scene, limits, Some(compiled), flip));
            assert_eq!(found, expected, "{what} over {name}, flip {flip:?}, {limits:?}:\n{text}");
        }
    };
    same(LIMITS, None);
    for flip in 0..nominal.decisions.len().min(2) {
        same(LIMITS, Some(flip));
    }
    // Limits that most programs reach somewhere, other places for other texts.
    let turn = text.len();
    same(Limits { fuel: turn as u64 % 7, ..LIMITS }, None);
    // The program's texts are there before it starts.
    same(Limits { values: program.mir.texts.len() + turn % 61, ..LIMITS }, None);
    if let Some((value, unit)) = &nominal.answer {
        let metric = scene.memory.manifest().scale.is_metric();
        let p = Printing { ty: program.answer.as_ref(), unit: *unit, metric };
        let _ = (answer::text(value, p), answer::answer(value, p, None, None));
    }
    nominal
}

/// An outcome as text; numbers print so that different bits give different text.
fn print(o: &Outcome) -> String {
    use std::fmt::Write as _;
    let mut out = format!("{:?}\n{:?}\n{:?}\n", o.answer, o.fault, o.decisions);
    for e in &o.evidence {
        let i = &e.image;
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        for byte in i.pixels.pixels.iter().flatten() {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let size = (i.pixels.width, i.pixels.height);
        let _ = writeln!(
            out,
            "{:?} {} {size:?} {hash:x} {:?} {:?} {:?}",
            e.loc, i.kind, i.caption, i.coverage, i.visible
        );
    }
    out
}

/// Programs that fuzzed questions are held against: each kind of answer, views and moves, `options()`.
const ANSWERS: [&str; 8] = [
    "answer objects(\"chair\").count()\n",
    "d = distance(the(\"tv\"), to=the(\"sofa\"))\nanswer if d > 1m { d + 1m } else { d as cm }\n",
    "me = stand(at=the(\"sofa\"), facing=the(\"tv\")).turn(right, by=30deg).step(forward)\n\
     answer side(the(\"bed\"), from=me.turn(left), among=[left, right])\n",
    "me = photo(1).view().look_at(\"tv\")\nanswer quadrant(the(\"bed\"), from=me.turn(back))\n",
    "answer options().min_by(o => distance(objects(o), to=the(\"tv\")))\n",
    "answer [\"bed\", \"tv\", \"sofa\"].sort_by(c => first_seen(c))\n",
    "fn f(v: View) -> Image {\n  return ego(v.turn(up))\n}\nshow f(photo(2))\nshow plan()\n",
    "answer if sees(photo(1), \"tv\") { \"B\" } else { \"chair\" }\n",
];

/// Reads a text as a question file, lets answers of every kind meet its options (its lines, where it is
/// none): the letter given is that of an option; and checks programs against its questions, as
/// [`fuzz_check`] does.
///
/// # Panics
/// When that does not hold.
pub fn fuzz_question(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    let questions = question::parse("fuzz.json", &text).unwrap_or_default();
    let mut choices: Vec<Vec<String>> = vec![text.lines().take(12).map(str::to_owned).collect()];
    for q in questions.into_iter().take(16) {
        let _ = (q.scene_id(), q.id_text());
        // One memory for each question: over many inputs all have their turn.
        let memory = match text.len() % 3 {
            0 => None,
            1 => Some(scenes::metric()),
            _ => Some(scenes::relative()),
        };
        let options = CheckOptions {
            question: Some(&q.asked),
            ..options(memory.map(|m| m.memory.manifest().as_ref()))
        };
        for program in ANSWERS {
            let source = Source::new("fuzz.rsm", program);
            let report = check(&source, options);
            inspect_places(&source, &report.diagnostics);
            let (edits, _) = select(&report.diagnostics, Applicability::Unsafe);
            let (repaired, applied) = apply_edits(&source.text, &edits);
            assert_eq!(applied, edits.len(), "repairs clash in {program:?}");
            if applied > 0 {
                let repaired = Source::new("fuzz.rsm", repaired);
                inspect_places(&repaired, &check(&repaired, options).diagnostics);
            }
        }
        choices.extend(q.options);
    }
    for options in &choices {
        for value in &answers(options) {
            // A unit matters to what is measured alone.
            let measured = matches!(value, AnswerValue::Quantity(..) | AnswerValue::Record(..));
            let units = [None, Some(0), Some(UNITS.len() as u32 - 1), Some(u32::MAX)];
            for unit in units.into_iter().take(if measured { 4 } else { 1 }) {
                for metric in [true, false].into_iter().take(if measured { 2 } else { 1 }) {
                    let p = Printing { ty: None, unit, metric };
                    let letter = question::meet(value, p, options);
                    if let Some(letter) = &letter {
                        assert!(
                            letter.chars().count() == 1,
                            "`{letter}` for {value:?} {options:?}"
                        );
                    }
                    assert!(letter.is_none() || !options.is_empty());
                    let _ = (answer::text(value, p), answer::value(value, p));
                    let _ = answer::answer(value, p, letter.as_deref(), Some(0.5));
                }
            }
        }
    }
}

/// An answer of every kind, some of them made of the options themselves.
fn answers(options: &[String]) -> Vec<AnswerValue> {
    use AnswerValue as A;
    let first = options.first().cloned().unwrap_or_default();
    let body = first.chars().skip(2).collect::<String>();
    let numbers = [0.0, -0.0, 1.5, -3.25, 1e300, f64::MIN_POSITIVE, f64::MAX];
    let mut out = vec![
        A::Bool(true),
        A::Bool(false),
        A::Int(i64::MIN),
        A::Int(3),
        A::Int(i64::MAX),
        A::Text(first.clone()),
        A::Text(body.clone()),
        A::Text("b".into()),
        A::Category(body.clone()),
        A::Object { id: 1, category: first.clone(), name: body.clone() },
        A::Photo(0),
        A::Photo(u32::MAX),
        A::Record("Point", vec![("x", 1.0), ("y", -0.0), ("z", 1e9)]),
        A::View { eye: [0.0, 1.0, 1.5], heading: 90.0, pitch: 0.0 },
        A::Region("room".into()),
        A::List(vec![]),
        A::List(options.iter().map(|o| A::Text(o.clone())).collect()),
        A::List(vec![A::List(vec![A::Int(1)]), A::Image(0)]),
        A::Group(Box::new(A::Category(body)), vec![A::Int(1), A::Bool(true)]),
        A::Image(0),
    ];
    out.extend(Direction::ALL.iter().map(|d| A::Direction(*d)));
    let dims = [Dim::NONE, Dim::LENGTH, Dim::AREA, Dim::ANGLE, Dim::TIME, Dim::new(4, -1, 2)];
    out.extend(dims.into_iter().flat_map(|d| numbers.map(|x| A::Quantity(x, d))));
    out
}
