//! What only the interpreter promises. Everything else it shares with compiled code, and the tests of
//! `reasmory_jit` compare the two.

use std::sync::OnceLock;

use reasmory_ir::{FuncId, FunctionBuilder, InstKind, Loc, Program, TermKind, verify};
use reasmory_runtime::{AnswerValue, Limits, Run, Status};
use reasmory_scene::{Manifest, Memory, Points, Scale};
use reasmory_span::Span;
use reasmory_types::Ty;

const L: Loc = Loc(0);

/// `main` calls f1, which calls f2, … and the last adds one.
fn chain(depth: u32) -> Program {
    let mut functions = Vec::new();
    let (mut b, _) = FunctionBuilder::new("main", &[], None);
    let x = b.inst(InstKind::ConstInt(41), Ty::Int, L);
    let y = b.inst(InstKind::Call(FuncId(1), vec![x]), Ty::Int, L);
    b.effect(InstKind::Answer { value: y, unit: None }, L);
    b.terminate(TermKind::Return(None), L);
    functions.push(b.finish());
    for i in 1..=depth {
        let (mut b, v) = FunctionBuilder::new(format!("f{i}"), &[Ty::Int], Some(Ty::Int));
        let y = if i == depth {
            let one = b.inst(InstKind::ConstInt(1), Ty::Int, L);
            b.inst(InstKind::IAdd(v[0], one), Ty::Int, L)
        } else {
            b.inst(InstKind::Call(FuncId(i + 1), vec![v[0]]), Ty::Int, L)
        };
        b.terminate(TermKind::Return(Some(y)), L);
        functions.push(b.finish());
    }
    Program { functions, texts: vec![], locs: vec![Span::at(0)] }
}

#[test]
fn deep_calls_do_not_use_the_stack_of_the_host() {
    let program = verify(chain(50_000)).unwrap();
    let manifest = Manifest::empty("room", "test", Scale::metric("test"));
    let memory = Memory::new(manifest, Points::default(), None).unwrap();
    let run = |fuel: u64| {
        let cloud = OnceLock::new();
        let limits = Limits { fuel, ..Limits::default() };
        let mut run = Run::new(&memory, &program, &cloud, limits, None);
        (reasmory_interp::run(&program, &mut run), run.finish())
    };
    let (status, outcome) = run(50_000);
    assert_eq!((status, outcome.answer), (Status::Ok, Some((AnswerValue::Int(42), None))));
    let (status, outcome) = run(49_999);
    assert_eq!(status, Status::Fault);
    assert_eq!(outcome.fault.unwrap().message, "the run took more than 49999 steps");
}
