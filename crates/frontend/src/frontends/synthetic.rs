//! `synthetic`: what the room generator knows, exactly or with errors of known size. It shows what the rest of
//! the way does to a result, with the truth at hand.

use std::fs;
use std::path::Path;

use reasmory_geom::UP;
use reasmory_render::encode_png;
use reasmory_scene::Scale;
use reasmory_synth::degrade::{KEYS, Key};
use reasmory_synth::{Camera, Degradation, Frame, Rng, Room, RoomOptions, photo_set, render_all};

use crate::registry::Settings;
use crate::{
    Cloud, FrontendError, Identity, Input, Job, Kind, Photo, Reconstruct, Reconstructed,
    Reconstruction, View,
};

/// How many photos of what size, and the errors that are added; none for the truth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Degraded {
    /// Photos.
    pub photos: usize,
    /// Their width, pixels.
    pub width: u32,
    /// Their height, pixels.
    pub height: u32,
    /// The errors of cameras, depth and masks.
    pub errors: Degradation,
}

/// Names of the options that say an error of what is recorded.
fn errors() -> impl Iterator<Item = &'static Key> {
    let of =
        |k: &&Key| !k.of_memory || ["place-noise", "turn-noise", "noise-seed"].contains(&k.name);
    KEYS.iter().filter(of)
}

impl Degraded {
    /// Names of its options: those of the pictures, and the errors of what is recorded.
    pub const OPTIONS: &'static [&'static str] = &[
        "photos",
        "width",
        "height",
        "place-noise",
        "turn-noise",
        "depth-noise",
        "depth-holes",
        "mask-shift",
        "mask-erode",
        "mask-missing",
        "mask-mislabelled",
        "noise-seed",
    ];

    /// By the options of a build.
    pub fn of(s: &Settings) -> Result<Degraded, FrontendError> {
        let mut wanted = Degradation::default();
        for k in errors() {
            let value = s.number(k.name, wanted.get(k), k.range[0], k.range[1])?;
            wanted.set(k.name, value).map_err(|e| FrontendError::input(e, "change the value"))?;
        }
        Ok(Degraded {
            photos: s.number("photos", 10.0, 1.0, 200.0)? as usize,
            width: s.number("width", 320.0, 32.0, 2048.0)? as u32,
            height: s.number("height", 240.0, 32.0, 2048.0)? as u32,
            errors: wanted,
        })
    }

    /// The room, and the cameras of its photos.
    pub(crate) fn room(&self, seed: u64) -> (Room, Vec<Camera>) {
        let room = Room::generate(seed, &RoomOptions::default());
        let cameras = photo_set(&room, self.photos, self.width, self.height);
        (room, cameras)
    }
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
        let errors = &self.degraded.errors;
        let dir = job.scratch().join("photos");
        fs::create_dir_all(&dir).map_err(FrontendError::io(&dir, "create"))?;
        let rng = Rng::new(errors.seed).fork(seed);
        let mut r = Reconstruction {
            photos: Vec::new(),
            views: Vec::new(),
            cloud: Cloud::default(),
            scale: Scale::metric("the generator works in metres"),
            up: Some(UP),
            notes: vec![format!(
                "A generated room; errors added: depth {} of it, place {} m, turn {}°, {} of the depth missing.",
                errors.depth, errors.place, errors.turn, errors.holes
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
                pose: errors.pose(&c.pose, &mut rng),
                depth: Some(errors.depth(&frame.depth, &mut rng)),
                confidence: None,
                reprojection: None,
            });
        }
        Ok(Reconstructed::Views(r))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_an_option() {
        let names: Vec<&str> = errors().map(|k| k.name).collect();
        assert_eq!(Degraded::OPTIONS[3..], names);
    }
}
