//! NumPy archives: stored or deflated `.npy` members of little-endian numbers.

use std::io::{Cursor, Read};
use std::path::Path;

use zip::ZipArchive;

use crate::ImportError;

/// Longest member after inflation.
const MAX_MEMBER: u64 = 1 << 30;
const REMEDY: &str = "save it again with numpy.savez as little-endian arrays";

/// An array: shape and values in C order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Array {
    /// Lengths along each axis.
    pub shape: Vec<usize>,
    /// The values.
    pub values: Vec<f32>,
}

/// An opened archive.
pub struct Npz<'a> {
    path: &'a Path,
    zip: ZipArchive<Cursor<&'a [u8]>>,
}

impl<'a> Npz<'a> {
    /// Opens an archive; `path` is named in errors.
    pub fn new(path: &'a Path, bytes: &'a [u8]) -> Result<Npz<'a>, ImportError> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| {
            let what = format!("is not a whole NumPy archive: {e}");
            ImportError::new(path, "", what, "fetch or save it again")
        })?;
        Ok(Npz { path, zip })
    }

    /// The archive's path, for errors.
    pub(crate) fn path(&self) -> &'a Path {
        self.path
    }

    /// The names of the arrays.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .zip
            .file_names()
            .filter_map(|n| n.ok()?.strip_suffix(".npy").map(str::to_owned))
            .collect();
        names.sort_unstable();
        names
    }

    /// Reads the array `name`, of floating-point or integer type, as `f32`.
    pub fn array(&mut self, name: &str) -> Result<Array, ImportError> {
        let path = self.path;
        let bad = |what: String| ImportError::new(path, name, what, REMEDY);
        let member = self
            .zip
            .by_name(&format!("{name}.npy"))
            .map_err(|e| bad(format!("cannot be read: {e}")))?;
        // Nothing is allocated on the word of the header: the buffer grows with what is inflated.
        let mut bytes = Vec::new();
        member
            .take(MAX_MEMBER + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| bad(format!("is cut or damaged: {e}")))?;
        if bytes.len() as u64 > MAX_MEMBER {
            return Err(bad(format!("is longer than {MAX_MEMBER} bytes")));
        }
        npy(&bytes).map_err(bad)
    }
}

/// Parses an `.npy` file. The header is a Python dictionary of fixed form, read by hand: general readers
/// of Python literals recurse without bound and multiply unchecked shapes.
pub(crate) fn npy(bytes: &[u8]) -> Result<Array, String> {
    let cut = || "is cut short".to_owned();
    if bytes.get(..6) != Some(b"\x93NUMPY") {
        return Err("is not an .npy array".into());
    }
    let major = *bytes.get(6).ok_or_else(cut)?;
    let (length, start): (usize, usize) = match (major, bytes.get(8..12)) {
        (1, Some(b)) => (usize::from(u16::from_le_bytes([b[0], b[1]])), 10),
        (2 | 3, Some(b)) => (u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize, 12),
        (1..=3, None) => return Err(cut()),
        _ => return Err(format!("has .npy version {major}, expected 1 to 3")),
    };
    let end = start.checked_add(length).ok_or_else(cut)?;
    let header = bytes.get(start..end).ok_or_else(cut)?;
    let header = std::str::from_utf8(header).map_err(|_| "has a header that is not text")?;
    let data = &bytes[end..];

    let after = |key: &str| {
        let at = header.find(&format!("'{key}'"))? + key.len() + 2;
        header[at..].trim_start().strip_prefix(':').map(str::trim_start)
    };
    let descr = after("descr")
        .and_then(|t| t.strip_prefix('\''))
        .and_then(|t| t.split('\'').next())
        .ok_or("has no simple `descr`")?;
    if !after("fortran_order").ok_or("has no `fortran_order`")?.starts_with("False") {
        return Err("is in Fortran order, expected C order".into());
    }
    let inner = after("shape")
        .and_then(|t| t.strip_prefix('('))
        .and_then(|t| t.split(')').next())
        .ok_or("has no `shape`")?;
    let mut shape = Vec::new();
    for part in inner.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        shape.push(part.parse::<usize>().map_err(|_| format!("has the dimension {part:?}"))?);
    }
    let count = shape
        .iter()
        .try_fold(1usize, |n, d| n.checked_mul(*d))
        .ok_or("has a shape that no memory holds")?;
    let size = match descr {
        "<f8" | "<i8" | "<u8" => 8,
        "<f4" | "<i4" | "<u4" => 4,
        "<u2" | "<i2" | "<f2" => 2,
        "|u1" | "|b1" | "|i1" => 1,
        other => return Err(format!("has the type `{other}`, expected little-endian numbers")),
    };
    if count.checked_mul(size) != Some(data.len()) {
        return Err(format!(
            "has {} bytes of data, but its shape {shape:?} of `{descr}` needs {}",
            data.len(),
            count as u128 * size as u128
        ));
    }
    let values = data
        .chunks_exact(size)
        .map(|b| match descr {
            "<f8" => f64::from_le_bytes(fixed(b)) as f32,
            "<i8" => i64::from_le_bytes(fixed(b)) as f32,
            "<u8" => u64::from_le_bytes(fixed(b)) as f32,
            "<f4" => f32::from_le_bytes(fixed(b)),
            "<i4" => i32::from_le_bytes(fixed(b)) as f32,
            "<u4" => u32::from_le_bytes(fixed(b)) as f32,
            "<u2" => f32::from(u16::from_le_bytes(fixed(b))),
            "<f2" => half(u16::from_le_bytes(fixed(b))),
            "<i2" => f32::from(i16::from_le_bytes(fixed(b))),
            "|i1" => f32::from(i8::from_le_bytes(fixed(b))),
            _ => f32::from(b[0]),
        })
        .collect();
    Ok(Array { shape, values })
}

fn fixed<const N: usize>(b: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&b[..N]);
    out
}

/// A number of IEEE 754 binary16, which binary32 holds exactly.
fn half(bits: u16) -> f32 {
    let (sign, exponent, part) =
        (u32::from(bits >> 15) << 31, bits >> 10 & 31, u32::from(bits & 1023));
    match exponent {
        // Below the least normal number: a multiple of 2⁻²⁴.
        0 => f32::from_bits(sign | (part as f32 * 2f32.powi(-24)).to_bits()),
        31 => f32::from_bits(sign | 0x7f80_0000 | part << 13),
        e => f32::from_bits(sign | (u32::from(e) + 112) << 23 | part << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_exact() {
        for (bits, is) in [
            (0, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 2f32.powi(-24)),
            (0x83ff, -(2f32.powi(-14) - 2f32.powi(-24))),
            (0x7c00, f32::INFINITY),
        ] {
            assert_eq!(half(bits), is, "{bits:x}");
        }
        assert!(half(0x7e00).is_nan());
    }
}
