//! Random scenes for laws, and changed ones.

use reasmory_driver::Scene;
use reasmory_driver::geom::{Obb, Pinhole, Point3, Vec3, View, math};
use reasmory_driver::scene::{
    Bounds, Instance, Manifest, Memory, Photo, Points, Room, Scale, Uncertainty,
};
use reasmory_driver::synth::Rng;

use super::transforms::Change;

/// Categories, each with one instance but for the chairs.
const CATEGORIES: [&str; 11] =
    ["bed", "book", "chair", "lamp", "rug", "shelf", "sofa", "stove", "table", "tv", "vase"];

/// A box before it is placed: category, centre, lengths, yaw, whether it has a front.
#[derive(Clone, Debug)]
struct Thing {
    category: &'static str,
    center: [f64; 3],
    lengths: [f64; 3],
    yaw: f64,
    front: bool,
    confidence: f64,
}

/// A scene as data, so that it can be changed.
#[derive(Clone, Debug)]
pub struct Case {
    things: Vec<Thing>,
    outline: Vec<[f64; 2]>,
    floor: f64,
    height: f64,
    photos: Vec<([f64; 3], f64, f64)>,
    noise: f64,
    relative: bool,
    /// Whether instances have points.
    pub points: bool,
    mirror: bool,
}

/// How far a change goes: shift, turn, lift, scale.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    shift: [f64; 2],
    yaw: f64,
    lift: f64,
    /// The factor of a scaling.
    pub scale: f64,
    corner: [f64; 2],
}

impl Amount {
    /// A random one.
    pub fn random(rng: &mut Rng) -> Amount {
        Amount {
            shift: [rng.range(-20.0, 20.0), rng.range(-20.0, 20.0)],
            yaw: rng.range(-180.0, 180.0),
            lift: rng.range(-3.0, 3.0),
            scale: rng.range(0.3, 4.0),
            corner: [rng.range(0.2, 5.0), rng.range(0.2, 4.0)],
        }
    }
}

impl Case {
    /// A random scene: a room of 4 to 7 by 3.5 to 6 m, things anywhere in it, some of them on and in others.
    pub fn random(rng: &mut Rng) -> Case {
        let (w, d) = (rng.range(4.0, 7.0), rng.range(3.5, 6.0));
        let mut things: Vec<Thing> = Vec::new();
        let chairs = 2 + rng.below(4);
        for category in CATEGORIES {
            let n = if category == "chair" { chairs } else { 1 };
            for _ in 0..n {
                let lengths = [rng.range(0.1, 1.6), rng.range(0.1, 1.6), rng.range(0.05, 1.6)];
                let bottom = if rng.chance(0.7) { 0.0 } else { rng.range(0.0, 1.2) };
                things.push(Thing {
                    category,
                    center: [rng.range(0.0, w), rng.range(0.0, d), bottom + lengths[2] / 2.0],
                    lengths,
                    yaw: rng.range(-180.0, 180.0),
                    front: matches!(category, "chair" | "sofa" | "tv"),
                    confidence: rng.range(0.3, 1.0),
                });
            }
        }
        let at = |things: &[Thing], name: &str| {
            things.iter().position(|t| t.category == name).unwrap_or(0)
        };
        // The vase often stands on the table, the lamp hangs over it, the book is in the shelf.
        let (table, shelf) = (at(&things, "table"), at(&things, "shelf"));
        let top = things[table].center[2] + things[table].lengths[2] / 2.0;
        let beside = |rng: &mut Rng, t: &Thing, reach: f64| {
            [t.center[0] + rng.range(-reach, reach), t.center[1] + rng.range(-reach, reach)]
        };
        for (name, share, gap) in [("vase", 0.7, 0.12), ("lamp", 0.5, 1.2)] {
            if rng.chance(share) {
                let [x, y] = beside(rng, &things[table].clone(), 0.3);
                let i = at(&things, name);
                let t = &mut things[i];
                t.center = [x, y, top + rng.range(-0.11, gap) + t.lengths[2] / 2.0];
            }
        }
        if rng.chance(0.7) {
            let of = things[shelf].clone();
            let i = at(&things, "book");
            let t = &mut things[i];
            t.yaw = of.yaw;
            t.lengths = of.lengths.map(|l| l * rng.range(0.2, 0.95));
            t.center =
                [0, 1, 2].map(|k| of.center[k] + 0.05 * rng.range(-1.0, 1.0) * of.lengths[k]);
        }
        let photo = |rng: &mut Rng| {
            let eye = [rng.range(0.0, w), rng.range(0.0, d), rng.range(0.8, 2.0)];
            (eye, rng.range(-180.0, 180.0), rng.range(-25.0, 15.0))
        };
        Case {
            outline: vec![[0.0, 0.0], [w, 0.0], [w, d], [0.0, d]],
            floor: 0.0,
            height: rng.range(2.4, 3.0),
            photos: (0..3).map(|_| photo(rng)).collect(),
            noise: 0.0,
            relative: false,
            points: rng.chance(0.25),
            mirror: false,
            things,
        }
    }

    /// The same without a known scale.
    #[must_use]
    pub fn relative(mut self) -> Case {
        self.relative = true;
        self
    }

    fn places(&mut self, f: impl Fn([f64; 3]) -> [f64; 3]) {
        for t in &mut self.things {
            t.center = f(t.center);
        }
        for p in &mut self.photos {
            p.0 = f(p.0);
        }
        for o in &mut self.outline {
            let [x, y, _] = f([o[0], o[1], 0.0]);
            *o = [x, y];
        }
    }

    fn angles(&mut self, f: impl Fn(f64) -> f64) {
        self.things.iter_mut().for_each(|t| t.yaw = f(t.yaw));
        self.photos.iter_mut().for_each(|p| p.1 = f(p.1));
    }

    /// The scene changed.
    #[must_use]
    pub fn changed(&self, change: Change, by: &Amount) -> Case {
        let mut c = self.clone();
        match change {
            Change::Shift => c.places(|[x, y, z]| [x + by.shift[0], y + by.shift[1], z]),
            Change::Turn => {
                let (cos, sin) = (math::cos_deg(by.yaw), math::sin_deg(by.yaw));
                c.places(|[x, y, z]| [cos * x - sin * y, sin * x + cos * y, z]);
                c.angles(|a| a + by.yaw);
            }
            Change::Lift => {
                c.places(|[x, y, z]| [x, y, z + by.lift]);
                c.floor += by.lift;
            }
            Change::Mirror => {
                c.places(|[x, y, z]| [x, -y, z]);
                c.angles(|a| -a);
                // Counter-clockwise outlines stay so.
                c.outline.reverse();
                c.mirror = true;
            }
            Change::Scale => {
                let s = by.scale;
                c.places(|p| p.map(|x| s * x));
                c.things.iter_mut().for_each(|t| t.lengths = t.lengths.map(|x| s * x));
                c.height *= s;
            }
            Change::Reorder => c.things.reverse(),
            Change::Noise => c.noise = 0.05,
            Change::Add => c.things.push(Thing {
                category: "piano",
                center: [by.corner[0], by.corner[1], 0.6],
                lengths: [1.4, 0.6, 1.2],
                yaw: by.yaw,
                front: false,
                confidence: 1.0,
            }),
        }
        c
    }

    /// The memory.
    pub fn scene(&self) -> Scene {
        let scale = if self.relative {
            Scale::relative("made for a law")
        } else {
            Scale::metric("made for a law")
        };
        let mut m = Manifest::empty("law", "test", scale);
        m.uncertainty = Uncertainty { position: self.noise };
        m.room = Some(Room {
            outline: self.outline.clone(),
            floor: self.floor,
            ceiling: Some(self.floor + self.height),
            stated_area: None,
        });
        let mut points: Vec<([f32; 3], u32)> = Vec::new();
        let (mut min, mut max) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        for (t, id) in self.things.iter().zip(1..) {
            let obb = Obb::upright(Point3::from(t.center), Vec3::from(t.lengths), t.yaw);
            // A front is along the second axis; a mirror turns that one around.
            let hand = if self.mirror { -1.0 } else { 1.0 };
            let front = Vec3::new(-math::sin_deg(t.yaw), math::cos_deg(t.yaw), 0.0) * hand;
            let corners = obb.corners();
            for c in corners {
                for k in 0..3 {
                    (min[k], max[k]) = (min[k].min(c[k]), max[k].max(c[k]));
                }
            }
            if self.points {
                points.extend(corners.iter().map(|c| ([c.x as f32, c.y as f32, c.z as f32], id)));
            }
            m.instances.push(Instance {
                id,
                category: t.category.to_owned(),
                obb,
                confidence: t.confidence as f32,
                support: 0,
                front: t.front.then(|| front.into()),
                seen_in: vec![],
            });
        }
        m.bounds = Some(Bounds { min, max });
        for ((eye, heading, pitch), i) in self.photos.iter().zip(0u8..) {
            let mut view = View::level(Point3::from(*eye), *heading);
            view.pitch = *pitch;
            m.photos.push(Photo {
                number: u32::from(i) + 1,
                name: format!("photo {}", i + 1),
                pinhole: Pinhole::from_fov(64, 48, 75.0),
                camera_to_world: view.pose(),
                time: Some(4.0 * f64::from(i)),
                image: None,
            });
        }
        m.index_categories();
        m.points = points.len() as u64;
        let points = Points {
            positions: points.iter().map(|p| p.0).collect::<Vec<_>>().into(),
            colors: vec![[120; 3]; points.len()].into(),
            confidence: vec![1.0; points.len()].into(),
            instance: points.iter().map(|p| p.1).collect::<Vec<_>>().into(),
        };
        Scene::new(Memory::new(m, points, None).unwrap_or_else(|e| panic!("a law's scene: {e}")))
    }
}
