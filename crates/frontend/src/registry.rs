//! Every frontend, in one table.

use std::collections::BTreeMap;
use std::path::PathBuf;

use reasmory_import::ImportOptions;

use crate::colmap::Colmap;
use crate::frontends::{Import, Rgbd};
use crate::grounders::{Geometry, Masks};
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

/// All frontends of this program. Another one is a row here and a module.
pub const TABLE: &[Entry] = &[
    Entry {
        name: "import",
        takes: "anything `reasmory import` reads",
        summary: "takes the source as it is",
        make: Make::Reconstruct(|s| Ok(Box::new(Import { options: s.import.clone() }))),
    },
    Entry {
        name: "rgbd",
        takes: "RGB-D, with poses or without",
        summary: "fuses depth with confidence and free space",
        make: Make::Reconstruct(|s| Ok(Box::new(Rgbd { options: s.import.clone() }))),
    },
    Entry {
        name: "geometry",
        takes: "points",
        summary: "finds things by shape and colour alone, unlabelled",
        make: Make::Ground(|_| Ok(Grounder::Points(Box::new(Geometry)))),
    },
    Entry {
        name: "colmap",
        takes: "a folder of photos, or a video",
        summary: "places photos with COLMAP, makes depth by PatchMatch stereo",
        make: Make::Reconstruct(|s| Ok(Box::new(Colmap::new(s)?))),
    },
    Entry {
        name: "masks",
        takes: "--masks PATH",
        summary: "labelled masks from files: COCO, label maps, archives",
        make: Make::Ground(|s| match &s.masks {
            Some(source) => Ok(Grounder::Photos(Box::new(Masks { source: source.clone() }))),
            None => Err(FrontendError::input(
                "`--ground masks` needs masks",
                "give `--masks PATH`: a COCO file, or a folder of label maps or archives",
            )),
        }),
    },
];

fn names(does: Does) -> String {
    let mut all: Vec<&str> = TABLE.iter().filter(|e| e.does() == does).map(|e| e.name).collect();
    if does == Does::Ground {
        all.push("none");
    }
    all.join(", ")
}

/// The reconstruction frontend of this name.
pub fn reconstruct(name: &str, with: &Settings) -> Result<Box<dyn Reconstruct>, FrontendError> {
    for e in TABLE.iter().filter(|e| e.name == name) {
        if let Make::Reconstruct(make) = e.make {
            return make(with);
        }
    }
    let known = names(Does::Reconstruct);
    Err(FrontendError::input(
        format!("there is no frontend `{name}`"),
        format!("use one of {known}; `reasmory build --list-frontends` describes them"),
    ))
}

/// The grounding frontend of this name; `None` for `none`.
pub fn ground(name: &str, with: &Settings) -> Result<Option<Grounder>, FrontendError> {
    if name == "none" {
        return Ok(None);
    }
    for e in TABLE.iter().filter(|e| e.name == name) {
        if let Make::Ground(make) = e.make {
            return make(with).map(Some);
        }
    }
    let known = names(Does::Ground);
    Err(FrontendError::input(
        format!("there is no grounding `{name}`"),
        format!("use one of {known}; `reasmory build --list-frontends` describes them"),
    ))
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
            assert!(TABLE[..i].iter().all(|f| f.name != e.name), "{}", e.name);
            assert!(e.name != "none" && !e.summary.is_empty() && !e.takes.is_empty());
        }
    }

    #[test]
    fn unknown_names_list_the_known() {
        let with = Settings::default();
        let e = reconstruct("colmop", &with).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(e.contains("`colmop`") && e.contains("rgbd"), "{e}");
        // A grounding is no reconstruction.
        assert!(reconstruct("masks", &with).is_err() && ground("rgbd", &with).is_err());
        assert!(ground("none", &with).is_ok_and(|g| g.is_none()));
        let e = ground("masks", &with).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(e.contains("--masks"), "{e}");
    }
}
