//! Masks of posed RGB-D to instances: label maps, archives and COCO say the same; damage is named.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::room::{npy, zip_of};
use reasmory_import::{ImportOptions, Imported, import};
use reasmory_synth::{Frame, Room, RoomOptions, photo_set, render_all};

const SIZE: (u32, u32) = (160, 120);

/// A furnished room as an Open3D folder.
fn write(dir: &Path) -> (Room, Vec<Frame>) {
    let room = Room::generate(3, &RoomOptions::default());
    let cameras = photo_set(&room, 8, SIZE.0, SIZE.1);
    let frames = render_all(&room, &cameras);
    fs::create_dir_all(dir.join("color")).unwrap();
    fs::create_dir_all(dir.join("depth")).unwrap();
    let mut log = String::new();
    for (i, (c, f)) in cameras.iter().zip(&frames).enumerate() {
        let rgb: Vec<u8> = f.rgb.pixels.iter().flatten().copied().collect();
        let file = dir.join(format!("color/{i:03}.png"));
        image::save_buffer(file, &rgb, SIZE.0, SIZE.1, image::ExtendedColorType::Rgb8).unwrap();
        let mm: Vec<u16> = f.depth.iter().map(|z| (z * 1000.0).round() as u16).collect();
        let depth = image::ImageBuffer::<image::Luma<u16>, _>::from_raw(SIZE.0, SIZE.1, mm);
        depth.unwrap().save(dir.join(format!("depth/{i:03}.png"))).unwrap();
        let m = c.pose.matrix();
        log += &format!("{i} {i} {}\n", i + 1);
        for r in 0..4 {
            log += &format!("{} {} {} {}\n", m[(r, 0)], m[(r, 1)], m[(r, 2)], m[(r, 3)]);
        }
    }
    fs::write(dir.join("trajectory.log"), log).unwrap();
    let k = cameras[0].pinhole;
    let json = format!(
        "{{\"width\": {}, \"height\": {}, \"intrinsic_matrix\": [{}, 0, 0, 0, {}, 0, {}, {}, 1]}}",
        k.width,
        k.height,
        k.fx,
        k.fy,
        k.cx - 0.5,
        k.cy - 0.5
    );
    fs::write(dir.join("camera.json"), json).unwrap();
    (room, frames)
}

fn label_maps(dir: &Path, room: &Room, frames: &[Frame]) {
    fs::create_dir_all(dir).unwrap();
    for (i, f) in frames.iter().enumerate() {
        let values: Vec<u8> = f.instance.iter().map(|id| *id as u8).collect();
        let map = image::ImageBuffer::<image::Luma<u8>, _>::from_raw(SIZE.0, SIZE.1, values);
        map.unwrap().save(dir.join(format!("{i:03}.png"))).unwrap();
    }
    let names: BTreeMap<String, &str> =
        room.pieces.iter().map(|p| (p.id.to_string(), p.category)).collect();
    fs::write(dir.join("labels.json"), serde_json::to_string(&names).unwrap()).unwrap();
}

fn ids(f: &Frame) -> Vec<u32> {
    let mut ids: Vec<u32> = f.instance.iter().copied().filter(|id| *id > 0).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn archives(dir: &Path, room: &Room, frames: &[Frame]) {
    fs::create_dir_all(dir).unwrap();
    let mut labels = serde_json::Map::new();
    for (i, f) in frames.iter().enumerate() {
        let ids = ids(f);
        let masks: Vec<f32> = ids
            .iter()
            .flat_map(|id| f.instance.iter().map(move |p| f32::from(u8::from(p == id))))
            .collect();
        let shape = format!("({}, {}, {})", ids.len(), SIZE.1, SIZE.0);
        let scores = npy(&format!("({},)", ids.len()), &vec![1.0; ids.len()]);
        let zip = zip_of(&[("masks.npy", npy(&shape, &masks)), ("scores.npy", scores)]);
        fs::write(dir.join(format!("{i:03}.npz")), zip).unwrap();
        let names: Vec<&str> = ids.iter().map(|id| room.piece(*id).unwrap().category).collect();
        labels.insert(format!("{i:03}"), serde_json::json!(names));
    }
    fs::write(dir.join("labels.json"), serde_json::Value::Object(labels).to_string()).unwrap();
}

fn coco(file: &Path, room: &Room, frames: &[Frame]) {
    let (mut images, mut annotations) = (Vec::new(), Vec::new());
    for (i, f) in frames.iter().enumerate() {
        images.push(serde_json::json!({
            "id": i, "file_name": format!("somewhere/{i:03}.jpg"), "width": SIZE.0, "height": SIZE.1
        }));
        for id in ids(f) {
            let (mut counts, mut on, mut n) = (Vec::new(), false, 0u32);
            for x in 0..SIZE.0 as usize {
                for y in 0..SIZE.1 as usize {
                    if (f.instance[y * SIZE.0 as usize + x] == id) != on {
                        counts.push(n);
                        (on, n) = (!on, 0);
                    }
                    n += 1;
                }
            }
            counts.push(n);
            annotations.push(serde_json::json!({
                "image_id": i, "category_id": id,
                "segmentation": {"size": [SIZE.1, SIZE.0], "counts": counts}
            }));
        }
    }
    let categories: Vec<_> =
        room.pieces.iter().map(|p| serde_json::json!({"id": p.id, "name": p.category})).collect();
    let all = serde_json::json!({
        "images": images, "annotations": annotations, "categories": categories
    });
    fs::write(file, all.to_string()).unwrap();
}

fn with(dir: &Path, masks: &Path) -> Result<Imported, reasmory_import::ImportError> {
    let options = ImportOptions {
        masks: Some(masks.to_owned()),
        voxel: Some(0.04),
        synonyms: BTreeMap::from([("chair".to_owned(), "seat".to_owned())]),
        ..ImportOptions::default()
    };
    import(dir, &options)
}

#[test]
fn every_form_of_masks_gives_the_instances_of_the_room() {
    let tmp = tempfile::tempdir().unwrap();
    let source = tmp.path().join("room");
    let (room, frames) = write(&source);
    let of = |name: &str| tmp.path().join(name);
    label_maps(&of("maps"), &room, &frames);
    archives(&of("npz"), &room, &frames);
    coco(&of("coco.json"), &room, &frames);

    let got = with(&source, &of("maps")).unwrap();
    let m = got.memory.manifest();
    let mut counts = BTreeMap::new();
    for p in &room.pieces {
        if frames.iter().any(|f| f.instance.iter().filter(|i| **i == p.id).count() >= 12) {
            *counts.entry(p.category.replace("chair", "seat")).or_insert(0usize) += 1;
        }
    }
    let wrong: usize = counts
        .iter()
        .map(|(name, n)| m.category(name).map_or(0, |c| c.instances.len()).abs_diff(*n))
        .sum();
    assert!(wrong <= 2, "{counts:?} {:?}", m.categories);
    assert_eq!(m.category("seat").unwrap().instances.len(), counts["seat"]);
    assert!(m.category("chair").is_none());
    assert_eq!(m.grounding.len(), m.instances.len());
    for (i, g) in m.instances.iter().zip(&m.grounding) {
        assert!(i.confidence > 0.0 && !i.seen_in.is_empty() && g.id == i.id);
        assert_eq!(g.labels[0].0, i.category);
        assert_eq!(i.support, got.memory.instance_rows(i.id).len() as u64);
        // Points that the masks give lie in the box, but for those at its rim.
        let inside = got.memory.instance_points(i.id).filter(|p| i.obb.contains(*p, 0.06)).count();
        assert!(inside as u64 * 10 >= i.support * 9, "{} {inside} {}", i.category, i.support);
    }
    // Fronts that are told, by the walls behind things, are those of the room.
    let told: Vec<_> = m.instances.iter().filter_map(|i| Some((i, i.front?))).collect();
    assert!(!told.is_empty() && got.notes.iter().any(|n| n.contains("back to a wall")));
    for (i, front) in told {
        let same = |f: reasmory_geom::Vec3| f.x * front[0] + f.y * front[1] > 0.99;
        let mut pieces = room.pieces.iter().filter(|p| p.category == i.category);
        assert!(pieces.any(|p| p.front.is_some_and(same)), "{} {front:?}", i.category);
    }
    let supported = m.instances.iter().filter(|i| i.support > 0).count();
    assert!(supported * 10 >= m.instances.len() * 9);
    assert!(got.notes.iter().any(|n| n.contains("masks were joined")), "{:?}", got.notes);

    for other in ["npz", "coco.json"] {
        let again = with(&source, &of(other)).unwrap();
        let o = again.memory.manifest();
        assert_eq!(o.instances, m.instances, "{other}");
        assert_eq!(*again.memory.points().instance, *got.memory.points().instance, "{other}");
    }
}

#[test]
fn damaged_masks_are_named() {
    let tmp = tempfile::tempdir().unwrap();
    let source = tmp.path().join("room");
    let (room, frames) = write(&source);
    let maps = tmp.path().join("maps");
    let fails = |masks: &Path, words: &str| {
        let e = with(&source, masks).unwrap_err().to_string();
        assert!(e.contains(words), "{e} should say {words}");
    };
    fails(&maps, "does not exist");
    fs::create_dir_all(&maps).unwrap();
    fails(&maps, "labels.json");
    fs::write(maps.join("labels.json"), "{}").unwrap();
    fails(&maps, "no mask for any photo");
    label_maps(&maps, &room, &frames);
    fs::write(maps.join("labels.json"), "{\"1\": \"table\"}").unwrap();
    fails(&maps, "does not name");
    fs::write(maps.join("000.png"), b"\x89PNG").unwrap();
    fails(&maps, "picture");
    let file = tmp.path().join("coco.json");
    fs::write(&file, "[").unwrap();
    fails(&file, "not valid JSON");
    fs::write(&file, "{}").unwrap();
    fails(&file, "categories");
    // Sources without photos take no masks.
    let ply = tmp.path().join("a.ply");
    fs::write(&ply, "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\nend_header\n0 0 0\n").unwrap();
    let e = with(&ply, &file).unwrap_err().to_string();
    assert!(e.contains("no photos"), "{e}");
}

/// The same room as a COLMAP model whose points are every second pixel of every second row.
fn colmap(dir: &Path, room: &Room) -> Vec<Frame> {
    let cameras = photo_set(room, 8, SIZE.0, SIZE.1);
    let frames = render_all(room, &cameras);
    fs::create_dir_all(dir).unwrap();
    let k = cameras[0].pinhole;
    let lens = format!("1 PINHOLE {} {} {} {} {} {}\n", SIZE.0, SIZE.1, k.fx, k.fy, k.cx, k.cy);
    fs::write(dir.join("cameras.txt"), lens).unwrap();
    let (mut images, mut points) = (String::new(), String::new());
    for (i, (c, f)) in cameras.iter().zip(&frames).enumerate() {
        let turn = nalgebra::Rotation3::from_matrix_unchecked(c.pose.rotation.transpose());
        let q = nalgebra::UnitQuaternion::from_rotation_matrix(&turn);
        let t = -(turn * c.pose.center.coords);
        images += &format!(
            "{} {} {} {} {} {} {} {} 1 {i:03}.png\n\n",
            i + 1,
            q.w,
            q.i,
            q.j,
            q.k,
            t.x,
            t.y,
            t.z
        );
        for y in (0..SIZE.1).step_by(2) {
            for x in (0..SIZE.0).step_by(2) {
                let z = f64::from(f.depth[(y * SIZE.0 + x) as usize]);
                if z > 0.0 {
                    let p = c.pose.to_world(k.ray(f64::from(x) + 0.5, f64::from(y) + 0.5) * z);
                    points +=
                        &format!("{} {:.5} {:.5} {:.5} 9 9 9 0.5\n", points.len(), p.x, p.y, p.z);
                }
            }
        }
    }
    fs::write(dir.join("images.txt"), images).unwrap();
    fs::write(dir.join("points3D.txt"), points).unwrap();
    frames
}

#[test]
fn masks_of_a_reconstruction_are_lifted_with_its_points() {
    let tmp = tempfile::tempdir().unwrap();
    let (source, maps) = (tmp.path().join("model"), tmp.path().join("maps"));
    let room = Room::generate(3, &RoomOptions::default());
    let frames = colmap(&source, &room);
    label_maps(&maps, &room, &frames);
    let options = ImportOptions {
        masks: Some(maps),
        synonyms: BTreeMap::from([("chair".to_owned(), "seat".to_owned())]),
        ..ImportOptions::default()
    };
    let got = import(&source, &options).unwrap();
    let m = got.memory.manifest();
    assert!(got.notes.iter().any(|n| n.contains("lifted with the points")), "{:?}", got.notes);
    // What the photos show well is there, where it is (up may be found turned about itself, so by size and count).
    let seen = |id: u32| {
        frames.iter().filter(|f| f.instance.iter().filter(|i| **i == id).count() >= 150).count()
    };
    let (mut large, mut found) = (0, 0);
    for p in room.pieces.iter().filter(|p| seen(p.id) >= 2) {
        large += 1;
        let name = p.category.replace("chair", "seat");
        let height = p.obb.bounds().1.z - p.obb.bounds().0.z;
        let alike = |i: &&reasmory_scene::Instance| {
            let (lo, hi) = i.obb.bounds();
            i.category == name && ((hi.z - lo.z) - height).abs() < 0.25
        };
        found += usize::from(m.instances.iter().any(|i| alike(&i)));
    }
    assert!(large >= 5 && found * 10 >= large * 8, "{found} of {large}: {:?}", m.categories);
    let owned = got.memory.points().instance.iter().filter(|i| **i > 0).count();
    assert!(owned * 20 > got.memory.points().len(), "{owned}");
    assert_eq!(m.grounding.len(), m.instances.len());
}

#[test]
fn coco_bodies_return() {
    let seed = br#"{"images": [{"id": 3, "file_name": "a.jpg", "width": 16, "height": 12}],
        "categories": [{"id": 7, "name": "chair"}], "annotations": [
        {"image_id": 3, "category_id": 7, "segmentation": [[1, 1, 3, 1, 3, 3, 1, 3]]},
        {"image_id": 3, "category_id": 7, "segmentation": {"size": [12, 16], "counts": "T3"}},
        {"image_id": 3, "category_id": 7, "bbox": [1, 1, 2, 2]}]}"#;
    common::replay(&[seed.to_vec()], 2000, reasmory_import::fuzz_coco);
}
