//! Rooms and flats with exact truth, what is recorded of them, and questions about them.

use std::path::Path;

use reasmory_driver::import::store_failure;
use reasmory_driver::record::{recording, truth_json};
use reasmory_driver::scene::Memory;
use reasmory_driver::synth::questions::{Answer, Asked, Sight, questions};
use reasmory_driver::synth::{
    Camera, Degradation, Room, RoomOptions, degraded, oracle_seen, photo_set, video_path,
};
use reasmory_driver::{Failure, files, store};
use serde_json::{Value, json};

use super::say;
use crate::Ending;
use crate::args::{self, Made};

pub(super) fn synth(a: &args::Synth) -> Result<Ending, Failure> {
    let errors = Degradation::parse(&a.degrade)
        .map_err(|e| Failure::new(format!("--degrade: {e}"), "see spec/synth.md"))?;
    match a.what {
        Made::Room | Made::Flat => {
            let (room, cameras) = made(a, a.seed, matches!(a.what, Made::Flat));
            let sight = Sight::of(&room, &cameras);
            let memory = erring(&exact(&room, &cameras, &sight)?, &errors)?;
            write(&memory, &a.out)?;
            let truth = format!("{:#}\n", truth_json(&room, &errors));
            files::write_atomic(&a.out.with_extension("truth.json"), truth.as_bytes())?;
            if let Some(dir) = &a.record {
                recording(&room, &cameras, &errors, dir)?;
                files::write_atomic(&dir.join("truth.json"), truth.as_bytes())?;
            }
            let rooms = room.layout.as_ref().map_or(1, |l| l.rooms.len());
            let rooms = if rooms > 1 { format!(" in {rooms} rooms") } else { String::new() };
            say(&format!("{}: {} pieces{rooms}\n", a.out.display(), room.pieces.len()))?;
        }
        Made::Questions => {
            if a.record.is_some() {
                let what = "--record is of one room, not of questions";
                return Err(Failure::new(what, "record each with `synth room` and its seed"));
            }
            let mut text = String::new();
            let mut n = 0;
            let kinds = (0..a.rooms).map(|i| (i, false)).chain((0..a.flats).map(|i| (i, true)));
            for (i, flat) in kinds {
                let (room, cameras) = made(a, a.seed.wrapping_add(i), flat);
                let name = room.name();
                let sight = Sight::of(&room, &cameras);
                let memory = exact(&room, &cameras, &sight)?;
                write(&memory, &a.out.join("scenes").join(format!("{name}.mem")))?;
                if !a.degrade.is_empty() {
                    let memory = erring(&memory, &errors)?;
                    write(&memory, &a.out.join("degraded").join(format!("{name}.mem")))?;
                }
                for q in questions(&room, &cameras, &sight, a.seed, usize::from(a.each)) {
                    n += 1;
                    text.push_str(&format!("{}\n", row(&format!("q{n:05}"), &name, &q)));
                }
            }
            files::write_atomic(&a.out.join("questions.jsonl"), text.as_bytes())?;
            let flats = if a.flats > 0 { format!(" and {} flats", a.flats) } else { String::new() };
            say(&format!("{}: {n} questions about {} rooms{flats}\n", a.out.display(), a.rooms))?;
        }
    }
    Ok(Ending::Clean)
}

/// A room and the cameras of its photos. Photos are views without pixels.
fn made(a: &args::Synth, seed: u64, flat: bool) -> (Room, Vec<Camera>) {
    let room = if flat {
        Room::flat(seed, a.flat_rooms.map(usize::from))
    } else {
        Room::generate(seed, &RoomOptions { full: a.full, ..RoomOptions::default() })
    };
    let (n, args::Size(w, h)) = (usize::from(a.photos), a.size);
    let cameras = match a.video {
        Some(seconds) => video_path(&room, n, f64::from(seconds), w, h),
        None => photo_set(&room, n, w, h),
    };
    (room, cameras)
}

fn exact(room: &Room, cameras: &[Camera], sight: &Sight) -> Result<Memory, Failure> {
    oracle_seen(room, cameras, sight)
        .map_err(|e| Failure::new(format!("the generated room: {e}"), "report the seed"))
}

fn erring(memory: &Memory, errors: &Degradation) -> Result<Memory, Failure> {
    degraded(memory, errors)
        .map_err(|e| Failure::new(format!("the generated room: {e}"), "report the seed"))
}

fn write(memory: &Memory, dir: &Path) -> Result<(), Failure> {
    let none = store::PictureFiles(Default::default());
    store::write(memory, &none, dir).map_err(store_failure)
}

fn row(id: &str, scene: &str, q: &Asked) -> Value {
    let options = (!q.options.is_empty()).then_some(&q.options);
    let answer = match q.answer {
        Answer::Number(x) => json!(x),
        Answer::Letter(l) => json!(l.to_string()),
    };
    json!({
        "id": id, "scene": scene, "type": q.family, "question": q.text, "options": options,
        "unit": q.unit, "answer": answer,
    })
}
