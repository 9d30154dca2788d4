//! Rooms: parts of the plan that walls and openings divide, each with its outline.

use reasmory_geom::math::sin_deg;
use reasmory_geom::{Point2, polygon};

use super::grid::Grid;
use super::outline::{self, Facing};
use super::{Ceiling, Floor, Scene, Turn, quantile, turned};

/// Parts of the height that squares of the plan are wide.
const FINE: f64 = 30.0;
/// Walls reach above this part of the height, over doors and windows too.
const LINTEL: f64 = 0.86;
/// Least side of an outline, and how far a side may be from its wall, in heights.
const SIDE: f64 = 0.12;
const REACH: f64 = 0.09;
/// Half an opening that joins two rooms to one is wider than this, in heights.
const OPENING: f64 = 0.2;
/// Least area of a room, in squares of the height.
const ROOM: f64 = 0.3;
/// Of several parts, those are rooms of whose outline at least this part is wall: others end where the view does.
const WALLED: f64 = 0.25;

/// A room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Space {
    /// Outline, counter-clockwise.
    pub outline: Vec<Point2>,
    /// Area of the outline.
    pub area: f64,
    /// Part of the outline's length that is wall; the rest is where the view ends.
    pub walled: f64,
}

/// Rooms, the largest first, and the outline of all together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The rooms.
    pub rooms: Vec<Space>,
    /// Outline of all of them; that of the room where there is one.
    pub outline: Vec<Point2>,
}

/// Rooms of a scene that has a floor.
pub fn rooms(scene: &Scene, floor: &Floor, ceiling: Option<&Ceiling>, turn: Option<&Turn>) -> Plan {
    let degrees = turn.map_or(0.0, |t| t.degrees);
    let mut heights: Vec<(f64, f64)> = scene.patches.iter().map(|p| (p.point.z, p.area)).collect();
    let top = match ceiling {
        Some(c) => c.to,
        None => quantile(&mut heights, 0.99).unwrap_or(floor.z),
    };
    let height = top - floor.z;
    if !(height > 0.0 && height.is_finite()) {
        return Plan::default();
    }
    let edge = height / FINE;
    let inside = |z: f64| (floor.z - 1.5 * edge..=top + 1.5 * edge).contains(&z);
    let points: Vec<(Point2, f64)> = scene
        .positions
        .iter()
        .map(|p| p.map(f64::from))
        .filter(|p| inside(p[2]) && p.iter().all(|x| x.is_finite()))
        .map(|p| (turned(Point2::new(p[0], p[1]), degrees), p[2]))
        .collect();
    let Some((lo, hi)) = extent(&points) else { return Plan::default() };
    let Some(grid) = Grid::new(lo, hi, edge) else { return Plan::default() };
    let walls = facing(scene, degrees);
    let blocked = barriers(&grid, scene, degrees, floor.z, height);
    let (seen, level) = evidence(&grid, &points, floor.z, ceiling, edge);
    let solid = grid.filled(&grid.closed(&seen, 3));
    let open: Vec<bool> = (0..grid.len()).map(|i| solid[i] && !blocked[i]).collect();
    let squares = |area: f64| (area * height * height / (edge * edge)) as usize;
    let divided = divided(&grid, &open, squares(ROOM), (OPENING * FINE) as usize);
    let cameras: Vec<usize> =
        scene.cameras.iter().filter_map(|c| grid.at(&turned(c.xy(), degrees))).collect();
    let most = divided.iter().copied().max().unwrap_or(0);
    let mut kept = Vec::new();
    for id in 1..=most {
        let all: Vec<usize> = (0..grid.len()).filter(|i| divided[*i] == id).collect();
        let on = all.iter().filter(|i| level[**i]).count();
        let held = cameras.iter().any(|c| divided[*c] == id);
        // What is seen through a window has neither floor nor ceiling at their heights.
        if all.len() >= squares(ROOM) && (4 * on >= all.len() || (held && 10 * on >= all.len())) {
            kept.push((all.len(), id));
        }
    }
    kept.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let trace = |set: &[bool]| {
        let space = traced(&grid, set, &walls, turn.is_some(), height);
        let back = |p: &Point2| turned(*p, -degrees);
        Space { outline: space.outline.iter().map(back).collect(), ..space }
    };
    let of = |ids: &[(usize, u32)]| -> Vec<bool> {
        divided.iter().map(|d| ids.iter().any(|(_, id)| id == d)).collect()
    };
    let mut rooms: Vec<Space> = kept
        .iter()
        .map(|k| trace(&grid.filled(&of(&[*k]))))
        .filter(|s| s.outline.len() >= 3 && s.area > 0.0)
        .collect();
    rooms.sort_by(|a, b| b.area.total_cmp(&a.area));
    // Without two ways of walls nobody knows how much is wall.
    if rooms.len() > 1 && turn.is_some() && rooms.iter().all(|r| r.walled < WALLED) {
        return Plan::default();
    }
    let outline = match &rooms[..] {
        [] => Vec::new(),
        [one] => one.outline.clone(),
        // Walls between rooms are part of what lies around all of them.
        _ => trace(&grid.filled(&grid.closed(&of(&kept), 4))).outline,
    };
    Plan { rooms, outline }
}

fn extent(points: &[(Point2, f64)]) -> Option<(Point2, Point2)> {
    let range = |k: usize| {
        let mut v: Vec<f64> = points.iter().map(|p| p.0[k]).collect();
        let last = v.len().checked_sub(1)?;
        // A thousandth at either end may be anywhere; its own length is added.
        let lo = *v.select_nth_unstable_by(last / 1000, f64::total_cmp).1;
        let hi = *v.select_nth_unstable_by(last - last / 1000, f64::total_cmp).1;
        let more = 0.1 * (hi - lo);
        Some((lo - more, hi + more))
    };
    let (x, y) = (range(0)?, range(1)?);
    Some((Point2::new(x.0, y.0), Point2::new(x.1, y.1)))
}

/// Upright pieces that face along one of the walls' ways, in their frame.
fn facing(scene: &Scene, degrees: f64) -> Vec<Facing> {
    let mut out = Vec::new();
    for p in scene.patches.iter().filter(|p| p.normal.z.abs() < sin_deg(15.0)) {
        let n = turned(Point2::new(p.normal.x, p.normal.y), degrees);
        let axis = usize::from(n.y.abs() > n.x.abs());
        if n[axis].abs() > 0.96 {
            let at = turned(p.point.xy(), degrees);
            out.push(Facing { at, axis, side: n[axis].signum(), area: p.area });
        }
    }
    out
}

/// Squares that walls stand on. Where walls are seen up to the ceiling, what counts is what reaches there: over
/// doors and windows it goes on, and furniture does not.
fn barriers(grid: &Grid, scene: &Scene, degrees: f64, floor: f64, height: f64) -> Vec<bool> {
    let lintel = floor + LINTEL * height;
    let upright = scene.patches.iter().filter(|p| p.normal.z.abs() < sin_deg(20.0));
    let all: f64 = upright.clone().map(|p| p.area).sum();
    let high: f64 = upright.clone().filter(|p| p.point.z > lintel).map(|p| p.area).sum();
    let by_lintel = high > 0.03 * all;
    let mut area = vec![0.0; grid.len()];
    for p in upright.filter(|p| !by_lintel || p.point.z > lintel) {
        // A little behind its face, where the wall is.
        let n = p.normal.xy();
        let back = p.point.xy() - n * (0.3 * grid.edge);
        if let Some(i) = grid.at(&turned(back, degrees)) {
            area[i] += p.area;
        }
    }
    // Areas are relative: surfaces that many views see count as often.
    let mut some: Vec<(f64, f64)> = area.iter().filter(|a| **a > 0.0).map(|a| (*a, 1.0)).collect();
    let least = 0.25 * quantile(&mut some, 0.5).unwrap_or(f64::INFINITY);
    let set: Vec<bool> = area.iter().map(|a| *a >= least).collect();
    // Samples are sparse: gaps of two squares in a wall are none.
    bridged(grid, &set)
}

/// A set with short gaps along rows and columns filled.
fn bridged(grid: &Grid, set: &[bool]) -> Vec<bool> {
    let mut out = set.to_vec();
    for (lines, length, step, stride) in
        [(grid.height, grid.width, 1, grid.width), (grid.width, grid.height, grid.width, 1)]
    {
        for line in 0..lines {
            let at = |k: usize| line * stride + k * step;
            let mut last: Option<usize> = None;
            for k in 0..length {
                if set[at(k)] {
                    if let Some(l) = last.filter(|l| (2..=4).contains(&(k - l))) {
                        (l + 1..k).for_each(|j| out[at(j)] = true);
                    }
                    last = Some(k);
                }
            }
        }
    }
    out
}

/// Squares where anything was seen between floor and ceiling, and where one of these two was.
fn evidence(
    grid: &Grid,
    points: &[(Point2, f64)],
    floor: f64,
    ceiling: Option<&Ceiling>,
    edge: f64,
) -> (Vec<bool>, Vec<bool>) {
    let (mut seen, mut level) = (vec![0u32; grid.len()], vec![false; grid.len()]);
    for (p, z) in points {
        if let Some(i) = grid.at(p) {
            seen[i] += 1;
            let under = (z - floor).abs() < 0.7 * edge;
            let over =
                ceiling.is_some_and(|c| (c.from - 0.7 * edge..=c.to + 0.7 * edge).contains(z));
            level[i] |= under || over;
        }
    }
    let level = grid.closed(&level, 2);
    (seen.iter().map(|n| *n >= 2).collect(), level)
}

/// Numbers of the parts of a plan: what walls part, and what narrow openings join.
fn divided(grid: &Grid, open: &[bool], least: usize, half: usize) -> Vec<u32> {
    let (of, sizes) = grid.groups(open);
    let mut out = vec![0u32; grid.len()];
    let mut next = 1;
    for (k, size) in sizes.iter().enumerate() {
        if *size < least {
            continue;
        }
        let one: Vec<bool> = of.iter().map(|o| *o == k as u32 + 1).collect();
        let core = grid.eroded(&one, half);
        let (cores, large) = grid.groups(&core);
        // A core of a room: what is left of it is still something.
        let real = |id: u32| id > 0 && large[id as usize - 1] >= least / 4;
        let seeds: Vec<u32> = cores.iter().map(|c| if real(*c) { *c } else { 0 }).collect();
        let mut ids: Vec<u32> = seeds.iter().copied().filter(|s| *s > 0).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() < 2 {
            (0..grid.len()).filter(|i| one[*i]).for_each(|i| out[i] = next);
            next += 1;
            continue;
        }
        for (i, id) in grid.flooded(&seeds, &one).iter().enumerate().filter(|(_, id)| **id > 0) {
            let rank = ids.binary_search(id).unwrap_or(0) as u32;
            out[i] = next + rank;
        }
        next += ids.len() as u32;
    }
    out
}

/// The outline of a set in the walls' frame.
fn traced(grid: &Grid, set: &[bool], walls: &[Facing], aligned: bool, height: f64) -> Space {
    let border = grid.border(set);
    let place =
        |x: f64, y: f64| Point2::new(grid.low.x + x * grid.edge, grid.low.y + y * grid.edge);
    let (outline, walled) = if aligned {
        let mut s = outline::sides(&border, SIDE * FINE);
        // In lengths of the plan.
        outline::scaled(&mut s, grid.low, grid.edge);
        let walled = outline::onto_walls(&mut s, walls, REACH * height, grid.edge);
        (outline::corners(&s), walled)
    } else {
        let all: Vec<Point2> = border.iter().map(|(x, y)| place(*x as f64, *y as f64)).collect();
        (outline::simplified(&all, 1.2 * grid.edge), 0.0)
    };
    Space { area: polygon::area(&outline).abs(), outline, walled }
}
