//! Pictures of a million points, 960 × 960 pixels.

use divan::Bencher;
use reasmory_bench::{points, viewer};
use reasmory_driver::render::{EgoOptions, TopOptions, ego, top};

/// Points of the rendered memory.
const POINTS: usize = 1_000_000;

fn main() {
    divan::main();
}

/// What one would see.
#[divan::bench(name = "ego", sample_count = 20)]
fn ego_view(bencher: Bencher<'_, '_>) {
    let scene = points(POINTS);
    let view = viewer(&scene);
    bencher
        .bench_local(|| ego(&scene.memory, scene.cloud(), &view, &EgoOptions::default()).is_ok());
}

/// From above, photographic and semantic.
#[divan::bench(name = "top", sample_count = 20, args = [true, false])]
fn top_view(bencher: Bencher<'_, '_>, photographic: bool) {
    let scene = points(POINTS);
    let options = TopOptions { photographic, ..TopOptions::default() };
    bencher.bench_local(|| top(&scene.memory, scene.cloud(), &options).is_ok());
}
