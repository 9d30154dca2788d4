//! The safetensors format: the header's length (u64, little-endian), a JSON header, then the values.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Data, Tensor};

/// Longest header.
const MAX_HEADER: u64 = 16 << 20;

fn fixed<const N: usize>(b: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&b[..N]);
    out
}

/// A half-precision number: one sign bit, five bits of exponent, ten of fraction (IEEE 754).
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = i32::from(bits >> 10 & 31);
    let fraction = f32::from(bits & 1023) / 1024.0;
    sign * match exponent {
        0 => fraction * 2f32.powi(-14),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        e => (1.0 + fraction) * 2f32.powi(e - 15),
    }
}

/// Values of a type; `None` for a type that is not known.
fn values(dtype: &str, data: &[u8]) -> Option<Data> {
    let floats = |size: usize, f: fn(&[u8]) -> f32| {
        Some(Data::Floats(data.chunks_exact(size).map(f).collect()))
    };
    match dtype {
        "U8" | "BOOL" => Some(Data::Bytes(data.to_vec())),
        "F32" => floats(4, |b| f32::from_le_bytes(fixed(b))),
        "F64" => floats(8, |b| f64::from_le_bytes(fixed(b)) as f32),
        "F16" => floats(2, |b| half(u16::from_le_bytes(fixed(b)))),
        "BF16" => floats(2, |b| f32::from_bits(u32::from(u16::from_le_bytes(fixed(b))) << 16)),
        "I8" => floats(1, |b| f32::from(i8::from_le_bytes(fixed(b)))),
        "I16" => floats(2, |b| f32::from(i16::from_le_bytes(fixed(b)))),
        "U16" => floats(2, |b| f32::from(u16::from_le_bytes(fixed(b)))),
        "I32" => floats(4, |b| i32::from_le_bytes(fixed(b)) as f32),
        "U32" => floats(4, |b| u32::from_le_bytes(fixed(b)) as f32),
        "I64" => floats(8, |b| i64::from_le_bytes(fixed(b)) as f32),
        "U64" => floats(8, |b| u64::from_le_bytes(fixed(b)) as f32),
        _ => None,
    }
}

fn size_of(dtype: &str) -> Option<usize> {
    Some(match dtype {
        "U8" | "BOOL" | "I8" => 1,
        "F16" | "BF16" | "I16" | "U16" => 2,
        "F32" | "I32" | "U32" => 4,
        "F64" | "I64" | "U64" => 8,
        _ => return None,
    })
}

/// The arrays of a file.
pub(super) fn decode(bytes: &[u8]) -> Result<BTreeMap<String, Tensor>, String> {
    let cut = |need: u64| format!("is cut short: it has {} bytes and needs {need}", bytes.len());
    let head = bytes.get(..8).ok_or_else(|| cut(8))?;
    let length = u64::from_le_bytes(fixed(head));
    if length > MAX_HEADER {
        return Err("is neither safetensors nor a NumPy archive".into());
    }
    let start = 8 + length as usize;
    let header = bytes.get(8..start).ok_or_else(|| cut(8 + length))?;
    let header: Value = serde_json::from_slice(header)
        .map_err(|_| "is neither safetensors nor a NumPy archive".to_owned())?;
    let entries = header.as_object().ok_or("has a header that is no object")?;
    let body = &bytes[start..];
    let mut out = BTreeMap::new();
    for (name, info) in entries.iter().filter(|(n, _)| *n != "__metadata__") {
        let bad = |what: &str| format!("has an array `{name}` {what}");
        let dtype = info["dtype"].as_str().ok_or_else(|| bad("without a type"))?;
        let size =
            size_of(dtype).ok_or_else(|| bad(&format!("of type {dtype}, which is not read")))?;
        let whole = |v: &Value| v.as_u64().and_then(|n| usize::try_from(n).ok());
        let shape: Option<Vec<usize>> =
            info["shape"].as_array().and_then(|l| l.iter().map(whole).collect());
        let shape = shape.ok_or_else(|| bad("without a shape"))?;
        let (from, to) = match info["data_offsets"].as_array().map(Vec::as_slice) {
            Some([a, b]) => (whole(a), whole(b)),
            _ => (None, None),
        };
        let (Some(from), Some(to)) = (from, to) else { return Err(bad("without offsets")) };
        let bytes_needed = shape
            .iter()
            .try_fold(size, |n, d| n.checked_mul(*d))
            .ok_or_else(|| bad("of a shape that no memory holds"))?;
        if to.checked_sub(from) != Some(bytes_needed) {
            return Err(bad(&format!(
                "whose shape {shape:?} needs {bytes_needed} bytes, not those it has"
            )));
        }
        let data =
            body.get(from..to).ok_or_else(|| cut((start as u64).saturating_add(to as u64)))?;
        let data = values(dtype, data).ok_or_else(|| bad("of a type that is not read"))?;
        out.insert(name.clone(), Tensor { shape, data });
    }
    Ok(out)
}

/// A file of arrays, in the order given.
pub fn encode<'a>(arrays: impl IntoIterator<Item = (&'a str, &'a Tensor)>) -> Vec<u8> {
    let (mut header, mut body) = (Map::new(), Vec::new());
    for (name, t) in arrays {
        let from = body.len();
        let dtype = match &t.data {
            Data::Floats(v) => {
                v.iter().for_each(|x| body.extend(x.to_le_bytes()));
                "F32"
            }
            Data::Bytes(v) => {
                body.extend(v);
                "U8"
            }
        };
        let entry = json!({"dtype": dtype, "shape": t.shape, "data_offsets": [from, body.len()]});
        header.insert(name.to_owned(), entry);
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut out = (header.len() as u64).to_le_bytes().to_vec();
    out.extend(header);
    out.extend(body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let a = Tensor { shape: vec![2, 2], data: Data::Floats(vec![1.0, -2.5, 0.0, 1e9]) };
        let b = Tensor { shape: vec![3], data: Data::Bytes(vec![0, 1, 255]) };
        encode([("a", &a), ("b", &b)])
    }

    #[test]
    fn arrays_round_trip() {
        let found = decode(&sample()).unwrap();
        assert_eq!(found["a"].data, Data::Floats(vec![1.0, -2.5, 0.0, 1e9]));
        assert_eq!((&found["b"].shape[..], found["b"].data.len()), (&[3][..], 3));
    }

    #[test]
    fn every_cut_is_refused() {
        let whole = sample();
        for n in 0..whole.len() {
            assert!(decode(&whole[..n]).is_err(), "{n}");
        }
    }

    #[test]
    fn lies_are_refused() {
        let file = |header: &str, body: usize| {
            let mut out = (header.len() as u64).to_le_bytes().to_vec();
            out.extend(header.as_bytes());
            out.extend(vec![0u8; body]);
            out
        };
        for (header, says) in [
            (r#"{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,8]}}"#, "needs 36 bytes"),
            (r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, "cut short"),
            (r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}}"#, "needs 16 bytes"),
            (
                r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#,
                "no memory",
            ),
            (r#"{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#, "type C64"),
            (r#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}"#, "without a shape"),
            ("[]", "no object"),
            ("{", "neither"),
        ] {
            let e = decode(&file(header, 8)).unwrap_err();
            assert!(e.contains(says), "{header}: {e}");
        }
    }

    #[test]
    fn halves_are_read() {
        for (bits, x) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_95), (1, 5.960_464_5e-8)]
        {
            assert_eq!(half(bits), x);
        }
        assert!(half(0x7e00).is_nan() && half(0x7c00).is_infinite());
    }
}
