//! Point clouds: files of points, with or without labels.

pub(crate) mod fit;
mod lzf;
mod number;
pub(crate) mod pcd;
pub(crate) mod ply;
mod up;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) use number::Number;
use rayon::prelude::*;
use reasmory_geom::Point3;
use reasmory_scene::{Instance, Manifest, Memory, Points, Room, Scale};

use crate::cells::Cells;
use crate::files::{self, has_extension};
use crate::posed::inliers;
use crate::upright;
use crate::{Format, ImportError, ImportOptions, Imported, rgbd};

const REMEDY: &str = "export the cloud again";

/// A label: a positive whole number, else 0, none.
pub(crate) fn label(value: f64) -> u32 {
    // Casts saturate, and take NaN to 0.
    if value >= f64::from(u32::MAX) { 0 } else { value as u32 }
}

/// What a cloud whose file says so says of itself: +z is up, and nothing is to be left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// The scale, where the file states one.
    pub(crate) scale: Option<Scale>,
    /// How up is known, a sentence.
    pub(crate) up: String,
    /// Categories of labels.
    pub(crate) categories: BTreeMap<u32, String>,
    /// The instances that labels are ids of, in ascending order of id; ids may be missing. Where there are
    /// any, none is made of labels.
    pub(crate) things: Vec<Instance>,
}

/// Points as read from a file; columns that are there have as many rows as `positions`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cloud {
    pub(crate) positions: Vec<[f32; 3]>,
    pub(crate) colors: Option<Vec<[u8; 3]>>,
    /// Instance labels; 0 is none.
    pub(crate) labels: Option<Vec<u32>>,
    /// Class labels beside instance labels.
    pub(crate) classes: Option<Vec<u32>>,
    pub(crate) confidence: Option<Vec<f32>>,
    /// Width and height of a cloud that is a picture.
    pub(crate) organised: Option<(usize, usize)>,
    /// Where it was seen from: position and quaternion (w, x, y, z).
    pub(crate) viewpoint: [f64; 7],
    /// What the file says of itself.
    pub(crate) said: Option<Said>,
}

impl Cloud {
    /// Leaves out the points that `keep` refuses, and says how many went.
    pub(crate) fn retain(&mut self, keep: &[bool]) -> usize {
        if keep.iter().all(|k| *k) {
            return 0;
        }
        fn thin<T>(v: &mut Vec<T>, keep: &[bool]) {
            let mut it = keep.iter();
            v.retain(|_| *it.next().unwrap_or(&false));
        }
        thin(&mut self.positions, keep);
        self.colors.iter_mut().for_each(|v| thin(v, keep));
        self.labels.iter_mut().for_each(|v| thin(v, keep));
        self.classes.iter_mut().for_each(|v| thin(v, keep));
        self.confidence.iter_mut().for_each(|v| thin(v, keep));
        keep.iter().filter(|k| !**k).count()
    }

    /// Leaves out points without a finite position.
    pub(crate) fn drop_invalid(&mut self) -> usize {
        let keep: Vec<bool> =
            self.positions.par_iter().map(|p| p.iter().all(|x| x.is_finite())).collect();
        self.retain(&keep)
    }

    /// Confidences in [0, 1] and a note where they were rescaled.
    pub(crate) fn confidences(&self, notes: &mut Vec<String>) -> Vec<f32> {
        let Some(c) = &self.confidence else { return vec![1.0; self.positions.len()] };
        let most = c.iter().copied().filter(|x| x.is_finite()).fold(0.0, f32::max);
        let scale = if most > 1.0 { most } else { 1.0 };
        if scale > 1.0 {
            notes.push(format!("Confidences were divided by their greatest, {most}."));
        }
        let one = |x: &f32| if x.is_finite() { (x / scale).clamp(0.0, 1.0) } else { 0.0 };
        c.iter().map(one).collect()
    }
}

/// Clouds of this format at `path`: the file itself, or a folder's.
pub(crate) fn sources(path: &Path, format: Format) -> Vec<PathBuf> {
    let (extension, magic): (_, fn(&[u8]) -> bool) = match format {
        Format::Pcd => ("pcd", pcd_head),
        _ => ("ply", |h| h.starts_with(b"ply\n") || h.starts_with(b"ply\r\n")),
    };
    let fits = |p: &Path| {
        use std::io::Read;
        let mut head = Vec::new();
        let file = std::fs::File::open(p);
        p.is_file()
            && file.is_ok_and(|f| f.take(4096).read_to_end(&mut head).is_ok())
            && magic(&head)
    };
    if path.is_dir() {
        files::list(path, |p| has_extension(p, &[extension]) && fits(p)).unwrap_or_default()
    } else if fits(path) {
        vec![path.to_owned()]
    } else {
        Vec::new()
    }
}

/// Comments and `VERSION` or `FIELDS` before anything else.
fn pcd_head(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let first = text.lines().map(str::trim).find(|l| !(l.is_empty() || l.starts_with('#')));
    first.is_some_and(|l| l.starts_with("VERSION ") || l.starts_with("FIELDS "))
        || head.starts_with(b"# .PCD")
}

pub(crate) fn scenes(path: &Path, format: Format) -> Result<Vec<String>, ImportError> {
    let all = sources(path, format);
    if all.is_empty() {
        return Err(absent(path, format));
    }
    Ok(all.iter().map(|p| files::stem(p)).collect())
}

fn absent(path: &Path, format: Format) -> ImportError {
    let what = format!("holds no point cloud in the format {format}");
    ImportError::new(path, "", what, "give the file, or a folder of such files")
}

/// Reads a PLY or PCD file, without invalid points.
pub(crate) fn read(file: &Path, format: Format) -> Result<(Cloud, usize), ImportError> {
    let bytes = files::read(file, files::MAX_FILE)?;
    let parse = if format == Format::Pcd { pcd::parse } else { ply::parse };
    let mut cloud = parse(&bytes).map_err(|e| ImportError::new(file, e.0, e.1, REMEDY))?;
    let dropped = cloud.drop_invalid();
    Ok((cloud, dropped))
}

pub(crate) fn import(
    path: &Path,
    format: Format,
    options: &ImportOptions,
) -> Result<Imported, ImportError> {
    let all = sources(path, format);
    let named = |p: &Path| files::stem(p);
    // A file that was named is read even where it does not look right, so that the error says why.
    let file = match crate::choose(path, &all, named, options)? {
        Some(f) => f,
        None if path.is_file() => path.to_owned(),
        None => return Err(absent(path, format)),
    };
    let (cloud, dropped) = read(&file, format)?;
    let mut notes = Vec::new();
    if dropped > 0 {
        notes.push(format!("{dropped} points without a finite position were left out."));
    }
    if cloud.positions.is_empty() {
        let what = "has no valid point";
        return Err(ImportError::new(&file, "", what, REMEDY));
    }
    let (m, points) = build(&files::stem(&file), format, cloud, options, notes);
    let notes = m.provenance.notes.clone();
    let memory =
        Memory::new(m, points, None).map_err(|e| ImportError::new(&file, e.at, e.what, REMEDY))?;
    Ok(Imported { memory, image_files: Vec::new(), notes })
}

/// The manifest and columns of a cloud of at least one point.
pub(crate) fn build(
    name: &str,
    format: Format,
    mut cloud: Cloud,
    options: &ImportOptions,
    mut notes: Vec<String>,
) -> (Manifest, Points) {
    let said = cloud.said.take();
    let scale = if let Some(s) =
        said.as_ref().and_then(|s| s.scale.clone()).filter(|s| s.is_metric() || !options.metric)
    {
        s
    } else if options.metric {
        Scale::metric("the person who imported it said so")
    } else if format == Format::Pcd {
        notes.push(
            "Lengths are taken as metres, as point clouds in this format are by custom.".into(),
        );
        Scale::metric("clouds in the PCD format are in metres by custom")
    } else {
        Scale::relative("the file does not say what its unit is")
    };
    if cloud.labels.is_none() && said.is_none() {
        let points: Vec<Point3> = cloud.positions.iter().map(|p| point(*p)).collect();
        let far = cloud.retain(&inliers(&points));
        if far > 0 {
            notes.push(format!("{far} points far outside the rest were left out."));
        }
    }
    let up = match &said {
        Some(s) => {
            notes.push(s.up.clone());
            up::given(&cloud)
        }
        None => up::find(&cloud, &mut notes),
    };
    let mut surfaces = up.1;
    if said.is_none() {
        let mut turn = upright::to_z(up.0);
        upright::turn_all(&turn, &mut surfaces);
        if let Some((along, note)) = upright::along_walls(&surfaces) {
            upright::turn_all(&along, &mut surfaces);
            turn = along * turn;
            notes.push(note);
        }
        cloud.positions.par_iter_mut().for_each(|p| {
            let q = turn * point(*p);
            *p = [q.x as f32, q.y as f32, q.z as f32];
        });
    }
    let mut m = Manifest::empty(name, format.name(), scale);
    m.uncertainty.position = up.2;
    notes.push(
        "Positional uncertainty is the median distance of points from the planes through their \
         neighbours."
            .into(),
    );
    for p in &cloud.positions {
        m.extend_bounds(point(*p));
    }
    let confidence = cloud.confidences(&mut notes);
    let said = said.unwrap_or_default();
    let instance = if said.things.is_empty() {
        instances(&cloud, &confidence, &said.categories, &mut m, &mut notes)
    } else {
        listed(&cloud, said.things, &mut m)
    };
    if cloud.positions.is_empty() {
        // Boxes alone: the floor is below the lowest.
        let low = m.instances.iter().flat_map(|i| i.obb.corners()).map(|c| c.z);
        let floor = low.reduce(f64::min).unwrap_or(0.0);
        m.room = Some(Room { outline: Vec::new(), floor, ceiling: None, stated_area: None });
    } else {
        let found = rgbd::estimate_room(&cloud.positions, &surfaces, &[]);
        notes.extend(found.notes);
        (m.room, m.layout) = (Some(found.room), found.layout);
    }
    let rows = cloud.positions.len();
    m.points = rows as u64;
    if cloud.colors.is_none() {
        notes.push("The points have no colours; they are shown grey.".into());
    }
    m.provenance.notes = notes;
    let points = Points {
        positions: cloud.positions.into(),
        colors: cloud.colors.unwrap_or_else(|| vec![[128; 3]; rows]).into(),
        confidence: confidence.into(),
        instance: instance.into(),
    };
    (m, points)
}

fn point(p: [f32; 3]) -> Point3 {
    Point3::new(p[0].into(), p[1].into(), p[2].into())
}

/// The instances that a file lists; the instance of each point.
fn listed(cloud: &Cloud, things: Vec<Instance>, m: &mut Manifest) -> Vec<u32> {
    let mut ids = BTreeMap::new();
    for (id, t) in (1u32..).zip(things) {
        ids.insert(t.id, id);
        t.obb.corners().into_iter().for_each(|c| m.extend_bounds(c));
        m.instances.push(Instance { id, ..t });
    }
    m.index_categories();
    let of = |l: &u32| ids.get(l).copied().unwrap_or(0);
    match &cloud.labels {
        Some(labels) => labels.iter().map(of).collect(),
        None => vec![0; cloud.positions.len()],
    }
}

/// Instances of the labels; the instance of each point.
fn instances(
    cloud: &Cloud,
    confidence: &[f32],
    categories: &BTreeMap<u32, String>,
    m: &mut Manifest,
    notes: &mut Vec<String>,
) -> Vec<u32> {
    let rows = cloud.positions.len();
    let Some(labels) = &cloud.labels else {
        notes.push("The cloud has no labels, so there are no instances.".into());
        return vec![0; rows];
    };
    let mut numbers = Cells::new();
    let mut lists = Vec::<Vec<u32>>::new();
    for (row, l) in (0u32..).zip(labels).filter(|(_, l)| **l > 0) {
        let (at, new) = numbers.number(*l);
        if new {
            lists.push(Vec::new());
        }
        lists[at].push(row);
    }
    let members: BTreeMap<u32, Vec<u32>> = numbers.keys().iter().copied().zip(lists).collect();
    let mut instance = vec![0; rows];
    let mut named = Vec::new();
    for (label, rows) in &members {
        let points: Vec<[f32; 3]> = rows.iter().map(|r| cloud.positions[*r as usize]).collect();
        let Some(obb) = fit::upright_box(&points) else { continue };
        let id = m.instances.len() as u32 + 1;
        let sum: f64 = rows.iter().map(|r| f64::from(confidence[*r as usize])).sum();
        for r in rows {
            instance[*r as usize] = id;
        }
        named.push(label.to_string());
        m.instances.push(Instance {
            id,
            category: categories.get(label).cloned().unwrap_or_else(|| class(cloud, rows)),
            obb,
            confidence: (sum / rows.len() as f64).clamp(0.0, 1.0) as f32,
            support: rows.len() as u64,
            front: None,
            seen_in: Vec::new(),
        });
    }
    m.index_categories();
    let more = if named.len() > 50 { " …" } else { "" };
    named.truncate(50);
    let unnamed = if categories.is_empty() { " The file names no categories." } else { "" };
    notes.push(format!(
        "Each label of the points is an instance ({}), the labels in order of id being {}{more}.{unnamed} \
         Label 0 is none.",
        match &cloud.classes {
            _ if !categories.is_empty() => "its category the one that the file names",
            Some(_) => "its category `class` and the number of the class most of its points have",
            None => "of the category `object`",
        },
        if named.is_empty() { "none".to_owned() } else { named.join(", ") },
    ));
    notes.push(
        "Boxes are the upright ones of least footprint around an instance's points (of 400 points or \
         more, all but the outermost half percent at either end); unseen parts are missing from them."
            .into(),
    );
    instance
}

/// Name of the class that most of an instance's points have.
fn class(cloud: &Cloud, rows: &[u32]) -> String {
    let Some(classes) = &cloud.classes else { return "object".into() };
    let mut counts = BTreeMap::<u32, u32>::new();
    for r in rows {
        *counts.entry(classes[*r as usize]).or_default() += 1;
    }
    let most = counts.iter().max_by_key(|(c, n)| (**n, std::cmp::Reverse(**c))).map(|(c, _)| *c);
    match most {
        Some(c) if c > 0 => format!("class {c}"),
        _ => "object".into(),
    }
}
