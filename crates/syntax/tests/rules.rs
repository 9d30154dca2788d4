//! One test per rule of the manual that concerns lexing and parsing.

mod common;
use common::{clean, codes, fixed, tree};

#[test]
fn newline_counts_outside_brackets_only() {
    assert_eq!(tree("x = f(a,\n  b\n)\ny = [1,\n2\n]"), tree("x = f(a, b)\ny = [1, 2]"));
    assert_eq!(clean("a = 1\nb = 2").program.items.len(), 2);
}

#[test]
fn newline_counts_again_inside_braces() {
    let t = tree("for x in xs {\n  show a\n  show b\n}");
    assert_eq!(t.matches("show").count(), 2);
}

#[test]
fn newline_is_dropped_after_operators_and_before_joiners() {
    let one = tree("x = a + b.c() and d or e");
    assert_eq!(one, tree("x =\n a +\n b\n .c()\n and d\n or e"));
    assert_eq!(
        tree("if a { show b } else { show c }"),
        tree("if a {\n show b\n}\nelse {\n show c\n}")
    );
    assert_eq!(tree("answer xs.all(c => d)"), tree("answer xs.all(c =>\n d)"));
}

#[test]
fn unclosed_bracket_ends_at_a_statement_in_column_zero() {
    for next in
        ["answer 2", "show b", "y = 2", "fn f() -> Int { return 1 }", "test \"t\" { assert true }"]
    {
        let text = format!("x = f(a\n{next}\n");
        let p = reasmory_syntax::parse(&text);
        assert_eq!(codes(&text), ["E0102"], "{text}");
        assert_eq!(p.program.items.len(), 2, "{text}");
    }
    assert_eq!(fixed("x = f(a\nanswer x"), "x = f(a)\nanswer x");
}

#[test]
fn a_named_argument_may_stand_in_column_zero_of_a_closed_bracket() {
    assert_eq!(tree("x = f(\na=1,\nb=2\n)"), tree("x = f(a=1, b=2)"));
}

#[test]
fn units_are_ordinary_names_elsewhere() {
    clean("m = 1\ns = m\nin2 = m / s\ndeg = 3");
}

#[test]
fn units_are_glued_or_after_as() {
    assert!(tree("x = 2.5m").contains("measure 2.5 m"));
    assert!(tree("x = 25%").contains("measure 25 %"));
    assert!(tree("x = 3m2").contains("measure 3 m2"));
    assert!(tree("x = 3km/h").contains("measure 3 km/h"));
    assert!(tree("x = 6in").contains("measure 6 in"));
    assert!(tree("x = d as %").contains("as %"));
}

#[test]
fn as_takes_the_longest_unit() {
    assert!(tree("x = d as m/s").contains("as m/s"));
    let t = tree("x = d as m / s");
    assert!(t.contains("binary /") && t.contains("as m\n"), "{t}");
}

#[test]
fn a_number_needs_a_digit_after_its_point_so_ranges_work() {
    let t = tree("x = 1..4");
    assert!(t.contains("range\n") && t.contains("int 1\n") && t.contains("int 4\n"), "{t}");
}

#[test]
fn as_binds_tighter_than_times_and_looser_than_postfix() {
    let t = tree("x = a * b.c() as cm");
    let (mul, unit, method) = (t.find("binary *"), t.find("as cm"), t.find("method c"));
    assert!(mul < unit && unit < method, "{t}");
}

#[test]
fn ranges_stand_below_plus_and_above_comparison() {
    let t = tree("x = 1..n + 1 == ys");
    assert!(t.find("binary ==") < t.find("range") && t.find("range") < t.find("binary +"), "{t}");
    assert_eq!(codes("x = 1..2..3"), ["E0107"]);
}

#[test]
fn comparisons_do_not_chain() {
    assert_eq!(codes("answer a < b < c"), ["E0107"]);
    assert_eq!(fixed("answer a < b < c"), "answer a < b and b < c");
    assert_eq!(fixed("answer a < b < c < d"), "answer a < b and b < c and c < d");
}

#[test]
fn if_statements_hold_statements() {
    let t = tree("if a {\n x = 1\n show x\n} else if b {\n show c\n} else {\n show d\n}");
    assert_eq!(t.matches("block").count(), 4, "{t}");
}

#[test]
fn if_expressions_hold_one_expression_per_brace() {
    clean("x = if a { 1 } else { 2 }");
    clean("x = if a { 1 } else if b { 2 } else { 3 }");
    // Without `else` it parses; the checker reports it.
    clean("x = if a { 1 }");
    assert_eq!(codes("x = if a {\n  b = 1\n  b\n} else { 2 }\nanswer x"), ["E0101"]);
}

#[test]
fn lambdas_are_arguments_only() {
    clean("answer xs.filter(c => c.count() > 1)");
    clean("answer f(xs, key=c => c)");
    assert_eq!(codes("f = x => x + 1"), ["E0105"]);
    assert_eq!(codes("xs = [x => x]"), ["E0105"]);
}

#[test]
fn direction_words_and_operations_are_names() {
    assert!(tree("x = left").contains("name left"));
    clean("x = side(a, among=[left, right, none])");
}

#[test]
fn members_with_and_without_parentheses() {
    let t = tree("x = a.f\ny = a.f()");
    assert!(t.contains("member f") && t.contains("method f"), "{t}");
}

#[test]
fn reserved_words_name_arguments_and_members() {
    clean("x = xs.first(else=y)");
    clean("x = xs.nearest(to=a, in=b).test");
    clean("fn f(p: Point, in: View) -> Local in in { return local(p, in=me) }");
}

#[test]
fn functions_have_types_defaults_options_and_frames() {
    clean(
        "## Doc\nfn f(a: Object, b: List<Object>?, c: Length = 2m) -> Local in v {\n  return a\n}",
    );
    let p = clean("## One\n## two\nfn f() -> Int { return 1 }");
    let reasmory_syntax::ast::Item::Fn(f) = &p.program.items[0] else { panic!() };
    assert_eq!(f.doc, "One\ntwo");
}

#[test]
fn an_unknown_type_is_kept_for_the_checker() {
    let p = clean("fn f(a: Chair) -> Int { return 1 }");
    let reasmory_syntax::ast::Item::Fn(f) = &p.program.items[0] else { panic!() };
    assert_eq!(f.params[0].ty.unknown.as_ref().map(|u| u.name.as_str()), Some("Chair"));
}

#[test]
fn assignment_in_a_condition_is_a_comparison() {
    for text in [
        "if a = b { show c }",
        "answer a = b",
        "assert a = b",
        "x = [a for a in b if a = c]",
        "x = b.any(c => c = d)",
    ] {
        assert_eq!(codes(text), ["E0101"], "{text}");
        clean(&fixed(text));
    }
}

#[test]
fn escapes() {
    assert!(tree(r#"x = "a\"b\\c\n\t\u{1f6cb}é""#).contains("🛋é"));
    assert_eq!(codes(r#"x = "a\q""#), ["E0001"]);
    assert_eq!(codes(r#"x = "\u{110000}""#), ["E0001"]);
}

#[test]
fn unterminated_text_ends_with_its_line() {
    let text = "x = the(\"tv)\nanswer x";
    assert_eq!(codes(text), ["E0002"]);
    assert_eq!(fixed(text), "x = the(\"tv\")\nanswer x");
    assert_eq!(codes("x = \"abc, def! \nanswer 1"), ["E0002"]);
}

#[test]
fn numbers() {
    assert_eq!(codes("x = 9223372036854775808"), ["E0003"]);
    clean("x = 9223372036854775807");
    assert_eq!(codes("x = 1e5"), ["E0003"]);
    assert_eq!(fixed("x = 1.5e3"), "x = 1500");
    assert_eq!(fixed("x = 1_000"), "x = 1000");
    assert_eq!(fixed("x = .5"), "x = 0.5");
    assert_eq!(fixed("x = 0x1F"), "x = 31");
    assert_eq!(codes(&format!("x = {}.0", "9".repeat(400))), ["E0003"]);
}

#[test]
fn units_that_are_none() {
    assert_eq!(codes("x = 12cn"), ["E0004"]);
    let d = &reasmory_syntax::parse("x = 12cn").diagnostics[0];
    assert_eq!(d.facts["candidates"][0], "cm");
    assert_eq!(fixed("x = 2meters"), "x = 2m");
    assert_eq!(fixed("x = 90°"), "x = 90deg");
    assert_eq!(fixed("x = 3m²"), "x = 3m2");
    assert_eq!(fixed("x = d as meters"), "x = d as m");
    assert_eq!(codes("x = d as banana"), ["E0004"]);
}

#[test]
fn a_space_before_a_unit() {
    for (bad, good) in [
        ("answer d < 2 m", "answer d < 2m"),
        ("x = 2 meters", "x = 2m"),
        ("x = step(me, by=2 m/s)", "x = step(me, by=2m/s)"),
        ("x = 25 %", "x = 25%"),
        ("x = 6 in", "x = 6in"),
    ] {
        assert_eq!(codes(bad), ["E0004"], "{bad}");
        assert_eq!(fixed(bad), good);
        assert_eq!(
            tree(good),
            reasmory_syntax::print_ast_without_spans(&reasmory_syntax::parse(bad).program)
        );
    }
}

#[test]
fn test_is_a_word_only_where_a_test_starts() {
    clean("test = 1\nanswer test");
    clean("test \"adds\" {\n  assert 1 + 1 == 2\n}");
}

#[test]
fn habits_of_other_languages_get_their_own_words() {
    for (text, words) in [
        ("answer \"tv\" in categories()\n", "`xs.contains(x)`"),
        ("answer a is b\n", "`==`"),
        ("answer objects(\"chair\")[1:2]\n", "`[xs[i] for i in 1..3]`"),
        ("answer d > 2m and < 5m\n", "`1m < d and d < 2m`"),
    ] {
        let found = reasmory_syntax::parse(text).diagnostics;
        assert_eq!(found.len(), 1, "{text}");
        let said = format!("{:?}", found[0]);
        assert!(said.contains(words), "{text}: {said}");
    }
}
