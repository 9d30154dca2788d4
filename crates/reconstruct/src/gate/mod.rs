//! The pose gate: whether a sparse model's cameras belong together.
//!
//! That a photo is "registered" with small reprojection error says only that its rays meet its own
//! points. A mapper may report all photos at half a pixel and yet have one camera far outside the scene,
//! a group of photos attached to nothing, or two groups that contradict each other. [`judge`] looks at
//! what the points do not force: how photos hang together, what held-out matches say of their poses, and
//! whether parts of the model that share points agree on size.

mod checks;
mod graph;
mod scale;

use std::fmt;

use reasmory_geom::{Pinhole, Point3, Pose};

/// A registered photo of a sparse model. Pixels are free of lens distortion.
#[derive(Clone, Debug)]
pub struct SparsePhoto {
    /// Lens.
    pub lens: Pinhole,
    /// Camera to world.
    pub pose: Pose,
    /// Points it observes: index into [`SparseModel::points`] and pixel.
    pub observations: Vec<(u32, [f64; 2])>,
}

/// Cameras and points.
#[derive(Clone, Debug, Default)]
pub struct SparseModel {
    /// Registered photos.
    pub photos: Vec<SparsePhoto>,
    /// Points, world.
    pub points: Vec<Point3>,
}

/// Matches between two photos, undistorted pixels, verified by two-view geometry alone. Those that the
/// model did not use for its points tell most; all of them are fine.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Index of the one photo.
    pub a: usize,
    /// Index of the other.
    pub b: usize,
    /// Pixels in both.
    pub matches: Vec<([f64; 2], [f64; 2])>,
}

/// Thresholds of the gate.
#[derive(Clone, Debug, PartialEq)]
pub struct GateOptions {
    /// Fewest points a photo must observe.
    pub least_points: usize,
    /// Fewest points two photos must share to hang together.
    pub least_shared: usize,
    /// A camera further from the middle than this many times the median distance is outside the scene.
    pub far: f64,
    /// Least part of a photo's points that must lie before it.
    pub in_front: f64,
    /// Largest median reprojection error, pixels.
    pub reprojection: f64,
    /// Least median angle under which a photo's points are also seen by another photo, degrees.
    pub parallax: f64,
    /// A match agrees with two poses within this many pixels.
    pub epipolar: f64,
    /// Two poses agree with their matches when this part of them does.
    pub agreeing: f64,
    /// Fewest matches of a pair that has a say.
    pub least_matches: usize,
    /// Parts that share points agree on size within this part.
    pub scale: f64,
}

impl Default for GateOptions {
    fn default() -> GateOptions {
        GateOptions {
            least_points: 15,
            least_shared: 8,
            far: 25.0,
            in_front: 0.9,
            reprojection: 4.0,
            parallax: 0.3,
            epipolar: 4.0,
            agreeing: 0.5,
            least_matches: 20,
            scale: 0.1,
        }
    }
}

/// Why a photo is dropped.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// Pose or lens are no camera.
    NotACamera,
    /// It observes too few points of the photos kept.
    Support {
        /// Points it observes that another photo observes too.
        points: usize,
    },
    /// It stands far outside the scene.
    Far {
        /// Distance from the middle of the cameras over its median.
        ratio: f64,
    },
    /// Many of its points lie behind it.
    Behind {
        /// Part of the points before it.
        share: f64,
    },
    /// Its points do not project where it observes them.
    Reprojection {
        /// Median error, pixels.
        pixels: f64,
    },
    /// It sees its points from the same direction as every other photo, so that its distance is open.
    Parallax {
        /// Median angle, degrees.
        degrees: f64,
    },
    /// Matches with most other photos contradict its pose.
    Epipolar {
        /// Pairs that agree.
        agree: usize,
        /// Pairs that have a say.
        pairs: usize,
    },
    /// It belongs to a smaller group that shares no points with the rest, or only matches that contradict
    /// the poses.
    Apart {
        /// Photos of its group.
        group: usize,
    },
    /// Its part of the model has another size than the rest, by the points they share.
    Size {
        /// Size of its part over that of the rest.
        ratio: f64,
        /// Photos of its part.
        group: usize,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NotACamera => f.write_str("its pose or lens has numbers that are no camera"),
            Reason::Support { points } => {
                write!(f, "it shares only {points} points with other photos")
            }
            Reason::Far { ratio } => {
                write!(f, "it stands {ratio:.0} times as far from the middle as the others")
            }
            Reason::Behind { share } => {
                write!(f, "only {:.0} % of its points lie before it", 100.0 * share)
            }
            Reason::Reprojection { pixels } => {
                write!(f, "its points miss their places by {pixels:.1} pixels")
            }
            Reason::Parallax { degrees } => {
                write!(f, "no other photo sees its points from aside ({degrees:.2}°)")
            }
            Reason::Epipolar { agree, pairs } => {
                write!(f, "its pose fits the matches of {agree} of {pairs} pairs of photos")
            }
            Reason::Apart { group } => match group {
                1 => f.write_str("nothing reliable ties it to the other photos"),
                n => write!(f, "its group of {n} photos is tied to the others by nothing reliable"),
            },
            Reason::Size { ratio, group } => write!(
                f,
                "its part of {group} photos has {ratio:.2} times the size that the rest gives it"
            ),
        }
    }
}

/// What the gate measured of a photo.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measures {
    /// Points it shares with other photos.
    pub points: usize,
    /// Part of them before it.
    pub in_front: f64,
    /// Median reprojection error, pixels.
    pub reprojection: f64,
    /// Median over its points of the widest angle to another photo that observes them, degrees.
    pub parallax: f64,
    /// Distance from the middle of the cameras over the median of these distances.
    pub distance: f64,
    /// Pairs with matches that have a say, and those of them that agree.
    pub pairs: usize,
    /// See `pairs`.
    pub agree: usize,
}

/// The gate's judgement of one photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Why it is dropped; empty where it is kept.
    pub reasons: Vec<Reason>,
    /// What was measured when it was judged.
    pub measures: Measures,
}

impl Verdict {
    /// Whether the photo is kept.
    pub fn kept(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// Judges every photo of a model. What a bad photo supports may fall with it, so photos are dropped in
/// rounds until the rest holds: first what is wrong by itself, then what contradicts its matches, then
/// what is not tied to the largest group.
pub fn judge(model: &SparseModel, pairs: &[Pair], options: &GateOptions) -> Vec<Verdict> {
    let n = model.photos.len();
    let mut verdicts: Vec<Verdict> =
        vec![Verdict { reasons: Vec::new(), measures: Measures::default() }; n];
    let agreements = checks::agreements(model, pairs, options);
    // Every round but the last drops a photo.
    for _ in 0..=n {
        let kept: Vec<bool> = verdicts.iter().map(Verdict::kept).collect();
        let measures = checks::measure(model, &agreements, &kept);
        for (i, m) in measures.iter().enumerate() {
            if kept[i] {
                verdicts[i].measures = *m;
            }
        }
        let mut found = checks::alone(model, &measures, &kept, options);
        if found.is_empty() {
            found = checks::contradicted(&measures, &kept, options);
        }
        if found.is_empty() {
            found = graph::apart(model, &agreements, &kept, options);
        }
        if found.is_empty() {
            found = scale::sizes(model, &kept, options);
        }
        if found.is_empty() {
            break;
        }
        for (i, reason) in found {
            verdicts[i].reasons.push(reason);
        }
    }
    verdicts
}

#[cfg(test)]
mod tests;
