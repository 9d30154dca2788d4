//! A picture as a model wants it, and the way back.

use crate::resample::{Kernel, resample};
use crate::sidecar::{Fit, Input, Layout, Size};
use crate::tensor::Tensor;

/// A picture: sRGB, row-major.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width · height` pixels.
    pub pixels: &'a [[u8; 3]],
}

/// Where a picture lies in a model's input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Columns and rows of the picture.
    pub picture: (usize, usize),
    /// Columns and rows of the input.
    pub input: (usize, usize),
    /// Its left and top edge there, pixels.
    pub offset: (usize, usize),
    /// Its columns and rows there.
    pub size: (usize, usize),
}

impl Placed {
    /// A point of the input (pixels) as a point of the picture (pixels).
    pub fn back(&self, x: f64, y: f64) -> (f64, f64) {
        let along = |v: f64, offset: usize, size: usize, picture: usize| {
            (v - offset as f64) * picture as f64 / size as f64
        };
        (
            along(x, self.offset.0, self.size.0, self.picture.0),
            along(y, self.offset.1, self.size.1, self.picture.1),
        )
    }

    /// Numbers over the input (`size` of them, which may be another than the input's) as numbers over `to`
    /// pixels of the picture, bilinearly. A fixed part of the input around the picture plays no part.
    pub fn unfold<const C: usize>(
        &self,
        numbers: &[[f32; C]],
        size: (usize, usize),
        to: (usize, usize),
    ) -> Vec<[f32; C]> {
        let edge = |v: usize, of: usize, n: usize| v as f64 * n as f64 / of as f64;
        let x0 = edge(self.offset.0, self.input.0, size.0).round() as usize;
        let y0 = edge(self.offset.1, self.input.1, size.1).round() as usize;
        let x1 = edge(self.offset.0 + self.size.0, self.input.0, size.0).round() as usize;
        let y1 = edge(self.offset.1 + self.size.1, self.input.1, size.1).round() as usize;
        let (x1, y1) =
            (x1.clamp(x0.min(size.0 - 1) + 1, size.0), y1.clamp(y0.min(size.1 - 1) + 1, size.1));
        let (x0, y0) = (x0.min(x1 - 1), y0.min(y1 - 1));
        let inside: Vec<[f32; C]> = (y0..y1)
            .flat_map(|y| numbers[y * size.0 + x0..y * size.0 + x1].iter().copied())
            .collect();
        resample(&inside, (x1 - x0, y1 - y0), to, Kernel::BILINEAR)
    }
}

/// Where a picture of this size is placed.
pub fn place(input: &Input, width: usize, height: usize) -> Placed {
    let picture = (width, height);
    let whole = |size: (usize, usize)| Placed { picture, input: size, offset: (0, 0), size };
    let kept = |side: usize, of: usize, multiple: usize| {
        let s = side as f64 / of as f64;
        let round = |n: usize| {
            let m = (n as f64 * s / multiple as f64).round() as usize;
            m.max(1) * multiple
        };
        whole((round(width), round(height)))
    };
    match (input.size, input.fit) {
        (Size::Fixed(w, h), Fit::Stretch) => whole((w, h)),
        (Size::Fixed(w, h), Fit::Letterbox(_)) => {
            let s = (w as f64 / width as f64).min(h as f64 / height as f64);
            let round = |n: usize, most: usize| ((n as f64 * s).round() as usize).clamp(1, most);
            let size = (round(width, w), round(height, h));
            Placed { picture, input: (w, h), offset: ((w - size.0) / 2, (h - size.1) / 2), size }
        }
        (Size::Shorter(n, m), _) => kept(n, width.min(height), m),
        (Size::Longer(n, m), _) => kept(n, width.max(height), m),
    }
}

/// The tensor of a picture, of shape `[1, 3, rows, columns]` or `[1, rows, columns, 3]`.
pub fn prepare(input: &Input, picture: Picture<'_>) -> (Tensor, Placed) {
    let placed = place(input, picture.width, picture.height);
    let floats: Vec<[f32; 3]> = picture.pixels.iter().map(|p| p.map(f32::from)).collect();
    let small = resample(&floats, (picture.width, picture.height), placed.size, input.kernel);
    let pad = match input.fit {
        Fit::Letterbox(v) => v,
        Fit::Stretch => 0.0,
    };
    let (w, h) = placed.input;
    let mut data = vec![0.0f32; 3 * w * h];
    for c in 0..3 {
        let from = if input.bgr { 2 - c } else { c };
        let value = |v: f32| (v * input.scale - input.mean[c]) / input.std[c];
        for y in 0..h {
            for x in 0..w {
                let (i, j) = (x.wrapping_sub(placed.offset.0), y.wrapping_sub(placed.offset.1));
                let inside = i < placed.size.0 && j < placed.size.1;
                let v = if inside { small[j * placed.size.0 + i][from] } else { pad };
                let at = match input.layout {
                    Layout::Nchw => (c * h + y) * w + x,
                    Layout::Nhwc => (y * w + x) * 3 + c,
                };
                data[at] = value(v);
            }
        }
    }
    let shape = match input.layout {
        Layout::Nchw => vec![1, 3, h, w],
        Layout::Nhwc => vec![1, h, w, 3],
    };
    (Tensor { shape, data }, placed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sidecar;

    fn input(members: &str) -> Input {
        let text = format!(
            r#"{{"schema":1,"name":"d","input":{{{members}}},"output":{{"kind":"depth","meaning":"metric"}}}}"#
        );
        Sidecar::parse(&text, "-").unwrap().input
    }

    #[test]
    fn pictures_are_placed_and_found_again() {
        let p = place(&input(r#""size": [64, 64], "fit": "letterbox""#), 40, 30);
        assert_eq!((p.offset, p.size), ((0, 8), (64, 48)));
        assert_eq!(p.back(32.0, 32.0), (20.0, 15.0));
        let p = place(&input(r#""size": {"shorter": 518, "multiple": 14}"#), 640, 480);
        assert_eq!(p.input, (686, 518));
        let p = place(&input(r#""size": {"longer": 1024}"#), 640, 480);
        assert_eq!(p.input, (1024, 768));
    }

    #[test]
    fn values_are_normalised_in_their_layout() {
        let pixels = [[255, 0, 51], [0, 102, 0]];
        let picture = Picture { width: 2, height: 1, pixels: &pixels };
        let (t, _) =
            prepare(&input(r#""size": [2, 1], "mean": [0.5, 0, 0], "std": [0.5, 1, 2]"#), picture);
        assert_eq!(t.shape, [1, 3, 1, 2]);
        let true_values = [1.0, -1.0, 0.0, 0.4, 0.1, 0.0];
        assert!(t.data.iter().zip(true_values).all(|(a, b)| (a - b).abs() < 1e-6), "{:?}", t.data);
        let (t, _) = prepare(
            &input(r#""size": [2, 1], "layout": "nhwc", "channels": "bgr", "scale": 1"#),
            picture,
        );
        assert_eq!((t.shape, t.data), (vec![1, 1, 2, 3], vec![51.0, 0.0, 255.0, 0.0, 102.0, 0.0]));
    }

    #[test]
    fn what_lies_around_plays_no_part() {
        let p = place(&input(r#""size": [8, 8], "fit": "letterbox""#), 8, 4);
        // Rows 2 to 5 are the picture.
        let numbers: Vec<[f32; 1]> =
            (0..64).map(|i| [if (16..48).contains(&i) { 7.0 } else { 99.0 }]).collect();
        assert!(p.unfold(&numbers, (8, 8), (8, 4)).iter().all(|v| v[0] == 7.0));
    }
}
