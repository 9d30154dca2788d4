//! What instructions may be moved, left out or shared. Passes ask here, so that each property is stated
//! once.

use reasmory_ir::{Function, InstKind, Value, is_made};
use reasmory_ops::{Effect, OpId};
use reasmory_types::Ty;

use crate::Cx;

/// Whether an instruction neither faults, nor spends, nor does anything besides computing its result. Such
/// an instruction may be left out, or executed where it was not.
pub(crate) fn is_free(kind: &InstKind) -> bool {
    use InstKind as I;
    match kind {
        I::ConstInt(_)
        | I::ConstFloat(_)
        | I::ConstBool(_)
        | I::ConstText(_)
        | I::ConstCategory(_)
        | I::ConstDirection(_)
        | I::Absent
        | I::FNeg(_)
        | I::FAbs(_)
        | I::FMin(..)
        | I::FMax(..)
        | I::IntToFloat(_)
        | I::IMin(..)
        | I::IMax(..)
        | I::ICmp(..)
        | I::FCmp { doubt: false, .. }
        | I::Not(_)
        | I::ListLen(_)
        | I::Field(..)
        | I::GroupKey(_)
        | I::GroupMembers(_)
        // A word that no category has gets a number of its own, which nothing shows.
        | I::CategoryOf(_) => true,
        // Everything else may fault, spend fuel or values, or is seen.
        _ => false,
    }
}

/// Whether an instruction is one of those that cost less than keeping their value.
pub(crate) fn is_literal(kind: &InstKind) -> bool {
    use InstKind as I;
    matches!(
        kind,
        I::ConstInt(_)
            | I::ConstFloat(_)
            | I::ConstBool(_)
            | I::ConstText(_)
            | I::ConstDirection(_)
            | I::Absent
    )
}

/// What has to stand where an instruction is left out because an equal one before it gave its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Nothing.
    Free,
    /// A `charge` for what making the value spent.
    Charge,
}

/// Whether two equal operations with the same operands, one before the other, give the same value, and
/// the second cannot fault where the first did not.
pub(crate) fn shares_op(op: OpId, cx: &Cx<'_>) -> Option<Sharing> {
    let def = op.def();
    if def.effect != Effect::Pure || def.decides {
        return None;
    }
    match &def.signature().result {
        // Making a view is remembered for the captions of pictures.
        Ty::View if cx.tells_views => None,
        ty => made(ty),
    }
}

/// The same for any instruction; `pushed` says which lists are pushed to.
pub(crate) fn shares(
    kind: &InstKind,
    result: Option<Value>,
    f: &Function,
    pushed: &[bool],
    cx: &Cx<'_>,
) -> Option<Sharing> {
    use InstKind as I;
    let ty = |v: Value| &f.values[v.0 as usize];
    let result = result?;
    match kind {
        I::ConstInt(_)
        | I::ConstFloat(_)
        | I::ConstBool(_)
        | I::ConstText(_)
        | I::ConstCategory(_)
        | I::ConstDirection(_)
        | I::Absent
        | I::FAdd(..)
        | I::FSub(..)
        | I::FMul(..)
        | I::FDiv(..)
        | I::FMod(..)
        | I::FNeg(_)
        | I::FAbs(_)
        | I::FMin(..)
        | I::FMax(..)
        | I::FSqrt(_)
        | I::FRound(..)
        | I::IntToFloat(_)
        | I::IAdd(..)
        | I::ISub(..)
        | I::IMul(..)
        | I::IMod(..)
        | I::INeg(_)
        | I::IAbs(_)
        | I::IMin(..)
        | I::IMax(..)
        | I::FCmp { doubt: false, .. }
        | I::ICmp(..)
        | I::Same(..)
        | I::Not(_)
        | I::ListLen(_)
        | I::ListGet(..)
        | I::ListContains(..)
        | I::Field(..)
        | I::GroupKey(_)
        | I::GroupMembers(_)
        | I::CategoryOf(_)
        | I::DirectionOf(_) => Some(Sharing::Free),
        // A place is its value with a tag; nothing is made.
        I::ToPlace(_) => Some(Sharing::Free),
        // What is one already stays the value it is.
        I::ToMark(v) if *ty(*v) == Ty::Mark => Some(Sharing::Free),
        I::ToMark(_) => made(ty(result)),
        I::ListNew(_) if pushed[result.0 as usize] => None,
        I::ListNew(_)
        | I::ListRange(..)
        | I::ListReverse(_)
        | I::ListConcat(..)
        | I::ListSortBy { doubt: false, .. } => made(ty(result)),
        I::Op(op, _) => shares_op(*op, cx),
        // A doubtful comparison is a decision each time; groups hold lists of their own.
        I::FCmp { doubt: true, .. } | I::ListSortBy { doubt: true, .. } | I::GroupBy(..) => None,
        I::ListPush(..)
        | I::Call(..)
        | I::Fuel
        | I::Charge(_)
        | I::Assert { .. }
        | I::Show(_)
        | I::Answer { .. } => None,
    }
}

/// What sharing a value of this type takes. A list in a list is compared by walking it, unless it is the
/// very same one, and the walk is limited: so lists of lists stay as many as they were.
fn made(ty: &Ty) -> Option<Sharing> {
    match ty {
        Ty::List(t) if matches!(**t, Ty::List(_) | Ty::Group(..)) || is_made(t) => None,
        _ if is_made(ty) => Some(Sharing::Charge),
        _ => Some(Sharing::Free),
    }
}

/// What remarks call an instruction.
pub(crate) fn name(kind: &InstKind) -> &'static str {
    match kind {
        InstKind::Op(op, _) => op.name(),
        other => other.mnemonic(),
    }
}
