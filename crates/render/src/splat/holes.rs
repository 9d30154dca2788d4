//! Closing the gaps that random sampling leaves between splats.

use rayon::prelude::*;

use super::{Projector, SIDE, Surface};
use crate::Cloud;
use crate::simd::{Isa, Kernel, bits};

/// Rows that are searched in one go.
const BAND: usize = 32;
/// Candidates that are looked at in one go.
const RUN: usize = 512;

/// What closes a pixel.
#[derive(Clone, Copy, Debug)]
struct Patch {
    at: u32,
    index: u32,
    depth: f32,
}

/// Lists that are kept from one picture to the next.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    found: Vec<Vec<Patch>>,
    candidates: Vec<u32>,
}

impl Lists {
    /// Memory held.
    pub(crate) fn bytes(&self) -> usize {
        let found: usize = self.found.iter().map(|f| f.capacity() * size_of::<Patch>()).sum();
        found + 4 * self.candidates.capacity()
    }
}

/// Closes pixels that are empty, or that look through a hole in a nearer surface.
///
/// A pixel is closed where at least five of its eight neighbours, two of them opposite, belong to a
/// surface in front, and the point that would fill it is no farther than one and a half of its splat's
/// sides (an empty one also with four neighbours and one side). A straight or convex border has fewer
/// such neighbours, so regions do not grow; a gap wider than the local spacing stays.
pub(super) fn close<P: Projector>(
    cloud: &Cloud,
    projector: &P,
    surface: &mut Surface,
    isa: Isa,
    lists: &mut Lists,
) {
    let (w, h) = (surface.width, surface.height);
    if w < 3 || h < 3 {
        return;
    }
    let Lists { found, candidates } = lists;
    let slack = 4.0 * cloud.finest;
    // A round eats a hole's corners; the distance limit ends it long before the rounds do.
    for round in 0..32 {
        let s: &Surface = surface;
        let parts = if round == 0 { h.div_ceil(BAND) } else { candidates.len().div_ceil(RUN) };
        if found.len() < parts {
            found.resize_with(parts, Vec::new);
        }
        let look = |list: &mut Vec<Patch>, at: usize| {
            if let Some(from) = closing(cloud, projector, s, at) {
                list.push(Patch { at: at as u32, index: s.index[from], depth: s.depth[from] });
            }
        };
        if round == 0 {
            found[..parts].par_iter_mut().enumerate().for_each(|(band, list)| {
                list.clear();
                for y in band * BAND..(band * BAND + BAND).min(h) {
                    isa.run(Search { s, y, slack, look: |at| look(list, at) });
                }
            });
        } else {
            let runs = candidates.par_chunks(RUN).zip(&mut found[..parts]);
            runs.for_each(|(run, list)| {
                list.clear();
                run.iter().for_each(|at| look(list, *at as usize));
            });
        }
        candidates.clear();
        for patch in found[..parts].iter().flatten() {
            let at = patch.at as usize;
            surface.index[at] = patch.index;
            surface.depth[at] = patch.depth;
        }
        // A pixel may be closed now if what has been closed beside it lies in front of it.
        for patch in found[..parts].iter().flatten() {
            for n in ring(patch.at as usize, w, h) {
                if patch.depth < surface.depth[n] - slack {
                    candidates.push(n as u32);
                }
            }
        }
        if candidates.is_empty() {
            return;
        }
        candidates.sort_unstable();
        candidates.dedup();
    }
}

/// Finds in a row the pixels with enough neighbours that are nearer by no less than the least slack: cheaply, for
/// there are few. On a slope no two opposite neighbours are nearer, so slopes are not looked at.
struct Search<'a, F> {
    s: &'a Surface,
    y: usize,
    slack: f32,
    look: F,
}

impl<F: FnMut(usize)> Kernel for Search<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        const N: usize = 32;
        let (w, h) = (self.s.width, self.s.height);
        let row = |y: usize| &self.s.depth[y * w..y * w + w];
        let (above, own, below) = (
            row(if self.y > 0 { self.y - 1 } else { 1 }),
            row(self.y),
            row(if self.y + 1 < h { self.y + 1 } else { h - 2 }),
        );
        // The first and the last pixel, and a row too short for the lanes, are looked at one by one.
        (self.look)(self.y * w);
        let mut next = 1;
        while next + 1 < w {
            // The last lanes may overlap those before them.
            if w < N + 2 {
                break;
            }
            let x = next.min(w - 1 - N);
            let pick = |r: &[f32], from: usize| -> [f32; N] {
                r.get(from..from + N).and_then(|r| r.try_into().ok()).unwrap_or([0.0; N])
            };
            let (left, here, right) = (pick(own, x - 1), pick(own, x), pick(own, x + 1));
            let (up, down) = (pick(above, x), pick(below, x));
            let (a, b) = (pick(above, x - 1), pick(above, x + 1));
            let (c, d) = (pick(below, x - 1), pick(below, x + 1));
            let mut flags = [0u8; N];
            for i in 0..N {
                let limit = here[i] - self.slack;
                let near = |v: f32| u32::from(v < limit);
                let (n, s, w, e) = (near(up[i]), near(down[i]), near(left[i]), near(right[i]));
                let (a, b, c, d) = (near(a[i]), near(b[i]), near(c[i]), near(d[i]));
                let (sides, all) = (n + s + w + e, n + s + w + e + a + b + c + d);
                let opposite = (n & s) | (w & e) | (a & d) | (b & c);
                let hole = (all >= 5) & (opposite > 0);
                let gap = (all == 4) & (here[i] == f32::INFINITY);
                flags[i] = u8::from((sides >= 2) & (hole | gap));
            }
            let (eights, _) = flags.as_chunks::<8>();
            for (k, eight) in eights.iter().enumerate() {
                let mut set = bits(eight);
                while set != 0 {
                    let at = x + 8 * k + set.trailing_zeros() as usize;
                    if at >= next {
                        (self.look)(self.y * w + at);
                    }
                    set &= set - 1;
                }
            }
            next = x + N;
        }
        for x in next..w {
            (self.look)(self.y * w + x);
        }
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
fn closing<P: Projector>(cloud: &Cloud, projector: &P, s: &Surface, at: usize) -> Option<usize> {
    let own = s.depth[at];
    let (w, h) = (s.width, s.height);
    let ring = ring(at, w, h);
    // Cheap refusal first: a hole's border is nearer, by no less than the least slack, on two sides.
    let below = own - 4.0 * cloud.finest;
    let nearer = |k: usize| usize::from(s.depth[ring[k]] < below);
    let sides = nearer(1) + nearer(3) + nearer(5) + nearer(7);
    let all = sides + nearer(0) + nearer(2) + nearer(4) + nearer(6);
    if sides < 2 || all < if own.is_infinite() { 4 } else { 5 } {
        return None;
    }
    let mut front = [false; 8];
    for (front, &n) in front.iter_mut().zip(&ring) {
        // What is known has a point.
        *front = s.depth[n] < own
            && (own.is_infinite() || s.depth[n] + 4.0 * cloud.radius[s.index[n] as usize] < own);
    }
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
