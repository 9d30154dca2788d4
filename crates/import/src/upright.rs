//! Which way is up, where a source does not say: from the cameras, refined by the surfaces they saw.

use nalgebra::{Matrix3, SymmetricEigen};
use reasmory_geom::math::{acos_deg, cos_deg, sin_deg};
use reasmory_geom::{Point3, Pose, UP, Vec3};
use reasmory_ground::layout;

/// A piece of seen surface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surface {
    pub(crate) point: Point3,
    /// Unit normal, towards the camera that saw it.
    pub(crate) normal: Vec3,
    /// Its area.
    pub(crate) weight: f64,
}

/// An estimate of up.
#[derive(Clone, Debug)]
pub(crate) struct Upright {
    pub(crate) up: Vec3,
    /// How it was found and how sure it is.
    pub(crate) note: String,
}

/// The rotation that takes `up` to world +Z by the shortest way.
pub(crate) fn to_z(up: Vec3) -> Matrix3<f64> {
    let axis = up.cross(&UP);
    let (s, c) = (axis.norm(), up.dot(&UP));
    let Some(a) = axis.try_normalize(1e-12) else {
        // Already up, or upside down: then half a turn about x.
        let sign = if c >= 0.0 { 1.0 } else { -1.0 };
        return Matrix3::from_diagonal(&Vec3::new(1.0, sign, sign));
    };
    let k = a.cross_matrix();
    Matrix3::identity() + k * s + k * k * (1.0 - c)
}

/// Turns surfaces.
pub(crate) fn turn_all(turn: &Matrix3<f64>, surfaces: &mut [Surface]) {
    for s in surfaces {
        s.normal = turn * s.normal;
        s.point = turn * s.point;
    }
}

/// Least part of the upright area that runs two ways for the world to be turned to them.
const WALLED: f64 = 0.5;

/// The turn about up that brings the walls along x and y by the shortest way, and a note; `None` where upright
/// surfaces run many ways.
pub(crate) fn along_walls(surfaces: &[Surface]) -> Option<(Matrix3<f64>, String)> {
    let turn = layout::turn(&crate::rgbd::patches(surfaces)).filter(|t| t.share >= WALLED)?;
    let (s, c) = (sin_deg(-turn.degrees), cos_deg(-turn.degrees));
    let note = format!(
        "The world was turned by {:.1}° about up, so that walls run along x and y ({:.0} % of the upright \
         area do).",
        -turn.degrees,
        100.0 * turn.share
    );
    Some((Matrix3::new(c, -s, 0.0, s, c, 0.0, 0.0, 0.0, 1.0), note))
}

/// Up by the cameras alone, and how well they agree in [0, 1]. People hold cameras level and walk level:
/// the right axes are horizontal however much the cameras look up or down, and so is the way from one
/// camera to the next. Where these span a plane, its normal is up, else the mean of the cameras' own up is.
fn from_cameras(poses: &[Pose]) -> (Vec3, f64) {
    let n = poses.len().max(1) as f64;
    let sum: Vec3 = poses.iter().map(|p| -p.down()).sum();
    let coherence = sum.norm() / n;
    let Some(mean) = sum.try_normalize(1e-6 * n) else {
        return (poses.first().map_or(UP, |p| -p.down()), 0.0);
    };
    let rights: Matrix3<f64> =
        poses.iter().map(|p| p.right() * p.right().transpose()).sum::<Matrix3<f64>>() / n;
    let middle: Vec3 = poses.iter().map(|p| p.center.coords / n).sum();
    let ways: Matrix3<f64> =
        poses.iter().map(|p| p.center.coords - middle).map(|d| d * d.transpose()).sum();
    let size = ways.trace();
    let ways =
        if size > 1e-12 && size.is_finite() { ways * (0.5 / size) } else { Matrix3::zeros() };
    let eigen = SymmetricEigen::new(rights + ways);
    let mut order = [0, 1, 2];
    order.sort_by(|a, b| eigen.eigenvalues[*a].total_cmp(&eigen.eigenvalues[*b]));
    let (low, second) = (eigen.eigenvalues[order[0]], eigen.eigenvalues[order[1]]);
    let mut normal = eigen.eigenvectors.column(order[0]).into_owned();
    if normal.dot(&mean) < 0.0 {
        normal = -normal;
    }
    let planar = low < 0.03 && second > 0.1 && normal.dot(&mean) > cos_deg(35.0);
    (if planar { normal } else { mean }, coherence)
}

/// Finds up from camera poses and (where there are any) oriented surfaces.
pub(crate) fn find(poses: &[Pose], surfaces: &[Surface]) -> Upright {
    let (camera_up, coherence) = from_cameras(poses);
    let total: f64 = surfaces.iter().map(|s| s.weight).sum();
    let refined = if total > 0.0 { refine(camera_up, surfaces) } else { None };
    let Some(up) = refined else {
        let sure = if coherence > 0.8 { "fairly sure" } else { "unsure" };
        let note = format!(
            "Up is not given by the source; it was taken from how the {} cameras were held ({sure}: \
             their up axes agree to {:.0} %).",
            poses.len(),
            100.0 * coherence
        );
        return Upright { up: camera_up, note };
    };
    let turned = acos_deg(up.dot(&camera_up));
    let note = format!(
        "Up is not given by the source; it was found from the surfaces seen ({}; {turned:.1}° from how \
         the cameras were held).",
        graded(&up, surfaces, coherence > 0.5)
    );
    Upright { up, note }
}

/// Finds up near a guess, from surfaces alone; where too few of them agree the guess is kept.
pub(crate) fn find_near(guess: Vec3, surfaces: &[Surface]) -> Upright {
    let enough = |up: &Vec3| level_and_upright(up, surfaces).iter().sum::<f64>() > 0.2;
    let Some(up) = sought_near(guess, surfaces).filter(enough) else {
        let note = "No surfaces show where up is exactly; the guess is taken as it is (unsure).";
        return Upright { up: guess, note: note.into() };
    };
    let turned = acos_deg(up.dot(&guess));
    let graded = graded(&up, surfaces, false);
    let note = format!("Up was refined by the surfaces ({graded}; {turned:.1}° from the guess).");
    Upright { up, note }
}

/// The best direction near a guess, however little speaks for it; `None` where nothing does.
pub(crate) fn sought_near(guess: Vec3, surfaces: &[Surface]) -> Option<Vec3> {
    refine(guess, surfaces)
}

/// Parts of the area that are level and upright to 5°.
pub(crate) fn level_and_upright(up: &Vec3, surfaces: &[Surface]) -> [f64; 2] {
    let total: f64 = surfaces.iter().map(|s| s.weight).sum();
    let part = |keep: &dyn Fn(f64) -> bool| {
        surfaces.iter().filter(|s| keep(s.normal.dot(up))).map(|s| s.weight).sum::<f64>() / total
    };
    if total > 0.0 {
        [part(&|d| d.abs() > cos_deg(5.0)), part(&|d| d.abs() < sin_deg(5.0))]
    } else {
        [0.0; 2]
    }
}

/// How sure an estimate is: the parts of the area that are level and upright.
fn graded(up: &Vec3, surfaces: &[Surface], agreed: bool) -> String {
    let [level, upright] = level_and_upright(up, surfaces);
    let sure = match level + upright {
        x if x > 0.4 && level > 0.05 && agreed => "sure",
        x if x > 0.2 && (level > 0.05 || agreed) => "fairly sure",
        _ => "unsure",
    };
    format!(
        "{sure}: {:.0} % of their area is level and {:.0} % upright, to 5°",
        100.0 * level,
        100.0 * upright
    )
}

/// What level area that faces down counts: ceilings slope, floors and tables do not.
const OVERHEAD: f64 = 0.15;
/// What upright area counts.
const WALL: f64 = 0.4;

/// The direction within 30° of `start` to which the most area is level or upright; `None` where no
/// direction stands out.
fn refine(start: Vec3, surfaces: &[Surface]) -> Option<Vec3> {
    let aligned = |n: &Vec3, to: &Vec3| if n.dot(to) < 0.0 { -n } else { *n };
    let near: Vec<Vec3> = surfaces
        .iter()
        .map(|s| aligned(&s.normal, &start))
        .filter(|n| n.dot(&start) > cos_deg(30.0))
        .collect();
    let (level, upright) = (cos_deg(4.0), sin_deg(4.0));
    let few = (surfaces.len() / 6000).max(1);
    let total: f64 = surfaces.iter().step_by(few).map(|s| s.weight).sum();
    let mut best: Option<(f64, Vec3)> = None;
    let step = (near.len() / 400).max(1);
    for c in near.iter().step_by(step).chain([&start]) {
        let mut score = 0.0;
        for s in surfaces.iter().step_by(few) {
            let d = s.normal.dot(c);
            if d.abs() > level {
                score += s.weight * if d > 0.0 { 1.0 } else { OVERHEAD };
            } else if d.abs() < upright {
                score += WALL * s.weight;
            }
        }
        if best.is_none_or(|b| score > b.0) {
            best = Some((score, *c));
        }
    }
    let (score, mut up) = best?;
    if score < 0.05 * total {
        return None;
    }
    for angle in [5.0, 4.0, 3.0, 2.5, 2.5, 2.5] {
        let (level, upright) = (cos_deg(angle), sin_deg(angle));
        let mut m = Matrix3::zeros();
        for s in surfaces {
            let d = s.normal.dot(&up);
            let outer = s.normal * s.normal.transpose() * s.weight;
            if d.abs() > level {
                m += outer * if d > 0.0 { 1.0 } else { OVERHEAD };
            } else if d.abs() < upright {
                m -= outer * WALL;
            }
        }
        let eigen = SymmetricEigen::new(m);
        let top =
            (0..3).fold(0, |b, i| if eigen.eigenvalues[i] > eigen.eigenvalues[b] { i } else { b });
        let next = aligned(&eigen.eigenvectors.column(top).into_owned(), &start);
        if next.dot(&start) < cos_deg(35.0) || !next.iter().all(|x| x.is_finite()) {
            return Some(up);
        }
        up = next.normalize();
    }
    Some(polish(up, surfaces).unwrap_or(up))
}

/// The normal of the largest level plane, which over a floor's extent is better known than any one
/// normal; `None` where no plane is large and broad enough, or it is not level to 8°.
fn polish(up: Vec3, surfaces: &[Surface]) -> Option<Vec3> {
    let total: f64 = surfaces.iter().map(|s| s.weight).sum();
    let middle: Vec3 = surfaces.iter().map(|s| s.point.coords * (s.weight / total)).sum();
    let square = |s: &Surface| (s.point.coords - middle).norm_squared() * (s.weight / total);
    let spread = surfaces.iter().map(square).sum::<f64>().sqrt();
    let thick = 0.027 * spread;
    let level: Vec<&Surface> =
        surfaces.iter().filter(|s| s.normal.dot(&up).abs() > cos_deg(10.0)).collect();
    let agrees = |s: &Surface, p: &Point3, n: &Vec3, side: f64| {
        (s.point - p).dot(n).abs() < thick && s.normal.dot(n) * side > cos_deg(8.0)
    };
    let mut best: Option<(f64, Point3, Vec3, f64)> = None;
    for c in level.iter().step_by((level.len() / 300).max(1)) {
        let side = if c.normal.dot(&up) < 0.0 { -1.0 } else { 1.0 };
        let n = c.normal * side;
        let near = level.iter().filter(|s| agrees(s, &c.point, &n, side));
        let counts = if side > 0.0 { 1.0 } else { OVERHEAD };
        let score = counts * near.map(|s| s.weight).sum::<f64>();
        if best.is_none_or(|b| score > b.0) {
            best = Some((score, c.point, n, side));
        }
    }
    let (_, mut point, mut n, side) = best?;
    let (mut mass, mut breadth) = (0.0, 0.0);
    for _ in 0..8 {
        let near: Vec<&&Surface> = level.iter().filter(|s| agrees(s, &point, &n, side)).collect();
        mass = near.iter().map(|s| s.weight).sum();
        if mass <= 0.0 {
            return None;
        }
        let mean: Vec3 = near.iter().map(|s| s.point.coords * (s.weight / mass)).sum();
        let spread: Matrix3<f64> = near
            .iter()
            .map(|s| (s.point.coords - mean, s.weight / mass))
            .map(|(d, w)| d * d.transpose() * w)
            .sum();
        let eigen = SymmetricEigen::new(spread);
        let mut order = [0, 1, 2];
        order.sort_by(|a, b| eigen.eigenvalues[*a].total_cmp(&eigen.eigenvalues[*b]));
        breadth = eigen.eigenvalues[order[1]].max(0.0).sqrt();
        let next = eigen.eigenvectors.column(order[0]).into_owned();
        n = if next.dot(&up) < 0.0 { -next } else { next };
        point = Point3::from(mean);
    }
    // A ceiling may only make up finer, not other: it may slope.
    let level = n.dot(&up) > cos_deg(if side > 0.0 { 8.0 } else { 1.5 });
    (level && breadth > 0.13 * spread && mass > 0.03 * total).then_some(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_turn_is_a_rotation() {
        for up in [UP, -UP, Vec3::new(0.0, -1.0, 0.0), Vec3::new(0.6, 0.0, 0.8)] {
            let r = to_z(up);
            assert!((r * up - UP).norm() < 1e-12, "{up}");
            assert!((r.determinant() - 1.0).abs() < 1e-12);
        }
    }

    /// A room of 5 × 4 m of which little floor is seen, under a shed roof: the ceiling is the largest plane by far.
    #[test]
    fn a_sloping_ceiling_is_not_taken_for_level() {
        for slope in [4.0, 8.0, 12.0, 20.0, 28.0] {
            let mut surfaces = Vec::new();
            let mut plane = |at: [f64; 3], u: [f64; 3], v: [f64; 3], part: usize| {
                let (at, u, v) = (Point3::from(at), Vec3::from(u), Vec3::from(v));
                let normal = u.cross(&v).normalize();
                for i in 0..400 {
                    if i % 10 < part {
                        let (a, b) = (
                            (f64::from(i as u32 % 20) + 0.5) / 20.0,
                            (f64::from(i as u32 / 20) + 0.5) / 20.0,
                        );
                        let weight = u.cross(&v).norm() / 400.0;
                        surfaces.push(Surface { point: at + u * a + v * b, normal, weight });
                    }
                }
            };
            let rise = 4.0 * sin_deg(slope) / cos_deg(slope);
            plane([0.0; 3], [5.0, 0.0, 0.0], [0.0, 4.0, 0.0], 3);
            plane([0.0, 0.0, 2.4], [0.0, 4.0, rise], [5.0, 0.0, 0.0], 10);
            plane([0.0, 4.0, 0.0], [5.0, 0.0, 0.0], [0.0, 0.0, 2.4 + rise], 7);
            plane([5.0, 0.0, 0.0], [-5.0, 0.0, 0.0], [0.0, 0.0, 2.4], 7);
            plane([0.0; 3], [0.0, 4.0, 0.0], [0.0, 0.0, 2.4], 7);
            plane([5.0, 4.0, 0.0], [0.0, -4.0, 0.0], [0.0, 0.0, 2.4], 7);
            // Cameras held 6° askew, towards the roof's own normal.
            let tilt = to_z(Vec3::new(0.0, sin_deg(6.0), cos_deg(6.0)));
            let pose = Pose::from_axes(
                tilt * Vec3::new(1.0, 0.0, 0.0),
                tilt * Vec3::new(0.0, 0.0, -1.0),
                tilt * Vec3::new(0.0, 1.0, 0.0),
                Point3::new(2.5, 2.0, 1.5),
            );
            let up = find(&[pose], &surfaces);
            assert!(acos_deg(up.up.dot(&UP)) < 0.05, "{slope}: {up:?}");
        }
    }

    #[test]
    fn walls_and_floor_correct_the_cameras() {
        // Cameras held 8° askew; a floor, a tilted ramp, two walls.
        let tilt = to_z(Vec3::new(0.0, sin_deg(8.0), cos_deg(8.0)));
        let pose = Pose::from_axes(
            tilt * Vec3::new(1.0, 0.0, 0.0),
            tilt * Vec3::new(0.0, 0.0, -1.0),
            tilt * Vec3::new(0.0, 1.0, 0.0),
            Point3::origin(),
        );
        let mut surfaces = Vec::new();
        for (n, count) in [
            (UP, 300),
            (Vec3::new(0.0, sin_deg(20.0), cos_deg(20.0)), 200),
            (Vec3::new(1.0, 0.0, 0.0), 300),
            (Vec3::new(0.0, -1.0, 0.0), 300),
        ] {
            for _ in 0..count {
                surfaces.push(Surface { point: Point3::origin(), normal: n, weight: 1.0 });
            }
        }
        let up = find(&[pose], &surfaces);
        assert!(acos_deg(up.up.dot(&UP)) < 0.01, "{:?}", up);
        assert!(up.note.contains("(sure"), "{}", up.note);
    }
}
