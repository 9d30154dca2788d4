//! `synthetic`: what the room generator knows, exactly or with errors of known size. It shows what the rest of
//! the way does to a result, with the truth at hand.

use std::fs;
use std::path::Path;

use nalgebra::Matrix3;
use reasmory_geom::{Pose, UP, Vec3, math};
use reasmory_render::encode_png;
use reasmory_scene::Scale;
use reasmory_synth::{Camera, Frame, Rng, Room, RoomOptions, photo_set, render_all};

use crate::registry::Settings;
use crate::{
    Cloud, FrontendError, Identity, Input, Job, Kind, Photo, Reconstruct, Reconstructed,
    Reconstruction, View,
};

/// How many photos of what size, and the errors that are added; all zero for the truth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Degraded {
    /// Photos.
    pub photos: usize,
    /// Their width, pixels.
    pub width: u32,
    /// Their height, pixels.
    pub height: u32,
    /// Standard deviation of a depth, relative to it.
    pub depth: f64,
    /// Part of the depth pixels that are missing.
    pub holes: f64,
    /// Standard deviation of a camera's place along each axis, metres.
    pub place: f64,
    /// Standard deviation of a camera's turn about each axis, degrees.
    pub turn: f64,
    /// Furthest shift of a mask along each axis, pixels.
    pub shift: u32,
    /// Part of the masks that are missing.
    pub missing: f64,
    /// Part of the masks that have another label of the room.
    pub mislabelled: f64,
    /// Seed of the errors.
    pub seed: u64,
}

impl Degraded {
    /// Names of its options.
    pub const OPTIONS: &'static [&'static str] = &[
        "photos",
        "width",
        "height",
        "depth-noise",
        "depth-holes",
        "place-noise",
        "turn-noise",
        "mask-shift",
        "mask-missing",
        "mask-mislabelled",
        "noise-seed",
    ];

    /// By the options of a build.
    pub fn of(s: &Settings) -> Result<Degraded, FrontendError> {
        Ok(Degraded {
            photos: s.number("photos", 10.0, 1.0, 200.0)? as usize,
            width: s.number("width", 320.0, 32.0, 2048.0)? as u32,
            height: s.number("height", 240.0, 32.0, 2048.0)? as u32,
            depth: s.number("depth-noise", 0.0, 0.0, 1.0)?,
            holes: s.number("depth-holes", 0.0, 0.0, 1.0)?,
            place: s.number("place-noise", 0.0, 0.0, 10.0)?,
            turn: s.number("turn-noise", 0.0, 0.0, 90.0)?,
            shift: s.number("mask-shift", 0.0, 0.0, 100.0)? as u32,
            missing: s.number("mask-missing", 0.0, 0.0, 1.0)?,
            mislabelled: s.number("mask-mislabelled", 0.0, 0.0, 1.0)?,
            seed: s.number("noise-seed", 1.0, 0.0, 1e9)? as u64,
        })
    }

    /// The room, and the cameras of its photos.
    pub(crate) fn room(&self, seed: u64) -> (Room, Vec<Camera>) {
        let room = Room::generate(seed, &RoomOptions::default());
        let cameras = photo_set(&room, self.photos, self.width, self.height);
        (room, cameras)
    }

    /// The pose that a frontend would find.
    fn pose(&self, p: &Pose, rng: &mut Rng) -> Pose {
        let mut three = |size: f64| Vec3::new(rng.normal(), rng.normal(), rng.normal()) * size;
        let (place, turn) = (three(self.place), three(self.turn));
        if self.place == 0.0 && self.turn == 0.0 {
            return *p;
        }
        Pose { rotation: turned(turn) * p.rotation, center: p.center + place }
    }

    fn depth(&self, depth: &[f32], rng: &mut Rng) -> Vec<f32> {
        let one = |d: &f32| {
            if self.holes > 0.0 && rng.chance(self.holes) {
                return 0.0;
            }
            let z = f64::from(*d);
            let z = if self.depth > 0.0 { z * (1.0 + self.depth * rng.normal()) } else { z };
            if z.is_finite() && z > 0.0 { z as f32 } else { 0.0 }
        };
        depth.iter().map(one).collect()
    }
}

/// The rotation about a vector by its length in degrees (Rodrigues).
fn turned(by: Vec3) -> Matrix3<f64> {
    let Some(axis) = by.try_normalize(1e-12) else { return Matrix3::identity() };
    let k = axis.cross_matrix();
    let angle = by.norm();
    Matrix3::identity() + k * math::sin_deg(angle) + k * k * (1.0 - math::cos_deg(angle))
}

/// Name of the `i`-th photo's file, from 0.
fn name(i: usize) -> String {
    format!("view-{:02}.png", i + 1)
}

/// The generator as a frontend.
#[derive(Clone, Copy, Debug)]
pub struct Synthetic {
    /// How many photos, and the errors.
    pub degraded: Degraded,
}

fn write(dir: &Path, i: usize, f: &Frame) -> Result<Photo, FrontendError> {
    let file = dir.join(name(i));
    let png = encode_png(&f.rgb)
        .map_err(|e| FrontendError::failed(e.to_string(), "choose another size"))?;
    fs::write(&file, png).map_err(FrontendError::io(&file, "write"))?;
    Photo::of_file(&file, None)
}

impl Reconstruct for Synthetic {
    fn identity(&self) -> Identity {
        Identity::own("synthetic", 1)
    }

    fn reconstruct(&self, input: &Input, job: &Job<'_>) -> Result<Reconstructed, FrontendError> {
        let Kind::Synthetic(seed) = input.kind else {
            let what = format!("{}: is no generated room", input.path.display());
            return Err(FrontendError::input(what, "give `synth:SEED`"));
        };
        let (room, cameras) = self.degraded.room(seed);
        let dir = job.scratch().join("photos");
        fs::create_dir_all(&dir).map_err(FrontendError::io(&dir, "create"))?;
        let rng = Rng::new(self.degraded.seed).fork(seed);
        let mut r = Reconstruction {
            photos: Vec::new(),
            views: Vec::new(),
            cloud: Cloud::default(),
            scale: Scale::metric("the generator works in metres"),
            up: Some(UP),
            notes: vec![format!(
                "A generated room; errors added: depth {} of it, place {} m, turn {}°, {} of the depth missing.",
                self.degraded.depth, self.degraded.place, self.degraded.turn, self.degraded.holes
            )],
        };
        for (i, c) in cameras.iter().enumerate() {
            job.step(i as u64, cameras.len() as u64, "rendering")?;
            let frame = render_all(&room, std::slice::from_ref(c)).remove(0);
            let mut rng = rng.fork(i as u64);
            r.photos.push(write(&dir, i, &frame)?);
            r.views.push(View {
                photo: i,
                lens: c.pinhole,
                pose: self.degraded.pose(&c.pose, &mut rng),
                depth: Some(self.degraded.depth(&frame.depth, &mut rng)),
                confidence: None,
                reprojection: None,
            });
        }
        Ok(Reconstructed::Views(r))
    }
}
