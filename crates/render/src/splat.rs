//! Splatting points into a depth buffer, without pinholes and without blur.
//!
//! The points of the visible chunks are projected once. Then every band of rows is filled in two passes.
//! The first takes the smallest depth per pixel. The second lets the splats that lie within a slack of
//! that depth compete for the pixel: the one whose centre projects nearest to the pixel's centre wins,
//! ties going to the lower index. Bands are disjoint and minima do not depend on the order of work, so
//! the outcome does not depend on the number of threads; and no pixel needs an atomic.

use rayon::prelude::*;

use crate::Cloud;
use crate::cloud::Chunk;

/// No point here.
pub(crate) const NONE: u32 = u32::MAX;
/// Splat side per unit of radius.
const SIDE: f32 = 1.6;
/// Depth slack of the second pass per unit of radius: a surface may slope by 45° and more within a
/// splat, yet a rug must not mix with the floor below it.
const SLACK: f32 = 1.0;
/// Points projected at a time, in a loop that vectorises.
const BATCH: usize = 64;
/// Rows of a band: enough bands for the threads, and a band's buffers fit into a core's cache.
const BAND: usize = 32;

/// How points become pixels.
pub(crate) trait Projector: Sync {
    /// Pixel coordinates, depth (not above 0: not drawn) and pixels per world unit at that depth of a
    /// point relative to the cloud's origin.
    fn project(&self, x: f32, y: f32, z: f32) -> (f32, f32, f32, f32);
    /// Whether nothing of a chunk can be seen.
    fn misses(&self, chunk: &Chunk) -> bool;
}

/// What is seen through each pixel.
pub(crate) struct Surface {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Depth, infinite where unknown.
    pub(crate) depth: Vec<f32>,
    /// Index of the point in the cloud, [`NONE`] where unknown.
    pub(crate) index: Vec<u32>,
}

/// Largest splat side and whether small holes are closed.
#[derive(Clone, Copy)]
pub(crate) struct SplatOptions {
    pub(crate) largest: f32,
    pub(crate) close_holes: bool,
}

/// A point in the picture.
#[derive(Clone, Copy)]
struct Dot {
    u: f32,
    v: f32,
    depth: f32,
    /// The point takes part in the second pass where the smallest depth is at least this.
    least: f32,
    /// Half the side of its splat, pixels.
    half: f32,
    index: u32,
}

/// The dots of a chunk, sorted by band; one that touches two bands is in both.
struct Dots {
    dots: Vec<Dot>,
    /// The first band, and where each band's dots begin (one entry more than there are bands).
    first: usize,
    starts: Vec<u32>,
}

impl Dots {
    fn sorted(dots: &[Dot], height: usize) -> Dots {
        let last = (height - 1) as i32;
        let bands = |d: &Dot| {
            let (a, b) = reach(d.v, d.half);
            (a.clamp(0, last) as usize / BAND, b.clamp(0, last) as usize / BAND)
        };
        let first = dots.iter().map(|d| bands(d).0).min().unwrap_or(0);
        let end = dots.iter().map(|d| bands(d).1 + 1).max().unwrap_or(0).max(first);
        let mut starts = vec![0u32; end - first + 1];
        for d in dots {
            let (a, b) = bands(d);
            for k in a..=b {
                starts[k - first + 1] += 1;
            }
        }
        for k in 1..starts.len() {
            starts[k] += starts[k - 1];
        }
        let Some(some) = dots.first() else { return Dots { dots: Vec::new(), first, starts } };
        let total = starts[starts.len() - 1] as usize;
        let (mut next, mut sorted) = (starts.clone(), vec![*some; total]);
        for d in dots {
            let (a, b) = bands(d);
            for k in a..=b {
                sorted[next[k - first] as usize] = *d;
                next[k - first] += 1;
            }
        }
        Dots { dots: sorted, first, starts }
    }

    /// The dots that touch a band, in ascending order of index.
    fn of(&self, band: usize) -> &[Dot] {
        match band.checked_sub(self.first) {
            Some(k) if k + 1 < self.starts.len() => {
                &self.dots[self.starts[k] as usize..self.starts[k + 1] as usize]
            }
            _ => &[],
        }
    }
}

/// Draws a cloud.
pub(crate) fn splat<P: Projector>(
    cloud: &Cloud,
    projector: &P,
    width: u32,
    height: u32,
    options: SplatOptions,
) -> Surface {
    let (w, h) = (width as usize, height as usize);
    let seen: Vec<&Chunk> = cloud.chunks.iter().filter(|c| !projector.misses(c)).collect();
    let chunks: Vec<Dots> = seen
        .par_iter()
        .map(|c| project(cloud, projector, c, (width as f32, height as f32), options.largest))
        .collect();

    let mut surface = Surface {
        width: w,
        height: h,
        depth: vec![f32::INFINITY; w * h],
        index: vec![NONE; w * h],
    };
    let bands = surface.depth.par_chunks_mut(w * BAND).zip(surface.index.par_chunks_mut(w * BAND));
    bands.enumerate().for_each(|(k, (depth, index))| fill(&chunks, k, w, depth, index));
    if options.close_holes {
        close_holes(cloud, projector, &mut surface);
    }
    surface
}

fn project<P: Projector>(
    cloud: &Cloud,
    projector: &P,
    chunk: &Chunk,
    (w, h): (f32, f32),
    largest: f32,
) -> Dots {
    let (mut us, mut vs) = ([0f32; BATCH], [0f32; BATCH]);
    let (mut zs, mut halves) = ([0f32; BATCH], [0f32; BATCH]);
    let mut dots = Vec::with_capacity(chunk.end - chunk.start);
    let mut start = chunk.start;
    while start < chunk.end {
        let n = BATCH.min(chunk.end - start);
        let span = start..start + n;
        let (xs, ys) = (&cloud.x[span.clone()], &cloud.y[span.clone()]);
        let (pz, rs) = (&cloud.z[span.clone()], &cloud.radius[span]);
        for i in 0..n {
            let (u, v, z, scale) = projector.project(xs[i], ys[i], pz[i]);
            us[i] = u;
            vs[i] = v;
            zs[i] = z;
            halves[i] = 0.5 * (SIDE * rs[i] * scale).max(1.0).min(largest);
        }
        for i in 0..n {
            let (u, v, depth, half) = (us[i], vs[i], zs[i], halves[i]);
            // Comparisons with a NaN are false, so nothing of it gets in.
            if depth > 0.0 && u > -half && v > -half && u < w + half && v < h + half {
                let dot = Dot {
                    u,
                    v,
                    depth,
                    least: depth - SLACK * rs[i],
                    half,
                    index: (start + i) as u32,
                };
                dots.push(dot);
            }
        }
        start += n;
    }
    Dots::sorted(&dots, h as usize)
}

/// Rows (or columns) whose pixel centres lie in `(at - half, at + half]`: at least the one that holds
/// the point.
#[inline(always)]
fn reach(at: f32, half: f32) -> (i32, i32) {
    (floor(at - half - 0.5) + 1, floor(at + half - 0.5))
}

/// A band's buffers: smallest depth, then squared distance, depth and index of the winner.
struct Band<'a> {
    width: usize,
    nearest: Vec<f32>,
    offset: Vec<f32>,
    depth: &'a mut [f32],
    index: &'a mut [u32],
}

/// Fills a band.
fn fill(chunks: &[Dots], band: usize, w: usize, depth: &mut [f32], index: &mut [u32]) {
    let (number, top) = (band, band * BAND);
    let (from, to) = (top as i32, (top + depth.len() / w) as i32 - 1);
    let unset = vec![f32::INFINITY; depth.len()];
    let mut band = Band { width: w, nearest: unset.clone(), offset: unset, depth, index };
    for second in [false, true] {
        for d in chunks.iter().flat_map(|c| c.of(number)) {
            let (y0, y1) = reach(d.v, d.half);
            let (y0, y1) = (y0.max(from), y1.min(to));
            let (x0, x1) = reach(d.u, d.half);
            let (x0, x1) = (x0.max(0), x1.min(w as i32 - 1));
            if y0 > y1 || x0 > x1 {
                continue;
            }
            let rows = ((y0 - from) as usize, (y1 - from) as usize);
            let columns = (x0 as usize, x1 as usize);
            let v = d.v - top as f32;
            // Rows of a fixed number of lanes have no loop to mispredict, and vectorise.
            match columns.1 - columns.0 {
                0..4 if w >= 4 => band.stamp::<4>(d, v, columns, rows, second),
                0..8 if w >= 8 => band.stamp::<8>(d, v, columns, rows, second),
                0..16 if w >= 16 => band.stamp::<16>(d, v, columns, rows, second),
                _ => {
                    for x in columns.0..=columns.1 {
                        band.stamp::<1>(d, v, (x, x), rows, second);
                    }
                }
            }
        }
    }
}

impl Band<'_> {
    /// One dot in one pass, `N` columns wide of which those outside `x0..=x1` change nothing.
    #[inline(always)]
    fn stamp<const N: usize>(
        &mut self,
        d: &Dot,
        v: f32,
        (x0, x1): (usize, usize),
        (y0, y1): (usize, usize),
        second: bool,
    ) {
        let left = x0.min(self.width - N);
        let inside = |k: usize| left + k >= x0 && left + k <= x1;
        if !second {
            let lane: [f32; N] =
                std::array::from_fn(|k| if inside(k) { d.depth } else { f32::INFINITY });
            for y in y0..=y1 {
                let at = y * self.width + left;
                let Some(cells) = self.nearest[at..].first_chunk_mut::<N>() else { return };
                for k in 0..N {
                    cells[k] = if lane[k] < cells[k] { lane[k] } else { cells[k] };
                }
            }
            return;
        }
        let lane: [f32; N] = std::array::from_fn(|k| {
            let dx = (left + k) as f32 + 0.5 - d.u;
            if inside(k) { dx * dx } else { f32::INFINITY }
        });
        for y in y0..=y1 {
            let at = y * self.width + left;
            let dy = y as f32 + 0.5 - v;
            let dy2 = dy * dy;
            let (Some(nearest), Some(offset), Some(depth), Some(index)) = (
                self.nearest[at..].first_chunk::<N>(),
                self.offset[at..].first_chunk_mut::<N>(),
                self.depth[at..].first_chunk_mut::<N>(),
                self.index[at..].first_chunk_mut::<N>(),
            ) else {
                return;
            };
            for k in 0..N {
                let d2 = lane[k] + dy2;
                // Dots come in ascending order: at a tie the lower index stays.
                let wins = (d2 < offset[k]) & (d.least <= nearest[k]);
                offset[k] = if wins { d2 } else { offset[k] };
                depth[k] = if wins { d.depth } else { depth[k] };
                index[k] = if wins { d.index } else { index[k] };
            }
        }
    }
}

/// `floor` for numbers above -1024, by truncation: the instruction for it is not in the x86-64 baseline.
#[inline(always)]
fn floor(x: f32) -> i32 {
    (x + 1024.0) as i32 - 1024
}

/// Closes pixels that are empty, or that look through a hole in a nearer surface.
///
/// A pixel is closed where at least five of its eight neighbours, two of them opposite, belong to a
/// surface in front, and the point that would fill it is no farther than one and a half of its splat's
/// sides (an empty one also with four neighbours and one side). A straight or convex border has fewer such neighbours, so regions do not grow; a gap wider than
/// the local spacing stays.
fn close_holes<P: Projector>(cloud: &Cloud, projector: &P, surface: &mut Surface) {
    let (w, h) = (surface.width, surface.height);
    if w < 3 || h < 3 {
        return;
    }
    let mut candidates: Vec<usize> = Vec::new();
    // A round eats a hole's corners; the distance limit ends it long before the rounds do.
    for round in 0..32 {
        let s: &Surface = surface;
        let closed = |at: usize| closing(cloud, projector, s, at).map(|from| (at, from));
        let found: Vec<(usize, usize)> = if round == 0 {
            let rows = (0..h).into_par_iter();
            rows.flat_map_iter(|y| (y * w..y * w + w).filter_map(closed)).collect()
        } else {
            candidates.par_iter().filter_map(|at| closed(*at)).collect()
        };
        if found.is_empty() {
            return;
        }
        let patches: Vec<(usize, u32, f32)> =
            found.iter().map(|&(at, from)| (at, s.index[from], s.depth[from])).collect();
        candidates.clear();
        for (at, index, depth) in patches {
            surface.index[at] = index;
            surface.depth[at] = depth;
            candidates.extend(ring(at, w, h));
        }
        candidates.sort_unstable();
        candidates.dedup();
    }
}

/// The neighbours of a pixel in a round: opposite ones are four apart. Beyond the picture's border the
/// picture is taken to be mirrored.
#[inline(always)]
fn ring(at: usize, w: usize, h: usize) -> [usize; 8] {
    let (x, y) = (at % w, at / w);
    let up = if y > 0 { at - w } else { at + w };
    let down = if y + 1 < h { at + w } else { at - w };
    // At a border both ways lead to the one neighbour there is.
    let left = |n: usize| if x > 0 { n - 1 } else { n + 1 };
    let right = |n: usize| if x + 1 < w { n + 1 } else { n - 1 };
    [left(up), up, right(up), right(at), right(down), down, left(down), left(at)]
}

/// The neighbour that closes the hole at a pixel, if it is one.
#[inline(always)]
fn closing<P: Projector>(cloud: &Cloud, projector: &P, s: &Surface, at: usize) -> Option<usize> {
    let own = s.depth[at];
    let (w, h) = (s.width, s.height);
    let ring = ring(at, w, h);
    // Cheap refusal first: a hole's border is nearer, by no less than the least slack, on two sides.
    let below = own - 4.0 * cloud.finest;
    let nearer = |k: usize| usize::from(s.depth[ring[k]] < below);
    if nearer(1) + nearer(3) + nearer(5) + nearer(7) < 2 {
        return None;
    }
    let front = ring.map(|n| {
        s.index[n] != NONE
            && (own.is_infinite() || s.depth[n] + 4.0 * cloud.radius[s.index[n] as usize] < own)
    });
    let count = front.iter().filter(|f| **f).count();
    let pairs = (0..4).filter(|k| front[*k] && front[k + 4]).count();
    // An octagonal hole has corners with four such neighbours only.
    let most = if count >= 5 && pairs >= 1 {
        1.5
    } else if count == 4 && own.is_infinite() {
        1.0
    } else {
        return None;
    };
    let (cx, cy) = ((at % w) as f32 + 0.5, (at / w) as f32 + 0.5);
    let mut best: Option<(f32, usize)> = None;
    for (&n, _) in ring.iter().zip(front).filter(|r| r.1) {
        let i = s.index[n] as usize;
        let (u, v, _, scale) = projector.project(cloud.x[i], cloud.y[i], cloud.z[i]);
        let d = (u - cx).abs().max((v - cy).abs());
        let side = (SIDE * cloud.radius[i] * scale).max(1.0);
        if d <= most * side && best.is_none_or(|b| d < b.0) {
            best = Some((d, n));
        }
    }
    best.map(|b| b.1)
}
