//! Putting a program into a module: declarations, code, and the checks before it may be linked.

use std::collections::BTreeMap;

use cranelift_codegen::Context;
use cranelift_codegen::FinalizedRelocTarget;
use cranelift_codegen::ir::{self as clif, ExternalName, FuncRef, UserExternalName};
use cranelift_frontend::FunctionBuilderContext;
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Linkage, Module, ModuleError};
use reasmory_ir::{InstKind, Program};

use crate::plan::{self, Batch};
use crate::symbols::{self, Callee, Imports};
use crate::{JitError, Options, isa, shims, translate};

/// Bytes of stack a program may use below the frame that calls it, so that a thread with the usual 2 MiB
/// has most of them left for the operations.
const STACK: u64 = 512 << 10;

/// Bytes that a call from a batch may take between two compiled frames, its arguments not counted.
const BETWEEN: u64 = 2 << 10;
const WORD: u64 = 8;
/// Bytes that stepping through a function takes; its values are on the heap.
const STEPPED: u64 = 1 << 10;

/// An empty module in the closed world: every symbol is looked up in the registry, none in the process.
pub(crate) fn module(options: Options) -> Result<JITModule, JitError> {
    // The code generator is not given anything that needs a library call; see `check_calls`.
    let libcalls = cranelift_module::default_libcall_names();
    let mut builder = JITBuilder::with_isa(isa::host(options.opt)?, libcalls);
    // Asked before the process's symbols, and it always answers.
    builder.symbol_lookup_fn(Box::new(|name| Some(shims::address(name))));
    Ok(JITModule::new(builder))
}

/// A program in a module.
pub(crate) struct Linked {
    /// Those that have code, by index.
    pub(crate) functions: Vec<Option<FuncId>>,
    /// The batches that its code names.
    pub(crate) batches: Vec<Batch>,
    /// Whether its code reads columns.
    pub(crate) columns: bool,
}

/// Compiles every function of a program into the module and links it.
pub(crate) fn program(
    module: &mut JITModule,
    program: &Program,
    options: Options,
) -> Result<Linked, JitError> {
    let plans = plan::plan(program, options);
    let mut batches = Vec::new();
    let mut columns = false;
    let mut imports = ModuleImports { module, program, ids: BTreeMap::new() };
    let mut context = Context::new();
    let mut builder = FunctionBuilderContext::new();
    let (mut functions, mut frames) = (Vec::new(), Vec::new());
    for (index, plan) in plans.iter().enumerate() {
        if plan.stepped {
            functions.push(None);
            frames.push(STEPPED);
            continue;
        }
        let id = imports.id(Callee::Function(index as u32))?;
        imports.module.clear_context(&mut context);
        let conv = imports.module.isa().default_call_conv();
        context.func.signature = Callee::Function(index as u32).signature(conv);
        let target = imports.module.isa().frontend_config();
        let func = &mut context.func;
        let source = translate::Source { program, index, plans: &plans, target };
        columns |= translate::function(&source, &mut imports, &mut builder, &mut batches, func)?;
        imports.module.define_function(id, &mut context).map_err(|e| codegen(&e))?;
        functions.push(Some(id));
        frames.push(frame(&context)?);
    }
    check_stack(program, &frames)?;
    check_imports(module)?;
    module.finalize_definitions().map_err(|e| codegen(&e))?;
    Ok(Linked { functions, batches, columns })
}

/// The bytes a compiled function takes on the stack. Its code must not call into libraries.
fn frame(context: &Context) -> Result<u64, JitError> {
    let Some(code) = context.compiled_code() else {
        return Err(JitError::Codegen("a function has no code".into()));
    };
    for reloc in code.buffer.relocs() {
        if let FinalizedRelocTarget::ExternalName(ExternalName::LibCall(call)) = &reloc.target {
            return Err(JitError::UnknownSymbol(call.to_string()));
        }
    }
    // Below the frame pointer, and the frame pointer and return address above it.
    let below = code.buffer.frame_layout().map_or(0, |l| l.frame_to_fp_offset);
    Ok(u64::from(below) + 16)
}

/// Every import is a symbol of the registry.
pub(crate) fn check_imports(module: &JITModule) -> Result<(), JitError> {
    for (id, f) in module.declarations().get_functions() {
        if f.linkage == Linkage::Import {
            let name = f.linkage_name(id);
            if !shims::is_registered(&name) {
                return Err(JitError::UnknownSymbol(name.into_owned()));
            }
        }
    }
    Ok(())
}

/// The deepest chain of calls fits the stack. Calls go to higher indices, so one pass from the last
/// function to the first sees every callee before its callers.
fn check_stack(program: &Program, frames: &[u64]) -> Result<(), JitError> {
    let mut deepest = frames.to_vec();
    for (i, f) in program.functions.iter().enumerate().rev() {
        let below = f.blocks.iter().flat_map(|b| &b.insts).filter_map(|inst| match &inst.kind {
            InstKind::Call(c, args) => {
                Some(deepest[c.0 as usize] + BETWEEN + WORD * args.len() as u64)
            }
            _ => None,
        });
        deepest[i] += below.max().unwrap_or(0);
    }
    match deepest.first() {
        Some(&bytes) if bytes > STACK => Err(JitError::TooLarge { bytes, limit: STACK }),
        _ => Ok(()),
    }
}

fn codegen(e: &ModuleError) -> JitError {
    JitError::Codegen(format!("{e:?}"))
}

struct ModuleImports<'a> {
    module: &'a mut JITModule,
    program: &'a Program,
    ids: BTreeMap<Callee, FuncId>,
}

impl ModuleImports<'_> {
    fn id(&mut self, callee: Callee) -> Result<FuncId, JitError> {
        if let Some(id) = self.ids.get(&callee) {
            return Ok(*id);
        }
        let conv = self.module.isa().default_call_conv();
        let sig = callee.signature(conv);
        // Functions of the program get numbers, so that their names never meet a symbol.
        let id = match callee {
            Callee::Function(i) => {
                self.module.declare_function(&format!("{i}"), Linkage::Local, &sig)
            }
            Callee::Op(_) | Callee::Helper(_) => {
                self.module.declare_function(&callee.symbol(self.program), Linkage::Import, &sig)
            }
        };
        let id = id.map_err(|e| codegen(&e))?;
        self.ids.insert(callee, id);
        Ok(id)
    }
}

impl Imports for ModuleImports<'_> {
    fn import(&mut self, callee: Callee, into: &mut clif::Function) -> Result<FuncRef, JitError> {
        let id = self.id(callee)?;
        let conv = self.module.isa().default_call_conv();
        // The name by which the module knows it.
        let name = UserExternalName::new(0, id.as_u32());
        Ok(symbols::import(into, name, callee.signature(conv)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cranelift_codegen::ir::Signature;

    #[test]
    fn symbols_of_the_process_are_refused() {
        let mut m = module(Options::default()).unwrap();
        let sig = Signature::new(m.isa().default_call_conv());
        m.declare_function("getpid", Linkage::Import, &sig).unwrap();
        assert_eq!(check_imports(&m), Err(JitError::UnknownSymbol("getpid".into())));
        // And were it not refused, it would still not be the process's.
        assert_eq!(shims::address("getpid"), shims::address("no such symbol"));
        assert!(!shims::is_registered("getpid"));
    }

    #[test]
    fn every_operation_and_helper_has_its_symbol() {
        for op in reasmory_ops::OpId::all() {
            assert!(shims::is_registered(&format!("__reasmory_op_{}", op.name())));
        }
        assert!(shims::is_registered("__reasmory_rt_fail"));
        assert_ne!(shims::address("__reasmory_rt_fail"), shims::address("getpid"));
    }
}
