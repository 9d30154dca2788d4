//! `geometry`: things by shape and colour alone, with no weights.

use reasmory_ground::geometry::{Camera, Cloud, segment};
use reasmory_scene::regroup::UNLABELLED;
use reasmory_scene::{Instance, Memory};

use crate::{FrontendError, Identity, Job, Segment, Segments};

/// Fewest points that things can be found in.
const FEWEST: usize = 1000;

/// Splits points into things without names (`spec/grounding.md`).
#[derive(Clone, Copy, Debug, Default)]
pub struct Geometry;

impl Segment for Geometry {
    fn identity(&self) -> Identity {
        Identity::own("geometry", 1)
    }

    fn segment(&self, memory: &Memory, job: &Job<'_>) -> Result<Segments, FrontendError> {
        job.check()?;
        let m = memory.manifest();
        let points = memory.points();
        if points.len() < FEWEST {
            return Err(FrontendError::input(
                format!("`{}` has {} points, too few to find things in", m.name, points.len()),
                format!(
                    "make it from depth pictures or a dense reconstruction: at least {FEWEST} points"
                ),
            ));
        }
        let cameras: Vec<Camera> =
            m.photos.iter().map(|p| Camera { pose: p.camera_to_world, lens: p.pinhole }).collect();
        let found = segment(&Cloud {
            positions: &points.positions,
            colors: &points.colors,
            cameras: &cameras,
            noise: m.uncertainty.position,
        });
        job.check()?;
        let instances: Vec<Instance> = (1u32..)
            .zip(&found.things)
            .map(|(id, t)| Instance {
                id,
                category: UNLABELLED.into(),
                obb: t.obb,
                confidence: t.confidence as f32,
                support: t.support,
                front: None,
                seen_in: t
                    .views
                    .iter()
                    .filter_map(|v| m.photos.get(*v))
                    .map(|p| p.number)
                    .collect(),
            })
            .collect();
        let s = &found.structure;
        let plane = |there: bool, name: &str| format!("{} {name}", if there { "a" } else { "no" });
        let note = format!(
            "{} things without names were found by geometry alone, beside {}, {} and {} walls.",
            instances.len(),
            plane(s.floor.is_some(), "floor"),
            plane(s.ceiling.is_some(), "ceiling"),
            s.walls.len()
        );
        Ok(Segments { instances, of_point: found.of_point, notes: vec![note] })
    }
}
