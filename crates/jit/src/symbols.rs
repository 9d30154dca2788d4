//! What generated code may call, and how each is named.

use cranelift_codegen::ir::{self, AbiParam, FuncRef, Signature, types};
use cranelift_codegen::isa::CallConv;
use reasmory_ir::Program;
use reasmory_ops::OpId;

use crate::shims::Helper;

/// A function that generated code calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Callee {
    /// An intrinsic.
    Op(OpId),
    /// A helper of the runtime.
    Helper(Helper),
    /// A function of the program.
    Function(u32),
}

impl Callee {
    /// The symbol, unique among the callees of a program.
    pub(crate) fn symbol(self, program: &Program) -> String {
        match self {
            Callee::Op(op) => crate::shims::op_symbol(op).to_owned(),
            Callee::Helper(h) => h.symbol().to_owned(),
            Callee::Function(i) => {
                program.functions.get(i as usize).map_or_else(String::new, |f| f.name.clone())
            }
        }
    }

    /// The machine signature: `(ctx, loc, args, out) -> status` for what the runtime offers, and
    /// `(ctx, parameters …) -> status` for functions of the program.
    pub(crate) fn signature(self, program: &Program, conv: CallConv) -> Signature {
        let mut sig = Signature::new(conv);
        sig.params.push(AbiParam::new(types::I64));
        match self {
            Callee::Op(_) | Callee::Helper(_) => {
                sig.params.push(AbiParam::new(types::I32));
                sig.params.push(AbiParam::new(types::I64));
                sig.params.push(AbiParam::new(types::I64));
            }
            Callee::Function(i) => {
                if let Some(f) = program.functions.get(i as usize) {
                    let params = f.blocks.first().map(|b| b.params.as_slice()).unwrap_or_default();
                    sig.params.extend(
                        params.iter().map(|p| AbiParam::new(clif_type(&f.values[p.0 as usize]))),
                    );
                }
            }
        }
        sig.returns.push(AbiParam::new(types::I32));
        sig
    }
}

/// The register type of a MIR type: quantities live in float registers.
pub(crate) fn clif_type(ty: &reasmory_types::Ty) -> ir::Type {
    if ty.is_float() { types::F64 } else { types::I64 }
}

/// Makes callees nameable in the function being translated.
pub(crate) trait Imports {
    /// A reference to the callee.
    fn import(
        &mut self,
        callee: Callee,
        into: &mut ir::Function,
    ) -> Result<FuncRef, crate::JitError>;
}
