//! Point clouds: PCD and PLY in every encoding, with and without labels.

mod common;

use std::fs;
use std::path::Path;

use reasmory_import::{Format, ImportOptions, Imported, detect, import, scenes};

/// A point of the made-up room: position, colour, label.
type Row = ([f32; 3], [u8; 3], u32);

/// A floor of 4 × 3 m without a label, and two boxes: 1.0 × 0.4 × 0.6 (label 5), 0.3 × 0.3 × 1.2
/// (label 9).
fn rows() -> Vec<Row> {
    let mut out = Vec::new();
    for i in 0..80 {
        for j in 0..60 {
            out.push(([0.05 * i as f32, 0.05 * j as f32, 0.0], [90, 80, 70], 0));
        }
    }
    for (x, y, size, label) in [(1.0, 1.0, [1.0, 0.4, 0.6], 5), (3.0, 2.0, [0.3, 0.3, 1.2f32], 9)] {
        for i in 0..=20 {
            for j in 0..=20 {
                let (u, v) = (i as f32 / 20.0, j as f32 / 20.0);
                for [a, b, c] in [[u, v, 1.0], [u, 0.0, v], [u, 1.0, v], [0.0, u, v], [1.0, u, v]] {
                    let p = [x + a * size[0], y + b * size[1], c * size[2]];
                    out.push((p, [200, 10, label as u8], label));
                }
            }
        }
    }
    // Marks of invalid points.
    out.push(([f32::NAN; 3], [0; 3], 0));
    out
}

fn pcd_head(n: usize, data: &str) -> String {
    format!(
        "# .PCD v0.7\nVERSION 0.7\nFIELDS label x y z rgba\nSIZE 4 4 4 4 4\nTYPE U F F F U\n\
         COUNT 1 1 1 1 1\nWIDTH {n}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS {n}\nDATA {data}\n"
    )
}

fn rgba(c: [u8; 3]) -> u32 {
    u32::from_be_bytes([255, c[0], c[1], c[2]])
}

/// Literal runs only, which is valid LZF.
fn lzf(data: &[u8]) -> Vec<u8> {
    data.chunks(32).flat_map(|c| [&[c.len() as u8 - 1], c].concat()).collect()
}

fn pcd(encoding: &str) -> Vec<u8> {
    let rows = rows();
    let mut out = pcd_head(rows.len(), encoding).into_bytes();
    match encoding {
        "ascii" => {
            for (p, c, l) in &rows {
                out.extend(format!("{l} {} {} {} {}\n", p[0], p[1], p[2], rgba(*c)).bytes());
            }
        }
        "binary" => {
            for (p, c, l) in &rows {
                out.extend(l.to_le_bytes());
                out.extend(p.iter().flat_map(|x| x.to_le_bytes()));
                out.extend(rgba(*c).to_le_bytes());
            }
        }
        _ => {
            let mut all: Vec<u8> = rows.iter().flat_map(|r| r.2.to_le_bytes()).collect();
            for k in 0..3 {
                all.extend(rows.iter().flat_map(|r| r.0[k].to_le_bytes()));
            }
            all.extend(rows.iter().flat_map(|r| rgba(r.1).to_le_bytes()));
            let packed = lzf(&all);
            out.extend((packed.len() as u32).to_le_bytes());
            out.extend((all.len() as u32).to_le_bytes());
            out.extend(packed);
        }
    }
    out
}

fn ply_head(n: usize, format: &str) -> String {
    format!(
        "ply\nformat {format} 1.0\ncomment made up\nelement camera 1\nproperty list uchar int ids\n\
         element vertex {n}\nproperty float x\nproperty float y\nproperty float z\n\
         property uchar red\nproperty uchar green\nproperty uchar blue\nproperty int label\n\
         property float confidence\nelement face 1\nproperty list uchar int vertex_indices\n\
         end_header\n"
    )
}

fn ply(format: &str) -> Vec<u8> {
    let rows = rows();
    let mut out = ply_head(rows.len(), format).into_bytes();
    if format == "ascii" {
        out.extend(b"2 7 8\n");
        for (p, c, l) in &rows {
            let [r, g, b] = c;
            out.extend(format!("{} {} {} {r} {g} {b} {l} 0.5\n", p[0], p[1], p[2]).bytes());
        }
        out.extend(b"3 0 1 2\n");
        return out;
    }
    let big = format.contains("big");
    let four = |b: [u8; 4]| if big { [b[3], b[2], b[1], b[0]] } else { b };
    out.push(2);
    out.extend([7i32, 8].iter().flat_map(|i| four(i.to_le_bytes())));
    for (p, c, l) in &rows {
        out.extend(p.iter().flat_map(|x| four(x.to_le_bytes())));
        out.extend(c);
        out.extend(four(l.to_le_bytes()));
        out.extend(four(0.5f32.to_le_bytes()));
    }
    out
}

fn check(got: &Imported, metric: bool) {
    let m = got.memory.manifest();
    assert_eq!(m.scale.is_metric(), metric);
    assert_eq!(m.points as usize, rows().len() - 1);
    assert_eq!(m.categories.len(), 1);
    let counts = m.category("object").unwrap();
    assert_eq!(counts.instances, [1, 2]);
    for (i, size, label) in [(0, [1.0, 0.4, 0.6], 5), (1, [0.3, 0.3, 1.2], 9)] {
        let b = &m.instances[i];
        assert_eq!(b.support, 5 * 441);
        let s = b.obb.size();
        assert!((0..3).all(|k| (s[k] - size[k]).abs() < 0.02), "{s:?}");
        let row = got.memory.instance_rows(i as u32 + 1).iter().next().unwrap() as usize;
        assert_eq!(got.memory.points().colors[row], [200, 10, label]);
    }
    assert!(m.room.as_ref().unwrap().floor.abs() < 0.05, "{:?}", m.room);
    assert!(got.notes.iter().any(|n| n.contains("5, 9")), "{:?}", got.notes);
    assert!(got.notes.iter().any(|n| n.starts_with("1 points without")), "{:?}", got.notes);
}

#[test]
fn every_encoding_gives_the_same() {
    let tmp = tempfile::tempdir().unwrap();
    for encoding in ["ascii", "binary", "binary_compressed"] {
        let file = tmp.path().join(format!("{encoding}.pcd"));
        fs::write(&file, pcd(encoding)).unwrap();
        assert_eq!(detect(&file).unwrap(), Format::Pcd);
        let got = import(&file, &ImportOptions::default()).unwrap();
        assert_eq!(got.memory.manifest().name, encoding);
        check(&got, true);
    }
    assert_eq!(detect(tmp.path()).unwrap(), Format::Pcd);
    let ids = scenes(tmp.path(), Format::Pcd).unwrap();
    assert_eq!(ids, ["ascii", "binary", "binary_compressed"]);
    let e = import(tmp.path(), &ImportOptions::default()).unwrap_err().to_string();
    assert!(e.contains("3 scenes"), "{e}");
    let tmp = tempfile::tempdir().unwrap();
    for format in ["ascii", "binary_little_endian", "binary_big_endian"] {
        let file = tmp.path().join(format!("{format}.ply"));
        fs::write(&file, ply(format)).unwrap();
        assert_eq!(detect(&file).unwrap(), Format::Ply);
        for metric in [false, true] {
            let options = ImportOptions { metric, ..ImportOptions::default() };
            let got = import(&file, &options).unwrap();
            check(&got, metric);
            assert_eq!(got.memory.points().confidence[0], 0.5);
        }
    }
}

#[test]
fn clouds_lying_on_their_side_stand_up() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("side.ply");
    // y down, as in a camera's frame.
    let mut text =
        "ply\nformat ascii 1.0\nelement vertex COUNT\nproperty float x\nproperty float y\n\
                    property float z\nend_header\n"
            .to_owned();
    let rows = rows();
    let bare: Vec<_> = rows.iter().filter(|r| r.0[0].is_finite()).collect();
    text = text.replace("COUNT", &bare.len().to_string());
    for (p, ..) in &bare {
        text += &format!("{} {} {}\n", p[0], -p[2], p[1]);
    }
    fs::write(&file, text).unwrap();
    let got = import(&file, &ImportOptions::default()).unwrap();
    let b = got.memory.manifest().bounds.unwrap();
    assert!((b.max[2] - b.min[2] - 1.2).abs() < 0.02, "{b:?} {:?}", got.notes);
    assert!(got.notes.iter().any(|n| n.contains("−y was taken")), "{:?}", got.notes);
    assert!(got.memory.manifest().instances.is_empty());
}

#[test]
fn instances_with_classes() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("c.ply");
    let text = "ply\nformat ascii 1.0\nelement vertex 4\nproperty double x\nproperty float y\n\
                property float z\nproperty int instance\nproperty int label\nend_header\n\
                0 0 0 2 7\n1 0 0 2 7\n0 1 1 2 3\n5 5 5 -1 4\n";
    fs::write(&file, text).unwrap();
    let got = import(&file, &ImportOptions::default()).unwrap();
    let m = got.memory.manifest();
    assert_eq!((m.instances.len(), m.instances[0].category.as_str()), (1, "class 7"));
}

fn error(file: &Path, format: Format, bytes: &[u8]) -> String {
    fs::write(file, bytes).unwrap();
    let options = ImportOptions { format: Some(format), ..ImportOptions::default() };
    let e = import(file, &options).unwrap_err().to_string();
    assert!(e.contains(&*file.file_name().unwrap().to_string_lossy()), "{e}");
    e
}

#[test]
fn damage_is_named() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("cloud.pcd");
    let replaced = |bytes: &[u8], from: &str, to: &str| {
        let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).unwrap();
        [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
    };
    let n = rows().len();
    let (points, width) = (format!("POINTS {n}"), format!("WIDTH {n}"));
    for encoding in ["ascii", "binary", "binary_compressed"] {
        let whole = pcd(encoding);
        let cut = error(&file, Format::Pcd, &whole[..whole.len() / 2]);
        assert!(cut.contains("points") || cut.contains("line") || cut.contains("bytes"), "{cut}");
        for (from, to, words) in [
            (&points[..], "POINTS 99999999", "WIDTH"),
            (&width, "WIDTH 18446744073709551615", "WIDTH"),
            (&width, "WIDTH many", "no count"),
            ("FIELDS label x y z", "FIELDS label x y w", "x, y and z"),
            ("TYPE U F F F U", "TYPE U F F F Q", "type Q"),
            ("SIZE 4 4 4 4 4", "SIZE 4 4 4", "same length"),
            ("COUNT 1", "COUNT 0", "COUNT"),
            ("DATA ", "DATA x", "encoding"),
            ("DATA ", "DOTA ", "DATA"),
        ] {
            let e = error(&file, Format::Pcd, &replaced(&whole, from, to));
            assert!(e.contains(words), "{encoding}: {words:?} in {e:?}");
        }
        let lie = replaced(&whole, &points, "POINTS 4000000000");
        let lie = replaced(&lie, &width, "WIDTH 4000000000");
        error(&file, Format::Pcd, &lie);
    }
    let nan = pcd_head(1, "ascii") + "1 nan 0 0 0\n";
    assert!(error(&file, Format::Pcd, nan.as_bytes()).contains("no valid point"));
    let none = pcd_head(0, "binary");
    assert!(error(&file, Format::Pcd, none.as_bytes()).contains("no valid point"));
    assert!(error(&file, Format::Pcd, b"").contains("is empty"));

    let file = tmp.path().join("cloud.ply");
    let vertices = format!("element vertex {n}");
    for format in ["ascii", "binary_little_endian", "binary_big_endian"] {
        let whole = ply(format);
        let half = error(&file, Format::Ply, &whole[..whole.len() / 2]);
        assert!(half.contains("too early") || half.contains("lacks"), "{half}");
        for (from, to, words) in [
            (&vertices[..], "element vertex 4000000000", ""),
            (&vertices, "element vertex -1", "no count"),
            (&vertices, "element edge 1", "no element `vertex`"),
            ("element camera 1", "element camera 999999999999", ""),
            ("property float x", "property float w", "x, y and z"),
            ("property float x", "property half x", "not known"),
            ("property list uchar int ids", "property list uchar ids", "not known"),
            ("end_header", "end", ""),
            (" 1.0", "x 1.0", "encoding"),
            ("ply\n", "plx\n", "line 1"),
        ] {
            let e = error(&file, Format::Ply, &replaced(&whole, from, to));
            assert!(e.contains(words), "{format}: {words:?} in {e:?}");
        }
    }
    // Elements without properties take no room, so their number means nothing.
    let text = "ply\nformat binary_little_endian 1.0\nelement void 18446744073709551615\n\
                element vertex 18446744073709551615\nproperty uchar x\nproperty uchar y\n\
                property uchar z\nend_header\n";
    assert!(error(&file, Format::Ply, text.as_bytes()).contains("too early"));
    assert!(error(&file, Format::Ply, b"ply\n").contains("line 2"));
}

#[test]
fn fuzz_bodies_return() {
    let few = |bytes: &[u8], head: &str| bytes[..head.len() + 400].to_vec();
    let mut seeds = Vec::new();
    for (encoding, row) in [("ascii", "5 0.5 0.25 1 77\n"), ("binary", "abcdefghijklmnopqrst")] {
        seeds.push((pcd_head(12, encoding) + &row.repeat(12)).into_bytes());
    }
    let mut packed = pcd_head(12, "binary_compressed").into_bytes();
    let all: Vec<u8> = (0..240).collect();
    packed.extend((lzf(&all).len() as u32).to_le_bytes());
    packed.extend(240u32.to_le_bytes());
    packed.extend(lzf(&all));
    seeds.push(packed);
    common::replay(&seeds, 2000, reasmory_import::fuzz_pcd);
    let mut seeds = Vec::new();
    for format in ["ascii", "binary_little_endian", "binary_big_endian"] {
        let n = if format == "ascii" { 15 } else { 14 };
        let (whole, long, head) =
            (ply(format), ply_head(rows().len(), format), ply_head(n, format));
        let body = &few(&whole, &long)[long.len()..];
        seeds.push([head.as_bytes(), body].concat());
    }
    common::replay(&seeds, 2000, reasmory_import::fuzz_ply);
}
