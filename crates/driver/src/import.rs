//! `import`: sources of the world to memory directories.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reasmory_import::{Format, ImportOptions};
use reasmory_scene::Manifest;
use reasmory_store::{MemoryPictures, PictureFiles, Pictures};
use serde_json::{Value, json};

use crate::Failure;

/// What to import.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// One scene of a source with several.
    pub scene: Option<String>,
    /// Every scene, into `DIR/<id>.mem`.
    pub all: bool,
    /// The format; detected by content otherwise.
    pub format: Option<String>,
    /// Whether lengths are known to be metres, where the source does not say.
    pub metric: bool,
    /// Instance masks of the photos.
    pub masks: Option<PathBuf>,
    /// Labels of masks that mean another: `couch` → `sofa`.
    pub synonyms: BTreeMap<String, String>,
}

/// An imported scene.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Where it was written.
    pub directory: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// The format.
    pub format: Format,
}

impl Summary {
    /// As JSON. The directory is as given on the command line.
    pub fn json(&self) -> Value {
        json!({
            "scene": self.manifest.name,
            "memory": self.directory.display().to_string(),
            "format": self.format.name(),
            "scale": if self.manifest.scale.is_metric() { "metric" } else { "relative" },
            "categories": self.manifest.categories.len(),
            "instances": self.manifest.instances.len(),
            "photos": self.manifest.photos.len(),
            "points": self.manifest.points,
            "notes": self.manifest.provenance.notes,
        })
    }

    /// As one line.
    pub fn text(&self) -> String {
        let m = &self.manifest;
        format!(
            "{}: {} ({}), {} instances of {} categories, {} photos, {} points, {}",
            self.directory.display(),
            m.name,
            self.format.name(),
            m.instances.len(),
            m.categories.len(),
            m.photos.len(),
            m.points,
            if m.scale.is_metric() { "metric" } else { "relative scale" },
        )
    }
}

/// Imports a source; each memory is written whole or not at all.
pub fn import(source: &Path, out: &Path, request: &Request) -> Result<Vec<Summary>, Failure> {
    let fail = |e: reasmory_import::ImportError| {
        let place = if e.place.is_empty() { String::new() } else { format!(": {}", e.place) };
        Failure::new(format!("{}{place}: {}", e.path.display(), e.what), e.remedy)
    };
    let format = match &request.format {
        Some(name) => Format::from_name(name).ok_or_else(|| {
            let known: Vec<&str> = Format::ALL.iter().map(|f| f.name()).collect();
            Failure::new(
                format!("there is no format `{name}`"),
                format!("use one of {}", known.join(", ")),
            )
        })?,
        None => reasmory_import::detect(source).map_err(fail)?,
    };
    let scenes = reasmory_import::scenes(source, format).map_err(fail)?;
    let chosen: Vec<Option<String>> = if request.all {
        scenes.iter().cloned().map(Some).collect()
    } else if request.scene.is_none() && scenes.len() > 1 {
        let mut shown = scenes.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
        if scenes.len() > 12 {
            shown.push_str(" …");
        }
        return Err(Failure::new(
            format!("{}: holds {} scenes: {shown}", source.display(), scenes.len()),
            "choose one with `--scene ID`, or import all with `--all`",
        ));
    } else {
        vec![request.scene.clone()]
    };
    let mut summaries = Vec::new();
    for scene in chosen {
        let options = ImportOptions {
            scene: scene.clone(),
            format: Some(format),
            metric: request.metric,
            masks: request.masks.clone(),
            synonyms: request.synonyms.clone(),
            ..ImportOptions::default()
        };
        // Formats with one scene take no id.
        let options =
            if format.has_scenes() { options } else { ImportOptions { scene: None, ..options } };
        let imported = reasmory_import::import(source, &options).map_err(fail)?;
        let directory = if request.all {
            out.join(format!("{}.mem", imported.memory.manifest().name))
        } else {
            out.to_owned()
        };
        let files = PictureFiles(imported.image_files.into_iter().collect());
        // A source without picture files may have the pixels themselves.
        let pixels = MemoryPictures(&imported.memory);
        let pictures: &dyn Pictures = if files.0.is_empty() { &pixels } else { &files };
        reasmory_store::write(&imported.memory, pictures, &directory).map_err(store_failure)?;
        summaries.push(Summary {
            directory,
            manifest: imported.memory.manifest().as_ref().clone(),
            format,
        });
    }
    Ok(summaries)
}

/// A store's error as a failure: it already says what to do.
pub fn store_failure(e: reasmory_store::StoreError) -> Failure {
    let text = e.to_string();
    match text.rsplit_once("; ") {
        Some((what, remedy)) => Failure::new(what, remedy),
        None => Failure::new(text, "import the scene again"),
    }
}
