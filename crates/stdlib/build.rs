//! Lists `stdlib/*.rsm` of the repository as `OUT_DIR/modules.rs`, sorted by name.

use std::fmt::Write as _;
use std::path::Path;

fn main() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../stdlib")
        .canonicalize()
        .expect("the standard library's directory exists");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", dir.display());
    let mut names: Vec<String> = std::fs::read_dir(&dir)
        .unwrap_or_else(|e| panic!("{}: {e}", dir.display()))
        .map(|f| f.expect("the directory can be read").file_name())
        .map(|f| f.into_string().unwrap_or_else(|f| panic!("{f:?}: not a name in Unicode")))
        .filter_map(|f| f.strip_suffix(".rsm").map(str::to_owned))
        .collect();
    names.sort();
    let mut out = String::from(
        "/// Every module of the standard library: its name and its text, sorted by name.\n\
         pub static MODULES: &[(&str, &str)] = &[\n",
    );
    for name in &names {
        let path = dir.join(format!("{name}.rsm"));
        println!("cargo:rerun-if-changed={}", path.display());
        writeln!(out, "    ({name:?}, include_str!({:?})),", path.display().to_string()).unwrap();
    }
    out.push_str("];\n");
    let path = Path::new(&std::env::var("OUT_DIR").unwrap()).join("modules.rs");
    std::fs::write(path, out).unwrap();
}
