//! Memories of a stated size, for benchmarks.

use rayon::prelude::*;
use reasmory_geom::{EYE_HEIGHT, Obb, Point3, Vec3, View, math};
use reasmory_scene::{
    Instance, Manifest, ManifestError, Memory, Photo, Points, Room as RoomFacts, Scale,
};

use crate::cameras::default_pinhole;
use crate::furniture::{CATALOGUE, MEASURED, Rule};
use crate::memory::exact_instances;
use crate::raycast::Hit;
use crate::rng::Rng;
use crate::room::{Room, RoomOptions};

/// Points made with one generator: fixes the result for any number of threads.
const CHUNK: usize = 1 << 16;

/// A rectangle of floor, ceiling or wall: corner, two edges, inward normal.
type Panel = (Point3, Vec3, Vec3, Vec3);

/// What a sampled point lies on: a panel, or a part of a piece.
#[derive(Clone, Copy)]
enum On {
    Panel(usize),
    Part(usize, usize),
}

fn panels(room: &Room) -> Vec<Panel> {
    let (w, d, h) = (room.plan.width, room.plan.depth, room.height);
    let mut out = vec![
        (Point3::origin(), Vec3::x() * w, Vec3::y() * d, Vec3::z()),
        (Point3::new(0.0, 0.0, h), Vec3::x() * w, Vec3::y() * d, -Vec3::z()),
    ];
    for i in 0..room.outline.len() {
        let (a, dir, len, n) = room.plan.wall(i);
        let along = Vec3::new(dir[0], dir[1], 0.0) * len;
        out.push((Point3::new(a[0], a[1], 0.0), along, Vec3::z() * h, Vec3::new(n[0], n[1], 0.0)));
    }
    out
}

/// A furnished room as exactly `n` points spread evenly over all surfaces, with colours, instance ids,
/// exact boxes and four cameras without pictures.
pub fn synthetic_points(n: usize, seed: u64) -> Result<Memory, ManifestError> {
    let room = Room::generate(seed, &RoomOptions::default());
    let panels = panels(&room);
    // Cumulative areas over panels, then parts; each with what it is.
    let mut total = 0.0;
    let mut surfaces: Vec<(f64, On)> = Vec::new();
    for (i, (_, a, b, _)) in panels.iter().enumerate() {
        total += a.cross(b).norm();
        surfaces.push((total, On::Panel(i)));
    }
    for (i, p) in room.pieces.iter().enumerate() {
        for (j, part) in p.parts.iter().enumerate() {
            total += part.shape.area();
            surfaces.push((total, On::Part(i, j)));
        }
    }
    let boxes = room.piece_bounds();
    let root = Rng::new(seed).fork(70);
    type Row = ([f32; 3], [u8; 3], u32);
    let rows: Vec<Vec<Row>> = (0..n.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let mut rng = root.fork(chunk as u64);
            let rows = CHUNK.min(n - chunk * CHUNK);
            (0..rows)
                .map(|_| {
                    let pick = rng.unit() * total;
                    let at = surfaces.partition_point(|s| s.0 <= pick).min(surfaces.len() - 1);
                    let (id, p, normal, color, glows) = match surfaces[at].1 {
                        On::Part(i, j) => {
                            let (piece, part) = (&room.pieces[i], &room.pieces[i].parts[j]);
                            let (l, n) = part.sample(&mut rng);
                            let c = part.color(l, n);
                            let (p, n) = (piece.frame.point(l), piece.frame.direction(n));
                            (piece.id, p, n, c, part.material.glows)
                        }
                        On::Panel(i) => {
                            let (corner, a, b, n) = panels[i];
                            let (u, v) = (rng.unit(), rng.unit());
                            let m = match i {
                                0 => &room.floor,
                                1 => &room.ceiling,
                                2 => &room.accent,
                                _ => &room.wall,
                            };
                            let c = m.color(u * a.norm(), v * b.norm());
                            (0, corner + a * u + b * v, n, c, false)
                        }
                    };
                    let hit = Hit { t: 0.0, id, normal, color, glows };
                    let color = room.shade(&hit, p, &boxes);
                    ([p.x as f32, p.y as f32, p.z as f32], color, id)
                })
                .collect()
        })
        .collect();
    let mut m = Manifest::empty(
        &format!("synth-points-{n}-{seed}"),
        "synth",
        Scale::metric("the generator works in metres"),
    );
    m.provenance.notes.push("Points are sampled from exact surfaces, for benchmarks.".into());
    m.room = Some(room.facts());
    m.instances = exact_instances(&room);
    let mut positions = Vec::with_capacity(n);
    let mut colors = Vec::with_capacity(n);
    let mut instance = Vec::with_capacity(n);
    for (p, c, id) in rows.into_iter().flatten() {
        positions.push(p);
        colors.push(c);
        instance.push(id);
        if let Some(i) = (id as usize).checked_sub(1) {
            m.instances[i].support += 1;
        }
    }
    let (w, d) = (room.plan.width, room.plan.depth);
    m.extend_bounds(Point3::origin());
    m.extend_bounds(Point3::new(w, d, room.height));
    m.photos = ring(4, [0.3 * w, 0.3 * d], [w / 2.0, d / 2.0]);
    m.index_categories();
    m.points = n as u64;
    let points = Points {
        positions: positions.into(),
        colors: colors.into(),
        confidence: vec![1.0; n].into(),
        instance: instance.into(),
    };
    Memory::new(m, points, None)
}

/// `n` level cameras on an ellipse, looking at its centre.
fn ring(n: u32, half: [f64; 2], center: [f64; 2]) -> Vec<Photo> {
    (0..n)
        .map(|i| {
            let a = 360.0 * f64::from(i) / f64::from(n) + 45.0;
            let eye = Point3::new(
                center[0] + half[0] * math::cos_deg(a),
                center[1] + half[1] * math::sin_deg(a),
                EYE_HEIGHT,
            );
            let heading = math::atan2_deg(center[1] - eye.y, center[0] - eye.x);
            let view = View { pitch: -12.0, ..View::level(eye, heading) };
            Photo {
                number: i + 1,
                name: format!("view-{:02}", i + 1),
                pinhole: default_pinhole(640, 480),
                camera_to_world: view.pose(),
                time: None,
                image: None,
            }
        })
        .collect()
}

/// A hall with `n_objects` boxes of about thirty categories on a loose grid, without points: a manifest
/// of any size for the checker. Sixteen cameras; `seen_in` is by centre and range only.
pub fn synthetic_scene(n_objects: usize, seed: u64) -> Result<Memory, ManifestError> {
    let mut rng = Rng::new(seed).fork(80);
    let kinds: Vec<_> = CATALOGUE[..MEASURED]
        .iter()
        .filter(|k| !matches!(k.rule, Rule::Mounted(_) | Rule::Flat))
        .collect();
    // A pitch that holds the widest kind at any yaw, so that boxes never overlap.
    const PITCH: f64 = 3.2;
    let columns = ((n_objects as f64).sqrt().ceil() as usize).max(1);
    let side = columns as f64 * PITCH;
    let mut m = Manifest::empty(
        &format!("synth-scene-{n_objects}-{seed}"),
        "synth",
        Scale::metric("the generator works in metres"),
    );
    m.provenance.notes.push("Boxes only, for benchmarks.".into());
    m.photos = ring(16, [0.4 * side; 2], [0.5 * side; 2]);
    for i in 0..n_objects {
        let kind = kinds[rng.below(kinds.len())];
        let size = Vec3::from_fn(|k, _| rng.range(kind.size[k].0, kind.size[k].1));
        let yaw = rng.range(-180.0, 180.0);
        let mut jitter = || rng.range(-0.05, 0.05);
        let x = ((i % columns) as f64 + 0.5) * PITCH + jitter();
        let y = ((i / columns) as f64 + 0.5) * PITCH + jitter();
        let center = Point3::new(x, y, size.z / 2.0);
        let front = kind.front.then(|| [-math::sin_deg(yaw), math::cos_deg(yaw), 0.0]);
        let seen_in =
            m.photos
                .iter()
                .filter(|p| {
                    let q = p.camera_to_world.to_camera(center);
                    let inside = p.pinhole.project(q).is_some_and(|(u, v)| {
                        (0.0..640.0).contains(&u) && (0.0..480.0).contains(&v)
                    });
                    inside && q.norm() < 8.0
                })
                .map(|p| p.number)
                .collect();
        m.instances.push(Instance {
            id: i as u32 + 1,
            category: kind.name.to_owned(),
            obb: Obb::upright(center, size, yaw),
            confidence: 1.0,
            support: 0,
            front,
            seen_in,
        });
    }
    m.room = Some(RoomFacts {
        outline: vec![[0.0, 0.0], [side, 0.0], [side, side], [0.0, side]],
        floor: 0.0,
        ceiling: Some(3.0),
        stated_area: None,
    });
    m.extend_bounds(Point3::origin());
    m.extend_bounds(Point3::new(side, side, 3.0));
    m.index_categories();
    Memory::new(m, Points::default(), None)
}
