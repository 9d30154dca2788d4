//! `build`: from a source to a memory, with its report.

use std::fs;
use std::path::Path;

use reasmory_tests::binary::{Call, reasmory};
use reasmory_tests::schema;
use serde_json::Value;

fn report(c: &Call) -> Value {
    assert_eq!(c.code, 0, "{}{}", c.out, c.err);
    let v: Value = serde_json::from_str(&c.out).unwrap_or_else(|e| panic!("{e}: {}", c.out));
    let wrong = schema::violations(&schema::load("build.v1"), &v);
    assert!(wrong.is_empty(), "{wrong:?}");
    v
}

fn write_scene(dir: &Path) {
    let scene = r#"{"a": {"room_size": 20.5, "room_center": [0, 0, 1], "object_counts": {"chair": 1},
        "object_bbox": {"chair": [{"centroid": [1, 2, 0.5], "axesLengths": [0.4, 0.6, 1.0],
        "normalizedAxes": [1, 0, 0, 0, 1, 0, 0, 0, 1]}]}}}"#;
    fs::write(dir.join("one_meta_info_val.json"), scene).unwrap();
}

#[test]
fn what_is_imported_is_built() {
    let dir = tempfile::tempdir().unwrap();
    write_scene(dir.path());
    let args = ["build", "one_meta_info_val.json", "-o", "a.mem", "--json"];
    let c = reasmory(dir.path(), &args);
    let v = report(&c);
    assert_eq!(v["frontend"]["name"], "import");
    assert_eq!((&v["instances"], &v["input"]["kind"]), (&Value::from(1), &Value::from("scene")));
    assert!(!c.out.contains(&*dir.path().to_string_lossy()), "{}", c.out);
    let stored = fs::read_to_string(dir.path().join("a.mem.build/build.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&stored).unwrap(), v);
    let page = fs::read_to_string(dir.path().join("a.mem.build/report.html")).unwrap();
    assert!(page.contains("chair") && page.contains("data:image/png;base64,"), "{page}");
    assert!(!page.contains("src=\"http") && !page.contains("<script"));
    assert_eq!(reasmory(dir.path(), &["scene", "verify", "a.mem"]).code, 0);
    // Again, over the memory that is there: the same bytes.
    assert_eq!(reasmory(dir.path(), &args).out, c.out);
}

#[test]
fn mistakes_name_the_remedy() {
    let dir = tempfile::tempdir().unwrap();
    write_scene(dir.path());
    fs::create_dir(dir.path().join("empty")).unwrap();
    fs::create_dir(dir.path().join("phone")).unwrap();
    fs::write(dir.path().join("phone/a.HEIC"), "x").unwrap();
    let source = "one_meta_info_val.json";
    for (args, says) in [
        (&["absent", "-o", "x.mem"][..], "absent: does not exist"),
        (&["empty", "-o", "x.mem"], "holds no photos"),
        (&["phone", "-o", "x.mem"], "convert them to JPEG or PNG"),
        (&[source, "-o", "x.mem", "--frontend", "colmop"], "there is no frontend `colmop`"),
        (&[source, "-o", "x.mem", "--ground", "sam"], "there is no grounding `sam`"),
        (&[source, "-o", "x.mem", "--ground", "masks"], "give `--masks PATH`"),
        (&[source, "-o", "x.mem", "--frontend", "rgbd"], "is no posed RGB-D"),
        (&[source, "-o", "x.mem", "--masks", source], "gives no depth"),
        (&[source, "-o", "x.mem", "--set", "voxel"], "write `--set NAME=VALUE`"),
    ] {
        let c = reasmory(dir.path(), &[&["build"], args].concat());
        assert_eq!(c.code, 2, "{args:?}: {}", c.err);
        assert!(c.err.contains(says) && c.err.contains("help: "), "{args:?}: {}", c.err);
        assert!(!dir.path().join("x.mem").exists());
    }
    let c = reasmory(dir.path(), &["build", "--list-frontends"]);
    assert!(c.code == 0 && c.out.contains("rgbd") && c.out.contains("masks"), "{}", c.out);
}
