//! The load of the benchmarks: made by seed, the same on every machine.
#![forbid(unsafe_code)]

use std::sync::OnceLock;

use reasmory_driver::geom::{Point3, View};
use reasmory_driver::sema::CheckOptions;
use reasmory_driver::{Program, Scene, Source, bench, compile, synth};

/// A hall with 500 boxes.
pub fn objects() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| {
        Scene::new(synth::synthetic_scene(500, 1).unwrap_or_else(|e| panic!("the hall: {e}")))
    })
}

/// A furnished room of this many points, prepared for rendering.
pub fn points(n: usize) -> Scene {
    let scene =
        Scene::new(synth::synthetic_points(n, 1).unwrap_or_else(|e| panic!("the room: {e}")));
    scene.cloud();
    scene
}

/// The 30-line program about [`objects`].
pub fn source() -> Source {
    let m = objects().memory.manifest();
    let names: Vec<String> = m.categories.iter().map(|c| c.name.clone()).collect();
    Source::new("bench.rsm", bench::program(&names))
}

/// Check options with the memory of [`objects`].
pub fn options() -> CheckOptions<'static> {
    CheckOptions { scene: Some(objects().memory.manifest().as_ref()), ..CheckOptions::default() }
}

/// The program, checked, lowered and verified.
pub fn program() -> Program {
    let s = source();
    compile(&s, options()).unwrap_or_else(|r| panic!("{}", s.render(&r.diagnostics)))
}

/// Standing in a corner of a room, looking along its diagonal.
pub fn viewer(scene: &Scene) -> View {
    let m = scene.memory.manifest();
    let Some(b) = m.bounds else { return View::level(Point3::origin(), 45.0) };
    let at = |q: f64, i: usize| b.min[i] + q * (b.max[i] - b.min[i]);
    let eye = Point3::new(at(0.2, 0), at(0.2, 1), m.floor() + 1.5);
    View::facing(eye, Point3::new(b.max[0], b.max[1], eye.z), 0.01)
        .unwrap_or(View::level(eye, 45.0))
}
