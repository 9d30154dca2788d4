//! Whether what is written can be read after a picture has been made smaller and compressed.
//!
//! A reader of the embedded font: it knows where each letter stands and how every letter of the alphabet would look
//! there, and takes the one that is most like what it sees.

use reasmory_scene::Rgb8;

use crate::canvas::{Rect, blank};
use crate::color::{INK, PAPER};
use crate::labels::PAD;
use crate::testing::{cube, memory_of};
use crate::text::{draw_text, letters, text_size};
use crate::*;

const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz0123456789#";
const NAMES: [&str; 12] = [
    "bookshelf",
    "armchair",
    "television",
    "coffee table",
    "wardrobe",
    "quilt",
    "fridge",
    "vase",
    "jug",
    "xylophone",
    "mirror",
    "piano",
];

/// A picture as a model may get it: as wide as `to`, as JPEG of quality 75.
fn received(picture: &Rgb8, to: u32) -> Rgb8 {
    let height = (f64::from(picture.height) * f64::from(to) / f64::from(picture.width)).round();
    let small = resize(picture, to, height as u32).unwrap();
    let back = image::load_from_memory(&encode_jpeg(&small, 75).unwrap()).unwrap().to_rgb8();
    Rgb8 { width: to, height: height as u32, pixels: back.as_raw().as_chunks::<3>().0.to_vec() }
}

fn cut(picture: &Rgb8, r: Rect) -> Rgb8 {
    let at = |k: i32| {
        let (x, y) = (r.x + k % r.w, r.y + k / r.w);
        let inside = x >= 0 && y >= 0 && x < picture.width as i32 && y < picture.height as i32;
        if inside { picture.pixels[(y * picture.width as i32 + x) as usize] } else { PAPER }
    };
    Rgb8 { width: r.w as u32, height: r.h as u32, pixels: (0..r.w * r.h).map(at).collect() }
}

/// Letters read rightly, and all.
fn read(names: &[&str], side: u32, to: u32) -> (usize, usize) {
    let boxes = names
        .iter()
        .enumerate()
        .map(|(i, n)| (*n, cube((i % 3) as f64 * 4.0, (i / 3) as f64 * 2.5, 0.5, 0.8)))
        .collect();
    let memory = memory_of(vec![], boxes);
    let options = TopOptions { width: side, height: side, ..TopOptions::default() };
    let map = top(&memory, &Cloud::new(&memory), &options).unwrap();
    assert!(map.legend.is_empty(), "all names are in the plot");
    let seen = received(&map.image, to);
    // Steps that are whole pixels in both pictures, so that a part shrinks as the whole does.
    let divisor = (1..=side.min(to))
        .rev()
        .find(|d| side.is_multiple_of(*d) && to.is_multiple_of(*d))
        .unwrap();
    let (big, small) = ((side / divisor) as i32, (to / divisor) as i32);
    let size = text_size(side, side);
    let (mut right, mut all) = (0, 0);
    for label in &map.labels {
        let rect = label.rect.unwrap();
        let x0 = (rect.x - 8).div_euclid(big);
        let y0 = (rect.y - 8).div_euclid(big);
        let x1 = (rect.x + rect.w + 8).div_euclid(big) + 1;
        let y1 = (rect.y + rect.h + 8).div_euclid(big) + 1;
        let part = |k: i32| Rect { x: x0 * k, y: y0 * k, w: (x1 - x0) * k, h: (y1 - y0) * k };
        let got = cut(&seen, part(small));
        let scale = f64::from(small) / f64::from(big);
        let spans = letters(&label.text, size);
        for (i, c) in label.text.chars().enumerate().filter(|c| c.1 != ' ') {
            // The letter's own columns, with a pixel on either side, and the line's rows.
            let column = |x: f32| (f64::from(rect.x + PAD - x0 * big) + f64::from(x)) * scale;
            let columns =
                (column(spans[i].0) - 1.0).max(0.0) as usize..(column(spans[i].1) + 1.0) as usize;
            let row = |y: i32| (f64::from(y - y0 * big) * scale).max(0.0) as usize;
            let rows = row(rect.y)..row(rect.y + rect.h) + 1;
            let unlike = |candidate: char| -> u64 {
                let text: String = label
                    .text
                    .chars()
                    .enumerate()
                    .map(|(k, c)| if k == i { candidate } else { c })
                    .collect();
                let whole = part(big);
                let mut drawn = blank(whole.w as u32, whole.h as u32, PAPER);
                let at = ((rect.x + PAD - whole.x) as f32, (rect.y + 1 - whole.y) as f32);
                draw_text(&mut drawn, at.0, at.1, &text, size, INK);
                let drawn = resize(&drawn, got.width, got.height).unwrap();
                let mut sum = 0;
                for y in rows.clone() {
                    for x in columns.clone() {
                        let k = y * got.width as usize + x;
                        let pair = drawn.pixels.get(k).zip(got.pixels.get(k));
                        sum += pair.map_or(0, |(a, b)| u64::from(a[1].abs_diff(b[1])).pow(2));
                    }
                }
                sum
            };
            all += 1;
            right += usize::from(ALPHABET.chars().min_by_key(|c| unlike(*c)) == Some(c));
        }
    }
    (right, all)
}

/// A plan of 960 pixels made 512, and one drawn at 512, each as JPEG: 98 letters of 100 are read rightly.
#[test]
fn labels_are_legible_at_512_pixels_after_jpeg() {
    for side in [960, 512] {
        let (right, all) = read(&NAMES, side, 512);
        assert!(all > 80 && right * 100 >= 98 * all, "{side}: {right} of {all}");
    }
}

/// The reader can fail: of a picture far too small not even two letters of three are read rightly.
#[test]
fn the_reader_fails_where_nothing_can_be_read() {
    let (right, all) = read(&NAMES[..4], 960, 160);
    assert!(right * 3 < 2 * all, "{right} of {all}");
}
