//! Boxes and rooms fitted to points.

use reasmory_geom::{Obb, Point2, Point3, Vec3, math, polygon};
use reasmory_scene::Room as RoomFacts;

/// Share of points beyond each side of a fitted box that are taken for stray.
const STRAY: f64 = 0.001;

/// A rectangle around points: cosine and sine of its yaw, its ends along both axes.
#[derive(Clone, Copy)]
struct Rectangle {
    turn: [f64; 2],
    lo: [f64; 2],
    hi: [f64; 2],
}

impl Rectangle {
    fn area(&self) -> f64 {
        (self.hi[0] - self.lo[0]) * (self.hi[1] - self.lo[1])
    }

    fn local(&self, p: &Point2) -> [f64; 2] {
        let [c, s] = self.turn;
        [c * p.x + s * p.y, c * p.y - s * p.x]
    }

    /// Degrees between its axes and another's, in [0, 45].
    fn apart(&self, o: &Rectangle) -> f64 {
        let yaw = |r: &Rectangle| math::atan2_deg(r.turn[1], r.turn[0]);
        math::quarter(yaw(self) - yaw(o)).1.abs()
    }

    /// Mean distance of points from the nearest of the four sides.
    fn looseness(&self, points: &[Point2]) -> f64 {
        let off = |p: &Point2| {
            let q = self.local(p);
            let d = |k: usize| (q[k] - self.lo[k]).abs().min((self.hi[k] - q[k]).abs());
            d(0).min(d(1))
        };
        points.iter().map(off).sum::<f64>() / points.len().max(1) as f64
    }
}

/// Yaw in degrees of the rectangle around points of the plane. One side of the least-area rectangle lies
/// along an edge of the convex hull (Freeman and Shapira 1975), so each edge is tried. Where only two
/// faces of a box were seen the hull is a right triangle, around which the rectangle along the hypotenuse
/// has the same area as the right one; then the one whose sides the points lie on is taken (the closeness
/// of Zhang et al. 2017).
fn least_rectangle(points: &[Point2]) -> Option<f64> {
    let hull = polygon::hull(points.iter().copied());
    let mut tried: Vec<Rectangle> = Vec::new();
    for i in 0..hull.len() {
        let e = hull[(i + 1) % hull.len()] - hull[i];
        let len = e.norm();
        if len < 1e-9 {
            continue;
        }
        let turn = [e.x / len, e.y / len];
        let mut r = Rectangle { turn, lo: [f64::INFINITY; 2], hi: [f64::NEG_INFINITY; 2] };
        for p in &hull {
            let q = r.local(p);
            for (k, q) in q.into_iter().enumerate() {
                r.lo[k] = r.lo[k].min(q);
                r.hi[k] = r.hi[k].max(q);
            }
        }
        tried.push(r);
    }
    let least = *tried.iter().min_by(|a, b| a.area().total_cmp(&b.area()))?;
    let mut best = (least, least.looseness(points));
    for r in tried.iter().filter(|r| r.area() <= 1.2 * least.area() && r.apart(&least) > 8.0) {
        let loose = r.looseness(points);
        if loose < 0.7 * best.1 {
            best = (*r, loose);
        }
    }
    Some(math::atan2_deg(best.0.turn[1], best.0.turn[0]))
}

/// Values at the low and high end of `v` after leaving out strays; sorts `v`.
fn ends(v: &mut [f64], stray: f64) -> (f64, f64) {
    v.sort_unstable_by(f64::total_cmp);
    let skip = (v.len() as f64 * stray).floor() as usize;
    (v[skip], v[v.len() - 1 - skip])
}

/// The upright box around points: yaw from the least-area footprint, extents from their ends. `None`
/// below 8 points.
pub(crate) fn fit_box(points: &[Point3]) -> Option<Obb> {
    if points.len() < 8 {
        return None;
    }
    let flat: Vec<Point2> = points.iter().map(Point3::xy).collect();
    let yaw = least_rectangle(&flat).unwrap_or(0.0);
    let (c, s) = (math::cos_deg(yaw), math::sin_deg(yaw));
    let side = |f: &dyn Fn(&Point3) -> f64| {
        let mut v: Vec<f64> = points.iter().map(f).collect();
        ends(&mut v, STRAY)
    };
    let (u0, u1) = side(&|p| c * p.x + s * p.y);
    let (v0, v1) = side(&|p| c * p.y - s * p.x);
    let (z0, z1) = side(&|p| p.z);
    let (u, v) = ((u0 + u1) / 2.0, (v0 + v1) / 2.0);
    let center = Point3::new(c * u - s * v, s * u + c * v, (z0 + z1) / 2.0);
    Some(Obb::upright(center, Vec3::new(u1 - u0, v1 - v0, z1 - z0), yaw))
}

/// The most frequent height (a 4 cm window over 2 cm bins) within `range`, refined to the mean of the
/// window's points; `None` where too few points are there.
fn level(z: &[f64], range: (f64, f64)) -> Option<f64> {
    const BIN: f64 = 0.02;
    let bins = ((range.1 - range.0) / BIN).ceil().max(1.0) as usize;
    let mut count = vec![0usize; bins + 1];
    let inside = || z.iter().filter(|z| range.0 <= **z && **z <= range.1);
    for z in inside() {
        count[((z - range.0) / BIN) as usize] += 1;
    }
    let at = (0..bins).max_by_key(|i| (count[*i] + count[i + 1], std::cmp::Reverse(*i)))?;
    let lo = range.0 + at as f64 * BIN;
    let near: Vec<f64> = inside().copied().filter(|z| *z >= lo && *z < lo + 2.0 * BIN).collect();
    (near.len() >= 50).then(|| near.iter().sum::<f64>() / near.len() as f64)
}

/// The room that structure points (floor, walls, ceiling) describe: floor and ceiling levels, and an
/// outline that is the least-area rectangle, less one empty corner if there is one. `occupied` holds all
/// points, furniture included.
pub(crate) fn fit_room(structure: &[Point3], occupied: &[Point3]) -> Option<RoomFacts> {
    if structure.len() < 100 {
        return None;
    }
    let z: Vec<f64> = structure.iter().map(|p| p.z).collect();
    let (low, high) = ends(&mut z.clone(), STRAY);
    let floor = level(&z, (low, low + 0.3 * (high - low)))?;
    let ceiling = level(&z, (low + 0.7 * (high - low), high + 1e-6)).filter(|c| *c > floor);
    let hull = polygon::hull(structure.iter().map(Point3::xy));
    let yaw = least_rectangle(&hull)?;
    let (c, s) = (math::cos_deg(yaw), math::sin_deg(yaw));
    let mut us: Vec<f64> = structure.iter().map(|p| c * p.x + s * p.y).collect();
    let mut vs: Vec<f64> = structure.iter().map(|p| c * p.y - s * p.x).collect();
    let ((u0, u1), (v0, v1)) = (ends(&mut us, STRAY), ends(&mut vs, STRAY));

    // Cells of 10 cm that hold no point: the largest empty rectangle in a corner is a notch.
    const CELL: f64 = 0.1;
    let (nu, nv) = (((u1 - u0) / CELL).ceil() as usize, ((v1 - v0) / CELL).ceil() as usize);
    let mut full = vec![false; nu * nv];
    for p in occupied {
        let (i, j) = ((c * p.x + s * p.y - u0) / CELL, (c * p.y - s * p.x - v0) / CELL);
        if i >= 0.0 && j >= 0.0 && (i as usize) < nu && (j as usize) < nv {
            full[i as usize * nv + j as usize] = true;
        }
    }
    let mut notch = (0usize, 0usize, 0usize);
    for corner in 0..4 {
        let (flip_u, flip_v) = (corner & 1 == 1, corner & 2 == 2);
        let mut most = nv;
        for a in 0..nu {
            let i = if flip_u { nu - 1 - a } else { a };
            let free = (0..most)
                .take_while(|j| !full[i * nv + if flip_v { nv - 1 - j } else { *j }])
                .count();
            most = free;
            if (a + 1) * most > notch.1 * notch.2 {
                notch = (corner, a + 1, most);
            }
        }
    }
    let mut corners = vec![(u0, v0), (u1, v0), (u1, v1), (u0, v1)];
    let (corner, a, b) = notch;
    let (a, b) = (a as f64 * CELL, b as f64 * CELL);
    if a > 0.4 && b > 0.4 {
        // Corner 0 is low-low, 1 high-low, 2 low-high, 3 high-high.
        let at = [0, 1, 3, 2][corner];
        let (u, v) = corners[at];
        let (iu, iv) = (
            if corner & 1 == 1 { u - a } else { u + a },
            if corner & 2 == 2 { v - b } else { v + b },
        );
        // Counter-clockwise, a corner is entered along one axis and left along the other.
        let cut = match at {
            0 => [(u, iv), (iu, iv), (iu, v)],
            1 => [(iu, v), (iu, iv), (u, iv)],
            2 => [(u, iv), (iu, iv), (iu, v)],
            _ => [(iu, v), (iu, iv), (u, iv)],
        };
        corners.splice(at..=at, cut);
    }
    let outline = corners.iter().map(|&(u, v)| [c * u - s * v, s * u + c * v]).collect();
    Some(RoomFacts { outline, floor, ceiling, stated_area: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn a_turned_box_is_found() {
        let truth = Obb::upright(Point3::new(1.0, -2.0, 0.5), Vec3::new(1.2, 0.6, 0.8), 31.0);
        let mut rng = Rng::new(5);
        let points: Vec<Point3> = (0..4000)
            .map(|_| {
                let mut l = Vec3::from_fn(|_, _| rng.range(-1.0, 1.0));
                let axis = rng.below(3);
                l[axis] = l[axis].signum();
                truth.center + truth.axes * l.component_mul(&truth.half)
            })
            .collect();
        let b = fit_box(&points).unwrap();
        assert!((b.center - truth.center).norm() < 0.005);
        let (x, y) = (b.size(), truth.size());
        assert!((0..3).all(|i| (x[i] - y[i]).abs() < 0.01), "{x:?} {y:?}");
        assert!(fit_box(&points[..7]).is_none());
    }

    /// Two faces of an upright box, its top out of sight.
    #[test]
    fn two_faces_give_the_box() {
        let (c, s) = (math::cos_deg(20.0), math::sin_deg(20.0));
        let mut points = Vec::new();
        for i in 0..=40 {
            for z in 0..40 {
                let (t, z) = (f64::from(i) / 40.0, 0.05 * f64::from(z));
                for (x, y) in [(1.2 * t, 0.0), (0.0, 0.6 * t)] {
                    points.push(Point3::new(c * x - s * y, s * x + c * y, z));
                }
            }
        }
        let b = fit_box(&points).unwrap();
        let size = b.size();
        assert!((size[0] - 1.2).abs() < 1e-6 && (size[1] - 0.6).abs() < 1e-6, "{size:?}");
    }
}
