//! Names by prompt: a frontend looks for categories in the memory's photos, and what it sees is matched with the
//! instances that the photos show.

use std::collections::BTreeMap;
use std::path::Path;

use reasmory_frontend::registry::{self, Settings};
use reasmory_frontend::{FrontendError, Grounder, Job, Photo};
use reasmory_ground::Region;
use reasmory_render::Cloud;
use reasmory_scene::regroup::{self, UNLABELLED};
use reasmory_scene::{Manifest, Memory};

use super::{INSIDE, Labelling, Seen};
use crate::Failure;
use crate::edit::failure;

/// Least intersection over union of a box that was said and the box of an instance's visible pixels.
const ALIKE: f64 = 0.3;

/// A thing that a frontend sees in a photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    /// The photo's number.
    pub photo: u32,
    /// Left, top, right, bottom, pixels of the photo.
    pub sides: [f64; 4],
    /// What it is called.
    pub category: String,
    /// How sure that is, in [0, 1].
    pub score: f64,
}

fn failed(e: FrontendError) -> Failure {
    Failure::new(e.what, e.remedy)
}

/// The box around a region.
fn around(r: &Region) -> Option<[f64; 4]> {
    let w = r.width();
    let mut b: Option<[u32; 4]> = None;
    for (start, len) in r.runs() {
        // A run may go on in the next rows.
        let (first, last) = (start / w, (start + len - 1) / w);
        let (left, right) =
            if first == last { (start % w, (start + len - 1) % w + 1) } else { (0, w) };
        let e = b.get_or_insert([left, first, right, last + 1]);
        *e = [e[0].min(left), e[1].min(first), e[2].max(right), e[3].max(last + 1)];
    }
    b.map(|b| b.map(f64::from))
}

/// Asks a frontend for categories in the photos of the memory at `dir`.
pub fn look(
    dir: &Path,
    ground: &str,
    prompts: &[String],
    settings: &Settings,
    job: &Job<'_>,
) -> Result<Labelling, Failure> {
    let memory = reasmory_store::open(dir).map_err(crate::import::store_failure)?;
    let m = memory.manifest();
    let grounder = registry::ground(ground, settings).map_err(failed)?;
    let Some(Grounder::Photos(grounder)) = grounder else {
        return Err(Failure::new(
            format!("`{ground}` looks at no photos"),
            "use a grounding that does, for instance `vlm-boxes` with `--model NAME`",
        ));
    };
    let mut numbers = Vec::new();
    let mut photos = Vec::new();
    for p in &m.photos {
        let Some(image) = &p.image else { continue };
        let photo = Photo::of_file(&dir.join(image), p.time).map_err(failed)?;
        numbers.push(p.number);
        photos.push(Photo { name: p.name.clone(), ..photo });
    }
    if photos.is_empty() {
        return Err(Failure::new(
            format!("{}: has no photos with pixels", dir.display()),
            "name instances by id, or build the memory from photos",
        ));
    }
    for p in &mut photos {
        p.address().map_err(failed)?;
    }
    let found = grounder.ground(&photos, prompts, job).map_err(failed)?;
    let mut sightings = Vec::new();
    for ((number, photo), masks) in numbers.iter().zip(&photos).zip(&found.photos) {
        let Some(k) = m.photo(*number).map(|p| p.pinhole) else { continue };
        let (sx, sy) = (
            f64::from(k.width) / f64::from(photo.width),
            f64::from(k.height) / f64::from(photo.height),
        );
        for mask in masks {
            let Some(b) = around(&mask.region) else { continue };
            sightings.push(Sighting {
                photo: *number,
                sides: [b[0] * sx, b[1] * sy, b[2] * sx, b[3] * sy],
                category: mask.label.trim().to_lowercase(),
                score: f64::from(mask.score),
            });
        }
    }
    Ok(Labelling::Sightings { by: grounder.identity().name, all: sightings })
}

/// Pixels of each instance in a picture: how many, and the box around them.
fn shown(seen: &Seen) -> BTreeMap<u32, (u32, [u32; 4])> {
    let mut all: BTreeMap<u32, (u32, [u32; 4])> = BTreeMap::new();
    for (at, id) in seen.instance.iter().enumerate().filter(|(_, id)| **id != 0) {
        let (x, y) = (at as u32 % seen.width, at as u32 / seen.width);
        let e = all.entry(*id).or_insert((0, [x, y, x + 1, y + 1]));
        e.0 += 1;
        let b = e.1;
        e.1 = [b[0].min(x), b[1].min(y), b[2].max(x + 1), b[3].max(y + 1)];
    }
    all
}

fn alike(a: [u32; 4], b: [u32; 4]) -> f64 {
    let area = |r: [u32; 4]| f64::from(r[2] - r[0]) * f64::from(r[3] - r[1]);
    let w = f64::from(a[2].min(b[2])) - f64::from(a[0].max(b[0]));
    let h = f64::from(a[3].min(b[3])) - f64::from(a[1].max(b[1]));
    let both = w.max(0.0) * h.max(0.0);
    both / (area(a) + area(b) - both)
}

/// Names instances without a name by what was seen of them: in each photo a box means the instance that is most like
/// it, and the category with more than half of the weight (score times likeness) over all photos is the name.
pub(super) fn name(memory: &Memory, by: &str, all: &[Sighting]) -> Result<Memory, Failure> {
    let m = memory.manifest();
    let mut votes: BTreeMap<u32, BTreeMap<&str, f64>> = BTreeMap::new();
    let cloud = Cloud::new(memory);
    let mut photos: Vec<u32> = all.iter().map(|s| s.photo).collect();
    photos.sort_unstable();
    photos.dedup();
    let mut met = 0;
    for photo in photos {
        let seen = Seen::of(memory, &cloud, photo)?;
        let shown = shown(&seen);
        for s in all.iter().filter(|s| s.photo == photo) {
            let Ok(inside) = seen.clip(s.sides) else { continue };
            let mut within: BTreeMap<u32, u32> = BTreeMap::new();
            for at in seen.places(&inside) {
                *within.entry(seen.instance[at]).or_default() += 1;
            }
            let mut best: Option<(f64, u32)> = None;
            for (id, (pixels, b)) in &shown {
                let part = f64::from(within.get(id).copied().unwrap_or(0)) / f64::from(*pixels);
                let like = alike(*b, inside.0);
                if part >= INSIDE && like >= ALIKE && best.is_none_or(|x| like > x.0) {
                    best = Some((like, *id));
                }
            }
            if let Some((like, id)) = best {
                met += 1;
                *votes.entry(id).or_default().entry(&s.category).or_default() += like * s.score;
            }
        }
    }
    let mut names: Vec<(u32, String)> = Vec::new();
    let unnamed = |m: &Manifest, id: u32| m.instance(id).is_some_and(|i| i.category == UNLABELLED);
    for (id, of) in votes.iter().filter(|(id, _)| unnamed(m, **id)) {
        let sum: f64 = of.values().sum();
        let most = of.iter().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0)));
        if let Some((category, _)) = most.filter(|(_, w)| **w > 0.5 * sum) {
            names.push((*id, (*category).to_owned()));
        }
    }
    if names.is_empty() {
        return Err(Failure::new(
            format!(
                "{by} saw {} things in the photos; {met} of them are instances, none of which lacks a name",
                all.len()
            ),
            "ask for other categories (`--prompts`), or name instances by a box (`--photo N --box L,T,R,B --as NAME`)",
        ));
    }
    let because =
        format!(" by {by}, which saw {} things in the photos, {met} of them instances", all.len());
    regroup::name(memory, &names, &because).map_err(failure)
}
