//! Which way the points of a batch face, and what that makes of their splats.

use std::ops::Range;

/// The plane that the points of a batch lie near to, if any.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Plane {
    /// Unit normal, its sign arbitrary; zero where there is none.
    pub(crate) normal: [f32; 3],
    /// Variance across the plane over the smaller one along it: 0 is flat, 1 no plane.
    pub(crate) bulge: f32,
}

/// How much a batch's splats shrink along the picture's columns and rows because their surface is seen
/// aslant, and how much depth one of them spans, all in radii and at most 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Facing {
    pub(crate) across: f32,
    pub(crate) down: f32,
    pub(crate) slack: f32,
    /// How much the surface's area shrinks.
    pub(crate) area: f32,
}

impl Facing {
    /// Of a surface that may face any way.
    pub(crate) const ANY: Facing = Facing { across: 1.0, down: 1.0, slack: 1.0, area: 1.0 };

    /// Of a disc of radius 1 with normal `n` in the camera's axes, whose points move along the columns by the
    /// product with `u` = (1, 0, ·) and along the rows by that with `v` = (0, 1, ·).
    ///
    /// A disc's shadow along `u` is √(|u|² − (u·n)²). What is no plane counts less; where the two layers
    /// of a rug and a floor lie in one batch it is their common plane that tells the span of depth, so
    /// that is believed sooner than the shape.
    #[inline(always)]
    pub(crate) fn of(n: [f32; 3], bulge: f32, u: [f32; 3], v: [f32; 3]) -> Facing {
        let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        let flat = 1.0 - 4.0 * bulge;
        let shadow = |a: [f32; 3]| {
            let along = dot(a, n);
            let square = if flat > 0.0 { dot(a, a) - flat * along * along } else { 1.0 };
            if square < 1.0 { square.max(0.0).sqrt() } else { 1.0 }
        };
        let slope = 1.0 - (1.0 - bulge) * n[2] * n[2];
        let slack = 0.2 + 0.8 * slope.max(0.0).sqrt();
        // The area spanned by the shadows is the product of the normal with u × v.
        let area = n[2] - n[0] * u[2] - n[1] * v[2];
        let area = 1.0 - flat.max(0.0) * (1.0 - area * area).max(0.0);
        Facing {
            across: shadow(u),
            down: shadow(v),
            slack: if slack < 1.0 { slack } else { 1.0 },
            area: area.sqrt(),
        }
    }
}

/// The plane of some points: its normal is the direction of their least variance.
pub(crate) fn plane(x: &[f32], y: &[f32], z: &[f32], points: Range<usize>) -> Plane {
    let all = || {
        let column = |c| <[f32]>::iter(c).map(|v| f64::from(*v));
        let xyz = column(&x[points.clone()])
            .zip(column(&y[points.clone()]))
            .zip(column(&z[points.clone()]));
        xyz.map(|((x, y), z)| [x, y, z]).filter(|p| p[0].is_finite())
    };
    let n = all().count();
    if n < 8 {
        return Plane { normal: [0.0; 3], bulge: 1.0 };
    }
    let mut mean = [0.0; 3];
    all().for_each(|p| (0..3).for_each(|i| mean[i] += p[i] / n as f64));
    let mut m = [[0.0; 3]; 3];
    for p in all() {
        let d: [f64; 3] = std::array::from_fn(|i| p[i] - mean[i]);
        for i in 0..3 {
            for j in 0..3 {
                m[i][j] += d[i] * d[j] / n as f64;
            }
        }
    }
    let (values, vectors) = eigen(m);
    let least = (0..3).fold(0, |a, b| if values[b] < values[a] { b } else { a });
    let (a, b) = (values[(least + 1) % 3], values[(least + 2) % 3]);
    let (low, middle) = (values[least].max(0.0), a.min(b));
    // Numbers so small that nothing can be told from them are as good as none.
    if !(middle > f64::MIN_POSITIVE * 1e30 && middle.is_finite()) {
        return Plane { normal: [0.0; 3], bulge: 1.0 };
    }
    let normal = std::array::from_fn(|i| vectors[i][least] as f32);
    Plane { normal, bulge: (low / middle).min(1.0) as f32 }
}

/// Eigenvalues of a symmetric matrix, and its eigenvectors as columns, by Jacobi's rotations: sums, products
/// and roots alone, so that every machine gives the same bits.
fn eigen(mut m: [[f64; 3]; 3]) -> ([f64; 3], [[f64; 3]; 3]) {
    let mut v = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..8 {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if m[p][q] == 0.0 {
                continue;
            }
            let theta = (m[q][q] - m[p][p]) / (2.0 * m[p][q]);
            let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
            let c = 1.0 / (t * t + 1.0).sqrt();
            let s = t * c;
            let turn = |a: f64, b: f64| (c * a - s * b, s * a + c * b);
            for row in m.iter_mut().chain(&mut v) {
                (row[p], row[q]) = turn(row[p], row[q]);
            }
            let (upper, lower) = (m[p], m[q]);
            for (column, (a, b)) in upper.into_iter().zip(lower).enumerate() {
                (m[p][column], m[q][column]) = turn(a, b);
            }
        }
    }
    ([m[0][0], m[1][1], m[2][2]], v)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    /// Points in the plane through the origin with normal `n`, with noise across it.
    fn patch(n: [f64; 3], noise: f64) -> [Vec<f32>; 3] {
        let length = (n[0] * n[0] + n[1] * n[1] + n[2] * n[2]).sqrt();
        let n = n.map(|x| x / length);
        let mut random = Random::new(5);
        let mut out: [Vec<f32>; 3] = Default::default();
        for _ in 0..64 {
            let p: [f64; 3] = std::array::from_fn(|_| f64::from(random.unit()) - 0.5);
            let off = p[0] * n[0] + p[1] * n[1] + p[2] * n[2];
            let noise = noise * (f64::from(random.unit()) - 0.5);
            (0..3).for_each(|i| out[i].push((p[i] + (noise - off) * n[i]) as f32));
        }
        out
    }

    #[test]
    fn finds_planes() {
        for n in [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.3, -0.8, 0.2], [1.0, 1.0, 1.0]] {
            let [x, y, z] = patch(n, 0.0);
            let found = plane(&x, &y, &z, 0..64);
            let length = (n[0] * n[0] + n[1] * n[1] + n[2] * n[2]).sqrt();
            let cos: f64 = (0..3).map(|i| f64::from(found.normal[i]) * n[i] / length).sum();
            assert!(cos.abs() > 0.99999 && found.bulge < 1e-9, "{found:?}");
            let [x, y, z] = patch(n, 1.0);
            assert!(plane(&x, &y, &z, 0..64).bulge > 0.3);
        }
        // Twins, a line, too few, and no numbers at all.
        for x in [vec![1.0; 64], vec![1.0; 3], vec![f32::NAN; 64]] {
            assert_eq!(plane(&x, &x, &x, 0..x.len()).bulge, 1.0);
        }
        let line: Vec<f32> = (0..64).map(|i| i as f32).collect();
        assert_eq!(plane(&line, &vec![0.0; 64], &vec![0.0; 64], 0..64).bulge, 1.0);
    }

    #[test]
    fn a_disc_seen_aslant_is_narrow() {
        let (u, v) = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]);
        let f = Facing::of([0.0, 0.0, 1.0], 0.0, u, v);
        assert_eq!((f.across, f.down), (1.0, 1.0));
        assert!(f.slack < 0.21 && f.area == 1.0);
        let f = Facing::of([1.0, 0.0, 0.0], 0.0, u, v);
        assert_eq!((f.across, f.down, f.slack, f.area), (0.0, 1.0, 1.0, 0.0));
        let s = 0.5f32.sqrt();
        let f = Facing::of([0.0, s, s], 0.0, u, v);
        assert!((f.down - s).abs() < 1e-6 && f.across == 1.0);
        assert_eq!(Facing::of([0.0; 3], 1.0, u, v), Facing::ANY);
        assert_eq!(Facing::of([1.0, 0.0, 0.0], 0.3, u, v).across, 1.0);
    }
}
