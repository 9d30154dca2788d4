//! Depth that a model guesses photo by photo, brought to the size of COLMAP's points and held against what it
//! guesses of the other photos.

use reasmory_geom::Pinhole;
use reasmory_reconstruct::monocular::{Agreement, FEWEST, Fit, Guess, Guessed, agree, fit};
use reasmory_scene::{Rgb8, Scale};

use super::model::Judged;
use crate::neural::{DepthModel, Guesses};
use crate::{FrontendError, Job, Photo};

/// A fit that fewer of the points agree with says nothing.
const AGREE: f64 = 0.4;
/// Nor one whose points are off by more than this part of the depth in the median.
const SPREAD: f64 = 0.15;
/// Photos whose metres differ by more than this (median from the median) are of no common unit.
const UNIT: f64 = 0.2;

/// A photo as the model sees it.
pub(super) struct Given<'a> {
    pub(super) photo: &'a Photo,
    pub(super) image: usize,
    pub(super) lens: Pinhole,
    pub(super) pixels: Rgb8,
}

/// What became of them.
pub(super) struct Made {
    /// Depth and confidence of each photo; `None` where the points do not fit.
    pub(super) maps: Vec<Option<(Vec<f32>, Vec<f32>)>>,
    /// Metres in a unit of the model, where the depth model says metres.
    pub(super) metres: Option<(f64, Scale)>,
}

fn median(mut v: Vec<f64>) -> Option<f64> {
    v.sort_unstable_by(f64::total_cmp);
    v.get(v.len() / 2).copied()
}

/// The numbers at the points that a photo sees, with their depths.
fn points(judged: &Judged, g: &Given<'_>, guesses: &Guesses) -> Vec<(f64, f64)> {
    let i = &judged.model.images[g.image];
    let (sx, sy) = (
        f64::from(g.lens.width) / f64::from(i.lens.width),
        f64::from(g.lens.height) / f64::from(i.lens.height),
    );
    let mut out = Vec::new();
    for (at, row) in &i.features {
        let Some(p) = row.and_then(|r| judged.model.points.get(r as usize)) else { continue };
        let (u, v) = (at[0] * sx, at[1] * sy);
        let inside =
            u >= 0.0 && v >= 0.0 && u < f64::from(g.lens.width) && v < f64::from(g.lens.height);
        if inside {
            let number = guesses.numbers[v as usize * g.lens.width as usize + u as usize];
            out.push((f64::from(number), i.pose.to_camera(p.position).z));
        }
    }
    out
}

/// Guesses, fits and compares.
pub(super) fn make(
    model: &dyn DepthModel,
    given: Vec<Given<'_>>,
    judged: &Judged,
    job: &Job<'_>,
    notes: &mut Vec<String>,
) -> Result<Made, FrontendError> {
    let by = model.identity().name;
    let total = given.len();
    let mut fits: Vec<Option<Fit>> = Vec::new();
    let mut all: Vec<Guessed> = Vec::new();
    let mut metric = true;
    for (k, g) in given.iter().enumerate() {
        job.step(k as u64, total as u64, "guessing depth")?;
        let n = g.lens.width as usize * g.lens.height as usize;
        let guesses = model.guess(&g.pixels, (g.lens.width, g.lens.height))?;
        if guesses.numbers.len() != n {
            let what = format!("{by}: gave {} numbers for {n} pixels", guesses.numbers.len());
            return Err(FrontendError::failed(what, "check what its sidecar says"));
        }
        metric &= guesses.guess == Guess::Scaled;
        let points = points(judged, g, &guesses);
        let f = fit(&points, guesses.guess).filter(|f| f.agree >= AGREE && f.spread <= SPREAD);
        if f.is_none() {
            job.log(&format!(
                "{}: what {by} guesses does not fit its {} points (at least {FEWEST} must agree)",
                g.photo.name,
                points.len()
            ));
        }
        let depth = |v: &f32| f.and_then(|f| f.depth(f64::from(*v))).unwrap_or(0.0) as f32;
        all.push(Guessed {
            lens: g.lens,
            pose: judged.model.images[g.image].pose,
            depth: guesses.numbers.iter().map(depth).collect(),
        });
        fits.push(f);
    }
    let good: Vec<&Fit> = fits.iter().flatten().collect();
    let Some(spread) = median(good.iter().map(|f| f.spread).collect()) else {
        return Err(FrontendError::failed(
            format!("{by}: what it guesses fits the points of none of {total} photos"),
            "check `meaning` and the normalisation in its sidecar, or use `--frontend colmap`",
        ));
    };
    job.step(0, 0, "comparing photos")?;
    let agreed = agree(&all, &Agreement::default());
    let kept: usize = agreed.iter().map(|a| a.depth.iter().filter(|z| **z > 0.0).count()).sum();
    let pixels: usize = all.iter().map(|a| a.depth.len()).sum();
    notes.push(format!(
        "Depth of {} of {total} photos was guessed by {by} and brought to the size of the points ({:.1} % off in the \
         median); {:.0} % of the pixels agree with other photos.",
        good.len(),
        100.0 * spread,
        100.0 * kept as f64 / pixels.max(1) as f64
    ));
    if kept == 0 {
        return Err(FrontendError::failed(
            format!("{by}: no photo's guessed depth agrees with another's"),
            "take more photos that overlap, or use `--frontend colmap`",
        ));
    }
    let metres = if metric { unit(&by, &good, notes) } else { None };
    let maps = fits.iter().zip(agreed).map(|(f, a)| f.map(|_| (a.depth, a.confidence))).collect();
    Ok(Made { maps, metres })
}

/// Metres in a unit of the points, if photos agree on it.
fn unit(by: &str, fits: &[&Fit], notes: &mut Vec<String>) -> Option<(f64, Scale)> {
    let all: Vec<f64> = fits.iter().map(|f| 1.0 / f.scale).collect();
    let m = median(all.clone())?;
    let off = median(all.iter().map(|a| (a / m - 1.0).abs()).collect())?;
    if off > UNIT {
        notes.push(format!(
            "{by} gives metres, but photos differ on them by {:.0} %: the scale stays relative.",
            100.0 * off
        ));
        return None;
    }
    let source = format!(
        "metres are guessed by the depth model {by}; {} photos differ by {:.1} % in the median",
        fits.len(),
        100.0 * off
    );
    Some((m, Scale::metric(&source)))
}
