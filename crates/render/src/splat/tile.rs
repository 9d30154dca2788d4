//! Filling a tile.

use std::cell::RefCell;

use super::plan::{Entry, Plan, grown};
use super::{NONE, Projector, SIDE, SLACK, SplatOptions};
use crate::Cloud;
use crate::cloud::{BATCH, LEVELS};
use crate::simd::{Kernel, bits, floor, max, min};

/// Pixels of a tile: its buffers fit into a core's cache.
pub(super) const WIDTH: usize = 64;
pub(super) const HEIGHT: usize = 64;
/// Columns and rows beside a tile that splats may spill into, so that none but the large needs to be cut.
const BESIDE: usize = 16;
const ABOVE: usize = 8;
const STRIDE: usize = WIDTH + 2 * BESIDE;
const CELLS: usize = STRIDE * (HEIGHT + 2 * ABOVE);
/// Bits of infinity.
const EMPTY: u32 = f32::INFINITY.to_bits();
/// Points projected at a time.
const LANES: usize = 16;
/// Splats of up to this many pixels a side are filled by code of their own for each size.
const SMALL: usize = 8;
/// After so many splats they are filled, and the tile looks whether what is still to come can show.
const FLUSH: usize = 256;

/// A point in a tile: everything relative to its corner.
#[derive(Clone, Copy, Debug)]
struct Dot {
    u: f32,
    v: f32,
    depth: f32,
    /// The point takes part in the second pass where the smallest depth is at least this.
    least: f32,
    index: u32,
    /// First column and row, which may lie in the margins.
    x: i16,
    y: i16,
    /// Columns and rows less one.
    across: u16,
    down: u16,
}

/// A value for every pixel of a tile and its margins.
type Cells = [u32; CELLS];

/// A tile's buffers. Depths and squares are kept as their bits, for numbers that are not negative are
/// ordered as their bits are, and whole numbers have a least of two that is one instruction and one store.
struct Buffers {
    /// Smallest depth.
    nearest: Box<Cells>,
    /// Squared distance of the winner's centre, and which of the dots it is.
    offset: Box<Cells>,
    winner: Box<Cells>,
    /// By size less one, the last of all sizes above [`SMALL`]: loops of one length are well predicted.
    dots: [Vec<Dot>; SMALL + 1],
    order: Vec<Entry>,
}

thread_local! {
    static BUFFERS: RefCell<Buffers> = RefCell::new(Buffers {
        nearest: Box::new([0; CELLS]),
        offset: Box::new([0; CELLS]),
        winner: Box::new([0; CELLS]),
        dots: [const { Vec::new() }; SMALL + 1],
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
struct Site<'a, P> {
    cloud: &'a Cloud,
    projector: &'a P,
    /// Largest side of a splat.
    largest: f32,
    /// The tile's corner and size in the picture.
    left: usize,
    top: usize,
    size: (usize, usize),
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
        let Buffers { nearest, offset, winner, dots, order } = buffers;
        nearest.fill(EMPTY);
        order.clear();
        order.extend_from_slice(entries);
        order.sort_unstable();
        dots.iter_mut().for_each(Vec::clear);
        let mut filled = [0usize; SMALL + 1];
        let (mut projected, mut splats, mut flushed) = (0, 0, 0);
        let mut farthest = f32::INFINITY;
        for entry in order.iter() {
            if splats >= flushed + FLUSH {
                fill_nearest(nearest, dots, &mut filled, (w, h));
                farthest = farthest_of(nearest, w, h);
                flushed = splats;
            }
            // All that follow lie behind what covers the whole tile.
            if entry.least() > farthest {
                break;
            }
            let n = LEVELS[entry.level()];
            projected += n;
            let grow = grown(entry.level());
            for first in (0..n).step_by(LANES) {
                let start = entry.batch() * BATCH + first;
                let wanted = ((1u32 << (n - first).min(LANES)) - 1) as u16;
                let lanes = Lanes::project(&site, start, grow);
                let mut left = lanes.inside & wanted;
                splats += left.count_ones() as usize;
                while left != 0 {
                    let i = left.trailing_zeros() as usize;
                    left &= left - 1;
                    let dot = lanes.dot(i, start);
                    dots[usize::from(dot.across.max(dot.down)).min(SMALL)].push(dot);
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

/// A dot's number holds its list above this bit and its place in the list below.
const SHIFT: u32 = 28;

/// The largest of the smallest depths; infinite where a pixel is still empty.
#[inline(always)]
fn farthest_of(nearest: &Cells, w: usize, h: usize) -> f32 {
    let mut most = 0;
    for y in 0..h {
        let row = &nearest[(y + ABOVE) * STRIDE + BESIDE..][..w];
        most = row.iter().fold(most, |m, v| m.max(*v));
        if most == EMPTY {
            break;
        }
    }
    f32::from_bits(most)
}

/// Projected points of a run of [`LANES`].
struct Lanes {
    u: [f32; LANES],
    v: [f32; LANES],
    depth: [f32; LANES],
    least: [f32; LANES],
    /// First and last column and row.
    x: [[i32; LANES]; 2],
    y: [[i32; LANES]; 2],
    /// Which of them touch the tile.
    inside: u16,
}

impl Lanes {
    #[inline(always)]
    fn project<P: Projector>(tile: &Site<'_, P>, start: usize, grow: f32) -> Lanes {
        let cloud = tile.cloud;
        let mut out = Lanes {
            u: [0.0; LANES],
            v: [0.0; LANES],
            depth: [0.0; LANES],
            least: [0.0; LANES],
            x: [[0; LANES]; 2],
            y: [[0; LANES]; 2],
            inside: 0,
        };
        let column = |c: &[f32]| -> [f32; LANES] {
            c.get(start..start + LANES).and_then(|c| c.try_into().ok()).unwrap_or([f32::NAN; LANES])
        };
        let (px, py, pz) = (column(&cloud.x), column(&cloud.y), column(&cloud.z));
        let radius = column(&cloud.radius);
        let corner = (tile.left as f32, tile.top as f32);
        let last = (tile.size.0 as i32 - 1, tile.size.1 as i32 - 1);
        let mut inside = [0u8; LANES];
        for i in 0..LANES {
            let (u, v, depth, scale) = tile.projector.project(px[i], py[i], pz[i]);
            let r = radius[i] * grow;
            let half = 0.5 * min(max(SIDE * r * scale, 1.0), tile.largest);
            let (u, v) = (u - corner.0, v - corner.1);
            // Pixels whose centres lie in (u - half, u + half]; what is far outside stays outside.
            let cut = |x: f32| floor(min(max(x - 0.5, -1000.0), 1000.0));
            let (x0, x1) = (cut(u - half) + 1, cut(u + half));
            let (y0, y1) = (cut(v - half) + 1, cut(v + half));
            out.u[i] = u;
            out.v[i] = v;
            out.depth[i] = depth;
            out.least[i] = depth - SLACK * r;
            (out.x[0][i], out.x[1][i]) = (x0, x1);
            (out.y[0][i], out.y[1][i]) = (y0, y1);
            // Of what is no number nothing compares, so it is left out.
            let ahead = depth > 0.0;
            let touches = (x1 >= 0) & (x0 <= last.0) & (y1 >= 0) & (y0 <= last.1);
            inside[i] = u8::from(ahead & touches);
        }
        let (lower, upper) = inside.split_at(8);
        let byte = |b: &[u8]| b.try_into().map_or(0, |b| bits(&b));
        out.inside = u16::from(byte(lower)) | u16::from(byte(upper)) << 8;
        out
    }

    #[inline(always)]
    fn dot(&self, i: usize, start: usize) -> Dot {
        let (x, y) = ((self.x[0][i], self.x[1][i]), (self.y[0][i], self.y[1][i]));
        Dot {
            u: self.u[i],
            v: self.v[i],
            depth: self.depth[i],
            least: self.least[i],
            index: (start + i) as u32,
            x: x.0 as i16,
            y: y.0 as i16,
            across: (x.1 - x.0) as u16,
            down: (y.1 - y.0) as u16,
        }
    }
}

/// Where a cell is. Columns and rows may lie in the margins.
#[inline(always)]
fn cell(x: i32, y: i32) -> usize {
    (y + ABOVE as i32) as usize * STRIDE + (x + BESIDE as i32) as usize
}

/// The `k`-th of `n` dots to draw: by turns from each quarter of a list, for dots that follow one another lie
/// side by side, and a core that reads what it has just written in part must wait.
#[inline(always)]
fn turn(k: usize, n: usize) -> usize {
    let quarter = n / 4;
    if k < 4 * quarter { (k & 3) * quarter + (k >> 2) } else { k }
}

/// First pass of the dots that are new.
#[inline(always)]
fn fill_nearest(
    nearest: &mut Cells,
    dots: &[Vec<Dot>; SMALL + 1],
    filled: &mut [usize; SMALL + 1],
    size: (usize, usize),
) {
    macro_rules! small {
        ($k:literal, $n:literal) => {
            let new = dots[$k].get(filled[$k]..).unwrap_or_default();
            for k in 0..new.len() {
                near_small::<{ $k + 1 }, $n>(nearest, &new[turn(k, new.len())]);
            }
        };
    }
    small!(0, 4);
    small!(1, 4);
    small!(2, 4);
    small!(3, 4);
    small!(4, 8);
    small!(5, 8);
    small!(6, 8);
    small!(7, 8);
    for d in dots[SMALL].get(filled[SMALL]..).unwrap_or_default() {
        for (x, more) in runs(d, size.0) {
            let lane = lane_of(d.depth.to_bits(), more);
            for y in rows(d, size.1) {
                near_row::<LANES>(&mut nearest[cell(x, y)..], &lane);
            }
        }
    }
    for (filled, dots) in filled.iter_mut().zip(dots) {
        *filled = dots.len();
    }
}

/// Second pass.
#[inline(always)]
fn fill_winners(
    nearest: &Cells,
    offset: &mut Cells,
    winner: &mut Cells,
    dots: &[Vec<Dot>; SMALL + 1],
    size: (usize, usize),
) {
    macro_rules! small {
        ($k:literal, $n:literal) => {
            let of = &dots[$k];
            for k in 0..of.len() {
                let i = turn(k, of.len());
                let number = $k << SHIFT | i as u32;
                winner_small::<{ $k + 1 }, $n>(nearest, offset, winner, &of[i], number);
            }
        };
    }
    small!(0, 4);
    small!(1, 4);
    small!(2, 4);
    small!(3, 4);
    small!(4, 8);
    small!(5, 8);
    small!(6, 8);
    small!(7, 8);
    for (i, d) in dots[SMALL].iter().enumerate() {
        let number = (SMALL as u32) << SHIFT | i as u32;
        for (x, more) in runs(d, size.0) {
            let squares = squares_of(d, x, more);
            for y in rows(d, size.1) {
                let (at, dy) = (cell(x, y), y as f32 + 0.5 - d.v);
                let cells = (&nearest[at..], &mut offset[at..], &mut winner[at..]);
                winner_row::<LANES>(cells, &squares, dy * dy, d.least, number);
            }
        }
    }
}

/// The rows of a large splat that lie in the tile.
#[inline(always)]
fn rows(dot: &Dot, h: usize) -> std::ops::RangeInclusive<i32> {
    let last = i32::from(dot.y) + i32::from(dot.down);
    i32::from(dot.y).max(0)..=last.min(h as i32 - 1)
}

/// Its columns, in runs of at most [`LANES`], each with its length less one.
#[inline(always)]
fn runs(dot: &Dot, w: usize) -> impl Iterator<Item = (i32, u32)> + use<> {
    let last = i32::from(dot.x) + i32::from(dot.across);
    let (from, to) = (i32::from(dot.x).max(0), last.min(w as i32 - 1));
    (from..=to).step_by(LANES).map(move |x| (x, ((to - x) as u32).min(LANES as u32 - 1)))
}

/// A depth in the first lanes, nothing in the others.
#[inline(always)]
fn lane_of<const N: usize>(depth: u32, more: u32) -> [u32; N] {
    let mut lane = [EMPTY; N];
    for (k, lane) in lane.iter_mut().enumerate() {
        *lane = if k as u32 <= more { depth } else { EMPTY };
    }
    lane
}

/// Squared distances in columns from the centre in the first lanes, infinity in the others.
#[inline(always)]
fn squares_of<const N: usize>(dot: &Dot, x: i32, more: u32) -> [f32; N] {
    let from = x as f32 + 0.5 - dot.u;
    let mut lane = [f32::INFINITY; N];
    for (k, lane) in lane.iter_mut().enumerate() {
        let dx = from + k as f32;
        *lane = if k as u32 <= more { dx * dx } else { f32::INFINITY };
    }
    lane
}

#[inline(always)]
fn near_row<const N: usize>(cells: &mut [u32], lane: &[u32; N]) {
    let Some(cells) = cells.first_chunk_mut::<N>() else { return };
    for k in 0..N {
        cells[k] = cells[k].min(lane[k]);
    }
}

/// First pass of a splat of at most `R` × `R` pixels and no fewer than `R - 1` rows.
#[inline(always)]
fn near_small<const R: usize, const N: usize>(nearest: &mut Cells, dot: &Dot) {
    let at = cell(i32::from(dot.x), i32::from(dot.y));
    let Some(block) = nearest.get_mut(at..at + (R - 1) * STRIDE + N) else { return };
    let lane: [u32; N] = lane_of(dot.depth.to_bits(), u32::from(dot.across));
    for r in 0..R - 1 {
        near_row(&mut block[r * STRIDE..], &lane);
    }
    let last = if usize::from(dot.down) == R - 1 { lane } else { [EMPTY; N] };
    near_row(&mut block[(R - 1) * STRIDE..], &last);
}

#[inline(always)]
fn winner_row<const N: usize>(
    (nearest, offset, winner): (&[u32], &mut [u32], &mut [u32]),
    squares: &[f32; N],
    dy2: f32,
    least: f32,
    number: u32,
) {
    let (Some(nearest), Some(offset), Some(winner)) =
        (nearest.first_chunk::<N>(), offset.first_chunk_mut::<N>(), winner.first_chunk_mut::<N>())
    else {
        return;
    };
    // Whole rows in, whole rows out: what is written here and there is not vectorised.
    let (mut off, mut win) = (*offset, *winner);
    for k in 0..N {
        let d2 = (squares[k] + dy2).to_bits();
        let d2 = if least <= f32::from_bits(nearest[k]) { d2 } else { EMPTY };
        // Dots come in drawing order: at a tie the first stays.
        let wins = u32::from(d2 < off[k]).wrapping_neg();
        off[k] = off[k].min(d2);
        win[k] = number & wins | win[k] & !wins;
    }
    *offset = off;
    *winner = win;
}

/// Second pass of a splat of at most `R` × `R` pixels and no fewer than `R - 1` rows.
#[inline(always)]
fn winner_small<const R: usize, const N: usize>(
    nearest: &Cells,
    offset: &mut Cells,
    winner: &mut Cells,
    dot: &Dot,
    number: u32,
) {
    let (x, y) = (i32::from(dot.x), i32::from(dot.y));
    let block = cell(x, y)..cell(x, y) + (R - 1) * STRIDE + N;
    let (Some(nearest), Some(offset), Some(winner)) =
        (nearest.get(block.clone()), offset.get_mut(block.clone()), winner.get_mut(block))
    else {
        return;
    };
    let squares: [f32; N] = squares_of(dot, x, u32::from(dot.across));
    let from = y as f32 + 0.5 - dot.v;
    for r in 0..R {
        let dy = from + r as f32;
        let dy2 = if r < R - 1 || usize::from(dot.down) == R - 1 { dy * dy } else { f32::INFINITY };
        let at = r * STRIDE;
        let cells = (&nearest[at..], &mut offset[at..], &mut winner[at..]);
        winner_row(cells, &squares, dy2, dot.least, number);
    }
}
