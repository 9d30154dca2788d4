//! Spatial index: kd-trees with tight boxes over the points of each instance, and the free floor.
//!
//! A [`Tree`] answers for one group of points, a [`SpatialIndex`] for all groups of a memory: the points of no
//! instance, and those of each instance. Both are built in memory or lie in mapped files; the answers are the
//! same. [`FloorMap`] says where the floor is free, [`Ways`] where one gets over it.

mod floor;
mod leaves;
mod query;
mod spatial;
mod tree;
mod walk;

pub use floor::{Cell, FloorMap, Grid, in_the_way};
pub use query::{Closest, Hit, Near, Plane, frustum};
pub use spatial::{Misfit, SpatialIndex};
pub use tree::{LEAF, Tree, nodes_of};
pub use walk::{End, Ways, corners, from_segment, way_length};
