//! Rooms with exact truth, and questions about them.

use std::path::Path;

use reasmory_driver::import::store_failure;
use reasmory_driver::synth::questions::{Answer, Asked, questions};
use reasmory_driver::synth::{Camera, Room, RoomOptions, oracle, photo_set};
use reasmory_driver::{Failure, files, store};
use serde_json::{Value, json};

use super::say;
use crate::Ending;
use crate::args::{self, Made};

pub(super) fn synth(a: &args::Synth) -> Result<Ending, Failure> {
    match a.what {
        Made::Room => {
            let (room, cameras) = made(a.seed, a.photos);
            write(&room, &cameras, &a.out)?;
            say(&format!("{}: {} pieces\n", a.out.display(), room.pieces.len()))?;
        }
        Made::Questions => {
            let mut text = String::new();
            let mut n = 0;
            for i in 0..a.rooms {
                let (room, cameras) = made(a.seed.wrapping_add(i), a.photos);
                let name = room.name();
                write(&room, &cameras, &a.out.join("scenes").join(format!("{name}.mem")))?;
                for q in questions(&room, &cameras, a.seed, usize::from(a.each)) {
                    n += 1;
                    text.push_str(&format!("{}\n", row(&format!("q{n:05}"), &name, &q)));
                }
            }
            files::write_atomic(&a.out.join("questions.jsonl"), text.as_bytes())?;
            say(&format!("{}: {n} questions about {} rooms\n", a.out.display(), a.rooms))?;
        }
    }
    Ok(Ending::Clean)
}

/// A room and the cameras of its photos. Photos are views without pixels.
fn made(seed: u64, photos: u16) -> (Room, Vec<Camera>) {
    let room = Room::generate(seed, &RoomOptions::default());
    let cameras = photo_set(&room, usize::from(photos), 640, 480);
    (room, cameras)
}

fn write(room: &Room, cameras: &[Camera], dir: &Path) -> Result<(), Failure> {
    let memory = oracle(room, cameras, &[])
        .map_err(|e| Failure::new(format!("the generated room: {e}"), "report the seed"))?;
    let none = store::PictureFiles(Default::default());
    store::write(&memory, &none, dir).map_err(store_failure)
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
