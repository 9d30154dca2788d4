use serde_json::json;

use super::*;
use crate::Truth;

fn one(benchmark: Benchmark, row: &Value) -> Item {
    parse(benchmark, "q", &row.to_string()).unwrap().remove(0)
}

#[test]
fn rows_of_vsi_bench() {
    let q = one(
        Benchmark::VsiBench,
        &json!({"id": 5, "dataset": "arkitscenes", "scene_name": "41069025",
                "question_type": "object_rel_direction_hard", "question": "Where is the sofa?",
                "options": ["A. front-left", "B. back-right"], "ground_truth": "B"}),
    );
    assert_eq!((q.scene.as_deref(), q.truth), (Some("41069025"), Ok(Truth::Letter('B'))));
    assert_eq!((q.family.as_str(), q.id), ("object_rel_direction_hard", json!(5)));
    let q = one(
        Benchmark::VsiBench,
        &json!({"id": 6, "scene_name": "s", "question_type": "object_counting",
                "question": "How many chair(s)?", "options": null, "ground_truth": "4"}),
    );
    assert_eq!(q.truth, Ok(Truth::Number(4.0)));
    let q = one(
        Benchmark::VsiBench,
        &json!({"problem_id": 7, "problem": "Left or right?", "problem_type": "multiple choice",
                "original_question_type": "object_rel_direction_easy",
                "options": ["A. left", "B. right"], "solution": "<answer>A</answer>",
                "path": "./x/41159572.mp4"}),
    );
    assert_eq!((q.scene.as_deref(), q.truth), (Some("41159572"), Ok(Truth::Letter('A'))));
}

#[test]
fn rows_of_choices() {
    let q = one(
        Benchmark::MindCube,
        &json!({"id": "among_group001_q0_1_2", "category": ["P"], "type": "x",
                "question": "What is behind me? A. Sofa B. TV", "gt_answer": "B", "images": []}),
    );
    assert_eq!((q.family.as_str(), q.truth), ("among", Ok(Truth::Letter('B'))));
    assert_eq!(q.question.options.unwrap(), ["A. Sofa", "B. TV"]);
    assert_eq!(q.scene.as_deref(), Some("among_group001_q0_1_2"));
    let q = one(
        Benchmark::MmsiBench,
        &json!({"id": 3, "question_type": "Motion (Cam.)", "answer": "A", "scene": "here",
                "question": "Which way?\nOptions: A: Left, B: Right, C: Up, D: Down"}),
    );
    assert_eq!((q.scene.as_deref(), q.truth), (Some("here"), Ok(Truth::Letter('A'))));
    let q = one(
        Benchmark::ViewSpatial,
        &json!({"question_type": "Camera perspective - Relative Direction", "question": "Where?",
                "image_path": ["ViewSpatial-Bench/scannetv2_val/scene0011_00/original_images/2.jpg"],
                "answer": "D. front", "choices": "A. right\nB. front-up\nC. back-left\nD. front"}),
    );
    assert_eq!((q.scene.as_deref(), q.truth), (Some("scene0011_00"), Ok(Truth::Letter('D'))));
    assert_eq!(q.id, json!("row-1"));
    for (id, video, answer, family) in [
        ("validation_160", "x/videos_real/davis/city-ride.mp4", "left", "real exo-centric"),
        ("validation_923", "x/videos_real/ego/a.mp4", "left", "real ego-centric"),
        ("synthetic_1", "x/videos_synthetic/a.mp4", "left", "synthetic directional"),
        ("synthetic_2", "x/videos_synthetic/a.mp4", "no dog there", "synthetic false positive"),
    ] {
        let q = one(
            Benchmark::Vlm4d,
            &json!({"id": id, "video": video, "question_type": "multiple-choice",
                    "question": "Which way?", "answer": answer,
                    "choices": {"A": "not moving", "B": "left", "C": "no dog there"}}),
        );
        assert_eq!(q.family, family);
        assert!(q.truth.is_ok());
    }
}

#[test]
fn sqa3d_in_two_files_or_one() {
    let questions = json!({"questions": [
        {"scene_id": "scene0380_00", "situation": "I am by the desk. ",
         "question": "What is behind me?", "question_id": 1, "alternative_situation": []},
        {"scene_id": "scene0380_00", "situation": "", "question": "Is it so?", "question_id": 2}]});
    let annotations = json!({"annotations": [
        {"question_id": 1, "answers": [{"answer": "table", "answer_id": 1}]}]});
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v1_balanced_questions_test.json");
    std::fs::write(&path, questions.to_string()).unwrap();
    let beside = dir.path().join("v1_balanced_sqa_annotations_test.json");
    std::fs::write(beside, annotations.to_string()).unwrap();
    let items = read(Benchmark::Sqa3d, &path.to_string_lossy()).unwrap();
    assert_eq!(items[0].truth, Ok(Truth::Text(vec!["table".into()])));
    assert_eq!(items[0].question.question, "I am by the desk. What is behind me?");
    assert_eq!((items[0].family.as_str(), items[1].family.as_str()), ("what", "is"));
    assert_eq!(items[1].truth, Err("the row states no answer".to_owned()));
    let merged = r#"[{"scene_id": "s", "question": "Can I?", "answers": ["yes", "sure"]}]"#;
    let items = parse(Benchmark::Sqa3d, "q", merged).unwrap();
    assert_eq!(items[0].truth, Ok(Truth::Text(vec!["yes".into(), "sure".into()])));
}

#[test]
fn own_rows() {
    let q = |v: Value| one(Benchmark::Jsonl, &v).truth;
    assert_eq!(q(json!({"question": "?", "answer": 2})), Ok(Truth::Number(2.0)));
    assert_eq!(
        q(json!({"question": "?", "type": "length", "answer": "2.5"})),
        Ok(Truth::Number(2.5))
    );
    assert_eq!(q(json!({"question": "?", "answer": "red"})), Ok(Truth::Text(vec!["red".into()])));
    assert_eq!(
        q(json!({"question": "?", "options": ["A. x", "B. y"], "answer": "y"})),
        Ok(Truth::Letter('B'))
    );
    assert!(q(json!({"question": "?", "options": ["A. x", "B. y"], "answer": "z"})).is_err());
}

#[test]
fn rows_that_cannot_be_used_stay() {
    let items =
        parse(Benchmark::Jsonl, "q", "{\"question\": \"?\", \"answer\": 1}\nno\n{}").unwrap();
    assert_eq!(items.len(), 3);
    assert!(items[1].truth.as_ref().is_err_and(|e| e.starts_with("line 2 is not JSON")));
    assert!(items[2].truth.is_err());
    assert_eq!(items[2].id, json!("row-3"));
    for text in ["", "nothing", "3"] {
        assert!(parse(Benchmark::VsiBench, "q", text).is_err(), "{text}");
    }
    // The place is part of what identifies an item.
    let twice =
        parse(Benchmark::Jsonl, "q", "{\"question\": \"?\"}\n{\"question\": \"?\"}").unwrap();
    assert_ne!(twice[0].digest, twice[1].digest);
}

#[test]
fn no_bytes_make_a_reader_panic() {
    let seeds = [
        "[{\"id\": 1, \"question\": \"A: x B: y\", \"gt_answer\": \"A\"}]",
        "{\"questions\": [{\"question_id\": 1}], \"annotations\": [{\"question_id\": 1}]}",
        "{\"choices\": {\"A\": 1}, \"answer\": \"A\", \"question\": \"q\", \"image_path\": [\"\"]}",
        "{\"question_type\": \"object_counting\", \"ground_truth\": \"inf\", \"question\": \"x\"}",
    ];
    for seed in seeds {
        fuzz_questions(seed.as_bytes());
        for at in 0..seed.len() {
            let mut bytes = seed.as_bytes().to_vec();
            bytes[at] = b"\"{[,:\xc3A."[at % 8];
            fuzz_questions(&bytes);
            fuzz_questions(&bytes[..at]);
        }
    }
}
