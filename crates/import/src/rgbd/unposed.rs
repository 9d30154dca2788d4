//! Depth sequences without poses: the layouts of posed RGB-D, less their trajectory.

use std::path::{Path, PathBuf};

use super::{FrameFiles, PosedDepth, Source, load_frame, open3d, tum};
use crate::{ImportError, ImportOptions};

/// A depth sequence whose poses nobody knows, in order of time; frames are read one by one.
pub struct UnposedDepth {
    path: PathBuf,
    source: Source,
}

/// Whether a folder holds a depth sequence without poses.
pub fn is_unposed_depth(path: &Path) -> bool {
    tum::is_unposed(path) || open3d::is_unposed(path)
}

impl UnposedDepth {
    /// The sequence in a folder, with what was assumed of it.
    pub fn open(
        path: &Path,
        options: &ImportOptions,
    ) -> Result<(UnposedDepth, Vec<String>), ImportError> {
        let source = if tum::is_unposed(path) {
            tum::read_unposed(path, options)?
        } else {
            open3d::read_unposed(path, options)?
        };
        let notes = source.notes.clone();
        Ok((UnposedDepth { path: path.to_owned(), source }, notes))
    }

    /// Number of frames.
    pub fn len(&self) -> usize {
        self.source.frames.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.source.frames.is_empty()
    }

    /// A frame, its pose the identity.
    pub fn frame(&self, index: usize) -> Result<PosedDepth, ImportError> {
        load_frame(&self.path, &self.source, index)
    }
}

/// A frame of pictures, its pose unknown.
pub(super) fn frame(color: PathBuf, depth: PathBuf, index: usize, time: Option<f64>) -> FrameFiles {
    let pose = reasmory_geom::Pose {
        rotation: nalgebra::Matrix3::identity(),
        center: reasmory_geom::Point3::origin(),
    };
    FrameFiles { color, depth: Some(depth), index, pose, time }
}
