//! Normals of cells, turned to where they were seen from, and which cells cameras see.

use nalgebra::{Matrix3, SymmetricEigen};
use rayon::prelude::*;
use reasmory_geom::{Pinhole, Point3, Pose, Vec3};

use super::cells::{Cells, NONE};

/// Longer side of the pictures that visibility is decided in, pixels.
const SIDE: u32 = 240;
/// Neighbours that a normal is fitted to.
const FITTED: usize = 20;

/// A camera of the scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// Camera to world, OpenCV axes.
    pub pose: Pose,
    /// Its lens.
    pub lens: Pinhole,
}

/// Which cell each pixel of a small picture shows.
pub(super) struct Seen {
    pub(super) cell: Vec<u32>,
}

/// Surfaces at cells.
pub(super) struct Surfaces {
    /// Unit normals, towards the side that is seen.
    pub(super) normal: Vec<Vec3>,
    /// Median distance of cells from the plane of their surroundings.
    pub(super) roughness: f64,
    /// What each camera sees.
    pub(super) seen: Vec<Seen>,
    /// Cells that only cameras which look along their surface see: depth mixed between what is in front and
    /// what is behind makes such veils.
    pub(super) veil: Vec<bool>,
}

/// Cosine between normal and view below which a camera looks along a surface.
const ALONG: f64 = 0.1;

/// Fits planes to the surroundings of cells and turns their normals outwards.
pub(super) fn find(cells: &Cells, cameras: &[Camera]) -> Surfaces {
    let fitted: Vec<(Vec3, f64)> = (0..cells.len())
        .into_par_iter()
        .map(|i| {
            let near = cells.nearest(i, FITTED);
            let mean: Vec3 = near.iter().map(|n| cells.position[n.1 as usize].coords).sum::<Vec3>()
                / near.len() as f64;
            let spread: Matrix3<f64> = near
                .iter()
                .map(|n| cells.position[n.1 as usize].coords - mean)
                .map(|d| d * d.transpose())
                .sum::<Matrix3<f64>>()
                / near.len() as f64;
            let eigen = SymmetricEigen::new(spread);
            let least = (0..3)
                .fold(0, |b, k| if eigen.eigenvalues[k] < eigen.eigenvalues[b] { k } else { b });
            let n = eigen.eigenvectors.column(least).into_owned();
            let n = n.try_normalize(1e-12).unwrap_or(Vec3::z());
            (n, eigen.eigenvalues[least].max(0.0).sqrt())
        })
        .collect();
    let mut rough: Vec<f64> = fitted.iter().map(|f| f.1).collect();
    rough.sort_unstable_by(f64::total_cmp);
    let roughness = rough.get(rough.len() / 2).copied().unwrap_or(0.0);
    let mut normal: Vec<Vec3> = fitted.into_iter().map(|f| f.0).collect();
    let seen: Vec<Seen> = cameras.par_iter().map(|c| look(cells, c)).collect();
    let mut votes = vec![0.0; cells.len()];
    let mut faced = vec![-1.0f64; cells.len()];
    for (s, c) in seen.iter().zip(cameras) {
        let mut shown: Vec<u32> = visible(cells, s, c);
        shown.sort_unstable();
        for i in shown {
            let to = (c.pose.center - cells.position[i as usize]).normalize();
            let cos = normal[i as usize].dot(&to);
            votes[i as usize] += cos;
            faced[i as usize] = faced[i as usize].max(cos.abs());
        }
    }
    let open = Openness::new(cells);
    normal.par_iter_mut().zip(&votes).enumerate().for_each(|(i, (n, vote))| {
        let vote = if vote.abs() > 0.1 { *vote } else { open.of(&cells.position[i], n) };
        if vote < 0.0 {
            *n = -*n;
        }
    });
    // One that its neighbours on the same surface outvote was turned wrongly.
    let turned: Vec<bool> = (0..cells.len())
        .into_par_iter()
        .map(|i| {
            let with: f64 = cells.near[i]
                .iter()
                .map(|j| normal[i].dot(&normal[*j as usize]))
                .filter(|d| d.abs() > 0.8)
                .sum();
            with < 0.0
        })
        .collect();
    normal.iter_mut().zip(turned).for_each(|(n, t)| {
        if t {
            *n = -*n;
        }
    });
    let veil = faced.iter().map(|f| (0.0..ALONG).contains(f)).collect();
    Surfaces { normal, roughness, seen, veil }
}

/// Draws cells as squares of their spacing into a small depth picture.
fn look(cells: &Cells, camera: &Camera) -> Seen {
    let (w, h) = size(&camera.lens);
    let lens = camera.lens.fitted(w, h);
    let mut depth = vec![f32::INFINITY; (w * h) as usize];
    let mut cell = vec![NONE; (w * h) as usize];
    for (i, p) in cells.position.iter().enumerate() {
        let q = camera.pose.to_camera(*p);
        if q.z <= 0.5 * cells.unit {
            continue;
        }
        let Some((u, v)) = lens.project(q) else { continue };
        let r = (0.6 * cells.spacing[i] * lens.fx.max(lens.fy) / q.z).clamp(0.5, 8.0);
        let span = |c: f64, most: u32| {
            let from = (c - r).round().max(0.0);
            let to = (c + r).round().min(f64::from(most));
            (from < to).then_some(from as u32..to as u32)
        };
        let (Some(us), Some(vs)) = (span(u, w), span(v, h)) else { continue };
        for y in vs {
            for x in us.clone() {
                let k = (y * w + x) as usize;
                if (q.z as f32) < depth[k] {
                    depth[k] = q.z as f32;
                    cell[k] = i as u32;
                }
            }
        }
    }
    Seen { cell }
}

fn size(lens: &Pinhole) -> (u32, u32) {
    let longer = f64::from(lens.width.max(lens.height)).max(1.0);
    let side = |s: u32| ((f64::from(s) / longer * f64::from(SIDE)).round() as u32).max(1);
    (side(lens.width), side(lens.height))
}

/// Cells that a camera sees: those that no other lies in front of by more than the size of two cells.
fn visible(cells: &Cells, seen: &Seen, camera: &Camera) -> Vec<u32> {
    let (w, h) = size(&camera.lens);
    let lens = camera.lens.fitted(w, h);
    let check = |i: &usize| {
        let p = cells.position[*i];
        let q = camera.pose.to_camera(p);
        if q.z <= 0.5 * cells.unit {
            return false;
        }
        let Some((u, v)) = lens.project(q) else { return false };
        if !(u >= 0.0 && v >= 0.0 && u < f64::from(w) && v < f64::from(h)) {
            return false;
        }
        let front = seen.cell[v as usize * w as usize + u as usize];
        if front == NONE {
            return false;
        }
        let z = camera.pose.to_camera(cells.position[front as usize]).z;
        let pixel = q.z / lens.fx.max(lens.fy);
        z + 2.0 * cells.spacing[*i] + 2.0 * pixel >= q.z
    };
    (0..cells.len()).into_par_iter().filter(check).map(|i| i as u32).collect()
}

/// How far one can go from a cell before something is in the way.
struct Openness {
    low: Point3,
    edge: f64,
    size: [i64; 3],
    full: Vec<bool>,
}

impl Openness {
    fn new(cells: &Cells) -> Openness {
        let (mut low, mut high) = (cells.position[0], cells.position[0]);
        for p in &cells.position {
            low = low.inf(p);
            high = high.sup(p);
        }
        let edge = (2.0 * cells.unit).max((high - low).amax() / 300.0);
        let size = [0, 1, 2].map(|k| ((high[k] - low[k]) / edge) as i64 + 1);
        let mut full = vec![false; (size[0] * size[1] * size[2]) as usize];
        let mut out = Openness { low, edge, size, full: Vec::new() };
        for p in &cells.position {
            if let Some(k) = out.place(p) {
                full[k] = true;
            }
        }
        out.full = full;
        out
    }

    fn place(&self, p: &Point3) -> Option<usize> {
        let c = [0, 1, 2].map(|k| ((p[k] - self.low[k]) / self.edge).floor() as i64);
        let within = (0..3).all(|k| (0..self.size[k]).contains(&c[k]));
        within.then(|| ((c[2] * self.size[1] + c[1]) * self.size[0] + c[0]) as usize)
    }

    fn free(&self, p: &Point3, d: Vec3) -> f64 {
        let mut way = 1.6;
        while let Some(k) = self.place(&(p + d * (way * self.edge))) {
            if self.full[k] {
                break;
            }
            way += 0.7;
        }
        way
    }

    /// Positive where there is more space along the direction than against it.
    fn of(&self, p: &Point3, n: &Vec3) -> f64 {
        self.free(p, *n) - self.free(p, -*n)
    }
}
