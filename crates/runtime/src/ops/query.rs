//! Objects, photos, categories, the room.

use crate::abi::{Category, Object, Photo, Place, Region, Text};
use crate::choose::{Asked, Candidate, Choice};
use crate::fault::FaultKind;
use crate::place::{self, instance};
use crate::{Fault, Run};

pub(super) fn objects(run: &mut Run<'_>, category: Option<Category>) -> Result<Vec<Object>, Fault> {
    Ok(match category {
        // Instances are numbered from 1 in their order.
        None => (1..=run.manifest().instances.len() as u32).map(Object).collect(),
        Some(c) => ids(run, c).iter().map(|id| Object(*id)).collect(),
    })
}

/// Ids of the instances of a category; none where the memory does not have it.
fn ids<'m>(run: &Run<'m>, c: Category) -> &'m [u32] {
    run.manifest().categories.get(c.0 as usize).map_or(&[], |entry| &entry.instances)
}

pub(super) fn without(_: &mut Run<'_>, xs: Vec<Object>, x: Place) -> Result<Vec<Object>, Fault> {
    let out = match x {
        Place::Object(id) => vec![id],
        Place::Objects(ids) => ids,
        Place::Point(_) | Place::View(_) | Place::Photo(_) | Place::Region(_) => vec![],
    };
    Ok(xs.into_iter().filter(|o| !out.contains(&o.0)).collect())
}

pub(super) fn the(run: &mut Run<'_>, category: Category) -> Result<Object, Fault> {
    match ids(run, category) {
        [id] => Ok(Object(*id)),
        [] => Err(none_of(run, "the", category)),
        several => {
            let name = run.category_name(category);
            let list = join(several.iter().map(|id| run.manifest().instance_name(*id)), 8);
            Err(Fault::new(
                FaultKind::Ambiguous,
                format!(
                    "`the` needs exactly one {name}, and the memory has {}: {list}; choose one with `best(\"{name}\")`, or `objects(\"{name}\")` and `nearest(to=…)`, `largest()` or `leftmost(from=…)`",
                    several.len()
                ),
            ))
        }
    }
}

pub(super) fn best(run: &mut Run<'_>, category: Category) -> Result<Object, Fault> {
    let best = run.manifest().most_certain(ids(run, category));
    best.map(Object).ok_or_else(|| none_of(run, "best", category))
}

/// The fault of a category without instances, with the names that it may have meant.
fn none_of(run: &Run<'_>, op: &str, category: Category) -> Fault {
    let m = run.manifest();
    let name = run.category_name(category);
    if let Some(n) = m.categories.get(category.0 as usize).and_then(|c| c.stated_count) {
        return Fault::no_value(format!(
            "`{op}`: the memory states {n} × {name} but knows no place of one; only counting is possible"
        ));
    }
    let near = near_names(name, m.categories.iter().map(|c| c.name.as_str()));
    let hint = if !near.is_empty() {
        format!("did you mean {}?", join(near.iter().map(|n| format!("`{n}`")), 3))
    } else if m.categories.is_empty() {
        "it has no categories at all".to_owned()
    } else {
        let all = m.categories.iter().map(|c| c.name.clone());
        format!("its categories are {}", join(all, 12))
    };
    Fault::no_value(format!("`{op}`: the memory has no {name}; {hint}"))
}

/// Known names that resemble a wrong one, best first: those within a third of its length in edits, and
/// those that share a whole word with it.
fn near_names<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let limit = (wrong.chars().count() / 3).max(1);
    let words: Vec<&str> = wrong.split_whitespace().collect();
    let mut scored: Vec<(usize, &str)> = known
        .filter_map(|name| {
            let d = strsim::damerau_levenshtein(wrong, name);
            let shared = name.split_whitespace().any(|w| words.contains(&w));
            (d <= limit || shared).then_some((d, name))
        })
        .collect();
    scored.sort_unstable();
    scored.into_iter().take(3).map(|s| s.1).collect()
}

/// The first `most` of some names, joined by commas, and how many more there are.
fn join(names: impl ExactSizeIterator<Item = String>, most: usize) -> String {
    let more = names.len().saturating_sub(most);
    let mut text = names.take(most).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

pub(super) fn categories(run: &mut Run<'_>) -> Result<Vec<Category>, Fault> {
    Ok((0..run.manifest().categories.len() as u32).map(Category).collect())
}

pub(super) fn count_of(run: &mut Run<'_>, category: Category) -> Result<i64, Fault> {
    let entry = run.manifest().categories.get(category.0 as usize);
    Ok(entry.map_or(0, |c| c.stated_count.map_or(c.instances.len() as i64, i64::from)))
}

pub(super) fn photo(run: &mut Run<'_>, number: i64) -> Result<Photo, Fault> {
    u32::try_from(number)
        .ok()
        .filter(|n| run.manifest().photo(*n).is_some())
        .map(Photo)
        .ok_or_else(|| place::no_photo(run, number))
}

pub(super) fn photos(run: &mut Run<'_>) -> Result<Vec<Photo>, Fault> {
    Ok(run.manifest().photos.iter().map(|p| Photo(p.number)).collect())
}

pub(super) fn room(run: &mut Run<'_>) -> Result<Region, Fault> {
    if run.manifest().room.is_some() { Ok(Region::Room) } else { Err(place::no_room("room")) }
}

pub(super) fn floor(_: &mut Run<'_>) -> Result<Region, Fault> {
    Ok(Region::Floor)
}

pub(super) fn category(run: &mut Run<'_>, x: Object) -> Result<Category, Fault> {
    let name = instance(run, x.0)?.category.as_str();
    let known = &run.manifest().categories;
    known
        .binary_search_by(|c| c.name.as_str().cmp(name))
        .map(|i| Category(i as u32))
        .map_err(|_| Fault::new(FaultKind::CorruptMemory, format!("no category `{name}`")))
}

pub(super) fn name(run: &mut Run<'_>, x: Object) -> Result<Text, Fault> {
    instance(run, x.0)?;
    Ok(run.manifest().instance_name(x.0).into())
}

pub(super) fn confidence(run: &mut Run<'_>, x: Object) -> Result<f64, Fault> {
    Ok(f64::from(instance(run, x.0)?.confidence))
}

pub(super) fn number(run: &mut Run<'_>, p: Photo) -> Result<i64, Fault> {
    Ok(i64::from(place::photo(run, p.0)?.number))
}

/// Most objects that a model is shown for one choice.
const MOST_CANDIDATES: usize = 24;

pub(super) fn pick(run: &mut Run<'_>, xs: Vec<Object>, which: Text) -> Result<Object, Fault> {
    if xs.is_empty() {
        return Err(place::empty("pick"));
    }
    let names = join(xs.iter().map(|o| run.manifest().instance_name(o.0)), 8);
    let Some(chooser) = run.chooser() else {
        return Err(Fault::new(
            FaultKind::ModelUnavailable,
            format!(
                "`pick` asks a vision-language model which of {names} is \"{which}\", and this run has none; choose by geometry instead: `nearest(to=…)`, `largest()`, `leftmost(from=…)` or `filter(…)`"
            ),
        ));
    };
    if xs.len() > MOST_CANDIDATES {
        return Err(Fault::new(
            FaultKind::RunLimit,
            format!(
                "`pick` shows a model at most {MOST_CANDIDATES} objects, and was given {}: filter them first",
                xs.len()
            ),
        ));
    }
    run.spend_ask()?;
    let mut candidates = Vec::with_capacity(xs.len());
    for x in &xs {
        let size = instance(run, x.0)?.obb.size();
        candidates.push(Candidate { id: x.0, name: run.manifest().instance_name(x.0), size });
    }
    let metric = run.manifest().scale.is_metric();
    let asked = Asked { phrase: which.to_string(), candidates, metric, loc: run.loc() };
    let side = run.limits.asked_picture;
    let mut pictures = || super::candidates::pictures(run, &asked.candidates, side);
    match chooser.choose(&asked, &mut pictures)? {
        Choice::One(i) => xs.get(i).copied().ok_or_else(|| {
            Fault::new(FaultKind::Internal, format!("choice {i} of {} candidates", xs.len()))
        }),
        Choice::Nothing => Err(Fault::no_value(format!(
            "`pick`: the model finds that none of {names} is \"{which}\"; give `else=`, or describe another"
        ))),
    }
}
