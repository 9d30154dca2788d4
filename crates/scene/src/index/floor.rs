//! Where the floor is free: an occupancy grid of the floor plane.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::OnceLock;

use reasmory_geom::Point2;
use serde::{Deserialize, Serialize};

use crate::{Column, Manifest};

/// Most cells along a side.
const MOST: usize = 1024;
/// Edge of a cell as a part of the eye height: 5 cm of 1.5 m.
const CELL: f64 = 1.0 / 30.0;
/// Lowest and highest obstacle above the floor as parts of the eye height: 10 cm and 1.8 m of 1.5 m.
const BAND: [f64; 2] = [1.0 / 15.0, 1.2];
/// Points that make an obstacle: one may be a stray.
const ENOUGH: u8 = 2;

/// Whether something that reaches from one height to another stands in the way of who walks.
pub fn in_the_way(manifest: &Manifest, lowest: f64, highest: f64) -> bool {
    let band = BAND.map(|b| manifest.floor() + b * manifest.eye_height());
    highest > band[0] && lowest < band[1]
}

/// State of a cell, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cell {
    /// Nothing is known: no floor was seen, and it is outside the outline.
    Unknown = 0,
    /// Floor without an obstacle up to a person's height.
    Free = 1,
    /// Something stands there.
    Occupied = 2,
}

/// Where the grid lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// World position of the corner of the first cell.
    pub origin: [f64; 2],
    /// Edge of a cell, in the memory's length unit.
    pub cell: f64,
    /// Cells along x.
    pub width: u32,
    /// Cells along y.
    pub height: u32,
}

/// An occupancy grid of the floor: rows along x, from the lowest y on.
#[derive(Clone, Debug)]
pub struct FloorMap {
    grid: Grid,
    cells: Column<u8>,
    /// Squared distances from what is not free, once they are asked for.
    pub(super) clear: OnceLock<Vec<i64>>,
}

impl FloorMap {
    /// The grid of a memory's points; of its boxes where it has none. A cell is occupied where at least two points are
    /// at the height of obstacles, or where a box of an instance at that height covers a cell whose floor was
    /// not seen; else free where floor was seen or the room's outline is; else unknown.
    pub fn build(manifest: &Manifest, positions: &[[f32; 3]]) -> FloorMap {
        let grid = grid(manifest);
        let (w, h) = (grid.width as usize, grid.height as usize);
        let mut obstacles = vec![0u8; w * h];
        let mut floor_seen = vec![false; w * h];
        let floor = manifest.floor();
        let band = BAND.map(|b| floor + b * manifest.eye_height());
        let below = floor - (band[0] - floor);
        for p in positions {
            let z = f64::from(p[2]);
            if !(below..=band[1]).contains(&z) {
                continue;
            }
            let Some(i) = grid.at(f64::from(p[0]), f64::from(p[1])) else { continue };
            if z > band[0] {
                obstacles[i] = obstacles[i].saturating_add(1);
            } else {
                floor_seen[i] = true;
            }
        }
        let mut boxed = vec![false; w * h];
        for i in &manifest.instances {
            let (lo, hi) = i.obb.bounds();
            if in_the_way(manifest, lo.z, hi.z) {
                grid.cover(&i.obb.footprint(), &mut boxed);
            }
        }
        let mut inside = vec![false; w * h];
        if let Some(r) = manifest.room.as_ref().filter(|r| r.outline.len() >= 3) {
            grid.cover(&r.polygon(), &mut inside);
        }
        let cells: Vec<u8> = (0..w * h)
            .map(|i| {
                let state = if obstacles[i] >= ENOUGH || (boxed[i] && !floor_seen[i]) {
                    Cell::Occupied
                } else if floor_seen[i] || inside[i] {
                    Cell::Free
                } else {
                    Cell::Unknown
                };
                state as u8
            })
            .collect();
        FloorMap { grid, cells: cells.into(), clear: OnceLock::new() }
    }

    /// A stored grid; `None` where the cells are not as many as it says or it is no grid.
    pub fn stored(grid: Grid, cells: Column<u8>) -> Option<FloorMap> {
        let many = u64::from(grid.width) * u64::from(grid.height);
        let sound =
            grid.cell > 0.0 && grid.cell.is_finite() && grid.origin.iter().all(|x| x.is_finite());
        (sound && many == cells.len() as u64).then(|| FloorMap {
            grid,
            cells,
            clear: OnceLock::new(),
        })
    }

    /// Where it lies.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The states, as numbers.
    pub fn cells(&self) -> &Column<u8> {
        &self.cells
    }

    fn state(&self, i: usize) -> Cell {
        match self.cells.get(i) {
            Some(1) => Cell::Free,
            Some(2) => Cell::Occupied,
            _ => Cell::Unknown,
        }
    }

    /// The state of the floor at a point; unknown outside the grid.
    pub fn at(&self, p: Point2) -> Cell {
        self.grid.at(p.x, p.y).map_or(Cell::Unknown, |i| self.state(i))
    }

    /// Area of the free floor, in square length units.
    pub fn free_area(&self) -> f64 {
        let free = (0..self.cells.len()).filter(|i| self.state(*i) == Cell::Free).count();
        free as f64 * self.grid.cell * self.grid.cell
    }

    /// Cells whose middle is at least `radius` away from the middle of every cell that is not free.
    fn passable(&self, radius: f64) -> Vec<bool> {
        let (w, h) = (self.grid.width as usize, self.grid.height as usize);
        let reach = (radius / self.grid.cell).min(MOST as f64) as i64;
        let limit = radius / self.grid.cell;
        let disc: Vec<(i64, i64)> = (-reach..=reach)
            .flat_map(|y| (-reach..=reach).map(move |x| (x, y)))
            .filter(|(x, y)| (x * x + y * y) as f64 <= limit * limit)
            .collect();
        // Only blocked cells beside free ones can be the nearest.
        let free: Vec<bool> = (0..w * h).map(|i| self.state(i) == Cell::Free).collect();
        let mut out = free.clone();
        for y in 0..h {
            for x in 0..w {
                if free[y * w + x] || !neighbours(x, y, w, h).any(|(i, _)| free[i]) {
                    continue;
                }
                for (dx, dy) in &disc {
                    let (u, v) = (x as i64 + dx, y as i64 + dy);
                    if u >= 0 && v >= 0 && (u as usize) < w && (v as usize) < h {
                        out[v as usize * w + u as usize] = false;
                    }
                }
            }
        }
        out
    }

    /// A way over free floor from one point to another for a disc of this radius: the middles of the cells it passes,
    /// with its length; `None` where there is none. Steps go to the eight cells around; of ways of one
    /// length the choice is fixed.
    pub fn way(&self, from: Point2, to: Point2, radius: f64) -> Option<(Vec<Point2>, f64)> {
        let (w, h) = (self.grid.width as usize, self.grid.height as usize);
        let (start, end) = (self.grid.at(from.x, from.y)?, self.grid.at(to.x, to.y)?);
        let free = self.passable(radius);
        if !free[start] || !free[end] {
            return None;
        }
        // Lengths in units of which a straight step has 5741 and a diagonal one 8119: whole numbers, so that order is
        // exact, to a 10⁻⁸ part.
        let mut length = vec![u64::MAX; w * h];
        let mut before = vec![u32::MAX; w * h];
        let mut heap = BinaryHeap::from([Reverse((0u64, start))]);
        length[start] = 0;
        while let Some(Reverse((d, i))) = heap.pop() {
            if i == end {
                break;
            }
            if d > length[i] {
                continue;
            }
            for (j, diagonal) in neighbours(i % w, i / w, w, h) {
                let next = d + if diagonal { 8119 } else { 5741 };
                if free[j] && next < length[j] {
                    length[j] = next;
                    before[j] = i as u32;
                    heap.push(Reverse((next, j)));
                }
            }
        }
        if length[end] == u64::MAX {
            return None;
        }
        let mut way = vec![end];
        let mut at = end;
        while at != start {
            at = *before.get(at)? as usize;
            way.push(at);
        }
        let points = way.iter().rev().map(|i| self.grid.middle(i % w, i / w)).collect();
        Some((points, length[end] as f64 / 5741.0 * self.grid.cell))
    }
}

/// The cells around one, and whether they lie diagonally.
fn neighbours(x: usize, y: usize, w: usize, h: usize) -> impl Iterator<Item = (usize, bool)> {
    const AROUND: [(isize, isize); 8] =
        [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)];
    AROUND.into_iter().filter_map(move |(dx, dy)| {
        let (u, v) = (x.checked_add_signed(dx)?, y.checked_add_signed(dy)?);
        (u < w && v < h).then_some((v * w + u, dx != 0 && dy != 0))
    })
}

/// The grid over the room and everything in it.
fn grid(m: &Manifest) -> Grid {
    let (mut lo, mut hi) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    let mut hold = |x: f64, y: f64| {
        for (k, v) in [x, y].into_iter().enumerate() {
            (lo[k], hi[k]) = (lo[k].min(v), hi[k].max(v));
        }
    };
    m.room.iter().flat_map(|r| &r.outline).for_each(|p| hold(p[0], p[1]));
    if let Some(b) = &m.bounds {
        hold(b.min[0], b.min[1]);
        hold(b.max[0], b.max[1]);
    }
    let size = [hi[0] - lo[0], hi[1] - lo[1]];
    let wanted = CELL * m.eye_height();
    if !(size.iter().all(|s| *s >= 0.0 && s.is_finite()) && wanted > 0.0 && wanted.is_finite()) {
        return Grid { origin: [0.0; 2], cell: 1.0, width: 0, height: 0 };
    }
    let cell = wanted.max(size[0].max(size[1]) / (MOST - 1) as f64);
    let cells = |s: f64| ((s / cell) as usize + 1).min(MOST) as u32;
    Grid { origin: lo, cell, width: cells(size[0]), height: cells(size[1]) }
}

impl Grid {
    /// Index of the cell at a point.
    pub(super) fn at(&self, x: f64, y: f64) -> Option<usize> {
        let (u, v) = ((x - self.origin[0]) / self.cell, (y - self.origin[1]) / self.cell);
        let inside =
            u >= 0.0 && v >= 0.0 && u < f64::from(self.width) && v < f64::from(self.height);
        inside.then(|| v as usize * self.width as usize + u as usize)
    }

    pub(super) fn middle(&self, x: usize, y: usize) -> Point2 {
        let at = |k: usize, i: usize| self.origin[k] + (i as f64 + 0.5) * self.cell;
        Point2::new(at(0, x), at(1, y))
    }

    /// Marks the cells whose middle is inside an outline (even-odd, so that it need not be convex).
    fn cover(&self, outline: &[Point2], cells: &mut [bool]) {
        let w = self.width as usize;
        let mut crossings = Vec::new();
        for (y, row) in cells.chunks_mut(w.max(1)).enumerate() {
            let at = self.middle(0, y).y;
            crossings.clear();
            for (i, a) in outline.iter().enumerate() {
                let b = outline[(i + 1) % outline.len()];
                if (a.y <= at) != (b.y <= at) {
                    let x = a.x + (at - a.y) / (b.y - a.y) * (b.x - a.x);
                    crossings.push((x - self.origin[0]) / self.cell - 0.5);
                }
            }
            crossings.sort_unstable_by(f64::total_cmp);
            for pair in crossings.chunks_exact(2) {
                // Casts saturate.
                let from = pair[0].ceil().max(0.0) as usize;
                let to = ((pair[1].floor() + 1.0).max(0.0) as usize).min(w);
                row[from.min(to)..to].fill(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bounds, Instance, Room, Scale};
    use reasmory_geom::{Obb, Point3, Vec3};

    /// A room of 4 m × 3 m with a wardrobe across it that leaves a gap of 1 m.
    fn room() -> Manifest {
        let mut m = Manifest::empty("room", "test", Scale::metric("test"));
        m.bounds = Some(Bounds { min: [0.0; 3], max: [4.0, 3.0, 2.5] });
        m.room = Some(Room {
            outline: vec![[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0]],
            floor: 0.0,
            ceiling: Some(2.5),
            stated_area: None,
        });
        for (id, z) in [(1, 1.0), (2, 0.0)] {
            m.instances.push(Instance {
                id,
                category: if id == 1 { "wardrobe".into() } else { "rug".into() },
                obb: Obb::upright(
                    Point3::new(2.0, 1.0, z),
                    Vec3::new(0.5, 2.0, if id == 1 { 2.0 } else { 0.02 }),
                    0.0,
                ),
                confidence: 1.0,
                support: 0,
                front: None,
                seen_in: vec![],
            });
        }
        m.index_categories();
        m
    }

    #[test]
    fn furniture_is_walked_around() {
        let f = FloorMap::build(&room(), &[]);
        let p = Point2::new;
        assert_eq!(f.at(p(2.0, 1.0)), Cell::Occupied);
        assert_eq!((f.at(p(0.5, 1.0)), f.at(p(9.0, 1.0))), (Cell::Free, Cell::Unknown));
        assert!((f.free_area() - 11.0).abs() < 0.1, "{}", f.free_area());
        let (way, length) = f.way(p(1.0, 0.5), p(3.0, 0.5), 0.2).unwrap();
        assert!(way.iter().all(|q| f.at(*q) == Cell::Free));
        assert!(way.iter().any(|q| q.y > 2.15));
        // Over the corners of the wardrobe, 20 cm away: 1.83 + 0.86 + 1.83 as the crow flies.
        assert!(length > 4.3 && length < 5.2, "{length}");
        assert!(f.way(p(1.0, 0.5), p(3.0, 0.5), 0.6).is_none(), "the gap is too narrow");
        assert!(f.way(p(1.0, 0.5), p(2.0, 1.0), 0.1).is_none(), "inside the wardrobe");
    }

    #[test]
    fn points_decide_where_they_are() {
        let mut m = room();
        m.room = None;
        m.instances.clear();
        m.index_categories();
        // Floor along a strip, an obstacle on it, one stray point over it, and the ceiling.
        let mut points: Vec<[f32; 3]> = (0..400).map(|i| [0.01 * i as f32, 1.0, 0.0]).collect();
        points.extend([
            [2.01, 1.0, 0.5],
            [2.01, 1.0, 0.9],
            [3.0, 1.0, 1.0],
            [1.0, 1.0, 2.5],
            [1.0, 1.0, 2.5],
        ]);
        let f = FloorMap::build(&m, &points);
        let p = Point2::new;
        assert_eq!(f.at(p(2.01, 1.0)), Cell::Occupied);
        assert_eq!((f.at(p(3.0, 1.0)), f.at(p(1.0, 1.0))), (Cell::Free, Cell::Free));
        assert_eq!(f.at(p(1.0, 2.0)), Cell::Unknown);
        let way = |x| f.way(p(0.2, 1.0), p(x, 1.0), 0.0).map(|w| w.1);
        assert!((way(1.9).unwrap() - 1.7).abs() < 0.06 && way(2.5).is_none());
    }

    #[test]
    fn a_memory_without_extent_has_no_grid() {
        let m = Manifest::empty("x", "test", Scale::relative("test"));
        let f = FloorMap::build(&m, &[[0.0; 3]]);
        assert_eq!((f.cells().len(), f.free_area()), (0, 0.0));
        assert_eq!(f.at(Point2::new(0.0, 0.0)), Cell::Unknown);
        assert!(f.way(Point2::origin(), Point2::origin(), 0.1).is_none());
        let grid = Grid { origin: [0.0; 2], cell: 1.0, width: u32::MAX, height: u32::MAX };
        assert!(FloorMap::stored(grid, vec![0; 3].into()).is_none());
    }
}
