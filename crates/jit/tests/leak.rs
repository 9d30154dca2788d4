//! Dropping a program frees its code. Resident memory is the whole process's, so these are alone in theirs.
#![cfg(target_os = "linux")]

mod common;

use common::*;
use reasmory_jit::compile;
use reasmory_runtime::Limits;

/// Resident pages of this process.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn dropping_frees_the_code() {
    let program = thirty_calls();
    let memory = memory(0.0);
    let cycle = |n: usize| {
        for i in 0..n {
            let compiled = compile(&program, LEVELS[i % LEVELS.len()]).unwrap();
            run(&program, &memory, Limits::default(), None, Engine::Compiled(&compiled));
        }
    };
    cycle(200);
    let before = resident();
    cycle(2_000);
    let grown = resident().saturating_sub(before) * 4;
    // Without freeing it is about 8000 KiB.
    assert!(grown < 4_000, "grew by {grown} KiB");
}

/// Not in every run: `cargo test --release -p reasmory_jit --test leak -- --ignored --nocapture cycles`.
#[test]
#[ignore = "a hundred thousand compilations"]
fn a_hundred_thousand_cycles_stay_flat() {
    let program = thirty_calls();
    let memory = memory(0.0);
    let mut first = 0;
    for i in 0..100_001usize {
        let compiled = compile(&program, LEVELS[i % LEVELS.len()]).unwrap();
        run(&program, &memory, Limits::default(), None, Engine::Compiled(&compiled));
        drop(compiled);
        if i == 2_000 {
            first = resident();
        }
        if i % 10_000 == 0 {
            println!("{i}: {} KiB", resident() * 4);
        }
    }
    let grown = resident().saturating_sub(first) * 4;
    assert!(grown < 1_000, "grew by {grown} KiB");
}
