//! The stored form of a manifest and the names a memory's files may have.

use reasmory_scene::Manifest;
use serde::{Deserialize, Serialize};

/// The manifest's file name.
pub const MANIFEST_FILE: &str = "manifest.json";
/// The point tensors' file name.
pub const POINTS_FILE: &str = "points.safetensors";
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

/// A point column's tensor: name, safetensors dtype, columns (0: one-dimensional), bytes a row.
pub(crate) struct ColumnSpec {
    pub(crate) name: &'static str,
    pub(crate) dtype: &'static str,
    pub(crate) width: u64,
    pub(crate) row_bytes: u64,
}

/// The tensors, in file order: four-byte types first, so that all are aligned.
pub(crate) const COLUMNS: [ColumnSpec; 4] = [
    ColumnSpec { name: "positions", dtype: "F32", width: 3, row_bytes: 12 },
    ColumnSpec { name: "confidence", dtype: "F32", width: 0, row_bytes: 4 },
    ColumnSpec { name: "instance", dtype: "U32", width: 0, row_bytes: 4 },
    ColumnSpec { name: "colors", dtype: "U8", width: 3, row_bytes: 3 },
];

impl ColumnSpec {
    pub(crate) fn shape(&self, rows: u64) -> Vec<u64> {
        if self.width == 0 { vec![rows] } else { vec![rows, self.width] }
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
