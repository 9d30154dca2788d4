//! Which batches of points can show in which tile, and at which level of detail.

use rayon::prelude::*;

use super::{Extent, Projector, SIDE, SLACK, tile};
use crate::Cloud;
use crate::cloud::{Bounds, CHUNK, LEVELS};
use crate::facing::Facing;
use crate::simd::{max, min};

/// Beyond the coarsest level whole batches are left out, again three of four each time, up to this often.
const THINNINGS: usize = 6;

/// What a batch comes to in a picture.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// First and last column and row of tiles; the first above the last where it is not seen.
    columns: (u8, u8),
    rows: (u8, u8),
    level: u8,
    /// A lower bound of what the depths of the pixels that it can win exceed.
    least: f32,
}

const UNSEEN: Seen = Seen { columns: (1, 0), rows: (1, 0), level: 0, least: 0.0 };

/// For every tile the batches to draw, and the room to find them in.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    seen: Vec<Seen>,
    /// Where the entries of each tile begin, row by row of tiles; one more than there are tiles.
    starts: Vec<u32>,
    entries: Vec<Entry>,
    tiles: (usize, usize),
    pub(crate) tested: usize,
    pub(crate) batches: usize,
}

/// A batch in a tile. Ordered, entries run from the near to the far; at equal depth in the cloud's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry(u64);

impl Entry {
    fn new(least: f32, batch: usize, level: u8) -> Entry {
        // Bits of numbers that are not negative are ordered as the numbers.
        Entry(u64::from(least.to_bits()) << 32 | (batch as u64) << 3 | u64::from(level))
    }

    pub(super) fn least(self) -> f32 {
        f32::from_bits((self.0 >> 32) as u32)
    }

    pub(super) fn batch(self) -> usize {
        (self.0 as u32 >> 3) as usize
    }

    pub(super) fn level(self) -> usize {
        (self.0 & 7) as usize
    }
}

impl Plan {
    /// Memory held.
    pub(crate) fn bytes(&self) -> usize {
        self.seen.capacity() * size_of::<Seen>()
            + 4 * self.starts.capacity()
            + 8 * self.entries.capacity()
    }

    /// The entries of a tile, in no order.
    pub(super) fn of(&self, column: usize, row: usize) -> &[Entry] {
        let k = row * self.tiles.0 + column;
        &self.entries[self.starts[k] as usize..self.starts[k + 1] as usize]
    }

    /// Finds them.
    pub(super) fn make<P: Projector>(
        &mut self,
        cloud: &Cloud,
        projector: &P,
        size: (usize, usize),
        largest: f32,
    ) {
        let (columns, rows) = (size.0.div_ceil(tile::WIDTH), size.1.div_ceil(tile::HEIGHT));
        self.tiles = (columns, rows);
        self.seen.resize(cloud.batches.len(), UNSEEN);
        let rounding = 8.0 * f32::EPSILON * cloud.reach;
        let chunks = self.seen.par_chunks_mut(CHUNK).zip(cloud.batches.par_chunks(CHUNK));
        let tested = chunks.zip(&cloud.chunks).enumerate().with_min_len(4).map(
            |(chunk, ((seen, batches), whole))| {
                let all =
                    Extent::of(projector, whole).map(|e| place(&e, whole, size, largest, 0.0));
                if all.is_none_or(|s| s.columns.0 > s.columns.1) {
                    seen.fill(UNSEEN);
                    return 0;
                }
                for (i, (seen, bounds)) in seen.iter_mut().zip(batches).enumerate() {
                    *seen = match Extent::of(projector, bounds) {
                        Some(e) => {
                            let number = chunk * CHUNK + i;
                            let facing = projector.facing(bounds, &cloud.planes[number]);
                            let (level, thinning) = detail(&e, bounds, &facing);
                            if number.trailing_zeros() < 2 * thinning && number > 0 {
                                UNSEEN
                            } else {
                                let grown = Bounds {
                                    radius: bounds.radius * grown(usize::from(level)),
                                    ..*bounds
                                };
                                Seen { level, ..place(&e, &grown, size, largest, rounding) }
                            }
                        }
                        None => UNSEEN,
                    };
                }
                seen.len()
            },
        );
        self.tested = tested.sum();

        // Sorting by tile is a matter of a few entries per batch.
        self.starts.clear();
        self.starts.resize(columns * rows + 1, 0);
        self.batches = 0;
        for s in &self.seen {
            for row in s.rows.0..=s.rows.1 {
                for column in s.columns.0..=s.columns.1 {
                    self.starts[usize::from(row) * columns + usize::from(column) + 1] += 1;
                }
            }
            self.batches += usize::from(s.columns.0 <= s.columns.1);
        }
        for k in 1..self.starts.len() {
            self.starts[k] += self.starts[k - 1];
        }
        let total = self.starts[columns * rows] as usize;
        self.entries.resize(total, Entry(0));
        // Filled from each tile's end, which leaves its start where it belongs.
        for (batch, s) in self.seen.iter().enumerate() {
            for row in s.rows.0..=s.rows.1 {
                for column in s.columns.0..=s.columns.1 {
                    let next =
                        &mut self.starts[usize::from(row) * columns + usize::from(column) + 1];
                    *next -= 1;
                    self.entries[*next as usize] = Entry::new(s.least, batch, s.level);
                }
            }
        }
        // Each start has moved one place up.
        self.starts.rotate_left(1);
        self.starts[columns * rows] = total as u32;
    }
}

/// The level of a plane that is seen from its edge.
pub(super) const EDGE: usize = LEVELS.len();

/// How many points of a batch a level draws.
pub(super) fn drawn(level: usize) -> usize {
    if level == EDGE { LEVELS[1] } else { LEVELS[level] }
}

/// How much larger the splats of a level are.
pub(super) fn grown(level: usize) -> f32 {
    [1.0, 2.0, 4.0, 8.0, 1.0][level.min(EDGE)]
}

impl Extent {
    fn of<P: Projector>(projector: &P, bounds: &Bounds) -> Option<Extent> {
        if bounds.half[0] >= 0.0 { projector.extent(bounds) } else { None }
    }
}

/// The coarsest level whose splats, twice as large as those of the level below it, are still no larger than
/// a pixel; and how often three of four batches can be left out besides.
///
/// The points of a plane that is seen from its edge lie in a line narrower than the pixels that draw them: one in
/// four will do, no larger than all would be.
fn detail(extent: &Extent, bounds: &Bounds, facing: &Facing) -> (u8, u32) {
    let mut side = SIDE * bounds.radius * extent.scale;
    let mut level = 0;
    // The 64 points of a batch extend over some 4.4 sides, so here over no more than 1.3 pixels across the line.
    if side * facing.area <= 0.5 && side > 0.5 {
        return (EDGE as u8, 0);
    }
    while side * 2.0 <= 1.0 && level < LEVELS.len() - 1 + THINNINGS && side > 0.0 {
        side *= 2.0;
        level += 1;
    }
    let coarsest = LEVELS.len() - 1;
    (level.min(coarsest) as u8, level.saturating_sub(coarsest) as u32)
}

/// How far beyond its points a batch's splats can reach: half a splat, half a pixel and what rounding can come to.
#[inline(always)]
pub(super) fn reach(e: &Extent, radius: f32, largest: f32) -> f32 {
    0.5 * min(max(SIDE * radius * e.scale, 1.0), largest) + 1.5
}

/// The tiles that the splats of a batch can touch.
fn place(e: &Extent, bounds: &Bounds, size: (usize, usize), largest: f32, rounding: f32) -> Seen {
    let reach = reach(e, bounds.radius, largest);
    let across = |(from, to): (f32, f32), size: usize, step: usize| {
        let (from, to) = (from - reach, to + reach);
        // A comparison that fails for what is no number keeps the batch.
        if to < 0.0 || from > size as f32 {
            return (1, 0);
        }
        let last = (size - 1) / step;
        let tile = |x: f32| (x.max(0.0) as usize / step).min(last) as u8;
        (tile(from), tile(to))
    };
    let columns = across(e.u, size.0, tile::WIDTH);
    let rows = across(e.v, size.1, tile::HEIGHT);
    if columns.0 > columns.1 || rows.0 > rows.1 {
        return UNSEEN;
    }
    let least = (e.near - SLACK * bounds.radius - rounding).max(0.0);
    Seen { columns, rows, level: 0, least }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_run_from_near_to_far() {
        let a = Entry::new(0.5, 9, 1);
        let b = Entry::new(0.75, 3, 0);
        assert!(a < b && a < Entry::new(0.5, 10, 0));
        assert_eq!((b.least(), b.batch(), b.level()), (0.75, 3, 0));
        assert_eq!((a.batch(), a.level()), (9, 1));
    }

    #[test]
    fn levels_keep_splats_within_a_pixel() {
        let bounds = Bounds { middle: [0.0; 3], half: [1.0; 3], radius: 0.01 };
        for scale in [1e-4, 0.1, 1.0, 10.0, 30.0, 32.0, 100.0, 1e4] {
            let e = Extent { u: (0.0, 1.0), v: (0.0, 1.0), near: 1.0, scale };
            let (level, thinning) = detail(&e, &bounds, &Facing::ANY);
            let side = SIDE * 0.01 * scale * grown(usize::from(level));
            assert!(level == 0 || side <= 1.0, "{scale}");
            assert!(usize::from(level) == LEVELS.len() - 1 || side > 0.5, "{scale}");
            assert!(thinning == 0 || side * 2f32.powi(thinning as i32) <= 1.0, "{scale}");
        }
    }
}
