//! Measurements of the engines: binding, many programs over many scenes, calls, loops over many objects.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use reasmory_ir::{
    CmpOp, FunctionBuilder, InstKind, Loc, Target, TermKind, Value, Verified, verify,
};
use reasmory_ops::OpId;
use reasmory_runtime::{Limits, Run};
use reasmory_scene::{Memory, Points};
use reasmory_sema::CheckOptions;
use reasmory_span::Span;
use reasmory_types::Ty;

use super::{Row, Subject, manifest_error, measure};
use crate::{CodeCache, Engine, Failure, Prepared, Program, RunOptions, RunStatus, Scene, Source};

fn ours(what: impl std::fmt::Display) -> Failure {
    Failure::new(format!("the benchmark: {what}"), "report this")
}

pub(super) fn bench(subject: Subject) -> Result<Vec<Row>, Failure> {
    match subject {
        Subject::Bind => bind(),
        Subject::Many => many(),
        Subject::Call => call(),
        Subject::Closest => closest(),
        _ => bulk(),
    }
}

fn hall(n: usize) -> Result<Scene, Failure> {
    Ok(Scene::new(reasmory_synth::synthetic_scene(n, 1).map_err(manifest_error)?))
}

fn compile(text: String, scene: &Scene) -> Result<Program, Failure> {
    let source = Source::new("bench.rsm", text);
    let options = CheckOptions { scene: Some(scene.memory.manifest()), ..CheckOptions::default() };
    let program =
        crate::compile(&source, options).map_err(|r| ours(source.render(&r.diagnostics)))?;
    // As `run` has it.
    Ok(program.optimised(crate::Optimise::default()).0)
}

/// A program that was compiled for one scene of 500 objects, bound to it again, and to one it has not met
/// (`bind_other`; the program's views rest on the scene, so its lints look again).
fn bind() -> Result<Vec<Row>, Failure> {
    let scene = hall(500)?;
    let names: Vec<String> =
        scene.memory.manifest().categories.iter().map(|c| c.name.clone()).collect();
    let source = Source::new("bench.rsm", super::program(&names));
    let prepared = Prepared::new(source, Arc::new(CodeCache::default()), CheckOptions::default());
    prepared
        .bind(&scene, Engine::Jit)
        .map_err(|r| ours(prepared.source().render(&r.diagnostics)))?;
    // Equal, and another.
    let manifest = scene.memory.manifest().as_ref().clone();
    let other = Memory::new(manifest, Points::default(), None).map_err(manifest_error)?;
    let other = Scene::new(other);
    let known = prepared.verdicts();
    let rows = vec![
        measure("bind", 1.0, 100_000, || prepared.bind(&scene, Engine::Jit).is_ok()),
        measure("bind_other", 1.0, 100_000, || prepared.bind(&other, Engine::Jit).is_ok()),
    ];
    if prepared.verdicts() != known {
        return Err(ours("the other scene was checked in full"));
    }
    Ok(rows)
}

/// Categories of the scenes of [`many`]; each scene has instances of all.
const KINDS: [&str; 8] = ["bed", "cabinet", "chair", "desk", "lamp", "shelf", "sofa", "table"];

/// A scene of 16 to 50 boxes without points or photos.
fn small(seed: u64) -> Result<Scene, Failure> {
    let n = 16 + (seed * 7 % 35) as usize;
    let memory = reasmory_synth::synthetic_scene(n, seed).map_err(manifest_error)?;
    let mut m = memory.manifest().as_ref().clone();
    for (i, instance) in m.instances.iter_mut().enumerate() {
        instance.category = KINDS[i % KINDS.len()].to_owned();
        instance.seen_in.clear();
    }
    m.photos.clear();
    m.index_categories();
    Ok(Scene::new(Memory::new(m, Points::default(), None).map_err(manifest_error)?))
}

/// The `i`-th of a thousand different programs.
fn one_of_many(i: usize) -> String {
    let kind = |k: usize| KINDS[(i / 10 + k * 3) % KINDS.len()];
    let (a, b, c) = (kind(0), kind(1), kind(2));
    let cm = 50 + i;
    match i % 10 {
        0 => format!(
            "answer objects(\"{a}\").filter(o => distance(o, to=objects(\"{b}\")) < {cm}cm).count()\n"
        ),
        1 => format!(
            "x = objects(\"{a}\").largest()\ny = objects(\"{b}\").smallest()\nanswer (distance(x, to=y) + {cm}cm) as cm\n"
        ),
        2 => format!(
            "x = objects(\"{a}\").largest()\nme = stand(at=x, facing=objects(\"{b}\").largest())\nfar = objects(\"{c}\").any(o => distance(o, to=x) > {cm}cm)\nassert far or not far, \"a decision\"\nanswer side(objects(\"{c}\").largest(), from=me, among=[left, right])\n"
        ),
        3 => format!(
            "x = objects(\"{a}\").first()\nanswer objects(\"{b}\").min_by(o => center_distance(o, to=x) + {cm}cm).name()\n"
        ),
        4 => format!("answer (objects(\"{a}\").map(o => longest_side(o)).sum() + {cm}cm) as m\n"),
        5 => format!("answer objects().all(o => height(o) < {cm}cm)\n"),
        6 => format!(
            "xs = objects(\"{a}\").sort_by(o => volume(o))\nanswer (xs.first().height() + {cm}cm) as cm\n"
        ),
        7 => format!(
            "answer [longest_side(o) for o in objects() if height(o) > {cm}cm].max(else=0m) as cm\n"
        ),
        8 => format!("answer count_of(\"{a}\") + count_of(\"{b}\") * {cm}\n"),
        _ => format!(
            "x = objects(\"{a}\").largest()\nanswer if distance(x, to=objects(\"{b}\")) < {cm}cm {{ \"near\" }} else {{ \"far\" }}\n"
        ),
    }
}

/// A thousand programs, each checked, compiled and run over a hundred open scenes, on two threads. The
/// second row counts what was checked in full.
fn many() -> Result<Vec<Row>, Failure> {
    let scenes = (1..=100).map(small).collect::<Result<Vec<_>, _>>()?;
    let pass = || -> Result<f64, Failure> {
        let start = Instant::now();
        let cache = Arc::new(CodeCache::default());
        let half = |from: usize| -> Result<(), Failure> {
            for i in (from..1000).step_by(2) {
                let program = Prepared::new(
                    Source::new("p", one_of_many(i)),
                    Arc::clone(&cache),
                    CheckOptions::default(),
                );
                for scene in &scenes {
                    let bound = program
                        .bind(scene, Engine::Jit)
                        .map_err(|r| ours(program.source().render(&r.diagnostics)))?;
                    let report = bound.run(RunOptions::default());
                    if report.status != RunStatus::Answered {
                        return Err(ours(program.source().render(&report.diagnostics)));
                    }
                }
            }
            Ok(())
        };
        let (a, b) = std::thread::scope(|threads| {
            let other = threads.spawn(|| half(1));
            (half(0), other.join())
        });
        a?;
        b.map_err(|_| ours("a thread panicked"))??;
        Ok(start.elapsed().as_secs_f64() * 1e3)
    };
    let mut times = (0..3).map(|_| pass()).collect::<Result<Vec<_>, _>>()?;
    times.sort_by(f64::total_cmp);
    Ok(vec![Row {
        name: "many".into(),
        median: times[1],
        p5: times[0],
        p95: times[2],
        n: times.len(),
        ..Row::default()
    }])
}

/// How often the loops of [`call`] turn.
const TURNS: i64 = 1_000_000;

/// A loop that turns [`TURNS`] times and does `body` in each.
fn counted(
    body: impl Fn(&mut FunctionBuilder, Value),
) -> Result<Arc<Verified<reasmory_ir::Program>>, Failure> {
    let loc = Loc(0);
    let (mut b, _) = FunctionBuilder::new("main", &[], None);
    let one = b.inst(InstKind::ConstInt(1), Ty::Int, loc);
    let last = b.inst(InstKind::ConstInt(TURNS), Ty::Int, loc);
    let photo = b.inst(InstKind::Op(OpId::Photo, vec![one]), Ty::Photo, loc);
    let (head, params) = b.block(&[Ty::Int]);
    let (inside, _) = b.block(&[]);
    let (end, _) = b.block(&[]);
    b.jump(head, vec![one], loc);
    b.switch_to(head);
    b.effect(InstKind::Fuel, loc);
    let more = b.inst(InstKind::ICmp(CmpOp::Le, params[0], last), Ty::Bool, loc);
    let target = |block| Target { block, args: vec![] };
    b.terminate(TermKind::Branch { cond: more, then: target(inside), otherwise: target(end) }, loc);
    b.switch_to(inside);
    body(&mut b, photo);
    let step = b.inst(InstKind::ConstInt(1), Ty::Int, loc);
    let next = b.inst(InstKind::IAdd(params[0], step), Ty::Int, loc);
    b.jump(head, vec![next], loc);
    b.switch_to(end);
    b.terminate(TermKind::Return(None), loc);
    let program = reasmory_ir::Program {
        functions: vec![b.finish()],
        texts: vec![],
        locs: vec![Span::default()],
    };
    Ok(Arc::new(verify(program).map_err(ours)?))
}

/// What a call of an operation costs compiled code, and an instruction the interpreter: loops of a million
/// turns with and without it, per turn.
fn call() -> Result<Vec<Row>, Failure> {
    let scene = hall(50)?;
    let number = |b: &mut FunctionBuilder, photo: Value| {
        b.inst(InstKind::Op(OpId::Number, vec![photo]), Ty::Int, Loc(0));
    };
    let add = |b: &mut FunctionBuilder, _: Value| {
        let x = b.inst(InstKind::ConstFloat(0.5), Ty::NUMBER, Loc(0));
        let mut sum = x;
        for _ in 0..9 {
            sum = b.inst(InstKind::FAdd(sum, x), Ty::NUMBER, Loc(0));
        }
    };
    let (empty, calls, adds) = (counted(|_, _| {})?, counted(number)?, counted(add)?);
    let cloud = OnceLock::new();
    let time = |name: &str, mir: &Arc<Verified<reasmory_ir::Program>>, native: bool| {
        let code = if native {
            let opt = reasmory_jit::OptLevel::Speed;
            let options = reasmory_jit::Options { opt, ..Default::default() };
            Some(reasmory_jit::compile(mir, options).map_err(ours)?)
        } else {
            None
        };
        Ok::<Row, Failure>(measure(name, 1.0, 100, || {
            let mut run = Run::new(&scene.memory, mir, &cloud, Limits::default(), None);
            match &code {
                Some(c) => c.run(&mut run),
                None => reasmory_interp::run(mir, &mut run),
            }
        }))
    };
    let per_turn = |name: &str, with: &Row, without: &Row, parts: f64| {
        let each = |x: f64, y: f64| ((x - y) / TURNS as f64 / parts).max(0.0);
        Row {
            name: name.to_owned(),
            median: each(with.median, without.median),
            p5: each(with.p5, without.p5),
            p95: each(with.p95, without.p95),
            n: with.n.min(without.n),
            ..Row::default()
        }
    };
    let base = time("", &empty, true)?;
    let slow_base = time("", &empty, false)?;
    Ok(vec![
        per_turn("call", &time("", &calls, true)?, &base, 1.0),
        per_turn("call_interp", &time("", &calls, false)?, &slow_base, 1.0),
        per_turn("inst_interp", &time("", &adds, false)?, &slow_base, 10.0),
    ])
}

/// Counts instructions and jumps.
struct Steps(u64);

impl reasmory_interp::Observer for Steps {
    fn before(&mut self, _: &Run<'_>, _: usize, _: &[reasmory_runtime::Slot]) {
        self.0 += 1;
    }
}

/// Loops over 100,000 objects, natively and interpreted; `…_inst` is what the interpreter takes per
/// instruction of MIR.
fn bulk() -> Result<Vec<Row>, Failure> {
    let scene = hall(100_000)?;
    let name = &scene.memory.manifest().categories[0].name;
    let programs = [
        (
            "filter",
            format!(
                "a = objects(\"{name}\").first()\nanswer objects().filter(o => height(o) > 50cm and center_distance(o, to=a) < 200m).count()\n"
            ),
        ),
        (
            "min_by",
            format!(
                "a = objects(\"{name}\").last()\nanswer objects().without(a).min_by(o => center_distance(o, to=a)).name()\n"
            ),
        ),
        (
            "count",
            "answer [o for o in objects() if longest_side(o) > 1m and volume(o) < 2m3].count()\n"
                .to_owned(),
        ),
        (
            "sum",
            "answer objects().map(o => size(o).length * size(o).width).sum() as m2\n".to_owned(),
        ),
    ];
    let mut rows = Vec::new();
    for (name, text) in programs {
        let program = compile(text, &scene)?;
        let options = reasmory_jit::Options {
            opt: reasmory_jit::OptLevel::Speed,
            ..reasmory_jit::Options::default()
        };
        let code = reasmory_jit::compile(&program.mir, options).map_err(ours)?;
        let run = |code| {
            let report = program.run_with(&scene, Limits::default(), code);
            (report.status, report.answer)
        };
        if run(Some(&code)) != run(None) || run(None).0 != RunStatus::Answered {
            return Err(ours(format!("`{name}`: {:?}", run(Some(&code)))));
        }
        let native = measure(name, 1.0, 200, || run(Some(&code)));
        let interpreted = measure(&format!("{name}_interp"), 2.0, 50, || run(None));
        let cloud = OnceLock::new();
        let mut counted = Run::new(&scene.memory, &program.mir, &cloud, Limits::default(), None);
        let mut steps = Steps(0);
        reasmory_interp::run_observed(&program.mir, &mut counted, &mut steps);
        let steps = steps.0;
        let per = |x: f64| x / steps as f64;
        let each = Row {
            name: format!("{name}_inst"),
            median: per(interpreted.median),
            p5: per(interpreted.p5),
            p95: per(interpreted.p95),
            n: interpreted.n,
            ..Row::default()
        };
        rows.extend([native, interpreted, each]);
    }
    Ok(rows)
}

/// A program bound by an operation: the closest points of 100,000 × 100 boxes.
fn closest() -> Result<Vec<Row>, Failure> {
    let scene = hall(100_000)?;
    let text = "xs = objects()\nfew = [xs[1000 * i] for i in 1..100]\nanswer xs.map(o => distance(o, to=few)).max() as m\n";
    let program = compile(text.to_owned(), &scene)?;
    let code = program.jit().map_err(|d| ours(d.message))?;
    let limits = Limits { values: 1 << 30, ..Limits::default() };
    let report = program.run_with(&scene, limits, Some(&code));
    if report.status != RunStatus::Answered {
        return Err(ours(program.source.render(&report.diagnostics)));
    }
    Ok(vec![measure("closest", 0.0, 3, || program.run_with(&scene, limits, Some(&code)).status)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loads_are_sound() {
        let scene = small(3).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for i in (0..1000).step_by(37) {
            let program = compile(one_of_many(i), &scene).unwrap_or_else(|f| panic!("{}", f.what));
            assert!(seen.insert(program.source.text.clone()));
            let report = program.run(&scene, RunOptions::default());
            assert_eq!(report.status, RunStatus::Answered, "{}", program.source.text);
        }
        assert!(scene.memory.manifest().instances.len() <= 50);
    }
}
