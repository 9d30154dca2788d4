//! Depth without poses becomes a memory.

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use reasmory_frontend::{Cancel, Progress, Quiet, Request, build};
use reasmory_geom::Pose;
use reasmory_reconstruct::align::trajectory_error;
use reasmory_synth::{Camera, Room, RoomOptions, render, video_path};

const SIZE: (u32, u32) = (160, 120);

/// Writes a short walk as a folder of Open3D's layout without a trajectory.
fn write(dir: &Path, count: usize) -> Vec<Camera> {
    let room = Room::generate(5, &RoomOptions::default());
    let all = video_path(&room, 1200, 40.0, SIZE.0, SIZE.1);
    let cameras: Vec<Camera> = all.into_iter().take(count).collect();
    for name in ["color", "depth"] {
        fs::create_dir_all(dir.join(name)).unwrap();
    }
    let k = cameras[0].pinhole;
    let intrinsics = format!(
        "{{\"width\": {}, \"height\": {}, \"intrinsic_matrix\": [{}, 0, 0, 0, {}, 0, {}, {}, 1]}}",
        SIZE.0,
        SIZE.1,
        k.fx,
        k.fy,
        k.cx - 0.5,
        k.cy - 0.5
    );
    fs::write(dir.join("camera.json"), intrinsics).unwrap();
    for (i, c) in cameras.iter().enumerate() {
        let f = render(&room, &c.pose, &c.pinhole);
        let rgb: Vec<u8> = f.rgb.pixels.iter().flatten().copied().collect();
        let depth: Vec<u16> = f.depth.iter().map(|z| (z * 1000.0).round() as u16).collect();
        let rgb = image::RgbImage::from_raw(SIZE.0, SIZE.1, rgb).unwrap();
        rgb.save(dir.join(format!("color/{i:03}.png"))).unwrap();
        let depth: image::ImageBuffer<image::Luma<u16>, Vec<u16>> =
            image::ImageBuffer::from_raw(SIZE.0, SIZE.1, depth).unwrap();
        depth.save(dir.join(format!("depth/{i:03}.png"))).unwrap();
    }
    cameras
}

/// What a build says.
#[derive(Default)]
struct Log(Mutex<String>);

impl Progress for Log {
    fn stage(&self, _: &str, _: usize, _: usize) {}
    fn step(&self, _: u64, _: u64, _: &str) {}
    fn log(&self, line: &str) {
        self.0.lock().unwrap().push_str(line);
    }
}

#[test]
fn the_camera_is_followed() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("walk");
    let cameras = write(&input, 10);
    let request =
        Request { input: input.clone(), out: dir.path().join("a.mem"), ..Request::default() };
    let built = build(&request, &Quiet, &Cancel::default()).unwrap();
    let m = built.memory.manifest();
    assert_eq!(built.report["input"]["kind"], "rgbd-unposed");
    assert_eq!((m.photos.len(), m.scale.is_metric()), (10, true));
    let found: Vec<Pose> = m.photos.iter().map(|p| p.camera_to_world).collect();
    let truth: Vec<Pose> = cameras.iter().map(|c| c.pose).collect();
    let error = trajectory_error(&found, &truth, false).unwrap();
    assert!(error.max() < 0.01, "{error:?}");
    let notes = m.provenance.notes.join("\n");
    assert!(notes.contains("followed in 10 of 10 frames"), "{notes}");
    assert!(m.points > 5000, "{}", m.points);
    // The same again does not follow it anew; a changed frame below does.
    let log = Log::default();
    let again = build(&request, &log, &Cancel::default()).unwrap();
    assert!(log.0.lock().unwrap().contains("kept from before"), "{:?}", log.0);
    assert_eq!(again.memory.manifest().photos, m.photos);
    // A frame that shows nothing is lost, and the others are not.
    let black: image::ImageBuffer<image::Luma<u16>, Vec<u16>> =
        image::ImageBuffer::new(SIZE.0, SIZE.1);
    black.save(input.join("depth/004.png")).unwrap();
    let built = build(&request, &Quiet, &Cancel::default()).unwrap();
    let notes = built.memory.manifest().provenance.notes.join("\n");
    assert!(notes.contains("1 frames were lost, the first of them 004.png: only 0 %"), "{notes}");
    // Nothing to go by at all.
    for i in 0..10 {
        black.save(input.join(format!("depth/{i:03}.png"))).unwrap();
    }
    let e = build(&request, &Quiet, &Cancel::default()).unwrap_err();
    assert!(e.what.contains("followed in 0 of 10 frames"), "{e}");
}
