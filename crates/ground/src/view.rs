//! What is given: views with depth and masks, and what is known of labels.

use reasmory_geom::{Pinhole, Pose};

use crate::{GroundError, Naming, Region};

/// A posed picture with depth, and what a detector found in it.
#[derive(Clone, Debug)]
pub struct View {
    /// Lens at the depth's size.
    pub lens: Pinhole,
    /// Camera to world; the world is upright (+z up).
    pub pose: Pose,
    /// z-depth of each pixel, row-major; 0 (or not finite) where there is none.
    pub depth: Vec<f32>,
    /// Length of one unit of `depth`, in the unit of the pose.
    pub unit: f64,
    /// What a detector found.
    pub masks: Vec<Mask>,
}

/// Pixels that a detector takes for one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Mask {
    /// The pixels, at the depth's size; with `boxed` all of a box, of which the thing is a part.
    pub region: Region,
    /// What it is called.
    pub label: String,
    /// How sure the detector is, in [0, 1].
    pub score: f32,
    /// Whether only a box is known.
    pub boxed: bool,
}

/// How to ground.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// Which labels mean the same and which name stuff.
    pub naming: Naming<'a>,
    /// Takes the poses as they are.
    pub fixed_poses: bool,
}

impl View {
    /// Refuses what contradicts itself, so that all else may rely on it.
    pub(crate) fn check(&self, index: usize) -> Result<(), GroundError> {
        let place = || format!("view {}", index + 1);
        let k = &self.lens;
        let pose = self.pose.center.iter().chain(self.pose.rotation.iter()).all(|x| x.is_finite());
        if !k.is_valid() || !pose {
            return Err(GroundError::new(place(), "has no usable lens or pose"));
        }
        if self.depth.len() as u64 != u64::from(k.width) * u64::from(k.height) {
            let what =
                format!("has {} depths for {}×{} pixels", self.depth.len(), k.width, k.height);
            return Err(GroundError::new(place(), what));
        }
        if !(self.unit > 0.0 && self.unit.is_finite()) {
            return Err(GroundError::new(place(), format!("has depths in units of {}", self.unit)));
        }
        for (m, mask) in self.masks.iter().enumerate() {
            let place = || format!("view {}, mask {}", index + 1, m + 1);
            if (mask.region.width(), mask.region.height()) != (k.width, k.height) {
                let (w, h) = (mask.region.width(), mask.region.height());
                let what = format!("is {w}×{h}, the depth {}×{}", k.width, k.height);
                return Err(GroundError::new(place(), what));
            }
            if !(0.0..=1.0).contains(&mask.score) {
                let what = format!("has the score {}, which is not in [0, 1]", mask.score);
                return Err(GroundError::new(place(), what));
            }
            if mask.label.trim().is_empty() {
                return Err(GroundError::new(place(), "has no label"));
            }
        }
        Ok(())
    }
}
