//! One bad program for each rule, and what the verifier says of it.

use reasmory_ir::{
    BlockId, CmpOp, ConstText, FuncId, Function, FunctionBuilder, InstKind as I, Loc, Program,
    Rounding, Target, TermKind, Value, verify,
};
use reasmory_ops::OpId;
use reasmory_span::Span;
use reasmory_types::Ty;

const L: Loc = Loc(0);

fn program(functions: Vec<Function>) -> Program {
    Program { functions, texts: vec!["chair".into()], locs: vec![Span::at(0)] }
}

fn ret() -> TermKind {
    TermKind::Return(None)
}

fn to(block: BlockId, args: Vec<Value>) -> Target {
    Target { block, args }
}

/// The error of a main function filled by `body`.
fn error(body: impl FnOnce(&mut FunctionBuilder)) -> String {
    let (mut b, _) = FunctionBuilder::new("main", &[], None);
    body(&mut b);
    b.terminate(ret(), L);
    match verify(program(vec![b.finish()])) {
        Ok(_) => "fine".into(),
        Err(e) => e.to_string(),
    }
}

fn num(b: &mut FunctionBuilder) -> Value {
    b.inst(I::ConstFloat(1.0), Ty::NUMBER, L)
}

fn length(b: &mut FunctionBuilder) -> Value {
    b.inst(I::ConstFloat(1.0), Ty::LENGTH, L)
}

fn int(b: &mut FunctionBuilder) -> Value {
    b.inst(I::ConstInt(1), Ty::Int, L)
}

fn truth(b: &mut FunctionBuilder) -> Value {
    b.inst(I::ConstBool(true), Ty::Bool, L)
}

/// The error of one instruction over a Number (%0), a Length (%1), an Int (%2), a Bool (%3), a Text (%4)
/// and a list of Ints (%5).
fn inst(kind: impl FnOnce([Value; 6]) -> I, ty: Option<Ty>) -> String {
    let text = error(|b| {
        let v = [num(b), length(b), int(b), truth(b)];
        let text = b.inst(I::ConstText(ConstText(0)), Ty::Text, L);
        let list = b.inst(I::ListNew(vec![v[2]]), Ty::Int.list(), L);
        let kind = kind([v[0], v[1], v[2], v[3], text, list]);
        match ty {
            Some(ty) => {
                b.inst(kind, ty, L);
            }
            None => b.effect(kind, L),
        }
    });
    text.replacen("function `main`, b0, instruction 6: ", "", 1)
}

#[test]
fn a_good_program_passes() {
    let m = |f: fn([Value; 6]) -> I, ty| assert_eq!(inst(f, ty), "fine");
    m(|v| I::FMul(v[1], v[1]), Some(Ty::AREA));
    m(|v| I::FDiv(v[1], v[1]), Some(Ty::NUMBER));
    m(|v| I::ListGet(v[5], v[2]), Some(Ty::Int));
    m(|v| I::ListPush(v[5], v[2]), None);
    m(|v| I::Answer { value: v[5], unit: None }, None);
}

#[test]
fn operand_and_result_types() {
    let m = |f: fn([Value; 6]) -> I, ty: Option<Ty>, expected: &str| {
        assert_eq!(inst(f, ty), expected);
    };
    let n = || Some(Ty::NUMBER);
    m(|v| I::FAdd(v[0], v[1]), n(), "`%6: Number = fadd %0, %1`: %1 is `Length`, not `Number`");
    m(|v| I::FSub(v[2], v[0]), n(), "`%6: Number = fsub %2, %0`: %2 is `Int`, not a quantity");
    m(
        |v| I::FMul(v[1], v[1]),
        Some(Ty::LENGTH),
        "`%6: Length = fmul %1, %1`: the result is `Area`, not `Length`",
    );
    m(|v| I::FSqrt(v[1]), n(), "`%6: Number = fsqrt %1`: `Length` has no square root");
    m(
        |v| I::FRound(Rounding::Floor, v[1]),
        Some(Ty::Int),
        "`%6: Int = fround.floor %1`: %1 is `Length`, not `Number`",
    );
    m(|v| I::IntToFloat(v[0]), n(), "`%6: Number = int_to_float %0`: %0 is `Number`, not `Int`");
    m(|v| I::IAdd(v[2], v[3]), Some(Ty::Int), "`%6: Int = iadd %2, %3`: %3 is `Bool`, not `Int`");
    m(
        |v| I::ICmp(CmpOp::Lt, v[0], v[0]),
        Some(Ty::Bool),
        "`%6: Bool = icmp.lt %0, %0`: %0 is `Number`, not `Int`",
    );
    m(
        |v| I::FCmp { op: CmpOp::Lt, a: v[0], b: v[1], doubt: true },
        Some(Ty::Bool),
        "`%6: Bool = fcmp.lt.doubt %0, %1`: %1 is `Length`, not `Number`",
    );
    m(|v| I::Same(v[2], v[3]), Some(Ty::Bool), "`%6: Bool = same %2, %3`: %3 is `Bool`, not `Int`");
    m(|v| I::Not(v[2]), Some(Ty::Bool), "`%6: Bool = not %2`: %2 is `Int`, not `Bool`");
    m(
        |_| I::ConstFloat(f64::NAN),
        n(),
        "`%6: Number = float bits 0x7ff8000000000000`: the constant is not a finite number",
    );
    m(
        |_| I::ConstText(ConstText(7)),
        Some(Ty::Text),
        "`%6: Text = text text 7`: there is no text 7",
    );
    m(|_| I::ConstInt(1), Some(Ty::Bool), "`%6: Bool = int 1`: the result is `Int`, not `Bool`");
    m(|_| I::ConstInt(1), None, "`int 1`: the result, a `Int`, is not named");
    m(|_| I::Fuel, Some(Ty::Int), "`%6: Int = fuel`: the instruction defines nothing");
    m(
        |v| I::ListNew(vec![v[0]]),
        Some(Ty::Int.list()),
        "`%6: List<Int> = list %0`: %0 is `Number`, not `Int`",
    );
    m(|v| I::ListPush(v[5], v[0]), None, "`push %5, %0`: %0 is `Number`, not `Int`");
    m(|v| I::ListLen(v[0]), Some(Ty::Int), "`%6: Int = len %0`: %0 is `Number`, not a list");
    m(
        |v| I::ListGet(v[5], v[0]),
        Some(Ty::Int),
        "`%6: Int = get %5, %0`: %0 is `Number`, not `Int`",
    );
    m(
        |v| I::ListContains(v[5], v[0]),
        Some(Ty::Bool),
        "`%6: Bool = contains %5, %0`: %0 is `Number`, not `Int`",
    );
    m(|v| I::Field(v[2], 0), Some(Ty::LENGTH), "`%6: Length = field %2.0`: `Int` has no field 0");
    m(
        |v| I::GroupKey(v[5]),
        Some(Ty::Int),
        "`%6: Int = group_key %5`: %5 is `List<Int>`, not a group",
    );
    m(|v| I::ToPlace(v[5]), Some(Ty::Place), "`%6: Place = to_place %5`: `List<Int>` is no place");
    m(|v| I::ToMark(v[2]), Some(Ty::Mark), "`%6: Mark = to_mark %2`: `Int` is no mark");
    m(
        |v| I::CategoryOf(v[2]),
        Some(Ty::Category),
        "`%6: Category = category_of %2`: %2 is `Int`, not `Text`",
    );
    m(
        |v| I::DirectionOf(v[2]),
        Some(Ty::Direction),
        "`%6: Direction = direction_of %2`: %2 is `Int`, not `Text`",
    );
    m(|v| I::Assert { cond: v[2], why: None }, None, "`assert %2`: %2 is `Int`, not `Bool`");
    m(
        |v| I::Assert { cond: v[3], why: Some(v[2]) },
        None,
        "`assert %3, %2`: %2 is `Int`, not `Text`",
    );
    m(|v| I::Show(v[4]), None, "`show %4`: %4 is `Text`, not `Image`");
    m(
        |v| I::Answer { value: v[1], unit: Some(6) },
        None,
        "`answer %1 as deg`: a `Length` cannot be printed in deg",
    );
    m(
        |v| I::Answer { value: v[1], unit: Some(99) },
        None,
        "`answer %1 as unit 99`: there is no unit 99",
    );
    m(
        |v| I::ListSortBy { list: v[5], keys: v[2], doubt: false },
        Some(Ty::Int.list()),
        "`%6: List<Int> = sort_by %5, %2`: %2 is `Int`, not a list",
    );
}

#[test]
fn operations_take_what_their_signature_says() {
    let op = |name: &str, args: fn([Value; 6]) -> Vec<Value>, ty: Ty| {
        inst(|v| I::Op(OpId::named(name).unwrap(), args(v)), Some(ty))
    };
    assert_eq!(op("diagonal", |_| vec![], Ty::LENGTH), "fine");
    assert_eq!(
        op("diagonal", |v| vec![v[0]], Ty::LENGTH),
        "`%6: Length = op diagonal %0`: the operation takes 0 arguments"
    );
    assert_eq!(
        op("photo", |v| vec![v[0]], Ty::Photo),
        "`%6: Photo = op photo %0`: `number` is `Int`, but %0 is `Number`"
    );
    assert_eq!(
        op("photo", |v| vec![v[2]], Ty::Object),
        "`%6: Object = op photo %2`: the result is `Photo`, not `Object`"
    );
    // An object is no place until it is made one; an extent is a length.
    let object = error(|b| {
        let photo = b.inst(I::Op(OpId::named("photos").unwrap(), vec![]), Ty::Photo.list(), L);
        b.inst(I::Op(OpId::named("center").unwrap(), vec![photo]), Ty::Point, L);
    });
    assert!(object.ends_with("`x` is `Place`, but %0 is `List<Photo>`"), "{object}");
}

#[test]
fn absent_arguments_reach_optional_parameters_only() {
    let absent = |name: &str, ty: Ty, result: Ty| {
        error(|b| {
            let a = b.inst(I::Absent, ty, L);
            b.inst(I::Op(OpId::named(name).unwrap(), vec![a]), result, L);
        })
    };
    assert_eq!(absent("objects", Ty::Category, Ty::Object.list()), "fine");
    assert_eq!(
        absent("photo", Ty::Int, Ty::Photo),
        "function `main`, b0, instruction 1: `%1: Photo = op photo %0`: %0 may be absent here"
    );
    // Through `to_place` and a jump.
    let through = error(|b| {
        let a = b.inst(I::Absent, Ty::Object, L);
        let p = b.inst(I::ToPlace(a), Ty::Place, L);
        let (next, v) = b.block(&[Ty::Place]);
        b.jump(next, vec![p], L);
        b.switch_to(next);
        b.inst(I::Op(OpId::named("center").unwrap(), vec![v[0]]), Ty::Point, L);
    });
    assert!(through.ends_with("`%3: Point = op center %2`: %2 may be absent here"), "{through}");
    let arithmetic = error(|b| {
        let a = b.inst(I::Absent, Ty::LENGTH, L);
        b.inst(I::FNeg(a), Ty::LENGTH, L);
    });
    assert!(arithmetic.ends_with("`%1: Length = fneg %0`: %0 may be absent here"), "{arithmetic}");
}

#[test]
fn ssa() {
    let never = error(|b| {
        let (_, v) = b.block(&[Ty::Int]);
        b.inst(I::INeg(v[0]), Ty::Int, L);
        let undefined = Value(99);
        b.inst(I::INeg(undefined), Ty::Int, L);
    });
    assert!(never.ends_with("`%2: Int = ineg %99`: there is no value %99"), "{never}");
    let before = error(|b| {
        let cond = truth(b);
        let (left, _) = b.block(&[]);
        let (right, _) = b.block(&[]);
        let kind = TermKind::Branch { cond, then: to(left, vec![]), otherwise: to(right, vec![]) };
        b.terminate(kind, L);
        b.switch_to(left);
        let x = int(b);
        b.terminate(ret(), L);
        b.switch_to(right);
        b.inst(I::INeg(x), Ty::Int, L);
    });
    let expected =
        "b2, instruction 0: `%2: Int = ineg %1`: the definition of %1 does not dominate this";
    assert!(before.ends_with(expected), "{before}");
    let (mut b, _) = FunctionBuilder::new("main", &[], None);
    int(&mut b);
    int(&mut b);
    b.terminate(ret(), L);
    let mut f = b.finish();
    f.blocks[0].insts[1].result = Some(Value(0));
    let twice = verify(program(vec![f.clone()])).unwrap_err();
    assert_eq!(
        twice.to_string(),
        "function `main`, b0, instruction 1: `%0: Int = int 1`: %0 is defined twice"
    );
    f.blocks[0].insts[1].result = Some(Value(1));
    f.blocks[0].insts[0].kind = I::INeg(Value(1));
    let late = verify(program(vec![f.clone()])).unwrap_err();
    assert!(late.message.ends_with("the definition of %1 does not dominate this"), "{late}");
    f.values[1] = Ty::Extent;
    let ghost = verify(program(vec![f])).unwrap_err();
    assert_eq!(ghost.to_string(), "function `main`: no value has type `Extent`");
}

#[test]
fn jumps_match_their_blocks() {
    let count = error(|b| {
        let (next, _) = b.block(&[Ty::Int]);
        b.jump(next, vec![], L);
    });
    assert_eq!(
        count,
        "function `main`, b0, instruction 0: `jump b1`: b1 has 1 parameters, given 0"
    );
    let ty = error(|b| {
        let (next, _) = b.block(&[Ty::Int]);
        let x = num(b);
        b.jump(next, vec![x], L);
    });
    assert!(ty.ends_with("`jump b1(%1)`: %0 of b1 is `Int`, not `Number`"), "{ty}");
    let nowhere = error(|b| b.jump(BlockId(5), vec![], L));
    assert!(nowhere.ends_with("`jump b5`: there is no block b5"), "{nowhere}");
    let entry = error(|b| b.jump(BlockId(0), vec![], L));
    assert!(entry.ends_with("`jump b0`: the entry block cannot be jumped to"), "{entry}");
    let branch = error(|b| {
        let cond = int(b);
        let (next, _) = b.block(&[]);
        let kind = TermKind::Branch { cond, then: to(next, vec![]), otherwise: to(next, vec![]) };
        b.terminate(kind, L);
    });
    assert!(branch.ends_with("`branch %0 ? b1 : b1`: %0 is `Int`, not `Bool`"), "{branch}");
    let tried = error(|b| {
        let (next, _) = b.block(&[]);
        let op = OpId::named("diagonal").unwrap();
        let (some, none) = (to(next, vec![]), to(next, vec![]));
        b.terminate(TermKind::Try { op, args: vec![], some, none }, L);
    });
    assert!(tried.ends_with("`try diagonal ? b1 : b1`: b1 has 0 parameters, given 1"), "{tried}");
    let text = error(|b| b.terminate(TermKind::NoValue(ConstText(3)), L));
    assert!(text.ends_with("`no_value text 3`: there is no text 3"), "{text}");
}

#[test]
fn functions() {
    let callee = |result| {
        let (mut b, v) = FunctionBuilder::new("f", &[Ty::Int], Some(result));
        b.terminate(TermKind::Return(Some(v[0])), L);
        b.finish()
    };
    let calls = |call: fn(&mut FunctionBuilder), f: Function| {
        let (mut b, _) = FunctionBuilder::new("main", &[], None);
        call(&mut b);
        b.terminate(ret(), L);
        verify(program(vec![b.finish(), f])).map_or_else(|e| e.to_string(), |_| "fine".into())
    };
    let good: fn(&mut FunctionBuilder) = |b| {
        let x = int(b);
        b.inst(I::Call(FuncId(1), vec![x]), Ty::Int, L);
    };
    assert_eq!(calls(good, callee(Ty::Int)), "fine");
    assert_eq!(
        calls(|_| (), callee(Ty::Bool)),
        "function `f`, b0, instruction 0: `return %0`: %0 is `Int`, not `Bool`"
    );
    let arity: fn(&mut FunctionBuilder) = |b| {
        b.inst(I::Call(FuncId(1), vec![]), Ty::Int, L);
    };
    assert!(
        calls(arity, callee(Ty::Int))
            .ends_with("`%0: Int = call f`: the function takes 1 arguments")
    );
    let ty: fn(&mut FunctionBuilder) = |b| {
        let x = num(b);
        b.inst(I::Call(FuncId(1), vec![x]), Ty::Int, L);
    };
    assert!(calls(ty, callee(Ty::Int)).ends_with("%0 is `Number`, not `Int`"));
    let missing: fn(&mut FunctionBuilder) = |b| {
        b.inst(I::Call(FuncId(2), vec![]), Ty::Int, L);
    };
    assert!(
        calls(missing, callee(Ty::Int))
            .ends_with("`%0: Int = call function 2`: there is no function 2")
    );
    let (mut b, v) = FunctionBuilder::new("f", &[Ty::Int], Some(Ty::Int));
    let again = b.inst(I::Call(FuncId(1), vec![v[0]]), Ty::Int, L);
    b.terminate(TermKind::Return(Some(again)), L);
    let recursive = calls(good, b.finish());
    assert!(recursive.ends_with("a function calls only functions after it"), "{recursive}");
    let (mut b, _) = FunctionBuilder::new("f", &[Ty::Int], Some(Ty::Int));
    b.terminate(ret(), L);
    assert!(calls(good, b.finish()).ends_with("`return`: the function returns `Int`"));
    let mut twin = callee(Ty::Int);
    twin.name = "main".into();
    assert!(calls(good, twin).ends_with("two functions have this name"));
    assert!(verify(Program::default()).is_err());
    assert_eq!(
        verify(program(vec![callee(Ty::Int)])).unwrap_err().to_string(),
        "function `f`: the main function takes nothing and returns nothing"
    );
    let place = error(|b| b.effect(I::Fuel, Loc(9)));
    assert!(place.ends_with("`fuel`: there is no source place 9"), "{place}");
}

#[test]
fn loops_spend_fuel() {
    let spin = |fuel: bool| {
        error(|b| {
            let cond = truth(b);
            let (head, _) = b.block(&[]);
            let (body, _) = b.block(&[]);
            let (done, _) = b.block(&[]);
            b.jump(head, vec![], L);
            b.switch_to(head);
            if fuel {
                b.effect(I::Fuel, L);
            }
            let kind =
                TermKind::Branch { cond, then: to(body, vec![]), otherwise: to(done, vec![]) };
            b.terminate(kind, L);
            b.switch_to(body);
            b.jump(head, vec![], L);
            b.switch_to(done);
        })
    };
    assert_eq!(spin(true), "fine");
    let stuck = spin(false);
    assert!(stuck.ends_with("this block is in a loop that spends no fuel"), "{stuck}");
    assert!(stuck.contains("b1") || stuck.contains("b2"), "{stuck}");
}

#[test]
fn lists_do_not_change_after_they_were_read() {
    let read = error(|b| {
        let x = int(b);
        let l = b.inst(I::ListNew(vec![]), Ty::Int.list(), L);
        b.effect(I::ListPush(l, x), L);
        b.inst(I::ListLen(l), Ty::Int, L);
        b.effect(I::ListPush(l, x), L);
    });
    assert_eq!(
        read,
        "function `main`, b0, instruction 3: `%2: Int = len %1`: %1 may still be pushed to after this \
         reads it"
    );
    let foreign = error(|b| {
        let x = int(b);
        let l = b.inst(I::ListRange(x, x), Ty::Int.list(), L);
        b.effect(I::ListPush(l, x), L);
    });
    assert!(
        foreign.ends_with("`push %1, %0`: %1 is not a list made in this function"),
        "{foreign}"
    );
    // A list made anew in every round may be read at the end of the round.
    let anew = |inside: bool| {
        error(|b| {
            let (x, cond) = (int(b), truth(b));
            let list = |b: &mut FunctionBuilder| b.inst(I::ListNew(vec![]), Ty::Int.list(), L);
            let outer = list(b);
            let (head, _) = b.block(&[]);
            let (done, _) = b.block(&[]);
            b.jump(head, vec![], L);
            b.switch_to(head);
            b.effect(I::Fuel, L);
            let l = if inside { list(b) } else { outer };
            b.effect(I::ListPush(l, x), L);
            b.inst(I::ListLen(l), Ty::Int, L);
            let kind =
                TermKind::Branch { cond, then: to(head, vec![]), otherwise: to(done, vec![]) };
            b.terminate(kind, L);
            b.switch_to(done);
        })
    };
    assert_eq!(anew(true), "fine");
    assert!(anew(false).ends_with("may still be pushed to after this reads it"));
}
