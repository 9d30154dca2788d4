use super::*;

#[test]
fn the_end_of_a_text_is_known() {
    let c = context("me = stand(at=the(\"sofa\"), facing=");
    let a = c.argument.unwrap();
    assert_eq!((a.callee.as_str(), a.index, a.name.as_deref()), ("stand", 1, Some("facing")));
    assert_eq!((a.given, a.starts), (vec!["at".to_owned(), "facing".to_owned()], false));
    assert_eq!(c.names, ["me"]);

    let c = context("fn f(x: Object, ys: List<");
    assert_eq!((c.place, c.names), (Place::Type, vec!["f".to_owned(), "x".into(), "ys".into()]));
    assert_eq!(context("fn f(").place, Place::New);
    assert_eq!(context("answer a < ").place, Place::Other);
    assert_eq!(context("answer the(\"tv\").").place, Place::Member);

    let a = context("answer side(x, among=[left, ").argument.unwrap();
    assert_eq!((a.callee.as_str(), a.name.as_deref(), a.in_list), ("side", Some("among"), true));
    let a = context("answer xs.filter(c => distance(").argument.unwrap();
    assert_eq!((a.callee.as_str(), a.method, a.starts), ("distance", false, true));
    assert_eq!(context("answer (").argument, None);
    assert!(context("assert a, ").remark && !context("assert a, \"x\"\nanswer ").remark);
}

#[test]
fn what_is_finished_stays_finished() {
    let at = |text: &str| Prefix::of(text).finished();
    assert_eq!(at("x = 1\n"), 0);
    // It may still go on with `.y`.
    assert_eq!(at("x = 1\n  "), 0);
    assert_eq!(at("x = 1\ny"), 0);
    assert_eq!(at("x = 1\ny "), 5);
    assert_eq!(at("x = 1 # one\n\nif y { z = 1 }\nelse { }\nx "), 36);
}

#[test]
fn what_nests_deep_has_an_end() {
    for level in [
        "if ",
        "if a { ",
        "f(x => ",
        "[f(",
        "[x for x in ",
        "if a { b } else { ",
        "if [",
        "(not a + -",
    ] {
        for depth in [1, 7, 30] {
            let text = format!("answer {}", level.repeat(depth));
            let p = Prefix::of(&text);
            assert_eq!(p.status(), Status::Live, "{text:?}");
            let end = p.finish().unwrap_or_else(|| panic!("no end of {text:?}"));
            assert!(is_program(&format!("{text}{end}")), "{text:?} then {end:?}");
        }
    }
}
