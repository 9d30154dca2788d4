//! Ways through a room or flat over free floor, and a hand-held video along them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use reasmory_geom::{EYE_HEIGHT, Point3, View, math};

use crate::cameras::{Camera, default_pinhole, extent, free_distance};
use crate::room::Room;

/// Width of a cell of the grid, metres.
const CELL: f64 = 0.1;
/// What is lower does not stop anyone, metres.
const STEP: f64 = 0.1;

/// The floor as a grid of cells that a person of some width can stand in.
pub struct Floor {
    origin: [f64; 2],
    size: [usize; 2],
    open: Vec<bool>,
}

impl Floor {
    /// The cells whose middle is at least `radius` from walls and from everything higher than a step.
    pub fn new(room: &Room, radius: f64) -> Floor {
        let (lo, hi) = extent(room);
        let size = [0, 1].map(|k| ((hi[k] - lo[k]) / CELL).ceil().max(1.0) as usize);
        let open = (0..size[0] * size[1])
            .map(|i| {
                let [x, y] = middle(lo, [i % size[0], i / size[0]]);
                free_distance(room, x, y, STEP) >= radius
            })
            .collect();
        Floor { origin: lo, size, open }
    }

    fn place(&self, i: usize) -> [f64; 2] {
        middle(self.origin, [i % self.size[0], i / self.size[0]])
    }

    /// The cells that one gets to from a cell, without slanted steps.
    fn reached(&self, from: usize) -> Vec<bool> {
        let [w, h] = self.size;
        let mut out = vec![false; self.open.len()];
        let mut stack = vec![from];
        while let Some(i) = stack.pop() {
            if std::mem::replace(&mut out[i], true) {
                continue;
            }
            let (x, y) = (i % w, i / w);
            let next = [
                (x > 0).then(|| i - 1),
                (x + 1 < w).then_some(i + 1),
                (y > 0).then(|| i - w),
                (y + 1 < h).then_some(i + w),
            ];
            stack.extend(next.into_iter().flatten().filter(|j| self.open[*j] && !out[*j]));
        }
        out
    }

    /// The open cell nearest to a place, no further than `within`.
    fn near(&self, p: [f64; 2], within: f64) -> Option<usize> {
        let off = |i: usize| {
            let m = self.place(i);
            (m[0] - p[0]).hypot(m[1] - p[1])
        };
        let all = (0..self.open.len()).filter(|i| self.open[*i]).map(|i| (off(i), i));
        all.filter(|c| c.0 <= within).min_by(|a, b| a.0.total_cmp(&b.0)).map(|c| c.1)
    }

    /// The shortest way over the grid (Dijkstra, eight neighbours, none past a corner) from within `reach` of one
    /// place to within `reach` of another: its places, or `None` where there is none.
    pub fn way(&self, from: [f64; 2], to: [f64; 2], reach: f64) -> Option<Vec<[f64; 2]>> {
        let (start, goal) = (self.near(from, reach)?, self.near(to, reach)?);
        let [w, h] = self.size;
        let mut best = vec![u32::MAX; self.open.len()];
        let mut back = vec![usize::MAX; self.open.len()];
        let mut queue = BinaryHeap::from([(Reverse(0u32), start)]);
        best[start] = 0;
        while let Some((Reverse(d), i)) = queue.pop() {
            if i == goal {
                break;
            }
            if d > best[i] {
                continue;
            }
            let (x, y) = ((i % w) as i64, (i / w) as i64);
            let open = |x: i64, y: i64| {
                let inside = x >= 0 && y >= 0 && x < w as i64 && y < h as i64;
                (inside && self.open[y as usize * w + x as usize])
                    .then(|| y as usize * w + x as usize)
            };
            for (dx, dy) in [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)] {
                let Some(j) = open(x + dx, y + dy) else { continue };
                let slanted = dx != 0 && dy != 0;
                if slanted && (open(x + dx, y).is_none() || open(x, y + dy).is_none()) {
                    continue;
                }
                // Whole numbers, so that the way does not depend on rounding: 70 / 99 is 1 / √2 to 10⁻⁴.
                let next = d + if slanted { 99 } else { 70 };
                if next < best[j] {
                    (best[j], back[j]) = (next, i);
                    queue.push((Reverse(next), j));
                }
            }
        }
        if best[goal] == u32::MAX {
            return None;
        }
        let mut cells = vec![goal];
        while let Some(&last) = cells.last()
            && back[last] != usize::MAX
        {
            cells.push(back[last]);
        }
        cells.reverse();
        Some(cells.into_iter().map(|i| middle(self.origin, [i % w, i / w])).collect())
    }
}

fn middle(origin: [f64; 2], cell: [usize; 2]) -> [f64; 2] {
    [0, 1].map(|k| origin[k] + (cell[k] as f64 + 0.5) * CELL)
}

/// Length of a way.
pub fn length(way: &[[f64; 2]]) -> f64 {
    way.windows(2).map(|w| (w[1][0] - w[0][0]).hypot(w[1][1] - w[0][1])).sum()
}

/// The emptiest place of each room that one gets to from the first doorway, in the order of the tour.
pub(crate) fn stops(room: &Room, floor: &Floor) -> Vec<[f64; 2]> {
    let Some(l) = &room.layout else { return Vec::new() };
    let from = l.doorways.first().and_then(|w| floor.near(w.middle(), 1.0));
    let reached = from.map_or_else(Vec::new, |f| floor.reached(f));
    let emptiest = |r: usize| {
        let mut best = (f64::NEG_INFINITY, l.rooms[r].middle());
        for i in (0..reached.len()).filter(|i| reached[*i]) {
            let p = floor.place(i);
            if l.rooms[r].holds(p, -0.2) {
                let free = free_distance(room, p[0], p[1], STEP);
                if free > best.0 {
                    best = (free, p);
                }
            }
        }
        best.1
    };
    l.tour().into_iter().map(emptiest).collect()
}

/// Keeps a polyline's places this far apart, and makes its corners round.
fn smooth(way: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mean = |i: usize| {
        let (a, b) = (i.saturating_sub(3), (i + 3).min(way.len() - 1));
        let n = (b - a + 1) as f64;
        [0, 1].map(|k| way[a..=b].iter().map(|p| p[k]).sum::<f64>() / n)
    };
    (0..way.len()).map(mean).collect()
}

/// A moment of the walk: place, where the walker looks (degrees, not wrapped), seconds so far.
struct Moment {
    at: [f64; 2],
    heading: f64,
    time: f64,
}

/// The heading nearest to another that points the same way.
fn unwrapped(heading: f64, last: f64) -> f64 {
    last + math::wrap_deg(heading - last)
}

/// A walk through all rooms: in each once around where one stands, between them as one walks.
fn moments(room: &Room) -> Vec<Moment> {
    let floor = Floor::new(room, 0.25);
    let stops = stops(room, &floor);
    let mut out: Vec<Moment> = Vec::new();
    let (mut time, mut heading) = (0.0, 0.0);
    for (i, stop) in stops.iter().enumerate() {
        if let Some(before) = i.checked_sub(1).map(|b| stops[b]) {
            let way = floor.way(before, *stop, 1.5).unwrap_or_else(|| vec![before, *stop]);
            let way = smooth(&way);
            for w in way.windows(2) {
                let (dx, dy) = (w[1][0] - w[0][0], w[1][1] - w[0][1]);
                let d = dx.hypot(dy);
                if d < 1e-6 {
                    continue;
                }
                let ahead = unwrapped(math::atan2_deg(dy, dx), heading);
                // Nobody turns by more than 70° a second on the way.
                let dt = d / 0.8;
                heading += (ahead - heading).clamp(-70.0 * dt, 70.0 * dt);
                time += dt;
                out.push(Moment { at: w[1], heading, time });
            }
        }
        let here = out.last().map_or(*stop, |m| m.at);
        for _ in 0..72 {
            heading += 5.0;
            time += 5.0 / 45.0;
            out.push(Moment { at: here, heading, time });
        }
    }
    out
}

/// A hand-held video through a flat: a walk from room to room with a look around in each, at even times.
pub(crate) fn video(
    room: &Room,
    count: usize,
    seconds: f64,
    width: u32,
    height: u32,
) -> Vec<Camera> {
    let pinhole = default_pinhole(width, height);
    let all = moments(room);
    let (Some(last), eye) = (all.last(), EYE_HEIGHT.min(room.height - 0.3)) else {
        return Vec::new();
    };
    let total = last.time;
    (0..count)
        .map(|i| {
            let f = i as f64 / count.max(1) as f64;
            let t = f * total;
            let k = all.partition_point(|m| m.time < t).min(all.len() - 1);
            let (a, b) = (&all[k.saturating_sub(1)], &all[k]);
            let share = if b.time > a.time {
                ((t - a.time) / (b.time - a.time)).clamp(0.0, 1.0)
            } else {
                1.0
            };
            let mix = |x: f64, y: f64| x + (y - x) * share;
            let time = seconds * f;
            // About two steps a second.
            let (sway, bob) = (math::sin_deg(time * 360.0), math::sin_deg(time * 720.0));
            let at = Point3::new(mix(a.at[0], b.at[0]), mix(a.at[1], b.at[1]), eye + 0.015 * bob);
            let heading = mix(a.heading, b.heading) + 3.0 * sway;
            let pitch = -14.0 + 6.0 * math::sin_deg(t * 30.0) + bob;
            let view = View { pitch, roll: 1.5 * sway, ..View::level(at, math::wrap_deg(heading)) };
            Camera { pose: view.pose(), pinhole, time: Some(time) }
        })
        .collect()
}
