//! Batches in memory.

use reasmory_scene::{Manifest, Memory, Points, Scale};
use serde_json::{Value, json};

use super::*;
use crate::Levels;

fn options() -> Options {
    Options {
        scenes: Scenes::None,
        model: false,
        config: Config::default(),
        dialect: crate::Dialect::Reasmory,
        jobs: Some(2),
        operations: true,
        results: false,
    }
}

fn batch(text: &[u8], options: Options) -> (Vec<Row>, Totals) {
    let linter = Linter::new(options).unwrap_or_else(|e| panic!("{e}"));
    let mut rows = Vec::new();
    let mut input = text;
    let totals = linter.run(&mut input, "test", &mut |r| {
        rows.push(r);
        Ok(())
    });
    (rows, totals.unwrap_or_else(|e| panic!("{e}")))
}

fn problems(text: &[u8]) -> Vec<String> {
    batch(text, options()).0.into_iter().map(|r| r.problem.unwrap_or_default()).collect()
}

#[test]
fn rows_keep_their_order_and_add_up() {
    let mut text = String::new();
    for i in 0..3000 {
        let program = if i % 3 == 0 { "answer distnace(\"sofa\", to=\"tv\")" } else { "answer 1" };
        text += &format!("{}\n\n", json!({"id": i, "program": program, "model": "m"}));
    }
    let (rows, totals) = batch(text.as_bytes(), options());
    assert!(rows.iter().enumerate().all(|(i, r)| r.id == json!(i) && r.line == 2 * i + 1));
    assert_eq!((totals.programs, totals.clean, totals.ok), (3000, 2000, 2000));
    let summary = totals.json();
    assert_eq!(summary["by_code"], json!({"E0201": 1000}));
    assert_eq!(summary["errors"], 1000);
    let first: Value = serde_json::from_str(&rows[0].json).unwrap_or_default();
    assert_eq!((&first["ok"], &first["diagnostics"][0]["file"]), (&json!(false), &json!("0")));
    let tables = stats(&totals);
    assert!(tables.contains("E0201 unknown-operation      1000      1000\n"), "{tables}");
    assert!(tables.contains("distnace       1000      1000\n"), "{tables}");
    assert!(tables.contains("m          3000  2000  66.7    1000         0\n"), "{tables}");
}

#[test]
fn malformed_lines_are_said_to_be_and_do_not_stop() {
    let text = b"{\n[1]\n{\"program\": \"answer 1\"}\n{\"id\": 1}\n{\"id\": [], \"program\": \"\"}\n\
        {\"id\": 2, \"program\": 3}\n\xff\n{\"id\": 3, \"program\": \"answer 1\", \"dialect\": \"latin\"}\n\
        {\"id\": 4, \"program\": \"answer 1\", \"scene\": null, \"other\": {}}";
    let found = problems(text);
    let wanted = [
        "the line is not JSON: ",
        "the line is no JSON object",
        "`id` is missing",
        "`program` is missing",
        "`id` is neither a text nor a number",
        "`program` is not a text",
        "the line is not UTF-8 text (byte 0)",
        "there is no dialect \"latin\"",
        "",
    ];
    assert_eq!(found.len(), wanted.len());
    for (f, w) in found.iter().zip(wanted) {
        assert!(f.starts_with(w) && f.is_empty() == w.is_empty(), "{f}: {w}");
    }
    let (rows, totals) = batch(text, options());
    assert_eq!((totals.programs, totals.unchecked, totals.ok), (9, 8, 1));
    let row: Value = serde_json::from_str(&rows[5].json).unwrap_or_default();
    assert_eq!(row["error"]["line"], 6);
    assert_eq!(row["id"], 2);
}

#[test]
fn long_lines_are_skipped() {
    let mut text = vec![b'x'; (MAX_LINE + 7) as usize];
    text.extend(b"\n{\"id\": 1, \"program\": \"answer 1\"}");
    assert_eq!(problems(&text), ["the line is longer than 16 MiB", ""]);
}

#[test]
fn scenes_by_name_stay_in_their_folder() {
    let dir = std::env::temp_dir();
    let scenes = || Scenes::folder(&dir).unwrap_or_else(|e| panic!("{e}"));
    for name in ["../x", "a/b", "", ".", "C:x"] {
        let line = json!({"id": 1, "program": "answer 1", "scene": name}).to_string();
        let (rows, _) = batch(line.as_bytes(), Options { scenes: scenes(), ..options() });
        let problem = rows[0].problem.clone().unwrap_or_default();
        assert!(problem.ends_with("is no name of a memory"), "{problem}");
    }
    let line = json!({"id": 1, "program": "answer 1", "scene": "none such"}).to_string();
    let (rows, _) = batch(line.as_bytes(), Options { scenes: scenes(), ..options() });
    assert_eq!(
        rows[0].problem.as_deref(),
        Some("there is no memory `none such.mem` in the folder of scenes")
    );
    assert!(Scenes::folder(&dir.join("none such")).is_err());
}

#[test]
fn levels_change_what_is_ok() {
    let line = br#"{"id": 1, "program": "x = 1\nanswer 2"}"#;
    let (_, totals) = batch(line, options());
    assert_eq!((totals.ok, totals.clean, totals.warnings), (1, 0, 1));
    let levels = Levels::new(&[], &["warnings".to_owned()]).unwrap_or_default();
    let config = Config { levels, ..Config::default() };
    let (_, totals) = batch(line, Options { config, ..options() });
    assert_eq!((totals.ok, totals.errors), (0, 1));
}

#[test]
fn comparing_programs_with_earlier_results() {
    let line = |id: &str, p: &str| format!("{}\n", json!({"id": id, "program": p}));
    let (bad, good) = ("answer y", "answer 1");
    let before = line("a", bad) + &line("b", good) + &line("c", good) + &line("d", bad);
    let after = line("a", good) + &line("b", bad) + &line("c", good) + &line("e", good);
    let (old, old_totals) = batch(before.as_bytes(), options());
    // The earlier batch as its printed results.
    let printed: String = old.iter().map(|r| format!("{}\n", r.json)).collect();
    let printed = format!("{printed}{}\n", old_totals.json());
    let (old, totals) = batch(printed.as_bytes(), Options { results: true, ..options() });
    assert_eq!(totals.codes, old_totals.codes);
    let (new, new_totals) = batch(after.as_bytes(), options());
    let mut c = Comparison::default();
    old.iter().for_each(|r| c.before(r));
    new.iter().for_each(|r| c.after(r));
    let text = c.text(&totals, &new_totals);
    let squeezed: Vec<String> =
        text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for wanted in [
        "programs before 4",
        "fixed 1",
        "broken 1",
        "unchanged, ok 1",
        "unchanged, with errors 0",
        "only before 1",
        "only after 1",
        "fixed: a",
        "broken: b",
        "E0202 unknown-name 2 1 -1",
    ] {
        assert!(squeezed.iter().any(|l| l == wanted), "{wanted}\n{text}");
    }
}

#[test]
fn findings_belong_to_calls() {
    let at = |text: &str, part: &str| {
        let start = text.find(part).unwrap_or(0) as u32;
        row::operation(text, reasmory_span::Span::new(start, start + part.len() as u32))
    };
    let text = "a = f(\"(g(\", to=x) # h(\nb = side(the(\"tv\"), y).count(z + 1) + w";
    assert_eq!(at(text, "f(").as_deref(), Some("f"));
    assert_eq!(at(text, "x)").as_deref(), Some("f"));
    assert_eq!(at(text, "\"tv\"").as_deref(), Some("the"));
    assert_eq!(at(text, "y)").as_deref(), Some("side"));
    assert_eq!(at(text, "z ").as_deref(), Some("count"));
    assert_eq!(at(text, "w"), None);
}

#[test]
fn manifests_are_read_once() {
    let dir = std::env::temp_dir().join(format!("reasmory-lint-{}", std::process::id()));
    let manifest = Manifest::empty("room", "test", Scale::metric("test"));
    let memory = Memory::new(manifest, Points::default(), None).unwrap_or_else(|e| panic!("{e}"));
    let written =
        reasmory_store::write(&memory, &reasmory_store::NoPictures, &dir.join("room.mem"));
    assert!(written.is_ok(), "{written:?}");
    let scenes = Scenes::folder(&dir).unwrap_or_else(|e| panic!("{e}"));
    let linter = Linter::new(Options { scenes, ..options() }).unwrap_or_else(|e| panic!("{e}"));
    let line =
        json!({"id": "a", "program": "answer the(\"unicorn\")", "scene": "room"}).to_string();
    let run = || {
        let mut last = None;
        let ran = linter.run(&mut line.as_bytes(), "test", &mut |r| {
            last = Some(r.json);
            Ok(())
        });
        assert!(ran.is_ok());
        last.unwrap_or_default()
    };
    let first = run();
    let removed = std::fs::remove_dir_all(&dir);
    assert!(removed.is_ok(), "{removed:?}");
    assert_eq!(run(), first);
    let row: Value = serde_json::from_str(&first).unwrap_or_default();
    assert_eq!((&row["scene"], &row["diagnostics"][0]["code"]), (&json!("room"), &json!("E0501")));
}

#[test]
fn lines_have_the_keys_of_their_schema() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../../spec/json/lint-line.v1.json"))
            .unwrap_or_default();
    let keys = |v: &Value| -> Vec<String> {
        v.as_object().into_iter().flatten().map(|(k, _)| k.clone()).collect()
    };
    let required = |i: usize| -> Vec<String> {
        let names = schema["oneOf"][i]["required"].as_array().into_iter().flatten();
        names.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let text = b"{\"id\": 1, \"program\": \"answer y\", \"model\": \"m\"}\n{";
    let (rows, totals) = batch(text, options());
    for (row, more) in rows.iter().zip(["model", "error"]) {
        let row: Value = serde_json::from_str(&row.json).unwrap_or_default();
        let mut wanted = required(0);
        wanted.push(more.to_owned());
        assert_eq!(keys(&row), wanted);
        assert!(schema["oneOf"][0]["properties"].get(more).is_some());
    }
    assert_eq!(keys(&totals.json()), required(1));
}
