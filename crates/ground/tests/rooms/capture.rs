//! What a camera and a detector record of a synthetic room.

use reasmory_geom::Point3;
use reasmory_ground::{Mask, Region, View};
use reasmory_synth::{Camera, Degradation, Frame, Rng, Room, RoomOptions, photo_set, render_all};

/// Exact recording.
pub const EXACT: &str = "";
/// Noisy poses (1 cm and 0.5° in all) and depth, masks eroded by a pixel at a width of 320.
pub const ERODED: &str = "place-noise=0.0058,turn-noise=0.29,depth-noise=0.01,mask-erode=1";
/// The same with a tenth of the masks missing and a twentieth mislabelled.
pub const MISSING: &str =
    "place-noise=0.0058,turn-noise=0.29,depth-noise=0.01,mask-missing=0.1,mask-mislabelled=0.05";

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

impl Capture {
    pub fn new(seed: u64, noise: &str, size: (u32, u32), photos: usize) -> Capture {
        let mut noise = Degradation::parse(noise).expect("a degradation");
        noise.eroded = (noise.eroded * size.0 / 320).max(noise.eroded.min(1));
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
                let depth = noise.depth(&f.depth, &mut rng);
                let pose = noise.pose(&c.pose, &mut rng);
                let mut masks = Vec::new();
                let mut ids = Vec::new();
                let least = (LEAST * f.depth.len() as f64) as usize;
                for p in &room.pieces {
                    // A generator of its own: one mask does not change the others' fate.
                    let mut rng = root.fork(n as u64).fork(u64::from(p.id));
                    let found = noise.mask(f, p.id, room.pieces.len(), &mut rng);
                    let Some((mask, of)) = found else { continue };
                    let region =
                        Region::from_pixels(size.0, size.1, |i| mask[i]).expect("a region");
                    if (region.area() as usize) < least.max(1) {
                        continue;
                    }
                    let label = room.piece(of).expect("a piece").category;
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
