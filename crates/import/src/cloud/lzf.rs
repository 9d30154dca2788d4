//! LZF decompression.

/// Inflates `data` to exactly `size` bytes. The buffer grows with what is inflated, not
/// on the word of `size`; three bytes make at most 264.
pub(crate) fn inflate(data: &[u8], size: usize) -> Result<Vec<u8>, String> {
    if size / 264 > data.len() / 2 + 1 {
        return Err(format!("states {size} bytes, more than {} can hold", data.len()));
    }
    let cut = || "ends in the middle of a compressed run".to_owned();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&control) = data.get(at) {
        at += 1;
        let control = usize::from(control);
        if control < 32 {
            let run = data.get(at..at + control + 1).ok_or_else(cut)?;
            at += control + 1;
            out.extend_from_slice(run);
        } else {
            let mut length = control >> 5;
            if length == 7 {
                length += usize::from(*data.get(at).ok_or_else(cut)?);
                at += 1;
            }
            let low = usize::from(*data.get(at).ok_or_else(cut)?);
            at += 1;
            let back = ((control & 31) << 8 | low) + 1;
            let from = out.len().checked_sub(back);
            let from = from.ok_or("refers to bytes before its start")?;
            for i in 0..length + 2 {
                out.push(out[from + i]);
            }
        }
        if out.len() > size {
            return Err(format!("holds more than the {size} bytes it states"));
        }
    }
    if out.len() != size {
        return Err(format!("holds {} bytes, but states {size}", out.len()));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::inflate;

    #[test]
    fn runs_and_references() {
        // "ab", then 4 bytes from 2 back, then 10 bytes from 1 back.
        let data = [1, b'a', b'b', 2 << 5, 1, 7 << 5, 1, 0];
        assert_eq!(inflate(&data, 16).unwrap(), b"abababbbbbbbbbbb"[..16]);
        assert!(inflate(&data, 15).is_err() && inflate(&data, 17).is_err());
        assert!(inflate(&data[..3], 2).unwrap() == b"ab");
        assert!(inflate(&data[..2], 2).is_err());
        assert!(inflate(&data[..4], 6).is_err());
        assert!(inflate(&[32, 9], 3).unwrap_err().contains("before"));
        assert!(inflate(&data, usize::MAX).is_err());
        assert_eq!(inflate(&[], 0).unwrap(), b"");
    }
}
