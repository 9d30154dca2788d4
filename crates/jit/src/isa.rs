//! Targets. Building one costs more than a small program, so they are made once and shared.

use std::sync::OnceLock;

use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable, Flags};

use crate::{JitError, OptLevel};

type Shared = OnceLock<Result<OwnedTargetIsa, JitError>>;

/// The machine this runs on.
pub(crate) fn host(opt: OptLevel) -> Result<OwnedTargetIsa, JitError> {
    static NONE: Shared = OnceLock::new();
    static SPEED: Shared = OnceLock::new();
    let make = || {
        let builder = cranelift_native::builder().map_err(|e| JitError::Host(e.to_owned()))?;
        finish(builder, opt)
    };
    match opt {
        OptLevel::None => NONE.get_or_init(make).clone(),
        OptLevel::Speed => SPEED.get_or_init(make).clone(),
    }
}

/// The machine that programs are printed for: the same on every host, without optional features.
pub(crate) fn pinned() -> Result<OwnedTargetIsa, JitError> {
    static PINNED: Shared = OnceLock::new();
    let make = || {
        let builder = isa::lookup_by_name("x86_64-unknown-linux-gnu")
            .map_err(|e| JitError::Host(e.to_string()))?;
        finish(builder, OptLevel::default())
    };
    PINNED.get_or_init(make).clone()
}

fn finish(builder: isa::Builder, opt: OptLevel) -> Result<OwnedTargetIsa, JitError> {
    let flags = flags(opt).map_err(|e| JitError::Codegen(e.to_string()))?;
    builder.finish(flags).map_err(|e| JitError::Codegen(e.to_string()))
}

fn flags(opt: OptLevel) -> Result<Flags, settings::SetError> {
    let mut b = settings::builder();
    // Symbols are reached by their full address, wherever the code lands.
    b.set("use_colocated_libcalls", "false")?;
    b.set("is_pic", "false")?;
    // A frame larger than a page must not step over the guard page below the stack.
    b.set("enable_probestack", "true")?;
    b.set("probestack_strategy", "inline")?;
    // The translation is checked where it is tested.
    b.set("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" })?;
    match opt {
        OptLevel::None => {
            b.set("opt_level", "none")?;
            b.set("regalloc_algorithm", "single_pass")?;
        }
        OptLevel::Speed => b.set("opt_level", "speed")?,
    }
    Ok(Flags::new(b))
}
