//! The arrays that reconstruction models and their demos write, by name. This table is all that is known of
//! them; sizes, directions and units are found from the numbers.

/// What an array is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Points of each pixel, in the world.
    Points,
    /// Points of each pixel, in its camera (OpenCV axes).
    Local,
    /// z-depth of each pixel.
    Depth,
    /// How sure points in the world are.
    PointsConfidence,
    /// How sure depth, or whatever else there is, is.
    Confidence,
    /// Not zero where a pixel is to be kept.
    Mask,
    /// The pictures.
    Images,
    /// Matrices from the camera to the world, as their name or their model's papers say.
    CameraToWorld,
    /// Matrices from the world to the camera, likewise.
    WorldToCamera,
    /// VGGT's encoding of a camera: translation, quaternion (x, y, z, w), angles of view.
    Encoding,
    /// 3×3 matrices.
    Intrinsics,
    /// Focal lengths.
    Focals,
    /// Says that lengths are metres.
    Metric,
}

use Role::*;

/// Names in the order in which they are looked for, and who writes them.
pub(super) const KEYS: [(&str, Role, &str); 49] = [
    ("world_points", Points, "VGGT, MapAnything"),
    ("world_points_from_depth", Points, "VGGT"),
    ("pts3d", Points, "DUSt3R, MASt3R, MapAnything"),
    ("points", Points, "Pi3"),
    ("pointmap", Points, "others"),
    ("pointmaps", Points, "others"),
    ("local_points", Local, "Pi3"),
    ("pts3d_cam", Local, "MapAnything"),
    ("depth", Depth, "VGGT, Depth Anything 3, MapAnything"),
    ("depth_z", Depth, "MapAnything"),
    ("depths", Depth, "others"),
    ("depth_map", Depth, "others"),
    ("depth_maps", Depth, "others"),
    ("depthmap", Depth, "DUSt3R, MASt3R"),
    ("depthmaps", Depth, "DUSt3R, MASt3R"),
    ("world_points_conf", PointsConfidence, "VGGT"),
    ("depth_conf", Confidence, "VGGT"),
    ("conf", Confidence, "Pi3, Depth Anything 3, MapAnything"),
    ("confs", Confidence, "DUSt3R, MASt3R"),
    ("confidence", Confidence, "others"),
    ("final_mask", Mask, "MapAnything"),
    ("mask", Mask, "MapAnything"),
    ("masks", Mask, "DUSt3R, MASt3R"),
    ("valid_mask", Mask, "others"),
    ("images", Images, "VGGT, Pi3, MapAnything"),
    ("image", Images, "Depth Anything 3"),
    ("processed_images", Images, "Depth Anything 3"),
    ("img_no_norm", Images, "MapAnything"),
    ("imgs", Images, "DUSt3R, MASt3R"),
    ("rgb", Images, "others"),
    ("camera_poses", CameraToWorld, "Pi3, MapAnything"),
    ("cams2world", CameraToWorld, "DUSt3R, MASt3R"),
    ("cam2world", CameraToWorld, "DUSt3R, MASt3R"),
    ("c2w", CameraToWorld, "others"),
    ("poses_c2w", CameraToWorld, "others"),
    ("poses", CameraToWorld, "DUSt3R, MASt3R"),
    ("extrinsic", WorldToCamera, "VGGT, MapAnything"),
    ("extrinsics", WorldToCamera, "Depth Anything 3"),
    ("w2c", WorldToCamera, "others"),
    ("poses_w2c", WorldToCamera, "others"),
    ("pose_enc", Encoding, "VGGT"),
    ("intrinsic", Intrinsics, "VGGT, MapAnything"),
    ("intrinsics", Intrinsics, "Depth Anything 3, MapAnything"),
    ("Ks", Intrinsics, "DUSt3R, MASt3R"),
    ("K", Intrinsics, "others"),
    ("camera_intrinsics", Intrinsics, "others"),
    ("focals", Focals, "DUSt3R, MASt3R"),
    ("focal", Focals, "others"),
    ("metric_scaling_factor", Metric, "MapAnything"),
];

/// The first name of an array with this role among those that an archive has.
pub(super) fn find(names: &[String], role: Role) -> Option<&'static str> {
    KEYS.iter().filter(|k| k.1 == role).map(|k| k.0).find(|k| names.iter().any(|n| n == k))
}

/// Names of arrays with one of these roles, for an error.
pub(super) fn wanted(roles: &[Role]) -> String {
    let all: Vec<String> =
        KEYS.iter().filter(|k| roles.contains(&k.1)).map(|k| format!("`{}`", k.0)).collect();
    all.join(", ")
}

/// Roles that say where pixels are, and where cameras are.
pub(super) const GEOMETRY: [Role; 3] = [Depth, Local, Points];
pub(super) const CAMERAS: [Role; 3] = [CameraToWorld, WorldToCamera, Encoding];

/// Whether an archive with these arrays is of this kind: where pixels are, and where cameras are.
pub(super) fn fits(names: &[String]) -> bool {
    let any = |roles: &[Role]| roles.iter().any(|r| find(names, *r).is_some());
    any(&GEOMETRY) && any(&CAMERAS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        for (i, k) in KEYS.iter().enumerate() {
            assert!(KEYS.iter().skip(i + 1).all(|l| l.0 != k.0), "{}", k.0);
        }
        let has = |names: &[&str]| fits(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
        for names in [
            &["pose_enc", "depth", "depth_conf", "world_points", "world_points_conf", "images"][..],
            &["points", "local_points", "conf", "camera_poses"],
            &["pts3d", "confs", "cams2world", "focals", "imgs"],
            &["depth", "conf", "extrinsics", "intrinsics"],
            &["world_points", "extrinsic", "intrinsic", "depth", "images", "final_mask", "conf"],
        ] {
            assert!(has(names), "{names:?}");
        }
        assert!(!has(&["depth", "conf"]) && !has(&["masks", "scores"]) && !has(&["poses"]));
    }
}
