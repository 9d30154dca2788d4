//! Views made ready: in an order of their own, in a unit of their own, depth smoothed, masks painted.

use std::cmp::Ordering;

use rayon::prelude::*;
use reasmory_geom::{Pinhole, Point3, Pose};

use crate::depth::{Depth, QUIET};
use crate::paint::{self, Piece};
use crate::view::View;
use crate::{GroundError, Options};

/// A view ready for use. Lengths are in units of the scene's median depth.
pub(crate) struct Ready {
    /// Which of the given views it is.
    pub(crate) index: usize,
    pub(crate) lens: Pinhole,
    pub(crate) pose: Pose,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Smoothed z-depth, 0 where there is none or it mixes two surfaces.
    pub(crate) z: Vec<f32>,
    /// Unit normals in camera axes, towards the camera; zero where unknown.
    pub(crate) normal: Vec<[f32; 3]>,
    /// Piece that owns each pixel, plus one; 0 for none.
    pub(crate) owner: Vec<u32>,
}

impl Ready {
    /// The world point of a pixel.
    pub(crate) fn point(&self, pixel: usize) -> Point3 {
        self.point_at(pixel, f64::from(self.z[pixel]))
    }

    pub(crate) fn point_at(&self, pixel: usize, z: f64) -> Point3 {
        let (x, y) = (pixel % self.width, pixel / self.width);
        self.pose.to_world(self.lens.ray(x as f64 + 0.5, y as f64 + 0.5) * z)
    }

    /// The world normal of a pixel.
    pub(crate) fn world_normal(&self, pixel: usize) -> Option<reasmory_geom::Vec3> {
        let n = self.normal[pixel];
        let n = reasmory_geom::Vec3::new(n[0].into(), n[1].into(), n[2].into());
        (n.norm_squared() > 0.5).then(|| self.pose.rotation * n)
    }
}

/// Everything that is worked with.
pub(crate) struct Prepared {
    pub(crate) views: Vec<Ready>,
    pub(crate) pieces: Vec<Piece>,
    /// For each given view and mask the piece it went into.
    pub(crate) of_mask: Vec<Vec<Option<usize>>>,
    /// Length of the working unit, in the unit of the poses.
    pub(crate) unit: f64,
    /// Relative noise of depth from pixel to pixel.
    pub(crate) noise: f64,
}

/// An order of views by what they are, not by how they were listed. Scaling the scene keeps it.
fn compare(a: &View, b: &View) -> Ordering {
    let floats = |x: &[f64], y: &[f64]| {
        x.iter().zip(y).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    };
    floats(a.pose.center.coords.as_slice(), b.pose.center.coords.as_slice())
        .then_with(|| floats(a.pose.rotation.as_slice(), b.pose.rotation.as_slice()))
        .then_with(|| a.masks.len().cmp(&b.masks.len()))
        .then_with(|| {
            let z = a.depth.iter().zip(&b.depth).map(|(x, y)| x.total_cmp(y));
            z.into_iter().find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
        })
}

/// Median of the valid depths, in the unit of the poses.
fn median_depth(views: &[View]) -> Option<f64> {
    let mut all: Vec<f64> = views
        .par_iter()
        .flat_map_iter(|v| {
            // A sixteenth of the pixels says it as well.
            v.depth
                .iter()
                .step_by(16)
                .filter(|d| **d > 0.0 && d.is_finite())
                .map(|d| f64::from(*d) * v.unit)
        })
        .collect();
    let middle = all.len() / 2;
    (!all.is_empty()).then(|| *all.select_nth_unstable_by(middle, f64::total_cmp).1)
}

pub(crate) fn prepare(given: &[View], options: &Options) -> Result<Prepared, GroundError> {
    for (i, v) in given.iter().enumerate() {
        v.check(i)?;
    }
    let unit = median_depth(given)
        .filter(|u| *u > 0.0 && u.is_finite())
        .ok_or_else(|| GroundError::new("views", "have no valid depth"))?;
    let mut order: Vec<usize> = (0..given.len()).collect();
    order.sort_by(|a, b| compare(&given[*a], &given[*b]));

    let raw: Vec<Vec<f32>> = order
        .par_iter()
        .map(|i| {
            let v = &given[*i];
            let valid = |d: f32| d > 0.0 && d.is_finite();
            let to_unit = |d: &f32| {
                if valid(*d) { (f64::from(*d) * v.unit / unit) as f32 } else { 0.0 }
            };
            v.depth.iter().map(to_unit).map(|z| if valid(z) { z } else { 0.0 }).collect()
        })
        .collect();
    let size = |i: usize| (given[i].lens.width as usize, given[i].lens.height as usize);
    let mut noises: Vec<f64> = order
        .par_iter()
        .zip(&raw)
        .map(|(i, z)| Depth { width: size(*i).0, height: size(*i).1, z }.noise())
        .collect();
    noises.sort_unstable_by(f64::total_cmp);
    let noise = noises[noises.len() / 2];

    let painted: Vec<(paint::Painted, Ready)> = order
        .par_iter()
        .zip(raw)
        .enumerate()
        .map(|(at, (i, mut z))| {
            let v = &given[*i];
            let (width, height) = size(*i);
            let depth = Depth { width, height, z: &z };
            let flying: Vec<usize> = (0..z.len()).filter(|p| depth.flies(*p, noise)).collect();
            let painted = paint::paint(at, &v.masks, &depth, noise, &options.naming);
            for p in flying {
                z[p] = 0.0;
            }
            // Owners by number within the view: smoothing stays inside them.
            let mut owner = vec![0u32; z.len()];
            for (k, piece) in painted.pieces.iter().enumerate() {
                for p in &piece.pixels {
                    owner[*p as usize] = k as u32 + 1;
                }
            }
            let depth = Depth { width, height, z: &z };
            let (smooth, normal) = depth.smoothed(&owner, &v.lens, noise);
            let mut pose = v.pose;
            pose.center = Point3::from(pose.center.coords / unit);
            let ready =
                Ready { index: *i, lens: v.lens, pose, width, height, z: smooth, normal, owner };
            (painted, ready)
        })
        .collect();

    let mut out = Prepared {
        views: Vec::new(),
        pieces: Vec::new(),
        of_mask: vec![Vec::new(); given.len()],
        unit,
        noise: if noise < QUIET { 0.0 } else { noise },
    };
    for (painted, mut ready) in painted {
        let base = out.pieces.len();
        for o in ready.owner.iter_mut().filter(|o| **o > 0) {
            *o += base as u32;
        }
        out.of_mask[ready.index] =
            painted.of_mask.into_iter().map(|m| m.map(|k| base + k)).collect();
        out.pieces.extend(painted.pieces);
        out.views.push(ready);
    }
    Ok(out)
}
