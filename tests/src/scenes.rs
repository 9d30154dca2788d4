//! The standard scenes. The boxes are chosen by hand so that what a test expects can be read off them.

use std::sync::{Arc, OnceLock};

use reasmory_driver::Scene;
use reasmory_driver::geom::{Obb, Pinhole, Point3, Pose, Vec3};
use reasmory_driver::scene::{
    Bounds, Instance, Manifest, Memory, Photo, PhotoPixels, Points, Rgb8, Room, Scale,
};
use reasmory_driver::synth;

/// Category, centre and lengths of the instances of `room`, in id order.
pub const PIECES: [(&str, [f64; 3], [f64; 3]); 15] = [
    ("bed", [0.9, 2.9, 0.3], [1.6, 2.0, 0.6]),
    ("chair", [1.5, 2.0, 0.45], [0.45, 0.45, 0.9]),
    ("chair", [3.5, 2.0, 0.45], [0.45, 0.45, 0.9]),
    ("chair", [2.5, 1.4, 0.4], [0.45, 0.45, 0.8]),
    ("chair", [2.5, 2.8, 0.5], [0.5, 0.5, 1.0]),
    ("door", [4.97, 1.0, 1.0], [0.06, 0.9, 2.0]),
    ("lamp", [0.35, 1.5, 0.65], [0.2, 0.2, 0.3]),
    ("lamp", [4.3, 0.4, 0.8], [0.3, 0.3, 1.6]),
    ("nightstand", [0.35, 1.5, 0.25], [0.4, 0.4, 0.5]),
    ("refrigerator", [4.6, 2.5, 0.9], [0.7, 0.7, 1.8]),
    ("sofa", [2.5, 0.5, 0.4], [1.8, 0.8, 0.8]),
    ("stove", [4.6, 3.4, 0.45], [0.6, 0.6, 0.9]),
    ("table", [2.5, 2.0, 0.375], [1.2, 0.7, 0.75]),
    ("trash bin", [3.9, 3.7, 0.15], [0.3, 0.3, 0.3]),
    ("tv", [2.5, 3.85, 1.2], [1.2, 0.1, 0.7]),
];

/// Eyes and targets of the three photos of `room`.
const CAMERAS: [([f64; 3], [f64; 3]); 3] = [
    ([0.4, 0.4, 1.5], [3.2, 3.0, 0.7]),
    ([3.6, 0.9, 1.5], [1.0, 3.2, 0.5]),
    ([2.0, 3.6, 1.6], [3.0, 0.4, 0.5]),
];

/// A gradient that differs by photo.
pub(crate) struct Gradient;

impl PhotoPixels for Gradient {
    fn rgb(&self, number: u32) -> Result<Rgb8, String> {
        let (width, height) = (64, 48);
        let pixels = (0..width * height)
            .map(|i| [(i % width) as u8 * 4, (i / width) as u8 * 5, (number * 40) as u8])
            .collect();
        Ok(Rgb8 { width, height, pixels })
    }
}

pub(crate) fn photo(number: u32, eye: [f64; 3], target: [f64; 3]) -> Photo {
    let (eye, target) = (Point3::from(eye), Point3::from(target));
    let forward = (target - eye).normalize();
    let right = forward.cross(&Vec3::z()).normalize();
    let down = forward.cross(&right);
    Photo {
        number,
        name: format!("photo-{number}.png"),
        pinhole: Pinhole::from_fov(64, 48, 75.0),
        camera_to_world: Pose::from_axes(right, down, forward, eye),
        time: None,
        image: None,
    }
}

/// The manifest of `room`: 5 × 4 m, 2.5 m high, metric, exact, boxes only, three photos without times.
pub fn room_manifest() -> Manifest {
    let mut m = Manifest::empty("room", "test", Scale::metric("made by hand"));
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
        .map(|((category, center, lengths), id)| Instance {
            id,
            category: (*category).to_owned(),
            obb: Obb::upright(Point3::from(*center), Vec3::from(*lengths), 0.0),
            confidence: if id == 2 { 0.8 } else { 0.9 },
            support: 0,
            front: (*category == "sofa").then_some([0.0, 1.0, 0.0]),
            seen_in: vec![],
        })
        .collect();
    m.index_categories();
    m.photos = CAMERAS.iter().zip(1..).map(|((eye, at), n)| photo(n, *eye, *at)).collect();
    m
}

fn memory(m: Manifest) -> Memory {
    let pixels: Option<Arc<dyn PhotoPixels>> =
        if m.photos.is_empty() { None } else { Some(Arc::new(Gradient)) };
    Memory::new(m, Points::default(), pixels).unwrap_or_else(|e| panic!("a test scene: {e}"))
}

fn points_memory() -> Memory {
    let options =
        synth::RoomOptions { style: Some(synth::Style::Living), ..synth::RoomOptions::default() };
    let room = synth::Room::generate(7, &options);
    let cameras = synth::photo_set(&room, 6, 160, 120);
    let frames = synth::render_all(&room, &cameras);
    let options = synth::FusionOptions::default();
    synth::from_frames("points", &frames, &cameras, &synth::labels(&room, true), &options)
        .unwrap_or_else(|e| panic!("the point memory: {e}"))
}

/// Names of the standard scenes.
pub const NAMES: [&str; 5] = ["room", "relative", "boxes", "noisy", "points"];

/// A standard scene: `room`; `relative`, the same without a known scale; `boxes`, without photos;
/// `noisy`, with σ = 5 cm and photos at 0, 4 and 8 s; `points`, a small room fused from rendered RGB-D views.
pub fn scene(name: &str) -> &'static Scene {
    static CELLS: [OnceLock<Scene>; 5] = [const { OnceLock::new() }; 5];
    let at = NAMES.iter().position(|n| *n == name).unwrap_or_else(|| panic!("no scene `{name}`"));
    CELLS[at].get_or_init(|| {
        let mut m = room_manifest();
        m.name = name.to_owned();
        match name {
            "relative" => m.scale = Scale::relative("made by hand"),
            "boxes" => m.photos.clear(),
            "noisy" => {
                m.uncertainty.position = 0.05;
                m.photos.iter_mut().zip(0u8..).for_each(|(p, i)| p.time = Some(4.0 * f64::from(i)));
            }
            "points" => return Scene::new(on_threads_of_its_own(points_memory)),
            _ => {}
        }
        Scene::new(memory(m))
    })
}

/// Does parallel work apart from the common threads: all of those may be waiting for what is made here, and
/// then nobody would be left to make it.
fn on_threads_of_its_own<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|s| {
        // A thread of a pool would take up other work while it waits; a plain one just waits.
        let done = s.spawn(|| {
            let pool = rayon::ThreadPoolBuilder::new().build().unwrap_or_else(|e| panic!("{e}"));
            pool.install(work)
        });
        done.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// A scene made from `room` with changes.
pub fn changed(change: impl FnOnce(&mut Manifest)) -> Scene {
    let mut m = room_manifest();
    change(&mut m);
    m.index_categories();
    Scene::new(memory(m))
}

/// Writes a standard scene as a memory directory.
pub fn write(name: &str, dir: &std::path::Path) {
    use reasmory_driver::store;
    let m = &scene(name).memory;
    let written = if m.has_pixels() {
        store::write(m, &store::MemoryPictures(m), dir)
    } else {
        store::write(m, &store::PictureFiles(Default::default()), dir)
    };
    written.unwrap_or_else(|e| panic!("writing {name}: {e}"));
}
