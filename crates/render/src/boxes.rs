//! Pictures of memories without points: shaded solid boxes on a floor grid, by exact ray casting.

use nalgebra::Matrix3;
use rayon::prelude::*;
use reasmory_geom::{Pinhole, Point2, Point3, Pose, Vec3};
use reasmory_scene::Memory;

use crate::color::{CategoryColors, Rgb, mix, unknown};
use crate::top::inside;

/// One ray-cast picture.
pub(crate) struct Cast {
    pub(crate) color: Vec<Rgb>,
    pub(crate) depth: Vec<f32>,
    pub(crate) instance: Vec<u32>,
    /// World axes, toward the eye; zero where nothing is.
    pub(crate) normal: Vec<[f32; 3]>,
}

/// A box ready for rays of one camera: everything in the box's own axes.
struct Solid {
    id: u32,
    origin: Vec3,
    turn: Matrix3<f64>,
    /// From the box's axes to the world's.
    axes: Matrix3<f64>,
    half: Vec3,
    color: Rgb,
    shade: [f64; 3],
    /// Rows and columns that it can cover.
    rows: (f64, f64),
    columns: (f64, f64),
}

struct Floor {
    height: f64,
    outline: Vec<Point2>,
    step: f64,
    reach: f64,
}

/// Direction of the light, world: from above, a little from one side, so that faces differ.
const LIGHT: [f64; 3] = [0.38, 0.62, 1.0];

/// Casts a ray through every pixel centre.
///
/// A box that holds the eye is not drawn: from inside it would hide everything.
pub(crate) fn cast(memory: &Memory, pose: &Pose, pinhole: &Pinhole) -> Cast {
    let manifest = memory.manifest();
    let (w, h) = (pinhole.width as usize, pinhole.height as usize);
    let colors = CategoryColors::of(manifest);
    let solids: Vec<Solid> = manifest
        .instances
        .iter()
        .filter(|i| !i.obb.contains(pose.center, 0.0))
        .filter_map(|i| {
            let o = &i.obb;
            let to_box = o.axes.transpose();
            let (columns, rows) = covered(&o.corners(), pose, pinhole)?;
            Some(Solid {
                id: i.id,
                origin: to_box * (pose.center - o.center),
                turn: to_box * pose.rotation,
                axes: o.axes,
                // A flat box (a picture on a wall) still needs a thickness to be hit.
                half: o.half.map(|x| x.max(1e-6)),
                color: colors.get(&i.category),
                shade: [0, 1, 2].map(|a| shade(o.axes.column(a).into_owned())),
                rows,
                columns,
            })
        })
        .collect();
    let floor = manifest.room.as_ref().map(|r| Floor {
        height: r.floor,
        outline: r.polygon(),
        step: if manifest.scale.is_metric() { 1.0 } else { manifest.diagonal() / 10.0 },
        reach: 3.0 * manifest.diagonal(),
    });

    let mut out = Cast {
        color: vec![[0; 3]; w * h],
        depth: vec![f32::INFINITY; w * h],
        instance: vec![0; w * h],
        normal: vec![[0.0; 3]; w * h],
    };
    let rows = out.color.par_chunks_mut(w).zip(out.depth.par_chunks_mut(w));
    let rows = rows.zip(out.instance.par_chunks_mut(w)).zip(out.normal.par_chunks_mut(w));
    rows.enumerate().for_each(|(y, (((color, depth), id), normal))| {
        let v = y as f64 + 0.5;
        let here: Vec<&Solid> = solids.iter().filter(|s| s.rows.0 <= v && v <= s.rows.1).collect();
        for x in 0..w {
            let u = x as f64 + 0.5;
            let ray = pinhole.ray(u, v);
            color[x] = unknown(x, y);
            let mut near = f64::INFINITY;
            if let Some((t, c)) = floor.as_ref().and_then(|f| floor_hit(f, pose, ray, pinhole.fx)) {
                near = t;
                color[x] = c;
                let above = pose.center.z > floor.as_ref().map_or(0.0, |f| f.height);
                normal[x] = [0.0, 0.0, if above { 1.0 } else { -1.0 }];
            }
            for s in &here {
                if s.columns.0 <= u
                    && u <= s.columns.1
                    && let Some((t, c, n)) = s.hit(ray, pinhole.fx)
                    && t < near
                {
                    near = t;
                    color[x] = c;
                    id[x] = s.id;
                    normal[x] = n;
                }
            }
            depth[x] = near as f32;
        }
    });
    out
}

/// Brightness of the faces across a unit axis, the same from both sides.
fn shade(axis: Vec3) -> f64 {
    let light = Vec3::from(LIGHT).normalize();
    0.55 + 0.45 * axis.dot(&light).abs()
}

/// Columns and rows that a hull of corners can cover; `None` where it is behind the camera.
fn covered(
    corners: &[Point3; 8],
    pose: &Pose,
    pinhole: &Pinhole,
) -> Option<((f64, f64), (f64, f64))> {
    let all = (f64::NEG_INFINITY, f64::INFINITY);
    let (mut columns, mut rows) = ((all.1, all.0), (all.1, all.0));
    let mut behind = 0;
    for c in corners {
        let local = pose.to_camera(*c);
        match pinhole.project(local) {
            Some((u, v)) if local.z > 1e-3 => {
                columns = (columns.0.min(u - 1.0), columns.1.max(u + 1.0));
                rows = (rows.0.min(v - 1.0), rows.1.max(v + 1.0));
            }
            _ => behind += 1,
        }
    }
    match behind {
        0 => Some((columns, rows)),
        8 => None,
        _ => Some((all, all)),
    }
}

impl Solid {
    /// Depth, colour and the face's normal where a camera ray (z = 1) enters.
    fn hit(&self, ray: Vec3, focal: f64) -> Option<(f64, Rgb, [f32; 3])> {
        let d = self.turn * ray;
        let (mut near, mut far, mut face) = (0.0f64, f64::INFINITY, 3);
        for i in 0..3 {
            if d[i] == 0.0 {
                if self.origin[i].abs() > self.half[i] {
                    return None;
                }
                continue;
            }
            let (a, b) =
                ((-self.half[i] - self.origin[i]) / d[i], (self.half[i] - self.origin[i]) / d[i]);
            if a.min(b) > near {
                near = a.min(b);
                face = i;
            }
            far = far.min(a.max(b));
        }
        if near > far || face == 3 {
            return None;
        }
        let p = self.origin + d * near;
        // Distance to the face's nearest edge, pixels.
        let edge = (0..3)
            .filter(|i| *i != face)
            .map(|i| (self.half[i] - p[i].abs()) * focal / near)
            .fold(f64::INFINITY, f64::min);
        let lit = mix([0; 3], self.color, self.shade[face]);
        let line = (1.9 - edge).clamp(0.0, 1.0);
        let mut out = Vec3::zeros();
        out[face] = if d[face] > 0.0 { -1.0 } else { 1.0 };
        let normal = self.axes * out;
        Some((near, mix(lit, [20, 20, 24], 0.75 * line), [0, 1, 2].map(|i| normal[i] as f32)))
    }
}

/// Depth and colour of the floor along a ray.
fn floor_hit(f: &Floor, pose: &Pose, ray: Vec3, focal: f64) -> Option<(f64, Rgb)> {
    let d = pose.rotation * ray;
    let t = (f.height - pose.center.z) / d.z;
    if !(t > 0.0 && t.is_finite()) {
        return None;
    }
    let p = pose.center + d * t;
    let q = Point2::new(p.x, p.y);
    if f.outline.len() >= 3 {
        if !inside(&f.outline, q) {
            return None;
        }
    } else if (q - pose.center.xy()).norm() > f.reach {
        return None;
    }
    // A line one and a half pixels wide where the floor faces the camera, wider along grazing rays so
    // that it does not break up, and fading before neighbouring lines merge.
    let across = |x: f64| {
        let k = x / f.step;
        (k - k.round()).abs() * f.step
    };
    let pixel = t / focal;
    let tilt = (d.z.abs() / d.norm()).max(0.02);
    let line = |x: f64, stretch: f64| {
        let width = pixel * stretch;
        let fade = (f.step / (8.0 * width)).min(1.0);
        (1.3 - across(x) / width).clamp(0.0, 1.0) * fade
    };
    let flat = (d.x.hypot(d.y)).max(1e-9);
    let stretch = |along: f64| 1.0 + (along.abs() / flat) * (1.0 / tilt - 1.0);
    let dark = line(q.x, stretch(d.x)).max(line(q.y, stretch(d.y)));
    Some((t, mix([206, 202, 192], [146, 142, 134], dark)))
}
