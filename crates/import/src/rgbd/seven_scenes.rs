//! 7-Scenes sequences: `frame-000000.color.png`, `.depth.png` and `.pose.txt` in one folder.

use std::path::{Path, PathBuf};

use nalgebra::Matrix4;
use reasmory_geom::Pinhole;

use super::Source;
use super::open3d::scale;
use super::posed_files::{Files, placed};
use crate::files::{self, leaf};
use crate::{ImportError, ImportOptions};

const POSE: &str = ".pose.txt";

/// Folders of sequences at `path`: itself, or those in it.
pub(crate) fn sequences(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return Vec::new();
    }
    if is_sequence(path) {
        return vec![path.to_owned()];
    }
    let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
    let folders = entries.flatten().map(|e| e.path());
    let mut out: Vec<PathBuf> =
        folders.filter(|p| p.is_dir() && leaf(p).starts_with("seq") && is_sequence(p)).collect();
    out.sort_by(|a, b| files::natural(&leaf(a), &leaf(b)));
    out
}

/// Whether some frame's pose has its picture and depth beside it.
fn is_sequence(dir: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(dir) else { return false };
    entries.flatten().any(|e| {
        let name = e.file_name().to_string_lossy().into_owned();
        name.strip_suffix(POSE).is_some_and(|frame| {
            let beside = |part: &str| dir.join(format!("{frame}.{part}.png")).is_file();
            beside("color") && beside("depth")
        })
    })
}

/// The id of a sequence.
pub(crate) fn id(path: &Path) -> String {
    files::scene_name(path)
}

pub(crate) fn absent(path: &Path) -> ImportError {
    let what = "holds no 7-Scenes sequence (`frame-*.color.png`, `.depth.png`, `.pose.txt`)";
    ImportError::new(path, "", what, "give the sequence's folder")
}

pub(crate) fn read(path: &Path, options: &ImportOptions) -> Result<Source, ImportError> {
    let all = sequences(path);
    let dir = crate::choose(path, &all, id, options)?.ok_or_else(|| absent(path))?;
    let poses = files::list(&dir, |p| leaf(p).ends_with(POSE))?;
    let beside = poses.into_iter().map(|pose| {
        let name = leaf(&pose);
        let frame = name.strip_suffix(POSE).unwrap_or(&name);
        let [color, depth] = ["color", "depth"].map(|part| dir.join(format!("{frame}.{part}.png")));
        Files { color, depth, pose }
    });
    let placed = placed(beside, &Matrix4::identity())?;
    if placed.frames.is_empty() {
        return Err(absent(&dir));
    }
    let mut notes = vec![
        "Poses are taken as camera-to-world with OpenCV axes; depth and colour pictures are not \
         registered to each other in this data set."
            .to_owned(),
    ];
    notes.extend(placed.notes());
    let lens = options.pinhole.unwrap_or_else(|| {
        notes.push("The intrinsics are those that the data set states for 640×480.".into());
        Pinhole { width: 640, height: 480, fx: 585.0, fy: 585.0, cx: 320.0, cy: 240.0 }
    });
    let depth_scale = scale(path, options, 1000.0)?;
    notes.push(format!("Depth pictures are taken as 1/{depth_scale} m."));
    Ok(Source { frames: placed.frames, lenses: vec![lens], depths: Vec::new(), depth_scale, notes })
}
