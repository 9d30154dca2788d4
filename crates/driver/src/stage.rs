//! Every stage of a program as text.

use std::str::FromStr;

use reasmory_sema::CheckOptions;

use crate::{CheckReport, Optimise, Source, check, compile};

/// A stage that can be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Tokens.
    Tokens,
    /// Syntax tree.
    Ast,
    /// Typed program.
    Hir,
    /// SSA.
    Mir,
    /// Cranelift IR.
    Clif,
    /// Machine code.
    Asm,
}

impl FromStr for Stage {
    type Err = String;

    fn from_str(s: &str) -> Result<Stage, String> {
        Ok(match s {
            "tokens" => Stage::Tokens,
            "ast" => Stage::Ast,
            "hir" => Stage::Hir,
            "mir" => Stage::Mir,
            "clif" => Stage::Clif,
            "asm" => Stage::Asm,
            _ => return Err(format!("`{s}` is no stage: tokens, ast, hir, mir, clif or asm")),
        })
    }
}

/// A stage as text, deterministic. Tokens and the tree print for any program, HIR for any that parses
/// somewhere; the rest needs one that checks.
pub fn emit(
    stage: Stage,
    source: &Source,
    options: CheckOptions<'_>,
) -> Result<String, Box<CheckReport>> {
    Ok(emit_optimised(stage, source, options, Optimise::NONE)?.0)
}

/// [`emit()`] with MIR and what is made of it optimised, and what the optimiser did, a line each.
pub fn emit_optimised(
    stage: Stage,
    source: &Source,
    options: CheckOptions<'_>,
    how: Optimise,
) -> Result<(String, Vec<String>), Box<CheckReport>> {
    let text = match stage {
        Stage::Tokens => reasmory_syntax::print_tokens(&source.text),
        Stage::Ast => reasmory_syntax::print_ast(&reasmory_syntax::parse(&source.text).program),
        Stage::Hir => {
            let report = check(source, options);
            if !report.is_ok() {
                return Err(Box::new(report));
            }
            reasmory_sema::print_hir(&report.hir)
        }
        Stage::Mir | Stage::Clif | Stage::Asm => {
            let (program, remarks) = compile(source, options)?.optimised(how);
            let text = match stage {
                Stage::Mir => reasmory_ir::print(&program.mir),
                Stage::Clif => reasmory_jit::print_clif(&program.mir),
                _ => reasmory_jit::print_asm(&program.mir),
            };
            return Ok((text, remarks));
        }
    };
    Ok((text, vec![]))
}
