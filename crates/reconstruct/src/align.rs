//! Similarities between point sets and trajectory errors.

use std::fmt;

use nalgebra::Matrix3;
use reasmory_geom::{Point3, Pose, Vec3, math};

/// `p ↦ scale · rotation · p + translation`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// Scale, positive.
    pub scale: f64,
    /// Rotation.
    pub rotation: Matrix3<f64>,
    /// Translation, in units of the target.
    pub translation: Vec3,
}

impl Similarity {
    /// The similarity that changes nothing.
    pub fn identity() -> Similarity {
        Similarity { scale: 1.0, rotation: Matrix3::identity(), translation: Vec3::zeros() }
    }

    /// A point, moved.
    pub fn point(&self, p: Point3) -> Point3 {
        Point3::from(self.rotation * p.coords * self.scale + self.translation)
    }

    /// A camera pose, moved.
    pub fn pose(&self, p: &Pose) -> Pose {
        Pose { rotation: self.rotation * p.rotation, center: self.point(p.center) }
    }

    /// The similarity back.
    #[must_use]
    pub fn inverse(&self) -> Similarity {
        let rotation = self.rotation.transpose();
        let scale = 1.0 / self.scale;
        Similarity { scale, rotation, translation: -(rotation * self.translation) * scale }
    }
}

/// Why two point sets cannot be aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlignError {
    /// The sets have different sizes.
    Lengths(usize, usize),
    /// Fewer than three points.
    TooFew(usize),
    /// All points on one line or in one place, or numbers that are not finite.
    Degenerate,
}

impl fmt::Display for AlignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AlignError::Lengths(a, b) => write!(f, "{a} positions against {b}"),
            AlignError::TooFew(n) => write!(f, "{n} positions; an alignment needs three"),
            AlignError::Degenerate => {
                f.write_str("the positions lie on one line, so that no rotation is determined")
            }
        }
    }
}

impl std::error::Error for AlignError {}

/// The similarity that takes `from` to `to` with the least sum of squared distances (Umeyama 1991); of
/// scale 1 unless `with_scale`.
pub fn umeyama(from: &[Point3], to: &[Point3], with_scale: bool) -> Result<Similarity, AlignError> {
    if from.len() != to.len() {
        return Err(AlignError::Lengths(from.len(), to.len()));
    }
    if from.len() < 3 {
        return Err(AlignError::TooFew(from.len()));
    }
    let n = from.len() as f64;
    let mean = |p: &[Point3]| p.iter().fold(Vec3::zeros(), |s, q| s + q.coords) / n;
    let (ma, mb) = (mean(from), mean(to));
    let (mut covariance, mut spread) = (Matrix3::zeros(), 0.0);
    for (a, b) in from.iter().zip(to) {
        let (da, db) = (a.coords - ma, b.coords - mb);
        covariance += db * da.transpose() / n;
        spread += da.norm_squared() / n;
    }
    if !(spread.is_finite() && covariance.iter().all(|x| x.is_finite()) && spread > 0.0) {
        return Err(AlignError::Degenerate);
    }
    let svd = covariance.svd(true, true);
    let (Some(u), Some(vt)) = (svd.u, svd.v_t) else { return Err(AlignError::Degenerate) };
    let d = svd.singular_values;
    let mut order = [0usize, 1, 2];
    order.sort_unstable_by(|a, b| d[*b].total_cmp(&d[*a]));
    if d[order[1]] <= 1e-9 * d[order[0]] || d[order[0]] <= 0.0 {
        return Err(AlignError::Degenerate);
    }
    // A reflection would fit better: the direction of least spread is turned instead.
    let mut sign = Vec3::new(1.0, 1.0, 1.0);
    if u.determinant() * vt.determinant() < 0.0 {
        sign[order[2]] = -1.0;
    }
    let rotation = u * Matrix3::from_diagonal(&sign) * vt;
    let scale = if with_scale { d.dot(&sign) / spread } else { 1.0 };
    if !(scale > 0.0 && scale.is_finite()) {
        return Err(AlignError::Degenerate);
    }
    Ok(Similarity { scale, rotation, translation: mb - rotation * ma * scale })
}

/// How far an estimated trajectory is from the true one after alignment (Sturm et al. 2012), in units of
/// the truth.
#[derive(Clone, Debug, PartialEq)]
pub struct TrajectoryError {
    /// What took the estimate to the truth.
    pub alignment: Similarity,
    /// Distance between camera centres, by pose.
    pub distances: Vec<f64>,
    /// Angle between orientations after alignment, degrees, by pose.
    pub angles: Vec<f64>,
    /// Mean distance of the true centres from their mean: what the distances compare to.
    pub spread: f64,
}

impl TrajectoryError {
    /// Root mean square of the distances, the usual ATE.
    pub fn rmse(&self) -> f64 {
        (self.distances.iter().map(|d| d * d).sum::<f64>() / self.distances.len() as f64).sqrt()
    }

    /// Median distance.
    pub fn median(&self) -> f64 {
        median(&self.distances)
    }

    /// Largest distance.
    pub fn max(&self) -> f64 {
        self.distances.iter().copied().fold(0.0, f64::max)
    }

    /// Median angle, degrees.
    pub fn median_angle(&self) -> f64 {
        median(&self.angles)
    }
}

pub(crate) fn median(values: &[f64]) -> f64 {
    let mut v = values.to_vec();
    v.sort_unstable_by(f64::total_cmp);
    v.get(v.len() / 2).copied().unwrap_or(0.0)
}

/// Angle of the rotation between two orientations, degrees.
pub fn turn_between(a: &Matrix3<f64>, b: &Matrix3<f64>) -> f64 {
    let r = a.transpose() * b;
    let axis = Vec3::new(r[(2, 1)] - r[(1, 2)], r[(0, 2)] - r[(2, 0)], r[(1, 0)] - r[(0, 1)]);
    math::atan2_deg(axis.norm(), r.trace() - 1.0)
}

/// Aligns `estimate` with `truth` by the camera centres and tells what is left; with the scale free for
/// reconstructions from photos, fixed for those that measure depth.
pub fn trajectory_error(
    estimate: &[Pose],
    truth: &[Pose],
    with_scale: bool,
) -> Result<TrajectoryError, AlignError> {
    let centres = |p: &[Pose]| -> Vec<Point3> { p.iter().map(|q| q.center).collect() };
    let alignment = umeyama(&centres(estimate), &centres(truth), with_scale)?;
    let moved: Vec<Pose> = estimate.iter().map(|p| alignment.pose(p)).collect();
    let pairs = || moved.iter().zip(truth);
    let mean = truth.iter().fold(Vec3::zeros(), |s, p| s + p.center.coords) / truth.len() as f64;
    Ok(TrajectoryError {
        alignment,
        distances: pairs().map(|(a, b)| (a.center - b.center).norm()).collect(),
        angles: pairs().map(|(a, b)| turn_between(&a.rotation, &b.rotation)).collect(),
        spread: truth.iter().map(|p| (p.center.coords - mean).norm()).sum::<f64>()
            / truth.len() as f64,
    })
}

/// Drift from each pose to the next: errors of relative position (units of the truth) and of relative
/// orientation (degrees). Needs no alignment; scales must be the same.
pub fn relative_errors(estimate: &[Pose], truth: &[Pose]) -> Vec<(f64, f64)> {
    let step =
        |p: &[Pose]| (p[0].to_camera(p[1].center), p[0].rotation.transpose() * p[1].rotation);
    estimate
        .windows(2)
        .zip(truth.windows(2))
        .map(|(a, b)| {
            let ((pa, ra), (pb, rb)) = (step(a), step(b));
            ((pa - pb).norm(), turn_between(&ra, &rb))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use reasmory_geom::View;

    fn pose(x: f64, y: f64, z: f64, heading: f64) -> Pose {
        View { pitch: 10.0, roll: 5.0, ..View::level(Point3::new(x, y, z), heading) }.pose()
    }

    proptest! {
        /// A known similarity is found again, whatever the points.
        #[test]
        fn umeyama_finds_what_moved_the_points(
            points in proptest::collection::vec(proptest::array::uniform3(-5.0..5.0f64), 4..20),
            heading in -180.0..180.0f64,
            scale in 0.01..100.0f64,
            t in proptest::array::uniform3(-9.0..9.0f64),
        ) {
            let rotation = pose(0.0, 0.0, 0.0, heading).rotation;
            let truth = Similarity { scale, rotation, translation: t.into() };
            let a: Vec<Point3> = points.iter().map(|p| Point3::from(*p)).collect();
            let b: Vec<Point3> = a.iter().map(|p| truth.point(*p)).collect();
            if let Ok(found) = umeyama(&a, &b, true) {
                for (p, q) in a.iter().zip(&b) {
                    prop_assert!((found.point(*p) - q).norm() < 1e-6 * scale.max(1.0));
                    prop_assert!((found.inverse().point(*q) - p).norm() < 1e-6);
                }
                prop_assert!((found.rotation.determinant() - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn planar_points_get_a_rotation_not_a_reflection() {
        let a: Vec<Point3> = [[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [3.0, 1.0]]
            .map(|p| Point3::new(p[0], p[1], 0.0))
            .into();
        let truth = Similarity { scale: 2.0, ..Similarity::identity() };
        let b: Vec<Point3> = a.iter().map(|p| truth.point(*p)).collect();
        let found = umeyama(&a, &b, true).unwrap();
        assert!((found.rotation - Matrix3::identity()).norm() < 1e-9);
        assert!((found.scale - 2.0).abs() < 1e-9);
    }

    #[test]
    fn what_cannot_be_aligned_says_so() {
        let p = |x: f64| Point3::new(x, 0.0, 0.0);
        let line = [p(0.0), p(1.0), p(2.0)];
        assert_eq!(umeyama(&line, &line, true), Err(AlignError::Degenerate));
        assert_eq!(umeyama(&line[..2], &line[..2], true), Err(AlignError::TooFew(2)));
        assert_eq!(umeyama(&line, &line[..2], true), Err(AlignError::Lengths(3, 2)));
        let bad = [p(0.0), p(f64::NAN), Point3::new(0.0, 1.0, 0.0)];
        assert_eq!(umeyama(&bad, &line, true), Err(AlignError::Degenerate));
    }

    #[test]
    fn trajectory_errors_are_those_that_were_planted() {
        let truth: Vec<Pose> = (0..8)
            .map(|i| pose(f64::from(i), f64::from(i * i) * 0.1, 1.0, 12.0 * f64::from(i)))
            .collect();
        let s = Similarity {
            scale: 0.2,
            rotation: pose(0.0, 0.0, 0.0, 77.0).rotation,
            translation: Vec3::new(4.0, 5.0, 6.0),
        };
        let mut estimate: Vec<Pose> = truth.iter().map(|p| s.pose(p)).collect();
        let exact = trajectory_error(&estimate, &truth, true).unwrap();
        assert!(exact.rmse() < 1e-9 && exact.median_angle() < 1e-5 && exact.spread > 1.0);
        // Without scale, the trajectory of a fifth of the size misses by most of its extent.
        assert!(trajectory_error(&estimate, &truth, false).unwrap().rmse() > 1.0);
        estimate[3].center.z += 0.2 * 0.8;
        let off = trajectory_error(&estimate, &truth, true).unwrap();
        assert!(off.max() > 0.4 && off.max() < 0.9 && off.rmse() >= off.median());
        let drift = relative_errors(&truth, &truth);
        assert!(drift.len() == 7 && drift.iter().all(|d| d.0 < 1e-9 && d.1 < 1e-5));
    }
}
