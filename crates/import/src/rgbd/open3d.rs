//! Folders as Open3D reads them: colour and depth pictures, a `.log` trajectory, intrinsics in JSON.

use std::path::{Path, PathBuf};

use nalgebra::Matrix4;
use reasmory_geom::{Pinhole, Pose};
use serde_json::Value;

use super::{Source, pose, unposed};
use crate::files::{self, has_extension, leaf};
use crate::{ImportError, ImportOptions};

/// The parts of a source.
pub(crate) struct Layout {
    color: PathBuf,
    depth: PathBuf,
    /// Absent where poses are unknown.
    trajectory: Option<PathBuf>,
    intrinsics: Option<PathBuf>,
}

/// Finds the parts of a posed source at `path`, or in its folder `RGBD`.
pub(crate) fn find(path: &Path) -> Option<Layout> {
    parts(path).filter(|l| l.trajectory.is_some())
}

/// Whether there is all but the poses.
pub(super) fn is_unposed(path: &Path) -> bool {
    parts(path).is_some_and(|l| l.trajectory.is_none() && l.intrinsics.is_some())
}

fn parts(path: &Path) -> Option<Layout> {
    let root = [path.to_owned(), path.join("RGBD"), path.join("rgbd")].into_iter().find_map(|r| {
        let color = ["color", "image", "rgb"].map(|n| r.join(n)).into_iter().find(|p| p.is_dir());
        let depth = Some(r.join("depth")).filter(|p| p.is_dir());
        Some((color?, depth?, r))
    });
    let (color, depth, root) = root?;
    let trajectory = ["trajectory.log", "scene/trajectory.log"]
        .into_iter()
        .flat_map(|n| [root.join(n), path.join(n)])
        .find(|p| p.is_file());
    let parent = root.parent().map(Path::to_owned).unwrap_or_default();
    let intrinsics = [root, path.to_owned(), parent].into_iter().find_map(|dir| {
        let files = files::list(&dir, |p| has_extension(p, &["json"])).ok()?;
        files.into_iter().find(|p| {
            std::fs::metadata(p).is_ok_and(|m| m.len() < 1 << 16)
                && files::read_text(p).is_ok_and(|t| parse_intrinsics(p, &t).is_ok())
        })
    });
    Some(Layout { color, depth, trajectory, intrinsics })
}

pub(crate) fn read(path: &Path, options: &ImportOptions) -> Result<Source, ImportError> {
    let layout = find(path);
    let trajectory = layout.as_ref().and_then(|l| l.trajectory.clone());
    let (Some(layout), Some(trajectory)) = (layout, trajectory) else {
        let what = "lacks one of `color/`, `depth/`, `trajectory.log`";
        return Err(ImportError::new(path, "", what, "give the folder that holds all three"));
    };
    let text = files::read_text(&trajectory)?;
    let poses = parse_trajectory(&trajectory, &text)?;
    let mut source = frames(path, layout, options, Some(poses.len()))?;
    source.notes.insert(0, "The trajectory is taken as camera-to-world with OpenCV axes.".into());
    for (f, pose) in source.frames.iter_mut().zip(poses) {
        f.pose = pose;
    }
    Ok(source)
}

/// The frames of a source without poses.
pub(super) fn read_unposed(path: &Path, options: &ImportOptions) -> Result<Source, ImportError> {
    let layout = parts(path).ok_or_else(|| {
        let what = "lacks one of `color/`, `depth/`";
        ImportError::new(path, "", what, "give the folder that holds both")
    })?;
    frames(path, layout, options, None)
}

fn frames(
    path: &Path,
    layout: Layout,
    options: &ImportOptions,
    poses: Option<usize>,
) -> Result<Source, ImportError> {
    let mut notes = Vec::new();
    let lens = match (options.pinhole, &layout.intrinsics) {
        (Some(p), _) => p,
        (None, Some(file)) => {
            notes.push(format!(
                "Half a pixel was added to the principal point of {}: there pixels are centred on \
                 whole numbers.",
                leaf(file)
            ));
            parse_intrinsics(file, &files::read_text(file)?)?
        }
        (None, None) => {
            let what = "has no intrinsics (a JSON file with `intrinsic_matrix`)";
            let remedy = "put camera_primesense.json beside the folders or give the intrinsics";
            return Err(ImportError::new(path, "", what, remedy));
        }
    };
    let colors = files::list(&layout.color, |p| has_extension(p, &["png", "jpg", "jpeg"]))?;
    let depths = files::list(&layout.depth, |p| has_extension(p, &["png"]))?;
    if colors.len() != depths.len() || poses.is_some_and(|n| n != depths.len()) {
        let what = format!(
            "has {} colour pictures, {} depth pictures and {} poses",
            colors.len(),
            depths.len(),
            poses.unwrap_or(0)
        );
        return Err(ImportError::new(path, "", what, "give one of each for every frame"));
    }
    let depth_scale = scale(path, options, 1000.0)?;
    notes.push(format!("Depth pictures are taken as 1/{depth_scale} m."));
    let frames = colors
        .into_iter()
        .zip(depths)
        .enumerate()
        .map(|(index, (color, depth))| unposed::frame(color, depth, index, None))
        .collect();
    Ok(Source { frames, lenses: vec![lens], depths: Vec::new(), depth_scale, notes })
}

/// Depth units per metre: the option, else the layout's own.
pub(crate) fn scale(
    path: &Path,
    options: &ImportOptions,
    default: f64,
) -> Result<f64, ImportError> {
    match options.depth_scale {
        None => Ok(default),
        Some(s) if s.is_finite() && s > 0.0 => Ok(s),
        Some(s) => {
            let what = format!("the depth scale is {s}");
            Err(ImportError::new(path, "options", what, "give depth units per metre, above 0"))
        }
    }
}

/// Reads `{width, height, intrinsic_matrix}`; the matrix is column-major with pixels centred on whole
/// numbers.
pub(crate) fn parse_intrinsics(path: &Path, text: &str) -> Result<Pinhole, ImportError> {
    let remedy = "give width, height and a column-major intrinsic_matrix of 9 numbers";
    let bad = |place: &str, what: &str| ImportError::new(path, place, what.to_owned(), remedy);
    let v: Value = serde_json::from_str(text).map_err(|e| bad("", &format!("is not JSON: {e}")))?;
    let size = |key: &str| {
        v.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0)
    };
    let width = size("width").ok_or_else(|| bad("width", "is not a positive whole number"))?;
    let height = size("height").ok_or_else(|| bad("height", "is not a positive whole number"))?;
    let list: Option<Vec<f64>> = v
        .get("intrinsic_matrix")
        .and_then(Value::as_array)
        .and_then(|l| l.iter().map(Value::as_f64).collect());
    let k: [f64; 9] = list
        .and_then(|l| l.try_into().ok())
        .ok_or_else(|| bad("intrinsic_matrix", "is not a list of 9 numbers"))?;
    let lens = Pinhole { width, height, fx: k[0], fy: k[4], cx: k[6] + 0.5, cy: k[7] + 0.5 };
    if lens.is_valid() {
        Ok(lens)
    } else {
        Err(bad("intrinsic_matrix", "needs finite numbers and positive focal lengths"))
    }
}

/// Reads a `.log` trajectory: blocks of a line of ids and four matrix rows, camera-to-world.
pub(crate) fn parse_trajectory(path: &Path, text: &str) -> Result<Vec<Pose>, ImportError> {
    let lines: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .map(|(i, l)| (i + 1, l.trim()))
        .filter(|(_, l)| !l.is_empty())
        .collect();
    let remedy = "give blocks of an id line and the four rows of a camera-to-world matrix";
    let mut poses = Vec::new();
    for block in lines.chunks(5) {
        let place = format!("line {}", block[0].0);
        if block.len() < 5 {
            return Err(ImportError::new(path, place, "begins a block that is cut", remedy));
        }
        let mut m = Matrix4::zeros();
        for (r, (line, text)) in block[1..].iter().enumerate() {
            let row: Vec<f64> = text.split_whitespace().flat_map(str::parse).collect();
            if row.len() != 4 || text.split_whitespace().count() != 4 {
                let place = format!("line {line}");
                return Err(ImportError::new(path, place, "is not a row of 4 numbers", remedy));
            }
            for (c, x) in row.into_iter().enumerate() {
                m[(r, c)] = x;
            }
        }
        poses.push(pose(path, &place, &m)?);
    }
    if poses.is_empty() {
        return Err(ImportError::new(path, "", "holds no poses", remedy));
    }
    Ok(poses)
}
