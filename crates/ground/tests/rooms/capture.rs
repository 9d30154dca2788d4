//! What a camera and a detector record of a synthetic room.

use reasmory_geom::{Point3, Pose, Vec3};
use reasmory_ground::{Mask, Region, View};
use reasmory_synth::{Camera, Frame, Rng, Room, RoomOptions, photo_set, render_all};

/// How recording errs.
#[derive(Clone, Copy, Debug)]
pub struct Noise {
    /// Standard deviation of how far a camera is off, metres, and of how far it is turned, degrees; the
    /// direction and the axis are random.
    pub pose: [f64; 2],
    /// Relative standard deviation of depth, pixel by pixel.
    pub depth: f64,
    /// Pixels that masks are eroded by, at a width of 320.
    pub eroded: i64,
    /// Part of the masks that is missing.
    pub missing: f64,
    /// Part of the masks with another category's label.
    pub mislabelled: f64,
}

impl Noise {
    /// None.
    pub const NONE: Noise =
        Noise { pose: [0.0; 2], depth: 0.0, eroded: 0, missing: 0.0, mislabelled: 0.0 };
    /// Noisy poses and depth, eroded masks.
    pub const ERODED: Noise =
        Noise { pose: [0.01, 0.5], depth: 0.01, eroded: 1, missing: 0.0, mislabelled: 0.0 };
    /// Noisy poses and depth, missing masks and wrong labels.
    pub const MISSING: Noise =
        Noise { pose: [0.01, 0.5], depth: 0.01, eroded: 0, missing: 0.1, mislabelled: 0.05 };
}

/// A recorded room.
pub struct Capture {
    pub room: Room,
    /// Exact cameras and frames.
    pub cameras: Vec<Camera>,
    pub frames: Vec<Frame>,
    /// What is given to the method.
    pub views: Vec<View>,
    /// Piece that each mask is of.
    pub pieces: Vec<Vec<u32>>,
}

/// Masks below this part of the picture are not made: no detector finds them.
const LEAST: f64 = 1.0 / 4096.0;

fn jittered(pose: &Pose, noise: &Noise, rng: &mut Rng) -> Pose {
    let mut any =
        |size: f64| Vec3::from_fn(|_, _| rng.normal()).normalize() * (size * rng.normal());
    let (t, w) = (any(noise.pose[0]), any(noise.pose[1].to_radians()));
    let k = (w * 0.5).cross_matrix();
    let one = nalgebra::Matrix3::identity();
    let turn = (one - k).try_inverse().expect("a small rotation") * (one + k);
    Pose { rotation: turn * pose.rotation, center: pose.center + t }
}

fn eroded(f: &Frame, id: u32, by: i64) -> Vec<bool> {
    let (w, h) = (f.rgb.width as i64, f.rgb.height as i64);
    (0..w * h)
        .map(|p| {
            let (x, y) = (p % w, p / w);
            (-by..=by).all(|dy| {
                (-by..=by).all(|dx| {
                    let (i, j) = (x + dx, y + dy);
                    // The border of the picture is no border of the thing.
                    i < 0 || j < 0 || i >= w || j >= h || f.instance[(j * w + i) as usize] == id
                })
            })
        })
        .collect()
}

impl Capture {
    pub fn new(seed: u64, noise: Noise, size: (u32, u32), photos: usize) -> Capture {
        let room = Room::generate(seed, &RoomOptions::default());
        let cameras = photo_set(&room, photos, size.0, size.1);
        let frames = render_all(&room, &cameras);
        let root = Rng::new(seed).fork(7);
        let mut pieces = Vec::new();
        let views = cameras
            .iter()
            .zip(&frames)
            .enumerate()
            .map(|(n, (c, f))| {
                let mut rng = root.fork(n as u64);
                let depth = f
                    .depth
                    .iter()
                    .map(|z| {
                        if noise.depth > 0.0 {
                            z * (1.0 + noise.depth * rng.normal()) as f32
                        } else {
                            *z
                        }
                    })
                    .collect();
                let pose = if noise.pose == [0.0; 2] {
                    c.pose
                } else {
                    jittered(&c.pose, &noise, &mut rng)
                };
                let mut masks = Vec::new();
                let mut ids = Vec::new();
                let least = (LEAST * f.depth.len() as f64) as usize;
                for p in &room.pieces {
                    let by = (noise.eroded * i64::from(size.0) / 320).max(noise.eroded.min(1));
                    let inside = if by > 0 { eroded(f, p.id, by) } else { Vec::new() };
                    let region = Region::from_pixels(size.0, size.1, |i| {
                        f.instance[i] == p.id && (by == 0 || inside[i])
                    })
                    .expect("a region");
                    // Drawn for every piece, so that one mask does not change the others' fate.
                    let (lost, wrong, other) =
                        (rng.unit(), rng.unit(), rng.below(room.pieces.len()));
                    if (region.area() as usize) < least.max(1) || lost < noise.missing {
                        continue;
                    }
                    let label = if wrong < noise.mislabelled {
                        room.pieces[other].category
                    } else {
                        p.category
                    };
                    masks.push(Mask { region, label: label.into(), score: 0.9, boxed: false });
                    ids.push(p.id);
                }
                pieces.push(ids);
                View { lens: c.pinhole, pose, depth, unit: 1.0, masks }
            })
            .collect();
        Capture { room, cameras, frames, views, pieces }
    }

    /// Pieces that have a mask at all.
    pub fn shown(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = self.pieces.iter().flatten().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn with(&self, views: Vec<View>) -> Capture {
        Capture {
            room: self.room.clone(),
            cameras: self.cameras.clone(),
            frames: self.frames.clone(),
            views,
            pieces: self.pieces.clone(),
        }
    }

    /// The whole scene larger or smaller.
    pub fn scaled(&self, scale: f64) -> Capture {
        let views = self.views.iter().map(|v| {
            let mut v = v.clone();
            v.pose.center = Point3::from(v.pose.center.coords * scale);
            v.unit *= scale;
            v
        });
        self.with(views.collect())
    }

    /// The views in another order, and which one each was.
    pub fn shuffled(&self, seed: u64) -> (Capture, Vec<usize>) {
        let mut order: Vec<usize> = (0..self.views.len()).collect();
        Rng::new(seed).shuffle(&mut order);
        let views = order.iter().map(|i| self.views[*i].clone()).collect();
        (self.with(views), order)
    }

    /// Part of a piece's surface that some frame shows.
    pub fn surface_seen(&self, id: u32) -> f64 {
        let points = reasmory_synth::truth::surface(&self.room, id, 400);
        let seen = |p: &Point3| {
            self.cameras.iter().zip(&self.frames).any(|(c, f)| {
                let q = c.pose.to_camera(*p);
                let Some((x, y)) = c.pinhole.project(q) else { return false };
                let (w, h) = (f.rgb.width as usize, f.rgb.height as usize);
                if !(x >= 0.0 && y >= 0.0 && x < w as f64 && y < h as f64) {
                    return false;
                }
                let (x, y) = (x as usize, y as usize);
                (y.saturating_sub(1)..=(y + 1).min(h - 1)).any(|j| {
                    (x.saturating_sub(1)..=(x + 1).min(w - 1)).any(|i| {
                        let at = j * w + i;
                        f.instance[at] == id && (f64::from(f.depth[at]) / q.z - 1.0).abs() < 0.01
                    })
                })
            })
        };
        points.iter().filter(|p| seen(p)).count() as f64 / points.len().max(1) as f64
    }
}
