//! Grey pictures as the algorithms want them: 32-bit floats, pyramids, bilinear samples.

/// A grey picture, row-major, 0 to 255.
#[derive(Clone, Debug, PartialEq)]
pub struct Grey {
    width: usize,
    height: usize,
    pixels: Vec<f32>,
}

impl Grey {
    /// A picture of these pixels; `None` where their number is not `width × height` or is 0.
    pub fn new(width: usize, height: usize, pixels: Vec<f32>) -> Option<Grey> {
        let n = width.checked_mul(height)?;
        (n > 0 && pixels.len() == n).then_some(Grey { width, height, pixels })
    }

    /// The luma (ITU-R BT.601) of a colour picture.
    pub fn from_rgb(width: u32, height: u32, rgb: &[[u8; 3]]) -> Option<Grey> {
        let luma = |c: &[u8; 3]| {
            0.299 * f32::from(c[0]) + 0.587 * f32::from(c[1]) + 0.114 * f32::from(c[2])
        };
        Grey::new(width as usize, height as usize, rgb.iter().map(luma).collect())
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The pixels, row-major.
    pub fn pixels(&self) -> &[f32] {
        &self.pixels
    }

    /// The pixel at these whole coordinates, those outside moved to the border.
    pub fn at(&self, x: i64, y: i64) -> f32 {
        let x = x.clamp(0, self.width as i64 - 1) as usize;
        let y = y.clamp(0, self.height as i64 - 1) as usize;
        self.pixels[y * self.width + x]
    }

    /// The picture at half the size, means of 2 × 2 pixels; `None` when it is too small to halve. Pixel
    /// coordinates (centres at halves) are halved exactly.
    pub fn half(&self) -> Option<Grey> {
        let (w, h) = (self.width / 2, self.height / 2);
        let mut out = Vec::with_capacity(w * h);
        for y in 0..h {
            let rows = &self.pixels[2 * y * self.width..][..2 * self.width];
            let (a, b) = rows.split_at(self.width);
            for x in 0..w {
                out.push(0.25 * (a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1]));
            }
        }
        Grey::new(w, h, out)
    }

    /// Value at pixel coordinates (centres at halves), bilinear; `None` outside the pixel centres.
    pub fn sample(&self, u: f64, v: f64) -> Option<f32> {
        let (x, y) = (u - 0.5, v - 0.5);
        if !(x >= 0.0 && y >= 0.0 && x <= (self.width - 1) as f64 && y <= (self.height - 1) as f64)
        {
            return None;
        }
        let (x0, y0) = (x as i64, y as i64);
        let (fx, fy) = ((x - x0 as f64) as f32, (y - y0 as f64) as f32);
        let top = self.at(x0, y0) * (1.0 - fx) + self.at(x0 + 1, y0) * fx;
        let low = self.at(x0, y0 + 1) * (1.0 - fx) + self.at(x0 + 1, y0 + 1) * fx;
        Some(top * (1.0 - fy) + low * fy)
    }
}

/// A picture prepared for many bilinear samples: each pixel holds the polynomial of the square to its
/// lower right, so that a sample is one load of 16 bytes and three multiplications.
pub(crate) struct Sampler {
    pub(crate) width: usize,
    pub(crate) height: usize,
    squares: Vec<[f32; 4]>,
}

impl Sampler {
    pub(crate) fn new(g: &Grey) -> Sampler {
        let mut squares = Vec::with_capacity(g.pixels.len());
        for y in 0..g.height {
            let row = &g.pixels[y * g.width..][..g.width];
            let next = &g.pixels[(y + 1).min(g.height - 1) * g.width..][..g.width];
            for x in 0..g.width {
                let x1 = (x + 1).min(g.width - 1);
                let (a, b, c, d) = (row[x], row[x1], next[x], next[x1]);
                squares.push([a, b - a, c - a, d - c - b + a]);
            }
        }
        Sampler { width: g.width, height: g.height, squares }
    }

    /// The polynomial of a square by its index `y · width + x`.
    #[inline]
    pub(crate) fn square(&self, index: usize) -> [f32; 4] {
        self.squares.get(index).copied().unwrap_or([0.0; 4])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_keeps_pixel_coordinates() {
        // A ramp is its own value at continuous coordinates.
        let ramp = Grey::new(8, 4, (0..32).map(|i| (i % 8) as f32 + 0.5).collect()).unwrap();
        let half = ramp.half().unwrap();
        assert_eq!((half.width(), half.height()), (4, 2));
        for u in [1.0, 1.5, 2.25] {
            assert!((half.sample(u, 1.0).unwrap() - 2.0 * u as f32).abs() < 1e-5);
        }
        assert_eq!(Grey::new(1, 1, vec![0.0]).unwrap().half(), None);
        assert_eq!(Grey::new(2, 2, vec![0.0; 3]), None);
    }

    #[test]
    fn samplers_and_samples_agree() {
        let px: Vec<f32> = (0..35).map(|i| ((i * 37) % 101) as f32).collect();
        let g = Grey::new(7, 5, px).unwrap();
        let s = Sampler::new(&g);
        for (u, v) in [(0.5, 0.5), (3.3, 2.9), (6.4, 4.4), (6.5, 4.5)] {
            let (x, y) = (u - 0.5f64, v - 0.5f64);
            let (xi, yi) = (x as usize, y as usize);
            let (fx, fy) = ((x - xi as f64) as f32, (y - yi as f64) as f32);
            let q = s.square(yi * 7 + xi);
            let value = q[0] + q[1] * fx + q[2] * fy + q[3] * fx * fy;
            assert!((value - g.sample(u, v).unwrap()).abs() < 1e-4);
        }
        assert_eq!(g.sample(0.4, 1.0), None);
    }
}
