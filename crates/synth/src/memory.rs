//! Memories of a room: the exact one, and the one its pictures give.

use std::sync::Arc;

use rayon::prelude::*;
use reasmory_geom::{Obb, Point3};
use reasmory_scene::{
    Instance, Manifest, ManifestError, Memory, Photo, PhotoPixels, Points, Rgb8, Scale, Uncertainty,
};

use crate::cameras::{Camera, back_project};
use crate::fit::{fit_box, fit_room};
use crate::raycast::Frame;
use crate::rng::Rng;
use crate::room::Room;

/// Pixels a piece must have in a picture of this size to count as seen there, unless asked otherwise: one
/// in 1024, which is 300 at 640 × 480.
pub fn seen_pixels(width: u32, height: u32) -> u32 {
    (width * height / 1024).max(1)
}

/// What a labeller says of a mask id.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Category.
    pub category: String,
    /// Direction its front faces, where the labeller states one.
    pub front: Option<[f64; 3]>,
}

/// The labels of a room's pieces in id order, with their fronts if `fronts`.
pub fn labels(room: &Room, fronts: bool) -> Vec<Label> {
    let of = |p: &crate::room::Piece| Label {
        category: p.category.to_owned(),
        front: p.front.filter(|_| fronts).map(Into::into),
    };
    room.pieces.iter().map(of).collect()
}

/// How pictures become a memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FusionOptions {
    /// Edge of the cubes that points are averaged in, metres.
    pub voxel: f64,
    /// Pixels a piece must have in a picture to be `seen_in` it; [`seen_pixels`] where `None`.
    pub min_pixels: Option<u32>,
    /// Standard deviation of depth at 1 m, growing with its square; 0 for a perfect sensor.
    pub depth_noise: f64,
    /// Seed of the noise.
    pub seed: u64,
}

impl Default for FusionOptions {
    fn default() -> Self {
        FusionOptions { voxel: 0.025, min_pixels: None, depth_noise: 0.0, seed: 0 }
    }
}

/// Photo pixels held in memory.
struct HeldPixels(Vec<Rgb8>);

impl PhotoPixels for HeldPixels {
    fn rgb(&self, number: u32) -> Result<Rgb8, String> {
        let picture = (number as usize).checked_sub(1).and_then(|i| self.0.get(i));
        picture.cloned().ok_or_else(|| format!("there is no photo {number}"))
    }
}

fn photos(cameras: &[Camera]) -> Vec<Photo> {
    let photo = |(i, c): (usize, &Camera)| Photo {
        number: i as u32 + 1,
        name: format!("view-{:02}", i + 1),
        pinhole: c.pinhole,
        camera_to_world: c.pose,
        time: c.time,
        image: None,
    };
    cameras.iter().enumerate().map(photo).collect()
}

fn held(frames: &[Frame]) -> Option<Arc<dyn PhotoPixels>> {
    if frames.is_empty() {
        return None;
    }
    Some(Arc::new(HeldPixels(frames.iter().map(|f| f.rgb.clone()).collect())))
}

/// For each piece, the numbers of the photos it has enough pixels in.
fn seen_in(frames: &[Frame], pieces: usize, min_pixels: Option<u32>) -> Vec<Vec<u32>> {
    let counts: Vec<Vec<u32>> = frames.iter().map(|f| f.pixel_counts(pieces)).collect();
    (1..=pieces)
        .map(|id| {
            let enough = |n: &usize| {
                let picture = &frames[*n].rgb;
                let least =
                    min_pixels.unwrap_or_else(|| seen_pixels(picture.width, picture.height));
                counts[*n][id] >= least.max(1)
            };
            (0..frames.len()).filter(enough).map(|n| n as u32 + 1).collect()
        })
        .collect()
}

pub(crate) fn exact_instances(room: &Room) -> Vec<Instance> {
    room.pieces
        .iter()
        .map(|p| Instance {
            id: p.id,
            category: p.category.to_owned(),
            obb: p.obb,
            confidence: 1.0,
            support: 0,
            front: p.front.map(Into::into),
            seen_in: Vec::new(),
        })
        .collect()
}

/// The exact memory: boxes, fronts and room from the generator, cameras as photos, no points, no
/// uncertainty. With `frames` (one per camera) the photos have pixels and `seen_in` comes from the masks.
pub fn oracle(room: &Room, cameras: &[Camera], frames: &[Frame]) -> Result<Memory, ManifestError> {
    let mut m =
        Manifest::empty(&room.name(), "synth", Scale::metric("the generator works in metres"));
    m.provenance.notes.push("Boxes, fronts and the room are exact.".into());
    m.room = Some(room.facts());
    m.instances = exact_instances(room);
    for (i, seen) in m.instances.iter_mut().zip(seen_in(frames, room.pieces.len(), None)) {
        i.seen_in = seen;
    }
    m.photos = photos(cameras);
    for p in &room.outline {
        m.extend_bounds(Point3::new(p[0], p[1], 0.0));
        m.extend_bounds(Point3::new(p[0], p[1], room.height));
    }
    m.index_categories();
    Memory::new(m, Points::default(), held(frames))
}

/// The exact memory without pixels, with what its photos show by their masks.
pub fn oracle_seen(
    room: &Room,
    cameras: &[Camera],
    sight: &crate::questions::Sight,
) -> Result<Memory, ManifestError> {
    let mut m = oracle(room, cameras, &[])?.manifest().as_ref().clone();
    for i in &mut m.instances {
        i.seen_in = sight.seen_in(i.id);
    }
    Memory::new(m, Points::default(), None)
}

/// Sum of the points that fell into one cube with one id.
#[derive(Clone, Copy)]
struct Cell {
    key: (i32, i32, i32, u32),
    position: [f64; 3],
    color: [u32; 3],
    count: u32,
}

/// Adds up neighbours with equal keys; `cells` must be sorted by key.
fn merge(cells: Vec<Cell>) -> Vec<Cell> {
    let mut out: Vec<Cell> = Vec::new();
    for c in cells {
        match out.last_mut() {
            Some(l) if l.key == c.key => {
                for k in 0..3 {
                    l.position[k] += c.position[k];
                    l.color[k] += c.color[k];
                }
                l.count += c.count;
            }
            _ => out.push(c),
        }
    }
    out
}

/// The memory that RGB-D pictures with instance masks give: points averaged in voxels, boxes fitted to
/// the points of each mask id, the room fitted to the points of no id. `labels` names the mask ids in
/// order; an id with too few points to fit a box is left out and the ids after it move up, in the points
/// too. Truth about the room enters only through the pictures and the labels.
///
/// `frames` and `cameras` belong together one to one; a frame whose sizes contradict each other is an
/// error.
pub fn from_frames(
    name: &str,
    frames: &[Frame],
    cameras: &[Camera],
    labels: &[Label],
    options: &FusionOptions,
) -> Result<Memory, ManifestError> {
    if frames.len() != cameras.len() {
        return Err(ManifestError {
            at: "frames".into(),
            what: format!("are {}, but there are {} cameras", frames.len(), cameras.len()),
        });
    }
    for (i, (f, c)) in frames.iter().zip(cameras).enumerate() {
        let n = c.pinhole.width as usize * c.pinhole.height as usize;
        if f.depth.len() != n || f.instance.len() != n || f.rgb.pixels.len() != n {
            return Err(ManifestError {
                at: format!("frames[{i}]"),
                what: format!("must have {n} pixels, as the camera says"),
            });
        }
    }
    let inv = 1.0 / options.voxel.max(1e-3);
    let per_frame: Vec<Vec<Cell>> = frames
        .par_iter()
        .zip(cameras)
        .enumerate()
        .map(|(n, (f, c))| {
            let mut noise = Rng::new(options.seed).fork(n as u64);
            let w = c.pinhole.width as usize;
            let mut cells = Vec::with_capacity(f.depth.len());
            for (i, depth) in f.depth.iter().enumerate() {
                let mut z = f64::from(*depth);
                if options.depth_noise > 0.0 {
                    z += options.depth_noise * z * z * noise.normal();
                }
                if !(z > 0.0 && z.is_finite()) {
                    continue;
                }
                let p = back_project(c, i % w, i / w, z);
                let cube = |v: f64| (v * inv).floor() as i32;
                let id = if f.instance[i] as usize <= labels.len() { f.instance[i] } else { 0 };
                cells.push(Cell {
                    key: (cube(p.x), cube(p.y), cube(p.z), id),
                    position: p.into(),
                    color: f.rgb.pixels[i].map(u32::from),
                    count: 1,
                });
            }
            // Neighbouring pixels often share a cube; adding them up first makes the sort short.
            let mut cells = merge(cells);
            cells.sort_by_key(|c| c.key);
            merge(cells)
        })
        .collect();
    let mut cells: Vec<Cell> = per_frame.into_iter().flatten().collect();
    cells.par_sort_by_key(|c| c.key);
    let cells = merge(cells);

    let positions: Vec<Point3> =
        cells.iter().map(|c| Point3::from(c.position.map(|x| x / f64::from(c.count)))).collect();
    let mut by_id: Vec<Vec<Point3>> = vec![Vec::new(); labels.len() + 1];
    for (c, p) in cells.iter().zip(&positions) {
        by_id[c.key.3 as usize].push(*p);
    }
    let boxes: Vec<Option<Obb>> = by_id[1..].par_iter().map(|p| fit_box(p)).collect();
    let seen = seen_in(frames, labels.len(), options.min_pixels);

    let mut m = Manifest::empty(name, "synth", Scale::metric("depth is in metres"));
    m.provenance.notes.push(format!(
        "Points are averaged in cubes of {} mm; boxes and the room are fitted to them.",
        (options.voxel * 1000.0).round()
    ));
    if labels.iter().any(|l| l.front.is_some()) {
        m.provenance.notes.push("Fronts are stated by the labels.".into());
    }
    // Averaging leaves an error of about the voxel's standard deviation, plus the sensor's at 2 m.
    m.uncertainty = Uncertainty {
        position: (options.voxel * options.voxel / 12.0 + (4.0 * options.depth_noise).powi(2))
            .sqrt(),
    };
    m.room = fit_room(&by_id[0], &positions);
    m.photos = photos(cameras);
    let mut new_id = vec![0u32; labels.len() + 1];
    for (i, label) in labels.iter().enumerate() {
        let Some(obb) = boxes[i] else {
            m.provenance.notes.push(format!(
                "Mask id {} (`{}`) has too few points for a box and is left out.",
                i + 1,
                label.category
            ));
            continue;
        };
        let id = m.instances.len() as u32 + 1;
        new_id[i + 1] = id;
        m.instances.push(Instance {
            id,
            category: label.category.clone(),
            obb,
            confidence: 1.0,
            support: by_id[i + 1].len() as u64,
            front: label.front,
            seen_in: seen[i].clone(),
        });
    }
    for p in &positions {
        m.extend_bounds(*p);
    }
    m.index_categories();
    m.points = cells.len() as u64;
    let points = Points {
        positions: positions
            .iter()
            .map(|p| [p.x as f32, p.y as f32, p.z as f32])
            .collect::<Vec<_>>()
            .into(),
        colors: cells
            .iter()
            .map(|c| c.color.map(|x| ((x + c.count / 2) / c.count).min(255) as u8))
            .collect::<Vec<_>>()
            .into(),
        confidence: vec![1.0; cells.len()].into(),
        instance: cells.iter().map(|c| new_id[c.key.3 as usize]).collect::<Vec<_>>().into(),
    };
    Memory::new(m, points, held(frames))
}
