//! Evidence: pictures to files, and their records.

use std::path::Path;

use reasmory_runtime::{Evidence, Located, Missing};
use serde_json::{Value, json};

use crate::files::write_atomic;
use crate::{Failure, RunReport};

/// The records of a run's evidence; with a directory, the pictures are written there as
/// `evidence-1-ego.png` … and named relative to it.
pub fn records(report: &RunReport, out: Option<&Path>) -> Result<Vec<Value>, Failure> {
    report
        .evidence
        .iter()
        .enumerate()
        .map(|(i, e)| {
            let file = match out {
                Some(dir) => Some(write_picture(dir, i + 1, e)?),
                None => None,
            };
            Ok(json!({
                "file": file,
                "kind": e.image.kind,
                "caption": e.image.caption,
                "coverage": e.image.coverage,
                "visible": e.image.visible,
                "objects": e.image.objects.iter().map(object).collect::<Vec<_>>(),
                "not_visible": e.image.missing.iter().map(missing).collect::<Vec<_>>(),
            }))
        })
        .collect()
}

fn object(o: &Located) -> Value {
    let mut out = json!({
        "id": o.id,
        "name": o.name,
        // Six digits tell a pixel of a thousand by a thousand.
        "share": (o.share * 1e6).round() / 1e6,
        "box": o.bounds,
    });
    if let Some(panel) = o.panel {
        out["panel"] = panel.into();
    }
    out
}

fn missing(m: &Missing) -> Value {
    json!({"id": m.id, "name": m.name, "why": m.why})
}

fn write_picture(dir: &Path, number: usize, e: &Evidence) -> Result<String, Failure> {
    let name = format!("evidence-{number}-{}.png", e.image.kind);
    let png = reasmory_render::encode_png(&e.image.pixels)
        .map_err(|err| Failure::new(format!("{name}: {err}"), "ask for a smaller picture"))?;
    write_atomic(&dir.join(&name), &png)?;
    Ok(name)
}
