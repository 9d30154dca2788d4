//! Rooms and walls as they were found in points, beside what the room is as a whole.

use serde::{Deserialize, Serialize};

/// How the walls run, the rooms that they part, and how sure all of it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// Degrees from +x, turning to +y, in (−45, 45], of one of the two ways that walls run; absent where they
    /// do not run two ways at right angles.
    pub turn: Option<f64>,
    /// Degrees by which the ceiling slopes; 0 for a level one.
    pub slope: f64,
    /// Rooms, the largest first.
    pub rooms: Vec<Space>,
    /// How sure it is.
    pub sure: Sure,
}

/// A room among others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Space {
    /// Outline in the floor plane, counter-clockwise.
    pub outline: Vec<[f64; 2]>,
    /// Area of the outline.
    pub area: f64,
    /// Part of the outline's length that is wall; the rest is where the view ends.
    pub walled: f64,
}

/// How sure parts of a layout are, each in [0, 1].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sure {
    /// Part of the seen area that is level or upright to 5°.
    pub up: f64,
    /// That the floor is the floor: 0 where none was seen.
    pub floor: f64,
    /// That the ceiling is the ceiling: 0 where none was seen.
    pub ceiling: f64,
    /// Part of the upright area that runs one of the walls' two ways.
    pub walls: f64,
}

impl Layout {
    /// With every length multiplied.
    pub(crate) fn scale(&mut self, factor: f64) {
        for r in &mut self.rooms {
            r.outline.iter_mut().flatten().for_each(|x| *x *= factor);
            r.area *= factor * factor;
        }
    }

    /// Whether every number is finite, and parts are parts.
    pub(crate) fn is_valid(&self) -> bool {
        let part = |x: f64| (0.0..=1.0).contains(&x);
        let s = &self.sure;
        self.turn.is_none_or(f64::is_finite)
            && (0.0..=90.0).contains(&self.slope)
            && [s.up, s.floor, s.ceiling, s.walls].into_iter().all(part)
            && self.rooms.iter().all(|r| {
                r.outline.iter().flatten().all(|x| x.is_finite())
                    && r.outline.len() >= 3
                    && r.area.is_finite()
                    && r.area > 0.0
                    && part(r.walled)
            })
    }
}
