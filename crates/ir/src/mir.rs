//! The data of MIR.

use reasmory_ops::OpId;
use reasmory_span::Span;
use reasmory_types::{Direction, Ty};

/// An SSA value of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(pub u32);

/// A block of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(pub u32);

/// A function of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FuncId(pub u32);

/// A text of the program's constant pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConstText(pub u32);

/// An index into [`Program::locs`]: the source place an instruction comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Loc(pub u32);

/// A whole program. `functions[0]` is the main body; it takes nothing and returns nothing. A function
/// calls only functions with a higher index, so calls cannot recurse.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// Functions; 0 is `main`.
    pub functions: Vec<Function>,
    /// Constant texts, deduplicated.
    pub texts: Vec<String>,
    /// Source places, deduplicated. Spans of the user's program; what a function of the standard library
    /// does is reported at the user's call (see [`Function::at_call`]).
    pub locs: Vec<Span>,
}

/// A function.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Name, for printing; unique in the program.
    pub name: String,
    /// Result; `None` for `main`.
    pub result: Option<Ty>,
    /// Whether everything in it happens at the place of its call, as far as a user is concerned: a fault
    /// in a function of the library is reported where the user called it. One such function serves all
    /// its calls; the places of its own instructions mean nothing.
    pub at_call: bool,
    /// Types of all values, by [`Value`].
    pub values: Vec<Ty>,
    /// Blocks; 0 is the entry, whose parameters are the function's.
    pub blocks: Vec<Block>,
}

/// A basic block.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Parameters (SSA values defined here).
    pub params: Vec<Value>,
    /// Instructions.
    pub insts: Vec<Inst>,
    /// Terminator.
    pub term: Terminator,
}

/// An instruction.
#[derive(Clone, Debug, PartialEq)]
pub struct Inst {
    /// The value it defines, if any.
    pub result: Option<Value>,
    /// What it does.
    pub kind: InstKind,
    /// Where it comes from.
    pub loc: Loc,
}

/// Comparison operators; on floats they are the ordered IEEE ones (`Ne` unordered), and no NaN reaches
/// them because every operation that could make one ends the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CmpOp {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// How a float becomes an Int.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// To nearest, ties to even.
    Nearest,
    /// Towards negative infinity.
    Floor,
    /// Towards positive infinity.
    Ceil,
}

/// Instructions. Checked ones end the run with the status given in brackets (diagnostic name).
#[derive(Clone, Debug, PartialEq)]
pub enum InstKind {
    /// `Int` constant.
    ConstInt(i64),
    /// Quantity constant in canonical units (bits compare, so -0.0 and 0.0 differ).
    ConstFloat(f64),
    /// `Bool` constant.
    ConstBool(bool),
    /// `Text` constant.
    ConstText(ConstText),
    /// `Category` constant; resolved against the memory when the program runs.
    ConstCategory(ConstText),
    /// `Direction` constant.
    ConstDirection(Direction),
    /// Absent optional argument: the slot `u64::MAX`, of the parameter's type.
    Absent,

    /// Checked float addition `[not-a-number]`: the result must be finite, in this and all float
    /// arithmetic below.
    FAdd(Value, Value),
    /// Float subtraction.
    FSub(Value, Value),
    /// Float multiplication.
    FMul(Value, Value),
    /// Float division; division by zero is `[not-a-number]`.
    FDiv(Value, Value),
    /// Float modulus, result has the sign of the divisor (`a - b·floor(a/b)`); zero divisor is
    /// `[not-a-number]`.
    FMod(Value, Value),
    /// Float negation.
    FNeg(Value),
    /// Float absolute value.
    FAbs(Value),
    /// The smaller; the first when equal.
    FMin(Value, Value),
    /// The larger; the first when equal.
    FMax(Value, Value),
    /// Square root; of a negative `[not-a-number]`.
    FSqrt(Value),
    /// Rounded to an Int `[integer-overflow]`.
    FRound(Rounding, Value),
    /// Int to Number.
    IntToFloat(Value),
    /// Int addition `[integer-overflow]`.
    IAdd(Value, Value),
    /// Int subtraction `[integer-overflow]`.
    ISub(Value, Value),
    /// Int multiplication `[integer-overflow]`.
    IMul(Value, Value),
    /// Int modulus with the sign of the divisor; zero divisor is `[not-a-number]`.
    IMod(Value, Value),
    /// Int negation `[integer-overflow]`.
    INeg(Value),
    /// Int absolute value `[integer-overflow]`.
    IAbs(Value),
    /// The smaller Int.
    IMin(Value, Value),
    /// The larger Int.
    IMax(Value, Value),
    /// Compare two floats of one dimension. `doubt` says that the operands are measured: the run decides
    /// whether the margin is within the memory's noise (see `runtime::Run::compare`).
    FCmp {
        /// Operator.
        op: CmpOp,
        /// Left.
        a: Value,
        /// Right.
        b: Value,
        /// Whether either side is measured.
        doubt: bool,
    },
    /// Compare two Ints.
    ICmp(CmpOp, Value, Value),
    /// Compare two slots for identity of meaning: Bool, Direction, Category, Object, Photo by their
    /// slot; Text by its characters.
    Same(Value, Value),
    /// Boolean negation.
    Not(Value),

    /// A new list with these members.
    ListNew(Vec<Value>),
    /// Appends to a list made by `ListNew` in this function and not yet read `[run-limit]`.
    ListPush(Value, Value),
    /// Number of members (Int).
    ListLen(Value),
    /// Member at a 1-based index `[index-out-of-range]`.
    ListGet(Value, Value),
    /// The Ints from a to b, both included; empty when a > b `[run-limit]`.
    ListRange(Value, Value),
    /// The first list's members in the order of the second list's keys (floats, or Ints/Photos/Bools by
    /// their slot), ascending and stable. The lists have equal lengths.
    ListSortBy {
        /// Members.
        list: Value,
        /// Keys.
        keys: Value,
        /// Whether keys are measured quantities.
        doubt: bool,
    },
    /// Whether some member is `Same` as the value.
    ListContains(Value, Value),
    /// Members in reverse order.
    ListReverse(Value),
    /// Two lists joined.
    ListConcat(Value, Value),
    /// A component of a record (Point, Vector, Local, Size), by field index.
    Field(Value, u32),
    /// A group of `group_by`: its key.
    GroupKey(Value),
    /// A group of `group_by`: its members.
    GroupMembers(Value),
    /// Groups of equal keys, in order of first appearance: `List<Group<K, T>>` of list and keys.
    GroupBy(Value, Value),

    /// The Category a Text means (`Run::category_of`).
    CategoryOf(Value),
    /// The Direction a Text means; a text that is none ends the run `[internal-error]`, because the
    /// checker has checked every literal it can be (`Run::direction_of`).
    DirectionOf(Value),
    /// Converts to the run-time form of `Place` (from Object, `List<Object>`, Point, View, Photo, Region).
    ToPlace(Value),
    /// Converts to a Mark.
    ToMark(Value),

    /// Calls an intrinsic operation `[whatever it raises]`. Arguments are all its parameters.
    Op(Intrinsic, Vec<Value>),
    /// Calls a function of the program; spends one unit of fuel `[out-of-fuel]`.
    Call(FuncId, Vec<Value>),

    /// Spends one unit of fuel; at every loop header `[out-of-fuel]`.
    Fuel,
    /// Spends of the limit on values what making this value spent `[run-limit]`: what stands where an
    /// optimiser left out making an equal value, so that limits are reached where they were.
    Charge(Value),
    /// Ends the run unless the condition holds `[assertion-failed]`.
    Assert {
        /// Condition.
        cond: Value,
        /// Reason, a Text value.
        why: Option<Value>,
    },
    /// Shows an image as evidence.
    Show(Value),
    /// Gives the answer; `unit` is an index into `types::UNITS`.
    Answer {
        /// Value.
        value: Value,
        /// Printed unit.
        unit: Option<u32>,
    },
}

/// The intrinsic a call reaches.
pub type Intrinsic = OpId;

/// A jump target with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Block.
    pub block: BlockId,
    /// Values for its parameters.
    pub args: Vec<Value>,
}

/// A terminator.
#[derive(Clone, Debug, PartialEq)]
pub struct Terminator {
    /// What it does.
    pub kind: TermKind,
    /// Where it comes from.
    pub loc: Loc,
}

/// Kinds of terminator.
#[derive(Clone, Debug, PartialEq)]
pub enum TermKind {
    /// Goes on.
    Jump(Target),
    /// Goes one of two ways.
    Branch {
        /// Condition (Bool).
        cond: Value,
        /// If true.
        then: Target,
        /// If false.
        otherwise: Target,
    },
    /// Calls an intrinsic that may have no value: goes to `some` with the result appended to its
    /// arguments, or to `none` (only when the operation says *no value*; faults still end the run).
    Try {
        /// Operation.
        op: Intrinsic,
        /// Arguments.
        args: Vec<Value>,
        /// With the value.
        some: Target,
        /// Without.
        none: Target,
    },
    /// Ends the run *abstained*: the named operation has no value (`first` of an empty list …).
    NoValue(ConstText),
    /// Returns from the function.
    Return(Option<Value>),
}

impl Program {
    /// The same program with its texts and places numbered by their first use, without those that nothing
    /// uses: what [`crate::parse()`] gives.
    #[must_use]
    pub fn canonical(mut self) -> Program {
        let mut texts = Table::new(std::mem::take(&mut self.texts));
        let mut locs = Table::new(std::mem::take(&mut self.locs));
        for f in &mut self.functions {
            // Places in a function placed at its call mean nothing.
            let at_call = f.at_call;
            let mut place = |loc: u32| if at_call { 0 } else { locs.number(loc) };
            for block in &mut f.blocks {
                for inst in &mut block.insts {
                    if let InstKind::ConstText(t) | InstKind::ConstCategory(t) = &mut inst.kind {
                        t.0 = texts.number(t.0);
                    }
                    inst.loc.0 = place(inst.loc.0);
                }
                if let TermKind::NoValue(t) = &mut block.term.kind {
                    t.0 = texts.number(t.0);
                }
                block.term.loc.0 = place(block.term.loc.0);
            }
        }
        Program { functions: self.functions, texts: texts.new, locs: locs.new }
    }
}

/// A table being renumbered by first use.
struct Table<T> {
    old: Vec<T>,
    /// By old number.
    numbers: Vec<Option<u32>>,
    new: Vec<T>,
}

impl<T: Clone + PartialEq> Table<T> {
    fn new(old: Vec<T>) -> Table<T> {
        Table { numbers: vec![None; old.len()], old, new: Vec::new() }
    }

    /// The new number of an old one; of one that is not in the table, one that is not in the new.
    fn number(&mut self, old: u32) -> u32 {
        let Some(entry) = self.old.get(old as usize) else { return u32::MAX };
        *self.numbers[old as usize].get_or_insert_with(|| {
            let known = self.new.iter().position(|n| n == entry);
            let at = known.unwrap_or_else(|| {
                self.new.push(entry.clone());
                self.new.len() - 1
            });
            at as u32
        })
    }
}

/// Calls `$f` on each operand of an instruction, in order; by reference or by exclusive reference, as the
/// instruction is given.
macro_rules! each_operand {
    ($kind:expr, $iter:ident, $f:expr) => {{
        use InstKind::*;
        let mut f = $f;
        match $kind {
            ConstInt(_) | ConstFloat(_) | ConstBool(_) | ConstText(_) | ConstCategory(_)
            | ConstDirection(_) | Absent | Fuel => {}
            FAdd(a, b)
            | FSub(a, b)
            | FMul(a, b)
            | FDiv(a, b)
            | FMod(a, b)
            | FMin(a, b)
            | FMax(a, b)
            | IAdd(a, b)
            | ISub(a, b)
            | IMul(a, b)
            | IMod(a, b)
            | IMin(a, b)
            | IMax(a, b)
            | ICmp(_, a, b)
            | Same(a, b)
            | ListPush(a, b)
            | ListGet(a, b)
            | ListRange(a, b)
            | ListContains(a, b)
            | ListConcat(a, b)
            | GroupBy(a, b)
            | FCmp { a, b, .. }
            | ListSortBy { list: a, keys: b, .. } => {
                f(a);
                f(b);
            }
            FNeg(a)
            | FAbs(a)
            | FSqrt(a)
            | FRound(_, a)
            | IntToFloat(a)
            | INeg(a)
            | IAbs(a)
            | Not(a)
            | ListLen(a)
            | ListReverse(a)
            | Field(a, _)
            | GroupKey(a)
            | GroupMembers(a)
            | CategoryOf(a)
            | DirectionOf(a)
            | ToPlace(a)
            | ToMark(a)
            | Charge(a)
            | Show(a)
            | Answer { value: a, .. } => f(a),
            Assert { cond, why } => {
                f(cond);
                if let Some(why) = why {
                    f(why);
                }
            }
            ListNew(vs) | Op(_, vs) | Call(_, vs) => vs.$iter().for_each(f),
        }
    }};
}

impl InstKind {
    /// Whether the instruction does something besides computing its result from its operands.
    pub fn has_effect(&self) -> bool {
        match self {
            InstKind::Fuel
            | InstKind::Charge(_)
            | InstKind::Assert { .. }
            | InstKind::Show(_)
            | InstKind::Answer { .. }
            | InstKind::ListPush(..) => true,
            InstKind::Op(op, _) => op.def().effect != reasmory_ops::Effect::Pure,
            _ => false,
        }
    }

    /// The values it reads, in order.
    pub fn operands(&self) -> Vec<Value> {
        let mut out = Vec::new();
        each_operand!(self, iter, |v: &Value| out.push(*v));
        out
    }

    /// Replaces the values it reads.
    pub fn map_operands(&mut self, mut map: impl FnMut(Value) -> Value) {
        each_operand!(self, iter_mut, |v: &mut Value| *v = map(*v));
    }
}

impl TermKind {
    /// Where it may go, in order.
    pub fn targets(&self) -> Vec<&Target> {
        match self {
            TermKind::Jump(t) => vec![t],
            TermKind::Branch { then, otherwise, .. } => vec![then, otherwise],
            TermKind::Try { some, none, .. } => vec![some, none],
            TermKind::NoValue(_) | TermKind::Return(_) => vec![],
        }
    }

    /// Where it may go, in order, to be changed.
    pub fn targets_mut(&mut self) -> Vec<&mut Target> {
        match self {
            TermKind::Jump(t) => vec![t],
            TermKind::Branch { then, otherwise, .. } => vec![then, otherwise],
            TermKind::Try { some, none, .. } => vec![some, none],
            TermKind::NoValue(_) | TermKind::Return(_) => vec![],
        }
    }

    /// The values it reads itself, in order, without those it passes to blocks.
    pub fn own_operands(&self) -> Vec<Value> {
        match self {
            TermKind::Branch { cond, .. } => vec![*cond],
            TermKind::Try { args, .. } => args.clone(),
            TermKind::Return(v) => v.iter().copied().collect(),
            TermKind::Jump(_) | TermKind::NoValue(_) => vec![],
        }
    }

    /// The values it reads, in order: its own and then those it passes.
    pub fn operands(&self) -> Vec<Value> {
        let mut out = self.own_operands();
        for t in self.targets() {
            out.extend(&t.args);
        }
        out
    }

    /// Replaces the values it reads.
    pub fn map_operands(&mut self, mut map: impl FnMut(Value) -> Value) {
        match self {
            TermKind::Branch { cond, .. } => *cond = map(*cond),
            TermKind::Try { args, .. } => args.iter_mut().for_each(|v| *v = map(*v)),
            TermKind::Return(v) => v.iter_mut().for_each(|v| *v = map(*v)),
            TermKind::Jump(_) | TermKind::NoValue(_) => {}
        }
        for t in self.targets_mut() {
            t.args.iter_mut().for_each(|v| *v = map(*v));
        }
    }
}
