//! Choosing a direction symbol by angle: one rule for two, three, four and eight sectors.

use crate::math::wrap_deg;

/// Which of the candidates was chosen, and how clearly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SectorChoice {
    /// Index of the nearest centre.
    pub best: usize,
    /// Index of the second nearest, if there is more than one candidate.
    pub second: Option<usize>,
    /// Degrees the target may move before the choice changes.
    pub margin: f64,
}

/// The candidate whose centre (degrees, positive to the right) is nearest in angle to `bearing`; ties go
/// to the earlier one. `None` without candidates.
pub fn choose_sector(bearing: f64, centers: &[f64]) -> Option<SectorChoice> {
    let mut order: Vec<(f64, usize)> =
        centers.iter().enumerate().map(|(i, c)| (wrap_deg(bearing - c).abs(), i)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let &(d0, best) = order.first()?;
    let second = order.get(1);
    Some(SectorChoice {
        best,
        second: second.map(|s| s.1),
        margin: second.map_or(180.0, |s| 0.5 * (s.0 - d0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// VSI-Bench: easy, medium (back at 135° and beyond) and quadrants are one rule.
    #[test]
    fn one_rule_for_every_difficulty() {
        let lr = [-90.0, 90.0];
        let lrb = [-90.0, 90.0, 180.0];
        assert_eq!(choose_sector(-10.0, &lr).unwrap().best, 0);
        assert_eq!(choose_sector(170.0, &lr).unwrap().best, 1);
        assert_eq!(choose_sector(134.9, &lrb).unwrap().best, 1);
        assert_eq!(choose_sector(135.1, &lrb).unwrap().best, 2);
        assert_eq!(choose_sector(-140.0, &lrb).unwrap().best, 2);
        assert_eq!(choose_sector(3.0, &[]), None);
    }
}
