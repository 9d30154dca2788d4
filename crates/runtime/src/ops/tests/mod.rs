//! Every operation on small memories with values computed by hand, and laws on random ones.

mod laws;
mod measurement;
mod navigation;
mod query;
mod relations;
mod rendering;
mod viewpoints;
mod visibility;

use std::sync::OnceLock;

use proptest::prelude::*;
use reasmory_ir::Program;
use reasmory_ops::OpId;

use super::{Operations, dispatch};
use crate::testing::{World, level, over};
use crate::{ABSENT, Datum, FaultKind, Limits, OBJECT_PLACE, Run, Slot};

#[test]
fn dispatch_reads_slots_and_writes_slots() {
    let mut w = World::metric();
    w.object("sofa", [1.0, 1.0, 0.5], [1.0; 3]);
    w.object("chair", [3.0, 1.0, 0.5], [1.0; 3]);
    let memory = w.build();
    over(&memory, |run| {
        let all = dispatch(run, OpId::Objects, &[ABSENT]).unwrap();
        assert_eq!(run.arena.list(all).unwrap(), [1, 2]);
        let [a, b] = [1, 2].map(|id| OBJECT_PLACE | id);
        let d = dispatch(run, OpId::Distance, &[a, b]).unwrap();
        assert_eq!(f64::from_bits(d), 1.0);
        let few = dispatch(run, OpId::Distance, &[a]).unwrap_err();
        assert_eq!(few.kind, FaultKind::Internal);
        let wrong = dispatch(run, OpId::Distance, &[a, 7 << 32]).unwrap_err();
        assert!(wrong.message.contains("is no Place"), "{wrong}");
    });
}

fn rich() -> reasmory_scene::Memory {
    let mut w = World::metric();
    let sofa = w.object("sofa", [1.0, 1.0, 0.5], [1.0; 3]);
    w.instance(sofa).front = Some([1.0, 0.0, 0.0]);
    w.object("chair", [3.0, 1.0, 0.5], [1.0; 3]);
    w.object("chair", [3.0, 2.0, 0.5], [0.5, 0.0, 0.5]);
    w.photo(level(0.2, 0.2, 1.5, 40.0), Some(0.0));
    w.noise(0.02);
    w.build()
}

fn slot() -> impl Strategy<Value = Slot> {
    prop_oneof![
        0..20u64,
        (1..4u64, 0..12u64).prop_map(|(tag, id)| tag << 32 | id),
        any::<u64>(),
        Just(ABSENT),
        any::<f64>().prop_map(f64::to_bits),
        (-10.0..10.0).prop_map(f64::to_bits),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    /// No argument, however wrong, makes an operation panic.
    #[test]
    fn no_arguments_panic(op in 0usize..200, args in prop::collection::vec(slot(), 6)) {
        let memory = rich();
        let ops: Vec<OpId> = OpId::all().collect();
        let program = Program { texts: vec!["sofa".into(), "x".into()], ..Program::default() };
        let cloud = OnceLock::new();
        let limits = Limits { picture: 24, ..Limits::default() };
        let mut run = Run::new(&memory, &program, &cloud, limits, None);
        let view = level(0.5, 0.5, 1.0, 10.0);
        for datum in [
            Datum::Record([1e300, -1e300, 1.0]),
            Datum::List(vec![OBJECT_PLACE | 9, 4]),
            Datum::View(Box::new(view)),
            Datum::List(vec![]),
            Datum::List(vec![1, 2]),
            Datum::List(vec![12]),
            Datum::Marks(vec![reasmory_render::Mark::Instance(77)]),
            Datum::List(vec![6]),
        ] {
            run.arena.add(datum).unwrap();
        }
        let _ = dispatch(&mut run, ops[op % ops.len()], &args);
    }
}

#[test]
fn limits_end_a_run() {
    let memory = rich();
    over(&memory, |run| {
        let v = level(0.5, 0.5, 1.0, 10.0);
        for _ in 0..4 {
            run.ego(v, vec![]).unwrap();
        }
        assert_eq!(run.ego(v, vec![]).unwrap_err().kind, FaultKind::RunLimit);
    });
}
