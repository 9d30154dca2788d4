//! Turns `table/*.toml` into `OUT_DIR/generated.rs`: the ids, the static table, and the x-macro
//! `for_each_intrinsic!` from which the runtime trait, the interpreter's dispatch and the JIT's symbols
//! derive. A row that does not make sense fails the build with the file and the row.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use reasmory_types::{Signature, Ty};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    family: String,
    #[serde(default)]
    op: Vec<Row>,
    #[serde(default)]
    planned: Vec<Planned>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    sig: String,
    #[serde(default = "intrinsic")]
    kind: String,
    #[serde(default = "pure")]
    effect: String,
    #[serde(default = "one")]
    positional: usize,
    #[serde(default)]
    variadic: bool,
    #[serde(default)]
    abstains: bool,
    #[serde(default)]
    decides: bool,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    one_of: Vec<String>,
    #[serde(default)]
    foreign: Vec<String>,
    summary: String,
    #[serde(default)]
    doc: String,
    example: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Planned {
    name: String,
    summary: String,
}

fn intrinsic() -> String {
    "intrinsic".into()
}
fn pure() -> String {
    "pure".into()
}
fn one() -> usize {
    1
}

/// The Rust type an argument or result has in the runtime trait. Names are resolved where the x-macro is
/// expanded: `abi` is the runtime's module.
fn rust_type(ty: &Ty) -> Option<String> {
    Some(match ty {
        Ty::Quantity(_) => "f64".into(),
        Ty::Bool => "bool".into(),
        Ty::Int => "i64".into(),
        Ty::List(t) => format!("Vec<{}>", rust_type(t)?),
        Ty::Var(_) | Ty::Fn(..) | Ty::Error | Ty::Noun | Ty::Group(..) => return None,
        named => format!("abi::{named:?}"),
    })
}

fn camel(name: &str) -> String {
    name.split('_')
        .map(|w| {
            let mut c = w.chars();
            c.next().map(|f| f.to_ascii_uppercase()).into_iter().chain(c).collect::<String>()
        })
        .collect()
}

fn main() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("table");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", dir.display());
    let mut files: Vec<PathBuf> = std::fs::read_dir(&dir)
        .unwrap_or_else(|e| panic!("{}: {e}", dir.display()))
        .filter_map(|f| f.ok().map(|f| f.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    let mut rows: Vec<(String, Row, Signature)> = Vec::new();
    let mut planned: Vec<Planned> = Vec::new();
    for file in &files {
        println!("cargo:rerun-if-changed={}", file.display());
        let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{file:?}: {e}"));
        let table: Table = toml::from_str(&text).unwrap_or_else(|e| panic!("{file:?}: {e}"));
        for row in table.op {
            let sig = Signature::parse(&row.sig)
                .unwrap_or_else(|e| panic!("{file:?}: `{}`: signature: {e}", row.name));
            assert!(
                row.positional <= sig.params.len().max(1),
                "{file:?}: `{}`: more positional arguments than parameters",
                row.name
            );
            for p in &row.one_of {
                assert!(sig.param(p).is_some(), "{file:?}: `{}`: one_of `{p}`", row.name);
            }
            rows.push((table.family.clone(), row, sig));
        }
        planned.extend(table.planned);
    }
    rows.sort_by(|a, b| a.1.name.cmp(&b.1.name));
    planned.sort_by(|a, b| a.name.cmp(&b.name));
    let mut names: Vec<&str> = rows
        .iter()
        .map(|r| r.1.name.as_str())
        .chain(planned.iter().map(|p| p.name.as_str()))
        .collect();
    names.sort_unstable();
    for w in names.windows(2) {
        assert!(w[0] != w[1], "operation `{}` is in the table twice", w[0]);
    }

    let mut ids = String::new();
    let mut inline = String::new();
    let mut table = String::new();
    let mut each = String::new();
    let mut by_id = String::new();
    for (i, (family, r, sig)) in rows.iter().enumerate() {
        let variant = camel(&r.name);
        let kind = match r.kind.as_str() {
            "intrinsic" => {
                writeln!(ids, "    /// `{}{}`\n    {variant},", r.name, r.sig).unwrap();
                writeln!(by_id, "    {i},").unwrap();
                let mut params = String::new();
                for p in &sig.params {
                    let ty = rust_type(&p.ty).unwrap_or_else(|| {
                        panic!("`{}`: an intrinsic cannot take `{}`", r.name, p.ty)
                    });
                    let ty = if p.optional { format!("Option<{ty}>") } else { ty };
                    write!(params, "{}: {ty}, ", p.name).unwrap();
                }
                let result = rust_type(&sig.result)
                    .unwrap_or_else(|| panic!("`{}`: cannot return `{}`", r.name, sig.result));
                writeln!(
                    each,
                    "        {{ #[doc = {:?}] {family} {} {variant} ({params}) -> {result} }}",
                    format!("`{}{}`: {}", r.name, r.sig, r.summary),
                    r.name
                )
                .unwrap();
                format!("Kind::Intrinsic(OpId::{variant})")
            }
            "inline" => {
                writeln!(inline, "    /// `{}{}`\n    {variant},", r.name, r.sig).unwrap();
                format!("Kind::Inline(InlineOp::{variant})")
            }
            other => panic!("`{}`: unknown kind `{other}`", r.name),
        };
        let effect = match r.effect.as_str() {
            "pure" => "Effect::Pure",
            "render" => "Effect::Render",
            "model" => "Effect::Model",
            other => panic!("`{}`: unknown effect `{other}`", r.name),
        };
        let needs: Vec<String> = r
            .needs
            .iter()
            .map(|n| match n.as_str() {
                "photos" | "points" | "room" | "times" => format!("Need::{}", camel(n)),
                other => panic!("`{}`: unknown need `{other}`", r.name),
            })
            .collect();
        writeln!(
            table,
            "    OpDef {{ name: {:?}, sig: {:?}, kind: {kind}, effect: {effect}, family: {family:?}, \
             positional: {}, variadic: {}, abstains: {}, decides: {}, needs: &[{}], one_of: &{:?}, foreign: &{:?}, \
             summary: {:?}, doc: {:?}, example: {:?}, parsed: OnceLock::new() }},",
            r.name,
            r.sig,
            r.positional,
            r.variadic,
            r.abstains,
            r.decides,
            needs.join(", "),
            r.one_of,
            r.foreign,
            r.summary,
            r.doc,
            r.example
        )
        .unwrap();
    }
    let planned: String =
        planned.iter().map(|p| format!("    ({:?}, {:?}),\n", p.name, p.summary)).collect();

    let count = rows.len();
    let out = format!(
        "/// An intrinsic operation: implemented by the runtime, called by both engines.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\n#[repr(u32)]\n\
         pub enum OpId {{\n{ids}}}\n\n\
         /// A generic operation that lowering turns into MIR instructions.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\n\
         pub enum InlineOp {{\n{inline}}}\n\n\
         /// Every operation of the table, sorted by name.\n\
         pub static OPS: [OpDef; {count}] = [\n{table}];\n\n\
         /// Index in [`OPS`] of each intrinsic, by [`OpId`].\n\
         static BY_ID: &[usize] = &[\n{by_id}];\n\n\
         /// Operations of the language that this version does not have yet, with what they will do.\n\
         pub static PLANNED: &[(&str, &str)] = &[\n{planned}];\n\n\
         /// Expands `$m! {{ {{ #[doc = \"…\"] family name Variant (param: Type, …) -> Type }} … }}` over \
         every intrinsic, in the order of [`OpId`].\n\
         #[macro_export]\nmacro_rules! for_each_intrinsic {{\n    ($m:ident) => {{ $m! {{\n{each}    }} }};\n}}\n"
    );
    let path = Path::new(&std::env::var("OUT_DIR").unwrap()).join("generated.rs");
    std::fs::write(&path, out).unwrap();
}
