//! The scenes of the corpus: memories made from an inventory of a line each (`tests/corpus/scenes.txt`).
//!
//! Places and sizes are drawn from the scene's name and a variant number. All variants of a scene hold the
//! same things, so a program that checks on one checks on all; what it answers differs, which is how two
//! programs are compared in meaning.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use reasmory_driver::Scene;
use reasmory_driver::fuzz::Random;
use reasmory_driver::geom::{Obb, Point3, Vec3};
use reasmory_driver::scene::{
    Bounds, CategoryEntry, Instance, Manifest, Memory, PhotoPixels, Points, Room, Scale,
};

use crate::scenes::{Gradient, photo};

/// The inventories, as text.
const SCENES: &str = include_str!("../corpus/scenes.txt");

/// How many variants of a scene two programs are compared on.
pub const VARIANTS: u32 = 10;

/// What a line of the file says.
#[derive(Clone, Debug, Default)]
struct Inventory {
    metric: bool,
    noise: f64,
    lengths: [f64; 3],
    room: bool,
    corner: bool,
    photos: u32,
    every: Option<f64>,
    things: Vec<Thing>,
}

#[derive(Clone, Debug)]
struct Thing {
    category: String,
    instances: usize,
    stated: Option<u32>,
    front: bool,
}

fn lengths(text: &str) -> [f64; 3] {
    let mut out = [0.0; 3];
    for (o, n) in out.iter_mut().zip(text.split('x')) {
        *o = n.parse().unwrap_or_else(|e| panic!("`{text}`: {e}"));
    }
    out
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.trim().parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

fn thing(text: &str) -> Thing {
    let (text, stated) = match text.split_once('#') {
        Some((t, n)) => (t, Some(number(n))),
        None => (text, None),
    };
    let (text, instances) = match text.split_once('*') {
        Some((t, n)) => (t, number(n)),
        None => (text, usize::from(stated.is_none())),
    };
    let (category, front) = match text.strip_suffix('^') {
        Some(t) => (t, true),
        None => (text, false),
    };
    Thing { category: category.trim().to_owned(), instances, stated, front }
}

fn inventory(line: &str) -> Inventory {
    let mut out = Inventory::default();
    for part in line.split(',').map(str::trim) {
        let (word, rest) = part.split_once(' ').unwrap_or((part, ""));
        match word {
            "metric" => out.metric = true,
            "relative" => out.metric = false,
            "noise" => out.noise = number(rest),
            "room" | "rooms" | "open" => {
                out.lengths = lengths(rest);
                out.room = word != "open";
                out.corner = word == "rooms";
            }
            "photos" => match rest.split_once(" every ") {
                Some((n, s)) => (out.photos, out.every) = (number(n), Some(number(s))),
                None => out.photos = number(rest),
            },
            _ => out.things.push(thing(part)),
        }
    }
    out
}

fn inventories() -> &'static Vec<(String, Inventory)> {
    static ALL: OnceLock<Vec<(String, Inventory)>> = OnceLock::new();
    ALL.get_or_init(|| {
        SCENES
            .lines()
            .filter(|l| !l.starts_with('#') && !l.trim().is_empty())
            .map(|l| {
                let (name, rest) = l.split_once(':').unwrap_or_else(|| panic!("no name: {l}"));
                (name.to_owned(), inventory(rest))
            })
            .collect()
    })
}

/// Names of the scenes, in the order of the file.
pub fn names() -> impl Iterator<Item = &'static str> {
    inventories().iter().map(|i| i.0.as_str())
}

/// A number in `[lo, hi)`, to the centimetre so that failures read well.
fn between(r: &mut Random, lo: f64, hi: f64) -> f64 {
    let steps = ((hi - lo) * 100.0).max(1.0) as usize;
    lo + r.below(steps) as f64 / 100.0
}

fn seed(name: &str, variant: u32) -> Random {
    let folded = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    Random::new(folded ^ (u64::from(variant) << 48))
}

/// Instances in a shuffled grid of cells, so that no two boxes meet.
fn place(inv: &Inventory, r: &mut Random) -> Vec<Instance> {
    let mut wanted: Vec<(&Thing, usize)> = Vec::new();
    // Ids go by category name, as importers give them.
    let mut things: Vec<&Thing> = inv.things.iter().collect();
    things.sort_by(|a, b| a.category.cmp(&b.category));
    for t in things {
        wanted.extend((0..t.instances).map(|i| (t, i)));
    }
    // The far corner of an L-shaped outline stays free.
    let [l, w, h] = inv.lengths;
    let columns = ((wanted.len() as f64 * 1.6 * l / w).sqrt().ceil() as usize).max(1);
    let rows = (wanted.len() * 2).div_ceil(columns).max(1);
    let (dx, dy) = (l / columns as f64, w / rows as f64);
    let mut cells: Vec<(f64, f64)> = (0..columns * rows)
        .map(|c| ((c % columns) as f64 * dx, (c / columns) as f64 * dy))
        .filter(|(x, y)| !inv.corner || x + dx <= l * 0.6 || y + dy <= w * 0.6)
        .collect();
    assert!(cells.len() >= wanted.len(), "not enough cells");
    wanted
        .iter()
        .zip(1..)
        .map(|((t, _), id)| {
            let (x, y) = cells.swap_remove(r.below(cells.len()));
            let size = Vec3::new(
                between(r, dx * 0.3, dx * 0.8),
                between(r, dy * 0.3, dy * 0.8),
                between(r, h * 0.1, h * 0.6),
            );
            let center = Point3::new(x + dx / 2.0, y + dy / 2.0, size.z / 2.0);
            Instance {
                id,
                category: t.category.clone(),
                obb: Obb::upright(center, size, 0.0),
                confidence: 0.5 + r.below(50) as f32 / 100.0,
                support: 0,
                front: t
                    .front
                    .then(|| [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]][r.below(3)]),
                seen_in: vec![],
            }
        })
        .collect()
}

fn manifest(name: &str, inv: &Inventory, variant: u32) -> Manifest {
    let mut r = seed(name, variant);
    let scale = if inv.metric { Scale::metric("made by hand") } else { Scale::relative("none") };
    let mut m = Manifest::empty(name, "test", scale);
    let [l, w, h] = inv.lengths;
    m.uncertainty.position = inv.noise;
    m.bounds = Some(Bounds { min: [0.0; 3], max: [l, w, h] });
    m.room = inv.room.then(|| Room {
        outline: match inv.corner {
            false => vec![[0.0, 0.0], [l, 0.0], [l, w], [0.0, w]],
            true => {
                vec![[0.0, 0.0], [l, 0.0], [l, w * 0.6], [l * 0.6, w * 0.6], [l * 0.6, w], [0.0, w]]
            }
        },
        floor: 0.0,
        ceiling: Some(h),
        stated_area: None,
    });
    m.instances = place(inv, &mut r);
    m.categories = inv
        .things
        .iter()
        .filter(|t| t.stated.is_some())
        .map(|t| CategoryEntry {
            name: t.category.clone(),
            instances: vec![],
            stated_count: t.stated,
        })
        .collect();
    m.index_categories();
    m.photos = (1..=inv.photos)
        .map(|n| {
            let eye = [between(&mut r, 0.2, l - 0.2), between(&mut r, 0.2, w - 0.2), 0.6 * h];
            let at = [between(&mut r, 0.0, l), between(&mut r, 0.0, w), 0.2 * h];
            let mut p = photo(n, eye, at);
            p.time = inv.every.map(|s| f64::from(n - 1) * s);
            p
        })
        .collect();
    m
}

/// A variant of a scene; variant 0 is the scene that programs are checked against. After the name may stand
/// what the memory lacks: `studio!scale`, `studio!photos`, `studio!room`.
pub fn variant(name: &str, variant: u32) -> &'static Scene {
    type Made = BTreeMap<(String, u32), &'static Scene>;
    static SCENES: Mutex<Made> = Mutex::new(BTreeMap::new());
    let mut made = SCENES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(s) = made.get(&(name.to_owned(), variant)) {
        return s;
    }
    let (base, lacks) = name.split_once('!').unwrap_or((name, ""));
    let (_, inv) = inventories()
        .iter()
        .find(|i| i.0 == base)
        .unwrap_or_else(|| panic!("no scene `{base}` in tests/corpus/scenes.txt"));
    let mut m = manifest(base, inv, variant);
    match lacks {
        "scale" => m.scale = Scale::relative("none"),
        "photos" => m.photos.clear(),
        "room" => m.room = None,
        _ => assert!(lacks.is_empty(), "a memory cannot lack `{lacks}`"),
    }
    let pixels: Option<Arc<dyn PhotoPixels>> =
        if m.photos.is_empty() { None } else { Some(Arc::new(Gradient)) };
    let memory = Memory::new(m, Points::default(), pixels)
        .unwrap_or_else(|e| panic!("scene {name}, variant {variant}: {e}"));
    // Kept for the whole run: every test shares them.
    let scene: &'static Scene = Box::leak(Box::new(Scene::new(memory)));
    made.insert((name.to_owned(), variant), scene);
    scene
}

/// The scene of this name.
pub fn scene(name: &str) -> &'static Scene {
    variant(name, 0)
}
