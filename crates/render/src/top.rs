//! Views from above: a photographic map of the points, or a plan of boxes and labels. North, world +Y, is
//! up the page; east, world +X, is to the right.

use rayon::prelude::*;
use reasmory_geom::{Point2, Point3, View};
use reasmory_scene::{Memory, Rgb8};

use crate::canvas::{Rect, blank};
use crate::cloud::Bounds;
use crate::color::{PAPER, unknown};
use crate::error::{check_cloud, check_size, check_view};
use crate::facing::{Facing, Plane};
use crate::labels::{self, LegendEntry, PlacedLabel};
use crate::marks;
use crate::simd::Isa;
use crate::splat::{DrawStats, Extent, NONE, Projector, SplatOptions, splat};
use crate::text::text_size;
use crate::{Cloud, RenderError};

/// Something to show in a view from above.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// An instance by id: its footprint and name.
    Instance(u32),
    /// A photo by number: its camera.
    Photo(u32),
    /// A viewpoint: a disc, an arrow along its heading and its horizontal field of view.
    View {
        /// The viewpoint.
        view: View,
        /// What it is called.
        label: String,
    },
    /// A place.
    Point {
        /// Where.
        at: Point3,
        /// What it is called.
        label: String,
    },
    /// A walk from the first point to the last.
    Route(Vec<Point3>),
    /// The room's outline.
    Room,
}

/// What a view from above frames.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum TopRegion {
    /// Everything marked, the room and nearly all points.
    #[default]
    Auto,
    /// At least this rectangle (world x, y); the picture's shape decides what lies around it.
    Bounds {
        /// Lowest corner.
        min: [f64; 2],
        /// Highest corner.
        max: [f64; 2],
    },
}

/// How to draw a view from above.
#[derive(Clone, Debug)]
pub struct TopOptions<'a> {
    /// Width of the plot in pixels; a legend, where one is needed, is added at its right.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// What to show.
    pub marks: &'a [Mark],
    /// What to frame.
    pub region: TopRegion,
    /// Points, where the memory has any; otherwise boxes on paper.
    pub photographic: bool,
    /// Whether to show every instance, marked or not.
    pub all_instances: bool,
    /// World height above which points are left out; chosen below the ceiling where it is not given.
    pub cut: Option<f64>,
}

impl Default for TopOptions<'_> {
    fn default() -> Self {
        TopOptions {
            width: 960,
            height: 960,
            marks: &[],
            region: TopRegion::Auto,
            photographic: true,
            all_instances: false,
            cut: None,
        }
    }
}

/// A view from above.
#[derive(Clone, Debug)]
pub struct TopRender {
    /// The picture: the plot at its left, a legend at its right where one was needed.
    pub image: Rgb8,
    /// The plot inside the picture.
    pub plot: Rect,
    /// Pixels per world unit.
    pub scale: f64,
    /// World position of the plot's top left corner.
    pub corner: Point2,
    /// World height above which points were left out, where points were drawn.
    pub cut: Option<f64>,
    /// Every label, in the order of the marks.
    pub labels: Vec<PlacedLabel>,
    /// What the legend lists.
    pub legend: Vec<LegendEntry>,
    /// Length of the scale bar in world units and the pixels from its left to its right end.
    pub scale_bar: (f64, f64),
    /// What drawing cost.
    pub stats: DrawStats,
}

impl Default for TopRender {
    fn default() -> Self {
        TopRender {
            image: blank(0, 0, PAPER),
            plot: Rect { x: 0, y: 0, w: 0, h: 0 },
            scale: 1.0,
            corner: Point2::origin(),
            cut: None,
            labels: Vec::new(),
            legend: Vec::new(),
            scale_bar: (0.0, 0.0),
            stats: DrawStats::default(),
        }
    }
}

impl TopRender {
    /// Pixel coordinates of a world position.
    pub fn to_pixel(&self, p: Point2) -> (f64, f64) {
        Frame { corner: self.corner, scale: self.scale }.pixel(p.x, p.y)
    }

    /// World position of pixel coordinates.
    pub fn to_world(&self, u: f64, v: f64) -> Point2 {
        Point2::new(self.corner.x + u / self.scale, self.corner.y - v / self.scale)
    }
}

/// How the plane maps to the plot.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) corner: Point2,
    pub(crate) scale: f64,
}

impl Frame {
    pub(crate) fn pixel(&self, x: f64, y: f64) -> (f64, f64) {
        ((x - self.corner.x) * self.scale, (self.corner.y - y) * self.scale)
    }
}

/// Orthographic, straight down.
struct Down {
    shift: [f32; 2],
    scale: f32,
    cut: f32,
    /// How far a bound may be off by rounding, world units.
    rounding: f32,
}

impl Projector for Down {
    #[inline(always)]
    fn project(&self, x: f32, y: f32, z: f32) -> (f32, f32, f32, f32) {
        let (u, v) = ((x - self.shift[0]) * self.scale, (self.shift[1] - y) * self.scale);
        (u, v, self.cut - z, self.scale)
    }

    #[inline(always)]
    fn extent(&self, bounds: &Bounds) -> Option<Extent> {
        let ([x, y, z], half) = (bounds.middle, bounds.half.map(|h| h + self.rounding));
        let near = self.cut - (z + half[2]);
        if self.cut - (z - half[2]) <= 0.0 {
            return None;
        }
        let u = (x - half[0] - self.shift[0], x + half[0] - self.shift[0]);
        let v = (self.shift[1] - y - half[1], self.shift[1] - y + half[1]);
        let pixels = |s: (f32, f32)| (s.0 * self.scale, s.1 * self.scale);
        Some(Extent { u: pixels(u), v: pixels(v), near: near.max(0.0), scale: self.scale })
    }

    #[inline(always)]
    fn facing(&self, _: &Bounds, plane: &Plane) -> Facing {
        Facing::of(plane.normal, plane.bulge, [1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    }
}

/// Draws a memory from above.
pub fn top(
    memory: &Memory,
    cloud: &Cloud,
    options: &TopOptions<'_>,
) -> Result<TopRender, RenderError> {
    let mut out = TopRender::default();
    top_into(memory, cloud, options, &mut out)?;
    Ok(out)
}

/// [`top`] into a picture that is there: its buffer is used again, which saves the time that the system
/// takes to find memory. After an error the picture is unspecified.
pub fn top_into(
    memory: &Memory,
    cloud: &Cloud,
    options: &TopOptions<'_>,
    out: &mut TopRender,
) -> Result<(), RenderError> {
    check_size(options.width, options.height)?;
    check_cloud(memory, cloud)?;
    check_marks(memory, options)?;
    let frame = frame(memory, cloud, options)?;
    let photographic = options.photographic && !cloud.is_empty();
    let mut image = std::mem::replace(&mut out.image, blank(0, 0, PAPER));
    let cut = if photographic {
        let at = options.cut.unwrap_or_else(|| cut_height(memory, cloud));
        out.stats = photograph(cloud, options, frame, at, &mut image);
        Some(at)
    } else {
        image.pixels.clear();
        image.pixels.resize(options.width as usize * options.height as usize, PAPER);
        (image.width, image.height) = (options.width, options.height);
        marks::grid(&mut image, memory, frame);
        out.stats = DrawStats::default();
        None
    };
    let size = text_size(options.width, options.height);
    let mut scene = marks::Scene::new(memory, frame, size, photographic);
    // A memory without points has nothing but its boxes to show.
    let all = options.all_instances || cloud.is_empty();
    scene.draw(&mut image, options.marks, all);
    let scale_bar = scene.scale_bar(&mut image);

    let plot = Rect { x: 0, y: 0, w: options.width as i32, h: options.height as i32 };
    let area = plot.grown(-2);
    let labels = labels::place(&scene.requests, area, &scene.avoid, size);
    labels::draw(&mut image, &scene.requests, &labels, size);
    let legend = labels::leftover(&labels);
    let image = labels::with_legend(image, &legend, size);
    let (scale, corner, stats) = (frame.scale, frame.corner, out.stats);
    *out = TopRender { image, plot, scale, corner, cut, labels, legend, scale_bar, stats };
    Ok(())
}

fn check_marks(memory: &Memory, options: &TopOptions<'_>) -> Result<(), RenderError> {
    let finite = |p: &Point3| p.iter().all(|x| x.is_finite());
    for m in options.marks {
        match m {
            Mark::Instance(id) if memory.manifest().instance(*id).is_none() => {
                return Err(RenderError::NoInstance(*id));
            }
            Mark::Photo(n) if memory.manifest().photo(*n).is_none() => {
                return Err(RenderError::NoPhoto(*n));
            }
            Mark::View { view, .. } => check_view(view)?,
            Mark::Point { at, .. } if !finite(at) => return Err(RenderError::NotFinite("a point")),
            Mark::Route(p) if !p.iter().all(finite) => {
                return Err(RenderError::NotFinite("a route"));
            }
            _ => {}
        }
    }
    if options.cut.is_some_and(|c| !c.is_finite()) {
        return Err(RenderError::NotFinite("the cut height"));
    }
    Ok(())
}

/// Where to cut: below the room's ceiling; else below what looks like a ceiling; else above everything.
fn cut_height(memory: &Memory, cloud: &Cloud) -> f64 {
    let room = memory.manifest().room.as_ref();
    let known = room.and_then(|r| Some((r.ceiling?, r.height()?)));
    known
        .map(|(ceiling, height)| ceiling - 0.08 * height)
        .or(cloud.ceiling_cut)
        .unwrap_or_else(|| cloud.highest + cloud.spacing().max(1e-6))
}

/// The rectangle to show and the scale at which it fits.
fn frame(memory: &Memory, cloud: &Cloud, options: &TopOptions<'_>) -> Result<Frame, RenderError> {
    let (mut lo, mut hi) = match options.region {
        TopRegion::Bounds { min, max } => {
            if !min.iter().chain(&max).all(|x| x.is_finite()) {
                return Err(RenderError::NotFinite("the region"));
            }
            (min, max)
        }
        TopRegion::Auto => auto_bounds(memory, cloud, options),
    };
    if !(lo[0] <= hi[0] && lo[1] <= hi[1]) {
        return Err(RenderError::Nothing);
    }
    // A single point still needs surroundings.
    let least = 0.05 * memory.manifest().diagonal();
    for i in 0..2 {
        if hi[i] - lo[i] < least {
            let middle = 0.5 * (lo[i] + hi[i]);
            (lo[i], hi[i]) = (middle - 0.5 * least, middle + 0.5 * least);
        }
    }
    let margin = if options.region == TopRegion::Auto { 1.1 } else { 1.0 };
    let (w, h) = (f64::from(options.width), f64::from(options.height));
    let scale = (w / (hi[0] - lo[0])).min(h / (hi[1] - lo[1])) / margin;
    let corner = Point2::new(
        0.5 * (lo[0] + hi[0]) - 0.5 * w / scale,
        0.5 * (lo[1] + hi[1]) + 0.5 * h / scale,
    );
    if scale.is_finite() && scale > 0.0 {
        Ok(Frame { corner, scale })
    } else {
        Err(RenderError::NotFinite("the region"))
    }
}

fn auto_bounds(memory: &Memory, cloud: &Cloud, options: &TopOptions<'_>) -> ([f64; 2], [f64; 2]) {
    let manifest = memory.manifest();
    let (mut lo, mut hi) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    let mut hold = |x: f64, y: f64| {
        lo = [lo[0].min(x), lo[1].min(y)];
        hi = [hi[0].max(x), hi[1].max(y)];
    };
    for p in manifest.room.iter().flat_map(|r| &r.outline) {
        hold(p[0], p[1]);
    }
    if let Some([a, b]) = cloud.core {
        hold(a[0], a[1]);
        hold(b[0], b[1]);
    }
    let all = options.all_instances || cloud.is_empty();
    for i in &manifest.instances {
        if all || options.marks.contains(&Mark::Instance(i.id)) {
            let (a, b) = i.obb.bounds();
            hold(a.x, a.y);
            hold(b.x, b.y);
        }
    }
    for m in options.marks {
        match m {
            Mark::Photo(n) => {
                if let Some(p) = manifest.photo(*n) {
                    hold(p.camera_to_world.center.x, p.camera_to_world.center.y);
                }
            }
            Mark::View { view, .. } => hold(view.eye.x, view.eye.y),
            Mark::Point { at, .. } => hold(at.x, at.y),
            Mark::Route(points) => points.iter().for_each(|p| hold(p.x, p.y)),
            Mark::Instance(_) | Mark::Room => {}
        }
    }
    if lo[0] > hi[0]
        && let Some(b) = &manifest.bounds
    {
        return ([b.min[0], b.min[1]], [b.max[0], b.max[1]]);
    }
    (lo, hi)
}

fn photograph(
    cloud: &Cloud,
    options: &TopOptions<'_>,
    frame: Frame,
    cut: f64,
    image: &mut Rgb8,
) -> DrawStats {
    let o = cloud.origin;
    let shift = [(frame.corner.x - o[0]) as f32, (frame.corner.y - o[1]) as f32];
    let down = Down {
        shift,
        scale: frame.scale as f32,
        cut: (cut - o[2]) as f32,
        rounding: 8.0 * f32::EPSILON * cloud.reach.max(shift[0].abs()).max(shift[1].abs()),
    };
    let how = SplatOptions { largest: 24.0, close_holes: true, isa: Isa::best() };
    let mut scratch = cloud.borrow_scratch();
    let stats = splat(cloud, &down, options.width, options.height, how, &mut scratch);
    let s = &scratch.surface;
    image.pixels.resize(s.index.len(), PAPER);
    let rows = image.pixels.par_chunks_mut(s.width).zip(s.index.par_chunks(s.width));
    rows.enumerate().with_min_len(8).for_each(|(y, (pixels, index))| {
        for (x, (pixel, &i)) in pixels.iter_mut().zip(index).enumerate() {
            *pixel = if i == NONE { unknown(x, y) } else { cloud.paint[i as usize].color };
        }
    });
    (image.width, image.height) = (options.width, options.height);
    cloud.return_scratch(scratch);
    stats
}

/// Whether a simple polygon, convex or not, contains a point (even-odd).
pub(crate) fn inside(p: &[Point2], q: Point2) -> bool {
    let mut odd = false;
    for (i, a) in p.iter().enumerate() {
        let b = p[(i + 1) % p.len()];
        if (a.y <= q.y) != (b.y <= q.y) && q.x < a.x + (q.y - a.y) / (b.y - a.y) * (b.x - a.x) {
            odd = !odd;
        }
    }
    odd
}
