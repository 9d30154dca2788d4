//! Floor, ceiling and walls: large planes that bound the scene.

use nalgebra::{Matrix3, SymmetricEigen};
use rayon::prelude::*;
use reasmory_geom::math::{cos_deg, sin_deg};
use reasmory_geom::{Point3, Vec3};

use super::cells::Cells;
use super::surface::Surfaces;
use crate::extent::quantile;
use crate::layout::{self, Patch};

/// A plane that bounds the scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    /// A point of it.
    pub point: Point3,
    /// Unit normal, into the scene.
    pub normal: Vec3,
    /// Area of what was seen of it.
    pub area: f64,
}

impl Plane {
    /// Signed distance; positive inside the scene.
    pub fn distance(&self, p: &Point3) -> f64 {
        (p - self.point).dot(&self.normal)
    }
}

/// What bounds the scene.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Structure {
    /// The floor.
    pub floor: Option<Plane>,
    /// The ceiling.
    pub ceiling: Option<Plane>,
    /// Walls, the largest first.
    pub walls: Vec<Plane>,
}

/// What a cell is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Floor,
    Ceiling,
    Wall,
    /// Beyond floor or ceiling.
    Beyond,
    Rest,
}

/// Most walls, and most planes that are looked at.
const WALLS: usize = 24;
/// Directions tried for each wall.
const TRIED: usize = 300;
/// Cells that hypotheses are counted on.
const COUNTED: usize = 12_000;

pub(super) struct Finder<'a> {
    pub(super) cells: &'a Cells,
    pub(super) surfaces: &'a Surfaces,
    /// Distance from a plane up to which cells belong to it.
    pub(super) tolerance: f64,
}

/// Heights of horizontal surface that faces one way, with their area.
struct Levels {
    low: f64,
    bin: f64,
    area: Vec<f64>,
}

impl Levels {
    /// Area within a bin and its neighbours.
    fn around(&self, k: usize) -> f64 {
        let at = |k: usize| self.area.get(k).copied().unwrap_or(0.0);
        at(k) + at(k + 1) + if k > 0 { at(k - 1) } else { 0.0 }
    }

    fn peaks(&self) -> Vec<(f64, f64)> {
        let all: Vec<f64> = (0..self.area.len()).map(|k| self.around(k)).collect();
        (0..all.len())
            .filter(|k| {
                let from = k.saturating_sub(2);
                let best = all[from..(k + 3).min(all.len())].iter().copied().fold(0.0, f64::max);
                all[*k] > 0.0 && all[*k] >= best
            })
            .map(|k| (self.low + (k as f64 + 0.5) * self.bin, all[k]))
            .collect()
    }
}

impl Finder<'_> {
    fn levels(&self, up: bool) -> Levels {
        let z = |i: usize| self.cells.position[i].z;
        let low = (0..self.cells.len()).map(z).fold(f64::INFINITY, f64::min);
        let bin = 1.5 * self.cells.unit;
        let mut out = Levels { low, bin, area: Vec::new() };
        for i in 0..self.cells.len() {
            let n = self.surfaces.normal[i].z;
            if (if up { n } else { -n }) > 0.9 {
                let k = ((z(i) - low) / bin) as usize;
                if out.area.len() <= k {
                    out.area.resize(k + 1, 0.0);
                }
                out.area[k] += self.cells.area(i);
            }
        }
        out
    }

    /// Area of cells below (`below`) or above a height, and of all.
    fn beyond(&self, z: f64, below: bool) -> f64 {
        let out = |i: &usize| {
            let p = self.cells.position[*i].z;
            if below { p < z } else { p > z }
        };
        let all: f64 = (0..self.cells.len()).map(|i| self.cells.area(i)).sum();
        (0..self.cells.len()).filter(out).map(|i| self.cells.area(i)).sum::<f64>() / all
    }

    /// The plane of cells near a level plane, refined; its normal faces `up` or down.
    fn level_plane(&self, z: f64, up: bool) -> Option<Plane> {
        let side = if up { 1.0 } else { -1.0 };
        let mut plane =
            Plane { point: Point3::new(0.0, 0.0, z), normal: Vec3::z() * side, area: 0.0 };
        for band in [3.0, 2.0, 1.0, 1.0, 1.0] {
            let near: Vec<usize> = (0..self.cells.len())
                .filter(|i| {
                    plane.distance(&self.cells.position[*i]).abs() < band * 1.5 * self.tolerance
                        && self.surfaces.normal[*i].dot(&plane.normal) > 0.9
                })
                .collect();
            let next = self.fit(&near, plane.normal)?;
            if next.normal.z * side < cos_deg(6.0) {
                break;
            }
            plane = next;
        }
        (plane.area > 0.0).then_some(plane)
    }

    fn fit(&self, cells: &[usize], toward: Vec3) -> Option<Plane> {
        let area: f64 = cells.iter().map(|i| self.cells.area(*i)).sum();
        if cells.len() < 12 || area <= 0.0 {
            return None;
        }
        let p = |i: &usize| self.cells.position[*i].coords;
        let w = |i: &usize| self.cells.area(*i) / area;
        let mean: Vec3 = cells.iter().map(|i| p(i) * w(i)).sum();
        let spread: Matrix3<f64> =
            cells.iter().map(|i| (p(i) - mean, w(i))).map(|(d, w)| d * d.transpose() * w).sum();
        let eigen = SymmetricEigen::new(spread);
        let least =
            (0..3).fold(0, |b, k| if eigen.eigenvalues[k] < eigen.eigenvalues[b] { k } else { b });
        let n = eigen.eigenvectors.column(least).into_owned().try_normalize(1e-12)?;
        let normal = if n.dot(&toward) < 0.0 { -n } else { n };
        Some(Plane { point: Point3::from(mean), normal, area })
    }

    /// The floor of the layout, as a plane.
    fn floor(&self) -> Option<Plane> {
        let patch = |i: usize| Patch {
            point: self.cells.position[i],
            normal: self.surfaces.normal[i],
            area: self.cells.area(i),
        };
        let patches: Vec<Patch> = (0..self.cells.len()).map(patch).collect();
        self.level_plane(layout::floor(&patches, &[])?.z, true)
    }

    fn ceiling(&self, floor: Option<&Plane>) -> Option<Plane> {
        let peaks = self.levels(false).peaks();
        let most = peaks.iter().map(|p| p.1).fold(0.0, f64::max);
        let area = floor.map_or(0.0, |f| f.area);
        let large = |p: &&(f64, f64)| p.1 >= 0.2 * most && p.1 >= 0.1 * area;
        let z = peaks
            .iter()
            .rev()
            .find(|p| large(p) && self.beyond(p.0 + 4.0 * self.cells.unit, false) < 0.1)?;
        let above = floor.map_or(f64::INFINITY, |f| z.0 - f.point.z);
        (above > 0.1 * self.cells.diagonal).then(|| self.level_plane(z.0, false))?
    }

    /// Floor, ceiling and walls, and what each cell is part of.
    pub(super) fn find(&self) -> (Structure, Vec<Part>) {
        let floor = self.floor();
        let ceiling = self.ceiling(floor.as_ref());
        let mut part = vec![Part::Rest; self.cells.len()];
        let levels = [(floor, Part::Floor), (ceiling, Part::Ceiling)];
        for (i, p) in part.iter_mut().enumerate() {
            for (plane, of) in levels.iter().filter_map(|(l, o)| l.as_ref().map(|l| (l, *o))) {
                let d = plane.distance(&self.cells.position[i]);
                let along = self.surfaces.normal[i].dot(&plane.normal);
                if d < -1.5 * self.tolerance {
                    *p = Part::Beyond;
                } else if d < self.reach(i, along.abs()) {
                    *p = of;
                }
            }
        }
        let walls = self.walls(&mut part, floor.as_ref(), ceiling.as_ref());
        (Structure { floor, ceiling, walls }, part)
    }

    /// How far a cell may be from a plane that it is part of: less where it faces another way.
    fn reach(&self, i: usize, along: f64) -> f64 {
        let wide = self.tolerance.max(0.35 * self.cells.spacing[i]);
        if along > 0.8 { wide } else { 0.7 * wide }
    }

    fn walls(
        &self,
        part: &mut [Part],
        floor: Option<&Plane>,
        ceiling: Option<&Plane>,
    ) -> Vec<Plane> {
        let upright: Vec<usize> = (0..self.cells.len())
            .filter(|i| part[*i] == Part::Rest && self.surfaces.normal[*i].z.abs() < sin_deg(15.0))
            .collect();
        let mut z: Vec<(f64, f64)> =
            (0..self.cells.len()).map(|i| (self.cells.position[i].z, self.cells.area(i))).collect();
        z.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let bottom = floor.map_or(quantile(&z, 0.01), |f| f.point.z);
        let top = ceiling.map_or(quantile(&z, 0.99), |c| c.point.z);
        let limits = Limits { bottom, top };
        // Cells that no plane has been made of yet.
        let mut free = vec![false; self.cells.len()];
        upright.iter().for_each(|i| free[*i] = true);
        let mut walls: Vec<Plane> = Vec::new();
        for _ in 0..WALLS {
            let left: Vec<usize> = upright.iter().copied().filter(|i| free[*i]).collect();
            let Some((plane, members)) = self.largest_plane(&left) else { break };
            if plane.area < 0.002 * self.cells.diagonal * self.cells.diagonal {
                break;
            }
            members.iter().for_each(|i| free[*i] = false);
            if self.bounds_scene(&plane, &members, part, &limits) {
                walls.push(plane);
                for (i, p) in part.iter_mut().enumerate() {
                    let d = plane.distance(&self.cells.position[i]);
                    let along = self.surfaces.normal[i].dot(&plane.normal).abs();
                    if *p == Part::Rest && d.abs() < self.reach(i, along) {
                        *p = Part::Wall;
                        free[i] = false;
                    }
                }
            }
        }
        walls
    }

    /// The upright plane with the most area, and its cells.
    fn largest_plane(&self, upright: &[usize]) -> Option<(Plane, Vec<usize>)> {
        let n = &self.surfaces.normal;
        let p = &self.cells.position;
        let some: Vec<usize> =
            upright.iter().copied().step_by(upright.len().div_ceil(COUNTED).max(1)).collect();
        let seeds: Vec<usize> =
            some.iter().copied().step_by(some.len().div_ceil(TRIED).max(1)).collect();
        let thick = 1.5 * self.tolerance;
        let scores: Vec<f64> = seeds
            .par_iter()
            .map(|s| {
                let m = Vec3::new(n[*s].x, n[*s].y, 0.0).normalize();
                let near =
                    |i: &&usize| (p[**i] - p[*s]).dot(&m).abs() < thick && n[**i].dot(&m) > 0.9;
                some.iter().filter(near).map(|i| self.cells.area(*i)).sum()
            })
            .collect();
        let best = (0..seeds.len()).reduce(|a, b| if scores[b] > scores[a] { b } else { a })?;
        let s = seeds[best];
        let m = Vec3::new(n[s].x, n[s].y, 0.0).normalize();
        let mut plane = Plane { point: p[s], normal: m, area: 0.0 };
        let mut members = Vec::new();
        for band in [3.0, 2.0, 1.5, 1.5, 1.5] {
            members = upright
                .iter()
                .copied()
                .filter(|i| {
                    plane.distance(&p[*i]).abs() < band * self.tolerance
                        && n[*i].dot(&plane.normal) > 0.9
                })
                .collect();
            plane = self.fit(&members, plane.normal)?;
        }
        Some((plane, members))
    }

    /// Whether a plane is a wall: it reaches the top of the scene, is broad, and has little behind it.
    fn bounds_scene(
        &self,
        plane: &Plane,
        members: &[usize],
        part: &[Part],
        limits: &Limits,
    ) -> bool {
        let across = Vec3::z().cross(&plane.normal).normalize();
        let along = |i: usize| (self.cells.position[i] - plane.point).dot(&across);
        let span = |f: &dyn Fn(usize) -> f64, lo: f64, hi: f64| {
            let mut v: Vec<(f64, f64)> =
                members.iter().map(|i| (f(*i), self.cells.area(*i))).collect();
            v.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
            (quantile(&v, lo), quantile(&v, hi))
        };
        let (left, right) = span(&along, 0.03, 0.97);
        let (low, high) = span(&|i| self.cells.position[i].z, 0.02, 0.98);
        let height = limits.top - limits.bottom;
        let broad = right - left > 0.08 * self.cells.diagonal;
        let tall = high - low > 0.35 * height && high > limits.bottom + 0.85 * height;
        if !(broad && tall) {
            return false;
        }
        let gap = 3.0 * self.cells.unit + 2.0 * self.tolerance;
        let behind: f64 = (0..self.cells.len())
            .filter(|i| !matches!(part[*i], Part::Beyond))
            .filter(|i| {
                let p = self.cells.position[*i];
                plane.distance(&p) < -gap
                    && (left..right).contains(&along(*i))
                    && (low..high).contains(&p.z)
            })
            .map(|i| self.cells.area(i))
            .sum();
        behind < 0.3 * plane.area
    }
}

/// Heights that walls stand between.
struct Limits {
    bottom: f64,
    top: f64,
}
