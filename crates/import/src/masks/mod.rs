//! Instance masks of photos, as detectors write them.
//!
//! A COCO JSON file, or a folder with a picture or a NumPy archive for each photo and `labels.json`.

mod coco;
mod folder;

use std::path::Path;

use reasmory_ground::{Mask, Region, RegionError};

use crate::ImportError;

/// Most pixels of a mask.
const MAX_PIXELS: u64 = 1 << 26;

/// What masks may be matched with.
#[derive(Clone, Debug)]
pub(crate) struct PhotoName {
    /// Name of the photo, with or without an extension.
    pub(crate) name: String,
    /// The size masks are wanted at.
    pub(crate) size: (u32, u32),
}

/// The name that files and pictures are matched by: without folders and extension.
fn stem(name: &str) -> &str {
    let leaf = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match leaf.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => leaf,
    }
}

/// The masks of each photo, at its size, and a note on what was read.
pub(crate) fn read(
    path: &Path,
    photos: &[PhotoName],
) -> Result<(Vec<Vec<Mask>>, String), ImportError> {
    if !path.exists() {
        return Err(ImportError::new(path, "", "does not exist", "check the path of the masks"));
    }
    let masks = if path.is_dir() { folder::read(path, photos)? } else { coco::read(path, photos)? };
    let (some, all) =
        (masks.iter().filter(|m| !m.is_empty()).count(), masks.iter().map(Vec::len).sum::<usize>());
    if all == 0 {
        let some: Vec<&str> = photos.iter().take(3).map(|p| p.name.as_str()).collect();
        let what = format!("has no mask for any photo; the photos are {} …", some.join(", "));
        return Err(ImportError::new(path, "", what, "name the masks like the photos"));
    }
    Ok((masks, format!("{all} masks of {some} of {} photos were read.", photos.len())))
}

/// A size that a picture of this photo may have: the same proportions, to 1 %, and no more pixels than
/// masks may have.
fn fits(size: (u64, u64), photo: &PhotoName) -> Result<(u32, u32), String> {
    let (w, h) = size;
    let bad = || {
        format!("is {w}×{h}, the photo has the proportions of {}×{}", photo.size.0, photo.size.1)
    };
    if w == 0 || h == 0 || w.saturating_mul(h) > MAX_PIXELS {
        return Err(format!("is {w}×{h}, which is no size of masks"));
    }
    let ratio = (w as f64 / f64::from(photo.size.0)) / (h as f64 / f64::from(photo.size.1));
    if (ratio - 1.0).abs() > 0.01 {
        return Err(bad());
    }
    Ok((u32::try_from(w).map_err(|_| bad())?, u32::try_from(h).map_err(|_| bad())?))
}

/// A mask at the photo's size.
fn mask(
    region: Result<Region, RegionError>,
    photo: &PhotoName,
    label: &str,
    score: f64,
    boxed: bool,
) -> Result<Mask, String> {
    if label.trim().is_empty() {
        return Err("has no label".into());
    }
    if !(0.0..=1.0).contains(&score) {
        return Err(format!("has the score {score}, which is not in [0, 1]"));
    }
    let region = region.and_then(|r| r.resized(photo.size.0, photo.size.1));
    let region = region.map_err(|e| e.0)?;
    Ok(Mask { region, label: label.to_owned(), score: score as f32, boxed })
}

/// Reads `data` as COCO annotations of one photo.
pub(crate) fn fuzz_coco(data: &[u8]) {
    let photo = PhotoName { name: "a.png".into(), size: (16, 12) };
    let _ = coco::parse(Path::new("fuzz.json"), data, &[photo]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_meet_without_folders_and_extensions() {
        assert_eq!(stem("rgb/0001.png"), "0001");
        assert_eq!(stem("a.b.jpg"), "a.b");
        assert_eq!(stem("view-01"), "view-01");
        assert_eq!(stem(".png"), ".png");
    }

    #[test]
    fn sizes_must_be_the_photos() {
        let p = PhotoName { name: "a".into(), size: (320, 240) };
        assert_eq!(fits((640, 480), &p), Ok((640, 480)));
        assert!(fits((640, 400), &p).is_err() && fits((0, 0), &p).is_err());
        assert!(fits((1 << 40, 3 << 38), &p).is_err());
    }
}
