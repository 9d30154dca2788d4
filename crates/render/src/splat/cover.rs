//! What is hidden behind the splats filled so far.

use super::Projector;
use super::plan::reach;
use super::project::Lanes;
use super::tile::{ABOVE, BESIDE, CELLS, Cells, EMPTY, HEIGHT, STRIDE, Site, WIDTH};
use crate::cloud::Bounds;
use crate::simd::{max, min};

/// A side of the blocks of a tile whose largest depths tell which batches are hidden.
const BLOCK: usize = 16;
const ACROSS: usize = WIDTH / BLOCK;
/// Cells of [`Cover::near`]: a power of two, so that a place needs no test but a mask.
pub(super) const COVERED: usize = CELLS.next_power_of_two();

/// What is hidden behind the splats filled so far.
pub(super) struct Cover {
    /// The largest of the smallest depths of each cell, the next to the right, and the two below.
    pub(super) near: Box<[u32; COVERED]>,
    /// The same of each block; infinite where a pixel is still empty.
    pub(super) blocks: [f32; ACROSS * HEIGHT / BLOCK],
    /// Their largest and least.
    pub(super) farthest: f32,
    pub(super) soonest: f32,
}

impl Cover {
    pub(super) fn new() -> Cover {
        Cover {
            near: Box::new([0; COVERED]),
            blocks: [0.0; ACROSS * HEIGHT / BLOCK],
            farthest: 0.0,
            soonest: 0.0,
        }
    }

    /// Nothing is.
    pub(super) fn clear(&mut self) {
        self.near.fill(EMPTY);
        self.blocks.fill(f32::INFINITY);
        (self.farthest, self.soonest) = (f32::INFINITY, f32::INFINITY);
    }

    #[inline(always)]
    pub(super) fn update(&mut self, nearest: &Cells, w: usize, h: usize) {
        let rows = (&nearest[..], &nearest[1..], &nearest[STRIDE..], &nearest[STRIDE + 1..]);
        let upper = rows.0.iter().zip(rows.1);
        let cells = self.near.iter_mut().zip(upper.zip(rows.2.iter().zip(rows.3)));
        for (near, ((a, b), (c, d))) in cells {
            *near = (*a).max(*b).max((*c).max(*d));
        }
        let mut most = [0u32; ACROSS * HEIGHT / BLOCK];
        for y in 0..h {
            let row = &nearest[(y + ABOVE) * STRIDE + BESIDE..][..w];
            let blocks = &mut most[y / BLOCK * ACROSS..][..ACROSS];
            for (most, cells) in blocks.iter_mut().zip(row.chunks(BLOCK)) {
                *most = cells.iter().fold(*most, |m, v| (*v).max(m));
            }
        }
        // What lies outside the picture is no part of the tile.
        let (columns, rows) = (w.div_ceil(BLOCK), h.div_ceil(BLOCK));
        (self.farthest, self.soonest) = (0.0, f32::INFINITY);
        for (k, most) in most.into_iter().enumerate() {
            let depth = f32::from_bits(most);
            self.blocks[k] = depth;
            if k % ACROSS < columns && k / ACROSS < rows {
                self.farthest = max(self.farthest, depth);
                self.soonest = min(self.soonest, depth);
            }
        }
    }

    /// Whether a splat, if it is small, lies wholly behind.
    #[inline(always)]
    pub(super) fn hides_splat(&self, lanes: &Lanes, i: usize) -> bool {
        let (at, right, below) = (lanes.at[i], lanes.right[i], lanes.below[i]);
        let near = |at: i32| self.near[at as usize % COVERED];
        let most =
            near(at).max(near(at + right)).max(near(at + below)).max(near(at + below + right));
        most < lanes.least[i].to_bits()
    }

    /// Whether no splat of a batch, the depths of which exceed `least`, can show in the tile.
    #[inline(always)]
    pub(super) fn hides<P: Projector>(
        &self,
        site: &Site<'_, P>,
        bounds: &Bounds,
        grow: f32,
        least: f32,
    ) -> bool {
        let Some(e) = site.projector.extent(bounds) else { return false };
        let reach = reach(&e, bounds.radius * grow, site.largest);
        let blocks = |(from, to): (f32, f32), corner: usize, size: usize| {
            let last = ((size - 1) / BLOCK) as f32;
            let at = |x: f32| max(min((x - corner as f32) / BLOCK as f32, last), 0.0) as usize;
            (at(from - reach), at(to + reach))
        };
        let (left, right) = blocks(e.u, site.left, site.size.0);
        let (top, bottom) = blocks(e.v, site.top, site.size.1);
        (top..=bottom).all(|y| (left..=right).all(|x| self.blocks[y * ACROSS + x] < least))
    }
}
