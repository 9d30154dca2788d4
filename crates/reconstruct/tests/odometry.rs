//! Odometry against the true path of a camera.

use std::path::Path;

use reasmory_geom::Pose;
use reasmory_reconstruct::Grey;
use reasmory_reconstruct::align::{relative_errors, trajectory_error};
use reasmory_reconstruct::icp::{Lost, Odometry, OdometryOptions};
use reasmory_synth::{Camera, Frame, Room, RoomOptions, render, video_path};

fn grey(f: &Frame) -> Grey {
    Grey::from_rgb(f.rgb.width, f.rgb.height, &f.rgb.pixels).unwrap()
}

/// A walk through a room at video rate, `every` of its frames, with depth noise of part `noise` at 1 m,
/// growing with the square of depth.
fn walk(
    count: usize,
    take: usize,
    every: usize,
    width: u32,
    noise: f32,
) -> (Vec<Camera>, Vec<Frame>) {
    let room = Room::generate(5, &RoomOptions::default());
    let all = video_path(&room, count, count as f64 / 30.0, width, width * 3 / 4);
    let cameras: Vec<Camera> = all.into_iter().step_by(every).take(take).collect();
    let mut state = 1u64;
    let mut normal = || {
        // Sum of uniforms: near enough to a normal distribution.
        let mut sum = 0.0;
        for _ in 0..6 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            sum += (state >> 40) as f32 / (1u32 << 24) as f32 - 0.5;
        }
        sum * 1.414
    };
    let frames = cameras
        .iter()
        .map(|c| {
            let mut f = render(&room, &c.pose, &c.pinhole);
            if noise > 0.0 {
                f.depth.iter_mut().for_each(|z| *z += noise * *z * *z * normal());
            }
            f
        })
        .collect();
    (cameras, frames)
}

fn tracked(cameras: &[Camera], frames: &[Frame], colour: bool) -> (Vec<Pose>, usize) {
    let options = OdometryOptions { far: 12.0, ..OdometryOptions::default() };
    let mut odometry = Odometry::new(cameras[0].pinhole, cameras[0].pose, options);
    let mut poses = Vec::new();
    for (i, f) in frames.iter().enumerate() {
        let g = grey(f);
        match odometry.track(&f.depth, colour.then_some(&g)) {
            Ok(step) => poses.push(step.pose),
            Err(e) => panic!("frame {i}: {e}"),
        }
    }
    (poses, odometry.model_size())
}

fn truth(cameras: &[Camera]) -> Vec<Pose> {
    cameras.iter().map(|c| c.pose).collect()
}

#[test]
fn a_short_walk_is_followed() {
    let (cameras, frames) = walk(1200, 16, 1, 160, 0.001);
    let truth = truth(&cameras);
    let length: f64 = truth.windows(2).map(|w| (w[1].center - w[0].center).norm()).sum();
    for colour in [false, true] {
        let (poses, size) = tracked(&cameras, &frames, colour);
        let last = (poses[15].center - truth[15].center).norm();
        let error = trajectory_error(&poses, &truth, false).unwrap();
        println!("colour {colour}: {length:.3} m, end off {last:.4} m, ATE {:.4} m", error.rmse());
        assert!(last < 0.02 && error.rmse() < 0.01);
        // The walk is too short and straight for its alignment to fix angles: they are compared by step.
        assert!(relative_errors(&poses, &truth).iter().all(|d| d.0 < 0.005 && d.1 < 0.2));
        // The model does not grow by a frame with each frame.
        assert!(size < 4 * 160 * 120, "{size}");
    }
}

#[test]
fn what_cannot_be_followed_is_said() {
    let (cameras, frames) = walk(900, 2, 1, 160, 0.0);
    let options = OdometryOptions { far: 12.0, ..OdometryOptions::default() };
    let mut o = Odometry::new(cameras[0].pinhole, cameras[0].pose, options.clone());
    assert_eq!(o.track(&frames[0].depth[1..], None), Err(Lost::Size));
    assert_eq!(o.track(&vec![0.0; 160 * 120], None), Err(Lost::NoDepth { share: 0.0 }));
    assert!(o.track(&frames[0].depth, None).is_ok());
    // A lost frame in between leaves the track as it was.
    assert!(matches!(o.track(&vec![f32::NAN; 160 * 120], None), Err(Lost::NoDepth { .. })));
    let step = o.track(&frames[1].depth, None).unwrap();
    assert!((step.pose.center - cameras[1].pose.center).norm() < 0.01);
    // A bare wall binds neither its own directions nor the turn about its normal.
    let mut o = Odometry::new(cameras[0].pinhole, cameras[0].pose, options);
    let wall = vec![2.0f32; 160 * 120];
    assert!(o.track(&wall, None).is_ok());
    assert_eq!(o.track(&wall, None), Err(Lost::Unbound));
}

/// `cargo test --release -p reasmory_reconstruct --test odometry -- --ignored --nocapture`.
#[test]
#[ignore = "figures for spec/performance.md"]
fn figures() {
    for noise in [0.0, 0.0019] {
        for colour in [false, true] {
            let (cameras, frames) = walk(1200, 300, 1, 320, noise);
            let truth = truth(&cameras);
            let length: f64 = truth.windows(2).map(|w| (w[1].center - w[0].center).norm()).sum();
            let start = std::time::Instant::now();
            let (poses, size) = tracked(&cameras, &frames, colour);
            let took = start.elapsed().as_secs_f64() / frames.len() as f64;
            let end = (poses[poses.len() - 1].center - truth[truth.len() - 1].center).norm();
            let ate = trajectory_error(&poses, &truth, false).unwrap();
            println!(
                "noise {noise} colour {colour}: path {length:.2} m, end off {:.1} mm ({:.2} %), ATE {:.1} mm, \
                 {:.3}° median, {size} surfels, {:.1} ms a frame",
                1000.0 * end,
                100.0 * end / length,
                1000.0 * ate.rmse(),
                ate.median_angle(),
                1000.0 * took
            );
        }
    }
}

/// The five frames of Open3D's test data against their trajectory.
#[test]
fn real_frames_are_followed() {
    let root = std::env::var_os("REASMORY_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        Into::into,
    );
    let dir = root.join("open3d_testdata/RGBD");
    let Ok(text) = std::fs::read_to_string(dir.join("trajectory.log")) else {
        // Written past the test harness, which keeps the output of passing tests to itself.
        let line =
            format!("SKIPPED: {} is absent; set REASMORY_DATA to run this test\n", dir.display());
        let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
        return;
    };
    let truth: Vec<Pose> = text
        .lines()
        .collect::<Vec<_>>()
        .chunks(5)
        .map(|b| {
            let v: Vec<f64> = b[1..]
                .iter()
                .flat_map(|l| l.split_whitespace().map(|x| x.parse().unwrap()))
                .collect();
            Pose::from_matrix(&nalgebra::Matrix4::from_row_slice(&v)).unwrap()
        })
        .collect();
    let lens = reasmory_geom::Pinhole {
        width: 640,
        height: 480,
        fx: 525.0,
        fy: 525.0,
        cx: 320.0,
        cy: 240.0,
    };
    for colour in [false, true] {
        let mut o = Odometry::new(lens, truth[0], OdometryOptions::default());
        let mut poses = Vec::new();
        for i in 0..truth.len() {
            let depth = image::open(dir.join(format!("depth/{i:05}.png"))).unwrap().into_luma16();
            let depth: Vec<f32> = depth.pixels().map(|p| f32::from(p.0[0]) / 1000.0).collect();
            let rgb = image::open(dir.join(format!("color/{i:05}.jpg"))).unwrap().into_rgb8();
            let rgb: Vec<[u8; 3]> = rgb.pixels().map(|p| p.0).collect();
            let grey = Grey::from_rgb(640, 480, &rgb).unwrap();
            poses.push(o.track(&depth, colour.then_some(&grey)).unwrap().pose);
        }
        let drift = relative_errors(&poses, &truth);
        let worst = drift.iter().fold((0.0f64, 0.0f64), |a, d| (a.0.max(d.0), a.1.max(d.1)));
        let end = (poses[4].center - truth[4].center).norm();
        let path: f64 = truth.windows(2).map(|w| (w[1].center - w[0].center).norm()).sum();
        println!(
            "colour {colour}: path {:.1} mm, end off {:.1} mm, worst step {:.1} mm and {:.2}°",
            1000.0 * path,
            1000.0 * end,
            1000.0 * worst.0,
            worst.1
        );
        assert!(worst.0 < 0.015 && worst.1 < 0.6, "{drift:?}");
    }
}
