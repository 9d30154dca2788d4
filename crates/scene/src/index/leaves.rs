//! The closest pair of two leaves, in lanes of single precision that a few distances in double precision decide.
//!
//! Coordinates are single-precision numbers, so their differences are rounded once, and a squared distance in single
//! precision is off by five roundings at most, each 2⁻²⁴ of it. A pair is measured in double precision only where it
//! may be closer than the best by that; what is answered is exact, and the same as without lanes.

use super::tree::{Bounds6, LEAF};

/// More than six roundings lose, and more than what is lost near zero, where numbers have fewer digits.
const SLACK: (f64, f64) = (4e-7, 1e-36);
const WIDTH: usize = 8;
const _: () = assert!(LEAF == 32, "a leaf has a bit of a word for each point");

/// Squared distance, exact but for the rounding of double precision.
#[inline(always)]
fn square(p: [f32; 3], q: [f32; 3]) -> f64 {
    let along = |k: usize| f64::from(p[k]) - f64::from(q[k]);
    let (u, v, w) = (along(0), along(1), along(2));
    u * u + v * v + w * w
}

/// No squared distance below `best` is above this in single precision.
#[inline(always)]
fn limit(best: f64) -> f32 {
    (best * (1.0 + SLACK.0) + SLACK.1) as f32
}

/// Columns of a leaf's points; places without a point are nowhere near.
#[inline(always)]
fn columns(points: &[[f32; 3]]) -> [[f32; LEAF]; 3] {
    let mut at = [[f32::INFINITY; LEAF]; 3];
    if let Ok(points) = <&[[f32; 3]; LEAF]>::try_from(points) {
        for j in 0..LEAF {
            for k in 0..3 {
                at[k][j] = points[j][k];
            }
        }
    } else {
        for (j, q) in points.iter().take(LEAF).enumerate() {
            for k in 0..3 {
                at[k][j] = q[k];
            }
        }
    }
    at
}

/// The larger, the second where either is no number: one instruction, unlike `f32::max`.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// Which points may lie as near to a box as this, a bit for each.
#[inline(always)]
fn beside(points: &[[f32; LEAF]; 3], around: &Bounds6, near: f32) -> u32 {
    let mut sums = [0.0f32; LEAF];
    for (k, column) in points.iter().enumerate() {
        let (lo, hi) = (around[k], around[k + 3]);
        for (sum, p) in sums.iter_mut().zip(column) {
            let d = larger(larger(lo - p, p - hi), 0.0);
            *sum += d * d;
        }
    }
    let mut bits = 0;
    for (i, sum) in sums.iter().enumerate() {
        bits |= u32::from(*sum <= near) << i;
    }
    bits
}

/// The pair of points of two leaves that is closer than `best`, and its squared distance; `around` is the box of the
/// second. Points that are no numbers are in no pair.
#[inline(always)]
pub(super) fn pairs(
    mine: &[[f32; 3]],
    theirs: &[[f32; 3]],
    around: &Bounds6,
    mut best: f64,
) -> Option<(f64, [usize; 2])> {
    let mut near = limit(best);
    let mut found = None;
    let [x, y, z] = columns(theirs);
    // Of faces that lie opposite each other, most points are beside the other leaf.
    let mut left = beside(&columns(mine), around, near);
    while left != 0 {
        let i = left.trailing_zeros() as usize;
        left &= left - 1;
        let Some(p) = mine.get(i) else { break };
        let at = |j: usize| {
            let (u, v, w) = (p[0] - x[j], p[1] - y[j], p[2] - z[j]);
            u * u + v * v + w * w
        };
        let mut least = [f32::INFINITY; WIDTH];
        for first in (0..LEAF).step_by(WIDTH) {
            for (lane, least) in least.iter_mut().enumerate() {
                let d = at(first + lane);
                *least = if d < *least { d } else { *least };
            }
        }
        let mut hit = false;
        for d in least {
            hit |= d <= near;
        }
        // Infinite distances are those of pairs too far apart for single precision.
        if !hit {
            continue;
        }
        for (j, q) in theirs.iter().take(LEAF).enumerate() {
            if at(j) <= near {
                let d = square(*p, *q);
                if d < best {
                    (best, near) = (d, limit(d));
                    found = Some([i, j]);
                }
            }
        }
    }
    found.map(|pair| (best, pair))
}
