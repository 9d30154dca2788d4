//! Posed RGB-D: frames of several layouts, fused into one coloured point memory.

mod fuse;
pub(crate) mod ground;
mod npz_room;
pub(crate) mod open3d;
pub(crate) mod posed_files;
mod room;
pub(crate) mod scannet;
pub(crate) mod seven_scenes;
pub(crate) mod tum;
mod unposed;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nalgebra::{Matrix3, Matrix4};
use reasmory_geom::{Pinhole, Point3, Pose, Vec3};
use reasmory_ground::Mask;
use reasmory_scene::{Manifest, Memory, Photo, PhotoPixels, Points, Rgb8, Scale};

pub(crate) use npz_room::source as npz_source;
pub(crate) use room::{estimate as estimate_room, patches};
pub use unposed::{UnposedDepth, is_unposed_depth};

use crate::files::{self, PictureAt, SourcePictures};
use crate::fronts;
use crate::masks::{self, PhotoName};
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
    pub(crate) picture: Picture,
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

/// Where the picture of a view is.
#[derive(Clone, Debug)]
pub(crate) enum Picture {
    /// A PNG or JPEG file.
    File(PathBuf),
    /// In memory.
    Pixels(Arc<Rgb8>),
    /// There is none; its points are grey.
    None,
}

/// A view with depth whose picture may be anywhere.
pub(crate) struct Pictured {
    pub(crate) name: String,
    pub(crate) picture: Picture,
    pub(crate) lens: Pinhole,
    pub(crate) pose: Pose,
    pub(crate) time: Option<f64>,
    pub(crate) depth: Vec<f32>,
}

/// A photo with its camera and the depth of its pixels.
#[derive(Clone, Debug)]
pub struct PosedDepth {
    /// Name of the photo.
    pub name: String,
    /// Its picture, of any size with the proportions of the depth.
    pub file: PathBuf,
    /// Lens at the depth's size.
    pub lens: Pinhole,
    /// Camera to world.
    pub pose: Pose,
    /// Seconds.
    pub time: Option<f64>,
    /// z-depth of each pixel, in the unit of the poses; 0 (or not finite) where there is none. A photo that
    /// is not to be fused has all zeros.
    pub depth: Vec<f32>,
}

/// How posed depth becomes a memory.
#[derive(Clone, Debug)]
pub struct Fusion {
    /// Name of the scene.
    pub name: String,
    /// The provenance's format.
    pub format: String,
    /// Whether lengths are metres. Without, they are brought to about those of a room: the grid's cells and
    /// the least tolerances are metres.
    pub scale: Scale,
    /// Up in the poses' world, where it is known; else it is found from cameras and surfaces.
    pub up: Option<Vec3>,
    /// Edge of the grid's cells, metres; 0.02 where `None`.
    pub voxel: Option<f64>,
    /// Masks of each view, at the size of its depth.
    pub masks: Option<Vec<Vec<Mask>>>,
    /// Takes the poses as they are, where masks could align them.
    pub fixed_poses: bool,
    /// Labels that mean another.
    pub synonyms: BTreeMap<String, String>,
    /// What was assumed so far.
    pub notes: Vec<String>,
}

/// Median depth that views without a scale are brought to.
const USUAL_DEPTH: f64 = 2.5;

/// The views of a posed RGB-D source, and what was assumed.
pub fn read_posed_depth(
    path: &Path,
    options: &ImportOptions,
) -> Result<(Vec<PosedDepth>, Vec<String>), ImportError> {
    let format = match options.format {
        Some(f) => f,
        None => crate::detect(path)?,
    };
    let source = match format {
        Format::NpzRgbd => npz_room::read(path)?,
        Format::TumRgbd => tum::read(path, options)?,
        Format::Open3dRgbd => open3d::read(path, options)?,
        Format::ScanNet => scannet::read(path, options)?,
        Format::SevenScenes => seven_scenes::read(path, options)?,
        other => {
            let what = format!("is {other}, which has no depth");
            return Err(ImportError::new(path, "", what, "give posed RGB-D"));
        }
    };
    let mut notes = source.notes.clone();
    let views = load(path, source, options, &mut notes)?;
    Ok((views, notes))
}

/// Imports a posed RGB-D source.
pub(crate) fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    checked_voxel(path, options.voxel)?;
    let (views, mut notes) = read_posed_depth(path, options)?;
    let masks = read_masks(options, views.iter().map(|v| (&v.name, &v.lens)), &mut notes)?;
    let name = match (options.format, &options.scene) {
        (Some(Format::SevenScenes), Some(scene)) => scene.clone(),
        _ => files::scene_name(path),
    };
    let fusion = Fusion {
        name,
        format: "posed-rgbd".into(),
        scale: Scale::metric("depths and poses are metres"),
        up: None,
        voxel: options.voxel,
        masks,
        fixed_poses: false,
        synonyms: options.synonyms.clone(),
        notes,
    };
    fuse_posed_depth(path, views, fusion)
}

/// The masks that were given, for photos of these names and sizes.
pub(crate) fn read_masks<'v>(
    options: &ImportOptions,
    views: impl Iterator<Item = (&'v String, &'v Pinhole)>,
    notes: &mut Vec<String>,
) -> Result<Option<Vec<Vec<Mask>>>, ImportError> {
    let Some(source) = &options.masks else { return Ok(None) };
    let photos: Vec<PhotoName> = views
        .map(|(name, lens)| PhotoName { name: name.clone(), size: (lens.width, lens.height) })
        .collect();
    let (masks, note) = masks::read(source, &photos)?;
    notes.push(note);
    Ok(Some(masks))
}

fn checked_voxel(path: &Path, voxel: Option<f64>) -> Result<f64, ImportError> {
    let voxel = voxel.unwrap_or(VOXEL);
    if voxel.is_finite() && voxel > 0.0 {
        return Ok(voxel);
    }
    let what = format!("the fusion grid's cell is {voxel}");
    Err(ImportError::new(path, "options", what, "give a positive length in metres"))
}

/// Brings lengths to about those of a room.
fn rescale(views: &mut [View], notes: &mut Vec<String>) {
    let mut depths: Vec<f32> = views
        .iter()
        .flat_map(|v| v.depth.iter().step_by(17))
        .copied()
        .filter(|d| *d > 0.0)
        .collect();
    depths.sort_unstable_by(f32::total_cmp);
    let Some(median) = depths.get(depths.len() / 2).map(|d| f64::from(*d)) else { return };
    let factor = USUAL_DEPTH / median;
    if !(factor.is_finite() && factor > 0.0) {
        return;
    }
    for v in views {
        v.pose.center = Point3::from(v.pose.center.coords * factor);
        v.depth.iter_mut().for_each(|d| *d = (f64::from(*d) * factor) as f32);
    }
    notes.push(format!(
        "Lengths have no unit; they were multiplied by {factor:.6}, so that half the depths are below \
         {USUAL_DEPTH}."
    ));
}

/// Makes a memory of posed depth: fused, upright, with a room, and with instances where there are masks.
/// `path` is named in errors.
pub fn fuse_posed_depth(
    path: &Path,
    views: Vec<PosedDepth>,
    fusion: Fusion,
) -> Result<Imported, ImportError> {
    let views = views.into_iter().map(|v| {
        let PosedDepth { name, file, lens, pose, time, depth } = v;
        Pictured { name, picture: Picture::File(file), lens, pose, time, depth }.coloured(path)
    });
    fuse_views(path, views.collect::<Result<_, _>>()?, fusion)
}

/// The same of views that have their colours.
pub(crate) fn fuse_views(
    path: &Path,
    mut views: Vec<View>,
    fusion: Fusion,
) -> Result<Imported, ImportError> {
    let voxel = checked_voxel(path, fusion.voxel)?;
    let mut notes = fusion.notes;
    let flying: usize = views.iter_mut().map(fuse::drop_flying).sum();
    let valid: usize = views.iter().map(|v| v.depth.iter().filter(|d| **d > 0.0).count()).sum();
    if valid == 0 {
        let what = "has no valid depth";
        return Err(ImportError::new(path, "", what, "check the depth pictures and their scale"));
    }
    notes.push(format!("{flying} depth pixels at jumps in depth were left out."));
    if !fusion.scale.is_metric() {
        rescale(&mut views, &mut notes);
    }

    let poses: Vec<Pose> = views.iter().map(|v| v.pose).collect();
    let mut surfaces = surfaces(&views);
    let known = fusion.up.and_then(|u| u.try_normalize(1e-9));
    let up = match known {
        Some(up) => upright::Upright { up, note: "Up is the source's.".into() },
        None => upright::find(&poses, &surfaces),
    };
    notes.push(up.note.clone());
    let mut turn = upright::to_z(up.up);
    upright::turn_all(&turn, &mut surfaces);
    // A world that was turned anyway is turned on, so that walls run along its axes.
    if known.is_none()
        && let Some((along, note)) = upright::along_walls(&surfaces)
    {
        upright::turn_all(&along, &mut surfaces);
        turn = along * turn;
        notes.push(note);
    }
    for v in &mut views {
        v.pose = turned(&turn, &v.pose);
    }

    let grounded = match fusion.masks {
        Some(masks) => {
            let naming = ground::Naming { synonyms: &fusion.synonyms, fixed: fusion.fixed_poses };
            Some(ground::ground(path, masks, &mut views, &naming, &mut notes)?)
        }
        None => None,
    };
    let fused = fuse::fuse(&views, voxel);
    notes.push(format!(
        "{valid} depth pixels of {} views, less {} of surfaces that another view sees finer, were averaged \
         into {} points on a grid of {voxel} {}; {} cells that other views see through were carved away.",
        views.len(),
        fused.superseded,
        fused.positions.len(),
        if fusion.scale.is_metric() { "m" } else { "units" },
        fused.carved
    ));
    if fused.positions.is_empty() {
        let what = "leaves no point after fusion: the views contradict each other";
        let remedy = "check that the poses are camera-to-world and the depth scale is right";
        return Err(ImportError::new(path, "", what, remedy));
    }
    let mut m = Manifest::empty(&fusion.name, &fusion.format, fusion.scale);
    m.uncertainty.position = fused.sigma;
    notes.push(format!(
        "Positional uncertainty is the spread of depth between views that see the same point ({:.4} {}).",
        fused.sigma,
        if m.scale.is_metric() { "m" } else { "units" }
    ));
    for p in &fused.positions {
        m.extend_bounds(Point3::new(p[0].into(), p[1].into(), p[2].into()));
    }
    for v in &views {
        m.extend_bounds(v.pose.center);
    }
    let cameras: Vec<Point3> = views.iter().map(|v| v.pose.center).collect();
    let found = room::estimate(&fused.positions, &surfaces, &cameras);
    notes.extend(found.notes);
    (m.room, m.layout) = (Some(found.room), found.layout);
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
        if let Picture::File(file) = &v.picture {
            image_files.push((number, file.clone()));
        }
    }
    let rows = fused.positions.len();
    let instance = match grounded {
        Some(g) => {
            let of = ground::describe(&g, &fused.positions, &mut m);
            let fronts = fronts::infer(&mut m);
            if fronts > 0 {
                notes.push(format!(
                    "{fronts} things that stand with their back to a wall face away from it; the fronts of the \
                     others are not known."
                ));
            }
            of
        }
        None => vec![0u32; rows],
    };
    m.provenance.notes = notes.clone();
    let points = Points {
        positions: fused.positions.into(),
        colors: fused.colors.into(),
        confidence: fused.confidence.into(),
        instance: instance.into(),
    };
    let pictures = views.into_iter().map(|v| v.picture).collect();
    let memory = Memory::new(m, points, pixels(pictures)).map_err(|e| {
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
) -> Result<Vec<PosedDepth>, ImportError> {
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
    (0..most).map(|k| load_frame(path, &source, k * total / most)).collect()
}

/// One frame of a source.
fn load_frame(path: &Path, source: &Source, i: usize) -> Result<PosedDepth, ImportError> {
    let Some(f) = source.frames.get(i) else {
        let what = format!("has no frame {i}");
        return Err(ImportError::new(path, "", what, "check the folder"));
    };
    let lens = source.lenses.get(i).or(source.lenses.first()).copied();
    let mut lens = lens.ok_or_else(|| {
        ImportError::new(path, "", "has no intrinsics", "give the camera's intrinsics")
    })?;
    let (depth, width, height) = match &f.depth {
        Some(d) => depth_picture(d, source.depth_scale)?,
        None => {
            let d = source.depths.get(f.index).cloned().unwrap_or_default();
            (d, lens.width, lens.height)
        }
    };
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
    let start = source.frames[0].time;
    Ok(PosedDepth {
        name: files::leaf(&f.color),
        file: f.color.clone(),
        lens,
        pose: f.pose,
        time: f.time.zip(start).map(|(t, s)| t - s),
        depth,
    })
}

/// The pixels of photos from wherever their pictures are; `None` where none has any.
fn pixels(pictures: Vec<Picture>) -> Option<Arc<dyn PhotoPixels>> {
    if pictures.iter().all(|p| matches!(p, Picture::None)) {
        return None;
    }
    let one = |p| match p {
        Picture::File(f) => PictureAt::File(f),
        Picture::Pixels(p) => PictureAt::Pixels(p),
        Picture::None => PictureAt::Nowhere,
    };
    Some(Arc::new(SourcePictures { pictures: pictures.into_iter().map(one).collect() }))
}

impl Pictured {
    /// The view with the colours of its picture at the depth's size. `path` is named in errors where there is
    /// no file.
    pub(crate) fn coloured(self, path: &Path) -> Result<View, ImportError> {
        let Pictured { name, picture, lens, pose, time, depth } = self;
        let (width, height) = (lens.width, lens.height);
        let named = if let Picture::File(f) = &picture { f } else { path };
        if depth.len() as u64 != u64::from(width) * u64::from(height) || !lens.is_valid() {
            let what = format!("has {} depths for the lens {lens:?}", depth.len());
            return Err(ImportError::new(named, "", what, "give a depth for each pixel"));
        }
        let color = match &picture {
            Picture::File(f) => Arc::new(files::rgb(f)?),
            Picture::Pixels(p) => p.clone(),
            Picture::None => {
                let rgb = vec![[128; 3]; depth.len()];
                return Ok(View { name, picture, lens, photo_lens: lens, pose, time, depth, rgb });
            }
        };
        let photo_lens = files::rescaled(&lens, color.width, color.height).ok_or_else(|| {
            let what = format!(
                "has {}×{} pixels, its depth {width}×{height}: other proportions",
                color.width, color.height
            );
            ImportError::new(named, "", what, "register the depth to the colour picture")
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
        Ok(View { name, picture, lens, photo_lens, pose, time, depth, rgb })
    }
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
