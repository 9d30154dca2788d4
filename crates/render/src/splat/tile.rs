//! Filling a tile.

use std::cell::RefCell;

use super::cover::Cover;
use super::fill::{Dot, LARGE, SHIFT, fill_nearest, fill_winners, list_of};
use super::plan::{Entry, Plan, drawn, grown};
use super::project::Lanes;
use super::{NONE, Projector, SplatOptions};
use crate::Cloud;
use crate::cloud::BATCH;
use crate::simd::Kernel;

/// Pixels of a tile: its buffers fit into a core's cache.
pub(super) const WIDTH: usize = 64;
pub(super) const HEIGHT: usize = 64;
/// Columns and rows beside a tile that splats may spill into, so that none but the large needs to be cut.
pub(super) const BESIDE: usize = 16;
pub(super) const ABOVE: usize = 8;
pub(super) const STRIDE: usize = WIDTH + 2 * BESIDE;
pub(super) const CELLS: usize = STRIDE * (HEIGHT + 2 * ABOVE);
/// Bits of infinity.
pub(super) const EMPTY: u32 = f32::INFINITY.to_bits();
/// Points projected at a time.
pub(super) const LANES: usize = 16;
/// After so many splats they are filled, and the tile looks what is hidden of those that are still to come.
const FLUSH: usize = 256;

/// A value for every pixel of a tile and its margins.
pub(super) type Cells = [u32; CELLS];

/// A tile's buffers. Depths and squares are kept as their bits, for numbers that are not negative are
/// ordered as their bits are, and whole numbers have a least of two that is one instruction and one store.
struct Buffers {
    /// Smallest depth; 0 in the margins, so that nothing shows there.
    nearest: Box<Cells>,
    cover: Cover,
    /// Squared distance of the winner's centre, and which of the dots it is.
    offset: Box<Cells>,
    winner: Box<Cells>,
    /// By size (see [`list_of`]): loops of one length are well predicted.
    dots: [Vec<Dot>; LARGE + 1],
    order: Vec<Entry>,
}

thread_local! {
    static BUFFERS: RefCell<Buffers> = RefCell::new(Buffers {
        nearest: Box::new([0; CELLS]),
        cover: Cover::new(),
        offset: Box::new([0; CELLS]),
        winner: Box::new([0; CELLS]),
        dots: [const { Vec::new() }; LARGE + 1],
        order: Vec::new(),
    });
}

/// Fills a band of tiles, given its rows of the picture. Returns how many points were projected and how
/// many splats filled.
#[allow(clippy::too_many_arguments)]
pub(super) fn band<P: Projector>(
    cloud: &Cloud,
    projector: &P,
    plan: &Plan,
    band: usize,
    width: usize,
    options: SplatOptions,
    depth: &mut [f32],
    index: &mut [u32],
) -> (usize, usize) {
    // More dots than this are given back to the allocator.
    const KEEP: usize = 1 << 18;
    BUFFERS.with_borrow_mut(|buffers| {
        let mut total = (0, 0);
        for column in 0..width.div_ceil(WIDTH) {
            let left = column * WIDTH;
            let site = Site {
                cloud,
                projector,
                largest: options.largest,
                left,
                top: band * HEIGHT,
                size: (WIDTH.min(width - left), depth.len() / width),
            };
            let tile = Tile { site, entries: plan.of(column, band), width, depth, index, buffers };
            let n = options.isa.run(tile);
            total = (total.0 + n.0, total.1 + n.1);
        }
        buffers.dots.iter_mut().for_each(|d| d.shrink_to(KEEP));
        total
    })
}

/// What goes where.
pub(super) struct Site<'a, P> {
    pub(super) cloud: &'a Cloud,
    pub(super) projector: &'a P,
    /// Largest side of a splat.
    pub(super) largest: f32,
    /// The tile's corner and size in the picture.
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) size: (usize, usize),
}

struct Tile<'a, P> {
    site: Site<'a, P>,
    entries: &'a [Entry],
    /// Of the picture.
    width: usize,
    depth: &'a mut [f32],
    index: &'a mut [u32],
    buffers: &'a mut Buffers,
}

impl<P: Projector> Kernel for Tile<'_, P> {
    type Output = (usize, usize);

    #[inline(always)]
    fn run(self) -> (usize, usize) {
        let Tile { site, entries, width, depth, index, buffers } = self;
        let (w, h) = site.size;
        if entries.is_empty() {
            for y in 0..h {
                let row = y * width + site.left..y * width + site.left + w;
                depth[row.clone()].fill(f32::INFINITY);
                index[row].fill(NONE);
            }
            return (0, 0);
        }
        let Buffers { nearest, cover, offset, winner, dots, order } = buffers;
        nearest.fill(0);
        for y in 0..h {
            nearest[(y + ABOVE) * STRIDE + BESIDE..][..w].fill(EMPTY);
        }
        order.clear();
        order.extend_from_slice(entries);
        order.sort_unstable();
        dots.iter_mut().for_each(Vec::clear);
        let mut filled = [0usize; LARGE + 1];
        let (mut projected, mut splats, mut flush) = (0, 0, FLUSH);
        cover.clear();
        for entry in order.iter() {
            if splats >= flush {
                fill_nearest(nearest, dots, &mut filled, (w, h));
                cover.update(nearest, w, h);
                flush = splats + FLUSH;
            }
            // All that follow lie behind what covers the whole tile.
            if entry.least() > cover.farthest {
                break;
            }
            let bounds = &site.cloud.batches[entry.batch()];
            let grow = grown(entry.level());
            if entry.least() > cover.soonest && cover.hides(&site, bounds, grow, entry.least()) {
                continue;
            }
            let plane = &site.cloud.planes[entry.batch()];
            let facing = site.projector.facing(bounds, plane);
            let n = drawn(entry.level());
            projected += n;
            for first in (0..n).step_by(LANES) {
                let start = entry.batch() * BATCH + first;
                let wanted = ((1u32 << (n - first).min(LANES)) - 1) as u16;
                let lanes = Lanes::project(&site, start, grow, &facing);
                let mut left = lanes.inside & wanted;
                while left != 0 {
                    let i = left.trailing_zeros() as usize;
                    left &= left - 1;
                    if !cover.hides_splat(&lanes, i) {
                        let dot = lanes.dot(i, start);
                        dots[list_of(&dot)].push(dot);
                        splats += 1;
                    }
                }
            }
        }
        fill_nearest(nearest, dots, &mut filled, (w, h));
        offset.fill(EMPTY);
        fill_winners(nearest, offset, winner, dots, (w, h));
        for y in 0..h {
            let from = (y + ABOVE) * STRIDE + BESIDE;
            let to = y * width + site.left;
            let cells = winner[from..from + w].iter().zip(&offset[from..from + w]);
            let pixels = depth[to..to + w].iter_mut().zip(&mut index[to..to + w]);
            for ((cell, offset), (depth, index)) in cells.zip(pixels) {
                (*depth, *index) = (f32::INFINITY, NONE);
                // What no splat has won holds a number of an earlier tile.
                if *offset != EMPTY
                    && let Some(dots) = dots.get((*cell >> SHIFT) as usize)
                    && let Some(dot) = dots.get((*cell & ((1 << SHIFT) - 1)) as usize)
                {
                    (*depth, *index) = (dot.depth, dot.index);
                }
            }
        }
        (projected, splats)
    }
}
