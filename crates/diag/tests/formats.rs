//! The formats of other tools: well-formed whatever the text, and the same findings as JSON.

use reasmory_diag::render::{Format, Options, Report, Source, render};
use reasmory_diag::{Applicability, CODES, Code, Diagnostic, Edit, Severity, Suggestion};
use reasmory_span::Span;
use serde_json::Value;

const PLAN: &str = "# é 🛋\nd = distnace(\"sofa\", to=the(\"é🛋\"))\nanswer d < 2\n";
const HOSTILE: &str =
    "x = \"50%, a:b <&> ]]> 'é🛋\u{1b}[31m\u{0}\u{fffe}\" # ::error::\r\n\ty = ?\r\n";
const HOSTILE_NAME: &str = "dir, a:b/100% \"<&>'\n\u{7}é.rsm";
const TOOLS: [Format; 5] =
    [Format::Sarif, Format::Github, Format::Gitlab, Format::Junit, Format::Rdjson];

fn at(text: &str, part: &str) -> Span {
    let start = text.find(part).unwrap_or_default() as u32;
    Span::new(start, start + part.len() as u32)
}

fn edits(list: &[(Span, &str)]) -> Vec<Edit> {
    list.iter().map(|(span, insert)| Edit { span: *span, insert: (*insert).to_owned() }).collect()
}

fn plan() -> Vec<Diagnostic> {
    let name = at(PLAN, "distnace");
    let tv = at(PLAN, "\"é🛋\"");
    vec![
        Diagnostic::new(Code::UnknownOperation, name, "there is no operation `distnace`")
            .label("unknown operation")
            .help("did you mean `distance`?")
            .fact("candidates", vec!["distance", "side"])
            .fix(Applicability::Safe, "use `distance`", name, "distance")
            .fix(Applicability::Manual, "another", name, "…"),
        Diagnostic::new(Code::UnknownCategory, tv, "the memory has no `é🛋`")
            .also(at(PLAN, "d <"), "used here")
            .note("it has `sofa`")
            .suggest(Suggestion {
                title: "two at once".into(),
                edits: edits(&[(at(PLAN, "the("), "one("), (tv, "\"sofa\"")]),
                applicability: Applicability::Unsafe,
            }),
        Diagnostic::new(Code::UnusedBinding, at(PLAN, "d <"), "`d` is never used"),
    ]
}

fn hostile() -> Vec<Diagnostic> {
    let all = Span::new(0, HOSTILE.len() as u32);
    vec![
        Diagnostic::new(
            Code::InvalidCharacter,
            at(HOSTILE, "50%"),
            "50%, a:b <&> \"]]>\" 'é🛋\u{1b}[0m\u{0}",
        )
        .label("\"<&>\r\n")
        .note("]]>\n::error::x")
        .fix(Applicability::Unsafe, "<fix> & \"all\"", all, "\u{7}]]>\r\n&"),
        Diagnostic::new(Code::UnexpectedToken, at(HOSTILE, "?"), "an unexpected `?`"),
        Diagnostic::new(Code::UnexpectedEnd, Span::new(900, 901), "outside"),
    ]
}

fn with_report<T>(f: impl FnOnce(&Report<'_>) -> T) -> T {
    let (plan, hostile) = (plan(), hostile());
    f(&Report {
        files: &[
            Source { name: "plans/plan.rsm", text: PLAN, diagnostics: &plan },
            Source { name: HOSTILE_NAME, text: HOSTILE, diagnostics: &hostile },
            Source { name: "clean.rsm", text: "answer 1\n", diagnostics: &[] },
        ],
    })
}

fn rendered(format: Format) -> String {
    with_report(|r| render(r, format, Options::default()))
}

fn parsed(format: Format) -> Value {
    let text = rendered(format);
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}\n{text}", format.name()))
}

/// Only the first file, as a snapshot: the other holds control characters.
fn snapshot(format: Format) -> String {
    let plan = plan();
    let files = [
        Source { name: "plans/plan.rsm", text: PLAN, diagnostics: &plan },
        Source { name: "clean.rsm", text: "answer 1\n", diagnostics: &[] },
    ];
    render(&Report { files: &files }, format, Options::default())
}

#[test]
fn sarif() {
    let mut v: Value = serde_json::from_str(&snapshot(Format::Sarif)).unwrap_or_default();
    // Pages and the version have their own lives.
    let driver = &mut v["runs"][0]["tool"]["driver"];
    driver["version"] = "…".into();
    for rule in driver["rules"].as_array_mut().into_iter().flatten() {
        rule["help"] = "…".into();
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&v).unwrap_or_default());
}

#[test]
fn github() {
    insta::assert_snapshot!(snapshot(Format::Github));
}

#[test]
fn gitlab() {
    insta::assert_snapshot!(snapshot(Format::Gitlab));
}

#[test]
fn junit() {
    insta::assert_snapshot!(snapshot(Format::Junit));
}

#[test]
fn rdjson() {
    insta::assert_snapshot!(snapshot(Format::Rdjson));
}

/// What every format says of a finding, as far as it has it.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    file: String,
    line: u64,
    column: u64,
    code: String,
    message: String,
    fixes: Option<usize>,
}

fn list(v: &Value) -> impl Iterator<Item = &Value> {
    v.as_array().into_iter().flatten()
}

fn text(v: &Value) -> String {
    v.as_str().unwrap_or_else(|| panic!("no text: {v}")).to_owned()
}

fn number(v: &Value) -> u64 {
    v.as_u64().unwrap_or_else(|| panic!("no number: {v}"))
}

fn of_json() -> Vec<Found> {
    list(&parsed(Format::Json)["diagnostics"])
        .map(|d| Found {
            file: text(&d["file"]),
            line: number(&d["span"]["start"]["line"]),
            column: number(&d["span"]["start"]["column"]),
            code: text(&d["code"]),
            message: text(&d["message"]),
            fixes: Some(list(&d["suggestions"]).count()),
        })
        .collect()
}

fn decoded(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.as_bytes();
    while let Some((&b, tail)) = rest.split_first() {
        if b == b'%' {
            let hex = std::str::from_utf8(&tail[..2]).unwrap_or_default();
            bytes.push(u8::from_str_radix(hex, 16).unwrap_or_else(|e| panic!("{uri}: {e}")));
            rest = &tail[2..];
        } else {
            bytes.push(b);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|e| panic!("{uri}: {e}"))
}

#[test]
fn sarif_says_the_same() {
    let v = parsed(Format::Sarif);
    assert_eq!(v["version"], "2.1.0");
    let run = &v["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules: Vec<&Value> = list(&run["tool"]["driver"]["rules"]).collect();
    let found: Vec<Found> = list(&run["results"])
        .map(|r| {
            let place = &r["locations"][0]["physicalLocation"];
            let code = text(&r["ruleId"]);
            assert_eq!(rules[number(&r["ruleIndex"]) as usize]["id"], code.as_str());
            let uri = text(&place["artifactLocation"]["uri"]);
            assert!(!uri.contains(['\\', ' ', '"', '<', '\n', ':']), "{uri}");
            Found {
                file: decoded(&uri),
                line: number(&place["region"]["startLine"]),
                column: number(&place["region"]["startColumn"]),
                code,
                message: text(&r["message"]["text"]),
                fixes: Some(list(&r["fixes"]).count()),
            }
        })
        .collect();
    assert_eq!(found, of_json());
    // What SARIF requires of each object that is written.
    for rule in rules {
        let code = Code::find(&text(&rule["id"])).map(Code::info);
        let page = code.map_or("", |c| c.page);
        assert_eq!(rule["name"], code.map_or("", |c| c.name));
        assert!(page.contains(&text(&rule["help"]["markdown"])));
        assert!(rule["shortDescription"]["text"].is_string() && rule["help"]["text"].is_string());
        let level = text(&rule["defaultConfiguration"]["level"]);
        assert!(["error", "warning"].contains(&level.as_str()));
    }
    let json = parsed(Format::Json);
    for (r, d) in list(&run["results"]).zip(list(&json["diagnostics"])) {
        assert_eq!(r["level"], d["severity"]);
        assert_eq!(r["properties"]["facts"], d["facts"]);
        assert_eq!(r["properties"]["notes"], d["notes"]);
        assert_eq!(list(&r["relatedLocations"]).count() + 1, list(&d["labels"]).count());
        assert!(list(&r["relatedLocations"]).all(|l| l["id"].is_u64()));
        for (f, s) in list(&r["fixes"]).zip(list(&d["suggestions"])) {
            assert_eq!(f["properties"]["applicability"], s["applicability"]);
            let change = &f["artifactChanges"][0];
            assert!(change["artifactLocation"]["uri"].is_string());
            for (p, e) in list(&change["replacements"]).zip(list(&s["edits"])) {
                assert_eq!(p["insertedContent"]["text"], e["insert"]);
                assert_eq!(p["deletedRegion"]["endColumn"], e["span"]["end"]["column"]);
                assert_eq!(p["deletedRegion"]["endLine"], e["span"]["end"]["line"]);
            }
            assert_eq!(list(&change["replacements"]).count(), list(&s["edits"]).count());
        }
    }
}

fn unescaped(text: &str, also: &[(&str, &str)]) -> String {
    let mut out = text.to_owned();
    for (code, c) in also {
        out = out.replace(code, c);
    }
    out.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
}

/// Control characters are blanked in text formats: byte for byte as `?`, or as U+FFFD in XML.
fn blanked(found: Vec<Found>, with: char) -> Vec<Found> {
    let blank = |t: &str| -> String {
        t.chars()
            .map(|c| if c.is_control() && !matches!(c, '\n' | '\t' | '\r') { with } else { c })
            .collect()
    };
    found
        .into_iter()
        .map(|f| Found { file: blank(&f.file), message: blank(&f.message), ..f })
        .collect()
}

#[test]
fn github_says_the_same() {
    let out = rendered(Format::Github);
    assert!(!out.chars().any(|c| c.is_control() && c != '\n'));
    let found: Vec<Found> = out
        .lines()
        .map(|line| {
            let command = line.strip_prefix("::").unwrap_or_else(|| panic!("{line}"));
            let (head, message) = command.split_once("::").unwrap_or_else(|| panic!("{line}"));
            let (_, properties) = head.split_once(' ').unwrap_or_default();
            let get = |key: &str| -> String {
                let raw =
                    properties.split(',').find_map(|p| p.strip_prefix(key)?.strip_prefix('='));
                unescaped(raw.unwrap_or_default(), &[("%3A", ":"), ("%2C", ",")])
            };
            let message = unescaped(message, &[]);
            Found {
                file: get("file"),
                line: get("line").parse().unwrap_or_default(),
                column: get("col").parse().unwrap_or_default(),
                code: get("title").split(' ').next().unwrap_or_default().to_owned(),
                message: message.lines().next().unwrap_or_default().to_owned(),
                fixes: None,
            }
        })
        .collect();
    let expected = blanked(of_json(), '?').into_iter().map(|f| Found { fixes: None, ..f });
    assert_eq!(found, expected.collect::<Vec<_>>());
}

#[test]
fn gitlab_says_the_same() {
    let v = parsed(Format::Gitlab);
    let found: Vec<Found> = list(&v)
        .map(|r| {
            let description = text(&r["description"]);
            let (code, message) = description.split_once(": ").unwrap_or_default();
            assert_eq!(Code::find(&text(&r["check_name"])).map(Code::id), Some(code));
            let begin = &r["location"]["positions"]["begin"];
            assert_eq!(begin["line"], r["location"]["lines"]["begin"]);
            Found {
                file: text(&r["location"]["path"]),
                line: number(&begin["line"]),
                column: number(&begin["column"]),
                code: code.to_owned(),
                message: message.to_owned(),
                fixes: None,
            }
        })
        .collect();
    let expected = of_json().into_iter().map(|f| Found { fixes: None, ..f });
    assert_eq!(found, expected.collect::<Vec<_>>());
    let mut prints: Vec<String> = list(&v).map(|r| text(&r["fingerprint"])).collect();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), found.len(), "fingerprints are unique");
    assert!(list(&v).all(|r| ["major", "minor"].contains(&text(&r["severity"]).as_str())));
}

/// A start or empty tag with its attributes, an end tag, or text.
#[derive(Debug, PartialEq)]
enum Xml {
    Start(String, Vec<(String, String)>),
    End(String),
    Text(String),
}

/// A strict reader of the part of XML that is written: panics where it is not well-formed.
fn xml(document: &str) -> Vec<Xml> {
    let legal =
        |c: char| matches!(c, '\n' | '\t') || (c >= ' ' && c != '\u{fffe}' && c != '\u{ffff}');
    assert!(document.chars().all(legal), "{document:?}");
    let plain = |t: &str| -> String {
        assert!(!t.contains(['<', '>']), "{t}");
        let mut out = String::new();
        let mut rest = t;
        while let Some((before, tail)) = rest.split_once('&') {
            let (entity, after) = tail.split_once(';').unwrap_or_else(|| panic!("{t}"));
            out.push_str(before);
            out.push(match entity {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "#39" => '\'',
                "#10" => '\n',
                "#13" => '\r',
                "#9" => '\t',
                other => panic!("the entity {other}"),
            });
            rest = after;
        }
        out + rest
    };
    let mut out = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let body = document.split_once("?>").map_or("", |d| d.1);
    let mut rest = body;
    while let Some((before, tail)) = rest.split_once('<') {
        if !before.trim().is_empty() {
            out.push(Xml::Text(plain(before)));
        }
        // No `>` stands inside a tag: it is escaped in attributes.
        let (tag, after) = tail.split_once('>').unwrap_or_else(|| panic!("{tail}"));
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            out.push(Xml::End(name.to_owned()));
        } else {
            let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |t| (t, true));
            let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
            let mut attributes = Vec::new();
            while !rest.is_empty() {
                let (key, value) = rest.split_once("=\"").unwrap_or_else(|| panic!("{tag}"));
                let (value, more) = value.split_once('"').unwrap_or_else(|| panic!("{tag}"));
                assert!(!value.contains(['\n', '\t']), "{tag}");
                attributes.push((key.trim().to_owned(), plain(value)));
                rest = more;
            }
            out.push(Xml::Start(name.to_owned(), attributes));
            if empty {
                out.push(Xml::End(name.to_owned()));
            } else {
                open.push(name.to_owned());
            }
        }
        rest = after;
    }
    assert!(open.is_empty() && rest.trim().is_empty());
    out
}

#[test]
fn junit_says_the_same() {
    let mut found: Vec<Found> = Vec::new();
    let (mut suites, mut failures) = (Vec::new(), 0);
    for x in xml(&rendered(Format::Junit)) {
        let Xml::Start(name, attributes) = x else {
            if let Xml::Text(t) = x
                && let Some(last) = found.last_mut()
            {
                let head = format!("{}:{}:{}: ", last.file, last.line, last.column);
                let rest = t.strip_prefix(&head).unwrap_or_else(|| panic!("{t}"));
                let message = rest.split_once(": ").map_or("", |m| m.1);
                last.message = message.split('\n').next().unwrap_or_default().to_owned();
                last.fixes = Some(t.matches("\nfix (").count());
            }
            continue;
        };
        let get = |key: &str| {
            attributes.iter().find(|a| a.0 == key).map(|a| a.1.clone()).unwrap_or_default()
        };
        match name.as_str() {
            "testsuite" => suites.push((get("name"), get("tests"), get("failures"))),
            "failure" => failures += 1,
            "testcase" if get("name") != "check" => found.push(Found {
                file: get("file"),
                line: get("line").parse().unwrap_or_default(),
                column: get("column").parse().unwrap_or_default(),
                code: get("name").split(' ').next().unwrap_or_default().to_owned(),
                message: String::new(),
                fixes: None,
            }),
            _ => {}
        }
    }
    let expected = blanked(of_json(), '\u{fffd}');
    assert_eq!(found, expected);
    let counts: Vec<(&str, &str)> = suites.iter().map(|s| (s.1.as_str(), s.2.as_str())).collect();
    assert_eq!(counts, [("3", "2"), ("3", "3"), ("1", "0")]);
    assert_eq!(failures, 5);
}

#[test]
fn rdjson_says_the_same() {
    let v = parsed(Format::Rdjson);
    assert_eq!(v["source"]["name"], "reasmory");
    let sources = [("plans/plan.rsm", PLAN), (HOSTILE_NAME, HOSTILE)];
    // Byte columns of another tool are byte columns of the line.
    let offset = |file: &str, p: &Value| -> usize {
        let source = sources.iter().find(|s| s.0 == file).map_or("", |s| s.1);
        let line = number(&p["line"]) as usize - 1;
        let start: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
        start + number(&p["column"]) as usize - 1
    };
    let found: Vec<Found> = list(&v["diagnostics"])
        .map(|d| {
            let file = text(&d["location"]["path"]);
            let source = sources.iter().find(|s| s.0 == file).map_or("", |s| s.1);
            let start = &d["location"]["range"]["start"];
            let before = &source[..offset(&file, start)];
            let line_start = before.rfind('\n').map_or(0, |i| i + 1);
            assert!(["ERROR", "WARNING"].contains(&text(&d["severity"]).as_str()));
            Found {
                column: before[line_start..].chars().count() as u64 + 1,
                file,
                line: number(&start["line"]),
                code: text(&d["code"]["value"]),
                message: text(&d["message"]),
                fixes: Some(list(&d["suggestions"]).count()),
            }
        })
        .collect();
    // A suggestion with a hole is not offered to a reviewer.
    let json = parsed(Format::Json);
    let whole = list(&json["diagnostics"])
        .map(|d| list(&d["suggestions"]).filter(|s| s["applicability"] != "manual").count());
    let expected: Vec<Found> =
        of_json().into_iter().zip(whole).map(|(f, n)| Found { fixes: Some(n), ..f }).collect();
    assert_eq!(found, expected);
    let two = &v["diagnostics"][1]["suggestions"][0];
    assert_eq!(two["text"], "one(\"sofa\"");
    let (start, end) = (&two["range"]["start"], &two["range"]["end"]);
    let range = offset("plans/plan.rsm", start)..offset("plans/plan.rsm", end);
    assert_eq!(&PLAN[range], "the(\"é🛋\"");
}

#[test]
fn nothing_found_is_well_formed() {
    let files = [Source { name: "a.rsm", text: "answer 1", diagnostics: &[] }];
    for files in [&files[..], &[]] {
        for format in TOOLS {
            let out = render(&Report { files }, format, Options::default());
            match format {
                Format::Github => assert_eq!(out, ""),
                Format::Junit => assert!(!xml(&out).is_empty()),
                _ => assert!(serde_json::from_str::<Value>(&out).is_ok(), "{out}"),
            }
        }
    }
}

#[test]
fn a_denied_lint_is_an_error_everywhere() {
    let mut d = Diagnostic::new(Code::UnusedBinding, Span::new(0, 1), "`x` is never used");
    d.denied = true;
    assert_eq!(d.severity(), Severity::Error);
    let diagnostics = [d];
    let files = [Source { name: "a.rsm", text: "x = 1", diagnostics: &diagnostics }];
    for (format, word) in TOOLS.into_iter().zip([
        "\"level\": \"error\",\n          \"message\"",
        "::error ",
        "major",
        "<failure",
        "ERROR",
    ]) {
        let out = render(&Report { files: &files }, format, Options::default());
        assert!(out.contains(word), "{}: {out}", format.name());
    }
}

#[test]
fn every_page_is_a_rule() {
    let all: Vec<Diagnostic> =
        CODES.iter().map(|c| Diagnostic::new(c.code, Span::new(0, 1), "m")).collect();
    let files = [Source { name: "a.rsm", text: "x = 1", diagnostics: &all }];
    let out = render(&Report { files: &files }, Format::Sarif, Options::default());
    let v: Value = serde_json::from_str(&out).unwrap_or_default();
    let ids: Vec<&str> =
        list(&v["runs"][0]["tool"]["driver"]["rules"]).filter_map(|r| r["id"].as_str()).collect();
    assert_eq!(ids, CODES.iter().map(|c| c.id).collect::<Vec<_>>());
}
