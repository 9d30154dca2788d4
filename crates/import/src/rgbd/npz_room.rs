//! `condition.npz` with `intrinsics`, `poses`, `depths`, beside a folder `rgb` of pictures.

use std::path::{Path, PathBuf};

use nalgebra::Matrix4;
use reasmory_geom::Pinhole;

use super::{FrameFiles, Source, pose};
use crate::ImportError;
use crate::files::{self, has_extension};
use crate::npz::Npz;

const ARRAYS: [&str; 3] = ["intrinsics", "poses", "depths"];

/// The archive at `path` (a file, or a folder's only such file), by the arrays it holds.
pub(crate) fn source(path: &Path) -> Option<PathBuf> {
    let candidates = if path.is_dir() {
        files::list(path, |p| has_extension(p, &["npz"])).ok()?
    } else {
        vec![path.to_owned()]
    };
    candidates.into_iter().find(|p| {
        let Ok(bytes) = files::read(p, files::MAX_FILE) else { return false };
        if !bytes.starts_with(b"PK") {
            return false;
        }
        let Ok(npz) = Npz::new(p, &bytes) else { return false };
        let names = npz.names();
        ARRAYS.iter().all(|a| names.iter().any(|n| n == a))
    })
}

pub(crate) fn read(path: &Path) -> Result<Source, ImportError> {
    let file = if path.is_dir() {
        source(path).ok_or_else(|| {
            let what = "has no NumPy archive with `intrinsics`, `poses` and `depths`";
            ImportError::new(path, "", what, "check the folder")
        })?
    } else {
        path.to_owned()
    };
    let bytes = files::read(&file, files::MAX_FILE)?;
    let mut npz = Npz::new(&file, &bytes)?;
    let (k, p) = (npz.array("intrinsics")?, npz.array("poses")?);
    let d = npz.array("depths")?;
    let bad = |place: &str, what: String| {
        let remedy = "save intrinsics (n,3,3), poses (n,4,4) and depths (n,height,width)";
        ImportError::new(&file, place, what, remedy)
    };
    let [n, height, width] = d.shape[..] else {
        return Err(bad("depths", format!("has shape {:?}", d.shape)));
    };
    if n == 0 || height == 0 || width == 0 {
        return Err(bad("depths", format!("has no pixels: shape {:?}", d.shape)));
    }
    if k.shape != [n, 3, 3] {
        return Err(bad("intrinsics", format!("has shape {:?} for {n} depths", k.shape)));
    }
    if p.shape != [n, 4, 4] {
        return Err(bad("poses", format!("has shape {:?} for {n} depths", p.shape)));
    }
    let (Ok(w), Ok(h)) = (u32::try_from(width), u32::try_from(height)) else {
        return Err(bad("depths", format!("has shape {:?}", d.shape)));
    };
    let folder = file.parent().unwrap_or(Path::new(".")).join("rgb");
    let colors = files::list(&folder, |p| has_extension(p, &["png", "jpg", "jpeg"]))?;
    if colors.len() != n {
        let what = format!("has {} pictures, the archive {n} depths", colors.len());
        return Err(ImportError::new(&folder, "", what, "give one picture for every depth"));
    }
    let mut frames = Vec::new();
    let mut lenses = Vec::new();
    for (i, color) in colors.into_iter().enumerate() {
        let at = |r: usize, c: usize| f64::from(k.values[9 * i + 3 * r + c]);
        let (fx, fy, cx, cy) = (at(0, 0), at(1, 1), at(0, 2), at(1, 2));
        let lens = Pinhole { width: w, height: h, fx, fy, cx, cy };
        if !lens.is_valid() {
            return Err(bad(&format!("intrinsics[{i}]"), format!("{lens:?} is no camera")));
        }
        lenses.push(lens);
        let m = Matrix4::from_fn(|r, c| f64::from(p.values[16 * i + 4 * r + c]));
        let pose = pose(&file, &format!("poses[{i}]"), &m)?;
        frames.push(FrameFiles { color, depth: None, index: i, pose, time: None });
    }
    let depths = d.values.chunks_exact(width * height).map(<[f32]>::to_vec).collect();
    let notes = vec![
        "Poses are taken as camera-to-world with OpenCV axes, depths as z in metres.".into(),
        "The principal point is taken with the top-left pixel's centre at (0.5, 0.5).".into(),
    ];
    Ok(Source { frames, lenses, depths, depth_scale: 1.0, notes })
}
