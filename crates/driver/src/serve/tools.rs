//! The tools of a server: what each takes, and what it does.

use reasmory_diag::{Applicability, Code, render};
use reasmory_grammar::{Format, Grammar, Scope};
use reasmory_model::Picture;
use reasmory_prompt::{Prompts, Subject, Variant};
use reasmory_scene::Rgb8;
use reasmory_sema::CheckOptions;
use serde_json::{Value, json};

use super::RpcError;
use crate::session::{Bound, Session};
use crate::{Failure, Source, check, describe, explain, fix, listing, picture};

/// Largest side of a picture that is sent, in pixels.
const SIDE: u32 = 768;
/// Most characters of findings.
const FINDINGS: usize = 3000;

/// A parameter of a tool.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) needed: bool,
    pub(super) about: &'static str,
}

const fn text(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, kind: "string", needed: true, about }
}

const fn maybe(name: &'static str, kind: &'static str, about: &'static str) -> Parameter {
    Parameter { name, kind, needed: false, about }
}

/// A tool.
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) parameters: &'static [Parameter],
    /// Whether it changes the session.
    pub(super) changes: bool,
}

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "describe_scene",
        about: "What the scene holds: scale, room, photos, categories with counts.",
        parameters: &[],
        changes: false,
    },
    Tool {
        name: "language",
        about: "The language on one page, or one operation in full.",
        parameters: &[maybe("operation", "string", "An operation; without it the page.")],
        changes: false,
    },
    Tool {
        name: "check",
        about: "Findings about a program against the scene; nothing runs.",
        parameters: &[text("program", "A whole program.")],
        changes: false,
    },
    Tool {
        name: "fix",
        about: "A program with the safe repairs of its findings, and what is left.",
        parameters: &[text("program", "A whole program.")],
        changes: false,
    },
    Tool {
        name: "run",
        about: "Checks and runs a cell: statements, or a last expression. What it binds stays for the cells \
                after it; nothing that is bound changes.",
        parameters: &[text("cell", "Statements, one a line.")],
        changes: true,
    },
    Tool { name: "bindings", about: "What is bound, with types.", parameters: &[], changes: false },
    Tool {
        name: "undo",
        about: "Takes the last accepted cell back.",
        parameters: &[],
        changes: true,
    },
    Tool {
        name: "explain",
        about: "The page of a diagnostic: what it means, a failing and a repaired example.",
        parameters: &[text("code", "A code (E0503) or a name (several-instances).")],
        changes: false,
    },
    Tool {
        name: "grammar",
        about: "A grammar of the language for this scene, for decoders.",
        parameters: &[text("format", "lark, gbnf, ebnf or json-schema.")],
        changes: false,
    },
    Tool {
        name: "render",
        about: "A picture of the scene: top, plan, or ego from a photo's view.",
        parameters: &[
            text("kind", "top, plan, ego or depth."),
            maybe("photo", "integer", "The photo whose view it is; needed by ego and depth."),
        ],
        changes: false,
    },
];

/// Names of the tools.
pub fn names() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().map(|t| t.name)
}

/// What a tool gives.
pub(super) struct Given {
    /// For a model.
    pub(super) text: String,
    /// The same as data.
    pub(super) data: Value,
    pub(super) pictures: Vec<Picture>,
    pub(super) failed: bool,
}

impl Given {
    fn new(text: String, data: Value) -> Given {
        Given { text, data, pictures: vec![], failed: false }
    }

    /// As the result of a plain method: the data, and pictures beside it.
    pub(super) fn plain(&self) -> Value {
        let mut out = self.data.clone();
        if !self.pictures.is_empty() {
            let all: Vec<Value> = self
                .pictures
                .iter()
                .map(|p| json!({"width": p.width, "height": p.height, "png": p.base64()}))
                .collect();
            out["pictures"] = Value::Array(all);
        }
        out
    }
}

/// The arguments of a call, held to the tool's parameters.
struct Arguments<'v>(&'v Value);

impl<'v> Arguments<'v> {
    fn of(tool: &Tool, value: &'v Value) -> Result<Arguments<'v>, RpcError> {
        let Some(map) = value.as_object() else {
            return Err(RpcError::params("the arguments are no object"));
        };
        for key in map.keys() {
            if tool.parameters.iter().all(|p| p.name != key) {
                let names: Vec<String> =
                    tool.parameters.iter().map(|p| format!("{:?}", p.name)).collect();
                let takes = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
                let why = format!("`{}` takes no {key:?}; it takes {takes}", tool.name);
                return Err(RpcError::params(why));
            }
        }
        for p in tool.parameters {
            let fits = match (map.get(p.name), p.kind) {
                (None | Some(Value::Null), _) => !p.needed,
                (Some(v), "integer") => v.as_u64().is_some_and(|n| n <= u64::from(u32::MAX)),
                (Some(v), _) => v.is_string(),
            };
            if !fits {
                let why = format!("`{}` needs {:?}: {}", tool.name, p.name, p.about);
                return Err(RpcError::params(why));
            }
        }
        Ok(Arguments(value))
    }

    fn text(&self, name: &str) -> &'v str {
        self.0[name].as_str().unwrap_or("")
    }
}

fn failed(e: &Failure) -> Given {
    let text = format!("{}; {}", e.what, e.remedy);
    Given {
        text,
        data: json!({"schema": 1, "error": e.what, "remedy": e.remedy}),
        pictures: vec![],
        failed: true,
    }
}

fn llm(source: &Source, diagnostics: &[reasmory_diag::Diagnostic]) -> String {
    if diagnostics.is_empty() {
        return "clean\n".to_owned();
    }
    let files = [render::Source { name: &source.name, text: &source.text, diagnostics }];
    render::llm::render(&render::Report { files: &files }, Some(FINDINGS))
}

fn diagnostics(source: &Source, found: &[reasmory_diag::Diagnostic]) -> Value {
    let file = render::Source { name: &source.name, text: &source.text, diagnostics: found };
    json!(render::json::diagnostics(&file))
}

fn bound(list: &[Bound]) -> Value {
    list.iter().map(|b| json!({"name": b.name, "type": b.ty})).collect()
}

fn sent(pixels: &Rgb8) -> Result<Picture, Failure> {
    Picture::new(pixels, SIDE).map_err(|e| Failure::new(e.to_string(), e.remedy()))
}

/// Calls a tool. A call that is malformed is an error of the protocol; what the tool finds is its result.
pub(super) fn call(
    session: &mut Session<'_>,
    name: &str,
    arguments: &Value,
) -> Result<Given, RpcError> {
    let tool = TOOLS.iter().find(|t| t.name == name);
    let tool = tool.ok_or_else(|| {
        let all: Vec<&str> = names().collect();
        RpcError::params(format!("there is no tool {name:?}; there are {}", all.join(", ")))
    })?;
    let a = Arguments::of(tool, arguments)?;
    Ok(done(session, tool.name, &a).unwrap_or_else(|e| failed(&e)))
}

fn done(session: &mut Session<'_>, name: &str, a: &Arguments<'_>) -> Result<Given, Failure> {
    let scene = session.scene();
    let manifest = scene.memory.manifest();
    let options = CheckOptions { scene: Some(manifest), ..CheckOptions::default() };
    let variant = Variant::default();
    let subject = Subject { scene: Some(manifest), ..Subject::default() };
    let prompts = Prompts { variant: &variant, subject, budget: usize::MAX };
    Ok(match name {
        "describe_scene" => Given::new(prompts.inventory(), describe::json(manifest)),
        "language" => {
            let wanted = a.text("operation");
            let text = if wanted.is_empty() {
                prompts.card()
            } else {
                listing::describe(wanted).ok_or_else(|| {
                    Failure::new(
                        format!("there is no operation {wanted:?}"),
                        "`language` without one lists all",
                    )
                })?
            };
            let data = json!({"schema": 1, "text": text});
            Given::new(text, data)
        }
        "check" => {
            let source = Source::new("program", a.text("program"));
            let report = check(&source, options);
            let data = json!({
                "schema": 1,
                "ok": report.is_ok(),
                "diagnostics": diagnostics(&source, &report.diagnostics),
            });
            Given::new(llm(&source, &report.diagnostics), data)
        }
        "fix" => {
            let source = Source::new("program", a.text("program"));
            let fixed = fix::fix(&source, options, Applicability::Safe);
            let after = Source::new("program", fixed.text);
            let applied: Vec<Value> = fixed.applied.iter().map(fix::Applied::json).collect();
            let text = format!("```\n{}```\n{}", after.text, llm(&after, &fixed.remaining));
            let data = json!({
                "schema": 1,
                "text": after.text,
                "applied": applied,
                "diagnostics": diagnostics(&after, &fixed.remaining),
            });
            Given::new(text, data)
        }
        "run" => cell(session, a.text("cell"))?,
        "bindings" => {
            let all = session.bound();
            let data = json!({"schema": 1, "cells": session.cells(), "bindings": bound(&all)});
            Given::new(names_and_types(&all), data)
        }
        "undo" => {
            let gone = session.undo().ok_or_else(|| {
                Failure::new("there is no cell to take back", "send one with `run`")
            })?;
            let data = json!({"schema": 1, "cells": session.cells(), "unbound": bound(&gone)});
            Given::new(format!("taken back; unbound:\n{}", names_and_types(&gone)), data)
        }
        "explain" => {
            let code: Code = explain::find(a.text("code"))?;
            Given::new(code.info().page.to_owned(), explain::json(code))
        }
        "grammar" => {
            let format: Format = a
                .text("format")
                .parse()
                .map_err(|e: String| Failure::new(e, "choose one of these"))?;
            let scope = Scope { scene: Some(manifest), ..Scope::default() };
            let grammar = Grammar::new(scope)
                .map_err(|e| Failure::new(e.to_string(), "ask for the grammar of the language"))?;
            let text = grammar.write(format);
            let data = json!({"schema": 1, "text": text});
            Given::new(text, data)
        }
        _ => rendered(session, a)?,
    })
}

fn names_and_types(all: &[Bound]) -> String {
    all.iter().map(|b| format!("{}: {}\n", b.name, b.ty)).collect()
}

fn cell(session: &mut Session<'_>, text: &str) -> Result<Given, Failure> {
    let report = session.cell(text)?;
    let d = &report.document;
    let word = |v: &Value| v.as_str().unwrap_or("").to_owned();
    let mut out = format!("{}\n", word(&d["status"]));
    for b in d["bindings"].as_array().into_iter().flatten() {
        let value = match (b["text"].as_str(), b["status"].as_str()) {
            (Some(t), _) => format!(" = {t}"),
            (None, Some(s)) => format!(" ({s})"),
            (None, None) => String::new(),
        };
        out.push_str(&format!("{}: {}{value}\n", word(&b["name"]), word(&b["type"])));
    }
    if let Some(t) = d["answer"]["text"].as_str() {
        out.push_str(&format!("answer: {t}\n"));
    }
    for e in d["evidence"].as_array().into_iter().flatten() {
        out.push_str(&format!("picture: {}\n", word(&e["caption"]).replace('\n', " ")));
    }
    out.push_str(&report.findings);
    let mut pictures = Vec::new();
    for e in report.run.iter().flat_map(|r| &r.report.evidence) {
        pictures.push(sent(&e.image.pixels)?);
    }
    let failed = matches!(d["status"].as_str(), Some("rejected" | "refused" | "failed"));
    Ok(Given { text: out, data: report.document, pictures, failed })
}

fn rendered(session: &Session<'_>, a: &Arguments<'_>) -> Result<Given, Failure> {
    let kind = match a.text("kind") {
        "top" => picture::Kind::Top,
        "plan" => picture::Kind::Plan,
        "ego" => picture::Kind::Ego,
        "depth" => picture::Kind::Depth,
        other => {
            return Err(Failure::new(
                format!("there is no picture {other:?}"),
                "choose top, plan, ego or depth",
            ));
        }
    };
    let photo = a.0["photo"].as_u64().and_then(|n| u32::try_from(n).ok());
    let from = picture::Viewpoint { photo, ..Default::default() };
    let pixels = picture::pixels(session.scene(), kind, &from, (SIDE, SIDE))?;
    let sent = sent(&pixels)?;
    let data = json!({"schema": 1, "kind": a.text("kind"), "photo": photo});
    let mut out = Given::new(format!("{} of the scene\n", a.text("kind")), data);
    out.pictures.push(sent);
    Ok(out)
}
