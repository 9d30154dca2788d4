//! Bodies for fuzzers of what is read from disk: they must return, whatever the bytes.

use std::path::Path;

use crate::layout::{CHUNK_BYTES, COLUMNS, FileEntry, POINTS_FILE, Stored, TensorEntry};
use crate::open;

/// Reads `data` as the text of a manifest.
pub fn fuzz_manifest(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = open::parse(Path::new("manifest.json"), text);
    }
}

/// Reads `data` as a tensor file of a manifest that promises one point.
pub fn fuzz_tensors(data: &[u8]) {
    let tensors = COLUMNS
        .iter()
        .map(|c| TensorEntry {
            name: c.name.into(),
            file: POINTS_FILE.into(),
            dtype: c.dtype.into(),
            shape: c.shape(1),
            offset: 0,
            bytes: c.row_bytes,
        })
        .collect();
    let scale = reasmory_scene::Scale::metric("fuzz");
    let stored = Stored {
        manifest: reasmory_scene::Manifest::empty("fuzz", "fuzz", scale),
        chunk_bytes: CHUNK_BYTES,
        tensors,
        files: Vec::<FileEntry>::new(),
        hash: String::new(),
    };
    if let Ok(ranges) = open::check_tensors(Path::new(POINTS_FILE), data, &stored) {
        assert!(ranges.iter().all(|r| data.get(r.clone()).is_some()));
    }
}
