//! What stands on what: plan-view evidence of a surface around the foot of a thing.

use reasmory_geom::{Point2, Point3, polygon};
use rustc_hash::FxHashMap;

use super::cells::Cells;

/// Positions by squares of the floor plan.
pub(super) struct Plan {
    edge: f64,
    squares: FxHashMap<(i64, i64), Vec<f64>>,
}

impl Plan {
    pub(super) fn new(cells: &Cells, members: impl Iterator<Item = u32>) -> Plan {
        let edge = 1.5 * cells.unit;
        let mut squares: FxHashMap<(i64, i64), Vec<f64>> = FxHashMap::default();
        for m in members {
            let p = &cells.position[m as usize];
            squares.entry(Plan::square(edge, &p.xy())).or_default().push(p.z);
        }
        Plan { edge, squares }
    }

    fn square(edge: f64, p: &Point2) -> (i64, i64) {
        ((p.x / edge).floor() as i64, (p.y / edge).floor() as i64)
    }

    /// Whether something lies over a place of the plan, its neighbours counted, between two heights.
    pub(super) fn has(&self, p: &Point2, heights: &std::ops::Range<f64>) -> bool {
        let (x, y) = Plan::square(self.edge, p);
        (-1..=1).any(|dx| {
            (-1..=1).any(|dy| {
                self.squares
                    .get(&(x + dx, y + dy))
                    .is_some_and(|z| z.iter().any(|z| heights.contains(z)))
            })
        })
    }
}

/// How much of the surroundings of a foot a surface covers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Footing {
    /// Part of the way around the foot where the surface goes on …
    pub(super) on: f64,
    /// … and where one sees past it.
    pub(super) off: f64,
}

impl Footing {
    /// Whether the thing rests on the surface rather than being an upright part of it, as the back of a
    /// chair is of the seat: the surface goes on around most of the foot.
    pub(super) fn rests(&self) -> bool {
        self.on >= 0.55 && self.on >= 2.5 * self.off
    }
}

/// Looks along a line around the foot of a thing (`foot`: its lowest points) for a surface at height
/// `level`, and for what lies below that one would not see if the surface went on.
pub(super) fn footing(
    cells: &Cells,
    foot: impl Iterator<Item = Point3>,
    level: f64,
    surface: &Plan,
    below: &Plan,
) -> Footing {
    let hull = polygon::hull(foot.map(|p| p.xy()));
    let n = hull.len();
    if n == 0 {
        return Footing::default();
    }
    let away = 2.0 * cells.unit;
    let slack = 3.0 * cells.unit;
    let near = level - slack..level + slack;
    let under = f64::NEG_INFINITY..level - slack;
    let mut samples: Vec<Point2> = Vec::new();
    if n < 3 {
        let (a, b) = (hull[0], hull[n - 1]);
        let along = (b - a).try_normalize(1e-9).unwrap_or(reasmory_geom::Vec3::x().xy());
        let across = nalgebra::Vector2::new(-along.y, along.x) * away;
        for t in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let p = a + (b - a) * t;
            samples.extend([p + across, p - across]);
        }
        samples.extend([a - along * away, b + along * away]);
    } else {
        for i in 0..n {
            let (a, b) = (hull[i], hull[(i + 1) % n]);
            let side = b - a;
            let length = side.norm();
            if length <= 0.0 {
                continue;
            }
            // Counter-clockwise: outwards is to the right.
            let out = nalgebra::Vector2::new(side.y, -side.x) * (away / length);
            let steps = (length / cells.unit).ceil().max(1.0) as usize;
            for k in 0..steps {
                samples.push(a + side * ((k as f64 + 0.5) / steps as f64) + out);
            }
        }
    }
    let all = samples.len().max(1) as f64;
    let on = samples.iter().filter(|p| surface.has(p, &near)).count() as f64;
    let off =
        samples.iter().filter(|p| !surface.has(p, &near) && below.has(p, &under)).count() as f64;
    Footing { on: on / all, off: off / all }
}
