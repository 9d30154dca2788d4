//! Points of a memory to the things that the masks show there.

use rayon::prelude::*;
use reasmory_geom::Point3;

use crate::prepare::Ready;
use crate::refine::{Look, look};

/// Tells which thing a point belongs to, by what the views see there.
pub struct Assigner {
    pub(crate) views: Vec<Ready>,
    /// Length of the working unit.
    pub(crate) unit: f64,
    pub(crate) tolerance: f64,
}

impl std::fmt::Debug for Assigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assigner").field("views", &self.views.len()).finish_non_exhaustive()
    }
}

impl Assigner {
    /// The thing (its place in [`Grounding::instances`](crate::Grounding::instances), plus one) that most
    /// of the views which see a point see there; 0 for none. A view in which the pixel has no mask speaks
    /// half for nothing. Ties go to a thing before nothing, and to the first.
    pub fn assign(&self, points: &[[f32; 3]]) -> Vec<u32> {
        points.par_iter().map(|p| self.of(Point3::from(p.map(f64::from)))).collect()
    }

    fn of(&self, p: Point3) -> u32 {
        let p = Point3::from(p.coords / self.unit);
        let mut votes: Vec<(u32, f64)> = Vec::new();
        for v in &self.views {
            let Look::At(at) = look(v, p, self.tolerance) else { continue };
            let thing = v.owner[at];
            let weight = if thing == 0 { 0.5 } else { 1.0 };
            match votes.iter_mut().find(|o| o.0 == thing) {
                Some(o) => o.1 += weight,
                None => votes.push((thing, weight)),
            }
        }
        let key = |t: u32| if t == 0 { u32::MAX } else { t };
        votes.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| key(a.0).cmp(&key(b.0))));
        votes.first().map_or(0, |v| v.0)
    }
}
