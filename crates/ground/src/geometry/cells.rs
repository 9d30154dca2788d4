//! Points averaged in small cubes, in an order of their own, with neighbours and local spacing.

use nalgebra::{Matrix3, SymmetricEigen};
use rayon::prelude::*;
use reasmory_geom::{Point3, Vec3, math};

use super::Cloud;

/// No cell.
pub(super) const NONE: u32 = u32::MAX;
/// Neighbours kept for each cell.
pub(super) const NEAR: usize = 12;
/// Cubes along the diagonal of the scene.
const ALONG: f64 = 400.0;
/// Points whose surroundings say how dense the cloud is.
const PROBES: usize = 3000;

/// Points averaged in cubes.
pub(super) struct Cells {
    /// Length that everything is counted in: the spacing of cells on a surface.
    pub(super) unit: f64,
    /// Diagonal of the scene without strays.
    pub(super) diagonal: f64,
    pub(super) position: Vec<Point3>,
    /// CIELAB.
    pub(super) color: Vec<Vec3>,
    /// Spacing around each cell, at least `unit`.
    pub(super) spacing: Vec<f64>,
    /// Neighbours, the nearest first.
    pub(super) near: Vec<Vec<u32>>,
    /// The cell of each point; [`NONE`] for strays.
    pub(super) of_point: Vec<u32>,
    index: Index,
    samples: Vec<Sample>,
}

/// Points put together.
#[derive(Clone, Copy)]
struct Sample {
    position: Point3,
    /// sRGB.
    color: [f64; 3],
    count: f64,
}

/// A point and the normal of the plane nearest to weighted points; `None` of too few.
fn plane_below(near: &[(f64, Point3)]) -> Option<(Point3, Vec3)> {
    let total: f64 = near.iter().map(|n| n.0).sum();
    if near.len() < 8 || total <= 0.0 {
        return None;
    }
    let mean: Vec3 = near.iter().map(|n| n.1.coords * (n.0 / total)).sum();
    let spread: Matrix3<f64> = near
        .iter()
        .map(|n| (n.0 / total, n.1.coords - mean))
        .map(|(w, d)| d * d.transpose() * w)
        .sum();
    let eigen = SymmetricEigen::new(spread);
    let least =
        (0..3).fold(0, |b, k| if eigen.eigenvalues[k] < eigen.eigenvalues[b] { k } else { b });
    let n = eigen.eigenvectors.column(least).into_owned().try_normalize(1e-12)?;
    Some((Point3::from(mean), n))
}

/// Cells sorted by blocks of space.
struct Index {
    low: Point3,
    edge: f64,
    keys: Vec<u64>,
}

const BITS: u32 = 21;
const MOST: i64 = (1 << BITS) - 1;

fn key(p: &Point3, low: &Point3, edge: f64) -> u64 {
    let k = |i: usize| (((p[i] - low[i]) / edge).floor() as i64).clamp(0, MOST) as u64;
    k(2) << (2 * BITS) | k(1) << BITS | k(0)
}

impl Index {
    /// Ranges of cells in the blocks within `rings` of the block of `p`.
    fn around(&self, p: &Point3, rings: i64) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        let k = key(p, &self.low, self.edge);
        let at = |s: u32| (k >> (s * BITS)) as i64 & MOST;
        let (x, y, z) = (at(0), at(1), at(2));
        let clamp = |v: i64| v.clamp(0, MOST) as u64;
        (-rings..=rings).flat_map(move |dz| {
            (-rings..=rings).filter_map(move |dy| {
                let (yy, zz) = (y + dy, z + dz);
                if !(0..=MOST).contains(&yy) || !(0..=MOST).contains(&zz) {
                    return None;
                }
                let row = clamp(zz) << (2 * BITS) | clamp(yy) << BITS;
                let from = self.keys.partition_point(|q| *q < row | clamp(x - rings));
                let to = self.keys.partition_point(|q| *q <= row | clamp(x + rings));
                (from < to).then_some(from..to)
            })
        })
    }
}

/// Bounds of the scene without strays: the middle 98 % of each axis and a fifth of its length on either side.
fn extent(positions: &[Point3]) -> Option<(Point3, Point3)> {
    let step = positions.len().div_ceil(200_000).max(1);
    let mut out = (Point3::origin(), Point3::origin());
    for k in 0..3 {
        let mut v: Vec<f64> = positions.iter().map(|p| p[k]).collect();
        v.sort_unstable_by(f64::total_cmp);
        let v: Vec<f64> = v.into_iter().step_by(step).collect();
        let n = v.len();
        let (lo, hi) = (*v.get(n / 100)?, *v.get(n - 1 - n / 100)?);
        let more = 0.2 * (hi - lo);
        (out.0[k], out.1[k]) = (lo - more, hi + more);
    }
    Some(out)
}

/// Nearest others of a position among sorted ones, with squared distances; looks `rings` blocks far.
fn nearest(
    index: &Index,
    positions: &[Point3],
    p: &Point3,
    most: usize,
    rings: i64,
) -> Vec<(f64, u32)> {
    let mut found: Vec<(f64, u32)> = Vec::new();
    for range in index.around(p, rings) {
        for i in range {
            let d = (positions[i] - p).norm_squared();
            found.push((d, i as u32));
        }
    }
    let by = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    if found.len() > most {
        found.select_nth_unstable_by(most - 1, by);
        found.truncate(most);
    }
    found.sort_unstable_by(by);
    found
}

/// Distance of points on a surface: the median over probes of what the distance to the eighth
/// neighbour says.
fn spacing(positions: &[Point3], low: &Point3, diagonal: f64) -> f64 {
    let mut edge = diagonal / 128.0;
    let mut found = 0.0;
    // Twice: the first time the blocks may be far too large or too small for the density.
    for _ in 0..3 {
        let mut order: Vec<(u64, u32)> =
            positions.iter().enumerate().map(|(i, p)| (key(p, low, edge), i as u32)).collect();
        order.par_sort_unstable();
        let sorted: Vec<Point3> = order.iter().map(|o| positions[o.1 as usize]).collect();
        let index = Index { low: *low, edge, keys: order.iter().map(|o| o.0).collect() };
        let step = sorted.len().div_ceil(PROBES).max(1);
        let mut far: Vec<f64> = (0..sorted.len())
            .step_by(step)
            .collect::<Vec<_>>()
            .into_par_iter()
            .filter_map(|i| nearest(&index, &sorted, &sorted[i], 9, 1).get(8).map(|n| n.0.sqrt()))
            .filter(|d| *d > 0.0)
            .collect();
        far.sort_unstable_by(f64::total_cmp);
        let probes = sorted.len().div_ceil(step);
        if far.len() * 2 < probes {
            // Most have fewer neighbours in reach: larger blocks.
            edge *= 4.0;
            continue;
        }
        found = far[far.len() / 2] * (std::f64::consts::PI / 8.0).sqrt();
        if edge < 8.0 * found {
            break;
        }
        edge = 4.0 * found;
    }
    found
}

/// CIELAB of sRGB under D65.
fn lab(rgb: [f64; 3]) -> Vec3 {
    let linear = rgb.map(|c| {
        let c = c / 255.0;
        if c <= 0.04045 { c / 12.92 } else { math::pow((c + 0.055) / 1.055, 2.4) }
    });
    let row = |m: [f64; 3]| m[0] * linear[0] + m[1] * linear[1] + m[2] * linear[2];
    let xyz = [
        row([0.4124, 0.3576, 0.1805]) / 0.950_47,
        row([0.2126, 0.7152, 0.0722]),
        row([0.0193, 0.1192, 0.9505]) / 1.088_83,
    ];
    let f = xyz.map(|t| if t > 0.008_856 { math::cbrt(t) } else { 7.787 * t + 16.0 / 116.0 });
    Vec3::new(116.0 * f[1] - 16.0, 500.0 * (f[0] - f[1]), 200.0 * (f[1] - f[2]))
}

impl Cells {
    /// Averages the points; `coarser` multiplies the least spacing. `None` of too few points.
    pub(super) fn new(cloud: &Cloud, coarser: f64) -> Option<Cells> {
        let raw: Vec<Point3> =
            cloud.positions.iter().map(|p| Point3::from(p.map(f64::from))).collect();
        if raw.len() < 64 || cloud.colors.len() != raw.len() {
            return None;
        }
        let (low, high) = extent(&raw)?;
        let diagonal = (high - low).norm() / 1.4;
        if !(diagonal > 0.0 && diagonal.is_finite()) {
            return None;
        }
        // The order of points must not matter, not even to the last bit.
        let inside = |p: &Point3| (0..3).all(|k| (low[k]..=high[k]).contains(&p[k]));
        let mut rows: Vec<u32> =
            (0..raw.len() as u32).filter(|i| inside(&raw[*i as usize])).collect();
        let by = |a: &u32, b: &u32| {
            let (p, q) = (&raw[*a as usize], &raw[*b as usize]);
            let at = |k: usize| p[k].total_cmp(&q[k]);
            let color = || cloud.colors[*a as usize].cmp(&cloud.colors[*b as usize]);
            at(0).then_with(|| at(1)).then_with(|| at(2)).then_with(color)
        };
        rows.par_sort_by(by);
        let sorted: Vec<Point3> = rows.iter().map(|r| raw[*r as usize]).collect();
        let samples = sorted
            .iter()
            .zip(&rows)
            .map(|(p, r)| Sample {
                position: *p,
                color: cloud.colors[*r as usize].map(f64::from),
                count: 1.0,
            })
            .collect();
        let (mut cells, place) = Cells::of(samples, low, diagonal, coarser)?;
        cells.of_point = vec![NONE; raw.len()];
        for (r, c) in rows.iter().zip(place) {
            cells.of_point[*r as usize] = c;
        }
        Some(cells)
    }

    /// Averages samples, which are in an order of their own; and the cell of each.
    fn of(
        samples: Vec<Sample>,
        low: Point3,
        diagonal: f64,
        coarser: f64,
    ) -> Option<(Cells, Vec<u32>)> {
        let sorted: Vec<Point3> = samples.iter().map(|s| s.position).collect();
        let spacing = spacing(&sorted, &low, diagonal);
        if spacing <= 0.0 || !spacing.is_finite() {
            return None;
        }
        let wanted = coarser * diagonal / ALONG;
        let unit = wanted.max(spacing);
        // Where points are about as far apart as wanted, only duplicates are put together.
        let edge = if spacing > 0.7 * wanted { 0.4 * spacing } else { wanted };
        let mut keyed: Vec<(u64, u32)> =
            sorted.iter().enumerate().map(|(i, p)| (key(p, &low, edge), i as u32)).collect();
        keyed.par_sort_unstable();
        let mut sums: Vec<(Vec3, [f64; 3], f64)> = Vec::new();
        let mut cell_of = vec![NONE; sorted.len()];
        let mut last = None;
        for (k, i) in keyed {
            if last != Some(k) {
                sums.push((Vec3::zeros(), [0.0; 3], 0.0));
                last = Some(k);
            }
            let at = sums.len() - 1;
            let s = &mut sums[at];
            let from = &samples[i as usize];
            s.0 += (from.position - low) * from.count;
            (0..3).for_each(|k| s.1[k] += from.color[k] * from.count);
            s.2 += from.count;
            cell_of[i as usize] = at as u32;
        }
        let centre: Vec<Point3> = sums.iter().map(|s| low + s.0 / s.2).collect();
        let block = 2.0 * unit;
        let mut order: Vec<(u64, u32)> =
            centre.iter().enumerate().map(|(i, p)| (key(p, &low, block), i as u32)).collect();
        order.par_sort_unstable();
        let mut place = vec![0u32; order.len()];
        order.iter().enumerate().for_each(|(new, o)| place[o.1 as usize] = new as u32);
        let samples: Vec<Sample> = order
            .iter()
            .map(|o| {
                let s = &sums[o.1 as usize];
                Sample { position: centre[o.1 as usize], color: s.1.map(|c| c / s.2), count: s.2 }
            })
            .collect();
        let position: Vec<Point3> = samples.iter().map(|s| s.position).collect();
        let color: Vec<Vec3> = samples.par_iter().map(|s| lab(s.color)).collect();
        let keys = order.into_iter().map(|o| o.0).collect();
        let mut cells = Cells {
            unit,
            diagonal,
            position,
            color,
            spacing: Vec::new(),
            near: Vec::new(),
            of_point: Vec::new(),
            index: Index { low, edge: block, keys },
            samples,
        };
        cells.find_neighbours();
        cell_of.iter_mut().for_each(|c| *c = place[*c as usize]);
        Some((cells, cell_of))
    }

    /// The same scene with cells drawn onto the planes of their surroundings (moving least squares), which
    /// makes noisy surfaces thin.
    pub(super) fn settled(self, coarser: f64) -> Option<Cells> {
        let reach = 4.0 * self.unit;
        let moved: Vec<Sample> = (0..self.len())
            .into_par_iter()
            .map(|i| {
                let p = self.position[i];
                let mut near: Vec<(f64, Point3)> = Vec::new();
                for range in self.index.around(&p, 2) {
                    for j in range {
                        let d = (self.position[j] - p).norm();
                        if d < reach {
                            let w = 1.0 - d / reach;
                            near.push((w * w * self.samples[j].count.min(8.0), self.position[j]));
                        }
                    }
                }
                let position = plane_below(&near).map_or(p, |(at, n)| p - n * (p - at).dot(&n));
                Sample { position, ..self.samples[i] }
            })
            .collect();
        let (mut cells, place) = Cells::of(moved, self.index.low, self.diagonal, coarser)?;
        cells.of_point = self
            .of_point
            .iter()
            .map(|c| if *c == NONE { NONE } else { place[*c as usize] })
            .collect();
        Some(cells)
    }

    pub(super) fn len(&self) -> usize {
        self.position.len()
    }

    /// The surface that a cell stands for.
    pub(super) fn area(&self, i: usize) -> f64 {
        self.spacing[i] * self.spacing[i]
    }

    /// Up to `most` nearest cells, itself first.
    pub(super) fn nearest(&self, i: usize, most: usize) -> Vec<(f64, u32)> {
        let p = &self.position[i];
        let found = nearest(&self.index, &self.position, p, most, 1);
        if found.len() >= most.min(7) {
            return found;
        }
        nearest(&self.index, &self.position, p, most, 3)
    }

    /// Median distance of cells from the plane of their surroundings, over some of them.
    pub(super) fn roughness(&self) -> f64 {
        let step = self.len().div_ceil(PROBES).max(1);
        let mut off: Vec<f64> = (0..self.len())
            .step_by(step)
            .collect::<Vec<_>>()
            .into_par_iter()
            .filter_map(|i| {
                let near: Vec<(f64, Point3)> = self
                    .nearest(i, 2 * NEAR)
                    .iter()
                    .map(|n| (1.0, self.position[n.1 as usize]))
                    .collect();
                let (at, n) = plane_below(&near)?;
                let square = |p: &Point3| ((p - at).dot(&n)) * ((p - at).dot(&n));
                Some((near.iter().map(|q| square(&q.1)).sum::<f64>() / near.len() as f64).sqrt())
            })
            .collect();
        off.sort_unstable_by(f64::total_cmp);
        off.get(off.len() / 2).copied().unwrap_or(0.0)
    }

    fn find_neighbours(&mut self) {
        let found: Vec<(f64, Vec<u32>)> = (0..self.len())
            .into_par_iter()
            .map(|i| {
                let near = self.nearest(i, NEAR + 1);
                let at = near.len().min(7);
                // On a plane of this spacing, `at − 1` neighbours lie within this distance.
                let far = near.last().map_or(0.0, |_| near[at - 1].0.sqrt());
                let spacing = far * (std::f64::consts::PI / (at.max(2) - 1) as f64).sqrt();
                let spacing =
                    if at < 4 { self.unit } else { spacing.clamp(self.unit, 4.0 * self.unit) };
                (spacing, near.into_iter().skip(1).map(|n| n.1).collect())
            })
            .collect();
        let (spacing, near) = found.into_iter().unzip();
        self.spacing = spacing;
        self.near = near;
    }

    /// Whether two neighbours touch: closer than surfaces of their spacing leave gaps.
    pub(super) fn touch(&self, i: usize, j: usize) -> bool {
        let reach = 1.8 * 0.5 * (self.spacing[i] + self.spacing[j]);
        (self.position[i] - self.position[j]).norm() <= reach
    }

    /// Neighbours of a cell that touch it.
    pub(super) fn touching(&self, i: usize) -> impl Iterator<Item = usize> + '_ {
        self.near[i].iter().map(|j| *j as usize).filter(move |j| self.touch(i, *j))
    }
}

/// Groups that are joined pairwise.
pub(super) struct Joined(Vec<u32>);

impl Joined {
    pub(super) fn new(n: usize) -> Joined {
        Joined((0..n as u32).collect())
    }

    /// The group's first member.
    pub(super) fn root(&mut self, mut i: usize) -> usize {
        while self.0[i] as usize != i {
            self.0[i] = self.0[self.0[i] as usize];
            i = self.0[i] as usize;
        }
        i
    }

    pub(super) fn join(&mut self, i: usize, j: usize) {
        let (a, b) = (self.root(i), self.root(j));
        let (a, b) = (a.min(b), a.max(b));
        self.0[b] = a as u32;
    }
}

/// Connected groups of some cells, each ascending, in order of their first members.
pub(super) fn components(
    cells: &Cells,
    members: &[u32],
    linked: impl Fn(usize, usize) -> bool,
) -> Vec<Vec<u32>> {
    let mut place = rustc_hash::FxHashMap::default();
    members.iter().enumerate().for_each(|(k, m)| {
        place.insert(*m, k);
    });
    let mut joined = Joined::new(members.len());
    for (k, m) in members.iter().enumerate() {
        for j in cells.touching(*m as usize) {
            if let Some(l) = place.get(&(j as u32))
                && linked(*m as usize, j)
            {
                joined.join(k, *l);
            }
        }
    }
    let mut of = vec![usize::MAX; members.len()];
    let mut out: Vec<Vec<u32>> = Vec::new();
    for (k, m) in members.iter().enumerate() {
        let root = joined.root(k);
        if of[root] == usize::MAX {
            of[root] = out.len();
            out.push(Vec::new());
        }
        out[of[root]].push(*m);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_by_hand() {
        // White, black and red of the standard's tables.
        assert!((lab([255.0; 3]) - Vec3::new(100.0, 0.0, 0.0)).norm() < 0.05);
        assert!(lab([0.0; 3]).norm() < 1e-9);
        assert!((lab([255.0, 0.0, 0.0]) - Vec3::new(53.24, 80.09, 67.2)).norm() < 0.1);
    }

    #[test]
    fn a_square_of_points_has_their_spacing() {
        let positions: Vec<[f32; 3]> =
            (0..40_000).map(|i| [(i % 200) as f32 * 0.01, (i / 200) as f32 * 0.01, 0.0]).collect();
        let colors = vec![[9; 3]; positions.len()];
        let cloud = Cloud { positions: &positions, colors: &colors, cameras: &[], noise: 0.0 };
        let cells = Cells::new(&cloud, 1.0).unwrap();
        assert!((cells.unit / 0.01 - 1.0).abs() < 0.3, "{}", cells.unit);
        // Corners have fewer cells in reach, but always as many as their spacing is taken from.
        assert!(cells.near.iter().all(|n| (6..=NEAR).contains(&n.len())));
        assert!(cells.near.iter().filter(|n| n.len() == NEAR).count() * 100 > cells.len() * 98);
        let all: Vec<u32> = (0..cells.len() as u32).collect();
        assert_eq!(components(&cells, &all, |_, _| true).len(), 1);
    }
}
