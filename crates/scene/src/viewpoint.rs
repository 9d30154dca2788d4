//! Views made from places and from other views, from the manifest alone: the one definition that both
//! the checker and the run use. The conventions are those of `spec/language.md`.

use reasmory_geom::{Point3, Turn, UP, View, math};
use reasmory_types::Direction;

use crate::Manifest;

/// Degrees of a turn up or down without an angle.
pub const TILT: f64 = 45.0;

impl Manifest {
    /// The eye of somebody who stands over `foot`: `eye` above the floor, else at eye height.
    pub fn standing_eye(&self, foot: Point3, eye: Option<f64>) -> Point3 {
        Point3::new(foot.x, foot.y, self.floor() + eye.unwrap_or_else(|| self.eye_height()))
    }

    /// The level view from `eye` towards the vertical line through `target`; `None` where both are at one
    /// place in the floor plane.
    pub fn facing(&self, eye: Point3, target: Point3) -> Option<View> {
        View::facing(eye, target, self.no_side())
    }

    /// The view moved by `by`, else by the default step: along the floor, or up or down. A direction that
    /// is no way to go leaves it where it is.
    pub fn step(&self, v: &View, to: Direction, by: Option<f64>) -> View {
        let way = match to {
            Direction::Up => UP,
            Direction::Down => -UP,
            horizontal => match horizontal.sector_center() {
                None => return *v,
                Some(a) => {
                    v.forward_level() * math::cos_deg(a) + v.right_level() * math::sin_deg(a)
                }
            },
        };
        v.moved(way * by.unwrap_or_else(|| self.step_length()))
    }

    /// The view turned and pitched to look straight at `target`; `None` where that is right at the eye.
    /// Straight up or down has no heading of its own, so the view keeps the one it has.
    pub fn look_at(&self, v: &View, target: Point3) -> Option<View> {
        let least = self.no_side();
        let aimed = View::looking_at(v.eye, target, least)?;
        Some(if self.is_above_or_below(v.eye, target) {
            View { pitch: aimed.pitch, roll: 0.0, ..*v }
        } else {
            View { lens: v.lens, ..aimed }
        })
    }

    /// Whether two points are at one place in the floor plane, so that neither lies in a direction from
    /// the other.
    pub fn is_above_or_below(&self, eye: Point3, target: Point3) -> bool {
        (target - eye).xy().norm() < self.no_side()
    }

    /// Number of the photo taken nearest to a time, the earlier of equals; `None` where none has a time.
    pub fn photo_at(&self, t: f64) -> Option<u32> {
        let mut best: Option<(f64, u32)> = None;
        for p in &self.photos {
            if let Some(time) = p.time {
                let off = (time - t).abs();
                if best.is_none_or(|b| off < b.0) {
                    best = Some((off, p.number));
                }
            }
        }
        best.map(|b| b.1)
    }
}

/// The view after a turn: left and right 90°, back 180°, up and down [`TILT`], unless `by` gives the
/// angle. Ahead is where it looks already; back turns by the right.
pub fn turn(v: &View, to: Direction, by: Option<f64>) -> View {
    let turn = match to {
        Direction::Up => Turn::Up(by.unwrap_or(TILT)),
        Direction::Down => Turn::Up(-by.unwrap_or(TILT)),
        horizontal => {
            let center = horizontal.sector_center().unwrap_or(0.0);
            let right = match by {
                // Whatever the angle.
                _ if center == 0.0 => return *v,
                None => center,
                // An angle keeps the hand of the direction.
                Some(angle) => angle * center.signum(),
            };
            Turn::Left(-right)
        }
    };
    v.turned(turn)
}

/// The view after walking around a point by an angle, counter-clockwise from above.
pub fn orbit(v: &View, middle: Point3, by: f64) -> View {
    let (c, s) = (math::cos_deg(by), math::sin_deg(by));
    let d = v.eye - middle;
    let eye = Point3::new(middle.x + c * d.x - s * d.y, middle.y + s * d.x + c * d.y, v.eye.z);
    View { eye, ..v.turned(Turn::Left(by)) }
}

/// The view halfway between two: eye in the middle, heading, pitch and roll along the shorter turn, the
/// first one's lens.
pub fn midway(a: &View, b: &View) -> View {
    let halfway = |from: f64, to: f64| 0.5 * math::wrap_deg(to - from);
    let turned = a.turned(Turn::Left(halfway(a.heading(), b.heading())));
    View {
        eye: a.eye + (b.eye - a.eye) * 0.5,
        pitch: 0.5 * (a.pitch + b.pitch),
        roll: math::wrap_deg(a.roll + halfway(a.roll, b.roll)),
        ..turned
    }
}
