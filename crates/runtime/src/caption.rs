//! What a picture shows, in words. Every statement is computed from the view and the memory.

use reasmory_geom::{Lens, Point3, View, math, polygon};
use reasmory_render::{EgoRender, Mark};
use reasmory_scene::Manifest;

/// Objects that a caption lists before it counts the rest.
const LISTED: usize = 8;

/// A length with the memory's unit.
pub(crate) fn length(m: &Manifest, x: f64) -> String {
    format!("{x:.2} {}", if m.scale.is_metric() { "m" } else { "units" })
}

/// Names joined by commas; past [`LISTED`] only how many more there are.
fn list(names: &[String]) -> String {
    let (shown, rest) = names.split_at(names.len().min(LISTED));
    let mut text = shown.join(", ");
    if !rest.is_empty() {
        text.push_str(&format!(" and {} more", rest.len()));
    }
    text
}

/// Where an eye is relative to the nearest object.
fn beside(m: &Manifest, eye: Point3) -> Option<String> {
    let mut best: Option<(f64, u32)> = None;
    for i in &m.instances {
        let d = i.obb.distance_to_point(eye);
        if best.is_none_or(|b| d < b.0) {
            best = Some((d, i.id));
        }
    }
    let (d, id) = best?;
    let obb = m.instance(id)?.obb;
    let name = m.instance_name(id);
    let over = eye.z > obb.bounds().1.z && polygon::contains(&obb.footprint(), eye.xy());
    Some(if d == 0.0 {
        format!("inside the box of the {name}")
    } else if over {
        format!("{} above the {name}", length(m, d))
    } else {
        format!("{} from the {name}", length(m, d))
    })
}

/// Where a view is seen from and which way it looks. `provenance` tells how the program got there, where
/// that is known.
pub(crate) fn viewpoint(m: &Manifest, view: &View, provenance: Option<&str>) -> String {
    let e = view.eye;
    let mut text = match provenance {
        Some(p) => format!("From {p}: eye"),
        None => "Eye".to_owned(),
    };
    let unit = if m.scale.is_metric() { "m" } else { "units" };
    text.push_str(&format!(" at ({:.2}, {:.2}, {:.2}) {unit}", e.x, e.y, e.z));
    if let Some(beside) = beside(m, e) {
        text.push_str(&format!(", {beside}"));
    }
    text.push_str(&format!("; heading {:.0}° counter-clockwise from +X", view.heading()));
    if view.pitch.abs() < 0.5 {
        text.push_str(", level");
    } else {
        let way = if view.pitch > 0.0 { "up" } else { "down" };
        text.push_str(&format!(", {:.0}° {way}", view.pitch.abs()));
    }
    text.push_str(&format!(", {:.0}° wide.", fov(view)));
    text
}

/// The horizontal field of a view, degrees.
pub(crate) fn fov(view: &View) -> f64 {
    match view.lens {
        Lens::Fov(f) => f,
        Lens::Pinhole(p) => p.fov(),
    }
}

/// What is in view, largest first, and in which third of the picture.
pub(crate) fn contents(m: &Manifest, render: &EgoRender) -> String {
    let mut seen: Vec<_> = render.visible.iter().collect();
    seen.sort_by_key(|v| (std::cmp::Reverse(v.pixels), v.id));
    let names: Vec<String> = seen
        .iter()
        .map(|v| {
            let middle = f64::from(v.bbox.x) + 0.5 * f64::from(v.bbox.w);
            let third = match 3.0 * middle / f64::from(render.image.width) {
                t if t < 1.0 => "left",
                t if t > 2.0 => "right",
                _ => "middle",
            };
            format!("{} ({third})", m.instance_name(v.id))
        })
        .collect();
    if names.is_empty() {
        "No labelled object in view.".into()
    } else {
        format!("In view: {}.", list(&names))
    }
}

/// What is marked; empty without marks.
pub(crate) fn marks(run: &crate::Run<'_>, marks: &[Mark]) -> String {
    let m = run.manifest();
    let mut names: Vec<String> = Vec::new();
    for mark in marks {
        let name = match mark {
            Mark::Instance(id) => m.instance_name(*id),
            Mark::Photo(n) => format!("photo {n}"),
            Mark::View { label, view } => {
                let past = run.history().of(view).map_or(String::new(), |h| format!(" ({h})"));
                format!("{label} at ({:.2}, {:.2}){past}", view.eye.x, view.eye.y)
            }
            Mark::Point { label, at } => format!("{label} at ({:.2}, {:.2})", at.x, at.y),
            Mark::Route(way) => {
                let length: f64 = way.windows(2).map(|w| (w[1] - w[0]).norm()).sum();
                let unit = if m.scale.is_metric() { "m" } else { "scene units" };
                format!("a route of {length:.2} {unit}")
            }
            Mark::Room => "the room's outline".into(),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() { String::new() } else { format!("Marked: {}.", list(&names)) }
}

/// What is marked and yet not to be seen; empty where all is.
pub(crate) fn missing(missing: &[crate::Missing]) -> String {
    let names: Vec<String> = missing.iter().map(|m| format!("{} ({})", m.name, m.why)).collect();
    if names.is_empty() {
        String::new()
    } else {
        format!("Marked, but not to be seen: {}.", list(&names))
    }
}

/// How much of a picture is unknown; empty where all is known.
pub(crate) fn unknown(coverage: f64) -> String {
    let percent = 100.0 * (1.0 - coverage);
    if percent < 0.5 { String::new() } else { format!("{percent:.0} % of the picture is unknown.") }
}

/// What a view from above shows: how it lies, how far it reaches, what it is framed around.
pub(crate) fn from_above(m: &Manifest, across: [f64; 2], around: &str, cut: Option<f64>) -> String {
    let mut text = format!(
        "From above, north (+Y) up, {} by {}, {around}",
        length(m, across[0]),
        length(m, across[1])
    );
    if let Some(cut) = cut {
        text.push_str(&format!("; what is higher than {} left out", length(m, cut - m.floor())));
    }
    text.push('.');
    text
}

/// Sentences with one space between, the empty ones dropped.
pub(crate) fn join(sentences: &[&str]) -> String {
    sentences.iter().filter(|s| !s.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

/// A view in a few words, for strips.
pub(crate) fn brief(m: &Manifest, view: &View) -> String {
    let place = beside(m, view.eye)
        .unwrap_or_else(|| format!("({:.2}, {:.2}, {:.2})", view.eye.x, view.eye.y, view.eye.z));
    format!("{place}, heading {:.0}°", math::wrap_deg(view.heading()))
}
