//! Models with planted incoherence: each must be found, and nothing else dropped.

use nalgebra::Matrix3;
use reasmory_geom::{Pinhole, Point3, Pose, Vec3, View};

use super::*;
use crate::align::Similarity;
use crate::random::Random;

const POINTS: usize = 600;

/// A coherent model: cameras on a half circle around points, half a pixel of noise, every second point
/// held out of the model and left as matches.
struct Case {
    model: SparseModel,
    pairs: Vec<Pair>,
}

fn camera(i: usize, n: usize) -> Pose {
    let a = 180.0 * i as f64 / n as f64;
    let (c, s) = (reasmory_geom::math::cos_deg(a), reasmory_geom::math::sin_deg(a));
    View::level(Point3::new(3.0 * c, 3.0 * s, 1.4), a + 180.0).pose()
}

fn case(n: usize) -> Case {
    let lens = Pinhole::from_fov(640, 480, 70.0);
    let mut r = Random::new(&[11]);
    let mut f = || f64::from(r.signed());
    let all: Vec<Point3> =
        (0..POINTS).map(|_| Point3::new(1.2 * f(), 1.2 * f(), 1.4 + f())).collect();
    let mut seen: Vec<Vec<Option<[f64; 2]>>> = Vec::new();
    let poses: Vec<Pose> = (0..n).map(|i| camera(i, n)).collect();
    for pose in &poses {
        let at = |p: &Point3| {
            let (u, v) = lens.project(pose.to_camera(*p))?;
            let inside = (0.0..640.0).contains(&u) && (0.0..480.0).contains(&v);
            // Solid things are seen from one side.
            let faces = (pose.center - p).dot(&Vec3::new(p.x, p.y, 0.0)) > 0.0;
            (inside && faces).then_some([u, v])
        };
        let mut row: Vec<Option<[f64; 2]>> = all.iter().map(at).collect();
        for p in row.iter_mut().flatten() {
            p[0] += 0.5 * f();
            p[1] += 0.5 * f();
        }
        seen.push(row);
    }
    let photos = (0..n)
        .map(|i| SparsePhoto {
            lens,
            pose: poses[i],
            observations: (0..POINTS)
                .step_by(2)
                .filter_map(|k| Some((k as u32 / 2, seen[i][k]?)))
                .collect(),
        })
        .collect();
    let mut pairs = Vec::new();
    for a in 0..n {
        for b in a + 1..n.min(a + 5) {
            let matches: Vec<_> =
                (1..POINTS).step_by(2).filter_map(|k| Some((seen[a][k]?, seen[b][k]?))).collect();
            pairs.push(Pair { a, b, matches });
        }
    }
    let points = all.into_iter().step_by(2).collect();
    Case { model: SparseModel { photos, points }, pairs }
}

fn dropped(c: &Case) -> Vec<(usize, Vec<Reason>)> {
    judge(&c.model, &c.pairs, &GateOptions::default())
        .into_iter()
        .enumerate()
        .filter(|(_, v)| !v.kept())
        .map(|(i, v)| (i, v.reasons))
        .collect()
}

/// Moves photos with points of their own, as a mapper does that attached a group wrongly: tracks that
/// span the cut are split in two, so that every reprojection error stays what it was.
fn split_off(c: &mut Case, group: &[usize], moved: &Similarity) {
    let old = c.model.points.len() as u32;
    let copies: Vec<Point3> = c.model.points.iter().map(|p| moved.point(*p)).collect();
    c.model.points.extend(copies);
    for i in group {
        let p = &mut c.model.photos[*i];
        p.pose = moved.pose(&p.pose);
        p.observations.iter_mut().for_each(|o| o.0 += old);
    }
}

#[test]
fn a_coherent_model_is_kept_whole() {
    let c = case(16);
    assert!(c.model.photos.iter().all(|p| p.observations.len() > 60));
    assert_eq!(dropped(&c), []);
    let v = judge(&c.model, &c.pairs, &GateOptions::default());
    let m = v[5].measures;
    assert!(
        m.points > 60 && m.in_front == 1.0 && m.reprojection < 0.8 && m.parallax > 10.0,
        "{m:?}"
    );
    assert!(m.pairs == 8 && m.agree == 8, "{m:?}");
    // Without matches as well.
    assert_eq!(dropped(&Case { pairs: Vec::new(), ..c }), []);
}

#[test]
fn a_camera_at_the_end_of_the_world_is_dropped() {
    let mut c = case(12);
    c.model.photos[4].pose.center = Point3::new(5e8, 0.0, 0.0);
    c.model.photos[4].observations.truncate(1);
    let d = dropped(&c);
    assert_eq!(d.len(), 1);
    assert_eq!(d[0].0, 4);
    assert!(d[0].1.iter().any(|r| matches!(r, Reason::Far { .. })), "{d:?}");
    assert!(d[0].1.iter().any(|r| matches!(r, Reason::Support { points: 1 })), "{d:?}");
}

#[test]
fn numbers_that_are_no_camera_are_dropped_first() {
    let mut c = case(8);
    c.model.photos[2].pose.center.y = f64::NAN;
    assert_eq!(dropped(&c), [(2, vec![Reason::NotACamera])]);
}

#[test]
fn a_turned_camera_is_dropped_and_its_neighbours_are_not() {
    let mut c = case(12);
    c.model.photos[6].pose = camera(9, 12);
    let d = dropped(&c);
    assert_eq!(d.iter().map(|x| x.0).collect::<Vec<_>>(), [6]);
    assert!(matches!(d[0].1[0], Reason::Reprojection { .. }), "{d:?}");
}

#[test]
fn a_mirrored_camera_has_its_points_behind_it() {
    let mut c = case(10);
    // The same rays through the centre, run backwards.
    let p = &mut c.model.photos[3].pose;
    p.rotation *= Matrix3::from_diagonal(&Vec3::new(-1.0, 1.0, -1.0));
    let d = dropped(&c);
    assert_eq!(d.len(), 1);
    assert!(d[0].1.iter().any(|r| matches!(r, Reason::Behind { .. })), "{d:?}");
}

#[test]
fn a_bent_pose_that_fits_its_own_points_contradicts_its_matches() {
    // One camera far off, with its points moved along: no reprojection error tells.
    let mut c = case(12);
    let moved = Similarity {
        rotation: View::level(Point3::origin(), 25.0).pose().rotation
            * View::level(Point3::origin(), 0.0).pose().rotation.transpose(),
        translation: Vec3::new(0.4, -0.2, 0.1),
        scale: 1.0,
    };
    let group = [0, 1, 2, 3];
    split_off(&mut c, &group, &moved);
    // A few tracks still span the cut, so that the graph alone would not notice.
    for k in 0..25u32 {
        let p = &mut c.model.photos[3];
        let at = p.lens.project(p.pose.to_camera(c.model.points[k as usize]));
        if let Some((u, v)) = at {
            p.observations.push((k, [u, v]));
        }
    }
    let d = dropped(&c);
    assert_eq!(d.iter().map(|x| x.0).collect::<Vec<_>>(), group, "{d:?}");
    let errors = judge(&c.model, &[], &GateOptions::default());
    assert!(errors.iter().all(|v| v.measures.reprojection < 1.0), "reprojection cannot tell");
}

#[test]
fn a_group_without_ties_is_apart() {
    let mut c = case(14);
    c.pairs.clear();
    let moved = Similarity { translation: Vec3::new(2.0, 0.0, 0.0), ..Similarity::identity() };
    let group = [10, 11, 12, 13];
    split_off(&mut c, &group, &moved);
    let d = dropped(&c);
    assert_eq!(d.iter().map(|x| x.0).collect::<Vec<_>>(), group);
    assert!(d.iter().all(|x| x.1 == [Reason::Apart { group: 4 }]), "{d:?}");
}

#[test]
fn a_part_of_another_size_is_found_by_the_points_it_shares() {
    let mut c = case(16);
    c.pairs.clear();
    // Scaled about its own middle, so that rays still nearly meet where both sides look.
    let group = [12, 13, 14, 15];
    let pivot = Point3::new(0.0, 0.0, 1.4);
    let scale = 1.3;
    let moved = Similarity {
        scale,
        rotation: Matrix3::identity(),
        translation: pivot.coords * (1.0 - scale),
    };
    for i in group {
        let p = &mut c.model.photos[i];
        p.pose = moved.pose(&p.pose);
    }
    let loose = GateOptions { reprojection: 400.0, ..GateOptions::default() };
    let found = judge(&c.model, &[], &loose);
    let bad: Vec<usize> = (0..16).filter(|i| !found[*i].kept()).collect();
    assert_eq!(bad, group);
    let Reason::Size { ratio, group: 4 } = found[13].reasons[0] else { panic!("{found:?}") };
    assert!((ratio - 1.3).abs() < 0.05, "{ratio}");
}

#[test]
fn a_photo_with_only_parallel_rays_is_dropped() {
    let mut c = case(9);
    // A second photo from the same place whose points nobody else observes.
    let twin = c.model.photos[0].clone();
    let old = c.model.points.len() as u32;
    let copies = c.model.points.clone();
    c.model.points.extend(copies);
    c.model.photos[0].observations = twin.observations.iter().map(|o| (o.0 + old, o.1)).collect();
    c.model.photos.push(c.model.photos[0].clone());
    c.pairs.clear();
    let d = dropped(&c);
    assert_eq!(d.iter().map(|x| x.0).collect::<Vec<_>>(), [0, 9]);
    assert!(matches!(d[0].1[0], Reason::Parallax { .. }), "{d:?}");
}

#[test]
fn empty_and_broken_models_are_judged() {
    assert_eq!(judge(&SparseModel::default(), &[], &GateOptions::default()), []);
    let mut c = case(5);
    c.model.photos[1].observations.push((9_999_999, [1.0, 1.0]));
    c.pairs.push(Pair { a: 77, b: 1, matches: vec![([0.0; 2], [0.0; 2]); 30] });
    assert_eq!(dropped(&c), []);
}
