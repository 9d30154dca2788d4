//! Floor, ceiling and outline of what was seen.

use std::collections::{BTreeMap, VecDeque};

use reasmory_geom::math::cos_deg;
use reasmory_geom::{Point2, polygon};
use reasmory_scene::Room;

use crate::cells::Cells;
use crate::upright::Surface;

/// Edge of the height histogram's bins, metres; planes are sought in windows of five.
const BIN: f64 = 0.025;
/// A plane needs this part of the largest plane's area …
const SHARE: f64 = 0.2;
/// … and this part of all the area seen.
const LEAST: f64 = 0.01;
/// Edge of the outline's cells, metres.
const CELL: f64 = 0.1;
/// Least height of a ceiling above the floor, metres.
const HEADROOM: f64 = 1.8;

/// Estimates the room from fused points and oriented surface samples, both upright; with notes.
pub(crate) fn estimate(positions: &[[f32; 3]], surfaces: &[Surface]) -> (Room, Vec<String>) {
    let mut notes = Vec::new();
    let total: f64 = surfaces.iter().map(|s| s.weight).sum();
    let level = cos_deg(15.0);
    let facing = |sign: f64| -> Vec<(f64, f64)> {
        let mut v: Vec<(f64, f64)> = surfaces
            .iter()
            .filter(|s| s.normal.z * sign > level)
            .map(|s| (s.point.z * sign, s.weight))
            .collect();
        v.sort_by(|a, b| a.0.total_cmp(&b.0));
        v
    };
    let mut heights: Vec<f64> = positions.iter().map(|p| f64::from(p[2])).collect();
    let mut at = |part: f64| {
        let i = (part * heights.len() as f64) as usize;
        let Some(last) = heights.len().checked_sub(1) else { return 0.0 };
        *heights.select_nth_unstable_by(i.min(last), f64::total_cmp).1
    };
    let (low, high) = (at(0.01), at(0.9));

    let plane = lowest_plane(&facing(1.0), total);
    let (floor, found) = match plane {
        Some((z, area)) => {
            let below =
                heights.iter().filter(|h| **h < z - 0.1).count() as f64 / heights.len() as f64;
            notes.push(format!(
                "The floor is the lowest large surface that faces up ({:.0} % of the seen area; {:.1} % \
                 of the points lie below it).",
                100.0 * area / total,
                100.0 * below
            ));
            (z, true)
        }
        None => {
            notes.push(
                "No floor was seen; its height is taken as the lowest percent of the points."
                    .into(),
            );
            (low, false)
        }
    };
    // Seen from below, the ceiling is the lowest plane of the world upside down.
    let ceiling = lowest_plane(&facing(-1.0), total)
        .map(|(z, area)| (-z, area))
        .filter(|(z, _)| *z > floor + HEADROOM && *z >= high - 0.1);
    let ceiling = match ceiling {
        Some((z, area)) => {
            notes.push(format!(
                "The ceiling is the highest large surface that faces down ({:.0} % of the seen area).",
                100.0 * area / total
            ));
            Some(z)
        }
        None => {
            notes.push("No ceiling was seen.".into());
            None
        }
    };
    let outline = if found { outline(positions, floor, ceiling) } else { Vec::new() };
    notes.push(if outline.is_empty() {
        "The room's outline is not known.".into()
    } else {
        "The room's outline is the convex hull of what was seen; unseen parts are missing from it."
            .to_owned()
    });
    (Room { outline, floor, ceiling, stated_area: None }, notes)
}

/// Height and area of the lowest large plane among sorted (height, area) samples.
fn lowest_plane(samples: &[(f64, f64)], total: f64) -> Option<(f64, f64)> {
    let (lowest, highest) = (samples.first()?.0, samples.last()?.0);
    let count = (((highest - lowest) / BIN) as usize).min(1 << 16) + 5;
    let mut bins = vec![0.0; count];
    for (z, w) in samples {
        let i = (((z - lowest) / BIN) as usize).min(count - 1);
        bins[i] += w;
    }
    let windows: Vec<f64> = bins.windows(5).map(|w| w.iter().sum()).collect();
    let most = windows.iter().copied().fold(0.0, f64::max);
    let enough = (SHARE * most).max(LEAST * total);
    if most <= 0.0 || most < enough {
        return None;
    }
    // From the first window that is large enough, climb to the top of its peak.
    let mut i = windows.iter().position(|w| *w >= enough)?;
    while i + 1 < windows.len() && windows[i + 1] > windows[i] {
        i += 1;
    }
    let (from, to) = (lowest + i as f64 * BIN, lowest + (i + 5) as f64 * BIN);
    let inside: Vec<&(f64, f64)> = samples.iter().filter(|s| s.0 >= from && s.0 < to).collect();
    let mass: f64 = inside.iter().map(|s| s.1).sum();
    let mut sum = 0.0;
    for (z, w) in &inside {
        sum += w;
        if sum >= 0.5 * mass {
            return Some((*z, mass));
        }
    }
    None
}

/// Hull of the largest connected group of well-filled cells.
fn outline(positions: &[[f32; 3]], floor: f64, ceiling: Option<f64>) -> Vec<[f64; 2]> {
    let (from, to) = (floor - 0.1, ceiling.unwrap_or(f64::INFINITY) + 0.1);
    let inside = |p: &&[f32; 3]| (from..to).contains(&f64::from(p[2]));
    // Clamped, so that neighbours of cells at absurd distances have numbers too.
    let cell =
        |p: &[f32; 3]| [0, 1].map(|k| (f64::from(p[k]) / CELL).floor().clamp(-1e15, 1e15) as i64);
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
