//! Posed RGB-D: a made-up room in every layout, and damaged sources.

mod common;

use std::fs;
use std::path::Path;

use common::room;
use reasmory_geom::{Pinhole, polygon};
use reasmory_import::{Format, ImportOptions, Imported, detect, import, scenes};

fn options() -> ImportOptions {
    ImportOptions { voxel: Some(0.04), pinhole: None, ..ImportOptions::default() }
}

/// The room comes back: size, floor, ceiling, up, colours, photos.
fn check(got: &Imported) {
    let m = got.memory.manifest();
    let room = m.room.as_ref().unwrap();
    assert!((room.height().unwrap() - 2.5).abs() < 0.03, "{room:?}");
    assert!((room.floor + 1.25).abs() < 0.03, "{room:?}");
    let area = polygon::area(&room.polygon());
    assert!((area - 12.0).abs() < 0.6, "{area}");
    assert!(m.scale.is_metric());
    assert_eq!((m.photos.len(), got.image_files.len()), (8, 8));
    for (p, truth) in m.photos.iter().zip(room::poses()) {
        // Up is found to half a degree: the down axes' heights are those of the truth.
        let (z, t) = (p.camera_to_world.down().z, truth.down().z);
        assert!((z - t).abs() < 0.009, "{z} {t}");
        assert!((p.pinhole.cx - 48.0).abs() < 1e-9);
    }
    assert!(m.provenance.notes.iter().any(|n| n.contains("(sure")), "{:?}", m.provenance.notes);
    assert!(m.points > 5000);
    let points = got.memory.points();
    // The floor is blue, and seen by several views.
    let floor: Vec<usize> = (0..points.len()).filter(|i| points.positions[*i][2] < -1.2).collect();
    assert!(floor.iter().filter(|i| points.colors[**i][2] > 150).count() * 10 > floor.len() * 9);
    assert!(points.confidence.iter().all(|c| (0.0..=1.0).contains(c)));
    assert_eq!(got.memory.photo_pixels(1).unwrap().width, 96);
}

#[test]
fn open3d_layout() {
    let tmp = tempfile::tempdir().unwrap();
    room::write_open3d(tmp.path());
    assert_eq!(detect(tmp.path()).unwrap(), Format::Open3dRgbd);
    let got = import(tmp.path(), &options()).unwrap();
    check(&got);
    let again = import(tmp.path(), &options()).unwrap();
    assert_eq!(got.memory.manifest(), again.memory.manifest());
    assert_eq!(*got.memory.points().positions, *again.memory.points().positions);
    assert_eq!(scenes(tmp.path(), Format::Open3dRgbd).unwrap().len(), 1);
    let few = import(tmp.path(), &ImportOptions { max_views: Some(4), ..options() }).unwrap();
    assert_eq!(few.memory.manifest().photos.len(), 4);
}

#[test]
fn tum_layout() {
    let tmp = tempfile::tempdir().unwrap();
    room::write_tum(tmp.path());
    assert_eq!(detect(tmp.path()).unwrap(), Format::TumRgbd);
    let lens = Some(room::LENS);
    let got = import(tmp.path(), &ImportOptions { pinhole: lens, ..options() }).unwrap();
    check(&got);
    assert_eq!(got.memory.manifest().photos[3].time, Some(3.0));
    fs::write(tmp.path().join("rgb.txt"), "100.0 ../../secret.png\n").unwrap();
    let e = import(tmp.path(), &options()).unwrap_err().to_string();
    assert!(e.contains("outside the sequence"), "{e}");
    fs::write(tmp.path().join("rgb.txt"), "7.0 rgb/0.png\n").unwrap();
    let e = import(tmp.path(), &options()).unwrap_err().to_string();
    assert!(e.contains("time stamps"), "{e}");
}

#[test]
fn npz_layout() {
    let tmp = tempfile::tempdir().unwrap();
    room::write_npz(tmp.path());
    assert_eq!(detect(tmp.path()).unwrap(), Format::NpzRgbd);
    assert_eq!(detect(&tmp.path().join("condition.npz")).unwrap(), Format::NpzRgbd);
    check(&import(tmp.path(), &options()).unwrap());
}

#[test]
fn scannet_layout() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    room::write_scannet(dir);
    assert_eq!(detect(dir).unwrap(), Format::ScanNet);
    let got = import(dir, &options()).unwrap();
    check(&got);
    assert!(
        got.notes.iter().any(|n| n.starts_with("1 frames whose pose was lost")),
        "{:?}",
        got.notes
    );
    // The data set's own alignment turns the scan upright before up is looked for.
    let w = room::source_world().transpose().to_homogeneous();
    let row: Vec<String> = (0..16).map(|i| format!("{:.9}", w[(i / 4, i % 4)])).collect();
    let text = format!("numColorFrames = 9\naxisAlignment = {} \n", row.join(" "));
    fs::write(dir.join("scene0000_00.txt"), &text).unwrap();
    let aligned = import(dir, &options()).unwrap();
    check(&aligned);
    assert!(aligned.notes.iter().any(|n| n.contains("scene0000_00.txt")), "{:?}", aligned.notes);

    fs::write(dir.join("scene0000_00.txt"), "axisAlignment = 1 0 0\n").unwrap();
    fails(dir, &options(), "`axisAlignment`");
    fs::remove_file(dir.join("scene0000_00.txt")).unwrap();
    let pose = dir.join("pose/2.txt");
    let good = fs::read_to_string(&pose).unwrap();
    for (text, words) in [
        ("1 0 0 0\n", "has 1 rows"),
        ("1 0 0 0\n0 1 0\n", "line 2"),
        ("1 0 0 0\n0 1 x 0\n", "line 2"),
        ("2 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1\n", "rigid pose"),
    ] {
        fs::write(&pose, text).unwrap();
        fails(dir, &options(), words);
    }
    fs::write(&pose, good).unwrap();
    fs::write(dir.join("intrinsic/intrinsic_depth.txt"), "0 0 0 0\n".repeat(4)).unwrap();
    fails(dir, &options(), "no camera");
    fs::write(dir.join("depth/0.png"), b"no picture").unwrap();
    assert!(import(dir, &options()).is_err());
}

#[test]
fn seven_scenes_layout() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("chess");
    room::write_seven_scenes(&dir.join("seq-01"));
    let with_lens = ImportOptions { pinhole: Some(room::LENS), ..options() };
    for path in [dir.clone(), dir.join("seq-01")] {
        assert_eq!(detect(&path).unwrap(), Format::SevenScenes);
        assert_eq!(scenes(&path, Format::SevenScenes).unwrap(), ["seq-01"]);
        check(&import(&path, &with_lens).unwrap());
    }
    // Without a lens it is the data set's, at its proportions.
    let m = import(&dir, &options()).unwrap().memory.manifest().clone();
    assert_eq!(m.photos[0].pinhole.fx, 585.0 * 96.0 / 640.0);
    room::write_seven_scenes(&dir.join("seq-02"));
    fails(&dir, &options(), "2 scenes, beginning seq-01, seq-02");
    let second = ImportOptions { scene: Some("seq-02".into()), ..with_lens };
    assert_eq!(import(&dir, &second).unwrap().memory.manifest().name, "seq-02");
    fs::write(dir.join("seq-02/frame-000003.pose.txt"), "1 2 3\n").unwrap();
    fails(&dir, &second, "line 1");
    let empty = tmp.path().join("none");
    fs::create_dir(&empty).unwrap();
    fails(&empty, &ImportOptions { format: Some(Format::SevenScenes), ..options() }, "7-Scenes");
}

fn fails(dir: &Path, options: &ImportOptions, words: &str) {
    let e = import(dir, options).unwrap_err();
    let text = e.to_string();
    assert!(text.contains(words), "expected {words:?} in {text:?}");
    assert!(!e.remedy.is_empty() && !e.path.as_os_str().is_empty());
}

#[test]
fn damaged_npz() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    room::write_npz(dir);
    let npz = dir.join("condition.npz");
    let fails = |words: &str| {
        let options = ImportOptions { format: Some(Format::NpzRgbd), ..options() };
        fails(&npz, &options, words);
    };
    let good = fs::read(&npz).unwrap();
    fs::write(&npz, &good[..good.len() / 2]).unwrap();
    fails("NumPy archive");
    fs::write(&npz, "").unwrap();
    fails("is empty");
    let with = |index: usize, bytes: Vec<u8>| {
        let mut a = room::arrays();
        a[index].1 = bytes;
        fs::write(&npz, room::zip_of(&a)).unwrap();
    };
    with(2, room::npy("(8, 72, 9999999)", &[1.0]));
    fails("needs");
    with(2, room::npy("(18446744073709551615, 2, 2)", &[1.0]));
    fails("no memory holds");
    with(2, room::npy("(8, 0, 96)", &[]));
    fails("no pixels");
    with(2, room::npy("(8, 72, 96)", &vec![0.0; 8 * 72 * 96]));
    fails("no valid depth");
    with(2, room::npy("(8, 72, 96)", &vec![f32::NAN; 8 * 72 * 96]));
    fails("no valid depth");
    with(0, room::npy("(8, 3, 3)", &[0.0; 72]));
    fails("is no camera");
    with(1, room::npy("(8, 4, 4)", &[f32::NAN; 128]));
    fails("poses[0]");
    with(1, room::npy("(2, 4, 4)", &[0.0; 32]));
    fails("for 8 depths");
    with(1, b"\x93NUMPY\x01\x00\xff\xff".to_vec());
    fails("cut short");
    fs::write(&npz, &good).unwrap();
    fs::remove_file(dir.join("rgb/7.png")).unwrap();
    fails("7 pictures");
    fs::write(dir.join("rgb/7.png"), "not a picture").unwrap();
    fails("cannot be read as a picture");
    fs::remove_file(&npz).unwrap();
    fs::create_dir(&npz).unwrap();
    fails("has no NumPy archive");
}

#[test]
fn damaged_open3d() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    room::write_open3d(dir);
    let fails = |words: &str| {
        let options = ImportOptions { format: Some(Format::Open3dRgbd), ..options() };
        fails(dir, &options, words);
    };
    let log = dir.join("RGBD/trajectory.log");
    let good = fs::read_to_string(&log).unwrap();
    fs::write(&log, &good[..good.len() - 60]).unwrap();
    fails("line 36");
    fs::write(&log, good.replacen("e-1", "e-x", 1)).unwrap();
    fails("4 numbers");
    fs::write(&log, format!("{good}8 8 9\n0 0 0 0\n0 0 0 0\n0 0 0 0\n0 0 0 1\n")).unwrap();
    fails("rigid pose");
    fs::write(&log, "").unwrap();
    fails("is empty");
    fs::write(&log, &good).unwrap();
    let picture = dir.join("RGBD/color/00003.png");
    let bytes = fs::read(&picture).unwrap();
    let mut zero = bytes.clone();
    zero[16..20].fill(0);
    fs::write(&picture, &zero).unwrap();
    fails("00003.png");
    let mut huge = bytes.clone();
    huge[16..24].fill(0x7f);
    fs::write(&picture, &huge).unwrap();
    fails("00003.png");
    fs::write(&picture, &bytes[..bytes.len() / 2]).unwrap();
    fails("00003.png");
    fs::write(&picture, &bytes).unwrap();
    fs::copy(&picture, dir.join("RGBD/depth/00000.png")).unwrap();
    fails("16-bit grey");
    room::write_open3d(dir);
    fs::remove_file(dir.join("RGBD/depth/00000.png")).unwrap();
    fails("7 depth pictures");
    room::write_open3d(dir);
    let json = "{\"width\": 96, \"height\": 72, \"intrinsic_matrix\": [0,0,0,0,0,0,0,0,1]}";
    fs::write(dir.join("camera.json"), json).unwrap();
    fails("no intrinsics");
    let lens = Pinhole { fx: 0.0, ..room::LENS };
    let zero = ImportOptions { pinhole: Some(lens), ..options() };
    self::fails(dir, &zero, "are no camera");
    let zero = ImportOptions { voxel: Some(0.0), ..options() };
    self::fails(dir, &zero, "positive length");
    let zero = ImportOptions { pinhole: Some(room::LENS), depth_scale: Some(0.0), ..options() };
    self::fails(dir, &zero, "depth scale");
    let scene = ImportOptions { scene: Some("attic".into()), ..options() };
    self::fails(dir, &scene, "`attic`");
    fs::remove_dir_all(dir.join("RGBD")).unwrap();
    fails("lacks one of");
    assert!(detect(dir).unwrap_err().to_string().contains("no format that is known"));
    assert!(detect(&dir.join("absent")).unwrap_err().to_string().contains("does not exist"));
}

#[test]
fn fuzz_bodies_return() {
    let mut seeds: Vec<Vec<u8>> = vec![
        room::npy("(2, 3)", &[1.0; 6]),
        room::npy("()", &[1.0]),
        room::zip_of(&[("a.npy", room::npy("(2,)", &[1.0, 2.0]))]),
        format!("\u{93}NUMPY{}", "[".repeat(500)).into_bytes(),
    ];
    common::replay(&seeds, 1500, reasmory_import::fuzz_npz);
    seeds = vec![
        b"0 0 1\n1 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1\n".to_vec(),
        b"{\"width\": 96, \"height\": 72, \"intrinsic_matrix\": [50,0,0,0,50,0,47.5,35.5,1]}"
            .to_vec(),
    ];
    common::replay(&seeds, 1500, reasmory_import::fuzz_trajectory);
}

#[test]
fn poses_of_any_bytes_return() {
    let seeds = [b"1 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1\n".to_vec(), b"-inf 1 2 3\n".to_vec()];
    common::replay(&seeds, 2000, reasmory_import::fuzz_pose);
}
