//! MIR read back from its text, and what its errors say.

use reasmory_ir::{fuzz_parse, parse, print, print_with_places, verify};

/// Every instruction and every form that a type, a text or a number takes.
const EVERYTHING: &str = r#"fn main() {
b0:
  %0: Category = category "chair"  @12..20
  %1: Int = int -7
  %2: Number = float -5e-324  @1..2
  %3: Bool = bool true
  %4: Text = text "is \"tall\"; \\ \n\u{7}é"
  %5: Direction = direction front_left  @0..99
  %6: Number = fadd %2, %2
  %7: Number = fsub %6, %2
  %8: Number = fmul %7, %2
  %9: Number = fdiv %8, %2
  %10: Number = fmod %9, %2
  %11: Number = fneg %10
  %12: Number = fabs %11
  %13: Number = fmin %12, %2
  %14: Number = fmax %13, %2
  %15: Number = fsqrt %14
  %16: Int = fround.nearest %15
  %17: Int = fround.floor %15
  %18: Int = fround.ceil %15
  %19: Number = int_to_float %18
  %20: Int = iadd %1, %1
  %21: Int = isub %1, %1
  %22: Int = imul %1, %1
  %23: Int = imod %1, %1
  %24: Int = ineg %1
  %25: Int = iabs %1
  %26: Int = imin %1, %1
  %27: Int = imax %1, %1
  %28: Bool = fcmp.le.doubt %2, %2
  %29: Bool = fcmp.ne %2, %2
  %30: Bool = icmp.gt %1, %1
  %31: Bool = same %0, %0
  %32: Bool = not %31
  %33: List<Int> = list
  push %33, %1
  %34: Int = len %33
  %35: Int = get %33, %1
  %36: List<Int> = range %1, %1
  %37: List<Int> = sort_by %36, %36
  %38: List<Int> = sort_by.doubt %36, %36
  %39: Bool = contains %36, %1
  %40: List<Int> = reverse %36
  %41: List<Int> = concat %36, %36
  %42: List<Group<Int, Int>> = group_by %36, %36
  %43: Group<Int, Int> = get %42, %1
  %44: Int = group_key %43
  %45: List<Int> = group_members %43
  %46: Category = category_of %4
  %47: Direction = direction_of %4
  %48: List<Object> = op objects %0
  %49: Place = to_place %48
  %50: Mark = to_mark %48
  charge %48
  %51: Place = absent
  %52: List<Mark> = list %50
  %53: Image = op top %51, %52
  show %53
  %54: Length = float 2.5
  %55: Length^3·Time^-1 = call flow@1..2.third %54
  fuel
  assert %3, %4
  assert %3
  answer %54 as cm
  answer %55
  try best %0 ? b1(%54) : b2
b1(%56: Length, %57: Object):
  %58: Size = op size %57
  %59: Length = field %58.height
  branch %3 ? b3(%59) : b2
b2:
  no_value "first"
b3(%60: Length):
  jump b2
}

fn flow@1..2.third(%0: Length) -> Length^3·Time^-1 {
b0:
  %1: Time^-1 = absent
  %2: Length^2 = absent
  return %3
b1(%3: Length^3·Time^-1):
  return %3
}
"#;

#[test]
fn every_form_reads_back() {
    let program = parse(EVERYTHING).unwrap();
    let printed = print_with_places(&program);
    // `Length^2` has a name, and the second function's first line has the place of a function's start.
    let expected = EVERYTHING
        .replace("Length^2", "Area")
        .replace("%1: Time^-1 = absent", "%1: Time^-1 = absent  @0..0");
    assert_eq!(printed, expected);
    assert_eq!(parse(&printed).unwrap(), program);
    assert_eq!(program.clone().canonical(), program);
    // Without places it is the same program but for those.
    let bare = parse(&print(&program)).unwrap();
    assert_eq!(print(&bare), print(&program));
    assert_eq!(bare.locs.len(), 1);
}

#[test]
fn canonical_tables_hold_what_is_used_in_order_of_use() {
    let mut program = parse(EVERYTHING).unwrap();
    let before = program.clone();
    program.texts.reverse();
    program.locs.reverse();
    program.texts.push("unused".into());
    let (texts, locs) = (before.texts.len() as u32, before.locs.len() as u32);
    for block in program.functions.iter_mut().flat_map(|f| &mut f.blocks) {
        for inst in &mut block.insts {
            use reasmory_ir::InstKind::{ConstCategory, ConstText};
            if let ConstText(t) | ConstCategory(t) = &mut inst.kind {
                t.0 = texts - 1 - t.0;
            }
            inst.loc.0 = locs - 1 - inst.loc.0;
        }
        if let reasmory_ir::TermKind::NoValue(t) = &mut block.term.kind {
            t.0 = texts - 1 - t.0;
        }
        block.term.loc.0 = locs - 1 - block.term.loc.0;
    }
    assert_ne!(program, before);
    assert_eq!(program.canonical(), before);
}

fn error(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

/// A main function with this line in it.
fn in_main(line: &str) -> String {
    error(&format!("fn main() {{\nb0:\n  %0: Int = int 1\n  {line}\n  return\n}}\n"))
}

#[test]
fn errors_name_line_and_column() {
    assert_eq!(error("answer"), "1:1: expected `fn`, found `answer`");
    assert_eq!(error("fn main() {\n"), "1:1: the function does not end: `}` is missing");
    assert_eq!(error("fn f() {\n}\n"), "2:1: the block does not end: a terminator is missing");
    assert_eq!(
        error("fn f() {\nb0:\n  fuel\n}"),
        "4:1: the block does not end: a terminator is missing"
    );
    assert_eq!(error("fn f() {\n  fuel\n}"), "2:3: expected a block, as in `b0:`");
    assert_eq!(error("fn f() {\nb1:\n  return\n}"), "2:1: blocks are in order: this one is b0");
    assert_eq!(
        error("fn f() {\nb0(%0: Int):\n  return\n}"),
        "2:1: the entry's parameters are the function's"
    );
    assert_eq!(
        error("fn f() {\nb0:\n  return\n}\nfn f() {\nb0:\n  return\n}"),
        "5:4: two functions have this name"
    );
    assert_eq!(
        error("fn f() {\nb0:\n  fuel\nb1:\n  return\n}"),
        "4:1: the block before this has no terminator"
    );
    assert_eq!(in_main("%1: Int = multiply %0, %0"), "4:13: there is no instruction `multiply`");
    assert_eq!(in_main("%1: Int = iadd %0"), "4:20: expected `,`, found the end of the line");
    assert_eq!(
        in_main("%1: Int = iadd %0, %0 %0"),
        "4:25: expected the end of the line, found `%0`"
    );
    assert_eq!(in_main("%1: Meter = int 1"), "4:7: there is no type `Meter`");
    assert_eq!(in_main("%1: List<Int = list"), "4:16: expected `>`, found `=`");
    assert_eq!(in_main("%0: Int = int 1"), "4:3: %0 is defined twice");
    assert_eq!(in_main("%2: Int = int 1"), "6:1: `main` has no %1: values are numbered from 0");
    assert_eq!(in_main("%1: Int = int one"), "4:17: expected an Int, found `one`");
    assert_eq!(in_main("%1: Number = float 0x1"), "4:22: expected a number, found `0x1`");
    assert_eq!(in_main("%1: Text = text \"open"), "4:19: the text does not end on its line");
    assert_eq!(
        in_main("%1: Text = text \"\\q\""),
        "4:19: an escape is \\\" \\\\ \\n \\t \\r or \\u{…}"
    );
    assert_eq!(in_main("%1: Int = op unknown %0"), "4:16: there is no operation `unknown`");
    assert_eq!(in_main("%1: Int = call other %0"), "4:18: there is no function `other`");
    assert_eq!(
        in_main("%1: Bool = icmp.under %0, %0"),
        "4:19: `under` is no comparison: eq, ne, lt, le, gt, ge"
    );
    assert_eq!(in_main("%1: Length = field %0.height"), "4:25: there is no field `height`");
    assert_eq!(in_main("answer %0 as furlong"), "4:16: there is no unit `furlong`");
    assert_eq!(in_main("%1: Direction = direction sideways"), "4:29: `sideways` is no direction");
    assert_eq!(in_main("fuel  @1..x"), "4:13: expected the end of a place, found `x`");
    assert_eq!(in_main("fuel  @1..99999999999"), "4:13: 99999999999 is too large");
    let deep = format!("%1: {}Int = int 1", "List<".repeat(100));
    assert!(in_main(&deep).ends_with("the type is nested too deep"));
}

#[test]
fn comments_and_blank_lines_do_not_count() {
    let text =
        "; a program\n\nfn main() { ; nothing\nb0: ; entry\n  ; between\n  return ; done\n}\n";
    let program = parse(text).unwrap();
    assert_eq!(print(&program), "fn main() {\nb0:\n  return\n}\n");
    assert!(verify(program).is_ok());
}

/// Damaged texts are read or refused, and never more.
#[test]
fn damaged_texts_are_refused_in_words() {
    let mut state = 1u64;
    let mut next = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % n
    };
    let lines: Vec<&str> = EVERYTHING.lines().collect();
    let marks =
        ["%", "\"", "\\u{", "@", "..", "bits 0x", "9999999999", "é", ";", ".doubt", "List<", "^"];
    let mut read = 0;
    for _ in 0..1_500 {
        let mut text: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
        for _ in 0..=next(3) {
            let at = next(text.len());
            match next(4) {
                0 => drop(text.remove(at)),
                1 => text[at] = lines[next(lines.len())].to_owned(),
                2 => {
                    let mut cut: Vec<char> = text[at].chars().collect();
                    cut.truncate(next(cut.len() + 1));
                    text[at] = cut.into_iter().collect();
                }
                _ => {
                    let mut line: Vec<char> = text[at].chars().collect();
                    let to = next(line.len() + 1);
                    line.splice(to..to, marks[next(marks.len())].chars());
                    text[at] = line.into_iter().collect();
                }
            }
        }
        let text = text.join("\n");
        fuzz_parse(text.as_bytes());
        read += usize::from(parse(&text).is_ok());
    }
    assert!(read > 20, "{read}");
}
