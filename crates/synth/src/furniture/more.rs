//! Builders of bathrooms, halls and small things, as [`super::build`] has those of living rooms and kitchens.

use reasmory_geom::Vec3;

use super::build::{DARK, METAL, Model, WHITE, cloth, dark, fronts, pick, wood};
use crate::material::{Material, Pattern};
use crate::rng::Rng;

const CERAMIC: Material = Material::plain([0.95, 0.95, 0.94]);
const WATER: Material = Material::new(Pattern::Blotch, [0.62, 0.78, 0.84], [0.7, 0.84, 0.88], 0.2);
/// A mirror is matt here: a grey field with a broad gradient, as frosted glass.
const GLASS: Material = Material::new(Pattern::Blotch, [0.62, 0.69, 0.73], [0.74, 0.8, 0.83], 0.6);

/// An open vessel: a bottom and four walls of thickness `t`, filled up to `fill`.
fn vessel(m: &mut Model, s: Vec3, t: f64, fill: f64, wall: Material, inside: Material) {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    m.bx([-w, w], [-d, d], [0.0, fill], wall);
    m.bx([-w + t, w - t], [-d + t, d - t], [fill, fill + 0.004], inside);
    m.bx([-w, w], [-d, -d + t], [fill, s.z], wall).bx([-w, w], [d - t, d], [fill, s.z], wall);
    m.bx([-w, -w + t], [-d + t, d - t], [fill, s.z], wall);
    m.bx([w - t, w], [-d + t, d - t], [fill, s.z], wall);
}

pub(super) fn bathtub(_: &mut Rng, s: Vec3) -> Model {
    let mut out = Model::default();
    vessel(&mut out, s, 0.07, 0.2, CERAMIC, WATER);
    out.bx([-0.03, 0.03], [-s.y / 2.0 + 0.01, -s.y / 2.0 + 0.06], [s.z - 0.02, s.z], METAL);
    out
}

pub(super) fn toilet(_: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let seat = 0.42;
    let mut out = Model::default();
    out.bx([-w, w], [-d, -d + 0.19], [seat, s.z - 0.03], CERAMIC);
    out.bx([-w, w], [-d, -d + 0.2], [s.z - 0.03, s.z], CERAMIC);
    out.bx([-0.03, 0.03], [-d + 0.2, -d + 0.21], [s.z - 0.14, s.z - 0.11], METAL);
    out.bx([-w * 0.55, w * 0.55], [-d + 0.05, d - 0.14], [0.0, seat - 0.12], CERAMIC);
    out.bx([-w * 0.95, w * 0.95], [-d + 0.12, d], [seat - 0.12, seat - 0.03], CERAMIC);
    out.bx([-w * 0.98, w * 0.98], [-d + 0.2, d], [seat - 0.03, seat], DARK);
    out
}

pub(super) fn washbasin(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let mut out = Model::default();
    let top = s.z - 0.14;
    out.bx(
        [-0.09, 0.09],
        [-d, -d + 0.2],
        [0.0, top - 0.13],
        if rng.chance(0.5) { CERAMIC } else { wood(rng) },
    );
    let mut bowl = Model::default();
    vessel(&mut bowl, Vec3::new(s.x, s.y, 0.13), 0.05, 0.05, CERAMIC, METAL);
    for mut p in bowl.parts {
        p.center.z += top - 0.13;
        out.parts.push(p);
    }
    out.cyl(0.0, -d + 0.03, 0.014, [top, s.z], METAL);
    out.bx([-0.012, 0.012], [-d + 0.03, -d + 0.16], [s.z - 0.02, s.z], METAL);
    out.bx(
        [-w + 0.02, -w + 0.1],
        [-d + 0.01, -d + 0.04],
        [top, top + 0.02],
        Material::plain([0.7, 0.85, 0.7]),
    );
    out
}

/// Washing machines and dishwashers: a white body with a door and a panel.
fn machine(s: Vec3, round: bool) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d - 0.03], [0.02, s.z], WHITE);
    out.legs(w, d - 0.03, 0.02, 0.02, DARK);
    out.bx([-w + 0.02, w - 0.02], [d - 0.03, d - 0.02], [s.z - 0.13, s.z - 0.02], METAL);
    out.bx([-w + 0.05, -w + 0.22], [d - 0.02, d - 0.012], [s.z - 0.11, s.z - 0.04], DARK);
    if round {
        // A round door needs a lying cylinder; a flat ellipsoid is one to the eye.
        let z = 0.46 * s.z;
        out.ball(Vec3::new(0.0, d - 0.03, z), Vec3::new(0.19, 0.028, 0.19), METAL);
        out.ball(Vec3::new(0.0, d - 0.02, z), Vec3::new(0.13, 0.02, 0.13), DARK);
    } else {
        out.bx([-w + 0.01, w - 0.01], [d - 0.03, d - 0.018], [0.1, s.z - 0.15], METAL);
        out.bx([-w + 0.08, w - 0.08], [d - 0.018, d], [s.z - 0.21, s.z - 0.18], DARK);
    }
    out.on(s.z, 0.0, w - 0.03, d - 0.05)
}

pub(super) fn washing_machine(_: &mut Rng, s: Vec3) -> Model {
    machine(s, true)
}

pub(super) fn dishwasher(_: &mut Rng, s: Vec3) -> Model {
    machine(s, false)
}

pub(super) fn mirror(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d - 0.006], [0.0, s.z], wood(rng));
    out.bx([-w + 0.03, w - 0.03], [d - 0.006, d], [0.03, s.z - 0.03], GLASS);
    out
}

pub(super) fn towel(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let c = Material { pattern: Pattern::Stripes, scale: 0.09, ..cloth(rng) };
    let mut out = Model::default();
    out.bx([-w, w], [-d + 0.03, -d + 0.05], [s.z - 0.03, s.z - 0.01], METAL);
    for x in [-w, w - 0.02] {
        out.bx([x, x + 0.02], [-d, -d + 0.03], [s.z - 0.03, s.z - 0.01], METAL);
    }
    out.bx([-w + 0.04, w - 0.04], [-d + 0.05, d], [0.0, s.z], c);
    out.bx([-w + 0.04, w - 0.04], [-d + 0.01, -d + 0.03], [0.15 * s.z, s.z], c);
    out
}

/// Stands open: things may lie inside, on its bottom.
pub(super) fn basket(rng: &mut Rng, s: Vec3) -> Model {
    let weave = pick(rng, [[0.72, 0.58, 0.4], [0.5, 0.36, 0.25], [0.8, 0.76, 0.68]]);
    let m = Material::new(Pattern::Checker, weave, dark(weave, 0.75), 0.03);
    let mut out = Model::default();
    vessel(&mut out, s, 0.02, 0.02, m, Material { a: dark(weave, 0.6), ..m });
    out.on(0.024, 0.0, s.x / 2.0 - 0.03, s.y / 2.0 - 0.03)
}

pub(super) fn ball(rng: &mut Rng, s: Vec3) -> Model {
    let a = pick(rng, [[0.8, 0.25, 0.2], [0.2, 0.4, 0.75], [0.85, 0.7, 0.2]]);
    let mut out = Model::default();
    let r = s.x / 2.0;
    out.ball(
        Vec3::new(0.0, 0.0, r),
        Vec3::repeat(r),
        Material::new(Pattern::Checker, a, dark(a, 0.5), 0.06),
    );
    out
}

pub(super) fn ottoman(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let c = cloth(rng);
    let mut out = Model::default();
    out.legs(w - 0.04, d - 0.04, 0.02, 0.08, DARK);
    out.bx([-w, w], [-d, d], [0.08, s.z], c);
    out.on(s.z, 0.0, w - 0.04, d - 0.04)
}

pub(super) fn bench(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = wood(rng);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d], [s.z - 0.05, s.z], m);
    for x in [-w + 0.08, w - 0.12] {
        out.bx([x, x + 0.04], [-d + 0.03, d - 0.03], [0.0, s.z - 0.05], m);
    }
    out.bx([-w + 0.12, w - 0.12], [-0.02, 0.02], [0.15, 0.2], m);
    out.on(s.z, 0.0, w - 0.04, d - 0.04)
}

pub(super) fn piano(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = if rng.chance(0.6) { DARK } else { wood(rng) };
    let keys = Material::new(Pattern::Stripes, [0.95, 0.95, 0.92], [0.1, 0.1, 0.1], 0.046);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d - 0.25], [0.0, s.z], m);
    out.bx([-w, w], [d - 0.25, d], [0.6, 0.68], m);
    out.bx([-w + 0.06, w - 0.06], [d - 0.2, d - 0.02], [0.68, 0.7], keys);
    for x in [-w, w - 0.06] {
        out.bx([x, x + 0.06], [d - 0.25, d], [0.68, 0.74], m);
        out.bx([x, x + 0.06], [d - 0.08, d], [0.0, 0.6], m);
    }
    out.bx([-0.25, 0.25], [d - 0.25, d - 0.22], [0.8, 1.0], WHITE);
    out.on(s.z, -0.12, w - 0.05, d - 0.17)
}

pub(super) fn fireplace(_: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let brick = Material::new(Pattern::Brick, [0.6, 0.34, 0.26], [0.76, 0.72, 0.66], 0.2);
    let fire = Material::new(Pattern::Blotch, [0.98, 0.6, 0.15], [0.6, 0.12, 0.05], 0.08).glowing();
    let mut out = Model::default();
    out.bx([-w, -w + 0.25], [-d, d - 0.04], [0.0, s.z - 0.06], brick);
    out.bx([w - 0.25, w], [-d, d - 0.04], [0.0, s.z - 0.06], brick);
    out.bx([-w + 0.25, w - 0.25], [-d, d - 0.04], [0.62 * s.z, s.z - 0.06], brick);
    out.bx([-w + 0.25, w - 0.25], [-d, -d + 0.08], [0.0, 0.62 * s.z], DARK);
    out.bx([-w + 0.35, w - 0.35], [-d + 0.1, d - 0.15], [0.0, 0.12], wood(&mut Rng::new(1)));
    out.bx([-w + 0.42, w - 0.42], [-d + 0.12, d - 0.2], [0.12, 0.34], fire);
    out.bx(
        [-w, w],
        [-d, d],
        [s.z - 0.06, s.z],
        Material::new(Pattern::Wood, [0.4, 0.27, 0.18], [0.3, 0.2, 0.13], 0.12),
    );
    out.on(s.z, 0.0, w - 0.05, d - 0.04)
}

pub(super) fn radiator(_: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let mut out = Model::default();
    out.bx([-w, w], [-d, -d + 0.02], [0.05, s.z - 0.05], WHITE);
    let n = (s.x / 0.07).floor().max(2.0);
    for i in 0..n as usize {
        let x = -w + i as f64 * (s.x / n);
        out.bx([x + 0.006, x + s.x / n - 0.006], [-d + 0.02, d], [0.0, s.z], WHITE);
    }
    out
}

pub(super) fn clock(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let rim = if rng.chance(0.5) { DARK } else { wood(rng) };
    let mut out = Model::default();
    let mid = s.z / 2.0;
    out.bx([-w, w], [-d, d - 0.01], [0.0, s.z], rim);
    out.bx([-w + 0.02, w - 0.02], [d - 0.01, d - 0.006], [0.02, s.z - 0.02], WHITE);
    // Ten past ten would need slanted hands; nine o'clock has upright ones.
    out.bx([-0.008, 0.008], [d - 0.006, d], [mid, s.z - 0.05], DARK);
    out.bx([-w + 0.07, 0.0], [d - 0.006, d], [mid - 0.008, mid + 0.008], DARK);
    out
}

pub(super) fn shelf(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = wood(rng);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d], [s.z - 0.03, s.z], m);
    for x in [-w + 0.08, w - 0.11] {
        out.bx([x, x + 0.03], [-d, d - 0.04], [0.0, s.z - 0.03], METAL);
    }
    out.on(s.z, 0.0, w - 0.02, d - 0.02)
}

pub(super) fn speaker(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = if rng.chance(0.5) { DARK } else { wood(rng) };
    let cone = Material::plain([0.25, 0.25, 0.27]);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d - 0.02], [0.0, s.z], m);
    let r = 0.8 * w;
    for (z, r) in [(0.3 * s.z, r), (0.62 * s.z, r), (0.86 * s.z, 0.45 * r)] {
        out.ball(Vec3::new(0.0, d - 0.02, z), Vec3::new(r, 0.02, r), cone);
    }
    out
}

pub(super) fn fan(_: &mut Rng, s: Vec3) -> Model {
    let r = s.x / 2.0;
    let mid = s.z - r;
    let mut out = Model::default();
    out.cyl(0.0, 0.0, 0.8 * r, [0.0, 0.03], DARK);
    out.cyl(0.0, 0.0, 0.015, [0.03, mid], METAL);
    out.ball(
        Vec3::new(0.0, 0.0, mid),
        Vec3::new(r, 0.08, r),
        Material::new(Pattern::Stripes, [0.85; 3], [0.4; 3], 0.03),
    );
    out.ball(Vec3::new(0.0, 0.0, mid), Vec3::new(0.06, 0.1, 0.06), DARK);
    out
}

pub(super) fn crib(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let (m, c) = (wood(rng), cloth(rng));
    let mut out = Model::default();
    for x in [-w, w - 0.04] {
        for y in [-d, d - 0.04] {
            out.bx([x, x + 0.04], [y, y + 0.04], [0.0, s.z], m);
        }
    }
    out.bx([-w + 0.02, w - 0.02], [-d + 0.02, d - 0.02], [0.3, 0.36], m);
    out.bx([-w + 0.04, w - 0.04], [-d + 0.04, d - 0.04], [0.36, 0.46], c);
    for y in [-d + 0.01, d - 0.03] {
        out.bx([-w + 0.04, w - 0.04], [y, y + 0.02], [s.z - 0.05, s.z - 0.01], m);
        let n = (s.x / 0.1).floor() as usize;
        for i in 1..n {
            let x = -w + i as f64 * s.x / n as f64;
            out.bx([x - 0.01, x + 0.01], [y, y + 0.02], [0.36, s.z - 0.05], m);
        }
    }
    for x in [-w + 0.01, w - 0.03] {
        out.bx([x, x + 0.02], [-d + 0.04, d - 0.04], [0.36, s.z - 0.02], m);
    }
    out
}

pub(super) fn laptop(_: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let shown = Material::new(Pattern::Patches, [0.2, 0.4, 0.7], [0.8, 0.85, 0.9], 0.05).glowing();
    let keys = Material::new(Pattern::Tiles, [0.2, 0.2, 0.21], [0.5, 0.5, 0.52], 0.02);
    let mut out = Model::default();
    out.bx([-w, w], [-d + 0.01, d], [0.0, 0.016], METAL);
    out.bx([-w + 0.02, w - 0.02], [-d + 0.03, d - 0.09], [0.016, 0.018], keys);
    out.bx([-w, w], [-d, -d + 0.01], [0.01, s.z], METAL);
    out.bx([-w + 0.01, w - 0.01], [-d + 0.01, -d + 0.012], [0.03, s.z - 0.01], shown);
    out
}

pub(super) fn keyboard(_: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let keys = Material::new(Pattern::Tiles, [0.16, 0.16, 0.17], [0.4, 0.4, 0.42], 0.02);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d], [0.0, s.z - 0.006], DARK);
    out.bx([-w + 0.01, w - 0.01], [-d + 0.01, d - 0.01], [s.z - 0.006, s.z], keys);
    out
}

pub(super) fn printer(_: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let mut out = Model::default();
    out.bx([-w, w], [-d, d - 0.1], [0.0, s.z], WHITE);
    out.bx([-w + 0.05, w - 0.05], [d - 0.1, d], [0.04, 0.06], DARK);
    out.bx([-w + 0.08, w - 0.08], [d - 0.1, d - 0.02], [0.06, 0.065], WHITE);
    out.bx([w - 0.14, w - 0.03], [d - 0.1, d - 0.095], [s.z - 0.07, s.z - 0.02], DARK);
    out
}

pub(super) fn kettle(_: &mut Rng, s: Vec3) -> Model {
    let r = s.y / 2.0;
    let w = s.x / 2.0;
    let mut out = Model::default();
    out.cyl(-w + r, 0.0, r, [0.0, s.z - 0.02], METAL);
    out.cyl(-w + r, 0.0, 0.3 * r, [s.z - 0.02, s.z], DARK);
    out.bx([-w + 1.9 * r, w], [-0.012, 0.012], [0.75 * s.z, 0.82 * s.z], DARK);
    out.bx([w - 0.02, w], [-0.012, 0.012], [0.25 * s.z, 0.75 * s.z], DARK);
    out
}

pub(super) fn cup(rng: &mut Rng, s: Vec3) -> Model {
    let m = Material::plain(pick(rng, [[0.85, 0.3, 0.25], [0.25, 0.45, 0.7], [0.92, 0.9, 0.85]]));
    let (w, r) = (s.x / 2.0, s.y / 2.0);
    let mut out = Model::default();
    out.cyl(-w + r, 0.0, r, [0.0, s.z], m);
    out.bx([-w + 1.9 * r, w], [-0.008, 0.008], [0.25 * s.z, 0.8 * s.z], m);
    out
}

pub(super) fn bowl(rng: &mut Rng, s: Vec3) -> Model {
    let m = Material::plain(pick(rng, [[0.9, 0.88, 0.8], [0.35, 0.5, 0.45], [0.75, 0.55, 0.4]]));
    let r = s.x / 2.0;
    let mut out = Model::default();
    out.cyl(0.0, 0.0, 0.55 * r, [0.0, 0.015], m);
    out.cyl(0.0, 0.0, 0.8 * r, [0.015, 0.5 * s.z], m);
    out.cyl(0.0, 0.0, r, [0.5 * s.z, s.z], m);
    out
}

pub(super) fn bottle(rng: &mut Rng, s: Vec3) -> Model {
    let glass =
        Material::plain(pick(rng, [[0.15, 0.35, 0.2], [0.45, 0.25, 0.12], [0.6, 0.75, 0.8]]));
    let label = Material::new(Pattern::Patches, [0.9, 0.88, 0.8], [0.8, 0.7, 0.4], 0.03);
    let r = s.x / 2.0;
    let mut out = Model::default();
    out.cyl(0.0, 0.0, 0.98 * r, [0.0, 0.6 * s.z], glass);
    out.cyl(0.0, 0.0, r, [0.15 * s.z, 0.45 * s.z], label);
    out.cyl(0.0, 0.0, 0.4 * r, [0.6 * s.z, s.z], glass);
    out
}

pub(super) fn suitcase(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let a = pick(rng, [[0.7, 0.2, 0.2], [0.2, 0.3, 0.5], [0.25, 0.25, 0.27]]);
    let shell = Material::new(Pattern::Stripes, a, dark(a, 0.85), 0.06);
    let mut out = Model::default();
    out.legs(w - 0.02, d - 0.02, 0.02, 0.05, DARK);
    out.bx([-w, w], [-d, d], [0.05, s.z - 0.04], shell);
    out.bx([-0.1, 0.1], [-0.015, 0.015], [s.z - 0.015, s.z], DARK);
    for x in [-0.1, 0.08] {
        out.bx([x, x + 0.02], [-0.015, 0.015], [s.z - 0.04, s.z - 0.015], DARK);
    }
    out
}

pub(super) fn coat_rack(rng: &mut Rng, s: Vec3) -> Model {
    let (r, m, c) = (s.x / 2.0, wood(rng), cloth(rng));
    let mut out = Model::default();
    out.cyl(0.0, 0.0, r, [0.0, 0.03], m);
    out.cyl(0.0, 0.0, 0.025, [0.03, s.z], m);
    out.bx([-r * 0.8, r * 0.8], [-0.015, 0.015], [s.z - 0.1, s.z - 0.07], m);
    out.bx([-0.015, 0.015], [-r * 0.8, r * 0.8], [s.z - 0.2, s.z - 0.17], m);
    // A coat on one of the hooks.
    out.bx([0.03, r * 0.85], [-0.12, 0.12], [0.42 * s.z, s.z - 0.1], c);
    out
}

pub(super) fn shoe_rack(rng: &mut Rng, s: Vec3) -> Model {
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    let m = wood(rng);
    let mut out = Model::default();
    for x in [-w, w - 0.025] {
        out.bx([x, x + 0.025], [-d, d], [0.0, s.z], m);
    }
    for z in [0.06, 0.06 + (s.z - 0.1) / 2.0, s.z - 0.02] {
        out.bx([-w + 0.025, w - 0.025], [-d, d], [z, z + 0.02], m);
    }
    let shoe = [[0.2, 0.15, 0.12], [0.6, 0.2, 0.2], [0.2, 0.25, 0.35]];
    for (i, color) in shoe.into_iter().enumerate() {
        let x = -w + 0.06 + i as f64 * (s.x - 0.12) / 3.0;
        let c = Material::plain(color);
        // One of a pair stands a little before the other.
        out.bx([x, x + 0.09], [-d + 0.04, d - 0.03], [0.08, 0.17], c);
        out.bx([x + 0.11, x + 0.2], [-d + 0.02, d - 0.05], [0.08, 0.17], c);
    }
    out.on(s.z, 0.0, w - 0.03, d - 0.02)
}

/// A low round table.
pub(super) fn side_table(rng: &mut Rng, s: Vec3) -> Model {
    let (r, m) = (s.x / 2.0, wood(rng));
    let mut out = Model::default();
    out.cyl(0.0, 0.0, r, [s.z - 0.03, s.z], m);
    out.cyl(0.0, 0.0, 0.03, [0.02, s.z - 0.03], METAL);
    out.cyl(0.0, 0.0, 0.6 * r, [0.0, 0.02], METAL);
    out.on(s.z, 0.0, 0.65 * r, 0.65 * r)
}

/// A chest with a door: an oven in its own body.
pub(super) fn oven(rng: &mut Rng, s: Vec3) -> Model {
    let mut out = Model::default();
    let (w, d) = (s.x / 2.0, s.y / 2.0);
    out.bx([-w, w], [-d, d - 0.03], [0.0, s.z], if rng.chance(0.5) { METAL } else { WHITE });
    fronts(&mut out, Vec3::new(s.x, s.y, 0.45), 0.05, 1, 1, WHITE);
    out.bx([-w + 0.03, w - 0.03], [d - 0.03, d - 0.01], [0.55, s.z - 0.35], DARK);
    out.bx([-w + 0.05, w - 0.05], [d - 0.01, d], [s.z - 0.33, s.z - 0.31], METAL);
    out
}
