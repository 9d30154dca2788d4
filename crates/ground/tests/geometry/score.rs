//! Things found against pieces that are there, by the points they share.

use reasmory_ground::geometry::{Camera, Cloud, Segmentation, segment};
use reasmory_scene::Memory;
use reasmory_synth::{
    FusionOptions, Room, RoomOptions, from_frames, labels, photo_set, render_all,
};

/// Fewest points of a piece that counts.
const FEWEST: usize = 60;

/// A room as its pictures give it, with the piece of each point.
pub struct Sample {
    pub memory: Memory,
    pub cameras: Vec<Camera>,
    pub noise: f64,
}

impl Sample {
    pub fn new(seed: u64, size: (u32, u32), photos: usize, voxel: f64, noise: f64) -> Sample {
        let options = RoomOptions { l_shaped: seed % 4 == 3, ..RoomOptions::default() };
        let room = Room::generate(seed, &options);
        let shots = photo_set(&room, photos, size.0, size.1);
        let frames = render_all(&room, &shots);
        let fusion = FusionOptions { voxel, depth_noise: noise, seed, ..FusionOptions::default() };
        let memory =
            from_frames("room", &frames, &shots, &labels(&room, false), &fusion).expect("a room");
        let cameras = shots.iter().map(|c| Camera { pose: c.pose, lens: c.pinhole }).collect();
        let noise = memory.manifest().uncertainty.position.min(2.0 * noise);
        Sample { memory, cameras, noise }
    }

    pub fn run(&self, with_cameras: bool) -> Segmentation {
        let p = self.memory.points();
        segment(&Cloud {
            positions: &p.positions,
            colors: &p.colors,
            cameras: if with_cameras { &self.cameras } else { &[] },
            noise: self.noise,
        })
    }
}

/// What was found of what is there.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// Pieces with points enough.
    pub pieces: usize,
    /// Pieces that one thing shares at least half with, of all points of either.
    pub found: usize,
    /// Things found.
    pub things: usize,
    /// Pieces in several things: two or more hold at least 15 % of it each.
    pub over: usize,
    /// Things with several pieces: at least half of two or more.
    pub under: usize,
    /// Things that no piece has most of.
    pub phantoms: usize,
    /// Sum over pieces of the best share in common.
    pub iou: f64,
    /// What went wrong, in words.
    pub wrong: Vec<String>,
}

impl Score {
    pub fn add(&mut self, s: &Sample, g: &Segmentation) {
        let m = s.memory.manifest();
        let truth = &s.memory.points().instance;
        let (n, k) = (m.instances.len(), g.things.len());
        let mut both = vec![vec![0usize; k + 1]; n + 1];
        for (t, p) in truth.iter().zip(&g.of_point) {
            both[*t as usize][*p as usize] += 1;
        }
        let of_thing: Vec<usize> = (0..=k).map(|p| both.iter().map(|r| r[p]).sum()).collect();
        let mut holds = vec![Vec::new(); k + 1];
        self.things += k;
        for i in &m.instances {
            let row = &both[i.id as usize];
            let all: usize = row.iter().sum();
            for p in 1..=k {
                if 2 * row[p] >= all && all >= FEWEST {
                    holds[p].push(i.category.clone());
                }
            }
            if all < FEWEST {
                continue;
            }
            self.pieces += 1;
            let iou = |p: usize| row[p] as f64 / (all + of_thing[p] - row[p]) as f64;
            let best = (1..=k).map(iou).fold(0.0, f64::max);
            self.iou += best;
            if best >= 0.5 {
                self.found += 1;
            } else {
                let none = row[0] as f64 / all as f64;
                self.wrong.push(format!(
                    "{}: {all} points, best {best:.2}, unassigned {none:.2}",
                    i.category
                ));
            }
            if (1..=k).filter(|p| row[*p] as f64 >= 0.15 * all as f64).count() > 1 {
                self.over += 1;
                self.wrong.push(format!("{} is divided", i.category));
            }
        }
        for (p, h) in holds.iter().enumerate().skip(1) {
            if h.len() > 1 {
                self.under += 1;
                self.wrong.push(format!("together: {}", h.join(" + ")));
            }
            if 2 * both[0][p] > of_thing[p] {
                self.phantoms += 1;
                let b = g.things[p - 1].obb;
                self.wrong.push(format!(
                    "a thing of no piece: {} points, {:.2?} at {:.2?}",
                    of_thing[p],
                    b.size(),
                    b.center.coords.as_slice()
                ));
            }
        }
    }

    pub fn recall(&self) -> f64 {
        self.found as f64 / self.pieces.max(1) as f64
    }

    pub fn mean_iou(&self) -> f64 {
        self.iou / self.pieces.max(1) as f64
    }
}
