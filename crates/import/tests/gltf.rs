//! glTF made by hand: places, names, colours, surfaces, and what is damaged.

use std::fs;
use std::path::Path;

use reasmory_geom::Obb;
use reasmory_import::{Format, ImportOptions, Imported, detect, fuzz_gltf, import, scenes};
use serde_json::{Value, json};

/// A document that grows by accessors.
struct Doc {
    json: Value,
    bin: Vec<u8>,
}

impl Doc {
    fn new() -> Doc {
        Doc {
            json: json!({
                "asset": {"version": "2.0"}, "buffers": [{}], "bufferViews": [], "accessors": [],
                "meshes": [], "nodes": [], "materials": []
            }),
            bin: Vec::new(),
        }
    }

    fn push(&mut self, list: &str, v: Value) -> usize {
        let list = self.json[list].as_array_mut().unwrap();
        list.push(v);
        list.len() - 1
    }

    fn view(&mut self, bytes: &[u8]) -> usize {
        let at = self.bin.len();
        self.bin.extend(bytes);
        self.bin.resize(self.bin.len().next_multiple_of(4), 0);
        self.push("bufferViews", json!({"buffer": 0, "byteOffset": at, "byteLength": bytes.len()}))
    }

    fn floats(&mut self, kind: &str, rows: &[f32]) -> usize {
        let columns = kind[3..].parse::<usize>().unwrap();
        let bytes: Vec<u8> = rows.iter().flat_map(|x| x.to_le_bytes()).collect();
        let view = self.view(&bytes);
        let count = rows.len() / columns;
        self.push(
            "accessors",
            json!({"bufferView": view, "componentType": 5126, "count": count, "type": kind}),
        )
    }

    fn indices(&mut self, rows: &[u16]) -> usize {
        let bytes: Vec<u8> = rows.iter().flat_map(|x| x.to_le_bytes()).collect();
        let view = self.view(&bytes);
        self.push(
            "accessors",
            json!({"bufferView": view, "componentType": 5123, "count": rows.len(), "type": "SCALAR"}),
        )
    }

    /// A cube of side 1 around the origin, of this material.
    fn cube(&mut self, material: Option<usize>) -> usize {
        let corners: Vec<f32> = (0..8)
            .flat_map(|c| (0..3).map(move |k| if c >> k & 1 == 1 { 0.5 } else { -0.5 }))
            .collect();
        let at = self.floats("VEC3", &corners);
        let quads: [[u16; 4]; 6] =
            [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
        let of: Vec<u16> =
            quads.iter().flat_map(|q| [q[0], q[1], q[2], q[0], q[2], q[3]]).collect();
        let of = self.indices(&of);
        let mut part = json!({"attributes": {"POSITION": at}, "indices": of});
        if let Some(m) = material {
            part["material"] = json!(m);
        }
        self.push("meshes", json!({"primitives": [part]}))
    }

    fn glb(&self) -> Vec<u8> {
        let mut d = self.json.clone();
        d["buffers"][0]["byteLength"] = json!(self.bin.len());
        pack(&d, &self.bin)
    }
}

fn pack(d: &Value, bin: &[u8]) -> Vec<u8> {
    let mut text = d.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(4), b' ');
    let mut out = b"glTF\x02\0\0\0".to_vec();
    out.extend((20 + text.len() as u32 + 8 + bin.len() as u32).to_le_bytes());
    for (kind, part) in [(b"JSON", &text[..]), (b"BIN\0", bin)] {
        out.extend((part.len() as u32).to_le_bytes());
        out.extend(kind);
        out.extend(part);
    }
    out
}

fn read(bytes: &[u8]) -> Imported {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("scene.glb");
    fs::write(&file, bytes).unwrap();
    assert_eq!(detect(&file).unwrap(), Format::Gltf);
    import(&file, &ImportOptions::default()).unwrap()
}

/// A chair turned by 30° about up in a group that is moved and scaled, a table named by `extras`, a lamp of points.
fn furnished() -> Doc {
    let mut d = Doc::new();
    let red =
        d.push("materials", json!({"pbrMetallicRoughness": {"baseColorFactor": [1, 0, 0, 1]}}));
    let (plain, painted) = (d.cube(None), d.cube(Some(red)));
    let rows: Vec<f32> = (0..50).flat_map(|i| [3.0, 1.0 + 0.01 * i as f32, 0.0]).collect();
    let lamp = d.floats("VEC3", &rows);
    let lamp =
        d.push("meshes", json!({"primitives": [{"mode": 0, "attributes": {"POSITION": lamp}}]}));
    let half = 15f32.to_radians();
    d.json["nodes"] = json!([
        {"name": "RootNode", "children": [1, 4, 5]},
        {"name": "Group_1", "translation": [1, 0, -2], "scale": [2, 2, 2], "children": [2]},
        // +y is up: a turn about it, 0.5 m high.
        {"name": "Chair.001", "rotation": [0, half.sin(), 0, half.cos()], "scale": [0.5, 0.5, 0.25], "mesh": painted,
         "children": [3]},
        {"name": "mesh_7", "mesh": painted, "scale": [0.1, 0.1, 0.1]},
        {"name": "n17", "extras": {"category": "Coffee Table"}, "translation": [-2, 0, 0], "children": [6, 7]},
        {"name": "lamp", "mesh": lamp},
        {"name": "leg", "mesh": plain, "translation": [0, 0.5, 0]},
        {"name": "top", "mesh": plain, "translation": [0, 2, 0]},
    ]);
    d.json["scenes"] = json!([{"nodes": [0]}]);
    d.json["scene"] = json!(0);
    d
}

#[test]
fn nodes_with_labels_are_instances() {
    let bytes = furnished().glb();
    let got = read(&bytes);
    let m = got.memory.manifest();
    let names: Vec<&str> = m.instances.iter().map(|i| i.category.as_str()).collect();
    assert_eq!(names, ["chair", "coffee table", "lamp"], "{:?}", got.notes);
    assert!(m.scale.is_metric());
    // glTF's (x, y, z) is (x, −z, y); the group doubles lengths.
    let check = |obb: &Obb, center: [f64; 3], lengths: [f64; 3]| {
        assert!((obb.center - nalgebra::Point3::from(center)).norm() < 1e-3, "{obb:?}");
        let mut got: Vec<f64> = obb.lengths().iter().copied().collect();
        got.sort_by(f64::total_cmp);
        assert!(got.iter().zip(lengths).all(|(a, b)| (a - b).abs() < 3e-3), "{obb:?}");
    };
    check(&m.instances[0].obb, [1.0, 2.0, 0.0], [0.5, 1.0, 1.0]);
    check(&m.instances[1].obb, [-2.0, 0.0, 1.25], [1.0, 1.0, 2.5]);
    // The chair's long side, +x in glTF, turned from x towards −z, that is to y.
    let axis =
        m.instances[0].obb.axes.column(usize::from(m.instances[0].obb.half.x < 0.4)).into_owned();
    let yaw = reasmory_geom::math::atan2_deg(axis.y, axis.x).rem_euclid(180.0);
    assert!((yaw - 30.0).abs() < 0.2, "{yaw}");
    let p = got.memory.points();
    // Samples are by area: both cubes of the table are alike, and the points of the lamp are all there.
    let of = |id: u32| (0..p.len()).filter(|i| p.instance[*i] == id).collect::<Vec<_>>();
    assert_eq!(of(3).len(), 50);
    let table = of(2);
    let upper = table.iter().filter(|i| p.positions[**i][2] > 1.2).count();
    assert!(table.len() > 5000 && (table.len() as i64 - 2 * upper as i64).abs() < 300);
    assert!(of(1).iter().all(|i| p.colors[*i] == [255, 0, 0]));
    assert!(of(2).iter().all(|i| p.colors[*i] == [128; 3]));
    for i in table {
        let q = p.positions[i];
        let off = [q[0] + 2.0, q[1], q[2] - if q[2] > 1.2 { 2.0 } else { 0.5 }];
        let most = off.iter().fold(0.0f32, |m, x| m.max(x.abs()));
        assert!((most - 0.5).abs() < 1e-5, "{q:?} is on no face");
    }
    // The same bytes, the same memory.
    assert_eq!(read(&bytes).memory.points().positions[..], p.positions[..]);
}

#[test]
fn one_mesh_is_a_scan() {
    let mut d = Doc::new();
    let cube = d.cube(None);
    d.json["nodes"] = json!([{"name": "office", "mesh": cube}]);
    let got = read(&d.glb());
    assert!(got.memory.manifest().instances.is_empty());
    assert!(got.notes.iter().any(|n| n.contains("`office`")), "{:?}", got.notes);
    // Unless somebody says what it is.
    d.json["nodes"][0]["extras"] = json!({"label": "crate"});
    assert_eq!(read(&d.glb()).memory.manifest().instances[0].category, "crate");
}

/// Red of a picture of four pixels, row by row.
const RED: [[u8; 2]; 2] = [[10, 60], [120, 200]];

#[test]
fn textures_and_vertices_give_colours() {
    let mut d = Doc::new();
    let mut png = Vec::new();
    let picture =
        image::RgbImage::from_fn(2, 2, |x, y| image::Rgb([RED[y as usize][x as usize], 0, 255]));
    picture.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    let view = d.view(&png);
    d.json["images"] = json!([{"bufferView": view, "mimeType": "image/png"}]);
    d.json["textures"] = json!([{"source": 0}]);
    let m =
        d.push("materials", json!({"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}));
    let at = d.floats("VEC3", &[0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 4.0, 0.0, 4.0, 0.0, 0.0, 4.0]);
    let uv = d.floats("VEC2", &[0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0]);
    let strip = d.indices(&[0, 1, 3, 2]);
    let fan = d.indices(&[0, 1, 2, 3]);
    // 0.5 of linear light is byte 188.
    let color = d.floats("VEC4", &[0.5; 16]);
    d.push("meshes", json!({"primitives": [
        {"mode": 5, "material": m, "indices": strip, "attributes": {"POSITION": at, "TEXCOORD_0": uv}}
    ]}));
    d.push("meshes", json!({"primitives": [{"mode": 6, "indices": fan, "attributes": {"POSITION": at, "COLOR_0": color}}]}));
    d.json["nodes"] = json!([{"mesh": 0}, {"mesh": 1, "translation": [0, 9, 0]}]);
    let got = read(&d.glb());
    let p = got.memory.points();
    let mut counts = [0; 2];
    for (q, c) in p.positions.iter().zip(p.colors.iter()) {
        if q[2] > 5.0 {
            counts[1] += 1;
            assert_eq!(*c, [188; 3]);
        } else {
            counts[0] += 1;
            if (q[0] - 2.0).abs().min((q[1] + 2.0).abs()) < 1e-3 {
                continue;
            }
            // The picture's row 0 is at v = 0, glTF's z = 0, our y = 0 and downwards.
            let (u, v) = (usize::from(q[0] > 2.0), usize::from(-q[1] > 2.0));
            assert_eq!(*c, [RED[v][u], 0, 255], "{q:?}");
        }
    }
    assert!((counts[0] as i64 - counts[1] as i64).abs() <= 2, "{counts:?}");
    // A texture that is no picture leaves the shape.
    d.json["images"] = json!([{"uri": "data:image/png;base64,AAAA"}]);
    let got = read(&d.glb());
    assert!(got.notes.iter().any(|n| n.contains("textures could not be read")), "{:?}", got.notes);
}

#[test]
fn buffers_may_stand_beside_the_document() {
    let tmp = tempfile::tempdir().unwrap();
    let d = furnished();
    fs::create_dir(tmp.path().join("my parts")).unwrap();
    fs::write(tmp.path().join("my parts/a.bin"), &d.bin).unwrap();
    fs::write(tmp.path().join("out.bin"), &d.bin).unwrap();
    let mut json = d.json.clone();
    json["buffers"] = json!([{"byteLength": d.bin.len(), "uri": "my%20parts/a.bin"}]);
    let file = tmp.path().join("my parts/../scene.gltf");
    fs::write(&file, json.to_string()).unwrap();
    assert_eq!(detect(&file).unwrap(), Format::Gltf);
    assert_eq!(scenes(tmp.path(), Format::Gltf).unwrap(), ["scene"]);
    let whole = read(&d.glb());
    let got = import(&file, &ImportOptions::default()).unwrap();
    assert_eq!(got.memory.points().positions[..], whole.memory.points().positions[..]);
    let inner = tmp.path().join("my parts/b.gltf");
    for uri in [
        "../out.bin",
        "/etc/hostname",
        "none.bin",
        "data:,x",
        "data:application/octet-stream;base64,?",
    ] {
        json["buffers"][0]["uri"] = json!(uri);
        fs::write(&inner, json.to_string()).unwrap();
        let e = import(&inner, &ImportOptions::default()).unwrap_err().to_string();
        assert!(e.contains("buffers[0]"), "{uri}: {e}");
    }
}

#[test]
fn sparse_and_strided_accessors_are_read() {
    let mut d = Doc::new();
    // Positions in a view with gaps, one of them replaced.
    let rows: Vec<u8> = [0.0f32, 0.0, 0.0, 9.0, 1.0, 0.0, 0.0, 9.0, 2.0, 0.0, 0.0, 9.0]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let view = d.view(&rows);
    d.json["bufferViews"][view]["byteStride"] = json!(16);
    let which = d.view(&[1]);
    let value: Vec<u8> = [7.0f32, 8.0, -9.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let value = d.view(&value);
    let sparse = json!({
        "count": 1, "indices": {"bufferView": which, "componentType": 5121}, "values": {"bufferView": value}
    });
    let a = d.push(
        "accessors",
        json!({"bufferView": view, "componentType": 5126, "count": 3, "type": "VEC3", "sparse": sparse}),
    );
    d.push("meshes", json!({"primitives": [{"mode": 0, "attributes": {"POSITION": a}}]}));
    d.json["nodes"] = json!([{"mesh": 0}]);
    let got = read(&d.glb());
    assert_eq!(
        got.memory.points().positions[..],
        [[0.0, 0.0, 0.0], [7.0, 9.0, 8.0], [2.0, 0.0, 0.0]]
    );
    // Points alone have whatever unit.
    assert!(!got.memory.manifest().scale.is_metric());
}

fn error(file: &Path, bytes: &[u8]) -> String {
    fs::write(file, bytes).unwrap();
    fuzz_gltf(bytes);
    let options = ImportOptions { format: Some(Format::Gltf), ..ImportOptions::default() };
    let e = import(file, &options).unwrap_err().to_string();
    assert!(e.contains("scene.glb"), "{e}");
    e
}

#[test]
fn damage_is_named() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("scene.glb");
    let d = furnished();
    let whole = d.glb();
    assert!(error(&file, &whole[..whole.len() / 2]).contains("container"));
    assert!(error(&file, &whole[..7]).contains("cut short"));
    for (at, value, words) in [
        (4, 3u32, "version 3"),
        (8, 5, "below"),
        (8, u32::MAX, "container"),
        (12, u32::MAX, "container"),
        (16, 0x1234_5678, "container"),
    ] {
        let mut bytes = whole.clone();
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        let e = error(&file, &bytes);
        assert!(e.contains(words), "{words:?} in {e:?}");
    }
    let huge = json!(u64::MAX);
    let changes: [(&str, Value, &str); 21] = [
        ("/asset/version", json!("1.0"), "asset.version"),
        (
            "/extensionsRequired",
            json!(["KHR_draco_mesh_compression"]),
            "KHR_draco_mesh_compression",
        ),
        ("/scene", json!(7), "scene"),
        ("/scenes/0/nodes/0", json!(99), "nodes[99]"),
        ("/nodes/3/children", json!([0]), "reached in two ways"),
        ("/nodes/1/children", json!([2, 2]), "reached in two ways"),
        ("/nodes/2/rotation", json!([0, 0, 0, 0]), "nodes[2]"),
        ("/nodes/2/mesh", json!(50), "nodes[2].mesh"),
        ("/meshes/0/primitives/0/mode", json!(9), "mode"),
        ("/meshes/0/primitives/0/indices", json!(77), "accessor 77"),
        ("/meshes/0/primitives/0/indices", json!(0), "whole numbers"),
        ("/meshes/0/primitives/0/attributes/COLOR_0", json!(4), "COLOR_0"),
        ("/accessors/0/count", huge.clone(), "vertices"),
        ("/accessors/0/count", json!(9_000_000), "accessors[0].count"),
        ("/accessors/0/type", json!("MAT4"), "matrices"),
        ("/accessors/0/componentType", json!(1), "accessors[0]"),
        ("/accessors/0/bufferView", Value::Null, "name vertex"),
        ("/accessors/1/count", json!(35), "multiple of 3"),
        ("/bufferViews/0/byteLength", huge.clone(), "bufferViews[0]"),
        ("/bufferViews/0/byteStride", json!(0), "accessors[0].count"),
        ("/bufferViews/0/buffer", json!(1), "buffer"),
    ];
    for (place, value, words) in changes {
        let mut json = d.json.clone();
        json["buffers"][0]["byteLength"] = json!(d.bin.len());
        let (above, key) = place.rsplit_once('/').unwrap();
        if value.is_null() {
            // Zeros, fewer than the indices name.
            json["accessors"][0].as_object_mut().unwrap().remove(key);
            json["accessors"][0]["count"] = json!(5);
        } else {
            let parent =
                if above.is_empty() { &mut json } else { json.pointer_mut(above).unwrap() };
            match parent {
                Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
                other => other[key] = value,
            }
        }
        let e = error(&file, &pack(&json, &d.bin));
        assert!(e.contains(words), "{place}: {words:?} in {e:?}");
    }
    // Zeros that nothing holds.
    let mut json = d.json.clone();
    json["buffers"][0]["byteLength"] = json!(d.bin.len());
    json["accessors"][0] = json!({"componentType": 5126, "count": 20_000_000, "type": "VEC3"});
    assert!(error(&file, &pack(&json, &d.bin)).contains("accessors[0].count"));
    let empty = json!({"asset": {"version": "2.0"}});
    assert!(error(&file, empty.to_string().as_bytes()).contains("neither points nor surfaces"));
    assert!(error(&file, b"{\"asset\": 3}").contains("line 1"));
}

/// Bytes damaged by a fixed stream of chance: they are read or refused, within the test's own memory.
#[test]
fn damaged_bytes_are_read_or_refused() {
    let whole = furnished().glb();
    let mut state = 7u64;
    let mut chance = move |n: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    for _ in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..=chance(4) {
            let at = chance(bytes.len());
            match chance(4) {
                0 => bytes[at] ^= 1 << chance(8),
                1 => bytes[at] = b'0' + chance(10) as u8,
                2 => bytes.truncate(at.max(1)),
                _ => {
                    let from = chance(bytes.len());
                    let n = chance(40).min(bytes.len() - from).min(bytes.len() - at);
                    bytes.copy_within(from..from + n, at);
                }
            }
        }
        fuzz_gltf(&bytes);
    }
}
