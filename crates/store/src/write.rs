//! Writing a memory, atomically and deterministically.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use reasmory_scene::Memory;

use crate::chunks::ChunkWriter;
use crate::layout::{
    CHUNK_BYTES, COLUMNS, FileEntry, HASH_DIGITS, MANIFEST_FILE, MAX_MANIFEST_BYTES, PHOTO_DIR,
    POINTS_FILE, Stored, TensorEntry, is_photo_leaf, manifest_hash, photo_file,
};
use crate::{Pictures, StoreError, pictures};

/// Writes `memory` and its pictures as the directory `dir`, replacing a memory that is there and refusing
/// to replace anything else. Either all of it is there afterwards or nothing has changed. The same memory
/// and pictures give the same bytes.
pub fn write(memory: &Memory, images: &dyn Pictures, dir: &Path) -> Result<(), StoreError> {
    let replaces = replaceable(dir)?;
    let name = dir.file_name().ok_or_else(|| StoreError::Occupied {
        path: dir.to_owned(),
        why: "is not the name of a new directory".into(),
    })?;
    let parent = match dir.parent() {
        Some(p) if !p.as_os_str().is_empty() => p.to_owned(),
        _ => PathBuf::from("."),
    };
    fs::create_dir_all(&parent).map_err(StoreError::io(&parent, "create"))?;

    let temporary = Temporary::create(&parent, &name.to_string_lossy())?;
    fill(memory, images, &temporary.path)?;

    if replaces && exchange(&temporary.path, dir) {
        // The old memory is now under the temporary name.
        sync_directory(&parent)?;
        fs::remove_dir_all(&temporary.path)
            .map_err(StoreError::io(&temporary.path, "remove the old memory"))?;
    } else if replaces {
        let aside = sibling(&parent, &name.to_string_lossy(), "old");
        fs::rename(dir, &aside).map_err(StoreError::io(dir, "move aside"))?;
        if let Err(e) = fs::rename(&temporary.path, dir) {
            // Put the old memory back; if even that fails it is still whole beside its place.
            let _ = fs::rename(&aside, dir);
            return Err(StoreError::Io { path: dir.to_owned(), doing: "replace", source: e });
        }
        sync_directory(&parent)?;
        fs::remove_dir_all(&aside).map_err(StoreError::io(&aside, "remove the old memory"))?;
    } else {
        fs::rename(&temporary.path, dir).map_err(StoreError::io(dir, "create"))?;
    }
    sync_directory(&parent)
}

/// Exchanges two directories at once, so that at every moment one of the two memories is in its place; `false`
/// where the system or the file system cannot.
#[cfg(target_os = "linux")]
fn exchange(a: &Path, b: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> bool {
    false
}

/// Whether `dir` holds a memory that may be replaced; an error where it holds anything else.
fn replaceable(dir: &Path) -> Result<bool, StoreError> {
    let occupied = |why: &str| StoreError::Occupied { path: dir.to_owned(), why: why.into() };
    let kind = match fs::symlink_metadata(dir) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(StoreError::io(dir, "look at")(e)),
        Ok(m) => m.file_type(),
    };
    if kind.is_symlink() {
        return Err(occupied("is a symbolic link"));
    }
    if !kind.is_dir() {
        return Err(occupied("is a file"));
    }
    let mut has_manifest = false;
    let mut stranger: Option<String> = None;
    let mut note = |name: String| {
        if stranger.as_ref().is_none_or(|s| name < *s) {
            stranger = Some(name);
        }
    };
    for entry in fs::read_dir(dir).map_err(StoreError::io(dir, "list"))? {
        let entry = entry.map_err(StoreError::io(dir, "list"))?;
        let leaf = entry.file_name().to_string_lossy().into_owned();
        let is_dir = entry.file_type().is_ok_and(|t| t.is_dir());
        match (leaf.as_str(), is_dir) {
            (MANIFEST_FILE, false) => has_manifest = true,
            (POINTS_FILE, false) => {}
            (PHOTO_DIR, true) => {
                let photos = entry.path();
                for photo in fs::read_dir(&photos).map_err(StoreError::io(&photos, "list"))? {
                    let photo = photo.map_err(StoreError::io(&photos, "list"))?;
                    let leaf = photo.file_name().to_string_lossy().into_owned();
                    if !is_photo_leaf(&leaf) || !photo.file_type().is_ok_and(|t| t.is_file()) {
                        note(format!("{PHOTO_DIR}/{leaf}"));
                    }
                }
            }
            _ => note(leaf),
        }
    }
    if let Some(name) = stranger {
        return Err(occupied(&format!("holds `{name}`, which is no part of a memory")));
    }
    if !has_manifest {
        return match fs::read_dir(dir).map_err(StoreError::io(dir, "list"))?.next() {
            None => Ok(true),
            Some(_) => Err(occupied("is a directory without a manifest")),
        };
    }
    let manifest = dir.join(MANIFEST_FILE);
    let ours = crate::open::read_text(&manifest)
        .ok()
        .and_then(|t| serde_json::from_str::<serde_json::Value>(&t).ok())
        .is_some_and(|v| v["schema"].is_u64() && v["tensors"].is_array() && v["hash"].is_string());
    if ours { Ok(true) } else { Err(occupied("has a `manifest.json` that no memory has")) }
}

/// A directory that is removed unless it has been renamed away.
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    fn create(parent: &Path, name: &str) -> Result<Temporary, StoreError> {
        let path = sibling(parent, name, "new");
        fs::create_dir(&path).map_err(StoreError::io(&path, "create"))?;
        Ok(Temporary { path })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A free name beside `name`; process and counter keep concurrent writers apart.
fn sibling(parent: &Path, name: &str, what: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let process = std::process::id();
    loop {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!(".{name}.{what}-{process}-{n}"));
        if fs::symlink_metadata(&path).is_err() {
            return path;
        }
    }
}

fn sync_directory(dir: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        File::open(dir).and_then(|d| d.sync_all()).map_err(StoreError::io(dir, "flush"))?;
    }
    Ok(())
}

fn fill(memory: &Memory, images: &dyn Pictures, dir: &Path) -> Result<(), StoreError> {
    let (points, tensors) = write_points(memory, dir)?;
    let mut files = vec![points];
    let mut manifest = memory.manifest().as_ref().clone();
    for photo in &mut manifest.photos {
        let number = photo.number;
        let fail = |why| StoreError::Picture { number, why };
        photo.image = None;
        let Some(picture) = images.picture(number).map_err(fail)? else { continue };
        let (bytes, extension) = pictures::encode(picture, &photo.pinhole).map_err(fail)?;
        let name = photo_file(number, extension);
        let path = dir.join(&name);
        let folder = dir.join(PHOTO_DIR);
        fs::create_dir_all(&folder).map_err(StoreError::io(&folder, "create"))?;
        let entry = ChunkWriter::create(&path).and_then(|mut w| {
            w.write(&bytes)?;
            w.finish(&name)
        });
        files.push(entry.map_err(StoreError::io(&path, "write"))?);
        photo.image = Some(name);
    }
    if files.len() > 1 {
        sync_directory(&dir.join(PHOTO_DIR))?;
    }
    let path = dir.join(MANIFEST_FILE);
    let zeros = "0".repeat(HASH_DIGITS);
    let stored = Stored { manifest, chunk_bytes: CHUNK_BYTES, tensors, files, hash: zeros.clone() };
    let mut text = serde_json::to_string_pretty(&stored)
        .map_err(|e| StoreError::invalid(&path, "manifest", e.to_string()))?;
    text.push('\n');
    if text.len() as u64 > MAX_MANIFEST_BYTES {
        let bytes = text.len() as u64;
        return Err(StoreError::TooLarge { path, bytes, limit: MAX_MANIFEST_BYTES });
    }
    // JSON has no way to write a number that is not finite: what would not read back is not written.
    serde_json::from_str::<Stored>(&text).map_err(|e| {
        StoreError::invalid(&path, "manifest", format!("would not read back ({e})"))
    })?;
    if let (Some(hash), Some(at)) = (manifest_hash(&text, &zeros), text.rfind(&zeros)) {
        text.replace_range(at..at + HASH_DIGITS, &hash);
    }
    File::create_new(&path)
        .and_then(|mut f| {
            f.write_all(text.as_bytes())?;
            f.sync_all()
        })
        .map_err(StoreError::io(&path, "write"))?;
    sync_directory(dir)
}

fn write_points(memory: &Memory, dir: &Path) -> Result<(FileEntry, Vec<TensorEntry>), StoreError> {
    let rows = memory.points().len() as u64;
    let mut header = serde_json::Map::new();
    let mut offset = 0;
    for c in &COLUMNS {
        let end = offset + rows * c.row_bytes;
        let info = serde_json::json!({
            "dtype": c.dtype,
            "shape": c.shape(rows),
            "data_offsets": [offset, end],
        });
        header.insert(c.name.to_owned(), info);
        offset = end;
    }
    let mut header = serde_json::Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let start = 8 + header.len() as u64;

    let p = memory.points();
    let columns: [&[u8]; 4] = [
        bytemuck::cast_slice(&p.positions),
        bytemuck::cast_slice(&p.confidence),
        bytemuck::cast_slice(&p.instance),
        bytemuck::cast_slice(&p.colors),
    ];
    let path = dir.join(POINTS_FILE);
    let entry = ChunkWriter::create(&path).and_then(|mut w| {
        w.write(&(header.len() as u64).to_le_bytes())?;
        w.write(&header)?;
        for c in columns {
            w.write(c)?;
        }
        w.finish(POINTS_FILE)
    });
    let entry = entry.map_err(StoreError::io(&path, "write"))?;
    let mut offset = start;
    let mut tensors = Vec::new();
    for c in &COLUMNS {
        let bytes = rows * c.row_bytes;
        tensors.push(TensorEntry {
            name: c.name.into(),
            file: POINTS_FILE.into(),
            dtype: c.dtype.into(),
            shape: c.shape(rows),
            offset,
            bytes,
        });
        offset += bytes;
    }
    Ok((entry, tensors))
}
