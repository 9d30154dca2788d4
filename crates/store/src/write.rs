//! Writing a memory, atomically and deterministically.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;
use reasmory_scene::Memory;
use reasmory_scene::index::{LEAF, SpatialIndex};

use crate::chunks::ChunkWriter;
use crate::layout::{
    CHUNK_BYTES, FileEntry, HASH_DIGITS, INDEX_FILE, IndexEntry, MANIFEST_FILE, MAX_MANIFEST_BYTES,
    PHOTO_DIR, POINTS_FILE, Stored, TensorEntry, index_tensors, is_photo_leaf, manifest_hash,
    photo_file, point_tensors,
};
use crate::{Pictures, StoreError, pictures, steps, tensors};

/// Writes `memory` and its pictures as the directory `dir`, replacing a memory that is there and refusing
/// to replace anything else. Either all of it is there afterwards or nothing has changed. Points are written in
/// the order of their spatial index, which is stored beside them. The same memory and pictures give the same
/// bytes.
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
    steps::before("create the folder around it");
    fs::create_dir_all(&parent).map_err(StoreError::io(&parent, "create"))?;

    let temporary = Temporary::create(&parent, &name.to_string_lossy())?;
    fill(memory, images, &temporary.path)?;

    if replaces && exchange(&temporary.path, dir) {
        // The old memory is now under the temporary name.
        sync_directory(&parent)?;
        remove(&temporary.path)?;
    } else if replaces {
        let aside = sibling(&parent, &name.to_string_lossy(), "old");
        steps::before("move the old memory aside");
        fs::rename(dir, &aside).map_err(StoreError::io(dir, "move aside"))?;
        steps::before("put the new memory in its place");
        if let Err(e) = fs::rename(&temporary.path, dir) {
            // Put the old memory back; if even that fails it is still whole beside its place.
            let _ = fs::rename(&aside, dir);
            return Err(StoreError::Io { path: dir.to_owned(), doing: "replace", source: e });
        }
        sync_directory(&parent)?;
        remove(&aside)?;
    } else {
        steps::before("put the memory in its place");
        fs::rename(&temporary.path, dir).map_err(StoreError::io(dir, "create"))?;
    }
    sync_directory(&parent)
}

/// Exchanges two directories at once, so that at every moment one of the two memories is in its place; `false`
/// where the system or the file system cannot.
#[cfg(target_os = "linux")]
fn exchange(a: &Path, b: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    steps::before("exchange the memories");
    renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> bool {
    false
}

/// Removes an old memory, file by file.
fn remove(dir: &Path) -> Result<(), StoreError> {
    let fail = || StoreError::io(dir, "remove the old memory");
    for entry in fs::read_dir(dir).map_err(fail())? {
        let entry = entry.map_err(fail())?;
        if entry.file_type().map_err(fail())?.is_dir() {
            remove(&entry.path())?;
        } else {
            steps::before("remove a file");
            fs::remove_file(entry.path()).map_err(fail())?;
        }
    }
    steps::before("remove a folder");
    fs::remove_dir(dir).map_err(fail())
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
            (POINTS_FILE | INDEX_FILE, false) => {}
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
        steps::before("create a folder");
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
        steps::before("flush a folder");
        File::open(dir).and_then(|d| d.sync_all()).map_err(StoreError::io(dir, "flush"))?;
    }
    Ok(())
}

fn fill(memory: &Memory, images: &dyn Pictures, dir: &Path) -> Result<(), StoreError> {
    let (mut files, tensors, index) = write_points(memory, dir)?;
    let without = files.len();
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
        steps::before("create the folder of pictures");
        fs::create_dir_all(&folder).map_err(StoreError::io(&folder, "create"))?;
        let entry = ChunkWriter::create(&path).and_then(|mut w| {
            w.write(&bytes)?;
            w.finish(&name)
        });
        files.push(entry.map_err(StoreError::io(&path, "write"))?);
        photo.image = Some(name);
    }
    if files.len() > without {
        sync_directory(&dir.join(PHOTO_DIR))?;
    }
    let path = dir.join(MANIFEST_FILE);
    let zeros = "0".repeat(HASH_DIGITS);
    let (chunk_bytes, index) = (CHUNK_BYTES, Some(index));
    let stored = Stored { manifest, chunk_bytes, index, tensors, files, hash: zeros.clone() };
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
    steps::before("create the manifest");
    File::create_new(&path)
        .and_then(|mut f| {
            steps::before("write the manifest");
            f.write_all(text.as_bytes())?;
            steps::before("flush the manifest");
            f.sync_all()
        })
        .map_err(StoreError::io(&path, "write"))?;
    sync_directory(dir)
}

/// Writes the points in the order of their index, and the index.
fn write_points(
    memory: &Memory,
    dir: &Path,
) -> Result<(Vec<FileEntry>, Vec<TensorEntry>, IndexEntry), StoreError> {
    let (manifest, points) = (memory.manifest(), memory.points());
    let index = SpatialIndex::build(manifest, points);
    let order = index.order().map(|o| &o[..]).unwrap_or_default();
    let confidence: Vec<f32> = order.par_iter().map(|r| points.confidence[*r as usize]).collect();
    let instance: Vec<u32> = order.par_iter().map(|r| points.instance[*r as usize]).collect();
    let colors: Vec<[u8; 3]> = order.par_iter().map(|r| points.colors[*r as usize]).collect();
    let columns: [&[u8]; 4] = [
        bytemuck::cast_slice(index.positions()),
        bytemuck::cast_slice(&confidence),
        bytemuck::cast_slice(&instance),
        bytemuck::cast_slice(&colors),
    ];
    let specs = point_tensors(points.len() as u64);
    let tensors: Vec<_> = specs.into_iter().zip(columns).collect();
    let (points_file, mut entries) = tensors::write(dir, POINTS_FILE, &tensors)?;

    let entry = IndexEntry {
        leaf: LEAF as u64,
        nodes: index.nodes().len() as u64,
        floor: *index.floor().grid(),
    };
    let columns: [&[u8]; 3] = [
        bytemuck::cast_slice(index.groups()),
        bytemuck::cast_slice(index.nodes()),
        index.floor().cells(),
    ];
    let specs = index_tensors(manifest.instances.len(), &entry);
    let tensors: Vec<_> = specs.into_iter().zip(columns).collect();
    let (index_file, more) = tensors::write(dir, INDEX_FILE, &tensors)?;
    entries.extend(more);
    Ok((vec![points_file, index_file], entries, entry))
}
