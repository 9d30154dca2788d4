//! What frontends give, made a memory.

use std::collections::BTreeMap;

use reasmory_geom::{Pinhole, Point3};
use reasmory_ground::Mask;
use reasmory_import::{Fusion, Imported, Posed, PosedDepth, Shot, Sparse};
use reasmory_scene::{Memory, Points};

use crate::{Detections, FrontendError, Input, Reconstruction, Segments, View};

/// Width of the stand-in depth of a photo that has none.
const STAND_IN: u32 = 256;
/// What to do about a result that is no memory.
const REMEDY: &str = "this is a fault of the frontend: report it there, with this message";

/// How results are fused.
#[derive(Clone, Debug)]
pub struct Fusing {
    /// Edge of the fusion grid's cells, metres.
    pub voxel: Option<f64>,
    /// Depth that its frontend is less sure of is left out.
    pub confidence: f32,
    /// Labels that mean another.
    pub synonyms: BTreeMap<String, String>,
}

impl Default for Fusing {
    fn default() -> Fusing {
        Fusing { voxel: None, confidence: 0.5, synonyms: BTreeMap::new() }
    }
}

/// A memory of a reconstruction, with instances where photos were searched for things. `found` has an entry
/// for each view.
pub fn assemble(
    input: &Input,
    by: &str,
    r: Reconstruction,
    found: Option<Detections>,
    fusing: &Fusing,
) -> Result<Imported, FrontendError> {
    let Reconstruction { photos, views, cloud, scale, up, mut notes } = r;
    if views.is_empty() {
        return Err(FrontendError::failed(
            format!("{by}: registered none of {} photos", photos.len()),
            "take photos that overlap by half, of a scene with texture, from different places",
        ));
    }
    if views.iter().any(|v| v.depth.is_some()) {
        let masks = match found {
            None => None,
            Some(d) => {
                notes.extend(d.notes);
                let sized = views.iter().zip(d.photos).map(|(v, masks)| at_depth(v, masks));
                Some(sized.collect::<Result<Vec<_>, _>>()?)
            }
        };
        let mut doubtful = 0usize;
        let mut given = Vec::with_capacity(views.len());
        for v in views {
            let photo = &photos[v.photo];
            let (lens, depth) = match v.depth {
                None => stand_in(&v.lens),
                Some(mut depth) => {
                    for (d, c) in depth.iter_mut().zip(v.confidence.iter().flatten()) {
                        if *c < fusing.confidence && *d > 0.0 {
                            *d = 0.0;
                            doubtful += 1;
                        }
                    }
                    (v.lens, depth)
                }
            };
            let (name, file) = (photo.name.clone(), photo.file.clone());
            given.push(PosedDepth { name, file, lens, pose: v.pose, time: photo.time, depth });
        }
        if doubtful > 0 {
            notes.push(format!(
                "{doubtful} depth pixels with a confidence below {} were left out.",
                fusing.confidence
            ));
        }
        let fusion = Fusion {
            name: input.name.clone(),
            format: by.to_owned(),
            scale,
            up,
            voxel: fusing.voxel,
            masks,
            fixed_poses: false,
            synonyms: fusing.synonyms.clone(),
            notes,
        };
        return Ok(reasmory_import::fuse_posed_depth(&input.path, given, fusion)?);
    }
    if found.is_some() {
        return Err(FrontendError::input(
            format!("{by}: gives no depth, so what is found in photos cannot be placed"),
            "choose a frontend with depth, or `--ground none`",
        ));
    }
    let points = (0..cloud.positions.len()).map(|i| Sparse {
        position: Point3::from(cloud.positions[i].map(f64::from)),
        color: cloud.colors[i],
        confidence: cloud.confidence[i],
        error: f64::from(cloud.errors[i]),
    });
    let source = Posed {
        name: input.name.clone(),
        format: by.to_owned(),
        points: points.collect(),
        shots: views
            .iter()
            .map(|v| {
                let photo = &photos[v.photo];
                Shot {
                    name: photo.name.clone(),
                    lens: v.lens,
                    pose: v.pose,
                    picture: Some(photo.file.clone()),
                    time: photo.time,
                }
            })
            .collect(),
        up,
        scale,
        notes,
    };
    Ok(reasmory_import::assemble(&input.path, source, REMEDY)?)
}

/// A photo without depth, as one with none: at a size that costs little.
fn stand_in(lens: &Pinhole) -> (Pinhole, Vec<f32>) {
    let width = lens.width.min(STAND_IN);
    let s = f64::from(width) / f64::from(lens.width);
    let height = ((f64::from(lens.height) * s).round() as u32).max(1);
    let t = f64::from(height) / f64::from(lens.height);
    let small = Pinhole {
        width,
        height,
        fx: lens.fx * s,
        fy: lens.fy * t,
        cx: lens.cx * s,
        cy: lens.cy * t,
    };
    (small, vec![0.0; width as usize * height as usize])
}

/// Masks at the size of a view's depth.
fn at_depth(v: &View, masks: Vec<Mask>) -> Result<Vec<Mask>, FrontendError> {
    let (w, h) = match v.depth {
        Some(_) => (v.lens.width, v.lens.height),
        None => {
            let (small, _) = stand_in(&v.lens);
            (small.width, small.height)
        }
    };
    masks
        .into_iter()
        .map(|m| {
            let region = m.region.resized(w, h).map_err(|e| FrontendError::failed(e.0, REMEDY))?;
            Ok(Mask { region, ..m })
        })
        .collect()
}

/// A memory with the instances that its points were split into.
pub(crate) fn with_segments(
    imported: Imported,
    by: &str,
    s: Segments,
) -> Result<Imported, FrontendError> {
    let Imported { memory, image_files, notes: mut all } = imported;
    let wrong = |what: String| FrontendError::failed(format!("{by}: {what}"), REMEDY);
    let n = memory.points().len();
    if s.of_point.len() != n {
        return Err(wrong(format!("names an instance for {} of {n} points", s.of_point.len())));
    }
    let mut m = memory.manifest().as_ref().clone();
    let mut support = vec![0u64; s.instances.len() + 1];
    for id in &s.of_point {
        match support.get_mut(*id as usize) {
            Some(k) => *k += 1,
            None => return Err(wrong(format!("a point belongs to instance {id}, which is none"))),
        }
    }
    m.instances = s.instances;
    for (i, n) in m.instances.iter_mut().zip(&support[1..]) {
        i.support = *n;
    }
    m.index_categories();
    all.extend(s.notes);
    m.provenance.notes = all.clone();
    let p = memory.points();
    let points = Points { instance: s.of_point.into(), ..p.clone() };
    let memory = Memory::new(m, points, memory.pixels())
        .map_err(|e| wrong(format!("{}: {}", e.at, e.what)))?;
    Ok(Imported { memory, image_files, notes: all })
}
