//! Which photos a photo is matched with, and between which depths.

use reasmory_geom::{Point3, Vec3, math};

use super::cost::MAX_SOURCES;
use super::{Photo, Range};

/// Angle between the rays of two photos to a point at which matching is both easy and accurate, degrees.
const BEST_ANGLE: f64 = 9.0;
/// Spread of the score below and above it: small angles are inaccurate, large ones change how things look.
const SPREAD: (f64, f64) = (4.0, 12.0);
/// Sources nearer than this angle to one already chosen add little.
const APART: f64 = 3.0;

/// Points that a photo sees: those given with it, else guesses over its picture and the range of depths.
pub(super) fn samples(photo: &Photo, range: Range) -> Vec<Point3> {
    if photo.seen.len() >= 20 {
        let step = photo.seen.len().div_ceil(300);
        return photo.seen.iter().step_by(step).copied().collect();
    }
    let k = &photo.lens;
    let mut out = Vec::new();
    // Inverse depths near the far end are the likely ones.
    for part in [0.05, 0.15, 0.3] {
        let w = range.least + part * (range.most - range.least);
        for row in 0..5 {
            for column in 0..7 {
                let u = f64::from(k.width) * (f64::from(column) + 0.5) / 7.0;
                let v = f64::from(k.height) * (f64::from(row) + 0.5) / 5.0;
                out.push(photo.pose.to_world(k.ray(u, v) / f64::from(w)));
            }
        }
    }
    out
}

/// Angle between two directions, degrees.
pub(crate) fn angle(a: &Vec3, b: &Vec3) -> f64 {
    math::atan2_deg(a.cross(b).norm(), a.dot(b))
}

/// The photos to match photo `index` with, best first: those that see much of what it sees, from the side
/// and the same distance (the scores of Yao et al. 2018 and Goesele et al. 2007), and not from one place.
pub(super) fn choose(photos: &[Photo], index: usize, range: Range, most: usize) -> Vec<usize> {
    let own = &photos[index];
    let points = samples(own, range);
    let mut scores: Vec<(f64, usize)> = Vec::new();
    for (j, other) in photos.iter().enumerate() {
        if j == index {
            continue;
        }
        let mut score = 0.0;
        for p in &points {
            let c = other.pose.to_camera(*p);
            let Some((u, v)) = other.lens.project(c) else { continue };
            if u < 0.0
                || v < 0.0
                || u > f64::from(other.lens.width)
                || v > f64::from(other.lens.height)
            {
                continue;
            }
            let a = angle(&(own.pose.center - p), &(other.pose.center - p));
            let spread = if a < BEST_ANGLE { SPREAD.0 } else { SPREAD.1 };
            let off = (a - BEST_ANGLE) / spread;
            let finer = (own.pose.to_camera(*p).z / own.lens.fx) / (c.z / other.lens.fx);
            score += math::pow(std::f64::consts::E, -0.5 * off * off)
                * finer.min(1.0 / finer).clamp(0.0, 1.0);
        }
        if score > 0.02 * points.len() as f64 {
            scores.push((score, j));
        }
    }
    let Some(middle) = median_point(&points) else { return Vec::new() };
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < most.min(MAX_SOURCES) {
        let worth = |(score, j): (f64, usize)| {
            let ray = photos[j].pose.center - middle;
            let near = chosen
                .iter()
                .map(|k| angle(&ray, &(photos[*k].pose.center - middle)))
                .fold(APART, f64::min);
            score * (0.1 + 0.9 * near / APART)
        };
        let best = scores
            .iter()
            .filter(|s| !chosen.contains(&s.1))
            .map(|s| (worth(*s), s.1))
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let Some((_, j)) = best else { break };
        chosen.push(j);
    }
    chosen
}

fn median_point(points: &[Point3]) -> Option<Point3> {
    let mid = |k: usize| {
        let mut v: Vec<f64> = points.iter().map(|p| p[k]).collect();
        v.sort_unstable_by(f64::total_cmp);
        v.get(v.len() / 2).copied()
    };
    Some(Point3::new(mid(0)?, mid(1)?, mid(2)?))
}

/// Inverse depths of a photo: from the points it sees, with a margin; else those given; else from the
/// cameras' own spread.
pub(super) fn range(photos: &[Photo], index: usize, given: Option<(f64, f64)>) -> Range {
    if let Some((near, far)) = given {
        return Range { least: (1.0 / far) as f32, most: (1.0 / near) as f32 };
    }
    let own = &photos[index];
    let mut depths: Vec<f64> = own
        .seen
        .iter()
        .map(|p| own.pose.to_camera(*p).z)
        .filter(|z| *z > 0.0 && z.is_finite())
        .collect();
    if depths.len() >= 20 {
        depths.sort_unstable_by(f64::total_cmp);
        let at = |q: f64| depths[((depths.len() - 1) as f64 * q) as usize];
        // Walls and ceilings have few features: the surface reaches beyond the points.
        return Range { least: (0.35 / at(0.98)) as f32, most: (1.6 / at(0.02)) as f32 };
    }
    let widest = photos
        .iter()
        .map(|p| (p.pose.center - own.pose.center).norm())
        .fold(0.0, f64::max)
        .max(1e-9);
    Range { least: (0.02 / widest) as f32, most: (4.0 / widest) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grey::Grey;
    use nalgebra::Matrix3;
    use reasmory_geom::{Pinhole, Pose};

    fn photo(x: f64, turned: bool) -> Photo {
        let lens = Pinhole::from_fov(64, 48, 60.0);
        let d = if turned { -1.0 } else { 1.0 };
        let rotation = Matrix3::from_diagonal(&Vec3::new(d, 1.0, d));
        let grey = Grey::new(64, 48, vec![0.0; 64 * 48]).unwrap();
        let seen = (0..60)
            .map(|i| Point3::new(f64::from(i % 10) * 0.2 - 1.0, f64::from(i / 10) * 0.2 - 0.5, 3.0))
            .collect();
        Photo { grey, lens, pose: Pose { rotation, center: Point3::new(x, 0.0, 0.0) }, seen }
    }

    #[test]
    fn neighbours_look_the_same_way_from_the_side() {
        let xs = [0.0, 0.001, 0.5, -0.5, 0.55, 4.0];
        let mut photos: Vec<Photo> = xs.iter().map(|x| photo(*x, false)).collect();
        photos.push(photo(0.4, true));
        let r = range(&photos, 0, None);
        assert!(f64::from(r.least) < 1.0 / 3.0 && f64::from(r.most) > 1.0 / 3.0);
        let chosen = choose(&photos, 0, r, 2);
        assert!(chosen.contains(&3) && (chosen.contains(&2) || chosen.contains(&4)), "{chosen:?}");
        // The photo that looks away is never a source; the one from the same place comes late.
        let all = choose(&photos, 0, r, 9);
        assert!(!all.contains(&6), "{all:?}");
        assert!(!all[..2].contains(&1), "{all:?}");
    }

    #[test]
    fn ranges_without_points_come_from_the_cameras() {
        let mut photos: Vec<Photo> = [0.0, 1.0].iter().map(|x| photo(*x, false)).collect();
        photos.iter_mut().for_each(|p| p.seen.clear());
        let r = range(&photos, 0, None);
        assert!((r.least - 0.02).abs() < 1e-6 && (r.most - 4.0).abs() < 1e-6);
        let given = range(&photos, 0, Some((0.5, 8.0)));
        assert!((given.least - 0.125).abs() < 1e-6 && (given.most - 2.0).abs() < 1e-6);
    }
}
