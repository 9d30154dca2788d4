//! What one would see: pictures through a view's lens.

use nalgebra::Matrix3;
use rayon::prelude::*;
use reasmory_geom::{BOX_EDGES, Pinhole, Pose, Vec3, View};
use reasmory_scene::{Memory, Rgb8};

use crate::antialias::halve;
use crate::boxes;
use crate::canvas::{Rect, line};
use crate::cloud::{BATCH, Bounds};
use crate::color::{CategoryColors, PAPER};
use crate::edges::smooth;
use crate::error::{check_cloud, check_size, check_view};
use crate::facing::{Facing, Plane};
use crate::labels::{self, LegendEntry, Request};
use crate::simd::Isa;
use crate::splat::{DrawStats, Extent, NONE, Projector, Scratch, SplatOptions, splat};
use crate::tally;
use crate::text::text_size;
use crate::{Cloud, RenderError};

/// How to draw what one would see.
#[derive(Clone, Debug)]
pub struct EgoOptions {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Instances to outline and label, by id.
    pub marks: Vec<u32>,
    /// Whether to label every instance that covers enough pixels to be recognised.
    pub label_visible: bool,
    /// Largest side of a splat, pixels: near points are drawn as squares of at most this size.
    pub max_splat: f32,
    /// Whether to close holes of a pixel or two between splats.
    pub close_holes: bool,
    /// Whether edges are smooth.
    pub antialias: Antialias,
    /// Whether to give the surface's normal for each pixel, too.
    pub normals: bool,
    /// Whether to give the confidence of what each pixel shows, too.
    pub confidence: bool,
}

/// How edges are drawn. Smooth ones mix colours, in linear light; depths and instances are never mixed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Antialias {
    /// Each pixel has the colour of one point.
    #[default]
    Off,
    /// Pixels where a surface or a thing ends are the mean of what is seen through their four quarters. Boxes are
    /// drawn as by [`Antialias::Full`].
    Edges,
    /// Each pixel is the mean of two by two of a picture of twice the size. Takes three times as long; sides above
    /// half of [`crate::MAX_SIDE`] are drawn without.
    Full,
}

impl Default for EgoOptions {
    fn default() -> Self {
        EgoOptions {
            width: 960,
            height: 960,
            marks: Vec::new(),
            label_visible: false,
            max_splat: 48.0,
            close_holes: true,
            antialias: Antialias::Off,
            normals: false,
            confidence: false,
        }
    }
}

/// An instance in a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisibleInstance {
    /// Its id.
    pub id: u32,
    /// Number of pixels that show it.
    pub pixels: u32,
    /// The smallest rectangle that holds them.
    pub bbox: Rect,
}

/// What one would see.
#[derive(Clone, Debug)]
pub struct EgoRender {
    /// The picture.
    pub image: Rgb8,
    /// Depth along the camera's forward axis per pixel, world units; infinite where unknown.
    pub depth: Vec<f32>,
    /// Instance id per pixel, 0 for none.
    pub instance: Vec<u32>,
    /// Unit normal of the surface per pixel, world axes, toward the eye; zero where there is none: unknown space, and
    /// points that lie in no plane. Empty if not asked for.
    pub normal: Vec<[f32; 3]>,
    /// Confidence per pixel, 0 to 1: the point's, or the instance's where boxes are drawn (1 of a floor); 0 where
    /// unknown. Empty if not asked for.
    pub confidence: Vec<f32>,
    /// Fraction of pixels that show a surface.
    pub coverage: f32,
    /// Instances in the picture, ascending ids.
    pub visible: Vec<VisibleInstance>,
    /// Labels that found no place in the picture, with the numbers that stand for them there.
    pub legend: Vec<LegendEntry>,
    /// Unit of the depths: `m`, or `unit` where scale is unknown.
    pub unit: &'static str,
    /// What drawing cost.
    pub stats: DrawStats,
}

impl Default for EgoRender {
    fn default() -> Self {
        EgoRender {
            image: Rgb8 { width: 0, height: 0, pixels: Vec::new() },
            depth: Vec::new(),
            instance: Vec::new(),
            normal: Vec::new(),
            confidence: Vec::new(),
            coverage: 0.0,
            visible: Vec::new(),
            legend: Vec::new(),
            unit: "unit",
            stats: DrawStats::default(),
        }
    }
}

/// Perspective through a pinhole, single precision.
pub(crate) struct Perspective {
    turn: [[f32; 3]; 3],
    shift: [f32; 3],
    focal: [f32; 2],
    center: [f32; 2],
    near: f32,
    /// How far a bound may be off by rounding, world units.
    rounding: f32,
}

impl Perspective {
    pub(crate) fn new(cloud: &Cloud, pose: &Pose, pinhole: &Pinhole, near: f64) -> Perspective {
        let r: Matrix3<f64> = pose.rotation.transpose();
        let t = r * (Vec3::from(cloud.origin) - pose.center.coords);
        Perspective {
            turn: [0, 1, 2].map(|i| [0, 1, 2].map(|j| r[(i, j)] as f32)),
            shift: [0, 1, 2].map(|i| t[i] as f32),
            focal: [pinhole.fx as f32, pinhole.fy as f32],
            center: [pinhole.cx as f32, pinhole.cy as f32],
            near: near as f32,
            rounding: 8.0 * f32::EPSILON * (cloud.reach + t.amax() as f32),
        }
    }

    #[inline(always)]
    fn camera(&self, x: f32, y: f32, z: f32) -> [f32; 3] {
        let row = |i: usize| {
            let r = self.turn[i];
            r[0] * x + r[1] * y + r[2] * z + self.shift[i]
        };
        [row(0), row(1), row(2)]
    }
}

impl Projector for Perspective {
    #[inline(always)]
    fn project(&self, x: f32, y: f32, z: f32) -> (f32, f32, f32, f32) {
        let p = self.camera(x, y, z);
        let inverse = 1.0 / p[2];
        let depth = if p[2] > self.near { p[2] } else { -1.0 };
        let u = self.focal[0] * p[0] * inverse + self.center[0];
        let v = self.focal[1] * p[1] * inverse + self.center[1];
        (u, v, depth, self.focal[0].max(self.focal[1]) * inverse)
    }

    #[inline(always)]
    fn extent(&self, bounds: &Bounds) -> Option<Extent> {
        // The box around the box in the camera's axes.
        let [x, y, z] = bounds.middle;
        let middle = self.camera(x, y, z);
        let half = self.turn.map(|r| {
            let h = bounds.half;
            r[0].abs() * h[0] + r[1].abs() * h[1] + r[2].abs() * h[2] + self.rounding
        });
        let far = middle[2] + half[2];
        if far <= self.near {
            return None;
        }
        let near = crate::simd::max(middle[2] - half[2], self.near);
        let (to_near, to_far) = (1.0 / near, 1.0 / far);
        let span = |i: usize| {
            let (from, to) = (middle[i] - half[i], middle[i] + half[i]);
            let least = from * if from < 0.0 { to_near } else { to_far };
            let most = to * if to > 0.0 { to_near } else { to_far };
            (self.focal[i] * least + self.center[i], self.focal[i] * most + self.center[i])
        };
        let scale = self.focal[0].max(self.focal[1]) * to_near;
        Some(Extent { u: span(0), v: span(1), near, scale })
    }

    #[inline(always)]
    fn facing(&self, bounds: &Bounds, plane: &Plane) -> Facing {
        let [x, y, z] = bounds.middle;
        let p = self.camera(x, y, z);
        // What is as near as it is large is seen from many sides.
        let reach = bounds.half[0].max(bounds.half[1]).max(bounds.half[2]);
        if plane.bulge >= 1.0 || p[2] <= self.near + 4.0 * reach {
            return Facing::ANY;
        }
        let n = self
            .turn
            .map(|r| r[0] * plane.normal[0] + r[1] * plane.normal[1] + r[2] * plane.normal[2]);
        let (u, v) = ([1.0, 0.0, -p[0] / p[2]], [0.0, 1.0, -p[1] / p[2]]);
        Facing::of(n, plane.bulge, u, v)
    }
}

/// Nearest depth that is drawn: far below anything that a viewer could tell apart.
pub(crate) fn near_plane(memory: &Memory) -> f64 {
    1e-3 * memory.manifest().diagonal().max(1e-6)
}

fn largest_splat(options: &EgoOptions) -> f32 {
    options.max_splat.clamp(1.0, 256.0)
}

/// The surface of the points through a view, in `scratch`.
pub(crate) fn surface(
    memory: &Memory,
    cloud: &Cloud,
    view: &View,
    options: &EgoOptions,
    scratch: &mut Scratch,
) -> (Pinhole, DrawStats) {
    let pinhole = view.pinhole(options.width, options.height);
    let projector = Perspective::new(cloud, &view.pose(), &pinhole, near_plane(memory));
    let how = SplatOptions {
        largest: largest_splat(options),
        close_holes: options.close_holes,
        isa: Isa::best(),
    };
    (pinhole, splat(cloud, &projector, options.width, options.height, how, scratch))
}

/// Draws what one would see from a view: the points of a memory, or its boxes where it has none.
pub fn ego(
    memory: &Memory,
    cloud: &Cloud,
    view: &View,
    options: &EgoOptions,
) -> Result<EgoRender, RenderError> {
    let mut out = EgoRender::default();
    ego_into(memory, cloud, view, options, &mut out)?;
    Ok(out)
}

/// Draws several views, as [`ego`] draws each. All cores work on all of them at once, so that none waits
/// for the slowest part of one picture.
pub fn egos(
    memory: &Memory,
    cloud: &Cloud,
    views: &[View],
    options: &EgoOptions,
) -> Result<Vec<EgoRender>, RenderError> {
    let mut out: Vec<EgoRender> = views.iter().map(|_| EgoRender::default()).collect();
    egos_into(memory, cloud, views, options, &mut out)?;
    Ok(out)
}

/// [`egos`] into pictures that are there, as many as views: their buffers are used again.
pub fn egos_into(
    memory: &Memory,
    cloud: &Cloud,
    views: &[View],
    options: &EgoOptions,
    out: &mut [EgoRender],
) -> Result<(), RenderError> {
    if out.len() != views.len() {
        return Err(RenderError::Picture("as many pictures as views are needed".into()));
    }
    let pairs = views.par_iter().zip(out).with_max_len(1);
    pairs.try_for_each(|(view, out)| ego_into(memory, cloud, view, options, out))
}

/// Draws several pictures at once, each from its view as [`ego`] with its options draws it.
pub fn egos_each(
    memory: &Memory,
    cloud: &Cloud,
    wanted: &[(&View, &EgoOptions)],
) -> Result<Vec<EgoRender>, RenderError> {
    let one = |(view, options): &(&View, &EgoOptions)| ego(memory, cloud, view, options);
    wanted.par_iter().with_max_len(1).map(one).collect()
}

/// Whether [`ego`] would draw this; the error that it would give, but for [`RenderError::OtherCloud`].
pub fn check_ego(memory: &Memory, view: &View, options: &EgoOptions) -> Result<(), RenderError> {
    check_size(options.width, options.height)?;
    check_view(view)?;
    match options.marks.iter().find(|id| memory.manifest().instance(**id).is_none()) {
        Some(id) => Err(RenderError::NoInstance(*id)),
        None => Ok(()),
    }
}

/// [`ego`] into a picture that is there: its buffers are used again, which saves the time that the system
/// takes to find memory. After an error the picture is unspecified.
pub fn ego_into(
    memory: &Memory,
    cloud: &Cloud,
    view: &View,
    options: &EgoOptions,
    out: &mut EgoRender,
) -> Result<(), RenderError> {
    check_ego(memory, view, options)?;
    check_cloud(memory, cloud)?;
    let largest = options.width.max(options.height);
    let full = match options.antialias {
        Antialias::Off => false,
        Antialias::Edges => cloud.is_empty(),
        Antialias::Full => true,
    };
    if full && largest <= crate::MAX_SIDE / 2 {
        let fine = EgoOptions {
            width: 2 * options.width,
            height: 2 * options.height,
            max_splat: 2.0 * options.max_splat,
            antialias: Antialias::Off,
            ..options.clone()
        };
        let mut whole = EgoRender::default();
        draw(memory, cloud, view, &fine, &mut whole);
        halve(&whole, out);
        out.coverage = whole.coverage;
        out.stats = whole.stats;
    } else {
        draw(memory, cloud, view, options, out);
    }
    out.unit = if memory.manifest().scale.is_metric() { "m" } else { "unit" };
    out.legend.clear();
    let pinhole = view.pinhole(options.width, options.height);
    annotate(memory, view, &pinhole, options, out);
    Ok(())
}

/// The picture without marks.
fn draw(memory: &Memory, cloud: &Cloud, view: &View, options: &EgoOptions, out: &mut EgoRender) {
    if cloud.is_empty() {
        let pinhole = view.pinhole(options.width, options.height);
        let cast = boxes::cast(memory, &view.pose(), &pinhole);
        let known = cast.depth.iter().filter(|z| z.is_finite()).count();
        out.coverage = known as f32 / cast.depth.len() as f32;
        tally::of_mask(&cast.instance, options.width as usize, &mut out.visible);
        out.normal = if options.normals { cast.normal } else { Vec::new() };
        out.confidence.clear();
        if options.confidence {
            let m = memory.manifest();
            let of = |(id, z): (&u32, &f32)| match m.instance(*id) {
                Some(i) => i.confidence,
                None => f32::from(u8::from(z.is_finite())),
            };
            out.confidence.extend(cast.instance.iter().zip(&cast.depth).map(of));
        }
        (out.image.pixels, out.depth, out.instance) = (cast.color, cast.depth, cast.instance);
        out.stats = DrawStats::default();
    } else {
        let mut scratch = cloud.borrow_scratch();
        let (pinhole, stats) = surface(memory, cloud, view, options, &mut scratch);
        out.stats = stats;
        let known = tally::resolve(cloud, &mut scratch, out);
        if options.antialias == Antialias::Edges {
            let projector = Perspective::new(cloud, &view.pose(), &pinhole, near_plane(memory));
            let pixel = (1.0 / pinhole.fx.max(pinhole.fy)) as f32;
            let sizes = (pixel, largest_splat(options));
            let EgoRender { image, instance, .. } = out;
            smooth(cloud, &projector, &scratch.surface, instance, sizes, image);
        }
        further(memory, cloud, view, options, &scratch.surface.index, out);
        std::mem::swap(&mut out.depth, &mut scratch.surface.depth);
        out.coverage = known as f32 / out.depth.len() as f32;
        cloud.return_scratch(scratch);
    }
    out.image.width = options.width;
    out.image.height = options.height;
}

/// Normals and confidences, where they are asked for.
fn further(
    memory: &Memory,
    cloud: &Cloud,
    view: &View,
    options: &EgoOptions,
    index: &[u32],
    out: &mut EgoRender,
) {
    out.normal.clear();
    if options.normals {
        let eye = (view.eye.coords - Vec3::from(cloud.origin)).map(|x| x as f32);
        out.normal.resize(index.len(), [0.0; 3]);
        out.normal.par_iter_mut().zip(index).for_each(|(normal, &i)| {
            let plane = |i: u32| cloud.planes[i as usize / BATCH];
            // As in splatting, what bulges by more is no plane.
            if i != NONE && 4.0 * plane(i).bulge < 1.0 {
                let n = plane(i).normal;
                let i = i as usize;
                let toward = n[0] * (eye[0] - cloud.x[i])
                    + n[1] * (eye[1] - cloud.y[i])
                    + n[2] * (eye[2] - cloud.z[i]);
                *normal = if toward < 0.0 { n.map(|x| -x) } else { n };
            }
        });
    }
    out.confidence.clear();
    if options.confidence {
        let known = &memory.points().confidence;
        let of = |i: &u32| if *i == NONE { 0.0 } else { known[cloud.row_of(*i) as usize] };
        out.confidence.extend(index.iter().map(of));
    }
}

/// Outlines and labels on a finished picture.
fn annotate(
    memory: &Memory,
    view: &View,
    pinhole: &Pinhole,
    options: &EgoOptions,
    out: &mut EgoRender,
) {
    let manifest = memory.manifest();
    let colors = CategoryColors::of(manifest);
    let pose = view.pose();
    let size = text_size(options.width, options.height);
    let near = near_plane(memory);
    let mut requests: Vec<Request> = Vec::new();
    for (k, id) in options.marks.iter().enumerate() {
        if options.marks[..k].contains(id) {
            continue;
        }
        let Some(i) = manifest.instance(*id) else { continue };
        let color = colors.get(&i.category);
        let corners = i.obb.corners().map(|c| pose.to_camera(c));
        for (a, b) in BOX_EDGES {
            if let Some((p, q)) = clipped(corners[a], corners[b], near.max(1e-6), pinhole) {
                line(&mut out.image, p, q, 3.5, PAPER, 0.55);
                line(&mut out.image, p, q, 1.8, color, 1.0);
            }
        }
        let shown = out.visible.iter().find(|v| v.id == *id).map(|v| center(&v.bbox));
        let own = pose.to_camera(i.obb.center);
        let anchor = shown.or_else(|| pinhole.project(own)).unwrap_or((-1.0, -1.0));
        requests.push(Request { text: manifest.instance_name(*id), anchor, clear: -1.0, color });
    }
    if options.label_visible {
        let enough = (options.width * options.height / 1500).max(9);
        let mut seen: Vec<&VisibleInstance> = out
            .visible
            .iter()
            .filter(|v| v.pixels >= enough && !options.marks.contains(&v.id))
            .collect();
        seen.sort_by_key(|v| (std::cmp::Reverse(v.pixels), v.id));
        for v in seen {
            let Some(i) = manifest.instance(v.id) else { continue };
            let color = colors.get(&i.category);
            let text = manifest.instance_name(v.id);
            requests.push(Request { text, anchor: center(&v.bbox), clear: -1.0, color });
        }
    }
    let area = Rect { x: 0, y: 0, w: options.width as i32, h: options.height as i32 };
    let placed = labels::place(&requests, area, &[], size);
    labels::draw(&mut out.image, &requests, &placed, size);
    out.legend = labels::leftover(&placed);
}

fn center(r: &Rect) -> (f64, f64) {
    (f64::from(r.x) + 0.5 * f64::from(r.w), f64::from(r.y) + 0.5 * f64::from(r.h))
}

type Pixel = (f64, f64);

/// The part of a segment (camera axes) in front of the near plane, in pixels.
fn clipped(a: Vec3, b: Vec3, near: f64, pinhole: &Pinhole) -> Option<(Pixel, Pixel)> {
    let (a, b) = if a.z <= b.z { (a, b) } else { (b, a) };
    if b.z <= near {
        return None;
    }
    let a = if a.z < near { a + (b - a) * ((near - a.z) / (b.z - a.z)) } else { a };
    // Rounding may leave the cut point a hair behind the plane.
    let a = Vec3::new(a.x, a.y, a.z.max(near));
    Some((pinhole.project(a)?, pinhole.project(b)?))
}
