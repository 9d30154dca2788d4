//! Cameras with pictures, and sparse points: what reconstructions from pictures yield.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use reasmory_geom::{Pinhole, Point3, Pose, Vec3};
use reasmory_scene::{Manifest, Memory, Photo, Points, Room, Scale};

use crate::files::{self, PictureAt, SourcePictures};
use crate::rgbd::turned;
use crate::{ImportError, ImportOptions, Imported, sparse, upright};

/// A picture with its camera, in the source's world.
#[derive(Clone, Debug)]
pub struct Shot {
    /// Its name.
    pub name: String,
    /// Its lens.
    pub lens: Pinhole,
    /// Camera to world.
    pub pose: Pose,
    /// Its picture file, where it was found.
    pub picture: Option<PathBuf>,
    /// Seconds.
    pub time: Option<f64>,
}

/// A point in the source's world.
#[derive(Clone, Copy, Debug)]
pub struct Sparse {
    /// Where it is.
    pub position: Point3,
    /// Its colour.
    pub color: [u8; 3],
    /// In [0, 1].
    pub confidence: f32,
    /// Mean reprojection error, pixels; negative or not finite where unknown.
    pub error: f64,
}

/// A reconstruction: cameras and points, without depth.
#[derive(Clone, Debug)]
pub struct Posed {
    /// Name of the scene.
    pub name: String,
    /// The provenance's format.
    pub format: String,
    /// The photos.
    pub shots: Vec<Shot>,
    /// The points.
    pub points: Vec<Sparse>,
    /// Up, where the source says it; else the cameras'.
    pub up: Option<Vec3>,
    /// Whether lengths are metres.
    pub scale: Scale,
    /// What was assumed so far.
    pub notes: Vec<String>,
}

/// The scale of a reconstruction from pictures, whose unit a person may know.
pub(crate) fn stated_scale(metric: bool) -> Scale {
    if metric {
        Scale::metric("the person who imported it said so")
    } else {
        Scale::relative("a reconstruction from pictures alone has no scale")
    }
}

/// Makes a memory of cameras and points, upright; `path` is named in errors, which give this remedy.
pub fn assemble(path: &Path, source: Posed, remedy: &str) -> Result<Imported, ImportError> {
    assemble_with(path, source, &ImportOptions::default(), remedy)
}

/// The same, with instances where the options have masks of the photos.
pub(crate) fn assemble_with(
    path: &Path,
    source: Posed,
    options: &ImportOptions,
    remedy: &str,
) -> Result<Imported, ImportError> {
    let Posed { name, format, mut shots, points, up, scale, mut notes } = source;
    shots.sort_by(|a, b| files::natural(&a.name, &b.name));
    let up = up.unwrap_or_else(|| {
        let poses: Vec<Pose> = shots.iter().map(|s| s.pose).collect();
        let found = upright::find(&poses, &[]);
        notes.push(found.note);
        found.up
    });
    let turn = upright::to_z(up);
    for s in &mut shots {
        s.pose = turned(&turn, &s.pose);
    }
    let positions: Vec<Point3> = points.iter().map(|p| turn * p.position).collect();
    let keep = inliers(&positions);
    let kept = keep.iter().filter(|k| **k).count();
    if kept < points.len() {
        notes.push(format!(
            "{} of {} points far outside the rest were left out.",
            points.len() - kept,
            points.len()
        ));
    }
    let mut m = Manifest::empty(&name, &format, scale);
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    let mut spread = Vec::new();
    let focal = shots.iter().map(|s| s.lens.fx).sum::<f64>() / shots.len().max(1) as f64;
    for ((p, q), _) in points.iter().zip(&positions).zip(&keep).filter(|(_, k)| **k) {
        columns.0.push([q.x as f32, q.y as f32, q.z as f32]);
        columns.1.push(p.color);
        columns.2.push(p.confidence);
        m.extend_bounds(*q);
        if p.error >= 0.0 && p.error.is_finite() {
            let away = shots.iter().map(|s| (q - s.pose.center).norm());
            spread.push(p.error * away.fold(f64::INFINITY, f64::min) / focal);
        }
    }
    for s in &shots {
        m.extend_bounds(s.pose.center);
    }
    spread.sort_unstable_by(f64::total_cmp);
    match spread.get(spread.len() / 2).filter(|_| 2 * spread.len() > kept) {
        Some(s) => {
            m.uncertainty.position = *s;
            notes.push(
                "Positional uncertainty is the median reprojection error at the points' depth."
                    .into(),
            );
        }
        None => {
            m.uncertainty.position = 0.01 * m.diagonal();
            notes.push(
                "The model states no errors; positional uncertainty is set to 1 % of the scene's \
                 diagonal."
                    .into(),
            );
        }
    }
    let mut heights: Vec<f64> = columns.0.iter().map(|p: &[f32; 3]| f64::from(p[2])).collect();
    heights.sort_unstable_by(f64::total_cmp);
    if let Some(floor) = heights.get(heights.len() / 50) {
        notes.push(
            "The floor is assumed at the height below which 2 % of the points lie; outline and \
             ceiling are not known."
                .into(),
        );
        m.room = Some(Room { outline: vec![], floor: *floor, ceiling: None, stated_area: None });
    }
    let (mut pictures, mut image_files, mut missing, mut misfit) = (Vec::new(), Vec::new(), 0, 0);
    let start = shots.iter().filter_map(|s| s.time).fold(f64::INFINITY, f64::min);
    for (number, s) in (1u32..).zip(shots) {
        let (mut lens, mut picture) = (s.lens, s.picture);
        match picture.as_deref().map(files::dimensions) {
            None => missing += 1,
            Some(Err(e)) => return Err(e),
            Some(Ok((w, h))) => match files::rescaled(&lens, w, h) {
                Some(l) => lens = l,
                None => {
                    misfit += 1;
                    picture = None;
                }
            },
        }
        if let Some(p) = &picture {
            image_files.push((number, p.clone()));
        }
        pictures.push(picture.map_or(PictureAt::Nowhere, PictureAt::File));
        m.photos.push(Photo {
            number,
            name: s.name,
            pinhole: lens,
            camera_to_world: s.pose,
            time: s.time.map(|t| t - start),
            image: None,
        });
    }
    if missing > 0 {
        notes.push(format!("The pictures of {missing} images were not found beside the model."));
    }
    if misfit > 0 {
        notes
            .push(format!("{misfit} pictures have other proportions than their camera; left out."));
    }
    m.points = kept as u64;
    let instance = match &options.masks {
        Some(masks) => sparse::ground(path, masks, &columns.0, options, &mut m, &mut notes)?,
        None => vec![0u32; kept],
    };
    m.provenance.notes = notes.clone();
    let points = Points {
        positions: columns.0.into(),
        colors: columns.1.into(),
        confidence: columns.2.into(),
        instance: instance.into(),
    };
    let pixels = (!image_files.is_empty()).then(|| Arc::new(SourcePictures { pictures }) as _);
    let memory =
        Memory::new(m, points, pixels).map_err(|e| ImportError::new(path, e.at, e.what, remedy))?;
    Ok(Imported { memory, image_files, notes })
}

/// The file of this relative name in the first folder that has it; names that lead out are not followed.
pub(crate) fn find_file(folders: &[PathBuf], name: &str) -> Option<PathBuf> {
    let relative = Path::new(name);
    let inside = |c: Component| matches!(c, Component::Normal(_) | Component::CurDir);
    if !relative.components().all(inside) {
        return None;
    }
    folders.iter().map(|f| f.join(relative)).find(|p| p.is_file())
}

/// Which points lie within the middle 98 % along each axis, widened by its own length on both sides.
pub(crate) fn inliers(points: &[Point3]) -> Vec<bool> {
    let Some(last) = points.len().checked_sub(1) else { return Vec::new() };
    let ranges: Vec<_> = (0..3)
        .into_par_iter()
        .map(|k| {
            let mut v: Vec<f64> = points.iter().map(|p| p[k]).collect();
            let mut at = |i: usize| *v.select_nth_unstable_by(i, f64::total_cmp).1;
            let (lo, hi) = (at(last / 100), at(last - last / 100));
            lo - (hi - lo)..=hi + (hi - lo)
        })
        .collect();
    let inside = |p: &Point3| ranges.iter().enumerate().all(|(k, r)| r.contains(&p[k]));
    points.par_iter().map(inside).collect()
}
