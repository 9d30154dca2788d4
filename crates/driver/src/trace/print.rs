//! Traces as JSON and for people.

use std::fmt::Write as _;

use reasmory_runtime::abi::FromSlot as _;
use reasmory_runtime::{AnswerValue, Place, Run, Slot};
use reasmory_scene::Manifest;
use reasmory_span::{LineIndex, Span};
use reasmory_types::Ty;
use serde_json::{Value, json};

use super::{Entry, From, Trace};
use crate::Source;
use crate::answer::{self, Printing};

/// Most members of a list, instances or photos that are written out.
const MAX_LISTED: usize = 16;
/// Most characters of a value or a quoted expression.
const MAX_TEXT: usize = 96;

/// A value as it stands in an entry.
pub(super) struct Printed {
    pub text: String,
    pub value: Value,
}

pub(super) fn print(run: &Run<'_>, slot: Slot, p: Printing<'_>) -> Printed {
    let ty = p.ty.unwrap_or(&Ty::Error);
    match ty {
        Ty::Image => {
            let kind = reasmory_runtime::abi::Image::from_slot(slot, &run.arena)
                .map_or("picture", |i| i.kind());
            return Printed { text: format!("a picture ({kind})"), value: Value::Null };
        }
        // Lists share their members, so a small program can nest them into a large value: only the
        // first members are read.
        Ty::List(member) => {
            let members = run.arena.list(slot).unwrap_or_default();
            let first = members.iter().take(MAX_LISTED);
            let shown: Vec<Printed> = match **member {
                Ty::List(_) | Ty::Group(..) => Vec::new(),
                _ => first.map(|s| print(run, *s, Printing { ty: Some(member), ..p })).collect(),
            };
            let more = members.len() - shown.len();
            let mut words: Vec<String> = shown.iter().map(|s| s.text.clone()).collect();
            if more > 0 {
                words.push(format!("{more} more"));
            }
            let value =
                if more == 0 { shown.into_iter().map(|s| s.value).collect() } else { Value::Null };
            return Printed { text: cut(&format!("[{}]", words.join(", "))), value };
        }
        Ty::Place => {
            let text = match reasmory_runtime::Place::from_slot(slot, &run.arena) {
                Ok(place) => place_text(&place, run.manifest()),
                Err(_) => "a place".into(),
            };
            return Printed { text: cut(&text), value: Value::Null };
        }
        Ty::Group(..) => return Printed { text: "a group".into(), value: Value::Null },
        _ => {}
    }
    match run.read(slot, ty) {
        Ok(v @ (AnswerValue::Text(_) | AnswerValue::Category(_))) => Printed {
            text: cut(&reasmory_syntax::quote(&answer::text(&v, p))),
            value: answer::value(&v, p),
        },
        Ok(v) => Printed { text: cut(&answer::text(&v, p)), value: answer::value(&v, p) },
        Err(_) => Printed { text: format!("a {ty}"), value: Value::Null },
    }
}

/// The thing whose place it is.
fn place_text(place: &Place, manifest: &Manifest) -> String {
    match place {
        Place::Object(id) => manifest.instance_name(*id),
        Place::Objects(ids) => {
            let first = ids.iter().take(MAX_LISTED).map(|i| manifest.instance_name(*i));
            format!("[{}]", first.collect::<Vec<_>>().join(", "))
        }
        Place::Point(p) => {
            let [x, y, z] = [p.x, p.y, p.z].map(answer::number);
            format!("({x}, {y}, {z})")
        }
        Place::View(_) => "a view".into(),
        Place::Photo(n) => format!("photo {n}"),
        Place::Region(reasmory_runtime::abi::Region::Room) => "room".into(),
        Place::Region(reasmory_runtime::abi::Region::Floor) => "floor".into(),
    }
}

/// On one line, at most [`MAX_TEXT`] characters.
fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_TEXT {
        return line;
    }
    let start: String = line.chars().take(MAX_TEXT - 1).collect();
    format!("{start}…")
}

fn instance(manifest: &Manifest, id: u32) -> Value {
    json!({"id": id, "name": manifest.instance_name(id)})
}

/// The `provenance` object of a run.
pub fn provenance(from: &From, manifest: &Manifest) -> Value {
    json!({
        "entry": from.entry,
        "instances": from.instances.iter().map(|i| instance(manifest, *i)).collect::<Vec<_>>(),
        "photos": from.photos,
        "operations": from.operations,
        "reads": from.reads,
    })
}

/// The `trace` array of a run.
pub fn json(source: &Source, trace: &Trace) -> Value {
    let lines = LineIndex::new(&source.text);
    trace.entries.iter().map(|e| entry(source, &lines, e)).collect()
}

fn entry(source: &Source, lines: &LineIndex, e: &Entry) -> Value {
    let inputs: Vec<Value> = e
        .inputs
        .iter()
        .map(|i| {
            let name = (!i.name.is_empty()).then_some(&i.name);
            json!({"name": name, "entry": i.entry, "text": i.text, "source": quoted(source, i.span)})
        })
        .collect();
    let place = |at: u32| lines.line_col(&source.text, at);
    json!({
        "id": e.id,
        "depth": e.depth,
        "operation": e.what,
        "inputs": inputs,
        "type": e.ty,
        "value": e.value,
        "text": e.text,
        "instances": &e.from.instances[..e.from.instances.len().min(MAX_LISTED)],
        "photos": &e.from.photos[..e.from.photos.len().min(MAX_LISTED)],
        "more": e.from.instances.len().saturating_sub(MAX_LISTED)
            + e.from.photos.len().saturating_sub(MAX_LISTED),
        "span": {"start": place(e.span.start), "end": place(e.span.end)},
        "source": quoted(source, e.span),
    })
}

fn quoted(source: &Source, span: Span) -> String {
    cut(span.text(&source.text))
}

/// A trace for people: a line for each entry, indented by depth, and what the answer came from.
pub fn text(source: &Source, trace: &Trace, manifest: &Manifest) -> String {
    let lines = LineIndex::new(&source.text);
    let mut out = String::new();
    let width = trace.entries.len().to_string().len() + 1;
    for e in &trace.entries {
        let place = lines.line_col(&source.text, e.span.start);
        let id = format!("#{}", e.id);
        let indent = "  ".repeat(e.depth as usize);
        let _ = writeln!(
            out,
            "{id:<width$} {indent}{}:{} `{}` = {}",
            place.line,
            place.column,
            quoted(source, e.span),
            e.text
        );
        let inputs: Vec<String> = e.inputs.iter().map(input).collect();
        let from = from(&e.from, manifest);
        let from = if from.is_empty() { String::new() } else { format!("   from {from}") };
        let gap = " ".repeat(width);
        let _ = writeln!(out, "{gap} {indent}  {}({}){from}", e.what, inputs.join(", "));
    }
    if trace.omitted > 0 {
        let _ = writeln!(
            out,
            "{} more are not listed; what they came from is counted in what follows",
            trace.omitted
        );
    }
    if let Some(f) = &trace.answer {
        let at = f.entry.map_or(String::new(), |e| format!(" is #{e}"));
        let from = from(f, manifest);
        let from = if from.is_empty() { "no instance or photo".to_owned() } else { from };
        let _ = writeln!(out, "the answer{at}, from {from}");
        if !f.operations.is_empty() {
            let _ = writeln!(out, "  by {}", f.operations.join(", "));
        }
        if !f.reads.is_empty() {
            let _ = writeln!(out, "  which read the memory's {}", f.reads.join(", "));
        }
    }
    out
}

fn input(i: &super::Input) -> String {
    let value = i.entry.map_or_else(|| i.text.clone(), |e| format!("#{e}"));
    if i.name.is_empty() { value } else { format!("{}={value}", i.name) }
}

fn from(f: &From, manifest: &Manifest) -> String {
    let mut words: Vec<String> =
        f.instances.iter().take(MAX_LISTED).map(|i| manifest.instance_name(*i)).collect();
    words.extend(f.photos.iter().take(MAX_LISTED).map(|n| format!("photo {n}")));
    let more = f.instances.len() + f.photos.len() - words.len();
    if more > 0 {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}
