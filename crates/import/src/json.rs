//! JSON sources: bounded loading, numbers, errors with places.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::ImportError;
use crate::files::{self, has_extension};

/// Longest JSON file; parsed it takes several times as much.
pub(crate) const MAX_FILE: u64 = 1 << 28;

/// Parses JSON; an error says where.
pub(crate) fn parse(path: &Path, bytes: &[u8], remedy: &str) -> Result<Value, ImportError> {
    serde_json::from_slice(bytes).map_err(|e| {
        let place = format!("line {}, column {}", e.line(), e.column());
        ImportError::new(path, place, format!("is not valid JSON: {e}"), remedy)
    })
}

/// Loads a JSON file.
pub(crate) fn load(path: &Path, remedy: &str) -> Result<Value, ImportError> {
    parse(path, &files::read(path, MAX_FILE)?, remedy)
}

/// The file at `path` (or the first such file of a folder, in natural order) whose JSON `accepts`. Only
/// files that hold all of `words` are parsed.
pub(crate) fn find(path: &Path, words: &[&str], accepts: fn(&Value) -> bool) -> Option<PathBuf> {
    let candidates = if path.is_dir() {
        files::list(path, |p| has_extension(p, &["json"])).ok()?
    } else {
        vec![path.to_owned()]
    };
    candidates.into_iter().find(|p| {
        let Ok(bytes) = files::read(p, MAX_FILE) else { return false };
        let first = bytes.iter().find(|b| !b.is_ascii_whitespace());
        if !matches!(first, Some(b'{' | b'[')) {
            return false;
        }
        let Ok(text) = std::str::from_utf8(&bytes) else { return false };
        words.iter().all(|w| text.contains(w))
            && serde_json::from_slice::<Value>(&bytes).is_ok_and(|v| accepts(&v))
    })
}

/// A list of exactly `N` finite numbers.
pub(crate) fn numbers<const N: usize>(v: &Value) -> Option<[f64; N]> {
    let list = v.as_array()?;
    if list.len() != N {
        return None;
    }
    let mut out = [0.0; N];
    for (slot, v) in out.iter_mut().zip(list) {
        *slot = v.as_f64().filter(|x| x.is_finite())?;
    }
    Some(out)
}

/// A finite number under `key`: `Ok(None)` where there is none, `Err(())` where it is no such number.
pub(crate) fn number(v: &Value, key: &str) -> Result<Option<f64>, ()> {
    match v.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(x) => x.as_f64().filter(|x| x.is_finite()).map(Some).ok_or(()),
    }
}
