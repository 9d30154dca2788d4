//! Why a run ends early, and the limits that make every run end.

use std::fmt;

use reasmory_ir::Loc;
use reasmory_render::RenderError;

/// What an engine or an intrinsic returns across the C ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// A value was written.
    Ok = 0,
    /// The run failed; the fault is in the run.
    Fault = 1,
    /// The operation has no value here; the fault that an unguarded call becomes is in the run.
    NoValue = 2,
}

/// Kinds of fault; each is one diagnostic code of the run level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// `assert` did not hold.
    AssertionFailed,
    /// Index outside a list.
    IndexOutOfRange,
    /// A result that is not a finite number.
    NotANumber,
    /// An Int outside 64 bits.
    IntegerOverflow,
    /// The step limit.
    OutOfFuel,
    /// A limit on renders, memory, depth or time.
    RunLimit,
    /// An operation without a value: the run ends *abstained*.
    NoValue,
    /// Several instances where one is meant.
    Ambiguous,
    /// A tensor that contradicts the manifest.
    CorruptMemory,
    /// A model call without a model.
    ModelUnavailable,
    /// A model that gave no usable answer.
    ModelFailed,
    /// A bug of ours.
    Internal,
}

/// Why a run ended early.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Which rule.
    pub kind: FaultKind,
    /// One line for people.
    pub message: String,
    /// Where in the program.
    pub loc: Option<Loc>,
}

impl Fault {
    /// A fault without a place; the engine adds it.
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Fault {
        Fault { kind, message: message.into(), loc: None }
    }

    /// The fault of an operation that has no value.
    pub fn no_value(message: impl Into<String>) -> Fault {
        Fault::new(FaultKind::NoValue, message)
    }

    /// The status an engine sees.
    pub fn status(&self) -> Status {
        if self.kind == FaultKind::NoValue { Status::NoValue } else { Status::Fault }
    }
}

impl From<RenderError> for Fault {
    fn from(e: RenderError) -> Fault {
        let kind = match e {
            RenderError::NotFinite(_) => FaultKind::NotANumber,
            RenderError::Nothing => FaultKind::NoValue,
            RenderError::NoInstance(_) | RenderError::NoPhoto(_) | RenderError::Picture(_) => {
                FaultKind::CorruptMemory
            }
            RenderError::Size { .. } | RenderError::OtherCloud => FaultKind::Internal,
        };
        Fault::new(kind, format!("no picture: {e}"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}
