//! Squares of the floor plan.

use std::collections::VecDeque;

use reasmory_geom::Point2;

/// Most squares of a plan.
const MOST: f64 = 4_000_000.0;

/// A plan of squares, row by row from its lower left.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    pub(super) low: Point2,
    pub(super) edge: f64,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Grid {
    /// A plan of the extent with a border of a few squares; `None` where that is nothing, or too much.
    pub(super) fn new(lo: Point2, hi: Point2, edge: f64) -> Option<Grid> {
        const BORDER: f64 = 4.0;
        let size = (hi - lo) / edge;
        let (w, h) = (size.x.ceil() + 2.0 * BORDER, size.y.ceil() + 2.0 * BORDER);
        if !(w >= 1.0 && h >= 1.0 && w * h <= MOST) {
            return None;
        }
        let low = Point2::new(lo.x - BORDER * edge, lo.y - BORDER * edge);
        Some(Grid { low, edge, width: w as usize, height: h as usize })
    }

    pub(super) fn len(&self) -> usize {
        self.width * self.height
    }

    pub(super) fn at(&self, p: &Point2) -> Option<usize> {
        let q = (p - self.low) / self.edge;
        let inside =
            q.x >= 0.0 && q.y >= 0.0 && q.x < self.width as f64 && q.y < self.height as f64;
        inside.then(|| q.y as usize * self.width + q.x as usize)
    }

    pub(super) fn neighbours(&self, i: usize) -> impl Iterator<Item = usize> + use<> {
        let (x, y, w, h) = (i % self.width, i / self.width, self.width, self.height);
        [
            (x > 0).then(|| i - 1),
            (x + 1 < w).then(|| i + 1),
            (y > 0).then(|| i - w),
            (y + 1 < h).then(|| i + w),
        ]
        .into_iter()
        .flatten()
    }

    /// Squares within so many steps of a set along each axis (`grow`), or with all such in it.
    fn spread(&self, set: &[bool], steps: usize, grow: bool) -> Vec<bool> {
        let mut out = set.to_vec();
        let (w, h) = (self.width, self.height);
        // Runs along rows, then along columns; beyond the plan there is nothing.
        for (lines, length, step, stride) in [(h, w, 1, w), (w, h, w, 1)] {
            let before = out.clone();
            for line in 0..lines {
                let at = |k: usize| line * stride + k * step;
                // Distance to the last square that decides.
                let mut last: Option<usize> = None;
                let decides = |k: usize| before[at(k)] == grow;
                for k in 0..length {
                    if decides(k) {
                        last = Some(k);
                    }
                    if last.is_some_and(|l| k - l <= steps) || (!grow && k < steps) {
                        out[at(k)] = grow;
                    }
                }
                last = None;
                for k in (0..length).rev() {
                    if decides(k) {
                        last = Some(k);
                    }
                    if last.is_some_and(|l| l - k <= steps) || (!grow && length - k <= steps) {
                        out[at(k)] = grow;
                    }
                }
            }
        }
        out
    }

    pub(super) fn dilated(&self, set: &[bool], steps: usize) -> Vec<bool> {
        self.spread(set, steps, true)
    }

    pub(super) fn eroded(&self, set: &[bool], steps: usize) -> Vec<bool> {
        self.spread(set, steps, false)
    }

    /// Gaps of so many squares filled.
    pub(super) fn closed(&self, set: &[bool], steps: usize) -> Vec<bool> {
        let grown = self.eroded(&self.dilated(set, steps), steps);
        // Within the border the plan's edge takes away what was there.
        grown.iter().zip(set).map(|(a, b)| *a || *b).collect()
    }

    /// Numbers of connected groups, from 1, and their sizes.
    pub(super) fn groups(&self, set: &[bool]) -> (Vec<u32>, Vec<usize>) {
        let (mut of, mut sizes) = (vec![0u32; set.len()], Vec::new());
        for start in 0..set.len() {
            if !set[start] || of[start] != 0 {
                continue;
            }
            let id = sizes.len() as u32 + 1;
            let (mut queue, mut size) = (VecDeque::from([start]), 0);
            of[start] = id;
            while let Some(i) = queue.pop_front() {
                size += 1;
                for n in self.neighbours(i) {
                    if set[n] && of[n] == 0 {
                        of[n] = id;
                        queue.push_back(n);
                    }
                }
            }
            sizes.push(size);
        }
        (of, sizes)
    }

    /// Lets numbered squares grow over those of a set that have none, all alike fast.
    pub(super) fn flooded(&self, of: &[u32], set: &[bool]) -> Vec<u32> {
        let mut out = of.to_vec();
        let mut queue: VecDeque<usize> = (0..of.len()).filter(|i| of[*i] != 0).collect();
        while let Some(i) = queue.pop_front() {
            for n in self.neighbours(i) {
                if set[n] && out[n] == 0 {
                    out[n] = out[i];
                    queue.push_back(n);
                }
            }
        }
        out
    }

    /// Holes of a set filled: what its outside does not reach.
    pub(super) fn filled(&self, set: &[bool]) -> Vec<bool> {
        let outside: Vec<bool> = set.iter().map(|s| !s).collect();
        let (of, _) = self.groups(&outside);
        let border = |i: usize| {
            let (x, y) = (i % self.width, i / self.width);
            x == 0 || y == 0 || x + 1 == self.width || y + 1 == self.height
        };
        let mut reached = vec![false; of.iter().copied().max().unwrap_or(0) as usize + 1];
        (0..of.len()).filter(|i| border(*i)).for_each(|i| reached[of[i] as usize] = true);
        (0..set.len()).map(|i| set[i] || !reached[of[i] as usize]).collect()
    }

    /// The outer border of the largest group of a set, counter-clockwise, in squares' corners.
    pub(super) fn border(&self, set: &[bool]) -> Vec<(i64, i64)> {
        let (of, sizes) = self.groups(set);
        let Some(best) = (0..sizes.len()).reduce(|a, b| if sizes[b] > sizes[a] { b } else { a })
        else {
            return Vec::new();
        };
        let id = best as u32 + 1;
        let inside = |x: i64, y: i64| {
            x >= 0
                && y >= 0
                && (x as usize) < self.width
                && (y as usize) < self.height
                && of[y as usize * self.width + x as usize] == id
        };
        let Some(first) = of.iter().position(|n| *n == id) else { return Vec::new() };
        let start = ((first % self.width) as i64, (first / self.width) as i64);
        // From the lower left corner of the lowest, leftmost square, to the right: inside is on the left.
        let (mut at, mut way) = (start, (1i64, 0i64));
        let mut out = Vec::new();
        loop {
            out.push(at);
            at = (at.0 + way.0, at.1 + way.1);
            // The squares ahead, left and right of the way.
            let square = |left: bool| {
                let (lx, ly) = (-way.1, way.0);
                let (sx, sy) =
                    if left { (way.0 + lx, way.1 + ly) } else { (way.0 - lx, way.1 - ly) };
                ((2 * at.0 + sx - 1) / 2, (2 * at.1 + sy - 1) / 2)
            };
            let (l, r) = (square(true), square(false));
            let (l, r) = (inside(l.0, l.1), inside(r.0, r.1));
            way = match (l, r) {
                // A corner where two squares meet is passed on the left, so that the border does not cross.
                (true, false) => way,
                (true, true) => (way.1, -way.0),
                (false, _) => (-way.1, way.0),
            };
            if at == start && way == (1, 0) || out.len() > 4 * self.len() {
                return out;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(rows: &[&str]) -> (Grid, Vec<bool>) {
        let (w, h) = (rows[0].len(), rows.len());
        let grid = Grid { low: Point2::origin(), edge: 1.0, width: w, height: h };
        // Drawn from above; squares are from below.
        let set = rows.iter().rev().flat_map(|r| r.chars().map(|c| c == '#')).collect();
        (grid, set)
    }

    fn area(border: &[(i64, i64)]) -> i64 {
        let n = border.len();
        (0..n)
            .map(|i| border[i].0 * border[(i + 1) % n].1 - border[(i + 1) % n].0 * border[i].1)
            .sum::<i64>()
            / 2
    }

    #[test]
    fn borders_go_around_once() {
        for (rows, squares) in [
            (&["....", ".##.", ".##.", "...."][..], 4),
            (&[".....", ".###.", ".#...", ".###.", "....."], 7),
            (&["......", ".####.", ".#..#.", ".####.", "......"], 12),
            (&["#"], 1),
            (&["..#", ".#.", "#.."], 1),
        ] {
            let (grid, set) = drawn(rows);
            let border = grid.border(&set);
            let solid = grid.filled(&set);
            assert!(area(&border) >= squares.min(1), "{rows:?} {border:?}");
            if rows.len() > 1 && rows[0].contains('.') && squares > 1 {
                let n = solid.iter().filter(|s| **s).count() as i64;
                assert_eq!(area(&border), n, "{rows:?} {border:?}");
            }
        }
    }

    #[test]
    fn closing_fills_gaps_and_keeps_what_is_there() {
        let (grid, set) = drawn(&[".......", ".##.##.", ".##.##.", "......."]);
        let closed = grid.closed(&set, 1);
        assert_eq!(closed.iter().filter(|c| **c).count(), 10);
        let eroded = grid.eroded(&closed, 1);
        assert_eq!(eroded.iter().filter(|c| **c).count(), 0);
        assert_eq!(grid.dilated(&set, 1).iter().filter(|c| **c).count(), 28);
    }

    #[test]
    fn floods_share_what_lies_between() {
        let (grid, set) = drawn(&["#######"]);
        let mut of = vec![0; 7];
        (of[0], of[6]) = (1, 2);
        assert_eq!(grid.flooded(&of, &set), [1, 1, 1, 1, 2, 2, 2]);
    }
}
