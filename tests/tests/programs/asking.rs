//! Questions in words over the standard scenes, from question to answer, on both engines.

use reasmory_driver::ask::ask;
use reasmory_driver::conclude::Setting;
use reasmory_driver::question::{Question, of_value};
use reasmory_driver::{Config, Engine, RunOptions};
use reasmory_tests::scenes::{NAMES, scene};
use serde_json::json;

fn question(text: &str, options: &[&str]) -> Question {
    let options = (!options.is_empty()).then_some(options);
    of_value("question", &json!({"question": text, "options": options})).unwrap()
}

/// What people read: the option, else the answer, else the status.
fn said(text: &str, options: &[&str], place: &str) -> String {
    let q = question(text, options);
    let outputs = [Engine::Jit, Engine::Interp].map(|engine| {
        let setting = Setting {
            config: &Config::default(),
            trace: false,
            scene: scene(place),
            question: None,
            model: None,
            options: RunOptions { engine, ..RunOptions::default() },
            out: None,
        };
        ask(&q, setting, false).unwrap()
    });
    assert_eq!(outputs[0].document, outputs[1].document, "{text}");
    let [done, _] = outputs;
    match &done.run {
        None => done.plan.unwrap_err().name().to_owned(),
        Some((source, run)) => {
            let errors = || source.render(&run.report.diagnostics);
            run.option.clone().or(run.text.clone()).unwrap_or_else(|| {
                format!("{}\n{}{}", run.report.status.name(), source.text, errors())
            })
        }
    }
}

/// The answers can be read off `scenes::PIECES`.
#[test]
fn answers_over_room() {
    let mut bad = String::new();
    for (text, options, wanted) in [
        ("How many chairs are in this room?", &[][..], "4"),
        ("How many chairs are taller than 85 cm?", &[], "3"),
        ("How many things are on the nightstand?", &[], "1"),
        ("What is on the nightstand?", &[], "lamp #1"),
        ("Is there a chair within 1 m of the tv?", &[], "yes"),
        ("How tall is the fridge?", &[], "180 cm"),
        ("How tall is the fridge in metres?", &["A. 0.9 m", "B. 1.8 m"], "B"),
        ("How much taller is the refrigerator than the stove?", &[], "90 cm"),
        ("What is the size of this room (in square meters)?", &[], "20 m2"),
        ("How high is the ceiling?", &[], "2.5 m"),
        ("How far is the table from the stove?", &[], "1.415 m"),
        ("How far is the sofa from the nearest chair?", &[], "0.275 m"),
        (
            "Which of these objects (sofa, bed, door) is closest to the stove?",
            &["A. sofa", "B. bed", "C. door"],
            "C",
        ),
        ("Which chair is farthest from the tv?", &[], "chair #3"),
        ("What is the largest object?", &[], "bed"),
        ("Which is taller, the sofa or the tv?", &["A. tv", "B. sofa"], "B"),
        ("Is the table between the sofa and the tv?", &[], "yes"),
        // At the sofa, facing the tv: +Y is ahead, the stove is at the right.
        (
            "Standing at the sofa and facing the tv, is the stove to my left or right?",
            &["A. left", "B. right"],
            "B",
        ),
        (
            "Standing at the sofa facing the tv, where is the bed?",
            &["A. front-left", "B. front-right", "C. back-left", "D. back-right"],
            "A",
        ),
        (
            "Standing at the bed and facing the tv, is the sofa to my left, right, or back?",
            &[],
            "right",
        ),
        (
            "Standing at the sofa and facing the tv, is the door to the right of the table?",
            &[],
            "yes",
        ),
        // The sofa's front is +Y: an observer who looks at it has -X at the right.
        ("Is the bed to the left of the sofa?", &[], "no"),
        ("Is the bed to the left or right of the sofa?", &["A. left", "B. right"], "B"),
        ("Is the bed to the left of the tv?", &[], "no_front"),
        ("Can I see the tv from the sofa?", &[], "yes"),
        ("How many photos are there?", &[], "3"),
        ("How far is the bed from the lamp?", &[], "several"),
        ("How tall is the piano?", &[], "unknown_noun"),
        ("Who lives here?", &[], "outside"),
        ("How fast is the bed moving?", &[], "missing_operation"),
        ("Can a robot that is 40 cm wide get from the bed to the door?", &[], "yes"),
        ("Can a robot that is 80 cm wide get from the bed to the door?", &[], "no"),
        ("Which way did the camera turn from photo 1 to photo 2?", &["A. Left", "B. Right"], "A"),
        (
            "You are a robot beginning at the sofa and facing the table. You want to navigate to the stove. You will perform the following actions (Note: for each [please fill in], choose either 'turn back,' 'turn left,' or 'turn right.'): 1. Go forward until the table. 2. [please fill in] 3. Go forward until the stove. You have reached the final destination.",
            &["A. Turn Left", "B. Turn Back", "C. Turn Right"],
            "C",
        ),
    ] {
        let got = said(text, options, "room");
        if got != wanted {
            bad += &format!("{text}\n  {got}\n  wanted {wanted}\n");
        }
    }
    assert!(bad.is_empty(), "{bad}");
}

/// Every family's example over every standard scene: it is answered, or refused, or the checker says what the
/// memory lacks; never a bug of ours.
#[test]
fn examples_over_every_scene() {
    for f in reasmory_driver::planner::families() {
        for place in NAMES {
            let got = said(f.example, &[], place);
            assert!(
                !got.contains("E9901") && !got.starts_with("failed"),
                "{} on {place}: {got}",
                f.name
            );
        }
    }
}

/// A memory without photos refuses what needs them, and says so.
#[test]
fn what_needs_photos_says_so() {
    let text = "What will be the first-time appearance order of the following categories in the video: tv, \
                sofa, bed?";
    let got = said(text, &[], "boxes");
    assert!(got.starts_with("rejected") && got.contains("E0506"), "{got}");
    let got = said("From photo 1, if I turn right, what is in front of me?", &[], "boxes");
    assert!(got.starts_with("rejected"), "{got}");
}
