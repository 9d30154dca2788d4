//! Memories: import, describe, verify, render.

use std::path::Path;

use reasmory_driver::import::store_failure;
use reasmory_driver::picture::{self, Kind, Viewpoint};
use reasmory_driver::{Failure, Scene, describe, files, import as importing, store};
use serde_json::{Value, json};

use super::{say, say_json};
use crate::Ending;
use crate::args;

pub(super) fn import(a: &args::Import) -> Result<Ending, Failure> {
    let request = importing::Request {
        scene: a.scene.clone(),
        all: a.all,
        format: a.format.clone(),
        metric: a.metric,
        masks: a.masks.clone(),
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
    match a.what.as_slice() {
        [verb, dir] if verb.as_os_str() == "verify" => verify(dir, a.json),
        [dir] => {
            let manifest = store::open_manifest(dir).map_err(store_failure)?;
            if a.json {
                say_json(&describe::json(&manifest))?;
            } else {
                say(&describe::text(&manifest))?;
            }
            Ok(Ending::Clean)
        }
        _ => Err(Failure::new(
            "`scene` takes a memory, or `verify` and a memory",
            "write `reasmory scene DIR` or `reasmory scene verify DIR`",
        )),
    }
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
    };
    let from = Viewpoint { photo: a.photo, at: a.at.map(|p| p.0), look_at: a.look_at.map(|p| p.0) };
    let scene = open(&a.scene)?;
    let png = picture::render(&scene, kind, &from, (a.size.0, a.size.1))?;
    files::write_atomic(&a.out, &png)?;
    say(&format!("{}\n", a.out.display()))?;
    Ok(Ending::Clean)
}
