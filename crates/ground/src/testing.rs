//! Views for tests.

use reasmory_geom::{Pinhole, Point3, Pose, Vec3};

use crate::prepare::Ready;

/// A view of nothing from a point in the plane, facing the origin.
pub(crate) fn facing(from: [f64; 3]) -> Ready {
    let eye = Point3::from(from);
    let forward = -eye.coords.normalize();
    let down = -Vec3::z();
    let right = down.cross(&forward);
    let (width, height) = (64, 48);
    Ready {
        index: 0,
        lens: Pinhole::from_fov(width, height, 70.0),
        pose: Pose::from_axes(right, down, forward, eye),
        width: 64,
        height: 48,
        z: vec![0.0; 64 * 48],
        normal: vec![[0.0; 3]; 64 * 48],
        owner: vec![0; 64 * 48],
    }
}
