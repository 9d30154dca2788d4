//! The tiled drawing against the rule itself, and its parts against each other.

use reasmory_geom::{Lens, Point3, View};

use super::*;
use crate::ego::{EgoOptions, EgoRender, Perspective, ego_into, egos, near_plane};
use crate::testing::{Random, memory_of, random_plane};
use crate::{TopOptions, TopRender, ego, top_into};

/// North, along +Y.
fn north(fov: f64) -> View {
    View { lens: Lens::Fov(fov), ..View::level(Point3::origin(), 90.0) }
}

/// Points anywhere in a box before the viewer, and around it.
fn swarm(n: usize, seed: u64) -> Vec<crate::testing::P> {
    let mut random = Random::new(seed);
    (0..n)
        .map(|i| {
            let p =
                [6.0 * random.unit() - 3.0, 9.0 * random.unit() - 2.0, 4.0 * random.unit() - 2.0];
            (p, [(i % 251) as u8, (i % 241) as u8, (i % 239) as u8], 0)
        })
        .collect()
}

fn draw(cloud: &Cloud, p: &Perspective, side: (u32, u32), options: SplatOptions) -> Surface {
    let mut scratch = Scratch::default();
    splat(cloud, p, side.0, side.1, options, &mut scratch);
    scratch.surface
}

fn perspective(
    memory: &reasmory_scene::Memory,
    cloud: &Cloud,
    side: (u32, u32),
    v: &View,
) -> Perspective {
    Perspective::new(cloud, &v.pose(), &v.pinhole(side.0, side.1), near_plane(memory))
}

/// Smallest depth, and squared distance of the winner's centre, per pixel: the rule, point by point and pixel
/// by pixel.
fn by_the_rule(
    cloud: &Cloud,
    p: &Perspective,
    (w, h): (u32, u32),
    largest: f32,
) -> Vec<(f32, f32)> {
    let mut out = vec![(f32::INFINITY, f32::INFINITY); (w * h) as usize];
    for second in [false, true] {
        for i in 0..cloud.x.len() {
            let (u, v, depth, scale) = p.project(cloud.x[i], cloud.y[i], cloud.z[i]);
            if depth.is_nan() || depth <= 0.0 {
                continue;
            }
            let batch = i / crate::cloud::BATCH;
            let facing = p.facing(&cloud.batches[batch], &cloud.planes[batch]);
            let reach = |at: f32, size: u32, share: f32| {
                let half = 0.5 * (SIDE * cloud.radius[i] * scale * share).clamp(1.0, largest);
                let from = (at - half - 0.5).floor().max(-1.0) as i64 + 1;
                from..=((at + half - 0.5).floor() as i64).min(i64::from(size) - 1)
            };
            for y in reach(v, h, facing.down) {
                for x in reach(u, w, facing.across) {
                    let pixel = &mut out[y as usize * w as usize + x as usize];
                    let (dx, dy) = (x as f32 + 0.5 - u, y as f32 + 0.5 - v);
                    if !second {
                        pixel.0 = pixel.0.min(depth);
                    } else if depth - facing.slack * cloud.radius[i] <= pixel.0 {
                        pixel.1 = pixel.1.min(dx * dx + dy * dy);
                    }
                }
            }
        }
    }
    out
}

#[test]
fn tiles_follow_the_rule() {
    // From splats of a pixel to some that are larger than a tile.
    for (n, side, fov, largest) in [
        (3000, (60, 50), 80.0, 24.0),
        (900, (150, 140), 70.0, 24.0),
        (400, (200, 130), 90.0, 256.0),
    ] {
        let memory = memory_of(swarm(n, 7), vec![]);
        let cloud = Cloud::new(&memory);
        let p = perspective(&memory, &cloud, side, &north(fov));
        let options = SplatOptions { largest, close_holes: false, isa: Isa::best() };
        let got = draw(&cloud, &p, side, options);
        let want = by_the_rule(&cloud, &p, side, largest);
        let mut known = 0;
        let mut wrong = 0;
        for (k, (nearest, d2)) in want.iter().enumerate() {
            let Some(i) = Some(got.index[k]).filter(|i| *i != NONE).map(|i| i as usize) else {
                wrong += usize::from(nearest.is_finite());
                continue;
            };
            let (u, v, depth, _) = p.project(cloud.x[i], cloud.y[i], cloud.z[i]);
            let (x, y) = (k % got.width, k / got.width);
            let (dx, dy) = (x as f32 + 0.5 - u, y as f32 + 0.5 - v);
            let same = (dx * dx + dy * dy - d2).abs() <= 1e-4 * d2.max(1.0);
            known += 1;
            wrong += usize::from(!same || depth != got.depth[k]);
        }
        // A border that rounding moves across a pixel's centre may fall either way.
        assert!(wrong * 2000 <= want.len(), "{wrong} of {}", want.len());
        assert!(known * 2 > want.len(), "{known} of {}", want.len());
    }
}

#[test]
fn instructions_do_not_change_a_bit() {
    let mut points = swarm(20_000, 3);
    points.extend(random_plane(2.0, 30_000.0, 3.0, [9, 8, 7], 0));
    let memory = memory_of(points, vec![]);
    let cloud = Cloud::new(&memory);
    let side = (230, 170);
    for view in [north(75.0), View { eye: Point3::new(0.0, -400.0, 0.0), ..north(3.0) }] {
        let p = perspective(&memory, &cloud, side, &view);
        let all: Vec<Surface> = Isa::available()
            .into_iter()
            .map(|isa| {
                draw(&cloud, &p, side, SplatOptions { largest: 24.0, close_holes: true, isa })
            })
            .collect();
        for s in &all {
            assert!(s.index.iter().filter(|i| **i != NONE).count() > 1000);
            assert_eq!(s.index, all[0].index);
            assert!(s.depth.iter().zip(&all[0].depth).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }
}

#[test]
fn what_is_covered_is_not_projected() {
    let wall = crate::testing::plane(200, 200, 0.01, 1.5, [1; 3]);
    let mut all = wall.clone();
    all.extend(swarm(40_000, 5).into_iter().map(|(p, c, i)| ([p[0], p[1] + 4.0, p[2]], c, i)));
    let [alone, covering] = [wall, all].map(|points| {
        let memory = memory_of(points, vec![]);
        let options = EgoOptions { width: 400, height: 400, ..EgoOptions::default() };
        let out = ego(&memory, &Cloud::new(&memory), &north(60.0), &options).unwrap();
        assert!(out.image.pixels.iter().all(|p| *p == [1; 3]));
        out.stats
    });
    // Much more is in the picture, yet hardly more is looked at.
    assert!(2 * covering.batches > 3 * alone.batches, "{alone:?} {covering:?}");
    assert!(10 * covering.projected < 16 * alone.projected, "{alone:?} {covering:?}");
    assert!(100 * covering.splats < 118 * alone.splats, "{alone:?} {covering:?}");
}

#[test]
fn far_points_are_thinned_and_cover_as_much() {
    let memory = memory_of(random_plane(1.0, 40_000.0, 0.0, [5; 3], 0), vec![]);
    let cloud = Cloud::new(&memory);
    let mut last = usize::MAX;
    for (away, most) in [(1.5, usize::MAX), (30.0, 60_000), (120.0, 16_000), (1000.0, 3000)] {
        let view = View { eye: Point3::new(0.0, -away, 0.0), ..north(60.0) };
        let out = ego(&memory, &cloud, &view, &EgoOptions::default()).unwrap();
        assert!(out.stats.projected < most.min(last), "{away} {:?}", out.stats);
        last = out.stats.projected;
        let f = view.pinhole(960, 960).fx;
        let across = 2.0 * f / away;
        let shown = f64::from(out.coverage) * 960.0 * 960.0;
        // Where the plane is larger than the picture it fills it.
        let want = across.min(960.0).powi(2);
        assert!((shown / want - 1.0).abs() < 0.06 + 4.0 / across, "{away}: {shown} of {want}");
        let depths = out.depth.iter().filter(|z| z.is_finite());
        assert!(depths.into_iter().all(|z| (f64::from(*z) - away).abs() < 1e-3 * away));
    }
}

#[test]
fn a_sweep_is_its_views_one_by_one() {
    let memory = memory_of(swarm(8000, 1), vec![]);
    let cloud = Cloud::new(&memory);
    let options = EgoOptions { width: 130, height: 90, ..EgoOptions::default() };
    let views: Vec<View> =
        (0..5).map(|i| View::level(Point3::origin(), 72.0 * f64::from(i))).collect();
    let all = egos(&memory, &cloud, &views, &options).unwrap();
    for (view, swept) in views.iter().zip(&all) {
        let alone = ego(&memory, &cloud, view, &options).unwrap();
        assert_eq!(alone.image, swept.image);
        assert_eq!(alone.instance, swept.instance);
        assert_eq!(alone.stats, swept.stats);
    }
    assert!(all[0].image != all[2].image);
    let mut few = vec![EgoRender::default()];
    assert!(crate::egos_into(&memory, &cloud, &views, &options, &mut few).is_err());
}

#[test]
fn a_second_picture_takes_no_memory() {
    let memory = memory_of(swarm(8000, 2), vec![]);
    let cloud = Cloud::new(&memory);
    let options = EgoOptions { width: 130, height: 90, ..EgoOptions::default() };
    let mut out = EgoRender::default();
    let mut map = TopRender::default();
    let top_options = TopOptions { width: 130, height: 90, ..TopOptions::default() };
    let mut seen = Vec::new();
    for turn in 0..4 {
        let view = View::level(Point3::origin(), f64::from(turn % 2) * 10.0);
        ego_into(&memory, &cloud, &view, &options, &mut out).unwrap();
        top_into(&memory, &cloud, &top_options, &mut map).unwrap();
        let scratch = cloud.borrow_scratch();
        let bytes = scratch.bytes();
        cloud.return_scratch(scratch);
        let image = (out.image.pixels.as_ptr(), out.image.pixels.capacity());
        seen.push((bytes, image, map.image.pixels.as_ptr()));
    }
    // The first two are warm-up: depth buffers change places between a picture and the scratch.
    assert_eq!(seen[2], seen[3]);
    // A smaller picture after a larger one shows nothing of it.
    let small = EgoOptions { width: 31, height: 17, ..EgoOptions::default() };
    ego_into(&memory, &cloud, &north(75.0), &small, &mut out).unwrap();
    let fresh = ego(&memory, &Cloud::new(&memory), &north(75.0), &small).unwrap();
    assert_eq!(out.image, fresh.image);
    assert_eq!(out.visible, fresh.visible);
}
