//! The interface *reconstruct*: photos in; cameras, depth or points, confidence and scale out.

use reasmory_geom::{Pinhole, Pose, Vec3};
use reasmory_import::Imported;
use reasmory_scene::Scale;

use crate::{FrontendError, Input, Job, Photo};

/// Which program made a result, for caches and reports. A changed version makes old results unusable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Name, as on a command line.
    pub name: String,
    /// Version: changes whenever the same input may give another result.
    pub version: String,
}

impl Identity {
    /// Of a frontend that is part of this program.
    pub fn own(name: &str, revision: u32) -> Identity {
        Identity {
            name: name.to_owned(),
            version: format!("{}+{revision}", env!("CARGO_PKG_VERSION")),
        }
    }
}

/// A registered photo: where it was taken from and what it shows.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Place of the photo in [`Reconstruction::photos`].
    pub photo: usize,
    /// Pinhole lens. Where there is depth, at the depth's size, which has the photo's proportions (1 %); else
    /// at the photo's. The centre of the top-left pixel is at (0.5, 0.5).
    pub lens: Pinhole,
    /// Camera to world, OpenCV axes (x right, y down, z forward).
    pub pose: Pose,
    /// z-depth of each pixel, row-major, in the unit of the poses; 0 where there is none. `None` for a photo
    /// that is registered but not to be fused.
    pub depth: Option<Vec<f32>>,
    /// How sure each depth is, in [0, 1]; `None` where the frontend does not say.
    pub confidence: Option<Vec<f32>>,
    /// Mean reprojection error of the points it sees, pixels of the photo; where the frontend has one.
    pub reprojection: Option<f64>,
}

/// Points in the world of the poses; all columns have the same number of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cloud {
    /// Positions.
    pub positions: Vec<[f32; 3]>,
    /// sRGB colours.
    pub colors: Vec<[u8; 3]>,
    /// Confidence in [0, 1].
    pub confidence: Vec<f32>,
    /// Mean reprojection error of each point, pixels; negative where unknown.
    pub errors: Vec<f32>,
}

/// What a reconstruction gives. Depth is preferred to points where there is any.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconstruction {
    /// The photos that were considered, registered or not.
    pub photos: Vec<Photo>,
    /// The registered ones, in order of photos.
    pub views: Vec<View>,
    /// Points.
    pub cloud: Cloud,
    /// Metric or relative, and how that is known.
    pub scale: Scale,
    /// Up in the world of the poses, where it is known; found from cameras and surfaces otherwise.
    pub up: Option<Vec3>,
    /// What was assumed or estimated, one sentence each; they become notes of the memory's provenance.
    pub notes: Vec<String>,
}

/// What a frontend makes.
#[derive(Clone, Debug)]
pub enum Reconstructed {
    /// Cameras with depth or points, which the build fuses.
    Views(Reconstruction),
    /// A memory, where the source is one already (labelled boxes, scene graphs, clouds).
    Memory(Imported),
}

/// A reconstruction frontend.
pub trait Reconstruct: Send + Sync {
    /// Which it is.
    fn identity(&self) -> Identity;

    /// Whether results of this input are worth keeping: not where they are only read from files.
    fn kept(&self, input: &Input) -> bool {
        let _ = input;
        true
    }

    /// Reconstructs. It checks [`Job::check`] often, reports what it does by [`Job::step`], writes only into
    /// [`Job::scratch`], and fails with an error that says what a person can do.
    fn reconstruct(&self, input: &Input, job: &Job<'_>) -> Result<Reconstructed, FrontendError>;
}
