//! How true pictures are: what a memory shows from the cameras of its own photos, against the photos.

use rayon::prelude::*;
use reasmory_render::{Antialias, EgoOptions, ego, psnr, resize, ssim};
use reasmory_scene::{Photo, Rgb8};
use serde_json::{Value, json};

use crate::{Failure, Scene};

/// Longer side of the pictures that are compared, pixels.
const SIDE: u32 = 960;

/// A way to draw.
const METHODS: [&str; 5] = ["points_1", "points_3", "splats", "splats_edges", "splats_full"];

/// How one way fared from one photo.
#[derive(Clone, Debug)]
struct Fared {
    psnr: Option<f64>,
    ssim: Option<f64>,
    holes: f64,
    /// Over the pixels that every way covers.
    common: Option<f64>,
}

/// How every way fared.
#[derive(Clone, Debug)]
pub struct Quality {
    photos: Vec<(u32, Vec<Fared>)>,
}

/// Draws a memory from the cameras of its photos, as points of one and of three by three pixels and as this project
/// does without and with smooth edges, and compares with the photos.
pub fn quality(scene: &Scene) -> Result<Quality, Failure> {
    let m = scene.memory.manifest();
    let none = || {
        Failure::new(
            "the memory has no photos with pixels, or no points",
            "import it with its pictures: what it shows is compared with them",
        )
    };
    if scene.cloud().is_empty() {
        return Err(none());
    }
    let mut photos = Vec::new();
    for photo in &m.photos {
        let Ok(pixels) = scene.memory.photo_pixels(photo.number) else { continue };
        photos.push((photo.number, compare(scene, photo, &pixels)?));
    }
    if photos.is_empty() { Err(none()) } else { Ok(Quality { photos }) }
}

fn compare(scene: &Scene, photo: &Photo, pixels: &Rgb8) -> Result<Vec<Fared>, Failure> {
    let fail = |e: reasmory_render::RenderError| Failure::new(e.to_string(), "report this");
    let (w, h) = (photo.pinhole.width.max(1), photo.pinhole.height.max(1));
    let shrink = (f64::from(SIDE) / f64::from(w.max(h))).min(1.0);
    let to = |x: u32| ((f64::from(x) * shrink).round() as u32).max(1);
    let photo_pixels = resize(pixels, to(w), to(h)).map_err(fail)?;
    let (width, height) = (photo_pixels.width, photo_pixels.height);
    let mut drawn: Vec<(Rgb8, Vec<bool>)> =
        vec![points(scene, photo, (width, height), 1), points(scene, photo, (width, height), 3)];
    for antialias in [Antialias::Off, Antialias::Edges, Antialias::Full] {
        let options = EgoOptions { width, height, antialias, ..EgoOptions::default() };
        let out = ego(&scene.memory, scene.cloud(), &photo.view(), &options).map_err(fail)?;
        let known = out.depth.iter().map(|z| z.is_finite()).collect();
        drawn.push((out.image, known));
    }
    let all: Vec<bool> =
        (0..photo_pixels.pixels.len()).map(|k| drawn.iter().all(|(_, known)| known[k])).collect();
    Ok(drawn
        .par_iter()
        .map(|(image, known)| Fared {
            psnr: psnr(&photo_pixels, image, known),
            ssim: ssim(&photo_pixels, image, known),
            holes: known.iter().filter(|k| !**k).count() as f64 / known.len() as f64,
            common: psnr(&photo_pixels, image, &all),
        })
        .collect())
}

/// The baseline: every point a square of so many pixels, the nearest of those that cover a pixel seen in it.
fn points(
    scene: &Scene,
    photo: &Photo,
    (width, height): (u32, u32),
    side: i64,
) -> (Rgb8, Vec<bool>) {
    let view = photo.view();
    let (pose, pinhole) = (view.pose(), view.pinhole(width, height));
    let points = scene.memory.points();
    let n = width as usize * height as usize;
    let mut depth = vec![f64::INFINITY; n];
    let mut pixels = vec![[0; 3]; n];
    let positions: &[[f32; 3]] = &points.positions;
    for (p, color) in positions.iter().zip(points.colors.iter()) {
        let local = pose.to_camera(reasmory_geom::Point3::from(p.map(f64::from)));
        let Some((u, v)) = pinhole.project(local).filter(|_| local.z > 0.0) else { continue };
        let (x, y) = (u.floor() as i64, v.floor() as i64);
        let half = side / 2;
        for y in (y - half).max(0)..=(y + half).min(i64::from(height) - 1) {
            for x in (x - half).max(0)..=(x + half).min(i64::from(width) - 1) {
                let k = (y * i64::from(width) + x) as usize;
                if local.z < depth[k] {
                    (depth[k], pixels[k]) = (local.z, *color);
                }
            }
        }
    }
    (Rgb8 { width, height, pixels }, depth.iter().map(|z| z.is_finite()).collect())
}

impl Quality {
    /// Means over the photos, by method.
    fn means(&self) -> Vec<(&'static str, Fared)> {
        let mean = |k: usize, of: &dyn Fn(&Fared) -> Option<f64>| {
            let values: Vec<f64> = self.photos.iter().filter_map(|p| of(&p.1[k])).collect();
            let finite: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
            (!finite.is_empty()).then(|| finite.iter().sum::<f64>() / finite.len() as f64)
        };
        let one = |(k, name): (usize, &&'static str)| {
            let fared = Fared {
                psnr: mean(k, &|f| f.psnr),
                ssim: mean(k, &|f| f.ssim),
                holes: mean(k, &|f| Some(f.holes)).unwrap_or(1.0),
                common: mean(k, &|f| f.common),
            };
            (*name, fared)
        };
        METHODS.iter().enumerate().map(one).collect()
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        // To a thousandth: what is beyond tells of rounding.
        let short = |x: Option<f64>| x.filter(|x| x.is_finite()).map(|x| (x * 1e3).round() / 1e3);
        let row = |name: &str, f: &Fared| {
            json!({
                "method": name, "psnr_db": short(f.psnr), "ssim": short(f.ssim),
                "holes_percent": short(Some(100.0 * f.holes)), "psnr_common_db": short(f.common),
            })
        };
        let photos: Vec<Value> = self
            .photos
            .iter()
            .map(|(number, fared)| {
                let rows = METHODS.iter().zip(fared).map(|(n, f)| row(n, f));
                json!({"photo": number, "methods": rows.collect::<Vec<_>>()})
            })
            .collect();
        let means: Vec<Value> = self.means().iter().map(|(n, f)| row(n, f)).collect();
        json!({"schema": 1, "mean": means, "photos": photos})
    }

    /// As a table of the means.
    pub fn text(&self) -> String {
        use std::fmt::Write as _;
        let mut out = format!(
            "{} photos\n{:<14} {:>8} {:>8} {:>8} {:>16}\n",
            self.photos.len(),
            "",
            "PSNR dB",
            "SSIM",
            "holes %",
            "PSNR in common"
        );
        for (name, f) in self.means() {
            let show = |x: Option<f64>, digits: usize| {
                x.map_or("–".to_owned(), |x| format!("{x:.digits$}"))
            };
            let _ = writeln!(
                out,
                "{name:<14} {:>8} {:>8} {:>8.2} {:>16}",
                show(f.psnr, 2),
                show(f.ssim, 3),
                100.0 * f.holes,
                show(f.common, 2)
            );
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_geom::{Pinhole, Point3, View};

    /// A picture of a memory is nearer to itself than to what single points show, and has fewer holes.
    #[test]
    fn the_truth_fares_best() {
        let memory = reasmory_synth::synthetic_points(40_000, 3).unwrap();
        let scene = Scene::new(memory);
        let b = scene.memory.manifest().bounds.unwrap();
        let middle = Point3::from((Point3::from(b.min).coords + Point3::from(b.max).coords) * 0.5);
        let photo = Photo {
            number: 1,
            name: "a".into(),
            pinhole: Pinhole::from_fov(96, 72, 70.0),
            camera_to_world: View::level(middle, 30.0).pose(),
            time: None,
            image: None,
        };
        let options = EgoOptions { width: 96, height: 72, ..EgoOptions::default() };
        let own = ego(&scene.memory, scene.cloud(), &photo.view(), &options).unwrap();
        let fared = compare(&scene, &photo, &own.image).unwrap();
        let of = |name: &str| &fared[METHODS.iter().position(|m| *m == name).unwrap()];
        assert_eq!(of("splats").psnr, Some(f64::INFINITY));
        assert!(of("splats").ssim.unwrap() > 1.0 - 1e-9);
        assert!(of("splats_edges").psnr > of("points_3").psnr);
        assert!(of("splats").holes < of("points_1").holes);
        assert!(of("points_3").holes < of("points_1").holes);
        let quality = Quality { photos: vec![(1, fared)] };
        assert_eq!(quality.json()["mean"].as_array().map(Vec::len), Some(METHODS.len()));
        assert_eq!(quality.text().lines().count(), 2 + METHODS.len());
        assert!(super::quality(&scene).unwrap_err().what.contains("no photos"));
    }
}
