//! Oriented bounding boxes.

use nalgebra::Matrix3;
use serde::{Deserialize, Serialize};

use crate::{Point2, Point3, Vec3, polygon};

/// An oriented bounding box: centre, orthonormal axes (columns) and half extents along them.
///
/// In JSON: `{"center": [x, y, z], "axes": [[…], […], […]], "lengths": [a, b, c]}`, row k of `axes` being
/// the unit vector of axis k and `lengths` full lengths.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ObbJson", into = "ObbJson")]
pub struct Obb {
    /// Centre, world.
    pub center: Point3,
    /// Unit axes as columns.
    pub axes: Matrix3<f64>,
    /// Half extents along the axes, ≥ 0.
    pub half: Vec3,
}

#[derive(Serialize, Deserialize)]
struct ObbJson {
    center: [f64; 3],
    axes: [[f64; 3]; 3],
    lengths: [f64; 3],
}

impl TryFrom<ObbJson> for Obb {
    type Error = &'static str;

    fn try_from(j: ObbJson) -> Result<Obb, &'static str> {
        Obb::new(j.center.into(), j.axes.map(Vec3::from), j.lengths.into())
            .ok_or("a box needs finite numbers, lengths ≥ 0 and orthonormal axes")
    }
}

impl From<Obb> for ObbJson {
    fn from(b: Obb) -> ObbJson {
        ObbJson {
            center: b.center.into(),
            axes: [0, 1, 2].map(|i| b.axes.column(i).into_owned().into()),
            lengths: b.lengths().into(),
        }
    }
}

impl Obb {
    /// A box from full lengths and axes; `None` when a number is not finite, a length is negative or the
    /// axes are not orthonormal to 1e-2. Axes are re-orthonormalised (Gram–Schmidt) and made right-handed.
    pub fn new(center: Point3, axes: [Vec3; 3], lengths: Vec3) -> Option<Obb> {
        let finite = center.iter().chain(lengths.iter()).all(|x| x.is_finite())
            && axes.iter().all(|a| a.iter().all(|x| x.is_finite()));
        if !finite || lengths.iter().any(|l| *l < 0.0) {
            return None;
        }
        let m = Matrix3::from_columns(&axes);
        if (m.transpose() * m - Matrix3::identity()).norm() > 1e-2 {
            return None;
        }
        let x = axes[0].normalize();
        let y = (axes[1] - x * axes[1].dot(&x)).normalize();
        Some(Obb { center, axes: Matrix3::from_columns(&[x, y, x.cross(&y)]), half: lengths * 0.5 })
    }

    /// The axis-aligned box between two corners.
    pub fn from_min_max(min: Point3, max: Point3) -> Obb {
        Obb {
            center: nalgebra::center(&min, &max),
            axes: Matrix3::identity(),
            half: (max - min) * 0.5,
        }
    }

    /// An upright box turned by `yaw` degrees about world up.
    pub fn upright(center: Point3, lengths: Vec3, yaw: f64) -> Obb {
        use crate::math::{cos_deg, sin_deg};
        let (c, s) = (cos_deg(yaw), sin_deg(yaw));
        Obb {
            center,
            axes: Matrix3::new(c, -s, 0.0, s, c, 0.0, 0.0, 0.0, 1.0),
            half: lengths * 0.5,
        }
    }

    /// The eight corners; bit `i` of the index chooses the sign along axis `i`.
    pub fn corners(&self) -> [Point3; 8] {
        std::array::from_fn(|i| {
            let sign = |b: usize| if i >> b & 1 == 1 { 1.0 } else { -1.0 };
            let offset =
                Vec3::new(sign(0) * self.half.x, sign(1) * self.half.y, sign(2) * self.half.z);
            self.center + self.axes * offset
        })
    }

    /// Lowest and highest corner of the axis-aligned bounds.
    pub fn bounds(&self) -> (Point3, Point3) {
        let r = self.axes.abs() * self.half;
        (self.center - r, self.center + r)
    }

    /// Length, width (horizontal extents, the longer first) and height (vertical extent): the axis nearest
    /// to vertical is the height. Order of axes in a source is arbitrary, so it is decided here.
    pub fn size(&self) -> [f64; 3] {
        let v = self.vertical_axis();
        let (a, b) = ((v + 1) % 3, (v + 2) % 3);
        let (p, q) = (2.0 * self.half[a], 2.0 * self.half[b]);
        [p.max(q), p.min(q), 2.0 * self.half[v]]
    }

    /// Index of the axis nearest to vertical.
    pub fn vertical_axis(&self) -> usize {
        let z = self.axes.row(2);
        (0..3).fold(0, |best, i| if z[i].abs() > z[best].abs() { i } else { best })
    }

    /// Full lengths along the axes.
    pub fn lengths(&self) -> Vec3 {
        self.half * 2.0
    }

    /// Volume.
    pub fn volume(&self) -> f64 {
        8.0 * self.half.x * self.half.y * self.half.z
    }

    /// The shadow on the floor plane: a convex polygon, counter-clockwise.
    pub fn footprint(&self) -> Vec<Point2> {
        polygon::hull(self.corners().iter().map(Point3::xy))
    }

    /// Coordinates of a point along the axes, from the centre.
    pub fn local(&self, p: Point3) -> Vec3 {
        self.axes.transpose() * (p - self.center)
    }

    /// The point of the box (solid) nearest to `p`.
    pub fn closest(&self, p: Point3) -> Point3 {
        let l = self.local(p);
        let c = Vec3::from_fn(|i, _| l[i].clamp(-self.half[i], self.half[i]));
        self.center + self.axes * c
    }

    /// Distance from a point to the solid box; 0 inside.
    pub fn distance_to_point(&self, p: Point3) -> f64 {
        (self.closest(p) - p).norm()
    }

    /// Whether the solid box contains `p` (border included, to `slack`).
    pub fn contains(&self, p: Point3, slack: f64) -> bool {
        let l = self.local(p);
        (0..3).all(|i| l[i].abs() <= self.half[i] + slack)
    }

    /// Whether two solid boxes overlap or touch (separating axis theorem; Gottschalk et al. 1996).
    pub fn overlaps(&self, o: &Obb) -> bool {
        let d = o.center - self.center;
        let mut axes: Vec<Vec3> = (0..3)
            .flat_map(|i| [self.axes.column(i).into_owned(), o.axes.column(i).into_owned()])
            .collect();
        for i in 0..3 {
            for j in 0..3 {
                let c = self.axes.column(i).cross(&o.axes.column(j));
                // Parallel edges give no axis of their own.
                if c.norm() > 1e-9 {
                    axes.push(c.normalize());
                }
            }
        }
        axes.iter().all(|a| d.dot(a).abs() <= self.radius_along(a) + o.radius_along(a))
    }

    fn radius_along(&self, a: &Vec3) -> f64 {
        (0..3).map(|i| self.half[i] * self.axes.column(i).dot(a).abs()).sum()
    }

    /// Closest points of two solid boxes and their distance; distance 0 where they overlap. Exact: two
    /// disjoint boxes are nearest either at a corner of one and the other, or at a pair of edges.
    pub fn closest_points(&self, o: &Obb) -> (f64, Point3, Point3) {
        if self.overlaps(o) {
            let p = o.closest(self.center);
            let p = self.closest(p);
            return (0.0, p, p);
        }
        let (ca, cb) = (self.corners(), o.corners());
        let mut best = (f64::INFINITY, self.center, o.center);
        let mut consider = |p: Point3, q: Point3| {
            let d = (p - q).norm();
            if d < best.0 {
                best = (d, p, q);
            }
        };
        for p in ca {
            consider(p, o.closest(p));
        }
        for q in cb {
            consider(self.closest(q), q);
        }
        for &(i, j) in &BOX_EDGES {
            for &(k, l) in &BOX_EDGES {
                let (p, q) = segment_segment(ca[i], ca[j], cb[k], cb[l]);
                consider(p, q);
            }
        }
        best
    }

    /// Distance between two solid boxes; 0 where they overlap.
    pub fn distance(&self, o: &Obb) -> f64 {
        self.closest_points(o).0
    }
}

/// Pairs of corner indices (see [`Obb::corners`]) that are edges.
pub const BOX_EDGES: [(usize, usize); 12] = [
    (0, 1),
    (2, 3),
    (4, 5),
    (6, 7),
    (0, 2),
    (1, 3),
    (4, 6),
    (5, 7),
    (0, 4),
    (1, 5),
    (2, 6),
    (3, 7),
];

/// Closest points of two segments (Ericson, Real-Time Collision Detection, 5.1.9).
fn segment_segment(p1: Point3, q1: Point3, p2: Point3, q2: Point3) -> (Point3, Point3) {
    let (d1, d2, r) = (q1 - p1, q2 - p2, p1 - p2);
    let (a, e, f) = (d1.norm_squared(), d2.norm_squared(), d2.dot(&r));
    const TINY: f64 = 1e-18;
    let (s, t);
    if a <= TINY && e <= TINY {
        (s, t) = (0.0, 0.0);
    } else if a <= TINY {
        (s, t) = (0.0, (f / e).clamp(0.0, 1.0));
    } else {
        let c = d1.dot(&r);
        if e <= TINY {
            (s, t) = ((-c / a).clamp(0.0, 1.0), 0.0);
        } else {
            let b = d1.dot(&d2);
            let denom = a * e - b * b;
            let mut s0 = if denom > TINY { ((b * f - c * e) / denom).clamp(0.0, 1.0) } else { 0.0 };
            let mut t0 = (b * s0 + f) / e;
            if t0 < 0.0 {
                t0 = 0.0;
                s0 = (-c / a).clamp(0.0, 1.0);
            } else if t0 > 1.0 {
                t0 = 1.0;
                s0 = ((b - c) / a).clamp(0.0, 1.0);
            }
            (s, t) = (s0, t0);
        }
    }
    (p1 + d1 * s, p2 + d2 * t)
}

/// Entry and exit parameters of the ray `origin + t · direction` through a solid box (slab method);
/// `None` where it misses. The entry is negative when the origin is inside or past.
pub fn ray_box(origin: Point3, direction: Vec3, b: &Obb) -> Option<(f64, f64)> {
    let o = b.local(origin);
    let d = b.axes.transpose() * direction;
    let (mut near, mut far) = (f64::NEG_INFINITY, f64::INFINITY);
    for i in 0..3 {
        if d[i] == 0.0 {
            if o[i].abs() > b.half[i] {
                return None;
            }
            continue;
        }
        let (t0, t1) = ((-b.half[i] - o[i]) / d[i], (b.half[i] - o[i]) / d[i]);
        near = near.max(t0.min(t1));
        far = far.min(t0.max(t1));
    }
    (near <= far && far >= 0.0).then_some((near, far))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unit(x: f64, y: f64, z: f64) -> Obb {
        Obb::upright(Point3::new(x, y, z), Vec3::new(1.0, 1.0, 1.0), 0.0)
    }

    #[test]
    fn distances_by_hand() {
        assert_eq!(unit(0.0, 0.0, 0.0).distance(&unit(3.0, 0.0, 0.0)), 2.0);
        assert_eq!(unit(0.0, 0.0, 0.0).distance(&unit(0.5, 0.2, 0.9)), 0.0);
        let d = unit(0.0, 0.0, 0.0).distance(&unit(2.0, 2.0, 0.0));
        assert!((d - 2f64.sqrt()).abs() < 1e-12);
        // A corner of the turned box points at the face of the other.
        let turned = Obb::upright(Point3::new(3.0, 0.0, 0.0), Vec3::new(1.0, 1.0, 1.0), 45.0);
        let d = unit(0.0, 0.0, 0.0).distance(&turned);
        assert!((d - (2.5 - 0.5 * 2f64.sqrt())).abs() < 1e-12, "{d}");
    }

    #[test]
    fn crossed_edges_are_found() {
        // Two long thin beams, one above the other, at right angles: edge against edge.
        let a = Obb::upright(Point3::origin(), Vec3::new(10.0, 0.1, 0.1), 0.0);
        let b = Obb::upright(Point3::new(0.0, 0.0, 1.0), Vec3::new(10.0, 0.1, 0.1), 90.0);
        assert!((a.distance(&b) - 0.9).abs() < 1e-12);
    }

    #[test]
    fn size_orders_axes_by_gravity() {
        let axes = [Vec3::new(0.0, 0.0, 1.0), Vec3::new(1.0, 0.0, 0.0), Vec3::new(0.0, 1.0, 0.0)];
        let b = Obb::new(Point3::origin(), axes, Vec3::new(0.7, 0.5, 2.0)).unwrap();
        assert_eq!(b.size(), [2.0, 0.5, 0.7]);
        assert!(Obb::new(Point3::origin(), axes, Vec3::new(f64::NAN, 1.0, 1.0)).is_none());
        assert!(Obb::new(Point3::origin(), axes, Vec3::new(-1.0, 1.0, 1.0)).is_none());
    }

    fn any_box() -> impl Strategy<Value = Obb> {
        (
            prop::array::uniform3(-3.0..3.0f64),
            prop::array::uniform3(0.05..2.0f64),
            prop::array::uniform3(-3.0..3.0f64),
        )
            .prop_map(|(c, l, r)| {
                let rot = nalgebra::Rotation3::from_euler_angles(r[0], r[1], r[2]);
                Obb {
                    center: Point3::new(c[0], c[1], c[2]),
                    axes: *rot.matrix(),
                    half: Vec3::new(l[0], l[1], l[2]) * 0.5,
                }
            })
    }

    proptest! {
        /// Alternating projection onto two convex sets converges to their distance (von Neumann; Cheney
        /// and Goldstein 1959): an independent oracle.
        #[test]
        fn distance_agrees_with_alternating_projection(a in any_box(), b in any_box()) {
            let mut p = a.center;
            let mut q = b.closest(p);
            for _ in 0..3000 {
                p = a.closest(q);
                q = b.closest(p);
            }
            let oracle = (p - q).norm();
            let d = a.distance(&b);
            prop_assert!(d <= oracle + 1e-9, "{d} > {oracle}");
            prop_assert!((d - oracle).abs() < 5e-3, "{d} vs {oracle}");
            prop_assert!((d - b.distance(&a)).abs() < 1e-9);
        }

        #[test]
        fn closest_points_lie_in_the_boxes(a in any_box(), b in any_box()) {
            let (d, p, q) = a.closest_points(&b);
            prop_assert!((d - (p - q).norm()).abs() < 1e-9 || d == 0.0);
            if d > 0.0 {
                prop_assert!(a.contains(p, 1e-9) && b.contains(q, 1e-9));
            }
        }
    }
}
