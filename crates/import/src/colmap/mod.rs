//! COLMAP sparse models, binary and text.

mod bin;
mod sparse;
mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) use bin::{
    cameras as bin_cameras, images as bin_images, observed as bin_observed, points as bin_points,
};
use nalgebra::{Matrix4, Quaternion, UnitQuaternion};
use reasmory_geom::{Pinhole, Pose};
pub use sparse::{ColmapImage, ColmapModel, ColmapPoint, read_colmap};
pub(crate) use text::{cameras as text_cameras, images as text_images, points as text_points};

use crate::posed::{self, Posed, Shot, Sparse};
use crate::{ImportError, ImportOptions, Imported, files};

const REMEDY: &str = "export the model again";

/// A camera of a model, reduced to its pinhole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Camera {
    pub(crate) lens: Pinhole,
    /// Name of the camera model.
    pub(crate) model: &'static str,
    /// Whether distortion parameters other than 0 were left out.
    pub(crate) distorted: bool,
}

/// A registered image.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Image {
    pub(crate) id: u32,
    /// World to camera, (w, x, y, z).
    pub(crate) q: [f64; 4],
    pub(crate) t: [f64; 3],
    pub(crate) camera: u32,
    pub(crate) name: String,
}

/// What an image observes: pixels, and the ids of the points seen there.
pub(crate) type Observed = Vec<([f64; 2], Option<u64>)>;

/// A triangulated point.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) id: u64,
    pub(crate) position: [f64; 3],
    pub(crate) color: [u8; 3],
    /// Mean reprojection error, pixels; negative where unknown.
    pub(crate) error: f64,
    /// Number of observations.
    pub(crate) track: u64,
}

/// A camera from a model's name and parameters.
pub(crate) fn camera(
    model: &str,
    width: u64,
    height: u64,
    params: &[f64],
) -> Result<Camera, String> {
    let known = MODELS.iter().find(|m| m.name == model);
    let Some(m) = known.filter(|m| m.readable) else {
        return Err(format!(
            "has the camera model {model}, which is not read; undistort the images (COLMAP's \
             image_undistorter) and export again"
        ));
    };
    if params.len() != m.params {
        return Err(format!("has {} parameters for {model}, expected {}", params.len(), m.params));
    }
    let (Ok(w), Ok(h)) = (u32::try_from(width), u32::try_from(height)) else {
        return Err(format!("has a size of {width}×{height}"));
    };
    let single = matches!(model, "SIMPLE_PINHOLE" | "SIMPLE_RADIAL" | "RADIAL");
    let (fx, fy, cx, cy) = if single {
        (params[0], params[0], params[1], params[2])
    } else {
        (params[0], params[1], params[2], params[3])
    };
    let lens = Pinhole { width: w, height: h, fx, fy, cx, cy };
    if !lens.is_valid() {
        return Err(format!("is no camera: {lens:?} needs a positive size and focal length"));
    }
    let rest = &params[if single { 3 } else { 4 }..];
    if rest.iter().any(|k| !k.is_finite()) {
        return Err("has distortion that is not finite".into());
    }
    Ok(Camera { lens, model: m.name, distorted: rest.iter().any(|k| *k != 0.0) })
}

/// A camera model: its number in binary files is its index.
pub(crate) struct Model {
    pub(crate) name: &'static str,
    pub(crate) params: usize,
    readable: bool,
}

const fn model(name: &'static str, params: usize, readable: bool) -> Model {
    Model { name, params, readable }
}

pub(crate) const MODELS: [Model; 11] = [
    model("SIMPLE_PINHOLE", 3, true),
    model("PINHOLE", 4, true),
    model("SIMPLE_RADIAL", 4, true),
    model("RADIAL", 5, true),
    model("OPENCV", 8, true),
    model("OPENCV_FISHEYE", 8, false),
    model("FULL_OPENCV", 12, false),
    model("FOV", 5, false),
    model("SIMPLE_RADIAL_FISHEYE", 4, false),
    model("RADIAL_FISHEYE", 5, false),
    model("THIN_PRISM_FISHEYE", 12, false),
];

/// The folder of the model at `path`, and the files' extension.
pub(crate) fn find(path: &Path) -> Option<(PathBuf, &'static str)> {
    let folders = ["", "sparse/0", "sparse", "colmap_sparse"];
    folders.iter().map(|f| if f.is_empty() { path.to_owned() } else { path.join(f) }).find_map(
        |dir| {
            ["bin", "txt"].into_iter().find_map(|e| {
                let whole = ["cameras", "images", "points3D"]
                    .iter()
                    .all(|n| dir.join(format!("{n}.{e}")).is_file());
                whole.then(|| (dir.clone(), e))
            })
        },
    )
}

/// Folders in which the model's pictures may lie, nearest first.
fn picture_folders(root: &Path, dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for base in [Some(root), Some(dir), dir.parent(), dir.parent().and_then(Path::parent)] {
        let Some(base) = base else { continue };
        for folder in [base.join("images"), base.to_owned()] {
            if !out.contains(&folder) {
                out.push(folder);
            }
        }
    }
    out
}

/// The model's parts.
struct Raw {
    cameras: BTreeMap<u32, Camera>,
    images: Vec<Image>,
    points: Vec<Point>,
}

fn load(dir: &Path, extension: &str) -> Result<Raw, ImportError> {
    let file = |name: &str| dir.join(format!("{name}.{extension}"));
    let (c, i, p) = (file("cameras"), file("images"), file("points3D"));
    let bad = |path: &Path, e: (String, String)| ImportError::new(path, e.0, e.1, REMEDY);
    if extension == "bin" {
        let limit = files::MAX_FILE;
        Ok(Raw {
            cameras: bin_cameras(&files::read(&c, limit)?).map_err(|e| bad(&c, e))?,
            images: bin_images(&files::read(&i, limit)?).map_err(|e| bad(&i, e))?,
            points: bin_points(&files::read(&p, limit)?).map_err(|e| bad(&p, e))?,
        })
    } else {
        Ok(Raw {
            cameras: text_cameras(&files::read_text(&c)?).map_err(|e| bad(&c, e))?,
            images: text_images(&files::read_text(&i)?).map_err(|e| bad(&i, e))?,
            points: text_points(&files::read_text(&p)?).map_err(|e| bad(&p, e))?,
        })
    }
}

/// Imports the model at `path`.
pub(crate) fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let Some((dir, extension)) = find(path) else {
        let what = "holds no COLMAP model (cameras, images, points3D as .bin or .txt)";
        return Err(ImportError::new(path, "", what, "give the model's folder or the one above"));
    };
    let Raw { cameras, mut images, points } = load(&dir, extension)?;
    if images.is_empty() {
        let what = "has no registered image";
        return Err(ImportError::new(&dir, "images", what, "reconstruct with other settings"));
    }
    images.sort_by(|a, b| files::natural(&a.name, &b.name).then(a.id.cmp(&b.id)));
    let mut notes = vec![format!(
        "World-to-camera poses of {} images were inverted; photos are numbered by name.",
        images.len()
    )];
    let lensed: Vec<&str> = cameras.values().filter(|c| c.distorted).map(|c| c.model).collect();
    if let Some(model) = lensed.first() {
        notes.push(format!(
            "The lens distortion of {} cameras ({model}) is ignored; undistort the images for exact \
             pictures.",
            lensed.len()
        ));
    }
    let folders = picture_folders(path, &dir);
    let mut shots = Vec::with_capacity(images.len());
    for i in images {
        let place = format!("image {} ({})", i.id, i.name);
        let Some(pose) = pose(&i) else {
            let what = "has no rigid pose (finite numbers, a unit quaternion)";
            return Err(ImportError::new(&dir, place, what, REMEDY));
        };
        let Some(camera) = cameras.get(&i.camera) else {
            let what = format!("uses camera {}, which the model lacks", i.camera);
            return Err(ImportError::new(&dir, place, what, REMEDY));
        };
        let picture = posed::find_file(&folders, &i.name);
        shots.push(Shot { name: i.name, lens: camera.lens, pose, picture, time: None });
    }
    let points = points
        .iter()
        .map(|p| Sparse {
            position: p.position.into(),
            color: p.color,
            confidence: (1.0 - 1.0 / f64::from(1u32 << p.track.min(20))) as f32,
            error: p.error,
        })
        .collect();
    let source = Posed {
        name: files::scene_name(path),
        format: "colmap".into(),
        shots,
        points,
        up: None,
        scale: posed::stated_scale(options.metric),
        notes,
    };
    posed::assemble_with(&dir, source, options, REMEDY)
}

/// Camera-to-world pose of an image.
pub(crate) fn pose(i: &Image) -> Option<Pose> {
    let [w, x, y, z] = i.q;
    let q = Quaternion::new(w, x, y, z);
    if !((q.norm() - 1.0).abs() < 0.01 && i.t.iter().all(|x| x.is_finite())) {
        return None;
    }
    let r = UnitQuaternion::from_quaternion(q).to_rotation_matrix().transpose();
    let c = -(r * nalgebra::Vector3::from(i.t));
    let mut m: Matrix4<f64> = r.to_homogeneous();
    (m[(0, 3)], m[(1, 3)], m[(2, 3)]) = (c.x, c.y, c.z);
    Pose::from_matrix(&m)
}
