//! Things of a cloud of points, with no weights: geometry and colour alone.
//!
//! Floor, ceiling and walls are the large planes that bound the scene; what is left is split by distance,
//! by what rests on what, and by concavity where colours differ. Lengths are counted in the spacing of
//! points and the size of the scene; the order of points and cameras changes nothing. The world is upright.
//! `spec/grounding.md` says how well it does.

mod cells;
mod footing;
mod patches;
mod structure;
mod surface;
mod things;

use rayon::prelude::*;
use reasmory_geom::{Obb, Point3};

use crate::extent;
use cells::{Cells, NONE};
use footing::Plan;
use structure::{Finder, Part};
pub use structure::{Plane, Structure};
pub use surface::Camera;
use surface::Surfaces;
use things::Splitter;

/// Part of a thing's surface left out at either end of an axis.
const STRAY: f64 = 0.002;
/// One in so many pixels of a picture must show a thing that counts as seen in it.
const SHOWN: usize = 1024;
/// Roughness of surfaces, in their spacing, above which they are settled.
const ROUGH: f64 = 0.12;
/// Roughness, in the spacing, above which coarser cells are taken.
const ROUGHEST: f64 = 0.7;

/// Points to find things in. World upright: gravity is −Z.
#[derive(Clone, Copy, Debug)]
pub struct Cloud<'a> {
    /// Positions.
    pub positions: &'a [[f32; 3]],
    /// sRGB colours, one for each position.
    pub colors: &'a [[u8; 3]],
    /// Cameras that saw them, where there are any.
    pub cameras: &'a [Camera],
    /// Standard deviation of positions, where known; 0 otherwise.
    pub noise: f64,
}

/// A thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// Its upright box.
    pub obb: Obb,
    /// Number of its points.
    pub support: u64,
    /// Cameras that see it (places in [`Cloud::cameras`]), ascending.
    pub views: Vec<usize>,
    /// How well it stands apart, in [0, 1]: the part of it that does not touch another thing, times
    /// 1 − 2⁻¹⁻ᵃ for the `a` cameras that see it.
    pub confidence: f64,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segmentation {
    /// Things, by place: x, then y, then z of their boxes' centres.
    pub things: Vec<Thing>,
    /// The thing of each point, from 1; 0 for none.
    pub of_point: Vec<u32>,
    /// Floor, ceiling and walls.
    pub structure: Structure,
    /// Spacing of the surface samples that things were found on.
    pub spacing: f64,
}

/// Finds the things of a cloud; none in fewer than 64 points, or in points that span nothing.
pub fn segment(cloud: &Cloud) -> Segmentation {
    let none = Segmentation { of_point: vec![0; cloud.positions.len()], ..Segmentation::default() };
    let Some((cells, roughness)) = sampled(cloud) else { return none };
    let surfaces = surface::find(&cells, cloud.cameras);
    let tolerance = (0.6 * cells.unit).max(2.5 * surfaces.roughness);
    let finder = Finder { cells: &cells, surfaces: &surfaces, tolerance };
    let (structure, part) = finder.find();
    let (veil, rest): (Vec<u32>, Vec<u32>) = (0..cells.len() as u32)
        .filter(|i| part[*i as usize] == Part::Rest)
        .partition(|i| surfaces.veil[*i as usize]);
    let all =
        Plan::new(&cells, (0..cells.len() as u32).filter(|i| part[*i as usize] != Part::Beyond));
    let shadow = (1.2 * cells.unit).max(4.0 * roughness);
    let splitter = Splitter {
        cells: &cells,
        normals: &surfaces.normal,
        structure: &structure,
        all: &all,
        shadow,
    };
    let groups = splitter.things(&rest, &veil);
    describe(cloud, &cells, &surfaces, structure, groups)
}

/// Cells in which surfaces are thin: noisy ones are settled, and where that does not help, coarser. With
/// the roughness of the surfaces before.
fn sampled(cloud: &Cloud) -> Option<(Cells, f64)> {
    let mut coarser = 1.0;
    loop {
        let mut cells = Cells::new(cloud, coarser)?;
        let before = cells.roughness();
        let mut rough = before;
        for _ in 0..2 {
            if rough > ROUGH * cells.unit && cells.len() > 500 {
                cells = cells.settled(coarser)?;
                rough = cells.roughness();
            }
        }
        if before <= ROUGHEST * cells.unit || coarser > 5.0 || cells.len() < 2000 {
            return Some((cells, before));
        }
        coarser *= 1.4;
    }
}

fn describe(
    cloud: &Cloud,
    cells: &Cells,
    surfaces: &Surfaces,
    structure: Structure,
    groups: Vec<Vec<u32>>,
) -> Segmentation {
    let mut of_cell = vec![NONE; cells.len()];
    for (k, g) in groups.iter().enumerate() {
        g.iter().for_each(|m| of_cell[*m as usize] = k as u32);
    }
    let mut points: Vec<Vec<u32>> = vec![Vec::new(); groups.len()];
    let mut per_cell = vec![0u32; cells.len()];
    for c in cells.of_point.iter().filter(|c| **c != NONE) {
        per_cell[*c as usize] += 1;
    }
    for (i, c) in cells.of_point.iter().enumerate() {
        if *c != NONE && of_cell[*c as usize] != NONE {
            points[of_cell[*c as usize] as usize].push(i as u32);
        }
    }
    let axes = extent::common_turn((0..cells.len()).map(|i| (surfaces.normal[i], cells.area(i))));
    let mut shown: Vec<Vec<usize>> = vec![Vec::new(); groups.len()];
    for (v, seen) in surfaces.seen.iter().enumerate() {
        let mut pixels = vec![0usize; groups.len()];
        for c in seen.cell.iter().filter(|c| **c != NONE) {
            if of_cell[*c as usize] != NONE {
                pixels[of_cell[*c as usize] as usize] += 1;
            }
        }
        for (k, n) in pixels.iter().enumerate() {
            if *n * SHOWN >= seen.cell.len() && *n > 0 {
                shown[k].push(v);
            }
        }
    }
    let made: Vec<Option<Thing>> = (0..groups.len())
        .into_par_iter()
        .map(|k| {
            let at = |i: u32| {
                let c = cells.of_point[i as usize] as usize;
                let p = Point3::from(cloud.positions[i as usize].map(f64::from));
                (p, cells.area(c) / f64::from(per_cell[c].max(1)))
            };
            let mut weighted: Vec<(Point3, f64)> = points[k].iter().map(|i| at(*i)).collect();
            weighted.sort_unstable_by(|a, b| {
                let by = |j: usize| a.0[j].total_cmp(&b.0[j]);
                by(0).then_with(|| by(1)).then_with(|| by(2)).then(a.1.total_cmp(&b.1))
            });
            let obb = extent::upright_box(&weighted, STRAY, cloud.noise, axes)?;
            let touching = |m: &&u32| {
                cells.touching(**m as usize).any(|j| of_cell[j] != NONE && of_cell[j] != k as u32)
            };
            let apart =
                1.0 - groups[k].iter().filter(touching).count() as f64 / groups[k].len() as f64;
            let doubt = 0.5 / f64::from(1u32 << shown[k].len().min(20));
            Some(Thing {
                obb,
                support: points[k].len() as u64,
                views: shown[k].clone(),
                confidence: apart * (1.0 - doubt),
            })
        })
        .collect();
    let mut order: Vec<(usize, Thing)> =
        made.into_iter().enumerate().filter_map(|(k, t)| t.map(|t| (k, t))).collect();
    order.sort_by(|(_, a), (_, b)| {
        let by = |j: usize| a.obb.center[j].total_cmp(&b.obb.center[j]);
        by(0).then_with(|| by(1)).then_with(|| by(2))
    });
    let mut of_point = vec![0; cloud.positions.len()];
    for (n, (k, _)) in order.iter().enumerate() {
        points[*k].iter().for_each(|i| of_point[*i as usize] = n as u32 + 1);
    }
    Segmentation {
        things: order.into_iter().map(|o| o.1).collect(),
        of_point,
        structure,
        spacing: cells.unit,
    }
}
