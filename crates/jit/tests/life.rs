//! Compiled programs as owners of code: threads, memory, panics, mismatches.

mod common;

use std::sync::{Arc, OnceLock};

use common::*;
use reasmory_geom::{Pinhole, Point3, Pose, Vec3};
use reasmory_ir::{InstKind as I, Value};
use reasmory_jit::{JitError, Options, compile};
use reasmory_runtime::{Limits, Run, Status};
use reasmory_scene::{Manifest, Memory, Photo, PhotoPixels, Points, Rgb8, Scale};
use reasmory_types::Ty;

#[test]
fn one_program_runs_on_two_threads_over_two_memories() {
    let mut p = Build::main();
    let c = p.category(0);
    let chairs = p.op("objects", vec![c]);
    let n = p.inst(I::ListLen(chairs), Ty::Int);
    p.answer(n);
    let program = program(vec![p.finish()]);
    let compiled = compile(&program, Options::default()).unwrap();
    let mut empty = Manifest::empty("hall", "test", Scale::metric("test"));
    empty.index_categories();
    let memories = [memory(0.0), Memory::new(empty, Points::default(), None).unwrap()];
    std::thread::scope(|s| {
        for (memory, expected) in memories.iter().zip(["2", "0"]) {
            let (compiled, program) = (&compiled, &program);
            s.spawn(move || {
                for _ in 0..2_000 {
                    let ended =
                        run(program, memory, Limits::default(), None, Engine::Compiled(compiled));
                    assert_eq!(describe(&ended), expected);
                }
            });
        }
    });
}

#[test]
fn compiled_programs_can_move_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<reasmory_jit::Compiled>();
}

#[test]
#[cfg(target_os = "linux")]
fn no_page_is_both_writable_and_executable() {
    let program = thirty_calls();
    let compiled = compile(&program, Options::default()).unwrap();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    for line in maps.lines() {
        let rights = line.split(' ').nth(1).unwrap();
        assert!(!(rights.contains('w') && rights.contains('x')), "{line}");
    }
    drop(compiled);
}

struct Panics;

impl PhotoPixels for Panics {
    fn rgb(&self, number: u32) -> Result<Rgb8, String> {
        panic!("photo {number} is cursed")
    }
}

#[test]
fn a_panicking_operation_is_a_fault() {
    let mut m = Manifest::empty("room", "test", Scale::metric("test"));
    m.photos.push(Photo {
        number: 1,
        name: "1".into(),
        pinhole: Pinhole { width: 4, height: 4, fx: 4.0, fy: 4.0, cx: 2.0, cy: 2.0 },
        camera_to_world: Pose::from_axes(
            Vec3::new(1.0, 0.0, 0.0),
            Vec3::new(0.0, 0.0, -1.0),
            Vec3::new(0.0, 1.0, 0.0),
            Point3::origin(),
        ),
        time: None,
        image: Some("1.png".into()),
    });
    let memory = Memory::new(m, Points::default(), Some(Arc::new(Panics))).unwrap();
    let mut p = Build::main();
    let n = p.int(1);
    let photo = p.op("photo", vec![n]);
    let picture = p.op("picture", vec![photo]);
    p.effect(I::Show(picture));
    let ended = differential(&program(vec![p.finish()]), &memory);
    assert_eq!(describe(&ended), "Internal at 3: `picture` panicked: photo 1 is cursed");
    assert_eq!(ended.status, Status::Fault);
}

#[test]
fn a_run_of_another_program_is_refused() {
    let one = thirty_calls();
    let mut p = Build::main();
    let x = p.int(1);
    p.answer(x);
    let other = program(vec![p.finish()]);
    let compiled = compile(&one, Options::default()).unwrap();
    let memory = memory(0.0);
    let cloud = OnceLock::new();
    let mut run = Run::new(&memory, &other, &cloud, Limits::default(), None);
    assert_eq!(compiled.run(&mut run), Status::Fault);
    let mut run = Run::new(&memory, &other, &cloud, Limits::default(), None);
    assert_eq!(reasmory_interp::run(&one, &mut run), Status::Fault);
    assert!(Arc::ptr_eq(compiled.program(), &one));
}

#[test]
fn programs_that_need_too_much_stack_are_refused() {
    let mut p = Build::main();
    let one = p.int(1);
    let members: Vec<Value> = vec![one; 100_000];
    let l = p.list(members, Ty::Int);
    let n = p.inst(I::ListLen(l), Ty::Int);
    p.answer(n);
    let program = program(vec![p.finish()]);
    let refused = compile(&program, Options { whole: true, ..Options::default() }).unwrap_err();
    assert!(matches!(refused, JitError::TooLarge { .. }), "{refused}");
    let ended = run(&program, &memory(0.0), Limits::default(), None, Engine::Interpreter);
    assert_eq!(describe(&ended), "100000");
}

/// Not a test: `cargo test --release -p reasmory_jit --test life -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn compile_time() {
    let program = thirty_calls();
    for opt in LEVELS {
        let mut times: Vec<_> = (0..500)
            .map(|_| {
                let start = std::time::Instant::now();
                drop(compile(&program, opt).unwrap());
                start.elapsed()
            })
            .collect();
        times.sort();
        println!("{opt:?}: median {:?}, p95 {:?}", times[250], times[475]);
    }
}
