//! Binary glTF 2.0: the points of each instance and its box as lines, under nodes with the instance's name.
//!
//! glTF is in metres with +y up; the root node turns the memory's +z there. A relative memory keeps its units, as
//! the root's extras say. Colours are linear, as glTF has them, of 16 bits, so that each sRGB byte comes back.

use nalgebra::{Rotation3, UnitQuaternion};
use reasmory_geom::math;
use reasmory_scene::{Instance, Memory};
use serde_json::{Value, json};

use crate::ExportError;

/// Corners of the unit cube by index: x, then y, then z.
const EDGES: [[u16; 2]; 12] = [
    [0, 1],
    [2, 3],
    [4, 5],
    [6, 7],
    [0, 2],
    [1, 3],
    [4, 6],
    [5, 7],
    [0, 4],
    [1, 5],
    [2, 6],
    [3, 7],
];

/// The parts of the document that refer to each other.
#[derive(Default)]
struct Document {
    bin: Vec<u8>,
    views: Vec<Value>,
    accessors: Vec<Value>,
    meshes: Vec<Value>,
    nodes: Vec<Value>,
}

impl Document {
    /// A stretch of the binary part; its number.
    fn view(&mut self, bytes: &[u8], target: u32) -> usize {
        let offset = self.bin.len();
        self.bin.extend_from_slice(bytes);
        // The next begins at a multiple of 4.
        self.bin.resize(self.bin.len().next_multiple_of(4), 0);
        self.views.push(json!({
            "buffer": 0, "byteOffset": offset, "byteLength": bytes.len(), "target": target
        }));
        self.views.len() - 1
    }

    fn accessor(&mut self, value: Value) -> usize {
        self.accessors.push(value);
        self.accessors.len() - 1
    }

    fn node(&mut self, value: Value) -> usize {
        self.nodes.push(value);
        self.nodes.len() - 1
    }

    /// A mesh of points: positions and colours of these rows.
    fn points(&mut self, memory: &Memory, name: &str, rows: &[u32], linear: &[u16; 256]) -> usize {
        let p = memory.points();
        let (mut lo, mut hi) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
        let mut positions = Vec::with_capacity(rows.len() * 12);
        let mut colors = Vec::with_capacity(rows.len() * 8);
        for r in rows {
            let q = p.positions[*r as usize];
            for k in 0..3 {
                (lo[k], hi[k]) = (lo[k].min(q[k]), hi[k].max(q[k]));
                positions.extend(q[k].to_le_bytes());
            }
            for c in p.colors[*r as usize] {
                colors.extend(linear[usize::from(c)].to_le_bytes());
            }
            colors.extend(u16::MAX.to_le_bytes());
        }
        let (position, color) = (self.view(&positions, 34962), self.view(&colors, 34962));
        let position = self.accessor(json!({
            "bufferView": position, "componentType": 5126, "count": rows.len(), "type": "VEC3",
            "min": lo, "max": hi
        }));
        let color = self.accessor(json!({
            "bufferView": color, "componentType": 5123, "normalized": true, "count": rows.len(),
            "type": "VEC4"
        }));
        self.meshes.push(json!({
            "name": name,
            "primitives": [{
                "mode": 0, "attributes": {"POSITION": position, "COLOR_0": color}
            }]
        }));
        self.meshes.len() - 1
    }

    /// The edges of a cube of side 1 around the origin, as one mesh for all boxes.
    fn cube(&mut self) -> usize {
        let mut positions = Vec::new();
        for corner in 0..8 {
            for k in 0..3 {
                let x: f32 = if corner >> k & 1 == 1 { 0.5 } else { -0.5 };
                positions.extend(x.to_le_bytes());
            }
        }
        let edges: Vec<u8> = EDGES.iter().flatten().flat_map(|i| i.to_le_bytes()).collect();
        let (position, edges) = (self.view(&positions, 34962), self.view(&edges, 34963));
        let position = self.accessor(json!({
            "bufferView": position, "componentType": 5126, "count": 8, "type": "VEC3",
            "min": [-0.5, -0.5, -0.5], "max": [0.5, 0.5, 0.5]
        }));
        let edges = self.accessor(json!({
            "bufferView": edges, "componentType": 5123, "count": 24, "type": "SCALAR"
        }));
        self.meshes.push(json!({
            "name": "box",
            "primitives": [{"mode": 1, "attributes": {"POSITION": position}, "indices": edges}]
        }));
        self.meshes.len() - 1
    }
}

fn box_node(i: &Instance, name: &str, cube: usize) -> Value {
    let turn = Rotation3::from_matrix_unchecked(i.obb.axes);
    let q = UnitQuaternion::from_rotation_matrix(&turn);
    let size = i.obb.lengths();
    json!({
        "name": name,
        "mesh": cube,
        "translation": [i.obb.center.x, i.obb.center.y, i.obb.center.z],
        "rotation": [q.i, q.j, q.k, q.w],
        "scale": [size.x, size.y, size.z],
        "extras": {
            "reasmory": "box", "id": i.id, "category": i.category, "confidence": i.confidence,
            "support": i.support, "front": i.front, "box": i.obb
        }
    })
}

/// Linear values of sRGB bytes, of 16 bits.
pub(crate) fn linear() -> [u16; 256] {
    std::array::from_fn(|i| {
        let c = i as f64 / 255.0;
        let v = if c <= 0.04045 { c / 12.92 } else { math::pow((c + 0.055) / 1.055, 2.4) };
        (v * 65535.0).round() as u16
    })
}

pub(crate) fn write(memory: &Memory) -> Result<Vec<u8>, ExportError> {
    let m = memory.manifest();
    let mut d = Document::default();
    let mut children = Vec::new();
    let linear = linear();
    let cube = (!m.instances.is_empty()).then(|| d.cube());
    let free: Vec<u32> =
        (0u32..).zip(memory.points().instance.iter()).filter(|p| *p.1 == 0).map(|p| p.0).collect();
    for id in 0..=m.instances.len() as u32 {
        let rows: Vec<u32> =
            if id == 0 { free.clone() } else { memory.instance_rows(id).iter().collect() };
        let name = if id == 0 { "points".to_owned() } else { m.instance_name(id) };
        if !rows.is_empty() {
            let mesh = d.points(memory, &name, &rows, &linear);
            let name = if id == 0 { name.clone() } else { format!("points of {name}") };
            children.push(d.node(json!({
                "name": name, "mesh": mesh, "extras": {"reasmory": "points", "id": id}
            })));
        }
        if let (Some(i), Some(cube)) = (m.instance(id), cube) {
            children.push(d.node(box_node(i, &name, cube)));
        }
    }
    let half = 0.5f64.sqrt();
    let mut root = json!({
        "name": m.name,
        "rotation": [-half, 0.0, 0.0, half],
        "extras": {"reasmory": "memory", "scale": m.scale}
    });
    if !children.is_empty() {
        root["children"] = json!(children);
    }
    let root = d.node(root);
    let mut document = json!({
        "asset": {"version": "2.0", "generator": "reasmory"},
        "scene": 0,
        "scenes": [{"nodes": [root]}],
        "nodes": d.nodes
    });
    // Lists that are empty must not be there.
    for (name, list) in [("meshes", d.meshes), ("accessors", d.accessors), ("bufferViews", d.views)]
    {
        if !list.is_empty() {
            document[name] = json!(list);
        }
    }
    if !d.bin.is_empty() {
        document["buffers"] = json!([{"byteLength": d.bin.len()}]);
    }
    container(document.to_string().into_bytes(), d.bin)
}

/// The container: a head of 12 bytes, the document padded with spaces, the binary part padded with zeros.
fn container(mut text: Vec<u8>, mut bin: Vec<u8>) -> Result<Vec<u8>, ExportError> {
    text.resize(text.len().next_multiple_of(4), b' ');
    bin.resize(bin.len().next_multiple_of(4), 0);
    let parts: [(&[u8; 4], &[u8]); 2] = [(b"JSON", &text), (b"BIN\0", &bin)];
    let parts = &parts[..if bin.is_empty() { 1 } else { 2 }];
    let length: usize = 12 + parts.iter().map(|p| 8 + p.1.len()).sum::<usize>();
    let long = u32::try_from(length).map_err(|_| ExportError {
        what: format!("the memory does not fit a GLB file ({length} bytes are more than 4 GiB)"),
        remedy: "export it as `ply`, or crop it".into(),
    })?;
    let mut out = Vec::with_capacity(length);
    out.extend(b"glTF");
    out.extend(2u32.to_le_bytes());
    out.extend(long.to_le_bytes());
    for (kind, data) in parts {
        // No longer than the whole.
        out.extend((data.len() as u32).to_le_bytes());
        out.extend(*kind);
        out.extend(*data);
    }
    Ok(out)
}
