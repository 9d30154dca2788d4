//! The question layer: each rule holds its finding against a bad program, at its place, and nothing against
//! a good one; safe repairs repair; `options()` is the list it says it is.

use std::fmt::Write as _;

use reasmory_driver::diag::{CODES, Level};
use reasmory_driver::question::meet;
use reasmory_driver::sema::CheckOptions;
use reasmory_driver::{Dialect, RunOptions};
use reasmory_tests::programs::{
    answer_text, applied, check, compile, findings, options, printing, question as question_of,
    safe, source,
};
use reasmory_tests::scenes::scene;

const COUNT: &str = r#"{"question": "How many chairs are there?", "type": "count"}"#;
const COUNTING: &str = r#"{"question": "How many chairs?", "type": "object_counting"}"#;
const CM: &str = r#"{"question": "How long is the tv?", "type": "object_size_estimation"}"#;
const METERS: &str = r#"{"question": "How far apart are the tv and the sofa?", "unit": "meters"}"#;
const AREA: &str = r#"{"question": "How large is the room?", "type": "room_size_estimation"}"#;
const YES: &str = r#"{"question": "Can it be seen?", "type": "yes_no"}"#;
const ORDER: &str = r#"{"question": "Which come first?", "type": "obj_appearance_order",
"options": ["A. sofa, bed, tv", "B. tv, sofa, bed"]}"#;
const OPEN: &str = r#"{"question": "Where is the tv?", "type": "direction"}"#;
const SIDES: &str =
    r#"{"question": "Where is the tv?", "options": ["A. left", "B. right", "C. back"]}"#;
const MEDIUM: &str = r#"{"question": "Where is the tv?", "type": "object_rel_direction_medium",
"options": ["A. left", "B. right", "C. back"]}"#;
const HARD: &str = r#"{"question": "Where is the tv?", "type": "object_rel_direction_hard"}"#;
const THINGS: &str =
    r#"{"question": "Which is closest to the tv?", "options": ["A. sofa", "B. bed", "C. stove"]}"#;
const LENGTHS: &str = r#"{"question": "How far?", "options": ["A. 90 cm", "B. 0.9 m", "C. 3 m"]}"#;
const YES_NO: &str = r#"{"question": "Is it near?", "options": ["A. Yes", "B. No"]}"#;
const COLOURS: &str = r#"{"question": "Which?", "options": ["A. red", "B. blue"]}"#;
/// Stand at the sofa and face the stove; turn right, walk on; where is the tv?
const MOVES: &str = r#"{"question": "Stand at the sofa facing the stove, turn right and walk on.",
"decomposition": {"stand": {"at": "the sofa", "facing": "the stove"},
"motions": [{"motion": "turn right", "quote": "turn right"}, "step forward"],
"asked": {"relation": "direction", "reference": "viewer", "targets": ["tv"]}}}"#;
/// Stand at the sofa and face the stove; where is the tv?
const STAND: &str = r#"{"question": "Stand at the couch facing the stove. Where is the telly?",
"decomposition": {"stand": {"at": "couch", "facing": "stove"}, "asked": {"targets": ["telly"]}}}"#;
const AMOUNT: &str = r#"{"question": "Turn right by 30 degrees, step 1 m forward.",
"decomposition": {"stand": {"at": "photo 2"},
"motions": [{"motion": "turn right", "by": "30deg"}, {"motion": "step forward", "by": "1 m"}]}}"#;
/// The paper's own fields; what is on the left is asked.
const PAPER: &str = r#"{"question": "From image 1, turn around. What is to my left?",
"decomposition": {"Part1": {"position": "image 1", "orientation": "same as image 1"},
"Part2": [{"motion": "turn back", "grounding": "turn around"}],
"Part3": {"final_question": "What is to my left?", "contain_direction": "left",
"reference_entity": "camera", "target_object": null}}}"#;
const ANCHOR: &str = r#"{"question": "From the bed, which is closer, the tv or the sofa?",
"decomposition": {"stand": {"at": "bed"},
"asked": {"relation": "closest", "targets": ["tv", "sofa"]}}}"#;
const NEAR: &str = r#"{"question": "How far is the tv from the sofa?",
"decomposition": {"asked": {"relation": "distance", "reference": "sofa", "targets": ["tv"]}}}"#;

const ME: &str = "me = stand(at=the(\"sofa\"), facing=the(\"stove\"))\n";

/// Question, program, code, text at the finding. `ME` is written out.
type Row = (&'static str, &'static str, &'static str, &'static str);

const BAD: &[Row] = &[
    // Kind.
    (COUNT, "answer objects(\"chair\")", "E0702", "objects(\"chair\")"),
    (COUNT, "answer distance(\"tv\", to=\"sofa\")", "E0702", "distance(\"tv\", to=\"sofa\")"),
    (CM, "answer the(\"tv\")", "E0702", "the(\"tv\")"),
    (CM, "answer longest_side(the(\"tv\")) / 1cm", "E0702", "longest_side(the(\"tv\")) / 1cm"),
    (AREA, "answer room_height(room())", "E0702", "room_height(room())"),
    (METERS, "answer volume(the(\"tv\"))", "E0702", "volume(the(\"tv\"))"),
    (YES, "answer \"maybe\"", "E0702", "\"maybe\""),
    (OPEN, "ME answer bearing(the(\"tv\"), from=me)", "E0702", "bearing(the(\"tv\"), from=me)"),
    (ORDER, "answer the(\"tv\")", "E0702", "the(\"tv\")"),
    // Unit.
    (CM, "answer longest_side(the(\"tv\"))", "E0703", "longest_side(the(\"tv\"))"),
    (CM, "answer longest_side(the(\"tv\")) as m", "E0703", "longest_side(the(\"tv\")) as m"),
    (CM, "answer length(the(\"tv\")) + 2cm", "E0703", "length(the(\"tv\")) + 2cm"),
    (METERS, "d = distance(\"tv\", to=\"sofa\") as cm\nanswer d", "E0703", "d"),
    // Evidence.
    (COUNT, "show plan()", "E0704", "show plan()"),
    (THINGS, "show plan()\nshow top()", "E0704", "show top()"),
    (CM, "if 1 < 2 {\n  show plan()\n}", "E0704", "show plan()"),
    // options() without any.
    (COUNT, "answer options().count()", "E0705", "options()"),
    // Options.
    (COLOURS, "answer height(the(\"tv\"))", "E0701", "height(the(\"tv\"))"),
    (COLOURS, "ME answer side(the(\"tv\"), from=me)", "E0701", "side(the(\"tv\"), from=me)"),
    (COLOURS, "answer \"green\"", "E0701", "\"green\""),
    (COLOURS, "answer sees(photo(1), \"tv\")", "E0701", "sees(photo(1), \"tv\")"),
    (THINGS, "answer the(\"door\").category()", "E0701", "the(\"door\").category()"),
    (THINGS, "answer objects(\"chair\").largest()", "E0701", "objects(\"chair\").largest()"),
    (
        ORDER,
        "answer [\"sofa\", \"bed\"].sort_by(c => first_seen(c))",
        "E0701",
        "[\"sofa\", \"bed\"].sort_by(c => first_seen(c))",
    ),
    (
        ORDER,
        "answer [\"sofa\", \"bed\", \"stove\"].sort_by(c => first_seen(c))",
        "E0701",
        "[\"sofa\", \"bed\", \"stove\"].sort_by(c => first_seen(c))",
    ),
    // Outside, unreachable, alike.
    (SIDES, "ME answer side(the(\"tv\"), from=me)", "W0706", "side(the(\"tv\"), from=me)"),
    (
        SIDES,
        "ME answer side(the(\"tv\"), from=me, among=[left, right, back, front])",
        "W0706",
        "[left, right, back, front]",
    ),
    (
        THINGS,
        "answer objects().nearest(to=the(\"tv\")).category()",
        "W0706",
        "objects().nearest(to=the(\"tv\")).category()",
    ),
    (
        THINGS,
        "answer [\"sofa\", \"bed\", \"stove\", \"door\"].min_by(c => distance(c, to=\"tv\"))",
        "W0706",
        "[\"sofa\", \"bed\", \"stove\", \"door\"].min_by(c => distance(c, to=\"tv\"))",
    ),
    (
        THINGS,
        "answer [\"sofa\", \"bed\"].min_by(c => distance(c, to=\"tv\"))",
        "W0707",
        "[\"sofa\", \"bed\"]",
    ),
    (SIDES, "ME answer side(the(\"tv\"), from=me, among=[left, right])", "W0707", "[left, right]"),
    (LENGTHS, "answer height(the(\"tv\"))", "W0708", "height(the(\"tv\"))"),
    // Sectors.
    (MEDIUM, "ME answer side(the(\"tv\"), from=me)", "E0709", "side(the(\"tv\"), from=me)"),
    (MEDIUM, "ME answer side(the(\"tv\"), from=me, among=[left, right])", "E0709", "[left, right]"),
    (HARD, "ME answer side(the(\"tv\"), from=me, among=[left, back])", "E0709", "[left, back]"),
    (MEDIUM, "ME answer quadrant(the(\"tv\"), from=me)", "E0709", "quadrant(the(\"tv\"), from=me)"),
    // Stand.
    (
        STAND,
        "me = stand(at=the(\"bed\"), facing=the(\"stove\"))\nanswer side(the(\"tv\"), from=me)",
        "E0710",
        "the(\"bed\")",
    ),
    (
        STAND,
        "me = stand(at=the(\"stove\"), facing=the(\"sofa\"))\nanswer side(the(\"tv\"), from=me)",
        "E0710",
        "the(\"stove\")",
    ),
    (STAND, "answer height(the(\"tv\"))", "E0710", "height(the(\"tv\"))"),
    (
        AMOUNT,
        "v = photo(1).turn(right, by=30deg).step(forward, by=1m)\nshow ego(v)",
        "E0710",
        "photo(1)",
    ),
    (PAPER, "ME answer ahead(of=me.turn(back)).count()", "E0710", "the(\"sofa\")"),
    // Facing.
    (
        STAND,
        "me = stand(at=the(\"sofa\"), facing=the(\"tv\"))\nanswer side(the(\"tv\"), from=me)",
        "E0711",
        "the(\"tv\")",
    ),
    (
        STAND,
        "me = stand(at=the(\"sofa\"), facing=the(\"stove\")).look_at(the(\"bed\"))\n\
         answer side(the(\"tv\"), from=me)",
        "E0711",
        "the(\"bed\")",
    ),
    // Motions.
    (MOVES, "ME answer side(the(\"tv\"), from=me.turn(right))", "E0712", "me.turn(right)"),
    (MOVES, "ME answer side(the(\"tv\"), from=me.step(forward))", "E0712", "me"),
    (
        MOVES,
        "ME answer side(the(\"tv\"), from=me.turn(left).step(forward))",
        "E0712",
        ".turn(left)",
    ),
    (
        MOVES,
        "ME answer side(the(\"tv\"), from=me.turn(right).turn(up).step(forward))",
        "E0713",
        ".turn(up)",
    ),
    (STAND, "ME answer side(the(\"tv\"), from=turn(me, back))", "E0713", "turn(me, back)"),
    (
        MOVES,
        "ME answer side(the(\"tv\"), from=me.step(forward).turn(right))",
        "E0714",
        ".step(forward)",
    ),
    (
        MOVES,
        "ME\na = me.step(forward)\nb = a.turn(right)\nanswer side(the(\"tv\"), from=b)",
        "E0714",
        ".step(forward)",
    ),
    (AMOUNT, "show ego(photo(2).turn(right).step(forward, by=1m))", "E0715", ".turn(right)"),
    (AMOUNT, "show ego(photo(2).turn(right, by=30deg).step(forward, by=2m))", "E0715", "2m"),
    (PAPER, "show ego(photo(1).turn(left))", "E0712", ".turn(left)"),
    // Entities.
    (NEAR, "answer distance(the(\"bed\"), to=the(\"sofa\"))", "E0716", "\"bed\""),
    (NEAR, "answer distance(the(\"tv\"), to=the(\"bed\"))", "E0716", "\"bed\""),
    (STAND, "ME answer side(the(\"bed\"), from=me)", "E0716", "\"bed\""),
    (
        ANCHOR,
        "answer [\"tv\", \"sofa\"].min_by(c => distance(c, to=\"door\"))",
        "E0710",
        "[\"tv\", \"sofa\"].min_by(c => distance(c, to=\"door\"))",
    ),
    // Relation.
    (
        NEAR,
        "answer height(the(\"tv\")) + height(the(\"sofa\"))",
        "E0717",
        "height(the(\"tv\")) + height(the(\"sofa\"))",
    ),
    (
        CM,
        "answer distance(the(\"tv\"), to=the(\"sofa\")) as cm",
        "E0717",
        "distance(the(\"tv\"), to=the(\"sofa\")) as cm",
    ),
    (COUNTING, "answer 4", "E0717", "4"),
];

/// Question and program without a finding.
const GOOD: &[(&str, &str)] = &[
    (COUNT, "answer objects(\"chair\").count()"),
    (COUNT, "answer count_of(\"chair\")"),
    (COUNT, "answer objects(\"chair\").filter(c => height(c) > 80cm).count()"),
    (CM, "answer longest_side(the(\"tv\")) as cm"),
    (CM, "d = longest_side(the(\"tv\")) as cm\nanswer d"),
    (CM, "answer (length(the(\"tv\")) + 2cm) as cm"),
    (METERS, "answer distance(\"tv\", to=\"sofa\")"),
    (METERS, "answer distance(\"tv\", to=\"sofa\") as m"),
    (AREA, "answer room().floor_area()"),
    (YES, "answer sees(photo(1), \"tv\")"),
    (YES, "answer if sees(photo(1), \"tv\") { \"yes\" } else { \"no\" }"),
    (OPEN, "ME answer side(the(\"tv\"), from=me)"),
    (OPEN, "ME answer if bearing(\"tv\", from=me) < 0deg { \"left\" } else { \"right\" }"),
    ("{\"question\": \"What does it look like?\"}", "show plan()"),
    ("{\"question\": \"What does it look like?\", \"type\": \"text\"}", "show plan()"),
    (SIDES, "ME answer side(the(\"tv\"), from=me, among=[left, right, back])"),
    (SIDES, "ME answer side(the(\"tv\"), from=me, among=options())"),
    (MEDIUM, "ME answer side(the(\"tv\"), from=me, among=[back, left, right])"),
    (MEDIUM, "ME answer side(the(\"tv\"), from=me, among=options())"),
    (HARD, "ME answer quadrant(the(\"tv\"), from=me)"),
    (THINGS, "answer [\"sofa\", \"bed\", \"stove\"].min_by(c => distance(c, to=\"tv\"))"),
    (THINGS, "answer options().min_by(c => distance(objects(c), to=the(\"tv\")))"),
    (THINGS, "answer if sees(photo(1), \"tv\") { \"B\" } else { \"A\" }"),
    (THINGS, "answer [the(\"sofa\"), the(\"bed\"), the(\"stove\")].nearest(to=the(\"tv\"))"),
    (
        THINGS,
        "fn by_the_tv(xs: List<Object>) -> Object {\n  return xs.nearest(to=the(\"tv\"))\n}\n\
         answer by_the_tv([the(\"sofa\"), the(\"bed\"), the(\"stove\")])",
    ),
    (YES_NO, "answer is_near(the(\"tv\"), the(\"bed\"))"),
    (YES_NO, "answer if sees(photo(1), \"tv\") { options()[1] } else { options()[2] }"),
    (ORDER, "answer [\"sofa\", \"bed\", \"tv\"].sort_by(c => first_seen(c))"),
    (ORDER, "answer appearance_order([\"tv\", \"sofa\", \"bed\"])"),
    (STAND, "ME answer side(the(\"tv\"), from=me)"),
    (STAND, "answer side(\"tv\", from=stand(at=\"sofa\", facing=\"stove\"))"),
    (
        STAND,
        "fn seen(at: Object, x: Object) -> Direction {\n\
         \x20 return side(x, from=stand(at=at, facing=the(\"stove\")))\n}\n\
         answer seen(the(\"sofa\"), the(\"tv\"))",
    ),
    (
        STAND,
        "me = stand(at=objects(\"sofa\").largest(), facing=the(\"stove\"))\n\
         show ego(me.turn(left))\nanswer quadrant(the(\"tv\"), from=me)",
    ),
    (MOVES, "ME answer side(the(\"tv\"), from=me.turn(right).step(forward))"),
    (MOVES, "ME answer side(the(\"tv\"), from=me.turn(left, by=-90deg).step(forward, by=2m))"),
    (
        MOVES,
        "ME\na = me.turn(right)\nb = a.step(forward)\nshow ego(a)\nanswer side(the(\"tv\"), from=b)",
    ),
    // What is not known of a view is not held against it.
    (
        MOVES,
        "ME answer side(the(\"tv\"), from=me.turn(right).step(forward).orbit(around=\"tv\", by=3deg))",
    ),
    (AMOUNT, "show ego(photo(2).turn(right, by=30deg).step(forward, by=100cm))"),
    // A last turn towards what is asked about answers the question.
    (PAPER, "answer ahead(of=photo(1).turn(back)).count()"),
    (PAPER, "show ego(photo(1).view().turn(left, by=180deg).turn(left))"),
    (PAPER, "me = photo(1).view().turn(back).turn(left)\nanswer ahead(of=me).nearest(to=me)"),
    // A distance needs no eyes.
    (ANCHOR, "answer [\"tv\", \"sofa\"].min_by(c => distance(c, to=\"bed\"))"),
    (NEAR, "answer distance(the(\"tv\"), to=the(\"sofa\"))"),
    (
        NEAR,
        "answer objects().filter(o => category(o) == \"tv\").map(o => distance(o, to=\"sofa\")).min()",
    ),
];

fn text(question: &str, program: &str) -> String {
    let program = program.replace("ME ", ME).replace("ME\n", ME);
    format!("# question: {}\n{program}\n", question.replace('\n', " "))
}

#[test]
fn bad_programs_have_their_finding() {
    let mut bad = String::new();
    for (q, program, code, quoted) in BAD {
        let text = text(q, program);
        let d = check(&text, Some(scene("room"))).diagnostics;
        let fits =
            d.len() == 1 && d[0].code.id() == *code && d[0].primary.span.text(&text) == *quoted;
        if !fits {
            let _ = writeln!(bad, "{text}  want {code} `{quoted}`\n{}", findings(&text, &d));
        }
    }
    assert!(bad.is_empty(), "\n{bad}");
}

#[test]
fn good_programs_have_none() {
    let mut bad = String::new();
    for (q, program) in GOOD {
        let text = text(q, program);
        let d = check(&text, Some(scene("room"))).diagnostics;
        if !d.is_empty() {
            let _ = writeln!(bad, "{text}{}", findings(&text, &d));
        }
    }
    assert!(bad.is_empty(), "\n{bad}");
}

#[test]
fn every_rule_has_rows() {
    for c in CODES.iter().filter(|c| c.level == Level::Question) {
        assert!(BAD.iter().any(|r| r.2 == c.id), "{}", c.name);
    }
    assert!(BAD.len() >= 50 && GOOD.len() >= 40);
}

/// A safe repair leaves no finding of the question layer.
#[test]
fn safe_repairs_repair() {
    let mut bad = String::new();
    let mut tried = 0;
    for (q, program, ..) in BAD {
        let text = text(q, program);
        for (d, s) in safe(&check(&text, Some(scene("room"))).diagnostics) {
            tried += 1;
            let repaired = applied(&text, s);
            let mut after = check(&repaired, Some(scene("room"))).diagnostics;
            after.retain(|d| d.code.info().level == Level::Question || d.is_error());
            if !after.is_empty() {
                let found = findings(&repaired, &after);
                let _ = writeln!(bad, "{} `{}` gives\n{repaired}{found}", d.code.id(), s.title);
            }
        }
    }
    assert!(bad.is_empty(), "\n{bad}");
    assert!(tried >= 20, "{tried}");
}

/// Without a scene nothing is held against a good program either.
#[test]
fn good_programs_are_good_without_a_memory() {
    for (q, program) in GOOD {
        let text = text(q, program);
        let d = check(&text, None).diagnostics;
        assert!(d.is_empty(), "{text}{}", findings(&text, &d));
    }
}

#[test]
fn other_memories() {
    let d =
        check(&text(CM, "answer longest_side(the(\"tv\"))"), Some(scene("relative"))).diagnostics;
    assert_eq!(d.iter().map(|d| d.code.id()).collect::<Vec<_>>(), ["E0404"]);
}

/// The other layers speak first, and the question layer keeps quiet about what they hide.
#[test]
fn layers_do_not_hide_each_other() {
    let codes = |q: &str, program: &str| {
        let text = text(q, program);
        let d = check(&text, Some(scene("room"))).diagnostics;
        d.iter().map(|d| d.code.id()).collect::<Vec<_>>()
    };
    assert_eq!(codes(COUNT, "answer objects(\"piano\")"), ["E0702", "E0501"]);
    assert_eq!(codes(MOVES, "answer side(the(\"tv\"), from=mee)"), ["E0202"]);
    assert_eq!(codes(CM, "answer longest_side(tv)"), ["E0202"]);
    let two = "n = objects(\"piano\").count()\nanswer longest_side(the(\"tv\"))";
    assert_eq!(codes(CM, two), ["W0801", "E0501", "E0703"]);
    // The two places exchanged, a move left out, and another thing asked about.
    let three = "me = stand(at=the(\"stove\"), facing=the(\"sofa\")).turn(right)\n\
                 answer side(the(\"bed\"), from=me)";
    assert_eq!(codes(MOVES, three), ["E0712", "E0710", "E0716"]);
}

/// The list that `options()` is, by the type of what it holds.
#[test]
fn options_are_values() {
    let ask = |options: &str, program: &str| {
        let question = format!("{{\"question\": \"?\", \"options\": {options}}}");
        answer_text(&text(&question, program), scene("room"))
    };
    let things = "[\"A. the couch\", \"B. TV\", \"C. stove\"]";
    let nearest = "answer options().min_by(c => distance(objects(c), to=the(\"refrigerator\")))";
    assert_eq!(ask(things, nearest), "stove");
    assert_eq!(ask(things, "answer options().first()"), "sofa");
    let chosen = |options: &str, program: &str| {
        let question = format!("{{\"question\": \"?\", \"options\": {options}}}");
        let (text, s) = (text(&question, program), scene("room"));
        let asked = question_of(&text).unwrap();
        let program = compile(&text, s);
        let report = program.run(s, RunOptions::default());
        let (v, unit) = report.answer.as_ref().unwrap();
        meet(v, printing(&program, *unit, s), asked.options.as_deref().unwrap())
    };
    assert_eq!(chosen(things, "answer options().first()").as_deref(), Some("A"));
    assert_eq!(chosen(things, nearest).as_deref(), Some("C"));
    assert_eq!(chosen(things, "answer the(\"sofa\")").as_deref(), Some("A"));
    let sides = "[\"A. left\", \"B. right\", \"C. behind\"]";
    let side = "ME answer side(the(\"tv\"), from=me, among=options())";
    assert_eq!(ask(sides, side), "left");
    assert_eq!(ask(sides, "answer options().last()"), "back");
    let lengths = "[\"A. 90 cm\", \"B. 150 cm\", \"C. 2.1 m\"]";
    assert_eq!(ask(lengths, "answer options().max()"), "210 cm");
    assert_eq!(
        ask(lengths, "d = longest_side(the(\"tv\"))\nanswer options().min_by(x => abs(x - d))"),
        "90 cm"
    );
    assert_eq!(ask("[\"3\", \"4\"]", "answer options().filter(n => n > 3).first()"), "4");
    assert_eq!(ask("[\"A. Yes\", \"B. No\"]", "answer options().last()"), "no");
    // What the memory lacks is said where the options are taken.
    let text = text(
        "{\"question\": \"?\", \"options\": [\"A. piano\", \"B. tv\"]}",
        "answer options().min_by(c => distance(objects(c), to=the(\"sofa\")))",
    );
    let d = check(&text, Some(scene("room"))).diagnostics;
    assert_eq!(findings(&text, &d), "E0501 `options()` the memory has no `piano`\n");
}

/// A plan of the paper is held to the moves of its question, and may only show: a model reads its pictures.
#[test]
fn plans_are_held_to_their_moves() {
    let file = reasmory_tests::corpus::root().join("tests/cases/paper/turn_step_and_look.py");
    let plan = source(&std::fs::read_to_string(file).unwrap()).in_dialect(Dialect::Paper);
    let codes = |motions: &[&str]| {
        let part2: Vec<_> =
            motions.iter().map(|m| serde_json::json!({"motion": m, "grounding": "Move"})).collect();
        let question = serde_json::json!({
            "question": "Move. What do you see?",
            "options": ["A. sofa", "B. bed"],
            "decomposition": {
                "Part1": {"position": "image 2", "orientation": "same as image 2"},
                "Part2": part2,
                "Part3": {"final_question": "What do you see?"},
            },
        });
        let asked = reasmory_driver::question::of_value("q", &question).unwrap().asked;
        let options = options(Some(scene("room")));
        let options = CheckOptions { question: Some(&asked), ..options };
        let found = reasmory_driver::check(&plan, options).diagnostics;
        found.iter().map(|d| d.code.id()).collect::<Vec<_>>()
    };
    let moves = ["turn right", "step forward", "step forward", "turn down"];
    assert_eq!(codes(&moves), Vec::<&str>::new());
    assert_eq!(codes(&moves[..3]), ["E0713"]);
    assert_eq!(codes(&["turn left", "step forward", "step forward", "turn down"]), ["E0712"]);
    assert_eq!(codes(&["step forward", "turn right", "step forward", "turn down"]), ["E0714"]);
}
