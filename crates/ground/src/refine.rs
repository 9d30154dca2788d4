//! Poses refined by the surfaces that views share.
//!
//! Projective point-to-plane alignment of all views at once (Chen and Medioni 1992; Neugebauer 1997): a
//! point of one view and the plane that another view sees there should coincide. Poses stay near what was
//! given, which also fixes the gauge.

use nalgebra::{DMatrix, DVector, Matrix3, Matrix6, Vector6};
use rayon::prelude::*;
use reasmory_geom::{Point3, Pose, Vec3};

use crate::prepare::{Prepared, Ready};

/// Rounds of alignment.
const ROUNDS: usize = 12;
/// Points used, over all pairs of views.
const BUDGET: usize = 400_000;
/// A point and what another view sees there are compared within this part of the depth.
const REACH: f64 = 0.12;
/// Residuals below this part of the depth are not worth a correction.
const SMALL: f64 = 0.0005;
/// Standard deviations of the corrections expected: of a position, in median depths, and of an angle,
/// radians. They only hold the gauge.
const EXPECTED: [f64; 2] = [0.02, 0.02];

/// What the alignment came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Alignment {
    /// Relative spread of depth between views before.
    pub(crate) before: f64,
    /// And after; the same where the poses were left alone.
    pub(crate) after: f64,
    pub(crate) applied: bool,
}

/// A point of one view against the plane that another sees.
struct Pair {
    other: usize,
    /// The point and its lever arm from its camera, the same of the plane's point.
    arms: [Vec3; 2],
    normal: Vec3,
    residual: f64,
    depth: f64,
}

/// Every so-manieth pixel of a view that has a point with a normal.
fn samples(v: &Ready, count: usize) -> Vec<usize> {
    let usable: Vec<usize> =
        (0..v.z.len()).filter(|p| v.z[*p] > 0.0 && v.normal[*p] != [0.0; 3]).collect();
    let n = count.min(usable.len());
    (0..n).map(|k| usable[(2 * k + 1) * usable.len() / (2 * n)]).collect()
}

fn pairs(views: &[Ready], i: usize, pixels: &[usize]) -> Vec<Pair> {
    let v = &views[i];
    let mut out = Vec::new();
    for &pixel in pixels {
        let p = v.point(pixel);
        let Some(own) = v.world_normal(pixel) else { continue };
        for (j, o) in views.iter().enumerate() {
            if j == i {
                continue;
            }
            let c = o.pose.to_camera(p);
            let Some((x, y)) = o.lens.project(c) else { continue };
            if !(x >= 0.0 && y >= 0.0 && x < o.width as f64 && y < o.height as f64) {
                continue;
            }
            let at = y as usize * o.width + x as usize;
            let z = f64::from(o.z[at]);
            if z <= 0.0 || (z - c.z).abs() > REACH * c.z {
                continue;
            }
            let Some(normal) = o.world_normal(at) else { continue };
            // The same side of the same surface.
            if normal.dot(&own) < 0.7 {
                continue;
            }
            let q = o.point(at);
            out.push(Pair {
                other: j,
                arms: [p - v.pose.center, q - o.pose.center],
                normal,
                residual: normal.dot(&(p - q)),
                depth: c.z,
            });
        }
    }
    out
}

fn all_pairs(views: &[Ready], pixels: &[Vec<usize>]) -> Vec<Vec<Pair>> {
    (0..views.len()).into_par_iter().map(|i| pairs(views, i, &pixels[i])).collect()
}

/// Relative spread of residuals: 1.4826 times their median size.
fn spread(pairs: &[Vec<Pair>]) -> f64 {
    let mut all: Vec<f64> = pairs.iter().flatten().map(|p| p.residual.abs() / p.depth).collect();
    if all.is_empty() {
        return 0.0;
    }
    let middle = all.len() / 2;
    1.4826 * *all.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// A rotation from a small rotation vector (Cayley), exact to third order and always a rotation.
fn cayley(w: Vec3) -> Matrix3<f64> {
    let k = (w * 0.5).cross_matrix();
    (Matrix3::identity() - k)
        .try_inverse()
        .map_or(Matrix3::identity(), |m| m * (Matrix3::identity() + k))
}

/// Corrections of all poses: `(translation, rotation vector)` about each camera.
fn solve(
    views: usize,
    pairs: &[Vec<Pair>],
    sigma: f64,
    moved: &[Vector6<f64>],
) -> Option<Vec<Vector6<f64>>> {
    let mut a = DMatrix::<f64>::zeros(6 * views, 6 * views);
    let mut b = DVector::<f64>::zeros(6 * views);
    let inverse = 1.0 / (sigma * sigma);
    for (i, of_view) in pairs.iter().enumerate() {
        for p in of_view {
            let u = p.residual / (p.depth * 3.0 * sigma);
            if u.abs() >= 1.0 {
                continue;
            }
            // Tukey's biweight; the error of a depth grows with the depth.
            let weight = (1.0 - u * u).powi(2) * inverse / (p.depth * p.depth);
            let row = |arm: &Vec3, sign: f64| {
                let r = arm.cross(&p.normal) * sign;
                let n = p.normal * sign;
                Vector6::new(n.x, n.y, n.z, r.x, r.y, r.z)
            };
            let rows = [(i, row(&p.arms[0], 1.0)), (p.other, row(&p.arms[1], -1.0))];
            for (m, x) in &rows {
                for (n, y) in &rows {
                    let mut block = a.fixed_view_mut::<6, 6>(6 * m, 6 * n);
                    let add: Matrix6<f64> = x * y.transpose() * weight;
                    block += add;
                }
                let mut part = b.fixed_rows_mut::<6>(6 * m);
                part -= x * (p.residual * weight);
            }
        }
    }
    for (i, m) in moved.iter().enumerate() {
        for k in 0..6 {
            let hold = 1.0 / EXPECTED[k / 3].powi(2);
            a[(6 * i + k, 6 * i + k)] += hold;
            b[6 * i + k] -= hold * m[k];
        }
    }
    let x = a.cholesky()?.solve(&b);
    Some((0..views).map(|i| x.fixed_rows::<6>(6 * i).into_owned()).collect())
}

/// The rigid motion that brings poses nearest to others: of each camera, its centre and the points a unit
/// along its axes (Kabsch 1976). Alignment between views says nothing of a motion of all of them.
fn onto(from: &[Pose], to: &[Pose]) -> (Matrix3<f64>, Vec3) {
    let points = |p: &Pose| -> [Vec3; 4] {
        let c = p.center.coords;
        [c, c + p.right(), c + p.down(), c + p.forward()]
    };
    let pairs: Vec<(Vec3, Vec3)> =
        from.iter().zip(to).flat_map(|(a, b)| points(a).into_iter().zip(points(b))).collect();
    let n = pairs.len().max(1) as f64;
    let (a, b) = pairs.iter().fold((Vec3::zeros(), Vec3::zeros()), |s, p| (s.0 + p.0, s.1 + p.1));
    let (a, b) = (a / n, b / n);
    let h = pairs.iter().fold(Matrix3::zeros(), |h, p| h + (p.1 - b) * (p.0 - a).transpose());
    let svd = h.svd(true, true);
    let (Some(u), Some(vt)) = (svd.u, svd.v_t) else { return (Matrix3::identity(), Vec3::zeros()) };
    let mut sign = Matrix3::identity();
    sign[(2, 2)] = (u * vt).determinant().signum();
    let turn = u * sign * vt;
    (turn, b - turn * a)
}

/// Aligns the views; poses change only where that brings their surfaces together.
pub(crate) fn align(prepared: &mut Prepared, fixed: bool) -> Alignment {
    let n = prepared.views.len();
    if n < 2 {
        return Alignment { before: prepared.noise, after: prepared.noise, applied: false };
    }
    let each = (BUDGET / (n * (n - 1))).clamp(16, 600);
    let pixels: Vec<Vec<usize>> = prepared.views.par_iter().map(|v| samples(v, each)).collect();
    let mut now = all_pairs(&prepared.views, &pixels);
    let before = spread(&now);
    let unmoved = Alignment { before, after: before, applied: false };
    if fixed || before < SMALL {
        return unmoved;
    }
    let given: Vec<Pose> = prepared.views.iter().map(|v| v.pose).collect();
    let mut moved = vec![Vector6::<f64>::zeros(); n];
    let mut sigma = before;
    for _ in 0..ROUNDS {
        let Some(steps) = solve(n, &now, sigma.max(SMALL), &moved) else { break };
        let mut largest = 0.0f64;
        for ((v, s), m) in prepared.views.iter_mut().zip(&steps).zip(&mut moved) {
            let (t, w) = (Vec3::new(s[0], s[1], s[2]), Vec3::new(s[3], s[4], s[5]));
            v.pose.rotation = cayley(w) * v.pose.rotation;
            v.pose.center += t;
            *m += s;
            largest = largest.max(t.amax()).max(w.amax());
        }
        now = all_pairs(&prepared.views, &pixels);
        sigma = spread(&now);
        if largest < 1e-5 {
            break;
        }
    }
    let refined: Vec<Pose> = prepared.views.iter().map(|v| v.pose).collect();
    let (turn, shift) = onto(&refined, &given);
    for v in &mut prepared.views {
        v.pose.rotation = turn * v.pose.rotation;
        v.pose.center = Point3::from(turn * v.pose.center.coords + shift);
    }
    let sane = prepared.views.iter().all(|v| v.pose.center.iter().all(|x| x.is_finite()));
    if sane && sigma < 0.9 * before {
        return Alignment { before, after: sigma, applied: true };
    }
    for (v, p) in prepared.views.iter_mut().zip(given) {
        v.pose = p;
    }
    unmoved
}

/// Where a world point is found by a view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Look {
    /// Outside the picture, or there is no depth.
    Nothing,
    /// Something stands before it.
    Hidden,
    /// The view sees through it.
    Through,
    /// It is the surface seen at this pixel.
    At(usize),
}

/// Looks for a point in a view; depths agree within `tolerance` of the depth. Neighbouring pixels have a
/// say where the point falls beside an edge or on a slanted surface.
pub(crate) fn look(v: &Ready, p: Point3, tolerance: f64) -> Look {
    let c = v.pose.to_camera(p);
    let Some((x, y)) = v.lens.project(c) else { return Look::Nothing };
    if !(x >= 0.0 && y >= 0.0 && x < v.width as f64 && y < v.height as f64) {
        return Look::Nothing;
    }
    let (x, y) = (x as usize, y as usize);
    let at = y * v.width + x;
    let off = |z: f32| (f64::from(z) - c.z).abs() / c.z;
    if v.z[at] > 0.0 && off(v.z[at]) <= tolerance {
        return Look::At(at);
    }
    let (mut low, mut high, mut best) = (f64::INFINITY, 0.0f64, (f64::INFINITY, at));
    for j in y.saturating_sub(1)..=(y + 1).min(v.height - 1) {
        for i in x.saturating_sub(1)..=(x + 1).min(v.width - 1) {
            let q = j * v.width + i;
            let z = v.z[q];
            if z > 0.0 {
                (low, high) = (low.min(z.into()), high.max(z.into()));
                if off(z) < best.0 {
                    best = (off(z), q);
                }
            }
        }
    }
    if high == 0.0 {
        Look::Nothing
    } else if best.0 <= tolerance {
        Look::At(best.1)
    } else if c.z < low {
        Look::Through
    } else if c.z > high {
        Look::Hidden
    } else if v.z[at] > 0.0 {
        // Between the depths of neighbours: a surface so slanted that a pixel spans more than the tolerance.
        Look::At(at)
    } else {
        Look::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::facing;

    #[test]
    fn a_common_motion_is_undone() {
        let given: Vec<Pose> =
            [[2.0, 0.0, 0.3], [0.0, 2.0, 0.1], [-1.0, 1.0, 0.4]].map(|p| facing(p).pose).to_vec();
        let (turn, shift) = (cayley(Vec3::new(0.1, -0.2, 0.3)), Vec3::new(0.5, 0.1, -0.2));
        let moved: Vec<Pose> = given
            .iter()
            .map(|p| Pose {
                rotation: turn * p.rotation,
                center: Point3::from(turn * p.center.coords + shift),
            })
            .collect();
        let (back, along) = onto(&moved, &given);
        for (m, g) in moved.iter().zip(&given) {
            assert!((back * m.center.coords + along - g.center.coords).norm() < 1e-9);
            assert!((back * m.rotation - g.rotation).norm() < 1e-9);
        }
    }

    #[test]
    fn points_are_found_hidden_or_seen_through() {
        let mut v = facing([2.0, 0.0, 0.0]);
        v.z = vec![2.0; 64 * 48];
        assert!(matches!(look(&v, Point3::origin(), 0.01), Look::At(_)));
        assert_eq!(look(&v, Point3::new(-1.0, 0.0, 0.0), 0.01), Look::Hidden);
        assert_eq!(look(&v, Point3::new(1.0, 0.0, 0.0), 0.01), Look::Through);
        assert_eq!(look(&v, Point3::new(3.0, 0.0, 0.0), 0.01), Look::Nothing);
    }
}
