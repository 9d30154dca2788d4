//! Memories exported, imported again and compared.

use std::fs;
use std::path::Path;

use reasmory_export::{ExportError, Exported, Format, export};
use reasmory_geom::{Obb, Pinhole, Point3, Pose, Vec3};
use reasmory_import::{ImportOptions, detect, import};
use reasmory_scene::{Instance, Manifest, Memory, Photo, Points, Room, Scale};
use serde_json::Value;

/// A furnished room of points in an order that is not that of its instances, one camera turned and rolled.
fn room() -> Memory {
    let m = reasmory_synth::synthetic_points(30_000, 3).unwrap();
    let mut manifest = m.manifest().as_ref().clone();
    let r = Vec3::new(0.6, 0.7, 0.2).normalize();
    let d = r.cross(&Vec3::new(0.1, -0.3, 1.0)).normalize();
    manifest.photos.push(Photo {
        number: manifest.photos.len() as u32 + 1,
        name: "last photo.jpg".into(),
        pinhole: Pinhole { width: 320, height: 200, fx: 250.5, fy: 251.0, cx: 161.0, cy: 99.5 },
        camera_to_world: Pose::from_axes(r, d, r.cross(&d), Point3::new(1.0, 2.0, 1.4)),
        time: Some(3.5),
        image: None,
    });
    Memory::new(manifest, m.points().clone(), None).unwrap()
}

fn file(memory: &Memory, format: Format, at: &Path) {
    match export(memory, format).unwrap() {
        Exported::File(bytes) => fs::write(at, bytes).unwrap(),
        Exported::Folder(files) => {
            fs::create_dir_all(at).unwrap();
            files.iter().for_each(|(name, bytes)| fs::write(at.join(name), bytes).unwrap());
        }
    }
}

/// Exports, checks that the format is found by content, imports.
fn back(memory: &Memory, format: Format, name: &str) -> Memory {
    let tmp = tempfile::tempdir().unwrap();
    let at = tmp.path().join(name);
    file(memory, format, &at);
    assert_eq!(Format::from_path(&at), Some(format));
    let again = export(memory, format).unwrap();
    match (again, export(memory, format).unwrap()) {
        (Exported::File(a), Exported::File(b)) => assert_eq!(a, b),
        (Exported::Folder(a), Exported::Folder(b)) => assert_eq!(a, b),
        _ => panic!("{format}"),
    }
    let found = match format {
        Format::Json => "scene-json",
        Format::Glb => "gltf",
        other => other.name(),
    };
    assert_eq!(detect(&at).unwrap().name(), found);
    let options = ImportOptions { metric: true, ..ImportOptions::default() };
    import(&at, &options).unwrap().memory
}

#[test]
fn ply() {
    let m = room();
    let b = back(&m, Format::Ply, "room.ply");
    let (p, q) = (m.points(), b.points());
    assert_eq!(p.positions[..], q.positions[..]);
    assert_eq!(p.colors[..], q.colors[..]);
    assert_eq!(p.confidence[..], q.confidence[..]);
    // Instances without points are not in a cloud; the others keep their order.
    let with: Vec<&Instance> =
        m.manifest().instances.iter().filter(|i| !m.instance_rows(i.id).is_empty()).collect();
    assert!(with.len() > 5 && with.len() == b.manifest().instances.len());
    for (i, j) in with.iter().zip(&b.manifest().instances) {
        assert_eq!(i.category, j.category);
        assert_eq!(
            m.instance_rows(i.id).iter().collect::<Vec<_>>(),
            b.instance_rows(j.id).iter().collect::<Vec<_>>()
        );
        assert!(
            (i.obb.center - j.obb.center).norm() < 0.3,
            "{}: {:?} {:?}",
            i.category,
            i.obb,
            j.obb
        );
    }
    assert!(b.manifest().scale.is_metric());
    let floor = |m: &Memory| m.manifest().room.as_ref().unwrap().floor;
    assert!((floor(&m) - floor(&b)).abs() < 0.03);
}

/// A manifest as JSON gives it back: rotations are made orthonormal when they are read, to the last bit.
fn read(m: &Manifest) -> Manifest {
    serde_json::from_str(&serde_json::to_string(m).unwrap()).unwrap()
}

#[test]
fn json() {
    let m = room();
    let b = back(&m, Format::Json, "room.json");
    let mut expected = read(m.manifest());
    expected.points = 0;
    expected.provenance.notes.clone_from(&b.manifest().provenance.notes);
    assert_eq!(b.manifest().as_ref(), &expected);
    assert!(b.manifest().provenance.notes.last().unwrap().contains("points"));
    // Of boxes alone nothing is lost.
    let mut boxes = m.manifest().as_ref().clone();
    boxes.points = 0;
    let boxes = Memory::new(boxes, Points::default(), None).unwrap();
    assert_eq!(
        back(&boxes, Format::Json, "boxes.json").manifest().as_ref(),
        &read(boxes.manifest())
    );
}

#[test]
fn colmap() {
    let m = room();
    let b = back(&m, Format::Colmap, "model");
    let (a, c) = (&m.manifest().photos, &b.manifest().photos);
    assert_eq!(a.len(), c.len());
    // A reconstruction is turned to its cameras' up; what does not depend on the frame must stay.
    let p = |memory: &Memory, i: usize| Point3::from(memory.points().positions[i].map(f64::from));
    assert!(b.points().len() as f64 > 0.99 * m.points().len() as f64);
    let same = b.points().len() == m.points().len();
    for y in c {
        let x = a.iter().find(|x| x.name == y.name).unwrap();
        assert_eq!(
            (&x.name, x.pinhole.width, x.pinhole.height),
            (&y.name, y.pinhole.width, y.pinhole.height)
        );
        for (s, t) in [
            (x.pinhole.fx, y.pinhole.fx),
            (x.pinhole.fy, y.pinhole.fy),
            (x.pinhole.cx, y.pinhole.cx),
            (x.pinhole.cy, y.pinhole.cy),
        ] {
            assert!((s - t).abs() < 1e-9);
        }
        for i in (0..m.points().len()).step_by(997).filter(|_| same) {
            let (u, v) =
                (x.camera_to_world.to_camera(p(&m, i)), y.camera_to_world.to_camera(p(&b, i)));
            assert!((u - v).norm() < 1e-4, "{u} {v}");
        }
        for (v, w) in [(0, 1), (1, 4)] {
            let [v, w] = [v, w].map(|i: usize| &a[i]);
            let in_c =
                |p: &Photo| c.iter().find(|q| q.name == p.name).unwrap().camera_to_world.center;
            let way = (v.camera_to_world.center - w.camera_to_world.center).norm();
            assert!((way - (in_c(v) - in_c(w)).norm()).abs() < 1e-9);
        }
    }
    let without =
        Memory::new(Manifest::empty("x", "x", Scale::metric("x")), Points::default(), None)
            .unwrap();
    let e: ExportError = export(&without, Format::Colmap).unwrap_err();
    assert!(e.to_string().contains("no photos"));
}

#[test]
fn glb() {
    let m = room();
    let b = back(&m, Format::Glb, "room.glb");
    let (old, new) = (m.manifest(), b.manifest());
    assert_eq!(new.scale, old.scale);
    assert_eq!(new.categories, old.categories);
    for (i, j) in read(old).instances.iter().zip(&new.instances) {
        let expected = Instance { seen_in: Vec::new(), ..i.clone() };
        assert_eq!(*j, expected);
    }
    // Points come back to the bit, in the order of their instances.
    let rows = |m: &Memory| {
        let p = m.points();
        let mut all: Vec<_> = (0..p.len())
            .map(|i| (p.instance[i], p.positions[i].map(f32::to_bits), p.colors[i]))
            .collect();
        all.sort_unstable();
        all
    };
    assert_eq!(rows(&m), rows(&b));
    let floor = |m: &Memory| m.manifest().room.as_ref().unwrap().floor;
    assert!((floor(&m) - floor(&b)).abs() < 0.03);
    // Boxes alone, in a unit of their own.
    let mut boxes = old.as_ref().clone();
    boxes.points = 0;
    boxes.scale = Scale::relative("test");
    let boxes = Memory::new(boxes, Points::default(), None).unwrap();
    let tmp = tempfile::tempdir().unwrap();
    file(&boxes, Format::Glb, &tmp.path().join("boxes.glb"));
    let again = import(&tmp.path().join("boxes.glb"), &ImportOptions::default()).unwrap().memory;
    assert_eq!(again.manifest().scale, boxes.manifest().scale);
    assert_eq!(again.manifest().categories, boxes.manifest().categories);
}

/// The document and the binary part of a GLB file, by the container's rules.
fn glb_parts(memory: &Memory) -> (Value, Vec<u8>) {
    let Exported::File(bytes) = export(memory, Format::Glb).unwrap() else { panic!("no file") };
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!((&bytes[..4], word(4), word(8)), (&b"glTF"[..], 2, bytes.len()));
    let mut parts = Vec::new();
    let mut at = 12;
    while at < bytes.len() {
        let length = word(at);
        assert_eq!(length % 4, 0);
        parts.push((bytes[at + 4..at + 8].to_vec(), bytes[at + 8..at + 8 + length].to_vec()));
        at += 8 + length;
    }
    assert_eq!(parts[0].0, b"JSON");
    assert!(parts.get(1).is_none_or(|p| p.0 == b"BIN\0") && parts.len() < 3);
    let document = serde_json::from_slice(&parts[0].1).unwrap();
    (document, parts.get(1).map(|p| p.1.clone()).unwrap_or_default())
}

/// The rows of an accessor, whose parts must lie where they say.
fn accessor<'b>(d: &Value, bin: &'b [u8], i: &Value) -> (&'b [u8], usize, Value) {
    let a = d["accessors"][i.as_u64().unwrap() as usize].clone();
    let view = &d["bufferViews"][a["bufferView"].as_u64().unwrap() as usize];
    let (from, length) = (
        view["byteOffset"].as_u64().unwrap() as usize,
        view["byteLength"].as_u64().unwrap() as usize,
    );
    assert_eq!((view["buffer"].as_u64(), from % 4), (Some(0), 0));
    let size = match (a["componentType"].as_u64().unwrap(), a["type"].as_str().unwrap()) {
        (5126, "VEC3") => 12,
        (5123, "VEC4") => 8,
        (5123, "SCALAR") => 2,
        other => panic!("{other:?}"),
    };
    let count = a["count"].as_u64().unwrap() as usize;
    assert_eq!(length, size * count);
    (&bin[from..from + length], count, a)
}

#[test]
fn glb_holds_points_and_named_boxes() {
    let m = room();
    let (d, bin) = glb_parts(&m);
    assert_eq!(d["buffers"], serde_json::json!([{"byteLength": bin.len()}]));
    let node = |i: &Value| &d["nodes"][i.as_u64().unwrap() as usize];
    let root = node(&d["scenes"][0]["nodes"][0]);
    let numbers =
        |v: &Value| v.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect::<Vec<_>>();
    let turn = |v: &Value| {
        let q = numbers(v);
        let q = nalgebra::Quaternion::new(q[3], q[0], q[1], q[2]);
        assert!((q.norm() - 1.0).abs() < 1e-9);
        nalgebra::UnitQuaternion::from_quaternion(q)
    };
    assert!((turn(&root["rotation"]) * Vec3::z() - Vec3::y()).norm() < 1e-9, "up is +y");
    let (mut boxes, mut points) = (0, 0);
    for child in root["children"].as_array().unwrap() {
        let child = node(child);
        let id = child["extras"]["id"].as_u64().unwrap() as u32;
        let part = &d["meshes"][child["mesh"].as_u64().unwrap() as usize]["primitives"][0];
        let (positions, count, a) = accessor(&d, &bin, &part["attributes"]["POSITION"]);
        let position = |i: usize, k: usize| {
            f32::from_le_bytes(positions[12 * i + 4 * k..12 * i + 4 * k + 4].try_into().unwrap())
        };
        for k in 0..3 {
            let all = || (0..count).map(|i| position(i, k));
            assert_eq!(a["min"][k].as_f64(), Some(all().fold(f32::INFINITY, f32::min).into()));
            assert_eq!(a["max"][k].as_f64(), Some(all().fold(f32::NEG_INFINITY, f32::max).into()));
        }
        if child["extras"]["reasmory"] == "box" {
            boxes += 1;
            assert_eq!(child["name"], m.manifest().instance_name(id));
            let (edges, n, _) = accessor(&d, &bin, &part["indices"]);
            assert!(part["mode"] == 1 && n == 24 && edges.chunks(2).all(|e| e[0] < 8 && e[1] == 0));
            let obb: &Obb = &m.manifest().instance(id).unwrap().obb;
            let scale = numbers(&child["scale"]);
            let truth: Vec<Point3> = obb.corners().to_vec();
            for i in 0..8 {
                let unit = Vec3::from([0, 1, 2].map(|k| f64::from(position(i, k)) * scale[k]));
                let corner = Point3::from(
                    turn(&child["rotation"]) * unit
                        + Vec3::from_vec(numbers(&child["translation"])),
                );
                assert!(truth.iter().any(|t| (t - corner).norm() < 1e-6), "{corner}");
            }
        } else {
            assert_eq!(part["mode"], 0);
            let (colors, n, _) = accessor(&d, &bin, &part["attributes"]["COLOR_0"]);
            assert_eq!(n, count);
            let rows: Vec<u32> = if id == 0 {
                (0..m.points().len() as u32)
                    .filter(|r| m.points().instance[*r as usize] == 0)
                    .collect()
            } else {
                m.instance_rows(id).iter().collect()
            };
            assert_eq!(rows.len(), count);
            for (i, r) in rows.iter().enumerate() {
                let p = m.points();
                assert_eq!([0, 1, 2].map(|k| position(i, k)), p.positions[*r as usize]);
                // Linear, and back to the byte that it was.
                for k in 0..3 {
                    let at = 8 * i + 2 * k;
                    let v = f64::from(u16::from_le_bytes([colors[at], colors[at + 1]])) / 65535.0;
                    let s = if v <= 0.003_130_8 {
                        12.92 * v
                    } else {
                        1.055 * reasmory_geom::math::pow(v, 1.0 / 2.4) - 0.055
                    };
                    assert_eq!((255.0 * s).round() as u8, p.colors[*r as usize][k]);
                }
            }
            points += count;
        }
    }
    assert_eq!((boxes, points), (m.manifest().instances.len(), m.points().len()));
}

#[test]
fn what_is_empty_is_exported_too() {
    let mut m = Manifest::empty("nothing", "test", Scale::relative("test"));
    m.room = Some(Room { outline: vec![], floor: 0.0, ceiling: None, stated_area: None });
    let m = Memory::new(m, Points::default(), None).unwrap();
    let (document, bin) = glb_parts(&m);
    assert!(document["meshes"].is_null() && bin.is_empty());
    assert!(
        matches!(export(&m, Format::Ply), Ok(Exported::File(b)) if b.ends_with(b"end_header\n"))
    );
    assert_eq!(back(&m, Format::Json, "n.json").manifest(), m.manifest());
}

#[test]
fn formats_are_told_by_their_names() {
    for f in Format::ALL {
        assert_eq!(Format::from_name(f.name()), Some(f));
    }
    assert_eq!(Format::from_path(Path::new("a/b.GLB")), Some(Format::Glb));
    assert_eq!(Format::from_path(Path::new("a/model")), Some(Format::Colmap));
    assert_eq!(Format::from_path(Path::new("a/b.obj")), None);
    assert_eq!(Format::from_path(Path::new("a/b.colmap")), None);
}
