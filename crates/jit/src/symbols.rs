//! What generated code may call, and how each is named.

use cranelift_codegen::ir::{
    self, AbiParam, ExtFuncData, ExternalName, FuncRef, Signature, UserExternalName, types,
};
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

    /// The machine signature: `(ctx, loc) -> status` for what the runtime offers, and
    /// `(ctx, loc, arguments) -> status` for functions of the program, `loc` being the place of the call
    /// and the arguments a word each at an address; `(ctx, number, frame) -> status` for batches.
    pub(crate) fn signature(self, conv: CallConv) -> Signature {
        let mut sig = Signature::new(conv);
        sig.params.push(AbiParam::new(types::I64));
        sig.params.push(AbiParam::new(types::I32));
        if matches!(self, Callee::Function(_) | Callee::Helper(Helper::Steps)) {
            sig.params.push(AbiParam::new(types::I64));
        }
        sig.returns.push(AbiParam::new(types::I32));
        sig
    }
}

/// The register type of a MIR type: quantities live in float registers.
pub(crate) fn clif_type(ty: &reasmory_types::Ty) -> ir::Type {
    if ty.is_float() { types::F64 } else { types::I64 }
}

/// Names a callee in a function. Few signatures serve all callees, so each is imported once.
pub(crate) fn import(
    into: &mut ir::Function,
    name: UserExternalName,
    signature: Signature,
) -> FuncRef {
    let known = into.dfg.signatures.iter().find(|(_, s)| **s == signature).map(|(r, _)| r);
    let signature = known.unwrap_or_else(|| into.import_signature(signature));
    let name = into.declare_imported_user_function(name);
    // Code of one module may lie anywhere, so a short call might not reach.
    into.import_function(ExtFuncData {
        name: ExternalName::user(name),
        signature,
        colocated: false,
        patchable: false,
    })
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
