//! One line in, one line out.

use std::panic::{AssertUnwindSafe, catch_unwind};

use reasmory_diag::{Code, Diagnostic, render};
use reasmory_sema::CheckOptions;
use reasmory_span::Span;
use serde_json::{Map, Value, json};

use super::Options;
use super::questions::Questions;
use crate::{Dialect, Source, check};

/// What a finding counts as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its code; `None` where an earlier result has one that this version does not know.
    pub code: Option<Code>,
    /// Whether it is at error level.
    pub error: bool,
    /// The operation it is about, where one can be told and was asked for.
    pub operation: Option<String>,
}

/// The result of one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its number in the input, from 1.
    pub line: usize,
    /// The program's id; null where the line could not be read.
    pub id: Value,
    /// Whether the program was checked and has no error.
    pub ok: bool,
    /// The model that wrote it, where the line says so.
    pub model: Option<String>,
    /// Why it was not checked.
    pub problem: Option<String>,
    /// Findings.
    pub findings: Vec<Finding>,
    /// The line to print.
    pub json: String,
}

/// A line as understood.
struct Input {
    id: Value,
    program: String,
    scene: Option<String>,
    dialect: Option<String>,
    question: Option<Value>,
    model: Option<String>,
}

/// The row of a line; `None` for a line that has none, the summary of an earlier result.
pub(super) fn row(
    line: usize,
    bytes: &Option<Vec<u8>>,
    options: &Options,
    questions: &Questions,
) -> Option<Row> {
    let Some(bytes) = bytes else {
        return Some(unreadable(line, Value::Null, "the line is longer than 16 MiB"));
    };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => {
            let message = format!("the line is not UTF-8 text (byte {})", e.valid_up_to());
            return Some(unreadable(line, Value::Null, &message));
        }
    };
    // A byte order mark is how some editors save text.
    let text = if line == 1 { text.trim_start_matches('\u{feff}') } else { text };
    let value = match serde_json::from_str::<Value>(text.trim_end()) {
        Ok(Value::Object(map)) => map,
        Ok(_) => return Some(unreadable(line, Value::Null, "the line is no JSON object")),
        Err(e) => {
            let message = format!("the line is not JSON: {e}").replace("line 1 column", "column");
            return Some(unreadable(line, Value::Null, &message));
        }
    };
    if options.results && !value.contains_key("program") {
        if let Some("summary") = value.get("type").and_then(Value::as_str) {
            return None;
        }
        if let Some(row) = earlier(line, &value) {
            return Some(row);
        }
    }
    let id = value.get("id").filter(|v| v.is_string() || v.is_number()).cloned();
    Some(match understand(value) {
        Ok(input) => checked(line, input, options, questions),
        Err(message) => unreadable(line, id.unwrap_or(Value::Null), &message),
    })
}

fn understand(mut value: Map<String, Value>) -> Result<Input, String> {
    let mut text = |key: &str| match value.shift_remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(s)) => Ok(Some(s)),
        Some(_) => Err(format!("`{key}` is not a text")),
    };
    let program = text("program")?;
    let (scene, dialect, model) = (text("scene")?, text("dialect")?, text("model")?);
    let id = match value.shift_remove("id") {
        Some(id @ (Value::String(_) | Value::Number(_))) => id,
        None | Some(Value::Null) => return Err("`id` is missing".to_owned()),
        Some(_) => return Err("`id` is neither a text nor a number".to_owned()),
    };
    let program = program.ok_or("`program` is missing")?;
    let question = value.shift_remove("question").filter(|q| !q.is_null());
    Ok(Input { id, program, scene, dialect, question, model })
}

fn checked(line: usize, input: Input, options: &Options, questions: &Questions) -> Row {
    let Input { id, program, scene, dialect, question, model } = input;
    let dialect = match dialect.as_deref().map(str::parse::<Dialect>) {
        None => options.dialect,
        Some(Ok(dialect)) => dialect,
        Some(Err(message)) => return problem(line, id, model, &message),
    };
    let found = match options.scenes.find(scene.as_deref()) {
        Ok(found) => found,
        Err(message) => return problem(line, id, model, &message),
    };
    let asked = match question.map(|q| questions.find(&q)).transpose() {
        Ok(asked) => asked,
        Err(message) => return problem(line, id, model, &message),
    };
    let name = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    let source = Source::new(name, program).in_dialect(dialect);
    let check_options = options.config.apply(CheckOptions {
        scene: found.as_ref().map(|f| f.0.as_ref()),
        model: options.model,
        question: asked.as_ref().map(|q| &q.asked),
        ..CheckOptions::default()
    });
    // One program must not take the batch with it.
    let mut diagnostics =
        catch_unwind(AssertUnwindSafe(|| check(&source, check_options).diagnostics))
            .unwrap_or_else(|_| vec![panicked()]);
    options.config.levels.apply(&mut diagnostics);
    let ok = !diagnostics.iter().any(Diagnostic::is_error);
    let findings = diagnostics
        .iter()
        .map(|d| Finding {
            code: Some(d.code),
            error: d.is_error(),
            operation: options
                .operations
                .then(|| operation(&source.text, d.primary.span))
                .flatten(),
        })
        .collect();
    let file = render::Source { name: &source.name, text: &source.text, diagnostics: &diagnostics };
    let mut out = head(&id, ok, render::json::diagnostics(&file));
    if let (Some(name), Some((_, true))) = (scene, found) {
        out.insert("scene".to_owned(), name.into());
    }
    if let Some(m) = &model {
        out.insert("model".to_owned(), m.as_str().into());
    }
    Row { line, id, ok, model, problem: None, findings, json: Value::Object(out).to_string() }
}

fn panicked() -> Diagnostic {
    Diagnostic::new(Code::OperationPanicked, Span::default(), "the checker failed on this program")
        .help("this is a bug of Reasmory: report the program")
}

fn head(id: &Value, ok: bool, diagnostics: Vec<Value>) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("schema".to_owned(), 1.into());
    out.insert("type".to_owned(), "program".into());
    out.insert("id".to_owned(), id.clone());
    out.insert("ok".to_owned(), ok.into());
    out.insert("diagnostics".to_owned(), diagnostics.into());
    out
}

fn unreadable(line: usize, id: Value, message: &str) -> Row {
    problem(line, id, None, message)
}

fn problem(line: usize, id: Value, model: Option<String>, message: &str) -> Row {
    let mut out = head(&id, false, Vec::new());
    if let Some(m) = &model {
        out.insert("model".to_owned(), m.as_str().into());
    }
    out.insert("error".to_owned(), json!({ "line": line, "message": message }));
    Row {
        line,
        id,
        ok: false,
        model,
        problem: Some(message.to_owned()),
        findings: Vec::new(),
        json: Value::Object(out).to_string(),
    }
}

/// A row of an earlier output of `lint`.
fn earlier(line: usize, value: &Map<String, Value>) -> Option<Row> {
    let diagnostics = value.get("diagnostics")?.as_array()?;
    let ok = value.get("ok")?.as_bool()?;
    let text = |v: &Value, key: &str| v.get(key).and_then(Value::as_str).map(str::to_owned);
    let findings = diagnostics
        .iter()
        .map(|d| Finding {
            code: text(d, "code").and_then(|c| Code::find(&c)),
            error: text(d, "severity").as_deref() == Some("error"),
            operation: None,
        })
        .collect();
    Some(Row {
        line,
        id: value.get("id").cloned().unwrap_or(Value::Null),
        ok,
        model: value.get("model").and_then(Value::as_str).map(str::to_owned),
        problem: value.get("error").and_then(|e| text(e, "message")),
        findings,
        json: Value::Object(value.clone()).to_string(),
    })
}

/// The operation that a place is about: the one called there, or else the innermost call around it.
pub(super) fn operation(text: &str, span: Span) -> Option<String> {
    let at = (span.start as usize).min(text.len());
    let name_at = |from: usize| -> Option<&str> {
        let rest = text.get(from..)?;
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let callable = rest[end..].trim_start_matches(' ').starts_with('(');
        (end > 0 && callable).then(|| &rest[..end])
    };
    if let Some(name) = name_at(at) {
        return Some(name.to_owned());
    }
    let mut open: Vec<&str> = Vec::new();
    let (mut quoted, mut comment, mut escaped) = (false, false, false);
    for (i, c) in text.char_indices().take_while(|(i, _)| *i < at) {
        match c {
            '\n' => (quoted, comment, escaped) = (false, false, false),
            _ if comment => {}
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '#' => comment = true,
            '(' => {
                let before = text[..i].trim_end_matches(' ');
                let start = before
                    .char_indices()
                    .rev()
                    .take_while(|(_, c)| c.is_alphanumeric() || *c == '_')
                    .last()
                    .map_or(before.len(), |(j, _)| j);
                open.push(&before[start..]);
            }
            ')' => {
                open.pop();
            }
            _ => {}
        }
    }
    open.iter().rev().find(|n| !n.is_empty()).map(|n| (*n).to_owned())
}
