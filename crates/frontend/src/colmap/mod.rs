//! `colmap`: photos to posed depth. COLMAP places the photos (features, matches, incremental mapping), the pose
//! gate judges them, and PatchMatch stereo of our own makes their depth (`spec/reconstruction.md`).

mod child;
mod guessed;
mod mapping;
mod model;
mod options;
mod tool;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use reasmory_geom::{Pinhole, Pose};
use reasmory_reconstruct::Grey;
use reasmory_reconstruct::stereo::{self, DepthMap, StereoError, StereoOptions};
use reasmory_scene::{Rgb8, Scale};

pub use options::{Matching, Options};
pub use tool::{PYCOLMAP, environment, setup};

use crate::neural::DepthModel;
use crate::registry::Settings;
use crate::{
    Cloud, FrontendError, Identity, Input, Job, Kind, Photo, Reconstruct, Reconstructed,
    Reconstruction, View, video,
};
use mapping::Task;
use model::Judged;
use tool::Tool;

/// Photos through COLMAP.
#[derive(Clone, Debug)]
pub struct Colmap {
    options: Options,
    tool: Tool,
    /// Where depth comes from, instead of stereo.
    model: Option<Arc<dyn DepthModel>>,
}

impl Colmap {
    /// The frontend with its options; an error that names the package where there is no COLMAP.
    pub fn new(settings: &Settings) -> Result<Colmap, FrontendError> {
        let options = Options::read(&settings.options)?;
        let tool = tool::find(&options)?;
        Ok(Colmap { options, tool, model: None })
    }

    /// The frontend whose depth is guessed by a model, photo by photo, instead of found by stereo.
    pub fn guessing(
        settings: &Settings,
        model: Arc<dyn DepthModel>,
    ) -> Result<Colmap, FrontendError> {
        Ok(Colmap { model: Some(model), ..Colmap::new(settings)? })
    }
}

impl Reconstruct for Colmap {
    fn identity(&self) -> Identity {
        let name = if self.model.is_some() { "onnx-depth" } else { "colmap" };
        let own = Identity::own(name, 1);
        let mut by = self.tool.name();
        if let Some(m) = &self.model {
            by = format!("{by}, {}", m.identity().version);
        }
        Identity { version: format!("{} ({by})", own.version), ..own }
    }

    fn reconstruct(&self, input: &Input, job: &Job<'_>) -> Result<Reconstructed, FrontendError> {
        let mut notes = Vec::new();
        let mut input = input.clone();
        if input.kind == Kind::Video {
            let (photos, _, note) = video::photos(&input.path, &self.options.video, job)?;
            input.photos = photos;
            notes.push(note);
        } else if input.kind != Kind::Photos {
            let what =
                format!("{}: {} is not made of photos", input.path.display(), input.kind.name());
            return Err(FrontendError::input(what, "give a folder of photos or a video"));
        }
        if input.photos.len() < 2 {
            let what = format!("{}: has one photo", input.path.display());
            let remedy = "depth from photos needs at least two, from different places; three or more are better";
            return Err(FrontendError::input(what, remedy));
        }
        let held: Vec<&String> = self.options.hold_out.iter().collect();
        if let Some(name) = held.iter().find(|n| input.photos.iter().all(|p| p.name != ***n)) {
            let what = format!("`--set hold-out={name}`: there is no such photo");
            return Err(FrontendError::input(what, "give names of photo files"));
        }
        let task = Task {
            photos: &input.photos,
            folder: folder(&input)?,
            sequential: self.options.sequential(input.kind == Kind::Video, input.photos.len()),
            options: &self.options,
            work: job.scratch(),
        };
        let mapped = mapping::map(&self.tool, &task, job)?;
        job.step(0, 0, "judging poses")?;
        let judged = model::judged(&mapped, self.options.gate)?;
        notes.push(format!(
            "{} placed {} of {} photos and {} points{}.",
            self.tool.name(),
            judged.model.images.len(),
            input.photos.len(),
            judged.model.points.len(),
            if mapped.relaxed { ", with relaxed initialisation" } else { "" }
        ));
        if mapped.models.len() > 1 {
            let all: Vec<String> = mapped.models.iter().map(|m| m.0.to_string()).collect();
            notes.push(format!(
                "Models of {} photos were found, which share no points: photos of several places? The one with most \
                 photos was taken; build the others in a folder of their own.",
                all.join(", ")
            ));
        }
        self.tell(&judged, job, &mut notes);
        let made = self.views(&input, &mapped.undistorted, &judged, job, &mut notes)?;
        Ok(Reconstructed::Views(made))
    }
}

/// The folder that all photos lie in.
fn folder(input: &Input) -> Result<&Path, FrontendError> {
    let mut all = input.photos.iter().filter_map(|p| p.file.parent());
    let first = all.next().unwrap_or(Path::new("."));
    if all.any(|d| d != first) {
        let what = format!("{}: photos lie in several folders", input.path.display());
        return Err(FrontendError::input(what, "put them into one"));
    }
    Ok(if first.as_os_str().is_empty() { Path::new(".") } else { first })
}

/// A view that is being made: row of the model's images, place of the photo, picture at the depth's size.
struct Working {
    image: usize,
    lens: Pinhole,
    /// Depth with confidence.
    depth: Option<(Vec<f32>, Vec<f32>)>,
}

impl Colmap {
    /// Notes on what the gate found.
    fn tell(&self, judged: &Judged, job: &Job<'_>, notes: &mut Vec<String>) {
        if !self.options.gate {
            notes.push("Poses were not judged, as was asked for.".into());
            return;
        }
        let mut dropped = 0;
        for (image, v) in judged.model.images.iter().zip(&judged.verdicts) {
            if v.kept() {
                continue;
            }
            dropped += 1;
            let why: Vec<String> = v.reasons.iter().map(ToString::to_string).collect();
            let line = format!("{} was placed but is dropped: {}.", image.name, why.join("; "));
            job.log(&line);
            notes.push(line);
        }
        let by = match judged.pairs {
            0 => "without held-out matches, which could not be read".to_owned(),
            n => format!("also by the matches of {n} pairs of photos"),
        };
        notes.push(format!(
            "Poses were judged {by}: {dropped} of {} dropped.",
            judged.verdicts.len()
        ));
    }

    fn views(
        &self,
        input: &Input,
        undistorted: &Path,
        judged: &Judged,
        job: &Job<'_>,
        notes: &mut Vec<String>,
    ) -> Result<Reconstruction, FrontendError> {
        let places: BTreeMap<&str, usize> =
            input.photos.iter().enumerate().map(|(k, p)| (p.name.as_str(), k)).collect();
        let mut photos = input.photos.clone();
        let mut kept: Vec<(usize, usize)> = Vec::new();
        for (image, i) in judged.model.images.iter().enumerate() {
            let Some(place) = places.get(i.name.as_str()) else {
                let what = format!("colmap: placed {}, which is none of the photos", i.name);
                return Err(FrontendError::failed(what, "remove the work folder and build again"));
            };
            if judged.verdicts[image].kept() {
                let file = undistorted.join("images").join(&i.name);
                photos[*place] =
                    Photo { name: i.name.clone(), ..Photo::of_file(&file, photos[*place].time)? };
                kept.push((*place, image));
            }
        }
        kept.sort_unstable();
        if kept.len() < 2 {
            return Err(FrontendError::failed(
                format!(
                    "colmap: of {} placed photos fewer than two hold together",
                    judged.model.images.len()
                ),
                "take more photos that overlap; `--set gate=no` uses the poses as they are",
            ));
        }
        let mut working = Vec::new();
        for (place, image) in &kept {
            let p = &photos[*place];
            let lens = judged.model.images[*image].lens;
            if (lens.width, lens.height) != (p.width, p.height) {
                let what = format!("colmap: {} and its camera differ in size", p.name);
                return Err(FrontendError::failed(what, "remove the work folder and build again"));
            }
            working.push(Working { image: *image, lens, depth: None });
        }
        let mut scale = Scale::relative("photos alone have no unit of length");
        let mut unit = 1.0;
        if self.options.dense {
            match &self.model {
                None => self.densify(&photos, &kept, judged, &mut working, job, notes)?,
                Some(model) => {
                    let made = self.guess(
                        model.as_ref(),
                        &photos,
                        &kept,
                        judged,
                        &mut working,
                        job,
                        notes,
                    )?;
                    if let Some((metres, known)) = made {
                        (unit, scale) = (metres, known);
                    }
                }
            }
        }
        let cloud = if self.options.dense { Cloud::default() } else { sparse_cloud(judged) };
        let in_unit = |pose: Pose| Pose { center: pose.center * unit, ..pose };
        let views = working
            .into_iter()
            .zip(&kept)
            .map(|(w, (place, image))| View {
                photo: *place,
                lens: w.lens,
                pose: in_unit(judged.model.images[*image].pose),
                reprojection: judged.reprojection(*image),
                // What the filters kept is to be used: they are the stereo's own threshold.
                confidence: w.depth.as_ref().map(|d| d.1.iter().map(|c| 0.5 + 0.5 * c).collect()),
                depth: w.depth.map(|d| d.0.iter().map(|z| z * unit as f32).collect()),
            })
            .collect();
        Ok(Reconstruction { photos, views, cloud, scale, up: None, notes: std::mem::take(notes) })
    }

    /// Places in `kept` of the photos that depth is made of.
    fn chosen(&self, photos: &[Photo], kept: &[(usize, usize)]) -> Vec<usize> {
        let held = |k: &usize| self.options.hold_out.contains(&photos[kept[*k].0].name);
        (0..kept.len()).filter(|k| !held(k)).collect()
    }

    /// Depth by a model; metres in a unit, where it says metres.
    #[expect(clippy::too_many_arguments, reason = "what `densify` takes, and the model")]
    fn guess(
        &self,
        model: &dyn DepthModel,
        photos: &[Photo],
        kept: &[(usize, usize)],
        judged: &Judged,
        working: &mut [Working],
        job: &Job<'_>,
        notes: &mut Vec<String>,
    ) -> Result<Option<(f64, Scale)>, FrontendError> {
        let chosen = self.chosen(photos, kept);
        let mut given = Vec::new();
        for k in &chosen {
            let (place, image) = kept[*k];
            let (photo, lens) = (&photos[place], judged.model.images[image].lens);
            let lens = reduced(&lens, self.options.width);
            // The model sees the photo at the depth's size at least; its own input is seldom larger.
            given.push(guessed::Given { photo, image, lens, pixels: small(photo, &lens)? });
        }
        let lenses: Vec<Pinhole> = given.iter().map(|g| g.lens).collect();
        let made = guessed::make(model, given, judged, job, notes)?;
        for ((k, map), lens) in chosen.iter().zip(made.maps).zip(lenses) {
            if let Some(map) = map {
                working[*k].lens = lens;
                working[*k].depth = Some(map);
            }
        }
        Ok(made.metres)
    }

    fn densify(
        &self,
        photos: &[Photo],
        kept: &[(usize, usize)],
        judged: &Judged,
        working: &mut [Working],
        job: &Job<'_>,
        notes: &mut Vec<String>,
    ) -> Result<(), FrontendError> {
        let chosen = self.chosen(photos, kept);
        let total = chosen.len() as u64;
        job.step(0, total, "reading undistorted photos")?;
        let read = |k: &usize| -> Result<stereo::Photo, FrontendError> {
            let (place, image) = kept[*k];
            let lens = reduced(&judged.model.images[image].lens, self.options.width);
            let small = small(&photos[place], &lens)?;
            let grey = Grey::from_rgb(small.width, small.height, &small.pixels);
            let grey =
                grey.ok_or_else(|| FrontendError::failed("a photo without pixels", "report this"))?;
            let pose = judged.model.images[image].pose;
            Ok(stereo::Photo { grey, lens, pose, seen: judged.seen(image) })
        };
        let ready: Vec<stereo::Photo> =
            chosen.par_iter().map(read).collect::<Result<_, FrontendError>>()?;
        job.step(0, total, "dense depth")?;
        // Threads finish photos at any time; whoever listens gets one call at a time.
        let gate = Mutex::new(());
        let progress = |done: usize, of: usize| {
            let _one = gate.lock().unwrap_or_else(PoisonError::into_inner);
            job.step(done as u64, of as u64, "dense depth").is_ok()
        };
        let made = stereo::dense(&ready, &StereoOptions::default(), &progress);
        let maps = match made {
            Ok(maps) => maps,
            Err(StereoError::Stopped) => return Err(FrontendError::cancelled()),
            Err(e) => {
                return Err(FrontendError::failed(
                    format!("colmap: no dense depth: {e}"),
                    "take photos from different places, or use `--set dense=no` for points only",
                ));
            }
        };
        let covered: f64 = maps.iter().flatten().map(DepthMap::coverage).sum();
        notes.push(format!(
            "Dense depth of {} photos at {} pixels by PatchMatch stereo covers {:.0} % of their pixels.",
            chosen.len(),
            self.options.width,
            100.0 * covered / chosen.len().max(1) as f64
        ));
        if maps.iter().flatten().all(|m| m.depth.iter().all(|d| *d <= 0.0)) {
            return Err(FrontendError::failed(
                "colmap: no photo's depth is confirmed by another",
                "take more photos that overlap, or use `--set dense=no` for points only",
            ));
        }
        for ((k, map), photo) in chosen.iter().zip(maps).zip(&ready) {
            working[*k].lens = photo.lens;
            working[*k].depth = map.map(|m| (m.depth, m.confidence));
            if working[*k].depth.is_none() {
                working[*k].lens = judged.model.images[working[*k].image].lens;
            }
        }
        Ok(())
    }
}

/// A photo at the size of a lens.
fn small(photo: &Photo, lens: &Pinhole) -> Result<Rgb8, FrontendError> {
    let whole = reasmory_import::read_picture(&photo.file)?;
    if (whole.width, whole.height) == (lens.width, lens.height) {
        return Ok(whole);
    }
    reasmory_render::resize(&whole, lens.width, lens.height)
        .map_err(|e| FrontendError::failed(format!("{}: {e}", photo.name), "report this"))
}

/// A lens for the picture whose longer side is at most `side`.
fn reduced(k: &Pinhole, side: u32) -> Pinhole {
    let s = (f64::from(side) / f64::from(k.width.max(k.height))).min(1.0);
    let size = |n: u32| ((f64::from(n) * s).round() as u32).max(1);
    let (width, height) = (size(k.width), size(k.height));
    let (sx, sy) = (f64::from(width) / f64::from(k.width), f64::from(height) / f64::from(k.height));
    Pinhole { width, height, fx: k.fx * sx, fy: k.fy * sy, cx: k.cx * sx, cy: k.cy * sy }
}

fn sparse_cloud(judged: &Judged) -> Cloud {
    let mut c = Cloud::default();
    for p in &judged.model.points {
        c.positions.push([p.position.x as f32, p.position.y as f32, p.position.z as f32]);
        c.colors.push(p.color);
        c.confidence.push((1.0 - 1.0 / f64::from(1u32 << p.track.min(20))) as f32);
        c.errors.push(p.error as f32);
    }
    c
}
