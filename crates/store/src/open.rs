//! Opening a memory: everything is checked before it is relied on.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reasmory_scene::index::{FloorMap, SpatialIndex};
use reasmory_scene::{Manifest, ManifestError, Memory, OLDEST_SCHEMA, PhotoPixels, Points, SCHEMA};

use crate::StoreError;
use crate::layout::{
    CHUNK_BYTES, INDEX_FILE, MANIFEST_FILE, MAX_MANIFEST_BYTES, MAX_PICTURE_BYTES, POINTS_FILE,
    Stored, index_tensors, is_hash, is_photo_file, manifest_hash, point_tensors,
};
use crate::pictures::StoredPictures;
use crate::tensors::Tensors;

/// Opens a stored memory: checks the manifest, the files' lengths and the heads of the tensor files, and maps them.
/// What the columns hold is not read, so that opening takes the same time whatever their length;
/// [`verify`](crate::verify()) reads everything. Memories of version 1, which have no index, are read and checked whole.
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
    let file = Tensors::open(&path, &stored)?;
    let points = Points {
        positions: file.column("positions")?,
        colors: file.column("colors")?,
        confidence: file.column("confidence")?,
        instance: file.column("instance")?,
    };
    let pixels = stored_pictures(dir, &stored);
    let invalid = |e: ManifestError| StoreError::invalid(&path, e.at, e.what);
    let Some(entry) = stored.index else {
        if let Some(i) = points.confidence.iter().position(|c| !(0.0..=1.0).contains(c)) {
            return Err(StoreError::invalid(&path, format!("confidence[{i}]"), "is not in [0, 1]"));
        }
        return Memory::new(stored.manifest, points, pixels).map_err(invalid);
    };
    let index_path = dir.join(INDEX_FILE);
    let file = Tensors::open(&index_path, &stored)?;
    let floor = FloorMap::stored(entry.floor, file.column("floor")?).ok_or_else(|| {
        StoreError::invalid(&dir.join(MANIFEST_FILE), "index.floor", "is no grid")
    })?;
    let (groups, nodes) = (file.column("groups")?, file.column("nodes")?);
    let index =
        SpatialIndex::stored(&stored.manifest, points.positions.clone(), groups, nodes, floor)
            .map_err(|e| StoreError::invalid(&index_path, e.tensor, e.what))?;
    Memory::stored(stored.manifest, points, pixels, index).map_err(invalid)
}

/// Reads only the manifest of a stored memory: all that checking a program needs.
pub fn open_manifest(dir: &Path) -> Result<Manifest, StoreError> {
    open_stored(dir).map(|s| s.manifest)
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
    let readable = u64::from(OLDEST_SCHEMA)..=u64::from(SCHEMA);
    match probe.get("schema") {
        Some(v) if v.as_u64().is_some_and(|v| readable.contains(&v)) => {}
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
    let mut stored: Stored = serde_json::from_str(text)
        .map_err(|e| StoreError::invalid(path, "manifest", e.to_string()))?;
    let indexed = stored.manifest.schema >= 2;
    if indexed != stored.index.is_some() {
        let what = format!("does not go with version {}", stored.manifest.schema);
        return Err(StoreError::invalid(path, "index", what));
    }
    check_layout(path, &stored)?;
    // What an older memory lacks is made when it is needed, and stored when it is written again.
    stored.manifest.schema = SCHEMA;
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
        if !photo && f.file != POINTS_FILE && !(stored.index.is_some() && f.file == INDEX_FILE) {
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
    for name in [Some(POINTS_FILE), stored.index.is_some().then_some(INDEX_FILE)] {
        if let Some(name) = name.filter(|n| !listed(n)) {
            return invalid("files".into(), format!("do not list `{name}`"));
        }
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
    let rows = stored.manifest.points;
    let mut specs = point_tensors(rows).to_vec();
    if let Some(index) = &stored.index {
        let instances = stored.manifest.instances.len();
        if let Some(what) = index.fault(rows, instances) {
            return invalid("index".into(), what);
        }
        specs.extend(index_tensors(instances, index));
    }
    if stored.tensors.len() != specs.len() {
        let what = format!("are {}, expected {}", stored.tensors.len(), specs.len());
        return invalid("tensors".into(), what);
    }
    for (i, (t, s)) in stored.tensors.iter().zip(&specs).enumerate() {
        let at = |field: &str| format!("tensors[{i}].{field}");
        if t.file != s.file {
            return Err(StoreError::FileName { path: path.to_owned(), name: t.file.clone() });
        }
        if t.name != s.name || t.dtype != s.dtype {
            let what = format!("is `{}` {}, expected `{}` {}", t.name, t.dtype, s.name, s.dtype);
            return invalid(at("name"), what);
        }
        if t.shape != s.shape {
            let what = format!("is {:?}, expected {:?} for {rows} points", t.shape, s.shape);
            return invalid(at("shape"), what);
        }
        if s.bytes != Some(t.bytes) {
            return invalid(
                at("bytes"),
                format!("is {}, which {:?} do not need", t.bytes, s.shape),
            );
        }
        let length = stored.files.iter().find(|f| f.file == t.file).map_or(0, |f| f.bytes);
        if t.offset.checked_add(t.bytes).is_none_or(|end| end > length) {
            return invalid(at("offset"), format!("lies outside the file's {length} bytes"));
        }
    }
    Ok(())
}
