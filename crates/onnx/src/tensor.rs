//! Numbers with a shape, row-major.

use crate::OnnxError;

/// A tensor of 32-bit floats; whole numbers of a model are converted.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Sizes of the dimensions, the slowest first.
    pub shape: Vec<usize>,
    /// The numbers, row-major.
    pub data: Vec<f32>,
}

impl Tensor {
    /// A tensor; `None` where numbers and shape differ.
    pub fn new(shape: Vec<usize>, data: Vec<f32>) -> Option<Tensor> {
        let n = shape.iter().try_fold(1usize, |n, s| n.checked_mul(*s))?;
        (n == data.len()).then_some(Tensor { shape, data })
    }

    /// The sizes behind leading ones: a batch of one picture has no say. Fails where more than `rank` are left
    /// or there are fewer.
    pub(crate) fn squeezed(&self, rank: usize, name: &str) -> Result<&[usize], OnnxError> {
        let mut s = &self.shape[..];
        while s.len() > rank && s[0] == 1 {
            s = &s[1..];
        }
        if s.len() == rank && s.iter().all(|n| *n > 0) {
            return Ok(s);
        }
        Err(OnnxError::model(
            format!("the output `{name}` has the shape {:?}, not {rank} dimensions", self.shape),
            "check what the sidecar says of the outputs",
        ))
    }
}
