//! Pictures as evidence, each with a caption that says what it shows.

use std::sync::Arc;

use reasmory_geom::{Lens, Point3};
use reasmory_render::{EgoOptions, Mark as Drawn, TopOptions, TopRegion};

use crate::abi::{Image, Mark, Object, Photo, Place, View};
use crate::picture::{Kind, Picture, awaited, boxes_only};
use crate::place::{center, describe, empty, instance};
use crate::{EvidenceImage, Fault, Run, caption, fault::FaultKind, judge};

/// Most views of a strip.
const STRIP: usize = 8;
/// Most pictures of a sheet.
const PICTURES: usize = 16;
/// Room around a thing that a view from above is framed around, as a fraction of the diagonal.
const AROUND: f64 = 0.15;
/// The same around a thing without extent, so that what surrounds a viewer is in the picture.
const AROUND_POINT: f64 = 0.35;

fn made(image: EvidenceImage) -> Result<Image, Fault> {
    Ok(Arc::new(image.into()))
}

fn flat(marks: Vec<Mark>) -> Vec<Drawn> {
    marks.into_iter().flat_map(|m| m.0).collect()
}

pub(super) fn ego(run: &mut Run<'_>, v: View, mark: Vec<Mark>) -> Result<Image, Fault> {
    let side = run.limits.picture;
    awaited(run, Kind::Ego, vec![v], flat(mark), side).map(Arc::new)
}

/// What a view from above frames: a thing with some room around it, and whatever is marked.
fn region(run: &Run<'_>, around: &Place, marks: &[Drawn]) -> Result<TopRegion, Fault> {
    let m = run.manifest();
    let diagonal = m.diagonal();
    let (mut min, mut max) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    let mut hold = |p: Point3, room: f64| {
        for i in 0..2 {
            min[i] = min[i].min(p[i] - room);
            max[i] = max[i].max(p[i] + room);
        }
    };
    match around {
        Place::Region(_) => return Ok(TopRegion::Auto),
        Place::Object(id) => {
            let (lo, hi) = instance(run, *id)?.obb.bounds();
            hold(lo, AROUND * diagonal);
            hold(hi, AROUND * diagonal);
        }
        Place::Objects(ids) if ids.is_empty() => return Err(empty("top")),
        Place::Objects(ids) => {
            for id in ids {
                let (lo, hi) = instance(run, *id)?.obb.bounds();
                hold(lo, AROUND * diagonal);
                hold(hi, AROUND * diagonal);
            }
        }
        Place::Point(_) | Place::View(_) | Place::Photo(_) => {
            hold(center(run, around, "top")?, AROUND_POINT * diagonal);
        }
    }
    let room = 0.02 * diagonal;
    for mark in marks {
        match mark {
            Drawn::Instance(id) => {
                let (lo, hi) = instance(run, *id)?.obb.bounds();
                hold(lo, room);
                hold(hi, room);
            }
            Drawn::Photo(n) => hold(center(run, &Place::Photo(*n), "top")?, room),
            Drawn::View { view, .. } => hold(view.eye, room),
            Drawn::Point { at, .. } => hold(*at, room),
            Drawn::Route(points) => points.iter().for_each(|p| hold(*p, room)),
            Drawn::Room => {}
        }
    }
    Ok(TopRegion::Bounds { min, max })
}

fn above(
    run: &mut Run<'_>,
    around: Option<Place>,
    marks: Vec<Drawn>,
    kind: &'static str,
) -> Result<Image, Fault> {
    run.spend_render()?;
    let photographic = kind == "top";
    let mut drawn = marks.clone();
    if !photographic {
        drawn.extend(run.manifest().photos.iter().map(|p| Drawn::Photo(p.number)));
    }
    let region = match &around {
        Some(place) => region(run, place, &marks)?,
        None => TopRegion::Auto,
    };
    let side = run.limits.picture.clamp(1, reasmory_render::MAX_SIDE);
    let options = TopOptions {
        width: side,
        height: side,
        marks: &drawn,
        region,
        photographic,
        all_instances: !photographic,
        ..TopOptions::default()
    };
    let render = reasmory_render::top(run.memory(), run.cloud(), &options)?;
    let m = run.manifest();
    let across = [render.plot.w, render.plot.h].map(|x| f64::from(x) / render.scale);
    let framed = match &around {
        Some(place) => format!("around {}", describe(run, place)),
        None => "of the whole scene".to_owned(),
    };
    let (left, top) = (render.corner.x, render.corner.y);
    let (right, bottom) = (left + across[0], top - across[1]);
    let visible = m
        .instances
        .iter()
        .filter(|i| {
            let c = i.obb.center;
            (left..=right).contains(&c.x) && (bottom..=top).contains(&c.y)
        })
        .map(|i| m.instance_name(i.id))
        .collect();
    let objects = judge::from_above(m, &render);
    let all = if photographic { "" } else { "Every object is drawn with its name." };
    let text = caption::join(&[
        &caption::from_above(m, across, &framed, render.cut),
        all,
        &caption::marks(run, &marks),
        if photographic { boxes_only(run) } else { "" },
    ]);
    made(EvidenceImage {
        kind,
        pixels: render.image,
        caption: text,
        coverage: 1.0,
        visible,
        objects,
        missing: Vec::new(),
    })
}

pub(super) fn top(
    run: &mut Run<'_>,
    around: Option<Place>,
    mark: Vec<Mark>,
) -> Result<Image, Fault> {
    above(run, around, flat(mark), "top")
}

pub(super) fn plan(
    run: &mut Run<'_>,
    around: Option<Place>,
    mark: Vec<Mark>,
) -> Result<Image, Fault> {
    above(run, around, flat(mark), "plan")
}

pub(super) fn depth(run: &mut Run<'_>, v: View) -> Result<Image, Fault> {
    let side = run.limits.picture;
    awaited(run, Kind::Depth, vec![v], vec![], side).map(Arc::new)
}

pub(super) fn picture(run: &mut Run<'_>, p: Photo) -> Result<Image, Fault> {
    let photo = crate::place::photo(run, p.0)?;
    let pixels = run.memory().photo_pixels(p.0).map_err(|why| {
        Fault::no_value(format!(
            "photo {} cannot be shown: {why}; import the memory with its pictures, or show ego(photo({}).view())",
            p.0, p.0
        ))
    })?;
    // What is not there is not counted.
    run.spend_render()?;
    let m = run.manifest();
    let visible: Vec<String> = m
        .instances
        .iter()
        .filter(|i| i.seen_in.contains(&p.0))
        .map(|i| m.instance_name(i.id))
        .collect();
    let mut title = format!("Photo {} of {}", p.0, m.photos.len());
    if let Some(t) = photo.time {
        title.push_str(&format!(", at {t:.2} s"));
    }
    title.push('.');
    let text = caption::join(&[&title, &caption::viewpoint(m, &photo.view(), None)]);
    made(EvidenceImage {
        kind: "photo",
        pixels,
        caption: text,
        coverage: 1.0,
        visible,
        objects: Vec::new(),
        missing: Vec::new(),
    })
}

/// A photo with numbers on what is in it, or what is seen from there where its pixels are not stored.
pub(super) fn annotate(run: &mut Run<'_>, p: Photo, mark: Vec<Mark>) -> Result<Image, Fault> {
    let photo = crate::place::photo(run, p.0)?;
    run.spend_render()?;
    let marks = flat(mark);
    let ids: Vec<u32> = marks
        .iter()
        .filter_map(|m| if let Drawn::Instance(id) = m { Some(*id) } else { None })
        .collect();
    let longest = f64::from(photo.pinhole.width.max(photo.pinhole.height).max(1));
    let side = f64::from(run.limits.picture.clamp(1, reasmory_render::MAX_SIDE));
    let scaled = |x: u32| ((f64::from(x) * side / longest).round() as u32).max(1);
    let (width, height) = (scaled(photo.pinhole.width), scaled(photo.pinhole.height));
    let view = photo.view();
    let options = EgoOptions { width, height, ..EgoOptions::default() };
    let seen = reasmory_render::ego(run.memory(), run.cloud(), &view, &options)?;
    let under = run.memory().photo_pixels(p.0).ok();
    let from_photo = under.is_some();
    let under = match under {
        Some(pixels) => reasmory_render::resize(&pixels, width, height)?,
        None => seen.image.clone(),
    };
    let wanted = |id: u32| ids.is_empty() || ids.contains(&id);
    let m = run.manifest();
    let pixels = reasmory_render::overlay_of(&under, &seen, m, wanted)?;
    let missing = judge::missing(m, &view, &seen, &ids);
    let objects: Vec<_> = judge::shown(m, &seen).into_iter().filter(|s| wanted(s.id)).collect();
    let mut numbered: Vec<&crate::Located> = objects.iter().collect();
    numbered.sort_by_key(|o| o.id);
    let names: Vec<String> = numbered.iter().map(|o| format!("{} {}", o.id, o.name)).collect();
    let text = caption::join(&[
        &format!(
            "{} {} of {} with the numbers of its objects.",
            if from_photo { "Photo" } else { "What is seen from photo" },
            p.0,
            m.photos.len()
        ),
        &caption::viewpoint(m, &view, None),
        &if names.is_empty() {
            "No labelled object in view.".to_owned()
        } else {
            format!("Numbered: {}.", names.join(", "))
        },
        &caption::missing(&missing),
    ]);
    made(EvidenceImage {
        kind: "marked",
        pixels,
        caption: text,
        coverage: if from_photo { 1.0 } else { f64::from(seen.coverage) },
        visible: objects.iter().map(|o| o.name.clone()).collect(),
        objects,
        missing,
    })
}

/// A view, and a thing in it larger, both with the thing marked.
pub(super) fn zoom(run: &mut Run<'_>, o: Object, v: View) -> Result<Image, Fault> {
    let obb = instance(run, o.0)?.obb;
    let least = run.manifest().no_side();
    let Some(toward) = View::looking_at(v.eye, obb.center, least) else {
        let name = run.manifest().instance_name(o.0);
        return Err(Fault::no_value(format!(
            "`zoom` on the {name} from its very centre has no value: choose a view from outside it"
        )));
    };
    let away = (obb.center - v.eye).norm();
    let fov = 2.0 * reasmory_geom::math::atan2_deg(1.3 * obb.half.norm(), away);
    let close =
        View { lens: Lens::Fov(fov.clamp(2.0, caption::fov(&v).clamp(2.0, 90.0))), ..toward };
    let side = run.limits.picture / 2;
    awaited(run, Kind::Zoom, vec![v, close], vec![Drawn::Instance(o.0)], side).map(Arc::new)
}

/// Pictures that are there, numbered, in rows.
pub(super) fn sheet(run: &mut Run<'_>, images: Vec<Image>) -> Result<Image, Fault> {
    if images.is_empty() {
        return Err(Fault::no_value("`sheet` of no pictures has no value: give it one or more"));
    }
    if images.len() > PICTURES {
        return Err(Fault::new(
            FaultKind::RunLimit,
            format!("`sheet` takes at most {PICTURES} pictures, and was given {}", images.len()),
        ));
    }
    run.spend_render()?;
    // Two or three stand side by side; more in a square.
    let columns = if images.len() <= 3 { images.len() } else { images.len().isqrt().max(2) };
    Picture::sheet(images, columns).map(Arc::new).ok_or_else(|| {
        Fault::no_value("`sheet` of sheets has no value: give it the pictures themselves")
    })
}

pub(super) fn strip(run: &mut Run<'_>, views: Vec<View>) -> Result<Image, Fault> {
    if views.is_empty() {
        return Err(Fault::no_value(
            "`strip` of no views has no value: give it one to eight views",
        ));
    }
    if views.len() > STRIP {
        return Err(Fault::new(
            FaultKind::RunLimit,
            format!("`strip` takes at most {STRIP} views, and was given {}", views.len()),
        ));
    }
    let side = run.limits.picture / 2;
    awaited(run, Kind::Strip, views, vec![], side).map(Arc::new)
}
