//! What bounds a scene: floor, ceiling, the turn of the walls, rooms with their outlines.
//!
//! The world is upright. Lengths are counted in the scene's own size, so nothing is in absolute units, and the
//! order of samples changes nothing beyond rounding. `spec/layout.md` says how well it does.

mod grid;
mod levels;
mod outline;
mod rooms;
mod walls;

use reasmory_geom::{Point2, Point3, Vec3};

pub use levels::{Ceiling, Floor, ceiling, floor};
pub use rooms::{Plan, Space, rooms};
pub use walls::{Turn, turn};

/// A piece of seen surface.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patch {
    /// Its middle.
    pub point: Point3,
    /// Unit normal, towards who saw it.
    pub normal: Vec3,
    /// Its area, or what is as large in proportion: only parts of the whole are looked at.
    pub area: f64,
}

/// What was seen.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// Oriented samples of surfaces.
    pub patches: &'a [Patch],
    /// Points, of which the plan is made.
    pub positions: &'a [[f32; 3]],
    /// Where cameras were; none may be known.
    pub cameras: &'a [Point3],
}

/// What bounds a scene.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// The floor, where one was seen.
    pub floor: Option<Floor>,
    /// The ceiling, where one was seen.
    pub ceiling: Option<Ceiling>,
    /// Which way the walls run, where they run two ways at right angles.
    pub turn: Option<Turn>,
    /// Rooms and the outline of all; without a floor there are none.
    pub plan: Plan,
}

/// Finds everything in turn.
pub fn find(scene: &Scene) -> Layout {
    let floor = floor(scene.patches, scene.cameras);
    let ceiling = ceiling(scene.patches, floor.as_ref(), scene.cameras);
    let turn = turn(scene.patches);
    let plan = match &floor {
        Some(f) => rooms(scene, f, ceiling.as_ref(), turn.as_ref()),
        None => Plan::default(),
    };
    Layout { floor, ceiling, turn, plan }
}

/// The height below which this part of the area lies; `None` where there is none.
fn quantile(samples: &mut [(f64, f64)], part: f64) -> Option<f64> {
    samples.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = samples.iter().map(|s| s.1).sum();
    let mut sum = 0.0;
    for (x, w) in samples.iter() {
        sum += w;
        if sum >= part * total {
            return Some(*x);
        }
    }
    samples.last().map(|s| s.0)
}

/// A point of the plan, turned by minus these degrees.
fn turned(p: Point2, degrees: f64) -> Point2 {
    let (s, c) = (reasmory_geom::math::sin_deg(degrees), reasmory_geom::math::cos_deg(degrees));
    Point2::new(c * p.x + s * p.y, c * p.y - s * p.x)
}

#[cfg(test)]
mod tests;
