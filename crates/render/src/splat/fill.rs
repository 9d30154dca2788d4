//! Filling splats into a tile's cells, in two passes.

use super::tile::{ABOVE, BESIDE, Cells, EMPTY, LANES, STRIDE};

/// Splats of up to so many rows, and of up to 4, 8 or 16 columns, are filled by code of their own for each size.
pub(super) const ROWS: usize = 8;
/// The list of all others.
pub(super) const LARGE: usize = 3 * ROWS;
/// A dot's number holds its list above this bit and its place in the list below.
pub(super) const SHIFT: u32 = 27;

/// A point in a tile: everything relative to its corner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dot {
    pub(super) u: f32,
    pub(super) v: f32,
    pub(super) depth: f32,
    /// The point takes part in the second pass where the smallest depth is at least this.
    pub(super) least: f32,
    pub(super) index: u32,
    /// First column and row, which may lie in the margins.
    pub(super) x: i16,
    pub(super) y: i16,
    /// Columns and rows less one.
    pub(super) across: u16,
    pub(super) down: u16,
}

/// Where a dot of its size is kept: by rows, for each least width of lanes that holds its columns.
#[inline(always)]
pub(super) fn list_of(dot: &Dot) -> usize {
    let (across, down) = (usize::from(dot.across), usize::from(dot.down));
    let lanes = usize::from(across >= 4) + usize::from(across >= 8);
    if down >= ROWS || across >= LANES { LARGE } else { lanes * ROWS + down }
}

/// Where a cell is. Columns and rows may lie in the margins.
#[inline(always)]
pub(super) fn cell(x: i32, y: i32) -> usize {
    (y + ABOVE as i32) as usize * STRIDE + (x + BESIDE as i32) as usize
}

/// The `k`-th of `n` dots to draw: by turns from each quarter of a list, for dots that follow one another lie
/// side by side, and a core that reads what it has just written in part must wait.
#[inline(always)]
fn turn(k: usize, n: usize) -> usize {
    let quarter = n / 4;
    if k < 4 * quarter { (k & 3) * quarter + (k >> 2) } else { k }
}

/// Calls code for each width of lanes: `$do!(list of one row, lanes)`. How many rows there are is left to a loop,
/// which a core foresees, for they are as many for all of a list.
macro_rules! each_width {
    ($do:ident) => {
        $do!(0, 4);
        $do!(ROWS, 8);
        $do!(2 * ROWS, LANES);
    };
}

/// First pass of the dots that are new.
#[inline(always)]
pub(super) fn fill_nearest(
    nearest: &mut Cells,
    dots: &[Vec<Dot>; LARGE + 1],
    filled: &mut [usize; LARGE + 1],
    size: (usize, usize),
) {
    macro_rules! small {
        ($first:expr, $n:expr) => {
            for down in 0..ROWS {
                let new = dots[$first + down].get(filled[$first + down]..).unwrap_or_default();
                for k in 0..new.len() {
                    near_small::<$n>(nearest, &new[turn(k, new.len())], down);
                }
            }
        };
    }
    each_width!(small);
    for d in dots[LARGE].get(filled[LARGE]..).unwrap_or_default() {
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
pub(super) fn fill_winners(
    nearest: &Cells,
    offset: &mut Cells,
    winner: &mut Cells,
    dots: &[Vec<Dot>; LARGE + 1],
    size: (usize, usize),
) {
    macro_rules! small {
        ($first:expr, $n:expr) => {
            for down in 0..ROWS {
                let of = &dots[$first + down];
                for k in 0..of.len() {
                    let i = turn(k, of.len());
                    let (dot, number) = (&of[i], ($first + down) as u32);
                    let number = number << SHIFT | i as u32;
                    winner_small::<$n>(nearest, offset, winner, dot, down, number);
                }
            }
        };
    }
    each_width!(small);
    for (i, d) in dots[LARGE].iter().enumerate() {
        let number = (LARGE as u32) << SHIFT | i as u32;
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

/// First pass of a splat of `down` + 1 rows and at most `N` columns.
#[inline(always)]
fn near_small<const N: usize>(nearest: &mut Cells, dot: &Dot, down: usize) {
    let at = cell(i32::from(dot.x), i32::from(dot.y));
    let Some(block) = nearest.get_mut(at..at + down * STRIDE + N) else { return };
    let lane: [u32; N] = lane_of(dot.depth.to_bits(), u32::from(dot.across));
    for row in block.chunks_mut(STRIDE) {
        near_row(row, &lane);
    }
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

/// Second pass of a splat of `down` + 1 rows and at most `N` columns.
#[inline(always)]
fn winner_small<const N: usize>(
    nearest: &Cells,
    offset: &mut Cells,
    winner: &mut Cells,
    dot: &Dot,
    down: usize,
    number: u32,
) {
    let (x, y) = (i32::from(dot.x), i32::from(dot.y));
    let block = cell(x, y)..cell(x, y) + down * STRIDE + N;
    let (Some(nearest), Some(offset), Some(winner)) =
        (nearest.get(block.clone()), offset.get_mut(block.clone()), winner.get_mut(block))
    else {
        return;
    };
    let squares: [f32; N] = squares_of(dot, x, u32::from(dot.across));
    let mut dy = y as f32 + 0.5 - dot.v;
    let rows = nearest.chunks(STRIDE).zip(offset.chunks_mut(STRIDE)).zip(winner.chunks_mut(STRIDE));
    for ((nearest, offset), winner) in rows {
        winner_row((nearest, offset, winner), &squares, dy * dy, dot.least, number);
        dy += 1.0;
    }
}
