//! Videos: which frames are used, and where they come from. Decoding is done by the program `ffmpeg`.

mod ffmpeg;
pub mod select;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

pub use ffmpeg::find;
pub use select::{Budget, Chosen, Measured};

use crate::build::write_whole;
use crate::{FrontendError, Job, Photo};

/// Previews that a mapping lists where nobody asks for another number: what vision models are usually shown.
const PREVIEWS: usize = 16;

/// How a video is sampled.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// `ffmpeg=PATH`: the program; found on the search path otherwise.
    pub ffmpeg: Option<PathBuf>,
    /// `fps=N`, `frames=N`, `blur=PART`.
    pub budget: Budget,
    /// `previews=N`: previews that the mapping lists.
    pub previews: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { ffmpeg: None, budget: Budget::default(), previews: PREVIEWS }
    }
}

impl Options {
    /// Takes the option `name`; `None` where it is not one of a video's.
    pub fn take(&mut self, name: &str, value: &str) -> Option<Result<(), String>> {
        let number = |least: f64, most: f64| {
            let n = value.parse::<f64>().ok().filter(|n| (least..=most).contains(n));
            n.ok_or_else(|| format!("a number from {least} to {most}"))
        };
        let done = match name {
            "ffmpeg" => {
                self.ffmpeg = Some(PathBuf::from(value));
                Ok(())
            }
            "fps" => number(0.01, 240.0).map(|n| self.budget.fps = n),
            "frames" => number(2.0, 5000.0).map(|n| self.budget.count = n as usize),
            "blur" => number(0.0, 1.0).map(|n| self.budget.blur = n),
            "previews" => number(1.0, 1000.0).map(|n| self.previews = n as usize),
            _ => return None,
        };
        Some(done)
    }
}

/// A frame that is used.
#[derive(Clone, Debug, PartialEq)]
pub struct Used {
    /// Number of the frame in the video, from 0.
    pub frame: usize,
    /// Seconds.
    pub time: f64,
    /// Name of the photo made of it.
    pub name: String,
}

/// Which frames of a video are used, and which of these are the previews that a vision model is shown. A preview
/// is always a frame that is used, so that what is said of it can be looked up without a factor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// The frames used, in order.
    pub used: Vec<Used>,
    /// Places of the previews in `used`.
    pub previews: Vec<usize>,
    /// Times at which another shot begins, seconds.
    pub cuts: Vec<f64>,
}

impl Mapping {
    /// The frame used for a preview, counted from 0.
    pub fn of_preview(&self, preview: usize) -> Option<&Used> {
        self.used.get(*self.previews.get(preview)?)
    }

    /// The frame used that is nearest to a time.
    pub fn at(&self, time: f64) -> Option<&Used> {
        let times: Vec<f64> = self.used.iter().map(|u| u.time).collect();
        self.used.get(select::nearest(&times, time)?)
    }

    /// As in `frames.json` (`spec/json/frames.v1.json`).
    pub fn json(&self, video: &str) -> Value {
        let used: Vec<Value> = self
            .used
            .iter()
            .map(|u| json!({"name": u.name, "frame": u.frame, "time": u.time}))
            .collect();
        let previews: Vec<Value> = self
            .previews
            .iter()
            .map(|p| json!({"name": self.used[*p].name, "time": self.used[*p].time}))
            .collect();
        json!({"schema": 1, "video": video, "frames": used, "previews": previews, "cuts": self.cuts})
    }
}

/// Photos of a video's chosen frames, in `scratch/frames`, with their mapping, which is also written to
/// `frames.json` in the work folder.
pub fn photos(
    video: &Path,
    options: &Options,
    job: &Job<'_>,
) -> Result<(Vec<Photo>, Mapping, String), FrontendError> {
    let program = ffmpeg::find(options.ffmpeg.as_deref())?;
    let folder = job.scratch().join("frames");
    std::fs::create_dir_all(&folder).map_err(FrontendError::io(&folder, "create"))?;
    let measured = ffmpeg::measure(&program, video, job)?;
    let chosen = select::choose(&measured, &options.budget);
    if chosen.frames.is_empty() {
        let what = format!("{}: has no frame that can be decoded", video.display());
        return Err(FrontendError::input(what, "check that the video plays"));
    }
    let files = ffmpeg::extract(&program, video, &chosen.frames, &folder, job)?;
    let first = measured[0].time;
    let (mut photos, mut mapping) = (Vec::new(), Mapping::default());
    for (frame, file) in chosen.frames.iter().zip(files) {
        let time = measured[*frame].time - first;
        let mut photo = Photo::of_file(&file, Some(time))?;
        photo.address()?;
        mapping.used.push(Used { frame: *frame, time, name: photo.name.clone() });
        photos.push(photo);
    }
    mapping.previews = select::previews(photos.len(), options.previews);
    mapping.cuts = chosen.cuts.iter().map(|c| measured[*c].time - first).collect();
    let name = video.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let text = serde_json::to_string_pretty(&mapping.json(&name)).unwrap_or_default();
    write_whole(&job.scratch().join("frames.json"), (text + "\n").as_bytes())?;
    let note = format!(
        "{} of {} frames of {name} were used ({} places had only blurred ones; {} cuts between shots); \
         frames.json says which.",
        photos.len(),
        measured.len(),
        chosen.blurred,
        mapping.cuts.len()
    );
    Ok((photos, mapping, note))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mapping_of_previews_is_explicit() {
        let used =
            |i: usize| Used { frame: 15 * i, time: 0.5 * i as f64, name: format!("f{i}.jpg") };
        let m = Mapping {
            used: (0..9).map(used).collect(),
            previews: select::previews(9, 3),
            cuts: vec![2.0],
        };
        assert_eq!(m.of_preview(1).map(|u| u.frame), Some(60));
        assert_eq!(m.of_preview(3), None);
        assert_eq!(m.at(3.2).map(|u| u.frame), Some(90));
        let v = m.json("walk.mp4");
        assert_eq!(v["previews"][2]["name"], "f8.jpg");
        assert_eq!(v["frames"].as_array().map(Vec::len), Some(9));
    }

    #[test]
    fn options_are_read_or_refused() {
        let mut o = Options::default();
        assert_eq!(o.take("fps", "4"), Some(Ok(())));
        assert_eq!(o.take("frames", "30"), Some(Ok(())));
        assert_eq!((o.budget.fps, o.budget.count), (4.0, 30));
        assert!(o.take("fps", "fast").is_some_and(|r| r.is_err()));
        assert!(o.take("blur", "2").is_some_and(|r| r.is_err()));
        // What is not a video's is another's.
        assert_eq!(o.take("width", "9"), None);
    }

    /// A program that stands in for ffmpeg: 40 frames of four a second; it gives pictures when asked to.
    #[cfg(unix)]
    fn stand_in(dir: &Path, script: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = dir.join("ffmpeg");
        std::fs::write(&path, format!("#!/bin/sh\nDIR='{}'\n{script}", dir.display())).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[cfg(unix)]
    const GOOD: &str = "case \"$*\" in\n\
        *rawvideo*) i=0; while [ $i -lt 40 ]; do\n\
          echo \"[Parsed_showinfo_2 @ 0x1] n: $i pts: 9 pts_time:$((i / 4)).$((i % 4 * 25)) x\" >&2\n\
          head -c 76800 /dev/zero; i=$((i + 1)); done;;\n\
        *) for last; do :; done; n=$(echo \"$*\" | tr '+' '\\n' | grep -c 'eq(n'); i=1\n\
          while [ $i -le $n ]; do cp \"$DIR/one.jpg\" \"$(printf \"$last\" $i)\"; i=$((i + 1)); done;;\n\
        esac\n";

    #[cfg(unix)]
    #[test]
    fn frames_become_photos_with_their_times() {
        use crate::{Cancel, Quiet};
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        image::RgbImage::new(8, 6).save(at("one.jpg")).unwrap();
        std::fs::write(at("walk.mp4"), "x").unwrap();
        let cancel = Cancel::default();
        let job = Job::new(&Quiet, &cancel, at("scratch"));
        let with = |script: &str| {
            let ffmpeg = Some(stand_in(dir.path(), script));
            photos(&at("walk.mp4"), &Options { ffmpeg, ..Options::default() }, &job)
        };
        let (found, mapping, note) = with(GOOD).unwrap();
        // 9.75 s at 2 frames a second, both ends kept.
        assert_eq!((found.len(), found[0].time, found[19].time), (20, Some(0.0), Some(9.75)));
        assert_eq!(found[19].name, "frame-000039.jpg");
        assert!(note.contains("20 of 40 frames of walk.mp4"), "{note}");
        assert_eq!(
            (mapping.previews.len(), mapping.of_preview(15).map(|u| u.frame)),
            (16, Some(39))
        );
        let text = std::fs::read_to_string(at("scratch/frames.json")).unwrap();
        let v: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(v["frames"][19]["frame"], 39);
        for (script, says) in [
            ("echo 'moov atom not found' >&2; exit 1", "moov atom not found"),
            ("head -c 76800 /dev/zero", "1 frames and 0 times"),
            ("", "no frame that can be decoded"),
        ] {
            let e = with(script).unwrap_err();
            assert!(e.what.contains(says), "{script}: {e}");
        }
    }
}
