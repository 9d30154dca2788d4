//! Which way is up in a cloud.

use nalgebra::{Quaternion, UnitQuaternion};
use reasmory_geom::math::{cos_deg, sin_deg};
use reasmory_geom::{Point3, Pose, UP, Vec3};

use super::{Cloud, fit};
use crate::upright::{self, Surface};

/// Up, the surfaces and the spread of the points about them.
pub(super) fn find(cloud: &Cloud, notes: &mut Vec<String>) -> (Vec3, Vec<Surface>, f64) {
    let (size, middle) = fit::extent(&cloud.positions);
    if let Some(pose) = cloud.organised.and(viewpoint(&cloud.viewpoint)) {
        // A cloud that is a picture has its camera at the viewpoint. It may look far down on a table, so
        // several pitches are tried; the level one needs no more than its share.
        let (surfaces, sigma) = fit::surfaces(&cloud.positions, size, pose.center);
        let mut best: Option<(f64, f64, upright::Upright)> = None;
        for pitch in [0.0, 25.0, 50.0, 75.0] {
            let guess = -pose.down() * cos_deg(pitch) - pose.forward() * sin_deg(pitch);
            let up = upright::find_near(guess, &surfaces);
            let [level, upright] = upright::level_and_upright(&up.up, &surfaces);
            let score = level + 0.25 * upright;
            if best.as_ref().is_none_or(|b| score > 1.02 * b.0) {
                best = Some((score, pitch, up));
            }
        }
        if let Some((_, pitch, up)) = best {
            notes.push(format!(
                "The cloud is a picture, seen from its viewpoint with OpenCV axes; it does not say which \
                 way is up. The guess is a level camera that looks down by {pitch}°."
            ));
            notes.push(up.note);
            return (up.up, surfaces, sigma);
        }
    }
    let (surfaces, sigma) = fit::surfaces(&cloud.positions, size, middle);
    // Without a camera: +z as in maps, −y as in camera frames, +y as in graphics, whichever has a floor.
    let mut best: Option<(f64, Vec3)> = None;
    for guess in [UP, Vec3::new(0.0, -1.0, 0.0), Vec3::new(0.0, 1.0, 0.0)] {
        let near = upright::sought_near(guess, &surfaces).unwrap_or(guess);
        let bottom = floor_share(&surfaces, &near);
        if best.is_none_or(|b| bottom > 2.0 * b.0) {
            best = Some((bottom, guess));
        }
    }
    let guess = best.map_or(UP, |b| b.1);
    let up = upright::find_near(guess, &surfaces);
    let axis = if guess.z > 0.0 {
        "+z"
    } else if guess.y > 0.0 {
        "+y"
    } else {
        "−y"
    };
    notes.push(format!(
        "The cloud does not say which way is up; of +z, −y and +y, {axis} was taken for it, being the \
         first with a floor to be seen. Check before relying on heights."
    ));
    notes.push(up.note);
    (up.up, surfaces, sigma)
}

/// +z, of a cloud that says so, the surfaces and the spread of the points about them.
pub(super) fn given(cloud: &Cloud) -> (Vec3, Vec<Surface>, f64) {
    let (size, middle) = fit::extent(&cloud.positions);
    let (surfaces, sigma) = fit::surfaces(&cloud.positions, size, middle);
    (UP, surfaces, sigma)
}

/// Part of the area that is level and lies at the bottom, facing up: what a floor looks like.
fn floor_share(surfaces: &[Surface], up: &Vec3) -> f64 {
    let mut heights: Vec<f64> = surfaces.iter().map(|s| s.point.coords.dot(up)).collect();
    heights.sort_by(f64::total_cmp);
    let Some(last) = heights.len().checked_sub(1) else { return 0.0 };
    let (lo, hi) = (heights[last / 50], heights[last - last / 50]);
    let total: f64 = surfaces.iter().map(|s| s.weight).sum();
    let low = lo + 0.15 * (hi - lo);
    let floor: f64 = surfaces
        .iter()
        .filter(|s| s.normal.dot(up) > cos_deg(15.0) && s.point.coords.dot(up) < low)
        .map(|s| s.weight)
        .sum();
    if total > 0.0 { floor / total } else { 0.0 }
}

/// The camera at a viewpoint; `None` where its quaternion is no rotation.
fn viewpoint(v: &[f64; 7]) -> Option<Pose> {
    let q = Quaternion::new(v[3], v[4], v[5], v[6]);
    if (q.norm() - 1.0).abs() > 0.01 {
        return None;
    }
    let r = UnitQuaternion::from_quaternion(q).to_rotation_matrix();
    let axis = |k: usize| r.matrix().column(k).into_owned();
    Some(Pose::from_axes(axis(0), axis(1), axis(2), Point3::new(v[0], v[1], v[2])))
}
