//! Geometry and the fixed conventions of the project.
//!
//! World: right-handed, gravity-aligned, +Z up, metres when metric (scene units otherwise). Cameras:
//! OpenCV axes (x right, y down, z forward), camera-to-world, pinhole intrinsics in pixels, the centre of
//! the top-left pixel at (0.5, 0.5) as in COLMAP. Angles are degrees. A *heading* is the angle of the
//! horizontal forward direction from world +X, counter-clockwise seen from above; a *bearing* is the angle
//! from straight ahead, positive to the right, in (-180°, 180°].
#![forbid(unsafe_code)]

pub mod math;
mod obb;
mod pinhole;
pub mod polygon;
mod sector;
mod view;

pub use obb::{BOX_EDGES, Obb, ray_box};
pub use pinhole::{Pinhole, Pose};
pub use sector::{SectorChoice, choose_sector};
pub use view::{Lens, Turn, View};

/// A position in the world frame.
pub type Point3 = nalgebra::Point3<f64>;
/// A displacement in the world frame.
pub type Vec3 = nalgebra::Vector3<f64>;
/// A position in the horizontal plane.
pub type Point2 = nalgebra::Point2<f64>;
/// World up.
pub const UP: Vec3 = Vec3::new(0.0, 0.0, 1.0);
/// Eye height of a standing person in a metric memory, metres.
pub const EYE_HEIGHT: f64 = 1.5;
/// Eye height as a fraction of room height in a relative memory.
pub const EYE_HEIGHT_FRACTION: f64 = 0.6;
/// Default step in a metric memory, metres.
pub const STEP: f64 = 0.5;
/// Default step in a relative memory, as a fraction of the room diagonal.
pub const STEP_FRACTION: f64 = 0.1;
/// A target whose horizontal offset is below this has no side, metres.
pub const NO_SIDE: f64 = 0.01;
/// The same in a relative memory, as a fraction of the room diagonal.
pub const NO_SIDE_FRACTION: f64 = 0.001;
/// Below this turn, `turn_needed` is `none`, degrees.
pub const NO_TURN: f64 = 15.0;
