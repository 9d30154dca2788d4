//! Pictures made of pictures: false-colour depth, strips, other sizes, PNG.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use reasmory_scene::Rgb8;

use crate::canvas::{Rect, blank, fill_rect, paste};
use crate::color::{INK, PAPER, depth_color, unknown};
use crate::error::check_size;
use crate::text::{draw_text, text_height, text_size, text_width, wrap};
use crate::{EgoRender, RenderError};

/// The depths of a picture in false colours, near warm and far cold, with a legend bar at the right.
/// The range is from the 1 % to the 99 % quantile of the known depths.
pub fn depth_image(render: &EgoRender) -> Rgb8 {
    let (w, h) = (render.image.width, render.image.height);
    let mut known: Vec<f32> = render.depth.iter().copied().filter(|z| z.is_finite()).collect();
    known.sort_by(f32::total_cmp);
    let at = |q: f64| match known.len() {
        0 => 0.0,
        n => f64::from(known[((n - 1) as f64 * q).round() as usize]),
    };
    let (near, far) = (at(0.01), at(0.99));
    let range = (far - near).max(1e-12);
    let size = text_size(w, h);
    let text = |z: f64| format!("{z:.2} {}", render.unit);
    let widest = text_width(&text(far), size).max(text_width(&text(near), size)).ceil() as u32;
    let mut out = blank(w + widest + 46, h, PAPER);
    let stride = out.width as usize;
    for (k, z) in render.depth.iter().enumerate() {
        let (x, y) = (k % w as usize, k / w as usize);
        out.pixels[y * stride + x] =
            if z.is_finite() { depth_color((f64::from(*z) - near) / range) } else { unknown(x, y) };
    }
    let letter = text_height(size);
    let (top, bottom) = (letter.min(h as f32 / 4.0) as i32, h as i32 - letter as i32);
    let x = w as i32 + 12;
    for y in top..bottom {
        let t = f64::from(y - top) / f64::from((bottom - top - 1).max(1));
        fill_rect(&mut out, Rect { x, y, w: 18, h: 1 }, depth_color(t), 1.0);
    }
    if !known.is_empty() {
        for k in 0..5 {
            let t = f64::from(k) / 4.0;
            let y = f64::from(top) + t * f64::from(bottom - top) - 0.5 * f64::from(letter);
            draw_text(&mut out, x as f32 + 24.0, y as f32, &text(near + t * range), size, INK);
        }
    }
    out
}

/// The normals of a picture as colours: each axis from −1 to 1 as 0 to 255; black where there is none.
pub fn normal_image(render: &EgoRender) -> Rgb8 {
    let shade = |x: f32| (127.5 * (x.clamp(-1.0, 1.0) + 1.0)).round() as u8;
    let of = |n: &[f32; 3]| if *n == [0.0; 3] { [0; 3] } else { n.map(shade) };
    let (width, height) = (render.image.width, render.image.height);
    Rgb8 { width, height, pixels: render.normal.iter().map(of).collect() }
}

/// The picture at another size: averaged where it shrinks, interpolated where it grows.
pub fn resize(picture: &Rgb8, width: u32, height: u32) -> Result<Rgb8, RenderError> {
    check_size(width, height)?;
    check_picture(picture)?;
    let (across, down) = (weights(picture.width, width), weights(picture.height, height));
    let mut out = Vec::with_capacity(width as usize * height as usize);
    for rows in &down {
        for columns in &across {
            let mut sum = [0.0; 3];
            for (y, wy) in rows {
                for (x, wx) in columns {
                    let p = picture.pixels[y * picture.width as usize + x];
                    for i in 0..3 {
                        sum[i] += wy * wx * f64::from(p[i]);
                    }
                }
            }
            out.push(sum.map(|s| s.round().clamp(0.0, 255.0) as u8));
        }
    }
    Ok(Rgb8 { width, height, pixels: out })
}

/// For each of `to` pixels the pixels of `from` that it is made of: a triangle filter as wide as a pixel
/// of the coarser of the two.
fn weights(from: u32, to: u32) -> Vec<Vec<(usize, f64)>> {
    let ratio = f64::from(from) / f64::from(to);
    let reach = ratio.max(1.0);
    (0..to)
        .map(|i| {
            let center = (f64::from(i) + 0.5) * ratio;
            let first = (center - reach).floor().max(0.0) as u32;
            let last = ((center + reach).ceil() as u32).min(from);
            let mut w: Vec<(usize, f64)> = (first..last)
                .map(|j| (j as usize, 1.0 - (f64::from(j) + 0.5 - center).abs() / reach))
                .filter(|w| w.1 > 0.0)
                .collect();
            let sum: f64 = w.iter().map(|w| w.1).sum();
            w.iter_mut().for_each(|w| w.1 /= sum);
            w
        })
        .collect()
}

/// Pictures side by side, each with a caption below, all as high as the lowest of them.
pub fn side_by_side(panels: &[(Rgb8, String)]) -> Result<Rgb8, RenderError> {
    sheet(panels, panels.len()).map(|s| s.0)
}

/// Pictures in rows of so many, each with a caption below, all as high as the lowest of them; and where each stands.
pub fn sheet(panels: &[(Rgb8, String)], columns: usize) -> Result<(Rgb8, Vec<Rect>), RenderError> {
    const GAP: u32 = 8;
    for (p, _) in panels {
        check_size(p.width, p.height)?;
        check_picture(p)?;
    }
    let height = panels.iter().map(|p| p.0.height).min().ok_or(RenderError::Nothing)?;
    let scaled: Vec<Rgb8> = panels
        .iter()
        .map(|(p, _)| {
            if p.height == height {
                return Ok(p.clone());
            }
            let width = f64::from(p.width) * f64::from(height) / f64::from(p.height);
            resize(p, (width.round() as u32).max(1), height)
        })
        .collect::<Result<_, _>>()?;
    let size = text_size(height, height);
    let line = text_height(size).ceil() as u32 + 2;
    let captions: Vec<Vec<String>> =
        panels.iter().zip(&scaled).map(|(p, s)| wrap(&p.1, size, s.width as f32)).collect();
    let rows: Vec<(&[Rgb8], &[Vec<String>])> =
        scaled.chunks(columns.max(1)).zip(captions.chunks(columns.max(1))).collect();
    let foot = |captions: &[Vec<String>]| {
        let lines = captions.iter().map(Vec::len).max().unwrap_or(0) as u32;
        if lines > 0 { lines * line + 8 } else { 0 }
    };
    let widest = |row: &[Rgb8]| row.iter().map(|s| s.width + GAP).sum::<u32>() + GAP;
    let width = rows.iter().map(|r| widest(r.0)).max().unwrap_or(0);
    let total = rows.iter().map(|r| height + GAP + foot(r.1)).sum::<u32>() + GAP;
    let mut out = blank(width, total, PAPER);
    let mut places = Vec::with_capacity(panels.len());
    let mut y = GAP;
    for (pictures, captions) in rows {
        let mut x = GAP;
        for (picture, caption) in pictures.iter().zip(captions) {
            paste(&mut out, picture, x, y);
            let (w, h) = (picture.width as i32, height as i32);
            places.push(Rect { x: x as i32, y: y as i32, w, h });
            for (i, l) in caption.iter().enumerate() {
                let y = y + height + 6 + i as u32 * line;
                draw_text(&mut out, x as f32, y as f32, l, size, INK);
            }
            x += picture.width + GAP;
        }
        y += height + GAP + foot(captions);
    }
    Ok((out, places))
}

fn check_picture(p: &Rgb8) -> Result<(), RenderError> {
    if p.pixels.len() == p.width as usize * p.height as usize && !p.pixels.is_empty() {
        return Ok(());
    }
    let what = format!("{} pixels for {} × {}", p.pixels.len(), p.width, p.height);
    Err(RenderError::Picture(what))
}

/// The bytes of a JPEG file of a quality from 1 to 100; the same picture always gives the same bytes.
pub fn encode_jpeg(picture: &Rgb8, quality: u8) -> Result<Vec<u8>, RenderError> {
    check_picture(picture)?;
    if !(1..=100).contains(&quality) {
        return Err(RenderError::Picture(format!("a quality of {quality}; it must be 1 to 100")));
    }
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, quality)
        .write_image(
            picture.pixels.as_flattened(),
            picture.width,
            picture.height,
            ExtendedColorType::Rgb8,
        )
        .map_err(|e| RenderError::Picture(e.to_string()))?;
    Ok(out)
}

/// The bytes of a lossless WebP file; the same picture always gives the same bytes.
pub fn encode_webp(picture: &Rgb8) -> Result<Vec<u8>, RenderError> {
    check_picture(picture)?;
    let mut out = Vec::new();
    image_webp::WebPEncoder::new(&mut out)
        .encode(
            picture.pixels.as_flattened(),
            picture.width,
            picture.height,
            image_webp::ColorType::Rgb8,
        )
        .map_err(|e| RenderError::Picture(e.to_string()))?;
    Ok(out)
}

/// A picture file's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lossless.
    Png,
    /// Of quality 90; small, and text stays legible.
    Jpeg,
    /// Lossless, smaller than PNG.
    WebP,
}

impl Format {
    /// The format that a file's name asks for, by its ending in any case.
    pub fn of_name(name: &str) -> Option<Format> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "png" => Some(Format::Png),
            "jpg" | "jpeg" => Some(Format::Jpeg),
            "webp" => Some(Format::WebP),
            _ => None,
        }
    }

    /// The bytes of a file.
    pub fn encode(self, picture: &Rgb8) -> Result<Vec<u8>, RenderError> {
        match self {
            Format::Png => encode_png(picture),
            Format::Jpeg => encode_jpeg(picture, 90),
            Format::WebP => encode_webp(picture),
        }
    }
}

/// The bytes of a PNG file; the same picture always gives the same bytes.
pub fn encode_png(picture: &Rgb8) -> Result<Vec<u8>, RenderError> {
    check_picture(picture)?;
    let mut out = Vec::new();
    PngEncoder::new_with_quality(&mut out, CompressionType::Fast, FilterType::Adaptive)
        .write_image(
            picture.pixels.as_flattened(),
            picture.width,
            picture.height,
            ExtendedColorType::Rgb8,
        )
        .map_err(|e| RenderError::Picture(e.to_string()))?;
    Ok(out)
}
