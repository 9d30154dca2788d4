//! Which frames of a video are used: pure, from what was measured of each.

/// Columns and rows of a thumbnail.
pub const THUMB: (usize, usize) = (16, 12);
/// Mean change of a thumbnail's grey values that may be a cut …
const CUT: f64 = 24.0;
/// … if it is this many times the usual change around it.
const UNUSUAL: f64 = 4.0;
/// Frames on each side that say what is usual.
const AROUND: usize = 12;
/// How much less the rim of a slot is worth than its middle.
const RIM: f64 = 0.3;

/// What was measured of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Seconds.
    pub time: f64,
    /// Variance of the Laplacian of its grey picture: low where it is blurred or has no texture.
    pub sharpness: f64,
    /// Grey thumbnail of [`THUMB`].
    pub thumb: Vec<u8>,
}

/// How many frames are wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Most frames a second.
    pub fps: f64,
    /// Most frames.
    pub count: usize,
    /// A frame less sharp than this part of what is usual around it is blurred.
    pub blur: f64,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { fps: 2.0, count: 150, blur: 0.4 }
    }
}

/// The choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Numbers of the frames used, rising.
    pub frames: Vec<usize>,
    /// Frames that begin another shot.
    pub cuts: Vec<usize>,
    /// Places for which only blurred frames were there, so that none was taken.
    pub blurred: usize,
}

fn median(mut v: Vec<f64>) -> f64 {
    v.sort_unstable_by(f64::total_cmp);
    v.get(v.len() / 2).copied().unwrap_or(0.0)
}

fn change(a: &Measured, b: &Measured) -> f64 {
    let sum: u64 = a.thumb.iter().zip(&b.thumb).map(|(x, y)| u64::from(x.abs_diff(*y))).sum();
    sum as f64 / a.thumb.len().max(1) as f64
}

/// Frames that begin another shot: the picture changes much, and much more than around.
pub fn cuts(frames: &[Measured]) -> Vec<usize> {
    let changes: Vec<f64> = frames.windows(2).map(|w| change(&w[0], &w[1])).collect();
    (0..changes.len())
        .filter(|&i| {
            let near = i.saturating_sub(AROUND)..(i + AROUND + 1).min(changes.len());
            let usual = median(near.filter(|j| *j != i).map(|j| changes[j]).collect());
            changes[i] > CUT && changes[i] > UNUSUAL * usual
        })
        .map(|i| i + 1)
        .collect()
}

/// Chooses frames evenly in time within the budget: at each place the sharpest frame near it of the same shot.
/// The first and the last frame are always used; a place whose frames are all blurred stays empty.
pub fn choose(frames: &[Measured], budget: &Budget) -> Chosen {
    let cuts = cuts(frames);
    let (Some(first), Some(last)) = (frames.first(), frames.last()) else {
        return Chosen::default();
    };
    let duration = (last.time - first.time).max(0.0);
    let by_rate = (duration * budget.fps.max(0.0)).floor() as usize + 1;
    let places = by_rate.min(budget.count).max(2).min(frames.len());
    let shot = |i: usize| cuts.partition_point(|c| *c <= i);
    let mut out = Chosen { frames: vec![0], cuts: cuts.clone(), blurred: 0 };
    let spacing = duration / (places.max(2) - 1) as f64;
    for place in 1..places.saturating_sub(1) {
        let at = first.time + spacing * place as f64;
        let within = |half: f64| {
            let from = frames.partition_point(|f| f.time < at - half);
            from..frames.partition_point(|f| f.time < at + half)
        };
        let near = within(0.5 * spacing);
        let middle = near
            .clone()
            .min_by(|a, b| (frames[*a].time - at).abs().total_cmp(&(frames[*b].time - at).abs()));
        let Some(middle) = middle else { continue };
        let worth = |i: usize| {
            let off = (frames[i].time - at).abs() / (0.5 * spacing).max(1e-9);
            frames[i].sharpness * (1.0 - RIM * off)
        };
        let best = near
            .filter(|i| shot(*i) == shot(middle))
            .max_by(|a, b| worth(*a).total_cmp(&worth(*b)).then(b.cmp(a)));
        let Some(best) = best else { continue };
        let usual = median(within(1.5 * spacing).map(|i| frames[i].sharpness).collect());
        if frames[best].sharpness < budget.blur * usual {
            out.blurred += 1;
        } else if out.frames.last().is_some_and(|l| *l < best) && best + 1 < frames.len() {
            out.frames.push(best);
        }
    }
    if frames.len() > 1 {
        out.frames.push(frames.len() - 1);
    }
    out
}

/// Places, among `used` frames, of `count` previews: evenly spread, the first and the last kept. What a model
/// sees is then always a frame that was reconstructed.
pub fn previews(used: usize, count: usize) -> Vec<usize> {
    match (used, count.min(used)) {
        (0, _) | (_, 0) => Vec::new(),
        (_, 1) => vec![0],
        (used, n) => (0..n).map(|k| (k * (used - 1) + (n - 1) / 2) / (n - 1)).collect(),
    }
}

/// Place, among frames of these times (rising), of the one nearest to a time; `None` where there is none.
pub fn nearest(times: &[f64], time: f64) -> Option<usize> {
    let after = times.partition_point(|t| *t < time);
    let near =
        [after.checked_sub(1), Some(after)].into_iter().flatten().filter(|i| *i < times.len());
    near.min_by(|a, b| (times[*a] - time).abs().total_cmp(&(times[*b] - time).abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(i: usize, sharpness: f64, grey: u8) -> Measured {
        Measured { time: i as f64 / 30.0, sharpness, thumb: vec![grey; THUMB.0 * THUMB.1] }
    }

    fn steady(n: usize) -> Vec<Measured> {
        (0..n).map(|i| frame(i, 100.0, 100)).collect()
    }

    #[test]
    fn budgets_hold_and_ends_are_kept() {
        // 10 s at 30 frames a second, 2 wanted a second.
        let c = choose(&steady(301), &Budget::default());
        assert_eq!((c.frames.len(), c.frames[0], c.frames[20]), (21, 0, 300));
        assert!(c.frames.windows(2).all(|w| (13..=17).contains(&(w[1] - w[0]))), "{c:?}");
        let few = choose(&steady(301), &Budget { count: 5, ..Budget::default() });
        assert_eq!(few.frames, [0, 75, 150, 225, 300]);
        assert_eq!(choose(&steady(1), &Budget::default()).frames, [0]);
        assert_eq!(choose(&[], &Budget::default()).frames, Vec::<usize>::new());
        // A rate of less than one in the whole video still has both ends.
        assert_eq!(choose(&steady(10), &Budget::default()).frames, [0, 9]);
    }

    #[test]
    fn blurred_frames_are_passed_over() {
        let mut frames = steady(301);
        for (i, f) in frames.iter_mut().enumerate() {
            // Sharp only every fourth frame.
            f.sharpness = if i % 4 == 1 { 100.0 } else { 30.0 };
        }
        let c = choose(&frames, &Budget::default());
        assert!(c.frames[1..c.frames.len() - 1].iter().all(|i| i % 4 == 1), "{c:?}");
        // A second of nothing but blur leaves its places empty.
        for f in &mut frames[100..116] {
            f.sharpness = 1.0;
        }
        let c = choose(&frames, &Budget { blur: 0.2, ..Budget::default() });
        assert!(c.frames.iter().all(|i| !(100..116).contains(i)) && c.blurred <= 2, "{c:?}");
    }

    #[test]
    fn shots_are_told_from_motion() {
        let mut frames: Vec<Measured> = (0..60).map(|i| frame(i, 100.0, 100)).collect();
        for f in &mut frames[31..] {
            f.thumb.fill(180);
        }
        assert_eq!(cuts(&frames), [31]);
        // Fast but even motion is none.
        let grey = |i: usize| (i as i64 * 30 % 480 - 240).unsigned_abs() as u8;
        let pan: Vec<Measured> = (0..60).map(|i| frame(i, 100.0, grey(i))).collect();
        assert!(cuts(&pan).is_empty(), "{:?}", cuts(&pan));
        let c = choose(&frames, &Budget { fps: 10.0, ..Budget::default() });
        assert_eq!(c.cuts, [31]);
    }

    #[test]
    fn previews_are_frames_that_were_used() {
        assert_eq!(previews(9, 3), [0, 4, 8]);
        assert_eq!(previews(3, 8), [0, 1, 2]);
        assert_eq!((previews(0, 4), previews(5, 0), previews(5, 1)), (vec![], vec![], vec![0]));
        let times = [0.0, 1.0, 3.0];
        assert_eq!(nearest(&times, 1.9), Some(1));
        assert_eq!(
            (nearest(&times, -5.0), nearest(&times, 99.0), nearest(&[], 0.0)),
            (Some(0), Some(2), None)
        );
    }

    proptest! {
        #[test]
        fn whatever_the_video_frames_rise_within_the_budget(
            sharp in proptest::collection::vec(0.0..500.0f64, 1..200),
            fps in 0.1..40.0f64,
            count in 2..60usize,
            used in 1..80usize,
            wanted in 0..90usize,
        ) {
            let frames: Vec<Measured> =
                sharp.iter().enumerate().map(|(i, s)| frame(i, *s, (s / 2.0) as u8)).collect();
            let c = choose(&frames, &Budget { fps, count, blur: 0.4 });
            prop_assert!(c.frames.windows(2).all(|w| w[0] < w[1]));
            prop_assert!(c.frames.len() <= count.max(2));
            prop_assert_eq!(c.frames[0], 0);
            prop_assert_eq!(*c.frames.last().unwrap(), frames.len() - 1);
            let p = previews(used, wanted);
            prop_assert_eq!(p.len(), wanted.min(used));
            prop_assert!(p.windows(2).all(|w| w[0] < w[1]) && p.iter().all(|i| *i < used));
            if p.len() > 1 {
                prop_assert_eq!((p[0], p[p.len() - 1]), (0, used - 1));
            }
        }
    }
}
