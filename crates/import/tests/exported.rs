//! The JSON of exported memories, damaged by a fixed stream of chance: it is read or refused.

use reasmory_import::fuzz_exported;
use reasmory_scene::{Manifest, Memory, Points, Scale};

/// A stream of chance that is the same every time.
fn chance() -> impl FnMut(usize) -> usize {
    let mut state = 5u64;
    move |n| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n.max(1)
    }
}

#[test]
fn damaged_manifests_are_read_or_refused() {
    let full = reasmory_synth::synthetic_points(2_000, 3).unwrap();
    let mut m = full.manifest().as_ref().clone();
    m.points = 0;
    let boxes = Memory::new(m, Points::default(), None).unwrap();
    let empty = Manifest::empty("nothing", "test", Scale::relative("test"));
    let empty = Memory::new(empty, Points::default(), None).unwrap();
    let text = |m: &Memory| {
        format!(
            "{{\"schema\": 1, \"format\": \"reasmory-scene\", \"manifest\": {}}}",
            serde_json::to_string(m.manifest().as_ref()).unwrap()
        )
        .into_bytes()
    };
    let texts = [text(&boxes), text(&empty)];
    let mut chance = chance();
    let words: [&[u8]; 8] =
        [b"null", b"-1", b"1e999", b"[]", b"{}", b"\"\"", b"NaN", b"18446744073709551616"];
    for t in &texts {
        fuzz_exported(t);
    }
    for _ in 0..600 {
        let mut t = texts[chance(2)].clone();
        for _ in 0..=chance(3) {
            let at = chance(t.len());
            match chance(4) {
                0 => t[at] ^= 1 << chance(7),
                1 => t.truncate(at.max(1)),
                2 => {
                    // A number or a text becomes something else.
                    let from = (at..t.len()).find(|i| t[*i].is_ascii_digit()).unwrap_or(at);
                    let to = (from..t.len()).find(|i| b",]}".contains(&t[*i])).unwrap_or(t.len());
                    t.splice(from..to, words[chance(words.len())].iter().copied());
                }
                _ => {
                    let n = chance(30).min(t.len() - at);
                    let copy = t[at..at + n].to_vec();
                    t.splice(at..at, copy);
                }
            }
        }
        fuzz_exported(&t);
    }
}
