//! VSI-Bench scene metadata.

mod common;

use std::fs;

use reasmory_import::{Format, ImportOptions, detect, import, scenes};

const TEXT: &str = r#"{
  "s10": {"room_size": 20.5, "room_center": [0, 0, 1], "dataset": "made up",
    "object_counts": {"Chair ": 3, "table": 1, "lamp": 2},
    "object_bbox": {
      "Chair ": [
        {"centroid": [1, 2, 0.5], "axesLengths": [0.4, 0.6, 1.0],
         "normalizedAxes": [0, 1, 0, -1, 0, 0, 0, 0, 1], "min": [0, 0, 0], "max": [1, 1, 1]},
        {"centroid": [2, 2, 0.5], "axesLengths": [0.4, 0.4, 1.2],
         "normalizedAxes": [1, 0, 0, 0, 1, 0, 0, 0, 1]}],
      "table": [
        {"centroid": [0, 0, 0.4], "axesLengths": [2, 1, 0.7],
         "normalizedAxes": [1, 0, 0, 0, 0, 1, 0, -1, 0]}]}},
  "s9": {"room_size": null, "object_counts": {}, "object_bbox": {}}
}"#;

#[test]
fn boxes_counts_and_floor() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("made_meta_info_val.json");
    fs::write(&file, TEXT).unwrap();
    for path in [file.as_path(), tmp.path()] {
        assert_eq!(detect(path).unwrap(), Format::VsiMetadata);
        assert_eq!(scenes(path, Format::VsiMetadata).unwrap(), ["s9", "s10"]);
    }
    let scene = |id: &str| ImportOptions { scene: Some(id.into()), ..ImportOptions::default() };
    let got = import(tmp.path(), &scene("s10")).unwrap();
    let m = got.memory.manifest();
    let names: Vec<_> =
        m.categories.iter().map(|c| (c.name.as_str(), c.instances.len(), c.stated_count)).collect();
    assert_eq!(names, [("chair", 2, Some(3)), ("lamp", 0, Some(2)), ("table", 1, None)]);
    let chair = &m.instances[0];
    // Row k is axis k: the 0.4 m lie along world y.
    let (lo, hi) = chair.obb.bounds();
    assert!((hi - lo - reasmory_geom::Vec3::new(0.6, 0.4, 1.0)).norm() < 1e-12);
    let room = m.room.as_ref().unwrap();
    assert!((room.floor + 0.1).abs() < 1e-12 && room.stated_area == Some(20.5));
    assert!(room.outline.is_empty() && m.scale.is_metric() && m.uncertainty.position == 0.0);
    // The table stands on its second axis.
    assert!((m.instances[2].obb.size()[2] - 1.0).abs() < 1e-12);
    assert!(got.notes.iter().any(|n| n.contains("lowest box")));

    let empty = import(&file, &scene("s9")).unwrap();
    assert!(empty.memory.manifest().instances.is_empty());
    let e = import(&file, &scene("s11")).unwrap_err().to_string();
    assert!(e.contains("`s11`") && e.contains("s9, s10"), "{e}");
    let e = import(&file, &ImportOptions::default()).unwrap_err().to_string();
    assert!(e.contains("several scenes"), "{e}");
    fs::copy(&file, tmp.path().join("other_meta_info_val.json")).unwrap();
    let e = import(tmp.path(), &scene("s10")).unwrap_err().to_string();
    assert!(e.contains("has too"), "{e}");
}

#[test]
fn damage_is_named() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("scenes.json");
    let options = ImportOptions {
        scene: Some("s10".into()),
        format: Some(Format::VsiMetadata),
        ..ImportOptions::default()
    };
    let lies = [
        ("[0.4, 0.6, 1.0]", "[0.4, 0.6]", "s10.object_bbox.Chair [0].axesLengths"),
        ("[0.4, 0.6, 1.0]", "[0.4, -0.6, 1.0]", "negative length"),
        ("[0, 1, 0, -1, 0, 0, 0, 0, 1]", "[0, 1, 0, 0, 1, 0, 0, 0, 1]", "right angles"),
        ("[1, 2, 0.5]", "[1, null, 0.5]", "s10.object_bbox.Chair [0].centroid"),
        ("[1, 2, 0.5]", "[1, 1e999, 0.5]", "JSON"),
        ("[1, 2, 0.5]", "[1e308, 2, 0.5]", "bounds"),
        ("\"lamp\": 2", "\"lamp\": -2", "s10.object_counts.lamp"),
        ("\"lamp\": 2", "\" \": 2", "s10.object_counts"),
        ("20.5", "-20.5", "s10.room_size"),
        ("\"object_bbox\"", "\"boxes\"", "s10.object_bbox"),
        ("\"table\": [", "\" \": [", "empty label"),
    ];
    for (from, to, words) in lies {
        assert!(TEXT.contains(from), "{from}");
        // Bounds of 1e308 are finite; two opposite ones are not.
        let text = TEXT.replacen(from, to, 1).replacen(
            "[2, 2, 0.5]",
            if to.contains("e308") { "[-1e308, 2, 0.5]" } else { "[2, 2, 0.5]" },
            1,
        );
        fs::write(&file, text).unwrap();
        let e = import(&file, &options).unwrap_err().to_string();
        assert!(e.contains(words) && e.contains("scenes.json"), "expected {words:?} in {e:?}");
    }
    for (bytes, words) in [
        (&b""[..], "is empty"),
        (b"[1]", "not an object of scenes"),
        (b"{\"s10\": ", "line 1"),
        (b"{\"s10\": 3}", "object_bbox"),
    ] {
        fs::write(&file, bytes).unwrap();
        let e = import(&file, &options).unwrap_err().to_string();
        assert!(e.contains(words), "expected {words:?} in {e:?}");
    }
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(import(&file, &options).is_err());
}

#[test]
fn fuzz_body_returns() {
    common::replay(
        &[TEXT.as_bytes().to_vec(), "[".repeat(300).into_bytes()],
        3000,
        reasmory_import::fuzz_vsi,
    );
}
