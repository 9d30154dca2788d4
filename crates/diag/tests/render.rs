//! Every format over the same findings.

use reasmory_diag::render::{Format, Options, Report, Source, render};
use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Suggestion};
use reasmory_span::Span;
use serde_json::Value;

const PLAN: &str = "# é 🛋\nd = distnace(\"sofa\", to=the(\"tv\"))\nanswer d < 2\n";
const OTHER: &str = "answer objects(\"chair\")\nx = 1";

fn at(text: &str, part: &str) -> Span {
    let start = text.find(part).unwrap_or_default() as u32;
    Span::new(start, start + part.len() as u32)
}

fn findings() -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    let two = at(PLAN, "2\n");
    let two = Span::new(two.start, two.start + 1);
    let plan = vec![
        Diagnostic::new(
            Code::UnknownOperation,
            at(PLAN, "distnace"),
            "there is no operation `distnace`",
        )
        .label("unknown operation")
        .help("did you mean `distance`?")
        .fact("found", "distnace")
        .fact("candidates", vec!["distance", "side"])
        .fix(Applicability::Safe, "use `distance`", at(PLAN, "distnace"), "distance"),
        Diagnostic::new(Code::MissingUnit, two, "a number without a unit beside a `Length`")
            .label("expected `Length`")
            .also(at(PLAN, "d <"), "this is `Length`")
            .note("lengths are metres here")
            .fact("expected", "Length")
            .fact("found", "Number")
            .suggest(Suggestion {
                title: "add `m`".into(),
                edits: vec![Edit { span: Span::at(two.end), insert: "m".into() }],
                applicability: Applicability::Unsafe,
            }),
    ];
    let other = vec![
        Diagnostic::new(Code::UnusedBinding, at(OTHER, "x"), "`x` is never used")
            .label("bound here, read nowhere")
            .help("remove the line, or name it `_x` to keep it"),
        Diagnostic::new(
            Code::AnswerCount,
            Span::at(OTHER.len() as u32),
            "the program answers nothing and shows nothing",
        )
        .label("expected `answer …` or `show …`")
        .help("end the program with `answer …`")
        .fix(Applicability::Manual, "answer", Span::at(OTHER.len() as u32), "\nanswer …"),
    ];
    (plan, other)
}

fn with_report<T>(f: impl FnOnce(&Report<'_>) -> T) -> T {
    let (plan, other) = findings();
    let files = [
        Source { name: "plan.rsm", text: PLAN, diagnostics: &plan },
        Source { name: "other.rsm", text: OTHER, diagnostics: &other },
        Source { name: "clean.rsm", text: "answer 1\n", diagnostics: &[] },
    ];
    f(&Report { files: &files })
}

fn rendered(format: Format) -> String {
    with_report(|r| render(r, format, Options::default()))
}

#[test]
fn full() {
    insta::assert_snapshot!(rendered(Format::Full));
}

#[test]
fn full_in_colours() {
    let options = Options { colours: true, ..Options::default() };
    let coloured = with_report(|r| render(r, Format::Full, options));
    assert!(coloured.contains("\u{1b}["));
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some(i) = rest.find("\u{1b}[") {
        plain.push_str(&rest[..i]);
        let tail = &rest[i..];
        rest = &tail[tail.find('m').map_or(tail.len(), |j| j + 1)..];
    }
    plain.push_str(rest);
    assert_eq!(plain, rendered(Format::Full));
}

#[test]
fn concise() {
    insta::assert_snapshot!(rendered(Format::Concise));
}

#[test]
fn json() {
    insta::assert_snapshot!(rendered(Format::Json));
}

#[test]
fn jsonl() {
    insta::assert_snapshot!(rendered(Format::Jsonl));
}

#[test]
fn llm() {
    insta::assert_snapshot!(rendered(Format::Llm));
}

#[test]
fn llm_keeps_its_budget() {
    let whole = rendered(Format::Llm).chars().count();
    for budget in 0..=whole {
        let options = Options { budget: Some(budget), ..Options::default() };
        let text = with_report(|r| render(r, Format::Llm, options));
        assert!(text.chars().count() <= budget, "{budget}: {text}");
    }
    let options = Options { budget: Some(260), ..Options::default() };
    insta::assert_snapshot!("llm_260", with_report(|r| render(r, Format::Llm, options)));
}

/// `(file, line, code)` of every finding, by format.
fn parity(format: Format) -> Vec<(String, u64, String)> {
    let text = rendered(format);
    let of_json = |d: &Value| {
        (
            d["file"].as_str().unwrap_or_default().to_owned(),
            d["span"]["start"]["line"].as_u64().unwrap_or_default(),
            d["code"].as_str().unwrap_or_default().to_owned(),
        )
    };
    match format {
        Format::Json => {
            let v: Value = serde_json::from_str(&text).unwrap_or_default();
            v["diagnostics"].as_array().into_iter().flatten().map(of_json).collect()
        }
        Format::Jsonl => text
            .lines()
            .filter_map(|l| serde_json::from_str::<Value>(l).ok())
            .filter(|v| v["type"] == "diagnostic")
            .map(|v| of_json(&v))
            .collect(),
        Format::Concise => text
            .lines()
            .map(|l| {
                let mut parts = l.split(':');
                let file = parts.next().unwrap_or_default().to_owned();
                let line = parts.next().and_then(|n| n.parse().ok()).unwrap_or_default();
                let code = l.split(['[', ' ']).find(|w| is_code(w)).unwrap_or_default().to_owned();
                (file, line, code)
            })
            .collect(),
        Format::Llm => {
            let (mut file, mut line, mut out) = (String::new(), 0, Vec::new());
            for l in text.lines() {
                if let Some(name) = l.strip_prefix("in ") {
                    file = name.trim_end_matches(':').to_owned();
                } else if let Some(rest) = l.strip_prefix("line ") {
                    line = rest.split(':').next().and_then(|n| n.parse().ok()).unwrap_or_default();
                } else if let Some(code) = l.split_whitespace().next().filter(|w| is_code(w)) {
                    out.push((file.clone(), line, code.to_owned()));
                }
            }
            out
        }
        Format::Full => {
            let mut out = Vec::new();
            let mut code = String::new();
            for l in text.lines() {
                if let Some(c) = l.split(['[', ' ']).nth(1).filter(|w| is_code(w)) {
                    code = c.to_owned();
                } else if let Some((_, place)) = l.split_once("┌─ ") {
                    let mut parts = place.split(':');
                    let file = parts.next().unwrap_or_default().to_owned();
                    let line = parts.next().and_then(|n| n.parse().ok()).unwrap_or_default();
                    out.push((file, line, code.clone()));
                }
            }
            out
        }
        // Those of other tools: `formats.rs`.
        Format::Sarif | Format::Github | Format::Gitlab | Format::Junit | Format::Rdjson => {
            unreachable!()
        }
    }
}

/// Our own formats.
const OURS: [Format; 5] = [Format::Full, Format::Concise, Format::Json, Format::Jsonl, Format::Llm];

fn is_code(word: &str) -> bool {
    reasmory_diag::CODES.iter().any(|c| c.id == word)
}

#[test]
fn formats_agree() {
    let expected = parity(Format::Json);
    assert_eq!(expected.len(), 4);
    for format in OURS {
        assert_eq!(parity(format), expected, "{}", format.name());
    }
}

#[test]
fn spans_outside_the_text_and_hostile_text_are_harmless() {
    let text = "é\u{1b}[31m\r\n";
    let wild = Diagnostic::new(Code::InvalidCharacter, Span::new(1, 900), "broken \u{1b}[0m")
        .also(Span::new(700, 3), "also")
        .fix(Applicability::Unsafe, "cut", Span::new(1, 800), "\u{7}");
    let diagnostics = [wild];
    let files = [Source { name: "a\nb", text, diagnostics: &diagnostics }];
    for format in Format::ALL {
        let out = render(&Report { files: &files }, format, Options::default());
        assert!(!out.contains(['\u{1b}', '\u{7}', '\r']), "{}: {out}", format.name());
    }
}

#[test]
fn nothing_found() {
    let files = [Source { name: "a.rsm", text: "answer 1", diagnostics: &[] }];
    let report = Report { files: &files };
    assert_eq!(render(&report, Format::Full, Options::default()), "");
    assert_eq!(render(&report, Format::Concise, Options::default()), "");
    assert_eq!(render(&report, Format::Llm, Options::default()), "0 errors\n");
}
