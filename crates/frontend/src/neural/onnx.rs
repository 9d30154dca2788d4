//! ONNX models as frontends.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use reasmory_ground::{Mask, Region};
use reasmory_onnx::{Cause, Depth, Model, OnnxError, Picture, library};
use reasmory_scene::Rgb8;

use super::{DepthModel, Guess, Guesses};
use crate::registry::Settings;
use crate::{Detections, FrontendError, Ground, Identity, Job, Photo};

impl From<OnnxError> for FrontendError {
    fn from(e: OnnxError) -> FrontendError {
        match e.cause {
            Cause::Given => FrontendError::input(e.what, e.remedy),
            Cause::Model => FrontendError::failed(e.what, e.remedy),
        }
    }
}

/// A model, and what of its files a result depends on.
#[derive(Debug)]
struct Loaded {
    model: Model,
    version: String,
}

fn open(s: &Settings, option: &str) -> Result<Loaded, FrontendError> {
    let Some(file) = s.options.get(option).map(PathBuf::from) else {
        return Err(FrontendError::input(
            format!("which model is not said: `--set {option}=` is missing"),
            "give the path of an ONNX file; its sidecar stands beside it (spec/frontends.md)",
        ));
    };
    let named = s.options.get("onnxruntime").map(Path::new);
    let threads = rayon::current_num_threads();
    let model = Model::open(&file, &library(named), threads)?;
    let mut hash = blake3::Hasher::new();
    let mut sidecar = file.clone().into_os_string();
    sidecar.push(".json");
    for path in [&file, &PathBuf::from(sidecar)] {
        let bytes = std::fs::read(path).map_err(FrontendError::io(path, "read"))?;
        hash.update(blake3::hash(&bytes).as_bytes());
    }
    let digest = hash.finalize().to_hex();
    let version = format!("{} {}", model.sidecar().name, &digest[..12]);
    Ok(Loaded { model, version })
}

fn picture(p: &Rgb8) -> Picture<'_> {
    Picture { width: p.width as usize, height: p.height as usize, pixels: &p.pixels }
}

impl DepthModel for Loaded {
    fn identity(&self) -> Identity {
        Identity { name: self.model.sidecar().name.clone(), version: self.version.clone() }
    }

    fn guess(&self, photo: &Rgb8, to: (u32, u32)) -> Result<Guesses, FrontendError> {
        let (numbers, meaning) =
            self.model.depth(picture(photo), (to.0 as usize, to.1 as usize))?;
        let guess = match meaning {
            Depth::Metric => Guess::Scaled,
            Depth::Affine => Guess::Affine,
            Depth::Inverse => Guess::Inverse,
        };
        Ok(Guesses { numbers, guess })
    }
}

pub(super) fn depth(s: &Settings) -> Result<Arc<dyn DepthModel>, FrontendError> {
    Ok(Arc::new(open(s, "depth-model")?))
}

pub(super) fn things(s: &Settings) -> Result<Box<dyn Ground>, FrontendError> {
    Ok(Box::new(Things(open(s, "things-model")?)))
}

/// A detector, or a segmentation into classes.
#[derive(Debug)]
struct Things(Loaded);

impl Ground for Things {
    fn identity(&self) -> Identity {
        let own = Identity::own("onnx", 1);
        Identity { version: format!("{} ({})", own.version, self.0.version), ..own }
    }

    fn ground(
        &self,
        photos: &[Photo],
        prompts: &[String],
        job: &Job<'_>,
    ) -> Result<Detections, FrontendError> {
        let names = &self.0.model.sidecar().classes;
        if let Some(p) = prompts.iter().find(|p| !names.contains(p)) {
            let some: Vec<&str> =
                names.iter().map(String::as_str).filter(|n| !n.is_empty()).take(30).collect();
            let more = if names.len() > some.len() { ", …" } else { "" };
            return Err(FrontendError::input(
                format!("{}: has no class `{p}`", self.0.model.sidecar().name),
                format!("its classes are {}{more}", some.join(", ")),
            ));
        }
        let wanted = |class: usize| {
            let name = &names[class];
            !name.is_empty() && (prompts.is_empty() || prompts.contains(name))
        };
        let mut out = Detections::default();
        for (i, photo) in photos.iter().enumerate() {
            job.step(i as u64, photos.len() as u64, "looking for things")?;
            let pixels = reasmory_import::read_picture(&photo.file)?;
            let found = self.0.model.things(picture(&pixels))?;
            let mut masks = Vec::new();
            for f in found.into_iter().filter(|f| wanted(f.class)) {
                let report =
                    |e: reasmory_ground::RegionError| FrontendError::failed(e.0, "report this");
                let boxed = f.mask.is_none();
                let region = match &f.mask {
                    None => Region::from_box(pixels.width, pixels.height, f.at),
                    Some(m) => Region::from_pixels(pixels.width, pixels.height, |i| m[i]),
                };
                let region = region.map_err(report)?;
                if region.area() > 0 {
                    masks.push(Mask {
                        region,
                        label: names[f.class].clone(),
                        score: f.score,
                        boxed,
                    });
                }
            }
            out.photos.push(masks);
        }
        let found: usize = out.photos.iter().map(Vec::len).sum();
        out.notes.push(format!("{found} things were found in photos by {}.", self.0.version));
        Ok(out)
    }
}
