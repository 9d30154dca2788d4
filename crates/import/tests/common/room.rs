//! A box room of 4 × 3 × 2.5 m, seen by posed depth cameras, written in every RGB-D layout.

use std::fs;
use std::io::Write;
use std::path::Path;

use nalgebra::{Matrix3, Matrix4};
use reasmory_geom::math::{cos_deg, sin_deg};
use reasmory_geom::{Pinhole, Point3, Pose, Vec3};

pub const LENS: Pinhole = Pinhole { width: 96, height: 72, fx: 50.0, fy: 50.0, cx: 48.0, cy: 36.0 };
const HALF: [f64; 3] = [2.0, 1.5, 1.25];

/// The source's world: y down as in many data sets, and leaning by 5°.
pub fn source_world() -> Matrix3<f64> {
    let y_down = Matrix3::new(1.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 1.0, 0.0);
    let (c, s) = (cos_deg(5.0), sin_deg(5.0));
    Matrix3::new(c, -s, 0.0, s, c, 0.0, 0.0, 0.0, 1.0) * y_down
}

/// Poses in the upright room (origin in its middle).
pub fn poses() -> Vec<Pose> {
    (0..8)
        .map(|k| {
            let yaw = 45.0 * f64::from(k);
            let pitch = if k % 2 == 0 { -25.0 } else { 20.0 };
            let level = Vec3::new(cos_deg(yaw), sin_deg(yaw), 0.0);
            let right = Vec3::new(level.y, -level.x, 0.0);
            let forward = level * cos_deg(pitch) + Vec3::new(0.0, 0.0, sin_deg(pitch));
            let centre = Point3::from(level * -0.4);
            Pose::from_axes(right, forward.cross(&right), forward, centre)
        })
        .collect()
}

/// z-depth and colour of every pixel.
pub fn look(pose: &Pose) -> (Vec<f64>, Vec<u8>) {
    let (mut depth, mut rgb) = (Vec::new(), Vec::new());
    for y in 0..LENS.height {
        for x in 0..LENS.width {
            let d = pose.rotation * LENS.ray(f64::from(x) + 0.5, f64::from(y) + 0.5);
            let hit = |k: usize| (HALF[k] * d[k].signum() - pose.center[k]) / d[k];
            let k = (0..3).fold(0, |b, k| if hit(k) < hit(b) { k } else { b });
            depth.push(hit(k));
            rgb.extend([(200, 30, 30), (30, 200, 30), (30, 30, 200)].map(|c| match k {
                0 => c.0,
                1 => c.1,
                _ => c.2,
            }));
        }
    }
    (depth, rgb)
}

pub fn source_matrix(pose: &Pose) -> Matrix4<f64> {
    let w = source_world();
    let mut m = (w * pose.rotation).to_homogeneous();
    let c = w * pose.center;
    (m[(0, 3)], m[(1, 3)], m[(2, 3)]) = (c.x, c.y, c.z);
    m
}

fn rows(m: &Matrix4<f64>) -> String {
    (0..4).map(|r| (0..4).map(|c| format!("{:e} ", m[(r, c)])).collect::<String>() + "\n").collect()
}

pub fn write_color(path: &Path, rgb: &[u8]) {
    image::save_buffer(path, rgb, LENS.width, LENS.height, image::ExtendedColorType::Rgb8).unwrap();
}

fn write_depth(path: &Path, depth: &[f64], scale: f64) {
    let data: Vec<u16> = depth.iter().map(|d| (d * scale).round() as u16).collect();
    let img = image::ImageBuffer::<image::Luma<u16>, _>::from_raw(LENS.width, LENS.height, data);
    img.unwrap().save(path).unwrap();
}

pub fn write_open3d(dir: &Path) {
    fs::create_dir_all(dir.join("RGBD/color")).unwrap();
    fs::create_dir_all(dir.join("RGBD/depth")).unwrap();
    let mut log = String::new();
    for (i, pose) in poses().iter().enumerate() {
        let (depth, rgb) = look(pose);
        write_color(&dir.join(format!("RGBD/color/{i:05}.png")), &rgb);
        write_depth(&dir.join(format!("RGBD/depth/{i:05}.png")), &depth, 1000.0);
        log += &format!("{i} {i} {}\n{}", i + 1, rows(&source_matrix(pose)));
    }
    fs::write(dir.join("RGBD/trajectory.log"), log).unwrap();
    let json = "{\"width\": 96, \"height\": 72, \
                \"intrinsic_matrix\": [50, 0, 0, 0, 50, 0, 47.5, 35.5, 1]}";
    fs::write(dir.join("camera.json"), json).unwrap();
}

pub fn write_tum(dir: &Path) {
    fs::create_dir_all(dir.join("rgb")).unwrap();
    fs::create_dir_all(dir.join("depth")).unwrap();
    let (mut rgb_list, mut depth_list) = ("# colour\n".to_owned(), "# depth\n".to_owned());
    let mut truth = "# time tx ty tz qx qy qz qw\n".to_owned();
    for (i, pose) in poses().iter().enumerate() {
        let (depth, rgb) = look(pose);
        write_color(&dir.join(format!("rgb/{i}.png")), &rgb);
        write_depth(&dir.join(format!("depth/{i}.png")), &depth, 5000.0);
        let t = 100.0 + i as f64;
        rgb_list += &format!("{t} rgb/{i}.png\n");
        depth_list += &format!("{} depth/{i}.png\n", t + 0.01);
        let m = source_matrix(pose);
        let r = nalgebra::Rotation3::from_matrix_unchecked(m.fixed_view::<3, 3>(0, 0).into());
        let q = nalgebra::UnitQuaternion::from_rotation_matrix(&r);
        truth += &format!(
            "{} {} {} {} {} {} {} {}\n",
            t - 0.005,
            m[(0, 3)],
            m[(1, 3)],
            m[(2, 3)],
            q.i,
            q.j,
            q.k,
            q.w
        );
    }
    fs::write(dir.join("rgb.txt"), rgb_list).unwrap();
    fs::write(dir.join("depth.txt"), depth_list).unwrap();
    fs::write(dir.join("groundtruth.txt"), truth).unwrap();
}

/// An `.npy` file of `<f4`.
pub fn npy(shape: &str, values: &[f32]) -> Vec<u8> {
    let mut header =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}").into_bytes();
    while (header.len() + 11) % 64 != 0 {
        header.push(b' ');
    }
    header.push(b'\n');
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend((header.len() as u16).to_le_bytes());
    out.extend(header);
    out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    out
}

pub fn zip_of(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The arrays of `condition.npz`.
pub fn arrays() -> [(&'static str, Vec<u8>); 3] {
    let (mut k, mut p, mut d) = (Vec::new(), Vec::new(), Vec::new());
    for pose in &poses() {
        k.extend([50.0, 0.0, 48.0, 0.0, 50.0, 36.0, 0.0, 0.0, 1.0]);
        let m = source_matrix(pose);
        p.extend((0..16).map(|i| m[(i / 4, i % 4)] as f32));
        d.extend(look(pose).0.iter().map(|z| *z as f32));
    }
    [
        ("intrinsics.npy", npy("(8, 3, 3)", &k)),
        ("poses.npy", npy("(8, 4, 4)", &p)),
        ("depths.npy", npy("(8, 72, 96)", &d)),
    ]
}

pub fn write_npz(dir: &Path) {
    fs::create_dir_all(dir.join("rgb")).unwrap();
    for (i, pose) in poses().iter().enumerate() {
        write_color(&dir.join(format!("rgb/{i}.png")), &look(pose).1);
    }
    fs::write(dir.join("condition.npz"), zip_of(&arrays())).unwrap();
}

fn numbers(m: &Matrix4<f64>) -> String {
    (0..4)
        .map(|r| (0..4).map(|c| format!("{:.9} ", m[(r, c)])).collect::<String>() + "\n")
        .collect()
}

/// As ScanNet's reader exports a scan; the seventh frame has lost its pose.
pub fn write_scannet(dir: &Path) {
    for folder in ["color", "depth", "pose", "intrinsic"] {
        fs::create_dir_all(dir.join(folder)).unwrap();
    }
    let mut all: Vec<Pose> = poses();
    all.insert(6, all[0]);
    for (i, pose) in all.iter().enumerate() {
        let (depth, rgb) = look(pose);
        write_color(&dir.join(format!("color/{i}.jpg")), &rgb);
        write_depth(&dir.join(format!("depth/{i}.png")), &depth, 1000.0);
        let text = numbers(&source_matrix(pose));
        let lost = "-inf -inf -inf -inf\n".repeat(4);
        fs::write(dir.join(format!("pose/{i}.txt")), if i == 6 { lost } else { text }).unwrap();
    }
    let k = "50 0 47.5 0\n0 50 35.5 0\n0 0 1 0\n0 0 0 1\n";
    fs::write(dir.join("intrinsic/intrinsic_depth.txt"), k).unwrap();
    fs::write(dir.join("intrinsic/intrinsic_color.txt"), k).unwrap();
}

/// As a sequence of 7-Scenes.
pub fn write_seven_scenes(dir: &Path) {
    fs::create_dir_all(dir).unwrap();
    for (i, pose) in poses().iter().enumerate() {
        let (depth, rgb) = look(pose);
        let at = |part: &str| dir.join(format!("frame-{i:06}.{part}"));
        write_color(&at("color.png"), &rgb);
        write_depth(&at("depth.png"), &depth, 1000.0);
        fs::write(at("pose.txt"), numbers(&source_matrix(pose))).unwrap();
    }
}
