//! Bounded reading, natural file order, pictures.

use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::{DynamicImage, ImageReader, Limits};
use reasmory_geom::Pinhole;
use reasmory_scene::{PhotoPixels, Rgb8};

use crate::ImportError;

/// Longest text or model file that is read whole.
pub(crate) const MAX_FILE: u64 = 4 << 30;
/// Longest picture file.
const MAX_PICTURE: u64 = 1 << 28;
/// Most pixels of a picture.
const MAX_PIXELS: u64 = 1 << 27;

/// The bytes of a regular, non-empty file of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ImportError> {
    let meta = fs::metadata(path).map_err(ImportError::io(path, "open"))?;
    if meta.is_dir() {
        return Err(ImportError::new(path, "", "is a directory", "give the file inside it"));
    }
    if !meta.is_file() {
        return Err(ImportError::new(path, "", "is not a regular file", "give a file"));
    }
    if meta.len() == 0 {
        return Err(ImportError::new(path, "", "is empty", "fetch or export it again"));
    }
    let long = |bytes: u64| {
        let what = format!("has {bytes} bytes, more than the {limit} that are read");
        ImportError::new(path, "", what, "split or thin the source")
    };
    if meta.len() > limit {
        return Err(long(meta.len()));
    }
    // The length is that of the file, not one that it states.
    let mut bytes = Vec::with_capacity(meta.len() as usize + 1);
    let file = File::open(path).map_err(ImportError::io(path, "open"))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(ImportError::io(path, "read"))?;
    if bytes.len() as u64 > limit { Err(long(bytes.len() as u64)) } else { Ok(bytes) }
}

/// The text of a file.
pub(crate) fn read_text(path: &Path) -> Result<String, ImportError> {
    String::from_utf8(read(path, MAX_FILE)?).map_err(|e| {
        let at = format!("byte {}", e.utf8_error().valid_up_to());
        ImportError::new(path, at, "is not UTF-8 text", "export it as text again")
    })
}

/// Files of a folder that satisfy `keep`, in natural order (`2.png` before `10.png`).
pub(crate) fn list(dir: &Path, keep: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, ImportError> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).map_err(ImportError::io(dir, "list"))? {
        let path = entry.map_err(ImportError::io(dir, "list"))?.path();
        if path.is_file() && keep(&path) {
            out.push(path);
        }
    }
    out.sort_by(|a, b| natural(&leaf(a), &leaf(b)));
    Ok(out)
}

/// Last component of a path, as text.
pub(crate) fn leaf(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A name for the scene at `path`.
pub(crate) fn scene_name(path: &Path) -> String {
    let full = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let dir = if full.is_file() { full.parent().unwrap_or(&full) } else { &full };
    let name = leaf(dir);
    if name.is_empty() { "scene".into() } else { name }
}

/// Name of a file without its extension, for scenes that are files.
pub(crate) fn stem(path: &Path) -> String {
    let stem = path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    if stem.is_empty() { "scene".into() } else { stem }
}

/// Whether a path has one of these extensions, whatever the case.
pub(crate) fn has_extension(path: &Path, any: &[&str]) -> bool {
    path.extension()
        .is_some_and(|e| any.iter().any(|x| e.to_string_lossy().eq_ignore_ascii_case(x)))
}

/// Orders names with runs of digits compared as numbers.
pub(crate) fn natural(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a.as_bytes(), b.as_bytes());
    loop {
        let (Some(&p), Some(&q)) = (x.first(), y.first()) else {
            return x.len().cmp(&y.len()).then_with(|| a.cmp(b));
        };
        if p.is_ascii_digit() && q.is_ascii_digit() {
            let (n, rest_x) = digits(x);
            let (m, rest_y) = digits(y);
            match n.len().cmp(&m.len()).then_with(|| n.cmp(m)) {
                Ordering::Equal => (x, y) = (rest_x, rest_y),
                unequal => return unequal,
            }
        } else if p == q {
            (x, y) = (&x[1..], &y[1..]);
        } else {
            return p.cmp(&q);
        }
    }
}

/// The leading digits without zeros in front, and the rest.
fn digits(s: &[u8]) -> (&[u8], &[u8]) {
    let end = s.iter().position(|b| !b.is_ascii_digit()).unwrap_or(s.len());
    let (run, rest) = s.split_at(end);
    let zeros = run.iter().position(|b| *b != b'0').unwrap_or(run.len());
    (&run[zeros..], rest)
}

/// Width and height of a picture file.
pub(crate) fn dimensions(path: &Path) -> Result<(u32, u32), ImportError> {
    let bytes = read(path, MAX_PICTURE)?;
    size_of(path, &bytes)
}

fn bad_picture(path: &Path, e: &dyn std::fmt::Display) -> ImportError {
    let what = format!("cannot be read as a picture: {e}");
    ImportError::new(path, "", what, "fetch it again or convert it to PNG or JPEG")
}

fn size_of(path: &Path, bytes: &[u8]) -> Result<(u32, u32), ImportError> {
    let (w, h) = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|e| bad_picture(path, &e))?
        .into_dimensions()
        .map_err(|e| bad_picture(path, &e))?;
    if w == 0 || h == 0 {
        let what = format!("has no pixels ({w}×{h})");
        return Err(ImportError::new(path, "", what, "fetch it again or leave it out"));
    }
    if u64::from(w) * u64::from(h) > MAX_PIXELS {
        let what = format!("has {w}×{h} pixels, more than {MAX_PIXELS}");
        return Err(ImportError::new(path, "", what, "scale it down, with its intrinsics"));
    }
    Ok((w, h))
}

/// Decodes a PNG or JPEG file; allocates no more than its stated size needs.
pub(crate) fn picture(path: &Path) -> Result<DynamicImage, ImportError> {
    let bytes = read(path, MAX_PICTURE)?;
    let (w, h) = size_of(path, &bytes)?;
    let mut reader = ImageReader::new(Cursor::new(&bytes))
        .with_guessed_format()
        .map_err(|e| bad_picture(path, &e))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(w);
    limits.max_image_height = Some(h);
    limits.max_alloc = Some(u64::from(w) * u64::from(h) * 16 + (1 << 20));
    reader.limits(limits);
    reader.decode().map_err(|e| bad_picture(path, &e))
}

/// Decodes a colour picture.
pub(crate) fn rgb(path: &Path) -> Result<Rgb8, ImportError> {
    let img = picture(path)?.into_rgb8();
    let pixels = img.pixels().map(|p| p.0).collect();
    Ok(Rgb8 { width: img.width(), height: img.height(), pixels })
}

/// The lens of a model made at one size for a picture of another: `None` unless both have the same
/// proportions (to 1 %). Exact, as the corner of the picture is at (0, 0).
pub(crate) fn rescaled(lens: &Pinhole, width: u32, height: u32) -> Option<Pinhole> {
    let sx = f64::from(width) / f64::from(lens.width);
    let sy = f64::from(height) / f64::from(lens.height);
    ((sx / sy - 1.0).abs() < 0.01).then_some(Pinhole {
        width,
        height,
        fx: lens.fx * sx,
        fy: lens.fy * sy,
        cx: lens.cx * sx,
        cy: lens.cy * sy,
    })
}

/// Where a photo's pixels are.
pub(crate) enum PictureAt {
    File(PathBuf),
    Pixels(Arc<Rgb8>),
    Nowhere,
}

/// Photo pixels read from the source's own files, or kept.
pub(crate) struct SourcePictures {
    /// By photo index.
    pub(crate) pictures: Vec<PictureAt>,
}

impl PhotoPixels for SourcePictures {
    fn rgb(&self, number: u32) -> Result<Rgb8, String> {
        let slot = (number as usize).checked_sub(1).and_then(|i| self.pictures.get(i));
        match slot {
            None => Err(format!("there is no photo {number}")),
            Some(PictureAt::Nowhere) => Err(format!("the source has no picture of photo {number}")),
            Some(PictureAt::Pixels(p)) => Ok(p.as_ref().clone()),
            Some(PictureAt::File(path)) => rgb(path).map_err(|e| e.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natural_order() {
        let mut v = ["10.png", "2.png", "02.png", "a10b", "a9b", "1.png"];
        v.sort_by(|a, b| natural(a, b));
        assert_eq!(v, ["1.png", "02.png", "2.png", "10.png", "a9b", "a10b"]);
    }

    #[test]
    fn lenses_rescale_only_in_proportion() {
        let p = Pinhole { width: 512, height: 384, fx: 400.0, fy: 400.0, cx: 256.0, cy: 192.0 };
        assert_eq!(rescaled(&p, 1280, 960).map(|q| (q.fx, q.cx)), Some((1000.0, 640.0)));
        assert!(rescaled(&p, 960, 1280).is_none());
    }
}
