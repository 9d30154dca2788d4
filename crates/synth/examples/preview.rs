//! Writes the default photo set of some rooms as PNG files, with timings and fit errors.
//!
//! `cargo run --release -p reasmory_synth --example preview -- DIR [FIRST_SEED [ROOMS]]`

use std::time::Instant;

use reasmory_synth::{
    FusionOptions, Room, RoomOptions, from_frames, labels, photo_set, render_all, truth, video_path,
};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let Some(dir) = args.get(1) else {
        eprintln!("usage: preview DIR [FIRST_SEED [ROOMS]]");
        std::process::exit(2);
    };
    let number = |i: usize, or: u64| args.get(i).and_then(|a| a.parse().ok()).unwrap_or(or);
    let (first, rooms) = (number(2, 1), number(3, 4));
    std::fs::create_dir_all(dir).expect("the directory can be made");
    for seed in first..first + rooms {
        let start = Instant::now();
        let options = RoomOptions { l_shaped: seed % 4 == 0, ..RoomOptions::default() };
        let room = Room::generate(seed, &options);
        let made = start.elapsed();
        let cameras = photo_set(&room, 14, 640, 480);
        let planned = start.elapsed();
        let frames = render_all(&room, &cameras);
        let rendered = start.elapsed();
        let memory = from_frames(
            &room.name(),
            &frames,
            &cameras,
            &labels(&room, true),
            &FusionOptions::default(),
        )
        .expect("a sound memory");
        let fused = start.elapsed();
        println!(
            "{} pieces={} points={} | room {made:?} cameras {:?} render {:?} fuse {:?}",
            room.name(),
            room.pieces.len(),
            memory.points().len(),
            planned - made,
            rendered - planned,
            fused - rendered
        );
        let m = memory.manifest();
        println!(
            "  area {:.2} fitted {:.2}",
            truth::area(&room),
            m.room.as_ref().and_then(|r| r.area()).unwrap_or(0.0)
        );
        if m.instances.len() == room.pieces.len() {
            for i in &m.instances {
                let e = truth::box_error(&room, i.id, &i.obb).expect("same ids");
                println!(
                    "  {:2} {:13} center {:5.1} cm size {:5.1} cm seen in {}",
                    i.id,
                    i.category,
                    e.center * 100.0,
                    e.size * 100.0,
                    i.seen_in.len()
                );
            }
        }
        // A sheet of four by four pictures at half size: the photos and two views of the video.
        let video = video_path(&room, 8, 20.0, 640, 480);
        let more = render_all(&room, &[video[1], video[5]]);
        let mut sheet = image::RgbImage::new(4 * 320, 4 * 240);
        for (n, f) in frames.iter().chain(&more).enumerate().take(16) {
            for y in 0..240u32 {
                for x in 0..320u32 {
                    let at = |dx: u32, dy: u32| {
                        f.rgb.pixels[((2 * y + dy) * 640 + 2 * x + dx) as usize].map(u32::from)
                    };
                    let (a, b, c, d) = (at(0, 0), at(1, 0), at(0, 1), at(1, 1));
                    let mean = std::array::from_fn(|k| ((a[k] + b[k] + c[k] + d[k] + 2) / 4) as u8);
                    let (sx, sy) = (n as u32 % 4 * 320, n as u32 / 4 * 240);
                    sheet.put_pixel(sx + x, sy + y, image::Rgb(mean));
                }
            }
        }
        sheet.save(format!("{dir}/{}.png", room.name())).expect("the sheet can be written");
        let f = &frames[0].rgb;
        let bytes = f.pixels.iter().flatten().copied().collect();
        image::RgbImage::from_raw(f.width, f.height, bytes)
            .expect("sizes agree")
            .save(format!("{dir}/{}-1.png", room.name()))
            .expect("the picture can be written");
    }
}
