//! Lenses and poses from numbers whose unit and direction are found, not believed.

use nalgebra::{Matrix4, Quaternion, UnitQuaternion};
use reasmory_geom::math::tan_deg;
use reasmory_geom::{Pinhole, Point3, Pose, Vec3};

/// Pixels that are looked at when hypotheses are compared.
const LOOKS: usize = 2000;
/// Depths agree within this part.
const AGREE: f64 = 0.03;

/// Every few pixels of a view of this many.
pub(super) fn step(pixels: usize) -> usize {
    (pixels / LOOKS).max(1)
}

/// The middle of a pixel.
pub(super) fn middle(i: usize, width: usize) -> (f64, f64) {
    ((i % width) as f64 + 0.5, (i / width) as f64 + 0.5)
}

/// A rigid transform of three or four rows, either way round; `None` where it is none.
pub(super) fn rigid(m: &[f64]) -> Option<Pose> {
    let at =
        |r: usize, c: usize| m.get(4 * r + c).copied().unwrap_or(if r == c { 1.0 } else { 0.0 });
    Pose::from_matrix(&Matrix4::from_fn(at))
}

/// The transform the other way round.
pub(super) fn inverse(p: &Pose) -> Pose {
    let r = p.rotation.transpose();
    Pose { rotation: r, center: Point3::from(-(r * p.center.coords)) }
}

/// World to camera, and the lens, of VGGT's encoding (`absT_quaR_FoV`): translation, quaternion (x, y, z, w),
/// vertical and horizontal angle of view.
pub(super) fn decoded(e: &[f64], width: usize, height: usize) -> Option<(Pose, Pinhole)> {
    let q = UnitQuaternion::try_new(Quaternion::new(e[6], e[3], e[4], e[5]), 1e-6)?;
    let pose = Pose {
        rotation: q.to_rotation_matrix().into_inner(),
        center: Point3::new(e[0], e[1], e[2]),
    };
    let (w, h) = (width as f64, height as f64);
    let focal = |side: f64, angle: f64| 0.5 * side / tan_deg(0.5 * angle.to_degrees());
    let lens = Pinhole {
        width: width as u32,
        height: height as u32,
        fx: focal(w, e[8]),
        fy: focal(h, e[7]),
        cx: 0.5 * w,
        cy: 0.5 * h,
    };
    lens.is_valid().then_some((pose, lens))
}

/// A lens for pixels of this size: as stated, of a normalised picture, or of one of another size; and what
/// was done to it.
pub(super) fn lens(k: &[f64], width: usize, height: usize) -> Option<(Pinhole, &'static str)> {
    let (w, h) = (width as f64, height as f64);
    let (fx, fy, cx, cy) = (k[0], k[4], k[2], k[5]);
    let of = |sx: f64, sy: f64| Pinhole {
        width: width as u32,
        height: height as u32,
        fx: fx * sx,
        fy: fy * sy,
        cx: cx * sx,
        cy: cy * sy,
    };
    let (found, what) = if cx.abs() <= 2.0 && cy.abs() <= 2.0 && fx < 20.0 {
        (of(w, h), "are of a picture of size 1, and were multiplied by the size")
    } else if (2.0 * cx / w - 1.0).abs() < 0.25 && (2.0 * cy / h - 1.0).abs() < 0.25 {
        (of(1.0, 1.0), "are in pixels")
    } else {
        (
            of(w / (2.0 * cx), h / (2.0 * cy)),
            "are of a picture of another size, and were scaled by their principal point",
        )
    };
    (found.is_valid() && found.fx < 100.0 * w).then_some((found, what))
}

/// The lens that points of pixels in their camera show, and the median distance of their images from their
/// pixels; `None` where too few lie before it.
pub(super) fn fitted(points: &[[f64; 3]], width: usize, height: usize) -> Option<(Pinhole, f64)> {
    let mut rows: Vec<[[f64; 2]; 2]> = Vec::new();
    for (i, p) in points.iter().enumerate().step_by(step(points.len())) {
        let (u, v) = middle(i, width);
        if p[2] > 1e-9 && p.iter().all(|x| x.is_finite()) {
            rows.push([[p[0] / p[2], u], [p[1] / p[2], v]]);
        }
    }
    if 4 * rows.len() < points.len() / step(points.len()) || rows.len() < 8 {
        return None;
    }
    let [x, y] = [0, 1].map(|k| line(&rows.iter().map(|r| r[k]).collect::<Vec<_>>()));
    let ((fx, cx), (fy, cy)) = (x?, y?);
    let lens = Pinhole { width: width as u32, height: height as u32, fx, fy, cx, cy };
    if !lens.is_valid() {
        return None;
    }
    let mut off: Vec<f64> = rows
        .iter()
        .map(|r| (fx * r[0][0] + cx - r[0][1]).hypot(fy * r[1][0] + cy - r[1][1]))
        .collect();
    Some((lens, median(&mut off)?))
}

/// The line through most of these (x, y): least squares of the half that lies nearest, several times.
fn line(all: &[[f64; 2]]) -> Option<(f64, f64)> {
    let mut kept = all.to_vec();
    let mut best = None;
    for _ in 0..4 {
        let n = kept.len() as f64;
        let (mx, my) = kept.iter().fold((0.0, 0.0), |a, p| (a.0 + p[0] / n, a.1 + p[1] / n));
        let (xx, xy) = kept.iter().fold((0.0, 0.0), |a, p| {
            (a.0 + (p[0] - mx) * (p[0] - mx), a.1 + (p[0] - mx) * (p[1] - my))
        });
        if !(xx > 1e-12 && xx.is_finite() && xy.is_finite()) {
            return None;
        }
        let (slope, at) = (xy / xx, my - mx * xy / xx);
        best = Some((slope, at));
        let off = |p: &[f64; 2]| (slope * p[0] + at - p[1]).abs();
        let most = median(&mut all.iter().map(off).collect::<Vec<_>>())?;
        kept = all.iter().filter(|p| off(p) <= 2.0 * most).copied().collect();
    }
    best
}

pub(super) fn median(v: &mut [f64]) -> Option<f64> {
    let middle = v.len() / 2;
    (!v.is_empty()).then(|| *v.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// A view as far as it is known: lens, depth of each pixel.
pub(super) struct Sight<'v> {
    pub(super) lens: Pinhole,
    pub(super) depth: &'v [f32],
}

/// How many pixels of the views agree with the depth of their neighbours, under these poses.
pub(super) fn agreeing(views: &[Sight<'_>], poses: &[Pose]) -> usize {
    let mut count = 0;
    for (i, v) in views.iter().enumerate() {
        for j in [i + 1, i + 2, i + views.len() / 2].map(|j| j % views.len()) {
            if i == j {
                continue;
            }
            let other = &views[j];
            let w = v.lens.width as usize;
            for at in (0..v.depth.len()).step_by(step(v.depth.len()) * 4) {
                let z = f64::from(v.depth[at]);
                if !(z > 0.0 && z.is_finite()) {
                    continue;
                }
                let (x, y) = middle(at, w);
                let c = poses[j].to_camera(poses[i].to_world(v.lens.ray(x, y) * z));
                let Some((a, b)) = other.lens.project(c) else { continue };
                let inside = a >= 0.0
                    && b >= 0.0
                    && a < f64::from(other.lens.width)
                    && b < f64::from(other.lens.height);
                let d = if inside {
                    other
                        .depth
                        .get(b as usize * other.lens.width as usize + a as usize)
                        .copied()
                        .unwrap_or(0.0)
                } else {
                    0.0
                };
                count += usize::from(d > 0.0 && (f64::from(d) - c.z).abs() < AGREE * c.z);
            }
        }
    }
    count
}

/// Median distance between points in the world and those of the same pixels seen from this pose, as a part of
/// their depth; `None` where none has both.
pub(super) fn apart(local: &[[f64; 3]], world: &[[f64; 3]], pose: &Pose) -> Option<f64> {
    let mut off = Vec::new();
    for (l, p) in local.iter().zip(world).step_by(step(local.len())) {
        if l[2] > 0.0 && l.iter().chain(p).all(|x| x.is_finite()) {
            let q = pose.to_world(Vec3::from(*l));
            off.push((q - Point3::from(*p)).norm() / l[2]);
        }
    }
    median(&mut off)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lenses_are_brought_to_pixels() {
        let at = |k: [f64; 4]| {
            lens(&[k[0], 0.0, k[2], 0.0, k[1], k[3], 0.0, 0.0, 1.0], 100, 80).map(|l| l.0)
        };
        let want = Pinhole { width: 100, height: 80, fx: 90.0, fy: 90.0, cx: 50.0, cy: 40.0 };
        for k in [[90.0, 90.0, 50.0, 40.0], [0.9, 1.125, 0.5, 0.5], [900.0, 900.0, 500.0, 400.0]] {
            let l = at(k).unwrap();
            let off = (l.fx - want.fx).abs()
                + (l.fy - want.fy).abs()
                + (l.cx - want.cx).abs()
                + (l.cy - want.cy).abs();
            assert!(off < 1e-9, "{k:?}: {l:?}");
        }
        assert!(at([0.0, 0.0, 50.0, 40.0]).is_none() && at([f64::NAN, 1.0, 1.0, 1.0]).is_none());
    }

    #[test]
    fn a_lens_is_found_in_points_with_strays() {
        let l = Pinhole { width: 60, height: 40, fx: 55.0, fy: 57.0, cx: 31.0, cy: 19.0 };
        let mut points: Vec<[f64; 3]> = (0..2400)
            .map(|i| {
                let (u, v) = middle(i, 60);
                let p = l.ray(u, v) * (2.0 + 0.3 * (i as f64 * 0.37).fract());
                [p.x, p.y, p.z]
            })
            .collect();
        points.iter_mut().step_by(7).for_each(|p| p[0] += 3.0);
        points[5] = [f64::NAN; 3];
        let (found, off) = fitted(&points, 60, 40).unwrap();
        assert!((found.fx - 55.0).abs() < 0.2 && (found.cy - 19.0).abs() < 0.2, "{found:?}");
        assert!(off < 0.2, "{off}");
        assert!(fitted(&[[0.0, 0.0, -1.0]; 100], 10, 10).is_none());
    }
}
