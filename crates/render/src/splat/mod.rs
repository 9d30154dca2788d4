//! Splatting points into a depth buffer, without pinholes and without blur.
//!
//! A picture is made of tiles, each of which fits into a core's nearest cache. [`plan`] finds which
//! batches of points can show in which tile; [`tile`] projects them and fills a tile in two passes. The
//! first takes the smallest depth per pixel. The second lets the splats that lie within a slack of that
//! depth compete for the pixel: the one whose centre projects nearest to the pixel's centre wins, ties
//! going to the one drawn first. Then [`holes`] closes what random sampling has left open. Tiles are
//! disjoint and each is filled in a fixed order, so the outcome does not depend on the number of threads;
//! and no pixel needs an atomic.

mod cover;
mod fill;
mod holes;
mod plan;
mod project;
#[cfg(test)]
mod tests;
mod tile;

use rayon::prelude::*;

use crate::Cloud;
use crate::cloud::Bounds;
use crate::facing::{Facing, Plane};
use crate::simd::Isa;
use crate::tally::Tally;

/// No point here.
pub(crate) const NONE: u32 = u32::MAX;
/// Splat side per unit of radius.
pub(crate) const SIDE: f32 = 1.6;
/// Largest depth slack of the second pass per unit of radius; less where a batch's plane tells that less will do
/// ([`Facing`]), so that a rug does not mix with the floor below it.
const SLACK: f32 = 1.0;

/// How points become pixels.
pub(crate) trait Projector: Sync {
    /// Pixel coordinates, depth (not above 0: not drawn) and pixels per world unit at that depth of a
    /// point relative to the cloud's origin.
    fn project(&self, x: f32, y: f32, z: f32) -> (f32, f32, f32, f32);
    /// Where the points of a box can be; `None` where none of them is drawn.
    fn extent(&self, bounds: &Bounds) -> Option<Extent>;
    /// How the points of a box that lie near a plane are seen.
    fn facing(&self, bounds: &Bounds, plane: &Plane) -> Facing;
}

/// A rectangle that holds the centres of projected points, and the least of their depths.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) u: (f32, f32),
    pub(crate) v: (f32, f32),
    pub(crate) near: f32,
    /// Pixels per world unit at the least depth.
    pub(crate) scale: f32,
}

/// What is seen through each pixel.
#[derive(Debug, Default)]
pub(crate) struct Surface {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Depth, infinite where unknown.
    pub(crate) depth: Vec<f32>,
    /// Index of the point in the cloud, [`NONE`] where unknown.
    pub(crate) index: Vec<u32>,
}

/// Largest splat side, whether small holes are closed, and with which instructions.
#[derive(Clone, Copy)]
pub(crate) struct SplatOptions {
    pub(crate) largest: f32,
    pub(crate) close_holes: bool,
    pub(crate) isa: Isa,
}

/// What drawing cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DrawStats {
    /// Batches whose bounds were tested one by one.
    pub tested: usize,
    /// Batches in the picture.
    pub batches: usize,
    /// Points projected; one that may show in several tiles counts in each.
    pub projected: usize,
    /// Splats filled, counted in each tile they touch.
    pub splats: usize,
}

impl DrawStats {
    /// Bytes that a picture of so many pixels reads and writes at the least: bounds, points, and the depth,
    /// point, colour and instance of each pixel, the point once more where it is looked up.
    pub fn bytes(&self, pixels: usize) -> usize {
        self.tested * size_of::<Bounds>() + self.projected * 16 + pixels * 19
    }
}

/// Buffers of one picture, kept from one to the next so that no picture but the first allocates any.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) surface: Surface,
    plan: plan::Plan,
    holes: holes::Lists,
    pub(crate) tallies: Vec<Tally>,
    /// Points projected and splats filled per band of tiles.
    counts: Vec<(usize, usize)>,
}

impl Scratch {
    /// Memory held.
    pub(crate) fn bytes(&self) -> usize {
        4 * (self.surface.depth.capacity() + self.surface.index.capacity())
            + self.plan.bytes()
            + self.holes.bytes()
    }
}

/// Draws a cloud into the surface of `scratch`.
pub(crate) fn splat<P: Projector>(
    cloud: &Cloud,
    projector: &P,
    width: u32,
    height: u32,
    options: SplatOptions,
    scratch: &mut Scratch,
) -> DrawStats {
    let (w, h) = (width as usize, height as usize);
    let Scratch { surface, plan, holes, counts, .. } = scratch;
    surface.width = w;
    surface.height = h;
    // Every pixel is written below, so what is left of an earlier picture does not matter.
    surface.depth.resize(w * h, f32::INFINITY);
    surface.index.resize(w * h, NONE);
    plan.make(cloud, projector, (w, h), options.largest);
    counts.clear();
    counts.resize(h.div_ceil(tile::HEIGHT), (0, 0));
    let rows = w * tile::HEIGHT;
    let bands = surface.depth.par_chunks_mut(rows).zip(surface.index.par_chunks_mut(rows));
    let bands = bands.zip(counts.par_iter_mut()).enumerate().with_max_len(1);
    bands.for_each(|(band, ((depth, index), count))| {
        *count = tile::band(cloud, projector, plan, band, w, options, depth, index);
    });
    if options.close_holes {
        holes::close(cloud, projector, surface, options.isa, holes);
    }
    DrawStats {
        tested: plan.tested,
        batches: plan.batches,
        projected: counts.iter().map(|c| c.0).sum(),
        splats: counts.iter().map(|c| c.1).sum(),
    }
}
