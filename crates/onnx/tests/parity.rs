//! Pre- and post-processing against other people's code: OpenCV, Pillow, NumPy and ONNX Runtime's Python package
//! (`tools/onnx_fixtures.py` writes what they give). Where ONNX Runtime is not here, what it takes part in is
//! left out and said so.

use std::path::{Path, PathBuf};

use reasmory_onnx::{Cause, Found, Model, Picture, Sidecar, library, prepare};
use serde_json::Value;

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models")
}

struct Photo {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
}

impl Photo {
    fn read() -> Photo {
        let p = image::open(dir().join("picture.png")).unwrap().to_rgb8();
        let (width, height) = (p.width() as usize, p.height() as usize);
        Photo { width, height, pixels: p.pixels().map(|p| p.0).collect() }
    }

    fn picture(&self) -> Picture<'_> {
        Picture { width: self.width, height: self.height, pixels: &self.pixels }
    }
}

fn floats(name: &str) -> Vec<f32> {
    let bytes = std::fs::read(dir().join(name)).unwrap();
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
}

fn expected() -> Value {
    serde_json::from_str(&std::fs::read_to_string(dir().join("expected.json")).unwrap()).unwrap()
}

/// The largest difference of two lists.
fn apart(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn pictures_become_the_tensors_that_others_make() {
    let photo = Photo::read();
    let expected = expected();
    for name in ["depth", "boxes", "detr", "classes"] {
        let text = std::fs::read_to_string(dir().join(format!("{name}.onnx.json"))).unwrap();
        let sidecar = Sidecar::parse(&text, name).unwrap();
        let (tensor, _) = prepare::prepare(&sidecar.input, photo.picture());
        let shape: Vec<u64> = tensor.shape.iter().map(|n| *n as u64).collect();
        assert_eq!(Value::from(shape), expected[name]["shape"], "{name}");
        let off = apart(&tensor.data, &floats(&format!("{name}.input.f32")));
        assert!(off < 2e-4, "{name}: {off}");
    }
}

/// The model of a fixture; `None`, loudly, where there is no ONNX Runtime.
fn model(name: &str) -> Option<Model> {
    match Model::open(&dir().join(format!("{name}.onnx")), &library(None), 1) {
        Ok(m) => Some(m),
        Err(e) if e.what.contains("cannot be loaded") && e.what.starts_with("ONNX Runtime") => {
            assert!(
                e.remedy.contains("ORT_DYLIB_PATH") && e.remedy.contains("pip install onnxruntime"),
                "{e}"
            );
            assert!(
                std::env::var_os("ORT_DYLIB_PATH").is_none(),
                "the library that was named must load: {e}"
            );
            let line = format!("SKIPPED: {e}\n");
            let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
            None
        }
        Err(e) => panic!("{e}"),
    }
}

fn agree(name: &str, found: &[Found], expected: &Value) {
    let all = expected[name]["found"].as_array().unwrap();
    let sorted = |mut rows: Vec<(u64, f64, Vec<f64>, Vec<u64>)>| {
        rows.sort_by(|a, b| a.0.cmp(&b.0).then(a.2.partial_cmp(&b.2).unwrap()));
        rows
    };
    let ours = found.iter().map(|f| {
        let width = Photo::read().width;
        let mut pixels = vec![];
        if let Some(m) = &f.mask {
            let on: Vec<usize> = (0..m.len()).filter(|i| m[*i]).collect();
            let sum = |v: &dyn Fn(usize) -> usize| on.iter().map(|i| v(*i) as u64).sum::<u64>();
            pixels = vec![on.len() as u64, sum(&|i| i % width), sum(&|i| i / width)];
        }
        (f.class as u64, f64::from(f.score), f.at.to_vec(), pixels)
    });
    let theirs = all.iter().map(|f| {
        let list = |v: &Value| {
            v.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect::<Vec<_>>()
        };
        let mut pixels: Vec<u64> = f["pixels"].as_u64().into_iter().collect();
        pixels.extend(f["moment"].as_array().into_iter().flatten().filter_map(Value::as_u64));
        (f["class"].as_u64().unwrap(), f["score"].as_f64().unwrap(), list(&f["box"]), pixels)
    });
    let (ours, theirs) = (sorted(ours.collect()), sorted(theirs.collect()));
    assert_eq!(ours.len(), theirs.len(), "{name}");
    for (a, b) in ours.iter().zip(&theirs) {
        let off = a.2.iter().zip(&b.2).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
        assert!(a.0 == b.0 && (a.1 - b.1).abs() < 1e-3 && off < 1e-3, "{name}: {a:?} {b:?}");
        // A pixel on the edge may go either way.
        let near = |i: usize, by: u64| a.3[i].abs_diff(b.3[i]) <= by;
        assert!(
            a.3.len() == b.3.len() && (a.3.is_empty() || near(0, 1) && near(1, 40)),
            "{name}: {a:?} {b:?}"
        );
    }
}

#[test]
fn numbers_become_what_others_read_in_them() {
    let photo = Photo::read();
    let expected = expected();
    let Some(m) = model("depth") else { return };
    let (depth, _) = m.depth(photo.picture(), (photo.width, photo.height)).unwrap();
    let off = apart(&depth, &floats("depth.output.f32"));
    assert!(off < 1e-3, "depth: {off}");
    for name in ["boxes", "detr", "classes"] {
        let found = model(name).unwrap().things(photo.picture()).unwrap();
        agree(name, &found, &expected);
    }
    // A depth model gives no things, and the other way round.
    assert_eq!(m.things(photo.picture()).unwrap_err().cause, Cause::Given);
    assert!(model("detr").unwrap().depth(photo.picture(), (4, 3)).is_err());
}

#[test]
fn what_a_model_does_not_have_is_said() {
    let temporary = std::env::temp_dir().join(format!("reasmory-onnx-{}", std::process::id()));
    std::fs::create_dir_all(&temporary).unwrap();
    let file = temporary.join("m.onnx");
    let open = || Model::open(&file, &library(None), 1);
    let e = open().unwrap_err();
    assert!(
        e.what.contains("no such model") && e.remedy.contains("none is ever downloaded"),
        "{e}"
    );
    std::fs::write(&file, "no model").unwrap();
    let e = open().unwrap_err();
    assert!(e.what.contains("m.onnx.json"), "{e}");
    let sidecar = |from: &str, to: &str| {
        let text = std::fs::read_to_string(dir().join("depth.onnx.json")).unwrap();
        assert!(text.contains(from));
        std::fs::write(temporary.join("m.onnx.json"), text.replace(from, to)).unwrap();
    };
    sidecar("\"depth\"", "\"depth\"");
    if model("depth").is_some() {
        assert!(open().unwrap_err().what.contains("m.onnx: cannot be loaded"));
        std::fs::copy(dir().join("depth.onnx"), &file).unwrap();
        let photo = Photo::read();
        let depth = || open().unwrap().depth(photo.picture(), (4, 3));
        assert!(depth().is_ok());
        sidecar("\"name\": \"depth\"", "\"name\": \"disparity\"");
        let e = depth().unwrap_err();
        assert!(
            e.what.contains("no output `disparity`") && e.what.contains("outputs are depth"),
            "{e}"
        );
        sidecar("\"resample\"", "\"name\": \"pixels\", \"resample\"");
        let e = depth().unwrap_err();
        assert!(e.what.contains("no input `pixels`; its inputs are image"), "{e}");
        // What the model itself refuses: rows and columns where channels should be.
        sidecar("\"resample\"", "\"layout\": \"nhwc\", \"resample\"");
        assert_eq!(depth().unwrap_err().cause, Cause::Model);
    }
    let e = Model::open(&dir().join("depth.onnx"), Path::new("/nowhere/libonnxruntime.so"), 1)
        .unwrap_err();
    assert!(e.what.contains("/nowhere/libonnxruntime.so"), "{e}");
    std::fs::remove_dir_all(&temporary).unwrap();
}
