//! Drawing on a picture: blended, clipped, with smooth edges.

use reasmory_scene::Rgb8;

use crate::color::{Rgb, mix};

/// A rectangle of whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// Left column.
    pub x: i32,
    /// Top row.
    pub y: i32,
    /// Width in pixels.
    pub w: i32,
    /// Height in pixels.
    pub h: i32,
}

impl Rect {
    /// Whether two rectangles share a pixel.
    pub fn overlaps(&self, o: &Rect) -> bool {
        self.x < o.x + o.w && o.x < self.x + self.w && self.y < o.y + o.h && o.y < self.y + self.h
    }

    /// Whether `o` lies inside.
    pub fn contains(&self, o: &Rect) -> bool {
        o.x >= self.x
            && o.y >= self.y
            && o.x + o.w <= self.x + self.w
            && o.y + o.h <= self.y + self.h
    }

    pub(crate) fn grown(&self, by: i32) -> Rect {
        Rect { x: self.x - by, y: self.y - by, w: self.w + 2 * by, h: self.h + 2 * by }
    }

    pub(crate) fn shared(&self, o: &Rect) -> i32 {
        let w = (self.x + self.w).min(o.x + o.w) - self.x.max(o.x);
        let h = (self.y + self.h).min(o.y + o.h) - self.y.max(o.y);
        w.max(0) * h.max(0)
    }

    /// The point of the rectangle nearest to `p`.
    pub(crate) fn nearest(&self, p: (f64, f64)) -> (f64, f64) {
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        (p.0.clamp(x, x + f64::from(self.w)), p.1.clamp(y, y + f64::from(self.h)))
    }
}

/// A blank picture.
pub(crate) fn blank(width: u32, height: u32, color: Rgb) -> Rgb8 {
    Rgb8 { width, height, pixels: vec![color; width as usize * height as usize] }
}

/// Copies a picture onto another at a place, clipped.
pub(crate) fn paste(on: &mut Rgb8, what: &Rgb8, x0: u32, y0: u32) {
    for y in 0..what.height.min(on.height.saturating_sub(y0)) {
        let n = what.width.min(on.width.saturating_sub(x0)) as usize;
        let from = (y * what.width) as usize;
        let to = (y + y0) as usize * on.width as usize + x0 as usize;
        on.pixels[to..to + n].copy_from_slice(&what.pixels[from..from + n]);
    }
}

/// Blends a colour into a pixel, if it exists.
pub(crate) fn blend(on: &mut Rgb8, x: i32, y: i32, color: Rgb, alpha: f64) {
    if x < 0 || y < 0 || x >= on.width as i32 || y >= on.height as i32 || alpha <= 0.0 {
        return;
    }
    let cell = &mut on.pixels[y as usize * on.width as usize + x as usize];
    *cell = mix(*cell, color, alpha.min(1.0));
}

pub(crate) fn fill_rect(on: &mut Rgb8, r: Rect, color: Rgb, alpha: f64) {
    for y in r.y.max(0)..(r.y + r.h).min(on.height as i32) {
        for x in r.x.max(0)..(r.x + r.w).min(on.width as i32) {
            blend(on, x, y, color, alpha);
        }
    }
}

pub(crate) fn frame_rect(on: &mut Rgb8, r: Rect, color: Rgb) {
    for (x, y, w, h) in [
        (r.x, r.y, r.w, 1),
        (r.x, r.y + r.h - 1, r.w, 1),
        (r.x, r.y, 1, r.h),
        (r.x + r.w - 1, r.y, 1, r.h),
    ] {
        fill_rect(on, Rect { x, y, w, h }, color, 1.0);
    }
}

/// A straight line with round ends.
pub(crate) fn line(
    on: &mut Rgb8,
    a: (f64, f64),
    b: (f64, f64),
    width: f64,
    color: Rgb,
    alpha: f64,
) {
    if ![a.0, a.1, b.0, b.1].iter().all(|x| x.abs() < 1e6) {
        return;
    }
    let reach = 0.5 * width + 1.0;
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length2 = dx * dx + dy * dy;
    let top = (a.1.min(b.1) - reach).floor().max(0.0) as i32;
    let bottom = (a.1.max(b.1) + reach).ceil().min(f64::from(on.height)) as i32;
    for y in top..bottom {
        let cy = f64::from(y) + 0.5;
        // The part of the segment that this row can touch bounds the columns.
        let (mut t0, mut t1) = (0.0, 1.0);
        if dy.abs() > 1e-9 {
            let (p, q) = ((cy - reach - a.1) / dy, (cy + reach - a.1) / dy);
            t0 = p.min(q).clamp(0.0, 1.0);
            t1 = p.max(q).clamp(0.0, 1.0);
        }
        let (xa, xb) = (a.0 + dx * t0, a.0 + dx * t1);
        let left = (xa.min(xb) - reach).floor().max(0.0) as i32;
        let right = (xa.max(xb) + reach).ceil().min(f64::from(on.width)) as i32;
        for x in left..right {
            let cx = f64::from(x) + 0.5;
            let t = if length2 > 0.0 {
                (((cx - a.0) * dx + (cy - a.1) * dy) / length2).clamp(0.0, 1.0)
            } else {
                0.0
            };
            let d = (cx - a.0 - dx * t).hypot(cy - a.1 - dy * t);
            blend(on, x, y, color, alpha * (0.5 * width + 0.5 - d).clamp(0.0, 1.0));
        }
    }
}

/// A chain of lines, closed or not.
pub(crate) fn polyline(on: &mut Rgb8, p: &[(f64, f64)], closed: bool, width: f64, color: Rgb) {
    for w in p.windows(2) {
        line(on, w[0], w[1], width, color, 1.0);
    }
    if let (true, [first, .., last]) = (closed, p) {
        line(on, *last, *first, width, color, 1.0);
    }
}

/// The inside of a polygon (even-odd), by pixel centres.
pub(crate) fn fill_polygon(on: &mut Rgb8, p: &[(f64, f64)], color: Rgb, alpha: f64) {
    if p.len() < 3 || !p.iter().all(|q| q.0.is_finite() && q.1.is_finite()) {
        return;
    }
    let top = p.iter().fold(f64::INFINITY, |m, q| m.min(q.1)).floor().max(0.0) as i32;
    let bottom = p.iter().fold(f64::NEG_INFINITY, |m, q| m.max(q.1)).ceil();
    let bottom = bottom.min(f64::from(on.height)) as i32;
    let mut cuts: Vec<f64> = Vec::new();
    for y in top..bottom {
        let cy = f64::from(y) + 0.5;
        cuts.clear();
        for (i, a) in p.iter().enumerate() {
            let b = p[(i + 1) % p.len()];
            if (a.1 <= cy) != (b.1 <= cy) {
                cuts.push(a.0 + (cy - a.1) / (b.1 - a.1) * (b.0 - a.0));
            }
        }
        cuts.sort_by(f64::total_cmp);
        for pair in cuts.chunks_exact(2) {
            let left = (pair[0] - 0.5).ceil().max(0.0) as i32;
            let right = (pair[1] - 0.5).ceil().min(f64::from(on.width)) as i32;
            for x in left..right {
                blend(on, x, y, color, alpha);
            }
        }
    }
}

pub(crate) fn disc(on: &mut Rgb8, c: (f64, f64), radius: f64, color: Rgb) {
    line(on, c, c, 2.0 * radius, color, 1.0);
}

/// An arrow with a filled head, and a light rim where it lies on a photograph or other marks.
pub(crate) fn arrow(
    on: &mut Rgb8,
    a: (f64, f64),
    b: (f64, f64),
    width: f64,
    color: Rgb,
    rim: Option<Rgb>,
) {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let n = dx.hypot(dy);
    if n.is_nan() || n <= 1e-9 {
        return;
    }
    let (ux, uy) = (dx / n, dy / n);
    let head = (4.0 * width).min(n);
    let neck = (b.0 - ux * head, b.1 - uy * head);
    let side = 0.55 * head;
    let shape =
        [b, (neck.0 - uy * side, neck.1 + ux * side), (neck.0 + uy * side, neck.1 - ux * side)];
    if let Some(rim) = rim {
        line(on, a, neck, width + 3.0, rim, 1.0);
        polyline(on, &shape, true, 4.0, rim);
    }
    line(on, a, neck, width, color, 1.0);
    fill_polygon(on, &shape, color, 1.0);
    polyline(on, &shape, true, 1.0, color);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_cover_what_they_should() {
        let mut p = blank(20, 20, [0; 3]);
        fill_polygon(&mut p, &[(2.0, 2.0), (12.0, 2.0), (12.0, 7.0), (2.0, 7.0)], [255; 3], 1.0);
        assert_eq!(p.pixels.iter().filter(|c| c[0] == 255).count(), 50);
        let mut p = blank(20, 20, [0; 3]);
        line(&mut p, (0.0, 10.5), (20.0, 10.5), 1.0, [255; 3], 1.0);
        assert!((0..20).all(|x| p.pixels[10 * 20 + x] == [255; 3] && p.pixels[8 * 20 + x][0] == 0));
        // Far outside, at the border, not a number: nothing happens.
        line(&mut p, (f64::NAN, 0.0), (1.0, 1.0), 1.0, [9; 3], 1.0);
        line(&mut p, (-500.0, -500.0), (900.0, 30.0), 3.0, [9; 3], 1.0);
        fill_polygon(&mut p, &[(-50.0, -50.0), (90.0, -50.0), (10.0, 90.0)], [9; 3], 0.5);
        arrow(&mut p, (3.0, 3.0), (3.0, 3.0), 2.0, [9; 3], None);
    }
}
