//! Floor and ceiling.

use nalgebra::{Matrix3, SymmetricEigen};
use reasmory_geom::math::{acos_deg, cos_deg};
use reasmory_geom::{Point2, Point3, Vec3, polygon};

use super::{Patch, quantile};

/// Parts of the scene's diagonal that bins of height are high.
const BINS: f64 = 500.0;
/// Normals of level surfaces are within this many degrees of up.
const LEVEL: f64 = 15.0;
/// Least part of all seen area that a floor has, or a ceiling.
const LEAST: f64 = 0.004;
/// Least part of the extent of the broadest large level that a floor's has. A floor seen in strips between
/// furniture has little area but lies all over the scene …
const BROAD: f64 = 0.5;
/// … or below what stands in the scene. Ground that is seen through a window lies beside it.
const UNDER: f64 = 0.2;
/// Part of the largest level's area from which on a level is large.
const LARGE: f64 = 0.3;
/// Most of the area that may lie below a floor.
const BELOW: f64 = 0.03;

/// The floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Floor {
    /// Its height.
    pub z: f64,
    /// Part of all seen area that it is.
    pub share: f64,
    /// Part of all seen area that lies clearly below it.
    pub below: f64,
    /// How sure it is that this is the floor, in [0, 1].
    pub sure: f64,
}

/// The ceiling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ceiling {
    /// Its height; of one that slopes the middle of what was seen.
    pub z: f64,
    /// From where to where it reaches.
    pub from: f64,
    /// See `from`.
    pub to: f64,
    /// Degrees by which it slopes; 0 where it is level.
    pub slope: f64,
    /// How sure it is that this is the ceiling, in [0, 1].
    pub sure: f64,
}

/// Lowest and highest height but for strays, and the scene's diagonal.
fn size(patches: &[Patch]) -> Option<(f64, f64, f64)> {
    let mut square = 0.0;
    let mut z = (0.0, 0.0);
    for k in 0..3 {
        let mut v: Vec<(f64, f64)> = patches.iter().map(|p| (p.point[k], p.area)).collect();
        let (lo, hi) = (quantile(&mut v, 0.005)?, quantile(&mut v, 0.995)?);
        square += (hi - lo) * (hi - lo);
        z = (lo, hi);
    }
    let d = square.sqrt();
    (d > 0.0 && d.is_finite()).then_some((z.0, z.1, d))
}

/// A height with much level surface.
struct Level {
    z: f64,
    area: f64,
    /// Area of the hull of what lies there.
    broad: f64,
    /// Where it was seen, with areas.
    of: Vec<(Point2, f64)>,
}

impl Level {
    /// Part of its area that lies in the hull of another.
    fn within(&self, other: &[Point2]) -> f64 {
        let inside = |p: &&(Point2, f64)| polygon::contains(other, p.0);
        self.of.iter().filter(inside).map(|p| p.1).sum::<f64>() / self.area
    }
}

/// Heights at which level surface is concentrated, ascending; those facing up, or down as seen upside down.
fn levels(patches: &[Patch], side: f64, bin: f64) -> Vec<Level> {
    let level = cos_deg(LEVEL);
    let mut of: Vec<(f64, &Patch)> = patches
        .iter()
        .filter(|p| p.normal.z * side > level)
        .map(|p| (p.point.z * side, p))
        .collect();
    of.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let Some(first) = of.first().map(|f| f.0) else { return Vec::new() };
    // A bin is chosen from the lowest sample on, so that a shift of the world shifts nothing against it.
    let at = |z: f64| (((z - first) / bin) as usize).min(1 << 16);
    let mut area = vec![0.0; of.last().map_or(0, |l| at(l.0)) + 1];
    of.iter().for_each(|(z, p)| area[at(*z)] += p.area);
    let around =
        |k: usize| -> f64 { area[k.saturating_sub(1)..(k + 2).min(area.len())].iter().sum() };
    let all: Vec<f64> = (0..area.len()).map(around).collect();
    let mut out = Vec::new();
    for k in 0..all.len() {
        let near = &all[k.saturating_sub(3)..(k + 4).min(all.len())];
        let best = near.iter().copied().fold(0.0, f64::max);
        let first_best = all[k.saturating_sub(3)..k].iter().all(|a| *a < all[k]);
        if all[k] <= 0.0 || all[k] < best || !first_best {
            continue;
        }
        let (lo, hi) = (first + (k as f64 - 1.0) * bin, first + (k as f64 + 2.0) * bin);
        let from = of.partition_point(|s| s.0 < lo);
        let to = of.partition_point(|s| s.0 < hi);
        let mut inside: Vec<(f64, f64)> = of[from..to].iter().map(|s| (s.0, s.1.area)).collect();
        let Some(z) = quantile(&mut inside, 0.5) else { continue };
        let hull = spread(&of[from..to]);
        let of = of[from..to].iter().map(|s| (s.1.point.xy(), s.1.area)).collect();
        out.push(Level { z: z * side, area: all[k], broad: polygon::area(&hull).abs(), of });
    }
    out
}

/// Hull of what lies at a height, its outermost twentieth left out at each end of eight directions.
fn spread(of: &[(f64, &Patch)]) -> Vec<Point2> {
    let points: Vec<Point2> = of.iter().map(|s| s.1.point.xy()).collect();
    if points.len() < 8 {
        return Vec::new();
    }
    let mut keep = vec![true; points.len()];
    for k in 0..4 {
        let (s, c) = (
            reasmory_geom::math::sin_deg(45.0 * f64::from(k)),
            reasmory_geom::math::cos_deg(45.0 * f64::from(k)),
        );
        let along = |p: &Point2| c * p.x + s * p.y;
        let mut v: Vec<(f64, f64)> =
            points.iter().zip(of).map(|(p, s)| (along(p), s.1.area)).collect();
        let (Some(lo), Some(hi)) = (quantile(&mut v, 0.05), quantile(&mut v, 0.95)) else {
            return Vec::new();
        };
        for (keep, p) in keep.iter_mut().zip(&points) {
            *keep &= (lo..=hi).contains(&along(p));
        }
    }
    let inner = points.iter().zip(&keep).filter(|(_, k)| **k).map(|(p, _)| *p);
    polygon::hull(inner)
}

/// The lowest level that faces up, lies over much of the scene and has hardly anything below it. A table has
/// more area than a floor that is seen in strips between furniture, but the floor lies lower and as broad.
pub fn floor(patches: &[Patch], cameras: &[Point3]) -> Option<Floor> {
    let (_, _, diagonal) = size(patches)?;
    let bin = diagonal / BINS;
    let total: f64 = patches.iter().map(|p| p.area).sum();
    let eye = cameras.iter().map(|c| c.z).fold(f64::INFINITY, f64::min);
    let all = levels(patches, 1.0, bin);
    let most = all.iter().map(|l| l.area).fold(0.0, f64::max);
    let large = all.iter().filter(|l| l.area >= LARGE * most);
    let broadest = large.max_by(|a, b| a.broad.total_cmp(&b.broad))?;
    let below = |z: f64| {
        let under = patches.iter().filter(|p| p.point.z < z - 4.0 * bin);
        // A sum of nothing is −0.
        under.map(|p| p.area).sum::<f64>() / total + 0.0
    };
    // Hull of what stands over a height.
    let above = |z: f64| {
        let over = patches.iter().filter(|p| p.point.z > z + 4.0 * bin);
        spread(&over.map(|p| (p.point.z, p)).collect::<Vec<_>>())
    };
    let fits = |l: &&Level| {
        let broad = l.broad / broadest.broad;
        l.z < eye
            && l.area >= LEAST * total
            && (broad >= BROAD || broad >= UNDER && l.within(&above(l.z)) >= 0.5)
            && below(l.z) <= BELOW
    };
    // Else the level with the most area over the broadest part, and the least below it.
    let weight = |l: &&Level| l.area * l.broad * (1.0 - below(l.z));
    let some = all.iter().filter(|l| l.z < eye && l.area >= 0.01 * total);
    let (found, sure) = match all.iter().find(fits) {
        Some(l) => (l, 1.0),
        None => (some.max_by(|a, b| weight(a).total_cmp(&weight(b)))?, 0.4),
    };
    let (share, below) = (found.area / total, below(found.z));
    let seen = share / (share + 0.01);
    Some(Floor { z: found.z, share, below, sure: sure * seen * (1.0 - (below / 0.2).min(1.0)) })
}

/// What faces down in the upper half and has nothing above it: level, or sloping.
pub fn ceiling(patches: &[Patch], floor: Option<&Floor>, cameras: &[Point3]) -> Option<Ceiling> {
    let (low, high, diagonal) = size(patches)?;
    let bin = diagonal / BINS;
    let bottom = floor.map_or(low, |f| f.z);
    let total: f64 = patches.iter().map(|p| p.area).sum();
    let eye = cameras.iter().map(|c| c.z).fold(f64::NEG_INFINITY, f64::max);
    let least = (bottom + 0.45 * (high - bottom)).max(eye);
    let over: Vec<&Patch> =
        patches.iter().filter(|p| p.normal.z < -cos_deg(50.0) && p.point.z > least).collect();
    let area: f64 = over.iter().map(|p| p.area).sum();
    if area <= LEAST * total || !area.is_finite() {
        return None;
    }
    let above = |z: f64| {
        let up = patches.iter().filter(|p| p.point.z > z + 4.0 * bin);
        up.map(|p| p.area).sum::<f64>() / total
    };
    let seen = |part: f64| (part / (part + 0.01)).clamp(0.0, 1.0);
    // A level one holds most of what faces down up there.
    let level = levels(patches, -1.0, bin)
        .into_iter()
        .filter(|l| l.z > least && l.area >= LEAST * total && above(l.z) < 0.04)
        .max_by(|a, b| a.area.total_cmp(&b.area));
    if let Some(l) = level.filter(|l| l.area >= 0.5 * area) {
        return Some(Ceiling {
            z: l.z,
            from: l.z,
            to: l.z,
            slope: 0.0,
            sure: seen(l.area / total),
        });
    }
    // One that slopes is a plane, or several.
    let (normal, share) = largest_plane(&over, area, 3.0 * bin)?;
    let mut z: Vec<(f64, f64)> = over.iter().map(|p| (p.point.z, p.area)).collect();
    let [from, z, to] = [0.03, 0.5, 0.97].map(|q| quantile(&mut z, q).unwrap_or(high));
    let slope = acos_deg(normal.z.abs());
    if share < 0.25 || to - bottom < 0.1 * diagonal {
        return None;
    }
    Some(Ceiling { z, from, to, slope, sure: seen(area / total) * share.min(1.0) })
}

/// The plane with the most of the area, its normal, and the part of the area that lies on it.
fn largest_plane(of: &[&Patch], area: f64, thick: f64) -> Option<(Vec3, f64)> {
    let step = (of.len() / 200).max(1);
    let few = (of.len() / 4000).max(1);
    let on = |p: &Patch, at: &Point3, n: &Vec3| {
        (p.point - at).dot(n).abs() < thick && p.normal.dot(n) > cos_deg(15.0)
    };
    let mut best: Option<(f64, Point3, Vec3)> = None;
    for seed in of.iter().step_by(step) {
        let near = of.iter().step_by(few).filter(|p| on(p, &seed.point, &seed.normal));
        let score: f64 = near.map(|p| p.area).sum();
        if best.is_none_or(|b| score > b.0) {
            best = Some((score, seed.point, seed.normal));
        }
    }
    let (_, mut at, mut n) = best?;
    let mut mass = 0.0;
    for _ in 0..4 {
        let near: Vec<&&Patch> = of.iter().filter(|p| on(p, &at, &n)).collect();
        mass = near.iter().map(|p| p.area).sum();
        if mass <= 0.0 || !mass.is_finite() || near.len() < 8 {
            return None;
        }
        let mean: Vec3 = near.iter().map(|p| p.point.coords * (p.area / mass)).sum();
        let spread: Matrix3<f64> = near
            .iter()
            .map(|p| (p.point.coords - mean, p.area / mass))
            .map(|(d, w)| d * d.transpose() * w)
            .sum();
        let eigen = SymmetricEigen::new(spread);
        let least =
            (0..3).fold(0, |b, k| if eigen.eigenvalues[k] < eigen.eigenvalues[b] { k } else { b });
        let next = eigen.eigenvectors.column(least).into_owned().try_normalize(1e-12)?;
        n = if next.dot(&n) < 0.0 { -next } else { next };
        at = Point3::from(mean);
    }
    Some((n, mass / area))
}
