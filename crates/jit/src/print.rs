//! What the compiler makes of a program, as text: `emit clif` and `emit asm`. Both print for one pinned
//! target, so the text is the same on every machine, and by symbol, so it holds no addresses.

use std::fmt::Write as _;

use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{self as clif, FuncRef, UserExternalName, UserFuncName};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_frontend::FunctionBuilderContext;
use reasmory_ir::{Program, Verified};

use crate::symbols::{Callee, Imports};
use crate::{JitError, Options, isa, plan, symbols, translate};

/// The program in Cranelift's intermediate language.
pub fn print_clif(program: &Verified<Program>) -> String {
    each(program, |context, names, _, out| {
        let text = context.func.display().to_string();
        for line in text.lines() {
            match declared(line) {
                Some((before, index, after)) => {
                    let name = names.get(index).map_or("?", String::as_str);
                    let _ = writeln!(out, "{before}%{name}{after}");
                }
                None => {
                    let _ = writeln!(out, "{line}");
                }
            }
        }
        Ok(())
    })
}

/// The program's machine code, as the compiler prints it.
pub fn print_asm(program: &Verified<Program>) -> String {
    each(program, |context, names, isa, out| {
        context.set_disasm(true);
        let symbols: Vec<String> = context
            .func
            .params
            .user_named_funcs()
            .values()
            .map(|n| names.get(n.index as usize).cloned().unwrap_or_default())
            .collect();
        let code = context
            .compile(&**isa, &mut ControlPlane::default())
            .map_err(|e| JitError::Codegen(format!("{:?}", e.inner)))?;
        let text = code.vcode.as_deref().unwrap_or_default();
        out.push_str(&with_symbols(text, &symbols));
        Ok(())
    })
}

type Body<'a> = &'a mut dyn FnMut(
    &mut Context,
    &[String],
    &OwnedTargetIsa,
    &mut String,
) -> Result<(), JitError>;

fn each(
    program: &Program,
    mut body: impl FnMut(&mut Context, &[String], &OwnedTargetIsa, &mut String) -> Result<(), JitError>,
) -> String {
    let mut out = String::new();
    if let Err(e) = functions(program, &mut body, &mut out) {
        let _ = writeln!(out, "; {e}");
    }
    out
}

fn functions(program: &Program, body: Body<'_>, out: &mut String) -> Result<(), JitError> {
    let isa = isa::pinned()?;
    let conv = isa.default_call_conv();
    let mut builder = FunctionBuilderContext::new();
    let plans = plan::plan(program, Options::default());
    let mut batches = Vec::new();
    for (index, f) in program.functions.iter().enumerate() {
        if plans[index].stepped {
            let _ = writeln!(out, "\n; {} has no code: calls step through it", f.name);
            continue;
        }
        let mut names = Names { conv, callees: Vec::new() };
        let mut context = Context::new();
        context.func = clif::Function::with_name_signature(
            UserFuncName::testcase(f.name.as_bytes()),
            Callee::Function(index as u32).signature(conv),
        );
        let target = isa.frontend_config();
        let func = &mut context.func;
        let source = translate::Source { program, index, plans: &plans, target };
        translate::function(&source, &mut names, &mut builder, &mut batches, func)?;
        let symbols: Vec<String> = names.callees.iter().map(|c| c.symbol(program)).collect();
        if index > 0 {
            out.push('\n');
        }
        let _ = writeln!(out, "; {}", f.name);
        body(&mut context, &symbols, &isa, out)?;
    }
    Ok(())
}

/// Splits a line `fn3 = u0:7 sig0` around its name.
fn declared(line: &str) -> Option<(&str, usize, &str)> {
    if !line.trim_start().starts_with("fn") {
        return None;
    }
    let (before, rest) = line.split_once("= u0:")?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let index = rest[..digits].parse().ok()?;
    Some((&line[..before.len() + 2], index, &rest[digits..]))
}

/// Replaces the numbered external names of a listing by symbols.
fn with_symbols(text: &str, symbols: &[String]) -> String {
    const MARK: &str = "userextname";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(MARK) {
        out.push_str(&rest[..at]);
        rest = &rest[at + MARK.len()..];
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let symbol = rest[..digits].parse::<usize>().ok().and_then(|i| symbols.get(i));
        out.push_str(symbol.map_or(MARK, String::as_str));
        rest = &rest[if symbol.is_some() { digits } else { 0 }..];
    }
    out.push_str(rest);
    out
}

/// Numbers callees in the order of their first use.
struct Names {
    conv: CallConv,
    callees: Vec<Callee>,
}

impl Imports for Names {
    fn import(&mut self, callee: Callee, into: &mut clif::Function) -> Result<FuncRef, JitError> {
        let index = self.callees.len() as u32;
        self.callees.push(callee);
        let name = UserExternalName::new(0, index);
        Ok(symbols::import(into, name, callee.signature(self.conv)))
    }
}
