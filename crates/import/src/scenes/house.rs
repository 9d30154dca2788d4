//! Matterport `.house` files: regions, categories and objects with oriented boxes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use reasmory_geom::{Obb, Point2, Point3, Vec3, polygon};
use reasmory_scene::{Manifest, Scale};

use super::{BoxScene, Labelled, Region, category, imported, manifest};
use crate::files::{self, has_extension};
use crate::{ImportError, Imported};

const REMEDY: &str = "fetch the file again or correct it";
const MAX_FILE: u64 = 1 << 28;

/// Region labels by their letter.
const ROOMS: [(&str, &str); 30] = [
    ("a", "bathroom"),
    ("b", "bedroom"),
    ("c", "closet"),
    ("d", "dining room"),
    ("e", "entryway"),
    ("f", "family room"),
    ("g", "garage"),
    ("h", "hallway"),
    ("i", "library"),
    ("j", "laundry room"),
    ("k", "kitchen"),
    ("l", "living room"),
    ("m", "meeting room"),
    ("n", "lounge"),
    ("o", "office"),
    ("p", "porch"),
    ("r", "recreation room"),
    ("s", "stairs"),
    ("t", "toilet"),
    ("u", "utility room"),
    ("v", "tv room"),
    ("w", "workout room"),
    ("x", "outdoor area"),
    ("y", "balcony"),
    ("z", "other room"),
    ("B", "bar"),
    ("C", "classroom"),
    ("D", "dining booth"),
    ("S", "spa"),
    ("Z", "junk"),
];

/// The file at `path`, or a folder's first one.
pub(crate) fn source(path: &Path) -> Option<PathBuf> {
    let candidates = if path.is_dir() {
        files::list(path, |p| has_extension(p, &["house"])).ok()?
    } else {
        vec![path.to_owned()]
    };
    candidates.into_iter().find(|p| {
        use std::io::Read;
        let mut head = [0; 64];
        let got = p.is_file()
            && std::fs::File::open(p).and_then(|mut f| f.read(&mut head)).is_ok_and(|n| n > 8);
        let text = String::from_utf8_lossy(&head);
        let mut lines = text.lines();
        got && lines.next().is_some_and(|l| l.trim_end().starts_with("ASCII 1."))
            && lines.next().is_some_and(|l| l.starts_with("H "))
    })
}

pub(crate) fn import(path: &Path) -> Result<Imported, ImportError> {
    let Some(file) = source(path) else {
        let what = "holds no Matterport .house file";
        return Err(ImportError::new(path, "", what, "give the .house file"));
    };
    let bytes = files::read(&file, MAX_FILE)?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let place = format!("byte {}", e.utf8_error().valid_up_to());
        ImportError::new(&file, place, "is not UTF-8 text", REMEDY)
    })?;
    let m =
        parse(&files::stem(&file), &text).map_err(|e| ImportError::new(&file, e.0, e.1, REMEDY))?;
    imported(&file, m, REMEDY)
}

type Fault = (String, String);

/// The fields of a line.
struct Line<'a> {
    number: usize,
    fields: Vec<&'a str>,
}

impl Line<'_> {
    fn fault(&self, what: impl Into<String>) -> Fault {
        (format!("line {}", self.number), what.into())
    }

    fn index(&self, at: usize) -> Result<i64, Fault> {
        let word = self.word(at)?;
        word.parse().map_err(|_| self.fault(format!("has {word:?} for an index")))
    }

    fn word(&self, at: usize) -> Result<&str, Fault> {
        let cut = || self.fault(format!("has {} fields, too few", self.fields.len()));
        self.fields.get(at).copied().ok_or_else(cut)
    }

    fn numbers<const N: usize>(&self, at: usize) -> Result<[f64; N], Fault> {
        let mut out = [0.0; N];
        for (i, slot) in out.iter_mut().enumerate() {
            let word = self.word(at + i)?;
            *slot = word
                .parse()
                .ok()
                .filter(|x: &f64| x.is_finite())
                .ok_or_else(|| self.fault(format!("has {word:?} for a finite number")))?;
        }
        Ok(out)
    }
}

/// The manifest of a `.house` file.
pub(crate) fn parse(name: &str, text: &str) -> Result<Manifest, Fault> {
    let mut lines = text.lines();
    if !lines.next().is_some_and(|l| l.trim_end().starts_with("ASCII 1.")) {
        return Err(("line 1".into(), "is not `ASCII 1.x`, the head of a .house file".into()));
    }
    let mut categories = BTreeMap::<i64, String>::new();
    // Label, heights, box corners.
    let mut regions = BTreeMap::<i64, (String, [f64; 6])>::new();
    // Region of a surface; only a region's first counts.
    let mut surfaces = BTreeMap::<i64, i64>::new();
    let mut surfaced = BTreeSet::new();
    let mut corners = BTreeMap::<i64, Vec<Point2>>::new();
    let mut objects = Vec::new();
    let mut stated = None;
    for (number, text) in (2..).zip(lines) {
        let l = Line { number, fields: text.split_whitespace().collect() };
        match l.fields.first() {
            Some(&"H") => stated = Some((l.index(8)?, l.index(9)?, l.index(10)?)),
            Some(&"C") => {
                categories.insert(l.index(1)?, category(&l.word(3)?.replace('#', " ")));
            }
            Some(&"R") => {
                regions.insert(l.index(1)?, (l.word(5)?.to_owned(), l.numbers(9)?));
            }
            Some(&"S") => {
                let (surface, region) = (l.index(1)?, l.index(2)?);
                if surfaced.insert(region) {
                    surfaces.insert(surface, region);
                }
            }
            Some(&"V") => {
                let [x, y] = l.numbers(4)?;
                corners.entry(l.index(2)?).or_default().push(Point2::new(x, y));
            }
            Some(&"O") => {
                objects.push((number, l.index(3)?, l.numbers::<3>(4)?, l.numbers::<9>(7)?));
            }
            _ => {}
        }
    }
    // Counts of objects, categories and regions, checked so that a file that was cut short is noticed.
    if let Some(stated) = stated {
        let read = (objects.len() as i64, categories.len() as i64, regions.len() as i64);
        if stated != read {
            let what = format!(
                "counts {} objects, {} categories and {} regions, but the file has {}, {} and {}",
                stated.0, stated.1, stated.2, read.0, read.1, read.2
            );
            return Err(("line 2".into(), what));
        }
    }
    let mut notes = vec![
        "Lengths of boxes are twice the stated radii; categories are the raw ones.".to_owned(),
    ];
    let (mut boxes, mut without, mut unnamed) = (Vec::new(), 0, 0);
    for (number, of, centre, r) in objects {
        let at = |k: usize| Vec3::new(r[k], r[k + 1], r[k + 2]);
        let (x, y, radii) = (at(0), at(3), at(6));
        if radii.iter().any(|r| *r <= 0.0) {
            without += 1;
            continue;
        }
        let category = match categories.get(&of) {
            Some(c) if !c.is_empty() => c.clone(),
            _ if of < 0 => {
                unnamed += 1;
                "unknown".to_owned()
            }
            _ => {
                let what = format!("is of category {of}, which the file lacks");
                return Err((format!("line {number}"), what));
            }
        };
        let obb = Obb::new(Point3::from(centre), [x, y, x.cross(&y)], radii * 2.0);
        let obb = obb.ok_or_else(|| {
            (
                format!("line {number}"),
                "has axes that are not unit vectors at right angles".to_owned(),
            )
        })?;
        boxes.push(Labelled { category, obb, front: None });
    }
    if without > 0 {
        notes.push(format!("{without} objects without an extent were left out."));
    }
    if unnamed > 0 {
        notes.push(format!("{unnamed} objects without a category are `unknown`."));
    }
    let outlines: BTreeMap<i64, &Vec<Point2>> =
        surfaces.iter().filter_map(|(s, r)| Some((*r, corners.get(s)?))).collect();
    let regions = regions.iter().filter_map(|(i, r)| region(r, outlines.get(i).copied())).collect();
    Ok(manifest(BoxScene {
        name: name.to_owned(),
        format: "matterport-house",
        scale: Scale::metric("Matterport scans are in metres"),
        boxes,
        regions,
        notes,
    }))
}

/// A region: the polygon of its first surface, else its box; `None` where it has no area.
fn region((label, b): &(String, [f64; 6]), outline: Option<&Vec<Point2>>) -> Option<Region> {
    let mut outline = match outline {
        Some(o) if o.len() >= 3 => o.clone(),
        _ => [(0, 1), (3, 1), (3, 4), (0, 4)].map(|(x, y)| Point2::new(b[x], b[y])).to_vec(),
    };
    let area = polygon::area(&outline);
    if area < 0.0 {
        outline.reverse();
    }
    let name = ROOMS.iter().find(|r| r.0 == label).map_or(label.as_str(), |r| r.1).to_owned();
    (area != 0.0).then_some(Region { label: name, outline, floor: b[2], ceiling: b[5] })
}
