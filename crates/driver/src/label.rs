//! `scene label`: what instances are called, from a file, from one box or one click on one photo, or by prompt.

mod prompt;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use reasmory_ground::box_of;
use reasmory_render::{Cloud, EgoOptions, ego};
use reasmory_scene::regroup::{self, UNLABELLED};
use reasmory_scene::{Instance, Manifest, Memory, Photo};
use serde_json::Value;

use crate::Failure;
use crate::edit::{failure, instance};

pub use prompt::{Sighting, look};

/// Longest side that a photo is looked at with, pixels.
const SIDE: u32 = 1280;
/// Part of a thing's visible pixels that must lie in a box which means it.
const INSIDE: f64 = 0.6;
/// Fewest points of a thing made from a box.
const FEWEST: usize = 24;

/// Where a name is given.
#[derive(Clone, Debug, PartialEq)]
pub enum Labelling {
    /// In a file: instances, by id or name, with their categories.
    File(PathBuf),
    /// For an instance, by id or name.
    Instance(String, String),
    /// By what a frontend saw in the photos ([`look`]).
    Sightings {
        /// The frontend.
        by: String,
        /// What it saw.
        all: Vec<Sighting>,
    },
    /// In a photo.
    Photo {
        /// Its number.
        photo: u32,
        /// Where in it.
        place: Place,
        /// The category.
        category: String,
    },
}

/// A place in a photo, in its pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// A pixel of a thing.
    Click([f64; 2]),
    /// A box around a thing: left, top, right, bottom.
    Box {
        /// Its sides.
        sides: [f64; 4],
        /// The largest instance in it alone, without others that lie in it too.
        alone: bool,
        /// A new instance, of what is seen in it and belongs to no instance.
        new: bool,
    },
}

/// Names instances. A memory of points without instances is segmented first, by geometry alone.
pub fn label(memory: &Memory, labelling: &Labelling) -> Result<Memory, Failure> {
    let memory = &if memory.manifest().instances.is_empty() && !memory.points().is_empty() {
        crate::edit::segment(memory, false)?
    } else {
        memory.clone()
    };
    let m = memory.manifest();
    match labelling {
        Labelling::File(path) => {
            let names: Vec<(u32, String)> = read(path)?
                .into_iter()
                .map(|(i, name)| Ok((instance(m, &i)?, name)))
                .collect::<Result<_, Failure>>()?;
            regroup::name(memory, &names, "").map_err(failure)
        }
        Labelling::Instance(which, name) => {
            regroup::name(memory, &[(instance(m, which)?, name.clone())], "").map_err(failure)
        }
        Labelling::Sightings { by, all } => prompt::name(memory, by, all),
        Labelling::Photo { photo, place, category } => {
            let cloud = Cloud::new(memory);
            let seen = Seen::of(memory, &cloud, *photo)?;
            let (memory, id, because) = match place {
                Place::Click(at) => {
                    (memory.clone(), seen.at(m, *at)?, format!("the click at {}, {}", at[0], at[1]))
                }
                Place::Box { sides, alone, new } => {
                    let inside = seen.clip(*sides)?;
                    let [a, b, c, d] = sides;
                    let because = format!("the box {a}, {b}, {c}, {d}");
                    let (memory, id) = if *new {
                        make(memory, &seen, &inside)?
                    } else {
                        choose(memory, &seen, &inside, *alone, category)?
                    };
                    (memory, id, because)
                }
            };
            let because = format!(" by {because} on photo {photo}");
            regroup::name(&memory, &[(id, category.clone())], &because).map_err(failure)
        }
    }
}

/// A memory seen from a photo.
struct Seen {
    photo: Photo,
    width: u32,
    height: u32,
    /// Pixels of the photo in one of the picture.
    scale: f64,
    instance: Vec<u32>,
    depth: Vec<f32>,
    /// Visible pixels of each instance.
    pixels: BTreeMap<u32, u32>,
    /// Distance of points in the cloud.
    spacing: f64,
}

/// Pixels of a picture: left, top, right, bottom; the last two excluded.
struct Inside([u32; 4]);

impl Seen {
    fn of(memory: &Memory, cloud: &Cloud, number: u32) -> Result<Seen, Failure> {
        let m = memory.manifest();
        let Some(photo) = m.photo(number) else {
            let remedy = match m.photos.len() {
                0 => "the memory has no photos: name instances by id".to_owned(),
                n => format!("photos are 1 to {n}"),
            };
            return Err(Failure::new(format!("there is no photo {number}"), remedy));
        };
        let longer = photo.pinhole.width.max(photo.pinhole.height).max(1);
        let scale = f64::from(longer) / f64::from(longer.min(SIDE));
        let side = |s: u32| ((f64::from(s) / scale).round() as u32).max(1);
        let (width, height) = (side(photo.pinhole.width), side(photo.pinhole.height));
        let options = EgoOptions { width, height, ..EgoOptions::default() };
        let r = ego(memory, cloud, &photo.view(), &options)
            .map_err(|e| Failure::new(e.to_string(), "use another photo"))?;
        let pixels = r.visible.iter().map(|v| (v.id, v.pixels)).collect();
        let spacing = cloud.spacing();
        let (instance, depth) = (r.instance, r.depth);
        Ok(Seen { photo: photo.clone(), width, height, scale, instance, depth, pixels, spacing })
    }

    fn size(&self) -> String {
        format!("{} × {}", self.photo.pinhole.width, self.photo.pinhole.height)
    }

    /// The instance at a pixel of the photo.
    fn at(&self, m: &Manifest, at: [f64; 2]) -> Result<u32, Failure> {
        let [x, y] = at.map(|v| v / self.scale);
        if !(x >= 0.0 && y >= 0.0 && x < f64::from(self.width) && y < f64::from(self.height)) {
            let what = format!("({}, {}) is outside photo {}", at[0], at[1], self.photo.number);
            return Err(Failure::new(what, format!("the photo has {} pixels", self.size())));
        }
        let (x, y) = (x as i64, y as i64);
        let look = |x: i64, y: i64| {
            let within =
                (0..i64::from(self.width)).contains(&x) && (0..i64::from(self.height)).contains(&y);
            if within { self.instance[(y * i64::from(self.width) + x) as usize] } else { 0 }
        };
        if look(x, y) != 0 {
            return Ok(look(x, y));
        }
        // A pixel beside the thing still means it; one farther away is named, not taken.
        let mut near: Vec<(i64, u32)> = Vec::new();
        let reach = (i64::from(self.width.max(self.height)) / 12).max(4);
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let id = look(x + dx, y + dy);
                if id != 0 {
                    near.push((dx * dx + dy * dy, id));
                }
            }
        }
        near.sort_unstable();
        if let Some((d, id)) = near.first()
            && *d <= 9
        {
            return Ok(*id);
        }
        let mut ids: Vec<u32> = Vec::new();
        for (_, id) in near {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let what =
            format!("photo {} shows no instance at ({}, {})", self.photo.number, at[0], at[1]);
        let remedy = match &ids[..] {
            [] => look_at(&self.photo),
            ids => format!("nearby are {}; {}", listed(m, ids), look_at(&self.photo)),
        };
        Err(Failure::new(what, remedy))
    }

    /// The pixels of a box on the photo.
    fn clip(&self, sides: [f64; 4]) -> Result<Inside, Failure> {
        let [l, t, r, b] = sides;
        if !sides.iter().all(|v| v.is_finite()) || l >= r || t >= b {
            let what = format!("{l},{t},{r},{b} is no box");
            return Err(Failure::new(
                what,
                "give left,top,right,bottom with left < right and top < bottom",
            ));
        }
        let side = |v: f64, most: u32| (v / self.scale).round().clamp(0.0, f64::from(most)) as u32;
        let inside =
            [side(l, self.width), side(t, self.height), side(r, self.width), side(b, self.height)];
        if inside[0] >= inside[2] || inside[1] >= inside[3] {
            let what = format!("the box {l},{t},{r},{b} is outside photo {}", self.photo.number);
            return Err(Failure::new(what, format!("the photo has {} pixels", self.size())));
        }
        Ok(Inside(inside))
    }

    fn places<'a>(&'a self, inside: &Inside) -> impl Iterator<Item = usize> + 'a {
        let [l, t, r, b] = inside.0;
        (t..b).flat_map(move |y| (l..r).map(move |x| (y * self.width + x) as usize))
    }

    /// The pixel that shows a point, and its depth.
    fn place(&self, p: [f32; 3]) -> Option<(u32, u32, f64)> {
        let q = self.photo.camera_to_world.to_camera(p.map(f64::from).into());
        let (u, v) = self.photo.pinhole.fitted(self.width, self.height).project(q)?;
        let within =
            u >= 0.0 && v >= 0.0 && u < f64::from(self.width) && v < f64::from(self.height);
        within.then_some((u as u32, v as u32, q.z))
    }

    fn median_depth(&self, places: impl Iterator<Item = usize>) -> f64 {
        let mut z: Vec<f64> =
            places.map(|at| f64::from(self.depth[at])).filter(|z| z.is_finite()).collect();
        z.sort_unstable_by(f64::total_cmp);
        z.get(z.len() / 2).copied().unwrap_or(0.0)
    }

    /// How long the longer side of a box is at a depth.
    fn wide(&self, inside: &Inside, z: f64) -> f64 {
        let [l, t, r, b] = inside.0;
        let lens = self.photo.pinhole.fitted(self.width, self.height);
        f64::from((r - l).max(b - t)) * z / lens.fx.max(lens.fy)
    }

    /// The pixels of a box that pass a test and that depth joins with most of its middle.
    fn middle(&self, inside: &Inside, keep: impl Fn(usize) -> bool) -> BTreeSet<usize> {
        let [l, t, r, b] = inside.0;
        let w = self.width as usize;
        let open: BTreeSet<usize> = self.places(inside).filter(|at| keep(*at)).collect();
        let central = |at: usize| {
            let (x, y) = ((at % w) as u32, (at / w) as u32);
            let (dx, dy) = ((r - l) / 4, (b - t) / 4);
            (l + dx..r - dx).contains(&x) && (t + dy..b - dy).contains(&y)
        };
        let mut left = open;
        let mut best: (usize, BTreeSet<usize>) = (0, BTreeSet::new());
        while let Some(start) = left.pop_first() {
            let mut part = BTreeSet::from([start]);
            let mut stack = vec![start];
            while let Some(at) = stack.pop() {
                let z = f64::from(self.depth[at]);
                let step = 2.0 * self.spacing + 0.015 * z;
                for next in [at.wrapping_sub(1), at + 1, at.wrapping_sub(w), at + w] {
                    let joined =
                        left.contains(&next) && (f64::from(self.depth[next]) - z).abs() <= step;
                    if joined {
                        left.remove(&next);
                        part.insert(next);
                        stack.push(next);
                    }
                }
            }
            let middle = part.iter().filter(|at| central(**at)).count();
            if middle > best.0 || best.1.is_empty() {
                best = (middle, part);
            }
        }
        best.1
    }

    /// Rows that lie at or behind some pixels, no farther than the thing seen there can reach.
    fn behind(
        &self,
        memory: &Memory,
        inside: &Inside,
        mask: &BTreeSet<usize>,
        keep: impl Fn(usize) -> bool,
    ) -> Vec<u32> {
        let mut z: Vec<f64> = mask.iter().map(|at| f64::from(self.depth[*at])).collect();
        z.sort_unstable_by(f64::total_cmp);
        let far = z.get(z.len().saturating_sub(1 + z.len() / 20)).copied().unwrap_or(0.0);
        let far = far + 0.15 * self.wide(inside, far);
        let slack = 3.0 * self.spacing;
        self.rows(memory, inside, |at, z, row| {
            mask.contains(&at) && keep(row) && z <= far.max(f64::from(self.depth[at]) + slack)
        })
    }

    /// Rows of points that lie in a box of the picture and pass a test of their pixel, depth and row.
    fn rows(
        &self,
        memory: &Memory,
        inside: &Inside,
        keep: impl Fn(usize, f64, usize) -> bool,
    ) -> Vec<u32> {
        let [l, t, r, b] = inside.0;
        let mut out = Vec::new();
        for (row, p) in memory.points().positions.iter().enumerate() {
            if let Some((x, y, z)) = self.place(*p)
                && (l..r).contains(&x)
                && (t..b).contains(&y)
                && keep((y * self.width + x) as usize, z, row)
            {
                out.push(row as u32);
            }
        }
        out
    }
}

fn look_at(photo: &Photo) -> String {
    format!(
        "`reasmory scene show DIR --photo {} -o FILE.png` shows where instances are",
        photo.number
    )
}

/// Instances in words.
fn listed(m: &Manifest, ids: &[u32]) -> String {
    let of = |id: &u32| m.instance(*id).map_or("?", |i| i.category.as_str());
    let words: Vec<String> =
        ids.iter().take(6).map(|i| format!("instance {i} ({})", of(i))).collect();
    words.join(", ")
}

/// The instance that a box means. Pieces that nobody has named and that lie mostly in the box become one;
/// where a larger instance fills the box, the part of it in the box becomes one of its own.
fn choose(
    memory: &Memory,
    seen: &Seen,
    inside: &Inside,
    alone: bool,
    category: &str,
) -> Result<(Memory, u32), Failure> {
    let m = memory.manifest();
    let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
    for at in seen.places(inside) {
        if seen.instance[at] != 0 {
            *counts.entry(seen.instance[at]).or_default() += 1;
        }
    }
    let area = seen.places(inside).count() as f64;
    let part =
        |id: u32| f64::from(counts[&id]) / f64::from(*seen.pixels.get(&id).unwrap_or(&1)).max(1.0);
    let filled = |id: u32| f64::from(counts[&id]) / area;
    let mut within: Vec<u32> = counts.keys().copied().filter(|id| part(*id) >= INSIDE).collect();
    within.sort_by_key(|id| (std::cmp::Reverse(counts[id]), *id));
    let largest = counts.keys().copied().max_by_key(|id| (counts[id], std::cmp::Reverse(*id)));
    let refuse = |what: String| {
        let mut all: Vec<u32> = counts.keys().copied().collect();
        all.sort_by_key(|id| (std::cmp::Reverse(counts[id]), *id));
        let told: Vec<String> = all
            .iter()
            .take(5)
            .map(|id| {
                let of = m.instance(*id).map_or("?", |i| i.category.as_str());
                format!(
                    "instance {id} ({of}; {:.0} % of it in the box, {:.0} % of the box)",
                    100.0 * part(*id),
                    100.0 * filled(*id)
                )
            })
            .collect();
        let remedy = if told.is_empty() {
            format!(
                "add `--new` to make an instance of what is seen in the box; {}",
                look_at(&seen.photo)
            )
        } else {
            format!(
                "draw the box around a thing, click on it, or add `--new`; in the box are {}",
                told.join(", ")
            )
        };
        Failure::new(what, remedy)
    };
    let Some(largest) = largest else {
        return Err(refuse(format!("photo {} shows no instance in the box", seen.photo.number)));
    };
    let main = match within.first() {
        Some(id) if filled(*id) >= 0.15 || filled(largest) < 0.4 => *id,
        _ if filled(largest) >= 0.4 && part(largest) < INSIDE => {
            return split(memory, seen, inside, largest);
        }
        _ => return Err(refuse("no instance lies mostly in the box".into())),
    };
    // A box much larger than what is found in it means something else.
    let pieces: Vec<u32> = if alone {
        vec![main]
    } else {
        // The box says how large the thing is; what is farther away than that is behind it.
        let z = seen.median_depth(seen.places(inside).filter(|at| seen.instance[*at] == main));
        let reach = 0.4 * seen.wide(inside, z);
        let joins = |id: &u32| {
            let (Some(a), Some(b)) = (m.instance(main), m.instance(*id)) else { return false };
            let free = b.category == UNLABELLED || b.category == category.trim().to_lowercase();
            *id == main || free && a.obb.distance(&b.obb) <= reach
        };
        within.iter().copied().filter(joins).collect()
    };
    let covered: f64 = pieces.iter().map(|id| filled(*id)).sum();
    if covered < 0.12 {
        return Err(refuse(format!("what lies in the box fills {:.0} % of it", 100.0 * covered)));
    }
    if pieces.len() < 2 {
        return Ok((memory.clone(), main));
    }
    let joined = reasmory_scene::edit::merge(memory, &pieces).map_err(failure)?;
    let id = pieces.iter().copied().min().unwrap_or(main);
    let refitted = box_of(joined.instance_points(id)).map(|b| (id, b));
    let joined = regroup::fit(&joined, refitted.as_slice()).map_err(failure)?;
    Ok((joined, id))
}

/// The part of an instance in a box as an instance of its own.
fn split(
    memory: &Memory,
    seen: &Seen,
    inside: &Inside,
    from: u32,
) -> Result<(Memory, u32), Failure> {
    let of_point = &memory.points().instance;
    let mask = seen.middle(inside, |at| seen.instance[at] == from);
    let rows = seen.behind(memory, inside, &mask, |row| of_point[row] == from);
    carve(memory, seen, rows, Some(from))
}

/// An instance of what is seen in a box and belongs to none.
fn make(memory: &Memory, seen: &Seen, inside: &Inside) -> Result<(Memory, u32), Failure> {
    let of_point = &memory.points().instance;
    let mask = seen.middle(inside, |at| seen.instance[at] == 0 && seen.depth[at].is_finite());
    let rows = seen.rows(memory, inside, |at, z, row| {
        of_point[row] == 0
            && mask.contains(&at)
            && z <= f64::from(seen.depth[at]) + 3.0 * seen.spacing
    });
    carve(memory, seen, rows, None)
}

fn carve(
    memory: &Memory,
    seen: &Seen,
    rows: Vec<u32>,
    from: Option<u32>,
) -> Result<(Memory, u32), Failure> {
    let points = memory.points();
    let at = |r: &u32| reasmory_geom::Point3::from(points.positions[*r as usize].map(f64::from));
    let obb = if rows.len() < FEWEST { None } else { box_of(rows.iter().map(at)) };
    let Some(obb) = obb else {
        let what = format!("only {} points are seen in the box, too few for a thing", rows.len());
        return Err(Failure::new(what, "draw a larger box, or use a photo that shows more of it"));
    };
    let taken: BTreeSet<u32> = rows.iter().copied().collect();
    let left = from.and_then(|id| {
        let own = memory.instance_rows(id);
        let rest = own.iter().filter(|r| !taken.contains(r));
        box_of(rest.map(|r| at(&r))).map(|b| (id, b))
    });
    let confidence =
        from.and_then(|id| memory.manifest().instance(id)).map_or(0.5, |i| i.confidence);
    let new = Instance {
        id: 0,
        category: UNLABELLED.into(),
        obb,
        confidence,
        support: 0,
        front: None,
        seen_in: vec![seen.photo.number],
    };
    let carved = regroup::carve(memory, &rows, new, left.as_slice()).map_err(failure)?;
    let id = carved.manifest().instances.len() as u32;
    let photos = photos_that_see(&carved, id)?;
    Ok((regroup::seen(&carved, id, photos).map_err(failure)?, id))
}

/// Photos in which an instance fills at least a thousandth of the picture.
fn photos_that_see(memory: &Memory, id: u32) -> Result<Vec<u32>, Failure> {
    let cloud = Cloud::new(memory);
    let mut out = Vec::new();
    for p in &memory.manifest().photos {
        let longer = p.pinhole.width.max(p.pinhole.height).max(1);
        let side = |s: u32| ((f64::from(s) * 320.0 / f64::from(longer)).round() as u32).max(1);
        let (width, height) = (side(p.pinhole.width), side(p.pinhole.height));
        let options = EgoOptions { width, height, ..EgoOptions::default() };
        let r = ego(memory, &cloud, &p.view(), &options)
            .map_err(|e| Failure::new(e.to_string(), "report this"))?;
        if r.visible.iter().any(|v| v.id == id && v.pixels * 1024 >= width * height) {
            out.push(p.number);
        }
    }
    Ok(out)
}

/// Names in a file: JSON, `{"3": "chair"}` or `[{"instance": 3, "category": "chair"}]`, or lines
/// `instance,category`.
fn read(path: &Path) -> Result<Vec<(String, String)>, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|e| Failure::new(format!("{shown}: {e}"), "give a JSON or CSV file of names"))?;
    parse(&text).map_err(|e| {
        Failure::new(
            format!("{shown}: {e}"),
            "write {\"3\": \"chair\"}, or [{\"instance\": 3, \"category\": \"chair\"}], or lines `3,chair`",
        )
    })
}

/// Instances and their categories, in the order of the file.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let word = |v: &Value| match v {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    };
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with(['{', '[']) {
        let v: Value = serde_json::from_str(text).map_err(|e| format!("is no JSON: {e}"))?;
        return match v {
            Value::Object(o) => o
                .into_iter()
                .map(|(k, v)| match v {
                    Value::String(s) => Ok((k, s)),
                    _ => Err(format!("`{k}` has no text as its category")),
                })
                .collect(),
            Value::Array(list) => list
                .iter()
                .enumerate()
                .map(|(k, v)| {
                    let pair = (
                        v.get("instance").and_then(word),
                        v.get("category").and_then(Value::as_str),
                    );
                    match pair {
                        (Some(i), Some(c)) => Ok((i, c.to_owned())),
                        _ => Err(format!("[{k}] needs `instance` and `category`")),
                    }
                })
                .collect(),
            _ => Err("is neither an object nor a list".into()),
        };
    }
    let mut out = Vec::new();
    for (k, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((i, c)) = line.split_once([',', ';', '\t']) else {
            return Err(format!("line {} has no comma", k + 1));
        };
        let clean = |s: &str| s.trim().trim_matches('"').trim().to_owned();
        let (i, c) = (clean(i), clean(c));
        // A heading names its columns.
        if out.is_empty() && ["id", "instance"].contains(&i.to_lowercase().as_str()) {
            continue;
        }
        if i.is_empty() || c.is_empty() {
            return Err(format!("line {} needs an instance and a category", k + 1));
        }
        out.push((i, c));
    }
    if out.is_empty() { Err("names nothing".into()) } else { Ok(out) }
}

/// Reads any text as a file of names: names are read or refused. For fuzzing.
pub fn fuzz_labels(text: &str) {
    if let Ok(names) = parse(text) {
        assert!(names.len() <= text.len());
    }
}

#[cfg(test)]
mod tests;
