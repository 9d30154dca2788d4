//! Bad programs made from good ones: each operator puts one defect into a program and knows the code and
//! the exact place that a checker has to find. Deterministic: the choice is seeded by operator.

mod expressions;
mod site;
mod statements;

use std::collections::BTreeSet;

use reasmory_driver::fuzz::Random;

use crate::cases::{Bad, Good};
use site::{Mutant, Site};

/// What an operator makes of a program: every mutant it can.
type Make = fn(&Site<'_>, &mut Random) -> Vec<Mutant>;

/// A mutation operator.
pub struct Operator {
    /// Name of the defect class.
    pub name: &'static str,
    /// The code it must give.
    pub code: &'static str,
    make: Make,
}

/// Every operator.
pub fn operators() -> impl Iterator<Item = &'static Operator> {
    expressions::OPERATORS.iter().chain(statements::OPERATORS)
}

/// Mutants of one operator, at most.
const EACH: usize = 9;

/// The same where the mutation takes something from the memory: no repair of the program can put it back,
/// and one program on a poorer memory is much like another.
const EACH_MEMORY: usize = 3;

/// The mutants of the good programs: of every operator up to `EACH`, from as many originals.
pub fn mutants(good: &[Good]) -> Vec<Bad> {
    let mut out = Vec::new();
    for (n, op) in operators().enumerate() {
        let mut r = Random::new(0x5eed_0000 + n as u64);
        // A question asks for things of its own: another finding beside that of the mutation.
        let mut order: Vec<&Good> =
            good.iter().filter(|g| !g.text.starts_with("# question:")).collect();
        // Fisher–Yates: which originals an operator takes is its own choice.
        for i in (1..order.len()).rev() {
            order.swap(i, r.below(i + 1));
        }
        let mut texts: BTreeSet<String> = BTreeSet::new();
        for g in order {
            let most = if op.name.contains("on a memory without") { EACH_MEMORY } else { EACH };
            if texts.len() == most {
                break;
            }
            let site = Site::new(g);
            let made = (op.make)(&site, &mut r);
            let Some(m) = r.pick(&made) else { continue };
            if !texts.insert(m.text.clone()) {
                continue;
            }
            out.push(Bad {
                name: format!("{} of {}", op.name, g.name),
                class: op.name.to_owned(),
                scene: m.scene.clone().unwrap_or_else(|| g.scene.clone()),
                code: op.code.to_owned(),
                text: m.text.clone(),
                spans: vec![m.span.clone()],
                // On another memory the original has the same defect.
                meant: m.scene.is_none().then(|| g.text.clone()),
                alone: false,
                by_hand: false,
            });
        }
    }
    out
}

/// The operations that a program calls, with the places of their names.
pub fn operations(good: &Good) -> Vec<(String, std::ops::Range<usize>)> {
    Site::new(good)
        .calls()
        .iter()
        .filter(|c| c.callable.is_some())
        .map(|c| (c.name.name.clone(), c.name.span.range()))
        .collect()
}

/// Whether a name is a word of the language: an operation under this or a foreign name, a planned one, a
/// direction, or a reserved word.
pub fn is_word(name: &str) -> bool {
    let nothing = Good { name: String::new(), scene: "studio".into(), text: "answer 1\n".into() };
    Site::new(&nothing).is_known(name)
}
