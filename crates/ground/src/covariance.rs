//! How far a thing's position may be off.

use nalgebra::Matrix3;
use reasmory_geom::{Point3, Vec3};

use crate::prepare::Ready;

/// Covariance of a thing's centre from the views that have a mask of it, in square working units.
///
/// Each view sees the centre with an error along its ray of the relative spread of depth, and across it of
/// a pixel; views are independent, so their information adds. What no view sees is not in it.
pub(crate) fn of_centre<'a>(
    views: impl Iterator<Item = &'a Ready>,
    centre: Point3,
    spread: f64,
) -> Matrix3<f64> {
    let mut information = Matrix3::<f64>::zeros();
    let mut farthest = 0.0f64;
    for v in views {
        let ray = centre - v.pose.center;
        let z = ray.norm().max(1e-6);
        farthest = farthest.max(z);
        let ray = ray / z;
        let along = z * spread.max(1e-4);
        let across = z * (1.0 / v.lens.fx.min(v.lens.fy)).max(1e-6);
        let line = ray * ray.transpose();
        information += line / (along * along) + (Matrix3::identity() - line) / (across * across);
    }
    let whole = information.try_inverse();
    whole.map_or_else(
        || Matrix3::from_diagonal(&Vec3::repeat(farthest * farthest)),
        |c| (c + c.transpose()) * 0.5,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::facing;

    #[test]
    fn views_from_two_sides_know_more_than_from_one() {
        let (a, b) = (facing([2.0, 0.0, 0.0]), facing([0.0, 2.0, 0.0]));
        let one = of_centre([&a].into_iter(), Point3::origin(), 0.1);
        // Along the ray of the only view the depth decides.
        assert!((one[(0, 0)].sqrt() - 0.2).abs() < 1e-9 && one[(1, 1)] < one[(0, 0)]);
        let two = of_centre([&a, &b].into_iter(), Point3::origin(), 0.1);
        assert!(two[(0, 0)] < one[(0, 0)] && two.cholesky().is_some());
    }
}
