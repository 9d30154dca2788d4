//! Properties of whole pictures.

use proptest::prelude::*;
use reasmory_geom::{Lens, Pinhole, Point2, Point3, Turn, Vec3, View};
use reasmory_scene::{Memory, Room};

use crate::testing::{cube, memory_of, plane, random_plane};
use crate::*;

const RED: [u8; 3] = [229, 25, 25];
const BLUE: [u8; 3] = [10, 40, 200];

/// North, along +Y.
fn north(fov: f64) -> View {
    View { lens: Lens::Fov(fov), ..View::level(Point3::origin(), 90.0) }
}

fn draw(memory: &Memory, view: &View, side: u32) -> EgoRender {
    let options = EgoOptions { width: side, height: side, ..EgoOptions::default() };
    ego(memory, &Cloud::new(memory), view, &options).unwrap()
}

#[test]
fn a_plane_has_no_pinholes_at_any_distance() {
    for at in [0.5, 1.0, 2.0, 4.0, 8.0] {
        for points in [plane(220, 220, 0.01, at, RED), random_plane(1.1, 8000.0, at, RED, 0)] {
            let memory = memory_of(points, vec![]);
            // The picture shows the inner part of the plane only.
            let fov = 2.0 * reasmory_geom::math::atan2_deg(0.8, f64::from(at));
            let out = draw(&memory, &north(fov.min(60.0)), 240);
            assert_eq!(out.coverage, 1.0, "at {at}");
            assert!(out.image.pixels.iter().all(|p| *p == RED));
            assert!(out.depth.iter().all(|z| (z - at).abs() < 1e-4));
        }
    }
}

#[test]
fn a_wall_hides_what_is_behind() {
    let mut points = random_plane(1.5, 6000.0, 2.0, RED, 0);
    points.extend(random_plane(3.0, 6000.0, 3.0, BLUE, 0));
    let out = draw(&memory_of(points, vec![]), &north(50.0), 300);
    assert!(out.image.pixels.iter().all(|p| *p == RED));
}

#[test]
fn one_point_is_where_the_pinhole_says() {
    for (p, side) in [([0.31, 2.0, 0.17], 101), ([-0.4, 1.7, -0.33], 64), ([0.0, 1.0, 0.0], 31)] {
        let memory = memory_of(vec![(p, RED, 0)], vec![]);
        let view = north(75.0);
        let out = draw(&memory, &view, side);
        let world = Point3::new(f64::from(p[0]), f64::from(p[1]), f64::from(p[2]));
        let at = view.pinhole(side, side).project(view.pose().to_camera(world)).unwrap();
        let k = at.1.floor() as usize * side as usize + at.0.floor() as usize;
        assert_eq!(out.image.pixels[k], RED);
        assert_eq!(out.image.pixels.iter().filter(|c| **c == RED).count(), 1);
        assert!((f64::from(out.depth[k]) - f64::from(p[1])).abs() < 1e-6);
    }
}

#[test]
fn an_instance_mask_is_its_projection() {
    // A square of points of an instance before a wall of points of none, and the same as a box.
    let mut points = random_plane(3.0, 20_000.0, 4.0, BLUE, 0);
    for i in 0..=200 {
        for k in 0..=200 {
            let (x, z) = (i as f32 / 200.0 - 0.5, k as f32 / 200.0 - 0.5);
            points.push(([x, 2.0, z], RED, 1));
        }
    }
    let face =
        reasmory_geom::Obb::upright(Point3::new(0.0, 2.25, 0.0), Vec3::new(1.0, 0.5, 1.0), 0.0);
    for points in [points, vec![]] {
        let memory = memory_of(points, vec![("crate", face)]);
        let out = draw(&memory, &north(60.0), 200);
        let f = north(60.0).pinhole(200, 200).fx;
        let half = f * 0.5 / 2.0;
        let v = &out.visible[0];
        assert_eq!(v.id, 1);
        for (got, want) in [
            (v.bbox.x, 100.0 - half),
            (v.bbox.y, 100.0 - half),
            (v.bbox.x + v.bbox.w, 100.0 + half),
            (v.bbox.y + v.bbox.h, 100.0 + half),
        ] {
            assert!((f64::from(got) - want).abs() <= 1.5, "{got} {want}");
        }
        let filled = f64::from(v.pixels) / f64::from(v.bbox.w * v.bbox.h);
        assert!(filled > 0.97, "{filled}");
    }
}

fn small_scene() -> Memory {
    let mut points = random_plane(1.0, 3000.0, 2.0, RED, 1);
    points.extend(random_plane(2.0, 3000.0, 3.0, BLUE, 2));
    let wall =
        reasmory_geom::Obb::upright(Point3::new(0.0, 3.0, 0.0), Vec3::new(4.0, 0.1, 4.0), 0.0);
    memory_of(points, vec![("poster", cube(0.0, 2.0, 0.0, 2.0)), ("wall", wall)])
}

#[test]
fn threads_do_not_change_a_bit() {
    let memory = small_scene();
    let view = View { pitch: 7.0, ..View::level(Point3::new(0.3, -0.4, 0.2), 80.0) };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let cloud = Cloud::new(&memory);
            let options = EgoOptions { width: 200, height: 150, ..EgoOptions::default() };
            let e = ego(&memory, &cloud, &view, &options).unwrap();
            let t = top(&memory, &cloud, &TopOptions { all_instances: true, ..Default::default() });
            let png = encode_png(&e.image).unwrap();
            let bits: Vec<u32> = e.depth.iter().map(|z| z.to_bits()).collect();
            (e.image, bits, e.instance, t.unwrap().image, png)
        })
    };
    let (one, two, four) = (with(1), with(2), with(4));
    assert!(one == two && one == four);
}

#[test]
fn turning_the_world_and_the_viewer_changes_nothing() {
    // A quarter turn is exact in the view's heading.
    let points = random_plane(1.0, 3000.0, 2.0, RED, 0);
    let turned = points.iter().map(|(p, c, i)| ([-p[1], p[0], p[2]], *c, *i)).collect();
    let view = View { pitch: -3.0, ..north(70.0) };
    let a = draw(&memory_of(points, vec![]), &view, 150);
    let b = draw(&memory_of(turned, vec![]), &view.turned(Turn::Left(90.0)), 150);
    // The curve's order differs, so ties may, and which points share a plane; silhouettes hardly do.
    let differ = a.depth.iter().zip(&b.depth).filter(|(x, y)| x.is_finite() != y.is_finite());
    let differ = differ.count();
    assert!(differ < 150 * 150 / 200, "{differ}");
    // A point on the right is drawn on the right, one above is drawn above.
    let mean = |p: [f32; 3], c: [u8; 3]| {
        let out = draw(&memory_of(vec![(p, c, 0)], vec![]), &north(70.0), 101);
        let on = || (0..101 * 101usize).filter(|k| out.image.pixels[*k] == c);
        (
            on().map(|k| k % 101).sum::<usize>() / on().count(),
            on().map(|k| k / 101).sum::<usize>() / on().count(),
        )
    };
    let (right, above) = (mean([0.5, 2.0, 0.0], RED), mean([0.0, 2.0, 0.5], BLUE));
    assert!(right.0 > 60 && right.1.abs_diff(50) <= 1);
    assert!(above.1 < 40 && above.0.abs_diff(50) <= 1);
}

#[test]
fn from_above_north_is_up_and_lengths_are_true() {
    let memory = small_scene();
    let cloud = Cloud::new(&memory);
    let marks = [
        Mark::Room,
        Mark::Instance(2),
        Mark::View { view: north(75.0), label: "you".into() },
        Mark::Point { at: Point3::new(1.0, 1.0, 0.0), label: "here".into() },
        Mark::Route(vec![Point3::origin(), Point3::new(1.0, 1.0, 0.0)]),
    ];
    for photographic in [true, false] {
        let options = TopOptions { marks: &marks, photographic, ..Default::default() };
        let t = top(&memory, &cloud, &options).unwrap();
        let (o, n) = (t.to_pixel(Point2::origin()), t.to_pixel(Point2::new(0.0, 1.0)));
        let e = t.to_pixel(Point2::new(1.0, 0.0));
        assert!((n.0 - o.0).abs() < 1e-9 && (o.1 - n.1 - t.scale).abs() < 1e-9);
        assert!((e.0 - o.0 - t.scale).abs() < 1e-9);
        let back = t.to_world(e.0, e.1);
        assert!((back - Point2::new(1.0, 0.0)).norm() < 1e-9);
        assert!((t.scale_bar.0 * t.scale - t.scale_bar.1).abs() < 1e-9);
        // The bar is there: dark from its one end to the other in the row of its ticks' middle.
        let dark = |x: i32, y: i32| t.image.pixels[(y * t.image.width as i32 + x) as usize][0] < 90;
        let longest = (850..960).map(|y| (0..400).filter(|x| dark(*x, y)).count()).max().unwrap();
        // A photograph's unknown surroundings are dark as well.
        assert!(
            photographic || (longest as f64 - t.scale_bar.1).abs() <= 6.0,
            "{longest} {}",
            t.scale_bar.1
        );
        for (i, a) in t.labels.iter().enumerate() {
            let a = a.rect.unwrap();
            assert!(t.labels[i + 1..].iter().all(|b| !b.rect.unwrap().overlaps(&a)));
        }
    }
}

#[test]
fn the_ceiling_is_taken_off() {
    let flat = |z: f32, c| {
        let p = random_plane(1.0, 5000.0, z, c, 0);
        p.into_iter().map(|(p, c, i)| ([p[0], p[2], p[1]], c, i))
    };
    let points: Vec<_> = flat(0.0, RED).chain(flat(2.5, BLUE)).collect();
    let memory = memory_of(points.clone(), vec![]);
    let shown = |m: &Memory| {
        let options = TopOptions { width: 200, height: 200, ..Default::default() };
        let t = top(m, &Cloud::new(m), &options).unwrap();
        t.image.pixels[100 * 200 + 100]
    };
    assert_eq!(shown(&memory), RED);
    let mut manifest = (**memory.manifest()).clone();
    let square = vec![[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]];
    manifest.room =
        Some(Room { outline: square, floor: 0.0, ceiling: Some(2.5), stated_area: None });
    assert_eq!(shown(&Memory::new(manifest, memory.points().clone(), None).unwrap()), RED);
}

#[test]
fn visibility_by_hand() {
    // A near cube hides a far one behind it; a third stands apart; a fourth is behind the viewer.
    let boxes = vec![
        ("near", cube(0.0, 2.0, 0.0, 1.0)),
        ("far", cube(0.0, 5.0, 0.0, 1.0)),
        ("aside", cube(3.0, 5.0, 0.0, 1.0)),
        ("behind", cube(0.0, -4.0, 0.0, 1.0)),
    ];
    let memory = memory_of(vec![], boxes);
    let view = north(75.0);
    let f = |id, limit| visible_fraction(&memory, None, &view, id, limit).unwrap();
    assert_eq!([f(1, true), f(2, true), f(3, true), f(4, true)], [1.0, 0.0, 1.0, 0.0]);
    assert_eq!(f(4, false), 1.0);
    assert_eq!(occluders(&memory, None, &view, 2, true).unwrap(), [1]);
    assert!(occluders(&memory, None, &view, 3, true).unwrap().is_empty());
    // The same with points: a poster before a wall twice its size.
    let memory = small_scene();
    let cloud = Cloud::new(&memory);
    let f = |id, limit| visible_fraction(&memory, Some(&cloud), &view, id, limit).unwrap();
    assert!(f(1, true) > 0.999);
    // The poster's shadow on the wall is a square of side 3 of 4.
    assert!((f(2, false) - 7.0 / 16.0).abs() < 0.05, "{}", f(2, false));
    assert_eq!(occluders(&memory, Some(&cloud), &view, 2, false).unwrap(), [1]);
    assert_eq!(visible_fraction(&memory, None, &view, 9, true), Err(RenderError::NoInstance(9)));
}

#[test]
fn nonsense_is_refused() {
    let memory = small_scene();
    let cloud = Cloud::new(&memory);
    let view = north(75.0);
    for (width, height) in [(0, 10), (10, 0), (MAX_SIDE + 1, 10)] {
        let options = EgoOptions { width, height, ..Default::default() };
        assert!(matches!(ego(&memory, &cloud, &view, &options), Err(RenderError::Size { .. })));
        let options = TopOptions { width, height, ..Default::default() };
        assert!(matches!(top(&memory, &cloud, &options), Err(RenderError::Size { .. })));
    }
    let broken = View { eye: Point3::new(f64::NAN, 0.0, 0.0), ..view };
    let e = ego(&memory, &cloud, &broken, &EgoOptions::default());
    assert!(matches!(e, Err(RenderError::NotFinite(_))));
    let lens = Pinhole { fx: f64::NAN, ..Pinhole::from_fov(4, 4, 60.0) };
    let broken = View { lens: Lens::Pinhole(lens), ..view };
    assert!(visible_fraction(&memory, Some(&cloud), &broken, 1, true).is_err());
    let marks = [Mark::Instance(77)];
    let e = top(&memory, &cloud, &TopOptions { marks: &marks, ..Default::default() });
    assert_eq!(e.err(), Some(RenderError::NoInstance(77)));
    let other = memory_of(vec![], vec![]);
    let e = ego(&other, &cloud, &view, &EgoOptions::default());
    assert_eq!(e.err(), Some(RenderError::OtherCloud));
    let e = top(&other, &Cloud::new(&other), &TopOptions::default());
    assert_eq!(e.err(), Some(RenderError::Nothing));
    assert_eq!(side_by_side(&[]).err(), Some(RenderError::Nothing));
    // Tiny pictures are pictures.
    for side in 1..20 {
        let options = EgoOptions { width: side, height: 3, ..Default::default() };
        assert!(ego(&memory, &cloud, &view, &options).is_ok());
        let options =
            TopOptions { width: side, height: 3, all_instances: true, ..Default::default() };
        assert!(top(&memory, &cloud, &options).is_ok());
    }
}

#[test]
fn composition() {
    let memory = small_scene();
    let e = draw(&memory, &north(75.0), 120);
    let d = depth_image(&e);
    assert!(d.width > 120 && d.height == 120);
    let strip = side_by_side(&[(e.image.clone(), "one".into()), (d, "two".into())]).unwrap();
    assert_eq!(strip.pixels.len(), (strip.width * strip.height) as usize);
    assert_eq!(resize(&e.image, 120, 120).unwrap(), e.image);
    let flat = reasmory_scene::Rgb8 { width: 7, height: 5, pixels: vec![RED; 35] };
    for (w, h) in [(3, 2), (20, 11), (1, 1)] {
        assert!(resize(&flat, w, h).unwrap().pixels.iter().all(|p| *p == RED));
    }
    let png = encode_png(&flat).unwrap();
    assert_eq!(png, encode_png(&flat).unwrap());
    let back = image::load_from_memory(&png).unwrap().to_rgb8();
    assert_eq!(back.as_raw().as_slice(), flat.pixels.as_flattened());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Many boxes, many cameras: every name is in the picture or in the legend.
    #[test]
    fn no_label_of_a_plan_is_lost(places in prop::collection::vec((-3.0..3.0f64, -3.0..3.0f64), 1..60)) {
        let boxes = places.iter().map(|p| ("chair", cube(p.0, p.1, 0.5, 0.4))).collect();
        let memory = memory_of(vec![], boxes);
        let options = TopOptions { width: 300, height: 260, ..Default::default() };
        let t = top(&memory, &Cloud::new(&memory), &options).unwrap();
        prop_assert_eq!(t.labels.len(), places.len());
        let rects: Vec<Rect> = t.labels.iter().filter_map(|l| l.rect).collect();
        for (i, a) in rects.iter().enumerate() {
            prop_assert!(t.plot.contains(a));
            prop_assert!(rects[i + 1..].iter().all(|b| !a.overlaps(b)));
        }
        let shown = t.labels.iter().filter(|l| l.rect.is_some() && l.number.is_none()).count();
        prop_assert_eq!(shown + t.legend.len(), places.len());
        prop_assert_eq!(t.image.width > 300, !t.legend.is_empty());
    }
}
