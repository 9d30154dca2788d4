//! The interface *ground*: photos and category prompts in; labelled masks or boxes with scores out. And its
//! counterpart without photos: a memory in, instances of its points out.

use reasmory_ground::Mask;
use reasmory_scene::{Instance, Memory};

use crate::{FrontendError, Identity, Job, Photo};

/// What was found in the photos.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detections {
    /// For each photo given, what it shows. Regions have the photo's size; with `boxed` a region is all of a
    /// box, of which the thing is a part.
    pub photos: Vec<Vec<Mask>>,
    /// What was assumed or left out, one sentence each.
    pub notes: Vec<String>,
}

/// A grounding frontend over photos.
pub trait Ground: Send + Sync {
    /// Which it is.
    fn identity(&self) -> Identity;

    /// Whether results are worth keeping: not where they are only read from files.
    fn kept(&self) -> bool {
        true
    }

    /// Finds things. `prompts` are the categories asked for, lower case; empty where nobody asked, and then a
    /// frontend with a vocabulary of its own uses that, and another one refuses.
    fn ground(
        &self,
        photos: &[Photo],
        prompts: &[String],
        job: &Job<'_>,
    ) -> Result<Detections, FrontendError>;
}

/// Instances of a memory's points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segments {
    /// The instances, with ids from 1 in order; `support` is counted anew.
    pub instances: Vec<Instance>,
    /// Instance of each point of the memory, 0 for none.
    pub of_point: Vec<u32>,
    /// What was assumed, one sentence each.
    pub notes: Vec<String>,
}

/// A grounding frontend over a fused memory without instances.
pub trait Segment: Send + Sync {
    /// Which it is.
    fn identity(&self) -> Identity;

    /// Splits the points into instances.
    fn segment(&self, memory: &Memory, job: &Job<'_>) -> Result<Segments, FrontendError>;
}

/// A grounding frontend of either kind.
pub enum Grounder {
    /// Over photos.
    Photos(Box<dyn Ground>),
    /// Over points.
    Points(Box<dyn Segment>),
}

impl Grounder {
    /// Which it is.
    pub fn identity(&self) -> Identity {
        match self {
            Grounder::Photos(g) => g.identity(),
            Grounder::Points(s) => s.identity(),
        }
    }
}
