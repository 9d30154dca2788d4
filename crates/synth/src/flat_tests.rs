//! Properties of flats.

use reasmory_geom::{Obb, Point3};

use crate::walk::{Floor, stops};
use crate::*;

fn shrunk(b: &Obb) -> Obb {
    Obb { half: b.half.map(|h| (h - 5e-4).max(1e-5)), ..*b }
}

#[test]
fn pieces_stand_in_their_rooms_and_leave_the_doorways_free() {
    let mut kinds = std::collections::BTreeSet::new();
    for seed in 0..40 {
        let f = Room::flat(seed, None);
        let l = f.layout.as_ref().unwrap();
        assert!((2..=6).contains(&l.rooms.len()), "seed {seed}");
        assert!(l.doorways.len() >= l.rooms.len() - 1, "seed {seed}: {:?}", l.doorways);
        assert_eq!(l.tour().len(), l.rooms.len(), "seed {seed}: a room cannot be entered");
        assert_eq!(truth::count(&f, "door"), 1, "seed {seed}");
        let area: f64 = l
            .rooms
            .iter()
            .map(|c| (c.span[1][0] - c.span[0][0]) * (c.span[1][1] - c.span[0][1]))
            .sum();
        assert!(
            (truth::area(&f) - area).abs() < 1e-9 && f.facts().stated_area == Some(truth::area(&f))
        );
        let mut next = 1;
        for c in &l.rooms {
            assert_eq!(c.pieces[0], next);
            next = c.pieces[1];
            for id in c.pieces[0]..c.pieces[1] {
                let p = f.piece(id).unwrap();
                assert_eq!(p.id, id);
                kinds.insert(p.category);
                let mine = |q: Point3| c.holds([q.x, q.y], 1e-6);
                assert!(
                    p.obb.corners().into_iter().all(mine),
                    "seed {seed} {} in {}",
                    p.category,
                    c.name
                );
                if let Some(s) = p.support {
                    assert!((c.pieces[0]..c.pieces[1]).contains(&s));
                }
                for w in &l.doorways {
                    let h = w.top / 2.0;
                    // The doorway, and half a step before and behind it.
                    let (a, b) = (w.span[0], w.span[1]);
                    let out = [0, 1].map(|k| if b[k] - a[k] < 0.2 { 0.4 } else { 0.0 });
                    let way = Obb::from_min_max(
                        Point3::new(a[0] - out[0], a[1] - out[1], 0.05),
                        Point3::new(b[0] + out[0], b[1] + out[1], 2.0 * h - 0.05),
                    );
                    let flat = p.obb.size()[2] < 0.05;
                    assert!(flat || !shrunk(&p.obb).overlaps(&way), "seed {seed} {}", p.category);
                }
            }
        }
        assert_eq!(next as usize, f.pieces.len() + 1);
        for (i, p) in f.pieces.iter().enumerate() {
            for q in &f.pieces[..i] {
                let together = p.support == Some(q.id);
                assert!(
                    together || !shrunk(&p.obb).overlaps(&shrunk(&q.obb)),
                    "seed {seed}: {} {}",
                    p.category,
                    q.category
                );
            }
        }
    }
    assert!(kinds.len() >= 40, "{} {kinds:?}", kinds.len());
}

/// Walls close every room but for its doorways, and one can walk from each room to each other.
#[test]
fn rooms_are_closed_and_joined() {
    for seed in 0..12 {
        let f = Room::flat(seed, Some(2 + seed as usize % 5));
        let l = f.layout.as_ref().unwrap();
        let mut rng = Rng::new(seed);
        for _ in 0..400 {
            let c = &l.rooms[rng.below(l.rooms.len())];
            let m = c.middle();
            let o = Point3::new(m[0], m[1], rng.range(0.3, 2.3));
            let d = reasmory_geom::Vec3::from_fn(|_, _| rng.range(-1.0, 1.0));
            let hit = f.trace(o, d).unwrap();
            let p = o + d * hit.t;
            assert!(p.z > -1e-6 && p.z < f.height + 1e-6, "seed {seed}: {p:?}");
            let inside = |q: Point3| {
                l.rooms.iter().any(|c| c.holds([q.x, q.y], 1e-6))
                    || l.doorways.iter().any(|w| {
                        (0..2).all(|k| q[k] >= w.span[0][k] - 1e-6 && q[k] <= w.span[1][k] + 1e-6)
                    })
            };
            // Everywhere on its way the ray is in a room or a doorway.
            for s in 1..40 {
                assert!(
                    inside(o + d * (hit.t * f64::from(s) / 40.0)),
                    "seed {seed}: through a wall to {p:?}"
                );
            }
            assert!(truth::off_surface(&f, hit.id, p) < 1e-6, "seed {seed}");
        }
        let floor = Floor::new(&f, 0.25);
        let stops = stops(&f, &floor);
        for s in &stops[1..] {
            let way = floor.way(stops[0], *s, 1.0).unwrap_or_else(|| panic!("seed {seed}: no way"));
            let straight = (s[0] - stops[0][0]).hypot(s[1] - stops[0][1]);
            assert!(walk::length(&way) > straight - 2.2, "seed {seed}");
        }
    }
}

#[test]
fn a_video_walks_through_every_room() {
    let f = Room::flat(3, Some(4));
    let l = f.layout.as_ref().unwrap();
    let path = video_path(&f, 240, 60.0, 64, 48);
    assert_eq!(path, video_path(&f, 240, 60.0, 64, 48));
    let mut been = vec![0; l.rooms.len()];
    for c in &path {
        let p = [c.pose.center.x, c.pose.center.y];
        let own: Vec<usize> = (0..l.rooms.len()).filter(|r| l.rooms[*r].holds(p, 0.0)).collect();
        assert!(cameras::free_distance(&f, p[0], p[1], 1.3) > 0.05, "in a wall or a wardrobe");
        own.into_iter().for_each(|r| been[r] += 1);
    }
    assert!(been.iter().all(|n| *n >= 20), "{been:?}");
    for w in path.windows(2) {
        let (a, b) = (&w[0].pose, &w[1].pose);
        let turn = ((a.rotation.transpose() * b.rotation).trace() - 1.0) / 2.0;
        assert!((a.center - b.center).norm() < 0.4 && turn > 0.85, "a jump");
    }
    let photos = photo_set(&f, 12, 64, 48);
    let rooms: Vec<usize> = photos
        .iter()
        .map(|c| {
            l.tour()
                .iter()
                .position(|r| l.rooms[*r].holds([c.pose.center.x, c.pose.center.y], 0.0))
                .unwrap()
        })
        .collect();
    assert!(rooms.is_sorted(), "{rooms:?}");
    let mut some = rooms;
    some.dedup();
    assert!(some.len() >= 3, "{some:?}");
}
