//! Dense depth from posed photos: multi-view PatchMatch stereo on the CPU.
//!
//! For each photo: sources are chosen by what they see and from how far aside, inverse-depth planes are
//! searched by PatchMatch from coarse to fine under bilaterally weighted ZNCC of the best sources, and
//! what other photos' depths do not confirm is dropped. See `spec/reconstruction.md` for methods and
//! sources.

mod cost;
mod filter;
mod neighbours;
mod patchmatch;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::prelude::*;
use reasmory_geom::{Pinhole, Point3, Pose};

pub(crate) use neighbours::angle;

use crate::grey::Grey;
use filter::Raw;
use patchmatch::{Field, Pyramid, Seen};

/// A photo with its camera, free of lens distortion.
#[derive(Clone, Debug)]
pub struct Photo {
    /// The picture.
    pub grey: Grey,
    /// Its lens, for the picture's size.
    pub lens: Pinhole,
    /// Camera to world.
    pub pose: Pose,
    /// World points that it sees, such as those of a sparse model; may be empty. They narrow the range of
    /// depths and tell which photos see the same.
    pub seen: Vec<Point3>,
}

/// How dense depth is made.
#[derive(Clone, Debug, PartialEq)]
pub struct StereoOptions {
    /// Photos that each one is matched with, at most 10.
    pub sources: usize,
    /// Of these, how many of the best matching count for a pixel.
    pub best_sources: usize,
    /// Nearest and farthest depth, scene units; from [`Photo::seen`] or the cameras where `None`.
    pub depths: Option<(f64, f64)>,
    /// Pixels between samples of the 7 × 7 window.
    pub stride: i64,
    /// Passes at the coarsest level.
    pub coarse_passes: usize,
    /// Passes at every other level.
    pub fine_passes: usize,
    /// A depth is dropped when its matching cost (1 − ZNCC, 0 to 2) is above this.
    pub worst_cost: f32,
    /// Other photos whose depth must confirm a pixel's.
    pub confirmations: usize,
    /// Pixels within which a confirmed point projects back.
    pub reprojection: f64,
    /// Part of the depth within which confirming depths agree.
    pub relative_depth: f64,
    /// Pixels of the smallest connected piece that is kept.
    pub least_piece: usize,
    /// Seed of the random search.
    pub seed: u64,
}

impl Default for StereoOptions {
    fn default() -> StereoOptions {
        StereoOptions {
            sources: 6,
            best_sources: 3,
            depths: None,
            stride: 2,
            coarse_passes: 4,
            fine_passes: 2,
            worst_cost: 0.5,
            confirmations: 2,
            reprojection: 1.5,
            relative_depth: 0.015,
            least_piece: 60,
            seed: 0,
        }
    }
}

/// Depth of a photo's pixels, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct DepthMap {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Depth along the camera's z axis, scene units; 0 where there is none.
    pub depth: Vec<f32>,
    /// Unit surface normals in camera axes, towards the camera; zero where there is no depth.
    pub normal: Vec<[f32; 3]>,
    /// Confidence in [0, 1]: how well the pictures agree times how many photos confirm it.
    pub confidence: Vec<f32>,
}

impl DepthMap {
    /// Part of the pixels that have depth.
    pub fn coverage(&self) -> f64 {
        let n = self.depth.iter().filter(|d| **d > 0.0).count();
        n as f64 / self.depth.len().max(1) as f64
    }
}

/// Why there is no dense depth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StereoError {
    /// Fewer than two photos.
    TooFew,
    /// A photo's picture has another size than its lens or more than 4 million pixels, or its numbers are no
    /// camera.
    Camera {
        /// Index of the photo.
        photo: usize,
    },
    /// The options contradict each other.
    Options(&'static str),
    /// No photo sees what another one sees.
    NoOverlap,
    /// The caller asked to stop.
    Stopped,
}

impl fmt::Display for StereoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StereoError::TooFew => f.write_str("dense depth needs at least two photos"),
            StereoError::Camera { photo } => {
                write!(
                    f,
                    "photo {photo} and its lens differ in size, it has over 4 million pixels, or the lens \
                     is no camera"
                )
            }
            StereoError::Options(what) => f.write_str(what),
            StereoError::NoOverlap => f.write_str("no two photos see the same place from aside"),
            StereoError::Stopped => f.write_str("stopped"),
        }
    }
}

impl std::error::Error for StereoError {}

/// Pixels of a photo stay below this: indices are computed as 32-bit floats.
const MAX_PIXELS: usize = 1 << 22;

/// Inverse depths that are searched.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    least: f32,
    most: f32,
}

/// Dense depth of every photo; `None` for a photo that no other overlaps from aside. `progress` is called
/// with the number of photos matched and their total, from any thread, and stops the work by returning
/// false. The result does not depend on the number of threads.
pub fn dense(
    photos: &[Photo],
    options: &StereoOptions,
    progress: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<Vec<Option<DepthMap>>, StereoError> {
    check(photos, options)?;
    let ranges: Vec<Range> =
        (0..photos.len()).map(|i| neighbours::range(photos, i, options.depths)).collect();
    let sources: Vec<Vec<usize>> = (0..photos.len())
        .into_par_iter()
        .map(|i| neighbours::choose(photos, i, ranges[i], options.sources))
        .collect();
    if sources.iter().all(Vec::is_empty) {
        return Err(StereoError::NoOverlap);
    }
    let pyramids: Vec<Pyramid> = photos.par_iter().map(|p| Pyramid::new(&p.grey)).collect();
    let (done, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let fields: Vec<Option<Field>> = (0..photos.len())
        .into_par_iter()
        .with_max_len(1)
        .map(|i| {
            if sources[i].is_empty() || stopped.load(Ordering::Relaxed) {
                return None;
            }
            let seen =
                |j: &usize| -> Seen<'_> { (&pyramids[*j], &photos[*j].lens, &photos[*j].pose) };
            let others: Vec<Seen<'_>> = sources[i].iter().map(seen).collect();
            let field =
                patchmatch::solve(seen(&i), &others, ranges[i], options, options.seed ^ i as u64);
            let n = done.fetch_add(1, Ordering::Relaxed) + 1;
            if !progress(n, photos.len()) {
                stopped.store(true, Ordering::Relaxed);
            }
            Some(field)
        })
        .collect();
    if stopped.load(Ordering::Relaxed) {
        return Err(StereoError::Stopped);
    }
    let raw: Vec<Option<Raw<'_>>> = fields
        .iter()
        .enumerate()
        .map(|(i, f)| {
            let (lens, pose) = (&photos[i].lens, &photos[i].pose);
            f.as_ref().map(|field| Raw { field, lens, pose, judges: &sources[i] })
        })
        .collect();
    Ok(filter::filter(&raw, options))
}

fn check(photos: &[Photo], options: &StereoOptions) -> Result<(), StereoError> {
    if photos.len() < 2 {
        return Err(StereoError::TooFew);
    }
    for (i, p) in photos.iter().enumerate() {
        let same =
            (p.grey.width(), p.grey.height()) == (p.lens.width as usize, p.lens.height as usize);
        let finite = p.pose.center.iter().chain(p.pose.rotation.iter()).all(|x| x.is_finite());
        let small = p.grey.pixels().len() < MAX_PIXELS;
        if !(same && small && p.lens.is_valid() && finite) {
            return Err(StereoError::Camera { photo: i });
        }
    }
    if let Some((near, far)) = options.depths
        && !(near > 0.0 && far > near && far.is_finite())
    {
        return Err(StereoError::Options("depths must be positive, the nearest first"));
    }
    if options.sources == 0 || options.best_sources == 0 || options.stride < 1 {
        return Err(StereoError::Options("sources, best sources and stride must be at least 1"));
    }
    Ok(())
}
