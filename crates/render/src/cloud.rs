//! Points prepared for drawing: Morton order, chunks with bounds, a splat radius per point.

use rayon::prelude::*;
use reasmory_scene::Memory;

/// Points of a chunk, the unit of culling and of parallel work.
const CHUNK: usize = 4096;
/// Points of a batch, the unit of the spacing estimate.
const BATCH: usize = 64;
/// Which nearest neighbour's distance is taken as the local spacing.
const NEIGHBOUR: usize = 4;

/// The points of one memory, prepared once for drawing.
///
/// Positions are kept relative to an origin near the points, so that single precision suffices far from
/// the world's origin.
#[derive(Debug)]
pub struct Cloud {
    pub(crate) origin: [f64; 3],
    pub(crate) x: Vec<f32>,
    pub(crate) y: Vec<f32>,
    pub(crate) z: Vec<f32>,
    /// Half the side of a point's splat, world units.
    pub(crate) radius: Vec<f32>,
    pub(crate) color: Vec<[u8; 3]>,
    pub(crate) instance: Vec<u32>,
    row: Vec<u32>,
    pub(crate) chunks: Vec<Chunk>,
    spacing: f64,
    /// Smallest splat radius.
    pub(crate) finest: f32,
    /// 1 % and 99 % quantiles of x, y, z, world.
    pub(crate) core: Option<[[f64; 3]; 2]>,
    /// Height above which a view from above sees only ceiling, where the points show one.
    pub(crate) ceiling_cut: Option<f64>,
}

/// A run of points that lie close together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) lo: [f32; 3],
    pub(crate) hi: [f32; 3],
    pub(crate) radius: f32,
    finest: f32,
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
        let (mut lo, mut hi) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
        for p in positions {
            for i in 0..3 {
                lo[i] = lo[i].min(p[i]);
                hi[i] = hi[i].max(p[i]);
            }
        }
        let origin: [f64; 3] = std::array::from_fn(|i| {
            if positions.is_empty() { 0.0 } else { 0.5 * (f64::from(lo[i]) + f64::from(hi[i])) }
        });
        let extent =
            (0..3).map(|i| f64::from(hi[i]) - f64::from(lo[i])).fold(f64::MIN_POSITIVE, f64::max);
        let step = f64::from((1u32 << 21) - 1) / extent;
        let mut order: Vec<(u64, u32)> = positions
            .par_iter()
            .enumerate()
            .map(|(row, p)| {
                let code = (0..3).fold(0u64, |code, i| {
                    let cell = (f64::from(p[i]) - f64::from(lo[i])) * step;
                    code | spread(cell as u64) << i
                });
                (code, row as u32)
            })
            .collect();
        order.par_sort_unstable();

        let axis = |i: usize| -> Vec<f32> {
            let of = |o: &(u64, u32)| (f64::from(positions[o.1 as usize][i]) - origin[i]) as f32;
            order.par_iter().map(of).collect()
        };
        let (x, y, z) = (axis(0), axis(1), axis(2));
        let (radius, spacing) = radii(&x, &y, &z);
        let color = order.par_iter().map(|o| points.colors[o.1 as usize]).collect();
        let instance = order.par_iter().map(|o| points.instance[o.1 as usize]).collect();
        let chunks: Vec<Chunk> = (0..order.len())
            .step_by(CHUNK)
            .map(|start| chunk(&x, &y, &z, &radius, start, (start + CHUNK).min(order.len())))
            .collect();
        let finest = chunks.iter().fold(f32::INFINITY, |m, c: &Chunk| m.min(c.finest));
        let (core, ceiling_cut) = layout(positions);
        Cloud {
            origin,
            x,
            y,
            z,
            radius,
            color,
            instance,
            row: order.into_iter().map(|o| o.1).collect(),
            chunks,
            spacing,
            finest,
            core,
            ceiling_cut,
        }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there are none, so that pictures show boxes.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// Typical distance of a point to its fourth neighbour, world units; 0 without points.
    pub fn spacing(&self) -> f64 {
        self.spacing
    }

    /// Row in the memory's columns of the point at `index` in drawing order.
    pub fn row(&self, index: usize) -> Option<u32> {
        self.row.get(index).copied()
    }
}

/// Bits of a 21-bit number, three apart.
fn spread(v: u64) -> u64 {
    let mut v = v & 0x1f_ffff;
    v = (v | v << 32) & 0x1f_0000_0000_ffff;
    v = (v | v << 16) & 0x1f_0000_ff00_00ff;
    v = (v | v << 8) & 0x100f_00f0_0f00_f00f;
    v = (v | v << 4) & 0x10c3_0c30_c30c_30c3;
    (v | v << 2) & 0x1249_2492_4924_9249
}

fn chunk(x: &[f32], y: &[f32], z: &[f32], r: &[f32], start: usize, end: usize) -> Chunk {
    let span = |v: &[f32]| {
        v[start..end]
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)))
    };
    let (sx, sy, sz) = (span(x), span(y), span(z));
    Chunk {
        start,
        end,
        lo: [sx.0, sy.0, sz.0],
        hi: [sx.1, sy.1, sz.1],
        radius: span(r).1,
        finest: span(r).0,
    }
}

/// Half sides of the splats, and the typical spacing.
///
/// Neighbours are looked for among the points that are near in Morton order: that misses some across
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
    if positions.is_empty() {
        return (None, None);
    }
    // A sample of fixed stride is deterministic and precise enough for quantiles.
    let stride = (positions.len() / 100_000).max(1);
    let sample: Vec<[f32; 3]> = positions.iter().step_by(stride).copied().collect();
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
        let mut rows: Vec<u32> = (0..cloud.len()).filter_map(|i| cloud.row(i)).collect();
        for (i, r) in rows.iter().enumerate() {
            let p = memory.points().positions[*r as usize];
            assert!((f64::from(cloud.y[i]) + cloud.origin[1] - f64::from(p[1])).abs() < 1e-6);
        }
        rows.sort_unstable();
        assert!(rows.iter().enumerate().all(|(i, r)| i == *r as usize));
    }

    #[test]
    fn twins_and_loners_are_harmless() {
        for points in [vec![([1.0; 3], [1; 3], 0); 300], vec![([1.0; 3], [1; 3], 0)], vec![]] {
            let cloud = Cloud::new(&memory_of(points, vec![]));
            assert!(cloud.radius.iter().all(|r| r.is_finite()));
        }
    }
}
