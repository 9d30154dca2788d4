//! Small memories for the tests of this crate.

use reasmory_geom::{Obb, Point3, Vec3};
use reasmory_scene::{Instance, Manifest, Memory, Points, Scale};

pub(crate) type P = ([f32; 3], [u8; 3], u32);

/// A memory of points `(position, colour, instance)` and boxes `(category, box)`.
pub(crate) fn memory_of(points: Vec<P>, boxes: Vec<(&str, Obb)>) -> Memory {
    let mut m = Manifest::empty("test", "test", Scale::metric("test"));
    for (i, (category, obb)) in boxes.into_iter().enumerate() {
        m.instances.push(Instance {
            id: i as u32 + 1,
            category: category.into(),
            obb,
            confidence: 1.0,
            support: points.iter().filter(|p| p.2 as usize == i + 1).count() as u64,
            front: None,
            seen_in: vec![],
        });
    }
    m.index_categories();
    m.points = points.len() as u64;
    let columns = Points {
        positions: points.iter().map(|p| p.0).collect::<Vec<_>>().into(),
        colors: points.iter().map(|p| p.1).collect::<Vec<_>>().into(),
        confidence: vec![1.0; points.len()].into(),
        instance: points.iter().map(|p| p.2).collect::<Vec<_>>().into(),
    };
    Memory::new(m, columns, None).unwrap()
}

/// A grid of `nx × nz` points in the plane `y = at`, centred on the y axis.
pub(crate) fn plane(nx: usize, nz: usize, step: f32, at: f32, color: [u8; 3]) -> Vec<P> {
    let mut out = Vec::new();
    for i in 0..nx {
        for k in 0..nz {
            let x = (i as f32 - 0.5 * (nx as f32 - 1.0)) * step;
            let z = (k as f32 - 0.5 * (nz as f32 - 1.0)) * step;
            out.push(([x, at, z], color, 0));
        }
    }
    out
}

pub(crate) fn cube(x: f64, y: f64, z: f64, side: f64) -> Obb {
    Obb::upright(Point3::new(x, y, z), Vec3::new(side, side, side), 0.0)
}

/// SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// In [0, 1).
    pub(crate) fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 24) as f32
    }
}

/// Points in the plane `y = at` at random, about `per` to a unit square.
pub(crate) fn random_plane(half: f32, per: f32, at: f32, color: [u8; 3], id: u32) -> Vec<P> {
    let mut random = Random::new(12345);
    let mut across = || (2.0 * random.unit() - 1.0) * half;
    let n = (4.0 * half * half * per) as usize;
    (0..n).map(|_| ([across(), at, across()], color, id)).collect()
}
