//! Features, matches, mapping, undistorted photos: by pycolmap or the binary, into a folder that both leave
//! alike.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::child::{Run, run, tail};
use super::options::Options;
use super::tool::Tool;
use crate::build::write_whole;
use crate::{FrontendError, Job, Photo};

/// The program that pycolmap runs.
const DRIVER: &str = include_str!("driver.py");
/// Photos that each one is matched with after it, in order.
const OVERLAP: u32 = 10;

/// What mapping left.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mapped {
    /// Folder of undistorted photos and their model.
    pub(super) undistorted: PathBuf,
    /// Verified matches by number of feature; absent where they could not be read.
    pub(super) pairs: Option<PathBuf>,
    /// Whether the relaxed initialisation was needed.
    pub(super) relaxed: bool,
    /// Models that were found, as photos and points.
    pub(super) models: Vec<(u64, u64)>,
}

/// What is mapped.
pub(super) struct Task<'a> {
    pub(super) photos: &'a [Photo],
    pub(super) folder: &'a Path,
    pub(super) sequential: bool,
    pub(super) options: &'a Options,
    pub(super) work: &'a Path,
}

impl Task<'_> {
    /// Photos of one size are taken to be of one camera.
    fn single_camera(&self) -> bool {
        self.photos.windows(2).all(|w| (w[0].width, w[0].height) == (w[1].width, w[1].height))
    }

    fn log(&self) -> PathBuf {
        self.work.join("colmap.log")
    }
}

fn no_model(photos: usize, log: &Path) -> FrontendError {
    FrontendError::failed(
        format!("colmap: none of {photos} photos could be placed{}", tail(log)),
        "take photos that overlap by half, from different places, of a scene with texture that stands still",
    )
}

/// Maps the photos.
pub(super) fn map(tool: &Tool, t: &Task<'_>, job: &Job<'_>) -> Result<Mapped, FrontendError> {
    std::fs::create_dir_all(t.work).map_err(FrontendError::io(t.work, "create"))?;
    match tool {
        Tool::Python { program, .. } => python(program, t, job),
        Tool::Binary { program, .. } => binary(program, t, job),
    }
}

fn threads() -> usize {
    rayon::current_num_threads().max(1)
}

fn python(program: &Path, t: &Task<'_>, job: &Job<'_>) -> Result<Mapped, FrontendError> {
    let (script, given) = (t.work.join("driver.py"), t.work.join("driver.json"));
    write_whole(&script, DRIVER.as_bytes())?;
    let names: Vec<&str> = t.photos.iter().map(|p| p.name.as_str()).collect();
    let task = json!({
        "work": t.work, "photos": t.folder, "names": names, "threads": threads(),
        "camera_model": t.options.camera, "max_image_size": t.options.image_size,
        "max_features": t.options.features, "single_camera": t.single_camera(),
        "matching": if t.sequential { "sequential" } else { "exhaustive" }, "overlap": OVERLAP,
    });
    write_whole(&given, task.to_string().as_bytes())?;
    let mut command = Command::new(program);
    command.arg(&script).arg(&given).env("PYTHONUNBUFFERED", "1");
    let log = t.log();
    let (mut summary, mut models) = (None, Vec::new());
    let r = Run { what: "pycolmap", command, log: &log, limit: t.options.limit };
    run(r, job, &mut |line| {
        let Ok(v) = serde_json::from_str::<Value>(line) else {
            // Not ours; a person may want it.
            job.log(&line.chars().take(300).collect::<String>());
            return Ok(());
        };
        let number = |key: &str| v.get(key).and_then(Value::as_u64).unwrap_or(0);
        if let Some(stage) = v.get("stage").and_then(Value::as_str) {
            job.step(number("done"), number("total"), &stage.chars().take(60).collect::<String>())?;
        } else if v.get("note").and_then(Value::as_str) == Some("model") {
            models.push((number("photos"), number("points")));
        } else if v.get("summary").and_then(Value::as_bool) == Some(true) {
            let relaxed = v.get("relaxed").and_then(Value::as_bool).unwrap_or(false);
            summary = Some((number("registered"), relaxed));
        }
        Ok(())
    })?;
    let Some((registered, relaxed)) = summary else {
        return Err(FrontendError::failed(
            format!("colmap: pycolmap ended without a result{}", tail(&log)),
            "see the log; give the same command to go on",
        ));
    };
    if registered == 0 {
        return Err(no_model(t.photos.len(), &log));
    }
    let pairs = Some(t.work.join("pairs.txt")).filter(|p| p.is_file());
    Ok(Mapped { undistorted: t.work.join("undistorted"), pairs, relaxed, models })
}

fn binary(program: &Path, t: &Task<'_>, job: &Job<'_>) -> Result<Mapped, FrontendError> {
    let log = t.log();
    let database = t.work.join("database.db");
    let list = t.work.join("photos.txt");
    let names: String = t.photos.iter().map(|p| p.name.clone() + "\n").collect();
    write_whole(&list, names.as_bytes())?;
    let total = t.photos.len() as u64;
    let o = t.options;
    let command = |verb: &str| {
        let mut c = Command::new(program);
        c.arg(verb).env("QT_QPA_PLATFORM", "offscreen");
        c
    };
    let step = |what: &str, command: Command| {
        job.step(0, total, what)?;
        // What the binary prints is its log.
        let mut command = command;
        let mut out = String::new();
        let result = run(
            Run {
                what,
                command: std::mem::replace(&mut command, Command::new("")),
                log: &log,
                limit: o.limit,
            },
            job,
            &mut |l| {
                if out.len() < 1 << 20 {
                    out.push_str(l);
                    out.push('\n');
                }
                Ok(())
            },
        );
        append(&log, &out)?;
        result
    };
    // Options were renamed when other features than SIFT came.
    let help = command("feature_extractor").arg("-h").output().map(|h| {
        String::from_utf8_lossy(&h.stdout).into_owned() + &String::from_utf8_lossy(&h.stderr)
    });
    let new = help.is_ok_and(|h| h.contains("FeatureExtraction.use_gpu"));
    let (extraction, matching) = if new {
        ("FeatureExtraction", "FeatureMatching")
    } else {
        ("SiftExtraction", "SiftMatching")
    };
    let n = threads().to_string();

    let mut c = command("feature_extractor");
    c.arg("--database_path").arg(&database).arg("--image_path").arg(t.folder);
    c.arg("--image_list_path").arg(&list);
    c.args(["--ImageReader.single_camera", if t.single_camera() { "1" } else { "0" }]);
    c.args(["--ImageReader.camera_model", &o.camera]);
    c.arg(format!("--{extraction}.use_gpu")).arg("0");
    c.arg(format!("--{extraction}.num_threads")).arg(&n);
    c.arg(format!("--{extraction}.max_image_size")).arg(o.image_size.to_string());
    c.args(["--SiftExtraction.max_num_features", &o.features.to_string()]);
    step("features", c)?;

    let mut c = command(if t.sequential { "sequential_matcher" } else { "exhaustive_matcher" });
    c.arg("--database_path").arg(&database);
    c.arg(format!("--{matching}.use_gpu")).arg("0");
    c.arg(format!("--{matching}.num_threads")).arg(&n);
    if t.sequential {
        c.args(["--SequentialMatching.overlap", &OVERLAP.to_string()]);
    }
    step("matches", c)?;

    let mut models: Vec<(u64, u64)> = Vec::new();
    let mut best: Option<(u64, PathBuf, bool)> = None;
    for relaxed in [false, true] {
        let sparse = t.work.join(if relaxed { "sparse-relaxed" } else { "sparse" });
        std::fs::create_dir_all(&sparse).map_err(FrontendError::io(&sparse, "create"))?;
        let mut c = command("mapper");
        c.arg("--database_path").arg(&database).arg("--image_path").arg(t.folder);
        c.arg("--output_path").arg(&sparse);
        c.args(["--Mapper.min_model_size", "2", "--Mapper.num_threads", &n]);
        if relaxed {
            c.args(["--Mapper.init_min_tri_angle", "4", "--Mapper.init_max_forward_motion", "1"]);
            c.args(["--Mapper.init_min_num_inliers", "50"]);
        }
        let mapped = step("mapping", c);
        if let Err(e) = &mapped
            && (e.fault == crate::Fault::Cancelled || relaxed && best.is_none())
        {
            // Some releases fail where they find no first pair.
            mapped?;
        }
        for model in folders(&sparse) {
            let Some(photos) = count(&model.join("images.bin")) else { continue };
            models.push((photos, count(&model.join("points3D.bin")).unwrap_or(0)));
            if best.as_ref().is_none_or(|b| photos > b.0) {
                best = Some((photos, model, relaxed));
            }
        }
        if best.as_ref().is_some_and(|b| 2 * b.0 > total) {
            break;
        }
    }
    let Some((photos, model, relaxed)) = best.filter(|b| b.0 > 0) else {
        return Err(no_model(t.photos.len(), &log));
    };
    let undistorted = t.work.join("undistorted");
    let mut c = command("image_undistorter");
    c.arg("--image_path").arg(t.folder).arg("--input_path").arg(&model);
    c.arg("--output_path").arg(&undistorted).args(["--output_type", "COLMAP"]);
    job.step(0, photos, "undistorting")?;
    step("undistorting", c)?;
    Ok(Mapped { undistorted, pairs: None, relaxed, models })
}

fn append(log: &Path, text: &str) -> Result<(), FrontendError> {
    use std::io::Write as _;
    let write = || {
        let mut f = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
        f.write_all(text.as_bytes())
    };
    write().map_err(FrontendError::io(log, "write"))
}

/// Folders of models, by number.
fn folders(sparse: &Path) -> Vec<PathBuf> {
    (0..1000).map(|n| sparse.join(n.to_string())).take_while(|d| d.is_dir()).collect()
}

/// The count that a binary model's file begins with.
fn count(file: &Path) -> Option<u64> {
    use std::io::Read as _;
    let mut head = [0u8; 8];
    std::fs::File::open(file).ok()?.read_exact(&mut head).ok()?;
    Some(u64::from_le_bytes(head))
}
