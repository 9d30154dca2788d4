//! Memories to the formats of others: PLY, GLB, COLMAP text, JSON.
//!
//! Each gives bytes that depend on the memory alone. What a format has no place for is left out; what is left
//! out is said with each. `reasmory_import` reads all of them back (`spec/exporters.md`).
#![forbid(unsafe_code)]

mod colmap;
mod glb;
mod json;
mod ply;

use std::fmt;
use std::path::Path;

use reasmory_scene::Memory;

/// A target format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Points with colours, confidences and instances: binary little-endian PLY.
    Ply,
    /// Points and labelled boxes: binary glTF 2.0.
    Glb,
    /// Cameras and points: `cameras.txt`, `images.txt`, `points3D.txt` in a folder.
    Colmap,
    /// The manifest: instances with boxes, photos, room, scale.
    Json,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 4] = [Format::Ply, Format::Glb, Format::Colmap, Format::Json];

    /// The format's name, as on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Ply => "ply",
            Format::Glb => "glb",
            Format::Colmap => "colmap",
            Format::Json => "json",
        }
    }

    /// The format of this name.
    pub fn from_name(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|f| f.name() == name)
    }

    /// The format that a file's name asks for: its extension; without one, COLMAP's folder.
    pub fn from_path(path: &Path) -> Option<Format> {
        match path.extension() {
            None => Some(Format::Colmap),
            Some(e) => Format::from_name(&e.to_string_lossy().to_lowercase())
                .filter(|f| *f != Format::Colmap),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a memory cannot be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportError {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.remedy)
    }
}

impl std::error::Error for ExportError {}

/// What an export consists of.
#[derive(Clone, Debug)]
pub enum Exported {
    /// One file.
    File(Vec<u8>),
    /// A folder of files, with their names.
    Folder(Vec<(&'static str, Vec<u8>)>),
}

/// A memory in another format.
pub fn export(memory: &Memory, format: Format) -> Result<Exported, ExportError> {
    Ok(match format {
        Format::Ply => Exported::File(ply::write(memory)),
        Format::Glb => Exported::File(glb::write(memory)?),
        Format::Colmap => Exported::Folder(colmap::write(memory)?),
        Format::Json => Exported::File(json::write(memory)?),
    })
}
