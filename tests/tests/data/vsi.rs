//! VSI-Bench over ground truth: 29 ARKitScenes rooms as labelled boxes, 226 questions, programs by text
//! templates, native code, the benchmark's metrics.

use std::collections::BTreeMap;
use std::time::Instant;

use reasmory_driver::diag::{Diagnostic, Level};
use reasmory_driver::importers::{Format, ImportOptions, import};
use reasmory_driver::question::{self, Question};
use reasmory_driver::runtime::AnswerValue;
use reasmory_driver::sema::CheckOptions;
use reasmory_driver::types::UNITS;
use reasmory_driver::{RunOptions, Scene};
use reasmory_tests::programs::{check, compile, findings, options, outcome, printing, source};
use reasmory_tests::real::data;
use reasmory_tests::vsi::{mean_relative_accuracy, plan};

/// Lower bounds of the score by family. Boxes stand for the point clouds that the answers were made from,
/// so distances are not exact.
const BOUNDS: [(&str, f64); 8] = [
    ("object_abs_distance", 0.95),
    ("object_counting", 0.99),
    ("object_rel_direction_easy", 0.95),
    ("object_rel_direction_hard", 0.95),
    ("object_rel_direction_medium", 0.95),
    ("object_rel_distance", 0.95),
    ("object_size_estimation", 0.97),
    ("room_size_estimation", 0.97),
];

pub(crate) fn number(v: &AnswerValue, unit: &str) -> Option<f64> {
    match v {
        AnswerValue::Int(i) => Some(*i as f64),
        AnswerValue::Quantity(x, _) => {
            Some(UNITS.iter().find(|u| u.name == unit).map_or(*x, |u| u.from_canonical(*x)))
        }
        _ => None,
    }
}

pub(crate) fn truth(q: &Question) -> Option<f64> {
    let a = q.answer.as_ref()?;
    a.as_f64().or_else(|| a.as_str()?.trim().parse().ok())
}

/// Relative error of a numeric answer.
pub(crate) fn error(q: &Question, v: &AnswerValue, unit: &str) -> Option<f64> {
    let (x, t) = (number(v, unit)?, truth(q)?);
    Some((x - t).abs() / t.abs())
}

/// 0 to 1.
fn score(
    q: &Question,
    v: &AnswerValue,
    unit: &str,
    p: reasmory_driver::answer::Printing<'_>,
) -> f64 {
    match &q.options {
        Some(options) => {
            let letter = question::meet(v, p, options);
            f64::from(
                letter.is_some() && letter.as_deref() == q.answer.as_ref().and_then(|a| a.as_str()),
            )
        }
        None => match (number(v, unit), truth(q)) {
            (Some(x), Some(t)) => mean_relative_accuracy(x, t),
            _ => 0.0,
        },
    }
}

#[test]
fn questions_over_ground_truth() {
    let Some(dir) = data("vsi_arkit_dev") else { return };
    let start = Instant::now();
    let rows = question::read(&dir.join("questions.json").to_string_lossy()).unwrap();
    let mut scenes: BTreeMap<String, Scene> = BTreeMap::new();
    for id in
        reasmory_driver::importers::scenes(&dir.join("scenes.json"), Format::VsiMetadata).unwrap()
    {
        let options = ImportOptions { scene: Some(id.clone()), ..ImportOptions::default() };
        let got = import(&dir.join("scenes.json"), &options).unwrap();
        scenes.insert(id, Scene::new(got.memory));
    }
    assert_eq!(scenes.len(), 29);
    let imported = start.elapsed();
    let mut table: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut worst: BTreeMap<String, f64> = BTreeMap::new();
    let mut wrong = String::new();
    for q in &rows {
        let family = q.kind.clone().unwrap_or_default();
        let scene = &scenes[&q.scene_id().unwrap()];
        let plan = plan(&family, &q.question)
            .unwrap_or_else(|| panic!("no template fits {family}: {}", q.question));
        let report = check(&plan.program, Some(scene));
        let found = findings(&plan.program, &report.diagnostics);
        let got = if report.is_ok() {
            let program = compile(&plan.program, scene);
            let run = program.run(scene, RunOptions::default());
            let s = run
                .answer
                .as_ref()
                .map_or(0.0, |(v, unit)| score(q, v, plan.unit, printing(&program, *unit, scene)));
            if q.options.is_none()
                && let Some(e) = run.answer.as_ref().and_then(|a| error(q, &a.0, plan.unit))
            {
                let w = worst.entry(family.clone()).or_default();
                *w = w.max(e);
            }
            if s < 1.0 && q.options.is_some() {
                wrong += &format!("{:?} {} {:?}\n", q.id, q.question, run.answer);
            }
            s
        } else {
            wrong += &format!("{:?} {}\n{found}", q.id, plan.program);
            0.0
        };
        table.entry(family).or_default().push(got);
    }
    eprintln!("{:<30} {:>4} {:>8} {:>12}", "family", "n", "score", "worst error");
    let mut sum = 0.0;
    for (family, scores) in &table {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        sum += mean;
        let error = worst.get(family).map_or(String::new(), |w| format!("{:.2} %", 100.0 * w));
        eprintln!("{family:<30} {:>4} {mean:>8.4} {error:>12}", scores.len());
    }
    eprintln!("{:<30} {:>4} {:>8.4}", "mean of families", rows.len(), sum / table.len() as f64);
    eprintln!("imported in {imported:.2?}, all in {:.2?}", start.elapsed());
    eprintln!("{wrong}");
    for (family, least) in BOUNDS {
        let scores = &table[family];
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        assert!(mean >= least, "{family}: {mean} is under {least}");
    }
}

/// Every question is content with its own program, and none with a program of another family: of its own
/// text where the template fits, else of another question about the same room.
#[test]
fn questions_know_their_programs() {
    let Some(dir) = data("vsi_arkit_dev") else { return };
    let rows = question::read(&dir.join("questions.json").to_string_lossy()).unwrap();
    let mut scenes: BTreeMap<String, Scene> = BTreeMap::new();
    let (mut own, mut swapped) = (0, 0);
    let mut bad = String::new();
    for q in &rows {
        let id = q.scene_id().unwrap();
        let family = q.kind.as_deref().unwrap();
        let scene = scenes.entry(id.clone()).or_insert_with(|| {
            let options = ImportOptions { scene: Some(id.clone()), ..ImportOptions::default() };
            Scene::new(import(&dir.join("scenes.json"), &options).unwrap().memory)
        });
        let answers = |program: &str| {
            let options = options(Some(scene));
            let options = CheckOptions { question: Some(&q.asked), ..options };
            reasmory_driver::check(&source(program), options)
        };
        let program = plan(family, &q.question).unwrap().program;
        let report = answers(&program);
        if !report.diagnostics.is_empty() {
            bad += &format!("{:?} {program}{}", q.id, findings(&program, &report.diagnostics));
        }
        own += 1;
        for (other, _) in BOUNDS.iter().filter(|b| b.0 != family) {
            let of_text = plan(other, &q.question);
            let of_room = || {
                let fits = |r: &&Question| {
                    r.kind.as_deref() == Some(other) && r.scene_id().as_ref() == Some(&id)
                };
                rows.iter().find(fits).and_then(|r| plan(other, &r.question))
            };
            let Some(program) = of_text.or_else(of_room).map(|p| p.program) else { continue };
            swapped += 1;
            let report = answers(&program);
            let asked = |d: &Diagnostic| d.is_error() && d.code.info().level == Level::Question;
            if !report.diagnostics.iter().any(asked) {
                bad += &format!("{family} {:?} is content with\n{program}", q.id);
            }
        }
    }
    eprintln!("{own} programs of their own, {swapped} of other families");
    assert!(bad.is_empty(), "{bad}");
    assert!(own == 226 && swapped > 900, "{own} {swapped}");
}

/// The programs of the questions, on both engines.
#[test]
fn both_engines_agree_on_the_questions() {
    let Some(dir) = data("vsi_arkit_dev") else { return };
    let rows = question::read(&dir.join("questions.json").to_string_lossy()).unwrap();
    let mut scenes: BTreeMap<String, Scene> = BTreeMap::new();
    for q in rows.iter().step_by(3) {
        let id = q.scene_id().unwrap();
        let scene = scenes.entry(id.clone()).or_insert_with(|| {
            let options = ImportOptions { scene: Some(id), ..ImportOptions::default() };
            Scene::new(import(&dir.join("scenes.json"), &options).unwrap().memory)
        });
        let Some(p) = plan(q.kind.as_deref().unwrap_or(""), &q.question) else { continue };
        if check(&p.program, Some(scene)).is_ok() {
            let program = compile(&p.program, scene);
            assert_eq!(
                outcome(&program, scene, true).1,
                outcome(&program, scene, false).1,
                "{}",
                p.program
            );
        }
    }
}

/// The score tells wrong answers from right ones.
#[test]
fn wrong_answers_score_nothing() {
    let p = reasmory_driver::answer::Printing { ty: None, unit: None, metric: true };
    let length = reasmory_driver::types::Dim::LENGTH;
    let numeric = Question { answer: Some(2.0.into()), ..Question::default() };
    assert_eq!(score(&numeric, &AnswerValue::Quantity(3.2, length), "m", p), 0.0);
    assert_eq!(score(&numeric, &AnswerValue::Quantity(2.0, length), "cm", p), 0.0);
    assert_eq!(score(&numeric, &AnswerValue::Quantity(2.0, length), "m", p), 1.0);
    assert_eq!(score(&numeric, &AnswerValue::Bool(true), "m", p), 0.0);
    let choice = Question {
        answer: Some("B".into()),
        options: Some(vec!["A. left".into(), "B. right".into()]),
        ..Question::default()
    };
    let side = |name: &str| {
        AnswerValue::Direction(reasmory_driver::types::Direction::named(name).unwrap())
    };
    assert_eq!(score(&choice, &side("left"), "", p), 0.0);
    assert_eq!(score(&choice, &side("back"), "", p), 0.0);
    assert_eq!(score(&choice, &side("right"), "", p), 1.0);
}

#[test]
fn metric() {
    for (x, t, want) in [
        (1.0, 1.0, 1.0),
        (1.04, 1.0, 1.0),
        (1.06, 1.0, 0.9),
        (1.5, 1.0, 0.1),
        (1.6, 1.0, 0.0),
        (0.5, 1.0, 0.1),
    ] {
        assert!((mean_relative_accuracy(x, t) - want).abs() < 1e-9, "{x} {t}");
    }
}

#[test]
fn templates() {
    let p = plan(
        "object_rel_direction_hard",
        "If I am standing by the bathtub and facing the toilet, is the refrigerator to my front-left, \
         front-right, back-left, or back-right?",
    );
    let text = p.map(|p| p.program).unwrap_or_default();
    assert!(text.contains("stand(at=the(\"bathtub\"), facing=the(\"toilet\"))"), "{text}");
    assert!(text.contains("side(the(\"refrigerator\")"), "{text}");
}
