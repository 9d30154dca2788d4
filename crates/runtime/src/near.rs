//! Closest points of point sets: one kd-tree with tight boxes per instance, built on first use.

use std::sync::OnceLock;

use reasmory_geom::Point3;
use reasmory_scene::Memory;

use crate::Columns;

/// Points of a leaf.
const LEAF: usize = 32;
/// Instances with fewer points than this are measured by their boxes: a handful of points says little
/// about where a surface ends.
pub const LEAST_POINTS: usize = 8;

/// A kd-tree over points. Nodes carry tight axis-aligned boxes, which keeps far queries and planar sets
/// fast.
#[derive(Debug)]
pub struct Tree {
    points: Vec<Point3>,
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    lo: Point3,
    hi: Point3,
    start: usize,
    end: usize,
    /// The two children, if any.
    children: Option<[usize; 2]>,
}

impl Tree {
    /// A tree over these points; `None` without points.
    pub fn new(mut points: Vec<Point3>) -> Option<Tree> {
        if points.is_empty() {
            return None;
        }
        let mut nodes = Vec::with_capacity(2 * points.len() / LEAF + 1);
        let end = points.len();
        build(&mut points, 0, end, &mut nodes);
        Some(Tree { points, nodes })
    }

    /// Lowest and highest corner of the bounds.
    pub fn bounds(&self) -> (Point3, Point3) {
        (self.nodes[0].lo, self.nodes[0].hi)
    }

    /// Distance from `p` to the nearest point.
    pub fn distance_to_point(&self, p: Point3) -> f64 {
        let mut best = f64::INFINITY;
        let mut stack = vec![(0, gap(&p, &p, &self.nodes[0].lo, &self.nodes[0].hi))];
        while let Some((n, bound)) = stack.pop() {
            if bound >= best {
                continue;
            }
            let node = &self.nodes[n];
            match node.children {
                None => {
                    for q in &self.points[node.start..node.end] {
                        best = best.min((p - q).norm_squared());
                    }
                }
                Some(children) => {
                    let mut next = children.map(|c| {
                        let child = &self.nodes[c];
                        (c, gap(&p, &p, &child.lo, &child.hi))
                    });
                    // The nearer child last, so that it is popped first.
                    next.sort_by(|a, b| b.1.total_cmp(&a.1));
                    stack.extend(next);
                }
            }
        }
        best.sqrt()
    }

    /// Distance between the closest points of two sets.
    pub fn distance(&self, o: &Tree) -> f64 {
        let mut best = f64::INFINITY;
        let bound = |a: usize, b: usize| {
            let (m, n) = (&self.nodes[a], &o.nodes[b]);
            gap(&m.lo, &m.hi, &n.lo, &n.hi)
        };
        let mut stack = vec![(0, 0, bound(0, 0))];
        while let Some((a, b, least)) = stack.pop() {
            if least >= best {
                continue;
            }
            let (m, n) = (&self.nodes[a], &o.nodes[b]);
            let mut next: Vec<(usize, usize, f64)> = match (m.children, n.children) {
                (None, None) => {
                    for p in &self.points[m.start..m.end] {
                        for q in &o.points[n.start..n.end] {
                            best = best.min((p - q).norm_squared());
                        }
                    }
                    continue;
                }
                // The larger of the two is split.
                (Some(c), d) if d.is_none() || m.end - m.start >= n.end - n.start => {
                    c.iter().map(|x| (*x, b, bound(*x, b))).collect()
                }
                (_, Some(d)) => d.iter().map(|x| (a, *x, bound(a, *x))).collect(),
                (Some(c), None) => c.iter().map(|x| (*x, b, bound(*x, b))).collect(),
            };
            next.sort_by(|x, y| y.2.total_cmp(&x.2));
            stack.extend(next);
        }
        best.sqrt()
    }
}

/// Squared distance of two axis-aligned boxes.
fn gap(alo: &Point3, ahi: &Point3, blo: &Point3, bhi: &Point3) -> f64 {
    let mut sum = 0.0;
    for i in 0..3 {
        let d = (blo[i] - ahi[i]).max(alo[i] - bhi[i]).max(0.0);
        sum += d * d;
    }
    sum
}

fn build(points: &mut [Point3], start: usize, end: usize, nodes: &mut Vec<Node>) -> usize {
    let slice = &mut points[start..end];
    let (mut lo, mut hi) = (slice[0], slice[0]);
    for p in slice.iter() {
        (lo, hi) = (lo.inf(p), hi.sup(p));
    }
    let at = nodes.len();
    nodes.push(Node { lo, hi, start, end, children: None });
    if end - start > LEAF {
        let size = hi - lo;
        let axis = (0..3).fold(0, |best, i| if size[i] > size[best] { i } else { best });
        let middle = (end - start) / 2;
        slice.select_nth_unstable_by(middle, |a, b| a[axis].total_cmp(&b[axis]));
        let left = build(points, start, start + middle, nodes);
        let right = build(points, start + middle, end, nodes);
        nodes[at].children = Some([left, right]);
    }
    at
}

/// The trees of a memory's instances and their columns, each built on first use. Share one between the runs over a memory.
#[derive(Debug)]
pub struct Index {
    trees: Vec<OnceLock<Option<Tree>>>,
    columns: OnceLock<Columns>,
}

impl Index {
    /// An index of a memory, still empty.
    pub fn new(memory: &Memory) -> Index {
        let trees = memory.manifest().instances.iter().map(|_| OnceLock::new()).collect();
        Index { trees, columns: OnceLock::new() }
    }

    /// The numbers of the instances of that memory.
    pub fn columns(&self, memory: &Memory) -> &Columns {
        self.columns.get_or_init(|| Columns::new(memory.manifest()))
    }

    /// The tree of an instance of that memory; `None` where it has too few points to be measured by them.
    pub fn tree(&self, memory: &Memory, id: u32) -> Option<&Tree> {
        let cell = self.trees.get((id as usize).checked_sub(1)?)?;
        cell.get_or_init(|| {
            let enough = memory.instance_rows(id).len() >= LEAST_POINTS;
            if enough { Tree::new(memory.instance_points(id).collect()) } else { None }
        })
        .as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn brute(a: &[Point3], b: &[Point3]) -> f64 {
        let all = a.iter().flat_map(|p| b.iter().map(move |q| (p - q).norm_squared()));
        all.fold(f64::INFINITY, f64::min).sqrt()
    }

    fn cloud(least: usize, planar: bool) -> impl Strategy<Value = Vec<Point3>> {
        let z = if planar { 0.0..1e-9 } else { -2.0..2.0 };
        prop::collection::vec((-2.0..2.0, -2.0..2.0, z), least..200)
            .prop_map(|v| v.into_iter().map(|(x, y, z)| Point3::new(x, y, z)).collect())
    }

    proptest! {
        #[test]
        fn agrees_with_brute_force(a in cloud(1, false), b in cloud(1, true), dx in 0.0..9.0) {
            let b: Vec<Point3> = b.into_iter().map(|p| Point3::new(p.x + dx, p.y, p.z)).collect();
            let (ta, tb) = (Tree::new(a.clone()).unwrap(), Tree::new(b.clone()).unwrap());
            prop_assert_eq!(ta.distance(&tb), brute(&a, &b));
            prop_assert_eq!(tb.distance(&ta), brute(&a, &b));
            prop_assert_eq!(ta.distance_to_point(b[0]), brute(&a, &b[..1]));
        }
    }

    #[test]
    fn equal_points_are_harmless() {
        let t = Tree::new(vec![Point3::new(1.0, 2.0, 3.0); 500]).unwrap();
        assert_eq!(t.distance(&t), 0.0);
        assert_eq!(t.distance_to_point(Point3::new(1.0, 2.0, 5.0)), 2.0);
        assert!(Tree::new(vec![]).is_none());
    }
}
