//! Small memories for fuzzed runs.

use std::sync::{Arc, OnceLock};

use reasmory_geom::{Obb, Pinhole, Point3, Vec3, View};
use reasmory_scene::{
    Bounds, Instance, Manifest, Memory, Photo, PhotoPixels, Points, Rgb8, Room, Scale,
};

use crate::Scene;

/// Categories of the memories, each with whether it has a single instance.
pub(super) const CATEGORIES: [(&str, bool); 8] = [
    ("bed", true),
    ("chair", false),
    ("door", true),
    ("lamp", false),
    ("sofa", true),
    ("table", true),
    ("trash bin", true),
    ("tv", true),
];

const PIECES: [(&str, [f64; 3], [f64; 3], f64); 11] = [
    ("bed", [0.9, 2.9, 0.3], [1.6, 2.0, 0.6], 0.0),
    ("chair", [1.5, 2.0, 0.45], [0.45, 0.45, 0.9], 0.0),
    ("chair", [3.5, 2.0, 0.45], [0.45, 0.45, 0.9], 30.0),
    ("chair", [2.5, 1.4, 0.4], [0.45, 0.45, 0.8], 0.0),
    ("door", [4.97, 1.0, 1.0], [0.06, 0.9, 2.0], 0.0),
    ("lamp", [0.35, 1.5, 0.65], [0.2, 0.2, 0.3], 0.0),
    ("lamp", [4.3, 0.4, 0.8], [0.3, 0.3, 1.6], 45.0),
    ("sofa", [2.5, 0.5, 0.4], [1.8, 0.8, 0.8], 0.0),
    ("table", [2.5, 2.0, 0.375], [1.2, 0.7, 0.75], 10.0),
    ("trash bin", [3.9, 3.7, 0.15], [0.3, 0.3, 0.3], 0.0),
    ("tv", [2.5, 3.85, 1.2], [1.2, 0.1, 0.7], 0.0),
];

const CAMERAS: [([f64; 3], [f64; 3]); 2] =
    [([0.4, 0.4, 1.5], [3.2, 3.0, 0.7]), ([3.6, 0.9, 1.5], [1.0, 3.2, 0.5])];

/// A gradient that differs by photo.
struct Gradient;

impl PhotoPixels for Gradient {
    fn rgb(&self, number: u32) -> Result<Rgb8, String> {
        let (width, height) = (32, 24);
        let pixels = (0..width * height)
            .map(|i| [(i % width) as u8 * 8, (i / width) as u8 * 10, (number * 40) as u8])
            .collect();
        Ok(Rgb8 { width, height, pixels })
    }
}

fn manifest(name: &str, scale: Scale) -> Manifest {
    let mut m = Manifest::empty(name, "fuzz", scale);
    m.bounds = Some(Bounds { min: [0.0; 3], max: [5.0, 4.0, 2.5] });
    m.room = Some(Room {
        outline: vec![[0.0, 0.0], [5.0, 0.0], [5.0, 4.0], [0.0, 4.0]],
        floor: 0.0,
        ceiling: Some(2.5),
        stated_area: None,
    });
    m.instances = PIECES
        .iter()
        .zip(1..)
        .map(|((category, center, lengths, yaw), id)| Instance {
            id,
            category: (*category).to_owned(),
            obb: Obb::upright(Point3::from(*center), Vec3::from(*lengths), *yaw),
            confidence: if id == 2 { 0.8 } else { 0.9 },
            support: 0,
            front: (*category == "sofa").then_some([0.0, 1.0, 0.0]),
            seen_in: vec![],
        })
        .collect();
    m.index_categories();
    let photos = CAMERAS.iter().zip(1..).filter_map(|((eye, at), number)| {
        let view = View::looking_at(Point3::from(*eye), Point3::from(*at), 0.01)?;
        Some(Photo {
            number,
            name: format!("photo-{number}.png"),
            pinhole: Pinhole::from_fov(32, 24, 75.0),
            camera_to_world: view.pose(),
            time: Some(f64::from(number) - 1.0),
            image: None,
        })
    });
    m.photos = photos.collect();
    m
}

fn scene(m: Manifest, points: Points) -> Scene {
    match Memory::new(m, points, Some(Arc::new(Gradient))) {
        Ok(memory) => Scene::new(memory),
        Err(e) => unreachable!("a memory made by hand: {e}"),
    }
}

/// Boxes and photos, metric and exact.
pub(super) fn metric() -> &'static Scene {
    static CELL: OnceLock<Scene> = OnceLock::new();
    CELL.get_or_init(|| scene(manifest("metric", Scale::metric("fuzz")), Points::default()))
}

/// The same without a known scale.
pub(super) fn relative() -> &'static Scene {
    static CELL: OnceLock<Scene> = OnceLock::new();
    CELL.get_or_init(|| scene(manifest("relative", Scale::relative("fuzz")), Points::default()))
}

/// The same with noise, so that comparisons can be doubtful.
pub(super) fn noisy() -> &'static Scene {
    static CELL: OnceLock<Scene> = OnceLock::new();
    CELL.get_or_init(|| {
        let mut m = manifest("noisy", Scale::metric("fuzz"));
        m.uncertainty.position = 0.25;
        scene(m, Points::default())
    })
}

/// The same with a few points on each object and on the floor.
pub(super) fn points() -> &'static Scene {
    static CELL: OnceLock<Scene> = OnceLock::new();
    CELL.get_or_init(|| {
        let mut m = manifest("points", Scale::metric("fuzz"));
        let (mut positions, mut instance) = (Vec::new(), Vec::new());
        for (piece, id) in PIECES.iter().zip(1u32..) {
            // The last object has too few points to be measured by them.
            let grid: &[f64] = if id as usize == PIECES.len() { &[0.3] } else { &[-0.4, 0.0, 0.4] };
            for x in grid {
                for y in grid {
                    for z in grid {
                        let p = [x, y, z];
                        positions.push([0, 1, 2].map(|i| (piece.1[i] + p[i] * piece.2[i]) as f32));
                        instance.push(id);
                    }
                }
            }
        }
        for i in 0..120u32 {
            positions.push([(i % 12) as f32 * 0.4, (i / 12) as f32 * 0.4, 0.0]);
            instance.push(0);
        }
        for i in &mut m.instances {
            i.support = instance.iter().filter(|x| **x == i.id).count() as u64;
        }
        m.points = positions.len() as u64;
        let n = positions.len();
        let points = Points {
            positions: positions.into(),
            colors: vec![[120, 90, 60]; n].into(),
            confidence: vec![1.0; n].into(),
            instance: instance.into(),
        };
        scene(m, points)
    })
}
