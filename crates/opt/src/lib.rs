//! The optimiser: verified MIR to verified MIR that does the same with less.
//!
//! *The same* is what a run can be told apart by: the answer and the pictures to the last bit, the fault
//! with its words and its place, the doubtful decisions in their order, and the limits: fuel is never
//! saved, and where a value is not made again, `charge` spends what making it spent. So a program reaches
//! a limit at the same place however it was compiled. One pass, [`Pass::Photos`], gives other pictures and
//! runs only when it is asked for.
//!
//! A pass is one module of `passes`, whose documentation argues why it is legal. It gets one function at a
//! time; the program is verified again after each pass where debug assertions are on, and always at the
//! end. See `spec/optimiser.md`.
#![forbid(unsafe_code)]

mod edit;
mod legal;
mod loops;
mod passes;

use reasmory_ir::{Function, InstKind, Loc, Program, Verified, VerifyError, verify};
use reasmory_ops::{Effect, OpId};

/// A pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Constants and identities of arithmetic.
    Fold,
    /// Blocks that cannot be reached, jumps to jumps, parameters that are always the same.
    Tidy,
    /// Chains of turns and steps.
    Turns,
    /// Renders that an input photo shows as well, replaced by the photo.
    Photos,
    /// What is the same in every turn of a loop and cannot fault, moved before it.
    Hoist,
    /// The first turn of a loop taken out of it, where that lets [`Pass::Number`] compute things once.
    Peel,
    /// What was computed already.
    Number,
    /// What nothing uses.
    Dead,
}

impl Pass {
    /// Every pass.
    pub const ALL: [Pass; 8] = [
        Pass::Fold,
        Pass::Tidy,
        Pass::Turns,
        Pass::Photos,
        Pass::Hoist,
        Pass::Peel,
        Pass::Number,
        Pass::Dead,
    ];

    /// As remarks and tests call it.
    pub const fn name(self) -> &'static str {
        match self {
            Pass::Fold => "fold",
            Pass::Tidy => "tidy",
            Pass::Turns => "turns",
            Pass::Photos => "photos",
            Pass::Hoist => "hoist",
            Pass::Peel => "peel",
            Pass::Number => "number",
            Pass::Dead => "dead",
        }
    }

    fn run(self, f: &mut Function, cx: &mut Cx<'_>) {
        match self {
            Pass::Fold => passes::fold::run(f, cx),
            Pass::Tidy => passes::tidy::run(f),
            Pass::Turns => passes::turns::run(f, cx),
            Pass::Photos => passes::photos::run(f, cx),
            Pass::Hoist => passes::hoist::run(f, cx),
            Pass::Peel => passes::peel::run(f, cx),
            Pass::Number => passes::number::run(f, cx),
            Pass::Dead => passes::dead::run(f, cx),
        }
        edit::compact(f);
    }
}

/// What to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Show an input photo in place of a render from exactly its view. The pictures are then others than
    /// without optimisation, so this is asked for by name.
    pub reuse_photos: bool,
}

/// Something that a pass did, and why it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Which pass.
    pub pass: Pass,
    /// The place it is about, in [`Program::locs`].
    pub loc: Loc,
    /// What was done.
    pub message: String,
    /// The place of what it has to do with.
    pub other: Option<Loc>,
}

/// What came of a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimised {
    /// The program, with the texts and places of the one given.
    pub program: Verified<Program>,
    /// What was done, in order.
    pub remarks: Vec<Remark>,
}

/// What a pass knows besides its function, and where it says what it did.
struct Cx<'p> {
    pass: Pass,
    /// The program's texts.
    texts: &'p [String],
    /// Whether the program makes pictures, whose captions tell how it got to their views.
    tells_views: bool,
    remarks: Vec<Remark>,
}

impl Cx<'_> {
    fn remark(&mut self, loc: Loc, message: impl Into<String>) {
        self.remark_with(loc, message, None);
    }

    fn remark_with(&mut self, loc: Loc, message: impl Into<String>, other: Option<Loc>) {
        self.remarks.push(Remark { pass: self.pass, loc, message: message.into(), other });
    }
}

/// Optimises a program.
///
/// # Errors
/// What a pass made does not verify: a bug of ours.
pub fn optimise(program: &Verified<Program>, options: Options) -> Result<Optimised, VerifyError> {
    let mut passes = vec![Pass::Fold, Pass::Tidy, Pass::Fold, Pass::Turns];
    if options.reuse_photos {
        passes.push(Pass::Photos);
    }
    passes.extend([Pass::Number, Pass::Hoist, Pass::Peel, Pass::Number]);
    passes.extend([Pass::Fold, Pass::Tidy, Pass::Dead]);
    run_passes(program, &passes)
}

/// Runs these passes, in this order, over every function.
///
/// # Errors
/// What a pass made does not verify: a bug of ours.
pub fn run_passes(program: &Verified<Program>, passes: &[Pass]) -> Result<Optimised, VerifyError> {
    let texts = program.texts.clone();
    let tells_views = program.functions.iter().flat_map(|f| &f.blocks).any(|b| {
        let told = |op: &OpId| op.def().effect != Effect::Pure && *op != OpId::Picture;
        let tried = match &b.term.kind {
            reasmory_ir::TermKind::Try { op, .. } => told(op),
            _ => false,
        };
        tried || b.insts.iter().any(|i| matches!(&i.kind, InstKind::Op(op, _) if told(op)))
    });
    let mut out = (**program).clone();
    let mut cx = Cx { pass: Pass::Fold, texts: &texts, tells_views, remarks: Vec::new() };
    for pass in passes {
        cx.pass = *pass;
        for f in &mut out.functions {
            pass.run(f, &mut cx);
        }
        if cfg!(debug_assertions) {
            out = verify(out)?.into_inner();
        }
    }
    let remarks = cx.remarks;
    Ok(Optimised { program: verify(out)?, remarks })
}
