//! Small bad programs: each gives exactly its finding at exactly its place; several planted errors are all
//! found in one pass; every safe repair repairs; and good programs have no findings.

use std::fmt::Write as _;

use reasmory_driver::diag::CODES;
use reasmory_tests::programs::{check, findings, safe};
use reasmory_tests::scenes::scene;

/// A program, the scene it is checked against (`-` for none), and its only finding: code and quoted text.
type Defect = (&'static str, &'static str, &'static str, &'static str);

const LEXICAL: &[Defect] = &[
    ("answer 1 $ 2", "-", "E0001", "$"),
    ("answer \"chair", "-", "E0002", "\"chair"),
    ("answer 99999999999999999999", "-", "E0003", "99999999999999999999"),
    ("answer 3parsec", "-", "E0004", "3parsec"),
    ("answer objects(\"chair\").all(c => height(c) < 2meters)", "-", "E0004", "2meters"),
];

const SYNTAX: &[Defect] = &[
    ("answer 1 +", "-", "E0102", ""),
    ("answer )", "-", "E0101", ")"),
    ("a = [1, 2\nanswer a", "-", "E0102", "["),
    ("answer distance(the(\"tv\"), to=the(\"sofa\")", "-", "E0102", "("),
    ("let x = 1\nanswer x", "-", "E0103", "let"),
    ("x = 1;\nanswer x", "-", "E0103", ";"),
    ("// a comment\nanswer 1", "-", "E0103", "//"),
    ("answer True", "-", "E0103", "True"),
    ("answer 1 < 2 && 2 < 3", "-", "E0103", "&&"),
    ("answer 1 if 2 > 1 else 3", "-", "E0103", "if"),
    ("answer 7 % 3", "-", "E0103", "%"),
    ("answer [1, 2].map(lambda x: x + 1)", "-", "E0103", "lambda x:"),
    ("answer 'chair'", "-", "E0103", "'chair'"),
    ("print(1)", "-", "E0103", "print"),
    ("return 1", "-", "E0103", "return"),
    (
        "distance(the(\"tv\"), to=the(\"sofa\"))\nanswer 1",
        "-",
        "E0104",
        "distance(the(\"tv\"), to=the(\"sofa\"))",
    ),
    ("f = x => x + 1\nanswer 1", "-", "E0105", "x => x + 1"),
    ("answer if 1 < 2 { 3 }", "-", "E0106", "if 1 < 2 { 3 }"),
    ("answer 1 < 2 < 3", "-", "E0107", "<"),
    ("fn f(x: Int) -> Int {\n  answer x\n  return x\n}\nanswer f(1)", "-", "E0108", "answer x"),
    (
        "fn f(x: View) -> Int {\n  show ego(x)\n  return 1\n}\nanswer f(photo(1).view())",
        "-",
        "E0108",
        "show ego(x)",
    ),
];

const NAMES: &[Defect] = &[
    ("answer distence(the(\"tv\"), to=the(\"sofa\"))", "room", "E0201", "distence"),
    ("answer closest(objects(), to=the(\"tv\"))", "room", "E0201", "closest"),
    ("answer len(objects(\"chair\"))", "room", "E0201", "len"),
    ("answer dist(the(\"tv\"), to=the(\"sofa\"))", "room", "E0201", "dist"),
    ("me = photo(1).view().rotate(left)\nshow ego(me)", "room", "E0201", "rotate"),
    ("answer frobnicate(1)", "room", "E0201", "frobnicate"),
    ("answer nowhere + 1", "room", "E0202", "nowhere"),
    ("chairs = objects(\"chair\")\nanswer chars.count()", "room", "E0202", "chars"),
    ("answer longest_side(sofa)", "room", "E0202", "sofa"),
    ("a = 1\na = 2\nanswer a", "-", "E0203", "a"),
    ("fn f() -> Int { return 1 }\nfn f() -> Int { return 2 }\nanswer f()", "-", "E0203", "f"),
    ("answer distance(the(\"tv\"), too=the(\"sofa\"))", "room", "E0204", "too"),
    ("answer side(the(\"tv\"), viewer=photo(1).view())", "room", "E0204", "viewer"),
    ("answer volume(the(\"tv\"), unit=3)", "room", "E0204", "unit"),
    ("answer distance(the(\"tv\"))", "room", "E0205", "distance"),
    ("answer the(\"tv\").distance()", "room", "E0205", "distance"),
    ("answer distance(the(\"tv\"), to=the(\"sofa\"), to=the(\"bed\"))", "room", "E0206", "to"),
    ("answer side(the(\"tv\"), photo(1).view())", "room", "E0207", "photo(1).view()"),
    ("answer volume(the(\"tv\"), the(\"sofa\"))", "room", "E0207", "the(\"sofa\")"),
    ("answer room(\"kitchen\").floor_area()", "room", "E0207", "\"kitchen\""),
    ("answer is_left_of(the(\"tv\"), the(\"bed\"))", "room", "E0208", "is_left_of"),
    (
        "answer is_left_of(the(\"tv\"), the(\"bed\"), from=photo(1), own=the(\"sofa\"))",
        "room",
        "E0208",
        "the(\"sofa\")",
    ),
    ("left = 1\nanswer left + 1", "room", "E0209", "left"),
    (
        "fn distance(a: Object) -> Int {\n  return 1\n}\nanswer distance(the(\"tv\"))",
        "room",
        "E0209",
        "distance",
    ),
    ("answer tracks(\"person\").count()", "room", "E0210", "tracks"),
    ("answer the(\"tv\").heigth", "room", "E0211", "heigth"),
    ("answer size(the(\"tv\")).depht", "room", "E0211", "depht"),
    ("n = 0\nfor c in objects(\"chair\") {\n  n = n + 1\n}\nanswer n", "room", "E0212", "n"),
    ("for c in objects(\"chair\") {\n  answer c\n}", "room", "E0213", "answer c"),
    ("answer 1\nanswer 2", "-", "E0214", "answer 2"),
    ("x = 1\nif x > 0 {\n  answer x\n}", "-", "E0214", "answer x"),
    ("fn f(n: Int) -> Int {\n  return f(n)\n}\nanswer f(1)", "-", "E0215", "f"),
    ("fn f(n: Strin) -> Int {\n  return 1\n}\nanswer f(\"a\")", "-", "E0218", "Strin"),
];

const TYPES: &[Defect] = &[
    ("answer volume(photo(1))", "room", "E0301", "photo(1)"),
    ("answer objects(\"chair\") + 1", "room", "E0301", "objects(\"chair\")"),
    ("show the(\"tv\")", "room", "E0301", "the(\"tv\")"),
    ("show photo(1).view()", "room", "E0301", "photo(1).view()"),
    ("answer plan()", "room", "E0301", "plan()"),
    ("answer 3.count()", "-", "E0301", "3"),
    ("assert objects(\"chair\"), \"some\"\nanswer 1", "room", "E0301", "objects(\"chair\")"),
    ("answer not 3", "-", "E0301", "3"),
    ("answer -(1 < 2)", "-", "E0301", "-(1 < 2)"),
    ("answer objects(\"chair\").map(volume)", "room", "E0301", "volume"),
    ("answer \"a\" + \"b\"", "-", "E0301", "\"a\""),
    ("answer objects(\"chair\").min()", "room", "E0301", "objects(\"chair\")"),
    ("answer [5, 6][(1..2)]", "-", "E0301", "(1..2)"),
    ("for c in 4 {\n  show plan()\n}", "-", "E0301", "4"),
    ("answer [1, 2m]", "-", "E0302", "2m"),
    ("answer [the(\"tv\"), 3]", "room", "E0302", "3"),
    ("answer the(\"tv\") == 3", "room", "E0303", "=="),
    ("answer the(\"tv\") < the(\"sofa\")", "room", "E0303", "<"),
    ("answer the(\"tv\") == \"tv\"", "room", "E0303", "=="),
    ("answer objects(\"chair\") > 3", "room", "E0303", ">"),
    ("answer objects().sort_by(o => category(o))", "room", "E0303", "category(o)"),
    ("answer side(the(\"tv\"), from=photo(1)) == \"bakc\"", "room", "E0304", "\"bakc\""),
    (
        "answer side(the(\"tv\"), from=photo(1), among=[\"left\", \"wright\"])",
        "room",
        "E0304",
        "\"wright\"",
    ),
    ("answer if 1 < 2 { 3 } else { \"three\" }", "-", "E0305", "\"three\""),
];

const UNITS: &[Defect] = &[
    ("answer 2m + 30deg", "-", "E0401", "+"),
    ("answer 2m < 3s", "-", "E0401", "<"),
    ("answer length(the(\"tv\")) + volume(the(\"tv\"))", "room", "E0401", "+"),
    ("answer min(2m, 3deg)", "-", "E0401", "3deg"),
    ("answer round(2.5m)", "-", "E0401", "2.5m"),
    ("answer sqrt(2m)", "-", "E0401", "2m"),
    ("answer distance(the(\"tv\"), to=the(\"sofa\")) < 2", "room", "E0402", "2"),
    ("show ego(photo(1).view().turn(left, by=90))", "room", "E0402", "90"),
    ("show ego(photo(1).view().step(forward, by=1))", "room", "E0402", "1"),
    ("answer near(1m, 2m, within=1)", "-", "E0402", "1"),
    (
        "me = stand(at=the(\"sofa\"), facing=the(\"tv\"))\n\
         answer local(the(\"tv\"), from=me).right < local(the(\"bed\"), from=me.turn(left)).right",
        "room",
        "E0403",
        "<",
    ),
    ("answer length(the(\"tv\")) as m", "relative", "E0404", "m"),
    ("answer length(the(\"tv\")) < 2m", "relative", "E0404", "2m"),
    ("answer length(the(\"tv\")) == 120cm", "room", "E0405", "=="),
    ("answer length(the(\"tv\")) as deg", "room", "E0406", "deg"),
    ("answer the(\"tv\") as m", "room", "E0406", "m"),
];

const SCENE: &[Defect] = &[
    ("answer objects(\"piano\").count()", "room", "E0501", "\"piano\""),
    ("answer objects(\"chairs\").count()", "room", "E0501", "\"chairs\""),
    ("answer longest_side(the(\"couch\")) as cm", "room", "E0501", "\"couch\""),
    ("answer longest_side(the(\"chair\")) as cm", "room", "E0503", "the(\"chair\")"),
    ("answer longest_side(\"chair\") as cm", "room", "E0503", "\"chair\""),
    ("answer volume(objects(\"lamp\")) as m3", "room", "E0503", "objects(\"lamp\")"),
    ("show photo(9)", "room", "E0504", "9"),
    ("show photo(0)", "room", "E0504", "0"),
    (
        "me = stand(at=the(\"tv\"), facing=the(\"tv\"))\nshow ego(me)",
        "room",
        "E0505",
        "stand(at=the(\"tv\"), facing=the(\"tv\"))",
    ),
    ("show photo(1)", "boxes", "E0506", "photo"),
    ("show ego(view_at(2s))", "room", "E0506", "view_at"),
    ("answer pick(objects(\"chair\"), \"the red one\")", "room", "E0602", "pick"),
    ("show ego(view_at(45s), mark=\"table\")", "noisy", "E0507", "45s"),
    ("show ego(view_at(45s - 46s), mark=\"table\")", "noisy", "E0507", "45s - 46s"),
    (
        "me = stand(at=the(\"nightstand\"), facing=the(\"tv\"))\nshow ego(stand(at=me, facing=objects(\"lamp\")[1]))",
        "room",
        "E0505",
        "stand(at=me, facing=objects(\"lamp\")[1])",
    ),
    (
        "me = stand(at=the(\"sofa\"), facing=the(\"tv\"))\nshow ego(me.look_at(eye(me)))",
        "room",
        "E0505",
        "me.look_at(eye(me))",
    ),
    (
        "me = stand(at=the(\"stove\"), facing=the(\"refrigerator\"))\n\
         show ego(me.step(forward, by=0.9m))\nanswer side(the(\"tv\"), from=me)",
        "room",
        "W0508",
        "me.step(forward, by=0.9m)",
    ),
    (
        "answer bearing(the(\"tv\"), from=photo(1).view().step(backward, by=2m)) as deg",
        "room",
        "W0509",
        ".step(backward, by=2m)",
    ),
    (
        "show ego(photo(2).view().turn(up, by=90deg))",
        "room",
        "W0510",
        "photo(2).view().turn(up, by=90deg)",
    ),
    (
        "me = stand(at=the(\"sofa\"), facing=the(\"tv\"))\nanswer side(the(\"bed\"), from=me.look_at(the(\"sofa\")))",
        "room",
        "W0511",
        "me.look_at(the(\"sofa\"))",
    ),
    (
        "answer center_distance(the(\"table\"), to=the(\"sofa\")) < 1.5m",
        "noisy",
        "W0512",
        "center_distance(the(\"table\"), to=the(\"sofa\")) < 1.5m",
    ),
    (
        "answer near(distance(objects(\"chair\"), to=the(\"bed\")), 1m, within=1cm)",
        "noisy",
        "W0512",
        "1cm",
    ),
    ("answer [1, 2, 3][4]", "-", "E0902", "4"),
    ("answer [1, 2, 3][0]", "-", "E0902", "0"),
];

const LIMITS: &[Defect] = &[
    (
        "for i in 1..65 {\n  show ego(photo(1).view().turn(right, by=i * 5deg))\n}",
        "room",
        "E0601",
        "ego(photo(1).view().turn(right, by=i * 5deg))",
    ),
    (
        "show strip([photo(i).view() for i in 1..70])",
        "-",
        "E0601",
        "strip([photo(i).view() for i in 1..70])",
    ),
    (
        "answer (1..4000).map(a => (1..4000).map(b => a * b).sum()).sum()",
        "-",
        "E0604",
        "(1..4000).map(b => a * b)",
    ),
    (
        "fn pairs(xs: List<Int>) -> Int {\n  return xs.map(a => xs.map(b => a * b).sum()).sum()\n}\nanswer pairs(1..4000)",
        "-",
        "E0604",
        "pairs(1..4000)",
    ),
    ("answer (1..60000000).count()", "-", "E0605", "(1..60000000)"),
];

const LINTS: &[Defect] = &[
    ("unused = 1\nanswer 2", "-", "W0801", "unused"),
    ("fn f(x: Int) -> Int {\n  y = x + 1\n  return x\n}\nanswer f(1)", "-", "W0801", "y"),
    ("show ego(photo(1).view().turn(left).look_at(the(\"tv\")))", "room", "W0804", ".turn(left)"),
    ("answer side(the(\"tv\"), from=photo(1).view().turn(up))", "room", "W0804", ".turn(up)"),
    ("answer distance(photo(1).view().turn(left), to=the(\"tv\"))", "room", "W0804", ".turn(left)"),
    ("show ego(photo(1).view().turn(front))", "-", "W0804", ".turn(front)"),
    (
        "answer view_heading(photo(1).view().step(forward)) as deg",
        "room",
        "W0804",
        ".step(forward)",
    ),
    ("show ego(photo(3).view())", "-", "W0805", "ego(photo(3).view())"),
    ("show plan()\nshow plan()\nanswer objects().count()", "room", "W0806", "show plan()"),
    ("for c in objects(\"chair\") {\n  show plan()\n}", "room", "W0806", "show plan()"),
    (
        "show photo(3)\nanswer distance(the(\"stove\"), to=the(\"nightstand\")) as m",
        "room",
        "W0807",
        "photo(3)",
    ),
    (
        "me = stand(at=the(\"table\"), facing=the(\"tv\"))\nshow ego(me, mark=[the(\"sofa\"), the(\"tv\")])\n\
         answer side(the(\"sofa\"), from=me)",
        "room",
        "W0808",
        "the(\"sofa\")",
    ),
    ("x = 3\nanswer x + 4", "room", "W0809", "x + 4"),
    ("fn f(x: Int) -> Int {\n  return x\n}\nanswer f(1)", "room", "W0809", "f(1)"),
    (
        "answer objects(\"chair\").filter(c => distance(c, to=the(\"tv\")) >= 0m).count()",
        "room",
        "W0810",
        "distance(c, to=the(\"tv\")) >= 0m",
    ),
    (
        "answer side(the(\"tv\"), from=photo(1)) == front_left",
        "room",
        "W0810",
        "side(the(\"tv\"), from=photo(1)) == front_left",
    ),
    (
        "answer bearing(the(\"tv\"), from=photo(1)) > 180deg",
        "room",
        "W0810",
        "bearing(the(\"tv\"), from=photo(1)) > 180deg",
    ),
    ("assert true\nanswer objects().count()", "room", "W0810", "true"),
    (
        "fn f(x: Object) -> Int {\n  return 1\n  return 2\n}\nanswer f(the(\"tv\")) + objects().count()",
        "room",
        "W0811",
        "return 2",
    ),
    ("answer if objects(\"tv\").is_empty() { 1 } else { 1 }", "room", "W0812", "1"),
    (
        "answer distance(\"tv\", to=the(\"tv\")) as m",
        "room",
        "W0813",
        "distance(\"tv\", to=the(\"tv\")) as m",
    ),
    ("x = volume(the(\"tv\"))\nanswer x < x", "room", "W0813", "x < x"),
    (
        "answer objects().min_by(o => center_distance(o, to=the(\"tv\")))",
        "-",
        "W0814",
        "objects().min_by(o => center_distance(o, to=the(\"tv\")))",
    ),
    ("show ego(photo(1).view().turn(left, by=-9999deg))", "-", "W0815", "-9999deg"),
    ("show ego(photo(1).view().step(forward, by=30m))", "room", "W0815", "30m"),
    ("show ego(photo(1).view().step(forward, by=300%))", "-", "W0815", "300%"),
    ("show ego(stand(at=the(\"bed\"), heading=0deg, eye=30m))", "room", "W0815", "30m"),
    ("answer distance(the(\"tv\"), to=the(\"bed\")) < 150m", "room", "W0815", "150m"),
    ("answer first_seen(best(\"chair\")).number()", "room", "W0816", "best(\"chair\")"),
];

fn all() -> impl Iterator<Item = &'static Defect> {
    [LEXICAL, SYNTAX, NAMES, TYPES, UNITS, SCENE, LIMITS, LINTS].into_iter().flatten()
}

fn place(name: &str) -> Option<&'static reasmory_driver::Scene> {
    (name != "-").then(|| scene(name))
}

fn expect(defects: &[Defect]) {
    let mut bad = String::new();
    for (text, on, code, quoted) in defects {
        let d = check(text, place(on)).diagnostics;
        let fits =
            d.len() == 1 && d[0].code.id() == *code && (d[0].primary.span.text(text) == *quoted);
        if !fits {
            let _ = writeln!(bad, "{text}\n  want {code} `{quoted}`\n{}", findings(text, &d));
        }
    }
    assert!(bad.is_empty(), "\n{bad}");
}

#[test]
fn lexical() {
    expect(LEXICAL);
}

#[test]
fn syntax() {
    expect(SYNTAX);
}

#[test]
fn names() {
    expect(NAMES);
}

#[test]
fn types() {
    expect(TYPES);
}

#[test]
fn units() {
    expect(UNITS);
}

#[test]
fn scenes() {
    expect(SCENE);
}

#[test]
fn limits() {
    expect(LIMITS);
}

#[test]
fn lints() {
    expect(LINTS);
}

#[test]
fn there_are_enough_and_every_level_is_there() {
    assert!(all().count() >= 60);
    // What the limits, the question and the run find has tests of its own (rules, command); every lint has
    // its page, whose examples are tested (pages).
    for c in CODES.iter().filter(|c| {
        use reasmory_driver::diag::Level as L;
        !matches!(c.level, L::Run | L::Question | L::Limits | L::Lint)
    }) {
        let has = all().any(|d| d.2 == c.id);
        // Limits of size are tested with large inputs.
        let elsewhere = ["E0005", "E0006"].contains(&c.id)
            // Codes of the paper's dialect have their defects in `paper`.
            || c.id[1..].starts_with("10");
        assert!(has || elsewhere, "{} has no defect", c.id);
    }
}

/// Several independent errors are all reported in one pass, and nothing else.
#[test]
fn planted_errors_are_all_found() {
    let programs: &[(&str, &[&str])] = &[
        (
            "a = distence(the(\"tv\"), to=the(\"sofa\"))\n\
             b = length(the(\"tv\")) < 2\n\
             c = objects(\"piano\").count()\n\
             answer [a > 1m, b, c > 0]",
            &["E0201", "E0402", "E0501"],
        ),
        (
            "let me = stand(at=the(\"sofa\"), facing=the(\"chair\"))\n\
             s = side(the(\"tv\"), from=me, amonk=[left, right])\n\
             show photo(7)\n\
             answer s == \"lefft\"",
            &["E0103", "E0503", "E0204", "E0504", "E0304"],
        ),
        (
            "x = 2m + 3deg\n\
             y = the(\"tv\") == 3\n\
             z = volume(the(\"lamp\"))\n\
             w = nowhere\n\
             v = [1, 2m]\n\
             answer 1\n\
             answer 2",
            &["E0401", "E0303", "E0503", "E0202", "E0302", "E0214"],
        ),
        (
            "fn f(x: Objct) -> Int {\n  return 1\n}\n\
             for c in objects(\"chair\") {\n  answer c\n}\n\
             show top(marks=[the(\"tv\")])\n\
             show ego(photo(1).view().turn(left, by=90))",
            &["E0218", "E0213", "E0204", "E0402"],
        ),
        (
            "a = (1 + 2\n\
             b = objects(\"chair\").filter(c => height(c) > 10m\n\
             answer a + distance(the(\"tv\"))",
            &["E0102", "E0102", "E0205"],
        ),
        (
            "a = length(the(\"tv\")) as deg\n\
             b = length(the(\"tv\")) == 1m\n\
             left = 3\n\
             assert objects(\"sofa\"), \"x\"\n\
             answer if 1 < 2 { 1 } else { \"b\" }",
            &["E0406", "E0405", "E0209", "E0301", "E0305"],
        ),
    ];
    let mut bad = String::new();
    for (text, want) in programs {
        let d = check(text, place("room")).diagnostics;
        let mut found: Vec<&str> = d.iter().filter(|d| d.is_error()).map(|d| d.code.id()).collect();
        let mut want = want.to_vec();
        found.sort_unstable();
        want.sort_unstable();
        if found != want {
            let _ = writeln!(bad, "{text}\n  want {want:?}\n{}", findings(text, &d));
        }
    }
    assert!(bad.is_empty(), "\n{bad}");
}

/// `check` applies every safe repair and checks again; there are enough of them to be worth it.
#[test]
fn safe_repairs_repair() {
    let tried: usize =
        all().map(|(text, on, ..)| safe(&check(text, place(on)).diagnostics).count()).sum();
    assert!(tried >= 20, "{tried}");
}

#[test]
fn good_programs_have_no_findings() {
    // A memory makes an answer that does not read it a mistake.
    let constants = CONSTANTS.iter().map(|t| ((*t).to_owned(), None));
    let programs: Vec<_> =
        constants.chain(good().into_iter().map(|t| (t, place("room")))).collect();
    assert!(programs.len() >= 55);
    let mut bad = String::new();
    for (text, on) in programs {
        let d = check(&text, on).diagnostics;
        if !d.is_empty() {
            let _ = writeln!(bad, "{text}\n{}", findings(&text, &d));
        }
    }
    assert!(bad.is_empty(), "\n{bad}");
}

/// Programs that read no memory.
const CONSTANTS: &[&str] = &[
    "answer 1",
    "answer true",
    "answer \"text\"",
    "answer left",
    "answer 25%",
    "answer 2.5m",
    "answer [1, 2, 3]",
    "answer [1, 2.5]",
    "answer (1..3).sum()",
    "answer mod(7, by=3) == 1 and not (2 > 3)",
    "_spare = 1\nanswer 2",
    "fn twice(x: Length, n: Int = 2) -> Length {\n  return x * n\n}\nanswer twice(1m) + twice(1m, n=3)",
    "test \"counts\" {\n  assert 1 < 2\n}\nanswer 1",
];

fn good() -> Vec<String> {
    let me = "me = stand(at=the(\"sofa\"), facing=the(\"tv\"))\n";
    let alone = [
        "answer objects().count()",
        "answer objects(\"chair\")",
        "answer objects(\"chair\")[1]",
        "answer categories()",
        "answer the(\"tv\")",
        "answer the(\"tv\").category() == \"tv\"",
        "answer objects().filter(o => category(o) == \"chair\").count()",
        "answer \"tv\".longest_side() as cm",
        "answer size(the(\"tv\")).height / 1cm",
        "answer sqrt(footprint(the(\"bed\"))) as m",
        "answer (length(the(\"bed\")) * width(the(\"bed\"))) as m2",
        "answer round(length(the(\"bed\")) / 1cm)",
        "answer is_near(the(\"sofa\"), the(\"table\"), within=1m)",
        "answer is_near(the(\"sofa\"), the(\"table\"), within=20%)",
        "answer is_between(the(\"table\"), the(\"sofa\"), the(\"tv\"))",
        "answer best(\"chair\").name()",
        "answer objects(\"chair\").farthest(to=the(\"bed\"))",
        "answer objects().group_by(o => category(o)).map(g => g.members.count()).max()",
        "answer photos_seeing(the(\"table\")).map(p => number(p))",
        "answer [\"sofa\", \"tv\"].sort_by(c => volume(the(c)))",
        "answer if objects(\"tv\").is_empty() { 0cm } else { length(the(\"tv\")) }",
        "answer room().room_height() as m",
        "answer height_above(the(\"tv\"), floor()) as cm",
        "answer clearance(the(\"trash bin\")) as cm",
        "answer is_left_of(the(\"tv\"), the(\"bed\"), as_seen_facing=the(\"sofa\"))",
        "answer is_left_of(the(\"tv\"), the(\"bed\"), own=the(\"sofa\"))",
        "show photo(1)",
        "show plan(mark=\"chair\")",
        "show panorama(photo(1).view())",
        "for c in objects(\"chair\") {\n  assert height(c) > 1cm\n}\nshow plan()",
        "if objects(\"tv\").count() == 1 {\n  answer 1\n} else {\n  answer 2\n}",
    ];
    let turns = |way: &str| {
        format!("for i in 1..40 {{\n  show ego(photo(1).view().turn({way}, by=i * 9deg))\n}}")
    };
    // Each branch is within the limit on pictures; steps are not certain where lists are filtered.
    let within = [
        format!(
            "if objects(\"chair\").count() > 2 {{\n{}\n}} else {{\n{}\n}}",
            turns("left"),
            turns("right")
        ),
        "n = (1..4000).filter(i => mod(i, by=2) == objects(\"tv\").count())\n\
         answer n.map(a => n.map(b => a * b).sum()).sum()"
            .to_owned(),
    ];
    let standing = [
        "answer side(the(\"bed\"), from=me)",
        "answer side(\"bed\", from=me, among=[\"left\", \"right\"])",
        "answer quadrant(the(\"bed\"), from=me) == front_left",
        "answer clock(the(\"bed\"), from=me)",
        "answer bearing(the(\"bed\"), from=me, else=0deg) as deg",
        "answer sees(me, the(\"tv\"))",
        "answer in_view(me).count()",
        "answer me.turn(left).step(forward, by=1m).turn(back)",
        "answer distance(me, to=the(\"tv\"))",
        "answer local(the(\"tv\"), from=me).forward - local(the(\"bed\"), from=me).forward",
        "show ego(me, mark=[the(\"tv\"), objects(\"chair\")])",
        "show strip([me, me.turn(left)])",
    ];
    alone
        .iter()
        .map(|t| (*t).to_owned())
        .chain(standing.iter().map(|t| format!("{me}{t}")))
        .chain(within)
        .collect()
}
