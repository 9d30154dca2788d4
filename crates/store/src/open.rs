//! Opening a memory: everything is checked before it is relied on.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reasmory_scene::{Column, Manifest, Memory, PhotoPixels, Points, SCHEMA};
use safetensors::SafeTensors;

use crate::StoreError;
use crate::layout::{
    CHUNK_BYTES, COLUMNS, FileEntry, MANIFEST_FILE, MAX_MANIFEST_BYTES, MAX_PICTURE_BYTES,
    POINTS_FILE, Stored, is_hash, is_photo_file, manifest_hash,
};
use crate::map::{MappedColumn, Mapping};
use crate::pictures::StoredPictures;

/// Opens a stored memory: checks the manifest and the files' lengths, maps the tensors. Hashes of tensors
/// and pictures are not read; [`verify`](crate::verify()) does that.
pub fn open(dir: &Path) -> Result<Memory, StoreError> {
    let stored = open_stored(dir)?;
    for entry in &stored.files {
        let path = dir.join(&entry.file);
        let found = regular_length(&path)?;
        if found != entry.bytes {
            return Err(StoreError::Length { path, expected: entry.bytes, found });
        }
    }
    let path = dir.join(POINTS_FILE);
    let file = File::open(&path).map_err(StoreError::io(&path, "open"))?;
    let map = Arc::new(Mapping::new(&file).map_err(StoreError::io(&path, "map"))?);
    let starts = check_tensors(&path, &map, &stored)?;
    let [positions, confidence, instance, colors] = starts;
    let misfit = |name: &str| StoreError::invalid(&path, name, "is misaligned or cut");
    let points = Points {
        positions: column(&map, positions).ok_or_else(|| misfit("positions"))?,
        colors: column(&map, colors).ok_or_else(|| misfit("colors"))?,
        confidence: column(&map, confidence).ok_or_else(|| misfit("confidence"))?,
        instance: column(&map, instance).ok_or_else(|| misfit("instance"))?,
    };
    if let Some(i) = points.confidence.iter().position(|c| !(0.0..=1.0).contains(c)) {
        return Err(StoreError::invalid(&path, format!("confidence[{i}]"), "is not in [0, 1]"));
    }
    let pixels = stored_pictures(dir, &stored);
    Memory::new(stored.manifest, points, pixels)
        .map_err(|e| StoreError::invalid(&path, e.at, e.what))
}

/// Reads only the manifest of a stored memory: all that checking a program needs.
pub fn open_manifest(dir: &Path) -> Result<Manifest, StoreError> {
    open_stored(dir).map(|s| s.manifest)
}

fn column<T: bytemuck::Pod + Send + Sync>(
    map: &Arc<Mapping>,
    bytes: std::ops::Range<usize>,
) -> Option<Column<T>> {
    MappedColumn::<T>::new(map, bytes).map(Column::new)
}

fn stored_pictures(dir: &Path, stored: &Stored) -> Option<Arc<dyn PhotoPixels>> {
    let length = |name: &str| stored.files.iter().find(|f| f.file == name).map(|f| f.bytes);
    let files: Vec<Option<(PathBuf, u64, _)>> = stored
        .manifest
        .photos
        .iter()
        .map(|p| {
            let name = p.image.as_deref()?;
            Some((dir.join(name), length(name)?, p.pinhole))
        })
        .collect();
    files.iter().any(Option::is_some).then(|| Arc::new(StoredPictures { files }) as _)
}

/// Length of a regular file; links, directories and devices are refused.
fn regular_length(path: &Path) -> Result<u64, StoreError> {
    let meta = fs::symlink_metadata(path).map_err(StoreError::io(path, "look at"))?;
    if !meta.is_file() {
        return Err(StoreError::invalid(path, "file", "is not a regular file"));
    }
    Ok(meta.len())
}

/// The text of a manifest file.
pub(crate) fn read_text(path: &Path) -> Result<String, StoreError> {
    let bytes = regular_length(path)?;
    if bytes == 0 {
        return Err(StoreError::EmptyFile { path: path.to_owned() });
    }
    let limit = MAX_MANIFEST_BYTES;
    if bytes > limit {
        return Err(StoreError::TooLarge { path: path.to_owned(), bytes, limit });
    }
    let mut text = String::new();
    let file = File::open(path).map_err(StoreError::io(path, "open"))?;
    match file.take(limit).read_to_string(&mut text) {
        Err(e) if e.kind() == std::io::ErrorKind::InvalidData => {
            Err(StoreError::NotJson { path: path.to_owned(), why: "it is not UTF-8 text".into() })
        }
        Err(e) => Err(StoreError::io(path, "read")(e)),
        Ok(_) => Ok(text),
    }
}

/// Reads and checks the manifest of `dir`.
pub(crate) fn open_stored(dir: &Path) -> Result<Stored, StoreError> {
    let meta = fs::metadata(dir).map_err(StoreError::io(dir, "open"))?;
    if !meta.is_dir() {
        return Err(StoreError::NotADirectory { path: dir.to_owned() });
    }
    let path = dir.join(MANIFEST_FILE);
    if fs::symlink_metadata(&path).is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound) {
        let why = format!("it has no `{MANIFEST_FILE}`");
        return Err(StoreError::NotAMemory { path: dir.to_owned(), why });
    }
    parse(&path, &read_text(&path)?)
}

/// Checks a manifest's text: JSON, version, hash, layout, content.
pub(crate) fn parse(path: &Path, text: &str) -> Result<Stored, StoreError> {
    let not_json =
        |e: serde_json::Error| StoreError::NotJson { path: path.to_owned(), why: e.to_string() };
    let probe: serde_json::Value = serde_json::from_str(text).map_err(not_json)?;
    match probe.get("schema") {
        Some(v) if v.as_u64() == Some(u64::from(SCHEMA)) => {}
        Some(v) => {
            return Err(StoreError::Schema { path: path.to_owned(), found: v.to_string() });
        }
        None => {
            return Err(StoreError::Schema { path: path.to_owned(), found: "none".into() });
        }
    }
    let hash = probe.get("hash").and_then(serde_json::Value::as_str).unwrap_or_default();
    if !is_hash(hash) || manifest_hash(text, hash).as_deref() != Some(hash) {
        return Err(StoreError::Hash { path: path.to_owned() });
    }
    let stored: Stored = serde_json::from_str(text)
        .map_err(|e| StoreError::invalid(path, "manifest", e.to_string()))?;
    check_layout(path, &stored)?;
    stored.manifest.validate().map_err(|e| StoreError::invalid(path, e.at, e.what))?;
    Ok(stored)
}

fn check_layout(path: &Path, stored: &Stored) -> Result<(), StoreError> {
    let invalid = |at: String, what: String| Err(StoreError::invalid(path, at, what));
    if stored.chunk_bytes != CHUNK_BYTES {
        let what = format!("is {}, expected {CHUNK_BYTES}", stored.chunk_bytes);
        return invalid("chunk_bytes".into(), what);
    }
    for (i, f) in stored.files.iter().enumerate() {
        let at = |field: &str| format!("files[{i}].{field}");
        let photo = is_photo_file(&f.file);
        if !photo && f.file != POINTS_FILE {
            return Err(StoreError::FileName { path: path.to_owned(), name: f.file.clone() });
        }
        if photo && f.bytes > MAX_PICTURE_BYTES {
            return invalid(at("bytes"), format!("is more than {MAX_PICTURE_BYTES}"));
        }
        if f.bytes.div_ceil(CHUNK_BYTES) != f.chunks.len() as u64 {
            let what = format!("are {} hashes for {} bytes", f.chunks.len(), f.bytes);
            return invalid(at("chunks"), what);
        }
        if f.chunks.iter().any(|h| !is_hash(h)) {
            return invalid(at("chunks"), "hold something that is not a hash".into());
        }
    }
    let mut names: Vec<&str> = stored.files.iter().map(|f| f.file.as_str()).collect();
    names.sort_unstable();
    if let Some(w) = names.windows(2).find(|w| w[0] == w[1]) {
        return invalid("files".into(), format!("list `{}` twice", w[0]));
    }
    let listed = |name: &str| names.binary_search(&name).is_ok();
    if !listed(POINTS_FILE) {
        return invalid("files".into(), format!("do not list `{POINTS_FILE}`"));
    }
    for (i, p) in stored.manifest.photos.iter().enumerate() {
        if let Some(image) = &p.image {
            if !is_photo_file(image) {
                return Err(StoreError::FileName { path: path.to_owned(), name: image.clone() });
            }
            if !listed(image) {
                return invalid(format!("photos[{i}].image"), "is not among `files`".into());
            }
        }
    }
    if stored.tensors.len() != COLUMNS.len() {
        let what = format!("are {}, expected {}", stored.tensors.len(), COLUMNS.len());
        return invalid("tensors".into(), what);
    }
    let rows = stored.manifest.points;
    let length = points_entry(stored).map_or(0, |f| f.bytes);
    for (i, (t, c)) in stored.tensors.iter().zip(&COLUMNS).enumerate() {
        let at = |field: &str| format!("tensors[{i}].{field}");
        if t.file != POINTS_FILE {
            return Err(StoreError::FileName { path: path.to_owned(), name: t.file.clone() });
        }
        if t.name != c.name || t.dtype != c.dtype {
            let what = format!("is `{}` {}, expected `{}` {}", t.name, t.dtype, c.name, c.dtype);
            return invalid(at("name"), what);
        }
        if t.shape != c.shape(rows) {
            let what = format!("is {:?}, but `points` says {rows} rows", t.shape);
            return invalid(at("shape"), what);
        }
        if rows.checked_mul(c.row_bytes) != Some(t.bytes) {
            return invalid(at("bytes"), format!("is {}, which {rows} rows do not need", t.bytes));
        }
        if t.offset.checked_add(t.bytes).is_none_or(|end| end > length) {
            return invalid(at("offset"), format!("lies outside the file's {length} bytes"));
        }
    }
    Ok(())
}

fn points_entry(stored: &Stored) -> Option<&FileEntry> {
    stored.files.iter().find(|f| f.file == POINTS_FILE)
}

/// Checks the tensor file's own header against the manifest; the byte ranges of the four columns.
pub(crate) fn check_tensors(
    path: &Path,
    bytes: &[u8],
    stored: &Stored,
) -> Result<[std::ops::Range<usize>; 4], StoreError> {
    let (header, metadata) = SafeTensors::read_metadata(bytes)
        .map_err(|e| StoreError::invalid(path, "header", e.to_string()))?;
    if metadata.tensors().len() != COLUMNS.len() {
        let what = format!("has {} tensors, expected 4", metadata.tensors().len());
        return Err(StoreError::invalid(path, "header", what));
    }
    let mut ranges = [0..0, 0..0, 0..0, 0..0];
    for (range, t) in ranges.iter_mut().zip(&stored.tensors) {
        let info = metadata
            .info(&t.name)
            .ok_or_else(|| StoreError::invalid(path, "header", format!("lacks `{}`", t.name)))?;
        let shape: Vec<u64> = info.shape.iter().map(|n| *n as u64).collect();
        if info.dtype.to_string() != t.dtype || shape != t.shape {
            let what =
                format!("is {} {shape:?}, the manifest says {} {:?}", info.dtype, t.dtype, t.shape);
            return Err(StoreError::invalid(path, t.name.as_str(), what));
        }
        let (from, to) = info.data_offsets;
        let (from, to) = (from + 8 + header, to + 8 + header);
        if (from as u64, (to - from) as u64) != (t.offset, t.bytes) {
            let what = "does not lie where the manifest says";
            return Err(StoreError::invalid(path, t.name.as_str(), what));
        }
        *range = from..to;
    }
    Ok(ranges)
}
