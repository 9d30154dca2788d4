//! Synthetic rooms through the whole road: ray-cast pictures with depth, turned to any world, fused; floor, ceiling,
//! up and outline against the truth.

use nalgebra::{Matrix3, Rotation3};
use rayon::prelude::*;
use reasmory_geom::math::acos_deg;
use reasmory_geom::{Point3, Pose, UP, Vec3, polygon};
use reasmory_import::{Fusion, Imported, PosedDepth, fuse_posed_depth};
use reasmory_scene::Scale;
use reasmory_synth::{Room, RoomOptions, photo_set, render_all};

/// The room's pictures, in a world turned by `turn` and with lengths multiplied by `scale`.
fn fused(room: &Room, turn: &Matrix3<f64>, scale: f64, photos: usize) -> Imported {
    let cameras = photo_set(room, photos, 240, 180);
    let frames = render_all(room, &cameras);
    let tmp = tempfile::tempdir().unwrap();
    let views = cameras.iter().zip(&frames).enumerate().map(|(i, (c, f))| {
        let file = tmp.path().join(format!("{i}.png"));
        let bytes: Vec<u8> = f.rgb.pixels.iter().flatten().copied().collect();
        image::save_buffer(&file, &bytes, 240, 180, image::ExtendedColorType::Rgb8).unwrap();
        PosedDepth {
            name: format!("{i}.png"),
            file,
            lens: c.pinhole,
            pose: Pose {
                rotation: turn * c.pose.rotation,
                center: Point3::from(turn * c.pose.center.coords * scale),
            },
            time: None,
            depth: f.depth.iter().map(|d| (f64::from(*d) * scale) as f32).collect(),
        }
    });
    let fusion = Fusion {
        name: "room".into(),
        format: "test".into(),
        scale: if scale == 1.0 { Scale::metric("test") } else { Scale::relative("test") },
        up: None,
        voxel: Some(0.04),
        masks: None,
        fixed_poses: true,
        synonyms: Default::default(),
        notes: Vec::new(),
    };
    let views = views.collect();
    fuse_posed_depth(tmp.path(), views, fusion).unwrap()
}

/// How far an estimate is off.
#[derive(Debug)]
struct Off {
    up: f64,
    height: f64,
    area: f64,
    corners: (usize, usize),
    walled: f64,
    /// Of the walls, from the axes.
    turn: f64,
}

fn measured(room: &Room, got: &Imported, turn: &Matrix3<f64>, scale: f64) -> Off {
    let m = got.memory.manifest();
    let (r, l) = (m.room.as_ref().unwrap(), m.layout.as_ref().unwrap());
    // The imported world's up, in the room.
    let first = &m.photos[0].camera_to_world.rotation;
    let truth = photo_set(room, m.photos.len(), 240, 180)[0].pose.rotation;
    let back = turn.transpose() * (turn * truth) * first.transpose();
    // Without a scale the whole is brought to another size; what stays is the part.
    let size = match scale {
        1.0 => 1.0,
        _ => {
            let of = |c: &[Point3]| (c[0] - c[c.len() / 2]).norm();
            let cameras: Vec<Point3> = m.photos.iter().map(|p| p.camera_to_world.center).collect();
            let given: Vec<Point3> =
                photo_set(room, m.photos.len(), 240, 180).iter().map(|c| c.pose.center).collect();
            of(&cameras) / of(&given)
        }
    };
    let area = polygon::area(
        &room.outline.iter().map(|p| reasmory_geom::Point2::new(p[0], p[1])).collect::<Vec<_>>(),
    );
    Off {
        up: acos_deg((back * UP).dot(&UP)),
        height: r.height().map_or(f64::NAN, |h| h / size - room.height),
        area: r.area().map_or(f64::NAN, |a| a / (size * size * area) - 1.0),
        corners: (r.outline.len(), room.outline.len()),
        walled: l.rooms.first().map_or(0.0, |r| r.walled),
        turn: l.turn.map_or(f64::NAN, f64::abs),
    }
}

fn any_turn(seed: u64) -> Matrix3<f64> {
    // About up by anything, and away from up by 8°, as a hand-held rig's first camera leaves it.
    let a = seed as f64 * 1.7;
    let tilt = Vec3::new(0.1396, 0.0, 0.0);
    (Rotation3::new(Vec3::z() * a) * Rotation3::new(tilt)).into_inner()
}

fn rooms(seeds: std::ops::Range<u64>, photos: usize) -> Vec<(u64, Off)> {
    seeds
        .into_par_iter()
        .map(|seed| {
            let room = Room::generate(seed, &RoomOptions::default());
            let (turn, scale) = (any_turn(seed), [1.0, 0.01, 100.0][seed as usize % 3]);
            let got = fused(&room, &turn, scale, photos);
            (seed, measured(&room, &got, &turn, scale))
        })
        .collect()
}

#[test]
fn rooms_are_found_with_their_outline() {
    let all = rooms(0..6, 12);
    for (seed, o) in &all {
        eprintln!("room {seed}: {o:?}");
    }
    assert!(all.iter().filter(|a| a.1.height.is_finite()).count() >= 4);
    let walled = all.iter().map(|a| a.1.walled).fold(1.0, f64::min);
    assert!(walled > 0.7, "{walled}");
    for (seed, o) in &all {
        assert!(o.up < 0.1 && o.area.abs() < 0.01 && o.turn < 0.1, "room {seed}: {o:?}");
        assert_eq!(o.corners.0, o.corners.1, "room {seed}: {o:?}");
        // The pictures of two rooms show next to nothing of the ceiling.
        assert!(o.height.is_nan() || o.height.abs() < 0.01, "room {seed}: {o:?}");
    }
}

/// Many rooms, for the table of `spec/layout.md`: `ROOMS=50`.
#[test]
#[ignore = "takes minutes; for the table"]
fn many_rooms() {
    let n: u64 = std::env::var("ROOMS").ok().and_then(|v| v.parse().ok()).unwrap_or(50);
    for photos in [12, 6] {
        let all = rooms(0..n, photos);
        let median = |f: &dyn Fn(&Off) -> f64| {
            let mut v: Vec<f64> = all.iter().map(|a| f(&a.1)).collect();
            v.sort_by(f64::total_cmp);
            (v[v.len() / 2], v[v.len() * 9 / 10], v[v.len() - 1])
        };
        eprintln!("{photos} photos, {n} rooms: median, 90 % below, worst");
        eprintln!("  up, degrees {:.3?}", median(&|o| o.up));
        eprintln!("  height, m {:.4?}", median(&|o| o.height.abs()));
        eprintln!("  area, part {:.4?}", median(&|o| o.area.abs()));
        eprintln!("  walls, degrees {:.3?}", median(&|o| o.turn));
        let same = all.iter().filter(|a| a.1.corners.0 == a.1.corners.1).count();
        eprintln!("  corners as they are: {same} of {n}");
        for (seed, o) in all.iter().filter(|a| !(a.1.area.abs() < 0.05 && a.1.up < 1.0)) {
            eprintln!("  off: {seed} {o:?}");
        }
    }
}
