//! Parsing, checking, compiling and running a 30-line program over 500 objects.

use divan::{Bencher, black_box};
use reasmory_bench::{objects, options, program, source};
use reasmory_driver::runtime::Limits;
use reasmory_driver::{check, compile, syntax};

fn main() {
    divan::main();
}

/// Text to tree.
#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let s = source();
    bencher.bench(|| syntax::parse(black_box(&s.text)));
}

/// Text to findings, with the memory's manifest.
#[divan::bench(name = "check")]
fn check_program(bencher: Bencher<'_, '_>) {
    let s = source();
    bencher.bench(|| check(black_box(&s), options()));
}

/// Text to verified MIR.
#[divan::bench]
fn lower(bencher: Bencher<'_, '_>) {
    let s = source();
    bencher.bench(|| compile(black_box(&s), options()).is_ok());
}

/// MIR to native code.
#[divan::bench(name = "compile")]
fn native(bencher: Bencher<'_, '_>) {
    let p = program();
    bencher.bench(|| black_box(&p).jit().is_ok());
}

/// One run of native code compiled before.
#[divan::bench]
fn run_jit(bencher: Bencher<'_, '_>) {
    let p = program();
    let compiled = p.jit().unwrap_or_else(|d| panic!("{}", d.message));
    bencher.bench(|| p.run_with(objects(), Limits::default(), Some(black_box(&compiled))).status);
}

/// One run of the reference interpreter.
#[divan::bench]
fn run_interpreter(bencher: Bencher<'_, '_>) {
    let p = program();
    bencher.bench(|| p.run_with(objects(), Limits::default(), None).status);
}
