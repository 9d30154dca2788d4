//! Shortest ways of a disc between pieces, exactly but for the arcs: a visibility graph.
//!
//! The disc's middle keeps its radius from the footprint of every piece that is in the way and from the walls. A
//! shortest such way is a taut string: straight but for arcs around corners. Each corner gets the corners of a
//! regular polygon around its circle; two corners are joined where the segment between them keeps the radius from
//! everything. It shares nothing with the grids of [`crate::walk`] and of the memory's floor.

use std::cell::Cell;

use reasmory_geom::{Point3, math};

use crate::room::{Piece, Room};

/// From here on a piece is an obstacle, and from here up it is not: metres above the floor.
const BAND: [f64; 2] = [0.1, 1.8];
/// Corners of the polygon around a circle.
const RING: usize = 12;
/// Distance between the places that a piece is left from or reached at.
const APART: f64 = 0.05;
/// A piece is reached within this distance of its footprint.
pub(super) const REACH: f64 = 0.6;
/// What rounding may take from a distance.
const TINY: f64 = 1e-9;

type P = [f64; 2];

fn minus(a: P, b: P) -> P {
    [a[0] - b[0], a[1] - b[1]]
}

fn dot(a: P, b: P) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

fn cross(a: P, b: P) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn length(a: P) -> f64 {
    a[0].hypot(a[1])
}

/// Distance of a point from a segment.
fn to_segment(p: P, a: P, b: P) -> f64 {
    let d = minus(b, a);
    let n = dot(d, d);
    let t = if n > 0.0 { (dot(minus(p, a), d) / n).clamp(0.0, 1.0) } else { 0.0 };
    length(minus(p, [a[0] + t * d[0], a[1] + t * d[1]]))
}

/// Distance of two segments.
fn apart(a: P, b: P, c: P, d: P) -> f64 {
    let (u, v) = (minus(b, a), minus(d, c));
    let crossing = cross(u, minus(c, a)) * cross(u, minus(d, a)) < 0.0
        && cross(v, minus(a, c)) * cross(v, minus(b, c)) < 0.0;
    if crossing {
        return 0.0;
    }
    let ends = [to_segment(a, c, d), to_segment(b, c, d), to_segment(c, a, b), to_segment(d, a, b)];
    ends.into_iter().fold(f64::INFINITY, f64::min)
}

/// Footprint of a piece, counter-clockwise.
fn footprint(p: &Piece) -> [P; 4] {
    let h = p.half();
    [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]].map(|s| {
        let q = p.frame.point(reasmory_geom::Vec3::new(s[0] * h.x, s[1] * h.y, 0.0));
        [q.x, q.y]
    })
}

/// Distance of a place from a footprint; 0 inside.
fn from_piece(p: &Piece, at: P) -> f64 {
    let (l, h) = (p.frame.local(Point3::new(at[0], at[1], 0.0)), p.half());
    (l.x.abs() - h.x).max(0.0).hypot((l.y.abs() - h.y).max(0.0))
}

/// Whether a place is within an outline (how often a ray to the right crosses it).
fn within(outline: &[P], at: P) -> bool {
    (0..outline.len()).fold(false, |inside, i| {
        let (a, b) = (outline[i], outline[(i + 1) % outline.len()]);
        let crossed = (a[1] > at[1]) != (b[1] > at[1])
            && at[0] < a[0] + (at[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
        inside != crossed
    })
}

/// What is in the way: a piece, its footprint, and a circle around that.
struct Block<'r> {
    piece: &'r Piece,
    footprint: [P; 4],
    centre: P,
    reach: f64,
}

/// The floor of a room for a disc.
pub(super) struct Paths<'r> {
    room: &'r Room,
    radius: f64,
    /// What is in the way.
    blocks: Vec<Block<'r>>,
    /// The block that was hit last.
    hit: Cell<usize>,
    /// Corners of ways.
    corners: Vec<P>,
    /// Which of them see which, with distances.
    joined: Vec<Vec<(usize, f64)>>,
}

impl<'r> Paths<'r> {
    /// For a disc of this radius; `None` of flats, whose inner walls a memory does not have.
    pub(super) fn new(room: &'r Room, radius: f64) -> Option<Paths<'r>> {
        if room.layout.is_some() {
            return None;
        }
        let in_the_way = |p: &&Piece| {
            let z = p.frame.origin.z;
            z + 2.0 * p.half().z > BAND[0] && z < BAND[1]
        };
        let block = |piece: &'r Piece| Block {
            piece,
            footprint: footprint(piece),
            centre: [piece.frame.origin.x, piece.frame.origin.y],
            reach: piece.half().x.hypot(piece.half().y),
        };
        let blocks: Vec<Block> = room.pieces.iter().filter(in_the_way).map(block).collect();
        // The polygon's sides touch the circle.
        let out = radius / math::cos_deg(180.0 / RING as f64);
        let ring = |a: &P| {
            let a = *a;
            (0..RING).map(move |k| {
                let angle = 360.0 * (k as f64 + 0.5) / RING as f64;
                [a[0] + out * math::cos_deg(angle), a[1] + out * math::sin_deg(angle)]
            })
        };
        let all = blocks.iter().flat_map(|b| &b.footprint).chain(&room.outline);
        let mut corners: Vec<P> = all.flat_map(ring).collect();
        let mut it =
            Paths { room, radius, blocks, hit: Cell::new(0), corners: vec![], joined: vec![] };
        corners.retain(|c| it.free(*c));
        let mut joined = vec![Vec::new(); corners.len()];
        for i in 0..corners.len() {
            for j in i + 1..corners.len() {
                if it.straight(corners[i], corners[j]) {
                    let d = length(minus(corners[i], corners[j]));
                    joined[i].push((j, d));
                    joined[j].push((i, d));
                }
            }
        }
        (it.corners, it.joined) = (corners, joined);
        Some(it)
    }

    /// Whether the disc may be at a place.
    fn free(&self, at: P) -> bool {
        within(&self.room.outline, at)
            && self.blocks.iter().all(|b| from_piece(b.piece, at) >= self.radius - TINY)
            && self.walls_allow(at, at)
    }

    fn walls_allow(&self, a: P, b: P) -> bool {
        let o = &self.room.outline;
        (0..o.len()).all(|i| apart(a, b, o[i], o[(i + 1) % o.len()]) >= self.radius - TINY)
    }

    /// Whether it goes straight from one such place to another.
    fn straight(&self, a: P, b: P) -> bool {
        let least = self.radius - TINY;
        let past = |s: &Block| {
            to_segment(s.centre, a, b) > s.reach + self.radius
                || (0..4).all(|i| apart(a, b, s.footprint[i], s.footprint[(i + 1) % 4]) >= least)
        };
        // What was hit last is often hit again.
        let last = self.hit.get();
        if self.blocks.get(last).is_some_and(|s| !past(s)) {
            return false;
        }
        if let Some(i) = self.blocks.iter().position(|s| !past(s)) {
            self.hit.set(i);
            return false;
        }
        self.walls_allow(a, b)
    }

    /// Places from which a piece is just within reach.
    fn around(&self, p: &Piece) -> Vec<P> {
        let f = footprint(p);
        let mut out = Vec::new();
        for (i, a) in f.iter().enumerate() {
            let b = f[(i + 1) % 4];
            let d = minus(b, *a);
            let n = length(d);
            if n < TINY {
                continue;
            }
            // Outwards of a side of a counter-clockwise outline.
            let normal = [d[1] / n * REACH, -d[0] / n * REACH];
            let steps = (n / APART).ceil();
            out.extend((0..=steps as usize).map(|k| {
                let t = k as f64 / steps;
                [a[0] + t * d[0] + normal[0], a[1] + t * d[1] + normal[1]]
            }));
            let first = math::atan2_deg(-d[0], d[1]);
            out.extend((1..18).map(|k| {
                let angle = first + 5.0 * f64::from(k);
                [b[0] + REACH * math::cos_deg(angle), b[1] + REACH * math::sin_deg(angle)]
            }));
        }
        out.retain(|q| self.free(*q));
        out
    }

    /// Length of the shortest way from within reach of one piece to within reach of another; 0 where one place is
    /// within reach of both, `None` where no way leads there.
    pub(super) fn length(&self, from: &Piece, to: &Piece) -> Option<f64> {
        let (starts, ends) = (self.around(from), self.around(to));
        // A place at the edge of one reach that is within the other, or a free place deep within both.
        let both = starts.iter().any(|s| from_piece(to, *s) <= REACH)
            || ends.iter().any(|e| from_piece(from, *e) <= REACH)
            || self.shared(from, to);
        if both {
            return Some(0.0);
        }
        let n = self.corners.len();
        let mut best = vec![f64::INFINITY; n];
        let mut answer = f64::INFINITY;
        let mut direct: Vec<(f64, P, P)> = starts
            .iter()
            .flat_map(|s| ends.iter().map(|e| (length(minus(*e, *s)), *s, *e)))
            .collect();
        direct.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((d, ..)) = direct.iter().find(|(_, s, e)| self.straight(*s, *e)) {
            answer = *d;
        }
        for s in &starts {
            for (i, c) in self.corners.iter().enumerate() {
                let d = length(minus(*c, *s));
                if d < best[i] && self.straight(*s, *c) {
                    best[i] = d;
                }
            }
        }
        let mut done = vec![false; n];
        loop {
            // The graph is small: no heap.
            let next = (0..n).filter(|i| !done[*i] && best[*i] < answer);
            let Some(i) = next.min_by(|i, j| best[*i].total_cmp(&best[*j])) else { break };
            done[i] = true;
            for (j, d) in &self.joined[i] {
                best[*j] = best[*j].min(best[i] + d);
            }
            for e in &ends {
                let d = best[i] + length(minus(*e, self.corners[i]));
                if d < answer && self.straight(self.corners[i], *e) {
                    answer = d;
                }
            }
        }
        answer.is_finite().then_some(answer)
    }

    /// Whether some place on a fine grid is within reach of both.
    fn shared(&self, a: &Piece, b: &Piece) -> bool {
        let o = [a.frame.origin.x, a.frame.origin.y];
        let far = REACH + a.half().x.hypot(a.half().y);
        let n = (2.0 * far / 0.04).ceil() as usize;
        (0..=n).any(|i| {
            (0..=n).any(|j| {
                let p = [o[0] - far + 0.04 * i as f64, o[1] - far + 0.04 * j as f64];
                from_piece(a, p) <= REACH && from_piece(b, p) <= REACH && self.free(p)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::RoomOptions;
    use crate::walk::{Floor, length as way_length};

    #[test]
    fn the_graph_and_the_grid_agree() {
        // Another grid, other cells, its own rule for ends: only lengths between open places compare.
        let mut compared = 0;
        for seed in 0..2 {
            let room = Room::generate(seed, &RoomOptions::default());
            let paths = Paths::new(&room, 0.25).unwrap();
            let floor = Floor::new(&room, 0.25);
            for (i, a) in room.pieces.iter().enumerate().step_by(2) {
                for b in room.pieces[i + 1..].iter().step_by(3) {
                    let Some(exact) = paths.length(a, b).filter(|d| *d > 1.0) else { continue };
                    let (s, e) = (paths.around(a), paths.around(b));
                    // No way between any two of these places is shorter than the shortest.
                    for (s, e) in s.iter().zip(&e).step_by(7) {
                        let Some(way) = floor.way(*s, *e, 0.15) else { continue };
                        assert!(way_length(&way) + 0.3 > exact, "{} {}", a.category, b.category);
                        compared += 1;
                    }
                    let there = paths.length(b, a).unwrap();
                    assert!((there - exact).abs() < 1e-6, "{there} {exact}");
                }
            }
        }
        assert!(compared > 50, "{compared}");
    }

    #[test]
    fn a_wide_disc_gets_no_further() {
        let room = Room::generate(3, &RoomOptions::default());
        let [thin, wide] = [0.1, 0.45].map(|r| Paths::new(&room, r).unwrap());
        let mut lost = 0;
        for a in room.pieces.iter().step_by(3) {
            for b in room.pieces.iter().filter(|b| b.id > a.id) {
                match (thin.length(a, b), wide.length(a, b)) {
                    (Some(x), Some(y)) => assert!(x <= y + 0.05, "{x} {y}"),
                    (None, Some(_)) => panic!("{} {}", a.category, b.category),
                    (_, None) => lost += 1,
                }
            }
        }
        assert!(lost > 0);
        assert!(Paths::new(&Room::flat(1, None), 0.25).is_none());
    }
}
