//! Floor, ceiling and walls: what a ray meets that is no furniture, and where one can stand.

use reasmory_geom::{Point3, Vec3};

use crate::material::Material;

/// A gap in a wall, from the floor up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Hole {
    /// From and to, along the wall from its start.
    pub along: [f64; 2],
    /// Its upper end.
    pub top: f64,
}

/// An upright panel, seen from the side its normal points to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wall {
    pub start: [f64; 2],
    pub dir: [f64; 2],
    pub len: f64,
    pub normal: [f64; 2],
    /// Upper end; infinite for walls up to the ceiling.
    pub top: f64,
    pub holes: Vec<Hole>,
    /// The room whose wall it is.
    pub room: usize,
    /// Which of the room's walls.
    pub number: usize,
}

impl Wall {
    pub(crate) fn at(&self, along: f64) -> [f64; 2] {
        [self.start[0] + self.dir[0] * along, self.start[1] + self.dir[1] * along]
    }

    /// Stretches without a hole.
    pub(crate) fn solid(&self) -> Vec<[f64; 2]> {
        let mut ends = vec![0.0];
        let mut holes = self.holes.clone();
        holes.sort_by(|a, b| a.along[0].total_cmp(&b.along[0]));
        for h in holes {
            ends.extend(h.along);
        }
        ends.push(self.len);
        ends.chunks(2).map(|c| [c[0], c[1]]).filter(|c| c[1] > c[0]).collect()
    }
}

/// One of a flat's rooms.
#[derive(Clone, Debug, PartialEq)]
pub struct Chamber {
    /// What it is used for: `living room`, `bedroom` …
    pub name: String,
    /// Lowest and highest corner in the floor plane.
    pub span: [[f64; 2]; 2],
    /// Ids of the pieces in it, from and to, the last excluded.
    pub pieces: [u32; 2],
    pub(crate) floor: Material,
    pub(crate) wall: Material,
    pub(crate) accent: Material,
    /// Its ceiling lamp.
    pub(crate) light: Point3,
}

impl Chamber {
    /// Its outline, counter-clockwise.
    pub fn outline(&self) -> Vec<[f64; 2]> {
        let [[a, b], [c, d]] = self.span;
        vec![[a, b], [c, b], [c, d], [a, d]]
    }

    /// Middle of its floor.
    pub fn middle(&self) -> [f64; 2] {
        [0, 1].map(|k| (self.span[0][k] + self.span[1][k]) / 2.0)
    }

    /// Whether a place of the floor plane is in it, with a margin (outwards where positive).
    pub fn holds(&self, p: [f64; 2], margin: f64) -> bool {
        (0..2).all(|k| p[k] >= self.span[0][k] - margin && p[k] <= self.span[1][k] + margin)
    }
}

/// An open doorway between two rooms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Doorway {
    /// Indices of the two rooms.
    pub between: [usize; 2],
    /// Lowest and highest corner in the floor plane: as wide as the doorway, as deep as the wall.
    pub span: [[f64; 2]; 2],
    /// Height of its upper end.
    pub top: f64,
}

impl Doorway {
    /// Its middle in the floor plane.
    pub fn middle(&self) -> [f64; 2] {
        [0, 1].map(|k| (self.span[0][k] + self.span[1][k]) / 2.0)
    }
}

/// How a flat is divided.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Its rooms; the entrance is in the first.
    pub rooms: Vec<Chamber>,
    /// Open doorways. They join all rooms.
    pub doorways: Vec<Doorway>,
    pub(crate) walls: Vec<Wall>,
}

/// Colour of door linings.
const LINING: Material = Material::plain([0.88, 0.87, 0.84]);

/// What of the structure a ray meets.
pub(crate) enum Surface {
    Floor,
    Ceiling,
    /// Index of the wall, and how far along it.
    Wall(usize, f64),
    /// The upper side of a doorway.
    Lintel,
}

impl Layout {
    /// The structure that the ray `o + t·d` meets first.
    pub(crate) fn hit(&self, height: f64, o: Point3, d: Vec3) -> Option<(f64, Surface)> {
        let mut best: Option<(f64, Surface)> = None;
        let mut offer = |t: f64, s: Surface| {
            if t > 1e-9 && best.as_ref().is_none_or(|b| t < b.0) {
                best = Some((t, s));
            }
        };
        if d.z < 0.0 {
            offer(-o.z / d.z, Surface::Floor);
        } else if d.z > 0.0 {
            offer((height - o.z) / d.z, Surface::Ceiling);
            for w in &self.doorways {
                let t = (w.top - o.z) / d.z;
                let p = o + d * t;
                if (0..2).all(|k| p[k] >= w.span[0][k] && p[k] <= w.span[1][k]) {
                    offer(t, Surface::Lintel);
                }
            }
        }
        for (i, w) in self.walls.iter().enumerate() {
            let toward = d.x * w.normal[0] + d.y * w.normal[1];
            if toward >= 0.0 {
                continue;
            }
            let off = (w.start[0] - o.x) * w.normal[0] + (w.start[1] - o.y) * w.normal[1];
            let t = off / toward;
            let p = o + d * t;
            let u = (p.x - w.start[0]) * w.dir[0] + (p.y - w.start[1]) * w.dir[1];
            let through = |h: &Hole| u > h.along[0] && u < h.along[1] && p.z < h.top;
            if u >= -1e-9 && u <= w.len + 1e-9 && p.z <= w.top && !w.holes.iter().any(through) {
                offer(t, Surface::Wall(i, u));
            }
        }
        best
    }

    /// The room that holds a place, else the nearest by its border.
    pub(crate) fn room_at(&self, x: f64, y: f64) -> usize {
        let off = |c: &Chamber| {
            let d = |k: usize, v: f64| (c.span[0][k] - v).max(v - c.span[1][k]).max(0.0);
            d(0, x).hypot(d(1, y))
        };
        let by = |a: &usize, b: &usize| off(&self.rooms[*a]).total_cmp(&off(&self.rooms[*b]));
        (0..self.rooms.len()).min_by(by).unwrap_or(0)
    }

    /// Normal and colour of what [`Layout::hit`] found at a point.
    pub(crate) fn look(&self, s: &Surface, p: Point3, ceiling: &Material) -> (Vec3, [f32; 3]) {
        match *s {
            Surface::Floor => {
                let inside = self.rooms.iter().find(|c| c.holds([p.x, p.y], 0.0));
                (Vec3::z(), inside.map_or(&LINING, |c| &c.floor).color(p.x, p.y))
            }
            Surface::Ceiling => (-Vec3::z(), ceiling.color(p.x, p.y)),
            Surface::Lintel => (-Vec3::z(), LINING.color(p.x, p.y)),
            Surface::Wall(i, u) => {
                let w = &self.walls[i];
                let c = &self.rooms[w.room];
                let color = if w.top.is_finite() {
                    LINING.color(u, p.z)
                } else if p.z < 0.08 {
                    [0.86, 0.85, 0.82]
                } else {
                    let m = if w.number == 0 { &c.accent } else { &c.wall };
                    m.color(u + 7.0 * w.number as f64, p.z)
                };
                (Vec3::new(w.normal[0], w.normal[1], 0.0), color)
            }
        }
    }

    /// Distance in the floor plane from the nearest wall; negative outside of all rooms and doorways.
    pub(crate) fn free(&self, x: f64, y: f64) -> f64 {
        let mut free = f64::INFINITY;
        for w in &self.walls {
            for [a, b] in w.solid() {
                let (dx, dy) = (x - w.start[0], y - w.start[1]);
                let u = (dx * w.dir[0] + dy * w.dir[1]).clamp(a, b);
                let q = w.at(u);
                free = free.min((q[0] - x).hypot(q[1] - y));
            }
        }
        let within =
            |s: &[[f64; 2]; 2]| x >= s[0][0] && x <= s[1][0] && y >= s[0][1] && y <= s[1][1];
        let inside = self.rooms.iter().any(|c| within(&c.span))
            || self.doorways.iter().any(|w| within(&w.span));
        if inside { free } else { -free }
    }

    /// The rooms in the order of a walk through the doorways from the first: depth first.
    pub fn tour(&self) -> Vec<usize> {
        let mut seen = vec![false; self.rooms.len()];
        let mut order = Vec::new();
        let mut stack = vec![0];
        while let Some(r) = stack.pop() {
            if std::mem::replace(&mut seen[r], true) {
                continue;
            }
            order.push(r);
            for w in self.doorways.iter().rev() {
                let [a, b] = w.between;
                stack.extend((a == r).then_some(b));
                stack.extend((b == r).then_some(a));
            }
        }
        order
    }
}
