use reasmory_sema::question::{Anchor, Kind, Motion, Reference, Relation};
use reasmory_types::{Dim, Direction};

use super::*;

fn one(text: &str) -> Question {
    parse("q.json", text).unwrap_or_else(|e| panic!("{e}")).remove(0)
}

fn error(text: &str) -> String {
    parse("q.json", text).map(|q| format!("{q:?}")).unwrap_err().to_string()
}

#[test]
fn own_rows_and_the_benchmarks() {
    let q =
        one(r#"{"id": 3, "question": "How long is it?", "type": "length", "unit": "centimeters"}"#);
    assert_eq!(
        (q.id_text().as_deref(), q.asked.kind),
        (Some("3"), Some(Kind::Measure(Dim::LENGTH)))
    );
    assert_eq!(q.asked.unit.map(|u| u.name), Some("cm"));
    let q = one(
        r#"[{"problem_id": 7, "problem": "Left or right?", "problem_type": "multiple choice",
            "original_question_type": "object_rel_direction_easy", "options": ["A. left", "B. right"],
            "solution": "<answer>A</answer>", "path": "./x/41159572.mp4", "data_type": "video",
            "process": ""}]"#,
    );
    assert_eq!(q.scene_id().as_deref(), Some("41159572"));
    assert_eq!(q.asked.kind, Some(Kind::Direction));
    assert_eq!(q.asked.family.map(|f| f.among.len()), Some(2));
    let q = one(r#"{"question": "?", "unit": "m2", "options": null, "type": null}"#);
    assert_eq!(q.asked.kind, Some(Kind::Measure(Dim::AREA)));
    // The family of another benchmark says nothing.
    assert_eq!(one(r#"{"question": "?", "type": "around"}"#).asked.kind, None);
}

#[test]
fn mistakes_are_reported_where_they_stand() {
    for (text, wanted) in [
        ("[1", "q.json: is not JSON: "),
        ("[{\"question\": \"?\"}, 3]", "q.json: $[1]: expected an object, found a number; "),
        ("{}", "q.json: $: `question` is missing; give the question's text as `question`"),
        ("{\"question\": \" \"}", "q.json: $.question: the text is empty; "),
        (
            "{\"question\": \"?\", \"optons\": [\"A. x\"]}",
            "q.json: $: there is no field `optons`; did you mean `options`?",
        ),
        (
            "{\"question\": \"?\", \"options\": [\"A. x\", 2]}",
            "q.json: $.options[1]: expected a text, found a number; write a text (spec/questions.md)",
        ),
        (
            "{\"question\": \"?\", \"type\": \"conut\"}",
            "q.json: $.type: `conut` is no kind of question; did you mean `count`?",
        ),
        ("{\"question\": \"?\", \"unit\": \"apples\"}", "q.json: $.unit: `apples` is no unit; "),
        (
            "{\"question\": \"?\", \"type\": \"length\", \"unit\": \"m2\"}",
            "q.json: $.unit: `m2` is a unit of Area, and the question asks for a length; ",
        ),
        (
            "{\"question\": \"?\", \"type\": \"count\", \"unit\": \"m\"}",
            "q.json: $.unit: `m` is a unit of Length, and the question asks for a count; ",
        ),
        (
            "{\"question\": \"?\", \"problem\": \"?\"}",
            "q.json: $.problem: `problem` says the same as `question`, and both are given; ",
        ),
        ("{\"question\": \"?\", \"id\": [1]}", "q.json: $.id: an id is a text or a number; "),
    ] {
        let got = error(text);
        assert!(got.starts_with(wanted), "{text}\n{got}\n{wanted}");
    }
}

fn spelled(decomposition: &str) -> String {
    let ask = "Stand by the sofa, turn right by 30 degrees and walk on. What is there?";
    format!(r#"{{"question": "{ask}", "decomposition": {decomposition}}}"#)
}

#[test]
fn both_decompositions_say_the_same() {
    let ours = one(&spelled(
        r#"{"stand": {"at": "the sofa", "facing": "tv"},
            "motions": [{"motion": "turn right", "quote": "turn  Right"}, "step forward"],
            "asked": {"direction": "behind", "reference": "camera", "targets": ["lamp"]}}"#,
    ));
    let d = ours.asked.decomposition.unwrap();
    let papers = one(&spelled(
        r#"{"Part1": {"position": "the sofa", "orientation": "facing tv"},
            "Part2": [{"motion": "turn right", "grounding": "turn right"},
                      {"motion": "step forward", "grounding": "walk on"}],
            "Part3": {"final_question": "What is there?", "contain_direction": "behind",
                      "reference_entity": "camera", "target_object": ["lamp"]}}"#,
    ));
    let p = papers.asked.decomposition.unwrap();
    assert_eq!((&d.at, &d.facing), (&p.at, &p.facing));
    assert_eq!(d.facing, Some(Anchor::Thing("tv".into())));
    let words = |m: &[Motion]| m.iter().map(Motion::words).collect::<Vec<_>>();
    assert_eq!(words(&d.motions), ["turn right", "step forward"]);
    assert_eq!(words(&d.motions), words(&p.motions));
    assert_eq!((d.direction, p.direction), (Some(Direction::Back), Some(Direction::Back)));
    assert_eq!((&d.reference, &p.reference), (&Some(Reference::Viewer), &Some(Reference::Viewer)));
    assert_eq!(d.targets, p.targets);
}

#[test]
fn photos_amounts_and_relations() {
    let d = one(&spelled(
        r#"{"stand": {"at": "the second image", "facing": "same as image 2"},
            "motions": [{"motion": "turn right", "by": "30 degrees"}],
            "asked": {"relation": "left of"}}"#,
    ))
    .asked
    .decomposition
    .unwrap();
    assert_eq!((d.at, d.facing), (Some(Anchor::Photo(2)), Some(Anchor::Photo(2))));
    assert_eq!(d.motions[0].by.map(|b| (b.0, b.1.name)), Some((30.0, "deg")));
    assert_eq!(d.relation, Some(Relation::Direction));
}

#[test]
fn mistakes_of_decompositions() {
    for (text, wanted) in [
        ("[]", "$.decomposition: expected an object, found a list; "),
        ("{\"Part1\": {}}", "$.decomposition: `Part2` is missing; "),
        ("{\"stnad\": {}}", "$.decomposition: there is no field `stnad`; did you mean `stand`?"),
        (
            "{\"stand\": {\"at\": \"unknown\"}}",
            "$.decomposition.stand.at: `unknown` says nothing; write `arbitrary`",
        ),
        ("{\"stand\": {\"at\": \"image 0\"}}", "$.decomposition.stand.at: there is no image 0; "),
        (
            "{\"motions\": [\"turn rihgt\"]}",
            "$.decomposition.motions[0]: `turn rihgt` is no motion; did you mean `turn right`?",
        ),
        (
            "{\"motions\": [{\"motion\": \"turn right\", \"quote\": \"spin around\"}]}",
            "$.decomposition.motions[0].quote: the question does not say `spin around`; ",
        ),
        (
            "{\"motions\": [{\"motion\": \"turn right\", \"by\": \"2 m\"}]}",
            "$.decomposition.motions[0].by: `2 m` is not an angle above zero; ",
        ),
        (
            "{\"asked\": {\"direction\": \"sideways\"}}",
            "$.decomposition.asked.direction: `sideways` is no direction; ",
        ),
        (
            "{\"asked\": {\"relation\": \"closset\"}}",
            "$.decomposition.asked.relation: `closset` is no relation; did you mean `closest`?",
        ),
        ("{\"asked\": {\"targets\": [1]}}", "$.decomposition.asked.targets[0]: expected a text"),
        (
            "{\"Part1\": {\"position\": \"sofa\", \"orientation\": \"arbitrary\"}, \"Part2\": [], \
             \"Part3\": {\"target_object\": null}}",
            "$.decomposition.Part3: `final_question` is missing; ",
        ),
    ] {
        let got = error(&spelled(text));
        let wanted = format!("q.json: {wanted}");
        assert!(got.starts_with(&wanted), "{text}\n{got}\n{wanted}");
    }
}

#[test]
fn one_of_many() {
    let all = || {
        parse("q.json", r#"[{"id": "a", "question": "1?"}, {"id": 2, "question": "2?"}]"#).unwrap()
    };
    assert_eq!(choose("q.json", all(), Some("2")).unwrap().question, "2?");
    let e = choose("q.json", all(), None).unwrap_err().to_string();
    assert_eq!(e, "q.json: holds 2 questions, and one is meant; name it by its id: `q.json#a`");
    let e = choose("q.json", all(), Some("b")).unwrap_err().to_string();
    assert!(e.starts_with("q.json: has no question with the id `b`; "), "{e}");
    assert!(choose("q.json", vec![], None).is_err());
    assert_eq!(split_id("missing.json#a#b"), ("missing.json#a", Some("b")));
    assert_eq!(split_id("missing.json"), ("missing.json", None));
}
