//! Lints on programs that are hard on them.

use reasmory_sema::{CheckOptions, check};

fn findings(text: &str) -> Vec<&'static str> {
    let parsed = reasmory_syntax::parse(text);
    assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
    let checked = check(&parsed.program, text, CheckOptions::default());
    checked.diagnostics.iter().map(|d| d.code.id()).collect()
}

/// A value that uses the one before twice doubles what there is to look at; so does a function.
#[test]
fn doubling_ends() {
    let chain = |first: &str, n: usize, step: &dyn Fn(usize) -> String, last: &str| {
        let mut text = format!("{first}\n");
        for i in 1..n {
            text.push_str(&step(i));
            text.push('\n');
        }
        text + last
    };
    let numbers =
        chain("a0 = 1", 2000, &|i| format!("a{i} = a{} + a{}", i - 1, i - 1), "answer a1999 > 0");
    let conditions = chain(
        "a0 = objects(\"tv\").is_empty()",
        2000,
        &|i| format!("a{i} = a{} and a{}", i - 1, i - 1),
        "answer if a1999 { 1 } else { 2 }",
    );
    let functions = chain(
        "fn f0(x: Int) -> Int { return x }",
        40,
        &|i| format!("fn f{i}(x: Int) -> Int {{ return f{}(x) + f{}(x) }}", i - 1, i - 1),
        "answer f39(1) + count_of(\"tv\")",
    );
    for text in [numbers, conditions, functions] {
        assert!(findings(&text).iter().all(|c| c.starts_with('W')), "{:?}", findings(&text));
    }
}
