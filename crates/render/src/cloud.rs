//! Points prepared for drawing: in order along a Hilbert curve, in batches with bounds, with a splat radius each.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use reasmory_scene::Memory;

use crate::facing::{Plane, plane};
use crate::splat::Scratch;

/// Points of a batch, the unit of culling and of the spacing estimate.
pub(crate) const BATCH: usize = 64;
/// Batches of a chunk, the unit of culling above.
pub(crate) const CHUNK: usize = 64;
/// Points of a batch that are drawn at each level of detail. A level takes every fourth point of the one
/// below it along the curve, so it is spread evenly; a batch holds the coarsest first.
pub(crate) const LEVELS: [usize; 4] = [64, 16, 4, 1];
/// Which nearest neighbour's distance is taken as the local spacing.
const NEIGHBOUR: usize = 4;

/// The points of one memory, prepared once for drawing.
///
/// Positions are kept relative to an origin near the points, so that single precision suffices far from
/// the world's origin. They stand in batches of 64 that lie close together; the last is filled up with
/// positions that are no numbers, which are never drawn.
#[derive(Debug)]
pub struct Cloud {
    pub(crate) origin: [f64; 3],
    pub(crate) x: Vec<f32>,
    pub(crate) y: Vec<f32>,
    pub(crate) z: Vec<f32>,
    /// Half the side of a point's splat, world units.
    pub(crate) radius: Vec<f32>,
    pub(crate) paint: Vec<Paint>,
    row: Vec<u32>,
    /// Bounds of every batch, and of every chunk of batches.
    pub(crate) batches: Vec<Bounds>,
    pub(crate) chunks: Vec<Bounds>,
    /// The plane of every batch.
    pub(crate) planes: Vec<Plane>,
    len: usize,
    spacing: f64,
    /// Largest absolute coordinate, relative to the origin: what rounding errors are measured by.
    pub(crate) reach: f32,
    /// Smallest splat radius.
    pub(crate) finest: f32,
    /// Largest height of a point, world.
    pub(crate) highest: f64,
    /// 1 % and 99 % quantiles of x, y, z, world.
    pub(crate) core: Option<[[f64; 3]; 2]>,
    /// Height above which a view from above sees only ceiling, where the points show one.
    pub(crate) ceiling_cut: Option<f64>,
    /// Buffers of earlier pictures, for the next.
    scratch: Mutex<Vec<Scratch>>,
}

/// What a point gives to a pixel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    pub(crate) color: [u8; 3],
    pub(crate) instance: u32,
}

/// A box around points that lie close together, relative to the cloud's origin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) middle: [f32; 3],
    /// Half the extents; negative where the box is empty.
    pub(crate) half: [f32; 3],
    /// Largest splat radius.
    pub(crate) radius: f32,
}

impl Cloud {
    /// Prepares the points of a memory. Costs about half a second per million points; without points it
    /// is free, and pictures show boxes instead.
    pub fn new(memory: &Memory) -> Cloud {
        apart(|| Cloud::prepare(memory))
    }

    fn prepare(memory: &Memory) -> Cloud {
        let points = memory.points();
        let positions: &[[f32; 3]] = &points.positions;
        // A stored memory may be damaged: positions that are no numbers are not drawn, and instances that do not
        // exist are none.
        let finite = |p: &[f32; 3]| p.iter().all(|x| x.is_finite());
        let known = memory.manifest().instances.len() as u32;
        let (mut lo, mut hi) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
        for p in positions.iter().filter(|p| finite(p)) {
            for i in 0..3 {
                lo[i] = lo[i].min(p[i]);
                hi[i] = hi[i].max(p[i]);
            }
        }
        let origin: [f64; 3] = std::array::from_fn(|i| {
            if lo[i] > hi[i] { 0.0 } else { 0.5 * (f64::from(lo[i]) + f64::from(hi[i])) }
        });
        let extent =
            (0..3).map(|i| f64::from(hi[i]) - f64::from(lo[i])).fold(f64::MIN_POSITIVE, f64::max);
        let step = f64::from((1u32 << 21) - 1) / extent;
        let mut order: Vec<(u64, u32)> = positions
            .par_iter()
            .enumerate()
            .filter(|(_, p)| finite(p))
            .map(|(row, p)| {
                let cell = |i: usize| ((f64::from(p[i]) - f64::from(lo[i])) * step) as u32;
                (hilbert([cell(0), cell(1), cell(2)]), row as u32)
            })
            .collect();
        order.par_sort_unstable();

        let axis = |i: usize| -> Vec<f32> {
            let of = |o: &(u64, u32)| (f64::from(positions[o.1 as usize][i]) - origin[i]) as f32;
            order.par_iter().map(of).collect()
        };
        let (x, y, z) = (axis(0), axis(1), axis(2));
        let (radius, spacing) = radii(&x, &y, &z);
        let finest = radius.iter().fold(f32::INFINITY, |m, r| m.min(*r));
        let of = |row: u32| Paint {
            color: points.colors[row as usize],
            instance: Some(points.instance[row as usize]).filter(|i| *i <= known).unwrap_or(0),
        };
        let paint: Vec<Paint> = order.par_iter().map(|o| of(o.1)).collect();
        let row: Vec<u32> = order.par_iter().map(|o| o.1).collect();
        let unpainted = Paint { color: [0; 3], instance: 0 };
        let (x, y, z) = (layered(&x, f32::NAN), layered(&y, f32::NAN), layered(&z, f32::NAN));
        let radius = layered(&radius, 0.0);
        let batches: Vec<Bounds> = (0..x.len())
            .into_par_iter()
            .step_by(BATCH)
            .map(|start| bounds(&x, &y, &z, &radius, start..start + BATCH))
            .collect();
        let chunks: Vec<Bounds> = (0..x.len())
            .into_par_iter()
            .step_by(BATCH * CHUNK)
            .map(|start| bounds(&x, &y, &z, &radius, start..(start + BATCH * CHUNK).min(x.len())))
            .collect();
        let planes: Vec<Plane> = (0..x.len())
            .into_par_iter()
            .step_by(BATCH)
            .map(|start| plane(&x, &y, &z, start..start + BATCH))
            .collect();
        let (core, ceiling_cut) = layout(positions);
        Cloud {
            origin,
            paint: layered(&paint, unpainted),
            row: layered(&row, u32::MAX),
            batches,
            chunks,
            planes,
            len: positions.len(),
            spacing,
            reach: [&x, &y, &z]
                .into_iter()
                .flatten()
                .fold(0.0, |m: f32, v| if v.abs() > m { v.abs() } else { m }),
            finest,
            highest: f64::from(hi[2]),
            core,
            ceiling_cut,
            x,
            y,
            z,
            radius,
            scratch: Mutex::default(),
        }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none, so that pictures show boxes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Typical distance of a point to its fourth neighbour, world units; 0 without points.
    pub fn spacing(&self) -> f64 {
        self.spacing
    }

    /// Rows in the memory's columns, in drawing order.
    pub fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        self.row.iter().copied().filter(|r| *r != u32::MAX)
    }

    /// The memory's row of a point that is drawn.
    pub(crate) fn row_of(&self, index: u32) -> u32 {
        self.row[index as usize]
    }

    /// Buffers for one picture, of an earlier one where there is one.
    pub(crate) fn borrow_scratch(&self) -> Scratch {
        let mut pool = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        pool.pop().unwrap_or_default()
    }

    /// Gives them back. Those of very large pictures are freed instead.
    pub(crate) fn return_scratch(&self, scratch: Scratch) {
        const LARGEST: usize = 256 << 20;
        if scratch.bytes() <= LARGEST {
            self.scratch.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        }
    }
}

/// A column in drawing order: within a batch the points of the coarsest level first, then those that each
/// finer level adds, neighbours on the curve apart (so that one need not wait for the pixels that the
/// last has just written); the last batch filled up.
fn layered<T: Copy + Send + Sync>(column: &[T], filler: T) -> Vec<T> {
    let places = places();
    (0..column.len().next_multiple_of(BATCH))
        .into_par_iter()
        .map(|at| *column.get(at / BATCH * BATCH + places[at % BATCH]).unwrap_or(&filler))
        .collect()
}

/// For each place in a batch, which of its points along the curve stands there.
fn places() -> [usize; BATCH] {
    let mut out = [0; BATCH];
    let level = |p: usize| match p {
        0 => 0,
        p if p % 16 == 0 => 1,
        p if p % 4 == 0 => 2,
        p => 2 + p % 4,
    };
    let mut n = 0;
    for which in 0..6 {
        for p in (0..BATCH).filter(|p| level(*p) == which) {
            out[n] = p;
            n += 1;
        }
    }
    out
}

/// Place of a cell of a 2²¹-cube along the Hilbert curve, whose runs, unlike those of simpler curves, never
/// fall apart in space. After Skilling (*Programming the Hilbert curve*, AIP 2004).
fn hilbert(mut cell: [u32; 3]) -> u64 {
    const BITS: u32 = 21;
    let mut q = 1 << (BITS - 1);
    while q > 1 {
        let p = q - 1;
        for i in 0..3 {
            if cell[i] & q != 0 {
                cell[0] ^= p;
            } else {
                let t = (cell[0] ^ cell[i]) & p;
                cell[0] ^= t;
                cell[i] ^= t;
            }
        }
        q >>= 1;
    }
    cell[1] ^= cell[0];
    cell[2] ^= cell[1];
    let mut t = 0;
    let mut q = 1 << (BITS - 1);
    while q > 1 {
        if cell[2] & q != 0 {
            t ^= q - 1;
        }
        q >>= 1;
    }
    spread(cell[0] ^ t) << 2 | spread(cell[1] ^ t) << 1 | spread(cell[2] ^ t)
}

/// Bits of a 21-bit number, three apart.
fn spread(v: u32) -> u64 {
    let mut v = u64::from(v) & 0x1f_ffff;
    v = (v | v << 32) & 0x1f_0000_0000_ffff;
    v = (v | v << 16) & 0x1f_0000_ff00_00ff;
    v = (v | v << 8) & 0x100f_00f0_0f00_f00f;
    v = (v | v << 4) & 0x10c3_0c30_c30c_30c3;
    (v | v << 2) & 0x1249_2492_4924_9249
}

fn bounds(x: &[f32], y: &[f32], z: &[f32], r: &[f32], points: std::ops::Range<usize>) -> Bounds {
    let span = |v: &[f32]| {
        v[points.clone()]
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)))
    };
    let spans = [span(x), span(y), span(z)];
    Bounds {
        middle: spans.map(|s| 0.5 * (s.0 + s.1)),
        half: spans.map(|s| 0.5 * (s.1 - s.0)),
        radius: span(r).1,
    }
}

/// Half sides of the splats, and the typical spacing.
///
/// Neighbours are looked for among the points that are near along the curve: that misses some across
/// cell borders, which makes a few distances too long. So each is held to between 0.7 and 1.6 times the
/// median of its batch, which is robust, and to four times the median of the whole cloud.
fn radii(x: &[f32], y: &[f32], z: &[f32]) -> (Vec<f32>, f64) {
    let n = x.len();
    if n == 0 {
        return (Vec::new(), 0.0);
    }
    let starts: Vec<usize> = (0..n).step_by(BATCH).collect();
    let batches: Vec<(Vec<f32>, f32)> = starts
        .par_iter()
        .map(|&start| {
            let end = (start + BATCH).min(n);
            let (from, to) = (start.saturating_sub(BATCH / 2), (end + BATCH / 2).min(n));
            let mut near: Vec<f32> = Vec::with_capacity(end - start);
            for i in start..end {
                let mut best = [f32::INFINITY; NEIGHBOUR];
                for j in from..to {
                    let (dx, dy, dz) = (x[j] - x[i], y[j] - y[i], z[j] - z[i]);
                    let mut d = dx * dx + dy * dy + dz * dz;
                    // Twins tell nothing of the spacing.
                    if d > 0.0 && d < best[NEIGHBOUR - 1] {
                        for b in &mut best {
                            if d < *b {
                                std::mem::swap(&mut d, b);
                            }
                        }
                    }
                }
                let last = best.iter().rev().find(|d| d.is_finite());
                near.push(last.map_or(0.0, |d| d.sqrt()));
            }
            let mut sorted = near.clone();
            sorted.sort_by(f32::total_cmp);
            let median = sorted[sorted.len() / 2];
            (near, median)
        })
        .collect();
    let mut medians: Vec<f32> = batches.iter().map(|b| b.1).filter(|m| *m > 0.0).collect();
    medians.sort_by(f32::total_cmp);
    let typical = medians.get(medians.len() / 2).copied().unwrap_or(0.0);
    let radius = batches
        .into_iter()
        .flat_map(|(near, median)| {
            let m = if median > 0.0 { median } else { typical };
            near.into_iter().map(move |d| d.clamp(0.7 * m, 1.6 * m).min(4.0 * typical))
        })
        .collect();
    (radius, f64::from(typical))
}

/// Robust bounds, and the height of a cut below the ceiling where a histogram of heights shows one: a
/// bin in the upper quarter that holds four times the points of an average bin.
fn layout(positions: &[[f32; 3]]) -> (Option<[[f64; 3]; 2]>, Option<f64>) {
    // A sample of fixed stride is deterministic and precise enough for quantiles.
    let stride = (positions.len() / 100_000).max(1);
    let mut sample: Vec<[f32; 3]> = positions.iter().step_by(stride).copied().collect();
    sample.retain(|p| p.iter().all(|x| x.is_finite()));
    if sample.is_empty() {
        return (None, None);
    }
    let quantiles: [[f64; 2]; 3] = std::array::from_fn(|i| {
        let mut v: Vec<f32> = sample.iter().map(|p| p[i]).collect();
        v.sort_by(f32::total_cmp);
        let at = |q: f64| f64::from(v[((v.len() - 1) as f64 * q).round() as usize]);
        [at(0.01), at(0.99)]
    });
    let core = [0, 1].map(|side| [0, 1, 2].map(|i| quantiles[i][side]));
    let (lo, hi) = (quantiles[2][0], quantiles[2][1]);
    const BINS: usize = 48;
    let mut bins = [0usize; BINS];
    if hi <= lo {
        return (Some(core), None);
    }
    for p in &sample {
        let b = (f64::from(p[2]) - lo) / (hi - lo) * BINS as f64;
        bins[b.clamp(0.0, BINS as f64 - 1.0) as usize] += 1;
    }
    let top = (BINS * 3 / 4..BINS).fold(BINS - 1, |a, b| if bins[b] > bins[a] { b } else { a });
    let is_ceiling = bins[top] * BINS > 4 * sample.len();
    let cut = lo + (top as f64 - 1.5) / BINS as f64 * (hi - lo);
    (Some(core), is_ceiling.then_some(cut))
}

/// Does parallel work on threads of its own. A cloud is made once, under a lock, by whoever asks first; on the
/// common threads, one that waits for that lock could be given a part of the very work it waits for.
fn apart<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    let Ok(pool) = rayon::ThreadPoolBuilder::new().build() else { return work() };
    // A thread of another pool would go on with that pool's work while it waits; a plain one just waits.
    std::thread::scope(|s| {
        let done = s.spawn(|| pool.install(work)).join();
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{memory_of, plane};

    #[test]
    fn spacing_of_a_grid_is_its_step() {
        let memory = memory_of(plane(200, 200, 0.02, 3.0, [9, 9, 9]), vec![]);
        let cloud = Cloud::new(&memory);
        assert!((cloud.spacing() - 0.02).abs() < 0.004, "{}", cloud.spacing());
        assert_eq!(cloud.len(), 40_000);
    }

    #[test]
    fn rows_are_a_permutation() {
        let memory = memory_of(plane(70, 90, 0.02, 3.0, [9, 9, 9]), vec![]);
        let cloud = Cloud::new(&memory);
        assert_eq!(cloud.x.len() % BATCH, 0);
        for (y, r) in cloud.y.iter().zip(&cloud.row).filter(|p| *p.1 != u32::MAX) {
            let p = memory.points().positions[*r as usize];
            assert!((f64::from(*y) + cloud.origin[1] - f64::from(p[1])).abs() < 1e-6);
        }
        let mut rows: Vec<u32> = cloud.rows().collect();
        assert_eq!(rows.len(), 6300);
        rows.sort_unstable();
        assert!(rows.iter().enumerate().all(|(i, r)| i == *r as usize));
        assert!(cloud.x.iter().zip(&cloud.row).all(|(x, r)| x.is_nan() == (*r == u32::MAX)));
    }

    #[test]
    fn the_curve_visits_every_cell_by_single_steps() {
        const SIDE: u32 = 8;
        // The curve through the lowest corner of the cube.
        let mut cells: Vec<(u64, [u32; 3])> = (0..SIDE.pow(3))
            .map(|i| [i % SIDE, i / SIDE % SIDE, i / SIDE / SIDE])
            .map(|c| (hilbert(c), c))
            .collect();
        cells.sort_unstable();
        assert_eq!(cells.last().map(|c| c.0), Some(u64::from(SIDE.pow(3)) - 1));
        for pair in cells.windows(2) {
            let step: u32 = (0..3).map(|i| pair[0].1[i].abs_diff(pair[1].1[i])).sum();
            assert_eq!((step, pair[1].0 - pair[0].0), (1, 1));
        }
    }

    #[test]
    fn a_level_holds_the_coarser_ones_evenly() {
        let places = places();
        for (level, count) in LEVELS.into_iter().enumerate() {
            let mut held = places[..count].to_vec();
            held.sort_unstable();
            let step = 4usize.pow(level as u32);
            assert!(held.iter().enumerate().all(|(i, p)| *p == i * step), "{level}");
        }
    }

    #[test]
    fn bounds_hold_their_points() {
        let memory = memory_of(plane(70, 90, 0.02, 3.0, [9, 9, 9]), vec![]);
        let cloud = Cloud::new(&memory);
        for (i, x) in cloud.x.iter().enumerate().filter(|x| !x.1.is_nan()) {
            for b in [cloud.batches[i / BATCH], cloud.chunks[i / (BATCH * CHUNK)]] {
                let rounding = f32::EPSILON * cloud.reach;
                assert!((x - b.middle[0]).abs() <= b.half[0] + rounding);
                assert!((cloud.z[i] - b.middle[2]).abs() <= b.half[2] + rounding);
                assert!(cloud.radius[i] <= b.radius);
            }
        }
    }

    #[test]
    fn twins_and_loners_are_harmless() {
        for points in [vec![([1.0; 3], [1; 3], 0); 300], vec![([1.0; 3], [1; 3], 0)], vec![]] {
            let cloud = Cloud::new(&memory_of(points, vec![]));
            assert!(cloud.radius.iter().all(|r| r.is_finite()));
        }
    }
}
