//! OpenSfM's `reconstruction.json`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nalgebra::{Matrix4, Rotation3, Vector3};
use reasmory_geom::math::acos_deg;
use reasmory_geom::{Pinhole, Pose, UP, Vec3};
use serde_json::{Map, Value};

use crate::posed::{self, Posed, Shot, Sparse, find_file};
use crate::{Format, ImportError, ImportOptions, Imported, files, json, upright};

const REMEDY: &str = "reconstruct or export it again";
/// Most that the cameras' up may differ from the world's before it is not believed, degrees.
const ASTRAY: f64 = 40.0;
const DISTORTION: [&str; 5] = ["k1", "k2", "k3", "p1", "p2"];

/// Whether this is a list of reconstructions.
pub(crate) fn accepts(v: &Value) -> bool {
    let object = |v: &Value, key: &str| v.get(key).is_some_and(Value::is_object);
    v.as_array()
        .and_then(|l| l.first())
        .is_some_and(|r| object(r, "cameras") && object(r, "shots") && object(r, "points"))
}

pub(crate) fn find(path: &Path) -> Option<PathBuf> {
    let words = ["\"cameras\"", "\"shots\"", "\"points\""];
    let named = path.join("reconstruction.json");
    json::find(&named, &words, accepts).or_else(|| json::find(path, &words, accepts))
}

/// What one reconstruction holds: shots without pictures, points.
pub(crate) struct Raw {
    pub(crate) shots: Vec<Shot>,
    pub(crate) points: Vec<Sparse>,
    pub(crate) distorted: usize,
    /// Whether the world was aligned with a place on the globe, so that z is up.
    pub(crate) aligned: bool,
}

/// Reads a reconstruction.
pub(crate) fn parse(path: &Path, r: &Value) -> Result<Raw, ImportError> {
    let bad = |place: String, what: &str| ImportError::new(path, place, what.to_owned(), REMEDY);
    let object = |key: &str| -> Result<&Map<String, Value>, ImportError> {
        let v = r.get(key).and_then(Value::as_object);
        v.ok_or_else(|| bad(key.to_owned(), "is not an object"))
    };
    let (mut lenses, mut distorted) = (BTreeMap::new(), 0);
    for (id, c) in object("cameras")? {
        let lens = lens(c).map_err(|e| bad(format!("cameras.{id}"), &e))?;
        distorted += usize::from(lens.1);
        lenses.insert(id.as_str(), lens.0);
    }
    let mut shots = Vec::new();
    for (name, s) in object("shots")? {
        let place = |field: &str| format!("shots.{name}{field}");
        let camera = s.get("camera").and_then(Value::as_str).unwrap_or_default();
        let Some(lens) = lenses.get(camera) else {
            let what = format!("is `{camera}`, which `cameras` lacks");
            return Err(bad(place(".camera"), &what));
        };
        let list = |key: &str| {
            let v = s.get(key).and_then(json::numbers::<3>).map(Vec3::from);
            v.ok_or_else(|| bad(place(&format!(".{key}")), "is not a list of 3 finite numbers"))
        };
        let pose = pose(list("rotation")?, list("translation")?);
        let pose = pose.ok_or_else(|| bad(place(""), "has no rigid pose"))?;
        let time = json::number(s, "capture_time").ok().flatten().filter(|t| *t > 0.0);
        shots.push(Shot { name: name.clone(), lens: *lens, pose, picture: None, time });
    }
    let mut points = Vec::new();
    for (id, p) in object("points")? {
        let at = p.get("coordinates").and_then(json::numbers::<3>);
        let at = at.filter(|p| p.iter().all(|x| (*x as f32).is_finite()));
        let position = at.ok_or_else(|| {
            bad(format!("points.{id}.coordinates"), "is not a list of 3 finite numbers")
        })?;
        let color = p.get("color").and_then(json::numbers::<3>).unwrap_or([128.0; 3]);
        points.push(Sparse {
            position: position.into(),
            color: color.map(|c| c.round().clamp(0.0, 255.0) as u8),
            confidence: 1.0,
            error: -1.0,
        });
    }
    let aligned = r.get("reference_lla").is_some_and(Value::is_object);
    Ok(Raw { shots, points, distorted, aligned })
}

/// A camera, and whether it bends. Focal lengths and the principal point's offset are in units of the
/// longer side; the middle of the picture is the origin.
fn lens(c: &Value) -> Result<(Pinhole, bool), String> {
    let number = |key: &str| {
        json::number(c, key).map_err(|()| format!("has a `{key}` that is not a finite number"))
    };
    let kind = c.get("projection_type").and_then(Value::as_str).unwrap_or("perspective");
    let (fx, fy) = match kind {
        "perspective" | "simple_radial" | "radial" | "brown" => {
            let f = number("focal")?;
            (number("focal_x")?.or(f), number("focal_y")?.or(f))
        }
        _ => {
            return Err(format!(
                "has the projection `{kind}`, which is not read; undistort the pictures"
            ));
        }
    };
    let size = |key: &str| c.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
    let (Some(width), Some(height)) = (size("width"), size("height")) else {
        return Err("has no `width` and `height`".into());
    };
    let (w, h) = (f64::from(width), f64::from(height));
    let longer = w.max(h);
    let (Some(fx), Some(fy)) = (fx, fy) else { return Err("has no focal length".into()) };
    let (dx, dy) = (number("c_x")?.unwrap_or(0.0), number("c_y")?.unwrap_or(0.0));
    let lens = Pinhole {
        width,
        height,
        fx: fx * longer,
        fy: fy * longer,
        cx: 0.5 * w + dx * longer,
        cy: 0.5 * h + dy * longer,
    };
    if !lens.is_valid() {
        return Err(format!("is no camera: {lens:?} needs a positive size and focal length"));
    }
    let mut bent = false;
    for k in DISTORTION {
        bent |= number(k)?.is_some_and(|k| k != 0.0);
    }
    Ok((lens, bent))
}

/// Camera-to-world pose of an axis–angle rotation and a translation from world to camera.
fn pose(rotation: Vec3, translation: Vec3) -> Option<Pose> {
    let angle = rotation.norm();
    // One turn and more is the same rotation, but huge numbers are damage.
    if !(angle < 1e3 && translation.norm().is_finite()) {
        return None;
    }
    let r = rotation_matrix(rotation, angle).transpose();
    let c = -(r * Vector3::from(translation));
    let mut m = r.to_homogeneous();
    (m[(0, 3)], m[(1, 3)], m[(2, 3)]) = (c.x, c.y, c.z);
    Pose::from_matrix(&m)
}

fn rotation_matrix(axis: Vec3, angle: f64) -> Rotation3<f64> {
    use reasmory_geom::math::{cos_deg, sin_deg};
    let Some(k) = axis.try_normalize(1e-12).map(|a| a.cross_matrix()) else {
        return Rotation3::identity();
    };
    let (s, c) = (sin_deg(angle.to_degrees()), cos_deg(angle.to_degrees()));
    let identity = Matrix4::identity().fixed_view::<3, 3>(0, 0).into_owned();
    Rotation3::from_matrix_unchecked(identity + k * s + k * k * (1.0 - c))
}

pub(crate) fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let file = if path.is_dir() { find(path) } else { Some(path.to_owned()) };
    let Some(file) = file else {
        let what = "holds no OpenSfM reconstruction (a list with cameras, shots and points)";
        return Err(ImportError::new(path, "", what, "give the file or its folder"));
    };
    let all = json::load(&file, REMEDY)?;
    let bad = |what: &str| ImportError::new(&file, "", what.to_owned(), REMEDY);
    let list = all.as_array().ok_or_else(|| bad("is not a list of reconstructions"))?;
    let size = |r: &Value| r.get("shots").and_then(Value::as_object).map_or(0, Map::len);
    // The first of those with the most shots.
    let best = list.iter().rev().max_by_key(|r| size(r));
    let Raw { mut shots, points, distorted, aligned } =
        parse(&file, best.ok_or_else(|| bad("holds no reconstruction"))?)?;
    if shots.is_empty() {
        return Err(bad("has no shot"));
    }
    let mut notes = vec![format!(
        "World-to-camera poses of {} shots were inverted; photos are numbered by name.",
        shots.len()
    )];
    if list.len() > 1 {
        notes.push(format!("The largest of {} reconstructions is used.", list.len()));
    }
    if distorted > 0 {
        notes.push(format!(
            "The lens distortion of {distorted} cameras is ignored; undistort the images for exact \
             pictures."
        ));
    }
    let dir = file.parent().unwrap_or(Path::new("."));
    let folders = [dir.join("images"), dir.to_owned()];
    for s in &mut shots {
        s.picture = find_file(&folders, &s.name);
    }
    let ground = ["ground_control_points.json", "gcp_list.txt"];
    if let Some(g) = ground.iter().find(|g| dir.join(g).is_file()) {
        notes.push(format!("{g} is not used; it could give the scale."));
    }
    let up = if aligned {
        let poses: Vec<Pose> = shots.iter().map(|s| s.pose).collect();
        let astray = acos_deg(upright::find(&poses, &[]).up.dot(&UP));
        if astray <= ASTRAY {
            notes.push(format!(
                "Up is the reconstruction's z, which was aligned with the globe ({astray:.0}° from how \
                 the cameras were held)."
            ));
            Some(UP)
        } else {
            notes.push(format!(
                "The reconstruction's z is {astray:.0}° from how the cameras were held, so it is not \
                 taken for up."
            ));
            None
        }
    } else {
        None
    };
    let source = Posed {
        name: files::scene_name(&file),
        format: Format::OpenSfm.name().into(),
        shots,
        points,
        up,
        scale: posed::stated_scale(options.metric),
        notes,
    };
    posed::assemble_with(&file, source, options, REMEDY)
}
