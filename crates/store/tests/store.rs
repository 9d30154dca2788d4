//! Memories written, opened, verified and damaged.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reasmory_geom::{Obb, Pinhole, Point3, Pose, UP, Vec3};
use reasmory_scene::{Instance, Manifest, Memory, Photo, PhotoPixels, Points, Rgb8, Scale};
use reasmory_store::{
    MemoryPictures, NoPictures, Picture, PictureFiles, Pictures, StoreError, open, open_manifest,
    verify, write,
};

struct Grey;

impl PhotoPixels for Grey {
    fn rgb(&self, number: u32) -> Result<Rgb8, String> {
        Ok(Rgb8 { width: 8, height: 6, pixels: (0..48).map(|i| [i, number as u8, 9]).collect() })
    }
}

fn random(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z ^ (z >> 29)
}

fn memory(rows: usize) -> Memory {
    let mut m = Manifest::empty("kitchen", "test", Scale::metric("made up"));
    m.instances.push(Instance {
        id: 1,
        category: "chair".into(),
        obb: Obb::upright(Point3::new(0.1, 0.2, 0.3), Vec3::new(1.0, 2.0, 1.0), 30.0),
        confidence: 0.7,
        support: 3,
        front: Some([1.0, 0.0, 0.0]),
        seen_in: vec![1],
    });
    m.index_categories();
    for number in 1..=2 {
        m.photos.push(Photo {
            number,
            name: format!("photo {number}"),
            pinhole: Pinhole::from_fov(8, 6, 75.0),
            camera_to_world: Pose::from_axes(
                Vec3::new(1.0, 0.0, 0.0),
                -UP,
                Vec3::new(0.0, 1.0, 0.0),
                Point3::new(0.0, 0.0, 1.5),
            ),
            time: Some(0.5),
            image: None,
        });
    }
    m.points = rows as u64;
    let mut seed = 1;
    let mut x = || (random(&mut seed) % 1000) as f32 / 100.0;
    let points = Points {
        positions: (0..rows).map(|_| [x(), x(), x()]).collect::<Vec<_>>().into(),
        colors: (0..rows).map(|i| [i as u8, 2, 3]).collect::<Vec<_>>().into(),
        confidence: (0..rows).map(|i| (i % 5) as f32 / 4.0).collect::<Vec<_>>().into(),
        instance: (0..rows).map(|i| (i % 2) as u32).collect::<Vec<_>>().into(),
    };
    Memory::new(m, points, Some(Arc::new(Grey))).unwrap()
}

fn files_of(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(d) = todo.pop() {
        for e in fs::read_dir(d).unwrap() {
            let p = e.unwrap().path();
            if p.is_dir() { todo.push(p) } else { out.push(p) }
        }
    }
    out.sort();
    out
}

fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files_of(dir)
        .into_iter()
        .map(|p| (p.strip_prefix(dir).unwrap().to_owned(), fs::read(&p).unwrap()))
        .collect()
}

/// Changes the manifest's text and makes its hash fit again.
fn edit(dir: &Path, from: &str, to: &str) {
    let path = dir.join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    let text = text.replacen(from, to, 1);
    let at = text.rfind("\"hash\": \"").unwrap() + 9;
    let (head, tail) = (&text[..at], &text[at + 64..]);
    let hash = blake3::hash(format!("{head}{}{tail}", "0".repeat(64)).as_bytes()).to_hex();
    fs::write(&path, format!("{head}{hash}{tail}")).unwrap();
}

/// The points of a memory that was opened are those that were written, in the order of their index.
fn same_points(written: &Memory, opened: &Memory) {
    let order = written.index().order().expect("made, not stored");
    assert!(opened.index().order().is_none());
    let (p, q) = (written.points(), opened.points());
    assert_eq!(p.len(), q.len());
    for (i, r) in order.iter().enumerate() {
        let r = *r as usize;
        assert_eq!(
            (p.positions[r], p.colors[r], p.confidence[r], p.instance[r]),
            (q.positions[i], q.colors[i], q.confidence[i], q.instance[i])
        );
    }
}

/// A copy of a memory that was written by the version before the index.
fn version_1(to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/version1");
    fs::create_dir_all(to).unwrap();
    for file in files_of(&from) {
        fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}

#[test]
fn an_older_memory_opens_and_is_brought_up_to_date() {
    let tmp = tempfile::tempdir().unwrap();
    let (old, new) = (tmp.path().join("old"), tmp.path().join("new"));
    version_1(&old);
    let was = open(&old).unwrap();
    assert!(verify(&old).unwrap().is_intact());
    assert_eq!((was.points().len(), was.manifest().instances.len()), (100, 2));
    write(&was, &NoPictures, &new).unwrap();
    assert!(new.join("index.safetensors").exists());
    let is = open(&new).unwrap();
    same_points(&was, &is);
    assert_eq!(was.manifest(), is.manifest());
    let between = |m: &Memory| {
        let [a, b] = [1, 2].map(|i| m.instance_tree(i).unwrap());
        a.distance(&b)
    };
    assert_eq!(between(&was), between(&is));
    // What was written in the order of the index stays in it.
    let again = tmp.path().join("again");
    write(&is, &NoPictures, &again).unwrap();
    assert_eq!(contents(&new), contents(&again));
    // In its place, too.
    write(&was, &NoPictures, &old).unwrap();
    assert_eq!(contents(&old), contents(&new));
}

#[test]
fn a_memory_comes_back() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("kitchen");
    let m = memory(1000);
    write(&m, &MemoryPictures(&m), &dir).unwrap();
    let back = open(&dir).unwrap();
    same_points(&m, &back);
    assert_eq!(back.instance_rows(1).len(), m.instance_rows(1).len());
    let trees = [&m, &back].map(|m| m.instance_tree(1).unwrap());
    let p = Point3::new(3.0, 20.0, 1.0);
    assert_eq!(trees[0].distance_to_point(p), trees[1].distance_to_point(p));
    assert_eq!(m.index().floor().cells()[..], back.index().floor().cells()[..]);
    assert_eq!(back.photo_pixels(2).unwrap(), Grey.rgb(2).unwrap());
    assert!(back.photo_pixels(3).unwrap_err().contains("no photo 3"));
    let manifest = open_manifest(&dir).unwrap();
    assert_eq!(manifest.photos[1].image.as_deref(), Some("photos/0002.png"));
    assert_eq!(manifest.categories, m.manifest().categories);
    let report = verify(&dir).unwrap();
    assert!(report.is_intact() && report.strangers.is_empty() && report.files == 5);
}

#[test]
fn no_points_and_no_pictures() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("empty");
    write(&memory(0), &NoPictures, &dir).unwrap();
    let back = open(&dir).unwrap();
    assert!(back.points().is_empty() && !back.has_pixels());
    assert!(verify(&dir).unwrap().is_intact());
}

#[test]
fn the_same_memory_gives_the_same_bytes() {
    let tmp = tempfile::tempdir().unwrap();
    let (a, b) = (tmp.path().join("a"), tmp.path().join("b"));
    let m = memory(100);
    write(&m, &MemoryPictures(&m), &a).unwrap();
    write(&m, &MemoryPictures(&m), &b).unwrap();
    assert_eq!(contents(&a), contents(&b));
}

#[test]
fn replacing_keeps_an_open_memory_whole() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("m");
    write(&memory(1000), &NoPictures, &dir).unwrap();
    let old = open(&dir).unwrap();
    let before: Vec<[f32; 3]> = old.points().positions.to_vec();
    write(&memory(10), &NoPictures, &dir).unwrap();
    assert_eq!(*old.points().positions, *before);
    assert_eq!(open(&dir).unwrap().points().len(), 10);
    assert_eq!(fs::read_dir(tmp.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn only_memories_are_replaced() {
    let tmp = tempfile::tempdir().unwrap();
    let m = memory(1);
    let refuses = |dir: &Path| match write(&m, &NoPictures, dir) {
        Err(e @ StoreError::Occupied { .. }) => e.to_string(),
        other => panic!("{other:?}"),
    };
    let file = tmp.path().join("file");
    fs::write(&file, "mine").unwrap();
    assert!(refuses(&file).contains("is a file"));
    let folder = tmp.path().join("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("thesis.txt"), "mine").unwrap();
    assert!(refuses(&folder).contains("thesis.txt"));
    let other = tmp.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("manifest.json"), "{\"name\": \"web app\"}").unwrap();
    assert!(refuses(&other).contains("no memory has"));
    // A memory into which something was put by hand is not deleted with it.
    let dir = tmp.path().join("m");
    write(&m, &MemoryPictures(&m), &dir).unwrap();
    fs::write(dir.join("photos/holiday.png"), "mine").unwrap();
    assert!(refuses(&dir).contains("holiday.png"));
    assert_eq!(verify(&dir).unwrap().strangers, ["photos/holiday.png"]);
    // An empty directory holds nothing to lose.
    let empty = tmp.path().join("empty");
    fs::create_dir(&empty).unwrap();
    write(&m, &NoPictures, &empty).unwrap();
}

struct Bad(Picture);

impl Pictures for Bad {
    fn picture(&self, number: u32) -> Result<Option<Picture>, String> {
        Ok((number == 2).then(|| self.0.clone()))
    }
}

#[test]
fn a_failed_write_leaves_nothing() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("m");
    let m = memory(50);
    let fails = |p: Picture| write(&m, &Bad(p), &dir).unwrap_err().to_string();
    let e = fails(Picture::Pixels(Rgb8 { width: 0, height: 0, pixels: vec![] }));
    assert!(e.contains("photo 2") && e.contains("no pixels"), "{e}");
    let e = fails(Picture::Pixels(Rgb8 { width: 4, height: 4, pixels: vec![[0; 3]; 16] }));
    assert!(e.contains("4×4"), "{e}");
    let e = fails(Picture::Pixels(Rgb8 { width: 8, height: 6, pixels: vec![[0; 3]; 7] }));
    assert!(e.contains("7 pixels"), "{e}");
    assert!(fails(Picture::Encoded(vec![])).contains("empty"));
    assert!(fails(Picture::Encoded(b"GIF89a".to_vec())).contains("neither PNG nor JPEG"));
    let absent = PictureFiles(BTreeMap::from([(1, tmp.path().join("absent.png"))]));
    assert!(write(&m, &absent, &dir).unwrap_err().to_string().contains("absent.png"));
    assert_eq!(fs::read_dir(tmp.path()).unwrap().count(), 0);
    // With a memory in place, it stays.
    write(&m, &NoPictures, &dir).unwrap();
    let before = contents(&dir);
    fails(Picture::Encoded(vec![1, 2, 3]));
    assert_eq!(contents(&dir), before);
    assert_eq!(fs::read_dir(tmp.path()).unwrap().count(), 1);
}

#[test]
fn any_flipped_byte_is_found() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("m");
    let m = memory(60_000);
    write(&m, &MemoryPictures(&m), &dir).unwrap();
    assert!(verify(&dir).unwrap().is_intact());
    let mut seed = 3;
    for path in files_of(&dir) {
        let good = fs::read(&path).unwrap();
        for k in 0..60 {
            let mut bad = good.clone();
            let at = match k {
                0 => 0,
                1 => good.len() - 1,
                _ => random(&mut seed) as usize % good.len(),
            };
            bad[at] ^= 1 << (random(&mut seed) % 8);
            fs::write(&path, &bad).unwrap();
            match verify(&dir) {
                Err(_) => assert!(path.ends_with("manifest.json"), "{path:?} byte {at}"),
                Ok(r) => {
                    assert_eq!(r.damage.len(), 1, "{path:?} byte {at}");
                    let d = &r.damage[0];
                    assert!(path.ends_with(&d.file) && (d.from..d.to).contains(&(at as u64)));
                }
            }
        }
        fs::write(&path, &good).unwrap();
    }
    assert!(verify(&dir).unwrap().is_intact());
    // The message says which tensor.
    let path = dir.join("points.safetensors");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    let damage = verify(&dir).unwrap().damage[0].to_string();
    assert!(damage.contains("colors") && damage.contains("chunk 1"), "{damage}");
    fs::remove_file(&path).unwrap();
    assert!(verify(&dir).unwrap().damage[0].what.contains("missing"));
}

#[test]
fn damage_is_named() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("m");
    let m = memory(100);
    let says = |words: &str| {
        let e = open(&dir).unwrap_err();
        let text = e.to_string();
        assert!(text.contains(words), "expected {words:?} in {text:?}");
        let names = text.contains(&tmp.path().display().to_string());
        assert!(names, "{text}");
    };
    says("could not open");
    fs::write(&dir, "").unwrap();
    says("is not a directory");
    fs::remove_file(&dir).unwrap();
    fs::create_dir(&dir).unwrap();
    says("has no `manifest.json`");
    let fresh = || {
        fs::remove_dir_all(&dir).unwrap();
        write(&m, &MemoryPictures(&m), &dir).unwrap();
    };
    let manifest = dir.join("manifest.json");
    let points = dir.join("points.safetensors");

    fs::write(&manifest, "").unwrap();
    says("is empty");
    fs::write(&manifest, "points: 3").unwrap();
    says("is not valid JSON");
    fs::write(&manifest, [0xff, 0xfe]).unwrap();
    says("not UTF-8");
    fs::write(&manifest, "[".repeat(100_000)).unwrap();
    says("is not valid JSON");
    fs::write(&manifest, "{\"schema\": 3}").unwrap();
    says("schema version 3");
    fs::write(&manifest, "{}").unwrap();
    says("schema version none");
    fs::remove_file(&manifest).unwrap();
    fs::create_dir(&manifest).unwrap();
    says("not a regular file");

    fresh();
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("kitchen", "kitchan")).unwrap();
    says("its hash does not fit");

    let lies: [(&str, &str, &str); 17] = [
        ("\"schema\": 2", "\"schema\": 1", "does not go with version 1"),
        ("\"leaf\": 32", "\"leaf\": 33", "leaves of 33"),
        ("\"nodes\": ", "\"nodes\": 9", "nodes for 100 points"),
        ("\"cell\": ", "\"cell\": -", "is no grid"),
        ("\"file\": \"index.safetensors\"", "\"file\": \"points.bin\"", "which no memory has"),
        ("\"points\": 100", "\"points\": 101", "101 points"),
        ("\"points\": 100", "\"points\": 18446744073709551615", "points"),
        ("\"points\": 100", "\"points\": -1", "manifest"),
        ("\"dtype\": \"F32\"", "\"dtype\": \"F64\"", "expected `positions` F32"),
        ("\"name\": \"positions\"", "\"name\": \"postions\"", "`postions`"),
        ("\"bytes\": 1200", "\"bytes\": 1201", "do not need"),
        ("photos/0001.png", "../../secret.png", "which no memory has"),
        ("\"image\": \"photos/0001.png\"", "\"image\": \"/etc/passwd\"", "which no memory has"),
        ("\"image\": \"photos/0001.png\"", "\"image\": \"photos/0009.png\"", "not among"),
        ("\"category\": \"chair\"", "\"category\": \"sofa\"", "instances[0].category"),
        ("\"confidence\": 0.7", "\"confidence\": 7.0", "instances[0].confidence"),
        ("\"chunk_bytes\": 1048576", "\"chunk_bytes\": 0", "chunk_bytes"),
    ];
    for (from, to, words) in lies {
        fresh();
        edit(&dir, from, to);
        says(words);
        if words != "is no grid" {
            assert!(open_manifest(&dir).is_err());
            assert!(verify(&dir).is_err());
        }
    }

    fresh();
    let bytes = fs::read(&points).unwrap();
    fs::write(&points, &bytes[..bytes.len() - 1]).unwrap();
    says("it was cut or replaced");
    fs::write(&points, "").unwrap();
    says("has 0 bytes");
    // The manifest alone still serves the checker.
    open_manifest(&dir).unwrap();
    let mut wrong = bytes.clone();
    wrong[0] = 0xff;
    wrong[7] = 0xff;
    fs::write(&points, &wrong).unwrap();
    says("header");
    // What the columns hold is for `verify`; who reads them is not led astray.
    let start = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut nan = bytes.clone();
    nan[start + 12..start + 16].copy_from_slice(&f32::NAN.to_le_bytes());
    fs::write(&points, &nan).unwrap();
    let damaged = open(&dir).unwrap();
    assert!(damaged.instance_tree(1).unwrap().distance_to_point(Point3::origin()).is_finite());
    assert!(verify(&dir).unwrap().damage[0].to_string().contains("positions"));
    fs::remove_file(&points).unwrap();
    says("points.safetensors");

    fresh();
    fs::write(dir.join("photos/0001.png"), "short").unwrap();
    says("it was cut or replaced");
    let good = contents(&dir);
    let length = open_manifest(&dir).map(|_| good.len()).unwrap();
    assert_eq!(length, 5);

    // The index.
    fresh();
    let index = dir.join("index.safetensors");
    let bytes = fs::read(&index).unwrap();
    let start = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    for (at, value) in [(0, 1u64), (8, 101), (8, u64::MAX), (16, 99)] {
        let mut wrong = bytes.clone();
        wrong[start + at..start + at + 8].copy_from_slice(&value.to_le_bytes());
        fs::write(&index, &wrong).unwrap();
        says("groups");
    }
    // Boxes that are wrong, and states that are none.
    let mut wrong = bytes.clone();
    wrong[start + 24..].fill(0xff);
    fs::write(&index, &wrong).unwrap();
    let damaged = open(&dir).unwrap();
    damaged.instance_tree(1).unwrap().distance_to_point(Point3::origin());
    assert_eq!(damaged.index().floor().free_area(), 0.0);
    assert!(!verify(&dir).unwrap().is_intact());
    fs::remove_file(&index).unwrap();
    says("index.safetensors");

    // A memory without an index is read and checked whole.
    fs::remove_dir_all(&dir).unwrap();
    version_1(&dir);
    let bytes = fs::read(&points).unwrap();
    let start = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    for (at, value, words) in
        [(12, f32::NAN, "positions[1]"), (1200, 2.0, "confidence[0]"), (1600, 3e-39, "instance[0]")]
    {
        let mut wrong = bytes.clone();
        wrong[start + at..start + at + 4].copy_from_slice(&value.to_le_bytes());
        fs::write(&points, &wrong).unwrap();
        says(words);
    }
}

#[test]
fn a_damaged_picture_is_an_error_when_asked_for() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("m");
    let m = memory(3);
    write(&m, &MemoryPictures(&m), &dir).unwrap();
    let path = dir.join("photos/0001.png");
    let mut bytes = fs::read(&path).unwrap();
    // Width 0 in the PNG header.
    bytes[16..20].fill(0);
    fs::write(&path, &bytes).unwrap();
    let e = open(&dir).unwrap().photo_pixels(1).unwrap_err();
    assert!(e.contains("0001.png"), "{e}");
    // A size that no allocation may follow.
    bytes[16..20].fill(0x7f);
    fs::write(&path, &bytes).unwrap();
    assert!(open(&dir).unwrap().photo_pixels(1).is_err());
}

#[test]
fn fuzz_bodies_return() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("m");
    let m = memory(1);
    write(&m, &MemoryPictures(&m), &dir).unwrap();
    let mut seed = 11;
    for (file, body) in [
        ("manifest.json", reasmory_store::fuzz_manifest as fn(&[u8])),
        ("points.safetensors", reasmory_store::fuzz_tensors),
        ("index.safetensors", reasmory_store::fuzz_tensors),
    ] {
        let good = fs::read(dir.join(file)).unwrap();
        body(&good);
        for cut in 0..good.len() {
            body(&good[..cut]);
        }
        for _ in 0..2000 {
            let mut bad = good.clone();
            for _ in 0..1 + random(&mut seed) % 4 {
                let at = random(&mut seed) as usize % bad.len();
                bad[at] = random(&mut seed) as u8;
            }
            body(&bad);
        }
    }
    // Past the hash check, the layout check must hold by itself.
    let path = dir.join("manifest.json");
    let good = fs::read_to_string(&path).unwrap();
    let digits: Vec<usize> = good
        .bytes()
        .enumerate()
        .take(good.rfind("\"hash\"").unwrap())
        .filter(|(_, b)| b.is_ascii_digit())
        .map(|(i, _)| i)
        .collect();
    for _ in 0..2000 {
        let mut bad = good.clone().into_bytes();
        let at = digits[random(&mut seed) as usize % digits.len()];
        bad[at] = b'0' + (random(&mut seed) % 10) as u8;
        fs::write(&path, &bad).unwrap();
        edit(&dir, "\"hash\": \"", "\"hash\": \"");
        let _ = open(&dir).map(|m| m.photo_pixels(1));
        let _ = verify(&dir);
    }
}

#[test]
fn opening_a_million_points_is_quick() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("m");
    let m = memory(1_000_000);
    let start = std::time::Instant::now();
    write(&m, &NoPictures, &dir).unwrap();
    let written = start.elapsed();
    let start = std::time::Instant::now();
    let back = open(&dir).unwrap();
    let opened = start.elapsed();
    let start = std::time::Instant::now();
    assert!(verify(&dir).unwrap().is_intact());
    eprintln!("1 M points: write {written:?}, open {opened:?}, verify {:?}", start.elapsed());
    assert_eq!(back.points().len(), 1_000_000);
}
