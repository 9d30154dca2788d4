//! Solid primitives, axis-aligned in the frame of the piece they are part of.

use reasmory_geom::{Point3, Vec3, math};

use crate::material::Material;
use crate::rng::Rng;

/// The shape of a part, centred at the origin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A box with these half extents.
    Box(Vec3),
    /// An upright cylinder: radius and half height.
    Cylinder(f64, f64),
    /// An ellipsoid with these half axes.
    Ellipsoid(Vec3),
}

/// A solid part of a piece.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Shape.
    pub shape: Shape,
    /// Centre in the piece's frame.
    pub center: Vec3,
    /// What it is made of.
    pub material: Material,
}

/// Where a ray meets a part: parameter and outward normal (not unit for ellipsoids).
pub(crate) type PartHit = (f64, Vec3);

impl Shape {
    /// Half extents along the axes.
    pub fn half(&self) -> Vec3 {
        match *self {
            Shape::Box(h) | Shape::Ellipsoid(h) => h,
            Shape::Cylinder(r, h) => Vec3::new(r, r, h),
        }
    }

    /// Area of the surface (Thomsen's approximation for ellipsoids, 1 %).
    pub fn area(&self) -> f64 {
        let pi = std::f64::consts::PI;
        match *self {
            Shape::Box(h) => 8.0 * (h.x * h.y + h.y * h.z + h.z * h.x),
            Shape::Cylinder(r, h) => 2.0 * pi * r * (r + 2.0 * h),
            Shape::Ellipsoid(h) => {
                let p = 1.6075;
                let q = |a: f64, b: f64| math::pow(a * b, p);
                let m = (q(h.x, h.y) + q(h.y, h.z) + q(h.z, h.x)) / 3.0;
                4.0 * pi * math::pow(m, 1.0 / p)
            }
        }
    }
}

impl Part {
    /// Lowest and highest corner in the piece's frame.
    pub fn bounds(&self) -> (Vec3, Vec3) {
        let h = self.shape.half();
        (self.center - h, self.center + h)
    }

    /// First point where the ray enters the part from outside, with `t` in `(least, most)`.
    pub(crate) fn hit(&self, origin: Vec3, dir: Vec3, least: f64, most: f64) -> Option<PartHit> {
        let o = origin - self.center;
        match self.shape {
            Shape::Box(h) => {
                let (mut near, mut far, mut axis) = (f64::NEG_INFINITY, f64::INFINITY, 0);
                for i in 0..3 {
                    // A division by zero gives infinities of the right sign; 0/0 is NaN, which the
                    // comparisons below ignore (the ray runs inside the face's plane).
                    let inv = 1.0 / dir[i];
                    let (a, b) = ((-h[i] - o[i]) * inv, (h[i] - o[i]) * inv);
                    let (lo, hi) = if a < b { (a, b) } else { (b, a) };
                    if lo > near {
                        (near, axis) = (lo, i);
                    }
                    if hi < far {
                        far = hi;
                    }
                }
                if near > far || near <= least || near >= most {
                    return None;
                }
                let mut n = Vec3::zeros();
                n[axis] = -dir[axis].signum();
                Some((near, n))
            }
            Shape::Cylinder(r, h) => {
                let mut best: Option<PartHit> = None;
                let a = dir.x * dir.x + dir.y * dir.y;
                if a > 0.0 {
                    let b = o.x * dir.x + o.y * dir.y;
                    let disc = b * b - a * (o.x * o.x + o.y * o.y - r * r);
                    if disc < 0.0 {
                        return None;
                    }
                    let t = (-b - disc.sqrt()) / a;
                    let p = o + dir * t;
                    if t > least && t < most && p.z.abs() <= h {
                        best = Some((t, Vec3::new(p.x / r, p.y / r, 0.0)));
                    }
                }
                if dir.z != 0.0 {
                    let t = (-dir.z.signum() * h - o.z) / dir.z;
                    let p = o + dir * t;
                    let nearer = best.is_none_or(|b| t < b.0);
                    if t > least && t < most && nearer && p.x * p.x + p.y * p.y <= r * r {
                        best = Some((t, Vec3::new(0.0, 0.0, -dir.z.signum())));
                    }
                }
                best
            }
            Shape::Ellipsoid(h) => {
                let (so, sd) = (o.component_div(&h), dir.component_div(&h));
                let (a, b) = (sd.norm_squared(), so.dot(&sd));
                let disc = b * b - a * (so.norm_squared() - 1.0);
                if disc < 0.0 {
                    return None;
                }
                let t = (-b - disc.sqrt()) / a;
                (t > least && t < most).then(|| (t, (so + sd * t).component_div(&h)))
            }
        }
    }

    /// Point of the solid nearest to `p` (piece's frame).
    pub(crate) fn project(&self, p: Vec3) -> Vec3 {
        let l = p - self.center;
        let q = match self.shape {
            Shape::Box(h) => Vec3::from_fn(|i, _| l[i].clamp(-h[i], h[i])),
            Shape::Cylinder(r, h) => {
                let d = l.x.hypot(l.y);
                let s = if d > r { r / d } else { 1.0 };
                Vec3::new(l.x * s, l.y * s, l.z.clamp(-h, h))
            }
            Shape::Ellipsoid(h) => project_ellipsoid(l, h),
        };
        self.center + q
    }

    /// Signed distance-like measure of `p` from the surface: 0 on it, negative inside (piece's frame;
    /// exact for boxes and cylinders, a first-order estimate for ellipsoids).
    pub(crate) fn signed(&self, p: Vec3) -> f64 {
        let l = p - self.center;
        let rounded = |q: &[f64]| {
            let out = q.iter().map(|x| x.max(0.0).powi(2)).sum::<f64>().sqrt();
            out + q.iter().fold(f64::NEG_INFINITY, |m, x| m.max(*x)).min(0.0)
        };
        match self.shape {
            Shape::Box(h) => rounded(&[l.x.abs() - h.x, l.y.abs() - h.y, l.z.abs() - h.z]),
            Shape::Cylinder(r, h) => rounded(&[l.x.hypot(l.y) - r, l.z.abs() - h]),
            Shape::Ellipsoid(h) => {
                let s = l.component_div(&h);
                let grad = s.component_div(&h).norm();
                if grad == 0.0 { -h.min() } else { (s.norm_squared() - 1.0) / (2.0 * grad) }
            }
        }
    }

    /// A point uniform over the surface (nearly so for ellipsoids) and its outward normal.
    pub(crate) fn sample(&self, rng: &mut Rng) -> (Vec3, Vec3) {
        let (p, n) = match self.shape {
            Shape::Box(h) => {
                let areas = [h.y * h.z, h.z * h.x, h.x * h.y];
                let mut pick = rng.unit() * areas.iter().sum::<f64>();
                let mut axis = 2;
                for (i, a) in areas.iter().enumerate() {
                    if pick < *a {
                        axis = i;
                        break;
                    }
                    pick -= a;
                }
                let mut p = Vec3::from_fn(|i, _| rng.range(-h[i], h[i]));
                let sign = if rng.chance(0.5) { 1.0 } else { -1.0 };
                p[axis] = sign * h[axis];
                let mut n = Vec3::zeros();
                n[axis] = sign;
                (p, n)
            }
            Shape::Cylinder(r, h) => {
                let a = rng.range(-180.0, 180.0);
                let (c, s) = (math::cos_deg(a), math::sin_deg(a));
                if rng.unit() * (r + 2.0 * h) < r {
                    let (d, sign) =
                        (r * rng.unit().sqrt(), if rng.chance(0.5) { 1.0 } else { -1.0 });
                    (Vec3::new(c * d, s * d, sign * h), Vec3::new(0.0, 0.0, sign))
                } else {
                    (Vec3::new(c * r, s * r, rng.range(-h, h)), Vec3::new(c, s, 0.0))
                }
            }
            Shape::Ellipsoid(h) => {
                let (z, a) = (rng.range(-1.0, 1.0), rng.range(-180.0, 180.0));
                let q = (1.0 - z * z).sqrt();
                let s = Vec3::new(q * math::cos_deg(a), q * math::sin_deg(a), z);
                (s.component_mul(&h), s.component_div(&h).normalize())
            }
        };
        (self.center + p, n)
    }

    /// Colour at a surface point (piece's frame) with this normal.
    pub(crate) fn color(&self, p: Vec3, n: Vec3) -> [f32; 3] {
        let a = n.abs();
        let l = p - self.center;
        let (u, v) = match self.shape {
            Shape::Cylinder(r, _) if a.z < 0.5 => (math::atan2_deg(l.y, l.x).to_radians() * r, l.z),
            _ if a.z >= a.x && a.z >= a.y => (p.x, p.y),
            _ if a.x >= a.y => (p.y, p.z),
            _ => (p.x, p.z),
        };
        self.material.color(u, v)
    }
}

/// Point of a solid ellipsoid nearest to `l`: the multiplier of Lagrange's condition by bisection
/// (Eberly, "Distance from a Point to an Ellipsoid").
fn project_ellipsoid(l: Vec3, h: Vec3) -> Vec3 {
    if l.component_div(&h).norm_squared() <= 1.0 {
        return l;
    }
    let at = |t: f64| Vec3::from_fn(|i, _| h[i] * h[i] * l[i] / (t + h[i] * h[i]));
    let (mut lo, mut hi) = (0.0, h.max() * l.norm() + h.max().powi(2));
    for _ in 0..80 {
        let mid = 0.5 * (lo + hi);
        if at(mid).component_div(&h).norm_squared() > 1.0 {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    at(hi)
}

/// An upright placement: a base point and a turn about world up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame2 {
    /// World position of the origin of the piece's frame.
    pub origin: Point3,
    /// Degrees, counter-clockwise seen from above.
    pub yaw: f64,
    cos: f64,
    sin: f64,
}

impl Frame2 {
    /// A placement.
    pub fn new(origin: Point3, yaw: f64) -> Frame2 {
        Frame2 { origin, yaw, cos: math::cos_deg(yaw), sin: math::sin_deg(yaw) }
    }

    /// A direction of the piece's frame in the world.
    pub fn direction(&self, v: Vec3) -> Vec3 {
        Vec3::new(self.cos * v.x - self.sin * v.y, self.sin * v.x + self.cos * v.y, v.z)
    }

    /// A world direction in the piece's frame.
    pub fn local_direction(&self, v: Vec3) -> Vec3 {
        Vec3::new(self.cos * v.x + self.sin * v.y, self.cos * v.y - self.sin * v.x, v.z)
    }

    /// A point of the piece's frame in the world.
    pub fn point(&self, v: Vec3) -> Point3 {
        self.origin + self.direction(v)
    }

    /// A world point in the piece's frame.
    pub fn local(&self, p: Point3) -> Vec3 {
        self.local_direction(p - self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(shape: Shape) -> Part {
        let m = Material::plain([0.5; 3]);
        Part { shape, center: Vec3::new(0.3, -0.2, 0.6), material: m }
    }

    #[test]
    fn hits_samples_and_projections_agree() {
        let mut rng = Rng::new(3);
        for shape in [
            Shape::Box(Vec3::new(0.4, 0.2, 0.3)),
            Shape::Cylinder(0.3, 0.5),
            Shape::Ellipsoid(Vec3::new(0.4, 0.3, 0.2)),
        ] {
            let p = part(shape);
            for _ in 0..500 {
                let (s, n) = p.sample(&mut rng);
                assert!(p.signed(s).abs() < 1e-9);
                // From outside along the normal the same point is met.
                let o = s + n * 0.7;
                let (t, m) = p.hit(o, -n, 1e-6, 10.0).unwrap();
                assert!((t - 0.7).abs() < 1e-9, "{shape:?} {t}");
                assert!(m.normalize().dot(&n) > 0.0);
                assert!((p.project(o) - s).norm() < 1e-6, "{shape:?}");
            }
            assert!(p.signed(p.center) < 0.0);
            assert_eq!(p.project(p.center), p.center);
        }
    }
}
