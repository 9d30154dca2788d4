//! `scene rename|merge|split|drop|crop|set-room|calibrate|segment|label`: changes to a stored memory.
//!
//! The changed memory is written beside the old one and takes its place whole, or goes elsewhere.

use std::collections::BTreeMap;
use std::path::Path;

use reasmory_scene::edit::{self, EditError, RoomChange};
use reasmory_scene::{Bounds, Difference, Manifest, Memory};
use serde_json::{Value, json};

use crate::Failure;
use crate::import::store_failure;
use crate::label::Labelling;

/// A change to a memory.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Another name for a category.
    Rename {
        /// Its name.
        from: String,
        /// Its new name; one that is a category already puts the two together.
        to: String,
    },
    /// One instance of several, by id or name (`chair #2`).
    Merge(Vec<String>),
    /// Instances left out, by id or name.
    Drop(Vec<String>),
    /// Instances found by geometry alone, without names.
    Segment {
        /// Whether instances that are there are left out.
        replace: bool,
    },
    /// Names for instances.
    Label(Labelling),
    /// The pieces that an instance's points form.
    Split {
        /// The instance, by id or name.
        instance: String,
        /// How far apart pieces are, in the memory's unit; a twentieth of the longest side, if not given.
        gap: Option<f64>,
    },
    /// What is inside bounds.
    Crop(Bounds),
    /// What is known of the room.
    SetRoom(RoomChange),
    /// Nothing but the newest version of the format, with the index that older ones lack.
    Upgrade,
    /// Metres, from a length that is known.
    Calibrate {
        /// What is known.
        known: Known,
        /// How long it is, metres.
        metres: f64,
    },
}

/// What has a known length.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// A length in the memory's own unit.
    Length(f64),
    /// The height of an instance, by id or name.
    Height(String),
    /// The longest side of an instance, by id or name.
    Longest(String),
    /// The median height of the cameras above the floor.
    CameraHeight,
    /// The distance between the cameras of two photos.
    Baseline(u32, u32),
}

pub(crate) fn failure(e: EditError) -> Failure {
    Failure::new(e.what, e.remedy)
}

/// Applies a change to the memory at `dir` and writes the result to `out` (which may be `dir`); the new
/// manifest.
pub fn edit(dir: &Path, out: &Path, change: &Change) -> Result<Manifest, Failure> {
    let memory = reasmory_store::open(dir).map_err(store_failure)?;
    let changed = apply(&memory, change)?;
    // Pictures are stored again byte for byte.
    let files: BTreeMap<u32, _> = memory
        .manifest()
        .photos
        .iter()
        .filter_map(|p| Some((p.number, dir.join(p.image.as_ref()?))))
        .collect();
    let pictures = reasmory_store::PictureFiles(files);
    reasmory_store::write(&changed, &pictures, out).map_err(store_failure)?;
    Ok(changed.manifest().as_ref().clone())
}

/// Applies a change to a memory.
pub fn apply(memory: &Memory, change: &Change) -> Result<Memory, Failure> {
    let m = memory.manifest();
    let ids =
        |names: &[String]| names.iter().map(|n| instance(m, n)).collect::<Result<Vec<_>, _>>();
    match change {
        Change::Rename { from, to } => edit::rename(memory, from, to),
        Change::Merge(names) => edit::merge(memory, &ids(names)?),
        Change::Drop(names) => edit::drop(memory, &ids(names)?),
        Change::Segment { replace } => return segment(memory, *replace),
        Change::Label(labelling) => return crate::label::label(memory, labelling),
        Change::Split { instance: name, gap } => edit::split(memory, instance(m, name)?, *gap),
        Change::Crop(bounds) => edit::crop(memory, *bounds),
        Change::Upgrade => Ok(memory.clone()),
        Change::SetRoom(change) => edit::set_room(memory, change),
        Change::Calibrate { known, metres } => {
            let (length, what) = measured(m, known)?;
            if !(*metres > 0.0 && metres.is_finite() && length > 0.0 && length.is_finite()) {
                return Err(Failure::new(
                    format!("{what} is {length} here and {metres} m"),
                    "name something whose length is positive, and its length in metres",
                ));
            }
            edit::calibrate(memory, metres / length, &format!("{what} is {metres} m"))
        }
    }
    .map_err(failure)
}

/// The memory with the things that geometry alone finds, as instances of category `unlabelled`. Instances
/// that are there are only left out where `replace` says so.
pub(crate) fn segment(memory: &Memory, replace: bool) -> Result<Memory, Failure> {
    use reasmory_frontend::{Cancel, Job, Quiet, Segment as _, grounders::Geometry};
    let m = memory.manifest();
    if !m.instances.is_empty() && !replace {
        return Err(Failure::new(
            format!("the memory has {} instances already", m.instances.len()),
            "add `--replace` to find things anew; their names are lost",
        ));
    }
    let (quiet, cancel) = (Quiet, Cancel::default());
    let job = Job::new(&quiet, &cancel, std::path::PathBuf::new());
    let found = Geometry.segment(memory, &job).map_err(|e| Failure::new(e.what, e.remedy))?;
    let note = found.notes.join(" ");
    reasmory_scene::regroup::replace(memory, found.instances, found.of_point, note).map_err(failure)
}

/// The id of an instance given by id or by name.
pub(crate) fn instance(m: &Manifest, text: &str) -> Result<u32, Failure> {
    if let Ok(id) = text.parse::<u32>()
        && m.instance(id).is_some()
    {
        return Ok(id);
    }
    let named = m.instances.iter().find(|i| m.instance_name(i.id) == text);
    named.map(|i| i.id).ok_or_else(|| {
        let of = m.category(text).map(|c| &c.instances[..]).unwrap_or_default();
        let remedy = if of.is_empty() {
            "give an id or a name that `reasmory scene DIR` lists".to_owned()
        } else {
            let names: Vec<String> = of.iter().map(|i| m.instance_name(*i)).collect();
            format!("say which: {}", names.join(", "))
        };
        Failure::new(format!("there is no one instance `{text}`"), remedy)
    })
}

/// The length of what is known, in the memory's unit, and what it is in words.
fn measured(m: &Manifest, known: &Known) -> Result<(f64, String), Failure> {
    let size = |name: &str| -> Result<([f64; 3], String), Failure> {
        let id = instance(m, name)?;
        let i = m.instance(id).map(|i| i.obb.size()).unwrap_or_default();
        Ok((i, m.instance_name(id)))
    };
    let photo = |n: u32| {
        m.photo(n).map(|p| p.camera_to_world.center).ok_or_else(|| {
            let remedy = format!("photos are 1 to {}", m.photos.len());
            Failure::new(format!("there is no photo {n}"), remedy)
        })
    };
    Ok(match known {
        Known::Length(l) => (*l, format!("a length of {l}")),
        Known::Height(name) => {
            let (s, name) = size(name)?;
            (s[2], format!("the height of {name}"))
        }
        Known::Longest(name) => {
            let (s, name) = size(name)?;
            (s.into_iter().fold(0.0, f64::max), format!("the longest side of {name}"))
        }
        Known::CameraHeight => {
            let mut z: Vec<f64> = m.photos.iter().map(|p| p.camera_to_world.center.z).collect();
            z.sort_unstable_by(f64::total_cmp);
            let Some(middle) = z.get(z.len() / 2) else {
                return Err(Failure::new("the memory has no photos", "use another length"));
            };
            (middle - m.floor(), "the height of the cameras above the floor".to_owned())
        }
        Known::Baseline(a, b) => {
            ((photo(*a)? - photo(*b)?).norm(), format!("the way from photo {a} to photo {b}"))
        }
    })
}

/// `scene diff --json`.
pub fn diff_json(differences: &[Difference]) -> Value {
    let rows: Vec<Value> = differences
        .iter()
        .map(|d| {
            let mut row = json!({"kind": d.kind(), "text": d.to_string()});
            match d {
                Difference::Added(name) => row["after"] = json!(name),
                Difference::Removed(name) => row["before"] = json!(name),
                Difference::Renamed(a, b) | Difference::Other(_, a, b) => {
                    (row["before"], row["after"]) = (json!(a), json!(b));
                }
                Difference::Moved(name, by) => {
                    (row["after"], row["distance"]) = (json!(name), json!(by));
                }
                Difference::Resized(name, a, b) => {
                    row["after"] = json!(name);
                    (row["size_before"], row["size_after"]) = (json!(a), json!(b));
                }
            }
            row
        })
        .collect();
    json!({"schema": 1, "same": differences.is_empty(), "differences": rows})
}
