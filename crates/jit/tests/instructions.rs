//! Every instruction, in both engines.

mod common;

use common::*;
use reasmory_ir::{CmpOp, ConstText, InstKind as I, Rounding, Target, TermKind, Value};
use reasmory_ops::OpId;
use reasmory_runtime::Limits;
use reasmory_types::{Dim, Direction, Ty};

const BIG: f64 = 1e308;

#[test]
fn float_arithmetic() {
    let floats = |kind: fn(Value, Value) -> I, a: f64, b: f64| {
        check(|p| {
            let (a, b) = (p.num(a), p.num(b));
            p.inst(kind(a, b), Ty::NUMBER)
        })
    };
    assert_eq!(floats(I::FAdd, 0.1, 0.2), "0.30000000000000004");
    assert_eq!(floats(I::FSub, 0.0, 0.0), "0.0");
    assert_eq!(floats(I::FSub, -0.0, 0.0), "-0.0");
    assert_eq!(floats(I::FMul, -1.0, 0.0), "-0.0");
    assert_eq!(floats(I::FDiv, 1.0, 3.0), "0.3333333333333333");
    assert_eq!(floats(I::FDiv, 1.0, -4.0), "-0.25");
    assert_eq!(floats(I::FMod, -90.0, 360.0), "270.0");
    assert_eq!(floats(I::FMin, 0.0, -0.0), "0.0");
    assert_eq!(floats(I::FMin, -0.0, 0.0), "-0.0");
    assert_eq!(floats(I::FMin, 2.0, 1.0), "1.0");
    assert_eq!(floats(I::FMax, 0.0, -0.0), "0.0");
    assert_eq!(floats(I::FMax, -0.0, 0.0), "-0.0");
    assert_eq!(floats(I::FMax, 1.0, 2.0), "2.0");
    let not_finite = "NotANumber at 3: the result is not a finite number";
    assert_eq!(floats(I::FAdd, BIG, BIG), not_finite);
    assert_eq!(floats(I::FSub, -BIG, BIG), not_finite);
    assert_eq!(floats(I::FMul, BIG, 10.0), not_finite);
    assert_eq!(floats(I::FDiv, BIG, 0.01), not_finite);
    assert_eq!(floats(I::FMod, -1.0, f64::MAX), "1.7976931348623157e308");
    for zero in [0.0, -0.0] {
        assert_eq!(floats(I::FDiv, 1.0, zero), "NotANumber at 3: division by zero");
        assert_eq!(floats(I::FDiv, 0.0, zero), "NotANumber at 3: division by zero");
        assert_eq!(floats(I::FMod, 1.0, zero), "NotANumber at 3: division by zero");
    }
    let unary = |kind: fn(Value) -> I, a: f64| {
        check(|p| {
            let a = p.num(a);
            p.inst(kind(a), Ty::NUMBER)
        })
    };
    assert_eq!(unary(I::FNeg, 0.0), "-0.0");
    assert_eq!(unary(I::FAbs, -0.0), "0.0");
    assert_eq!(unary(I::FAbs, -2.5), "2.5");
    assert_eq!(unary(I::FSqrt, 2.0), "1.4142135623730951");
    assert_eq!(unary(I::FSqrt, -0.0), "-0.0");
    let root = "NotANumber at 2: the square root of a negative number";
    assert_eq!(unary(I::FSqrt, -1e-300), root);
}

#[test]
fn rounding() {
    let round = |how: Rounding, x: f64| {
        check(|p| {
            let x = p.num(x);
            p.inst(I::FRound(how, x), Ty::Int)
        })
    };
    assert_eq!(round(Rounding::Nearest, 0.5), "0");
    assert_eq!(round(Rounding::Nearest, 1.5), "2");
    assert_eq!(round(Rounding::Floor, -0.5), "-1");
    assert_eq!(round(Rounding::Ceil, 0.2), "1");
    assert_eq!(round(Rounding::Floor, -9_223_372_036_854_775_808.0), i64::MIN.to_string());
    let overflow = "IntegerOverflow at 2: the result does not fit a 64-bit Int";
    assert_eq!(round(Rounding::Floor, 9_223_372_036_854_775_808.0), overflow);
    assert_eq!(round(Rounding::Nearest, -BIG), overflow);
}

#[test]
fn int_arithmetic() {
    let ints = |kind: fn(Value, Value) -> I, a: i64, b: i64| {
        check(|p| {
            let (a, b) = (p.int(a), p.int(b));
            p.inst(kind(a, b), Ty::Int)
        })
    };
    let edges = [0, 1, -1, 2, -2, 3, 7, -7, 1 << 31, 1 << 32, -(1 << 32), i64::MAX, i64::MIN];
    for a in edges {
        for b in edges {
            let overflow = || "IntegerOverflow at 3: the result does not fit a 64-bit Int".into();
            let text = |x: Option<i64>| x.map_or_else(overflow, |x| x.to_string());
            assert_eq!(ints(I::IAdd, a, b), text(a.checked_add(b)), "{a} + {b}");
            assert_eq!(ints(I::ISub, a, b), text(a.checked_sub(b)), "{a} - {b}");
            assert_eq!(ints(I::IMul, a, b), text(a.checked_mul(b)), "{a} * {b}");
        }
    }
    assert_eq!(ints(I::IMod, -7, 3), "2");
    assert_eq!(ints(I::IMod, 7, -3), "-2");
    assert_eq!(ints(I::IMod, i64::MIN, -1), "0");
    assert_eq!(ints(I::IMod, 1, 0), "NotANumber at 3: division by zero");
    assert_eq!(ints(I::IMin, i64::MIN, 1), i64::MIN.to_string());
    assert_eq!(ints(I::IMax, i64::MIN, 1), "1");
    let unary = |kind: fn(Value) -> I, a: i64| {
        check(|p| {
            let a = p.int(a);
            p.inst(kind(a), Ty::Int)
        })
    };
    assert_eq!(unary(I::INeg, i64::MAX), (-i64::MAX).to_string());
    assert_eq!(unary(I::IAbs, -5), "5");
    assert_eq!(unary(I::IAbs, 5), "5");
    let overflow = "IntegerOverflow at 2: the result does not fit a 64-bit Int";
    assert_eq!(unary(I::INeg, i64::MIN), overflow);
    assert_eq!(unary(I::IAbs, i64::MIN), overflow);
    let float = check(|p| {
        let a = p.int((1 << 53) + 1);
        p.inst(I::IntToFloat(a), Ty::NUMBER)
    });
    assert_eq!(float, "9007199254740992.0");
}

const CMPS: [CmpOp; 6] = [CmpOp::Eq, CmpOp::Ne, CmpOp::Lt, CmpOp::Le, CmpOp::Gt, CmpOp::Ge];

#[test]
fn comparisons() {
    for (a, b, expected) in [
        (1.0, 2.0, [false, true, true, true, false, false]),
        (0.0, -0.0, [true, false, false, true, false, true]),
        (3.0, 2.0, [false, true, false, false, true, true]),
    ] {
        for (op, e) in CMPS.into_iter().zip(expected) {
            for doubt in [false, true] {
                let found = check(|p| {
                    let (a, b) = (p.length(a), p.length(b));
                    p.inst(I::FCmp { op, a, b, doubt }, Ty::Bool)
                });
                assert_eq!(found, e.to_string(), "{a} {op:?} {b}");
            }
            let found = check(|p| {
                let (a, b) = (p.int(a as i64), p.int(b as i64));
                p.inst(I::ICmp(op, a, b), Ty::Bool)
            });
            assert_eq!(found, e.to_string());
        }
    }
    assert_eq!(
        check(|p| {
            let t = p.boolean(true);
            p.inst(I::Not(t), Ty::Bool)
        }),
        "false"
    );
}

#[test]
fn doubtful_comparisons_are_recorded_and_can_be_flipped() {
    let mut p = Build::main();
    let (a, b, far) = (p.length(1.0), p.length(1.01), p.length(9.0));
    let near = p.inst(I::FCmp { op: CmpOp::Lt, a, b, doubt: true }, Ty::Bool);
    let sure = p.inst(I::FCmp { op: CmpOp::Lt, a, b: far, doubt: true }, Ty::Bool);
    let x = p.list(vec![b, a], Ty::LENGTH);
    let sorted = p.inst(I::ListSortBy { list: x, keys: x, doubt: true }, Ty::LENGTH.list());
    let one = p.int(1);
    let first = p.inst(I::ListGet(sorted, one), Ty::LENGTH);
    let is_a = p.inst(I::FCmp { op: CmpOp::Eq, a: first, b: a, doubt: false }, Ty::Bool);
    let all = p.list(vec![near, sure, is_a], Ty::Bool);
    p.answer(all);
    let program = program(vec![p.finish()]);
    let at = |flip| {
        let ended = differential_with(&program, &memory(0.1), Limits::default(), flip);
        (describe(&ended), ended.outcome.decisions.len())
    };
    assert_eq!(at(None), ("[true, true, true]".into(), 2));
    assert_eq!(at(Some(0)), ("[false, true, true]".into(), 2));
    assert_eq!(at(Some(1)), ("[true, true, false]".into(), 2));
    assert_eq!(differential(&program, &memory(0.0)).outcome.decisions.len(), 0);
}

#[test]
fn identity() {
    let same = |make: fn(&mut Build) -> (Value, Value)| {
        check(|p| {
            let (a, b) = make(p);
            p.inst(I::Same(a, b), Ty::Bool)
        })
    };
    assert_eq!(same(|p| (p.text(0), p.text(0))), "true");
    assert_eq!(same(|p| (p.text(0), p.text(1))), "false");
    assert_eq!(same(|p| (p.num(0.0), p.num(-0.0))), "true");
    assert_eq!(same(|p| (p.category(0), p.category(2))), "false");
    assert_eq!(same(|p| (p.category(2), p.category(2))), "true");
    assert_eq!(same(|p| (p.int(4), p.int(4))), "true");
    let lists = |p: &mut Build, x: f64| {
        let v = p.num(x);
        p.list(vec![v], Ty::NUMBER)
    };
    assert_eq!(
        check(|p| {
            let (a, b) = (lists(p, 0.0), lists(p, -0.0));
            p.inst(I::Same(a, b), Ty::Bool)
        }),
        "true"
    );
    assert_eq!(
        check(|p| {
            let a = p.inst(I::ConstDirection(Direction::Left), Ty::Direction);
            let b = p.inst(I::ConstDirection(Direction::Right), Ty::Direction);
            p.inst(I::Same(a, b), Ty::Bool)
        }),
        "false"
    );
}

#[test]
fn constants_and_conversions() {
    assert_eq!(check(|p| p.text(3)), "front-left");
    assert_eq!(check(|p| p.category(0)), "chair");
    assert_eq!(check(|p| p.category(2)), "spaceship");
    assert_eq!(check(|p| p.inst(I::ConstDirection(Direction::Up), Ty::Direction)), "up");
    assert_eq!(
        check(|p| {
            let t = p.text(3);
            p.inst(I::DirectionOf(t), Ty::Direction)
        }),
        "front_left"
    );
    assert_eq!(
        check(|p| {
            let t = p.text(0);
            p.inst(I::CategoryOf(t), Ty::Category)
        }),
        "chair"
    );
    let bad = check(|p| {
        let t = p.text(0);
        p.inst(I::DirectionOf(t), Ty::Direction)
    });
    assert_eq!(bad, "Internal at 2: `chair` is no direction");
}

fn ints(p: &mut Build, xs: &[i64]) -> Value {
    let members = xs.iter().map(|x| p.int(*x)).collect();
    p.list(members, Ty::Int)
}

#[test]
fn lists() {
    let of_list = |kind: fn(Value) -> I, ty: Ty| {
        check(|p| {
            let l = ints(p, &[3, 1, 2]);
            p.inst(kind(l), ty.clone())
        })
    };
    assert_eq!(of_list(I::ListLen, Ty::Int), "3");
    assert_eq!(of_list(I::ListReverse, Ty::Int.list()), "[2, 1, 3]");
    let get = |i: i64| {
        check(|p| {
            let l = ints(p, &[3, 1]);
            let i = p.int(i);
            p.inst(I::ListGet(l, i), Ty::Int)
        })
    };
    assert_eq!(get(1), "3");
    assert_eq!(get(2), "1");
    assert_eq!(get(0), "IndexOutOfRange at 5: index 0 of a list of 2; the first is 1");
    assert_eq!(get(3), "IndexOutOfRange at 5: index 3 of a list of 2");
    assert_eq!(get(i64::MIN), format!("IndexOutOfRange at 5: index {} of a list of 2", i64::MIN));
    let range = |a: i64, b: i64| {
        check(|p| {
            let (a, b) = (p.int(a), p.int(b));
            p.inst(I::ListRange(a, b), Ty::Int.list())
        })
    };
    assert_eq!(range(-1, 2), "[-1, 0, 1, 2]");
    assert_eq!(range(2, 1), "[]");
    assert!(range(i64::MIN, i64::MAX).starts_with("RunLimit at 3: a range of"));
    let contains = |x: i64| {
        check(|p| {
            let l = ints(p, &[3, 1]);
            let x = p.int(x);
            p.inst(I::ListContains(l, x), Ty::Bool)
        })
    };
    assert_eq!((contains(1), contains(2)), ("true".into(), "false".into()));
    assert_eq!(
        check(|p| {
            let (a, b) = (ints(p, &[1]), ints(p, &[]));
            let c = p.inst(I::ListConcat(a, b), Ty::Int.list());
            p.inst(I::ListConcat(c, a), Ty::Int.list())
        }),
        "[1, 1]"
    );
    assert_eq!(
        check(|p| {
            let l = ints(p, &[1, 2, 3]);
            let keys: Vec<_> = [0.5, -1.0, 0.5].into_iter().map(|x| p.num(x)).collect();
            let keys = p.list(keys, Ty::NUMBER);
            p.inst(I::ListSortBy { list: l, keys, doubt: false }, Ty::Int.list())
        }),
        "[2, 1, 3]"
    );
    assert_eq!(
        check(|p| {
            let l = ints(p, &[1, 2, 3]);
            let keys = ints(p, &[0, -5, i64::MAX]);
            p.inst(I::ListSortBy { list: l, keys, doubt: false }, Ty::Int.list())
        }),
        "[2, 1, 3]"
    );
    let group = Ty::Group(Box::new(Ty::NUMBER), Box::new(Ty::Int));
    let grouped = |p: &mut Build| {
        let l = ints(p, &[1, 2, 3]);
        let keys: Vec<_> = [0.0, 1.0, -0.0].into_iter().map(|x| p.num(x)).collect();
        let keys = p.list(keys, Ty::NUMBER);
        p.inst(I::GroupBy(l, keys), group.clone().list())
    };
    assert_eq!(check(grouped), "[0.0 => [1, 3], 1.0 => [2]]");
    let second = |p: &mut Build| {
        let g = grouped(p);
        let two = p.int(2);
        p.inst(I::ListGet(g, two), group.clone())
    };
    assert_eq!(
        check(|p| {
            let g = second(p);
            p.inst(I::GroupKey(g), Ty::NUMBER)
        }),
        "1.0"
    );
    assert_eq!(
        check(|p| {
            let g = second(p);
            p.inst(I::GroupMembers(g), Ty::Int.list())
        }),
        "[2]"
    );
    // More members than fit any register file.
    let many: Vec<i64> = (0..700).collect();
    assert_eq!(
        check(|p| {
            let l = ints(p, &many);
            p.inst(I::ListLen(l), Ty::Int)
        }),
        "700"
    );
}

#[test]
fn operations_and_records() {
    let memory = memory(0.0);
    let chairs = |p: &mut Build| {
        let c = p.category(0);
        p.op("objects", vec![c])
    };
    assert_eq!(check_in(&memory, chairs), "[chair #1, chair #2]");
    assert_eq!(
        check_in(&memory, |p| {
            let c = p.inst(I::Absent, Ty::Category);
            let all = p.op("objects", vec![c]);
            p.inst(I::ListLen(all), Ty::Int)
        }),
        "3"
    );
    let second = |p: &mut Build| {
        let l = chairs(p);
        let two = p.int(2);
        p.inst(I::ListGet(l, two), Ty::Object)
    };
    assert_eq!(
        check_in(&memory, |p| {
            let c = second(p);
            let size = p.op("size", vec![c]);
            p.inst(I::Field(size, 2), Ty::LENGTH)
        }),
        "1.0"
    );
    assert_eq!(
        check_in(&memory, |p| {
            let (a, b) = (second(p), chairs(p));
            let a = p.inst(I::ToPlace(a), Ty::Place);
            let b = p.inst(I::ToPlace(b), Ty::Place);
            p.op("center_distance", vec![a, b])
        }),
        "0.5"
    );
    // A float and an optional float through the ABI.
    let view = |by: Option<f64>| {
        check_in(&memory, |p| {
            let c = second(p);
            let at = p.inst(I::ToPlace(c), Ty::Place);
            let facing = p.inst(I::Absent, Ty::Place);
            let heading = p.inst(I::ConstFloat(10.0), Ty::ANGLE);
            let eye = match by {
                Some(x) => p.length(x),
                None => p.inst(I::Absent, Ty::LENGTH),
            };
            let v = p.op("stand", vec![at, facing, heading, eye]);
            p.op("view_heading", vec![v])
        })
    };
    assert_eq!(view(Some(1.5)), view(None));
    // Marks, from a list of objects.
    let marks = check_in(&memory, |p| {
        let l = chairs(p);
        let mark = p.inst(I::ToMark(l), Ty::Mark);
        let marks = p.list(vec![mark], Ty::Mark);
        p.inst(I::ListLen(marks), Ty::Int)
    });
    assert_eq!(marks, "1");
}

#[test]
fn no_value_ends_the_run_unless_there_is_an_else() {
    let mut p = Build::main();
    let c = p.category(2);
    let best = p.op("best", vec![c]);
    p.answer(best);
    let ended = differential(&program(vec![p.finish()]), &memory(0.0));
    assert_eq!(ended.status, reasmory_runtime::Status::NoValue);
    assert!(describe(&ended).starts_with("NoValue at 2: "), "{}", describe(&ended));

    for (text, expected) in [(0, "0.0"), (2, "-1.0")] {
        let mut p = Build::main();
        let c = p.category(text);
        let minus = p.num(-1.0);
        let zero = p.num(0.0);
        let (some, got) = p.b.block(&[Ty::NUMBER, Ty::Object]);
        let (none, _) = p.b.block(&[]);
        let (end, out) = p.b.block(&[Ty::NUMBER]);
        p.end(TermKind::Try {
            op: OpId::named("best").unwrap(),
            args: vec![c],
            some: Target { block: some, args: vec![zero] },
            none: Target { block: none, args: vec![] },
        });
        p.b.switch_to(some);
        p.end(TermKind::Jump(Target { block: end, args: vec![got[0]] }));
        p.b.switch_to(none);
        p.end(TermKind::Jump(Target { block: end, args: vec![minus] }));
        p.b.switch_to(end);
        p.answer(out[0]);
        let ended = differential(&program(vec![p.finish()]), &memory(0.0));
        assert_eq!(describe(&ended), expected);
    }

    let mut p = Build::main();
    p.end(TermKind::NoValue(ConstText(1)));
    let ended = differential(&program(vec![p.finish()]), &memory(0.0));
    assert_eq!(describe(&ended), "NoValue at 1: first has no value");
}

#[test]
fn faults_pass_through_try() {
    let mut p = Build::main();
    let n = p.int(0);
    let (some, _) = p.b.block(&[Ty::Photo]);
    let (none, _) = p.b.block(&[]);
    p.end(TermKind::Try {
        op: OpId::named("photo").unwrap(),
        args: vec![n],
        some: Target { block: some, args: vec![] },
        none: Target { block: none, args: vec![] },
    });
    let ended = differential(&program(vec![p.finish()]), &memory(0.0));
    assert!(describe(&ended).starts_with("IndexOutOfRange at 2"), "{}", describe(&ended));
}

#[test]
fn assertions() {
    let assert = |cond: bool, why: bool| {
        check(|p| {
            let c = p.boolean(cond);
            let why = why.then(|| p.text(0));
            p.effect(I::Assert { cond: c, why });
            p.int(1)
        })
    };
    assert_eq!(assert(true, true), "1");
    assert_eq!(assert(false, true), "AssertionFailed at 3: chair");
    assert_eq!(assert(false, false), "AssertionFailed at 2: the assertion does not hold");
}

/// `loop n times { loop n times { total += 1 } }`
fn nested(n: i64) -> std::sync::Arc<reasmory_ir::Verified<reasmory_ir::Program>> {
    let mut p = Build::main();
    let (zero, one, n) = (p.int(0), p.int(1), p.int(n));
    let (outer, o) = p.b.block(&[Ty::Int, Ty::Int]);
    let (inner, i) = p.b.block(&[Ty::Int, Ty::Int]);
    let (body, _) = p.b.block(&[]);
    let (next, _) = p.b.block(&[]);
    let (done, _) = p.b.block(&[]);
    p.end(TermKind::Jump(Target { block: outer, args: vec![zero, zero] }));
    p.b.switch_to(outer);
    p.effect(I::Fuel);
    let more = p.inst(I::ICmp(CmpOp::Lt, o[0], n), Ty::Bool);
    p.end(TermKind::Branch {
        cond: more,
        then: Target { block: inner, args: vec![zero, o[1]] },
        otherwise: Target { block: done, args: vec![] },
    });
    p.b.switch_to(inner);
    p.effect(I::Fuel);
    let more = p.inst(I::ICmp(CmpOp::Lt, i[0], n), Ty::Bool);
    p.end(TermKind::Branch {
        cond: more,
        then: Target { block: body, args: vec![] },
        otherwise: Target { block: next, args: vec![] },
    });
    p.b.switch_to(body);
    let j = p.inst(I::IAdd(i[0], one), Ty::Int);
    let total = p.inst(I::IAdd(i[1], one), Ty::Int);
    p.end(TermKind::Jump(Target { block: inner, args: vec![j, total] }));
    p.b.switch_to(next);
    let k = p.inst(I::IAdd(o[0], one), Ty::Int);
    p.end(TermKind::Jump(Target { block: outer, args: vec![k, i[1]] }));
    p.b.switch_to(done);
    p.answer(o[1]);
    program(vec![p.finish()])
}

#[test]
fn loops_and_fuel() {
    let program = nested(30);
    let ended = differential(&program, &memory(0.0));
    assert_eq!(describe(&ended), "900");
    let used = Limits::default().fuel - ended.fuel;
    let with = |fuel| {
        let limits = Limits { fuel, ..Limits::default() };
        describe(&differential_with(&program, &memory(0.0), limits, None))
    };
    assert_eq!(with(used), "900");
    let out = with(used - 1);
    assert!(out.contains("OutOfFuel") && out.contains(&format!("{} steps", used - 1)), "{out}");
    assert!(with(0).starts_with("OutOfFuel at 5"), "{}", with(0));
}

#[test]
fn lists_grow_in_loops() {
    let mut p = Build::main();
    let (zero, one, n) = (p.int(0), p.int(1), p.int(50));
    let list = p.list(vec![], Ty::Int);
    let (head, i) = p.b.block(&[Ty::Int]);
    let (body, _) = p.b.block(&[]);
    let (done, _) = p.b.block(&[]);
    p.end(TermKind::Jump(Target { block: head, args: vec![zero] }));
    p.b.switch_to(head);
    p.effect(I::Fuel);
    let more = p.inst(I::ICmp(CmpOp::Lt, i[0], n), Ty::Bool);
    p.end(TermKind::Branch {
        cond: more,
        then: Target { block: body, args: vec![] },
        otherwise: Target { block: done, args: vec![] },
    });
    p.b.switch_to(body);
    p.effect(I::ListPush(list, i[0]));
    let j = p.inst(I::IAdd(i[0], one), Ty::Int);
    p.end(TermKind::Jump(Target { block: head, args: vec![j] }));
    p.b.switch_to(done);
    let len = p.inst(I::ListLen(list), Ty::Int);
    p.answer(len);
    let program = program(vec![p.finish()]);
    assert_eq!(describe(&differential(&program, &memory(0.0))), "50");
    let limits = Limits { values: 30, ..Limits::default() };
    let full = describe(&differential_with(&program, &memory(0.0), limits, None));
    assert!(full.starts_with("RunLimit"), "{full}");
}

#[test]
fn parameters_swap_at_once() {
    // (a, b) := (b, a), three times.
    let mut p = Build::main();
    let (zero, one, n) = (p.int(0), p.int(1), p.int(3));
    let (x, y) = (p.num(1.0), p.num(2.0));
    let (head, v) = p.b.block(&[Ty::Int, Ty::NUMBER, Ty::NUMBER]);
    let (body, _) = p.b.block(&[]);
    let (done, _) = p.b.block(&[]);
    p.end(TermKind::Jump(Target { block: head, args: vec![zero, x, y] }));
    p.b.switch_to(head);
    p.effect(I::Fuel);
    let more = p.inst(I::ICmp(CmpOp::Lt, v[0], n), Ty::Bool);
    p.end(TermKind::Branch {
        cond: more,
        then: Target { block: body, args: vec![] },
        otherwise: Target { block: done, args: vec![] },
    });
    p.b.switch_to(body);
    let j = p.inst(I::IAdd(v[0], one), Ty::Int);
    p.end(TermKind::Jump(Target { block: head, args: vec![j, v[2], v[1]] }));
    p.b.switch_to(done);
    let out = p.list(vec![v[1], v[2]], Ty::NUMBER);
    p.answer(out);
    assert_eq!(describe(&differential(&program(vec![p.finish()]), &memory(0.0))), "[2.0, 1.0]");
}

#[test]
fn calls() {
    // Twelve parameters of mixed types, so that some travel on the stack.
    let params: Vec<Ty> = (0..12).map(|i| if i % 2 == 0 { Ty::Int } else { Ty::NUMBER }).collect();
    let (mut f, v) = Build::new("mix", &params, Some(Ty::NUMBER));
    let mut sum = f.num(0.0);
    for (i, v) in v.into_iter().enumerate() {
        let x = if i % 2 == 0 { f.inst(I::IntToFloat(v), Ty::NUMBER) } else { v };
        let weight = f.num(f64::from(1 << i));
        let term = f.inst(I::FMul(x, weight), Ty::NUMBER);
        sum = f.inst(I::FAdd(sum, term), Ty::NUMBER);
    }
    f.end(TermKind::Return(Some(sum)));
    let mix = f.b.finish();

    // A call inside a call; the inner one faults for 0.
    let (mut g, v) = Build::new("inverse", &[Ty::NUMBER], Some(Ty::NUMBER));
    let one = g.num(1.0);
    let q = g.inst(I::FDiv(one, v[0]), Ty::NUMBER);
    g.end(TermKind::Return(Some(q)));
    let inverse = g.b.finish();

    let run = |x: f64| {
        let mut p = Build::main();
        let mut args = Vec::new();
        for i in 0..12 {
            args.push(if i % 2 == 0 { p.int(i) } else { p.num(i as f64) });
        }
        let y = p.inst(I::Call(reasmory_ir::FuncId(1), args), Ty::NUMBER);
        let x = p.num(x);
        let z = p.inst(I::Call(reasmory_ir::FuncId(2), vec![x]), Ty::NUMBER);
        let out = p.inst(I::FAdd(y, z), Ty::NUMBER);
        p.answer(out);
        let program = program(vec![p.finish(), mix.clone(), inverse.clone()]);
        let ended = differential(&program, &memory(0.0));
        assert_eq!(Limits::default().fuel - ended.fuel, 2);
        describe(&ended)
    };
    let expected: i32 = (0..12).map(|i| i * (1 << i)).sum();
    assert_eq!(run(4.0), format!("{:?}", f64::from(expected) + 0.25));
    assert_eq!(run(0.0), "NotANumber at 2: division by zero");
}

#[test]
fn calls_spend_fuel() {
    // Each function calls the next one twice: 2^40 calls, stopped by the limit.
    let mut functions = Vec::new();
    for i in 0..40u32 {
        let mut p = match i {
            0 => Build::main(),
            _ => Build::new(&format!("f{i}"), &[], Some(Ty::Int)).0,
        };
        let callee = reasmory_ir::FuncId(i + 1);
        p.inst(I::Call(callee, vec![]), Ty::Int);
        let x = p.inst(I::Call(callee, vec![]), Ty::Int);
        p.end(TermKind::Return((i > 0).then_some(x)));
        functions.push(p.b.finish());
    }
    let (mut last, _) = Build::new("f40", &[], Some(Ty::Int));
    let x = last.int(1);
    last.end(TermKind::Return(Some(x)));
    functions.push(last.b.finish());
    let limits = Limits { fuel: 5_000, ..Limits::default() };
    let ended = differential_with(&program(functions), &memory(0.0), limits, None);
    assert!(describe(&ended).starts_with("OutOfFuel"), "{}", describe(&ended));
}

#[test]
fn deep_expressions() {
    let found = check(|p| {
        let one = p.num(1.0);
        let mut x = one;
        for _ in 0..3_000 {
            x = p.inst(I::FAdd(x, one), Ty::NUMBER);
        }
        x
    });
    assert_eq!(found, "3001.0");
    // All of them alive at once.
    let found = check(|p| {
        let one = p.num(1.0);
        let terms: Vec<Value> = (0..400).map(|_| p.inst(I::FAdd(one, one), Ty::NUMBER)).collect();
        let l = p.list(terms.clone(), Ty::NUMBER);
        let mut x = one;
        for t in terms {
            x = p.inst(I::FMul(x, t), Ty::NUMBER);
        }
        let n = p.inst(I::ListLen(l), Ty::Int);
        let n = p.inst(I::IntToFloat(n), Ty::NUMBER);
        p.inst(I::FDiv(x, n), Ty::NUMBER)
    });
    assert_eq!(found, format!("{:?}", 2f64.powi(400) / 400.0));
}

#[test]
fn units_of_answers_are_kept() {
    let mut p = Build::main();
    let x = p.length(1.5);
    let cm = reasmory_types::Unit::named("cm").unwrap().index() as u32;
    p.effect(I::Answer { value: x, unit: Some(cm) });
    let ended = differential(&program(vec![p.finish()]), &memory(0.0));
    let answer = ended.outcome.answer.unwrap();
    assert_eq!(answer.1, Some(cm));
    assert_eq!(answer.0, reasmory_runtime::AnswerValue::Quantity(1.5, Dim::LENGTH));
}
