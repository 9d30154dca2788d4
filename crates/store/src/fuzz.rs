//! Bodies for fuzzers of what is read from disk: they must return, whatever the bytes.

use std::path::Path;

use reasmory_scene::index::{Grid, LEAF};

use crate::layout::{
    CHUNK_BYTES, FileEntry, INDEX_FILE, IndexEntry, POINTS_FILE, Stored, TensorEntry,
    index_tensors, point_tensors,
};
use crate::{open, tensors};

/// Reads `data` as the text of a manifest.
pub fn fuzz_manifest(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = open::parse(Path::new("manifest.json"), text);
    }
}

/// Reads `data` as a tensor file of a manifest that promises one point, and as an index of it.
pub fn fuzz_tensors(data: &[u8]) {
    let floor = Grid { origin: [0.0; 2], cell: 1.0, width: 1, height: 1 };
    let index = IndexEntry { leaf: LEAF as u64, nodes: 1, floor };
    let specs = point_tensors(1).into_iter().chain(index_tensors(0, &index));
    let tensors = specs
        .map(|s| TensorEntry {
            name: s.name.into(),
            file: s.file.into(),
            dtype: s.dtype.into(),
            shape: s.shape,
            offset: 0,
            bytes: s.bytes.unwrap_or(0),
        })
        .collect();
    let scale = reasmory_scene::Scale::metric("fuzz");
    let stored = Stored {
        manifest: reasmory_scene::Manifest::empty("fuzz", "fuzz", scale),
        chunk_bytes: CHUNK_BYTES,
        index: Some(index),
        tensors,
        files: Vec::<FileEntry>::new(),
        hash: String::new(),
    };
    for name in [POINTS_FILE, INDEX_FILE] {
        if let Ok(ranges) = tensors::check(Path::new(name), data, &stored, name) {
            assert!(ranges.iter().all(|r| data.get(r.1.clone()).is_some()));
        }
    }
}
