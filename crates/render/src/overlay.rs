//! Instances over a photo, so that a person can see what is there and where to click.

use reasmory_scene::{Manifest, Rgb8};

use crate::canvas::Rect;
use crate::color::{PAPER, Rgb, mix};
use crate::labels::{self, Request};
use crate::text::text_size;
use crate::{EgoRender, PlacedLabel, RenderError};

/// A photo with every visible instance tinted, outlined and named: by its id, and by its category where it
/// has one. `render` is the memory seen from the photo ([`crate::ego`]) at the photo's size.
///
/// Labels that find no place stand in a legend beside the picture.
pub fn overlay(photo: &Rgb8, render: &EgoRender, manifest: &Manifest) -> Result<Rgb8, RenderError> {
    overlay_of(photo, render, manifest, |_| true)
}

/// [`overlay`] of some of the instances, by id. An instance has the same number and colour in every picture.
pub fn overlay_of(
    photo: &Rgb8,
    render: &EgoRender,
    manifest: &Manifest,
    wanted: impl Fn(u32) -> bool,
) -> Result<Rgb8, RenderError> {
    let (w, h) = (photo.width, photo.height);
    crate::error::check_size(w, h)?;
    let n = w as usize * h as usize;
    if render.instance.len() != n || photo.pixels.len() != n || render.image.width != w {
        return Err(RenderError::Size { width: w, height: h });
    }
    let mut out = photo.clone();
    let id = |x: i64, y: i64| -> u32 {
        let inside = (0..i64::from(w)).contains(&x) && (0..i64::from(h)).contains(&y);
        if inside { render.instance[y as usize * w as usize + x as usize] } else { 0 }
    };
    for y in 0..i64::from(h) {
        for x in 0..i64::from(w) {
            let own = id(x, y);
            if own == 0 || !wanted(own) {
                continue;
            }
            let at = y as usize * w as usize + x as usize;
            let edge =
                [(1, 0), (-1, 0), (0, 1), (0, -1)].iter().any(|(dx, dy)| id(x + dx, y + dy) != own);
            let alpha = if edge { 0.95 } else { 0.4 };
            out.pixels[at] = mix(out.pixels[at], tint(own), alpha);
        }
    }
    let least = (w as usize * h as usize / 4000).max(6);
    let mut seen: Vec<_> =
        render.visible.iter().filter(|v| v.pixels as usize >= least && wanted(v.id)).collect();
    seen.sort_by_key(|v| (std::cmp::Reverse(v.pixels), v.id));
    let requests: Vec<Request> = seen
        .iter()
        .filter_map(|v| {
            let i = manifest.instance(v.id)?;
            let text = if i.category == reasmory_scene::regroup::UNLABELLED {
                v.id.to_string()
            } else {
                format!("{} {}", v.id, i.category)
            };
            Some(Request {
                text,
                anchor: within(render, v.id, &v.bbox, w),
                clear: -1.0,
                color: tint(v.id),
            })
        })
        .collect();
    let size = text_size(w, h);
    let area = Rect { x: 0, y: 0, w: w as i32, h: h as i32 };
    let placed: Vec<PlacedLabel> = labels::place(&requests, area, &[], size);
    labels::draw(&mut out, &requests, &placed, size);
    Ok(labels::with_legend(out, &labels::leftover(&placed), size))
}

/// A pixel of an instance near the middle of its pixels.
fn within(render: &EgoRender, id: u32, bbox: &Rect, width: u32) -> (f64, f64) {
    let mut own: Vec<(i32, i32)> = Vec::new();
    for y in bbox.y.max(0)..bbox.y + bbox.h {
        for x in bbox.x.max(0)..bbox.x + bbox.w {
            if render.instance.get(y as usize * width as usize + x as usize) == Some(&id) {
                own.push((x, y));
            }
        }
    }
    let n = own.len().max(1) as f64;
    let mean =
        own.iter().fold((0.0, 0.0), |s, p| (s.0 + f64::from(p.0) / n, s.1 + f64::from(p.1) / n));
    let off =
        |p: &(i32, i32)| (f64::from(p.0) - mean.0).powi(2) + (f64::from(p.1) - mean.1).powi(2);
    let at = own.iter().min_by(|a, b| off(a).total_cmp(&off(b)).then(a.cmp(b)));
    at.map_or(mean, |p| (f64::from(p.0) + 0.5, f64::from(p.1) + 0.5))
}

/// A colour of an instance's own: hues a golden angle apart, so that neighbours in number differ.
fn tint(id: u32) -> Rgb {
    let hue = (f64::from(id) * 0.618_033_988_749_895).fract() * 6.0;
    let x = 1.0 - (hue % 2.0 - 1.0).abs();
    let rgb = match hue as u32 {
        0 => [1.0, x, 0.0],
        1 => [x, 1.0, 0.0],
        2 => [0.0, 1.0, x],
        3 => [0.0, x, 1.0],
        4 => [x, 0.0, 1.0],
        _ => [1.0, 0.0, x],
    };
    let strong = rgb.map(|c: f64| (c * 235.0).round() as u8);
    if id % 3 == 2 { mix(strong, PAPER, 0.35) } else { strong }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cloud, EgoOptions, ego};
    use reasmory_geom::{Obb, Point3, Vec3, View};
    use reasmory_scene::{Instance, Memory, Points, Scale};

    #[test]
    fn things_are_tinted_and_the_rest_is_left() {
        let mut m = Manifest::empty("room", "test", Scale::metric("test"));
        for (id, x, category) in [(1, 0.6, "unlabelled"), (2, -0.6, "chair")] {
            m.instances.push(Instance {
                id,
                category: category.into(),
                obb: Obb::upright(Point3::new(3.0, x, 1.0), Vec3::new(0.5, 0.5, 0.5), 0.0),
                confidence: 1.0,
                support: 0,
                front: None,
                seen_in: vec![],
            });
            m.extend_bounds(Point3::new(3.0, x, 1.0));
        }
        m.index_categories();
        let memory = Memory::new(m, Points::default(), None).unwrap();
        let view = View::looking_at(Point3::new(0.0, 0.0, 1.0), Point3::new(3.0, 0.0, 1.0), 1e-9);
        let options = EgoOptions { width: 200, height: 150, ..EgoOptions::default() };
        let seen = ego(&memory, &Cloud::new(&memory), &view.unwrap(), &options).unwrap();
        let photo = crate::canvas::blank(200, 150, [10, 20, 30]);
        let out = overlay(&photo, &seen, memory.manifest()).unwrap();
        assert_eq!((out.width, out.height), (200, 150));
        for (k, id) in seen.instance.iter().enumerate() {
            assert!(*id == 0 || out.pixels[k] != [10, 20, 30]);
        }
        assert_eq!(out.pixels[0], [10, 20, 30]);
        assert_ne!(tint(1), tint(2));
        let small = crate::canvas::blank(20, 15, [0; 3]);
        assert!(overlay(&small, &seen, memory.manifest()).is_err());
    }
}
