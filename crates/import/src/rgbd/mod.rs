//! Posed RGB-D: frames of several layouts, fused into one coloured point memory.

mod fuse;
mod ground;
mod npz_room;
pub(crate) mod open3d;
mod room;
pub(crate) mod tum;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nalgebra::{Matrix3, Matrix4};
use reasmory_geom::{Pinhole, Point3, Pose, Vec3};
use reasmory_scene::{Manifest, Memory, Photo, Points, Scale};

pub(crate) use npz_room::source as npz_source;
pub(crate) use room::estimate as estimate_room;

use crate::files::{self, SourcePictures};
use crate::upright::{self, Surface};
use crate::{Format, ImportError, ImportOptions, Imported};

/// Most depth pixels that are held at once.
const MAX_DEPTH_PIXELS: usize = 100_000_000;
/// Default of [`ImportOptions::max_views`].
const MAX_VIEWS: usize = 120;
/// Default of [`ImportOptions::voxel`], metres.
const VOXEL: f64 = 0.02;
/// Surface samples for finding up, the floor and the ceiling.
const SURFACES: usize = 30_000;

/// A frame before its pictures are read.
pub(crate) struct FrameFiles {
    pub(crate) color: PathBuf,
    /// A 16-bit depth picture; `None` where the depths are given with the source.
    pub(crate) depth: Option<PathBuf>,
    /// Index into the source's own depths where `depth` is `None`.
    pub(crate) index: usize,
    pub(crate) pose: Pose,
    pub(crate) time: Option<f64>,
}

/// What a layout yields.
pub(crate) struct Source {
    pub(crate) frames: Vec<FrameFiles>,
    /// Depth lens of each frame, or one for all; the size is taken from the depth itself when 0.
    pub(crate) lenses: Vec<Pinhole>,
    /// Depths by frame, where they are not pictures.
    pub(crate) depths: Vec<Vec<f32>>,
    /// Depth units per metre of depth pictures.
    pub(crate) depth_scale: f64,
    pub(crate) notes: Vec<String>,
}

/// A view ready to be fused: z-depth in metres (0: none) and colours at the depth's size.
pub(crate) struct View {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    pub(crate) lens: Pinhole,
    pub(crate) photo_lens: Pinhole,
    pub(crate) pose: Pose,
    pub(crate) time: Option<f64>,
    pub(crate) depth: Vec<f32>,
    pub(crate) rgb: Vec<[u8; 3]>,
}

impl View {
    fn depth_at(&self, x: i64, y: i64) -> f32 {
        let (w, h) = (i64::from(self.lens.width), i64::from(self.lens.height));
        if x < 0 || y < 0 || x >= w || y >= h {
            return 0.0;
        }
        self.depth.get((y * w + x) as usize).copied().unwrap_or(0.0)
    }

    /// The world point of a pixel with this depth.
    fn point(&self, x: i64, y: i64, depth: f32) -> Point3 {
        let ray = self.lens.ray(x as f64 + 0.5, y as f64 + 0.5);
        self.pose.to_world(ray * f64::from(depth))
    }
}

/// Imports a posed RGB-D source.
pub(crate) fn import(
    path: &Path,
    format: Format,
    options: &ImportOptions,
) -> Result<Imported, ImportError> {
    let voxel = options.voxel.unwrap_or(VOXEL);
    if !(voxel.is_finite() && voxel > 0.0) {
        let what = format!("the fusion grid's cell is {voxel}");
        return Err(ImportError::new(path, "options", what, "give a positive length in metres"));
    }
    let source = match format {
        Format::NpzRgbd => npz_room::read(path)?,
        Format::TumRgbd => tum::read(path, options)?,
        _ => open3d::read(path, options)?,
    };
    let mut notes = source.notes.clone();
    let mut views = load(path, source, options, &mut notes)?;
    let flying: usize = views.iter_mut().map(fuse::drop_flying).sum();
    let valid: usize = views.iter().map(|v| v.depth.iter().filter(|d| **d > 0.0).count()).sum();
    if valid == 0 {
        let what = "has no valid depth";
        return Err(ImportError::new(path, "", what, "check the depth pictures and their scale"));
    }
    notes.push(format!("{flying} depth pixels at jumps in depth were left out."));

    let poses: Vec<Pose> = views.iter().map(|v| v.pose).collect();
    let mut surfaces = surfaces(&views);
    let up = upright::find(&poses, &surfaces);
    notes.push(up.note.clone());
    let turn = upright::to_z(up.up);
    for v in &mut views {
        v.pose = turned(&turn, &v.pose);
    }
    for s in &mut surfaces {
        s.normal = turn * s.normal;
        s.point = turn * s.point;
    }

    let grounded = match &options.masks {
        Some(masks) => Some(ground::ground(path, masks, &mut views, options, &mut notes)?),
        None => None,
    };
    let fused = fuse::fuse(&views, voxel);
    notes.push(format!(
        "{valid} depth pixels of {} views, less {} of surfaces that another view sees finer, were averaged \
         into {} points on a grid of {voxel} m; {} cells that other views see through were carved away.",
        views.len(),
        fused.superseded,
        fused.positions.len(),
        fused.carved
    ));
    if fused.positions.is_empty() {
        let what = "leaves no point after fusion: the views contradict each other";
        let remedy = "check that the poses are camera-to-world and the depth scale is right";
        return Err(ImportError::new(path, "", what, remedy));
    }
    let name = files::scene_name(path);
    let mut m = Manifest::empty(&name, "posed-rgbd", Scale::metric("depths and poses are metres"));
    m.uncertainty.position = fused.sigma;
    notes.push(format!(
        "Positional uncertainty is the spread of depth between views that see the same point ({:.4} m).",
        fused.sigma
    ));
    for p in &fused.positions {
        m.extend_bounds(Point3::new(p[0].into(), p[1].into(), p[2].into()));
    }
    for v in &views {
        m.extend_bounds(v.pose.center);
    }
    let (room, room_notes) = room::estimate(&fused.positions, &surfaces);
    notes.extend(room_notes);
    m.room = Some(room);
    m.points = fused.positions.len() as u64;
    let mut image_files = Vec::new();
    for (number, v) in (1u32..).zip(&views) {
        m.photos.push(Photo {
            number,
            name: v.name.clone(),
            pinhole: v.photo_lens,
            camera_to_world: v.pose,
            time: v.time,
            image: None,
        });
        image_files.push((number, v.file.clone()));
    }
    let rows = fused.positions.len();
    let instance = match grounded {
        Some(g) => ground::describe(&g, &fused.positions, &mut m),
        None => vec![0u32; rows],
    };
    m.provenance.notes = notes.clone();
    let points = Points {
        positions: fused.positions.into(),
        colors: fused.colors.into(),
        confidence: fused.confidence.into(),
        instance: instance.into(),
    };
    let pictures = SourcePictures { files: views.iter().map(|v| Some(v.file.clone())).collect() };
    let memory = Memory::new(m, points, Some(Arc::new(pictures))).map_err(|e| {
        ImportError::new(path, e.at, e.what, "check the source's intrinsics, poses and times")
    })?;
    Ok(Imported { memory, image_files, notes })
}

/// A pose in a turned world, kept a rotation.
pub(crate) fn turned(turn: &Matrix3<f64>, pose: &Pose) -> Pose {
    let mut m = Matrix4::identity();
    m.fixed_view_mut::<3, 3>(0, 0).copy_from(&(turn * pose.rotation));
    let c = turn * pose.center;
    (m[(0, 3)], m[(1, 3)], m[(2, 3)]) = (c.x, c.y, c.z);
    Pose::from_matrix(&m).unwrap_or(*pose)
}

fn load(
    path: &Path,
    source: Source,
    options: &ImportOptions,
    notes: &mut Vec<String>,
) -> Result<Vec<View>, ImportError> {
    let total = source.frames.len();
    if total == 0 {
        return Err(ImportError::new(path, "", "has no frames", "check the folder"));
    }
    let first = &source.frames[0];
    let pixels = match &first.depth {
        Some(d) => {
            let (w, h) = files::dimensions(d)?;
            w as usize * h as usize
        }
        None => source.depths.first().map_or(1, Vec::len),
    };
    let most = options
        .max_views
        .unwrap_or(MAX_VIEWS)
        .min(MAX_DEPTH_PIXELS / pixels.max(1))
        .clamp(1, total);
    if most < total {
        notes.push(format!("{most} of {total} frames, evenly spaced, were used."));
    }
    let start = first.time;
    let mut views = Vec::with_capacity(most);
    for k in 0..most {
        let i = k * total / most;
        let f = &source.frames[i];
        let lens = source.lenses.get(i).or(source.lenses.first()).copied();
        let lens = lens.ok_or_else(|| {
            ImportError::new(path, "", "has no intrinsics", "give the camera's intrinsics")
        })?;
        let (depth, width, height) = match &f.depth {
            Some(d) => depth_picture(d, source.depth_scale)?,
            None => {
                let d = source.depths.get(f.index).cloned().unwrap_or_default();
                (d, lens.width, lens.height)
            }
        };
        let mut lens = lens;
        if (lens.width, lens.height) == (0, 0) {
            (lens.width, lens.height) = (width, height);
        }
        if !lens.is_valid() {
            let what = format!("the intrinsics {lens:?} are no camera");
            let remedy = "give a positive focal length and size";
            return Err(ImportError::new(path, format!("frame {i}"), what, remedy));
        }
        let lens = files::rescaled(&lens, width, height).ok_or_else(|| {
            let what = format!(
                "the depth has {width}×{height} pixels, the intrinsics are for {}×{}",
                lens.width, lens.height
            );
            ImportError::new(path, format!("frame {i}"), what, "give intrinsics for that size")
        })?;
        let color = files::rgb(&f.color)?;
        let photo_lens = files::rescaled(&lens, color.width, color.height).ok_or_else(|| {
            let what = format!(
                "has {}×{} pixels, its depth {width}×{height}: other proportions",
                color.width, color.height
            );
            ImportError::new(&f.color, "", what, "register the depth to the colour picture")
        })?;
        let mut rgb = Vec::with_capacity(depth.len());
        for y in 0..height {
            let sy = (u64::from(y) * 2 + 1) * u64::from(color.height) / (2 * u64::from(height));
            for x in 0..width {
                let sx = (u64::from(x) * 2 + 1) * u64::from(color.width) / (2 * u64::from(width));
                let at = sy * u64::from(color.width) + sx;
                rgb.push(color.pixels.get(at as usize).copied().unwrap_or_default());
            }
        }
        views.push(View {
            name: files::leaf(&f.color),
            file: f.color.clone(),
            lens,
            photo_lens,
            pose: f.pose,
            time: f.time.zip(start).map(|(t, s)| t - s),
            depth,
            rgb,
        });
    }
    Ok(views)
}

fn depth_picture(path: &Path, scale: f64) -> Result<(Vec<f32>, u32, u32), ImportError> {
    let image = files::picture(path)?;
    let image::DynamicImage::ImageLuma16(image) = image else {
        let what = "is not a 16-bit grey picture";
        return Err(ImportError::new(path, "", what, "give depth as 16-bit PNG"));
    };
    let depth = image
        .pixels()
        .map(|p| match p.0[0] {
            0 | u16::MAX => 0.0,
            d => (f64::from(d) / scale) as f32,
        })
        .collect();
    Ok((depth, image.width(), image.height()))
}

/// A pose matrix, or why it is none.
pub(crate) fn pose(path: &Path, place: &str, m: &Matrix4<f64>) -> Result<Pose, ImportError> {
    Pose::from_matrix(m).ok_or_else(|| {
        let what = "is not a rigid pose (finite numbers, a rotation)";
        ImportError::new(path, place, what, "give camera-to-world matrices without scale")
    })
}

/// Oriented samples of the seen surfaces, about [`SURFACES`] of them, weighted by their area.
///
/// Each is a plane fitted to a window of inverse depth, which on a plane is linear in the pixel. Windows
/// are wide (a twentieth of the picture): neighbouring pixels of a quantised depth camera have the same
/// depth, and their normal would be the camera's own axis.
fn surfaces(views: &[View]) -> Vec<Surface> {
    let total: usize = views.iter().map(|v| v.depth.len()).sum();
    let stride = (1..).find(|s| total / (s * s) <= SURFACES).unwrap_or(1);
    let mut out = Vec::new();
    for v in views {
        let reach = i64::from(v.lens.width / 40).max(2);
        for y in (0..i64::from(v.lens.height)).step_by(stride) {
            for x in (0..i64::from(v.lens.width)).step_by(stride) {
                out.extend(patch(v, x, y, reach));
            }
        }
    }
    out
}

/// The surface around a pixel; `None` where it is not flat or too little of it was seen.
fn patch(v: &View, x: i64, y: i64, reach: i64) -> Option<Surface> {
    /// Least part of a window that must be seen, and the relative error of a flat one.
    const SEEN: f64 = 0.8;
    const FLAT: f64 = 0.01;
    let z = f64::from(v.depth_at(x, y));
    if z <= 0.0 {
        return None;
    }
    let step = (reach / 3).max(1);
    let (mut normal, mut right) = (Matrix3::<f64>::zeros(), Vec3::zeros());
    let (mut square, mut seen, mut all) = (0.0, 0.0, 0.0);
    let centre = v.lens.ray(x as f64 + 0.5, y as f64 + 0.5);
    let mut dy = -reach;
    while dy <= reach {
        let mut dx = -reach;
        while dx <= reach {
            all += 1.0;
            let d = f64::from(v.depth_at(x + dx, y + dy));
            if d > 0.0 {
                // Relative to the centre, so that the equations are well scaled.
                let r = v.lens.ray((x + dx) as f64 + 0.5, (y + dy) as f64 + 0.5) - centre;
                let row = Vec3::new(r.x, r.y, 1.0);
                let value = z / d;
                normal += row * row.transpose();
                right += row * value;
                square += value * value;
                seen += 1.0;
            }
            dx += step;
        }
        dy += step;
    }
    if seen < SEEN * all {
        return None;
    }
    let fit = normal.try_inverse()? * right;
    let error = (square - fit.dot(&right)).max(0.0) / seen;
    if error > FLAT * FLAT {
        return None;
    }
    // z₀/z = a·(x − x₀) + b·(y − y₀) + c is the plane with normal (a, b, c − a·x₀ − b·y₀) in the camera.
    let inner = Vec3::new(fit.x, fit.y, fit.z - fit.x * centre.x - fit.y * centre.y);
    // The plane's value is positive along the ray, so the normal points away from the camera.
    let normal = -(v.pose.rotation * inner).try_normalize(1e-12)?;
    let point = v.point(x, y, z as f32);
    let slant = normal.dot(&(v.pose.center - point).try_normalize(1e-9)?).max(0.2);
    Some(Surface { point, normal, weight: z * z / (v.lens.fx * v.lens.fy * slant) })
}
