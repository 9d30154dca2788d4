//! The paper's merge rule, reimplemented for comparison: voxels of 0.03 units, agreement of propagated
//! masks, greedy merging by kind of edge.
//!
//! It makes no boxes; the axis-aligned bounds of its points without the outermost hundredth stand in.

use std::collections::{BTreeMap, HashMap, HashSet};

use nalgebra::{Matrix3, Vector3};
use reasmory_geom::{Obb, Point3};

use crate::capture::Capture;
use crate::score::Prediction;

/// Edge of a voxel, in the scene's unit whatever that is.
const VOXEL: f64 = 0.03;
/// Masks of one name and frame whose intersection is this part of the smaller are one.
const SUPPRESS: f64 = 0.3;
/// A frame shows an instance where it has this part of the frame's pixels …
const VISIBLE: f64 = 0.001;
/// … and agrees where a mask of the name covers this part of them.
const AGREES: f64 = 0.2;

struct Node {
    frame: usize,
    score: f64,
    pixels: HashSet<usize>,
    voxels: HashSet<[i64; 3]>,
}

fn voxel(p: &Point3) -> [i64; 3] {
    [0, 1, 2].map(|k| (p[k] / VOXEL).floor() as i64)
}

/// Points by frame and pixel, and which of them are no outliers (squared Mahalanobis distance below its
/// mean plus three standard deviations).
fn points(c: &Capture) -> (Vec<Vec<Point3>>, Vec<Vec<bool>>) {
    let all: Vec<Vec<Point3>> = c
        .views
        .iter()
        .map(|v| {
            let w = v.lens.width as usize;
            (0..v.depth.len())
                .map(|i| {
                    let ray = v.lens.ray((i % w) as f64 + 0.5, (i / w) as f64 + 0.5);
                    v.pose.to_world(ray * (f64::from(v.depth[i]) * v.unit))
                })
                .collect()
        })
        .collect();
    let n = all.iter().map(Vec::len).sum::<usize>() as f64;
    let mean = all.iter().flatten().fold(Vector3::zeros(), |s, p| s + p.coords) / n;
    let cov = all.iter().flatten().fold(Matrix3::zeros(), |s, p| {
        let d = p.coords - mean;
        s + d * d.transpose()
    }) / n;
    let inverse = cov.try_inverse().expect("points in space");
    let far: Vec<Vec<f64>> = all
        .iter()
        .map(|f| f.iter().map(|p| (p.coords - mean).dot(&(inverse * (p.coords - mean)))).collect())
        .collect();
    let m = far.iter().flatten().sum::<f64>() / n;
    let s = (far.iter().flatten().map(|d| (d - m) * (d - m)).sum::<f64>() / n).sqrt();
    let keep = far.iter().map(|f| f.iter().map(|d| *d < m + 3.0 * s).collect()).collect();
    (all, keep)
}

/// Things of every name.
pub fn merge(c: &Capture) -> Vec<Prediction> {
    let (points, keep) = points(c);
    let voxels: Vec<Vec<[i64; 3]>> = points.iter().map(|f| f.iter().map(voxel).collect()).collect();
    let mut names: BTreeMap<&str, Vec<Node>> = BTreeMap::new();
    for (frame, v) in c.views.iter().enumerate() {
        let mut by_area: Vec<&reasmory_ground::Mask> = v.masks.iter().collect();
        by_area.sort_by_key(|m| std::cmp::Reverse(m.region.area()));
        let mut kept: Vec<(&reasmory_ground::Mask, f64)> = Vec::new();
        for m in by_area {
            let covers = kept.iter_mut().find(|(k, _)| {
                k.label == m.label
                    && k.region.common(&m.region) as f64 >= SUPPRESS * m.region.area() as f64
            });
            match covers {
                Some((_, score)) => *score = score.max(f64::from(m.score)),
                None => kept.push((m, f64::from(m.score))),
            }
        }
        for (m, score) in kept {
            let pixels: HashSet<usize> = m.region.pixels().filter(|p| keep[frame][*p]).collect();
            let voxels = pixels.iter().map(|p| voxels[frame][*p]).collect();
            names.entry(&m.label).or_default().push(Node { frame, score, pixels, voxels });
        }
    }
    let mut out = Vec::new();
    for (name, nodes) in names {
        for cluster in clusters(c, &voxels, &nodes) {
            let of: Vec<Point3> = cluster
                .iter()
                .flat_map(|n| nodes[*n].pixels.iter().map(|p| points[nodes[*n].frame][*p]))
                .collect();
            if of.is_empty() {
                continue;
            }
            let axis = |k: usize| {
                let mut v: Vec<f64> = of.iter().map(|p| p[k]).collect();
                v.sort_by(f64::total_cmp);
                let last = v.len() - 1;
                [v[last / 100], v[last - last / 100]]
            };
            let a = [axis(0), axis(1), axis(2)];
            let corner = |i: usize| Point3::new(a[0][i], a[1][i], a[2][i]);
            out.push(Prediction {
                label: name.to_owned(),
                obb: Some(Obb::from_min_max(corner(0), corner(1))),
            });
        }
    }
    out
}

fn clusters(c: &Capture, voxels: &[Vec<[i64; 3]>], nodes: &[Node]) -> Vec<Vec<usize>> {
    // Coverage of a node's propagated mask by the masks of every other frame.
    let mut cover: HashMap<(usize, usize), f64> = HashMap::new();
    let mut agreement = vec![1.0; nodes.len()];
    for (a, node) in nodes.iter().enumerate() {
        let (mut visible, mut agreeing) = (0, 0);
        for (frame, v) in voxels.iter().enumerate() {
            if frame == node.frame {
                continue;
            }
            let seen: Vec<usize> = (0..v.len()).filter(|p| node.voxels.contains(&v[*p])).collect();
            if (seen.len() as f64) < VISIBLE * v.len() as f64 {
                continue;
            }
            visible += 1;
            let mut best = 0.0f64;
            for (b, other) in nodes.iter().enumerate().filter(|o| o.1.frame == frame) {
                let on = seen.iter().filter(|p| other.pixels.contains(p)).count();
                let part = on as f64 / seen.len() as f64;
                cover.insert((a, b), part);
                best = best.max(part);
            }
            agreeing += usize::from(best >= AGREES);
        }
        if visible > 0 {
            agreement[a] = f64::from(agreeing as u32) / f64::from(visible as u32);
        }
    }
    let least = if c.views.len() <= 5 { 0.3 } else { 0.0 };
    let is_node = |a: usize| agreement[a] >= least;
    // Hard edges first, then soft, then weak by the product of coverages.
    let mut edges: Vec<(u8, f64, usize, usize)> = Vec::new();
    for a in 0..nodes.len() {
        for b in a + 1..nodes.len() {
            if !is_node(a) || !is_node(b) || nodes[a].frame == nodes[b].frame {
                continue;
            }
            let part = |x, y| cover.get(&(x, y)).copied().unwrap_or(0.0);
            let (p, q) = (part(a, b), part(b, a));
            if p <= 0.0 && q <= 0.0 {
                continue;
            }
            let (kind, weight) = match (p >= AGREES, q >= AGREES) {
                (true, true) => (0, 1.0),
                (false, false) => (2, p * q),
                _ => (1, 0.8),
            };
            edges.push((kind, weight, a, b));
        }
    }
    edges.sort_by(|x, y| x.0.cmp(&y.0).then(y.1.total_cmp(&x.1)).then((x.2, x.3).cmp(&(y.2, y.3))));
    let mut of: Vec<usize> = (0..nodes.len()).collect();
    let mut has_edge = vec![false; nodes.len()];
    for (_, _, a, b) in edges {
        (has_edge[a], has_edge[b]) = (true, true);
        let (p, q) = (of[a], of[b]);
        let frames = |k: usize| {
            (0..nodes.len()).filter(|n| of[*n] == k).map(|n| nodes[n].frame).collect::<HashSet<_>>()
        };
        if p != q && frames(p).is_disjoint(&frames(q)) {
            of.iter_mut().filter(|o| **o == q).for_each(|o| *o = p);
        }
    }
    let mut out: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for n in (0..nodes.len()).filter(|n| is_node(*n)) {
        out.entry(of[n]).or_default().push(n);
    }
    out.into_values()
        .filter(|k| k.len() > 1 || (!has_edge[k[0]] && nodes[k[0]].score >= 0.65))
        .collect()
}
