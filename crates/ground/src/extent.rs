//! Tight upright boxes around weighted points.

use reasmory_geom::math::{atan2_deg, cos_deg, sin_deg, wrap_deg};
use reasmory_geom::{Obb, Point2, Point3, Vec3, polygon};

/// Points that decide the turn.
const DECIDE: usize = 1500;

/// Value below which this part of the weight lies.
pub(crate) fn quantile(sorted: &[(f64, f64)], part: f64) -> f64 {
    let total: f64 = sorted.iter().map(|s| s.1).sum();
    let mut sum = 0.0;
    for (v, w) in sorted {
        sum += w;
        if sum > part * total {
            return *v;
        }
    }
    sorted.last().map_or(0.0, |s| s.0)
}

/// Ends of weighted values after leaving out `stray` of the weight at either end.
fn ends(values: &mut [(f64, f64)], stray: f64) -> (f64, f64) {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let lo = quantile(values, stray);
    values.reverse();
    (lo, quantile(values, stray))
}

/// Ends of weighted values that are off by the standard deviation `sigma`: noise carries that part of an
/// evenly covered stretch beyond its end.
fn noisy_ends(values: &mut [(f64, f64)], stray: f64, sigma: f64) -> (f64, f64) {
    let (lo, hi) = ends(values, stray);
    if !(sigma > 0.0 && hi > lo) {
        return (lo, hi);
    }
    // E[max(0, x)] of a normal variable is 0.4 of its standard deviation.
    ends(values, stray + (0.4 * sigma / (hi - lo)).min(0.03))
}

/// The rectangle of a turn: ends along both axes.
struct Rectangle {
    yaw: f64,
    span: [(f64, f64); 2],
}

fn rectangle(points: &[(Point2, f64)], yaw: f64, stray: f64, sigma: f64) -> Rectangle {
    let (c, s) = (cos_deg(yaw), sin_deg(yaw));
    let mut u: Vec<(f64, f64)> = points.iter().map(|(p, w)| (c * p.x + s * p.y, *w)).collect();
    let mut v: Vec<(f64, f64)> = points.iter().map(|(p, w)| (c * p.y - s * p.x, *w)).collect();
    Rectangle { yaw, span: [noisy_ends(&mut u, stray, sigma), noisy_ends(&mut v, stray, sigma)] }
}

impl Rectangle {
    fn sides(&self) -> [f64; 2] {
        self.span.map(|s| s.1 - s.0)
    }

    /// Area, a line's length breaking ties of lines.
    fn area(&self) -> f64 {
        let [a, b] = self.sides();
        a * b + 1e-6 * (a * a + b * b)
    }

    /// Mean distance of points from the nearest side (the closeness of Zhang et al. 2017).
    fn looseness(&self, points: &[(Point2, f64)]) -> f64 {
        let (c, s) = (cos_deg(self.yaw), sin_deg(self.yaw));
        let (mut sum, mut total) = (0.0, 0.0);
        for (p, w) in points {
            let q = [c * p.x + s * p.y, c * p.y - s * p.x];
            let d = |k: usize| (q[k] - self.span[k].0).abs().min((self.span[k].1 - q[k]).abs());
            sum += w * d(0).min(d(1));
            total += w;
        }
        sum / total.max(f64::MIN_POSITIVE)
    }
}

/// The turn of the least-area rectangle; where others are nearly as small, the one whose sides the points
/// lie on, and among equals the scene's own axes.
fn turn(points: &[(Point2, f64)], stray: f64, sigma: f64, axes: Option<f64>) -> f64 {
    let step = points.len().div_ceil(DECIDE).max(1);
    let few: Vec<(Point2, f64)> = points.iter().step_by(step).copied().collect();
    // One side of the least-area rectangle lies along an edge of the hull (Freeman and Shapira 1975), but
    // noise bends the hull: turns are tried evenly, then finely.
    let mut tried: Vec<Rectangle> =
        (0..45).map(|i| rectangle(&few, 2.0 * f64::from(i), stray, sigma)).collect();
    let least = tried.iter().map(Rectangle::area).fold(f64::INFINITY, f64::min);
    if let Some(yaw) = axes {
        tried.push(rectangle(&few, wrap_deg(yaw).rem_euclid(90.0), stray, sigma));
    }
    let mut best: Option<(f64, f64)> = None;
    for r in tried.iter().filter(|r| r.area() <= 1.2 * least) {
        let size = r.area().max(0.0).sqrt().max(f64::MIN_POSITIVE);
        // Excess area and looseness, both as parts of the size.
        let cost = r.area() / least + 2.0 * r.looseness(&few) / size;
        if best.is_none_or(|b| cost < b.0) {
            best = Some((cost, r.yaw));
        }
    }
    let rough = best.map_or(0.0, |b| b.1);
    let cost = |yaw: f64| {
        let r = rectangle(&few, yaw, stray, sigma);
        let size = r.area().max(0.0).sqrt().max(f64::MIN_POSITIVE);
        r.area() / least + 2.0 * r.looseness(&few) / size
    };
    let fine = (-10..=10)
        .map(|i| rough + 0.25 * f64::from(i))
        .map(|y| (cost(y), y))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map_or((f64::INFINITY, rough), |b| b);
    // A round or square-symmetric footprint says nothing about its turn; rooms do.
    match axes {
        Some(yaw) if cost(yaw) <= 1.06 * fine.0 => yaw,
        _ => fine.1,
    }
}

/// The upright box around weighted points, leaving out `stray` of the weight at either end of an axis;
/// `sigma` is the standard deviation of their positions.
/// `axes` is the turn of the scene's walls, where known. `None` of fewer than four points.
pub(crate) fn upright_box(
    points: &[(Point3, f64)],
    stray: f64,
    sigma: f64,
    axes: Option<f64>,
) -> Option<Obb> {
    if points.len() < 4 {
        return None;
    }
    let flat: Vec<(Point2, f64)> = points.iter().map(|(p, w)| (p.xy(), *w)).collect();
    let yaw = turn(&flat, stray, sigma, axes);
    let r = rectangle(&flat, yaw, stray, sigma);
    let mut z: Vec<(f64, f64)> = points.iter().map(|(p, w)| (p.z, *w)).collect();
    let (z0, z1) = noisy_ends(&mut z, stray, sigma);
    let (c, s) = (cos_deg(yaw), sin_deg(yaw));
    let middle = |s: (f64, f64)| 0.5 * (s.0 + s.1);
    let (u, v) = (middle(r.span[0]), middle(r.span[1]));
    let [a, b] = r.sides();
    let center = Point3::new(c * u - s * v, s * u + c * v, middle((z0, z1)));
    let lengths = Vec3::new(a, b, z1 - z0);
    let finite = center.iter().chain(lengths.iter()).all(|x| x.is_finite());
    finite.then(|| Obb::upright(center, lengths, yaw))
}

/// The upright box around surface points, leaving out one in five hundred at either end of an axis; `None`
/// of fewer than four.
pub fn box_of(points: impl IntoIterator<Item = Point3>) -> Option<Obb> {
    let weighted: Vec<(Point3, f64)> = points.into_iter().map(|p| (p, 1.0)).collect();
    upright_box(&weighted, 0.002, 0.0, None)
}

/// The turn, in [0, 90), that most horizontal normals share modulo quarter turns; `None` without a clear
/// one. Directions are averaged as angles of four times their size.
pub(crate) fn common_turn(normals: impl Iterator<Item = (Vec3, f64)>) -> Option<f64> {
    let mut bins = [0.0f64; 90];
    let mut all = Vec::new();
    for (n, w) in normals {
        let level = n.x.hypot(n.y);
        if level < 0.9 {
            continue;
        }
        let yaw = atan2_deg(n.y, n.x).rem_euclid(90.0);
        bins[(yaw as usize).min(89)] += w;
        all.push((yaw, w));
    }
    let total: f64 = bins.iter().sum();
    let window = |k: usize| (0..5).map(|d| bins[(k + 88 + d) % 90]).sum::<f64>();
    let top = (0..90).max_by(|a, b| window(*a).total_cmp(&window(*b)).then(b.cmp(a)))?;
    if total <= 0.0 || window(top) < 0.3 * total {
        return None;
    }
    let middle = top as f64 + 0.5;
    let (mut sum, mut weight) = (0.0, 0.0);
    for (yaw, w) in all {
        let off = (yaw - middle + 45.0).rem_euclid(90.0) - 45.0;
        if off.abs() <= 2.5 {
            sum += off * w;
            weight += w;
        }
    }
    Some((middle + sum / weight).rem_euclid(90.0))
}

/// Volume in common over volume of either, of two upright boxes.
pub fn upright_iou(a: &Obb, b: &Obb) -> f64 {
    let common = polygon::intersect(&a.footprint(), &b.footprint());
    let area = if common.len() >= 3 { polygon::area(&common).abs() } else { 0.0 };
    let ((la, ha), (lb, hb)) = (a.bounds(), b.bounds());
    let volume = area * (ha.z.min(hb.z) - la.z.max(lb.z)).max(0.0);
    volume / (a.volume() + b.volume() - volume).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(b: &Obb, n: usize) -> Vec<(Point3, f64)> {
        let part = |k: u64, i: usize| {
            ((i as u64).wrapping_mul(k).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f64
                / (1u64 << 24) as f64
                * 2.0
                - 1.0
        };
        (0..n)
            .map(|i| {
                let mut l = Vec3::new(part(1, i), part(3, i), part(7, i));
                l[i % 3] = l[i % 3].signum();
                (b.center + b.axes * l.component_mul(&b.half), 1.0)
            })
            .collect()
    }

    #[test]
    fn a_turned_box_is_found_despite_strays() {
        let truth = Obb::upright(Point3::new(1.0, -2.0, 0.5), Vec3::new(1.2, 0.5, 0.8), 33.0);
        let mut points = shell(&truth, 3000);
        points.extend([([4.0, 1.0, 3.0].into(), 0.5), ([-5.0, 0.0, 0.5].into(), 0.5)]);
        let b = upright_box(&points, 0.002, 0.0, None).unwrap();
        assert!(upright_iou(&b, &truth) > 0.95, "{b:?}");
        assert!(upright_box(&points[..3], 0.0, 0.0, None).is_none());
    }

    #[test]
    fn a_round_thing_takes_the_turn_of_the_walls() {
        let points: Vec<(Point3, f64)> = (0..720)
            .map(|i| {
                let a = 0.5 * f64::from(i);
                (Point3::new(0.3 * cos_deg(a), 0.3 * sin_deg(a), f64::from(i % 7) * 0.1), 1.0)
            })
            .collect();
        let b = upright_box(&points, 0.001, 0.0, Some(20.0)).unwrap();
        assert!((b.axes[(0, 0)] - cos_deg(20.0)).abs() < 1e-9);
        let normals = (0..100).map(|i| {
            let a = 20.3 + 90.0 * f64::from(i % 4);
            (Vec3::new(cos_deg(a), sin_deg(a), 0.0), 1.0)
        });
        assert!((common_turn(normals).unwrap() - 20.3).abs() < 1e-6);
        assert!(common_turn(std::iter::empty()).is_none());
    }

    #[test]
    fn overlap_by_hand() {
        let a = Obb::upright(Point3::origin(), Vec3::new(2.0, 2.0, 2.0), 0.0);
        let b = Obb::upright(Point3::new(1.0, 0.0, 0.0), Vec3::new(2.0, 2.0, 2.0), 90.0);
        assert!((upright_iou(&a, &b) - 1.0 / 3.0).abs() < 1e-9);
        assert!((upright_iou(&a, &a) - 1.0).abs() < 1e-9);
    }
}
