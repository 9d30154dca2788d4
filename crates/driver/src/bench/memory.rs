//! Measurements of stored memories: import, open, closest points.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use reasmory_geom::{Obb, Point3, Vec3};
use reasmory_runtime::Limits;
use reasmory_scene::index::Tree;
use reasmory_scene::{Instance, Manifest, Memory, Points, Scale};
use reasmory_sema::CheckOptions;

use super::{Load, Row, manifest_error, measure};
use crate::import::{self, store_failure};
use crate::{Failure, Scene, Source, compile};

fn io(doing: &'static str) -> impl FnOnce(std::io::Error) -> Failure {
    move |e| Failure::new(format!("{doing}: {e}"), "check the temporary folder")
}

/// A folder for the files of a measurement, removed in the end.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new() -> Result<Folder, Failure> {
        let dir = std::env::temp_dir().join(format!("reasmory-bench-{}", std::process::id()));
        fs::create_dir_all(&dir).map_err(io("making a folder"))?;
        Ok(Folder(dir))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Distances by the language, and between two instances of 100,000 points each.
pub(super) fn query() -> Result<Vec<Row>, Failure> {
    let mut rows = vec![by_program()?];
    let pair = two_shells(100_000)?;
    let tree = |m: &Memory, id| {
        m.instance_tree(id).ok_or_else(|| Failure::new("an instance has no points", "report this"))
    };
    let truth = tree(&pair, 1)?.distance(&tree(&pair, 2)?);
    rows.push(measure("pair_cold", 2.0, 500, || {
        // Trees are made each time, as no index is stored.
        let trees = [1, 2].map(|id| pair.instance_tree(id));
        distance(&trees)
    }));
    let folder = Folder::new()?;
    let dir = folder.0.join("pair.mem");
    reasmory_store::write(&pair, &reasmory_store::NoPictures, &dir).map_err(store_failure)?;
    let stored = reasmory_store::open(&dir).map_err(store_failure)?;
    if tree(&stored, 1)?.distance(&tree(&stored, 2)?) != truth {
        return Err(Failure::new("the stored index gives another distance", "report this"));
    }
    rows.push(measure("pair_stored", 2.0, 100_000, || {
        let trees = [1, 2].map(|id| stored.instance_tree(id));
        distance(&trees)
    }));
    rows.push(measure("pair_opened", 2.0, 10_000, || {
        let opened = reasmory_store::open(&dir).ok()?;
        let trees = [1, 2].map(|id| opened.instance_tree(id));
        distance(&trees)
    }));
    let index = stored.index();
    let mut at = 0u32;
    let mut next = || {
        at = at.wrapping_add(1);
        let part = |k: u32| f64::from(at.wrapping_mul(k) % 1009) / 1009.0;
        Point3::new(3.0 * part(7) - 0.5, 2.0 * part(131) - 1.0, 2.0 * part(577) - 1.0)
    };
    rows.push(measure("nearest", 1.0, 100_000, || index.nearest(next(), |_| true)));
    rows.push(measure("within_10cm", 1.0, 100_000, || {
        index.within_radius(next(), 0.1, |_| true).len()
    }));
    rows.push(measure("ray", 1.0, 100_000, || {
        let a = next();
        index.ray(a, next() - a, 0.005, |_| true)
    }));
    Ok(rows)
}

fn distance(trees: &[Option<Tree>; 2]) -> Option<f64> {
    Some(trees[0].as_ref()?.distance(trees[1].as_ref()?))
}

/// Two boxes 0.85 m apart with this many points on each.
fn two_shells(n: usize) -> Result<Memory, Failure> {
    let mut m = Manifest::empty("pair", "bench", Scale::metric("made up"));
    let mut positions = Vec::new();
    let mut instance = Vec::new();
    for id in 1..=2u32 {
        let obb = Obb::upright(
            Point3::new(if id == 1 { 0.0 } else { 2.05 }, 0.0, 0.0),
            Vec3::new(1.2, 0.8, 0.9),
            if id == 1 { 0.0 } else { 90.0 },
        );
        for i in 0..n as u32 {
            let part =
                |k: u32| f64::from(i.wrapping_mul(k) >> 8) / f64::from(1u32 << 24) * 2.0 - 1.0;
            let mut l = Vec3::new(part(2_654_435_761), part(2_246_822_519), part(3_266_489_917));
            let side = (i % 3) as usize;
            l[side] = if i % 2 == 0 { 1.0 } else { -1.0 };
            let p = obb.center + obb.axes * l.component_mul(&obb.half);
            m.extend_bounds(p);
            positions.push([p.x as f32, p.y as f32, p.z as f32]);
            instance.push(id);
        }
        m.instances.push(Instance {
            id,
            category: "box".into(),
            obb,
            confidence: 1.0,
            support: n as u64,
            front: None,
            seen_in: vec![],
        });
    }
    m.index_categories();
    let rows = positions.len();
    m.points = rows as u64;
    let points = Points {
        positions: positions.into(),
        colors: vec![[128; 3]; rows].into(),
        confidence: vec![1.0; rows].into(),
        instance: instance.into(),
    };
    Memory::new(m, points, None).map_err(manifest_error)
}

fn by_program() -> Result<Row, Failure> {
    let memory = reasmory_synth::synthetic_points(200_000, 1).map_err(manifest_error)?;
    let manifest = memory.manifest().clone();
    let name = manifest
        .categories
        .first()
        .map(|c| c.name.clone())
        .ok_or_else(|| Failure::new("the synthetic memory has no objects", "report this"))?;
    let text =
        format!("answer objects().map(o => distance(o, to=objects(\"{name}\"))).sum() as m\n");
    let source = Source::new("query.rsm", text);
    let options = CheckOptions { scene: Some(&manifest), ..Default::default() };
    let program = compile(&source, options)
        .map_err(|_| Failure::new("the query program does not check", "report this"))?;
    let scene = Scene::new(memory);
    let jit = program.jit().map_err(|d| Failure::new(d.message, "report this"))?;
    Ok(measure("query", 2.0, 500, || {
        program.run_with(&scene, Limits::default(), Some(&jit)).status
    }))
}

/// Opening a stored memory, and what that keeps of it in main memory.
pub(super) fn open(load: &Load) -> Result<Vec<Row>, Failure> {
    let folder = Folder::new()?;
    let dir = folder.0.join("open.mem");
    {
        let memory = reasmory_synth::synthetic_points(load.points, 1).map_err(manifest_error)?;
        reasmory_store::write(&memory, &reasmory_store::NoPictures, &dir).map_err(store_failure)?;
    }
    let before = resident();
    let opened = reasmory_store::open(&dir).map_err(store_failure)?;
    let kept = resident().zip(before).map(|(now, before)| now.saturating_sub(before));
    drop(opened);
    let mut row = measure("open", 2.0, 500, || reasmory_store::open(&dir).is_ok());
    row.resident = kept.map(|b| b as f64);
    let manifest =
        measure("open_manifest", 1.0, 2000, || reasmory_store::open_manifest(&dir).is_ok());
    Ok(vec![row, manifest])
}

/// Bytes of this process in main memory, mapped files included, where the system tells.
fn resident() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let kib = text.lines().find_map(|l| l.strip_prefix("VmRSS:"))?.split_whitespace().next()?;
    kib.parse::<u64>().ok().map(|k| k * 1024)
}

/// Importing a binary PLY of this many coloured points: reading, sorting, indexing, hashing, flushing to the disk.
pub(super) fn import(load: &Load) -> Result<Vec<Row>, Failure> {
    let folder = Folder::new()?;
    let (plain, labelled) = (folder.0.join("plain.ply"), folder.0.join("labelled.ply"));
    {
        let memory = reasmory_synth::synthetic_points(load.points, 1).map_err(manifest_error)?;
        ply(&memory, &plain, false).map_err(io("writing a PLY"))?;
        ply(&memory, &labelled, true).map_err(io("writing a PLY"))?;
    }
    let out = folder.0.join("out.mem");
    let request = import::Request { metric: true, ..import::Request::default() };
    let mut rows = Vec::new();
    for (name, source) in [("import_ply", &plain), ("import_labels", &labelled)] {
        let mut times = Vec::new();
        for _ in 0..3 {
            let start = Instant::now();
            import::import(source, &out, &request)?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        let (p5, median, p95) = (times[0], times[1], times[2]);
        rows.push(Row { name: name.into(), median, p5, p95, n: 3, ..Row::default() });
    }
    Ok(rows)
}

fn ply(memory: &Memory, path: &Path, labels: bool) -> std::io::Result<()> {
    let p = memory.points();
    let mut w = BufWriter::with_capacity(1 << 18, File::create(path)?);
    let label = if labels { "property int instance\n" } else { "" };
    write!(
        w,
        "ply\nformat binary_little_endian 1.0\nelement vertex {}\nproperty float x\nproperty float y\n\
         property float z\nproperty uchar red\nproperty uchar green\nproperty uchar blue\n{label}\
         end_header\n",
        p.len()
    )?;
    for (i, q) in p.positions.iter().enumerate() {
        for x in q {
            w.write_all(&x.to_le_bytes())?;
        }
        w.write_all(&p.colors[i])?;
        if labels {
            w.write_all(&p.instance[i].to_le_bytes())?;
        }
    }
    w.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
}
