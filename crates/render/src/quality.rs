//! How true pictures of points are, against scenes whose every pixel is known.

use reasmory_geom::{Lens, Point3, View};

use crate::testing::{P, memory_of, plane, random_plane};
use crate::*;

const NEAR: [u8; 3] = [229, 25, 25];
const FAR: [u8; 3] = [10, 40, 200];

fn north(fov: f64) -> View {
    View { lens: Lens::Fov(fov), ..View::level(Point3::origin(), 90.0) }
}

fn draw(points: Vec<P>, view: &View, side: u32) -> EgoRender {
    let memory = memory_of(points, vec![]);
    let options = EgoOptions { width: side, height: side, ..EgoOptions::default() };
    ego(&memory, &Cloud::new(&memory), view, &options).unwrap()
}

/// A wall with a window, and a wall behind it: nothing shows but through the window, all of it does, and
/// the window's border is off by about a pixel (half a splat: 1.3 pixels here).
#[test]
fn no_wall_leaks_and_no_window_closes() {
    let (half_width, half_height) = (0.3f32, 0.2f32);
    let mut points = plane(240, 240, 0.01, 2.0, NEAR);
    points.retain(|(p, _, _)| p[0].abs() > half_width || p[2].abs() > half_height);
    points.extend(plane(260, 260, 0.015, 3.0, FAR));
    let (view, side) = (north(50.0), 300);
    let out = draw(points, &view, side);
    assert_eq!(out.coverage, 1.0);
    let focal = view.pinhole(side, side).fx;
    let (w, h) = (focal * f64::from(half_width) / 2.0, focal * f64::from(half_height) / 2.0);
    let mut wrong = 0;
    for (k, color) in out.image.pixels.iter().enumerate() {
        let x = ((k % 300) as f64 + 0.5 - 150.0).abs();
        let y = ((k / 300) as f64 + 0.5 - 150.0).abs();
        // Distance into the window, pixels; negative on the wall.
        let into = (w - x).min(h - y);
        let through = *color == FAR;
        assert_eq!(out.depth[k].round(), if through { 3.0 } else { 2.0 });
        assert!((out.depth[k] - out.depth[k].round()).abs() < 1e-4, "a depth between the walls");
        wrong += usize::from(through != (into > 0.0));
        if into.abs() > 2.5 {
            assert_eq!(through, into > 0.0, "at {x}, {y}");
        }
    }
    let border = 4.0 * (w + h);
    assert!((wrong as f64) < 1.3 * border, "the border is off by {} pixels", wrong as f64 / border);
}

/// Points at random, dense and sparse, before others: what shows through is under half a percent.
#[test]
fn pinholes_are_under_half_a_percent() {
    for per in [1500.0, 6000.0, 30_000.0] {
        let mut points = random_plane(1.2, per, 2.0, NEAR, 0);
        points.extend(random_plane(2.4, 3000.0, 3.0, FAR, 0));
        let out = draw(points, &north(50.0), 400);
        let through = out.image.pixels.iter().filter(|p| **p != NEAR).count();
        let percent = 100.0 * through as f64 / out.image.pixels.len() as f64;
        assert!(percent < 0.5, "{percent:.3} % at {per} points to a square metre");
    }
}

/// A JPEG of usual quality is close to the picture, and the same every time.
#[test]
fn jpeg_keeps_the_picture() {
    let out = draw(random_plane(1.2, 6000.0, 2.0, NEAR, 0), &north(50.0), 96);
    let bytes = encode_jpeg(&out.image, 90).unwrap();
    assert_eq!(bytes, encode_jpeg(&out.image, 90).unwrap());
    assert!(encode_jpeg(&out.image, 30).unwrap().len() < bytes.len());
    let back = image::load_from_memory(&bytes).unwrap().to_rgb8();
    assert_eq!(back.dimensions(), (96, 96));
    for (a, b) in back.as_raw().iter().zip(out.image.pixels.as_flattened()) {
        assert!(a.abs_diff(*b) <= 12, "{a} {b}");
    }
    for quality in [0, 101] {
        assert!(matches!(encode_jpeg(&out.image, quality), Err(RenderError::Picture(_))));
    }
}

/// Every format gives its picture back, the lossless ones to the bit, and the same bytes every time.
#[test]
fn formats() {
    let out = draw(random_plane(1.2, 6000.0, 2.0, NEAR, 0), &north(50.0), 64);
    for (name, format) in
        [("a.png", Format::Png), ("b.JPEG", Format::Jpeg), ("c.d.webp", Format::WebP)]
    {
        assert_eq!(Format::of_name(name), Some(format));
        let bytes = format.encode(&out.image).unwrap();
        assert_eq!(bytes, format.encode(&out.image).unwrap());
        let magic: &[u8] = match format {
            Format::Png => b"\x89PNG",
            Format::Jpeg => b"\xff\xd8\xff",
            Format::WebP => b"RIFF",
        };
        assert!(bytes.starts_with(magic));
    }
    assert_eq!(Format::of_name("a.bmp"), None);
    let bytes = encode_webp(&out.image).unwrap();
    let mut back = image_webp::WebPDecoder::new(std::io::Cursor::new(bytes)).unwrap();
    let mut pixels = vec![0; 64 * 64 * 3];
    back.read_image(&mut pixels).unwrap();
    assert_eq!(pixels, out.image.pixels.as_flattened());
}

/// A wall seen from the front and a floor: normals to a degree, toward the eye; confidence is the points'.
#[test]
fn normals_and_confidence() {
    let mut points = random_plane(1.0, 6000.0, 2.0, NEAR, 0);
    let floor = random_plane(1.0, 6000.0, -1.0, FAR, 0);
    points.extend(floor.into_iter().map(|(p, c, i)| ([p[0], p[2] + 1.0, p[1]], c, i)));
    let options = |antialias| EgoOptions {
        width: 120,
        height: 120,
        normals: true,
        confidence: true,
        antialias,
        ..EgoOptions::default()
    };
    let memory = memory_of(points, vec![]);
    let boxed = memory_of(vec![], vec![("crate", crate::testing::cube(0.0, 2.5, 0.0, 1.0))]);
    for antialias in [Antialias::Off, Antialias::Edges, Antialias::Full] {
        let out = ego(&memory, &Cloud::new(&memory), &north(60.0), &options(antialias)).unwrap();
        // Where the two meet, and where the curve leaps from one to the other, a batch lies in neither.
        let part = |rows: std::ops::Range<usize>, right: &dyn Fn(&[f32; 3]) -> bool| {
            let all = || rows.clone().flat_map(|y| out.normal[y * 120 + 30..y * 120 + 90].iter());
            all().filter(|n| right(n)).count() as f64 / all().count() as f64
        };
        let (wall, floor) = (part(30..80, &|n| n[1] < -0.999), part(115..120, &|n| n[2] > 0.999));
        assert!(wall > 0.9 && floor > 0.6, "{wall} {floor}");
        for ((n, c), z) in out.normal.iter().zip(&out.confidence).zip(&out.depth) {
            let length = n.iter().map(|x| x * x).sum::<f32>();
            assert!(*n == [0.0; 3] || (length - 1.0).abs() < 1e-3);
            assert_eq!(*c, f32::from(u8::from(z.is_finite())));
        }
        let facing = normal_image(&out).pixels.iter().filter(|p| **p == [128, 0, 128]).count();
        assert!(facing > 3000, "{facing}");
        let out = ego(&boxed, &Cloud::new(&boxed), &north(60.0), &options(antialias)).unwrap();
        assert_eq!(out.normal[60 * 120 + 60], [0.0, -1.0, 0.0]);
        assert_eq!((out.confidence[60 * 120 + 60], out.confidence[0]), (1.0, 0.0));
    }
    let plain = ego(&memory, &Cloud::new(&memory), &north(60.0), &EgoOptions::default()).unwrap();
    assert!(plain.normal.is_empty() && plain.confidence.is_empty());
}
