//! A made-up room as each reconstruction model would save it: names, shapes, directions, units.

mod common;

use std::fs;

use common::room::{self, LENS, npy, zip_of};
use nalgebra::Matrix4;
use reasmory_geom::{Pose, polygon};
use reasmory_import::{Format, ImportOptions, Imported, detect, fuzz_predictions, import};

const N: usize = 8;
const W: usize = LENS.width as usize;
const H: usize = LENS.height as usize;

/// What every layout is made of.
struct Truth {
    depth: Vec<f32>,
    local: Vec<f32>,
    world: Vec<f32>,
    /// In [0, 1], views, height, width, columns.
    rgb: Vec<f32>,
    to_world: Vec<Matrix4<f64>>,
}

fn truth() -> Truth {
    let mut t =
        Truth { depth: vec![], local: vec![], world: vec![], rgb: vec![], to_world: vec![] };
    for pose in room::poses() {
        let m = room::source_matrix(&pose);
        let (depth, rgb) = room::look(&pose);
        let source = Pose::from_matrix(&m).unwrap();
        for (i, z) in depth.iter().enumerate() {
            let c = LENS.ray((i % W) as f64 + 0.5, (i / W) as f64 + 0.5) * *z;
            let p = source.to_world(c);
            t.depth.push(*z as f32);
            t.local.extend([c.x, c.y, c.z].map(|x| x as f32));
            t.world.extend([p.x, p.y, p.z].map(|x| x as f32));
        }
        t.rgb.extend(rgb.iter().map(|b| f32::from(*b) / 255.0));
        t.to_world.push(m);
    }
    t
}

impl Truth {
    fn rows(&self, inverted: bool, rows: usize) -> Vec<f32> {
        let one = |m: &Matrix4<f64>| if inverted { m.try_inverse().unwrap() } else { *m };
        let flat = |m: Matrix4<f64>| (0..4 * rows).map(move |i| m[(i / 4, i % 4)] as f32);
        self.to_world.iter().flat_map(|m| flat(one(m))).collect()
    }

    /// Columns before rows, as networks have pictures.
    fn planes(&self) -> Vec<f32> {
        let n = W * H;
        (0..N * 3 * n)
            .map(|i| {
                let (view, c, at) = (i / (3 * n), i / n % 3, i % n);
                self.rgb[3 * (view * n + at) + c]
            })
            .collect()
    }
}

fn lens(sx: f32, sy: f32) -> Vec<f32> {
    (0..N)
        .flat_map(|_| [50.0 * sx, 0.0, 48.0 * sx, 0.0, 50.0 * sy, 36.0 * sy, 0.0, 0.0, 1.0])
        .collect()
}

fn array(name: &'static str, shape: &[usize], values: &[f32]) -> (&'static str, Vec<u8>) {
    assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
    let text: Vec<String> = shape.iter().map(usize::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    (name, npy(&format!("({}{comma})", text.join(", ")), values))
}

fn read(arrays: &[(&'static str, Vec<u8>)]) -> Imported {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("predictions.npz");
    let named: Vec<(String, Vec<u8>)> =
        arrays.iter().map(|(n, b)| (format!("{n}.npy"), b.clone())).collect();
    let members: Vec<(&str, Vec<u8>)> =
        named.iter().map(|(n, b)| (n.as_str(), b.clone())).collect();
    fs::write(&file, zip_of(&members)).unwrap();
    assert_eq!(detect(&file).unwrap(), Format::ModelNpz);
    let options = ImportOptions { metric: true, voxel: Some(0.04), ..ImportOptions::default() };
    import(&file, &options).unwrap()
}

/// The room comes back with its colours and photos; a note says each of `words`.
fn check(got: &Imported, words: &[&str]) {
    let m = got.memory.manifest();
    let r = m.room.as_ref().unwrap();
    assert!((r.height().unwrap() - 2.5).abs() < 0.04, "{r:?} {:?}", got.notes);
    let area = polygon::area(&r.polygon());
    assert!((area - 12.0).abs() < 0.7, "{area}");
    assert_eq!((m.photos.len(), got.image_files.len()), (N, 0));
    for (p, truth) in m.photos.iter().zip(room::poses()) {
        let (z, t) = (p.camera_to_world.down().z, truth.down().z);
        assert!((z - t).abs() < 0.01, "{z} {t}");
        let off = (p.pinhole.fx - 50.0)
            .abs()
            .max((p.pinhole.cx - 48.0).abs())
            .max((p.pinhole.cy - 36.0).abs());
        assert!(off < 0.05, "{:?}", p.pinhole);
    }
    let p = got.memory.points();
    let floor: Vec<usize> =
        (0..p.len()).filter(|i| f64::from(p.positions[*i][2]) < r.floor + 0.05).collect();
    assert!(floor.len() > 500);
    assert!(floor.iter().filter(|i| p.colors[**i][2] > 150).count() * 10 > floor.len() * 9);
    let first = got.memory.photo_pixels(1).unwrap();
    assert_eq!((first.width, first.height), (LENS.width, LENS.height));
    assert_eq!(first.pixels[0].map(u32::from), {
        let (_, rgb) = room::look(&room::poses()[0]);
        [rgb[0], rgb[1], rgb[2]].map(u32::from)
    });
    for w in words {
        assert!(got.notes.iter().any(|n| n.contains(w)), "{w:?} in {:#?}", got.notes);
    }
}

#[test]
fn vggt() {
    let t = truth();
    let sure: Vec<f32> = (0..N * W * H).map(|i| 1.0 + (i % 100) as f32 * 0.2).collect();
    let mut depth = t.depth.clone();
    // What it is least sure of is wrong.
    depth.iter_mut().step_by(100).for_each(|d| *d *= 3.0);
    let demo = [
        array("pose_enc", &[N, 9], &[0.0; 9 * N]),
        array("depth", &[N, H, W, 1], &depth),
        array("depth_conf", &[N, H, W], &sure),
        array("world_points", &[N, H, W, 3], &t.world),
        array("world_points_conf", &[N, H, W], &sure),
        array("images", &[N, 3, H, W], &t.planes()),
        array("extrinsic", &[N, 3, 4], &t.rows(true, 3)),
        array("intrinsic", &[N, 3, 3], &lens(1.0, 1.0)),
    ];
    let got = read(&demo);
    check(
        &got,
        &[
            "`extrinsic` are world-to-camera: points lie",
            "the least sure fifth",
            "`intrinsic` are in pixels",
        ],
    );
    // The model's own output: a batch of one, an encoding of cameras.
    let mut encoded = Vec::new();
    for m in &t.to_world {
        let w2c = m.try_inverse().unwrap();
        let r = nalgebra::Rotation3::from_matrix_unchecked(w2c.fixed_view::<3, 3>(0, 0).into());
        let q = nalgebra::UnitQuaternion::from_rotation_matrix(&r);
        let angle =
            |side: f64| (2.0 * reasmory_geom::math::atan2_deg(0.5 * side, 50.0)).to_radians();
        encoded.extend(
            [w2c[(0, 3)], w2c[(1, 3)], w2c[(2, 3)], q.i, q.j, q.k, q.w, angle(72.0), angle(96.0)]
                .map(|x| x as f32),
        );
    }
    let raw = [
        array("pose_enc", &[1, N, 9], &encoded),
        array("depth", &[1, N, H, W, 1], &t.depth),
        array("images", &[1, N, 3, H, W], &t.planes()),
    ];
    check(&read(&raw), &["`pose_enc` are world-to-camera", "agree in depth"]);
}

#[test]
fn pi3() {
    let t = truth();
    let sure: Vec<f32> = (0..N * W * H).map(|i| if i % 50 == 0 { -6.0 } else { 3.0 }).collect();
    let demo = [
        array("points", &[N, H, W, 3], &t.world),
        array("local_points", &[N, H, W, 3], &t.local),
        array("conf", &[N, H, W, 1], &sure),
        array("camera_poses", &[N, 4, 4], &t.rows(false, 4)),
        array("images", &[N, H, W, 3], &t.rgb),
    ];
    let words = ["fitted to `local_points`", "`camera_poses` are camera-to-world", "logits"];
    check(&read(&demo), &words);
    let batch: Vec<usize> = vec![1, N, H, W, 3];
    let raw = [
        array("local_points", &batch, &t.local),
        array("camera_poses", &[1, N, 4, 4], &t.rows(false, 4)),
        array("images", &batch, &t.rgb),
    ];
    check(&read(&raw), &["agree in depth"]);
}

#[test]
fn dust3r_and_mast3r() {
    let t = truth();
    let full = [
        array("pts3d", &[N, H, W, 3], &t.world),
        array("confs", &[N, H, W], &vec![3.0; N * H * W]),
        array("cams2world", &[N, 4, 4], &t.rows(false, 4)),
        array("focals", &[N, 1], &[50.0; N]),
        array("imgs", &[N, H, W, 3], &t.rgb),
    ];
    check(&read(&full), &["camera-to-world: points lie", "pixels beside"]);
    // −1 to 1, as networks are fed, and poses under a name that says the opposite.
    let fed: Vec<f32> = t.rgb.iter().map(|x| 2.0 * x - 1.0).collect();
    let turned = [
        array("pts3d", &[N, H, W, 3], &t.world),
        array("poses", &[N, 4, 4], &t.rows(true, 4)),
        array("imgs", &[N, H, W, 3], &fed),
    ];
    check(&read(&turned), &["`poses` are world-to-camera, unlike their name says"]);
    let depth = [
        array("depthmaps", &[N, H, W], &t.depth),
        array("cams2world", &[N, 4, 4], &t.rows(false, 4)),
        array("focals", &[N], &[50.0; N]),
        array("imgs", &[N, H, W, 3], &t.rgb),
    ];
    check(&read(&depth), &["Focal lengths are `focals`"]);
}

#[test]
fn depth_anything_3() {
    let t = truth();
    let bytes: Vec<f32> = t.rgb.iter().map(|x| (x * 255.0).round()).collect();
    for inverted in [true, false] {
        for (k, words) in [
            (lens(1.0, 1.0), "are in pixels"),
            (lens(1.0 / 96.0, 1.0 / 72.0), "of size 1"),
            (lens(10.0, 10.0), "of another size"),
        ] {
            let full = [
                array("depth", &[N, H, W], &t.depth),
                array("conf", &[N, H, W], &vec![0.9; N * H * W]),
                array("extrinsics", &[N, 3, 4], &t.rows(inverted, 3)),
                array("intrinsics", &[N, 3, 3], &k),
                array("image", &[N, H, W, 3], &bytes),
            ];
            let unlike = if inverted { "are world-to-camera:" } else { "unlike their name says" };
            check(&read(&full), &[words, unlike, "a probability below"]);
        }
    }
}

#[test]
fn mapanything() {
    let t = truth();
    let mut world = t.world.clone();
    let mut mask = vec![1.0; N * H * W];
    // What is masked is no number.
    for i in (0..N * H * W).step_by(40) {
        mask[i] = 0.0;
        world[3 * i] = f32::NAN;
    }
    let full = [
        array("extrinsic", &[N, 4, 4], &t.rows(false, 4)),
        array("intrinsic", &[N, 3, 3], &lens(1.0, 1.0)),
        array("world_points", &[N, H, W, 3], &world),
        array("depth", &[N, H, W, 1], &t.depth),
        array("images", &[N, H, W, 3], &t.rgb),
        array("final_mask", &[N, H, W], &mask),
        array("metric_scaling_factor", &[1], &[1.0]),
    ];
    let got = read(&full);
    check(&got, &["camera-to-world, unlike"]);
    assert!(got.memory.manifest().scale.source.contains("model"));
}

#[test]
fn pictures_may_stand_beside_the_archive() {
    let t = truth();
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("results.npz");
    let members = [
        array("depth.npy", &[N, H, W], &t.depth),
        array("extrinsics.npy", &[N, 3, 4], &t.rows(true, 3)),
        array("intrinsics.npy", &[N, 3, 3], &lens(1.0, 1.0)),
    ];
    fs::write(&file, zip_of(&members)).unwrap();
    let options =
        ImportOptions { voxel: Some(0.05), max_views: Some(4), ..ImportOptions::default() };
    let got = import(&file, &options).unwrap();
    assert!(got.notes.iter().any(|n| n.contains("are grey")), "{:?}", got.notes);
    assert!(!got.memory.has_pixels() && got.memory.points().colors.iter().all(|c| *c == [128; 3]));
    // A relative scale is brought to about that of a room.
    assert!(!got.memory.manifest().scale.is_metric());
    fs::create_dir(tmp.path().join("images")).unwrap();
    for (i, pose) in room::poses().iter().enumerate() {
        room::write_color(&tmp.path().join(format!("images/{i}.png")), &room::look(pose).1);
    }
    let got = import(tmp.path(), &ImportOptions { voxel: Some(0.05), ..ImportOptions::default() })
        .unwrap();
    assert_eq!(got.image_files.len(), N);
    assert_eq!(got.memory.manifest().photos[2].name, "2.png");
}

#[test]
fn what_is_lacking_or_wrong_is_named() {
    let t = truth();
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("predictions.npz");
    let depth = || array("depth.npy", &[N, H, W], &t.depth);
    let poses = || array("extrinsics.npy", &[N, 3, 4], &t.rows(true, 3));
    let lenses = || array("intrinsics.npy", &[N, 3, 3], &lens(1.0, 1.0));
    let mut bent = t.rows(true, 3);
    bent[0] = 5.0;
    let mut holes = t.rows(true, 3);
    holes[14] = f32::NAN;
    let cases = [
        (vec![poses(), lenses()], "`depth`"),
        (vec![depth(), lenses()], "`camera_poses`"),
        (vec![depth(), poses()], "`intrinsic`"),
        (
            vec![depth(), array("extrinsics.npy", &[N, 12], &t.rows(true, 3)), lenses()],
            "(views, 3, 4) or (views, 4, 4)",
        ),
        (vec![depth(), array("extrinsics.npy", &[N, 3, 4], &bent), lenses()], "extrinsics[0]"),
        (vec![depth(), array("extrinsics.npy", &[N, 3, 4], &holes), lenses()], "extrinsics[1]"),
        (
            vec![depth(), poses(), array("intrinsics.npy", &[N, 3, 3], &[0.0; 9 * N])],
            "intrinsics[0]",
        ),
        (
            vec![depth(), poses(), array("intrinsics.npy", &[2, 3, 3], &lens(1.0, 1.0)[..18])],
            "2 cameras for 8",
        ),
        (
            vec![array("depth.npy", &[N * H, W], &t.depth), poses(), lenses()],
            "expected (views, height, width)",
        ),
        (vec![depth(), poses(), lenses(), array("conf.npy", &[N, H, 1], &[1.0; N * H])], "conf"),
        (
            vec![
                depth(),
                poses(),
                lenses(),
                array("image.npy", &[1, H, W, 3], &t.rgb[..3 * H * W]),
            ],
            "1 pictures for 8",
        ),
        (
            vec![array("depth.npy", &[N, H, W], &vec![0.0; N * H * W]), poses(), lenses()],
            "no valid depth",
        ),
        (vec![("depth.npy", b"\x93NUMPY\x01\x00".to_vec()), poses(), lenses()], "cut short"),
    ];
    for (members, words) in cases {
        let bytes = zip_of(&members);
        fuzz_predictions(&bytes);
        fs::write(&file, &bytes).unwrap();
        let options = ImportOptions { format: Some(Format::ModelNpz), ..ImportOptions::default() };
        let e = import(&file, &options).unwrap_err().to_string();
        assert!(e.contains(words) && e.contains("predictions.npz"), "{words:?} in {e:?}");
    }
    // Lists of arrays are pickles, which nobody should open.
    let mut objects = npy("(8,)", &[0.0; 8]);
    let at = objects.windows(3).position(|w| w == b"<f4").unwrap();
    objects[at..at + 3].copy_from_slice(b"|O'");
    fuzz_predictions(&zip_of(&[("depth.npy", objects), poses(), lenses()]));
}

/// Archives whose members are damaged by a fixed stream of chance: they are read or refused.
#[test]
fn damaged_archives_are_read_or_refused() {
    let small = |n: usize| vec![0.5f32; n];
    let members = || {
        vec![
            array("depth.npy", &[2, 4, 6], &small(48)),
            array("world_points.npy", &[2, 4, 6, 3], &small(144)),
            array("conf.npy", &[2, 4, 6, 1], &small(48)),
            array("extrinsic.npy", &[2, 3, 4], &small(24)),
            array("pose_enc.npy", &[2, 9], &small(18)),
            array("focals.npy", &[2], &small(2)),
            array("images.npy", &[2, 3, 4, 6], &small(144)),
        ]
    };
    let mut state = 11u64;
    let mut chance = move |n: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    for _ in 0..400 {
        let mut all = members();
        for _ in 0..=chance(3) {
            let k = chance(all.len());
            if chance(8) == 0 && all.len() > 1 {
                all.remove(k);
                continue;
            }
            let bytes = &mut all[k].1;
            let most = if chance(2) == 0 { 90 } else { usize::MAX };
            let at = chance(bytes.len().clamp(1, most)).min(bytes.len().saturating_sub(1));
            if bytes.is_empty() {
                continue;
            }
            match chance(3) {
                0 => bytes[at] ^= 1 << chance(8),
                1 => bytes[at] = b'0' + chance(10) as u8,
                _ => bytes.truncate(at),
            }
        }
        fuzz_predictions(&zip_of(&all));
    }
}
