//! Reading everything once to find damage.

use std::fmt;
use std::fs;
use std::path::Path;

use crate::layout::{CHUNK_BYTES, MANIFEST_FILE, PHOTO_DIR, Stored};
use crate::open::open_stored;
use crate::{StoreError, chunks};

/// What [`verify`] read and found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Files read, the manifest included.
    pub files: usize,
    /// Bytes they should have, the manifest excluded.
    pub bytes: u64,
    /// What does not fit, in manifest order.
    pub damage: Vec<Damage>,
    /// Files in the directory that the manifest does not list, sorted; they are never read.
    pub strangers: Vec<String>,
}

impl VerifyReport {
    /// Whether nothing is damaged.
    pub fn is_intact(&self) -> bool {
        self.damage.is_empty()
    }
}

/// A damaged stretch of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file, relative to the memory.
    pub file: String,
    /// First byte of the stretch.
    pub from: u64,
    /// One past its last byte.
    pub to: u64,
    /// What is wrong, and with which tensors.
    pub what: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: bytes {}..{}: {}", self.file, self.from, self.to, self.what)
    }
}

/// Compares every chunk of every file with the manifest's hashes. A damaged manifest is an error, for then
/// there is nothing to compare with.
pub fn verify(dir: &Path) -> Result<VerifyReport, StoreError> {
    let stored = open_stored(dir)?;
    let mut report = VerifyReport { files: 1, ..VerifyReport::default() };
    for entry in &stored.files {
        let path = dir.join(&entry.file);
        report.files += 1;
        report.bytes += entry.bytes;
        let damage = |from, to, what: String| Damage { file: entry.file.clone(), from, to, what };
        let length = match fs::symlink_metadata(&path) {
            Ok(m) if m.is_file() => m.len(),
            _ => {
                report.damage.push(damage(0, entry.bytes, "the file is missing".into()));
                continue;
            }
        };
        if length != entry.bytes {
            let (from, to) = (length.min(entry.bytes), length.max(entry.bytes));
            let what = format!("the file has {length} bytes, expected {}", entry.bytes);
            report.damage.push(damage(from, to, what));
            continue;
        }
        chunks::check(&path, entry, |i| {
            let (from, to) = (i * CHUNK_BYTES, ((i + 1) * CHUNK_BYTES).min(entry.bytes));
            let parts = touched(&stored, &entry.file, from, to);
            report.damage.push(damage(from, to, format!("chunk {i} is damaged{parts}")));
        })?;
    }
    report.strangers = strangers(dir, &stored)?;
    Ok(report)
}

/// The tensors of `file` that a stretch of bytes touches, as a suffix of a message.
fn touched(stored: &Stored, file: &str, from: u64, to: u64) -> String {
    let names: Vec<&str> = stored
        .tensors
        .iter()
        .filter(|t| t.file == file && t.offset < to && t.offset + t.bytes > from)
        .map(|t| t.name.as_str())
        .collect();
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

fn strangers(dir: &Path, stored: &Stored) -> Result<Vec<String>, StoreError> {
    let mut out = Vec::new();
    for (folder, prefix) in [(dir.to_owned(), ""), (dir.join(PHOTO_DIR), "photos/")] {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(StoreError::io(&folder, "list"))? {
            let entry = entry.map_err(StoreError::io(&folder, "list"))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let known = name == MANIFEST_FILE
                || name == PHOTO_DIR
                || stored.files.iter().any(|f| f.file == name);
            if !known {
                out.push(name);
            }
        }
    }
    out.sort_unstable();
    Ok(out)
}
