//! A session: checked cells over one scene. A cell is statements, or statements and a last expression; its
//! bindings and functions stay for the cells after it, typed, and nothing that is bound ever changes. A cell that
//! does not pass the check, or ends without a value, leaves no trace. Every cell can be undone.
//!
//! The language has no state, so a session is the list of what was bound: a cell is checked and run behind it.

use reasmory_diag::{Code, Diagnostic, Label, Suggestion, render};
use reasmory_sema::CheckOptions;
use reasmory_span::Span;
use reasmory_syntax::ast::{Item, StmtKind};
use reasmory_types::Ty;
use serde_json::{Value, json};

use crate::conclude::{Conclusion, Setting, conclude};
use crate::{Config, Failure, RunOptions, RunStatus, Scene, Source, check};

/// What a session may hold and do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Cells that were accepted and not undone.
    pub cells: usize,
    /// Bytes of a cell.
    pub cell_bytes: usize,
    /// Pictures of all cells, undone ones included.
    pub pictures: usize,
}

impl Default for SessionLimits {
    fn default() -> Self {
        SessionLimits { cells: 200, cell_bytes: 16 << 10, pictures: 256 }
    }
}

/// Most characters of findings in the short form.
const LLM: usize = 3000;

/// A name that a cell bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Name.
    pub name: String,
    /// Its type; of a function its declaration's first line.
    pub ty: String,
}

#[derive(Clone, Debug)]
struct Kept {
    /// Bindings and functions, a line's end after each.
    text: String,
    bound: Vec<Bound>,
}

/// What a cell gave.
#[derive(Clone, Debug)]
pub struct CellReport {
    /// The document.
    pub document: Value,
    /// Findings in the short form; empty where there are none.
    pub findings: String,
    /// Whether its bindings stay.
    pub accepted: bool,
    /// The run, with its pictures, where it ran.
    pub run: Option<Conclusion>,
}

/// A session over a scene.
#[derive(Debug)]
pub struct Session<'s> {
    scene: &'s Scene,
    options: RunOptions,
    limits: SessionLimits,
    kept: Vec<Kept>,
    pictures: usize,
}

/// A cell put behind what was bound, and how places in it lead back.
struct Behind {
    text: String,
    /// Where the cell starts.
    start: u32,
    /// Where a word was put in, and its length.
    inserted: Option<(u32, u32)>,
    /// Length of the cell.
    length: u32,
}

impl Behind {
    /// A place of the whole as one of the cell; `None` where it is not in it.
    fn place(&self, span: Span) -> Option<Span> {
        let back = |at: u32| {
            let at = at.checked_sub(self.start)?;
            let at = match self.inserted {
                Some((from, n)) if at >= from + n => at - n,
                Some((from, _)) if at > from => from,
                _ => at,
            };
            (at <= self.length).then_some(at)
        };
        Some(Span::new(back(span.start)?, back(span.end)?))
    }

    fn label(&self, l: &Label) -> Option<Label> {
        Some(Label { span: self.place(l.span)?, ..l.clone() })
    }

    /// A finding as one about the cell; those about what was bound before are none.
    fn finding(&self, d: &Diagnostic) -> Option<Diagnostic> {
        // What is bound is there for cells to come.
        if d.code == Code::UnusedBinding {
            return None;
        }
        let suggestion = |s: &Suggestion| {
            let mut s = s.clone();
            for e in &mut s.edits {
                e.span = self.place(e.span)?;
            }
            Some(s)
        };
        let mut out = d.clone();
        out.primary = self.label(&d.primary)?;
        out.secondary = d.secondary.iter().filter_map(|l| self.label(l)).collect();
        out.suggestions = d.suggestions.iter().filter_map(suggestion).collect();
        Some(out)
    }
}

impl<'s> Session<'s> {
    /// A session without cells.
    pub fn new(scene: &'s Scene, options: RunOptions, limits: SessionLimits) -> Session<'s> {
        Session { scene, options, limits, kept: vec![], pictures: 0 }
    }

    /// The scene.
    pub fn scene(&self) -> &'s Scene {
        self.scene
    }

    /// What is bound, in order.
    pub fn bound(&self) -> Vec<Bound> {
        self.kept.iter().flat_map(|k| k.bound.iter().cloned()).collect()
    }

    /// Cells that were accepted and not undone.
    pub fn cells(&self) -> usize {
        self.kept.len()
    }

    /// What all cells bound, as a program would write it.
    pub fn text(&self) -> String {
        self.kept.iter().map(|k| k.text.as_str()).collect()
    }

    /// Takes the last cell back; its names, or nothing where there is none.
    pub fn undo(&mut self) -> Option<Vec<Bound>> {
        Some(self.kept.pop()?.bound)
    }

    fn refused(&self, what: &str, remedy: &str) -> CellReport {
        CellReport {
            document: json!({
                "schema": 1,
                "cell": null,
                "status": "refused",
                "message": what,
                "remedy": remedy,
                "bindings": [],
                "answer": null,
                "evidence": [],
                "diagnostics": [],
            }),
            findings: format!("{what}; {remedy}\n"),
            accepted: false,
            run: None,
        }
    }

    /// Checks and runs a cell; where it passes the check and has its values, what it binds stays.
    pub fn cell(&mut self, text: &str) -> Result<CellReport, Failure> {
        let l = self.limits;
        if text.len() > l.cell_bytes {
            let most = format!("a cell has at most {} bytes", l.cell_bytes);
            return Ok(self.refused(&most, "send it in parts"));
        }
        if self.kept.len() >= l.cells {
            let most = format!("a session has at most {} cells", l.cells);
            return Ok(self.refused(&most, "undo some, or start another"));
        }
        let config = Config::default();
        let manifest = self.scene.memory.manifest();
        let options = CheckOptions { scene: Some(manifest), ..CheckOptions::default() };
        let parsed = reasmory_syntax::parse(text);
        let behind = self.behind(text, &parsed.program.items, options);
        let source = Source::new("cell", behind.text.clone());
        let report = check(&source, options);
        let number = self.kept.len() + 1;
        if !report.is_ok() {
            let findings: Vec<Diagnostic> =
                report.diagnostics.iter().filter_map(|d| behind.finding(d)).collect();
            let document = self.document(number, "rejected", text, &findings, &[], None);
            let findings = short(text, &findings);
            return Ok(CellReport { document, findings, accepted: false, run: None });
        }
        let setting = Setting {
            scene: self.scene,
            question: None,
            model: None,
            config: &config,
            options: self.options,
            trace: false,
            out: None,
        };
        let done = conclude(&source, setting)?;
        let shown = done.report.evidence.len();
        if self.pictures + shown > l.pictures {
            let most = format!("a session shows at most {} pictures", l.pictures);
            return Ok(self.refused(&most, "compute the answer instead, or start another session"));
        }
        self.pictures += shown;
        let (kept, values) = self.keep(text, &parsed.program.items, setting, options)?;
        // What has no value would end every cell after it, too.
        let accepted = done.report.status.is_success()
            && done.report.status != RunStatus::Abstained
            && values.iter().all(|v| v.get("status").is_none());
        if accepted {
            self.kept.push(kept);
        }
        let findings: Vec<Diagnostic> =
            done.report.diagnostics.iter().filter_map(|d| behind.finding(d)).collect();
        let status = done.report.status.name();
        let document =
            self.document(number, status, text, &findings, &values, Some((&done, &behind)));
        let findings = short(text, &findings);
        Ok(CellReport { document, findings, accepted, run: Some(done) })
    }

    /// The cell behind what was bound. A last expression becomes the answer, or what is shown where it is a
    /// picture; a cell that only binds answers nothing that anybody sees.
    fn behind(&self, text: &str, items: &[Item], options: CheckOptions<'_>) -> Behind {
        let before = self.text();
        let start = before.len() as u32;
        let length = text.len() as u32;
        let last = items.last().and_then(|i| match i {
            Item::Stmt(s) => match &s.kind {
                StmtKind::Expr(e) => Some(e.span.start),
                _ => None,
            },
            _ => None,
        });
        let whole = |word: &str, at: u32| {
            let (head, tail) = text.split_at(at as usize);
            format!("{before}{head}{word}{tail}")
        };
        if let Some(at) = last {
            let answered = whole("answer ", at);
            let ty = check(&Source::new("cell", answered.clone()), options).answer;
            let (word, text) = match ty {
                Some(Ty::Image) => ("show ", whole("show ", at)),
                _ => ("answer ", answered),
            };
            return Behind { text, start, inserted: Some((at, word.len() as u32)), length };
        }
        let ends = |i: &Item| match i {
            Item::Stmt(s) => !matches!(s.kind, StmtKind::Bind { .. } | StmtKind::Assert { .. }),
            _ => false,
        };
        let text = if items.iter().any(ends) {
            format!("{before}{text}")
        } else {
            format!("{before}{text}\nanswer true\n")
        };
        Behind { text, start, inserted: None, length }
    }

    /// What stays of a cell, and the values of what it binds.
    fn keep(
        &self,
        text: &str,
        items: &[Item],
        setting: Setting<'_>,
        options: CheckOptions<'_>,
    ) -> Result<(Kept, Vec<Value>), Failure> {
        let mut kept = Kept { text: String::new(), bound: vec![] };
        let mut values = Vec::new();
        let before = self.text();
        for item in items {
            match item {
                Item::Fn(f) => {
                    let source = f.span.text(text);
                    kept.text.push_str(source);
                    kept.text.push('\n');
                    let head = source.split_once('{').map_or(source, |p| p.0);
                    let head = head.split_whitespace().collect::<Vec<_>>().join(" ");
                    values.push(json!({"name": f.name.name, "type": head}));
                    kept.bound.push(Bound { name: f.name.name.clone(), ty: head });
                }
                Item::Stmt(s) => {
                    let StmtKind::Bind { name, .. } = &s.kind else { continue };
                    kept.text.push_str(s.span.text(text));
                    kept.text.push('\n');
                    let probe = format!("{before}{}answer {}\n", kept.text, name.name);
                    let probe = Source::new("cell", probe);
                    let ty = check(&probe, options).answer.map_or(String::new(), |t| t.to_string());
                    let done = conclude(&probe, setting)?;
                    let mut row = json!({"name": name.name, "type": ty});
                    match done.report.status {
                        RunStatus::Answered | RunStatus::Tie => {
                            for key in ["value", "unit", "text"] {
                                if let Some(v) = done.document["answer"].get(key) {
                                    row[key] = v.clone();
                                }
                            }
                        }
                        // A picture is a value that only `show` gives.
                        RunStatus::Rejected | RunStatus::Shown => {}
                        status => row["status"] = json!(status.name()),
                    }
                    values.push(row);
                    kept.bound.push(Bound { name: name.name.clone(), ty });
                }
                Item::Test(_) => {}
            }
        }
        Ok((kept, values))
    }

    fn document(
        &self,
        number: usize,
        status: &str,
        text: &str,
        findings: &[Diagnostic],
        values: &[Value],
        run: Option<(&Conclusion, &Behind)>,
    ) -> Value {
        let file = render::Source { name: "cell", text, diagnostics: findings };
        // The answer that was put in for want of one is nobody's.
        let own = run.filter(|(_, b)| b.inserted.is_some() || !b.text.ends_with("\nanswer true\n"));
        let status = match run {
            Some((d, _)) if own.is_none() && d.report.status == RunStatus::Answered => "bound",
            _ => status,
        };
        json!({
            "schema": 1,
            "cell": number,
            "status": status,
            "bindings": values,
            "answer": own.map_or(Value::Null, |(d, _)| d.document["answer"].clone()),
            "evidence": run.map_or(json!([]), |(d, _)| json!(d.records)),
            "diagnostics": render::json::diagnostics(&file),
        })
    }
}

fn short(text: &str, findings: &[Diagnostic]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let files = [render::Source { name: "cell", text, diagnostics: findings }];
    render::llm::render(&render::Report { files: &files }, Some(LLM))
}
