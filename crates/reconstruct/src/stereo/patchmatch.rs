//! PatchMatch stereo of one reference photo: good planes found at random spread to their neighbours
//! (Barnes et al. 2009; Bleyer et al. 2011), from coarse to fine.

use reasmory_geom::{Pinhole, Pose};

use super::cost::{ALL, Mask, Plane, Source, Weights, Window, consistency, consistency_of_all};
use super::{Range, StereoOptions};
use crate::grey::Grey;
use crate::random::Random;

/// Steepest surface, as the change of depth across one focal length of pixels relative to depth: the
/// tangent of the slant for a pixel at the middle.
const STEEPEST: f32 = 5.0;
/// The coarsest level is at least this wide and high.
const COARSEST: usize = 90;
/// Random planes tried for each pixel of the coarsest level.
const TRIES: usize = 24;

/// A photo at every level of its pyramid, finest first.
pub(super) struct Pyramid {
    pub(super) levels: Vec<Grey>,
}

impl Pyramid {
    pub(super) fn new(finest: &Grey) -> Pyramid {
        let mut levels = vec![finest.clone()];
        while let Some(last) = levels.last()
            && last.width().min(last.height()) >= 2 * COARSEST
            && let Some(half) = last.half()
        {
            levels.push(half);
        }
        Pyramid { levels }
    }
}

/// A lens for the picture `level` halvings down.
pub(super) fn lens_at(k: &Pinhole, level: usize, g: &Grey) -> Pinhole {
    let s = 1.0 / (1u64 << level) as f64;
    Pinhole {
        width: g.width() as u32,
        height: g.height() as u32,
        fx: k.fx * s,
        fy: k.fy * s,
        cx: k.cx * s,
        cy: k.cy * s,
    }
}

/// Planes and costs of all pixels at one level.
pub(super) struct Field {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) planes: Vec<Plane>,
    pub(super) costs: Vec<f32>,
    /// Sources that are looked at, by pixel.
    masks: Vec<Mask>,
}

/// The reference photo with its sources at one level.
struct Level<'a> {
    grey: &'a Grey,
    lens: Pinhole,
    sources: Vec<Source>,
    weights: &'a Weights,
    range: Range,
    keep: usize,
    looked_at: usize,
    stride: i64,
}

/// A photo with its lens at full size.
pub(super) type Seen<'a> = (&'a Pyramid, &'a Pinhole, &'a Pose);

/// The field of a reference photo at full size.
pub(super) fn solve(
    reference: Seen<'_>,
    sources: &[Seen<'_>],
    range: Range,
    options: &StereoOptions,
    seed: u64,
) -> Field {
    let weights = Weights::new();
    let (pyramid, lens, pose) = reference;
    let shared = sources.iter().map(|s| s.0.levels.len()).min().unwrap_or(0);
    let top = pyramid.levels.len().min(shared.max(1)) - 1;
    let keep = options.best_sources.clamp(1, sources.len().max(1));
    let mut field: Option<Field> = None;
    // One more than count, so that another may take over where a surface ends.
    let looked_at = keep + 1;
    for level in (0..=top).rev() {
        let grey = &pyramid.levels[level];
        let here = lens_at(lens, level, grey);
        let at = |s: &Seen<'_>| {
            let g = &s.0.levels[level];
            Source::new((&here, pose), (&lens_at(s.1, level, g), s.2), g)
        };
        let l = Level {
            grey,
            lens: here,
            sources: sources.iter().map(at).collect(),
            weights: &weights,
            range,
            keep,
            looked_at,
            stride: options.stride,
        };
        let mut f = match field.take() {
            None => l.scatter(seed),
            Some(coarse) => l.refine(&coarse),
        };
        let passes = if level == top { options.coarse_passes } else { options.fine_passes };
        for pass in 0..passes {
            // From a few pixels of disparity down to a small part of one.
            let last = pass + 1 == passes;
            let step = match (level == top, pass) {
                (true, 0) => 4.0,
                (true, 1) => 1.5,
                _ if last => 0.15,
                _ => 0.5,
            };
            l.sweep(&mut f, pass % 2 == 1, step, seed ^ ((level as u64) << 32 | pass as u64));
        }
        field = Some(f);
    }
    field.unwrap_or(Field {
        width: 0,
        height: 0,
        planes: Vec::new(),
        costs: Vec::new(),
        masks: Vec::new(),
    })
}

impl Level<'_> {
    fn centre(x: usize, y: usize) -> (f32, f32) {
        (x as f32 + 0.5, y as f32 + 0.5)
    }

    fn window(&self, x: usize, y: usize) -> Window {
        Window::new(self.grey, x, y, self.stride, self.weights)
    }

    fn cost(&self, win: &Window, mask: Mask, x: usize, y: usize, p: &Plane) -> f32 {
        let at = Self::centre(x, y);
        consistency(&self.sources, mask, self.keep, win, at, self.stride as f32, p)
    }

    /// Whether a plane is one that may be: its depth in range, not steeper than can be matched.
    fn allowed(&self, p: &Plane) -> bool {
        let steep = STEEPEST * p[0];
        p[0] >= self.range.least
            && p[0] <= self.range.most
            && p[1].abs() * self.lens.fx as f32 <= steep
            && p[2].abs() * self.lens.fy as f32 <= steep
    }

    /// The best of some random planes for each pixel.
    fn scatter(&self, seed: u64) -> Field {
        let (width, height) = (self.grey.width(), self.grey.height());
        let mut planes = Vec::with_capacity(width * height);
        let mut costs = Vec::with_capacity(width * height);
        let span = self.range.most - self.range.least;
        for y in 0..height {
            let mut r = Random::new(&[seed, y as u64]);
            for x in 0..width {
                let win = self.window(x, y);
                let mut best = (f32::INFINITY, [self.range.least, 0.0, 0.0]);
                for k in 0..TRIES {
                    // Stratified over the range, so that no depth is far from a try.
                    let w = self.range.least + span * (k as f32 + r.unit()) / TRIES as f32;
                    let p = [
                        w,
                        r.signed() * w / self.lens.fx as f32,
                        r.signed() * w / self.lens.fy as f32,
                    ];
                    let c = self.cost(&win, ALL, x, y, &p);
                    if c < best.0 {
                        best = (c, p);
                    }
                }
                costs.push(best.0);
                planes.push(best.1);
            }
        }
        let masks = vec![ALL; planes.len()];
        Field { width, height, planes, costs, masks }
    }

    /// The field of the level above at this one's size.
    fn refine(&self, coarse: &Field) -> Field {
        let (width, height) = (self.grey.width(), self.grey.height());
        let mut planes = Vec::with_capacity(width * height);
        let mut costs = Vec::with_capacity(width * height);
        let mut masks = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let (cx, cy) = ((x / 2).min(coarse.width - 1), (y / 2).min(coarse.height - 1));
                let q = coarse.planes[cy * coarse.width + cx];
                // Offset from the coarse pixel's centre in coarse pixels.
                let du = (x as f32 + 0.5) * 0.5 - (cx as f32 + 0.5);
                let dv = (y as f32 + 0.5) * 0.5 - (cy as f32 + 0.5);
                let mut p = [q[0] + q[1] * du + q[2] * dv, 0.5 * q[1], 0.5 * q[2]];
                if !self.allowed(&p) {
                    p = [q[0], 0.0, 0.0];
                }
                let win = self.window(x, y);
                let how = (self.keep, self.looked_at);
                let at = Self::centre(x, y);
                let (cost, mask) =
                    consistency_of_all(&self.sources, how, &win, at, self.stride as f32, &p);
                costs.push(cost);
                masks.push(mask);
                planes.push(p);
            }
        }
        Field { width, height, planes, costs, masks }
    }

    /// One pass over all pixels, down and right or (`back`) up and left: each takes over a neighbour's
    /// plane where that fits better, then tries changes of its own of up to `step` pixels of disparity.
    fn sweep(&self, f: &mut Field, back: bool, step: f32, seed: u64) {
        let (width, height) = (f.width, f.height);
        for row in 0..height {
            let y = if back { height - 1 - row } else { row };
            let mut r = Random::new(&[seed, 7, y as u64]);
            for column in 0..width {
                let x = if back { width - 1 - column } else { column };
                let i = y * width + x;
                let win = self.window(x, y);
                let mask = f.masks[i];
                let (mut cost, mut plane) = (f.costs[i], f.planes[i]);
                let side = |d: i64| -> i64 { if back { -d } else { d } };
                for (dx, dy) in [(-1, 0), (0, -1), (-1, -1), (1, -1)] {
                    let (nx, ny) = (x as i64 + side(dx), y as i64 + side(dy));
                    if nx < 0 || ny < 0 || nx >= width as i64 || ny >= height as i64 {
                        continue;
                    }
                    let n = ny as usize * width + nx as usize;
                    // The diagonal neighbours only where they are clearly better.
                    if dx != 0 && dy != 0 && f.costs[n] > 0.5 * cost {
                        continue;
                    }
                    let q = f.planes[n];
                    let (sx, sy) = ((x as i64 - nx) as f32, (y as i64 - ny) as f32);
                    let p = [q[0] + q[1] * sx + q[2] * sy, q[1], q[2]];
                    self.consider(&win, mask, x, y, p, &mut cost, &mut plane);
                }
                self.perturb(&win, mask, x, y, step, &mut r, &mut cost, &mut plane);
                f.costs[i] = cost;
                f.planes[i] = plane;
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn consider(
        &self,
        win: &Window,
        mask: Mask,
        x: usize,
        y: usize,
        p: Plane,
        cost: &mut f32,
        plane: &mut Plane,
    ) {
        if !self.allowed(&p) || self.alike(&p, plane) {
            return;
        }
        let c = self.cost(win, mask, x, y, &p);
        if c < *cost {
            (*cost, *plane) = (c, p);
        }
    }

    /// Whether two planes of a pixel are one for every use.
    fn alike(&self, a: &Plane, b: &Plane) -> bool {
        let k = 1e-4 * b[0];
        (a[0] - b[0]).abs() < 0.2 * k
            && (a[1] - b[1]).abs() * (self.lens.fx as f32) < 50.0 * k
            && (a[2] - b[2]).abs() * (self.lens.fy as f32) < 50.0 * k
    }

    #[allow(clippy::too_many_arguments)]
    fn perturb(
        &self,
        win: &Window,
        mask: Mask,
        x: usize,
        y: usize,
        step: f32,
        r: &mut Random,
        cost: &mut f32,
        plane: &mut Plane,
    ) {
        let (u, v) = Self::centre(x, y);
        let motion =
            self.sources.iter().map(|s| s.motion(u, v, plane[0])).fold(0.0f32, f32::max).max(1e-6);
        let shift = step / motion;
        // A slant of about the same effect at the rim of the window.
        let tilt = (step * 0.4).min(1.0);
        let (fx, fy) = (self.lens.fx as f32, self.lens.fy as f32);
        for kind in 0..3 {
            let mut p = *plane;
            if kind != 1 {
                p[0] += shift * r.signed();
            }
            if kind != 0 {
                p[1] += tilt * r.signed() * p[0] / fx;
                p[2] += tilt * r.signed() * p[0] / fy;
            }
            self.consider(win, mask, x, y, p, cost, plane);
        }
    }
}
