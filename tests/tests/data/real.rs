//! Real recordings: import, verify, describe, and renders against the photos.

use std::path::Path;
use std::time::Instant;

use reasmory_driver::geom::Lens;
use reasmory_driver::import::{Request, import};
use reasmory_driver::render::{EgoOptions, ego};
use reasmory_driver::scene::Rgb8;
use reasmory_driver::{Scene, describe, store};
use reasmory_tests::programs::{answer_text, check};
use reasmory_tests::real::data;
use reasmory_tests::schema;

fn imported(source: &Path, dir: &Path) -> Scene {
    let start = Instant::now();
    let summaries = import(source, dir, &Request::default()).unwrap_or_else(|e| panic!("{e}"));
    let m = &summaries[0].manifest;
    eprintln!(
        "{}  ({:.1?})",
        summaries[0].text().rsplit(": ").next().unwrap_or(""),
        start.elapsed()
    );
    let verified = store::verify(dir).unwrap();
    assert!(verified.is_intact(), "{:?}", verified.damage);
    let described = describe::json(m);
    let bad = schema::violations(&schema::load("scene.v1"), &described);
    assert!(bad.is_empty(), "{bad:#?}");
    let scene = Scene::new(store::open(dir).unwrap());
    assert_eq!(scene.memory.manifest().as_ref(), &store::open_manifest(dir).unwrap());
    scene
}

/// Median absolute colour error over covered pixels, and how much of the picture is covered.
fn against_photo(scene: &Scene, number: u32) -> Option<(f64, f64)> {
    let photo = scene.memory.manifest().photo(number)?;
    let truth: Rgb8 = scene.memory.photo_pixels(number).ok()?;
    let (w, h) = (truth.width / 2, truth.height / 2);
    let mut view = photo.view();
    view.lens = Lens::Pinhole(photo.pinhole.fitted(w, h));
    let options = EgoOptions { width: w, height: h, ..EgoOptions::default() };
    let got = ego(&scene.memory, scene.cloud(), &view, &options).ok()?;
    let mut errors: Vec<u32> = Vec::new();
    for y in 0..h {
        for x in 0..w {
            let i = (y * w + x) as usize;
            if !got.depth[i].is_finite() {
                continue;
            }
            // The mean of the four photo pixels under this one.
            let mut mean = [0u32; 3];
            for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                let at = ((2 * y + dy) * truth.width + 2 * x + dx) as usize;
                for (m, c) in mean.iter_mut().zip(truth.pixels[at]) {
                    *m += u32::from(c);
                }
            }
            let rgb = got.image.pixels[i];
            errors.extend(mean.iter().zip(rgb).map(|(m, c)| (m / 4).abs_diff(u32::from(c))));
        }
    }
    errors.sort_unstable();
    let median = f64::from(*errors.get(errors.len() / 2)?);
    Some((median, errors.len() as f64 / f64::from(3 * w * h)))
}

/// Every photo's view: (median of medians, least coverage).
fn compare(name: &str, scene: &Scene) -> (f64, f64) {
    let mut medians = Vec::new();
    let mut least = 1.0_f64;
    for p in &scene.memory.manifest().photos {
        let Some((median, coverage)) = against_photo(scene, p.number) else { continue };
        eprintln!("{name} photo {}: median colour error {median}, covered {coverage:.2}", p.number);
        medians.push(median);
        least = least.min(coverage);
    }
    medians.sort_by(f64::total_cmp);
    assert!(!medians.is_empty(), "{name}: no photo to compare with");
    (medians[medians.len() / 2], least)
}

#[test]
fn pi3_room() {
    let Some(source) = data("pi3_room_posed_depth") else { return };
    let dir = tempfile::tempdir().unwrap();
    let scene = imported(&source, &dir.path().join("m"));
    let (median, least) = compare("pi3", &scene);
    assert!(median <= 12.0 && least >= 0.7, "{median} {least}");
    assert_eq!(answer_text("answer photos().count()", &scene), "8");
    assert!(check("show ego(photo(3).view().turn(left))", Some(&scene)).is_ok());
}

#[test]
fn open3d_frames() {
    let Some(source) = data("open3d_testdata/RGBD") else { return };
    let dir = tempfile::tempdir().unwrap();
    let scene = imported(&source, &dir.path().join("m"));
    let (median, least) = compare("open3d", &scene);
    assert!(median <= 12.0 && least >= 0.5, "{median} {least}");
}

#[test]
fn colmap_of_a_reconstruction_model() {
    let Some(source) = data("vggt_room_reconstruction") else { return };
    let dir = tempfile::tempdir().unwrap();
    let scene = imported(&source, &dir.path().join("m"));
    assert!(!scene.memory.manifest().scale.is_metric());
    let (median, least) = compare("vggt", &scene);
    assert!(median <= 40.0 && least >= 0.02, "{median} {least}");
}

#[test]
fn colmap_of_a_street() {
    let Some(source) = data("opensfm_lund") else { return };
    let dir = tempfile::tempdir().unwrap();
    let scene = imported(&source, &dir.path().join("m"));
    assert_eq!(scene.memory.manifest().photos.len(), 24);
    let (median, _) = compare("lund", &scene);
    assert!(median <= 60.0, "{median}");
}
