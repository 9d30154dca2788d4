//! Real photos through COLMAP, their poses against given ones:
//! `cargo test -p reasmory_frontend --test real_photos -- --ignored --nocapture` (figures of
//! `spec/performance.md`; needs pycolmap or COLMAP, and the data in `REASMORY_DATA`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reasmory_frontend::registry::Settings;
use reasmory_frontend::{Cancel, Quiet, Request, build};
use reasmory_geom::Pose;
use reasmory_import::{ImportOptions, import, read_posed_depth};
use reasmory_reconstruct::align::trajectory_error;

type Poses = BTreeMap<String, Pose>;

/// Folder of photos and their given poses, by set.
fn set(root: &Path, name: &str) -> (PathBuf, Option<Poses>) {
    match name {
        "pi3" => {
            let dir = root.join("pi3_room_posed_depth");
            let (views, _) = read_posed_depth(&dir, &ImportOptions::default()).unwrap();
            (dir.join("rgb"), Some(views.into_iter().map(|v| (v.name, v.pose)).collect()))
        }
        "lund" => {
            let dir = root.join("opensfm_lund");
            let given = import(&dir.join("colmap_sparse"), &ImportOptions::default()).unwrap();
            let photos = given.memory.manifest().photos.clone();
            let leaf = |n: &str| n.rsplit('/').next().unwrap_or(n).to_owned();
            let poses = photos.iter().map(|p| (leaf(&p.name), p.camera_to_world)).collect();
            (dir.join("images"), Some(poses))
        }
        "office" => (root.join("photos_tum_office/images"), None),
        "statue" => (root.join("photos_cyprus_statue/images"), None),
        other => panic!("no set {other}"),
    }
}

#[test]
#[ignore = "figures for spec/performance.md"]
fn figures() {
    let root = std::env::var_os("REASMORY_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let chosen = std::env::var("SETS").unwrap_or_else(|_| "pi3,office,statue,lund".into());
    for name in chosen.split(',') {
        let (input, truth) = set(&root, name);
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        settings.options.insert("dense".into(), "no".into());
        if let Some(python) = std::env::var_os("PYTHON") {
            settings.options.insert("python".into(), python.to_string_lossy().into_owned());
        }
        let out = dir.path().join("a.mem");
        let request = Request { input, out, settings, ..Request::default() };
        let built = match build(&request, &Quiet, &Cancel::default()) {
            Ok(built) => built,
            Err(e) => {
                println!("{name}: {e}");
                continue;
            }
        };
        let m = built.memory.manifest();
        println!(
            "{name}: {} of {} photos, {} points, {} px",
            m.photos.len(),
            built.report["registered"]["of"],
            m.points,
            built.report["reprojection_px"]
        );
        for note in
            m.provenance.notes.iter().filter(|n| n.contains("placed") || n.contains("judged"))
        {
            println!("  {note}");
        }
        let Some(truth) = truth else { continue };
        let pairs: Vec<(Pose, Pose)> = m
            .photos
            .iter()
            .filter_map(|p| Some((p.camera_to_world, *truth.get(&p.name)?)))
            .collect();
        let (found, given): (Vec<Pose>, Vec<Pose>) = pairs.into_iter().unzip();
        match trajectory_error(&found, &given, true) {
            Ok(e) => println!(
                "  ATE of {} poses after alignment: median {:.2} %, rmse {:.2} %, most {:.2} % of the mean spread {:.3}; {:.2}° median",
                found.len(),
                100.0 * e.median() / e.spread,
                100.0 * e.rmse() / e.spread,
                100.0 * e.max() / e.spread,
                e.spread,
                e.median_angle()
            ),
            Err(e) => println!("  {e}"),
        }
    }
}
