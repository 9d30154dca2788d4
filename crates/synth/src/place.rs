//! Placement: rectangles in the floor plane and the rules by which pieces find their place.

use reasmory_geom::{Point3, Vec3, math};

use crate::furniture::{Kind, Model, Rule, bounds};
use crate::rng::Rng;
use crate::room::Piece;
use crate::solid::Frame2;

/// A turned rectangle with a height interval.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slab {
    pub center: [f64; 2],
    pub half: [f64; 2],
    pub cos: f64,
    pub sin: f64,
    pub z: [f64; 2],
}

impl Slab {
    pub fn new(center: [f64; 2], half: [f64; 2], yaw: f64, z: [f64; 2]) -> Slab {
        Slab { center, half, cos: math::cos_deg(yaw), sin: math::sin_deg(yaw), z }
    }

    fn axes(&self) -> [[f64; 2]; 2] {
        [[self.cos, self.sin], [-self.sin, self.cos]]
    }

    fn reach(&self, a: [f64; 2]) -> f64 {
        self.axes().iter().zip(self.half).map(|(e, h)| h * (e[0] * a[0] + e[1] * a[1]).abs()).sum()
    }

    /// Whether two slabs come nearer than `gap` (separating axes; `gap` counts horizontally only).
    pub fn meets(&self, o: &Slab, gap: f64) -> bool {
        if self.z[0] >= o.z[1] || o.z[0] >= self.z[1] {
            return false;
        }
        let d = [o.center[0] - self.center[0], o.center[1] - self.center[1]];
        self.axes()
            .iter()
            .chain(&o.axes())
            .all(|a| (d[0] * a[0] + d[1] * a[1]).abs() < self.reach(*a) + o.reach(*a) + gap)
    }

    /// Distance of a place from its footprint.
    pub fn off(&self, p: [f64; 2]) -> f64 {
        let d = [p[0] - self.center[0], p[1] - self.center[1]];
        let [x, y] = [0, 1].map(|k| {
            let e = self.axes()[k];
            ((d[0] * e[0] + d[1] * e[1]).abs() - self.half[k]).max(0.0)
        });
        x.hypot(y)
    }

    pub fn corners(&self) -> [[f64; 2]; 4] {
        [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(x, y)| {
            let (x, y) = (x * self.half[0], y * self.half[1]);
            [
                self.center[0] + self.cos * x - self.sin * y,
                self.center[1] + self.sin * x + self.cos * y,
            ]
        })
    }
}

/// The floor plan that pieces must fit in: a rectangle, less a rectangle in one corner.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub width: f64,
    pub depth: f64,
    pub notch: Option<Slab>,
    pub outline: Vec<[f64; 2]>,
}

impl Plan {
    /// A plan with an optional notch of this size in the corner of greatest x and y.
    pub fn new(width: f64, depth: f64, notch: Option<[f64; 2]>) -> Plan {
        let mut outline = vec![[0.0, 0.0], [width, 0.0]];
        match notch {
            None => outline.push([width, depth]),
            Some([a, b]) => {
                outline.extend([[width, depth - b], [width - a, depth - b], [width - a, depth]]);
            }
        }
        outline.push([0.0, depth]);
        let notch = notch.map(|[a, b]| {
            let all = [f64::NEG_INFINITY, f64::INFINITY];
            Slab::new([width - a / 2.0, depth - b / 2.0], [a / 2.0, b / 2.0], 0.0, all)
        });
        Plan { width, depth, notch, outline }
    }

    /// Whether a slab is inside, at least `gap` from the walls.
    pub fn holds(&self, s: &Slab, gap: f64) -> bool {
        let inside = s.corners().iter().all(|c| {
            c[0] >= gap && c[1] >= gap && c[0] <= self.width - gap && c[1] <= self.depth - gap
        });
        inside && self.notch.is_none_or(|n| !n.meets(s, gap))
    }

    /// Start, unit direction, length and inward normal of wall `i`.
    pub fn wall(&self, i: usize) -> ([f64; 2], [f64; 2], f64, [f64; 2]) {
        let n = self.outline.len();
        let (a, b) = (self.outline[i % n], self.outline[(i + 1) % n]);
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let len = dx.hypot(dy);
        let d = [dx / len, dy / len];
        (a, d, len, [-d[1], d[0]])
    }
}

/// Where to try a piece, relative to what.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Spot {
    /// By the kind's own rule.
    Own,
    /// On the surface of this piece.
    On(usize),
    /// At a side of this table, facing it.
    Around(usize),
    /// Before the front of this piece, facing it.
    Facing(usize),
    /// Beside this piece, their backs in line.
    Beside(usize),
    /// Against the wall nearest to opposite the front of this piece.
    Opposite(usize),
}

/// Places pieces without overlap.
#[derive(Debug)]
pub(crate) struct Placer {
    pub plan: Plan,
    pub height: f64,
    pub pieces: Vec<Piece>,
    /// Floor to keep free, with the piece that wants it.
    zones: Vec<(usize, Slab)>,
    /// Which walls doors and windows may be in; empty for all.
    pub outer: Vec<bool>,
    /// Places inside its doorways: from each to each other one can walk.
    pub ways: Vec<[f64; 2]>,
}

const TRIES: usize = 80;
/// Least distance between two pieces that do not belong together, metres.
pub(crate) const CLEARANCE: f64 = 0.06;

impl Placer {
    pub fn new(plan: Plan, height: f64) -> Placer {
        let (pieces, zones) = (Vec::new(), Vec::new());
        Placer { plan, height, pieces, zones, outer: Vec::new(), ways: Vec::new() }
    }

    /// Keeps a place free of all pieces.
    pub fn keep_free(&mut self, slab: Slab) {
        self.zones.push((usize::MAX, slab));
    }

    /// Places a new piece of this kind; its index, or `None` where no try fits.
    pub fn place(&mut self, rng: &mut Rng, kind: &'static Kind, spot: Spot) -> Option<usize> {
        let model = kind.make(rng);
        self.place_model(rng, kind, model, spot)
    }

    /// As [`Placer::place`], with a model made before.
    pub fn place_model(
        &mut self,
        rng: &mut Rng,
        kind: &'static Kind,
        model: Model,
        spot: Spot,
    ) -> Option<usize> {
        let size = {
            let (lo, hi) = bounds(&model.parts);
            hi - lo
        };
        for _ in 0..TRIES {
            let Some((center, z, yaw)) = self.propose(rng, kind, size, spot) else { continue };
            let own = Slab::new(center, [size.x / 2.0, size.y / 2.0], yaw, [z, z + size.z]);
            if z + size.z > self.height - 0.05 || !self.plan.holds(&own, 0.0) {
                continue;
            }
            let partner = match spot {
                Spot::On(i) | Spot::Around(i) | Spot::Facing(i) | Spot::Beside(i) => Some(i),
                Spot::Own | Spot::Opposite(_) => None,
            };
            let blocked = self.pieces.iter().enumerate().any(|(i, p)| {
                if matches!(spot, Spot::On(s) if s == i) {
                    return false;
                }
                let gap = if Some(i) == partner || own.z[0] > 0.0 { 0.01 } else { CLEARANCE };
                own.meets(&p.slab(), gap)
            });
            let front = Frame2::new(Point3::origin(), yaw).direction(Vec3::y());
            let zone = (kind.clear > 0.0).then(|| {
                let reach = size.y / 2.0 + kind.clear / 2.0;
                let c = [center[0] + front.x * reach, center[1] + front.y * reach];
                Slab::new(c, [size.x / 2.0, kind.clear / 2.0], yaw, [0.02, 1.8])
            });
            let in_zone = self.zones.iter().any(|(i, s)| Some(*i) != partner && s.meets(&own, 0.0));
            let zone_taken = zone.is_some_and(|zone| {
                !self.plan.holds(&zone, 0.0)
                    || self.pieces.iter().any(|p| p.slab().meets(&zone, 0.0))
            });
            if blocked || in_zone || zone_taken || !self.passable(&own) {
                continue;
            }
            let index = self.pieces.len();
            let support = match spot {
                Spot::On(s) => Some(s as u32 + 1),
                _ => None,
            };
            let frame = Frame2::new(Point3::new(center[0], center[1], z), yaw);
            self.pieces.push(Piece::new(index as u32 + 1, kind, frame, model, support));
            self.zones.extend(zone.map(|z| (index, z)));
            return Some(index);
        }
        None
    }

    /// Whether one can still walk between the doorways, and stand somewhere, when this slab is there too.
    fn passable(&self, own: &Slab) -> bool {
        const CELL: f64 = 0.1;
        const RADIUS: f64 = 0.3;
        if self.ways.is_empty() || own.z[0] > 1.8 || own.z[1] < 0.1 {
            return true;
        }
        let stands = |s: &Slab| s.z[1] >= 0.1 && s.z[0] <= 1.8;
        let all: Vec<Slab> =
            self.pieces.iter().map(Piece::slab).chain([*own]).filter(stands).collect();
        let size = [self.plan.width, self.plan.depth].map(|l| (l / CELL).floor() as usize);
        let open = |i: usize| {
            let p = [i % size[0], i / size[0]].map(|k| (k as f64 + 0.5) * CELL);
            let walls = p[0].min(p[1]).min(self.plan.width - p[0]).min(self.plan.depth - p[1]);
            walls >= RADIUS && all.iter().all(|s| s.off(p) >= RADIUS)
        };
        let cell = |p: [f64; 2]| {
            let k = [0, 1].map(|k| ((p[k] / CELL) as usize).min(size[k] - 1));
            k[1] * size[0] + k[0]
        };
        // Flood from the first doorway.
        let start = cell(self.ways[0]);
        let mut reached = vec![false; size[0] * size[1]];
        let mut stack: Vec<usize> = open(start).then_some(start).into_iter().collect();
        let mut area = 0;
        while let Some(i) = stack.pop() {
            if std::mem::replace(&mut reached[i], true) {
                continue;
            }
            area += 1;
            let (x, y) = (i % size[0], i / size[0]);
            let next = [
                (x > 0).then(|| i - 1),
                (x + 1 < size[0]).then_some(i + 1),
                (y > 0).then(|| i - size[0]),
                (y + 1 < size[1]).then_some(i + size[0]),
            ];
            stack.extend(next.into_iter().flatten().filter(|j| !reached[*j] && open(*j)));
        }
        f64::from(area) * CELL * CELL >= 1.0 && self.ways.iter().all(|w| reached[cell(*w)])
    }

    /// A random place: centre, base height and yaw.
    fn propose(
        &self,
        rng: &mut Rng,
        kind: &Kind,
        size: Vec3,
        spot: Spot,
    ) -> Option<([f64; 2], f64, f64)> {
        match spot {
            Spot::Own => match kind.rule {
                Rule::Wall => {
                    let wall = rng.below(self.plan.outline.len());
                    self.at_wall(rng, wall, size, 0.0, None)
                }
                Rule::Mounted(z) => {
                    let wall = rng.below(self.plan.outline.len());
                    let opens = matches!(kind.name, "door" | "window");
                    if opens && !self.outer.get(wall).is_none_or(|o| *o) {
                        return None;
                    }
                    self.at_wall(rng, wall, size, z, Some(0.0))
                }
                Rule::Corner => {
                    let wall = rng.below(self.plan.outline.len());
                    let (.., len, _) = self.plan.wall(wall);
                    let inset = rng.range(0.08, 0.3) + size.x / 2.0;
                    let along = if rng.chance(0.5) { inset } else { len - inset };
                    let yaw = rng.range(-180.0, 180.0);
                    // Round pieces stand at any yaw, so half the diagonal is kept from the wall.
                    let off = size.x.hypot(size.y) / 2.0 + rng.range(0.02, 0.12);
                    Some((self.off_wall(wall, along, off), 0.0, yaw))
                }
                Rule::Free | Rule::Flat => {
                    let margin = if kind.rule == Rule::Flat { 0.15 } else { 0.5 };
                    let (mx, my) = (size.x / 2.0 + margin, size.y / 2.0 + margin);
                    let c = [
                        rng.range(mx.min(self.plan.width / 2.0), mx.max(self.plan.width - mx)),
                        rng.range(my.min(self.plan.depth / 2.0), my.max(self.plan.depth - my)),
                    ];
                    let turn = 90.0 * rng.below(4) as f64;
                    let jitter = if kind.rule == Rule::Flat { 4.0 } else { 18.0 };
                    Some((c, 0.0, math::wrap_deg(turn + rng.range(-jitter, jitter))))
                }
                Rule::On => None,
            },
            Spot::On(i) => {
                let p = self.pieces.get(i)?;
                let s = p.surface?;
                // Turned things must fit as well, so the box of the turned footprint is used.
                let turn = if kind.front { rng.range(-6.0, 6.0) } else { rng.range(-25.0, 25.0) };
                let (c, sn) = (math::cos_deg(turn).abs(), math::sin_deg(turn).abs());
                let hx = (size.x * c + size.y * sn) / 2.0;
                let hy = (size.x * sn + size.y * c) / 2.0;
                let (rx, ry) = (s.half.x - hx, s.half.y - hy);
                if rx < 0.0 || ry < 0.0 {
                    return None;
                }
                // Screens stand at the back.
                let back = if kind.front { -ry } else { -ry + 2.0 * ry * rng.unit() };
                let local = Vec3::new(s.center[0] + rng.range(-rx, rx), s.center[1] + back, s.z);
                let at = p.frame.point(local);
                Some(([at.x, at.y], at.z, math::wrap_deg(p.frame.yaw + turn)))
            }
            Spot::Around(i) => {
                let p = self.pieces.get(i)?;
                let h = p.half();
                let gap = rng.range(0.03, 0.16);
                let side = rng.below(6);
                // Two of three at the long sides.
                let (x, y, turn) = match side {
                    0 | 1 => (rng.range(-h.x + size.x / 2.0, h.x - size.x / 2.0), h.y, 180.0),
                    2 | 3 => (rng.range(-h.x + size.x / 2.0, h.x - size.x / 2.0), -h.y, 0.0),
                    4 => (h.x, 0.0, 90.0),
                    _ => (-h.x, 0.0, -90.0),
                };
                let away = gap + size.y / 2.0;
                let local = match side {
                    0..=3 => Vec3::new(x, y + away * y.signum(), 0.0),
                    _ => Vec3::new(x + away * x.signum(), y, 0.0),
                };
                let at = p.frame.point(local);
                let yaw = p.frame.yaw + turn + rng.range(-7.0, 7.0);
                Some(([at.x, at.y], 0.0, math::wrap_deg(yaw)))
            }
            Spot::Facing(i) => {
                let p = self.pieces.get(i)?;
                let h = p.half();
                let local = Vec3::new(
                    rng.range(-0.3, 0.3) * h.x,
                    h.y + size.y / 2.0 + rng.range(0.04, 0.15),
                    0.0,
                );
                let at = p.frame.point(local);
                let yaw = p.frame.yaw + 180.0 + rng.range(-20.0, 20.0);
                Some(([at.x, at.y], 0.0, math::wrap_deg(yaw)))
            }
            Spot::Beside(i) => {
                let p = self.pieces.get(i)?;
                let h = p.half();
                let side = if rng.chance(0.5) { 1.0 } else { -1.0 };
                let x = side * (h.x + size.x / 2.0 + rng.range(0.03, 0.1));
                let at = p.frame.point(Vec3::new(x, -h.y + size.y / 2.0, 0.0));
                Some(([at.x, at.y], 0.0, p.frame.yaw))
            }
            Spot::Opposite(i) => {
                let p = self.pieces.get(i)?;
                let f = p.frame.direction(Vec3::y());
                let facing = |w: &usize| {
                    let n = self.plan.wall(*w).3;
                    n[0] * f.x + n[1] * f.y < -0.9
                };
                let walls: Vec<usize> = (0..self.plan.outline.len()).filter(facing).collect();
                let wall = *walls.get(rng.below(walls.len()))?;
                self.at_wall(rng, wall, size, 0.0, None)
            }
        }
    }

    /// A place with the back to a wall, anywhere along it.
    fn at_wall(
        &self,
        rng: &mut Rng,
        wall: usize,
        size: Vec3,
        z: f64,
        gap: Option<f64>,
    ) -> Option<([f64; 2], f64, f64)> {
        let (_, _, len, n) = self.plan.wall(wall);
        let room = len - size.x;
        if room <= 0.0 {
            return None;
        }
        let gap = gap.unwrap_or_else(|| rng.range(0.01, 0.05));
        let along = size.x / 2.0 + room * rng.unit();
        let yaw = math::atan2_deg(-n[0], n[1]);
        Some((self.off_wall(wall, along, gap + size.y / 2.0), z, yaw))
    }

    fn off_wall(&self, wall: usize, along: f64, off: f64) -> [f64; 2] {
        let (a, d, _, n) = self.plan.wall(wall);
        [a[0] + d[0] * along + n[0] * off, a[1] + d[1] * along + n[1] * off]
    }
}
