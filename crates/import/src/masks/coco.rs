//! COCO's JSON: annotations with polygons, run lengths or boxes.

use std::collections::BTreeMap;
use std::path::Path;

use reasmory_ground::{Mask, Region};
use serde_json::Value;

use super::{PhotoName, fits, mask, stem};
use crate::{ImportError, files, json};

/// A photo and the size of its picture; `None` of an image that is no photo.
type Image = Option<(usize, (u32, u32))>;

const REMEDY: &str = "give COCO JSON with `images`, `annotations` and `categories`";

pub(super) fn read(path: &Path, photos: &[PhotoName]) -> Result<Vec<Vec<Mask>>, ImportError> {
    parse(path, &files::read(path, json::MAX_FILE)?, photos)
}

pub(super) fn parse(
    path: &Path,
    bytes: &[u8],
    photos: &[PhotoName],
) -> Result<Vec<Vec<Mask>>, ImportError> {
    let v = json::parse(path, bytes, REMEDY)?;
    let bad = |place: String, what: String| ImportError::new(path, place, what, REMEDY);
    let list = |key: &str| {
        v.get(key)
            .and_then(Value::as_array)
            .ok_or_else(|| bad(String::new(), format!("has no list `{key}`")))
    };
    let mut names: BTreeMap<i64, &str> = BTreeMap::new();
    for (i, c) in list("categories")?.iter().enumerate() {
        let id = c.get("id").and_then(Value::as_i64);
        let name = c.get("name").and_then(Value::as_str);
        let (Some(id), Some(name)) = (id, name) else {
            return Err(bad(format!("categories[{i}]"), "needs `id` and `name`".into()));
        };
        names.insert(id, name);
    }
    // Photo and picture size by the image's id.
    let mut images: BTreeMap<i64, Image> = BTreeMap::new();
    for (i, m) in list("images")?.iter().enumerate() {
        let at = || format!("images[{i}]");
        let id = m.get("id").and_then(Value::as_i64);
        let name = m.get("file_name").and_then(Value::as_str);
        let size = |k: &str| m.get(k).and_then(Value::as_u64);
        let (Some(id), Some(name), Some(w), Some(h)) = (id, name, size("width"), size("height"))
        else {
            return Err(bad(at(), "needs `id`, `file_name`, `width` and `height`".into()));
        };
        // Images that are no photo of the memory are passed over.
        let photo = photos.iter().position(|p| stem(&p.name) == stem(name));
        let known = match photo {
            Some(p) => Some((p, fits((w, h), &photos[p]).map_err(|e| bad(at(), e))?)),
            None => None,
        };
        images.insert(id, known);
    }
    let mut out = vec![Vec::new(); photos.len()];
    for (i, a) in list("annotations")?.iter().enumerate() {
        let at = || format!("annotations[{i}]");
        let image = a.get("image_id").and_then(Value::as_i64).and_then(|id| images.get(&id));
        let Some(image) = image else {
            return Err(bad(at(), "names no image of the file".into()));
        };
        let Some((photo, size)) = *image else { continue };
        let category = a.get("category_id").and_then(Value::as_i64);
        let Some(name) = category.and_then(|c| names.get(&c)) else {
            return Err(bad(at(), "names no category of the file".into()));
        };
        let score = match a.get("score") {
            None | Some(Value::Null) => 1.0,
            Some(s) => s.as_f64().unwrap_or(f64::NAN),
        };
        let (region, boxed) = region(a, size).map_err(|e| bad(at(), e))?;
        let m = mask(Ok(region), &photos[photo], name, score, boxed).map_err(|e| bad(at(), e))?;
        out[photo].push(m);
    }
    Ok(out)
}

/// The pixels of an annotation, and whether they are a box's.
fn region(a: &Value, (w, h): (u32, u32)) -> Result<(Region, bool), String> {
    let made = match a.get("segmentation") {
        Some(Value::Array(polygons)) if !polygons.is_empty() => {
            let polygon = |p: &Value| -> Option<Vec<[f64; 2]>> {
                let flat: Vec<f64> =
                    p.as_array()?.iter().map(Value::as_f64).collect::<Option<_>>()?;
                flat.len()
                    .is_multiple_of(2)
                    .then(|| flat.chunks_exact(2).map(|c| [c[0], c[1]]).collect())
            };
            let all: Option<Vec<_>> = polygons.iter().map(polygon).collect();
            Region::from_polygons(w, h, &all.ok_or("has a polygon that is no list of x, y")?)
        }
        Some(Value::Object(o)) => {
            let size = o.get("size").and_then(json::numbers::<2>);
            if size != Some([f64::from(h), f64::from(w)]) {
                return Err(format!("has run lengths of another size than [{h}, {w}]"));
            }
            let counts = match o.get("counts") {
                Some(Value::String(s)) => unpacked(s.as_bytes())?,
                Some(Value::Array(c)) => c
                    .iter()
                    .map(|c| c.as_u64().and_then(|c| u32::try_from(c).ok()))
                    .collect::<Option<Vec<u32>>>()
                    .ok_or("has run lengths that are no whole numbers")?,
                _ => return Err("has run lengths without `counts`".into()),
            };
            Region::from_column_runs(w, h, &counts)
        }
        _ => {
            let b = a.get("bbox").and_then(json::numbers::<4>);
            let b = b.ok_or("has neither a `segmentation` nor a `bbox` [x, y, width, height]")?;
            let region = Region::from_box(w, h, [b[0], b[1], b[0] + b[2], b[1] + b[3]]);
            return region.map(|r| (r, true)).map_err(|e| e.0);
        }
    };
    made.map(|r| (r, false)).map_err(|e| e.0)
}

/// COCO's packed run lengths: five bits a character from `0` on, the sixth says that more follow; from the
/// third on, differences to the length two before.
fn unpacked(text: &[u8]) -> Result<Vec<u32>, String> {
    let bad = || "has packed run lengths that are damaged".to_owned();
    let mut out: Vec<i64> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let (mut x, mut bits) = (0i64, 0u32);
        loop {
            let c = text.get(at).and_then(|c| c.checked_sub(48)).filter(|c| *c < 64);
            let c = i64::from(c.ok_or_else(bad)?);
            if bits > 30 {
                return Err(bad());
            }
            x |= (c & 0x1f) << bits;
            at += 1;
            bits += 5;
            if c & 0x20 == 0 {
                if c & 0x10 != 0 {
                    x |= -1 << bits;
                }
                break;
            }
        }
        if out.len() > 2 {
            x += out[out.len() - 2];
        }
        out.push(x);
    }
    out.into_iter().map(|x| u32::try_from(x).map_err(|_| bad())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(annotation: &str) -> Result<Vec<Mask>, ImportError> {
        let text = format!(
            r#"{{"images": [{{"id": 3, "file_name": "x/a.jpg", "width": 6, "height": 4}},
                            {{"id": 4, "file_name": "other.jpg", "width": 1, "height": 1}}],
                "categories": [{{"id": 7, "name": "Chair"}}], "annotations": [{annotation}]}}"#
        );
        let photo = PhotoName { name: "a.png".into(), size: (6, 4) };
        parse(Path::new("m.json"), text.as_bytes(), &[photo]).map(|mut m| m.remove(0))
    }

    #[test]
    fn the_same_square_in_every_form() {
        let expected = [(7, 2), (13, 2)];
        for segmentation in [
            r#""segmentation": [[1, 1, 3, 1, 3, 3, 1, 3]]"#,
            r#""segmentation": {"size": [4, 6], "counts": [5, 2, 2, 2, 13]}"#,
            r#""segmentation": {"size": [4, 6], "counts": "5220;"}"#,
            r#""bbox": [1, 1, 2, 2]"#,
        ] {
            let text =
                format!(r#"{{"image_id": 3, "category_id": 7, "score": 0.5, {segmentation}}}"#);
            let m = one(&text).unwrap();
            assert_eq!(m[0].region.runs(), expected, "{segmentation}");
            assert_eq!((m[0].label.as_str(), m[0].score), ("Chair", 0.5));
            assert_eq!(m[0].boxed, segmentation.contains("bbox"));
        }
        assert!(one(r#"{"image_id": 4, "category_id": 7}"#).unwrap().is_empty());
    }

    #[test]
    fn packed_runs_are_those_of_the_reference() {
        // From pycocotools: a 4 by 6 mask with the counts 5, 2, 2, 2, 13.
        assert_eq!(unpacked(b"5220;").unwrap(), [5, 2, 2, 2, 13]);
        // Two characters: 100 = 4 + 3·32.
        assert_eq!(unpacked(b"T3").unwrap(), [100]);
        assert!(unpacked(b"o").is_err() && unpacked(b"\x01").is_err());
        assert!(unpacked(b"oooooooooo").is_err());
    }

    #[test]
    fn damage_is_named() {
        for (annotation, place) in [
            (r#"{"image_id": 9, "category_id": 7, "bbox": [0,0,1,1]}"#, "no image"),
            (r#"{"image_id": 3, "category_id": 8, "bbox": [0,0,1,1]}"#, "no category"),
            (r#"{"image_id": 3, "category_id": 7}"#, "neither"),
            (r#"{"image_id": 3, "category_id": 7, "score": 2, "bbox": [0,0,1,1]}"#, "score"),
            (r#"{"image_id": 3, "category_id": 7, "segmentation": [[1, 2, 3]]}"#, "polygon"),
            (
                r#"{"image_id": 3, "category_id": 7, "segmentation": {"size": [4, 6], "counts": [9]}}"#,
                "cover 9 pixels",
            ),
        ] {
            let e = one(annotation).unwrap_err();
            assert!(e.what.contains(place) && e.place == "annotations[0]", "{e}");
        }
    }
}
