//! Rays of several cameras to one point.

use nalgebra::Matrix3;
use reasmory_geom::{Pinhole, Point3, Pose, Vec3};

/// A camera: its lens and where it is.
pub(crate) type Camera<'a> = (&'a Pinhole, &'a Pose);

/// World direction of a pixel, unit.
pub(crate) fn ray(c: Camera<'_>, pixel: [f64; 2]) -> Vec3 {
    (c.1.rotation * c.0.ray(pixel[0], pixel[1])).normalize()
}

/// The point nearest to all rays in the least-squares sense; `None` where they are nearly parallel.
pub(crate) fn nearest(rays: &[(Point3, Vec3)]) -> Option<Point3> {
    let (mut a, mut b) = (Matrix3::zeros(), Vec3::zeros());
    for (c, d) in rays {
        let off = Matrix3::identity() - d * d.transpose();
        a += off;
        b += off * c.coords;
    }
    let n = rays.len() as f64;
    // The smallest eigenvalue of the mean projector is about the variance of the angle between the rays.
    let least = (a / n).symmetric_eigenvalues().min();
    if least.is_nan() || least <= 1e-6 {
        return None;
    }
    Some(Point3::from(a.try_inverse()? * b))
}

/// Distance in pixels of the match `(a, b)` from the epipolar geometry of two cameras: Sampson's first-order
/// distance to the nearest exact match (Hartley and Zisserman 2004, 11.4.3). Infinite where the cameras
/// are in one place.
pub(crate) fn sampson(ca: Camera<'_>, cb: Camera<'_>, a: [f64; 2], b: [f64; 2]) -> f64 {
    let relative = cb.1.rotation.transpose() * ca.1.rotation;
    let t = cb.1.to_camera(ca.1.center);
    let essential = t.cross_matrix() * relative;
    let inverse = |k: &Pinhole| {
        let (x, y) = (1.0 / k.fx, 1.0 / k.fy);
        Matrix3::new(x, 0.0, -k.cx * x, 0.0, y, -k.cy * y, 0.0, 0.0, 1.0)
    };
    let f = inverse(cb.0).transpose() * essential * inverse(ca.0);
    let (pa, pb) = (Vec3::new(a[0], a[1], 1.0), Vec3::new(b[0], b[1], 1.0));
    let (la, lb) = (f * pa, f.transpose() * pb);
    let scale = la.x * la.x + la.y * la.y + lb.x * lb.x + lb.y * lb.y;
    if scale.is_nan() || scale <= 0.0 {
        return f64::INFINITY;
    }
    (pb.dot(&la)).abs() / scale.sqrt()
}

/// Whether a match lies before both cameras, as far as its parallax tells.
pub(crate) fn in_front(ca: Camera<'_>, cb: Camera<'_>, a: [f64; 2], b: [f64; 2]) -> bool {
    let rays = [(ca.1.center, ray(ca, a)), (cb.1.center, ray(cb, b))];
    match nearest(&rays) {
        Some(p) => ca.1.to_camera(p).z > 0.0 && cb.1.to_camera(p).z > 0.0,
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_geom::View;

    #[test]
    fn exact_matches_are_on_their_epipolar_lines() {
        let lens = Pinhole::from_fov(640, 480, 70.0);
        let a = View::level(Point3::new(0.0, 0.0, 1.5), 0.0).pose();
        let b = View::level(Point3::new(0.3, -1.0, 1.4), 20.0).pose();
        let p = Point3::new(4.0, 0.3, 1.0);
        let at = |q: &Pose| lens.project(q.to_camera(p)).map(|(u, v)| [u, v]).unwrap();
        let (ua, mut ub) = (at(&a), at(&b));
        let (ca, cb) = ((&lens, &a), (&lens, &b));
        assert!(sampson(ca, cb, ua, ub) < 1e-6);
        assert!(in_front(ca, cb, ua, ub));
        let found = nearest(&[(a.center, ray(ca, ua)), (b.center, ray(cb, ub))]).unwrap();
        assert!((found - p).norm() < 1e-9);
        ub[1] += 8.0;
        let off = sampson(ca, cb, ua, ub);
        assert!(off > 4.0 && off < 8.0, "{off}");
        assert_eq!(sampson(ca, ca, ua, ua), f64::INFINITY);
        assert_eq!(nearest(&[(a.center, ray(ca, ua)), (a.center, ray(ca, ua))]), None);
    }
}
