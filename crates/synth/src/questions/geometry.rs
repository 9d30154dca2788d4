//! Angles and distances for truths, from the pieces' frames and the cameras' axes alone.

use reasmory_geom::{Point3, Vec3, math};

use crate::cameras::Camera;
use crate::room::{Piece, Room};
use crate::truth;

/// A viewer in the floor plane: where, and the unit vector ahead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Viewer {
    pub at: [f64; 2],
    pub ahead: [f64; 2],
}

/// Centre of a piece in the floor plane.
pub(super) fn place(p: &Piece) -> [f64; 2] {
    [p.frame.origin.x, p.frame.origin.y]
}

fn unit(d: [f64; 2]) -> Option<[f64; 2]> {
    let n = d[0].hypot(d[1]);
    (n > 0.3).then(|| [d[0] / n, d[1] / n])
}

impl Viewer {
    /// Standing at one piece and facing another; nothing where they are within 30 cm.
    pub fn standing(at: &Piece, facing: &Piece) -> Option<Viewer> {
        let (a, b) = (place(at), place(facing));
        Some(Viewer { at: a, ahead: unit([b[0] - a[0], b[1] - a[1]])? })
    }

    /// Where a photo was taken, ahead being where its optical axis points along the floor.
    pub fn of_camera(c: &Camera) -> Option<Viewer> {
        let f = c.pose.rotation * Vec3::z();
        let n = f.x.hypot(f.y);
        let at = [c.pose.center.x, c.pose.center.y];
        (n > 0.1).then(|| Viewer { at, ahead: [f.x / n, f.y / n] })
    }

    /// Turned right by quarters.
    pub fn right(self, quarters: usize) -> Viewer {
        let [x, y] = self.ahead;
        let ahead = [[x, y], [y, -x], [-x, -y], [-y, x]][quarters % 4];
        Viewer { ahead, ..self }
    }

    /// Moved ahead.
    pub fn forward(self, by: f64) -> Viewer {
        let at = [self.at[0] + by * self.ahead[0], self.at[1] + by * self.ahead[1]];
        Viewer { at, ..self }
    }

    /// Degrees to the right of ahead, in (-180, 180]; nothing within 30 cm.
    pub fn bearing(&self, to: [f64; 2]) -> Option<f64> {
        let d = unit([to[0] - self.at[0], to[1] - self.at[1]])?;
        let ahead = d[0] * self.ahead[0] + d[1] * self.ahead[1];
        let right = d[0] * self.ahead[1] - d[1] * self.ahead[0];
        Some(math::atan2_deg(right, ahead))
    }
}

/// How far apart two directions are, in degrees.
pub(super) fn apart(a: f64, b: f64) -> f64 {
    let d = (a - b).abs() % 360.0;
    d.min(360.0 - d)
}

/// Distance of a point from the exact box of a piece.
pub(super) fn from_box(p: &Piece, q: Point3) -> f64 {
    let (l, h) = (p.frame.local(q), p.half());
    let past = |x: f64, lo: f64, hi: f64| (lo - x).max(x - hi).max(0.0);
    let d = [past(l.x, -h.x, h.x), past(l.y, -h.y, h.y), past(l.z, 0.0, 2.0 * h.z)];
    (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]).sqrt()
}

/// Distance between the exact boxes of two pieces.
pub(super) fn gap(room: &Room, a: &Piece, b: &Piece) -> f64 {
    truth::box_distance(room, a.id, b.id).unwrap_or(f64::INFINITY)
}

/// The least of a category's distances from a piece.
pub(super) fn nearest(room: &Room, category: &str, to: &Piece) -> f64 {
    let of = room.pieces.iter().filter(|p| p.category == category);
    of.map(|p| gap(room, p, to)).fold(f64::INFINITY, f64::min)
}
