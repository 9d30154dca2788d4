//! The arrays of an archive, brought to one shape.

use crate::ImportError;
use crate::npz::{Array, Npz};

use super::keys::{self, Role};

/// Arrays of pixels: views, height, width and columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Pixels {
    pub(super) key: String,
    pub(super) views: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) columns: usize,
    pub(super) values: Vec<f32>,
}

impl Pixels {
    /// The rows of a view.
    pub(super) fn view(&self, i: usize) -> &[f32] {
        let n = self.height * self.width * self.columns;
        self.values.get(i * n..(i + 1) * n).unwrap_or_default()
    }

    /// The rows of a view as points.
    pub(super) fn points(&self, i: usize) -> Vec<[f64; 3]> {
        self.view(i).chunks_exact(3).map(|p| [p[0], p[1], p[2]].map(f64::from)).collect()
    }

    pub(super) fn size(&self) -> (usize, usize, usize) {
        (self.views, self.height, self.width)
    }
}

/// Shape without axes of length 1 in front, down to this many.
fn squeezed(shape: &[usize], least: usize) -> &[usize] {
    let mut s = shape;
    while s.len() > least && s.first() == Some(&1) {
        s = &s[1..];
    }
    s
}

fn bad(npz: &Npz<'_>, key: &str, a: &Array, wanted: &str) -> ImportError {
    let what = format!("has shape {:?}, expected {wanted}", a.shape);
    ImportError::new(npz.path(), key, what, "save the model's output as it is")
}

/// The array with a role, where there is one.
pub(super) fn read(
    npz: &mut Npz<'_>,
    names: &[String],
    role: Role,
) -> Result<Option<(String, Array)>, ImportError> {
    match keys::find(names, role) {
        Some(key) => Ok(Some((key.to_owned(), npz.array(key)?))),
        None => Ok(None),
    }
}

/// An array of pixels with this many columns: (views, height, width, columns), the last left out where it is
/// 1; a batch of one in front is dropped, and one view may lack its axis.
pub(super) fn pixels(
    npz: &Npz<'_>,
    key: String,
    a: Array,
    columns: usize,
) -> Result<Pixels, ImportError> {
    let wanted = if columns == 1 { "(views, height, width)" } else { "(views, height, width, 3)" };
    let shape = squeezed(&a.shape, 3).to_vec();
    let size = match (shape[..].len(), columns) {
        (4, _) if shape[3] == columns => Some([shape[0], shape[1], shape[2]]),
        (3, 1) => Some([shape[0], shape[1], shape[2]]),
        (3, _) if shape[2] == columns => Some([1, shape[0], shape[1]]),
        _ => None,
    };
    match size {
        Some([views, height, width]) if views * height * width > 0 => {
            Ok(Pixels { key, views, height, width, columns, values: a.values })
        }
        _ => Err(bad(npz, &key, &a, wanted)),
    }
}

/// Pictures, with their columns last, as bytes whatever range they have.
pub(super) fn images(npz: &Npz<'_>, key: String, a: Array) -> Result<Pixels, ImportError> {
    let shape = squeezed(&a.shape, 3).to_vec();
    let (views, height, width, first) = match shape[..] {
        [n, h, w, 3] => (n, h, w, false),
        [n, 3, h, w] => (n, h, w, true),
        [h, w, 3] => (1, h, w, false),
        [3, h, w] => (1, h, w, true),
        _ => {
            return Err(bad(
                npz,
                &key,
                &a,
                "(views, height, width, 3) or (views, 3, height, width)",
            ));
        }
    };
    if views * height * width == 0 {
        return Err(bad(npz, &key, &a, "some pixels"));
    }
    let mut values = a.values;
    if first {
        let n = height * width;
        let mut turned = Vec::with_capacity(values.len());
        for v in values.chunks_exact(3 * n) {
            for i in 0..n {
                turned.extend([v[i], v[n + i], v[2 * n + i]]);
            }
        }
        values = turned;
    }
    let (lo, hi) = values
        .iter()
        .filter(|x| x.is_finite())
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x)));
    // Bytes; fractions of 1; or what networks are fed, −1 to 1.
    let (scale, offset) = match (lo, hi) {
        (l, h) if l < -0.01 && h <= 1.5 => (127.5, 127.5),
        (_, h) if h <= 1.5 => (255.0, 0.0),
        _ => (1.0, 0.0),
    };
    values.iter_mut().for_each(|x| *x = (*x * scale + offset).clamp(0.0, 255.0));
    Ok(Pixels { key, views, height, width, columns: 3, values })
}

/// Small matrices, one for each view (or one for all): (views, rows, columns).
pub(super) fn matrices(
    npz: &Npz<'_>,
    key: &str,
    a: &Array,
    shapes: &[(usize, usize)],
) -> Result<Vec<Vec<f64>>, ImportError> {
    let s = squeezed(&a.shape, 2);
    let (n, r, c) = match *s {
        [n, r, c] => (n, r, c),
        [r, c] => (1, r, c),
        _ => (0, 0, 0),
    };
    if n == 0 || !shapes.contains(&(r, c)) {
        let all: Vec<String> = shapes.iter().map(|(r, c)| format!("(views, {r}, {c})")).collect();
        return Err(bad(npz, key, a, &all.join(" or ")));
    }
    views(npz, key, a, r * c)
}

/// The numbers of each view, `n` of them, all finite.
fn views(npz: &Npz<'_>, key: &str, a: &Array, n: usize) -> Result<Vec<Vec<f64>>, ImportError> {
    let all: Vec<Vec<f64>> =
        a.values.chunks_exact(n).map(|v| v.iter().map(|x| f64::from(*x)).collect()).collect();
    if let Some(i) = all.iter().position(|v| !v.iter().all(|x| x.is_finite())) {
        return Err(ImportError::new(
            npz.path(),
            format!("{key}[{i}]"),
            "holds a number that is not finite",
            "leave that view out",
        ));
    }
    Ok(all)
}

/// Rows of numbers, one for each view: (views, columns), or (views) for one column.
pub(super) fn rows(
    npz: &Npz<'_>,
    key: &str,
    a: &Array,
    columns: &[usize],
) -> Result<Vec<Vec<f64>>, ImportError> {
    let shape = squeezed(&a.shape, 1);
    let c = match *shape {
        [_, c] => c,
        [_] => 1,
        _ => 0,
    };
    // A single view's row has lost its axis.
    let c = if columns.contains(&c) { c } else { *shape.first().unwrap_or(&0) };
    if !columns.contains(&c) || a.values.is_empty() {
        return Err(bad(npz, key, a, &format!("(views, {})", columns[0])));
    }
    views(npz, key, a, c)
}
