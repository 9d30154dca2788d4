//! Generates the parser from the grammar at the top of the repository.

fn main() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../grammar")
        .canonicalize()
        .expect("the grammar directory exists");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", dir.display());
    lalrpop::Configuration::new()
        .emit_rerun_directives(true)
        .process_dir(&dir)
        .unwrap_or_else(|e| panic!("the grammar does not build: {e}"));
}
