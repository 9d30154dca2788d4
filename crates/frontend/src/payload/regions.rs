//! What was found in photos, as JSON with arrays beside it.

use reasmory_ground::{Mask, Region};
use serde_json::{Value, json};

use super::Arrays;
use super::doc::notes;
use crate::{Detections, Photo};

/// Most things in one photo.
const MAX_FOUND: usize = 5000;
/// Longest label, characters.
const MAX_LABEL: usize = 100;

/// A list of whole numbers.
fn counts(v: &Value) -> Option<Vec<u32>> {
    v.as_array()?.iter().map(|n| n.as_u64().and_then(|n| u32::try_from(n).ok())).collect()
}

fn region(f: &Value, arrays: &Arrays, p: &Photo) -> Result<(Region, bool), String> {
    let (w, h) = (p.width, p.height);
    let given: Vec<&str> =
        ["box", "runs", "rle", "mask"].into_iter().filter(|k| !f[*k].is_null()).collect();
    let [kind] = given[..] else {
        return Err("needs one of `box`, `runs`, `rle` and `mask`".into());
    };
    let v = &f[kind];
    let bad = |e: String| format!("{kind}: {e}");
    match kind {
        "box" => {
            let b: Option<Vec<f64>> =
                v.as_array().and_then(|l| l.iter().map(Value::as_f64).collect());
            let b: [f64; 4] = b
                .and_then(|b| b.try_into().ok())
                .ok_or_else(|| bad("is no list of four numbers".into()))?;
            if !(b.iter().all(|x| x.is_finite()) && b[0] < b[2] && b[1] < b[3]) {
                return Err(bad(format!(
                    "{b:?} is empty: give left, top, right, bottom in pixels"
                )));
            }
            let r = Region::from_box(w, h, b).map_err(|e| bad(e.0))?;
            Ok((r, true))
        }
        "runs" => {
            let flat = counts(v).filter(|c| c.len() % 2 == 0);
            let flat = flat.ok_or_else(|| bad("is no list of pairs of whole numbers".into()))?;
            let runs = flat.chunks_exact(2).map(|c| (c[0], c[1])).collect();
            Ok((Region::from_runs(w, h, runs).map_err(|e| bad(e.0))?, f["boxed"] == true))
        }
        "rle" => {
            let c = counts(v).ok_or_else(|| bad("is no list of whole numbers".into()))?;
            Ok((Region::from_column_runs(w, h, &c).map_err(|e| bad(e.0))?, false))
        }
        _ => {
            let shape = arrays.shape(v).unwrap_or_default();
            let [rows, columns] = *shape else {
                return Err(bad(format!("is no array (height, width) that is there: {shape:?}")));
            };
            let size = |n: usize| u32::try_from(n).ok().filter(|n| *n > 0);
            let (Some(mw), Some(mh)) = (size(columns), size(rows)) else {
                return Err(bad(format!("has the shape {shape:?}")));
            };
            let ratio = f64::from(mw) / f64::from(w) * (f64::from(h) / f64::from(mh));
            if (ratio - 1.0).abs() > 0.01 {
                return Err(bad(format!("is {mw}×{mh}, the photo {w}×{h}: other proportions")));
            }
            let set = arrays.get(v, &[rows, columns]).map_err(bad)?.set();
            let r = Region::from_pixels(mw, mh, |i| set[i]).and_then(|r| r.resized(w, h));
            Ok((r.map_err(|e| bad(e.0))?, false))
        }
    }
}

fn mask(f: &Value, arrays: &Arrays, p: &Photo) -> Result<Option<Mask>, String> {
    let label = f["label"].as_str().ok_or("label: is no text")?;
    let label: String = label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if label.is_empty() || label.chars().count() > MAX_LABEL || label.chars().any(char::is_control)
    {
        return Err(format!("label: {label:?} is no name of at most {MAX_LABEL} characters"));
    }
    let score = match &f["score"] {
        Value::Null => 1.0,
        v => {
            v.as_f64().filter(|s| (0.0..=1.0).contains(s)).ok_or("score: is no number in [0, 1]")?
        }
    };
    let (region, boxed) = region(f, arrays, p)?;
    // A box beside the photo, an empty mask: nothing was found.
    Ok((region.area() > 0).then_some(Mask { region, label, score: score as f32, boxed }))
}

/// Reads what was found in these photos. An error names the member.
pub fn detections_of(doc: &Value, arrays: &Arrays, photos: &[Photo]) -> Result<Detections, String> {
    let rows = doc["photos"].as_array().ok_or("`photos` is no list")?;
    let mut out: Vec<Option<Vec<Mask>>> = vec![None; photos.len()];
    for (i, row) in rows.iter().enumerate() {
        let at = |e: String| format!("photos[{i}].{e}");
        let index = row["photo"].as_u64().and_then(|k| usize::try_from(k).ok());
        let slot = index.and_then(|k| out.get_mut(k)).ok_or_else(|| {
            at(format!("photo: is {}, but there are {} photos", row["photo"], photos.len()))
        })?;
        if slot.is_some() {
            return Err(at(format!("photo: {} is answered already", row["photo"])));
        }
        let found = row["found"].as_array().filter(|f| f.len() <= MAX_FOUND);
        let found = found.ok_or_else(|| at(format!("found: is no list of at most {MAX_FOUND}")))?;
        let p = &photos[index.unwrap_or(0)];
        let masks: Result<Vec<Option<Mask>>, String> = found
            .iter()
            .enumerate()
            .map(|(k, f)| mask(f, arrays, p).map_err(|e| at(format!("found[{k}].{e}"))))
            .collect();
        *slot = Some(masks?.into_iter().flatten().collect());
    }
    Ok(Detections {
        photos: out.into_iter().map(Option::unwrap_or_default).collect(),
        notes: notes(&doc["notes"])?,
    })
}

/// Writes what was found: what [`detections_of`] reads. It needs no arrays.
pub fn detections_doc(d: &Detections) -> Value {
    let rows: Vec<Value> = d
        .photos
        .iter()
        .enumerate()
        .map(|(photo, masks)| {
            let found: Vec<Value> = masks
                .iter()
                .map(|m| {
                    let runs: Vec<u32> = m.region.runs().iter().flat_map(|r| [r.0, r.1]).collect();
                    json!({"label": m.label, "score": m.score, "boxed": m.boxed, "runs": runs})
                })
                .collect();
            json!({"photo": photo, "found": found})
        })
        .collect();
    json!({"photos": rows, "notes": d.notes})
}

#[cfg(test)]
mod tests {
    use super::super::{Data, Tensor};
    use super::*;

    fn photo() -> Photo {
        Photo {
            name: "a".into(),
            file: "a".into(),
            width: 8,
            height: 6,
            digest: String::new(),
            time: None,
        }
    }

    fn one(found: Value) -> Result<Detections, String> {
        let mask = Tensor { shape: vec![2, 3, 4], data: Data::Bytes([0, 1].repeat(12)) };
        let arrays = Arrays([("m".to_owned(), mask)].into());
        let doc = json!({"photos": [{"photo": 0, "found": [found]}]});
        detections_of(&doc, &arrays, &[photo()])
    }

    #[test]
    fn regions_are_read_and_written() {
        for (found, area, boxed) in [
            (json!({"label": "Chair ", "box": [1, 1, 3, 3]}), 4, true),
            (json!({"label": "chair", "score": 0.25, "rle": [7, 2, 39]}), 2, false),
            (json!({"label": "chair", "runs": [0, 3, 10, 1]}), 4, false),
            (json!({"label": "chair", "mask": ["m", 1]}), 24, false),
        ] {
            let d = one(found).unwrap();
            let m = &d.photos[0][0];
            assert_eq!((m.label.as_str(), m.region.area(), m.boxed), ("chair", area, boxed));
            let again = detections_of(&detections_doc(&d), &Arrays::default(), &[photo()]);
            assert_eq!(again.unwrap(), d);
        }
        // Nothing to see is nothing found.
        assert!(one(json!({"label": "x", "runs": []})).unwrap().photos[0].is_empty());
        assert!(one(json!({"label": "x", "box": [90, 90, 99, 99]})).unwrap().photos[0].is_empty());
    }

    #[test]
    fn lies_are_named() {
        for (found, says) in [
            (json!({"box": [0, 0, 1, 1]}), "photos[0].found[0].label: is no text"),
            (json!({"label": " ", "box": [0, 0, 1, 1]}), "no name"),
            (json!({"label": "a"}), "needs one of"),
            (json!({"label": "a", "box": [0, 0, 1, 1], "rle": [48]}), "needs one of"),
            (json!({"label": "a", "box": [3, 3, 1, 1]}), "is empty"),
            (json!({"label": "a", "box": [0, 0, 1]}), "four numbers"),
            (json!({"label": "a", "score": 7, "box": [0, 0, 1, 1]}), "score: is no number"),
            (json!({"label": "a", "rle": [40]}), "cover 40 pixels"),
            (json!({"label": "a", "runs": [40, 20]}), "leaves the 8×6"),
            (json!({"label": "a", "runs": [1]}), "pairs"),
            (json!({"label": "a", "mask": ["m", 7]}), "2 rows, not row 7"),
            (json!({"label": "a", "mask": "m"}), "mask: is no array (height, width)"),
        ] {
            let e = one(found.clone()).unwrap_err();
            assert!(e.contains(says), "{found}: {e}");
        }
        let two = json!({"photos": [{"photo": 0, "found": []}, {"photo": 0, "found": []}]});
        let e = detections_of(&two, &Arrays::default(), &[photo()]).unwrap_err();
        assert!(e.contains("answered already"), "{e}");
    }
}
