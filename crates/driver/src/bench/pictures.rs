//! Pictures of a synthetic room: how long each kind takes, and how much memory it moves in that time.

use rayon::prelude::*;
use reasmory_geom::{Point3, View};
use reasmory_render::{
    Antialias, EgoOptions, EgoRender, Mark, RenderError, TopOptions, TopRender, ego_into,
    egos_into, top_into,
};

use super::{Load, Row, manifest_error, measure_bytes};
use crate::import::store_failure;
use crate::{Failure, Scene};

/// Views of a sweep.
const SWEEP: usize = 8;

/// Measures. Buffers are used again from one picture to the next, as in a run that draws many.
pub(super) fn render(load: Load) -> Result<Vec<Row>, Failure> {
    let memory = reasmory_synth::synthetic_points(load.points, 1).map_err(manifest_error)?;
    if let Some(dir) = &load.keep {
        reasmory_store::write(&memory, &reasmory_store::NoPictures, dir).map_err(store_failure)?;
    }
    let scene = Scene::new(memory);
    let (width, height) = load.size;
    let m = scene.memory.manifest();
    let Some(b) = m.bounds else {
        return Err(Failure::new("the synthetic memory has no bounds", "report this"));
    };
    let eye = Point3::new(
        b.min[0] + 0.2 * (b.max[0] - b.min[0]),
        b.min[1] + 0.2 * (b.max[1] - b.min[1]),
        m.floor() + 1.5,
    );
    let view = View::facing(eye, Point3::new(b.max[0], b.max[1], eye.z), 0.01)
        .unwrap_or(View::level(eye, 45.0));
    // From outside, far enough for every point to be in the picture.
    let middle = Point3::from((Point3::from(b.min).coords + Point3::from(b.max).coords) * 0.5);
    let back = (Point3::from(b.max) - Point3::from(b.min)) * 1.1;
    let outside = View::looking_at(middle - back, middle, 1e-9).unwrap_or(view);
    // Side by side, a hand apart: all see the same points.
    let sweep: Vec<View> = (0..SWEEP)
        .map(|i| View { eye: Point3::new(eye.x, eye.y + 0.05 * i as f64, eye.z), ..view })
        .collect();

    let memory = &scene.memory;
    let cloud = scene.cloud();
    let fail = |e: RenderError| Failure::new(e.to_string(), "choose another size");
    let pixels = width as usize * height as usize;
    let ego_options = EgoOptions { width, height, ..EgoOptions::default() };
    let suffix = if load.points == 10_000_000 { "_10m" } else { "" };
    // A load too small to tell anything is a trial of the command.
    let patience = if load.points < 100_000 { 0.02 } else { 1.0 };
    let mut rows = vec![bandwidth(patience)];
    let mut out = EgoRender::default();
    for (name, view) in [("ego", &view), ("ego_all", &outside)] {
        ego_into(memory, cloud, view, &ego_options, &mut out).map_err(fail)?;
        let bytes = out.stats.bytes(pixels) as f64;
        rows.push(measure_bytes(&format!("{name}{suffix}"), 3.0 * patience, 200, bytes, || {
            ego_into(memory, cloud, view, &ego_options, &mut out).is_ok()
        }));
    }
    // As pictures of runs are drawn.
    let smooth = EgoOptions { antialias: Antialias::Edges, ..ego_options.clone() };
    ego_into(memory, cloud, &view, &smooth, &mut out).map_err(fail)?;
    let bytes = out.stats.bytes(pixels) as f64;
    rows.push(measure_bytes(&format!("ego_smooth{suffix}"), 3.0 * patience, 200, bytes, || {
        ego_into(memory, cloud, &view, &smooth, &mut out).is_ok()
    }));
    let mut outs: Vec<EgoRender> = sweep.iter().map(|_| EgoRender::default()).collect();
    egos_into(memory, cloud, &sweep, &ego_options, &mut outs).map_err(fail)?;
    let bytes = outs.iter().map(|o| o.stats.bytes(pixels)).sum::<usize>() as f64;
    rows.push(measure_bytes(&format!("sweep8{suffix}"), 4.0 * patience, 50, bytes, || {
        egos_into(memory, cloud, &sweep, &ego_options, &mut outs).is_ok()
    }));
    rows.push(measure_bytes(&format!("apart8{suffix}"), 4.0 * patience, 50, bytes, || {
        let mut pairs = sweep.iter().zip(&mut outs);
        pairs.all(|(view, out)| ego_into(memory, cloud, view, &ego_options, out).is_ok())
    }));
    let mut marks = vec![Mark::Room, Mark::View { view, label: "you".into() }];
    marks.extend(m.photos.iter().map(|p| Mark::Photo(p.number)));
    let mut map = TopRender::default();
    for (name, photographic, marks, all_instances) in [
        ("top", true, &[][..], false),
        ("top_marked", true, &marks, true),
        ("plan", false, &marks, true),
    ] {
        let options = TopOptions {
            width,
            height,
            photographic,
            marks,
            all_instances,
            ..TopOptions::default()
        };
        top_into(memory, cloud, &options, &mut map).map_err(fail)?;
        let bytes = map.stats.bytes(pixels) as f64;
        rows.push(measure_bytes(&format!("{name}{suffix}"), 3.0 * patience, 200, bytes, || {
            top_into(memory, cloud, &options, &mut map).is_ok()
        }));
    }
    Ok(rows)
}

/// How fast all cores together read memory: what no picture can exceed.
fn bandwidth(patience: f64) -> Row {
    // Beyond any cache.
    let numbers = vec![1u64; (patience * f64::from(32 << 20)) as usize];
    let bytes = (numbers.len() * size_of::<u64>()) as f64;
    measure_bytes("read_memory", 1.5 * patience, 50, bytes, || {
        let parts = numbers.par_chunks(1 << 16);
        parts
            .map(|c| c.iter().fold(0u64, |a, b| a.wrapping_add(*b)))
            .reduce(|| 0, u64::wrapping_add)
    })
}
