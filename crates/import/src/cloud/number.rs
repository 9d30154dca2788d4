//! Types of numbers in binary clouds.

/// A type of number in a binary cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl Number {
    pub(crate) fn size(self) -> usize {
        match self {
            Number::I8 | Number::U8 => 1,
            Number::I16 | Number::U16 => 2,
            Number::I32 | Number::U32 | Number::F32 => 4,
            Number::I64 | Number::U64 | Number::F64 => 8,
        }
    }

    /// The number at the start of `bytes`, of which there are at least [`Number::size`].
    pub(crate) fn read(self, bytes: &[u8], big: bool) -> f64 {
        let mut b = [0; 8];
        let n = self.size().min(bytes.len());
        b[..n].copy_from_slice(&bytes[..n]);
        if big {
            b[..n].reverse();
        }
        let four = [b[0], b[1], b[2], b[3]];
        match self {
            Number::I8 => f64::from(b[0] as i8),
            Number::U8 => f64::from(b[0]),
            Number::I16 => f64::from(i16::from_le_bytes([b[0], b[1]])),
            Number::U16 => f64::from(u16::from_le_bytes([b[0], b[1]])),
            Number::I32 => f64::from(i32::from_le_bytes(four)),
            Number::U32 => f64::from(u32::from_le_bytes(four)),
            Number::I64 => i64::from_le_bytes(b) as f64,
            Number::U64 => u64::from_le_bytes(b) as f64,
            Number::F32 => f64::from(f32::from_le_bytes(four)),
            Number::F64 => f64::from_le_bytes(b),
        }
    }

    /// Four little-endian bytes as they are.
    pub(crate) fn bits(bytes: &[u8]) -> u32 {
        bytes.first_chunk().map_or(0, |b| u32::from_le_bytes(*b))
    }
}
