//! Upright boxes around points, and surfaces of clouds.

use nalgebra::{Matrix3, SymmetricEigen};
use rayon::prelude::*;
use reasmory_geom::math::{cos_deg, sin_deg};
use reasmory_geom::{Obb, Point3, Vec3};

use crate::cells::Cells;
use crate::upright::Surface;

/// Points above which a box is fitted to all but the outermost.
const ROBUST: usize = 400;
/// Part left out at either end of an axis.
const OUTSIDE: f64 = 0.005;
/// Most points that decide the turn.
const SAMPLE: usize = 2000;

/// The upright box of least footprint around points, the outermost of many left out; `None` where there are
/// none.
pub(crate) fn upright_box(points: &[[f32; 3]]) -> Option<Obb> {
    fitted(points, if points.len() >= ROBUST { OUTSIDE } else { 0.0 })
}

/// The same around all of the points.
pub(crate) fn tight_box(points: &[[f32; 3]]) -> Option<Obb> {
    fitted(points, 0.0)
}

fn fitted(points: &[[f32; 3]], part: f64) -> Option<Obb> {
    let few: Vec<&[f32; 3]> = points.iter().step_by(points.len().div_ceil(SAMPLE).max(1)).collect();
    let spans = |yaw: f64, sample: &[&[f32; 3]]| {
        let (c, s) = (cos_deg(yaw), sin_deg(yaw));
        [[c, s], [-s, c]].map(|a| {
            range(sample.iter().map(|p| f64::from(p[0]) * a[0] + f64::from(p[1]) * a[1]), part)
        })
    };
    let area = |yaw: f64| {
        let [a, b] = spans(yaw, &few).map(|s| s.map_or(0.0, |(lo, hi)| hi - lo));
        // The rim breaks ties of points in a line, which have no area at any turn.
        (a * b) + 1e-9 * (a + b)
    };
    let best = |yaws: &mut dyn Iterator<Item = f64>| {
        yaws.map(|y| (area(y), y)).min_by(|a, b| a.0.total_cmp(&b.0)).map_or(0.0, |b| b.1)
    };
    let rough = best(&mut (0..45).map(|i| 2.0 * f64::from(i)));
    let yaw = best(&mut (-20..=20).map(|i| rough + 0.1 * f64::from(i)));
    let all: Vec<&[f32; 3]> = points.iter().collect();
    let [a, b] = spans(yaw, &all);
    let (a, b) = (a?, b?);
    let z = range(points.iter().map(|p| f64::from(p[2])), part)?;
    let middle = |s: (f64, f64)| s.0 + (s.1 - s.0) * 0.5;
    let (c, s) = (cos_deg(yaw), sin_deg(yaw));
    let (u, v) = (middle(a), middle(b));
    let centre = Point3::new(c * u - s * v, s * u + c * v, middle(z));
    let lengths = Vec3::new(a.1 - a.0, b.1 - b.0, z.1 - z.0);
    let b = Obb::upright(centre, lengths, yaw);
    (0..3).all(|k| lengths[k].is_finite() && centre[k].is_finite()).then_some(b)
}

/// Least and greatest value after leaving out a part at either end.
fn range(values: impl Iterator<Item = f64>, part: f64) -> Option<(f64, f64)> {
    let mut v: Vec<f64> = values.collect();
    let last = v.len().checked_sub(1)?;
    let cut = (last as f64 * part) as usize;
    let lo = *v.select_nth_unstable_by(cut, f64::total_cmp).1;
    let hi = *v.select_nth_unstable_by(last - cut, f64::total_cmp).1;
    Some((lo, hi))
}

/// Diagonal of the middle 96 % of the points along each axis, and their middle.
pub(crate) fn extent(points: &[[f32; 3]]) -> (f64, Point3) {
    let (mut square, mut middle) = (0.0, Point3::origin());
    let ranges: Vec<(f64, f64)> = (0..3)
        .into_par_iter()
        .map(|k| range(points.iter().map(|p| f64::from(p[k])), 0.02).unwrap_or_default())
        .collect();
    for (k, (lo, hi)) in ranges.into_iter().enumerate() {
        square += (hi - lo) * (hi - lo);
        middle[k] = lo + (hi - lo) * 0.5;
    }
    (square.sqrt(), middle)
}

/// Least points of a cell that a plane is fitted to.
const LEAST: u32 = 8;

/// Sums over the points of a cell.
#[derive(Default)]
struct Sum {
    n: u32,
    first: Vec3,
    second: Matrix3<f64>,
}

/// Points summed in cells of a grid, in ascending order of the cells.
fn cells(points: &[[f32; 3]], cell: f64) -> Vec<([i64; 3], Sum)> {
    let mut cells = Cells::new();
    let mut sums = Vec::<Sum>::new();
    for p in points {
        let p = Vec3::from(p.map(f64::from));
        let key: [i64; 3] = std::array::from_fn(|k| (p[k] / cell).floor() as i64);
        // Relative to the cell's corner, so that squares keep their digits.
        let d = p - Vec3::from(key.map(|k| k as f64 * cell));
        let (at, new) = cells.number(key);
        if new {
            sums.push(Sum::default());
        }
        let s = &mut sums[at];
        s.n += 1;
        s.first += d;
        s.second += d * d.transpose();
    }
    let order = cells.ascending();
    order.into_iter().map(|i| (cells.keys()[i], std::mem::take(&mut sums[i]))).collect()
}

/// Flat pieces of a cloud of the extent `size`, one for each cell of a grid with enough points in a plane,
/// and the median distance of points from their plane. Cells are as small as the points' density allows.
/// Normals point to `eye`.
pub(crate) fn surfaces(points: &[[f32; 3]], size: f64, eye: Point3) -> (Vec<Surface>, f64) {
    if !(size > 0.0 && size.is_finite()) {
        return (Vec::new(), 0.0);
    }
    let (mut cell, mut sums) = (size, Vec::new());
    for part in [60.0, 40.0, 25.0, 15.0] {
        cell = size / part;
        sums = cells(points, cell);
        let held: u64 = sums.iter().filter(|s| s.1.n >= LEAST).map(|s| u64::from(s.1.n)).sum();
        if held as f64 > 0.9 * points.len() as f64 {
            break;
        }
    }
    let (mut out, mut spread) = (Vec::new(), Vec::new());
    for (key, s) in sums.iter().filter(|(_, s)| s.n >= LEAST) {
        let n = f64::from(s.n);
        let mean = s.first / n;
        let cov = s.second / n - mean * mean.transpose();
        if !cov.iter().all(|x| x.is_finite()) {
            continue;
        }
        let eigen = SymmetricEigen::new(cov);
        let mut order = [0, 1, 2];
        order.sort_by(|a, b| eigen.eigenvalues[*a].total_cmp(&eigen.eigenvalues[*b]));
        let [low, mid, high] = order.map(|i| eigen.eigenvalues[i].max(0.0));
        // Flat, and spread in two directions.
        if low > 0.04 * mid || mid < 0.1 * high {
            continue;
        }
        let point = Point3::from(mean + Vec3::from(key.map(|k| k as f64 * cell)));
        let normal = eigen.eigenvectors.column(order[0]).into_owned();
        let normal = if normal.dot(&(eye - point)) < 0.0 { -normal } else { normal };
        // A uniform patch of area A has variances that multiply to (A/12)².
        out.push(Surface { point, normal, weight: 12.0 * (mid * high).sqrt() });
        spread.push(low.sqrt());
    }
    spread.sort_by(f64::total_cmp);
    let sigma = spread.get(spread.len() / 2).copied().unwrap_or(0.0);
    (out, sigma)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_box_is_found_again() {
        let truth = Obb::upright(Point3::new(3.0, -2.0, 1.0), Vec3::new(1.2, 0.4, 0.8), 33.0);
        let mut points = Vec::new();
        for i in 0..4000u32 {
            let part = |k: u32| f64::from(i.wrapping_mul(k) % 1009) / 1008.0 - 0.5;
            let l = Vec3::new(1.2 * part(7), 0.4 * part(131), 0.8 * part(577));
            let p = truth.center + truth.axes * l;
            points.push([p.x as f32, p.y as f32, p.z as f32]);
        }
        // A few stray points do not matter.
        points.extend([[9.0, 9.0, 9.0], [-9.0, 3.0, 0.0]]);
        let b = upright_box(&points).unwrap();
        assert!((b.center - truth.center).norm() < 0.01, "{b:?}");
        let (s, t) = (b.size(), truth.size());
        assert!((0..3).all(|k| (s[k] - t[k]).abs() < 0.03), "{s:?}");
        assert!(upright_box(&[]).is_none());
        assert_eq!(upright_box(&[[1.0, 2.0, 3.0]]).unwrap().lengths(), Vec3::zeros());
    }
}
