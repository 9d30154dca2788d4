//! Recordings with a file for each frame's picture, depth and pose: four rows of four numbers, camera to world with
//! OpenCV axes.

use std::path::{Path, PathBuf};

use nalgebra::Matrix4;

use super::{FrameFiles, pose, unposed};
use crate::ImportError;
use crate::files;

/// What helps against files of such a recording that cannot be read.
pub(super) const REMEDY: &str = "export the scan again with poses, intrinsics, colour and depth";

/// The files of a frame; those of some may be missing.
pub(super) struct Files {
    pub(super) color: PathBuf,
    pub(super) depth: PathBuf,
    pub(super) pose: PathBuf,
}

/// Frames with their poses, and how many are none.
pub(super) struct Placed {
    pub(super) frames: Vec<FrameFiles>,
    /// A file is missing.
    incomplete: usize,
    /// The pose has infinities, as where tracking was lost.
    unplaced: usize,
}

impl Placed {
    /// What a person should know.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut out = Vec::new();
        if self.unplaced > 0 {
            out.push(format!("{} frames whose pose was lost were left out.", self.unplaced));
        }
        if self.incomplete > 0 {
            let n = self.incomplete;
            out.push(format!("{n} frames without picture, depth or pose were left out."));
        }
        out
    }
}

/// Reads the poses of frames and brings them into the world by `world`.
pub(super) fn placed(
    frames: impl Iterator<Item = Files>,
    world: &Matrix4<f64>,
) -> Result<Placed, ImportError> {
    let mut out = Placed { frames: Vec::new(), incomplete: 0, unplaced: 0 };
    for f in frames {
        if ![&f.color, &f.depth, &f.pose].iter().all(|p| p.is_file()) {
            out.incomplete += 1;
            continue;
        }
        let m = matrix(&f.pose, &files::read_text(&f.pose)?)?;
        if m.iter().any(|x| !x.is_finite()) {
            out.unplaced += 1;
            continue;
        }
        let mut frame = unposed::frame(f.color, f.depth, out.frames.len(), None);
        frame.pose = pose(&f.pose, "", &(world * m))?;
        out.frames.push(frame);
    }
    Ok(out)
}

/// A matrix of four rows of four numbers, infinities among them.
pub(super) fn matrix(path: &Path, text: &str) -> Result<Matrix4<f64>, ImportError> {
    let mut m = Matrix4::zeros();
    let mut rows = 0;
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let row: Vec<f64> = line.split_whitespace().flat_map(str::parse).collect();
        if row.len() != 4 || line.split_whitespace().count() != 4 || rows == 4 {
            let place = format!("line {}", i + 1);
            let what = "is not one of four rows of 4 numbers";
            return Err(ImportError::new(path, place, what, REMEDY));
        }
        for (c, x) in row.into_iter().enumerate() {
            m[(rows, c)] = x;
        }
        rows += 1;
    }
    if rows < 4 {
        let what = format!("has {rows} rows of a matrix of 4");
        return Err(ImportError::new(path, "", what, REMEDY));
    }
    Ok(m)
}

/// Reads text as a pose, for fuzzing.
pub(crate) fn parse_pose(path: &Path, text: &str) -> Result<reasmory_geom::Pose, ImportError> {
    pose(path, "", &matrix(path, text)?)
}
