//! The `colmap` frontend with programs that stand in for COLMAP: what it makes of their results, and that
//! whatever they do ends in a clear outcome.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nalgebra::{Rotation3, UnitQuaternion};
use reasmory_frontend::colmap::Colmap;
use reasmory_frontend::neural::{DepthModel, Guess, Guesses};
use reasmory_frontend::registry::Settings;
use reasmory_frontend::{
    Built, Cancel, Fault, FrontendError, Identity, Job, Progress, Quiet, Reconstruct,
    Reconstructed, Request, build, inspect,
};
use reasmory_geom::{Point3, Pose};
use reasmory_scene::Rgb8;
use reasmory_synth::{Camera, Frame, Room, RoomOptions, arc, render_all};

const VIEWS: usize = 4;
const SIZE: (u32, u32) = (128, 96);

/// Four photos of a room and what COLMAP would say of them.
struct World {
    dir: tempfile::TempDir,
    cameras: Vec<Camera>,
    frames: Vec<Frame>,
}

/// How the stand-in's model differs from a good one.
#[derive(Clone, Copy, PartialEq)]
enum Plant {
    Nothing,
    FarCamera,
    StrangeName,
    CutFile,
}

/// A point and who sees it where.
type Seen = (Point3, Vec<(usize, [f64; 2])>);

impl World {
    fn new(plant: Plant) -> World {
        let room = Room::generate(3, &RoomOptions::default());
        let cameras = arc(&room, VIEWS, 0.9, SIZE.0, SIZE.1);
        let frames = render_all(&room, &cameras);
        let w = World { dir: tempfile::tempdir().unwrap(), cameras, frames };
        let (photos, made) = (w.at("photos"), w.at("made/undistorted"));
        fs::create_dir_all(made.join("images")).unwrap();
        fs::create_dir_all(&photos).unwrap();
        for (i, f) in w.frames.iter().enumerate() {
            for dir in [&photos, &made.join("images")] {
                let mut out = image::RgbImage::new(SIZE.0, SIZE.1);
                for (p, c) in out.pixels_mut().zip(&f.rgb.pixels) {
                    p.0 = *c;
                }
                out.save(dir.join(format!("p{i}.png"))).unwrap();
            }
        }
        for dir in [made.join("sparse"), w.at("made/model")] {
            fs::create_dir_all(&dir).unwrap();
            w.model(&dir, plant);
        }
        w
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Points of the first view's surface that others see too.
    fn points(&self) -> Vec<Seen> {
        let k = self.cameras[0].pinhole;
        let mut out = Vec::new();
        for y in (4..SIZE.1).step_by(6) {
            for x in (4..SIZE.0).step_by(6) {
                let z = f64::from(self.frames[0].depth[(y * SIZE.0 + x) as usize]);
                let ray = k.ray(f64::from(x) + 0.5, f64::from(y) + 0.5);
                let p = self.cameras[0].pose.to_world(ray * z);
                let at = |i: usize| {
                    let q = self.cameras[i].pose.to_camera(p);
                    let (u, v) = k.project(q)?;
                    let inside = u >= 0.0 && v >= 0.0 && u < 128.0 && v < 96.0;
                    let at = (v as u32 * SIZE.0 + u as u32) as usize;
                    let there = inside && (f64::from(self.frames[i].depth[at]) - q.z).abs() < 0.05;
                    there.then_some((i, [u, v]))
                };
                let seen: Vec<(usize, [f64; 2])> = (0..VIEWS).filter_map(at).collect();
                if seen.len() > 1 {
                    out.push((p, seen));
                }
            }
        }
        out
    }

    fn model(&self, dir: &Path, plant: Plant) {
        let mut c = 1u64.to_le_bytes().to_vec();
        c.extend(1u32.to_le_bytes());
        c.extend(1u32.to_le_bytes());
        c.extend(u64::from(SIZE.0).to_le_bytes());
        c.extend(u64::from(SIZE.1).to_le_bytes());
        let k = self.cameras[0].pinhole;
        c.extend([k.fx, k.fy, k.cx, k.cy].iter().flat_map(|x| x.to_le_bytes()));
        let points = self.points();
        let mut images = (VIEWS as u64).to_le_bytes().to_vec();
        for i in 0..VIEWS {
            let mut pose: Pose = self.cameras[i].pose;
            if plant == Plant::FarCamera && i == 2 {
                pose.center.x += 1e7;
            }
            let r = pose.rotation.transpose();
            let q = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(r));
            let t = -(r * pose.center.coords);
            images.extend((i as u32 + 1).to_le_bytes());
            let numbers = [q.w, q.i, q.j, q.k, t.x, t.y, t.z];
            images.extend(numbers.iter().flat_map(|x| x.to_le_bytes()));
            images.extend(1u32.to_le_bytes());
            let letter = if plant == Plant::StrangeName { 'x' } else { 'p' };
            images.extend(format!("{letter}{i}.png\0").bytes());
            let own: Vec<(u64, [f64; 2])> = (1u64..)
                .zip(&points)
                .filter_map(|(id, (_, seen))| Some((id, seen.iter().find(|s| s.0 == i)?.1)))
                .collect();
            images.extend((own.len() as u64).to_le_bytes());
            for (id, at) in own {
                images.extend(at.iter().flat_map(|x| x.to_le_bytes()));
                images.extend(id.to_le_bytes());
            }
        }
        let mut p = (points.len() as u64).to_le_bytes().to_vec();
        for (id, (at, _)) in (1u64..).zip(&points) {
            p.extend(id.to_le_bytes());
            p.extend(at.iter().flat_map(|x| x.to_le_bytes()));
            p.extend([90, 80, 70]);
            p.extend(0.4f64.to_le_bytes());
            p.extend(0u64.to_le_bytes());
        }
        if plant == Plant::CutFile {
            images.truncate(images.len() / 2);
        }
        for (name, bytes) in [("cameras.bin", c), ("images.bin", images), ("points3D.bin", p)] {
            fs::write(dir.join(name), bytes).unwrap();
        }
    }

    fn program(&self, text: &str) -> PathBuf {
        let path = self.at("program");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// A COLMAP binary whose mapper does this.
    fn binary(&self, mapper: &str) -> (&'static str, PathBuf) {
        let made = self.at("made");
        let text = format!(
            "#!/bin/sh\nMADE='{}'\nverb=$1; shift\nall=\"$*\"\nout=\n\
             while [ $# -gt 0 ]; do [ \"$1\" = --output_path ] && out=$2; shift; done\n\
             case $verb in\n\
             -h) echo 'COLMAP 3.8 -- a stand-in';;\n\
             feature_extractor) case $all in\n\
             -h) echo '  --SiftExtraction.use_gpu';;\n\
             *use_gpu\\ 0*) ;;\n\
             *) exit 9;;\n\
             esac;;\n\
             exhaustive_matcher) ;;\n\
             mapper) {mapper};;\n\
             image_undistorter) mkdir -p \"$out\"; cp -r \"$MADE\"/undistorted/. \"$out\";;\n\
             *) exit 8;;\nesac\n",
            made.display()
        );
        ("colmap", self.program(&text))
    }

    /// A Python with pycolmap whose driver does this.
    fn python(&self, driver: &str) -> (&'static str, PathBuf) {
        let text = format!(
            "#!/bin/sh\nMADE='{}'\n\
             if [ \"$1\" = -c ]; then echo 'pycolmap 9.9.9'; exit 0; fi\n\
             WORK=$(dirname \"$1\")\n{driver}\n",
            self.at("made").display(),
        );
        ("python", self.program(&text))
    }

    fn build(
        &self,
        program: (&str, PathBuf),
        set: &[(&str, &str)],
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<Built, FrontendError> {
        let mut settings = Settings::default();
        settings.options.insert(program.0.into(), program.1.display().to_string());
        for (name, value) in set {
            settings.options.insert((*name).into(), (*value).into());
        }
        let request = Request {
            input: self.at("photos"),
            out: self.at("out.mem"),
            settings,
            ..Request::default()
        };
        build(&request, progress, cancel)
    }

    fn with(&self, program: (&str, PathBuf), set: &[(&str, &str)]) -> Result<Built, FrontendError> {
        self.build(program, set, &Quiet, &Cancel::default())
    }
}

/// The mapper that has the model.
const GOOD: &str = "mkdir -p \"$out/0\"; cp \"$MADE\"/model/* \"$out/0\"";
/// Points only: quick.
const SPARSE: &[(&str, &str)] = &[("dense", "no")];

fn notes(b: &Built) -> String {
    b.memory.manifest().provenance.notes.join("\n")
}

#[test]
fn photos_become_a_surface() {
    let w = World::new(Plant::Nothing);
    let built = w.with(w.binary(GOOD), &[("hold-out", "p3.png")]).unwrap();
    let m = built.memory.manifest();
    assert_eq!(m.photos.len(), VIEWS);
    // A surface, not the 300 points of the model; nothing of it from the photo that was held out.
    assert!(m.points > 1500, "{}", m.points);
    let notes = notes(&built);
    assert!(notes.contains("COLMAP 3.8 placed 4 of 4 photos"), "{notes}");
    assert!(notes.contains("Dense depth of 3 photos"), "{notes}");
    assert!(notes.contains("0 of 4 dropped"), "{notes}");
    assert_eq!(built.report["frontend"]["name"], "colmap");
    let seen = &built.report["photos"][3];
    assert!(seen["coverage"].as_f64().unwrap() > 0.12, "{seen}");
    assert!(seen["psnr_db"].as_f64().unwrap() > 20.0, "{seen}");
    assert!(built.report["reprojection_px"].as_f64().unwrap() < 0.1);
    assert!(!m.scale.is_metric());
}

#[test]
fn without_dense_depth_there_are_the_points() {
    let w = World::new(Plant::Nothing);
    let n = w.with(w.binary(GOOD), SPARSE).unwrap().memory.manifest().points;
    assert!((100..500).contains(&n), "{n}");
}

#[test]
fn initialisation_is_relaxed_where_it_fails() {
    let w = World::new(Plant::Nothing);
    let program = w.binary(&format!("case $all in *init_min_tri_angle\\ 4*) {GOOD};; esac"));
    let notes = notes(&w.with(program, SPARSE).unwrap());
    assert!(notes.contains("with relaxed initialisation"), "{notes}");
}

#[test]
fn photos_of_two_places_become_the_larger_one_and_say_so() {
    let w = World::new(Plant::Nothing);
    // Three photos of elsewhere, which the mapper puts into a model of their own.
    for i in 0..3u8 {
        image::RgbImage::from_pixel(SIZE.0, SIZE.1, image::Rgb([i, 9, 9]))
            .save(w.at(&format!("photos/q{i}.png")))
            .unwrap();
    }
    let two = format!(
        "{GOOD}; cp -r \"$out/0\" \"$out/1\"; printf '\\003' | dd of=\"$out/1/images.bin\" conv=notrunc"
    );
    let built = w.with(w.binary(&two), SPARSE).unwrap();
    let registered = &built.report["registered"];
    assert!(registered["photos"] == 4 && registered["of"] == 7, "{registered}");
    let notes = notes(&built);
    assert!(notes.contains("Models of 4, 3 photos were found, which share no points"), "{notes}");
    let warnings = built.report["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|w| w["name"] == "photos-unregistered"), "{warnings:?}");
    // The same again comes from what was kept.
    let again = w.with(w.binary("exit 1"), SPARSE).unwrap();
    assert_eq!(again.report["registered"], built.report["registered"]);
}

#[test]
fn an_incoherent_camera_is_dropped_with_its_reason() {
    let w = World::new(Plant::FarCamera);
    let built = w.with(w.binary(GOOD), SPARSE).unwrap();
    assert_eq!(built.memory.manifest().photos.len(), 3);
    let notes = notes(&built);
    assert!(notes.contains("p2.png was placed but is dropped: "), "{notes}");
    assert_eq!(built.report["registered"]["photos"], 3);
    let warnings = built.report["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|w| w["name"] == "photos-unregistered"), "{warnings:?}");
    // Asked not to judge, it takes what it gets.
    let all = w.with(w.binary(GOOD), &[("dense", "no"), ("gate", "no")]).unwrap();
    assert_eq!(all.memory.manifest().photos.len(), 4);
}

#[test]
fn faults_of_the_program_are_told() {
    for (plant, mapper, fault, says) in [
        (Plant::Nothing, "true", Fault::Frontend, "none of 4 photos could be placed"),
        (Plant::Nothing, "echo 'no good pair' >&2; exit 1", Fault::Frontend, "no good pair"),
        (Plant::Nothing, "kill -SEGV $$", Fault::Frontend, "ended by signal 11"),
        (Plant::StrangeName, GOOD, Fault::Frontend, "x0.png, which is none of the photos"),
        (Plant::CutFile, GOOD, Fault::Input, "images.bin"),
    ] {
        let w = World::new(plant);
        let e = w.with(w.binary(mapper), SPARSE).unwrap_err();
        assert_eq!(e.fault, fault, "{mapper}: {e}");
        assert!(e.what.contains(says) && !e.remedy.is_empty(), "{mapper}: {e}");
        assert!(!w.at("out.mem").exists(), "{mapper}");
    }
}

#[test]
fn a_driver_that_talks_nonsense_is_a_fault() {
    let w = World::new(Plant::Nothing);
    for (driver, says) in [
        ("printf 'garbage\\377\\n{\"stage\":7}\\n[1]\\n'", "ended without a result"),
        ("echo 'MemoryError' >&2; exit 3", "MemoryError"),
        ("echo '{\"summary\":true,\"registered\":0}'", "none of 4 photos could be placed"),
        // It says it has a model, and there is none.
        ("echo '{\"summary\":true,\"registered\":4}'", "cameras.bin"),
        (
            "cp -r \"$MADE/undistorted\" \"$WORK\"; echo '1 2 9' > \"$WORK/pairs.txt\"\n\
             echo '{\"summary\":true,\"registered\":4}'",
            "pairs.txt: ends 9 matches too early",
        ),
    ] {
        let e = w.with(w.python(driver), SPARSE).unwrap_err();
        assert!(e.what.contains(says), "{driver}: {e}");
        assert!(!w.at("out.mem").exists());
    }
    let good = "cp -r \"$MADE/undistorted\" \"$WORK\"; : > \"$WORK/pairs.txt\"\n\
                echo '{\"note\":\"model\",\"photos\":4,\"points\":9}'\n\
                echo '{\"summary\":true,\"registered\":4}'";
    let built = w.with(w.python(good), SPARSE).unwrap();
    assert!(built.report["frontend"]["version"].as_str().unwrap().contains("pycolmap 9.9.9"));
}

/// A depth model that knows the photos, and gives their depth as one that guesses it would.
#[derive(Debug)]
struct Knows {
    frames: Vec<Frame>,
    guess: Guess,
}

impl DepthModel for Knows {
    fn identity(&self) -> Identity {
        Identity { name: "knows".into(), version: "knows 1".into() }
    }

    fn guess(&self, picture: &Rgb8, to: (u32, u32)) -> Result<Guesses, FrontendError> {
        assert_eq!(to, SIZE);
        let i = self.frames.iter().position(|f| f.rgb.pixels == picture.pixels).unwrap();
        let of = |z: &f32| match self.guess {
            // Metres, of a model whose own are larger by a fifth.
            Guess::Scaled => 1.2 * z,
            Guess::Affine => 0.3 * z - 0.1 * i as f32,
            Guess::Inverse => (2.0 + i as f32) / z + 0.4,
        };
        let numbers = self.frames[i].depth.iter().map(of).collect();
        Ok(Guesses { numbers, guess: self.guess })
    }
}

#[test]
fn guessed_depth_is_brought_to_the_size_of_the_points() {
    let w = World::new(Plant::Nothing);
    for guess in [Guess::Scaled, Guess::Affine, Guess::Inverse] {
        let mut settings = Settings::default();
        let (name, program) = w.binary(GOOD);
        settings.options.insert(name.into(), program.display().to_string());
        let model = Knows { frames: w.frames.clone(), guess };
        let frontend = Colmap::guessing(&settings, Arc::new(model)).unwrap();
        let identity = frontend.identity();
        assert!(
            identity.name == "onnx-depth" && identity.version.contains("knows 1"),
            "{identity:?}"
        );
        let cancel = Cancel::default();
        let job = Job::new(&Quiet, &cancel, w.at(&format!("scratch-{guess:?}")));
        let input = inspect(&w.at("photos"), &job).unwrap();
        let Reconstructed::Views(r) = frontend.reconstruct(&input, &job).unwrap() else { panic!() };
        // Where it says metres, the scene is in them.
        let unit = if guess == Guess::Scaled { 1.2 } else { 1.0 };
        assert_eq!(r.scale.is_metric(), guess == Guess::Scaled, "{:?}", r.scale);
        let (mut kept, mut off) = (0, 0.0f64);
        for v in &r.views {
            let (c, f) = (&w.cameras[v.photo], &w.frames[v.photo]);
            assert!((v.pose.center - c.pose.center * unit).norm() < 1e-3);
            for (z, t) in v.depth.iter().flatten().zip(&f.depth).filter(|(z, _)| **z > 0.0) {
                off = off.max((f64::from(z / t) / unit - 1.0).abs());
                kept += 1;
            }
        }
        assert!(kept * 2 > VIEWS as u32 * SIZE.0 * SIZE.1, "{kept}");
        assert!(off < 0.051, "{off}");
        assert!(r.notes.iter().any(|n| n.contains("Depth of 4 of 4 photos was guessed by knows")));
    }
}

/// Stops the build once the mapper is at work.
struct Stop(Cancel, Mutex<bool>);

impl Progress for Stop {
    fn stage(&self, _: &str, _: usize, _: usize) {}
    fn step(&self, _: u64, _: u64, what: &str) {
        if what == "mapping" && !std::mem::replace(&mut *self.1.lock().unwrap(), true) {
            let cancel = self.0.clone();
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(100));
                cancel.cancel();
            });
        }
    }
    fn log(&self, _: &str) {}
}

#[test]
fn what_hangs_is_ended() {
    let w = World::new(Plant::Nothing);
    let e = w.with(w.binary("exec sleep 600"), &[("limit", "1")]).unwrap_err();
    assert!(e.fault == Fault::Frontend && e.what.contains("took longer than 1 s"), "{e}");
    let cancel = Cancel::default();
    let stop = Stop(cancel.clone(), Mutex::new(false));
    let e = w.build(w.binary("exec sleep 600"), &[], &stop, &cancel).unwrap_err();
    assert_eq!(e.fault, Fault::Cancelled, "{e}");
    // What was done is there, and the same build goes on from it.
    let stages = fs::read_dir(w.at("out.mem.build")).unwrap();
    let mut names = stages.map(|e| e.unwrap().file_name().to_string_lossy().into_owned());
    assert!(names.any(|n| n.starts_with("reconstruct-")));
    assert!(w.with(w.binary(GOOD), SPARSE).is_ok());
}

/// With pycolmap, where the tool's environment or the search path has it, on real photos.
#[test]
fn real_photos_are_placed() {
    let root = std::env::var_os("REASMORY_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let photos = root.join("photos_tum_office/images");
    // Written past the test harness, which keeps the output of passing tests to itself.
    let skip = |why: String| {
        let line = format!("SKIPPED: {why}\n");
        let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
    };
    if !photos.is_dir() {
        skip(format!("{} is absent; set REASMORY_DATA to run this test", photos.display()));
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut settings = Settings::default();
    settings.options.insert("dense".into(), "no".into());
    let (input, out) = (photos, dir.path().join("office.mem"));
    let request = Request { input, out, settings, ..Request::default() };
    match build(&request, &Quiet, &Cancel::default()) {
        Err(e) if e.what.contains("photos need COLMAP") => skip(e.to_string()),
        built => {
            let built = built.unwrap();
            let n = built.memory.manifest().photos.len();
            assert!(n >= 15, "{n} of 17 photos: {}", notes(&built));
            assert!(built.report["reprojection_px"].as_f64().unwrap() < 1.5);
        }
    }
}

#[test]
fn inputs_that_cannot_do_say_so() {
    let w = World::new(Plant::Nothing);
    let e = w.with(w.binary(GOOD), &[("hold-out", "nobody.png")]).unwrap_err();
    assert!(e.fault == Fault::Input && e.what.contains("no such photo"), "{e}");
    let e = w.with(("colmap", w.at("photos/p0.png")), &[]).unwrap_err();
    assert!(e.fault == Fault::Input && e.what.contains("is no COLMAP that runs here"), "{e}");
    let e = w.with(("colour", w.at("x")), &[("frontend", "")]).unwrap_err();
    assert!(e.remedy.contains("hold-out"), "{e}");
    for i in 1..VIEWS {
        fs::remove_file(w.at(&format!("photos/p{i}.png"))).unwrap();
    }
    let e = w.with(w.binary(GOOD), &[]).unwrap_err();
    assert!(e.fault == Fault::Input && e.what.contains("has one photo"), "{e}");
}
