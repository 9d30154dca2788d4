//! The alignment of a frame with a view of the model: Gauss–Newton over robust point-to-plane and grey
//! value errors.

use nalgebra::{Matrix3, Matrix6, Vector6};
use rayon::prelude::*;
use reasmory_geom::{Pose, Vec3, math};

use super::OdometryOptions;
use super::frame::{Level, sigma};
use super::model::{NOTHING, View};

/// What an alignment found.
pub(super) struct Outcome {
    pub(super) pose: Pose,
    pub(super) overlap: f64,
    pub(super) rmse: f64,
    pub(super) uncertainty: f64,
    /// Whether the surfaces bind all six freedoms.
    pub(super) bound: bool,
}

impl Outcome {
    pub(super) fn none(pose: Pose) -> Outcome {
        Outcome { pose, overlap: 0.0, rmse: 0.0, uncertainty: f64::INFINITY, bound: true }
    }
}

/// Sums over pixels: normal equations, squared distances, matches.
#[derive(Clone)]
struct Sums {
    a: Matrix6<f64>,
    b: Vector6<f64>,
    square: f64,
    matched: usize,
    grey: f64,
    greys: usize,
}

impl Sums {
    fn zero() -> Sums {
        let (a, b) = (Matrix6::zeros(), Vector6::zeros());
        Sums { a, b, square: 0.0, matched: 0, grey: 0.0, greys: 0 }
    }

    fn row(&mut self, j: &Vector6<f64>, r: f64, w: f64) {
        self.a += j * j.transpose() * w;
        self.b += j * (r * w);
    }
}

/// Largest part of a standard deviation that counts in full (Huber).
const HUBER: f64 = 1.5;
/// The least certain direction must be known to this, metres, for the pose to count as bound.
const BOUND: f64 = 0.05;

/// Refines `pose` by `iterations` steps. The result does not depend on the number of threads.
pub(super) fn align(
    view: &View,
    frame: &Level,
    mut pose: Pose,
    iterations: usize,
    widen: f64,
    options: &OdometryOptions,
) -> Outcome {
    let mut outcome = Outcome::none(pose);
    let valid = frame.valid().max(1) as f64;
    let mut brightness = 0.0;
    for _ in 0..iterations.max(1) {
        let sums = gather(view, frame, &pose, brightness, widen, options);
        if sums.greys > 0 {
            brightness = sums.grey / sums.greys as f64;
        }
        outcome.overlap = (sums.matched as f64 / valid).min(1.0);
        outcome.rmse = (sums.square / sums.matched.max(1) as f64).sqrt();
        let Some(factor) = sums.a.cholesky() else {
            outcome.bound = false;
            return outcome;
        };
        let inverse = factor.inverse();
        // Neighbouring pixels share errors: they count as a few independent measurements.
        let position: Matrix3<f64> = inverse.fixed_view::<3, 3>(3, 3).into_owned() * 50.0;
        outcome.uncertainty = position.symmetric_eigenvalues().max().max(0.0).sqrt();
        if outcome.uncertainty.is_nan() || outcome.uncertainty >= BOUND {
            outcome.bound = false;
            return outcome;
        }
        let step = factor.solve(&sums.b);
        let turn = Vec3::new(step[0], step[1], step[2]);
        let shift = Vec3::new(step[3], step[4], step[5]);
        pose = Pose {
            rotation: orthonormal(&(turned(&turn) * pose.rotation)),
            center: pose.center + shift,
        };
        outcome.pose = pose;
        if turn.norm() < 1e-6 && shift.norm() < 1e-6 {
            break;
        }
    }
    outcome
}

/// The rotation by a small vector: that of the quaternion (1, v/2), normalised, which agrees with the
/// exponential to second order and needs no sine.
fn turned(v: &Vec3) -> Matrix3<f64> {
    let q = v * 0.5;
    let n = 1.0 / (1.0 + q.norm_squared());
    let cross = q.cross_matrix();
    Matrix3::identity() + (cross + cross * cross) * (2.0 * n)
}

/// The nearest rotation of a matrix that is one but for rounding.
pub(super) fn orthonormal(m: &Matrix3<f64>) -> Matrix3<f64> {
    let z: Vec3 = m.column(2).normalize();
    let x: Vec3 = m.column(0).into_owned();
    let x = (x - z * x.dot(&z)).normalize();
    Matrix3::from_columns(&[x, z.cross(&x), z])
}

fn gather(
    view: &View,
    frame: &Level,
    pose: &Pose,
    brightness: f64,
    widen: f64,
    options: &OdometryOptions,
) -> Sums {
    let rows: Vec<Sums> = view
        .index
        .par_chunks(view.width)
        .enumerate()
        .map(|(y, row)| {
            let mut s = Sums::zero();
            for (x, index) in row.iter().enumerate() {
                if *index != NOTHING {
                    pixel(
                        view,
                        y * view.width + x,
                        frame,
                        pose,
                        brightness,
                        widen,
                        options,
                        &mut s,
                    );
                }
            }
            s
        })
        .collect();
    // In row order, so that rounding is the same however the rows were shared out.
    rows.iter().fold(Sums::zero(), |mut t, s| {
        t.a += s.a;
        t.b += s.b;
        t.square += s.square;
        t.matched += s.matched;
        t.grey += s.grey;
        t.greys += s.greys;
        t
    })
}

#[allow(clippy::too_many_arguments)]
fn pixel(
    view: &View,
    i: usize,
    frame: &Level,
    pose: &Pose,
    brightness: f64,
    widen: f64,
    options: &OdometryOptions,
    sums: &mut Sums,
) {
    let m = view.points[i];
    let q = pose.rotation.transpose() * (m - pose.center.coords);
    let Some((u, v)) = frame.lens.project(q) else { return };
    let (w, h) = (frame.lens.width as usize, frame.lens.height as usize);
    if !(u >= 0.0 && v >= 0.0 && u < w as f64 && v < h as f64) {
        return;
    }
    let k = v as usize * w + u as usize;
    let n = frame.normals[k];
    if n == [0.0; 3] {
        return;
    }
    let p = frame.points[k].map(f64::from);
    let here = pose.rotation * Vec3::from(p);
    let there = m - pose.center.coords;
    let normal = view.normals[i];
    let off = here - there;
    let facing = (pose.rotation * Vec3::from(n.map(f64::from))).dot(&normal);
    if off.norm() > options.distance * widen || facing < math::cos_deg(options.angle) {
        return;
    }
    let distance = normal.dot(&off);
    sums.matched += 1;
    sums.square += distance * distance;
    // A step (turn, shift) moves the frame's point by turn × here + shift.
    let spin = here.cross(&normal);
    let j = -Vector6::new(spin.x, spin.y, spin.z, normal.x, normal.y, normal.z);
    let s = sigma(p[2]);
    sums.row(&j, distance, huber(distance / s) / (s * s));
    if let (Some(grey), Some(deviation)) = (&frame.grey, options.grey_sigma) {
        photometric(grey, frame, view.grey[i], &q, &there, pose, brightness, deviation, sums);
    }
}

fn huber(r: f64) -> f64 {
    if r.abs() <= HUBER { 1.0 } else { HUBER / r.abs() }
}

/// The difference of grey values where the model's point falls into the frame.
#[allow(clippy::too_many_arguments)]
fn photometric(
    grey: &crate::grey::Grey,
    frame: &Level,
    expected: f32,
    q: &Vec3,
    there: &Vec3,
    pose: &Pose,
    brightness: f64,
    deviation: f64,
    sums: &mut Sums,
) {
    let Some((u, v)) = frame.lens.project(*q) else { return };
    let at = |du: f64, dv: f64| grey.sample(u + du, v + dv).map(f64::from);
    let (Some(here), Some(l), Some(r), Some(t), Some(b)) =
        (at(0.0, 0.0), at(-1.0, 0.0), at(1.0, 0.0), at(0.0, -1.0), at(0.0, 1.0))
    else {
        return;
    };
    let difference = here - f64::from(expected);
    sums.grey += difference;
    sums.greys += 1;
    let residual = difference - brightness;
    let (gu, gv) = (0.5 * (r - l), 0.5 * (b - t));
    let (fx, fy, iz) = (frame.lens.fx, frame.lens.fy, 1.0 / q.z);
    let slope = Vec3::new(gu * fx * iz, gv * fy * iz, -(gu * fx * q.x + gv * fy * q.y) * iz * iz);
    // The model's point moves against the camera's step: by -(turn × there + shift).
    let g = pose.rotation * slope;
    let spin = there.cross(&g);
    let j = Vector6::new(spin.x, spin.y, spin.z, g.x, g.y, g.z);
    sums.row(&j, residual, huber(residual / deviation) / (deviation * deviation));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_turns_are_rotations() {
        let r = turned(&Vec3::new(0.01, -0.02, 0.03));
        assert!((r.transpose() * r - Matrix3::identity()).norm() < 1e-12);
        let exact = nalgebra::Rotation3::new(Vec3::new(0.01, -0.02, 0.03));
        assert!((r - exact.matrix()).norm() < 1e-5);
    }
}
