//! Memories: import, describe, verify, render.

use std::path::{Path, PathBuf};

use reasmory_driver::config::Config;
use reasmory_driver::edit::{self, Change, Known};
use reasmory_driver::frontends::registry::Settings;
use reasmory_driver::frontends::{Cancel, Job, Progress};
use reasmory_driver::import::store_failure;
use reasmory_driver::label::{Labelling, Place, look};
use reasmory_driver::picture::{self, Kind, Viewpoint};
use reasmory_driver::scene::Bounds;
use reasmory_driver::scene::edit::RoomChange;
use reasmory_driver::{Failure, Scene, describe, files, import as importing, store};
use serde_json::{Value, json};

use super::progress::Bar;
use super::{build, say, say_json};
use crate::Ending;
use crate::args;

pub(super) fn import(a: &args::Import) -> Result<Ending, Failure> {
    let request = importing::Request {
        scene: a.scene.clone(),
        all: a.all,
        format: a.format.clone(),
        metric: a.metric,
        masks: a.masks.clone(),
        // Only masks have labels that the project's words are for.
        synonyms: match &a.masks {
            Some(_) => Config::of("-", None)?.labels,
            None => Default::default(),
        },
    };
    let summaries = importing::import(&a.path, &a.out, &request)?;
    if a.json {
        let scenes: Vec<Value> = summaries.iter().map(importing::Summary::json).collect();
        say_json(&json!({"schema": 1, "scenes": scenes}))?;
    } else {
        for s in &summaries {
            say(&s.text())?;
        }
    }
    Ok(Ending::Clean)
}

pub(super) fn open(dir: &Path) -> Result<Scene, Failure> {
    store::open(dir).map(Scene::new).map_err(store_failure)
}

pub(super) fn scene(a: &args::Scene) -> Result<Ending, Failure> {
    let [verb, dir, rest @ ..] = a.what.as_slice() else {
        return a.what.first().map_or_else(|| Err(usage()), |dir| show(dir, a.json));
    };
    let words: Vec<String> = rest.iter().map(|w| w.to_string_lossy().into_owned()).collect();
    let l = &a.labelling;
    let change = match (verb.to_str(), words.as_slice()) {
        (Some("show"), []) if l.photo.is_some() => return show_photo(dir, a),
        (Some("segment"), []) => Change::Segment { replace: l.replace },
        (Some("label"), []) if !l.prompts.is_empty() => Change::Label(by_prompt(dir, l)?),
        (Some("label"), words) => Change::Label(labelling(l, words)?),
        (Some("show"), []) => return show(dir, a.json),
        (Some("verify"), []) => return verify(dir, a.json),
        (Some("rename"), [from, to]) => Change::Rename { from: from.clone(), to: to.clone() },
        (Some("merge"), [_, _, ..]) => Change::Merge(words),
        (Some("drop"), [_, ..]) => Change::Drop(words),
        (Some("split"), [instance]) => Change::Split { instance: instance.clone(), gap: a.gap },
        (Some("crop"), []) => match (a.min, a.max) {
            (Some(min), Some(max)) => Change::Crop(Bounds { min: min.0, max: max.0 }),
            _ => return Err(usage()),
        },
        (Some("set-room"), []) => Change::SetRoom(RoomChange {
            outline: a.room.outline.as_ref().map(|o| o.0.clone()),
            floor: a.room.floor,
            ceiling: a.room.ceiling,
            area: a.room.area,
        }),
        (Some("upgrade"), []) => Change::Upgrade,
        (Some("diff"), [_]) => return diff(dir, Path::new(&rest[0]), a.json),
        (Some("calibrate"), []) => {
            let k = &a.known;
            let known = match (&k.length, &k.height_of, &k.longest_side_of, k.between) {
                (Some(l), ..) => Known::Length(*l),
                (_, Some(i), ..) => Known::Height(i.clone()),
                (_, _, Some(i), _) => Known::Longest(i.clone()),
                (.., Some((a, b))) => Known::Baseline(a, b),
                _ if k.camera_height => Known::CameraHeight,
                _ => return Err(no_length()),
            };
            Change::Calibrate { known, metres: k.metres.ok_or_else(no_length)? }
        }
        _ => return Err(usage()),
    };
    let manifest = edit::edit(dir, a.out.as_deref().unwrap_or(dir), &change)?;
    if a.json {
        say_json(&describe::json(&manifest))?;
    } else if change == Change::Upgrade {
        say(&format!("version {}\n", manifest.schema))?;
    } else if let Some(entry) = manifest.journal.last() {
        say(&format!("{}: {}\n", entry.action, entry.what))?;
    }
    Ok(Ending::Clean)
}

fn labelling(l: &args::Labelling, words: &[String]) -> Result<Labelling, Failure> {
    let place = match (&l.around, &l.click) {
        (Some(b), _) => Some(Place::Box { sides: b.0, alone: l.alone, new: l.new }),
        (None, Some(c)) => Some(Place::Click(c.0)),
        (None, None) => None,
    };
    match (words, &l.labels, l.photo, place, &l.name) {
        ([], Some(file), None, None, None) => Ok(Labelling::File(file.clone())),
        ([], None, Some(photo), Some(place), Some(name)) => {
            Ok(Labelling::Photo { photo, place, category: name.clone() })
        }
        ([which, name], None, None, None, None) => {
            Ok(Labelling::Instance(which.clone(), name.clone()))
        }
        _ => Err(Failure::new(
            "`scene label` needs a name and what it is the name of",
            "write `scene label DIR INSTANCE NAME`, `scene label DIR --labels FILE`, or \
             `scene label DIR --photo N --box L,T,R,B --as NAME` (or `--click X,Y`), or \
             `scene label DIR --prompts WORDS --model NAME`",
        )),
    }
}

/// What a frontend sees of the categories that are asked for.
fn by_prompt(dir: &Path, l: &args::Labelling) -> Result<Labelling, Failure> {
    let external = Config::of("-", None)?.frontends;
    let mut work = dir.as_os_str().to_owned();
    work.push(".label");
    let work = PathBuf::from(work);
    // Frontends of this program write nothing; others get a folder for what they say.
    if l.ground.starts_with("exec:") || external.contains_key(&l.ground) {
        std::fs::create_dir_all(&work)
            .map_err(|e| Failure::new(format!("{}: {e}", work.display()), "check the disk"))?;
    }
    let settings = Settings {
        options: build::options(&l.set)?,
        external,
        model: build::model(l.model.as_deref(), l.record.as_deref())?,
        logs: work.clone(),
        ..Settings::default()
    };
    let cancel = Cancel::default();
    build::listen(&cancel)?;
    let bar = Bar::new();
    bar.stage("looking at photos", 1, 1);
    let job = Job::new(&bar, &cancel, work.join("scratch"));
    let seen = look(dir, &l.ground, &build::prompts(&l.prompts), &settings, &job);
    bar.clear();
    seen
}

fn show_photo(dir: &Path, a: &args::Scene) -> Result<Ending, Failure> {
    let Some(out) = &a.out else {
        return Err(Failure::new(
            "`scene show DIR --photo N` draws a picture and needs a place for it",
            "add `-o FILE.png`",
        ));
    };
    let scene = open(dir)?;
    let png = picture::instances_over_photo(&scene, a.labelling.photo.unwrap_or(0))?;
    files::write_atomic(out, &png)?;
    say(&format!("{}\n", out.display()))?;
    Ok(Ending::Clean)
}

fn no_length() -> Failure {
    Failure::new(
        "`scene calibrate` needs one known length",
        "give `--metres M` with `--length L`, `--height-of INSTANCE`, `--longest-side-of INSTANCE`, \
         `--camera-height` or `--between A,B`",
    )
}

fn usage() -> Failure {
    Failure::new(
        "`scene` takes a memory, or a verb, a memory and what the verb takes",
        "write `reasmory scene DIR`, or `scene show|verify|calibrate|upgrade DIR`, `scene rename DIR FROM TO`, \
         `scene merge DIR INSTANCE INSTANCE…`, `scene split DIR INSTANCE`, `scene drop DIR INSTANCE…`, \
         `scene crop DIR --min X,Y,Z --max X,Y,Z`, `scene set-room DIR --floor Z`, `scene diff DIR OTHER`, \
         `scene segment DIR`, `scene label DIR INSTANCE NAME`, `scene show DIR --photo N -o FILE.png`",
    )
}

fn diff(dir: &Path, other: &Path, as_json: bool) -> Result<Ending, Failure> {
    let read = |dir: &Path| store::open_manifest(dir).map_err(store_failure);
    let differences = reasmory_driver::scene::diff(&read(dir)?, &read(other)?);
    if as_json {
        say_json(&edit::diff_json(&differences))?;
    } else {
        for d in &differences {
            say(&format!("{:<10} {d}\n", d.kind()))?;
        }
    }
    Ok(if differences.is_empty() { Ending::Clean } else { Ending::Findings })
}

pub(super) fn export(a: &args::Export) -> Result<Ending, Failure> {
    reasmory_driver::export::export(&a.scene, &a.out, a.format.as_deref())?;
    say(&format!("{}\n", a.out.display()))?;
    Ok(Ending::Clean)
}

fn show(dir: &Path, as_json: bool) -> Result<Ending, Failure> {
    let manifest = store::open_manifest(dir).map_err(store_failure)?;
    if as_json {
        say_json(&describe::json(&manifest))?;
    } else {
        say(&describe::text(&manifest))?;
    }
    Ok(Ending::Clean)
}

fn verify(dir: &Path, as_json: bool) -> Result<Ending, Failure> {
    let report = store::verify(dir).map_err(store_failure)?;
    if as_json {
        let damage: Vec<Value> = report.damage.iter().map(|d| json!(d.to_string())).collect();
        say_json(&json!({
            "schema": 1,
            "intact": report.is_intact(),
            "files": report.files,
            "bytes": report.bytes,
            "damage": damage,
            "strangers": report.strangers,
        }))?;
    } else if report.is_intact() {
        say(&format!("intact: {} files, {} bytes\n", report.files, report.bytes))?;
    } else {
        for d in &report.damage {
            say(&format!("damaged: {d}\n"))?;
        }
        say("restore the memory from its source: import it again\n")?;
    }
    Ok(if report.is_intact() { Ending::Clean } else { Ending::Findings })
}

pub(super) fn render(a: &args::Render) -> Result<Ending, Failure> {
    let kind = match a.kind {
        args::Picture::Ego => Kind::Ego,
        args::Picture::Top => Kind::Top,
        args::Picture::Plan => Kind::Plan,
        args::Picture::Depth => Kind::Depth,
        args::Picture::Normal => Kind::Normal,
        args::Picture::Side => Kind::Side,
    };
    let from = Viewpoint {
        photo: a.photo,
        at: a.at.map(|p| p.0),
        look_at: a.look_at.map(|p| p.0),
        heading: a.heading,
    };
    let scene = open(&a.scene)?;
    let name = a.out.to_string_lossy();
    let file = picture::render(&scene, kind, &from, (a.size.0, a.size.1), &name)?;
    files::write_atomic(&a.out, &file)?;
    say(&format!("{}\n", a.out.display()))?;
    Ok(Ending::Clean)
}
