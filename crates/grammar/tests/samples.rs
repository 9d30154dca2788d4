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

/// A closed grammar has each operation with its arguments, and `else=` where it may have no value.
#[test]
fn closed_calls() {
    let only =
        ["category", "distance", "first", "objects", "step", "the", "top", "turn", "view", "photo"];
    let only: Vec<String> = only.map(str::to_owned).to_vec();
    let g = Grammar::new(Scope { operations: Some(&only), ..Scope::default() }).unwrap();
    for good in [
        "answer objects(\"chair\").first(else=the(\"tv\")).category()\n",
        "answer photo(3).view().turn(left, by=30deg).step(forward)\n",
        "answer distance(the(\"a\"), to=the(\"b\"), else=1m)\n",
        "show top(mark=[the(\"a\")])\n",
        "show top(around=the(\"a\"), mark=[])\n",
        "show top()\n",
    ] {
        assert_eq!(g.recogniser().reach(good), None, "{good}");
    }
    for bad in ["answer the()\n", "show top(, mark=[])\n", "answer height(the(\"a\"))\n"] {
        assert!(!g.recognises(bad), "{bad}");
    }
}
