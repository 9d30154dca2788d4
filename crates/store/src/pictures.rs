//! Pictures of photos: where they come from when writing, and reading them back.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use image::{ImageFormat, ImageReader, Limits};
use reasmory_geom::Pinhole;
use reasmory_scene::{Memory, PhotoPixels, Rgb8};

use crate::layout::{MAX_PICTURE_BYTES, MAX_PIXELS};

/// A picture to store.
#[derive(Clone, Debug)]
pub enum Picture {
    /// A PNG or JPEG file, stored byte for byte.
    Encoded(Vec<u8>),
    /// Pixels, stored as PNG.
    Pixels(Rgb8),
}

/// Where the pictures of a memory being written come from.
pub trait Pictures {
    /// The picture of photo `number`, `None` where it is not to be stored, or why it cannot be had.
    fn picture(&self, number: u32) -> Result<Option<Picture>, String>;
}

/// Stores no pictures.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPictures;

impl Pictures for NoPictures {
    fn picture(&self, _: u32) -> Result<Option<Picture>, String> {
        Ok(None)
    }
}

/// Stores these PNG or JPEG files, by photo number.
#[derive(Clone, Debug, Default)]
pub struct PictureFiles(pub BTreeMap<u32, PathBuf>);

impl Pictures for PictureFiles {
    fn picture(&self, number: u32) -> Result<Option<Picture>, String> {
        self.0.get(&number).map(|path| read_bounded(path).map(Picture::Encoded)).transpose()
    }
}

/// Stores a memory's own pixels as PNG (none where it has none).
#[derive(Clone, Copy, Debug)]
pub struct MemoryPictures<'a>(pub &'a Memory);

impl Pictures for MemoryPictures<'_> {
    fn picture(&self, number: u32) -> Result<Option<Picture>, String> {
        if !self.0.has_pixels() {
            return Ok(None);
        }
        self.0.photo_pixels(number).map(|p| Some(Picture::Pixels(p)))
    }
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, String> {
    let fail = |e: std::io::Error| {
        format!("{}: could not read the picture: {e}; check the path", path.display())
    };
    let file = File::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    file.take(MAX_PICTURE_BYTES + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > MAX_PICTURE_BYTES {
        return Err(format!(
            "{}: is longer than {MAX_PICTURE_BYTES} bytes; store a smaller picture",
            path.display()
        ));
    }
    Ok(bytes)
}

/// The bytes and extension under which a picture is stored; it is decoded once to be sure it can be.
pub(crate) fn encode(
    picture: Picture,
    pinhole: &Pinhole,
) -> Result<(Vec<u8>, &'static str), String> {
    match picture {
        Picture::Encoded(bytes) => {
            let format = format_of(&bytes)?;
            decode(&bytes, pinhole)?;
            Ok((bytes, if format == ImageFormat::Png { "png" } else { "jpg" }))
        }
        Picture::Pixels(rgb) => {
            check_size(rgb.width, rgb.height, pinhole)?;
            if rgb.pixels.len() as u64 != u64::from(rgb.width) * u64::from(rgb.height) {
                return Err(format!(
                    "{} pixels for {}×{}; give every pixel once",
                    rgb.pixels.len(),
                    rgb.width,
                    rgb.height
                ));
            }
            let mut out = Vec::new();
            image::write_buffer_with_format(
                &mut Cursor::new(&mut out),
                bytemuck::cast_slice(&rgb.pixels),
                rgb.width,
                rgb.height,
                image::ExtendedColorType::Rgb8,
                ImageFormat::Png,
            )
            .map_err(|e| format!("could not be written as PNG: {e}; check its size"))?;
            Ok((out, "png"))
        }
    }
}

fn format_of(bytes: &[u8]) -> Result<ImageFormat, String> {
    match image::guess_format(bytes) {
        Ok(f @ (ImageFormat::Png | ImageFormat::Jpeg)) => Ok(f),
        _ if bytes.is_empty() => Err("the picture file is empty; give the original".into()),
        _ => Err("the picture is neither PNG nor JPEG; convert it to one".into()),
    }
}

fn check_size(width: u32, height: u32, pinhole: &Pinhole) -> Result<(), String> {
    if width == 0 || height == 0 {
        return Err(format!("the picture has no pixels ({width}×{height}); give the original"));
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(format!(
            "the picture has {width}×{height} pixels, more than {MAX_PIXELS}; store a smaller one"
        ));
    }
    if (width, height) != (pinhole.width, pinhole.height) {
        return Err(format!(
            "the picture has {width}×{height} pixels, the camera {}×{}; scale the intrinsics or the \
             picture",
            pinhole.width, pinhole.height
        ));
    }
    Ok(())
}

/// Decodes a picture that must have the camera's size; allocates no more than that size needs.
pub(crate) fn decode(bytes: &[u8], pinhole: &Pinhole) -> Result<Rgb8, String> {
    let format = format_of(bytes)?;
    let fail = |e: image::ImageError| format!("the picture cannot be read: {e}; store it again");
    let reader = || ImageReader::with_format(Cursor::new(bytes), format);
    let (width, height) = reader().into_dimensions().map_err(fail)?;
    check_size(width, height, pinhole)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(width);
    limits.max_image_height = Some(height);
    limits.max_alloc = Some(u64::from(width) * u64::from(height) * 16 + (1 << 20));
    let mut reader = reader();
    reader.limits(limits);
    let rgb = reader.decode().map_err(fail)?.into_rgb8();
    let pixels = bytemuck::cast_slice::<u8, [u8; 3]>(rgb.as_raw()).to_vec();
    Ok(Rgb8 { width: rgb.width(), height: rgb.height(), pixels })
}

/// Pictures of an opened memory, decoded when asked for.
pub(crate) struct StoredPictures {
    /// File, its recorded length and the camera, by photo index; `None` where not stored.
    pub(crate) files: Vec<Option<(PathBuf, u64, Pinhole)>>,
}

impl PhotoPixels for StoredPictures {
    fn rgb(&self, number: u32) -> Result<Rgb8, String> {
        let slot = (number as usize).checked_sub(1).and_then(|i| self.files.get(i));
        let (path, length, pinhole) = match slot {
            None => return Err(format!("there is no photo {number}")),
            Some(None) => return Err(format!("the picture of photo {number} is not stored")),
            Some(Some(f)) => f,
        };
        let bytes = read_bounded(path)?;
        if bytes.len() as u64 != *length {
            return Err(format!(
                "{}: has {} bytes, the manifest says {length}; write the memory again",
                path.display(),
                bytes.len()
            ));
        }
        decode(&bytes, pinhole).map_err(|e| format!("{}: {e}", path.display()))
    }
}
