//! What was given to build from: its kind, its photos, what of it cannot be used.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use reasmory_import::{Format, ImportError};

use crate::{FrontendError, Job};

/// Extensions of pictures that are looked at.
const PICTURES: [&str; 3] = ["png", "jpg", "jpeg"];
/// Extensions of pictures that people have and that are not read: they are named instead of passed over.
const OTHER_PICTURES: [&str; 8] = ["heic", "heif", "webp", "tif", "tiff", "bmp", "avif", "dng"];
/// Extensions of videos.
const VIDEOS: [&str; 7] = ["mp4", "mov", "mkv", "webm", "avi", "m4v", "mpg"];
/// Most photos of an input.
const MAX_PHOTOS: usize = 20_000;

/// A photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Photo {
    /// Name: its file's, without folders.
    pub name: String,
    /// Its picture file.
    pub file: PathBuf,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// BLAKE3 of the file's bytes, hexadecimal.
    pub digest: String,
    /// Seconds, where known.
    pub time: Option<f64>,
}

/// What kind of source it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A folder of photos, or one photo.
    Photos,
    /// A video file.
    Video,
    /// Posed RGB-D.
    Rgbd(Format),
    /// RGB-D without poses.
    UnposedRgbd,
    /// Anything else that `import` reads.
    Scene(Format),
    /// `synth:SEED`: a generated room.
    Synthetic(u64),
}

impl Kind {
    /// As in reports.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Photos => "photos",
            Kind::Video => "video",
            Kind::Rgbd(_) => "rgbd",
            Kind::UnposedRgbd => "rgbd-unposed",
            Kind::Scene(_) => "scene",
            Kind::Synthetic(_) => "synthetic",
        }
    }
}

/// A photo that is not used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub photo: String,
    /// Why.
    pub why: String,
    /// Whether it is the same file as another: nothing is lost.
    pub duplicate: bool,
}

/// An input.
#[derive(Clone, Debug)]
pub struct Input {
    /// As given.
    pub path: PathBuf,
    /// Name of the scene.
    pub name: String,
    /// Kind.
    pub kind: Kind,
    /// Photos of a folder, in natural order of their names; empty for other kinds, whose frontends know.
    pub photos: Vec<Photo>,
    /// Photos that cannot be used.
    pub left_out: Vec<LeftOut>,
    /// Address of the content, hexadecimal: of the photos' bytes and names, or of the files.
    pub digest: String,
}

/// The seed of `synth:SEED`.
fn seed(path: &Path) -> Option<Result<u64, FrontendError>> {
    let text = path.to_str()?.strip_prefix("synth:")?;
    Some(text.parse().map_err(|_| {
        FrontendError::input(format!("synth:{text}: is no seed"), "write `synth:7`, a whole number")
    }))
}

fn has_extension(path: &Path, any: &[&str]) -> bool {
    path.extension()
        .is_some_and(|e| any.iter().any(|x| e.to_string_lossy().eq_ignore_ascii_case(x)))
}

/// Looks at an input without reading more than it needs. `photos` are then read by [`read_photos`].
pub fn kind(path: &Path) -> Result<Kind, FrontendError> {
    if let Some(seed) = seed(path) {
        return seed.map(Kind::Synthetic);
    }
    if !path.exists() {
        return Err(FrontendError::input(
            format!("{}: does not exist", path.display()),
            "give a folder of photos, a video, posed RGB-D or anything `reasmory import` reads",
        ));
    }
    if path.is_file() && has_extension(path, &VIDEOS) {
        return Ok(Kind::Video);
    }
    if path.is_file() && has_extension(path, &PICTURES) {
        return Ok(Kind::Photos);
    }
    match reasmory_import::detect(path) {
        Ok(f @ (Format::NpzRgbd | Format::Open3dRgbd | Format::TumRgbd)) => Ok(Kind::Rgbd(f)),
        Ok(f) => Ok(Kind::Scene(f)),
        Err(_) if reasmory_import::is_unposed_depth(path) => Ok(Kind::UnposedRgbd),
        Err(e) if path.is_dir() => {
            let some = |any: &[&str]| files(path).map(|l| l.iter().any(|f| has_extension(f, any)));
            if some(&PICTURES)? {
                Ok(Kind::Photos)
            } else if some(&OTHER_PICTURES)? {
                let what = format!("{}: has pictures of kinds that are not read", path.display());
                Err(FrontendError::input(what, "convert them to JPEG or PNG"))
            } else {
                Err(unknown(e))
            }
        }
        Err(e) => Err(unknown(e)),
    }
}

fn unknown(e: ImportError) -> FrontendError {
    FrontendError::input(
        format!("{}: holds no photos and {}", e.path.display(), e.what),
        "give a folder of JPEG or PNG photos, a video, posed RGB-D, or a format of spec/importers.md",
    )
}

fn files(dir: &Path) -> Result<Vec<PathBuf>, FrontendError> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(FrontendError::io(dir, "list"))? {
        let path = entry.map_err(FrontendError::io(dir, "list"))?.path();
        if path.is_file() {
            out.push(path);
        }
    }
    out.sort_by(|a, b| reasmory_import::natural_order(&leaf(a), &leaf(b)));
    Ok(out)
}

fn leaf(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Looks at an input.
pub fn inspect(path: &Path, job: &Job<'_>) -> Result<Input, FrontendError> {
    let kind = kind(path)?;
    let name = match kind {
        Kind::Synthetic(seed) => format!("synth-{seed}"),
        Kind::Video => {
            path.file_stem().map_or("video".into(), |s| s.to_string_lossy().into_owned())
        }
        _ => reasmory_import::scene_name(path),
    };
    let mut input = Input {
        path: path.to_owned(),
        name,
        kind,
        photos: vec![],
        left_out: vec![],
        digest: String::new(),
    };
    match kind {
        Kind::Photos => {
            let list = if path.is_dir() { files(path)? } else { vec![path.to_owned()] };
            (input.photos, input.left_out) = read_photos(&list, job)?;
            let mut hash = blake3::Hasher::new();
            for p in &input.photos {
                hash.update(p.name.as_bytes()).update(&[0]).update(p.digest.as_bytes());
            }
            input.digest = hash.finalize().to_hex().to_string();
        }
        Kind::Synthetic(seed) => {
            input.digest = blake3::hash(&seed.to_le_bytes()).to_hex().to_string();
        }
        _ => input.digest = digest_of(path, job)?,
    }
    Ok(input)
}

/// Decodes pictures: those that are photos, and those that cannot be used with the reason. Files that are no
/// pictures by their names are passed over.
pub fn read_photos(
    list: &[PathBuf],
    job: &Job<'_>,
) -> Result<(Vec<Photo>, Vec<LeftOut>), FrontendError> {
    let pictures: Vec<&PathBuf> = list
        .iter()
        .filter(|f| has_extension(f, &PICTURES) || has_extension(f, &OTHER_PICTURES))
        .collect();
    if pictures.len() > MAX_PHOTOS {
        let what = format!("{} photos are more than {MAX_PHOTOS}", pictures.len());
        return Err(FrontendError::input(what, "give fewer: every tenth, for instance"));
    }
    let total = pictures.len() as u64;
    let (mut photos, mut left_out) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    // In portions, so that a stop is heard.
    for (k, part) in pictures.chunks(16).enumerate() {
        job.step(16 * k as u64, total, "reading photos")?;
        let read: Vec<Result<Photo, String>> = part.par_iter().map(|f| read_photo(f)).collect();
        for (file, photo) in part.iter().zip(read) {
            match photo {
                Err(why) => left_out.push(LeftOut { photo: leaf(file), why, duplicate: false }),
                Ok(photo) => match seen.get(&photo.digest) {
                    Some(first) => left_out.push(LeftOut {
                        photo: photo.name,
                        why: format!("is the same picture as {first}"),
                        duplicate: true,
                    }),
                    None => {
                        seen.insert(photo.digest.clone(), photo.name.clone());
                        photos.push(photo);
                    }
                },
            }
        }
    }
    Ok((photos, left_out))
}

fn read_photo(file: &Path) -> Result<Photo, String> {
    if has_extension(file, &OTHER_PICTURES) {
        return Err("is of a kind that is not read; convert it to JPEG or PNG".into());
    }
    // Decoded whole: a picture that is cut has a good head.
    let pixels = reasmory_import::read_picture(file).map_err(|e| e.what)?;
    let digest = hash_file(file).map_err(|e| e.to_string())?;
    let (width, height) = (pixels.width, pixels.height);
    Ok(Photo { name: leaf(file), file: file.to_owned(), width, height, digest, time: None })
}

impl Photo {
    /// The photo in a file, by the head of its picture. The digest is left empty: [`Photo::address`] fills it.
    pub fn of_file(file: &Path, time: Option<f64>) -> Result<Photo, FrontendError> {
        let (width, height) = reasmory_import::picture_size(file)?;
        let (name, file) = (leaf(file), file.to_owned());
        Ok(Photo { name, file, width, height, digest: String::new(), time })
    }

    /// Fills the digest where it is empty.
    pub fn address(&mut self) -> Result<(), FrontendError> {
        if self.digest.is_empty() {
            self.digest = hash_file(&self.file).map_err(FrontendError::io(&self.file, "read"))?;
        }
        Ok(())
    }
}

fn hash_file(file: &Path) -> std::io::Result<String> {
    let mut hash = blake3::Hasher::new();
    std::io::copy(&mut std::fs::File::open(file)?, &mut hash)?;
    Ok(hash.finalize().to_hex().to_string())
}

/// Address of a file's bytes, or of all files below a folder with their names.
pub fn digest_of(path: &Path, job: &Job<'_>) -> Result<String, FrontendError> {
    if path.is_file() {
        return hash_file(path).map_err(FrontendError::io(path, "read"));
    }
    let mut all = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(dir) = folders.pop() {
        for entry in std::fs::read_dir(&dir).map_err(FrontendError::io(&dir, "list"))? {
            let entry = entry.map_err(FrontendError::io(&dir, "list"))?;
            let kind = entry.file_type().map_err(FrontendError::io(&dir, "list"))?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if entry.path().is_file() {
                all.push(entry.path());
            }
        }
    }
    all.sort_unstable();
    let mut hash = blake3::Hasher::new();
    for file in &all {
        job.check()?;
        let own = hash_file(file).map_err(FrontendError::io(file, "read"))?;
        let name = file.strip_prefix(path).unwrap_or(file).to_string_lossy();
        hash.update(name.as_bytes()).update(&[0]).update(own.as_bytes());
    }
    Ok(hash.finalize().to_hex().to_string())
}
