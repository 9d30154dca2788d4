//! What both engines must agree on to the last bit and the last word: the arithmetic that is not one
//! machine instruction, the faults of arithmetic, and what happens when an operation panics.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use reasmory_ir::{CmpOp, InstKind, Loc, Rounding, Value};

use crate::{ABSENT, Fault, FaultKind, Run, Slot, Status, compare_floats};

/// Faults that an engine finds without calling the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Trap {
    /// A float result that is not finite.
    NotFinite = 0,
    /// A float or Int divisor that is zero.
    ZeroDivisor = 1,
    /// The square root of a negative number.
    NegativeRoot = 2,
    /// An Int result outside 64 bits.
    Overflow = 3,
    /// No fuel left.
    OutOfFuel = 4,
}

impl Trap {
    /// Every trap, by discriminant.
    pub const ALL: [Trap; 5] =
        [Trap::NotFinite, Trap::ZeroDivisor, Trap::NegativeRoot, Trap::Overflow, Trap::OutOfFuel];

    /// The fault it becomes in a run.
    pub fn fault(self, run: &Run<'_>) -> Fault {
        match self {
            Trap::NotFinite => {
                Fault::new(FaultKind::NotANumber, "the result is not a finite number")
            }
            Trap::ZeroDivisor => Fault::new(FaultKind::NotANumber, "division by zero"),
            Trap::NegativeRoot => {
                Fault::new(FaultKind::NotANumber, "the square root of a negative number")
            }
            Trap::Overflow => {
                Fault::new(FaultKind::IntegerOverflow, "the result does not fit a 64-bit Int")
            }
            Trap::OutOfFuel => Fault::new(
                FaultKind::OutOfFuel,
                format!("the run took more than {} steps", run.limits.fuel),
            ),
        }
    }
}

/// A float if it is finite.
pub fn finite(x: f64) -> Result<f64, Trap> {
    if x.is_finite() { Ok(x) } else { Err(Trap::NotFinite) }
}

/// Float modulus with the sign of the divisor. The remainder is exact (so it has the same bits on every
/// machine); adding the divisor to a remainder of the other sign rounds once.
pub fn float_mod(a: f64, b: f64) -> Result<f64, Trap> {
    if b == 0.0 {
        return Err(Trap::ZeroDivisor);
    }
    let r = a % b;
    if r == 0.0 {
        return Ok(0f64.copysign(b));
    }
    finite(if (r < 0.0) == (b < 0.0) { r } else { r + b })
}

/// Int modulus with the sign of the divisor. It cannot overflow.
pub fn int_mod(a: i64, b: i64) -> Result<i64, Trap> {
    if b == 0 {
        return Err(Trap::ZeroDivisor);
    }
    let r = a.wrapping_rem(b);
    Ok(if r != 0 && (r < 0) != (b < 0) { r + b } else { r })
}

/// A float rounded to an Int, if it fits one.
pub fn round(how: Rounding, x: f64) -> Result<i64, Trap> {
    let r = match how {
        Rounding::Nearest => x.round_ties_even(),
        Rounding::Floor => x.floor(),
        Rounding::Ceil => x.ceil(),
    };
    // The bounds are powers of two, so exact; the upper one is the first that does not fit.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&r) { Ok(r as i64) } else { Err(Trap::Overflow) }
}

/// What an instruction computes from its operands alone, whatever the run; `None` for the rest. This is
/// what arithmetic means: the interpreter calls it, an optimiser folds with it, compiled code agrees.
pub fn arithmetic(kind: &InstKind, value: impl Fn(Value) -> Slot) -> Option<Result<Slot, Trap>> {
    use InstKind as I;
    let get = |v: &Value| value(*v);
    let f = |v: &Value| f64::from_bits(value(*v));
    let i = |v: &Value| value(*v) as i64;
    let float = |x: f64| Ok(x.to_bits());
    let checked = |x: f64| finite(x).map(f64::to_bits);
    let int = |x: Option<i64>| x.map(|x| x as Slot).ok_or(Trap::Overflow);
    let truth = |b: bool| Ok(Slot::from(b));
    Some(match kind {
        I::ConstInt(x) => Ok(*x as Slot),
        I::ConstFloat(x) => float(*x),
        I::ConstBool(b) => truth(*b),
        // Constant texts sit in the arena at the handles of their indices.
        I::ConstText(t) => Ok(Slot::from(t.0)),
        I::ConstDirection(d) => Ok(*d as Slot),
        I::Absent => Ok(ABSENT),
        I::FAdd(a, b) => checked(f(a) + f(b)),
        I::FSub(a, b) => checked(f(a) - f(b)),
        I::FMul(a, b) => checked(f(a) * f(b)),
        I::FDiv(_, b) if f(b) == 0.0 => Err(Trap::ZeroDivisor),
        I::FDiv(a, b) => checked(f(a) / f(b)),
        I::FMod(a, b) => float_mod(f(a), f(b)).map(f64::to_bits),
        I::FNeg(a) => float(-f(a)),
        I::FAbs(a) => float(f(a).abs()),
        I::FMin(a, b) => float(if f(a) <= f(b) { f(a) } else { f(b) }),
        I::FMax(a, b) => float(if f(a) >= f(b) { f(a) } else { f(b) }),
        I::FSqrt(a) if f(a) < 0.0 => Err(Trap::NegativeRoot),
        I::FSqrt(a) => checked(f(a).sqrt()),
        I::FRound(how, a) => round(*how, f(a)).map(|x| x as Slot),
        I::IntToFloat(a) => float(i(a) as f64),
        I::IAdd(a, b) => int(i(a).checked_add(i(b))),
        I::ISub(a, b) => int(i(a).checked_sub(i(b))),
        I::IMul(a, b) => int(i(a).checked_mul(i(b))),
        I::IMod(a, b) => int_mod(i(a), i(b)).map(|x| x as Slot),
        I::INeg(a) => int(i(a).checked_neg()),
        I::IAbs(a) => int(i(a).checked_abs()),
        I::IMin(a, b) => Ok(i(a).min(i(b)) as Slot),
        I::IMax(a, b) => Ok(i(a).max(i(b)) as Slot),
        I::FCmp { op, a, b, doubt: false } => truth(compare_floats(*op, f(a), f(b))),
        I::ICmp(op, a, b) => truth(match op {
            CmpOp::Eq => i(a) == i(b),
            CmpOp::Ne => i(a) != i(b),
            CmpOp::Lt => i(a) < i(b),
            CmpOp::Le => i(a) <= i(b),
            CmpOp::Gt => i(a) > i(b),
            CmpOp::Ge => i(a) >= i(b),
        }),
        I::Not(a) => truth(get(a) == 0),
        _ => return None,
    })
}

/// The fault of what has no value and was given no `else`; the text names it.
pub fn no_value(run: &Run<'_>, text: u32) -> Fault {
    match run.program().texts.get(text as usize) {
        Some(what) => Fault::no_value(format!("{what} has no value")),
        None => Fault::new(FaultKind::Internal, format!("there is no text {text}")),
    }
}

/// Runs one step of an engine: its fault is recorded in the run at `loc`, and so is a panic, as a bug of
/// ours, so that nothing unwinds through compiled code.
pub fn guard<'m>(
    run: &mut Run<'m>,
    loc: Loc,
    name: &str,
    step: impl FnOnce(&mut Run<'m>) -> Result<Slot, Fault>,
) -> Result<Slot, Status> {
    // A run that a panic interrupted is only ever read for what it has recorded.
    let result = catch_unwind(AssertUnwindSafe(|| step(run))).unwrap_or_else(|panic| {
        Err(Fault::new(FaultKind::Internal, format!("`{name}` panicked: {}", words(&*panic))))
    });
    result.map_err(|fault| run.fail(fault, loc))
}

/// What a panic said.
pub(crate) fn words(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modulus_has_the_sign_of_the_divisor() {
        assert_eq!(float_mod(-90.0, 360.0), Ok(270.0));
        assert_eq!(float_mod(90.0, -360.0), Ok(-270.0));
        assert_eq!(float_mod(720.0, 360.0), Ok(0.0));
        assert_eq!(float_mod(-0.0, -3.0).unwrap().to_bits(), (-0.0f64).to_bits());
        assert_eq!(float_mod(1.0, -0.0), Err(Trap::ZeroDivisor));
        assert_eq!(int_mod(-7, 3), Ok(2));
        assert_eq!(int_mod(7, -3), Ok(-2));
        assert_eq!(int_mod(i64::MIN, -1), Ok(0));
        assert_eq!(int_mod(1, 0), Err(Trap::ZeroDivisor));
    }

    #[test]
    fn rounding_knows_the_bounds() {
        assert_eq!(round(Rounding::Nearest, 2.5), Ok(2));
        assert_eq!(round(Rounding::Floor, -0.5), Ok(-1));
        assert_eq!(round(Rounding::Ceil, -0.5), Ok(0));
        assert_eq!(round(Rounding::Floor, -9_223_372_036_854_775_808.0), Ok(i64::MIN));
        assert_eq!(round(Rounding::Floor, 9_223_372_036_854_775_808.0), Err(Trap::Overflow));
        assert_eq!(round(Rounding::Floor, f64::NAN), Err(Trap::Overflow));
    }
}
