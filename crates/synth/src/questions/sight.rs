//! What is seen from where: pixels of photos, and rays from a standing viewer to a thing.

use reasmory_geom::{EYE_HEIGHT, Point3, Vec3, math};

use crate::cameras::Camera;
use crate::memory::seen_pixels;
use crate::raycast::masks;
use crate::room::{Piece, Room};
use crate::truth;

/// Width of the pictures that are looked at; enough to tell what is clearly there from what is not.
const WIDTH: u32 = 160;

/// Which photos show what, from the masks of small pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    /// Pixels by photo and id.
    counts: Vec<Vec<u32>>,
    /// Pixels from which on a thing counts as seen.
    least: u32,
}

impl Sight {
    /// What these cameras see of a room.
    pub fn of(room: &Room, cameras: &[Camera]) -> Sight {
        let mut least = 1;
        let counts = cameras
            .iter()
            .map(|c| {
                let height = WIDTH * c.pinhole.height / c.pinhole.width.max(1);
                let lens = c.pinhole.fitted(WIDTH, height.max(1));
                least = seen_pixels(WIDTH, height);
                let mut counts = vec![0; room.pieces.len() + 1];
                for id in masks(room, &c.pose, &lens) {
                    counts[id as usize] += 1;
                }
                counts
            })
            .collect();
        Sight { counts, least }
    }

    /// Numbers of the photos that show a piece.
    pub fn seen_in(&self, id: u32) -> Vec<u32> {
        let shown = |n: &u32| self.counts[*n as usize - 1][id as usize] >= self.least;
        (1..=self.counts.len() as u32).filter(shown).collect()
    }

    /// Whether a photo shows a piece, where that is clear: a third of the least pixels are too few, twice as many
    /// enough.
    pub(super) fn clear(&self, photo: usize, id: u32) -> Option<bool> {
        let n = *self.counts.get(photo - 1)?.get(id as usize)?;
        match n {
            n if n >= 2 * self.least => Some(true),
            n if 3 * n <= self.least => Some(false),
            _ => None,
        }
    }

    /// Whether some photo shows it. Where none does, a memory has nothing to say of it: no photo and not known
    /// which are the same to it.
    pub(super) fn known(&self, id: u32) -> bool {
        (1..=self.photos()).any(|n| self.clear(n, id) == Some(true))
    }

    pub(super) fn photos(&self) -> usize {
        self.counts.len()
    }

    /// Number of the first photo that shows something of a category, where that is clear.
    pub(super) fn first(&self, room: &Room, category: &str) -> Option<usize> {
        if !room.pieces.iter().all(|p| p.category != category || self.known(p.id)) {
            return None;
        }
        for n in 1..=self.photos() {
            let of = room.pieces.iter().filter(|p| p.category == category);
            let seen: Vec<Option<bool>> = of.map(|p| self.clear(n, p.id)).collect();
            if seen.contains(&Some(true)) {
                return Some(n);
            }
            if seen.contains(&None) {
                return None;
            }
        }
        None
    }
}

/// Where the ray from a point along a direction enters a piece's box: its parameter.
fn enters(p: &Piece, o: Point3, d: Vec3) -> Option<f64> {
    let (l, v, h) = (p.frame.local(o), p.frame.local_direction(d), p.half());
    let (lo, hi) = ([-h.x, -h.y, 0.0], [h.x, h.y, 2.0 * h.z]);
    let (mut near, mut far) = (0.0f64, 1.0f64);
    for k in 0..3 {
        if v[k].abs() < 1e-12 {
            if l[k] < lo[k] || l[k] > hi[k] {
                return None;
            }
            continue;
        }
        let (a, b) = ((lo[k] - l[k]) / v[k], (hi[k] - l[k]) / v[k]);
        near = near.max(a.min(b));
        far = far.min(a.max(b));
    }
    (near <= far).then_some(near)
}

/// Points of the faces of a piece's box that are turned to an eye.
fn faces(p: &Piece, eye: Point3) -> Vec<Point3> {
    const N: usize = 9;
    let (l, h) = (p.frame.local(eye), p.half());
    let middle = Vec3::new(0.0, 0.0, h.z);
    let mut out = Vec::new();
    for axis in 0..3 {
        for sign in [-1.0, 1.0] {
            if (l[axis] - middle[axis]) * sign <= h[axis] {
                continue;
            }
            for i in 0..N * N {
                let (u, v) = ((i % N) as f64 + 0.5, (i / N) as f64 + 0.5);
                let mut q = Vec3::zeros();
                q[axis] = sign * h[axis];
                q[(axis + 1) % 3] = (2.0 * u / N as f64 - 1.0) * h[(axis + 1) % 3];
                q[(axis + 2) % 3] = (2.0 * v / N as f64 - 1.0) * h[(axis + 2) % 3];
                out.push(p.frame.point(q + middle));
            }
        }
    }
    out
}

/// What a viewer who stands at one piece and faces another sees of it.
pub(super) struct Seen {
    /// Part of it that is seen, things being their boxes.
    pub boxes: f64,
    /// Part of it that is seen, things being their solid parts and walls being there.
    pub parts: f64,
    /// Parts of it that the box of each other piece hides by itself.
    pub hidden_by: Vec<(u32, f64)>,
}

/// Nothing where the thing stood at is too high to look over, or the other is not well within the picture: 25° up
/// and down, 30° to the sides.
pub(super) fn from(room: &Room, at: &Piece, to: &Piece) -> Option<Seen> {
    let o = at.frame.origin;
    if o.z + 2.0 * at.half().z > EYE_HEIGHT - 0.2 {
        return None;
    }
    let eye = Point3::new(o.x, o.y, EYE_HEIGHT);
    let ahead = [to.frame.origin.x - o.x, to.frame.origin.y - o.y];
    let far = ahead[0].hypot(ahead[1]);
    if far < 1.2 {
        return None;
    }
    // What lies in something (a ball in a basket) is hidden by a box and by nothing else, or by both.
    let within = |p: &Piece| {
        p.id != to.id
            && to.obb.corners().iter().any(|c| {
                let (l, h) = (p.frame.local(*c), p.half());
                l.x.abs() < h.x && l.y.abs() < h.y && l.z > 1e-6 && l.z < 2.0 * h.z - 1e-6
            })
    };
    if room.pieces.iter().any(within) {
        return None;
    }
    let inside = |c: &Point3| {
        let d = c - eye;
        let (f, r) =
            ((d.x * ahead[0] + d.y * ahead[1]) / far, (d.x * ahead[1] - d.y * ahead[0]) / far);
        f > 0.3 && math::atan2_deg(r, f).abs() < 30.0 && math::atan2_deg(d.z, f).abs() < 25.0
    };
    if !to.obb.corners().iter().all(inside) {
        return None;
    }
    let points = faces(to, eye);
    let others: Vec<&Piece> =
        room.pieces.iter().filter(|p| p.id != to.id && p.id != at.id).collect();
    let mut hides = vec![0usize; others.len()];
    let mut seen = 0;
    for q in &points {
        let mut free = true;
        for (p, n) in others.iter().zip(&mut hides) {
            if enters(p, eye, q - eye).is_some_and(|t| t < 1.0 - 1e-6) {
                *n += 1;
                free = false;
            }
        }
        seen += usize::from(free);
    }
    let part = |n: usize| n as f64 / points.len().max(1) as f64;
    let surface = truth::surface(room, to.id, 150);
    let turned: Vec<bool> = surface
        .iter()
        .filter_map(|q| {
            let d = q - eye;
            let own = room.sees(eye, d, Some(to.id))?;
            // The side turned away hides itself, which does not count.
            (own.1 > 1.0 - 1e-3)
                .then(|| room.sees(eye, d, None).is_some_and(|h| h.0 == to.id && h.1 > 1.0 - 1e-3))
        })
        .collect();
    let shown = turned.iter().filter(|s| **s).count() as f64 / turned.len().max(1) as f64;
    let hidden_by = others.iter().zip(hides).map(|(p, n)| (p.id, part(n))).collect();
    Some(Seen { boxes: part(seen), parts: shown, hidden_by })
}
