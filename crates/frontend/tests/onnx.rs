//! The ONNX frontends: small models (`tools/onnx_fixtures.py`) as frontends of a build. `cargo test -p
//! reasmory_frontend --features onnx --test onnx`; without the feature, and without ONNX Runtime, the tests see that
//! this is said.

use std::path::{Path, PathBuf};

use reasmory_frontend::registry::{self, Settings};
use reasmory_frontend::{Fault, FrontendError};

fn settings(options: &[(&str, &Path)]) -> Settings {
    let one = |(k, v): &(&str, &Path)| ((*k).to_owned(), v.display().to_string());
    Settings { options: options.iter().map(one).collect(), ..Settings::default() }
}

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../onnx/tests/models")
}

fn refused<T>(made: Result<T, FrontendError>) -> FrontendError {
    made.err().unwrap_or_else(|| panic!("it is taken"))
}

#[cfg(not(feature = "onnx"))]
#[test]
fn a_build_without_models_says_how_to_get_one_with_them() {
    let file = models().join("boxes.onnx");
    let e = refused(registry::ground("onnx", &settings(&[("things-model", &file)])));
    assert!(e.fault == Fault::Input && e.remedy.contains("--features onnx"), "{e}");
    let e = refused(registry::reconstruct("onnx-depth", &settings(&[("depth-model", &file)])));
    assert!(e.what.contains("built without neural models"), "{e}");
}

#[cfg(feature = "onnx")]
mod with {
    use super::*;
    use reasmory_frontend::{Cancel, Ground, Grounder, Job, Photo, Quiet, Request, build};

    /// The grounding by a model; `None`, loudly, where there is no ONNX Runtime.
    fn things(model: &Path) -> Option<Box<dyn Ground>> {
        match registry::ground("onnx", &settings(&[("things-model", model)])) {
            Ok(Some(Grounder::Photos(g))) => Some(g),
            Ok(_) => panic!("it looks at no photos"),
            Err(e) if e.what.starts_with("ONNX Runtime") => {
                assert!(e.remedy.contains("pip install onnxruntime"), "{e}");
                assert!(std::env::var_os("ORT_DYLIB_PATH").is_none(), "{e}");
                let line = format!("SKIPPED: {e}\n");
                let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
                None
            }
            Err(e) => panic!("{e}"),
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let e = refused(registry::ground("onnx", &settings(&[])));
        assert!(e.fault == Fault::Input && e.what.contains("--set things-model="), "{e}");
        let e = refused(registry::reconstruct("onnx-depth", &settings(&[])));
        assert!(e.what.contains("--set depth-model="), "{e}");
        let nowhere = settings(&[("things-model", Path::new("/nowhere/m.onnx"))]);
        let e = refused(registry::ground("onnx", &nowhere));
        assert!(
            e.what.contains("no such model") && e.remedy.contains("none is ever downloaded"),
            "{e}"
        );
    }

    #[test]
    fn a_model_finds_its_classes_in_photos() {
        let Some(g) = things(&models().join("boxes.onnx")) else { return };
        let photos = [Photo::of_file(&models().join("picture.png"), None).unwrap()];
        let dir = tempfile::tempdir().unwrap();
        let cancel = Cancel::default();
        let job = Job::new(&Quiet, &cancel, dir.path().to_owned());
        let all = g.ground(&photos, &[], &job).unwrap();
        let found = &all.photos[0];
        // `expected.json` has 39, five of them without a pixel.
        assert!(found.len() > 30 && found.len() < 39, "{}", found.len());
        assert!(
            found
                .iter()
                .all(|m| !m.boxed && ["chair", "table", "lamp"].contains(&m.label.as_str()))
        );
        let lamps = g.ground(&photos, &["lamp".into()], &job).unwrap();
        let of = |l: &str| found.iter().filter(|m| m.label == l).count();
        assert_eq!(lamps.photos[0].len(), of("lamp"));
        let e = g.ground(&photos, &["sofa".into()], &job).unwrap_err();
        assert!(
            e.what.contains("no class `sofa`") && e.remedy.contains("chair, table, lamp"),
            "{e}"
        );
        // Boxes alone, by another model.
        let boxed =
            things(&models().join("detr.onnx")).unwrap().ground(&photos, &[], &job).unwrap();
        assert!(!boxed.photos[0].is_empty() && boxed.photos[0].iter().all(|m| m.boxed));
        // Its version changes with what stands beside it.
        let version = g.identity().version;
        for name in ["boxes.onnx", "boxes.onnx.json"] {
            std::fs::copy(models().join(name), dir.path().join(name)).unwrap();
        }
        let copy = dir.path().join("boxes.onnx");
        assert_eq!(things(&copy).unwrap().identity().version, version);
        let sidecar = dir.path().join("boxes.onnx.json");
        let text = std::fs::read_to_string(&sidecar).unwrap().replace("0.6", "0.7");
        std::fs::write(&sidecar, text).unwrap();
        assert_ne!(things(&copy).unwrap().identity().version, version);
    }

    #[test]
    fn a_room_is_built_with_a_model() {
        let model = models().join("classes.onnx");
        if things(&model).is_none() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let mut settings = settings(&[("things-model", &model)]);
        for (k, v) in [("photos", "4"), ("width", "96"), ("height", "72")] {
            settings.options.insert(k.into(), v.into());
        }
        let request = Request {
            input: "synth:11".into(),
            out: dir.path().join("room.mem"),
            ground: Some("onnx".into()),
            settings,
            ..Request::default()
        };
        let built = build(&request, &Quiet, &Cancel::default()).unwrap();
        assert_eq!(built.report["ground"]["name"], "onnx");
        let notes = built.memory.manifest().provenance.notes.join("\n");
        assert!(notes.contains("things were found in photos by tiny classes"), "{notes}");
    }
}
