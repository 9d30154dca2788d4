//! Views from a side: orthographic, level, so that heights are true everywhere in the picture.

use rayon::prelude::*;
use reasmory_geom::{Point2, Point3, math, polygon};
use reasmory_scene::{Instance, Memory, Rgb8};

use crate::canvas::{Rect, blank, fill_polygon, fill_rect, frame_rect, line, polyline};
use crate::cloud::Bounds;
use crate::color::{CategoryColors, GRID, INK, PAPER, ROOM, unknown};
use crate::error::{check_cloud, check_size};
use crate::facing::{Facing, Plane};
use crate::labels::{self, LegendEntry, PlacedLabel, Request};
use crate::marks::round_length;
use crate::simd::Isa;
use crate::splat::{DrawStats, Extent, NONE, Projector, SplatOptions, splat};
use crate::text::{draw_text, text_height, text_size, text_width};
use crate::{Cloud, RenderError};

/// How to draw a view from a side.
#[derive(Clone, Debug)]
pub struct SideOptions<'a> {
    /// Width of the plot in pixels; a legend, where one is needed, is added at its right.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Which way it looks, degrees counter-clockwise from +X: from the south it looks to 90.
    pub heading: f64,
    /// Instances to outline and name, by id.
    pub marks: &'a [u32],
    /// Whether every instance is, marked or not.
    pub all_instances: bool,
    /// Points, where the memory has any; otherwise boxes on paper.
    pub photographic: bool,
    /// What is nearer than this along the heading is left out (world units, of the product of a position with the
    /// heading's direction); chosen behind the nearest wall where it is not given and the memory knows its room.
    pub cut: Option<f64>,
}

impl Default for SideOptions<'_> {
    fn default() -> Self {
        SideOptions {
            width: 960,
            height: 960,
            heading: 90.0,
            marks: &[],
            all_instances: false,
            photographic: true,
            cut: None,
        }
    }
}

/// A view from a side.
#[derive(Clone, Debug)]
pub struct SideRender {
    /// The picture: the plot at its left, a legend at its right where one was needed.
    pub image: Rgb8,
    /// The plot inside the picture.
    pub plot: Rect,
    /// Pixels per world unit, the same across and up.
    pub scale: f64,
    /// What the plot's top left corner is: the distance to the right of the world's origin, and the height.
    pub corner: [f64; 2],
    /// The direction that is to the right in the picture.
    pub right: [f64; 2],
    /// Where it was cut, along the heading; `None` where nothing was.
    pub cut: Option<f64>,
    /// Every label, in the order of the marks.
    pub labels: Vec<PlacedLabel>,
    /// What the legend lists.
    pub legend: Vec<LegendEntry>,
    /// Heights above the floor that the scale at the left names, and their rows.
    pub heights: Vec<(f64, f64)>,
    /// Fraction of the plot's pixels that show a surface; 1 where boxes are drawn.
    pub coverage: f32,
    /// What drawing cost.
    pub stats: DrawStats,
}

impl SideRender {
    /// Pixel coordinates of a world position.
    pub fn to_pixel(&self, p: Point3) -> (f64, f64) {
        let across = p.x * self.right[0] + p.y * self.right[1];
        ((across - self.corner[0]) * self.scale, (self.corner[1] - p.z) * self.scale)
    }
}

/// Orthographic and level.
struct Level {
    right: [f32; 2],
    ahead: [f32; 2],
    corner: [f32; 2],
    cut: f32,
    scale: f32,
    rounding: f32,
}

impl Projector for Level {
    #[inline(always)]
    fn project(&self, x: f32, y: f32, z: f32) -> (f32, f32, f32, f32) {
        let across = x * self.right[0] + y * self.right[1];
        let depth = x * self.ahead[0] + y * self.ahead[1] - self.cut;
        (
            (across - self.corner[0]) * self.scale,
            (self.corner[1] - z) * self.scale,
            depth,
            self.scale,
        )
    }

    #[inline(always)]
    fn extent(&self, bounds: &Bounds) -> Option<Extent> {
        let ([x, y, z], half) = (bounds.middle, bounds.half.map(|h| h + self.rounding));
        let along = |d: [f32; 2]| {
            (x * d[0] + y * d[1], half[0] * d[0].abs() + half[1] * d[1].abs() + self.rounding)
        };
        let ((across, wide), (ahead, deep)) = (along(self.right), along(self.ahead));
        if ahead + deep - self.cut <= 0.0 {
            return None;
        }
        let u = across - self.corner[0];
        let v = self.corner[1] - z;
        Some(Extent {
            u: ((u - wide) * self.scale, (u + wide) * self.scale),
            v: ((v - half[2]) * self.scale, (v + half[2]) * self.scale),
            near: (ahead - deep - self.cut).max(0.0),
            scale: self.scale,
        })
    }

    #[inline(always)]
    fn facing(&self, _: &Bounds, plane: &Plane) -> Facing {
        let n = plane.normal;
        let across = n[0] * self.right[0] + n[1] * self.right[1];
        let ahead = n[0] * self.ahead[0] + n[1] * self.ahead[1];
        Facing::of([across, -n[2], ahead], plane.bulge, [1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    }
}

/// Room at the left for the scale of heights, in heights of a letter.
const RULER: f64 = 5.0;

/// Draws a memory from a side, with a scale of heights above the floor at the left.
pub fn side(
    memory: &Memory,
    cloud: &Cloud,
    options: &SideOptions<'_>,
) -> Result<SideRender, RenderError> {
    check_size(options.width, options.height)?;
    check_cloud(memory, cloud)?;
    if !options.heading.is_finite() || options.cut.is_some_and(|c| !c.is_finite()) {
        return Err(RenderError::NotFinite("the view"));
    }
    let m = memory.manifest();
    if let Some(id) = options.marks.iter().find(|id| m.instance(**id).is_none()) {
        return Err(RenderError::NoInstance(*id));
    }
    let ahead = [math::cos_deg(options.heading), math::sin_deg(options.heading)];
    let right = [ahead[1], -ahead[0]];
    let along = |d: [f64; 2], p: [f64; 2]| d[0] * p[0] + d[1] * p[1];
    let (lo, hi) = extents(memory, cloud, right).ok_or(RenderError::Nothing)?;
    let size = text_size(options.width, options.height);
    let (w, h) = (f64::from(options.width), f64::from(options.height));
    let letter = f64::from(text_height(size));
    let left = (RULER * letter).min(0.3 * w);
    let least = 0.05 * m.diagonal().max(1e-9);
    let span = |i: usize| (hi[i] - lo[i]).max(least);
    let scale = ((w - left) / span(0)).min(h / span(1)) / 1.1;
    if !(scale.is_finite() && scale > 0.0) {
        return Err(RenderError::NotFinite("the points"));
    }
    let corner = [
        0.5 * (lo[0] + hi[0]) - (left + 0.5 * (w - left)) / scale,
        0.5 * (lo[1] + hi[1]) + 0.5 * h / scale,
    ];
    let photographic = options.photographic && !cloud.is_empty();
    let mut image = blank(options.width, options.height, PAPER);
    let (mut stats, mut coverage, mut cut) = (DrawStats::default(), 1.0, None);
    if photographic {
        // Behind the nearest wall by a twelfth of the room's depth, as the ceiling is left out from above.
        let room = m.room.iter().flat_map(|r| &r.outline).map(|p| along(ahead, *p));
        let (near, far) =
            room.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        cut = options.cut.or((near <= far).then_some(near + 0.08 * (far - near)));
        let o = cloud.origin;
        let own = |d: [f64; 2]| d[0] * o[0] + d[1] * o[1];
        let all = -2.0 * f64::from(cloud.reach) - 1.0;
        let level = Level {
            right: right.map(|x| x as f32),
            ahead: ahead.map(|x| x as f32),
            corner: [(corner[0] - own(right)) as f32, (corner[1] - o[2]) as f32],
            cut: cut.map_or(all, |c| c - own(ahead)) as f32,
            scale: scale as f32,
            rounding: 8.0 * f32::EPSILON * (cloud.reach + (corner[0] - own(right)).abs() as f32),
        };
        let how = SplatOptions { largest: 24.0, close_holes: true, isa: Isa::best() };
        let mut scratch = cloud.borrow_scratch();
        stats = splat(cloud, &level, options.width, options.height, how, &mut scratch);
        let s = &scratch.surface;
        let rows = image.pixels.par_chunks_mut(s.width).zip(s.index.par_chunks(s.width));
        rows.enumerate().with_min_len(8).for_each(|(y, (pixels, index))| {
            for (x, (pixel, &i)) in pixels.iter_mut().zip(index).enumerate() {
                *pixel = if i == NONE { unknown(x, y) } else { cloud.paint[i as usize].color };
            }
        });
        let known = s.index.iter().filter(|i| **i != NONE).count();
        coverage = known as f32 / s.index.len() as f32;
        cloud.return_scratch(scratch);
    }
    let mut out = SideRender {
        image,
        plot: Rect { x: 0, y: 0, w: options.width as i32, h: options.height as i32 },
        scale,
        corner,
        right,
        cut,
        labels: Vec::new(),
        legend: Vec::new(),
        heights: Vec::new(),
        coverage,
        stats,
    };
    annotate(memory, options, photographic, left, size, &mut out);
    Ok(out)
}

/// Lowest and highest distance to the right and height of what is to be seen.
fn extents(memory: &Memory, cloud: &Cloud, right: [f64; 2]) -> Option<([f64; 2], [f64; 2])> {
    let (mut lo, mut hi) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    let mut hold = |x: f64, y: f64, z: f64| {
        let p = [x * right[0] + y * right[1], z];
        for i in 0..2 {
            (lo[i], hi[i]) = (lo[i].min(p[i]), hi[i].max(p[i]));
        }
    };
    let m = memory.manifest();
    if let Some(room) = &m.room {
        for p in &room.outline {
            hold(p[0], p[1], room.floor);
            hold(p[0], p[1], room.ceiling.unwrap_or(room.floor));
        }
    }
    if let Some([a, b]) = cloud.core {
        for k in 0..8 {
            let pick = |i: usize| if k >> i & 1 == 0 { a[i] } else { b[i] };
            // The corners of a box reach farther to a side than what is in it; the room tells better.
            if m.room.is_none() {
                hold(pick(0), pick(1), pick(2));
            }
        }
    }
    for i in &m.instances {
        i.obb.corners().iter().for_each(|c| hold(c.x, c.y, c.z));
    }
    let nothing = cloud.core.is_none() && m.room.is_none() && m.instances.is_empty();
    if let Some(b) = m.bounds.as_ref().filter(|_| nothing) {
        hold(b.min[0], b.min[1], b.min[2]);
        hold(b.max[0], b.max[1], b.max[2]);
    }
    (lo[0] <= hi[0]).then_some((lo, hi))
}

/// Floor, boxes, names and the scale of heights.
fn annotate(
    memory: &Memory,
    options: &SideOptions<'_>,
    photographic: bool,
    left: f64,
    size: f32,
    out: &mut SideRender,
) {
    let m = memory.manifest();
    let colors = CategoryColors::of(m);
    let (w, h) = (f64::from(options.width), f64::from(options.height));
    let row = |z: f64| (out.corner[1] - z) * out.scale;
    if let Some(room) = &m.room {
        for z in [Some(room.floor), room.ceiling].into_iter().flatten() {
            if photographic {
                line(&mut out.image, (left, row(z)), (w, row(z)), 4.0, PAPER, 1.0);
            }
            line(&mut out.image, (left, row(z)), (w, row(z)), 2.0, ROOM, 1.0);
        }
    }
    let all = options.all_instances || (!photographic && options.marks.is_empty());
    let depth = |i: &Instance| {
        let c = i.obb.center;
        // To the right is ahead turned by a quarter.
        -out.right[1] * c.x + out.right[0] * c.y
    };
    let mut shown: Vec<&Instance> =
        m.instances.iter().filter(|i| all || options.marks.contains(&i.id)).collect();
    // The farthest first, so that the nearer lie on them.
    shown.sort_by(|a, b| depth(b).total_cmp(&depth(a)).then(a.id.cmp(&b.id)));
    let mut requests: Vec<Request> = Vec::new();
    for i in shown {
        let color = colors.get(&i.category);
        let corners = i.obb.corners().map(|c| out.to_pixel(c));
        let outline = polygon::hull(corners.map(|c| Point2::new(c.0, c.1)));
        let outline: Vec<(f64, f64)> = outline.iter().map(|p| (p.x, p.y)).collect();
        fill_polygon(&mut out.image, &outline, color, if photographic { 0.12 } else { 0.3 });
        if photographic {
            polyline(&mut out.image, &outline, true, 4.0, PAPER);
        }
        polyline(&mut out.image, &outline, true, 2.0, color);
        let anchor = out.to_pixel(i.obb.center);
        requests.push(Request { text: m.instance_name(i.id), anchor, clear: -1.0, color });
    }
    // The nearest choose first.
    requests.reverse();
    let ruler = Rect { x: 0, y: 0, w: left as i32, h: options.height as i32 };
    fill_rect(&mut out.image, ruler, PAPER, 1.0);
    let floor = m.floor();
    let letter = f64::from(text_height(size));
    let step = round_length((h / out.scale) / 5.0).max(round_length(2.0 * letter / out.scale));
    let unit = if m.scale.is_metric() { " m" } else { "" };
    let (bottom, top) = (out.corner[1] - h / out.scale, out.corner[1]);
    let mut k = ((bottom - floor) / step).ceil();
    while floor + k * step <= top && out.heights.len() < 100 {
        let z = floor + k * step;
        let y = row(z);
        // Divided, not multiplied, so that no tail of digits shows.
        let text = format!("{}{unit}", (k * step * 1e6).round() / 1e6);
        let x = left as f32 - text_width(&text, size) - 12.0;
        if y > 0.5 * letter && y < h - 0.5 * letter {
            draw_text(&mut out.image, x.max(1.0), (y - 0.5 * letter) as f32, &text, size, INK);
            line(&mut out.image, (left - 9.0, y), (left, y), 2.0, INK, 1.0);
            if !photographic {
                line(&mut out.image, (left, y), (w, y), 1.0, GRID, 0.6);
            }
            out.heights.push((k * step, y));
        }
        k += 1.0;
    }
    line(&mut out.image, (left, 0.0), (left, h), 2.0, INK, 1.0);
    let mut avoid = Vec::new();
    scale_bar(memory, &mut out.image, out.scale, left, size, &mut avoid);
    let inside = Rect { x: ruler.w + 2, y: 2, w: out.plot.w - ruler.w - 4, h: out.plot.h - 4 };
    out.labels = labels::place(&requests, inside, &avoid, size);
    labels::draw(&mut out.image, &requests, &out.labels, size);
    out.legend = labels::leftover(&out.labels);
    let image = std::mem::replace(&mut out.image, blank(0, 0, PAPER));
    out.image = labels::with_legend(image, &out.legend, size);
}

/// A bar of a round length at the bottom, right of the ruler.
fn scale_bar(
    memory: &Memory,
    on: &mut Rgb8,
    scale: f64,
    left: f64,
    size: f32,
    avoid: &mut Vec<Rect>,
) {
    let length = round_length(0.22 * (f64::from(on.width) - left) / scale);
    let pixels = length * scale;
    let unit = if memory.manifest().scale.is_metric() { "m" } else { "units" };
    let text = format!("{length} {unit}");
    let tall = text_height(size).ceil() as i32;
    let wide = (pixels.ceil() as i32).max(text_width(&text, size).ceil() as i32) + 20;
    let plate = Rect { x: left as i32 + 8, y: on.height as i32 - tall - 24, w: wide, h: tall + 18 };
    fill_rect(on, plate, PAPER, 0.85);
    frame_rect(on, plate, GRID);
    draw_text(on, (plate.x + 10) as f32, (plate.y + 2) as f32, &text, size, INK);
    let (x, y) = (f64::from(plate.x + 10), f64::from(plate.y + tall + 9));
    line(on, (x, y), (x + pixels, y), 3.0, INK, 1.0);
    for end in [x, x + pixels] {
        line(on, (end, y - 4.0), (end, y + 4.0), 2.0, INK, 1.0);
    }
    avoid.extend([plate; 4]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{P, cube, memory_of, random_plane};

    const RED: [u8; 3] = [229, 25, 25];
    const BLUE: [u8; 3] = [10, 40, 200];

    /// A wall to the north, blue, and in front of it a red square from 0.5 to 1.5 above the floor.
    fn scene() -> Memory {
        let mut points: Vec<P> = random_plane(1.5, 9000.0, 3.0, BLUE, 0);
        let square = random_plane(0.5, 20_000.0, 2.0, RED, 1);
        points.extend(square.into_iter().map(|(p, c, i)| ([p[0] + 0.4, p[1], p[2] + 1.0], c, i)));
        memory_of(points, vec![("poster", cube(0.4, 2.0, 1.0, 1.0))])
    }

    #[test]
    fn lengths_are_true_and_sides_are_right() {
        let memory = scene();
        let cloud = Cloud::new(&memory);
        let options = SideOptions { width: 400, height: 300, heading: 90.0, ..Default::default() };
        let out = side(&memory, &cloud, &options).unwrap();
        // Looking north, east is to the right; up is up.
        let (a, b) =
            (out.to_pixel(Point3::new(0.0, 2.0, 1.0)), out.to_pixel(Point3::new(1.0, 9.0, 1.0)));
        assert!((b.0 - a.0 - out.scale).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-9);
        assert!(out.to_pixel(Point3::new(0.0, 0.0, 2.0)).1 < a.1);
        let red = |x: f64, z: f64| {
            let (u, v) = out.to_pixel(Point3::new(x, 0.0, z));
            out.image.pixels[v as usize * out.image.width as usize + u as usize] == RED
        };
        // The square's border is where it should be to two pixels: half a splat.
        let d = 2.5 / out.scale;
        for (x, z, want) in [
            (0.4, 1.0, true),
            (-0.1 + d, 0.5 + d, true),
            (0.9 - d, 1.5 - d, true),
            (-0.1 - d, 1.0, false),
            (0.9 + d, 1.0, false),
            (0.4, 0.5 - d, false),
        ] {
            assert_eq!(red(x, z), want, "{x} {z}");
        }
        for w in out.heights.windows(2) {
            assert!(((w[0].1 - w[1].1) / (w[1].0 - w[0].0) - out.scale).abs() < 1e-6);
        }
        assert!(out.heights.len() >= 3, "{:?}", out.heights);
        // From the other side the wall hides the square, and from its side the square is a line.
        let from = |heading: f64| {
            let out = side(&memory, &cloud, &SideOptions { heading, ..options.clone() }).unwrap();
            out.image.pixels.iter().filter(|p| **p == RED).count()
        };
        // But for a pinhole or two of points at random.
        assert!(from(270.0) * 200 < from(90.0), "{}", from(270.0));
        assert!(from(0.0) < 900 && from(0.0) > 50, "{}", from(0.0));
        // Cut behind the square, it is not there.
        let cut = SideOptions { cut: Some(2.5), ..options };
        let out = side(&memory, &cloud, &cut).unwrap();
        assert!(out.image.pixels.iter().all(|p| *p != RED));
    }

    #[test]
    fn boxes_and_names() {
        let boxes = vec![("table", cube(0.0, 0.0, 0.5, 1.0)), ("lamp", cube(0.0, 0.0, 1.25, 0.5))];
        let memory = memory_of(vec![], boxes);
        let cloud = Cloud::new(&memory);
        let out = side(&memory, &cloud, &SideOptions::default()).unwrap();
        assert_eq!(out.labels.len(), 2);
        let rects: Vec<Rect> = out.labels.iter().filter_map(|l| l.rect).collect();
        assert!(rects.len() == 2 && !rects[0].overlaps(&rects[1]));
        assert!(
            out.to_pixel(Point3::new(0.0, 0.0, 1.25)).1
                < out.to_pixel(Point3::new(0.0, 0.0, 0.5)).1
        );
        for (width, height) in [(1, 1), (30, 7), (7, 300)] {
            let options = SideOptions { width, height, ..SideOptions::default() };
            assert_eq!(side(&memory, &cloud, &options).unwrap().plot.w, width as i32);
        }
        let bad = SideOptions { heading: f64::NAN, ..SideOptions::default() };
        assert!(matches!(side(&memory, &cloud, &bad), Err(RenderError::NotFinite(_))));
        let bad = SideOptions { marks: &[9], ..SideOptions::default() };
        assert_eq!(side(&memory, &cloud, &bad).err(), Some(RenderError::NoInstance(9)));
        let nothing = memory_of(vec![], vec![]);
        let e = side(&nothing, &Cloud::new(&nothing), &SideOptions::default());
        assert_eq!(e.err(), Some(RenderError::Nothing));
    }
}
