//! Text, in an embedded cut of DejaVu Sans (licence in `assets/`).

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use reasmory_scene::Rgb8;

use crate::canvas::blend;
use crate::color::Rgb;

fn font() -> &'static FontRef<'static> {
    static FONT: OnceLock<FontRef<'static>> = OnceLock::new();
    FONT.get_or_init(|| {
        let bytes: &'static [u8] = include_bytes!("../assets/DejaVuSans-subset.ttf");
        FontRef::try_from_slice(bytes).expect("the embedded font is a font")
    })
}

/// Size of letters that suits a picture.
pub(crate) fn text_size(width: u32, height: u32) -> f32 {
    (width.min(height) as f32 / 52.0).clamp(12.0, 28.0)
}

/// Control characters become spaces; characters that the font lacks become its replacement character.
fn printable(c: char) -> char {
    if c.is_control() {
        ' '
    } else if font().glyph_id(c).0 == 0 {
        '\u{fffd}'
    } else {
        c
    }
}

/// Width of a line of text in pixels.
pub(crate) fn text_width(text: &str, size: f32) -> f32 {
    walk(text, size, |_, _, _| {})
}

/// Where each letter of a line begins and ends, pixels from the line's beginning.
#[cfg(test)]
pub(crate) fn letters(text: &str, size: f32) -> Vec<(f32, f32)> {
    let mut at = Vec::new();
    let end = walk(text, size, |_, x, _| at.push(x));
    let next = at.iter().skip(1).copied().chain([end]);
    at.iter().copied().zip(next).collect()
}

/// Height of a line of text in pixels.
pub(crate) fn text_height(size: f32) -> f32 {
    font().as_scaled(PxScale::from(size)).height()
}

fn walk(text: &str, size: f32, mut each: impl FnMut(ab_glyph::GlyphId, f32, f32)) -> f32 {
    let scaled = font().as_scaled(PxScale::from(size));
    let mut x = 0.0;
    let mut last = None;
    for c in text.chars() {
        let id = scaled.glyph_id(printable(c));
        if let Some(l) = last {
            x += scaled.kern(l, id);
        }
        each(id, x, scaled.ascent());
        x += scaled.h_advance(id);
        last = Some(id);
    }
    x
}

/// Draws a line of text whose box begins at `(x, y)`.
pub(crate) fn draw_text(on: &mut Rgb8, x: f32, y: f32, text: &str, size: f32, color: Rgb) {
    walk(text, size, |id, dx, ascent| {
        let glyph = id.with_scale_and_position(PxScale::from(size), point(x + dx, y + ascent));
        if let Some(outline) = font().outline_glyph(glyph) {
            let b = outline.px_bounds();
            outline.draw(|gx, gy, cover| {
                let (px, py) = (b.min.x as i32 + gx as i32, b.min.y as i32 + gy as i32);
                blend(on, px, py, color, f64::from(cover));
            });
        }
    });
}

/// `text` cut to a width, with an ellipsis where something was cut.
pub(crate) fn fit(text: &str, size: f32, width: f32) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut chars: Vec<char> = text.chars().collect();
    while chars.pop().is_some() {
        let s: String = chars.iter().chain(&['…']).collect();
        if text_width(&s, size) <= width {
            return s;
        }
    }
    String::new()
}

/// `text` broken into lines of at most a width, at spaces where there are any.
pub(crate) fn wrap(text: &str, size: f32, width: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if line.is_empty() || text_width(&longer, size) <= width {
            line = longer;
        } else {
            lines.push(std::mem::replace(&mut line, word.to_owned()));
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines.into_iter().map(|l| fit(&l, size, width)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::blank;

    #[test]
    fn text_stays_in_its_box() {
        let text = "photo 12 – chair #3 Ågj";
        let (w, h) = (text_width(text, 14.0).ceil() as i32, text_height(14.0).ceil() as i32);
        let mut p = blank(w as u32 + 20, h as u32 + 20, [255; 3]);
        draw_text(&mut p, 10.0, 10.0, text, 14.0, [0; 3]);
        let mut dark = 0;
        for (i, c) in p.pixels.iter().enumerate() {
            let (x, y) = (i as i32 % (w + 20) - 10, i as i32 / (w + 20) - 10);
            if c[0] < 128 {
                dark += 1;
                assert!(x >= -1 && x <= w && y >= -1 && y <= h, "{x} {y}");
            }
        }
        assert!(dark > 100);
    }

    #[test]
    fn unknown_letters_show_that_they_are() {
        assert_eq!(printable('漢'), '\u{fffd}');
        assert_eq!(printable('\n'), ' ');
        assert!(fit("a very long caption", 14.0, 60.0).ends_with('…'));
        assert_eq!(wrap("one two three", 14.0, 60.0).len(), 2);
    }
}
