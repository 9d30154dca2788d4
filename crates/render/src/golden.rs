//! Pictures against pictures that a person has looked at, and the exact bits of what no label is drawn on.
//!
//! `BLESS=1` draws the pictures in `goldens/` anew: look at them before they are committed. They are compared with a
//! tolerance, for the letters in them come from a font library. The hashes are exact: what is drawn from points uses sums,
//! products, quotients and roots alone, which every processor and every instruction set rounds alike.

use reasmory_geom::{Lens, Obb, Point3, Vec3, View};
use reasmory_scene::{Memory, Rgb8, Room};

use crate::testing::{P, cube, memory_of, plane, random_plane};
use crate::*;

/// A room's corner: floor, two walls, a crate with points on five sides, a post.
fn points() -> Vec<P> {
    let pattern = |(p, c, i): P| {
        let odd = ((p[0] * 2.5).floor() + (p[1] * 2.5).floor() + (p[2] * 2.5).floor()) as i32 & 1;
        (p, if odd == 1 { c } else { c.map(|x: u8| x - x / 6) }, i)
    };
    let mut out: Vec<P> = random_plane(2.0, 2500.0, 2.0, [204, 196, 180], 0);
    let floor = random_plane(2.0, 2500.0, -1.0, [176, 140, 100], 0);
    out.extend(floor.iter().map(|(p, c, i)| ([p[0], p[2], p[1]], *c, *i)));
    out.extend(
        plane(160, 160, 0.025, -2.0, [150, 176, 190])
            .iter()
            .map(|(p, c, i)| ([p[1], p[0], p[2]], *c, *i)),
    );
    let face = random_plane(0.4, 9000.0, 0.4, [190, 60, 50], 1);
    for (p, c, i) in &face {
        let (a, b) = (p[0], p[2]);
        for q in [[a, -0.4, b], [a, 0.4, b], [0.4, a, b], [-0.4, a, b], [a, b, 0.4]] {
            out.push(([q[0] + 0.5, q[1] + 0.8, q[2] - 0.6], *c, *i));
        }
    }
    out.extend(
        random_plane(0.1, 9000.0, 0.2, [60, 90, 160], 2)
            .iter()
            .map(|(p, c, i)| ([p[0] - 0.8, p[1], 10.0 * p[2]], *c, *i)),
    );
    out.into_iter().map(pattern).collect()
}

fn scene(points: Vec<P>) -> Memory {
    let post = Obb::upright(Point3::new(-0.8, 0.2, 0.0), Vec3::new(0.2, 0.05, 2.0), 0.0);
    let boxes = vec![("crate", cube(0.5, 0.8, -0.6, 0.8)), ("post", post)];
    let memory = memory_of(points, boxes);
    let mut m = (**memory.manifest()).clone();
    let outline = vec![[-2.0, -2.0], [2.0, -2.0], [2.0, 2.0], [-2.0, 2.0]];
    m.room = Some(Room { outline, floor: -1.0, ceiling: Some(1.6), stated_area: None });
    Memory::new(m, memory.points().clone(), None).unwrap()
}

fn view() -> View {
    let view = View { pitch: -12.0, ..View::level(Point3::new(1.4, -1.7, 0.5), 118.0) };
    View { lens: Lens::Fov(75.0), ..view }
}

fn seen(memory: &Memory, options: EgoOptions) -> EgoRender {
    let options = EgoOptions { width: 200, height: 200, ..options };
    ego(memory, &Cloud::new(memory), &view(), &options).unwrap()
}

#[test]
fn pictures_are_as_they_were_looked_at() {
    let (full, bare) = (scene(points()), scene(vec![]));
    let (cloud, none) = (Cloud::new(&full), Cloud::new(&bare));
    let marked = EgoOptions {
        marks: vec![1],
        label_visible: true,
        antialias: Antialias::Edges,
        ..EgoOptions::default()
    };
    let marks = [Mark::View { view: view(), label: "you".into() }, Mark::Instance(1), Mark::Room];
    let map = |m: &Memory, c: &Cloud, photographic| {
        let options = TopOptions {
            width: 240,
            height: 240,
            marks: &marks,
            photographic,
            ..Default::default()
        };
        top(m, c, &options).unwrap().image
    };
    let from_south =
        SideOptions { width: 240, height: 200, all_instances: true, ..Default::default() };
    let ego_full = seen(&full, marked.clone());
    let pictures: Vec<(&str, Rgb8)> = vec![
        ("ego", ego_full.image.clone()),
        ("depth", depth_image(&ego_full)),
        (
            "normal",
            normal_image(&seen(&full, EgoOptions { normals: true, ..EgoOptions::default() })),
        ),
        ("boxes", seen(&bare, marked).image),
        ("top", map(&full, &cloud, true)),
        ("plan", map(&full, &cloud, false)),
        ("side", side(&full, &cloud, &from_south).unwrap().image),
        ("side_boxes", side(&bare, &none, &from_south).unwrap().image),
    ];
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("goldens");
    for (name, picture) in pictures {
        let path = folder.join(format!("{name}.png"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, encode_png(&picture).unwrap()).unwrap();
            continue;
        }
        let golden = image::open(&path).unwrap_or_else(|e| panic!("{name}: {e}")).to_rgb8();
        let size = (golden.width(), golden.height());
        assert_eq!(size, (picture.width, picture.height), "{name}");
        let pixels = golden.as_raw().as_chunks::<3>().0.to_vec();
        let golden = Rgb8 { width: size.0, height: size.1, pixels };
        let all = vec![true; golden.pixels.len()];
        let (p, s) =
            (psnr(&golden, &picture, &all).unwrap(), ssim(&golden, &picture, &all).unwrap());
        assert!(p > 36.0 && s > 0.99, "{name}: {p:.1} dB, SSIM {s:.4}; look at it, then BLESS=1");
    }
}

/// FNV-1a.
fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

#[test]
fn bits_are_the_same_everywhere() {
    let full = scene(points());
    let cloud = Cloud::new(&full);
    let of = |e: &EgoRender| {
        let depth = e.depth.iter().flat_map(|z| z.to_bits().to_le_bytes());
        let instance = e.instance.iter().flat_map(|i| i.to_le_bytes());
        hash(e.image.pixels.as_flattened().iter().copied().chain(depth).chain(instance))
    };
    let options = TopOptions { width: 200, height: 200, ..TopOptions::default() };
    let map = top(&full, &cloud, &options).unwrap();
    // Right of the scale bar and left of the compass nothing is drawn but points.
    let plain = (0..130 * 200).map(|k| map.image.pixels[k]);
    let got = [
        of(&seen(&full, EgoOptions::default())),
        of(&seen(&full, EgoOptions { antialias: Antialias::Edges, ..EgoOptions::default() })),
        of(&seen(&full, EgoOptions { antialias: Antialias::Full, ..EgoOptions::default() })),
        hash(plain.flatten()),
    ];
    let want = [
        0xfec4_89f8_a7b9_0d69,
        0x66be_f9e5_7309_1bcf,
        0xc1b8_dd5e_f31f_4e12,
        0x4b74_165d_b214_b510,
    ];
    assert_eq!(got, want, "{got:#x?}");
}
