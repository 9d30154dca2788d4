//! One mistake gives one report, and no program makes the checker run away.

use reasmory_sema::{CheckOptions, check};

/// Codes of everything found in a program.
fn codes(text: &str) -> Vec<&'static str> {
    let parsed = reasmory_syntax::parse(text);
    let checked = check(&parsed.program, text, CheckOptions::default());
    parsed.diagnostics.iter().chain(&checked.diagnostics).map(|d| d.code.id()).collect()
}

#[test]
fn one_mistake_one_report() {
    let cases = [
        ("for c in objects(\"chair\") {\n  answer c.category()\n}\n", "E0213"),
        ("f = c => volume(c) > 1m3\nanswer objects().filter(f).count()\n", "E0105"),
        ("f = c => volume(c) > 1m3\nanswer objects().filter(c => f(c)).count()\n", "E0105"),
        ("left = the(\"sofa\")\nanswer distance(left, to=the(\"tv\"))\n", "E0209"),
        ("d = distance(the(\"sofa\"), to=the(\"tv\"))\nanswer 1m < d < 2m\n", "E0107"),
        ("me = stand(at=the(\"sofa\"), facing=the(\"tv\"))\nshow ego(mee.turn(left))\n", "E0202"),
    ];
    for (text, code) in cases {
        assert_eq!(codes(text), [code], "{text}");
    }
    let deep = format!("answer {}1{}\n", "(".repeat(65), ")".repeat(65));
    assert_eq!(codes(&deep), ["E0006"]);
}

#[test]
fn recursion_ends() {
    let cases = [
        "fn f(n: Int) -> Int {\n  return f(n)\n}\nanswer f(1)\n",
        "fn f(n: Int) -> Int {\n  return g(n)\n}\nfn g(n: Int) -> Int {\n  return f(n)\n}\nanswer f(1)\n",
        "fn f(x: Object) -> Object {\n  return f(x, else=x)\n}\nanswer f(the(\"sofa\"))\n",
        "fn f(x: Object) -> Object {\n  return g(x, else=x)\n}\n\
         fn g(x: Object) -> Object {\n  return f(x, else=x)\n}\n\
         answer f(the(\"sofa\"), else=the(\"tv\"))\n",
    ];
    for text in cases {
        assert_eq!(codes(text), ["E0215"], "{text}");
    }
}

#[test]
fn expansion_is_bounded() {
    let mut text =
        "fn f0(x: Object) -> Object {\n  return objects().without(x).first()\n}\n".to_owned();
    for i in 1..40 {
        let call = format!("f{}(x, else=x)", i - 1);
        text.push_str(&format!(
            "fn f{i}(x: Object) -> Object {{\n  return objects().without({call}).without({call}).first()\n}}\n"
        ));
    }
    text.push_str("answer f39(the(\"sofa\"), else=the(\"tv\"))\n");
    assert_eq!(codes(&text), ["E0603"]);
}
