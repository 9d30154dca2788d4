//! Sources of the world to memories.
//!
//! [`detect`] tells formats apart by content, [`scenes`] lists what a source holds and [`import()`] makes a
//! [`Memory`] of one scene, in the project's fixed conventions (see `spec/importers.md`). Everything that
//! was assumed or estimated on the way is a note in the memory's provenance.
#![forbid(unsafe_code)]

mod colmap;
mod error;
mod files;
mod fuzz;
mod npz;
mod rgbd;
mod upright;
mod vsi;

use std::fmt;
use std::path::{Path, PathBuf};

pub use error::ImportError;
pub use fuzz::{
    fuzz_colmap_cameras, fuzz_colmap_images, fuzz_colmap_points, fuzz_colmap_text, fuzz_npz,
    fuzz_trajectory, fuzz_vsi,
};
use reasmory_geom::Pinhole;
use reasmory_scene::Memory;

/// A source format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// VSI-Bench scene metadata: JSON with labelled oriented boxes.
    VsiMetadata,
    /// `condition.npz` (intrinsics, poses, depths) with a folder `rgb`.
    NpzRgbd,
    /// Colour and depth folders with a `.log` trajectory, as Open3D reads them.
    Open3dRgbd,
    /// A TUM RGB-D sequence.
    TumRgbd,
    /// A COLMAP sparse model, binary or text.
    Colmap,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 5] =
        [Format::VsiMetadata, Format::NpzRgbd, Format::Open3dRgbd, Format::TumRgbd, Format::Colmap];

    /// The format's name, as on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::VsiMetadata => "vsi-metadata",
            Format::NpzRgbd => "npz-rgbd",
            Format::Open3dRgbd => "open3d-rgbd",
            Format::TumRgbd => "tum-rgbd",
            Format::Colmap => "colmap",
        }
    }

    /// The format of this name.
    pub fn from_name(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|f| f.name() == name)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What to import and how.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Which scene, where the source holds several.
    pub scene: Option<String>,
    /// The format; detected by content when absent.
    pub format: Option<Format>,
    /// Edge of the fusion grid's cells, metres (posed RGB-D; default 0.02).
    pub voxel: Option<f64>,
    /// Most views to fuse (posed RGB-D; default 120, evenly spaced).
    pub max_views: Option<usize>,
    /// Depth units per metre (16-bit depth pictures; default 1000, TUM 5000).
    pub depth_scale: Option<f64>,
    /// Intrinsics, where the source has none or they are to be overridden (Open3D and TUM folders), with
    /// the centre of the top-left pixel at (0.5, 0.5).
    pub pinhole: Option<Pinhole>,
}

/// An imported scene.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The memory; its pixels are read from the source's pictures when asked for.
    pub memory: Memory,
    /// Picture files of the photos that have one, by photo number, ascending.
    pub image_files: Vec<(u32, PathBuf)>,
    /// What was assumed or estimated: the notes of the memory's provenance.
    pub notes: Vec<String>,
}

/// Tells the format of a file or folder by its content.
pub fn detect(path: &Path) -> Result<Format, ImportError> {
    if !path.exists() {
        return Err(ImportError::new(path, "", "does not exist", "check the path"));
    }
    if colmap::find(path).is_some() {
        return Ok(Format::Colmap);
    }
    if rgbd::npz_source(path).is_some() {
        return Ok(Format::NpzRgbd);
    }
    if rgbd::tum::is_source(path) {
        return Ok(Format::TumRgbd);
    }
    if rgbd::open3d::find(path).is_some() {
        return Ok(Format::Open3dRgbd);
    }
    if vsi::is_source(path) {
        return Ok(Format::VsiMetadata);
    }
    let known: Vec<&str> = Format::ALL.iter().map(|f| f.name()).collect();
    Err(ImportError::new(
        path,
        "",
        "is in no format that is known",
        format!("give one of {} (spec/importers.md says what each looks like)", known.join(", ")),
    ))
}

/// Ids of the scenes in a source, sorted.
pub fn scenes(path: &Path, format: Format) -> Result<Vec<String>, ImportError> {
    match format {
        Format::VsiMetadata => vsi::scenes(path),
        _ => {
            if !path.exists() {
                return Err(ImportError::new(path, "", "does not exist", "check the path"));
            }
            Ok(vec![files::scene_name(path)])
        }
    }
}

/// Makes a memory of one scene of a source.
pub fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let format = match options.format {
        Some(f) => f,
        None => detect(path)?,
    };
    if let Some(scene) = &options.scene
        && format != Format::VsiMetadata
    {
        let only = files::scene_name(path);
        if *scene != only {
            let what = format!("holds the scene `{only}`, not `{scene}`");
            return Err(ImportError::new(path, "", what, "leave the scene out or correct it"));
        }
    }
    match format {
        Format::VsiMetadata => vsi::import(path, options),
        Format::Colmap => colmap::import(path),
        Format::NpzRgbd | Format::Open3dRgbd | Format::TumRgbd => {
            rgbd::import(path, format, options)
        }
    }
}
