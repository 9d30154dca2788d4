//! Builders: a size becomes boxes, cylinders and ellipsoids. Local axes: x side to side, y from back to
//! front, z up.

use reasmory_geom::{Vec3, math};

use super::bounds;
use crate::material::{Material, Pattern};
use crate::rng::Rng;
use crate::solid::{Part, Shape};

/// A horizontal surface that things can stand on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surface {
    /// Height above the piece's base.
    pub z: f64,
    /// Centre in the piece's frame.
    pub center: [f64; 2],
    /// Half extents.
    pub half: nalgebra::Vector2<f64>,
}

/// A built piece in its own frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// Its solid parts.
    pub parts: Vec<Part>,
    /// Where things can stand on it, if anywhere.
    pub surface: Option<Surface>,
}

impl Model {
    pub(super) fn bx(
        &mut self,
        x: [f64; 2],
        y: [f64; 2],
        z: [f64; 2],
        material: Material,
    ) -> &mut Self {
        let (lo, hi) = (Vec3::new(x[0], y[0], z[0]), Vec3::new(x[1], y[1], z[1]));
        let shape = Shape::Box((hi - lo) * 0.5);
        self.parts.push(Part { shape, center: (lo + hi) * 0.5, material });
        self
    }

    pub(super) fn cyl(
        &mut self,
        x: f64,
        y: f64,
        r: f64,
        z: [f64; 2],
        material: Material,
    ) -> &mut Self {
        let center = Vec3::new(x, y, 0.5 * (z[0] + z[1]));
        self.parts.push(Part { shape: Shape::Cylinder(r, 0.5 * (z[1] - z[0])), center, material });
        self
    }

    pub(super) fn ball(&mut self, center: Vec3, half: Vec3, material: Material) -> &mut Self {
        self.parts.push(Part { shape: Shape::Ellipsoid(half), center, material });
        self
    }

    /// Four square legs under a top of half extents `(w, d)`.
    pub(super) fn legs(&mut self, w: f64, d: f64, t: f64, h: f64, m: Material) -> &mut Self {
        for (sx, sy) in [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)] {
            let (x, y) = (sx * (w - t), sy * (d - t));
            self.bx([x - t, x + t], [y - t, y + t], [0.0, h], m);
        }
        self
    }

    pub(super) fn on(mut self, z: f64, cy: f64, hx: f64, hy: f64) -> Model {
        let half = nalgebra::Vector2::new(hx, hy);
        self.surface = Some(Surface { z, center: [0.0, cy], half });
        self
    }

    /// The model moved so that its bounds are centred over the origin and stand on z = 0.
    pub(super) fn settled(mut self) -> Model {
        let (lo, hi) = bounds(&self.parts);
        let by = Vec3::new(0.5 * (lo.x + hi.x), 0.5 * (lo.y + hi.y), lo.z);
        for p in &mut self.parts {
            p.center -= by;
        }
        if let Some(s) = &mut self.surface {
            s.z -= by.z;
            s.center = [s.center[0] - by.x, s.center[1] - by.y];
        }
        self
    }
}

pub(super) fn pick<const N: usize>(rng: &mut Rng, from: [[f32; 3]; N]) -> [f32; 3] {
    from[rng.below(N)]
}

pub(super) fn dark(c: [f32; 3], by: f32) -> [f32; 3] {
    c.map(|x| x * by)
}

pub(super) fn wood(rng: &mut Rng) -> Material {
    let a = pick(
        rng,
        [
            [0.72, 0.53, 0.34],
            [0.55, 0.36, 0.22],
            [0.84, 0.7, 0.52],
            [0.4, 0.25, 0.16],
            [0.9, 0.88, 0.84],
        ],
    );
    Material::new(Pattern::Wood, a, dark(a, 0.72), 0.12)
}

pub(super) fn cloth(rng: &mut Rng) -> Material {
    let a = pick(
        rng,
        [
            [0.35, 0.45, 0.6],
            [0.62, 0.28, 0.25],
            [0.45, 0.52, 0.38],
            [0.7, 0.64, 0.55],
            [0.3, 0.32, 0.36],
            [0.75, 0.55, 0.25],
            [0.3, 0.5, 0.52],
        ],
    );
    let scale = rng.range(0.03, 0.08);
    if rng.chance(0.2) {
        return Material::new(Pattern::Checker, a, dark(a, 0.8), scale * 1.5);
    }
    Material::new(Pattern::Fabric, a, dark(a, 0.78), scale)
}

pub(super) const METAL: Material =
    Material::new(Pattern::Wood, [0.7, 0.71, 0.73], [0.58, 0.59, 0.61], 0.3);
pub(super) const DARK: Material = Material::plain([0.12, 0.12, 0.13]);
pub(super) const WHITE: Material = Material::plain([0.9, 0.9, 0.88]);
const SHADE: Material =
    Material::new(Pattern::Fabric, [0.98, 0.92, 0.76], [0.93, 0.84, 0.64], 0.02).glowing();

/// Fronts of doors or drawers before a body: `columns × rows` panels with handles.
pub(super) fn fronts(
    m: &mut Model,
    s: Vec3,
    base: f64,
    columns: usize,
    rows: usize,
    face: Material,
) {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let (pw, ph) = (s.x / columns as f64, (s.z - base) / rows as f64);
    for c in 0..columns {
        for r in 0..rows {
            let (x, z) = (-w + c as f64 * pw, base + r as f64 * ph);
            let gap = 0.008;
            m.bx([x + gap, x + pw - gap], [d - 0.03, d - 0.01], [z + gap, z + ph - gap], face);
            let cx = x + pw / 2.0;
            if rows >= columns {
                m.bx(
                    [cx - 0.06, cx + 0.06],
                    [d - 0.01, d],
                    [z + ph * 0.6, z + ph * 0.6 + 0.015],
                    METAL,
                );
            } else {
                let hx = if c % 2 == 0 { x + pw - 0.05 } else { x + 0.05 };
                m.bx([hx - 0.008, hx + 0.008], [d - 0.01, d], [z + ph * 0.45, z + ph * 0.6], METAL);
            }
        }
    }
}

pub(super) fn table(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = wood(rng);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d], [s.z - 0.04, s.z], m);
    out.bx([-w + 0.08, w - 0.08], [-d + 0.08, d - 0.08], [s.z - 0.11, s.z - 0.04], m);
    out.legs(w - 0.04, d - 0.04, 0.032, s.z - 0.04, m);
    out.on(s.z, 0.0, w - 0.05, d - 0.05)
}

pub(super) fn coffee_table(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = wood(rng);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d], [s.z - 0.035, s.z], m);
    out.bx([-w + 0.06, w - 0.06], [-d + 0.06, d - 0.06], [0.12, 0.14], m);
    out.legs(w - 0.02, d - 0.02, 0.025, s.z - 0.035, m);
    out.on(s.z, 0.0, w - 0.04, d - 0.04)
}

pub(super) fn chair(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let (m, c) = (wood(rng), cloth(rng));
    let seat = 0.45;
    let mut out = Model::default();
    out.legs(w, d, 0.018, seat - 0.03, m);
    out.bx([-w, w], [-d, d], [seat - 0.03, seat], m);
    out.bx([-w + 0.02, w - 0.02], [-d + 0.05, d - 0.01], [seat, seat + 0.03], c);
    for x in [-w, w - 0.036] {
        out.bx([x, x + 0.036], [-d, -d + 0.036], [seat, s.z], m);
    }
    out.bx([-w + 0.036, w - 0.036], [-d + 0.005, -d + 0.03], [s.z - 0.3, s.z - 0.02], c);
    out
}

pub(super) fn office_chair(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let c = cloth(rng);
    let mut out = Model::default();
    out.bx([-w, w], [-0.03, 0.03], [0.0, 0.07], DARK);
    out.bx([-0.03, 0.03], [-d, d], [0.0, 0.07], DARK);
    out.cyl(0.0, 0.0, 0.03, [0.07, 0.44], METAL);
    out.bx([-w + 0.05, w - 0.05], [-d + 0.05, d - 0.02], [0.44, 0.52], c);
    out.bx([-w + 0.08, w - 0.08], [-d + 0.02, -d + 0.09], [0.56, s.z], c);
    out.bx([-0.03, 0.03], [-d + 0.01, -d + 0.04], [0.46, 0.7], DARK);
    for x in [-w + 0.01, w - 0.05] {
        out.bx([x, x + 0.04], [-0.16, 0.14], [0.64, 0.67], DARK);
        out.bx([x, x + 0.04], [-0.02, 0.02], [0.48, 0.64], DARK);
    }
    out
}

pub(super) fn stool(rng: &mut Rng, s: Vec3) -> Model {
    let (m, c) = (wood(rng), cloth(rng));
    let r = s.x / 2.0;
    let mut out = Model::default();
    out.cyl(0.0, 0.0, r, [s.z - 0.06, s.z], c);
    out.legs(r * 0.68, r * 0.68, 0.018, s.z - 0.06, m);
    out
}

/// Sofas and armchairs: base, back, arms, one cushion per seat.
pub(super) fn sofa(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let c = cloth(rng);
    let arm = 0.16;
    let mut out = Model::default();
    out.bx([-w, w], [-d, d], [0.06, 0.28], c);
    out.legs(w - 0.05, d - 0.05, 0.02, 0.06, DARK);
    out.bx([-w, w], [-d, -d + 0.2], [0.28, s.z], c);
    out.bx([-w, -w + arm], [-d + 0.2, d], [0.28, 0.6], c);
    out.bx([w - arm, w], [-d + 0.2, d], [0.28, 0.6], c);
    let seats = ((s.x - 2.0 * arm) / 0.62).round().max(1.0);
    let each = (s.x - 2.0 * arm) / seats;
    let light = Material { a: c.a.map(|x| (x * 1.08).min(1.0)), ..c };
    for i in 0..seats as usize {
        let x = -w + arm + i as f64 * each;
        out.bx([x + 0.006, x + each - 0.006], [-d + 0.2, d + 0.0], [0.28, 0.43], light);
        out.bx([x + 0.01, x + each - 0.01], [-d + 0.2, -d + 0.32], [0.43, s.z - 0.06], light);
    }
    out.on(0.43, 0.16, w - arm - 0.02, d - 0.17)
}

pub(super) fn bed(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let (m, mut c) = (wood(rng), cloth(rng));
    if rng.chance(0.4) {
        c = Material { pattern: Pattern::Stripes, scale: 0.18, ..c };
    }
    let mut out = Model::default();
    out.bx([-w, w], [-d, -d + 0.06], [0.0, s.z], m);
    out.bx([-w, w], [-d + 0.06, d], [0.1, 0.3], m);
    out.legs(w - 0.04, d - 0.04, 0.03, 0.1, m);
    out.bx([-w + 0.03, w - 0.03], [-d + 0.07, d - 0.03], [0.3, 0.5], WHITE);
    // The blanket leaves the head end free.
    out.bx([-w + 0.01, w - 0.01], [-d + 0.62, d - 0.01], [0.32, 0.53], c);
    out.on(0.5, -d + 0.34, w - 0.06, 0.24)
}

pub(super) fn drawers(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = wood(rng);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d - 0.03], [0.05, s.z], m);
    out.bx([-w + 0.03, w - 0.03], [-d + 0.02, d - 0.08], [0.0, 0.05], DARK);
    let columns = if s.x > 0.7 { 2 } else { 1 };
    let face = Material { a: m.a.map(|x| (x * 1.06).min(1.0)), ..m };
    fronts(&mut out, s, 0.06, columns, columns + 1, face);
    out.on(s.z, 0.0, w - 0.03, d - 0.05)
}

pub(super) fn wardrobe(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = wood(rng);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d - 0.03], [0.0, s.z], m);
    let face = Material { a: m.a.map(|x| (x * 1.07).min(1.0)), ..m };
    fronts(&mut out, s, 0.08, if s.x > 1.25 { 3 } else { 2 }, 1, face);
    out
}

pub(super) fn bookshelf(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = wood(rng);
    let mut out = Model::default();
    out.bx([-w, w], [-d, -d + 0.015], [0.0, s.z], m);
    for x in [-w, w - 0.025] {
        out.bx([x, x + 0.025], [-d, d], [0.0, s.z], m);
    }
    let shelves = 5;
    let step = (s.z - 0.025) / f64::from(shelves);
    for i in 0..=shelves {
        let z = f64::from(i) * step;
        out.bx([-w + 0.025, w - 0.025], [-d + 0.015, d], [z, z + 0.025], m);
        if i < shelves {
            // A run of books, not always to the end of the shelf.
            let end = -w + 0.03 + (s.x - 0.06) * rng.range(0.55, 1.0);
            let books = Material::new(Pattern::Patches, [0.5, 0.3, 0.25], [0.3, 0.4, 0.5], 0.045);
            let h = rng.range(0.6, 0.85) * step;
            out.bx(
                [-w + 0.03, end],
                [-d + 0.02, d - rng.range(0.04, 0.09)],
                [z + 0.025, z + 0.025 + h],
                books,
            );
        }
    }
    out
}

pub(super) fn desk(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = wood(rng);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d], [s.z - 0.03, s.z], m);
    out.bx([-w + 0.02, -w + 0.05], [-d + 0.02, d - 0.02], [0.0, s.z - 0.03], m);
    out.bx([w - 0.42, w - 0.02], [-d + 0.02, d - 0.04], [0.04, s.z - 0.03], m);
    for i in 0..3 {
        let z = 0.08 + f64::from(i) * 0.2;
        out.bx([w - 0.41, w - 0.03], [d - 0.04, d - 0.02], [z, z + 0.18], WHITE);
    }
    out.bx([-w + 0.05, w - 0.42], [-d + 0.02, -d + 0.04], [0.3, s.z - 0.03], m);
    out.on(s.z, 0.0, w - 0.05, d - 0.04)
}

/// A kitchen or office cabinet with a worktop.
pub(super) fn cabinet(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = if rng.chance(0.5) { WHITE } else { wood(rng) };
    let mut out = Model::default();
    out.bx([-w, w], [-d, d - 0.03], [0.1, s.z - 0.035], m);
    out.bx([-w + 0.02, w - 0.02], [-d, d - 0.08], [0.0, 0.1], DARK);
    let body = Vec3::new(s.x, s.y, s.z - 0.035);
    fronts(&mut out, body, 0.1, (s.x / 0.45).round().max(1.0) as usize, 1, m);
    let top = Material::new(Pattern::Blotch, [0.36, 0.35, 0.34], [0.52, 0.5, 0.48], 0.03);
    out.bx([-w, w], [-d, d], [s.z - 0.035, s.z], top);
    out.on(s.z, 0.0, w - 0.04, d - 0.05)
}

pub(super) fn tv_stand(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = wood(rng);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d], [s.z - 0.03, s.z], m);
    out.bx([-w, w], [-d, d], [0.05, 0.08], m);
    out.bx([-w, w], [-d, -d + 0.02], [0.08, s.z - 0.03], m);
    for x in [-w, -w * 0.34, w * 0.34, w - 0.025] {
        out.bx([x, x + 0.025], [-d + 0.02, d], [0.08, s.z - 0.03], m);
    }
    out.legs(w - 0.06, d - 0.04, 0.02, 0.05, DARK);
    out.bx([-w + 0.03, -w * 0.34], [d - 0.03, d - 0.01], [0.085, s.z - 0.035], WHITE);
    out.bx([-0.2, 0.2], [-d + 0.06, d - 0.12], [0.08, 0.16], DARK);
    out.on(s.z, 0.0, w - 0.03, d - 0.03)
}

pub(super) fn refrigerator(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = if rng.chance(0.6) { METAL } else { WHITE };
    let split = s.z * rng.range(0.55, 0.66);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d - 0.09], [0.0, s.z], m);
    out.bx([-w + 0.005, w - 0.005], [d - 0.085, d - 0.03], [0.06, split - 0.006], m);
    out.bx([-w + 0.005, w - 0.005], [d - 0.085, d - 0.03], [split + 0.006, s.z - 0.01], m);
    for z in [[split - 0.45, split - 0.06], [split + 0.06, split + 0.34]] {
        out.bx([-w + 0.05, -w + 0.075], [d - 0.03, d], z, DARK);
    }
    out
}

pub(super) fn stove(_: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d - 0.04], [0.0, s.z - 0.02], WHITE);
    out.bx([-w, w], [-d, d - 0.02], [s.z - 0.02, s.z - 0.008], DARK);
    for (x, y) in [(-0.13, -0.15), (0.13, -0.15), (-0.13, 0.1), (0.13, 0.1)] {
        out.cyl(x, y, 0.085, [s.z - 0.008, s.z], Material::plain([0.3, 0.3, 0.31]));
    }
    out.bx([-w + 0.05, w - 0.05], [d - 0.04, d - 0.025], [0.2, 0.62], DARK);
    out.bx([-w + 0.06, w - 0.06], [d - 0.025, d], [0.65, 0.675], METAL);
    for i in 0..4 {
        let x = -0.18 + 0.12 * f64::from(i);
        out.bx([x - 0.02, x + 0.02], [d - 0.04, d - 0.01], [0.74, 0.78], DARK);
    }
    out
}

pub(super) fn sink(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let top = s.z - 0.22;
    let m = if rng.chance(0.5) { WHITE } else { wood(rng) };
    let mut out = Model::default();
    out.bx([-w, w], [-d, d - 0.03], [0.08, top - 0.15], m);
    out.bx([-w + 0.02, w - 0.02], [-d, d - 0.08], [0.0, 0.08], DARK);
    fronts(&mut out, Vec3::new(s.x, s.y, top - 0.15), 0.08, 2, 1, m);
    // The basin is four rims around a steel bottom.
    let (bx, by, z) = (0.26, d - 0.12, [top - 0.15, top]);
    let stone = Material::new(Pattern::Blotch, [0.78, 0.77, 0.74], [0.68, 0.67, 0.65], 0.03);
    out.bx([-w, -bx], [-d, d], z, stone);
    out.bx([bx, w], [-d, d], z, stone);
    out.bx([-bx, bx], [-d, -by], z, stone);
    out.bx([-bx, bx], [by, d], z, stone);
    out.bx([-bx, bx], [-by, by], [top - 0.15, top - 0.13], METAL);
    out.cyl(0.0, -d + 0.06, 0.014, [top, s.z], METAL);
    out.bx([-0.012, 0.012], [-d + 0.06, -d + 0.24], [s.z - 0.022, s.z], METAL);
    out
}

pub(super) fn lamp(rng: &mut Rng, s: Vec3) -> Model {
    let r = s.x / 2.0;
    let foot = if rng.chance(0.5) { METAL } else { wood(rng) };
    let shade = 0.2 * s.z + 0.06;
    let mut out = Model::default();
    out.cyl(0.0, 0.0, r * 0.7, [0.0, 0.025], foot);
    out.cyl(0.0, 0.0, 0.014, [0.025, s.z - shade], foot);
    out.cyl(0.0, 0.0, r, [s.z - shade, s.z], SHADE);
    out
}

pub(super) fn plant(rng: &mut Rng, s: Vec3) -> Model {
    let r = s.x / 2.0;
    let pot_color = pick(rng, [[0.72, 0.42, 0.3], [0.85, 0.84, 0.8], [0.3, 0.34, 0.38]]);
    let leaf = Material::new(Pattern::Blotch, [0.16, 0.42, 0.16], [0.4, 0.62, 0.26], 0.06);
    let pot = 0.28 * s.z;
    let mut out = Model::default();
    out.cyl(0.0, 0.0, r * 0.6, [0.0, pot], Material::plain(pot_color));
    out.cyl(0.0, 0.0, 0.02, [pot, s.z * 0.7], wood(rng));
    // Leaves: a crown with smaller clumps inside its bounds.
    let crown = Vec3::new(r, r, s.z * 0.29);
    let mid = s.z - crown.z;
    out.ball(Vec3::new(0.0, 0.0, mid), crown, leaf);
    for i in 0..5 {
        let a = 72.0 * f64::from(i) + rng.range(-20.0, 20.0);
        let q = 0.42 * r;
        let away = 0.9 * (r - q);
        let (x, y) = (math::cos_deg(a) * away, math::sin_deg(a) * away);
        // Above and below the crown's widest level, where the clumps stand out of it.
        let z = mid + if i % 2 == 0 { 0.12 } else { -0.12 } * s.z;
        out.ball(Vec3::new(x, y, z), Vec3::new(q, q, 0.14 * s.z), leaf);
    }
    out
}

pub(super) fn trash_bin(rng: &mut Rng, s: Vec3) -> Model {
    let m = Material::plain(pick(rng, [[0.3, 0.32, 0.34], [0.2, 0.4, 0.6], [0.7, 0.7, 0.72]]));
    let mut out = Model::default();
    out.cyl(0.0, 0.0, s.x / 2.0 - 0.01, [0.0, s.z - 0.03], m);
    out.cyl(0.0, 0.0, s.x / 2.0, [s.z - 0.03, s.z], DARK);
    out
}

pub(super) fn carton(_: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = Material::new(Pattern::Fabric, [0.74, 0.58, 0.38], [0.68, 0.51, 0.32], 0.06);
    let tape = Material::plain([0.86, 0.78, 0.6]);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d], [0.0, s.z - 0.002], m);
    out.bx([-0.03, 0.03], [-d, d], [s.z - 0.002, s.z], tape);
    out.on(s.z, 0.0, w - 0.02, d - 0.02)
}

pub(super) fn rug(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let a =
        pick(rng, [[0.6, 0.25, 0.22], [0.25, 0.36, 0.5], [0.62, 0.58, 0.48], [0.3, 0.42, 0.35]]);
    let rim = Material::new(Pattern::Fabric, dark(a, 0.7), dark(a, 0.6), 0.03);
    let kind = [Pattern::Checker, Pattern::Stripes, Pattern::Patches][rng.below(3)];
    let inner = Material::new(kind, a, [0.82, 0.78, 0.68], 0.16);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d], [0.0, s.z - 0.002], rim);
    out.bx([-w + 0.12, w - 0.12], [-d + 0.12, d - 0.12], [s.z - 0.002, s.z], inner);
    out.on(s.z, 0.0, w - 0.05, d - 0.05)
}

/// Televisions and monitors: foot, neck, panel with a lit picture.
pub(super) fn screen(_: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let picture = Material::new(Pattern::Sky, [0.25, 0.45, 0.8], [0.75, 0.85, 0.95], s.x * 0.3);
    let mut out = Model::default();
    out.bx([-w * 0.45, w * 0.45], [-d, d], [0.0, 0.012], DARK);
    out.bx([-0.04, 0.04], [-0.03, 0.0], [0.012, 0.2], DARK);
    out.bx([-w, w], [-0.02, 0.025], [0.08, s.z], DARK);
    out.bx([-w + 0.012, w - 0.012], [0.025, 0.027], [0.095, s.z - 0.012], picture.glowing());
    out
}

pub(super) fn microwave(_: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d - 0.02], [0.0, s.z], METAL);
    out.bx([-w + 0.02, w * 0.45], [d - 0.02, d - 0.005], [0.03, s.z - 0.03], DARK);
    out.bx([w * 0.5, w - 0.02], [d - 0.02, d], [0.03, s.z - 0.03], Material::plain([0.4; 3]));
    out
}

pub(super) fn vase(rng: &mut Rng, s: Vec3) -> Model {
    let c = pick(rng, [[0.8, 0.82, 0.86], [0.2, 0.35, 0.55], [0.75, 0.45, 0.3]]);
    let (r, m) = (s.x / 2.0, Material::plain(c));
    let mut out = Model::default();
    out.cyl(0.0, 0.0, r * 0.6, [0.0, 0.02], m);
    out.ball(Vec3::new(0.0, 0.0, 0.3 * s.z + 0.01), Vec3::new(r, r, 0.3 * s.z), m);
    out.cyl(0.0, 0.0, r * 0.45, [0.5 * s.z, s.z], m);
    out
}

pub(super) fn book(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let c = Material::plain(pick(rng, [[0.6, 0.15, 0.15], [0.15, 0.3, 0.55], [0.2, 0.45, 0.3]]));
    let mut out = Model::default();
    out.bx([-w, w], [-d, d], [0.0, 0.005], c);
    out.bx([-w + 0.005, w - 0.008], [-d + 0.005, d - 0.005], [0.005, s.z - 0.005], WHITE);
    out.bx([-w, w], [-d, d], [s.z - 0.005, s.z], c);
    out.bx([-w, -w + 0.005], [-d, d], [0.005, s.z - 0.005], c);
    out
}

pub(super) fn pillow(rng: &mut Rng, s: Vec3) -> Model {
    let c = cloth(rng);
    let mut out = Model::default();
    out.ball(Vec3::new(0.0, 0.0, s.z / 2.0), s / 2.0, c);
    out
}

pub(super) fn picture(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let kind = [Pattern::Patches, Pattern::Sky, Pattern::Blotch][rng.below(3)];
    let a = pick(rng, [[0.8, 0.6, 0.3], [0.3, 0.5, 0.7], [0.7, 0.3, 0.3]]);
    let art = Material::new(kind, a, [0.92, 0.9, 0.82], s.z * 0.3);
    let frame = if rng.chance(0.5) { DARK } else { wood(rng) };
    let mut out = Model::default();
    out.bx([-w, w], [-d, d - 0.008], [0.0, s.z], WHITE);
    out.bx([-w + 0.08, w - 0.08], [d - 0.008, d - 0.006], [0.08, s.z - 0.08], art);
    border(&mut out, w, d, s.z, 0.025, frame);
    out
}

/// A frame of width `t` around the front of an upright panel, flush with its greatest depth.
fn border(out: &mut Model, w: f64, d: f64, h: f64, t: f64, m: Material) {
    let y = [d - 0.008, d];
    out.bx([-w, w], y, [0.0, t], m).bx([-w, w], y, [h - t, h], m);
    out.bx([-w, -w + t], y, [t, h - t], m).bx([w - t, w], y, [t, h - t], m);
}

pub(super) fn whiteboard(_: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d - 0.008], [0.0, s.z], Material::plain([0.95, 0.95, 0.96]));
    border(&mut out, w, d, s.z, 0.02, METAL);
    out
}

pub(super) fn door(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = wood(rng);
    let panel = Material { a: dark(m.a, 0.9), b: dark(m.b, 0.9), ..m };
    let mut out = Model::default();
    out.bx([-w + 0.06, w - 0.06], [-d, d - 0.05], [0.0, s.z - 0.06], m);
    for x in [[-w, -w + 0.06], [w - 0.06, w]] {
        out.bx(x, [-d, d - 0.03], [0.0, s.z], WHITE);
    }
    out.bx([-w + 0.06, w - 0.06], [-d, d - 0.03], [s.z - 0.06, s.z], WHITE);
    for z in [[0.15, 0.85], [1.1, 1.88]] {
        out.bx([-w + 0.18, w - 0.18], [d - 0.05, d - 0.04], z, panel);
    }
    out.bx([w - 0.2, w - 0.08], [d - 0.05, d], [1.0, 1.03], METAL);
    out
}

pub(super) fn window(_: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let view = Material::new(Pattern::Sky, [0.5, 0.7, 0.95], [0.9, 0.95, 1.0], 0.5).glowing();
    let mut out = Model::default();
    out.bx([-w + 0.06, w - 0.06], [-d, -d + 0.02], [0.06, s.z - 0.06], view);
    for x in [[-w, -w + 0.06], [-0.025, 0.025], [w - 0.06, w]] {
        out.bx(x, [-d, d - 0.02], [0.06, s.z - 0.06], WHITE);
    }
    out.bx([-w, w], [-d, d], [0.0, 0.06], WHITE);
    out.bx([-w, w], [-d, d - 0.02], [s.z - 0.06, s.z], WHITE);
    out
}
