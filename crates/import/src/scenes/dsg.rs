//! Spark-DSG scene graphs as JSON: objects and rooms.

use std::collections::BTreeMap;
use std::path::Path;

use nalgebra::{Quaternion, UnitQuaternion};
use reasmory_geom::{Obb, Point3, Vec3, polygon};
use reasmory_scene::{Manifest, Room, Scale};
use serde_json::Value;

use super::{BoxScene, Labelled, Region, category, imported, manifest};
use crate::{ImportError, Imported, files, json};

const REMEDY: &str = "save the graph again or correct it";

/// Whether this is a scene graph: nodes with attributes, edges, layers.
pub(crate) fn accepts(v: &Value) -> bool {
    let list = |key: &str| v.get(key).and_then(Value::as_array);
    list("edges").is_some()
        && list("nodes").is_some_and(|n| {
            n.first().is_none_or(|n| n.get("layer").is_some() && n.get("attributes").is_some())
        })
        && ["layer_ids", "mesh_layer_id", "layer_names", "SPARK_ORIGIN_HEADER"]
            .iter()
            .any(|k| v.get(*k).is_some())
}

pub(crate) fn find(path: &Path) -> Option<std::path::PathBuf> {
    json::find(path, &["\"nodes\"", "\"edges\"", "\"attributes\""], accepts)
}

pub(crate) fn import(path: &Path) -> Result<Imported, ImportError> {
    let file = if path.is_dir() { find(path) } else { Some(path.to_owned()) };
    let Some(file) = file else {
        let what = "holds no Spark-DSG scene graph (nodes, edges, layers)";
        return Err(ImportError::new(path, "", what, "give the graph's JSON file"));
    };
    let m = parse(&file, &files::stem(&file), &json::load(&file, REMEDY)?)?;
    imported(&file, m, REMEDY)
}

/// The manifest of a graph.
pub(crate) fn parse(path: &Path, name: &str, graph: &Value) -> Result<Manifest, ImportError> {
    let bad = |place: String, what: &str| ImportError::new(path, place, what.to_owned(), REMEDY);
    let Some(nodes) = graph.get("nodes").and_then(Value::as_array) else {
        return Err(bad("nodes".into(), "is not a list"));
    };
    let names = label_names(graph);
    let (mut boxes, mut regions, mut places) = (Vec::new(), Vec::new(), Vec::new());
    let (mut boxless, mut rooms, mut numbered) = (0, 0, false);
    for (i, node) in nodes.iter().enumerate() {
        let Some(a) = node.get("attributes") else {
            return Err(bad(format!("nodes[{i}]"), "has no `attributes`"));
        };
        let at = |field: &str| format!("nodes[{i}].attributes.{field}");
        let extent = |what: &str| match a.get("bounding_box") {
            None | Some(Value::Null) => Ok(None),
            Some(b) => bounding_box(b).map_err(|e| {
                bad(at(&format!("bounding_box.{}", e.0)), &format!("{} (of {what})", e.1))
            }),
        };
        match a.get("type").and_then(Value::as_str).unwrap_or_default() {
            "ObjectNodeAttributes" | "KhronosObjectAttributes" => match extent("an object")? {
                None => boxless += 1,
                Some(obb) => {
                    let label = a.get("semantic_label").and_then(Value::as_u64);
                    let label = label
                        .ok_or_else(|| bad(at("semantic_label"), "is not a whole number ≥ 0"))?;
                    let named = names.get(&label).filter(|n| !n.is_empty()).cloned();
                    numbered |= named.is_none();
                    let category = named.unwrap_or_else(|| format!("class {label}"));
                    boxes.push(Labelled { category, obb, front: None });
                }
            },
            "RoomNodeAttributes" => {
                rooms += 1;
                let outline = extent("a room")?.map(|b| (b.footprint(), b.bounds()));
                if let Some((outline, (lo, hi))) = outline
                    && polygon::area(&outline) > 0.0
                {
                    let label = a.get("name").and_then(Value::as_str).unwrap_or("room").to_owned();
                    regions.push(Region { label, outline, floor: lo.z, ceiling: hi.z });
                }
            }
            "PlaceNodeAttributes" => {
                let p = a.get("position").and_then(json::numbers::<3>);
                let p =
                    p.ok_or_else(|| bad(at("position"), "is not a list of 3 finite numbers"))?;
                places.push(Point3::from(p));
            }
            _ => {}
        }
    }
    let mut notes = vec![
        "Objects of the graph with a bounding box are instances; its edges, places and agents are not \
         kept."
            .to_owned(),
    ];
    if numbered {
        notes.push(
            "The graph does not name all its semantic labels; such a category is `class` and the \
             label's number."
                .into(),
        );
    }
    if boxless > 0 {
        notes.push(format!("{boxless} objects without a valid bounding box were left out."));
    }
    let extents = regions.len();
    if rooms > extents {
        notes.push(format!("{} of {rooms} rooms of the graph state no extent.", rooms - extents));
    }
    let mut m = manifest(BoxScene {
        name: name.to_owned(),
        format: "spark-dsg",
        scale: Scale::metric("scene graphs are in metres"),
        boxes,
        regions,
        notes,
    });
    let hull = polygon::hull(places.iter().map(Point3::xy));
    if extents == 0 && hull.len() >= 3 {
        let floor = places.iter().map(|p| p.z).chain(m.bounds.map(|b| b.min[2]));
        let floor = floor.fold(f64::INFINITY, f64::min);
        for p in places {
            m.extend_bounds(p);
        }
        let outline = hull.iter().map(|p| [p.x, p.y]).collect();
        m.room = Some(Room { outline, floor, ceiling: None, stated_area: None });
        m.provenance.notes.pop();
        m.provenance.notes.push(
            "The room's outline is the convex hull of the graph's places (free space), so walls are a \
             little outside it; the floor is assumed at the lowest place or object; the ceiling is not \
             known."
                .into(),
        );
    }
    Ok(m)
}

/// Names of semantic labels, where the graph's metadata has a label space.
fn label_names(graph: &Value) -> BTreeMap<u64, String> {
    let mut out = BTreeMap::new();
    let spaces =
        graph.get("metadata").and_then(|m| m.get("labelspaces")).and_then(Value::as_object);
    for (key, space) in spaces.into_iter().flatten() {
        // `_l2p0` is the layer of objects.
        if !key.contains("l2") {
            continue;
        }
        for pair in space.as_array().into_iter().flatten() {
            if let (Some(id), Some(name)) =
                (pair.get(0).and_then(Value::as_u64), pair.get(1).and_then(Value::as_str))
            {
                out.insert(id, category(name));
            }
        }
    }
    out
}

/// A box; `None` where it is marked invalid. With `dimensions` the centre is the box's; else `min` and
/// `max` are corners in the world (AABB) or relative to the centre, in the box's axes.
fn bounding_box(b: &Value) -> Result<Option<Obb>, (&'static str, &'static str)> {
    let kind = match b.get("type") {
        Some(Value::String(s)) => s.as_str(),
        Some(Value::Number(n)) => match n.as_u64() {
            Some(0) => "INVALID",
            Some(1) => "AABB",
            Some(2) => "OBB",
            Some(3) => "RAABB",
            _ => "",
        },
        _ => "",
    };
    if kind == "INVALID" {
        return Ok(None);
    }
    if !matches!(kind, "AABB" | "OBB" | "RAABB") {
        return Err(("type", "is not AABB, OBB, RAABB or INVALID"));
    }
    let list = |key| b.get(key).and_then(json::numbers::<3>).map(Vec3::from);
    let need = |key: &'static str| list(key).ok_or((key, "is not a list of 3 finite numbers"));
    let rotation = match b.get("world_R_center").filter(|_| kind != "AABB") {
        None => UnitQuaternion::identity(),
        Some(r) => {
            let part = |k| json::number(r, k).ok().flatten();
            let q = (|| Some(Quaternion::new(part("w")?, part("x")?, part("y")?, part("z")?)))();
            let q = q.filter(|q| (q.norm() - 1.0).abs() < 0.01);
            UnitQuaternion::from_quaternion(
                q.ok_or(("world_R_center", "is not a unit quaternion"))?,
            )
        }
    };
    let (centre, lengths) = if b.get("dimensions").is_some() {
        (need("world_P_center")?, need("dimensions")?)
    } else {
        let (lo, hi) = (need("min")?, need("max")?);
        let middle = lo + (hi - lo) * 0.5;
        let centre =
            if kind == "AABB" { middle } else { need("world_P_center")? + rotation * middle };
        (centre, hi - lo)
    };
    let r = rotation.to_rotation_matrix();
    let axis = |k: usize| r.matrix().column(k).into_owned();
    Obb::new(centre.into(), [axis(0), axis(1), axis(2)], lengths)
        .map(Some)
        .ok_or(("max", "is below `min`, or the box has a negative length"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn turned_boxes() {
        let half = 0.5f64.sqrt();
        let old = json!({"type": "OBB", "min": [-1, -2, 0], "max": [1, 2, 1],
            "world_P_center": [5, 0, 0], "world_R_center": {"w": half, "x": 0, "y": 0, "z": half}});
        let b = bounding_box(&old).unwrap().unwrap();
        let (lo, hi) = b.bounds();
        assert!((lo - Point3::new(3.0, -1.0, 0.0)).norm() < 1e-9, "{lo}");
        assert!((hi - Point3::new(7.0, 1.0, 1.0)).norm() < 1e-9, "{hi}");
        let new = json!({"type": 3, "dimensions": [2, 4, 1], "world_P_center": [5, 0, 0.5],
            "world_R_center": {"w": half, "x": 0, "y": 0, "z": half}});
        assert!((bounding_box(&new).unwrap().unwrap().center - b.center).norm() < 1e-9);
        assert_eq!(bounding_box(&json!({"type": "INVALID"})), Ok(None));
        assert_eq!(bounding_box(&json!({"type": "ball"})).unwrap_err().0, "type");
    }
}
