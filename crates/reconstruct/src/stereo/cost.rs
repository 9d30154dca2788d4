//! Photo-consistency of a plane hypothesis: bilaterally weighted ZNCC between the reference window and
//! its picture in each source, the best few of them averaged.

use nalgebra::{Matrix3, Vector3};
use reasmory_geom::{Pinhole, Pose, math};

use crate::grey::{Grey, Sampler};

/// A surface through a pixel of the reference photo: inverse depth at the pixel and its change for a step
/// of one pixel right and one down. Inverse depth is linear in pixel coordinates on every plane, so this
/// is a slanted plane; its picture in another photo needs no normal and no division but one.
pub(super) type Plane = [f32; 3];

/// Samples along a side of the window.
const SIDE: usize = 7;
const REACH: i64 = (SIDE / 2) as i64;
const SAMPLES: usize = SIDE * SIDE;
/// `SAMPLES`, rounded up so that sums run in whole groups of lanes; the rest has weight 0.
const PADDED: usize = 56;
const LANES: usize = 8;
/// Places of the samples about the middle: columns and rows. The padding lies on the middle.
const OFFSETS: [[f32; PADDED]; 2] = {
    let mut out = [[0.0; PADDED]; 2];
    let mut i = 0;
    while i < SAMPLES {
        out[0][i] = (i % SIDE) as f32 - (SIDE / 2) as f32;
        out[1][i] = (i / SIDE) as f32 - (SIDE / 2) as f32;
        i += 1;
    }
    out
};
/// Between 2²³ and 2²⁴ a float has no places after the point: adding this rounds.
const WHOLE: f32 = 12_582_912.0;

/// A whole number n with n ≤ x ≤ n + 1, for x from 0 to 2²².
#[inline]
fn below(x: f32) -> f32 {
    (x - 0.5 + WHOLE) - WHOLE
}

/// Cost of a source that cannot see the window; ZNCC costs run from 0 to 2.
pub(super) const UNSEEN: f32 = 2.0;
/// Grey levels after which a pixel of the window counts for 1/e: it is likely another surface.
const SIMILAR: f64 = 24.0;
/// Variance of sensor noise, grey levels squared: what is flatter than this correlates with nothing.
const NOISE: f32 = 0.6;
/// Most sources of a reference.
pub(super) const MAX_SOURCES: usize = 10;

/// `exp(-|difference| / SIMILAR)` by whole grey levels, and the spatial weights of the window.
pub(super) struct Weights {
    range: [f32; 256],
    space: [f32; SAMPLES],
}

impl Weights {
    pub(super) fn new() -> Weights {
        let e = std::f64::consts::E;
        let radius = REACH as f64;
        Weights {
            range: std::array::from_fn(|i| math::pow(e, -(i as f64) / SIMILAR) as f32),
            space: std::array::from_fn(|i| {
                let (dx, dy) = ((i % SIDE) as f64 - radius, (i / SIDE) as f64 - radius);
                math::pow(e, -(dx * dx + dy * dy) / (2.0 * radius * radius)) as f32
            }),
        }
    }
}

/// The reference window around a pixel: weights that sum to 1, and weight times centred value.
pub(super) struct Window {
    weight: [f32; PADDED],
    centred: [f32; PADDED],
    pub(super) variance: f32,
}

impl Window {
    /// The window of the pixel `(x, y)`, its samples `stride` pixels apart.
    pub(super) fn new(g: &Grey, x: usize, y: usize, stride: i64, w: &Weights) -> Window {
        let (width, height) = (g.width() as i64, g.height() as i64);
        let pixels = g.pixels();
        let (cx, cy) = (x as i64, y as i64);
        let centre = pixels[y * g.width() + x];
        let mut weight = [0.0f32; PADDED];
        let mut value = [0.0f32; PADDED];
        let (mut sum, mut first) = (0.0f32, 0.0f32);
        for r in 0..SIDE {
            let py = cy + stride * (r as i64 - REACH);
            if py < 0 || py >= height {
                continue;
            }
            let row = &pixels[(py * width) as usize..][..width as usize];
            for c in 0..SIDE {
                let px = cx + stride * (c as i64 - REACH);
                if px < 0 || px >= width {
                    continue;
                }
                let i = r * SIDE + c;
                let v = row[px as usize];
                let k = w.space[i] * w.range[((v - centre).abs() as usize).min(255)];
                weight[i] = k;
                value[i] = v;
                sum += k;
                first += k * v;
            }
        }
        let (inv, mean) = (1.0 / sum, first / sum);
        let mut centred = [0.0f32; PADDED];
        let mut variance = 0.0;
        for i in 0..SAMPLES {
            weight[i] *= inv;
            let d = value[i] - mean;
            centred[i] = weight[i] * d;
            variance += centred[i] * d;
        }
        Window { weight, centred, variance }
    }
}

/// A source of a reference photo at one level of the pyramid: where a pixel with an inverse depth lies in
/// it, `m · (u, v, 1) + t · w` up to scale, in coordinates whose pixel centres are whole numbers.
pub(super) struct Source {
    m: [[f32; 3]; 3],
    t: [f32; 3],
    picture: Sampler,
}

impl Source {
    pub(super) fn new(
        reference: (&Pinhole, &Pose),
        source: (&Pinhole, &Pose),
        picture: &Grey,
    ) -> Source {
        let (rk, rp) = reference;
        let (sk, sp) = source;
        let to_ray = Matrix3::new(
            1.0 / rk.fx,
            0.0,
            -rk.cx / rk.fx,
            0.0,
            1.0 / rk.fy,
            -rk.cy / rk.fy,
            0.0,
            0.0,
            1.0,
        );
        let k = Matrix3::new(sk.fx, 0.0, sk.cx - 0.5, 0.0, sk.fy, sk.cy - 0.5, 0.0, 0.0, 1.0);
        let turn = sp.rotation.transpose();
        let m = k * turn * rp.rotation * to_ray;
        let t: Vector3<f64> = k * (turn * (rp.center - sp.center));
        Source {
            m: std::array::from_fn(|r| std::array::from_fn(|c| m[(r, c)] as f32)),
            t: std::array::from_fn(|r| t[r] as f32),
            picture: Sampler::new(picture),
        }
    }

    #[inline]
    fn project(&self, u: f32, v: f32, w: f32) -> [f32; 3] {
        std::array::from_fn(|r| self.m[r][0] * u + self.m[r][1] * v + self.m[r][2] + self.t[r] * w)
    }

    /// Pixels that the picture of `(u, v)` moves for a change of inverse depth by 1.
    pub(super) fn motion(&self, u: f32, v: f32, w: f32) -> f32 {
        let p = self.project(u, v, w);
        if p[2] <= 1e-6 {
            return 0.0;
        }
        let inv = 1.0 / p[2];
        let dx = (self.t[0] - p[0] * inv * self.t[2]) * inv;
        let dy = (self.t[1] - p[1] * inv * self.t[2]) * inv;
        (dx * dx + dy * dy).sqrt()
    }

    /// 1 − ZNCC of the window around `(u, v)` with its picture, taken as affine; [`UNSEEN`] where the
    /// picture leaves the photo or is squeezed or stretched beyond use.
    pub(super) fn cost(&self, win: &Window, u: f32, v: f32, stride: f32, p: &Plane) -> f32 {
        let q = self.project(u, v, p[0]);
        if q[2] <= 1e-6 {
            return UNSEEN;
        }
        let inv = 1.0 / q[2];
        let (x, y) = (q[0] * inv, q[1] * inv);
        let along = |c: usize, g: f32| {
            let d2 = self.m[2][c] + self.t[2] * g;
            let k = inv * stride;
            (
                (self.m[0][c] + self.t[0] * g - x * d2) * k,
                (self.m[1][c] + self.t[1] * g - y * d2) * k,
            )
        };
        let (xu, yu) = along(0, p[1]);
        let (xv, yv) = along(1, p[2]);
        let reach = REACH as f32;
        let (ex, ey) = (reach * (xu.abs() + xv.abs()), reach * (yu.abs() + yv.abs()));
        let area = (xu * yv - xv * yu) / (stride * stride);
        // A mirrored picture is the back of the surface.
        let inside = x - ex >= 0.0
            && y - ey >= 0.0
            && x + ex <= (self.picture.width - 1) as f32
            && y + ey <= (self.picture.height - 1) as f32
            && area > 0.1
            && area < 10.0;
        if !inside {
            return UNSEEN;
        }
        // Straight loops over arrays, so that they become vector instructions.
        let width = self.picture.width as f32;
        let (mut fx, mut fy) = ([0.0f32; PADDED], [0.0f32; PADDED]);
        let mut at = [0.0f32; PADDED];
        for i in 0..PADDED {
            // Rounding may leave the picture by a hair.
            let sx = (x + xu * OFFSETS[0][i] + xv * OFFSETS[1][i]).max(0.0);
            let sy = (y + yu * OFFSETS[0][i] + yv * OFFSETS[1][i]).max(0.0);
            let (ix, iy) = (below(sx), below(sy));
            fx[i] = sx - ix;
            fy[i] = sy - iy;
            // Exact: pictures have fewer than 2²³ pixels.
            at[i] = iy * width + ix + WHOLE;
        }
        let mut s = [0.0f32; PADDED];
        for i in 0..SAMPLES {
            let q = self.picture.square((at[i].to_bits() - WHOLE.to_bits()) as usize);
            s[i] = q[0] + q[1] * fx[i] + (q[2] + q[3] * fx[i]) * fy[i];
        }
        // About the first sample, so that the difference of squares keeps its digits.
        let base = s[SAMPLES / 2];
        let (mut first, mut second, mut cross) =
            ([0.0f32; LANES], [0.0f32; LANES], [0.0f32; LANES]);
        for i in (0..PADDED).step_by(LANES) {
            for l in 0..LANES {
                let d = s[i + l] - base;
                let k = win.weight[i + l] * d;
                first[l] += k;
                second[l] += k * d;
                cross[l] += win.centred[i + l] * d;
            }
        }
        let (first, second, cross): (f32, f32, f32) =
            (first.iter().sum(), second.iter().sum(), cross.iter().sum());
        let variance = (second - first * first).max(0.0);
        1.0 - cross / ((win.variance + NOISE) * (variance + NOISE)).sqrt()
    }
}

/// Which sources of a pixel are looked at, by bits.
pub(super) type Mask = u16;
/// All of them.
pub(super) const ALL: Mask = Mask::MAX;

/// Mean cost over the best `keep` of the sources in `mask`: a source that does not see the surface because
/// something stands before it must not speak against it.
pub(super) fn consistency(
    sources: &[Source],
    mask: Mask,
    keep: usize,
    win: &Window,
    at: (f32, f32),
    stride: f32,
    p: &Plane,
) -> f32 {
    // The best so far, in order.
    let mut best = [UNSEEN; MAX_SOURCES];
    let k = keep.clamp(1, MAX_SOURCES);
    for (i, s) in sources.iter().enumerate().take(MAX_SOURCES) {
        if mask >> i & 1 == 1 {
            insert(&mut best[..k], s.cost(win, at.0, at.1, stride, p));
        }
    }
    best[..k].iter().sum::<f32>() / k as f32
}

/// The same over all sources, and which `most` of them match best.
pub(super) fn consistency_of_all(
    sources: &[Source],
    (keep, most): (usize, usize),
    win: &Window,
    at: (f32, f32),
    stride: f32,
    p: &Plane,
) -> (f32, Mask) {
    let mut costs = [(UNSEEN, 0usize); MAX_SOURCES];
    let n = sources.len().min(MAX_SOURCES);
    for (i, s) in sources.iter().enumerate().take(n) {
        costs[i] = (s.cost(win, at.0, at.1, stride, p), i);
    }
    costs[..n].sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let k = keep.clamp(1, MAX_SOURCES);
    let mean = costs[..k].iter().map(|c| c.0).sum::<f32>() / k as f32;
    (mean, costs[..most.clamp(k, MAX_SOURCES).min(n)].iter().fold(0, |m, c| m | 1 << c.1))
}

fn insert(best: &mut [f32], mut cost: f32) {
    for b in best {
        if cost < *b {
            std::mem::swap(b, &mut cost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Point3;

    fn wavy(lens: &Pinhole, pose: &Pose, wall: f64) -> Grey {
        // A wall z = `wall` with a smooth pattern, seen by a camera.
        let mut px = Vec::new();
        for y in 0..lens.height {
            for x in 0..lens.width {
                let d = pose.rotation * lens.ray(f64::from(x) + 0.5, f64::from(y) + 0.5);
                let p = pose.center + d * ((wall - pose.center.z) / d.z);
                let a = math::sin_deg(p.x * 900.0) + math::sin_deg(p.y * 1100.0 + p.x * 300.0);
                px.push((128.0 + 50.0 * a) as f32);
            }
        }
        Grey::new(lens.width as usize, lens.height as usize, px).unwrap()
    }

    #[test]
    fn rounding_by_adding_is_a_floor_up_to_whole_numbers() {
        for i in 0..40_000u32 {
            let x = i as f32 * 0.37;
            let n = below(x);
            assert!(n >= 0.0 && n <= x && x - n <= 1.0 && n.fract() == 0.0, "{x} {n}");
        }
        assert_eq!((below(0.0), below(1.0), below(4000.25)), (0.0, 0.0, 4000.0));
    }

    #[test]
    fn the_true_plane_costs_least() {
        let lens = Pinhole::from_fov(96, 72, 60.0);
        let at = |x: f64| Pose { rotation: Matrix3::identity(), center: Point3::new(x, 0.0, 0.0) };
        let (a, b) = (at(0.0), at(0.3));
        let (ga, gb) = (wavy(&lens, &a, 3.0), wavy(&lens, &b, 3.0));
        let s = Source::new((&lens, &a), (&lens, &b), &gb);
        let win = Window::new(&ga, 50, 36, 1, &Weights::new());
        let cost = |depth: f32| s.cost(&win, 50.5, 36.5, 1.0, &[1.0 / depth, 0.0, 0.0]);
        assert!(cost(3.0) < 0.01, "{}", cost(3.0));
        assert!(cost(2.6) > cost(3.0) + 0.05 && cost(3.5) > cost(3.0) + 0.05);
        // A baseline of 0.3 at depth 3 moves the pixel by f · 0.3 per unit of inverse depth.
        let motion = s.motion(50.5, 36.5, 1.0 / 3.0);
        assert!((f64::from(motion) - lens.fx * 0.3).abs() < 1e-3);
        // Behind the source, and out of its picture.
        assert_eq!(s.cost(&win, 50.5, 36.5, 1.0, &[20.0, 0.0, 0.0]), UNSEEN);
    }

    #[test]
    fn one_blind_source_does_not_matter() {
        let lens = Pinhole::from_fov(96, 72, 60.0);
        let at = |x: f64| Pose { rotation: Matrix3::identity(), center: Point3::new(x, 0.0, 0.0) };
        let (a, b, c) = (at(0.0), at(0.3), at(-0.3));
        let (ga, gb) = (wavy(&lens, &a, 3.0), wavy(&lens, &b, 3.0));
        let blind = Grey::new(96, 72, vec![7.0; 96 * 72]).unwrap();
        let sources = [
            Source::new((&lens, &a), (&lens, &b), &gb),
            Source::new((&lens, &a), (&lens, &c), &blind),
        ];
        let win = Window::new(&ga, 50, 36, 1, &Weights::new());
        let of = |keep| {
            consistency(&sources, ALL, keep, &win, (50.5, 36.5), 1.0, &[1.0 / 3.0, 0.0, 0.0])
        };
        assert!(of(1) < 0.01 && of(2) > 0.3);
        let plane = [1.0 / 3.0, 0.0, 0.0];
        let (all, mask) = consistency_of_all(&sources, (1, 1), &win, (50.5, 36.5), 1.0, &plane);
        assert_eq!((all, mask), (of(1), 1));
        assert!(consistency(&sources, 2, 1, &win, (50.5, 36.5), 1.0, &plane) > 0.3);
    }
}
