//! What a camera and a detector record of a generated room, as a folder that `import` and `build` read, and what
//! is true of the room, as a file.

use std::path::Path;

use image::{ExtendedColorType, ImageEncoder as _, codecs::png::PngEncoder};
use reasmory_geom::Pose;
use reasmory_render::encode_png;
use reasmory_synth::{Camera, Degradation, Rng, Room, render, truth};
use serde_json::{Value, json};

use crate::Failure;
use crate::files::write_atomic;

/// Least pixels of a mask that a detector reports.
const LEAST: usize = 12;

/// The bytes of a grey PNG of 16 bits.
fn grey16(values: &[u16], width: u32, height: u32) -> Result<Vec<u8>, Failure> {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_ne_bytes()).collect();
    let mut out = Vec::new();
    PngEncoder::new(&mut out)
        .write_image(&bytes, width, height, ExtendedColorType::L16)
        .map_err(|e| Failure::new(format!("a picture: {e}"), "choose another size"))?;
    Ok(out)
}

/// Name of the `i`-th picture, from 0.
fn name(i: usize) -> String {
    format!("{:04}", i + 1)
}

/// The rows of a matrix as Open3D writes them below `i i n`.
fn rows(i: usize, pose: &Pose) -> String {
    let m = pose.matrix();
    let row = |r: usize| format!("{} {} {} {}\n", m[(r, 0)], m[(r, 1)], m[(r, 2)], m[(r, 3)]);
    format!("{i} {i} {}\n{}", i + 1, (0..4).map(row).collect::<String>())
}

/// Records a room: `color/` and `depth/` (16 bits, millimetres), `trajectory.log` and `camera.json` as Open3D has
/// them, `masks/` with a label map for each picture and `labels.json`, `times.txt` in seconds for a video. Poses,
/// depth and masks err as `errors` says; where masks overlap, the nearer thing has the pixel.
pub fn recording(
    room: &Room,
    cameras: &[Camera],
    errors: &Degradation,
    dir: &Path,
) -> Result<(), Failure> {
    let root = Rng::new(errors.seed).fork(room.seed).fork(91);
    let (mut log, mut times) = (String::new(), String::new());
    let mut labels = serde_json::Map::new();
    for (i, c) in cameras.iter().enumerate() {
        let f = render(room, &c.pose, &c.pinhole);
        let (w, h) = (c.pinhole.width, c.pinhole.height);
        let mut rng = root.fork(i as u64);
        log += &rows(i, &errors.pose(&c.pose, &mut rng));
        let depth = errors.depth(&f.depth, &mut rng);
        let mm: Vec<u16> = depth.iter().map(|z| (z * 1000.0).round().min(65534.0) as u16).collect();
        let mut map = vec![0u16; f.depth.len()];
        let mut own = serde_json::Map::new();
        // Far things first, so that near ones lie over them.
        let mut order: Vec<_> = room.pieces.iter().collect();
        let far = |p: &reasmory_synth::Piece| (p.obb.center - c.pose.center).norm();
        order.sort_by(|a, b| far(b).total_cmp(&far(a)).then(a.id.cmp(&b.id)));
        for p in order {
            let mut rng = rng.fork(u64::from(p.id));
            let Some((mask, of)) = errors.mask(&f, p.id, room.pieces.len(), &mut rng) else {
                continue;
            };
            if mask.iter().filter(|m| **m).count() < LEAST {
                continue;
            }
            mask.iter().zip(&mut map).filter(|(m, _)| **m).for_each(|(_, v)| *v = p.id as u16);
            let label = room.piece(of).map_or(p.category, |q| q.category);
            own.insert(p.id.to_string(), json!(label));
        }
        labels.insert(name(i), Value::Object(own));
        let png =
            encode_png(&f.rgb).map_err(|e| Failure::new(e.to_string(), "choose another size"))?;
        write_atomic(&dir.join("color").join(format!("{}.png", name(i))), &png)?;
        write_atomic(&dir.join("depth").join(format!("{}.png", name(i))), &grey16(&mm, w, h)?)?;
        write_atomic(&dir.join("masks").join(format!("{}.png", name(i))), &grey16(&map, w, h)?)?;
        if let Some(t) = c.time {
            times += &format!("{t}\n");
        }
    }
    write_atomic(&dir.join("trajectory.log"), log.as_bytes())?;
    let text = |v: &Value| format!("{v:#}\n").into_bytes();
    write_atomic(&dir.join("masks").join("labels.json"), &text(&Value::Object(labels)))?;
    if let Some(k) = cameras.first().map(|c| c.pinhole) {
        // Open3D's pixels are centred on whole numbers.
        let matrix = [k.fx, 0.0, 0.0, 0.0, k.fy, 0.0, k.cx - 0.5, k.cy - 0.5, 1.0];
        let camera = json!({"width": k.width, "height": k.height, "intrinsic_matrix": matrix});
        write_atomic(&dir.join("camera.json"), &text(&camera))?;
    }
    if !times.is_empty() {
        write_atomic(&dir.join("times.txt"), times.as_bytes())?;
    }
    Ok(())
}

/// What is true of a room or flat and its memory does not say: rooms, doorways, what stands on what
/// (`spec/json/synth-truth.v1.json`).
pub fn truth_json(room: &Room, errors: &Degradation) -> Value {
    let layout = room.layout.as_ref();
    let corners = |o: &[[f64; 2]]| o.iter().map(|p| json!(p)).collect::<Vec<_>>();
    let one = || {
        let ids: Vec<u32> = room.pieces.iter().map(|p| p.id).collect();
        vec![json!({
            "name": "room", "outline": corners(&room.outline), "area_m2": truth::area(room), "pieces": ids,
        })]
    };
    let rooms = layout.map_or_else(one, |l| {
        let of = |c: &reasmory_synth::Chamber| {
            let [lo, hi] = c.span;
            json!({
                "name": c.name,
                "outline": corners(&c.outline()),
                "area_m2": (hi[0] - lo[0]) * (hi[1] - lo[1]),
                "pieces": (c.pieces[0]..c.pieces[1]).collect::<Vec<_>>(),
            })
        };
        l.rooms.iter().map(of).collect()
    });
    let doorways: Vec<Value> = layout.map_or_else(Vec::new, |l| {
        let of = |w: &reasmory_synth::Doorway| {
            let size = [0, 1].map(|k| w.span[1][k] - w.span[0][k]);
            json!({
                "between": w.between, "center": w.middle(), "width": size[0].max(size[1]), "height": w.top,
            })
        };
        l.doorways.iter().map(of).collect()
    });
    let piece = |p: &reasmory_synth::Piece| json!({"id": p.id, "category": p.category, "on": p.support, "parts": p.parts.len()});
    json!({
        "schema": 1,
        "name": room.name(),
        "seed": room.seed,
        "errors": errors.to_string(),
        "height": room.height,
        "rooms": rooms,
        "doorways": doorways,
        "pieces": room.pieces.iter().map(piece).collect::<Vec<_>>(),
    })
}
