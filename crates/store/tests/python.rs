//! Memories read by Python: with its standard library alone by `tools/read_memory.py`, and with numpy and safetensors as
//! `spec/memory-format.md` says.

use std::path::{Path, PathBuf};
use std::process::Command;

use reasmory_geom::{Obb, Point3, Vec3};
use reasmory_scene::index::Cell;
use reasmory_scene::{Instance, Manifest, Memory, Points, Scale};
use reasmory_store::{NoPictures, open, write};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The interpreter that `REASMORY_PYTHON` names, else `python3`. One that is named must be there and have what the
/// examples need.
fn python(args: &[&str], dir: &Path) -> Option<std::process::Output> {
    let named = std::env::var_os("REASMORY_PYTHON");
    let program = named.clone().unwrap_or_else(|| "python3".into());
    match Command::new(program).args(args).current_dir(dir).output() {
        Ok(o) => Some(o),
        Err(e) if named.is_some() => panic!("the Python of REASMORY_PYTHON does not run: {e}"),
        Err(e) => {
            eprintln!("SKIPPED: there is no python3 here ({e})");
            None
        }
    }
}

fn kitchen(to: &Path) -> Memory {
    let mut m = Manifest::empty("kitchen", "test", Scale::metric("made up"));
    for (id, name) in [(1, "chair"), (2, "table"), (3, "chair")] {
        m.instances.push(Instance {
            id,
            category: name.into(),
            obb: Obb::upright(Point3::new(f64::from(id), 0.0, 0.5), Vec3::new(0.5, 0.5, 1.0), 0.0),
            confidence: 1.0,
            support: 0,
            front: None,
            seen_in: vec![],
        });
    }
    m.index_categories();
    let rows = 3000u32;
    let part = |i: u32, k: u32| (i.wrapping_mul(k) >> 8) as f32 / (1 << 24) as f32;
    // Instance 3 has no points.
    let instance: Vec<u32> = (0..rows).map(|i| i % 3).collect();
    let positions: Vec<[f32; 3]> = (0..rows)
        .map(|i| {
            [
                part(i, 2_654_435_761) + 2.0 * (i % 3) as f32,
                part(i, 2_246_822_519),
                part(i, 3_266_489_917),
            ]
        })
        .collect();
    positions.iter().for_each(|p| m.extend_bounds(Point3::from(p.map(f64::from))));
    m.points = u64::from(rows);
    let points = Points {
        positions: positions.into(),
        colors: (0..rows).map(|i| [i as u8, (i >> 3) as u8, 7]).collect::<Vec<_>>().into(),
        confidence: (0..rows).map(|i| (i % 5) as f32 / 4.0).collect::<Vec<_>>().into(),
        instance: instance.into(),
    };
    write(&Memory::new(m, points, None).unwrap(), &NoPictures, to).unwrap();
    open(to).unwrap()
}

#[test]
fn with_the_standard_library_alone() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("kitchen");
    let m = kitchen(&dir);
    let script = root().join("tools/read_memory.py");
    let Some(out) = python(&[script.to_str().unwrap(), "kitchen"], tmp.path()) else { return };
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let found: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(found["name"], "kitchen");
    assert_eq!(found["points"], 3000);
    assert_eq!(found["of"], serde_json::json!({"0": 1000, "1": 1000, "2": 1000, "3": 0}));
    assert_eq!(found["categories"], serde_json::json!({"chair": [1, 3], "table": [2]}));
    assert_eq!(found["fault"], serde_json::Value::Null, "the trees are tight");
    let p = m.points();
    let sum: u64 = p.colors.iter().flatten().map(|c| u64::from(*c)).sum();
    assert_eq!(found["colors"], sum);
    let confidence: f64 = p.confidence.iter().map(|c| f64::from(*c)).sum();
    assert!((found["confidence"].as_f64().unwrap() - confidence).abs() < 1e-9);
    for k in 0..3 {
        let lowest = p.positions.iter().map(|p| p[k]).fold(f32::INFINITY, f32::min);
        assert_eq!(found["lowest"][k], f64::from(lowest));
    }
    let cells = m.index().floor().cells();
    let count = |s: Cell| cells.iter().filter(|c| **c == s as u8).count();
    let states = [Cell::Unknown, Cell::Free, Cell::Occupied].map(count);
    assert_eq!(found["floor"], serde_json::json!(states));
    assert!(states[2] > 0);
    let distance = m.instance_tree(1).unwrap().distance(&m.instance_tree(2).unwrap());
    assert!((found["distance"].as_f64().unwrap() - distance).abs() < 1e-12);
}

fn named() -> bool {
    std::env::var_os("REASMORY_PYTHON").is_some()
}

/// The Python of the page that says how to read a memory.
fn page() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("spec/memory-format.md")).unwrap();
    text.split("```python\n").skip(1).map(|b| b.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn as_the_page_says() {
    let tmp = tempfile::tempdir().unwrap();
    let m = kitchen(&tmp.path().join("kitchen"));
    let blocks = page();
    assert!(blocks.len() >= 2, "the page has its examples");
    let Some(out) = python(&["-c", "import numpy, safetensors"], tmp.path()) else { return };
    if !out.status.success() {
        assert!(!named(), "the Python of REASMORY_PYTHON has no numpy or no safetensors");
        eprintln!(
            "SKIPPED: python3 has no numpy or no safetensors; name one that has with REASMORY_PYTHON"
        );
        return;
    }
    let Some(out) = python(&["-c", &blocks[0]], tmp.path()) else { return };
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(said.starts_with("kitchen [") && said.contains(" 1000"), "{said}");
    let nodes = reasmory_scene::index::nodes_of(1000);
    assert!(said.contains(&format!("{nodes} boxes")), "{said}");
    let free = m.index().floor().cells().iter().filter(|c| **c == 1).count();
    assert!(said.contains(&format!("{free} free cells")), "{said}");
    // The hash needs a package that is rarely there.
    let Some(out) = python(&["-c", "import blake3"], tmp.path()) else { return };
    if !out.status.success() {
        eprintln!("SKIPPED: python3 has no blake3 here");
        return;
    }
    let both = format!("{}{}", blocks[0], blocks[1]);
    let Some(out) = python(&["-c", &both], tmp.path()) else { return };
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}
