//! Imports of real data, where it is present.

mod common;

use common::data;
use reasmory_import::{Format, ImportOptions, Imported, detect, import, scenes};

fn all(name: &str, format: Format) -> Option<Imported> {
    let path = data(name)?;
    assert_eq!(detect(&path).unwrap(), format);
    let start = std::time::Instant::now();
    let got = import(&path, &ImportOptions::default()).unwrap();
    let m = got.memory.manifest();
    eprintln!(
        "{name}: {} points, {} photos, {:?}\n  room {:?}\n  bounds {:?}\n  sigma {} in {:?}",
        m.points,
        m.photos.len(),
        m.scale.kind,
        m.room,
        m.bounds,
        m.uncertainty.position,
        start.elapsed()
    );
    for n in &got.notes {
        eprintln!("  - {n}");
    }
    for (number, _) in got.image_files.iter().take(2) {
        let p = m.photo(*number).unwrap().pinhole;
        let rgb = got.memory.photo_pixels(*number).unwrap();
        assert_eq!((rgb.width, rgb.height), (p.width, p.height));
    }
    Some(got)
}

#[test]
fn vsi_metadata() {
    let Some(path) = data("vsi_arkit_dev/scenes.json") else { return };
    assert_eq!(detect(&path).unwrap(), Format::VsiMetadata);
    assert_eq!(detect(path.parent().unwrap()).unwrap(), Format::VsiMetadata);
    let ids = scenes(&path, Format::VsiMetadata).unwrap();
    assert_eq!(ids.len(), 29);
    let mut boxes = 0;
    for id in ids {
        let options = ImportOptions { scene: Some(id.clone()), ..ImportOptions::default() };
        let got = import(&path, &options).unwrap();
        let m = got.memory.manifest();
        boxes += m.instances.len();
        assert_eq!(m.name, id);
        assert!(m.scale.is_metric() && m.room.as_ref().unwrap().area().unwrap() > 1.0);
    }
    eprintln!("vsi: {boxes} boxes in 29 scenes");
}

#[test]
fn npz_room() {
    let Some(got) = all("pi3_room_posed_depth", Format::NpzRgbd) else { return };
    let m = got.memory.manifest();
    assert_eq!(m.photos.len(), 8);
    assert!(m.points > 20_000);
    assert!(m.uncertainty.position < 0.05);
    let room = m.room.as_ref().unwrap();
    assert!((2.2..2.8).contains(&room.height().unwrap()), "{room:?}");
    let error = colour_error(&got, 1);
    eprintln!("pi3: points against photo 1: median colour difference {error}");
    assert!(error < 20.0);
}

/// The same real depth as Depth Anything 3 saves it, with poses either way round and normalised intrinsics: the
/// direction is found from the depth alone.
#[test]
fn real_depth_either_way_round() {
    use common::room::{npy, zip_of};
    let Some(path) = data("pi3_room_posed_depth") else { return };
    let bytes = std::fs::read(path.join("condition.npz")).unwrap();
    let mut npz = reasmory_import::Npz::new(&path, &bytes).unwrap();
    let [depths, k, poses] = ["depths", "intrinsics", "poses"].map(|n| npz.array(n).unwrap());
    let pictures = tempfile::tempdir().unwrap();
    std::fs::create_dir(pictures.path().join("rgb")).unwrap();
    for i in 0..8 {
        let name = format!("rgb/{i}.png");
        std::fs::copy(path.join(&name), pictures.path().join(&name)).unwrap();
    }
    let truth = import(&path, &ImportOptions::default()).unwrap();
    for inverted in [false, true] {
        let mut rows = Vec::new();
        for m in poses.values.chunks_exact(16) {
            let m = nalgebra::Matrix4::from_row_iterator(m.iter().map(|x| f64::from(*x)));
            let m = if inverted { m.try_inverse().unwrap() } else { m };
            rows.extend((0..12).map(|i| m[(i / 4, i % 4)] as f32));
        }
        let mut lenses = k.values.clone();
        for m in lenses.chunks_exact_mut(9) {
            m[..3].iter_mut().for_each(|x| *x /= depths.shape[2] as f32);
            m[3..6].iter_mut().for_each(|x| *x /= depths.shape[1] as f32);
        }
        let archive = zip_of(&[
            ("depth.npy", npy("(8, 350, 434)", &depths.values)),
            ("extrinsics.npy", npy("(8, 3, 4)", &rows)),
            ("intrinsics.npy", npy("(8, 3, 3)", &lenses)),
        ]);
        let file = pictures.path().join("results.npz");
        std::fs::write(&file, archive).unwrap();
        let options = ImportOptions { metric: true, ..ImportOptions::default() };
        let got = import(&file, &options).unwrap();
        let note = got.notes.iter().find(|n| n.starts_with("The poses")).unwrap();
        eprintln!("pi3 as depth: {note}");
        assert!(note.contains(if inverted { "are world-to-camera:" } else { "unlike their name" }));
        let (a, b) = (truth.memory.manifest(), got.memory.manifest());
        assert!((a.points as f64 / b.points as f64 - 1.0).abs() < 0.01);
        let height = |m: &reasmory_scene::Manifest| m.room.as_ref().unwrap().height().unwrap();
        assert!((height(a) - height(b)).abs() < 0.01);
    }
}

/// Median difference of colour between a photo and the nearest points that fall on its pixels.
fn colour_error(got: &Imported, number: u32) -> f64 {
    let p = got.memory.manifest().photo(number).unwrap();
    let rgb = got.memory.photo_pixels(number).unwrap();
    let points = got.memory.points();
    let mut nearest = vec![(f64::INFINITY, 0); rgb.pixels.len()];
    for (i, q) in points.positions.iter().enumerate() {
        let q = reasmory_geom::Point3::new(q[0].into(), q[1].into(), q[2].into());
        let c = p.camera_to_world.to_camera(q);
        let Some((u, v)) = p.pinhole.project(c) else { continue };
        let (w, h) = (f64::from(rgb.width), f64::from(rgb.height));
        if (0.0..w).contains(&u) && (0.0..h).contains(&v) {
            let at = v as usize * rgb.width as usize + u as usize;
            if c.z < nearest[at].0 {
                nearest[at] = (c.z, i);
            }
        }
    }
    let mut errors: Vec<f64> = nearest
        .iter()
        .zip(&rgb.pixels)
        .filter(|(n, _)| n.0.is_finite())
        .map(|((_, i), pixel)| {
            let c = points.colors[*i];
            (0..3).map(|k| (f64::from(c[k]) - f64::from(pixel[k])).abs()).sum::<f64>() / 3.0
        })
        .collect();
    assert!(errors.len() > 10_000);
    errors.sort_by(f64::total_cmp);
    errors[errors.len() / 2]
}

#[test]
fn open3d_folder() {
    let Some(got) = all("open3d_testdata", Format::Open3dRgbd) else { return };
    let m = got.memory.manifest();
    assert_eq!(m.photos.len(), 5);
    assert_eq!(m.photos[0].pinhole.cx, 320.0);
    let error = colour_error(&got, 3);
    eprintln!("open3d: points against photo 3: median colour difference {error}");
    assert!(error < 20.0);
    assert!(m.points > 20_000);
}

#[test]
fn colmap_vggt() {
    let Some(got) = all("vggt_room_reconstruction", Format::Colmap) else { return };
    let m = got.memory.manifest();
    assert_eq!((m.photos.len(), got.image_files.len()), (8, 8));
    assert!(m.points > 8500 && !m.scale.is_metric());
    // Points reproject into the photo that saw most of them.
    let p = m.photos.iter().find(|p| p.name == "no_overlap_8.jpg").unwrap();
    assert_eq!((p.pinhole.width, p.pinhole.height), (1280, 960));
    let inside = got.memory.points().positions.iter().filter(|q| {
        let q = reasmory_geom::Point3::new(q[0].into(), q[1].into(), q[2].into());
        let c = p.camera_to_world.to_camera(q);
        p.pinhole
            .project(c)
            .is_some_and(|(u, v)| (0.0..1280.0).contains(&u) && (0.0..960.0).contains(&v))
    });
    assert!(inside.count() > 7000);
}

#[test]
fn colmap_lund() {
    let Some(got) = all("opensfm_lund", Format::Colmap) else { return };
    let m = got.memory.manifest();
    assert_eq!((m.photos.len(), got.image_files.len()), (24, 24));
    assert!(m.points > 900);
    // The camera moves level: its path is flat once the world is upright.
    let zs: Vec<f64> = m.photos.iter().map(|p| p.camera_to_world.center.z).collect();
    let spread = |v: &[f64]| {
        v.iter().copied().fold(f64::NEG_INFINITY, f64::max)
            - v.iter().copied().fold(f64::INFINITY, f64::min)
    };
    let xs: Vec<f64> = m.photos.iter().map(|p| p.camera_to_world.center.x).collect();
    let ys: Vec<f64> = m.photos.iter().map(|p| p.camera_to_world.center.y).collect();
    eprintln!("lund: path {} × {} × {}", spread(&xs), spread(&ys), spread(&zs));
    assert!(spread(&zs) < 0.2 * spread(&xs).hypot(spread(&ys)));
}

/// One scene of a source.
fn one(name: &str, format: Format, scene: &str) -> Option<Imported> {
    let path = data(name)?;
    assert_eq!(detect(&path).unwrap(), format);
    let ids = scenes(&path, format).unwrap();
    assert!(ids.iter().any(|s| s == scene), "{ids:?}");
    let start = std::time::Instant::now();
    let options = ImportOptions { scene: Some(scene.into()), ..ImportOptions::default() };
    let got = import(&path, &options).unwrap();
    let m = got.memory.manifest();
    assert_eq!(m.name, scene);
    eprintln!(
        "{name} {scene}: {} points, {} instances of {} categories, {:?}\n  room {:?}\n  area {:?}\n  \
         bounds {:?}\n  sigma {} in {:?}",
        m.points,
        m.instances.len(),
        m.categories.len(),
        m.scale.kind,
        m.room,
        m.room.as_ref().and_then(|r| r.area()),
        m.bounds,
        m.uncertainty.position,
        start.elapsed()
    );
    for n in &got.notes {
        eprintln!("  - {n}");
    }
    Some(got)
}

/// Part of an instance's points inside its box, widened by `slack`.
fn inside(got: &Imported, id: u32, slack: f64) -> f64 {
    let b = got.memory.manifest().instance(id).unwrap().obb;
    let n = got.memory.instance_rows(id).len();
    got.memory.instance_points(id).filter(|p| b.contains(*p, slack)).count() as f64 / n as f64
}

#[test]
fn vla3d() {
    let Some(got) = one("vla3d_arkit_unity", Format::Vla3d, "47204840") else { return };
    let m = got.memory.manifest();
    assert_eq!((m.instances.len(), m.category("table").unwrap().instances.len()), (7, 3));
    let room = m.room.as_ref().unwrap();
    assert!((room.area().unwrap() - 4.869410 * 5.844009).abs() < 1e-3);
    assert!((room.height().unwrap() - 2.76).abs() < 1e-6);
    let Some(got) = one("vla3d_arkit_unity", Format::Vla3d, "loft") else { return };
    let m = got.memory.manifest();
    assert_eq!(m.instances.len(), 115);
    assert_eq!(m.category("chair").unwrap().instances.len(), 11);
    let area = m.room.as_ref().unwrap().area().unwrap();
    // The bedroom is above the others, which overlap a little.
    assert!((100.0..120.8).contains(&area), "{area}");
    // The door's half turn: its 0.89 m are along x once turned by 90°.
    let (lo, hi) = m.instances[1].obb.bounds();
    assert!((hi.x - lo.x - 0.890062).abs() < 1e-4, "{lo} {hi}");
    let path = data("vla3d_arkit_unity").unwrap();
    assert!(import(&path, &ImportOptions::default()).is_err());
}

#[test]
fn labelled_clouds() {
    // Instances, and how many of them are parts of the table (labels 1 to 9).
    for (scene, count, tables) in [("learn0", 3, 1), ("learn30", 4, 1), ("test60", 23, 6)] {
        let Some(got) = one("pcl_mosd_labelled", Format::Pcd, scene) else { return };
        let m = got.memory.manifest();
        assert!(m.scale.is_metric());
        assert_eq!((m.instances.len(), m.categories.len()), (count, 1));
        for i in &m.instances {
            let (size, held) = (i.obb.size(), inside(&got, i.id, 0.005));
            eprintln!("  {}: {} points, size {size:.3?}, inside {held:.3}", i.id, i.support);
            assert!(held > 0.97);
            if i.id as usize > tables {
                // Things on a table.
                assert!(size[0] < 0.35 && size[2] < 0.3, "{size:?}");
                let low = i.obb.center.z - size[2] / 2.0;
                assert!(low > m.room.as_ref().unwrap().floor - 0.03, "{low}");
            }
        }
        // The table top is thin once the cloud is upright.
        let top = m.instances[0].obb.size();
        assert!(top[0] > 0.9 && top[2] < 0.04, "{top:?}");
    }
}

#[test]
fn bare_clouds() {
    for scene in ["room_scan1", "room_scan2"] {
        let Some(got) = one("pcl_mosd_labelled", Format::Pcd, scene) else { return };
        assert!(got.memory.manifest().instances.is_empty());
    }
    let Some(got) = one("vggt_room_reconstruction/sparse/points.ply", Format::Ply, "points") else {
        return;
    };
    assert_eq!(got.memory.manifest().points, 40_272);
    assert!(!got.memory.manifest().scale.is_metric());
    assert!(got.notes.iter().any(|n| n.contains("−y was taken")));
}

#[test]
fn scene_graphs() {
    let Some(got) = one("spark_dsg/apartment_dsg.json", Format::SparkDsg, "apartment_dsg") else {
        return;
    };
    let m = got.memory.manifest();
    assert_eq!((m.instances.len(), m.categories.len()), (7, 3));
    let scene = "example_mp3d_scene";
    let got = one("spark_dsg/example_mp3d_scene.house", Format::MatterportHouse, scene).unwrap();
    let m = got.memory.manifest();
    assert_eq!((m.instances.len(), m.category("ceiling").unwrap().instances.len()), (187, 10));
    let room = m.room.as_ref().unwrap();
    assert!((95.0..110.0).contains(&room.area().unwrap()));
    assert!((2.5..2.7).contains(&room.height().unwrap()));
    let floors: Vec<f64> = m
        .instances
        .iter()
        .filter(|i| i.category == "floor")
        .map(|i| (i.obb.bounds().0.z - room.floor).abs())
        .collect();
    assert!(!floors.is_empty() && floors.iter().all(|z| *z < 0.15), "{floors:?}");
}

#[test]
fn opensfm_berlin() {
    let Some(got) = all("opensfm_berlin", Format::OpenSfm) else { return };
    let m = got.memory.manifest();
    assert_eq!((m.photos.len(), got.image_files.len()), (3, 3));
    assert_eq!(m.points, 1430);
    // Nearly every point falls on the photos, on a pixel of its colour (but for the distortion).
    for p in &m.photos {
        let rgb = got.memory.photo_pixels(p.number).unwrap();
        let (w, h) = (f64::from(rgb.width), f64::from(rgb.height));
        let (mut seen, mut errors) = (0, Vec::new());
        let points = got.memory.points();
        for (q, c) in points.positions.iter().zip(points.colors.iter()) {
            let q = reasmory_geom::Point3::new(q[0].into(), q[1].into(), q[2].into());
            let at = p.pinhole.project(p.camera_to_world.to_camera(q));
            let Some((u, v)) = at else { continue };
            if (0.0..w).contains(&u) && (0.0..h).contains(&v) {
                seen += 1;
                let pixel = rgb.pixels[v as usize * rgb.width as usize + u as usize];
                let d = |k: usize| (f64::from(c[k]) - f64::from(pixel[k])).abs();
                errors.push((d(0) + d(1) + d(2)) / 3.0);
            }
        }
        errors.sort_by(f64::total_cmp);
        let median = errors[errors.len() / 2];
        eprintln!("berlin {}: {seen} points inside, median colour difference {median}", p.name);
        assert!(seen > 900 && median < 25.0);
    }
}
