//! What is drawn from the grammar of the whole language parses, and is in it.

use reasmory_grammar::{Grammar, Scope};

#[test]
fn samples_parse() {
    let g = Grammar::new(Scope::default()).unwrap();
    let r = g.recogniser();
    let mut bad = Vec::new();
    for seed in 0..2000u64 {
        let text = g.sample(seed, 20 + (seed as usize % 5) * 30);
        let p = reasmory_syntax::parse(&text);
        if !p.diagnostics.is_empty() {
            bad.push(format!("seed {seed}: {}\n{text}", p.diagnostics[0].message));
        }
        assert!(seed % 50 != 0 || r.accepts(&text), "seed {seed}\n{text}");
    }
    let first = bad[..bad.len().min(12)].join("\n----\n");
    assert!(bad.is_empty(), "{} do not parse\n{first}", bad.len());
}
