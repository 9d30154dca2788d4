//! Lists of objects as ConceptGraphs writes them: JSON with a tag, a centre and an extent for each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reasmory_geom::{Obb, Point3, Vec3};
use reasmory_scene::{Manifest, Memory, Points, Scale};
use serde_json::Value;

use super::{BoxScene, Labelled, category, manifest};
use crate::{ImportError, Imported, files, json};

const REMEDY: &str =
    "save the list again (tools/conceptgraphs_json.py makes one of a map) or correct it";

/// The objects of a list: an array, an object by keys (`object_1` …), or either as `objects`.
fn objects(v: &Value) -> Option<Vec<(String, &Value)>> {
    let (prefix, list) = match v.get("objects") {
        Some(list) => ("objects", list),
        None => ("", v),
    };
    match list {
        Value::Array(list) => {
            Some(list.iter().enumerate().map(|(i, o)| (format!("{prefix}[{i}]"), o)).collect())
        }
        Value::Object(map) => {
            let dot = if prefix.is_empty() { "" } else { "." };
            let mut all: Vec<_> =
                map.iter().map(|(k, o)| (format!("{prefix}{dot}{k}"), o)).collect();
            all.sort_by(|a, b| files::natural(&a.0, &b.0));
            Some(all)
        }
        _ => None,
    }
}

/// Whether every object has a tag and a box.
pub(crate) fn accepts(v: &Value) -> bool {
    let tagged = |o: &Value| {
        (o.get("object_tag").is_some() || o.get("class_name").is_some())
            && (o.get("bbox_center").is_some() && o.get("bbox_extent").is_some()
                || o.get("bbox_corners").is_some())
    };
    objects(v).is_some_and(|all| !all.is_empty() && all.iter().all(|(_, o)| tagged(o)))
}

pub(crate) fn find(path: &Path) -> Option<PathBuf> {
    json::find(path, &["\"bbox_"], accepts)
}

pub(crate) fn import(path: &Path) -> Result<Imported, ImportError> {
    let file = if path.is_dir() { find(path) } else { Some(path.to_owned()) };
    let Some(file) = file else {
        let what = "holds no list of objects with `object_tag`, `bbox_center` and `bbox_extent`";
        return Err(ImportError::new(path, "", what, "give the list's JSON file"));
    };
    let (m, points) = parse(&file, &files::stem(&file), &json::load(&file, REMEDY)?)?;
    let notes = m.provenance.notes.clone();
    let memory =
        Memory::new(m, points, None).map_err(|e| ImportError::new(&file, e.at, e.what, REMEDY))?;
    Ok(Imported { memory, image_files: Vec::new(), notes })
}

/// The manifest and the points of a list.
pub(crate) fn parse(path: &Path, name: &str, v: &Value) -> Result<(Manifest, Points), ImportError> {
    let bad = |place: &str, what: &str| ImportError::new(path, place, what.to_owned(), REMEDY);
    let all = objects(v).ok_or_else(|| bad("", "is no list of objects"))?;
    let (mut boxes, mut confidences, mut flat) = (Vec::new(), Vec::new(), 0);
    let (mut positions, mut colors, mut instance) = (Vec::new(), Vec::new(), Vec::new());
    for (id, (place, o)) in (1u32..).zip(&all) {
        let at = |field: &str| format!("{place}.{field}");
        let tag = tag(o).ok_or_else(|| bad(&at("object_tag"), "is not a label"))?;
        let (obb, turned) = extent(o).map_err(|(field, what)| bad(&at(field), what))?;
        flat += usize::from(!turned);
        boxes.push(Labelled { category: tag, obb, front: None });
        let sure = json::number(o, "confidence").ok().flatten().filter(|c| (0.0..=1.0).contains(c));
        confidences.push(sure);
        let mine = rows(o, "points")
            .map_err(|i| bad(&at(&format!("points[{i}]")), "is not a list of 3 finite numbers"))?;
        let paint = rows(o, "colors")
            .map_err(|i| bad(&at(&format!("colors[{i}]")), "is not a list of 3 finite numbers"))?;
        if !paint.is_empty() && paint.len() != mine.len() {
            return Err(bad(&at("colors"), "are not as many as the points"));
        }
        for (k, p) in mine.iter().enumerate() {
            let p = p.map(|x| x as f32);
            if p.iter().any(|x| !x.is_finite()) {
                return Err(bad(&at(&format!("points[{k}]")), "is too far away"));
            }
            positions.push(p);
            let grey = [0.5; 3];
            colors.push(
                paint.get(k).unwrap_or(&grey).map(|c| (c.clamp(0.0, 1.0) * 255.0).round() as u8),
            );
            instance.push(id);
        }
    }
    let mut notes = vec![
        "+z is taken as up, as the list does not say; captions and relations are not kept."
            .to_owned(),
    ];
    if flat > 0 {
        notes.push(format!(
            "{flat} boxes have no axes: their extents are taken along the world's, so a thing that stands \
             aslant is smaller than its box."
        ));
    }
    let mut m = manifest(BoxScene {
        name: name.to_owned(),
        format: "object-list",
        scale: Scale::metric("maps of posed RGB-D are in metres"),
        boxes,
        regions: Vec::new(),
        notes,
    });
    for (i, sure) in m.instances.iter_mut().zip(confidences) {
        i.confidence = sure.unwrap_or(1.0) as f32;
    }
    for (p, id) in positions.iter().zip(&instance) {
        m.extend_bounds(Point3::from(p.map(f64::from)));
        m.instances[*id as usize - 1].support += 1;
    }
    m.points = positions.len() as u64;
    let points = Points {
        confidence: vec![1.0; positions.len()].into(),
        positions: positions.into(),
        colors: colors.into(),
        instance: instance.into(),
    };
    Ok((m, points))
}

/// The tag of an object, or of a list of detections' classes the most frequent, the first of several.
fn tag(o: &Value) -> Option<String> {
    let label = |v: &Value| v.as_str().map(category).filter(|c| !c.is_empty());
    match o.get("object_tag").filter(|t| !t.is_null()).or(o.get("class_name"))? {
        Value::Array(list) => {
            let mut votes = BTreeMap::<String, usize>::new();
            for v in list {
                *votes.entry(label(v)?).or_default() += 1;
            }
            votes.into_iter().rev().max_by_key(|(_, n)| *n).map(|(l, _)| l)
        }
        one => label(one),
    }
}

fn rows(o: &Value, key: &str) -> Result<Vec<[f64; 3]>, usize> {
    match o.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => {
            list.iter().enumerate().map(|(i, p)| json::numbers(p).ok_or(i)).collect()
        }
        Some(_) => Err(0),
    }
}

/// The box, and whether its axes are known: of eight corners (the first with its neighbours along the axes, as Open3D
/// lists them), else of centre and extent.
fn extent(o: &Value) -> Result<(Obb, bool), (&'static str, &'static str)> {
    if let Some(corners) = o.get("bbox_corners").filter(|c| !c.is_null()) {
        let field = "bbox_corners";
        let p = corners
            .as_array()
            .filter(|l| l.len() == 8)
            .and_then(|l| {
                l.iter().map(|p| json::numbers(p).map(Point3::from)).collect::<Option<Vec<_>>>()
            })
            .ok_or((field, "are not 8 points of 3 finite numbers"))?;
        let edges = [p[1] - p[0], p[2] - p[0], p[3] - p[0]];
        let centre = p[0] + (edges[0] + edges[1] + edges[2]) * 0.5;
        let mut axes = edges.map(|e| e.try_normalize(1e-12));
        // A flat box has no direction of its own across it.
        if let [Some(a), Some(b), c @ None] = &mut axes {
            *c = Some(a.cross(b));
        }
        let [Some(a), Some(b), Some(c)] = axes else {
            return Err((field, "are those of no box"));
        };
        let lengths = Vec3::new(edges[0].norm(), edges[1].norm(), edges[2].norm());
        let c = if a.cross(&b).dot(&c) < 0.0 { -c } else { c };
        let obb = Obb::new(centre, [a, b, c], lengths);
        return obb.map(|b| (b, true)).ok_or((field, "are those of no box"));
    }
    let list = |key: &'static str| {
        o.get(key).and_then(json::numbers::<3>).ok_or((key, "is not a list of 3 finite numbers"))
    };
    let (centre, lengths) = (list("bbox_center")?, list("bbox_extent")?);
    if lengths.iter().any(|l| *l < 0.0) {
        return Err(("bbox_extent", "has a negative length"));
    }
    let axes = [Vec3::x(), Vec3::y(), Vec3::z()];
    Obb::new(centre.into(), axes, lengths.into())
        .map(|b| (b, false))
        .ok_or(("bbox_extent", "is that of no box"))
}
