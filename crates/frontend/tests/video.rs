//! A real video: rendered frames, encoded and decoded by ffmpeg. Where there is no ffmpeg the test says so.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use reasmory_frontend::video::{self, Budget, Options};
use reasmory_frontend::{Cancel, Fault, Job, Quiet};
use reasmory_synth::{Room, RoomOptions, arc, render_all};

const SIZE: (u32, u32) = (96, 72);
const RATE: f64 = 10.0;
/// Frames of the first shot, and of both.
const CUT: usize = 30;
const ALL: usize = 45;
/// Blurred frames, among them one of a place where a frame is looked for.
const BLURRED: std::ops::Range<usize> = 13..17;

type Frame = Vec<[u8; 3]>;

fn shot(seed: u64, n: usize) -> Vec<Frame> {
    let room = Room::generate(seed, &RoomOptions::default());
    let cameras = arc(&room, n, 1.2, SIZE.0, SIZE.1);
    render_all(&room, &cameras).into_iter().map(|f| f.rgb.pixels).collect()
}

fn blurred(f: &Frame) -> Frame {
    let (w, h) = (SIZE.0 as i64, SIZE.1 as i64);
    let at = |x: i64, y: i64| f[(y.clamp(0, h - 1) * w + x.clamp(0, w - 1)) as usize];
    (0..w * h)
        .map(|i| {
            let (x, y) = (i % w, i / w);
            let mut sum = [0u32; 3];
            for (dx, dy) in (-4..=4).flat_map(|dx| (-4..=4).map(move |dy| (dx, dy))) {
                for (s, v) in sum.iter_mut().zip(at(x + dx, y + dy)) {
                    *s += u32::from(v);
                }
            }
            sum.map(|s| (s / 81) as u8)
        })
        .collect()
}

fn encode(ffmpeg: &Path, frames: &[Frame], to: &Path) {
    let mut child = Command::new(ffmpeg)
        .args(["-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-r", "10"])
        .args(["-s", &format!("{}x{}", SIZE.0, SIZE.1), "-i", "-"])
        // Every build has this encoder; it has frames that depend on others.
        .args(["-c:v", "mpeg4", "-q:v", "2", "-y"])
        .arg(to)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    for f in frames {
        pipe.write_all(f.as_flattened()).unwrap();
    }
    drop(pipe);
    assert!(child.wait().unwrap().success());
}

fn apart(a: &Frame, b: &Frame) -> f64 {
    let sum: f64 =
        a.as_flattened().iter().zip(b.as_flattened()).map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
    sum / (3 * a.len()) as f64
}

#[test]
fn frames_of_a_video_are_chosen_and_are_what_they_say() {
    let ffmpeg = match video::find(None) {
        Ok(p) => p,
        Err(e) => {
            assert!(e.fault == Fault::Input && e.remedy.contains("REASMORY_FFMPEG"), "{e}");
            let _ = std::io::stderr().write_all(format!("SKIPPED: {e}\n").as_bytes());
            return;
        }
    };
    let mut frames = shot(3, CUT);
    frames.extend(shot(11, ALL - CUT));
    for i in BLURRED {
        frames[i] = blurred(&frames[i]);
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("walk.mp4");
    encode(&ffmpeg, &frames, &file);
    let cancel = Cancel::default();
    let with = |name: &str, budget: Budget| {
        let job = Job::new(&Quiet, &cancel, dir.path().join(name));
        let options = Options { ffmpeg: Some(ffmpeg.clone()), budget, previews: 4 };
        video::photos(&file, &options, &job).unwrap()
    };
    let (photos, mapping, note) = with("two", Budget { fps: 2.0, ..Budget::default() });
    let chosen: Vec<usize> = mapping.used.iter().map(|u| u.frame).collect();
    // Two a second over 4.4 s; both ends; none of the blurred ones; both sides of the cut.
    assert!((8..=11).contains(&chosen.len()), "{chosen:?}");
    assert_eq!((chosen[0], *chosen.last().unwrap()), (0, ALL - 1));
    assert!(chosen.iter().all(|f| !BLURRED.contains(f)), "{chosen:?}");
    assert!(chosen.iter().any(|f| (CUT..CUT + 6).contains(f)), "{chosen:?}");
    assert_eq!(mapping.cuts.len(), 1, "{:?}", mapping.cuts);
    assert!((mapping.cuts[0] - CUT as f64 / RATE).abs() < 1e-3, "{:?}", mapping.cuts);
    assert!(note.contains(&format!("of {ALL} frames of walk.mp4")), "{note}");
    // A photo is the frame that its number says: no other frame is nearer to it.
    for (photo, used) in photos.iter().zip(&mapping.used) {
        assert!((used.time - used.frame as f64 / RATE).abs() < 1e-3, "{used:?}");
        assert_eq!((photo.time, &photo.name), (Some(used.time), &used.name));
        let pixels = image::open(&photo.file).unwrap().to_rgb8();
        assert_eq!(pixels.dimensions(), SIZE);
        let pixels: Frame = pixels.pixels().map(|p| p.0).collect();
        let off = |i: &usize| apart(&pixels, &frames[*i]);
        let nearest = (0..ALL).min_by(|a, b| off(a).total_cmp(&off(b))).unwrap();
        assert_eq!(nearest, used.frame, "{} and {}", off(&nearest), off(&used.frame));
    }
    // Previews are frames that are used, looked up by name and time.
    assert_eq!(
        (mapping.previews.len(), mapping.of_preview(3).map(|u| u.frame)),
        (4, Some(ALL - 1))
    );
    let third = mapping.of_preview(2).unwrap();
    assert_eq!(mapping.at(third.time), Some(third));
    // A smaller budget.
    let (few, mapping, _) = with("few", Budget { count: 5, ..Budget::default() });
    assert_eq!((few.len(), mapping.used[0].frame, mapping.used[4].frame), (5, 0, ALL - 1));
    // Half a file.
    let bytes = std::fs::read(&file).unwrap();
    let half = dir.path().join("half.mp4");
    std::fs::write(&half, &bytes[..bytes.len() / 2]).unwrap();
    let job = Job::new(&Quiet, &cancel, dir.path().join("half"));
    let options = Options { ffmpeg: Some(ffmpeg.clone()), ..Options::default() };
    let e = video::photos(&half, &options, &job).unwrap_err();
    assert!(e.what.contains("could not decode") && !e.remedy.is_empty(), "{e}");
}
