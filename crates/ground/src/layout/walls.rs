//! Which way the walls run.

use reasmory_geom::math::{atan2_deg, cos_deg, sin_deg};

use super::Patch;

/// Walls at right angles to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// Degrees from +x, turning to +y, in (−45, 45], of one of the two ways.
    pub degrees: f64,
    /// Part of the upright area that runs one of the two ways, to 5°.
    pub share: f64,
}

/// Bins of a degree each; the two ways and their opposites are the same.
const BINS: usize = 90;
/// Least part of the upright area that runs along; by chance it would be a ninth.
const LEAST: f64 = 0.3;

/// The two ways at right angles that most upright surface runs; `None` where none stands out.
pub fn turn(patches: &[Patch]) -> Option<Turn> {
    let upright: Vec<(f64, f64)> = patches
        .iter()
        .filter(|p| p.normal.z.abs() < sin_deg(15.0))
        .map(|p| (atan2_deg(p.normal.y, p.normal.x).rem_euclid(90.0), p.area))
        .collect();
    let total: f64 = upright.iter().map(|u| u.1).sum();
    if total <= 0.0 || !total.is_finite() || upright.len() < 16 {
        return None;
    }
    let mut bins = [0.0; BINS];
    for (a, w) in &upright {
        bins[(*a as usize).min(BINS - 1)] += w;
    }
    let around = |k: usize| (0..7).map(|d| bins[(k + BINS + d - 3) % BINS]).sum::<f64>();
    let peak = (0..BINS).reduce(|a, b| if around(b) > around(a) { b } else { a })?;
    // The mean of four times the angle, near the peak, closer and closer.
    let mut degrees = peak as f64 + 0.5;
    for reach in [6.0, 4.0, 3.0, 3.0, 2.0, 2.0] {
        let (mut s, mut c) = (0.0, 0.0);
        for (a, w) in upright.iter().filter(|u| apart(u.0, degrees) < reach) {
            s += w * sin_deg(4.0 * a);
            c += w * cos_deg(4.0 * a);
        }
        if s == 0.0 && c == 0.0 {
            break;
        }
        degrees = (atan2_deg(s, c) / 4.0).rem_euclid(90.0);
    }
    let along: f64 = upright.iter().filter(|u| apart(u.0, degrees) < 5.0).map(|u| u.1).sum();
    let share = along / total;
    let degrees = if degrees > 45.0 { degrees - 90.0 } else { degrees };
    (share >= LEAST).then_some(Turn { degrees, share })
}

/// Degrees between two ways.
fn apart(a: f64, b: f64) -> f64 {
    let d = (a - b).rem_euclid(90.0);
    d.min(90.0 - d)
}
