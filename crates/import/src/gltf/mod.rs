//! glTF 2.0, as a container (GLB) or as JSON with its buffers beside it: points, surfaces, named things.

mod document;
mod graph;
mod names;
mod paint;
mod surface;

use std::path::{Path, PathBuf};

use reasmory_scene::{Instance, Manifest, Memory, Points, Scale};

use crate::cloud::{self, Cloud, Said, fit};
use crate::files::{self, has_extension};
use crate::posed::find_file;
use crate::{Format, ImportError, ImportOptions, Imported, json};
use document::{Document, is_container};

/// Where and what is wrong.
type Fault = (String, String);

const REMEDY: &str = "export it again as glTF 2.0";
/// Longest document or buffer that is read whole.
const MAX_FILE: u64 = files::MAX_FILE;

/// Files of this format at `path`: the file itself, or a folder's.
pub(crate) fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_dir() {
        let named = |p: &Path| has_extension(p, &["glb", "gltf"]) && fits(p);
        files::list(path, named).unwrap_or_default()
    } else if fits(path) {
        vec![path.to_owned()]
    } else {
        Vec::new()
    }
}

/// Whether a file is a container, or JSON that says it is glTF.
fn fits(path: &Path) -> bool {
    use std::io::Read;
    let mut head = Vec::new();
    let file = std::fs::File::open(path);
    if !(path.is_file() && file.is_ok_and(|f| f.take(64).read_to_end(&mut head).is_ok())) {
        return false;
    }
    is_container(&head)
        || json::find(path, &["\"asset\"", "\"version\""], |v| v["asset"]["version"].is_string())
            .is_some()
}

pub(crate) fn scenes(path: &Path) -> Result<Vec<String>, ImportError> {
    let all = sources(path);
    if all.is_empty() {
        return Err(absent(path));
    }
    Ok(all.iter().map(|p| files::stem(p)).collect())
}

fn absent(path: &Path) -> ImportError {
    ImportError::new(
        path,
        "",
        "holds no glTF",
        "give a .glb or .gltf file, or a folder of such files",
    )
}

pub(crate) fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let all = sources(path);
    // A file that was named is read even where it does not look right, so that the error says why.
    let file = match crate::choose(path, &all, files::stem, options)? {
        Some(f) => f,
        None if path.is_file() => path.to_owned(),
        None => return Err(absent(path)),
    };
    let bytes = files::read(&file, MAX_FILE)?;
    let folders = [file.parent().unwrap_or(Path::new(".")).to_owned()];
    let fetch = |name: &str| {
        let at = find_file(&folders, name)
            .ok_or_else(|| format!("is `{name}`, which is not beside it"))?;
        files::read(&at, MAX_FILE).map_err(|e| e.to_string())
    };
    let bad = |(place, what): Fault| ImportError::new(&file, place, what, REMEDY);
    let (m, points) = build(&files::stem(&file), &bytes, &fetch, options).map_err(bad)?;
    let notes = m.provenance.notes.clone();
    let memory =
        Memory::new(m, points, None).map_err(|e| ImportError::new(&file, e.at, e.what, REMEDY))?;
    Ok(Imported { memory, image_files: Vec::new(), notes })
}

/// The manifest and points of a document.
pub(crate) fn build(
    name: &str,
    bytes: &[u8],
    fetch: &dyn Fn(&str) -> Result<Vec<u8>, String>,
    options: &ImportOptions,
) -> Result<(Manifest, Points), Fault> {
    let d = Document::read(bytes, fetch)?;
    let mut graph = graph::walk(&d)?;
    let mut notes = Vec::new();
    let mut textures = paint::Textures::new(&d, fetch);
    // One thing that nobody stated is the whole: a scan with a name.
    if graph.memory.is_none() && graph.things.len() == 1 && !graph.stated {
        notes.push(format!(
            "The only mesh is named `{}`; it is taken for the scene.",
            graph.things[0]
        ));
        graph.things.clear();
        graph.placed.iter_mut().for_each(|p| p.thing = None);
    }
    let mut read = surface::sample(&d, &graph, &mut textures, options.voxel)?;
    let dropped = read.cloud.drop_invalid();
    if dropped > 0 {
        notes.push(format!("{dropped} points without a finite position were left out."));
    }
    let boxes = graph.memory.as_ref().map_or(0, |m| m.boxes.len());
    if read.cloud.positions.is_empty() && boxes == 0 {
        return Err(("meshes".into(), "have neither points nor surfaces".into()));
    }
    if read.surfaces {
        notes.push(format!(
            "Surfaces were sampled evenly by area, {} points about {:.3} apart, by the same rule each time; \
             colours are those of vertices, materials and their base textures.",
            read.cloud.positions.len(),
            read.spacing
        ));
    }
    for (count, what) in [
        (read.lines, "parts that are lines or have no positions were left out"),
        (
            usize::try_from(read.degenerate).unwrap_or(usize::MAX),
            "triangles without an area were left out",
        ),
        (graph.cameras, "cameras were left out"),
        (graph.skinned, "skinned meshes were taken as they stand, without their skin"),
        (d.root.animations.len(), "animations were left out"),
    ] {
        // The lines of a memory's own boxes are not lost.
        if count > 0 {
            notes.push(format!("{count} {what}."));
        }
    }
    if let Some((first, n)) = &textures.failed {
        notes.push(format!(
            "{n} textures could not be read ({first}); their surfaces have a plain colour."
        ));
    }
    let things = things(&graph, &read, &mut notes);
    let stated = match &graph.memory {
        Some(m) => Some(m.scale.clone()),
        None if read.surfaces => {
            notes.push("Lengths are metres, as glTF has it; `scene calibrate` corrects a file that differs.".into());
            Some(Scale::metric("glTF is in metres"))
        }
        // Points alone are what reconstructions from pictures export, in whatever unit.
        None => None,
    };
    let up = match &graph.memory {
        Some(_) => "The memory that was exported has +z up.",
        None => "Up is +y, as glTF has it; it was turned to +z.",
    };
    let mut cloud = std::mem::take(&mut read.cloud);
    if things.is_empty() {
        cloud.labels = None;
        if graph.memory.is_none() {
            notes.push("No node has a label, so there are no instances.".into());
        }
    }
    cloud.said =
        Some(Said { scale: stated, up: up.into(), categories: Default::default(), things });
    Ok(cloud::build(name, Format::Gltf, cloud, options, notes))
}

/// The instances: those of a memory that was exported, or what nodes with a label hold.
fn things(graph: &graph::Graph, read: &surface::Sampled, notes: &mut Vec<String>) -> Vec<Instance> {
    if let Some(m) = &graph.memory {
        return m.boxes.clone();
    }
    let mut rows = vec![Vec::new(); graph.things.len()];
    let cloud: &Cloud = &read.cloud;
    for (p, l) in cloud.positions.iter().zip(cloud.labels.iter().flatten()) {
        if let Some(r) = (*l as usize).checked_sub(1).and_then(|t| rows.get_mut(t)) {
            r.push(*p);
        }
    }
    let mut out = Vec::new();
    for (t, category) in graph.things.iter().enumerate() {
        let vertices = &read.vertices[t];
        // What a model draws is all there is of it; points of a scan may be stray.
        let obb =
            if vertices.is_empty() { fit::upright_box(&rows[t]) } else { fit::tight_box(vertices) };
        // A thing of lines only, or without a valid point, has no place.
        let Some(obb) = obb else { continue };
        out.push(Instance {
            id: t as u32 + 1,
            category: category.clone(),
            obb,
            confidence: 1.0,
            support: rows[t].len() as u64,
            front: None,
            seen_in: Vec::new(),
        });
    }
    if !out.is_empty() {
        notes.push(
            "Each mesh belongs to the nearest node at or above it that has a label: a category in its \
             `extras`, which goes before names, or a name that is more than a tool's. Each such node is an \
             instance; its box is the upright one of least footprint around its vertices."
                .into(),
        );
    }
    out
}
