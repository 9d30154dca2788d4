//! JSON: the manifest, without points and pictures.

use reasmory_scene::Memory;

use crate::ExportError;

pub(crate) fn write(memory: &Memory) -> Result<Vec<u8>, ExportError> {
    let mut m = memory.manifest().as_ref().clone();
    // The pictures are not in it.
    m.photos.iter_mut().for_each(|p| p.image = None);
    let value = serde_json::json!({"schema": 1, "format": "reasmory-scene", "manifest": m});
    let mut text = serde_json::to_string_pretty(&value).map_err(|e| ExportError {
        what: format!("the manifest cannot be written as JSON ({e})"),
        remedy: "verify the memory".into(),
    })?;
    text.push('\n');
    Ok(text.into_bytes())
}
