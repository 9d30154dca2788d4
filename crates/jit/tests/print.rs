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
    function %main(i64) -> i32 system_v {
        ss0 = explicit_slot 32, align = 8
        sig0 = (i64, i32, i64, i64) -> i32 system_v
        sig1 = (i64, f64) -> i32 system_v
        sig2 = (i64, i32, i64, i64) -> i32 system_v
        sig3 = (i64, i32, i64, i64) -> i32 system_v
        fn0 = %__reasmory_op_diagonal sig0
        fn1 = %double sig1
        fn2 = %__reasmory_rt_answer sig2
        fn3 = %__reasmory_rt_fail sig3

    block0(v0: i64):
        v1 = stack_addr.i64 ss0
        v2 = stack_addr.i64 ss0+8
        v3 = iconst.i32 1
        v4 = call fn0(v0, v3, v2, v1)  ; v3 = 1
        brif v4, block1(v4), block2

    block2:
        v6 = stack_addr.i64 ss0
        v7 = load.f64 notrap aligned v6
        v8 = load.i64 notrap aligned v0
        v9 = load.i64 notrap aligned v8
        v11 = iconst.i64 0x0002_0000_0004
        brif v9, block3, block4(v11)  ; v11 = 0x0002_0000_0004

    block3:
        v12 = iconst.i64 1
        v13 = isub.i64 v9, v12  ; v12 = 1
        store notrap aligned v13, v8
        v14 = call fn1(v0, v7)
        brif v14, block1(v14), block5

    block5:
        v15 = load.f64 notrap aligned v0+16
        v16 = iconst.i64 1
        v17 = iconst.i64 0xffff_ffff
        v18 = stack_addr.i64 ss0
        v19 = stack_addr.i64 ss0+8
        store notrap aligned v15, v19
        store notrap aligned v16, v19+8  ; v16 = 1
        store notrap aligned v17, v19+16  ; v17 = 0xffff_ffff
        v20 = iconst.i32 3
        v21 = call fn2(v0, v20, v19, v18)  ; v20 = 3
        brif v21, block1(v21), block6

    block6:
        v22 = iconst.i32 0
        return v22  ; v22 = 0

    block4(v10: i64) cold:
        v23 = ireduce.i32 v10
        v24 = uextend.i64 v23
        v25 = iconst.i64 32
        v26 = ushr v10, v25  ; v25 = 32
        v27 = ireduce.i32 v26
        v28 = stack_addr.i64 ss0
        v29 = stack_addr.i64 ss0+8
        store notrap aligned v24, v29
        v30 = call fn3(v0, v27, v29, v28)
        jump block1(v30)

    block1(v5: i32) cold:
        return v5
    }

    ; double
    function %double(i64, f64) -> i32 system_v {
        ss0 = explicit_slot 16, align = 8
        sig0 = (i64, i32, i64, i64) -> i32 system_v
        fn0 = %__reasmory_rt_fail sig0

    block0(v0: i64, v1: f64):
        v2 = fadd v1, v1
        v3 = fsub v2, v2
        v4 = fcmp ord v3, v3
        v6 = iconst.i64 0x0001_0000_0000
        brif v4, block1, block2(v6)  ; v6 = 0x0001_0000_0000

    block1:
        store.f64 notrap aligned v2, v0+16
        v7 = iconst.i32 0
        return v7  ; v7 = 0

    block2(v5: i64) cold:
        v9 = ireduce.i32 v5
        v10 = uextend.i64 v9
        v11 = iconst.i64 32
        v12 = ushr v5, v11  ; v11 = 32
        v13 = ireduce.i32 v12
        v14 = stack_addr.i64 ss0
        v15 = stack_addr.i64 ss0+8
        store notrap aligned v10, v15
        v16 = call fn0(v0, v13, v15, v14)
        jump block3(v16)

    block3(v8: i32) cold:
        return v8
    }
    "#);
}

#[test]
fn asm_names_what_it_calls_and_holds_no_addresses() {
    let asm = reasmory_jit::print_asm(&small());
    for name in ["; main", "; double", "__reasmory_op_diagonal", "__reasmory_rt_answer", "ret"] {
        assert!(asm.contains(name), "{name} in\n{asm}");
    }
    assert!(!asm.contains("userextname"), "{asm}");
    assert_eq!(asm, reasmory_jit::print_asm(&small()));
}
