//! The spatial index against looking at every point.

use proptest::prelude::*;
use reasmory_geom::{Pinhole, Point3, Pose, Vec3};
use reasmory_scene::index::{SpatialIndex, Tree, frustum};
use reasmory_scene::{Instance, Manifest, Memory, Points, Scale};

type Cloud = Vec<[f32; 3]>;

fn cloud(least: usize, planar: bool) -> impl Strategy<Value = Cloud> {
    let z = if planar { 0.0..1e-9f32 } else { -2.0..2.0f32 };
    // Some coordinates are equal, so that ties are met.
    let x = || prop_oneof![(-2.0..2.0f32), (-4..4i8).prop_map(|i| f32::from(i) * 0.5)];
    prop::collection::vec((x(), x(), z), least..300)
        .prop_map(|v| v.into_iter().map(|(x, y, z)| [x, y, z]).collect())
}

fn wide(p: [f32; 3]) -> Point3 {
    Point3::from(p.map(f64::from))
}

fn least(a: &Cloud, b: &Cloud) -> f64 {
    let all = a.iter().flat_map(|p| b.iter().map(move |q| (wide(*p) - wide(*q)).norm_squared()));
    all.fold(f64::INFINITY, f64::min).sqrt()
}

fn tree(c: &Cloud) -> Tree {
    Tree::new((0u32..).zip(c.iter().copied())).unwrap()
}

/// A memory whose points belong to no instance, one or the other in turn.
fn memory(c: &Cloud) -> Memory {
    let mut m = Manifest::empty("test", "test", Scale::metric("test"));
    for id in 1..=2 {
        m.instances.push(Instance {
            id,
            category: "thing".into(),
            obb: reasmory_geom::Obb::upright(Point3::origin(), Vec3::new(1.0, 1.0, 1.0), 0.0),
            confidence: 1.0,
            support: 0,
            front: None,
            seen_in: vec![],
        });
    }
    m.index_categories();
    m.points = c.len() as u64;
    for p in c {
        m.extend_bounds(wide(*p));
    }
    let points = Points {
        positions: c.clone().into(),
        colors: vec![[0; 3]; c.len()].into(),
        confidence: vec![1.0; c.len()].into(),
        instance: (0..c.len() as u32).map(|i| i % 3).collect::<Vec<_>>().into(),
    };
    Memory::new(m, points, None).unwrap()
}

fn rows(c: &Cloud, keep: impl Fn(u32, Point3) -> bool) -> Vec<u32> {
    (0u32..).zip(c).filter(|(i, p)| keep(*i, wide(**p))).map(|(i, _)| i).collect()
}

proptest! {
    #[test]
    fn closest_points(a in cloud(1, false), b in cloud(1, true), dx in 0.0..9.0f32) {
        let b: Cloud = b.into_iter().map(|p| [p[0] + dx, p[1], p[2]]).collect();
        let (s, t) = (tree(&a), tree(&b));
        let c = s.closest(&t).unwrap();
        prop_assert_eq!(c.distance, least(&a, &b));
        prop_assert_eq!((c.points[0] - c.points[1]).norm_squared().sqrt(), c.distance);
        prop_assert_eq!(wide(a[c.rows[0] as usize]), c.points[0]);
        prop_assert_eq!(wide(b[c.rows[1] as usize]), c.points[1]);
        prop_assert_eq!(t.distance(&s), c.distance);
        prop_assert_eq!(s.distance_to_point(wide(b[0])), least(&a, &vec![b[0]]));
    }

    #[test]
    fn of_the_whole_memory(c in cloud(1, false), q in (-3.0..3.0, -3.0..3.0, -3.0..3.0), r in 0.0..2.5) {
        let q = Point3::new(q.0, q.1, q.2);
        let m = memory(&c);
        let index = m.index();
        for keep in [|_: u32| true, |g: u32| g == 1] {
            let of = |i: u32| keep(i % 3);
            let nearest = rows(&c, |i, _| of(i)).iter()
                .map(|i| (wide(c[*i as usize]) - q).norm_squared())
                .fold(f64::INFINITY, f64::min).sqrt();
            match index.nearest(q, keep) {
                Some((g, n)) => {
                    prop_assert_eq!(n.distance, nearest);
                    prop_assert_eq!(n.row % 3, g);
                    prop_assert_eq!((wide(c[n.row as usize]) - q).norm_squared().sqrt(), nearest);
                }
                None => prop_assert_eq!(nearest, f64::INFINITY),
            }
            let near = rows(&c, |i, p| of(i) && (p - q).norm_squared() <= r * r);
            prop_assert_eq!(index.within_radius(q, r, keep), near);
            // A ray from the point to somewhere else.
            let d = Vec3::new(1.0, 0.5 * q.x, -0.3 * q.y);
            let (u, r) = (d.normalize(), 0.2 * r);
            let passed = rows(&c, |i, p| {
                let along = (p - q).dot(&u);
                of(i) && along >= 0.0 && (p - q - u * along).norm() <= r
            });
            let first = passed.iter().map(|i| (wide(c[*i as usize]) - q).dot(&u)).fold(f64::INFINITY, f64::min);
            match index.ray(q, d, r, keep) {
                Some((g, hit)) => {
                    prop_assert_eq!((hit.along, hit.row % 3), (first, g));
                    prop_assert!(passed.contains(&hit.row) && hit.beside <= r);
                    // It stands before what is behind it, and not before itself.
                    let end = q + u * (hit.along + 1.0);
                    prop_assert!(index.between(q, end, r, 0.5, keep).is_some());
                    prop_assert!(index.between(q, end, r, 1.5, keep).is_none());
                }
                None => prop_assert!(passed.is_empty()),
            }
            // What a camera there sees.
            let forward = u;
            let right = forward.cross(&Vec3::z()).normalize();
            let pose = Pose::from_axes(right, forward.cross(&right), forward, q);
            let pinhole = Pinhole::from_fov(64, 48, 60.0);
            // But for rounding at the border.
            let seen = |e: f64| rows(&c, |i, p| {
                let v = pose.to_camera(p);
                of(i) && (0.5 - e..=3.0 + e).contains(&v.z) && pinhole.project(v).is_some_and(|(x, y)| {
                    (-e..=64.0 + e).contains(&x) && (-e..=48.0 + e).contains(&y)
                })
            });
            let inside = index.inside(&frustum(&pinhole, &pose, 0.5, 3.0), keep);
            let (surely, perhaps) = (seen(-1e-9), seen(1e-9));
            prop_assert!(surely.iter().all(|r| inside.contains(r)));
            prop_assert!(inside.iter().all(|r| perhaps.contains(r)));
        }
    }

    #[test]
    fn of_numbers_that_are_none(c in cloud(40, false), holes in prop::collection::vec(0..40usize, 1..9)) {
        // Such points are found by nobody, and hide no others.
        let mut broken = c.clone();
        for h in &holes {
            broken[*h][h % 3] = f32::NAN;
        }
        let whole: Cloud = broken.iter().copied().filter(|p| p.iter().all(|x| x.is_finite())).collect();
        let (s, t) = (tree(&broken), tree(&c));
        if !whole.is_empty() {
            prop_assert_eq!(s.distance(&t), least(&whole, &c));
            prop_assert_eq!(s.distance_to_point(Point3::origin()), least(&whole, &vec![[0.0; 3]]));
            prop_assert_eq!(s.within_radius(Point3::origin(), 9.0).len(), whole.len());
        }
    }
}

#[test]
fn equal_points_are_harmless() {
    let t = tree(&vec![[1.0, 2.0, 3.0]; 500]);
    assert_eq!(t.distance(&t), 0.0);
    assert_eq!(t.distance_to_point(Point3::new(1.0, 2.0, 5.0)), 2.0);
    assert_eq!(t.ray(Point3::new(1.0, 2.0, 0.0), Vec3::z(), 0.0).unwrap().along, 3.0);
    assert!(t.ray(Point3::origin(), Vec3::zeros(), 1.0).is_none());
    assert!(Tree::new([]).is_none());
}

#[test]
fn a_stored_index_answers_like_the_built_one_and_lies_are_refused() {
    let c: Cloud = (0..4000u32)
        .map(|i| [(i % 37) as f32, (i * i % 41) as f32 * 0.3, (i % 5) as f32])
        .collect();
    let m = memory(&c);
    let built = m.index();
    let order = built.order().unwrap();
    let sorted: Cloud = order.iter().map(|r| c[*r as usize]).collect();
    assert_eq!(sorted[..], built.positions()[..]);
    let part = |manifest: &Manifest, groups: Vec<u64>, nodes: Vec<[f32; 6]>| {
        SpatialIndex::stored(
            manifest,
            sorted.clone().into(),
            groups.into(),
            nodes.into(),
            built.floor().clone(),
        )
    };
    let (groups, nodes) = (built.groups().to_vec(), built.nodes().to_vec());
    let stored = part(m.manifest(), groups.clone(), nodes.clone()).unwrap();
    for i in 0..50 {
        let q = Point3::new(0.9 * f64::from(i), 7.0, 1.5);
        let (a, b) = (built.nearest(q, |_| true).unwrap(), stored.nearest(q, |_| true).unwrap());
        assert_eq!((a.0, a.1.distance, a.1.row), (b.0, b.1.distance, order[b.1.row as usize]));
    }
    // The same groups and points as before, in runs.
    let points = Points {
        positions: sorted.clone().into(),
        instance: order.iter().map(|r| r % 3).collect::<Vec<_>>().into(),
        ..m.points().clone()
    };
    let manifest = m.manifest().as_ref().clone();
    let back = Memory::stored(manifest.clone(), points, None, stored).unwrap();
    for id in 1..=2 {
        let (a, b) = (m.instance_tree(id).unwrap(), back.instance_tree(id).unwrap());
        assert_eq!((a.len(), a.bounds()), (b.len(), b.bounds()));
        assert_eq!(back.instance_points(id).count(), m.instance_points(id).count());
        assert!(back.instance_rows(id).iter().all(|r| back.points().instance[r as usize] == id));
    }
    assert!(back.instance_rows(3).is_empty() && back.instance_tree(3).is_none());

    let refuses =
        |groups: Vec<u64>, nodes: Vec<[f32; 6]>| part(&manifest, groups, nodes).unwrap_err().tensor;
    let with = |i: usize, v: u64| {
        let mut g = groups.clone();
        g[i] = v;
        g
    };
    assert_eq!(refuses(groups[1..].to_vec(), nodes.clone()), "groups");
    assert_eq!(refuses(with(0, 1), nodes.clone()), "groups");
    assert_eq!(refuses(with(3, 4001), nodes.clone()), "groups");
    assert_eq!(refuses(with(1, u64::MAX), nodes.clone()), "groups");
    assert_eq!(refuses(groups.clone(), nodes[1..].to_vec()), "nodes");
}

/// Only damage puts what is no number among stored points: it is nowhere, whatever is asked.
#[test]
fn points_that_are_no_numbers_are_nowhere() {
    let good: Cloud = (0..400).map(|i| [(i % 20) as f32, (i / 20) as f32, 0.5]).collect();
    let mut bad = good.clone();
    for (k, x) in [f32::NAN, -f32::NAN].into_iter().cycle().take(60).enumerate() {
        bad[k * 6][k % 3] = x;
    }
    let left: Cloud = bad.iter().copied().filter(|p| !p.iter().any(|x| x.is_nan())).collect();
    let (s, other) = (tree(&bad), tree(&vec![[30.0, 5.0, 0.5], [-4.0, 3.0, 2.0]]));
    let t = tree(&left);
    assert_eq!(s.distance(&other), t.distance(&other));
    assert_eq!(other.distance(&s), t.distance(&other));
    let q = Point3::new(3.2, 4.1, 0.0);
    assert_eq!(s.distance_to_point(q), t.distance_to_point(q));
    assert_eq!(s.within_radius(q, 50.0).len(), left.len());
    assert_eq!(s.inside(&[]).len(), left.len());
    let down = |t: &Tree| t.ray(q + Vec3::new(0.0, 0.0, 9.0), -Vec3::z(), 1.0).map(|h| h.along);
    assert_eq!(down(&s), down(&t));
    // Of nothing but such there is no nearest.
    let none = tree(&vec![[f32::NAN; 3]; 70]);
    assert!(none.nearest(q).is_none() && none.closest(&s).is_none() && s.closest(&none).is_none());
    assert!(none.within_radius(q, 1e9).is_empty() && none.inside(&[]).is_empty());
}

/// Programs run on the threads of the pool that an index is built on, too: many that ask for the floor of one memory at once
/// come to an end, and it is the index's.
#[test]
fn many_threads_ask_for_one_floor() {
    use rayon::prelude::*;
    let c: Cloud =
        (0..20_000).map(|i| [(i % 141) as f32 * 0.02, (i / 141) as f32 * 0.02, 0.0]).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    for _ in 0..5 {
        let m = memory(&c);
        let free: Vec<f64> =
            pool.install(|| (0..16).into_par_iter().map(|_| m.floor_map().free_area()).collect());
        assert!(free.windows(2).all(|w| w[0] == w[1]));
        let alone = m.floor_map().cells().to_vec();
        assert_eq!(m.index().floor().cells()[..], alone[..]);
    }
}
