//! VSI-Bench scene metadata: labelled oriented boxes, room area, counts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reasmory_geom::{Obb, Vec3};
use reasmory_scene::{CategoryEntry, Instance, Manifest, Memory, Points, Room, Scale};
use serde_json::{Map, Value};

use crate::files::{self, has_extension, leaf};
use crate::{ImportError, ImportOptions, Imported, json};

/// Longest metadata file; parsed it takes several times as much.
const MAX_FILE: u64 = 1 << 28;
const REMEDY: &str = "fetch the metadata again or correct it";

/// The metadata files at `path`: the file itself, or a folder's (those named `*_meta_info_*.json` where
/// there are any).
fn sources(path: &Path) -> Result<Vec<PathBuf>, ImportError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let all = files::list(path, |p| has_extension(p, &["json"]))?;
    let named: Vec<PathBuf> =
        all.iter().filter(|p| leaf(p).contains("_meta_info_")).cloned().collect();
    if !named.is_empty() {
        return Ok(named);
    }
    Ok(all.into_iter().filter(|p| is_metadata(p)).collect())
}

fn is_metadata(path: &Path) -> bool {
    load(path).is_ok_and(|scenes| {
        scenes.values().next().is_some_and(|s| s.get("object_bbox").is_some_and(Value::is_object))
    })
}

pub(crate) fn is_source(path: &Path) -> bool {
    if path.is_dir() {
        return sources(path).is_ok_and(|s| s.iter().any(|p| is_metadata(p)));
    }
    is_metadata(path)
}

fn load(path: &Path) -> Result<Map<String, Value>, ImportError> {
    parse(path, &files::read(path, MAX_FILE)?)
}

/// Parses metadata: an object of scenes.
pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Map<String, Value>, ImportError> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(scenes)) => Ok(scenes),
        Ok(_) => Err(ImportError::new(path, "", "is not an object of scenes by their ids", REMEDY)),
        Err(e) => {
            let place = format!("line {}, column {}", e.line(), e.column());
            Err(ImportError::new(path, place, format!("is not valid JSON: {e}"), REMEDY))
        }
    }
}

pub(crate) fn scenes(path: &Path) -> Result<Vec<String>, ImportError> {
    let mut ids = Vec::new();
    for file in sources(path)? {
        ids.extend(load(&file)?.keys().cloned());
    }
    if ids.is_empty() {
        return Err(ImportError::new(path, "", "holds no scenes", REMEDY));
    }
    ids.sort_by(|a, b| files::natural(a, b));
    ids.dedup();
    Ok(ids)
}

pub(crate) fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let mut found: Option<(PathBuf, String, Value)> = None;
    let mut ids = Vec::new();
    for file in sources(path)? {
        for (id, scene) in load(&file)? {
            let wanted = options.scene.as_ref().is_none_or(|s| *s == id);
            ids.push(id.clone());
            if !wanted {
                continue;
            }
            if let Some((other, _, _)) = &found {
                let (what, remedy) = if options.scene.is_some() {
                    let what = format!("has the scene `{id}`, which {} has too", other.display());
                    (what, "give one of the files")
                } else {
                    ("holds several scenes".to_owned(), "say which scene to import")
                };
                return Err(ImportError::new(&file, "", what, remedy));
            }
            found = Some((file.clone(), id, scene));
        }
    }
    let Some((file, id, scene)) = found else {
        let wanted = options.scene.as_deref().unwrap_or("any");
        ids.sort_by(|a, b| files::natural(a, b));
        let some: Vec<&str> = ids.iter().take(5).map(String::as_str).collect();
        let what = format!("has no scene `{wanted}`");
        let remedy = format!("its {} scenes begin {}", ids.len(), some.join(", "));
        return Err(ImportError::new(path, "", what, remedy));
    };
    let manifest = manifest(&file, &id, &scene)?;
    let notes = manifest.provenance.notes.clone();
    let memory = Memory::new(manifest, Points::default(), None)
        .map_err(|e| ImportError::new(&file, format!("{id}: {}", e.at), e.what, REMEDY))?;
    Ok(Imported { memory, image_files: Vec::new(), notes })
}

/// The manifest of one scene.
pub(crate) fn manifest(path: &Path, id: &str, scene: &Value) -> Result<Manifest, ImportError> {
    let bad = |place: &str, what: &str| {
        ImportError::new(path, format!("{id}.{place}"), what.to_owned(), REMEDY)
    };
    let Some(boxes) = scene.get("object_bbox").and_then(Value::as_object) else {
        return Err(bad("object_bbox", "is not an object of boxes by label"));
    };
    let mut m = Manifest::empty(id, "vsi-metadata", Scale::metric("the metadata is in metres"));
    for (label, list) in boxes {
        let category = normal(label);
        let place = format!("object_bbox.{label}");
        if category.is_empty() {
            return Err(bad(&place, "is an empty label"));
        }
        let Some(list) = list.as_array() else { return Err(bad(&place, "is not a list")) };
        for (i, b) in list.iter().enumerate() {
            let obb = obb(b).map_err(|(field, what)| {
                let dot = if field.is_empty() { "" } else { "." };
                bad(&format!("{place}[{i}]{dot}{field}"), what)
            })?;
            m.instances.push(Instance {
                id: u32::try_from(m.instances.len() + 1)
                    .map_err(|_| bad(&place, "makes too many boxes"))?,
                category: category.clone(),
                obb,
                confidence: 1.0,
                support: 0,
                front: None,
                seen_in: Vec::new(),
            });
        }
    }
    for c in counts(scene).map_err(|label| {
        bad(&format!("object_counts.{label}"), "is not a count (a whole number ≥ 0)")
    })? {
        m.categories.push(CategoryEntry { name: c.0, instances: vec![], stated_count: Some(c.1) });
    }
    m.index_categories();
    let notes = &mut m.provenance.notes;
    if let Some(dataset) = scene.get("dataset").and_then(Value::as_str) {
        notes.push(format!("The scene is from the data set {dataset}."));
    }
    let boxes: Vec<_> = m.instances.iter().map(|i| i.obb.bounds()).collect();
    let lowest = boxes.iter().map(|b| b.0.z).fold(f64::INFINITY, f64::min);
    let floor = if lowest.is_finite() {
        notes.push(
            "The floor is assumed at the bottom of the lowest box; the metadata states none."
                .into(),
        );
        lowest
    } else {
        notes.push("There are no boxes; the floor is assumed at height 0.".into());
        0.0
    };
    let stated_area = match scene.get("room_size") {
        None | Some(Value::Null) => None,
        Some(v) => match v.as_f64() {
            Some(a) if a.is_finite() && a > 0.0 => Some(a),
            _ => return Err(bad("room_size", "is not a positive area")),
        },
    };
    notes.push("The outline and the ceiling of the room are not known.".into());
    for (lo, hi) in boxes {
        m.extend_bounds(lo);
        m.extend_bounds(hi);
    }
    m.room = Some(Room { outline: Vec::new(), floor, ceiling: None, stated_area });
    Ok(m)
}

fn normal(label: &str) -> String {
    label.trim().to_lowercase()
}

/// Stated counts by normalised label; labels that become the same add up.
fn counts(scene: &Value) -> Result<BTreeMap<String, u32>, String> {
    let mut out = BTreeMap::<String, u32>::new();
    let Some(counts) = scene.get("object_counts").and_then(Value::as_object) else {
        return Ok(out);
    };
    for (label, n) in counts {
        let n = n.as_u64().and_then(|n| u32::try_from(n).ok()).ok_or_else(|| label.clone())?;
        if normal(label).is_empty() {
            return Err(label.clone());
        }
        let sum = out.entry(normal(label)).or_default();
        *sum = sum.saturating_add(n);
    }
    Ok(out)
}

fn numbers<const N: usize>(b: &Value, field: &str) -> Option<[f64; N]> {
    json::numbers(b.get(field)?)
}

fn obb(b: &Value) -> Result<Obb, (&'static str, &'static str)> {
    let centre: [f64; 3] =
        numbers(b, "centroid").ok_or(("centroid", "is not a list of 3 finite numbers"))?;
    let lengths: [f64; 3] =
        numbers(b, "axesLengths").ok_or(("axesLengths", "is not a list of 3 finite numbers"))?;
    let axes: [f64; 9] = numbers(b, "normalizedAxes")
        .ok_or(("normalizedAxes", "is not a list of 9 finite numbers"))?;
    if lengths.iter().any(|l| *l < 0.0) {
        return Err(("axesLengths", "has a negative length"));
    }
    let axis = |k: usize| Vec3::new(axes[3 * k], axes[3 * k + 1], axes[3 * k + 2]);
    Obb::new(centre.into(), [axis(0), axis(1), axis(2)], lengths.into())
        .ok_or(("normalizedAxes", "are not three unit vectors at right angles"))
}
