//! A folder with a label map (PNG) or an archive of masks (NPZ) for each photo, and `labels.json`.

use std::collections::BTreeMap;
use std::path::Path;

use image::DynamicImage;
use reasmory_ground::{Mask, Region};
use serde_json::Value;

use super::{PhotoName, fits, mask, stem};
use crate::files::{self, has_extension};
use crate::npz::Npz;
use crate::{ImportError, json};

const REMEDY: &str = "give a label map or archive named like each photo, and `labels.json` with a label for \
                      each number of each photo (spec/importers.md)";

/// Label and score of a number.
type Names = BTreeMap<u32, (String, f64)>;

pub(super) fn read(dir: &Path, photos: &[PhotoName]) -> Result<Vec<Vec<Mask>>, ImportError> {
    let file = dir.join("labels.json");
    if !file.is_file() {
        return Err(ImportError::new(dir, "", "has no `labels.json`", REMEDY));
    }
    let labels = json::load(&file, REMEDY)?;
    let maps = files::list(dir, |p| has_extension(p, &["png", "npz"]))?;
    let mut out = Vec::new();
    for photo in photos {
        let of = maps.iter().find(|m| stem(&files::leaf(m)) == stem(&photo.name));
        let Some(map) = of else {
            out.push(Vec::new());
            continue;
        };
        let key = stem(&photo.name);
        // Labels of this photo, or where there are none those of all photos.
        let (place, list) = match labels.get(key) {
            Some(l) => (key.to_owned(), l),
            None => (String::new(), &labels),
        };
        let names = names(list).map_err(|e| ImportError::new(&file, place, e, REMEDY))?;
        out.push(if has_extension(map, &["npz"]) {
            archive(map, photo, &names)?
        } else {
            label_map(map, photo, &names)?
        });
    }
    Ok(out)
}

/// `{"1": "chair", "2": {"label": "table", "score": 0.8}}`, or a list that begins with number 1.
fn names(v: &Value) -> Result<Names, String> {
    let one = |v: &Value| -> Option<(String, f64)> {
        match v {
            Value::String(s) => Some((s.clone(), 1.0)),
            Value::Object(o) => {
                let score = o.get("score").map_or(Some(1.0), Value::as_f64)?;
                Some((o.get("label")?.as_str()?.to_owned(), score))
            }
            _ => None,
        }
    };
    let bad = |k: &str| format!("`{k}` needs a label, or `label` and `score`");
    match v {
        Value::Array(list) => (1u32..)
            .zip(list)
            .map(|(n, v)| one(v).map(|l| (n, l)).ok_or_else(|| bad(&n.to_string())))
            .collect(),
        Value::Object(o) => {
            let mut out = Names::new();
            // Keys that are no numbers are other photos.
            for (k, v) in o {
                if let Ok(n) = k.parse::<u32>() {
                    out.insert(n, one(v).ok_or_else(|| bad(k))?);
                }
            }
            Ok(out)
        }
        _ => Err("is neither a list nor an object of labels".into()),
    }
}

fn label_map(path: &Path, photo: &PhotoName, names: &Names) -> Result<Vec<Mask>, ImportError> {
    let bad = |what: String| ImportError::new(path, "", what, REMEDY);
    let picture = files::picture(path)?;
    let size = fits((picture.width().into(), picture.height().into()), photo).map_err(bad)?;
    let values: Vec<u32> = match &picture {
        DynamicImage::ImageLuma8(p) => p.pixels().map(|p| p.0[0].into()).collect(),
        DynamicImage::ImageLuma16(p) => p.pixels().map(|p| p.0[0].into()).collect(),
        _ => return Err(bad("is no grey picture of 8 or 16 bits".into())),
    };
    let mut runs: BTreeMap<u32, Vec<(u32, u32)>> = BTreeMap::new();
    for (i, v) in (0u32..).zip(&values).filter(|(_, v)| **v > 0) {
        let runs = runs.entry(*v).or_default();
        match runs.last_mut() {
            Some(r) if r.0 + r.1 == i => r.1 += 1,
            _ => runs.push((i, 1)),
        }
    }
    let mut out = Vec::new();
    for (value, runs) in runs {
        let Some((label, score)) = names.get(&value) else {
            return Err(bad(format!("has the number {value}, which `labels.json` does not name")));
        };
        let region = Region::from_runs(size.0, size.1, runs);
        out.push(
            mask(region, photo, label, *score, false).map_err(|e| bad(format!("{value}: {e}")))?,
        );
    }
    Ok(out)
}

/// `masks` (n, height, width), not zero inside; `scores` (n) where the labels state none.
fn archive(path: &Path, photo: &PhotoName, names: &Names) -> Result<Vec<Mask>, ImportError> {
    let bad = |place: &str, what: String| ImportError::new(path, place, what, REMEDY);
    let bytes = files::read(path, files::MAX_FILE)?;
    let mut npz = Npz::new(path, &bytes)?;
    let masks = npz.array("masks")?;
    let [n, h, w] = masks.shape[..] else {
        return Err(bad("masks", format!("has shape {:?}, expected three sizes", masks.shape)));
    };
    let size = fits((w as u64, h as u64), photo).map_err(|e| bad("masks", e))?;
    let scores = match npz.names().iter().any(|n| n == "scores") {
        true => Some(npz.array("scores")?),
        false => None,
    };
    if scores.as_ref().is_some_and(|s| s.shape != [n]) {
        return Err(bad("scores", format!("are not one for each of {n} masks")));
    }
    let mut out = Vec::new();
    for (k, values) in masks.values.chunks_exact(w * h).enumerate() {
        let at = format!("masks[{k}]");
        let Some((label, stated)) = names.get(&(k as u32 + 1)) else {
            return Err(bad(&at, format!("`labels.json` does not name number {}", k + 1)));
        };
        let score = scores.as_ref().map_or(*stated, |s| f64::from(s.values[k]));
        let region = Region::from_pixels(size.0, size.1, |i| values[i] != 0.0);
        out.push(mask(region, photo, label, score, false).map_err(|e| bad(&at, e))?);
    }
    Ok(out)
}
