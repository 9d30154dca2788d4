//! The published metrics.

/// The score of an item.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// The benchmark's metric, in [0, 1].
    pub value: f64,
    /// SQA3D's refined exact match, where the answer is a text.
    pub refined: Option<f64>,
}

/// Mean relative accuracy: the share of the thresholds θ = 0.50, 0.55 … 0.95 with
/// |predicted − truth| / truth ≤ 1 − θ.
///
/// The arithmetic is that of `mean_relative_accuracy` in `lmms_eval/tasks/vsibench/utils.py` of
/// vision-x-nyu/thinking-in-space (commit e6a72f3): `numpy.linspace(.5, .95, 10)` and `<=`, without a
/// tolerance, so that 1.05 of 1 scores 1. Its division fails on a truth of zero; here only zero is right then.
pub fn mean_relative_accuracy(predicted: f64, truth: f64) -> f64 {
    const START: f64 = 0.5;
    const END: f64 = 0.95;
    if truth == 0.0 {
        return f64::from(predicted == 0.0);
    }
    let error = (predicted - truth).abs() / truth.abs();
    let step = (END - START) / 9.0;
    let held = (0..10).filter(|i| {
        let threshold = if *i == 9 { END } else { f64::from(*i) * step + START };
        error <= 1.0 - threshold
    });
    held.count() as f64 / 10.0
}

/// `fuzzy_matching` of the same file: the text up to the first blank, without full stops at its end.
pub fn leading_word(reply: &str) -> &str {
    reply.split(' ').next().unwrap_or("").trim_end_matches('.').trim()
}

/// Python's `float` of a text.
pub(crate) fn float(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = !text.contains("__") && !text.starts_with('_') && !text.ends_with('_');
    text.replace('_', "").parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn thresholds_hold_at_their_ends() {
        for (predicted, truth, want) in [
            (1.0, 1.0, 1.0),
            (1.04, 1.0, 1.0),
            // 0.05000000000000004 ≤ 1 − 0.95, which is 0.050000000000000044.
            (1.05, 1.0, 1.0),
            (1.06, 1.0, 0.9),
            (1.5, 1.0, 0.1),
            (1.51, 1.0, 0.0),
            (0.5, 1.0, 0.1),
            (3.0, 4.0, 0.6),
            (5.0, 4.0, 0.6),
            // 0.2 is more than 1 − 0.8, which is 0.19999999999999996.
            (4.0, 5.0, 0.6),
            (0.0, 0.0, 1.0),
            (0.1, 0.0, 0.0),
            (f64::NAN, 1.0, 0.0),
            (f64::INFINITY, 1.0, 0.0),
        ] {
            assert_eq!(mean_relative_accuracy(predicted, truth), want, "{predicted} of {truth}");
        }
    }

    #[test]
    fn words_and_floats() {
        assert_eq!(leading_word("B. left"), "B");
        assert_eq!(leading_word("2.5."), "2.5");
        assert_eq!(leading_word("C\nbecause"), "C\nbecause");
        assert_eq!(leading_word(""), "");
        assert_eq!(float(" 2e1 "), Some(20.0));
        assert_eq!(float("1_000"), Some(1000.0));
        assert_eq!(float("two"), None);
        assert_eq!(float("_1"), None);
    }

    proptest! {
        #[test]
        fn a_smaller_error_scores_no_less(truth in 0.01..100.0f64, a in 0.0..0.6f64, b in 0.0..0.6f64) {
            let (near, far) = (a.min(b), a.max(b));
            let score = |e: f64| mean_relative_accuracy(truth * (1.0 + e), truth);
            prop_assert!(score(near) >= score(far));
        }
    }
}
