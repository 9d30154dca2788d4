//! Chores of the repository: `cargo xtask tidy` checks what `spec/architecture.md` promises.
#![forbid(unsafe_code)]

mod repo;
mod scan;
mod tidy;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["tidy"] => run_tidy(),
        _ => {
            eprintln!("usage: cargo xtask tidy");
            ExitCode::from(2)
        }
    }
}

fn run_tidy() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let repo = match repo::Repo::read(&root) {
        Ok(repo) => repo,
        Err(e) => {
            eprintln!("tidy: {e}");
            return ExitCode::from(2);
        }
    };
    let findings = tidy::all(&repo);
    for f in &findings {
        println!("{f}");
    }
    if findings.is_empty() {
        println!(
            "tidy: {} files, {} rules, nothing to complain about",
            repo.len(),
            tidy::RULES.len()
        );
        ExitCode::SUCCESS
    } else {
        println!("tidy: {} to repair", findings.len());
        ExitCode::FAILURE
    }
}
