//! Pictures of the candidates of a choice: where they are, and what each looks like.

use reasmory_geom::{Point3, View};
use reasmory_render::{EgoOptions, Mark, RenderError, TopOptions, TopRegion};
use reasmory_scene::Rgb8;

use super::visibility;
use crate::choose::{Candidate, Shown};
use crate::place::{self, instance};
use crate::{Fault, Place, Run};

/// Portraits in one picture.
const IN_A_ROW: usize = 4;
/// Room around an object in its photo, as a fraction of its size there.
const MARGIN: f64 = 0.2;
/// A viewer's distance from an object, in its own longest extents.
const STAND_OFF: f64 = 2.0;

/// A view from above with every candidate's number at its place, and portraits with the numbers below, up to
/// four in a picture. `side` is the longer side of each picture, about.
pub(super) fn pictures(
    run: &Run<'_>,
    candidates: &[Candidate],
    side: u32,
) -> Result<Vec<Shown>, Fault> {
    let side = side.clamp(1, reasmory_render::MAX_SIDE);
    let mut shown = vec![above(run, candidates, side)?];
    let mut cells: Vec<(usize, Rgb8)> = Vec::new();
    for (i, c) in candidates.iter().enumerate() {
        if let Some(pixels) = portrait(run, c.id, (side / 2).max(1))? {
            cells.push((i + 1, pixels));
        }
    }
    for row in cells.chunks(IN_A_ROW) {
        let numbered: Vec<(Rgb8, String)> =
            row.iter().map(|(n, p)| (p.clone(), n.to_string())).collect();
        let numbers: Vec<String> = row.iter().map(|c| c.0.to_string()).collect();
        shown.push(Shown {
            pixels: reasmory_render::side_by_side(&numbered)?,
            caption: format!(
                "Close views of candidates {}, from left to right.",
                numbers.join(", ")
            ),
        });
    }
    Ok(shown)
}

fn above(run: &Run<'_>, candidates: &[Candidate], side: u32) -> Result<Shown, Fault> {
    let mut marks = vec![Mark::Room];
    for (i, c) in candidates.iter().enumerate() {
        let at = instance(run, c.id)?.obb.center;
        marks.push(Mark::Point { at, label: (i + 1).to_string() });
    }
    let photographic = run.points().is_some();
    let options = TopOptions {
        width: side,
        height: side,
        marks: &marks,
        region: TopRegion::Auto,
        photographic,
        all_instances: !photographic,
        ..TopOptions::default()
    };
    let render = reasmory_render::top(run.memory(), run.cloud(), &options)?;
    Ok(Shown {
        pixels: render.image,
        caption: "The room from above; every candidate's number stands at its place.".to_owned(),
    })
}

/// An object in the photo that shows most of it, else as a viewer would see it; `None` where neither shows
/// anything.
fn portrait(run: &Run<'_>, id: u32, side: u32) -> Result<Option<Rgb8>, Fault> {
    if run.memory().has_pixels()
        && let Some(number) = visibility::best_photo(run, id)?
        && let Some(cut) = cut_out(run, id, number)?
    {
        let longer = f64::from(cut.width.max(cut.height));
        let to = |x: u32| ((f64::from(x) * f64::from(side) / longer).round() as u32).max(1);
        return Ok(Some(reasmory_render::resize(&cut, to(cut.width), to(cut.height))?));
    }
    let Some(view) = in_front_of(run, id)? else { return Ok(None) };
    let options =
        EgoOptions { width: side, height: side, marks: vec![id], ..EgoOptions::default() };
    match reasmory_render::ego(run.memory(), run.cloud(), &view, &options) {
        Ok(render) => Ok(Some(render.image)),
        Err(RenderError::Nothing) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// The part of a photo around an object; `None` where the photo has no pixels or the object surrounds the
/// camera.
fn cut_out(run: &Run<'_>, id: u32, number: u32) -> Result<Option<Rgb8>, Fault> {
    let photo = place::photo(run, number)?;
    let Ok(pixels) = run.memory().photo_pixels(number) else { return Ok(None) };
    let lens = photo.pinhole.fitted(pixels.width, pixels.height);
    let (mut lo, mut hi) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for corner in instance(run, id)?.obb.corners() {
        let Some((u, v)) = lens.project(photo.camera_to_world.to_camera(corner)) else {
            return Ok(None);
        };
        (lo, hi) = ([lo[0].min(u), lo[1].min(v)], [hi[0].max(u), hi[1].max(v)]);
    }
    let room = MARGIN * (hi[0] - lo[0]).max(hi[1] - lo[1]);
    let range = |k: usize, most: u32| {
        let most = f64::from(most);
        let (a, b) = ((lo[k] - room).clamp(0.0, most), (hi[k] + room).clamp(0.0, most));
        (a.floor() as usize, b.ceil() as usize)
    };
    let ((x0, x1), (y0, y1)) = (range(0, pixels.width), range(1, pixels.height));
    if x1 <= x0 || y1 <= y0 {
        return Ok(None);
    }
    let stride = pixels.width as usize;
    let cut = (y0..y1).flat_map(|y| &pixels.pixels[y * stride + x0..y * stride + x1]);
    Ok(Some(Rgb8 {
        width: (x1 - x0) as u32,
        height: (y1 - y0) as u32,
        pixels: cut.copied().collect(),
    }))
}

/// The view of a person who stands between an object and the middle of the room, and looks at it.
fn in_front_of(run: &Run<'_>, id: u32) -> Result<Option<View>, Fault> {
    let m = run.manifest();
    let obb = &instance(run, id)?.obb;
    let middle = place::center(run, &Place::Region(crate::abi::Region::Floor), "pick").ok();
    let inward = middle.map_or_else(Default::default, |c| (c - obb.center).xy());
    let inward = inward.try_normalize(1e-9).unwrap_or_else(|| [1.0, 0.0].into());
    let off = STAND_OFF * obb.lengths().max().max(0.2 * m.eye_height());
    let eye = Point3::new(
        obb.center.x + off * inward.x,
        obb.center.y + off * inward.y,
        m.floor() + m.eye_height(),
    );
    Ok(View::looking_at(eye, obb.center, m.no_side()))
}
