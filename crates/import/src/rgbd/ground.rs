//! Instances from masks of the views.

use std::collections::BTreeMap;
use std::path::Path;

use reasmory_ground::{Fate, Grounding, Mask, Options, ground as ground_views};
use reasmory_scene::{Grounded, Instance, Manifest};

use super::View;
use crate::ImportError;

/// What labels mean, and whether poses may be aligned.
pub(crate) struct Naming<'a> {
    pub(crate) synonyms: &'a BTreeMap<String, String>,
    pub(crate) fixed: bool,
}

/// Grounds masks; the views get the poses that were used.
pub(super) fn ground(
    path: &Path,
    masks: Vec<Vec<Mask>>,
    views: &mut [View],
    naming: &Naming<'_>,
    notes: &mut Vec<String>,
) -> Result<Grounding, ImportError> {
    if masks.len() != views.len() {
        let what = format!("has masks of {} photos for {}", masks.len(), views.len());
        return Err(ImportError::new(path, "masks", what, "give a list for each photo"));
    }
    let given: Vec<reasmory_ground::View> = views
        .iter()
        .zip(masks)
        .map(|(v, masks)| reasmory_ground::View {
            lens: v.lens,
            pose: v.pose,
            depth: v.depth.clone(),
            unit: 1.0,
            masks,
        })
        .collect();
    let g = lift(path, &given, naming, notes)?;
    for (v, pose) in views.iter_mut().zip(&g.poses) {
        v.pose = *pose;
    }
    Ok(g)
}

/// Grounds the masks of views with depth, and says what became of them.
pub(crate) fn lift(
    path: &Path,
    given: &[reasmory_ground::View],
    naming: &Naming<'_>,
    notes: &mut Vec<String>,
) -> Result<Grounding, ImportError> {
    let canonical = |label: &str| naming.synonyms.get(label).cloned();
    let labels = reasmory_ground::Naming { canonical: Some(&canonical), stuff: &[] };
    let options = Options { naming: labels, fixed_poses: naming.fixed };
    let g = ground_views(given, &options).map_err(|e| {
        ImportError::new(path, e.place, e.what, "check the masks, the depth and the poses")
    })?;
    let count = |f: fn(&Fate) -> bool| g.fates.iter().flatten().filter(|x| f(x)).count();
    notes.push(format!(
        "{} masks were joined to {} instances; {} show several things, {} name stuff, {} are explained by \
         others, {} were dropped.",
        count(|f| matches!(f, Fate::Instance(_))),
        g.instances.len(),
        count(|f| matches!(f, Fate::Group)),
        count(|f| matches!(f, Fate::Stuff)),
        count(|f| matches!(f, Fate::Explained)),
        count(|f| matches!(f, Fate::Dropped)),
    ));
    notes.push(if g.noise.refined {
        format!(
            "Poses were aligned by the surfaces that views share: depth differed by {:.2} % between views, \
             now by {:.2} %.",
            100.0 * g.noise.given,
            100.0 * g.noise.used
        )
    } else {
        format!("Depth differs by {:.2} % between views; poses are as given.", 100.0 * g.noise.used)
    });
    Ok(g)
}

/// Writes the instances into a manifest that has the views' photos; the instance of each point.
pub(crate) fn describe(g: &Grounding, positions: &[[f32; 3]], m: &mut Manifest) -> Vec<u32> {
    let of = g.assigner.assign(positions);
    let mut support = vec![0u64; g.instances.len() + 1];
    for id in &of {
        support[*id as usize] += 1;
    }
    for (id, f) in (1u32..).zip(&g.instances) {
        m.instances.push(Instance {
            id,
            category: f.label.clone(),
            obb: f.obb,
            confidence: f.confidence as f32,
            support: support[id as usize],
            front: None,
            seen_in: f.views.iter().map(|v| *v as u32 + 1).collect(),
        });
        m.grounding.push(Grounded {
            id,
            labels: f.labels.clone(),
            masks: f.masks.iter().map(|(v, k)| [*v as u32 + 1, *k as u32 + 1]).collect(),
            covariance: [0, 1, 2].map(|r| [0, 1, 2].map(|c| f.covariance[(r, c)])),
        });
    }
    m.index_categories();
    of
}
