//! Points of meshes: those that are points, and samples of those that are surfaces.

use gltf::json::mesh::{Mode, Primitive, Semantic};
use gltf::json::validation::Checked;
use gltf::json::{Accessor, Index};
use nalgebra::{Matrix4, Point3};

use super::Fault;
use super::document::{Document, fault};
use super::graph::{Graph, Placed};
use super::paint::{Paint, Tables, Textures};
use crate::cloud::Cloud;

/// Least and most samples of all surfaces together.
const SAMPLES: (f64, f64) = (20_000.0, 2_000_000.0);
/// Least samples of a thing.
const LEAST: f64 = 64.0;
/// Parts of the whole's diagonal that samples are apart, where nobody says how far.
const FINE: f64 = 400.0;
/// Most vertices and corners that are read, counted wherever a mesh is placed.
const MAX_ROWS: u64 = 1 << 27;

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Sampled {
    pub(super) cloud: Cloud,
    /// Whether any part has a colour.
    pub(super) colored: bool,
    /// Vertices of each thing; empty where it has no surface.
    pub(super) vertices: Vec<Vec<[f32; 3]>>,
    /// Whether there are surfaces at all.
    pub(super) surfaces: bool,
    /// Distance of samples.
    pub(super) spacing: f64,
    /// Parts of lines, and triangles without area or with a corner that is no number.
    pub(super) lines: usize,
    pub(super) degenerate: u64,
}

/// A part of a mesh, in its own coordinates.
struct Part {
    positions: Vec<[f32; 3]>,
    colors: Option<Vec<[f32; 4]>>,
    /// The vertices that are shown, in order; triangles by threes.
    shown: Vec<u32>,
    points: bool,
}

fn attribute(p: &Primitive, s: Semantic) -> Option<Index<Accessor>> {
    p.attributes.get(&Checked::Valid(s)).copied()
}

fn mode(p: &Primitive, place: &str) -> Result<Mode, Fault> {
    match p.mode {
        Checked::Valid(m) => Ok(m),
        Checked::Invalid => Err(fault(format!("{place}.mode"), "is none that glTF knows")),
    }
}

fn is_lines(m: Mode) -> bool {
    matches!(m, Mode::Lines | Mode::LineLoop | Mode::LineStrip)
}

/// Reads a part; `None` where it has lines or no positions.
fn part(d: &Document<'_>, p: &Primitive, place: &str) -> Result<Option<Part>, Fault> {
    let mode = mode(p, place)?;
    let Some(at) = attribute(p, Semantic::Positions).filter(|_| !is_lines(mode)) else {
        return Ok(None);
    };
    let of = |name: &str| format!("{place}.{name}");
    let positions = d.rows::<3>(at, &of("POSITION"))?;
    let colors = match attribute(p, Semantic::Colors(0)) {
        Some(a) => Some(d.rows::<4>(a, &of("COLOR_0"))?),
        None => None,
    };
    if colors.as_ref().is_some_and(|c| c.len() != positions.len()) {
        return Err(fault(of("COLOR_0"), "has another length than the positions"));
    }
    let listed = match p.indices {
        Some(i) => d.indices(i, &of("indices"))?,
        None => (0..positions.len() as u32).collect(),
    };
    if let Some(i) = listed.iter().find(|i| **i as usize >= positions.len()) {
        let what = format!("name vertex {i} of {}", positions.len());
        return Err(fault(of("indices"), what));
    }
    let shown = match mode {
        Mode::TriangleStrip => {
            let turn = |(i, w): (usize, &[u32])| {
                if i % 2 == 0 { [w[0], w[1], w[2]] } else { [w[1], w[0], w[2]] }
            };
            listed.windows(3).enumerate().flat_map(turn).collect()
        }
        Mode::TriangleFan => {
            let rest = listed.get(1..).unwrap_or_default();
            rest.windows(2).flat_map(|w| [listed[0], w[0], w[1]]).collect()
        }
        Mode::Triangles if listed.len() % 3 != 0 => {
            return Err(fault(
                of("indices"),
                format!("are {}, which is no multiple of 3", listed.len()),
            ));
        }
        _ => listed,
    };
    Ok(Some(Part { positions, colors, shown, points: mode == Mode::Points }))
}

/// The parts of the meshes at their places, in order.
fn parts<'d>(
    d: &'d Document<'_>,
    graph: &'d Graph,
) -> impl Iterator<Item = (&'d Placed, &'d Primitive, String)> {
    graph.placed.iter().flat_map(|placed| {
        let all = d.root.meshes.get(placed.mesh).map_or(&[][..], |m| &m.primitives);
        let name = move |k: usize| format!("meshes[{}].primitives[{k}]", placed.mesh);
        all.iter().enumerate().map(move |(k, p)| (placed, p, name(k)))
    })
}

/// Refuses documents that place more than may be read.
fn bounded(d: &Document<'_>, graph: &Graph) -> Result<(), Fault> {
    let mut rows = 0u64;
    for (_, p, place) in parts(d, graph) {
        let lists = [attribute(p, Semantic::Positions), p.indices];
        for a in lists.into_iter().flatten() {
            rows = rows.saturating_add(d.count(a, &place)?);
        }
        if rows > MAX_ROWS {
            let what = format!("brings the vertices to more than the {MAX_ROWS} that are read");
            return Err(fault(place, what));
        }
    }
    Ok(())
}

fn at(m: &Matrix4<f64>, p: [f32; 3]) -> Point3<f64> {
    m.transform_point(&Point3::from(p.map(f64::from)))
}

fn narrow(p: &Point3<f64>) -> [f32; 3] {
    [p.x as f32, p.y as f32, p.z as f32]
}

/// Twice the area of a triangle; 0 where it has none.
fn double_area(t: &[Point3<f64>; 3]) -> f64 {
    let a = (t[1] - t[0]).cross(&(t[2] - t[0])).norm();
    if a.is_finite() { a } else { 0.0 }
}

/// Where the next sample of a thing is due.
#[derive(Clone, Copy, Debug, Default)]
struct Due {
    /// Samples per area.
    rate: f64,
    /// Samples due so far, with their fraction.
    due: f64,
    taken: u64,
}

/// Points of everything that is placed.
pub(super) fn sample(
    d: &Document<'_>,
    graph: &Graph,
    textures: &mut Textures<'_>,
    spacing: Option<f64>,
) -> Result<Sampled, Fault> {
    bounded(d, graph)?;
    let mut out = Sampled { vertices: vec![Vec::new(); graph.things.len()], ..Sampled::default() };
    // Things, and last what belongs to none.
    let slot = |p: &Placed| p.thing.unwrap_or(graph.things.len());
    let mut areas = vec![0.0f64; graph.things.len() + 1];
    let (mut lo, mut hi) = (Point3::from([f64::INFINITY; 3]), Point3::from([f64::NEG_INFINITY; 3]));
    for (placed, p, place) in parts(d, graph) {
        let Some(part) = part(d, p, &place)? else {
            out.lines += 1;
            continue;
        };
        if part.points {
            continue;
        }
        out.surfaces = true;
        let world: Vec<Point3<f64>> =
            part.positions.iter().map(|p| at(&placed.matrix, *p)).collect();
        for q in world.iter().filter(|q| q.iter().all(|x| x.is_finite())) {
            for k in 0..3 {
                (lo[k], hi[k]) = (lo[k].min(q[k]), hi[k].max(q[k]));
            }
            if let Some(t) = placed.thing {
                out.vertices[t].push(narrow(q));
            }
        }
        for t in part.shown.chunks_exact(3) {
            areas[slot(placed)] += 0.5 * double_area(&[0, 1, 2].map(|k| world[t[k] as usize]));
        }
    }
    let area: f64 = areas.iter().sum();
    let step = spacing.unwrap_or_else(|| (hi - lo).norm() / FINE);
    let wanted = (area / (step * step)).clamp(SAMPLES.0, SAMPLES.1);
    // Not a number where there is no area.
    let wanted = if wanted.is_finite() { wanted } else { SAMPLES.0 };
    out.spacing = (area / wanted).sqrt();
    let mut due: Vec<Due> = areas
        .iter()
        .map(|a| Due {
            rate: if *a > 0.0 { (wanted / area).max(LEAST / a) } else { 0.0 },
            due: 0.5,
            taken: 0,
        })
        .collect();
    let tables = Tables::new();
    let srgb = d.root.asset.generator.as_deref().is_some_and(|g| g.contains("trimesh"));
    let (mut colors, mut labels) = (Vec::new(), Vec::new());
    for (placed, p, place) in parts(d, graph) {
        let Some(part) = part(d, p, &place)? else { continue };
        let (paint, set) = Paint::of(p, textures, srgb);
        out.colored |= paint.known || part.colors.is_some();
        let label = placed.thing.map_or(0, |t| t as u32 + 1);
        let of = |i: usize| part.colors.as_ref().map(|c| [c[i][0], c[i][1], c[i][2]]);
        if part.points {
            for i in part.shown.iter().map(|i| *i as usize) {
                out.cloud.positions.push(narrow(&at(&placed.matrix, part.positions[i])));
                colors.push(paint.color(&tables, of(i), None));
                labels.push(label);
            }
            continue;
        }
        let uvs = match attribute(p, Semantic::TexCoords(set)) {
            Some(a) => Some(d.rows::<2>(a, &format!("{place}.TEXCOORD_{set}"))?),
            None => None,
        };
        if uvs.as_ref().is_some_and(|u| u.len() != part.positions.len()) {
            return Err(fault(
                format!("{place}.TEXCOORD_{set}"),
                "has another length than the positions",
            ));
        }
        let thing = &mut due[slot(placed)];
        for t in part.shown.chunks_exact(3) {
            let t = [0, 1, 2].map(|k| t[k] as usize);
            let corners = t.map(|i| at(&placed.matrix, part.positions[i]));
            let area = 0.5 * double_area(&corners);
            if area <= 0.0 {
                out.degenerate += 1;
                continue;
            }
            thing.due += area * thing.rate;
            while (thing.taken as f64) < thing.due.floor() {
                let w = weights(thing.taken);
                thing.taken += 1;
                let q: nalgebra::Vector3<f64> = (0..3).map(|k| corners[k].coords * w[k]).sum();
                let blend = |c: [[f32; 3]; 3]| {
                    [0, 1, 2].map(|k| (0..3).map(|v| c[v][k] * w[v] as f32).sum::<f32>())
                };
                let vertex =
                    part.colors.as_ref().map(|c| blend(t.map(|i| [c[i][0], c[i][1], c[i][2]])));
                let uv = uvs.as_ref().map(|u| {
                    let b = blend(t.map(|i| [u[i][0], u[i][1], 0.0]));
                    [b[0], b[1]]
                });
                out.cloud.positions.push(narrow(&Point3::from(q)));
                colors.push(paint.color(&tables, vertex, uv));
                labels.push(label);
            }
        }
    }
    out.cloud.colors = out.colored.then_some(colors);
    out.cloud.labels = Some(labels);
    Ok(out)
}

/// Weights of a triangle's corners for the k-th sample of a sequence that fills it evenly: the additive
/// recurrence of the plastic number (M. Roberts 2018), folded at the diagonal.
fn weights(k: u64) -> [f64; 3] {
    let part = |step: f64| (0.5 + k as f64 * step).fract();
    let (mut u, mut v) = (part(0.754_877_666_246_692_8), part(0.569_840_290_998_053_2));
    if u + v > 1.0 {
        (u, v) = (1.0 - u, 1.0 - v);
    }
    [1.0 - u - v, u, v]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_fill_a_triangle_evenly() {
        // The middle triangle has a quarter of the area, each corner one too.
        let mut counts = [0; 4];
        for k in 0..4000 {
            let w = weights(k);
            assert!(
                w.iter().all(|x| (0.0..=1.0).contains(x))
                    && (w.iter().sum::<f64>() - 1.0).abs() < 1e-12
            );
            counts[w.iter().position(|x| *x > 0.5).unwrap_or(3)] += 1;
        }
        assert!(counts.iter().all(|c| (950..1050).contains(c)), "{counts:?}");
    }
}
