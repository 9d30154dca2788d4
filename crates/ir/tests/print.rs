//! The text of MIR.

use reasmory_ir::{
    CmpOp, ConstText, FuncId, FunctionBuilder, InstKind as I, Loc, Program, Rounding, Target,
    TermKind, print, print_with_places, verify,
};
use reasmory_ops::OpId;
use reasmory_span::Span;
use reasmory_types::{Ty, Unit};

const L: Loc = Loc(0);

fn program() -> Program {
    let (mut b, _) = FunctionBuilder::new("main", &[], None);
    let chair = b.inst(I::ConstCategory(ConstText(0)), Ty::Category, Loc(1));
    let (some, got) = b.block(&[Ty::NUMBER, Ty::Object]);
    let (none, _) = b.block(&[]);
    let tenth = b.inst(I::ConstFloat(0.1), Ty::NUMBER, L);
    let tiny = b.inst(I::ConstFloat(-5e-324), Ty::NUMBER, L);
    let minus_zero = b.inst(I::ConstFloat(-0.0), Ty::NUMBER, L);
    let sum = b.inst(I::FAdd(tiny, minus_zero), Ty::NUMBER, L);
    b.inst(I::FRound(Rounding::Floor, sum), Ty::Int, L);
    b.terminate(
        TermKind::Try {
            op: OpId::named("best").unwrap(),
            args: vec![chair],
            some: Target { block: some, args: vec![tenth] },
            none: Target { block: none, args: vec![] },
        },
        Loc(2),
    );
    b.switch_to(some);
    let size = b.inst(I::Op(OpId::named("size").unwrap(), vec![got[1]]), Ty::Size, L);
    let height = b.inst(I::Field(size, 2), Ty::LENGTH, L);
    let twice = b.inst(I::Call(FuncId(1), vec![height]), Ty::LENGTH, L);
    let more = I::FCmp { op: CmpOp::Gt, a: twice, b: height, doubt: true };
    let more = b.inst(more, Ty::Bool, L);
    let why = b.inst(I::ConstText(ConstText(1)), Ty::Text, L);
    b.effect(I::Assert { cond: more, why: Some(why) }, L);
    let cm = Unit::named("cm").unwrap().index() as u32;
    b.effect(I::Answer { value: twice, unit: Some(cm) }, L);
    b.terminate(TermKind::Return(None), L);
    b.switch_to(none);
    b.effect(I::Fuel, L);
    b.terminate(TermKind::NoValue(ConstText(2)), L);
    let main = b.finish();
    let (mut b, v) = FunctionBuilder::new("twice", &[Ty::LENGTH], Some(Ty::LENGTH));
    let x = b.inst(I::FAdd(v[0], v[0]), Ty::LENGTH, L);
    b.terminate(TermKind::Return(Some(x)), L);
    Program {
        functions: vec![main, b.finish()],
        texts: vec!["chair".into(), "is \"tall\"\n\u{7}é".into(), "first".into()],
        locs: vec![Span::new(0, 40), Span::new(12, 20), Span::new(7, 21)],
    }
}

#[test]
fn every_form_has_a_text() {
    let p = verify(program()).unwrap();
    insta::assert_snapshot!(print(&p), @r#"
    fn main() {
    b0:
      %0: Category = category "chair"
      %3: Number = float 0.1
      %4: Number = float -5e-324
      %5: Number = float -0.0
      %6: Number = fadd %4, %5
      %7: Int = fround.floor %6
      try best %0 ? b1(%3) : b2
    b1(%1: Number, %2: Object):
      %8: Size = op size %2
      %9: Length = field %8.height
      %10: Length = call twice %9
      %11: Bool = fcmp.gt.doubt %10, %9
      %12: Text = text "is \"tall\"\n\u{7}é"
      assert %11, %12
      answer %10 as cm
      return
    b2:
      fuel
      no_value "first"
    }

    fn twice(%0: Length) -> Length {
    b0:
      %1: Length = fadd %0, %0
      return %1
    }
    "#);
}

#[test]
fn places_stand_where_they_change() {
    let text = print_with_places(&program());
    let line = text.lines().find(|l| l.contains("category")).unwrap();
    assert_eq!(line, "  %0: Category = category \"chair\"  @12..20");
    let line = text.lines().find(|l| l.contains("try")).unwrap();
    assert_eq!(line, "  try best %0 ? b1(%3) : b2  @7..21");
}

#[test]
fn floats_read_back_as_the_same_bits() {
    for x in [0.1, -0.0, f64::MAX, 5e-324, 1e21, 123_456_789.123_456_78, 1.0 / 3.0] {
        let (mut b, _) = FunctionBuilder::new("main", &[], None);
        b.inst(I::ConstFloat(x), Ty::NUMBER, L);
        b.terminate(TermKind::Return(None), L);
        let p = Program { functions: vec![b.finish()], texts: vec![], locs: vec![Span::at(0)] };
        let text = print(&p);
        let number = text.split("float ").nth(1).unwrap().lines().next().unwrap();
        assert_eq!(number.parse::<f64>().unwrap().to_bits(), x.to_bits(), "{text}");
    }
}
