//! Ground truth computed from the primitives, by other means than the operations use.

use reasmory_geom::{Obb, Vec3, math};

use crate::material::Material;
use crate::raycast::Frame;
use crate::room::{Piece, Room};
use crate::solid::{Frame2, Part, Shape};

/// About `n` points spread evenly over the outside of a piece: points inside another of its parts are left
/// out.
pub fn surface(room: &Room, id: u32, n: usize) -> Vec<reasmory_geom::Point3> {
    let Some(p) = room.piece(id) else { return Vec::new() };
    let mut rng = crate::rng::Rng::new(room.seed).fork(9000 + u64::from(id));
    let total: f64 = p.parts.iter().map(|q| q.shape.area()).sum();
    let mut out = Vec::new();
    for _ in 0..n {
        let mut pick = rng.unit() * total;
        let at = p.parts.iter().position(|q| {
            pick -= q.shape.area();
            pick < 0.0
        });
        let at = at.unwrap_or(p.parts.len() - 1);
        let (l, _) = p.parts[at].sample(&mut rng);
        let inside = |k: &usize| *k != at && p.parts[*k].signed(l) < -1e-9;
        if !(0..p.parts.len()).any(|k| inside(&k)) {
            out.push(p.frame.point(l));
        }
    }
    out
}

/// Number of pieces of a category.
pub fn count(room: &Room, category: &str) -> usize {
    room.pieces.iter().filter(|p| p.category == category).count()
}

/// Extents of a piece along its own axes (side to side, back to front, up), from its parts.
pub fn extents(room: &Room, id: u32) -> Option<[f64; 3]> {
    let p = room.piece(id)?;
    let mut out = [0.0; 3];
    for (axis, out) in out.iter_mut().enumerate() {
        let (mut lo, mut hi) = (f64::INFINITY, f64::NEG_INFINITY);
        for part in &p.parts {
            let reach = match part.shape {
                Shape::Box(h) | Shape::Ellipsoid(h) => h[axis],
                Shape::Cylinder(r, h) => [r, r, h][axis],
            };
            lo = lo.min(part.center[axis] - reach);
            hi = hi.max(part.center[axis] + reach);
        }
        *out = hi - lo;
    }
    Some(out)
}

/// The longest of a piece's three extents.
pub fn longest_side(room: &Room, id: u32) -> Option<f64> {
    extents(room, id).map(|e| e.into_iter().fold(0.0, f64::max))
}

/// Distance between the nearest points of two placed convex parts, by projecting in turn onto one and the
/// other (von Neumann): the pair of projections converges to a nearest pair.
fn part_distance(a: (&Frame2, &Part), b: (&Frame2, &Part)) -> f64 {
    let mut p = a.0.point(a.1.center);
    let mut last = f64::INFINITY;
    for _ in 0..20_000 {
        let q = b.0.point(b.1.project(b.0.local(p)));
        p = a.0.point(a.1.project(a.0.local(q)));
        let d = (p - q).norm();
        if d < 1e-9 {
            return 0.0;
        }
        if last - d < 1e-12 {
            return d;
        }
        last = d;
    }
    last
}

/// Distance between the nearest points of two pieces' solid parts; 0 where they touch.
pub fn surface_distance(room: &Room, a: u32, b: u32) -> Option<f64> {
    let (a, b) = (room.piece(a)?, room.piece(b)?);
    let mut best = f64::INFINITY;
    for p in &a.parts {
        for q in &b.parts {
            best = best.min(part_distance((&a.frame, p), (&b.frame, q)));
        }
    }
    Some(best)
}

/// Distance between the nearest points of two pieces' exact boxes (solid); 0 where they touch.
pub fn box_distance(room: &Room, a: u32, b: u32) -> Option<f64> {
    // The box of a piece as one solid part, so that the same projection serves.
    let hull = |p: &Piece| {
        let h = p.half();
        let center = Vec3::new(0.0, 0.0, h.z);
        Part { shape: Shape::Box(h), center, material: Material::plain([0.0; 3]) }
    };
    let (a, b) = (room.piece(a)?, room.piece(b)?);
    Some(part_distance((&a.frame, &hull(a)), (&b.frame, &hull(b))))
}

/// Distance between the centres of two pieces' boxes.
pub fn center_distance(room: &Room, a: u32, b: u32) -> Option<f64> {
    let mid = |p: &Piece| p.frame.point(Vec3::new(0.0, 0.0, p.half().z));
    let d = mid(room.piece(a)?) - mid(room.piece(b)?);
    Some((d.x * d.x + d.y * d.y + d.z * d.z).sqrt())
}

/// Standing at the centre of `at`, facing the centre of `facing`: degrees to turn to face the centre of
/// `target`, positive to the right, in (-180, 180]. `None` where two of the centres that matter are less
/// than 1 cm apart in the floor plane.
pub fn bearing(room: &Room, at: u32, facing: u32, target: u32) -> Option<f64> {
    let o = room.piece(at)?.frame.origin;
    let toward = |id: u32| -> Option<[f64; 2]> {
        let p = room.piece(id)?.frame.origin;
        let d = [p.x - o.x, p.y - o.y];
        (d[0].hypot(d[1]) >= 0.01).then_some(d)
    };
    let (f, t) = (toward(facing)?, toward(target)?);
    // The cross product is positive when the target is to the left.
    let cross = f[0] * t[1] - f[1] * t[0];
    let dot = f[0] * t[0] + f[1] * t[1];
    let angle = math::atan2_deg(cross, dot);
    Some(if angle == 180.0 { 180.0 } else { -angle })
}

/// A side of a viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Behind.
    Back,
}

/// Left, right or back of the target when standing at `at` and facing `facing`: back where one would turn
/// by more than 135°, else the side one would turn to.
pub fn side(room: &Room, at: u32, facing: u32, target: u32) -> Option<Side> {
    let b = bearing(room, at, facing, target)?;
    Some(match b {
        b if b.abs() > 135.0 => Side::Back,
        b if b < 0.0 => Side::Left,
        _ => Side::Right,
    })
}

/// How far, in degrees, the bearing is from where [`side`] would change.
pub fn side_margin(room: &Room, at: u32, facing: u32, target: u32) -> Option<f64> {
    let b = bearing(room, at, facing, target)?.abs();
    Some(b.min((b - 135.0).abs()))
}

/// Whether a piece has at least `min_pixels` pixels in a picture.
pub fn visible(frame: &Frame, id: u32, min_pixels: u32) -> bool {
    frame.instance.iter().filter(|i| **i == id).count() >= min_pixels.max(1) as usize
}

/// Index of the first frame that shows a piece.
pub fn first_seen(frames: &[Frame], id: u32, min_pixels: u32) -> Option<usize> {
    frames.iter().position(|f| visible(f, id, min_pixels))
}

/// Floor area: trapezoids under the edges of the outline, of a flat of its rooms' outlines; its inner walls do
/// not count.
pub fn area(room: &Room) -> f64 {
    match &room.layout {
        Some(l) => l.rooms.iter().map(|c| area_of(&c.outline())).sum(),
        None => area_of(&room.outline),
    }
}

fn area_of(o: &[[f64; 2]]) -> f64 {
    let under = |i: usize| {
        let (a, b) = (o[i], o[(i + 1) % o.len()]);
        (a[0] - b[0]) * (a[1] + b[1]) / 2.0
    };
    (0..o.len()).map(under).sum::<f64>().abs()
}

/// How far a fitted box is from the exact one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoxError {
    /// Between the centres, metres.
    pub center: f64,
    /// Greatest difference of the three sizes (longer and shorter horizontal extent, height), metres.
    pub size: f64,
}

/// Compares a fitted box with a piece.
pub fn box_error(room: &Room, id: u32, fitted: &Obb) -> Option<BoxError> {
    let p = room.piece(id)?;
    let [a, b, z] = extents(room, id)?;
    let exact = [a.max(b), a.min(b), z];
    let size = fitted.size();
    Some(BoxError {
        center: (fitted.center - p.frame.point(Vec3::new(0.0, 0.0, z / 2.0))).norm(),
        size: (0..3).map(|i| (size[i] - exact[i]).abs()).fold(0.0, f64::max),
    })
}

/// Distance of a world point from the nearest surface of the room: a part of a piece (`id`), or for id 0
/// the floor, the ceiling or a wall.
pub fn off_surface(room: &Room, id: u32, p: reasmory_geom::Point3) -> f64 {
    if let Some(piece) = room.piece(id) {
        let l = piece.frame.local(p);
        return piece.parts.iter().map(|q| q.signed(l).abs()).fold(f64::INFINITY, f64::min);
    }
    let structure = p.z.abs().min((room.height - p.z).abs());
    if let Some(l) = &room.layout {
        let off = |w: &crate::structure::Wall| {
            ((p.x - w.start[0]) * w.normal[0] + (p.y - w.start[1]) * w.normal[1]).abs()
        };
        let lintels = l.doorways.iter().map(|w| (p.z - w.top).abs());
        return l.walls.iter().map(off).chain(lintels).fold(structure, f64::min);
    }
    let o = &room.outline;
    let walls = (0..o.len()).map(|i| {
        let (a, b) = (o[i], o[(i + 1) % o.len()]);
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        ((p.x - a[0]) * dy - (p.y - a[1]) * dx).abs() / dx.hypot(dy)
    });
    walls.fold(structure, f64::min)
}
