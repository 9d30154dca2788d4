//! What is kept of the matched depths: what other photos' depths confirm, in pieces of some size.

use rayon::prelude::*;
use reasmory_geom::{Pinhole, Pose, Vec3};

use super::patchmatch::Field;
use super::{DepthMap, StereoOptions};

/// One photo's raw result with its camera.
pub(super) struct Raw<'a> {
    pub(super) field: &'a Field,
    pub(super) lens: &'a Pinhole,
    pub(super) pose: &'a Pose,
    /// Photos that its depths are held against.
    pub(super) judges: &'a [usize],
}

/// Keeps the depths that enough judges confirm: seen from the judge, the point lies on the judge's own
/// surface, and that surface's point projects back onto the pixel it came from (Schönberger et al. 2016,
/// forward-backward reprojection).
pub(super) fn filter(all: &[Option<Raw<'_>>], options: &StereoOptions) -> Vec<Option<DepthMap>> {
    all.par_iter().map(|raw| raw.as_ref().map(|r| keep(all, r, options))).collect()
}

fn keep(all: &[Option<Raw<'_>>], own: &Raw<'_>, options: &StereoOptions) -> DepthMap {
    let (w, h) = (own.field.width, own.field.height);
    let judges: Vec<&Raw<'_>> =
        own.judges.iter().filter_map(|j| all.get(*j).and_then(Option::as_ref)).collect();
    let needed = options.confirmations.min(judges.len()).max(1);
    let mut out = DepthMap {
        width: w as u32,
        height: h as u32,
        depth: vec![0.0; w * h],
        normal: vec![[0.0; 3]; w * h],
        confidence: vec![0.0; w * h],
    };
    for y in 0..h {
        for x in 0..w {
            let i = y * w + x;
            let (p, cost) = (own.field.planes[i], own.field.costs[i]);
            if cost > options.worst_cost {
                continue;
            }
            let (u, v) = (x as f64 + 0.5, y as f64 + 0.5);
            let z = 1.0 / f64::from(p[0]);
            let (mut yes, mut sum) = (0usize, z.recip());
            for j in &judges {
                if let Some(own_z) = confirmed(own, j, u, v, z, options) {
                    yes += 1;
                    sum += own_z.recip();
                }
            }
            if yes < needed {
                continue;
            }
            // The mean of what the photos say, in inverse depth, where errors are even.
            out.depth[i] = ((yes + 1) as f64 / sum) as f32;
            out.normal[i] = normal(own.lens, u, v, &p);
            let seen = 1.0 - 1.0 / (1u64 << (yes + 1).min(40)) as f32;
            out.confidence[i] = ((1.0 - cost).clamp(0.0, 1.0) * seen).clamp(0.0, 1.0);
        }
    }
    speckles(&mut out, options.least_piece);
    out
}

/// The depth of the pixel's point as the judge's surface has it, where it confirms ours.
fn confirmed(
    own: &Raw<'_>,
    judge: &Raw<'_>,
    u: f64,
    v: f64,
    z: f64,
    options: &StereoOptions,
) -> Option<f64> {
    let q = judge.pose.to_camera(own.pose.to_world(own.lens.ray(u, v) * z));
    let (ju, jv) = judge.lens.project(q)?;
    let (w, h) = (judge.field.width as f64, judge.field.height as f64);
    if !(ju >= 0.0 && jv >= 0.0 && ju < w && jv < h) {
        return None;
    }
    let (x, y) = (ju as usize, jv as usize);
    let i = y * judge.field.width + x;
    if judge.field.costs[i] > options.worst_cost {
        return None;
    }
    let p = judge.field.planes[i];
    // The judge's plane at the very spot, not at its pixel's centre.
    let inverse = f64::from(p[0])
        + f64::from(p[1]) * (ju - (x as f64 + 0.5))
        + f64::from(p[2]) * (jv - (y as f64 + 0.5));
    if inverse <= 0.0 {
        return None;
    }
    let back = own.pose.to_camera(judge.pose.to_world(judge.lens.ray(ju, jv) / inverse));
    let (bu, bv) = own.lens.project(back)?;
    let close = (bu - u).hypot(bv - v) <= options.reprojection
        && (back.z - z).abs() <= options.relative_depth * z;
    close.then_some(back.z)
}

/// The unit normal of a plane hypothesis in camera axes, towards the camera.
fn normal(k: &Pinhole, u: f64, v: f64, p: &[f32; 3]) -> [f32; 3] {
    // w(u, v) = a·X/Z + b·Y/Z + c with (a, b, c) the plane's normal over its distance.
    let [w, wu, wv] = p.map(f64::from);
    let (a, b) = (wu * k.fx, wv * k.fy);
    let c = w - wu * (u - k.cx) - wv * (v - k.cy);
    let n = Vec3::new(a, b, c);
    let n = -n / n.norm().max(1e-12);
    [n.x as f32, n.y as f32, n.z as f32]
}

/// Drops connected pieces of like depth that have fewer than `least` pixels.
fn speckles(map: &mut DepthMap, least: usize) {
    const LIKE: f32 = 0.03;
    let (w, h) = (map.width as usize, map.height as usize);
    let mut visited = vec![false; w * h];
    let mut piece = Vec::new();
    for start in 0..w * h {
        if visited[start] || map.depth[start] <= 0.0 {
            continue;
        }
        piece.clear();
        piece.push(start);
        visited[start] = true;
        let mut next = 0;
        while next < piece.len() {
            let i = piece[next];
            next += 1;
            let (x, y, z) = (i % w, i / w, map.depth[i]);
            let mut visit = |j: usize| {
                let d = map.depth[j];
                if !visited[j] && d > 0.0 && (d - z).abs() <= LIKE * z {
                    visited[j] = true;
                    piece.push(j);
                }
            };
            if x > 0 {
                visit(i - 1);
            }
            if x + 1 < w {
                visit(i + 1);
            }
            if y > 0 {
                visit(i - w);
            }
            if y + 1 < h {
                visit(i + w);
            }
        }
        if piece.len() < least {
            for i in &piece {
                map.depth[*i] = 0.0;
                map.normal[*i] = [0.0; 3];
                map.confidence[*i] = 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pieces_are_dropped() {
        let mut m = DepthMap {
            width: 6,
            height: 1,
            depth: vec![2.0, 2.01, 2.02, 0.0, 5.0, 2.0],
            normal: vec![[0.0; 3]; 6],
            confidence: vec![1.0; 6],
        };
        speckles(&mut m, 2);
        assert_eq!(m.depth, [2.0, 2.01, 2.02, 0.0, 0.0, 0.0]);
        assert_eq!(m.confidence, [1.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn the_normal_of_a_floor_points_up() {
        // A floor 1.5 m below a level camera: y = 1.5, so 1/z = (y/z) / 1.5.
        let k = Pinhole::from_fov(64, 48, 60.0);
        let (u, v) = (40.5, 40.5);
        let w = k.ray(u, v).y / 1.5;
        let n = normal(&k, u, v, &[w as f32, 0.0, (1.0 / (1.5 * k.fy)) as f32]);
        assert!(n[1] < -0.999, "{n:?}");
    }
}
