//! NumPy archives of reconstruction models: depth or points of each pixel, cameras, how sure they are.

mod arrays;
mod cameras;
mod keys;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use reasmory_geom::{Pinhole, Point3, Pose};
use reasmory_scene::{Rgb8, Scale};

use crate::files::{self, has_extension};
use crate::npz::Npz;
use crate::posed::stated_scale;
use crate::rgbd::{self, Fusion, Picture, Pictured};
use crate::{ImportError, ImportOptions, Imported};
use arrays::Pixels;
use cameras::Sight;
use keys::Role;

/// Most pixels of all views.
const MAX_PIXELS: usize = 100_000_000;
/// Pixels of a lower probability are left out.
const LIKELY: f32 = 0.1;
/// Its logit, ln(0.1 / 0.9).
const LIKELY_LOGIT: f32 = -2.197_224_6;
/// Part of the pixels that is left out where confidence has no fixed scale: the least sure.
const LEAST: f64 = 0.2;
/// A hypothesis must be this much better than the one that names suggest.
const CLEARLY: f64 = 1.5;
const REMEDY: &str = "save the model's output as it is (spec/importers.md lists the names)";

/// The archive at `path` (a file, or a folder's first such file), by the arrays it holds.
pub(crate) fn source(path: &Path) -> Option<PathBuf> {
    let candidates = if path.is_dir() {
        files::list(path, |p| has_extension(p, &["npz"])).ok()?
    } else {
        vec![path.to_owned()]
    };
    candidates.into_iter().find(|p| {
        let Ok(bytes) = files::read(p, files::MAX_FILE) else { return false };
        bytes.starts_with(b"PK") && Npz::new(p, &bytes).is_ok_and(|npz| keys::fits(&npz.names()))
    })
}

pub(crate) fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let file = match source(path) {
        Some(f) => f,
        // A file that was named is read, so that the error says what it lacks.
        None if path.is_file() => path.to_owned(),
        None => {
            let what = "holds no archive of a reconstruction model";
            return Err(ImportError::new(path, "", what, REMEDY));
        }
    };
    let bytes = files::read(&file, files::MAX_FILE)?;
    let Read { mut views, scale, notes } = read(&file, &bytes, options)?;
    let beside = ["images", "rgb"].map(|n| file.parent().unwrap_or(Path::new(".")).join(n));
    let mut notes = notes;
    pictures(&mut views, &beside, &mut notes)?;
    let fusion = Fusion {
        name: files::stem(&file),
        format: "model-npz".into(),
        scale,
        up: None,
        voxel: options.voxel,
        masks: rgbd::read_masks(options, views.iter().map(|v| (&v.name, &v.lens)), &mut notes)?,
        fixed_poses: false,
        synonyms: options.synonyms.clone(),
        notes,
    };
    let views = views.into_iter().map(|v| v.coloured(&file)).collect::<Result<_, _>>()?;
    rgbd::fuse_views(&file, views, fusion)
}

/// What an archive yields.
pub(crate) struct Read {
    pub(crate) views: Vec<Pictured>,
    scale: Scale,
    notes: Vec<String>,
}

/// Where pixels are.
enum Geometry {
    Depth(Pixels),
    Local(Pixels),
    Points,
}

/// Reads an archive to posed depth.
pub(crate) fn read(
    path: &Path,
    bytes: &[u8],
    options: &ImportOptions,
) -> Result<Read, ImportError> {
    let mut npz = Npz::new(path, bytes)?;
    let names = npz.names();
    let lacks = |roles: &[Role], what: &str| {
        let what = format!("has no {what}: none of {}", keys::wanted(roles));
        ImportError::new(path, "", what, REMEDY)
    };
    let mut take = |role: Role, columns: usize| -> Result<Option<Pixels>, ImportError> {
        match arrays::read(&mut npz, &names, role)? {
            Some((key, a)) => arrays::pixels(&npz, key, a, columns).map(Some),
            None => Ok(None),
        }
    };
    let (depth, local, world) =
        (take(Role::Depth, 1)?, take(Role::Local, 3)?, take(Role::Points, 3)?);
    let size = [&depth, &local, &world].into_iter().flatten().next().map(Pixels::size);
    let (n, height, width) =
        size.ok_or_else(|| lacks(&keys::GEOMETRY, "depth or points of pixels"))?;
    for p in [&depth, &local, &world].into_iter().flatten() {
        same(path, p, (n, height, width))?;
    }
    if n * height * width > MAX_PIXELS {
        let what = format!("has {n} views of {width}×{height}, more than {MAX_PIXELS} pixels");
        return Err(ImportError::new(path, "", what, "save fewer views"));
    }
    let mask = take(Role::Mask, 1)?;
    let (sure_of_depth, sure_of_points) =
        (take(Role::Confidence, 1)?, take(Role::PointsConfidence, 1)?);
    for p in [&mask, &sure_of_depth, &sure_of_points].into_iter().flatten() {
        same(path, p, (n, height, width))?;
    }
    let images = match arrays::read(&mut npz, &names, Role::Images)? {
        Some((key, a)) => Some(arrays::images(&npz, key, a)?),
        None => None,
    };
    if let Some(i) = images.as_ref().filter(|i| i.views != n) {
        let what = format!("has {} pictures for {n} views", i.views);
        return Err(ImportError::new(path, &*i.key, what, REMEDY));
    }
    let mut notes = Vec::new();

    let (stated, encoded) = poses(&mut npz, &names, n, (width, height))?
        .ok_or_else(|| lacks(&keys::CAMERAS, "camera poses"))?;
    let mut lenses = lenses(&mut npz, &names, (n, width, height), &mut notes)?;
    if lenses.is_none() {
        lenses = encoded;
    }
    // Depth needs a lens; points show one.
    let geometry = match (depth, local, &world) {
        (Some(d), ..) if lenses.is_some() => Geometry::Depth(d),
        (_, Some(l), _) => Geometry::Local(l),
        (_, None, Some(_)) => Geometry::Points,
        (_, None, None) => {
            return Err(lacks(&[Role::Intrinsics, Role::Focals], "intrinsics beside its depth"));
        }
    };

    // Points of each view in its camera, where they are known without its pose.
    let locals: Option<Vec<Vec<[f64; 3]>>> = match &geometry {
        Geometry::Local(l) => Some((0..n).map(|i| l.points(i)).collect()),
        Geometry::Depth(d) => lenses
            .as_ref()
            .map(|lenses| (0..n).map(|i| unprojected(&lenses[i], d.view(i))).collect()),
        Geometry::Points => None,
    };
    if let Geometry::Local(l) = &geometry {
        let shown = (0..n)
            .map(|i| cameras::fitted(&l.points(i), width, height))
            .collect::<Option<Vec<_>>>();
        let shown = shown.ok_or_else(|| {
            ImportError::new(
                path,
                &*l.key,
                "holds points that no camera sees in its pixels",
                REMEDY,
            )
        })?;
        notes.push(format!(
            "Lenses were fitted to `{}`, whose points lie {:.2} pixels beside them.",
            l.key,
            worst(&shown)
        ));
        lenses = Some(shown.into_iter().map(|s| s.0).collect());
    }

    let chosen = direction(
        &stated,
        &Evidence {
            locals: locals.as_deref(),
            world: world.as_ref(),
            lenses: lenses.as_deref(),
            size: (width, height),
        },
    );
    notes.push(chosen.note);
    let poses = chosen.poses;
    let depths: Vec<Vec<f32>> = match (&geometry, &locals) {
        (Geometry::Depth(d), _) => (0..n).map(|i| d.view(i).to_vec()).collect(),
        (_, Some(l)) => l.iter().map(|v| v.iter().map(|p| p[2] as f32).collect()).collect(),
        (..) => {
            let world = world.as_ref().ok_or_else(|| lacks(&keys::GEOMETRY, "points"))?;
            let local: Vec<Vec<[f64; 3]>> =
                (0..n).map(|i| seen(&world.points(i), &poses[i])).collect();
            let shown =
                local.iter().map(|l| cameras::fitted(l, width, height)).collect::<Option<Vec<_>>>();
            let shown = shown.ok_or_else(|| {
                let what =
                    "holds points that its cameras do not see in their pixels, either way round";
                ImportError::new(
                    path,
                    &*world.key,
                    what,
                    "check that points and poses belong together",
                )
            })?;
            notes.push(format!(
                "Lenses were fitted to `{}`, whose points lie {:.2} pixels beside them.",
                world.key,
                worst(&shown)
            ));
            lenses = Some(shown.into_iter().map(|s| s.0).collect());
            local.iter().map(|v| v.iter().map(|p| p[2] as f32).collect()).collect()
        }
    };
    let sure = match geometry {
        Geometry::Points => sure_of_points.or(sure_of_depth),
        _ => sure_of_depth.or(sure_of_points),
    };
    let keep = kept(mask.as_ref(), sure.as_ref(), n * height * width, &mut notes);
    let lenses = lenses.ok_or_else(|| lacks(&[Role::Intrinsics, Role::Focals], "intrinsics"))?;
    let scale = if keys::find(&names, Role::Metric).is_some() {
        Scale::metric("the model estimates metres")
    } else {
        stated_scale(options.metric)
    };
    let used: Vec<usize> = {
        let most = options.max_views.unwrap_or(n).clamp(1, n);
        (0..most).map(|k| k * n / most).collect()
    };
    if used.len() < n {
        notes.push(format!("{} of {n} views, evenly spaced, were used.", used.len()));
    }
    let digits = n.to_string().len().max(2);
    let views = used.into_iter().map(|i| {
        let at = i * height * width;
        let depth = depths[i]
            .iter()
            .zip(&keep[at..])
            .map(|(d, k)| if *k && *d > 0.0 && d.is_finite() { *d } else { 0.0 });
        Pictured {
            name: format!("view-{:0digits$}", i + 1),
            picture: match &images {
                Some(p) => Picture::Pixels(Arc::new(rgb(p, i))),
                None => Picture::None,
            },
            lens: lenses[i],
            pose: poses[i],
            time: None,
            depth: depth.collect(),
        }
    });
    Ok(Read { views: views.collect(), scale, notes })
}

fn same(path: &Path, p: &Pixels, size: (usize, usize, usize)) -> Result<(), ImportError> {
    if p.size() == size {
        return Ok(());
    }
    let text = |s: (usize, usize, usize)| format!("{} views of {}×{}", s.0, s.2, s.1);
    let what = format!("has {}, others have {}", text(p.size()), text(size));
    Err(ImportError::new(path, &*p.key, what, REMEDY))
}

fn worst(shown: &[(Pinhole, f64)]) -> f64 {
    shown.iter().map(|s| s.1).fold(0.0, f64::max)
}

fn unprojected(lens: &Pinhole, depth: &[f32]) -> Vec<[f64; 3]> {
    let one = |(i, z): (usize, &f32)| {
        let (u, v) = cameras::middle(i, lens.width as usize);
        (lens.ray(u, v) * f64::from(*z)).into()
    };
    depth.iter().enumerate().map(one).collect()
}

fn seen(points: &[[f64; 3]], pose: &Pose) -> Vec<[f64; 3]> {
    points.iter().map(|p| pose.to_camera(Point3::from(*p)).into()).collect()
}

fn rgb(p: &Pixels, view: usize) -> Rgb8 {
    let pixels = p.view(view).chunks_exact(3).map(|c| [c[0], c[1], c[2]].map(|x| x.round() as u8));
    Rgb8 { width: p.width as u32, height: p.height as u32, pixels: pixels.collect() }
}

/// Poses as they stand in the archive.
struct Stated {
    key: String,
    /// The transforms as stated.
    given: Vec<Pose>,
    /// Whether the name says camera to world.
    to_world: bool,
}

type Found = Option<(Stated, Option<Vec<Pinhole>>)>;

fn poses(
    npz: &mut Npz<'_>,
    names: &[String],
    n: usize,
    size: (usize, usize),
) -> Result<Found, ImportError> {
    for (role, to_world) in [(Role::CameraToWorld, true), (Role::WorldToCamera, false)] {
        let Some((key, a)) = arrays::read(npz, names, role)? else { continue };
        let rows = arrays::matrices(npz, &key, &a, &[(3, 4), (4, 4)])?;
        count(npz, &key, rows.len(), n)?;
        let mut given = Vec::with_capacity(n);
        for (i, m) in rows.iter().enumerate() {
            given.push(cameras::rigid(m).ok_or_else(|| {
                let what = "is not a rigid pose (a rotation without scale)";
                ImportError::new(npz.path(), format!("{key}[{i}]"), what, REMEDY)
            })?);
        }
        return Ok(Some((Stated { key, given, to_world }, None)));
    }
    let Some((key, a)) = arrays::read(npz, names, Role::Encoding)? else { return Ok(None) };
    let rows = arrays::rows(npz, &key, &a, &[9])?;
    count(npz, &key, rows.len(), n)?;
    let (mut given, mut lenses) = (Vec::new(), Vec::new());
    for (i, e) in rows.iter().enumerate() {
        let (pose, lens) = cameras::decoded(e, size.0, size.1).ok_or_else(|| {
            let what = "is no camera (translation, quaternion, two angles of view)";
            ImportError::new(npz.path(), format!("{key}[{i}]"), what, REMEDY)
        })?;
        given.push(pose);
        lenses.push(lens);
    }
    Ok(Some((Stated { key, given, to_world: false }, Some(lenses))))
}

fn count(npz: &Npz<'_>, key: &str, have: usize, n: usize) -> Result<(), ImportError> {
    if have == n {
        return Ok(());
    }
    let what = format!("has {have} cameras for {n} views");
    Err(ImportError::new(npz.path(), key, what, REMEDY))
}

/// Lenses as stated, in pixels.
fn lenses(
    npz: &mut Npz<'_>,
    names: &[String],
    (n, width, height): (usize, usize, usize),
    notes: &mut Vec<String>,
) -> Result<Option<Vec<Pinhole>>, ImportError> {
    if let Some((key, a)) = arrays::read(npz, names, Role::Intrinsics)? {
        let rows = arrays::matrices(npz, &key, &a, &[(3, 3)])?;
        if rows.len() != 1 {
            count(npz, &key, rows.len(), n)?;
        }
        let mut out = Vec::with_capacity(n);
        for i in 0..n {
            let (lens, what) = cameras::lens(&rows[i.min(rows.len() - 1)], width, height)
                .ok_or_else(|| {
                    ImportError::new(
                        npz.path(),
                        format!("{key}[{i}]"),
                        "are no camera's intrinsics",
                        REMEDY,
                    )
                })?;
            if i == 0 {
                notes.push(format!("The intrinsics `{key}` {what}."));
            }
            out.push(lens);
        }
        return Ok(Some(out));
    }
    let Some((key, a)) = arrays::read(npz, names, Role::Focals)? else { return Ok(None) };
    let rows = arrays::rows(npz, &key, &a, &[1, 2])?;
    if rows.len() != 1 {
        count(npz, &key, rows.len(), n)?;
    }
    let mut out = Vec::with_capacity(n);
    for i in 0..n {
        let f = &rows[i.min(rows.len() - 1)];
        let (w, h) = (width as f64, height as f64);
        let lens = Pinhole {
            width: width as u32,
            height: height as u32,
            fx: f[0],
            fy: *f.last().unwrap_or(&f[0]),
            cx: 0.5 * w,
            cy: 0.5 * h,
        };
        if !lens.is_valid() {
            let what = format!("is {f:?}, no focal length");
            return Err(ImportError::new(npz.path(), format!("{key}[{i}]"), what, REMEDY));
        }
        out.push(lens);
    }
    notes.push(format!("Focal lengths are `{key}`; the principal point is taken as the middle."));
    Ok(Some(out))
}

/// What poses are tried against.
struct Evidence<'e> {
    /// Points of pixels in their camera.
    locals: Option<&'e [Vec<[f64; 3]>]>,
    /// Points of pixels in the world.
    world: Option<&'e Pixels>,
    lenses: Option<&'e [Pinhole]>,
    size: (usize, usize),
}

struct Chosen {
    poses: Vec<Pose>,
    note: String,
}

/// Poses from camera to world, by what the numbers themselves say of the direction.
fn direction(stated: &Stated, evidence: &Evidence<'_>) -> Chosen {
    let other: Vec<Pose> = stated.given.iter().map(cameras::inverse).collect();
    let (named, turned) =
        if stated.to_world { (&stated.given, &other) } else { (&other, &stated.given) };
    let name = |to_world: bool| if to_world { "camera-to-world" } else { "world-to-camera" };
    let (as_named, otherwise) = (name(stated.to_world), name(!stated.to_world));
    // Smaller is better; `None` says nothing.
    let off = |poses: &[Pose]| evidence.off(poses);
    let (a, b) = (off(named), off(turned));
    let key = &stated.key;
    let (poses, how) = match (a, b) {
        (Some(a), Some(b)) if b.value * CLEARLY < a.value => (
            turned,
            format!(
                "are {otherwise}, unlike their name says: {} (the other way {})",
                b.text(),
                a.text()
            ),
        ),
        (None, Some(b)) => {
            (turned, format!("are {otherwise}, unlike their name says: {}", b.text()))
        }
        (Some(a), Some(b)) if a.value * CLEARLY < b.value => {
            (named, format!("are {as_named}: {} (the other way {})", a.text(), b.text()))
        }
        (Some(a), None) => (named, format!("are {as_named}: {}", a.text())),
        _ => (named, format!("are taken as {as_named}, as their name says; nothing shows it")),
    };
    Chosen { poses: poses.clone(), note: format!("The poses `{key}` {how}.") }
}

/// How far poses are from what is known.
#[derive(Clone, Copy)]
struct Off {
    value: f64,
    kind: OffKind,
}

#[derive(Clone, Copy)]
enum OffKind {
    /// Points in the world lie beside those of the cameras, as a part of their depth.
    Points,
    /// Points in the world lie beside their pixels.
    Pixels,
    /// Neighbours' depths agree at so many pixels.
    Views(usize),
}

impl Off {
    fn text(&self) -> String {
        match self.kind {
            OffKind::Points => {
                format!("points lie {:.2} % of their depth apart", 100.0 * self.value)
            }
            OffKind::Pixels => format!("points lie {:.2} pixels beside their own", self.value),
            OffKind::Views(n) => format!("{n} pixels agree in depth with another view"),
        }
    }
}

impl Evidence<'_> {
    fn off(&self, poses: &[Pose]) -> Option<Off> {
        if let (Some(local), Some(world)) = (self.locals, self.world) {
            let mut all: Vec<f64> = local
                .iter()
                .enumerate()
                .filter_map(|(i, l)| cameras::apart(l, &world.points(i), &poses[i]))
                .collect();
            return cameras::median(&mut all).map(|value| Off { value, kind: OffKind::Points });
        }
        if let Some(world) = self.world {
            let (w, h) = self.size;
            let fit = |(i, p): (usize, &Pose)| cameras::fitted(&seen(&world.points(i), p), w, h);
            let all: Option<Vec<(Pinhole, f64)>> = poses.iter().enumerate().map(fit).collect();
            return all.map(|a| Off { value: worst(&a), kind: OffKind::Pixels });
        }
        let (local, lenses) = (self.locals?, self.lenses?);
        let depths: Vec<Vec<f32>> =
            local.iter().map(|l| l.iter().map(|p| p[2] as f32).collect()).collect();
        let sights: Vec<Sight<'_>> =
            lenses.iter().zip(&depths).map(|(l, d)| Sight { lens: *l, depth: d }).collect();
        let n = cameras::agreeing(&sights, poses);
        (n > 0).then(|| Off { value: 1.0 / n as f64, kind: OffKind::Views(n) })
    }
}

/// Which pixels are kept: those in the mask that are sure enough.
fn kept(
    mask: Option<&Pixels>,
    sure: Option<&Pixels>,
    pixels: usize,
    notes: &mut Vec<String>,
) -> Vec<bool> {
    let mut keep = vec![true; pixels];
    if let Some(m) = mask {
        for (k, x) in keep.iter_mut().zip(&m.values) {
            *k &= *x > 0.5;
        }
    }
    let Some(s) = sure else { return keep };
    let finite = || s.values.iter().copied().filter(|x| x.is_finite());
    let (lo, hi) =
        finite().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
    // Probabilities, their logits, or a scale of the model's own (1 + eˣ and the like).
    let (threshold, how) = if lo >= 0.0 && hi <= 1.0 {
        (LIKELY, format!("a probability below {LIKELY}"))
    } else if lo < 0.0 {
        (LIKELY_LOGIT, format!("logits of a probability below {LIKELY}"))
    } else {
        let mut all: Vec<f32> = finite().collect();
        let at = (all.len() as f64 * LEAST) as usize;
        let last = all.len().saturating_sub(1);
        let t = if all.is_empty() {
            0.0
        } else {
            *all.select_nth_unstable_by(at.min(last), f32::total_cmp).1
        };
        (t, format!("a confidence below {t:.3}, the least sure fifth"))
    };
    let before = keep.iter().filter(|k| **k).count();
    for (k, x) in keep.iter_mut().zip(&s.values) {
        // What is no number is not sure.
        *k &= *x >= threshold;
    }
    let gone = before - keep.iter().filter(|k| **k).count();
    notes.push(format!("{gone} of {before} pixels were left out for `{}`: {how}.", s.key));
    keep
}

/// Gives views without a picture the files of a folder beside the archive, where there is one for each.
fn pictures(
    views: &mut [Pictured],
    folders: &[PathBuf],
    notes: &mut Vec<String>,
) -> Result<(), ImportError> {
    if views.iter().any(|v| !matches!(v.picture, Picture::None)) {
        return Ok(());
    }
    for folder in folders.iter().filter(|f| f.is_dir()) {
        let found = files::list(folder, |p| has_extension(p, &["png", "jpg", "jpeg"]))?;
        if found.len() != views.len() {
            continue;
        }
        for (v, f) in views.iter_mut().zip(found) {
            v.name = files::leaf(&f);
            v.picture = Picture::File(f);
        }
        return Ok(());
    }
    notes.push("The archive has no pictures, nor has a folder `images` or `rgb` beside it one for each view; points are grey.".into());
    Ok(())
}
