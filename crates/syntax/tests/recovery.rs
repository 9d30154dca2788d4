//! Several errors per program, each reported once, with everything around them intact.

mod common;
use common::{brief, clean, codes, fixed};
use reasmory_syntax::{parse, print_ast_without_spans};

#[test]
fn three_faults_three_diagnostics_and_the_rest_intact() {
    let text = "a = f(1\nb = * 2\nc = the(\"tv\")\nd = ]\nanswer c\n";
    let p = parse(text);
    let t = print_ast_without_spans(&p.program);
    assert_eq!(p.diagnostics.len(), 3, "{}", brief(text, &p.diagnostics));
    assert!(t.contains("bind a\n  call f"), "{t}");
    assert!(t.contains("answer\n  name c"), "{t}");

    let text =
        "a = * 2\nb = f(x)\nshow )\nfn g(x: Int) -> Int {\n  y = 1 +\n  return x\n}\nanswer b\n";
    let p = parse(text);
    let t = print_ast_without_spans(&p.program);
    assert!(t.contains("bind a\n  error") && t.contains("bind b\n  call f"), "{t}");
    assert!(
        t.contains("bind y")
            && t.contains("return\n      name x")
            && t.contains("answer\n  name b"),
        "{t}"
    );
}

#[test]
fn a_broken_value_keeps_its_name() {
    let t = print_ast_without_spans(&parse("x = f(a b c) d\nanswer x").program);
    assert!(t.starts_with("bind x\n"), "{t}");
    assert!(t.ends_with("answer\n  name x\n"), "{t}");
}

#[test]
fn a_broken_header_keeps_its_block() {
    let text = "if a b c {\n  show d\n}\nfor x of xs {\n  show x\n}\nanswer 1";
    let p = parse(text);
    let t = print_ast_without_spans(&p.program);
    assert_eq!(p.diagnostics.len(), 2, "{}", brief(text, &p.diagnostics));
    assert!(t.contains("name d") && t.contains("for x") && t.contains("name x"), "{t}");
    let text = "fn f(a: Object, b; c) -> Int {\n  return a + b\n}\nanswer f(1, 2)";
    let p = parse(text);
    let t = print_ast_without_spans(&p.program);
    assert!(t.contains("fn f") && t.contains("param a") && t.contains("return"), "{t}");
}

#[test]
fn one_insertion_is_safe_where_it_is_clear() {
    for (bad, good) in [
        ("answer side(the(\"tv\") from=me)", "answer side(the(\"tv\"), from=me)"),
        ("x = [1 2 3]", "x = [1, 2, 3]"),
        ("x = f(a, to=b\nanswer x", "x = f(a, to=b)\nanswer x"),
        ("answer f(a, b))", "answer f(a, b)"),
        ("x = [a, b)\nanswer x", "x = [a, b]\nanswer x"),
    ] {
        let mut text = bad.to_owned();
        for _ in 0..2 {
            text = fixed(&text);
        }
        assert_eq!(text, good, "{}", brief(bad, &parse(bad).diagnostics));
        clean(&text);
    }
}

#[test]
fn a_missing_bracket_hides_nothing_behind_it() {
    let text = "a = f(g(1)\nb = h(2\n\nfn k() -> Int {\n  return 1\nanswer a\nfn l() -> Int { return 2 }\nshow b b\n";
    let p = parse(text);
    let t = print_ast_without_spans(&p.program);
    for part in ["bind a", "bind b", "fn k", "answer", "fn l", "show"] {
        assert!(t.contains(part), "{part}\n{t}");
    }
    assert_eq!(
        codes(text),
        ["E0102", "E0102", "E0102", "E0101"],
        "{}",
        brief(text, &p.diagnostics)
    );
}

#[test]
fn untyped_functions_are_reported_and_parsed() {
    let text = "fn f(x, y: Int) {\n  return x\n}";
    let p = parse(text);
    assert_eq!(p.diagnostics.len(), 2, "{}", brief(text, &p.diagnostics));
    assert!(print_ast_without_spans(&p.program).contains("return\n      name x"));
}

#[test]
fn messages() {
    let mut out = String::new();
    for text in [
        "x = ",
        "x = \nanswer 1 1",
        "answer",
        "f(x) = 3",
        "for = 3",
        "x = {a}",
        "x = 1 + if a { b } else { c }",
        "answer xs.map((a, b) => c)",
        "for x xs { show x }",
        "fn f(x: ) -> Int { return 1 }",
        "fn (x: Int) -> Int { return 1 }",
        "answer a.3",
        "answer d as",
        "x = a ? b : c",
        "x = f(,)",
        "x = @",
        "x = café",
        "}",
        "if a { show b",
        "else { show c }",
        "test \"a\" show b",
        "x = 1 ^ 2 ~ 3",
    ] {
        out.push_str(&format!(
            "--- {}\n{}",
            text.escape_debug(),
            brief(text, &parse(text).diagnostics)
        ));
    }
    insta::assert_snapshot!(out);
}
