//! The model that frames are aligned with: surfels, averaged over the frames that saw them.

use reasmory_geom::{Pinhole, Pose, Vec3};

use super::frame::{Level, sigma};

/// A piece of surface: its place, normal, size and grey value, and how often it was seen.
#[derive(Clone, Copy)]
struct Surfel {
    position: [f64; 3],
    normal: [f64; 3],
    grey: f32,
    radius: f32,
    weight: f32,
}

/// Most that an old surfel's weight counts against a new measurement.
const MOST_WEIGHT: f32 = 60.0;
/// No surfel here.
pub(super) const NOTHING: u32 = u32::MAX;

/// All surfels.
#[derive(Default)]
pub(super) struct Surfels {
    all: Vec<Surfel>,
}

/// What a camera would see of the model, in world coordinates.
pub(super) struct View {
    pub(super) width: usize,
    /// Index of the surfel in each pixel, [`NOTHING`] where there is none.
    pub(super) index: Vec<u32>,
    pub(super) points: Vec<Vec3>,
    pub(super) normals: Vec<Vec3>,
    pub(super) grey: Vec<f32>,
}

impl Surfels {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The nearest surfels that face the camera, each drawn as a square of its size.
    pub(super) fn view(&self, lens: &Pinhole, pose: &Pose) -> View {
        let (w, h) = (lens.width as usize, lens.height as usize);
        let mut index = vec![NOTHING; w * h];
        let mut depth = vec![f32::INFINITY; w * h];
        for (i, s) in self.all.iter().enumerate() {
            let p = Vec3::from(s.position);
            let to = p - pose.center.coords;
            if to.dot(&Vec3::from(s.normal)) >= 0.0 {
                continue;
            }
            let c = pose.rotation.transpose() * to;
            if c.z < 0.05 {
                continue;
            }
            let (u, v) = (lens.fx * c.x / c.z + lens.cx, lens.fy * c.y / c.z + lens.cy);
            let half = (f64::from(s.radius) * lens.fx / c.z).min(3.0);
            let from = |x: f64| (x - half + 0.5).floor().max(0.0) as usize;
            let to = |x: f64, most: usize| ((x + half + 0.5).floor().max(0.0) as usize).min(most);
            let z = c.z as f32;
            let (x0, mut x1, y0, mut y1) = (from(u), to(u, w), from(v), to(v, h));
            if u >= 0.0 && v >= 0.0 && (u as usize) < w && (v as usize) < h {
                x1 = x1.max(u as usize + 1);
                y1 = y1.max(v as usize + 1);
                let (x0, y0) = (x0.min(u as usize), y0.min(v as usize));
                draw(&mut index, &mut depth, w, (x0, x1, y0, y1), z, i as u32);
            } else {
                draw(&mut index, &mut depth, w, (x0, x1, y0, y1), z, i as u32);
            }
        }
        let zero = Vec3::zeros();
        let of = |i: &u32| self.all.get(*i as usize);
        View {
            width: w,
            points: index.iter().map(|i| of(i).map_or(zero, |s| s.position.into())).collect(),
            normals: index.iter().map(|i| of(i).map_or(zero, |s| s.normal.into())).collect(),
            grey: index.iter().map(|i| of(i).map_or(0.0, |s| s.grey)).collect(),
            index,
        }
    }

    /// Averages a frame's pixels into the surfels that `view` shows at them, and adds surfels where it
    /// shows none of the same surface.
    pub(super) fn fuse(&mut self, frame: &Level, pose: &Pose, view: Option<&View>) {
        let w = frame.lens.width as usize;
        for (i, (p, n)) in frame.points.iter().zip(&frame.normals).enumerate() {
            if *n == [0.0; 3] {
                continue;
            }
            let z = f64::from(p[2]);
            let world = pose.center.coords + pose.rotation * Vec3::new(p[0].into(), p[1].into(), z);
            let normal = pose.rotation * Vec3::new(n[0].into(), n[1].into(), n[2].into());
            let grey = frame.grey.as_ref().map_or(0.0, |g| g.pixels()[i]);
            let near = view.and_then(|v| self.same(v, i, w, &world, &normal, z));
            // Near and frontal measurements are the good ones.
            let weight = (sigma(1.0) / sigma(z)).powi(2).min(1.0) as f32;
            match near {
                Some(k) => {
                    let s = &mut self.all[k];
                    let (a, b) = (f64::from(s.weight), f64::from(weight));
                    let mix = |old: [f64; 3], new: Vec3| (Vec3::from(old) * a + new * b) / (a + b);
                    s.position = mix(s.position, world).into();
                    let m = mix(s.normal, normal);
                    s.normal = m.try_normalize(1e-9).unwrap_or(normal).into();
                    s.grey = (s.grey * s.weight + grey * weight) / (s.weight + weight);
                    s.weight = (s.weight + weight).min(MOST_WEIGHT);
                    s.radius = s.radius.min((0.6 * z / frame.lens.fx) as f32);
                }
                None => self.all.push(Surfel {
                    position: world.into(),
                    normal: normal.into(),
                    grey,
                    radius: (0.6 * z / frame.lens.fx) as f32,
                    weight,
                }),
            }
        }
    }

    /// The surfel of the same surface at a pixel or beside it.
    fn same(
        &self,
        view: &View,
        i: usize,
        w: usize,
        world: &Vec3,
        normal: &Vec3,
        z: f64,
    ) -> Option<usize> {
        let reach = 5.0 * sigma(z);
        let mut best: Option<(f64, usize)> = None;
        for j in [Some(i), i.checked_sub(1), i.checked_add(1), i.checked_sub(w), i.checked_add(w)] {
            let Some(k) = j.and_then(|j| view.index.get(j)).filter(|k| **k != NOTHING) else {
                continue;
            };
            let s = self.all.get(*k as usize)?;
            let (p, n) = (Vec3::from(s.position), Vec3::from(s.normal));
            let off = world - p;
            let beside = (off - n * off.dot(&n)).norm();
            if off.dot(&n).abs() <= reach
                && n.dot(normal) > 0.6
                && beside <= 2.0 * f64::from(s.radius)
                && best.is_none_or(|b| beside < b.0)
            {
                best = Some((beside, *k as usize));
            }
        }
        best.map(|b| b.1)
    }
}

fn draw(
    index: &mut [u32],
    depth: &mut [f32],
    w: usize,
    (x0, x1, y0, y1): (usize, usize, usize, usize),
    z: f32,
    i: u32,
) {
    for y in y0..y1 {
        for k in y * w + x0..y * w + x1.max(x0) {
            if z < depth[k] {
                (depth[k], index[k]) = (z, i);
            }
        }
    }
}
