//! Properties of whole rooms and of what is recorded in them.

use reasmory_geom::{Obb, Point3, Vec3};

use crate::cameras::back_project;
use crate::memory::seen_pixels;
use crate::solid::{Frame2, Part, Shape};
use crate::truth::{self, Side};
use crate::*;

fn room(seed: u64) -> Room {
    Room::generate(seed, &RoomOptions { l_shaped: seed % 5 == 4, ..RoomOptions::default() })
}

/// A box a little smaller, so that touching is not overlapping.
fn shrunk(b: &Obb) -> Obb {
    Obb { half: b.half.map(|h| (h - 5e-4).max(1e-5)), ..*b }
}

#[test]
fn furniture_does_not_overlap_and_stays_inside() {
    let (mut pieces, mut least) = (0, usize::MAX);
    for seed in 0..200 {
        let r = room(seed);
        pieces += r.pieces.len();
        least = least.min(r.pieces.len());
        assert!(truth::count(&r, "chair") >= 2, "seed {seed}");
        assert!(truth::count(&r, "door") == 1, "seed {seed}");
        for (i, p) in r.pieces.iter().enumerate() {
            assert_eq!(p.id as usize, i + 1);
            let c = p.obb.corners();
            for q in c {
                let inside = (-1e-6..=r.plan.width + 1e-6).contains(&q.x)
                    && (-1e-6..=r.plan.depth + 1e-6).contains(&q.y)
                    && (-1e-6..=r.height + 1e-6).contains(&q.z);
                assert!(inside, "seed {seed} {}", p.category);
            }
            if let Some(n) = &r.plan.notch {
                let min = Point3::new(n.center[0] - n.half[0], n.center[1] - n.half[1], 0.0);
                let max = Point3::new(r.plan.width, r.plan.depth, r.height);
                let n = Obb::from_min_max(min, max);
                assert!(!shrunk(&p.obb).overlaps(&n), "seed {seed} {} in the notch", p.category);
            }
            for q in &r.pieces[..i] {
                if p.support == Some(q.id) {
                    on_top(seed, p, q);
                    continue;
                }
                // Two things on one support, or a thing and what stands by: boxes are apart.
                assert!(
                    !shrunk(&p.obb).overlaps(&shrunk(&q.obb)),
                    "seed {seed}: {} {} and {} {}",
                    p.category,
                    p.id,
                    q.category,
                    q.id
                );
            }
        }
    }
    assert!(least >= 8 && pieces >= 200 * 14, "{least} {pieces}");
}

/// A supported piece rests on its support and does not sink into it.
fn on_top(seed: u64, p: &Piece, q: &Piece) {
    let s = q.surface.unwrap_or_else(|| panic!("{} holds nothing", q.category));
    assert!((p.frame.origin.z - q.frame.origin.z - s.z).abs() < 1e-9);
    let mut rng = Rng::new(seed);
    for part in &p.parts {
        for _ in 0..20 {
            let l = q.frame.local(p.frame.point(part.sample(&mut rng).0));
            let depth = q.parts.iter().map(|b| b.signed(l)).fold(f64::INFINITY, f64::min);
            assert!(depth > -0.031, "seed {seed}: {} sinks into {}", p.category, q.category);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_room_and_pictures() {
    for seed in [1, 9] {
        let (a, b) = (room(seed), room(seed));
        assert_eq!(a.pieces, b.pieces);
        assert_eq!(a.outline, b.outline);
        let (ca, cb) = (photo_set(&a, 3, 80, 60), photo_set(&b, 3, 80, 60));
        assert_eq!(ca, cb);
        let frames = render_all(&a, &ca);
        assert_eq!(frames, render_all(&b, &cb));
        // One thread gives the same as many.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(frames, pool.install(|| render_all(&b, &cb)));
    }
    assert_ne!(room(1).pieces, room(2).pieces);
}

#[test]
fn depth_lies_on_surfaces_and_masks_agree() {
    for seed in [2, 4] {
        let r = room(seed);
        for c in photo_set(&r, 4, 96, 72) {
            let f = render(&r, &c.pose, &c.pinhole);
            for (i, d) in f.depth.iter().enumerate() {
                assert!(*d > 0.0, "the room is closed");
                let p = back_project(&c, i % 96, i / 96, f64::from(*d));
                let off = truth::off_surface(&r, f.instance[i], p);
                assert!(off < 1e-5, "seed {seed} pixel {i} id {} is {off} off", f.instance[i]);
                // Culling by screen windows must not change what is met.
                if i % 7 == 0 {
                    let d = c.pose.rotation
                        * c.pinhole.ray((i % 96) as f64 + 0.5, (i / 96) as f64 + 0.5);
                    assert_eq!(r.trace(c.pose.center, d).unwrap().id, f.instance[i]);
                }
            }
        }
    }
}

#[test]
fn the_default_photos_show_every_piece() {
    for seed in [3, 4] {
        let r = room(seed);
        let cameras = photo_set(&r, 14, 96, 72);
        assert_eq!(cameras.len(), 14);
        let frames = render_all(&r, &cameras);
        for p in &r.pieces {
            let n = seen_pixels(96, 72);
            assert!(
                truth::first_seen(&frames, p.id, n).is_some(),
                "seed {seed}: {} {} is in no photo",
                p.category,
                p.id
            );
        }
    }
}

#[test]
fn a_video_stays_inside_and_clear_of_furniture() {
    for seed in 0..20 {
        let r = room(seed);
        let path = video_path(&r, 60, 20.0, 160, 120);
        for (a, b) in path.iter().zip(path.iter().skip(1)) {
            assert!((a.pose.center - b.pose.center).norm() < 0.5, "seed {seed}: no jumps");
            assert!(a.time < b.time);
        }
        for c in &path {
            let e = c.pose.center;
            for p in &r.pieces {
                assert!(!p.obb.contains(e, 0.05), "seed {seed}: inside the {}", p.category);
            }
        }
    }
}

#[test]
fn fitted_memory_is_near_the_truth() {
    let r = Room::generate(3, &RoomOptions::default());
    let cameras = photo_set(&r, 14, 200, 150);
    let frames = render_all(&r, &cameras);
    let options = FusionOptions { voxel: 0.03, ..FusionOptions::default() };
    let memory = from_frames(&r.name(), &frames, &cameras, &labels(&r, true), &options).unwrap();
    let m = memory.manifest();
    assert_eq!(m.instances.len(), r.pieces.len());
    assert!(memory.points().len() > 30_000 && memory.has_pixels());
    let mut centers = Vec::new();
    let mut sizes = Vec::new();
    for i in &m.instances {
        let e = truth::box_error(&r, i.id, &i.obb).unwrap();
        centers.push(e.center);
        sizes.push(e.size);
        assert!(!i.seen_in.is_empty() && i.support > 0);
        assert_eq!(i.front.is_some(), r.piece(i.id).unwrap().front.is_some());
    }
    for v in [&mut centers, &mut sizes] {
        v.sort_by(f64::total_cmp);
        let (median, most) = (v[v.len() / 2], v[v.len() - 1]);
        println!("median {median:.4} most {most:.4}");
        assert!(median < 0.02 && most < 0.15, "median {median} most {most}");
    }
    let area = m.room.as_ref().unwrap().area().unwrap();
    assert!((area / truth::area(&r) - 1.0).abs() < 0.02, "{area}");
    let height = m.room.as_ref().unwrap().height().unwrap();
    assert!((height - r.height).abs() < 0.02, "{height}");
    assert_eq!(memory.photo_pixels(14).unwrap(), frames[13].rgb);
    assert!(memory.photo_pixels(15).is_err());
    // The exact memory agrees about what is seen.
    let exact = oracle(&r, &cameras, &frames).unwrap();
    for (a, b) in exact.manifest().instances.iter().zip(&m.instances) {
        assert_eq!(a.seen_in, b.seen_in);
    }
    // Wrong numbers of frames or pixels are errors.
    assert!(from_frames("x", &frames, &cameras[1..], &[], &options).is_err());
    let mut cut = frames[..1].to_vec();
    cut[0].depth.pop();
    assert!(from_frames("x", &cut, &cameras[..1], &[], &options).is_err());
}

fn block(size: [f64; 3], at: [f64; 3], yaw: f64) -> (Vec<Part>, Frame2) {
    let h = Vec3::from(size) * 0.5;
    let material = material::Material::plain([0.5; 3]);
    let part = Part { shape: Shape::Box(h), center: Vec3::new(0.0, 0.0, h.z), material };
    (vec![part], Frame2::new(at.into(), yaw))
}

/// Four unit cubes: one in the middle, one 2 m east, one 2 m north, one turned and 2 m west.
fn cubes() -> Room {
    let cube = |name, x: f64, y: f64, yaw| {
        let (parts, frame) = block([1.0; 3], [x, y, 0.0], yaw);
        (name, parts, frame, false)
    };
    Room::by_hand(
        [8.0, 6.0, 2.5],
        vec![
            cube("a", 4.0, 3.0, 0.0),
            cube("b", 6.0, 3.0, 0.0),
            cube("c", 4.0, 5.0, 0.0),
            cube("d", 2.0, 3.0, 45.0),
        ],
    )
}

#[test]
fn truth_by_hand() {
    let r = cubes();
    let near = |x: Option<f64>, y: f64| assert!((x.unwrap() - y).abs() < 1e-6, "{x:?} is not {y}");
    near(truth::surface_distance(&r, 1, 2), 1.0);
    near(truth::box_distance(&r, 2, 1), 1.0);
    near(truth::surface_distance(&r, 2, 3), 2f64.sqrt());
    near(truth::surface_distance(&r, 1, 4), 1.5 - 0.5f64.sqrt());
    near(truth::center_distance(&r, 2, 4), 4.0);
    near(truth::longest_side(&r, 1), 1.0);
    assert_eq!(truth::area(&r), 48.0);
    assert_eq!(truth::count(&r, "a"), 1);
    // At a, facing b (east): c is to the left, d behind; facing c: b is to the right.
    near(truth::bearing(&r, 1, 2, 3), -90.0);
    assert_eq!(truth::bearing(&r, 1, 2, 4), Some(180.0));
    assert_eq!(truth::side(&r, 1, 2, 3), Some(Side::Left));
    assert_eq!(truth::side(&r, 1, 2, 4), Some(Side::Back));
    assert_eq!(truth::side(&r, 1, 3, 2), Some(Side::Right));
    assert_eq!(truth::side(&r, 1, 1, 2), None);
    near(truth::side_margin(&r, 1, 2, 3), 45.0);
    assert_eq!(truth::side(&r, 1, 2, 9), None);
}

#[test]
fn distances_agree_with_dense_sampling() {
    let r = room(3);
    let mut rng = Rng::new(1);
    for (a, b) in [(3, 7), (5, 9), (8, 2)] {
        let d = truth::surface_distance(&r, a, b).unwrap();
        let (pa, pb) = (r.piece(a).unwrap(), r.piece(b).unwrap());
        let mut sampled = f64::INFINITY;
        for part in &pa.parts {
            for _ in 0..400 {
                let p = pa.frame.point(part.sample(&mut rng).0);
                let l = pb.frame.local(p);
                for q in &pb.parts {
                    sampled = sampled.min((q.project(l) - l).norm());
                }
            }
        }
        assert!(d <= sampled + 1e-9 && sampled < d + 0.15, "{a} {b}: {d} {sampled}");
        assert!(truth::box_distance(&r, a, b).unwrap() <= d + 1e-9);
    }
}

#[test]
fn benchmark_memories_have_the_size_asked() {
    let m = synthetic_points(70_001, 5).unwrap();
    assert_eq!(m.points().len(), 70_001);
    assert_eq!(
        m.points().positions[..],
        synthetic_points(70_001, 5).unwrap().points().positions[..]
    );
    let r = Room::generate(5, &RoomOptions::default());
    for id in 1..=r.pieces.len() as u32 {
        for p in m.instance_points(id).take(50) {
            assert!(truth::off_surface(&r, id, p) < 1e-5);
        }
    }
    assert_eq!(synthetic_points(0, 1).unwrap().points().len(), 0);

    let s = synthetic_scene(500, 2).unwrap();
    let m = s.manifest();
    assert_eq!(m.instances.len(), 500);
    assert!(m.categories.len() >= 25, "{}", m.categories.len());
    for (i, a) in m.instances.iter().enumerate() {
        for b in &m.instances[..i] {
            assert!(!a.obb.overlaps(&b.obb));
        }
    }
    assert!(synthetic_scene(0, 0).is_ok());
}
