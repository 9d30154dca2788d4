//! VLA-3D scenes: objects and regions as tables.

use std::fs;
use std::path::{Path, PathBuf};

use reasmory_geom::math::{cos_deg, sin_deg};
use reasmory_geom::polygon;
use reasmory_scene::{Manifest, Scale};

use super::{BoxScene, Labelled, Region, category, imported, manifest, turned_box};
use crate::csv::{self, Table};
use crate::files::{self, leaf};
use crate::{ImportError, ImportOptions, Imported};

const OBJECTS: &str = "_object_result.csv";
const REGIONS: &str = "_region_result.csv";
const REMEDY: &str = "fetch the scene again or correct it";
/// Longest table.
const MAX_FILE: u64 = 1 << 28;
/// How deep and among how many folders scenes are looked for.
const DEPTH: usize = 2;
const MAX_FOLDERS: usize = 20_000;
const CENTRE: [&str; 3] = ["bbox_cx", "bbox_cy", "bbox_cz"];
const LENGTHS: [&str; 3] = ["bbox_xlength", "bbox_ylength", "bbox_zlength"];

/// Tables of objects at `path`: the file itself, or those in a folder and two levels below.
fn sources(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return if is_table(path) { vec![path.to_owned()] } else { Vec::new() };
    }
    let (mut out, mut folders, mut next) = (Vec::new(), vec![(path.to_owned(), 0)], 0);
    while let Some((dir, depth)) = folders.get(next).cloned() {
        next += 1;
        let Ok(entries) = fs::read_dir(&dir) else { continue };
        for p in entries.flatten().map(|e| e.path()) {
            if p.is_dir() {
                // Links are not followed: they may lead back.
                if depth < DEPTH && folders.len() < MAX_FOLDERS && !p.is_symlink() {
                    folders.push((p, depth + 1));
                }
            } else if leaf(&p).ends_with(OBJECTS) && is_table(&p) {
                out.push(p);
            }
        }
    }
    out.sort_by(|a, b| files::natural(&leaf(a), &leaf(b)).then(a.cmp(b)));
    out
}

/// Whether the file's first line names the columns of an object table.
fn is_table(path: &Path) -> bool {
    use std::io::Read;
    let Ok(file) = fs::File::open(path) else { return false };
    let mut head = Vec::new();
    if !path.is_file() || file.take(4096).read_to_end(&mut head).is_err() {
        return false;
    }
    let text = String::from_utf8_lossy(&head);
    let line = text.lines().next().unwrap_or_default();
    ["object_id", "raw_label", "object_bbox_cx", "object_bbox_heading"]
        .iter()
        .all(|c| line.split(',').any(|h| h.trim().trim_matches(['"', '\u{feff}']) == *c))
}

pub(crate) fn is_source(path: &Path) -> bool {
    !sources(path).is_empty()
}

fn id(file: &Path) -> String {
    let name = leaf(file);
    let id = name.strip_suffix(OBJECTS).or(name.strip_suffix(".csv")).unwrap_or(&name);
    if id.is_empty() { files::scene_name(file) } else { id.to_owned() }
}

pub(crate) fn scenes(path: &Path) -> Result<Vec<String>, ImportError> {
    let ids: Vec<String> = sources(path).iter().map(|f| id(f)).collect();
    if ids.is_empty() {
        return Err(absent(path));
    }
    Ok(ids)
}

fn absent(path: &Path) -> ImportError {
    let what = format!("holds no VLA-3D scene (`*{OBJECTS}` with its columns)");
    ImportError::new(path, "", what, "give the scene's folder, or a folder of such folders")
}

pub(crate) fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let all = sources(path);
    let chosen = crate::choose(path, &all, id, options)?.ok_or_else(|| absent(path))?;
    let name = id(&chosen);
    let read = |p: &Path| {
        String::from_utf8(files::read(p, MAX_FILE)?).map_err(|e| {
            let place = format!("byte {}", e.utf8_error().valid_up_to());
            ImportError::new(p, place, "is not UTF-8 text", REMEDY)
        })
    };
    let objects = read(&chosen)?;
    let beside = leaf(&chosen).strip_suffix(OBJECTS).map(|n| format!("{n}{REGIONS}"));
    let regions = beside.map(|n| chosen.with_file_name(n)).filter(|p| p.is_file());
    let region_text = regions.as_deref().map(read).transpose()?;
    let region_file = regions.unwrap_or_default();
    let m = parse(&chosen, &name, &objects, region_text.as_deref().map(|t| (&*region_file, t)))?;
    imported(&chosen, m, REMEDY)
}

/// The manifest of a scene's tables.
pub(crate) fn parse(
    path: &Path,
    name: &str,
    objects: &str,
    regions: Option<(&Path, &str)>,
) -> Result<Manifest, ImportError> {
    let mut notes = vec![
        "Boxes are taken as annotated, headings as angles from +x about up; relation graphs beside \
         the tables are not read."
            .to_owned(),
    ];
    let boxes = boxes(objects).map_err(|e| ImportError::new(path, e.0, e.1, REMEDY))?;
    let fronts = boxes.iter().filter(|b| b.front.is_some()).count();
    notes.push(format!("{fronts} of {} objects have an annotated front.", boxes.len()));
    let regions = match regions {
        None => Vec::new(),
        Some((path, text)) => {
            region_list(text).map_err(|e| ImportError::new(path, e.0, e.1, REMEDY))?
        }
    };
    Ok(manifest(BoxScene {
        name: name.to_owned(),
        format: "vla3d",
        scale: Scale::metric("the tables are in metres"),
        boxes,
        regions,
        notes,
    }))
}

type Fault = (String, String);

/// Numbers of a row by column.
struct Rows {
    table: Table,
    columns: [usize; 7],
}

impl Rows {
    fn new(text: &str, prefix: &str) -> Result<Rows, Fault> {
        let table = csv::parse(text)?;
        let mut columns = [0; 7];
        let names = CENTRE.into_iter().chain(LENGTHS).chain(["bbox_heading"]);
        for (slot, name) in columns.iter_mut().zip(names) {
            let name = format!("{prefix}_{name}");
            *slot = table
                .column(&name)
                .ok_or_else(|| ("line 1".to_owned(), format!("lacks the column `{name}`")))?;
        }
        Ok(Rows { table, columns })
    }

    fn column(&self, name: &str) -> Result<usize, Fault> {
        let lacks = || ("line 1".to_owned(), format!("lacks the column `{name}`"));
        self.table.column(name).ok_or_else(lacks)
    }

    /// Centre, lengths and heading of a row.
    fn geometry(&self, line: usize, row: &[String]) -> Result<([f64; 3], [f64; 3], f64), Fault> {
        let mut v = [0.0; 7];
        for (slot, column) in v.iter_mut().zip(&self.columns) {
            let word = row.get(*column).map(|w| w.trim()).unwrap_or_default();
            *slot = finite(line, word)?;
        }
        if v[3..6].iter().any(|l| *l < 0.0) {
            return Err((format!("line {line}"), "has a negative length".into()));
        }
        Ok(([v[0], v[1], v[2]], [v[3], v[4], v[5]], v[6]))
    }
}

fn finite(line: usize, word: &str) -> Result<f64, Fault> {
    let number = word.parse::<f64>().ok().filter(|x| x.is_finite());
    number.ok_or_else(|| (format!("line {line}"), format!("has {word:?} for a finite number")))
}

fn boxes(text: &str) -> Result<Vec<Labelled>, Fault> {
    let rows = Rows::new(text, "object")?;
    let label = rows.column("raw_label")?;
    let front = rows.table.column("object_front_heading");
    let mut out = Vec::with_capacity(rows.table.rows.len());
    for (line, row) in &rows.table.rows {
        let (centre, lengths, heading) = rows.geometry(*line, row)?;
        let category = category(row.get(label).map_or("", |l| l));
        if category.is_empty() {
            return Err((format!("line {line}"), "has an empty `raw_label`".into()));
        }
        let front = match front.and_then(|f| row.get(f)).map(|w| w.trim()) {
            None | Some("_" | "") => None,
            Some(word) => {
                let a = finite(*line, word)?.to_degrees();
                Some([cos_deg(a), sin_deg(a), 0.0])
            }
        };
        let obb = turned_box(centre, lengths, heading)
            .ok_or_else(|| (format!("line {line}"), "is no box".to_owned()))?;
        out.push(Labelled { category, obb, front });
    }
    Ok(out)
}

fn region_list(text: &str) -> Result<Vec<Region>, Fault> {
    let rows = Rows::new(text, "region")?;
    let label = rows.table.column("region_label");
    let mut out = Vec::with_capacity(rows.table.rows.len());
    for (line, row) in &rows.table.rows {
        let (centre, lengths, heading) = rows.geometry(*line, row)?;
        let obb = turned_box(centre, lengths, heading)
            .ok_or_else(|| (format!("line {line}"), "is no box".to_owned()))?;
        let outline = obb.footprint();
        if outline.len() < 3 || polygon::area(&outline) <= 0.0 {
            return Err((format!("line {line}"), "is a region without area".into()));
        }
        let (lo, hi) = obb.bounds();
        let label = label.and_then(|l| row.get(l)).map_or("", |l| l.trim()).to_owned();
        out.push(Region { label, outline, floor: lo.z, ceiling: hi.z });
    }
    Ok(out)
}
