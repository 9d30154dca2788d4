//! Depth that a network guesses from one photo alone, brought to the scale of a sparse model and held against what
//! the other photos guess.
//!
//! A guess is right up to a factor (and a summand), photo by photo. Both are found by the sparse points the photo
//! sees, by least median of squares over pairs of points (Rousseeuw 1984), then weighted least squares (Tukey).
//! Then each pixel is seen from the other photos: a guess that they confirm stays, one that they see through goes.

use rayon::prelude::*;
use reasmory_geom::{Pinhole, Pose};

use crate::random::Random;

/// What a network's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// Depth but for a factor.
    Scaled,
    /// Depth but for a factor and a summand.
    Affine,
    /// Inverse depth but for a factor and a summand.
    Inverse,
}

/// How a photo's numbers become depth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The factor.
    pub scale: f64,
    /// The summand, after the factor.
    pub shift: f64,
    /// Part of the points that agree (within three times the spread).
    pub agree: f64,
    /// Median of the points' relative depth errors.
    pub spread: f64,
    guess: Guess,
    /// Nearest and farthest depth of points that agree.
    range: (f64, f64),
}

/// Fewest points that a fit is made of.
pub const FEWEST: usize = 8;
/// Pairs that are tried.
const PAIRS: usize = 300;
/// A depth outside of the points' range by more than this factor is made of nothing.
const BEYOND: f64 = 2.0;

impl Fit {
    /// The depth of a number; `None` where it means none.
    pub fn depth(&self, number: f64) -> Option<f64> {
        let v = self.scale * number + self.shift;
        let z = match self.guess {
            Guess::Inverse => 1.0 / v,
            Guess::Scaled | Guess::Affine => v,
        };
        let sound = v > 0.0 && z.is_finite();
        (sound && z >= self.range.0 / BEYOND && z <= self.range.1 * BEYOND).then_some(z)
    }
}

fn median(mut v: Vec<f64>) -> f64 {
    let k = v.len() / 2;
    v.select_nth_unstable_by(k, f64::total_cmp);
    v[k]
}

/// Brings a photo's numbers to the depths of sparse points: `points` are the network's number and the depth of each.
/// `None` where too few points tell, or numbers do not grow with depth.
pub fn fit(points: &[(f64, f64)], guess: Guess) -> Option<Fit> {
    // In what is linear in the numbers: depth or inverse depth.
    let rows: Vec<(f64, f64)> = points
        .iter()
        .filter(|(v, z)| v.is_finite() && z.is_finite() && *z > 0.0)
        .map(|(v, z)| (*v, if guess == Guess::Inverse { 1.0 / z } else { *z }))
        .collect();
    if rows.len() < FEWEST {
        return None;
    }
    // Relative errors: depth is known to a part of itself.
    let error = |m: (f64, f64), r: &(f64, f64)| ((m.0 * r.0 + m.1 - r.1) / r.1).abs();
    let score = |m: (f64, f64)| median(rows.iter().map(|r| error(m, r)).collect());
    let mut random = Random::new(&[rows.len() as u64]);
    let mut best: Option<(f64, (f64, f64))> = None;
    for _ in 0..PAIRS {
        let a = rows[(random.bits() % rows.len() as u64) as usize];
        let b = rows[(random.bits() % rows.len() as u64) as usize];
        let m = match guess {
            Guess::Scaled => (a.1 / a.0, 0.0),
            _ => {
                let s = (b.1 - a.1) / (b.0 - a.0);
                (s, a.1 - s * a.0)
            }
        };
        if !(m.0.is_finite() && m.1.is_finite() && m.0 > 0.0) {
            continue;
        }
        let s = score(m);
        if best.is_none_or(|b| s < b.0) {
            best = Some((s, m));
        }
    }
    let mut m = best?.1;
    for _ in 0..10 {
        let cut = (4.685 * 1.4826 * score(m)).max(1e-9);
        let (mut sw, mut sx, mut sy, mut sxx, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for r in &rows {
            let e = error(m, r) / cut;
            if e < 1.0 {
                let w = (1.0 - e * e) * (1.0 - e * e) / (r.1 * r.1);
                sw += w;
                sx += w * r.0;
                sy += w * r.1;
                sxx += w * r.0 * r.0;
                sxy += w * r.0 * r.1;
            }
        }
        let next = match guess {
            Guess::Scaled => (sxy / sxx, 0.0),
            _ => {
                let s = (sw * sxy - sx * sy) / (sw * sxx - sx * sx);
                (s, (sy - s * sx) / sw)
            }
        };
        if !(next.0.is_finite() && next.1.is_finite() && next.0 > 0.0)
            || score(next) > 1.5 * score(m) + 1e-12
        {
            break;
        }
        m = next;
    }
    let spread = score(m);
    let cut = (3.0 * 1.4826 * spread).max(1e-6);
    let good: Vec<f64> = rows.iter().filter(|r| error(m, r) <= cut).map(|r| r.1).collect();
    let depth = |v: f64| if guess == Guess::Inverse { 1.0 / v } else { v };
    let ends = good
        .iter()
        .map(|v| depth(*v))
        .fold((f64::INFINITY, 0.0f64), |e, z| (e.0.min(z), e.1.max(z)));
    let agree = good.len() as f64 / rows.len() as f64;
    Some(Fit { scale: m.0, shift: m.1, agree, spread, guess, range: ends })
}

/// A photo's depth with its camera.
#[derive(Clone, Debug)]
pub struct Guessed {
    /// Its lens, for the depth's size.
    pub lens: Pinhole,
    /// Camera to world.
    pub pose: Pose,
    /// z-depth, row-major; 0 where there is none.
    pub depth: Vec<f32>,
}

/// How guesses are held against each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// Other photos that a photo is seen from, at most.
    pub judges: usize,
    /// Part of the depth within which they agree.
    pub relative_depth: f64,
    /// Photos that must confirm (all, where there are fewer).
    pub confirmations: usize,
}

impl Default for Agreement {
    fn default() -> Agreement {
        Agreement { judges: 8, relative_depth: 0.05, confirmations: 2 }
    }
}

/// What other photos leave of a photo's depth, with confidence in [0, 1].
#[derive(Clone, Debug, PartialEq)]
pub struct Agreed {
    /// z-depth, the mean (in inverse depth) of all that agree; 0 where there is none.
    pub depth: Vec<f32>,
    /// 1 − 2⁻ⁿ with n photos that agree, this one included.
    pub confidence: Vec<f32>,
}

/// The depth of a photo's surface at a place of it.
fn at(g: &Guessed, u: f64, v: f64) -> Option<f64> {
    let (w, h) = (g.lens.width, g.lens.height);
    let inside = u >= 0.0 && v >= 0.0 && u < f64::from(w) && v < f64::from(h);
    let z = if inside { g.depth[v as usize * w as usize + u as usize] } else { 0.0 };
    (z > 0.0).then_some(f64::from(z))
}

/// Holds the photos' depths against each other.
pub fn agree(all: &[Guessed], options: &Agreement) -> Vec<Agreed> {
    (0..all.len()).into_par_iter().map(|i| judged(all, i, options)).collect()
}

/// The photos that see most of what a photo sees.
fn judges(all: &[Guessed], own: usize, most: usize) -> Vec<usize> {
    let g = &all[own];
    let (w, h) = (g.lens.width as usize, g.lens.height as usize);
    let step = ((w * h) as f64 / 400.0).sqrt().ceil().max(1.0) as usize;
    let mut seen: Vec<(usize, usize)> = Vec::new();
    for (j, o) in all.iter().enumerate().filter(|(j, _)| *j != own) {
        let mut n = 0;
        for y in (step / 2..h).step_by(step) {
            for x in (step / 2..w).step_by(step) {
                let z = f64::from(g.depth[y * w + x]);
                let p = g.pose.to_world(g.lens.ray(x as f64 + 0.5, y as f64 + 0.5) * z);
                let there = o.lens.project(o.pose.to_camera(p)).and_then(|(u, v)| at(o, u, v));
                n += usize::from(z > 0.0 && there.is_some());
            }
        }
        if n > 0 {
            seen.push((n, j));
        }
    }
    seen.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    seen.into_iter().take(most).map(|s| s.1).collect()
}

fn judged(all: &[Guessed], own: usize, options: &Agreement) -> Agreed {
    let g = &all[own];
    let (w, n) = (g.lens.width as usize, g.depth.len());
    let judges = judges(all, own, options.judges);
    let needed = options.confirmations.min(judges.len()).max(1);
    let mut out = Agreed { depth: vec![0.0; n], confidence: vec![0.0; n] };
    for i in 0..n {
        let z = f64::from(g.depth[i]);
        if z <= 0.0 {
            continue;
        }
        let ray = g.lens.ray((i % w) as f64 + 0.5, (i / w) as f64 + 0.5);
        let p = g.pose.to_world(ray * z);
        let (mut yes, mut no, mut sum) = (0usize, 0usize, z.recip());
        for o in judges.iter().map(|j| &all[*j]) {
            let q = o.pose.to_camera(p);
            let Some((u, v)) = o.lens.project(q) else { continue };
            let Some(there) = at(o, u, v) else { continue };
            let off = (there - q.z) / q.z;
            if off.abs() <= options.relative_depth {
                yes += 1;
                // What the other's surface is in this photo's depth.
                let back = g.pose.to_camera(o.pose.to_world(o.lens.ray(u, v) * there));
                sum += if back.z > 0.0 { back.z.recip() } else { z.recip() };
            } else if off > 0.0 {
                // It looks through the point, at something behind.
                no += 1;
            }
        }
        if yes >= needed && yes > no {
            out.depth[i] = ((yes + 1) as f64 / sum) as f32;
            out.confidence[i] = 1.0 - 0.5f32.powi(yes as i32 + 1);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(guess: Guess, scale: f64, shift: f64, wrong: usize) -> Vec<(f64, f64)> {
        (0..60)
            .map(|i| {
                let z = 1.0 + 4.0 * (f64::from(i) * 0.618).fract();
                let v = if guess == Guess::Inverse { 1.0 / z } else { z };
                let z = if (i as usize) < wrong { z * 2.5 } else { z };
                ((v - shift) / scale, z)
            })
            .collect()
    }

    proptest! {
        #[test]
        fn factor_and_summand_are_found_whatever_a_third_of_the_points_say(
            scale in 0.01..50.0f64,
            shift in -3.0..3.0f64,
            wrong in 0..20usize,
        ) {
            for guess in [Guess::Scaled, Guess::Affine, Guess::Inverse] {
                let shift = if guess == Guess::Scaled { 0.0 } else { shift };
                let f = fit(&points(guess, scale, shift, wrong), guess).unwrap();
                prop_assert!((f.scale / scale - 1.0).abs() < 1e-6 && (f.shift - shift).abs() < 1e-5, "{f:?}");
                prop_assert!((f.agree - (60 - wrong) as f64 / 60.0).abs() < 1e-9, "{f:?}");
                let v = if guess == Guess::Inverse { 1.0 / 3.0 } else { 3.0 };
                let z = f.depth((v - shift) / scale).unwrap();
                prop_assert!((z - 3.0).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn too_little_says_nothing() {
        assert_eq!(fit(&points(Guess::Affine, 1.0, 0.0, 0)[..7], Guess::Affine), None);
        // All points at one depth: no factor.
        assert_eq!(fit(&[(2.0, 3.0); 30], Guess::Affine), None);
        assert!(fit(&[(2.0, 3.0); 30], Guess::Scaled).is_some());
        // Numbers that fall with depth are none of depth.
        let turned: Vec<(f64, f64)> =
            points(Guess::Affine, 1.0, 0.0, 0).iter().map(|p| (-p.0, p.1)).collect();
        assert_eq!(fit(&turned, Guess::Affine), None);
        let f = fit(&points(Guess::Scaled, 1.0, 0.0, 0), Guess::Scaled).unwrap();
        assert_eq!((f.depth(-1.0), f.depth(f64::NAN), f.depth(1e6)), (None, None, None));
    }
}
