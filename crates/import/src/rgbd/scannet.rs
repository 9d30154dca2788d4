//! ScanNet scans as its reader exports them: `color/`, `depth/`, `pose/` and `intrinsic/`, a file for each frame.

use std::path::Path;

use nalgebra::Matrix4;
use reasmory_geom::Pinhole;

use super::open3d::scale;
use super::posed_files::{Files, REMEDY, matrix, placed};
use super::{Source, pose};
use crate::files::{self, has_extension, leaf, stem};
use crate::{ImportError, ImportOptions};

const INTRINSICS: &str = "intrinsic/intrinsic_depth.txt";

pub(crate) fn is_source(path: &Path) -> bool {
    ["color", "depth", "pose"].iter().all(|n| path.join(n).is_dir())
        && path.join(INTRINSICS).is_file()
}

pub(crate) fn read(path: &Path, options: &ImportOptions) -> Result<Source, ImportError> {
    let depths = files::list(&path.join("depth"), |p| has_extension(p, &["png"]))?;
    let colors = files::list(&path.join("color"), |p| has_extension(p, &["jpg", "jpeg", "png"]))?;
    let mut notes = vec!["Poses are taken as camera-to-world with OpenCV axes.".to_owned()];
    let lens = match options.pinhole {
        Some(p) => p,
        None => {
            let file = path.join(INTRINSICS);
            let first = depths.first().ok_or_else(|| {
                ImportError::new(&path.join("depth"), "", "holds no depth pictures", REMEDY)
            })?;
            let k = matrix(&file, &files::read_text(&file)?)?;
            let (width, height) = files::dimensions(first)?;
            let at = |r, c| k[(r, c)];
            // The data set's pixels are centred on whole numbers.
            let (cx, cy) = (at(0, 2) + 0.5, at(1, 2) + 0.5);
            Pinhole { width, height, fx: at(0, 0), fy: at(1, 1), cx, cy }
        }
    };
    let world = alignment(path, &mut notes)?;
    let beside = colors.into_iter().map(|color| {
        let name = stem(&color);
        let depth = path.join("depth").join(format!("{name}.png"));
        let pose = path.join("pose").join(format!("{name}.txt"));
        Files { color, depth, pose }
    });
    let placed = placed(beside, &world)?;
    if placed.frames.is_empty() {
        let what = "has no frame with picture, depth and pose";
        return Err(ImportError::new(path, "", what, REMEDY));
    }
    notes.extend(placed.notes());
    let depth_scale = scale(path, options, 1000.0)?;
    notes.push(format!("Depth pictures are taken as 1/{depth_scale} m."));
    Ok(Source { frames: placed.frames, lenses: vec![lens], depths: Vec::new(), depth_scale, notes })
}

/// The turn and shift by which the data set aligns the scan, where its text file (`axisAlignment = …`) is there.
fn alignment(path: &Path, notes: &mut Vec<String>) -> Result<Matrix4<f64>, ImportError> {
    let about = |p: &Path| has_extension(p, &["txt"]);
    for file in files::list(path, about)? {
        let text = files::read_text(&file)?;
        let Some((line, row)) = (1..).zip(text.lines()).find_map(|(i, l)| {
            let (key, value) = l.split_once('=')?;
            (key.trim() == "axisAlignment").then_some((i, value))
        }) else {
            continue;
        };
        let place = format!("line {line}");
        let bad = || {
            let what = "`axisAlignment` is not a turn and shift of 16 numbers";
            ImportError::new(&file, &*place, what, "fetch the file again or leave it out")
        };
        let numbers: Vec<f64> = row.split_whitespace().flat_map(str::parse).collect();
        if numbers.len() != 16 || row.split_whitespace().count() != 16 {
            return Err(bad());
        }
        let m = Matrix4::from_row_slice(&numbers);
        pose(&file, &place, &m).map_err(|_| bad())?;
        notes.push(format!("The scan is aligned as {} says.", leaf(&file)));
        return Ok(m);
    }
    Ok(Matrix4::identity())
}
