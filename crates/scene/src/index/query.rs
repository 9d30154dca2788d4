//! Queries over the nodes and points of a tree, wherever they lie.

use reasmory_geom::{Pinhole, Point3, Pose, Vec3};

use super::leaves;
use super::tree::{Bounds6, Node};
use crate::simd::{self, Kernel};

/// A point near another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// Row in the memory's columns.
    pub row: u32,
    /// Distance, in the memory's length unit.
    pub distance: f64,
}

/// The closest points of two sets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closest {
    /// Their distance, in the memory's length unit.
    pub distance: f64,
    /// Their rows in the memory's columns.
    pub rows: [u32; 2],
    /// Where they are.
    pub points: [Point3; 2],
}

/// A point that a ray passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Row in the memory's columns.
    pub row: u32,
    /// How far along the ray, in the memory's length unit.
    pub along: f64,
    /// How far beside it.
    pub beside: f64,
}

/// A half-space: the points `p` with `normal · p ≤ offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    /// Outward normal, of any length.
    pub normal: Vec3,
    /// Offset along it.
    pub offset: f64,
}

impl Plane {
    /// The half-space behind `through`, seen along `normal`.
    pub fn behind(normal: Vec3, through: Point3) -> Plane {
        Plane { normal, offset: normal.dot(&through.coords) }
    }
}

/// The half-spaces whose intersection a camera sees between two depths (camera to world, OpenCV axes; `near` and
/// `far` along its axis, `far` may be infinite).
pub fn frustum(pinhole: &Pinhole, pose: &Pose, near: f64, far: f64) -> Vec<Plane> {
    let (w, h) = (f64::from(pinhole.width), f64::from(pinhole.height));
    let corner = |u, v| pose.rotation * pinhole.ray(u, v);
    let corners = [corner(0.0, 0.0), corner(w, 0.0), corner(w, h), corner(0.0, h)];
    let middle = pose.forward();
    let mut planes: Vec<Plane> = (0..4)
        .map(|i| {
            let n = corners[i].cross(&corners[(i + 1) % 4]);
            let n = if n.dot(&middle) > 0.0 { -n } else { n };
            Plane::behind(n, pose.center)
        })
        .collect();
    planes.push(Plane::behind(-middle, pose.center + middle * near));
    if far.is_finite() {
        planes.push(Plane::behind(middle, pose.center + middle * far));
    }
    planes
}

/// Points in the order of the leaves and nodes in preorder.
#[derive(Clone, Copy)]
pub(super) struct Slices<'a> {
    pub(super) points: &'a [[f32; 3]],
    pub(super) nodes: &'a [Bounds6],
    /// Place of the first point.
    pub(super) base: usize,
    pub(super) order: Option<&'a [u32]>,
}

#[inline(always)]
fn wide(p: [f32; 3]) -> Point3 {
    Point3::new(f64::from(p[0]), f64::from(p[1]), f64::from(p[2]))
}

/// Squared distance of two axis-aligned boxes.
#[inline(always)]
fn gap(a: &(Point3, Point3), b: &(Point3, Point3)) -> f64 {
    let mut sum = 0.0;
    for i in 0..3 {
        let d = (b.0[i] - a.1[i]).max(a.0[i] - b.1[i]).max(0.0);
        sum += d * d;
    }
    sum
}

/// The closest points of two trees.
struct Pair<'a, 'b, 'c, 'd>(&'a Slices<'b>, &'c Slices<'d>);

impl Kernel for Pair<'_, '_, '_, '_> {
    type Output = Option<Closest>;

    #[inline(always)]
    fn run(self) -> Self::Output {
        self.0.closest_pair(self.1)
    }
}

impl Slices<'_> {
    fn row(&self, at: usize) -> u32 {
        let at = self.base + at;
        self.order.map_or(at as u32, |o| o[at])
    }

    #[inline(always)]
    pub(super) fn corners(&self, n: Node) -> (Point3, Point3) {
        let [a, b, c, d, e, f] = self.nodes[n.at as usize];
        (wide([a, b, c]), wide([d, e, f]))
    }

    fn root(&self) -> Node {
        Node::root(self.points.len())
    }

    /// Squared distance from a point to the box around everything.
    pub(super) fn least(&self, p: Point3) -> f64 {
        gap(&(p, p), &self.corners(self.root()))
    }

    /// The nearest point closer than `limit`.
    pub(super) fn nearest(&self, p: Point3, limit: f64) -> Option<Near> {
        let mut best = limit * limit;
        let mut at = None;
        let mut stack = vec![(self.root(), self.least(p))];
        while let Some((n, bound)) = stack.pop() {
            if bound >= best {
                continue;
            }
            match n.children() {
                None => {
                    for i in n.rows(self.points.len()) {
                        let d = (p - wide(self.points[i])).norm_squared();
                        if d < best {
                            (best, at) = (d, Some(i));
                        }
                    }
                }
                Some(children) => {
                    let [a, b] = children.map(|c| (c, gap(&(p, p), &self.corners(c))));
                    // The nearer child last, so that it is popped first.
                    stack.extend(if a.1 > b.1 { [a, b] } else { [b, a] });
                }
            }
        }
        at.map(|i| Near { row: self.row(i), distance: best.sqrt() })
    }

    /// The closest points of two trees; of several pairs at one distance the first that is met.
    pub(super) fn closest(&self, o: &Slices<'_>) -> Option<Closest> {
        simd::run(Pair(self, o))
    }

    #[inline(always)]
    fn closest_pair(&self, o: &Slices<'_>) -> Option<Closest> {
        let mut best = f64::INFINITY;
        let mut at = None;
        let mut stack: Vec<(f64, Node, Node)> = vec![(0.0, self.root(), o.root())];
        while let Some((least, a, b)) = stack.pop() {
            if least >= best {
                continue;
            }
            let from = stack.len();
            // The nearest pair goes last, so that it is looked at first.
            let mut put = |a: Node, b: Node| {
                let least = gap(&self.corners(a), &o.corners(b));
                if least < best {
                    let mut at = stack.len();
                    stack.push((least, a, b));
                    while at > from && stack[at - 1].0 < least {
                        stack.swap(at, at - 1);
                        at -= 1;
                    }
                }
            };
            match (a.children(), b.children()) {
                (Some([c, d]), Some([e, f]))
                    if 2 * a.leaves >= b.leaves && 2 * b.leaves >= a.leaves =>
                {
                    put(c, e);
                    put(c, f);
                    put(d, e);
                    put(d, f);
                }
                // The larger of the two alone.
                (Some([c, d]), other) if other.is_none() || a.leaves >= b.leaves => {
                    put(c, b);
                    put(d, b);
                }
                (_, Some([e, f])) => {
                    put(a, e);
                    put(a, f);
                }
                _ => {
                    let (m, n) = (a.rows(self.points.len()), b.rows(o.points.len()));
                    let (mine, theirs) = (&self.points[m.clone()], &o.points[n.clone()]);
                    let found = leaves::pairs(mine, theirs, &o.nodes[b.at as usize], best);
                    if let Some((d, [i, j])) = found {
                        (best, at) = (d, Some([m.start + i, n.start + j]));
                    }
                }
            }
        }
        at.map(|[i, j]| Closest {
            distance: best.sqrt(),
            rows: [self.row(i), o.row(j)],
            points: [wide(self.points[i]), wide(o.points[j])],
        })
    }

    pub(super) fn within(&self, p: Point3, radius: f64, out: &mut Vec<u32>) {
        let limit = radius * radius;
        let mut stack = vec![self.root()];
        while let Some(n) = stack.pop() {
            if gap(&(p, p), &self.corners(n)) > limit {
                continue;
            }
            match n.children() {
                Some(c) => stack.extend(c),
                None => out.extend(
                    n.rows(self.points.len())
                        .filter(|i| (p - wide(self.points[*i])).norm_squared() <= limit)
                        .map(|i| self.row(i)),
                ),
            }
        }
    }

    pub(super) fn inside(&self, planes: &[Plane], out: &mut Vec<u32>) {
        let mut stack = vec![(self.root(), false)];
        while let Some((n, whole)) = stack.pop() {
            if whole {
                // The box says nothing of points that are no numbers.
                let number = |i: &usize| !self.points[*i].iter().any(|x| x.is_nan());
                out.extend(n.rows(self.points.len()).filter(number).map(|i| self.row(i)));
                continue;
            }
            let (lo, hi) = self.corners(n);
            // How far along the normal the box begins, and ends.
            let reach = |plane: &Plane, first: &Point3, last: &Point3| -> f64 {
                (0..3)
                    .map(|k| {
                        plane.normal[k] * if plane.normal[k] > 0.0 { first[k] } else { last[k] }
                    })
                    .sum()
            };
            if planes.iter().any(|p| reach(p, &lo, &hi) > p.offset) {
                continue;
            }
            match n.children() {
                Some(c) => {
                    // Not within rounding of a plane.
                    let slack = |p: &Plane| 1e-9 * (p.offset.abs() + p.normal.norm());
                    let whole = planes.iter().all(|p| reach(p, &hi, &lo) <= p.offset - slack(p));
                    stack.extend(c.map(|c| (c, whole)));
                }
                None => out.extend(
                    n.rows(self.points.len())
                        .filter(|i| {
                            let q = wide(self.points[*i]).coords;
                            planes.iter().all(|p| p.normal.dot(&q) <= p.offset)
                        })
                        .map(|i| self.row(i)),
                ),
            }
        }
    }

    /// The first point along a ray that is nearer along it than `limit`.
    pub(super) fn ray(
        &self,
        origin: Point3,
        direction: Vec3,
        radius: f64,
        limit: f64,
    ) -> Option<Hit> {
        let d = direction.try_normalize(0.0)?;
        let mut best = limit;
        let mut hit: Option<(usize, f64)> = None;
        // Where the ray enters a box that is wider by the radius.
        let enters = |n: Node| -> Option<f64> {
            let (lo, hi) = self.corners(n);
            let (mut from, mut to) = (0.0f64, f64::INFINITY);
            for k in 0..3 {
                let (a, b) = (lo[k] - radius - origin[k], hi[k] + radius - origin[k]);
                if d[k] == 0.0 {
                    if a > 0.0 || b < 0.0 {
                        return None;
                    }
                } else {
                    let (s, t) = (a / d[k], b / d[k]);
                    from = from.max(s.min(t));
                    to = to.min(s.max(t));
                }
            }
            // Not to lose to rounding what lies on the box.
            let slack = 1e-9 * (1.0 + from);
            (from <= to + slack).then_some(from - slack)
        };
        let mut stack: Vec<(Node, f64)> =
            enters(self.root()).map(|t| (self.root(), t)).into_iter().collect();
        while let Some((n, from)) = stack.pop() {
            if from >= best {
                continue;
            }
            match n.children() {
                Some(c) => {
                    let mut next = c.map(|c| (c, enters(c).unwrap_or(f64::INFINITY)));
                    next.sort_by(|a, b| b.1.total_cmp(&a.1));
                    stack.extend(next);
                }
                None => {
                    for i in n.rows(self.points.len()) {
                        let v = wide(self.points[i]) - origin;
                        let along = v.dot(&d);
                        let beside = (v - d * along).norm();
                        if along >= 0.0 && along < best && beside <= radius {
                            best = along;
                            hit = Some((i, beside));
                        }
                    }
                }
            }
        }
        hit.map(|(i, beside)| Hit { row: self.row(i), along: best, beside })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::tree::{Item, arrange, nodes_of};

    type Arranged = (Vec<[f32; 3]>, Vec<Bounds6>);

    /// Points of a face and of what is near it, of any size, some of them twice and some no numbers.
    fn cloud(seed: u32, n: u32, size: f32, x: f32) -> Arranged {
        let part = |i: u32, k: u32| {
            let h = (i ^ seed).wrapping_mul(k).rotate_left(13).wrapping_mul(2_654_435_761);
            (h >> 8) as f32 / (1u32 << 24) as f32
        };
        let point = |i: u32| {
            let flat = if !i.is_multiple_of(3) { 0.0 } else { part(i / 2, 77) };
            let y = if i % 97 == 5 { f32::NAN } else { part(i / 2, 2_246_822_519) };
            [size * (x + flat), size * y, size * part(i / 2, 3_266_489_917)]
        };
        let mut items: Vec<Item> = (0..n).map(|row| Item { position: point(row), row }).collect();
        let mut nodes = vec![[0.0; 6]; nodes_of(items.len())];
        arrange(&mut items, &mut nodes);
        (items.iter().map(|i| i.position).collect(), nodes)
    }

    /// Lanes of any width and a plain search agree to the last bit, however large or small the numbers are.
    #[test]
    fn lanes_change_nothing() {
        for (k, size) in [1.0, 1e-3, 1e4, 1e-20, 1e-38, 1e18, 1e30].into_iter().enumerate() {
            for (n, m, x) in [(700, 900, 1.0), (33, 1, 1.5), (64, 64, 1.0 + 1e-4), (400, 300, 4.0)]
            {
                let a = cloud(k as u32, n, size, 0.0);
                let b = cloud(91 + k as u32, m, size, x);
                let [s, t] =
                    [&a, &b].map(|c| Slices { points: &c.0, nodes: &c.1, base: 0, order: None });
                let wide = s.closest(&t);
                assert_eq!(wide, Pair(&s, &t).run(), "{size}, {n}");
                let square =
                    |p: &[f32; 3], q: &[f32; 3]| (super::wide(*p) - super::wide(*q)).norm_squared();
                let all = a.0.iter().flat_map(|p| b.0.iter().map(move |q| square(p, q)));
                let least = all.fold(f64::INFINITY, f64::min).sqrt();
                assert_eq!(wide.map_or(f64::INFINITY, |c| c.distance), least, "{size}, {n}");
            }
        }
    }
}
