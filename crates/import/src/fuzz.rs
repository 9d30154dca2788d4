//! Bodies for fuzzers of everything that reads bytes: they must return, whatever the bytes.

use std::path::Path;

use crate::npz::Npz;
use crate::rgbd::open3d;
use crate::{colmap, vsi};

/// Reads `data` as `cameras.bin`.
pub fn fuzz_colmap_cameras(data: &[u8]) {
    let _ = colmap::bin_cameras(data);
}

/// Reads `data` as `images.bin`, and the poses in it.
pub fn fuzz_colmap_images(data: &[u8]) {
    for i in colmap::bin_images(data).unwrap_or_default() {
        let _ = colmap::pose(&i);
    }
}

/// Reads `data` as `points3D.bin`.
pub fn fuzz_colmap_points(data: &[u8]) {
    let _ = colmap::bin_points(data);
}

/// Reads `data` as each of COLMAP's text files.
pub fn fuzz_colmap_text(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = colmap::text_cameras(text);
        let _ = colmap::text_images(text);
        let _ = colmap::text_points(text);
    }
}

/// Reads `data` as a NumPy archive and as a single array.
pub fn fuzz_npz(data: &[u8]) {
    let _ = crate::npz::npy(data);
    if let Ok(mut npz) = Npz::new(Path::new("fuzz.npz"), data) {
        for name in npz.names() {
            let _ = npz.array(&name);
        }
    }
}

/// Reads `data` as VSI-Bench metadata.
pub fn fuzz_vsi(data: &[u8]) {
    let path = Path::new("fuzz.json");
    if let Ok(scenes) = vsi::parse(path, data) {
        for (id, scene) in &scenes {
            if let Ok(m) = vsi::manifest(path, id, scene) {
                // Boxes far enough apart have infinite bounds; the manifest's own check refuses them.
                let _ = m.validate();
            }
        }
    }
}

/// Reads `data` as a trajectory and as intrinsics of an Open3D folder.
pub fn fuzz_trajectory(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let path = Path::new("fuzz");
        let _ = open3d::parse_trajectory(path, text);
        let _ = open3d::parse_intrinsics(path, text);
    }
}
