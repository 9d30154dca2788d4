//! Ways over the free floor: how wide the widest is, and how long the shortest.
//!
//! What walks is a disc. Its middle may be where nothing that is not free is nearer than its radius; beyond the
//! grid nothing is free. A cell's clearance is measured from its middle to the nearest middle of a cell that is
//! not free, less half a cell, so that it is right on the average however walls lie in the grid.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use reasmory_geom::{Point2, math};

use super::floor::{Cell, FloorMap};

/// Where a way begins or ends.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// At a place; within reach of it where the walker does not fit there.
    At(Point2, f64),
    /// Within reach of one of these convex outlines.
    Near(Vec<Vec<Point2>>, f64),
}

impl End {
    fn reach(&self) -> f64 {
        match self {
            End::At(_, reach) | End::Near(_, reach) => *reach,
        }
    }

    /// How far a point is from it; 0 inside an outline.
    fn off(&self, p: Point2) -> f64 {
        match self {
            End::At(q, _) => (p - q).norm(),
            End::Near(all, _) => {
                all.iter().map(|o| from_outline(p, o)).fold(f64::INFINITY, f64::min)
            }
        }
    }

    /// The lowest and highest corner of what is within reach.
    fn bounds(&self) -> ([f64; 2], [f64; 2]) {
        let (mut lo, mut hi) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        let mut hold = |p: &Point2| {
            for k in 0..2 {
                (lo[k], hi[k]) = (lo[k].min(p[k]), hi[k].max(p[k]));
            }
        };
        match self {
            End::At(p, _) => hold(p),
            End::Near(all, _) => all.iter().flatten().for_each(hold),
        }
        let r = self.reach();
        (lo.map(|x| x - r), hi.map(|x| x + r))
    }
}

/// Distance of a point from a segment.
pub fn from_segment(p: Point2, a: Point2, b: Point2) -> f64 {
    let (d, e) = (b - a, p - a);
    let n = d.norm_squared();
    let t = if n > 0.0 { (e.dot(&d) / n).clamp(0.0, 1.0) } else { 0.0 };
    (e - d * t).norm()
}

/// Distance of a point from a convex outline; 0 inside.
fn from_outline(p: Point2, o: &[Point2]) -> f64 {
    let mut sides = [false; 2];
    let mut off = f64::INFINITY;
    for (i, a) in o.iter().enumerate() {
        let b = o[(i + 1) % o.len()];
        let (d, e) = (b - a, p - a);
        let cross = d.x * e.y - d.y * e.x;
        sides[0] |= cross < 0.0;
        sides[1] |= cross > 0.0;
        off = off.min(from_segment(p, *a, b));
    }
    if o.len() >= 3 && sides != [true; 2] { 0.0 } else { off }
}

/// The squared distance, in cells, of each cell of a grid from the nearest cell that is blocked or beyond the
/// grid (Meijster, Roerdink, Hesselink 2000: exact, in whole numbers).
fn squared_clearances(free: &[bool], w: usize, h: usize) -> Vec<i64> {
    let mut columns = vec![0i64; w * h];
    for x in 0..w {
        let mut run = 0;
        for y in 0..h {
            run = if free[y * w + x] { run + 1 } else { 0 };
            columns[y * w + x] = run;
        }
        run = 0;
        for y in (0..h).rev() {
            run = if free[y * w + x] { run + 1 } else { 0 };
            let c = &mut columns[y * w + x];
            *c = run.min(*c);
        }
    }
    let mut out = vec![0i64; w * h];
    // The columns -1 and w lie beyond the grid.
    let n = w as i64;
    let (mut starts, mut from) = (vec![-1i64; w + 2], vec![-1i64; w + 2]);
    for y in 0..h {
        let g = |i: i64| if i < 0 || i >= n { 0 } else { columns[y * w + i as usize] };
        let f = |x: i64, i: i64| (x - i) * (x - i) + g(i) * g(i);
        let mut top = 0usize;
        (starts[0], from[0]) = (-1, -1);
        for u in 0..=n {
            while f(from[top], starts[top]) > f(from[top], u) {
                if top == 0 {
                    break;
                }
                top -= 1;
            }
            if f(from[top], starts[top]) > f(from[top], u) {
                starts[0] = u;
                continue;
            }
            let i = starts[top];
            let at = 1 + (u * u - i * i + g(u) * g(u) - g(i) * g(i)).div_euclid(2 * (u - i));
            if at <= n {
                top += 1;
                (starts[top], from[top]) = (u, at);
            }
        }
        for x in (0..n).rev() {
            while top > 0 && x < from[top] {
                top -= 1;
            }
            out[y * w + x as usize] = f(x, starts[top]);
        }
    }
    out
}

/// The ways over one floor.
pub struct Ways<'f> {
    floor: &'f FloorMap,
    size: [usize; 2],
    /// Squared distance from the nearest cell that is not free, in cells.
    clear: &'f [i64],
}

/// A step of the grid, its length of which a straight one has 5741, and what must be free beside it. Who fits at two
/// neighbours fits between them, for no clearance differs by more than the step.
type Step = ((i64, i64), u64, &'static [(i64, i64)]);

/// Steps to sixteen cells, so that no way on the grid is longer by more than 2.8 %.
const STEPS: [Step; 16] = [
    ((1, 0), 5741, &[]),
    ((0, 1), 5741, &[]),
    ((-1, 0), 5741, &[]),
    ((0, -1), 5741, &[]),
    ((1, 1), 8119, &[]),
    ((-1, 1), 8119, &[]),
    ((-1, -1), 8119, &[]),
    ((1, -1), 8119, &[]),
    ((2, 1), 12837, &[(1, 0), (1, 1)]),
    ((1, 2), 12837, &[(0, 1), (1, 1)]),
    ((-1, 2), 12837, &[(0, 1), (-1, 1)]),
    ((-2, 1), 12837, &[(-1, 0), (-1, 1)]),
    ((-2, -1), 12837, &[(-1, 0), (-1, -1)]),
    ((-1, -2), 12837, &[(0, -1), (-1, -1)]),
    ((1, -2), 12837, &[(0, -1), (1, -1)]),
    ((2, -1), 12837, &[(1, 0), (1, -1)]),
];

/// Places along a way that shortcuts are tried between.
const MOST_PLACES: usize = 96;

impl<'f> Ways<'f> {
    /// The ways over this floor.
    pub fn new(floor: &'f FloorMap) -> Ways<'f> {
        let size = [floor.grid().width as usize, floor.grid().height as usize];
        let clear = floor.clear.get_or_init(|| {
            let free: Vec<bool> = floor.cells().iter().map(|c| *c == Cell::Free as u8).collect();
            squared_clearances(&free, size[0], size[1])
        });
        Ways { floor, size, clear }
    }

    fn at(&self, x: i64, y: i64) -> Option<usize> {
        let [w, h] = self.size;
        (x >= 0 && y >= 0 && (x as usize) < w && (y as usize) < h)
            .then(|| y as usize * w + x as usize)
    }

    fn middle(&self, i: usize) -> Point2 {
        self.floor.grid().middle(i % self.size[0], i / self.size[0])
    }

    /// Clearance of a cell by its squared distance, in the memory's length unit.
    fn clearance(&self, squared: i64) -> f64 {
        ((squared as f64).sqrt() - 0.5).max(0.0) * self.floor.grid().cell
    }

    /// The least squared distance at which this radius fits.
    fn fits(&self, radius: f64) -> i64 {
        let cells = radius / self.floor.grid().cell + 0.5;
        // No cell of a grid is further from its border than the grid is wide; rounding may not decide.
        ((cells * cells - 1e-9).ceil().clamp(1.0, 1e12)) as i64
    }

    /// The cells that an end is reached from.
    fn cells(&self, end: &End, fits: i64) -> Vec<usize> {
        let grid = self.floor.grid();
        if let End::At(p, _) = end
            && let Some(i) = grid.at(p.x, p.y)
            && self.clear[i] >= fits
        {
            return vec![i];
        }
        let (lo, hi) = end.bounds();
        let index = |v: f64, k: usize| ((v - grid.origin[k]) / grid.cell).floor();
        let span = |k: usize| {
            let (a, b) = (index(lo[k], k).max(0.0), index(hi[k], k).min(self.size[k] as f64 - 1.0));
            if a <= b { a as usize..b as usize + 1 } else { 0..0 }
        };
        let mut out = Vec::new();
        for y in span(1) {
            for x in span(0) {
                let i = y * self.size[0] + x;
                if self.clear[i] > 0 && end.off(self.middle(i)) <= end.reach() {
                    out.push(i);
                }
            }
        }
        out
    }

    /// Whether a disc of this radius gets where [`widest`](Self::widest) does: to the same cell, so that it
    /// and [`shortest`](Self::shortest) never disagree.
    pub fn fit(&self, widest: Option<f64>, radius: f64) -> bool {
        widest.is_some_and(|w| {
            let cells = w / self.floor.grid().cell + 0.5;
            w > 0.0 && (cells * cells).round() >= self.fits(radius) as f64
        })
    }

    /// The radius of the widest disc that gets from one end to the other; `None` where not even a point does. A disc
    /// of `radius` is what [`End::At`] asks about.
    pub fn widest(&self, from: &End, to: &End, radius: f64) -> Option<f64> {
        let fits = self.fits(radius);
        let (starts, ends) = (self.cells(from, fits), self.cells(to, fits));
        let mut goal = vec![false; self.clear.len()];
        ends.iter().for_each(|i| goal[*i] = true);
        let mut best = vec![0i64; self.clear.len()];
        let mut heap = BinaryHeap::new();
        for i in starts {
            if self.clear[i] > best[i] {
                best[i] = self.clear[i];
                heap.push((best[i], Reverse(i)));
            }
        }
        while let Some((wide, Reverse(i))) = heap.pop() {
            if goal[i] {
                return Some(self.clearance(wide));
            }
            if wide < best[i] {
                continue;
            }
            let (x, y) = ((i % self.size[0]) as i64, (i / self.size[0]) as i64);
            for ((dx, dy), _, _) in &STEPS[..8] {
                let Some(j) = self.at(x + dx, y + dy) else { continue };
                let next = wide.min(self.clear[j]);
                if next > best[j] {
                    best[j] = next;
                    heap.push((next, Reverse(j)));
                }
            }
        }
        None
    }

    /// The shortest way of a disc of this radius from one end to the other; `None` where there is none. A way of a
    /// single place is no way to go: that place is within reach of both.
    pub fn shortest(&self, from: &End, to: &End, radius: f64) -> Option<Vec<Point2>> {
        let fits = self.fits(radius);
        let open = |i: usize| self.clear[i] >= fits;
        let mut goal = vec![false; self.clear.len()];
        let mut any = false;
        for i in self.cells(to, fits).into_iter().filter(|i| open(*i)) {
            (goal[i], any) = (true, true);
        }
        if !any {
            return None;
        }
        let mut length = vec![u64::MAX; self.clear.len()];
        let mut before = vec![u32::MAX; self.clear.len()];
        // What is left at least, as the crow flies to the rectangle around the goal (A*). No step is shorter than
        // 5740 times its length in cells.
        let (lo, hi) = to.bounds();
        let cell = self.floor.grid().cell;
        let left = |i: usize| {
            let p = self.middle(i);
            let past = |k: usize| (lo[k] - p[k]).max(p[k] - hi[k]).max(0.0);
            (past(0).hypot(past(1)) / cell * 5740.0) as u64
        };
        let mut heap = BinaryHeap::new();
        for i in self.cells(from, fits).into_iter().filter(|i| open(*i)) {
            length[i] = 0;
            heap.push(Reverse((left(i), i)));
        }
        let mut end = None;
        while let Some(Reverse((all, i))) = heap.pop() {
            if goal[i] {
                end = Some(i);
                break;
            }
            let d = length[i];
            if all > d + left(i) {
                continue;
            }
            let (x, y) = ((i % self.size[0]) as i64, (i / self.size[0]) as i64);
            for ((dx, dy), step, beside) in &STEPS {
                let Some(j) = self.at(x + dx, y + dy).filter(|j| open(*j)) else { continue };
                let fine = |(u, v): &(i64, i64)| self.at(x + u, y + v).is_some_and(open);
                if d + step < length[j] && beside.iter().all(fine) {
                    length[j] = d + step;
                    before[j] = i as u32;
                    heap.push(Reverse((d + step + left(j), j)));
                }
            }
        }
        let mut cells = vec![end?];
        while let Some(b) = cells.last().map(|i| before[*i]).filter(|b| *b != u32::MAX) {
            cells.push(b as usize);
        }
        cells.reverse();
        let mut places: Vec<Point2> = cells.iter().map(|i| self.middle(*i)).collect();
        let exact = |end: &End, cell: usize| match end {
            End::At(p, _) if self.floor.grid().at(p.x, p.y) == Some(cell) => Some(*p),
            _ => None,
        };
        if let Some(p) = exact(from, cells[0]) {
            places[0] = p;
        }
        if let (Some(p), Some(last)) = (exact(to, cells[cells.len() - 1]), places.last_mut()) {
            *last = p;
        }
        let mut way = self.pulled(&places, fits);
        trim(&mut way, to);
        way.reverse();
        trim(&mut way, from);
        way.reverse();
        Some(way)
    }

    /// Whether a disc goes straight from one point to another.
    fn straight(&self, a: Point2, b: Point2, fits: i64) -> bool {
        let grid = self.floor.grid();
        let n = ((b - a).norm() / grid.cell * 4.0).ceil().max(1.0);
        (0..=n as usize).all(|k| {
            let p = a + (b - a) * (k as f64 / n);
            grid.at(p.x, p.y).is_some_and(|i| self.clear[i] >= fits)
        })
    }

    /// The shortest of the ways that leave out places of one: a taut string in the place of steps.
    fn pulled(&self, places: &[Point2], fits: i64) -> Vec<Point2> {
        let every = places.len().div_ceil(MOST_PLACES).max(1);
        let mut some: Vec<Point2> = places.iter().copied().step_by(every).collect();
        if let Some(last) = places.last().filter(|_| !(places.len() - 1).is_multiple_of(every)) {
            some.push(*last);
        }
        let n = some.len();
        let mut best = vec![f64::INFINITY; n];
        let mut before = vec![0; n];
        best[0] = 0.0;
        for j in 1..n {
            for i in 0..j {
                let d = best[i] + (some[j] - some[i]).norm();
                // Neighbours are joined by steps of the grid.
                if d < best[j] && (i + 1 == j || self.straight(some[i], some[j], fits)) {
                    (best[j], before[j]) = (d, i);
                }
            }
        }
        let mut at = n - 1;
        let mut out = vec![some[at]];
        while at > 0 {
            at = before[at];
            out.push(some[at]);
        }
        out.reverse();
        out
    }
}

/// Ends a way where it comes within reach.
fn trim(way: &mut [Point2], end: &End) {
    let [.., a, b] = way else { return };
    let End::Near(..) = end else { return };
    let reach = end.reach();
    if end.off(*a) <= reach || end.off(*b) >= reach {
        return;
    }
    let (mut lo, mut hi) = (0.0, 1.0);
    for _ in 0..48 {
        let mid = 0.5 * (lo + hi);
        if end.off(*a + (*b - *a) * mid) > reach { lo = mid } else { hi = mid }
    }
    *b = *a + (*b - *a) * hi;
}

/// Length of a way.
pub fn way_length(way: &[Point2]) -> f64 {
    way.windows(2).map(|w| (w[1] - w[0]).norm()).sum()
}

/// The corners of a way, with the turns there in degrees, positive to the right: bends that lie within `slack` of a
/// straight line are none (Douglas, Peucker 1973), and turns of less than `least` are left out.
pub fn corners(way: &[Point2], slack: f64, least: f64) -> Vec<(Point2, f64)> {
    let mut kept = vec![false; way.len()];
    let mut spans = vec![(0, way.len().saturating_sub(1))];
    while let Some((a, b)) = spans.pop() {
        if let Some(k) = kept.get_mut(a) {
            *k = true;
        }
        if let Some(k) = kept.get_mut(b) {
            *k = true;
        }
        let far = (a + 1..b).map(|i| (from_segment(way[i], way[a], way[b]), i));
        if let Some((d, i)) = far.max_by(|p, q| p.0.total_cmp(&q.0).then(q.1.cmp(&p.1)))
            && d > slack
        {
            spans.extend([(a, i), (i, b)]);
        }
    }
    let rest: Vec<Point2> = way.iter().zip(&kept).filter(|(_, k)| **k).map(|(p, _)| *p).collect();
    rest.windows(3)
        .filter_map(|w| {
            let (u, v) = (w[1] - w[0], w[2] - w[1]);
            let turn = math::atan2_deg(u.y * v.x - u.x * v.y, u.x * v.x + u.y * v.y);
            (turn.abs() >= least).then_some((w[1], turn))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Grid;

    /// A floor from a drawing, the first line the highest: `.` is free.
    fn drawn(lines: &[&str]) -> FloorMap {
        let (w, h) = (lines[0].len(), lines.len());
        let cells: Vec<u8> = lines
            .iter()
            .rev()
            .flat_map(|l| l.bytes().map(|c| if c == b'.' { 1 } else { 2 }))
            .collect();
        let grid = Grid { origin: [0.0; 2], cell: 1.0, width: w as u32, height: h as u32 };
        FloorMap::stored(grid, cells.into()).unwrap()
    }

    fn at(x: f64, y: f64) -> End {
        End::At(Point2::new(x, y), 0.0)
    }

    #[test]
    fn clearances_are_those_of_all_pairs() {
        let mut state = 7u64;
        for (w, h) in [(1, 1), (7, 5), (12, 9), (3, 20)] {
            for blocked in [0, 4, 40] {
                let free: Vec<bool> = (0..w * h)
                    .map(|_| {
                        state = state.wrapping_mul(6364136223846793005).wrapping_add(1);
                        (state >> 33) % 100 >= blocked
                    })
                    .collect();
                let fast = squared_clearances(&free, w, h);
                for y in 0..h as i64 {
                    for x in 0..w as i64 {
                        let mut least = i64::MAX;
                        for v in -1..=h as i64 {
                            for u in -1..=w as i64 {
                                let out = u < 0 || v < 0 || u >= w as i64 || v >= h as i64;
                                if out || !free[v as usize * w + u as usize] {
                                    least = least.min((u - x) * (u - x) + (v - y) * (v - y));
                                }
                            }
                        }
                        assert_eq!(fast[y as usize * w + x as usize], least, "{w}×{h} {x} {y}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_widest_way_is_told_and_the_shortest_goes_round() {
        let floor = drawn(&[
            "..........", //
            "..........", //
            "..........", //
            "....##....", //
            "....##....", //
            "....##....", //
            "....##....",
        ]);
        let ways = Ways::new(&floor);
        let (a, b) = (at(1.5, 1.5), at(8.5, 1.5));
        // Three cells are left over the block: a disc of half that goes through.
        assert_eq!(ways.widest(&a, &b, 0.4), Some(1.5));
        let way = ways.shortest(&a, &b, 0.4).unwrap();
        assert_eq!((way[0], way[way.len() - 1]), (Point2::new(1.5, 1.5), Point2::new(8.5, 1.5)));
        // Over the two corners, which the smallest discs touch, from cell to cell.
        let least = 2.0 * 3.0f64.hypot(3.0) + 1.0;
        assert!((way_length(&way) - least).abs() < 1e-9, "{way:?}");
        assert!(ways.shortest(&a, &b, 1.6).is_none());
        assert!(ways.shortest(&a, &b, 1.5).is_some());
        assert_eq!(ways.widest(&at(4.5, 1.5), &b, 0.4), None, "inside the block");
        assert_eq!(way_length(&ways.shortest(&a, &a, 0.4).unwrap()), 0.0);
        // No longer than on the straight where nothing is between.
        let straight = ways.shortest(&at(0.5, 5.0), &at(9.5, 6.1), 0.4).unwrap();
        assert_eq!(straight.len(), 2, "{straight:?}");
    }

    #[test]
    fn a_way_ends_within_reach() {
        let floor =
            drawn(&["....................", "....................", "...................."]);
        let ways = Ways::new(&floor);
        let square = |x: f64| {
            vec![
                Point2::new(x, 0.0),
                Point2::new(x + 1.0, 0.0),
                Point2::new(x + 1.0, 3.0),
                Point2::new(x, 3.0),
            ]
        };
        let (a, b) = (End::Near(vec![square(0.0)], 2.25), End::Near(vec![square(15.0)], 1.75));
        let length = way_length(&ways.shortest(&a, &b, 0.4).unwrap());
        assert!((length - 10.0).abs() < 1e-9, "{length}");
        let touching = End::Near(vec![square(3.0)], 1.75);
        assert_eq!(way_length(&ways.shortest(&a, &touching, 0.4).unwrap()), 0.0);
        let nothing = End::Near(vec![], 1.0);
        assert!(
            ways.shortest(&a, &nothing, 0.4).is_none() && ways.widest(&nothing, &b, 0.4).is_none()
        );
    }

    #[test]
    fn corners_are_where_a_way_turns() {
        let p = Point2::new;
        let way = [p(0.0, 0.0), p(1.0, 0.05), p(2.0, 0.0), p(2.1, 0.9), p(2.0, 2.0), p(3.0, 2.0)];
        let found: Vec<f64> = corners(&way, 0.2, 30.0).into_iter().map(|c| c.1).collect();
        assert_eq!(found.len(), 2);
        assert!((found[0] + 90.0).abs() < 1e-9 && (found[1] - 90.0).abs() < 1e-9, "{found:?}");
        assert!(corners(&way[..3], 0.2, 1.0).is_empty() && corners(&[], 0.2, 1.0).is_empty());
    }
}
