//! Cameras and sparse points from `transforms.json` and OpenSfM.

mod common;

use std::fs;
use std::path::Path;

use nalgebra::{Matrix3, Rotation3};
use reasmory_geom::math::{atan2_deg, cos_deg, sin_deg};
use reasmory_geom::{Point3, Pose, Vec3};
use reasmory_import::{Format, ImportOptions, Imported, detect, import};

/// Six level-rolled cameras around the origin, upright.
fn poses() -> Vec<Pose> {
    (0..6)
        .map(|k| {
            let yaw = 60.0 * f64::from(k);
            let level = Vec3::new(cos_deg(yaw), sin_deg(yaw), 0.0);
            let right = Vec3::new(level.y, -level.x, 0.0);
            let forward = level * cos_deg(20.0) - Vec3::new(0.0, 0.0, sin_deg(20.0));
            let centre = Point3::new(0.0, 0.0, 1.0) - level * 3.0;
            Pose::from_axes(right, forward.cross(&right), forward, centre)
        })
        .collect()
}

fn points() -> Vec<Point3> {
    let at = |i: f64| Point3::new((i * 0.7) % 2.0 - 1.0, (i * 0.3) % 2.0 - 1.0, (i * 0.11) % 1.0);
    (0..60).map(|i| at(f64::from(i))).collect()
}

/// The source's world: 90° about x.
fn world() -> Matrix3<f64> {
    Matrix3::new(1.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 1.0, 0.0)
}

/// Every point projects as it does in the truth.
fn check(got: &Imported, width: f64, height: f64, focal: f64) {
    let m = got.memory.manifest();
    assert_eq!((m.photos.len(), m.points), (6, 60));
    assert!(!m.scale.is_metric());
    for (photo, truth) in m.photos.iter().zip(poses()) {
        let p = photo.pinhole;
        assert_eq!((f64::from(p.width), f64::from(p.height)), (width, height));
        assert!((p.fx - focal).abs() < 1e-6 && (p.fy - focal).abs() < 1e-6, "{p:?}");
        assert!((p.cx - width / 2.0).abs() < 1e-9 && (p.cy - height / 2.0).abs() < 1e-9);
        assert!((-photo.camera_to_world.down()).z > 0.9);
        for (q, truth_point) in got.memory.points().positions.iter().zip(points()) {
            let q = Point3::new(q[0].into(), q[1].into(), q[2].into());
            let (a, b) = (photo.camera_to_world.to_camera(q), truth.to_camera(truth_point));
            assert!((a - b).norm() < 1e-4, "{a} {b}");
        }
    }
}

fn transforms(intrinsics: &str) -> String {
    let frames: Vec<String> = poses()
        .iter()
        .enumerate()
        .map(|(i, p)| {
            let r = world() * p.rotation;
            let c = world() * p.center;
            // OpenGL: y up, z back.
            let rows: Vec<String> = (0..3)
                .map(|k| format!("[{}, {}, {}, {}]", r[(k, 0)], -r[(k, 1)], -r[(k, 2)], c[k]))
                .collect();
            format!(
                "{{\"file_path\": \"./train/r_{i}\", \"transform_matrix\": [{}, [0, 0, 0, 1]]}}",
                rows.join(", ")
            )
        })
        .collect();
    format!(
        "{{{intrinsics}, \"ply_file_path\": \"sparse.ply\", \"frames\": [{}]}}",
        frames.join(",\n")
    )
}

fn write_transforms(dir: &Path, intrinsics: &str) {
    fs::write(dir.join("transforms.json"), transforms(intrinsics)).unwrap();
    let mut ply = "ply\nformat ascii 1.0\nelement vertex 60\nproperty float x\nproperty float y\n\
                   property float z\nend_header\n"
        .to_owned();
    for p in points() {
        let p = world() * p;
        ply += &format!("{} {} {}\n", p.x, p.y, p.z);
    }
    fs::write(dir.join("sparse.ply"), ply).unwrap();
}

const GLOBAL: &str =
    "\"w\": 80, \"h\": 60, \"fl_x\": 50, \"fl_y\": 50.0, \"cx\": 40, \"cy\": 30, \"k1\": 0";

#[test]
fn transforms_with_points() {
    let tmp = tempfile::tempdir().unwrap();
    write_transforms(tmp.path(), GLOBAL);
    for path in [tmp.path().to_owned(), tmp.path().join("transforms.json")] {
        assert_eq!(detect(&path).unwrap(), Format::Transforms);
        let got = import(&path, &ImportOptions::default()).unwrap();
        check(&got, 80.0, 60.0, 50.0);
        assert!(got.image_files.is_empty());
    }
    let metric = ImportOptions { metric: true, ..ImportOptions::default() };
    let got = import(tmp.path(), &metric).unwrap();
    assert!(got.memory.manifest().scale.is_metric());
    // An angle of view instead, the size from the pictures, whose names lack their extension.
    let angle = format!("\"camera_angle_x\": {}", 2.0 * atan2_deg(40.0, 50.0).to_radians());
    write_transforms(tmp.path(), &angle);
    let e = import(tmp.path(), &ImportOptions::default()).unwrap_err().to_string();
    assert!(e.contains("frames[0]") && e.contains("intrinsics"), "{e}");
    fs::create_dir_all(tmp.path().join("train")).unwrap();
    for i in 0..6 {
        let file = tmp.path().join(format!("train/r_{i}.png"));
        let grey = vec![128; 80 * 60 * 3];
        image::save_buffer(file, &grey, 80, 60, image::ExtendedColorType::Rgb8).unwrap();
    }
    let got = import(tmp.path(), &ImportOptions::default()).unwrap();
    check(&got, 80.0, 60.0, 50.0);
    assert_eq!(got.image_files.len(), 6);
    assert_eq!(got.memory.photo_pixels(3).unwrap().width, 80);
    fs::remove_file(tmp.path().join("sparse.ply")).unwrap();
    let got = import(tmp.path(), &ImportOptions::default()).unwrap();
    assert_eq!(got.memory.manifest().points, 0);
    assert!(got.notes.iter().any(|n| n.contains("sparse.ply was not found")), "{:?}", got.notes);
}

#[test]
fn transforms_damage_is_named() {
    let tmp = tempfile::tempdir().unwrap();
    write_transforms(tmp.path(), GLOBAL);
    let file = tmp.path().join("transforms.json");
    let options = ImportOptions { format: Some(Format::Transforms), ..ImportOptions::default() };
    let text = transforms(GLOBAL);
    for (from, to, words) in [
        ("\"fl_x\": 50", "\"fl_x\": 0", "frames[0]"),
        ("\"fl_x\": 50", "\"fl_x\": \"long\"", "fl_x"),
        ("\"fl_x\": 50", "\"f\": 50", "camera_angle_x"),
        ("\"w\": 80", "\"w\": 1e300", "not a size"),
        ("\"k1\": 0", "\"camera_model\": \"OPENCV_FISHEYE\"", "OPENCV_FISHEYE"),
        ("[0, 0, 0, 1]", "7", ""),
        (
            "\"transform_matrix\": [[",
            "\"transform_matrix\": [[null, ",
            "frames[0].transform_matrix",
        ),
        ("\"transform_matrix\": [[", "\"transform_matrix\": [[5", "frames[0].transform_matrix"),
        ("\"file_path\"", "\"file\"", "frames[0].file_path"),
        ("\"frames\"", "\"views\"", "frames"),
    ] {
        assert!(text.contains(from), "{from}");
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
        match import(tmp.path(), &options).or_else(|_| import(&file, &options)) {
            // The fourth row is not needed.
            Ok(_) => assert!(words.is_empty(), "{to} passed"),
            Err(e) => {
                let e = e.to_string();
                assert!(e.contains(words) && e.contains("transforms.json"), "{words:?} in {e:?}");
            }
        }
    }
    // Names that lead out of the folder are not followed.
    let out = text.replace("sparse.ply", "../sparse.ply");
    fs::write(&file, out).unwrap();
    assert_eq!(import(&file, &options).unwrap().memory.manifest().points, 0);
}

fn reconstruction() -> String {
    let mut shots = Vec::new();
    for (i, p) in poses().iter().enumerate() {
        let r = (world() * p.rotation).transpose();
        let t = -(r * (world() * p.center).coords);
        let a = Rotation3::from_matrix_unchecked(r).scaled_axis();
        shots.push(format!(
            "\"{i}.jpg\": {{\"rotation\": [{}, {}, {}], \"translation\": [{}, {}, {}], \
             \"camera\": \"c\", \"capture_time\": {}}}",
            a.x,
            a.y,
            a.z,
            t.x,
            t.y,
            t.z,
            1e9 + i as f64
        ));
    }
    let all: Vec<String> = points()
        .iter()
        .map(|p| world() * p)
        .enumerate()
        .map(|(i, p)| {
            format!(
                "\"{i}\": {{\"color\": [1, 2, 300], \"coordinates\": [{}, {}, {}]}}",
                p.x, p.y, p.z
            )
        })
        .collect();
    format!(
        "[{{\"cameras\": {{\"c\": {{\"projection_type\": \"brown\", \"width\": 60, \"height\": 80, \
         \"focal_x\": 0.5, \"focal_y\": 0.5, \"c_x\": 0, \"c_y\": 0, \"k1\": -0.1}}}},\n\
         \"shots\": {{{}}},\n\"points\": {{{}}}}},\n\
         {{\"cameras\": {{}}, \"shots\": {{}}, \"points\": {{}}}}]",
        shots.join(",\n"),
        all.join(",\n")
    )
}

#[test]
fn opensfm() {
    let tmp = tempfile::tempdir().unwrap();
    fs::write(tmp.path().join("reconstruction.json"), reconstruction()).unwrap();
    assert_eq!(detect(tmp.path()).unwrap(), Format::OpenSfm);
    let got = import(tmp.path(), &ImportOptions::default()).unwrap();
    check(&got, 60.0, 80.0, 40.0);
    let m = got.memory.manifest();
    assert_eq!(got.memory.points().colors[0], [1, 2, 255]);
    assert_eq!((m.photos[2].name.as_str(), m.photos[2].time), ("2.jpg", Some(2.0)));
    assert!(got.notes.iter().any(|n| n.contains("largest of 2")), "{:?}", got.notes);
    assert!(got.notes.iter().any(|n| n.contains("distortion of 1")), "{:?}", got.notes);
    // A world said to be aligned is kept where the cameras do not contradict it; this one lies.
    let lie = reconstruction().replacen("\"cameras\"", "\"reference_lla\": {}, \"cameras\"", 1);
    fs::write(tmp.path().join("reconstruction.json"), lie).unwrap();
    let got = import(tmp.path(), &ImportOptions::default()).unwrap();
    check(&got, 60.0, 80.0, 40.0);
    assert!(got.notes.iter().any(|n| n.contains("not taken for up")), "{:?}", got.notes);
}

#[test]
fn opensfm_damage_is_named() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("reconstruction.json");
    let options = ImportOptions { format: Some(Format::OpenSfm), ..ImportOptions::default() };
    let text = reconstruction();
    for (from, to, words) in [
        ("\"brown\"", "\"spherical\"", "`spherical`"),
        ("\"width\": 60", "\"width\": -60", "cameras.c"),
        ("\"focal_x\": 0.5", "\"focal_x\": 0", "cameras.c"),
        ("\"focal_x\": 0.5", "\"focal\": null", "no focal length"),
        ("\"camera\": \"c\"", "\"camera\": \"d\"", "shots.0.jpg.camera"),
        ("\"rotation\": [", "\"rotation\": [1, ", "shots.0.jpg.rotation"),
        ("\"rotation\": [", "\"rotation\": [1e300", ""),
        ("\"coordinates\": [", "\"coordinates\": [null, ", "points.0.coordinates"),
        ("\"points\"", "\"dots\"", "points"),
    ] {
        assert!(text.contains(from), "{from}");
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
        let e = import(&file, &options).unwrap_err().to_string();
        assert!(e.contains(words) && e.contains("reconstruction.json"), "{words:?} in {e:?}");
    }
    for (bytes, words) in [
        (&b""[..], "is empty"),
        (b"[]", "no reconstruction"),
        (b"{}", "not a list"),
        (b"[{\"cameras\": {}, \"shots\": {}, \"points\": {}}]", "no shot"),
    ] {
        fs::write(&file, bytes).unwrap();
        let e = import(&file, &options).unwrap_err().to_string();
        assert!(e.contains(words), "{words:?} in {e:?}");
    }
}

#[test]
fn fuzz_bodies_return() {
    let short = |text: String| text.into_bytes();
    common::replay(&[short(transforms(GLOBAL))], 1500, reasmory_import::fuzz_transforms);
    common::replay(&[short(reconstruction())], 1500, reasmory_import::fuzz_opensfm);
}
