//! How good a build is, in figures, and what a person can do about it.

use rayon::prelude::*;
use reasmory_render::{Cloud, EgoOptions, ego, resize};
use reasmory_scene::{Memory, Rgb8};
use serde_json::{Value, json};

use crate::{LeftOut, Photo};

/// Longer side of the pictures that photos are compared at.
const SIDE: u32 = 320;

/// How one photo fared.
#[derive(Clone, Debug, PartialEq)]
pub struct PhotoQuality {
    /// Number in the memory; `None` where the photo is not registered.
    pub number: Option<u32>,
    /// Name.
    pub name: String,
    /// Mean reprojection error of the points it sees, pixels; where the frontend states it.
    pub reprojection: Option<f64>,
    /// Part of the photo that the memory covers, seen from the photo's camera.
    pub coverage: Option<f64>,
    /// Peak signal-to-noise ratio of the memory's picture from there against the photo, covered pixels only, dB.
    pub psnr: Option<f64>,
}

/// A shortcoming that a person can do something about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Stable name.
    pub name: &'static str,
    /// What is the matter.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// Quality of a build.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quality {
    /// Photos that were considered.
    pub considered: usize,
    /// Each of them, registered ones first by number.
    pub photos: Vec<PhotoQuality>,
    /// What to look at.
    pub warnings: Vec<Warning>,
}

/// The median; `None` of nothing.
pub(crate) fn median(mut v: Vec<f64>) -> Option<f64> {
    v.sort_unstable_by(f64::total_cmp);
    v.get(v.len() / 2).copied()
}

fn small(picture: &Rgb8) -> Rgb8 {
    let longer = picture.width.max(picture.height);
    if longer <= SIDE {
        return picture.clone();
    }
    let to = |x: u32| ((f64::from(x) * f64::from(SIDE) / f64::from(longer)).round() as u32).max(1);
    resize(picture, to(picture.width), to(picture.height)).unwrap_or_else(|_| picture.clone())
}

/// A photo and the memory's picture from its camera, at one size.
pub(crate) struct Compared {
    pub(crate) number: u32,
    pub(crate) photo: Rgb8,
    pub(crate) drawn: Rgb8,
    pub(crate) coverage: f64,
    pub(crate) psnr: Option<f64>,
}

/// Compares every photo that has pixels with what the memory shows from its camera.
pub(crate) fn compare(memory: &Memory) -> Vec<Compared> {
    let cloud = Cloud::new(memory);
    let photos = &memory.manifest().photos;
    let one = |p: &reasmory_scene::Photo| {
        let photo = small(&memory.photo_pixels(p.number).ok()?);
        let options = EgoOptions {
            width: photo.width,
            height: photo.height,
            label_visible: false,
            ..EgoOptions::default()
        };
        let drawn = ego(memory, &cloud, &p.view(), &options).ok()?;
        let (mut square, mut n) = (0.0, 0u64);
        for ((a, b), d) in photo.pixels.iter().zip(&drawn.image.pixels).zip(&drawn.depth) {
            if d.is_finite() && *d > 0.0 {
                n += 1;
                for k in 0..3 {
                    square += (f64::from(a[k]) - f64::from(b[k])).powi(2);
                }
            }
        }
        let mean = square / (3.0 * n.max(1) as f64);
        let psnr = (n > 0).then(|| if mean > 0.0 { 10.0 * (65025.0 / mean).log10() } else { 99.0 });
        let coverage = n as f64 / photo.pixels.len().max(1) as f64;
        Some(Compared { number: p.number, photo, drawn: drawn.image, coverage, psnr })
    };
    photos.par_iter().filter_map(one).collect()
}

fn round(x: f64, digits: i32) -> f64 {
    let s = 10f64.powi(digits);
    (x * s).round() / s
}

impl Quality {
    /// Figures of a memory. `considered` are the photos that the frontend had, `reprojection` what it says of
    /// them by name, `compared` how the memory looks from them.
    pub(crate) fn of(
        memory: &Memory,
        considered: &[Photo],
        reprojection: &[(String, f64)],
        compared: &[Compared],
        left_out: &[LeftOut],
        grounded: bool,
    ) -> Quality {
        let m = memory.manifest();
        let mut photos: Vec<PhotoQuality> = m
            .photos
            .iter()
            .map(|p| {
                let c = compared.iter().find(|c| c.number == p.number);
                PhotoQuality {
                    number: Some(p.number),
                    name: p.name.clone(),
                    reprojection: reprojection.iter().find(|r| r.0 == p.name).map(|r| r.1),
                    coverage: c.map(|c| c.coverage),
                    psnr: c.and_then(|c| c.psnr),
                }
            })
            .collect();
        for p in considered {
            if !m.photos.iter().any(|q| q.name == p.name) {
                let name = p.name.clone();
                photos.push(PhotoQuality {
                    number: None,
                    name,
                    reprojection: None,
                    coverage: None,
                    psnr: None,
                });
            }
        }
        let mut q = Quality { considered: photos.len(), photos, warnings: Vec::new() };
        q.warn(memory, left_out, grounded);
        q
    }

    fn registered(&self) -> usize {
        self.photos.iter().filter(|p| p.number.is_some()).count()
    }

    fn warn(&mut self, memory: &Memory, left_out: &[LeftOut], grounded: bool) {
        let m = memory.manifest();
        let mut warn = |name, what: String, remedy: &str| {
            self.warnings.push(Warning { name, what, remedy: remedy.into() });
        };
        let (same, bad): (Vec<&LeftOut>, Vec<&LeftOut>) =
            left_out.iter().partition(|l| l.duplicate);
        if let Some(l) = bad.first() {
            let what = format!("{} photos cannot be used: {} {}", bad.len(), l.photo, l.why);
            warn("photos-unreadable", what, "copy or convert them again, or remove them");
        }
        if let Some(l) = same.first() {
            let what = format!("{} photos are copies: {} {}", same.len(), l.photo, l.why);
            warn("photos-repeated", what, "nothing is lost; remove the copies");
        }
        let (n, of) = (m.photos.len(), self.considered);
        if n < of {
            let name = "photos-unregistered";
            let what = format!("{} of {of} photos could not be placed", of - n);
            let remedy =
                "add photos between them and the others, with half of the picture in common";
            warn(name, what, remedy);
        }
        let covered: Vec<f64> = self.photos.iter().filter_map(|p| p.coverage).collect();
        if let Some(c) = median(covered).filter(|c| *c < 0.5) {
            let what = format!("the memory covers {:.0} % of the median photo", 100.0 * c);
            warn(
                "coverage-low",
                what,
                "take more photos that overlap, or use a frontend with depth",
            );
        }
        if !m.scale.is_metric() {
            let what = format!("lengths have no unit: {}", m.scale.source);
            warn(
                "scale-relative",
                what,
                "give one known length: `reasmory scene calibrate DIR --metres M --height-of door`",
            );
        }
        if m.instances.is_empty() {
            let (what, remedy) = if grounded {
                ("nothing was found in the photos", "ask for other categories with `--prompts`")
            } else {
                (
                    "the memory has no instances",
                    "give `--ground NAME` (`--list-frontends` lists them)",
                )
            };
            warn("instances-none", what.into(), remedy);
        }
    }

    /// The members of `build.v1` that are figures.
    pub(crate) fn json(&self, memory: &Memory) -> Vec<(&'static str, Value)> {
        let m = memory.manifest();
        let number = |x: Option<f64>, digits| x.map_or(Value::Null, |x| json!(round(x, digits)));
        let of = |f: fn(&PhotoQuality) -> Option<f64>| {
            median(self.photos.iter().filter_map(f).collect())
        };
        let rows: Vec<Value> = self
            .photos
            .iter()
            .map(|p| {
                json!({
                    "number": p.number,
                    "name": p.name,
                    "registered": p.number.is_some(),
                    "reprojection_px": number(p.reprojection, 3),
                    "coverage": number(p.coverage, 4),
                    "psnr_db": number(p.psnr, 2),
                })
            })
            .collect();
        let categories: Vec<Value> = m
            .categories
            .iter()
            .map(|c| json!({"name": c.name, "instances": c.instances.len()}))
            .collect();
        let warnings: Vec<Value> = self
            .warnings
            .iter()
            .map(|w| json!({"name": w.name, "what": w.what, "remedy": w.remedy}))
            .collect();
        vec![
            ("registered", json!({"photos": self.registered(), "of": self.considered})),
            ("reprojection_px", number(of(|p| p.reprojection), 3)),
            ("coverage", number(of(|p| p.coverage), 4)),
            ("psnr_db", number(of(|p| p.psnr), 2)),
            ("points", json!(m.points)),
            ("instances", json!(m.instances.len())),
            ("categories", json!(categories)),
            (
                "scale",
                json!({
                    "kind": if m.scale.is_metric() { "metric" } else { "relative" },
                    "source": m.scale.source,
                }),
            ),
            ("uncertainty", json!(round(m.uncertainty.position, 6))),
            ("photos", json!(rows)),
            ("warnings", json!(warnings)),
            ("notes", json!(m.provenance.notes)),
        ]
    }
}
