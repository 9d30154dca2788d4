//! Names spelt wrong by one edit.

use reasmory_driver::fuzz::Random;

/// Letters that a finger slips to, by key.
const NEIGHBOURS: &[(char, &str)] = &[
    ('a', "sqz"),
    ('b', "vng"),
    ('c', "xvd"),
    ('d', "sfe"),
    ('e', "wrd"),
    ('f', "dgr"),
    ('g', "fht"),
    ('h', "gjy"),
    ('i', "uok"),
    ('j', "hku"),
    ('k', "jli"),
    ('l', "ko"),
    ('m', "nj"),
    ('n', "bmh"),
    ('o', "ipl"),
    ('p', "o"),
    ('q', "wa"),
    ('r', "etf"),
    ('s', "adw"),
    ('t', "ryg"),
    ('u', "yij"),
    ('v', "cbf"),
    ('w', "qes"),
    ('x', "zcs"),
    ('y', "tuh"),
    ('z', "xa"),
];

/// Every spelling that is one edit away from a name and looks like a slip: a letter left out, two letters
/// swapped, a letter doubled, a neighbouring key hit. A first letter stays, as people get it right.
pub fn slips(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let join = |l: &[char]| l.iter().collect::<String>();
    let mut out = Vec::new();
    for i in 1..letters.len() {
        let mut less = letters.clone();
        less.remove(i);
        out.push(join(&less));
        let mut double = letters.clone();
        double.insert(i, letters[i]);
        out.push(join(&double));
        if i + 1 < letters.len() {
            let mut swapped = letters.clone();
            swapped.swap(i, i + 1);
            out.push(join(&swapped));
        }
        let near = NEIGHBOURS.iter().find(|n| n.0 == letters[i]).map_or("", |n| n.1);
        for other in near.chars() {
            let mut hit = letters.clone();
            hit[i] = other;
            out.push(join(&hit));
        }
    }
    out.retain(|s| s != name);
    out.sort();
    out.dedup();
    out
}

/// One of [`slips`] that `known` does not hold.
pub fn slip(name: &str, r: &mut Random, known: impl Fn(&str) -> bool) -> Option<String> {
    let all: Vec<String> = slips(name).into_iter().filter(|s| !known(s)).collect();
    r.pick(&all).cloned()
}
