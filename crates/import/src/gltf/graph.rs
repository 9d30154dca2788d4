//! The nodes of a document: where its meshes are, and to which things they belong.

use gltf::json::scene::Node;
use nalgebra::{Matrix4, Quaternion, UnitQuaternion, Vector3};
use reasmory_scene::{Instance, Scale};
use serde_json::Value;

use super::document::{Document, fault};
use super::{Fault, names};

/// A mesh at its place.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) mesh: usize,
    /// To the world with +z up.
    pub(super) matrix: Matrix4<f64>,
    /// Number of the thing that it belongs to, from 0.
    pub(super) thing: Option<usize>,
}

/// What a document says of itself.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) placed: Vec<Placed>,
    /// Categories of the things.
    pub(super) things: Vec<String>,
    /// Whether any of them was stated in a node's `extras`.
    pub(super) stated: bool,
    /// Of a memory that was exported.
    pub(super) memory: Option<Exported>,
    pub(super) cameras: usize,
    pub(super) skinned: usize,
}

/// What a memory that was exported says besides its points.
#[derive(Debug)]
pub(super) struct Exported {
    pub(super) scale: Scale,
    /// By id.
    pub(super) boxes: Vec<Instance>,
}

/// What a node with a label stands for.
#[derive(Debug)]
struct Labelled {
    category: String,
    /// Whether `extras` state it; names below do not count then.
    stated: bool,
    /// Number of the thing, once there is a mesh.
    thing: Option<usize>,
}

/// glTF's +y up to +z.
fn upright() -> Matrix4<f64> {
    Matrix4::new(
        1.0, 0.0, 0.0, 0.0, //
        0.0, 0.0, -1.0, 0.0, //
        0.0, 1.0, 0.0, 0.0, //
        0.0, 0.0, 0.0, 1.0,
    )
}

fn extras(node: &Node) -> Result<Value, serde_json::Error> {
    node.extras.as_ref().map_or(Ok(Value::Null), |e| serde_json::from_str(e.get()))
}

/// A node's own matrix; `None` where its numbers are none.
fn own(node: &Node) -> Option<Matrix4<f64>> {
    let m = match &node.matrix {
        Some(m) => Matrix4::from_iterator(m.iter().map(|x| f64::from(*x))),
        None => {
            let t = Vector3::from(node.translation.unwrap_or_default().map(f64::from));
            let s = Vector3::from(node.scale.unwrap_or([1.0; 3]).map(f64::from));
            let q = node.rotation.map_or([0.0, 0.0, 0.0, 1.0], |r| r.0).map(f64::from);
            let q = UnitQuaternion::try_new(Quaternion::new(q[3], q[0], q[1], q[2]), 1e-6)?;
            Matrix4::new_translation(&t) * q.to_homogeneous() * Matrix4::new_nonuniform_scaling(&s)
        }
    };
    m.iter().all(|x| x.is_finite()).then_some(m)
}

/// A matrix whose entries are whole where they are but for rounding, so that what was exported comes back to
/// the bit.
fn clean(m: &Matrix4<f64>) -> Matrix4<f64> {
    m.map(|x| if (x - x.round()).abs() < 1e-12 { x.round() } else { x })
}

/// Walks the scene that the document shows.
pub(super) fn walk(d: &Document<'_>) -> Result<Graph, Fault> {
    let root = &d.root;
    let scene = root.scene.map(|s| s.value());
    let tops: Vec<usize> = match root.scenes.get(scene.unwrap_or(0)) {
        Some(s) => s.nodes.iter().map(|n| n.value()).collect(),
        None if scene.is_some() => return Err(fault("scene", "does not exist")),
        // Without scenes, the nodes that are no node's child.
        None => {
            let mut child = vec![false; root.nodes.len()];
            for c in root.nodes.iter().flat_map(|n| n.children.iter().flatten()) {
                if let Some(slot) = child.get_mut(c.value()) {
                    *slot = true;
                }
            }
            (0..child.len()).filter(|i| !child[*i]).collect()
        }
    };
    let mut out = Graph::default();
    let mut labelled = Vec::<Labelled>::new();
    let mut seen = vec![false; root.nodes.len()];
    let mut stack: Vec<(usize, Matrix4<f64>, Option<usize>)> =
        tops.into_iter().rev().map(|n| (n, upright(), None)).collect();
    while let Some((i, above, mut scope)) = stack.pop() {
        let place = format!("nodes[{i}]");
        let node = root.nodes.get(i).ok_or_else(|| fault(&place, "does not exist"))?;
        if std::mem::replace(&mut seen[i], true) {
            return Err(fault(place, "is reached in two ways; nodes must form trees"));
        }
        let matrix = own(node).map(|m| above * m).filter(|m| m.iter().all(|x| x.is_finite()));
        let matrix = matrix.ok_or_else(|| fault(&place, "has no finite transform"))?;
        let said = extras(node)
            .map_err(|e| fault(format!("{place}.extras"), format!("is not JSON: {e}")))?;
        out.cameras += usize::from(node.camera.is_some());
        out.skinned += usize::from(node.skin.is_some());
        let mut mesh = node.mesh.map(|m| m.value());
        match said.get("reasmory").and_then(Value::as_str) {
            Some("memory") if out.memory.is_none() => {
                let scale = serde_json::from_value(said["scale"].clone())
                    .map_err(|e| fault(format!("{place}.extras.scale"), e.to_string()))?;
                out.memory = Some(Exported { scale, boxes: Vec::new() });
            }
            Some("box") => {
                if let Some(m) = &mut out.memory {
                    let id = m.boxes.len() as u32 + 1;
                    m.boxes.push(
                        exported(&said, id)
                            .map_err(|(at, what)| fault(format!("{place}.extras.{at}"), what))?,
                    );
                    // Its mesh is lines.
                    mesh = None;
                }
            }
            _ => {}
        }
        if mesh.is_some_and(|m| root.meshes.get(m).is_none()) {
            return Err(fault(format!("{place}.mesh"), "does not exist"));
        }
        let label = |text: &Option<String>| text.as_deref().and_then(names::named);
        let own_name = || label(&node.name).or_else(|| label(&root.meshes.get(mesh?)?.name));
        let stated = names::stated(&said);
        let covered = scope.is_some_and(|s| labelled[s].stated);
        let new = match (stated, covered) {
            (Some(c), _) => Some((c, true)),
            (None, true) => None,
            (None, false) => own_name().map(|c| (c, false)),
        };
        if let Some((category, stated)) = new {
            scope = Some(labelled.len());
            labelled.push(Labelled { category, stated, thing: None });
        }
        if let Some(mesh) = mesh {
            let thing = match (&out.memory, said.get("id").and_then(Value::as_u64)) {
                // Id 0 is no instance.
                (Some(_), id) => id.and_then(|id| usize::try_from(id).ok()?.checked_sub(1)),
                (None, _) => scope.map(|s| {
                    let l = &mut labelled[s];
                    *l.thing.get_or_insert_with(|| {
                        out.stated |= l.stated;
                        out.things.push(l.category.clone());
                        out.things.len() - 1
                    })
                }),
            };
            out.placed.push(Placed { mesh, matrix: clean(&matrix), thing });
        }
        let children = node.children.iter().flatten().rev();
        stack.extend(children.map(|c| (c.value(), matrix, scope)));
    }
    if let Some(m) = &out.memory {
        let most = m.boxes.len();
        if let Some(p) = out.placed.iter().find(|p| p.thing.is_some_and(|t| t >= most)) {
            let id = p.thing.unwrap_or_default() as u64 + 1;
            return Err(fault("nodes", format!("have points of instance {id}, but {most} boxes")));
        }
        out.things = m.boxes.iter().map(|b| b.category.clone()).collect();
    }
    Ok(out)
}

/// The instance that a box of an exported memory stands for.
fn exported(v: &Value, id: u32) -> Result<Instance, Fault> {
    if v["id"].as_u64() != Some(id.into()) {
        return Err(fault("id", format!("is {}, expected {id}", v["id"])));
    }
    fn get<T: serde::de::DeserializeOwned>(v: &Value, key: &str) -> Result<T, Fault> {
        serde_json::from_value(v[key].clone()).map_err(|e| fault(key, e.to_string()))
    }
    Ok(Instance {
        id,
        category: get(v, "category")?,
        obb: get(v, "box")?,
        confidence: get(v, "confidence")?,
        support: get(v, "support")?,
        front: get(v, "front")?,
        seen_in: Vec::new(),
    })
}
