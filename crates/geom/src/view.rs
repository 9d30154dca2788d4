//! Viewpoints: an eye, a heading, a pitch, a roll and a lens. Values, never state.

use crate::math::{atan2_deg, cos_deg, quarter, sin_deg, wrap_deg};
use crate::{Pinhole, Point3, Pose, UP, Vec3};

/// What a view is seen through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lens {
    /// Horizontal field of view in degrees; the picture's size decides the rest.
    Fov(f64),
    /// A photo's own pinhole.
    Pinhole(Pinhole),
}

/// An immutable pose with a lens.
///
/// The heading is kept as whole quarter turns plus a residual, so that four right turns are the identity
/// bit for bit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Eye, world frame.
    pub eye: Point3,
    /// Whole quarter turns of the heading, 0..4.
    pub quarters: u8,
    /// Rest of the heading, degrees in (-45, 45].
    pub residual: f64,
    /// Degrees above the horizon, in [-90, 90].
    pub pitch: f64,
    /// Degrees the camera is rolled clockwise about its own forward axis.
    pub roll: f64,
    /// Lens.
    pub lens: Lens,
}

/// A turn about one of a view's axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Turn {
    /// About world up, degrees to the left (negative: right).
    Left(f64),
    /// About the view's own right axis, degrees up (negative: down), clamped to ±90.
    Up(f64),
}

impl View {
    /// Horizontal field of view of a view that no photo took, degrees.
    pub const DEFAULT_FOV: f64 = 75.0;

    /// A level view from `eye` towards a heading in degrees.
    pub fn level(eye: Point3, heading: f64) -> View {
        let (quarters, residual) = quarter(wrap_deg(heading));
        View { eye, quarters, residual, pitch: 0.0, roll: 0.0, lens: Lens::Fov(Self::DEFAULT_FOV) }
    }

    /// A level view from `eye` towards the vertical line through `target`; `None` where the two are closer
    /// than `least` in the horizontal plane.
    pub fn facing(eye: Point3, target: Point3, least: f64) -> Option<View> {
        let d = target - eye;
        if d.xy().norm() < least || !d.norm().is_finite() {
            return None;
        }
        Some(View::level(eye, atan2_deg(d.y, d.x)))
    }

    /// A view from `eye` that looks straight at `target` (pitched). Looking straight up or down keeps
    /// heading 0. `None` where the two coincide (closer than `least`).
    pub fn looking_at(eye: Point3, target: Point3, least: f64) -> Option<View> {
        let d = target - eye;
        let n = d.norm();
        if n < least || !n.is_finite() {
            return None;
        }
        let flat = d.xy().norm();
        let heading = if flat == 0.0 { 0.0 } else { atan2_deg(d.y, d.x) };
        Some(View { pitch: atan2_deg(d.z, flat), ..View::level(eye, heading) })
    }

    /// The view of a camera pose (OpenCV axes) with its lens.
    pub fn from_pose(pose: &Pose, lens: Lens) -> View {
        let f = pose.forward();
        let flat = f.xy().norm();
        // A camera that looks along gravity takes its heading from where its image's top points.
        let heading = if flat > 1e-9 {
            atan2_deg(f.y, f.x)
        } else {
            let up = -pose.down() * if f.z < 0.0 { 1.0 } else { -1.0 };
            atan2_deg(up.y, up.x)
        };
        let pitch = atan2_deg(f.z, flat);
        let mut view = View { pitch, lens, ..View::level(pose.center(), heading) };
        let (right, up) = (view.right(), view.up());
        let r = pose.right();
        view.roll = atan2_deg(-r.dot(&up), r.dot(&right));
        view
    }

    /// Heading in degrees, (-180, 180].
    pub fn heading(&self) -> f64 {
        wrap_deg(f64::from(self.quarters) * 90.0 + self.residual)
    }

    /// Unit horizontal forward direction.
    pub fn forward_level(&self) -> Vec3 {
        let (c, s) = (cos_deg(self.residual), sin_deg(self.residual));
        let (x, y) = match self.quarters {
            0 => (c, s),
            1 => (-s, c),
            2 => (-c, -s),
            _ => (s, -c),
        };
        Vec3::new(x, y, 0.0)
    }

    /// Unit horizontal right direction.
    pub fn right_level(&self) -> Vec3 {
        let f = self.forward_level();
        Vec3::new(f.y, -f.x, 0.0)
    }

    /// Unit forward direction, with pitch.
    pub fn forward(&self) -> Vec3 {
        self.forward_level() * cos_deg(self.pitch) + UP * sin_deg(self.pitch)
    }

    /// Unit right direction of the picture, with roll.
    pub fn right(&self) -> Vec3 {
        self.right_level() * cos_deg(self.roll) - self.up_unrolled() * sin_deg(self.roll)
    }

    /// Unit up direction of the picture, with pitch and roll.
    pub fn up(&self) -> Vec3 {
        self.up_unrolled() * cos_deg(self.roll) + self.right_level() * sin_deg(self.roll)
    }

    fn up_unrolled(&self) -> Vec3 {
        UP * cos_deg(self.pitch) - self.forward_level() * sin_deg(self.pitch)
    }

    /// The camera pose of the view.
    pub fn pose(&self) -> Pose {
        Pose::from_axes(self.right(), -self.up(), self.forward(), self.eye)
    }

    /// The view after a turn.
    #[must_use]
    pub fn turned(&self, turn: Turn) -> View {
        match turn {
            Turn::Up(a) => View { pitch: (self.pitch + a).clamp(-90.0, 90.0), ..*self },
            Turn::Left(a) => {
                let (q, r) = quarter(a);
                let (carry, residual) = quarter(self.residual + r);
                View { quarters: (self.quarters + q + carry) % 4, residual, ..*self }
            }
        }
    }

    /// The view moved by a displacement.
    #[must_use]
    pub fn moved(&self, by: Vec3) -> View {
        View { eye: self.eye + by, ..*self }
    }

    /// Signed horizontal angle from straight ahead to `p`, positive to the right, (-180, 180]; `None`
    /// where `p` is closer than `least` in the horizontal plane.
    pub fn bearing(&self, p: Point3, least: f64) -> Option<f64> {
        let l = self.local(p);
        // A NaN offset has no bearing either.
        (l.x.hypot(l.z) >= least).then(|| atan2_deg(l.x, l.z))
    }

    /// Angle of `p` above the horizontal plane through the eye, degrees.
    pub fn elevation(&self, p: Point3) -> f64 {
        let d = p - self.eye;
        atan2_deg(d.z, d.xy().norm())
    }

    /// Gravity-aligned coordinates of `p` in the view: x right, y up, z forward (horizontal).
    pub fn local(&self, p: Point3) -> Vec3 {
        let d = p - self.eye;
        Vec3::new(d.dot(&self.right_level()), d.z, d.dot(&self.forward_level()))
    }

    /// The pinhole of the view's lens for a picture of this size.
    pub fn pinhole(&self, width: u32, height: u32) -> Pinhole {
        match self.lens {
            Lens::Fov(fov) => Pinhole::from_fov(width, height, fov),
            Lens::Pinhole(p) => p.fitted(width, height),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_right_turns_are_the_identity() {
        for h in [0.0, 13.7, 44.999_999, 45.0, -179.3, 90.0] {
            let v = View::level(Point3::new(1.0, 2.0, 3.0), h);
            let mut w = v;
            for _ in 0..4 {
                w = w.turned(Turn::Left(-90.0));
            }
            assert_eq!(v, w);
        }
    }

    #[test]
    fn bearing_is_positive_to_the_right() {
        let v = View::level(Point3::origin(), 90.0);
        assert_eq!(v.bearing(Point3::new(1.0, 0.0, 0.0), 0.01), Some(90.0));
        assert_eq!(v.bearing(Point3::new(-1.0, 0.0, 5.0), 0.01), Some(-90.0));
        assert_eq!(v.bearing(Point3::new(0.0, -1.0, 0.0), 0.01), Some(180.0));
        assert_eq!(v.bearing(Point3::new(0.0, 0.0, 1.0), 0.01), None);
    }

    #[test]
    fn a_pose_survives_the_view() {
        let v = View { pitch: 20.0, roll: -7.0, ..View::level(Point3::new(0.3, -2.0, 1.1), 137.0) };
        let w = View::from_pose(&v.pose(), v.lens);
        assert!((w.heading() - v.heading()).abs() < 1e-9);
        assert!((w.pitch - v.pitch).abs() < 1e-9);
        assert!((w.roll - v.roll).abs() < 1e-9);
        assert!((w.pose().matrix() - v.pose().matrix()).norm() < 1e-12);
    }

    #[test]
    fn pitch_clamps() {
        let v = View::level(Point3::origin(), 0.0).turned(Turn::Up(45.0)).turned(Turn::Up(60.0));
        assert_eq!(v.pitch, 90.0);
        assert!((v.forward() - UP).norm() < 1e-15);
    }
}
