//! Spatial index: kd-trees with tight boxes over the points of each instance, and the free floor.
//!
//! A [`Tree`] answers for one group of points, a [`SpatialIndex`] for all groups of a memory: the points of no
//! instance, and those of each instance. Both are built in memory or lie in mapped files; the answers are the
//! same. [`FloorMap`] says where the floor is free.

mod floor;
mod query;
mod spatial;
mod tree;

pub use floor::{Cell, FloorMap, Grid};
pub use query::{Closest, Hit, Near, Plane, frustum};
pub use spatial::{Misfit, SpatialIndex};
pub use tree::{LEAF, Tree, nodes_of};
