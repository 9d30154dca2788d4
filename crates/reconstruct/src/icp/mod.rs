//! Odometry of depth sequences without poses: each frame is aligned with the model that the frames before
//! it made (frame to model, so that errors do not add up from frame to frame), then fused into it.
//!
//! The error is the distance of the frame's points from the model's tangent planes, associated by
//! projection (Chen and Medioni 1991; Blais and Levine 1995; Newcombe et al. 2011), with the difference
//! of grey values beside it where pictures are given (Kerl et al. 2013; Whelan et al. 2015), from coarse
//! to fine. The model is made of surfels, points with normals (Keller et al. 2013).

mod frame;
mod model;
mod solve;

use std::fmt;

use reasmory_geom::{Pinhole, Pose};

use crate::grey::Grey;
use frame::Pyramid;
use model::Surfels;
use solve::Outcome;

/// How frames are aligned.
#[derive(Clone, Debug, PartialEq)]
pub struct OdometryOptions {
    /// Pictures wider than this are halved until they are not.
    pub width: u32,
    /// Iterations at each level of the pyramid, finest first.
    pub iterations: [usize; 3],
    /// Points further apart than this are not of one surface, metres; at the coarsest level twice as far.
    pub distance: f64,
    /// Normals further apart than this are not of one surface, degrees.
    pub angle: f64,
    /// Grey levels that weigh like a standard deviation of depth; no colour where `None`.
    pub grey_sigma: Option<f64>,
    /// Depth beyond this is not used, metres.
    pub far: f64,
    /// A frame of which less than this part meets the model is lost.
    pub overlap: f64,
}

impl Default for OdometryOptions {
    fn default() -> OdometryOptions {
        OdometryOptions {
            width: 320,
            iterations: [6, 6, 10],
            distance: 0.08,
            angle: 35.0,
            grey_sigma: Some(10.0),
            far: 6.0,
            overlap: 0.25,
        }
    }
}

/// How well a frame fits the model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Camera to world; the world is that of the first pose.
    pub pose: Pose,
    /// Part of the frame's valid pixels that met the model.
    pub overlap: f64,
    /// Root mean square distance from the model's planes, metres.
    pub rmse: f64,
    /// Standard deviation of the least certain direction of the position, metres, as the surfaces (and
    /// grey values) bind it: large before a bare wall.
    pub uncertainty: f64,
}

/// Why a frame has no pose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lost {
    /// Its size is not the lens's.
    Size,
    /// It has hardly any depth.
    NoDepth {
        /// Part of the pixels that have depth.
        share: f64,
    },
    /// It meets too little of the model.
    Overlap {
        /// Part of its valid pixels that met the model.
        share: f64,
    },
    /// What it sees does not bind its position, as a bare wall does not.
    Unbound,
    /// It moved further from the frame before it than the tracking can follow.
    Jump {
        /// Metres.
        moved: f64,
        /// Degrees.
        turned: f64,
    },
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::Size => f.write_str("its size is not that of the camera"),
            Lost::NoDepth { share } => {
                write!(f, "only {:.0} % of its pixels have depth", 100.0 * share)
            }
            Lost::Overlap { share } => {
                write!(f, "only {:.0} % of it fit what was seen before", 100.0 * share)
            }
            Lost::Unbound => {
                f.write_str("what it sees is too flat to tell where it was taken from")
            }
            Lost::Jump { moved, turned } => write!(
                f,
                "it would have moved {moved:.2} m and turned {turned:.0}° since the frame before it"
            ),
        }
    }
}

impl std::error::Error for Lost {}

/// Largest believable motion between frames: metres and degrees.
const JUMP: (f64, f64) = (0.6, 35.0);

/// Tracks a depth camera through a still scene.
pub struct Odometry {
    lens: Pinhole,
    options: OdometryOptions,
    halvings: u32,
    model: Surfels,
    /// The last two poses found.
    last: Option<Pose>,
    before: Option<Pose>,
    first: Pose,
}

impl Odometry {
    /// An odometry of a camera that starts at `first`.
    pub fn new(lens: Pinhole, first: Pose, options: OdometryOptions) -> Odometry {
        let mut halvings = 0;
        while lens.width >> halvings > options.width.max(40) {
            halvings += 1;
        }
        Odometry {
            lens,
            options,
            halvings,
            model: Surfels::default(),
            last: None,
            before: None,
            first,
        }
    }

    /// Surfels of the model so far.
    pub fn model_size(&self) -> usize {
        self.model.len()
    }

    /// The next frame: depth along the camera's axis in metres (0 or not finite: none), row-major, and its
    /// grey picture of the same size. A lost frame leaves everything as it was, so that a later one may
    /// find back.
    pub fn track(&mut self, depth: &[f32], grey: Option<&Grey>) -> Result<Step, Lost> {
        let pixels = self.lens.width as usize * self.lens.height as usize;
        let size = (self.lens.width as usize, self.lens.height as usize);
        if depth.len() != pixels || grey.is_some_and(|g| (g.width(), g.height()) != size) {
            return Err(Lost::Size);
        }
        let grey = grey.filter(|_| self.options.grey_sigma.is_some());
        let frame = Pyramid::new(&self.lens, depth, grey, self.halvings, self.options.far);
        let share = frame.levels[0].valid() as f64 / frame.levels[0].points.len().max(1) as f64;
        if share < 0.05 {
            return Err(Lost::NoDepth { share });
        }
        let Some(last) = self.last else {
            let pose = self.first;
            self.model.fuse(&frame.levels[0], &pose, None);
            self.last = Some(pose);
            return Ok(Step { pose, overlap: 1.0, rmse: 0.0, uncertainty: 0.0 });
        };
        // A steady hand moves on as it moved before; where that leads astray, it stands still.
        let mut found: Option<Outcome> = None;
        let starts = [self.before.map(|b| moved_on(&b, &last)), Some(last)];
        for start in starts.into_iter().flatten() {
            let outcome = self.align(&frame, &last, start);
            let good = |o: &Outcome| o.bound && o.overlap >= self.options.overlap;
            if found.as_ref().is_none_or(|f| !good(f) && outcome.overlap > f.overlap) {
                found = Some(outcome);
            }
            if found.as_ref().is_some_and(good) {
                break;
            }
        }
        let Some(o) = found else { return Err(Lost::Unbound) };
        if !o.bound {
            return Err(Lost::Unbound);
        }
        if o.overlap < self.options.overlap {
            return Err(Lost::Overlap { share: o.overlap });
        }
        let moved = (o.pose.center - last.center).norm();
        let turned = crate::align::turn_between(&last.rotation, &o.pose.rotation);
        if moved > JUMP.0 || turned > JUMP.1 {
            return Err(Lost::Jump { moved, turned });
        }
        let view = self.model.view(&frame.levels[0].lens, &o.pose);
        self.model.fuse(&frame.levels[0], &o.pose, Some(&view));
        (self.before, self.last) = (Some(last), Some(o.pose));
        let (pose, overlap, rmse, uncertainty) = (o.pose, o.overlap, o.rmse, o.uncertainty);
        Ok(Step { pose, overlap, rmse, uncertainty })
    }

    fn align(&self, frame: &Pyramid, last: &Pose, start: Pose) -> Outcome {
        let mut outcome = Outcome::none(start);
        for (level, f) in frame.levels.iter().enumerate().rev() {
            // The model as the frame before saw it: what both see.
            let view = self.model.view(&f.lens, last);
            let widen = f64::from(1u32 << level.min(1));
            let n = self.options.iterations.get(level).copied().unwrap_or(0);
            outcome = solve::align(&view, f, outcome.pose, n, widen, &self.options);
            if !outcome.bound {
                break;
            }
        }
        outcome
    }
}

/// The pose that follows if the motion from `a` to `b` goes on.
fn moved_on(a: &Pose, b: &Pose) -> Pose {
    let step = a.rotation.transpose() * b.rotation;
    let rotation = b.rotation * step;
    Pose { rotation: solve::orthonormal(&rotation), center: b.center + (b.center - a.center) }
}
