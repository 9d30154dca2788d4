//! Procedural surface colours: enough pattern that pictures are readable and have features.

use crate::rng::mix;

/// How colours vary over a surface.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pattern {
    /// One colour with a faint grain.
    Plain,
    /// Squares of two colours.
    Checker,
    /// Grain along one direction.
    Wood,
    /// Floor boards with joints.
    Planks,
    /// Tiles with grout lines.
    Tiles,
    /// Bricks in running bond.
    Brick,
    /// Cloth: fine noise of two colours.
    Fabric,
    /// Parallel bands.
    Stripes,
    /// Blotches, as foliage or stone.
    Blotch,
    /// A daylit view, brighter upwards.
    Sky,
    /// Coloured fields, as a painting or a row of book spines.
    Patches,
}

/// A pattern with two colours (sRGB in [0, 1]) and a size in metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Material {
    /// The pattern.
    pub pattern: Pattern,
    /// Main colour.
    pub a: [f32; 3],
    /// Second colour.
    pub b: [f32; 3],
    /// Size of the pattern, metres.
    pub scale: f64,
    /// Whether it gives light itself (a lit screen, a window): not shaded.
    pub glows: bool,
}

fn hash(x: i64, y: i64, salt: u64) -> f64 {
    let h = mix((x as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (y as u64).rotate_left(32) ^ salt);
    (h >> 11) as f64 / (1u64 << 53) as f64
}

/// Smooth value noise in [0, 1].
fn noise(x: f64, y: f64, salt: u64) -> f64 {
    let (fx, fy) = (x.floor(), y.floor());
    let (ix, iy) = (fx as i64, fy as i64);
    let s = |t: f64| t * t * (3.0 - 2.0 * t);
    let (u, v) = (s(x - fx), s(y - fy));
    let low = hash(ix, iy, salt) * (1.0 - u) + hash(ix + 1, iy, salt) * u;
    let high = hash(ix, iy + 1, salt) * (1.0 - u) + hash(ix + 1, iy + 1, salt) * u;
    low * (1.0 - v) + high * v
}

fn blend(a: [f32; 3], b: [f32; 3], t: f64) -> [f32; 3] {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t as f32)
}

impl Material {
    /// A material of this pattern.
    pub const fn new(pattern: Pattern, a: [f32; 3], b: [f32; 3], scale: f64) -> Material {
        Material { pattern, a, b, scale, glows: false }
    }

    /// One colour.
    pub const fn plain(a: [f32; 3]) -> Material {
        Material::new(Pattern::Plain, a, a, 0.05)
    }

    /// The same material, giving light.
    #[must_use]
    pub const fn glowing(self) -> Material {
        Material { glows: true, ..self }
    }

    /// Colour at surface coordinates `(u, v)` in metres.
    pub fn color(&self, u: f64, v: f64) -> [f32; 3] {
        let (x, y) = (u / self.scale, v / self.scale);
        let mut grain = 0.06;
        let base = match self.pattern {
            Pattern::Plain => self.a,
            Pattern::Checker => {
                let odd = (x.floor() as i64 + y.floor() as i64) & 1 == 1;
                if odd { self.b } else { self.a }
            }
            Pattern::Wood => {
                let t = noise(x * 0.6, y * 9.0, 3) * 0.6 + noise(x * 2.0, y * 30.0, 4) * 0.4;
                blend(self.a, self.b, t)
            }
            Pattern::Planks => {
                let row = y.floor();
                let shift = hash(row as i64, 0, 9) * 6.0;
                let along = (x + shift) / 6.0;
                let tone = hash(along.floor() as i64, row as i64, 8) * 0.6
                    + noise(x * 1.0, y * 8.0, row as u64) * 0.4;
                let joint = y - row < 0.04 || along - along.floor() < 0.006;
                let c = blend(self.a, self.b, tone);
                if joint { blend(c, [0.1, 0.07, 0.05], 0.6) } else { c }
            }
            Pattern::Tiles => {
                let (fx, fy) = (x - x.floor(), y - y.floor());
                if fx < 0.025 || fy < 0.025 {
                    self.b
                } else {
                    let t = hash(x.floor() as i64, y.floor() as i64, 5);
                    blend(self.a, self.b, 0.22 * t)
                }
            }
            Pattern::Brick => {
                let row = (y * 2.0).floor();
                let xs = x + if row as i64 & 1 == 1 { 0.5 } else { 0.0 };
                let (fx, fy) = (xs - xs.floor(), y * 2.0 - row);
                if fx < 0.03 || fy < 0.06 {
                    self.b
                } else {
                    let t = hash(xs.floor() as i64, row as i64, 6);
                    blend(self.a, [0.25, 0.1, 0.08], 0.35 * t)
                }
            }
            Pattern::Fabric => {
                grain = 0.1;
                blend(self.a, self.b, noise(x, y, 11) * 0.6 + noise(x * 5.0, y * 5.0, 12) * 0.4)
            }
            Pattern::Stripes => {
                let f = x - x.floor();
                if f < 0.5 { self.a } else { self.b }
            }
            Pattern::Blotch => {
                let t = noise(x, y, 21) * 0.7 + noise(x * 3.0, y * 3.0, 22) * 0.3;
                blend(self.a, self.b, ((t - 0.35) * 3.0).clamp(0.0, 1.0))
            }
            Pattern::Sky => {
                grain = 0.0;
                let hills = 0.8 + 0.5 * noise(x * 0.8, 0.0, 31);
                if y < hills {
                    blend([0.38, 0.5, 0.3], [0.52, 0.62, 0.4], noise(x * 6.0, y * 6.0, 32))
                } else {
                    blend(self.b, self.a, ((y - hills) * 0.8).clamp(0.0, 1.0))
                }
            }
            Pattern::Patches => {
                let (ix, iy) = (x.floor() as i64, y.floor() as i64);
                let t = |salt| hash(ix, iy, salt) as f32;
                let tint = [t(41), t(42), t(43)];
                blend(blend(self.a, self.b, hash(ix, iy, 44)), tint, 0.42)
            }
        };
        // A grain everywhere, so that no surface is featureless.
        let g = 1.0 + grain * (noise(u * 40.0, v * 40.0, 51) + noise(u * 9.0, v * 9.0, 52) - 1.0);
        base.map(|c| (c * g as f32).clamp(0.0, 1.0))
    }
}
