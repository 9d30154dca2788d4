//! Every frontend, in one table; and those of other programs, by command or by a name of the project.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reasmory_import::ImportOptions;
use reasmory_model::Model;

use crate::colmap::Colmap;
use crate::frontends::{Degraded, Import, Rgbd, Synthetic};
use crate::grounders::{Geometry, Masks, SyntheticMasks, VlmBoxes};
use crate::protocol::{Exec, External};
use crate::{FrontendError, Grounder, Kind, Reconstruct};

/// What a frontend does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Photos to cameras, depth, points: `--frontend`.
    Reconstruct,
    /// Photos or points to things: `--ground`.
    Ground,
}

/// What frontends are made with.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `--set NAME=VALUE`.
    pub options: BTreeMap<String, String>,
    /// How sources are read.
    pub import: ImportOptions,
    /// Files of masks.
    pub masks: Option<PathBuf>,
    /// Commands by name: `[frontends.NAME]` of the project.
    pub external: BTreeMap<String, External>,
    /// Most time of a command, instead of its own.
    pub limit: Option<Duration>,
    /// The vision model that is asked for boxes.
    pub model: Option<Arc<Model>>,
    /// What is built from.
    pub input: PathBuf,
    /// Folder of the logs of commands.
    pub logs: PathBuf,
}

impl Settings {
    /// A number among the options; `default` where it is not given.
    pub fn number(
        &self,
        name: &str,
        default: f64,
        least: f64,
        most: f64,
    ) -> Result<f64, FrontendError> {
        let Some(text) = self.options.get(name) else { return Ok(default) };
        text.parse().ok().filter(|x| (least..=most).contains(x)).ok_or_else(|| {
            FrontendError::input(
                format!("`--set {name}={text}` is no number from {least} to {most}"),
                format!("the default is {default}"),
            )
        })
    }

    /// With the options of these names alone: others are another frontend's.
    fn only(&self, names: &[&str]) -> Settings {
        let mut own = self.clone();
        own.options.retain(|k, _| names.contains(&k.as_str()));
        own
    }

    /// How sources are read, with the options.
    fn reading(&self) -> Result<ImportOptions, FrontendError> {
        let mut import = self.import.clone();
        if self.options.contains_key("max-views") {
            import.max_views = Some(self.number("max-views", 120.0, 1.0, 1e6)? as usize);
        }
        if self.options.contains_key("depth-scale") {
            import.depth_scale = Some(self.number("depth-scale", 1000.0, 1e-6, 1e9)?);
        }
        Ok(import)
    }

    fn seed(&self) -> Result<u64, FrontendError> {
        match crate::kind(&self.input)? {
            Kind::Synthetic(seed) => Ok(seed),
            _ => Err(FrontendError::input(
                format!("{}: is no generated room", self.input.display()),
                "give `synth:SEED`",
            )),
        }
    }
}

type MakeReconstruct = fn(&Settings) -> Result<Box<dyn Reconstruct>, FrontendError>;
type MakeGround = fn(&Settings) -> Result<Grounder, FrontendError>;

/// How one is made.
#[derive(Clone, Copy)]
enum Make {
    Reconstruct(MakeReconstruct),
    Ground(MakeGround),
}

/// A row of the table.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Name, as on a command line.
    pub name: &'static str,
    /// What it takes.
    pub takes: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// The names that `--set` may have for it.
    pub options: &'static [&'static str],
    make: Make,
}

impl Entry {
    /// What it does.
    pub fn does(&self) -> Does {
        match self.make {
            Make::Reconstruct(_) => Does::Reconstruct,
            Make::Ground(_) => Does::Ground,
        }
    }
}

/// Options of `colmap`.
const COLMAP: &[&str] = &[
    "colmap",
    "python",
    "matching",
    "features",
    "image-size",
    "camera",
    "width",
    "dense",
    "gate",
    "hold-out",
    "limit",
    "ffmpeg",
    "fps",
    "frames",
    "blur",
    "previews",
];

/// Options of `onnx-depth`: those of `colmap`, and the model.
const ONNX_DEPTH: &[&str] = &{
    let mut all = [""; COLMAP.len() + crate::neural::DEPTH_OPTIONS.len()];
    let mut i = 0;
    while i < all.len() {
        let own = i < COLMAP.len();
        all[i] = if own { COLMAP[i] } else { crate::neural::DEPTH_OPTIONS[i - COLMAP.len()] };
        i += 1;
    }
    all
};

/// All frontends of this program. Another one is a row here and a module.
pub const TABLE: &[Entry] = &[
    Entry {
        name: "import",
        takes: "anything `reasmory import` reads",
        summary: "takes the source as it is",
        options: &["max-views", "depth-scale"],
        make: Make::Reconstruct(|s| Ok(Box::new(Import { options: s.reading()? }))),
    },
    Entry {
        name: "rgbd",
        takes: "RGB-D, with poses or without",
        summary: "fuses depth with confidence and free space",
        options: &["max-views", "depth-scale"],
        make: Make::Reconstruct(|s| Ok(Box::new(Rgbd { options: s.reading()? }))),
    },
    Entry {
        name: "synthetic",
        takes: "synth:SEED",
        summary: "a generated room's exact cameras and depth, or degraded ones",
        options: Degraded::OPTIONS,
        make: Make::Reconstruct(|s| Ok(Box::new(Synthetic { degraded: Degraded::of(s)? }))),
    },
    Entry {
        name: "geometry",
        takes: "points",
        summary: "finds things by shape and colour alone, unlabelled",
        options: &[],
        make: Make::Ground(|_| Ok(Grounder::Points(Box::new(Geometry)))),
    },
    Entry {
        name: "colmap",
        takes: "a folder of photos, or a video",
        summary: "places photos with COLMAP, makes depth by PatchMatch stereo",
        options: COLMAP,
        make: Make::Reconstruct(|s| Ok(Box::new(Colmap::new(&s.only(COLMAP))?))),
    },
    Entry {
        name: "onnx-depth",
        takes: "a folder of photos, or a video",
        summary: "places photos with COLMAP, takes depth from an ONNX model",
        options: ONNX_DEPTH,
        make: Make::Reconstruct(|s| {
            let model = crate::neural::depth(s)?;
            Ok(Box::new(Colmap::guessing(&s.only(COLMAP), model)?))
        }),
    },
    Entry {
        name: "onnx",
        takes: "photos",
        summary: "boxes or masks of an ONNX model's classes",
        options: crate::neural::THINGS_OPTIONS,
        make: Make::Ground(|s| Ok(Grounder::Photos(crate::neural::things(s)?))),
    },
    Entry {
        name: "masks",
        takes: "--masks PATH",
        summary: "labelled masks from files: COCO, label maps, archives",
        options: &[],
        make: Make::Ground(|s| match &s.masks {
            Some(source) => Ok(Grounder::Photos(Box::new(Masks { source: source.clone() }))),
            None => Err(FrontendError::input(
                "`--ground masks` needs masks",
                "give `--masks PATH`: a COCO file, or a folder of label maps or archives",
            )),
        }),
    },
    Entry {
        name: "vlm-boxes",
        takes: "photos, --model NAME",
        summary: "boxes that a vision model names as JSON; the things are cut out of them by depth",
        options: VlmBoxes::OPTIONS,
        make: Make::Ground(|s| Ok(Grounder::Photos(Box::new(VlmBoxes::of(s)?)))),
    },
    Entry {
        name: "synthetic",
        takes: "synth:SEED",
        summary: "a generated room's exact masks, or degraded ones",
        options: Degraded::OPTIONS,
        make: Make::Ground(|s| {
            let (seed, degraded) = (s.seed()?, Degraded::of(s)?);
            Ok(Grounder::Photos(Box::new(SyntheticMasks { seed, degraded })))
        }),
    },
];

fn names(does: Does, with: &Settings) -> String {
    let mut all: Vec<&str> = TABLE.iter().filter(|e| e.does() == does).map(|e| e.name).collect();
    if does == Does::Ground {
        all.push("none");
    }
    all.extend(with.external.keys().map(String::as_str));
    all.push("exec:COMMAND");
    all.join(", ")
}

fn unknown(name: &str, does: Does, with: &Settings) -> FrontendError {
    let what = if does == Does::Ground { "grounding" } else { "frontend" };
    let known = names(does, with);
    FrontendError::input(
        format!("there is no {what} `{name}`"),
        format!("use one of {known}; `reasmory build --list-frontends` describes them"),
    )
}

/// The command that a name means.
fn external(name: &str, with: &Settings) -> Option<External> {
    let mut e = match name.strip_prefix("exec:") {
        Some(command) => External::new(command),
        None => with.external.get(name)?.clone(),
    };
    e.options.extend(with.options.iter().map(|(k, v)| (k.clone(), v.clone())));
    if let Some(limit) = with.limit {
        e.limit = limit;
        e.silence = e.silence.min(limit);
    }
    Some(e)
}

/// Refuses options that neither frontend has; other programs check their own.
pub fn check_options(
    frontend: &str,
    ground: Option<&str>,
    with: &Settings,
) -> Result<(), FrontendError> {
    let chosen = [(Some(frontend), Does::Reconstruct), (ground, Does::Ground)];
    let mut known: Vec<&str> = Vec::new();
    for (name, does) in chosen {
        let Some(name) = name else { continue };
        if external(name, with).is_some() {
            return Ok(());
        }
        let rows = TABLE.iter().filter(|e| e.name == name && e.does() == does);
        known.extend(rows.flat_map(|e| e.options.iter().copied()));
    }
    for name in with.options.keys() {
        if !known.contains(&name.as_str()) {
            known.sort_unstable();
            known.dedup();
            let remedy = if known.is_empty() {
                format!("`{frontend}` has no options")
            } else {
                format!("its options are {}", known.join(", "))
            };
            return Err(FrontendError::input(format!("`--set {name}` is no option"), remedy));
        }
    }
    Ok(())
}

/// The reconstruction frontend of this name.
pub fn reconstruct(name: &str, with: &Settings) -> Result<Box<dyn Reconstruct>, FrontendError> {
    if let Some(e) = external(name, with) {
        let log = with.logs.join("reconstruct.log");
        return Ok(Box::new(Exec::start(e, Does::Reconstruct, &log)?));
    }
    for e in TABLE.iter().filter(|e| e.name == name) {
        if let Make::Reconstruct(make) = e.make {
            return make(with);
        }
    }
    Err(unknown(name, Does::Reconstruct, with))
}

/// The grounding frontend of this name; `None` for `none`.
pub fn ground(name: &str, with: &Settings) -> Result<Option<Grounder>, FrontendError> {
    if name == "none" {
        return Ok(None);
    }
    if let Some(e) = external(name, with) {
        let log = with.logs.join("ground.log");
        return Ok(Some(Grounder::Photos(Box::new(Exec::start(e, Does::Ground, &log)?))));
    }
    for e in TABLE.iter().filter(|e| e.name == name) {
        if let Make::Ground(make) = e.make {
            return make(with).map(Some);
        }
    }
    Err(unknown(name, Does::Ground, with))
}

/// The frontend that an input gets where none is named.
pub fn usual(kind: Kind) -> &'static str {
    match kind {
        Kind::Rgbd(_) | Kind::UnposedRgbd => "rgbd",
        Kind::Scene(_) => "import",
        Kind::Synthetic(_) => "synthetic",
        Kind::Photos | Kind::Video => "colmap",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_plain() {
        for (i, e) in TABLE.iter().enumerate() {
            assert!(e.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", e.name);
            let twice = TABLE[..i].iter().any(|f| f.name == e.name && f.does() == e.does());
            assert!(!twice, "{}", e.name);
            assert!(e.name != "none" && !e.summary.is_empty() && !e.takes.is_empty());
        }
    }

    #[test]
    fn unknown_names_list_the_known() {
        let with = Settings::default();
        let e = reconstruct("colmop", &with).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(e.contains("`colmop`") && e.contains("rgbd") && e.contains("exec:COMMAND"), "{e}");
        // A grounding is no reconstruction.
        assert!(reconstruct("masks", &with).is_err() && ground("rgbd", &with).is_err());
        assert!(ground("none", &with).is_ok_and(|g| g.is_none()));
        let e = ground("masks", &with).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(e.contains("--masks"), "{e}");
    }

    #[test]
    fn options_are_those_of_the_chosen() {
        let options = [("max-views".to_owned(), "9".to_owned())].into();
        let with = Settings { options, ..Settings::default() };
        assert!(check_options("rgbd", None, &with).is_ok());
        assert!(check_options("exec:true", None, &with).is_ok());
        let e = check_options("synthetic", Some("masks"), &with).unwrap_err();
        assert!(e.what.contains("max-views") && e.remedy.contains("depth-noise"), "{e}");
        assert!(with.number("max-views", 1.0, 1.0, 5.0).is_err());
    }
}
