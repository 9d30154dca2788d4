//! COLMAP's text model: cameras (world to camera, OpenCV axes, as COLMAP has them) and points without tracks. The world
//! stays as it is, +z up. Instances, confidences and the room have no place in it.

use std::fmt::Write as _;

use nalgebra::{Rotation3, UnitQuaternion};
use reasmory_geom::Pinhole;
use reasmory_scene::Memory;

use crate::ExportError;

pub(crate) fn write(memory: &Memory) -> Result<Vec<(&'static str, Vec<u8>)>, ExportError> {
    let (m, p) = (memory.manifest(), memory.points());
    if m.photos.is_empty() {
        return Err(ExportError {
            what: "the memory has no photos, and a COLMAP model is one of cameras".into(),
            remedy: "export it as `ply` or `glb`".into(),
        });
    }
    let mut lenses: Vec<Pinhole> = Vec::new();
    let mut images = String::from(
        "# IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME, then the observations, of which there are none\n",
    );
    for photo in &m.photos {
        let at = lenses.iter().position(|l| *l == photo.pinhole).unwrap_or_else(|| {
            lenses.push(photo.pinhole);
            lenses.len() - 1
        });
        let pose = &photo.camera_to_world;
        let turn = Rotation3::from_matrix_unchecked(pose.rotation.transpose());
        let q = UnitQuaternion::from_rotation_matrix(&turn);
        // One of the two quaternions of a rotation.
        let q = if q.w < 0.0 { -q.into_inner() } else { q.into_inner() };
        let t = -(turn * pose.center.coords);
        // A line is an image; a name may hold anything but its end.
        let name: String =
            photo.name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(
            images,
            "{} {} {} {} {} {} {} {} {} {name}\n",
            photo.number,
            q.w,
            q.i,
            q.j,
            q.k,
            t.x,
            t.y,
            t.z,
            at + 1
        );
    }
    let mut cameras = String::from("# CAMERA_ID MODEL WIDTH HEIGHT FX FY CX CY\n");
    for (i, l) in lenses.iter().enumerate() {
        let _ = writeln!(
            cameras,
            "{} PINHOLE {} {} {} {} {} {}",
            i + 1,
            l.width,
            l.height,
            l.fx,
            l.fy,
            l.cx,
            l.cy
        );
    }
    let mut points = String::from("# POINT3D_ID X Y Z R G B ERROR\n");
    for (i, q) in p.positions.iter().enumerate() {
        let c = p.colors[i];
        let _ =
            writeln!(points, "{} {} {} {} {} {} {} 0", i + 1, q[0], q[1], q[2], c[0], c[1], c[2]);
    }
    Ok(vec![
        ("cameras.txt", cameras.into_bytes()),
        ("images.txt", images.into_bytes()),
        ("points3D.txt", points.into_bytes()),
    ])
}
