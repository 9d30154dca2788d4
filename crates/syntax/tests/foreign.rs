//! Forms of other languages: one diagnostic each, no cascade, and a fix that gives a clean program.

mod common;
use common::{brief, clean, fixed};
use reasmory_syntax::{parse, print_ast_without_spans};

/// `bad` gives exactly one diagnostic of `code`; its safe fix gives `good`, which is clean and means what
/// the rewritten stream was read as.
#[track_caller]
fn one(code: &str, bad: &str, good: &str) {
    let p = parse(bad);
    let shown = brief(bad, &p.diagnostics);
    assert_eq!(p.diagnostics.len(), 1, "{bad}\n{shown}");
    assert_eq!(p.diagnostics[0].code.id(), code, "{bad}\n{shown}");
    assert_eq!(fixed(bad), good, "{bad}\n{shown}");
    let want = print_ast_without_spans(&clean(good).program);
    assert_eq!(print_ast_without_spans(&p.program), want, "{bad}");
}

/// `bad` gives exactly one diagnostic and no safe fix; the statement after it survives.
#[track_caller]
fn one_without_fix(bad: &str) {
    let text = format!("{bad}\nanswer 1\n");
    let p = parse(&text);
    let shown = brief(&text, &p.diagnostics);
    assert_eq!(p.diagnostics.len(), 1, "{text}\n{shown}");
    assert_eq!(fixed(&text), text, "{shown}");
    assert!(print_ast_without_spans(&p.program).contains("answer\n  int 1"), "{text}");
}

#[test]
fn declarations() {
    one("E0103", "let x = 1\nanswer x", "x = 1\nanswer x");
    one("E0103", "var x = 1", "x = 1");
    one("E0103", "const x = f(1)", "x = f(1)");
    one("E0103", "int x = 1", "x = 1");
    one("E0103", "x: Length = 2m", "x = 2m");
    one("E0103", "xs: List[Object] = f()", "xs = f()");
}

#[test]
fn comments_and_line_ends() {
    one("E0103", "// where it is\nanswer 1", "# where it is\nanswer 1");
    one("E0103", "x = 1 // the count of them", "x = 1 # the count of them");
    one("E0103", "x = 1;", "x = 1");
    one("E0103", "x = 1; answer x", "x = 1\n answer x");
    one_without_fix("x = a // 2");
}

#[test]
fn operators_and_values() {
    one("E0103", "answer a && b", "answer a and b");
    one("E0103", "answer a||b", "answer a or b");
    one("E0103", "answer !a", "answer not a");
    one("E0103", "answer a === b", "answer a == b");
    one("E0103", "answer a <> b", "answer a != b");
    one("E0103", "x = 1...4", "x = 1..4");
    one("E0103", "x = True", "x = true");
    one("E0103", "x = f(a, b=False)", "x = f(a, b=false)");
    one_without_fix("x = None");
    one_without_fix("x = null");
    one("E0103", "x = 7 % n", "x = mod(7, by=n)");
    one("E0103", "x = 7%2", "x = mod(7, by=2)");
    one("E0103", "x = a.f(b)[1] % (c + 1)", "x = mod(a.f(b)[1], by=(c + 1))");
    one("E0103", "x = a ** 2", "x = a * a");
    one_without_fix("x = f(a) ** n");
    one_without_fix("n += 1");
}

#[test]
fn text_literals() {
    one("E0103", "x = the('tv')", "x = the(\"tv\")");
    one("E0103", "x = 'say \"a\"'", "x = \"say \\\"a\\\"\"");
    one("E0001", "x = the(“tv”)", "x = the(\"tv\")");
    one("E0103", "x = f\"tv\"", "x = \"tv\"");
    one_without_fix("x = f\"{n} chairs\"");
    one("E0103", "\"\"\"Finds it.\"\"\"\nanswer 1", "# Finds it.\nanswer 1");
    one("E0001", "x = a − b", "x = a - b");
    one("E0001", "answer a ≤ b", "answer a <= b");
    one("E0001", "x\u{a0}= 1", "x = 1");
}

#[test]
fn blocks() {
    one("E0103", "if a:\n  answer 1\n", "if a {\n  answer 1\n}\n");
    one(
        "E0103",
        "for x in xs:\n    y = 1\n    show x\nanswer 2",
        "for x in xs {\n    y = 1\n    show x\n}\nanswer 2",
    );
    one("E0103", "if a: answer 1", "if a { answer 1 }");
    one("E0103", "if a { show b } elif c { show d }", "if a { show b } else if c { show d }");
    let text = "if a:\n  answer 1\nelif b:\n  answer 2\nelse:\n  answer 3\n";
    let p = parse(text);
    assert_eq!(p.diagnostics.len(), 3, "{}", brief(text, &p.diagnostics));
    clean(&fixed(text));
    let nested = "for x in xs:\n  if x:\n    show x\nanswer 1\n";
    let p = parse(nested);
    assert_eq!(p.diagnostics.len(), 2, "{}", brief(nested, &p.diagnostics));
    clean(&fixed(&fixed(nested)));
}

#[test]
fn functions() {
    one(
        "E0103",
        "def f(x: Object) -> Bool:\n  return true\nanswer 1\n",
        "fn f(x: Object) -> Bool {\n  return true\n}\nanswer 1\n",
    );
    one(
        "E0103",
        "function f(x: Object) -> Bool { return true }",
        "fn f(x: Object) -> Bool { return true }",
    );
    one_without_fix("def f(x, y):\n  return x");
    one("E0103", "x = xs.filter(lambda c: c.f())", "x = xs.filter(c => c.f())");
}

#[test]
fn statements() {
    one("E0103", "print(f(x))", "answer (f(x))");
    one("E0103", "return x", "answer x");
    one("E0103", "if a { return x }", "if a { answer x }");
    clean(
        "fn f() -> Int { if a { return 1 } return_it = 2\n return 2 }"
            .replace("return_it = 2\n", "\n")
            .as_str(),
    );
    one("E0103", "answer = x", "answer x");
    one("E0103", "answer: x", "answer x");
    one("E0103", "import numpy\nanswer 1", "\nanswer 1");
    one_without_fix("xs.append(y)");
    one_without_fix("while x < 3:\n  y = 2\n  z = 3");
    one_without_fix("while (x < 3) {\n  y = 2\n}");
}

#[test]
fn conditions_after_values() {
    one("E0103", "x = a if c else b", "x = if c { a } else { b }");
    one("E0103", "answer f(1 if c else 2, d)", "answer f(if c { 1 } else { 2 }, d)");
    one(
        "E0103",
        "x = [a.g() if c else b for a in xs]",
        "x = [if c { a.g() } else { b } for a in xs]",
    );
    clean("x = [a for a in xs if a.f()]");
}

#[test]
fn fences() {
    one("E0103", "```reasmory\nanswer 1\n```\n", "answer 1\n");
    one("E0103", "Here it is:\n\n```\nx = 1\nanswer x\n```\nThat's all!\n", "x = 1\nanswer x\n");
    one("E0103", "answer 1\n```\n", "answer 1\n");
}

#[test]
fn two_statements_on_a_line() {
    one("E0101", "x = 1 answer x", "x = 1\nanswer x");
    one("E0101", "x = 1 y = 2", "x = 1\ny = 2");
}

#[test]
fn lambdas() {
    one("E0103", "x = f(a, c -> c.g())", "x = f(a, c => c.g())");
    one("E0103", "x = xs.f((c) => c.g())", "x = xs.f(c => c.g())");
    one("E0103", "x = xs.f(|c| c.g())", "x = xs.f(c => c.g())");
    one("E0103", "x = xs.f(key=lambda c: c.g())", "x = xs.f(key=c => c.g())");
    one_without_fix("x = xs.f((a, b) => a)");
    clean("fn f(g: fn(Object) -> Bool) -> Int { return 1 }");
}

#[test]
fn words_between_values() {
    one("E0103", "x = a in f()", "x = f().contains(a)");
    one("E0103", "x = a.b not in c.d(e)", "x = not c.d(e).contains(a.b)");
    one("E0103", "x = a is b", "x = a == b");
    one("E0103", "x = a is not b", "x = a != b");
    one_without_fix("x = a is None");
    clean("for a in b { show c }");
    clean("x = [a for a in b if a.c()]");
    clean("fn f(v: View) -> Local in v { return g(v) }");
    clean("is = 3\nanswer is");
}

#[test]
fn conditions_with_question_marks() {
    one("E0103", "x = a > b ? c : d", "x = if a > b { c } else { d }");
    one("E0103", "answer f(a ? b : c, d)", "answer f(if a { b } else { c }, d)");
    one("E0103", "x = a?.b()", "x = a.b()");
    clean("fn f(q: View?, r: Int = 1) -> Int { return r }");
}

#[test]
fn calls() {
    one("E0103", "x = f(a, to: b)", "x = f(a, to=b)");
    one("E0103", "x = f(to: b)", "x = f(to=b)");
    assert_eq!(fixed("x = [a for a in range(1, 4)]"), "x = [a for a in 1..3]");
    assert_eq!(fixed("x = range(1, n).f()"), "x = (1..n - 1).f()");
    // Counting from 0 or from 1 is for whoever wrote it to say.
    one_without_fix("x = [a for a in range(3)]");
    one("E0103", "@tool\nx = 1", "\nx = 1");
    one("E0103", "x = the(`tv`)", "x = the(\"tv\")");
    one_without_fix("x = `${a}`");
    clean("fn f(a: Int) -> Int { return a }");
}

#[test]
fn block_comments() {
    one("E0103", "/* one */\nx = 1", "# one\nx = 1");
    one("E0103", "x = f(/* one */ a)", "x = f( a)");
    one("E0103", "x = 1 /* one\n two */\nanswer x", "x = 1 # one\n# two\nanswer x");
}
