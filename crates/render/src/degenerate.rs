//! Inputs at the edge of sense: each has one clear outcome.

use reasmory_geom::{Lens, Pinhole, Point3, View};
use reasmory_scene::Memory;

use crate::testing::{P, cube, memory_of, random_plane};
use crate::*;

const RED: [u8; 3] = [229, 25, 25];

fn north(fov: f64) -> View {
    View { lens: Lens::Fov(fov), ..View::level(Point3::origin(), 90.0) }
}

fn size(width: u32, height: u32) -> EgoOptions {
    EgoOptions { width, height, ..EgoOptions::default() }
}

fn draw(memory: &Memory, view: &View, options: &EgoOptions) -> Result<EgoRender, RenderError> {
    ego(memory, &Cloud::new(memory), view, options)
}

/// Nothing but unknown space: no surface, no depth, no instance.
fn shows_nothing(out: &EgoRender) {
    assert_eq!(out.coverage, 0.0);
    assert!(out.visible.is_empty());
    assert!(out.depth.iter().all(|z| *z == f32::INFINITY));
    assert!(out.instance.iter().all(|i| *i == 0));
    let w = out.image.width as usize;
    for (k, p) in out.image.pixels.iter().enumerate() {
        assert_eq!(*p, color::unknown(k % w, k / w));
    }
}

#[test]
fn no_points_and_no_boxes_show_unknown_space() {
    let memory = memory_of(vec![], vec![]);
    shows_nothing(&draw(&memory, &north(75.0), &size(64, 48)).unwrap());
    // From above there is nothing that could be framed, unless a region says what.
    let cloud = Cloud::new(&memory);
    assert_eq!(top(&memory, &cloud, &TopOptions::default()).err(), Some(RenderError::Nothing));
    let region = TopRegion::Bounds { min: [0.0, 0.0], max: [2.0, 1.0] };
    let options = TopOptions { region, width: 80, height: 60, ..TopOptions::default() };
    let map = top(&memory, &cloud, &options).unwrap();
    assert!(map.labels.is_empty() && map.legend.is_empty());
}

#[test]
fn damaged_points_are_not_drawn() {
    use reasmory_scene::index::{FloorMap, Grid, SpatialIndex};
    let damaged = |positions: Vec<[f32; 3]>, instance: Vec<u32>| {
        let n = positions.len();
        let mut m = reasmory_scene::Manifest::empty("x", "x", reasmory_scene::Scale::metric("x"));
        m.points = n as u64;
        let grid = Grid { origin: [0.0; 2], cell: 1.0, width: 0, height: 0 };
        let floor = FloorMap::stored(grid, vec![].into()).unwrap();
        let points = reasmory_scene::Points {
            positions: positions.into(),
            colors: vec![RED; n].into(),
            confidence: vec![1.0; n].into(),
            instance: instance.into(),
        };
        let nodes = vec![[0.0; 6]; reasmory_scene::index::nodes_of(n)];
        let groups = vec![0, n as u64];
        let at = points.positions.clone();
        let index = SpatialIndex::stored(&m, at, groups.into(), nodes.into(), floor).unwrap();
        Memory::stored(m, points, None, index).unwrap()
    };
    let nan = [f32::NAN, 2.0, 0.0];
    let memory = damaged(vec![nan, [0.0, 2.0, 0.0], [0.0, f32::INFINITY, 0.0]], vec![0, 7, 0]);
    let out = draw(&memory, &north(75.0), &size(31, 31)).unwrap();
    assert_eq!(out.image.pixels[15 * 31 + 15], RED);
    assert_eq!(out.image.pixels.iter().filter(|p| **p == RED).count(), 1);
    assert!(out.visible.is_empty() && out.instance.iter().all(|i| *i == 0));
    shows_nothing(&draw(&damaged(vec![nan; 3], vec![9; 3]), &north(75.0), &size(9, 9)).unwrap());
}

#[test]
fn one_point_is_one_pixel_and_frames_itself() {
    let memory = memory_of(vec![([0.0, 2.0, 0.0], RED, 0)], vec![]);
    let out = draw(&memory, &north(75.0), &size(31, 31)).unwrap();
    assert_eq!(out.image.pixels.iter().filter(|p| **p == RED).count(), 1);
    assert_eq!(out.image.pixels[15 * 31 + 15], RED);
    let cloud = Cloud::new(&memory);
    let map = top(&memory, &cloud, &TopOptions { width: 300, height: 300, ..Default::default() })
        .unwrap();
    assert!(map.image.pixels.iter().filter(|p| **p == RED).count() >= 1);
    assert!(map.scale.is_finite() && map.scale > 0.0);
}

#[test]
fn what_is_behind_is_not_seen() {
    let points: Vec<P> = random_plane(1.0, 2000.0, -1.0, RED, 0);
    shows_nothing(&draw(&memory_of(points, vec![]), &north(120.0), &size(60, 60)).unwrap());
}

#[test]
fn an_eye_in_a_surface_sees_past_it() {
    // Points all around the eye, one of them exactly in it; a wall farther on.
    let mut points = random_plane(0.5, 4000.0, 0.0, RED, 0);
    points.push(([0.0; 3], RED, 0));
    points.extend(random_plane(3.0, 4000.0, 2.0, [1, 2, 3], 0));
    let out = draw(&memory_of(points, vec![]), &north(60.0), &size(120, 120)).unwrap();
    assert_eq!(out.coverage, 1.0);
    assert!(out.image.pixels.iter().all(|p| *p == [1, 2, 3]));
    // An eye inside a solid box sees what is outside it.
    let memory = memory_of(
        vec![],
        vec![("crate", cube(0.0, 0.0, 0.0, 1.0)), ("far", cube(0.0, 3.0, 0.0, 1.0))],
    );
    let out = draw(&memory, &north(60.0), &size(80, 80)).unwrap();
    assert_eq!(out.visible.iter().map(|v| v.id).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_lens_without_width_is_refused_and_a_hair_is_drawn() {
    let memory = memory_of(random_plane(1.0, 3000.0, 2.0, RED, 0), vec![]);
    for fov in [0.0, -10.0, f64::NAN, f64::INFINITY] {
        let e = draw(&memory, &north(fov), &size(20, 20)).err();
        assert_eq!(e, Some(RenderError::NotFinite("the view")), "{fov}");
    }
    for lens in [(0.0, 10.0), (10.0, -1.0), (f64::INFINITY, 1.0)] {
        let pinhole = Pinhole { fx: lens.0, fy: lens.1, ..Pinhole::from_fov(4, 4, 60.0) };
        let view = View { lens: Lens::Pinhole(pinhole), ..north(60.0) };
        assert!(draw(&memory, &view, &size(4, 4)).is_err());
    }
    // As narrow and as wide as a lens can be: pictures, and no panic.
    for fov in [1e-9, 1e-3, 179.9] {
        let out = draw(&memory, &north(fov), &size(40, 40)).unwrap();
        assert!(out.depth.iter().all(|z| !z.is_nan()), "{fov}");
    }
}

#[test]
fn the_smallest_and_the_largest_picture() {
    let memory = memory_of(random_plane(3.0, 300.0, 2.0, RED, 0), vec![]);
    let cloud = Cloud::new(&memory);
    let out = ego(&memory, &cloud, &north(60.0), &size(1, 1)).unwrap();
    assert_eq!((out.image.pixels.as_slice(), out.coverage), (&[RED][..], 1.0));
    let map =
        top(&memory, &cloud, &TopOptions { width: 1, height: 1, ..Default::default() }).unwrap();
    assert_eq!(map.plot, Rect { x: 0, y: 0, w: 1, h: 1 });
    // As wide or as high as a picture may be; both at once takes memory for nothing more.
    for (w, h) in [(MAX_SIDE, 1), (1, MAX_SIDE), (MAX_SIDE, 64)] {
        let out = ego(&memory, &cloud, &north(60.0), &size(w, h)).unwrap();
        assert_eq!(out.image.pixels.len(), (w * h) as usize);
        assert!(out.coverage > 0.0);
    }
    for (w, h) in [(0, 1), (1, 0), (MAX_SIDE + 1, 1), (1, u32::MAX)] {
        let e = ego(&memory, &cloud, &north(60.0), &size(w, h)).err();
        assert_eq!(e, Some(RenderError::Size { width: w, height: h }));
    }
}

/// Takes a gigabyte and some seconds in the development profile.
#[test]
#[ignore = "takes a gigabyte: run it by name"]
fn a_picture_of_8192_by_8192() {
    let memory = memory_of(random_plane(3.0, 3000.0, 2.0, RED, 0), vec![]);
    let out = draw(&memory, &north(60.0), &size(MAX_SIDE, MAX_SIDE)).unwrap();
    assert_eq!(out.image.pixels.len(), 1 << 26);
    assert!(out.coverage > 0.02, "{}", out.coverage);
}

#[test]
fn two_hundred_labels_in_one_spot_are_all_told() {
    let boxes = (0..200).map(|_| ("chair", cube(0.0, 0.0, 0.5, 0.3))).collect();
    let memory = memory_of(vec![], boxes);
    let cloud = Cloud::new(&memory);
    for side in [960, 280] {
        let options = TopOptions { width: side, height: side, ..TopOptions::default() };
        let map = top(&memory, &cloud, &options).unwrap();
        assert_eq!(map.labels.len(), 200);
        let rects: Vec<Rect> = map.labels.iter().filter_map(|l| l.rect).collect();
        for (i, a) in rects.iter().enumerate() {
            assert!(map.plot.contains(a));
            assert!(rects[i + 1..].iter().all(|b| !a.overlaps(b)));
        }
        // Whoever has no label of its own stands in the legend, beside the plot.
        let own = map.labels.iter().filter(|l| l.rect.is_some() && l.number.is_none()).count();
        assert_eq!(own + map.legend.len(), 200);
        assert!(own >= 1);
        assert_eq!(map.image.width > map.plot.w as u32, own < 200);
        assert!(side > 300 || own < 200, "{own}");
    }
}

#[test]
fn points_at_the_ends_of_the_numbers() {
    // Far from the origin, and far from one another.
    for points in [
        vec![([1e6, 1e6 + 2.0, 1e6], RED, 0), ([1e6 + 0.1, 1e6 + 2.0, 1e6], RED, 0)],
        vec![([0.0, 1e-30, 0.0], RED, 0), ([0.0, 2.0, 0.0], RED, 0)],
        vec![([-1e30, 0.0, 0.0], RED, 0), ([1e30, 1.0, 0.0], RED, 0)],
        vec![([f32::MAX, 0.0, 0.0], RED, 0), ([f32::MIN, f32::MAX, f32::MAX], RED, 0)],
    ] {
        let eye = points[0].0.map(f64::from);
        let memory = memory_of(points, vec![]);
        let view = View { eye: Point3::new(eye[0], eye[1] - 2.0, eye[2]), ..north(60.0) };
        let out = draw(&memory, &view, &size(30, 30)).unwrap();
        assert!(out.depth.iter().all(|z| !z.is_nan()));
        let _ = top(
            &memory,
            &Cloud::new(&memory),
            &TopOptions { width: 30, height: 30, ..Default::default() },
        );
    }
}
