use serde_json::json;

use super::*;
use crate::run::{Picture, Record};

fn outcome(family: &str, score: f64, stage: Stage, note: &str) -> Outcome {
    let record = Record {
        error: None,
        deviation: None,
        id: json!(format!("{family}-1")),
        family: family.to_owned(),
        scene: None,
        question: "Is <b> | \"it\"?".to_owned(),
        options: vec!["A. <x>".to_owned()],
        program: "answer 1 < 2\n".to_owned(),
        answer: json!({"type": "Bool", "value": true, "text": "true", "option": "A"}),
        truth: json!("A"),
        score,
        refined: None,
        stage,
        status: Some("answered".to_owned()),
        note: note.to_owned(),
        diagnostics: String::new(),
        plan: None,
        pictures: vec![],
        usage: None,
    };
    Outcome { record, seconds: [0.5, 1.0] }
}

fn outcomes() -> Vec<Outcome> {
    vec![
        outcome("object_counting", 1.0, Stage::Answered, ""),
        outcome("object_counting", 0.4, Stage::Answered, ""),
        outcome("object_rel_direction_easy", 1.0, Stage::Answered, ""),
        outcome("object_rel_direction_hard", 0.0, Stage::Plan, "none of the families"),
        outcome("object_rel_direction_hard", 0.0, Stage::Skipped, "states no answer"),
    ]
}

#[test]
fn figures() {
    let all = outcomes();
    let r = Report::new(Benchmark::VsiBench, json!({}), &all, false);
    assert_eq!(r.all.items, 5);
    assert!((r.all.score - 2.4 / 5.0).abs() < 1e-12);
    // Counting 0.7; direction the mean of 1 and 0.
    assert!((r.overall.0 - 0.6).abs() < 1e-12, "{:?}", r.overall);
    assert_eq!(r.skipped["states no answer"], 1);
    // What is lost and what is scored are all items.
    let lost: f64 = r.all.lost.iter().sum();
    assert!((lost + r.all.score * 5.0 - 5.0).abs() < 1e-12);
    assert_eq!(r.all.lost[2], 1.0);
    let counting = &r.families[0];
    assert_eq!((counting.interval.kind, counting.lost[5]), ("bootstrap", 0.6));
    assert_eq!(r.families[1].interval.kind, "wilson");
    let r = Report::new(Benchmark::Jsonl, json!({}), &all, false);
    assert_eq!(r.overall.0, r.all.score);
}

#[test]
fn times_stand_in_no_report_unasked() {
    let all = outcomes();
    let mut later = all.clone();
    later.iter_mut().for_each(|o| o.seconds = [9.0, 9.0]);
    let text = |o: &[Outcome], timings| {
        let r = Report::new(Benchmark::VsiBench, json!({}), o, timings);
        format!("{}{}{}{}", r.json(), markdown(&r), html(&r, None), r.rows())
    };
    assert_eq!(text(&all, false), text(&later, false));
    assert_ne!(text(&all, true), text(&later, true));
}

#[test]
fn nothing_of_a_question_becomes_markup() {
    let mut all = outcomes();
    all[1].record.pictures = vec![Picture { file: "p/<1>.png".into(), caption: "<c>".into() }];
    let r = Report::new(Benchmark::VsiBench, json!({"planner": "<p>"}), &all, false);
    let page = html(&r, None);
    assert!(page.contains("Is &lt;b&gt; | &quot;it&quot;?") && page.contains("&lt;c&gt;"));
    assert!(!page.contains("<b> |") && !page.contains("<x>") && !page.contains("<c>"));
    assert!(page.contains("answer 1 &lt; 2"));
    // Self-contained: nothing is fetched.
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"));
    let md = markdown(&r);
    let head = md.lines().find(|l| l.starts_with("| family")).unwrap();
    let cells = |l: &str| l.replace("\\|", "").matches('|').count();
    assert!(
        md.lines()
            .filter(|l| l.starts_with("| object_counting |"))
            .all(|l| cells(l) == cells(head))
    );
}
