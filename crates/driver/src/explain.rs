//! `explain`: the page of a code.

use reasmory_diag::{CODES, Code, page_fences, similar};
use serde_json::{Value, json};

use crate::Failure;

/// The code with this id or name, or a failure that names near ones.
pub fn find(text: &str) -> Result<Code, Failure> {
    Code::find(text).ok_or_else(|| {
        let near = similar::candidates(text, CODES.iter().flat_map(|c| [c.id, c.name]));
        let remedy = if near.is_empty() {
            "`reasmory explain` without a code lists them all".to_owned()
        } else {
            format!("did you mean {}?", near.join(", "))
        };
        Failure::new(format!("there is no diagnostic `{text}`"), remedy)
    })
}

/// A code and its page as JSON.
pub fn json(code: Code) -> Value {
    let info = code.info();
    let fences: Vec<Value> = page_fences(info.page)
        .into_iter()
        .map(|f| json!({ "section": f.section, "info": f.info, "text": f.text }))
        .collect();
    json!({
        "schema": 1,
        "code": info.id,
        "name": info.name,
        "severity": info.severity.name(),
        "level": info.level.name(),
        "summary": info.summary,
        "page": info.page,
        "fences": fences,
    })
}

/// Every code, a line each.
pub fn list() -> String {
    CODES.iter().map(|c| format!("{}  {:<24} {}\n", c.id, c.name, c.summary)).collect()
}
