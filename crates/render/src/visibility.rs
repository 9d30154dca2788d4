//! How much of an instance can be seen, and what hides it.

use reasmory_geom::{Lens, Obb, Pinhole, Point3, Pose, View, math, ray_box};
use reasmory_scene::Memory;

use crate::ego::{EgoOptions, near_plane, surface};
use crate::error::{check_cloud, check_view};
use crate::splat::NONE;
use crate::{Cloud, RenderError};

/// Longer side of the depth buffer that points are tested against, pixels.
const SIDE: u32 = 360;
/// At most this many of an instance's points are tested.
const SAMPLES: usize = 4096;
/// Samples along each side of a box's face.
const FACE: usize = 8;

/// What became of the samples of one instance.
struct Outcome {
    seen: usize,
    all: usize,
    /// Samples hidden, per instance that hides them.
    hidden_by: Vec<(u32, usize)>,
}

/// Fraction of an instance that can be seen from a view, in [0, 1].
///
/// With points (a cloud that is not empty), its points are tested against a small depth buffer, and one
/// that only the instance itself hides counts as seen. Without, samples of the box faces that face the
/// eye are tested against the other boxes; a box that contains the sample hides nothing, for boxes hold
/// air (a cushion in the box of a bed).
///
/// With `limit_to_fov` what lies outside the picture counts as not seen; without, the view's direction
/// and lens do not matter, its eye does.
pub fn visible_fraction(
    memory: &Memory,
    cloud: Option<&Cloud>,
    view: &View,
    id: u32,
    limit_to_fov: bool,
) -> Result<f64, RenderError> {
    let o = outcome(memory, cloud, view, id, limit_to_fov)?;
    Ok(if o.all == 0 { 0.0 } else { o.seen as f64 / o.all as f64 })
}

/// Instances that hide parts of an instance from a view, the one that hides most first. Parts hidden by
/// unlabelled surfaces are not listed.
pub fn occluders(
    memory: &Memory,
    cloud: Option<&Cloud>,
    view: &View,
    id: u32,
    limit_to_fov: bool,
) -> Result<Vec<u32>, RenderError> {
    let mut by = outcome(memory, cloud, view, id, limit_to_fov)?.hidden_by;
    by.sort_by_key(|(id, n)| (std::cmp::Reverse(*n), *id));
    Ok(by.into_iter().map(|b| b.0).collect())
}

fn outcome(
    memory: &Memory,
    cloud: Option<&Cloud>,
    view: &View,
    id: u32,
    limit_to_fov: bool,
) -> Result<Outcome, RenderError> {
    check_view(view)?;
    let instance = memory.manifest().instance(id).ok_or(RenderError::NoInstance(id))?;
    let (w, h) = match view.lens {
        Lens::Fov(_) => (SIDE, SIDE),
        Lens::Pinhole(p) => {
            let longer = f64::from(p.width.max(p.height));
            let side = |x: u32| ((f64::from(x) / longer * f64::from(SIDE)).round() as u32).max(1);
            (side(p.width), side(p.height))
        }
    };
    let cloud = match cloud {
        Some(c) => {
            check_cloud(memory, c)?;
            Some(c).filter(|c| !c.is_empty())
        }
        None => None,
    };
    let Some(cloud) = cloud else {
        let pinhole = limit_to_fov.then(|| view.pinhole(w, h));
        return Ok(among_boxes(memory, view, pinhole, id));
    };
    let (view, w, h) =
        if limit_to_fov { (*view, w, h) } else { (toward(view.eye, &instance.obb), SIDE, SIDE) };
    Ok(among_points(memory, cloud, &view, (w, h), id))
}

/// A view from the eye that has all of a box in it, as far as a lens can.
fn toward(eye: Point3, obb: &Obb) -> View {
    let Some(view) = View::looking_at(eye, obb.center, 1e-9) else {
        return View { lens: Lens::Fov(150.0), ..View::level(eye, 0.0) };
    };
    let ahead = view.forward();
    let widest = obb.corners().iter().fold(0.0f64, |most, c| {
        let d = c - eye;
        most.max(math::acos_deg(d.dot(&ahead) / d.norm().max(1e-12)))
    });
    View { lens: Lens::Fov((2.0 * widest + 4.0).clamp(10.0, 150.0)), ..view }
}

fn inside(pinhole: &Pinhole, (u, v): (f64, f64)) -> bool {
    u >= 0.0 && v >= 0.0 && u < f64::from(pinhole.width) && v < f64::from(pinhole.height)
}

fn among_points(
    memory: &Memory,
    cloud: &Cloud,
    view: &View,
    (width, height): (u32, u32),
    id: u32,
) -> Outcome {
    let options = EgoOptions { width, height, ..EgoOptions::default() };
    let mut scratch = cloud.borrow_scratch();
    let (pinhole, _) = surface(memory, cloud, view, &options, &mut scratch);
    let surface = &scratch.surface;
    let pose = view.pose();
    let near = near_plane(memory);
    let rows = memory.instance_rows(id);
    let samples: Vec<Point3> = if rows.is_empty() {
        memory
            .manifest()
            .instance(id)
            .map(|i| facing_samples(&i.obb, pose.center))
            .unwrap_or_default()
    } else {
        let stride = rows.len().div_ceil(SAMPLES).max(1);
        memory.instance_points(id).step_by(stride).collect()
    };
    let mut out = Outcome { seen: 0, all: samples.len(), hidden_by: Vec::new() };
    let slack = 3.0 * cloud.spacing();
    for p in samples {
        let c = pose.to_camera(p);
        if c.z <= near {
            continue;
        }
        let Some(at) = pinhole.project(c).filter(|at| inside(&pinhole, *at)) else { continue };
        let k = at.1 as usize * width as usize + at.0 as usize;
        let (front, index) = (f64::from(surface.depth[k]), surface.index[k]);
        let by = if index == NONE { 0 } else { cloud.paint[index as usize].instance };
        // A pixel of the small buffer spans some depth of a slanted surface.
        let span = 2.0 * c.z / pinhole.fx;
        if by == id || front + slack + span >= c.z {
            out.seen += 1;
        } else if by != 0 {
            count(&mut out.hidden_by, by);
        }
    }
    cloud.return_scratch(scratch);
    out
}

fn count(list: &mut Vec<(u32, usize)>, id: u32) {
    match list.iter_mut().find(|e| e.0 == id) {
        Some(e) => e.1 += 1,
        None => list.push((id, 1)),
    }
}

/// Samples of the faces of a box that face the eye; of all faces where the eye is inside.
fn facing_samples(obb: &Obb, eye: Point3) -> Vec<Point3> {
    let e = obb.local(eye);
    let within = (0..3).all(|i| e[i].abs() <= obb.half[i]);
    let mut out = Vec::new();
    for axis in 0..3 {
        for sign in [-1.0, 1.0] {
            if !within && e[axis] * sign <= obb.half[axis] {
                continue;
            }
            let (a, b) = ((axis + 1) % 3, (axis + 2) % 3);
            for i in 0..FACE {
                for j in 0..FACE {
                    let at = |k: usize| (2.0 * k as f64 + 1.0) / FACE as f64 - 1.0;
                    let mut l = reasmory_geom::Vec3::zeros();
                    l[axis] = sign * obb.half[axis];
                    l[a] = at(i) * obb.half[a];
                    l[b] = at(j) * obb.half[b];
                    out.push(obb.center + obb.axes * l);
                }
            }
        }
    }
    out
}

fn among_boxes(memory: &Memory, view: &View, pinhole: Option<Pinhole>, id: u32) -> Outcome {
    let manifest = memory.manifest();
    let pose: Pose = view.pose();
    let mut out = Outcome { seen: 0, all: 0, hidden_by: Vec::new() };
    let Some(target) = manifest.instance(id) else { return out };
    let samples = facing_samples(&target.obb, pose.center);
    out.all = samples.len();
    for p in samples {
        if let Some(pinhole) = &pinhole {
            let at = pinhole.project(pose.to_camera(p));
            if !at.is_some_and(|at| inside(pinhole, at)) {
                continue;
            }
        }
        let mut first: Option<(f64, u32)> = None;
        for other in manifest.instances.iter().filter(|o| o.id != id) {
            // Through all of it, from outside, before the sample.
            if let Some((near, far)) = ray_box(pose.center, p - pose.center, &other.obb)
                && near > 0.0
                && far < 1.0 - 1e-9
                && first.is_none_or(|f| near < f.0)
            {
                first = Some((near, other.id));
            }
        }
        match first {
            Some((_, by)) => count(&mut out.hidden_by, by),
            None => out.seen += 1,
        }
    }
    out
}
