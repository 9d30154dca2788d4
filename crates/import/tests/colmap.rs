//! COLMAP models, made up in both encodings.

mod common;

use std::fs;
use std::path::Path;

use nalgebra::{Matrix3, Rotation3, UnitQuaternion};
use reasmory_geom::math::{cos_deg, sin_deg};
use reasmory_geom::{Point3, Pose, Vec3};
use reasmory_import::{Format, ImportOptions, Imported, detect, import};

struct Model {
    /// Upright truth.
    poses: Vec<Pose>,
    points: Vec<Point3>,
    /// The source's world.
    world: Matrix3<f64>,
}

fn model() -> Model {
    let poses = (0..6)
        .map(|k| {
            let yaw = 60.0 * f64::from(k);
            let level = Vec3::new(cos_deg(yaw), sin_deg(yaw), 0.0);
            let right = Vec3::new(level.y, -level.x, 0.0);
            let forward = level * cos_deg(20.0) - Vec3::new(0.0, 0.0, sin_deg(20.0));
            let centre = Point3::new(0.0, 0.0, 1.0) - level * 3.0;
            Pose::from_axes(right, forward.cross(&right), forward, centre)
        })
        .collect();
    let points = (0..60)
        .map(|i| {
            let i = f64::from(i);
            Point3::new((i * 0.7) % 2.0 - 1.0, (i * 0.3) % 2.0 - 1.0, (i * 0.11) % 1.0)
        })
        .collect();
    // Turned by 90° about x and 30° about the then vertical.
    let a = Matrix3::new(1.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 1.0, 0.0);
    let (c, s) = (cos_deg(30.0), sin_deg(30.0));
    Model { poses, points, world: Matrix3::new(c, 0.0, s, 0.0, 1.0, 0.0, -s, 0.0, c) * a }
}

/// World-to-camera quaternion (w, x, y, z) and translation.
fn extrinsics(m: &Model, pose: &Pose) -> ([f64; 4], Vec3) {
    let r = (m.world * pose.rotation).transpose();
    let q = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(r));
    ([q.w, q.i, q.j, q.k], -(r * (m.world * pose.center).coords))
}

fn write_text(dir: &Path, camera: &str) {
    let m = model();
    fs::create_dir_all(dir).unwrap();
    fs::write(dir.join("cameras.txt"), format!("# cameras\n7 {camera}\n")).unwrap();
    let mut images = "# images\n".to_owned();
    for (i, pose) in m.poses.iter().enumerate() {
        let (q, t) = extrinsics(&m, pose);
        images += &format!(
            "{} {} {} {} {} {} {} {} 7 frame {}.png\n",
            20 - i,
            q[0],
            q[1],
            q[2],
            q[3],
            t.x,
            t.y,
            t.z,
            i + 5
        );
        images += if i % 2 == 0 { "\n" } else { "1.5 2.5 -1 3.5 4.5 2\n" };
    }
    fs::write(dir.join("images.txt"), images).unwrap();
    let mut points = "# points\n".to_owned();
    for (i, p) in m.points.iter().enumerate() {
        let p = m.world * p;
        points += &format!("{} {} {} {} {} 20 30 0.5 20 0 19 1\n", i + 1, p.x, p.y, p.z, i);
    }
    fs::write(dir.join("points3D.txt"), points).unwrap();
}

fn binary() -> [Vec<u8>; 3] {
    let m = model();
    let mut c = 1u64.to_le_bytes().to_vec();
    c.extend(7u32.to_le_bytes());
    c.extend(1u32.to_le_bytes());
    c.extend(640u64.to_le_bytes());
    c.extend(480u64.to_le_bytes());
    c.extend([500.0f64, 501.0, 320.0, 240.0].iter().flat_map(|x| x.to_le_bytes()));
    let mut images = (m.poses.len() as u64).to_le_bytes().to_vec();
    for (i, pose) in m.poses.iter().enumerate() {
        let (q, t) = extrinsics(&m, pose);
        images.extend((20 - i as u32).to_le_bytes());
        images.extend(q.iter().chain(t.iter()).flat_map(|x| x.to_le_bytes()));
        images.extend(7u32.to_le_bytes());
        images.extend(format!("frame {}.png\0", i + 5).bytes());
        let n = (i % 2) as u64 * 2;
        images.extend(n.to_le_bytes());
        images.extend(vec![0; 24 * n as usize]);
    }
    let mut points = (m.points.len() as u64).to_le_bytes().to_vec();
    for (i, p) in m.points.iter().enumerate() {
        let p = m.world * p;
        points.extend((i as u64 + 1).to_le_bytes());
        points.extend(p.iter().flat_map(|x| x.to_le_bytes()));
        points.extend([i as u8, 20, 30]);
        points.extend(0.5f64.to_le_bytes());
        points.extend(2u64.to_le_bytes());
        points.extend([20u32, 0, 19, 1].iter().flat_map(|x| x.to_le_bytes()));
    }
    [c, images, points]
}

const NAMES: [&str; 3] = ["cameras.bin", "images.bin", "points3D.bin"];

fn write_binary(dir: &Path, parts: &[Vec<u8>; 3]) {
    fs::create_dir_all(dir).unwrap();
    for (name, bytes) in NAMES.iter().zip(parts) {
        fs::write(dir.join(name), bytes).unwrap();
    }
}

fn read(path: &Path) -> Imported {
    assert_eq!(detect(path).unwrap(), Format::Colmap);
    import(path, &ImportOptions::default()).unwrap()
}

#[test]
fn text_and_binary_agree() {
    let tmp = tempfile::tempdir().unwrap();
    let (text, bin) = (tmp.path().join("t/room"), tmp.path().join("b/room"));
    write_text(&text.join("sparse"), "PINHOLE 640 480 500 501 320 240");
    write_binary(&bin.join("sparse/0"), &binary());
    // A picture at twice the model's size.
    fs::create_dir(bin.join("images")).unwrap();
    let picture = bin.join("images/frame 10.png");
    image::RgbImage::from_pixel(1280, 960, image::Rgb([9, 8, 7])).save(&picture).unwrap();
    let (t, b) = (read(&text), read(&bin));
    let m = b.memory.manifest();
    assert_eq!(*t.memory.points().positions, *b.memory.points().positions);
    assert_eq!(*t.memory.points().colors, *b.memory.points().colors);
    assert_eq!(t.memory.manifest().photos.len(), 6);
    for (x, y) in t.memory.manifest().photos.iter().zip(&m.photos) {
        assert_eq!((&x.name, x.camera_to_world), (&y.name, y.camera_to_world));
    }
    // Natural order of names, whatever the ids.
    let names: Vec<&str> = m.photos.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names[..2], ["frame 5.png", "frame 6.png"]);
    assert_eq!(names[5], "frame 10.png");
    assert_eq!((m.photos[5].pinhole.width, m.photos[5].pinhole.fx), (1280, 1000.0));
    assert_eq!((m.photos[0].pinhole.width, m.photos[0].pinhole.fx), (640, 500.0));
    assert_eq!(b.image_files, [(6, picture)]);
    assert_eq!(b.memory.photo_pixels(6).unwrap().pixels[0], [9, 8, 7]);
    assert!(b.memory.photo_pixels(1).unwrap_err().contains("no picture"));
    assert!(!m.scale.is_metric() && m.points == 60);
    // The world is upright: heights and distances are those of the truth.
    let truth = model();
    for (p, q) in b.memory.points().positions.iter().zip(&truth.points) {
        assert!((f64::from(p[2]) - q.z).abs() < 1e-5, "{p:?} {q}");
    }
    for (p, q) in m.photos.iter().zip(&truth.poses) {
        assert!((p.camera_to_world.forward().z - q.forward().z).abs() < 1e-9);
        assert!((p.camera_to_world.center.z - q.center.z).abs() < 1e-9);
    }
    assert!((m.uncertainty.position - 0.5 * 3.0 / 500.0).abs() < 2e-3);
}

#[test]
fn camera_models() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    let note = |camera: &str| {
        write_text(dir, camera);
        read(dir).notes.join(" ")
    };
    assert!(!note("SIMPLE_PINHOLE 640 480 500 320 240").contains("distortion"));
    assert!(note("SIMPLE_RADIAL 640 480 500 320 240 0.1").contains("distortion"));
    assert!(!note("RADIAL 640 480 500 320 240 0 0").contains("distortion"));
    assert!(note("OPENCV 640 480 500 500 320 240 0.1 0 0 0").contains("OPENCV"));
    let fails = |camera: &str, words: &str| {
        write_text(dir, camera);
        let e = import(dir, &ImportOptions::default()).unwrap_err().to_string();
        assert!(e.contains(words) && e.contains("cameras.txt"), "{e}");
    };
    fails("OPENCV_FISHEYE 640 480 500 500 320 240 0 0 0 0", "OPENCV_FISHEYE");
    fails("HOLOGRAM 640 480 500", "HOLOGRAM");
    fails("PINHOLE 640 480 500 500 320", "expected 4");
    fails("PINHOLE 640 480 0 500 320 240", "is no camera");
    fails("PINHOLE 0 480 500 500 320 240", "is no camera");
    fails("PINHOLE 640 480 NaN 500 320 240", "is no camera");
    fails("PINHOLE 640 99999999999 500 500 320 240", "size");
    fails("PINHOLE 640 x 500 500 320 240", "line 2");
}

#[test]
fn damaged_models() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    let good = binary();
    let fails = |which: usize, bytes: &[u8], words: &str| {
        let mut parts = good.clone();
        parts[which] = bytes.to_vec();
        write_binary(dir, &parts);
        let e = import(dir, &ImportOptions::default()).unwrap_err().to_string();
        assert!(e.contains(words), "expected {words:?} in {e:?}");
    };
    for (which, name) in NAMES.iter().enumerate() {
        fails(which, b"", "is empty");
        fails(which, &good[which][..good[which].len() - 1], name);
        fails(which, &[&good[which][..], b"x"].concat(), "follow the last item");
        let mut lie = good[which].clone();
        lie[..8].fill(0xff);
        fails(which, &lie, "has room for");
    }
    let mut nan = good[2].clone();
    nan[16..24].copy_from_slice(&f64::NAN.to_le_bytes());
    fails(2, &nan, "point 1");
    let mut quaternion = good[1].clone();
    quaternion[12..44].fill(0);
    fails(1, &quaternion, "rigid pose");
    let mut camera = good[1].clone();
    camera[68] = 9;
    fails(1, &camera, "camera 9");
    let mut model = good[0].clone();
    model[12] = 200;
    fails(0, &model, "camera model number 200");
    fails(1, &0u64.to_le_bytes(), "no registered image");
    // No points at all is still a memory of photos.
    let mut parts = good.clone();
    parts[2] = 0u64.to_le_bytes().to_vec();
    write_binary(dir, &parts);
    assert_eq!(read(dir).memory.points().len(), 0);
    fs::remove_file(dir.join("images.bin")).unwrap();
    fs::create_dir(dir.join("images.bin")).unwrap();
    let options = ImportOptions { format: Some(Format::Colmap), ..ImportOptions::default() };
    assert!(import(dir, &options).unwrap_err().to_string().contains("no COLMAP model"));
    // A picture that is none is an error, not a photo without one.
    let other = tempfile::tempdir().unwrap();
    write_binary(other.path(), &good);
    fs::write(other.path().join("frame 5.png"), "").unwrap();
    let e = import(other.path(), &options).unwrap_err().to_string();
    assert!(e.contains("frame 5.png") && e.contains("is empty"), "{e}");
}

#[test]
fn fuzz_bodies_return() {
    let [c, i, p] = binary();
    common::replay(&[c], 1500, reasmory_import::fuzz_colmap_cameras);
    common::replay(&[i], 1500, reasmory_import::fuzz_colmap_images);
    common::replay(&[p], 1500, reasmory_import::fuzz_colmap_points);
    let tmp = tempfile::tempdir().unwrap();
    write_text(tmp.path(), "PINHOLE 640 480 500 501 320 240");
    let seeds: Vec<Vec<u8>> = ["cameras.txt", "images.txt", "points3D.txt"]
        .map(|n| fs::read(tmp.path().join(n)).unwrap())
        .to_vec();
    common::replay(&seeds, 1000, reasmory_import::fuzz_colmap_text);
}
