//! Scenes given as labelled boxes and regions.

pub(crate) mod dsg;
pub(crate) mod house;
pub(crate) mod objects;
mod regions;
pub(crate) mod spatiallm;
pub(crate) mod vla3d;

use std::path::Path;

use reasmory_geom::{Obb, UP, Vec3};
use reasmory_scene::{Instance, Manifest, Memory, Points, Room, Scale};

pub(crate) use regions::Region;

use crate::{ImportError, Imported};

/// A labelled box.
#[derive(Clone, Debug)]
pub(crate) struct Labelled {
    pub(crate) category: String,
    pub(crate) obb: Obb,
    /// Horizontal direction of its front.
    pub(crate) front: Option<[f64; 3]>,
}

/// A label as a category's name: trimmed, lower case.
pub(crate) fn category(label: &str) -> String {
    label.trim().to_lowercase()
}

/// An axis-aligned box turned by `yaw` radians about up.
pub(crate) fn turned_box(centre: [f64; 3], lengths: [f64; 3], yaw: f64) -> Option<Obb> {
    let b = Obb::upright(centre.into(), lengths.into(), yaw.to_degrees());
    let axis = |k: usize| b.axes.column(k).into_owned();
    // Checks that everything is finite and the lengths are not negative.
    Obb::new(b.center, [axis(0), axis(1), UP], Vec3::from(lengths))
}

/// What a scene of boxes consists of.
pub(crate) struct BoxScene {
    pub(crate) name: String,
    pub(crate) format: &'static str,
    pub(crate) scale: Scale,
    pub(crate) boxes: Vec<Labelled>,
    pub(crate) regions: Vec<Region>,
    pub(crate) notes: Vec<String>,
}

/// The manifest of a scene of boxes: regions make the room; without any the floor is at the bottom of the
/// lowest box.
pub(crate) fn manifest(scene: BoxScene) -> Manifest {
    let BoxScene { name, format, scale, boxes, regions, mut notes } = scene;
    let mut m = Manifest::empty(&name, format, scale);
    for (id, b) in (1u32..).zip(boxes) {
        let (lo, hi) = b.obb.bounds();
        m.extend_bounds(lo);
        m.extend_bounds(hi);
        m.instances.push(Instance {
            id,
            category: b.category,
            obb: b.obb,
            confidence: 1.0,
            support: 0,
            front: b.front,
            seen_in: Vec::new(),
        });
    }
    m.index_categories();
    m.room = Some(match regions::room(&regions, &mut notes) {
        Some(room) => {
            for p in &room.outline {
                m.extend_bounds([p[0], p[1], room.floor].into());
                m.extend_bounds([p[0], p[1], room.ceiling.unwrap_or(room.floor)].into());
            }
            room
        }
        None => {
            let floor = m.bounds.map_or(0.0, |b| b.min[2]);
            notes.push(
                "The source gives no extent of a room: the floor is assumed at the bottom of the \
                 lowest box; outline and ceiling are not known."
                    .into(),
            );
            Room { outline: Vec::new(), floor, ceiling: None, stated_area: None }
        }
    });
    m.provenance.notes = notes;
    m
}

/// A memory without points of a manifest.
pub(crate) fn imported(path: &Path, m: Manifest, remedy: &str) -> Result<Imported, ImportError> {
    let notes = m.provenance.notes.clone();
    let memory = Memory::new(m, Points::default(), None)
        .map_err(|e| ImportError::new(path, e.at, e.what, remedy))?;
    Ok(Imported { memory, image_files: Vec::new(), notes })
}
