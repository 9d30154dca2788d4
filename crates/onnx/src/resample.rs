//! Resizing as the libraries do that models were trained behind: separable kernels, pixel centres at halves.

/// A kernel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kernel {
    shape: Shape,
    /// Whether the kernel widens where a picture gets smaller (Pillow) or keeps to its neighbours (OpenCV,
    /// PyTorch's `interpolate`).
    antialias: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Linear,
    /// Keys' cubic with this slope.
    Cubic(f64),
}

impl Kernel {
    /// Linear between the nearest pixels.
    pub const BILINEAR: Kernel = Kernel { shape: Shape::Linear, antialias: false };

    /// By its name in a sidecar: `bilinear` and `bicubic` as OpenCV and PyTorch have them, `pillow-bilinear` and
    /// `pillow-bicubic`.
    pub fn named(name: &str) -> Option<Kernel> {
        Some(match name {
            "bilinear" => Kernel::BILINEAR,
            "bicubic" => Kernel { shape: Shape::Cubic(-0.75), antialias: false },
            "pillow-bilinear" => Kernel { shape: Shape::Linear, antialias: true },
            "pillow-bicubic" => Kernel { shape: Shape::Cubic(-0.5), antialias: true },
            _ => return None,
        })
    }

    fn support(self) -> f64 {
        match self.shape {
            Shape::Linear => 1.0,
            Shape::Cubic(_) => 2.0,
        }
    }

    fn at(self, x: f64) -> f64 {
        let x = x.abs();
        match self.shape {
            Shape::Linear => (1.0 - x).max(0.0),
            Shape::Cubic(a) if x < 1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
            Shape::Cubic(a) if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * a,
            Shape::Cubic(_) => 0.0,
        }
    }

    /// For each of `to` places the first of `from` pixels and the weights from it on.
    fn weights(self, from: usize, to: usize) -> Vec<(usize, Vec<f32>)> {
        let ratio = from as f64 / to as f64;
        let wide = if self.antialias { ratio.max(1.0) } else { 1.0 };
        let last = from as i64 - 1;
        (0..to)
            .map(|i| {
                let center = (i as f64 + 0.5) * ratio;
                let reach = self.support() * wide;
                // Pillow leaves out what lies outside of the picture; the others repeat its edge.
                let (low, high) = if self.antialias {
                    ((center - reach + 0.5).max(0.0) as i64, (center + reach + 0.5) as i64)
                } else {
                    let c = (center - 0.5).floor() as i64;
                    let s = self.support() as i64;
                    (c - s + 1, c + s + 1)
                };
                let high = if self.antialias { high.min(from as i64) } else { high };
                let first = low.clamp(0, last) as usize;
                let mut w = vec![0.0f64; (high - 1).clamp(0, last) as usize - first + 1];
                for j in low..high {
                    let at = j.clamp(0, last) as usize - first;
                    w[at] += self.at((j as f64 + 0.5 - center) / wide);
                }
                let sum: f64 = w.iter().sum();
                (first, w.iter().map(|x| (x / sum) as f32).collect())
            })
            .collect()
    }
}

/// Resizes `C` interleaved channels of `from` (width, height) pixels to `to`.
pub fn resample<const C: usize>(
    pixels: &[[f32; C]],
    from: (usize, usize),
    to: (usize, usize),
    kernel: Kernel,
) -> Vec<[f32; C]> {
    if from == to {
        return pixels.to_vec();
    }
    let (across, down) = (kernel.weights(from.0, to.0), kernel.weights(from.1, to.1));
    let mut rows = Vec::with_capacity(to.0 * from.1);
    for row in pixels.chunks_exact(from.0).take(from.1) {
        rows.extend(across.iter().map(|(first, w)| sum(w, |k| row[first + k])));
    }
    let mut out = Vec::with_capacity(to.0 * to.1);
    for (first, w) in &down {
        out.extend((0..to.0).map(|x| sum(w, |k| rows[(first + k) * to.0 + x])));
    }
    out
}

fn sum<const C: usize>(weights: &[f32], at: impl Fn(usize) -> [f32; C]) -> [f32; C] {
    let mut s = [0.0; C];
    for (k, w) in weights.iter().enumerate() {
        let p = at(k);
        for c in 0..C {
            s[c] += w * p[c];
        }
    }
    s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_stays_a_ramp() {
        let ramp: Vec<[f32; 1]> = (0..12 * 3).map(|i| [(i % 12) as f32]).collect();
        // OpenCV's slope of the cubic does not keep ramps.
        for name in ["bilinear", "pillow-bilinear", "pillow-bicubic"] {
            let k = Kernel::named(name).unwrap();
            for to in [(24, 3), (6, 3), (12, 9)] {
                let out = resample(&ramp, (12, 3), to, k);
                for (i, v) in out.iter().enumerate() {
                    let x = (i % to.0) as f32;
                    let true_value = (x + 0.5) * 12.0 / to.0 as f32 - 0.5;
                    if (4.0..7.5).contains(&true_value) {
                        assert!(
                            (v[0] - true_value).abs() < 1e-4,
                            "{name} {to:?}: {v:?} {true_value}"
                        );
                    }
                }
            }
        }
        assert_eq!(Kernel::named("nearest"), None);
    }
}
