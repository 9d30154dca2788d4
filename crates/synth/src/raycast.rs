//! A plain ray caster: colour, depth and instance masks of a room.

use rayon::prelude::*;
use reasmory_geom::{Pinhole, Point3, Pose, Vec3};
use reasmory_scene::Rgb8;

use crate::cameras::Camera;
use crate::room::{Piece, Room};
use crate::solid::Part;
use crate::structure::Surface;

/// What a camera records.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Colours.
    pub rgb: Rgb8,
    /// Depth along the camera's z axis, metres, row-major.
    pub depth: Vec<f32>,
    /// Id of the piece in each pixel, 0 for floor, walls and ceiling.
    pub instance: Vec<u32>,
}

impl Frame {
    /// Number of pixels that show each piece; index 0 counts the structure.
    pub fn pixel_counts(&self, pieces: usize) -> Vec<u32> {
        let mut counts = vec![0; pieces + 1];
        for id in &self.instance {
            if let Some(c) = counts.get_mut(*id as usize) {
                *c += 1;
            }
        }
        counts
    }
}

/// What a ray meets first.
pub(crate) struct Hit {
    pub t: f64,
    pub id: u32,
    /// World normal, unit, towards the ray's origin side.
    pub normal: Vec3,
    pub color: [f32; 3],
    pub glows: bool,
}

/// Nearest part of one piece along a ray.
fn piece_hit(
    p: &Piece,
    o: Point3,
    d: Vec3,
    least: f64,
    most: f64,
) -> Option<(f64, Vec3, &Part, Vec3)> {
    let (lo, ld) = (p.frame.local(o), p.frame.local_direction(d));
    // The piece's own box first: most rays miss it.
    let h = p.half();
    let (mut near, mut far) = (least, most);
    for i in 0..3 {
        let (a, b) = match i {
            2 => (0.0, 2.0 * h.z),
            _ => (-h[i], h[i]),
        };
        let inv = 1.0 / ld[i];
        let (t0, t1) = ((a - lo[i]) * inv, (b - lo[i]) * inv);
        near = near.max(t0.min(t1));
        far = far.min(t0.max(t1));
    }
    if near > far + 1e-9 {
        return None;
    }
    let mut best: Option<(f64, Vec3, &Part)> = None;
    for part in &p.parts {
        let limit = best.map_or(most, |b| b.0);
        if let Some((t, n)) = part.hit(lo, ld, least, limit) {
            best = Some((t, n, part));
        }
    }
    best.map(|(t, n, part)| (t, n, part, lo + ld * t))
}

impl Room {
    /// Distance parameter, surface coordinates and inward normal of the floor, ceiling or wall ahead.
    fn structure_hit(&self, o: Point3, d: Vec3) -> Option<(f64, Surface)> {
        let mut best: Option<(f64, Surface)> = None;
        let mut offer = |t: f64, s: Surface| {
            if t > 1e-9 && best.as_ref().is_none_or(|b| t < b.0) {
                best = Some((t, s));
            }
        };
        if d.z < 0.0 {
            offer(-o.z / d.z, Surface::Floor);
        } else if d.z > 0.0 {
            offer((self.height - o.z) / d.z, Surface::Ceiling);
        }
        for i in 0..self.outline.len() {
            let (a, dir, len, n) = self.plan.wall(i);
            let toward = d.x * n[0] + d.y * n[1];
            if toward >= 0.0 {
                continue;
            }
            let t = ((a[0] - o.x) * n[0] + (a[1] - o.y) * n[1]) / toward;
            let (x, y) = (o.x + d.x * t - a[0], o.y + d.y * t - a[1]);
            let u = x * dir[0] + y * dir[1];
            if u >= -1e-9 && u <= len + 1e-9 {
                offer(t, Surface::Wall(i, u));
            }
        }
        best
    }

    /// What the ray `o + t·d` meets first among the structure and these pieces.
    fn trace_among<'a>(
        &'a self,
        o: Point3,
        d: Vec3,
        pieces: impl Iterator<Item = &'a Piece>,
    ) -> Option<Hit> {
        let structure = match &self.layout {
            Some(l) => l.hit(self.height, o, d),
            None => self.structure_hit(o, d),
        };
        let mut most = structure.as_ref().map_or(f64::INFINITY, |s| s.0);
        let mut found = None;
        for p in pieces {
            if let Some(h) = piece_hit(p, o, d, 1e-9, most) {
                most = h.0;
                found = Some((p, h));
            }
        }
        if let Some((p, (t, n, part, at))) = found {
            return Some(Hit {
                t,
                id: p.id,
                normal: p.frame.direction(n).normalize(),
                color: part.color(at, n),
                glows: part.material.glows,
            });
        }
        let (t, s) = structure?;
        let p = o + d * t;
        if let Some(l) = &self.layout {
            let (normal, color) = l.look(&s, p, &self.ceiling);
            return Some(Hit { t, id: 0, normal, color, glows: false });
        }
        let (normal, color) = match s {
            Surface::Lintel => return None,
            Surface::Floor => (Vec3::z(), self.floor.color(p.x, p.y)),
            Surface::Ceiling => (-Vec3::z(), self.ceiling.color(p.x, p.y)),
            Surface::Wall(i, u) => {
                let n = self.plan.wall(i).3;
                let m = if i == 0 { &self.accent } else { &self.wall };
                // A skirting board along the floor.
                let c =
                    if p.z < 0.08 { [0.86, 0.85, 0.82] } else { m.color(u + 7.0 * i as f64, p.z) };
                (Vec3::new(n[0], n[1], 0.0), c)
            }
        };
        Some(Hit { t, id: 0, normal, color, glows: false })
    }

    /// The id and parameter of what the ray `o + t·d` meets first, of everything or of one piece alone.
    pub(crate) fn sees(&self, o: Point3, d: Vec3, only: Option<u32>) -> Option<(u32, f64)> {
        match only {
            Some(id) => {
                let h = piece_hit(self.piece(id)?, o, d, 1e-9, f64::INFINITY)?;
                Some((id, h.0))
            }
            None => self.trace_among(o, d, self.pieces.iter()).map(|h| (h.id, h.t)),
        }
    }

    /// What the ray `o + t·d` meets first.
    #[cfg(test)]
    pub(crate) fn trace(&self, o: Point3, d: Vec3) -> Option<Hit> {
        self.trace_among(o, d, self.pieces.iter())
    }

    /// The lamp that lights a point: that of its room.
    fn lamp(&self, p: Point3) -> Point3 {
        self.layout.as_ref().map_or(self.light, |l| l.rooms[l.room_at(p.x, p.y)].light)
    }

    /// Whether something stands between a point and a lamp.
    fn shadowed(&self, lamp: Point3, p: Point3, boxes: &[(Point3, Point3)]) -> bool {
        let d = lamp - p;
        let inv = Vec3::new(1.0 / d.x, 1.0 / d.y, 1.0 / d.z);
        self.pieces.iter().zip(boxes).any(|(piece, (lo, hi))| {
            let (a, b) = ((lo - p).component_mul(&inv), (hi - p).component_mul(&inv));
            let near = a.inf(&b).max().max(0.0);
            let far = a.sup(&b).min().min(1.0);
            near <= far && {
                let (o, l) = (piece.frame.local(p), piece.frame.local_direction(d));
                piece.parts.iter().any(|q| !q.material.glows && q.hit(o, l, 1e-6, 1.0).is_some())
            }
        })
    }

    /// Lambert shading: the ceiling lamp with shadows, daylight without, and an ambient term that fades
    /// towards the floor.
    pub(crate) fn shade(&self, hit: &Hit, p: Point3, boxes: &[(Point3, Point3)]) -> [u8; 3] {
        let light = if hit.glows {
            1.0
        } else {
            let source = self.lamp(p);
            let to = source - p;
            let distance = to.norm();
            let facing = (hit.normal.dot(&to) / distance).max(0.0);
            let lamp = if facing > 0.0 && self.shadowed(source, p + hit.normal * 1e-4, boxes) {
                0.0
            } else {
                facing / (1.0 + 0.05 * distance * distance)
            };
            let day = (0.55 * hit.normal.x + 0.3 * hit.normal.y + 0.5 * hit.normal.z).max(0.0);
            // The floor throws light back at what faces down.
            let bounce = 0.3 * (-hit.normal.z).max(0.0) * (p.z / 2.0).min(1.0);
            let ambient = 0.45 + 0.08 * (p.z / 0.8).min(1.0) + bounce;
            ambient + 0.48 * lamp + 0.13 * day
        };
        hit.color.map(|c| (f64::from(c) * light * 255.0).round().clamp(0.0, 255.0) as u8)
    }

    pub(crate) fn piece_bounds(&self) -> Vec<(Point3, Point3)> {
        self.pieces.iter().map(Piece::bounds).collect()
    }
}

/// Columns and rows of the picture in which a piece can appear; the whole picture when it reaches behind
/// the camera.
fn window(piece: &Piece, pose: &Pose, k: &Pinhole) -> Option<[f64; 4]> {
    let mut w = [f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY];
    let mut behind = 0;
    for c in piece.obb.corners() {
        let q = pose.to_camera(c);
        if q.z < 0.05 {
            behind += 1;
            continue;
        }
        let (u, v) = (k.fx * q.x / q.z + k.cx, k.fy * q.y / q.z + k.cy);
        w = [w[0].min(u), w[1].max(u), w[2].min(v), w[3].max(v)];
    }
    match behind {
        0 => Some([w[0] - 1.0, w[1] + 1.0, w[2] - 1.0, w[3] + 1.0]),
        // Straddling the camera plane: no bound.
        1..8 => Some([f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY]),
        _ => {
            // All corners nearer than the 5 cm plane: in front of the camera only if a ray can meet it.
            let any = piece.obb.corners().iter().any(|c| pose.to_camera(*c).z > 0.0);
            any.then_some([f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY])
        }
    }
}

/// The pieces that can appear in a picture, each with where.
fn windows<'r>(room: &'r Room, pose: &Pose, lens: &Pinhole) -> Vec<(&'r Piece, [f64; 4])> {
    let (w, h) = (f64::from(lens.width), f64::from(lens.height));
    room.pieces
        .iter()
        .filter_map(|p| window(p, pose, lens).map(|w| (p, w)))
        .filter(|(_, q)| q[0] < w && q[1] > 0.0 && q[2] < h && q[3] > 0.0)
        .collect()
}

/// What each pixel of a picture shows first, row by row, without light.
pub(crate) fn hits(room: &Room, pose: &Pose, lens: &Pinhole) -> Vec<Option<(Point3, Hit)>> {
    let windows = windows(room, pose, lens);
    let mut out = Vec::with_capacity(lens.width as usize * lens.height as usize);
    for y in 0..lens.height {
        let v = f64::from(y) + 0.5;
        let row: Vec<&(&Piece, [f64; 4])> =
            windows.iter().filter(|(_, q)| q[2] <= v && v <= q[3]).collect();
        for x in 0..lens.width {
            let u = f64::from(x) + 0.5;
            let d = pose.rotation * lens.ray(u, v);
            let near = row.iter().filter(|(_, q)| q[0] <= u && u <= q[1]).map(|p| p.0);
            let hit = room.trace_among(pose.center, d, near);
            out.push(hit.map(|h| (pose.center + d * h.t, h)));
        }
    }
    out
}

/// The id of the piece in each pixel, 0 for the structure: the masks of [`render`] without its light.
pub fn masks(room: &Room, pose: &Pose, pinhole: &Pinhole) -> Vec<u32> {
    hits(room, pose, pinhole).into_iter().map(|h| h.map_or(0, |h| h.1.id)).collect()
}

/// The picture, depth and masks a camera at `pose` records. Deterministic for any number of threads.
pub fn render(room: &Room, pose: &Pose, pinhole: &Pinhole) -> Frame {
    let (w, h) = (pinhole.width as usize, pinhole.height as usize);
    let boxes = room.piece_bounds();
    let windows = windows(room, pose, pinhole);
    let rows: Vec<Vec<([u8; 3], f32, u32)>> = (0..h)
        .into_par_iter()
        .map(|y| {
            let v = y as f64 + 0.5;
            let on_row: Vec<&(&Piece, [f64; 4])> =
                windows.iter().filter(|(_, q)| q[2] <= v && v <= q[3]).collect();
            (0..w)
                .map(|x| {
                    let u = x as f64 + 0.5;
                    let cx = (u - pinhole.cx) / pinhole.fx;
                    let cy = (v - pinhole.cy) / pinhole.fy;
                    // Camera z of the direction is 1, so the ray's parameter is the depth.
                    let d = pose.rotation * Vec3::new(cx, cy, 1.0);
                    let near = on_row.iter().filter(|(_, q)| q[0] <= u && u <= q[1]).map(|p| p.0);
                    match room.trace_among(pose.center, d, near) {
                        Some(hit) => {
                            let p = pose.center + d * hit.t;
                            (room.shade(&hit, p, &boxes), hit.t as f32, hit.id)
                        }
                        None => ([0; 3], 0.0, 0),
                    }
                })
                .collect()
        })
        .collect();
    let flat = || rows.iter().flatten();
    Frame {
        rgb: Rgb8 {
            width: pinhole.width,
            height: pinhole.height,
            pixels: flat().map(|p| p.0).collect(),
        },
        depth: flat().map(|p| p.1).collect(),
        instance: flat().map(|p| p.2).collect(),
    }
}

/// What each of these cameras records.
pub fn render_all(room: &Room, cameras: &[Camera]) -> Vec<Frame> {
    cameras.iter().map(|c| render(room, &c.pose, &c.pinhole)).collect()
}
