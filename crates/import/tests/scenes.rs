//! Scenes given as boxes: VLA-3D, Spark-DSG, Matterport.

mod common;

use std::fs;
use std::path::Path;

use reasmory_import::{Format, ImportOptions, detect, import, scenes};

const OBJECTS: &str = "object_id,region_id,raw_label,object_bbox_cx,object_bbox_cy,object_bbox_cz,\
object_bbox_xlength,object_bbox_ylength,object_bbox_zlength,object_bbox_heading,object_front_heading
0,0,Chair,1,2,0.5,0.4,0.6,1.0,1.5707963267948966,0
1,0,\"table, round\",0,0,0.4,2,1,0.8,0,_
2,1,chair,5,0,0.5,0.4,0.6,1.0,0
";
const REGIONS: &str = "region_id,region_label,region_bbox_cx,region_bbox_cy,region_bbox_cz,\
region_bbox_xlength,region_bbox_ylength,region_bbox_zlength,region_bbox_heading
0,kitchen,0,0,1.25,4,4,2.5,0
";

fn write_vla(dir: &Path, id: &str, regions: &str) {
    fs::create_dir_all(dir.join(id)).unwrap();
    fs::write(dir.join(id).join(format!("{id}_object_result.csv")), OBJECTS).unwrap();
    fs::write(dir.join(id).join(format!("{id}_region_result.csv")), regions).unwrap();
    fs::write(dir.join(id).join(format!("{id}_scene_graph.json")), "{}").unwrap();
}

fn named(scene: &str) -> ImportOptions {
    ImportOptions { scene: Some(scene.into()), ..ImportOptions::default() }
}

#[test]
fn vla3d_boxes_fronts_and_regions() {
    let tmp = tempfile::tempdir().unwrap();
    write_vla(tmp.path(), "s10", REGIONS);
    let second = REGIONS.to_owned() + "1,hall,3,0,1.25,4,4,2.5,0\n";
    write_vla(tmp.path(), "s9", &second);
    assert_eq!(detect(tmp.path()).unwrap(), Format::Vla3d);
    assert_eq!(scenes(tmp.path(), Format::Vla3d).unwrap(), ["s9", "s10"]);
    let got = import(tmp.path(), &named("s10")).unwrap();
    let m = got.memory.manifest();
    assert!(m.scale.is_metric() && m.name == "s10" && m.provenance.format == "vla3d");
    let names: Vec<_> = m.categories.iter().map(|c| (c.name.as_str(), c.instances.len())).collect();
    assert_eq!(names, [("chair", 2), ("table, round", 1)]);
    // A quarter turn lays the 0.6 m along x.
    let (lo, hi) = m.instances[0].obb.bounds();
    assert!((hi - lo - reasmory_geom::Vec3::new(0.6, 0.4, 1.0)).norm() < 1e-9);
    assert_eq!(m.instances[0].front, Some([1.0, 0.0, 0.0]));
    assert!(m.instances[1].front.is_none() && m.instances[2].front.is_none());
    let room = m.room.as_ref().unwrap();
    assert_eq!((room.floor, room.ceiling, room.area()), (0.0, Some(2.5), Some(16.0)));
    // One folder, one file: the scene needs no name.
    for path in ["s9", "s9/s9_object_result.csv"] {
        let got = import(&tmp.path().join(path), &ImportOptions::default()).unwrap();
        let m = got.memory.manifest();
        assert_eq!(m.name, "s9");
        assert!((m.room.as_ref().unwrap().stated_area.unwrap() - 28.0).abs() < 1e-9);
        assert!(got.notes.iter().any(|n| n.contains("2 regions")), "{:?}", got.notes);
    }
    let e = import(tmp.path(), &ImportOptions::default()).unwrap_err().to_string();
    assert!(e.contains("2 scenes, beginning s9, s10"), "{e}");
    let e = import(tmp.path(), &named("s11")).unwrap_err().to_string();
    assert!(e.contains("`s11`") && e.contains("s9, s10"), "{e}");
    write_vla(&tmp.path().join("copy"), "s9", REGIONS);
    let e = import(tmp.path(), &named("s9")).unwrap_err().to_string();
    assert!(e.contains("more than once"), "{e}");
}

#[test]
fn vla3d_damage_is_named() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("s");
    write_vla(tmp.path(), "s", REGIONS);
    let options = ImportOptions { format: Some(Format::Vla3d), ..ImportOptions::default() };
    for (from, to, words) in [
        ("0,0,Chair,1", "0,0,Chair,NaN", "line 2"),
        ("0,0,Chair,1", "0,0,Chair,inf", "\"inf\""),
        ("0,0,Chair,1", "0,0, ,1", "empty `raw_label`"),
        ("5,0,0.5,0.4,0.6,1.0,0\n", "5,0,0.5,0.4", "line 4"),
        ("0.4,0.6,1.0,0\n", "0.4,-0.6,1.0,0\n", "negative length"),
        ("0.6,1.0,0\n", "0.6,1.0,0,_,9\n", "12 fields"),
        ("0,_\n", "0,north\n", "\"north\""),
        ("object_bbox_cy", "object_bbox_y", "`object_bbox_cy`"),
        ("\"table, round\"", "\"table, round", "never closed"),
    ] {
        assert!(OBJECTS.contains(from), "{from}");
        fs::write(dir.join("s_object_result.csv"), OBJECTS.replacen(from, to, 1)).unwrap();
        let e = import(&dir, &options).unwrap_err().to_string();
        assert!(e.contains(words) && e.contains("s_object_result.csv"), "{words:?} in {e:?}");
    }
    fs::write(dir.join("s_object_result.csv"), OBJECTS).unwrap();
    for (regions, words) in [
        (&REGIONS.replace("4,4,2.5", "0,4,2.5")[..], "without area"),
        (&REGIONS.replace("4,4,2.5", "x,4,2.5"), "line 2"),
        ("", "is empty"),
    ] {
        fs::write(dir.join("s_region_result.csv"), regions).unwrap();
        let e = import(&dir, &options).unwrap_err().to_string();
        assert!(e.contains(words) && e.contains("s_region_result.csv"), "{words:?} in {e:?}");
    }
    fs::write(dir.join("s_region_result.csv"), b"\xff\xfe").unwrap();
    assert!(import(&dir, &options).unwrap_err().to_string().contains("byte 0"));
    assert!(import(&tmp.path().join("none"), &options).is_err());
}

const GRAPH: &str = r#"{"directed": false, "layer_ids": [2, 3, 4], "edges": [],
 "metadata": {"labelspaces": {"_l2p0": [[7, "Chair"]]}},
 "nodes": [
  {"id": 1, "layer": 2, "attributes": {"type": "ObjectNodeAttributes", "semantic_label": 7,
   "position": [0, 0, 0], "bounding_box": {"type": "AABB", "min": [0, 0, 0], "max": [1, 2, 3]}}},
  {"id": 2, "layer": 2, "attributes": {"type": "ObjectNodeAttributes", "semantic_label": 9,
   "bounding_box": {"type": "AABB", "min": [3, 0, 0], "max": [4, 2, 3]}}},
  {"id": 3, "layer": 2, "attributes": {"type": "ObjectNodeAttributes", "semantic_label": 9,
   "bounding_box": {"type": "INVALID"}}},
  {"id": 4, "layer": 4, "attributes": {"type": "RoomNodeAttributes", "name": "R(0)",
   "bounding_box": {"type": "AABB", "min": [-1, -1, 0], "max": [5, 4, 3]}}},
  {"id": 5, "layer": 3, "attributes": {"type": "PlaceNodeAttributes", "position": [0, 0, 1]}}]}"#;

#[test]
fn scene_graph() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("flat.json");
    fs::write(&file, GRAPH).unwrap();
    for path in [file.as_path(), tmp.path()] {
        assert_eq!(detect(path).unwrap(), Format::SparkDsg);
        assert_eq!(scenes(path, Format::SparkDsg).unwrap(), ["flat"]);
        let got = import(path, &named("flat")).unwrap();
        let m = got.memory.manifest();
        let names: Vec<_> = m.categories.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["chair", "class 9"]);
        assert_eq!(m.room.as_ref().unwrap().area(), Some(30.0));
        assert!(got.notes.iter().any(|n| n.starts_with("1 objects without")), "{:?}", got.notes);
    }
    for (from, to, words) in [
        ("[1, 2, 3]", "[1, 2]", "nodes[0].attributes.bounding_box.max"),
        ("[1, 2, 3]", "[1, -2, 3]", "negative length"),
        ("[1, 2, 3]", "[1, 1e999, 3]", "line 5"),
        ("[1, 2, 3]", "[1, null, 3]", "finite"),
        ("\"semantic_label\": 7", "\"semantic_label\": -7", "semantic_label"),
        ("\"AABB\"", "\"ball\"", "bounding_box.type"),
        ("[0, 0, 1]", "[0, 0]", "nodes[4].attributes.position"),
        ("\"nodes\"", "\"knots\"", "nodes"),
        ("[1, 2, 3]", "[1, 2", "JSON"),
    ] {
        assert!(GRAPH.contains(from), "{from}");
        fs::write(&file, GRAPH.replacen(from, to, 1)).unwrap();
        let options = ImportOptions { format: Some(Format::SparkDsg), ..ImportOptions::default() };
        let e = import(&file, &options).unwrap_err().to_string();
        assert!(e.contains(words) && e.contains("flat.json"), "{words:?} in {e:?}");
    }
}

#[test]
fn a_graph_without_rooms_takes_its_places() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("flat.json");
    let place = |p: &str| {
        format!(
            "{{\"layer\": 3, \"attributes\": {{\"type\": \"PlaceNodeAttributes\", \"position\": {p}}}}}"
        )
    };
    let nodes = ["[0, 0, 1]", "[4, 0, 1]", "[4, 3, 1]", "[0, 3, 1]", "[1, 1, 1]"].map(place);
    let text = format!("{{\"layer_ids\": [3], \"edges\": [], \"nodes\": [{}]}}", nodes.join(","));
    fs::write(&file, text).unwrap();
    let got = import(&file, &ImportOptions::default()).unwrap();
    assert_eq!(got.memory.manifest().room.as_ref().unwrap().area(), Some(12.0));
}

const HOUSE: &str = "ASCII 1.1
H  -  -  0 0 4 1 0 3 2 1 0 0  1  0 0 0 0 0 0 0 0 4 3 2.5  0 0 0 0 0
R  0 0  0 0  k  2 1.5 0  0 0 0  4 3 2.5  2.5  0 0 0 0
S  0 0  0  F  2 1.5 0  0 0 1  0 0 0  4 3 0  0 0 0 0 0
V  0 0  F  0 0 0  0 0 1  0 0 0
V  1 0  F  4 0 0  0 0 1  0 0 0
V  2 0  F  4 3 0  0 0 1  0 0 0
V  3 0  F  2 3 0  0 0 1  0 0 0
C  0  40 Coffee#Table  5 table  0 0 0 0 0
C  1  41 chair  3 chair  0 0 0 0 0
O  0 0 0  1 1 0.4  0 1 0  1 0 0  0.6 0.3 0.4  0 0 0 0 0 0 0 0
O  1 0 -1  1 1 0.4  1 0 0  0 1 0  0.6 0.3 0.4  0 0 0 0 0 0 0 0
O  2 0 1  1 1 0.4  1 0 0  0 1 0  -1 -1 -1  0 0 0 0 0 0 0 0
";

#[test]
fn house() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("villa.house");
    fs::write(&file, HOUSE).unwrap();
    for path in [file.as_path(), tmp.path()] {
        assert_eq!(detect(path).unwrap(), Format::MatterportHouse);
        assert_eq!(scenes(path, Format::MatterportHouse).unwrap(), ["villa"]);
        let got = import(path, &ImportOptions::default()).unwrap();
        let m = got.memory.manifest();
        let names: Vec<_> = m.categories.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["coffee table", "unknown"]);
        let (lo, hi) = m.instances[0].obb.bounds();
        assert!((hi - lo - reasmory_geom::Vec3::new(0.6, 1.2, 0.8)).norm() < 1e-9);
        let room = m.room.as_ref().unwrap();
        assert_eq!((room.area(), room.height()), (Some(9.0), Some(2.5)));
        assert!(got.notes.iter().any(|n| n.contains("`kitchen`")), "{:?}", got.notes);
    }
    for (from, to, words) in [
        ("0.6 0.3 0.4", "NaN 0.3 0.4", "line 11"),
        ("0 1 0  1 0 0", "0 1 0  0 1 0", "right angles"),
        ("O  0 0 0  1 1", "O  0 0 7  1 1", "category 7"),
        ("C  1  41 chair  3 chair  0 0 0 0 0\n", "", "counts 3 objects, 2 categories"),
        ("O  0 0 0  1 1 0.4  0 1 0  1 0 0  0.6 0.3 0.4  0 0 0 0 0 0 0 0", "O 0 0", "too few"),
        ("V  3 0  F  2 3", "V  3 0  F  2 x", "line 8"),
        ("ASCII", "BINARY", "line 1"),
    ] {
        assert!(HOUSE.contains(from), "{from}");
        fs::write(&file, HOUSE.replacen(from, to, 1)).unwrap();
        let options =
            ImportOptions { format: Some(Format::MatterportHouse), ..ImportOptions::default() };
        let e = import(&file, &options).unwrap_err().to_string();
        let unread = words == "line 1" && e.contains("no Matterport");
        assert!(unread || e.contains(words) && e.contains("villa.house"), "{words:?} in {e:?}");
    }
}

const LAYOUT: &str = "wall_0=Wall(0.0,0.0,0.1,4.0,0.0,0.1,2.5,0.1)
wall_1=Wall(4.0,3.0,0.1,4.0,0.02,0.1,2.5,0.1)
wall_2=Wall(4.0,3.0,0.1,0.0,3.0,0.1,2.5,0.1)
wall_3=Wall(0.0,0.0,0.1,0.0,3.0,0.1,2.5,0.1)
door_0=Door(wall_1,4.0,1.0,1.1,0.9,2.0)
window_0=Window(wall_0,2.0,0.0,1.5,1.2,1.0)
bbox_0=Bbox(sofa,1.0,2.0,0.5,1.5707963267948966,2.0,0.8,0.8)
bbox_1=Bbox(coffee_table,2.0,1.5,0.3,0.0,1.0,0.6,0.4)
";

#[test]
fn layouts_of_spatiallm() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("scene0001_00.txt");
    fs::write(&file, LAYOUT).unwrap();
    for path in [file.as_path(), tmp.path()] {
        assert_eq!(detect(path).unwrap(), Format::SpatialLm);
        assert_eq!(scenes(path, Format::SpatialLm).unwrap(), ["scene0001_00"]);
        let got = import(path, &ImportOptions::default()).unwrap();
        let m = got.memory.manifest();
        let names: Vec<_> = m.categories.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["coffee table", "door", "sofa", "window"]);
        let of = |c: &str| m.instances.iter().find(|i| i.category == c).unwrap().obb.bounds();
        // A quarter turn lays the sofa along y.
        let (lo, hi) = of("sofa");
        assert!((hi - lo - reasmory_geom::Vec3::new(0.8, 2.0, 0.8)).norm() < 1e-9);
        // The door lies in its wall, which runs along y.
        let (lo, hi) = of("door");
        assert!((hi - lo - reasmory_geom::Vec3::new(0.1, 0.9, 2.0)).norm() < 1e-9, "{lo} {hi}");
        let room = m.room.as_ref().unwrap();
        assert_eq!((room.floor, room.height()), (0.1, Some(2.5)));
        assert!((room.area().unwrap() - 12.0).abs() < 0.05 && room.outline.len() == 4, "{room:?}");
        assert!(m.scale.is_metric());
    }
    // Walls that close no ring.
    let open = LAYOUT.replace("wall_3=Wall(0.0,0.0,0.1,0.0,3.0,0.1,2.5,0.1)\n", "");
    fs::write(&file, open).unwrap();
    let got = import(&file, &ImportOptions::default()).unwrap();
    assert!(got.notes.iter().any(|n| n.contains("no single ring")), "{:?}", got.notes);
    assert!((got.memory.manifest().room.as_ref().unwrap().area().unwrap() - 12.0).abs() < 0.05);
    for (from, to, words) in [
        ("2.0,0.8,0.8)", "2.0,-0.8,0.8)", "negative"),
        ("2.0,0.8,0.8)", "2.0,0.8)", "line 7"),
        ("2.0,0.8,0.8)", "2.0,0.8,NaN)", "finite"),
        ("2.0,0.8,0.8)", "2.0,0.8,0.8", "line 7"),
        ("(sofa,", "(,", "empty class"),
        ("Door(wall_1", "Door(wall_9", "names a wall"),
        ("wall_1=Wall", "wall_0=Wall", "was there before"),
        ("bbox_1=Bbox", "bbox_1=Ball", "line 8"),
    ] {
        assert!(LAYOUT.contains(from), "{from}");
        fs::write(&file, LAYOUT.replacen(from, to, 1)).unwrap();
        let e = import(&file, &ImportOptions::default()).unwrap_err().to_string();
        assert!(e.contains(words) && e.contains("scene0001_00.txt"), "{words:?} in {e:?}");
    }
    fs::write(&file, "walls are nice\n").unwrap();
    assert!(detect(&file).is_err());
}

const LIST: &str = r#"{
  "object_1": {"id": 7, "object_tag": "Sofa", "object_caption": null, "bbox_extent": [2.0, 1.0, 0.8],
    "bbox_center": [1.0, 0.5, 0.4], "bbox_volume": 1.6},
  "object_2": {"id": 9, "class_name": ["cup", "mug", "mug"], "confidence": 0.5,
    "bbox_corners": [[0, 0, 1], [0, 0.2, 1], [-0.1, 0, 1], [0, 0, 1.3], [-0.1, 0.2, 1.3], [-0.1, 0, 1.3],
      [0, 0.2, 1.3], [-0.1, 0.2, 1]],
    "points": [[0, 0.1, 1.1], [-0.1, 0.1, 1.2]], "colors": [[1, 0, 0], [0, 0.5, 2]]}
}"#;

#[test]
fn lists_of_objects() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("obj_json_run.json");
    fs::write(&file, LIST).unwrap();
    for path in [file.as_path(), tmp.path()] {
        assert_eq!(detect(path).unwrap(), Format::ObjectList);
        assert_eq!(scenes(path, Format::ObjectList).unwrap(), ["obj_json_run"]);
        let got = import(path, &named("obj_json_run")).unwrap();
        let m = got.memory.manifest();
        let names: Vec<_> = m.categories.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["mug", "sofa"]);
        assert_eq!((m.instances[1].confidence, m.instances[1].support, m.points), (0.5, 2, 2));
        let (lo, hi) = m.instances[1].obb.bounds();
        assert!((hi - lo - reasmory_geom::Vec3::new(0.1, 0.2, 0.3)).norm() < 1e-9, "{lo} {hi}");
        assert_eq!(got.memory.points().colors[..], [[255, 0, 0], [0, 128, 255]]);
        assert!(got.notes.iter().any(|n| n.starts_with("1 boxes have no axes")), "{:?}", got.notes);
    }
    // The same as an array.
    let array =
        r#"{"objects": [{"object_tag": "cup", "bbox_center": [0,0,0], "bbox_extent": [1,1,1]}]}"#;
    fs::write(&file, array).unwrap();
    assert_eq!(
        import(&file, &ImportOptions::default()).unwrap().memory.manifest().instances.len(),
        1
    );
    for (from, to, words) in [
        ("\"Sofa\"", "\" \"", "object_1.object_tag"),
        ("[2.0, 1.0, 0.8]", "[2.0, -1.0, 0.8]", "negative length"),
        ("[2.0, 1.0, 0.8]", "[2.0, 0.8]", "object_1.bbox_extent"),
        ("[[0, 0, 1], ", "[", "object_2.bbox_corners"),
        ("[[0, 0, 1], [0, 0.2, 1]", "[[0, 0, 1], [0.3, 0.2, 1.2]", "no box"),
        ("[0, 0.1, 1.1]", "[0, null, 1.1]", "points[0]"),
        ("[0, 0.1, 1.1]", "[0, 1e300, 1.1]", "too far"),
        ("[1, 0, 0], ", "", "as many"),
        ("\"id\": 7", "\"id\": ", "line 2"),
    ] {
        assert!(LIST.contains(from), "{from}");
        fs::write(&file, LIST.replacen(from, to, 1)).unwrap();
        let options =
            ImportOptions { format: Some(Format::ObjectList), ..ImportOptions::default() };
        let e = import(&file, &options).unwrap_err().to_string();
        assert!(e.contains(words) && e.contains("obj_json_run.json"), "{words:?} in {e:?}");
    }
}

#[test]
fn fuzz_bodies_return() {
    let csv = [OBJECTS.as_bytes().to_vec(), REGIONS.as_bytes().to_vec()];
    common::replay(&csv, 2000, reasmory_import::fuzz_vla3d);
    common::replay(&[GRAPH.as_bytes().to_vec()], 2000, reasmory_import::fuzz_dsg);
    common::replay(&[HOUSE.as_bytes().to_vec()], 2000, reasmory_import::fuzz_house);
    common::replay(&[LAYOUT.as_bytes().to_vec()], 2000, reasmory_import::fuzz_spatiallm);
    common::replay(&[LIST.as_bytes().to_vec()], 2000, reasmory_import::fuzz_objects);
}
