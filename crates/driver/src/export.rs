//! `export`: memories to the formats of others.

use std::path::Path;

use reasmory_export::{Exported, Format};

use crate::Failure;
use crate::files::write_atomic;
use crate::import::store_failure;

/// Writes the memory at `dir` to `out`, in the format of this name or the one that the file's name asks for.
pub fn export(dir: &Path, out: &Path, format: Option<&str>) -> Result<(), Failure> {
    let known = || {
        let names: Vec<&str> = Format::ALL.iter().map(|f| f.name()).collect();
        names.join(", ")
    };
    let rrd = format == Some("rrd")
        || (format.is_none() && out.extension().is_some_and(|e| e.eq_ignore_ascii_case("rrd")));
    if rrd {
        return Err(Failure::new(
            "a Rerun recording is written by Rerun's own library",
            "run `python3 tools/export_rrd.py MEMORY -o FILE.rrd` (it needs `pip install rerun-sdk`)",
        ));
    }
    let format = match format {
        Some(name) => Format::from_name(name).ok_or_else(|| {
            Failure::new(format!("there is no format `{name}`"), format!("use one of {}", known()))
        })?,
        None => Format::from_path(out).ok_or_else(|| {
            let what = format!("{}: its name says no format that is known", out.display());
            Failure::new(what, format!("say `--format` with one of {}", known()))
        })?,
    };
    let memory = reasmory_store::open(dir).map_err(store_failure)?;
    match reasmory_export::export(&memory, format).map_err(|e| Failure::new(e.what, e.remedy))? {
        Exported::File(bytes) => write_atomic(out, &bytes),
        Exported::Folder(files) => {
            files.iter().try_for_each(|(name, bytes)| write_atomic(&out.join(name), bytes))
        }
    }
}
