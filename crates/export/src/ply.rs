//! PLY: every point with colour, confidence and instance. What PLY has no place for stands in comments, which other
//! readers skip: the scale, which way is up, and the instances' categories.

use std::fmt::Write as _;

use reasmory_scene::Memory;

pub(crate) fn write(memory: &Memory) -> Vec<u8> {
    let (m, p) = (memory.manifest(), memory.points());
    let mut head =
        String::from("ply\nformat binary_little_endian 1.0\ncomment reasmory 1\ncomment up +z\n");
    let scale = if m.scale.is_metric() { "metric" } else { "relative" };
    let _ = writeln!(head, "comment scale {scale}");
    for i in &m.instances {
        // A category may hold anything but the end of the line.
        let name: String =
            i.category.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(head, "comment instance {} {name}", i.id);
    }
    let _ = write!(
        head,
        "element vertex {}\nproperty float x\nproperty float y\nproperty float z\nproperty uchar red\n\
         property uchar green\nproperty uchar blue\nproperty float confidence\nproperty uint instance\n\
         end_header\n",
        p.len()
    );
    let mut out = head.into_bytes();
    out.reserve(p.len() * 23);
    for (i, q) in p.positions.iter().enumerate() {
        for x in q {
            out.extend(x.to_le_bytes());
        }
        out.extend(p.colors[i]);
        out.extend(p.confidence[i].to_le_bytes());
        out.extend(p.instance[i].to_le_bytes());
    }
    out
}
