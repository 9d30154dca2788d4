//! `bench`: synthetic load of a stated size, medians on this machine.

mod engines;
mod memory;
mod pictures;
mod quality;

pub use quality::{Quality, quality};

use std::time::Instant;

use reasmory_runtime::Limits;
use reasmory_sema::CheckOptions;
use serde_json::{Value, json};

use crate::{Failure, Optimise, Scene, Source, check, compile};

/// What to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Check a 30-line program against 500 objects.
    Check,
    /// Compile it to native code.
    Compile,
    /// Bind and run it.
    Run,
    /// Ego, top and plan views.
    Render,
    /// Closest-point distances.
    Query,
    /// Open a stored memory.
    Open,
    /// Bind a cached program to a memory.
    Bind,
    /// A thousand programs over a hundred memories.
    Many,
    /// Call an operation from compiled code.
    Call,
    /// Loops over 100,000 objects, in both engines.
    Bulk,
    /// Closest-point distances of 100,000 × 100 objects.
    Closest,
    /// Import a binary PLY.
    Import,
}

/// The size of the load.
#[derive(Clone, Debug)]
pub struct Load {
    /// Points of the rendered memory.
    pub points: usize,
    /// Picture size.
    pub size: (u32, u32),
    /// Where to leave the memory that was drawn, for other programs to draw.
    pub keep: Option<std::path::PathBuf>,
}

impl Default for Load {
    fn default() -> Self {
        Load { points: 1_000_000, size: (960, 960), keep: None }
    }
}

/// One measured row, milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Name.
    pub name: String,
    /// Median.
    pub median: f64,
    /// 5th percentile.
    pub p5: f64,
    /// 95th percentile.
    pub p95: f64,
    /// Number of runs.
    pub n: usize,
    /// The fastest run, where it is of interest: what the code takes when nothing else runs.
    pub least: Option<f64>,
    /// Bytes that a run reads and writes at the least.
    pub bytes: Option<f64>,
    /// Bytes that its result keeps in main memory, where that is of interest.
    pub resident: Option<f64>,
}

impl Row {
    /// Bytes a second of the fastest run, in thousand millions.
    fn rate(&self) -> Option<f64> {
        Some(self.bytes? / self.least? / 1e6)
    }
}

/// Rows as JSON.
pub fn json(rows: &[Row]) -> Value {
    let rows: Vec<Value> = rows
        .iter()
        .map(|r| {
            let mut row = json!({
                "name": r.name, "median_ms": r.median, "p5_ms": r.p5, "p95_ms": r.p95, "n": r.n
            });
            if let Some(least) = r.least {
                row["min_ms"] = json!(least);
            }
            if let Some(rate) = r.rate() {
                row["gb_per_s"] = json!(rate);
            }
            if let Some(resident) = r.resident {
                row["resident_mb"] = json!(resident / 1e6);
            }
            row
        })
        .collect();
    json!({"schema": 1, "rows": rows})
}

/// Rows as a table.
pub fn text(rows: &[Row]) -> String {
    use std::fmt::Write as _;
    let extra = rows.iter().any(|r| r.least.is_some());
    let mut out = format!("{:<14} {:>14} {:>14} {:>14} {:>7}", "", "median ms", "p5", "p95", "n");
    out.push_str(if extra { "         min ms    GB/s\n" } else { "\n" });
    for r in rows {
        let _ = write!(
            out,
            "{:<14} {:>14.6} {:>14.6} {:>14.6} {:>7}",
            r.name, r.median, r.p5, r.p95, r.n
        );
        if let Some(least) = r.least {
            let _ = write!(out, " {least:>14.6}");
        }
        if let Some(rate) = r.rate() {
            let _ = write!(out, " {rate:>7.2}");
        }
        if let Some(resident) = r.resident {
            let _ = write!(out, " {:>10.2} MB resident", resident / 1e6);
        }
        out.push('\n');
    }
    out
}

/// Times `f` for about `budget` seconds, at least 5 and at most `most` times, after one warm-up.
fn measure<T>(name: &str, budget: f64, most: usize, mut f: impl FnMut() -> T) -> Row {
    std::hint::black_box(f());
    let mut times = Vec::new();
    let start = Instant::now();
    while times.len() < 5 || (times.len() < most && start.elapsed().as_secs_f64() < budget) {
        let t = Instant::now();
        std::hint::black_box(f());
        times.push(t.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let at = |q: f64| times[((times.len() - 1) as f64 * q).round() as usize];
    Row {
        name: name.to_owned(),
        median: at(0.5),
        p5: at(0.05),
        p95: at(0.95),
        n: times.len(),
        ..Row::default()
    }
}

/// The same, with the fastest run and the bytes that it moves.
fn measure_bytes<T>(
    name: &str,
    budget: f64,
    most: usize,
    bytes: f64,
    mut f: impl FnMut() -> T,
) -> Row {
    let mut least = f64::INFINITY;
    let row = measure(name, budget, most, || {
        let t = Instant::now();
        std::hint::black_box(f());
        least = least.min(t.elapsed().as_secs_f64() * 1e3);
    });
    Row { least: Some(least), bytes: Some(bytes), ..row }
}

fn manifest_error(e: reasmory_scene::ManifestError) -> Failure {
    Failure::new(format!("the synthetic memory: {e}"), "report this")
}

/// A program of 30 lines over categories that a synthetic scene has.
pub fn program(categories: &[String]) -> String {
    let c = |i: usize| &categories[i % categories.len()];
    let mut text = String::new();
    for i in 0..9 {
        text.push_str(&format!("a{i} = objects(\"{}\").largest()\n", c(i)));
    }
    text.push_str("me = stand(at=a0, facing=a1)\n");
    text.push_str("there = stand(at=a2, facing=a3)\n");
    for i in 0..8 {
        text.push_str(&format!("d{i} = distance(a{i}, to=a{})\n", i + 1));
    }
    text.push_str("total = d0 + d1 + d2 + d3 + d4 + d5 + d6 + d7\n");
    text.push_str("left_one = side(a4, from=me, among=[left, right, back])\n");
    text.push_str("right_one = side(a5, from=there, among=[left, right])\n");
    text.push_str(&format!(
        "close = objects(\"{}\").filter(o => distance(o, to=a6) < 1.5m).count()\n",
        c(0)
    ));
    text.push_str(&format!("wide = objects(\"{}\").any(o => longest_side(o) > 1m)\n", c(1)));
    text.push_str("far = if d0 > 2m { d0 } else { d1 }\n");
    text.push_str("turned = me.turn(left).step(forward)\n");
    text.push_str("low = [a0, a1, a2, a3].min_by(o => height_above(o, floor()))\n");
    text.push_str("assert total > 0m or close >= 0, \"distances are positive\"\n");
    text.push_str("flag = left_one == left or right_one == right or wide or sees(turned, low)\n");
    text.push_str("length = if flag { total + far } else { far }\n");
    text.push_str("answer length as m\n");
    text
}

/// Measures one subject.
pub fn bench(subject: Subject, load: Load) -> Result<Vec<Row>, Failure> {
    match subject {
        Subject::Check | Subject::Compile | Subject::Run => programs(subject),
        Subject::Render => pictures::render(load),
        Subject::Query => memory::query(),
        Subject::Open => memory::open(&load),
        Subject::Import => memory::import(&load),
        other => engines::bench(other),
    }
}

fn programs(subject: Subject) -> Result<Vec<Row>, Failure> {
    let memory = reasmory_synth::synthetic_scene(500, 1).map_err(manifest_error)?;
    let manifest = memory.manifest().clone();
    let names: Vec<String> = manifest.categories.iter().map(|c| c.name.clone()).collect();
    let source = Source::new("bench.rsm", program(&names));
    let options = CheckOptions { scene: Some(&manifest), ..Default::default() };
    let program = compile(&source, options).map_err(|r| {
        Failure::new(
            format!("the benchmark program: {}", source.render(&r.diagnostics)),
            "report this",
        )
    })?;
    let fast = || program.optimised(Optimise::default()).0;
    let optimised = fast();
    Ok(match subject {
        Subject::Check => {
            vec![measure("check", 2.0, 20_000, || check(&source, options).diagnostics.len())]
        }
        Subject::Compile => vec![
            measure("lower", 1.0, 20_000, || compile(&source, options).is_ok()),
            measure("compile", 2.0, 10_000, || program.jit().is_ok()),
            measure("optimise", 2.0, 10_000, || fast().mir.functions.len()),
            measure("compile_optimised", 2.0, 10_000, || optimised.jit().is_ok()),
        ],
        _ => {
            let scene = Scene::new(memory);
            let native =
                |p: &crate::Program| p.jit().map_err(|d| Failure::new(d.message, "report this"));
            let (jit, fast) = (native(&program)?, native(&optimised)?);
            vec![
                measure("run", 2.0, 10_000, || {
                    program.run_with(&scene, Limits::default(), Some(&jit)).status
                }),
                measure("run_optimised", 2.0, 10_000, || {
                    optimised.run_with(&scene, Limits::default(), Some(&fast)).status
                }),
                measure("run_interp", 2.0, 10_000, || {
                    program.run_with(&scene, Limits::default(), None).status
                }),
            ]
        }
    })
}
