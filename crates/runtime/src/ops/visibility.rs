//! What can be seen from where, and in which photos.

use crate::abi::{Object, Photo, View};
use crate::place::{empty, instance, photo};
use crate::{Fault, Run};

/// Share of an object's visible side from which on it counts as seen.
const SEEN: f64 = 0.1;

/// Visible share of an object through a view's lens.
fn fraction(run: &Run<'_>, view: &View, id: u32) -> Result<f64, Fault> {
    instance(run, id)?;
    Ok(reasmory_render::visible_fraction(run.memory(), run.points(), view, id, true)?)
}

pub(super) fn visible_fraction(run: &mut Run<'_>, x: Object, from: View) -> Result<f64, Fault> {
    fraction(run, &from, x.0)
}

pub(super) fn sees(run: &mut Run<'_>, v: View, x: Object) -> Result<bool, Fault> {
    Ok(fraction(run, &v, x.0)? >= SEEN)
}

pub(super) fn occluders(run: &mut Run<'_>, x: Object, from: View) -> Result<Vec<Object>, Fault> {
    instance(run, x.0)?;
    let hiding = reasmory_render::occluders(run.memory(), run.points(), &from, x.0, true)?;
    let mut near = Vec::with_capacity(hiding.len());
    for id in hiding {
        near.push((instance(run, id)?.obb.distance_to_point(from.eye), id));
    }
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    Ok(near.into_iter().map(|n| Object(n.1)).collect())
}

/// Whether a photo shows an object: what the memory says, else what its geometry says.
fn shows(run: &Run<'_>, number: u32, id: u32) -> Result<bool, Fault> {
    let seen_in = &instance(run, id)?.seen_in;
    if !seen_in.is_empty() {
        return Ok(seen_in.contains(&number));
    }
    Ok(fraction(run, &photo(run, number)?.view(), id)? >= SEEN)
}

fn any_shown(run: &Run<'_>, number: u32, xs: &[Object]) -> Result<bool, Fault> {
    for x in xs {
        if shows(run, number, x.0)? {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) fn photos_seeing(run: &mut Run<'_>, xs: Vec<Object>) -> Result<Vec<Photo>, Fault> {
    let mut out = Vec::new();
    for p in &run.manifest().photos {
        if any_shown(run, p.number, &xs)? {
            out.push(Photo(p.number));
        }
    }
    Ok(out)
}

pub(super) fn best_photo_of(run: &mut Run<'_>, x: Object) -> Result<Photo, Fault> {
    best_photo(run, x.0)?.map(Photo).ok_or_else(|| unseen(run, "best_photo_of", &[x]))
}

/// Number of the photo that shows most of an object; the earlier of equals.
pub(super) fn best_photo(run: &Run<'_>, id: u32) -> Result<Option<u32>, Fault> {
    let mut best: Option<(f64, u32)> = None;
    for p in &run.manifest().photos {
        if !shows(run, p.number, id)? {
            continue;
        }
        let share = fraction(run, &p.view(), id)?;
        if best.is_none_or(|b| share > b.0) {
            best = Some((share, p.number));
        }
    }
    Ok(best.map(|b| b.1))
}

pub(super) fn first_seen(run: &mut Run<'_>, xs: Vec<Object>) -> Result<Photo, Fault> {
    for p in &run.manifest().photos {
        if any_shown(run, p.number, &xs)? {
            return Ok(Photo(p.number));
        }
    }
    Err(unseen(run, "first_seen", &xs))
}

pub(super) fn last_seen(run: &mut Run<'_>, xs: Vec<Object>) -> Result<Photo, Fault> {
    for p in run.manifest().photos.iter().rev() {
        if any_shown(run, p.number, &xs)? {
            return Ok(Photo(p.number));
        }
    }
    Err(unseen(run, "last_seen", &xs))
}

/// The fault of an operation that looks for a photo of something no photo shows.
fn unseen(run: &Run<'_>, op: &str, xs: &[Object]) -> Fault {
    let what = match xs {
        [] => return empty(op),
        [x] => format!("the {}", run.manifest().instance_name(x.0)),
        _ => format!("any of these {} objects", xs.len()),
    };
    Fault::no_value(match run.manifest().photos.len() {
        0 => format!("`{op}` has no value: this memory has no photos"),
        n => format!("`{op}` has no value: none of the {n} photos shows {what}; give `else=`"),
    })
}
