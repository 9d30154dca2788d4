//! Grammars for constrained decoding, derived from `grammar/reasmory.lalrpop` and the operation table.
//!
//! The parser's grammar file is read here (its strict form), and put down to characters: words and
//! signs with the blanks that the canonical form has around them, terminals as classes of characters. So
//! there is one grammar. With a scene or a list of operations the terminals are specialised: operations with
//! their arguments, categories, numbers of photos, units.
//!
//! What is exported accepts programs in canonical form: one statement a line, no line breaks inside of brackets.
//! [`Grammar::recognises`] (Earley) and [`Grammar::sample`] work on exactly what is written out.
#![forbid(unsafe_code)]

mod derive;
mod earley;
mod lalrpop;
mod node;
mod sample;
mod terminals;
mod write;

use reasmory_scene::Manifest;

pub use derive::UnknownOperation;
pub use lalrpop::fuzz as fuzz_lalrpop;
pub use write::Format;

use node::Rule;

/// The grammar of the parser.
const SOURCE: &str = include_str!("../../../grammar/reasmory.lalrpop");

/// What a grammar is specialised to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'a> {
    /// The scene: its categories, photos, scale, and the operations that it can serve.
    pub scene: Option<&'a Manifest>,
    /// The operations that may be called; all without.
    pub operations: Option<&'a [String]>,
    /// Whether operations that ask a model may be called.
    pub model: bool,
}

/// A grammar over characters.
#[derive(Clone, Debug)]
pub struct Grammar {
    /// The first is where it starts.
    pub(crate) rules: Vec<Rule>,
}

impl Grammar {
    /// The grammar for a scope.
    pub fn new(scope: Scope<'_>) -> Result<Grammar, UnknownOperation> {
        derive::derive(SOURCE, scope)
    }

    /// Its text.
    pub fn write(&self, format: Format) -> String {
        write::write(self, format)
    }

    /// Whether a text is in the language of the grammar.
    pub fn recognises(&self, text: &str) -> bool {
        earley::Recogniser::new(self).accepts(text)
    }

    /// A recogniser, where many texts are tried.
    pub fn recogniser(&self) -> Recogniser {
        earley::Recogniser::new(self)
    }

    /// A text of the language: the same for the same seed. Of about `size` choices; what is begun is finished.
    pub fn sample(&self, seed: u64, size: usize) -> String {
        sample::sample(self, seed, size)
    }
}

pub use earley::Recogniser;
