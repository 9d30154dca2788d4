//! The operations, as text and as JSON: the table and the standard library as one.

use reasmory_ops::{Kind, PLANNED};
use reasmory_sema::catalogue::{self, Callable};
use serde_json::{Value, json};

fn kind(c: &Callable) -> &'static str {
    match c {
        Callable::Op(o) => match o.kind {
            Kind::Intrinsic(_) => "intrinsic",
            Kind::Inline(_) => "inline",
        },
        Callable::Std(_) => "stdlib",
    }
}

fn one(c: &Callable) -> Value {
    let s = c.signature();
    let params: Vec<Value> = s
        .params
        .iter()
        .enumerate()
        .map(|(i, p)| {
            json!({
                "name": p.name,
                "type": p.ty.to_string(),
                "optional": p.optional,
                "default": p.default.as_ref().map(ToString::to_string),
                "positional": i < c.positional(),
            })
        })
        .collect();
    let (doc, example, foreign, abstains) = match c {
        Callable::Op(o) => (o.doc.to_owned(), Some(o.example), o.foreign, o.abstains),
        Callable::Std(f) => (f.decl.doc.clone(), None, &[][..], false),
    };
    json!({
        "name": c.name(),
        "signature": s.to_string(),
        "params": params,
        "result": s.result.to_string(),
        "effect": c.effect().name(),
        "kind": kind(c),
        "family": c.family(),
        "abstains": abstains,
        "summary": c.summary(),
        "doc": doc,
        "example": example,
        "foreign": foreign,
    })
}

/// `ops --json`.
pub fn json() -> Value {
    let ops: Vec<Value> = catalogue::all().iter().map(one).collect();
    let planned: Vec<Value> =
        PLANNED.iter().map(|(name, what)| json!({"name": name, "summary": what})).collect();
    json!({"schema": 1, "operations": ops, "planned": planned})
}

/// `ops`: a line each, by family.
pub fn text() -> String {
    use std::fmt::Write as _;
    let all = catalogue::all();
    let mut families: Vec<&str> = all.iter().map(Callable::family).collect();
    families.sort_unstable();
    families.dedup();
    let mut out = String::new();
    for family in families {
        let _ = writeln!(out, "{family}");
        for c in all.iter().filter(|c| c.family() == family) {
            let effect = match c.effect() {
                reasmory_ops::Effect::Pure => String::new(),
                e => format!(" [{}]", e.name()),
            };
            let std = if matches!(c, Callable::Std(_)) { " [stdlib]" } else { "" };
            let _ = writeln!(out, "  {}{}{effect}{std}", c.name(), c.signature());
            let _ = writeln!(out, "      {}", c.summary());
        }
    }
    out
}

/// One operation in full.
pub fn describe(name: &str) -> Option<String> {
    use std::fmt::Write as _;
    let c = catalogue::find(name)?;
    let mut out = format!("{}{}\n\n{}\n", c.name(), c.signature(), c.summary());
    match c {
        Callable::Op(o) => {
            if !o.doc.is_empty() {
                let _ = writeln!(out, "{}", o.doc);
            }
            let _ = writeln!(out, "\nfamily {}, effect {}", o.family, o.effect.name());
            let _ = writeln!(out, "\n    {}", o.example);
        }
        Callable::Std(f) => {
            let _ = writeln!(out, "\nfrom stdlib/{}.rsm:\n\n{}", f.module, f.source);
        }
    }
    Some(out)
}
