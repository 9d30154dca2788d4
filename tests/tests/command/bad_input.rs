//! Inputs that are broken: each is a clear error that names the file and what to do, never a panic, and
//! nothing half-written is left behind.

use std::fs;
use std::path::Path;

use reasmory_tests::binary::{Call, reasmory};
use reasmory_tests::scenes;

fn run(dir: &Path, args: &[&str]) -> Call {
    let c = reasmory(dir, args);
    assert!(c.code != 101 && c.code != -1, "{args:?} panicked\n{}", c.err);
    assert!(!c.err.contains("panicked at"), "{args:?}\n{}", c.err);
    c
}

/// A usage or file error: exit code 2, the file's name, and a remedy; nothing on standard output.
fn refused(dir: &Path, args: &[&str], names: &str) -> String {
    let c = run(dir, args);
    assert_eq!(c.code, 2, "{args:?}\n{}{}", c.out, c.err);
    assert!(c.err.contains(names), "{args:?}: `{names}` is not named\n{}", c.err);
    assert!(c.err.contains("help: "), "{args:?}: no remedy\n{}", c.err);
    assert_eq!(c.out, "", "{args:?}");
    c.err
}

/// Many independent mistakes take time that grows with the program, not with its square.
#[test]
fn many_unknown_names() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    let mut text = String::new();
    for i in 0..15_000 {
        text.push_str(&format!("a{i} = missing{i} + 1\n"));
    }
    fs::write(dir.join("names.rsm"), text).unwrap();
    // Building it is not what is measured.
    reasmory_tests::binary::path();
    let start = std::time::Instant::now();
    let c = run(dir, &["check", "names.rsm", "--format", "concise"]);
    assert_eq!(c.code, 1, "{}", c.err);
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}

/// Names in a folder.
fn listing(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .unwrap()
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn programs() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    let write = |name: &str, bytes: &[u8]| fs::write(dir.join(name), bytes).unwrap();
    fs::create_dir(dir.join("folder.rsm")).unwrap();
    write("latin.rsm", b"answer \"caf\xe9\"\n");
    write("empty.rsm", b"");
    write("blank.rsm", b"\n\n   # nothing\n");
    write("nul.rsm", b"answer \0 1\n");
    write("large.rsm", &b"answer 1 + 1 + 1 + 1 + 1\n".repeat(420_000));
    write(
        "nested.rsm",
        format!("answer {}1{}\n", "(".repeat(100_000), ")".repeat(100_000)).as_bytes(),
    );
    write("open.rsm", format!("answer {}\n", "[".repeat(100_000)).as_bytes());
    write("braces.rsm", "if true {\n".repeat(100_000).as_bytes());
    write("minus.rsm", format!("answer {}1\n", "- ".repeat(100_000)).as_bytes());
    write("sum.rsm", format!("answer 1{}\n", " + 1".repeat(50_000)).as_bytes());
    write("chain.rsm", format!("answer 1{}\n", ".abs()".repeat(50_000)).as_bytes());
    write("quote.rsm", &b"\"".repeat(200_000));
    refused(dir, &["check", "folder.rsm"], "folder.rsm");
    refused(dir, &["check", "latin.rsm"], "latin.rsm");
    refused(dir, &["check", "absent.rsm"], "absent.rsm");
    for (file, codes) in [
        ("empty.rsm", &["E0214"][..]),
        ("blank.rsm", &["E0214"]),
        ("nul.rsm", &["E0001"]),
        ("large.rsm", &["E0005"]),
        ("nested.rsm", &["E0006"]),
        ("open.rsm", &["E0006"]),
        ("braces.rsm", &["E0006"]),
        ("minus.rsm", &["E0006"]),
        ("sum.rsm", &["E0006"]),
        ("chain.rsm", &["E0006"]),
        ("quote.rsm", &["E0103"]),
    ] {
        let c = run(dir, &["check", file, "--format", "concise"]);
        assert_eq!(c.code, 1, "{file}\n{}{}", c.out, c.err);
        assert!(codes.iter().any(|code| c.out.contains(code)), "{file}: {:.400}", c.out);
        assert!(c.out.len() < 20_000, "{file}: {} bytes of findings", c.out.len());
    }
}

#[test]
fn memories() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    fs::write(dir.join("p.rsm"), "answer objects().count()\n").unwrap();
    scenes::write("points", &dir.join("good.mem"));
    let parts = listing(&dir.join("good.mem"));
    let find = |end: &str| {
        let hit = parts.iter().find(|p| p.ends_with(end));
        hit.unwrap_or_else(|| panic!("no {end} in {parts:?}")).clone()
    };
    let (manifest, tensors) = (find(".json"), find(".safetensors"));
    let broken = |name: &str, change: &dyn Fn(&Path)| {
        let to = dir.join(name);
        fs::create_dir(&to).unwrap();
        copy(&dir.join("good.mem"), &to);
        change(&to);
    };
    broken("short.mem", &edit(&tensors, |b: &mut Vec<u8>| b.truncate(b.len() / 2)));
    broken("tiny.mem", &edit(&tensors, |b: &mut Vec<u8>| b.truncate(4)));
    broken("noise.mem", &edit(&tensors, |b: &mut Vec<u8>| b.iter_mut().for_each(|x| *x = 0xa5)));
    broken("gone.mem", &|to: &Path| fs::remove_file(to.join(&tensors)).unwrap());
    broken("bare.mem", &|to: &Path| fs::remove_file(to.join(&manifest)).unwrap());
    broken("words.mem", &edit(&manifest, |b: &mut Vec<u8>| *b = b"no json".to_vec()));
    let text = fs::read_to_string(dir.join("good.mem").join(&manifest)).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let points = value.pointer("/points").or(value.pointer("/manifest/points"));
    let n = points.and_then(|p| p.as_u64()).unwrap_or_else(|| panic!("{text:.600}"));
    broken(
        "lying.mem",
        &edit(&manifest, |b: &mut Vec<u8>| {
            let t = String::from_utf8_lossy(b).into_owned();
            let lie = t.replace(&format!("\"points\": {n}"), &format!("\"points\": {}", n + 5));
            assert_ne!(t, lie, "the manifest has another form");
            *b = lie.into_bytes();
        }),
    );
    broken(
        "version.mem",
        &edit(&manifest, |b: &mut Vec<u8>| {
            let t = String::from_utf8_lossy(b).replace("\"schema\": 2", "\"schema\": 99");
            *b = t.into_bytes();
        }),
    );
    fs::create_dir(dir.join("empty.mem")).unwrap();
    fs::write(dir.join("file.mem"), "a file").unwrap();
    for name in [
        "short.mem",
        "tiny.mem",
        "noise.mem",
        "gone.mem",
        "bare.mem",
        "words.mem",
        "lying.mem",
        "version.mem",
        "empty.mem",
        "file.mem",
        "absent.mem",
    ] {
        refused(dir, &["run", "p.rsm", "--scene", name], name);
        let verified = run(dir, &["scene", "verify", name]);
        assert!(verified.code == 1 || verified.code == 2, "{name}: {}", verified.out);
        let out = format!("{name}.png");
        let drawn = run(dir, &["render", "plan", "--scene", name, "-o", &out]);
        assert_eq!(drawn.code, 2, "{name}");
        assert!(!dir.join(&out).exists(), "{name}: a picture of a broken memory");
    }
    assert_eq!(run(dir, &["run", "p.rsm", "--scene", "good.mem"]).code, 0);
}

/// Changes the bytes of a file of a memory.
fn edit<'f>(file: &'f str, f: impl Fn(&mut Vec<u8>) + 'f) -> impl Fn(&Path) + 'f {
    move |to| {
        let mut bytes = fs::read(to.join(file)).unwrap();
        f(&mut bytes);
        fs::write(to.join(file), bytes).unwrap();
    }
}

/// A position that is no number harms nobody: opening does not look for it, no query finds it, `verify` names it.
#[test]
fn positions_that_are_no_numbers() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    scenes::write("points", &dir.join("nan.mem"));
    fs::write(dir.join("p.rsm"), "answer distance(objects()[1], to=objects()[2])\n").unwrap();
    let mem = dir.join("nan.mem");
    let tensors = listing(&mem).into_iter().find(|n| n == "points.safetensors").unwrap();
    let mut bytes = fs::read(mem.join(&tensors)).unwrap();
    let whole = run(dir, &["run", "p.rsm", "--scene", "nan.mem"]);
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let table: serde_json::Value = serde_json::from_slice(&bytes[8..8 + header]).unwrap();
    let key = table
        .as_object()
        .and_then(|t| t.keys().find(|k| k.contains("position")).cloned())
        .unwrap_or_else(|| panic!("{table}"));
    let at = 8 + header + table[&key]["data_offsets"][0].as_u64().unwrap() as usize;
    bytes[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    fs::write(mem.join(&tensors), bytes).unwrap();
    let c = run(dir, &["run", "p.rsm", "--scene", "nan.mem"]);
    assert_eq!((c.code, c.out), (0, whole.out), "{}", c.err);
    let picture = ["render", "top", "--scene", "nan.mem", "--size", "64x48", "-o", "top.png"];
    assert_eq!(run(dir, &picture).code, 0);
    let verified = run(dir, &["scene", "verify", "nan.mem"]);
    assert_ne!(verified.code, 0, "{}", verified.out);
}

fn copy(from: &Path, to: &Path) {
    for e in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(e.file_name());
        if e.path().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&e.path(), &target);
        } else {
            fs::copy(e.path(), target).unwrap();
        }
    }
}

#[test]
fn sources() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    fs::write(dir.join("words.txt"), "not a scene\n").unwrap();
    fs::write(dir.join("empty_meta_info_val.json"), "").unwrap();
    fs::write(dir.join("list_meta_info_val.json"), "[1, 2]").unwrap();
    fs::write(dir.join("half_meta_info_val.json"), "{\"a\": {\"room_size\": 3, \"object_").unwrap();
    fs::write(
        dir.join("nan_meta_info_val.json"),
        "{\"a\": {\"room_size\": 3, \"object_counts\": {\"x\": 1}, \"object_bbox\": {\"x\": [{\"centroid\": \
         [1, null, 2], \"axesLengths\": [1, 1, 1], \"normalizedAxes\": [1,0,0,0,1,0,0,0,1]}]}}}",
    )
    .unwrap();
    fs::create_dir(dir.join("hollow")).unwrap();
    fs::create_dir_all(dir.join("npz/rgb")).unwrap();
    fs::write(dir.join("npz/condition.npz"), b"PK\x03\x04 and no more").unwrap();
    fs::create_dir_all(dir.join("model/sparse/0")).unwrap();
    for name in ["cameras.bin", "images.bin", "points3D.bin"] {
        fs::write(dir.join("model/sparse/0").join(name), 7u64.to_le_bytes()).unwrap();
    }
    let before = listing(dir);
    for source in [
        "words.txt",
        "empty_meta_info_val.json",
        "list_meta_info_val.json",
        "half_meta_info_val.json",
        "nan_meta_info_val.json",
        "hollow",
        "npz",
        "model",
        "absent",
    ] {
        refused(dir, &["import", source, "-o", "out.mem"], source);
        assert_eq!(listing(dir), before, "{source} left something behind");
    }
    refused(dir, &["import", "words.txt", "-o", "out.mem", "--format", "holograms"], "holograms");
    // An import does not overwrite what is no memory.
    fs::create_dir(dir.join("mine")).unwrap();
    fs::write(dir.join("mine/thesis.txt"), "years of work").unwrap();
    let scene = "{\"a\": {\"room_size\": 3, \"room_center\": [0, 0, 0], \"object_counts\": {}, \"object_bbox\": {}}}";
    fs::write(dir.join("fine_meta_info_val.json"), scene).unwrap();
    let c = run(dir, &["import", "fine_meta_info_val.json", "-o", "mine"]);
    assert_eq!(c.code, 2, "{}", c.out);
    assert_eq!(listing(&dir.join("mine")), ["thesis.txt"]);
}

#[test]
fn arguments() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    scenes::write("boxes", &dir.join("boxes.mem"));
    fs::write(dir.join("p.rsm"), "answer 1\n").unwrap();
    fs::write(dir.join("q.json"), "{\"no\": 1}").unwrap();
    fs::write(dir.join("two.json"), "[{\"question\": \"a\"}, {\"question\": \"b\"}]").unwrap();
    fs::write(dir.join("bad.json"), "{").unwrap();
    for q in ["q.json", "bad.json", "absent.json"] {
        refused(dir, &["run", "p.rsm", "--scene", "boxes.mem", "--question", q], q);
    }
    refused(
        dir,
        &["run", "p.rsm", "--scene", "boxes.mem", "--question", "two.json"],
        "2 questions",
    );
    for size in ["0x0", "0x10", "10", "99999x4", "-1x5", "axb"] {
        let c =
            run(dir, &["render", "plan", "--scene", "boxes.mem", "-o", "x.png", "--size", size]);
        assert_eq!(c.code, 2, "{size}");
    }
    for at in ["1,2", "nan,0,0", "inf,0,0", "a,b,c"] {
        let c = run(
            dir,
            &[
                "render",
                "ego",
                "--scene",
                "boxes.mem",
                "-o",
                "x.png",
                "--at",
                at,
                "--look-at",
                "1,1,1",
            ],
        );
        assert_eq!(c.code, 2, "{at}");
    }
    let same = [
        "render",
        "ego",
        "--scene",
        "boxes.mem",
        "-o",
        "x.png",
        "--at",
        "1,1,1",
        "--look-at",
        "1,1,1",
    ];
    assert_eq!(run(dir, &same).code, 2);
    refused(
        dir,
        &["render", "ego", "--scene", "boxes.mem", "-o", "x.png", "--photo", "1"],
        "photo",
    );
    assert!(!dir.join("x.png").exists());
    // Where output cannot go.
    fs::write(dir.join("file"), "").unwrap();
    refused(
        dir,
        &["render", "plan", "--scene", "boxes.mem", "-o", "file/x.png", "--size", "32x32"],
        "file",
    );
    let shown = dir.join("s.rsm");
    fs::write(shown, "show plan()\n").unwrap();
    refused(dir, &["run", "s.rsm", "--scene", "boxes.mem", "--out", "file/evidence"], "file");
}
