//! Grammars for decoders.

use reasmory_driver::Failure;
use reasmory_driver::grammars::{Format, Grammar, Scope};

use super::{program, say};
use crate::Ending;
use crate::args;

pub(super) fn grammar(a: &args::Grammar) -> Result<Ending, Failure> {
    let format: Format =
        a.format.parse().map_err(|e: String| Failure::new(e, "choose another `--format`"))?;
    let scene = program::manifest(a.scene.as_deref())?;
    let scope = Scope {
        scene: scene.as_ref(),
        operations: (!a.ops.is_empty()).then_some(a.ops.as_slice()),
        model: a.model.is_some(),
    };
    let grammar = Grammar::new(scope).map_err(|e| {
        let remedy = if e.exists {
            "leave it out, or name a model with `--model`"
        } else {
            "`reasmory ops` lists the operations"
        };
        Failure::new(e.to_string(), remedy)
    })?;
    say(&grammar.write(format))?;
    Ok(Ending::Clean)
}
