//! The JSON that `reasmory export` writes: a manifest without points and pictures.

use std::path::Path;

use reasmory_scene::{Manifest, Memory, Points};
use serde_json::Value;

use crate::{ImportError, Imported, files};

const REMEDY: &str = "export the memory again";

/// Whether the file is such JSON, by its first fields.
pub(crate) fn is_source(path: &Path) -> bool {
    use std::io::Read;
    let mut head = Vec::new();
    let file = std::fs::File::open(path);
    path.is_file()
        && file.is_ok_and(|f| f.take(256).read_to_end(&mut head).is_ok())
        && String::from_utf8_lossy(&head).contains("\"reasmory-scene\"")
        && head.trim_ascii_start().first() == Some(&b'{')
}

/// The manifest in the text.
pub(crate) fn parse(path: &Path, text: &str) -> Result<Manifest, ImportError> {
    let fail = |at: &str, what: String| ImportError::new(path, at, what, REMEDY);
    let mut v: Value =
        serde_json::from_str(text).map_err(|e| fail("", format!("is not JSON ({e})")))?;
    if v["format"] != "reasmory-scene" || v["schema"] != 1 {
        return Err(fail("format", "is not `reasmory-scene` of version 1".into()));
    }
    let mut m: Manifest = serde_json::from_value(v["manifest"].take())
        .map_err(|e| fail("manifest", e.to_string()))?;
    if m.points > 0 {
        m.provenance
            .notes
            .push("The points were left behind when the memory was exported as JSON.".into());
        m.points = 0;
    }
    m.photos.iter_mut().for_each(|p| p.image = None);
    m.validate().map_err(|e| fail(&e.at, e.what))?;
    Ok(m)
}

pub(crate) fn import(path: &Path) -> Result<Imported, ImportError> {
    let m = parse(path, &files::read_text(path)?)?;
    let notes = m.provenance.notes.clone();
    let memory = Memory::new(m, Points::default(), None)
        .map_err(|e| ImportError::new(path, e.at, e.what, REMEDY))?;
    Ok(Imported { memory, image_files: Vec::new(), notes })
}
