//! Pinhole cameras: poses (camera to world, OpenCV axes) and intrinsics.

use nalgebra::{Matrix3, Matrix4};
use serde::{Deserialize, Serialize};

use crate::math::tan_deg;
use crate::{Point3, Vec3};

/// A camera-to-world pose. Columns of the rotation are the camera's right, down and forward axes.
///
/// In JSON: the 4×4 camera-to-world matrix as four rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[[f64; 4]; 4]", into = "[[f64; 4]; 4]")]
pub struct Pose {
    /// Rotation, camera to world.
    pub rotation: Matrix3<f64>,
    /// Camera centre, world.
    pub center: Point3,
}

impl TryFrom<[[f64; 4]; 4]> for Pose {
    type Error = &'static str;

    fn try_from(rows: [[f64; 4]; 4]) -> Result<Pose, &'static str> {
        Pose::from_matrix(&Matrix4::from_fn(|r, c| rows[r][c]))
            .ok_or("a pose needs finite numbers and a rotation")
    }
}

impl From<Pose> for [[f64; 4]; 4] {
    fn from(p: Pose) -> [[f64; 4]; 4] {
        let m = p.matrix();
        std::array::from_fn(|r| std::array::from_fn(|c| m[(r, c)]))
    }
}

impl Pose {
    /// The pose with these axes (unit, orthogonal) and centre.
    pub fn from_axes(right: Vec3, down: Vec3, forward: Vec3, center: Point3) -> Pose {
        Pose { rotation: Matrix3::from_columns(&[right, down, forward]), center }
    }

    /// The pose of a 4×4 camera-to-world matrix; `None` unless its upper left is a rotation to 1e-3 and
    /// everything is finite. The rotation is re-orthonormalised.
    pub fn from_matrix(m: &Matrix4<f64>) -> Option<Pose> {
        let r: Matrix3<f64> = m.fixed_view::<3, 3>(0, 0).into_owned();
        let c = Point3::new(m[(0, 3)], m[(1, 3)], m[(2, 3)]);
        if !m.iter().all(|x| x.is_finite()) {
            return None;
        }
        if (r.transpose() * r - Matrix3::identity()).norm() > 1e-3 || r.determinant() <= 0.0 {
            return None;
        }
        let forward = r.column(2).normalize();
        let right = (r.column(0) - forward * r.column(0).dot(&forward)).normalize();
        Some(Pose::from_axes(right, forward.cross(&right), forward, c))
    }

    /// The 4×4 camera-to-world matrix.
    pub fn matrix(&self) -> Matrix4<f64> {
        let mut m = self.rotation.to_homogeneous();
        m[(0, 3)] = self.center.x;
        m[(1, 3)] = self.center.y;
        m[(2, 3)] = self.center.z;
        m
    }

    /// Camera centre.
    pub fn center(&self) -> Point3 {
        self.center
    }

    /// Camera x axis in the world.
    pub fn right(&self) -> Vec3 {
        self.rotation.column(0).into_owned()
    }

    /// Camera y axis in the world.
    pub fn down(&self) -> Vec3 {
        self.rotation.column(1).into_owned()
    }

    /// Camera z axis in the world.
    pub fn forward(&self) -> Vec3 {
        self.rotation.column(2).into_owned()
    }

    /// A world point in camera axes.
    pub fn to_camera(&self, p: Point3) -> Vec3 {
        self.rotation.transpose() * (p - self.center)
    }

    /// A camera point in the world.
    pub fn to_world(&self, p: Vec3) -> Point3 {
        self.center + self.rotation * p
    }
}

/// Pinhole intrinsics in pixels at a stated size; the centre of the top-left pixel is (0.5, 0.5).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pinhole {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Horizontal focal length, pixels.
    pub fx: f64,
    /// Vertical focal length, pixels.
    pub fy: f64,
    /// Principal point x, pixels.
    pub cx: f64,
    /// Principal point y, pixels.
    pub cy: f64,
}

impl Pinhole {
    /// A centred pinhole with square pixels and this horizontal field of view in degrees.
    pub fn from_fov(width: u32, height: u32, fov: f64) -> Pinhole {
        let (w, h) = (f64::from(width), f64::from(height));
        let f = 0.5 * w / tan_deg(0.5 * fov.clamp(1.0, 170.0));
        Pinhole { width, height, fx: f, fy: f, cx: 0.5 * w, cy: 0.5 * h }
    }

    /// Horizontal field of view in degrees.
    pub fn fov(&self) -> f64 {
        use crate::math::atan2_deg;
        atan2_deg(self.cx, self.fx) + atan2_deg(f64::from(self.width) - self.cx, self.fx)
    }

    /// The same lens for another picture size: scaled so that all of the original picture is inside, and
    /// centred, the rest showing more of the surroundings.
    #[must_use]
    pub fn fitted(&self, width: u32, height: u32) -> Pinhole {
        let (w, h) = (f64::from(width), f64::from(height));
        let (sw, sh) = (f64::from(self.width), f64::from(self.height));
        let s = (w / sw).min(h / sh);
        Pinhole {
            width,
            height,
            fx: self.fx * s,
            fy: self.fy * s,
            cx: self.cx * s + 0.5 * (w - sw * s),
            cy: self.cy * s + 0.5 * (h - sh * s),
        }
    }

    /// Pixel coordinates of a point in camera axes; `None` at or behind the camera plane.
    pub fn project(&self, p: Vec3) -> Option<(f64, f64)> {
        (p.z > 1e-9).then(|| (self.fx * p.x / p.z + self.cx, self.fy * p.y / p.z + self.cy))
    }

    /// The camera-frame direction (z = 1) through pixel coordinates.
    pub fn ray(&self, u: f64, v: f64) -> Vec3 {
        Vec3::new((u - self.cx) / self.fx, (v - self.cy) / self.fy, 1.0)
    }

    /// Whether the convex hull of points surely lies outside the picture taken from a pose: all of them are
    /// behind the camera, or all beyond one edge of the picture. False where it cannot be told so simply.
    pub fn misses(&self, pose: &Pose, points: &[Point3]) -> bool {
        let (w, h) = (f64::from(self.width), f64::from(self.height));
        let mut out = [true; 5];
        for p in points {
            let c = pose.to_camera(*p);
            let (u, v) = (self.fx * c.x + self.cx * c.z, self.fy * c.y + self.cy * c.z);
            out[0] &= c.z <= 0.0;
            out[1] &= u < 0.0;
            out[2] &= u > w * c.z;
            out[3] &= v < 0.0;
            out[4] &= v > h * c.z;
        }
        out.contains(&true)
    }

    /// Whether the numbers describe a camera: positive size and focal lengths, all finite.
    pub fn is_valid(&self) -> bool {
        self.width > 0
            && self.height > 0
            && [self.fx, self.fy, self.cx, self.cy].iter().all(|x| x.is_finite())
            && self.fx > 0.0
            && self.fy > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fov_and_projection() {
        let p = Pinhole::from_fov(640, 480, 90.0);
        assert!((p.fov() - 90.0).abs() < 1e-9);
        assert_eq!(p.project(Vec3::new(0.0, 0.0, 2.0)), Some((320.0, 240.0)));
        assert_eq!(p.project(Vec3::new(0.0, 0.0, -2.0)), None);
        let r = p.ray(100.5, 7.5);
        let (u, v) = p.project(r * 3.0).unwrap();
        assert!((u - 100.5).abs() < 1e-9 && (v - 7.5).abs() < 1e-9);
    }

    proptest::proptest! {
        /// What is said to be missed has no point in the picture.
        #[test]
        fn a_missed_hull_has_no_point_in_the_picture(
            corners in proptest::collection::vec(proptest::array::uniform3(-4.0..4.0f64), 2..6),
            heading in -180.0..180.0f64,
            share in proptest::collection::vec(0.0..1.0f64, 6),
        ) {
            let points: Vec<Point3> = corners.iter().map(|c| Point3::from(*c)).collect();
            let pose = crate::View::level(Point3::origin(), heading).pose();
            let lens = Pinhole::from_fov(90, 60, 75.0);
            if lens.misses(&pose, &points) {
                let total: f64 = share.iter().take(points.len()).sum();
                let inside = points.iter().zip(&share).fold(Vec3::zeros(), |sum, (p, s)| {
                    sum + p.coords * (s / total.max(1e-9))
                });
                let at = lens.project(pose.to_camera(Point3::from(inside)));
                let seen = at.is_some_and(|(u, v)| {
                    u > 1e-6 && v > 1e-6 && u < 90.0 - 1e-6 && v < 60.0 - 1e-6
                });
                proptest::prop_assert!(!seen);
            }
        }
    }

    #[test]
    fn a_reflection_is_no_pose() {
        let mut m = Matrix4::identity();
        assert!(Pose::from_matrix(&m).is_some());
        m[(0, 0)] = -1.0;
        assert!(Pose::from_matrix(&m).is_none());
        m[(0, 0)] = f64::NAN;
        assert!(Pose::from_matrix(&m).is_none());
    }
}
