//! Errors of what is recorded: cameras, depth, masks.

use nalgebra::Matrix3;
use reasmory_geom::{Pose, Vec3, math};

use super::Degradation;
use crate::raycast::Frame;
use crate::rng::Rng;

/// The rotation about a vector by its length in degrees (Rodrigues).
fn turned(by: Vec3) -> Matrix3<f64> {
    let Some(axis) = by.try_normalize(1e-12) else { return Matrix3::identity() };
    let k = axis.cross_matrix();
    let angle = by.norm();
    Matrix3::identity() + k * math::sin_deg(angle) + k * k * (1.0 - math::cos_deg(angle))
}

impl Degradation {
    /// The pose that a camera is taken to have.
    pub fn pose(&self, p: &Pose, rng: &mut Rng) -> Pose {
        let mut three = |size: f64| Vec3::new(rng.normal(), rng.normal(), rng.normal()) * size;
        let (place, turn) = (three(self.place), three(self.turn));
        if self.place == 0.0 && self.turn == 0.0 {
            return *p;
        }
        Pose { rotation: turned(turn) * p.rotation, center: p.center + place }
    }

    /// The depth that a sensor measures; 0 where it measures none.
    pub fn depth(&self, depth: &[f32], rng: &mut Rng) -> Vec<f32> {
        let one = |d: &f32| {
            if self.holes > 0.0 && rng.chance(self.holes) {
                return 0.0;
            }
            let z = f64::from(*d);
            let z = if self.depth > 0.0 { z * (1.0 + self.depth * rng.normal()) } else { z };
            if z.is_finite() && z > 0.0 { z as f32 } else { 0.0 }
        };
        depth.iter().map(one).collect()
    }

    /// The mask that a detector gives of the piece with this id, and whose label it has of `pieces`; `None` where
    /// it misses it. The border of the picture is no border of a thing: nothing is eroded from there.
    pub fn mask(
        &self,
        f: &Frame,
        id: u32,
        pieces: usize,
        rng: &mut Rng,
    ) -> Option<(Vec<bool>, u32)> {
        let (w, h) = (i64::from(f.rgb.width), i64::from(f.rgb.height));
        let reach = f64::from(self.shift) + 0.5;
        let mut off = || rng.range(-reach, reach).round() as i64;
        let (dx, dy) = if self.shift == 0 { (0, 0) } else { (off(), off()) };
        let by = i64::from(self.eroded);
        let shown = |p: usize| {
            let (x, y) = (p as i64 % w - dx, p as i64 / w - dy);
            if !(0..w).contains(&x) || !(0..h).contains(&y) {
                return false;
            }
            let of = |i: i64, j: i64| f.instance[(j * w + i) as usize] == id;
            let around = |i: i64, j: i64| !(0..w).contains(&i) || !(0..h).contains(&j) || of(i, j);
            of(x, y) && (y - by..=y + by).all(|j| (x - by..=x + by).all(|i| around(i, j)))
        };
        let mask = (0..f.instance.len()).map(shown).collect();
        let dropped = rng.chance(self.mask_missing);
        let other = rng.chance(self.mask_mislabelled);
        let label = if other { rng.below(pieces) as u32 + 1 } else { id };
        (!dropped).then_some((mask, label))
    }
}
