//! Real data, where it is present.

use std::path::{Path, PathBuf};

/// The file or folder of real data named `name`; says why on standard error where it is absent.
pub fn data(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("REASMORY_DATA")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"));
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    // Written past the test harness, which keeps the output of passing tests to itself.
    let line =
        format!("SKIPPED: {} is absent; set REASMORY_DATA to run this test\n", path.display());
    let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
    None
}
