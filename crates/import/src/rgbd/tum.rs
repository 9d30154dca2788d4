//! TUM RGB-D sequences: `rgb.txt`, `depth.txt` and `groundtruth.txt`, matched by time.

use std::path::{Component, Path, PathBuf};

use nalgebra::{Matrix4, Quaternion, UnitQuaternion};
use reasmory_geom::{Pinhole, Pose};

use super::open3d::scale;
use super::{FrameFiles, Source, pose, unposed};
use crate::{ImportError, ImportOptions, files};

/// Times match within this many seconds.
const APART: f64 = 0.02;

pub(crate) fn is_source(path: &Path) -> bool {
    ["rgb.txt", "depth.txt", "groundtruth.txt"].iter().all(|n| path.join(n).is_file())
}

/// Whether there is all but the poses.
pub(super) fn is_unposed(path: &Path) -> bool {
    ["rgb.txt", "depth.txt"].iter().all(|n| path.join(n).is_file())
        && !path.join("groundtruth.txt").exists()
}

/// A line of a list: time and the other fields.
type Row<'a> = (f64, usize, Vec<&'a str>);

fn rows<'a>(path: &Path, text: &'a str) -> Result<Vec<Row<'a>>, ImportError> {
    let mut out: Vec<Row<'a>> = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut fields = line.split_whitespace();
        let time = fields.next().and_then(|t| t.parse::<f64>().ok()).filter(|t| t.is_finite());
        let Some(time) = time else {
            let place = format!("line {}", i + 1);
            let remedy = "correct the time stamp, in seconds";
            return Err(ImportError::new(path, place, "does not begin with a time", remedy));
        };
        out.push((time, i + 1, fields.collect()));
    }
    if out.is_empty() {
        return Err(ImportError::new(path, "", "lists nothing", "fetch the sequence again"));
    }
    out.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(out)
}

/// The row nearest in time, within [`APART`].
fn nearest<'r, 'a>(rows: &'r [Row<'a>], time: f64) -> Option<&'r Row<'a>> {
    let at = rows.partition_point(|r| r.0 < time);
    let near = |i: Option<usize>| i.and_then(|i| rows.get(i)).map(|r| ((r.0 - time).abs(), r));
    let (a, b) = (near(at.checked_sub(1)), near(Some(at)));
    let best = match (a, b) {
        (Some(a), Some(b)) => Some(if b.0 < a.0 { b } else { a }),
        (a, b) => a.or(b),
    };
    best.filter(|(apart, _)| *apart <= APART).map(|(_, r)| r)
}

fn listed(root: &Path, list: &Path, row: &Row<'_>) -> Result<PathBuf, ImportError> {
    let place = format!("line {}", row.1);
    let Some(name) = row.2.first() else {
        return Err(ImportError::new(list, place, "names no file", "correct the list"));
    };
    let relative = Path::new(name);
    if !relative.components().all(|c| matches!(c, Component::Normal(_))) {
        let what = format!("names {name:?}, outside the sequence");
        return Err(ImportError::new(list, place, what, "name files inside the folder"));
    }
    Ok(root.join(relative))
}

pub(crate) fn read(path: &Path, options: &ImportOptions) -> Result<Source, ImportError> {
    let lists = ["rgb.txt", "depth.txt", "groundtruth.txt"].map(|n| path.join(n));
    let [rgb_file, depth_file, truth_file] = &lists;
    let texts =
        [files::read_text(rgb_file)?, files::read_text(depth_file)?, files::read_text(truth_file)?];
    let colors = rows(rgb_file, &texts[0])?;
    let depths = rows(depth_file, &texts[1])?;
    let truth = rows(truth_file, &texts[2])?;
    let mut frames = Vec::new();
    for color in &colors {
        let Some(depth) = nearest(&depths, color.0) else { continue };
        let Some(at) = nearest(&truth, color.0) else { continue };
        frames.push(FrameFiles {
            color: listed(path, rgb_file, color)?,
            depth: Some(listed(path, depth_file, depth)?),
            index: frames.len(),
            pose: parse_pose(truth_file, at)?,
            time: Some(color.0),
        });
    }
    source(path, frames, colors.len(), "depth and pose", options)
}

/// The frames of a sequence without `groundtruth.txt`.
pub(super) fn read_unposed(path: &Path, options: &ImportOptions) -> Result<Source, ImportError> {
    let lists = ["rgb.txt", "depth.txt"].map(|n| path.join(n));
    let [rgb_file, depth_file] = &lists;
    let texts = [files::read_text(rgb_file)?, files::read_text(depth_file)?];
    let colors = rows(rgb_file, &texts[0])?;
    let depths = rows(depth_file, &texts[1])?;
    let mut frames = Vec::new();
    for color in &colors {
        let Some(depth) = nearest(&depths, color.0) else { continue };
        let (rgb, z) = (listed(path, rgb_file, color)?, listed(path, depth_file, depth)?);
        frames.push(unposed::frame(rgb, z, frames.len(), Some(color.0)));
    }
    source(path, frames, colors.len(), "depth", options)
}

fn source(
    path: &Path,
    frames: Vec<FrameFiles>,
    colors: usize,
    has: &str,
    options: &ImportOptions,
) -> Result<Source, ImportError> {
    if frames.is_empty() {
        let what = format!("no colour picture has {has} within {APART} s");
        return Err(ImportError::new(path, "", what, "check the time stamps"));
    }
    let mut notes =
        vec![format!("{} of {colors} colour pictures have {has} within {APART} s.", frames.len(),)];
    let lens = match options.pinhole {
        Some(p) => p,
        None => {
            let (k, name) = default_lens(&files::scene_name(path));
            notes.push(format!("The intrinsics are the {name} of the data set, for 640×480."));
            k
        }
    };
    let depth_scale = scale(path, options, 5000.0)?;
    notes.push(format!("Depth pictures are taken as 1/{depth_scale} m."));
    Ok(Source { frames, lenses: vec![lens], depths: Vec::new(), depth_scale, notes })
}

/// The data set's published intrinsics; its pixels are centred on whole numbers, hence the halves.
fn default_lens(name: &str) -> (Pinhole, &'static str) {
    let (k, what) = if name.contains("freiburg1") || name.contains("fr1") {
        ([517.3, 516.5, 318.6, 255.3], "calibration of the first camera")
    } else if name.contains("freiburg2") || name.contains("fr2") {
        ([520.9, 521.0, 325.1, 249.7], "calibration of the second camera")
    } else if name.contains("freiburg3") || name.contains("fr3") {
        ([535.4, 539.2, 320.1, 247.6], "calibration of the third camera")
    } else {
        ([525.0, 525.0, 319.5, 239.5], "default calibration")
    };
    let [fx, fy, cx, cy] = k;
    (Pinhole { width: 640, height: 480, fx, fy, cx: cx + 0.5, cy: cy + 0.5 }, what)
}

/// `tx ty tz qx qy qz qw`, camera to world.
fn parse_pose(path: &Path, row: &Row<'_>) -> Result<Pose, ImportError> {
    let place = format!("line {}", row.1);
    let v: Vec<f64> = row.2.iter().flat_map(|s| s.parse()).collect();
    let [tx, ty, tz, qx, qy, qz, qw] = v[..] else {
        let remedy = "give tx ty tz qx qy qz qw";
        return Err(ImportError::new(path, place, "does not hold 7 numbers", remedy));
    };
    let q = Quaternion::new(qw, qx, qy, qz);
    if !(q.norm() - 1.0).abs().lt(&0.05) {
        let remedy = "correct the line or leave it out";
        return Err(ImportError::new(path, place, "has no unit quaternion", remedy));
    }
    let mut m: Matrix4<f64> = UnitQuaternion::from_quaternion(q).to_homogeneous();
    (m[(0, 3)], m[(1, 3)], m[(2, 3)]) = (tx, ty, tz);
    pose(path, &place, &m)
}
