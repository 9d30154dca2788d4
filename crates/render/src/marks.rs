//! Marks of a view from above: footprints, cameras, viewpoints, routes, the room, the scale bar.

use reasmory_geom::{Point3, View, math};
use reasmory_scene::{Instance, Memory, Rgb8};

use crate::canvas::{Rect, arrow, disc, fill_polygon, fill_rect, frame_rect, line, polyline};
use crate::color::{CategoryColors, EGO, GRID, INK, PAPER, PHOTO, POINT, ROOM, ROUTE, Rgb};
use crate::labels::Request;
use crate::text::{draw_text, text_height, text_width};
use crate::top::{Frame, Mark};

/// Marks being drawn, and the labels they ask for.
pub(crate) struct Scene<'a> {
    memory: &'a Memory,
    colors: CategoryColors<'a>,
    frame: Frame,
    size: f32,
    photographic: bool,
    pub(crate) requests: Vec<Request>,
    /// Places of symbols, which labels rather leave free.
    pub(crate) avoid: Vec<Rect>,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(memory: &'a Memory, frame: Frame, size: f32, photographic: bool) -> Self {
        Scene {
            memory,
            colors: CategoryColors::of(memory.manifest()),
            frame,
            size,
            photographic,
            requests: Vec::new(),
            avoid: Vec::new(),
        }
    }

    /// Draws the marks, areas below symbols: room, footprints, routes, cameras, viewpoints, points.
    pub(crate) fn draw(&mut self, on: &mut Rgb8, marks: &[Mark], all_instances: bool) {
        let manifest = self.memory.manifest();
        if marks.contains(&Mark::Room) || !self.photographic {
            self.room(on);
        }
        let mut shown: Vec<&Instance> = manifest
            .instances
            .iter()
            .filter(|i| all_instances || marks.contains(&Mark::Instance(i.id)))
            .collect();
        // Large ones first, so that small ones lie on them.
        let area = |i: &Instance| reasmory_geom::polygon::area(&i.obb.footprint());
        shown.sort_by(|a, b| area(b).total_cmp(&area(a)).then(a.id.cmp(&b.id)));
        for i in &shown {
            self.footprint(on, i);
        }
        for m in marks {
            if let Mark::Route(points) = m {
                self.route(on, points);
            }
        }
        let mut photos: Vec<u32> = marks
            .iter()
            .filter_map(|m| if let Mark::Photo(n) = m { Some(*n) } else { None })
            .collect();
        photos.sort_unstable();
        photos.dedup();
        for n in photos {
            self.camera(on, n);
        }
        // Viewpoints and places matter most: they are drawn last and their labels choose first.
        let cameras = std::mem::take(&mut self.requests);
        for m in marks {
            match m {
                Mark::View { view, label } => self.viewpoint(on, view, label),
                Mark::Point { at, label } => self.point(on, *at, label),
                _ => {}
            }
        }
        self.requests.extend(cameras);
        // Small footprints have the fewest places for a label, but a marked one comes before the rest.
        let marked = |i: &Instance| marks.contains(&Mark::Instance(i.id));
        shown.reverse();
        shown.sort_by_key(|i| !marked(i));
        for i in shown {
            let anchor = self.pixel(i.obb.center);
            let text = manifest.instance_name(i.id);
            let color = self.colors.get(&i.category);
            // On its footprint where the text fits into it, beside it otherwise.
            let (a, b) = i.obb.bounds();
            let (w, h) = ((b.x - a.x) * self.frame.scale, (b.y - a.y) * self.frame.scale);
            let fits = f64::from(text_width(&text, self.size)) + 8.0 < w
                && f64::from(text_height(self.size)) + 4.0 < h;
            let clear = if fits { -1.0 } else { 0.5 * w.min(h).min(40.0) };
            self.requests.push(Request { text, anchor, clear, color });
        }
    }

    fn pixel(&self, p: Point3) -> (f64, f64) {
        self.frame.pixel(p.x, p.y)
    }

    fn keep_free(&mut self, (x, y): (f64, f64), radius: f64) {
        if x.abs() < 1e6 && y.abs() < 1e6 {
            let side = (2.0 * radius) as i32;
            let r = Rect { x: (x - radius) as i32, y: (y - radius) as i32, w: side, h: side };
            self.avoid.push(r);
        }
    }

    fn room(&mut self, on: &mut Rgb8) {
        let Some(room) = &self.memory.manifest().room else { return };
        let p: Vec<(f64, f64)> =
            room.outline.iter().map(|q| self.frame.pixel(q[0], q[1])).collect();
        if self.photographic {
            polyline(on, &p, true, 5.0, PAPER);
            polyline(on, &p, true, 2.5, ROOM);
        } else {
            polyline(on, &p, true, 4.0, ROOM);
        }
    }

    fn footprint(&mut self, on: &mut Rgb8, i: &Instance) {
        let color = self.colors.get(&i.category);
        let p: Vec<(f64, f64)> =
            i.obb.footprint().iter().map(|q| self.frame.pixel(q.x, q.y)).collect();
        fill_polygon(on, &p, color, if self.photographic { 0.22 } else { 0.32 });
        if self.photographic {
            polyline(on, &p, true, 4.0, PAPER);
        }
        polyline(on, &p, true, 2.0, color);
        if let Some(f) = i.front {
            let c = self.pixel(i.obb.center);
            let reach = 0.5 * i.obb.size()[1] * self.frame.scale + 10.0;
            let n = f[0].hypot(f[1]);
            let tip = (c.0 + f[0] / n * reach, c.1 - f[1] / n * reach);
            arrow(on, c, tip, 2.0, color, None);
        }
    }

    fn route(&mut self, on: &mut Rgb8, points: &[Point3]) {
        let p: Vec<(f64, f64)> = points.iter().map(|q| self.pixel(*q)).collect();
        polyline(on, &p, false, 6.0, PAPER);
        polyline(on, &p, false, 3.0, ROUTE);
        if let Some(first) = p.first() {
            disc(on, *first, 6.0, PAPER);
            disc(on, *first, 4.0, ROUTE);
        }
        for w in p.windows(2) {
            let middle = (0.5 * (w[0].0 + w[1].0), 0.5 * (w[0].1 + w[1].1));
            let (dx, dy) = (w[1].0 - w[0].0, w[1].1 - w[0].1);
            let n = dx.hypot(dy);
            if n > 40.0 {
                let tip = (middle.0 + dx / n * 7.0, middle.1 + dy / n * 7.0);
                arrow(on, middle, tip, 3.5, ROUTE, None);
            }
        }
        if let [.., a, b] = p.as_slice() {
            arrow(on, *a, *b, 3.0, ROUTE, None);
        }
    }

    /// A small frustum: the camera at its tip.
    fn camera(&mut self, on: &mut Rgb8, number: u32) {
        let Some(photo) = self.memory.manifest().photo(number) else { return };
        let view = photo.view();
        let c = self.pixel(view.eye);
        let half = (0.5 * photo.pinhole.fov()).clamp(12.0, 60.0);
        let reach = f64::from(self.size) * 1.3;
        let left = toward(c, view.heading() + half, reach);
        let right = toward(c, view.heading() - half, reach);
        let shape = [c, left, right];
        polyline(on, &shape, true, 4.0, PAPER);
        fill_polygon(on, &shape, [255, 214, 60], 0.9);
        polyline(on, &shape, true, 1.6, PHOTO);
        disc(on, c, 3.0, PHOTO);
        self.keep_free(toward(c, view.heading(), 0.5 * reach), 0.6 * reach);
        let text = format!("photo {number}");
        self.requests.push(Request { text, anchor: c, clear: 4.0, color: PHOTO });
    }

    fn viewpoint(&mut self, on: &mut Rgb8, view: &View, label: &str) {
        let c = self.pixel(view.eye);
        let half = (0.5 * view.pinhole(on.width, on.height).fov()).min(85.0);
        let reach = 0.16 * f64::from(on.width.min(on.height));
        let steps = 24;
        let mut wedge = vec![c];
        for k in 0..=steps {
            let a = view.heading() + half - 2.0 * half * f64::from(k) / f64::from(steps);
            wedge.push(toward(c, a, reach));
        }
        fill_polygon(on, &wedge, EGO, 0.18);
        for end in [wedge[1], wedge[wedge.len() - 1]] {
            line(on, c, end, 1.5, EGO, 0.8);
        }
        let tip = toward(c, view.heading(), 0.55 * reach);
        arrow(on, c, tip, 3.5, EGO, Some(PAPER));
        disc(on, c, 9.0, PAPER);
        disc(on, c, 7.0, EGO);
        self.keep_free(c, 9.0);
        self.keep_free(tip, 8.0);
        self.requests.push(Request { text: label.to_owned(), anchor: c, clear: 10.0, color: EGO });
    }

    fn point(&mut self, on: &mut Rgb8, at: Point3, label: &str) {
        let c = self.pixel(at);
        disc(on, c, 7.0, PAPER);
        disc(on, c, 5.0, POINT);
        disc(on, c, 1.8, PAPER);
        self.keep_free(c, 7.0);
        self.requests.push(Request { text: label.to_owned(), anchor: c, clear: 7.0, color: POINT });
    }

    /// Draws a scale bar at the lower left and the way up; gives its length in world units and pixels.
    pub(crate) fn scale_bar(&mut self, on: &mut Rgb8) -> (f64, f64) {
        let length = round_length(0.22 * f64::from(on.width) / self.frame.scale);
        let pixels = length * self.frame.scale;
        let unit = if self.memory.manifest().scale.is_metric() {
            "m"
        } else if length == 1.0 {
            "unit"
        } else {
            "units"
        };
        let text = format!("{length} {unit}");
        let tall = text_height(self.size).ceil() as i32;
        let text_w = text_width(&text, self.size).ceil() as i32;
        let w = (pixels.ceil() as i32).max(text_w) + 20;
        let plate = Rect { x: 8, y: on.height as i32 - tall - 30, w, h: tall + 22 };
        fill_rect(on, plate, PAPER, 0.85);
        frame_rect(on, plate, GRID);
        draw_text(on, (plate.x + 10) as f32, (plate.y + 3) as f32, &text, self.size, INK);
        let (x, y) = (f64::from(plate.x + 10), f64::from(plate.y + tall + 11));
        line(on, (x, y), (x + pixels, y), 3.0, INK, 1.0);
        for end in [x, x + pixels] {
            line(on, (end, y - 5.0), (end, y + 5.0), 2.0, INK, 1.0);
        }
        // Labels keep off: it counts as many times as a symbol.
        self.avoid.extend([plate; 4]);
        self.compass(on);
        (length, pixels)
    }

    /// The axes of the plane: +X to the right, +Y up.
    fn compass(&mut self, on: &mut Rgb8) {
        // Smaller in small pictures, where it would hide what is marked.
        let side = (on.width.min(on.height) as i32 / 8).clamp(34, 60);
        let plate = Rect {
            x: on.width as i32 - side - 8,
            y: on.height as i32 - side - 8,
            w: side,
            h: side,
        };
        fill_rect(on, plate, PAPER, 0.85);
        frame_rect(on, plate, GRID);
        let unit = f64::from(side) / 60.0;
        let o = (f64::from(plate.x) + 12.0 * unit, f64::from(plate.y) + 48.0 * unit);
        arrow(on, o, (o.0 + 28.0 * unit, o.1), 2.0, INK, None);
        arrow(on, o, (o.0, o.1 - 28.0 * unit), 2.0, INK, None);
        let (x, y, unit) = (o.0 as f32, o.1 as f32, unit as f32);
        let size = (16.0 * unit).max(11.0);
        draw_text(on, x + 30.0 * unit, y - 0.5 * text_height(size), "x", size, INK);
        draw_text(on, x + 7.0 * unit, y - 28.0 * unit - text_height(size), "y", size, INK);
        self.avoid.extend([plate; 4]);
    }
}

/// The pixel at a distance from another along a heading in degrees (counter-clockwise from +X).
fn toward(c: (f64, f64), heading: f64, reach: f64) -> (f64, f64) {
    (c.0 + reach * math::cos_deg(heading), c.1 - reach * math::sin_deg(heading))
}

/// The largest of 1, 2, 5 times a power of ten that is not above `most`.
pub(crate) fn round_length(most: f64) -> f64 {
    if !(most.is_finite() && most > 0.0) {
        return 1.0;
    }
    let mut best = 0.0;
    for exponent in -9i32..=9 {
        for digit in [1.0, 2.0, 5.0] {
            // Dividing by a power of ten gives the nearest double, so that text shows no tail.
            let power = 10f64.powi(exponent.abs());
            let length = if exponent < 0 { digit / power } else { digit * power };
            if length <= most {
                best = length;
            }
        }
    }
    if best > 0.0 { best } else { most }
}

/// A plan's paper: lines a round length apart.
pub(crate) fn grid(on: &mut Rgb8, memory: &Memory, frame: Frame) {
    let view = f64::from(on.width.max(on.height)) / frame.scale;
    let step = if memory.manifest().scale.is_metric() && (4.0..=30.0).contains(&view) {
        1.0
    } else {
        round_length(0.15 * view)
    };
    let (w, h) = (f64::from(on.width), f64::from(on.height));
    let color: Rgb = GRID;
    let mut k = (frame.corner.x / step).ceil();
    while (k * step - frame.corner.x) * frame.scale < w {
        let x = (k * step - frame.corner.x) * frame.scale;
        line(on, (x, 0.0), (x, h), 1.0, color, 1.0);
        k += 1.0;
    }
    let mut k = (frame.corner.y / step).floor();
    while (frame.corner.y - k * step) * frame.scale < h {
        let y = (frame.corner.y - k * step) * frame.scale;
        line(on, (0.0, y), (w, y), 1.0, color, 1.0);
        k -= 1.0;
    }
}
