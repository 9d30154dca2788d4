//! The points of a thing, from all masks that show it.

use std::collections::HashMap;

use nalgebra::{Matrix3, SymmetricEigen};
use rayon::prelude::*;
use reasmory_geom::{Point3, Vec3};

use crate::cluster::Group;
use crate::prepare::{Prepared, Ready};
use crate::refine::{Look, look};

/// Most pixels of a mask that are lifted: where depth is exact every pixel of the rim counts, where it is
/// noisy their number does not help.
const LIFT: [usize; 2] = [2400, 900];

/// A point of a thing's surface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SurfacePoint {
    pub(crate) position: Point3,
    /// Surface that it stands for: a pixel's footprint, shared among the views that see it.
    pub(crate) area: f64,
    /// Its normal in the view it is from, zero where unknown.
    normal: Vec3,
    /// Its depth in that view.
    pub(crate) depth: f64,
}

/// What another view says of a point of the thing.
enum Say {
    /// It is on the thing's mask; the view's own depth there puts it here.
    Agrees(Point3),
    /// It is on something else.
    Denies,
    /// The view cannot tell.
    Nothing,
}

fn ask(v: &Ready, pieces: &[usize], p: Point3, normal: Option<Vec3>, tolerance: f64) -> Say {
    let Look::At(at) = look(v, p, tolerance) else { return Say::Nothing };
    let owned = |q: usize| pieces.iter().any(|m| v.owner[q] == *m as u32 + 1);
    if owned(at) {
        // The surface that this view sees, where the point's own normal meets it.
        let seen = v.point(at);
        let moved = match (normal, v.world_normal(at)) {
            (Some(a), Some(b)) if a.dot(&b) > 0.9 => {
                let along = b.dot(&(seen - p)) / a.dot(&b);
                p + a * along
            }
            _ => p,
        };
        return Say::Agrees(moved);
    }
    // Beside the rim of the mask: a pixel's error of pose or mask.
    let (x, y) = (at % v.width, at / v.width);
    for j in y.saturating_sub(1)..=(y + 1).min(v.height - 1) {
        for i in x.saturating_sub(1)..=(x + 1).min(v.width - 1) {
            if owned(j * v.width + i) {
                return Say::Agrees(p);
            }
        }
    }
    Say::Denies
}

/// Lifts the pixels of a group's masks: points that other views put elsewhere go, and where depth is noisy
/// what several views see is averaged along the surface's normal. `only` restricts the pixels of a piece
/// that is shared with other things.
pub(crate) fn lift(
    prepared: &Prepared,
    group: &Group,
    tolerance: f64,
    only: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Vec<SurfacePoint> {
    let noisy = prepared.noise > 0.0;
    let by_view: Vec<(usize, Vec<usize>)> = group
        .views
        .iter()
        .map(|v| {
            let own = group.pieces.iter().copied().filter(|p| prepared.pieces[*p].view == v);
            (v, own.collect())
        })
        .collect();
    let lifted: Vec<Vec<(SurfacePoint, bool)>> = group
        .pieces
        .par_iter()
        .map(|&m| {
            let piece = &prepared.pieces[m];
            let v = &prepared.views[piece.view];
            let usable: Vec<usize> = piece
                .pixels
                .iter()
                .map(|p| *p as usize)
                .filter(|p| v.z[*p] > 0.0 && only(m, *p))
                .collect();
            let step = usable.len().div_ceil(LIFT[usize::from(noisy)]).max(1);
            let mut out = Vec::with_capacity(usable.len() / step + 1);
            for &pixel in usable.iter().step_by(step) {
                let p = v.point(pixel);
                let z = f64::from(v.z[pixel]);
                let normal = v.world_normal(pixel);
                let slant = normal.map_or(1.0, |n| {
                    let ray = (v.pose.center - p).normalize();
                    n.dot(&ray).clamp(0.1, 1.0)
                });
                let (mut agree, mut deny) = (1u32, 0u32);
                let mut mean = p.coords;
                for (o, pieces) in by_view.iter().filter(|o| o.0 != piece.view) {
                    match ask(&prepared.views[*o], pieces, p, normal, tolerance) {
                        Say::Agrees(q) => {
                            agree += 1;
                            mean += if noisy { q.coords } else { p.coords };
                        }
                        Say::Denies => deny += 1,
                        Say::Nothing => {}
                    }
                }
                let position = if noisy { Point3::from(mean / f64::from(agree)) } else { p };
                let area = step as f64 * z * z / (v.lens.fx * v.lens.fy * slant);
                let point = SurfacePoint {
                    position,
                    area: area / f64::from(agree),
                    normal: normal.unwrap_or_default(),
                    depth: z,
                };
                out.push((point, deny < agree));
            }
            out
        })
        .collect();
    let kept: Vec<SurfacePoint> = lifted.iter().flatten().filter(|p| p.1).map(|p| p.0).collect();
    // Where the views contradict each other throughout, there is nothing to choose by.
    let all: usize = lifted.iter().map(Vec::len).sum();
    if 4 * kept.len() < all { lifted.into_iter().flatten().map(|p| p.0).collect() } else { kept }
}

/// Draws points of noisy depth onto the planes of their surroundings (moving least squares; Levin 1998):
/// within `reach`, among points whose normals face the same way.
pub(crate) fn settled(points: &[SurfacePoint], reach: f64) -> Vec<SurfacePoint> {
    /// Least neighbours of a plane.
    const LEAST: usize = 8;
    if reach <= 0.0 {
        return points.to_vec();
    }
    let cell = |p: &Point3| [0, 1, 2].map(|k| (p[k] / reach).floor() as i64);
    let mut cells: HashMap<[i64; 3], Vec<u32>> = HashMap::new();
    for (i, p) in points.iter().enumerate() {
        cells.entry(cell(&p.position)).or_default().push(i as u32);
    }
    points
        .par_iter()
        .map(|p| {
            let [x, y, z] = cell(&p.position);
            let (mut n, mut first, mut second) = (0usize, Vec3::zeros(), Matrix3::zeros());
            for (i, j, k) in
                (-1..=1).flat_map(|i| (-1..=1).flat_map(move |j| (-1..=1).map(move |k| (i, j, k))))
            {
                for q in cells.get(&[x + i, y + j, z + k]).into_iter().flatten() {
                    let q = &points[*q as usize];
                    let d = q.position - p.position;
                    if d.norm_squared() <= reach * reach && q.normal.dot(&p.normal) > 0.6 {
                        n += 1;
                        first += d;
                        second += d * d.transpose();
                    }
                }
            }
            if n < LEAST {
                return *p;
            }
            let mean = first / n as f64;
            let spread = second / n as f64 - mean * mean.transpose();
            let eigen = SymmetricEigen::new(spread);
            let least = (0..3)
                .fold(0, |b, i| if eigen.eigenvalues[i] < eigen.eigenvalues[b] { i } else { b });
            let normal = eigen.eigenvectors.column(least).into_owned();
            SurfacePoint { position: p.position + normal * normal.dot(&mean), ..*p }
        })
        .collect()
}

/// Leaves out stray points: parts that a gap separates from the rest along an axis of the world and that
/// hold little of its surface.
pub(crate) fn without_strays(mut points: Vec<SurfacePoint>) -> Vec<SurfacePoint> {
    /// Part of the surface that is never stray.
    const MUCH: f64 = 0.03;
    for axis in 0..3 {
        let mut at: Vec<(f64, f64)> = points.iter().map(|p| (p.position[axis], p.area)).collect();
        at.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = at.iter().map(|a| a.1).sum();
        let core = |part: f64| crate::extent::quantile(&at, part);
        let gap = 0.25 * (core(0.9) - core(0.1));
        let (mut lo, mut hi) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut sum = 0.0;
        for w in at.windows(2) {
            sum += w[0].1;
            if sum > MUCH * total {
                break;
            }
            if w[1].0 - w[0].0 > gap {
                lo = w[1].0;
            }
        }
        sum = 0.0;
        for w in at.windows(2).rev() {
            sum += w[1].1;
            if sum > MUCH * total {
                break;
            }
            if w[1].0 - w[0].0 > gap {
                hi = w[0].0;
            }
        }
        points.retain(|p| (lo..=hi).contains(&p.position[axis]));
    }
    points
}
