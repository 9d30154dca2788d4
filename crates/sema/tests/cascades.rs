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

/// Codes of a program that is checked against a memory: one tv and sofa, two chairs, five books that are
/// counted but have no place; metric or not.
fn codes_in(text: &str, scale: reasmory_scene::Scale) -> Vec<&'static str> {
    let mut m = reasmory_scene::Manifest::empty("test", "test", scale);
    for (i, category) in ["sofa", "tv", "chair", "chair"].into_iter().enumerate() {
        m.instances.push(reasmory_scene::Instance {
            id: i as u32 + 1,
            category: category.into(),
            obb: reasmory_geom::Obb::upright(
                reasmory_geom::Point3::new(i as f64, 0.0, 0.5),
                reasmory_geom::Vec3::new(0.5, 0.5, 1.0),
                0.0,
            ),
            confidence: 1.0,
            support: 0,
            front: None,
            seen_in: vec![],
        });
    }
    m.index_categories();
    let mut book = m.categories[0].clone();
    (book.name, book.instances, book.stated_count) = ("book".into(), vec![], Some(5));
    m.categories.insert(0, book);
    let parsed = reasmory_syntax::parse(text);
    let options = CheckOptions { scene: Some(&m), ..CheckOptions::default() };
    let checked = check(&parsed.program, text, options);
    parsed.diagnostics.iter().chain(&checked.diagnostics).map(|d| d.code.id()).collect()
}

const VIEWS: &str =
    "me = stand(at=\"sofa\", facing=\"tv\")\nyou = stand(at=\"tv\", facing=\"sofa\")\n";

#[test]
fn frames_survive_signs_lists_and_zero() {
    let metric = || reasmory_scene::Scale::metric("test");
    for wrong in [
        "answer -local(\"tv\", from=me).right < local(\"tv\", from=you).right\n",
        "answer [local(\"tv\", from=me).right, local(\"tv\", from=you).right].min()\n",
        "answer max(0m, local(\"tv\", from=me).right, local(\"tv\", from=you).right)\n",
        "answer [center(\"tv\").x, local(\"tv\", from=you).right, eye(me).x].max()\n",
        "you2 = you\nanswer center(\"tv\").x < local(\"tv\", from=you2).right and view_heading(me) > 1deg\n",
    ] {
        let found = codes_in(&format!("{VIEWS}{wrong}"), metric());
        assert!(found.contains(&"E0403"), "{wrong}: {found:?}");
    }
    for right in [
        "answer [center(\"tv\").x, eye(me).x, eye(you).x].max()\n",
        "answer max(0m, -local(\"tv\", from=me).right) < local(\"sofa\", from=me).up and sees(you, \"tv\")\n",
    ] {
        assert_eq!(codes_in(&format!("{VIEWS}{right}"), metric()), [""; 0], "{right}");
    }
}

#[test]
fn what_is_counted_without_a_box_can_only_be_counted() {
    let metric = || reasmory_scene::Scale::metric("test");
    for right in ["answer objects(\"book\").count()\n", "b = objects(\"book\")\nanswer b.count()\n"]
    {
        assert_eq!(codes_in(right, metric()), [""; 0], "{right}");
    }
    // What is remembered of a list does not grow with how it was made.
    let mut text = "a0 = objects(\"chair\")\n".to_owned();
    for i in 1..40 {
        text.push_str(&format!("a{i} = objects(a{}.first().category())\n", i - 1));
    }
    text.push_str("answer a39.count()\n");
    assert_eq!(codes_in(&text, metric()), [""; 0]);
    for wrong in [
        "answer objects(\"book\").filter(b => volume(b) > 1m3).count()\n",
        "b = objects(\"book\")\nanswer b.any(x => is_near(x, \"tv\"))\n",
        "answer objects(\"book\").is_empty()\n",
    ] {
        assert_eq!(codes_in(wrong, metric()), ["E0501"], "{wrong}");
    }
}

#[test]
fn defaults_are_literals_of_their_type() {
    let call = "answer f(\"tv\")\n";
    for (head, code) in [
        (
            "fn f(x: Object, v: View = photo(1)) -> Length {\n  return distance(x, to=v)\n}\n",
            "E0301",
        ),
        ("fn f(x: Object, n: Int = 0.5) -> Length {\n  return height(x) * n\n}\n", "E0301"),
        ("fn f(x: Object, d: Length = 2) -> Length {\n  return height(x) + d\n}\n", "E0402"),
        ("fn f(x: Object, d: Length = 30deg) -> Length {\n  return height(x) + d\n}\n", "E0401"),
        ("fn f(x: Object, y: Object?) -> Length {\n  return distance(x, to=y)\n}\n", "E0205"),
    ] {
        let text = format!("{head}{call}");
        assert_eq!(codes_in(&text, reasmory_scene::Scale::metric("test")), [code], "{text}");
    }
    let text = "fn f(x: Object, d: Length = 2m, n: Number = 2) -> Bool {\n  return height(x) < d * n\n}\n\
                answer f(\"tv\")\n";
    assert_eq!(codes_in(text, reasmory_scene::Scale::metric("test")), [""; 0]);
    assert_eq!(codes_in(text, reasmory_scene::Scale::relative("test")), ["E0404"]);
}

#[test]
fn small_rules() {
    let cases = [
        // The unit of a sum belongs to the sum.
        ("answer height(\"tv\") + height(\"sofa\") as cm\n", vec!["E0406"]),
        ("answer (height(\"tv\") + height(\"sofa\")) as cm\n", vec![]),
        ("answer height(\"tv\") as m / 2\n", vec![]),
        ("answer distance(\"tv\", to=\"sofa\") < 10%\n", vec!["E0401"]),
        // `chair` is a category; the chairs are named `chair #1` and `chair #2`.
        ("answer objects().filter(o => o.name == \"chair\").count()\n", vec!["E0303"]),
        ("answer objects().filter(o => o.name == \"chair #2\").count()\n", vec![]),
        ("answer the(\"tv\").name == \"tv\"\n", vec![]),
        // A lambda's name is its own.
        ("c = the(\"tv\")\nanswer objects(\"chair\").any(c => volume(c) > 1m3)\n", vec!["E0203"]),
        (
            "answer objects(\"chair\").any(o => volume(o) > 1m3) or objects().all(o => volume(o) > 1m3)\n",
            vec![],
        ),
        // Marks flatten; pictures that a conversion makes are counted.
        (
            "show top(mark=[[the(\"tv\"), [stand(at=\"sofa\", facing=\"tv\")]], objects(\"chair\")])\n",
            vec![],
        ),
        (
            "for i in 1..65 {\n  show plan(mark=objects(\"chair\")[1])\n  assert i > 0\n}\n",
            vec!["E0601"],
        ),
        ("for p in [1, 2] {\n  show photo(p)\n}\n", vec!["E0506"]),
    ];
    for (text, codes) in cases {
        assert_eq!(codes_in(text, reasmory_scene::Scale::metric("test")), codes, "{text}");
    }
}

#[test]
fn a_renamed_lambda_checks() {
    let text = "c = the(\"tv\")\nanswer objects(\"chair\").any(c => volume((c)) > volume(c))\n";
    let parsed = reasmory_syntax::parse(text);
    let checked = check(&parsed.program, text, CheckOptions::default());
    let found = checked.diagnostics.iter().find(|d| d.code.id() == "E0203").unwrap();
    let mut edits = found.suggestions[0].edits.clone();
    edits.sort_by_key(|e| std::cmp::Reverse(e.span.start));
    let mut fixed = text.to_owned();
    for e in edits {
        fixed.replace_range(e.span.start as usize..e.span.end as usize, &e.insert);
    }
    assert!(fixed.ends_with(".any(c2 => volume((c2)) > volume(c2))\n"), "{fixed}");
}
