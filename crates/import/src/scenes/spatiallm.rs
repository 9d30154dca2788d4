//! Layouts of SpatialLM: text with a line for each wall, door, window and box.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reasmory_geom::{Obb, Point2, math, polygon};
use reasmory_scene::{Manifest, Scale};

use super::{BoxScene, Labelled, Region, category, imported, manifest, turned_box};
use crate::files::{self, has_extension};
use crate::{ImportError, ImportOptions, Imported};

const REMEDY: &str = "write the layout again or correct the line";
/// Longest layout.
const MAX_FILE: u64 = 1 << 26;
/// Ends of walls that are nearer than this are one corner, metres.
const JOINT: f64 = 0.1;
/// Most walls of a ring.
const MOST: usize = 1000;

/// Layouts at `path`: the file itself, or a folder's.
pub(crate) fn sources(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return if is_layout(path) { vec![path.to_owned()] } else { Vec::new() };
    }
    let mut all = files::list(path, |p| has_extension(p, &["txt"])).unwrap_or_default();
    all.retain(|p| is_layout(p));
    all
}

/// Whether the first line that is not empty is one of a layout.
fn is_layout(path: &Path) -> bool {
    use std::io::Read;
    let Ok(file) = std::fs::File::open(path) else { return false };
    let mut head = Vec::new();
    if !path.is_file() || file.take(4096).read_to_end(&mut head).is_err() {
        return false;
    }
    let text = String::from_utf8_lossy(&head);
    let first = text.lines().map(str::trim).find(|l| !l.is_empty());
    first.is_some_and(|l| entity(l).is_some())
}

/// Name, kind and arguments of `wall_0=Wall(…)`.
fn entity(line: &str) -> Option<(&str, &str, &str)> {
    let (name, call) = line.split_once('=')?;
    let (kind, rest) = call.trim().split_once('(')?;
    let arguments = rest.trim_end().strip_suffix(')')?;
    let (name, kind) = (name.trim(), kind.trim());
    let known = matches!(kind, "Wall" | "Door" | "Window" | "Bbox");
    let (label, number) = name.rsplit_once('_')?;
    let named = label.eq_ignore_ascii_case(kind) && number.bytes().all(|b| b.is_ascii_digit());
    (known && named && !number.is_empty()).then_some((name, kind, arguments))
}

pub(crate) fn scenes(path: &Path) -> Result<Vec<String>, ImportError> {
    let ids: Vec<String> = sources(path).iter().map(|f| files::stem(f)).collect();
    if ids.is_empty() { Err(absent(path)) } else { Ok(ids) }
}

fn absent(path: &Path) -> ImportError {
    let what = "holds no layout of SpatialLM (lines such as `wall_0=Wall(…)`)";
    ImportError::new(path, "", what, "give the layout's text file")
}

pub(crate) fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let file =
        crate::choose(path, &sources(path), files::stem, options)?.ok_or_else(|| absent(path))?;
    let text = String::from_utf8(files::read(&file, MAX_FILE)?).map_err(|e| {
        let place = format!("byte {}", e.utf8_error().valid_up_to());
        ImportError::new(&file, place, "is not UTF-8 text", REMEDY)
    })?;
    let m = parse(&files::stem(&file), &text)
        .map_err(|(place, what)| ImportError::new(&file, place, what, REMEDY))?;
    imported(&file, m, REMEDY)
}

type Fault = (String, String);

struct Wall {
    ends: [Point2; 2],
    floor: f64,
    height: f64,
    thickness: f64,
}

/// The manifest of a layout.
pub(crate) fn parse(name: &str, text: &str) -> Result<Manifest, Fault> {
    let (mut walls, mut openings, mut boxes) = (BTreeMap::new(), Vec::new(), Vec::new());
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let place = format!("line {}", i + 1);
        let bad = |what: &str| (place.clone(), what.to_owned());
        let (name, kind, arguments) =
            entity(line).ok_or_else(|| bad("is no Wall, Door, Window or Bbox"))?;
        let words: Vec<&str> = arguments.split(',').map(str::trim).collect();
        let numbers = |from: usize, all: usize| -> Result<Vec<f64>, Fault> {
            let rest = words.get(from..).unwrap_or_default();
            let n: Vec<f64> = rest
                .iter()
                .filter_map(|w| w.parse().ok())
                .filter(|x: &f64| x.is_finite())
                .collect();
            if n.len() != rest.len() || n.len() != all {
                return Err(bad(&format!("`{kind}` does not hold {all} finite numbers")));
            }
            Ok(n)
        };
        match kind {
            "Wall" => {
                // Older layouts have no thickness.
                let n = numbers(0, if words.len() == 7 { 7 } else { 8 })?;
                let thickness = n.get(7).copied().unwrap_or(0.0);
                if n[6] < 0.0 || thickness < 0.0 {
                    return Err(bad("has a negative length"));
                }
                let ends = [Point2::new(n[0], n[1]), Point2::new(n[3], n[4])];
                let wall = Wall { ends, floor: n[2].min(n[5]), height: n[6], thickness };
                if walls.insert(name.to_owned(), wall).is_some() {
                    return Err(bad(&format!("`{name}` was there before")));
                }
            }
            "Bbox" => {
                let n = numbers(1, 7)?;
                // Words of a class are joined by underscores, and some layouts quote it.
                let label = words[0].trim_matches(['"', '\'']).replace('_', " ");
                let category = category(&label);
                if category.is_empty() {
                    return Err(bad("has an empty class"));
                }
                let obb = turned_box([n[0], n[1], n[2]], [n[4], n[5], n[6]], n[3])
                    .ok_or_else(|| bad("is no box: a length is negative"))?;
                boxes.push(Labelled { category, obb, front: None });
            }
            _ => openings.push((i + 1, kind, words[0].to_owned(), numbers(1, 5)?)),
        }
    }
    if walls.is_empty() && boxes.is_empty() {
        return Err((String::new(), "holds no wall and no box".into()));
    }
    for (line, kind, wall, n) in openings {
        let bad = |what: String| (format!("line {line}"), what);
        // Some layouts give the wall's number alone.
        let wall = walls.get(&wall).or_else(|| walls.get(&format!("wall_{wall}")));
        let wall = wall.ok_or_else(|| bad("names a wall that is not there".into()))?;
        boxes.push(Labelled {
            category: category(kind),
            obb: opening(wall, &n).ok_or_else(|| bad("is no box: a length is negative".into()))?,
            front: None,
        });
    }
    let mut notes = vec![
        "Boxes are taken as written, angles as radians about up from +x; doors and windows are as thick as \
         their wall."
            .to_owned(),
    ];
    let regions = region(&walls.into_values().collect::<Vec<_>>(), &mut notes);
    Ok(manifest(BoxScene {
        name: name.to_owned(),
        format: "spatiallm",
        scale: Scale::metric("layouts of SpatialLM are in metres"),
        boxes,
        regions: regions.into_iter().collect(),
        notes,
    }))
}

/// The box of a door or window in its wall.
fn opening(wall: &Wall, n: &[f64]) -> Option<Obb> {
    let along = wall.ends[1] - wall.ends[0];
    let yaw = math::atan2_deg(along.y, along.x).to_radians();
    turned_box([n[0], n[1], n[2]], [n[3], wall.thickness, n[4]], yaw)
}

/// The room inside walls: the ring that they close, else the convex hull of their ends.
fn region(walls: &[Wall], notes: &mut Vec<String>) -> Option<Region> {
    let floor = walls.iter().map(|w| w.floor).fold(f64::INFINITY, f64::min);
    let ceiling = walls.iter().map(|w| w.floor + w.height).fold(f64::NEG_INFINITY, f64::max);
    let (outline, note) = match ring(walls) {
        Some(ring) => (ring, "The room's outline is the ring that the walls close."),
        None => {
            let ends = walls.iter().flat_map(|w| w.ends);
            let hull = polygon::hull(ends);
            (
                hull,
                "The walls close no single ring: the room's outline is the convex hull of their ends.",
            )
        }
    };
    if outline.len() < 3 || polygon::area(&outline) <= 0.0 {
        return None;
    }
    notes.push(note.to_owned());
    Some(Region { label: "room".into(), outline, floor, ceiling })
}

/// The corners of the one ring of all walls, counter-clockwise; `None` where they close none, or several.
fn ring(walls: &[Wall]) -> Option<Vec<Point2>> {
    if walls.len() > MOST {
        return None;
    }
    let mut left: Vec<[Point2; 2]> = walls.iter().map(|w| w.ends).collect();
    let [start, mut end] = left.pop()?;
    let mut corners = vec![start];
    while !left.is_empty() {
        let away = |e: &[Point2; 2]| (e[0] - end).norm().min((e[1] - end).norm());
        let nearest = (0..left.len()).min_by(|a, b| away(&left[*a]).total_cmp(&away(&left[*b])))?;
        if away(&left[nearest]) > JOINT {
            return None;
        }
        let [a, b] = left.remove(nearest);
        corners.push(end);
        end = if (a - end).norm() <= (b - end).norm() { b } else { a };
    }
    if corners.len() < 3 || (end - start).norm() > JOINT || crosses(&corners) {
        return None;
    }
    if polygon::area(&corners) < 0.0 {
        corners.reverse();
    }
    Some(corners)
}

/// Whether two sides that are not neighbours meet.
fn crosses(p: &[Point2]) -> bool {
    let turn = |a: Point2, b: Point2, c: Point2| (b - a).perp(&(c - a));
    let side = |i: usize| (p[i], p[(i + 1) % p.len()]);
    (0..p.len()).any(|i| {
        let (a, b) = side(i);
        (i + 2..p.len()).filter(|j| (j + 1) % p.len() != i).any(|j| {
            let (c, d) = side(j);
            turn(a, b, c) * turn(a, b, d) <= 0.0 && turn(c, d, a) * turn(c, d, b) <= 0.0
        })
    })
}
