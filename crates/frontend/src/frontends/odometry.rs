//! Poses for depth that has none: the camera is followed from frame to frame (`spec/reconstruction.md`).

use std::path::Path;

use reasmory_geom::{Point3, Pose, View as Viewpoint};
use reasmory_import::{ImportOptions, PosedDepth, UnposedDepth};
use reasmory_reconstruct::Grey;
use reasmory_reconstruct::icp::{Lost, Odometry, OdometryOptions, Step};
use reasmory_scene::Scale;

use crate::{Cloud, FrontendError, Job, Photo, Reconstruction, View};

/// Frames that are fused, where the caller does not say.
const MAX_VIEWS: usize = 120;

/// Follows the camera of a depth sequence.
pub(super) fn follow(
    path: &Path,
    options: &ImportOptions,
    job: &Job<'_>,
) -> Result<Reconstruction, FrontendError> {
    let (sequence, mut notes) = UnposedDepth::open(path, options)?;
    let total = sequence.len();
    let mut odometry: Option<Odometry> = None;
    let mut steps: Vec<(usize, Step)> = Vec::new();
    let mut lost: Vec<(String, Lost)> = Vec::new();
    for i in 0..total {
        job.step(i as u64, total as u64, "following the camera")?;
        let frame = sequence.frame(i)?;
        let grey = grey(&frame)?;
        let o = odometry.get_or_insert_with(|| {
            // The world begins level, looking along +X: nothing is known of up before the surfaces are.
            let first = Viewpoint::level(Point3::origin(), 0.0).pose();
            Odometry::new(frame.lens, first, OdometryOptions::default())
        });
        match o.track(&frame.depth, Some(&grey)) {
            Ok(step) => steps.push((i, step)),
            Err(e) => lost.push((frame.name, e)),
        }
    }
    if steps.len() < total.min(2) || steps.is_empty() {
        let why = lost.first().map_or(String::new(), |l| format!(": {}: {}", l.0, l.1));
        return Err(FrontendError::failed(
            format!(
                "{}: the camera could be followed in {} of {total} frames{why}",
                path.display(),
                steps.len()
            ),
            "record slowly, near furniture rather than bare walls, or give poses",
        ));
    }
    tell(&steps, &lost, total, &mut notes);
    let most = options.max_views.unwrap_or(MAX_VIEWS).clamp(1, steps.len());
    if most < steps.len() {
        notes
            .push(format!("{most} of {} followed frames, evenly spaced, were fused.", steps.len()));
    }
    let mut r = Reconstruction {
        photos: Vec::new(),
        views: Vec::new(),
        cloud: Cloud::default(),
        scale: Scale::metric("depths are metres"),
        up: None,
        notes,
    };
    for k in 0..most {
        job.step(k as u64, most as u64, "reading frames")?;
        let (i, step) = steps[k * steps.len() / most];
        let v = sequence.frame(i)?;
        let pose: Pose = step.pose;
        r.views.push(View {
            photo: r.photos.len(),
            lens: v.lens,
            pose,
            depth: Some(v.depth),
            confidence: None,
            reprojection: None,
        });
        r.photos.push(Photo { name: v.name, ..Photo::of_file(&v.file, v.time)? });
    }
    Ok(r)
}

fn tell(steps: &[(usize, Step)], lost: &[(String, Lost)], total: usize, notes: &mut Vec<String>) {
    let path: f64 =
        steps.windows(2).map(|w| (w[1].1.pose.center - w[0].1.pose.center).norm()).sum();
    let mut errors: Vec<f64> = steps.iter().skip(1).map(|s| s.1.rmse).collect();
    errors.sort_unstable_by(f64::total_cmp);
    let error = errors.get(errors.len() / 2).copied().unwrap_or(0.0);
    notes.push(format!(
        "Poses are not given: the camera was followed in {} of {total} frames over {path:.2} m (frames lie \
         {:.1} mm from the model); no loops are closed, so long paths drift.",
        steps.len(),
        1000.0 * error
    ));
    if let Some((name, why)) = lost.first() {
        notes.push(format!("{} frames were lost, the first of them {name}: {why}.", lost.len()));
    }
}

/// The grey picture of a frame at its depth's size.
fn grey(frame: &PosedDepth) -> Result<Grey, FrontendError> {
    let whole = reasmory_import::read_picture(&frame.file)?;
    let (w, h) = (frame.lens.width, frame.lens.height);
    let bad = |what: String| {
        let what = format!("{}: {what}", frame.file.display());
        FrontendError::input(what, "register the depth to the colour picture")
    };
    let small = if (whole.width, whole.height) == (w, h) {
        whole
    } else {
        reasmory_render::resize(&whole, w, h).map_err(|e| bad(e.to_string()))?
    };
    Grey::from_rgb(w, h, &small.pixels).ok_or_else(|| bad("has no pixels".into()))
}
