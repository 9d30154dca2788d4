//! `emit clif` and `emit asm`.

mod common;

use common::*;
use reasmory_ir::InstKind as I;
use reasmory_types::Ty;

fn small() -> std::sync::Arc<reasmory_ir::Verified<reasmory_ir::Program>> {
    let (mut f, v) = Build::new("double", &[Ty::LENGTH], Some(Ty::LENGTH));
    let x = f.inst(I::FAdd(v[0], v[0]), Ty::LENGTH);
    f.end(reasmory_ir::TermKind::Return(Some(x)));
    let mut p = Build::main();
    let d = p.op("diagonal", vec![]);
    let twice = p.inst(I::Call(reasmory_ir::FuncId(1), vec![d]), Ty::LENGTH);
    p.answer(twice);
    program(vec![p.finish(), f.b.finish()])
}

#[test]
fn clif_names_what_it_calls() {
    insta::assert_snapshot!(reasmory_jit::print_clif(&small()), @r#"
    ; main
    function %main(i64, i32, i64) -> i32 system_v {
        ss0 = explicit_slot 16, align = 8
        sig0 = (i64, i32, i64) -> i32 system_v
        fn0 = %__reasmory_rt_steps sig0

    block0(v0: i64, v1: i32, v2: i64):
        v3 = stack_addr.i64 ss0
        v4 = iconst.i32 0
        v5 = call fn0(v0, v4, v3)  ; v4 = 0
        brif v5, block1, block2

    block2:
        v6 = iconst.i32 0
        return v6  ; v6 = 0

    block1 cold:
        v7 = load.i32 notrap aligned v0+24
        return v7
    }

    ; double
    function %double(i64, i32, i64) -> i32 system_v {
        sig0 = (i64, i32) -> i32 system_v
        fn0 = %__reasmory_rt_refuel sig0
        fn1 = %__reasmory_rt_fail sig0

    block0(v0: i64, v1: i32, v2: i64):
        v3 = load.f64 notrap aligned v2
        v4 = load.i64 notrap aligned v0
        v5 = iconst.i64 -1
        v6 = iadd v4, v5  ; v5 = -1
        store notrap aligned v6, v0
        v7 = iconst.i64 0
        v8 = icmp slt v6, v7  ; v7 = 0
        brif v8, block2, block1

    block2 cold:
        v9 = call fn0(v0, v1)
        brif v9, block3, block1

    block1:
        v10 = fadd.f64 v3, v3
        v11 = fsub v10, v10
        v12 = fcmp ord v11, v11
        v14 = iconst.i64 0x0001_0000_0000
        brif v12, block4, block5(v14)  ; v14 = 0x0001_0000_0000

    block4:
        store.f64 notrap aligned v10, v0+16
        v15 = iconst.i32 0
        return v15  ; v15 = 0

    block5(v13: i64) cold:
        store notrap aligned v13, v0+56
        v16 = iconst.i32 2
        v17 = call fn1(v0, v16)  ; v16 = 2
        return v17

    block3 cold:
        v18 = load.i32 notrap aligned v0+24
        return v18
    }
    "#);
}

#[test]
fn asm_names_what_it_calls_and_holds_no_addresses() {
    let asm = reasmory_jit::print_asm(&small());
    for name in ["; main", "; double", "__reasmory_rt_steps", "__reasmory_rt_fail", "ret"] {
        assert!(asm.contains(name), "{name} in\n{asm}");
    }
    assert!(!asm.contains("userextname"), "{asm}");
    assert_eq!(asm, reasmory_jit::print_asm(&small()));
}
