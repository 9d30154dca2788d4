//! A balanced kd-tree whose shape follows from its number of points, so that a node is a box and nothing else.
//!
//! Points stand in leaves of [`LEAF`], all full but the last. `l` leaves have `2 l - 1` nodes in preorder: a node of
//! `l > 1` leaves is followed by the tree of its first `⌈l / 2⌉`, then by that of the others. Each node is the
//! tight box of its points, which keeps far queries and planar sets fast. There are no pointers that damage
//! could bend: whatever the numbers are, a query ends.

use std::ops::Range;

use reasmory_geom::Point3;

use super::query::{Closest, Hit, Near, Plane, Slices};
use crate::Column;

/// Points of a leaf.
pub const LEAF: usize = 32;
/// Points of a part that is worth another thread.
const APART: usize = 1 << 15;

/// Lowest corner, highest corner.
pub(super) type Bounds6 = [f32; 6];

/// Number of nodes of a tree over this many points.
pub const fn nodes_of(points: usize) -> usize {
    match points.div_ceil(LEAF) {
        0 => 0,
        leaves => 2 * leaves - 1,
    }
}

/// A node: its place among the nodes, its first leaf and their number (a memory has less than 2³² points).
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) at: u32,
    pub(super) leaf: u32,
    pub(super) leaves: u32,
}

impl Node {
    pub(super) fn root(points: usize) -> Node {
        Node { at: 0, leaf: 0, leaves: points.div_ceil(LEAF) as u32 }
    }

    #[inline(always)]
    pub(super) fn children(self) -> Option<[Node; 2]> {
        if self.leaves <= 1 {
            return None;
        }
        let left = self.leaves.div_ceil(2);
        Some([
            Node { at: self.at + 1, leaf: self.leaf, leaves: left },
            Node { at: self.at + 2 * left, leaf: self.leaf + left, leaves: self.leaves - left },
        ])
    }

    /// Rows of its points, of so many in all.
    pub(super) fn rows(self, points: usize) -> Range<usize> {
        let (first, leaves) = (self.leaf as usize, self.leaves as usize);
        first * LEAF..((first + leaves) * LEAF).min(points)
    }
}

/// A point to be put in its place, with its row in the columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) position: [f32; 3],
    pub(super) row: u32,
}

/// Puts points in the order of the leaves and writes the nodes. The order depends on positions and rows alone,
/// and of points in that order it is the order they have.
pub(super) fn arrange(items: &mut [Item], nodes: &mut [Bounds6]) {
    let Some((node, below)) = nodes.split_first_mut() else { return };
    *node = bounds(items);
    let leaves = items.len().div_ceil(LEAF);
    if leaves <= 1 {
        items.sort_unstable_by_key(|i| i.row);
        return;
    }
    let size = |axis: usize| node[axis + 3] - node[axis];
    let axis = (1..3).fold(0, |best, a| if size(a) > size(best) { a } else { best });
    let left = leaves.div_ceil(2);
    // Of points of one plane across the axis, the longer of the other axes decides, or both halves would cover the
    // whole of it.
    let then = if size((axis + 1) % 3) > size((axis + 2) % 3) { axis + 1 } else { axis + 2 } % 3;
    let key = |i: &Item| ordered(i.position[axis]) << 32 | ordered(i.position[then]);
    items.select_nth_unstable_by(left * LEAF, |a, b| key(a).cmp(&key(b)).then(a.row.cmp(&b.row)));
    let apart = items.len() > APART;
    let (first, second) = items.split_at_mut(left * LEAF);
    let (of_first, of_second) = below.split_at_mut(2 * left - 1);
    if apart {
        rayon::join(|| arrange(first, of_first), || arrange(second, of_second));
    } else {
        arrange(first, of_first);
        arrange(second, of_second);
    }
}

/// A number in the order of `f32::total_cmp`.
#[inline(always)]
fn ordered(x: f32) -> u64 {
    let bits = x.to_bits();
    // Of negative numbers all bits are turned, of others the sign.
    u64::from(bits ^ ((bits as i32 >> 31) as u32 | 1 << 31))
}

fn bounds(items: &[Item]) -> Bounds6 {
    let mut b = [
        f32::INFINITY,
        f32::INFINITY,
        f32::INFINITY,
        -f32::INFINITY,
        -f32::INFINITY,
        -f32::INFINITY,
    ];
    for i in items {
        for (k, x) in i.position.iter().enumerate() {
            // Numbers that are none leave the box as it is.
            b[k] = if *x < b[k] { *x } else { b[k] };
            b[k + 3] = if *x > b[k + 3] { *x } else { b[k + 3] };
        }
    }
    b
}

/// A kd-tree over the points of one group.
#[derive(Clone, Debug)]
pub struct Tree {
    positions: Column<[f32; 3]>,
    nodes: Column<[f32; 6]>,
    /// Its points among `positions`, at least one.
    rows: Range<usize>,
    /// Its nodes among `nodes`, as many as that takes.
    parts: Range<usize>,
    /// Rows in the memory's columns of all of `positions`, where they are others.
    order: Option<Column<u32>>,
}

impl Tree {
    /// A tree over these points, given with their rows; `None` without points.
    pub fn new(points: impl IntoIterator<Item = (u32, [f32; 3])>) -> Option<Tree> {
        let mut items: Vec<Item> =
            points.into_iter().map(|(row, position)| Item { position, row }).collect();
        if items.is_empty() {
            return None;
        }
        let mut nodes = vec![[0.0; 6]; nodes_of(items.len())];
        arrange(&mut items, &mut nodes);
        let positions: Vec<[f32; 3]> = items.iter().map(|i| i.position).collect();
        let order: Vec<u32> = items.iter().map(|i| i.row).collect();
        let (rows, parts) = (0..positions.len(), 0..nodes.len());
        Some(Tree {
            positions: positions.into(),
            nodes: nodes.into(),
            rows,
            parts,
            order: Some(order.into()),
        })
    }

    /// A tree that lies in longer columns.
    pub(super) fn within(
        positions: &Column<[f32; 3]>,
        nodes: &Column<[f32; 6]>,
        (rows, parts): (Range<usize>, Range<usize>),
        order: Option<&Column<u32>>,
    ) -> Option<Tree> {
        let fits = !rows.is_empty()
            && rows.end <= positions.len()
            && parts.end <= nodes.len()
            && parts.len() == nodes_of(rows.len())
            && order.is_none_or(|o| o.len() == positions.len());
        fits.then(|| Tree {
            positions: positions.clone(),
            nodes: nodes.clone(),
            rows,
            parts,
            order: order.cloned(),
        })
    }

    fn slices(&self) -> Slices<'_> {
        Slices {
            points: self.positions.get(self.rows.clone()).unwrap_or_default(),
            nodes: self.nodes.get(self.parts.clone()).unwrap_or_default(),
            base: self.rows.start,
            order: self.order.as_deref(),
        }
    }

    /// Number of points, at least one.
    #[expect(clippy::len_without_is_empty, reason = "a tree has points")]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Lowest and highest corner of the bounds.
    pub fn bounds(&self) -> (Point3, Point3) {
        let s = self.slices();
        s.corners(Node::root(s.points.len()))
    }

    /// Distance from `p` to the nearest point.
    pub fn distance_to_point(&self, p: Point3) -> f64 {
        self.slices().nearest(p, f64::INFINITY).map_or(f64::INFINITY, |n| n.distance)
    }

    /// Distance between the closest points of two sets.
    pub fn distance(&self, o: &Tree) -> f64 {
        self.closest(o).map_or(f64::INFINITY, |c| c.distance)
    }

    /// The closest points of two sets; `None` where no position is a number.
    pub fn closest(&self, o: &Tree) -> Option<Closest> {
        self.slices().closest(&o.slices())
    }

    /// The point nearest to `p`; `None` where no position is a number.
    pub fn nearest(&self, p: Point3) -> Option<Near> {
        self.slices().nearest(p, f64::INFINITY)
    }

    /// Rows of the points at most `radius` from `p`, ascending.
    pub fn within_radius(&self, p: Point3, radius: f64) -> Vec<u32> {
        let mut out = Vec::new();
        self.slices().within(p, radius, &mut out);
        out.sort_unstable();
        out
    }

    /// Rows of the points inside all half-spaces, ascending.
    pub fn inside(&self, planes: &[Plane]) -> Vec<u32> {
        let mut out = Vec::new();
        self.slices().inside(planes, &mut out);
        out.sort_unstable();
        out
    }

    /// The first point that a ray passes at most `radius` away; `direction` need not be of unit length, but must
    /// not be zero.
    pub fn ray(&self, origin: Point3, direction: reasmory_geom::Vec3, radius: f64) -> Option<Hit> {
        self.slices().ray(origin, direction, radius, f64::INFINITY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_follows_from_the_number_of_points() {
        for n in [1, 31, 32, 33, 64, 65, 97, 1000, 12_345] {
            let mut seen = 0;
            let mut next = 0;
            let mut stack = vec![Node::root(n)];
            while let Some(node) = stack.pop() {
                assert_eq!(node.at as usize, seen, "preorder, of {n}");
                seen += 1;
                match node.children() {
                    Some([l, r]) => stack.extend([r, l]),
                    None => {
                        let rows = node.rows(n);
                        assert_eq!(rows.start, next);
                        assert!(!rows.is_empty() && rows.len() <= LEAF);
                        next = rows.end;
                    }
                }
            }
            assert_eq!((seen, next), (nodes_of(n), n));
        }
        assert_eq!(nodes_of(0), 0);
    }

    #[test]
    fn the_order_is_its_own() {
        // Many equal coordinates, so that ties matter.
        let points: Vec<[f32; 3]> = (0..5000u32)
            .map(|i| [(i * 7 % 10) as f32, (i * 13 % 7) as f32, (i % 3) as f32])
            .collect();
        let order = |points: &[[f32; 3]]| {
            let mut items: Vec<Item> =
                (0u32..).zip(points).map(|(row, p)| Item { position: *p, row }).collect();
            let mut nodes = vec![[0.0; 6]; nodes_of(items.len())];
            arrange(&mut items, &mut nodes);
            (items.iter().map(|i| i.row).collect::<Vec<_>>(), nodes)
        };
        let (first, nodes) = order(&points);
        let sorted: Vec<[f32; 3]> = first.iter().map(|r| points[*r as usize]).collect();
        let (again, same) = order(&sorted);
        assert_eq!(again, (0..5000).collect::<Vec<u32>>());
        assert_eq!(nodes, same);
    }
}
