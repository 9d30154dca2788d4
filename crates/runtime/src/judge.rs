//! What is in a picture, where, and what is not: computed from what was drawn.

use reasmory_geom::{Pinhole, View};
use reasmory_render::{EgoRender, Rect, TopRender};
use reasmory_scene::Manifest;

use crate::{Located, Missing};

/// What a view shows, the largest first.
pub(crate) fn shown(m: &Manifest, render: &EgoRender) -> Vec<Located> {
    let all = f64::from(render.image.width) * f64::from(render.image.height);
    let mut seen: Vec<_> = render.visible.iter().collect();
    seen.sort_by_key(|v| (std::cmp::Reverse(v.pixels), v.id));
    seen.iter()
        .map(|v| Located {
            id: v.id,
            name: m.instance_name(v.id),
            share: f64::from(v.pixels) / all,
            bounds: [v.bbox.x, v.bbox.y, v.bbox.w, v.bbox.h],
            panel: None,
        })
        .collect()
}

/// Which of the marked instances a view does not show, and why.
pub(crate) fn missing(
    m: &Manifest,
    view: &View,
    render: &EgoRender,
    marks: &[u32],
) -> Vec<Missing> {
    let pinhole = view.pinhole(render.image.width, render.image.height);
    let unseen = |id: &&u32| render.visible.iter().all(|v| v.id != **id);
    marks
        .iter()
        .filter(unseen)
        .filter_map(|id| {
            let why = why(m, view, &pinhole, *id)?;
            Some(Missing { id: *id, name: m.instance_name(*id), why })
        })
        .collect()
}

fn why(m: &Manifest, view: &View, pinhole: &Pinhole, id: u32) -> Option<&'static str> {
    let obb = &m.instance(id)?.obb;
    let pose = view.pose();
    let corners = obb.corners().map(|c| pose.to_camera(c));
    if corners.iter().all(|c| c.z <= 0.0) {
        return Some("behind the viewer");
    }
    // A box of which no corner is in the picture may still reach across it.
    let (w, h) = (f64::from(pinhole.width), f64::from(pinhole.height));
    let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for c in corners {
        match pinhole.project(c) {
            Some((u, v)) if c.z > 0.0 => {
                bounds = [bounds[0].min(u), bounds[1].min(v), bounds[2].max(u), bounds[3].max(v)];
            }
            _ => return Some("hidden"),
        }
    }
    let apart = bounds[0] >= w || bounds[1] >= h || bounds[2] < 0.0 || bounds[3] < 0.0;
    Some(if apart { "outside the picture" } else { "hidden" })
}

/// Whose footprints a view from above shows, the largest first.
pub(crate) fn from_above(m: &Manifest, render: &TopRender) -> Vec<Located> {
    let (w, h) = (f64::from(render.plot.w), f64::from(render.plot.h));
    let mut out: Vec<Located> = m
        .instances
        .iter()
        .filter_map(|i| {
            let (lo, hi) = i.obb.bounds();
            let (left, top) = render.to_pixel([lo.x, hi.y].into());
            let (right, bottom) = render.to_pixel([hi.x, lo.y].into());
            let (x0, x1) = (left.clamp(0.0, w).floor(), right.clamp(0.0, w).ceil());
            let (y0, y1) = (top.clamp(0.0, h).floor(), bottom.clamp(0.0, h).ceil());
            let center = render.to_pixel(i.obb.center.xy());
            let inside = (0.0..w).contains(&center.0) && (0.0..h).contains(&center.1);
            if !inside {
                return None;
            }
            let area =
                reasmory_geom::polygon::area(&i.obb.footprint()).abs() * render.scale.powi(2);
            Some(Located {
                id: i.id,
                name: m.instance_name(i.id),
                share: (area / (w * h)).min(1.0),
                bounds: [x0, y0, x1 - x0, y1 - y0].map(|x| x as i32),
                panel: None,
            })
        })
        .collect();
    out.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.id.cmp(&b.id)));
    out
}

/// The same, where the picture has become a panel of a larger one.
pub(crate) fn moved(shown: Vec<Located>, from: (u32, u32), to: Rect, panel: u32) -> Vec<Located> {
    let scale =
        [f64::from(to.w) / f64::from(from.0.max(1)), f64::from(to.h) / f64::from(from.1.max(1))];
    let place = |s: Located| {
        let [x, y, w, h] = s.bounds.map(f64::from);
        let (left, top) = ((x * scale[0]).floor(), (y * scale[1]).floor());
        let (right, bottom) = (((x + w) * scale[0]).ceil(), ((y + h) * scale[1]).ceil());
        let bounds =
            [to.x + left as i32, to.y + top as i32, (right - left) as i32, (bottom - top) as i32];
        Located { bounds, panel: Some(panel), ..s }
    };
    shown.into_iter().map(place).collect()
}
