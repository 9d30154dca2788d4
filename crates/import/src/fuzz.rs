//! Bodies for fuzzers of everything that reads bytes: they must return, whatever the bytes.

use std::path::Path;

use crate::npz::Npz;
use crate::rgbd::{open3d, posed_files};
use crate::scenes::{dsg, house, objects, spatiallm, vla3d};
use crate::{Format, ImportOptions, cloud, colmap, opensfm, transforms, vsi};

/// Reads `data` as `cameras.bin`.
pub fn fuzz_colmap_cameras(data: &[u8]) {
    let _ = colmap::bin_cameras(data);
}

/// Reads `data` as `images.bin`, and the poses in it.
pub fn fuzz_colmap_images(data: &[u8]) {
    for i in colmap::bin_images(data).unwrap_or_default() {
        let _ = colmap::pose(&i);
    }
    let _ = colmap::bin_observed(data);
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

/// Reads `data` as tables of objects and of regions of a VLA-3D scene.
pub fn fuzz_vla3d(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let path = Path::new("fuzz.csv");
        for regions in [None, Some((path, text))] {
            if let Ok(m) = vla3d::parse(path, "fuzz", text, regions) {
                let _ = m.validate();
            }
        }
        // Regions alone, after a table of objects without rows.
        let head = "raw_label,object_bbox_cx,object_bbox_cy,object_bbox_cz,object_bbox_xlength,\
                    object_bbox_ylength,object_bbox_zlength,object_bbox_heading\n";
        if let Ok(m) = vla3d::parse(path, "fuzz", head, Some((path, text))) {
            let _ = m.validate();
        }
    }
}

fn fuzz_cloud(cloud: Result<cloud::Cloud, (String, String)>, format: Format) {
    if let Ok(mut cloud) = cloud {
        cloud.drop_invalid();
        if !cloud.positions.is_empty() {
            let options = ImportOptions::default();
            let (m, _) = cloud::build("fuzz", format, cloud, &options, Vec::new());
            let _ = m.validate();
        }
    }
}

/// Reads `data` as a PCD file and builds its memory.
pub fn fuzz_pcd(data: &[u8]) {
    fuzz_cloud(cloud::pcd::parse(data), Format::Pcd);
}

/// Reads `data` as a PLY file and builds its memory.
pub fn fuzz_ply(data: &[u8]) {
    fuzz_cloud(cloud::ply::parse(data), Format::Ply);
}

/// Reads `data` as `transforms.json`.
pub fn fuzz_transforms(data: &[u8]) {
    if let Ok(v) = serde_json::from_slice(data) {
        let _ = transforms::accepts(&v);
        let _ = transforms::frames(Path::new("fuzz.json"), &v, &mut Vec::new());
    }
}

/// Reads `data` as an OpenSfM reconstruction.
pub fn fuzz_opensfm(data: &[u8]) {
    if let Ok(v) = serde_json::from_slice::<serde_json::Value>(data) {
        let _ = opensfm::accepts(&v);
        for r in v.as_array().into_iter().flatten() {
            let _ = opensfm::parse(Path::new("fuzz.json"), r);
        }
    }
}

/// Reads `data` as a Spark-DSG scene graph.
pub fn fuzz_dsg(data: &[u8]) {
    if let Ok(v) = serde_json::from_slice(data) {
        let _ = dsg::accepts(&v);
        if let Ok(m) = dsg::parse(Path::new("fuzz.json"), "fuzz", &v) {
            let _ = m.validate();
        }
    }
}

/// Reads `data` as a Matterport `.house` file.
pub fn fuzz_house(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(m) = house::parse("fuzz", text)
    {
        let _ = m.validate();
    }
}

/// Reads `data` as COCO annotations.
pub fn fuzz_coco(data: &[u8]) {
    crate::masks::fuzz_coco(data);
}

/// Reads `data` as the JSON of an exported memory.
pub fn fuzz_exported(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = crate::exported::parse(Path::new("fuzz.json"), text);
    }
}

/// Reads `data` as glTF, in a container or as JSON, and builds its memory.
pub fn fuzz_gltf(data: &[u8]) {
    let none = |_: &str| Err("is not there".to_owned());
    if let Ok((m, points)) = crate::gltf::build("fuzz", data, &none, &ImportOptions::default()) {
        let _ = reasmory_scene::Memory::new(m, points, None);
    }
}

/// Reads `data` as an archive of a reconstruction model.
pub fn fuzz_predictions(data: &[u8]) {
    let _ = crate::predictions::read(Path::new("fuzz.npz"), data, &ImportOptions::default());
}

/// Reads `data` as the pose of a frame, in a file of its own.
pub fn fuzz_pose(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = posed_files::parse_pose(Path::new("fuzz.txt"), text);
    }
}

/// Reads `data` as a layout of SpatialLM.
pub fn fuzz_spatiallm(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(m) = spatiallm::parse("fuzz", text)
    {
        let _ = m.validate();
    }
}

/// Reads `data` as a list of objects, and builds its memory.
pub fn fuzz_objects(data: &[u8]) {
    if let Ok(v) = serde_json::from_slice(data) {
        let _ = objects::accepts(&v);
        if let Ok((m, points)) = objects::parse(Path::new("fuzz.json"), "fuzz", &v) {
            let _ = reasmory_scene::Memory::new(m, points, None);
        }
    }
}
