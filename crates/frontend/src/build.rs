//! The stages of a build, in order.

use std::path::{Path, PathBuf};

use reasmory_import::Imported;
use reasmory_scene::Memory;
use serde_json::{Map, Value, json};

use crate::assemble::with_segments;
use crate::cache::{self, Kept};
use crate::payload::{
    Arrays, detections_doc, detections_of, reconstruction_doc, reconstruction_of,
};
use crate::quality::compare;
use crate::registry::{self, Settings};
use crate::{
    Cancel, Detections, FrontendError, Fusing, Ground, Grounder, Identity, Input, Job, Kind, Photo,
    Progress, Quality, Reconstruct, Reconstructed, Reconstruction, assemble, inspect,
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
    /// What frontends are made with; `input` and `logs` are filled by the build.
    pub settings: Settings,
    /// How results are fused.
    pub fusing: Fusing,
    /// Folder of the report and of what makes a build resumable; `OUT.build` where `None`.
    pub work: Option<PathBuf>,
    /// Compute every stage anew.
    pub fresh: bool,
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

/// What the stages share.
struct Stages<'a> {
    progress: &'a dyn Progress,
    cancel: &'a Cancel,
    work: PathBuf,
    fresh: bool,
    number: usize,
    of: usize,
}

impl<'a> Stages<'a> {
    /// Begins a stage that needs no folder of its own.
    fn begin(&mut self, name: &str) -> Result<Job<'a>, FrontendError> {
        self.at(name, self.work.clone())
    }

    fn at(&mut self, name: &str, scratch: PathBuf) -> Result<Job<'a>, FrontendError> {
        self.number += 1;
        self.progress.stage(name, self.number, self.of);
        let job = Job::new(self.progress, self.cancel, scratch);
        job.check()?;
        Ok(job)
    }

    /// What was kept of a stage, if it can be read; a result that cannot is told and forgotten.
    fn kept<T>(
        &self,
        kept: &Kept,
        known: &[Photo],
        read: impl FnOnce(&Value, &Arrays, Vec<Photo>) -> Result<T, String>,
    ) -> Option<T> {
        if self.fresh {
            return None;
        }
        let found = kept.load(known).and_then(|found| match found {
            None => Ok(None),
            Some((doc, photos, arrays)) => read(&doc, &arrays, photos).map(Some),
        });
        match found {
            Ok(Some(result)) => {
                self.progress.log("kept from before: same input, parameters and version");
                Some(result)
            }
            Ok(None) => None,
            Err(e) => {
                self.progress.log(&format!("what was kept cannot be used and is made anew: {e}"));
                kept.forget();
                None
            }
        }
    }
}

fn identity(i: &Identity) -> Value {
    json!({"name": i.name, "version": i.version})
}

/// Builds a memory: looks at the input, reconstructs, grounds, fuses, writes, reports. The memory is written
/// whole or not at all; stages that are finished are kept, so that the same build goes on behind them.
pub fn build(
    request: &Request,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Built, FrontendError> {
    let work = request.work();
    let kind = crate::kind(&request.input)?;
    let name = request.frontend.as_deref().unwrap_or(registry::usual(kind));
    let masks = request.settings.masks.as_ref().map(|_| "masks");
    let ground = request.ground.as_deref().or(masks);
    let settings = Settings {
        input: request.input.clone(),
        logs: work.join("logs"),
        ..request.settings.clone()
    };
    registry::check_options(name, ground, &settings)?;
    // Before anything is made in the folder: names that do not exist are found without a trace.
    let lazily = name.starts_with("exec:") || settings.external.contains_key(name);
    let early = if lazily { None } else { Some(registry::reconstruct(name, &settings)?) };
    let grounder = match ground {
        None => None,
        Some(name) => registry::ground(name, &settings)?,
    };
    let _lock = cache::lock(&work)?;
    let frontend = match early {
        Some(f) => f,
        None => registry::reconstruct(name, &settings)?,
    };
    let of = if grounder.is_some() { 6 } else { 5 };
    let mut stages = Stages { progress, cancel, work, fresh: request.fresh, number: 0, of };

    let input = inspect(&request.input, &stages.begin("input")?)?;
    if matches!(input.kind, Kind::Photos) && input.photos.is_empty() {
        let why =
            input.left_out.first().map_or(String::new(), |l| format!(": {} {}", l.photo, l.why));
        let what = format!("{}: has no photo that can be read{why}", input.path.display());
        return Err(FrontendError::input(what, "give JPEG or PNG photos"));
    }
    let by = frontend.identity();
    let made = reconstruct(&mut stages, frontend.as_ref(), &input, &settings)?;

    let (considered, reprojection, mut imported) = match made {
        Reconstructed::Memory(imported) => {
            if let Some(Grounder::Photos(g)) = &grounder {
                let (by, what) = (&by.name, g.identity().name);
                return Err(FrontendError::input(
                    format!("{by}: gives no depth, so `{what}` cannot place what it finds"),
                    "choose a frontend with depth, or `--ground none`",
                ));
            }
            stages.begin("fuse")?;
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
                    Some(look(&mut stages, g.as_ref(), &r, request, &settings)?)
                }
                _ => None,
            };
            stages.begin("fuse")?;
            let imported = assemble(&input, &by.name, r, found, &request.fusing)?;
            (considered, reprojection, imported)
        }
    };
    if let Some(Grounder::Points(s)) = &grounder {
        let found = s.segment(&imported.memory, &stages.begin("ground")?)?;
        imported = with_segments(imported, &s.identity().name, found)?;
    }

    stages.begin("write")?;
    let pictures = reasmory_store::PictureFiles(imported.image_files.iter().cloned().collect());
    reasmory_store::write(&imported.memory, &pictures, &request.out)?;

    stages.begin("report")?;
    let grounder = grounder.map(|g| g.identity());
    describe(request, &input, &by, grounder.as_ref(), imported, &considered, &reprojection)
}

/// The stage *reconstruct*: from what was kept, or anew.
fn reconstruct(
    stages: &mut Stages<'_>,
    frontend: &dyn Reconstruct,
    input: &Input,
    settings: &Settings,
) -> Result<Reconstructed, FrontendError> {
    if !frontend.kept(input) {
        let job = stages.begin("reconstruct")?;
        return frontend.reconstruct(input, &job);
    }
    let on = json!({
        "frontend": identity(&frontend.identity()),
        "kind": input.kind.name(), "input": input.digest, "options": settings.options,
    });
    let kept = Kept::new(&stages.work, "reconstruct", &on);
    let job = stages.at("reconstruct", kept.scratch_path())?;
    let read = |doc: &Value, arrays: &Arrays, photos| reconstruction_of(doc, arrays, photos);
    if let Some(r) = stages.kept(&kept, &input.photos, read) {
        return Ok(Reconstructed::Views(r));
    }
    kept.make_scratch()?;
    let made = frontend.reconstruct(input, &job)?;
    match made {
        Reconstructed::Views(mut r) => {
            job.check()?;
            let (doc, arrays) = reconstruction_doc(&r);
            kept.store(&doc, &mut r.photos, &arrays)?;
            // As it will be read again, so that a build that goes on gives the same bytes; and so that no
            // frontend is believed more than another.
            let arrays = Arrays(arrays.into_iter().collect());
            let r = reconstruction_of(&doc, &arrays, r.photos).map_err(|e| {
                let by = frontend.identity().name;
                FrontendError::failed(format!("{by}: gave what cannot be true: {e}"), "report this")
            })?;
            Ok(Reconstructed::Views(r))
        }
        memory => Ok(memory),
    }
}

/// The stage *ground* over the photos that are registered: from what was kept, or anew.
fn look(
    stages: &mut Stages<'_>,
    grounder: &dyn Ground,
    r: &Reconstruction,
    request: &Request,
    settings: &Settings,
) -> Result<Detections, FrontendError> {
    let mut photos: Vec<Photo> = r.views.iter().map(|v| r.photos[v.photo].clone()).collect();
    if !grounder.kept() {
        let job = stages.begin("ground")?;
        return complete(grounder.ground(&photos, &request.prompts, &job)?, photos.len());
    }
    for p in &mut photos {
        p.address()?;
    }
    let named: Vec<Value> = photos.iter().map(|p| json!([p.name, p.digest])).collect();
    let on = json!({
        "ground": identity(&grounder.identity()),
        "photos": named, "prompts": request.prompts, "options": settings.options,
    });
    let kept = Kept::new(&stages.work, "ground", &on);
    let job = stages.at("ground", kept.scratch_path())?;
    let read = |doc: &Value, arrays: &Arrays, _| detections_of(doc, arrays, &photos);
    if let Some(d) = stages.kept(&kept, &[], read) {
        return Ok(d);
    }
    kept.make_scratch()?;
    let found = complete(grounder.ground(&photos, &request.prompts, &job)?, photos.len())?;
    job.check()?;
    kept.store(&detections_doc(&found), &mut [], &[])?;
    Ok(found)
}

fn complete(found: Detections, photos: usize) -> Result<Detections, FrontendError> {
    if found.photos.len() == photos {
        return Ok(found);
    }
    let what = format!("grounding answered for {} of {photos} photos", found.photos.len());
    Err(FrontendError::failed(what, "report this to the author of the frontend"))
}

/// The stage *report*.
fn describe(
    request: &Request,
    input: &Input,
    by: &Identity,
    ground: Option<&Identity>,
    imported: Imported,
    considered: &[Photo],
    reprojection: &[(String, f64)],
) -> Result<Built, FrontendError> {
    let memory = imported.memory;
    let compared = compare(&memory);
    let quality = Quality::of(
        &memory,
        considered,
        reprojection,
        &compared,
        &input.left_out,
        ground.is_some(),
    );
    let mut report = Map::new();
    report.insert("schema".into(), json!(1));
    report.insert("scene".into(), json!(memory.manifest().name));
    report.insert("memory".into(), json!(request.out.display().to_string()));
    report.insert("input".into(), input_json(input));
    report.insert("frontend".into(), identity(by));
    report.insert("ground".into(), ground.map_or(Value::Null, identity));
    for (key, value) in quality.json(&memory) {
        report.insert(key.into(), value);
    }
    let report = Value::Object(report);
    let page = crate::report::html(&memory, &quality, &compared, &report);
    write_report(&request.work(), &report, &page)?;
    Ok(Built { memory, quality, report })
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
