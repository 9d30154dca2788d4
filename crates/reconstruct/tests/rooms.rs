//! Dense stereo on ray-cast rooms, whose every depth is known.
//!
//! `cargo test --release -p reasmory_reconstruct --test rooms -- --ignored --nocapture` gives the figures
//! of `spec/performance.md`; `ROOMS`, `VIEWS` and `WIDTH` change its load.

use std::time::Instant;

use reasmory_reconstruct::Grey;
use reasmory_reconstruct::stereo::{DepthMap, Photo, StereoOptions, dense};
use reasmory_synth::{Camera, Frame, Room, RoomOptions, arc, render_all};

struct Set {
    cameras: Vec<Camera>,
    frames: Vec<Frame>,
}

fn set(seed: u64, views: usize, width: u32, height: u32) -> Set {
    let room = Room::generate(seed, &RoomOptions::default());
    let cameras = arc(&room, views, 1.5, width, height);
    assert_eq!(cameras.len(), views, "room {seed} has no free arc");
    let frames = render_all(&room, &cameras);
    Set { cameras, frames }
}

fn photos(s: &Set) -> Vec<Photo> {
    s.cameras
        .iter()
        .zip(&s.frames)
        .map(|(c, f)| Photo {
            grey: Grey::from_rgb(f.rgb.width, f.rgb.height, &f.rgb.pixels).unwrap(),
            lens: c.pinhole,
            pose: c.pose,
            seen: Vec::new(),
        })
        .collect()
}

#[derive(Default)]
struct Figures {
    errors: Vec<f64>,
    /// Pixels that at least three views see, and those of them with depth.
    seen: usize,
    covered: usize,
}

impl Figures {
    fn add(&mut self, s: &Set, maps: &[Option<DepthMap>]) {
        for (i, (c, f)) in s.cameras.iter().zip(&s.frames).enumerate() {
            let w = c.pinhole.width as usize;
            for (k, z) in f.depth.iter().enumerate() {
                let z = f64::from(*z);
                if z <= 0.0 {
                    continue;
                }
                let ray = c.pinhole.ray((k % w) as f64 + 0.5, (k / w) as f64 + 0.5);
                let p = c.pose.to_world(ray * z);
                let others = s.cameras.iter().zip(&s.frames).enumerate();
                let views = 1 + others.filter(|(j, (o, g))| *j != i && sees(o, g, p)).count();
                let found = maps[i].as_ref().map_or(0.0, |m| f64::from(m.depth[k]));
                if found > 0.0 {
                    self.errors.push((found - z).abs() / z);
                }
                if views >= 3 {
                    self.seen += 1;
                    self.covered += usize::from(found > 0.0);
                }
            }
        }
    }

    fn error(&mut self, quantile: f64) -> f64 {
        self.errors.sort_unstable_by(f64::total_cmp);
        self.errors[((self.errors.len() - 1) as f64 * quantile) as usize]
    }

    fn coverage(&self) -> f64 {
        self.covered as f64 / self.seen as f64
    }
}

fn sees(c: &Camera, f: &Frame, p: reasmory_geom::Point3) -> bool {
    let q = c.pose.to_camera(p);
    let Some((u, v)) = c.pinhole.project(q) else { return false };
    let (w, h) = (f64::from(c.pinhole.width), f64::from(c.pinhole.height));
    if !(u >= 0.0 && v >= 0.0 && u < w && v < h) {
        return false;
    }
    let z = f64::from(f.depth[v as usize * c.pinhole.width as usize + u as usize]);
    (z - q.z).abs() <= 0.01 * z
}

#[test]
fn a_small_room_is_measured_by_five_photos() {
    let s = set(3, 5, 160, 120);
    let options = StereoOptions { stride: 1, least_piece: 15, ..StereoOptions::default() };
    let maps = dense(&photos(&s), &options, &|_, _| true).unwrap();
    let mut figures = Figures::default();
    figures.add(&s, &maps);
    let (median, coverage) = (figures.error(0.5), figures.coverage());
    println!("median error {median:.4}, coverage {coverage:.3}");
    assert!(median <= 0.02, "{median}");
    // At this size the fine grain of the walls is lost; `figures` has the full one.
    assert!(coverage >= 0.38, "{coverage}");
    // Normals point to the camera, confidences are shares.
    for m in maps.iter().flatten() {
        for (d, (n, c)) in m.depth.iter().zip(m.normal.iter().zip(&m.confidence)) {
            let norm: f32 = n.iter().map(|x| x * x).sum();
            assert!(*d == 0.0 && norm == 0.0 || (norm - 1.0).abs() < 1e-4);
            assert!((0.0..=1.0).contains(c));
        }
    }
}

#[test]
#[ignore = "figures for spec/performance.md"]
fn figures() {
    let number = |name: &str, default: u32| {
        std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
    };
    let (rooms, views, width) = (number("ROOMS", 4), number("VIEWS", 12), number("WIDTH", 640));
    for seed in 0..u64::from(rooms) {
        let s = set(seed, views as usize, width, width * 3 / 4);
        let photos = photos(&s);
        let start = Instant::now();
        let maps = dense(&photos, &StereoOptions::default(), &|_, _| true).unwrap();
        let took = start.elapsed().as_secs_f64();
        let mut f = Figures::default();
        f.add(&s, &maps);
        println!(
            "room {seed}: {views} views of {width} px: {took:.1} s, median error {:.2} %, 90 % below {:.2} %, \
             within 2 %: {:.1} %, coverage {:.1} % of {} pixels seen by three",
            100.0 * f.error(0.5),
            100.0 * f.error(0.9),
            100.0 * f.errors.iter().filter(|e| **e <= 0.02).count() as f64 / f.errors.len() as f64,
            100.0 * f.coverage(),
            f.seen
        );
        if let Ok(dir) = std::env::var("KEEP") {
            keep(&dir, seed, &s, &maps);
        }
    }
}

/// Writes photo, true and found depth (black: none) of the middle view as PPM pictures side by side.
fn keep(dir: &str, seed: u64, s: &Set, maps: &[Option<DepthMap>]) {
    let i = s.cameras.len() / 2;
    let f = &s.frames[i];
    let (w, h) = (f.rgb.width as usize, f.rgb.height as usize);
    let far = f.depth.iter().copied().fold(0.0f32, f32::max);
    let shade = |z: f32| {
        let g = if z > 0.0 { (255.0 * (1.0 - z / (far * 1.1))) as u8 } else { 0 };
        [g, g, g]
    };
    let mut out = format!("P6 {} {h} 255\n", 3 * w).into_bytes();
    for y in 0..h {
        let row = y * w..(y + 1) * w;
        out.extend(f.rgb.pixels[row.clone()].iter().flatten());
        out.extend(f.depth[row.clone()].iter().flat_map(|z| shade(*z)));
        let found = |k: usize| maps[i].as_ref().map_or(0.0, |m| m.depth[k]);
        out.extend(row.flat_map(|k| shade(found(k))));
    }
    std::fs::write(format!("{dir}/room-{seed}.ppm"), out).unwrap();
}

#[test]
fn guesses_of_single_photos_become_one_surface() {
    use reasmory_reconstruct::monocular::{Agreement, Guess, Guessed, agree, fit};
    let s = set(3, 5, 160, 120);
    let mut all = Vec::new();
    for (i, (c, f)) in s.cameras.iter().zip(&s.frames).enumerate() {
        // What a network gives: inverse depth with a factor and a summand of the photo's own, some of it wrong.
        let (scale, shift) = (3.0 + i as f64, 0.2 * i as f64);
        let number = |k: usize| {
            let z = f64::from(f.depth[k]);
            let wrong = if (k / 160) % 40 < 4 && k % 160 > 100 { 1.6 } else { 1.0 };
            scale / (z * wrong * (1.0 + 0.01 * ((k * 7919 % 201) as f64 / 100.0 - 1.0))) + shift
        };
        // Sparse points: one of eleven is wrong.
        let seen: Vec<(f64, f64)> = (0..160 * 120)
            .step_by(97)
            .enumerate()
            .map(|(n, k)| (number(k), f64::from(f.depth[k]) * if n % 11 == 0 { 1.5 } else { 1.0 }))
            .collect();
        let m = fit(&seen, Guess::Inverse).unwrap();
        assert!(m.spread < 0.02 && m.agree > 0.7, "{m:?}");
        let depth = (0..160 * 120).map(|k| m.depth(number(k)).unwrap_or(0.0) as f32).collect();
        all.push(Guessed { lens: c.pinhole, pose: c.pose, depth });
    }
    let agreed = agree(&all, &Agreement::default());
    let (mut errors, mut kept, mut bad) = (Vec::new(), 0, 0);
    for (a, f) in agreed.iter().zip(&s.frames) {
        for (z, t) in a.depth.iter().zip(&f.depth) {
            if *z > 0.0 {
                let e = f64::from((z - t).abs() / t);
                errors.push(e);
                kept += 1;
                bad += usize::from(e > 0.2);
            }
        }
    }
    errors.sort_unstable_by(f64::total_cmp);
    let median = errors[errors.len() / 2];
    let part = kept as f64 / (5.0 * 160.0 * 120.0);
    println!("median error {median:.4}, kept {part:.3}, wrong {bad}");
    assert!(median < 0.01 && part > 0.6 && bad * 100 < kept, "{median} {part} {bad}");
}
