//! Snapshots of the token and tree dumps.

use reasmory_syntax::{parse, print_ast, print_tokens};

const PROGRAM: &str = "## Near enough.
fn near_to(x: Object, by: Length = 2m, ys: List<Object>?) -> Bool {
  return x.distance(to=ys[1]) <= by * 1.5 and not false
}

me = stand(at=the(\"sofa\"), facing=photo(2)) # here
for i in 1..3 {
  if i == 2 { show ego(me) } else if true { show top(me) }
}
test \"adds\" {
  assert -1 + 2 == 1, \"sums\"
}
answer [d as cm for d in xs.map(o => o.size().width) if d > (if a { 1m } else { 2m })]
";

#[test]
fn tokens() {
    insta::assert_snapshot!(print_tokens(PROGRAM));
}

#[test]
fn tree() {
    let p = parse(PROGRAM);
    assert!(p.diagnostics.is_empty(), "{:#?}", p.diagnostics);
    insta::assert_snapshot!(print_ast(&p.program));
}

#[test]
fn tree_after_recovery() {
    let p =
        parse("a = f(1\nfor x xs {\n  show b b\n}\nfn g(x, y: Int) { return x y }\nanswer a a\n");
    insta::assert_snapshot!(print_ast(&p.program));
}
