//! Draws a generated room in every way and says how long each took.
//!
//! `cargo run --release -p reasmory_render --example gallery -- DIRECTORY [POINTS]`

use std::path::Path;
use std::time::Instant;

use reasmory_geom::{Obb, Pinhole, Point3, Vec3, View};
use reasmory_render::{
    Cloud, EgoOptions, Mark, TopOptions, depth_image, ego, encode_png, occluders, side_by_side,
    top, visible_fraction,
};
use reasmory_scene::{Instance, Manifest, Memory, Photo, Points, Rgb8, Room, Scale};

const WIDTH: f64 = 6.0;
const LENGTH: f64 = 5.0;
const HEIGHT: f64 = 2.6;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

type Thing = (&'static str, [f64; 3], [f64; 3], f64, [u8; 3]);

/// Category, centre, lengths, yaw, colour.
const THINGS: [Thing; 15] = [
    ("sofa", [1.3, 4.4, 0.4], [2.1, 0.9, 0.8], 0.0, [62, 96, 140]),
    ("coffee table", [1.4, 3.1, 0.22], [1.0, 0.55, 0.44], 8.0, [150, 105, 66]),
    ("armchair", [0.7, 2.0, 0.42], [0.8, 0.8, 0.84], -35.0, [176, 72, 60]),
    ("bookshelf", [5.75, 3.6, 0.95], [0.35, 1.6, 1.9], 0.0, [108, 70, 44]),
    ("table", [4.3, 1.5, 0.37], [1.5, 0.9, 0.74], 0.0, [196, 158, 108]),
    ("chair", [3.3, 1.4, 0.45], [0.45, 0.45, 0.9], 10.0, [222, 214, 196]),
    ("chair", [5.25, 1.6, 0.45], [0.45, 0.45, 0.9], -5.0, [222, 214, 196]),
    ("chair", [4.2, 2.3, 0.45], [0.45, 0.45, 0.9], 20.0, [222, 214, 196]),
    ("chair", [4.4, 0.65, 0.45], [0.45, 0.45, 0.9], 0.0, [222, 214, 196]),
    ("plant", [0.35, 0.4, 0.6], [0.45, 0.45, 1.2], 30.0, [58, 128, 62]),
    ("lamp", [2.75, 4.6, 0.8], [0.3, 0.3, 1.6], 0.0, [240, 214, 120]),
    ("television", [3.6, 4.9, 1.2], [1.2, 0.08, 0.7], 0.0, [26, 28, 32]),
    ("cushion", [0.7, 4.5, 0.88], [0.4, 0.3, 0.16], 12.0, [206, 140, 44]),
    ("vase", [4.3, 1.5, 0.88], [0.16, 0.16, 0.28], 0.0, [188, 214, 226]),
    ("rug", [1.4, 3.0, 0.01], [2.6, 1.8, 0.02], 8.0, [146, 66, 76]),
];

fn solid(t: &Thing) -> Obb {
    Obb::upright(Point3::from(t.1), Vec3::from(t.2), t.3)
}

/// A colour with a pattern that shows blur, holes and leaks.
fn paint(base: [u8; 3], u: f64, v: f64, step: f64) -> [u8; 3] {
    let odd = ((u / step).floor() + (v / step).floor()).rem_euclid(2.0) >= 1.0;
    base.map(|c| if odd { c } else { (f64::from(c) * 0.86) as u8 })
}

fn points(n: usize) -> Vec<([f32; 3], [u8; 3], u32)> {
    let mut random = Random(7);
    // Rectangles: corner, two edges, colour, pattern step, instance.
    let mut faces: Vec<(Vec3, Vec3, Vec3, [u8; 3], f64, u32)> = Vec::new();
    let (x, y, z) = (Vec3::x() * WIDTH, Vec3::y() * LENGTH, Vec3::z() * HEIGHT);
    let zero = Vec3::zeros();
    faces.push((zero, x, y, [186, 150, 112], 0.25, 0));
    faces.push((z, x, y, [238, 238, 234], 0.6, 0));
    faces.push((zero, x, z, [206, 208, 200], 0.65, 0));
    faces.push((y, x, z, [214, 204, 190], 0.65, 0));
    faces.push((zero, y, z, [196, 206, 212], 0.65, 0));
    faces.push((x, y, z, [210, 200, 206], 0.65, 0));
    for (k, t) in THINGS.iter().enumerate() {
        let o = solid(t);
        for axis in 0..3 {
            for sign in [-1.0, 1.0] {
                if axis == 2 && sign < 0.0 {
                    continue;
                }
                let edge = |i: usize| o.axes.column(i).into_owned() * (2.0 * o.half[i]);
                let (a, b) = (edge((axis + 1) % 3), edge((axis + 2) % 3));
                let middle = o.center.coords + o.axes.column(axis) * (sign * o.half[axis]);
                faces.push((middle - (a + b) * 0.5, a, b, t.4, 0.1, k as u32 + 1));
            }
        }
    }
    let area: f64 = faces.iter().map(|f| f.1.cross(&f.2).norm()).sum();
    let mut out = Vec::with_capacity(n + 64);
    for (corner, a, b, color, step, id) in faces {
        let count = (a.cross(&b).norm() / area * n as f64).round() as usize;
        for _ in 0..count {
            let (s, t) = (random.unit(), random.unit());
            let noise = (random.unit() - 0.5) * 0.004;
            let p = corner + a * s + b * t + a.cross(&b).normalize() * noise;
            let c = paint(color, s * a.norm(), t * b.norm(), step);
            out.push(([p.x as f32, p.y as f32, p.z as f32], c, id));
        }
    }
    out
}

fn manifest(points: u64) -> Manifest {
    let mut m = Manifest::empty("gallery", "generated", Scale::metric("generated"));
    for (k, t) in THINGS.iter().enumerate() {
        let front = (t.0 == "sofa").then_some([0.0, -1.0, 0.0]);
        m.instances.push(Instance {
            id: k as u32 + 1,
            category: t.0.into(),
            obb: solid(t),
            confidence: 1.0,
            support: 0,
            front,
            seen_in: vec![],
        });
    }
    m.index_categories();
    m.room = Some(Room {
        outline: vec![[0.0, 0.0], [WIDTH, 0.0], [WIDTH, LENGTH], [0.0, LENGTH]],
        floor: 0.0,
        ceiling: Some(HEIGHT),
        stated_area: None,
    });
    let eyes = [(0.5, 0.9, 40.0), (2.6, 0.6, 95.0), (5.5, 0.5, 140.0), (3.0, 2.8, 200.0)];
    for (k, (x, y, heading)) in eyes.into_iter().enumerate() {
        let view = View { pitch: -10.0, ..View::level(Point3::new(x, y, 1.5), heading) };
        m.photos.push(Photo {
            number: k as u32 + 1,
            name: format!("frame{k}"),
            pinhole: Pinhole::from_fov(640, 480, 70.0),
            camera_to_world: view.pose(),
            time: None,
            image: None,
        });
    }
    m.points = points;
    m
}

fn memory(points: &[([f32; 3], [u8; 3], u32)]) -> Memory {
    let columns = Points {
        positions: points.iter().map(|p| p.0).collect::<Vec<_>>().into(),
        colors: points.iter().map(|p| p.1).collect::<Vec<_>>().into(),
        confidence: vec![1.0; points.len()].into(),
        instance: points.iter().map(|p| p.2).collect::<Vec<_>>().into(),
    };
    Memory::new(manifest(points.len() as u64), columns, None).expect("a sound memory")
}

/// The median of repeated runs, milliseconds.
fn median<T>(what: &str, mut f: impl FnMut() -> T) -> T {
    let mut times = Vec::new();
    let mut last = f();
    for _ in 0..9 {
        let start = Instant::now();
        last = f();
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("{what:<44} {:8.2} ms (median of 9, min {:.2})", times[4], times[0]);
    last
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let Some(directory) = args.get(1) else {
        eprintln!("usage: gallery DIRECTORY [POINTS]");
        std::process::exit(2);
    };
    let n = args.get(2).and_then(|s| s.parse().ok()).unwrap_or(1_000_000);
    std::fs::create_dir_all(directory).expect("the directory can be made");
    let save = |name: &str, picture: &Rgb8| {
        let bytes = encode_png(picture).expect("a picture");
        std::fs::write(Path::new(directory).join(name), bytes).expect("the file can be written");
    };

    let cloud_points = points(n);
    let full = memory(&cloud_points);
    let bare = memory(&[]);
    let start = Instant::now();
    let cloud = Cloud::new(&full);
    println!("{:<44} {:8.0} ms", "Cloud::new", start.elapsed().as_secs_f64() * 1e3);
    println!("{} points, spacing {:.4} m", cloud.len(), cloud.spacing());
    let none = Cloud::new(&bare);

    let view = View { pitch: -14.0, ..View::level(Point3::new(5.4, 0.5, 1.6), 128.0) };
    let plain = EgoOptions::default();
    let seen = median("ego 960x960, points", || ego(&full, &cloud, &view, &plain).expect("ego"));
    println!("coverage {:.4}, {} instances", seen.coverage, seen.visible.len());
    save("ego.png", &seen.image);
    save("depth.png", &depth_image(&seen));
    let labelled =
        EgoOptions { marks: vec![1, 8, 4], label_visible: true, ..EgoOptions::default() };
    save("ego_labels.png", &ego(&full, &cloud, &view, &labelled).expect("ego").image);
    let close = View { pitch: -25.0, ..View::level(Point3::new(3.0, 2.0, 1.2), -25.0) };
    save("ego_close.png", &ego(&full, &cloud, &close, &plain).expect("ego").image);

    let boxes = median("ego 960x960, boxes", || ego(&bare, &none, &view, &labelled).expect("ego"));
    save("ego_boxes.png", &boxes.image);

    let mut marks: Vec<Mark> = (1..=4).map(Mark::Photo).collect();
    marks.push(Mark::Room);
    marks.extend([1, 2, 5, 8, 13].map(Mark::Instance));
    marks.push(Mark::View { view, label: "you".into() });
    marks.push(Mark::Point { at: Point3::new(2.2, 2.2, 0.0), label: "here".into() });
    let walk = [[5.4, 0.5], [2.9, 0.9], [2.4, 2.4], [2.5, 3.6]];
    marks.push(Mark::Route(walk.iter().map(|p| Point3::new(p[0], p[1], 0.0)).collect()));
    let options = TopOptions { marks: &marks, ..TopOptions::default() };
    let above = median("top 960x960, points", || top(&full, &cloud, &options).expect("top"));
    save("top.png", &above.image);
    let bare_top = TopOptions::default();
    let above =
        median("top 960x960, points, no marks", || top(&full, &cloud, &bare_top).expect("top"));
    save("top_plain.png", &above.image);
    let options = TopOptions { photographic: false, all_instances: true, ..options };
    let plan = median("plan 960x960", || top(&full, &cloud, &options).expect("plan"));
    save("plan.png", &plan.image);
    let small = TopOptions { width: 320, height: 280, ..options };
    save("plan_small.png", &top(&full, &cloud, &small).expect("plan").image);

    let strip = [
        (
            seen.image.clone(),
            "What the points show from the doorway, looking at heading 128°.".into(),
        ),
        (boxes.image.clone(), "The same view of a memory that has only labelled boxes.".into()),
    ];
    save("strip.png", &side_by_side(&strip).expect("a strip"));
    median("png of ego", || encode_png(&seen.image).expect("a picture"));
    median("visible fraction, points", || {
        visible_fraction(&full, Some(&cloud), &view, 4, true).expect("a fraction")
    });

    // Two ways to the same number: points behind points, and boxes behind boxes.
    for id in 1..=THINGS.len() as u32 {
        let name = full.manifest().instance_name(id);
        let f = |m: &Memory, c: &Cloud| visible_fraction(m, Some(c), &view, id, false);
        let (a, b) = (f(&full, &cloud).expect("a"), f(&bare, &none).expect("b"));
        let by = occluders(&full, Some(&cloud), &view, id, false).expect("ids");
        println!("{name:<14} visible {a:.2} by points, {b:.2} by boxes; behind {by:?}");
    }
}
