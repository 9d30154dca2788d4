//! `transforms.json`, as nerfstudio and instant-ngp read it: cameras with OpenGL axes.

use std::path::{Path, PathBuf};

use nalgebra::Matrix4;
use reasmory_geom::math::tan_deg;
use reasmory_geom::{Pinhole, Pose};
use serde_json::Value;

use crate::posed::{self, Posed, Shot, Sparse, find_file};
use crate::{Format, ImportError, ImportOptions, Imported, cloud, files, json};

const REMEDY: &str = "export the cameras again";
/// Camera models that are a pinhole, perhaps with distortion.
const MODELS: [&str; 6] =
    ["OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL", "PERSPECTIVE"];
const DISTORTION: [&str; 6] = ["k1", "k2", "k3", "k4", "p1", "p2"];

/// Whether this is such a file: frames with a file and a matrix.
pub(crate) fn accepts(v: &Value) -> bool {
    v.get("frames").and_then(Value::as_array).is_some_and(|f| {
        f.first()
            .is_none_or(|f| f.get("file_path").is_some() && f.get("transform_matrix").is_some())
    })
}

pub(crate) fn find(path: &Path) -> Option<PathBuf> {
    let words = ["\"frames\"", "\"transform_matrix\""];
    // In a folder the file of this name goes before those of parts (transforms_train.json …).
    let named = path.join("transforms.json");
    json::find(&named, &words, accepts).or_else(|| json::find(path, &words, accepts))
}

/// A frame's camera.
pub(crate) struct Frame {
    pub(crate) file: String,
    pub(crate) pose: Pose,
    /// As stated; size 0 where the file does not state it.
    pub(crate) lens: Lens,
    pub(crate) depth: bool,
}

/// Intrinsics as stated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lens {
    size: Option<(f64, f64)>,
    focal: Option<(f64, f64)>,
    /// Horizontal and vertical angle of view, degrees.
    angle: Option<(f64, Option<f64>)>,
    centre: (Option<f64>, Option<f64>),
}

impl Lens {
    /// The pinhole; `None` where no size is known, nor a focal length.
    fn pinhole(&self, picture: Option<(u32, u32)>) -> Option<Pinhole> {
        let (w, h) = self.size.or(picture.map(|(w, h)| (w.into(), h.into())))?;
        let (fx, fy) = match (self.focal, self.angle) {
            (Some(f), _) => f,
            (None, Some((x, y))) => {
                let fx = 0.5 * w / tan_deg(0.5 * x);
                (fx, y.map_or(fx, |y| 0.5 * h / tan_deg(0.5 * y)))
            }
            _ => return None,
        };
        let (cx, cy) = (self.centre.0.unwrap_or(0.5 * w), self.centre.1.unwrap_or(0.5 * h));
        let lens = Pinhole { width: w as u32, height: h as u32, fx, fy, cx, cy };
        lens.is_valid().then_some(lens)
    }
}

/// Reads the frames; notes say what was left out.
pub(crate) fn frames(
    path: &Path,
    all: &Value,
    notes: &mut Vec<String>,
) -> Result<Vec<Frame>, ImportError> {
    let bad = |place: &str, what: &str| ImportError::new(path, place, what.to_owned(), REMEDY);
    let list = all.get("frames").and_then(Value::as_array);
    let list = list.ok_or_else(|| bad("frames", "is not a list"))?;
    if list.is_empty() {
        return Err(bad("frames", "is empty"));
    }
    let (mut out, mut distorted) = (Vec::with_capacity(list.len()), 0);
    for (i, f) in list.iter().enumerate() {
        let at = |field: &str| format!("frames[{i}].{field}");
        let model = f.get("camera_model").or(all.get("camera_model")).and_then(Value::as_str);
        if let Some(model) = model.filter(|m| !MODELS.contains(m)) {
            let what = format!("is {model}, which is not read; undistort the pictures");
            return Err(bad(&at("camera_model"), &what));
        }
        let number = |key: &str| {
            let own = json::number(f, key).map_err(|()| bad(&at(key), "is not a finite number"))?;
            match own {
                Some(x) => Ok(Some(x)),
                None => json::number(all, key).map_err(|()| bad(key, "is not a finite number")),
            }
        };
        let (w, h) = (number("w")?, number("h")?);
        if [w, h].into_iter().flatten().any(|x| !(1.0..=f64::from(u32::MAX)).contains(&x)) {
            return Err(bad(&at("w"), "or `h` is not a size"));
        }
        let fx = number("fl_x")?;
        let angle = number("camera_angle_x")?;
        let lens = Lens {
            size: w.zip(h),
            focal: fx.zip(number("fl_y")?.or(fx)),
            angle: angle
                .map(f64::to_degrees)
                .zip(Some(number("camera_angle_y")?.map(f64::to_degrees))),
            centre: (number("cx")?, number("cy")?),
        };
        if lens.focal.is_none() && lens.angle.is_none() {
            return Err(bad(&at("fl_x"), "is not given, nor is `camera_angle_x`"));
        }
        let mut bent = false;
        for k in DISTORTION {
            bent |= number(k)?.is_some_and(|k| k != 0.0);
        }
        distorted += usize::from(bent);
        let file = f.get("file_path").and_then(Value::as_str);
        let file = file.ok_or_else(|| bad(&at("file_path"), "is not text"))?.to_owned();
        let pose = f.get("transform_matrix").and_then(pose).ok_or_else(|| {
            bad(&at("transform_matrix"), "is not a rigid pose (four rows of four finite numbers)")
        })?;
        out.push(Frame { file, pose, lens, depth: f.get("depth_file_path").is_some() });
    }
    notes.push(format!(
        "Camera-to-world poses of {} frames were turned from OpenGL to OpenCV axes.",
        out.len()
    ));
    if distorted > 0 {
        notes.push(format!(
            "The lens distortion of {distorted} frames is ignored; undistort the images for exact \
             pictures."
        ));
    }
    if out.iter().any(|f| f.depth) {
        notes.push("Depth pictures are not read: import them as posed RGB-D.".into());
    }
    Ok(out)
}

/// A camera-to-world matrix with OpenGL axes (three or four rows), as a pose; a common scale of its axes
/// is taken out.
fn pose(v: &Value) -> Option<Pose> {
    let rows = v.as_array().filter(|r| r.len() == 3 || r.len() == 4)?;
    let mut m = Matrix4::identity();
    for (r, row) in rows.iter().take(3).enumerate() {
        let row: [f64; 4] = json::numbers(row)?;
        for (c, x) in row.into_iter().enumerate() {
            m[(r, c)] = x;
        }
    }
    let scale = m.fixed_view::<3, 1>(0, 0).norm();
    if !(scale > 1e-12 && scale.is_finite()) {
        return None;
    }
    for r in 0..3 {
        m[(r, 0)] /= scale;
        // y up and z back become y down and z forward.
        m[(r, 1)] /= -scale;
        m[(r, 2)] /= -scale;
    }
    Pose::from_matrix(&m)
}

pub(crate) fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let file = if path.is_dir() { find(path) } else { Some(path.to_owned()) };
    let Some(file) = file else {
        let what = "holds no transforms.json (frames with `file_path` and `transform_matrix`)";
        return Err(ImportError::new(path, "", what, "give the file or its folder"));
    };
    let all = json::load(&file, REMEDY)?;
    let mut notes = Vec::new();
    let frames = frames(&file, &all, &mut notes)?;
    let folders = [file.parent().unwrap_or(Path::new(".")).to_owned()];
    let mut shots = Vec::with_capacity(frames.len());
    for (i, f) in frames.into_iter().enumerate() {
        // Some sources leave out the extension.
        let picture = ["", ".png", ".jpg", ".jpeg"]
            .iter()
            .find_map(|e| find_file(&folders, &format!("{}{e}", f.file)));
        let size = match &picture {
            Some(p) if f.lens.size.is_none() => Some(files::dimensions(p)?),
            _ => None,
        };
        let lens = f.lens.pinhole(size).ok_or_else(|| {
            let what = "has no valid intrinsics: a size (or a picture) and a positive focal length";
            ImportError::new(&file, format!("frames[{i}]"), what, REMEDY)
        })?;
        shots.push(Shot { name: f.file, lens, pose: f.pose, picture, time: None });
    }
    let points = match all.get("ply_file_path").and_then(Value::as_str) {
        None => Vec::new(),
        Some(name) => match find_file(&folders, name) {
            None => {
                notes.push(format!("The point cloud {name} was not found beside the file."));
                Vec::new()
            }
            Some(p) => points(&p, &mut notes)?,
        },
    };
    if points.is_empty() {
        notes.push("There are no points: the memory has cameras only.".into());
    }
    let source = Posed {
        name: files::scene_name(&file),
        format: Format::Transforms.name().into(),
        shots,
        points,
        up: None,
        scale: posed::stated_scale(options.metric),
        notes,
    };
    posed::assemble_with(&file, source, options, REMEDY)
}

fn points(path: &Path, notes: &mut Vec<String>) -> Result<Vec<Sparse>, ImportError> {
    let (cloud, dropped) = cloud::read(path, Format::Ply)?;
    if dropped > 0 {
        notes.push(format!("{dropped} points without a finite position were left out."));
    }
    let confidence = cloud.confidences(notes);
    let colors = cloud.colors.as_deref().unwrap_or_default();
    let rows = cloud.positions.iter().zip(confidence).enumerate();
    Ok(rows
        .map(|(i, (p, confidence))| Sparse {
            position: p.map(f64::from).into(),
            color: colors.get(i).copied().unwrap_or([128; 3]),
            confidence,
            error: -1.0,
        })
        .collect())
}
