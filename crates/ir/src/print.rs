//! MIR as text: for people, for `emit mir`, and for snapshots. The text depends on the program alone.

use std::fmt::{self, Write as _};

use reasmory_types::UNITS;

use crate::{
    Block, CmpOp, ConstText, Function, Inst, InstKind, Loc, Program, Rounding, Target, TermKind,
    Terminator, Value,
};

/// The program as text. Floats are written so that reading them gives the same bits.
pub fn print(program: &Program) -> String {
    render(program, false)
}

/// [`print()`] with source places, `@12..20` at the end of a line: the whole program, which [`crate::parse()`]
/// reads back. A line without a place has that of the line before it.
pub fn print_with_places(program: &Program) -> String {
    render(program, true)
}

fn render(program: &Program, places: bool) -> String {
    let mut out = String::new();
    for (i, function) in program.functions.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        let mut p = Printer { program, function, places, last: None, out: &mut out };
        // Writing to a String cannot fail.
        p.function().unwrap_or_default();
    }
    out
}

/// One instruction as text, for messages about it.
pub(crate) fn inst_text(program: &Program, function: &Function, inst: &Inst) -> String {
    let mut out = String::new();
    Printer { program, function, places: false, last: None, out: &mut out }
        .inst(inst)
        .unwrap_or_default();
    out
}

/// One terminator as text, for messages about it.
pub(crate) fn term_text(program: &Program, function: &Function, term: &TermKind) -> String {
    let mut out = String::new();
    Printer { program, function, places: false, last: None, out: &mut out }
        .term(term)
        .unwrap_or_default();
    out
}

struct Printer<'a> {
    program: &'a Program,
    function: &'a Function,
    places: bool,
    /// The place of the line before.
    last: Option<Loc>,
    out: &'a mut String,
}

impl Printer<'_> {
    fn function(&mut self) -> fmt::Result {
        let f = self.function;
        write!(self.out, "fn {}(", f.name)?;
        if let Some(entry) = f.blocks.first() {
            self.params(entry)?;
        }
        self.out.push(')');
        if let Some(t) = &f.result {
            write!(self.out, " -> {t}")?;
        }
        if f.at_call {
            self.out.push_str(" at call");
        }
        self.out.push_str(" {\n");
        for (i, block) in f.blocks.iter().enumerate() {
            write!(self.out, "b{i}")?;
            // The entry's parameters are the function's.
            if i > 0 && !block.params.is_empty() {
                self.out.push('(');
                self.params(block)?;
                self.out.push(')');
            }
            self.out.push_str(":\n");
            for inst in &block.insts {
                self.out.push_str("  ");
                self.inst(inst)?;
                self.end(inst.loc)?;
            }
            let Terminator { kind, loc } = &block.term;
            self.out.push_str("  ");
            self.term(kind)?;
            self.end(*loc)?;
        }
        self.out.push_str("}\n");
        Ok(())
    }

    fn end(&mut self, loc: Loc) -> fmt::Result {
        if self.places && !self.function.at_call && self.last.replace(loc) != Some(loc) {
            match self.program.locs.get(loc.0 as usize) {
                Some(span) => write!(self.out, "  @{}..{}", span.start, span.end)?,
                None => write!(self.out, "  @{}", loc.0)?,
            }
        }
        self.out.push('\n');
        Ok(())
    }

    fn params(&mut self, block: &Block) -> fmt::Result {
        for (i, v) in block.params.iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            self.typed(*v)?;
        }
        Ok(())
    }

    fn typed(&mut self, v: Value) -> fmt::Result {
        match self.function.values.get(v.0 as usize) {
            Some(t) => write!(self.out, "%{}: {t}", v.0),
            None => write!(self.out, "%{}: ?", v.0),
        }
    }

    fn values(&mut self, values: &[Value]) -> fmt::Result {
        for (i, v) in values.iter().enumerate() {
            write!(self.out, "{}%{}", if i > 0 { ", " } else { " " }, v.0)?;
        }
        Ok(())
    }

    fn text(&mut self, text: ConstText) -> fmt::Result {
        match self.program.texts.get(text.0 as usize) {
            Some(t) => quote(self.out, t),
            None => write!(self.out, "text {}", text.0),
        }
    }

    fn inst(&mut self, inst: &Inst) -> fmt::Result {
        if let Some(v) = inst.result {
            self.typed(v)?;
            self.out.push_str(" = ");
        }
        self.out.push_str(inst.kind.mnemonic());
        match &inst.kind {
            InstKind::ConstInt(i) => write!(self.out, " {i}"),
            InstKind::ConstFloat(x) => {
                self.out.push(' ');
                float(self.out, *x)
            }
            InstKind::ConstBool(b) => write!(self.out, " {b}"),
            InstKind::ConstText(t) | InstKind::ConstCategory(t) => {
                self.out.push(' ');
                self.text(*t)
            }
            InstKind::ConstDirection(d) => write!(self.out, " {d}"),
            InstKind::FCmp { op, a, b, doubt } => {
                write!(self.out, ".{}", cmp(*op))?;
                if *doubt {
                    self.out.push_str(".doubt");
                }
                self.values(&[*a, *b])
            }
            InstKind::ICmp(op, a, b) => {
                write!(self.out, ".{}", cmp(*op))?;
                self.values(&[*a, *b])
            }
            InstKind::ListSortBy { list, keys, doubt } => {
                if *doubt {
                    self.out.push_str(".doubt");
                }
                self.values(&[*list, *keys])
            }
            InstKind::Field(v, index) => {
                self.values(&[*v])?;
                let name = self
                    .function
                    .values
                    .get(v.0 as usize)
                    .and_then(|t| t.record())
                    .and_then(|r| r.fields.get(*index as usize).map(|f| f.0));
                match name {
                    Some(name) => write!(self.out, ".{name}"),
                    None => write!(self.out, ".{index}"),
                }
            }
            InstKind::Op(op, args) => {
                write!(self.out, " {}", op.name())?;
                self.values(args)
            }
            InstKind::Call(f, args) => {
                match self.program.functions.get(f.0 as usize) {
                    Some(callee) => write!(self.out, " {}", callee.name)?,
                    None => write!(self.out, " function {}", f.0)?,
                }
                self.values(args)
            }
            InstKind::Answer { value, unit } => {
                self.values(&[*value])?;
                match unit.map(|u| (u, UNITS.get(u as usize))) {
                    Some((_, Some(unit))) => write!(self.out, " as {}", unit.name),
                    Some((u, None)) => write!(self.out, " as unit {u}"),
                    None => Ok(()),
                }
            }
            other => self.values(&other.operands()),
        }
    }

    fn target(&mut self, target: &Target) -> fmt::Result {
        write!(self.out, "b{}", target.block.0)?;
        if !target.args.is_empty() {
            self.out.push('(');
            for (i, v) in target.args.iter().enumerate() {
                write!(self.out, "{}%{}", if i > 0 { ", " } else { "" }, v.0)?;
            }
            self.out.push(')');
        }
        Ok(())
    }

    fn term(&mut self, kind: &TermKind) -> fmt::Result {
        match kind {
            TermKind::Jump(t) => {
                self.out.push_str("jump ");
                self.target(t)
            }
            TermKind::Branch { cond, then, otherwise } => {
                write!(self.out, "branch %{} ? ", cond.0)?;
                self.target(then)?;
                self.out.push_str(" : ");
                self.target(otherwise)
            }
            TermKind::Try { op, args, some, none } => {
                write!(self.out, "try {}", op.name())?;
                self.values(args)?;
                self.out.push_str(" ? ");
                self.target(some)?;
                self.out.push_str(" : ");
                self.target(none)
            }
            TermKind::NoValue(text) => {
                self.out.push_str("no_value ");
                self.text(*text)
            }
            TermKind::Return(v) => {
                self.out.push_str("return");
                self.values(v.as_slice())
            }
        }
    }
}

impl InstKind {
    /// The word it begins with in the text.
    pub fn mnemonic(&self) -> &'static str {
        match self {
            InstKind::ConstInt(_) => "int",
            InstKind::ConstFloat(_) => "float",
            InstKind::ConstBool(_) => "bool",
            InstKind::ConstText(_) => "text",
            InstKind::ConstCategory(_) => "category",
            InstKind::ConstDirection(_) => "direction",
            InstKind::Absent => "absent",
            InstKind::FAdd(..) => "fadd",
            InstKind::FSub(..) => "fsub",
            InstKind::FMul(..) => "fmul",
            InstKind::FDiv(..) => "fdiv",
            InstKind::FMod(..) => "fmod",
            InstKind::FNeg(_) => "fneg",
            InstKind::FAbs(_) => "fabs",
            InstKind::FMin(..) => "fmin",
            InstKind::FMax(..) => "fmax",
            InstKind::FSqrt(_) => "fsqrt",
            InstKind::FRound(Rounding::Nearest, _) => "fround.nearest",
            InstKind::FRound(Rounding::Floor, _) => "fround.floor",
            InstKind::FRound(Rounding::Ceil, _) => "fround.ceil",
            InstKind::IntToFloat(_) => "int_to_float",
            InstKind::IAdd(..) => "iadd",
            InstKind::ISub(..) => "isub",
            InstKind::IMul(..) => "imul",
            InstKind::IMod(..) => "imod",
            InstKind::INeg(_) => "ineg",
            InstKind::IAbs(_) => "iabs",
            InstKind::IMin(..) => "imin",
            InstKind::IMax(..) => "imax",
            InstKind::FCmp { .. } => "fcmp",
            InstKind::ICmp(..) => "icmp",
            InstKind::Same(..) => "same",
            InstKind::Not(_) => "not",
            InstKind::ListNew(_) => "list",
            InstKind::ListPush(..) => "push",
            InstKind::ListLen(_) => "len",
            InstKind::ListGet(..) => "get",
            InstKind::ListRange(..) => "range",
            InstKind::ListSortBy { .. } => "sort_by",
            InstKind::ListContains(..) => "contains",
            InstKind::ListReverse(_) => "reverse",
            InstKind::ListConcat(..) => "concat",
            InstKind::Field(..) => "field",
            InstKind::GroupKey(_) => "group_key",
            InstKind::GroupMembers(_) => "group_members",
            InstKind::GroupBy(..) => "group_by",
            InstKind::CategoryOf(_) => "category_of",
            InstKind::DirectionOf(_) => "direction_of",
            InstKind::ToPlace(_) => "to_place",
            InstKind::ToMark(_) => "to_mark",
            InstKind::Op(..) => "op",
            InstKind::Call(..) => "call",
            InstKind::Fuel => "fuel",
            InstKind::Charge(_) => "charge",
            InstKind::Assert { .. } => "assert",
            InstKind::Show(_) => "show",
            InstKind::Answer { .. } => "answer",
        }
    }
}

fn cmp(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => "eq",
        CmpOp::Ne => "ne",
        CmpOp::Lt => "lt",
        CmpOp::Le => "le",
        CmpOp::Gt => "gt",
        CmpOp::Ge => "ge",
    }
}

/// The shortest decimal that reads back as the same bits; what decimal cannot say is given in bits.
fn float(out: &mut String, x: f64) -> fmt::Result {
    if x.is_finite() { write!(out, "{x:?}") } else { write!(out, "bits {:#018x}", x.to_bits()) }
}

/// A quoted text on one line. Only what would break the line or the quotes is escaped.
fn quote(out: &mut String, text: &str) -> fmt::Result {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => write!(out, "\\u{{{:x}}}", u32::from(c))?,
            c => out.push(c),
        }
    }
    out.push('"');
    Ok(())
}
