//! What a person may choose (`--set NAME=VALUE`).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::{FrontendError, video};

/// Which photos are compared with which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matching {
    /// All with all up to 200 photos and for photos of a folder; neighbours in order for video frames.
    Auto,
    /// All with all.
    Exhaustive,
    /// Each with the next ones.
    Sequential,
}

/// Options of the frontend.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// `colmap=PATH`: the binary to use.
    pub colmap: Option<PathBuf>,
    /// `python=PATH`: the Python whose pycolmap to use.
    pub python: Option<PathBuf>,
    /// `matching=auto|exhaustive|sequential`.
    pub matching: Matching,
    /// `features=N`: most features of a photo.
    pub features: u32,
    /// `image-size=PIXELS`: photos are reduced to this for finding features.
    pub image_size: u32,
    /// `camera=MODEL`: COLMAP's camera model.
    pub camera: String,
    /// `width=PIXELS`: longer side of the dense depth.
    pub width: u32,
    /// `dense=yes|no`: whether dense depth is made.
    pub dense: bool,
    /// `gate=yes|no`: whether photos with incoherent poses are dropped.
    pub gate: bool,
    /// `hold-out=NAME,…`: photos that are registered but take no part in dense depth.
    pub hold_out: Vec<String>,
    /// `limit=SECONDS`: longest that a step may take.
    pub limit: Duration,
    /// How a video is sampled.
    pub video: video::Options,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            colmap: None,
            python: None,
            matching: Matching::Auto,
            features: 8192,
            image_size: 1600,
            camera: "SIMPLE_RADIAL".into(),
            width: 640,
            dense: true,
            gate: true,
            hold_out: Vec::new(),
            limit: Duration::from_secs(4 * 3600),
            video: video::Options::default(),
        }
    }
}

const NAMES: &str = "colmap, python, matching, features, image-size, camera, width, dense, gate, hold-out, limit; for videos \
     ffmpeg, fps, frames, blur, previews";
/// Camera models whose photos COLMAP undistorts.
const CAMERAS: [&str; 6] =
    ["SIMPLE_PINHOLE", "PINHOLE", "SIMPLE_RADIAL", "RADIAL", "OPENCV", "OPENCV_FISHEYE"];

impl Options {
    /// Reads options. Names with a dot belong to others.
    pub fn read(given: &BTreeMap<String, String>) -> Result<Options, FrontendError> {
        let mut o = Options::default();
        for (name, value) in given.iter().filter(|(n, _)| !n.contains('.')) {
            let bad = |one_of: &str| {
                FrontendError::input(
                    format!("`--set {name}={value}` is not understood by colmap"),
                    format!("give {one_of}"),
                )
            };
            let number = |least: u32, most: u32| {
                let n = value.parse().ok().filter(|n| (least..=most).contains(n));
                n.ok_or_else(|| bad(&format!("a whole number from {least} to {most}")))
            };
            let yes = || match value.as_str() {
                "yes" | "true" | "on" => Ok(true),
                "no" | "false" | "off" => Ok(false),
                _ => Err(bad("yes or no")),
            };
            match name.as_str() {
                "colmap" => o.colmap = Some(PathBuf::from(value)),
                "python" => o.python = Some(PathBuf::from(value)),
                "matching" => {
                    o.matching = match value.as_str() {
                        "auto" => Matching::Auto,
                        "exhaustive" => Matching::Exhaustive,
                        "sequential" => Matching::Sequential,
                        _ => return Err(bad("auto, exhaustive or sequential")),
                    };
                }
                "features" => o.features = number(64, 65536)?,
                "image-size" => o.image_size = number(128, 16384)?,
                "camera" => {
                    let known = CAMERAS.iter().find(|c| c.eq_ignore_ascii_case(value));
                    o.camera = (*known.ok_or_else(|| bad(&CAMERAS.join(", ")))?).to_owned();
                }
                "width" => o.width = number(64, 4096)?,
                "dense" => o.dense = yes()?,
                "gate" => o.gate = yes()?,
                "hold-out" => {
                    let names = value.split(',').map(str::trim).filter(|n| !n.is_empty());
                    o.hold_out = names.map(str::to_owned).collect();
                }
                "limit" => o.limit = Duration::from_secs(number(1, 10_000_000)?.into()),
                _ => {
                    match o.video.take(name, value) {
                        Some(Ok(())) => continue,
                        Some(Err(one_of)) => return Err(bad(&one_of)),
                        None => {}
                    }
                    return Err(FrontendError::input(
                        format!("colmap has no option `{name}`"),
                        format!("it has {NAMES}"),
                    ));
                }
            }
        }
        if o.colmap.is_some() && o.python.is_some() {
            return Err(FrontendError::input(
                "`--set colmap=` and `--set python=` are both given",
                "give one of them",
            ));
        }
        Ok(o)
    }

    /// Whether photos are matched in order.
    pub(super) fn sequential(&self, video: bool, photos: usize) -> bool {
        match self.matching {
            Matching::Exhaustive => false,
            Matching::Sequential => true,
            Matching::Auto => video || photos > 200,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Options, FrontendError> {
        let map = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        Options::read(&map)
    }

    #[test]
    fn options_are_read_or_refused() {
        let o = read(&[
            ("camera", "opencv"),
            ("width", "800"),
            ("hold-out", "a.png, b.png"),
            ("x.y", "1"),
        ]);
        let o = o.unwrap();
        assert_eq!((o.camera.as_str(), o.width, o.hold_out.len()), ("OPENCV", 800, 2));
        assert!(!o.sequential(false, 30) && o.sequential(true, 30) && o.sequential(false, 900));
        for bad in [
            [("width", "9")],
            [("gate", "maybe")],
            [("matching", "all")],
            [("camera", "FISH")],
            [("limit", "-1")],
            [("widht", "640")],
        ] {
            assert!(read(&bad).is_err(), "{bad:?}");
        }
        assert!(read(&[("colmap", "a"), ("python", "b")]).is_err());
    }
}
