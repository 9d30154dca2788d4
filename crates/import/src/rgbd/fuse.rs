//! Fusing views: dropping flying pixels, averaging on a grid, carving by free space.

use rayon::prelude::*;
use reasmory_geom::Point3;

use super::View;

/// A second difference of inverse depth above this part of it is a jump. On a plane, inverse depth is
/// linear in the pixel, so a plane at any slant passes.
const JUMP: f32 = 0.05;
/// Depths agree within this part of the depth …
const AGREE: f64 = 0.02;
/// … or this many metres.
const AGREE_LEAST: f64 = 0.02;
/// A view that sees a surface with pixels smaller than this part of another's is the one to believe: depth
/// noise grows with distance, so the coarser view only adds a second layer of other colour around the
/// first (the observation of finest resolution wins, as in multi-view depth-map fusion; Merrell et al.
/// 2007).
const FINER: f64 = 0.6;
/// Key of a pixel that a finer view supersedes; cells have keys of 63 bits.
const SUPERSEDED: u64 = u64::MAX;
/// Most depth pixels that are averaged; with more, every second (third …) row and column is used.
const MAX_SAMPLES: usize = 20_000_000;

/// Fused points.
pub(crate) struct Fused {
    pub(crate) positions: Vec<[f32; 3]>,
    pub(crate) colors: Vec<[u8; 3]>,
    pub(crate) confidence: Vec<f32>,
    pub(crate) carved: usize,
    /// Depth pixels left out because a finer view sees the same surface.
    pub(crate) superseded: usize,
    pub(crate) sigma: f64,
}

/// Sets depths that are not finite, or lie at a jump, to 0; the number of the latter.
pub(crate) fn drop_flying(v: &mut View) -> usize {
    for d in &mut v.depth {
        if !(d.is_finite() && *d > 0.0) {
            *d = 0.0;
        }
    }
    let (w, h) = (i64::from(v.lens.width), i64::from(v.lens.height));
    let mut flying = Vec::new();
    for y in 0..h {
        for x in 0..w {
            let z = v.depth_at(x, y);
            if z <= 0.0 {
                continue;
            }
            let bent = |a: f32, b: f32| {
                a > 0.0 && b > 0.0 && (1.0 / a + 1.0 / b - 2.0 / z).abs() > JUMP / z
            };
            if bent(v.depth_at(x - 1, y), v.depth_at(x + 1, y))
                || bent(v.depth_at(x, y - 1), v.depth_at(x, y + 1))
            {
                flying.push((y * w + x) as usize);
            }
        }
    }
    for i in &flying {
        v.depth[*i] = 0.0;
    }
    flying.len()
}

/// Fuses views whose world is upright. Deterministic: grid cells in key order, pixels within a cell in
/// view and pixel order.
pub(crate) fn fuse(views: &[View], voxel: f64) -> Fused {
    let total: usize = views.iter().map(|v| v.depth.len()).sum();
    let stride = (1usize..).find(|s| total / (s * s) <= MAX_SAMPLES).unwrap_or(1);
    let mut samples: Vec<(u64, u32, u32)> = views
        .par_iter()
        .enumerate()
        .flat_map_iter(|(i, v)| cell_keys(views, i, v, voxel, stride))
        .collect();
    let kept = samples.len();
    samples.retain(|s| s.0 != SUPERSEDED);
    let superseded = kept - samples.len();
    samples.par_sort_unstable();

    let mut cells: Vec<(Point3, [u8; 3])> = Vec::new();
    for cell in samples.chunk_by(|a, b| a.0 == b.0) {
        let (mut p, mut c) = ([0.0f64; 3], [0u64; 3]);
        for (_, view, pixel) in cell {
            let v = &views[*view as usize];
            let (x, y) = (pixel % v.lens.width, pixel / v.lens.width);
            let q = v.point(x.into(), y.into(), v.depth[*pixel as usize]);
            for k in 0..3 {
                p[k] += q[k];
                c[k] += u64::from(v.rgb[*pixel as usize][k]);
            }
        }
        let n = cell.len() as f64;
        let colour = c.map(|s| ((s as f64 / n).round()) as u8);
        cells.push((Point3::new(p[0] / n, p[1] / n, p[2] / n), colour));
    }
    drop(samples);

    let votes: Vec<Votes> = cells.par_iter().map(|(p, _)| vote(views, *p)).collect();
    let mut out = Fused {
        positions: Vec::new(),
        colors: Vec::new(),
        confidence: Vec::new(),
        carved: 0,
        superseded,
        sigma: 0.0,
    };
    let mut residuals = Vec::new();
    for ((p, colour), v) in cells.iter().zip(&votes) {
        if v.agree == 0 || v.conflict > v.agree {
            out.carved += 1;
            continue;
        }
        let share = f64::from(v.agree) / f64::from(v.agree + v.conflict);
        let doubt = 1.0 / f64::from(1u32 << v.agree.min(20));
        out.positions.push([p.x as f32, p.y as f32, p.z as f32]);
        out.colors.push(*colour);
        out.confidence.push(((1.0 - doubt) * share) as f32);
        if v.agree > 1 {
            residuals.push(v.residual);
        }
    }
    residuals.sort_unstable_by(f64::total_cmp);
    // Median absolute deviation to standard deviation of a normal distribution.
    out.sigma = match residuals.get(residuals.len() / 2) {
        Some(r) => 1.4826 * r,
        // Nothing is seen twice: half a cell is what the grid alone leaves open.
        None => 0.5 * voxel,
    };
    out
}

/// Whether another view sees the same surface point with markedly finer pixels.
fn superseded(views: &[View], own: usize, p: Point3, depth: f32) -> bool {
    let footprint = f64::from(depth) / views[own].lens.fx;
    views.iter().enumerate().any(|(i, v)| {
        if i == own {
            return false;
        }
        let c = v.pose.to_camera(p);
        if !(c.z > 0.0 && c.z / v.lens.fx < FINER * footprint) {
            return false;
        }
        let Some((u, w)) = v.lens.project(c) else { return false };
        if !(u.abs() < 1e9 && w.abs() < 1e9) {
            return false;
        }
        let seen = f64::from(v.depth_at(u.floor() as i64, w.floor() as i64));
        // The tolerance is the coarser view's: its error is what makes the second layer.
        let tolerance = (AGREE * f64::from(depth)).max(AGREE_LEAST);
        seen > 0.0 && (seen - c.z).abs() <= tolerance
    })
}

/// Grid key of every valid pixel of a view, [`SUPERSEDED`] where a finer view sees the same surface; cells
/// beyond ±2²⁰ are left out.
fn cell_keys(
    views: &[View],
    index: usize,
    v: &View,
    voxel: f64,
    stride: usize,
) -> impl Iterator<Item = (u64, u32, u32)> {
    const HALF: f64 = (1u64 << 20) as f64;
    let (w, h) = (v.lens.width, v.lens.height);
    (0..h).step_by(stride).flat_map(move |y| {
        (0..w).step_by(stride).filter_map(move |x| {
            let pixel = y * w + x;
            let d = *v.depth.get(pixel as usize)?;
            if d <= 0.0 {
                return None;
            }
            let p = v.point(x.into(), y.into(), d);
            if superseded(views, index, p, d) {
                return Some((SUPERSEDED, index as u32, pixel));
            }
            let mut key = 0u64;
            for k in 0..3 {
                let cell = (p[k] / voxel).floor() + HALF;
                if !(0.0..2.0 * HALF).contains(&cell) {
                    return None;
                }
                key = key << 21 | cell as u64;
            }
            Some((key, index as u32, pixel))
        })
    })
}

struct Votes {
    /// Views whose depth is the point's.
    agree: u32,
    /// Views that see through it.
    conflict: u32,
    /// Mean difference of depth in agreeing views but the best one, metres.
    residual: f64,
}

fn vote(views: &[View], p: Point3) -> Votes {
    let (mut agree, mut conflict, mut sum, mut least) = (0, 0, 0.0, f64::INFINITY);
    for v in views {
        let c = v.pose.to_camera(p);
        let Some((u, w)) = v.lens.project(c) else { continue };
        if !(u.abs() < 1e9 && w.abs() < 1e9) {
            continue;
        }
        let (x, y) = (u.floor() as i64, w.floor() as i64);
        let tolerance = (AGREE * c.z).max(AGREE_LEAST);
        let centre = f64::from(v.depth_at(x, y));
        if centre <= 0.0 {
            continue;
        }
        let mut best = (centre - c.z).abs();
        let mut through = centre > c.z + tolerance;
        if best > tolerance {
            // A pixel beside an edge may look past it: the neighbours have a say.
            for (dx, dy) in NEIGHBOURS {
                let d = f64::from(v.depth_at(x + dx, y + dy));
                if d > 0.0 {
                    best = best.min((d - c.z).abs());
                    through &= d > c.z + tolerance;
                }
            }
        }
        if best <= tolerance {
            agree += 1;
            sum += best;
            least = least.min(best);
        } else if through {
            conflict += 1;
        }
    }
    let residual = if agree > 1 { (sum - least) / f64::from(agree - 1) } else { 0.0 };
    Votes { agree, conflict, residual }
}

const NEIGHBOURS: [(i64, i64); 8] =
    [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_geom::{Pinhole, Pose, Vec3};

    /// A view of the plane x = 4 from `distance` before it, all of one colour.
    fn facing_wall(distance: f64, colour: [u8; 3]) -> View {
        let lens = Pinhole::from_fov(64, 48, 60.0);
        let (right, down, forward) = (-Vec3::y(), -Vec3::z(), Vec3::x());
        View {
            name: String::new(),
            picture: crate::rgbd::Picture::None,
            lens,
            photo_lens: lens,
            pose: Pose::from_axes(right, down, forward, Point3::new(4.0 - distance, 0.0, 1.5)),
            time: None,
            depth: vec![distance as f32; 64 * 48],
            rgb: vec![colour; 64 * 48],
        }
    }

    #[test]
    fn the_finer_view_of_a_surface_wins() {
        let (near, far) = ([200, 0, 0], [0, 0, 200]);
        let views = [facing_wall(1.0, near), facing_wall(4.0, far)];
        let fused = fuse(&views, 0.02);
        // The near view covers ±0.577 m by ±0.433 m of the wall.
        for (p, c) in fused.positions.iter().zip(&fused.colors) {
            let inside = p[1].abs() < 0.55 && (p[2] - 1.5).abs() < 0.41;
            let outside = p[1].abs() > 0.60 || (p[2] - 1.5).abs() > 0.46;
            assert!(!inside || *c == near, "{c:?} at {p:?}");
            assert!(!outside || *c == far, "{c:?} at {p:?}");
        }
        assert!(fused.superseded > 100);
        // Two views at like distance are both used.
        let alike = [facing_wall(1.0, near), facing_wall(1.2, far)];
        assert_eq!(fuse(&alike, 0.02).superseded, 0);
    }
}
