//! Floor, ceiling and rooms of what was seen.

use std::collections::{BTreeMap, VecDeque};

use reasmory_geom::{Point2, Point3, polygon};
use reasmory_ground::layout::{self, Patch, Scene};
use reasmory_scene::{Layout, Room, Space, Sure};

use crate::cells::Cells;
use crate::upright::{self, Surface};

/// Cells of the outline of what was seen, in parts of the greatest extent.
const FINE: f64 = 80.0;

/// What was found of a room.
pub(crate) struct Estimate {
    pub(crate) room: Room,
    pub(crate) layout: Option<Layout>,
    pub(crate) notes: Vec<String>,
}

/// Surfaces as the layout takes them.
pub(crate) fn patches(surfaces: &[Surface]) -> Vec<Patch> {
    let one = |s: &Surface| Patch { point: s.point, normal: s.normal, area: s.weight };
    surfaces.iter().map(one).collect()
}

/// Estimates the room from points and oriented surface samples, both upright, and where cameras were.
pub(crate) fn estimate(
    positions: &[[f32; 3]],
    surfaces: &[Surface],
    cameras: &[Point3],
) -> Estimate {
    let mut notes = Vec::new();
    let patches = patches(surfaces);
    let found = layout::find(&Scene { patches: &patches, positions, cameras });
    let floor = match &found.floor {
        Some(f) => {
            notes.push(format!(
                "The floor is the lowest level that lies all over the scene ({:.0} % of the seen area, {:.1} % \
                 below it; sure to {:.2}).",
                100.0 * f.share,
                100.0 * f.below,
                f.sure
            ));
            f.z
        }
        None => {
            notes.push(
                "No floor was seen; its height is taken as the lowest percent of the points."
                    .into(),
            );
            lowest(positions)
        }
    };
    let ceiling = found.ceiling.filter(|c| c.z > floor);
    notes.push(match &ceiling {
        None => "No ceiling was seen.".into(),
        Some(c) if c.slope > 0.0 => format!(
            "The ceiling slopes by {:.1}°, from {:.2} to {:.2}; its height is that of its middle (sure to {:.2}).",
            c.slope, c.from, c.to, c.sure
        ),
        Some(c) => format!("The ceiling is level (sure to {:.2}).", c.sure),
    });
    let rooms: Vec<Space> = found
        .plan
        .rooms
        .iter()
        .map(|r| Space { outline: pairs(&r.outline), area: r.area, walled: r.walled })
        .collect();
    let (mut outline, mut stated_area) = (pairs(&found.plan.outline), None);
    notes.push(match &rooms[..] {
        [] => {
            outline = match found.floor {
                Some(_) => seen(positions, floor, ceiling.map(|c| c.to)),
                None => Vec::new(),
            };
            if outline.is_empty() {
                "The room's outline is not known.".into()
            } else {
                "No room is bounded by walls; the outline is the convex hull of what was seen, without \
                 unseen parts."
                    .to_owned()
            }
        }
        [one] => format!(
            "The room's outline runs along walls for {:.0} % of its length; the rest is where the view ends.",
            100.0 * one.walled
        ),
        several => {
            let areas: Vec<f64> = several.iter().map(|r| r.area).collect();
            stated_area = Some(areas.iter().sum());
            format!(
                "{} rooms, parted by walls and openings; the outline is around all of them, the area is the \
                 sum of theirs.",
                several.len()
            )
        }
    });
    if let Some(t) = &found.turn {
        notes.push(format!(
            "{:.0} % of the upright area runs along two ways at right angles.",
            100.0 * t.share
        ));
    }
    let [level, upright] = upright::level_and_upright(&reasmory_geom::UP, surfaces);
    let sure = Sure {
        up: (level + upright).clamp(0.0, 1.0),
        floor: found.floor.map_or(0.0, |f| f.sure.clamp(0.0, 1.0)),
        ceiling: ceiling.map_or(0.0, |c| c.sure.clamp(0.0, 1.0)),
        walls: found.turn.map_or(0.0, |t| t.share.clamp(0.0, 1.0)),
    };
    let known = found.floor.is_some() || ceiling.is_some() || found.turn.is_some();
    let layout = known.then(|| Layout {
        turn: found.turn.map(|t| t.degrees),
        slope: ceiling.map_or(0.0, |c| c.slope),
        rooms,
        sure,
    });
    let room = Room { outline, floor, ceiling: ceiling.map(|c| c.z), stated_area };
    Estimate { room, layout, notes }
}

fn pairs(outline: &[Point2]) -> Vec<[f64; 2]> {
    outline.iter().map(|p| [p.x, p.y]).collect()
}

/// Height that one percent of the points lie below.
fn lowest(positions: &[[f32; 3]]) -> f64 {
    let mut heights: Vec<f64> =
        positions.iter().map(|p| f64::from(p[2])).filter(|z| z.is_finite()).collect();
    let Some(last) = heights.len().checked_sub(1) else { return 0.0 };
    *heights.select_nth_unstable_by(last / 100, f64::total_cmp).1
}

/// Hull of the largest connected group of well-filled cells.
fn seen(positions: &[[f32; 3]], floor: f64, ceiling: Option<f64>) -> Vec<[f64; 2]> {
    let range = |k: usize| {
        let all = positions.iter().map(|p| f64::from(p[k]));
        let (lo, hi) =
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
        hi - lo
    };
    let edge = range(0).max(range(1)) / FINE;
    if !(edge > 0.0 && edge.is_finite()) {
        return Vec::new();
    }
    let (from, to) = (floor - edge, ceiling.unwrap_or(f64::INFINITY) + edge);
    let inside = |p: &&[f32; 3]| (from..to).contains(&f64::from(p[2]));
    // Clamped, so that neighbours of cells at absurd distances have numbers too.
    let cell =
        |p: &[f32; 3]| [0, 1].map(|k| (f64::from(p[k]) / edge).floor().clamp(-1e15, 1e15) as i64);
    let mut numbers = Cells::new();
    let mut counts = Vec::<u32>::new();
    // The cell of each point that is inside.
    let mut of = Vec::new();
    for p in positions.iter().filter(inside) {
        let (at, new) = numbers.number(cell(p));
        if new {
            counts.push(0);
        }
        counts[at] += 1;
        of.push(at as u32);
    }
    let mut cells: BTreeMap<[i64; 2], (u32, u32)> = numbers
        .keys()
        .iter()
        .zip(&counts)
        .filter(|(_, n)| **n >= 3)
        .map(|(k, n)| (*k, (*n, 0)))
        .collect();
    let keys: Vec<[i64; 2]> = cells.keys().copied().collect();
    let (mut group, mut largest) = (0u32, (0u64, 0u32));
    for start in keys {
        if cells.get(&start).is_none_or(|c| c.1 != 0) {
            continue;
        }
        group += 1;
        let mut size = 0u64;
        let mut queue = VecDeque::from([start]);
        if let Some(c) = cells.get_mut(&start) {
            c.1 = group;
        }
        while let Some([x, y]) = queue.pop_front() {
            size += 1;
            for dx in -2..=2 {
                for dy in -2..=2 {
                    let next = [x + dx, y + dy];
                    if let Some(c) = cells.get_mut(&next).filter(|c| c.1 == 0) {
                        c.1 = group;
                        queue.push_back(next);
                    }
                }
            }
        }
        if size > largest.0 {
            largest = (size, group);
        }
    }
    let kept: Vec<bool> =
        numbers.keys().iter().map(|k| cells.get(k).is_some_and(|c| c.1 == largest.1)).collect();
    let kept = positions
        .iter()
        .filter(inside)
        .zip(&of)
        .filter(|(_, at)| kept[**at as usize])
        .map(|(p, _)| Point2::new(p[0].into(), p[1].into()));
    // The hull of many points is that of the hulls of some at a time.
    let mut some: Vec<Point2> = Vec::new();
    for p in kept {
        some.push(p);
        if some.len() == 1 << 16 {
            some = polygon::hull(some);
        }
    }
    let hull = polygon::hull(some);
    if hull.len() < 3 { Vec::new() } else { hull.iter().map(|p| [p.x, p.y]).collect() }
}
