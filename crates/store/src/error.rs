//! What can go wrong between a memory and a disk. Every message names the file and the remedy.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a memory could not be read or written.
#[derive(Debug)]
pub enum StoreError {
    /// The system refused an operation on a file.
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was tried (`read`, `create` …).
        doing: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A memory is a directory, and this is not one.
    NotADirectory {
        /// What was given.
        path: PathBuf,
    },
    /// The directory holds no memory.
    NotAMemory {
        /// The directory.
        path: PathBuf,
        /// What is missing.
        why: String,
    },
    /// A file that must hold something is empty.
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// A file is larger than this program will read.
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: u64,
        /// The longest accepted.
        limit: u64,
    },
    /// The manifest is not JSON.
    NotJson {
        /// The manifest.
        path: PathBuf,
        /// What the JSON reader says, with line and column.
        why: String,
    },
    /// The manifest's layout version is not one this program reads.
    Schema {
        /// The manifest.
        path: PathBuf,
        /// The version found, as written.
        found: String,
    },
    /// The manifest's hash does not fit its content.
    Hash {
        /// The manifest.
        path: PathBuf,
    },
    /// The manifest contradicts itself, or the tensors contradict it.
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where in it.
        at: String,
        /// What is wrong.
        what: String,
    },
    /// The manifest names a file that no memory has.
    FileName {
        /// The manifest.
        path: PathBuf,
        /// The name found.
        name: String,
    },
    /// A file's length is not what the manifest says.
    Length {
        /// The file.
        path: PathBuf,
        /// Length by the manifest.
        expected: u64,
        /// Length on the disk.
        found: u64,
    },
    /// A picture cannot be stored or read.
    Picture {
        /// Number of the photo.
        number: u32,
        /// What is wrong and what to do.
        why: String,
    },
    /// The place to write to holds something that is not a memory.
    Occupied {
        /// The place.
        path: PathBuf,
        /// What it holds.
        why: String,
    },
}

impl StoreError {
    pub(crate) fn io(path: &Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| StoreError::Io { path: path.to_owned(), doing, source }
    }

    pub(crate) fn invalid(path: &Path, at: impl Into<String>, what: impl Into<String>) -> Self {
        StoreError::Invalid { path: path.to_owned(), at: at.into(), what: what.into() }
    }
}

const AGAIN: &str = "write the memory again from its source";

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Io { path, doing, source } => write!(
                f,
                "{}: could not {doing}: {source}; check that the path exists and that you may use it",
                path.display()
            ),
            StoreError::NotADirectory { path } => write!(
                f,
                "{}: is not a directory; a memory is a directory with a `manifest.json`; to make one \
                 from a source, import it",
                path.display()
            ),
            StoreError::NotAMemory { path, why } => write!(
                f,
                "{}: is not a stored memory ({why}); give the directory that holds `manifest.json`, \
                 or import the source first",
                path.display()
            ),
            StoreError::EmptyFile { path } => {
                write!(f, "{}: is empty; {AGAIN}", path.display())
            }
            StoreError::TooLarge { path, bytes, limit } => write!(
                f,
                "{}: has {bytes} bytes, more than the {limit} this program reads; split the scene or \
                 thin its points, then {AGAIN}",
                path.display()
            ),
            StoreError::NotJson { path, why } => {
                write!(f, "{}: is not valid JSON: {why}; {AGAIN}", path.display())
            }
            StoreError::Schema { path, found } => write!(
                f,
                "{}: has schema version {found}, this program reads {} to {}; use the program that wrote \
                 it, or {AGAIN}",
                path.display(),
                reasmory_scene::OLDEST_SCHEMA,
                reasmory_scene::SCHEMA
            ),
            StoreError::Hash { path } => write!(
                f,
                "{}: its hash does not fit its content: it was changed or damaged after writing; {AGAIN}",
                path.display()
            ),
            StoreError::Invalid { path, at, what } => {
                write!(f, "{}: {at}: {what}; {AGAIN}", path.display())
            }
            StoreError::FileName { path, name } => write!(
                f,
                "{}: names the file {name:?}, which no memory has (`points.safetensors`, \
                 `index.safetensors`, `photos/0001.png`); do not use this directory, {AGAIN}",
                path.display()
            ),
            StoreError::Length { path, expected, found } => write!(
                f,
                "{}: has {found} bytes, the manifest says {expected}: it was cut or replaced; copy it \
                 again or {AGAIN}",
                path.display()
            ),
            StoreError::Picture { number, why } => write!(f, "photo {number}: {why}"),
            StoreError::Occupied { path, why } => write!(
                f,
                "{}: {why}, so it is not replaced; choose another place or remove it yourself",
                path.display()
            ),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            StoreError::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
