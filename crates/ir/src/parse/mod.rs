//! MIR from text: what [`crate::print_with_places`] prints, read back to the same program.
//!
//! A program is read line by line. `;` starts a comment. Values are numbered as in the text; blocks are
//! named `b0`, `b1` … in order. A line's place, `@12..20`, may be left out where it is that of the line
//! before it (0..0 at the start of a function). What is read is not verified yet.

mod line;

use std::collections::BTreeMap;
use std::fmt;

use reasmory_ops::OpId;
use reasmory_span::Span;
use reasmory_types::{Direction, Ty, Unit};

use crate::{
    Block, BlockId, CmpOp, ConstText, FuncId, Function, Inst, InstKind as I, Loc, Program,
    Rounding, Target, TermKind, Terminator, Value,
};
use line::Line;

/// Why a text is no MIR, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was expected or is wrong.
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ParseError {}

type Parsed<T> = Result<T, ParseError>;

/// Reads a program. Texts and places are numbered by first use, so for a program `p` that verifies
/// `parse(&print_with_places(&p)) == Ok(p.canonical())`.
pub fn parse(text: &str) -> Parsed<Program> {
    let lines: Vec<Line<'_>> =
        text.lines().zip(1..).map(|(t, n)| Line::new(t, n)).filter(|l| !l.is_blank()).collect();
    let mut program = Parser::default();
    for line in &lines {
        let mut l = line.clone();
        if l.word_is("fn") {
            let at = l.here();
            let name = l.name("the function's name")?.to_owned();
            if program.names.insert(name, program.names.len() as u32).is_some() {
                return Err(at.error("two functions have this name"));
            }
        }
    }
    let mut rest = lines.into_iter();
    while let Some(head) = rest.next() {
        let function = program.function(head, &mut rest)?;
        program.functions.push(function);
    }
    Ok(Program { functions: program.functions, texts: program.texts, locs: program.locs })
}

/// Reads arbitrary bytes as MIR: it is read or refused at a place inside the text, and what verifies
/// prints to a text that reads back as the same program.
///
/// # Panics
/// When one of these does not hold.
pub fn fuzz_parse(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match parse(&text) {
        Err(e) => {
            let line = text.lines().nth(e.line.saturating_sub(1)).unwrap_or("");
            assert!(e.column >= 1 && e.column <= line.chars().count() + 1, "{e} in {text:?}");
        }
        Ok(program) => {
            if let Ok(verified) = crate::verify(program) {
                let again = parse(&crate::print_with_places(&verified));
                assert_eq!(again.as_ref(), Ok(&*verified), "{text}");
            }
        }
    }
}

#[derive(Default)]
struct Parser {
    /// Every function of the text, by name.
    names: BTreeMap<String, u32>,
    functions: Vec<Function>,
    texts: Vec<String>,
    text_ids: BTreeMap<String, u32>,
    locs: Vec<Span>,
    loc_ids: BTreeMap<Span, u32>,
}

/// What of a function is known so far.
#[derive(Default)]
struct Body {
    values: BTreeMap<u32, Ty>,
    blocks: Vec<Block>,
    /// Instructions of the block being read; `None` before the first block and after a terminator.
    open: Option<(Vec<Value>, Vec<Inst>)>,
    /// Fields by name, whose record's type may come later: block, instruction, name.
    fields: Vec<(usize, usize, String, ParseError)>,
    place: Span,
    /// Whether it is placed at its call; then no line has a place.
    at_call: bool,
}

impl Parser {
    fn function<'t>(
        &mut self,
        mut head: Line<'t>,
        rest: &mut impl Iterator<Item = Line<'t>>,
    ) -> Parsed<Function> {
        let end = head.here();
        if !head.word_is("fn") {
            return Err(head.expected("`fn`"));
        }
        let name = head.name("the function's name")?.to_owned();
        let mut body = Body::default();
        head.expect("(")?;
        let params = body.params(&mut head)?;
        let result = if head.eat("->") { Some(head.ty()?) } else { None };
        body.at_call = head.word_is("at");
        if body.at_call && !head.word_is("call") {
            return Err(head.expected("`call`"));
        }
        head.expect("{")?;
        head.end()?;
        let mut line = end;
        loop {
            let Some(mut l) = rest.next() else {
                return Err(line.error("the function does not end: `}` is missing"));
            };
            line = l.here();
            if l.eat("}") {
                l.end()?;
                break;
            }
            self.line(&mut body, l, &params)?;
        }
        if body.open.is_some() || body.blocks.is_empty() {
            return Err(line.error("the block does not end: a terminator is missing"));
        }
        body.resolve_fields()?;
        let count = body.values.keys().next_back().map_or(0, |v| v + 1);
        if let Some(gap) = (0..count).find(|v| !body.values.contains_key(v)) {
            return Err(line.error(format!("`{name}` has no %{gap}: values are numbered from 0")));
        }
        Ok(Function {
            name,
            result,
            at_call: body.at_call,
            values: body.values.into_values().collect(),
            blocks: body.blocks,
        })
    }

    /// A block's head, an instruction or a terminator.
    fn line(&mut self, body: &mut Body, mut l: Line<'_>, params: &[Value]) -> Parsed<()> {
        let start = l.here();
        if let Some(n) = l.label() {
            if body.open.is_some() {
                return Err(start.error("the block before this has no terminator"));
            }
            if n as usize != body.blocks.len() {
                let next = body.blocks.len();
                return Err(start.error(format!("blocks are in order: this one is b{next}")));
            }
            let own = if l.eat("(") { body.params(&mut l)? } else { vec![] };
            if n == 0 && !own.is_empty() {
                return Err(start.error("the entry's parameters are the function's"));
            }
            l.expect(":")?;
            l.end()?;
            body.open = Some((if n == 0 { params.to_vec() } else { own }, vec![]));
            return Ok(());
        }
        if body.open.is_none() {
            return Err(start.error("expected a block, as in `b0:`"));
        }
        if let Some(kind) = self.terminator(&mut l)? {
            let loc = self.place(body, &mut l)?;
            if let Some((params, insts)) = body.open.take() {
                body.blocks.push(Block { params, insts, term: Terminator { kind, loc } });
            }
            return Ok(());
        }
        let result = if l.at_value() {
            let v = body.define(&mut l)?;
            l.expect("=")?;
            Some(v)
        } else {
            None
        };
        let kind = self.inst(body, &mut l)?;
        let loc = self.place(body, &mut l)?;
        if let Some((_, insts)) = &mut body.open {
            insts.push(Inst { result, kind, loc });
        }
        Ok(())
    }

    /// The place at the end of a line, or that of the line before.
    fn place(&mut self, body: &mut Body, l: &mut Line<'_>) -> Parsed<Loc> {
        if l.eat("@") {
            let start = l.number("the first byte of a place")?;
            l.expect("..")?;
            let end = l.number("the end of a place")?;
            body.place = Span::new(start, end);
        }
        l.end()?;
        if body.at_call {
            return Ok(Loc(0));
        }
        let next = self.locs.len() as u32;
        let id = *self.loc_ids.entry(body.place).or_insert(next);
        if id == next {
            self.locs.push(body.place);
        }
        Ok(Loc(id))
    }

    fn text(&mut self, l: &mut Line<'_>) -> Parsed<ConstText> {
        let text = l.text()?;
        let next = self.texts.len() as u32;
        let id = *self.text_ids.entry(text.clone()).or_insert(next);
        if id == next {
            self.texts.push(text);
        }
        Ok(ConstText(id))
    }

    fn terminator(&mut self, l: &mut Line<'_>) -> Parsed<Option<TermKind>> {
        Ok(Some(match l.peek_word() {
            "jump" => {
                l.word("an instruction")?;
                TermKind::Jump(l.target()?)
            }
            "branch" => {
                l.word("an instruction")?;
                let cond = l.value()?;
                l.expect("?")?;
                let then = l.target()?;
                l.expect(":")?;
                TermKind::Branch { cond, then, otherwise: l.target()? }
            }
            "try" => {
                l.word("an instruction")?;
                let op = operation(l)?;
                let args = l.values()?;
                l.expect("?")?;
                let some = l.target()?;
                l.expect(":")?;
                TermKind::Try { op, args, some, none: l.target()? }
            }
            "no_value" => {
                l.word("an instruction")?;
                TermKind::NoValue(self.text(l)?)
            }
            "return" => {
                l.word("an instruction")?;
                TermKind::Return(if l.at_value() { Some(l.value()?) } else { None })
            }
            _ => return Ok(None),
        }))
    }

    fn inst(&mut self, body: &mut Body, l: &mut Line<'_>) -> Parsed<I> {
        let start = l.here();
        let name = l.word("an instruction")?;
        if let Some(kind) = plain(name, l)? {
            return Ok(kind);
        }
        Ok(match name {
            "int" => I::ConstInt(l.literal("an Int")?),
            "float" => I::ConstFloat(l.float()?),
            "bool" => I::ConstBool(l.literal("`true` or `false`")?),
            "text" => I::ConstText(self.text(l)?),
            "category" => I::ConstCategory(self.text(l)?),
            "direction" => {
                let at = l.here();
                let word = l.word("a direction")?;
                let found = Direction::ALL.iter().find(|d| d.to_string() == word);
                I::ConstDirection(
                    *found.ok_or_else(|| at.error(format!("`{word}` is no direction")))?,
                )
            }
            "fcmp" => {
                let op = comparison(l)?;
                let doubt = l.eat(".doubt");
                let (a, b) = l.pair()?;
                I::FCmp { op, a, b, doubt }
            }
            "icmp" => {
                let op = comparison(l)?;
                let (a, b) = l.pair()?;
                I::ICmp(op, a, b)
            }
            "sort_by" => {
                let doubt = l.eat(".doubt");
                let (list, keys) = l.pair()?;
                I::ListSortBy { list, keys, doubt }
            }
            "field" => {
                let record = l.value()?;
                l.expect(".")?;
                let at = l.here();
                let field = l.word("a field")?;
                if let Some((_, insts)) = &body.open {
                    let unknown = at.error(format!("there is no field `{field}`"));
                    body.fields.push((body.blocks.len(), insts.len(), field.to_owned(), unknown));
                }
                I::Field(record, 0)
            }
            "op" => {
                let op = operation(l)?;
                I::Op(op, l.values()?)
            }
            "call" => {
                let at = l.here();
                let name = l.name("a function")?;
                let Some(id) = self.names.get(name) else {
                    return Err(at.error(format!("there is no function `{name}`")));
                };
                I::Call(FuncId(*id), l.values()?)
            }
            "assert" => {
                let cond = l.value()?;
                let why = if l.eat(",") { Some(l.value()?) } else { None };
                I::Assert { cond, why }
            }
            "answer" => {
                let value = l.value()?;
                let unit = if l.word_is("as") {
                    let at = l.here();
                    let name = l.unit();
                    let unit = Unit::named(name)
                        .ok_or_else(|| at.error(format!("there is no unit `{name}`")))?;
                    Some(unit.index() as u32)
                } else {
                    None
                };
                I::Answer { value, unit }
            }
            _ => return Err(start.error(format!("there is no instruction `{name}`"))),
        })
    }
}

impl Body {
    /// `%3: Length`
    fn define(&mut self, l: &mut Line<'_>) -> Parsed<Value> {
        let at = l.here();
        let v = l.value()?;
        l.expect(":")?;
        if self.values.insert(v.0, l.ty()?).is_some() {
            return Err(at.error(format!("%{} is defined twice", v.0)));
        }
        Ok(v)
    }

    /// Parameters up to and with `)`.
    fn params(&mut self, l: &mut Line<'_>) -> Parsed<Vec<Value>> {
        let mut out = Vec::new();
        while !l.eat(")") {
            if !out.is_empty() {
                l.expect(",")?;
            }
            out.push(self.define(l)?);
        }
        Ok(out)
    }

    fn resolve_fields(&mut self) -> Parsed<()> {
        for (block, inst, name, unknown) in std::mem::take(&mut self.fields) {
            let slot = self.blocks.get_mut(block).and_then(|b| b.insts.get_mut(inst));
            let Some(Inst { kind: I::Field(record, index), .. }) = slot else { continue };
            let fields = self.values.get(&record.0).and_then(Ty::record).map(|r| r.fields);
            let by_name = fields.and_then(|f| f.iter().position(|f| f.0 == name));
            *index = match (by_name, name.parse()) {
                (Some(i), _) => i as u32,
                (None, Ok(i)) => i,
                (None, Err(_)) => return Err(unknown),
            };
        }
        Ok(())
    }
}

fn operation(l: &mut Line<'_>) -> Parsed<OpId> {
    let at = l.here();
    let name = l.word("an operation")?;
    OpId::named(name).ok_or_else(|| at.error(format!("there is no operation `{name}`")))
}

fn comparison(l: &mut Line<'_>) -> Parsed<CmpOp> {
    l.expect(".")?;
    let at = l.here();
    Ok(match l.word("a comparison")? {
        "eq" => CmpOp::Eq,
        "ne" => CmpOp::Ne,
        "lt" => CmpOp::Lt,
        "le" => CmpOp::Le,
        "gt" => CmpOp::Gt,
        "ge" => CmpOp::Ge,
        other => {
            return Err(at.error(format!("`{other}` is no comparison: eq, ne, lt, le, gt, ge")));
        }
    })
}

/// The instructions that are a name and a fixed number of values.
fn plain(name: &str, l: &mut Line<'_>) -> Parsed<Option<I>> {
    type One = fn(Value) -> I;
    type Two = fn(Value, Value) -> I;
    let none = match name {
        "absent" => Some(I::Absent),
        "fuel" => Some(I::Fuel),
        _ => None,
    };
    let one: Option<One> = match name {
        "fneg" => Some(I::FNeg),
        "fabs" => Some(I::FAbs),
        "fsqrt" => Some(I::FSqrt),
        "int_to_float" => Some(I::IntToFloat),
        "ineg" => Some(I::INeg),
        "iabs" => Some(I::IAbs),
        "not" => Some(I::Not),
        "len" => Some(I::ListLen),
        "reverse" => Some(I::ListReverse),
        "group_key" => Some(I::GroupKey),
        "group_members" => Some(I::GroupMembers),
        "category_of" => Some(I::CategoryOf),
        "direction_of" => Some(I::DirectionOf),
        "to_place" => Some(I::ToPlace),
        "to_mark" => Some(I::ToMark),
        "charge" => Some(I::Charge),
        "show" => Some(I::Show),
        _ => None,
    };
    let two: Option<Two> = match name {
        "fadd" => Some(I::FAdd),
        "fsub" => Some(I::FSub),
        "fmul" => Some(I::FMul),
        "fdiv" => Some(I::FDiv),
        "fmod" => Some(I::FMod),
        "fmin" => Some(I::FMin),
        "fmax" => Some(I::FMax),
        "iadd" => Some(I::IAdd),
        "isub" => Some(I::ISub),
        "imul" => Some(I::IMul),
        "imod" => Some(I::IMod),
        "imin" => Some(I::IMin),
        "imax" => Some(I::IMax),
        "same" => Some(I::Same),
        "push" => Some(I::ListPush),
        "get" => Some(I::ListGet),
        "range" => Some(I::ListRange),
        "contains" => Some(I::ListContains),
        "concat" => Some(I::ListConcat),
        "group_by" => Some(I::GroupBy),
        _ => None,
    };
    Ok(match (none, one, two, name) {
        (Some(kind), ..) => Some(kind),
        (_, Some(make), ..) => Some(make(l.value()?)),
        (_, _, Some(make), _) => {
            let (a, b) = l.pair()?;
            Some(make(a, b))
        }
        (.., "fround") => {
            l.expect(".")?;
            let at = l.here();
            let how = match l.word("a rounding")? {
                "nearest" => Rounding::Nearest,
                "floor" => Rounding::Floor,
                "ceil" => Rounding::Ceil,
                other => {
                    let message = format!("`{other}` is no rounding: nearest, floor, ceil");
                    return Err(at.error(message));
                }
            };
            Some(I::FRound(how, l.value()?))
        }
        (.., "list") => Some(I::ListNew(l.values()?)),
        _ => None,
    })
}

impl Line<'_> {
    fn value(&mut self) -> Parsed<Value> {
        self.expect("%")?;
        Ok(Value(self.number("the number of a value")?))
    }

    /// `%1, %2`
    fn pair(&mut self) -> Parsed<(Value, Value)> {
        let a = self.value()?;
        self.expect(",")?;
        Ok((a, self.value()?))
    }

    /// Any number of values.
    fn values(&mut self) -> Parsed<Vec<Value>> {
        let mut out = Vec::new();
        if self.at_value() {
            out.push(self.value()?);
            while self.eat(",") {
                out.push(self.value()?);
            }
        }
        Ok(out)
    }

    fn target(&mut self) -> Parsed<Target> {
        let at = self.here();
        let Some(n) = self.label() else { return Err(at.error("expected a block")) };
        let mut args = Vec::new();
        if self.eat("(") {
            args = self.values()?;
            self.expect(")")?;
        }
        Ok(Target { block: BlockId(n), args })
    }
}
