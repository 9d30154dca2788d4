//! Masks of photos whose depth nobody measured: what the points of a reconstruction say of it.
//!
//! The points are drawn into each photo, at a size at which they fill it, the nearest in front; masks are lifted with
//! that depth (`spec/grounding.md`). Poses are taken as they are, and a thing's box is that of its points.

use std::path::Path;

use reasmory_geom::Pinhole;
use reasmory_scene::{Manifest, Photo};

use crate::masks::{self, PhotoName};
use crate::rgbd::ground::{Naming, describe, lift};
use crate::{ImportError, ImportOptions, cloud, files};

/// Pixels that a point fills: itself and its neighbours. A photo has about half as many as that for each point in it,
/// so that surfaces in front hide what is behind them.
const FILLED: f64 = 9.0;
/// Least and greatest width of what points are drawn into.
const WIDTHS: (u32, u32) = (24, 640);
/// A thing of fewer points keeps the box of its depth.
const POINTS: usize = 20;

/// Grounds masks; the manifest gets the instances, and each point its own (0 for none).
pub(crate) fn ground(
    path: &Path,
    source: &Path,
    points: &[[f32; 3]],
    options: &ImportOptions,
    m: &mut Manifest,
    notes: &mut Vec<String>,
) -> Result<Vec<u32>, ImportError> {
    let lenses: Vec<Pinhole> = m.photos.iter().map(|p| small(p, points)).collect();
    let named: Vec<PhotoName> = m
        .photos
        .iter()
        .zip(&lenses)
        .map(|(p, l)| PhotoName { name: p.name.clone(), size: (l.width, l.height) })
        .collect();
    let (masks, note) = masks::read(source, &named)?;
    notes.push(note);
    let views: Vec<reasmory_ground::View> = m
        .photos
        .iter()
        .zip(&lenses)
        .zip(masks)
        .map(|((p, lens), masks)| reasmory_ground::View {
            lens: *lens,
            pose: p.camera_to_world,
            depth: depth(p, lens, points),
            unit: 1.0,
            masks,
        })
        .collect();
    notes.push(
        "There is no depth; masks were lifted with the points, drawn into the photos: things of few points are \
         rough, and those without any are missing."
            .into(),
    );
    let g = lift(path, &views, &Naming { synonyms: &options.synonyms, fixed: true }, notes)?;
    let of = describe(&g, points, m);
    let mut own: Vec<Vec<[f32; 3]>> = vec![Vec::new(); m.instances.len()];
    for (p, id) in points.iter().zip(&of) {
        if let Some(list) = (*id as usize).checked_sub(1).and_then(|i| own.get_mut(i)) {
            list.push(*p);
        }
    }
    for (i, own) in m.instances.iter_mut().zip(&own) {
        if own.len() >= POINTS
            && let Some(b) = cloud::fit::upright_box(own)
        {
            i.obb = b;
        }
    }
    Ok(of)
}

/// The photo's lens at a size that the points in it fill.
fn small(p: &Photo, points: &[[f32; 3]]) -> Pinhole {
    let lens = p.pinhole;
    let inside = |q: &&[f32; 3]| pixel(p, &lens, q).is_some();
    let seen = points.iter().filter(inside).count() as f64;
    let (w, h) = (f64::from(lens.width), f64::from(lens.height));
    let width = (seen * 0.5 * FILLED * w / h).sqrt().min(w) as u32;
    let first = width.clamp(WIDTHS.0, WIDTHS.1).min(lens.width.max(1));
    // Of the sizes from there on the one whose proportions are the photo's.
    let off = |w2: u32| {
        let exact = f64::from(w2) * h / w;
        (exact.round().max(1.0) / exact - 1.0).abs()
    };
    let best = (first..first + 32).min_by(|a, b| off(*a).total_cmp(&off(*b))).unwrap_or(first);
    let height = (f64::from(best) * h / w).round().max(1.0) as u32;
    files::rescaled(&lens, best, height).unwrap_or(lens)
}

/// Column, row and depth of a point in a photo.
fn pixel(p: &Photo, lens: &Pinhole, q: &[f32; 3]) -> Option<(u32, u32, f32)> {
    let c = p.camera_to_world.to_camera(q.map(f64::from).into());
    let (u, v) = lens.project(c)?;
    let inside = u >= 0.0 && v >= 0.0 && u < f64::from(lens.width) && v < f64::from(lens.height);
    inside.then_some((u as u32, v as u32, c.z as f32))
}

/// The depth of the nearest point of each pixel; 0 where there is none.
fn depth(p: &Photo, lens: &Pinhole, points: &[[f32; 3]]) -> Vec<f32> {
    let (w, h) = (lens.width as usize, lens.height as usize);
    let mut out = vec![0.0f32; w * h];
    // First each point where it is, then its neighbours where nothing nearer is: a point's own pixel is its own.
    for reach in [0i64, 1] {
        let before = out.clone();
        for q in points {
            let Some((x, y, z)) = pixel(p, lens, q) else { continue };
            for dy in -reach..=reach {
                for dx in -reach..=reach {
                    let (x, y) = (i64::from(x) + dx, i64::from(y) + dy);
                    if x < 0 || y < 0 || x >= w as i64 || y >= h as i64 {
                        continue;
                    }
                    let at = y as usize * w + x as usize;
                    // A surface clearly in front of what the pixel shows hides it.
                    let hides = before[at] == 0.0 || z < 0.9 * before[at] || reach == 0;
                    if hides && (out[at] == 0.0 || z < out[at]) {
                        out[at] = z;
                    }
                }
            }
        }
    }
    out
}
