//! The stored form of a manifest and the names a memory's files may have.

use reasmory_scene::Manifest;
use reasmory_scene::index::{Grid, LEAF, nodes_of};
use serde::{Deserialize, Serialize};

/// The manifest's file name.
pub const MANIFEST_FILE: &str = "manifest.json";
/// The point tensors' file name.
pub const POINTS_FILE: &str = "points.safetensors";
/// The spatial index's file name.
pub const INDEX_FILE: &str = "index.safetensors";
/// Directory of the pictures.
pub(crate) const PHOTO_DIR: &str = "photos";
/// Bytes one hash covers.
pub const CHUNK_BYTES: u64 = 1 << 20;
/// Longest manifest that is read.
pub(crate) const MAX_MANIFEST_BYTES: u64 = 1 << 30;
/// Longest picture file that is read.
pub(crate) const MAX_PICTURE_BYTES: u64 = 1 << 28;
/// Most pixels a picture may have.
pub(crate) const MAX_PIXELS: u64 = 1 << 27;
/// Hex digits of a hash.
pub(crate) const HASH_DIGITS: usize = 64;

/// A manifest as stored: the scene's, then what describes the files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    #[serde(flatten)]
    pub(crate) manifest: Manifest,
    pub(crate) chunk_bytes: u64,
    /// Of version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) index: Option<IndexEntry>,
    pub(crate) tensors: Vec<TensorEntry>,
    pub(crate) files: Vec<FileEntry>,
    pub(crate) hash: String,
}

/// A tensor and where it lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TensorEntry {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) dtype: String,
    pub(crate) shape: Vec<u64>,
    /// First byte in the file.
    pub(crate) offset: u64,
    /// Length in bytes.
    pub(crate) bytes: u64,
}

/// A file, its length and the hashes of its chunks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileEntry {
    pub(crate) file: String,
    pub(crate) bytes: u64,
    pub(crate) chunks: Vec<String>,
}

/// What the index's tensors mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct IndexEntry {
    /// Points of a leaf.
    pub(crate) leaf: u64,
    /// Number of nodes.
    pub(crate) nodes: u64,
    /// Where the floor's grid lies.
    pub(crate) floor: Grid,
}

/// What a tensor must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TensorSpec {
    pub(crate) name: &'static str,
    pub(crate) file: &'static str,
    pub(crate) dtype: &'static str,
    pub(crate) shape: Vec<u64>,
    /// Its length; `None` where no file is that long.
    pub(crate) bytes: Option<u64>,
}

fn spec(file: &'static str, name: &'static str, dtype: &'static str, shape: &[u64]) -> TensorSpec {
    let size = match dtype {
        "U8" => 1,
        "U64" => 8,
        _ => 4,
    };
    let bytes = shape.iter().try_fold(size, |n: u64, d| n.checked_mul(*d));
    TensorSpec { name, file, dtype, shape: shape.to_vec(), bytes }
}

/// The tensors of this many points, in file order: the widest types first, so that all are aligned.
pub(crate) fn point_tensors(rows: u64) -> [TensorSpec; 4] {
    let of = |name, dtype, shape: &[u64]| spec(POINTS_FILE, name, dtype, shape);
    [
        of("positions", "F32", &[rows, 3]),
        of("confidence", "F32", &[rows]),
        of("instance", "U32", &[rows]),
        of("colors", "U8", &[rows, 3]),
    ]
}

/// The tensors of an index, in file order.
pub(crate) fn index_tensors(instances: usize, index: &IndexEntry) -> [TensorSpec; 3] {
    let of = |name, dtype, shape: &[u64]| spec(INDEX_FILE, name, dtype, shape);
    let floor = [u64::from(index.floor.height), u64::from(index.floor.width)];
    [
        of("groups", "U64", &[instances as u64 + 2]),
        of("nodes", "F32", &[index.nodes, 6]),
        of("floor", "U8", &floor),
    ]
}

impl IndexEntry {
    /// What is wrong with it, for this many points.
    pub(crate) fn fault(&self, points: u64, instances: usize) -> Option<String> {
        if self.leaf != LEAF as u64 {
            return Some(format!("has leaves of {} points, expected {LEAF}", self.leaf));
        }
        // The groups, each with a last leaf that need not be full, have at most one leaf more each.
        let least = usize::try_from(points).map(nodes_of).unwrap_or(usize::MAX) as u64;
        let most = least.saturating_add(2 * (instances as u64 + 1));
        let few = least.saturating_sub(instances as u64 + 1);
        (!(few..=most).contains(&self.nodes))
            .then(|| format!("has {} nodes for {points} points", self.nodes))
    }
}

/// File name of a photo's picture.
pub(crate) fn photo_file(number: u32, extension: &str) -> String {
    format!("{PHOTO_DIR}/{number:04}.{extension}")
}

/// Whether `name` is `photos/NNNN.png` or `.jpg`. Anything else (`..`, absolute paths) is refused.
pub(crate) fn is_photo_file(name: &str) -> bool {
    name.strip_prefix("photos/").is_some_and(is_photo_leaf)
}

/// Whether `name` is `NNNN.png` or `NNNN.jpg`.
pub(crate) fn is_photo_leaf(name: &str) -> bool {
    name.strip_suffix(".png").or_else(|| name.strip_suffix(".jpg")).is_some_and(|digits| {
        (4..=10).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Whether `text` is a hash as written.
pub(crate) fn is_hash(text: &str) -> bool {
    text.len() == HASH_DIGITS && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The hash of a manifest file: BLAKE3 of its bytes with the last occurrence of `hash` set to zeros.
pub(crate) fn manifest_hash(text: &str, hash: &str) -> Option<String> {
    let at = text.rfind(hash)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&text.as_bytes()[..at]);
    hasher.update(&[b'0'; HASH_DIGITS]);
    hasher.update(&text.as_bytes()[at + hash.len()..]);
    Some(hasher.finalize().to_hex().to_string())
}
