//! Colours: of vertices, materials and textures, in linear light, to sRGB bytes.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use gltf::json::mesh::Primitive;
use image::{ImageReader, Limits, RgbImage};
use reasmory_geom::math;

use super::document::{Document, Fetch};

/// Longest side of a texture that is kept; larger ones are averaged down to it.
const SIDE: u32 = 1024;
/// Most pixels that a texture may have.
const MAX_PIXELS: u64 = 1 << 26;
/// Most pixels for a byte of a picture file: those of a PNG of one bit a pixel, deflated as far as that goes.
const DENSEST: u64 = 8256;

/// Byte of sRGB of each linear value of 16 bits, and linear values of each byte.
pub(super) struct Tables {
    bytes: Vec<u8>,
    linear: [f32; 256],
}

impl Tables {
    pub(super) fn new() -> Tables {
        let encoded = |v: f64| {
            if v <= 0.003_130_8 { 12.92 * v } else { 1.055 * math::pow(v, 1.0 / 2.4) - 0.055 }
        };
        let decoded = |i: usize| {
            let c = i as f64 / 255.0;
            if c <= 0.04045 { c / 12.92 } else { math::pow((c + 0.055) / 1.055, 2.4) }
        };
        Tables {
            bytes: (0..65536)
                .map(|i| (255.0 * encoded(f64::from(i) / 65535.0)).round() as u8)
                .collect(),
            linear: std::array::from_fn(|i| decoded(i) as f32),
        }
    }

    /// Linear values to bytes; what is no number is black.
    fn encode(&self, c: [f32; 3]) -> [u8; 3] {
        c.map(|x| self.bytes[(x.clamp(0.0, 1.0) * 65535.0).round() as usize])
    }
}

/// Textures that were decoded, by image.
pub(super) struct Textures<'d> {
    document: &'d Document<'d>,
    fetch: Fetch<'d>,
    read: BTreeMap<usize, Option<Arc<RgbImage>>>,
    /// Why the first one could not be read, and how many could not.
    pub(super) failed: Option<(String, usize)>,
}

impl<'d> Textures<'d> {
    pub(super) fn new(document: &'d Document<'d>, fetch: Fetch<'d>) -> Textures<'d> {
        Textures { document, fetch, read: BTreeMap::new(), failed: None }
    }

    fn image(&mut self, index: usize) -> Option<Arc<RgbImage>> {
        if let Some(have) = self.read.get(&index) {
            return have.clone();
        }
        let picture = self
            .document
            .image(index, self.fetch)
            .and_then(|bytes| decode(&bytes).map_err(|e| (format!("images[{index}]"), e)));
        let picture = match picture {
            Ok(p) => Some(Arc::new(p)),
            Err((place, what)) => {
                let first = format!("{place}: {what}");
                self.failed = Some(match self.failed.take() {
                    Some((text, n)) => (text, n + 1),
                    None => (first, 1),
                });
                None
            }
        };
        self.read.insert(index, picture.clone());
        picture
    }
}

fn decode(bytes: &[u8]) -> Result<RgbImage, String> {
    let reader = || ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let (w, h) = reader()
        .map_err(|e| e.to_string())?
        .into_dimensions()
        .map_err(|e| format!("is no PNG or JPEG picture: {e}"))?;
    let pixels = u64::from(w) * u64::from(h);
    if pixels == 0 || pixels > MAX_PIXELS.min(DENSEST * bytes.len() as u64) {
        return Err(format!("states {w}×{h} pixels in {} bytes", bytes.len()));
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(pixels * 16 + (1 << 20));
    let mut reader = reader().map_err(|e| e.to_string())?;
    reader.limits(limits);
    let picture = reader.decode().map_err(|e| format!("is damaged: {e}"))?;
    let picture = if w.max(h) > SIDE { picture.thumbnail(SIDE, SIDE) } else { picture };
    Ok(picture.into_rgb8())
}

/// How a part of a mesh is coloured.
pub(super) struct Paint {
    /// Linear.
    factor: [f32; 3],
    texture: Option<Arc<RgbImage>>,
    /// Whether the part says anything of its colour.
    pub(super) known: bool,
    /// Whether vertex colours are sRGB already, whatever glTF says.
    srgb: bool,
}

impl Paint {
    /// The paint of a part, and which set of texture coordinates it goes by.
    pub(super) fn of(part: &Primitive, textures: &mut Textures<'_>, srgb: bool) -> (Paint, u32) {
        let root = &textures.document.root;
        let material = part.material.and_then(|m| root.materials.get(m.value()));
        let mut paint = Paint { factor: [1.0; 3], texture: None, known: material.is_some(), srgb };
        let mut set = 0;
        if let Some(m) = material {
            let f = m.pbr_metallic_roughness.base_color_factor.0;
            paint.factor = [f[0], f[1], f[2]];
            if let Some(t) = &m.pbr_metallic_roughness.base_color_texture {
                set = t.tex_coord;
                let image = root.textures.get(t.index.value()).map(|t| t.source.value());
                paint.texture = image.and_then(|i| textures.image(i));
            }
        }
        (paint, set)
    }

    /// sRGB at a place with this vertex colour and these texture coordinates.
    pub(super) fn color(
        &self,
        tables: &Tables,
        vertex: Option<[f32; 3]>,
        uv: Option<[f32; 2]>,
    ) -> [u8; 3] {
        if !self.known && vertex.is_none() {
            return [128; 3];
        }
        if let (true, Some(v), None) = (self.srgb, vertex, &self.texture) {
            return v.map(|x| (x.clamp(0.0, 1.0) * 255.0).round() as u8);
        }
        let mut c = vertex.unwrap_or([1.0; 3]);
        let texel = self.texture.as_ref().zip(uv).map(|(t, uv)| {
            // Textures repeat; a coordinate that is no number is taken as 0.
            let at = |x: f32, n: u32| ((x.rem_euclid(1.0) * n as f32) as u32).min(n - 1);
            t.get_pixel(at(uv[0], t.width()), at(uv[1], t.height()))
                .0
                .map(|b| tables.linear[usize::from(b)])
        });
        for k in 0..3 {
            c[k] *= self.factor[k] * texel.map_or(1.0, |t| t[k]);
        }
        tables.encode(c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_linear_light() {
        let t = Tables::new();
        let white = Paint { factor: [1.0; 3], texture: None, known: true, srgb: false };
        for b in 0..=255u8 {
            let v = t.linear[usize::from(b)];
            assert_eq!(white.color(&t, Some([v; 3]), None), [b; 3]);
        }
        assert_eq!(white.color(&t, Some([f32::NAN, -1.0, 9.0]), None), [0, 0, 255]);
    }

    #[test]
    fn a_texture_repeats() {
        let t = Tables::new();
        let picture =
            RgbImage::from_fn(2, 1, |x, _| image::Rgb([if x == 0 { 10 } else { 200 }, 0, 255]));
        let p =
            Paint { factor: [1.0; 3], texture: Some(Arc::new(picture)), known: true, srgb: false };
        for (u, red) in [(0.25, 10), (0.75, 200), (1.25, 10), (-0.25, 200), (f32::NAN, 10)] {
            assert_eq!(p.color(&t, None, Some([u, 0.5]))[0], red, "{u}");
        }
    }

    #[test]
    fn a_picture_that_cannot_be_that_large_is_refused() {
        let mut png = Vec::new();
        let picture = RgbImage::new(4, 4);
        picture.write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
        assert_eq!(decode(&png).unwrap().dimensions(), (4, 4));
        // The size stands behind the first chunk's name.
        png[16..24].copy_from_slice(&[0, 0, 64, 0, 0, 0, 64, 0]);
        assert!(decode(&png).is_err());
    }
}
