//! Confidence intervals.

/// The 97.5 % quantile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// Samples of the bootstrap.
const SAMPLES: usize = 2000;

/// A 95 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// `wilson` or `bootstrap`.
    pub kind: &'static str,
}

/// Wilson's score interval of a share (Wilson 1927); of nothing, everything.
pub fn wilson(hits: usize, of: usize) -> Interval {
    if of == 0 {
        return Interval { low: 0.0, high: 1.0, kind: "wilson" };
    }
    let (n, p) = (of as f64, hits as f64 / of as f64);
    let z2 = Z * Z;
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    // At the ends the formula is exact and its arithmetic is not.
    let low = if hits == 0 { 0.0 } else { (middle - half).max(0.0) };
    let high = if hits == of { 1.0 } else { (middle + half).min(1.0) };
    Interval { low, high, kind: "wilson" }
}

/// SplitMix64, so that a report is the same everywhere.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((u128::from(z) * n as u128) >> 64) as usize
    }
}

fn resampled(scores: &[f64], rng: &mut Rng) -> f64 {
    (0..scores.len()).map(|_| scores[rng.below(scores.len())]).sum::<f64>() / scores.len() as f64
}

/// The percentile bootstrap (Efron 1979) of a figure formed from the means of groups, with 2000 samples of a
/// fixed seed. Groups are sampled each by itself; empty ones must be left out. `figure` gets their means.
pub fn bootstrap(groups: &[&[f64]], figure: impl Fn(&[f64]) -> f64) -> Interval {
    let mut rng = Rng(0x5eed);
    let mut all: Vec<f64> = (0..SAMPLES)
        .map(|_| figure(&groups.iter().map(|g| resampled(g, &mut rng)).collect::<Vec<_>>()))
        .collect();
    all.sort_by(f64::total_cmp);
    // The nearest ranks of 2.5 % and 97.5 %.
    let at = |share: f64| all[((share * SAMPLES as f64).ceil() as usize).clamp(1, SAMPLES) - 1];
    Interval { low: at(0.025), high: at(0.975), kind: "bootstrap" }
}

/// Of a mean of scores: Wilson's where each is right or wrong, the bootstrap's otherwise.
pub(crate) fn of_mean(scores: &[f64]) -> Interval {
    if scores.iter().all(|s| *s == 0.0 || *s == 1.0) {
        return wilson(scores.iter().filter(|s| **s == 1.0).count(), scores.len());
    }
    bootstrap(&[scores], |means| means[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_as_published() {
        // Newcombe 1998, table I: 81 of 263, and 15 of 148.
        for (hits, of, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)]
        {
            let i = wilson(hits, of);
            assert!((i.low - low).abs() < 1e-4 && (i.high - high).abs() < 1e-4, "{i:?}");
        }
        assert_eq!(wilson(7, 7).high, 1.0);
        assert_eq!((wilson(0, 0).low, wilson(0, 0).high), (0.0, 1.0));
    }

    #[test]
    fn bootstraps_hold_the_mean_and_repeat() {
        let scores: Vec<f64> = (0..100).map(|i| f64::from(i % 11) / 10.0).collect();
        let i = of_mean(&scores);
        let mean = scores.iter().sum::<f64>() / 100.0;
        assert!(i.low < mean && mean < i.high && i.high - i.low < 0.15, "{i:?}");
        assert_eq!(i, of_mean(&scores));
        // Against the normal approximation of the same mean.
        let var = scores.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / 100.0;
        let half = Z * (var / 100.0).sqrt();
        assert!((i.low - (mean - half)).abs() < 0.01 && (i.high - (mean + half)).abs() < 0.01);
        let same = of_mean(&[0.4; 5]);
        assert_eq!((same.low, same.high, same.kind), (0.4, 0.4, "bootstrap"));
    }
}
