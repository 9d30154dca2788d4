//! The stages of a build, in order.

use std::path::{Path, PathBuf};

use reasmory_import::Imported;
use reasmory_scene::Memory;
use serde_json::{Map, Value, json};

use crate::assemble::with_segments;
use crate::quality::compare;
use crate::registry::{self, Settings};
use crate::{
    Cancel, Detections, FrontendError, Fusing, Grounder, Identity, Input, Job, Kind, Photo,
    Progress, Quality, Reconstructed, Reconstruction, assemble, inspect,
};

/// What to build.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Photos, a video, RGB-D, anything that is imported, `synth:SEED`.
    pub input: PathBuf,
    /// The memory.
    pub out: PathBuf,
    /// The reconstruction frontend; by the input's kind where `None`.
    pub frontend: Option<String>,
    /// The grounding frontend; `masks` where masks are given, else none.
    pub ground: Option<String>,
    /// Categories to look for.
    pub prompts: Vec<String>,
    /// What frontends are made with.
    pub settings: Settings,
    /// How results are fused.
    pub fusing: Fusing,
    /// Folder of the report and of what makes a build resumable; `OUT.build` where `None`.
    pub work: Option<PathBuf>,
}

/// A build that is done.
#[derive(Debug)]
pub struct Built {
    /// The memory that was written.
    pub memory: Memory,
    /// Its quality.
    pub quality: Quality,
    /// Everything about it: `spec/json/build.v1.json`.
    pub report: Value,
}

impl Request {
    /// The folder of the report and of what makes a build resumable.
    pub fn work(&self) -> PathBuf {
        self.work.clone().unwrap_or_else(|| {
            let mut name = self.out.as_os_str().to_owned();
            name.push(".build");
            PathBuf::from(name)
        })
    }
}

fn identity(i: &Identity) -> Value {
    json!({"name": i.name, "version": i.version})
}

/// Builds a memory: looks at the input, reconstructs, grounds, fuses, writes, reports. The memory is written
/// whole or not at all.
pub fn build(
    request: &Request,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Built, FrontendError> {
    let work = request.work();
    let kind = crate::kind(&request.input)?;
    let name = request.frontend.as_deref().unwrap_or(registry::usual(kind));
    let frontend = registry::reconstruct(name, &request.settings)?;
    let grounder = match (&request.ground, &request.settings.masks) {
        (Some(name), _) => registry::ground(name, &request.settings)?,
        (None, Some(_)) => registry::ground("masks", &request.settings)?,
        (None, None) => None,
    };
    let of = if grounder.is_some() { 6 } else { 5 };
    let mut number = 0;
    let mut stage = |name: &str| {
        number += 1;
        progress.stage(name, number, of);
        Job::new(progress, cancel, work.join(name))
    };

    let input = inspect(&request.input, &stage("input"))?;
    if matches!(input.kind, Kind::Photos) && input.photos.is_empty() {
        let why =
            input.left_out.first().map_or(String::new(), |l| format!(": {} {}", l.photo, l.why));
        let what = format!("{}: has no photo that can be read{why}", input.path.display());
        return Err(FrontendError::input(what, "give JPEG or PNG photos"));
    }
    let made = frontend.reconstruct(&input, &stage("reconstruct"))?;
    let by = frontend.identity();

    let (considered, reprojection, imported) = match made {
        Reconstructed::Memory(imported) => {
            let imported = match &grounder {
                None => imported,
                Some(Grounder::Points(s)) => {
                    let job = stage("ground");
                    let found = s.segment(&imported.memory, &job)?;
                    with_segments(imported, &s.identity().name, found)?
                }
                Some(Grounder::Photos(g)) => {
                    return Err(FrontendError::input(
                        format!(
                            "{}: gives no depth, so `{}` cannot place what it finds",
                            by.name,
                            g.identity().name
                        ),
                        "choose a frontend with depth, or `--ground none`",
                    ));
                }
            };
            stage("fuse");
            (Vec::new(), Vec::new(), imported)
        }
        Reconstructed::Views(r) => {
            let considered = r.photos.clone();
            let reprojection: Vec<(String, f64)> = r
                .views
                .iter()
                .filter_map(|v| Some((r.photos[v.photo].name.clone(), v.reprojection?)))
                .collect();
            let found = match &grounder {
                Some(Grounder::Photos(g)) => {
                    let job = stage("ground");
                    let photos: Vec<Photo> =
                        r.views.iter().map(|v| r.photos[v.photo].clone()).collect();
                    let found = g.ground(&photos, &request.prompts, &job)?;
                    Some(found)
                }
                _ => None,
            };
            let job = stage("fuse");
            job.check()?;
            let mut imported = fuse(&input, &by, r, found, &request.fusing)?;
            if let Some(Grounder::Points(s)) = &grounder {
                let found = s.segment(&imported.memory, &stage("ground"))?;
                imported = with_segments(imported, &s.identity().name, found)?;
            }
            (considered, reprojection, imported)
        }
    };

    let job = stage("write");
    job.check()?;
    let pictures = reasmory_store::PictureFiles(imported.image_files.iter().cloned().collect());
    reasmory_store::write(&imported.memory, &pictures, &request.out)?;

    let job = stage("report");
    job.check()?;
    let compared = compare(&imported.memory);
    let quality = Quality::of(
        &imported.memory,
        &considered,
        &reprojection,
        &compared,
        &input.left_out,
        grounder.is_some(),
    );
    let mut report = Map::new();
    report.insert("schema".into(), json!(1));
    report.insert("scene".into(), json!(imported.memory.manifest().name));
    report.insert("memory".into(), json!(request.out.display().to_string()));
    report.insert("input".into(), input_json(&input));
    report.insert("frontend".into(), identity(&by));
    let ground = grounder.as_ref().map_or(Value::Null, |g| identity(&g.identity()));
    report.insert("ground".into(), ground);
    for (key, value) in quality.json(&imported.memory) {
        report.insert(key.into(), value);
    }
    let report = Value::Object(report);
    let page = crate::report::html(&imported.memory, &quality, &compared, &report);
    write_report(&work, &report, &page)?;
    Ok(Built { memory: imported.memory, quality, report })
}

fn fuse(
    input: &Input,
    by: &Identity,
    r: Reconstruction,
    found: Option<Detections>,
    fusing: &Fusing,
) -> Result<Imported, FrontendError> {
    if let Some(d) = &found
        && d.photos.len() != r.views.len()
    {
        let what = format!("grounding answered for {} of {} photos", d.photos.len(), r.views.len());
        return Err(FrontendError::failed(what, "report this to the author of the frontend"));
    }
    assemble(input, &by.name, r, found, fusing)
}

fn input_json(input: &Input) -> Value {
    let left: Vec<Value> = input
        .left_out
        .iter()
        .map(|l| json!({"photo": l.photo, "why": l.why, "duplicate": l.duplicate}))
        .collect();
    json!({"kind": input.kind.name(), "left_out": left})
}

/// Writes `build.json` and `report.html`, each whole or not at all.
fn write_report(work: &Path, report: &Value, page: &str) -> Result<(), FrontendError> {
    std::fs::create_dir_all(work).map_err(FrontendError::io(work, "create"))?;
    let text = serde_json::to_string_pretty(report)
        .map_err(|e| FrontendError::failed(format!("JSON: {e}"), "report this"))?;
    write_whole(&work.join("build.json"), (text + "\n").as_bytes())?;
    write_whole(&work.join("report.html"), page.as_bytes())
}

/// Writes a file to a temporary name beside it, then renames it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FrontendError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let temporary = PathBuf::from(name);
    let written =
        std::fs::write(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, path));
    written.map_err(|e| {
        let _ = std::fs::remove_file(&temporary);
        FrontendError::io(path, "write")(e)
    })
}
