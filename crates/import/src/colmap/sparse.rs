//! A binary model with everything that its images observe, for those who judge or densify it.

use std::collections::BTreeMap;
use std::path::Path;

use reasmory_geom::{Pinhole, Point3, Pose};

use super::{REMEDY, bin_cameras, bin_observed, bin_points, pose};
use crate::{ImportError, files};

/// A registered image.
#[derive(Clone, Debug)]
pub struct ColmapImage {
    /// Its id in the model and its database.
    pub id: u32,
    /// Its file, relative to the folder of images.
    pub name: String,
    /// Lens without distortion.
    pub lens: Pinhole,
    /// Whether the model has distortion, which `lens` lacks.
    pub distorted: bool,
    /// Camera to world.
    pub pose: Pose,
    /// Features in the order of the database: pixel (the centre of the top-left one is (0.5, 0.5)) and row of
    /// [`ColmapModel::points`], where it observes one.
    pub features: Vec<([f64; 2], Option<u32>)>,
}

/// A triangulated point.
#[derive(Clone, Debug)]
pub struct ColmapPoint {
    /// Position.
    pub position: Point3,
    /// sRGB.
    pub color: [u8; 3],
    /// Mean reprojection error, pixels; negative where unknown.
    pub error: f64,
    /// Number of observations.
    pub track: u64,
}

/// A model.
#[derive(Clone, Debug, Default)]
pub struct ColmapModel {
    /// Images by id.
    pub images: Vec<ColmapImage>,
    /// Points in the order of the file.
    pub points: Vec<ColmapPoint>,
}

/// Reads `cameras.bin`, `images.bin` and `points3D.bin` of a folder.
pub fn read_colmap(dir: &Path) -> Result<ColmapModel, ImportError> {
    let [c, i, p] = ["cameras.bin", "images.bin", "points3D.bin"].map(|n| dir.join(n));
    let bad = |path: &Path, e: (String, String)| ImportError::new(path, e.0, e.1, REMEDY);
    let read = |path: &Path| files::read(path, files::MAX_FILE);
    let cameras = bin_cameras(&read(&c)?).map_err(|e| bad(&c, e))?;
    let images = bin_observed(&read(&i)?).map_err(|e| bad(&i, e))?;
    let raw = bin_points(&read(&p)?).map_err(|e| bad(&p, e))?;
    let rows: BTreeMap<u64, u32> = (0u32..).zip(&raw).map(|(row, p)| (p.id, row)).collect();
    let mut out = ColmapModel::default();
    for (image, observed) in images {
        let place = format!("image {} ({})", image.id, image.name);
        let Some(pose) = pose(&image) else {
            let what = "has no rigid pose (finite numbers, a unit quaternion)";
            return Err(ImportError::new(&i, place, what, REMEDY));
        };
        let Some(camera) = cameras.get(&image.camera) else {
            let what = format!("uses camera {}, which the model lacks", image.camera);
            return Err(ImportError::new(&i, place, what, REMEDY));
        };
        out.images.push(ColmapImage {
            id: image.id,
            name: image.name,
            lens: camera.lens,
            distorted: camera.distorted,
            pose,
            features: observed
                .into_iter()
                .map(|(at, id)| (at, id.and_then(|id| rows.get(&id)).copied()))
                .collect(),
        });
    }
    out.images.sort_by_key(|i| i.id);
    out.points = raw
        .into_iter()
        .map(|p| ColmapPoint {
            position: p.position.into(),
            color: p.color,
            error: p.error,
            track: p.track,
        })
        .collect();
    Ok(out)
}
